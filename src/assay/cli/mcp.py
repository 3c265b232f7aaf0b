"""`assay mcp`: the tools for agents on standard input and output, asking the running server."""

from urllib.parse import urlsplit

from assay.cli.client import server_url, trusted
from assay.errors import SetupFailed
from assay.settings import LOOPBACK, read_settings

_SECONDS = 120.0


def mcp() -> None:
    """Speak the Model Context Protocol on standard input and output, for agents; a server has to run.

    ASSAY_KEY is the key to ask with, as assay keys create makes it. ASSAY_URL names a server elsewhere.
    """
    import logging

    import httpx

    # Before the library does it: its own handler would tell the text of every exception.
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    try:
        from assay.mcp.server import Server
        from assay.mcp.tools import tools
    except ModuleNotFoundError as error:
        if error.name != "mcp":
            raise
        raise SetupFailed("The tools for agents need the package mcp.", mend="pip install 'assay[mcp]'") from error
    settings = read_settings()
    elsewhere = settings.url
    if elsewhere:
        _check_address(elsewhere)
    # The token of the server here is nobody else's business.
    key = settings.key or (None if elsewhere else settings.token)
    http = httpx.AsyncClient(
        base_url=elsewhere or server_url(settings), headers={"authorization": f"Bearer {key}"} if key else {},
        timeout=_SECONDS, trust_env=False, verify=True if elsewhere else trusted(settings),
    )  # fmt: skip
    tools(Server(http)).run("stdio")


def _check_address(address: str) -> None:
    """Raises SetupFailed where a key would travel in the clear."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SetupFailed(f"ASSAY_URL is {address!r}.", mend="write an address such as https://assay.example")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise SetupFailed("ASSAY_URL begins with http: keys and numbers would travel in the clear.", mend="write https:")

"""`assay mcp`: the tools for agents on standard input and output, asking the running server."""

from assay.cli.client import server_of
from assay.errors import SetupFailed
from assay.settings import read_settings

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
    url, headers, verify = server_of(read_settings())
    http = httpx.AsyncClient(base_url=url, headers=headers, timeout=_SECONDS, trust_env=False, verify=verify)
    tools(Server(http)).run("stdio")

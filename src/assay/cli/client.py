"""The CLI's side of the API: finds the running server and speaks to it."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from assay.errors import AssayError, SetupFailed
from assay.settings import LOOPBACK, Settings

if TYPE_CHECKING:
    import ssl


_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


class NoServer(AssayError):
    """No Assay is running here."""

    kind = "no_server"


class Answered(AssayError):
    """The server refused; what it said."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(str(body.get("detail", "the server failed")), mend=body.get("mend"))
        self.body = body

    def problem(self) -> dict[str, Any]:
        return self.body


class Server(NamedTuple):
    """The one that is asked: where it is, as whom, and whose certificate it may show."""

    url: str
    headers: dict[str, str]
    verify: "ssl.SSLContext | bool"


def server_of(settings: Settings) -> Server:
    """The one that ASSAY_URL names, else the one that runs here. Raises SetupFailed.

    Every door of this machine asks so: with ASSAY_KEY, or the token of the server here, which is nobody else's business.
    """
    key = settings.key or (None if settings.url else settings.token)
    headers = {"authorization": f"Bearer {key}"} if key else {}
    if settings.url:
        return Server(_checked(settings.url), headers, True)
    return Server(server_url(settings), headers, trusted(settings))


def _checked(address: str) -> str:
    """Raises SetupFailed where a key would travel in the clear."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SetupFailed(f"ASSAY_URL is {address!r}.", mend="write an address such as https://assay.example")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise SetupFailed("ASSAY_URL begins with http: keys and numbers would travel in the clear.", mend="write https:")
    return address.rstrip("/")


def _kept(settings: Settings) -> dict[str, Any]:
    """What the running server wrote down of itself; nothing where that cannot be read, or ASSAY_PORT names another."""
    try:
        kept = json.loads((settings.home / "server.json").read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(kept, dict) or (settings.is_port_said and not str(kept.get("url")).endswith(f":{settings.port}")):
        return {}
    return kept


def server_url(settings: Settings) -> str:
    """The address that the running server wrote down, where that is the one of ASSAY_PORT; else that of the settings."""
    kept = _kept(settings)
    if "url" not in kept:
        return settings.address
    return str(kept["url"]).replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


def trusted(settings: Settings) -> "ssl.SSLContext | bool":
    """The server's own certificate, where it ends TLS itself: by its address on this machine it is known as nothing else."""
    certificate = _kept(settings).get("certificate", settings.tls_cert)
    if not certificate:
        return True
    import ssl

    try:
        # The first is the server's own; what follows has signed it, and other servers too.
        found = _CERTIFICATE.search(Path(certificate).read_text("ascii", "replace"))
        context = ssl.create_default_context(cadata=found[0] if found else "")
    except (OSError, ValueError) as error:
        raise SetupFailed(
            f"The certificate of the running server, {certificate}, cannot be read.",
            mend="set ASSAY_TLS_CERT to a file in PEM",
        ) from error
    if not found:
        raise SetupFailed(f"{certificate} holds no certificate in PEM.", mend="set ASSAY_TLS_CERT to a file in PEM")
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context


def served_workspace(settings: Settings) -> Path:
    """The workspace of the running server, else that of the settings."""
    kept = _kept(settings).get("workspace")
    return Path(kept) if isinstance(kept, str) else settings.workspace


def running_database(settings: Settings) -> str | None:
    """The URL of the database that runs already: DATABASE_URL's, or of the embedded server on the state folder."""
    from assay.store.embedded import EmbeddedPostgres

    return settings.database_url or (EmbeddedPostgres(settings.home).url_of_another() if settings.home.exists() else None)


def call(settings: Settings, method: str, path: str, body: Any = None, *, timeout_seconds: float = 120) -> Any:
    """The decoded body. Raises NoServer, or Answered with the problem."""
    return _ask(settings, method, path, body, timeout_seconds)[1]


def fetch(settings: Settings, path: str, body: Any) -> bytes:
    """The body as it is: an answer as a file. Raises as `call` does."""
    return _ask(settings, "POST", path, body, 120, as_json=False)[0]


def _ask(
    settings: Settings, method: str, path: str, body: Any, timeout_seconds: float, *, as_json: bool = True
) -> tuple[bytes, Any]:  # fmt: skip
    # Loaded by those who ask a server alone.
    import httpx

    url, headers, verify = server_of(settings)
    try:
        response = httpx.request(
            method,
            url + path,
            json=body,
            headers=headers,
            timeout=timeout_seconds,
            trust_env=False,
            verify=verify,
        )
        answer = response.json() if as_json or response.status_code >= 400 else None
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise NoServer(f"No Assay answers at {url}.", mend="start it with: assay up") from error
    except ValueError as error:
        raise NoServer(f"What answers at {url} is no Assay.", mend="set ASSAY_PORT to the port of yours") from error
    if response.status_code >= 400:
        raise Answered(answer if isinstance(answer, dict) else {})
    return response.content, answer


def is_running(settings: Settings) -> bool:
    try:
        return bool(call(settings, "GET", "/health"))
    except AssayError:
        return False

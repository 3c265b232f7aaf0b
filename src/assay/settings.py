"""Settings: the environment, read once. What a number means is never here; that is the workspace."""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from assay.errors import SetupFailed
from assay.work.networks import Network

_LEAST_LETTERS = 6
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Settings:
    workspace: Path
    home: Path
    host: str
    port: int
    database_url: str | None
    token: str | None
    is_port_said: bool = False
    """Whether somebody has named the port: then no other server is asked."""
    receipt_key: str | None = None
    """What receipts are signed with, where several processes share one database; else a key kept in `home`.

    A secret a line: the first signs, all of them verify.
    """
    audit_heads: tuple[str, ...] = ()
    """Where the heads of the logs go besides `home`: files, `-` for standard output, addresses that take JSON."""
    audit_log: str = "none"
    """`stdout`: each entry of the audit log goes there, too."""
    audit_questions: bool = False
    keep_audit: timedelta | None = None
    llm: str | None = None
    """`provider:model`, for what needs reasoning."""
    llm_fast: str | None = None
    kafka: str | None = None
    """Bootstrap servers; events are consumed from there where they are named."""
    kafka_topic: str = "assay.events"
    kafka_group: str = "assay"
    kafka_config: Path | None = None
    """A file of further settings of the client, lines of name=value."""
    keep_events: timedelta = timedelta(days=30)
    """For how long an event is kept, and its id refused as one that is known."""

    log: str = "text"
    """`text` or `json`."""
    log_level: str = "info"
    access_log: bool = False
    """Whether each request leaves a line in the log."""
    public_url: str | None = None
    """As browsers address this server: scheme, host and, where it is not the scheme's own, port; no path."""
    proxies: tuple[Network, ...] = ()
    """From where it is believed what a request says of its origin."""
    identity: Path | None = None
    """A file of who vouches for people: providers of identity, proxies."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    smtp: str | None = None
    """Through which mail leaves: smtp://USER:PASSWORD@HOST:PORT, or smtps."""
    mail_from: str | None = None
    channels: Mapping[str, str] = field(default_factory=dict[str, str])
    """Addresses and secrets of channels that alerts tell, by the name of the channel in capitals."""
    connections: tuple[str, ...] = ()
    """Variables that hold addresses of databases which the page may survey."""
    files: Path | None = None
    """A folder of files which the page may take in."""
    key: str | None = None
    """Whose key the commands ask with."""
    url: str | None = None
    """The server that the commands ask, where it is elsewhere."""

    def __repr__(self) -> str:
        return f"Settings(workspace={self.workspace}, home={self.home}, host={self.host}, port={self.port})"

    @property
    def address(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls_cert else 'http'}://{host}:{self.port}"

    @property
    def secrets_file(self) -> Path:
        """What receipts are signed with, where the environment does not name it: a secret a line, the first signs."""
        return self.home / "receipt.key"

    @property
    def beyond_loopback(self) -> bool:
        """Whether others than this machine come here, directly or through a proxy on it."""
        return self.host not in LOOPBACK or self.public_url is not None

    @property
    def is_public_https(self) -> bool:
        return (self.public_url or "").startswith("https:")

    @property
    def asks_for_sign_in(self) -> bool:
        return self.token is not None or self.beyond_loopback


def read_settings(
    environment: Mapping[str, str] = os.environ,
    *,
    workspace: Path | None = None,
    host: str | None = None,
    port: int | None = None,
) -> Settings:
    """Raises SetupFailed with the setting's name. What is given wins over the environment."""
    is_port_said = port is not None or bool(environment.get("ASSAY_PORT"))
    port = _number(environment, "ASSAY_PORT", 8400, 65_535) if port is None else port
    settings = Settings(
        # Not resolved: where it is a link that is swapped, what it leads to then is meant.
        workspace=(workspace or _workspace(environment)).absolute(),
        home=Path(environment.get("ASSAY_HOME") or ".assay").expanduser().resolve(),
        host=host or environment.get("ASSAY_HOST") or "127.0.0.1",
        port=port,
        is_port_said=is_port_said,
        database_url=environment.get("DATABASE_URL") or None,
        token=environment.get("ASSAY_TOKEN") or None,
        key=environment.get("ASSAY_KEY") or None,
        url=environment.get("ASSAY_URL") or None,
        receipt_key="\n".join(_lines(environment.get("ASSAY_RECEIPT_KEY"))) or None,
        audit_heads=_places(environment),
        audit_log=_one_of(environment, "ASSAY_AUDIT_LOG", ("none", "stdout")),
        audit_questions=environment.get("ASSAY_AUDIT_QUESTIONS") == "1",
        keep_audit=_days(environment, "ASSAY_AUDIT_DAYS"),
        llm=environment.get("ASSAY_LLM") or None,
        llm_fast=environment.get("ASSAY_LLM_FAST") or None,
        kafka=environment.get("ASSAY_KAFKA") or None,
        kafka_topic=environment.get("ASSAY_KAFKA_TOPIC") or "assay.events",
        kafka_group=environment.get("ASSAY_KAFKA_GROUP") or "assay",
        kafka_config=Path(environment["ASSAY_KAFKA_CONFIG"]) if environment.get("ASSAY_KAFKA_CONFIG") else None,
        keep_events=timedelta(days=_number(environment, "ASSAY_EVENT_DAYS", 30, 3_650)),
        log=_one_of(environment, "ASSAY_LOG", ("text", "json")),
        log_level=_one_of(environment, "ASSAY_LOG_LEVEL", ("info", "debug", "warning", "error")),
        access_log=environment.get("ASSAY_ACCESS_LOG") == "1",
        public_url=_public_url(environment),
        proxies=_proxies(environment),
        identity=Path(environment["ASSAY_IDENTITY"]).absolute() if environment.get("ASSAY_IDENTITY") else None,
        tls_cert=Path(environment["ASSAY_TLS_CERT"]).absolute() if environment.get("ASSAY_TLS_CERT") else None,
        tls_key=Path(environment["ASSAY_TLS_KEY"]).absolute() if environment.get("ASSAY_TLS_KEY") else None,
        smtp=_smtp(environment),
        mail_from=_mail_from(environment),
        channels={
            name.removeprefix("ASSAY_CHANNEL_"): value
            for name, value in environment.items()
            if name.startswith("ASSAY_CHANNEL_") and value
        },
        connections=_variables(environment),
        files=Path(environment["ASSAY_FILES"]).expanduser().absolute() if environment.get("ASSAY_FILES") else None,
    )
    if settings.identity and not settings.public_url:
        raise SetupFailed(
            "ASSAY_IDENTITY is set and ASSAY_PUBLIC_URL is not.",
            mend="set ASSAY_PUBLIC_URL to the address that browsers come back to, such as https://assay.example.com",
        )
    if settings.beyond_loopback and not settings.token and not settings.identity:
        name = f"ASSAY_PUBLIC_URL={settings.public_url}" if settings.public_url else f"ASSAY_HOST={settings.host}"
        raise SetupFailed(
            f"{name} would let other machines in.",
            mend="set ASSAY_TOKEN to a long random text or ASSAY_IDENTITY to a file of providers, or bind 127.0.0.1",
        )
    check_tls(settings)
    if settings.token is not None and len(settings.token) < 16:
        raise SetupFailed(
            "ASSAY_TOKEN is shorter than 16 characters.", mend="python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    if settings.token is not None and len(set(settings.token)) < _LEAST_LETTERS:
        raise SetupFailed(
            "ASSAY_TOKEN is made of too few different letters to be a secret.",
            mend="python -c 'import secrets; print(secrets.token_urlsafe(32))'",
        )
    if settings.receipt_key is not None and min(map(len, settings.receipt_key.splitlines())) < 16:
        raise SetupFailed(
            "ASSAY_RECEIPT_KEY is shorter than 16 characters.", mend="give every process the same long random text"
        )
    return settings


def _smtp(environment: Mapping[str, str]) -> str | None:
    """It is not shown: it may hold a password."""
    text = environment.get("ASSAY_SMTP_URL")
    if not text:
        return None
    try:
        url = urlsplit(text)
        is_one = url.scheme in ("smtp", "smtps") and bool(url.hostname) and url.path in ("", "/") and url.port != 0
    except ValueError:
        is_one = False
    if not is_one:
        raise SetupFailed("ASSAY_SMTP_URL cannot be read.", mend="write smtp://USER:PASSWORD@HOST:587, or smtps://HOST:465")
    return text


def _mail_from(environment: Mapping[str, str]) -> str | None:
    text = environment.get("ASSAY_MAIL_FROM") or None
    if text is not None and re.fullmatch(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+", text) is None:
        raise SetupFailed(f"ASSAY_MAIL_FROM is {text!r}.", mend="write an address, such as assay@example.com")
    return text


def _days(environment: Mapping[str, str], name: str) -> timedelta | None:
    return timedelta(days=_number(environment, name, 1, 36_500)) if environment.get(name) else None


def _lines(text: str | None) -> list[str]:
    return [each.strip() for each in (text or "").splitlines() if each.strip()]


def _variables(environment: Mapping[str, str]) -> tuple[str, ...]:
    found = [each.strip() for each in (environment.get("ASSAY_CONNECTIONS") or "").split(",") if each.strip()]
    for each in found:
        if re.fullmatch(r"[A-Z][A-Z0-9_]*", each) is None:
            # What stands there may be an address with its password: it is not repeated.
            raise SetupFailed(
                "ASSAY_CONNECTIONS holds something that is not the name of a variable.",
                mend="write names alone, such as SHOP_DATABASE_URL,CRM_DATABASE_URL, and set each to an address",
            )
    return tuple(dict.fromkeys(found))


def _places(environment: Mapping[str, str]) -> tuple[str, ...]:
    found = [each.strip() for each in (environment.get("ASSAY_AUDIT_HEADS") or "").split(",") if each.strip()]
    return tuple(each if each == "-" or "://" in each else str(Path(each).expanduser().absolute()) for each in found)


def _workspace(environment: Mapping[str, str]) -> Path:
    """The one that the environment names, else this folder where it is one, else the demo."""
    named = environment.get("ASSAY_WORKSPACE")
    return Path(named or ("." if Path("assay.yaml").is_file() else "demo"))


def _public_url(environment: Mapping[str, str]) -> str | None:
    text = environment.get("ASSAY_PUBLIC_URL")
    if not text:
        return None
    try:
        url = urlsplit(text)
        host, port = (url.hostname or "").encode("idna").decode(), url.port
    except ValueError:
        url, host, port = urlsplit(""), "", None
    if (
        url.scheme not in ("http", "https")
        or not host
        or url.path not in ("", "/")
        or url.query
        or url.fragment
        or "@" in text
    ):
        raise SetupFailed(
            f"ASSAY_PUBLIC_URL is {text!r}.", mend="write scheme and host, such as https://assay.example.com, without a path"
        )
    host = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{host}" + (f":{port}" if port not in (None, {"http": 80, "https": 443}[url.scheme]) else "")


def _proxies(environment: Mapping[str, str]) -> tuple[Network, ...]:
    found: list[Network] = []
    for each in (environment.get("ASSAY_PROXIES") or "").split(","):
        if not each.strip():
            continue
        try:
            found.append(ipaddress.ip_network(each.strip()))
        except ValueError as error:
            raise SetupFailed(
                f"ASSAY_PROXIES holds {each.strip()!r}, which is neither an address nor a network.",
                mend="write addresses of proxies, such as 127.0.0.1,10.0.3.0/24",
            ) from error
    return tuple(found)


def check_tls(settings: Settings) -> None:
    """Raises SetupFailed where the certificate or the key cannot be served."""
    if (settings.tls_cert is None) != (settings.tls_key is None):
        missing = "ASSAY_TLS_KEY" if settings.tls_key is None else "ASSAY_TLS_CERT"
        raise SetupFailed(f"{missing} is not set.", mend="set both ASSAY_TLS_CERT and ASSAY_TLS_KEY, or neither")
    for name, file in (("ASSAY_TLS_CERT", settings.tls_cert), ("ASSAY_TLS_KEY", settings.tls_key)):
        if file is None:
            continue
        try:
            with file.open("rb") as opened:
                mode = os.fstat(opened.fileno()).st_mode
        except OSError as error:
            raise SetupFailed(f"{name}: {file} cannot be read: {error.strerror}.", mend="name a file in PEM") from error
        if name == "ASSAY_TLS_KEY" and mode & 0o007:
            raise SetupFailed(f"{name}: everybody on this machine can read {file}.", mend=f"chmod o= {file}")


def _one_of(environment: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    """The first of the words where nothing is set."""
    word = environment.get(name) or words[0]
    if word not in words:
        raise SetupFailed(f"{name} is {word!r}.", mend=f"write {', '.join(words[:-1])} or {words[-1]}")
    return word


def _number(environment: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or len(text) > len(str(most)) or not 0 < int(text) <= most:
        raise SetupFailed(f"{name} is {text!r}.", mend=f"write a number from 1 to {most}")
    return int(text)

"""Settings: the environment, read once. What a number means is never here; that is the workspace."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from assay.errors import SetupFailed

_LEAST_LETTERS = 6
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Settings:
    workspace: Path
    home: Path
    host: str
    port: int
    database_url: str | None
    token: str | None
    receipt_key: str | None = None
    """What receipts are signed with, where several processes share one database; else a key kept in `home`."""
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

    def __repr__(self) -> str:
        return f"Settings(workspace={self.workspace}, home={self.home}, host={self.host}, port={self.port})"

    @property
    def address(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def beyond_loopback(self) -> bool:
        return self.host not in _LOOPBACK


def read_settings(
    environment: Mapping[str, str] = os.environ,
    *,
    workspace: Path | None = None,
    host: str | None = None,
    port: int | None = None,
) -> Settings:
    """Raises SetupFailed with the setting's name. What is given wins over the environment."""
    port = _number(environment, "ASSAY_PORT", 8400, 65_535) if port is None else port
    settings = Settings(
        # Not resolved: where it is a link that is swapped, what it leads to then is meant.
        workspace=(workspace or _workspace(environment)).absolute(),
        home=Path(environment.get("ASSAY_HOME") or ".assay").expanduser().resolve(),
        host=host or environment.get("ASSAY_HOST") or "127.0.0.1",
        port=port,
        database_url=environment.get("DATABASE_URL") or None,
        token=environment.get("ASSAY_TOKEN") or None,
        receipt_key=environment.get("ASSAY_RECEIPT_KEY") or None,
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
    )
    if settings.beyond_loopback and not settings.token:
        raise SetupFailed(
            f"ASSAY_HOST={settings.host} would let other machines in.",
            mend="set ASSAY_TOKEN to a long random text, or bind 127.0.0.1",
        )
    if settings.token is not None and len(settings.token) < 16:
        raise SetupFailed(
            "ASSAY_TOKEN is shorter than 16 characters.", mend="python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    if settings.token is not None and len(set(settings.token)) < _LEAST_LETTERS:
        raise SetupFailed(
            "ASSAY_TOKEN is made of too few different letters to be a secret.",
            mend="python -c 'import secrets; print(secrets.token_urlsafe(32))'",
        )
    if settings.receipt_key is not None and len(settings.receipt_key) < 16:
        raise SetupFailed(
            "ASSAY_RECEIPT_KEY is shorter than 16 characters.", mend="give every process the same long random text"
        )
    return settings


def _workspace(environment: Mapping[str, str]) -> Path:
    """The one that the environment names, else this folder where it is one, else the demo."""
    named = environment.get("ASSAY_WORKSPACE")
    return Path(named or ("." if Path("assay.yaml").is_file() else "demo"))


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

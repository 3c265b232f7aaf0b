"""A Databricks SQL warehouse through the Statement Execution API, with a client of our own.

A table's version is that of its Delta history. It is looked at every few seconds, and once more behind the rows: what
held before and after them is theirs. What keeps no history (a view) changes its version by the clock. The API knows no
session whose time zone could be set: that the warehouse works in UTC is made sure of before the first statement and
now and then.
"""

import asyncio
import hashlib
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from assay.backends.protocol import NO_TAGS, DataVersion, Health, NotConfigured, Rows, VersionKind
from assay.catalog.workspace import BackendSettings
from assay.engine import Dialect
from assay.engines.databricks.http import (
    Login,
    Pace,
    ServicePrincipal,
    Token,
    Wire,
    Workspace,
    can_be_sent,
    is_private,
)
from assay.engines.databricks.statements import Parameter, Result, Statements
from assay.engines.databricks.values import parameter, read_rows
from assay.errors import AssayError, BackendTimeout, BackendUnavailable, StatementFailed
from assay.gate import SafeSql
from assay.store.epoch import Epoch

_VERSION_SECONDS = 3
_BUCKET_SECONDS = 30
_NO_HISTORY_SECONDS = 300
_ZONE_SECONDS = 600
_HEALTH_SECONDS = 5
_OWN_SECONDS = 30
_UTC = frozenset(("utc", "etc/utc", "gmt", "etc/gmt", "z", "zulu", "uct", "universal", "+00:00", "utc+00:00"))
_WAREHOUSE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_HOST = re.compile(r"[A-Za-z0-9.:-]+")
_VARIABLES = {"client_id": "DATABRICKS_CLIENT_ID", "client_secret": "DATABRICKS_CLIENT_SECRET"}
NO_SUCH_TABLE = ("42P01", "42704")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen of a table's history, and until when that counts. `text` is None where it keeps none."""

    text: str | None
    at: datetime
    began: float
    until: float


class DatabricksBackend:
    driver = "databricks"
    dialect: Dialect = "databricks"
    version_kind: VersionKind = "table_version"

    def __init__(
        self, name: str, base_url: str, warehouse_id: str, login: Login, *,
        catalog: str | None = None, schema: str | None = None, pace: Pace | None = None,
        version_seconds: float = _VERSION_SECONDS, epoch: Epoch | None = None,
    ) -> None:  # fmt: skip
        self.name = name
        self._epoch = epoch or Epoch()
        self.base_url = base_url
        pace = pace or Pace()
        workspace = Workspace(Wire(name, base_url, pace), login)
        tags = {"application": "assay", "assay_backend": name}
        self.statements = Statements(name, workspace, warehouse_id, pace, catalog=catalog, schema=schema, tags=tags)
        self._version_seconds = version_seconds
        self._seen: dict[str, _Seen] = {}
        self._looking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._zone_holds_until = 0.0
        self._asking_zone = asyncio.Lock()
        self._seen_starting: datetime | None = None

    @property
    def starting_since(self) -> datetime | None:
        """Since when the warehouse is known to be starting; None while it is not."""
        return self.statements.starting_since or self._seen_starting

    async def run(
        self, statement: SafeSql, parameters: Mapping[str, Any], tables: Iterable[str], timeout_seconds: float,
        tags: Mapping[str, str] = NO_TAGS,
    ) -> Rows:  # fmt: skip
        bound = [parameter(name, parameters[name]) for name in statement.parameters]
        # In the warehouse's query history: what it was for, and one tag that all statements of the same text share.
        named = {f"assay_{name}": value for name, value in tags.items()}
        named["assay_statement"] = hashlib.sha256(statement.text.encode()).hexdigest()[:16]
        async with self._within(timeout_seconds):
            await self._works_in_utc()
            version, result = await self._read(statement, bound, named, sorted(tables))
        self._seen_starting = None
        return Rows(tuple(name for name, _ in result.columns), self._values(result), version)

    async def _read(
        self, statement: SafeSql, bound: list[Parameter], tags: Mapping[str, str], names: list[str]
    ) -> tuple[DataVersion, Result]:
        """The rows and the version that is theirs; where tables move without a pause, one that is no newer than they."""
        # One row more than the gate allows: a result that was cut is then known by its mark.
        most = statement.row_limit + 1
        version = await self._version_of(names)
        result = await self.statements.execute(statement.text, bound, row_limit=most, tags=tags)
        if names and version.kind == "table_version":
            after = await self._version_of(names, not_before=time.monotonic())
            if after.text != version.text:
                version, result = after, await self.statements.execute(statement.text, bound, row_limit=most, tags=tags)
        return version, result

    def _values(self, result: Result) -> list[tuple[Any, ...]]:
        try:
            return read_rows(result.columns, result.rows)
        except (ValueError, ArithmeticError, TypeError, AttributeError) as error:
            raise StatementFailed(f"{self.name} gave a value that is not of its column's type.") from error

    @asynccontextmanager
    async def _within(self, seconds: float) -> AsyncIterator[None]:
        """A deadline; whatever runs when it passes is cancelled on the warehouse too."""
        started = None
        try:
            async with asyncio.timeout(seconds):
                try:
                    yield
                except asyncio.CancelledError:
                    started = self.starting_since
                    raise
        except TimeoutError as error:
            raise BackendTimeout(self._late(seconds, started)) from error

    def _late(self, seconds: float, starting_since: datetime | None) -> str:
        if starting_since is None:
            return f"{self.name} took longer than {seconds:g} s; the statement was cancelled."
        return f"{self.name}: {_starting(starting_since)}; the statement was cancelled after {seconds:g} s."

    # -- the time zone ------------------------------------------------------------------------------

    async def _works_in_utc(self) -> None:
        """Raises BackendUnavailable where it does not: moments would be cut at another midnight than elsewhere."""
        async with self._asking_zone:
            if time.monotonic() < self._zone_holds_until:
                return
            result = await self.statements.execute("SELECT current_timezone() AS zone")
            zone = str(result.rows[0][0]) if result.rows and result.rows[0] else "unknown"
            if zone.lower() not in _UTC:
                raise BackendUnavailable(
                    f"{self.name} works in the time zone {zone}; Assay's statements are written for UTC.",
                    mend="set TIMEZONE to UTC among the configuration parameters of the workspace's SQL warehouses",
                )
            self._zone_holds_until = time.monotonic() + _ZONE_SECONDS

    # -- versions -----------------------------------------------------------------------------------

    async def data_version(self, tables: Iterable[str]) -> DataVersion:
        async with self._within(_OWN_SECONDS):
            return await self._version_of(sorted(tables))

    def known_version(self, tables: Iterable[str]) -> DataVersion | None:
        names = sorted(tables)
        now = time.monotonic()
        known = [self._seen.get(name) for name in names]
        if not names or any(each is None or each.until <= now for each in known):
            return None
        return _together(names, [each for each in known if each is not None], self._epoch.bucket(_BUCKET_SECONDS))

    def version_token(self) -> object | None:
        return None

    async def _version_of(self, names: list[str], not_before: float = 0) -> DataVersion:
        seen = await asyncio.gather(*(self._look_at(name, not_before) for name in names))
        return _together(names, seen, self._epoch.bucket(_BUCKET_SECONDS))

    async def _look_at(self, table: str, not_before: float) -> _Seen:
        """What was seen a moment ago, or a new look where that is too old or began before the moment given."""
        async with self._looking[table]:
            known, began = self._seen.get(table), time.monotonic()
            if known is not None and began < known.until and (known.began >= not_before or known.text is None):
                return known
            text = await self._newest_commit(table)
            lasts = self._version_seconds if text is not None else _NO_HISTORY_SECONDS
            seen = self._seen[table] = _Seen(text, datetime.now(UTC), began, began + lasts)
            return seen

    async def _newest_commit(self, table: str) -> str | None:
        """Number and moment of the last commit: a table made anew begins at 0 again. None without a history."""
        try:
            result = await self.statements.execute(f"DESCRIBE HISTORY {_quoted(table)} LIMIT 1")
        except StatementFailed:
            return None
        row = dict(zip((name for name, _ in result.columns), result.rows[0] if result.rows else (), strict=False))
        number, moment = row.get("version"), row.get("timestamp")
        return f"{number}@{moment}" if number and moment else None

    # -- what is there ------------------------------------------------------------------------------

    async def describe(self, table: str) -> dict[str, str] | None:
        try:
            async with self._within(_OWN_SECONDS):
                result = await self.statements.execute(f"DESCRIBE TABLE {_quoted(table)}")
        except StatementFailed as error:
            if error.extra.get("sqlstate") in NO_SUCH_TABLE:
                return None
            raise
        found: dict[str, str] = {}
        for column, kind, *_ in result.rows:
            # The columns come first; what is told of partitions and clustering begins with an empty or a marked line.
            if not column or column.startswith("#"):
                break
            found[column] = kind or ""
        return found or None

    async def health(self) -> Health:
        """Looks at the warehouse without starting it, which would cost money."""
        try:
            async with self._within(_HEALTH_SECONDS):
                state = await self._warehouse_state()
                if state == "RUNNING":
                    await self._works_in_utc()
        except AssayError as error:
            return Health(False, error.detail + (f" {error.mend[0].upper()}{error.mend[1:]}." if error.mend else ""))
        self._seen_starting = (self._seen_starting or datetime.now(UTC)) if state == "STARTING" else None
        match state:
            case "RUNNING":
                return Health(True, "Databricks SQL, the warehouse is running")
            case "STARTING":
                return Health(True, f"Databricks SQL, {_starting(self.starting_since or datetime.now(UTC))}")
            case "STOPPED" | "STOPPING":
                return Health(True, "Databricks SQL, the warehouse is stopped; the next question starts it")
            case _:
                return Health(False, f"{self.name}: the warehouse is {state.lower()}.")

    async def _warehouse_state(self) -> str:
        try:
            return await self.statements.warehouse_state()
        except BackendUnavailable as error:
            # Whoever may only send statements learns by sending one.
            if error.extra.get("answered") == 403:
                return "RUNNING"
            raise

    async def close(self) -> None:
        await self.statements.close()


def connect(
    settings: BackendSettings,
    pace: Pace | None = None,
    *,
    version_seconds: float = _VERSION_SECONDS,
    epoch: Epoch | None = None,
) -> DatabricksBackend | NotConfigured:  # fmt: skip
    """The backend that the settings describe; nothing is contacted yet."""

    def lacking(reason: str, *names: str) -> NotConfigured:
        return NotConfigured(settings.name, settings.driver, names, reason)

    given = settings.values
    base_url = _base_url(given.get("host", ""))
    if base_url is None:
        return lacking(f"backends.{settings.name}: its host cannot be read; write one such as adb-1.2.azuredatabricks.net")
    warehouse_id = given.get("warehouse_id") or given.get("http_path", "").rstrip("/").rpartition("/")[2]
    if not _WAREHOUSE_ID.fullmatch(warehouse_id):
        return lacking(f"backends.{settings.name}: http_path must end as in /sql/1.0/warehouses/0123456789abcdef")
    token, client_id, secret = (given.get(name, "") for name in ("token", "client_id", "client_secret"))
    if not token and not (client_id and secret):
        missing = [_VARIABLES[name] for name in ("client_id", "client_secret") if not given.get(name)]
        wanted = missing if len(missing) == 1 else ["DATABRICKS_TOKEN"]
        choice = wanted[0] if len(missing) == 1 else f"DATABRICKS_TOKEN, or {' and '.join(missing)},"
        return lacking(f"set {choice} in the environment", *wanted)
    if not can_be_sent(token):
        return lacking(f"backends.{settings.name}: its token holds what no token does")
    login = Token(token) if token else ServicePrincipal(client_id, secret)
    return DatabricksBackend(
        settings.name, base_url, warehouse_id, login,
        catalog=given.get("catalog") or None, schema=given.get("schema") or None, pace=pace,
        version_seconds=version_seconds, epoch=epoch,
    )  # fmt: skip


def _base_url(host: str) -> str | None:
    """https, whatever was written; without encryption only within this machine. None for what is no host."""
    text = host.strip().rstrip("/")
    try:
        parsed = httpx.URL(text if "://" in text else f"https://{text}")
    except httpx.InvalidURL:
        return None
    if (
        parsed.scheme not in ("http", "https")
        or not _HOST.fullmatch(parsed.host)
        or parsed.userinfo
        or parsed.path.strip("/")
        or parsed.query
    ):
        return None
    return str(parsed if is_private(str(parsed)) else parsed.copy_with(scheme="https", port=parsed.port)).rstrip("/")


def _together(names: list[str], seen: list[_Seen], bucket: str) -> DataVersion:
    text = " ".join(f"{name}:{each.text or bucket}" for name, each in zip(names, seen, strict=True))
    kind: VersionKind = "table_version" if all(each.text for each in seen) else "time_bucket"
    return DataVersion(text, kind, min((each.at for each in seen), default=datetime.now(UTC)))


def _quoted(table: str) -> str:
    schema, _, name = table.rpartition(".")
    return ".".join("`" + part.replace("`", "``") + "`" for part in (schema, name) if part)


def _starting(since: datetime) -> str:
    return f"the warehouse is starting, since {max(0, round((datetime.now(UTC) - since).total_seconds()))} s"

"""PostgreSQL through asyncpg: a pool under a read-only role, each statement or comparison in a snapshot of its own.

A table's version is a counter kept by triggers in `assay.table_version` where Assay may keep one
(its own database); elsewhere the server's table statistics. A writer hands these in a second after it
committed where it goes on working, and up to ten seconds after it where its session goes idle. What has
neither (a view, a table that nobody watches yet) changes its version every few seconds.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from assay.backends.protocol import BESIDE, MAX_RESULT_BYTES, NO_TAGS, DataVersion, Health, Rows, VersionKind
from assay.engine import Dialect
from assay.engines.postgres.moments import read_every_moment
from assay.engines.postgres.wire import CountingConnection, Wire
from assay.errors import AssayError, BackendTimeout, BackendUnavailable, StatementFailed
from assay.gate import SafeSql
from assay.store.database import leased, pool_use
from assay.store.epoch import Epoch
from assay.work.hosts import MEND, unknown_host
from assay.work.pulse import Pulse, Silent

_COUNTERS = """
SELECT table_name, epoch || version FROM assay.table_version, assay.data_epoch() AS epoch
WHERE table_name = ANY($1::text[]) ORDER BY 1"""
# The file's number tells of TRUNCATE and of a table made anew, which the counts do not. A table that is divided into
# others moves with them, and where one of them keeps no statistics (it may lie on another server) nothing is known.
# The counts begin again at 0 when somebody resets them, and with the server after a crash (which leaves the postmaster's
# start as it was, and sets the moment at which the server's own statistics were reset): those moments belong to the
# version, or a count that comes by once more would be taken for the data of before. A standby counts nothing: it tells
# how far it has come in its primary's log.
_STATISTICS = """
WITH RECURSIVE family (named, relid, relkind) AS (
    SELECT n.nspname || '.' || c.relname, c.oid, c.relkind
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname || '.' || c.relname = ANY($1::text[]) AND c.relkind IN ('r', 'p', 'm')
    UNION
    SELECT family.named, c.oid, c.relkind
    FROM family JOIN pg_inherits AS i ON i.inhparent = family.relid JOIN pg_class AS c ON c.oid = i.inhrelid
)
SELECT named,
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text || '/' ELSE '' END
    || concat_ws('-', extract(epoch FROM pg_postmaster_start_time())::numeric(20, 3),
        extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time())::numeric(20, 3),
        (SELECT extract(epoch FROM pg_stat_get_db_stat_reset_time(d.oid))::numeric(20, 3)
         FROM pg_database AS d WHERE d.datname = current_database())) || '/' ||
    sum(pg_stat_get_tuples_inserted(relid) + pg_stat_get_tuples_updated(relid) + pg_stat_get_tuples_deleted(relid)) || '/'
    || string_agg(pg_relation_filenode(relid)::text, '-' ORDER BY relid)
FROM family WHERE relkind <> 'p' GROUP BY named HAVING bool_and(relkind <> 'f') ORDER BY 1"""
_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum"""
# Whole and valid unique indexes over bare columns that compare as the columns do: by their collation and by the type's own
# equality. Rows of a table that inherits are read with its parent's and not kept apart by the parent's index.
_UNIQUE = """
SELECT array_agg(a.attname::text)
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_class AS x ON x.oid = i.indexrelid JOIN pg_am AS m ON m.oid = x.relam
CROSS JOIN generate_series(0, i.indnkeyatts - 1) AS place
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = i.indkey[place] AND a.attcollation = i.indcollation[place]
    AND EXISTS (SELECT FROM pg_opclass AS o WHERE o.oid = i.indclass[place] AND o.opcdefault)
WHERE n.nspname = $1 AND c.relname = $2 AND m.amname = 'btree' AND i.indisunique AND i.indisvalid AND i.indisready
    AND i.indislive AND NOT i.indisexclusion AND i.indpred IS NULL AND i.indexprs IS NULL
    AND (c.relkind IN ('p', 'm') OR (c.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid)))
GROUP BY i.indexrelid, i.indnkeyatts HAVING count(a.attname) = i.indnkeyatts"""
_BUCKET_SECONDS = 5
_SNAPSHOT_SECONDS = 300
"""A comparison's snapshot may wait so long for the other side between two statements."""
T = TypeVar("T")
_CONNECT_SECONDS = _LOOK_SECONDS = 3
_LOOKS = 3
"""Connections that versions, columns and health are asked on: a slow statement never stands before these."""
_AGAIN_SECONDS = 1.0
"""For so long nobody tries anew where connecting has just failed: who waited is told, and not made to wait again."""
_FAILURES = (Silent, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
_GONE = (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InsufficientResourcesError,
         asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError, asyncpg.InterfaceError,
         asyncpg.ObjectNotInPrerequisiteStateError, asyncpg.InternalClientError, OSError)  # fmt: skip


class PostgresBackend:
    driver = "postgres"
    dialect: Dialect = "postgres"
    places = 8
    is_metered = False

    def __init__(
        self, name: str, url: str, *, counted: bool, statement_timeout_seconds: float = 30, epoch: Epoch | None = None
    ) -> None:  # fmt: skip
        """`counted`: the database holds `assay.table_version`, kept by triggers on the dictionary's tables."""
        self.name = name
        self._epoch = epoch or Epoch()
        self.version_kind: VersionKind = "counter" if counted else "statistics"
        self._url = url
        self._timeout = statement_timeout_seconds
        self._pool: asyncpg.Pool | None = None
        self._looks: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()
        self._failed: tuple[float, BaseException] | None = None
        self._comparing = asyncio.Semaphore(BESIDE)
        self._pulse = Pulse(lambda: self._asked("SELECT 1"))
        self._version_query = _COUNTERS if counted else _STATISTICS
        self._heard: dict[str, str] | None = None
        """Versions by table while notifications are heard without a gap; None while they are not."""
        self._moves = 0

    def hears_moves(self, hears: bool) -> None:
        """Notifications begin or break off: what was known may be old either way."""
        self._heard = {} if hears and self.version_kind == "counter" else None
        self._moves += 1

    def table_moved(self, table: str) -> None:
        if self._heard is not None:
            self._heard.pop(table, None)
        self._moves += 1

    async def _ready(self) -> "asyncpg.Pool":
        if self._pool is None:
            await self._open_both()
        assert self._pool is not None
        return self._pool

    async def _looking(self) -> "asyncpg.Pool":
        if self._looks is None:
            await self._open_both()
        assert self._looks is not None
        return self._looks

    async def _open_both(self) -> None:
        async with self._opening:
            if self._pool is not None:
                return
            if self._failed is not None and time.monotonic() - self._failed[0] < _AGAIN_SECONDS:
                raise self._failed[1]
            try:
                self._looks = await self._open(_LOOKS, fewest=1)
                self._pool, self._failed = await self._open(self.places + BESIDE, fewest=0), None
            except _FAILURES as error:
                self._failed = (time.monotonic(), error)
                raise

    @asynccontextmanager
    async def _connection(self) -> "AsyncIterator[PoolConnectionProxy]":
        async with leased(await self._ready(), self._pulse) as connection:
            with self.told_of_overruns(connection.wire):
                yield connection

    async def _look(self, query: str, *values: Any) -> "list[asyncpg.Record]":
        """Ask for something small, beside the statements and never behind them. Raises only Assay's errors."""
        try:
            if self._pulse.is_silent:
                raise Silent
            async with asyncio.timeout(_LOOK_SECONDS):
                return await self._asked(query, *values)
        except _FAILURES as error:
            raise self._translated(error) from error

    async def _asked(self, query: str, *values: Any) -> "list[asyncpg.Record]":
        pool = await self._looking()
        connection = await pool.acquire()
        try:
            return await connection.fetch(query, *values)
        except asyncio.CancelledError:
            connection.terminate()  # to wait for a word of farewell could take for ever
            raise
        finally:
            await pool.release(connection, timeout=_CONNECT_SECONDS)

    async def _open(self, most: int, *, fewest: int) -> "asyncpg.Pool":
        try:
            return await asyncpg.create_pool(
                self._url,
                min_size=fewest,
                max_size=most,
                timeout=_CONNECT_SECONDS,
                command_timeout=self._timeout + 5,
                connection_class=CountingConnection,
                # Judged SELECTs leave no session state behind, so there is nothing to reset.
                reset=_nothing,
                init=read_every_moment,
                server_settings={
                    "application_name": f"assay:{self.name}",
                    "default_transaction_read_only": "on",
                    "statement_timeout": str(int(self._timeout * 1000)),
                    "idle_in_transaction_session_timeout": "60000",
                    "timezone": "UTC",
                },
            )
        except ValueError:
            # What cannot be read may be the password: it is not shown.
            raise BackendUnavailable(
                f"{self.name}: its url cannot be read.", mend="write postgresql://USER:PASSWORD@HOST:PORT/NAME, % encoded"
            ) from None

    async def run(
        self, statement: SafeSql, parameters: Mapping[str, Any], tables: Iterable[str], timeout_seconds: float,
        tags: Mapping[str, str] = NO_TAGS,
    ) -> Rows:  # fmt: skip
        names, values = sorted(tables), _values(parameters)

        async def read() -> Rows:
            async with self._connection() as connection:
                return await _on_a_fresh_plan(lambda: self._read(connection, statement.text, values, names))

        return await self.in_time(read, timeout_seconds)

    async def in_time(self, work: Callable[[], Awaitable[T]], seconds: float) -> T:
        """Raises only Assay's errors. Whatever ends the waiting ends the statement on the server too."""
        deadline = asyncio.timeout(seconds)
        try:
            async with deadline, self._pulse.watched():
                return await work()
        except _FAILURES as error:
            if deadline.expired():
                raise BackendTimeout(f"{self.name} took longer than {seconds:g} s; the statement was cancelled.") from error
            raise self._translated(error) from error

    async def _read(self, connection: "PoolConnectionProxy", text: str, values: list[Any], names: list[str]) -> Rows:
        """The rows and the version that is exactly theirs."""
        known = self.known_version(names)
        if known is not None:
            # Counters only rise: what was known before the rows and is found after them held all the while.
            records = await _fetched(connection, text, values)
            found = self._version(names, await connection.fetch(self._version_query, names))
            if found.text == known.text:
                return _rows(records, found)
        async with self._snapshot_on(connection, names) as version:
            return _rows(await _fetched(connection, text, values), version)

    @contextmanager
    def told_of_overruns(self, wire: Wire) -> Iterator[None]:
        """Raises StatementFailed where a result's size has ended the connection; its transactions say only that it ended."""
        try:
            yield
        except _FAILURES as error:
            if not wire.is_overrun:
                raise
            raise StatementFailed(f"{self.name}: the result is larger than {MAX_RESULT_BYTES // 1_000_000} MB.") from error

    @asynccontextmanager
    async def _snapshot_on(self, connection: "PoolConnectionProxy", names: list[str]) -> AsyncIterator[DataVersion]:
        # Statistics know no snapshot: read before it, they are never newer than the rows.
        statistics = [] if self.version_kind == "counter" else await connection.fetch(self._version_query, names)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield self._version(names, statistics or await connection.fetch(self._version_query, names))

    @asynccontextmanager
    async def snapshot(self, tables: Iterable[str]) -> "AsyncIterator[PostgresSnapshot]":
        """All statements in it see one state of the data: that of its version, which is of `tables` together."""
        names = sorted(tables)
        try:
            async with self._comparing, self._connection() as connection, self._snapshot_on(connection, names) as version:
                await connection.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{_SNAPSHOT_SECONDS}s'")
                yield PostgresSnapshot(self, connection, version)
        except _FAILURES as error:
            raise self._translated(error) from error

    def known_version(self, tables: Iterable[str]) -> DataVersion | None:
        heard = self._heard
        if heard is None:
            return None
        names = sorted(tables)
        if not all(name in heard for name in names):
            return None
        return self._version(names, [(name, heard[name]) for name in names])

    def version_token(self) -> object | None:
        return self._moves if self._heard is not None else None

    async def data_version(self, tables: Iterable[str]) -> DataVersion:
        """Asked of the server, also where notifications are heard: they come a moment after the commit that they tell of."""
        names, moves = sorted(tables), self._moves
        versions = await self._look(self._version_query, names)
        if self._heard is not None and moves == self._moves:
            self._heard.update((name, version) for name, version in versions)
        return self._version(names, versions)

    def _version(self, names: list[str], versions: "Iterable[tuple[str, Any] | asyncpg.Record]") -> DataVersion:
        known = dict[str, Any]((name, version) for name, version in versions)
        kind = self.version_kind
        if len(known) < len(names):
            kind, bucket = "time_bucket", self._epoch.bucket(_BUCKET_SECONDS)
            known = dict.fromkeys(names, bucket) | known
        text = " ".join(f"{name}:{known[name]}" for name in names)
        return DataVersion(text, kind, datetime.now(UTC))

    async def describe(self, table: str) -> dict[str, str] | None:
        schema, _, name = table.rpartition(".")
        found = await self._look(_COLUMNS, schema, name)
        return {str(column): str(kind) for column, kind in found} or None

    async def enforced_keys(self, table: str) -> list[frozenset[str]]:
        """Sets of columns that a primary key or a unique index keeps unique."""
        schema, _, name = table.rpartition(".")
        found = await self._look(_UNIQUE, schema, name)
        return [frozenset(row[0]) for row in found]

    async def health(self) -> Health:
        try:
            version = (await self._look("SHOW server_version"))[0][0]
        except AssayError as error:
            return Health(False, error.detail)
        return Health(True, f"PostgreSQL {version}")

    def connections(self) -> tuple[int, int, int]:
        """How many are in use, idle, and may be."""
        return pool_use(self._pool)

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None
        if self._looks is not None:
            self._looks.terminate()
            self._looks = None
        self._pulse.close()

    def _translated(self, error: BaseException) -> AssayError:
        if isinstance(error, (Silent, TimeoutError)):
            return BackendUnavailable(f"{self.name} does not answer: it takes connections and says nothing.")
        if isinstance(error, asyncpg.QueryCanceledError):
            return BackendTimeout(f"{self.name} took longer than {self._timeout:g} s; the statement was cancelled.")
        if isinstance(error, asyncpg.LockNotAvailableError):
            return BackendTimeout(f"{self.name}: a table is locked by somebody who changes it; the statement was cancelled.")
        # A value that the driver cannot encode is an InterfaceError too; nobody is away then.
        unknown = unknown_host(error, self._url)
        if unknown is not None:
            return BackendUnavailable(f"{self.name} does not answer: {unknown}.", mend=MEND)
        if isinstance(error, _GONE) and not isinstance(error, ValueError):
            return BackendUnavailable(f"{self.name} does not answer: {_short(error)}")
        return StatementFailed(f"{self.name} refused the statement: {_short(error)}")


class PostgresSnapshot:
    """One transaction on one connection, for several statements one after the other."""

    def __init__(self, backend: PostgresBackend, connection: "PoolConnectionProxy", version: DataVersion) -> None:
        self.version = version
        self._backend = backend
        self._connection = connection
        self._wire = connection.wire

    async def run(
        self, statement: SafeSql, parameters: Mapping[str, Any], tables: Iterable[str], timeout_seconds: float,
        tags: Mapping[str, str] = NO_TAGS,
    ) -> Rows:  # fmt: skip
        async def fetch() -> Rows:
            # In a savepoint, so that what fails can be asked once more of the same state.
            with self._backend.told_of_overruns(self._wire):
                async with self._connection.transaction():
                    records = await _fetched(self._connection, statement.text, _values(parameters))
                    return _rows(records, self.version)

        return await self._backend.in_time(lambda: _on_a_fresh_plan(fetch), timeout_seconds)


async def _on_a_fresh_plan(ask: Callable[[], Awaitable[Rows]]) -> Rows:
    """Once more where a table was changed under a plan that the connection keeps.

    In a transaction the driver cannot ask again by itself; but it has thrown its plans away, so the next is a fresh one.
    """
    try:
        return await ask()
    except asyncpg.InvalidCachedStatementError:
        return await ask()


def _values(parameters: Mapping[str, Any]) -> list[Any]:
    return [parameters[f"p{number}"] for number in range(1, len(parameters) + 1)]


async def _fetched(connection: "PoolConnectionProxy", text: str, values: list[Any]) -> "list[asyncpg.Record]":
    connection.wire.make_room()
    return await connection.fetch(text, *values)


def _rows(records: "list[asyncpg.Record]", version: DataVersion) -> Rows:
    return Rows(tuple(records[0].keys()) if records else (), [tuple(record) for record in records], version)


async def _nothing(_: object) -> None:
    return None


def _short(error: BaseException) -> str:
    """The first line only: later ones may hold the statement's values."""
    return (str(error).splitlines() or [type(error).__name__])[0][:300] or type(error).__name__

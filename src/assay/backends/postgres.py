"""PostgreSQL through asyncpg: a pool under a read-only role, each statement in its own snapshot.

A table's version is a counter kept by triggers in `assay.table_version` where Assay may keep one
(its own database); elsewhere the server's table statistics, which lag by up to a second.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import asyncpg

from assay.backends.protocol import DataVersion, Health, Rows, VersionKind
from assay.compiler.dialect import Dialect
from assay.errors import AssayError, BackendTimeout, BackendUnavailable, StatementFailed
from assay.gate import SafeSql

_COUNTERS = "SELECT table_name, version FROM assay.table_version WHERE table_name = ANY($1::text[]) ORDER BY 1"
_STATISTICS = """
SELECT schemaname || '.' || relname, n_tup_ins + n_tup_upd + n_tup_del
FROM pg_stat_user_tables WHERE schemaname || '.' || relname = ANY($1::text[]) ORDER BY 1"""
_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum"""


class PostgresBackend:
    driver = "postgres"
    dialect: Dialect = "postgres"

    def __init__(self, name: str, url: str, *, counted: bool, statement_timeout_seconds: float = 30) -> None:
        """`counted`: the database holds `assay.table_version`, kept by triggers on the dictionary's tables."""
        self.name = name
        self.version_kind: VersionKind = "counter" if counted else "statistics"
        self._url = url
        self._timeout = statement_timeout_seconds
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()
        self._version_query = _COUNTERS if counted else _STATISTICS
        self._heard: dict[str, int] | None = None
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
            async with self._opening:
                if self._pool is None:
                    self._pool = await asyncpg.create_pool(
                        self._url,
                        min_size=1,
                        max_size=8,
                        timeout=5,
                        command_timeout=self._timeout + 5,
                        # Judged SELECTs leave no session state behind, so there is nothing to reset.
                        reset=_nothing,
                        server_settings={
                            "application_name": f"assay:{self.name}",
                            "default_transaction_read_only": "on",
                            "statement_timeout": str(int(self._timeout * 1000)),
                            "idle_in_transaction_session_timeout": "60000",
                            "timezone": "UTC",
                        },
                    )
        return self._pool

    async def run(
        self, statement: SafeSql, parameters: Mapping[str, Any], tables: Iterable[str], timeout_seconds: float
    ) -> Rows:
        names = sorted(tables)
        values = [parameters[f"p{number}"] for number in range(1, len(parameters) + 1)]
        try:
            pool = await self._ready()
            # One snapshot for the version and the rows: the version is exactly that of the rows.
            async with (
                asyncio.timeout(timeout_seconds),
                pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                counters = await connection.fetch(self._version_query, names)
                records = await connection.fetch(statement.text, *values)
        except TimeoutError as error:
            raise BackendTimeout(
                f"{self.name} took longer than {timeout_seconds:g} s; the statement was cancelled."
            ) from error
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise self._translated(error) from error
        columns = tuple(records[0].keys()) if records else ()
        return Rows(columns, [tuple(record) for record in records], self._version(counters))

    def known_version(self, tables: Iterable[str]) -> DataVersion | None:
        heard = self._heard
        if heard is None:
            return None
        names = sorted(tables)
        if not all(name in heard for name in names):
            return None
        return self._version([(name, heard[name]) for name in names])

    def version_token(self) -> object | None:
        return self._moves if self._heard is not None else None

    async def data_version(self, tables: Iterable[str]) -> DataVersion:
        names = sorted(tables)
        known = self.known_version(names)
        if known is not None:
            return known
        moves = self._moves
        try:
            pool = await self._ready()
            async with asyncio.timeout(5):
                counters = await pool.fetch(self._version_query, names)
        except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise self._translated(error) from error
        if self._heard is not None and moves == self._moves:
            self._heard.update((name, version) for name, version in counters)
        return self._version(counters)

    def _version(self, counters: "Iterable[tuple[str, int] | asyncpg.Record]") -> DataVersion:
        text = " ".join(f"{name}:{version}" for name, version in counters)
        return DataVersion(text or "untracked", self.version_kind, datetime.now(UTC))

    async def describe(self, table: str) -> dict[str, str] | None:
        schema, _, name = table.rpartition(".")
        try:
            pool = await self._ready()
            found = await pool.fetch(_COLUMNS, schema, name)
        except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise self._translated(error) from error
        return {str(column): str(kind) for column, kind in found} or None

    async def health(self) -> Health:
        try:
            pool = await self._ready()
            async with asyncio.timeout(3):
                version = await pool.fetchval("SHOW server_version")
        except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            return Health(False, self._translated(error).detail)
        return Health(True, f"PostgreSQL {version}")

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None

    def _translated(self, error: BaseException) -> AssayError:
        if isinstance(error, asyncpg.QueryCanceledError):
            return BackendTimeout(f"{self.name} took longer than {self._timeout:g} s; the statement was cancelled.")
        gone = (asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, asyncpg.InterfaceError,
                asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, asyncpg.InvalidAuthorizationSpecificationError,
                asyncpg.InvalidCatalogNameError, asyncpg.TooManyConnectionsError, OSError, TimeoutError)  # fmt: skip
        if isinstance(error, gone):
            return BackendUnavailable(f"{self.name} does not answer: {_short(error)}")
        return StatementFailed(f"{self.name} refused the statement: {_short(error)}")


async def _nothing(_: object) -> None:
    return None


def _short(error: BaseException) -> str:
    """The first line only: later ones may hold the statement's values."""
    return (str(error).splitlines() or [type(error).__name__])[0][:300] or type(error).__name__

"""MariaDB through asyncmy: read-only sessions of one clock and one collation, each statement in a transaction of its own.

Two things that the server does in silence are refused here: a value that it cut to fit (a warning, in a SELECT), and a
statement that goes on when nobody waits for it any more, which is ended from another connection.

The server keeps no version of a table that could be trusted: `UPDATE_TIME` has whole seconds, and is forgotten at a restart.
So the version is the time, which moves every few seconds.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import asyncmy
from asyncmy.connection import Connection
from asyncmy.cursors import SSCursor
from asyncmy.errors import MySQLError

from assay.backends.protocol import BESIDE, MAX_RESULT_BYTES, NO_TAGS, DataVersion, Health, Rows, VersionKind
from assay.engine import Dialect
from assay.engines.mariadb.values import COLLATION, instants_of, literal, type_name, with_instants, with_values
from assay.errors import AssayError, BackendTimeout, BackendUnavailable, StatementFailed
from assay.gate import SafeSql
from assay.store.epoch import Epoch
from assay.work.hosts import MEND, unknown_host
from assay.work.pulse import Pulse, Silent

_BUCKET_SECONDS = 5
_CONNECT_SECONDS = _LOOK_SECONDS = 3
_LOOKS = 3
"""Connections for versions, columns and health: a slow statement never stands before these."""
_LONGEST_SECONDS = 130
"""The server's own bound, should nobody be left to end a statement: above the longest that a comparison waits."""
_AT_ONCE = 500
_SESSION = (
    f"SET SESSION collation_connection = '{COLLATION}', time_zone = '+00:00', tx_read_only = 1, old_mode = '', sql_mode ="
    " 'ONLY_FULL_GROUP_BY,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_UNSIGNED_SUBTRACTION',"
    f" max_statement_time = {_LONGEST_SECONDS}, sql_select_limit = 18446744073709551615, sql_auto_is_null = 0,"
    # Rows are put in order, and brought together in groups, by so many bytes of a text.
    " max_sort_length = 65536"
)
_COLUMNS = """
SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, COLLATION_NAME FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} ORDER BY ORDINAL_POSITION"""
# Whole columns alone: an index over the beginning of a text keeps less unique than it says.
_UNIQUE = """
SELECT INDEX_NAME, GROUP_CONCAT(COLUMN_NAME SEPARATOR '\n'), COUNT(SUB_PART) FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} AND NON_UNIQUE = 0 GROUP BY INDEX_NAME"""
_TIMED_OUT, _GONE = (1317, 1969), (1040, 1044, 1045, 1049, 1053, 1152, 1203, 1226, 1927, 2002, 2003, 2006, 2013, 2055)
"""Numbers of errors: a statement that was ended, and a server that lets nobody in."""
T = TypeVar("T")


class MariaDBBackend:
    driver = "mariadb"
    dialect: Dialect = "mariadb"
    version_kind: VersionKind = "time_bucket"
    places = 8

    def __init__(self, name: str, url: str, *, epoch: Epoch | None = None) -> None:
        self.name = name
        self._url = url
        self._epoch = epoch or Epoch()
        self._statements = Sessions(url, self.places + BESIDE)
        self._looks = Sessions(url, _LOOKS)
        self._pulse = Pulse(lambda: self._looks.ask(lambda session: _fetched(session, "SELECT 1")))

    async def run(
        self, statement: SafeSql, parameters: Mapping[str, Any], tables: Iterable[str], timeout_seconds: float,
        tags: Mapping[str, str] = NO_TAGS,
    ) -> Rows:  # fmt: skip
        text = with_values(statement.text, parameters)
        version = self._version(tables)
        columns, rows = await self._in_time(self._statements, lambda session: _fetched(session, text), timeout_seconds)
        return Rows(columns, rows, version)

    async def _in_time(self, sessions: "Sessions", work: "Callable[[Connection], Awaitable[T]]", seconds: float) -> T:
        """Raises only Assay's errors. Whatever ends the waiting ends the statement on the server too."""
        deadline = asyncio.timeout(seconds)
        try:
            async with deadline, self._pulse.watched():
                return await sessions.ask(work)
        except (Silent, TimeoutError, OSError, MySQLError) as error:
            if deadline.expired():
                raise BackendTimeout(f"{self.name} took longer than {seconds:g} s; the statement was cancelled.") from error
            raise self._translated(error) from error
        except AssayError as error:
            raise type(error)(f"{self.name}: {error.detail}", mend=error.mend) from error

    async def _look(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        text = query.format(*map(literal, values))
        return (await self._in_time(self._looks, lambda session: _fetched(session, text), _LOOK_SECONDS))[1]

    def _version(self, tables: Iterable[str]) -> DataVersion:
        bucket = self._epoch.bucket(_BUCKET_SECONDS)
        return DataVersion(" ".join(f"{name}:{bucket}" for name in sorted(tables)), "time_bucket", datetime.now(UTC))

    async def data_version(self, tables: Iterable[str]) -> DataVersion:
        return self._version(tables)

    def known_version(self, tables: Iterable[str]) -> DataVersion | None:
        return self._version(tables)

    def version_token(self) -> object | None:
        return None

    async def describe(self, table: str) -> dict[str, str] | None:
        schema, _, name = table.rpartition(".")
        found = await self._look(_COLUMNS, schema, name)
        return {str(column): type_name(kind, whole, collation) for column, kind, whole, collation in found} or None

    async def enforced_keys(self, table: str) -> list[frozenset[str]]:
        """Sets of columns that a primary key or a unique index keeps unique, as the columns' own collations compare."""
        schema, _, name = table.rpartition(".")
        return [frozenset(columns.split("\n")) for _, columns, cut in await self._look(_UNIQUE, schema, name) if not cut]

    async def health(self) -> Health:
        try:
            ((version,),) = await self._look("SELECT VERSION()")
        except AssayError as error:
            return Health(False, error.detail)
        return Health(True, f"MariaDB {str(version).partition('-')[0]}")

    async def close(self) -> None:
        self._pulse.close()
        await self._statements.close()
        await self._looks.close()

    def _translated(self, error: BaseException) -> AssayError:
        if isinstance(error, (Silent, TimeoutError)):
            return BackendUnavailable(f"{self.name} does not answer: it takes connections and says nothing.")
        number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        if number in _TIMED_OUT:
            return BackendTimeout(f"{self.name} ended the statement: {_short(error)}")
        unknown = unknown_host(error, self._url)
        if unknown is not None:
            return BackendUnavailable(f"{self.name} does not answer: {unknown}.", mend=MEND)
        if number in _GONE or not isinstance(error, MySQLError):
            return BackendUnavailable(f"{self.name} does not answer: {_short(error)}")
        return StatementFailed(f"{self.name} refused the statement: {_short(error)}")


class Sessions:
    """Up to so many connections, opened when they are wanted and kept for the next."""

    def __init__(self, url: str, most: int) -> None:
        self._url = url
        self._free: list[Connection] = []
        self._room = asyncio.Semaphore(most)
        self._ending: set[asyncio.Task[None]] = set()

    async def ask(self, work: "Callable[[Connection], Awaitable[T]]") -> T:
        async with self._session() as session:
            return await work(session)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Connection]:
        async with self._room:
            session = self._free.pop() if self._free else await self._opened()
            if not session.connected:
                session = await self._opened()
            try:
                yield session
            except asyncio.CancelledError:
                # The server goes on with a statement whose asker is gone.
                self._end(session)
                raise
            except MySQLError:
                self._free.append(session) if session.connected else None
                raise
            except BaseException:
                session.close()
                raise
            self._free.append(session)

    def _end(self, session: Connection) -> None:
        number = session.thread_id()
        session.close()
        task = asyncio.create_task(self._kill(number))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _kill(self, number: int) -> None:
        with contextlib.suppress(MySQLError, OSError, AssayError, TimeoutError):
            async with asyncio.timeout(_CONNECT_SECONDS):
                session = await self._opened()
                try:
                    await session.query(f"KILL CONNECTION {number}")
                finally:
                    session.close()

    async def _opened(self) -> Connection:
        session = await asyncmy.connect(**_address(self._url), connect_timeout=_CONNECT_SECONDS, charset="utf8mb4",
                                        autocommit=True, init_command=_SESSION)  # fmt: skip
        if "mariadb" not in str(session.get_server_info()).lower():
            session.close()
            raise BackendUnavailable("the server is not MariaDB, and others divide, round and compare otherwise.")
        return session

    async def close(self) -> None:
        for session in self._free:
            session.close()
        self._free.clear()
        if self._ending:
            await asyncio.wait(self._ending)


async def _fetched(session: Connection, text: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """The column names and the rows. Raises StatementFailed where they are too large, or the server cut a value."""
    cursor = session.cursor(SSCursor)
    rows: list[tuple[Any, ...]] = []
    room = MAX_RESULT_BYTES
    await cursor.execute(text)
    description = cursor.description or ()
    instants = instants_of(description)
    while some := await cursor.fetchmany(_AT_ONCE):
        for row in some:
            room -= sum(len(each) if isinstance(each, (str, bytes)) else 16 for each in row)
            rows.append(with_instants(row, instants))
        if room < 0:
            raise StatementFailed(f"the result is larger than {MAX_RESULT_BYTES // 1_000_000} MB.")
    cut = cursor._result.warning_count  # pyright: ignore[reportAttributeAccessIssue]  it is told nowhere else
    await cursor.close()
    if cut:
        raise StatementFailed(f"the server gave another value than was asked for: {await _warning(session)}")
    return tuple(column[0] for column in description), rows


async def _warning(session: Connection) -> str:
    cursor = session.cursor()
    await cursor.execute("SHOW WARNINGS LIMIT 1")
    found = await cursor.fetchall()
    return str(found[0][2])[:200] if found else "it does not say which"


def _address(url: str) -> dict[str, Any]:
    """What the driver wants to know, of `mariadb://USER:PASSWORD@HOST:PORT`. Raises BackendUnavailable."""
    try:
        parts = urlsplit(url)
        authority = parse_qs(parts.query).get("ssl_ca")
        if parts.scheme != "mariadb" or not parts.hostname:
            raise ValueError
        return {
            "host": parts.hostname, "port": parts.port or 3306, "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "ssl": ssl.create_default_context(cafile=authority[0]) if authority else None,
        }  # fmt: skip
    except OSError as error:
        raise BackendUnavailable(f"the file of ssl_ca cannot be read: {_short(error)}") from error
    except ValueError:
        # What cannot be read may be the password: it is not shown.
        raise BackendUnavailable(
            "its url cannot be read.", mend="write mariadb://USER:PASSWORD@HOST:PORT, % encoded"
        ) from None


def _short(error: BaseException) -> str:
    """The first line only: later ones may hold the statement's values."""
    text = str(error.args[1]) if isinstance(error, MySQLError) and len(error.args) > 1 else str(error)
    return (text.splitlines() or [type(error).__name__])[0][:300] or type(error).__name__

"""The door to Assay's own database: the pool, the migrations, the read-only role, the listener."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from assay.errors import BadRequest, SetupFailed, StoreUnavailable
from assay.store.schema import LOCK, Migration, migrate, migrations
from assay.store.tables import Readable, let_read, reader_of, watch_table, with_other_rights
from assay.work.hosts import MEND, unknown_host
from assay.work.pulse import Pulse, Silent

_PULSE_SECONDS = 3
_FAREWELL_SECONDS = 3
_TEMP_FILES = "2GB"
_TAKE_LOCKS = """
DO $$ DECLARE each regprocedure; BEGIN
    FOR each IN SELECT oid FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^pg_(try_)?advisory_'
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', each);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO CURRENT_USER', each);
    END LOOP;
END $$"""
"""From PUBLIC the locks by which Assay's own processes wait for each other."""
_log = logging.getLogger(__name__)

_FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
_CANNOT_WRITE = (asyncpg.DiskFullError, asyncpg.ReadOnlySQLTransactionError)
_TRY_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_ATTEMPTS = 4
Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
T = TypeVar("T")


class Database:
    """A pool under the owner's role. Its own statements only; questions run under the reader's role elsewhere."""

    def __init__(self, url: str, *, is_durable: bool = True) -> None:
        """Not durable: what is written is there at once, but a crash of the server may take what was written last."""
        self.url = url
        self._is_durable = is_durable
        self._pool: asyncpg.Pool | None = None
        self._not_ours: set[str] = set()
        """Tables whose rights this role may not change."""
        self._opening = asyncio.Lock()
        self._pulse = Pulse(self._beat)

    async def _ready(self) -> "asyncpg.Pool":
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    self._pool = await asyncpg.create_pool(
                        self.url, min_size=1, max_size=4, timeout=3, command_timeout=30, reset=_nothing,
                        server_settings={
                            "application_name": "assay", "timezone": "UTC",
                            "synchronous_commit": "on" if self._is_durable else "off",
                        },
                    )  # fmt: skip
        return self._pool

    async def fetch(self, sql: str, *values: object) -> "list[asyncpg.Record]":
        with _translated():
            async with self._pulse.watched(), leased(await self._ready(), self._pulse) as connection:
                return await connection.fetch(sql, *values)

    async def execute_many(self, sql: str, rows: Iterable[tuple[object, ...]]) -> None:
        with _translated():
            async with self._pulse.watched(), leased(await self._ready(), self._pulse) as connection:
                await connection.executemany(sql, rows)

    async def transact(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """What `work` does, in one transaction; done again from the start where the server ended it for another's sake."""
        with _translated():
            pool = await self._ready()
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    async with (
                        self._pulse.watched(), leased(pool, self._pulse) as connection, connection.transaction()
                    ):  # fmt: skip
                        return await work(connection)
                except _TRY_AGAIN:
                    if attempt == _ATTEMPTS:
                        raise
        raise AssertionError

    async def _beat(self) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            await connection.fetchval("SELECT 1")
        finally:
            connection.terminate()

    def connections(self) -> tuple[int, int, int]:
        """How many are in use, idle, and may be."""
        return pool_use(self._pool)

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None
        self._pulse.close()

    # -- setting up -----------------------------------------------------------------------------

    async def migrate(self, known: Sequence[Migration] | None = None) -> None:
        """Bring the schema to the newest migration; several processes may try at once. Raises SetupFailed."""
        async with self._setting_up() as connection, connection.transaction():
            await migrate(connection, migrations() if known is None else known)

    async def grant_reader(self, tables: Readable, password: str, *, is_ours: bool = False) -> str:
        """Make the read-only role of this database, let it read just these columns and the versions, and return its URL.

        The fence: the role owns nothing and may SELECT these columns alone, in transactions that are read-only.
        What PUBLIC has it has too. In a database that `is_ours` (the embedded one) PUBLIC loses the right to make
        temporary tables, all rights on the schema `public`, and the right to take advisory locks, so that even a session
        which takes its own settings back can write nowhere and hold up nobody. A database of somebody else's keeps
        PUBLIC's rights as they are: others live by them. There
        such a session could make temporary tables (before PostgreSQL 15 also tables in `public`) and read what everybody
        may; that it never takes its settings back, the gate sees to: nothing but a SELECT over the dictionary runs.

        Where the owner may not create roles its own URL comes back, and the session settings are all that holds.
        """
        try:
            async with self._setting_up(asyncpg.InsufficientPrivilegeError) as connection, connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
                reader = await reader_of(connection)
                if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", reader):
                    await connection.execute(f"CREATE ROLE {reader} LOGIN")
                secret = await connection.fetchval("SELECT quote_literal($1::text)", password)
                await connection.execute(
                    f"ALTER ROLE {reader} PASSWORD {secret};"
                    f"ALTER ROLE {reader} SET default_transaction_read_only = on;"
                    f"ALTER ROLE {reader} SET statement_timeout = '30s';"
                    f"ALTER ROLE {reader} SET lock_timeout = '2s';"
                    f"ALTER ROLE {reader} SET idle_in_transaction_session_timeout = '60s';"
                )
                await self._bound_files(connection, reader)
                name = await connection.fetchval("SELECT quote_ident(current_database())")
                if is_ours:
                    await connection.execute(
                        f"REVOKE TEMP ON DATABASE {name} FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC"
                    )
                    await connection.execute(_TAKE_LOCKS)
                if not await connection.fetchval("SELECT has_database_privilege($1, current_database(), 'CONNECT')", reader):
                    await connection.execute(f"GRANT CONNECT ON DATABASE {name} TO {reader}")
                await connection.execute(
                    f"REVOKE ALL ON ALL TABLES IN SCHEMA assay FROM {reader};"
                    f"GRANT USAGE ON SCHEMA assay TO {reader}; GRANT SELECT ON assay.table_version TO {reader}"
                )
            async with self._setting_up(asyncpg.InsufficientPrivilegeError) as connection, connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
                await let_read(connection, tables, reader)
        except asyncpg.InsufficientPrivilegeError as error:
            _log.warning("no role that only reads can be made, questions run under DATABASE_URL's: %s", _short(error))
            return self.url
        return with_user(self.url, reader, password)

    async def known_reader(self) -> str | None:
        """The URL that `grant_reader` gave before, for whoever changes nothing; None where nobody has set this up."""
        async with self._setting_up() as connection:
            if await connection.fetchval("SELECT to_regclass('assay.setting')") is None:
                return None
            password = await connection.fetchval("SELECT value FROM assay.setting WHERE name = 'reader_password'")
            reader = await reader_of(connection)
            there = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", reader)
            return password and (with_user(self.url, reader, password) if there else self.url)

    async def _bound_files(self, connection: "asyncpg.Connection", reader: str) -> None:
        """What one session of the reader may put on disk while it sorts and hashes. Only a superuser may say so."""
        try:
            async with connection.transaction():
                await connection.execute(f"ALTER ROLE {reader} SET temp_file_limit = '{_TEMP_FILES}'")
        except asyncpg.InsufficientPrivilegeError:
            _log.info("temp_file_limit of %s stays as the server has it: its owner is no superuser", reader)

    async def let_read(self, tables: Readable, role: str) -> None:
        """As the function of that name, of those tables whose rights are others and that let us."""
        tables = {name: columns for name, columns in tables.items() if name not in self._not_ours}
        wanted = await with_other_rights(self.fetch, tables, role)
        if not wanted:
            return
        async with self._setting_up() as connection:
            for name in wanted:
                try:
                    async with connection.transaction():
                        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
                        await let_read(connection, {name: tables[name]}, role)
                except asyncpg.InsufficientPrivilegeError as error:
                    self._not_ours.add(name)
                    _log.warning("who may read %s stays as it is, another role owns it: %s", name, _short(error))

    async def unwatched(self, tables: Iterable[str]) -> list[str]:
        """Those of the tables that are there and lack the version trigger. Views and foreign tables cannot tell by one."""
        rows = await self.fetch(
            """
            SELECT named FROM unnest($1::text[]) AS named
            JOIN pg_class AS c
                ON c.oid = to_regclass(format('%I.%I', split_part(named, '.', 1), split_part(named, '.', 2)))
            WHERE c.relkind IN ('r', 'p')
                AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgname = 'assay_table_moved')
            """,
            list(tables),
        )
        return [row[0] for row in rows]

    async def watch_tables(self, tables: Iterable[str]) -> None:
        """Put the version trigger on every table that exists, lacks it and lets us."""
        wanted = await self.unwatched(tables)
        async with self._setting_up() as connection:
            for table in wanted:
                try:
                    async with connection.transaction():
                        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
                        await watch_table(connection, table)
                except asyncpg.InsufficientPrivilegeError as error:
                    _log.warning("%s cannot be watched, its version moves with the clock: %s", table, _short(error))

    @asynccontextmanager
    async def _setting_up(self, *let_through: type[Exception]) -> "AsyncIterator[asyncpg.Connection]":
        """A connection of its own; what fails on it is SetupFailed with the mend, but for `let_through`."""
        try:
            connection = await asyncpg.connect(self.url, timeout=10)
            try:
                yield connection
            finally:
                await connection.close(timeout=5)
        except let_through:
            raise
        except ssl.SSLCertVerificationError as error:  # which is a ValueError too
            mend = "name the authority that has signed its certificate: sslrootcert=FILE"
            raise SetupFailed(f"The database is not the one that is meant: {_short(error)}", mend=mend) from error
        except ValueError:
            # What cannot be read may be the password: it is not shown.
            raise SetupFailed(
                "DATABASE_URL cannot be read.",
                mend="write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, % encoded; sslmode=verify-full needs sslrootcert",
            ) from None
        except asyncpg.InsufficientPrivilegeError as error:
            raise SetupFailed(
                f"The role in DATABASE_URL may not do what Assay needs: {_short(error)}",
                mend="GRANT CREATE ON DATABASE ... TO it, and make it the owner of the dictionary's tables",
            ) from error
        except _CANNOT_WRITE as error:
            raise SetupFailed(f"The database cannot be written: {_short(error)}", mend="free some space there") from error
        except _FAILURES as error:
            unknown = unknown_host(error, self.url)
            raise SetupFailed(
                f"The database does not answer: {unknown or _short(error)}.",
                mend=MEND if unknown else "check DATABASE_URL and that the server runs",
            ) from error

    # -- listening ------------------------------------------------------------------------------

    async def listen(
        self, heard: Callable[[str, str], None], missed: Callable[[bool], None], channels: tuple[str, ...]
    ) -> None:
        """Hear notifications until cancelled; `missed(True)` when hearing begins, `missed(False)` when it breaks off."""
        while True:
            ended = asyncio.Event()
            try:
                with suppress(*_FAILURES):
                    connection = await asyncpg.connect(self.url, timeout=5)
                    try:
                        connection.add_termination_listener(lambda _, ended=ended: ended.set())
                        for channel in channels:
                            await connection.add_listener(channel, lambda _c, _p, name, payload: heard(name, str(payload)))
                        missed(True)
                        await _beating(connection, ended)
                    finally:
                        connection.terminate()
            except Exception:
                missed(False)  # whatever ends the hearing, nothing is taken for heard that was not
                raise
            missed(False)
            await asyncio.sleep(0.3)


async def within(source: Database | Connection, work: Callable[[Connection], Awaitable[T]]) -> T:
    """What `work` does, in the transaction that is open, or in one of its own."""
    return await source.transact(work) if isinstance(source, Database) else await work(source)


@contextmanager
def _translated() -> Iterator[None]:
    """The driver's failures as StoreUnavailable: nobody outside this file knows the driver."""
    try:
        yield
    except _CANNOT_WRITE as error:
        mend = "free some space there" if isinstance(error, asyncpg.DiskFullError) else "DATABASE_URL leads to a copy"
        raise StoreUnavailable(f"Assay's own database cannot be written: {_short(error)}", mend=mend) from error
    except asyncpg.DataError as error:
        raise BadRequest(f"This text cannot be kept: {_short(error)}") from error
    except Silent as error:
        raise StoreUnavailable("Assay's own database does not answer: it takes connections and says nothing") from error
    except _FAILURES as error:
        raise StoreUnavailable(f"Assay's own database does not answer: {_short(error)}") from error


@asynccontextmanager
async def leased(pool: "asyncpg.Pool", pulse: Pulse) -> "AsyncIterator[asyncpg.pool.PoolConnectionProxy]":
    """One of the pool's. From a server that says nothing it is not taken leave of: that would wait for its word."""
    connection = await pool.acquire()
    try:
        yield connection
    finally:
        if pulse.is_silent:
            connection.terminate()
        await pool.release(connection, timeout=_FAREWELL_SECONDS)


async def _beating(connection: "asyncpg.Connection", ended: asyncio.Event) -> None:
    """Until the connection ends. A peer that went without a word is found by asking it now and then."""
    while not ended.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(_PULSE_SECONDS):
                await ended.wait()
            return
        await connection.fetchval("SELECT 1", timeout=_PULSE_SECONDS)


def with_user(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def pool_use(pool: "asyncpg.Pool | None") -> tuple[int, int, int]:
    """Connections in use, idle ones, and how many there may be; none of either before anything was asked."""
    if pool is None:
        return 0, 0, 0
    return pool.get_size() - pool.get_idle_size(), pool.get_idle_size(), pool.get_max_size()


async def _nothing(_: object) -> None:
    return None


def _short(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300] or type(error).__name__

"""The door to Assay's own database: the pool, the migrations, the read-only role, the listener."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import resources
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from assay.errors import SetupFailed, StoreUnavailable

READER = "assay_reader"
_LOCK = 0x41535341
_log = logging.getLogger(__name__)

_GONE = (
    asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError, asyncpg.InterfaceError, OSError, TimeoutError,
)  # fmt: skip


class Database:
    """A pool under the owner's role. Its own statements only; questions run under the reader's role elsewhere."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def _ready(self) -> "asyncpg.Pool":
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    self._pool = await asyncpg.create_pool(
                        self.url, min_size=1, max_size=4, timeout=5, command_timeout=30, reset=_nothing,
                        # A receipt that a crash of the machine could take in the last 0.6 s is worth 1 ms on every answer.
                        server_settings={"application_name": "assay", "synchronous_commit": "off", "timezone": "UTC"},
                    )  # fmt: skip
        return self._pool

    async def fetch(self, sql: str, *values: object) -> "list[asyncpg.Record]":
        try:
            return await (await self._ready()).fetch(sql, *values)
        except _GONE as error:
            raise StoreUnavailable(f"Assay's own database does not answer: {_short(error)}") from error

    async def execute_many(self, sql: str, rows: Iterable[tuple[object, ...]]) -> None:
        try:
            await (await self._ready()).executemany(sql, rows)
        except _GONE as error:
            raise StoreUnavailable(f"Assay's own database does not answer: {_short(error)}") from error
        except (asyncpg.DiskFullError, asyncpg.ReadOnlySQLTransactionError) as error:
            raise StoreUnavailable(f"Assay's own database cannot be written: {_short(error)}") from error

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None

    # -- setting up -----------------------------------------------------------------------------

    async def migrate(self) -> None:
        """Bring the schema to the newest migration; several processes may try at once."""
        connection = await self._connect()
        try:
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
                await connection.execute("CREATE SCHEMA IF NOT EXISTS assay")
                await connection.execute(
                    "CREATE TABLE IF NOT EXISTS assay.migration"
                    " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
                )
                done = {row[0] for row in await connection.fetch("SELECT name FROM assay.migration")}
                for file in sorted(resources.files("assay.store").joinpath("migrations").iterdir(), key=lambda f: f.name):
                    if file.name.endswith(".sql") and file.name not in done:
                        await connection.execute(file.read_text("utf-8"))
                        await connection.execute("INSERT INTO assay.migration (name) VALUES ($1)", file.name)
        except asyncpg.InsufficientPrivilegeError as error:
            raise SetupFailed(
                f"The database of DATABASE_URL does not let Assay create its schema: {_short(error)}",
                mend="GRANT CREATE ON DATABASE ... TO the role in DATABASE_URL",
            ) from error
        finally:
            await connection.close()

    async def grant_reader(self, tables: Iterable[str], password: str) -> str:
        """Make the read-only role, let it read just these tables and the versions, and return its URL.

        Where the owner may not create roles its own URL comes back, and the session settings are all that holds.
        """
        connection = await self._connect()
        try:
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
                if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", READER):
                    await connection.execute(f"CREATE ROLE {READER} LOGIN")
                verifier = await connection.fetchval("SELECT quote_literal($1::text)", password)
                await connection.execute(
                    f"ALTER ROLE {READER} PASSWORD {verifier};"
                    f"ALTER ROLE {READER} SET default_transaction_read_only = on;"
                    f"ALTER ROLE {READER} SET statement_timeout = '30s';"
                    f"ALTER ROLE {READER} SET lock_timeout = '2s';"
                    f"ALTER ROLE {READER} SET idle_in_transaction_session_timeout = '60s';"
                )
                name = await connection.fetchval("SELECT quote_ident(current_database())")
                await connection.execute(
                    f"REVOKE TEMP ON DATABASE {name} FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC;"
                    f"REVOKE ALL ON ALL TABLES IN SCHEMA assay FROM {READER};"
                    f"GRANT USAGE ON SCHEMA assay TO {READER}; GRANT SELECT ON assay.table_version TO {READER}"
                )
                for table in tables:
                    schema, quoted = await self._quoted(connection, table)
                    if await connection.fetchval("SELECT to_regclass($1)", quoted):
                        await connection.execute(
                            f"GRANT USAGE ON SCHEMA {schema} TO {READER}; GRANT SELECT ON {quoted} TO {READER}"
                        )
        except asyncpg.InsufficientPrivilegeError:
            _log.warning("the role in DATABASE_URL may not create %s: questions run under its own rights", READER)
            return self.url
        finally:
            await connection.close()
        return with_user(self.url, READER, password)

    async def watch_tables(self, tables: Iterable[str]) -> None:
        """Put the version trigger on every table that exists and lacks it."""
        connection = await self._connect()
        try:
            for table in tables:
                _, quoted = await self._quoted(connection, table)
                if not await connection.fetchval("SELECT to_regclass($1)", quoted):
                    continue
                has = await connection.fetchval(
                    "SELECT 1 FROM pg_trigger WHERE tgrelid = $1::text::regclass AND tgname = 'assay_table_moved'", quoted
                )
                if not has:
                    await connection.execute(
                        f"CREATE TRIGGER assay_table_moved AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {quoted}"
                        " FOR EACH STATEMENT EXECUTE FUNCTION assay.table_moved()"
                    )
                    # A table without the trigger is new, or was made anew: whatever was known of it is over.
                    await connection.execute(
                        "INSERT INTO assay.table_version AS known (table_name, version) VALUES ($1, 1)"
                        " ON CONFLICT (table_name) DO UPDATE SET version = known.version + 1, moved_at = now()",
                        table,
                    )
        finally:
            await connection.close()

    async def _quoted(self, connection: "asyncpg.Connection", table: str) -> tuple[str, str]:
        schema, _, name = table.rpartition(".")
        found = await connection.fetchrow("SELECT quote_ident($1), quote_ident($2)", schema, name)
        assert found
        return found[0], f"{found[0]}.{found[1]}"

    async def _connect(self) -> "asyncpg.Connection":
        try:
            return await asyncpg.connect(self.url, timeout=10)
        except (*_GONE, asyncpg.PostgresError) as error:
            raise SetupFailed(
                f"The database does not answer: {_short(error)}", mend="check DATABASE_URL and that the server runs"
            ) from error

    # -- listening ------------------------------------------------------------------------------

    async def listen(
        self, heard: Callable[[str, str], None], missed: Callable[[bool], None], channels: tuple[str, ...]
    ) -> None:
        """Hear notifications until cancelled; `missed(True)` when hearing begins, `missed(False)` when it breaks off."""
        while True:
            ended = asyncio.Event()
            with suppress(*_GONE, asyncpg.PostgresError):
                connection = await asyncpg.connect(self.url, timeout=5)
                connection.add_termination_listener(lambda _, ended=ended: ended.set())
                for channel in channels:
                    await connection.add_listener(channel, lambda _c, _p, name, payload: heard(name, str(payload)))
                missed(True)
                try:
                    await ended.wait()
                finally:
                    connection.terminate()
            missed(False)
            await asyncio.sleep(0.3)


def with_user(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


async def _nothing(_: object) -> None:
    return None


def _short(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300] or type(error).__name__

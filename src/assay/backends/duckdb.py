"""Embedded DuckDB: one read-only connection to a file, a cursor for each statement's thread.

The file is never written while it is served: a loader writes a new file beside it and renames it
into place, and the next question sees the new file. So the data version is the file's identity.
"""

import asyncio
import contextlib
import itertools
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from assay.backends.protocol import NO_TAGS, DataVersion, Health, Rows, VersionKind
from assay.compiler.dialect import Dialect
from assay.errors import AssayError, BackendTimeout, BackendUnavailable, StatementFailed
from assay.gate import SafeSql

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "memory_limit": "1GB",
    "threads": "2",
}
# The time zone belongs to an extension that is loaded with the connection; after it nothing may be changed.
_THEN = "SET TimeZone = 'UTC'; SET lock_configuration = true"
_FileIdentity = tuple[int, int, int]
_numbers = itertools.count()
_SHORT_SECONDS = 5
T = TypeVar("T")


class DuckDBBackend:
    driver = "duckdb"
    dialect: Dialect = "duckdb"
    version_kind: VersionKind = "file"

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path
        self._threads = ThreadPoolExecutor(4, thread_name_prefix=f"duckdb-{name}")
        self._open_lock = threading.Lock()
        self._opened: tuple[_FileIdentity, duckdb.DuckDBPyConnection] | None = None
        self._running: set[duckdb.DuckDBPyConnection] = set()
        """Cursors of the statements under way."""

    def _identity(self, path: Path | None = None) -> _FileIdentity:
        try:
            found = (path or self._path).stat()
        except OSError as error:
            raise BackendUnavailable(f"{self.name}: {self._path.name} cannot be read: {error.strerror}") from error
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _cursor(self) -> tuple[_FileIdentity, duckdb.DuckDBPyConnection]:
        """A cursor on the file that lies there now, among those under way until its statement ends."""
        with self._open_lock:
            if self._opened is None or self._opened[0] != self._identity():
                # Statements under way keep their cursor on the old file; it goes when the last one ends.
                self._opened = self._open()
            identity, connection = self._opened
            cursor = connection.cursor()
            self._running.add(cursor)
            return identity, cursor

    def _open(self) -> tuple[_FileIdentity, duckdb.DuckDBPyConnection]:
        """Open the file by a name of its own: a path that is still open in this process gives its old file again."""
        # What stands before the first point names the catalog, and a schema of the same name could not be told from it.
        own = self._path.with_name(f".assay-{os.getpid()}-{next(_numbers)}.{self._path.name}")
        try:
            os.link(self._path, own)
        except OSError:
            return self._connect(self._path)
        try:
            return self._connect(own)
        finally:
            own.unlink()

    def _connect(self, path: Path) -> tuple[_FileIdentity, duckdb.DuckDBPyConnection]:
        if path == self._path and self._opened is not None:
            # Nothing can be written beside the file, so there is one name only: the old file has to go first.
            if self._running:
                raise BackendUnavailable(f"{self.name}: {self._path.name} was replaced; the last statements on it still run")
            self._opened[1].close()
            self._opened = None
        try:
            identity = self._identity(path)
            fresh = duckdb.connect(str(path), read_only=True, config=_CONFIG)
            fresh.execute(_THEN)
        except duckdb.Error as error:
            reason = _short(error).replace(str(path), self._path.name)
            raise BackendUnavailable(f"{self.name} cannot be opened: {reason}") from error
        return identity, fresh

    def _version(self, identity: _FileIdentity) -> DataVersion:
        inode, modified, size = identity
        return DataVersion(f"{inode:x}-{modified:x}-{size:x}", "file", datetime.now(UTC))

    async def run(
        self, statement: SafeSql, parameters: Mapping[str, Any], tables: Iterable[str], timeout_seconds: float,
        tags: Mapping[str, str] = NO_TAGS,
    ) -> Rows:  # fmt: skip
        values = {name: parameters[name] for name in statement.parameters}

        def read(cursor: duckdb.DuckDBPyConnection) -> tuple[tuple[str, ...], list[Any]]:
            result = cursor.execute(statement.text, values)
            return tuple(each[0] for each in result.description or ()), result.fetchall()

        identity, (columns, rows) = await self._in_thread(read, timeout_seconds)
        return Rows(columns, rows, self._version(identity))

    async def _in_thread(self, work: Callable[[duckdb.DuckDBPyConnection], T], seconds: float) -> tuple[_FileIdentity, T]:
        """Do `work` on a cursor of the present file. Whatever ends the waiting ends the statement too."""
        loop, left, cursors = asyncio.get_running_loop(), threading.Event(), list[duckdb.DuckDBPyConnection]()

        def task() -> tuple[_FileIdentity, T]:
            if left.is_set():
                raise BackendTimeout(f"{self.name} had no thread free for the statement.")
            identity, cursor = self._cursor()
            cursors.append(cursor)
            try:
                return identity, work(cursor)
            except duckdb.Error as error:
                raise self._translated(error) from error
            finally:
                self._running.discard(cursor)
                cursor.close()

        def interrupt() -> None:
            # Again and again: an interrupt that comes before the statement has begun is lost.
            if not future.done():
                for cursor in cursors:
                    with contextlib.suppress(duckdb.Error):
                        cursor.interrupt()
                loop.call_later(0.1, interrupt)

        try:
            future = loop.run_in_executor(self._threads, task)
        except RuntimeError as error:  # closed meanwhile
            raise BackendUnavailable(f"{self.name} was closed.") from error
        try:
            return await asyncio.wait_for(asyncio.shield(future), seconds)
        except TimeoutError as error:
            raise BackendTimeout(f"{self.name} took longer than {seconds:g} s; the statement was cancelled.") from error
        finally:
            if not future.done():
                left.set()
                future.add_done_callback(lambda done: done.cancelled() or done.exception())
                interrupt()

    async def data_version(self, tables: Iterable[str]) -> DataVersion:
        return self._version(self._identity())

    def known_version(self, tables: Iterable[str]) -> DataVersion | None:
        try:
            return self._version(self._identity())
        except BackendUnavailable:
            return None

    def version_token(self) -> object | None:
        try:
            return self._identity()
        except BackendUnavailable:
            return None

    async def describe(self, table: str) -> dict[str, str] | None:
        schema, _, name = table.rpartition(".")

        def read(cursor: duckdb.DuckDBPyConnection) -> dict[str, str] | None:
            found = cursor.execute(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = $schema AND table_name = $name"
                " ORDER BY column_index", {"schema": schema, "name": name},
            ).fetchall()  # fmt: skip
            return dict(found) or None

        return (await self._in_thread(read, _SHORT_SECONDS))[1]

    async def health(self) -> Health:
        try:
            await self._in_thread(lambda cursor: cursor.execute("SELECT 1").fetchall(), _SHORT_SECONDS)
        except AssayError as error:
            return Health(False, error.detail)
        return Health(True, f"DuckDB {duckdb.__version__}, {self._path.name}")

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        while self._running:
            for cursor in tuple(self._running):
                with contextlib.suppress(duckdb.Error):
                    cursor.interrupt()
            await asyncio.sleep(0.02)
        if self._opened is not None:
            self._opened[1].close()
            self._opened = None

    def _translated(self, error: duckdb.Error) -> AssayError:
        if isinstance(error, duckdb.InterruptException):
            return BackendTimeout(f"{self.name} was interrupted.")
        if isinstance(error, duckdb.FatalException):
            # DuckDB runs nothing more on a file it has given up: the next statement opens it anew.
            self._opened = None
        if isinstance(error, (duckdb.FatalException, duckdb.IOException, duckdb.ConnectionException)):
            return BackendUnavailable(f"{self.name} does not answer: {_short(error)}")
        return StatementFailed(f"{self.name} refused the statement: {_short(error)}")


def _short(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]

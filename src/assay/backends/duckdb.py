"""Embedded DuckDB: one read-only connection to a file, a cursor for each statement's thread.

The file is never written while it is served: a loader writes a new file beside it and renames it
into place, and the next question sees the new file. So the data version is the file's identity.
"""

import asyncio
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from assay.backends.protocol import DataVersion, Health, Rows, VersionKind
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

    def _identity(self) -> _FileIdentity:
        try:
            found = self._path.stat()
        except OSError as error:
            raise BackendUnavailable(f"{self.name}: {self._path.name} cannot be read: {error.strerror}") from error
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _connection(self) -> tuple[_FileIdentity, duckdb.DuckDBPyConnection]:
        identity = self._identity()
        opened = self._opened
        if opened is not None and opened[0] == identity:
            return opened
        with self._open_lock:
            if self._opened is None or self._opened[0] != identity:
                try:
                    fresh = duckdb.connect(str(self._path), read_only=True, config=_CONFIG)
                    fresh.execute(_THEN)
                except duckdb.Error as error:
                    raise BackendUnavailable(f"{self.name} cannot be opened: {_short(error)}") from error
                # Statements under way keep their cursor on the old file; it goes when the last one ends.
                self._opened = (identity, fresh)
            return self._opened

    def _version(self, identity: _FileIdentity) -> DataVersion:
        inode, modified, size = identity
        return DataVersion(f"{inode:x}-{modified:x}-{size:x}", "file", datetime.now(UTC))

    async def run(
        self, statement: SafeSql, parameters: Mapping[str, Any], tables: Iterable[str], timeout_seconds: float
    ) -> Rows:
        values = {name: parameters[name] for name in statement.parameters}
        cursors: list[duckdb.DuckDBPyConnection] = []

        def work() -> Rows:
            identity, connection = self._connection()
            cursor = connection.cursor()
            cursors.append(cursor)
            try:
                result = cursor.execute(statement.text, values)
                columns = tuple(each[0] for each in result.description or ())
                return Rows(columns, result.fetchall(), self._version(identity))
            except duckdb.Error as error:
                raise self._translated(error) from error
            finally:
                cursor.close()

        task = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.wait_for(asyncio.shield(task), timeout_seconds)
        except TimeoutError as error:
            raise BackendTimeout(
                f"{self.name} took longer than {timeout_seconds:g} s; the statement was cancelled."
            ) from error
        finally:
            if not task.done():
                for cursor in cursors:
                    cursor.interrupt()
                task.add_done_callback(lambda done: done.exception())

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

        def work() -> dict[str, str] | None:
            _, connection = self._connection()
            found = connection.cursor().execute(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = $schema AND table_name = $name"
                " ORDER BY column_index", {"schema": schema, "name": name},
            ).fetchall()  # fmt: skip
            return dict(found) or None

        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def health(self) -> Health:
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._connection)
        except AssayError as error:
            return Health(False, error.detail)
        return Health(True, f"DuckDB {duckdb.__version__}, {self._path.name}")

    async def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        if self._opened is not None:
            self._opened[1].close()
            self._opened = None

    def _translated(self, error: duckdb.Error) -> AssayError:
        if isinstance(error, duckdb.InterruptException):
            return BackendTimeout(f"{self.name} was interrupted.")
        if isinstance(error, (duckdb.IOException, duckdb.ConnectionException)):
            return BackendUnavailable(f"{self.name} does not answer: {_short(error)}")
        return StatementFailed(f"{self.name} refused the statement: {_short(error)}")


def _short(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]

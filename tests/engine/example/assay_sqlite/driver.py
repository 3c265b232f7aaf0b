"""SQLite files, opened read-only for each statement in a thread of its own."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from assay.backends.protocol import NO_TAGS, DataVersion, Health, Rows, VersionKind
from assay.engine import Dialect
from assay.errors import AssayError, BackendTimeout, BackendUnavailable, StatementFailed
from assay.gate import SafeSql

T = TypeVar("T")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_SHORT_SECONDS = 10.0


class SQLiteBackend:
    driver = "sqlite"
    dialect: Dialect = "sqlite"
    version_kind: VersionKind = "file"

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path

    async def run(
        self, statement: SafeSql, parameters: Mapping[str, Any], tables: Iterable[str], timeout_seconds: float,
        tags: Mapping[str, str] = NO_TAGS,
    ) -> Rows:  # fmt: skip
        values = {name: _bound(parameters[name]) for name in statement.parameters}

        def read(connection: sqlite3.Connection) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
            cursor = connection.execute(statement.text, values)
            rows = [tuple(map(_meant, row)) for row in cursor.fetchall()]
            return tuple(column[0] for column in cursor.description), rows

        version = self._version()
        columns, rows = await self._ask(read, timeout_seconds)
        return Rows(columns, rows, version)

    async def _ask(self, work: Callable[[sqlite3.Connection], T], seconds: float) -> T:
        def opened() -> sqlite3.Connection:
            connection = sqlite3.connect(":memory:", uri=True, check_same_thread=False)
            connection.execute("ATTACH ? AS " + _quoted(self._path.stem), (f"{self._path.absolute().as_uri()}?mode=ro",))
            return connection

        try:
            with closing(await asyncio.to_thread(opened)) as connection:
                async with asyncio.timeout(seconds):
                    working = asyncio.create_task(asyncio.to_thread(work, connection))
                    try:
                        return await asyncio.shield(working)
                    except asyncio.CancelledError:
                        connection.interrupt()
                        await asyncio.gather(working, return_exceptions=True)
                        raise
        except TimeoutError as error:
            raise BackendTimeout(f"{self.name} took longer than {seconds:g} s; the statement was cancelled.") from error
        except sqlite3.OperationalError as error:
            kind = StatementFailed if self._path.exists() else BackendUnavailable
            raise kind(f"{self.name}: {error}") from error
        except sqlite3.Error as error:
            raise StatementFailed(f"{self.name}: {error}") from error

    def _version(self) -> DataVersion:
        try:
            found = self._path.stat()
        except OSError as error:
            raise BackendUnavailable(f"{self.name} has no file {self._path.name}.") from error
        return DataVersion(f"{found.st_ino}-{found.st_size}-{found.st_mtime_ns}", "file", datetime.now(UTC))

    async def data_version(self, tables: Iterable[str]) -> DataVersion:
        return self._version()

    def known_version(self, tables: Iterable[str]) -> DataVersion | None:
        return None

    def version_token(self) -> object | None:
        return None

    async def describe(self, table: str) -> dict[str, str] | None:
        schema, _, name = table.rpartition(".")
        sql = f"PRAGMA {_quoted(schema)}.table_info({_quoted(name)})"
        rows = await self._ask(lambda connection: connection.execute(sql).fetchall(), _SHORT_SECONDS)
        return {row[1]: row[2] for row in rows} or None

    async def health(self) -> Health:
        try:
            await self._ask(lambda connection: connection.execute("SELECT 1").fetchall(), _SHORT_SECONDS)
        except AssayError as error:
            return Health(False, error.detail)
        return Health(True, f"SQLite {sqlite3.sqlite_version}, {self._path.name}")

    async def close(self) -> None:
        """Nothing stays open."""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _bound(value: Any) -> Any:
    match value:
        case datetime():
            return (value.astimezone(UTC) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
        case bool() | int() | float() | str() | None:
            return value
        case _:
            raise StatementFailed(f"SQLite has no type for {value!r}")


def _meant(value: Any) -> Any:
    """SQLite has no type for times: text of their form is one."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return date.fromisoformat(value)
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return datetime.fromisoformat(value)
    return value

"""Embedded DuckDB: a file that is read by processes of their own, one statement in each at a time.

The file is never written while it is served: a loader writes a new file beside it and renames it into place, and the
next question sees the new file. So the data version is a digest of the file. A statement that takes too long, or too much
memory, is ended with its process; the next one begins with a fresh one.
"""

import asyncio
import functools
import pickle
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from assay.backends.protocol import BESIDE, MAX_RESULT_BYTES, NO_TAGS, DataVersion, Health, Rows, VersionKind
from assay.engine import Dialect
from assay.engines.duckdb.apart import clear_away, columns_of, look, read
from assay.engines.duckdb.file_version import FileVersions
from assay.errors import AssayError, BackendTimeout, BackendUnavailable, StatementFailed
from assay.gate import SafeSql
from assay.store.epoch import Epoch
from assay.work.files import FileIdentity
from assay.work.looks import Looks
from assay.work.nursery import NurseryGone
from assay.work.pool import TooLate, WorkerGone, Workers

PROCESSES = 4
"""For questions."""
_LOOKS = 3
"""Processes that columns and health are asked in: a slow statement never stands before these."""
_SHORT_SECONDS = 5
T = TypeVar("T")


class DuckDBBackend:
    driver = "duckdb"
    dialect: Dialect = "duckdb"
    version_kind: VersionKind = "file"
    places = PROCESSES
    is_metered = False

    def __init__(self, name: str, path: Path, epoch: Epoch | None = None) -> None:
        self.name = name
        self._path = path
        self._versions = FileVersions(path, epoch)
        self._looks = Looks(path)
        after = functools.partial(clear_away, str(path))
        self._workers = Workers(name, PROCESSES + BESIDE + _LOOKS, after=after)
        self._free = asyncio.Semaphore(PROCESSES + BESIDE)
        self._free_to_look = asyncio.Semaphore(_LOOKS)
        self._is_closed = False

    @property
    def running(self) -> int:
        """Statements under way."""
        return self._workers.running

    async def look(self) -> None:
        """At what lies there now: `known_version` and `version_token` speak of the last look, and never wait for a disk."""
        with suppress(BackendUnavailable):
            await self._identity()

    async def _identity(self) -> FileIdentity:
        try:
            return await self._looks.look()
        except TimeoutError:
            raise BackendUnavailable(f"{self.name}: the disk of {self._path.name} does not answer") from None
        except OSError as error:
            raise BackendUnavailable(f"{self.name}: {self._path.name} cannot be read: {error.strerror}") from error

    async def _version(self, identity: FileIdentity) -> DataVersion:
        try:
            text = await self._versions.of(identity)
        except TimeoutError:
            raise BackendUnavailable(f"{self.name}: reading {self._path.name} takes too long") from None
        return DataVersion(text, "file", datetime.now(UTC))

    async def run(
        self, statement: SafeSql, parameters: Mapping[str, Any], tables: Iterable[str], timeout_seconds: float,
        tags: Mapping[str, str] = NO_TAGS,
    ) -> Rows:  # fmt: skip
        values = {name: parameters[name] for name in statement.parameters}
        asked = read, statement.text, values, MAX_RESULT_BYTES
        identity, columns, batches = await self._ask(self._free, timeout_seconds, *asked)
        rows = _unpacked(batches) if len(batches) < 2 else await asyncio.to_thread(_unpacked, batches)
        return Rows(columns, rows, await self._version(identity))

    async def _ask(self, free: asyncio.Semaphore, seconds: float, work: Callable[..., T], *arguments: Any) -> T:
        """Do `work` in one of the processes. Whatever ends the waiting ends the statement with its process."""
        late = BackendTimeout(f"{self.name} took longer than {seconds:g} s; the statement was cancelled.")
        try:
            async with asyncio.timeout(seconds):
                await free.acquire()
        except TimeoutError:
            raise BackendTimeout(f"{self.name} had no process free for the statement.") from None
        try:
            return await self._workers.run_now(work, self.name, str(self._path), *arguments, seconds=seconds)
        except (TooLate, TimeoutError) as error:
            raise late from error
        except NurseryGone as error:
            raise BackendUnavailable(f"{self.name} has no process to run it: {error}.") from error
        except WorkerGone as error:
            if self._is_closed:
                raise BackendUnavailable(f"{self.name} was closed.") from error
            raise StatementFailed(f"{self.name}: the statement brought its process down; it was ended alone.") from error
        finally:
            free.release()

    async def data_version(self, tables: Iterable[str]) -> DataVersion:
        return await self._version(await self._identity())

    def known_version(self, tables: Iterable[str]) -> DataVersion | None:
        found = self._looks.found
        text = self._versions.known(found) if found is not None else None
        return DataVersion(text, "file", datetime.now(UTC)) if text else None

    def version_token(self) -> object | None:
        return self._looks.found

    async def describe(self, table: str) -> dict[str, str] | None:
        schema, _, name = table.rpartition(".")
        return await self._ask(self._free_to_look, _SHORT_SECONDS, columns_of, schema, name) or None

    async def health(self) -> Health:
        try:
            trouble = await self._ask(self._free_to_look, _SHORT_SECONDS, look)
        except AssayError as error:
            return Health(False, error.detail)
        if trouble is not None:
            return Health(False, f"{self.name} opens and cannot be read: {trouble}")
        return Health(True, f"DuckDB {duckdb.__version__}, {self._path.name}")

    async def close(self) -> None:
        self._is_closed = True
        await self._workers.close()


def _unpacked(batches: list[bytes]) -> list[tuple[Any, ...]]:
    return [row for batch in batches for row in pickle.loads(batch)]  # noqa: S301  from this program's own process

"""What each backend calls the types of its columns, as it was asked last: the compiler casts by it."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Iterable

from assay.backends.protocol import Backend
from assay.catalog.metric import Needed
from assay.catalog.types import HeldType
from assay.compiler.held import SUPPOSED, Held, as_described
from assay.errors import AssayError

LOOK_AGAIN_SECONDS = 30.0
_log = logging.getLogger(__name__)
_Key = tuple[str, str]
"""(backend, table)"""
Columns = dict[str, dict[str, str]]
"""By table: the types of a metric's columns, as an engine calls them."""


class Described:
    """One for each catalog. A table is described before the first statement over it, and looked at again beside serving."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}
        self._own: dict[_Key, dict[str, str]] = {}
        """All columns of a table as they were described last; none where there is no such table."""
        self._at: dict[_Key, float] = {}
        self._looking: dict[_Key, asyncio.Task[None]] = {}

    def now(self, backend_name: str) -> Held:
        """What is known at the moment; whatever is not is held as the dictionary says."""
        return self._held.get(backend_name, SUPPOSED)

    def knows(self, backend_name: str, tables: Iterable[str]) -> bool:
        return all((backend_name, table) in self._at for table in tables)

    def columns(self, backend_name: str, needed: Needed) -> Columns:
        """These columns as the engine had them at the last look; `ready` comes first."""
        found: Columns = {}
        for table, columns in sorted(needed.items()):
            known = self._own[backend_name, table]
            found[table] = {name: known[name] for name in sorted(columns) if name in known}
        return found

    async def ready(self, backend: Backend, tables: Iterable[str], *, anew: bool = False) -> Held:
        """How the columns of these tables are held. Raises as asking the backend does, where they were never described."""
        wanted = {(backend.name, table) for table in tables}
        missing = wanted if anew else wanted - self._at.keys()
        if missing:
            await asyncio.gather(*[asyncio.shield(self._look(backend, table)) for _, table in sorted(missing)])
        old = time.monotonic() - LOOK_AGAIN_SECONDS
        for _, table in wanted:
            if self._at[backend.name, table] < old:
                self._look(backend, table).add_done_callback(_told)
        return self.now(backend.name)

    def _look(self, backend: Backend, table: str) -> asyncio.Task[None]:
        """Ask, or wait for whoever is asking the same already."""
        key = (backend.name, table)
        task = self._looking.get(key)
        if task is None:
            task = self._looking[key] = asyncio.create_task(self._describe(backend, table))
            task.add_done_callback(lambda _: self._looking.pop(key, None))
            # Whoever waited may have left, as when the process ends: then nobody hears of a failure, and nobody has to.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task

    async def _describe(self, backend: Backend, table: str) -> None:
        own = await backend.describe(table) or {}
        found = as_described({table: own}, backend.dialect).tables
        self._own[backend.name, table], self._at[backend.name, table] = own, time.monotonic()
        known: dict[str, dict[str, HeldType]] = {
            name: dict(columns) for name, columns in self.now(backend.name).tables.items()
        }
        if known.get(table) != found[table]:
            # Statements are known by this object: whatever was compiled for other types is compiled anew.
            self._held[backend.name] = Held({**known, **found})


def fingerprint(found: Columns) -> str:
    lines = [f"{table}.{name} {kind}" for table, columns in found.items() for name, kind in columns.items()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _told(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _log.warning("column types were not looked at again: %s", error.detail if isinstance(error, AssayError) else error)

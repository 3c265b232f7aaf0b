"""How this process is: what it leans on, looked at when somebody asks, not oftener than every few seconds, and in time.

A look that takes long goes on in the background, and whoever asks is told the last one with its age. A backend that
costs money for being asked is looked at for people who are signed in alone.
"""

import asyncio
import errno
import os
import time
from collections.abc import Callable, Coroutine, Mapping
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.backends.protocol import Backend, Health, NotConfigured
from assay.errors import StoreUnavailable
from assay.routing.serving import Backends
from assay.store.database import Database
from assay.work.patience import Aside, in_time

_FRESH_SECONDS = 2.0
_METERED_SECONDS = 60.0
_WAIT_SECONDS = 0.5
_TOO_LONG_SECONDS = 10.0
"""Who has not answered for so long is down, whatever it said before."""
Disks = Mapping[str, tuple[Path | None, int]]
"""By what lies there: the folder, and how many MB have to be free. Of the state the first."""
_UNKNOWN = Health(True, "not asked yet")


@dataclass(frozen=True, slots=True)
class Look:
    """What was found, and how many seconds ago."""

    health: Health
    age_seconds: float


@dataclass(slots=True)
class _Known:
    health: Health = _UNKNOWN
    at: float = 0.0
    looking: asyncio.Task[None] | None = None
    since: float = 0.0


class Condition:
    def __init__(self, database: Database, disks: Disks, cannot_write: Callable[[], str | None] = lambda: None) -> None:
        """`cannot_write` tells why what has to be written into the store is not."""
        self._database = database
        self._disks = disks
        self._cannot_write = cannot_write
        self._known: dict[object, _Known] = {}
        self._probing = Aside()
        self.files_looked_at: float | None = time.monotonic()
        """When the watcher of files did its round last; None once it has ended, until another one does."""

    async def backend(self, backend: Backend, *, may_cost: bool = False) -> Look:
        if not getattr(backend, "is_metered", True):
            return await self._look(backend, backend.health, _FRESH_SECONDS)
        if may_cost:
            return await self._look(backend, backend.health, _METERED_SECONDS)
        known = self._known.get(backend, _Known())
        return Look(known.health, time.monotonic() - known.at if known.at else 0.0)

    async def store(self) -> Look:
        return await self._look("store", self._ask_store, _FRESH_SECONDS)

    async def disk(self) -> Look:
        return await self._look("disk", lambda: _asked_disks(self._disks, self._probing), _FRESH_SECONDS)

    def files(self) -> Look:
        if self.files_looked_at is None:
            return Look(Health(False, "the watcher of the workspace's files has ended, and begins anew"), 0.0)
        age = time.monotonic() - self.files_looked_at
        if age > _TOO_LONG_SECONDS:
            return Look(Health(False, f"the workspace's files were not looked at for {age:.0f} s"), age)
        return Look(Health(True, "watched"), age)

    async def all(self, backends: Backends, *, may_cost: bool) -> dict[str, Look]:
        configured = {name: each for name, each in backends.items() if not isinstance(each, NotConfigured)}
        looks = await asyncio.gather(
            self.store(), self.disk(), *(self.backend(each, may_cost=may_cost) for each in configured.values())
        )
        return {"store": looks[0], "disk": looks[1], "files": self.files(), **dict(zip(configured, looks[2:], strict=True))}

    async def _look(self, key: object, ask: "Callable[[], Coroutine[Any, Any, Health]]", fresh_seconds: float) -> Look:
        known = self._known.setdefault(key, _Known())
        now = time.monotonic()
        if known.at and now - known.at < fresh_seconds:
            return Look(known.health, now - known.at)
        if known.looking is None:
            known.since = now
            known.looking = asyncio.create_task(self._looked(known, ask), context=Context())
        await asyncio.wait((known.looking,), timeout=_WAIT_SECONDS)
        now = time.monotonic()
        if known.looking is not None and now - known.since > _TOO_LONG_SECONDS:
            return Look(Health(False, f"no answer for {now - known.since:.0f} s"), now - known.since)
        return Look(known.health, now - known.at if known.at else 0.0)

    async def _looked(self, known: _Known, ask: "Callable[[], Coroutine[Any, Any, Health]]") -> None:
        try:
            known.health = await ask()
            known.at = time.monotonic()
        finally:
            known.looking = None

    async def _ask_store(self) -> Health:
        try:
            await self._database.fetch("SELECT 1")
        except StoreUnavailable as error:
            return Health(False, error.detail)
        trouble = self._cannot_write()
        return Health(True, "answers") if trouble is None else Health(False, trouble)


async def _asked_disks(disks: Disks, aside: Aside) -> Health:
    try:
        return await in_time(_TOO_LONG_SECONDS, _disk, disks, aside=aside)
    except TimeoutError:
        return Health(False, "the disk of the state does not answer")


def _disk(disks: Disks) -> Health:
    """Whether something can be written there: what is free is asked, and in the state a few bytes are tried."""
    home, _ = disks["state"]
    assert home is not None
    probe, said = home / f".probe-{os.getpid()}", ""
    try:
        for name, (folder, least) in disks.items():
            found = os.statvfs(folder) if folder is not None else None
            if found is None or (name == "workspace" and found.f_flag & os.ST_RDONLY):
                continue
            free = found.f_bavail * found.f_frsize // 1_000_000
            if free < least:
                return Health(False, f"{free} MB are left on the disk of the {name}")
            said = said or f"{free:,} MB are free"
        probe.write_bytes(b"assay" * 100)
        probe.unlink()
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return Health(False, f"the state cannot be written: {'the disk is full' if full else error.strerror}")
    return Health(True, said)

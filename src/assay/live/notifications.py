"""What the store and the backends tell as it happens: tables, routes, decisions, epochs; and what moves without a word."""

import asyncio
import contextlib
from dataclasses import astuple

from assay.backends.protocol import NotConfigured, look_at
from assay.engines.postgres.driver import PostgresBackend
from assay.errors import AssayError, StoreUnavailable
from assay.live.background import background
from assay.live.hub import BackendsMoved, DataMoved, LoopMoved, ProposalsMoved, RoutesMoved
from assay.live.moving import Moving
from assay.live.reload import Reload
from assay.live.state import State
from assay.store.epoch import settle_epoch

_SPREAD_SECONDS = 2.0
"""Over how long the pages are told to ask for everything, each at a moment of its own."""
_CHANNELS = ("assay_table", "assay_route", "assay_loop", "assay_epoch", "assay_access", "assay_proposal")


class Notifications:
    def __init__(self, state: State, moving: Moving, reload: Reload) -> None:
        self._state = state
        self._moving = moving
        self._reload = reload
        self._released = asyncio.Event()

    async def listen(self) -> None:
        await self._state.database.listen(self._heard, self._missed, _CHANNELS)

    async def watch_backends(self) -> None:
        """Notice data that moves without telling (a replaced file) and backends that come and go."""
        seen: dict[str, object] = {}
        trouble = self._state.receipts.trouble
        while True:
            for name, backend in self._state.catalog.backends.items():
                if isinstance(backend, (NotConfigured, PostgresBackend)):
                    continue
                if backend.version_kind == "file":
                    # What lies there, though its digest may not have been taken yet.
                    await look_at(backend)
                    text = backend.version_token()
                else:
                    known = backend.known_version(())
                    text = known.text if known else None
                if name in seen and seen[name] != text:
                    self._state.ask_anew(name)
                    if text is None or seen[name] is None:
                        self._state.hub.say(BackendsMoved())
                seen[name] = text
            await self._moving.restand_if_moved()
            with contextlib.suppress(AssayError):
                await self._state.receipts.flush()
            if trouble != self._state.receipts.trouble:
                trouble = self._state.receipts.trouble
                self._state.say_problems()
            await asyncio.sleep(0.5)

    def _heard(self, channel: str, payload: str) -> None:
        if channel == "assay_table":
            for backend in self._state.counted():
                backend.table_moved(payload)
                self._state.hub.say(DataMoved(backend=backend.name, tables=[payload]))
        elif channel == "assay_loop":
            # Which they are is for those who see every row: under policies no page is told.
            named = [each for each in payload.split(",") if each] if self._state.access.is_open else []
            self._state.hub.say(LoopMoved(recommendations=named))
        elif channel == "assay_access":
            for each in self._state.access_moved:
                each()
        elif channel == "assay_epoch":
            background(self.epoch_moved())
        elif channel == "assay_proposal":
            self._state.hub.say(ProposalsMoved())
            if payload:
                background(self._confirmed(payload))
        else:
            background(self._routes_moved())

    def _missed(self, hears: bool) -> None:
        """Notifications begin or break off: what was said meanwhile is unknown, so everything is asked anew, once."""
        if hears == self._state.hears and (hears or self._state.store_trouble is not None):
            return  # an attempt that ended like the one before it
        self._state.hears = hears
        self._state.store_trouble = None if hears else "Assay's own database does not answer"
        if not hears:
            self._state.receipts.write_again()
        for backend in self._state.counted():
            backend.hears_moves(hears)
        self._state.say_problems()
        if not hears:
            self._state.hub.say(BackendsMoved(), spread=_SPREAD_SECONDS)
            return
        for backend in self._state.counted():
            self._state.ask_anew(backend.name, spread=_SPREAD_SECONDS)
        self._state.hub.say(BackendsMoved(), spread=_SPREAD_SECONDS)
        self._state.hub.say(LoopMoved(recommendations=[]), spread=_SPREAD_SECONDS)
        self._state.hub.say(ProposalsMoved(), spread=_SPREAD_SECONDS)
        background(self._routes_moved())
        # What answers now may be another server, or the same one at an earlier hour.
        background(self.epoch_moved())

    async def epoch_moved(self) -> None:
        """Read it anew; where it is another one, every version that was known means something else."""
        before = astuple(self._state.around.epoch)
        with contextlib.suppress(StoreUnavailable):
            await settle_epoch(self._state.database, self._state.around.epoch)
        if before == astuple(self._state.around.epoch):
            return
        if not self._state.around.epoch.is_held:
            self._released.set()
        for backend in self._state.counted():
            backend.hears_moves(self._state.hears)
        for name in self._state.catalog.backends:
            self._state.ask_anew(name, spread=_SPREAD_SECONDS)
        self._state.say_problems()

    async def until_released(self) -> None:
        """A restored copy takes nothing that its original may be taking."""
        if self._state.around.epoch.is_held:
            await self._released.wait()

    async def _confirmed(self, kind: str) -> None:
        """Two persons have said so, perhaps to another process: it takes effect here too. Else with the next look at the
        files."""
        with contextlib.suppress(AssayError, TimeoutError):
            await (self._reload.routing() if kind == "route" else self._reload.workspace())

    async def _routes_moved(self) -> None:
        with contextlib.suppress(AssayError):
            moved = await self._state.routes.reload()
            if moved:
                self._state.hub.say(RoutesMoved(epoch=self._state.routes.epoch, metrics=moved))
            self._moving.restand()

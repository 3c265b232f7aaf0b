"""One running process: its state, and all that keeps it current until it ends."""

import asyncio
import contextlib
import functools
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from assay.alerts.entry import ChannelEntry
from assay.alerts.outbox import Outbox
from assay.answers.cache import AnswerCache
from assay.answers.receipt_log import keep_logging
from assay.answers.receipts import ReceiptBook
from assay.answers.resolve import Corridor
from assay.backends.protocol import NotConfigured
from assay.backends.registry import Surroundings, open_backend
from assay.catalog.folder import look_at
from assay.catalog.last_good import LastGood
from assay.catalog.workspace import load_workspace
from assay.errors import SetupFailed, StoreUnavailable
from assay.live.background import forever
from assay.live.heads import Leaving
from assay.live.hub import Hub
from assay.live.moving import Moving
from assay.live.notifications import Notifications
from assay.live.reload import STILL_SECONDS, Reload, catalog_rows, until_still
from assay.live.state import State
from assay.loop.kafka_watch import KafkaWatch
from assay.loop.loop import KEEP_EVENTS, Loop
from assay.people.noting import Noting
from assay.people.policy_files import Providers
from assay.people.pruning import prune
from assay.people.sign_in import WITHIN
from assay.routing.keys import Keys
from assay.routing.serving import Backends, Catalog
from assay.routing.table import Routes
from assay.settings import Settings
from assay.signing.ring import Ring
from assay.store.access import forget_ended_sessions
from assay.store.alerts import StoredMessage
from assay.store.clarify import prune_sessions
from assay.store.database import Database
from assay.store.epoch import begin_epoch, note_seen, settle_epoch
from assay.store.last_good import read_last_good
from assay.store.metrics import synchronise_catalog
from assay.store.people import forget_old_attempts, forget_used_links
from assay.store.proposals import confirmed_definitions
from assay.store.signing import install_id, note_signing_key
from assay.store.surveys import forget_old_surveys
from assay.store.vouched import forget_old_sign_ins
from assay.work.patience import in_time

_log = logging.getLogger(__name__)
_CLOCK_SECONDS, _SEEN_SECONDS = 2, 15
_FIRST_SECONDS = 60.0
T = TypeVar("T")


@dataclass
class Running(State):
    """What the routers read, and what goes on beside serving."""

    moving: Moving = field(init=False)
    reload: Reload = field(init=False)
    notifications: Notifications = field(init=False)
    leaving: Leaving = field(init=False)
    noting: Noting = field(init=False)
    outbox: Outbox = field(init=False)
    """By which what alerts have found leaves, and reports."""
    keep_audit: timedelta | None = None
    """None: for good."""
    warming: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """What a first asker would wait for; done ahead where the process is there to serve."""
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """What is let go at the end besides what is known here."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.moving = Moving(self, lambda: self.reload.routing())
        self.reload = Reload(self, self.moving)
        self.notifications = Notifications(self, self.moving, self.reload)
        self.noting = Noting(self.database)
        self.corridor.noted = self.noting.asked
        self.outbox = Outbox(self.database, self.corridor.now, self._channel_of, self.checks.is_held)
        self.outbox.writing["report"] = self.rounds.mail
        self.leaving = Leaving(self.database, self.around.home, self.ring, self.install)
        self.corridor.sampled = self.moving.sample
        self.corridor.noticed = self.moving.notice
        self.corridor.keys.moved = self.key_moved
        self.loop.table_written = self.table_written

    def audit_by(self, settings: Settings) -> None:
        self.leaving.places, self.leaving.is_telling = settings.audit_heads, settings.audit_log == "stdout"
        self.noting.of_questions, self.keep_audit = settings.audit_questions, settings.keep_audit

    def watch_kafka(self, watch: KafkaWatch) -> None:
        """Tell every page when events from Kafka stop and when they come again."""
        self.kafka = watch
        watch.moved = self.say_problems

    def tasks(self) -> list[Awaitable[None]]:
        return [
            forever("files", self.reload.watch_files),
            forever("policies", self.access.watch),
            forever("tables", self.reload.watch_tables),
            forever("saved dashboards", self.reload.watch_screen),
            forever("the store's notifications", self.notifications.listen),
            forever("backends", self.notifications.watch_backends),
            forever("the clock", self._watch_clock),
            forever("receipts, sessions and events", self._prune),
            forever("the log of receipts", lambda: keep_logging(self.database, self.receipts)),
            forever("heads of the logs", self.leaving.go_on),
            forever("what was asked", self.noting.go_on),
            forever("entries of the audit log", self.leaving.tell_entries),
            forever("routes", self.moving.look),
            forever("alerts", self.checks.go_on),
            forever("reports", self.rounds.go_on),
            forever("messages", self.outbox.go_on),
            forever("shadows", self.moving.compare_shadows),
            self.loop.prepare(),
        ]

    async def _channel_of(self, message: StoredMessage) -> ChannelEntry:
        return await (self.rounds if message.kind == "report" else self.checks).channel_of(message)

    async def _watch_clock(self) -> None:
        """A clock that is set back begins an epoch: the stretches of time that it names again are others."""
        wall, steady, noted = time.time(), time.monotonic(), 0.0
        while True:
            await asyncio.sleep(_CLOCK_SECONDS)
            back = time.monotonic() - steady - (time.time() - wall)
            wall, steady = time.time(), time.monotonic()
            with contextlib.suppress(StoreUnavailable):
                if back > _CLOCK_SECONDS:
                    await begin_epoch(self.database, "clock")
                    await self.notifications.epoch_moved()
                if steady - noted > _SEEN_SECONDS:
                    await note_seen(self.database)
                    noted = steady

    async def _prune(self) -> None:
        while True:
            with contextlib.suppress(StoreUnavailable):
                await self.receipts.prune()
                await prune_sessions(self.database)
                await forget_old_surveys(self.database)
                await forget_ended_sessions(self.database)
                await forget_used_links(self.database)
                await forget_old_sign_ins(self.database)
                await forget_old_attempts(self.database, WITHIN)
                await self.loop.forget_old_events()
                await self.outbox.prune()
                if self.keep_audit is not None:
                    await prune(self.database, self.ring, self.install, self.keep_audit, self.leaving.is_telling)
            await asyncio.sleep(3_600)

    async def close(self) -> None:
        # First of all: what was answered is written, whatever of the rest takes its time.
        await self.receipts.close()
        await self.noting.close()
        await self.reload.close()
        for each in self.closing:
            await each()
        await self.corridor.workers.close()
        for backend in self.catalog.backends.values():
            if not isinstance(backend, NotConfigured):
                await backend.close()
        await self.loop.close()
        await self.database.close()


async def start_running(
    root: Path, database: Database, around: Surroundings, ring: Ring,
    now: Callable[[], datetime] = lambda: datetime.now(UTC), keep_events: timedelta = KEEP_EVENTS,
    providers: Providers | None = None,
) -> Running:  # fmt: skip
    """Load the workspace and wire the corridor. Raises WorkspaceBroken where there is nothing to serve."""
    files = await _read_first(root, look_at)
    if any(time.time_ns() - written < STILL_SECONDS * 1e9 for _, written, _ in files.values()):
        files = await until_still(root)
    kept = await read_last_good(database)
    last, confirmed = (
        LastGood.of(kept["metric"], kept["dictionary"], kept["calendar"]),
        await confirmed_definitions(database),
    )
    workspace = await _read_first(root, functools.partial(load_workspace, last=last, confirmed=confirmed))
    backends: Backends = {name: open_backend(settings, around) for name, settings in workspace.backends.items()}
    await settle_epoch(database, around.epoch)
    await synchronise_catalog(database, catalog_rows(workspace))
    routes = Routes(database, now)
    await routes.reload()
    install = await install_id(database)
    await _note_key(database, ring)
    unsafe = Database(database.url, is_durable=False)
    receipts = ReceiptBook(unsafe, ring, install, around.home / "receipts.waiting")
    await _read_first(around.home, lambda _: receipts.take_up())
    corridor = Corridor(Catalog.of(workspace, backends), routes, AnswerCache(), receipts, now, Keys(database))
    loop = Loop(Database(database.url), ring, now, keep_events)
    running = Running(
        root, database, around, corridor, routes, receipts, Hub(), loop, list(workspace.findings), kept, files, ring, install
    )
    running.access.providers = providers
    await running.access.look()
    await running.reload.keep()
    await running.reload.propose()
    await running.reload.check_screen()
    await running.reload.loop()
    await running.checks.reload()
    await running.rounds.reload()
    await running.reload.annotations()
    await running.reload.routing()
    return running


async def _note_key(database: Database, ring: Ring) -> None:
    """The store tells all processes which keys have signed; what one of them does not hold it cannot verify."""
    key = ring.current
    others = set(await note_signing_key(database, key.key_id, key.text)) - {each.key_id for each in ring.public_keys}
    if others:
        mend = "give every process one ASSAY_RECEIPT_KEY, or put receipt.key back from a backup"
        _log.warning("receipts signed with %s cannot be verified here, where that key is not: %s", ", ".join(others), mend)


async def _read_first(folder: Path, read: Callable[[Path], T]) -> T:
    """At the start there is more patience than later: nobody is served yet. Raises SetupFailed."""
    try:
        return await in_time(_FIRST_SECONDS, read, folder)
    except TimeoutError:
        raise SetupFailed(f"The disk of {folder} does not answer.", mend="see that it is mounted and can be read") from None

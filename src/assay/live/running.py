"""The running state of one process: the catalog that serves, the routes, and what keeps them current."""

import asyncio
import contextlib
import functools
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from assay.answers.cache import AnswerCache
from assay.answers.receipts import ReceiptBook
from assay.answers.resolve import TIMEOUT_SECONDS, Corridor
from assay.backends.protocol import Backend, NotConfigured
from assay.backends.registry import Surroundings, open_backend
from assay.catalog.findings import Finding, fold
from assay.catalog.folder import Files, is_being_checked_out, is_watched, look_at
from assay.catalog.last_good import LastGood
from assay.catalog.workspace import BackendSettings, Workspace, load_workspace
from assay.engines.postgres.driver import PostgresBackend
from assay.errors import AssayError, SetupFailed, StoreUnavailable, WorkspaceBroken
from assay.live.condition import Condition
from assay.live.hub import (
    BackendsMoved,
    CatalogMoved,
    DataMoved,
    Hub,
    LoopMoved,
    ProblemNote,
    ProblemsMoved,
    RoutesMoved,
)
from assay.live.moving import Moving
from assay.live.validation import driver_findings
from assay.live.watching import changes_in
from assay.loop.kafka_watch import KafkaWatch
from assay.loop.loop import KEEP_EVENTS, Loop
from assay.people.proof import append_line, heads_file, line_of
from assay.people.sign_in import WITHIN
from assay.routing.file import read_routing_file
from assay.routing.keys import Keys
from assay.routing.serving import Backends, Catalog
from assay.routing.table import Routes
from assay.store.access import forget_ended_sessions
from assay.store.audit import find_head
from assay.store.clarify import prune_sessions
from assay.store.database import Connection, Database
from assay.store.epoch import begin_epoch, note_seen, settle_epoch
from assay.store.last_good import Kept, hold_dashboards, keep_last_good, read_last_good
from assay.store.metrics import CatalogRow, synchronise_catalog
from assay.store.people import forget_old_attempts, forget_used_links
from assay.widgets.dashboard_files import DashboardFiles
from assay.widgets.dashboards import findings_of_screen, take_over_dashboards
from assay.work.patience import FILES_SECONDS, Aside, in_time

_log = logging.getLogger(__name__)
_SPREAD_SECONDS = 2.0
"""Over how long the pages are told to ask for everything, each at a moment of its own."""
_CLOCK_SECONDS, _SEEN_SECONDS = 2, 15
_STILL_SECONDS = 0.3
"""So long nothing moves in the folder before a change is taken over: a checkout writes many files, one after the other."""
_SCREEN_SECONDS = 5
_HEADS_SECONDS = 60
_CHANNELS = ("assay_table", "assay_route", "assay_loop", "assay_epoch", "assay_access")


@dataclass
class Running:
    """What the routers read. `corridor.catalog` is replaced at a reload; the rest stays for life."""

    root: Path
    database: Database
    around: Surroundings
    corridor: Corridor
    routes: Routes
    receipts: ReceiptBook
    hub: Hub
    loop: Loop
    findings: list[Finding]
    """Of what could not be taken over at the last load."""
    kept: Kept
    """What the store holds as last good."""
    files: Files
    """What was taken over last."""
    hears: bool = False
    """Whether the store's notifications are heard, so that what is known of its tables can be trusted."""
    store_trouble: str | None = None
    kafka: KafkaWatch | None = None
    """Of the consumer in this process; None where none is configured."""
    dashboards: DashboardFiles = field(default_factory=DashboardFiles)
    screen_findings: list[Finding] = field(default_factory=list[Finding])
    """Of dashboards and widgets as they were saved on the screen."""
    warming: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """What a first asker would wait for; done ahead where the process is there to serve."""
    access_moved: list[Callable[[], None]] = field(default_factory=list)
    """Called when the store says that somebody may do less."""
    moving: Moving = field(init=False)
    condition: Condition = field(init=False)
    _unwatchable: set[str] = field(default_factory=set)
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    _retired: list[Backend] = field(default_factory=list[Backend])
    """No longer in the catalog, and not closed yet."""
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One edit after the other: what is read later is applied later."""

    def __post_init__(self) -> None:
        self.moving = Moving(self)
        disks = {"state": (self.around.home, 64), "database": (self.around.data, 64), "workspace": (self.root, 1)}
        self.condition = Condition(self.database, disks, lambda: self.receipts.trouble)
        self.corridor.sampled = self.moving.sample
        self.corridor.noticed = self.moving.notice

    @property
    def catalog(self) -> Catalog:
        return self.corridor.catalog

    def problems(self) -> list[ProblemNote]:
        kinds: dict[Finding, Literal["routing", "catalog", "dashboard", "loop"]] = {
            **dict.fromkeys(self.loop.findings, "loop"),
            **dict.fromkeys([*self.dashboards.findings, *self.screen_findings], "dashboard"),
            **dict.fromkeys(self.routes.findings, "routing"),
            **dict.fromkeys(catalog := [*self.findings, *driver_findings(self.catalog.workspace)], "catalog"),
        }
        listed = [*catalog, *self.routes.findings, *self.dashboards.findings, *self.screen_findings]

        def note(each: Finding) -> ProblemNote:
            return ProblemNote(kind=kinds[each], file=each.file, line=each.line, message=each.message, mend=each.mend,
                               metric_id=each.metric_id, follows=each.follows_told)  # fmt: skip

        return [
            *self._store_problem(),
            *self._held(),
            *self._kafka_problem(),
            *(note(each) for each in fold([*listed, *self.loop.findings])),
        ]

    def _store_problem(self) -> list[ProblemNote]:
        message, mend = self.store_trouble, "what needs no database goes on; receipts wait in memory until it answers"
        if message is None:
            message, mend = self.receipts.trouble, "answers go on, and their receipts wait in memory; nothing can be saved"
        if message is None:
            return []
        message = message.rstrip(".")
        return [ProblemNote(kind="store", file=None, line=None, message=message, metric_id=None, follows=[], mend=mend)]

    def _held(self) -> list[ProblemNote]:
        if not self.around.epoch.is_held:
            return []
        return [ProblemNote(kind="store", file=None, line=None, metric_id=None,
                            message="This is a restored copy: it sends nothing and takes nothing from Kafka", follows=[],
                            mend="once the original is switched off, run: assay release")]  # fmt: skip

    def _kafka_problem(self) -> list[ProblemNote]:
        trouble = self.kafka.trouble if self.kafka else None
        if trouble is None or trouble.is_ours:
            return []
        return [ProblemNote(kind="kafka", file=None, line=None, message=trouble.detail, mend=trouble.mend, metric_id=None,
                            follows=[])]  # fmt: skip

    def watch_kafka(self, watch: KafkaWatch) -> None:
        """Tell every page when events from Kafka stop and when they come again."""
        self.kafka = watch
        watch.moved = lambda: self.hub.say(ProblemsMoved(problems=self.problems()))

    # -- loading --------------------------------------------------------------------------------

    async def reload_workspace(self, seen: Files | None = None) -> bool:
        """Take over changed files, piece by piece; for one that cannot be taken the last good serves, and that is said.

        False where they are not as they were `seen`: somebody was still writing while they were read, and nothing was taken.
        Raises StoreUnavailable or SetupFailed where the store does not answer: nothing has changed then.
        """
        async with self._changing:
            before, known = self.problems(), self.catalog.workspace
            try:
                loading = functools.partial(load_workspace, self.root, last=known.good, serving=known)
                workspace = await in_time(FILES_SECONDS, loading)
                findings = list(workspace.findings)
            except (WorkspaceBroken, OSError) as error:  # also where reading takes too long
                mend = error.mend if isinstance(error, WorkspaceBroken) else "make it readable"
                findings, workspace = [Finding("assay.yaml", None, str(error), mend)], None
            if seen is not None and await in_time(FILES_SECONDS, look_at, self.root) != seen:
                return False
            if workspace is not None and _differs(workspace, known):
                await self._replace_catalog(workspace)
            self.findings[:] = findings
            if await self._keep():
                self.hub.say(CatalogMoved(catalog_version=self.catalog.workspace.version))
            await self.check_screen()
            await self._reload_loop()
            await self._apply_routing(before)
        return True

    async def _keep(self) -> bool:
        """Take over the dashboards' files and keep in the store what serves now. True where a dashboard is another."""
        workspace = self.catalog.workspace

        async def work(connection: Connection) -> tuple[DashboardFiles, bool, Kept]:
            known = await hold_dashboards(connection)
            files, moved = await take_over_dashboards(connection, workspace, known)
            now: Kept = {
                **workspace.good.documents(),
                "dashboard": {name: each.document() for name, each in files.files.items() if each.is_good},
            }
            await keep_last_good(connection, {**self.kept, "dashboard": known}, now)
            return files, moved, now

        self.dashboards, moved, self.kept = await self.database.transact(work)
        return moved

    async def check_screen(self) -> None:
        """Look over what was saved on the screen, as the files are looked over."""
        with contextlib.suppress(StoreUnavailable):
            self.screen_findings[:] = await findings_of_screen(self.dashboards, self.catalog.workspace, self.database)

    async def _check_screen_now_and_then(self) -> None:
        """Other processes save too."""
        while True:
            await asyncio.sleep(_SCREEN_SECONDS)
            before = self.problems()
            await self.check_screen()
            if self.problems() != before:
                self.hub.say(ProblemsMoved(problems=self.problems()))

    async def _reload_loop(self) -> None:
        known = self.catalog.workspace
        await self.loop.reload(self.root, known.dictionary, frozenset(own_tables(known, self.around.store_url)))

    async def _replace_catalog(self, workspace: Workspace) -> None:
        known = self.catalog
        backends: dict[str, Backend | NotConfigured] = {}
        for name, settings in workspace.backends.items():
            same = known.workspace.backends.get(name)
            kept = same is not None and _connection(same) == _connection(settings)
            backends[name] = known.backends[name] if kept else open_backend(settings, self.around)
        await synchronise_catalog(self.database, catalog_rows(workspace))
        await self._keep_tables(workspace)
        fresh = self.corridor.catalog = Catalog.of(workspace, backends)
        for policy in (known.policy, *known.policies.values()):
            fresh.policy.judged += policy.judged
        for name, backend in backends.items():
            if backend is not known.backends.get(name) and isinstance(backend, PostgresBackend):
                backend.hears_moves(self.hears)
        for name, backend in known.backends.items():
            if backend is not backends.get(name) and not isinstance(backend, NotConfigured):
                _background(self._close_later(backend))
        self.hub.say(CatalogMoved(catalog_version=workspace.version))

    async def apply_routing(self) -> None:
        """Judge the routing file again and tell every page what moved and what is refused."""
        async with self._changing:
            await self._apply_routing(self.problems())

    async def _apply_routing(self, before: list[ProblemNote]) -> None:
        file = await in_time(FILES_SECONDS, read_routing_file, self.catalog.workspace.routing_file)
        moved = await self.routes.apply(file, self.catalog)
        if moved:
            self.hub.say(RoutesMoved(epoch=self.routes.epoch, metrics=moved))
        self.moving.restand()
        self.moving.compare_pending()
        if moved or self.problems() != before:
            self.hub.say(ProblemsMoved(problems=self.problems()))

    async def _keep_tables(self, workspace: Workspace) -> None:
        """Triggers and grants for tables that have appeared, or that somebody has made anew without them."""
        tables = own_tables(workspace, self.around.store_url)
        fresh = set(await self.database.unwatched(tables)) - self._unwatchable
        if not fresh:
            return
        await self.database.watch_tables(fresh)
        self._unwatchable |= set(await self.database.unwatched(fresh))
        reader = urlsplit(self.around.reader_url).username
        if reader and self.around.reader_url != self.around.store_url:
            await self.database.let_read(fresh, reader)

    # -- keeping current ------------------------------------------------------------------------

    def tasks(self) -> list[Awaitable[None]]:
        return [
            _forever("files", self._watch_files),
            _forever("backends", self._watch_backends),
            _forever("tables", self._watch_tables),
            _forever("the clock", self._watch_clock),
            _forever("saved dashboards", self._check_screen_now_and_then),
            _forever("receipts, sessions and events", self._prune),
            _forever("ends of the audit log", self._let_heads_leave),
            _forever("routes", self.moving.look),
            _forever("shadows", self.moving.compare_shadows),
            self.loop.prepare(),
            _forever("the store's notifications", self._listen),
        ]

    async def _listen(self) -> None:
        await self.database.listen(self._heard, self._missed, _CHANNELS)

    async def _watch_files(self) -> None:
        """Take over what was edited: at once where the system tells, else within a second by looking."""
        place = str(await in_time(FILES_SECONDS, os.path.realpath, self.root))
        async with aclosing(changes_in(self.root, is_watched)) as watch:
            await self._take_over_changes(watch, place)

    async def _take_over_changes(self, watch: AsyncIterator[set[Path]], place: str) -> None:
        """Until the folder is another one than `place`."""
        aside = Aside()
        async for changes in watch:
            try:
                if await in_time(FILES_SECONDS, os.path.realpath, self.root, aside=aside) != place:
                    # The folder is a link that leads elsewhere now: what lies there is taken over, and watched from here on.
                    await self._take_over()
                    return
                found = await in_time(FILES_SECONDS, look_at, self.root, aside=aside)
            except TimeoutError:
                _log.warning("the workspace's files cannot be looked at: their disk does not answer")
                continue
            self.condition.files_looked_at = time.monotonic()
            routing = self.catalog.workspace.routing_file
            touched = changes | {path for path, _ in found.items() ^ self.files.items()}
            try:
                if touched - {routing}:
                    found = await self._take_over()
                elif touched or self.routes.pending:
                    # What was refused is judged again and again: a backend may be back, or a column there.
                    await self.apply_routing()
            except (StoreUnavailable, SetupFailed) as error:
                _log.warning("edited files wait: %s", error.detail)
                continue
            except TimeoutError:
                _log.warning("edited files wait: their disk does not answer")
                continue
            self.files = found

    async def _take_over(self) -> Files:
        """Once nobody writes any more: the files as they were taken over."""
        while True:
            found = await until_still(self.root)
            if await self.reload_workspace(found):
                self.files = found
                return found

    async def _watch_tables(self) -> None:
        while True:
            with contextlib.suppress(StoreUnavailable, SetupFailed):
                await self._keep_tables(self.catalog.workspace)
            await asyncio.sleep(2)

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
                    await self._epoch_moved()
                if steady - noted > _SEEN_SECONDS:
                    await note_seen(self.database)
                    noted = steady

    async def _prune(self) -> None:
        while True:
            with contextlib.suppress(StoreUnavailable):
                await self.receipts.prune()
                await prune_sessions(self.database)
                await forget_ended_sessions(self.database)
                await forget_used_links(self.database)
                await forget_old_attempts(self.database, WITHIN)
                await self.loop.forget_old_events()
            await asyncio.sleep(3_600)

    async def _let_heads_leave(self) -> None:
        """Each new end of the audit log into the state folder and the log: nobody can rewrite what led to it unnoticed."""
        left = 0
        while True:
            try:
                head, _ = await find_head(self.database)
                if head is not None and head.number > left:
                    line = line_of(head, datetime.now(UTC).isoformat(timespec="seconds"), self.receipts.sign)
                    await asyncio.to_thread(append_line, heads_file(self.around.home), line)
                    _log.info("the audit log ends with entry %s, %s", head.number, head.hash)
                    left = head.number
            except StoreUnavailable:
                pass
            except OSError as error:  # a full disk: the next minute tries again
                _log.warning("the end of the audit log could not be written down: %s", error.strerror)
            await asyncio.sleep(_HEADS_SECONDS)

    async def _watch_backends(self) -> None:
        """Notice data that moves without telling (a replaced file) and backends that come and go."""
        seen: dict[str, object] = {}
        trouble = self.receipts.trouble
        while True:
            for name, backend in self.catalog.backends.items():
                if isinstance(backend, (NotConfigured, PostgresBackend)):
                    continue
                if backend.version_kind == "file":
                    # What lies there, though its digest may not have been taken yet.
                    text = backend.version_token()
                else:
                    known = backend.known_version(())
                    text = known.text if known else None
                if name in seen and seen[name] != text:
                    self._ask_anew(name)
                    if text is None or seen[name] is None:
                        self.hub.say(BackendsMoved())
                seen[name] = text
            await self.moving.restand_if_moved()
            with contextlib.suppress(AssayError):
                await self.receipts.flush()
            if trouble != self.receipts.trouble:
                trouble = self.receipts.trouble
                self.hub.say(ProblemsMoved(problems=self.problems()))
            await asyncio.sleep(0.5)

    def _ask_anew(self, backend: str, spread: float = 0) -> None:
        """All that the backend serves may be another now, or out of reach."""
        tables = [table.qualified for table in self.catalog.workspace.dictionary.tables.values() if table.lies_in(backend)]
        self.hub.say(DataMoved(backend=backend, tables=tables), spread=spread)

    def key_moved(self, backend: str, table: str) -> None:
        """A key of the table is unique now or no longer: what was answered over joins to it is another answer."""
        self.routes.proofs.generation += 1
        self.hub.say(DataMoved(backend=backend, tables=[table]))

    def _counted(self) -> list[PostgresBackend]:
        return [
            each for each in self.catalog.backends.values()
            if isinstance(each, PostgresBackend) and each.version_kind == "counter"
        ]  # fmt: skip

    def table_written(self, table: str) -> None:
        """This process wrote it: whoever asks next is answered from it, even before the notification arrives."""
        for backend in self._counted():
            backend.table_moved(table)

    def _heard(self, channel: str, payload: str) -> None:
        if channel == "assay_table":
            for backend in self._counted():
                backend.table_moved(payload)
                self.hub.say(DataMoved(backend=backend.name, tables=[payload]))
        elif channel == "assay_loop":
            self.hub.say(LoopMoved(recommendations=[each for each in payload.split(",") if each]))
        elif channel == "assay_access":
            for each in self.access_moved:
                each()
        elif channel == "assay_epoch":
            _background(self._epoch_moved())
        else:
            _background(self._routes_moved())

    def _missed(self, hears: bool) -> None:
        """Notifications begin or break off: what was said meanwhile is unknown, so everything is asked anew, once."""
        if hears == self.hears and (hears or self.store_trouble is not None):
            return  # an attempt that ended like the one before it
        self.hears = hears
        self.store_trouble = None if hears else "Assay's own database does not answer"
        if not hears:
            self.receipts.write_again()
        for backend in self._counted():
            backend.hears_moves(hears)
        self.hub.say(ProblemsMoved(problems=self.problems()))
        if not hears:
            self.hub.say(BackendsMoved(), spread=_SPREAD_SECONDS)
            return
        for backend in self._counted():
            self._ask_anew(backend.name, spread=_SPREAD_SECONDS)
        self.hub.say(BackendsMoved(), spread=_SPREAD_SECONDS)
        self.hub.say(LoopMoved(recommendations=[]), spread=_SPREAD_SECONDS)
        _background(self._routes_moved())
        # What answers now may be another server, or the same one at an earlier hour.
        _background(self._epoch_moved())

    async def _epoch_moved(self) -> None:
        """Read it anew; where it is another one, every version that was known means something else."""
        before = astuple(self.around.epoch)
        with contextlib.suppress(StoreUnavailable):
            await settle_epoch(self.database, self.around.epoch)
        if before == astuple(self.around.epoch):
            return
        if not self.around.epoch.is_held:
            self._released.set()
        for backend in self._counted():
            backend.hears_moves(self.hears)
        for name in self.catalog.backends:
            self._ask_anew(name, spread=_SPREAD_SECONDS)
        self.hub.say(ProblemsMoved(problems=self.problems()))

    async def until_released(self) -> None:
        """A restored copy takes nothing that its original may be taking."""
        if self.around.epoch.is_held:
            await self._released.wait()

    async def _routes_moved(self) -> None:
        with contextlib.suppress(AssayError):
            moved = await self.routes.reload()
            if moved:
                self.hub.say(RoutesMoved(epoch=self.routes.epoch, metrics=moved))
            self.moving.restand()

    async def _close_later(self, backend: Backend) -> None:
        """Once the statements that were under way have had their time, or with everything else."""
        self._retired.append(backend)
        await asyncio.sleep(TIMEOUT_SECONDS)
        if backend in self._retired:
            self._retired.remove(backend)
            await backend.close()

    async def close(self) -> None:
        # First of all: what was answered is written, whatever of the rest takes its time.
        await self.receipts.close()
        while self._retired:
            await self._retired.pop().close()
        await self.corridor.workers.close()
        for backend in self.catalog.backends.values():
            if not isinstance(backend, NotConfigured):
                await backend.close()
        await self.loop.close()
        await self.database.close()


async def start_running(
    root: Path, database: Database, around: Surroundings, receipt_key: bytes,
    now: Callable[[], datetime] = lambda: datetime.now(UTC), keep_events: timedelta = KEEP_EVENTS,
) -> Running:  # fmt: skip
    """Load the workspace and wire the corridor. Raises WorkspaceBroken where there is nothing to serve."""
    files = await asyncio.to_thread(look_at, root)
    if any(time.time_ns() - written < _STILL_SECONDS * 1e9 for _, written, _ in files.values()):
        files = await until_still(root)
    kept = await read_last_good(database)
    workspace = await asyncio.to_thread(load_workspace, root, last=LastGood.of(kept["metric"], kept["dictionary"]))
    backends: Backends = {name: open_backend(settings, around) for name, settings in workspace.backends.items()}
    await settle_epoch(database, around.epoch)
    await synchronise_catalog(database, catalog_rows(workspace))
    routes = Routes(database, now)
    await routes.reload()
    receipts = ReceiptBook(Database(database.url, is_durable=False), receipt_key, around.home / "receipts.waiting")
    await in_time(FILES_SECONDS, receipts.take_up)
    keys = Keys(database)
    corridor = Corridor(Catalog.of(workspace, backends), routes, AnswerCache(), receipts, now, keys)
    loop = Loop(Database(database.url), receipts.sign, now, keep_events)
    running = Running(root, database, around, corridor, routes, receipts, Hub(), loop, list(workspace.findings), kept, files)
    await running._keep()
    await running.check_screen()
    loop.table_written = running.table_written
    keys.moved = running.key_moved
    await running._reload_loop()
    await running.apply_routing()
    return running


def own_tables(workspace: Workspace, store_url: str) -> list[str]:
    """The tables of the dictionary that lie in the store's own database."""
    here = {name for name, each in workspace.backends.items() if each.values.get("url") in ("embedded", store_url)}
    return [table.qualified for table in workspace.dictionary.tables.values() if any(table.lies_in(name) for name in here)]


async def until_still(root: Path) -> Files:
    """The files as they lie there, once none has moved for a moment and no checkout is under way."""
    found = await in_time(FILES_SECONDS, look_at, root)
    while True:
        await asyncio.sleep(_STILL_SECONDS)
        again = await in_time(FILES_SECONDS, look_at, root)
        if again == found and not await in_time(FILES_SECONDS, is_being_checked_out, root):
            return found
        found = again


def catalog_rows(workspace: Workspace) -> list[CatalogRow]:
    return [
        CatalogRow(metric.metric_id, metric.label, metric.version, {
            "definition": metric.definition, "formula": metric.formula, "filter": metric.filter_text,
            "window": metric.window, "unit": metric.unit, "owner": metric.owner, "file": metric.file, "line": metric.line,
        })
        for metric in workspace.metrics.values()
    ]  # fmt: skip


def _differs(one: Workspace, other: Workspace) -> bool:
    return (
        one.version != other.version
        or (one.name, one.synthetic, one.seed) != (other.name, other.synthetic, other.seed)
        or one.label != other.label
        or one.unproved_joins != other.unproved_joins
        or one.timezone != other.timezone
        or one.colours != other.colours
        or {n: _connection(b) for n, b in one.backends.items()} != {n: _connection(b) for n, b in other.backends.items()}
        or one.held != other.held
    )


def _connection(settings: BackendSettings) -> tuple[str, dict[str, str], tuple[str, ...]]:
    return settings.driver, dict(settings.values), settings.missing


_running_in_background: set[asyncio.Task[None]] = set()


def _background(work: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(work)
    _running_in_background.add(task)
    task.add_done_callback(_running_in_background.discard)


async def _forever(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """One of the outermost loops: what goes wrong is logged, and the work begins again."""
    while True:
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001
            _log.exception("watching %s failed; beginning again", name)
        await asyncio.sleep(1)

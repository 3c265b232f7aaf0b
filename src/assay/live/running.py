"""The running state of one process: the catalog that serves, the routes, and what keeps them current."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import watchfiles

from assay.answers.cache import AnswerCache
from assay.answers.receipts import ReceiptBook
from assay.answers.resolve import Catalog, Corridor
from assay.backends.postgres import PostgresBackend
from assay.backends.protocol import NotConfigured
from assay.backends.registry import Surroundings, open_backend
from assay.catalog.findings import Finding
from assay.catalog.workspace import Workspace, load_workspace
from assay.errors import AssayError, WorkspaceBroken
from assay.live.hub import BackendsMoved, CatalogMoved, DataMoved, Hub, ProblemNote, ProblemsMoved, RoutesMoved
from assay.routing.file import read_routing_file
from assay.routing.table import Backends, Routes
from assay.store.database import Database
from assay.store.metrics import CatalogRow, synchronise_catalog

_log = logging.getLogger(__name__)
_WATCHED = (".yaml", ".yml", ".csv", ".md")


@dataclass(frozen=True)
class Running:
    """What the routers read. `corridor.catalog` is replaced at a reload; the rest stays for life."""

    root: Path
    database: Database
    around: Surroundings
    corridor: Corridor
    routes: Routes
    receipts: ReceiptBook
    hub: Hub
    findings: list[Finding]
    """Of the last load that did not take effect, or of the parts that were left out."""

    @property
    def catalog(self) -> Catalog:
        return self.corridor.catalog

    def problems(self) -> list[ProblemNote]:
        def note(kind: str, each: Finding) -> ProblemNote:
            return ProblemNote(kind=kind, file=each.file, line=each.line, message=each.message, mend=each.mend,  # pyright: ignore[reportArgumentType]
                               metric_id=each.metric_id)  # fmt: skip

        return [note("catalog", each) for each in self.findings] + [note("routing", each) for each in self.routes.findings]

    # -- loading --------------------------------------------------------------------------------

    async def reload_workspace(self) -> None:
        """Take over changed files. Anything wrong in them keeps the last good catalog, and the banner says where."""
        try:
            workspace = await asyncio.to_thread(load_workspace, self.root)
            findings = list(workspace.findings)
        except WorkspaceBroken as error:
            findings, workspace = [Finding("assay.yaml", None, error.detail, error.mend)], None
        if workspace is not None and not findings and _differs(workspace, self.catalog.workspace):
            self.corridor.catalog = await self._catalog(workspace)
            self.hub.say(CatalogMoved(catalog_version=workspace.version))
        self.findings[:] = findings
        await self.apply_routing()

    async def _catalog(self, workspace: Workspace) -> Catalog:
        known = self.catalog
        backends: dict[str, object] = {}
        for name, settings in workspace.backends.items():
            same = known.workspace.backends.get(name)
            kept = same is not None and dict(same.values) == dict(settings.values) and same.missing == settings.missing
            backends[name] = known.backends[name] if kept else open_backend(settings, self.around)
        await synchronise_catalog(self.database, catalog_rows(workspace))
        return Catalog.of(workspace, backends)  # pyright: ignore[reportArgumentType]

    async def apply_routing(self) -> None:
        """Judge the routing file again and tell every page what moved and what is refused."""
        before = self.problems()
        file = await asyncio.to_thread(read_routing_file, self.catalog.workspace.routing_file)
        moved = await self.routes.apply(file, self.catalog.workspace, self.catalog.backends)
        if moved:
            self.hub.say(RoutesMoved(epoch=self.routes.epoch, metrics=moved))
        if moved or self.problems() != before:
            self.hub.say(ProblemsMoved(problems=self.problems()))

    # -- keeping current ------------------------------------------------------------------------

    def tasks(self) -> list[Awaitable[None]]:
        return [
            _forever("files", self._watch_files),
            _forever("backends", self._watch_backends),
            self.database.listen(self._heard, self._missed, ("assay_table", "assay_route")),
        ]

    async def _watch_files(self) -> None:
        def wanted(_: watchfiles.Change, path: str) -> bool:
            return path.endswith(_WATCHED) and not Path(path).name.startswith(".")

        async for changes in watchfiles.awatch(self.root, watch_filter=wanted, debounce=80, step=20, recursive=True):
            routing = str(self.catalog.workspace.routing_file)
            if all(Path(path) == Path(routing) for _, path in changes):
                await self.apply_routing()
            else:
                await self.reload_workspace()

    async def _watch_backends(self) -> None:
        """Notice data that moves without telling (a replaced file) and backends that come and go."""
        seen: dict[str, str | None] = {}
        while True:
            for name, backend in self.catalog.backends.items():
                if isinstance(backend, (NotConfigured, PostgresBackend)):
                    continue
                known = backend.known_version(())
                text = known.text if known else None
                if name in seen and seen[name] != text:
                    if text is not None:
                        tables = [t.qualified for t in self.catalog.workspace.dictionary.tables.values() if t.lies_in(name)]
                        self.hub.say(DataMoved(backend=name, tables=tables))
                    if text is None or seen[name] is None:
                        self.hub.say(BackendsMoved())
                seen[name] = text
            with contextlib.suppress(AssayError):
                await self.receipts.flush()
            await asyncio.sleep(0.5)

    def _counted(self) -> list[PostgresBackend]:
        return [
            each for each in self.catalog.backends.values()
            if isinstance(each, PostgresBackend) and each.version_kind == "counter"
        ]  # fmt: skip

    def _heard(self, channel: str, payload: str) -> None:
        if channel == "assay_table":
            for backend in self._counted():
                backend.table_moved(payload)
                self.hub.say(DataMoved(backend=backend.name, tables=[payload]))
        else:
            _background(self._routes_moved())

    def _missed(self, hears: bool) -> None:
        """Notifications begin or break off: what was said meanwhile is unknown, so everything is asked anew."""
        for backend in self._counted():
            backend.hears_moves(hears)
        self.hub.say(BackendsMoved())
        if hears:
            _background(self._routes_moved())

    async def _routes_moved(self) -> None:
        with contextlib.suppress(AssayError):
            moved = await self.routes.reload()
            if moved:
                self.hub.say(RoutesMoved(epoch=self.routes.epoch, metrics=moved))

    async def close(self) -> None:
        for backend in self.catalog.backends.values():
            if not isinstance(backend, NotConfigured):
                await backend.close()
        await self.database.close()


async def start_running(
    root: Path, database: Database, around: Surroundings, receipt_key: bytes,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Running:  # fmt: skip
    """Load the workspace and wire the corridor. Raises WorkspaceBroken where there is nothing to serve."""
    workspace = await asyncio.to_thread(load_workspace, root)
    backends: Backends = {name: open_backend(settings, around) for name, settings in workspace.backends.items()}
    await synchronise_catalog(database, catalog_rows(workspace))
    routes = Routes(database)
    await routes.reload()
    receipts = ReceiptBook(database, receipt_key)
    corridor = Corridor(Catalog.of(workspace, backends), routes, AnswerCache(), receipts, now)
    running = Running(root, database, around, corridor, routes, receipts, Hub(), list(workspace.findings))
    await running.apply_routing()
    return running


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
        or one.label != other.label
        or one.timezone != other.timezone
        or {n: (dict(b.values), b.missing) for n, b in one.backends.items()}
        != {n: (dict(b.values), b.missing) for n, b in other.backends.items()}
    )


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

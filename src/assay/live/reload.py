"""Edited files taken over: the workspace piece by piece, dashboards, the loop and the routing file, once they are still."""

import asyncio
import contextlib
import functools
import logging
import os
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from urllib.parse import urlsplit

from assay.answers.resolve import TIMEOUT_SECONDS
from assay.backends.protocol import Backend, NotConfigured
from assay.backends.registry import open_backend
from assay.catalog.findings import Finding
from assay.catalog.folder import Files, is_being_checked_out, is_watched, look_at
from assay.catalog.last_good import definition_mark
from assay.catalog.workspace import BackendSettings, Workspace, load_workspace
from assay.engines.postgres.driver import PostgresBackend
from assay.errors import PolicyUnknown, SetupFailed, StoreUnavailable, WorkspaceBroken
from assay.live.background import background
from assay.live.hub import CatalogMoved, ProblemNote, RoutesMoved
from assay.live.moving import Moving
from assay.live.state import State
from assay.live.watching import changes_in
from assay.routing.file import read_routing_file
from assay.routing.serving import Catalog
from assay.store.database import Connection
from assay.store.last_good import Kept, hold_dashboards, keep_last_good
from assay.store.metrics import CatalogRow, synchronise_catalog
from assay.store.proposals import ask_for_two, confirmed_definitions, propose
from assay.widgets.annotations import read_annotations
from assay.widgets.dashboard_files import DashboardFiles
from assay.widgets.dashboards import findings_of_screen, take_over_dashboards
from assay.widgets.drafts.file import changed_definition
from assay.work.patience import FILES_SECONDS, Aside, in_time

_log = logging.getLogger(__name__)
STILL_SECONDS = 0.3
"""So long nothing moves in the folder before a change is taken over: a checkout writes many files, one after the other."""
_SCREEN_SECONDS = 5
BY_FILES = "the workspace's files"
_SILENT = "the files cannot be read: their disk does not answer"


class Reload:
    def __init__(self, state: State, moving: Moving) -> None:
        self._state = state
        self._moving = moving
        self._unwatchable: set[str] = set()
        self._retired: list[Backend] = []
        """No longer in the catalog, and not closed yet."""
        self._aside = Aside()
        """Of the watch's looks at the folder."""

    async def workspace(self, seen: Files | None = None) -> bool:
        """Take over changed files, piece by piece; for one that cannot be taken the last good serves, and that is said.

        False where they are not as they were `seen`: somebody was still writing while they were read, and nothing was taken.
        Raises StoreUnavailable or SetupFailed where the store does not answer: nothing has changed then.
        """
        async with self._state.changing:
            before, known = self._state.problems(), self._state.catalog.workspace
            confirmed = await confirmed_definitions(self._state.database)
            try:
                loading = functools.partial(
                    load_workspace, self._state.root, last=known.good, serving=known, confirmed=confirmed
                )
                workspace = await in_time(FILES_SECONDS, loading)
                findings = list(workspace.findings)
            except TimeoutError:
                findings, workspace = [Finding("assay.yaml", None, _SILENT, "see that it is mounted and can be read")], None
            except (WorkspaceBroken, OSError) as error:
                mend = error.mend if isinstance(error, WorkspaceBroken) else "make it readable"
                findings, workspace = [Finding("assay.yaml", None, str(error), mend)], None
            if seen is not None and await in_time(FILES_SECONDS, look_at, self._state.root) != seen:
                return False
            if workspace is not None and _differs(workspace, known):
                await self._replace_catalog(workspace)
            self._state.findings[:] = findings  # in the same moment: what is gone is told with its reason
            with contextlib.suppress(StoreUnavailable, PolicyUnknown):  # it is looked at again and again
                await self._state.access.look()
            if await self.keep():
                self._state.hub.say(CatalogMoved(catalog_version=self._state.catalog.workspace.version))
            await self.propose()
            await self.check_screen()
            await self.loop()
            await self._state.checks.reload()
            await self._state.rounds.reload()
            await self.annotations()
            await self._apply_routing(before)
        return True

    async def propose(self) -> None:
        """What the files say and two persons have to; and that two are asked for, once what serves is kept."""
        workspace, database = self._state.catalog.workspace, self._state.database
        if workspace.four_eyes and not workspace.ends_four_eyes:
            await ask_for_two(database)
        for name, each in workspace.waiting.items():
            before = each.before and definition_mark(each.before)
            document = {"metric": name, "definition": each.definition, "before": before}
            said = {"file": each.file, "line": each.line, "diff": changed_definition(each)}
            await propose(database, "definition", name, document, BY_FILES, None, said)
        if workspace.ends_four_eyes:
            await propose(database, "four_eyes", "off", {}, BY_FILES, None)

    async def annotations(self) -> None:
        """Where they are others, every page asks for them."""
        workspace, before = self._state.catalog.workspace, self._state.annotations
        self._state.annotations = await in_time(FILES_SECONDS, read_annotations, workspace)
        if self._state.annotations.known != before.known:
            self._state.hub.say(CatalogMoved(catalog_version=workspace.version))

    async def keep(self) -> bool:
        """Take over the dashboards' files and keep in the store what serves now. True where a dashboard is another."""
        workspace = self._state.catalog.workspace

        async def work(connection: Connection) -> tuple[DashboardFiles, bool, Kept]:
            known = await hold_dashboards(connection)
            files, moved = await take_over_dashboards(connection, workspace, known)
            now: Kept = {
                **workspace.good.documents(),
                "dashboard": {name: each.document() for name, each in files.files.items() if each.is_good},
            }
            await keep_last_good(connection, {**self._state.kept, "dashboard": known}, now)
            return files, moved, now

        self._state.dashboards, moved, self._state.kept = await self._state.database.transact(work)
        return moved

    async def check_screen(self) -> None:
        """Look over what was saved on the screen, as the files are looked over."""
        with contextlib.suppress(StoreUnavailable):
            found = await findings_of_screen(self._state.dashboards, self._state.catalog.workspace, self._state.database)
            self._state.screen_findings[:] = found

    async def watch_screen(self) -> None:
        """Other processes save too."""
        while True:
            await asyncio.sleep(_SCREEN_SECONDS)
            before = self._state.problems()
            await self.check_screen()
            if self._state.problems() != before:
                self._state.say_problems()

    async def loop(self) -> None:
        known = self._state.catalog.workspace
        writable = frozenset(own_tables(known, self._state.around.store_url))
        await self._state.loop.reload(self._state.root, known.dictionary, writable)

    async def _replace_catalog(self, workspace: Workspace) -> None:
        known = self._state.catalog
        backends: dict[str, Backend | NotConfigured] = {}
        for name, settings in workspace.backends.items():
            same = known.workspace.backends.get(name)
            kept = same is not None and _connection(same) == _connection(settings)
            backends[name] = known.backends[name] if kept else open_backend(settings, self._state.around)
        await synchronise_catalog(self._state.database, catalog_rows(workspace))
        await self.keep_tables(workspace)
        fresh = self._state.corridor.catalog = Catalog.of(workspace, backends)
        for policy in (known.policy, *known.policies.values()):
            fresh.policy.judged += policy.judged
        for name, backend in backends.items():
            if backend is not known.backends.get(name) and isinstance(backend, PostgresBackend):
                backend.hears_moves(self._state.hears)
        for name, backend in known.backends.items():
            if backend is not backends.get(name) and not isinstance(backend, NotConfigured):
                background(self._close_later(backend))
        self._state.hub.say(CatalogMoved(catalog_version=workspace.version))

    async def routing(self) -> None:
        """Judge the routing file again and tell every page what moved and what is refused."""
        async with self._state.changing:
            await self._apply_routing(self._state.problems())

    async def _apply_routing(self, before: list[ProblemNote]) -> None:
        file = await in_time(FILES_SECONDS, read_routing_file, self._state.catalog.workspace.routing_file)
        moved = await self._state.routes.apply(file, self._state.catalog)
        if moved:
            self._state.hub.say(RoutesMoved(epoch=self._state.routes.epoch, metrics=moved))
        self._moving.restand()
        self._moving.compare_pending()
        if moved or self._state.problems() != before:
            self._state.say_problems()

    async def keep_tables(self, workspace: Workspace) -> None:
        """Triggers and grants for tables that have appeared, or that somebody has made anew without them."""
        tables = own_tables(workspace, self._state.around.store_url)
        fresh = set(await self._state.database.unwatched(tables)) - self._unwatchable
        if fresh:
            await self._state.database.watch_tables(fresh)
            self._unwatchable |= set(await self._state.database.unwatched(fresh))
        reader = urlsplit(self._state.around.reader_url).username
        if reader and self._state.around.reader_url != self._state.around.store_url:
            await self._state.database.let_read(tables, reader)

    async def watch_files(self) -> None:
        """Take over what was edited: at once where the system tells, else within a second by looking."""
        place = str(await in_time(FILES_SECONDS, os.path.realpath, self._state.root, aside=self._aside))
        # The watch begins with a walk that nobody could break off.
        await in_time(FILES_SECONDS, look_at, self._state.root, aside=self._aside)
        try:
            async with aclosing(changes_in(self._state.root, is_watched)) as watch:
                await self._take_over_changes(watch, place)
        except RuntimeError:
            self._state.condition.files_looked_at = None
            raise

    async def _take_over_changes(self, watch: AsyncIterator[set[Path]], place: str) -> None:
        """Until the folder is another one than `place`."""
        async for changes in watch:
            try:
                if await in_time(FILES_SECONDS, os.path.realpath, self._state.root, aside=self._aside) != place:
                    # The folder is a link that leads elsewhere now: what lies there is taken over, and watched from here on.
                    await self._take_over()
                    return
                found = await in_time(FILES_SECONDS, look_at, self._state.root, aside=self._aside)
            except TimeoutError:
                _log.warning("the workspace's files cannot be looked at: their disk does not answer")
                continue
            self._state.condition.files_looked_at = time.monotonic()
            routing = self._state.catalog.workspace.routing_file
            touched = changes | {path for path, _ in found.items() ^ self._state.files.items()}
            try:
                if touched - {routing}:
                    found = await self._take_over()
                elif touched or self._state.routes.pending:
                    # What was refused is judged again and again: a backend may be back, or a column there.
                    await self.routing()
            except (StoreUnavailable, SetupFailed) as error:
                _log.warning("edited files wait: %s", error.detail)
                continue
            except TimeoutError:
                _log.warning("edited files wait: their disk does not answer")
                continue
            self._state.files = found

    async def _take_over(self) -> Files:
        """Once nobody writes any more: the files as they were taken over."""
        while True:
            found = await until_still(self._state.root)
            if await self.workspace(found):
                self._state.files = found
                return found

    async def watch_tables(self) -> None:
        while True:
            with contextlib.suppress(StoreUnavailable, SetupFailed):
                await self.keep_tables(self._state.catalog.workspace)
            await asyncio.sleep(2)

    async def _close_later(self, backend: Backend) -> None:
        """Once the statements that were under way have had their time, or with everything else."""
        self._retired.append(backend)
        await asyncio.sleep(TIMEOUT_SECONDS)
        if backend in self._retired:
            self._retired.remove(backend)
            await backend.close()

    async def close(self) -> None:
        while self._retired:
            await self._retired.pop().close()


def own_tables(workspace: Workspace, store_url: str) -> dict[str, tuple[str, ...]]:
    """The tables of the dictionary that lie in the store's own database, with the columns that are no personal data."""
    here = {name for name, each in workspace.backends.items() if each.values.get("url") in ("embedded", store_url)}
    return {
        table.qualified: table.impersonal
        for table in workspace.dictionary.tables.values() if any(table.lies_in(name) for name in here)
    }  # fmt: skip


async def until_still(root: Path) -> Files:
    """The files as they lie there, once none has moved for a moment and no checkout is under way."""
    found = await in_time(FILES_SECONDS, look_at, root)
    while True:
        await asyncio.sleep(STILL_SECONDS)
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
        or one.entities != other.entities
        or (one.four_eyes, one.ends_four_eyes) != (other.four_eyes, other.ends_four_eyes)
        or one.settings.receipts_name_asker != other.settings.receipts_name_asker
        or one.waiting != other.waiting
    )


def _connection(settings: BackendSettings) -> tuple[str, dict[str, str], tuple[str, ...]]:
    return settings.driver, dict(settings.values), settings.missing

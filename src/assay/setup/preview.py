"""What the metrics of an offer answer before anybody has taken them: the corridor over a workspace that has them."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from assay.answers.cache import AnswerCache
from assay.answers.resolve import Corridor, Told
from assay.backends.protocol import Backend, NotConfigured
from assay.backends.registry import open_backend
from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.question import Asked
from assay.errors import MetricNotFound
from assay.live.state import State
from assay.people.scope import Scope
from assay.routing.serving import Backends, Catalog
from assay.routing.table import Routes
from assay.setup.addition import Addition, Offer, addition, tried
from assay.store.routes import StoredRoute
from assay.work.patience import WORKSPACE_FILES, with_files

_MOST = 2
"""Offers that are looked at in one process; of others the connections are closed."""


@dataclass(frozen=True)
class _Preview:
    corridor: Corridor
    own: Backend | None
    """What was opened for it alone."""


class Previews:
    def __init__(self, state: State) -> None:
        self._state = state
        self._kept: OrderedDict[tuple[str, str], _Preview] = OrderedDict()
        self._opening = asyncio.Lock()

    async def ask(self, survey_id: str, offer: Offer, metric_id: str, scope: Scope) -> Told:
        """One figure, without a window of its own. Raises MetricNotFound and what a question raises."""
        key = survey_id, self._state.catalog.workspace.version
        async with self._opening:  # a page asks for all of its figures at once
            if key not in self._kept:
                self._kept[key] = await self._open(offer)
            self._kept.move_to_end(key)
            preview = self._kept[key]
            while len(self._kept) > _MOST:
                await _close(self._kept.popitem(last=False)[1])
        if metric_id not in preview.corridor.routes.serving:
            raise MetricNotFound(f"The offer has no metric {metric_id[:80]!r} that can be had now.")
        return await preview.corridor.ask((metric_id,), Asked(), scope)

    async def _open(self, offer: Offer) -> _Preview:
        state, known = self._state, self._state.catalog
        workspace, added = await with_files(WORKSPACE_FILES, as_if_taken, offer, known.workspace)
        own, backends = None, dict(known.backends)
        if offer.settings is not None:
            backends[offer.backend] = opened = open_backend(workspace.backends[offer.backend], state.around)
            own = None if isinstance(opened, NotConfigured) else opened
        return _Preview(self._corridor(workspace, backends, added, offer), own)

    def _corridor(self, workspace: Workspace, backends: Backends, added: Addition, offer: Offer) -> Corridor:
        corridor, routes = self._state.corridor, Routes(self._state.database)
        there = [each for each in added.metric_ids if each in workspace.metrics]
        routes.serving = {each: StoredRoute(each, offer.backend, 0) for each in there}
        found = Corridor(
            Catalog.of(workspace, backends), routes, AnswerCache(), corridor.receipts, corridor.now, corridor.keys
        )
        found.noted = corridor.noted
        return found

    async def forget(self, survey_id: str) -> None:
        for key in [each for each in self._kept if each[0] == survey_id]:
            await _close(self._kept.pop(key))

    async def close(self) -> None:
        while self._kept:
            await _close(self._kept.popitem()[1])


def as_if_taken(offer: Offer, workspace: Workspace) -> tuple[Workspace, Addition]:
    """The workspace as it would be with all that is offered; a dashboard that is there already changes no metric of it."""
    added = addition(offer, {each["id"]: each["label"] for each in offer.entries}, workspace, ())
    with tried(workspace.root, added.files) as trial:
        return load_workspace(trial), added


async def _close(preview: _Preview) -> None:
    await preview.corridor.workers.close()
    if preview.own is not None:
        await preview.own.close()

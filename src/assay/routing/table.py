"""The routes that serve, and why an edit does not.

An edit of the file is judged a metric at a time. What passes flips in the store, for every process;
what does not leaves the metric where it was, with the reason.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from assay.backends.protocol import Backend, NotConfigured
from assay.catalog.findings import Finding, nearest
from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace
from assay.errors import AssayError, StoreUnavailable
from assay.routing.file import SHOWN, RouteLine, RoutingFile
from assay.store.database import Database
from assay.store.routes import StoredRoute, all_routes, flip_route

Backends = Mapping[str, Backend | NotConfigured]


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit that does not take effect."""

    backend: str
    reason: str
    mend: str | None
    line: int


class Routes:
    """Read by every question, changed by `apply` and `reload` only. `generation` moves with every change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.serving: dict[str, StoredRoute] = {}
        self.lines: dict[str, RouteLine] = {}
        self.refused: dict[str, Refused] = {}
        self.findings: tuple[Finding, ...] = ()
        self.generation = 0
        self._moving = asyncio.Lock()
        """What is read from the store must not overtake what is written to it."""

    @property
    def epoch(self) -> int:
        """Of the whole routing: rises at every change of any route."""
        return sum(route.epoch for route in self.serving.values())

    async def reload(self) -> list[str]:
        """Take over what the store says, as after a flip by another process; the metrics that moved."""
        async with self._moving:
            stored = await all_routes(self._database)
            moved = [name for name, route in stored.items() if self.serving.get(name) != route]
            if moved:
                self._serve(stored)
        return moved

    async def _flip(self, metric_id: str, backend: str) -> bool:
        """Flip in the store and serve it at once; False where it was served so already."""
        async with self._moving:
            flipped = await flip_route(self._database, metric_id, backend)
            if flipped == self.serving.get(metric_id):
                return False
            self._serve({**self.serving, metric_id: flipped})
        return True

    def _serve(self, routes: dict[str, StoredRoute]) -> None:
        """The one place where routes change, so that no remembered answer outlives its route."""
        self.serving = routes
        self.generation += 1

    async def apply(self, file: RoutingFile, workspace: Workspace, backends: Backends) -> list[str]:
        """Judge the file and flip what passes; the metrics whose route moved. Last good stays for all others."""
        findings = list(file.findings)
        if not file.readable:
            self.findings = tuple(findings)
            return []
        refused: dict[str, Refused] = {}
        moved: list[str] = []
        for metric_id, line in file.lines.items():
            metric = workspace.metrics.get(metric_id)
            if metric is None:
                if not any(finding.metric_id == metric_id for finding in workspace.findings):
                    findings.append(Finding(SHOWN, line.line, f"there is no metric {metric_id!r}",
                                            nearest(metric_id, set(workspace.metrics)), metric_id))  # fmt: skip
                continue
            now = self.serving.get(metric_id)
            if now is not None and now.backend == line.backend and line.backend in backends:
                continue
            verdict = await judge_route(metric, line.backend, workspace, backends)
            if verdict is None:
                try:
                    if await self._flip(metric_id, line.backend):
                        moved.append(metric_id)
                    continue
                except StoreUnavailable as error:
                    verdict = error.detail, "it takes effect when the database answers again"
            reason, mend = verdict
            refused[metric_id] = Refused(line.backend, reason, mend, line.line)
            stays = f"; {now.backend} keeps serving" if now else ""
            findings.append(Finding(SHOWN, line.line, f"{metric_id}: {reason}{stays}", mend, metric_id))
        for metric_id in workspace.metrics:
            if metric_id not in file.lines:
                stays = "; its last route keeps serving" if metric_id in self.serving else ""
                mend = f"add  {metric_id}: {{backend: {next(iter(backends), 'NAME')}}}"
                findings.append(Finding(SHOWN, None, f"{metric_id} has no route{stays}", mend, metric_id))
        self.lines, self.refused, self.findings = file.lines, refused, tuple(findings)
        return moved


async def judge_route(
    metric: Metric, backend_name: str, workspace: Workspace, backends: Backends
) -> tuple[str, str | None] | None:
    """None where the backend can serve the metric; else why not, and the mend."""
    backend = backends.get(backend_name)
    if backend is None:
        return f"there is no backend {backend_name!r}", nearest(
            backend_name, set(backends)
        ) or f"use one of {', '.join(backends)}"
    if isinstance(backend, NotConfigured):
        return f"backend {backend_name!r} is not configured", backend.reason
    for table, columns in metric.needed_columns.items():
        if not workspace.dictionary.tables[table].lies_in(backend_name):
            return f"{backend_name} has no table {table}, says the dictionary", f"add {backend_name} to its backends there"
        try:
            found = await backend.describe(table)
        except AssayError as error:
            return f"{backend_name} cannot be asked: {error.detail}", error.mend
        if found is None:
            return f"{backend_name} has no table {table}", "create it there, or keep the route"
        for name, column_type in columns.items():
            if name not in found:
                return f"{backend_name}: {table} has no column {name!r}", nearest(name, set(found))
            if column_type is None:
                continue
            if not column_type.is_found_as(found[name], backend.driver):
                return f"{backend_name}: {table}.{name} is {found[name]} where the dictionary says {column_type.text}", None
    return None

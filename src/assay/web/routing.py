"""Routes over HTTP: which backend serves each metric, what else could, and the change of one."""

import asyncio

from fastapi import APIRouter

from assay.backends.protocol import NotConfigured
from assay.catalog.findings import nearest
from assay.catalog.metric import Metric
from assay.errors import MetricNotFound, RouteRefused
from assay.live.running import Running
from assay.routing.file import SHOWN, write_route
from assay.routing.table import judge_route
from assay.web.schemas import ChoiceOut, ParityOut, PendingOut, RouteIn, RouteOut, RoutesOut
from assay.web.wiring import Run

router = APIRouter(prefix="/v1/routes", tags=["routing"])


@router.get("")
async def routes(running: Run) -> RoutesOut:
    known = running.catalog.workspace.metrics.values()
    return RoutesOut(
        epoch=running.routes.epoch,
        file=SHOWN,
        routes=list(await asyncio.gather(*(_route(running, each) for each in known))),
        problems=[each for each in running.problems() if each.kind == "routing"],
    )


@router.put("/{metric_id}")
async def change_route(metric_id: str, wanted: RouteIn, running: Run) -> RouteOut:
    """Change the metric's line in the routing file; refused where the backend cannot serve it."""
    metric = running.catalog.workspace.metrics.get(metric_id)
    if metric is None:
        raise MetricNotFound(
            f"There is no metric {metric_id!r}.", mend=nearest(metric_id, set(running.catalog.workspace.metrics))
        )
    verdict = await judge_route(metric, wanted.backend, running.catalog.workspace, running.catalog.backends)
    if verdict is not None:
        raise RouteRefused(f"{metric_id} stays where it is: {verdict[0]}.", mend=verdict[1])
    await asyncio.to_thread(write_route, running.catalog.workspace.routing_file, metric_id, wanted.backend)
    await running.apply_routing()
    refused = running.routes.refused.get(metric_id)
    if refused is not None:
        raise RouteRefused(f"{metric_id} stays where it is: {refused.reason}.", mend=refused.mend)
    return await _route(running, metric)


async def _route(running: Running, metric: Metric) -> RouteOut:
    serving = running.routes.serving.get(metric.metric_id)
    backend = running.catalog.backends.get(serving.backend) if serving else None
    refused = running.routes.refused.get(metric.metric_id)
    line = running.routes.lines.get(metric.metric_id)
    choices: list[ChoiceOut] = []
    for name, each in running.catalog.backends.items():
        verdict = await judge_route(metric, name, running.catalog.workspace, running.catalog.backends)
        reason = None if verdict is None else each.reason if isinstance(each, NotConfigured) else verdict[0]
        choices.append(ChoiceOut(backend=name, driver=each.driver, ok=verdict is None, reason=reason))
    pending = refused and PendingOut(
        backend=refused.backend, state="refused", reason=refused.reason, mend=refused.mend, line=refused.line
    )
    return RouteOut(
        metric_id=metric.metric_id,
        label=metric.label,
        backend=serving.backend if serving else None,
        driver=backend.driver if backend else None,
        epoch=serving.epoch if serving else 0,
        line=line.line if line else None,
        parity=ParityOut(standing="unproven", reason=None, certificate_id=None, backend=None),
        pending=pending,
        choices=choices,
    )

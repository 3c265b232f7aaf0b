"""Routes over HTTP: where each metric is served and how that stands, comparisons, and the change of routes."""

import asyncio
import time
from datetime import datetime
from typing import Any

from assay.backends.protocol import NotConfigured
from assay.catalog.findings import nearest
from assay.catalog.metric import Metric
from assay.errors import DiskSilent, MetricNotFound, NotAllowed, NotFound, RouteDiffers, RouteRefused
from assay.live.running import Running
from assay.people.roles import may
from assay.people.scope import EVERYTHING
from assay.routing.file import SHOWN, write_routes
from assay.routing.judging import AskedOnce, judge_route
from assay.routing.parity import PASSED
from assay.routing.table import WAITS, WHERE, Intent, Pending, proposed_route
from assay.store.parity import StoredCertificate, certificates_of, find_certificate, shadows_of
from assay.store.proposals import open_routes, propose
from assay.store.routes import changes_of, previous_backends
from assay.web.room import Room
from assay.web.schemas import (
    AcceptedOut,
    ChangeOut,
    ChoiceOut,
    CompareIn,
    ComparisonOut,
    LatencyOut,
    OutcomeOut,
    OutcomesOut,
    ParityOut,
    PendingOut,
    RollbackIn,
    RouteIn,
    RouteOut,
    RoutesIn,
    RoutesOut,
    RouteStory,
    ShadowLineOut,
    ShadowOut,
)
from assay.web.wiring import Me, Run
from assay.work.instants import instant
from assay.work.patience import WORKSPACE_FILES, with_files
from assay.work.principal import Principal

router = Room("routing", "/v1/routes")
_COMPARISONS, _CHANGES, _SHADOWS = 20, 50, 200


@router.get("")
async def routes(running: Run, me: Me) -> RoutesOut:
    described: AskedOnce = {}
    previous, waiting = await previous_backends(running.database), await _waiting(running)
    known = running.catalog.workspace.metrics.values()
    found = await asyncio.gather(*(_route(running, each, previous, waiting, described) for each in known))
    return RoutesOut(
        epoch=running.routes.epoch,
        file=SHOWN,
        routes=[_told(each, running, me) for each in found],
        problems=[each for each in running.problems() if each.kind == "routing"],
    )


@router.put("")
async def change_routes(wanted: RoutesIn, running: Run, me: Me) -> OutcomesOut:
    """Change several routes. Each metric is compared and judged alone; all that pass move in one step."""
    metrics = [(_metric(running, metric_id), backend) for metric_id, backend in wanted.routes.items()]
    outcomes = await _change(running, metrics, me, me.signs(wanted.by), wanted.accept_difference)
    return OutcomesOut(epoch=running.routes.epoch, outcomes=outcomes)


@router.get("/{metric_id}")
async def route_story(metric_id: str, running: Run) -> RouteStory:
    metric = _metric(running, metric_id)
    comparisons = await certificates_of(running.database, metric_id, _COMPARISONS)
    changes = await changes_of(running.database, metric_id, _CHANGES)
    shadows = await shadows_of(running.database, metric_id, _SHADOWS)
    return RouteStory(
        route=await _route_now(running, metric),
        comparisons=[_comparison(each) for each in comparisons],
        changes=[ChangeOut(**{**each._asdict(), "changed_at": instant(each.changed_at)}) for each in changes],
        shadows=[
            ShadowLineOut(backend=each.backend, shadow=each.shadow, verdict=each.verdict, reason=each.reason,  # pyright: ignore[reportArgumentType]
                          here_ms=each.here_ms, there_ms=each.there_ms, compared_at=instant(each.compared_at))
            for each in shadows
        ],
    )  # fmt: skip


@router.post("/{metric_id}/compare", response_model_by_alias=True)
async def compare(metric_id: str, wanted: CompareIn, running: Run) -> ComparisonOut:
    """Ask the metric on the backend that serves it and on another, at every grain, and keep what was found.

    With `question` that very question alone is compared, with its filters, window, order and limit; what is found counts
    for it until the data of a side move, and decides nothing about the route.
    """
    metric = _metric(running, metric_id)
    serving = running.routes.serving.get(metric_id)
    if serving is None:
        raise NotFound(f"{metric_id} has no route yet.", mend="write its line into the routing file")
    if wanted.to == serving.backend:
        raise RouteRefused(f"{metric_id} is served by {wanted.to} already.", mend="name another backend")
    for backend in (serving.backend, wanted.to):
        unfit = await judge_route(metric, backend, running.catalog.workspace, running.catalog.backends)
        if unfit is not None:
            raise RouteRefused(f"{metric_id} cannot be compared: {unfit[0]}.", mend=unfit[1])
    if wanted.question is None:
        return _comparison(await running.moving.compare(metric, wanted.to))
    question = await running.corridor.question((metric_id,), wanted.question, running.catalog, EVERYTHING)
    return _comparison(await running.moving.compare_question(metric, question, wanted.to))


@router.get("/certificates/{certificate_id}", response_model_by_alias=True)
async def certificate(certificate_id: str, running: Run) -> ComparisonOut:
    found = await find_certificate(running.database, certificate_id)
    if found is None:
        raise NotFound(f"There is no certificate {certificate_id!r}.")
    return _comparison(found)


@router.put("/{metric_id}")
async def change_route(metric_id: str, wanted: RouteIn, running: Run, me: Me) -> RouteOut:
    """Compare, then change the metric's line in the routing file; refused where the two were not shown to agree.

    Where the workspace asks for two persons it waits for the second one: `pending` says so.
    """
    metric = _metric(running, metric_id)
    (outcome,) = await _change(running, [(metric, wanted.backend)], me, me.signs(wanted.by), wanted.accept_difference)
    if not outcome.flipped and outcome.proposal_id is None:
        if outcome.certificate_id is not None:
            found = await find_certificate(running.database, outcome.certificate_id)
            raise RouteDiffers(
                f"{metric_id} stays where it is: {outcome.reason}.", mend=outcome.mend,
                comparison=found and _comparison(found).model_dump(mode="json", by_alias=True),
            )  # fmt: skip
        raise RouteRefused(f"{metric_id} stays where it is: {outcome.reason}.", mend=outcome.mend)
    return await _route_now(running, metric)


@router.post("/{metric_id}/rollback")
async def roll_back(metric_id: str, wanted: RollbackIn, running: Run, me: Me) -> RouteOut:
    """Back to the backend that served before, at once: it needs no comparison to stop what was started.

    Where the workspace asks for two persons, one who is signed in is enough: two had said so of what served before.
    """
    metric = _metric(running, metric_id)
    if running.catalog.workspace.four_eyes and me.kind != "person":
        raise NotAllowed("Where two persons are asked for, only a person who is signed in rolls back.", mend="sign in")
    previous = (await previous_backends(running.database)).get(metric_id)
    if previous is None:
        raise RouteRefused(f"{metric_id} has no change to take back.", mend="name the backend that it is to move to")
    unfit = await judge_route(metric, previous, running.catalog.workspace, running.catalog.backends)
    if unfit is not None:
        raise RouteRefused(f"{metric_id} stays where it is: {unfit[0]}.", mend=unfit[1])
    running.routes.intents[metric_id] = Intent(previous, me.signs(wanted.by), "rolled_back", None)
    try:
        await _write(running, {metric_id: previous})
    finally:
        # Whatever became of it: an edit of the file is none of these.
        running.routes.intents.pop(metric_id, None)
    pending = running.routes.pending.get(metric_id)
    if pending is not None:
        raise RouteRefused(f"{metric_id} stays where it is: {pending.reason}.", mend=pending.mend)
    return await _route_now(running, metric)


# -- changing -------------------------------------------------------------------------------------


async def _change(
    running: Running, wanted: list[tuple[Metric, str]], me: Principal, by: str, accepted: str | None
) -> list[OutcomeOut]:  # fmt: skip
    """Judge each alone, then write all lines that may change at once; or propose them, where two persons are asked for."""
    outcomes: dict[str, OutcomeOut] = {}
    passed: dict[str, str] = {}
    for metric, backend in wanted:
        if running.catalog.workspace.four_eyes:
            found = await _proposed(running, metric, backend, me, by, accepted)
        else:
            found = await _may_move(running, metric, backend, by, accepted)
        outcomes[metric.metric_id] = found
        if found.flipped:
            passed[metric.metric_id] = backend
            running.routes.intents[metric.metric_id] = Intent(backend, by, "proven", None)
    if passed:
        await _write(running, passed)
        await compare_what_moved(running, passed)
    for metric_id, backend in passed.items():
        pending, serving = running.routes.pending.get(metric_id), running.routes.serving.get(metric_id)
        if pending is None:
            running.routes.intents.pop(metric_id, None)
        if pending is not None or serving is None or serving.backend != backend:
            reason = pending.reason if pending else "the file was changed meanwhile"
            outcomes[metric_id] = outcomes[metric_id].model_copy(
                update={"flipped": False, "reason": reason, "mend": pending.mend if pending else "look at the file"}
            )
    return list(outcomes.values())


async def compare_what_moved(running: Running, passed: dict[str, str]) -> None:
    """Data that moved between a comparison and the flip are compared anew; the flip stands on that comparison."""
    for metric_id, backend in passed.items():
        pending, metric = running.routes.pending.get(metric_id), running.catalog.workspace.metrics.get(metric_id)
        if pending is not None and pending.state == "comparing" and pending.backend == backend and metric is not None:
            await running.moving.compare(metric, backend)
            await running.reload.routing()


async def _proposed(
    running: Running, metric: Metric, backend: str, me: Principal, by: str, accepted: str | None
) -> OutcomeOut:
    """As it may move, it waits for a second person; a first route replaces none, and waits for nobody."""
    found = await _may_move(running, metric, backend, by, None)
    is_accepted = found.certificate_id is not None and not found.flipped and accepted is not None
    now = running.routes.serving.get(metric.metric_id)
    if now is None or now.backend == backend or not (found.flipped or is_accepted):
        return found
    line = running.routes.lines.get(metric.metric_id)
    said = {"certificate_id": found.certificate_id, "verdict": found.reason, "in_file": line and line.backend}
    document = proposed_route(metric, now, backend, accepted if is_accepted else None)
    kept = await propose(running.database, "route", metric.metric_id, document, by, me, said)
    return OutcomeOut(metric_id=metric.metric_id, backend=backend, flipped=False, reason=WAITS, mend=WHERE,
                      certificate_id=None, proposal_id=kept.proposal_id)  # fmt: skip


async def _may_move(running: Running, metric: Metric, backend: str, by: str, accepted: str | None) -> OutcomeOut:
    def outcome(flipped: bool, reason: str, mend: str | None = None, name: str | None = None) -> OutcomeOut:
        return OutcomeOut(metric_id=metric.metric_id, backend=backend, flipped=flipped, reason=reason, mend=mend,
                          certificate_id=name, proposal_id=None)  # fmt: skip

    unfit = await judge_route(metric, backend, running.catalog.workspace, running.catalog.backends)
    if unfit is not None:
        return outcome(False, *unfit)
    serving = running.routes.serving.get(metric.metric_id)
    if serving is None or serving.backend == backend or serving.backend not in running.catalog.backends:
        return outcome(True, f"{backend} serves it")
    running.routes.awaited[metric.metric_id, frozenset((serving.backend, backend))] = time.time()
    found = await running.moving.compare(metric, backend)
    if found.verdict not in PASSED and accepted is not None:
        await running.routes.accept(found, accepted, by)
    elif found.verdict not in PASSED:
        differs = await running.routes.accept_as_before(found)
        if differs is not None:
            mend = "mend the data, or accept the difference with a reason"
            return outcome(False, differs, mend, found.certificate_id)
    return outcome(True, found.document["reason"], None, found.certificate_id)


async def _write(running: Running, lines: dict[str, str]) -> None:
    try:
        await with_files(WORKSPACE_FILES, write_routes, running.catalog.workspace.routing_file, lines)
    except (RouteRefused, DiskSilent):
        for metric_id in lines:
            running.routes.intents.pop(metric_id, None)
        raise
    await running.reload.routing()


# -- as they travel -------------------------------------------------------------------------------


def _metric(running: Running, metric_id: str) -> Metric:
    known = running.catalog.workspace.metrics
    if metric_id not in known:
        raise MetricNotFound(f"There is no metric {metric_id!r}.", mend=nearest(metric_id, set(known)))
    return known[metric_id]


async def _route_now(running: Running, metric: Metric) -> RouteOut:
    return await _route(running, metric, await previous_backends(running.database), await _waiting(running))


async def _waiting(running: Running) -> dict[str, Pending]:
    """Moves that wait for a second person, by metric, with whoever proposed the last one."""
    if not running.catalog.workspace.four_eyes:
        return {}
    serving = running.routes.serving
    return {
        each.subject: Pending(each.document["to"], "waiting", f"{each.proposed_by} proposed it; {WAITS}", WHERE, None)
        for each in await open_routes(running.database)
        if each.subject in serving and serving[each.subject].epoch == each.document["epoch"]
    }


async def _route(
    running: Running, metric: Metric, previous: dict[str, str], waiting: dict[str, Pending],
    described: AskedOnce | None = None,
) -> RouteOut:  # fmt: skip
    name, routes = metric.metric_id, running.routes
    serving, line, pending = routes.serving.get(name), routes.lines.get(name), routes.pending.get(name, waiting.get(name))
    backend = running.catalog.backends.get(serving.backend) if serving else None
    choices: list[ChoiceOut] = []
    described = {} if described is None else described
    for each_name, each in running.catalog.backends.items():
        verdict = await judge_route(metric, each_name, running.catalog.workspace, running.catalog.backends, described)
        reason = None if verdict is None else each.reason if isinstance(each, NotConfigured) else verdict[0]
        choices.append(ChoiceOut(backend=each_name, driver=each.driver, ok=verdict is None, reason=reason))
    standing = routes.proofs.standing(metric)
    known = [each for (metric_id, _), each in routes.proofs.certificates.items() if metric_id == name]
    bound = next((each for each in known if each.certificate_id == standing.certificate_id), None)
    return RouteOut(
        metric_id=name,
        label=metric.label,
        backend=serving.backend if serving else None,
        driver=backend.driver if backend else None,
        epoch=serving.epoch if serving else 0,
        line=line.line if line else None,
        parity=ParityOut(standing=standing.standing, reason=standing.reason, certificate_id=standing.certificate_id,
                         backend=standing.backend),
        compared_at=instant(bound.created_at) if bound else None,
        previous=previous.get(name),
        shadow=ShadowOut(backend=line.shadow, wanted=line.clean_comparisons) if line and line.shadow else None,
        latencies=_latencies(known),
        pending=pending and PendingOut(backend=pending.backend, state=pending.state, reason=pending.reason,
                                       mend=pending.mend, line=pending.line, certificate_id=pending.certificate_id),
        choices=choices,
    )  # fmt: skip


def _told(route: RouteOut, running: Running, me: Principal) -> RouteOut:
    """By how much two backends differ is a figure of all rows: while policies are in force stewards alone are told."""
    if running.access.is_open or may(me, "settle"):
        return route
    pending = route.pending and route.pending.model_copy(update={"reason": "a steward can see why", "mend": None})
    return route.model_copy(update={"parity": route.parity.model_copy(update={"reason": None}), "pending": pending})


def _latencies(known: list[StoredCertificate]) -> list[LatencyOut]:
    """The newest of each backend."""
    found: dict[str, LatencyOut] = {}
    for each in sorted(known, key=lambda each: each.created_at):
        for side in each.document["sides"]:
            if side["engine_ms"] is not None:
                found[side["backend"]] = LatencyOut(backend=side["backend"], engine_ms=side["engine_ms"],
                                                    at=instant(each.created_at))  # fmt: skip
    return list(found.values())


def _comparison(stored: StoredCertificate) -> ComparisonOut:
    document: dict[str, Any] = {**stored.document, "certificate_id": stored.certificate_id}
    at: datetime | None = stored.accepted_at
    document["accepted"] = at and AcceptedOut(
        reason=stored.accepted_reason or "", by=stored.accepted_by or "", at=instant(at)
    )
    return ComparisonOut.model_validate(document)

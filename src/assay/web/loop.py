"""The closed loop over HTTP: events in, recommendations and what is decided about them, signals, a customer's view."""

from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import Query, Request

from assay.errors import BadEvent, BadRequest, LoopUnavailable
from assay.loop.deciding import UNDO_WITHIN
from assay.loop.events import MAX_BATCH, Event, event_schemas
from assay.loop.taking import Taken
from assay.loop.values import look_up, wire
from assay.store.loop import StoredEffect, StoredRecommendation
from assay.web.loop_schemas import (
    ApproveIn,
    CustomerView,
    DismissIn,
    EventIn,
    EventOutcome,
    EventsOut,
    RecommendationDetail,
    RecommendationOut,
    RecommendationsOut,
    ResetOut,
    SignalOut,
    SignalsOut,
    State,
)
from assay.web.room import Room
from assay.web.wiring import Me, Run, Sees
from assay.work.instants import instant

router = Room("loop", "/v1")
_EVENT_BODY = {
    "required": True,
    "content": {"application/json": {"schema": {"anyOf": [
        {**EventIn.model_json_schema(), "title": "EventIn"},
        {"type": "object", "title": "EventsIn", "required": ["events"], "additionalProperties": False, "properties": {
            "events": {"type": "array", "minItems": 1, "maxItems": MAX_BATCH, "items": EventIn.model_json_schema()},
        }},
    ]}}},
}  # fmt: skip


@router.post("/events", openapi_extra={"requestBody": _EVENT_BODY})
async def take_events(request: Request, running: Run, sees: Sees) -> EventsOut:
    """Take one event, or `{"events": [...]}`: up to 500, in one transaction, each with its outcome, in their order.

    An event that cannot be read is refused alone; sent alone, the refusal is the answer. Sending again is safe.
    """
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is no JSON: {error}.") from error
    is_batch = isinstance(body, dict) and set(body) == {"events"}
    listed = body["events"] if is_batch else [body]
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_BATCH:
        raise BadRequest(f"events has to be a list of 1 to {MAX_BATCH} events.")
    bindings = running.loop.serving().bindings
    outcomes: list[EventOutcome | None] = []
    events: list[Event] = []
    for raw in listed:
        try:
            events.append(running.loop.read_event(raw, bindings))
            outcomes.append(None)
        except BadEvent as error:
            running.loop.came["http", "refused"] += 1
            if not is_batch:
                raise
            outcomes.append(_refused(error))
    taken = iter((await running.loop.take_events(events)).taken)
    found = [each if each is not None else _taken(next(taken), sees.is_whole) for each in outcomes]
    refused = sum(each.outcome == "refused" for each in found)
    known = sum(each.is_known for each in found)
    return EventsOut(taken=len(found) - refused - known, known=known, refused=refused, outcomes=found)


def _refused(error: BadEvent) -> EventOutcome:
    name = error.extra.get("event_id")
    return EventOutcome(
        event_id=name,
        outcome="refused",
        detail=error.detail,
        recommendation_id=None,
        is_known=False,
        problem=error.problem(),
    )


def _taken(each: Taken, is_told: bool) -> EventOutcome:
    """What came of it speaks of rows that were read."""
    outcome, detail, made = (each.outcome, each.detail, each.recommendation_id) if is_told else ("recorded", None, None)
    return EventOutcome.model_construct(
        event_id=each.event_id,
        outcome=outcome,
        detail=detail,
        recommendation_id=made,
        is_known=each.is_known,
        problem=None,
    )


@router.get("/events/schema")
async def event_types(running: Run) -> dict[str, Any]:
    """JSON Schema of every event type that this workspace knows."""
    return event_schemas(running.loop.serving().bindings)


# -- recommendations ------------------------------------------------------------------------------


@router.get("/recommendations")
async def recommendations(
    running: Run, state: State | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> RecommendationsOut:
    """Newest first."""
    found = await running.loop.recommendations(state, limit)
    return RecommendationsOut(recommendations=[_line(running, *each) for each in found])


@router.get("/recommendations/{recommendation_id}")
async def recommendation(recommendation_id: str, running: Run) -> RecommendationDetail:
    """One whole: the context that was decided on, every action's score, and the signed receipt of it all."""
    stored, effect = await running.loop.recommendation(recommendation_id)
    document = orjson.loads(stored.document)
    return RecommendationDetail.model_validate({
        **_line(running, stored, effect).model_dump(),
        "context": document["context"], "scores": document["scores"], "held": document["held"], "rules": document["rules"],
        "bindings": document["bindings"], "event": document["event"],
        "receipt": {"receipt_id": document["receipt_id"], "document": document, "signature": stored.signature,
                    "signature_valid": running.loop.is_as_signed(stored)},
    })  # fmt: skip


@router.post("/recommendations/{recommendation_id}/approve")
async def approve(recommendation_id: str, running: Run, me: Me, given: ApproveIn | None = None) -> RecommendationOut:
    """Carry it out, once: asked again, the answer is the same and nothing happens."""
    await running.loop.approve(recommendation_id, me.signs((given or ApproveIn()).by))
    return _line(running, *await running.loop.recommendation(recommendation_id))


@router.post("/recommendations/{recommendation_id}/dismiss")
async def dismiss(recommendation_id: str, given: DismissIn, running: Run, me: Me) -> RecommendationOut:
    await running.loop.dismiss(recommendation_id, me.signs(given.by), given.reason)
    return _line(running, *await running.loop.recommendation(recommendation_id))


@router.post("/recommendations/{recommendation_id}/undo")
async def undo(recommendation_id: str, running: Run) -> RecommendationOut:
    """Within a minute of the decision: all rows are as they were before it."""
    await running.loop.undo(recommendation_id)
    return _line(running, *await running.loop.recommendation(recommendation_id))


def _line(running: Run, stored: StoredRecommendation, effect: StoredEffect | None) -> RecommendationOut:
    document = orjson.loads(stored.document)
    context = document["context"]
    content = running.loop.content
    about = {name: look_up(context, path) for name, path in content.bindings.about.items()} if content else {}
    standing = effect if effect is not None and effect.undone_at is None else None
    until = standing.applied_at + UNDO_WITHIN if standing else None
    return RecommendationOut.model_validate({
        **{name: about.get(name) for name in ("customer_id", "device_id", "claim_id", "session_id", "center_id", "product",
                                              "issue", "place", "state_code")},
        **{name: document[name] for name in ("action", "label", "cost_usd", "saving_usd", "score", "reasons")},
        "recommendation_id": stored.recommendation_id, "state": stored.state, "revision": stored.revision,
        "rationale": stored.rationale, "author": stored.author, "author_note": stored.author_note, "model": stored.model,
        "event_id": stored.event_id, "event_type": document["event"]["type"],
        "created_at": instant(stored.created_at),
        "decided_at": instant(stored.decided_at) if stored.decided_at else None,
        "decided_by": standing.applied_by if standing else None,
        "dismiss_reason": stored.dismiss_reason,
        "undo_until": instant(until) if until and running.loop.now() <= until else None,
    })  # fmt: skip


# -- signals and customers -------------------------------------------------------------------------


@router.get("/alerts")
async def alerts(running: Run, status: Literal["active", "acknowledged", "cleared"] = "active") -> SignalsOut:
    """The latest hundred."""
    return SignalsOut(alerts=[SignalOut.model_validate(_shown(row)) for row in await running.loop.signals(status)])


@router.get("/customers/{customer_id}")
async def customer(customer_id: str, running: Run) -> CustomerView:
    """Who it is, as far as an operator needs to know, their devices, and what has happened lately."""
    found = await running.loop.customer(customer_id)
    return CustomerView.model_validate({
        "customer": _shown(found["customer"]),
        "devices": [_shown(row) for row in found["devices"]],
        "timeline": [_shown(row) for row in found["timeline"]],
    })  # fmt: skip


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: instant(value) if isinstance(value, datetime) else wire(value) for name, value in row.items()}


@router.post("/demo/reset")
async def reset_demo(running: Run) -> ResetOut:
    """Put back all that the loop has written and forget its events: generated workspaces only."""
    if running.catalog.workspace.seed is None:
        raise LoopUnavailable(
            "This workspace holds data of its own: nothing of it is put back.", mend="undo, within a minute"
        )
    return ResetOut(events=await running.loop.forget())

"""What a person decides about a recommendation: approve, dismiss, undo. One standing effect each, whoever asks how often."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from assay.errors import DecisionRefused, NotFound
from assay.loop.bindings import Step
from assay.loop.content import LoopContent
from assay.loop.context import action_values
from assay.loop.writing import carry_out
from assay.store.audit import Deed, audit
from assay.store.database import Connection
from assay.store.loop import (
    StoredRecommendation,
    add_effect,
    begin_acting,
    effects_of,
    forget_all,
    lock_recommendation,
    move_recommendation,
    notify_loop,
    open_about,
    undo_effect,
)
from assay.store.loop_rows import TableName, keep_changes, take_back

UNDO_WITHIN = timedelta(seconds=60)


async def _lock(connection: Connection, recommendation_id: str) -> StoredRecommendation:
    await begin_acting(connection)
    found = await lock_recommendation(connection, recommendation_id)
    if found is None:
        raise NotFound(f"There is no recommendation {recommendation_id!r}.")
    return found


def known_to(recommendation: StoredRecommendation, content: LoopContent, now: datetime) -> dict[str, Any]:
    """What the steps of a recommendation's life may name: the context as it was decided on, and the present moment."""
    document = orjson.loads(recommendation.document)
    return {
        **document["context"],
        "now": now,
        "event": document["event"],
        "recommendation": {"id": recommendation.recommendation_id},
        "decision": {
            "action": document["action"], "score": document["score"], "saving_usd": document["saving_usd"],
            "rationale": recommendation.rationale, "reason_codes": ",".join(each["code"] for each in document["reasons"]),
        },
        "action": {"cost_usd": document["cost_usd"], "saving_usd": document["saving_usd"], "label": document["label"]},
        "actions": {name: action_values(action) for name, action in content.rules.actions.items()},
    }  # fmt: skip


async def approve(connection: Connection, content: LoopContent, recommendation_id: str, by: str, now: datetime) -> None:
    """Carry out what is recommended; nothing where that was done already."""
    found = await _lock(connection, recommendation_id)
    if found.state == "approved":
        return
    _expect_open(found)
    if found.action not in content.bindings.effects:
        raise DecisionRefused(f"{found.action} has no effect any more.", mend="put it back into loop/bindings.yaml")
    steps = (*content.bindings.life["approved"], *content.bindings.effects[found.action])
    await _apply(connection, found, "approve", steps, {**known_to(found, content, now), "by": by}, now, None)


async def dismiss(
    connection: Connection, content: LoopContent, recommendation_id: str, by: str, reason: str, now: datetime
) -> None:
    found = await _lock(connection, recommendation_id)
    if found.state == "dismissed":
        return
    _expect_open(found)
    known = {**known_to(found, content, now), "by": by, "dismissal": {"reason": reason}}
    await _apply(connection, found, "dismiss", content.bindings.life["dismissed"], known, now, reason)


def _expect_open(found: StoredRecommendation) -> None:
    if found.state != "open":
        mend = "decide on the one that took its place" if found.state == "superseded" else "undo that first, within a minute"
        raise DecisionRefused(f"The recommendation is {found.state} already.", mend=mend, state=found.state)


async def _apply(
    connection: Connection, found: StoredRecommendation, kind: str, steps: tuple[Step, ...], known: dict[str, Any],
    now: datetime, reason: str | None,
) -> None:  # fmt: skip
    effect = await add_effect(connection, found.recommendation_id, kind, now, known["by"])
    await keep_changes(connection, await carry_out(connection, steps, known), effect_id=effect, at=now)
    state = "approved" if kind == "approve" else "dismissed"
    await move_recommendation(connection, found.recommendation_id, state, now, reason)
    await notify_loop(connection, [found.recommendation_id])
    after = {"state": state, "action": found.action, "reason": reason}
    await audit(
        connection, Deed("recommendation." + state, found.recommendation_id, {"state": found.state}, after, known["by"])
    )


async def undo(connection: Connection, tables: Mapping[str, TableName], recommendation_id: str, now: datetime) -> None:
    """Put all rows back as they were before the latest decision; nothing where that was done already."""
    found = await _lock(connection, recommendation_id)
    effect = (await effects_of(connection, [recommendation_id])).get(recommendation_id)
    if effect is None:
        raise DecisionRefused("Nothing was decided about this recommendation yet.", state=found.state)
    if effect.undone_at is not None:
        return
    if now > effect.applied_at + UNDO_WITHIN:
        raise DecisionRefused(f"The decision is older than {UNDO_WITHIN.seconds} seconds and stands.", state=found.state)
    if await open_about(connection, found.subject) is not None:
        raise DecisionRefused("Something else is recommended about the same by now.", state=found.state)
    await take_back(connection, tables, now, effect.effect_id, always=False)
    await undo_effect(connection, effect.effect_id, now)
    await move_recommendation(connection, recommendation_id, "open", None, None)
    await notify_loop(connection, [recommendation_id])
    before = {"state": found.state, "action": found.action}
    await audit(connection, Deed("recommendation.undone", recommendation_id, before, {"state": "open"}))


async def forget(connection: Connection, tables: Mapping[str, TableName], now: datetime) -> int:
    """Put back every row that the loop has ever written and forget its events; how many there were."""
    await begin_acting(connection)
    await take_back(connection, tables, now, always=True)
    events = await forget_all(connection)
    await notify_loop(connection, [])
    await audit(connection, Deed("demo.reset", "demo", after={"events": events}))
    return events

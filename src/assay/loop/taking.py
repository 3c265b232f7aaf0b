"""Events taken: written down once, acted upon, all in one transaction a batch. HTTP and Kafka both come through here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.answers.receipts import new_receipt_id
from assay.errors import BadEvent
from assay.loop.bindings import EventType
from assay.loop.content import BINDINGS, LoopContent
from assay.loop.context import begin, find_subject, gather
from assay.loop.events import Event
from assay.loop.rules import Decision
from assay.loop.values import look_up, wire
from assay.loop.writing import carry_out
from assay.signing.canonical import canonical
from assay.signing.ring import Ring
from assay.store.database import Connection, Database
from assay.store.loop import (
    StoredEvent,
    StoredOutcome,
    StoredRecommendation,
    add_events,
    add_recommendation,
    apart,
    begin_acting,
    move_recommendation,
    notify_loop,
    open_about,
    outcomes_of,
    put_outcomes,
)
from assay.store.loop_rows import keep_changes, table_versions


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an event. `is_known`: it had been taken before, and this is what became of it then."""

    event_id: str
    outcome: str
    detail: str | None
    recommendation_id: str | None
    is_known: bool


@dataclass(frozen=True, slots=True)
class Batch:
    taken: list[Taken]
    made: list[str]
    """Recommendations that were opened."""


class Taker:
    """Takes events under the content that serves."""

    def __init__(self, content: LoopContent, dictionary_version: str, ring: Ring, now: Callable[[], datetime]) -> None:
        self._content = content
        self._dictionary_version = dictionary_version
        self._ring = ring
        self._now = now

    async def take_events(self, database: Database, batch: Sequence[Event]) -> Batch:
        """Raises StoreUnavailable; nothing of the batch is there then, and it may be sent again."""
        if not batch:
            return Batch([], [])
        return await database.transact(lambda connection: self._take(connection, batch))

    async def _take(self, connection: Connection, batch: Sequence[Event]) -> Batch:
        types = self._content.bindings.events
        first = {event.event_id: event for event in reversed(batch)}
        if any(types[event.type].acts for event in first.values()):
            await begin_acting(connection)
        now = self._now()
        fresh = await add_events(
            connection,
            [StoredEvent(e.event_id, e.type, e.source, e.occurred_at, now, e.payload) for e in first.values()],
        )
        outcomes: dict[str, StoredOutcome] = {}
        made: list[str] = []
        moved: list[str] = []
        for event in dict.fromkeys(event.event_id for event in batch):
            if event in fresh and types[first[event].type].acts:
                act = _Act(self, connection, first[event], types[first[event].type], now)
                outcomes[event] = await act.outcome()
                made += act.made
                moved += act.moved
        if outcomes:
            await put_outcomes(connection, list(outcomes.values()))
            if moved or any(each.outcome != "unmatched" for each in outcomes.values()):
                await notify_loop(connection, list(dict.fromkeys(moved)))
        known = await outcomes_of(connection, [name for name in first if name not in fresh])
        seen: set[str] = set()
        taken: list[Taken] = []
        for event in batch:
            is_known = event.event_id not in fresh or event.event_id in seen
            seen.add(event.event_id)
            plain = StoredOutcome(event.event_id, "recorded", None, None)
            found = known.get(event.event_id) or outcomes.get(event.event_id) or plain
            taken.append(Taken(event.event_id, found.outcome, found.detail, found.recommendation_id, is_known))
        return Batch(taken, made)

    def receipt(self, event: Event, subject: str, context: dict[str, Any], decision: Decision, versions: dict[str, str],
                now: datetime) -> StoredRecommendation:  # fmt: skip
        """The decision with all its inputs, signed: whoever has the same rules comes to the same from it."""
        assert decision.action
        recommendation_id = f"rec_{event.key}"
        document = {
            "kind": "recommendation",
            "receipt_id": new_receipt_id(),
            "recommendation_id": recommendation_id,
            "created_at": wire(now),
            "subject": subject,
            "event": {"event_id": event.event_id, "type": event.type, "source": event.source,
                      "occurred_at": wire(event.occurred_at), "received_at": wire(now), "payload": event.payload},
            "context": context,
            "rules": {"file": self._content.rules.file, "version": self._content.rules.version},
            "bindings": {"file": BINDINGS, "version": self._content.bindings.version},
            "dictionary_version": self._dictionary_version,
            "data_version": " ".join(f"{name}:{version}" for name, version in versions.items()),
            "action": decision.action.action_id,
            "label": decision.action.label,
            "cost_usd": wire(decision.action.cost_usd),
            "saving_usd": wire(decision.action.saving_usd),
            "score": wire(decision.score),
            "scores": {name: wire(score) for name, score in decision.scores.items()},
            "reasons": [{"code": r.code, "text": r.text, "weight": wire(r.weight)} for r in decision.reasons],
            "held": list(decision.held),
            "rationale": decision.rationale,
        }  # fmt: skip
        text = canonical(document).decode()
        return StoredRecommendation(
            recommendation_id, event.event_id, subject, decision.action.action_id, "open", now, None, None, 1, text,
            self._ring.sign("recommendation", text), decision.rationale, "rules", None, None,
        )  # fmt: skip

    @property
    def content(self) -> LoopContent:
        return self._content


class _Act:
    """One event acted upon, inside the transaction of its batch."""

    def __init__(self, taker: Taker, connection: Connection, event: Event, kind: EventType, now: datetime) -> None:
        self._taker = taker
        self._connection = connection
        self._event = event
        self._kind = kind
        self._now = now
        self.made: list[str] = []
        self.moved: list[str] = []

    async def outcome(self) -> StoredOutcome:
        try:
            return await apart(self._connection, self._act)
        except BadEvent as error:
            # One event that does not fit must not keep the others of its batch from being taken.
            self.made, self.moved = [], []
            return self._said("unmatched", error.detail)

    def _said(self, outcome: str, detail: str | None = None, recommendation_id: str | None = None) -> StoredOutcome:
        return StoredOutcome(self._event.event_id, outcome, detail, recommendation_id)

    async def _act(self) -> StoredOutcome:
        content, connection = self._taker.content, self._connection
        parts = content.bindings.context
        found = begin(self._event, self._kind, content.bindings, content.rules.actions, self._now)
        if not await find_subject(connection, self._kind, found):
            return self._said("unmatched", "what it is about is not known here")
        await gather(connection, parts, self._kind.early, found)
        missing = [name for name in self._kind.entry.needs if found[name] is None]
        if missing:
            return self._said("unmatched", f"there is no {missing[0]} for it")
        changes = await carry_out(connection, self._kind.steps, found, as_of=found["now"])
        await keep_changes(connection, changes, event_id=self._event.event_id, at=found["now"])
        if not self._kind.entry.decides:
            if not changes and any(not step.is_insert for step in self._kind.steps):
                return self._said(
                    "recorded", "nothing was changed: what it is about is not there, or was seen later already"
                )
            return self._said("alerted" if changes else "recorded")
        await gather(connection, parts, parts, found)
        return await self._decide(found)

    async def _decide(self, found: dict[str, Any]) -> StoredOutcome:
        content, connection = self._taker.content, self._connection
        context = {name: wire(found[name]) for name in content.bindings.context}
        decision = content.rules.decide(context)
        subject = look_up(found, content.bindings.subject)
        standing = await open_about(connection, str(subject)) if subject is not None else None
        if standing is not None and decision.action is not None and standing.action == decision.action.action_id:
            return self._said("joined", "the same is recommended already", standing.recommendation_id)
        if standing is not None:
            await self._supersede(standing, found)
        if decision.action is None or subject is None:
            return self._said("no_action", f"no action is called for: {', '.join(decision.held) or 'no rule holds'}")
        versions = await table_versions(
            connection, sorted({t for r in content.bindings.context.values() for t in r.safe.tables})
        )
        made = self._taker.receipt(self._event, str(subject), context, decision, versions, self._now)
        await add_recommendation(connection, made)
        found |= {
            "recommendation": {"id": made.recommendation_id},
            "decision": {
                "action": made.action, "score": decision.score, "saving_usd": decision.action.saving_usd,
                "rationale": decision.rationale, "reason_codes": ",".join(reason.code for reason in decision.reasons),
            },
        }  # fmt: skip
        changes = await carry_out(connection, content.bindings.life["opened"], found)
        await keep_changes(connection, changes, event_id=self._event.event_id)
        self.made.append(made.recommendation_id)
        self.moved.append(made.recommendation_id)
        return self._said("recommended", decision.action.label, made.recommendation_id)

    async def _supersede(self, standing: StoredRecommendation, found: dict[str, Any]) -> None:
        """What was recommended before this event came is not to be approved any more."""
        await move_recommendation(self._connection, standing.recommendation_id, "superseded", self._now, None)
        about = {**found, "recommendation": {"id": standing.recommendation_id}}
        changes = await carry_out(self._connection, self._taker.content.bindings.life["superseded"], about)
        await keep_changes(self._connection, changes, event_id=self._event.event_id)
        self.moved.append(standing.recommendation_id)

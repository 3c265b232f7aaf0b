"""The context of an event: who, what and where, read by the statements of the workspace and fused into one view."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from assay.loop.bindings import Bindings, EventType, FactEntry, Read
from assay.loop.events import Event
from assay.loop.rules import Action
from assay.loop.values import look_up
from assay.store.database import Connection
from assay.store.loop_rows import read_rows

Found = dict[str, Any]


def begin(event: Event, kind: EventType, bindings: Bindings, actions: Mapping[str, Action], taken: datetime) -> Found:
    """What is known before anything is read. `taken` is when the event came; `now` is the moment that it is about."""
    # A sender's clock may run ahead a little: nothing is about a moment that has not come.
    now = min(event.occurred_at, taken)
    found: Found = {
        "now": now,
        "event": {"event_id": event.event_id, "type": event.type, "source": event.source, "key": event.key,
                  "occurred_at": event.occurred_at, "received_at": taken},
        "payload": event.payload,
        "moments": {
            name: (taken if span.from_arrival else now) + span.length for name, span in bindings.moments.items()
        },
        "actions": {name: action_values(action) for name, action in actions.items()},
    }  # fmt: skip
    facts: Found = {}
    for name, source in kind.entry.facts.items():
        if not isinstance(source, FactEntry):
            facts[name] = look_up(found, source)
        elif source.of is None:
            facts[name] = source.constant
        else:
            facts[name] = source.map.get(str(look_up(found, source.of)))
    return {**found, "facts": facts}


def action_values(action: Action) -> Found:
    return {"cost_usd": action.cost_usd, "saving_usd": action.saving_usd, "label": action.label}


async def find_subject(connection: Connection, kind: EventType, found: Found) -> bool:
    """Adds to the facts what the type's own statement finds; False where it finds nothing."""
    if kind.subject is None:
        return True
    row = await first_row(connection, kind.subject, found)
    found["facts"] = {**found["facts"], **row} if row else found["facts"]
    return row is not None


async def gather(connection: Connection, parts: Mapping[str, Read], names: Iterable[str], found: Found) -> None:
    """Read the parts by name, in their order, into `found`; one that finds nothing is None."""
    for name in names:
        found[name] = await first_row(connection, parts[name], found)


async def first_row(connection: Connection, read: Read, found: Found) -> Found | None:
    rows = await all_rows(connection, read, found)
    return rows[0] if rows else None


async def all_rows(connection: Connection, read: Read, found: Found) -> list[Found]:
    values = [look_up(found, path) for path, _ in read.places]
    if any(value is None and not may_miss for value, (_, may_miss) in zip(values, read.places, strict=True)):
        return []
    return await read_rows(connection, read.safe.text, values)

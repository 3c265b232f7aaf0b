"""The loop in the store: events taken once, recommendations, and what was decided about them."""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import asyncpg

from assay.errors import BadEvent
from assay.store.database import Connection, Database

_ACTING = 0x4C4F4F50
_FORGETTING = 0x4C4F4F51
_NOTIFIED_AT_ONCE = 100
T = TypeVar("T")


class StoredEvent(NamedTuple):
    event_id: str
    type: str
    source: str
    occurred_at: datetime
    received_at: datetime
    payload: dict[str, Any]


class StoredOutcome(NamedTuple):
    event_id: str
    outcome: str
    detail: str | None
    recommendation_id: str | None


class StoredRecommendation(NamedTuple):
    recommendation_id: str
    event_id: str
    subject: str
    action: str
    state: str
    created_at: datetime
    decided_at: datetime | None
    dismiss_reason: str | None
    revision: int
    document: str
    """The signed text: canonical JSON."""
    signature: str
    rationale: str
    author: str
    author_note: str | None
    model: str | None


class StoredEffect(NamedTuple):
    effect_id: int
    recommendation_id: str
    kind: str
    applied_at: datetime
    applied_by: str
    undone_at: datetime | None


class LoopSizes(NamedTuple):
    events: int
    """As the server's statistics estimate it: counting millions of rows is not for every quarter of a minute."""
    oldest_at: datetime | None
    """When the oldest of them was taken that will be forgotten once it is old enough."""
    open: int
    """Recommendations that nobody has decided yet."""


_EVENT = "event_id, type, source, occurred_at, received_at, payload, outcome"
_OUTCOME = "event_id, outcome, detail, recommendation_id"
_RECOMMENDATION = ", ".join(StoredRecommendation._fields)
_EFFECT = ", ".join(StoredEffect._fields)


async def apart(connection: Connection, work: Callable[[], Awaitable[T]]) -> T:
    """A part of a transaction that may fail alone. Raises BadEvent where its values do not fit the tables."""
    try:
        async with connection.transaction():
            return await work()
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
        raise BadEvent(f"Its rows cannot be written: {str(error).splitlines()[0][:200]}") from error


async def begin_acting(connection: Connection) -> None:
    """Whoever writes more than events does so one after the other, in all processes: no two can wait for each other."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _ACTING)


# -- events ---------------------------------------------------------------------------------------


async def add_events(connection: Connection, events: Sequence[StoredEvent]) -> set[str]:
    """Write down those that are new, and return their ids. In order of their ids, so that no two batches deadlock."""
    columns = list(zip(*events, strict=True))
    columns[5] = tuple(json.dumps(payload) for payload in columns[5])
    rows = await connection.fetch(
        f"INSERT INTO assay.event ({_EVENT})"
        " SELECT e.id, e.type, e.source, e.occurred, e.received, e.payload::jsonb, 'recorded'"
        " FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[])"
        " AS e(id, type, source, occurred, received, payload) ORDER BY e.id ON CONFLICT DO NOTHING RETURNING event_id",
        *(list(column) for column in columns),
    )
    return {row[0] for row in rows}


async def put_outcomes(connection: Connection, outcomes: Sequence[StoredOutcome]) -> None:
    await connection.execute(
        "UPDATE assay.event AS e SET outcome = o.outcome, detail = o.detail, recommendation_id = o.recommendation_id"
        " FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS o(id, outcome, detail, recommendation_id)"
        " WHERE e.event_id = o.id",
        *(list(column) for column in zip(*outcomes, strict=True)),
    )


async def outcomes_of(connection: Connection, event_ids: Sequence[str]) -> dict[str, StoredOutcome]:
    rows = await connection.fetch(f"SELECT {_OUTCOME} FROM assay.event WHERE event_id = ANY($1::text[])", list(event_ids))
    return {row[0]: StoredOutcome(*row) for row in rows}


async def events_about(database: Database, names: Sequence[str], limit: int) -> list[dict[str, Any]]:
    """Newest first: those that led somewhere and have one of `names` for a value. Looked for among the latest thousand."""
    rows = await database.fetch(
        "SELECT e.event_id, e.type, e.occurred_at, e.outcome FROM"
        " (SELECT * FROM assay.event WHERE outcome <> 'recorded' ORDER BY received_at DESC LIMIT 1000) AS e"
        " WHERE EXISTS (SELECT FROM jsonb_each_text(e.payload) AS p WHERE p.value = ANY($1::text[]))"
        " ORDER BY e.occurred_at DESC LIMIT $2",
        list(names), limit,
    )  # fmt: skip
    return [dict(row) for row in rows]


async def forget_events(connection: Connection, now: datetime, keep: timedelta, most: int) -> int:
    """Delete the oldest of the events that occurred and were taken so long before now, and what is known of their rows.

    The database's clock has to agree: a process whose clock runs ahead deletes nothing of today.

    How many there were. One process at a time: another finds nothing to do. Events of which a recommendation was made
    are its evidence and stay.
    """
    if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _FORGETTING):
        return 0
    count = await connection.fetchval(
        "WITH last AS (SELECT least($1::timestamptz, clock_timestamp()) - $2::interval AS kept),"
        " old AS (SELECT event_id FROM assay.event, last WHERE received_at < last.kept AND occurred_at < last.kept"
        " AND outcome <> 'recommended' ORDER BY received_at LIMIT $3 FOR UPDATE OF event SKIP LOCKED),"
        " gone AS (DELETE FROM assay.event AS e USING old WHERE e.event_id = old.event_id RETURNING e.event_id),"
        " rows AS (DELETE FROM assay.loop_change AS c USING gone WHERE c.event_id = gone.event_id)"
        " SELECT count(*)::int FROM gone",
        now, keep, most,
    )  # fmt: skip
    assert isinstance(count, int)
    return count


# -- recommendations ------------------------------------------------------------------------------


async def open_about(connection: Connection, subject: str) -> StoredRecommendation | None:
    rows = await connection.fetch(
        f"SELECT {_RECOMMENDATION} FROM assay.recommendation WHERE subject = $1 AND state = 'open' FOR UPDATE", subject
    )
    return StoredRecommendation(*rows[0]) if rows else None


async def add_recommendation(connection: Connection, made: StoredRecommendation) -> None:
    marks = ", ".join(f"${number}" for number in range(1, len(made) + 1))
    await connection.execute(f"INSERT INTO assay.recommendation ({_RECOMMENDATION}) VALUES ({marks})", *made)


async def lock_recommendation(connection: Connection, recommendation_id: str) -> StoredRecommendation | None:
    rows = await connection.fetch(
        f"SELECT {_RECOMMENDATION} FROM assay.recommendation WHERE recommendation_id = $1 FOR UPDATE", recommendation_id
    )
    return StoredRecommendation(*rows[0]) if rows else None


async def find_recommendation(database: Database, recommendation_id: str) -> StoredRecommendation | None:
    rows = await database.fetch(
        f"SELECT {_RECOMMENDATION} FROM assay.recommendation WHERE recommendation_id = $1", recommendation_id
    )
    return StoredRecommendation(*rows[0]) if rows else None


async def list_recommendations(database: Database, state: str | None, limit: int) -> list[StoredRecommendation]:
    """Newest first."""
    rows = await database.fetch(
        f"SELECT {_RECOMMENDATION} FROM assay.recommendation WHERE ($1::text IS NULL OR state = $1)"
        " ORDER BY created_at DESC, recommendation_id DESC LIMIT $2",
        state, limit,
    )  # fmt: skip
    return [StoredRecommendation(*row) for row in rows]


async def recommendations_of_events(database: Database, event_ids: Sequence[str]) -> dict[str, str]:
    rows = await database.fetch(
        "SELECT event_id, recommendation_id FROM assay.event WHERE event_id = ANY($1::text[])", list(event_ids)
    )
    return {row[0]: row[1] for row in rows if row[1] is not None}


async def move_recommendation(
    connection: Connection, recommendation_id: str, state: str, decided_at: datetime | None, dismiss_reason: str | None
) -> None:
    await connection.execute(
        "UPDATE assay.recommendation SET state = $2, decided_at = $3, dismiss_reason = $4, revision = revision + 1"
        " WHERE recommendation_id = $1",
        recommendation_id, state, decided_at, dismiss_reason,
    )  # fmt: skip


async def word_recommendation(
    connection: Connection, recommendation_id: str, author: str, rationale: str, note: str | None, model: str | None
) -> None:
    await connection.execute(
        "UPDATE assay.recommendation SET author = $2, rationale = $3, author_note = $4, model = $5, revision = revision + 1"
        " WHERE recommendation_id = $1",
        recommendation_id, author, rationale, note, model,
    )  # fmt: skip


async def add_effect(connection: Connection, recommendation_id: str, kind: str, at: datetime, by: str) -> int:
    effect_id = await connection.fetchval(
        "INSERT INTO assay.effect (recommendation_id, kind, applied_at, applied_by) VALUES ($1, $2, $3, $4)"
        " RETURNING effect_id",
        recommendation_id, kind, at, by,
    )  # fmt: skip
    assert isinstance(effect_id, int)
    return effect_id


async def effects_of(source: Database | Connection, recommendation_ids: Sequence[str]) -> dict[str, StoredEffect]:
    """The latest of each."""
    rows = await source.fetch(
        f"SELECT DISTINCT ON (recommendation_id) {_EFFECT} FROM assay.effect WHERE recommendation_id = ANY($1::text[])"
        " ORDER BY recommendation_id, effect_id DESC",
        list(recommendation_ids),
    )
    return {row[1]: StoredEffect(*row) for row in rows}


async def undo_effect(connection: Connection, effect_id: int, at: datetime) -> None:
    await connection.execute("UPDATE assay.effect SET undone_at = $2 WHERE effect_id = $1", effect_id, at)


async def notify_loop(connection: Connection, recommendation_ids: Sequence[str]) -> None:
    """To every process, once this transaction is committed. Nothing named means alerts alone, or all of it."""
    for start in range(0, max(len(recommendation_ids), 1), _NOTIFIED_AT_ONCE):
        named = recommendation_ids[start : start + _NOTIFIED_AT_ONCE]
        await connection.execute("SELECT pg_notify('assay_loop', $1)", ",".join(named))


async def loop_sizes(database: Database) -> LoopSizes:
    rows = await database.fetch(
        "SELECT pg_stat_get_live_tuples('assay.event'::regclass),"
        " (SELECT min(received_at) FROM assay.event WHERE outcome <> 'recommended'),"
        " (SELECT count(*) FROM assay.recommendation WHERE state = 'open')"
    )
    return LoopSizes(*rows[0])


async def forget_all(connection: Connection) -> int:
    """Every event, recommendation and effect; how many events there were."""
    count = await connection.fetchval("SELECT count(*)::int FROM assay.event")
    await connection.execute("TRUNCATE assay.event, assay.recommendation, assay.effect, assay.loop_change")
    assert isinstance(count, int)
    return count

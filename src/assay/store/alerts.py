"""Alerts in the store: whose turn it is to check, what stands for each listener, and the messages that leave.

A check's findings and its messages are one transaction, under a lease: whoever lost the lease writes nothing.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from assay.errors import NotFound
from assay.store.audit import Deed, audit
from assay.store.database import Connection, Database
from assay.work.principal import Principal

MessageKind = Literal["news", "escalated", "test", "report"]
MessageState = Literal["waiting", "delivered", "dead"]
_LEASE = timedelta(minutes=5)
"""Longer than the slowest check: its questions have half a minute each."""
_SENDING = timedelta(minutes=1)


class StoredAlert(NamedTuple):
    alert_id: str
    mark: str
    next_at: datetime
    checked_at: datetime | None
    seen: str | None
    muted_until: datetime | None
    muted_by: str | None
    mute_reason: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None


class GroupState(NamedTuple):
    """`streak`: checks in a row in which the condition held; once it has fired, in which it did not."""

    key: tuple[Any, ...]
    streak: int
    fired_at: datetime | None
    told_at: datetime | None
    value: Any
    before: Any
    bucket: str | None
    receipt_id: str | None


class StoredGroup(NamedTuple):
    alert_id: str
    listener: str
    state: GroupState


class StoredLook(NamedTuple):
    alert_id: str
    listener: str
    scope: str
    checked_at: datetime
    groups: int
    value: Any
    receipt_id: str | None
    unknown: str | None


class StoredMessage(NamedTuple):
    message_id: str
    alert_id: str
    listener: str
    kind: MessageKind
    scope: str
    document: dict[str, Any]
    made_at: datetime
    state: MessageState
    attempts: int
    next_at: datetime
    trouble: str | None
    ended_at: datetime | None


class NewMessage(NamedTuple):
    alert_id: str
    listener: str
    kind: MessageKind
    scope: str
    document: dict[str, Any]


class MadeAlert(NamedTuple):
    """One that was made on the page. `person_id`: None where nobody signs in."""

    alert_id: str
    document: dict[str, Any]
    person_id: str | None
    made_by: str
    made_at: datetime


_ALERT = ", ".join(StoredAlert._fields)
_MESSAGE = (
    "message_id, alert_id, listener, kind, scope, document::text, made_at, state, attempts, next_at, trouble, ended_at"
)


# -- whose turn it is ---------------------------------------------------------------------------------


def is_free(now: str, *, until: str) -> str:
    """That nobody holds a lease. One that ends later than a lease begun now was taken before a clock was set back."""
    return f"(leased_until IS NULL OR leased_until <= {now} OR leased_until > {until})"


async def list_alerts(database: Database) -> dict[str, StoredAlert]:
    return {row[0]: StoredAlert(*row) for row in await database.fetch(f"SELECT {_ALERT} FROM assay.alert")}


async def note_alerts(database: Database, marks: Mapping[str, str], now: datetime) -> None:
    """That there are these. One that has become another begins anew, muted as it was: what was counted of it counts no more.

    One that is gone stays as it is: its file may only be broken just now.
    """

    async def work(connection: Connection) -> None:
        for alert_id, mark in sorted(marks.items()):
            known = await connection.fetchval(
                "INSERT INTO assay.alert (alert_id, mark, next_at) VALUES ($1, $2, $3)"
                " ON CONFLICT (alert_id) DO UPDATE SET alert_id = excluded.alert_id RETURNING mark", alert_id, mark, now,
            )  # fmt: skip
            if known != mark:
                for table in ("alert_look", "alert_state"):
                    await connection.execute(f"DELETE FROM assay.{table} WHERE alert_id = $1", alert_id)
                await connection.execute(
                    "UPDATE assay.alert SET mark = $2, next_at = $3, seen = NULL, lease = NULL, leased_until = NULL,"
                    " acknowledged_at = NULL, acknowledged_by = NULL WHERE alert_id = $1", alert_id, mark, now,
                )  # fmt: skip

    await database.transact(work)


async def take_turn(database: Database, alert_id: str, mark: str, now: datetime, latest: datetime) -> str | None:
    """The lease under which this process checks it; None where it is not due, or not its turn.

    `latest`: later than this nothing is due next, unless a clock was set back since; then it is due now.
    """
    lease = secrets.token_hex(8)
    rows = await database.fetch(
        "UPDATE assay.alert SET lease = $2, leased_until = $3 WHERE alert_id = $1 AND mark = $5"
        " AND (next_at <= $4 OR next_at > $6)"
        f" AND {is_free('$4', until='$3')} RETURNING 1",
        alert_id, lease, now + _LEASE, now, mark, latest,
    )  # fmt: skip
    return lease if rows else None


async def put_off(database: Database, alert_id: str, lease: str, next_at: datetime) -> None:
    """Nothing was checked: the data have not moved."""
    await database.fetch(
        "UPDATE assay.alert SET next_at = $3, lease = NULL, leased_until = NULL WHERE alert_id = $1 AND lease = $2"
        " RETURNING 1",
        alert_id, lease, next_at,
    )  # fmt: skip


async def finish_check(
    database: Database, alert_id: str, lease: str, now: datetime, next_at: datetime, seen: str | None,
    looks: Sequence[StoredLook], groups: Sequence[StoredGroup], messages: Iterable[NewMessage],
) -> bool:  # fmt: skip
    """All that a check found, in one step; False where the lease was lost, and nothing was written."""
    found = list(messages)

    async def work(connection: Connection) -> bool:
        # What nobody is told of any more was acknowledged for what it was.
        is_calm = not any(each.state.fired_at for each in groups)
        held = await connection.fetchval(
            "UPDATE assay.alert SET checked_at = $3, next_at = $4, seen = $5, lease = NULL, leased_until = NULL,"
            " acknowledged_at = CASE WHEN $6 THEN NULL ELSE acknowledged_at END,"
            " acknowledged_by = CASE WHEN $6 THEN NULL ELSE acknowledged_by END"
            " WHERE alert_id = $1 AND lease = $2 RETURNING true", alert_id, lease, now, next_at, seen, is_calm,
        )  # fmt: skip
        if not held:
            return False
        for table in ("alert_look", "alert_state"):
            await connection.execute(f"DELETE FROM assay.{table} WHERE alert_id = $1", alert_id)
        await connection.executemany(
            "INSERT INTO assay.alert_look (alert_id, listener, scope, checked_at, groups, value, receipt_id, unknown)"
            " VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7, $8)",
            [(*each[:5], json.dumps(each.value), *each[6:]) for each in looks],
        )
        await connection.executemany(
            "INSERT INTO assay.alert_state"
            " (alert_id, listener, key, streak, fired_at, told_at, value, before, bucket, receipt_id)"
            " VALUES ($1, $2, $3::text::jsonb, $4, $5, $6, $7::text::jsonb, $8::text::jsonb, $9, $10)",
            [(of, listener, json.dumps(each.key), each.streak, each.fired_at, each.told_at, json.dumps(each.value),
              json.dumps(each.before), each.bucket, each.receipt_id) for of, listener, each in groups],
        )  # fmt: skip
        for each in found:
            await add_message(connection, each, now)
        return True

    return await database.transact(work)


async def states_of(source: Database | Connection, alert_id: str | None = None) -> list[StoredGroup]:
    rows = await source.fetch(
        "SELECT alert_id, listener, key::text, streak, fired_at, told_at, value::text, before::text, bucket, receipt_id"
        " FROM assay.alert_state WHERE $1::text IS NULL OR alert_id = $1 ORDER BY alert_id, listener, key", alert_id,
    )  # fmt: skip
    return [
        StoredGroup(row[0], row[1], GroupState(
            tuple(json.loads(row[2])), row[3], row[4], row[5], _read(row[6]), _read(row[7]), row[8], row[9]
        ))
        for row in rows
    ]  # fmt: skip


async def looks_of(database: Database, alert_id: str | None = None) -> list[StoredLook]:
    rows = await database.fetch(
        "SELECT alert_id, listener, scope, checked_at, groups, value::text, receipt_id, unknown FROM assay.alert_look"
        " WHERE $1::text IS NULL OR alert_id = $1 ORDER BY alert_id, listener", alert_id,
    )  # fmt: skip
    return [StoredLook(row[0], row[1], row[2], row[3], row[4], _read(row[5]), row[6], row[7]) for row in rows]


def _read(text: str | None) -> Any:
    return None if text is None else json.loads(text)


# -- what people do ----------------------------------------------------------------------------------


async def mute(database: Database, alert_id: str, until: datetime, reason: str, who: Principal) -> None:
    """Raises NotFound."""
    await _change(
        database, alert_id, "muted_until = $2, muted_by = $3, mute_reason = $4", (until, who.name, reason),
        Deed("alert.muted", alert_id, after={"until": until.isoformat(), "reason": reason}, who=who),
    )  # fmt: skip


async def unmute(database: Database, alert_id: str, who: Principal) -> None:
    """Raises NotFound."""
    await _change(database, alert_id, "muted_until = NULL, muted_by = NULL, mute_reason = NULL", (),
                  Deed("alert.unmuted", alert_id, who=who))  # fmt: skip


async def acknowledge(database: Database, alert_id: str, now: datetime, who: Principal) -> None:
    """Raises NotFound where nothing has fired."""

    async def work(connection: Connection) -> None:
        fired = await connection.fetchval(
            "SELECT 1 FROM assay.alert_state WHERE alert_id = $1 AND fired_at IS NOT NULL LIMIT 1", alert_id
        )
        if not fired:
            raise NotFound(f"The alert {alert_id!r} has not fired: there is nothing to acknowledge.")
        await connection.execute(
            "UPDATE assay.alert SET acknowledged_at = $2, acknowledged_by = $3 WHERE alert_id = $1", alert_id, now, who.name
        )
        await audit(connection, Deed("alert.acknowledged", alert_id, who=who))

    await database.transact(work)


async def _change(database: Database, alert_id: str, changes: str, values: tuple[object, ...], deed: Deed) -> None:
    async def work(connection: Connection) -> None:
        done = await connection.fetchval(
            f"UPDATE assay.alert SET {changes} WHERE alert_id = $1 RETURNING true", alert_id, *values
        )
        if not done:
            raise NotFound(f"There is no alert {alert_id!r}.")
        await audit(connection, deed)

    await database.transact(work)


async def list_made(database: Database) -> list[MadeAlert]:
    rows = await database.fetch(
        "SELECT alert_id, document::text, person_id, made_by, made_at FROM assay.alert_made ORDER BY made_at, alert_id"
    )
    return [MadeAlert(row[0], json.loads(row[1]), *row[2:]) for row in rows]


async def make_alert(database: Database, made: MadeAlert, who: Principal) -> None:
    async def work(connection: Connection) -> None:
        await connection.execute(
            "INSERT INTO assay.alert_made (alert_id, document, person_id, made_by, made_at)"
            " VALUES ($1, $2::text::jsonb, $3, $4, $5)",
            made.alert_id, json.dumps(made.document), made.person_id, made.made_by, made.made_at,
        )  # fmt: skip
        await audit(connection, Deed("alert.made", made.alert_id, after=made.document, who=who))

    await database.transact(work)


async def drop_alert(database: Database, alert_id: str, who: Principal) -> None:
    """Raises NotFound where none of this id was made on the page."""

    async def work(connection: Connection) -> None:
        text = await connection.fetchval(
            "DELETE FROM assay.alert_made WHERE alert_id = $1 RETURNING document::text", alert_id
        )
        if text is None:
            raise NotFound(f"No alert {alert_id!r} was made on the page.", mend="one of a file is taken out of its file")
        await connection.execute("DELETE FROM assay.alert WHERE alert_id = $1", alert_id)
        await audit(connection, Deed("alert.dropped", alert_id, before=json.loads(text), who=who))

    await database.transact(work)


# -- messages ----------------------------------------------------------------------------------------


async def add_message(connection: Connection, message: NewMessage, now: datetime) -> str:
    message_id = f"msg_{secrets.token_hex(12)}"
    await connection.execute(
        "INSERT INTO assay.alert_message (message_id, alert_id, listener, kind, scope, document, made_at, next_at)"
        " VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7, $7)",
        message_id, message.alert_id, message.listener, message.kind, message.scope, json.dumps(message.document), now,
    )  # fmt: skip
    return message_id


async def add_test(database: Database, message: NewMessage, now: datetime, who: Principal) -> str:
    async def work(connection: Connection) -> str:
        message_id = await add_message(connection, message, now)
        await audit(connection, Deed("channel.tested", message.listener, after={"message_id": message_id}, who=who))
        return message_id

    return await database.transact(work)


def _message(row: Any) -> StoredMessage:
    document = json.loads(row[5])
    return StoredMessage(
        row[0], row[1], row[2], row[3], row[4], document, row[6], row[7], row[8], row[9], row[10], row[11]
    )  # fmt: skip


async def take_message(database: Database, now: datetime) -> tuple[StoredMessage, str] | None:
    """The next that is due, with the lease under which it is sent; no other process sends it meanwhile."""
    lease = secrets.token_hex(8)
    rows = await database.fetch(
        "UPDATE assay.alert_message SET lease = $1, leased_until = $2, attempts = attempts + 1 WHERE message_id = ("
        "SELECT message_id FROM assay.alert_message WHERE state = 'waiting' AND next_at <= $3"
        f" AND {is_free('$3', until='$2')} ORDER BY next_at, message_id"
        f" FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING {_MESSAGE}", lease, now + _SENDING, now,
    )  # fmt: skip
    return (_message(rows[0]), lease) if rows else None


async def end_message(
    database: Database,
    message_id: str,
    lease: str,
    state: MessageState,
    now: datetime,
    next_at: datetime,
    trouble: str | None,
    *,
    is_attempt: bool = True,
) -> None:
    """How an attempt ended, or that none was made; of one that lost its lease another process says it.

    What went with a message that has arrived is kept no longer.
    """
    ended = await database.fetch(
        "UPDATE assay.alert_message SET state = $3, ended_at = CASE WHEN $3 = 'waiting' THEN NULL ELSE $4::timestamptz END,"
        " next_at = $5, trouble = $6, attempts = attempts - CASE WHEN $7 THEN 0 ELSE 1 END, lease = NULL,"
        " leased_until = NULL WHERE message_id = $1 AND lease = $2 RETURNING 1",
        message_id, lease, state, now, next_at, trouble, is_attempt,
    )  # fmt: skip
    if ended and state == "delivered":
        await database.fetch("DELETE FROM assay.message_file WHERE message_id = $1 RETURNING 1", message_id)


async def tell_anew(database: Database, message: StoredMessage) -> None:
    """Of a message that is not sent: what it told counts as not told, and its alert is checked though no data have moved."""
    await database.fetch(
        "WITH untold AS (UPDATE assay.alert_state SET told_at = NULL"
        " WHERE alert_id = $1 AND listener = $2 AND told_at <= $3)"
        " UPDATE assay.alert SET seen = NULL WHERE alert_id = $1 RETURNING 1",
        message.alert_id, message.listener, message.made_at,
    )  # fmt: skip


async def list_messages(
    database: Database, alert_id: str | None, limit: int, scope: str | None = None, *, with_reports: bool = False
) -> list[StoredMessage]:  # fmt: skip
    """Newest first. `scope`: those of one scope alone, and those that try a channel. Reports go to people by name."""
    rows = await database.fetch(
        f"SELECT {_MESSAGE} FROM assay.alert_message WHERE ($1::text IS NULL OR alert_id = $1)"
        " AND ($3::text IS NULL OR scope = $3 OR kind = 'test') AND ($4 OR kind <> 'report')"
        " ORDER BY made_at DESC, message_id LIMIT $2",
        alert_id, limit, scope, with_reports,
    )  # fmt: skip
    return [_message(row) for row in rows]


class Undelivered(NamedTuple):
    """`waiting`: messages to this listener that have waited too long, the first since `since`; `given_up`: of late."""

    listener: str
    waiting: int
    since: datetime | None
    given_up: int


PEOPLE = "people by mail"
"""All of them as one listener: who is sent a report is for those who manage."""


async def undelivered(database: Database, waiting_since: datetime, given_up_since: datetime) -> list[Undelivered]:
    """Of each listener that has messages at all, those that have waited since then and those that were given up since."""
    rows = await database.fetch(
        "SELECT CASE WHEN listener = 'me' OR listener LIKE '%@%' THEN $3 ELSE listener END AS told,"
        " count(*) FILTER (WHERE state = 'waiting' AND made_at < $1),"
        " min(made_at) FILTER (WHERE state = 'waiting' AND made_at < $1),"
        " count(*) FILTER (WHERE state = 'dead' AND ended_at > $2)"
        " FROM assay.alert_message GROUP BY told ORDER BY told",
        waiting_since, given_up_since, PEOPLE,
    )  # fmt: skip
    return [Undelivered(*row) for row in rows]


async def find_message(database: Database, message_id: str) -> StoredMessage | None:
    rows = await database.fetch(f"SELECT {_MESSAGE} FROM assay.alert_message WHERE message_id = $1", message_id)
    return _message(rows[0]) if rows else None


async def send_again(database: Database, message_id: str, now: datetime, who: Principal) -> None:
    """A dead letter, under its id. Raises NotFound."""

    async def work(connection: Connection) -> None:
        done = await connection.fetchval(
            "UPDATE assay.alert_message SET state = 'waiting', ended_at = NULL, attempts = 0, next_at = $2"
            " WHERE message_id = $1 AND state = 'dead' RETURNING true", message_id, now,
        )  # fmt: skip
        if not done:
            raise NotFound(f"There is no dead letter {message_id!r}.")
        await audit(connection, Deed("message.sent_again", message_id, who=who))

    await database.transact(work)


async def prune_messages(database: Database, before: datetime) -> None:
    await database.fetch("DELETE FROM assay.alert_message WHERE state <> 'waiting' AND ended_at < $1 RETURNING 1", before)

"""Reports in the store: whose turn it is to send, who wants which, and what each reader had last.

What a reader is sent and that they had it are one transaction, under a lease: whoever lost the lease writes nothing, and
nobody is sent one due moment twice.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from assay.store.alerts import MessageState, NewMessage, add_message, is_free
from assay.store.audit import Deed, audit
from assay.store.database import Connection, Database
from assay.work.principal import Principal

_LEASE = timedelta(minutes=5)
"""Longer than one reader's report takes; it is held on to for each of them."""


class StoredReport(NamedTuple):
    report_id: str
    mark: str
    due_at: datetime
    next_at: datetime


class StoredReader(NamedTuple):
    """`wants`: what they have chosen, None where the file counts. `message_id` or `why_not`: of the due moment before.

    `state`, `trouble`: of that message, while it is kept.
    """

    report_id: str
    reader: str
    wants: bool | None
    due_at: datetime | None
    message_id: str | None
    why_not: str | None
    done_at: datetime | None
    state: MessageState | None
    trouble: str | None


class MessageFile(NamedTuple):
    name: str
    media_type: str
    content: bytes


_READER = "report_id, reader, wants, due_at, message_id, why_not, done_at, state, trouble"


# -- whose turn it is ---------------------------------------------------------------------------------


async def list_stored_reports(database: Database) -> dict[str, StoredReport]:
    rows = await database.fetch("SELECT report_id, mark, due_at, next_at FROM assay.report")
    return {row[0]: StoredReport(*row) for row in rows}


async def note_reports(database: Database, due: Mapping[str, tuple[str, datetime]]) -> None:
    """That there are these, by id: the mark of when they are sent, and when they are due if that is news."""

    async def work(connection: Connection) -> None:
        for report_id, (mark, due_at) in sorted(due.items()):
            await connection.execute(
                "INSERT INTO assay.report (report_id, mark, due_at, next_at) VALUES ($1, $2, $3, $3)"
                " ON CONFLICT (report_id) DO UPDATE SET mark = $2, due_at = $3, next_at = $3, lease = NULL,"
                " leased_until = NULL WHERE report.mark <> $2", report_id, mark, due_at,
            )  # fmt: skip

    await database.transact(work)


async def take_report(database: Database, report_id: str, mark: str, now: datetime) -> tuple[str, datetime] | None:
    """The lease under which this process sends it, and the moment at which it was due; None where it is not its turn."""
    lease = secrets.token_hex(8)
    rows = await database.fetch(
        "UPDATE assay.report SET lease = $2, leased_until = $3 WHERE report_id = $1 AND mark = $5 AND next_at <= $4"
        f" AND {is_free('$4', until='$3')} RETURNING due_at",
        report_id, lease, now + _LEASE, now, mark,
    )  # fmt: skip
    return (lease, rows[0][0]) if rows else None


async def end_turn(database: Database, report_id: str, lease: str, due_at: datetime, next_at: datetime) -> None:
    await database.fetch(
        "UPDATE assay.report SET due_at = $3, next_at = $4, lease = NULL, leased_until = NULL"
        " WHERE report_id = $1 AND lease = $2 RETURNING 1", report_id, lease, due_at, next_at,
    )  # fmt: skip


async def done_with(
    database: Database, report_id: str, reader: str, lease: str, due_at: datetime, now: datetime,
    message: NewMessage | None, files: Sequence[MessageFile], why_not: str | None,
) -> bool:  # fmt: skip
    """That a reader is sent this, or is not and why; False where the lease was lost, or they had this moment's already."""

    async def work(connection: Connection) -> bool:
        held = await connection.fetchval(
            "UPDATE assay.report SET leased_until = $3 WHERE report_id = $1 AND lease = $2 RETURNING true",
            report_id, lease, now + _LEASE,
        )  # fmt: skip
        if not held:
            return False
        written = await connection.fetchval(
            "INSERT INTO assay.report_reader AS r (report_id, reader, due_at, why_not, done_at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (report_id, reader) DO UPDATE SET due_at = $3, message_id = NULL, why_not = $4, done_at = $5"
            " WHERE r.due_at IS DISTINCT FROM $3 RETURNING true", report_id, reader, due_at, why_not, now,
        )  # fmt: skip
        if not written:
            return False
        if message is not None:
            message_id = await add_files(connection, message, files, now)
            await connection.execute(
                "UPDATE assay.report_reader SET message_id = $3 WHERE report_id = $1 AND reader = $2",
                report_id, reader, message_id,
            )  # fmt: skip
        return True

    return await database.transact(work)


async def add_files(connection: Connection, message: NewMessage, files: Sequence[MessageFile], now: datetime) -> str:
    message_id = await add_message(connection, message, now)
    await connection.executemany(
        "INSERT INTO assay.message_file (message_id, number, name, media_type, content) VALUES ($1, $2, $3, $4, $5)",
        [(message_id, number, *each) for number, each in enumerate(files)],
    )
    return message_id


async def send_trial(
    database: Database, message: NewMessage, files: Sequence[MessageFile], report_id: str, now: datetime, who: Principal
) -> str:
    async def work(connection: Connection) -> str:
        message_id = await add_files(connection, message, files, now)
        deed = Deed("report.tested", report_id, after={"message_id": message_id, "reader": message.listener}, who=who)
        await audit(connection, deed)
        return message_id

    return await database.transact(work)


async def files_of(database: Database, message_id: str) -> list[MessageFile]:
    rows = await database.fetch(
        "SELECT name, media_type, content FROM assay.message_file WHERE message_id = $1 ORDER BY number", message_id
    )
    return [MessageFile(*row) for row in rows]


# -- readers -----------------------------------------------------------------------------------------


async def readers_of(database: Database, report_id: str | None = None) -> list[StoredReader]:
    rows = await database.fetch(
        f"SELECT {_READER} FROM (SELECT report_id, reader, wants, due_at, message_id, why_not, done_at"
        " FROM assay.report_reader WHERE $1::text IS NULL OR report_id = $1) AS r"
        " LEFT JOIN (SELECT message_id, state, trouble FROM assay.alert_message) AS m USING (message_id)"
        " ORDER BY report_id, reader",
        report_id,
    )
    return [StoredReader(*row) for row in rows]


async def choose(database: Database, report_id: str, reader: str, wants: bool, who: Principal | None) -> None:
    """That a reader wants a report, or does not. `who`: None where a link was followed that only they had."""

    async def work(connection: Connection) -> None:
        await connection.execute(
            "INSERT INTO assay.report_reader (report_id, reader, wants) VALUES ($1, $2, $3)"
            " ON CONFLICT (report_id, reader) DO UPDATE SET wants = $3", report_id, reader, wants,
        )  # fmt: skip
        action = "report.wanted" if wants else "report.left"
        deed = Deed(action, report_id, after={"reader": reader}, who=who)
        await audit(connection, deed)

    await database.transact(work)

"""The audit log in the store: appended in the transaction that makes a change, each entry hashed over the one before."""

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from assay.store.database import Connection, Database
from assay.work.principal import Principal
from assay.work.request import Request, current_request

_BATCH = 1_000
ASKER = Principal("", "", "local", frozenset())
"""In a deed: whoever asks."""
_ASSAY = {"id": "assay", "name": "Assay", "kind": "system"}


class Deed(NamedTuple):
    """What was done. `by`: the name it was done under, where that is not the name of who did it.

    `who` did it: by default whoever asks just now, and Assay itself where nobody does.
    """

    action: str
    subject: str
    before: Any = None
    after: Any = None
    by: str | None = None
    who: Principal | None = ASKER
    request: Request | None = None
    """Which asked for it, where that is not the one that is being answered."""


class StoredEntry(NamedTuple):
    number: int
    document: str
    previous: str
    hash: str


class End(NamedTuple):
    number: int
    hash: str


async def audit(connection: Connection, *deeds: Deed) -> None:
    """Append what was done. The last statement of a transaction: until its end nobody else can append."""
    if not deeds:
        return
    row = await connection.fetchrow(
        "SELECT number, hash, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        " FROM assay.audit_head FOR UPDATE"
    )
    assert row
    (number, last, at), entries = row, list[StoredEntry]()
    for deed in deeds:
        document = _document(deed, at)
        number, previous = number + 1, last
        last = hash_of(number, previous, document)
        entries.append(StoredEntry(number, document, previous, last))
    await connection.executemany(
        "INSERT INTO assay.audit (number, document, previous, hash) VALUES ($1, $2, $3, $4)", entries
    )
    await connection.execute("UPDATE assay.audit_head SET number = $1, hash = $2", number, last)


def _document(deed: Deed, at: str) -> str:
    request = deed.request or current_request()
    who = request.who if deed.who is ASKER else deed.who
    told = {"id": who.id, "name": who.name, "kind": who.kind} if who else _ASSAY
    if deed.by is not None and deed.by != told["name"]:
        told = {**told, "as": deed.by}
    document = {
        "at": at, "who": told, "request_id": request.request_id,
        "address": request.address if request.request_id != "-" else None,
        "action": deed.action, "subject": deed.subject, "before": deed.before, "after": deed.after,
    }  # fmt: skip
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def mark_of(document: Any) -> str:
    """Tells one document from another where the audit log does not hold all of it."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def hash_of(number: int, previous: str, document: str) -> str:
    return hashlib.sha256(f"{number}\n{previous}\n{document}".encode()).hexdigest()


async def find_end(database: Database) -> tuple[End | None, int]:
    """The end of the log as it is written down, and the number of the newest entry, of one moment."""
    rows = await database.fetch(
        "SELECT h.number, h.hash, (SELECT coalesce(max(number), 0) FROM assay.audit)"
        " FROM (SELECT 1) AS one LEFT JOIN assay.audit_head AS h ON true"
    )
    number, end, newest = rows[0]
    return (None if number is None else End(number, end)), newest


async def entries_until(database: Database, last: int) -> AsyncIterator[StoredEntry]:
    """The oldest first."""
    after: int | None = None
    while rows := await database.fetch(
        "SELECT number, document, previous, hash FROM assay.audit WHERE ($1::bigint IS NULL OR number > $1)"
        " AND number <= $2 ORDER BY number LIMIT $3", after, last, _BATCH,
    ):  # fmt: skip
        for row in rows:
            yield StoredEntry(*row)
        after = rows[-1][0]


async def list_entries(
    database: Database, *, who: str | None, action: str | None, subject: str | None, since: str | None, until: str | None,
    before: int | None, limit: int,
) -> list[StoredEntry]:  # fmt: skip
    """Newest first. `who`: an id or a name. `action`: one, or the first word of several. `since`, `until`: instants in UTC,
    or as much of them as one cares for, such as a day; `until` is not part of it."""
    rows = await database.fetch(
        "SELECT number, document, previous, hash FROM assay.audit WHERE ($1::bigint IS NULL OR number < $1)"
        " AND ($2::text IS NULL OR document::jsonb -> 'who' ->> 'id' = $2 OR document::jsonb -> 'who' ->> 'name' = $2)"
        " AND ($3::text IS NULL OR document::jsonb ->> 'action' = $3"
        " OR split_part(document::jsonb ->> 'action', '.', 1) = $3)"
        " AND ($4::text IS NULL OR document::jsonb ->> 'subject' = $4)"
        " AND ($5::text IS NULL OR (document::jsonb ->> 'at') COLLATE \"C\" >= $5)"
        " AND ($6::text IS NULL OR (document::jsonb ->> 'at') COLLATE \"C\" < $6) ORDER BY number DESC LIMIT $7",
        before, who, action, subject, since, until, limit,
    )  # fmt: skip
    return [StoredEntry(*row) for row in rows]

"""Drafts of metrics: proposed, then accepted by a person or dropped. What was accepted stays on record."""

import json
from datetime import datetime
from typing import Any, NamedTuple

from assay.store.audit import Deed, audit
from assay.store.database import Connection, Database

_COLUMNS = "draft_id, words, metric_id, document::text, file, created_at, accepted_at, accepted_by"


class StoredDraft(NamedTuple):
    draft_id: str
    words: str | None
    metric_id: str
    document: dict[str, Any]
    file: str
    created_at: datetime
    accepted_at: datetime | None
    accepted_by: str | None


def _stored(row: Any) -> StoredDraft:
    return StoredDraft(row[0], row[1], row[2], json.loads(row[3]), *row[4:])


async def add_draft(
    database: Database, draft_id: str, words: str | None, metric_id: str, document: dict[str, Any], file: str
) -> StoredDraft:
    async def work(connection: Connection) -> StoredDraft:
        rows = await connection.fetch(
            "INSERT INTO assay.metric_draft (draft_id, words, metric_id, document, file)"
            f" VALUES ($1, $2, $3, $4::text::jsonb, $5) RETURNING {_COLUMNS}",
            draft_id, words, metric_id, json.dumps(document), file,
        )  # fmt: skip
        await audit(connection, Deed("draft.proposed", draft_id, after=_told(metric_id, document, file)))
        return _stored(rows[0])

    return await database.transact(work)


def _told(metric_id: str, document: dict[str, Any], file: str) -> dict[str, Any]:
    return {"metric": metric_id, "file": file, "definition": document}


async def find_draft(database: Database, draft_id: str) -> StoredDraft | None:
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM assay.metric_draft WHERE draft_id = $1 AND dropped_at IS NULL", draft_id
    )
    return _stored(rows[0]) if rows else None


async def list_drafts(database: Database, limit: int) -> list[StoredDraft]:
    """Newest first, those that were accepted too."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM assay.metric_draft WHERE dropped_at IS NULL ORDER BY created_at DESC, draft_id LIMIT $1",
        limit,
    )
    return [_stored(row) for row in rows]


async def mark_accepted(database: Database, draft_id: str, by: str, file: str) -> StoredDraft | None:
    """None where somebody else accepted or dropped it first."""

    async def work(connection: Connection) -> StoredDraft | None:
        rows = await connection.fetch(
            "UPDATE assay.metric_draft SET accepted_at = now(), accepted_by = $2, file = $3"
            f" WHERE draft_id = $1 AND accepted_at IS NULL AND dropped_at IS NULL RETURNING {_COLUMNS}", draft_id, by, file,
        )  # fmt: skip
        if not rows:
            return None
        stored = _stored(rows[0])
        told = _told(stored.metric_id, stored.document, stored.file)
        await audit(connection, Deed("draft.accepted", draft_id, after=told, by=by))
        return stored

    return await database.transact(work)


async def unmark_accepted(database: Database, draft_id: str) -> None:
    """The file could not be written: the draft is open again."""

    async def work(connection: Connection) -> None:
        await connection.execute(
            "UPDATE assay.metric_draft SET accepted_at = NULL, accepted_by = NULL WHERE draft_id = $1", draft_id
        )
        await audit(connection, Deed("draft.opened_again", draft_id, after={"reason": "its file could not be written"}))

    await database.transact(work)


async def drop_draft(database: Database, draft_id: str) -> bool:
    async def work(connection: Connection) -> bool:
        rows = await connection.fetch(
            "UPDATE assay.metric_draft SET dropped_at = now()"
            " WHERE draft_id = $1 AND accepted_at IS NULL AND dropped_at IS NULL RETURNING metric_id", draft_id,
        )  # fmt: skip
        if rows:
            await audit(connection, Deed("draft.dropped", draft_id, before={"metric": rows[0]["metric_id"]}))
        return bool(rows)

    return await database.transact(work)

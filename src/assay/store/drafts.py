"""Drafts of metrics: proposed, then accepted by a person or dropped. What was accepted stays on record."""

import json
from datetime import datetime
from typing import Any, NamedTuple

from assay.store.database import Database

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
    rows = await database.fetch(
        "INSERT INTO assay.metric_draft (draft_id, words, metric_id, document, file)"
        f" VALUES ($1, $2, $3, $4::text::jsonb, $5) RETURNING {_COLUMNS}",
        draft_id, words, metric_id, json.dumps(document), file,
    )  # fmt: skip
    return _stored(rows[0])


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
    rows = await database.fetch(
        "UPDATE assay.metric_draft SET accepted_at = now(), accepted_by = $2, file = $3"
        f" WHERE draft_id = $1 AND accepted_at IS NULL AND dropped_at IS NULL RETURNING {_COLUMNS}", draft_id, by, file,
    )  # fmt: skip
    return _stored(rows[0]) if rows else None


async def unmark_accepted(database: Database, draft_id: str) -> None:
    """The file could not be written: the draft is open again."""
    await database.fetch(
        "UPDATE assay.metric_draft SET accepted_at = NULL, accepted_by = NULL WHERE draft_id = $1 RETURNING 1", draft_id
    )


async def drop_draft(database: Database, draft_id: str) -> bool:
    rows = await database.fetch(
        "UPDATE assay.metric_draft SET dropped_at = now()"
        " WHERE draft_id = $1 AND accepted_at IS NULL AND dropped_at IS NULL RETURNING 1", draft_id,
    )  # fmt: skip
    return bool(rows)

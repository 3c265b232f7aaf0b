"""Receipts in the store: written in batches, read by id, pruned by age."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import NamedTuple

from assay.store.database import Database


class StoredReceipt(NamedTuple):
    receipt_id: str
    answer_id: str
    metric_id: str
    created_at: datetime
    document: str
    """The signed text: canonical JSON."""
    signature: str


_COLUMNS = "receipt_id, answer_id, metric_id, created_at, document, signature"


async def add_receipts(database: Database, receipts: list[StoredReceipt]) -> None:
    """All in one statement and one round trip. Those that are new wait for their place in the log."""
    await database.fetch(
        f"WITH fresh AS (INSERT INTO assay.receipt ({_COLUMNS})"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[])"
        " ON CONFLICT DO NOTHING RETURNING receipt_id, document, signature)"
        " INSERT INTO assay.receipt_unlogged (receipt_id, digest)"
        " SELECT receipt_id, encode(sha256(convert_to(document || E'\\n' || signature, 'UTF8')), 'hex') FROM fresh"
        " WHERE position(':' IN signature) > 0 ON CONFLICT DO NOTHING RETURNING 1",
        *(list(column) for column in zip(*receipts, strict=True)),
    )


async def find_receipt(database: Database, receipt_id: str) -> StoredReceipt | None:
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM assay.receipt WHERE receipt_id = $1", receipt_id)
    return StoredReceipt(*rows[0]) if rows else None


async def list_receipts(database: Database, metric_id: str | None, before: str | None, limit: int) -> list[StoredReceipt]:
    """Newest first; `before` is the last id of the page before."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM assay.receipt WHERE ($1::text IS NULL OR metric_id = $1)"
        " AND ($2::text IS NULL OR receipt_id < $2) ORDER BY receipt_id DESC LIMIT $3",
        metric_id, before, limit,
    )  # fmt: skip
    return [StoredReceipt(*row) for row in rows]


async def walk_old_receipts(database: Database) -> AsyncIterator[list[StoredReceipt]]:
    """Those that this install alone can check: they were signed before there was a log of them."""
    after = ""
    while rows := await database.fetch(
        f"SELECT {_COLUMNS} FROM assay.receipt WHERE position(':' IN signature) = 0 AND receipt_id > $1"
        " ORDER BY receipt_id LIMIT 200", after,
    ):  # fmt: skip
        yield [StoredReceipt(*row) for row in rows]
        after = rows[-1][0]


async def prune_receipts(database: Database, keep: timedelta) -> None:
    """Those that are older by the database's clock: a process whose clock runs ahead deletes nothing of today."""
    await database.fetch("DELETE FROM assay.receipt WHERE created_at < clock_timestamp() - $1::interval RETURNING 1", keep)

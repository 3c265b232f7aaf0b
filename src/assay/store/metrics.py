"""The catalog table: what the files said when they were last loaded. The files decide, always."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from assay.store.database import Database


class CatalogRow(NamedTuple):
    metric_id: str
    label: str
    definition_version: str
    document: dict[str, Any]


async def synchronise_catalog(database: Database, rows: Iterable[CatalogRow]) -> None:
    """Insert, update and retire, so that the table holds just what the files hold."""
    kept = list(rows)
    await database.execute_many(
        """
        INSERT INTO assay.metric_catalog AS known (metric_id, label, definition_version, document, state)
        VALUES ($1, $2, $3, $4::text::jsonb, 'active')
        ON CONFLICT (metric_id) DO UPDATE
        SET label = $2, definition_version = $3, document = $4::text::jsonb, state = 'active', changed_at = now(),
            last_validated_at = CASE WHEN known.definition_version = $3 THEN known.last_validated_at END
        WHERE (known.label, known.definition_version, known.document, known.state)
            IS DISTINCT FROM ($2, $3, $4::text::jsonb, 'active')
        """,
        [(row.metric_id, row.label, row.definition_version, json.dumps(row.document)) for row in kept],
    )
    await database.fetch(
        "UPDATE assay.metric_catalog SET state = 'retired', changed_at = now()"
        " WHERE state = 'active' AND metric_id <> ALL($1::text[]) RETURNING 1",
        [row.metric_id for row in kept],
    )


async def validated_at(database: Database) -> dict[str, datetime]:
    rows = await database.fetch("SELECT metric_id, last_validated_at FROM assay.metric_catalog")
    return {row[0]: row[1] for row in rows if row[1] is not None}


async def mark_validated(database: Database, metric_ids: list[str]) -> None:
    await database.fetch(
        "UPDATE assay.metric_catalog SET last_validated_at = now() WHERE metric_id = ANY($1::text[]) RETURNING 1", metric_ids
    )


async def get_setting(database: Database, name: str) -> str | None:
    rows = await database.fetch("SELECT value FROM assay.setting WHERE name = $1", name)
    return rows[0][0] if rows else None


async def keep_setting(database: Database, name: str, value: str) -> str:
    """What the setting holds already; `value` where it holds nothing, for every process that asks."""
    await database.execute_many(
        "INSERT INTO assay.setting (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", [(name, value)]
    )
    return await get_setting(database, name) or value

"""Dashboards that were changed on the screen; the workspace's file stands where there is none.

A version is never used twice: what is put back to the file keeps its row, without a document.
"""

import json
from typing import Any, NamedTuple

from assay.errors import Conflict
from assay.store.database import Database


class StoredDashboard(NamedTuple):
    version: int
    document: dict[str, Any] | None
    """None: put back to the file."""


async def find_dashboard(database: Database, dashboard_id: str) -> StoredDashboard | None:
    rows = await database.fetch("SELECT version, document::text FROM assay.dashboard WHERE dashboard_id = $1", dashboard_id)
    return StoredDashboard(rows[0][0], json.loads(rows[0][1])) if rows else None


async def save_dashboard(database: Database, dashboard_id: str, document: dict[str, Any], seen: int) -> int:
    """Save over version `seen` (0: the workspace's file) and return the new version; Conflict where it has moved on."""
    rows = await database.fetch(
        """
        INSERT INTO assay.dashboard AS known (dashboard_id, version, document)
        SELECT $1, 1, $2::text::jsonb WHERE $3 = 0 OR EXISTS (SELECT FROM assay.dashboard WHERE dashboard_id = $1)
        ON CONFLICT (dashboard_id) DO UPDATE SET version = known.version + 1, document = $2::text::jsonb, updated_at = now()
        WHERE known.version = $3
        RETURNING version
        """,
        dashboard_id, json.dumps(document), seen,
    )  # fmt: skip
    if not rows:
        raise Conflict("Somebody else saved this dashboard first.", mend="reload it and make the change again")
    return rows[0][0]


async def put_back(database: Database, dashboard_id: str) -> None:
    await database.fetch(
        "UPDATE assay.dashboard SET version = version + 1, document = 'null'::jsonb, updated_at = now()"
        " WHERE dashboard_id = $1 RETURNING 1", dashboard_id,
    )  # fmt: skip

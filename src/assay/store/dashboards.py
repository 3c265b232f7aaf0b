"""Dashboards that were changed or made on the screen; the workspace's file stands where there is none.

A version is never used twice: what is put back to the file, or deleted, keeps its row.
"""

import json
from datetime import datetime
from typing import Any, NamedTuple

from assay.errors import Conflict
from assay.store.audit import Deed, audit, mark_of
from assay.store.database import Connection, Database, within

KEPT_DAYS = 30
"""So long what was deleted can be had back."""


class StoredDashboard(NamedTuple):
    version: int
    document: dict[str, Any] | None
    """None: put back to the file."""
    is_of_screen: bool
    """Made on the screen, not read from a file."""
    deleted_at: datetime | None

    @property
    def shown(self) -> dict[str, Any] | None:
        """What stands in the place of the file; None where nothing does."""
        return None if self.deleted_at else self.document


async def find_dashboard(database: Database, dashboard_id: str) -> StoredDashboard | None:
    rows = await database.fetch(
        "SELECT version, document::text, is_of_screen, deleted_at FROM assay.dashboard WHERE dashboard_id = $1", dashboard_id
    )
    return StoredDashboard(rows[0][0], json.loads(rows[0][1]), rows[0][2], rows[0][3]) if rows else None


async def labels_of_screen(database: Database) -> dict[str, str]:
    """Label by id of those that were changed or made on the screen, oldest first."""
    rows = await database.fetch(
        "SELECT dashboard_id, document->>'label' FROM assay.dashboard WHERE deleted_at IS NULL"
        " AND document <> 'null'::jsonb ORDER BY created_at, dashboard_id"
    )
    return {row[0]: row[1] for row in rows}


async def save_dashboard(database: Database | Connection, dashboard_id: str, document: dict[str, Any], seen: int) -> int:
    """Save over version `seen` (0: the workspace's file) and return the new version; Conflict where it has moved on."""
    rows = await _changed(
        database, "dashboard.saved",
        """
        INSERT INTO assay.dashboard AS known (dashboard_id, version, document)
        SELECT $1, 1, $2::text::jsonb WHERE $3 = 0 OR EXISTS (SELECT FROM assay.dashboard WHERE dashboard_id = $1)
        ON CONFLICT (dashboard_id) DO UPDATE SET version = known.version + 1, document = $2::text::jsonb, updated_at = now(),
            deleted_at = NULL
        WHERE known.version = $3
        RETURNING version, document::text
        """,
        dashboard_id, json.dumps(document), seen,
    )  # fmt: skip
    if not rows:
        raise Conflict("Somebody else saved this dashboard first.", mend="reload it and make the change again")
    return rows[0][0]


async def add_dashboard(database: Database, dashboard_id: str, document: dict[str, Any]) -> int | None:
    """A dashboard of the screen under a free id; its version, or None where the id is taken, if only by a deleted one."""
    rows = await _changed(
        database, "dashboard.made",
        """
        INSERT INTO assay.dashboard AS known (dashboard_id, version, document, is_of_screen)
        VALUES ($1, 1, $2::text::jsonb, true)
        ON CONFLICT (dashboard_id) DO UPDATE
        SET version = known.version + 1, document = $2::text::jsonb, is_of_screen = true, updated_at = now()
        WHERE known.document = 'null'::jsonb
        RETURNING version, document::text
        """,
        dashboard_id, json.dumps(document),
    )  # fmt: skip
    return rows[0][0] if rows else None


async def put_back(database: Database, dashboard_id: str) -> None:
    await _changed(
        database, "dashboard.put_back",
        "UPDATE assay.dashboard SET version = version + 1, document = 'null'::jsonb, updated_at = now()"
        " WHERE dashboard_id = $1 RETURNING version, document::text", dashboard_id,
    )  # fmt: skip


async def delete_dashboard(database: Database, dashboard_id: str) -> datetime | None:
    """When it was deleted; None where there was none to delete. It is kept for KEPT_DAYS."""
    rows = await _changed(
        database, "dashboard.deleted",
        "UPDATE assay.dashboard SET version = version + 1, deleted_at = now() WHERE dashboard_id = $1"
        " AND deleted_at IS NULL AND document <> 'null'::jsonb RETURNING version, document::text, deleted_at", dashboard_id,
    )  # fmt: skip
    return rows[0][2] if rows else None


async def restore_dashboard(database: Database, dashboard_id: str) -> bool:
    rows = await _changed(
        database, "dashboard.restored",
        "UPDATE assay.dashboard SET version = version + 1, deleted_at = NULL, updated_at = now()"
        " WHERE dashboard_id = $1 AND deleted_at IS NOT NULL RETURNING version, document::text", dashboard_id,
    )  # fmt: skip
    return bool(rows)


async def _changed(database: Database | Connection, action: str, sql: str, dashboard_id: str, *values: object) -> list[Any]:
    """Run a statement that returns version and document of what it changed, and say so in the audit log."""

    async def work(connection: Connection) -> list[Any]:
        rows = await connection.fetch(sql, dashboard_id, *values)
        if rows:
            document = json.loads(rows[0]["document"])
            after = {"version": rows[0]["version"], "label": document and document["label"], "document": mark_of(document)}
            await audit(connection, Deed(action, dashboard_id, {"version": rows[0]["version"] - 1}, after))
        return rows

    return await within(database, work)


async def forget_deleted(database: Database) -> None:
    """Dashboards and widgets whose time is over."""
    for table in ("dashboard", "widget"):
        await database.fetch(
            f"DELETE FROM assay.{table} WHERE deleted_at < now() - make_interval(days => $1) RETURNING 1",
            KEPT_DAYS,
        )

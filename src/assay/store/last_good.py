"""What served last of the workspace's files, so that it goes on serving where a piece of them cannot be read."""

import json
from typing import Any

from assay.store.database import Connection, Database

Documents = dict[str, dict[str, Any]]
Kept = dict[str, Documents]
"""By kind: `metric`, `dictionary` (by version), `calendar` and `dashboard`."""
_OF_FILES = ("metric", "dictionary", "calendar")


async def read_last_good(database: Database) -> Kept:
    """Metrics, dictionaries and calendars; dashboards are read by `hold_dashboards`, with what was written since."""
    found: Kept = {kind: {} for kind in _OF_FILES}
    for kind, name, text in await database.fetch(
        "SELECT kind, name, document::text FROM assay.last_good WHERE kind <> 'dashboard'"
    ):
        found[kind][name] = json.loads(text)
    return found


async def keep_last_good(connection: Connection, known: Kept, now: Kept) -> None:
    """Write what is other than it was `known`; what is of files alone and is no more goes, dashboards stay."""
    fresh = [
        (kind, name, json.dumps(document))
        for kind, documents in now.items()
        for name, document in documents.items()
        if known[kind].get(name) != document
    ]
    await connection.executemany(
        "INSERT INTO assay.last_good (kind, name, document) VALUES ($1, $2, $3::text::jsonb)"
        " ON CONFLICT (kind, name) DO UPDATE SET document = $3::text::jsonb, kept_at = now()", fresh,
    )  # fmt: skip
    gone = [
        (kind, name) for kind in _OF_FILES for name in known[kind] if name not in now[kind]
    ]  # fmt: skip
    await connection.executemany("DELETE FROM assay.last_good WHERE kind = $1 AND name = $2", gone)


async def hold_dashboards(connection: Connection) -> Documents:
    """The dashboards that were kept; until the end of the transaction no other process compares files with them."""
    await connection.execute("LOCK TABLE assay.last_good IN SHARE ROW EXCLUSIVE MODE")
    rows = await connection.fetch("SELECT name, document::text FROM assay.last_good WHERE kind = 'dashboard'")
    return {name: json.loads(text) for name, text in rows}


async def rebase_dashboard(connection: Connection, dashboard_id: str, document: dict[str, Any] | None) -> None:
    """Its file is another: `document` is what the screen's changes make of it, None where there are none.

    The version rises, so that a page that shows the old one has to read it again before it saves.
    """
    await connection.execute(
        """
        INSERT INTO assay.dashboard AS known (dashboard_id, version, document) VALUES ($1, 1, $2::text::jsonb)
        ON CONFLICT (dashboard_id) DO UPDATE SET version = known.version + 1, updated_at = now(),
            document = CASE WHEN known.deleted_at IS NULL THEN $2::text::jsonb ELSE known.document END
        """,
        dashboard_id, json.dumps(document),
    )  # fmt: skip


async def dashboards_with_changes(source: Connection | Database, *, for_update: bool = False) -> Documents:
    """What the screen made of each dashboard, for those that it changed or made.

    `for_update`: nobody else writes them until the end of the connection's transaction.
    """
    rows = await source.fetch(
        "SELECT dashboard_id, document::text FROM assay.dashboard WHERE deleted_at IS NULL AND document <> 'null'::jsonb"
        + (" FOR UPDATE" if for_update else "")
    )
    return {name: json.loads(text) for name, text in rows}

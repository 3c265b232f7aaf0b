"""Saved widgets. A deleted one keeps its row for a while, so that deleting can be undone."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from assay.store.audit import Deed, audit, mark_of
from assay.store.database import Connection, Database, within

_COLUMNS = "widget_id, version, document::text, created_at, updated_at, deleted_at"
Document = dict[str, Any]


class StoredWidget(NamedTuple):
    widget_id: str
    version: int
    document: Document
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


def _stored(row: Any) -> StoredWidget:
    return StoredWidget(row[0], row[1], json.loads(row[2]), *row[3:])


async def list_widgets(database: Database, *, with_deleted: bool) -> list[StoredWidget]:
    """Newest first."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM assay.widget WHERE deleted_at IS NULL OR $1 ORDER BY created_at DESC, widget_id",
        with_deleted,
    )
    return [_stored(row) for row in rows]


async def find_widget(database: Database | Connection, widget_id: str) -> StoredWidget | None:
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM assay.widget WHERE widget_id = $1", widget_id)
    return _stored(rows[0]) if rows else None


async def add_widget(database: Database | Connection, widget_id: str, document: Document) -> StoredWidget:
    rows = await _changed(
        database, "widget.saved",
        "INSERT INTO assay.widget (widget_id, version, document) VALUES ($1, 1, $2::text::jsonb)"
        f" RETURNING {_COLUMNS}", widget_id, json.dumps(document),
    )  # fmt: skip
    return _stored(rows[0])


async def replace_widget(
    database: Database | Connection, widget_id: str, document: Document, seen: int
) -> StoredWidget | None:
    """Over version `seen`; None where that is not the version any more, or the widget is deleted.

    What follows from it in the same transaction is changed before `audit_widget` says so: nobody then waits for another.
    """
    rows = await database.fetch(
        "UPDATE assay.widget SET version = version + 1, document = $2::text::jsonb, updated_at = now()"
        f" WHERE widget_id = $1 AND version = $3 AND deleted_at IS NULL RETURNING {_COLUMNS}",
        widget_id, json.dumps(document), seen,
    )  # fmt: skip
    return _stored(rows[0]) if rows else None


async def delete_widget(database: Database, widget_id: str, seen: int | None) -> StoredWidget | None:
    """Over version `seen` where one is named; None where nothing was deleted."""
    rows = await _changed(
        database, "widget.deleted",
        "UPDATE assay.widget SET version = version + 1, deleted_at = now() WHERE widget_id = $1 AND deleted_at IS NULL"
        f" AND ($2::integer IS NULL OR version = $2) RETURNING {_COLUMNS}", widget_id, seen,
    )  # fmt: skip
    return _stored(rows[0]) if rows else None


async def restore_widget(database: Database, widget_id: str) -> StoredWidget | None:
    rows = await _changed(
        database, "widget.restored",
        "UPDATE assay.widget SET version = version + 1, deleted_at = NULL WHERE widget_id = $1 AND deleted_at IS NOT NULL"
        f" RETURNING {_COLUMNS}", widget_id,
    )  # fmt: skip
    return _stored(rows[0]) if rows else None


async def _changed(database: Database | Connection, action: str, sql: str, widget_id: str, *values: object) -> list[Any]:
    """Run a statement that returns the widget it changed, and say so in the audit log."""

    async def work(connection: Connection) -> list[Any]:
        rows = await connection.fetch(sql, widget_id, *values)
        if rows:
            await audit_widget(connection, action, _stored(rows[0]))
        return rows

    return await within(database, work)


async def audit_widget(connection: Connection, action: str, stored: StoredWidget, **more: object) -> None:
    after = {"version": stored.version, "title": stored.document.get("title"), "document": mark_of(stored.document), **more}
    await audit(connection, Deed(action, stored.widget_id, {"version": stored.version - 1}, after))


async def change_tiles(connection: Connection, widget_id: str, change: Callable[[Document], Document]) -> list[str]:
    """`change` every stored tile of this widget's id; the ids of the dashboards that became others."""
    rows = await connection.fetch(
        "SELECT dashboard_id, document::text FROM assay.dashboard WHERE document @> $1::text::jsonb"
        " ORDER BY dashboard_id FOR UPDATE", json.dumps({"tiles": [{"widget_id": widget_id}]}),
    )  # fmt: skip
    changed: list[str] = []
    for name, text in rows:
        document = json.loads(text)
        tiles = [change(tile) if tile["widget_id"] == widget_id else tile for tile in document["tiles"]]
        if tiles != document["tiles"]:
            await connection.execute(
                "UPDATE assay.dashboard SET version = version + 1, document = $2::text::jsonb, updated_at = now()"
                " WHERE dashboard_id = $1", name, json.dumps({**document, "tiles": tiles}),
            )  # fmt: skip
            changed.append(name)
    return changed

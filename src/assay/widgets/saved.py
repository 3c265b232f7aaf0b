"""Saved widgets: what *Add to dashboard* keeps, and nothing is kept before that.

A tile carries its widget, so that a dashboard is whole by itself; it has the saved widget's id, and
follows its edits as long as it was not changed on its own.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.catalog.spelling import slug
from assay.catalog.workspace import Workspace
from assay.errors import AssayError, BadQuestion, Conflict, NotFound, WidgetMoved
from assay.store.dashboards import forget_deleted, save_dashboard
from assay.store.database import Connection, Database
from assay.store.widgets import (
    StoredWidget,
    add_widget,
    audit_widget,
    change_tiles,
    delete_widget,
    find_widget,
    list_widgets,
    replace_widget,
    restore_widget,
)
from assay.widgets.check import check_widget
from assay.widgets.dashboard_files import DashboardFiles
from assay.widgets.dashboards import get_dashboard
from assay.widgets.widget import Dashboard, Tile, Widget, WidgetKind

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_SIZES: dict[WidgetKind, tuple[int, int]] = {
    "kpi": (3, 2), "trend": (6, 4), "bar": (6, 4), "table": (6, 5), "breakdown": (4, 4), "combo": (6, 4), "scatter": (6, 4),
    "histogram": (6, 4), "heatmap": (6, 5), "pivot": (6, 5), "multiples": (12, 5), "map": (6, 6), "funnel": (6, 4),
    "cohort": (12, 5), "gauge": (4, 3), "text": (12, 2),
}  # fmt: skip
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class SavedWidget:
    """`problem`: why its question has no answer today, such as a metric that is gone; it stays saved nevertheless."""

    widget_id: str
    label: str
    widget: Widget
    problem: str | None
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


def _saved(stored: StoredWidget, workspace: Workspace, now: datetime) -> SavedWidget:
    widget = Widget.model_validate(stored.document)
    problem = None
    try:
        check_widget(widget, workspace, now)
    except AssayError as error:
        problem = error.detail
    return SavedWidget(
        stored.widget_id, label_of(widget, workspace), widget, problem, stored.version, stored.created_at, stored.updated_at,
        stored.deleted_at,
    )  # fmt: skip


def label_of(widget: Widget, workspace: Workspace) -> str:
    if widget.text is not None:
        return widget.title or widget.text.strip().splitlines()[0].lstrip("#- ")[:60] or "Text"
    first = widget.question.metrics[0]
    known = workspace.metrics.get(first)
    return widget.title or (known.label if known else first)


async def all_widgets(workspace: Workspace, database: Database, now: datetime, *, with_deleted: bool) -> list[SavedWidget]:
    return [_saved(each, workspace, now) for each in await list_widgets(database, with_deleted=with_deleted)]


async def get_widget(workspace: Workspace, database: Database, now: datetime, widget_id: str) -> SavedWidget:
    """Raises NotFound, also for a deleted one."""
    stored = await find_widget(database, widget_id)
    if stored is None or stored.deleted_at is not None:
        mend = "it was deleted: POST its address with /restore" if stored else None
        raise NotFound(f"There is no saved widget {widget_id!r}.", mend=mend)
    return _saved(stored, workspace, now)


async def save_widget(
    workspace: Workspace, files: DashboardFiles, database: Database, now: datetime, widget: Widget, dashboard_id: str | None
) -> tuple[SavedWidget, Dashboard | None]:
    """Save it, and set it below the other tiles of a dashboard in the same transaction."""
    check_widget(widget, workspace, now)
    await forget_deleted(database)
    name = slug(label_of(widget, workspace), "widget").replace("_", "-")[:48].rstrip("-")
    widget_id = f"{name}-{''.join(secrets.choice(_ALPHABET) for _ in range(6))}"
    document = widget.model_dump(mode="json")
    if dashboard_id is None:
        return _saved(await add_widget(database, widget_id, document), workspace, now), None
    for _ in range(_ATTEMPTS - 1):
        try:
            stored, dashboard = await _place(files, database, widget_id, widget, dashboard_id)
            break
        except Conflict:
            # Somebody saved the dashboard in between; the tile goes below theirs.
            continue
    else:
        stored, dashboard = await _place(files, database, widget_id, widget, dashboard_id)
    return _saved(stored, workspace, now), dashboard


async def _place(
    files: DashboardFiles, database: Database, widget_id: str, widget: Widget, dashboard_id: str
) -> tuple[StoredWidget, Dashboard]:
    seen = await get_dashboard(files, database, dashboard_id)
    if len(seen.tiles) >= 64:
        raise BadQuestion("this dashboard is full: it has 64 tiles", mend="take one off, or add another dashboard")
    width, height = _SIZES[widget.kind]
    below = max((tile.y + tile.h for tile in seen.tiles), default=0)
    tile = Tile(widget_id=widget_id, x=0, y=below, w=width, h=height, widget=widget)
    entry = seen.entry().model_copy(update={"tiles": (*seen.tiles, tile)})

    async def work(connection: Connection) -> tuple[StoredWidget, int]:
        # The dashboard first: what others may hold is taken before the audit log, which each holds to its end.
        version = await save_dashboard(connection, dashboard_id, entry.model_dump(mode="json"), seen.version)
        return await add_widget(connection, widget_id, widget.model_dump(mode="json")), version

    stored, version = await database.transact(work)
    return stored, Dashboard(**dict(entry), version=version, edited=True)


async def change_widget(
    workspace: Workspace, database: Database, now: datetime, widget_id: str, widget: Widget, seen: int
) -> tuple[SavedWidget, list[str]]:
    """Save over version `seen`; the dashboards whose tiles followed. Raises WidgetMoved, NotFound, BadQuestion."""
    check_widget(widget, workspace, now)
    document = widget.model_dump(mode="json")

    async def work(connection: Connection) -> tuple[StoredWidget, list[str]]:
        before = await find_widget(connection, widget_id)
        if before is None or before.deleted_at is not None:
            raise NotFound(f"There is no saved widget {widget_id!r}.")
        stored = await replace_widget(connection, widget_id, document, seen)
        if stored is None:
            raise WidgetMoved("Somebody else saved this widget first.", mend="reload it and make the change again")
        as_it_was = Widget.model_validate(before.document)

        def follow(tile: dict[str, Any]) -> dict[str, Any]:
            return {**tile, "widget": document} if Widget.model_validate(tile["widget"]) == as_it_was else tile

        dashboards = await change_tiles(connection, widget_id, follow)
        await audit_widget(connection, "widget.changed", stored, dashboards=dashboards)
        return stored, dashboards

    stored, dashboards = await database.transact(work)
    return _saved(stored, workspace, now), dashboards


async def remove_widget(
    workspace: Workspace, database: Database, now: datetime, widget_id: str, seen: int | None
) -> SavedWidget:
    """Tiles that show it stay: they carry it. Raises WidgetMoved, NotFound."""
    stored = await delete_widget(database, widget_id, seen)
    if stored is None:
        await get_widget(workspace, database, now, widget_id)
        raise WidgetMoved("Somebody else saved this widget first.", mend="reload it and delete it again")
    return _saved(stored, workspace, now)


async def undelete_widget(workspace: Workspace, database: Database, now: datetime, widget_id: str) -> SavedWidget:
    stored = await restore_widget(database, widget_id)
    if stored is None:
        raise NotFound(f"No widget {widget_id!r} was deleted within the last 30 days.")
    return _saved(stored, workspace, now)

"""Saved widgets over HTTP."""

from typing import Annotated, Any

from fastapi import Header, Response
from pydantic import BaseModel, ConfigDict, Field

from assay.compiler.question import AskedMetrics
from assay.errors import BadQuestion
from assay.web.room import Room
from assay.web.schemas import AnswerOut
from assay.web.versions import read_version
from assay.web.wiring import Run, Sees
from assay.widgets.check import asked_of, check_widget
from assay.widgets.colours import hues_of_chart
from assay.widgets.saved import (
    SavedWidget,
    all_widgets,
    change_widget,
    get_widget,
    label_of,
    remove_widget,
    save_widget,
    undelete_widget,
)
from assay.widgets.vega import series_of, vega_lite
from assay.widgets.widget import Dashboard, Named, Widget
from assay.work.instants import instant

router = Room("widgets", "/v1/widgets")


class WidgetIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    widget: Widget
    dashboard_id: Named | None = Field(default=None, description="also set it as a tile on this dashboard, below the others")


class WidgetChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    widget: Widget


class SavedWidgetOut(BaseModel):
    """`problem`: why it has no answer today (its metric is gone, say). `version` is what a change must name in If-Match."""

    widget_id: str
    label: str
    widget: Widget
    problem: str | None
    version: int
    created_at: str
    updated_at: str
    deleted_at: str | None


class SavedWidgetsOut(BaseModel):
    widgets: list[SavedWidgetOut]


class WidgetCreated(SavedWidgetOut):
    dashboard: Dashboard | None


class WidgetChanged(SavedWidgetOut):
    """`dashboards`: those whose tiles showed it as it was, and show it as it is now."""

    dashboards: list[str]


@router.get("")
async def saved_widgets(running: Run, deleted: bool = False) -> SavedWidgetsOut:
    """Newest first; with `deleted=true` also those that can still be had back."""
    found = await all_widgets(running.catalog.workspace, running.database, running.corridor.now(), with_deleted=deleted)
    return SavedWidgetsOut(widgets=[SavedWidgetOut(**_parts(each)) for each in found])


@router.post("", status_code=201)
async def save(given: WidgetIn, running: Run) -> WidgetCreated:
    """Save a widget whose question the catalog can answer."""
    saved, dashboard = await save_widget(
        running.catalog.workspace,
        running.dashboards,
        running.database,
        running.corridor.now(),
        given.widget,
        given.dashboard_id,
    )
    return WidgetCreated(**_parts(saved), dashboard=dashboard)


@router.post("/vega-lite")
async def export(given: WidgetChange, running: Run, sees: Sees) -> dict[str, Any]:
    """A portable Vega-Lite v5 chart of the answer of now, with its receipt in `usermeta`."""
    workspace, question = running.catalog.workspace, _question_of(given.widget)
    check_widget(given.widget, workspace, running.corridor.now())
    told = await running.corridor.ask(question.metrics, asked_of(question), sees)
    dimension, keys = series_of(given.widget, told.answer)
    hues = await hues_of_chart(workspace, running.database, dimension, keys)
    return vega_lite(given.widget, told.answer, label_of(given.widget, workspace), hues)


@router.get("/{widget_id}")
async def saved_widget(widget_id: str, running: Run) -> SavedWidgetOut:
    return SavedWidgetOut(
        **_parts(await get_widget(running.catalog.workspace, running.database, running.corridor.now(), widget_id))
    )


@router.patch("/{widget_id}")
async def change(
    widget_id: str, given: WidgetChange, running: Run, if_match: Annotated[str, Header(max_length=20)]
) -> WidgetChanged:
    """Save over the version named in If-Match; 412 where somebody else saved first."""
    saved, dashboards = await change_widget(
        running.catalog.workspace, running.database, running.corridor.now(), widget_id, given.widget, read_version(if_match)
    )
    return WidgetChanged(**_parts(saved), dashboards=dashboards)


@router.delete("/{widget_id}")
async def delete(
    widget_id: str, running: Run, if_match: Annotated[str | None, Header(max_length=20)] = None
) -> SavedWidgetOut:
    """It is kept for 30 days; tiles that show it stay. If-Match is honoured where it is sent."""
    seen = None if if_match is None else read_version(if_match)
    gone = await remove_widget(running.catalog.workspace, running.database, running.corridor.now(), widget_id, seen)
    return SavedWidgetOut(**_parts(gone))


@router.post("/{widget_id}/restore")
async def restore(widget_id: str, running: Run) -> SavedWidgetOut:
    """Undo a delete."""
    return SavedWidgetOut(
        **_parts(await undelete_widget(running.catalog.workspace, running.database, running.corridor.now(), widget_id))
    )


@router.post("/{widget_id}/data", responses={200: {"model": AnswerOut}}, response_class=Response)
async def widget_data(widget_id: str, running: Run, sees: Sees) -> Response:
    """The answer to its question."""
    saved = await get_widget(running.catalog.workspace, running.database, running.corridor.now(), widget_id)
    question = _question_of(saved.widget)
    told = await running.corridor.ask(question.metrics, asked_of(question), sees)
    headers = {"etag": f'"{told.answer.answer_id}"', "cache-control": "private, no-cache"}
    return Response(told.bytes, media_type="application/json", headers=headers)


def _question_of(widget: Widget) -> AskedMetrics:
    """Raises BadQuestion for a text."""
    if widget.kind == "text":
        raise BadQuestion("a text asks nothing, so it has no answer", field="widget.kind")
    return widget.question


def _parts(saved: SavedWidget) -> dict[str, Any]:
    parts: dict[str, Any] = {name: getattr(saved, name) for name in SavedWidget.__slots__}
    for name in ("created_at", "updated_at", "deleted_at"):
        moment = getattr(saved, name)
        parts[name] = moment and instant(moment)
    return parts

"""Dashboards over HTTP: the workspace's files, and those made on the screen."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from assay.errors import BadRequest
from assay.store.dashboards import KEPT_DAYS
from assay.web.room import Room
from assay.web.schemas import DashboardLine, DashboardsOut
from assay.web.versions import read_version
from assay.web.wiring import Apart, Run
from assay.widgets.dashboard_yaml import read_dashboard
from assay.widgets.dashboards import (
    changes_of_screen,
    create_dashboard,
    export_dashboard,
    get_dashboard,
    import_dashboard,
    list_dashboards,
    put_dashboard,
    remove_dashboard,
    reset_dashboard,
    undelete_dashboard,
)
from assay.widgets.widget import Dashboard, DashboardEntry, Named
from assay.work.instants import instant

router = Room("dashboards", "/v1/dashboards")
_YAML_CPU_SECONDS = 2.0
_YAML: dict[int | str, dict[str, Any]] = {200: {"content": {"text/yaml": {"schema": {"type": "object"}}}}}


class DashboardIn(BaseModel):
    """A new dashboard: empty, or with the tiles of another."""

    model_config = ConfigDict(extra="forbid")

    dashboard_id: Named | None = Field(default=None, description="null: made from the label")
    label: str = Field(min_length=1, max_length=80)
    copy_of: Named | None = None


class DashboardDeleted(BaseModel):
    """Until `kept_until` POST /v1/dashboards/{id}/restore brings it back."""

    dashboard_id: str
    label: str
    deleted_at: str
    kept_until: str


class DashboardChanges(BaseModel):
    """`file` and `shown` as YAML; `diff`: the lines in which they differ, empty where nothing was changed."""

    file: str
    shown: str
    diff: str


@router.get("")
async def dashboards(running: Run) -> DashboardsOut:
    listed = await list_dashboards(running.dashboards, running.database)
    return DashboardsOut(
        dashboards=[DashboardLine(dashboard_id=each.dashboard_id, label=each.label, origin=each.origin) for each in listed]
    )


@router.post("", status_code=201)
async def add_dashboard(given: DashboardIn, running: Run) -> Dashboard:
    return await create_dashboard(running.dashboards, running.database, given.label, given.dashboard_id, given.copy_of)


@router.get("/{dashboard_id}")
async def dashboard(dashboard_id: str, running: Run) -> Dashboard:
    return await get_dashboard(running.dashboards, running.database, dashboard_id)


@router.put("/{dashboard_id}")
async def save_dashboard(
    dashboard_id: str, entry: DashboardEntry, running: Run, if_match: Annotated[str, Header(max_length=20)]
) -> Dashboard:
    """Save over the version named in If-Match; 412 where somebody else saved first."""
    seen = read_version(if_match)
    if entry.dashboard_id != dashboard_id:
        raise BadRequest("The body names another dashboard than the address.")
    return await put_dashboard(running.dashboards, running.database, entry, seen)


@router.delete("/{dashboard_id}")
async def delete_dashboard(dashboard_id: str, running: Run) -> DashboardDeleted:
    """Only one that was made on the screen; a file of the workspace is deleted where it lies."""
    gone, at = await remove_dashboard(running.dashboards, running.database, dashboard_id)
    return DashboardDeleted(
        dashboard_id=gone.dashboard_id, label=gone.label, deleted_at=instant(at),
        kept_until=instant(at + timedelta(days=KEPT_DAYS)),
    )  # fmt: skip


@router.post("/{dashboard_id}/restore")
async def restore_dashboard(dashboard_id: str, running: Run) -> Dashboard:
    """Undo a delete."""
    return await undelete_dashboard(running.dashboards, running.database, dashboard_id)


@router.post("/{dashboard_id}/reset")
async def reset(dashboard_id: str, running: Run) -> Dashboard:
    return await reset_dashboard(running.dashboards, running.database, dashboard_id)


@router.get("/{dashboard_id}/changes")
async def dashboard_changes(dashboard_id: str, running: Run) -> DashboardChanges:
    """What the screen changed of its file; POST /v1/dashboards/{id}/reset goes back to it."""
    found = await changes_of_screen(running.dashboards, running.database, dashboard_id)
    return DashboardChanges(file=found.file, shown=found.shown, diff=found.diff)


@router.get("/{dashboard_id}/yaml", responses=_YAML, response_class=Response)
async def dashboard_yaml(dashboard_id: str, running: Run) -> Response:
    """As a file of the workspace's folder `dashboards/` has it."""
    text, version = await export_dashboard(running.dashboards, running.database, dashboard_id)
    headers = {
        "etag": f'"{version}"', "cache-control": "private, no-cache",
        "content-disposition": f'inline; filename="{dashboard_id}.yaml"',
    }  # fmt: skip
    return Response(text, media_type="text/yaml", headers=headers)


@router.put(
    "/{dashboard_id}/yaml",
    openapi_extra={"requestBody": {"required": True, "content": {"text/yaml": {"schema": {"type": "string"}}}}},
)
async def import_yaml(
    dashboard_id: str,
    request: Request,
    running: Run,
    workers: Apart,
    if_match: Annotated[str | None, Header(max_length=20)] = None,
) -> Dashboard:
    """A new dashboard from YAML, or over the version named in If-Match of the one that is there."""
    try:
        text = (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(f"The body is no UTF-8: byte {error.start}.") from error
    seen = None if if_match is None else read_version(if_match)
    entry = await workers.run(read_dashboard, text, cpu_seconds=_YAML_CPU_SECONDS, what="This YAML")
    return await import_dashboard(running.dashboards, running.database, dashboard_id, entry, seen)

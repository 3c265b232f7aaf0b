"""Dashboards over HTTP."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header

from assay.errors import BadRequest
from assay.web.schemas import DashboardLine, DashboardsOut
from assay.web.wiring import Run
from assay.widgets.dashboards import get_dashboard, put_dashboard, read_dashboards, reset_dashboard
from assay.widgets.widget import Dashboard, DashboardEntry

router = APIRouter(prefix="/v1/dashboards", tags=["dashboards"])


@router.get("")
async def dashboards(running: Run) -> DashboardsOut:
    found, _ = await asyncio.to_thread(read_dashboards, running.catalog.workspace)
    return DashboardsOut(dashboards=[DashboardLine(dashboard_id=name, label=each.label) for name, each in found.items()])


@router.get("/{dashboard_id}")
async def dashboard(dashboard_id: str, running: Run) -> Dashboard:
    return await get_dashboard(running.catalog.workspace, running.database, dashboard_id)


@router.put("/{dashboard_id}")
async def save_dashboard(
    dashboard_id: str, entry: DashboardEntry, running: Run, if_match: Annotated[str, Header(max_length=20)]
) -> Dashboard:
    """Save over the version named in If-Match; 412 where somebody else saved first."""
    seen = if_match.strip().removeprefix("W/").strip('"')
    if not seen.isdecimal() or len(seen) > 9:
        raise BadRequest(f"If-Match is {if_match!r}.", mend="send the version that was loaded, a whole number")
    if entry.dashboard_id != dashboard_id:
        raise BadRequest("The body names another dashboard than the address.")
    return await put_dashboard(running.catalog.workspace, running.database, entry, int(seen))


@router.post("/{dashboard_id}/reset")
async def reset(dashboard_id: str, running: Run) -> Dashboard:
    return await reset_dashboard(running.catalog.workspace, running.database, dashboard_id)

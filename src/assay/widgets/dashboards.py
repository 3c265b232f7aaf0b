"""Dashboards: the workspace's files, and what was changed on the screen on top of them."""

import asyncio
from pathlib import Path

from pydantic import ValidationError

from assay.catalog.findings import Finding, nearest
from assay.catalog.marked_yaml import BadYaml, read_yaml
from assay.catalog.workspace import Workspace
from assay.errors import BadQuestion, NotFound, StoreUnavailable
from assay.store.dashboards import find_dashboard, put_back, save_dashboard
from assay.store.database import Database
from assay.widgets.widget import Dashboard, DashboardEntry


def read_dashboards(workspace: Workspace) -> tuple[dict[str, DashboardEntry], list[Finding]]:
    """The files of `dashboards/`, in order of their names; what cannot be read becomes findings."""
    found: dict[str, DashboardEntry] = {}
    findings: list[Finding] = []
    for path in sorted((workspace.root / "dashboards").glob("*.y*ml")):
        entry = _read(path, f"dashboards/{path.name}", findings)
        if entry is None:
            continue
        if entry.dashboard_id in found:
            findings.append(Finding(f"dashboards/{path.name}", 1, f"dashboard {entry.dashboard_id} stands twice"))
            continue
        found[entry.dashboard_id] = entry
        for tile in entry.tiles:
            for name in tile.widget.question.metrics:
                if name not in workspace.metrics:
                    findings.append(Finding(
                        f"dashboards/{path.name}", None, f"{tile.widget_id}: there is no metric {name!r}",
                        nearest(name, set(workspace.metrics)), name,
                    ))  # fmt: skip
    return found, findings


def _read(path: Path, shown: str, findings: list[Finding]) -> DashboardEntry | None:
    try:
        marked = read_yaml(path)
    except BadYaml as error:
        findings.append(Finding(shown, error.line, str(error), "mend the YAML"))
        return None
    try:
        return DashboardEntry.model_validate(marked.data)
    except ValidationError as error:
        for each in error.errors():
            place = ".".join(str(part) for part in each["loc"])
            findings.append(Finding(shown, marked.line(each["loc"]) or 1, f"{place}: {each['msg']}"))
        return None


async def get_dashboard(workspace: Workspace, database: Database, dashboard_id: str) -> Dashboard:
    """As changed on the screen where it was; else as the file has it. Raises NotFound."""
    entries, _ = await asyncio.to_thread(read_dashboards, workspace)
    entry = entries.get(dashboard_id)
    try:
        stored = await find_dashboard(database, dashboard_id)
    except StoreUnavailable:
        # The layout of the file is better than none while the store is away.
        stored = None
    if stored is not None and stored.document is not None:
        return Dashboard.model_validate({**stored.document, "version": stored.version, "edited": True})
    if entry is None:
        raise NotFound(f"There is no dashboard {dashboard_id!r}.", mend=nearest(dashboard_id, set(entries)))
    return Dashboard(**dict(entry), version=stored.version if stored else 0, edited=False)


async def put_dashboard(workspace: Workspace, database: Database, entry: DashboardEntry, seen: int) -> Dashboard:
    """Save what the screen changed over version `seen`. Raises Conflict, NotFound, BadQuestion."""
    await get_dashboard(workspace, database, entry.dashboard_id)
    names = [tile.widget_id for tile in entry.tiles]
    if len(set(names)) != len(names):
        raise BadQuestion("a widget stands twice on the dashboard", field="tiles")
    for index, tile in enumerate(entry.tiles):
        if tile.x + tile.w > 12:
            raise BadQuestion(f"{tile.widget_id} reaches beyond the 12 columns", field=f"tiles.{index}.w")
    version = await save_dashboard(database, entry.dashboard_id, entry.model_dump(mode="json"), seen)
    return Dashboard(**dict(entry), version=version, edited=True)


async def reset_dashboard(workspace: Workspace, database: Database, dashboard_id: str) -> Dashboard:
    """Back to the workspace's file."""
    if dashboard_id not in (await asyncio.to_thread(read_dashboards, workspace))[0]:
        raise NotFound(f"There is no file for dashboard {dashboard_id!r}.")
    await put_back(database, dashboard_id)
    return await get_dashboard(workspace, database, dashboard_id)

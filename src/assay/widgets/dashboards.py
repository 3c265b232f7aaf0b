"""Dashboards: the workspace's files, and what was changed on the screen on top of them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from assay.catalog.findings import Finding, nearest
from assay.catalog.marked_yaml import BadYaml, read_yaml
from assay.catalog.spelling import slug
from assay.catalog.workspace import Workspace
from assay.errors import AlreadyThere, BadQuestion, BadRequest, NotFound, StandsInAFile, StoreUnavailable
from assay.store.dashboards import (
    add_dashboard,
    dashboards_of_screen,
    delete_dashboard,
    find_dashboard,
    forget_deleted,
    put_back,
    restore_dashboard,
    save_dashboard,
)
from assay.store.database import Database
from assay.widgets.dashboard_yaml import write_dashboard
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
            message = each["msg"].removeprefix("Value error, ")
            findings.append(Finding(shown, marked.line(each["loc"]) or 1, f"{place}: {message}"))
        return None


@dataclass(frozen=True, slots=True)
class Listed:
    """A dashboard in the list of all: of a file of the workspace, or made on the screen."""

    dashboard_id: str
    label: str
    origin: Literal["file", "screen"]


async def list_dashboards(workspace: Workspace, database: Database) -> list[Listed]:
    """The files' in order of their names, then the screen's by age; the files' alone while the store is away."""
    entries, _ = await asyncio.to_thread(read_dashboards, workspace)
    try:
        made = await dashboards_of_screen(database)
    except StoreUnavailable:
        made = {}
    return [
        *(Listed(name, entry.label, "file") for name, entry in entries.items()),
        *(Listed(name, label, "screen") for name, label in made.items() if name not in entries),
    ]


async def get_dashboard(workspace: Workspace, database: Database, dashboard_id: str) -> Dashboard:
    """As changed or made on the screen where it was; else as the file has it. Raises NotFound."""
    entries, _ = await asyncio.to_thread(read_dashboards, workspace)
    entry = entries.get(dashboard_id)
    try:
        stored = await find_dashboard(database, dashboard_id)
    except StoreUnavailable:
        # The layout of the file is better than none while the store is away.
        stored = None
    if stored is not None and stored.shown is not None:
        return Dashboard.model_validate({**stored.shown, "version": stored.version, "edited": True})
    if entry is None:
        deleted = stored is not None and stored.deleted_at is not None
        mend = "it was deleted: POST its address with /restore" if deleted else nearest(dashboard_id, set(entries))
        raise NotFound(f"There is no dashboard {dashboard_id!r}.", mend=mend)
    return Dashboard(**dict(entry), version=stored.version if stored else 0, edited=False)


async def put_dashboard(workspace: Workspace, database: Database, entry: DashboardEntry, seen: int) -> Dashboard:
    """Save what the screen changed over version `seen`. Raises Conflict, NotFound, BadQuestion."""
    await get_dashboard(workspace, database, entry.dashboard_id)
    _check_layout(entry)
    version = await save_dashboard(database, entry.dashboard_id, entry.model_dump(mode="json"), seen)
    return Dashboard(**dict(entry), version=version, edited=True)


def _check_layout(entry: DashboardEntry) -> None:
    names = [tile.widget_id for tile in entry.tiles]
    if len(set(names)) != len(names):
        raise BadQuestion("a widget stands twice on the dashboard", field="tiles")
    for index, tile in enumerate(entry.tiles):
        if tile.x + tile.w > 12:
            raise BadQuestion(f"{tile.widget_id} reaches beyond the 12 columns", field=f"tiles.{index}.w")


async def reset_dashboard(workspace: Workspace, database: Database, dashboard_id: str) -> Dashboard:
    """Back to the workspace's file."""
    if dashboard_id not in (await asyncio.to_thread(read_dashboards, workspace))[0]:
        raise NotFound(f"There is no file for dashboard {dashboard_id!r}.")
    await put_back(database, dashboard_id)
    return await get_dashboard(workspace, database, dashboard_id)


async def create_dashboard(
    workspace: Workspace, database: Database, label: str, dashboard_id: str | None, copy_of: str | None
) -> Dashboard:
    """An empty one, or a copy of another as it is shown now. Raises AlreadyThere, NotFound."""
    model = await get_dashboard(workspace, database, copy_of) if copy_of is not None else None
    entry = DashboardEntry(
        dashboard_id=dashboard_id or slug(label, "dashboard").replace("_", "-"), label=label,
        description=model.description if model else "", tiles=model.tiles if model else (),
    )  # fmt: skip
    return await _add(workspace, database, entry, may_rename=dashboard_id is None)


async def _add(workspace: Workspace, database: Database, entry: DashboardEntry, *, may_rename: bool) -> Dashboard:
    files, _ = await asyncio.to_thread(read_dashboards, workspace)
    await forget_deleted(database)
    wanted = entry.dashboard_id
    for number in range(1, 1_000 if may_rename else 2):
        name = wanted if number == 1 else f"{wanted[:56]}-{number}"
        if name in files:
            continue
        entry = entry.model_copy(update={"dashboard_id": name})
        version = await add_dashboard(database, name, entry.model_dump(mode="json"))
        if version is not None:
            return Dashboard(**dict(entry), version=version, edited=True)
    raise AlreadyThere(f"There is a dashboard {wanted!r} already, or was until it was deleted.", mend="choose another id")


async def remove_dashboard(workspace: Workspace, database: Database, dashboard_id: str) -> tuple[Dashboard, datetime]:
    """Delete one that was made on the screen: as it was, and when. Raises NotFound, StandsInAFile."""
    if dashboard_id in (await asyncio.to_thread(read_dashboards, workspace))[0]:
        raise StandsInAFile(
            f"Dashboard {dashboard_id!r} stands in a file of the workspace.", mend="delete its file in dashboards/"
        )
    found = await get_dashboard(workspace, database, dashboard_id)
    deleted_at = await delete_dashboard(database, dashboard_id)
    if deleted_at is None:
        raise NotFound(f"There is no dashboard {dashboard_id!r}.")
    return found, deleted_at


async def undelete_dashboard(workspace: Workspace, database: Database, dashboard_id: str) -> Dashboard:
    if not await restore_dashboard(database, dashboard_id):
        raise NotFound(f"No dashboard {dashboard_id!r} was deleted within the last 30 days.")
    return await get_dashboard(workspace, database, dashboard_id)


async def export_dashboard(workspace: Workspace, database: Database, dashboard_id: str) -> tuple[str, int]:
    """Its YAML and its version; where the screen changed nothing, the file to the letter."""
    found = await get_dashboard(workspace, database, dashboard_id)
    if not found.edited:
        text = await asyncio.to_thread(_file_of, workspace, dashboard_id)
        if text is not None:
            return text, found.version
    return write_dashboard(
        DashboardEntry(**{name: getattr(found, name) for name in DashboardEntry.model_fields})
    ), found.version


def _file_of(workspace: Workspace, dashboard_id: str) -> str | None:
    for path in sorted((workspace.root / "dashboards").glob("*.y*ml")):
        entry = _read(path, path.name, [])
        if entry is not None and entry.dashboard_id == dashboard_id:
            return path.read_text("utf-8-sig")
    return None


async def import_dashboard(
    workspace: Workspace, database: Database, dashboard_id: str, entry: DashboardEntry, seen: int | None
) -> Dashboard:
    """A new dashboard from what its YAML holds, or over version `seen` of the one that is there. Raises BadRequest."""
    if entry.dashboard_id != dashboard_id:
        raise BadRequest(f"The YAML is of dashboard {entry.dashboard_id!r}, the address of {dashboard_id!r}.")
    _check_layout(entry)
    try:
        present = await get_dashboard(workspace, database, dashboard_id)
    except NotFound:
        return await _add(workspace, database, entry, may_rename=False)
    if seen is None:
        raise BadRequest(
            f"There is a dashboard {dashboard_id!r} already.", mend=f"to write over it send If-Match: {present.version}"
        )
    return await put_dashboard(workspace, database, entry, seen)

"""Dashboards: the workspace's files, and what was changed on the screen on top of them."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from assay.catalog.findings import Finding, nearest
from assay.catalog.spelling import slug
from assay.catalog.workspace import Workspace
from assay.errors import AlreadyThere, AssayError, BadQuestion, BadRequest, NotFound, StandsInAFile, StoreUnavailable
from assay.store.dashboards import (
    add_dashboard,
    delete_dashboard,
    find_dashboard,
    forget_deleted,
    labels_of_screen,
    put_back,
    restore_dashboard,
    save_dashboard,
)
from assay.store.database import Connection, Database
from assay.store.last_good import dashboards_with_changes, rebase_dashboard
from assay.store.widgets import list_widgets
from assay.widgets.check import MOMENT, check_widget, faults_of_dashboard, faults_of_layout, findings_of, settled
from assay.widgets.dashboard_files import DashboardFiles, lay_over, read_dashboards
from assay.widgets.dashboard_yaml import write_dashboard
from assay.widgets.widget import Dashboard, DashboardEntry, Widget
from assay.work.patience import FILES_SECONDS, in_time


@dataclass(frozen=True, slots=True)
class Listed:
    """A dashboard in the list of all: of a file of the workspace, or made on the screen."""

    dashboard_id: str
    label: str
    origin: Literal["file", "screen"]


async def list_dashboards(files: DashboardFiles, database: Database) -> list[Listed]:
    """The files' in order of their names, then the screen's by age; the files' alone while the store is away."""
    try:
        made = await labels_of_screen(database)
    except StoreUnavailable:
        made = {}
    return [
        *(Listed(name, made.get(name, each.entry.label), "file") for name, each in files.files.items()),
        *(Listed(name, label, "screen") for name, label in made.items() if name not in files.files),
    ]


async def get_dashboard(files: DashboardFiles, database: Database, dashboard_id: str) -> Dashboard:
    """As changed or made on the screen where it was; else as the file has it. Raises NotFound, StoreUnavailable."""
    entry = files.entry(dashboard_id)
    try:
        stored = await find_dashboard(database, dashboard_id)
    except StoreUnavailable as error:
        if entry is None:
            raise StoreUnavailable(f"Dashboard {dashboard_id!r} is not in a file, and {_lowered(error.detail)}",
                                   mend="it comes back with the database") from error  # fmt: skip
        # The layout of the file is better than none while the store is away.
        stored = None
    if stored is not None and stored.shown is not None:
        return Dashboard.model_validate({**stored.shown, "version": stored.version, "edited": True})
    if entry is None:
        deleted = stored is not None and stored.deleted_at is not None
        mend = "it was deleted: POST its address with /restore" if deleted else nearest(dashboard_id, set(files.files))
        raise NotFound(f"There is no dashboard {dashboard_id!r}.", mend=mend)
    return Dashboard(**dict(entry), version=stored.version if stored else 0, edited=False)


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


async def put_dashboard(files: DashboardFiles, database: Database, entry: DashboardEntry, seen: int) -> Dashboard:
    """Save what the screen changed over version `seen`. Raises Conflict, NotFound, BadQuestion."""
    await get_dashboard(files, database, entry.dashboard_id)
    _check_layout(entry)
    version = await save_dashboard(database, entry.dashboard_id, entry.model_dump(mode="json"), seen)
    return Dashboard(**dict(entry), version=version, edited=True)


def _check_layout(entry: DashboardEntry) -> None:
    """Raises BadQuestion with the field. Tiles that lie over each other are moved by the page, and told of."""
    fault = next((each for each in faults_of_layout(entry) if each.of_layout), None)
    if fault is not None:
        # Of a widget that stands twice no one tile is wrong.
        place = fault.place[:1] if fault.place[-1] == "widget_id" else fault.place
        raise BadQuestion(fault.message, mend=fault.mend, field=".".join(map(str, place)))


async def reset_dashboard(files: DashboardFiles, database: Database, dashboard_id: str) -> Dashboard:
    """Back to the workspace's file."""
    if dashboard_id not in files.files:
        raise NotFound(f"There is no file for dashboard {dashboard_id!r}.")
    await put_back(database, dashboard_id)
    return await get_dashboard(files, database, dashboard_id)


async def create_dashboard(
    files: DashboardFiles, database: Database, label: str, dashboard_id: str | None, copy_of: str | None
) -> Dashboard:
    """An empty one, or a copy of another as it is shown now. Raises AlreadyThere, NotFound."""
    model = await get_dashboard(files, database, copy_of) if copy_of is not None else None
    entry = DashboardEntry(
        dashboard_id=dashboard_id or slug(label, "dashboard").replace("_", "-"), label=label,
        description=model.description if model else "", tiles=model.tiles if model else (),
    )  # fmt: skip
    return await _add(files, database, entry, may_rename=dashboard_id is None)


async def _add(files: DashboardFiles, database: Database, entry: DashboardEntry, *, may_rename: bool) -> Dashboard:
    await forget_deleted(database)
    wanted = entry.dashboard_id
    for number in range(1, 1_000 if may_rename else 2):
        name = wanted if number == 1 else f"{wanted[:56]}-{number}"
        if name in files.files:
            continue
        entry = entry.model_copy(update={"dashboard_id": name})
        version = await add_dashboard(database, name, entry.model_dump(mode="json"))
        if version is not None:
            return Dashboard(**dict(entry), version=version, edited=True)
    raise AlreadyThere(f"There is a dashboard {wanted!r} already, or was until it was deleted.", mend="choose another id")


async def remove_dashboard(files: DashboardFiles, database: Database, dashboard_id: str) -> tuple[Dashboard, datetime]:
    """Delete one that was made on the screen: as it was, and when. Raises NotFound, StandsInAFile."""
    if dashboard_id in files.files:
        raise StandsInAFile(
            f"Dashboard {dashboard_id!r} stands in a file of the workspace.", mend="delete its file in dashboards/"
        )
    found = await get_dashboard(files, database, dashboard_id)
    deleted_at = await delete_dashboard(database, dashboard_id)
    if deleted_at is None:
        raise NotFound(f"There is no dashboard {dashboard_id!r}.")
    return found, deleted_at


async def undelete_dashboard(files: DashboardFiles, database: Database, dashboard_id: str) -> Dashboard:
    if not await restore_dashboard(database, dashboard_id):
        raise NotFound(f"No dashboard {dashboard_id!r} was deleted within the last 30 days.")
    return await get_dashboard(files, database, dashboard_id)


async def export_dashboard(files: DashboardFiles, database: Database, dashboard_id: str) -> tuple[str, int]:
    """Its YAML and its version; where the screen changed nothing, the file to the letter."""
    found = await get_dashboard(files, database, dashboard_id)
    kept = files.files.get(dashboard_id)
    if not found.edited and kept is not None and kept.text is not None:
        return kept.text, found.version
    return write_dashboard(found.entry()), found.version


@dataclass(frozen=True, slots=True)
class Changes:
    """What the screen changed of a dashboard's file: both as YAML, and the lines in which they differ."""

    file: str
    shown: str
    diff: str


async def changes_of_screen(files: DashboardFiles, database: Database, dashboard_id: str) -> Changes:
    """Raises NotFound where there is no such dashboard, or no file of it."""
    found = await get_dashboard(files, database, dashboard_id)
    kept = files.files.get(dashboard_id)
    if kept is None:
        raise NotFound(f"There is no file for dashboard {dashboard_id!r}.")
    shown = write_dashboard(found.entry())
    file = write_dashboard(kept.entry)
    lines = difflib.unified_diff(file.splitlines(True), shown.splitlines(True), kept.file, "on the screen")
    return Changes(file, shown, "".join(lines))


async def take_over_dashboards(
    connection: Connection, workspace: Workspace, kept: Mapping[str, dict[str, Any]]
) -> tuple[DashboardFiles, bool]:
    """The files as they lie there, with what the screen changed laid over those that are others than they were `kept`.

    True where one is.
    """
    files = await in_time(FILES_SECONDS, read_dashboards, workspace, kept)
    stored = await dashboards_with_changes(connection, for_update=True)
    moved = False
    for name, each in files.files.items():
        before = kept.get(name)
        if before is None or before["entry"] == each.document()["entry"]:
            continue
        moved = True
        document = stored.get(name)
        if document is not None:
            base, screen = (DashboardEntry.model_validate(one) for one in (before["entry"], document))
            document = settled(lay_over(base, screen, each.entry)).model_dump(mode="json")
            document = None if document == each.document()["entry"] else document
        await rebase_dashboard(connection, name, document)
    return files, moved or any(name not in kept for name in files.files)


async def findings_of_screen(files: DashboardFiles, workspace: Workspace, database: Database) -> list[Finding]:
    """What is wrong with dashboards and widgets as they were saved: the check is that of the files."""
    found: list[Finding] = []
    known = {(each.message, each.mend) for each in files.findings}
    for name, document in (await dashboards_with_changes(database)).items():
        entry = DashboardEntry.model_validate(document)
        told = findings_of(faults_of_dashboard(entry, workspace), f"dashboard {name}, as changed on the screen")
        found += [each for each in told if (each.message, each.mend) not in known]
    for stored in await list_widgets(database, with_deleted=False):
        try:
            check_widget(Widget.model_validate(stored.document), workspace, MOMENT)
        except AssayError as error:
            place = f"saved widget {stored.widget_id}"
            found.append(Finding(place, None, error.detail.rstrip("."), error.mend))
    return found


async def import_dashboard(
    files: DashboardFiles, database: Database, dashboard_id: str, entry: DashboardEntry, seen: int | None
) -> Dashboard:
    """A new dashboard from what its YAML holds, or over version `seen` of the one that is there. Raises BadRequest."""
    if entry.dashboard_id != dashboard_id:
        raise BadRequest(f"The YAML is of dashboard {entry.dashboard_id!r}, the address of {dashboard_id!r}.")
    _check_layout(entry)
    try:
        present = await get_dashboard(files, database, dashboard_id)
    except NotFound:
        return await _add(files, database, entry, may_rename=False)
    if seen is None:
        raise BadRequest(
            f"There is a dashboard {dashboard_id!r} already.", mend=f"to write over it send If-Match: {present.version}"
        )
    return await put_dashboard(files, database, entry, seen)

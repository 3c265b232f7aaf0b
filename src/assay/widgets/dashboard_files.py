"""The files of `dashboards/`, read together: what serves of them, and what is wrong with the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assay.catalog.faults import faults_of
from assay.catalog.findings import Finding
from assay.catalog.folder import content_files
from assay.catalog.marked_yaml import BadYaml, MarkedYaml, parse_yaml, read_text
from assay.catalog.workspace import Workspace
from assay.widgets.check import faults_of_dashboard, findings_of
from assay.widgets.widget import DashboardEntry


@dataclass(frozen=True)
class DashboardFile:
    """`text`: the file to the letter; None where it cannot be read and its last good form serves."""

    entry: DashboardEntry
    file: str
    text: str | None
    is_good: bool
    """Whether it may serve as the last good form of a later one."""

    def document(self) -> dict[str, Any]:
        return {"file": self.file, "entry": self.entry.model_dump(mode="json")}


@dataclass(frozen=True)
class DashboardFiles:
    """By id, in order of the files' names."""

    files: dict[str, DashboardFile] = field(default_factory=dict[str, DashboardFile])
    findings: tuple[Finding, ...] = ()

    def entry(self, dashboard_id: str) -> DashboardEntry | None:
        found = self.files.get(dashboard_id)
        return found.entry if found else None


def read_dashboards(workspace: Workspace, last: Mapping[str, dict[str, Any]] | None = None) -> DashboardFiles:
    """What cannot be read, or could not be saved on the screen, becomes findings; its `last` good form serves meanwhile."""
    found: dict[str, DashboardFile] = {}
    findings: list[Finding] = []
    good = _last_good(last or {})
    for path in content_files(workspace.root / "dashboards"):
        shown = f"dashboards/{path.name}"
        read, own, serves = _read(path, shown, workspace)
        if not serves and shown in good:
            read = good[shown]
            own = [replace(each, mend=_also(each.mend)) for each in own]
        findings += own
        if read is None:
            continue
        name = read.entry.dashboard_id
        if name in found:
            first = found[name].file
            findings.append(Finding(shown, 1, f"dashboard {name} stands twice (first in {first})",
                                    "give one of them another dashboard_id"))  # fmt: skip
            continue
        found[name] = read
    return DashboardFiles(found, tuple(findings))


def _also(mend: str | None) -> str:
    serves = "its last good form is shown until then"
    return f"{mend}; {serves}" if mend else serves


def _last_good(last: Mapping[str, dict[str, Any]]) -> dict[str, DashboardFile]:
    """By file."""
    found: dict[str, DashboardFile] = {}
    for document in last.values():
        try:
            entry = DashboardEntry.model_validate(document["entry"])
        except ValidationError:
            # Kept by an Assay that wrote dashboards otherwise: not known to mean the same.
            continue
        found[document["file"]] = DashboardFile(entry, document["file"], None, is_good=True)
    return found


def _read(path: Path, shown: str, workspace: Workspace) -> tuple[DashboardFile | None, list[Finding], bool]:
    """The dashboard, what is wrong with it, and whether it can serve as it is."""
    try:
        text = read_text(path)
        marked = parse_yaml(text)
    except BadYaml as error:
        return None, error.findings(shown), False
    try:
        entry = DashboardEntry.model_validate(marked.data)
    except ValidationError as error:
        return None, [
            Finding(shown, marked.line(each.place) or 1, each.told_of("the file"), each.mend)
            for each in faults_of(error.errors(), DashboardEntry)
        ], False  # fmt: skip
    faults = faults_of_dashboard(entry, workspace)
    is_good = not any(each.of_layout for each in faults)
    return DashboardFile(entry, shown, text, is_good), findings_of(faults, shown, _line_of(marked)), is_good


def _line_of(marked: MarkedYaml) -> Any:
    return lambda place: marked.line(place) or 1


def lay_over(base: DashboardEntry, screen: DashboardEntry, file: DashboardEntry) -> DashboardEntry:
    """What the screen changed of `base`, laid over the `file` that stands in its place now.

    Each thing is taken from whoever changed it: label and description, and of each tile its place and what it shows. Where
    both did, the screen's counts. A tile that the one took off is off, unless the other changed what it shows.
    """
    was, mine = ({tile.widget_id: tile for tile in each.tiles} for each in (base, screen))
    theirs = {tile.widget_id: tile for tile in file.tiles}
    tiles: list[Any] = []
    for name, tile in theirs.items():
        before, now = was.get(name), mine.get(name)
        if now is None:
            if before is None or before.widget != tile.widget:
                tiles.append(tile)
        elif before is None:
            tiles.append(now)
        else:
            is_moved = (now.x, now.y, now.w, now.h) != (before.x, before.y, before.w, before.h)
            placed = now if is_moved else tile
            widget = now.widget if now.widget != before.widget else tile.widget
            tiles.append(placed.model_copy(update={"widget": widget}))
    tiles += [
        tile for name, tile in mine.items()
        if name not in theirs and (name not in was or was[name].widget != tile.widget)
    ]  # fmt: skip
    own = {name: getattr(screen, name) for name in ("label", "description") if getattr(screen, name) != getattr(base, name)}
    return file.model_copy(update={**own, "tiles": tuple(tiles[:64])})

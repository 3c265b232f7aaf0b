"""The definitions of a workspace as their authors wrote them, each with its place; and what of it no model carries."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from assay.catalog.calendars import GREGORIAN
from assay.catalog.entry import EntitiesFile, EntityEntry, MetricEntry, MetricsFile
from assay.catalog.folder import content_files
from assay.catalog.marked_yaml import MarkedYaml, read_yaml
from assay.catalog.workspace import Workspace
from assay.interop.fidelity import Item, Place
from assay.people.policy_files import FOLDER, read_folder


@dataclass
class Content:
    metrics: dict[str, MetricEntry] = field(default_factory=dict[str, MetricEntry])
    entities: dict[str, Place] = field(default_factory=dict[str, Place])
    """Where what a table offers is written, by qualified table."""
    others: list[Item] = field(default_factory=list[Item])


def read_content(workspace: Workspace) -> Content:
    """Of a workspace that has no findings: each file is read as it was when it was loaded."""
    found = Content()
    for file in dict.fromkeys(each.file for each in workspace.metrics.values()):
        marked = read_yaml(workspace.root / file)
        found.metrics |= {each.id: each for each in MetricsFile.model_validate(marked.data).metrics}
    for path in content_files(workspace.root / "entities"):
        marked = read_yaml(path)
        for number, entry in enumerate(EntitiesFile.model_validate(marked.data).entities):
            _place(found, workspace, entry, marked, path.relative_to(workspace.root).as_posix(), number)
    found.others += _rules(workspace)
    return found


def _place(found: Content, workspace: Workspace, entry: EntityEntry, marked: MarkedYaml, file: str, number: int) -> None:
    table = workspace.dictionary.find(entry.table)
    if table is not None:
        found.entities[table.qualified] = Place(file, marked.line(("entities", number)))


def _rules(workspace: Workspace) -> Iterator[Item]:
    for name in sorted(read_folder(workspace.root).files):
        told = "who may see what is not carried over: say it where the definitions go, before anybody asks there"
        yield Item("access rule", name, "left out", Place(f"{FOLDER}/{name}"), told, may_differ=True)
    if workspace.calendar.week_starts != GREGORIAN.week_starts or workspace.calendar.periods:
        told = "weeks and periods there are those of their own calendar"
        yield Item("calendar", "assay.yaml", "left out", Place("assay.yaml"), told, may_differ=True)

"""`assay init --more`: the metrics that a first draft left out, added to a workspace as a file of their own."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from assay.backends.survey import survey
from assay.catalog.binder import Binder
from assay.catalog.draft import Draft, draft_workspace
from assay.catalog.entry import MetricEntry
from assay.catalog.formula import BadFormula
from assay.catalog.found import Found
from assay.catalog.workspace import Workspace, load_workspace
from assay.catalog.yaml_text import Entry, write_yaml
from assay.cli.init import findings_in
from assay.errors import AssayError, SetupFailed
from assay.routing.file import read_routing_file, write_routes
from assay.widgets.drafts.file import replace_file
from assay.work.files import write_file

_FILE = "metrics/more.yaml"
_HEAD = "# Added by `assay init --more`: drafted as the others were, and of lesser weight.\n"


@dataclass(frozen=True)
class Added:
    folder: Path
    metric_ids: list[str]
    findings: list[str]

    def body(self) -> dict[str, Any]:
        return {"folder": str(self.folder), "added": self.metric_ids, "findings": self.findings}

    def lines(self) -> list[str]:
        if not self.metric_ids:
            return ["There are no more metrics to add: all that would be drafted stand in the workspace."]
        return [f"{self.folder / _FILE}: {len(self.metric_ids)} metrics", *self.findings]


async def add_more(folder: Path, now: datetime, tell: Callable[[str], None]) -> Added:
    """Read the workspace's database again, and add what is not there yet.

    Raises SetupFailed, WorkspaceBroken, StandsInAFile or RouteRefused with the mend.
    """
    workspace = load_workspace(folder)
    if (folder / _FILE).exists():
        raise SetupFailed(f"{_FILE} is there already.", mend="rename it, and nothing of it is drafted again")
    backend, _, draft = await draft_again(workspace, now, tell)
    entries = still_wanted(draft.starter.more, workspace)
    if not entries:
        return Added(folder, [], [])
    ids = [entry["id"] for entry in entries]
    take_in({_FILE: _HEAD + write_yaml({"metrics": entries})}, workspace, ids, backend)
    return Added(folder, ids, await findings_in(folder))


async def draft_again(workspace: Workspace, now: datetime, tell: Callable[[str], None]) -> tuple[str, Found, Draft]:
    """(the backend's name, what its database holds, what would be drafted of it today). Raises SetupFailed with the mend."""
    backend, address = _source(workspace)
    found, _ = await survey(address, sorted({each.schema for each in workspace.dictionary.tables.values()}), tell)
    return backend, found, draft_workspace(found, {}, now)


def take_in(files: Mapping[str, str], workspace: Workspace, metric_ids: Sequence[str], backend: str) -> None:
    """Write files of the workspace and route their metrics, all or nothing. What has a route keeps it.

    Raises StandsInAFile or RouteRefused; then every file is as it was, so that nothing is in the way of a second try.
    """
    before = dict[Path, bytes | None]()
    try:
        for name, text in files.items():
            path = workspace.root / name
            before[path] = path.read_bytes() if path.exists() else None
            replace_file(path, text)
        there = read_routing_file(workspace.routing_file).lines
        workspace.routing_file.parent.mkdir(exist_ok=True)
        write_routes(workspace.routing_file, {each: backend for each in metric_ids if each not in there})
    except (AssayError, OSError):
        for path, text in before.items():
            with suppress(OSError):
                path.unlink(missing_ok=True) if text is None else write_file(path, text.decode())
        raise


def still_wanted(drafted: dict[str, list[Entry]], workspace: Workspace) -> list[Entry]:
    """What is not there under its id or label, and can be had by the dictionary as its owner has left it."""
    binder = Binder(workspace.dictionary, workspace.entities)
    labels = {each.label.lower() for each in workspace.metrics.values()}
    entries = list[Entry]()
    for entry in (each for entries_of_a_file in drafted.values() for each in entries_of_a_file):
        if entry["id"] in workspace.metrics or entry["label"].lower() in labels:
            continue
        with suppress(BadFormula):
            entries.append(_bound(entry, binder))
    return entries


def _bound(entry: Entry, binder: Binder) -> Entry:
    """The entry without the splits that cannot be had. Raises BadFormula where the rest cannot."""
    read = MetricEntry.model_validate(entry)
    table, splits = binder.entity(entry["entity"]), list[object]()
    for written, split in zip(entry.get("dimensions", ()), read.dimensions or (), strict=True):
        with suppress(BadFormula):
            binder.dimension(table, split)
            splits.append(written)
    entry = {**entry, "dimensions": splits} if read.dimensions else entry
    binder.bind(binder.completed(MetricEntry.model_validate(entry)), _FILE, 1)
    return entry


def _source(workspace: Workspace) -> tuple[str, str]:
    """The name of the one backend that can be surveyed, and its address."""
    from urllib.parse import quote

    for name, settings in workspace.backends.items():
        if settings.missing:
            raise SetupFailed(f"{settings.missing[0]} is not set.", mend=f"export {settings.missing[0]}='postgresql://...'")
        if "://" in settings.values.get("url", ""):
            return name, settings.values["url"]
        if settings.driver == "duckdb" and Path(settings.values["path"]).is_absolute():
            return name, f"duckdb://{quote(settings.values['path'])}"
    raise SetupFailed(
        "No backend of the workspace can be read for a draft.", mend="name the workspace that init wrote, by --into"
    )

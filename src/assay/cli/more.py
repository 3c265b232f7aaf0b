"""`assay init --more`: the metrics that a first draft left out, added to a workspace as a file of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from assay.backends.survey import survey
from assay.catalog.draft import Draft, draft_workspace
from assay.catalog.found import Found
from assay.catalog.workspace import Workspace, load_workspace
from assay.catalog.yaml_text import write_yaml
from assay.errors import SetupFailed
from assay.settings import read_settings
from assay.setup.addition import still_wanted
from assay.setup.folder import findings_in, take_in
from assay.setup.source import duckdb_address

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
    backend, address = _source(workspace, read_settings().home)
    found, _ = await survey(address, sorted({each.schema for each in workspace.dictionary.tables.values()}), tell)
    return backend, found, draft_workspace(found, {}, now)


def _source(workspace: Workspace, home: Path) -> tuple[str, str]:
    """The name of the first backend that can be surveyed, and its address. Files lie in the state folder `home`, unless
    their path says otherwise.
    """
    for name, settings in workspace.backends.items():
        if settings.missing:
            raise SetupFailed(f"{settings.missing[0]} is not set.", mend=f"export {settings.missing[0]}='postgresql://...'")
        if "://" in settings.values.get("url", ""):
            return name, settings.values["url"]
        if settings.driver == "duckdb" and settings.values.get("path"):
            file = settings.file_in(home)
            if not file.is_file():
                raise SetupFailed(f"There is no file {file}.", mend="set ASSAY_HOME to the folder that assay up has it in")
            return name, duckdb_address(file)
    raise SetupFailed(
        "No backend of the workspace can be read for a draft.", mend="name the workspace that init wrote, by --into"
    )

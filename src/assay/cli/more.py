"""`assay init --more`: the metrics that a first draft left out, added to a workspace as a file of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from assay.backends.survey import survey
from assay.catalog.draft import draft_workspace
from assay.catalog.workspace import Workspace, load_workspace
from assay.catalog.yaml_text import write_yaml
from assay.cli.init import findings_in
from assay.errors import SetupFailed

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
    """Read the workspace's database again, and add what is not there yet. Raises SetupFailed with the mend."""
    workspace = load_workspace(folder)
    if (folder / _FILE).exists():
        raise SetupFailed(f"{_FILE} is there already.", mend="rename it, and nothing of it is drafted again")
    backend, address = _source(workspace)
    found, _ = await survey(address, sorted({each.schema for each in workspace.dictionary.tables.values()}), tell)
    draft = draft_workspace(found, {}, now)
    known = {each.label.lower() for each in workspace.metrics.values()}
    entries = [
        entry for files in (draft.starter.metrics, draft.starter.more) for each in files.values() for entry in each
        if entry["id"] not in workspace.metrics and entry["label"].lower() not in known
        and entry["entity"] in workspace.dictionary.tables
    ]  # fmt: skip
    if not entries:
        return Added(folder, [], [])
    ids = [entry["id"] for entry in entries]
    routing = workspace.routing_file
    text = routing.read_text(encoding="utf-8")
    lines = "".join(f"  {each}: {{backend: {backend}}}\n" for each in ids if f"\n  {each}:" not in text)
    (folder / _FILE).write_text(_HEAD + write_yaml({"metrics": entries}), encoding="utf-8", newline="\n")
    routing.write_text(text.rstrip("\n") + "\n" + lines, encoding="utf-8", newline="\n")
    return Added(folder, ids, await findings_in(folder))


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

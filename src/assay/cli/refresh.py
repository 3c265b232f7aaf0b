"""`assay init --refresh`: what has changed in the database, as a diff of the workspace that a person takes or leaves."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from assay.catalog.refresh import COLUMNS, JOINS, TABLES, Changes, changes
from assay.catalog.workspace import Workspace, load_workspace
from assay.catalog.yaml_text import Entry, write_yaml
from assay.cli.more import draft_again
from assay.errors import SetupFailed
from assay.setup.addition import still_wanted, unused_file
from assay.setup.folder import findings_in, take_in
from assay.widgets.drafts.file import difference
from assay.work.files import read_file

_FOLDER = "data-dictionary"
_HEAD = "# Added by `assay init --refresh`: drafted from what is new in the database. Look it over as the first draft.\n"


@dataclass
class Proposal:
    """Files as they are and as they would be, and the metrics that would be routed."""

    folder: Path
    workspace: Workspace
    backend: str
    files: dict[str, tuple[str, str]]
    told: list[str]
    metric_ids: list[str]

    def diff(self) -> str:
        return "".join(difference(name, before, after) for name, (before, after) in self.files.items())

    def body(self) -> dict[str, Any]:
        return {"folder": str(self.folder), "told": self.told, "metrics": self.metric_ids, "diff": self.diff()}

    async def take(self) -> list[str]:
        """Write it, and give what validation finds then. Raises StandsInAFile, RouteRefused."""
        take_in({name: after for name, (_, after) in self.files.items()}, self.workspace, self.metric_ids, self.backend)
        return await findings_in(self.folder)


async def propose(folder: Path, now: datetime, tell: Callable[[str], None]) -> Proposal:
    """Read the workspace's database again. Nothing is written. Raises SetupFailed or WorkspaceBroken with the mend."""
    workspace = load_workspace(folder)
    backend, found, draft = await draft_again(workspace, now, tell)
    texts = {name: _text(folder / _FOLDER / name) for name in (TABLES, COLUMNS, JOINS)}
    drafted = {name: draft.files[f"{_FOLDER}/{name}"] for name in texts}
    seen = changes(texts, workspace.dictionary, drafted, found, backend, _other_files(folder))
    files = {f"{_FOLDER}/{name}": (texts[name], after) for name, after in seen.files.items()}
    fresh = replace(workspace, dictionary=draft.dictionary)
    wanted = {
        file: [each for each in entries if _is_of_what_is_new(each, draft.dictionary.tables, seen)]
        for listed in (draft.starter.metrics, draft.starter.more) for file, entries in listed.items()
    }  # fmt: skip
    entries = still_wanted(wanted, fresh)
    if entries:
        name = unused_file(folder, "metrics/refreshed")
        files[name] = ("", _HEAD + write_yaml({"metrics": entries}))
    return Proposal(folder, workspace, backend, files, seen.told, [entry["id"] for entry in entries])


def _is_of_what_is_new(entry: Entry, tables: Any, seen: Changes) -> bool:
    """Over a new table, or calculated from a new column: what somebody has thrown away does not come back."""
    entity = (
        entry["entity"] if "." in entry["entity"] else next((n for n in tables if n.endswith(f".{entry['entity']}")), "")
    )
    if entity in seen.tables:
        return True
    written = str({name: value for name, value in entry.items() if name not in ("id", "label", "definition", "dimensions")})
    columns = [each.removeprefix(f"{entity}.") for each in seen.columns if each.startswith(f"{entity}.")]
    return any(re.search(rf"(?<!\w){re.escape(column)}(?!\w)", written) for column in columns)


def _text(path: Path) -> str:
    try:
        return read_file(path).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupFailed(f"{path.name} cannot be read.", mend="mend it as assay validate says") from error


def _other_files(folder: Path) -> str:
    """What else may speak of a table or a column: metrics, entities, policies, synonyms, KPIs."""
    own = {TABLES, COLUMNS, JOINS}
    paths = [
        each for each in sorted(folder.glob("*/*")) if each.suffix in (".yaml", ".yml", ".csv") and each.name not in own
    ]
    return "\n".join(read_file(each).decode(errors="replace") for each in paths)

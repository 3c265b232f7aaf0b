"""A drafted definition as YAML, and the file of `metrics/` that it would stand in: the rest of it kept to the letter."""

import difflib
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from assay.catalog.entry import MetricEntry
from assay.catalog.marked_yaml import BadYaml, parse_yaml
from assay.catalog.metric import Metric
from assay.catalog.pieces import Waiting
from assay.catalog.workspace import Workspace
from assay.catalog.yaml_text import ListOnOneLine, OnOneLine, write_yaml
from assay.errors import StandsInAFile
from assay.work.files import mend_of, text_in, write_file

NEW_FILE = "metrics/accepted.yaml"
_BEGINNING = "metrics:\n"


def written(entry: MetricEntry) -> str:
    """As one item of the list `metrics:`, indented as the demo's files are."""
    return _indented(entry, "  ")


def document_of(entry: MetricEntry) -> dict[str, Any]:
    return entry.model_dump(mode="json", exclude_defaults=True, by_alias=True)


def _indented(entry: MetricEntry, indent: str) -> str:
    parts = document_of(entry)
    for name in ("numerator", "denominator", "alive", "tolerance"):
        if name in parts:
            parts[name] = OnOneLine(parts[name])
    if "inputs" in parts:
        parts["inputs"] = {name: OnOneLine(each) for name, each in parts["inputs"].items()}
    if "dimensions" in parts:
        parts["dimensions"] = [OnOneLine(each) if isinstance(each, dict) else each for each in parts["dimensions"]]
        if all(isinstance(each, str) for each in parts["dimensions"]):
            parts["dimensions"] = ListOnOneLine(parts["dimensions"])
    text = write_yaml([parts])
    return "".join(f"{indent}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


def target_file(metric: Metric, workspace: Workspace) -> str:
    """Where the other metrics over the same table stand; else a file of its own."""
    files = Counter(
        other.file for other in workspace.metrics.values() if metric.parts[0].entity.qualified in other.source_tables
    )
    return files.most_common(1)[0][0] if files else NEW_FILE


def with_entry(entry: MetricEntry, file: str, workspace: Workspace) -> tuple[str, str, str]:
    """(the file that it can be added to, its text now, its text with the definition at the end)."""
    for name in dict.fromkeys((file, NEW_FILE)):
        with suppress(StandsInAFile):  # another file may be one that can be read
            before = text_in(workspace.root / name)
            after = _appended(entry, before)
            if after is not None:
                return name, before, after
    raise StandsInAFile(f"Nothing can be added at the end of {file} or of {NEW_FILE}.", mend="add the YAML by hand")


def _appended(entry: MetricEntry, before: str) -> str | None:
    """None where the file is of another form, so that what is added at its end would not be read as meant."""
    start = before or _BEGINNING
    dash = re.search(r"^([ \t]*)- ", start.partition("metrics:")[2], re.MULTILINE)
    block = _indented(entry, dash[1] if dash else "  ")
    end = "\r\n" if "\r\n" in start else "\n"
    after = f"{start}{'' if start.endswith(end) else end}{end if before.strip() else ''}{block.replace(chr(10), end)}"
    try:
        listed = parse_yaml(start.removeprefix("\ufeff")).data["metrics"] or []
        found = parse_yaml(after.removeprefix("\ufeff")).data["metrics"]
    except (BadYaml, KeyError, TypeError):
        return None
    return after if found == [*listed, document_of(entry)] else None


def difference(file: str, before: str, after: str) -> str:
    """A unified diff."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    named = (f"a/{file}" if before else "/dev/null", f"b/{file}")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in difflib.unified_diff(old, new, *named))


def changed_definition(waiting: Waiting) -> str:
    """What a file says otherwise of a metric than what serves, as a unified diff."""
    return difference(waiting.file, written(waiting.before) if waiting.before else "", written(waiting.entry))


def replace_file(path: Path, text: str) -> None:
    """At once: whoever reads sees the old file or the new one. Raises StandsInAFile where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Files of the workspace are shared, whatever the state folder's are.
        write_file(path, text, 0o644)
    except OSError as error:
        mend = mend_of(error, "make the workspace writable")
        raise StandsInAFile(f"{path.name} cannot be written: {error.strerror}.", mend=mend) from error

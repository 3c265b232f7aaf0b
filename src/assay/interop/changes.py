"""What an import changes in the files of a workspace: only what is still as it came is replaced, edits stay. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assay.catalog.csv_records import CsvRecords
from assay.catalog.dictionary import Dictionary, Join
from assay.catalog.entry import EntityEntry
from assay.catalog.marked_yaml import parse_yaml
from assay.catalog.refresh import JOINS, TABLES
from assay.catalog.yaml_text import Entry, ListOnOneLine, OnOneLine, write_yaml
from assay.interop.fidelity import Report

_FOLDER = "data-dictionary"
_LISTS = {"metrics": "id", "entities": "table"}
"""By the list of a file, what an item of it is called by."""


@dataclass(frozen=True)
class Imported:
    """What the workspace gets. `dictionary`: with the keys and joins that the source declares."""

    dictionary: Dictionary
    joins: tuple[Join, ...]
    entities: tuple[EntityEntry, ...]
    metrics: tuple[Entry, ...]
    names: dict[str, str]
    """The id of each metric that was taken, by its name in the source."""
    report: Report
    calendars: dict[str, str]
    """The texts of files of periods, by file."""


@dataclass
class Changes:
    """Texts by file of the workspace, and what was changed by hand and by the source, so that it was left as it is."""

    files: dict[str, str]
    told: list[str] = field(default_factory=list[str])


def changes(
    now: Mapping[str, str], base: Mapping[str, str], fresh: Mapping[str, str], keys: Dictionary, joins: Sequence[Join]
) -> Changes:
    """`now`: texts of the workspace by file; `base`: what the last import wrote; `fresh`: what this one would write.
    `keys`: the dictionary with the keys that its tables get; `joins`: those that it does not have yet."""
    found = Changes({})
    for file, text in fresh.items():
        take = merged if file.endswith(".yaml") else _whole
        found.files[file] = take(now.get(file, ""), base.get(file, ""), text, file, found.told)
    tables, ways = CsvRecords(now[f"{_FOLDER}/{TABLES}"]), CsvRecords(now[f"{_FOLDER}/{JOINS}"])
    for record in list(tables.records):
        table = keys.tables.get(record.table)
        wanted = {part: ";".join(getattr(table, part)) for part in ("primary_key", "business_key")} if table else {}
        if any(record.cells[part] != value for part, value in wanted.items()):
            tables.replace(record, **wanted)
    if any(join.valid for join in joins):
        ways.widen("valid")
    ways.records += [
        ways.written({
            "join_id": join.join_id, "from_table": join.from_table, "from_columns": ";".join(join.from_columns),
            "to_table": join.to_table, "to_columns": ";".join(join.to_columns), "cardinality": join.cardinality,
            "description": join.description, "valid": ";".join(join.valid or ()),
        }) for join in joins
    ]  # fmt: skip
    found.files |= {f"{_FOLDER}/{TABLES}": tables.text(), f"{_FOLDER}/{JOINS}": ways.text()}
    found.files = {file: text for file, text in found.files.items() if text != now.get(file, "")}
    return found


def _whole(mine: str, base: str, theirs: str, file: str, told: list[str]) -> str:
    """A file that has no items: it is as it came, or it stays."""
    if mine in ("", base):
        return theirs
    if theirs not in (mine, base):
        told.append(f"{file} was edited here and has changed in the source; it stays as it is here.")
    return mine


def merged(mine: str, base: str, theirs: str, file: str, told: list[str]) -> str:
    """Item by item: what stands in `mine` as in `base` becomes what it is in `theirs`; whatever was edited stays."""
    if not mine.strip():
        return theirs
    head, own = _items(mine)
    (_, before), (_, after) = _items(base or theirs), _items(theirs)
    kept = list[str]()
    for name, text in own.items():
        if name not in before or text != before[name]:
            kept.append(text)
            if name in before and after.get(name) != before[name]:
                told.append(f"{file}: {name} was edited here and has changed in the source; it stays as it is here.")
        elif name in after:
            kept.append(after[name])
    kept += [text for name, text in after.items() if name not in own and name not in before]
    told += [
        f"{file}: {name} was deleted here, and stays so." for name in after if name not in own and name in before and base
    ]
    return head + "".join(kept)


def _items(text: str) -> tuple[str, dict[str, str]]:
    """What stands before the first item, and the text of each by its name."""
    if not text.strip():
        return "", {}
    marked = parse_yaml(text)
    (kind,) = (each for each in _LISTS if each in marked.data)
    lines = text.splitlines(keepends=True)
    listed = marked.data[kind] or []
    starts = [(marked.lines[kind, index] or 1) - 1 for index in range(len(listed))]
    ends = [*starts[1:], len(lines)]
    names = [str(each[_LISTS[kind]]) for each in listed]
    texts = {name: "".join(lines[start:end]) for name, start, end in zip(names, starts, ends, strict=True)}
    return "".join(lines[: starts[0]]) if starts else text, texts


def metrics_text(head: str, entries: Sequence[Entry]) -> str:
    return head + write_yaml({"metrics": [_shown(each) for each in entries]})


def entities_text(head: str, entries: Sequence[EntityEntry]) -> str:
    listed = [each.model_dump(mode="json", exclude_defaults=True) for each in entries]
    for each in listed:
        if "dimensions" in each:
            each["dimensions"] = [OnOneLine(one) if isinstance(one, dict) else one for one in each["dimensions"]]
    return head + write_yaml({"entities": listed})


def _shown(entry: Entry) -> Entry:
    return {key: _on_one_line(value) for key, value in entry.items()}


def _on_one_line(value: Any) -> Any:
    if isinstance(value, dict):
        if any(isinstance(each, dict) for each in value.values()):
            return {key: _on_one_line(each) for key, each in value.items()}
        return OnOneLine({key: ListOnOneLine(each) if isinstance(each, list) else each for key, each in value.items()})
    return value

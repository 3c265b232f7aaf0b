"""The last good definitions: what serves in the place of a piece of the workspace that cannot be taken over.

A metric is kept as it was written, with the metrics it is calculated from and the dictionary that it was bound to.
Marks of personal data are never kept: they are always those of now.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from assay.catalog.binder import Binder
from assay.catalog.calendars import Calendar
from assay.catalog.dictionary import Column, Dictionary, Files, Table, read_dictionary
from assay.catalog.entry import MetricEntry
from assay.catalog.formula import read_expression
from assay.catalog.metric import Metric

Document = dict[str, Any]


@dataclass(frozen=True)
class GoodMetric:
    entry: MetricEntry
    file: str
    line: int
    operands: tuple[MetricEntry, ...]
    """What a derived metric is calculated from, operands before what needs them."""
    dictionary: str
    """The version of the dictionary that it was bound to."""

    def document(self) -> Document:
        return {
            "entry": _written(self.entry), "file": self.file, "line": self.line,
            "operands": [_written(each) for each in self.operands], "dictionary": self.dictionary,
        }  # fmt: skip

    @classmethod
    def of(cls, document: Document) -> "GoodMetric":
        entry, *operands = (MetricEntry.model_validate(each) for each in (document["entry"], *document["operands"]))
        return cls(entry, document["file"], document["line"], tuple(operands), document["dictionary"])

    def bound(self, dictionary: Dictionary, calendar: Calendar) -> Metric:
        """Raises BadFormula where it cannot serve any more, as where a column has become personal data."""
        binder, known = Binder(dictionary, calendar=calendar), dict[str, Metric]()
        for entry in (*self.operands, self.entry):
            known[entry.id] = binder.take(entry, known, known, self.file, self.line)
        return known[self.entry.id]


@dataclass(frozen=True)
class LastGood:
    metrics: Mapping[str, GoodMetric] = field(default_factory=dict[str, GoodMetric])
    dictionaries: Mapping[str, Files] = field(default_factory=dict[str, Files])
    """By version, those that something was bound to."""
    dictionary: str | None = None
    """The version of the one that served."""
    calendars: Mapping[str, str] = field(default_factory=dict[str, str])
    """The texts of files of periods, by grain."""

    def documents(self) -> dict[str, dict[str, Document]]:
        """As the store keeps it, by kind and name."""
        return {
            "metric": {name: each.document() for name, each in self.metrics.items()},
            "dictionary": {
                version: {
                    "files": {
                        name: text.decode("utf-8", "replace") for name, text in files.items() if isinstance(text, bytes)
                    },
                    "serves": version == self.dictionary,
                }
                for version, files in self.dictionaries.items()
            },
            "calendar": {name: {"text": text} for name, text in self.calendars.items()},
        }

    @classmethod
    def of(
        cls, metrics: Mapping[str, Document], dictionaries: Mapping[str, Document], calendars: Mapping[str, Document]
    ) -> "LastGood":
        """What an earlier Assay kept in another form is left out: it is not known to mean the same."""
        read: dict[str, GoodMetric] = {}
        for name, document in metrics.items():
            try:
                read[name] = GoodMetric.of(document)
            except (ValidationError, LookupError, TypeError, ValueError):
                continue
        files: dict[str, Files] = {
            version: {name: text.encode() for name, text in document["files"].items()}
            for version, document in dictionaries.items()
        }
        serves = next((version for version in files if dictionaries[version]["serves"]), None)
        return cls(read, files, serves, {name: document["text"] for name, document in calendars.items()})

    def dictionary_as_of(self, version: str | None, now: Dictionary, *, is_whole: bool) -> Dictionary | None:
        """That version with the marks of personal data of now; None where it was not kept."""
        files = self.dictionaries.get(version or "")
        return None if files is None else marked_as_now(read_dictionary(files), now, is_whole=is_whole)


def _written(entry: MetricEntry) -> Document:
    return entry.model_dump(mode="json", exclude_defaults=True, by_alias=True)


def definition_mark(entry: MetricEntry) -> str:
    """Tells one definition of a metric from another."""
    return _told_apart([json.dumps(_written(entry), sort_keys=True)], 64)


def operands_of(entry: MetricEntry, written: Mapping[str, MetricEntry]) -> tuple[MetricEntry, ...]:
    """All that a derived metric is calculated from, each before what needs it."""
    found: dict[str, MetricEntry] = {}

    def collect(each: MetricEntry) -> None:
        written_names = read_expression(each.expression)[1] if each.expression else ()
        names = [each.inputs[name].metric if name in each.inputs else name for name in written_names]
        for name in [*names, *each.looked_at, *each.events]:
            if name in written and name not in found:
                collect(written[name])
                found[name] = written[name]

    collect(entry)
    return tuple(found.values())


def marked_as_now(known: Dictionary, now: Dictionary, *, is_whole: bool) -> Dictionary:
    """`known` with the marks of personal data that `now` has. Where `now` could be read in part alone, marks that it
    lacks may stand in what could not be read: then those of `known` hold too."""

    def mark(table: Table, column: Column) -> str | None:
        there = now.tables.get(table.qualified)
        seen = there.columns.get(column.name) if there else None
        if seen is None:
            return column.pii
        return seen.pii or (None if is_whole else column.pii)

    tables = {
        name: replace(table, columns={each.name: replace(each, pii=mark(table, each)) for each in table.columns.values()})
        for name, table in known.tables.items()
    }
    marks = sorted(f"{name}.{each.name}" for name, table in tables.items() for each in table.columns.values() if each.pii)
    version = known.version if tables == known.tables else f"{known.version}+{_told_apart(marks)}"
    return replace(known, tables=tables, version=version, findings=())


def _told_apart(names: list[str], digits: int = 8) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:digits]


def with_what_is_needed(serving: Dictionary, metric: Metric, bound_to: Dictionary) -> Dictionary:
    """`serving`, and of `bound_to` what the metric reads and `serving` lacks."""
    tables, added = dict(serving.tables), list[str]()
    for name, columns in metric.needed_columns.items():
        old = bound_to.tables[name]
        table = tables.get(name)
        if table is None:
            table = replace(old, columns={})
        lacking = {column: old.columns[column] for column in columns if column not in table.columns}
        if lacking or name not in tables:
            tables[name] = replace(table, columns={**table.columns, **lacking})
            added += [f"{name}.{column}" for column in lacking]
    joins = {join.join_id: join for join in serving.joins}
    for join in dict.fromkeys(join for part in metric.parts for join in part.joins):
        if join not in joins.values():
            joins.setdefault(join.join_id if join.join_id not in joins else f"{join.join_id} ({bound_to.version})", join)
            added.append(f"join {join.join_id}")
    if not added:
        return serving
    return replace(serving, tables=tables, joins=tuple(joins.values()), version=f"{serving.version}+{_told_apart(added)}")

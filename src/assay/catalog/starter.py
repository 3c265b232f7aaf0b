"""A starter set over a drafted dictionary: counts of rows, sums and averages of what looks like amounts, and a dashboard."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from assay.catalog.dictionary import Column, Dictionary, Table
from assay.catalog.formula import BadFormula
from assay.catalog.found import FoundColumn, FoundTable, LeftOut
from assay.catalog.guesses import guess_measure, main_time
from assay.catalog.metric import RESERVED, Binder
from assay.catalog.spelling import MAX_ID, slug, spoken, unused

MAX_TABLES = 40
MAX_MEASURES = 5
MAX_DIMENSIONS = 8
_OF_EACH_PARENT = 2
_RECENT = timedelta(days=31)
_TILE_TABLES = 4
OWNER = "not yet named"
Entry = dict[str, Any]


@dataclass
class Starter:
    """What is written into `metrics/` by file, and the dashboard; each an object as YAML will hold it."""

    metrics: dict[str, list[Entry]] = field(default_factory=dict)
    dashboard: Entry = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    guessed: list[str] = field(default_factory=list)

    @property
    def metric_ids(self) -> list[str]:
        return [entry["id"] for entries in self.metrics.values() for entry in entries]


@dataclass(frozen=True)
class _Subject:
    """A table that gets metrics. `period` is given where its rows are too old for a window that ends now."""

    table: Table
    name: str
    label: str
    time: str | None
    period: tuple[date, date] | None


def make_starter(dictionary: Dictionary, found: Mapping[str, FoundTable], now: datetime) -> Starter:
    """`found` has every table of the dictionary by qualified name; `now` is in the workspace's time zone."""
    starter, files, dimensions_taken = Starter(), dict[str, str](), set[str]()
    subjects = _subjects(dictionary, found, now, starter)
    binder, taken = Binder(dictionary), set[str]()
    dimensions = {
        subject.table.qualified: list(_dimensions(subject.table, binder, dimensions_taken)) for subject in subjects
    }
    # A question over a metric and a dimension of one name would have two columns of that name.
    taken |= dimensions_taken
    taken_files: set[str] = set()
    for subject in subjects:
        schema = subject.table.schema
        file = files.get(schema) or files.setdefault(schema, unused(slug(schema, "schema"), taken_files))
        starter.metrics.setdefault(file, []).extend(_metrics(subject, dimensions[subject.table.qualified], taken))
    starter.dashboard = _dashboard(subjects, starter)
    return starter


def _subjects(dictionary: Dictionary, found: Mapping[str, FoundTable], now: datetime, starter: Starter) -> list[_Subject]:
    """The tables that matter most: with a time, many rows, pointing at others. Views only where there is nothing else."""
    tables = [table for table in dictionary.tables.values() if found[table.qualified].kind != "view"]
    views = [table for table in dictionary.tables.values() if found[table.qualified].kind == "view"]
    if tables and views:
        reason = "views are in the dictionary; metrics were drafted over tables alone"
        starter.left_out.append(LeftOut(_some([each.qualified for each in views]), reason))
    times = {table.qualified: _time(table, found[table.qualified]) for table in tables or views}

    def worth(table: Table) -> tuple[bool, int, int, str]:
        points_at = len(dictionary.joins_from.get(table.qualified, []))
        return times[table.qualified] is None, -(table.expected_rows or 0), -points_at, table.qualified

    ranked = sorted(tables or views, key=worth)
    if len(ranked) > MAX_TABLES:
        reason = f"metrics were drafted for the {MAX_TABLES} tables with most rows and a time"
        starter.left_out.append(LeftOut(_some([each.qualified for each in ranked[MAX_TABLES:]]), reason))
    names = Counter(slug(table.name, "table") for table in ranked)
    subjects = [_subject(table, found[table.qualified], times, names, now) for table in ranked[:MAX_TABLES]]
    old = [f"{each.table.qualified} ({each.period[1] - timedelta(days=1)})" for each in subjects if each.period]
    if old:
        starter.guessed.append(
            f"The newest rows of {_some(old)} are more than a month old. Their tiles look at the year before that day;"
            " asked without a window, their metrics look at the last 30 days."
        )
    return subjects


def _time(table: Table, found: FoundTable) -> str | None:
    return main_time(found, [name for name, column in table.columns.items() if column.role == "timestamp"])


def _subject(table: Table, found: FoundTable, times: dict[str, str | None], names: Counter[str], now: datetime) -> _Subject:
    name, label, time = slug(table.name, "table"), spoken(table.name), times[table.qualified]
    if names[name] > 1:
        name, label = f"{slug(table.schema, 'schema')}_{name}", f"{label} ({table.schema})"
    column = next((each for each in found.columns if each.name == time), None)
    return _Subject(table, name, label, time, column and _period(column, now.date()))


def _period(column: FoundColumn, today: date) -> tuple[date, date] | None:
    """The year up to the last row, or what there is of it, where that is long ago."""
    last = column.last
    if last is None or not 1901 < last.year < 2200 or last >= today - _RECENT:
        return None
    end = last + timedelta(days=1)
    start = end - timedelta(days=365)
    return (max(start, column.first) if column.first else start), end


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


# -- metrics ------------------------------------------------------------------------------------


def _metrics(subject: _Subject, dimensions: list[str | Entry], taken: set[str]) -> Iterator[Entry]:
    table, by = subject.table, f" by {subject.time}" if subject.time else ", all there are"
    yield _entry(
        subject, dimensions, _metric_id(subject, "count", taken), subject.label,
        f"Number of rows of {table.qualified}{by}. Guessed from the table: look it over.", "COUNT(*)", "count",
    )  # fmt: skip
    drafted = 0
    for column in table.columns.values():
        guess = guess_measure(column.name, column.type.kind) if column.role == "measure" else None
        if guess is None or drafted == MAX_MEASURES:
            continue
        drafted += 1
        said = spoken(column.name)
        verb, word, suffix = ("SUM", "Sum", "total") if guess.aggregate == "sum" else ("AVG", "Average", "average")
        name = slug(column.name, "column")[:28].rstrip("_")
        name = name if name.endswith(suffix) else f"{name}_{suffix}"
        label = f"{said} of {subject.label}" if guess.aggregate == "sum" else f"Average {said.lower()} of {subject.label}"
        doubt = "" if guess.unit != "count" else " Its unit is not known."
        yield _entry(
            subject, dimensions, _metric_id(subject, name, taken), label,
            f"{word} of {column.name} in {table.qualified}{by}. Guessed from the column's name: look it over.{doubt}",
            f"{verb}({_in_formula(column)})", guess.unit,
        )  # fmt: skip


def _metric_id(subject: _Subject, tail: str, taken: set[str]) -> str:
    return unused(f"{subject.name[: MAX_ID - 1 - len(tail)].rstrip('_')}_{tail}", taken)


def _entry(
    subject: _Subject, dimensions: list[str | Entry], metric_id: str, label: str, definition: str, measure: str, unit: str
) -> Entry:
    when = {"time": subject.time, "window": "trailing_30d"} if subject.time else {}
    return {
        "id": metric_id, "label": label[:80], "definition": definition[:600], "entity": subject.table.qualified,
        "measure": measure, **when, "dimensions": dimensions, "unit": unit, "direction": "neutral", "owner": OWNER,
    }  # fmt: skip


def _in_formula(column: Column) -> str:
    """The name as a formula writes it: in quotes wherever it would be read as something else, or look so."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", column.name):
        return exp.to_identifier(column.name, quoted=True).sql()
    try:
        tree = sqlglot.parse_one(f"SUM({column.name})")
        is_plain = isinstance(tree, exp.Sum) and tree.this == exp.column(column.name)
    except SqlglotError:
        is_plain = False
    return column.name if is_plain else exp.to_identifier(column.name, quoted=True).sql()


def _dimensions(table: Table, binder: Binder, all_names: set[str]) -> Iterator[str | Entry]:
    """Its own columns, then those of the tables that it points at, as far as there is just one way to them."""
    # The gate refuses an alias that is also the name of a personal column.
    parents = [binder.dictionary.tables[join.to_table] for join in binder.dictionary.joins_from.get(table.qualified, [])]
    personal = {each.name.lower() for owner in (table, *parents) for each in owner.columns.values() if each.pii}
    taken = {*RESERVED, *personal}
    own = [column for column in table.columns.values() if column.role == "dimension"]
    listed = [(table, column) for column in own]
    for name in dict.fromkeys(join.to_table for join in binder.dictionary.joins_from.get(table.qualified, [])):
        parent = binder.dictionary.tables[name]
        of_parent = [column for column in parent.columns.values() if column.role == "dimension"]
        if parent is not table and of_parent and _is_reached(binder, table, name):
            listed += [(parent, column) for column in of_parent[:_OF_EACH_PARENT]]
    for owner, column in listed[:MAX_DIMENSIONS]:
        if owner is table:
            name = unused(slug(column.name, "column"), taken)
            entry = name if name == column.name else {"name": name, "column": column.name, "label": spoken(column.name)}
        else:
            name = unused(f"{slug(owner.name, 'table')}_{slug(column.name, 'column')}", taken)
            label = f"{spoken(column.name)} ({spoken(owner.name)})"
            entry = {"name": name, "column": f"{owner.qualified}.{column.name}", "label": label}
        all_names.add(name)
        yield entry


def _is_reached(binder: Binder, table: Table, parent: str) -> bool:
    try:
        return bool(binder.path(table, parent))
    except BadFormula:
        return False


# -- the dashboard ------------------------------------------------------------------------------


def _dashboard(subjects: list[_Subject], starter: Starter) -> Entry:
    by_table: dict[str, list[Entry]] = {}
    for entries in starter.metrics.values():
        for entry in entries:
            by_table.setdefault(entry["entity"], []).append(entry)
    shown = [(subject, by_table[subject.table.qualified]) for subject in subjects[:_TILE_TABLES]]
    # Of each table first its count, then the first thing that adds up.
    first = [(subject, entries[0]) for subject, entries in shown]
    second = [(subject, each) for subject, entries in shown for each in entries[1:2]]
    picked = (first[:2] + second[:2] + first[2:] + second[2:])[:4]
    tiles, taken = list[Entry](), set[str]()
    width = 12 // max(len(picked), 1)
    for number, (subject, entry) in enumerate(picked):
        name = unused(entry["id"], taken)
        tiles.append(_tile(name, "kpi", (number * width, 0, width, 2), _kpi(subject, entry)))
    charts = [(subject, entry, "trend") for subject, entry in picked if subject.time]
    charts += [(subject, entry, "bar") for subject, entry in first if entry["dimensions"]]
    for number, (subject, entry, kind) in enumerate(charts):
        widget = _trend(subject, entry) if kind == "trend" else _bar(subject, entry)
        name = unused(f"{kind}_{entry['id']}", taken)
        tiles.append(_tile(name, kind, (number % 2 * 6, 2 + number // 2 * 4, 6, 4), widget))
    return {
        "dashboard_id": "overview", "label": "Overview",
        "description": "Drafted from the names of tables and columns: keep what is useful, throw the rest away.",
        "tiles": tiles,
    }  # fmt: skip


def _tile(name: str, kind: str, place: tuple[int, int, int, int], widget: Entry) -> Entry:
    return {"widget_id": name, **dict(zip("xywh", place, strict=True)), "widget": {"kind": kind, **widget}}


def _when(subject: _Subject) -> Entry:
    if subject.time is None:
        return {}
    if subject.period is None:
        return {"window": "trailing_30d"}
    return {"window": {"start": subject.period[0].isoformat(), "end": subject.period[1].isoformat()}}


def _subtitle(subject: _Subject) -> Entry:
    if subject.time is None:
        return {}
    if subject.period is None:
        return {"subtitle": "last 30 days"}
    return {"subtitle": f"{subject.period[0]} to {subject.period[1] - timedelta(days=1)}"}


def _kpi(subject: _Subject, entry: Entry) -> Entry:
    if subject.time is None:
        return {"question": {"metrics": [entry["id"]]}}
    question = {"metrics": [entry["id"]], **_when(subject), "compare": "previous_period"}
    return {**_subtitle(subject), "question": question, "spark": {"metrics": [entry["id"]], **_series(subject)}}


def _series(subject: _Subject) -> Entry:
    start, end = subject.period or (date.min, date.min)
    return {**_when(subject), "grain": "day" if end - start <= 2 * _RECENT else "month"}


def _trend(subject: _Subject, entry: Entry) -> Entry:
    return {**_subtitle(subject), "question": {"metrics": [entry["id"]], **_series(subject)}}


def _bar(subject: _Subject, entry: Entry) -> Entry:
    first = entry["dimensions"][0]
    name = first if isinstance(first, str) else first["name"]
    order = [{"by": "value", "descending": True}]
    question = {"metrics": [entry["id"]], **_when(subject), "dimensions": [name], "order": order, "limit": 12}
    return {**_subtitle(subject), "question": question}

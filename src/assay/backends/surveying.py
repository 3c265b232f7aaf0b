"""What the surveys of all drivers do alike: a sample of the rows, when they lie, keys and joins that nobody declared.

Queries are yielded, and whoever drives an engine sends their rows back: one text for engines that wait and that do not.
"""

import math
import re
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from assay.catalog.findings import nearest
from assay.catalog.found import SAMPLED_ROWS, Found, FoundColumn, FoundLink, FoundTable
from assay.catalog.guesses import dictionary_type, main_time
from assay.catalog.links import is_enough, keys_of, links_of, shared_names, told
from assay.catalog.types import ColumnType, parse_type
from assay.errors import SetupFailed

OWN_SCHEMA = "assay"
LOOKING_SECONDS = 60
"""So long rows are looked at in all; what has not been looked at by then is drafted from names and types alone."""
PROVING_SECONDS = 20
"""So long keys and joins that nobody declared are proved in all."""
Tell = Callable[[str], None]


def check_schemas(wanted: Sequence[str], there: Iterable[str]) -> None:
    known = sorted(set(there))
    for name in wanted:
        if name not in known:
            mend = nearest(name, set(known)) or f"it has {', '.join(known) or 'none'}"
            raise SetupFailed(f"The database has no schema {name!r} with tables.", mend=mend)


def quoted(*names: str) -> str:
    """A name as both engines write it, part by part."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


@dataclass(frozen=True)
class Look:
    """A query that a survey asks, and what it learns from its rows. None for the rows: it took too long, or failed."""

    sql: str
    is_needed: bool = False
    """Whether the table cannot be read at all where this fails."""


Rows = Sequence[Sequence[Any]]
Looking = Generator[Look, Rows | None, FoundTable]


def look_at(table: FoundTable, source: str, driver: str) -> Looking:
    """What a sample of the rows tells of each column, the days of its times, and the months in which its rows lie."""
    types = {each.name: _type(each, driver) for each in table.columns if each.is_readable and each.name}
    counted = [name for name, of in types.items() if of.kind != "other"]
    numbers = [name for name, of in types.items() if of.is_number]
    asked = [f"count({quoted(name)}), count(DISTINCT {quoted(name)})" for name in counted]
    asked += [f"CAST({edge}({quoted(name)}) AS double precision)" for name in numbers for edge in ("min", "max")]
    listed = ", ".join(quoted(name) for name in counted) or "1 AS one"
    rows = yield Look(
        f"SELECT count(*){''.join(', ' + each for each in asked)} FROM (SELECT {listed} FROM {source} LIMIT {SAMPLED_ROWS})"
        " AS sampled", is_needed=True,
    )  # fmt: skip
    if rows is None:
        return replace(table, sampled=0)
    table = _with_sample(table, counted, numbers, rows[0])
    shown = [name for name in counted if types[name].kind == "string" or types[name].is_number]
    if shown and table.sampled:
        texts = ", ".join(f"substr(CAST({quoted(name)} AS text), 1, 80)" for name in shown)
        rows = yield Look(f"SELECT {texts} FROM {source} LIMIT {_VALUES}")
        table = _with_values(table, shown, rows or ())
    times = [name for name in counted if types[name].is_time]
    if times and table.sampled:
        edges = [f"CAST(CAST({edge}({quoted(name)}) AS date) AS text)" for edge in ("min", "max") for name in times]
        rows = yield Look(f"SELECT {', '.join(edges)} FROM {source}")
        table = _with_days(table, times, rows[0]) if rows else table
        main = main_time(table, times, also_changes=True)
        if main is not None:
            month = f"CAST(CAST(date_trunc('month', {quoted(main)}) AS date) AS text)"
            rows = yield Look(
                f"SELECT {month}, count(*) FROM {source} WHERE {quoted(main)} IS NOT NULL GROUP BY 1 LIMIT 2000"
            )
            months = sorted((day, int(count)) for text, count in rows or () if (day := _day(text)))
            table = replace(table, months=tuple(months), months_by=main)
    return table


_VALUES = 200
"""So many values of a column are looked at one by one."""


def keys_and_links(found: Found, source_of: Callable[[FoundTable], str]) -> Generator[Look, Rows | None, Found]:
    """Keys and joins that nobody declared, each proved by a query of bounded work before it is believed."""
    tables: list[FoundTable] = []
    shared = shared_names(found)
    for table in found.tables:
        for name in keys_of(table, found.driver, shared)[:2]:
            is_proved = table.sampled < SAMPLED_ROWS
            if not is_proved:
                rows = yield Look(f"SELECT count(*), count(DISTINCT {quoted(name)}) FROM {source_of(table)}")
                is_proved = bool(rows) and rows[0][0] == rows[0][1]
            if is_proved:
                table = replace(table, primary_key=(name,), key_is_found=True)
                break
        tables.append(table)
    found = replace(found, tables=tuple(tables))
    links, taken = list(found.links), set[tuple[str, str]]()
    for each in links_of(found):
        if (each.child.qualified, each.column) in taken:
            continue
        child = quoted(each.column)
        rows = yield Look(
            f"SELECT count(*), count(parent.value) FROM (SELECT DISTINCT {child} AS value FROM (SELECT {child} FROM"
            f" {source_of(each.child)} LIMIT {_PROVED_ROWS}) AS rows WHERE {child} IS NOT NULL) AS child LEFT JOIN (SELECT"
            f" {quoted(each.key)} AS value FROM {source_of(each.parent)}) AS parent ON child.value = parent.value"
        )
        if rows and is_enough(each, *rows[0]):
            taken.add((each.child.qualified, each.column))
            why = told(each, *rows[0], is_cut=(each.child.rows or 0) >= _PROVED_ROWS)
            at, to = (each.child.schema, each.child.name), (each.parent.schema, each.parent.name)
            links.append(FoundLink(each.column, at, (each.column,), to, (each.key,), why))
    return replace(found, links=tuple(links))


_PROVED_ROWS = 200_000


def _type(column: FoundColumn, driver: str) -> ColumnType:
    return parse_type(dictionary_type(column, driver, is_key=False))


def _with_sample(table: FoundTable, counted: list[str], numbers: list[str], row: Sequence[Any]) -> FoundTable:
    sampled, values = int(row[0]), list(row[1:])
    filled = dict(zip(counted, values[: 2 * len(counted) : 2], strict=True))
    distinct = dict(zip(counted, values[1 : 2 * len(counted) : 2], strict=True))
    edges = values[2 * len(counted) :]
    low, high = dict(zip(numbers, edges[::2], strict=True)), dict(zip(numbers, edges[1::2], strict=True))
    rows = sampled if sampled < SAMPLED_ROWS else max(table.rows or 0, SAMPLED_ROWS)
    columns = tuple(
        replace(each, distinct=distinct.get(each.name), low=_finite(low.get(each.name)), high=_finite(high.get(each.name)),
                filled=filled[each.name] / sampled if sampled and each.name in filled else None)
        for each in table.columns
    )  # fmt: skip
    return replace(table, rows=rows, sampled=sampled, columns=columns)


def _finite(number: float | None) -> float | None:
    return float(number) if number is not None and math.isfinite(number) else None


def _with_values(table: FoundTable, shown: list[str], rows: Rows) -> FoundTable:
    values = {name: tuple(row[at] for row in rows if row[at] is not None) for at, name in enumerate(shown)}
    return replace(table, columns=tuple(replace(each, values=values.get(each.name, ())) for each in table.columns))


def _with_days(table: FoundTable, names: list[str], days: Sequence[str | None]) -> FoundTable:
    first, last = dict(zip(names, days, strict=False)), dict(zip(names, days[len(names) :], strict=True))
    columns = (replace(each, first=_day(first.get(each.name)), last=_day(last.get(each.name))) for each in table.columns)
    return replace(table, columns=tuple(columns))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text and re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None


def short(error: BaseException) -> str:
    """The first line only: later ones may hold values."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200] or type(error).__name__

"""What the tables of a database are to an analyst: events, parts of events, things, lists, links, snapshots, logs.

Told by keys, joins, times and names; a guess, as all of a draft.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from assay.catalog.dictionary import Dictionary, Table
from assay.catalog.found import FoundTable
from assay.catalog.guesses import CHANGES, guess_measure, main_time
from assay.catalog.spelling import words
from assay.catalog.vocabulary import (
    COPIES,
    LINES,
    LOGS,
    MIGRATIONS,
    NAMES,
    PEOPLE,
    PLACES,
    SALES,
    SNAPSHOTS,
    meant,
    own_words,
    singular,
    tells,
    thing,
)

Kind = Literal["event", "part", "facts", "snapshot", "thing", "list", "link", "log", "left out"]
_MOST_IN_A_LIST = 300


@dataclass(frozen=True)
class Shape:
    """`weight`: how much metrics over it matter; `reason`: why it gets none, where it is left out."""

    kind: Kind
    time: str | None
    weight: float
    reason: str = ""


def shapes_of(dictionary: Dictionary, found: Mapping[str, FoundTable]) -> dict[str, Shape]:
    pointed_at: dict[str, int] = {}
    for join in dictionary.joins:
        pointed_at[join.to_table] = pointed_at.get(join.to_table, 0) + (join.to_table != join.from_table)
    twins = _twins(dictionary)
    times = {name: _time(table, found[name], pointed_at.get(name, 0) > 0) for name, table in dictionary.tables.items()}
    shapes: dict[str, Shape] = {}
    for name, table in dictionary.tables.items():
        why = _why_left_out(table, found[name], twins)
        if why:
            shapes[name] = Shape("left out", times[name], 0, why)
            continue
        kind = _kind(table, found[name], dictionary, times, pointed_at.get(name, 0))
        time = times[name] if kind not in ("thing", "list") or _begins(table, found[name]) else None
        shapes[name] = Shape(kind, time, _weight(kind, table, found[name], dictionary))
    return shapes


def _time(table: Table, found: FoundTable, is_pointed_at: bool) -> str | None:
    """When its rows came about; when they changed, only of rows that nothing points at."""
    names = [name for name, column in table.columns.items() if column.role == "timestamp"]
    keyed = [name for name in (*found.primary_key,) if name in table.columns and table.columns[name].type.is_time]
    pointing = any(column.role == "foreign_key" for column in table.columns.values())
    return main_time(found, list(dict.fromkeys((*names, *keyed))), also_changes=pointing and not is_pointed_at)


def _begins(table: Table, found: FoundTable) -> bool:
    """Whether a thing has a time at which it came to be: customers by the day on which they signed up."""
    names = [name for name, column in table.columns.items() if column.role == "timestamp"]
    return main_time(found, names) is not None


def _why_left_out(table: Table, found: FoundTable, twins: Mapping[str, str]) -> str:
    said = words(table.name)
    if table.name.lower() in MIGRATIONS:
        return "a tool keeps it for itself"
    if found.part_of:
        return f"its rows are rows of {found.part_of} too, which it inherits from"
    if table.qualified in twins:
        return f"it looks like an earlier part of {twins[table.qualified]}: metrics were drafted over that one alone"
    if len(said) > 1 and (said[0] in COPIES or said[-1] in COPIES):
        return "its name says that it is a copy"
    if found.rows == 0:
        return "it has no rows"
    return ""


def _twins(dictionary: Dictionary) -> dict[str, str]:
    """Tables that differ in the numbers of their names alone (`orders_2023`, `orders_2024`), and the last of them."""
    alike: dict[tuple[object, ...], list[str]] = {}
    for name, table in dictionary.tables.items():
        if re.search(r"\d", table.name):
            columns = tuple(sorted((each.name, each.type.kind) for each in table.columns.values()))
            alike.setdefault((table.schema, re.sub(r"\d+", "#", table.name), columns), []).append(name)
    return {name: max(names) for names in alike.values() for name in names if name != max(names)}


def _kind(table: Table, found: FoundTable, dictionary: Dictionary, times: Mapping[str, str | None], pointed_at: int) -> Kind:
    said, time = thing(table.name), times[table.qualified]
    joins = dictionary.joins_from.get(table.qualified, [])
    keyed_by = {name for join in joins for name in join.from_columns}
    measures = [guess for each in found.columns if each.name in table.columns
                and table.columns[each.name].role in ("measure", "foreign_key")
                and (guess := guess_measure(each, table.columns[each.name].type.kind))]  # fmt: skip
    if tells(said[-1:], PLACES):
        return "list"
    others = [each for each in table.columns.values() if each.name not in keyed_by and each.role != "timestamp"
              and each.name not in table.primary_key and each.type.kind != "boolean"]  # fmt: skip
    if not pointed_at and len({join.to_table for join in joins}) > 1 and not measures and not others and not (
        time and time not in table.primary_key and main_time(found, [time])
    ):  # fmt: skip
        return "link"
    if tells(said[-1:], PEOPLE) or singular(said[-1]) in PEOPLE:
        return "thing"
    if pointed_at and _is_named(table):
        is_short = (found.rows or 0) <= _MOST_IN_A_LIST and not measures and not (time and joins)
        return "list" if is_short else "thing"
    if time and (_is_keyed_by_time(found, time) or tells(said[-2:], SNAPSHOTS)) and measures:
        return "snapshot"
    if time and tells(said, LOGS) and joins:
        return "log"
    is_part = any(times.get(join.to_table) for join in joins if join.to_table != table.qualified)
    adds_up = tells(said[-1:], LINES) or any(each.aggregate == "sum" for each in measures)
    if (not time or tells(words(time), CHANGES)) and is_part and measures and adds_up:
        return "part"
    if time:
        return "event"
    if pointed_at or not measures:
        return "list" if (found.rows or 0) <= _MOST_IN_A_LIST and not joins else "thing"
    return "facts"


def _is_named(table: Table) -> bool:
    """Whether it has a name of its own, as things have and events have not."""
    own = own_words(table.name)
    for column in table.columns.values():
        parts = meant(column.name)
        if parts and parts[-1] in NAMES - {"description"} and own.issuperset(parts[:-1]):
            return True
        if column.pii == "name" and {"first", "last", "full", "firstname", "lastname"}.intersection(parts):
            return True
    return False


def _is_keyed_by_time(found: FoundTable, time: str) -> bool:
    """Whether a time is needed to tell its rows apart: not beside a number that does so alone."""
    alone = {each.name for each in found.columns if found.sampled and each.distinct == found.sampled}
    keys = [key for key in (found.primary_key, *found.unique) if key]
    return any(time in key and len(key) > 1 and not alone.intersection({*key} - {time}) for key in keys)


def _weight(kind: Kind, table: Table, found: FoundTable, dictionary: Dictionary) -> float:
    base = {"event": 100, "part": 90, "facts": 70, "snapshot": 60, "thing": 30, "log": 15}.get(kind, 0)
    said = thing(table.name)
    if found.kind == "materialized view":
        base -= 60
    sales = 20 if kind in ("event", "part", "facts") and tells(said, SALES) else 0
    return base + sales + 4 * math.log10(max(found.rows or 1, 1)) + 2 * len(dictionary.joins_from.get(table.qualified, []))

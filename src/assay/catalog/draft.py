"""A first workspace from what a survey found: the files of its folder as text. Pure; reads and writes nothing.

Whatever cannot be carried is left out with a sentence, and whatever was guessed is said to be a guess.
"""

import csv
import io
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from assay.catalog.dictionary import HEADERS, Column, Dictionary, Join, Table, join_faults
from assay.catalog.first_page import first_page
from assay.catalog.found import Found, FoundColumn, FoundLink, FoundTable, LeftOut
from assay.catalog.guesses import dictionary_type, disguise, guess_measure, is_dimension, main_time
from assay.catalog.personal import personal_by_values, personal_kind
from assay.catalog.spelling import slug, spoken, unused, why_no_table, why_not_carried
from assay.catalog.starter import Starter, make_starter
from assay.catalog.types import ColumnType, name_of_type, parse_type
from assay.catalog.vocabulary import meant, own_words
from assay.catalog.yaml_text import write_yaml
from assay.work.cells import harmless


@dataclass(frozen=True)
class Draft:
    files: dict[str, str]
    """Text by path within the workspace."""
    name: str
    backend: str
    dictionary: Dictionary
    starter: Starter
    left_out: tuple[LeftOut, ...]
    personal: tuple[str, ...]
    """`schema.table.column (kind)` of each column that was marked by its name or its values."""
    guessed: tuple[str, ...]
    """What somebody who knows the data should look over, a sentence each."""


def draft_workspace(found: Found, connection: dict[str, str], now: datetime) -> Draft:
    """`connection` is what the backend's entry in assay.yaml says besides the driver. `now` is aware."""
    name, backend = slug(found.database, "workspace")[:40], _backend(found)
    left_out, guessed = list(found.left_out), list[str]()
    zone = _zone(found, guessed)
    known = {each.qualified: each for each in found.tables}
    links = _plainest_first(found, left_out)
    tables = _tables(found, left_out, guessed)
    joins = _joins(found, links, tables, left_out)
    guessed += [f"{'.'.join(each.child)}.{each.columns[0]} leads to {'.'.join(each.parent)}: {each.evidence}."
                for each in links if each.evidence]  # fmt: skip
    dictionary = Dictionary(_with_references(tables, joins), tuple(joins), (), _GUIDELINES, "")
    starter = make_starter(dictionary, known, now.astimezone(zone))
    left_out += starter.left_out
    settings = {
        "name": name, "label": spoken(found.database)[:80], "timezone": str(zone),
        "backends": {backend: {"driver": found.driver, **connection}},
    }  # fmt: skip
    files = {
        "assay.yaml": write_yaml(settings),
        **_dictionary_files(dictionary),
        **{
            f"metrics/{file}.yaml": METRICS_HEAD + write_yaml({"metrics": entries})
            for file, entries in starter.metrics.items()
        },
        "config/metric_routing.yaml": _ROUTING
        + "".join(f"  {each}: {{backend: {backend}}}\n" for each in starter.metric_ids),
        "dashboards/1-overview.yaml": write_yaml(first_page(starter.headlines)),
    }
    marks = [
        f"{table.qualified}.{column.name} ({column.pii})"
        for table in dictionary.tables.values()
        for column in table.columns.values()
        if column.pii is not None
    ]
    return Draft(files, name, backend, dictionary, starter, tuple(left_out), tuple(marks), (*starter.told, *guessed))


def _backend(found: Found) -> str:
    name = slug(found.database, found.driver)[:40]
    # A database may be called `null` or `on`, which YAML takes for something else.
    return name if yaml.safe_load(name) == name else f"{name}_database"


def _zone(found: Found, guessed: list[str]) -> ZoneInfo:
    try:
        zone = ZoneInfo(found.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    guessed.append(f"The time zone is {zone}: days begin there, and times without a zone are read as that of its clocks.")
    return zone


# -- tables and columns -------------------------------------------------------------------------


def _tables(found: Found, left_out: list[LeftOut], guessed: list[str]) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for table in found.tables:
        why = why_no_table(table.schema) or why_no_table(table.name)
        if why is None and not any(_can_be_written(column) for column in table.columns):
            why = "it has no columns"
        if why is not None:
            left_out.append(LeftOut(table.qualified, why))
            continue
        tables[table.qualified] = _table(table, found, left_out, guessed)
    return tables


def _can_be_written(column: FoundColumn) -> bool:
    return bool(column.name) and column.name == column.name.strip()


def _table(table: FoundTable, found: Found, left_out: list[LeftOut], guessed: list[str]) -> Table:
    keys = _key_columns(table, found)
    if table.key_is_found:
        key = ", ".join(table.primary_key)
        guessed.append(
            f"{key} tells the rows of {table.qualified} apart: nobody declared it, and no two rows share a value."
        )
    columns: dict[str, Column] = {}
    for column in table.columns:
        if not _can_be_written(column):
            left_out.append(LeftOut(f"{table.qualified}.{column.name}", str(why_not_carried(column.name))))
            continue
        columns[column.name] = _column(column, table, found.driver, keys, left_out, guessed)
    primary = table.primary_key if _can_be_listed(table.primary_key, columns) else ()
    times = [name for name, column in columns.items() if column.role == "timestamp"]
    time = main_time(table, times)
    return Table(
        table.schema, table.name, _one_line(table.comment) or f"{_KIND[table.kind]} {table.name}.",
        f"one row per {', '.join(primary)}" if primary else "not known: there is no primary key",
        primary, _business_key(table, found, columns), (time,) if time and ";" not in time else (), table.rows, None,
        len(columns), (), columns, 0,
    )  # fmt: skip


_KIND = {"table": "Table", "view": "View", "materialized view": "Materialised view", "foreign table": "Foreign table"}


def _one_line(comment: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in comment).split())[:500]


def _key_columns(table: FoundTable, found: Found) -> dict[str, str]:
    """Role by name for the columns that tell rows apart or point to others."""
    roles: dict[str, str] = {}
    for link in found.links:
        if link.child == (table.schema, table.name):
            roles |= dict.fromkeys(link.columns, "foreign_key")
        if link.parent == (table.schema, table.name):
            roles |= {name: roles.get(name, "key") for name in link.parent_columns}
    for key in (*table.unique, table.primary_key):
        roles |= {name: roles.get(name, "key") for name in key}
    return roles


def _column(
    column: FoundColumn, table: FoundTable, driver: str, keys: dict[str, str], left_out: list[LeftOut], guessed: list[str]
) -> Column:
    place = f"{table.qualified}.{column.name}"
    written = dictionary_type(column, driver, is_key=column.name in keys)
    why = why_not_carried(column.name) or (None if column.is_readable else "the role may not read it")
    if why is not None:
        written = f"other; {name_of_type(column.engine_type)}"
        left_out.append(LeftOut(place, f"{why}: it is listed, and nothing may use it"))
    kind = parse_type(written)
    if kind.kind == "other" and why is None:
        left_out.append(LeftOut(place, f"Assay cannot read {column.engine_type[:60]}: it is listed, and nothing may use it"))
    if kind.is_cast and kind.kind == "double":
        exact = f"decimal(18,2); {name_of_type(column.engine_type)}"
        guessed.append(
            f"{place} is a {column.engine_type} without digits and is read as a double. Where it has two places at most,"
            f" write {exact} in column_dictionary.csv, and sums are exact."
        )
    pii = personal_kind(column.name, table.name, kind.family)
    note = f"Marked as personal ({pii}) by its name." if pii else ""
    if pii is None and kind.kind == "string" and name_of_type(column.base_type) != "uuid":
        looked = personal_by_values(column, table.name, table.sampled)
        # What tells rows apart or points to others may well read like names; nothing else that is personal is spared.
        pii = None if looked == "name" and column.name in keys else looked
        note = f"Marked as personal ({pii}) by its values." if pii else ""
    hidden = disguise(column, kind.kind) if pii is None else None
    if hidden in _UNREAD_TIMES:
        left_out.append(LeftOut(place, f"it holds {hidden}, which no metric reads as a time: a view with a date or timestamp"
                                       " would make it one"))  # fmt: skip
    role = keys.get(column.name) or _role(column, table, kind, pii)
    return Column(column.name, kind, role, column.nullable, None, pii, _one_line(column.comment), note, 0)


_UNREAD_TIMES = ("days as text", "days as yyyymmdd", "seconds since 1970", "milliseconds since 1970")


def _role(column: FoundColumn, table: FoundTable, kind: ColumnType, pii: str | None) -> str:
    if pii is not None or kind.kind == "other":
        return "attribute"
    if kind.is_time:
        return "timestamp"
    if kind.is_number:
        return "measure" if guess_measure(column, kind.kind) else "attribute"
    return "dimension" if is_dimension(column, kind.kind, table.sampled) else "attribute"


def _can_be_listed(key: tuple[str, ...], columns: dict[str, Column]) -> bool:
    """Whether a key can stand in one cell, its columns separated by semicolons."""
    return bool(key) and all(name in columns and ";" not in name for name in key)


def _business_key(table: FoundTable, found: Found, columns: dict[str, Column]) -> tuple[str, ...]:
    """A unique key besides the primary one: that to which others point, else the first."""
    pointed_at = [link.parent_columns for link in found.links if link.parent == (table.schema, table.name)]
    wanted = [key for key in pointed_at if set(key) != set(table.primary_key)]
    wanted += [key for key in table.unique if set(key) != set(table.primary_key)]
    return next((key for key in wanted if _can_be_listed(key, columns)), ())


# -- joins --------------------------------------------------------------------------------------


def _plainest_first(found: Found, left_out: list[LeftOut]) -> list[FoundLink]:
    """The links from one table to another in the order in which people would name them; without those that were guessed
    beside declared ones."""
    by_pair: dict[tuple[tuple[str, str], tuple[str, str]], list[FoundLink]] = {}
    for link in found.links:
        by_pair.setdefault((link.child, link.parent), []).append(link)
    known = {(each.schema, each.name): {column.name: column for column in each.columns} for each in found.tables}
    links = list[FoundLink]()
    for (child, parent), several in by_pair.items():

        def worth(link: FoundLink, at: tuple[str, str] = child, to: tuple[str, str] = parent) -> tuple[int, ...]:
            said, columns = meant(" ".join(link.columns)), known.get(at, {})
            rest = set(said) - {"id", "code", "key", "number"} - own_words(to[1])
            nullable = any(columns[name].nullable for name in link.columns if name in columns)
            places = [_FIRST_ROLES.index(word) for word in said if word in _FIRST_ROLES]
            place = list(columns).index(link.columns[0])
            return bool(rest), nullable, min(places, default=len(_FIRST_ROLES)), place

        declared = [link for link in several if not link.evidence]
        links += sorted(declared or several, key=worth)
        left_out += [
            LeftOut(
                f"the join of {'.'.join(child)} to {'.'.join(parent)} by {', '.join(link.columns)}",
                "it was guessed, and what was declared leads there already",
            )
            for link in several if declared and link.evidence
        ]  # fmt: skip
    return links


_FIRST_ROLES = "home origin from billing bill buyer customer sender source start main primary own".split()


def _joins(found: Found, links: list[FoundLink], tables: dict[str, Table], left_out: list[LeftOut]) -> list[Join]:
    known = {each.qualified: each for each in found.tables}
    ways = Counter((child, parent) for child, parent, _ in {(each.child, each.parent, each.columns) for each in links})
    taken: set[str] = set()
    joins: dict[object, Join] = {}
    for link in links:
        child, parent = ".".join(link.child), ".".join(link.parent)
        if child not in tables:
            continue
        join = _join(link, child, parent, known[child], ways[link.child, link.parent] > 1)
        why = _why_no_join(join, tables)
        same = (child, frozenset(link.columns), parent)
        if why is not None:
            what = f"the join by {link.columns[0]}" if link.evidence else f"the foreign key {link.name}"
            left_out.append(LeftOut(f"{what} of {child}", why))
        elif same not in joins:
            joins[same] = replace(join, join_id=unused(join.join_id, taken))
    return list(joins.values())


def _join(link: FoundLink, child: str, parent: str, table: FoundTable, is_role: bool) -> Join:
    """`is_role`: whether other joins lead there too, so that definitions name the one they mean."""
    name = f"{slug(link.child[1], 'table')}_to_{slug(link.parent[1], 'table')}"
    if is_role:
        name = f"{name}_by_{slug('_'.join(link.columns), 'column')}"
    is_single = any(set(key) == set(link.columns) for key in (table.primary_key, *table.unique))
    return Join(
        name, child, link.columns, parent, link.parent_columns, "one_to_one" if is_single else "many_to_one",
        f"Found: {_one_line(link.evidence)}." if link.evidence else f"The foreign key {_one_line(link.name)}.", 0,
    )  # fmt: skip


def _why_no_join(join: Join, tables: dict[str, Table]) -> str | None:
    if join.to_table not in tables:
        return f"{join.to_table} is not in the dictionary"
    if any(";" in name for name in (*join.from_columns, *join.to_columns)):
        return "a column of it has a semicolon in its name"
    parent = tables[join.to_table]
    if set(join.to_columns) not in (set(parent.primary_key), set(parent.business_key)):
        return f"the dictionary holds the primary key of {join.to_table} and one other, and this is a third"
    fault = next(join_faults(join, join.cardinality, tables), None)
    if fault is not None:
        return fault[0]
    for table, names in ((join.from_table, join.from_columns), (join.to_table, join.to_columns)):
        for column in (tables[table].columns[name] for name in names):
            if column.pii is not None:
                return f"{table}.{column.name} is marked {column.pii}"
            if column.type.kind == "other":
                return f"Assay cannot use {table}.{column.name}"
    return None


def _with_references(tables: dict[str, Table], joins: list[Join]) -> dict[str, Table]:
    to: dict[tuple[str, str], str] = {}
    for join in joins:
        if len(join.from_columns) == 1 and "." not in join.to_columns[0]:
            to.setdefault((join.from_table, join.from_columns[0]), f"{join.to_table}.{join.to_columns[0]}")
    return {
        name: replace(table, columns={
            column.name: replace(column, references=to.get((name, column.name))) for column in table.columns.values()
        })
        for name, table in tables.items()
    }  # fmt: skip


# -- files --------------------------------------------------------------------------------------


def _csv(name: str, rows: list[list[str]]) -> str:
    return "".join(_csv_line(cells) for cells in [HEADERS[name], *rows])


def _csv_line(cells: list[str]) -> str:
    # The writer quotes a cell for the characters of its own line end: for a lone \r, too, only where that is \r\n.
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(map(harmless, cells))
    return line.getvalue().removesuffix("\r\n") + "\n"


def _dictionary_files(dictionary: Dictionary) -> dict[str, str]:
    tables, columns = [], []
    for table in dictionary.tables.values():
        tables.append([
            table.schema, table.name, table.description, table.grain, ";".join(table.primary_key),
            ";".join(table.business_key), ";".join(table.partition_key),
            "" if table.expected_rows is None else str(table.expected_rows), "", str(len(table.columns)), "",
        ])  # fmt: skip
        columns += [
            [table.schema, table.name, column.name, str(number), column.type.text, column.role,
             "yes" if column.nullable else "no", column.references or "", column.pii or "", column.description,
             column.ai_notes]
            for number, column in enumerate(table.columns.values(), 1)
        ]  # fmt: skip
    joins = [
        [join.join_id, join.from_table, ";".join(join.from_columns), join.to_table, ";".join(join.to_columns),
         join.cardinality, join.description]
        for join in dictionary.joins
    ]  # fmt: skip
    rows = {"table_catalog.csv": tables, "column_dictionary.csv": columns, "join_map.csv": joins, "kpi_catalog.csv": []}
    files = {f"data-dictionary/{name}": _csv(name, content) for name, content in rows.items()}
    return {**files, "data-dictionary/ai_query_guidelines.md": dictionary.guidelines}


METRICS_HEAD = """\
# Drafted by `assay init` from names, types and a sample. What each number means is a guess until somebody who
# knows the data has read it: definition, unit, time column and window. Then put an owner's name here.
"""
_ROUTING = """\
# Which backend answers which metric: one line each. The names are those of `backends` in assay.yaml.
metrics:
"""
_GUIDELINES = """\
# Guidelines for whoever writes SQL over this dictionary

1. Joins come from `join_map.csv` only: from child to parent, on exactly the columns named there.
2. Every window is half-open: `start <= time < end`. Bounds are parameters.
3. Columns marked as personal are never selected, filtered or grouped by, not even inside a function.
4. Shares are a count over a count. Do not average percentages, and do not average averages.

This page was drafted without knowing the data. Write here what no check can know: which table is the source of which
figure, which rows are tests, which columns mislead.
"""

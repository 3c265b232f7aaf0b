"""What has changed in a database since its workspace was drafted, as changes to the dictionary's files. Pure.

Rows that are there stay as people have left them: rows come, a type that is another one now is written anew, and what the
database has no longer goes where nothing speaks of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from assay.catalog.csv_records import CsvRecords
from assay.catalog.dictionary import Dictionary, Table
from assay.catalog.found import Found
from assay.catalog.types import parse_type

TABLES, COLUMNS, JOINS = "table_catalog.csv", "column_dictionary.csv", "join_map.csv"


@dataclass
class Changes:
    """Texts by file of the dictionary, what there is to say, and what is new: tables, and columns as `table.column`."""

    files: dict[str, str]
    told: list[str] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)


def changes(
    files: Mapping[str, str], known: Dictionary, drafted: Mapping[str, str], found: Found, backend: str, others: str
) -> Changes:
    """`files` and `drafted`: the dictionary's texts now, and as they would be drafted today, by name. `others`: the text of
    all other files of the workspace, which may speak of a column."""
    now = {name: CsvRecords(files[name]) for name in (TABLES, COLUMNS, JOINS)}
    new = {name: CsvRecords(drafted[name]) for name in (TABLES, COLUMNS, JOINS)}
    told = Changes({})
    there = {each.qualified for each in found.tables}
    schemas = {each.schema for each in found.tables}
    own = {name: table for name, table in known.tables.items() if table.lies_in(backend) and table.schema in schemas}
    _tables(now, new, own, there, others, told)
    for name in sorted(set(own) & {each.table for each in new[COLUMNS].records}):
        _columns(name, own[name], now, new[COLUMNS], others, told)
    _joins(now[JOINS], new[JOINS], {*own, *told.tables}, told)
    told.files = {name: after for name, file in now.items() if (after := file.text()) != files[name].removeprefix("\ufeff")}
    return told


def _tables(
    now: dict[str, CsvRecords],
    new: dict[str, CsvRecords],
    own: Mapping[str, Table],
    there: set[str],
    others: str,
    told: Changes,
) -> None:
    listed = {each.table for each in now[TABLES].records}
    told.tables = {each.table for each in new[TABLES].records} - listed
    for file in (TABLES, COLUMNS):
        now[file].records += [now[file].written(each.cells) for each in new[file].records if each.table in told.tables]
    told.told += [f"{name} is new." for name in sorted(told.tables)]
    for name in sorted(set(own) - there):
        if not _may_go(name, told, is_spoken_of=_is_spoken_of(name.rpartition(".")[2], others)):
            continue
        for file in (TABLES, COLUMNS):
            now[file].records = [each for each in now[file].records if each.table != name]
        now[JOINS].records = [
            each for each in now[JOINS].records if name not in (each.cells["from_table"], each.cells["to_table"])
        ]


def _columns(name: str, table: Table, now: dict[str, CsvRecords], new: CsvRecords, others: str, told: Changes) -> None:
    file = now[COLUMNS]
    mine = {each.cells["column_name"]: each for each in file.records if each.table == name}
    theirs = {each.cells["column_name"]: each for each in new.records if each.table == name}
    for column, record in theirs.items():
        if column not in mine:
            ordinal = max((int(each.cells["ordinal"] or 0) for each in file.records if each.table == name), default=0) + 1
            at = max(at for at, each in enumerate(file.records) if each.table == name) + 1
            file.records.insert(at, file.written({**record.cells, "ordinal": str(ordinal)}))
            told.columns.add(f"{name}.{column}")
            told.told.append(f"{name}.{column} is new; add it to the dimensions of the metrics that it divides.")
            continue
        was, now_is = table.columns[column].type, record.cells["data_type"]
        if was.family != parse_type(now_is).family and not was.is_cast:
            told.told.append(f"{name}.{column} was {was.text} and is {now_is} now.")
            file.replace(mine[column], data_type=now_is)
    for column in [each for each in mine if each not in theirs]:
        is_joined = any(column in each.raw for each in now[JOINS].records)
        if _may_go(f"{name}.{column}", told, is_spoken_of=is_joined or _is_spoken_of(column, others)):
            file.records.remove(mine[column])
    count = str(sum(each.table == name for each in file.records))
    catalog = next(each for each in now[TABLES].records if each.table == name)
    if catalog.cells["column_count"] not in ("", count):
        now[TABLES].replace(catalog, column_count=count)


def _joins(now: CsvRecords, new: CsvRecords, tables: set[str], told: Changes) -> None:
    """Those that touch a new table or a new column: others that are not there somebody has taken out."""
    ids = {each.cells["join_id"] for each in now.records}
    for each in new.records:
        from_table = each.cells["from_table"]
        columns = {f"{from_table}.{name}" for name in each.cells["from_columns"].split(";")}
        is_new = {from_table, each.cells["to_table"]} & told.tables or columns & told.columns
        if is_new and {from_table, each.cells["to_table"]} <= tables and each.cells["join_id"] not in ids:
            now.records.append(now.written(each.cells))


def _may_go(what: str, told: Changes, *, is_spoken_of: bool) -> bool:
    """It is told either way that the database has it no longer."""
    rest = ", and other files speak of it: nothing is proposed." if is_spoken_of else "."
    told.told.append(f"{what} is not in the database any more{rest}")
    return not is_spoken_of


def _is_spoken_of(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None

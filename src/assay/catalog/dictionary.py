"""The dictionary: tables, columns, approved joins and KPIs, read from CSV with the line of every row.

What the CSVs say is the only source for names, types, joins and PII marks; whether they agree with
each other is proved here, whether an engine agrees with them in `catalog.validate`.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from assay.catalog.csv_file import CsvFile, names_nothing
from assay.catalog.findings import Finding, cannot_be_read, named, nearest
from assay.catalog.spelling import table_and_column
from assay.catalog.types import ColumnType, UnknownType, own_type_fault, parse_type
from assay.work.files import read_file

NEVER_EMPTY: dict[str, tuple[str, ...]] = {
    "table_catalog.csv": ("schema_name", "table_name"),
    "column_dictionary.csv": ("schema_name", "table_name", "column_name", "data_type"),
    "join_map.csv": ("join_id", "from_table", "from_columns", "to_table", "to_columns"),
    "kpi_catalog.csv": ("kpi_id", "formula_sql", "base_table"),
}
GUIDELINES = "ai_query_guidelines.md"
DICTIONARY = "dictionary"
"""What a file of it that cannot be read takes away, as findings name it."""
Files = dict[str, bytes | OSError]
Cardinality = Literal["many_to_one", "one_to_one"]
ROLES = ("key", "foreign_key", "dimension", "measure", "timestamp", "attribute")

HEADERS: dict[str, list[str]] = {
    "table_catalog.csv": [
        "schema_name", "table_name", "description", "grain", "primary_key", "business_key", "partition_key",
        "expected_rows", "generation_order", "column_count", "backends",
    ],
    "column_dictionary.csv": [
        "schema_name", "table_name", "column_name", "ordinal", "data_type", "role", "nullable", "references",
        "pii", "description", "ai_notes",
    ],
    "join_map.csv": [
        "join_id", "from_table", "from_columns", "to_table", "to_columns", "cardinality", "description",
    ],
    "kpi_catalog.csv": [
        "kpi_id", "name", "definition", "formula_sql", "base_table", "unit", "direction", "owner",
    ],
}  # fmt: skip


OPTIONAL_HEADERS: dict[str, list[str]] = {"column_dictionary.csv": ["types"], "join_map.csv": ["valid"]}
"""Columns that may stand behind the others: `types`, a backend's own type for a column, as in `lakehouse: double`; `valid`,
the columns of the parent that say from when until when its row holds, as in `active_from;active_to`."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: ColumnType
    role: str
    nullable: bool
    references: str | None
    pii: str | None
    description: str
    ai_notes: str
    line: int


@dataclass(frozen=True)
class Table:
    schema: str
    name: str
    description: str
    grain: str
    primary_key: tuple[str, ...]
    business_key: tuple[str, ...]
    partition_key: tuple[str, ...]
    expected_rows: int | None
    generation_order: int | None
    column_count: int | None
    backends: tuple[str, ...]
    columns: dict[str, Column]
    line: int

    @property
    def qualified(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def impersonal(self) -> tuple[str, ...]:
        """The columns that are no personal data."""
        return tuple(column.name for column in self.columns.values() if column.pii is None)

    def lies_in(self, backend: str) -> bool:
        """An empty list of backends means every one."""
        return not self.backends or backend in self.backends


@dataclass(frozen=True, slots=True)
class Join:
    """An approved join. From the `from` side each row meets at most one row of the `to` side: the one of its key or, where
    rows hold for a while, the one of its key that held when the row counts."""

    join_id: str
    from_table: str
    from_columns: tuple[str, ...]
    to_table: str
    to_columns: tuple[str, ...]
    cardinality: Cardinality
    description: str
    line: int
    valid: tuple[str, str] | None = None
    """The columns of the `to` side from and until which its row holds: half open, and for good where the second is empty."""

    @property
    def told(self) -> str:
        """As it stands in versions of what takes it."""
        return f"{self.join_id} held from {self.valid[0]} until {self.valid[1]}" if self.valid else self.join_id

    @property
    def span_key(self) -> tuple[str, tuple[str, ...]] | None:
        """What tells the rows of the `to` side apart that hold at one time: (table, columns in alphabetical order)."""
        return (table_of(self.to_table), tuple(sorted({*self.to_columns, *self.valid}))) if self.valid else None

    @property
    def approved(self) -> "Join":
        """As the dictionary has it, whatever role its tables have in a way."""
        return replace(self, from_table=table_of(self.from_table), to_table=table_of(self.to_table))


IN_ROLE = " <- "


def table_of(source: str) -> str:
    """The qualified table of a source: of a table, or of one in a role, such as `gold.airport <- flight_origin`."""
    return source.partition(IN_ROLE)[0]


def each_join(paths: Iterable[tuple[Join, ...]]) -> tuple[Join, ...]:
    """Those of all these ways, each once."""
    return tuple(dict.fromkeys(join for path in paths for join in path))


@dataclass(frozen=True, slots=True)
class Kpi:
    kpi_id: str
    name: str
    definition: str
    formula_sql: str
    base_table: str
    unit: str
    direction: str
    owner: str
    line: int


@dataclass(frozen=True)
class Dictionary:
    tables: dict[str, Table]
    """By qualified name, `schema.table`."""
    joins: tuple[Join, ...]
    kpis: tuple[Kpi, ...]
    guidelines: str
    version: str
    findings: tuple[Finding, ...] = field(default=())

    def find(self, name: str) -> Table | None:
        """A table by `schema.table`, or by its bare name where only one schema has it."""
        if name in self.tables:
            return self.tables[name]
        bare = self._by_bare_name.get(name, [])
        return bare[0] if len(bare) == 1 else None

    @cached_property
    def table_names(self) -> frozenset[str]:
        """Every way in which a table may be named: bare, and with its schema."""
        return frozenset(self.tables) | frozenset(self._by_bare_name)

    @cached_property
    def _by_bare_name(self) -> dict[str, list[Table]]:
        found: dict[str, list[Table]] = {}
        for table in self.tables.values():
            found.setdefault(table.name, []).append(table)
        return found

    @cached_property
    def joins_from(self) -> dict[str, list[Join]]:
        found: dict[str, list[Join]] = {}
        for join in self.joins:
            found.setdefault(join.from_table, []).append(join)
        return found


def _csv(files: Files, name: str, shown: str, findings: list[Finding]) -> CsvFile:
    return CsvFile(
        f"{shown}/{name}", files[name], HEADERS[name], findings, optional=OPTIONAL_HEADERS.get(name, ()),
        never_empty=NEVER_EMPTY[name], names=frozenset({DICTIONARY}),
        names_of=_table_of if HEADERS[name][0] == "schema_name" else names_nothing,
    )  # fmt: skip


def _table_of(cells: list[str]) -> frozenset[str]:
    """The table that a row of tables or columns speaks of, as far as it can be seen."""
    return named("table", f"{cells[0].strip()}.{cells[1].strip()}", cells[1].strip()) if len(cells) > 1 else frozenset()


def _at_odds(table: str) -> frozenset[str]:
    """For a finding about a table whose rows are at odds with those of another file, which may be what is wrong."""
    return named("table", table) | {DICTIONARY}


def _names(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _whole(reader: CsvFile, line: int, field_name: str, cell: str) -> int | None:
    if not cell:
        return None
    if not cell.isdecimal():
        reader.note(line, f"{field_name} {cell!r} is not a whole number", "write digits, or nothing")
        return None
    return int(cell)


def load_dictionary(folder: Path, shown: str = "data-dictionary") -> Dictionary:
    """Read the four CSVs and the guidelines in `folder`.

    Never raises for content: whatever is wrong stands in `findings`, each with file, line and mend.
    `shown` is how the folder is called in them.
    """
    return read_dictionary(files_of(folder), shown)


def files_of(folder: Path) -> "Files":
    """The dictionary's files as they lie there, or why one cannot be had."""
    found: Files = {}
    for name in (*HEADERS, GUIDELINES):
        try:
            found[name] = read_file(folder / name)
        except OSError as error:
            found[name] = error
    return found


def read_dictionary(files: "Files", shown: str = "data-dictionary") -> Dictionary:
    """As `load_dictionary`, from what the files hold."""
    findings: list[Finding] = []
    tables = _read_tables(files, shown, findings)
    joins = _read_joins(files, shown, findings, tables)
    kpis = _read_kpis(files, shown, findings, tables)
    held = {name: content if isinstance(content, bytes) else b"" for name, content in files.items()}
    if isinstance(lacking := files[GUIDELINES], OSError) and not isinstance(lacking, FileNotFoundError):
        findings.append(cannot_be_read(f"{shown}/{GUIDELINES}", lacking))
    guidelines = held[GUIDELINES].decode("utf-8", errors="replace")
    digest = hashlib.sha256()
    for name in HEADERS:
        digest.update(held[name].replace(b"\r\n", b"\n"))
    return Dictionary(tables, tuple(joins), tuple(kpis), guidelines, digest.hexdigest()[:16], tuple(findings))


def content_of(path: Path) -> bytes:
    """The bytes of a file, none where it cannot be read: for versions; who reads its meaning notes the trouble."""
    try:
        return read_file(path)
    except OSError:
        return b""


def _read_tables(files: Files, shown: str, findings: list[Finding]) -> dict[str, Table]:
    columns = _read_columns(files, shown, findings)
    reader = _csv(files, "table_catalog.csv", shown, findings)
    tables: dict[str, Table] = {}
    for line, row in reader.rows():
        key = f"{row['schema_name']}.{row['table_name']}"
        if key in tables:
            reader.note(line, f"{key} stands twice (first on line {tables[key].line})", "delete one")
            continue
        own = columns.pop(key, {})
        table = Table(
            row["schema_name"], row["table_name"], row["description"], row["grain"], _names(row["primary_key"]),
            _names(row["business_key"]), _names(row["partition_key"]),
            _whole(reader, line, "expected_rows", row["expected_rows"]),
            _whole(reader, line, "generation_order", row["generation_order"]),
            _whole(reader, line, "column_count", row["column_count"]), _names(row["backends"]), own, line,
        )  # fmt: skip
        tables[key] = table
        if not own:
            reader.note(line, f"{key} has no columns", "add its rows to column_dictionary.csv", _at_odds(key))
        elif table.column_count is not None and table.column_count != len(own):
            reader.note(line, f"{key}: column_count says {table.column_count}, column_dictionary.csv has {len(own)}",
                        f"write {len(own)}", _at_odds(key))  # fmt: skip
        for part in ("primary_key", "business_key", "partition_key"):
            for name in getattr(table, part):
                if own and name not in own:
                    mend = nearest(name, set(own)) or f"its columns are {', '.join(own)}"
                    reader.note(line, f"{key}: {part} names {name!r}, which is no column of it", mend, _at_odds(key))
    for key, own in columns.items():
        first = min(column.line for column in own.values())
        findings.append(Finding(f"{shown}/column_dictionary.csv", first, f"{key} is not in table_catalog.csv",
                                nearest(key, set(tables)) or "add a row for it",
                                wants=_at_odds(key)))  # fmt: skip
    _check_references(shown, findings, tables)
    return tables


def _read_columns(files: Files, shown: str, findings: list[Finding]) -> dict[str, dict[str, Column]]:
    reader = _csv(files, "column_dictionary.csv", shown, findings)
    found: dict[str, list[tuple[int, Column]]] = {}
    for line, row in reader.rows():
        key = f"{row['schema_name']}.{row['table_name']}"
        name = row["column_name"]
        try:
            column_type = parse_type(row["data_type"])
        except UnknownType as error:
            reader.note(line, f"{key}.{name}: {error}", "use a type such as string, bigint, decimal(18,2), timestamp")
            column_type = ColumnType("other", row["data_type"])
        own = _own_types(reader, line, f"{key}.{name}", row.get("types", ""), column_type)
        column_type = replace(column_type, own=own)
        if row["role"] not in ROLES:
            reader.note(line, f"{key}.{name}: role {row['role']!r}", f"use one of {', '.join(ROLES)}")
        if row["nullable"] not in ("yes", "no"):
            reader.note(line, f"{key}.{name}: nullable {row['nullable']!r}", "write yes or no")
        ordinal = _whole(reader, line, "ordinal", row["ordinal"]) or 0
        columns = found.setdefault(key, [])
        if any(column.name == name for _, column in columns):
            reader.note(line, f"{key}.{name} stands twice", "delete one")
            continue
        same = next((column for at, column in columns if at == ordinal and ordinal), None)
        if same is not None:
            reader.note(line, f"{key}.{name}: ordinal {ordinal} is that of {same.name} too", "number the columns 1, 2, ...")
        columns.append((ordinal, Column(
            name, column_type, row["role"], row["nullable"] != "no", row["references"] or None, row["pii"] or None,
            row["description"], row["ai_notes"], line,
        )))  # fmt: skip
    return {key: {column.name: column for _, column in sorted(own, key=lambda pair: pair[0])} for key, own in found.items()}


def _own_types(reader: CsvFile, line: int, place: str, cell: str, declared: ColumnType) -> tuple[tuple[str, str], ...]:
    """`lakehouse: double; sap: numeric(15,2)`, the types in which backends hold a column of another type."""
    found: dict[str, str] = {}
    for part in _names(cell):
        backend, colon, own = (each.strip() for each in part.partition(":"))
        if not (backend and colon and own):
            reader.note(line, f"{place}: types {part!r} does not say which backend", "write for instance lakehouse: double")
            continue
        fault = own_type_fault(declared, own)
        if fault is not None:
            reader.note(line, f"{place}: {fault}", "name the type that the backend holds the column in")
            continue
        found[backend] = own
    return tuple(sorted(found.items()))


def _check_references(shown: str, findings: list[Finding], tables: dict[str, Table]) -> None:
    file = f"{shown}/column_dictionary.csv"
    names = {*tables, *(each.name for each in tables.values())}
    for table in tables.values():
        for column in table.columns.values():
            if column.references is None:
                continue
            target, name = table_and_column(column.references, names)
            owner = tables.get(target) or tables.get(f"{table.schema}.{target}")
            if owner is None or name not in owner.columns:
                findings.append(Finding(
                    file, column.line,
                    f"{table.qualified}.{column.name} references {column.references!r}, which does not exist",
                    (nearest(name, set(owner.columns)) if owner else nearest(target, set(tables)))
                    or "write schema.table.column of the dictionary, or nothing",
                    wants=named("table", target, f"{table.schema}.{target}") | {DICTIONARY},
                ))  # fmt: skip


def _read_joins(files: Files, shown: str, findings: list[Finding], tables: dict[str, Table]) -> list[Join]:
    reader = _csv(files, "join_map.csv", shown, findings)
    joins: dict[str, Join] = {}
    for line, row in reader.rows():
        valid = _names(row.get("valid", ""))
        join = Join(
            row["join_id"], row["from_table"], _names(row["from_columns"]), row["to_table"], _names(row["to_columns"]),
            "one_to_one" if row["cardinality"] == "one_to_one" else "many_to_one", row["description"], line,
            (valid[0], valid[1]) if len(valid) == 2 else None,
        )  # fmt: skip
        if valid and not join.valid:
            reader.note(line, f"join {join.join_id}: valid names {len(valid)} columns", "write from;until, two columns")
            continue
        if join.join_id in joins:
            reader.note(line, f"join {join.join_id} stands twice", "give it another id or delete it")
            continue
        faults = list(join_faults(join, row["cardinality"], tables))
        for message, mend in faults:
            findings.append(Finding(
                reader.file, line, f"join {join.join_id}: {message}", mend, names=named("join", join.from_table),
                wants=named("table", join.from_table, join.to_table) | {DICTIONARY},
            ))  # fmt: skip
        # A join with a fault could count rows twice: no metric may use it.
        if not faults:
            joins[join.join_id] = join
    return list(joins.values())


def join_faults(join: Join, cardinality: str, tables: dict[str, Table]) -> Iterator[tuple[str, str]]:
    """(what is wrong with it, mend), against the tables by qualified name."""
    if cardinality not in ("many_to_one", "one_to_one"):
        yield f"cardinality {cardinality!r}", "write many_to_one or one_to_one, from child to parent"
    if len(join.from_columns) != len(join.to_columns) or not join.from_columns:
        yield "the two sides name different numbers of columns", "name as many columns on one side as on the other"
    is_known = True
    named = ((join.from_table, join.from_columns), (join.to_table, (*join.to_columns, *(join.valid or ()))))
    for table_name, names in named:
        table = tables.get(table_name)
        if table is None:
            yield f"no table {table_name!r}", nearest(table_name, set(tables)) or "add it to table_catalog.csv"
            is_known = False
            continue
        for name in names:
            if name not in table.columns:
                mend = nearest(name, set(table.columns)) or "add it to column_dictionary.csv"
                yield f"{table_name} has no column {name!r}", mend
                is_known = False
    if not is_known:
        return
    child, parent = tables[join.from_table], tables[join.to_table]
    if join.valid:
        yield from _span_faults(join, join.valid, parent)
    elif set(join.to_columns) not in (set(parent.primary_key), set(parent.business_key)):
        message = f"{', '.join(join.to_columns)} is no key of {join.to_table}, so the join could count rows twice"
        yield message, "join to its primary or business key"
    for left, right in zip(join.from_columns, join.to_columns, strict=False):
        one, other = child.columns[left].type, parent.columns[right].type
        if one.family != other.family:
            yield f"{left} is {one.text} and {right} is {other.text}", "join columns of one type"


def _span_faults(join: Join, valid: tuple[str, str], parent: Table) -> Iterator[tuple[str, str]]:
    begun, ended = (parent.columns[name].type for name in valid)
    if not begun.is_time or begun.kind != ended.kind:
        yield (f"its rows hold from {valid[0]}, which is {begun.text}, until {valid[1]}, which is {ended.text}",
               "name two columns of one type: date, timestamp or timestamp_ntz")  # fmt: skip
    if len({*join.to_columns, *valid}) < len(join.to_columns) + 2:
        yield f"{', '.join(join.to_columns)} and {' and '.join(valid)} are not all different columns", "name each once"
    if join.cardinality == "one_to_one":
        yield "rows of which one follows the other have many children each", "write many_to_one"


def _read_kpis(files: Files, shown: str, findings: list[Finding], tables: dict[str, Table]) -> list[Kpi]:
    reader = _csv(files, "kpi_catalog.csv", shown, findings)
    kpis: dict[str, Kpi] = {}
    for line, row in reader.rows():
        if row["kpi_id"] in kpis:
            reader.note(line, f"KPI {row['kpi_id']} stands twice", "delete one")
            continue
        if row["base_table"] not in tables:
            reader.note(
                line, f"KPI {row['kpi_id']}: no table {row['base_table']!r}",
                nearest(row["base_table"], set(tables)) or "write schema.table of the dictionary",
                _at_odds(row["base_table"]),
            )  # fmt: skip
        kpis[row["kpi_id"]] = Kpi(**row, line=line)
    return list(kpis.values())

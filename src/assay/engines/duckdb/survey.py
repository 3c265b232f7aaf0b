"""The survey of a DuckDB file, opened read-only and without a way out of it."""

import threading
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import duckdb

from assay.backends.surveying import (
    LOOKING_SECONDS,
    OWN_SCHEMA,
    PROVING_SECONDS,
    Look,
    Rows,
    Tell,
    check_schemas,
    keys_and_links,
    look_at,
    quoted,
    short,
)
from assay.catalog.found import Found, FoundColumn, FoundLink, FoundTable, LeftOut
from assay.engines.duckdb.apart import NO_EXTENSIONS
from assay.errors import SetupFailed

_TABLES = """
SELECT schema_name, table_name, 'table', coalesce(comment, ''), estimated_size FROM duckdb_tables()
WHERE database_name = current_database() AND NOT internal AND NOT temporary AND schema_name <> $own
UNION ALL
SELECT schema_name, view_name, 'view', coalesce(comment, ''), NULL FROM duckdb_views()
WHERE database_name = current_database() AND NOT internal AND NOT temporary AND schema_name <> $own
ORDER BY 1, 2"""
_COLUMNS = """
SELECT schema_name, table_name, column_name, data_type, is_nullable, coalesce(comment, '') FROM duckdb_columns()
WHERE database_name = current_database() AND NOT internal ORDER BY schema_name, table_name, column_index"""
_CONSTRAINTS = """
SELECT schema_name, table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names,
    constraint_name
FROM duckdb_constraints()
WHERE database_name = current_database() AND constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')
ORDER BY schema_name, table_name, constraint_index"""

_QUOTE = "'"
_LOOK_SECONDS = 3
T = TypeVar("T")


def survey_duckdb(path: Path, schemas: Sequence[str], tell: Tell, declared: Sequence[FoundLink] = ()) -> Found:
    """`declared`: foreign keys that the file itself does not hold. Raises SetupFailed where it cannot be opened."""
    connection = duckdb.connect(config=NO_EXTENSIONS)
    try:
        # Under a name of its own: a schema that is called as the file could not be told from the catalog.
        connection.execute(f"ATTACH '{str(path).replace(_QUOTE, _QUOTE * 2)}' AS assay_survey (READ_ONLY); USE assay_survey")
        connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    except duckdb.Error as error:
        connection.close()
        raise SetupFailed(
            f"{path.name} cannot be opened: {short(error)}", mend="see that it is a DuckDB file and nobody writes it now"
        ) from error
    try:
        return _read(connection, path, schemas, tell, declared)
    except duckdb.Error as error:
        raise SetupFailed(f"{path.name} could not be read: {short(error)}") from error
    finally:
        connection.close()


def _read(
    connection: duckdb.DuckDBPyConnection, path: Path, schemas: Sequence[str], tell: Tell, declared: Sequence[FoundLink]
) -> Found:
    listed = connection.execute(_TABLES, {"own": OWN_SCHEMA}).fetchall()
    check_schemas(schemas, (row[0] for row in listed))
    listed = [row for row in listed if not schemas or row[0] in schemas]
    columns: dict[tuple[str, str], list[FoundColumn]] = {}
    for schema, table, name, kind, nullable, comment in connection.execute(_COLUMNS).fetchall():
        is_enum = kind.startswith("ENUM(") and kind.endswith(")")
        columns.setdefault((schema, table), []).append(FoundColumn(name, kind, kind, is_enum, bool(nullable), True, comment))
    primary: dict[tuple[str, str], tuple[str, ...]] = {}
    unique: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    links: list[FoundLink] = list(declared)
    for schema, table, kind, names, parent, parent_names, constraint in connection.execute(_CONSTRAINTS).fetchall():
        at = (schema, table)
        if kind == "PRIMARY KEY":
            primary[at] = tuple(names)
        elif kind == "UNIQUE":
            filled = {each.name for each in columns.get(at, []) if not each.nullable}
            unique.setdefault(at, []).extend([tuple(names)] if filled.issuperset(names) else [])
        elif at in columns:
            links.append(FoundLink(constraint or "", at, tuple(names), (schema, parent), tuple(parent_names)))
    tables = [
        FoundTable(schema, name, kind, tuple(columns.get((schema, name), ())), primary.get((schema, name), ()),
                   tuple(unique.get((schema, name), ())), rows, 0, comment)
        for schema, name, kind, comment, rows in listed
    ]  # fmt: skip
    named = {(table.schema, table.name) for table in tables}
    left_out: list[LeftOut] = []
    looked_at = _looked_at(connection, tables, left_out, tell)
    found = Found("duckdb", path.stem, None, tuple(looked_at), tuple(each for each in links if each.child in named),
                  tuple(left_out))  # fmt: skip
    catalog = _catalog(connection)
    proving = keys_and_links(found, lambda table: quoted(catalog, table.schema, table.name))
    return _driven(connection, proving, time.monotonic() + PROVING_SECONDS)


def _catalog(connection: duckdb.DuckDBPyConnection) -> str:
    return str(connection.execute("SELECT current_database()").fetchall()[0][0])


def _looked_at(
    connection: duckdb.DuckDBPyConnection, tables: list[FoundTable], left_out: list[LeftOut], tell: Tell
) -> list[FoundTable]:
    catalog = _catalog(connection)
    until = time.monotonic() + LOOKING_SECONDS
    found: list[FoundTable] = []
    for number, table in enumerate(tables, 1):
        if time.monotonic() > until:
            tell(f"Rows of {number - 1} tables were looked at; the others are drafted from names and types alone")
            return found + tables[number - 1 :]
        tell(f"Reading {table.qualified} ({number} of {len(tables)})")
        try:
            looking = look_at(table, quoted(catalog, table.schema, table.name), "duckdb")
            found.append(_driven(connection, looking, until))
        except duckdb.Error as error:
            left_out.append(LeftOut(table.qualified, f"it cannot be read: {short(error)}"))
    return found


def _driven(connection: duckdb.DuckDBPyConnection, looking: Generator[Look, Rows | None, T], until: float) -> T:
    try:
        look = next(looking)
        while True:
            look = looking.send(_asked(connection, look) if time.monotonic() < until else None)
    except StopIteration as end:
        return end.value


def _asked(connection: duckdb.DuckDBPyConnection, look: Look) -> Rows | None:
    """The rows, where they come in time; the engine has no timeout of its own."""
    too_long = threading.Timer(_LOOK_SECONDS, connection.interrupt)
    too_long.start()
    try:
        return connection.execute(look.sql).fetchall()
    except duckdb.InterruptException:
        return None
    except duckdb.Error:
        if look.is_needed:
            raise
        return None
    finally:
        too_long.cancel()


def settings_of(url: str) -> dict[str, str]:
    path = str(file_of(url))
    if "${" in path:
        raise SetupFailed("The file's path holds ${, which assay.yaml would fill in.", mend="rename the folder or file")
    return {"path": path}


def file_of(url: str) -> Path:
    """The file of a `duckdb://` address. One that is not there is looked for below the working folder too."""
    parts = urlsplit(url)
    path = Path(unquote(parts.netloc + parts.path)).expanduser()
    if not path.exists() and Path(str(path).lstrip("/")).exists():
        path = Path(str(path).lstrip("/"))
    if not path.is_file():
        raise SetupFailed(f"There is no file {path}.", mend="write duckdb:///path/to/file.duckdb")
    return path.resolve()

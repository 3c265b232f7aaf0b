"""Files taken into a DuckDB of a workspace: CSV, Parquet, workbooks, SQLite. What their tables are is the survey's."""

import csv
import re
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from assay.backends.surveying import quoted, short
from assay.catalog.found import FoundLink
from assay.catalog.spelling import slug, unused
from assay.engines.duckdb.apart import NO_EXTENSIONS
from assay.engines.duckdb.workbooks import WORKBOOKS, sheets
from assay.errors import SetupFailed

_TEXTS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz")
_PARQUET = (".parquet", ".pq")
_TABLES = ("text", "parquet", "workbook")
_SQLITE = b"SQLite format 3\0"
_DIGITS = re.compile(r"(?:DECIMAL|NUMERIC)\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)", re.IGNORECASE)


def is_taken_in(path: Path) -> bool:
    """Whether a file is one that has to be taken into a DuckDB first; a folder is, for the files that lie in it."""
    return path.is_dir() or _kind(path) is not None


def take_in(source: Path, target: Path, tell: Callable[[str], None]) -> tuple[FoundLink, ...]:
    """Fill the new DuckDB file `target`; the foreign keys that the source declared. Raises SetupFailed with the mend."""
    files = sorted(each for each in source.iterdir() if _kind(each) in _TABLES) if source.is_dir() else [source]
    if not files:
        raise SetupFailed(
            f"No CSV file, Parquet file or workbook lies in {source}.", mend="name a folder with such files, or one file"
        )
    links: tuple[FoundLink, ...] = ()
    taken: set[str] = set()
    with duckdb.connect(str(target), config=NO_EXTENSIONS) as connection:
        for path in files:
            tell(f"Taking in {path.name}")
            try:
                links += _take(connection, path, taken, tell)
            except (duckdb.Error, sqlite3.Error) as error:
                raise SetupFailed(
                    f"{path.name} cannot be read: {short(error)}", mend=_MENDS[_kind(path) or "text"]
                ) from error
    return links


_MENDS = {
    "text": "see that it is UTF-8, with one header line and as many cells in each row",
    "parquet": "see that it is a Parquet file", "sqlite": "see that it is an SQLite database that nobody locks",
    "workbook": "see that each sheet has one header line above its rows, or save it as CSV in UTF-8",
}  # fmt: skip


def _kind(path: Path) -> str | None:
    name = path.name.lower()
    if name.endswith(_TEXTS):
        return "text"
    if name.endswith(_PARQUET):
        return "parquet"
    if name.endswith(WORKBOOKS):
        return "workbook"
    if path.is_file():
        with path.open("rb") as file:
            return "sqlite" if file.read(len(_SQLITE)) == _SQLITE else None
    return None


def _take(
    connection: duckdb.DuckDBPyConnection, path: Path, taken: set[str], tell: Callable[[str], None]
) -> tuple[FoundLink, ...]:
    name = slug(path.name.partition(".")[0], "table")
    match _kind(path):
        case "sqlite":
            return _take_sqlite(connection, path)
        case "workbook":
            with TemporaryDirectory() as folder:
                listed = list(sheets(path, Path(folder), tell))
                for sheet, file in listed:
                    table = unused(name if len(listed) == 1 else slug(sheet, "sheet"), taken)
                    _take_table(connection, table, "read_csv(?, sample_size = -1, header = true)", file)
                    _read_missing(connection, table, tell)
            if not listed:
                raise SetupFailed(f"No sheet of {path.name} holds a table.", mend=_MENDS["workbook"])
        case "parquet":
            _take_table(connection, unused(name, taken), "read_parquet(?)", path)
        case _:
            table = unused(name, taken)
            _take_table(connection, table, "read_csv(?, sample_size = -1)", path)
            _read_missing(connection, table, tell)
    return ()


def _take_table(connection: duckdb.DuckDBPyConnection, name: str, reader: str, path: Path) -> None:
    """DuckDB reads digits with a zero in front, such as `02139`, as text: as numbers they would lose it."""
    connection.execute(f"CREATE TABLE {quoted(name)} AS SELECT * FROM {reader}", [str(path)])
    for (column,) in connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = ? AND NOT internal", [name]
    ).fetchall():
        # A header of a spreadsheet may have blanks at its ends, which a dictionary cannot carry.
        if column != column.strip() and column.strip():
            connection.execute(f"ALTER TABLE {quoted(name)} RENAME {quoted(column)} TO {quoted(column.strip())}")


_MISSING = ("NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "None", "\\N", "-", "?", ".")
_KINDS = (
    ("BIGINT", r"[+-]?(0|[1-9]\d{0,17})"), ("DOUBLE", r"[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?"),
    ("DATE", r"\d{4}-\d\d-\d\d"), ("TIMESTAMP", r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?"),
)  # fmt: skip


def _read_missing(connection: duckdb.DuckDBPyConnection, table: str, tell: Callable[[str], None]) -> None:
    """`NA` among numbers or days says that there is none; among words it may be one of them."""
    listed = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = ? AND data_type = 'VARCHAR' AND NOT internal", [table]
    ).fetchall()
    for (name,) in listed:
        text = f"nullif(trim({quoted(name)}), '')"
        is_said = f"{text} IN ({', '.join('?' * len(_MISSING))})"
        tests = ", ".join(
            f"bool_and(regexp_full_match({text}, '{form}') AND TRY_CAST({text} AS {kind}) IS NOT NULL)"
            for kind, form in _KINDS
        )
        rest = f"SELECT {tests} FROM {quoted(table)} WHERE {text} IS NOT NULL AND NOT ({is_said})"
        (missing,) = connection.execute(f"SELECT count(*) FROM {quoted(table)} WHERE {is_said}", _MISSING).fetchone() or (0,)
        fits = connection.execute(rest, _MISSING).fetchone() if missing else None
        kind = next((kind for (kind, _), fit in zip(_KINDS, fits or (), strict=False) if fit), None)
        if kind is not None:
            tell(f"{missing} cells of {table}.{name} say that there is no value, as NA does: they are read as none")
            connection.execute(
                f"ALTER TABLE {quoted(table)} ALTER {quoted(name)} TYPE {kind} USING TRY_CAST({text} AS {kind})"
            )


# -- SQLite ---------------------------------------------------------------------------------------


def _take_sqlite(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[FoundLink, ...]:
    """Through text files: each column gets the type that all of its values have, whatever was declared."""
    links: list[FoundLink] = []
    source = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    source.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        tables = [name for (name,) in source.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )]  # fmt: skip
        for table in tables:
            columns = source.execute("SELECT name, type, pk FROM pragma_table_info(?)", (table,)).fetchall()
            if not columns:
                continue
            _copy(connection, source, table, [(name, declared) for name, declared, _ in columns])
            key = [name for name, _, place in sorted(columns, key=lambda each: each[2]) if place]
            if key:
                _declare(connection, table, key)
            links += _links(source, table)
    finally:
        source.close()
    return tuple(links)


_FORM = (
    "header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"',"
    " allow_quoted_nulls = true, parallel = false"
)


def _copy(
    connection: duckdb.DuckDBPyConnection, source: sqlite3.Connection, table: str, columns: list[tuple[str, str]]
) -> None:
    missing, names = f"\\{secrets.token_hex(8)}", [name for name, _ in columns]
    listed = ", ".join(f"CASE WHEN typeof({quoted(name)}) = 'blob' THEN NULL ELSE {quoted(name)} END" for name in names)
    types = {name: _type(source, table, name, declared) for name, declared in columns}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
            for row in source.execute(f"SELECT {listed} FROM {quoted(table)}"):
                writer.writerow([missing if value is None else value for value in row])
        read = ", ".join(f"CAST({quoted(f'c{at}')} AS {types[name]}) AS {quoted(name)}" for at, name in enumerate(names))
        shape = "{" + ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(names))) + "}"
        connection.execute(
            f"CREATE TABLE {quoted(table)} AS SELECT {read} FROM read_csv(?, columns = {shape}, {_FORM}, nullstr = ?)",
            [str(path), missing],
        )


def _type(source: sqlite3.Connection, table: str, name: str, declared: str) -> str:
    """DuckDB's type for a column: by the values alone where they agree, as text where they do not."""
    column, said = quoted(name), declared.upper()
    kinds = {kind for (kind,) in source.execute(f"SELECT DISTINCT typeof({column}) FROM {quoted(table)}")} - {"null", "blob"}
    digits = _DIGITS.search(said)
    if kinds == {"integer"}:
        ((low, high),) = source.execute(f"SELECT min({column}), max({column}) FROM {quoted(table)}").fetchall()
        is_flag = "BOOL" in said and low >= 0 and high <= 1
        return "BOOLEAN" if is_flag else "BIGINT"
    if kinds and kinds <= {"integer", "real"}:
        if digits and int(digits[1]) <= 38 and _fits(source, table, column, int(digits[2])):
            return f"DECIMAL({max(int(digits[1]), 18)},{digits[2]})"
        return "DOUBLE"
    if kinds == {"text"}:
        return _type_of_text(source, table, column)
    return "VARCHAR"


def _fits(source: sqlite3.Connection, table: str, column: str, scale: int) -> bool:
    """Whether no value has more places than were declared, which SQLite does not see to."""
    query = f"SELECT 1 FROM {quoted(table)} WHERE abs({column} - round({column}, ?)) > 1e-9 LIMIT 1"
    return source.execute(query, (scale,)).fetchone() is None


_DAY = "[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]"
_CLOCK = "[0-2][0-9]:[0-5][0-9]"


def _type_of_text(source: sqlite3.Connection, table: str, column: str) -> str:
    """Days and times, where each value is one; SQLite has no type of its own for them."""
    for kind, patterns, holds in (
        ("DATE", (_DAY,), f"date({column}) IS {column}"),
        ("TIMESTAMP", (_DAY, f"{_DAY}[ T]{_CLOCK}", f"{_DAY}[ T]{_CLOCK}:[0-5][0-9]*"), f"julianday({column}) IS NOT NULL"),
    ):
        glob = " OR ".join(f"{column} GLOB '{pattern}'" for pattern in patterns)
        others = (
            f"SELECT 1 FROM {quoted(table)} WHERE {column} IS NOT NULL AND NOT (({glob}) AND {holds} AND {column} NOT LIKE"
            f" '%Z' AND {column} NOT GLOB '*[0-9][+-][0-9][0-9]:[0-9][0-9]') LIMIT 1"
        )
        if source.execute(others).fetchone() is None:
            return kind
    return "VARCHAR"


def _declare(connection: duckdb.DuckDBPyConnection, table: str, key: list[str]) -> None:
    """A key that SQLite does not hold itself to (it may lack a value) is left to be found."""
    listed = ", ".join(map(quoted, key))
    try:
        connection.execute(f"ALTER TABLE {quoted(table)} ADD PRIMARY KEY ({listed})")
    except duckdb.Error:
        return


def _links(source: sqlite3.Connection, table: str) -> Iterator[FoundLink]:
    found: dict[int, list[tuple[str, str, str | None]]] = {}
    query = 'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq'
    for number, parent, own, other in source.execute(query, (table,)):
        found.setdefault(number, []).append((parent, own, other))
    for columns in found.values():
        parent = columns[0][0]
        key = source.execute("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (parent,)).fetchall()
        to = tuple(other or "" for *_, other in columns)
        to = to if all(to) else tuple(name for (name,) in key)
        own = tuple(own for _, own, _ in columns)
        if len(to) == len(own):
            yield FoundLink(f"{table}_{'_'.join(own)}", ("main", table), own, ("main", parent), to)

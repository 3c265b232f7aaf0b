"""What runs behind the test warehouse: DuckDB, given Databricks SQL by way of sqlglot, its values written as the service
writes them.
"""

import asyncio
import itertools
import re
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

_HISTORY = re.compile(r"DESCRIBE HISTORY `([^`]+)`\.`([^`]+)` LIMIT 1")
_TABLE = re.compile(r"DESCRIBE TABLE `((?:[^`]|``)+)`\.`((?:[^`]|``)+)`")
_PROPERTY = re.compile(r"ALTER TABLE `([^`]+)`\.`([^`]+)` SET TBLPROPERTIES \('([^']+)' = '([^']*)'\)")
_PROPERTIES = re.compile(r"SHOW TBLPROPERTIES `([^`]+)`\.`([^`]+)`")
_ZONE = re.compile(r"SELECT current_timezone\(\) AS \w+")
_TYPES = {
    "VARCHAR": "STRING", "HUGEINT": "BIGINT", "INTEGER": "INT", "TIMESTAMP": "TIMESTAMP_NTZ",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP", '"NULL"': "VOID",
}  # fmt: skip
_MISSING = re.compile(r"Table with name (\S+) does not exist|schema with name (\S+) does not exist", re.IGNORECASE)
_PARAMETERS: Mapping[str, Callable[[str], Any]] = {
    "BIGINT": int, "INT": int, "DOUBLE": float, "DECIMAL": Decimal, "BOOLEAN": lambda text: text == "true",
    "DATE": date.fromisoformat, "TIMESTAMP": datetime.fromisoformat, "TIMESTAMP_NTZ": datetime.fromisoformat, "STRING": str,
}  # fmt: skip
Row = list[str | None]


@dataclass(frozen=True)
class Table:
    """A result: (name, type) of the columns and rows of text."""

    columns: list[tuple[str, str]]
    rows: list[Row]


class Failed(Exception):
    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.message = message


class Engine:
    """A copy of a DuckDB file, or an empty one. The copy is made anew when the file is replaced."""

    def __init__(self, folder: Path, lake: Path | None) -> None:
        self.zone = "UTC"
        self._folder = folder
        self._lake = lake
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._opened: tuple[object, duckdb.DuckDBPyConnection] | None = None
        self._loaded_at = datetime.now(UTC)
        self._commits: dict[str, tuple[int, datetime]] = {}
        self._properties: dict[str, dict[str, str]] = {}

    def _connection(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            seen = self._lake.stat() if self._lake else None
            identity = (seen.st_ino, seen.st_mtime_ns) if seen else None
            if self._opened is None or self._opened[0] != identity:
                own = self._folder / f"warehouse-{next(self._numbers)}.duckdb"
                if self._lake and seen:
                    shutil.copyfile(self._lake, own)
                    self._loaded_at = datetime.fromtimestamp(seen.st_mtime_ns / 1e9, UTC)
                connection = duckdb.connect(str(own), config={"memory_limit": "1GB", "threads": "2"})
                connection.execute("SET TimeZone = 'UTC'")
                self.close()
                self._opened, self._commits = (identity, connection), {}
            return self._opened[1]

    def close(self) -> None:
        if self._opened:
            self._opened[1].close()
            self._opened = None

    def change(self, sql: str, *tables: str) -> None:
        """DuckDB's own SQL on the copy; each of `tables` gets a commit."""
        self._connection().cursor().execute(sql)
        for table in tables:
            self._commit(table)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection().cursor() as cursor:
            return cursor.execute(sql).fetchall()

    def _commit(self, table: str) -> None:
        number = self._commits.get(table, (0, None))[0] + 1
        self._commits[table] = number, datetime.now(UTC)

    async def run(self, sql: str, parameters: Sequence[Mapping[str, Any]]) -> Table:
        """Raises Failed. Cancelling the waiting interrupts the statement."""
        own = self._answer_itself(sql)
        if own is not None:
            return own
        cursors: list[duckdb.DuckDBPyConnection] = []
        future = asyncio.get_running_loop().run_in_executor(None, self._run, sql, parameters, cursors)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
            while not future.done():
                for cursor in cursors:
                    cursor.interrupt()
                await asyncio.sleep(0.01)
            raise

    def _run(self, sql: str, parameters: Sequence[Mapping[str, Any]], cursors: list[duckdb.DuckDBPyConnection]) -> Table:
        try:
            tree = sqlglot.parse_one(sql, read="databricks")
            text = in_duckdb(tree).sql("duckdb", unsupported_level=ErrorLevel.IGNORE)
        except SqlglotError as error:
            raise Failed("42601", f"[PARSE_SYNTAX_ERROR] Syntax error: {str(error).splitlines()[0]}") from error
        used = {each.name for each in tree.find_all(exp.Placeholder)}
        values = {each["name"]: _bound(each) for each in parameters if each["name"] in used}
        if used - values.keys():
            raise Failed("42P02", f"[UNBOUND_SQL_PARAMETER] Found the unbound parameter: {min(used - values.keys())}.")
        with self._connection().cursor() as cursor:
            cursors.append(cursor)
            try:
                result = cursor.execute(text, values)
                columns = [(str(each[0]), str(each[1])) for each in result.description or ()]
                rows = result.fetchall()
            except duckdb.Error as error:
                raise _failure(error) from error
        self._note(tree)
        if not isinstance(tree, exp.Query):
            return Table([], [])
        return Table(
            [(name, _TYPES.get(kind, kind)) for name, kind in columns], [[_written(cell) for cell in row] for row in rows]
        )

    def _note(self, tree: exp.Expr) -> None:
        """The table's history: it begins with CREATE, grows with INSERT and goes with DROP."""
        target = tree.find(exp.Table)
        name = f"{target.db}.{target.name}" if target else ""
        if isinstance(tree, exp.Insert):
            into = tree.this.find(exp.Table)
            assert into is not None
            self._commit(f"{into.db}.{into.name}")
        elif isinstance(tree, exp.Drop):
            self._commits.pop(name, None)
            self._properties.pop(name, None)
        elif isinstance(tree, exp.Create):
            self._commits[name] = 0, datetime.now(UTC)

    def _answer_itself(self, sql: str) -> Table | None:
        """What DuckDB has no words for."""
        if _ZONE.fullmatch(sql):
            return Table([("zone", "STRING")], [[self.zone]])
        if found := _HISTORY.fullmatch(sql):
            name = self._known(found)
            number, moment = self._commits.get(name, (0, self._loaded_at))
            return Table(
                [("version", "BIGINT"), ("timestamp", "TIMESTAMP"), ("operation", "STRING")],
                [[str(number), _written(moment), "WRITE"]],
            )
        if found := _TABLE.fullmatch(sql):
            self._known(found)
            columns = self._columns(found[1], found[2])
            partitions: list[Row] = [["# Clustering Information", "", ""], ["# col_name", "data_type", "comment"]]
            described = [("col_name", "STRING"), ("data_type", "STRING"), ("comment", "STRING")]
            return Table(described, [*([name, kind, None] for name, kind in columns), *partitions])
        if found := _PROPERTY.fullmatch(sql):
            self._properties.setdefault(self._known(found), {})[found[3]] = found[4]
            return Table([], [])
        if found := _PROPERTIES.fullmatch(sql):
            properties = self._properties.get(self._known(found), {})
            return Table([("key", "STRING"), ("value", "STRING")], [[key, value] for key, value in properties.items()])
        return None

    def _known(self, found: re.Match[str]) -> str:
        if not self._columns(found[1], found[2]):
            raise Failed("42P01", f"[TABLE_OR_VIEW_NOT_FOUND] The table or view `{found[1]}`.`{found[2]}` cannot be found.")
        return f"{found[1]}.{found[2]}"

    def _columns(self, schema: str, table: str) -> list[tuple[str, str]]:
        with self._connection().cursor() as cursor:
            found = cursor.execute(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = ? AND table_name = ?"
                " ORDER BY column_index", [schema, table],
            ).fetchall()  # fmt: skip
        return [(str(name), _TYPES.get(kind, kind).lower()) for name, kind in found]


def in_duckdb(tree: exp.Expr) -> exp.Expr:
    """What sqlglot's translation leaves different, put right."""
    tree = tree.copy()
    for node in reversed(list(tree.walk())):
        right = _put_right(node)
        if right is not node:
            node.replace(right)
    return tree


def _put_right(node: exp.Expr) -> exp.Expr:
    match node:
        case exp.AtTimeZone():
            # FROM_UTC_TIMESTAMP: an instant that reads, in UTC, as the clock there does. Not a time without a zone.
            wall = exp.Paren(this=exp.AtTimeZone(this=node.this, zone=node.args["zone"]))
            return exp.AtTimeZone(this=wall, zone=exp.Literal.string("UTC"))
        case exp.Quantile():
            return exp.Anonymous(this="QUANTILE_CONT", expressions=[node.this, node.args["quantile"]])
        case exp.Anonymous() if node.name.upper() == "TIMESTAMP_MICROS":
            return exp.Anonymous(this="MAKE_TIMESTAMPTZ", expressions=node.expressions)
        case exp.Anonymous() if node.name.upper() == "WEEKDAY":
            # 0 is Monday there, and Sunday in DuckDB.
            day = exp.Extract(this=exp.var("ISODOW"), expression=node.expressions[0])
            return exp.Paren(this=exp.Sub(this=day, expression=exp.Literal.number(1)))
        case exp.Table(this=exp.Anonymous() as function) if function.name.upper() == "RANGE":
            name = exp.to_identifier(node.alias or "numbers")
            return exp.Table(this=function, alias=exp.TableAlias(this=name, columns=[exp.to_identifier("id")]))
        case exp.DateFromUnixDate():
            # DuckDB adds an interval to a date and gets a moment.
            return exp.Cast(this=exp.DateFromUnixDate(this=node.this), to=exp.DataType.build("date"))
        case exp.Properties():
            node.set("expressions", [each for each in node.expressions if not isinstance(each, exp.FileFormatProperty)])
            return node
        case _:
            return node


def _bound(parameter: Mapping[str, Any]) -> Any:
    text = parameter.get("value")
    kind = str(parameter.get("type") or "STRING").partition("(")[0]
    return None if text is None else _PARAMETERS[kind](text)


def _written(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case float():
            return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(value), repr(value))
        case datetime():
            shown = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            text = shown.isoformat(timespec="microseconds" if shown.microsecond % 1000 else "milliseconds")
            return text + "Z" * bool(value.tzinfo)
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def _failure(error: duckdb.Error) -> Failed:
    text = str(error).splitlines()[0]
    if isinstance(error, duckdb.CatalogException) and _MISSING.search(text):
        return Failed("42P01", f"[TABLE_OR_VIEW_NOT_FOUND] {text}")
    if isinstance(error, duckdb.BinderException):
        return Failed("42703", f"[UNRESOLVED_COLUMN.WITH_SUGGESTION] {text}")
    if isinstance(error, duckdb.ConversionException):
        return Failed("22018", f"[CAST_INVALID_INPUT] {text}")
    return Failed("XX000", f"[INTERNAL_ERROR] {text}")

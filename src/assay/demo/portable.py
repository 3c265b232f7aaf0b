"""SQL written once, printed for each engine.

The generators are written in DuckDB's dialect with a few words of their own, which this module turns
into what an engine has: `series_<n>` (a table of the numbers 0 to n-1 in a column `i`), `AT_MICROS(us)`
(an instant), `ON_DAY(days)` (a date). Only whole numbers are calculated with: their arithmetic is the
same everywhere, so that the same rows arise everywhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlglot
from sqlglot import exp

PRIME = 2_147_483_647
"""All draws are remainders of this prime, so that a product of two of them fits into 63 bits."""

_SERIES = {
    "postgres": "SELECT i FROM GENERATE_SERIES(CAST(0 AS BIGINT), {last}) AS g(i)",
    "duckdb": "SELECT range AS i FROM RANGE({count})",
    "databricks": "SELECT id AS i FROM RANGE({count})",
    "spark": "SELECT id AS i FROM RANGE({count})",
}
_INSTANT = {
    "postgres": "(CAST('1970-01-01 00:00:00+00' AS TIMESTAMPTZ) + ({0}) * CAST('1 microsecond' AS INTERVAL))",
    "duckdb": "MAKE_TIMESTAMPTZ({0})",
    "databricks": "TIMESTAMP_MICROS({0})",
    "spark": "TIMESTAMP_MICROS({0})",
}
_DAY = {
    "postgres": "(CAST('1970-01-01' AS DATE) + CAST({0} AS INT))",
    "duckdb": "(CAST('1970-01-01' AS DATE) + CAST({0} AS INT))",
    "databricks": "DATE_FROM_UNIX_DATE(CAST({0} AS INT))",
    "spark": "DATE_FROM_UNIX_DATE(CAST({0} AS INT))",
}


def parse(sql: str) -> exp.Query:
    return _query(sqlglot.parse_one(sql, read="duckdb"))


def _query(tree: exp.Expr) -> exp.Query:
    assert isinstance(tree, exp.Query), "a generator is one query"
    return tree


def for_engine(tree: exp.Query, driver: str) -> exp.Query:
    """The query with this module's own words replaced by the engine's. The tree given is used up."""

    def own_words(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Table) and node.name.startswith("series_"):
            count = int(node.name.removeprefix("series_"))
            inner = sqlglot.parse_one(_SERIES[driver].format(count=count, last=max(count - 1, -1)), read=driver)
            return exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(node.alias_or_name)))
        if isinstance(node, exp.Anonymous) and node.name.upper() in ("AT_MICROS", "ON_DAY"):
            template = (_INSTANT if node.name.upper() == "AT_MICROS" else _DAY)[driver]
            argument = node.expressions[0].transform(own_words, copy=False).sql(driver)
            return sqlglot.parse_one(template.format(argument), read=driver)
        if isinstance(node, exp.IntDiv) and driver == "postgres":
            # `/` truncates whole numbers there; DIV would go by way of numeric, which is slow.
            left, right = (side.transform(own_words, copy=False) for side in (node.this, node.expression))
            return exp.paren(exp.Div(this=left, expression=right, typed=True))
        if isinstance(node, exp.CTE) and driver in ("databricks", "spark"):
            node.set("materialized", None)
        return node

    return _query(tree.transform(own_words, copy=False))


def values(name: str, columns: Sequence[str], rows: Iterable[Sequence[int | str | bool | None]]) -> str:
    """A table of constants, `(SELECT ...) AS name`; whole numbers become bigint on every engine."""
    listed = [tuple(row) for row in rows]
    wholes = {
        place for place in range(len(columns))
        if all(isinstance(row[place], int) and not isinstance(row[place], bool) for row in listed)
    }  # fmt: skip
    picked = ", ".join(
        f"CAST({column} AS BIGINT) AS {column}" if place in wholes else column for place, column in enumerate(columns)
    )
    body = ", ".join("(" + ", ".join(_literal(cell) for cell in row) + ")" for row in listed)
    return f"(SELECT {picked} FROM (VALUES {body}) AS v({', '.join(columns)})) AS {name}"


def _literal(cell: int | str | bool | None) -> str:
    if cell is None:
        return "NULL"
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    return "'" + cell.replace("'", "''") + "'" if isinstance(cell, str) else str(cell)


def linear(number: str, factor: int, shift: int) -> str:
    """First half of a draw from a row's number: spread, but still regular."""
    return f"({number} * {factor} + {shift}) % {PRIME}"


def scrambled(name: str) -> str:
    """Second half: the regularity goes. `name` is a column, so that it is worked out once."""
    return f"{name} * ({name} % 46337 + 7) % {PRIME}"


def digits(draw: str, skip: int, span: int) -> str:
    """A number from 0 to span-1 out of a draw; `skip` passes over what others have used of it."""
    return f"({draw} // {skip} % {span})"


def one_of(number: str, shares: Sequence[tuple[int, str]]) -> str:
    """Pick by shares: `number` runs from 0 to the sum of them less one."""
    bound, branches = 0, ""
    for share, text in shares[:-1]:
        bound += share
        branches += f" WHEN {number} < {bound} THEN {_literal(text)}"
    return f"CASE{branches} ELSE {_literal(shares[-1][1])} END"


def hundredths(number: str) -> str:
    """An exact decimal out of a whole number of hundredths."""
    return f"CAST({number} AS DECIMAL(18, 2)) * 0.01"


def instant(number: str) -> str:
    """A point in time out of microseconds since 1970."""
    return f"AT_MICROS({number})"


def when(condition: str, then: str, otherwise: str | None = None) -> str:
    return f"CASE WHEN {condition} THEN {then}" + (f" ELSE {otherwise}" if otherwise is not None else "") + " END"


def text(number: str) -> str:
    return f"CAST({number} AS VARCHAR)"


def select(columns: Mapping[str, str], rest: str) -> str:
    """The query that makes a table's rows: each column with its expression, and where the rows come from."""
    return "SELECT " + ", ".join(f"{expression} AS {name}" for name, expression in columns.items()) + f" {rest}"


@dataclass(frozen=True, slots=True)
class At:
    """An instant, in microseconds since 1970."""

    us: int


@dataclass(frozen=True, slots=True)
class On:
    """A date, in days since 1970."""

    days: int


Cell = str | int | bool | Decimal | At | On


def row(**cells: Cell) -> str:
    """A query of one row of constants."""
    return select({name: _constant(cell) for name, cell in cells.items()}, "").rstrip()


def _constant(cell: Cell) -> str:
    match cell:
        case At(us):
            return instant(str(us))
        case On(days):
            return f"ON_DAY({days})"
        case Decimal():
            scale = -int(cell.as_tuple().exponent)
            return f"CAST('{cell}' AS DECIMAL(18, {scale}))"
        case _:
            return _literal(cell)

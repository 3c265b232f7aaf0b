"""One meaning for what engines do differently, and how each engine writes it.

Everything the compiler emits that is not the same text everywhere is here, each pin with its reason.
`tests/engine/test_pinned_meanings.py` runs every one of them on every engine.

One thing cannot be pinned: the order in which an engine adds doubles. A sum or an average of a double
column, or of a division in each row, may differ in its last digit, and wants a `tolerance`.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from sqlglot import exp

from assay.catalog.types import ColumnType

Dialect = Literal["postgres", "duckdb", "databricks", "spark"]
DIALECTS: tuple[Dialect, ...] = ("postgres", "duckdb", "databricks", "spark")


def placeholder(index: int, dialect: Dialect) -> exp.Expr:
    """A bound parameter: `$1` on Postgres, `$p1` on DuckDB, `:p1` on Databricks and Spark."""
    if dialect == "postgres":
        return exp.Parameter(this=exp.Literal.number(index))
    if dialect == "duckdb":
        return exp.Parameter(this=exp.var(f"p{index}"))
    return exp.Placeholder(this=f"p{index}")


def double(value: exp.Expr) -> exp.Expr:
    """A value as a double. What is one already, or stands in brackets, is not wrapped once more."""
    value = value.unnest() if not isinstance(value, exp.Subquery) else value
    if isinstance(value, exp.Cast) and value.is_type("double"):
        return value
    return exp.cast(value, "double", copy=False)


def read_as(column: exp.Expr, column_type: ColumnType) -> exp.Expr:
    """A column in the type that the dictionary reads it as. Which columns need it: `compiler.held`.

    Postgres adds `real` in single precision, orders an enum as it was declared, and refuses a collation for it and a uuid.
    """
    if column_type.kind == "double":
        return double(column)
    if column_type.kind == "decimal":
        return exp.cast(column, f"decimal({column_type.precision},{column_type.scale})", copy=False)
    return exp.cast(column, "bigint" if column_type.is_number else "text", copy=False)


def result_as(value: exp.Expr, kind: str, scale: int | None) -> exp.Expr:
    """What was calculated in an engine's wider type, in the type that the formula has."""
    if kind == "double":
        return double(value)
    return exp.cast(value, f"decimal(38,{scale or 0})", copy=False)


def whole(value: exp.Expr, bits: int, dialect: Dialect) -> exp.Expr:
    """A whole number in a type that holds results of so many bits: engines calculate in the width of their columns."""
    if bits <= 62:
        return exp.cast(value, "bigint", copy=False)
    return exp.cast(value, "int128" if dialect == "duckdb" else "decimal(38,0)", dialect="duckdb", copy=False)


def quotient(numerator: exp.Expr, denominator: exp.Expr) -> exp.Expr:
    """Real division on doubles, NULL for a zero denominator.

    Engines divide integers to integers or to decimals of differing scale, and fail, give NULL or
    infinity for zero. IEEE division of the same two doubles is the same everywhere.
    """
    zero = exp.Literal.number(0)
    guarded = exp.Nullif(this=double(denominator), expression=zero)
    return exp.Div(this=double(numerator), expression=guarded, typed=True, safe=False)


def average(value: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
    """AVG as the exact sum over the count: engines average decimals to different scales."""
    return exp.Sum(this=value), exp.Count(this=value.copy(), big_int=True)


def over_no_rows(node: exp.Expr, aggregate: exp.Expr, empty: str, restricted: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """A sum over no rows is 0, unlike one over rows that all lack a value; or it is unknown, and a count is too."""
    if not isinstance(node, exp.Sum if empty == "zero" else exp.Count):
        return aggregate
    rows = restricted(exp.Count(this=exp.Star(), big_int=True))
    return where_none(rows, exp.Literal.number(0) if empty == "zero" else exp.null(), aggregate)


def where_none(rows: exp.Expr, then: exp.Expr, otherwise: exp.Expr) -> exp.Expr:
    """`then` where a count of rows is 0."""
    is_none = exp.EQ(this=rows, expression=exp.Literal.number(0))
    return exp.Case(ifs=[exp.If(this=is_none, true=then)], default=otherwise)


def percentile(value: exp.Expr, share: exp.Expr, dialect: Dialect) -> exp.Expr:
    """The exact continuous percentile, by linear interpolation on doubles."""
    if dialect == "postgres":
        order = exp.Order(expressions=[exp.Ordered(this=double(value), nulls_first=False)])
        return exp.WithinGroup(this=exp.PercentileCont(this=share), expression=order)
    name = "QUANTILE_CONT" if dialect == "duckdb" else "PERCENTILE"
    return exp.Anonymous(this=name, expressions=[double(value), share])


def utc_clock(column: exp.Expr, kind: str) -> exp.Expr:
    """A time column without a zone: instants on the clock of UTC, wall times and days as they are.

    From there Assay itself moves rows to the workspace's clock, by offsets that it binds. Engines have tzdata of their
    own, of other years, and would put a row into another bucket than the window's bounds say.
    """
    return exp.AtTimeZone(this=column, zone=exp.Literal.string("UTC")) if kind == "timestamp" else column


def moved(clock: exp.Expr, by: timedelta) -> exp.Expr:
    """A time without a zone so much later."""
    if not by:
        return clock
    seconds = int(by.total_seconds())
    amount, unit = (seconds // 86_400, "DAY") if seconds % 86_400 == 0 else (seconds, "SECOND")
    interval = exp.Interval(this=exp.Literal.string(str(amount)), unit=exp.var(unit))
    return exp.Add(this=exp.paren(clock, copy=False) if isinstance(clock, exp.AtTimeZone) else clock, expression=interval)


def first_day(wall: exp.Expr, grain: str) -> exp.Expr:
    """The first day of the bucket in which a wall time or a day lies; weeks begin on Monday on all four engines."""
    return exp.cast(exp.TimestampTrunc(this=wall, unit=exp.var(grain.upper())), "date", copy=False)


def hour(utc: exp.Expr, beside: timedelta, dialect: Dialect) -> exp.Expr:
    """The start of the hour, on the clock of UTC; `beside`: by how much the place's hours begin beside those of UTC.

    Spark's DATE_TRUNC makes an instant of whatever it is given: the hour is brought back to a time without a zone.
    """
    truncated = exp.TimestampTrunc(this=moved(utc, beside), unit=exp.var("HOUR"))
    start = exp.cast(truncated, "timestampntz", copy=False) if dialect in ("databricks", "spark") else truncated
    return moved(start, -beside)


def ordered(value: exp.Expr, descending: bool, is_text: bool, dialect: Dialect) -> exp.Ordered:
    """NULLs last in both directions; text by code point, whatever collation the database was made with."""
    if is_text and dialect == "postgres":
        value = exp.Collate(this=value, expression=exp.to_identifier("C", quoted=True))
    return exp.Ordered(this=value, desc=descending, nulls_first=False)

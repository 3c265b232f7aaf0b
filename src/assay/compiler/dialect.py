"""One meaning for what engines do differently, as far as it is written alike on all of them, each pin with its reason.

What is not the same text everywhere is a matter of the engine's own spelling (`engine/spelling.py`).
`tests/engine/test_pinned_meanings.py` runs every meaning on every engine.

One thing cannot be pinned: the order in which an engine adds doubles. A sum or an average of a double
column, or of a division in each row, may differ in its last digit, and wants a `tolerance`.
"""

from collections.abc import Callable

from sqlglot import exp

from assay.catalog.types import ColumnType
from assay.engine.spelling import double


def read_as(column: exp.Expr, column_type: ColumnType) -> exp.Expr:
    """A column in the type that the dictionary reads it as. Which columns need it: `compiler.held`.

    Postgres adds `real` in single precision, orders an enum as it was declared, and refuses a collation for it and a uuid.
    """
    if column_type.kind == "double":
        return double(column)
    if column_type.kind == "decimal":
        return exp.cast(column, f"decimal({column_type.precision},{column_type.scale})", copy=False)
    return exp.cast(column, "bigint" if column_type.is_number else "text", copy=False)


def calculated_as(value: exp.Expr, column_type: ColumnType) -> exp.Expr:
    """A value that was calculated in a row, as rows are grouped and filtered by it: in one type on every engine.

    A parameter beside it takes that type. Of the two zeros that doubles have one is left: engines show either.
    """
    match column_type.kind:
        case "boolean":
            return exp.paren(value, copy=False)
        case "double":
            zero = double(exp.Literal.number(0))
            return exp.paren(exp.Add(this=double(value), expression=zero), copy=False)
        case "decimal":
            return exp.cast(value, f"decimal({column_type.precision},{column_type.scale})", copy=False)
        case kind:
            return exp.cast(value, type_named(kind), copy=False)


def type_named(kind: str) -> str:
    """The type of a column of this kind, in the words of `exp.cast`."""
    return {"string": "text", "timestamp": "timestamptz", "timestamp_ntz": "timestampntz"}.get(kind, kind)


def result_as(value: exp.Expr, kind: str, scale: int | None) -> exp.Expr:
    """What was calculated in an engine's wider type, in the type that the formula has."""
    if kind == "double":
        return double(value)
    return exp.cast(value, f"decimal(38,{scale or 0})", copy=False)


def quotient(numerator: exp.Expr, denominator: exp.Expr) -> exp.Expr:
    """Real division on doubles, NULL for a zero denominator.

    Engines divide integers to integers or to decimals of differing scale, and fail, give NULL or
    infinity for zero. IEEE division of the same two doubles is the same everywhere.
    """
    zero = exp.Literal.number(0)
    guarded = exp.Nullif(this=double(denominator), expression=zero)
    return exp.Div(this=double(numerator), expression=guarded, typed=True, safe=False)


def change(now: exp.Expr, before: exp.Expr) -> exp.Expr:
    """By how much a value is more than what it was before, on doubles: unknown where one of the two is."""
    return exp.Sub(this=double(now), expression=double(before))


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

"""How Spark writes what the compiler means."""

from sqlglot import exp

from assay.engine.spelling import Spelling, double, of_microseconds, truncated_time


def _placeholder(number: int) -> exp.Expr:
    return exp.Placeholder(this=f"p{number}")


def _percentile(value: exp.Expr, share: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="PERCENTILE", expressions=[double(value), share])


def _cut_time(clock: exp.Expr, unit: str) -> exp.Expr:
    """DATE_TRUNC makes an instant of whatever it is given: it is brought back to a time without a zone."""
    return exp.cast(truncated_time(clock, unit), "timestampntz", copy=False)


def _ranked(value: exp.Expr, share: exp.Expr) -> exp.Expr:
    """By its bare name: sqlglot would write PERCENTILE_APPROX for it."""
    order = exp.Order(expressions=[exp.Ordered(this=value, nulls_first=True)])
    return exp.WithinGroup(this=exp.Anonymous(this="PERCENTILE_DISC", expressions=[share]), expression=order)


def _cut(kind: type[exp.Expr], value: exp.Expr) -> exp.Expr:
    """FLOOR and CEIL make a bigint of a double: what is larger, or no number, has no fraction to be cut."""
    inside = exp.LT(this=exp.Abs(this=value), expression=exp.Literal.number(2**53))
    return exp.Case(ifs=[exp.If(this=inside, true=double(kind(this=value.copy())))], default=value.copy())


def _weekday(day: exp.Expr) -> exp.Expr:
    """WEEKDAY begins with 0 for Monday."""
    return exp.Add(this=exp.Anonymous(this="WEEKDAY", expressions=[day]), expression=exp.Literal.number(1))


def _days_between(first: exp.Expr, second: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="DATEDIFF", expressions=[second, first])


def _seconds_between(first: exp.Expr, second: exp.Expr) -> exp.Expr:
    later, earlier = (
        exp.Anonymous(this="UNIX_MICROS", expressions=[exp.cast(each, "timestamptz", copy=False)])
        for each in (second, first)
    )
    return of_microseconds(exp.paren(exp.Sub(this=later, expression=earlier), copy=False))


def _far_time(text: exp.Expr, kind: str) -> exp.Expr:
    """The client binds Python's days alone; a text with a signed year is read as the day it is."""
    names = {"date": "date", "timestamp": "timestamptz", "timestamp_ntz": "timestampntz"}
    return exp.cast(text, names[kind], copy=False)


def _unnested(text: exp.Expr) -> exp.Expr:
    parts = exp.Anonymous(this="SPLIT", expressions=[text, exp.Literal.string(",")])
    return exp.Anonymous(this="EXPLODE", expressions=[parts])


def _items(text: exp.Expr) -> exp.Expr:
    parts = exp.Anonymous(this="FROM_JSON", expressions=[text, exp.Literal.string("ARRAY<STRING>")])
    return exp.Anonymous(this="EXPLODE", expressions=[parts])


SPELLING = Spelling(
    items=_items,
    unnested=_unnested,
    placeholder=_placeholder,
    mark=":p",
    percentile=_percentile,
    widest_whole="decimal(38,0)",
    widens_decimals=True,
    text_collation=None,
    has_infinite_times=False,
    far_time=_far_time,
    has_decimal_nan=False,
    cut_time=_cut_time,
    ranked=_ranked,
    cut=_cut,
    weekday=_weekday,
    days_between=_days_between,
    seconds_between=_seconds_between,
)

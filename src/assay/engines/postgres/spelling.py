"""How PostgreSQL writes what the compiler means."""

from sqlglot import exp

from assay.engine.spelling import Spelling, double


def _placeholder(number: int) -> exp.Expr:
    return exp.Parameter(this=exp.Literal.number(number))


def _percentile(value: exp.Expr, share: exp.Expr) -> exp.Expr:
    order = exp.Order(expressions=[exp.Ordered(this=double(value), nulls_first=False)])
    return exp.WithinGroup(this=exp.PercentileCont(this=share), expression=order)


def _unnested(text: exp.Expr) -> exp.Expr:
    parts = exp.Anonymous(this="STRING_TO_ARRAY", expressions=[text, exp.Literal.string(",")])
    return exp.Anonymous(this="UNNEST", expressions=[parts])


def _items(text: exp.Expr) -> exp.Expr:
    array = exp.cast(exp.cast(text, "text", copy=False), "json", copy=False)
    return exp.Anonymous(this="JSON_ARRAY_ELEMENTS_TEXT", expressions=[array])


SPELLING = Spelling(
    items=_items,
    unnested=_unnested,
    placeholder=_placeholder,
    mark="$",
    percentile=_percentile,
    widest_whole="decimal(38,0)",
    widens_decimals=True,
    text_collation="C",
    has_infinite_times=True,
    has_decimal_nan=True,
)

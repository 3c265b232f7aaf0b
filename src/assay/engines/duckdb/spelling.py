"""How DuckDB writes what the compiler means."""

from sqlglot import exp

from assay.engine.spelling import Spelling, double, of_microseconds


def _placeholder(number: int) -> exp.Expr:
    return exp.Parameter(this=exp.var(f"p{number}"))


def _percentile(value: exp.Expr, share: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="QUANTILE_CONT", expressions=[double(value), share])


def _days_between(first: exp.Expr, second: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="DATE_DIFF", expressions=[exp.Literal.string("day"), first, second])


def _seconds_between(first: exp.Expr, second: exp.Expr) -> exp.Expr:
    """EXTRACT(EPOCH) is a double here, too narrow for the microseconds of today."""
    return of_microseconds(exp.Anonymous(this="DATE_DIFF", expressions=[exp.Literal.string("microsecond"), first, second]))


def _unnested(text: exp.Expr) -> exp.Expr:
    parts = exp.Anonymous(this="STRING_SPLIT", expressions=[text, exp.Literal.string(",")])
    return exp.Anonymous(this="UNNEST", expressions=[parts])


def _items(text: exp.Expr) -> exp.Expr:
    parts = exp.Anonymous(this="FROM_JSON", expressions=[text, exp.Literal.string('["VARCHAR"]')])
    return exp.Anonymous(this="UNNEST", expressions=[parts])


SPELLING = Spelling(
    items=_items,
    unnested=_unnested,
    placeholder=_placeholder,
    mark="$p",
    percentile=_percentile,
    widest_whole="int128",
    # It keeps results of narrow decimals in 18 digits, and fails beyond.
    widens_decimals=False,
    text_collation=None,
    has_infinite_times=True,
    has_decimal_nan=False,
    days_between=_days_between,
    seconds_between=_seconds_between,
)

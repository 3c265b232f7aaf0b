"""How Spark writes what the compiler means."""

from sqlglot import exp

from assay.engine.spelling import Spelling, double, truncated_hour


def _placeholder(number: int) -> exp.Expr:
    return exp.Placeholder(this=f"p{number}")


def _percentile(value: exp.Expr, share: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="PERCENTILE", expressions=[double(value), share])


def _hour_of(clock: exp.Expr) -> exp.Expr:
    """DATE_TRUNC makes an instant of whatever it is given: the hour is brought back to a time without a zone."""
    return exp.cast(truncated_hour(clock), "timestampntz", copy=False)


SPELLING = Spelling(
    placeholder=_placeholder,
    mark=":p",
    percentile=_percentile,
    widest_whole="decimal(38,0)",
    widens_decimals=True,
    text_collation=None,
    has_infinite_times=False,
    has_decimal_nan=False,
    hour_of=_hour_of,
)

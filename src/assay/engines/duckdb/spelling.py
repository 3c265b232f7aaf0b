"""How DuckDB writes what the compiler means."""

from sqlglot import exp

from assay.engine.spelling import Spelling, double


def _placeholder(number: int) -> exp.Expr:
    return exp.Parameter(this=exp.var(f"p{number}"))


def _percentile(value: exp.Expr, share: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="QUANTILE_CONT", expressions=[double(value), share])


SPELLING = Spelling(
    placeholder=_placeholder,
    mark="$p",
    percentile=_percentile,
    widest_whole="int128",
    # It keeps results of narrow decimals in 18 digits, and fails beyond.
    widens_decimals=False,
    text_collation=None,
    has_infinite_times=True,
    has_decimal_nan=False,
)

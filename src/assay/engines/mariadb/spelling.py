"""How MariaDB writes what the compiler means."""

from sqlglot import exp

from assay.engine.spelling import Spelling, of_microseconds
from assay.errors import BadQuestion


def _placeholder(number: int) -> exp.Expr:
    return exp.Placeholder(this=f"p{number}")


def _percentile(value: exp.Expr, share: exp.Expr) -> exp.Expr:
    """It has them as window functions alone."""
    raise BadQuestion("MariaDB has no percentiles of groups.", mend="ask another backend")


def _as_it_is(column: exp.Expr) -> exp.Expr:
    """The session's clock is that of UTC, and a TIMESTAMP is read on it."""
    return column


def _less_days(day: exp.Expr, days: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="SUBDATE", expressions=[day, days])


def _part(unit: str, wall: exp.Expr) -> exp.Expr:
    return exp.Extract(this=exp.var(unit), expression=wall.copy())


def _less_one(number: exp.Expr) -> exp.Expr:
    return exp.Sub(this=number, expression=exp.Literal.number(1))


def _first_day(wall: exp.Expr, grain: str) -> exp.Expr:
    """There is no DATE_TRUNC: a day less the days of its week or month, and these less the months of their quarter."""
    day = exp.cast(wall.copy(), "date", copy=False)
    if grain == "day":
        return day
    if grain == "week":
        return _less_days(day, exp.Anonymous(this="WEEKDAY", expressions=[wall.copy()]))
    first = _less_days(day, _less_one(_part("DAY", wall)))
    if grain == "month":
        return first
    months = exp.paren(_less_one(_part("MONTH", wall)), copy=False)
    if grain == "quarter":
        months = exp.Mod(this=months, expression=exp.Literal.number(3))
    return exp.Sub(this=first, expression=exp.Interval(this=exp.paren(months, copy=False), unit=exp.var("MONTH")))


def _cut_time(wall: exp.Expr, unit: str) -> exp.Expr:
    """Its midnight, and what its clock shows of hours, minutes and seconds."""
    cut: exp.Expr = exp.cast(exp.cast(wall.copy(), "date", copy=False), "timestampntz", copy=False)
    units = ("HOUR", "MINUTE", "SECOND")
    for each in units[: units.index(unit.upper()) + 1]:
        passed = exp.Interval(this=exp.paren(_part(each, wall), copy=False), unit=exp.var(each))
        cut = exp.Add(this=cut, expression=passed)
    return cut


def _weekday(day: exp.Expr) -> exp.Expr:
    """WEEKDAY begins with 0 for Monday."""
    return exp.Add(this=exp.Anonymous(this="WEEKDAY", expressions=[day]), expression=exp.Literal.number(1))


def _days_between(first: exp.Expr, second: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="DATEDIFF", expressions=[second, first])


def _seconds_between(first: exp.Expr, second: exp.Expr) -> exp.Expr:
    return of_microseconds(exp.Anonymous(this="TIMESTAMPDIFF", expressions=[exp.var("MICROSECOND"), first, second]))


SPELLING = Spelling(
    placeholder=_placeholder,
    mark=":p",
    percentile=_percentile,
    ranked=_percentile,
    widest_whole="decimal(38,0)",
    widens_decimals=True,
    # The connection's collation orders by code point, and text in another one is cast into it.
    text_collation=None,
    has_infinite_times=False,
    has_decimal_nan=False,
    at_utc=_as_it_is,
    first_day=_first_day,
    cut_time=_cut_time,
    weekday=_weekday,
    days_between=_days_between,
    seconds_between=_seconds_between,
)

"""How an engine writes what the compiler means: the pins that are not the same text everywhere, each with its reason.

What is the same on every engine stands in `compiler/dialect.py`. An engine whose SQL has no word for a standard one (AT TIME
ZONE, DATE_TRUNC) gives its own function for the field; how a node is printed is a matter of its sqlglot dialect.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlglot import exp


def double(value: exp.Expr) -> exp.Expr:
    """A value as a double. What is one already, or stands in brackets, is not wrapped once more."""
    value = value.unnest() if not isinstance(value, exp.Subquery) else value
    if isinstance(value, exp.Cast) and value.is_type("double"):
        return value
    return exp.Cast(this=value, to=exp.DataType(this=exp.DType.DOUBLE, nested=False))


def at_utc(column: exp.Expr) -> exp.Expr:
    return exp.AtTimeZone(this=column, zone=exp.Literal.string("UTC"))


def later(clock: exp.Expr, by: timedelta) -> exp.Expr:
    seconds = int(by.total_seconds())
    amount, unit = (seconds // 86_400, "DAY") if seconds % 86_400 == 0 else (seconds, "SECOND")
    interval = exp.Interval(this=exp.Literal.string(str(amount)), unit=exp.var(unit))
    return exp.Add(this=exp.paren(clock, copy=False) if isinstance(clock, exp.AtTimeZone) else clock, expression=interval)


def truncated_day(wall: exp.Expr, grain: str) -> exp.Expr:
    return exp.cast(exp.TimestampTrunc(this=wall, unit=exp.var(grain.upper())), "date", copy=False)


def truncated_time(clock: exp.Expr, unit: str) -> exp.Expr:
    return exp.TimestampTrunc(this=clock, unit=exp.var(unit.upper()))


def ranked(value: exp.Expr, share: exp.Expr) -> exp.Expr:
    order = exp.Order(expressions=[exp.Ordered(this=value, nulls_first=False)])
    return exp.WithinGroup(this=exp.PercentileDisc(this=share), expression=order)


def cut(kind: type[exp.Expr], value: exp.Expr) -> exp.Expr:
    return kind(this=value)


def weekday(day: exp.Expr) -> exp.Expr:
    return exp.Extract(this=exp.var("ISODOW"), expression=day)


# The two are one value of a row, and have to be read as one: SUM over `b - a` adds up each of them by itself.
def days_between(first: exp.Expr, second: exp.Expr) -> exp.Expr:
    later, earlier = (exp.cast(each, "timestampntz", copy=False) for each in (second, first))
    return exp.cast(exp.Extract(this=exp.var("DAY"), expression=exp.Sub(this=later, expression=earlier)), "int", copy=False)


def seconds_between(first: exp.Expr, second: exp.Expr) -> exp.Expr:
    return double(exp.Extract(this=exp.var("EPOCH"), expression=exp.Sub(this=second, expression=first)))


def of_microseconds(count: exp.Expr) -> exp.Expr:
    """Seconds of a whole number of microseconds: the double that is nearest to them."""
    return exp.paren(
        exp.Div(this=double(count), expression=exp.Literal.number(1_000_000), typed=True, safe=False), copy=False
    )


@dataclass(frozen=True, kw_only=True)
class Spelling:
    placeholder: Callable[[int], exp.Expr]
    """A bound parameter by its number, from 1; the driver gets its value under the name `p1`."""
    mark: str
    """What stands before the number in a placeholder's text: `$`, `$p`, `:p`."""
    percentile: Callable[[exp.Expr, exp.Expr], exp.Expr]
    """(value, share) as the exact continuous percentile, by linear interpolation on doubles."""
    widest_whole: str
    """The type, in sqlglot's words, that holds whole numbers beyond 64 bits."""
    widens_decimals: bool
    """Whether arithmetic on narrow decimals gives a result wide enough by itself."""
    text_collation: str | None
    """The collation that orders text by code point; None where text is ordered so whatever the database is."""
    has_infinite_times: bool
    """Whether its times can be infinite, as filters on them may be."""
    far_time: Callable[[exp.Expr, str], exp.Expr] | None = None
    """(a bound text such as `+20240-01-05`, the kind of a column) as a time beyond the years 1 to 9999, which the driver
    cannot bind; None where it can, or where the engine has none."""
    has_decimal_nan: bool
    """Whether a decimal can be no number, above all others."""
    at_utc: Callable[[exp.Expr], exp.Expr] = at_utc
    """An instant on the clock of UTC, without a zone."""
    later: Callable[[exp.Expr, timedelta], exp.Expr] = later
    """A time without a zone so much later."""
    first_day: Callable[[exp.Expr, str], exp.Expr] = truncated_day
    """(time without a zone, day, week, month, quarter or year) as the bucket's first day; weeks begin on Monday."""
    cut_time: Callable[[exp.Expr, str], exp.Expr] = truncated_time
    """(time without a zone; hour, minute or second) as the start of that unit, a time without a zone too."""
    ranked: Callable[[exp.Expr, exp.Expr], exp.Expr] = ranked
    """(value, share) as the exact discrete percentile: the first value up to which at least that share of them lies."""
    cut: Callable[[type[exp.Expr], exp.Expr], exp.Expr] = cut
    """(exp.Floor or exp.Ceil, a double) as the nearest whole double on that side."""
    unnested: Callable[[exp.Expr], exp.Expr] | None = None
    """A text as rows, one for each of its parts between commas; None where that cannot be said in a SELECT list."""
    items: Callable[[exp.Expr], exp.Expr] | None = None
    """A JSON array of texts as rows, one for each of them; None where that cannot be said in a SELECT list."""
    weekday: Callable[[exp.Expr], exp.Expr] = weekday
    """Of a day or a wall time: 1 for Monday to 7 for Sunday."""
    days_between: Callable[[exp.Expr, exp.Expr], exp.Expr] = days_between
    """(a day, a later day) as a whole number of days."""
    seconds_between: Callable[[exp.Expr, exp.Expr], exp.Expr] = seconds_between
    """(a time, a later time of the same kind) as a double, to the microsecond."""

    def whole(self, value: exp.Expr, bits: int) -> exp.Expr:
        """A whole number in a type that holds results of so many bits: engines calculate in the width of their columns."""
        return exp.cast(value, "bigint" if bits <= 62 else self.widest_whole, dialect="duckdb", copy=False)

    def utc_clock(self, column: exp.Expr, kind: str) -> exp.Expr:
        """A time column without a zone: instants on the clock of UTC, wall times and days as they are.

        From there Assay itself moves rows to the workspace's clock, by offsets that it binds. Engines have tzdata of their
        own, of other years, and would put a row into another bucket than the window's bounds say.
        """
        return self.at_utc(column) if kind == "timestamp" else column

    def moved(self, clock: exp.Expr, by: timedelta) -> exp.Expr:
        return self.later(clock, by) if by else clock

    def hour(self, utc: exp.Expr, beside: timedelta) -> exp.Expr:
        """The start of the hour, on the clock of UTC; `beside`: by how much the place's hours begin beside those of UTC."""
        return self.moved(self.cut_time(self.moved(utc, beside), "hour"), -beside)

    def ordered(self, value: exp.Expr, descending: bool, is_text: bool) -> exp.Ordered:
        """NULLs last in both directions; text by code point, whatever collation the database was made with."""
        if is_text and self.text_collation is not None:
            value = exp.Collate(this=value, expression=exp.to_identifier(self.text_collation, quoted=True))
        return exp.Ordered(this=value, desc=descending, nulls_first=False)

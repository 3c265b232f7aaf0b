"""When the rows of a table lie, and which windows show them: whole months of old data, the last days of live.

A window is compared with the one before only where that one has rows to compare with.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from assay.catalog.buckets import bucket_day
from assay.catalog.found import FoundTable
from assay.catalog.windows import in_month
from assay.catalog.zones import midnight

_RECENT = timedelta(days=31)
MOST_YEARS = 49
"""A window is no longer than fifty."""
_QUIET = timedelta(days=10)
_DAY = timedelta(days=1)
_FEW = 10
"""Fewer rows than that in a window say nothing."""
_PART = 0.2
"""A month with less than this part of the usual is not one in which the data lie."""
Period = tuple[date, date]


@dataclass(frozen=True)
class When:
    """`window` of figures and splits, `trend` of series, as a question says them; nothing of a table without a time."""

    named: str | None = None
    """The window of its metrics."""
    window: str | Period | None = None
    told: str = ""
    is_compared: bool = False
    trend: str | Period | None = None
    grain: str = "month"
    trend_told: str = ""
    last: date | None = None

    @property
    def is_old(self) -> bool:
        """Whether its rows lie so far back that a window ends where they end."""
        return isinstance(self.window, tuple)

    def asked(self) -> dict[str, Any]:
        return _asked(self.window)

    def series(self) -> dict[str, Any]:
        return {**_asked(self.trend), "grain": self.grain}


def _asked(window: str | Period | None) -> dict[str, Any]:
    if window is None:
        return {}
    return {"window": window if isinstance(window, str) else {"start": window[0].isoformat(), "end": window[1].isoformat()}}


def when_of(found: FoundTable, time: str | None, now: datetime) -> When:
    column = next((each for each in found.columns if each.name == time), None)
    if column is None:
        return When()
    today, first, last = now.date(), column.first, column.last
    months = [(month, rows) for month, rows in found.months if found.months_by == time and rows > 0 and month <= today]
    if last is None or first is None or not (first.year > 1901 and last.year < 2200):
        return _live("trailing_30d", is_compared=False, last=None)
    month = bucket_day(today, "month")
    if last >= today - _usual_silence(months) and (not months or month in dict(months) or _before(month, 1) in dict(months)):
        return _recent(months, first, today, last)
    if last > today and not months:
        return _live("trailing_30d", is_compared=False, last=last)
    # Asked without a window, what ended long ago is shown with all of it, and not as the nothing of the last 30 days.
    years = today.year - first.year + 1
    named = "trailing_30d" if years > MOST_YEARS else f"last {years} years" if years > 1 else "year_to_date"
    return replace(_old(months, first, min(last, today)), named=named)


def _usual_silence(months: Sequence[tuple[date, int]]) -> timedelta:
    """How long there may be no rows in a table that goes on: of one that has rows each day ten days, so that the last 30
    days are not empty in the main."""
    usual = median(rows for _, rows in months) if months else 0
    return min(_RECENT, max(_QUIET, _RECENT * 5 / usual)) if usual else _RECENT


def _live(name: str, *, is_compared: bool, last: date | None) -> When:
    told = f"last {name.removeprefix('trailing_').removesuffix('d')} days"
    grain = "day" if name == "trailing_30d" else "week"
    return When(name, name, told, is_compared, name, grain, told, last)


def _recent(months: Sequence[tuple[date, int]], first: date, today: date, last: date) -> When:
    """The last 30 days, or 90 where there are few rows in them; by months, as far as they tell."""
    rows, month = dict(months), bucket_day(today, "month")
    this = sum(rows.get(_before(month, back), 0) for back in (0, 1))
    days = 90 if months and this < 3 * _FEW and first < today - timedelta(days=90) else 30
    span = days // 30
    before = sum(rows.get(_before(month, span + back), 0) for back in range(span))
    current = sum(rows.get(_before(month, back), 0) for back in range(span + 1)) * span / (span + 1)
    is_compared = first <= today - timedelta(days=2 * days) and (not months or before >= max(_PART * current, 1))
    return _live(f"trailing_{days}d", is_compared=is_compared, last=last)


def _old(months: Sequence[tuple[date, int]], first: date, last: date) -> When:
    run = _run(months, last)
    if not run:
        end = last + _DAY
        start = max(first, end - timedelta(days=365))
        return _spanned((start, end), (start, end), False, last, _grain((end - start).days / 30))
    length = len(run)
    size = 12 if length >= 24 or 12 <= length < 18 else 6 if length >= 18 else 3 if length >= 6 else 1
    rows = dict(months)
    end = _before(run[-1], -1)
    start = _before(end, size)
    current = sum(rows.get(_before(end, back), 0) for back in range(1, size + 1))
    before = sum(rows.get(_before(start, back), 0) for back in range(1, size + 1))
    is_compared = length >= 2 * size and before >= _PART * current
    begin = _before(end, min(length, 24))
    # Where the first and the last month begin and end without rows, a line would begin and end at 0.
    grain = _grain(min(length, 24))
    begin, close = (begin, end) if grain == "month" else (max(begin, first), min(end, last + _DAY))
    return _spanned((start, end), (begin, close), is_compared, last, grain)


def _run(months: Sequence[tuple[date, int]], last: date) -> list[date]:
    """The last months in a row that have about as many rows as is usual; nothing where there are none in a row."""
    if not months:
        return []
    usual = median(rows for _, rows in months)
    full = {month for month, rows in months if rows >= _PART * usual}
    newest = bucket_day(last, "month")
    cut = dict(months).get(newest, 0) < 0.6 * usual and last.day < 25
    if cut and len(full) > 1:
        full.discard(newest)
    at = max(full)
    run = [at]
    while (at := _before(at, 1)) in full:
        run.append(at)
    # Matches of each spring, one census in ten years: what is there lies far apart, and is shown as a whole.
    if len(run) < 3 and len(full) > 2 * len(run) + 2:
        return []
    return run[::-1]


def _spanned(window: Period, trend: Period, is_compared: bool, last: date, grain: str) -> When:
    return When(None, window, told(window), is_compared, trend, grain, told(trend), last)


def _grain(months: float) -> str:
    return "day" if months <= 2 else "week" if months <= 6 else "month"


def _before(month: date, back: int) -> date:
    """The first day of the month so many months earlier."""
    return in_month(midnight(month), -back).date()


def told(period: Period) -> str:
    """`2013`, `Aug 2005`, `Nov 1997 to Apr 1998`, else both days."""
    start, end = period[0], period[1] - _DAY
    if start.day != 1 or period[1].day != 1:
        return f"{start} to {end}"
    if start.month == 1 and end.month == 12:
        return f"{start.year}" if start.year == end.year else f"{start.year} to {end.year}"
    if (start.year, start.month) == (end.year, end.month):
        return _short(start)
    return f"{_short(start)} to {_short(end)}"


def _short(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

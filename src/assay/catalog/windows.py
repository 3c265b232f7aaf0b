"""Windows: names such as `month_to_date`, resolved once to half-open bounds `[start, end)`.

Everything is computed on the wall clock of the workspace's time zone and handed out as aware UTC
instants, so that a day of 23 or 25 hours is still one day.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

WindowName = Literal[
    "trailing_24h", "trailing_7d", "trailing_30d", "trailing_90d", "today", "yesterday",
    "week_to_date", "month_to_date", "quarter_to_date", "year_to_date",
    "previous_week", "previous_month", "previous_quarter", "previous_year",
]  # fmt: skip
Grain = Literal["hour", "day", "week", "month", "quarter", "year"]
Compare = Literal["previous_period", "previous_year"]

_TRAILING = {"trailing_7d": 7, "trailing_30d": 30, "trailing_90d": 90}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Aware UTC instants, `start` inclusive, `end` exclusive; `name` is None for bounds given by hand."""

    start: datetime
    end: datetime
    name: str | None


def as_of_tick(now: datetime, refresh_seconds: int, zone: ZoneInfo) -> datetime:
    """The end of the refresh period in which `now` lies, and never later than the end of its day.

    A window ends at this tick, not at `now`: the question stays the same question (and its answer
    can be reused) until the tick passes, and an event of this very moment is inside it. A tick in
    tomorrow would make `today` mean tomorrow, so the day's last period ends at midnight.
    """
    seconds = int(now.timestamp())
    tick = datetime.fromtimestamp((seconds // refresh_seconds + 1) * refresh_seconds, UTC)
    midnight = to_utc(_midnight(to_wall(now, zone).date() + timedelta(days=1)), zone)
    return min(tick, midnight)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def _month(day: datetime, shift: int = 0) -> datetime:
    month = day.year * 12 + day.month - 1 + shift
    return datetime(month // 12, month % 12 + 1, 1)


def _quarter(day: datetime, shift: int = 0) -> datetime:
    return _month(_month(day), -((day.month - 1) % 3) + 3 * shift)


def _week(day: datetime) -> datetime:
    return _midnight(day.date()) - timedelta(days=day.weekday())


_STARTS: dict[str, Callable[[datetime], datetime]] = {
    "today": lambda at: _midnight(at.date()),
    "week_to_date": _week,
    "month_to_date": _month,
    "quarter_to_date": _quarter,
    "year_to_date": lambda at: datetime(at.year, 1, 1),
}
_WHOLE: dict[str, Callable[[datetime], tuple[datetime, datetime]]] = {
    "yesterday": lambda at: (_midnight(at.date()) - timedelta(days=1), _midnight(at.date())),
    "previous_week": lambda at: (_week(at) - timedelta(days=7), _week(at)),
    "previous_month": lambda at: (_month(at, -1), _month(at)),
    "previous_quarter": lambda at: (_quarter(at, -1), _quarter(at)),
    "previous_year": lambda at: (datetime(at.year - 1, 1, 1), datetime(at.year, 1, 1)),
}
WINDOW_NAMES: tuple[str, ...] = ("trailing_24h", *_TRAILING, *_STARTS, *_WHOLE)


def to_utc(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def to_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def resolve_window(name: str, as_of: datetime, zone: ZoneInfo) -> Bounds:
    """The bounds of a named window seen at `as_of` (aware). Raises KeyError for a name not in WINDOW_NAMES."""
    if name == "trailing_24h":
        return Bounds(as_of - timedelta(hours=24), as_of, name)
    # A tick that falls on midnight ends the day before it; the period is that of the moment just before.
    wall = to_wall(as_of, zone)
    inside = to_wall(as_of - timedelta(microseconds=1), zone)
    if name in _TRAILING:
        return Bounds(to_utc(wall - timedelta(days=_TRAILING[name]), zone), as_of, name)
    if name in _STARTS:
        return Bounds(to_utc(_STARTS[name](inside), zone), as_of, name)
    start, end = _WHOLE[name](inside)
    return Bounds(to_utc(start, zone), to_utc(end, zone), name)


def previous_bounds(bounds: Bounds, compare: Compare, grain: Grain | None, zone: ZoneInfo) -> Bounds:
    """The window that `bounds` is compared with: the period before it, as far as it has come.

    Month, quarter and year windows step back by calendar months; all others by their own length.
    A series by day, hour or week is laid over the current one from its first bucket on, so its
    previous window is never longer than the current one.
    """
    start, end = to_wall(bounds.start, zone), to_wall(bounds.end, zone)
    if compare == "previous_year":
        if grain == "week":
            shift = timedelta(weeks=52)
            return Bounds(to_utc(start - shift, zone), to_utc(end - shift, zone), None)
        before, until = _year_before(start), _year_before(end, is_end=True)
        # A day of 28 to 29 February begins and ends on the same 28th a year before: then it is as long as it is now.
        until = until if before < until else before + (end - start)
        return Bounds(to_utc(before, zone), to_utc(until, zone), None)
    months = _calendar_months(bounds.name)
    if months:
        before = _month(start, -months)
        is_whole = bounds.name in _WHOLE and grain not in ("hour", "day", "week")
        until = start if is_whole else min(start, before + (end - start))
        return Bounds(to_utc(before, zone), to_utc(until, zone), None)
    if bounds.name == "trailing_24h":
        return Bounds(bounds.start - timedelta(hours=24), bounds.start, None)
    steps = {"today": 1, "week_to_date": 7}
    if bounds.name in steps:
        shift = timedelta(days=steps[bounds.name])
        return Bounds(to_utc(start - shift, zone), to_utc(end - shift, zone), None)
    return Bounds(to_utc(start - (end - start), zone), bounds.start, None)


def bucket_shift(
    bounds: Bounds, previous: Bounds, compare: Compare, grain: Grain, zone: ZoneInfo
) -> tuple[int, Literal["MONTH", "DAY", "SECOND"]]:
    """By how much the previous window is moved on the wall clock so that its buckets meet those of the current one.

    Whole months where both begin on the same day and the buckets, or the comparison, go by the
    calendar (29 February then meets the 28th); else the distance of their beginnings.
    """
    start, before = to_wall(bounds.start, zone), to_wall(previous.start, zone)
    months = (start.year - before.year) * 12 + start.month - before.month
    same_place = (start.day, start.time()) == (before.day, before.time())
    by_calendar = grain in ("month", "quarter", "year") or (compare == "previous_year" and grain != "week")
    if months and same_place and by_calendar:
        return months, "MONTH"
    seconds = int((start - before).total_seconds())
    return (seconds // 86_400, "DAY") if seconds % 86_400 == 0 else (seconds, "SECOND")


def _calendar_months(name: str | None) -> int:
    return {
        "month_to_date": 1, "previous_month": 1, "quarter_to_date": 3, "previous_quarter": 3,
        "year_to_date": 12, "previous_year": 12,
    }.get(name or "", 0)  # fmt: skip


def _year_before(wall: datetime, *, is_end: bool = False) -> datetime:
    if (wall.month, wall.day) != (2, 29):
        return wall.replace(year=wall.year - 1)
    if is_end and wall == _midnight(wall.date()):
        # An exclusive end: what ends here is the 28th, and it ends at the midnight after it a year before too.
        return datetime(wall.year - 1, 3, 1)
    return wall.replace(year=wall.year - 1, day=28)


def bucket_start(wall: datetime, grain: Grain) -> datetime:
    """What `date_trunc` gives on every engine: weeks begin on Monday."""
    if grain == "hour":
        return wall.replace(minute=0, second=0, microsecond=0)
    starts: dict[str, Callable[[datetime], datetime]] = {
        "day": lambda at: _midnight(at.date()), "week": _week, "month": _month, "quarter": _quarter,
        "year": lambda at: datetime(at.year, 1, 1),
    }  # fmt: skip
    return starts[grain](wall)


def next_bucket(wall: datetime, grain: Grain) -> datetime:
    steps: dict[str, Callable[[datetime], datetime]] = {
        "hour": lambda at: at + timedelta(hours=1), "day": lambda at: at + timedelta(days=1),
        "week": lambda at: at + timedelta(days=7), "month": lambda at: _month(at, 1),
        "quarter": lambda at: _month(at, 3), "year": lambda at: _month(at, 12),
    }  # fmt: skip
    return steps[grain](wall)

"""Zones: the way between the wall clocks of a place and instants, on the days when clocks are changed too.

A wall time is not an instant. One that the clocks skip means the moment at which they jump, one that comes twice its
first time; a day begins when the day before it is over for good. Everything here goes by Python's `zoneinfo`.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_MOMENT = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_LOOK = timedelta(days=2)
"""How far apart the clocks are looked at to find their changes: no place has ever changed them twice in so short a time."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of clocks: they are `before` ahead of UTC until `at`, and `after` from then on."""

    at: datetime
    before: timedelta
    after: timedelta


def to_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def to_utc(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a wall time; a midnight is the beginning of its day."""
    if not (wall.hour or wall.minute or wall.second or wall.microsecond):
        return day_start(wall.date(), zone)
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if second < first:
        return _jump(second, first, zone)
    return second if wall.fold else first


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


@lru_cache(maxsize=10_000)
def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day; of a day that the calendar of the place leaves out, that of the day after it.

    Where the clocks go back over a midnight, as in Newfoundland until 2011 (00:01 to 23:01), the day begins at the
    second one: what comes between belongs to the day that has not ended.
    """
    first, second = (midnight(day).replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if second < first:
        return _jump(second, first, zone)
    return second if to_wall(second - _MOMENT, zone).date() < day else first


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The day in which an instant lies."""
    day = to_wall(instant, zone).date()
    return day if day_start(day, zone) <= instant else day - _DAY


def last_day(end: datetime, zone: ZoneInfo) -> date:
    """The last day of what ends at an instant: an end at midnight ends the day before it."""
    return day_of(end - _MOMENT, zone)


def days_told(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """The days between two instants as a sentence says them, the last one included: 1 Mar to 17 Mar 2026."""
    first, last = day_of(start, zone), last_day(end, zone)
    if first == last:
        return f"{first:%-d %b %Y}"
    if first.year == last.year:
        return f"{first:%-d %b} to {last:%-d %b %Y}"
    return f"{first:%-d %b %Y} to {last:%-d %b %Y}"


def first_day(instant: datetime, zone: ZoneInfo) -> date:
    """The first day that does not begin before the instant: where a column of days is cut."""
    day = day_of(instant, zone)
    return day if day_start(day, zone) == instant else day + _DAY


def edge_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """The wall time of a window's edge: midnight where a day begins, even one whose midnight the clocks skip."""
    day = day_of(instant, zone)
    return midnight(day) if day_start(day, zone) == instant else to_wall(instant, zone)


def first_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """The least wall time that is not before the instant: where a column of wall times is cut.

    Such a column cannot say which of two equal wall times it means, and may hold some that no clock has shown.
    """
    wall = edge_wall(instant, zone)
    jumped = _offset(instant, zone) - _offset(instant - _SECOND, zone)
    if jumped > timedelta(0) and wall.time() != datetime.min.time():
        return wall - jumped
    if wall.fold:
        turn = turns(instant - 2 * _DAY, instant + _MOMENT, zone)[-1]
        return (turn.at + turn.before).replace(tzinfo=None)
    return wall


def offset_at(instant: datetime, zone: ZoneInfo) -> timedelta:
    """How far the clocks are ahead of UTC, such that their date is that of `day_of`."""
    start = day_start(to_wall(instant, zone).date(), zone)
    return _offset(instant if start <= instant else start, zone)


def turns(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[Turn, ...]:
    """The changes of clocks between two instants, neither of them included."""
    years = range((start - _DAY).year, (end + _DAY).year + 1)
    return tuple(turn for year in years for turn in _turns_of(year, zone) if start < turn.at < end)


@lru_cache(maxsize=2_000)
def _turns_of(year: int, zone: ZoneInfo) -> tuple[Turn, ...]:
    found: list[Turn] = []
    at, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    before = _offset(at, zone)
    while at < end:
        following = min(at + _LOOK, end)
        after = _offset(following, zone)
        if after != before:
            turn = _jump(at, following, zone)
            # Where the date would go back it is the midnight before that turns, and only then.
            shown, shows = (turn + before).date(), (turn + after).date()
            if shown != shows and after < before:
                turn -= (turn + before).replace(tzinfo=None) - midnight(shown)
            found.append(Turn(turn, before, after))
        at, before = following, after
    return tuple(found)


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)


def _jump(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The one change of clocks after `low` and not after `high`, to the second."""
    before = _offset(low, zone)
    low, high = (each.replace(microsecond=0) for each in (low, high + (_SECOND - _MOMENT)))
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high

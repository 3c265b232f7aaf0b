"""Buckets: hours, days, weeks, months, quarters, years and periods of a workspace's calendar, and how rows come into them.

A bucket of days is named by its first day. An hour is named by its wall time with the offset that the clocks had, so that
the hour that comes twice is two; the hour that is skipped is none.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Literal, cast
from zoneinfo import ZoneInfo

from assay.catalog.calendars import COMMON, Calendar, NotCovered, OwnGrain, Periods, spoken
from assay.catalog.zones import day_of, day_start, first_day, first_wall, midnight, offset_at, to_utc, to_wall, turns

CommonGrain = Literal["hour", "day", "week", "month", "quarter", "year"]
Grain = CommonGrain | OwnGrain
Reason = Literal["cut", "so_far"]

_MOMENT = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)
_NONE = timedelta(0)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Bucket:
    """From `start` to before `end`, as instants; `name` is what it is called on the wire."""

    start: datetime
    end: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days that a bucket and one of each of some further grains have in common."""

    name: str
    """Of the bucket."""
    further: tuple[str, ...]
    """The first day of the bucket of each further grain."""
    first: date
    """The first of the days, also where a window begins later."""
    end: datetime
    """Where they end, as an instant."""


def grain_in(calendar: Calendar, name: str) -> Grain:
    """The grain of this name. Raises NotCovered for one that a workspace with this calendar does not know."""
    own = calendar.own(name)
    if own is None and name not in COMMON:
        raise NotCovered(f"this workspace has no {spoken(name)}s")
    return own or cast("Grain", name)


def bucket_day(day: date, grain: Grain) -> date:
    """The first day of the bucket in which a day lies; weeks begin on Monday where the grain says nothing else.

    Raises NotCovered for a day that a calendar of periods does not tell.
    """
    if isinstance(grain, OwnGrain):
        return grain.first(day)
    match grain:
        case "hour" | "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case _:
            return day.replace(month=(day.month - 1) // _MONTHS[grain] * _MONTHS[grain] + 1, day=1)


def next_bucket(first: date, grain: Grain) -> date:
    """The first day of the bucket after the one that begins on `first`."""
    if isinstance(grain, OwnGrain):
        return grain.following(first)
    if grain in ("hour", "day", "week"):
        return first + timedelta(days=7 if grain == "week" else 1)
    year, month = divmod(first.year * 12 + first.month - 1 + _MONTHS[grain], 12)
    return date(year, month + 1, 1)


def bucket_at(instant: datetime, grain: Grain, zone: ZoneInfo) -> Bucket:
    """The bucket in which an instant lies."""
    if grain == "hour":
        return _hour_at(instant, zone)
    first = bucket_day(day_of(instant, zone), grain)
    return Bucket(day_start(first, zone), day_start(next_bucket(first, grain), zone), first.isoformat())


def _hour_at(instant: datetime, zone: ZoneInfo) -> Bucket:
    offset = offset_at(instant, zone)
    wall = instant.replace(tzinfo=None) + offset
    into = timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
    start, end = instant - into, instant - into + _HOUR
    for turn in turns(start, end, zone):
        start, end = (turn.at, end) if turn.at <= instant else (start, turn.at)
    return Bucket(start, end, _hour_text(instant, offset))


def hour_name(instant: datetime, zone: ZoneInfo) -> str:
    """`2026-11-02T00:00:00-05:00`: the hour on the wall clock, with the offset that the clocks have at the instant."""
    return _hour_text(instant, offset_at(instant, zone))


def _hour_text(instant: datetime, offset: timedelta) -> str:
    local = instant.astimezone(timezone(offset))
    return local.replace(minute=0, second=0, microsecond=0).isoformat()


def buckets_between(start: datetime, end: datetime, grain: Grain, zone: ZoneInfo) -> Iterator[Bucket]:
    """Every bucket that has an instant in `[start, end)`."""
    at = start
    while at < end:
        found = bucket_at(at, grain, zone)
        yield found
        at = found.end


def stretches(
    buckets: Iterable[Bucket], further: Sequence[Grain], span: "Span", zone: ZoneInfo
) -> Iterator[Stretch]:  # fmt: skip
    """Buckets of days, divided wherever one of a further grain begins: those stretches that have a day in the span.

    Raises NotCovered for a day that the calendar of a further grain does not tell.
    """
    for bucket in buckets:
        first, behind = date.fromisoformat(bucket.name), first_day(bucket.end, zone)
        while first < behind:
            begun = [bucket_day(first, grain) for grain in further]
            until = min([behind, *(next_bucket(each, grain) for each, grain in zip(begun, further, strict=True))])
            end = bucket.end if until == behind else day_start(until, zone)
            if day_start(first, zone) < span[1] and end > span[0]:
                yield Stretch(bucket.name, tuple(each.isoformat() for each in begun), first, end)
            first = until


_LEAST_SECONDS: dict[str, int] = {
    "hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_419_200, "quarter": 7_700_000, "year": 31_536_000,
}  # fmt: skip


def buckets_at_most(start: datetime, end: datetime, grain: Grain) -> float:
    """How many whole buckets there may be in `[start, end)`, without counting them."""
    least = (grain.least_days - 1) * 86_400 if isinstance(grain, Periods) and grain.least_days > 1 else 0
    return (end - start).total_seconds() / (least or _LEAST_SECONDS.get(grain, 86_400))


def partial_buckets(
    start: datetime, end: datetime, as_of: datetime, grain: Grain, zone: ZoneInfo
) -> list[tuple[Bucket, Reason]]:
    """The buckets that are not there as a whole: cut by the window's ends, or not over at `as_of`."""
    first = bucket_at(start, grain, zone)
    found: list[tuple[Bucket, Reason]] = [(first, "cut")] if first.start < start else []
    # Of the others only the last one, and those that end after `as_of`, can be partial.
    for each in buckets_between(max(min(as_of, end) - _MOMENT, start), end, grain, zone):
        if each.start < start:
            continue
        if each.end > end and end != as_of:
            found.append((each, "cut"))
        elif each.end >= as_of:
            found.append((each, "so_far"))
    return found


# -- how rows come into buckets -----------------------------------------------------------------------


Span = tuple[datetime, datetime]
"""A window's bounds, as instants."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What lies before `until` (None: all that is left) is moved by so much, to where its bucket is cut off.

    `until` is an instant, or a wall time where the column holds wall times or days; `is_start` tells that it is the
    start of the current window.
    """

    by: timedelta
    until: datetime | None
    is_start: bool


@dataclass(frozen=True, slots=True)
class Moves:
    """How the rows of the window before come to lie on the current one: its span, and by how much its days are moved."""

    span: Span
    days: tuple[tuple[date | None, timedelta], ...]
    """(first day that is no longer moved so far, or None for the last; how far)"""
    is_elapsed: bool
    """Whether the hours are moved by a length of time instead of on the wall clock."""
    moves_all: bool = False
    """Whether every row is moved, and not only those that lie before the current window: rows of a shifted input."""

    def by(self, day: date) -> timedelta:
        return next(moved for until, moved in self.days if until is None or day < until)


def day_shifts(kind: str, current: Span, moves: Moves | None, zone: ZoneInfo) -> tuple[Shift, ...]:
    """For buckets of days and longer: instants become wall times, and the earlier rows lie on the current days."""
    if kind != "timestamp":
        return _wall_shifts(kind, current, moves, zone, lambda _: _NONE)

    def shift(instant: datetime) -> timedelta:
        offset = offset_at(instant, zone)
        if moves is None or (instant >= current[0] and not moves.moves_all):
            return offset
        return offset + moves.by(day_of(instant, zone))

    return _pieces(_marks(current, moves, zone), shift, current[0])


def hour_shifts(kind: str, current: Span, moves: Moves | None, zone: ZoneInfo) -> tuple[Shift, ...]:
    """For buckets of hours: wall times become instants, and the earlier rows lie on the current hours."""
    if kind != "timestamp":
        return _wall_shifts(kind, current, moves, zone, lambda wall: -_first_offset(wall, zone))

    def shift(instant: datetime) -> timedelta:
        if moves is None or (instant >= current[0] and not moves.moves_all):
            return _NONE
        if moves.is_elapsed:
            return moves.days[0][1]
        offset, moved = offset_at(instant, zone), moves.by(day_of(instant, zone))
        return offset + moved - _first_offset(instant.replace(tzinfo=None) + offset + moved, zone)

    marks = _marks(current, moves, zone)
    if moves and not moves.is_elapsed:
        # Where the clocks change in the current window, the earlier hours on its two sides are moved differently.
        found = [to_utc(wall - moved, zone) for wall in _turning_walls(current, zone) for _, moved in moves.days]
        marks = sorted({*marks, *(each for each in found if moves.span[0] < each < moves.span[1])})
    return _pieces(marks, shift, current[0])


def _marks(current: Span, moves: Moves | None, zone: ZoneInfo) -> list[datetime]:
    """Every instant at which a shift may begin to be another."""
    found = {current[0], *(turn.at for turn in turns(*current, zone))}
    if moves:
        found |= {moves.span[0], *(turn.at for turn in turns(*moves.span, zone))}
        found |= {day_start(until, zone) for until, _ in moves.days if until is not None}
    return sorted(found)


def _wall_shifts(
    kind: str, current: Span, moves: Moves | None, zone: ZoneInfo, clock: Callable[[datetime], timedelta]
) -> tuple[Shift, ...]:
    """For columns of wall times and days. `clock` is added to where a row lies in the current window."""
    start, first = (
        midnight(first_day(each, zone)) if kind == "date" else first_wall(each, zone)
        for each in (current[0], moves.span[0] if moves else current[0])
    )

    def shift(wall: datetime) -> timedelta:
        if moves is None or (wall >= start and not moves.moves_all):
            return clock(wall)
        moved = moves.by(wall.date())
        return moved + (clock(wall) if moves.is_elapsed else clock(wall + moved))

    marks = {first, start}
    if moves:
        marks |= {midnight(until) for until, _ in moves.days if until is not None}
    if kind != "date":
        turning = _turning_walls(current, zone)
        marks |= set(turning)
        if moves:
            back = [timedelta(0)] if moves.is_elapsed else [moved for _, moved in moves.days]
            earlier = _turning_walls(moves.span, zone) if moves.is_elapsed else turning
            marks |= {found for wall in earlier for moved in back if (found := wall - moved) < start or moves.moves_all}
    return _pieces(sorted(marks), shift, start)


def _pieces(marks: list[datetime], shift: Callable[[datetime], timedelta], start: datetime) -> tuple[Shift, ...]:
    """The shift from each mark to the next, where it is another than the one before."""
    found: list[Shift] = []
    for mark, until in zip(marks, [*marks[1:], None], strict=True):
        by = shift(mark)
        if found and found[-1].by == by:
            found.pop()
        found.append(Shift(by, until, until == start))
    return tuple(found)


def _turning_walls(span: Span, zone: ZoneInfo) -> list[datetime]:
    """The wall times from which on the clocks' new offset holds: skipped ones go by the old, doubled ones too.

    Clocks that change as the span begins belong to it: it begins with the wall times that they skip.
    """
    start, end = span
    return [(turn.at + max(turn.before, turn.after)).replace(tzinfo=None) for turn in turns(start - _MOMENT, end, zone)]


def _first_offset(wall: datetime, zone: ZoneInfo) -> timedelta:
    """The offset of a wall time's first instant; of one that the clocks skip, the offset from before they jump."""
    instant = to_utc(wall, zone)
    if to_wall(instant, zone) == wall:
        return offset_at(instant, zone)
    return wall.replace(tzinfo=zone, fold=0).utcoffset() or _NONE


def hour_floors(span: Span, zone: ZoneInfo) -> tuple[tuple[datetime | None, timedelta], ...]:
    """(from this instant on, None for the first; by how much hours are cut off beside those of UTC).

    More than one only where the clocks change by a part of an hour, or in the midst of one, also as the span begins.
    """
    span = span[0] - _MOMENT, span[1]
    start = offset_at(span[0], zone) % _HOUR
    found: list[tuple[datetime | None, timedelta]] = [(None, start)]
    for turn in turns(*span, zone):
        wall = (turn.at + turn.before).replace(tzinfo=None)
        if turn.after % _HOUR != found[-1][1] or wall != wall.replace(minute=0, second=0, microsecond=0):
            found.append((turn.at, turn.after % _HOUR))
    return tuple(found)

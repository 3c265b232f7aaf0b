"""Windows: names such as `month_to_date`, resolved once to half-open bounds `[start, end)`, and the window before.

A window is made of whole days of the workspace's calendar (of hours where it is said in hours); its bounds are handed out
as aware UTC instants, so that a day of 23 or 25 hours is still one day. `docs/meaning.md` says the same to readers.
"""

import re
from calendar import monthrange
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from assay.catalog.buckets import Grain, bucket_at, bucket_day, grain_in
from assay.catalog.calendars import FISCAL, GREGORIAN, Calendar, NotCovered, Periods, spoken
from assay.catalog.zones import day_of, day_start, edge_wall, last_day, midnight, to_utc, to_wall

WindowName = Literal[
    "trailing_24h", "trailing_7d", "trailing_30d", "trailing_90d", "today", "yesterday",
    "week_to_date", "month_to_date", "quarter_to_date", "year_to_date",
    "previous_week", "previous_month", "previous_quarter", "previous_year",
]  # fmt: skip
Compare = Literal["previous_period", "previous_year"]

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""In which the bounds of a window may lie."""
_MOMENT = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_TRAILING = {"trailing_7d": 7, "trailing_30d": 30, "trailing_90d": 90}
TO_DATE: dict[str, Grain] = {
    "today": "day", "week_to_date": "week", "month_to_date": "month", "quarter_to_date": "quarter", "year_to_date": "year",
}  # fmt: skip
_WHOLE: dict[str, Grain] = {
    "yesterday": "day", "previous_week": "week", "previous_month": "month", "previous_quarter": "quarter",
    "previous_year": "year",
}  # fmt: skip
WINDOW_NAMES: tuple[str, ...] = ("trailing_24h", *_TRAILING, *TO_DATE, *_WHOLE)
"""Beside these there are windows by number: `last 12 months`, `last 6 whole weeks`, `next 7 days`."""
ALL = "all"
"""Of questions alone: whatever lies in the years that windows may have."""
_BY_NUMBER = re.compile(r"(last|next) ([1-9][0-9]{0,3}) (whole )?([a-z][a-z0-9_ ]*?)s?")
_OF_PERIODS = re.compile(r"previous_(?P<whole>[a-z][a-z0-9_]*)|(?P<so_far>[a-z][a-z0-9_]*)_to_date")
"""Of a grain of the workspace's own: `previous_fiscal_quarter`, `fiscal_year_to_date`."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Aware UTC instants, `start` inclusive, `end` exclusive; `name` is None for bounds given by hand."""

    start: datetime
    end: datetime
    name: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """How far the window before lies back: by calendar months, on the wall clock, or by the clock that never changes."""

    months: int = 0
    wall: timedelta = timedelta(0)
    elapsed: timedelta = timedelta(0)
    periods: int = 0
    """So many periods of a calendar, which `of` are."""
    of: Periods | None = None


Shift = tuple[Step, ...]
"""How far an input of an expression looks back: the outermost step first. Nothing: the question's own window."""
_YEAR = Step(months=12)
BEFORE: dict[str, Step] = {
    "trailing_24h": Step(elapsed=timedelta(hours=24)),
    **{name: Step(wall=timedelta(days=days)) for name, days in _TRAILING.items()},
    "today": Step(wall=_DAY), "yesterday": Step(wall=_DAY),
    "week_to_date": Step(wall=7 * _DAY), "previous_week": Step(wall=7 * _DAY),
    "month_to_date": Step(months=1), "previous_month": Step(months=1),
    "quarter_to_date": Step(months=3), "previous_quarter": Step(months=3),
    "year_to_date": _YEAR, "previous_year": _YEAR,
}  # fmt: skip
"""The one rule for `previous_period`: both ends of the window step back by this."""


def as_of_tick(now: datetime, refresh_seconds: int, zone: ZoneInfo) -> datetime:
    """The end of the refresh period in which `now` lies, and never later than the end of its day.

    A window ends at this tick, not at `now`: the question stays the same question (and its answer
    can be reused) until the tick passes, and an event of this very moment is inside it. A tick in
    tomorrow would make `today` mean tomorrow, so the day's last period ends at midnight.
    """
    seconds = int(now.timestamp())
    tick = datetime.fromtimestamp((seconds // refresh_seconds + 1) * refresh_seconds, UTC)
    return min(tick, day_start(day_of(now, zone) + _DAY, zone))


def read_window(text: str, grains: Collection[str] = FISCAL) -> str:
    """The one name of a window: that of WINDOW_NAMES, one by number, or one of the `grains` that a workspace has beside the
    common ones. Raises ValueError with what to write.
    """
    if text in WINDOW_NAMES:
        return text
    named = _OF_PERIODS.fullmatch(text.strip().replace(" ", "_"))
    if named and (named["whole"] or named["so_far"]) in grains:
        return named[0]
    found = _BY_NUMBER.fullmatch(text.strip())
    unit = found[4].replace(" ", "_") if found else ""
    if found is None or unit not in (*_LENGTHS, *grains):
        raise ValueError(f"no window {text!r}; use one of {', '.join(WINDOW_NAMES)}, or such as last 12 months, next 7 days")
    side, count, whole, _ = found.groups()
    if unit in _LENGTHS:
        read_length(f"{count} {unit}s")
    if side == "next" and whole:
        raise ValueError(f"no window {text!r}: what is to come has whole {unit}s; write next {count} {unit}s")
    return f"{side} {count} {whole or ''}{unit}{'' if count == '1' else 's'}"


def unit_of(name: str) -> tuple[int, str] | None:
    """(12, `month`) of `last 12 months`; None of a window that has a name."""
    found = _BY_NUMBER.fullmatch(name)
    return None if found is None else (int(found[2]), found[4])


def grain_of(name: str) -> str | None:
    """Of what a window is made by its name, where a workspace says when that begins: its weeks and periods."""
    if name in ("week_to_date", "previous_week"):
        return "week"
    if name in WINDOW_NAMES or name == ALL:
        return None
    if numbered := unit_of(name):
        return numbered[1] if begins_by_calendar(numbered[1]) else None
    named = _OF_PERIODS.fullmatch(name)
    return named and (named["whole"] or named["so_far"])


def grain_so_far(name: str) -> str | None:
    """Of what a window is one so far: `month` of `month_to_date`, `day` of `today`; None of a window of another kind."""
    if name in WINDOW_NAMES:
        return TO_DATE.get(name)
    named = _OF_PERIODS.fullmatch(name)
    return named and named["so_far"]


def is_of_one_period(name: str) -> bool:
    """Whether a window is one period of the calendar by its name, over or so far."""
    return name in TO_DATE or name in _WHOLE or (name not in WINDOW_NAMES and _OF_PERIODS.fullmatch(name) is not None)


def begins_by_calendar(unit: str) -> bool:
    """Whether a workspace says when such a unit begins."""
    return unit == "week" or unit not in _LENGTHS


def _step(count: int, unit: str, calendar: Calendar) -> Step:
    """So many units of the calendar. Raises NotCovered for those that it has not."""
    if unit in _LENGTHS:
        return read_length(f"{count} {unit}")
    if unit not in calendar.periods:
        raise NotCovered(f"this workspace has no {spoken(unit)}s")
    return Step(periods=count, of=calendar.periods[unit])


def _in_units(name: str, as_of: datetime, zone: ZoneInfo, calendar: Calendar) -> Bounds:
    """Whole units of the calendar; the last of those that are not said to be whole is the present one so far."""
    found, named = _BY_NUMBER.fullmatch(name), _OF_PERIODS.fullmatch(name)
    if found:
        side, count, whole, unit = found.groups()
    else:
        assert named
        side, count, whole, unit = "last", "1", named["whole"], named["whole"] or named["so_far"]
    step = _step(int(count), unit, calendar)
    if step.of:
        number = step.of.number(last_day(as_of, zone)) + (0 if whole else 1)
        edges = (number, number + step.periods) if side == "next" else (number - step.periods, number)
        first, end = (day_start(step.of.begins(each), zone) for each in edges)
        return Bounds(first, end if whole or side == "next" else as_of, name)
    this = bucket_day(last_day(as_of, zone), grain_in(calendar, unit))
    following = _later(midnight(this), (_LENGTHS[unit],)).date()
    if side == "next":
        return Bounds(day_start(following, zone), day_start(_later(midnight(following), (step,)).date(), zone), name)
    end = this if whole else following
    start = first_day_back(end, step)
    return Bounds(day_start(start, zone), day_start(end, zone) if whole else as_of, name)


def resolve_window(name: str, as_of: datetime, zone: ZoneInfo, calendar: Calendar = GREGORIAN) -> Bounds:
    """The bounds of a named window seen at `as_of` (aware); the name is as `read_window` gives it, or ALL.

    Raises NotCovered where the workspace's calendar does not tell it.
    """
    if name == ALL:
        return all_time(zone)
    if name not in WINDOW_NAMES:
        return _in_units(name, as_of, zone, calendar)
    # A tick that falls on midnight ends the day before it; the window is that of the moment just before.
    inside = as_of - _MOMENT
    if name == "trailing_24h":
        this_hour = bucket_at(inside, "hour", zone).start
        return Bounds(bucket_at(this_hour - timedelta(hours=23), "hour", zone).start, as_of, name)
    today = day_of(inside, zone)
    if name in _TRAILING:
        return Bounds(day_start(today - timedelta(days=_TRAILING[name] - 1), zone), as_of, name)
    if name in TO_DATE:
        return Bounds(day_start(bucket_day(today, grain_in(calendar, TO_DATE[name])), zone), as_of, name)
    grain = grain_in(calendar, _WHOLE[name])
    end = bucket_day(today, grain)
    return Bounds(day_start(bucket_day(end - _DAY, grain), zone), day_start(end, zone), name)


def all_time(zone: ZoneInfo) -> Bounds:
    """What `all` is where no bucket and no frame asks when it begins and ends."""
    return Bounds(day_start(date(FIRST_YEAR, 1, 1), zone), day_start(date(LAST_YEAR + 1, 1, 1), zone), ALL)


# -- the window before --------------------------------------------------------------------------------


def step_before(
    bounds: Bounds, compare: Compare, zone: ZoneInfo, calendar: Calendar = GREGORIAN, grain: str | None = None
) -> Step:
    """How far the window that `bounds` is compared with lies back; a window given by hand, by its own length.

    One that is made of periods, or given by hand and divided into whole ones, lies back by periods; and one of fiscal
    periods has its year before a fiscal year earlier. Raises NotCovered.
    """
    unit = grain_of(bounds.name) if bounds.name else None
    if compare == "previous_year":
        fiscal = calendar.year if {unit, grain} & {*FISCAL} else None
        return Step(periods=1, of=fiscal) if fiscal else _YEAR
    if bounds.name in BEFORE:
        return BEFORE[bounds.name]
    if bounds.name is not None and (counted := unit_of(bounds.name) or (unit and (1, unit))):
        return _step(*counted, calendar)
    if isinstance(grain, Periods) and (count := _whole_periods(bounds, grain, zone)):
        return Step(periods=count, of=grain)
    return Step(wall=edge_wall(bounds.end, zone) - edge_wall(bounds.start, zone))


def _whole_periods(bounds: Bounds, grain: Periods, zone: ZoneInfo) -> int:
    """Of how many whole periods a window is; 0 where it is none."""
    edges = [edge_wall(each, zone) for each in (bounds.start, bounds.end)]
    if any(each != midnight(each.date()) or not grain.begins_on(each.date()) for each in edges):
        return 0
    return grain.between(edges[0].date(), edges[1].date())


def previous_bounds(
    bounds: Bounds, compare: Compare, zone: ZoneInfo, calendar: Calendar = GREGORIAN, grain: str | None = None
) -> Bounds:
    """The window that `bounds` is compared with: both ends step back, by months and weeks whatever the grain."""
    step = step_before(bounds, compare, zone, calendar, grain)
    # A window given by hand is compared with what touches it, even where its first hour is one that comes twice.
    touches = bounds.name is None and not step.months and not step.periods
    found = earlier(bounds, step, zone)
    return replace(found, end=bounds.start) if touches else found


def earlier(bounds: Bounds, step: Step, zone: ZoneInfo) -> Bounds:
    """Both ends so much earlier."""
    if step.elapsed:
        return Bounds(bounds.start - step.elapsed, bounds.end - step.elapsed, None)
    start, end = _walls_before(bounds, step, zone)
    return Bounds(to_utc(start, zone), to_utc(end, zone), None)


def previous_end_day(bounds: Bounds, step: Step, zone: ZoneInfo) -> date | None:
    """As `earlier_end_day`, of the window that `bounds` is compared with, which lies back by `step`."""
    if bounds.name is None and not step.months and not step.periods:
        return None
    return earlier_end_day(bounds, step, zone)


def earlier_end_day(bounds: Bounds, step: Step, zone: ZoneInfo) -> date | None:
    """The first day behind the earlier window, where it ends at a wall time that the clocks skip; else None.

    Its instant is where they jump, perhaps the very beginning of the day that it ends in: of that day nothing would be
    left in a column of days, of which the current window holds one more.
    """
    if step.elapsed:
        return None
    _, end = _walls_before(bounds, step, zone)
    return end.date() + _DAY if end != midnight(end.date()) and to_wall(to_utc(end, zone), zone) != end else None


def _walls_before(bounds: Bounds, step: Step, zone: ZoneInfo) -> tuple[datetime, datetime]:
    start, end = edge_wall(bounds.start, zone), edge_wall(bounds.end, zone)
    # A window within one day stays within one, also where the earlier month or period lacks it.
    until = _back(end, step) if start.date() == end.date() else _end_back(end, step)
    return _back(start, step), until


def _back(wall: datetime, step: Step) -> datetime:
    """So much earlier, on the clock; a day that the earlier month or period lacks is its last one."""
    if step.of:
        return wall - (wall.date() - step.of.moved(wall.date(), -step.periods))
    return in_month(wall, -step.months) if step.months else wall - step.wall


def _end_back(end: datetime, step: Step) -> datetime:
    """An end on a day that the earlier month or period lacks lies behind all of it."""
    if step.of and end.date() == step.of.end and end == midnight(end.date()):
        return midnight(step.of.begins(len(step.of.firsts) - step.periods))
    back = _back(end, step)
    has = step.of.has_day(end.date(), -step.periods) if step.of else has_day(end, -step.months)
    return back if has else midnight(back.date()) + _DAY


def first_day_back(day: date, step: Step) -> date:
    """The day on which what begins on `day` begins so much earlier: one that the earlier month lacks is its last day."""
    return _back(midnight(day), step).date()


def end_day_back(day: date, step: Step) -> date:
    """The day before which what ends before `day` ends so much earlier."""
    return _end_back(midnight(day), step).date()


def in_month(wall: datetime, months: int) -> datetime:
    """The same day and time so many months later, or the last day of that month where it has no such day."""
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    return wall.replace(year=year, month=month + 1, day=min(wall.day, monthrange(year, month + 1)[1]), fold=0)


def has_day(wall: datetime, months: int) -> bool:
    return in_month(wall, months).day == wall.day


def days_moved(previous: Bounds, step: Step, zone: ZoneInfo) -> list[tuple[date | None, timedelta]]:
    """How far the days of the window before are moved to lie on those of the current one.

    (the first day that is no longer moved so far, or None for all that are left; how far). By the same rule as the window:
    by calendar each day lies on the same day of its month, and one that the later month lacks on its last day.
    """
    if not step.months:
        return [(None, step.wall or step.elapsed)]
    first, last = day_of(previous.start, zone), day_of(max(previous.start, previous.end - _MOMENT), zone)
    found: list[tuple[date | None, timedelta]] = []
    day = first
    while day <= last:
        moved = in_month(midnight(day), step.months).date() - day
        # All days of a month are moved alike, but for those at its end that have no day to lie on.
        lacking = monthrange(day.year, day.month)[1] - monthrange((day + moved).year, (day + moved).month)[1]
        following = bucket_day(day.replace(day=28) + timedelta(days=4), "month")
        until = day + _DAY if not has_day(midnight(day), step.months) else following - timedelta(days=max(lacking, 0))
        if found and found[-1][1] == moved:
            found.pop()
        found.append((until, moved))
        day = until
    found[-1] = (None, found[-1][1])
    return found


# -- shifts -------------------------------------------------------------------------------------------

_LENGTH = re.compile(r"([1-9][0-9]{0,3}) (day|week|month|quarter|year)s?")
_LENGTHS = {
    "day": Step(wall=_DAY), "week": Step(wall=7 * _DAY), "month": Step(months=1), "quarter": Step(months=3), "year": _YEAR,
}  # fmt: skip
_FURTHEST_MONTHS, _FURTHEST = 600, timedelta(days=50 * 366)


def read_length(text: str) -> Step:
    """`14 days`, `1 month`: whole units of the calendar, 50 years at most. Raises ValueError with what to write."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a length of time; write for instance 14 days or 1 month")
    unit, count = _LENGTHS[found[2]], int(found[1])
    step = Step(months=unit.months * count, wall=unit.wall * count)
    if step.months > _FURTHEST_MONTHS or step.wall > _FURTHEST:
        raise ValueError(f"{text!r} is longer than 50 years")
    return step


_OF_GRAIN = re.compile(r"([1-9][0-9]{0,3}) ([a-z][a-z0-9_ ]*)")


def known_shift(text: str) -> str:
    """A length of time, or so many periods of a calendar that is not known here. Raises ValueError with what to write."""
    found = _OF_GRAIN.fullmatch(text.strip())
    if found is None or found[2].removesuffix("s") in _LENGTHS:
        read_length(text)
    return text


def read_shift(text: str, calendar: Calendar) -> Step:
    """`14 days`, `1 month`, or `1 season` of a calendar that has seasons. Raises ValueError with what to write."""
    found = _OF_GRAIN.fullmatch(text.strip())
    count, unit = found.groups() if found else ("", "")
    for name in (unit, unit.removesuffix("s")):
        if (of := calendar.periods.get(name.replace(" ", "_"))) is not None:
            return Step(periods=int(count), of=of)
    try:
        return read_length(text)
    except ValueError as error:
        own = ", ".join(map(spoken, calendar.periods))
        raise ValueError(f"{error}, or so many of {own}" if own else str(error)) from error


def told_length(step: Step) -> str:
    """The same length is told alike however it was written."""
    if step.of:
        return f"{step.periods} {spoken(step.of)}{'' if step.periods == 1 else 's'}"
    count, unit = (step.months, "month") if step.months else (step.wall.days, "day")
    return f"{count} {unit}{'' if count == 1 else 's'}"


_WITHIN = re.compile(r"([1-9][0-9]{0,4}) (minute|hour|day|week)s?")


def read_within(text: str) -> timedelta:
    """`7 days`, `30 minutes`: so much time from one event to another, a year at most. Raises ValueError with what to write.

    It is time that passes: a day is 24 hours, whatever the clocks do, and a month, which has no one length, is none.
    """
    found = _WITHIN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a fixed length of time; write for instance 7 days or 30 minutes")
    length = timedelta(**{f"{found[2]}s": int(found[1])})
    if length > timedelta(days=366):
        raise ValueError(f"{text!r} is longer than a year")
    return length


def shifted(bounds: Bounds, shift: Shift, zone: ZoneInfo) -> Bounds:
    """The window that a shifted input counts in."""
    for step in shift:
        bounds = earlier(bounds, step, zone)
    return bounds


def shifted_end_day(bounds: Bounds, shift: Shift, zone: ZoneInfo) -> date | None:
    """As `earlier_end_day`, of the window that a shifted input counts in."""
    *before, last = shift
    return earlier_end_day(shifted(bounds, tuple(before), zone), last, zone)


def shifted_moment(instant: datetime, shift: Shift, zone: ZoneInfo) -> datetime:
    """The instant at which a shifted count looks: the same time of day, on the earlier day."""
    for step in shift:
        instant = to_utc(_back(edge_wall(instant, zone), step), zone)
    return instant


def days_shifted(
    span: Bounds, steps: Sequence[Step], onto: Bounds, zone: ZoneInfo
) -> tuple[tuple[date | None, timedelta], ...]:
    """As `days_moved`, along several steps one after the other, each towards now; none lies before the window `onto`.

    A window that begins on 31 March begins on 28 February a month earlier: that day lies on its first one.
    """
    first = day_of(onto.start, zone)
    day, last = day_of(span.start, zone), day_of(max(span.start, span.end - _MOMENT), zone)
    found: list[tuple[date | None, timedelta]] = []
    while day <= last:
        moved = max(_later(midnight(day), steps), midnight(first)) - midnight(day)
        if found and found[-1][1] == moved:
            found.pop()
        day += _DAY
        found.append((day, moved))
    found[-1] = (None, found[-1][1])
    return tuple(found)


def _later(wall: datetime, steps: Sequence[Step]) -> datetime:
    for step in steps:
        if step.of:
            wall += step.of.moved(wall.date(), step.periods) - wall.date()
        else:
            wall = in_month(wall, step.months) if step.months else wall + step.wall + step.elapsed
    return wall


def told_shift(shift: Shift) -> str:
    return " and ".join(told_length(step) for step in shift)

"""Windows: what `last 30 days`, `Q3` or `since 1 October` come to, seen on a day.

Trailing windows that have a name become that name; all others become days, of which the last is today:
`last 45 days` are 45 days, today among them. A month or day without a year is the latest that has begun.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from assay.catalog.windows import resolve_window
from assay.widgets.words.cover import Span
from assay.widgets.words.days import Written, months_later, span
from assay.widgets.words.outcome import Ask, Choice, DaysSpec

Window = str | DaysSpec
_NAMED = {
    (24, "hour"): "trailing_24h", (1, "day"): "trailing_24h", (7, "day"): "trailing_7d", (1, "week"): "trailing_7d",
    (30, "day"): "trailing_30d", (1, "month"): "trailing_30d", (90, "day"): "trailing_90d", (1, "quarter"): "trailing_90d",
}  # fmt: skip
_TO_DATE = {"day": "today", "week": "week_to_date", "month": "month_to_date", "quarter": "quarter_to_date",
            "year": "year_to_date"}  # fmt: skip
_PREVIOUS = {"day": "yesterday", "week": "previous_week", "month": "previous_month", "quarter": "previous_quarter",
             "year": "previous_year"}  # fmt: skip
_LONGEST_YEARS = 50


@dataclass(frozen=True, slots=True)
class NoWindow:
    """Why the words name no window that could be asked."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Either:
    """Words that may mean two windows: a day whose month cannot be told, `last March` said in March."""

    readings: tuple[Window, Window]


def of_one_window(found: list[Span]) -> list[Span]:
    """`in March`, `last year` next to each other are one window: the year is that of the date before it or behind it."""
    for one, other in pairwise(found):
        for dated, year in ((one, other), (other, one)):
            ago = _YEARS_AGO.get((year.meaning, *year.slots))
            if ago is not None and dated.meaning == "window.on" and dated.slots[0].is_yearly:
                whole = replace(
                    one, end=other.end, words=f"{one.words} {other.words}", folded=f"{one.folded} {other.folded}",
                    meaning="window.on", slots=(replace(dated.slots[0], years_ago=ago),),
                )  # fmt: skip
                return [whole if each is one else each for each in found if each is not other]
    return found


_YEARS_AGO: dict[tuple[Any, ...], int] = {
    ("window.previous", "year"): 1, ("window.previous_year",): 1, ("window.to_date", "year"): 0, ("window.year_to_date",): 0,
}  # fmt: skip


def window_of(found: Span, wall: datetime) -> Window | NoWindow | Either:
    """The window of a phrase; `wall` is now on the workspace's clock."""
    kind = found.meaning.split(".")[1]
    today = wall.date()
    try:
        return _window(kind, found, wall, today)
    except (ValueError, OverflowError):
        return NoWindow(f"There is no such day as in “{found.words}”.")


def _window(kind: str, found: Span, wall: datetime, today: date) -> Window | NoWindow | Either:
    slots = found.slots
    match kind:
        case "given":
            return slots[0]
        case "trailing" | "bare":
            return _trailing(slots[0], slots[1], wall)
        case "past" if slots[0] == "quarter":
            # Days and weeks are counted back from today; a quarter is one of the calendar's as well.
            return Either(("trailing_90d", "previous_quarter"))
        case "past":
            return _trailing(1, slots[0], wall)
        case "previous":
            return "trailing_24h" if slots[0] == "hour" else _PREVIOUS[slots[0]]
        case "to_date":
            return _TO_DATE.get(slots[0], "today")
        case "since_previous":
            return _since_previous(slots[0], today)
        case "day_ago":
            return _days(today - timedelta(days=slots[0]), today - timedelta(days=slots[0] - 1))
        case "day_before_yesterday":
            return _days(today - timedelta(days=2), today - timedelta(days=1))
        case "weekend" | "this_weekend":
            return _weekend(today, is_this=kind == "this_weekend")
        case "endless":
            return NoWindow(f"“{found.words}” has no beginning; say from when.")
        case "future":
            return NoWindow(f"“{found.words}” lies in the future, and there is nothing to count there yet.")
        case "days" | "month_days" | "days_year" | "month_days_year":
            return _days_of_a_month(kind, slots, today)
        case "last":
            return _last_of(slots[0], today)
        case "this_weekday" | "last_weeks":
            weeks = 1 if kind == "last_weeks" else 0
            day = today + timedelta(days=slots[0] - today.weekday() - 7 * weeks)
            return _between(day, day + timedelta(days=1), today)
        case "since" | "after" | "before" | "on" | "range":
            return _dated(kind, slots, today, found.words)
        case _:
            return kind


def _trailing(count: int, unit: str, wall: datetime) -> Window | NoWindow:
    if count < 1:
        return NoWindow("A window of no length holds nothing.")
    if (count, unit) in _NAMED:
        return _NAMED[count, unit]
    if unit == "hour":
        end = wall.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return DaysSpec((end - timedelta(hours=count)).isoformat(), end.isoformat())
    end = wall.date() + timedelta(days=1)
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
    if (count * months if months else count / 30) > _LONGEST_YEARS * 12:
        return NoWindow(f"A window is at most {_LONGEST_YEARS} years long.")
    start = months_later(end, -count * months) if months else end - timedelta(days=count * (7 if unit == "week" else 1))
    return _days(start, end)


def _since_previous(unit: str, today: date) -> Window:
    start = resolve_start(_PREVIOUS.get(unit, "yesterday"), today)
    return _days(start, today + timedelta(days=1))


def resolve_start(name: str, today: date) -> date:
    from zoneinfo import ZoneInfo

    noon = datetime(today.year, today.month, today.day, 12, tzinfo=ZoneInfo("UTC"))
    return resolve_window(name, noon, ZoneInfo("UTC")).start.date()


def _weekend(today: date, *, is_this: bool) -> Window | NoWindow:
    saturday = today - timedelta(days=(today.weekday() - 5) % 7)
    if is_this and today.weekday() < 5:
        return NoWindow("This weekend lies in the future, and there is nothing to count there yet.")
    if not is_this and today.weekday() >= 5:
        saturday -= timedelta(days=7)
    return _days(saturday, saturday + timedelta(days=2))


def _days_of_a_month(kind: str, slots: tuple[int, ...], today: date) -> Window | NoWindow:
    if kind.startswith("month"):
        month, first, last = slots[:3]
    else:
        first, last, month = slots[:3]
    year = slots[3] if len(slots) > 3 else None
    start, _ = span(Written(year=year, month=month, day=first), today)
    end = start.replace(day=last) + timedelta(days=1)
    return _between(start, end, today)


def _dated(kind: str, slots: tuple[Written, ...], today: date, words: str) -> Window | NoWindow | Either:
    if any(each.either for each in slots):
        return _either(kind, slots, today, words)
    if kind == "on" and slots[0].ago in (0, 1):
        return "yesterday" if slots[0].ago else "today"
    if kind == "before":
        return NoWindow(f"“{words}” names an end and no beginning; say from when.")
    first = slots[0].filled_from(slots[1]) if kind == "range" else slots[0]
    start, end = span(first, today)
    if kind == "range":
        last_start, last_end = span(slots[1], today)
        if start > last_start and first.weekday is not None:
            start -= timedelta(days=7)
        elif start > last_start and slots[1].year is None and first.year is None and first.ago is None:
            # `from November to February`: the beginning lies in the year before.
            start, _ = span(Written(last_start.year - 1, first.half, first.quarter, first.month, first.day), today)
        return _between(start, last_end, today)
    if kind == "since":
        return _between(start, today + timedelta(days=1), today)
    if kind == "after":
        return _between(end, today + timedelta(days=1), today)
    return _between(start, end, today)


def _last_of(said: Written | int, today: date) -> Window | NoWindow | Either:
    """`last March`: where it is March, this one or the one of last year. `last Tuesday`, said on one: a week ago."""
    written = said if isinstance(said, Written) else Written(weekday=said)
    start, end = span(written, today)
    if written.weekday is not None and start == today:
        start, end = start - timedelta(days=7), end - timedelta(days=7)
    if not start <= today < end or not written.is_yearly:
        return _between(start, end, today)
    before = span(replace(written, years_ago=1), today)
    return Either((_days(start, end), _days(*before)))


def _either(kind: str, slots: tuple[Written, ...], today: date, words: str) -> Window | NoWindow | Either:
    found: list[DaysSpec] = []
    for day_first in (True, False):
        sides = tuple(
            Written(year=each.year, day=each.either[0 if day_first else 1], month=each.either[1 if day_first else 0])
            if each.either else each
            for each in slots
        )  # fmt: skip
        read = _dated(kind, sides, today, words)
        if isinstance(read, DaysSpec):
            found.append(read)
    if len(found) == 2:
        return Either((found[0], found[1]))
    return found[0] if found else NoWindow(f"“{words}” is no window that has begun.")


def _between(start: date, end: date, today: date) -> Window | NoWindow:
    if start > today:
        return NoWindow("That window lies in the future, and there is nothing to count there yet.")
    if start >= end:
        return NoWindow("That window ends before it begins.")
    return _days(start, end)


def _days(start: date, end: date) -> DaysSpec:
    return DaysSpec(start.isoformat(), end.isoformat())


def ask_which(found: Span, either: Either, ask_id: str) -> Ask:
    choices = tuple(Choice(_said(each), written(each)) for each in either.readings)
    return Ask(ask_id, "window", f"Which days do you mean by “{found.words}”?", found.words, choices)


def written(window: Window) -> str:
    return f"days:{window.start}..{window.end}" if isinstance(window, DaysSpec) else f"window:{window}"


def _said(window: Window) -> str:
    if not isinstance(window, DaysSpec):
        return _SAID.get(window, window.replace("_", " "))
    first, end = date.fromisoformat(window.start[:10]), date.fromisoformat(window.end[:10])
    last = end - timedelta(days=1)
    return f"{first:%-d %B %Y}" + ("" if first == last else f", to {last:%-d %B %Y}")


_SAID = {"trailing_90d": "the last 90 days", "previous_quarter": "the calendar quarter before"}


UNIT_OF: dict[str, str] = {
    "today": "day", "yesterday": "day", "trailing_24h": "day", "week_to_date": "week", "previous_week": "week",
    "trailing_7d": "week", "month_to_date": "month", "previous_month": "month", "trailing_30d": "month",
    "quarter_to_date": "quarter", "previous_quarter": "quarter", "trailing_90d": "quarter", "year_to_date": "year",
    "previous_year": "year",
}  # fmt: skip
"""By which unit the period before a window is named: that of `this month` is `last month`."""


def to_date(unit: str) -> str:
    return _TO_DATE[unit]


def previous(unit: str) -> str:
    return _PREVIOUS[unit]

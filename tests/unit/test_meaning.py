"""`docs/meaning.md` says what a window, a day and the window before are: each line of its tables is run here."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from assay.catalog.buckets import Grain, bucket_at, partial_buckets
from assay.catalog.edges import relative_edge
from assay.catalog.windows import (
    BEFORE,
    WINDOW_NAMES,
    Bounds,
    Step,
    as_of_tick,
    days_moved,
    previous_bounds,
    read_window,
    resolve_window,
    step_before,
)
from assay.catalog.zones import day_start

PAGE = Path(__file__).parents[2] / "docs" / "meaning.md"
ZULU = ZoneInfo("UTC")
SEEN = datetime(2026, 3, 17, 15, 43, tzinfo=UTC)


def table(*head: str) -> list[list[str]]:
    """The lines of the one table with this head, cell by cell."""
    mark = "| " + " | ".join(head) + " |\n|" + "---|" * len(head) + "\n"
    (_, rest) = PAGE.read_text().split(mark)
    lines = re.match(r"(?:\|.*\|\n)+", rest)
    assert lines
    return [[cell.strip().strip("`") for cell in line[1:-1].split("|")] for line in lines[0].splitlines()]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def asked(name: str, moment: str) -> tuple[Bounds, Bounds, Step]:
    """The window, the one before it, and the step between them."""
    bounds = resolve_window(name, as_of_tick(instant(moment), 60, ZULU), ZULU)
    return bounds, previous_bounds(bounds, "previous_period", ZULU), step_before(bounds, "previous_period", ZULU)


def test_days_begin_and_last_as_the_page_says() -> None:
    for zone, day, begins, hours in table("zone", "day", "begins (UTC)", "hours"):
        start, end = (day_start(date.fromisoformat(day) + timedelta(days=n), ZoneInfo(zone)) for n in (0, 1))
        assert (start, end - start) == (instant(begins), timedelta(hours=int(hours))), (zone, day)


def test_hours_are_called_as_the_page_says() -> None:
    for zone, at, hour in table("zone", "at (UTC)", "hour"):
        assert bucket_at(instant(at), "hour", ZoneInfo(zone)).name == hour


def test_windows_are_those_of_the_page() -> None:
    lines = table("window", "from", "to", "its days")
    for name, start, end, _ in lines:
        assert resolve_window(name, SEEN, ZULU) == Bounds(instant(start), instant(end), name)
    assert {line[0] for line in lines} == set(WINDOW_NAMES)


def test_windows_by_number_are_those_of_the_page() -> None:
    for name, start, end, back in table("window by number", "from", "to", "both ends step back by"):
        bounds = resolve_window(read_window(name), SEEN, ZULU)
        assert bounds == Bounds(instant(start), instant(end), name)
        assert step_before(bounds, "previous_period", ZULU) == step(back)


def test_bounds_from_now_on_are_those_of_the_page() -> None:
    for text, moment in table("bound", "is"):
        assert relative_edge(text, SEEN, ZULU) == instant(moment), text
    for text in ("", "-", "6 weeks", "today - ", "start of day", "now - 6 hours", "-0 days", "tomorrow", "2026-01-01"):
        assert relative_edge(text, SEEN, ZULU) is None, text
    at_midnight = instant("2026-03-18")  # the tick that ends the day
    assert relative_edge("today", at_midnight, ZULU) == instant("2026-03-17")
    # The day after New York's clocks change begins at another hour of UTC; a leap day has no anniversary.
    east = ZoneInfo("America/New_York")
    assert relative_edge("-9 days", SEEN, east) == instant("2026-03-08 05:00")
    assert relative_edge("-8 days", SEEN, east) == instant("2026-03-09 04:00")
    assert relative_edge("-1 year", instant("2024-02-29 12:00"), ZULU) == instant("2023-02-28")


def test_buckets_are_partial_as_the_page_says() -> None:
    grain: Grain
    for name, grain, partial in table("window", "grain", "partial"):  # type: ignore[assignment]
        bounds = resolve_window(name, SEEN, ZULU)
        found = partial_buckets(bounds.start, bounds.end, SEEN, grain, ZULU)
        assert ", ".join(f"{bucket.name} {reason}" for bucket, reason in found) == partial


def test_the_rule_for_the_window_before_is_the_pages_table() -> None:
    *named, by_hand = table("window", "both ends step back by")
    assert {name: step(said) for name, said in named} == BEFORE
    assert by_hand == ["by hand", "its own length"]
    window = Bounds(instant("2026-03-01"), instant("2026-03-04 12:00"), None)
    assert step_before(window, "previous_period", ZULU) == Step(wall=timedelta(days=3, hours=12))
    for name in WINDOW_NAMES:
        assert step_before(resolve_window(name, SEEN, ZULU), "previous_year", ZULU) == Step(months=12)


def step(said: str) -> Step:
    number, unit = said.split()
    match unit.rstrip("s"):
        case "hour":
            return Step(elapsed=timedelta(hours=int(number)))
        case "day":
            return Step(wall=timedelta(days=int(number)))
        case _:
            return Step(months=int(number))


def test_the_window_before_is_that_of_the_page() -> None:
    for name, moment, start, end in table("window", "asked", "from", "to"):
        assert asked(name, moment)[1] == Bounds(instant(start), instant(end), None), (name, moment)


def test_earlier_days_lie_where_the_page_says() -> None:
    for name, moment, earlier, later in table("window", "asked", "earlier day", "lies on"):
        _, before, back = asked(name, moment)
        day = date.fromisoformat(earlier)
        assert before.start <= instant(earlier) < before.end
        by = next(by for until, by in days_moved(before, back, ZULU) if until is None or day < until)
        assert day + by == date.fromisoformat(later), (name, earlier)

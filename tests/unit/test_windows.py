"""Windows, ticks, the periods before them, and buckets."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from assay.catalog.windows import (
    WINDOW_NAMES,
    Bounds,
    Compare,
    Grain,
    WindowName,
    as_of_tick,
    bucket_shift,
    bucket_start,
    next_bucket,
    previous_bounds,
    resolve_window,
    to_utc,
    to_wall,
)

BERLIN, NEW_YORK, KOLKATA, ZULU = (ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"))


def at(text: str) -> datetime:
    """A wall time; `to_utc` puts it into a zone."""
    return datetime.fromisoformat(text)


def instant(text: str, zone: ZoneInfo = ZULU) -> datetime:
    return to_utc(at(text), zone)


def walls(bounds: Bounds, zone: ZoneInfo) -> tuple[str, str]:
    return tuple(to_wall(edge, zone).isoformat(" ", "minutes") for edge in (bounds.start, bounds.end))  # type: ignore[return-value]


def by_hand(start: str, end: str, zone: ZoneInfo = ZULU) -> Bounds:
    return Bounds(instant(start, zone), instant(end, zone), None)


def test_the_names_on_the_type_and_the_names_that_resolve_are_the_same() -> None:
    assert set(WINDOW_NAMES) == set(get_args(WindowName))


# Seen on Tuesday 17 March 2026, 15:43 in Berlin.
SEEN = {
    "trailing_24h": ("2026-03-16 15:43", "2026-03-17 15:43"),
    "trailing_7d": ("2026-03-10 15:43", "2026-03-17 15:43"),
    "trailing_30d": ("2026-02-15 15:43", "2026-03-17 15:43"),
    "trailing_90d": ("2025-12-17 15:43", "2026-03-17 15:43"),
    "today": ("2026-03-17 00:00", "2026-03-17 15:43"),
    "yesterday": ("2026-03-16 00:00", "2026-03-17 00:00"),
    "week_to_date": ("2026-03-16 00:00", "2026-03-17 15:43"),
    "month_to_date": ("2026-03-01 00:00", "2026-03-17 15:43"),
    "quarter_to_date": ("2026-01-01 00:00", "2026-03-17 15:43"),
    "year_to_date": ("2026-01-01 00:00", "2026-03-17 15:43"),
    "previous_week": ("2026-03-09 00:00", "2026-03-16 00:00"),
    "previous_month": ("2026-02-01 00:00", "2026-03-01 00:00"),
    "previous_quarter": ("2025-10-01 00:00", "2026-01-01 00:00"),
    "previous_year": ("2025-01-01 00:00", "2026-01-01 00:00"),
}


@pytest.mark.parametrize("name", WINDOW_NAMES)
def test_a_window_has_these_bounds(name: str) -> None:
    bounds = resolve_window(name, instant("2026-03-17 15:43", BERLIN), BERLIN)
    assert walls(bounds, BERLIN) == SEEN[name]
    assert bounds.name == name


@pytest.mark.parametrize("name", WINDOW_NAMES)
@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, KOLKATA])
def test_a_window_is_always_bounded_and_in_utc(name: str, zone: ZoneInfo) -> None:
    for day in range(0, 400, 13):
        bounds = resolve_window(name, instant("2024-02-27 23:59", zone) + timedelta(days=day, hours=day % 24), zone)
        assert bounds.start < bounds.end
        assert bounds.start.tzinfo is UTC
        assert bounds.end.tzinfo is UTC


# Berlin: 29 March 2026 has 23 hours, 25 October 25. New York: 8 March and 1 November.
@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [(BERLIN, "2026-03-29", 23), (BERLIN, "2026-10-25", 25), (NEW_YORK, "2026-03-08", 23), (NEW_YORK, "2026-11-01", 25)],
)
def test_a_day_of_23_or_25_hours_is_one_day(zone: ZoneInfo, day: str, hours: int) -> None:
    noon_after = to_utc(at(day) + timedelta(hours=36), zone)
    bounds = resolve_window("yesterday", noon_after, zone)
    assert bounds.end - bounds.start == timedelta(hours=hours)
    assert walls(bounds, zone)[0] == f"{day} 00:00"


def test_seven_days_back_over_a_change_of_clocks_is_the_same_time_of_day() -> None:
    bounds = resolve_window("trailing_7d", instant("2026-03-31 10:00", BERLIN), BERLIN)
    assert walls(bounds, BERLIN) == ("2026-03-24 10:00", "2026-03-31 10:00")
    assert bounds.end - bounds.start == timedelta(days=7, hours=-1)


def test_the_last_24_hours_are_24_hours_over_a_change_of_clocks() -> None:
    bounds = resolve_window("trailing_24h", instant("2026-03-29 12:00", BERLIN), BERLIN)
    assert bounds.end - bounds.start == timedelta(hours=24)
    before = previous_bounds(bounds, "previous_period", None, BERLIN)
    assert (before.start, before.end) == (bounds.start - timedelta(hours=24), bounds.start)


def test_a_start_that_the_clocks_skip_is_the_moment_after() -> None:
    bounds = resolve_window("trailing_7d", instant("2026-04-05 02:30", BERLIN), BERLIN)
    assert walls(bounds, BERLIN)[0] == "2026-03-29 03:30"


def test_a_tick_at_midnight_ends_the_day_that_was() -> None:
    midnight = instant("2026-03-01 00:00", BERLIN)
    assert walls(resolve_window("today", midnight, BERLIN), BERLIN) == ("2026-02-28 00:00", "2026-03-01 00:00")
    assert walls(resolve_window("month_to_date", midnight, BERLIN), BERLIN) == ("2026-02-01 00:00", "2026-03-01 00:00")
    assert walls(resolve_window("previous_month", midnight, BERLIN), BERLIN) == ("2026-01-01 00:00", "2026-02-01 00:00")


def test_a_leap_year_has_its_day() -> None:
    assert walls(resolve_window("previous_month", instant("2024-03-05 12:00"), ZULU), ZULU) == (
        "2024-02-01 00:00", "2024-03-01 00:00",
    )  # fmt: skip
    assert walls(resolve_window("yesterday", instant("2024-03-01 12:00"), ZULU), ZULU)[0] == "2024-02-29 00:00"


# -- ticks ------------------------------------------------------------------------------------------


def test_a_tick_is_after_now_and_within_the_refresh_period() -> None:
    now = instant("2026-03-17 15:42:10")
    assert as_of_tick(now, 60, ZULU) == instant("2026-03-17 15:43")
    assert as_of_tick(now, 300, ZULU) == instant("2026-03-17 15:45")
    assert as_of_tick(instant("2026-03-17 15:45"), 300, ZULU) == instant("2026-03-17 15:50")


def test_a_question_stays_the_same_until_its_tick() -> None:
    ticks = {as_of_tick(instant("2026-03-17 15:40") + timedelta(seconds=second), 300, BERLIN) for second in range(300)}
    assert len(ticks) == 1


def test_now_is_always_inside_the_window() -> None:
    now = datetime(2026, 3, 17, 15, 44, 59, 999_999, UTC)
    assert now < as_of_tick(now, 1, ZULU) <= now + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("zone", "now", "refresh_seconds"),
    [
        (NEW_YORK, "2026-03-31 22:00", 86_400),  # the next tick in UTC is tomorrow evening there
        (KOLKATA, "2026-03-31 23:45", 3_600),  # whole hours in UTC are half hours there
        (BERLIN, "2026-03-31 23:59", 7 * 60),
        (BERLIN, "2026-10-25 23:30", 86_400),  # a day of 25 hours
    ],
)
def test_a_tick_never_passes_the_end_of_the_day(zone: ZoneInfo, now: str, refresh_seconds: int) -> None:
    moment = instant(now, zone)
    tick = as_of_tick(moment, refresh_seconds, zone)
    midnight = to_utc(at(now[:10]) + timedelta(days=1), zone)
    assert moment < tick <= midnight
    assert walls(resolve_window("today", tick, zone), zone)[0] == f"{now[:10]} 00:00"
    assert to_wall(resolve_window("month_to_date", tick, zone).start, zone).month == at(now).month


# -- the period before ------------------------------------------------------------------------------

BEFORE = {
    "trailing_24h": ("2026-03-15 15:43", "2026-03-16 15:43"),
    "trailing_7d": ("2026-03-03 15:43", "2026-03-10 15:43"),
    "trailing_30d": ("2026-01-16 15:43", "2026-02-15 15:43"),
    "trailing_90d": ("2025-09-18 15:43", "2025-12-17 15:43"),
    "today": ("2026-03-16 00:00", "2026-03-16 15:43"),
    "yesterday": ("2026-03-15 00:00", "2026-03-16 00:00"),
    "week_to_date": ("2026-03-09 00:00", "2026-03-10 15:43"),
    "month_to_date": ("2026-02-01 00:00", "2026-02-17 15:43"),
    "quarter_to_date": ("2025-10-01 00:00", "2025-12-15 15:43"),
    "year_to_date": ("2025-01-01 00:00", "2025-03-17 15:43"),
    "previous_week": ("2026-03-02 00:00", "2026-03-09 00:00"),
    "previous_month": ("2026-01-01 00:00", "2026-02-01 00:00"),
    "previous_quarter": ("2025-07-01 00:00", "2025-10-01 00:00"),
    "previous_year": ("2024-01-01 00:00", "2025-01-01 00:00"),
}


@pytest.mark.parametrize("name", WINDOW_NAMES)
def test_a_window_is_compared_with_the_period_before_as_far_as_it_has_come(name: str) -> None:
    bounds = resolve_window(name, instant("2026-03-17 15:43", BERLIN), BERLIN)
    assert walls(previous_bounds(bounds, "previous_period", None, BERLIN), BERLIN) == BEFORE[name]


@pytest.mark.parametrize("name", WINDOW_NAMES)
def test_the_year_before_is_the_same_dates(name: str) -> None:
    bounds = resolve_window(name, instant("2026-03-17 15:43", BERLIN), BERLIN)
    year_before = tuple(f"{int(edge[:4]) - 1}{edge[4:]}" for edge in SEEN[name])
    assert walls(previous_bounds(bounds, "previous_year", None, BERLIN), BERLIN) == year_before


def test_the_year_before_by_weeks_begins_on_the_same_weekday() -> None:
    bounds = resolve_window("week_to_date", instant("2026-03-17 15:43"), ZULU)
    before = previous_bounds(bounds, "previous_year", "week", ZULU)
    assert before.start == bounds.start - timedelta(weeks=52)
    assert before.start.weekday() == 0


def test_a_long_month_to_date_stops_where_the_month_before_ends() -> None:
    bounds = resolve_window("month_to_date", instant("2026-03-31 12:00"), ZULU)
    assert walls(previous_bounds(bounds, "previous_period", None, ZULU), ZULU) == ("2026-02-01 00:00", "2026-03-01 00:00")


def test_a_window_by_hand_is_compared_with_its_own_length() -> None:
    before = previous_bounds(by_hand("2026-03-01 06:00", "2026-03-03 18:00"), "previous_period", None, ZULU)
    assert walls(before, ZULU) == ("2026-02-26 18:00", "2026-03-01 06:00")


def test_the_period_before_touches_a_start_in_the_doubled_hour() -> None:
    second_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 02:30 in Berlin for the second time
    bounds = Bounds(second_two, second_two + timedelta(hours=5), None)
    assert previous_bounds(bounds, "previous_period", None, BERLIN).end == bounds.start


@pytest.mark.parametrize(
    ("start", "end", "before"),
    [
        ("2024-02-29 00:00", "2024-03-01 00:00", ("2023-02-28 00:00", "2023-03-01 00:00")),
        ("2024-02-28 00:00", "2024-02-29 00:00", ("2023-02-28 00:00", "2023-03-01 00:00")),
        ("2024-02-29 08:00", "2024-02-29 12:00", ("2023-02-28 08:00", "2023-02-28 12:00")),
        ("2024-02-01 00:00", "2024-03-01 00:00", ("2023-02-01 00:00", "2023-03-01 00:00")),
        ("2025-02-01 00:00", "2025-03-01 00:00", ("2024-02-01 00:00", "2024-03-01 00:00")),
    ],
)
def test_around_29_february_the_year_before_is_never_empty(start: str, end: str, before: tuple[str, str]) -> None:
    assert walls(previous_bounds(by_hand(start, end), "previous_year", None, ZULU), ZULU) == before


# -- buckets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grain", "start", "following"),
    [
        ("hour", "2024-02-29 13:00", "2024-02-29 14:00"),
        ("day", "2024-02-29 00:00", "2024-03-01 00:00"),
        ("week", "2024-02-26 00:00", "2024-03-04 00:00"),
        ("month", "2024-02-01 00:00", "2024-03-01 00:00"),
        ("quarter", "2024-01-01 00:00", "2024-04-01 00:00"),
        ("year", "2024-01-01 00:00", "2025-01-01 00:00"),
    ],
)
def test_a_bucket_begins_and_ends_on_the_wall_clock(grain: Grain, start: str, following: str) -> None:
    assert bucket_start(at("2024-02-29 13:47:11.5"), grain) == at(start)
    assert next_bucket(at(start), grain) == at(following)


def test_a_week_begins_on_monday() -> None:
    sunday, monday = at("2026-03-15 23:59"), at("2026-03-16 00:00")
    assert bucket_start(sunday, "week") == at("2026-03-09")
    assert bucket_start(monday, "week") == monday


@pytest.mark.parametrize(
    ("name", "compare", "grain", "shift"),
    [
        ("month_to_date", "previous_period", "day", (28, "DAY")),
        ("month_to_date", "previous_period", "month", (1, "MONTH")),
        ("year_to_date", "previous_period", "month", (12, "MONTH")),
        ("quarter_to_date", "previous_period", "week", (92, "DAY")),
        ("trailing_7d", "previous_period", "hour", (7, "DAY")),
        ("trailing_7d", "previous_year", "day", (12, "MONTH")),
        ("trailing_7d", "previous_year", "week", (364, "DAY")),
    ],
)
def test_buckets_of_the_period_before_are_moved_by(
    name: str, compare: Compare, grain: Grain, shift: tuple[int, str]
) -> None:
    bounds = resolve_window(name, instant("2026-03-17 15:43", BERLIN), BERLIN)
    assert bucket_shift(bounds, previous_bounds(bounds, compare, grain, BERLIN), compare, grain, BERLIN) == shift


def test_a_window_of_hours_is_moved_by_seconds() -> None:
    bounds = by_hand("2026-03-17 01:00", "2026-03-17 06:30")
    before = previous_bounds(bounds, "previous_period", "hour", ZULU)
    assert bucket_shift(bounds, before, "previous_period", "hour", ZULU) == (19_800, "SECOND")


def test_a_series_by_day_is_not_compared_with_days_that_its_month_lacks() -> None:
    """January has three days more than February: laid over it they would fall into March."""
    bounds = resolve_window("previous_month", instant("2026-03-17 15:43"), ZULU)
    before = previous_bounds(bounds, "previous_period", "day", ZULU)
    assert walls(before, ZULU) == ("2026-01-01 00:00", "2026-01-29 00:00")
    assert walls(previous_bounds(bounds, "previous_period", "month", ZULU), ZULU)[1] == "2026-02-01 00:00"

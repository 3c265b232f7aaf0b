"""Windows, ticks, the windows before them, and buckets."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from assay.catalog.buckets import Grain, bucket_at, bucket_day, buckets_between, next_bucket, partial_buckets
from assay.catalog.windows import (
    WINDOW_NAMES,
    Bounds,
    Compare,
    WindowName,
    as_of_tick,
    days_moved,
    previous_bounds,
    previous_end_day,
    read_window,
    resolve_window,
    step_before,
)
from assay.catalog.zones import day_of, day_start, edge_wall, first_wall, to_utc, to_wall
from assay.widgets.bucket_gaps import absent_buckets

BERLIN, NEW_YORK, KOLKATA, CAIRO, ZULU = (
    ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Africa/Cairo", "UTC")
)


def at(text: str) -> datetime:
    """A wall time; `to_utc` puts it into a zone."""
    return datetime.fromisoformat(text)


def instant(text: str, zone: ZoneInfo = ZULU) -> datetime:
    return to_utc(at(text), zone)


def walls(bounds: Bounds, zone: ZoneInfo) -> tuple[str, str]:
    return tuple(edge_wall(edge, zone).isoformat(" ", "minutes") for edge in (bounds.start, bounds.end))  # type: ignore[return-value]


def by_hand(start: str, end: str, zone: ZoneInfo = ZULU) -> Bounds:
    return Bounds(instant(start, zone), instant(end, zone), None)


def test_the_names_on_the_type_and_the_names_that_resolve_are_the_same() -> None:
    assert set(WINDOW_NAMES) == set(get_args(WindowName))


# Seen on Tuesday 17 March 2026, 15:43 in Berlin.
SEEN = {
    "trailing_24h": ("2026-03-16 16:00", "2026-03-17 15:43"),
    "trailing_7d": ("2026-03-11 00:00", "2026-03-17 15:43"),
    "trailing_30d": ("2026-02-16 00:00", "2026-03-17 15:43"),
    "trailing_90d": ("2025-12-18 00:00", "2026-03-17 15:43"),
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
@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, KOLKATA, CAIRO])
def test_a_window_is_always_bounded_and_in_utc(name: str, zone: ZoneInfo) -> None:
    for day in range(0, 400, 13):
        bounds = resolve_window(name, instant("2024-02-27 23:59", zone) + timedelta(days=day, hours=day % 24), zone)
        assert bounds.start < bounds.end
        assert bounds.start.tzinfo is UTC
        assert bounds.end.tzinfo is UTC


# Berlin: 29 March 2026 has 23 hours, 25 October 25. New York: 8 March and 1 November. Cairo skips a midnight.
@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [(BERLIN, "2026-03-29", 23), (BERLIN, "2026-10-25", 25), (NEW_YORK, "2026-03-08", 23), (NEW_YORK, "2026-11-01", 25),
     (CAIRO, "2026-04-24", 23), (CAIRO, "2026-10-29", 25)],
)  # fmt: skip
def test_a_day_of_23_or_25_hours_is_one_day(zone: ZoneInfo, day: str, hours: int) -> None:
    noon_after = to_utc(at(day) + timedelta(hours=36), zone)
    bounds = resolve_window("yesterday", noon_after, zone)
    assert bounds.end - bounds.start == timedelta(hours=hours)
    assert walls(bounds, zone)[0] == f"{day} 00:00"


@pytest.mark.parametrize(
    ("zone", "day", "starts"),
    [
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00"),
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00"),
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00"),
        ("America/Havana", "2026-03-08", "2026-03-08T05:00"),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00"),  # 00:00 comes twice
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00"),  # a day that was left out
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00"),
        ("America/St_Johns", "2010-11-07", "2010-11-07T03:30"),  # the clocks went back from 00:01 to 23:01
    ],
)
def test_a_day_begins_when_the_day_before_it_is_over(zone: str, day: str, starts: str) -> None:
    start = instant(starts)
    assert day_start(date.fromisoformat(day), ZoneInfo(zone)) == start
    assert to_utc(at(day), ZoneInfo(zone)) == start
    assert str(day_of(start - timedelta(seconds=1), ZoneInfo(zone))) < day


def test_seven_days_are_six_whole_ones_and_today_so_far_over_a_change_of_clocks_too() -> None:
    bounds = resolve_window("trailing_7d", instant("2026-03-31 10:00", BERLIN), BERLIN)
    assert walls(bounds, BERLIN) == ("2026-03-25 00:00", "2026-03-31 10:00")
    assert bounds.end - bounds.start == timedelta(days=6, hours=9)


def test_the_last_24_hours_are_24_hours_of_which_the_last_is_so_far() -> None:
    now = instant("2026-03-29 12:20", BERLIN)
    bounds = resolve_window("trailing_24h", now, BERLIN)
    assert len(list(buckets_between(bounds.start, bounds.end, "hour", BERLIN))) == 24
    assert walls(bounds, BERLIN) == ("2026-03-28 12:00", "2026-03-29 12:20")
    before = previous_bounds(bounds, "previous_period", BERLIN)
    assert (before.start, before.end) == (bounds.start - timedelta(hours=24), bounds.end - timedelta(hours=24))
    on_the_hour = resolve_window("trailing_24h", instant("2026-03-20 12:00", KOLKATA), KOLKATA)
    assert walls(on_the_hour, KOLKATA) == ("2026-03-19 12:00", "2026-03-20 12:00")


def test_a_wall_time_that_the_clocks_skip_is_the_moment_at_which_they_jump() -> None:
    assert walls(by_hand("2026-03-29 02:30", "2026-03-29 04:00", BERLIN), BERLIN) == ("2026-03-29 03:00", "2026-03-29 04:00")
    bounds = resolve_window("today", instant("2026-03-30 02:30", BERLIN), BERLIN)
    assert walls(previous_bounds(bounds, "previous_period", BERLIN), BERLIN) == ("2026-03-29 00:00", "2026-03-29 03:00")


def test_columns_of_wall_times_are_cut_where_no_row_is_lost_or_counted_twice() -> None:
    """02:30 is a time that some column holds, whether a clock has shown it or not; 02:30 twice it cannot hold."""
    spring, autumn = instant("2026-03-29 03:00", BERLIN), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert first_wall(spring, BERLIN) == at("2026-03-29 02:00")
    assert first_wall(spring + timedelta(minutes=1), BERLIN) == at("2026-03-29 03:01")
    assert first_wall(autumn - timedelta(hours=1), BERLIN) == at("2026-10-25 02:30")
    assert first_wall(autumn, BERLIN) == at("2026-10-25 03:00")
    assert first_wall(day_start(date(2026, 4, 24), CAIRO), CAIRO) == at("2026-04-24")


def test_a_tick_at_midnight_ends_the_day_that_was() -> None:
    midnight = instant("2026-03-01 00:00", BERLIN)
    assert walls(resolve_window("today", midnight, BERLIN), BERLIN) == ("2026-02-28 00:00", "2026-03-01 00:00")
    assert walls(resolve_window("trailing_7d", midnight, BERLIN), BERLIN) == ("2026-02-22 00:00", "2026-03-01 00:00")
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
        (CAIRO, "2026-04-23 23:30", 86_400),  # the midnight that follows is skipped
    ],
)
def test_a_tick_never_passes_the_end_of_the_day(zone: ZoneInfo, now: str, refresh_seconds: int) -> None:
    moment = instant(now, zone)
    tick = as_of_tick(moment, refresh_seconds, zone)
    midnight = to_utc(at(now[:10]) + timedelta(days=1), zone)
    assert moment < tick <= midnight
    assert walls(resolve_window("today", tick, zone), zone)[0] == f"{now[:10]} 00:00"
    assert to_wall(resolve_window("month_to_date", tick, zone).start, zone).month == at(now).month


# -- the window before ------------------------------------------------------------------------------

BEFORE = {
    "trailing_24h": ("2026-03-15 16:00", "2026-03-16 15:43"),
    "trailing_7d": ("2026-03-04 00:00", "2026-03-10 15:43"),
    "trailing_30d": ("2026-01-17 00:00", "2026-02-15 15:43"),
    "trailing_90d": ("2025-09-19 00:00", "2025-12-17 15:43"),
    "today": ("2026-03-16 00:00", "2026-03-16 15:43"),
    "yesterday": ("2026-03-15 00:00", "2026-03-16 00:00"),
    "week_to_date": ("2026-03-09 00:00", "2026-03-10 15:43"),
    "month_to_date": ("2026-02-01 00:00", "2026-02-17 15:43"),
    "quarter_to_date": ("2025-10-01 00:00", "2025-12-17 15:43"),
    "year_to_date": ("2025-01-01 00:00", "2025-03-17 15:43"),
    "previous_week": ("2026-03-02 00:00", "2026-03-09 00:00"),
    "previous_month": ("2026-01-01 00:00", "2026-02-01 00:00"),
    "previous_quarter": ("2025-07-01 00:00", "2025-10-01 00:00"),
    "previous_year": ("2024-01-01 00:00", "2025-01-01 00:00"),
}


@pytest.mark.parametrize("name", WINDOW_NAMES)
def test_a_window_is_compared_with_the_period_before_as_far_as_it_has_come(name: str) -> None:
    bounds = resolve_window(name, instant("2026-03-17 15:43", BERLIN), BERLIN)
    assert walls(previous_bounds(bounds, "previous_period", BERLIN), BERLIN) == BEFORE[name]


@pytest.mark.parametrize("name", WINDOW_NAMES)
def test_the_year_before_is_the_same_dates(name: str) -> None:
    bounds = resolve_window(name, instant("2026-03-17 15:43", BERLIN), BERLIN)
    year_before = tuple(f"{int(edge[:4]) - 1}{edge[4:]}" for edge in SEEN[name])
    assert walls(previous_bounds(bounds, "previous_year", BERLIN), BERLIN) == year_before


@pytest.mark.parametrize(
    ("name", "now", "before"),
    [
        ("year_to_date", "2028-06-30 23:59:59", ("2027-01-01 00:00", "2027-07-01 00:00")),
        ("year_to_date", "2029-06-30 23:59:59", ("2028-01-01 00:00", "2028-07-01 00:00")),
        ("quarter_to_date", "2028-03-31 23:59:59", ("2027-10-01 00:00", "2028-01-01 00:00")),
        ("quarter_to_date", "2028-06-30 23:59:59", ("2028-01-01 00:00", "2028-04-01 00:00")),
        ("month_to_date", "2026-03-31 12:00", ("2026-02-01 00:00", "2026-03-01 00:00")),
        ("month_to_date", "2026-02-28 23:59:59", ("2026-01-01 00:00", "2026-02-01 00:00")),
        ("year_to_date", "2028-02-29 12:00", ("2027-01-01 00:00", "2027-03-01 00:00")),
    ],
)
def test_windows_to_date_step_back_by_calendar_at_both_ends(name: str, now: str, before: tuple[str, str]) -> None:
    bounds = resolve_window(name, as_of_tick(instant(now), 60, ZULU), ZULU)
    assert walls(previous_bounds(bounds, "previous_period", ZULU), ZULU) == before
    if name == "year_to_date":
        assert walls(previous_bounds(bounds, "previous_year", ZULU), ZULU) == before


def test_a_window_by_hand_is_compared_with_its_own_length() -> None:
    before = previous_bounds(by_hand("2026-03-01 06:00", "2026-03-03 18:00"), "previous_period", ZULU)
    assert walls(before, ZULU) == ("2026-02-26 18:00", "2026-03-01 06:00")
    skipped = previous_bounds(by_hand("2026-04-24", "2026-04-25", CAIRO), "previous_period", CAIRO)
    assert walls(skipped, CAIRO) == ("2026-04-23 00:00", "2026-04-24 00:00")


def test_the_period_before_touches_a_start_in_the_doubled_hour() -> None:
    second_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 02:30 in Berlin for the second time
    bounds = Bounds(second_two, second_two + timedelta(hours=5), None)
    assert previous_bounds(bounds, "previous_period", BERLIN).end == bounds.start


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
    assert walls(previous_bounds(by_hand(start, end), "previous_year", ZULU), ZULU) == before


# -- the one rule, day by day, against a plain one of its own ---------------------------------------

STEPS = {
    "trailing_7d": (0, 7), "trailing_30d": (0, 30), "trailing_90d": (0, 90), "today": (0, 1), "yesterday": (0, 1),
    "week_to_date": (0, 7), "previous_week": (0, 7), "month_to_date": (1, 0), "previous_month": (1, 0),
    "quarter_to_date": (3, 0), "previous_quarter": (3, 0), "year_to_date": (12, 0), "previous_year": (12, 0),
}  # fmt: skip


def earlier_date(day: date, months: int, days: int) -> date | None:
    """The date so many months and days before; None where the calendar has none."""
    number = day.year * 12 + day.month - 1 - months
    if day.day > monthrange(number // 12, number % 12 + 1)[1]:
        return None
    return date(number // 12, number % 12 + 1, day.day) - timedelta(days=days)


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


@pytest.mark.cases(6)
@pytest.mark.parametrize("hour", [15, 24])
@pytest.mark.parametrize("name", STEPS)
def test_the_window_before_is_the_plain_rules_day_by_day_from_2023_to_2029(name: str, hour: int) -> None:
    """A window that ends at midnight ends with a whole day; else its last day is compared as far as it has come."""
    for today in days(date(2023, 1, 1), date(2029, 12, 31)):
        tick = instant(str(today)) + timedelta(hours=hour)
        bounds = resolve_window(name, tick, ZULU)
        before = previous_bounds(bounds, "previous_period", ZULU)
        for edge, found in ((bounds.start, before.start), (bounds.end, before.end)):
            expected = earlier_date(edge.date(), *STEPS[name])
            if expected is None:  # such as 30 February: February is over then
                last = edge.date()
                while (expected := earlier_date(last, *STEPS[name])) is None:
                    last -= timedelta(days=1)
                assert found == instant(str(expected)) + timedelta(days=1), (name, today)
            else:
                assert found == instant(str(expected)) + (edge - instant(str(edge.date()))), (name, today)
        assert before.end <= bounds.start


@pytest.mark.cases(3)
@pytest.mark.parametrize("name", STEPS)
def test_figure_and_line_compare_the_same_days_from_2023_to_2029(name: str) -> None:
    """Each day of the window before lies on one day of the current one, by the plain rule: none is lost, none outside."""
    for today in days(date(2023, 1, 1), date(2029, 12, 31)):
        bounds = resolve_window(name, instant(str(today)) + timedelta(hours=15), ZULU)
        before = previous_bounds(bounds, "previous_period", ZULU)
        step = step_before(bounds, "previous_period", ZULU)
        moved = days_moved(before, step, ZULU)
        months, lag = STEPS[name]
        for day in days(before.start.date(), (before.end - timedelta(seconds=1)).date()):
            by = next(by for until, by in moved if until is None or day < until)
            number = day.year * 12 + day.month - 1 + months
            last = monthrange(number // 12, number % 12 + 1)[1]
            expected = date(number // 12, number % 12 + 1, min(day.day, last)) + timedelta(days=lag)
            assert day + by == expected, (name, today, day)
            assert bounds.start.date() <= expected <= (bounds.end - timedelta(seconds=1)).date(), (name, today, day)


# -- buckets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grain", "start", "following"),
    [
        ("day", "2024-02-29", "2024-03-01"),
        ("week", "2024-02-26", "2024-03-04"),
        ("month", "2024-02-01", "2024-03-01"),
        ("quarter", "2024-01-01", "2024-04-01"),
        ("year", "2024-01-01", "2025-01-01"),
    ],
)
def test_a_bucket_of_days_begins_and_ends_by_calendar(grain: Grain, start: str, following: str) -> None:
    assert bucket_day(date(2024, 2, 29), grain) == date.fromisoformat(start)
    assert next_bucket(date.fromisoformat(start), grain) == date.fromisoformat(following)


@pytest.mark.parametrize(
    ("values", "grain", "absent"),
    [
        (["2026-01-01", "2026-04-01", None], "month", ["2026-02-01", "2026-03-01"]),
        (["2026-03-02", "2026-03-16"], "week", ["2026-03-09"]), (["2024-01-01", "2026-01-01"], "year", ["2025-01-01"]),
        (["2026-03-02T22:00:00", "2026-03-03T01:00:00"], "hour", ["2026-03-02T23:00:00", "2026-03-03T00:00:00"]),
        (["9999-10-01", "9999-12-01"], "month", ["9999-11-01"]), (["9999-01-01", "9999-12-02"], "year", []),
        (["2026-01-01", "10000-01-01"], "month", []), (["2026-01-01", "long ago"], "day", []), ([], "day", []),
    ],
)  # fmt: skip
def test_buckets_that_no_row_speaks_of_are_those_of_the_calendar(
    values: list[str | None], grain: Grain, absent: list[str]
) -> None:
    assert absent_buckets(values, grain) == absent


def test_a_week_begins_on_monday() -> None:
    assert bucket_day(date(2026, 3, 15), "week") == date(2026, 3, 9)
    assert bucket_day(date(2026, 3, 16), "week") == date(2026, 3, 16)


@pytest.mark.parametrize(
    ("zone", "start", "names"),
    [
        ("America/New_York", "2026-11-01T05:00", ["01:00:00-04:00", "01:00:00-05:00", "02:00:00-05:00"]),
        ("America/New_York", "2026-03-08T06:00", ["01:00:00-05:00", "03:00:00-04:00", "04:00:00-04:00"]),
        ("Asia/Kolkata", "2026-03-08T05:30", ["11:00:00+05:30", "12:00:00+05:30", "13:00:00+05:30"]),
        ("Australia/Lord_Howe", "2026-04-04T14:00", ["01:00:00+11:00", "01:00:00+10:30", "02:00:00+10:30"]),
        ("Australia/Lord_Howe", "2026-10-03T14:30", ["01:00:00+10:30", "02:00:00+11:00", "03:00:00+11:00"]),
        ("UTC", "2026-03-08T06:00", ["06:00:00+00:00", "07:00:00+00:00", "08:00:00+00:00"]),
    ],
)
def test_the_hour_that_comes_twice_is_two_and_the_skipped_one_is_none(zone: str, start: str, names: list[str]) -> None:
    found = buckets_between(instant(start), instant(start) + timedelta(hours=9), "hour", ZoneInfo(zone))
    assert [each.name[11:] for each in list(found)[:3]] == names


@pytest.mark.parametrize(
    ("name", "grain", "partial"),
    [
        ("trailing_30d", "day", {"2026-03-17": "so_far"}),
        ("trailing_30d", "week", {"2026-03-16": "so_far"}),
        ("trailing_30d", "month", {"2026-02-01": "cut", "2026-03-01": "so_far"}),
        ("trailing_90d", "quarter", {"2025-10-01": "cut", "2026-01-01": "so_far"}),
        ("trailing_24h", "hour", {"2026-03-17T15:00:00+01:00": "so_far"}),
        ("trailing_24h", "day", {"2026-03-16": "cut", "2026-03-17": "so_far"}),
        ("today", "week", {"2026-03-16": "cut"}),
        ("yesterday", "day", {}),
        ("yesterday", "month", {"2026-03-01": "cut"}),
        ("previous_month", "day", {}),
        ("previous_month", "week", {"2026-01-26": "cut", "2026-02-23": "cut"}),
        ("previous_quarter", "year", {"2025-01-01": "cut"}),
    ],
)
def test_buckets_that_are_cut_or_not_over_are_partial(name: str, grain: Grain, partial: dict[str, str]) -> None:
    as_of = instant("2026-03-17 15:43", BERLIN)
    bounds = resolve_window(name, as_of, BERLIN)
    found = partial_buckets(bounds.start, bounds.end, as_of, grain, BERLIN)
    assert {bucket.name: reason for bucket, reason in found} == partial


def test_what_has_not_begun_is_not_over() -> None:
    found = partial_buckets(instant("2026-03-16"), instant("2026-03-20"), instant("2026-03-17 15:43"), "day", ZULU)
    assert [(bucket.name, reason) for bucket, reason in found] == [
        ("2026-03-17", "so_far"), ("2026-03-18", "so_far"), ("2026-03-19", "so_far"),
    ]  # fmt: skip
    last = partial_buckets(instant("2026-03-16"), instant("2026-03-18"), instant("2026-03-18"), "day", ZULU)
    assert [bucket.name for bucket, _ in last] == ["2026-03-17"], "until the tick at midnight the day is not over"


@pytest.mark.parametrize(
    ("name", "compare", "moved"),
    [
        ("month_to_date", "previous_period", [28]),
        ("trailing_7d", "previous_period", [7]),
        ("trailing_7d", "previous_year", [365]),
        ("year_to_date", "previous_period", [365]),
        ("quarter_to_date", "previous_period", [92, 91, 90]),  # 29 and 30 November lie on 28 February
        ("previous_month", "previous_period", [31, 30, 29, 28]),  # 29, 30 and 31 January too
    ],
)
def test_days_of_the_window_before_are_moved_by(name: str, compare: Compare, moved: list[int]) -> None:
    bounds = resolve_window(name, instant("2026-03-17 15:43", BERLIN), BERLIN)
    before = previous_bounds(bounds, compare, BERLIN)
    assert [by.days for _, by in days_moved(before, step_before(bounds, compare, BERLIN), BERLIN)] == moved


def test_every_instant_lies_in_the_bucket_that_is_found_for_it() -> None:
    for zone in (NEW_YORK, CAIRO, ZoneInfo("Australia/Lord_Howe")):
        for minutes in range(0, 366 * 24 * 60, 1_001):
            moment = instant("2026-01-01") + timedelta(minutes=minutes)
            for grain in ("hour", "day", "week", "month"):
                found = bucket_at(moment, grain, zone)
                assert found.start <= moment < found.end


@pytest.mark.parametrize(
    ("zone", "window", "now", "last"),
    [
        ("America/Havana", "today", datetime(2026, 3, 9, 4, 30, tzinfo=UTC), date(2026, 3, 8)),
        ("America/Havana", "trailing_7d", datetime(2026, 3, 15, 4, 30, tzinfo=UTC), date(2026, 3, 8)),
        ("Africa/Cairo", "week_to_date", datetime(2026, 5, 1, 21, 30, tzinfo=UTC), None),
        ("Africa/Cairo", "today", datetime(2026, 4, 24, 21, 30, tzinfo=UTC), date(2026, 4, 24)),
        ("America/New_York", "today", datetime(2026, 3, 9, 6, 30, tzinfo=UTC), date(2026, 3, 8)),
        ("America/New_York", "today", datetime(2026, 3, 10, 6, 30, tzinfo=UTC), None),
        ("America/Havana", "yesterday", datetime(2026, 3, 10, 4, 30, tzinfo=UTC), None),
    ],
)
def test_the_window_before_holds_the_day_whose_skipped_hour_it_ends_in(
    zone: str, window: str, now: datetime, last: date | None
) -> None:
    bounds = resolve_window(window, now, ZoneInfo(zone))
    step = step_before(bounds, "previous_period", ZoneInfo(zone))
    found = previous_end_day(bounds, step, ZoneInfo(zone))
    assert found == (last and last + timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("last 0 days", "no window 'last 0 days'"),
        ("last 12", "no window 'last 12'"),
        ("last 601 months", "longer than 50 years"),
        ("next 2 whole weeks", "what is to come has whole weeks; write next 2 weeks"),
        ("last 3 hours", "no window 'last 3 hours'"),
        ("Last 3 days", "no window 'Last 3 days'"),
        ("last 3 days ago", "no window 'last 3 days ago'"),
        ("all", "no window 'all'"),
    ],
)
def test_what_is_no_window_says_what_to_write(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_window(text)


def test_a_window_by_number_has_one_name_and_agrees_with_the_named_ones() -> None:
    assert read_window("last 12 month") == read_window(" last 12 months") == "last 12 months"
    now = instant("2026-03-17 15:43", BERLIN)
    pairs = {
        "trailing_30d": "last 30 days", "month_to_date": "last 1 month", "year_to_date": "last 1 year",
        "yesterday": "last 1 whole day", "previous_quarter": "last 1 whole quarter", "previous_week": "last 1 whole week",
    }  # fmt: skip
    for named, numbered in pairs.items():
        one, other = (resolve_window(name, now, BERLIN) for name in (named, numbered))
        assert walls(one, BERLIN) == walls(other, BERLIN)
        assert previous_bounds(one, "previous_period", BERLIN) == previous_bounds(other, "previous_period", BERLIN)

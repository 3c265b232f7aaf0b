"""Windows at any moment in any zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from assay.catalog.buckets import Grain, bucket_at
from assay.catalog.windows import Bounds, Compare, as_of_tick, days_moved, previous_bounds, resolve_window, step_before
from assay.catalog.zones import day_of, day_start
from tests.property.strategies import COMPARES, GRAINS, MOMENTS, WINDOWS, ZONES, at_most

TO_DATE = st.sampled_from(["today", "week_to_date", "month_to_date", "quarter_to_date", "year_to_date"])
REFRESH = st.sampled_from([1, 30, 60, 300, 7 * 60, 3_600, 86_400]) | st.integers(1, 86_400)


def window(name: str, now: datetime, refresh_seconds: int, zone: ZoneInfo) -> Bounds:
    return resolve_window(name, as_of_tick(now, refresh_seconds, zone), zone)


@at_most(150)
@given(name=WINDOWS, now=MOMENTS, refresh=REFRESH, zone=ZONES.map(ZoneInfo))
def test_a_window_is_half_open_and_never_empty(name: str, now: datetime, refresh: int, zone: ZoneInfo) -> None:
    bounds = window(name, now, refresh, zone)
    assert bounds.start < bounds.end


@at_most(150)
@given(name=TO_DATE, now=MOMENTS, refresh=REFRESH, zone=ZONES.map(ZoneInfo))
def test_now_lies_inside_every_window_to_date(name: str, now: datetime, refresh: int, zone: ZoneInfo) -> None:
    bounds = window(name, now, refresh, zone)
    assert bounds.start <= now < bounds.end


@at_most(150)
@given(now=MOMENTS, refresh=REFRESH, zone=ZONES.map(ZoneInfo))
def test_a_whole_period_ends_where_the_current_one_begins(now: datetime, refresh: int, zone: ZoneInfo) -> None:
    for whole, current in [("yesterday", "today"), ("previous_week", "week_to_date"), ("previous_month", "month_to_date"),
                           ("previous_quarter", "quarter_to_date"), ("previous_year", "year_to_date")]:  # fmt: skip
        assert window(whole, now, refresh, zone).end == window(current, now, refresh, zone).start


@at_most(150)
@given(name=WINDOWS, now=MOMENTS, refresh=REFRESH, zone=ZONES.map(ZoneInfo))
def test_the_period_before_never_overlaps_the_current_one(name: str, now: datetime, refresh: int, zone: ZoneInfo) -> None:
    bounds = window(name, now, refresh, zone)
    before = previous_bounds(bounds, "previous_period", zone)
    assert before.start <= before.end <= bounds.start


@at_most(150)
@given(name=WINDOWS, now=MOMENTS, refresh=REFRESH, zone=ZONES.map(ZoneInfo), compare=COMPARES, data=st.data())
def test_a_day_of_the_period_before_lies_on_a_day_of_the_current_one(
    name: str, now: datetime, refresh: int, zone: ZoneInfo, compare: Compare, data: st.DataObject
) -> None:
    bounds = window(name, now, refresh, zone)
    before = previous_bounds(bounds, compare, zone)
    assume(before.start < before.end <= bounds.start)
    seconds = int((before.end - before.start).total_seconds())
    row = before.start + timedelta(seconds=data.draw(st.integers(0, max(seconds - 1, 0))))
    day = day_of(row, zone)
    by = next(
        by for until, by in days_moved(before, step_before(bounds, compare, zone), zone) if until is None or day < until
    )
    # A window of hours may begin within the hour before midnight that another day of the year does not have.
    slack = timedelta(days=1 if name == "trailing_24h" else 0)
    assert day_of(bounds.start, zone) - slack <= day + by <= day_of(bounds.end - timedelta(microseconds=1), zone)


@at_most(150)
@given(start=MOMENTS, length=st.timedeltas(timedelta(hours=1), timedelta(days=60)), zone=ZONES.map(ZoneInfo), grain=GRAINS)
def test_adjacent_buckets_tile_the_window(start: datetime, length: timedelta, zone: ZoneInfo, grain: Grain) -> None:
    at, names = start, list[str]()
    while at < start + length:
        bucket = bucket_at(at, grain, zone)
        assert bucket.start <= at < bucket.end
        assert bucket_at(bucket.start, grain, zone) == bucket
        assert bucket_at(bucket.end - timedelta(microseconds=1), grain, zone) == bucket
        names.append(bucket.name)
        at = bucket.end
    assert len(names) == len(set(names))


@at_most(150)
@given(moment=MOMENTS, zone=ZONES.map(ZoneInfo))
def test_days_tile_time(moment: datetime, zone: ZoneInfo) -> None:
    day = day_of(moment, zone)
    assert day_start(day, zone) <= moment < day_start(day + timedelta(days=1), zone)


@at_most(150)
@given(now=MOMENTS, refresh=REFRESH, zone=ZONES.map(ZoneInfo))
def test_a_tick_lasts_until_it_passes(now: datetime, refresh: int, zone: ZoneInfo) -> None:
    tick = as_of_tick(now, refresh, zone)
    assert now < tick <= now + timedelta(seconds=refresh + 1)
    assert as_of_tick(tick - timedelta(microseconds=1), refresh, zone) == tick
    assert as_of_tick(tick, refresh, zone) > tick

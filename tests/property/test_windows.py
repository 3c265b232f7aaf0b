"""Windows at any moment in any zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from assay.catalog.windows import (
    Bounds,
    Compare,
    Grain,
    as_of_tick,
    bucket_shift,
    bucket_start,
    next_bucket,
    previous_bounds,
    resolve_window,
    to_utc,
    to_wall,
)
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
@given(name=WINDOWS, now=MOMENTS, refresh=REFRESH, zone=ZONES.map(ZoneInfo), grain=st.none() | GRAINS)
def test_the_period_before_never_overlaps_the_current_one(
    name: str, now: datetime, refresh: int, zone: ZoneInfo, grain: Grain | None
) -> None:
    bounds = window(name, now, refresh, zone)
    before = previous_bounds(bounds, "previous_period", grain, zone)
    assert before.start < before.end <= bounds.start


@at_most(150)
@given(name=WINDOWS, now=MOMENTS, refresh=REFRESH, zone=ZONES.map(ZoneInfo), compare=COMPARES, grain=GRAINS, data=st.data())
def test_a_row_of_the_period_before_falls_into_a_bucket_of_the_current_one(
    name: str, now: datetime, refresh: int, zone: ZoneInfo, compare: Compare, grain: Grain, data: st.DataObject
) -> None:
    bounds = window(name, now, refresh, zone)
    before = previous_bounds(bounds, compare, grain, zone)
    assume(before.end <= bounds.start)
    seconds = int((before.end - before.start).total_seconds())
    row = before.start + timedelta(seconds=data.draw(st.integers(0, seconds - 1)))
    moved = _moved(to_wall(row, zone), *bucket_shift(bounds, before, compare, grain, zone))
    start, end = to_wall(bounds.start, zone), to_wall(bounds.end, zone)
    # An hour of tolerance: where the clocks change in one window and not in the other, hours have no counterpart.
    first, last = bucket_start(start - timedelta(hours=1), grain), end + timedelta(hours=1)
    assert first <= bucket_start(moved, grain) < last


def _moved(wall: datetime, amount: int, unit: str) -> datetime:
    if unit != "MONTH":
        return wall + timedelta(days=amount if unit == "DAY" else 0, seconds=amount if unit == "SECOND" else 0)
    month = wall.year * 12 + wall.month - 1 + amount
    first = datetime(month // 12, month % 12 + 1, 1)
    last = next_bucket(first, "month") - timedelta(days=1)
    return wall.replace(year=first.year, month=first.month, day=min(wall.day, last.day))


@at_most(150)
@given(start=MOMENTS, length=st.timedeltas(timedelta(hours=1), timedelta(days=60)), zone=ZONES.map(ZoneInfo), grain=GRAINS)
def test_adjacent_buckets_tile_the_window(start: datetime, length: timedelta, zone: ZoneInfo, grain: Grain) -> None:
    first, last = to_wall(start, zone), to_wall(start + length, zone)
    at = bucket_start(first, grain)
    assert at <= first
    while at < last:
        following = next_bucket(at, grain)
        assert following > at
        assert bucket_start(following, grain) == following
        assert bucket_start(following - timedelta(microseconds=1), grain) == at
        assert to_utc(at, zone) <= to_utc(following, zone)
        at = following


@at_most(150)
@given(now=MOMENTS, refresh=REFRESH, zone=ZONES.map(ZoneInfo))
def test_a_tick_lasts_until_it_passes(now: datetime, refresh: int, zone: ZoneInfo) -> None:
    tick = as_of_tick(now, refresh, zone)
    assert now < tick <= now + timedelta(seconds=refresh + 1)
    assert as_of_tick(tick - timedelta(microseconds=1), refresh, zone) == tick
    assert as_of_tick(tick, refresh, zone) > tick

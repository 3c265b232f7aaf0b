"""No alarm by a day that is half loaded, an engine that is away, a change of clocks, or a period that has hardly begun.

Each test shows beside it what the same alert says once it may.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.alerts.stand import Stand
from tests.conftest import ANCHOR
from tests.receivers import Receiver

ZONE = ZoneInfo("America/New_York")


def at(text: str) -> datetime:
    """On the wall clock of the stand."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


async def test_a_day_that_is_half_loaded_is_not_low(stand: Stand) -> None:
    stand.house.clock[0] = at("2026-03-17T00:05")
    for day in ("2026-03-14", "2026-03-15"):
        await stand.sell(at(f"{day}T12:00"), 10)
    await stand.sell(at("2026-03-16T09:00"), 4)
    await stand.watch("id: a, question: {metrics: [sales], grain: day, window: trailing_7d}, when: {below: 5}, tell: [ops]")
    look = await stand.look()
    assert look.unknown == "its data are late: they have come to 2026-03-16 13:00 UTC"
    await stand.sell(at("2026-03-16T20:00"), 7)
    await stand.sell(at("2026-03-17T00:06"))
    look = await stand.check_at(at("2026-03-17T00:10"))
    assert (look.unknown, look.value, await stand.fired()) == (None, 11, [])
    # A day that is over, and that the data have got past, is low when it is.
    await stand.sell(at("2026-03-18T00:01"))
    look = await stand.check_at(at("2026-03-18T00:10"))
    assert (look.value, await stand.fired()) == (1, [[]])


@pytest.mark.exhaustive
async def test_a_figure_so_far_waits_for_late_data(stand: Stand) -> None:
    for day in range(1, 28):
        await stand.sell(at(f"2026-02-{day:02}T12:00"), 10)
    for day in range(1, 10):
        await stand.sell(at(f"2026-03-{day:02}T12:00"), 10)
    await stand.watch("id: a, question: {metrics: [revenue]}, when: {change: previous_period, below: -10%}, tell: [ops]")
    assert (await stand.check_at(at("2026-03-09T18:00"))).unknown is None
    look = await stand.check_at(at("2026-03-12T18:00"))
    assert look.unknown == "its data are late: they have come to 2026-03-09 16:00 UTC"
    assert not await stand.fired()
    await stand.sell(at("2026-03-12T18:00"))
    look = await stand.check_at(at("2026-03-12T18:30"))
    assert (look.unknown, await stand.fired()) == (None, [[]]), "three days are missing from the middle, which is a fall"


@pytest.mark.exhaustive
async def test_the_first_minute_of_a_month_is_no_fall(stand: Stand) -> None:
    for day in range(1, 31):
        await stand.sell(at(f"2026-03-{day:02}T00:00"), 10)
    await stand.sell(at("2026-03-31T23:59"))
    await stand.sell(at("2026-04-01T00:00:30"))
    await stand.watch("id: a, question: {metrics: [revenue]}, when: {change: previous_period, below: -10%}, tell: [ops]")
    for moment in ("2026-04-01T00:01", "2026-04-01T12:00", "2026-04-03T12:00"):
        look = await stand.check_at(at(moment))
        assert look.unknown == "its period has hardly begun: less than a tenth of it is over"
    assert not await stand.fired()
    await stand.sell(at("2026-04-04T12:00"))
    look = await stand.check_at(at("2026-04-04T12:05"))
    assert (look.unknown, look.value, await stand.fired()) == (None, "20.00", [[]])


@pytest.mark.exhaustive
async def test_an_engine_that_is_away_says_nothing_and_does_not_say_that_it_is_over(stand: Stand, hook: Receiver) -> None:
    await stand.watch("id: a, question: {metrics: [lake_sales]}, when: {above: 40}, tell: [ops]")
    assert (await stand.look()).value == 50
    await stand.delivered(1)
    away = stand.lake.with_suffix(".away")
    stand.lake.rename(away)
    try:
        look = await stand.later(minutes=5)
        assert look.unknown
        assert await stand.fired() == [[]], "it has neither recovered nor fired anew"
    finally:
        away.rename(stand.lake)
    look = await stand.later(minutes=5)
    assert (look.value, await stand.fired(), len(hook.posts)) == (50, [[]], 1)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("spring", "hours"), [("2026-03-08", 23), ("2026-11-01", 25)])
async def test_clocks_that_change_leave_no_hour_without_rows(stand: Stand, spring: str, hours: int) -> None:
    moment, end = at(f"{spring}T00:00"), at(f"{spring}T00:00") + timedelta(hours=hours)
    while moment <= end:
        await stand.sell(moment)
        moment += timedelta(hours=1)
    alert = "question: {metrics: [sales], grain: hour, window: trailing_24h}, tell: [ops]"
    await stand.watch(f"id: a, when: {{missing: true}}, {alert}", f"id: b, when: {{below: 1}}, {alert}",
                      f"id: c, when: {{above: 1}}, {alert}")  # fmt: skip
    moment = at(f"{spring}T01:00")
    while moment < end:
        for name in "abc":
            look = await stand.check_at(moment, name)
            assert (look.unknown, look.value) == (None, 1), (name, moment)
        moment += timedelta(minutes=30)
    assert not await stand.fired()
    # And an hour that has none is found.
    look = await stand.check_at(end + timedelta(hours=2), "a")
    assert (look.value, await stand.fired()) == (0, [[]])


@pytest.mark.exhaustive
async def test_what_is_usual_goes_by_weekday_and_needs_six_weeks(stand: Stand) -> None:
    monday = at("2026-03-16T12:00")
    for week in range(1, 9):
        for day in range(7):
            # Mondays are ten times as busy as other days.
            await stand.sell(monday - timedelta(weeks=week) + timedelta(days=day), (100 if day == 0 else 10) + week % 3)
    await stand.sell(monday, 100)
    await stand.sell(at("2026-03-17T00:30"))
    await stand.watch("id: a, question: {metrics: [sales], grain: day}, when: {outside: {usual: 3}}, tell: [ops]")
    look = await stand.look()
    assert (look.unknown, look.value, await stand.fired()) == (None, 100, [])
    await stand.sell(at("2026-03-17T13:00"), 99)
    await stand.sell(at("2026-03-18T00:30"))
    look = await stand.check_at(at("2026-03-18T01:00"))
    assert (look.value, await stand.fired()) == (100, [[]]), "a hundred is usual of a Monday, and not of a Tuesday"
    await stand.connection.execute("DELETE FROM shop.sale WHERE sold_at < $1", ANCHOR - timedelta(weeks=4))
    look = await stand.check_at(at("2026-03-18T01:10"))
    assert look.unknown == "what is usual is known after 6 weeks, and there are 4"

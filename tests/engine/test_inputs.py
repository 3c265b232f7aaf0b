"""Inputs of an expression: a metric that looks back, or over some of its rows only, on every engine."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.engine.pins import Pins, Record

from assay.errors import BadQuestion

DAY = {"measure": "SUM(items)", "time": "day", "dimensions": ["label"]}
AT = {**DAY, "time": "at"}
MARCH = {"start": "2026-03-01", "end": "2026-04-01"}


def on(day: str, items: int, **more: object) -> Record:
    return {"day": date.fromisoformat(day), "at": datetime.fromisoformat(f"{day}T12:00:00+00:00"), "items": items, **more}


def back(shift: str, **more: object) -> dict[str, Any]:
    """`now` less `then`, which lies so far back."""
    return {
        "expression": "now - earlier",
        "inputs": {"now": {"metric": "m"}, "earlier": {"metric": "m", "shift": shift, **more}},
    }


async def test_an_input_looks_back_by_days(pins: Pins) -> None:
    await pins.fill(fact=[on("2026-03-02", 1), on("2026-03-03", 10), on("2026-03-16", 100), on("2026-03-17", 1000)])
    asked = {"window": {"start": "2026-03-16", "end": "2026-03-18"}}
    for metric in (DAY, AT):
        assert await pins.rows({"g": back("14 days"), "m": metric}, **asked) == [[1100 - 11, 1100]]
        by_day = await pins.rows({"g": back("2 weeks"), "m": metric}, grain="day", **asked)
        assert by_day == [["2026-03-16", 99, 100], ["2026-03-17", 990, 1000]]
        lone = {"then": {"expression": "a", "inputs": {"a": {"metric": "m", "shift": "14 days"}}}, "m": metric}
        assert await pins.rows(lone, grain="day", **asked) == [["2026-03-16", 1, 100], ["2026-03-17", 10, 1000]]


async def test_the_days_of_a_longer_month_lie_on_the_last_one_of_a_shorter(pins: Pins) -> None:
    """Every row of the earlier month counts, once: on 28 February stand 28 to 31 January."""
    january = [on(f"2026-01-{day}", 2**number) for number, day in enumerate((27, 28, 29, 30, 31))]
    await pins.fill(fact=[*january, on("2026-02-27", 100), on("2026-02-28", 200)])
    asked = {"window": {"start": "2026-02-01", "end": "2026-03-01"}}
    for metric in (DAY, AT):
        assert await pins.rows({"g": back("1 month"), "m": metric}, **asked) == [[300 - 31, 300]]
        by_day = await pins.rows({"g": back("1 month"), "m": metric}, grain="day", **asked)
        assert by_day == [["2026-02-27", 99, 100], ["2026-02-28", 200 - 30, 200]]
        assert await pins.rows({"g": back("1 month"), "m": metric}, grain="month", **asked) == [["2026-02-01", 269, 300]]


async def test_what_a_shorter_month_lacks_lies_on_the_first_day_of_the_window(pins: Pins) -> None:
    await pins.fill(fact=[on("2026-02-28", 1), on("2026-03-01", 10), on("2026-03-31", 100), on("2026-04-01", 1000)])
    asked = {"window": {"start": "2026-03-31", "end": "2026-04-02"}}
    assert await pins.rows({"g": back("1 month"), "m": DAY}, **asked) == [[1100 - 11, 1100]]
    by_day = await pins.rows({"g": back("1 month"), "m": AT}, grain="day", **asked)
    assert by_day == [["2026-03-31", 99, 100], ["2026-04-01", 990, 1000]]


async def test_what_looks_back_is_compared_as_well(pins: Pins) -> None:
    """The window before looks back just as far; it may reach into the window that the current one looks back to."""
    await pins.fill(fact=[on(f"2026-03-{day:02}", 2 ** (day - 1)) for day in range(1, 16)])
    asked = {"window": {"start": "2026-03-13", "end": "2026-03-16"}, "compare": "previous_period"}
    now, before = (2**12 + 2**13 + 2**14), (2**9 + 2**10 + 2**11)
    then, before_then = (2**10 + 2**11 + 2**12), (2**7 + 2**8 + 2**9)
    for metric in (DAY, AT):
        assert await pins.rows({"g": back("2 days"), "m": metric}, **asked) == [
            [now - then, now, before - before_then, before]
        ]
        first, *_ = await pins.rows({"g": back("2 days"), "m": metric}, grain="day", **asked)
        assert first == ["2026-03-13", 2**12 - 2**10, 2**12, 2**9 - 2**7, 2**9]


async def test_an_input_has_a_filter_of_its_own(pins: Pins) -> None:
    await pins.fill(fact=[on("2026-03-02", 1, label="a"), on("2026-03-02", 2, label="b"), on("2026-03-03", 4)])
    metric = {**DAY, "filter": "items < 4"}
    share = {"expression": "part / m", "inputs": {"part": {"metric": "m", "filter": "label = 'a'"}}}
    assert await pins.rows({"s": share, "m": metric}, window=MARCH) == [[1 / 3, 3]]
    assert await pins.rows({"s": share, "m": metric}, window=MARCH, dimensions=["label"]) == [["a", 1.0, 1], ["b", 0.0, 2]]
    both = back("1 month", filter="label <> 'a'")
    assert await pins.rows({"g": both, "m": DAY}, window={"start": "2026-04-01", "end": "2026-05-01"}) == [[-2, 0]]


async def test_a_count_at_an_instant_looks_back_too(pins: Pins) -> None:
    now = datetime(2026, 3, 31, 9, tzinfo=UTC)
    begun = datetime(2026, 2, 1, tzinfo=UTC)
    await pins.fill(
        fact=[
            {"at": begun, "wall": None},
            {"at": begun, "wall": datetime(2026, 2, 28, 9)},
            {"at": begun, "wall": datetime(2026, 3, 10)},
            {"at": datetime(2026, 2, 28, 10, tzinfo=UTC)},
        ]
    )
    there = {"measure": "COUNT(*)", "alive": {"from": "at", "until": "wall"}}
    rows = await pins.rows({"g": back("1 month"), "m": there}, now=now, zone="UTC")
    assert rows == [[2 - 2, 2]]  # on 28 February at 9:00:01
    rows = await pins.rows({"g": back("1 month"), "m": there}, now=now, zone="UTC", compare="previous_period")
    assert rows == [[0, 2, 2 - 3, 2]]  # a week before: 24 March beside 24 February


async def test_shifts_of_shifts_add_up(pins: Pins) -> None:
    await pins.fill(fact=[on("2026-01-31", 1), on("2026-02-14", 2), on("2026-03-31", 4)])
    one = {"expression": "a", "inputs": {"a": {"metric": "m", "shift": "1 month"}}}
    two = {"expression": "b", "inputs": {"b": {"metric": "one", "shift": "2 weeks"}}}
    asked = {"window": {"start": "2026-03-28", "end": "2026-04-01"}}
    # Two weeks before 28 to 31 March, and from there a month: 14 to 17 February.
    assert await pins.rows({"two": two, "one": one, "m": DAY}, **asked) == [[2, 0, 4]]
    assert await pins.rows({"two": two, "m": DAY, "one": one}, grain="day", **asked) == [
        ["2026-03-28", 2, 0, 0], ["2026-03-31", 0, 4, 0],
    ]  # fmt: skip


async def test_hours_look_back_on_the_wall_clock(pins: Pins) -> None:
    """On 29 March 2026 the clocks of Berlin jump: 9:00 of the day before is 9:00, not 10:00."""
    await pins.fill(
        fact=[
            {"at": datetime(2026, 3, 28, 8, tzinfo=UTC), "items": 5},
            {"at": datetime(2026, 3, 29, 7, tzinfo=UTC), "items": 7},
        ]
    )
    asked = {"window": {"start": "2026-03-29", "end": "2026-03-30"}, "grain": "hour"}
    assert await pins.rows({"g": back("1 day"), "m": AT}, **asked) == [["2026-03-29T09:00:00+02:00", 2, 7]]
    with pytest.raises(BadQuestion, match="cannot be laid beside what lies 1 day earlier"):
        await pins.rows({"g": back("1 day"), "m": AT}, window="trailing_24h", grain="hour", compare="previous_period")

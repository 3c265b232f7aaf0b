"""Weeks and periods of a workspace's own calendar, on every engine, against values counted by hand."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from tests.engine.pins import Pins, on

from assay.errors import BadQuestion

SUM = {"measure": "SUM(big)", "time": "day", "dimensions": ["label"]}
RETAIL = "{week_starts: sunday, fiscal_year: {weeks: 4-4-5, ends: last saturday of january, named_by: end}}"
"""FY26 begins on Sunday, 26 January 2025; its periods begin after 4, 4 and 5 weeks."""
MONTHS = "{fiscal_year: {starts: april, named_by: start}}"


@pytest.fixture
def retail(pins: Pins) -> Iterator[Pins]:
    pins.calendar = RETAIL
    yield pins
    pins.calendar = ""


def every_time(metric: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**metric, "time": time} for time in ("day", "at", "wall")]


def at(day: str, amount: int, label: str = "a") -> dict[str, object]:
    found = on(day, 1, amount, label)
    return {**found, "big": amount, "wall": found["at"].replace(tzinfo=None)}  # pyright: ignore[reportAttributeAccessIssue]


async def test_rows_lie_in_the_periods_of_the_calendar(retail: Pins) -> None:
    """P01 of FY26 is 26 January to 22 February 2025, P02 to 22 March, P03 to 26 April."""
    rows = [at("2025-01-25", 1), at("2025-01-26", 2), at("2025-02-22", 4), at("2025-02-23", 8, "b"), at("2025-03-22", 16),
            at("2025-03-23", 32), at("2025-04-26", 64), at("2025-04-27", 128)]  # fmt: skip
    await retail.fill(fact=rows)
    window = {"start": "2025-01-26", "end": "2025-04-27"}
    by_period = [["2025-01-26", 6], ["2025-02-23", 24], ["2025-03-23", 96]]
    for metric in every_time(SUM):
        assert await retail.rows({"m": metric}, window=window, grain="fiscal_period") == by_period
        assert await retail.rows({"m": metric}, window=window, grain="fiscal_quarter") == [["2025-01-26", 126]]
        by_label = await retail.rows({"m": metric}, window=window, grain="fiscal_period", dimensions=["label"])
        assert by_label == [["2025-01-26", "a", 6], ["2025-02-23", "a", 16], ["2025-02-23", "b", 8], ["2025-03-23", "a", 96]]
    # Distinct values and medians do not follow from days.
    for measure, right in (("COUNT(DISTINCT label)", [1, 2, 1]), ("MEDIAN(big)", [3, 12, 48])):
        found = await retail.rows({"m": {**SUM, "measure": measure}}, window=window, grain="fiscal_period")
        assert [row[1] for row in found] == right


async def test_a_time_divides_by_its_bucket_in_any_grain(retail: Pins) -> None:
    """P01 of FY26 is 26 January to 22 February 2025, P02 to 22 March. Weeks are from Sunday."""
    rows = [at("2025-01-26", 1), at("2025-02-22", 2), at("2025-02-23", 4, "b"), at("2025-03-22", 8), at("2025-04-27", 16)]
    await retail.fill(fact=rows)
    whole = {"start": "2025-01-01", "end": "2026-01-01"}
    metric = {**SUM, "time": "at", "dimensions": ["label", "day", "wall"]}
    for dimension, right in (
        ("day:fiscal_period", [["2025-01-26", 3], ["2025-02-23", 12], ["2025-04-27", 16]]),
        ("wall:fiscal_quarter", [["2025-01-26", 15], ["2025-04-27", 16]]),
        ("day:week", [["2025-01-26", 1], ["2025-02-16", 2], ["2025-02-23", 4], ["2025-03-16", 8], ["2025-04-27", 16]]),
        ("wall:month", [["2025-01-01", 1], ["2025-02-01", 6], ["2025-03-01", 8], ["2025-04-01", 16]]),
        ("time:fiscal_quarter", [["2025-01-26", 15], ["2025-04-27", 16]]),
    ):
        order = [{"by": dimension, "descending": False}]
        assert await retail.rows({"m": metric}, window=whole, dimensions=[dimension], order=order) == right
    filters = [{"dimension": "day:fiscal_period", "op": "gte", "values": ["2025-02-23"]}]
    by_label = [["a", 24], ["b", 4]]
    assert await retail.rows({"m": metric}, window=whole, dimensions=["label"], filters=filters) == by_label
    for dimension, why in (("at:month", "no dimension 'at:month'"), ("label:month", "label is no time"),
                           ("day:hour", "not to the hour"), ("day:season", "there is no grain 'season'")):  # fmt: skip
        with pytest.raises(BadQuestion, match=why):
            await retail.rows({"m": metric}, window=whole, dimensions=[dimension])


async def test_an_input_looks_back_by_periods(retail: Pins) -> None:
    """P03 of FY26 is 23 March to 26 April 2025 and has 35 days, P04 to 24 May has 28: what it lacks lies on its last."""
    await retail.fill(fact=[at("2025-03-22", 32), at("2025-03-23", 1), at("2025-04-19", 2), at("2025-04-20", 4),
                            at("2025-04-26", 8), at("2025-04-27", 16)])  # fmt: skip
    asked = {"names": ("then",), "window": {"start": "2025-04-27", "end": "2025-05-25"}}
    then = {"expression": "a", "inputs": {"a": {"metric": "m", "shift": "1 fiscal_period"}}}
    for metric in every_time(SUM):
        metrics = {"m": metric, "then": then}
        assert await retail.rows(metrics, **asked) == [[15]]
        assert await retail.rows(metrics, **asked, grain="day") == [["2025-04-27", 1], ["2025-05-24", 14]]


@pytest.mark.exhaustive
async def test_what_looks_back_by_periods_is_compared_framed_and_cut(retail: Pins) -> None:
    """P02 of FY26 is 23 February to 22 March 2025, P03 to 26 April, P04 to 24 May."""
    await retail.fill(fact=[at("2025-02-23", 1), at("2025-03-22", 2), at("2025-03-24", 4), at("2025-04-26", 8, "b")])
    window = {"start": "2025-04-27", "end": "2025-05-25"}
    two = {"expression": "a", "inputs": {"a": {"metric": "m", "shift": "2 fiscal periods"}}}
    one = {"expression": "a", "inputs": {"a": {"metric": "m", "shift": "1 fiscal_period"}}}
    for metric in every_time(SUM):
        metrics = {"m": metric, "one": one, "two": two}
        by_period = {"window": window, "grain": "fiscal_period"}
        assert await retail.rows(metrics, names=("one", "two"), **by_period) == [["2025-04-27", 12, 3]]
        before = await retail.rows(metrics, names=("one",), **by_period, compare="previous_period")
        assert before == [["2025-04-27", 12, 3]]
        by_label = await retail.rows(metrics, names=("one",), window=window, dimensions=["label", "time:month"],
                                     order=[{"by": "label", "descending": False}])  # fmt: skip
        assert by_label == [["a", "2025-04-01", 4], ["b", "2025-05-01", 8]]
        running = {**metrics, "m": {**metric, "over": {"since_start_of": "fiscal_period"}}}
        # On 28 April the frame is that of 24 March; the end of 24 May is that of its period, and so is what lies before it.
        (first, *_, last) = await retail.rows(running, names=("one",), window=window, grain="day")
        assert [first, last] == [["2025-04-28", 4], ["2025-05-24", 12]]
    at_once = {"m": {"measure": "COUNT(*)", "alive": {"from": "day", "until": "at"}}, "one": one}
    with pytest.raises(AssertionError, match="by days or months, and not by fiscal period"):
        await retail.rows(at_once, names=("one",))


@pytest.mark.exhaustive
async def test_a_time_in_a_grain_holds_beside_what_is_kept_shifted_and_framed(retail: Pins) -> None:
    await retail.fill(fact=[{**at("2025-01-27", 1), "items": 1}, {**at("2025-02-20", 2), "items": 1},
                            {**at("2025-02-25", 4), "items": 2}, {**at("2025-03-24", 8), "items": 2}])  # fmt: skip
    window = {"start": "2025-01-01", "end": "2025-05-01"}
    of_day = {**SUM, "dimensions": ["label", "wall", "items"]}
    kept = {**of_day, "keep": {"newest": "day", "for_each": ["items"]}}
    by_period = {"window": window, "dimensions": ["wall:fiscal_period"]}
    order = [{"by": "wall:fiscal_period", "descending": False}]
    assert await retail.rows({"m": kept}, **by_period, order=order) == [["2025-01-26", 2], ["2025-03-23", 8]]
    metrics = {
        "own": of_day,
        "later": {"expression": "earlier", "inputs": {"earlier": {"metric": "own", "shift": "7 days"}}},
    }
    # On the day on which they count: 3 and 27 February, 4 and 31 March.
    found = await retail.rows(metrics, names=("later",), window=window, dimensions=["time:fiscal_period"],
                              order=[{"by": "time:fiscal_period", "descending": False}])  # fmt: skip
    assert found == [["2025-01-26", 1], ["2025-02-23", 6], ["2025-03-23", 8]]
    running = {**of_day, "over": "all"}
    found = await retail.rows({"m": running}, **by_period, order=order)
    assert found == [["2025-01-26", 3], ["2025-02-23", 4], ["2025-03-23", 8]]
    with pytest.raises(BadQuestion, match="looks further than its rows' own time"):
        await retail.rows({"m": running}, window=window, dimensions=["time:month"])
    with pytest.raises(BadQuestion, match="none of its rows is of one fiscal period"):
        await retail.rows({"m": running}, window=window, grain="month",
                          filters=[{"dimension": "time:fiscal_period", "op": "eq", "values": ["2025-01-26"]}])  # fmt: skip


@pytest.mark.exhaustive
async def test_a_frame_ends_where_buckets_of_both_grains_end(retail: Pins) -> None:
    """February has days of two fiscal periods, and a running total a value at the end of each."""
    await retail.fill(fact=[at("2025-02-03", 1), at("2025-02-22", 2), at("2025-02-23", 4), at("2025-03-10", 8)])
    window = {"start": "2025-02-01", "end": "2025-04-01"}
    for metric in every_time({**SUM, "over": {"since_start_of": "month"}}):
        found = await retail.rows({"m": metric}, window=window, grain="month", dimensions=["time:fiscal_period"])
        assert found == [
            ["2025-02-01", "2025-01-26", 3], ["2025-02-01", "2025-02-23", 7],
            ["2025-03-01", "2025-02-23", 8], ["2025-03-01", "2025-03-23", 8],
        ]  # fmt: skip
        found = await retail.rows({"m": metric}, window=window, grain="fiscal_period", dimensions=["time:month"])
        assert found == [
            ["2025-01-26", "2025-02-01", 3], ["2025-02-23", "2025-02-01", 7], ["2025-02-23", "2025-03-01", 8],
            ["2025-03-23", "2025-03-01", 8],
        ]  # fmt: skip


@pytest.mark.exhaustive
async def test_a_day_that_no_period_has_is_of_none(pins: Pins) -> None:
    folder = pins.root / "calendars"
    folder.mkdir()
    (folder / "season.csv").write_text("period,first_day,last_day\nlow,2024-12-30,2025-01-02\nhigh,2025-01-03,2025-01-03\n")
    try:
        await pins.fill(fact=[at("2024-12-29", 1), at("2024-12-30", 2), at("2025-01-02", 4), at("2025-01-03", 8),
                              at("2025-01-04", 16)])  # fmt: skip
        window = {"start": "2024-01-01", "end": "2026-01-01"}
        metric = {**SUM, "time": "at", "dimensions": ["day"]}
        found = await pins.rows({"m": metric}, window=window, dimensions=["day:season"],
                                order=[{"by": "day:season", "descending": False}])  # fmt: skip
        assert found == [["2024-12-30", 6], ["2025-01-03", 8], [None, 17]]
    finally:
        (folder / "season.csv").unlink()
        folder.rmdir()


@pytest.mark.exhaustive
async def test_every_day_lies_in_its_week(retail: Pins) -> None:
    """A row for each day of two years, each with its own amount: what a week holds is told by Python's calendar."""
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(730)]
    await retail.fill(fact=[at(str(day), number) for number, day in enumerate(days, 1)])
    sundays: dict[str, int] = {}
    for number, day in enumerate(days, 1):
        sunday = day - timedelta(days=day.isoweekday() % 7)
        sundays[str(sunday)] = sundays.get(str(sunday), 0) + number
    window = {"start": "2025-01-01", "end": "2027-01-01"}
    for metric in every_time(SUM):
        assert dict(await retail.rows({"m": metric}, window=window, grain="week")) == sundays


@pytest.mark.exhaustive
async def test_what_comes_before_a_period_is_the_period_before(retail: Pins) -> None:
    """P03 has five weeks, P02 four: each day of P02 lies on the same day of P03, and P04 on P01 a quarter later."""
    await retail.fill(fact=[at("2025-01-26", 1), at("2025-02-23", 2), at("2025-03-22", 4), at("2025-03-23", 8),
                            at("2025-04-26", 16), at("2025-04-27", 32), at("2025-07-26", 64)])  # fmt: skip
    for metric in every_time(SUM):
        third = {"start": "2025-03-23", "end": "2025-04-27"}
        found = await retail.rows({"m": metric}, window=third, grain="fiscal_period", compare="previous_period")
        assert found == [["2025-03-23", 24, 6]]
        second = {"start": "2025-04-27", "end": "2025-07-27"}
        found = await retail.rows({"m": metric}, window=second, grain="fiscal_period", compare="previous_period")
        assert found == [["2025-04-27", 32, 1], ["2025-05-25", 0, 6], ["2025-06-22", 64, 24]]
        found = await retail.rows({"m": metric}, window=second, grain="fiscal_quarter", compare="previous_period")
        assert found == [["2025-04-27", 96, 31]]


@pytest.mark.exhaustive
async def test_a_year_before_is_a_fiscal_year_before(retail: Pins) -> None:
    """FY24 ended on Saturday, 27 January 2024, FY25 on 25 January 2025, FY26 on 31 January 2026: it has 53 weeks."""
    await retail.fill(fact=[at("2024-01-28", 1), at("2025-01-25", 2), at("2025-01-26", 4), at("2026-01-31", 8)])
    for metric in every_time(SUM):
        window = {"start": "2025-01-26", "end": "2026-02-01"}
        found = await retail.rows({"m": metric}, window=window, grain="fiscal_year", compare="previous_year")
        assert found == [["2025-01-26", 12, 3]]
        found = await retail.rows({"m": metric}, window=window, grain="fiscal_period", compare="previous_year")
        assert found == [["2025-01-26", 4, 1], ["2025-12-21", 8, 2]]


@pytest.mark.exhaustive
async def test_frames_begin_with_periods(retail: Pins) -> None:
    await retail.fill(fact=[at("2025-01-25", 1), at("2025-01-26", 2), at("2025-02-23", 4), at("2025-03-24", 8)])
    window = {"start": "2025-01-26", "end": "2025-04-27"}
    for metric in every_time({**SUM, "over": {"since_start_of": "fiscal_quarter"}}):
        found = await retail.rows({"m": metric}, window=window, grain="fiscal_period")
        assert found == [["2025-01-26", 2], ["2025-02-23", 6], ["2025-03-23", 14]]
    week = {"start": "2025-01-25", "end": "2025-01-28"}
    for metric in every_time({**SUM, "over": {"since_start_of": "week"}}):
        found = await retail.rows({"m": metric}, window=week, grain="day")
        assert found == [["2025-01-25", 1], ["2025-01-26", 2], ["2025-01-27", 2]]


@pytest.mark.exhaustive
async def test_what_is_kept_followed_and_put_together_goes_by_periods_too(retail: Pins) -> None:
    await retail.fill(
        fact=[{**at("2025-01-27", 1), "items": 1}, {**at("2025-02-20", 2), "items": 1}, {**at("2025-02-21", 4), "items": 2},
              {**at("2025-02-23", 8), "items": 1}],
        event=[{"fact_id": 1, "label": "a", "at": at("2025-02-24", 1)["at"], "score": 1}],
    )  # fmt: skip
    window = {"start": "2025-01-26", "end": "2025-03-23"}
    kept = {**SUM, "keep": {"newest": "day", "for_each": ["items"]}}
    assert await retail.rows({"m": kept}, window=window, grain="fiscal_period") == [["2025-01-26", 6], ["2025-02-23", 8]]
    per = {**SUM, "measure": "AVG(SUM(big))", "per": ["items"]}
    assert await retail.rows({"m": per}, window=window, grain="fiscal_period") == [["2025-01-26", 3.5], ["2025-02-23", 8.0]]
    begun = {"measure": "COUNT(*)", "time": "at", "dimensions": ["label"]}
    metrics = {
        "begun": begun, "then": {**begun, "entity": "event"},
        "followed": {
            "conversion": {"from": "begun", "to": "then", "for_each": "label", "within": "2 days", "value": "count"}
        },
    }  # fmt: skip
    found = await retail.rows(metrics, names=("followed",), window=window, grain="fiscal_period")
    assert found == [["2025-01-26", 0], ["2025-02-23", 1]]
    others = await retail.rows(
        {"m": {**SUM, "dimensions": ["label"]}}, window=window, grain="fiscal_period", dimensions=["label"], limit=1,
        others=True,
    )  # fmt: skip
    assert [row[:2] for row in others] == [["2025-01-26", "a"], ["2025-02-23", "a"]]


@pytest.mark.exhaustive
async def test_years_of_months_and_zones(pins: Pins) -> None:
    """An instant lies in the period of its day on the workspace's clock: 31 March 22:30 in London is April in Berlin."""
    pins.calendar = MONTHS
    try:
        late = {**at("2025-03-31", 1), "at": at("2025-03-31", 1)["at"].replace(hour=22, minute=30)}  # pyright: ignore[reportAttributeAccessIssue]
        await pins.fill(fact=[late, at("2025-03-31", 2), at("2025-06-30", 4)])
        window = {"start": "2025-01-01", "end": "2025-07-01"}
        found = await pins.rows({"m": {**SUM, "time": "at"}}, window=window, grain="fiscal_quarter")
        assert found == [["2025-01-01", 2], ["2025-04-01", 5]]
        found = await pins.rows({"m": {**SUM, "time": "at"}}, window=window, grain="fiscal_year")
        assert found == [["2024-04-01", 2], ["2025-04-01", 5]]
    finally:
        pins.calendar = ""


async def test_days_that_no_period_tells_are_refused(pins: Pins) -> None:
    folder = pins.root / "calendars"
    folder.mkdir()
    (folder / "season.csv").write_text("period,first_day,last_day\nlow,2025-01-01,2025-04-30\nhigh,2025-05-01,2025-09-30\n")
    try:
        await pins.fill(fact=[at("2025-04-30", 1), at("2025-05-01", 2)])
        window = {"start": "2025-04-01", "end": "2025-10-01"}
        found = await pins.rows({"m": SUM}, window=window, grain="season")
        assert found == [["2025-01-01", 1], ["2025-05-01", 2]]
        with pytest.raises(BadQuestion, match="told from 2025-01-01 to 2025-09-30, and 2025-10-01 is none of these days"):
            await pins.rows({"m": SUM}, window={"start": "2025-04-01", "end": "2025-10-02"}, grain="season")
        with pytest.raises(BadQuestion, match="There is no grain 'seasons'"):
            await pins.rows({"m": SUM}, window=window, grain="seasons")
    finally:
        (folder / "season.csv").unlink()
        folder.rmdir()

"""Frames: what a metric is over the days up to the end of each bucket, on every engine, against values counted by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.engine.pins import Pins, Record

from assay.compiler.question import AskedBounds, AskedMetrics, resolve_question
from assay.compiler.statement import compile_question
from assay.errors import BadQuestion
from assay.gate import Policy
from assay.people.scope import EVERYTHING

DAY = {"measure": "SUM(items)", "time": "day", "dimensions": ["label"]}
WEEK: dict[str, Any] = {"trailing": "7 days"}
MARCH = {"start": "2026-03-01", "end": "2026-04-01"}


def on(day: str, items: int, **more: object) -> Record:
    at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    return {"day": date.fromisoformat(day), "at": at, "wall": at.replace(tzinfo=None), "items": items, **more}


def every_time(metric: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**metric, "time": time} for time in ("day", "at", "wall")]


async def test_each_bucket_counts_the_days_up_to_its_end(pins: Pins) -> None:
    """Also the days before the window, and where the bucket itself has no row."""
    await pins.fill(fact=[on("2026-02-25", 1), on("2026-02-26", 10), on("2026-03-02", 100), on("2026-03-10", 1000)])
    asked: dict[str, Any] = {"window": {"start": "2026-03-01", "end": "2026-03-12"}, "grain": "day"}
    right = [11, 111, 111, 110, 100, 100, 100, 100, None, 1000, 1000]
    days = [[f"2026-03-{day:02}", value] for day, value in enumerate(right, 1) if value is not None]
    for metric in every_time({**DAY, "over": WEEK}):
        assert await pins.rows({"m": metric}, **asked) == days
        assert await pins.rows({"m": metric}, window=asked["window"]) == [[1000]]
        # What a day is, is what the whole window would be if it ended with that day.
        for day, value in enumerate(right[:4], 1):
            window = {"start": "2026-02-20", "end": f"2026-03-{day + 1:02}"}
            assert await pins.rows({"m": metric}, window=window) == [[value]]


async def test_a_running_total_begins_anew_with_its_unit(pins: Pins) -> None:
    await pins.fill(fact=[on("2026-02-27", 1), on("2026-02-28", 2), on("2026-03-01", 4), on("2026-03-03", 8)])
    window = {"start": "2026-02-28", "end": "2026-03-05"}
    for metric in every_time({**DAY, "over": {"since_start_of": "month"}}):
        by_day = [["2026-02-28", 3], ["2026-03-01", 4], ["2026-03-02", 4], ["2026-03-03", 12], ["2026-03-04", 12]]
        assert await pins.rows({"m": metric}, window=window, grain="day") == by_day
        assert await pins.rows({"m": metric}, window=window, grain="month") == [["2026-02-01", 3], ["2026-03-01", 12]]
        assert await pins.rows({"m": metric}, window=window) == [[12]]
    for metric in every_time({**DAY, "over": "all"}):
        assert await pins.rows({"m": metric}, window=window, grain="month") == [["2026-02-01", 3], ["2026-03-01", 15]]
        assert await pins.rows({"m": metric}, window=window) == [[15]]


async def test_months_end_by_one_rule(pins: Pins) -> None:
    """A month up to the end of one is that month; up to a day in it, it begins on the day of the same number."""
    await pins.fill(fact=[on(f"2026-{day}", 2**number) for number, day in enumerate(("01-31", "02-28", "03-01", "03-31"))])
    asked: dict[str, Any] = {"window": {"start": "2026-02-27", "end": "2026-04-01"}, "grain": "day"}
    for metric in every_time({**DAY, "over": {"trailing": "1 month"}}):
        found = dict(await pins.rows({"m": metric}, **asked))
        wanted = {"02-27": 1, "02-28": 2, "03-01": 6, "03-27": 6, "03-29": 6, "03-30": 6, "03-31": 12}
        assert {day: found[f"2026-{day}"] for day in wanted} == wanted
        by_month = await pins.rows({"m": metric}, window=asked["window"], grain="month")
        assert by_month == [["2026-02-01", 2], ["2026-03-01", 12]]


async def test_a_frame_is_compared_and_shifted_with_the_end_of_its_window(pins: Pins) -> None:
    await pins.fill(fact=[on(f"2026-03-{day:02}", 2 ** (day - 1)) for day in range(1, 21)])
    asked: dict[str, Any] = {"window": {"start": "2026-03-15", "end": "2026-03-17"}, "compare": "previous_period"}

    def two(day: int) -> int:
        return 2 ** (day - 1) + 2 ** (day - 2)

    for metric in every_time({**DAY, "over": {"trailing": "2 days"}}):
        assert await pins.rows({"m": metric}, **asked) == [[two(16), two(14)]]
        assert await pins.rows({"m": metric}, **asked, grain="day") == [
            ["2026-03-15", two(15), two(13)], ["2026-03-16", two(16), two(14)],
        ]  # fmt: skip
        earlier = {"expression": "a", "inputs": {"a": {"metric": "m", "shift": "3 days"}}}
        metrics = {"then": earlier, "m": metric}
        assert await pins.rows(metrics, **asked) == [[two(13), two(16), two(11), two(14)]]
        assert await pins.rows(metrics, **asked, grain="day") == [
            ["2026-03-15", two(12), two(15), two(10), two(13)], ["2026-03-16", two(13), two(16), two(11), two(14)],
        ]  # fmt: skip


async def test_an_input_is_read_on_the_first_day_of_its_month(pins: Pins) -> None:
    """Of however many days the bucket is; where it, or the window, begins in an earlier month, on the first of that."""
    days = ("02-01", "02-02", "03-01", "03-02", "03-30", "04-01", "04-02")
    await pins.fill(fact=[on(f"2026-{day}", 2**number) for number, day in enumerate(days)])
    asked: dict[str, Any] = {"window": {"start": "2026-03-29", "end": "2026-04-03"}}
    then = {"expression": "a", "inputs": {"a": {"metric": "m", "shift": {"to_start_of": "month"}}}}
    for metric in every_time(DAY):
        metrics = {"then": then, "m": metric}
        by_day = [("03-29", 4, 0), ("03-30", 4, 16), ("03-31", 4, 0), ("04-01", 32, 32), ("04-02", 32, 64)]
        found = await pins.rows(metrics, **asked, grain="day")
        assert found == [[f"2026-{day}", *values] for day, *values in by_day]
        assert await pins.rows(metrics, **asked, grain="week") == [["2026-03-23", 4, 0], ["2026-03-30", 4, 112]]
        assert await pins.rows(metrics, **asked, grain="month") == [["2026-03-01", 4, 16], ["2026-04-01", 32, 96]]
        assert await pins.rows(metrics, **asked) == [[4, 112]]
        # The first day goes on: it counts as far as the window goes.
        cut = {"start": "2026-04-01", "end": "2026-04-01T09:00:00"}
        assert await pins.rows(metrics, window=cut) == ([[32, 32]] if metric["time"] == "day" else [[0, 0]])
        compared = {"window": {"start": "2026-04-01", "end": "2026-04-03"}, "compare": "previous_year"}
        assert await pins.rows(metrics, **compared, grain="day") == [
            ["2026-04-01", 32, 32, 0, 0], ["2026-04-02", 32, 64, 0, 0],
        ]  # fmt: skip
        compared = {"window": {"start": "2026-04-01", "end": "2026-04-02"}, "compare": "previous_period"}
        assert await pins.rows(metrics, **compared) == [[32, 32, 4, 0]]


@pytest.mark.exhaustive
async def test_what_is_read_at_the_start_is_shifted_and_framed_in_the_order_in_which_it_is_said(pins: Pins) -> None:
    days = ("01-31", "02-01", "02-02", "03-01", "03-02", "03-31")
    await pins.fill(fact=[on(f"2026-{day}", 2**number) for number, day in enumerate(days)])
    asked: dict[str, Any] = {"window": {"start": "2026-03-30", "end": "2026-04-02"}, "grain": "day"}

    def taken(metric: str, shift: object) -> dict[str, Any]:
        return {"expression": "a", "inputs": {"a": {"metric": metric, "shift": shift}}}

    start = {"to_start_of": "month"}
    metrics = {
        "m": DAY, "ever": {**DAY, "over": "all"}, "two": {**DAY, "over": {"trailing": "2 days"}},
        "first": taken("m", start), "before": taken("m", "1 month"),
        "start_of_the_month_before": taken("first", "1 month"), "a_month_before_the_start": taken("before", start),
        "day_after": taken("first", "1 day"), "ever_then": taken("ever", start), "two_then": taken("two", start),
        "of_the_quarter": taken("first", {"to_start_of": "quarter"}),
    }  # fmt: skip
    names = ("start_of_the_month_before", "a_month_before_the_start", "day_after", "ever_then", "two_then", "of_the_quarter")
    found = await pins.rows(metrics, names=names, **asked)
    assert found == [
        ["2026-03-30", 2, 2, 8, 15, 8, 0], ["2026-03-31", 2, 2, 8, 15, 8, 0], ["2026-04-01", 8, 8, 8, 63, 32, 0],
    ]  # fmt: skip


@pytest.mark.parametrize(("measure", "right"), [
    ("COUNT(DISTINCT label)", [1, 2, 2, 1]), ("MEDIAN(items)", [1.0, 2.0, 4.0, 5.0]), ("AVG(items)", [1.0, 2.0, 4.0, 5.0]),
    ("MAX(items)", [1, 3, 5, 5]), ("COUNT(*)", [1, 2, 2, 1]), ("SUM(amount)", [None, None, None, None]),
    ("SUM(items) FILTER (WHERE label = 'a')", [1, 1, 5, 5]), ("COUNT(label) / COUNT(*)", [1.0, 1.0, 1.0, 1.0]),
])  # fmt: skip
@pytest.mark.cases(3)
async def test_every_aggregate_is_over_the_rows_of_the_frame(pins: Pins, measure: str, right: list[object]) -> None:
    await pins.fill(fact=[on("2026-03-01", 1, label="a"), on("2026-03-02", 3, label="b"), on("2026-03-03", 5, label="a")])
    metric = {"measure": measure, "over": {"trailing": "2 days"}}
    for each in every_time(metric):
        found = await pins.rows({"m": each}, window={"start": "2026-03-01", "end": "2026-03-05"}, grain="day")
        assert [value for _, value in found] == right


async def test_groups_of_a_frame_are_those_of_its_rows(pins: Pins) -> None:
    await pins.fill(fact=[on("2026-03-01", 1, label="b"), on("2026-03-02", 2, label=None), on("2026-03-03", 4, label="a")])
    metric = {**DAY, "over": {"trailing": "2 days"}}
    asked: dict[str, Any] = {"window": {"start": "2026-03-02", "end": "2026-03-04"}, "dimensions": ["label"]}
    assert await pins.rows({"m": metric}, **asked) == [["a", 4], [None, 2]]
    assert await pins.rows({"m": metric}, **asked, grain="day") == [
        ["2026-03-02", "b", 1], ["2026-03-02", None, 2], ["2026-03-03", "a", 4], ["2026-03-03", None, 2],
    ]  # fmt: skip
    narrowed = {**asked, "filters": [{"dimension": "label", "op": "ne", "values": ["a"]}]}
    assert await pins.rows({"m": metric}, **narrowed, grain="day") == [
        ["2026-03-02", "b", 1], ["2026-03-02", None, 2], ["2026-03-03", None, 2],
    ]  # fmt: skip


@pytest.mark.parametrize("measure", ["SUM(items)", "COUNT(DISTINCT items)"])
async def test_a_frame_holds_the_rows_that_its_asker_may_see(pins: Pins, measure: str) -> None:
    await pins.fill(fact=[on("2026-02-28", 1, label="a"), on("2026-03-01", 2, label="b"), on("2026-03-02", 4, label="a")])
    metric = {"measure": measure, "time": "at", "dimensions": ["label"], "over": "all"}
    asked: dict[str, Any] = {
        "window": {"start": "2026-03-01", "end": "2026-03-03"},
        "grain": "day",
        "seen": {"fact": "label = 'a'"},
    }
    right = [1, 5] if measure == "SUM(items)" else [1, 2]
    assert await pins.rows({"m": metric}, **asked) == [["2026-03-01", right[0]], ["2026-03-02", right[1]]]
    by_label = await pins.rows({"m": metric}, **asked, dimensions=["label"])
    assert by_label == [["2026-03-01", "a", right[0]], ["2026-03-02", "a", right[1]]]
    assert await pins.rows({"m": metric}, **{**asked, "seen": {"event": "label = 'a'"}}) == []


async def test_framed_and_plain_metrics_stand_side_by_side(pins: Pins) -> None:
    await pins.fill(fact=[on("2026-03-01", 1), on("2026-03-02", 2), on("2026-03-04", 4)])
    share = {"expression": "m / running"}
    running = {**DAY, "over": {"since_start_of": "month"}}
    rows = await pins.rows({"s": share, "m": DAY, "running": running}, window=MARCH | {"end": "2026-03-05"}, grain="day")
    assert rows == [
        ["2026-03-01", 1.0, 1, 1], ["2026-03-02", 2 / 3, 2, 3], ["2026-03-03", 0.0, 0, 3], ["2026-03-04", 4 / 7, 4, 7],
    ]  # fmt: skip


async def test_a_frame_goes_by_the_days_of_the_workspace(pins: Pins) -> None:
    """Berlin's 29 March 2026 has 23 hours; its midnight is 23:00 UTC the day before."""
    late, early = datetime(2026, 3, 28, 22, 59, tzinfo=UTC), datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
    last = datetime(2026, 3, 29, 21, 59, tzinfo=UTC)
    await pins.fill(fact=[{"at": each, "items": 10**number} for number, each in enumerate((late, early, last))])
    metric = {"measure": "SUM(items)", "time": "at", "over": {"trailing": "1 day"}}
    asked: dict[str, Any] = {"window": {"start": "2026-03-28", "end": "2026-03-31"}, "grain": "day"}
    assert await pins.rows({"m": metric}, **asked) == [["2026-03-28", 1], ["2026-03-29", 110]]
    now = datetime(2026, 3, 29, 12, tzinfo=UTC)
    assert await pins.rows({"m": metric}, now=now, window="today", grain="day") == [["2026-03-29", 10]]


async def test_hours_are_no_buckets_of_a_frame(pins: Pins) -> None:
    await pins.fill(fact=[on("2026-03-01", 1)])
    metric = {"measure": "SUM(items)", "time": "at", "over": WEEK}
    with pytest.raises(BadQuestion, match="looks back by whole days"):
        await pins.rows({"m": metric}, window={"start": "2026-03-01", "end": "2026-03-02"}, grain="hour")
    with pytest.raises(BadQuestion, match="begins at another time of day"):
        await pins.rows({"m": metric}, window="trailing_24h", grain="day", compare="previous_period")


async def test_a_window_without_a_whole_day_has_no_buckets_of_days(pins: Pins) -> None:
    await pins.fill(fact=[on("2026-03-01", 1), on("2026-03-02", 2)])
    asked: dict[str, Any] = {"window": {"start": "2026-03-02T01:00:00", "end": "2026-03-02T02:00:00"}}
    for over in (WEEK, "all"):
        assert await pins.rows({"m": {**DAY, "over": over}}, **asked, grain="day") == []
        assert await pins.rows({"m": {**DAY, "over": over}}, **asked) == [[3]]


@pytest.mark.exhaustive
async def test_a_longer_bucket_has_the_value_of_its_first_day_or_of_its_days_on_average(pins: Pins) -> None:
    """February has no row before the 27th, and March none between the 2nd and the 30th."""
    await pins.fill(fact=[on("2026-02-27", 28), on("2026-03-02", 56), on("2026-03-30", 7)])
    window = {"start": "2026-02-01", "end": "2026-04-01"}
    month = {**DAY, "over": {"since_start_of": "month"}}
    for metric in every_time({**month, "coarser": "first"}):
        assert await pins.rows({"m": metric}, window=window, grain="month") == []
        mondays = [["2026-03-02", 56], ["2026-03-09", 56], ["2026-03-16", 56], ["2026-03-23", 56], ["2026-03-30", 63]]
        assert await pins.rows({"m": metric}, window=window, grain="week") == mondays
        assert await pins.rows({"m": metric}, window={"start": "2026-03-02", "end": "2026-04-01"}) == [[56]]
    for metric in every_time({**month, "coarser": "average"}):
        # 28 on 2 of 28 days; 56 on 28 days and 63 on 2, of 31.
        right = [["2026-02-01", 2.0], ["2026-03-01", (56 * 28 + 63 * 2) / 31]]
        assert await pins.rows({"m": metric}, window=window, grain="month") == right
        assert await pins.rows({"m": metric}, window={"start": "2026-02-26", "end": "2026-03-02"}) == [[14.0]]
        assert await pins.rows({"m": metric}, window={"start": "2020-02-26", "end": "2020-03-02"}) == [[0.0]]
        # Where nothing is known of a day without rows, it is none.
        known = {**metric, "empty": "unknown"}
        assert await pins.rows({"m": known}, window=window, grain="month") == [
            ["2026-02-01", 28.0], ["2026-03-01", (56 * 28 + 63 * 2) / 30],
        ]  # fmt: skip
        # The window before has 31 days, from 29 January, and the month before 28: each counts once.
        march = {"start": "2026-03-01", "end": "2026-04-01"}
        found = await pins.rows({"m": metric}, window=march, grain="month", compare="previous_period")
        assert found == [["2026-03-01", right[1][1], 28 * 2 / 31]]
        earlier = {"expression": "prior", "inputs": {"prior": {"metric": "m", "shift": "1 month"}}}
        found = await pins.rows({"m": metric, "e": earlier}, names=("e",), window=march, grain="month")
        assert found == [["2026-03-01", 2.0]]


@pytest.mark.exhaustive
async def test_an_average_of_days_is_of_as_many_rows_as_its_fullest_day(pins: Pins) -> None:
    """Days share rows: put together, one row of a month would pass for thirty."""
    await pins.fill(fact=[on("2026-03-02", 1), on("2026-03-20", 1)])
    entry = "  - {id: m, label: M, definition: M., owner: me, entity: fact, measure: SUM(items), time: day, over: all,"
    entry += " coarser: average}"
    asked = AskedMetrics(metrics=("m",), window=AskedBounds(**MARCH), grain="month")  # pyright: ignore[reportArgumentType]
    workspace = pins.workspace(f"metrics:\n{entry}\n")
    now, scope = datetime(2026, 4, 2, tzinfo=UTC), replace(EVERYTHING, minimum=2)
    question = resolve_question(asked.metrics, asked, workspace, now, scope)
    policy = Policy.from_dictionary(workspace.dictionary, max_rows=10_001)
    for backend, dialect in pins.engines():
        statement = compile_question(question, dialect, policy)
        found = await backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 20)
        (row,) = found.rows
        assert list(row[2:]) == [2]


@pytest.mark.parametrize(("entry", "why"), [
    ("measure: SUM(items), coarser: first", "of what has over"),
    ("numerator: {measure: SUM(items)}, denominator: {measure: COUNT(*)}, over: all, coarser: average", "one of a measure"),
    ("measure: MIN(day), over: all, coarser: average", "cannot be calculated with"),
])  # fmt: skip
def test_an_average_is_of_the_days_of_one_measure(entry: str, why: str, pins: Pins) -> None:
    text = f"metrics:\n  - {{id: m, label: M, definition: M., owner: me, entity: fact, time: day, {entry}}}\n"
    with pytest.raises(AssertionError, match=why):
        pins.workspace(text)

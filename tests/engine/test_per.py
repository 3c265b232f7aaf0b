"""Two levels of aggregates: for each of something, and over them, on every engine."""

from typing import Any

import pytest
from tests.engine.pins import Pins, on

SPENT: dict[str, Any] = {
    "measure": "AVG(SUM(amount))", "per": ["items"], "time": "day", "dimensions": ["label", "is_good"],
}  # fmt: skip
"""`items` is the customer."""
MARCH = {"start": "2026-03-01", "end": "2026-04-01"}


async def fill(pins: Pins) -> None:
    await pins.fill(fact=[
        on("2026-02-27", 1, 7), on("2026-03-01", 1, 10), on("2026-03-05", 1, 30, "b"), on("2026-03-01", 2, 100),
        on("2026-03-10", None, 5), on("2026-03-11", None, 5, None), on("2026-03-31", 3, None), on("2026-04-01", 2, 7000),
    ])  # fmt: skip


async def test_rows_are_added_up_for_each_and_the_sums_are_averaged(pins: Pins) -> None:
    """1 has 40, 2 has 100, nobody 10; 3 has a row without an amount, and so no sum to be averaged."""
    await fill(pins)
    assert await pins.rows({"m": SPENT}, window=MARCH) == [[50.0]]
    for measure, right in (
        ("COUNT(*)", 4), ("COUNT(SUM(amount))", 3), ("MAX(COUNT(*))", 2), ("SUM(SUM(amount))", "150.00"),
        ("SUM(MAX(amount))", "135.00"),
        ("MEDIAN(SUM(amount))", 40.0), ("AVG(SUM(amount)) FILTER (WHERE COUNT(*) > 1)", 25.0),
        ("SUM(SUM(amount) FILTER (WHERE label = 'a'))", "115.00"), ("COUNT(DISTINCT COUNT(*))", 2),
        ("SUM(COUNT(DISTINCT label))", 5), ("SUM(SUM(amount)) / COUNT(*)", 37.5), ("MAX(AVG(amount))", 100.0),
        ("COUNT(CASE WHEN SUM(amount) > 30 THEN 1 END)", 2), ("MIN(MAX(day))", "2026-03-01"),
        ("SUM(CEIL(SUM(amount) / 7))", 23.0),
    ):  # fmt: skip
        assert await pins.rows({"m": {**SPENT, "measure": measure}}, window=MARCH) == [[right]], measure
    nothing = {"start": "2025-03-01", "end": "2025-04-01"}
    assert await pins.rows({"m": SPENT, "n": {**SPENT, "measure": "SUM(COUNT(*))"}}, window=nothing) == [[None, 0]]


async def test_a_group_is_what_a_filter_on_it_gives(pins: Pins) -> None:
    await fill(pins)
    order = [{"by": "label", "descending": False}]
    right = [["a", 38.333333333333336], ["b", 30.0], [None, 5.0]]
    assert await pins.rows({"m": SPENT}, window=MARCH, dimensions=["label"], order=order) == right
    for label, value in right:
        only = {"dimension": "label", "op": "eq" if label else "is_null", "values": [label] if label else []}
        assert await pins.rows({"m": SPENT}, window=MARCH, filters=[only]) == [[value]]
    of_a = {**SPENT, "filter": "label = 'a'"}
    assert await pins.rows({"m": of_a, "all": SPENT}, window=MARCH) == [[38.333333333333336, 50.0]]
    counted = {**of_a, "measure": "COUNT(*)"}
    assert await pins.rows({"m": counted, "all": {**SPENT, "measure": "COUNT(*)"}}, window=MARCH) == [[4, 4]]
    of_b = {**counted, "filter": "label = 'b'"}
    assert await pins.rows({"b": of_b, "a": counted}, window=MARCH) == [[1, 4]]  # whoever has no such row is not there


async def test_it_is_calculated_within_each_bucket_and_period(pins: Pins) -> None:
    await fill(pins)
    asked: dict[str, Any] = {"window": {"start": "2026-03-01", "end": "2026-03-12"}, "compare": "previous_period"}
    assert await pins.rows({"m": SPENT}, **asked) == [[50.0, 7.0]]
    by_week = await pins.rows({"m": SPENT}, window=MARCH, grain="week")
    assert by_week == [["2026-02-23", 55.0], ["2026-03-02", 30.0], ["2026-03-09", 10.0], ["2026-03-30", None]]
    by_day = await pins.rows({"m": {**SPENT, "time": "at"}}, **asked, grain="day", dimensions=["label"])
    assert by_day == [
        ["2026-03-01", "a", 55.0, None], ["2026-03-05", "b", 30.0, None], ["2026-03-10", "a", 5.0, 7.0],
        ["2026-03-11", None, 5.0, None],
    ]  # fmt: skip
    earlier = {"expression": "a - m", "inputs": {"a": {"metric": "m", "shift": "1 month", "filter": "amount > 5"}}}
    assert await pins.rows({"m": SPENT, "e": earlier}, window={"start": "2026-03-27", "end": "2026-04-02"}) == [
        [7000.0, -6941.5]
    ]


async def test_it_stands_beside_plain_ones_and_what_is_kept(pins: Pins) -> None:
    await fill(pins)
    plain = {"measure": "AVG(amount)", "time": "day", "dimensions": ["label"]}
    other = {**SPENT, "per": ["label"]}
    newest = {**SPENT, "keep": {"newest": "day", "for_each": ["items"]}}
    ratio = {
        **SPENT,
        "numerator": {"measure": "SUM(SUM(amount))"},
        "denominator": {"measure": "COUNT(*)", "filter": "label = 'a'"},
    }
    del ratio["measure"]
    rows = await pins.rows({"m": SPENT, "p": plain, "o": other, "n": newest, "r": ratio}, window=MARCH)
    assert rows == [[50.0, 30.0, 50.0, 45.0, 37.5]]


async def test_it_may_be_per_a_parents_column_and_a_parents_value_counts_once_for_each(pins: Pins) -> None:
    events = [{"fact_id": 0, "score": 1}, {"fact_id": 0, "score": 2}, {"fact_id": 1, "score": 4}, {"fact_id": 9, "score": 8}]
    await pins.fill(fact=[{"label": "a", "amount": 10}, {"label": "a", "amount": 20}], event=events)
    metric = {"entity": "event", "measure": "MAX(SUM(score))", "per": ["fact.label"]}
    assert await pins.rows({"m": metric}) == [["8.000"]]
    assert await pins.rows({"m": {**metric, "filter": "fact.label IS NOT NULL"}}) == [["7.000"]]


@pytest.mark.parametrize(("seen", "right"), [("label = 'a'", 38.333333333333336), ("items < 2", 40.0)])
async def test_only_rows_that_the_asker_sees_are_put_together(pins: Pins, seen: str, right: float) -> None:
    await fill(pins)
    assert await pins.rows({"m": SPENT}, window=MARCH, seen={"fact": seen}) == [[right]]

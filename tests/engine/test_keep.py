"""What is kept: balances and stocks, of which a bucket has one of each account, on every engine."""

from datetime import datetime
from typing import Any

import pytest
from tests.engine.pins import Pins, on

from assay.errors import BadQuestion

KEEP = {"newest": "day", "for_each": ["items"]}
"""`items` is the account, `amount` its balance."""
BALANCE: dict[str, Any] = {"measure": "SUM(amount)", "time": "day", "keep": KEEP, "dimensions": ["label", "is_good"]}
MARCH = {"start": "2026-03-01", "end": "2026-04-01"}


async def fill(pins: Pins) -> None:
    await pins.fill(fact=[
        on("2026-02-27", 1, 1), on("2026-03-01", 1, 10), on("2026-03-01", 2, 200), on("2026-03-05", 1, 30),
        on("2026-03-10", 2, 400, "b"), on("2026-03-31", 1, 50, None), on("2026-04-01", 1, 7000),
    ])  # fmt: skip


async def test_a_balance_is_that_of_the_newest_row_of_each_account(pins: Pins) -> None:
    await fill(pins)
    assert await pins.rows({"m": BALANCE}, window=MARCH) == [["450.00"]]
    assert await pins.rows({"m": BALANCE}, window={"start": "2026-03-01", "end": "2026-03-06"}) == [["230.00"]]
    by_week = [["2026-02-23", "210.00"], ["2026-03-02", "30.00"], ["2026-03-09", "400.00"], ["2026-03-30", "50.00"]]
    assert await pins.rows({"m": BALANCE}, window=MARCH, grain="week") == by_week
    of_all_time = {name: each for name, each in BALANCE.items() if name != "time"}
    assert await pins.rows({"m": of_all_time}) == [["7400.00"]]
    first = {**BALANCE, "keep": {"oldest": "day", "for_each": ["items"]}}
    assert await pins.rows({"m": first}, window=MARCH) == [["210.00"]]


async def test_without_a_word_of_each_the_newest_of_all_rows_are_kept(pins: Pins) -> None:
    await fill(pins)
    of_all = {**BALANCE, "keep": {"oldest": "day"}}
    assert await pins.rows({"m": of_all}, window=MARCH) == [["210.00"]]
    by_month = [["2026-02-01", "1.00"], ["2026-03-01", "210.00"]]
    window = {"start": "2026-02-01", "end": "2026-04-01"}
    assert await pins.rows({"m": of_all}, window=window, grain="month") == by_month
    newest = {**BALANCE, "keep": {"newest": "day"}}
    assert await pins.rows({"m": newest}, window=MARCH, dimensions=["label"]) == [[None, "50.00"]]


async def test_groups_divide_what_is_kept_and_a_filter_gives_what_a_group_holds(pins: Pins) -> None:
    """An account that has moved counts where it is now, and nowhere else."""
    await fill(pins)
    assert await pins.rows({"m": BALANCE}, window=MARCH, dimensions=["label"]) == [["b", "400.00"], [None, "50.00"]]
    for value, right in (("a", "0.00"), ("b", "400.00")):
        filters = [{"dimension": "label", "op": "eq", "values": [value]}]
        assert [float(right)] == [float(row[0]) for row in await pins.rows({"m": BALANCE}, window=MARCH, filters=filters)]
    of_a = {**BALANCE, "filter": "label = 'a'"}
    assert await pins.rows({"m": of_a}, window=MARCH) == [["230.00"]]  # the metric's own filter says which rows there are


async def test_what_is_of_filtered_is_chosen_among_the_rows_that_are_asked_for(pins: Pins) -> None:
    await fill(pins)
    of_filtered = {**BALANCE, "keep": {**KEEP, "of_filtered": True}}
    filters = [{"dimension": "label", "op": "eq", "values": ["a"]}]
    assert await pins.rows({"m": of_filtered}, window=MARCH, filters=filters) == [["230.00"]]
    assert await pins.rows({"m": of_filtered}, window=MARCH) == [["450.00"]]
    derived = {"expression": "a_alone / all_of_it", "inputs": {"a_alone": {"metric": "all_of_it", "filter": "label = 'a'"}}}
    of_a = await pins.rows({"all_of_it": of_filtered, "m": derived}, names=("m",), window=MARCH)
    assert of_a == [[230 / 450]]
    with pytest.raises(BadQuestion, match="other groups would have other rows"):
        await pins.rows({"m": of_filtered}, window=MARCH, dimensions=["label"], limit=1, others=True)


async def test_what_is_equally_new_is_kept_and_what_has_no_such_time_is_not(pins: Pins) -> None:
    await pins.fill(fact=[
        on("2026-03-01", 1, 1), on("2026-03-02", 1, 2), on("2026-03-02", 1, 4), on("2026-03-02", None, 8),
        on("2026-03-03", None, 16), on("2026-03-04", 1, 32, wall=datetime(2026, 3, 1, 9)), on("2026-03-05", 2, None),
    ])  # fmt: skip
    assert await pins.rows({"m": BALANCE}, window={"start": "2026-03-01", "end": "2026-03-04"}) == [["22.00"]]
    by_wall = {**BALANCE, "keep": {"newest": "wall", "for_each": ["items"]}}
    assert await pins.rows({"m": by_wall}, window=MARCH) == [["32.00"]]
    both = {**BALANCE, "keep": {"newest": "day", "for_each": ["items", "label"]}, "measure": "COUNT(*)"}
    assert await pins.rows({"m": both}, window=MARCH) == [[3]]
    assert await pins.rows({"m": {**BALANCE, "measure": "COUNT(DISTINCT items)"}}, window=MARCH) == [[2]]


async def test_what_is_kept_is_compared_and_shifted_bucket_by_bucket(pins: Pins) -> None:
    await fill(pins)
    asked: dict[str, Any] = {"window": {"start": "2026-03-05", "end": "2026-03-12"}, "compare": "previous_period"}
    for metric in (BALANCE, {**BALANCE, "time": "at"}):
        assert await pins.rows({"m": metric}, **asked) == [["430.00", "210.00"]]
        earlier = {"expression": "a", "inputs": {"a": {"metric": "m", "shift": "1 week"}}}
        assert await pins.rows({"e": earlier, "m": metric}, window=asked["window"]) == [[210.0, "430.00"]]
        by_day = await pins.rows({"m": metric}, **asked, grain="day")
        assert by_day == [
            ["2026-03-05", "30.00", "0.00"], ["2026-03-06", "0.00", "1.00"], ["2026-03-08", "0.00", "210.00"],
            ["2026-03-10", "400.00", "0.00"],
        ]  # fmt: skip


async def test_kept_and_plain_metrics_stand_side_by_side(pins: Pins) -> None:
    await fill(pins)
    plain = {"measure": "COUNT(*)", "time": "day", "dimensions": ["label"]}
    of_b = {**BALANCE, "filter": "label = 'b'"}
    ratio = {"numerator": {"measure": "SUM(amount)"}, "denominator": {"measure": "COUNT(*)", "filter": "items = 1"},
             "time": "day", "keep": KEEP, "dimensions": ["label"]}  # fmt: skip
    rows = await pins.rows({"m": BALANCE, "p": plain, "b": of_b, "r": ratio}, window=MARCH)
    assert rows == [["450.00", 5, "400.00", 450.0]]


@pytest.mark.parametrize("measure", ["SUM(amount)", "AVG(amount)"])
async def test_only_rows_that_the_asker_sees_are_kept(pins: Pins, measure: str) -> None:
    await fill(pins)
    metric = {**BALANCE, "measure": measure}
    (row,) = await pins.rows({"m": metric}, window=MARCH, seen={"fact": "label = 'a'"})
    assert float(row[0]) == (230.0 if measure == "SUM(amount)" else 115.0)

"""Rows of those whose own value of a metric meets a condition, on every engine."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.engine.pins import Pins

from assay.errors import BadQuestion

COUNT: dict[str, Any] = {"measure": "COUNT(*)", "dimensions": ["label", "is_good"], "time": "day"}
MARCH = {"start": "2026-03-01", "end": "2026-04-01"}
ROWS = (
    ("a", "2026-02-01", "1.10"), ("a", "2026-03-05", "2.20"), ("a", "2026-03-06", None), ("b", "2026-03-05", "3.30"),
    ("c", "2026-03-07", None), ("d", "2026-02-07", "9.00"), (None, "2026-03-05", "3.31"), (None, "2026-03-06", "3.31"),
)  # fmt: skip
"""(label, day, amount)"""


async def fill(pins: Pins) -> None:
    await pins.fill(fact=[
        {"label": label, "amount": amount and Decimal(amount), "items": 2, "weight": 0.5, "day": date.fromisoformat(day)}
        for label, day, amount in ROWS
    ])  # fmt: skip


def of(metric: str, op: str, value: object, window: object = None) -> list[dict[str, object]]:
    return [{"dimension": "label", "metric": metric, "op": op, "value": value, **({"window": window} if window else {})}]


async def labels(pins: Pins, inner: dict[str, Any], **asked: Any) -> list[Any]:
    order = [{"by": "label", "descending": False}]
    rows = await pins.rows(
        {"m": COUNT, "inner": {**COUNT, **inner}}, names=("m",), dimensions=["label"], order=order, **asked
    )
    return [row[0] for row in rows]


async def test_rows_are_of_those_whose_own_value_meets_the_condition(pins: Pins) -> None:
    """Who has none has 0 of a count, unknown passes ne alone, and a row without a value is nobody's."""
    await fill(pins)
    total, average = {"measure": "SUM(amount)"}, {"measure": "AVG(amount)"}
    for inner, op, value, window, right in (
        ({}, "gt", 2, None, ["a"]),
        ({}, "gt", 1, MARCH, ["a"]),
        ({}, "lt", 2, MARCH, ["b", "c", "d"]),  # d has none in March
        ({}, "eq", 0, MARCH, ["d"]),
        ({}, "ne", 0, MARCH, ["a", "b", "c"]),
        ({}, "lte", "1.5", None, ["b", "c", "d"]),
        (total, "gte", "3.3", None, ["a", "b", "d"]),
        (total, "lt", 9, None, ["a", "b"]),  # of c the sum is unknown
        (total, "lt", 9, MARCH, ["a", "b", "d"]),
        (total, "ne", 9, None, ["a", "b", "c"]),
        (average, "lt", 5, MARCH, ["a", "b"]),
        (average, "ne", "3.3", MARCH, ["a", "c", "d"]),
        ({"measure": "SUM(weight)"}, "gt", 0.75, None, ["a"]),
        ({"over": "all"}, "gt", 2, None, ["a"]),
        ({"keep": {"newest": "day", "for_each": ["label"]}}, "eq", 1, None, ["a", "b", "c", "d"]),
        ({}, "lt", "9" * 38, None, ["a", "b", "c", "d"]),
    ):  # fmt: skip
        rows = await labels(pins, inner, whose=of("inner", op, value, window), window="all")
        assert rows == right, (inner, op, value, window)


async def test_the_window_of_the_question_is_not_that_of_the_condition(pins: Pins) -> None:
    await fill(pins)
    assert await labels(pins, {}, whose=of("inner", "gte", 3), window=MARCH) == ["a"]
    assert await labels(pins, {"window": "previous_month"}, whose=of("inner", "gte", 1), window="all") != ["a"]
    metrics = {"m": COUNT, "inner": COUNT}
    whose = of("inner", "gte", 3)
    series = await pins.rows(metrics, names=("m",), grain="month", window={"start": "2026-02-01", "end": "2026-04-01"},
                             whose=whose)  # fmt: skip
    assert series == [["2026-02-01", 1], ["2026-03-01", 2]]
    compared = await pins.rows(metrics, names=("m",), window=MARCH, compare="previous_period", whose=whose)
    assert compared == [[2, 1]]


async def test_a_definition_has_conditions_too(pins: Pins) -> None:
    """Of its own, and of an input; beside others, a share, and one more of the question."""
    await fill(pins)
    condition = of("inner", "gte", 3)
    rate = {"expression": "part / all_rows", "inputs": {"part": {"metric": "all_rows", "whose": condition}}}
    metrics: dict[str, dict[str, Any]] = {
        "inner": COUNT, "m": {**COUNT, "whose": condition}, "all_rows": COUNT, "rate": rate,
    }  # fmt: skip
    assert await pins.rows(metrics, names=("m", "all_rows"), window="all") == [[3, 8]]
    assert await pins.rows(metrics, names=("rate",), window="all") == [[3 / 8]]
    assert await pins.rows(metrics, names=("m",), window="all", whose=of("inner", "lt", 3)) == [[0]]
    asked = {"dimensions": ["label"], "window": "all", "whose": of("inner", "gte", 1)}
    rest = await pins.rows(metrics, names=("all_rows",), limit=1, others=True, order=[{"by": "value"}], **asked)
    assert rest == [["a", None, 3], [None, 3, 3]]
    order = [{"by": "label", "descending": False}]
    shares = await pins.rows(metrics, names=("all_rows:share",), order=order, **asked)
    assert shares == [["a", 0.5], ["b", 1 / 6], ["c", 1 / 6], ["d", 1 / 6]]


@pytest.mark.parametrize(
    ("whose", "told"),
    [
        ({"dimension": "lable"}, "no dimension 'lable'"),
        ({"by": "is_good"}, "not looked up in each other"),
        ({"value": "many"}, "compared with a number"),
        ({"metric": "inner:rank"}, "cannot be compared"),
    ],
)  # fmt: skip
async def test_what_cannot_be_looked_at_is_refused_with_its_place(pins: Pins, whose: dict[str, object], told: str) -> None:
    condition = {"dimension": "label", "metric": "inner", "op": "gt", "value": 1, **whose}
    with pytest.raises(BadQuestion, match=told) as refused:
        await pins.rows({"m": COUNT, "inner": COUNT}, names=("m",), whose=[condition])
    assert str(refused.value.extra["field"]).startswith("whose.0")


async def test_what_one_sees_is_what_is_looked_at(pins: Pins) -> None:
    """Of a question, and of a definition: of the rows that the asker sees, `a` has two."""
    await fill(pins)
    metrics = {"inner": COUNT, "m": {**COUNT, "whose": of("inner", "gte", 2)}}
    seen = {"fact": "day < '2026-03-06'"}
    assert await pins.rows(metrics, names=("m",), window="all", seen=seen) == [[2]]
    asked = {"names": ("inner",), "window": "all", "seen": seen}
    assert await pins.rows(metrics, whose=of("inner", "gte", 2), **asked) == [[2]]
    assert await pins.rows(metrics, whose=of("inner", "gte", 3), **asked) == [[0]]

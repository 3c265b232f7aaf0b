"""Groups that are chosen by their values, on every engine."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.engine.pins import Pins

from assay.errors import BadQuestion

SUM: dict[str, Any] = {"measure": "SUM(amount)", "dimensions": ["label", "is_good"], "time": "day"}
ALL = {"start": "2026-03-01", "end": "2026-04-01"}
ORDER = [{"by": "label", "descending": False}]


async def fill(pins: Pins) -> None:
    day, amounts = date(2026, 3, 5), {"a": ["1.10", "2.20"], "b": ["3.30"], "c": [None], "d": ["0"], None: ["3.31"]}
    rows = [(label, amount and Decimal(amount)) for label, each in amounts.items() for amount in each]
    await pins.fill(
        fact=[{"label": label, "amount": amount, "items": 2, "weight": 0.5, "day": day} for label, amount in rows]
    )


def having(op: str, value: object, by: str = "value") -> list[dict[str, object]]:
    return [{"by": by, "op": op, "value": value}]


async def test_groups_are_chosen_by_their_value(pins: Pins) -> None:
    await fill(pins)
    for op, value, right in (
        ("eq", "3.3", ["a", "b"]), ("ne", "3.3", ["c", "d", None]), ("gt", 3.3, [None]),
        ("gte", "3.305", [None]), ("lt", "0.001", ["d"]), ("lte", 3, ["d"]), ("eq", "3.305", []),
        ("gt", "-1e30", ["a", "b", "d", None]), ("lt", "9" * 36, ["a", "b", "d", None]),
    ):  # fmt: skip
        rows = await pins.rows({"m": SUM}, dimensions=["label"], window=ALL, order=ORDER, having=having(op, value))
        assert [row[0] for row in rows] == right, (op, value)


async def test_a_value_is_compared_in_the_type_of_its_metric(pins: Pins) -> None:
    await fill(pins)
    for measure, op, value, right in (
        ("COUNT(*)", "gt", 1, ["a"]), ("SUM(items)", "gte", 10**25, []),
        ("SUM(items)", "lt", "99999999999999999999", ["a", "b", "c", "d", None]),
        ("SUM(weight)", "gt", 0.75, ["a"]), ("AVG(items)", "eq", 2, ["a", "b", "c", "d", None]),
        ("AVG(amount)", "ne", 0, ["a", "b", "c", None]),
        ("AVG(COUNT(*))", "gt", 1.5, ["a"]),
    ):  # fmt: skip
        metric = {**SUM, "measure": measure, **({"per": ["items"]} if "AVG(COUNT" in measure else {})}
        rows = await pins.rows({"m": metric}, dimensions=["label"], window=ALL, order=ORDER, having=having(op, value))
        assert [row[0] for row in rows] == right, measure


async def test_several_metrics_and_the_period_before_are_looked_at(pins: Pins) -> None:
    await fill(pins)
    metrics = {
        "m": SUM,
        "n": {**SUM, "measure": "COUNT(*)"},
        "o": {**SUM, "entity": "event", "time": "at", "dimensions": ["label"], "measure": "COUNT(*)"},
    }
    both = [*having("gte", 2, "n"), *having("lt", 10, "m")]
    assert await pins.rows(metrics, dimensions=["label"], window=ALL, having=both) == [["a", "3.30", 2, 0]]
    assert await pins.rows(metrics, dimensions=["label"], window=ALL, having=having("gt", 0, "o")) == []
    later = {"start": "2026-04-01", "end": "2026-05-01"}
    asked: dict[str, Any] = {"dimensions": ["label"], "window": later, "compare": "previous_period"}
    assert await pins.rows({"n": metrics["n"]}, **asked, having=having("gt", 1, "previous")) == [["a", 0, 2]]
    assert await pins.rows({"n": metrics["n"]}, **asked, having=having("eq", 0), order=ORDER, limit=2) == [
        ["a", 0, 2],
        ["b", 0, 1],
    ]


async def test_what_cannot_be_chosen_by_is_refused(pins: Pins) -> None:
    await fill(pins)
    for asked, said in (
        ({}, "there is one group alone"), ({"dimensions": ["label"], "grain": "day"}, "would be shown as empty"),
        ({"dimensions": ["label"], "having": having("gt", 1, "valeu")}, "no values 'valeu'"),
        ({"dimensions": ["label"], "having": having("gt", "x")}, "is a decimal; 'x' is not"),
        ({"dimensions": ["label"], "having": having("gt", True)}, "is a decimal; True is not"),
    ):  # fmt: skip
        with pytest.raises(BadQuestion, match=said):
            await pins.rows({"m": SUM}, window=ALL, **{"having": having("gt", 1), **asked})
    moment = {**SUM, "measure": "MAX(at)"}
    with pytest.raises(BadQuestion, match="having compares numbers"):
        await pins.rows({"m": moment}, dimensions=["label"], window=ALL, having=having("gt", 1))

"""Dimensions that are calculated in each row, on both engines: one value for each group, in one type."""

from datetime import UTC, date, datetime
from decimal import Decimal as D
from typing import Any

from tests.engine.pins import Pins


async def groups(pins: Pins, expression: str, **asked: object) -> list[list[Any]]:
    dimensions = [{"name": "x", "expression": expression}]
    order = [{"by": "x", "descending": False}]
    metric = {"m": {"measure": "COUNT(*)", "dimensions": dimensions}}
    return await pins.rows(metric, dimensions=["x"], order=order, **asked)


def only(op: str, *values: object) -> list[dict[str, object]]:
    return [{"dimension": "x", "op": op, "values": list(values)}]


async def test_a_case_gives_its_texts_and_what_has_none_is_a_group(pins: Pins) -> None:
    await pins.fill(fact=[{"items": 1}, {"items": 9}, {"items": 9, "label": "Z"}, {"label": "a"}, {}])
    size = "CASE WHEN items < 5 THEN 'small' WHEN items >= 5 THEN 'large' ELSE label END"
    assert await groups(pins, size) == [["a", 1], ["large", 2], ["small", 1], [None, 1]]
    assert await groups(pins, size, filters=only("ne", "large")) == [["a", 1], ["small", 1], [None, 1]]
    assert await groups(pins, size, filters=only("contains", "a")) == [["a", 1], ["large", 2], ["small", 1]]
    assert await groups(pins, size, filters=only("is_null")) == [[None, 1]]


async def test_text_that_is_made_keeps_its_blanks_and_is_ordered_by_code_point(pins: Pins) -> None:
    await pins.fill(fact=[{"label": text} for text in ("a", "a ", "B", "\u00e9", "")])
    assert await groups(pins, "label || '.'") == [[".", 1], ["B.", 1], ["a .", 1], ["a.", 1], ["\u00e9.", 1]]
    assert await groups(pins, "label || '.'", filters=only("in", "a .", "nothing")) == [["a .", 1]]


async def test_whole_numbers_are_grouped_and_filtered_beyond_the_width_of_their_columns(pins: Pins) -> None:
    await pins.fill(fact=[{"items": 2_000_000_000, "big": 2**62}, {"items": 1, "big": 1}])
    assert await groups(pins, "items * 2") == [[2, 1], [4_000_000_000, 1]]
    assert await groups(pins, "items * 2", filters=only("gt", 3_999_999_999)) == [[4_000_000_000, 1]]
    assert await groups(pins, "items + 0", filters=only("lt", 10**30)) == [[1, 1], [2_000_000_000, 1]]
    assert await groups(pins, "big * 1000", filters=only("eq", str(2**62 * 1000))) == [[str(2**62 * 1000), 1]]
    assert await groups(pins, "LENGTH(label) * 1", filters=only("eq", 2**40)) == []


async def test_decimals_keep_their_scale_and_doubles_have_one_zero(pins: Pins) -> None:
    await pins.fill(fact=[{"amount": D("1.10"), "items": 1, "weight": 0.5}, {"items": 0, "weight": -0.5}, {"weight": 0.0}])
    assert await groups(pins, "COALESCE(amount, items)") == [["0.00", 1], ["1.10", 1], [None, 1]]
    assert await groups(pins, "COALESCE(amount, items)", filters=only("lte", "1.1")) == [["0.00", 1], ["1.10", 1]]
    found = await groups(pins, "CEIL(weight)")
    assert found == [[0.0, 2], [1.0, 1]]
    assert str(found[0][0]) == "0.0"
    assert await groups(pins, "weight / items", filters=only("gt", 0.4)) == [[0.5, 1]]


async def test_days_and_times_are_those_of_their_columns(pins: Pins) -> None:
    at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    rows = [{"at": at, "wall": at.replace(tzinfo=None), "day": date(2026, 3, 2)}, {"day": date(2026, 3, 1)}]
    await pins.fill(fact=rows)
    assert await groups(pins, "LEAST(day, day)", filters=only("gte", "2026-03-02")) == [["2026-03-02", 1]]
    assert await groups(pins, "COALESCE(at, at)", filters=only("lt", "2026-03-03")) == [["2026-03-01T23:30:00Z", 1]]
    assert await groups(pins, "COALESCE(wall, wall)", filters=only("is_not_null")) == [["2026-03-01T23:30:00", 1]]
    assert await groups(pins, "WEEKDAY(day) >= 6") == [[False, 1], [True, 1]]


async def test_a_condition_is_compared_as_a_whole(pins: Pins) -> None:
    await pins.fill(fact=[{"items": 9, "is_good": False}, {"items": 1, "is_good": False}, {"is_good": True}, {}])
    either = "items > 5 OR is_good"
    assert await groups(pins, either) == [[False, 1], [True, 2], [None, 1]]
    assert await groups(pins, either, filters=only("eq", False)) == [[False, 1]]
    assert await groups(pins, either, filters=only("ne", True)) == [[False, 1], [None, 1]]
    assert await groups(pins, either, filters=only("is_null")) == [[None, 1]]
    assert await groups(pins, "NOT is_good AND items < 5", filters=only("in", True)) == [[True, 1]]


async def test_a_parents_columns_take_part_and_what_has_no_parent_has_no_value(pins: Pins) -> None:
    events = [{"fact_id": 0, "label": "x"}, {"fact_id": 1, "label": "x"}, {"fact_id": 9}]
    await pins.fill(fact=[{"label": "a"}, {"label": "b"}], event=events)
    place = {"name": "place", "expression": "fact.label || '/' || label"}
    metric = {"m": {"entity": "event", "measure": "COUNT(*)", "dimensions": [place]}}
    order = [{"by": "place", "descending": False}]
    assert await pins.rows(metric, dimensions=["place"], order=order) == [["a/x", 1], ["b/x", 1], [None, 1]]
    assert await pins.rows(metric, filters=[{"dimension": "place", "op": "eq", "values": ["b/x"]}]) == [[1]]

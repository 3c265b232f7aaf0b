"""What a question may say beside its metrics: many values, parts of a time, rows without a metric, on every engine."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.engine.pins import Pins, Record

COUNT: dict[str, dict[str, object]] = {
    "n": {"measure": "COUNT(*)", "dimensions": ["label", "amount", "items", "big", "wide", "weight", "at", "wall", "day"]}
}
ODD = [
    "",
    " ",
    "a,b",
    'say "so"',
    "back\\slash",
    "[1]",
    "null",
    "\u00e9",
    "e\u0301",
    "\U0001f600",
    "\u001f",
    "line\nbreak",
    "NULL",
]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def counted(pins: Pins, dimension: str, op: str, values: list[Any]) -> int:
    filters = [{"dimension": dimension, "op": op, "values": values}]
    ((found,),) = await pins.rows(COUNT, zone="UTC", filters=filters)
    return found


HELD: dict[str, tuple[list[Any], list[Any]]] = {
    "label": (ODD, [f"x{number}" for number in range(300)]),
    "amount": ([Decimal("0.10"), Decimal("-5.00")], [f"{number}.55" for number in range(300)]),
    "items": ([0, -7, 2_147_483_647], list(range(100, 400))),
    "big": ([-(2**63), 2**63 - 1], [str(2**60 + number) for number in range(300)]),
    "wide": ([Decimal(10**37), Decimal(-3)], [str(10**36 + number) for number in range(300)]),
    "weight": ([0.1, 1e300, -0.0], [number + 0.25 for number in range(300)]),
    "at": ([moment("2026-03-29T01:30:00.000001"), moment("1950-01-01")],
           [(moment("2020-01-01") + timedelta(hours=number)).isoformat() for number in range(300)]),
    "wall": ([datetime(2026, 3, 29, 2, 30), datetime(1999, 12, 31)],
             [(datetime(2020, 1, 1) + timedelta(hours=number)).isoformat() for number in range(300)]),
    "day": ([date(2024, 2, 29), date(1, 1, 2)],
            [(date(2020, 1, 1) + timedelta(days=number)).isoformat() for number in range(300)]),
}  # fmt: skip


@pytest.mark.cases(2)
@pytest.mark.parametrize("dimension", sorted(HELD))
async def test_a_list_of_many_values_finds_what_each_of_them_finds(pins: Pins, dimension: str) -> None:
    held, others = HELD[dimension]
    await pins.fill(fact=[{dimension: value} for value in [*held, None]])
    written = [_written(value) for value in held]
    assert await counted(pins, dimension, "in", [*others, *written, *written]) == len(held)
    assert await counted(pins, dimension, "in", [*others, written[0]]) == 1
    assert await counted(pins, dimension, "in", others) == 0
    assert await counted(pins, dimension, "not_in", [*others, *written]) == 1, "the row without a value"
    assert await counted(pins, dimension, "not_in", [*others, written[0]]) == len(held)


async def test_what_a_column_cannot_hold_is_among_no_values(pins: Pins) -> None:
    await pins.fill(fact=[{"items": 1}, {"items": None}])
    beyond = [str(10**20 + number) for number in range(300)]
    assert await counted(pins, "items", "in", beyond) == 0
    assert await counted(pins, "items", "not_in", beyond) == 2


def _written(value: Any) -> Any:
    return value if isinstance(value, (str, float)) or (isinstance(value, int) and abs(value) < 2**53) else str(value)


ROWS: list[Record] = [
    {"at": moment(text), "wall": moment(text).replace(tzinfo=None), "day": moment(text).date()}
    for text in ("2024-02-29T12:00", "2026-03-28T23:30", "2026-03-29T00:59", "2026-03-29T01:00", "2026-10-25T00:30",
                 "2026-10-25T01:30", "2026-12-31T23:30")
]  # fmt: skip


async def test_parts_of_a_time_are_those_of_the_clock_on_the_wall(pins: Pins) -> None:
    await pins.fill(fact=[*ROWS, {"at": None, "wall": None, "day": None}])
    timed: dict[str, dict[str, object]] = {"n": {"measure": "COUNT(*)", "time": "at"}}
    window = {"start": "2024-01-01", "end": "2027-02-01"}
    by: dict[str, Any] = {"window": window, "order": [{"by": "time_hour", "descending": False}]}
    # Berlin: 13:00; 00:30 and 01:59 of a day that then jumps to 03:00; 02:30 twice; the first half hour of the next year.
    assert await pins.rows(timed, dimensions=["time_hour"], **by) == [[0, 2], [1, 1], [2, 2], [3, 1], [13, 1]]
    order = [{"by": "time_weekday", "descending": False}]
    weekdays = await pins.rows(timed, dimensions=["time_weekday"], window=window, order=order)
    assert weekdays == [[4, 1], [5, 1], [7, 5]]
    leap = [{"dimension": "time_day", "op": "eq", "values": [29]}, {"dimension": "time_month", "op": "eq", "values": [2]}]
    assert await pins.rows(timed, filters=leap, window=window) == [[1]]
    year = await pins.rows(timed, dimensions=["time_year"], window=window, order=[{"by": "time_year", "descending": False}])
    assert year == [[2024, 1], [2026, 5], [2027, 1]]
    order = [{"by": "time_day_of_year", "descending": False}]
    days = await pins.rows(timed, dimensions=["time_day_of_year"], window=window, order=order)
    assert days == [[1, 1], [60, 1], [88, 3], [298, 2]]
    for column in ("wall", "day"):
        other: dict[str, dict[str, object]] = {"n": {"measure": "COUNT(*)", "time": column}}
        found = await pins.rows(other, dimensions=["time_quarter"], window=window, order=[{"by": "value"}])
        assert found == [[1, 4], [4, 3]], column


async def test_parts_of_the_time_of_what_looks_back_are_those_of_the_day_on_which_it_counts(pins: Pins) -> None:
    """Also where that is the last day of a shorter month, and in the window before."""
    days = ("2026-01-31T22:30", "2026-02-10T09:00", "2026-02-28T09:00", "2026-03-10T09:00")
    await pins.fill(fact=[
        {"at": moment(text), "wall": moment(text).replace(tzinfo=None), "day": moment(text).date(), "items": 10**number}
        for number, text in enumerate(days)
    ])  # fmt: skip
    asked: dict[str, Any] = {"dimensions": ["time_month"], "order": [{"by": "time_month", "descending": False}]}
    then = {"expression": "a", "inputs": {"a": {"metric": "n", "shift": "1 month"}}}
    for column in ("at", "wall", "day"):
        metrics = {"n": {"measure": "SUM(items)", "time": column}, "then": then}
        window = {"start": "2026-02-01", "end": "2026-04-01"}
        found = await pins.rows(metrics, **asked, window=window)
        assert found == [[2, 110, 1], [3, 1000, 110]], column
        asked_days = {**asked, "dimensions": ["time_day"], "order": [{"by": "time_day", "descending": False}]}
        found = await pins.rows(metrics, **asked_days, window={"start": "2026-02-01", "end": "2026-03-01"})
        assert found == [[10, 10, 0], [28, 100, 1]], column
    compared = await pins.rows(
        metrics, **asked, window={"start": "2026-03-01", "end": "2026-04-01"}, compare="previous_year"
    )
    assert compared == [[3, 1000, 110, 0, 0]]


async def test_a_row_of_the_window_before_is_of_its_own_weekday(pins: Pins) -> None:
    await pins.fill(
        fact=[{"at": moment("2026-03-02T09:00")}, {"at": moment("2026-02-03T09:00")}, {"at": moment("2026-02-02T09:00")}]
    )
    timed: dict[str, dict[str, object]] = {"n": {"measure": "COUNT(*)", "time": "at"}}
    asked: dict[str, Any] = {"dimensions": ["time_weekday"], "grain": "month", "window": "month_to_date"}
    order = [{"by": "time_weekday", "descending": False}]
    now = datetime(2026, 3, 17, 12, tzinfo=UTC)
    found = await pins.rows(timed, **asked, compare="previous_period", order=order, now=now)
    assert found == [["2026-03-01", 1, 1, 1], ["2026-03-01", 2, 0, 1]]

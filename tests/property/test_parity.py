"""Comparing rows: harmless writing never counts, anything else always does."""

import random
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.catalog.entry import Tolerance
from assay.catalog.formula import ValueType
from assay.compiler.statement import AnswerColumn
from assay.routing.parity import GrainResult, compare_rows, shown_key

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""The first text that is made reads all of Unicode, which takes a loaded machine its time."""
PARIS = ZoneInfo("Europe/Paris")
TEXT = st.text(st.characters(codec="utf-8", exclude_characters=" \x00"), min_size=1, max_size=6)
KEYS: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXT, "boolean": st.booleans(), "integer": st.integers(-(2**62), 2**62),
    "date": st.dates(date(1990, 1, 1), date(2050, 1, 1)),
}  # fmt: skip
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-(2**62), 2**62),
    "decimal": st.decimals(-(10**20), 10**20, places=4, allow_nan=False, allow_infinity=False),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "timestamp": st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)).map(
        lambda each: each.replace(microsecond=each.microsecond // 1000 * 1000, tzinfo=UTC)
    ),
}


@st.composite
def results(draw: st.DrawFn) -> tuple[tuple[AnswerColumn, ...], list[tuple[Any, ...]]]:
    key, value = draw(st.sampled_from(sorted(KEYS))), draw(st.sampled_from(sorted(VALUES)))
    columns = (
        AnswerColumn("group", ValueType(key), "dimension", None, None),  # pyright: ignore[reportArgumentType]
        AnswerColumn("value", ValueType(value, 4 if value == "decimal" else None), "value", None, "m"),  # pyright: ignore[reportArgumentType]
    )
    groups = draw(st.lists(KEYS[key] | st.none(), min_size=1, max_size=8, unique=True))
    return columns, [(group, draw(VALUES[value] | st.none())) for group in groups]


def compared(columns: tuple[AnswerColumn, ...], one: Any, other: Any, **tolerance: float) -> GrainResult:
    return compare_rows("group", columns, one, other, {"m": Tolerance(**tolerance)}, PARIS, ("here", "there"))


def rewritten(value: Any, kind: str, dice: random.Random) -> Any:
    """The same value as another engine might hand it over."""
    if value is None:
        return None
    match kind:
        case "integer":
            return dice.choice([value, Decimal(value), str(value)])
        case "decimal":
            wider = value.quantize(Decimal("1e-8")) if abs(value) < 10**15 else value
            return dice.choice([wider, value.normalize(), str(value)])
        case "double":
            return -0.0 if value == 0 else dice.choice([value, repr(value)])
        case "boolean":
            return dice.choice([value, int(value), str(value).lower()])
        case "date":
            return dice.choice([value, value.isoformat(), datetime(value.year, value.month, value.day)])
        case "timestamp":
            shifted = value.astimezone(timezone(timedelta(hours=5, minutes=30)))
            return dice.choice([value, shifted, value.replace(tzinfo=None), shifted.isoformat(),
                                value + timedelta(microseconds=dice.randrange(1000))])  # fmt: skip
        case _:
            return value


@patient
@given(results(), st.randoms(use_true_random=False))
def test_how_an_engine_writes_its_values_never_counts(
    result: tuple[tuple[AnswerColumn, ...], list[tuple[Any, ...]]], dice: random.Random
) -> None:
    columns, rows = result
    other = [
        tuple(rewritten(cell, column.type.kind, dice) for cell, column in zip(row, columns, strict=True)) for row in rows
    ]
    dice.shuffle(other)
    found = compared(columns, rows, other)
    assert (found.verdict, found.rows, found.gaps) == ("equal", len(rows), ())


@patient
@given(results(), st.data())
def test_a_group_more_less_or_otherwise_always_counts(
    result: tuple[tuple[AnswerColumn, ...], list[tuple[Any, ...]]], data: st.DataObject
) -> None:
    columns, rows = result
    place = data.draw(st.integers(0, len(rows) - 1))
    group, value = rows[place]
    kind = columns[1].type.kind
    how = data.draw(st.sampled_from(["dropped", "emptied", "changed", "renamed"]))
    other = list(rows)
    if how == "dropped" or (how == "emptied" and value is None):
        del other[place]
    elif how == "emptied":
        other[place] = (group, None)
    elif how == "renamed":
        taken = {row[0] for row in rows}
        other[place] = (
            (data.draw(KEYS[columns[0].type.kind].filter(lambda each: each not in taken)), value)
            if (columns[0].type.kind != "boolean")
            else (group, _other(value, kind))
        )
    else:
        other[place] = (group, _other(value, kind))
    found = compared(columns, rows, other)
    assert found.verdict == "differs"
    assert found.gaps
    back = compared(columns, other, rows)
    assert (back.verdict, back.net, back.gap) == ("differs", -found.net, found.gap)


def _other(value: Any, kind: str) -> Any:
    if value is None:
        return datetime(2000, 1, 1, tzinfo=UTC) if kind == "timestamp" else 1
    match kind:
        case "integer":
            return value + 1
        case "decimal":
            return value + Decimal("0.0001")
        case "double":
            return value * 1.000001 if abs(value) > 1e-300 else 1.0
        case _:
            return value + timedelta(milliseconds=1)


@patient
@given(results(), results(), st.randoms(use_true_random=False), st.booleans())
def test_rows_that_need_no_reading_are_judged_as_if_they_were_read(
    result: tuple[tuple[AnswerColumn, ...], list[tuple[Any, ...]]], another: Any, dice: random.Random, is_same: bool
) -> None:
    columns, rows = result
    other = list(rows) if is_same or another[0] != columns else list(another[1])
    dice.shuffle(other)
    quick = compared(columns, rows, other)
    with patch("assay.routing.parity._are_the_same", return_value=False):
        assert compared(columns, rows, other) == quick


@given(st.decimals(1, 10**9, places=2), st.decimals(0, 1, places=6))
def test_a_tolerance_is_a_line_and_not_a_blur(value: Decimal, share: Decimal) -> None:
    columns = (AnswerColumn("value", ValueType("decimal", 8), "value", None, "m"),)
    other = value + value * share
    found = compared(columns, [(value,)], [(other,)], relative=0.001)
    within = abs(other - value) <= Decimal("0.001") * max(value, other)
    assert found.verdict == ("equal" if share == 0 else "within_tolerance" if within else "differs")


TEXT_BY_COUNT = (
    AnswerColumn("group", ValueType("string"), "dimension", None, None),
    AnswerColumn("value", ValueType("integer"), "value", None, "m"),
)


def test_text_is_compared_as_a_filter_sees_it() -> None:
    for one, other in (("Paris", "Paris "), ("caf\u00e9", "cafe\u0301"), ("a", "A"), ("", " ")):
        assert compared(TEXT_BY_COUNT, [(one, 1)], [(other, 1)]).verdict == "differs"
    assert compared(TEXT_BY_COUNT, [("a", 1), ("a ", 2)], [("a ", 2), ("a", 1)]).verdict == "equal"


def test_blanks_that_the_type_of_both_sides_puts_there_do_not_count() -> None:
    sides = ([("a    ", 1), ("b", 2)], [("a ", 1), ("b  ", 2)])
    given = (TEXT_BY_COUNT, *sides, {}, PARIS, ("here", "there"))
    assert compare_rows("group", *given, frozenset({"group"})).verdict == "equal"
    assert compare_rows("group", *given).verdict == "differs"


@pytest.mark.parametrize(
    ("kind", "one", "other", "verdict"),
    [
        ("decimal", Decimal("12345678901234567890123456789012345678.01"),
         Decimal("12345678901234567890123456789012345678.02"), "differs"),
        ("integer", 9007199254740993, 9007199254740992, "differs"),
        ("integer", 9007199254740993, Decimal("9007199254740993"), "equal"),
        ("double", float("nan"), float("-nan"), "equal"),
        ("double", float("nan"), None, "differs"),
        ("double", float("nan"), 0.0, "differs"),
        ("double", float("inf"), float("inf"), "equal"),
        ("double", float("inf"), float("-inf"), "differs"),
        ("double", float("inf"), 1.7976931348623157e308, "differs"),
        ("double", -0.0, 0.0, "equal"),
        ("double", 0.1 + 0.2, 0.3, "within_tolerance"),
        ("double", 0.1, 0.1000001, "differs"),
        ("decimal", Decimal("NaN"), Decimal("NaN"), "equal"),
        ("decimal", Decimal("1.50"), Decimal("1.5"), "equal"),
        ("string", "", None, "differs"),
    ],
)  # fmt: skip
def test_values_are_the_same_to_the_last_digit(kind: Any, one: Any, other: Any, verdict: str) -> None:
    columns = (AnswerColumn("value", ValueType(kind, 2 if kind == "decimal" else None), "value", None, "m"),)
    assert compared(columns, [(one,)], [(other,)]).verdict == verdict


def test_a_group_that_stands_twice_cannot_be_compared() -> None:
    columns = (
        AnswerColumn("group", ValueType("string"), "dimension", None, None),
        AnswerColumn("value", ValueType("integer"), "value", None, "m"),
    )
    found = compared(columns, [("a", 1), ("a", 2)], [("a", 3)])
    assert (found.verdict, found.reason) == ("not_comparable", "here gave the group a twice")


def test_moments_a_microsecond_apart_are_two_groups_where_both_sides_keep_them() -> None:
    columns = (
        AnswerColumn("sold_at", ValueType("timestamp"), "dimension", None, None),
        AnswerColumn("value", ValueType("integer"), "value", None, "m"),
    )
    first = datetime(2026, 3, 17, 9, 30, 0, 123_456, UTC)
    rows = [(first, 2), (first + timedelta(microseconds=1), 3)]
    written = [(str(moment).replace("+00:00", ""), value) for moment, value in reversed(rows)]
    assert compared(columns, rows, written).verdict == "equal"
    assert compared(columns, rows, [written[0], (written[1][0], 5)]).verdict == "differs"
    # Of an engine that keeps milliseconds nothing finer can be told: its digits never count, and two groups are one to it.
    cut = [(moment.replace(microsecond=123_000), value) for moment, value in rows]
    assert compared(columns, rows[:1], cut[:1]).verdict == "equal"
    assert compared(columns, rows, cut).verdict == "not_comparable"


def test_a_value_that_is_none_of_its_type_cannot_be_compared() -> None:
    columns = (AnswerColumn("value", ValueType("integer"), "value", None, "m"),)
    assert compared(columns, [(1,)], [("many",)]).verdict == "not_comparable"
    assert compared(columns, [(1,)], [(Decimal("1.5"),)]).verdict == "not_comparable"


def test_the_hour_that_comes_twice_is_two_groups_called_by_their_offsets() -> None:
    columns = (
        AnswerColumn("time", ValueType("timestamp"), "time", None, None, PARIS),
        AnswerColumn("value", ValueType("integer"), "value", None, "m"),
    )
    first, second = datetime(2026, 10, 25, 0), datetime(2026, 10, 25, 1)
    found = compared(columns, [(first, 1), (second, 2)], [(first, 1), (second, 3)])
    assert (found.verdict, found.rows, found.differing) == ("differs", 2, 1)
    assert shown_key(found.gaps[0].key) == "2026-10-25T02:00:00+01:00"
    as_they_travel = [("2026-10-25T02:00:00+02:00", 1), ("2026-10-25T02:00:00+01:00", 2)]
    assert compared(columns, [(first, 1), (second, 2)], as_they_travel).verdict == "equal"

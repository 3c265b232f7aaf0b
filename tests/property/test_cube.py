"""Cells: what a few fine groupings settle of coarser ones, against grouping the rows themselves."""

import asyncio
from decimal import Decimal
from math import prod
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assay.routing.cube import MAX_CELLS, Keys, Row, by_grouping, covers, groups_of_same_cells

KEYS = ["time", "a", "b", "c"]
GRAINS: dict[str, Keys] = {
    "time:day": ("time",), "a": ("a",), "b": ("b",), "c": ("c",),
    "a x b": ("a", "b"), "a x c": ("a", "c"), "b x c": ("b", "c"),
}  # fmt: skip
patient = settings(deadline=None)

cents = st.integers(-3, 3).map(lambda each: Decimal(each) / 100)
value = st.none() | cents
facts = st.lists(st.tuples(*[st.sampled_from(["x", "y", None]) for _ in KEYS], value), max_size=12)


def grouped(rows: list[Row], keys: Keys) -> dict[Row, Decimal | None]:
    """SUM by these keys, as SQL has it: NULL is a group, and a sum of nothing but NULL is NULL."""
    found: dict[Row, Decimal | None] = {}
    for row in rows:
        key, one = tuple(row[KEYS.index(each)] for each in keys), row[-1]
        known = found.get(key)
        found[key] = one if known is None else known if one is None else known + one
    return found


def cube(rows: list[Row], groupings: list[Keys]) -> list[Row]:
    """The rows that an engine gives for these groupings."""
    found: list[Row] = []
    for grouping in groupings:
        for key, total in grouped(rows, grouping).items():
            known = dict(zip(grouping, key, strict=True))
            found.append((*(known.get(each) for each in KEYS), *(int(each not in known) for each in KEYS), total))
    return found


def told(one: list[Row], other: list[Row], groupings: list[Keys]) -> dict[str, int] | None:
    return asyncio.run(groups_of_same_cells((one, other), KEYS, groupings, GRAINS))


@patient
@given(facts, facts, st.booleans(), st.dictionaries(st.sampled_from(KEYS), st.integers(1, 3_000)))
def test_cells_never_pass_what_differs_at_any_grain(one: Any, other: Any, is_same: bool, sizes: dict[str, int]) -> None:
    other = list(reversed(one)) if is_same else other
    groupings = covers(GRAINS.values(), {key: sizes.get(key, 3) for key in KEYS})
    found = told(cube(one, groupings), cube(other, groupings), groupings)
    if is_same:
        assert found is not None
    if found is not None:
        for name, keys in GRAINS.items():
            assert grouped(one, keys) == grouped(other, keys)
            assert found[name] == len(grouped(one, keys))


@patient
@given(st.dictionaries(st.sampled_from(KEYS), st.integers(0, 3_000), min_size=len(KEYS)))
def test_every_grain_lies_in_one_cover_and_none_grows_beyond_its_bound(sizes: dict[str, int]) -> None:
    found = covers(GRAINS.values(), sizes)
    assert len(found) <= len(GRAINS)
    assert all(any({*keys} <= {*each} for each in found) for keys in GRAINS.values())
    assert all(each in GRAINS.values() or prod(sizes[key] for key in each) <= MAX_CELLS for each in found)


@patient
@given(facts)
def test_the_rows_of_a_cube_come_back_to_their_groupings(rows: Any) -> None:
    groupings = list(GRAINS.values())
    found = asyncio.run(by_grouping(cube(rows, groupings), KEYS, groupings))
    assert [{row[:-1]: row[-1] for row in each} for each in found] == [grouped(rows, keys) for keys in groupings]


def test_a_cell_that_stands_twice_settles_nothing() -> None:
    groupings = [("time", "a", "b", "c")]
    rows = cube([("x", "x", "x", "x", Decimal(1))], groupings)
    assert told(rows, rows, groupings) is not None
    assert told(rows * 2, rows * 2, groupings) is None


def test_flags_in_a_drivers_own_type_are_read() -> None:
    groupings = [("time",), ("a", "b", "c")]
    rows = cube([("x", "y", None, "x", Decimal(1))], groupings)
    written = [(*row[:4], *map(str, row[4:8]), *row[8:]) for row in rows]
    assert told(written, written, groupings) == dict.fromkeys(GRAINS, 1)
    assert told(written, rows, groupings) is not None

"""The rows of a cube: given to the groupings that they are of, and what cells alone say of coarser grains.

Where a metric adds up, a few fine groupings settle every coarser grain: if both engines give the same cells, every sum,
count, least and largest of them is the same too. Where the cells are not the same, or where something is in doubt, nothing
is said here: the grains themselves have to be asked. No engine and no SQL in here.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from math import prod
from operator import itemgetter
from typing import Any

from sqlglot import exp

from assay.catalog.formula import infer
from assay.catalog.metric import Metric, operand_tree

Keys = tuple[str, ...]
Row = tuple[Any, ...]
MAX_CELLS = 2_000
"""How many cells a grouping may be expected to make."""
ROWS_AT_ONCE = 400
"""So many rows are worked through before the event loop has its turn: well below a millisecond."""


async def by_grouping(rows: Sequence[Row], keys: Sequence[str], groupings: Sequence[Keys]) -> list[list[Row]]:
    """The rows of each grouping: its own keys, then the values.

    A row of a cube holds all keys, a flag for each of them (1: not grouped by it), and the values.
    """
    count, found = len(keys), [list[Row]() for _ in groupings]
    values = range(2 * count, len(rows[0])) if rows else ()
    kept = [itemgetter(*[place for place, key in enumerate(keys) if key in each], *values) for each in groupings if values]
    numbers = {tuple(int(key not in each) for key in keys): number for number, each in enumerate(groupings)}
    for start in range(0, len(rows), ROWS_AT_ONCE):
        for row in rows[start : start + ROWS_AT_ONCE]:
            flags = row[count : 2 * count]
            number = numbers.get(flags)
            if number is None:  # a driver that hands over whole numbers in a type of its own
                number = numbers[flags] = numbers[tuple(map(int, flags))]
            found[number].append(kept[number](row))
        await asyncio.sleep(0)
    return found


def adds_up(metric: Metric) -> bool:
    """Whether a value over a group follows from the aggregates over the parts of the group, to the last digit.

    So does a lone aggregate that is exact, and arithmetic over counts. A distinct count and a percentile do not, and the
    sum of doubles depends on the order of addition. Arithmetic over sums may be rounded on its way to a double, and by
    each engine in its own way: what that gives has to be seen at each grain.
    """
    if not metric.adds_up_over_time:
        return False
    measures = [part.measure.tree for part in metric.parts]
    if all(_is_counted(each) for each in measures):
        return True
    return isinstance(operand_tree(metric), exp.Column) and _is_exact(measures[0].unnest())


def _is_counted(node: exp.Expr) -> bool:
    """Counts, whole numbers, and arithmetic over them."""
    match node:
        case exp.Count():
            return not isinstance(node.this, exp.Distinct)
        case exp.Paren() | exp.Neg() | exp.Filter():
            return _is_counted(node.this)
        case exp.Add() | exp.Sub() | exp.Mul() | exp.Div():
            return _is_counted(node.this) and _is_counted(node.expression)
        case exp.Literal():
            return node.is_int
        case _:
            return False


def _is_exact(aggregate: exp.Expr) -> bool:
    match aggregate:
        case exp.Filter():
            return _is_exact(aggregate.this)
        case exp.Sum():
            return infer(aggregate.this).kind in ("integer", "decimal")
        case exp.Min() | exp.Max():
            return True
        case _:
            return False


def covers(grains: Iterable[Keys], groups: Mapping[str, int]) -> list[Keys]:
    """Few groupings such that the keys of each grain lie in one of them, and none makes more than MAX_CELLS cells.

    `groups`: how many groups each key makes alone.
    """
    found: list[Keys] = []
    for keys in sorted(grains, key=len, reverse=True):
        for number, known in enumerate(found):
            both = tuple(dict.fromkeys((*known, *keys)))
            if both == known or prod(groups[key] for key in both) <= MAX_CELLS:
                found[number] = both
                break
        else:
            found.append(keys)
    return found


async def groups_of_same_cells(
    sides: tuple[Sequence[Row], Sequence[Row]], keys: Sequence[str], groupings: Sequence[Keys], grains: Mapping[str, Keys]
) -> dict[str, int] | None:
    """How many groups each grain has, where both sides gave the same cells; None where they did not.

    The rows have to be the same as the drivers hand them over: what differs in its writing alone is for `parity`, which
    reads values by their type.
    """
    ordered = [tuple(key for key in keys if key in each) for each in groupings]
    cells: list[Iterable[Row]] = []
    for own, *of_sides in zip(ordered, *[await by_grouping(rows, keys, groupings) for rows in sides], strict=True):
        one, other = ({row[: len(own)]: row[len(own) :] for row in rows} for rows in of_sides)
        if one != other or any(len(rows) != len(one) for rows in of_sides):
            return None
        cells.append(one)
        await asyncio.sleep(0)
    counted: dict[str, int] = {}
    for grain, wanted in grains.items():
        own, found = next(each for each in zip(ordered, cells, strict=True) if {*wanted} <= {*each[0]})
        counted[grain] = len(set(map(itemgetter(*[own.index(key) for key in wanted]), found)))
        await asyncio.sleep(0)
    return counted

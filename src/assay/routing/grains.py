"""The grains at which a metric is compared: the total, the time bucket, each dimension, and pairs that stay small."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations

from assay.catalog.buckets import Grain
from assay.catalog.metric import Metric
from assay.compiler.question import MAX_LIMIT, Question

MAX_PAIR_GROUPS = 2_000
"""Pairs of dimensions are compared where they make at most so many groups."""
Named = tuple[str, Question]
"""A grain's name, and the question that asks it."""


def single_grains(metric: Metric, total: Question) -> Iterator[Named]:
    """The total, the time bucket, and each declared dimension."""
    yield "total", total
    grain = time_grain(metric, total)
    if grain:
        yield f"time:{grain}", replace(total, grain=grain, limit=MAX_LIMIT)
    for dimension in metric.dimensions.values():
        yield dimension.name, replace(total, dimensions=(dimension,), limit=MAX_LIMIT)


def time_grain(metric: Metric, total: Question) -> Grain | None:
    """The time bucket that suits the length of the question's window."""
    if total.bounds is None or any(part.time is None for part in metric.parts):
        return None
    days = (total.bounds.end - total.bounds.start).total_seconds() / 86_400
    known_by_day = any(part.time and part.time.type.kind == "date" for part in metric.parts)
    return "hour" if days <= 2 and not known_by_day else "day" if days <= 1_000 else "month"


def small_pairs(metric: Metric, total: Question, groups: Mapping[str, int]) -> Iterator[Named]:
    """Time with each dimension, and two dimensions.

    `groups`: how many groups the time bucket (`time`) and each dimension make; pairs of one that is not among them are
    left out.
    """
    grain = time_grain(metric, total)
    for each in metric.dimensions.values() if grain else ():
        if {"time", each.name} <= groups.keys() and groups["time"] * groups[each.name] <= MAX_LIMIT:
            yield f"time:{grain} x {each.name}", replace(total, grain=grain, dimensions=(each,), limit=MAX_LIMIT)
    for one, other in combinations(metric.dimensions.values(), 2):
        if {one.name, other.name} <= groups.keys() and groups[one.name] * groups[other.name] <= MAX_PAIR_GROUPS:
            yield f"{one.name} x {other.name}", replace(total, dimensions=(one, other), limit=MAX_LIMIT)

"""Buckets of time that no row of an answer speaks of, between those that do."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import cast

from assay.catalog.buckets import Grain, next_bucket

_MOST = 20_000


def absent_buckets(values: Sequence[object], grain: str) -> list[str]:
    """`values` and what is returned are as they travel: days as dates, hours as wall times without an offset.

    None where a value is no moment that this calendar has.
    """
    try:
        known = sorted({datetime.fromisoformat(str(each)) for each in values if each is not None})
    except ValueError:
        return []
    if len(known) < 2:
        return []
    is_day = all(len(str(each)) == len("2026-11-02") for each in values if each is not None)
    there = set(known)
    found = [each for each in _buckets(known[0], known[-1], cast("Grain", grain)) if each not in there]
    return [each.date().isoformat() if is_day else each.isoformat() for each in found]


def _buckets(first: datetime, last: datetime, grain: Grain) -> Iterator[datetime]:
    """From the first to before the last; none is looked for beyond it, where the calendar may end."""
    moment = first
    for _ in range(_MOST):
        if moment >= last:
            return
        yield moment
        try:
            moment = _next(moment, grain)
        except (ValueError, OverflowError):
            return


def _next(moment: datetime, grain: Grain) -> datetime:
    if grain == "hour":
        return moment + timedelta(hours=1)
    return datetime.combine(next_bucket(moment.date(), grain), moment.timetz())

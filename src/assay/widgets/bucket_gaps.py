"""Buckets of time that no row of an answer speaks of, between those that do."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import cast

from assay.catalog.buckets import Grain, next_bucket
from assay.catalog.calendars import Week

_MOST = 20_000


def grain_told(grain: str, values: Iterable[object]) -> Grain:
    """A common grain as an answer tells it: the days on which its weeks begin are among its values."""
    first = min((str(each) for each in values if each is not None), default=None)
    if grain != "week" or first is None:
        return cast("Grain", grain)
    return Week(datetime.fromisoformat(first).weekday())


def absent_buckets(values: Sequence[object], grain: str, periods: Sequence[str] = ()) -> list[str]:
    """`periods`: the names of all buckets of a workspace's own grain.

    `values` and what is returned are as they travel: days as dates, hours as wall times without an offset.
    None where a value is no moment that this calendar has.
    """
    try:
        known = sorted({datetime.fromisoformat(str(each)) for each in values if each is not None})
    except ValueError:
        return []
    if len(known) < 2:
        return []
    if periods:
        told = {str(each) for each in values}
        return [each for each in periods if min(told) < each < max(told) and each not in told]
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

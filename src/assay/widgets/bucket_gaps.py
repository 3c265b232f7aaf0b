"""Buckets of time that no row of an answer speaks of, between those that do."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

_MOST = 20_000
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


def absent_buckets(values: Sequence[object], grain: str) -> list[str]:
    """`values` and what is returned are as they travel: days as dates, hours as wall times without an offset."""
    known = sorted({datetime.fromisoformat(str(each)) for each in values if each is not None})
    if len(known) < 2:
        return []
    is_day = all(len(str(each)) == len("2026-11-02") for each in values)
    there = set(known)
    found = [each for each in _buckets(known[0], known[-1], grain) if each not in there]
    return [each.date().isoformat() if is_day else each.isoformat() for each in found]


def _buckets(first: datetime, last: datetime, grain: str) -> Iterator[datetime]:
    moment = first
    for _ in range(_MOST):
        if moment > last:
            return
        yield moment
        moment = _next(moment, grain)


def _next(moment: datetime, grain: str) -> datetime:
    months = _MONTHS.get(grain)
    if months is None:
        return moment + _STEPS[grain]
    ahead = moment.month - 1 + months
    start = date(moment.year + ahead // 12, ahead % 12 + 1, 1)
    return datetime.combine(start, moment.timetz())

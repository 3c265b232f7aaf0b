"""Whether a value is as an alert says: pure rules over values that are known. What is not known is judged by nobody.

*Usual* is the median of the same hour of the same weekday (of the same weekday, where buckets are days) in the eight weeks
before, and what is usual around it is the median absolute deviation (MAD; Hampel 1974), times 1.4826, which makes it a
standard deviation where values are spread normally. Outside is what is farther off than so many times that, and by a
twentieth of the median at least.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from statistics import median
from typing import Any

from assay.alerts.entry import When

Key = tuple[Any, ...]
_NORMAL = Fraction(14_826, 10_000)
_LEAST = Fraction(1, 20)
_LEAST_WEEKS = 6
USUAL_WEEKS = 8


@dataclass(frozen=True)
class Judged:
    """Of one group, or of the whole, whose key is empty. `holds`: None where it cannot be said, with the reason.

    `value` and `before` as they travel; `before`: what it is compared with, or the median.
    """

    key: Key
    holds: bool | None
    value: Any = None
    before: Any = None
    bucket: str | None = None
    why: str | None = None


def number(value: Any) -> Fraction | None:
    """Exactly; None for what is not a finite number, such as a time or how a route stands."""
    if isinstance(value, bool):
        return None
    try:
        return Fraction(str(value))
    except ValueError:
        return None


def by_bar(when: When, key: Key, value: Any, before: Any = None, bucket: str | None = None) -> Judged:
    """Above or below, of the value or of its change. A change from nothing has no share."""
    now, then = number(value), number(before)
    if now is None:
        return Judged(key, None, value, before, bucket, "there is no value")
    measured = now
    if when.change is not None:
        if then is None or (when.is_share and then == 0):
            return Judged(key, None, value, before, bucket, "there was nothing before to compare it with")
        measured = (now - then) / abs(then) if when.is_share else now - then
    holds = measured > when.bar if when.kind == "above" else measured < when.bar
    return Judged(key, holds, value, before, bucket)


def by_usual(
    times: Fraction, key: Key, series: Sequence[tuple[str, Any]], empty: Any, *, is_hourly: bool
) -> Judged:  # fmt: skip
    """The last of a series of whole buckets against those of its weekday and hour before. `empty`: of a bucket without rows.

    Buckets before the first one with rows are no past: nothing was counted yet.
    """
    if not series:
        return Judged(key, None, why="no bucket is over yet")
    bucket, value = series[-1]
    first = next((at for at, (_, each) in enumerate(series) if each != empty), len(series))
    season = _season(bucket, is_hourly=is_hourly)
    alike = [number(each) for name, each in series[first:-1] if _season(name, is_hourly=is_hourly) == season]
    past = [each for each in alike if each is not None][-USUAL_WEEKS:]
    now = number(value)
    if now is None:
        return Judged(key, None, value, None, bucket, "there is no value")
    if len(past) < _LEAST_WEEKS:
        return Judged(key, None, value, None, bucket,
                      f"what is usual is known after {_LEAST_WEEKS} weeks, and there are {len(past)}")  # fmt: skip
    usual = median(past)
    spread = median([abs(each - usual) for each in past]) * _NORMAL
    off = abs(now - usual)
    return Judged(key, off > times * spread and off > abs(usual) * _LEAST, value, _shown(usual), bucket)


def by_absence(key: Key, value: Any, empty: Any, bucket: str | None = None) -> Judged:
    return Judged(key, value is None or value == empty, value, None, bucket)


def _season(bucket: str, *, is_hourly: bool) -> tuple[int, int]:
    """Weekday and hour on the wall clock: by its name, an hour that comes twice is the same hour."""
    if is_hourly:
        moment = datetime.fromisoformat(bucket)
        return moment.weekday(), moment.hour
    return date.fromisoformat(bucket).weekday(), 0


def _shown(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def grouped(
    rows: Sequence[Sequence[Any]], keys: Sequence[int], time: int, value: int
) -> Mapping[Key, list[tuple[str, Any]]]:
    """Each group's (bucket, value), in order of time."""
    found: dict[Key, list[tuple[str, Any]]] = {}
    for row in rows:
        found.setdefault(tuple(row[at] for at in keys), []).append((row[time], row[value]))
    return found

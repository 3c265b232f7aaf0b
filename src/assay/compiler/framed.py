"""What one pass over framed rows reads: from which day on, and for each bucket of the question the days of its frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from assay.catalog.buckets import Shift, Stretch, day_shifts
from assay.catalog.calendars import Calendar
from assay.catalog.frames import AnyFrame
from assay.catalog.windows import Bounds, Step, end_day_back, first_day_back
from assay.catalog.zones import day_start, first_day

_DAY = timedelta(days=1)
Item = tuple[str, date | None, date, tuple[str, ...]]
"""(of a bucket its name, first day of its frame, first day behind it, what it tells of itself beside)"""


@dataclass(frozen=True, slots=True)
class Framed:
    begins: date | None
    """The first day that is read; None: all that there was."""
    behind: tuple[date, datetime]
    """Where what is read ends: in a column of days before this day, in one of moments before this instant."""
    buckets: tuple[Item, ...]
    """None where the question has no grain, unless it is averaged over the days of its window."""
    moved: dict[str, tuple[Shift, ...]]
    """By the kind of a time column: by how much its values are moved before their day is cut off."""

    @property
    def listed(self) -> str:
        """The buckets as the one text that is bound: engines read it as rows."""
        return ",".join(
            " ".join([name, (begins or date.min).isoformat(), ends.isoformat(), *further])
            for name, begins, ends, further in self.buckets
        )


def framed(
    frame: AnyFrame, bounds: Bounds, end: date, first: date, asked: Bounds, buckets: Sequence[Stretch] | None,
    steps: Sequence[Step], kinds: Sequence[str], zone: ZoneInfo, calendar: Calendar,
) -> Framed:  # fmt: skip
    """`bounds`, before the day `end`: in which an unframed part would count; `steps` lead to it from the `asked` window, and
    from there to the day `first`, in which it begins. `buckets`: None where the question has no grain.

    A day that the window cuts counts as far as the window goes, also where it lies so much before that day.
    """
    found: list[Item] = []
    for bucket in buckets or ():
        begins, ends = bucket.first, end
        for step in steps:
            begins = first_day_back(begins, step)
        behind = min(first_day(bucket.end, zone), bucket.first + _DAY if frame.ends_early else date.max)
        if day_start(behind, zone) < asked.end:
            ends = behind
            for step in steps:
                ends = end_day_back(ends, step)
        if frame.averages:
            found += _of_days(frame, bucket.name, bucket.further, max(begins, first), ends, calendar)
        else:
            found.append((bucket.name, *frame.days(begins, ends, calendar), bucket.further))
    if buckets is None and frame.averages:
        found = _of_days(frame, None, (), first, end, calendar)
    last = min(first + _DAY, end) if frame.ends_early else end
    begins, behind = (found[0][1], found[-1][2]) if found else frame.days(first, last, calendar)
    span = bounds.start if begins is None else day_start(begins, zone), bounds.end
    moved = {kind: day_shifts(kind, span, None, zone) for kind in kinds if found or buckets is not None}
    return Framed(begins, (min(behind, end), min(day_start(behind, zone), bounds.end)), tuple(found), moved)


def _of_days(
    frame: AnyFrame, name: str | None, further: tuple[str, ...], begins: date, ends: date, calendar: Calendar
) -> list[Item]:  # fmt: skip
    """The frame of each day of a bucket, or of a window without buckets: behind further grains each tells of which days it
    is one, from the first to the one behind the last, and itself.
    """
    found: list[Item] = []
    for number in range((ends - begins).days):
        day = begins + number * _DAY
        told = *further, begins.isoformat(), ends.isoformat(), day.isoformat()
        found.append((name or day.isoformat(), *frame.days(day, day + _DAY, calendar), told))
    return found

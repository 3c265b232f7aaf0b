"""What one pass over framed rows reads: from which day on, and for each bucket of the question the days of its frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from assay.catalog.buckets import Bucket, Shift, day_shifts
from assay.catalog.calendars import Calendar
from assay.catalog.frames import AnyFrame
from assay.catalog.windows import Bounds, Step, end_day_back, first_day_back
from assay.catalog.zones import day_start, first_day


@dataclass(frozen=True, slots=True)
class Framed:
    begins: date | None
    """The first day that is read; None: all that there was."""
    behind: tuple[date, datetime]
    """Where what is read ends: in a column of days before this day, in one of moments before this instant."""
    buckets: tuple[tuple[str, date | None, date], ...]
    """(name of the bucket, first day of its frame, first day behind it); none where the question has no grain."""
    moved: dict[str, tuple[Shift, ...]]
    """By the kind of a time column: by how much its values are moved before their day is cut off."""

    @property
    def listed(self) -> str:
        """The buckets as the one text that is bound: engines read it as rows."""
        return ",".join(
            f"{name} {(begins or date.min).isoformat()} {ends.isoformat()}" for name, begins, ends in self.buckets
        )


def framed(
    frame: AnyFrame, bounds: Bounds, end: date, first: date, asked: Bounds, buckets: Sequence[Bucket] | None,
    steps: Sequence[Step], kinds: Sequence[str], zone: ZoneInfo, calendar: Calendar,
) -> Framed:  # fmt: skip
    """`bounds`, before the day `end`: in which an unframed part would count; `steps` lead to it from the `asked` window, and
    from there to the day `first`, in which it begins. `buckets`: None where the question has no grain.

    A day that the window cuts counts as far as the window goes, also where it lies so much before that day.
    """
    found: list[tuple[str, date | None, date]] = []
    for bucket in buckets or ():
        begins, ends = date.fromisoformat(bucket.name), end
        for step in steps:
            begins = first_day_back(begins, step)
        if bucket.end < asked.end:
            ends = first_day(bucket.end, zone)
            for step in steps:
                ends = end_day_back(ends, step)
        found.append((bucket.name, *frame.days(begins, ends, calendar)))
    begins, behind = (found[0][1], found[-1][2]) if found else frame.days(first, end, calendar)
    span = bounds.start if begins is None else day_start(begins, zone), bounds.end
    moved = {kind: day_shifts(kind, span, None, zone) for kind in kinds if buckets is not None}
    return Framed(begins, (min(behind, end), min(day_start(behind, zone), bounds.end)), tuple(found), moved)

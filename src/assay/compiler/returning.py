"""What one pass over cohorts reads: the buckets that are over, from that of the first cohort on, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from assay.catalog.buckets import Grain, Shift, bucket_at, day_shifts
from assay.catalog.calendars import Periods
from assay.catalog.windows import Bounds
from assay.catalog.zones import first_day

_MOST_DAYS: dict[str, int] = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


@dataclass(frozen=True, slots=True)
class Returning:
    buckets: tuple[tuple[date, date], ...]
    """(first day, first day behind it), one directly behind the other; none where not even the first is over."""
    end: datetime
    """Where what is read ends."""
    moved: dict[str, tuple[Shift, ...]]
    """By the kind of a time column: by how much its values are moved before their day is cut off."""
    longest: timedelta
    """No bucket of the grain has more days."""

    @property
    def listed(self) -> str:
        """The buckets as the one text that is bound: engines read it as rows."""
        return ",".join(f"{begins} {begins} {ends}" for begins, ends in self.buckets)


def returning(grain: Grain, up_to: int, bounds: Bounds, as_of: datetime, kinds: Sequence[str], zone: ZoneInfo) -> Returning:
    """Of cohorts whose first events lie in the bounds. Raises NotCovered for days that the calendar does not tell."""
    found: list[tuple[date, date]] = []
    at, left = bounds.start, up_to
    while left:
        bucket = bucket_at(at, grain, zone)
        if bucket.end > as_of:
            break
        left -= bucket.start >= bounds.end
        found.append((first_day(bucket.start, zone), first_day(bucket.end, zone)))
        at = bucket.end
    end = max(at, bounds.start)
    moved = {kind: day_shifts(kind, (bounds.start, end), None, zone) for kind in kinds}
    most = grain.most_days if isinstance(grain, Periods) else _MOST_DAYS[grain]
    return Returning(tuple(found), end, moved, timedelta(days=most))

"""Frames: over which days a metric counts at the end of a bucket, where it looks further than the bucket itself.

The value of a bucket is that of the whole question, were the bucket's end the end of its window. So a frame follows from
that end alone, in whole days of the calendar, and what is shifted or compared has the frame of an earlier end.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from assay.catalog.buckets import Grain, bucket_day
from assay.catalog.windows import Step, first_day_back, told_length

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Frame:
    """So long before the end; or since the start of its unit; or, where neither is said, all that there was before it."""

    trailing: Step | None = None
    since: Grain | None = None

    def begins(self, end: date) -> date | None:
        """The first day of the frame whose last day is the one before `end`; None where it has no beginning."""
        if self.trailing:
            return first_day_back(end, self.trailing)
        return bucket_day(end - _DAY, self.since) if self.since else None

    @property
    def told(self) -> str:
        if self.trailing:
            return f"over the {told_length(self.trailing)} up to then"
        return f"since the start of the {self.since}" if self.since else "over all time up to then"

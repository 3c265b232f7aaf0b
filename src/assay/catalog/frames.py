"""Frames: over which days a metric counts at the end of a bucket, where it looks further than the bucket itself.

The value of a bucket is that of the whole question, were the bucket's end the end of its window. So a frame follows from
that end alone, in whole days of the calendar, and what is shifted or compared has the frame of an earlier end. What is
read at the start of a month follows from the first day of its bucket instead.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from assay.catalog.buckets import bucket_day, grain_in
from assay.catalog.calendars import Calendar, spoken
from assay.catalog.windows import Shift, Step, end_day_back, first_day_back, told_length, told_shift

_DAY = timedelta(days=1)


Coarser = Literal["last", "first", "average"]
"""The value of a bucket of several days, of what it is at the end of each of them: at the end of the last one; of the first
one; or on average.
"""


@dataclass(frozen=True, slots=True)
class Frame:
    """So long before the end; or since the start of its unit; or, where neither is said, all that there was before it."""

    trailing: Step | None = None
    since: str | None = None
    """The name of a grain, as the workspace's calendar has it."""
    coarser: Coarser = "last"

    def begins(self, end: date, calendar: Calendar) -> date | None:
        """The first day of the frame whose last day is the one before `end`; None where it has no beginning.

        Raises NotCovered for a day that the calendar does not tell.
        """
        if self.trailing:
            return first_day_back(end, self.trailing)
        return bucket_day(end - _DAY, grain_in(calendar, self.since)) if self.since else None

    def days(self, _: date, end: date, calendar: Calendar) -> tuple[date | None, date]:
        """(first day, day behind the last one) of the frame of a bucket, given the same two days of the bucket."""
        return self.begins(end, calendar), end

    @property
    def units(self) -> tuple[str, ...]:
        """The units that it begins with, by name."""
        return (self.since,) if self.since else ()

    @property
    def back(self) -> Shift:
        """By how much what it holds lies before what its bucket holds."""
        return ()

    @property
    def averages(self) -> bool:
        """Whether a bucket has the average of its days."""
        return self.coarser == "average"

    @property
    def ends_early(self) -> bool:
        """Whether what it holds may end before its bucket does."""
        return self.coarser == "first"

    @property
    def told(self) -> str:
        if self.trailing:
            what = f"over the {told_length(self.trailing)} up to then"
        else:
            what = f"since the start of the {spoken(self.since)}" if self.since else "over all time up to then"
        which = {"last": "", "first": ", at the end of the first day", "average": ", on average of the days"}
        return f"{what}{which[self.coarser]}"


@dataclass(frozen=True, slots=True)
class AtStart:
    """The first day of the unit in which a bucket begins, of however many days the bucket is; or what lies so much before
    that day; or the frame that ends with it.
    """

    unit: str
    """The name of a grain, as the workspace's calendar has it."""
    shift: Shift = ()
    frame: "Frame | AtStart | None" = None

    @property
    def averages(self) -> bool:
        """It is of one day."""
        return False

    @property
    def ends_early(self) -> bool:
        return True

    def days(self, first: date, _: date, calendar: Calendar) -> tuple[date | None, date]:
        begins = bucket_day(first, grain_in(calendar, self.unit))
        ends = begins + _DAY
        for step in self.shift:
            begins, ends = first_day_back(begins, step), end_day_back(ends, step)
        return self.frame.days(begins, ends, calendar) if self.frame else (begins, ends)

    @property
    def told(self) -> str:
        back = f", {told_shift(self.shift)} earlier" if self.shift else ""
        return f"on the first day of the {self.unit}{back}{f', {self.frame.told}' if self.frame else ''}"

    @property
    def units(self) -> tuple[str, ...]:
        return (self.unit, *(self.frame.units if self.frame else ()))

    @property
    def back(self) -> Shift:
        return (*self.shift, *(self.frame.back if self.frame else ()))


AnyFrame = Frame | AtStart

"""Bounds of a window that are said from now on: `-6 weeks`, `today`, `start of month -2 months`, `now`.

A day stands for its beginning, so a window from `-6 weeks` to `today` is of six whole weeks, and one to `now` goes so far.
"""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from assay.catalog.buckets import bucket_day, grain_in
from assay.catalog.calendars import GREGORIAN, Calendar
from assay.catalog.windows import in_month, read_length
from assay.catalog.zones import day_of, day_start, edge_wall, midnight, to_utc

_EDGE = re.compile(
    r"(?:(?P<at>now|today)|start of (?P<unit>week|month|quarter|year|fiscal[_ ](?:period|quarter|year))|(?=[+-]))"
    r"(?: ?(?P<sign>[+-]) ?(?P<length>[1-9][0-9]{0,3} (?:day|week|month|quarter|year)s?))?"
)
HOW = "today, now, start of month, or such as -6 weeks, start of month -2 months"


def relative_edge(text: str, as_of: datetime, zone: ZoneInfo, calendar: Calendar = GREGORIAN) -> datetime | None:
    """The instant that such a bound is at `as_of`; None where it is none. A length alone counts from today.

    Raises ValueError for what is longer than 50 years, or made of periods that the workspace has not.
    """
    found = _EDGE.fullmatch(text.strip())
    if found is None:
        return None
    step = read_length(found["length"]) if found["length"] else None
    sign = -1 if found["sign"] == "-" else 1

    def moved(wall: datetime) -> datetime:
        return wall if step is None else in_month(wall, sign * step.months) + sign * step.wall

    if found["at"] == "now":
        return as_of if step is None else to_utc(moved(edge_wall(as_of, zone)), zone)
    # A tick that falls on midnight ends the day before it, as for windows that have a name.
    day = day_of(as_of - timedelta(microseconds=1), zone)
    first = bucket_day(day, grain_in(calendar, found["unit"].replace(" ", "_"))) if found["unit"] else day
    return day_start(moved(midnight(first)).date(), zone)

"""Fiscal years: of calendar months, or of 52 and 53 whole weeks in a pattern such as 4-4-5; each as lists of its periods.

A year of weeks ends on one weekday: the last of its kind in a month, or the one nearest to the month's end. Where that gives
it a 53rd week, its last period has this week too.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assay.catalog.calendars import DAYS, FISCAL, Period, Periods

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
MonthName = Literal[
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
]  # fmt: skip
DayName = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
FIRST_YEAR, LAST_YEAR = 1898, 2203
"""Whose ends are told: more than those in which a window may lie."""
_ENDS = re.compile(
    rf"(?:last (?P<last>{'|'.join(DAYS)}) of|(?P<nearest>{'|'.join(DAYS)}) nearest the end of) (?P<month>{'|'.join(MONTHS)})"
)
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


class FiscalYear(BaseModel):
    """What a fiscal year is made of, as assay.yaml says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    starts: MonthName | None = Field(default=None, description="a year of twelve months: the first of them")
    weeks: Literal["4-4-5", "4-5-4", "5-4-4"] | None = Field(
        default=None, description="a year of whole weeks: how many the three periods of each quarter have"
    )
    ends: str | None = Field(
        default=None, max_length=60,
        description="when a year of weeks ends, such as  last saturday of january  or  saturday nearest the end of january",
    )  # fmt: skip
    named_by: Literal["start", "end"] = Field(
        default="end",
        description="whether a year has the number of the calendar year in which it begins, or ends; one that is said to end"
        " nearest the end of december may do so in the first days of january",
    )

    @model_validator(mode="after")
    def _months_or_weeks(self) -> Self:
        if (self.starts is None) == (self.weeks is None):
            raise ValueError("a fiscal year is of months (starts: april) or of weeks (weeks: 4-4-5, with ends)")
        if (self.weeks is None) != (self.ends is None):
            raise ValueError("weeks and ends belong together: ends says when such a year is over")
        if self.ends is not None and _ENDS.fullmatch(self.ends.strip()) is None:
            raise ValueError(f"{self.ends!r} is no end of a year of weeks; write for instance  last saturday of january  or"
                             "  saturday nearest the end of january")  # fmt: skip
        return self


def fiscal_periods(said: FiscalYear) -> dict[str, Periods]:
    """Its periods, quarters and years by the names of FISCAL."""
    found: dict[str, list[Period]] = {name: [] for name in FISCAL}
    for number, starts in _years_of_weeks(said) if said.weeks else _years_of_months(said):
        name = f"FY{number % 100:02}"
        found["fiscal_period"] += [Period(day, f"{name} P{each:02}") for each, day in enumerate(starts, 1)]
        found["fiscal_quarter"] += [Period(day, f"{name} Q{each}") for each, day in enumerate(starts[::3], 1)]
        found["fiscal_year"].append(Period(starts[0], name))
    end = _end(said, LAST_YEAR)
    return {name: Periods(name, periods, end) for name, periods in found.items()}


Year = tuple[int, list[date]]
"""The number of a year, and the first days of its twelve periods."""


def _end(said: FiscalYear, year: int) -> date:
    """The first day behind the year that is said to end in a calendar year."""
    if said.starts:
        return date(year, MONTHS.index(said.starts) + 1, 1)
    found = _said_end(said)
    month = MONTHS.index(found["month"]) + 1
    last = date(year, month, monthrange(year, month)[1])
    back = (last.weekday() - DAYS.index(found["last"] or found["nearest"])) % 7
    ahead = 7 if found["nearest"] and back > 3 else 0
    return last - back * _DAY + ahead * _DAY + _DAY


def _said_end(said: FiscalYear) -> re.Match[str]:
    found = _ENDS.fullmatch((said.ends or "").strip())
    assert found
    return found


def _years_of_months(said: FiscalYear) -> Iterator[Year]:
    for year in range(FIRST_YEAR, LAST_YEAR):
        first, last = _end(said, year), _end(said, year + 1) - _DAY
        months = [divmod(first.month - 1 + number, 12) for number in range(12)]
        starts = [date(first.year + years, month + 1, 1) for years, month in months]
        yield (first if said.named_by == "start" else last).year, starts


def _years_of_weeks(said: FiscalYear) -> Iterator[Year]:
    pattern = [int(each) for each in (said.weeks or "").split("-")] * 4
    # Its number goes by the month in which it is said to end, and not by the few days that it ends before or behind that.
    begins_earlier = said.named_by == "start" and _said_end(said)["month"] != "december"
    for year in range(FIRST_YEAR, LAST_YEAR):
        starts = [_end(said, year)]
        for weeks in pattern[:-1]:
            starts.append(starts[-1] + weeks * _WEEK)
        yield year if begins_earlier else year + 1, starts

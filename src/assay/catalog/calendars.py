"""Calendars of a workspace: on which day a week begins, and periods of its own, such as those of a fiscal year.

A grain is a function from a day to a bucket: its first day, the first day behind it, and what it is called. Those of the
common calendar are calculated where they are needed (`catalog/buckets.py`); a grain of periods is a list of them, one
directly behind the other, whether a rule gives them or a file of the workspace.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FISCAL = ("fiscal_period", "fiscal_quarter", "fiscal_year")
"""What a fiscal year is made of: twelve periods, three to a quarter."""
COMMON = ("hour", "day", "week", "month", "quarter", "year")
_DAY = timedelta(days=1)


class NotCovered(ValueError):
    """A day lies in none of the periods of a calendar."""


class Week(str):
    """A week that begins on another day than Monday. Equal to the name of the grain."""

    starts: int
    """0 for Monday to 6 for Sunday."""

    def __new__(cls, starts: int) -> "Week":
        made = super().__new__(cls, "week")
        made.starts = starts
        return made

    def first(self, day: date) -> date:
        """The first day of the week in which a day lies."""
        return day - timedelta(days=(day.weekday() - self.starts) % 7)

    def following(self, first: date) -> date:
        """The first day of the week after the one that begins on `first`."""
        return first + 7 * _DAY


@dataclass(frozen=True, slots=True)
class Period:
    first: date
    label: str


class Periods(str):
    """A grain of periods, one directly behind the other: `end` is the first day behind the last. Equal to its name."""

    firsts: tuple[date, ...]
    labels: tuple[str, ...]
    end: date

    def __new__(cls, name: str, periods: Sequence[Period], end: date) -> "Periods":
        made = super().__new__(cls, name)
        made.firsts, made.labels, made.end = (
            tuple(each.first for each in periods),
            tuple(each.label for each in periods),
            end,
        )
        return made

    def number(self, day: date) -> int:
        """Which of its periods a day lies in. Raises NotCovered."""
        if not self.firsts[0] <= day < self.end:
            raise NotCovered(f"{self._told}, and {day} is none of these days")
        return bisect_right(self.firsts, day) - 1

    def first(self, day: date) -> date:
        """The first day of the period in which a day lies. Raises NotCovered."""
        return self.firsts[self.number(day)]

    def following(self, first: date) -> date:
        """The first day of the period after the one that begins on `first`."""
        return self.begins(self.number(first) + 1)

    def label(self, day: date) -> str:
        return self.labels[self.number(day)]

    def begins_on(self, day: date) -> bool:
        """Whether one begins on this day, or the last one is over."""
        return day == self.end or (self.firsts[0] <= day < self.end and self.first(day) == day)

    def between(self, first: date, end: date) -> int:
        """How many periods there are from one that begins on `first` to before the one that begins on `end`."""
        return (len(self.firsts) if end == self.end else self.number(end)) - self.number(first)

    def moved(self, day: date, count: int) -> date:
        """The same day of the period so many later; one that this period lacks is its last day. Raises NotCovered."""
        number = self.number(day)
        first, following = self.begins(number + count), self.begins(number + count + 1)
        return min(first + (day - self.firsts[number]), following - _DAY)

    def has_day(self, day: date, count: int) -> bool:
        """Whether the period so many later is long enough to have the same day."""
        moved = self.moved(day, count)
        return moved - self.first(moved) == day - self.first(day)

    def listed(self, start: date, end: date) -> tuple[tuple[date, date, str], ...]:
        """(first day, first day behind it, label) of each period that has a day in `[start, end)`."""
        first, last = self.number(start), self.number(end - _DAY)
        return tuple((self.firsts[at], self.begins(at + 1), self.labels[at]) for at in range(first, last + 1))

    @cached_property
    def mark(self) -> str:
        """Equal for periods that are called and divide all days alike."""
        meaning = repr((str(self), self.firsts, self.labels, self.end))
        return hashlib.sha256(meaning.encode()).hexdigest()[:16]

    @cached_property
    def least_days(self) -> int:
        """How many days the shortest of its periods has."""
        return min((self.begins(at + 1) - first).days for at, first in enumerate(self.firsts))

    @cached_property
    def most_days(self) -> int:
        """How many days the longest of its periods has."""
        return max((self.begins(at + 1) - first).days for at, first in enumerate(self.firsts))

    def begins(self, number: int) -> date:
        """The first day of one of its periods, or behind the last of them. Raises NotCovered."""
        if not 0 <= number <= len(self.firsts):
            where = "before the first" if number < 0 else "behind the last"
            raise NotCovered(f"{self._told}, and nothing {where} of them")
        return self.firsts[number] if number < len(self.firsts) else self.end

    @property
    def _told(self) -> str:
        return f"the {spoken(self)}s of this workspace are told from {self.firsts[0]} to {self.end - _DAY}"


OwnGrain = Week | Periods
"""A grain that a workspace's calendar tells: its name, and what it makes of a day."""


def spoken(name: str) -> str:
    return name.replace("_", " ")


@dataclass(frozen=True)
class Calendar:
    """What a workspace's days are divided into. Without a word of its own: weeks from Monday, and the common grains."""

    week_starts: int = 0
    periods: Mapping[str, Periods] = field(default_factory=dict[str, Periods])
    """Its own grains, by name."""

    @property
    def grains(self) -> tuple[str, ...]:
        return (*COMMON, *self.periods)

    def own(self, name: str) -> OwnGrain | None:
        """The grain of this name, where it is not one of the common calendar."""
        if name == "week":
            return Week(self.week_starts) if self.week_starts else None
        return self.periods.get(name)

    @property
    def year(self) -> Periods | None:
        """The year by which periods of one fiscal year are compared with those of the one before."""
        return self.periods.get("fiscal_year")

    @cached_property
    def mark(self) -> str:
        """Equal for calendars that divide all days alike; empty for the common one."""
        if not self.week_starts and not self.periods:
            return ""
        meaning = [self.week_starts, *sorted((name, each.mark) for name, each in self.periods.items())]
        return hashlib.sha256(repr(meaning).encode()).hexdigest()[:16]

    def mark_of(self, grains: Iterable[str]) -> str:
        """As `mark`, of these grains alone."""
        wanted = set(grains)
        starts = self.week_starts if "week" in wanted else 0
        return Calendar(starts, {name: each for name, each in self.periods.items() if name in wanted}).mark


GREGORIAN = Calendar()

"""A world's own calendar, counted out day by day: when its weeks begin, what its fiscal year is, and seasons of a file."""

import random
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_FIRST, _END = date(1999, 12, 27), date(2045, 1, 1)
_WEEKS = {"4-4-5": (4, 4, 5), "4-5-4": (4, 5, 4), "5-4-4": (5, 4, 4)}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")  # fmt: skip


class Own(str):
    """A grain by the first days of its buckets."""

    firsts: list[date]

    @classmethod
    def of(cls, name: str, firsts: Iterable[date]) -> "Own":
        found = cls(name)
        found.firsts = sorted(firsts)
        return found

    def first(self, day: date) -> date:
        return self.firsts[bisect_right(self.firsts, day) - 1]

    def following(self, first: date) -> date:
        return self.firsts[self.firsts.index(first) + 1]


@dataclass(frozen=True)
class Calendar:
    written: str
    """What assay.yaml says of it, as YAML on one line."""
    seasons: str
    """The file of a further grain."""
    grains: dict[str, Own]

    def grain(self, name: str) -> str:
        return self.grains.get(name, name)


def make_calendar(seed: int) -> Calendar:
    rng = random.Random(f"calendar {seed}")
    weekday = rng.choice((0, 0, 6, rng.randrange(7)))
    days = [_FIRST + timedelta(days=number) for number in range((_END - _FIRST).days)]
    grains = {"week": Own.of("week", [day for day in days if day.weekday() == weekday])} if weekday else {}
    if rng.random() < 0.5:
        month = rng.randint(1, 12)
        fiscal = f"{{starts: {_MONTHS[month - 1]}}}"
        begun = [day for day in days if day.day == 1]
        periods = [day for day in begun if day >= date(2000, month, 1)]
    else:
        pattern, last = rng.choice(list(_WEEKS)), rng.randrange(7)
        fiscal = f"{{weeks: {pattern}, ends: last {_WEEKDAYS[last]} of january}}"
        ends = [day for day in days if day.month == 1 and day.weekday() == last and (day + timedelta(days=7)).month == 2]
        periods = [day for end in ends for day in _of_a_year(end + timedelta(days=1), _WEEKS[pattern])]
    for name, count in (("fiscal_period", 1), ("fiscal_quarter", 3), ("fiscal_year", 12)):
        grains[name] = Own.of(name, periods[::count])
    seasons = [date(2000, 1, 1)]
    while seasons[-1] < _END:
        seasons.append(seasons[-1] + timedelta(days=rng.choice((1, 7, 30, 61, 365))))
    grains["season"] = Own.of("season", seasons)
    rows = [f"s{number},{first},{seasons[number + 1] - timedelta(days=1)}" for number, first in enumerate(seasons[:-1])]
    written = f"{{week_starts: {_WEEKDAYS[weekday]}, fiscal_year: {fiscal}}}"
    return Calendar(written, "\n".join(["period,first_day,last_day", *rows, ""]), grains)


def _of_a_year(first: date, weeks: tuple[int, ...]) -> list[date]:
    found = [first]
    for count in (weeks * 4)[:-1]:
        found.append(found[-1] + timedelta(weeks=count))
    return found

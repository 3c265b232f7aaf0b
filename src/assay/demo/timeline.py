"""How many rows fall on which day: the calendar that the generators fill.

Everything that depends on the anchor, the time zone and the day of the month is worked out here, once,
in Python; the engines get whole numbers. A *stretch* is a day or a part of one. Places within it are
counted in `ticks`: microseconds weighted by how busy the hour is, so that nights are quiet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from math import exp
from zoneinfo import ZoneInfo

from assay.demo import figures

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
BUSY = ((0, 1), (6, 4), (9, 7), (18, 5), (22, 2))
"""From this hour on, so many ticks a microsecond."""

_WEEKDAY = (1.16, 1.09, 1.04, 1.02, 1.04, 0.88, 0.77)
_MONTH = (1.06, 0.99, 0.96, 0.95, 0.97, 1.02, 1.06, 1.05, 0.98, 0.95, 0.97, 1.04)
_LEAST_DAYS = 9.0
"""The pace of earlier months is that of this many days at most: seeded on the 1st, the month begins with a spike."""
_QUIET_AVOIDED = 140.0
_FADE_DAYS = 25.0


def ticks_at(offset_us: int) -> int:
    """Ticks between the start of a day and an instant so many microseconds after it."""
    total = 0
    for index, (hour, pace) in enumerate(BUSY):
        until = BUSY[index + 1][0] * HOUR_US if index + 1 < len(BUSY) else max(offset_us, DAY_US)
        total += pace * max(0, min(offset_us, until) - hour * HOUR_US)
    return total


DAY_TICKS = ticks_at(DAY_US)


def offset_sql(ticks: str) -> str:
    """SQL for the reverse of `ticks_at`."""
    branches = ""
    for index, (hour, pace) in enumerate(BUSY):
        inverse = f"{hour * HOUR_US} + ({ticks} - {ticks_at(hour * HOUR_US)}) // {pace}"
        if index + 1 < len(BUSY):
            branches += f" WHEN {ticks} < {ticks_at(BUSY[index + 1][0] * HOUR_US)} THEN {inverse}"
        else:
            branches += f" ELSE {inverse}"
    return f"CASE{branches} END"


def microseconds(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def allot(total: int, weights: Sequence[float]) -> list[int]:
    """Split `total` in proportion to the weights; the parts add up to it exactly."""
    whole = sum(weights)
    if whole <= 0:
        return [0] * len(weights)
    parts: list[int] = []
    given, reached = 0, 0.0
    for index, weight in enumerate(weights):
        reached += weight
        upto = total if index + 1 == len(weights) else min(total, int(total * reached / whole + 0.5))
        parts.append(upto - given)
        given = upto
    return parts


@dataclass(frozen=True, slots=True)
class Day:
    """A local day as far as it has come; `age` in days before the anchor's, `weight` 1 for an average whole day."""

    date: date
    age: int
    start_us: int
    end_us: int
    """Start of the next day, or the edge."""
    weight: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Claims of a day or a part of one."""

    day: date
    start_us: int
    ticks_from: int
    ticks: int
    claims: int
    avoided: int
    is_old: bool
    """Long enough ago for every claim to be settled."""
    desk_us: int
    """How long a claim in review stays on a desk, on average."""


def mood(day: date) -> float:
    """How busy a day is against the average: weekday, season and some noise."""
    noise = ((day.toordinal() * 7919) % 81 - 40) / 1000
    return _WEEKDAY[day.weekday()] * _MONTH[day.month - 1] * (1 + noise)


class Timeline:
    """The days from the beginning of the history to the anchor, seen in the workspace's time zone."""

    def __init__(self, anchor: datetime, timezone: str) -> None:
        self.zone = ZoneInfo(timezone)
        self.today = anchor.astimezone(self.zone).date()
        self.month_us = self._midnight_us(self.today.replace(day=1))
        # In the first second of a month there is no room before the anchor: use that second.
        self.edge_us = max(microseconds(anchor), self.month_us + 1_000_000)

    def _midnight_us(self, day: date) -> int:
        return microseconds(datetime(day.year, day.month, day.day, tzinfo=self.zone))

    def midnight_us(self, days_ahead: int) -> int:
        """When the day begins that is so many days after the anchor's."""
        return self._midnight_us(self.today + timedelta(days=days_ahead))

    def _month(self, shift: int) -> date:
        month = self.today.year * 12 + self.today.month - 1 + shift
        return date(month // 12, month % 12 + 1, 1)

    @cached_property
    def history_start(self) -> date:
        return self._month(-figures.HISTORY_MONTHS)

    @cached_property
    def opening_edge_us(self) -> int:
        """Claims open before this, so that what follows an opening has room before the edge."""
        return self.edge_us - min(60_000_000, (self.edge_us - self.month_us) // 10)

    def day(self, day: date) -> Day:
        start = self._midnight_us(day)
        end = min(self._midnight_us(day + timedelta(days=1)), self.edge_us)
        return Day(day, (self.today - day).days, start, end, mood(day) * ticks_at(end - start) / DAY_TICKS)

    @cached_property
    def days(self) -> list[Day]:
        count = (self.today - self.history_start).days + 1
        return [self.day(self.history_start + timedelta(days=index)) for index in range(count)]

    # -- claims -----------------------------------------------------------------------------------

    def claims(self, wanted: int | None) -> list[Stretch]:
        """All stretches in order of time. `wanted` scales the earlier history, never the last two months."""
        this_month = list(self._parts(self.month_us, self.opening_edge_us))
        before_us = self._midnight_us(self._month(-1))
        cut_us = self._same_part_of_month_before()
        earlier = list(self._parts(before_us, cut_us))
        rest = list(self._parts(cut_us, self.month_us))
        pace = figures.AVOIDED / max(sum(weight for *_, weight in this_month), _LEAST_DAYS)
        usual = pace * figures.AVOIDED_MONTH_BEFORE / figures.AVOIDED
        rest_avoided = [int(usual * weight + 0.5) for *_, weight in rest]
        recent = [
            *zip(earlier, allot(figures.AVOIDED_MONTH_BEFORE, [part[-1] for part in earlier]), strict=True),
            *zip(rest, rest_avoided, strict=True),
            *zip(this_month, allot(figures.AVOIDED, [part[-1] for part in this_month]), strict=True),
        ]
        history = self._history(usual, before_us)
        if wanted is not None:
            fixed = _claims_for(sum(avoided for _, avoided in recent))
            natural = _claims_for(sum(avoided for _, avoided in history))
            factor = min(1.0, max(0.0, (wanted - fixed) / natural))
            history = [(part, int(avoided * factor)) for part, avoided in history]
            missing = wanted - fixed - _claims_for(sum(avoided for _, avoided in history))
            if missing > natural // 50:
                history = [*self._earlier_years(missing), *history]
        return list(self._stretches([*history, *recent]))

    def _parts(self, from_us: int, until_us: int) -> Iterator[tuple[date, int, int, int, float]]:
        """(day, its start, first tick, ticks, weight) of the days between two instants, cut at both."""
        at = datetime.fromtimestamp(from_us // 1_000_000, self.zone).date()
        while (start := self._midnight_us(at)) < until_us:
            end = min(self._midnight_us(at + timedelta(days=1)), until_us)
            first = ticks_at(max(from_us - start, 0))
            ticks = ticks_at(end - start) - first
            if ticks > 0:
                yield at, start, first, ticks, mood(at) * ticks / DAY_TICKS
            at += timedelta(days=1)

    def _same_part_of_month_before(self) -> int:
        """Where the month before stood when it was as old as this one is, on the wall clock."""
        wall = datetime.fromtimestamp(self.edge_us / 1_000_000, self.zone).replace(tzinfo=None)
        first, before = self._month(0), self._month(-1)
        until = datetime(before.year, before.month, 1) + (wall - datetime(first.year, first.month, 1))
        return min(microseconds(until.replace(tzinfo=self.zone)), self.month_us)

    def _history(self, usual: float, before_us: int) -> list[tuple[tuple[date, int, int, int, float], int]]:
        """The months before the last two: the pace fades into a quiet one, slowly falling further back."""
        found: list[tuple[tuple[date, int, int, int, float], int]] = []
        quiet = min(usual, _QUIET_AVOIDED)
        for part in self._parts(self._midnight_us(self.history_start), before_us):
            back = (self._month(-1) - part[0]).days
            level = quiet * (1 - 0.15 * back / 365) + (usual - quiet) * exp(-back / _FADE_DAYS)
            found.append((part, int(level * part[-1] + 0.5)))
        return found

    def _earlier_years(self, claims: int) -> list[tuple[tuple[date, int, int, int, float], int]]:
        """Further claims, in as many years before the history as they need at the quiet pace; ten at most."""
        usual = _QUIET_AVOIDED * 1000 / figures.AVOIDED_SHARE
        days = max(1, min(3_650, int(claims / usual)))
        first = self._midnight_us(self.history_start - timedelta(days=days))
        parts = list(self._parts(first, self._midnight_us(self.history_start)))
        avoided = claims * figures.AVOIDED_SHARE // 1000
        return list(zip(parts, allot(avoided, [part[-1] for part in parts]), strict=True))

    def _stretches(self, parts: list[tuple[tuple[date, int, int, int, float], int]]) -> Iterator[Stretch]:
        reached = 0
        for (day, start, first, ticks, _), avoided in parts:
            claims = _claims_for(reached + avoided) - _claims_for(reached)
            reached += avoided
            if claims == 0:
                continue
            age = (self.today - day).days
            # The number on a desk is arrivals times the time they stay: steer the time, and the number stays level.
            level = (figures.CLAIMS_IN_PROGRESS - 24) * max(0.5, 1 - 0.1 * age / 365)
            busy_us = DAY_US * ticks // DAY_TICKS
            desk = int(level * busy_us * 1000 / (figures.IN_REVIEW * claims))
            yield Stretch(day, start, first, ticks, claims, avoided, age > 75, max(60_000_000, min(desk, 20 * DAY_US)))


def _claims_for(avoided: int) -> int:
    return avoided * 1000 // figures.AVOIDED_SHARE

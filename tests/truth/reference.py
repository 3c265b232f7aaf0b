"""What is right: questions answered in plain Python over plain rows.

The rules are those of docs/meaning.md, written down a second time. No SQL, no compiler, no code of Assay.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from tests.truth.calendar import Own
from tests.truth.world import CALCULATED, SEGMENTS, AtStart, Follows, Metric, Part, Returns, Row, World, columns_of, single

Key = tuple[Any, ...]
Filter = tuple[str, str, tuple[Any, ...]]
"""(dimension, operator, values)"""


@dataclass(frozen=True)
class Window:
    """Half-open, in wall time of the workspace: `start` and `end` are what a clock on the wall shows.

    What ends now, in an hour that comes a second time, has `fold` 1.
    """

    start: datetime
    end: datetime
    name: str | None = None
    months_on: int = 0
    days_on: int = 0
    """Of a window before: how far its days are moved to lie on those of the window that it is compared with."""
    said: tuple[str, str] | None = None
    """Its bounds as they are asked for, where these are told from now on."""
    onto: "Window | None" = None
    """Of what looks back: the window that it looks back from."""
    periods_on: tuple[int, Own] | None = None
    """As `months_on`, by periods."""

    def day_on(self, day: date) -> date:
        if self.periods_on:
            day = period_later(day, *self.periods_on)
            return self.onto.day_on(day) if self.onto else day
        day = month_later(day, self.months_on) if self.months_on else day + timedelta(days=self.days_on)
        return self.onto.day_on(day) if self.onto else day


@dataclass(frozen=True)
class Asked:
    dimensions: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    window: Window | None = None
    grain: str | None = None
    compare: str | None = None
    order: tuple[tuple[str, bool], ...] = ()
    """(column, whether the greatest comes first)"""
    limit: int | None = None
    any_of: tuple[tuple[Filter, ...], ...] = ()
    segments: tuple[str, ...] = ()
    having: tuple[str, Any] | None = None
    """(operator, what the value of a group is compared with)"""
    others: bool = False
    """Whether all groups beyond the limit are one together."""
    whose: tuple[str, Metric, str, Any] | None = None
    """(dimension, metric, operator, what the metric's value for the dimension is compared with), over all time"""


# -- time -------------------------------------------------------------------------------------------


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def to_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clocks first show `wall` (the second time: fold=1) or, where they skip it, jump over it."""
    at = wall.replace(tzinfo=zone).astimezone(UTC)
    if to_wall(at, zone) == wall:
        return at
    # Skipped: the jump is the first instant that shows something later.
    low, high = at - timedelta(hours=30), at + timedelta(hours=30)
    while high - low > timedelta(microseconds=1):
        middle = low + (high - low) / 2
        low, high = (low, middle) if to_wall(middle, zone) >= wall else (middle, high)
    return high


def wall_of(moment: date | datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows at a moment; of a day its beginning."""
    if not isinstance(moment, datetime):
        return midnight(moment)
    return to_wall(moment, zone) if moment.tzinfo else moment


def month_later(day: date, months: int) -> date:
    """The same day of another month, or its last day where it has no such day."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def bucket_of(wall: datetime, grain: str) -> datetime:
    day = wall.date()
    if isinstance(grain, Own):
        return midnight(grain.first(day))
    match grain:
        case "hour":
            return wall.replace(minute=0, second=0, microsecond=0)
        case "day":
            return midnight(day)
        case "week":
            return midnight(day - timedelta(days=day.weekday()))
        case "month":
            return midnight(day.replace(day=1))
        case "quarter":
            return midnight(day.replace(day=1, month=day.month - (day.month - 1) % 3))
        case _:
            return midnight(day.replace(day=1, month=1))


def following(bucket: datetime, grain: str) -> datetime:
    if isinstance(grain, Own):
        return midnight(grain.following(bucket.date()))
    steps = {"day": 1, "week": 7}
    if grain in steps:
        return bucket + timedelta(days=steps[grain])
    return midnight(month_later(bucket.date(), {"month": 1, "quarter": 3, "year": 12}[grain]))


def buckets_of(window: Window, grain: str, zone: ZoneInfo) -> list[Any]:
    """Every bucket that the window touches. Hours are instants: the one that comes twice is two, the skipped one none."""
    if grain == "hour":
        start, end = instant_of(window.start, zone), instant_of(window.end, zone)
        found: list[Any] = []
        at = start
        while at < end:
            hour = hour_of(at, zone)
            if not found or found[-1] != hour:
                found.append(hour)
            at += timedelta(minutes=15)
        return found
    at, found, end = bucket_of(window.start, grain), [], instant_of(window.end, zone)
    # By instants: an end inside the hour after midnight that the clocks skip is the beginning of its day.
    while window.start < window.end and instant_of(at, zone) < end:
        found.append(at.date())
        at = following(at, grain)
    return found


def partial(window: Window, grain: str, world: World, *, days_only: bool) -> list[tuple[Any, str]]:
    """The buckets that the window cuts, and those that are not over yet.

    `days_only`: the rows know days, so that the last day of the window is there as a whole as soon as it has begun.
    """
    zone, now = world.zone, instant_of(end_of_now(world), world.zone)
    start, end = window.start, window.end
    if days_only:
        start, end = (midnight((each + timedelta(days=1, microseconds=-1)).date()) for each in (start, end))
    first, last = instant_of(start, zone), instant_of(end, zone)
    found: list[tuple[Any, str]] = []
    for bucket in buckets_of(Window(start, end), grain, zone):
        if grain == "hour":
            begin, over = hour_bounds(bucket, zone)
        else:
            begin = instant_of(midnight(bucket), zone)
            over = instant_of(following(midnight(bucket), grain), zone)
        if begin < first or (over > last and instant_of(window.end, zone) != now):
            found.append((bucket, "cut"))
        elif over >= now:
            found.append((bucket, "so_far"))
    return found


def hour_bounds(hour: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when to when the clocks show this hour with this offset."""
    at = datetime.fromisoformat(hour).astimezone(UTC)
    shown = [at + timedelta(minutes=each) for each in range(-60, 120) if hour_of(at + timedelta(minutes=each), zone) == hour]
    return shown[0], shown[-1] + timedelta(minutes=1)


def hour_of(instant: datetime, zone: ZoneInfo) -> str:
    """The hour in which an instant lies, as it travels: its wall time with the offset that the instant has."""
    local = instant.astimezone(timezone(instant.astimezone(zone).utcoffset() or timedelta(0)))
    return local.replace(minute=0, second=0, microsecond=0).isoformat()


def is_first(hour: str, zone: ZoneInfo) -> bool:
    """Whether the wall times of an hour as it travels are of it, and not of one that showed them before."""
    return hour_of(instant_of(datetime.fromisoformat(hour).replace(tzinfo=None), zone), zone) == hour


_NAMED = {
    "today": "day",
    "week_to_date": "week",
    "month_to_date": "month",
    "quarter_to_date": "quarter",
    "year_to_date": "year",
}
_WHOLE = {"yesterday": "day", "previous_week": "week", "previous_month": "month", "previous_quarter": "quarter",
          "previous_year": "year"}  # fmt: skip
_TRAILING = {"trailing_7d": 7, "trailing_30d": 30, "trailing_90d": 90}
NAMES = (*_NAMED, *_WHOLE, *_TRAILING)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def end_of_now(world: World) -> datetime:
    """The wall time at which whatever goes on today ends: a second from now, and never later than the day does."""
    wall = to_wall(world.now, world.zone)
    return min(to_wall(world.now + timedelta(seconds=1), world.zone), midnight(wall.date() + timedelta(days=1)))


UNITS = ("day", "week", "month", "quarter", "year")


def by_number(side: str, count: int, whole: bool, unit: str, world: World) -> Window:
    """`last 3 months`, of which the last is the present one so far; `last 3 whole months` before it; `next 3 months`."""
    name = f"{side} {count} {'whole ' if whole else ''}{unit}{'' if count == 1 else 's'}"
    unit = world.calendar.grain(unit)
    start = bucket_of(midnight(to_wall(world.now, world.zone).date()), unit)
    after = following(start, unit)
    if side == "next":
        end = after
        for _ in range(count):
            end = following(end, unit)
        return Window(after, end, name)
    for _ in range(count if whole else count - 1):
        start = bucket_of(start - timedelta(days=1), unit)
    return Window(
        start, bucket_of(midnight(to_wall(world.now, world.zone).date()), unit) if whole else end_of_now(world), name
    )


def from_now(world: World, start: tuple[str, int, str], end: tuple[str, int, str]) -> Window:
    """Bounds such as `start of month -2 months`: (anchor, how many, unit)."""
    sides = [_bound_from_now(world, *each) for each in (start, end)]
    return Window(sides[0][0], sides[1][0], said=(sides[0][1], sides[1][1]))


def _bound_from_now(world: World, anchor: str, count: int, unit: str) -> tuple[datetime, str]:
    today = midnight(to_wall(world.now, world.zone).date())
    wall = end_of_now(world) if anchor == "now" else today
    if anchor.startswith("start of "):
        wall = bucket_of(today, world.calendar.grain(anchor.removeprefix("start of ")))
    text = f"{anchor} {count:+d} {unit}{'s' if abs(count) != 1 else ''}".strip() if count else anchor or "today"
    if not count:
        return wall, text
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit, 0) * count
    day = month_later(wall.date(), months) + timedelta(days={"day": 1, "week": 7}.get(unit, 0) * count)
    return datetime.combine(day, wall.time()), text


ALL_TIME = Window(datetime(1900, 1, 1), datetime(2201, 1, 1), "all")


def named(name: str, world: World) -> Window:
    today = to_wall(world.now, world.zone).date()
    if name in _TRAILING:
        return Window(midnight(today - timedelta(days=_TRAILING[name] - 1)), end_of_now(world), name)
    if name in _NAMED:
        return Window(bucket_of(midnight(today), world.calendar.grain(_NAMED[name])), end_of_now(world), name)
    unit = world.calendar.grain(_WHOLE[name])
    end = bucket_of(midnight(today), unit)
    return Window(bucket_of(end - timedelta(days=1), unit), end, name)


def before(window: Window, compare: str) -> Window:
    """Both ends step back by the same: by the calendar where the window goes by it, else by days, else by its own length."""
    unit = _NAMED.get(window.name or "") or _WHOLE.get(window.name or "")
    count = 1
    if window.name and " " in window.name:
        words = window.name.split(" ")
        count, unit = int(words[1]), words[-1].removesuffix("s")
    months = 12 if compare == "previous_year" else count * _MONTHS.get(unit or "", 0)
    if months:
        return months_earlier(window, months)
    if unit or window.name:
        days = timedelta(days=count * {"day": 1, "week": 7}.get(unit or "", 0) or _TRAILING[window.name or ""])
        return Window(window.start - days, window.end - days, days_on=days.days)
    length = window.end - window.start
    return Window(window.start - length, window.start, days_on=length.days)


def months_earlier(window: Window, months: int) -> Window:
    start = datetime.combine(month_later(window.start.date(), -months), window.start.time())
    end = datetime.combine(month_later(window.end.date(), -months), window.end.time().replace(fold=0))
    if end.day != window.end.day and window.start.date() != window.end.date():
        # The earlier month has no such day: the window reaches to its end.
        end = midnight(end.date() + timedelta(days=1))
    return Window(start, end, months_on=months)


def periods_earlier(window: Window, count: int, grain: Own) -> Window:
    start, end = (
        datetime.combine(period_later(each.date(), -count, grain), each.time().replace(fold=0))
        for each in (window.start, window.end)
    )
    is_lacking = end.date() - grain.first(end.date()) != window.end.date() - grain.first(window.end.date())
    if is_lacking and window.start.date() != window.end.date():
        # The earlier period has no such day: the window reaches to its end.
        end = midnight(end.date() + timedelta(days=1))
    return Window(start, end, periods_on=(count, grain))


def period_later(day: date, count: int, grain: Own) -> date:
    """The same day of the period so many later, or its last where it has no such day."""
    number = grain.firsts.index(grain.first(day))
    first, behind = grain.firsts[number + count], grain.firsts[number + count + 1]
    return min(first + (day - grain.firsts[number]), behind - timedelta(days=1))


def looking_back(window: Window, shift: tuple[int, str], world: World) -> Window:
    """The window in which a part counts that looks back."""
    if shift[1] in PERIODS:
        return replace(periods_earlier(window, shift[0], world.calendar.grains[PERIODS[shift[1]]]), onto=window)
    months, days = span_of(shift)
    if months:
        return replace(months_earlier(window, months), onto=window)
    back = timedelta(days=days)
    return Window(window.start - back, window.end - back, days_on=days, onto=window)


PERIODS = {"seasons": "season", "fiscal_periods": "fiscal_period", "fiscal_quarters": "fiscal_quarter"}


def span_of(shift: tuple[int, str]) -> tuple[int, int]:
    """(months, days)"""
    count, unit = shift
    months = {"months": 1, "quarters": 3, "years": 12}.get(unit, 0)
    return months * count, count * {"days": 1, "weeks": 7}.get(unit, 0)


# -- questions --------------------------------------------------------------------------------------


Groups = list[list[Row]]
"""The rows of a group, for each part of the metric."""


def answer(world: World, metric: Metric, asked: Asked) -> dict[Key, tuple[Groups, ...]]:
    """By key (the bucket first, where there is a grain) the rows that fall under it: now and, where asked, before.

    Keys are those that some row falls under.
    """
    windows = [asked.window]
    if asked.compare and asked.window:
        windows.append(before(asked.window, asked.compare))
    grouped = [[_grouped(world, part, asked, window) for part in metric.parts] for window in windows]
    keys = dict.fromkeys(key for parts in grouped for each in parts for key in each)
    if not asked.dimensions and not asked.grain:
        keys = dict.fromkeys([()])
    return {key: tuple([each.get(key, []) for each in parts] for parts in grouped) for key in keys}


def chosen(metric: Metric, asked: Asked, groups: dict[Key, tuple[Groups, ...]]) -> dict[Key, tuple[Groups, ...]]:
    """The groups whose value is as it has to be; one without a value is only what something is not."""
    if asked.having is None:
        return groups
    op, wanted = asked.having
    return {key: each for key, each in groups.items() if _passes({"": value(metric, each[0])}, "", op, (wanted,))}


def those(world: World, asked: Asked) -> Callable[[Row], bool]:
    """Whether a row is of somebody whose own value of a metric, over all time, is as it has to be."""
    if asked.whose is None:
        return lambda _: True
    dimension, metric, op, wanted = asked.whose
    window = ALL_TIME if metric.parts[0].time else None
    groups = answer(world, metric, Asked((dimension,), window=window))
    held = {key: value(metric, periods[0]) for (key,), periods in groups.items()}
    nothing = value(metric, [[] for _ in metric.parts])

    def holds(row: Row) -> bool:
        own = row[dimension]
        return own is not None and _passes({"": held.get(own, nothing)}, "", op, (wanted,))

    return holds


def with_others(
    world: World, metric: Metric, asked: Asked, rank: Callable[[str, Any], Any]
) -> dict[Key, tuple[Groups, ...]]:
    """The groups that come first over the whole window, and the rows of all others put together, by bucket where there are.

    Behind each key stands of how many groups it is, where it is of those others. `rank`: (column, value) to what it is
    ordered by.
    """
    whole, limit = answer(world, metric, replace(asked, grain=None)), asked.limit
    assert limit
    keys = list(whole)
    tied = [(name, False) for name in asked.dimensions if name not in dict(asked.order)]
    for by, descending in reversed([*asked.order, *tied]):
        held = {key: value(metric, whole[key][0]) if by == "value" else key[asked.dimensions.index(by)] for key in keys}
        has = sorted((key for key in keys if held[key] is not None), key=lambda key: rank(by, held[key]), reverse=descending)
        keys = [*has, *(key for key in keys if held[key] is None)]
    first, count = set(keys[:limit]), len(keys) - limit
    found: dict[Key, tuple[Groups, ...]] = {}
    for key, periods in answer(world, metric, asked).items():
        bucket, group = (key[:1], key[1:]) if asked.grain else ((), key)
        if group in first:
            found[*key, None] = periods
            continue
        rest = (*bucket, *(None for _ in group), count)
        before = found.get(rest, tuple([[] for _ in each] for each in periods))
        found[rest] = tuple([[*a, *b] for a, b in zip(*both, strict=True)] for both in zip(before, periods, strict=True))
    return found


def value(metric: Metric, rows: list[list[Row]]) -> Any:
    """The metric's value over the rows of each of its parts."""
    if metric.is_unknown_over_no_rows and not metric.parts[0].measure.of(rows[0]):
        return None
    first, *others = [part.measure.over(each) for part, each in zip(metric.parts, rows, strict=True)]
    match metric.form:
        case "simple":
            return first
        case "ratio" | "quotient":
            return None if first is None or not others[0] else float(first) / float(others[0])
        case _:
            return None if first is None or others[0] is None else first - others[0]


def doubt(metric: Metric, rows: list[list[Row]]) -> float:
    """How far a value that is calculated on doubles may be from the exact one."""
    bounds = [part.measure.bound(each) if part.measure.bound else 0.0 for part, each in zip(metric.parts, rows, strict=True)]
    if metric.form == "simple":
        return bounds[0]
    sizes = [
        abs(float(found))
        for part, each in zip(metric.parts, rows, strict=True)
        if (found := part.measure.over(each)) is not None
    ]
    return 16 * 2.0**-53 * max([1.0, *sizes]) + sum(bounds)


def empty(metric: Metric) -> Any:
    """What the metric is where it has no rows."""
    return value(metric, [[] for _ in metric.parts])


CUT = ("day", "week", "month", "quarter", "year")
"""The common grains in which a time is a day."""
_TIME_PARTS: dict[str, Callable[[datetime], int]] = {
    "time_hour": lambda wall: wall.hour, "time_weekday": lambda wall: wall.weekday() + 1, "time_day": lambda wall: wall.day,
    "time_month": lambda wall: wall.month, "time_quarter": lambda wall: (wall.month + 2) // 3,
    "time_year": lambda wall: wall.year, "time_day_of_year": lambda wall: wall.timetuple().tm_yday,
}  # fmt: skip


def with_time_parts(row: Row, part: Part, world: World, window: Window | None) -> Row:
    """A row with the parts of its time, and its buckets, as the clock on the wall shows it; of what looks back, on the day
    of the window on which it counts.
    """
    moment = row[part.time] if part.time else None
    grains = {f"time:{name}": world.calendar.grain(name) for name in (*CUT, *world.calendar.grains)}
    if moment is None:
        return {**row, **dict.fromkeys((*_TIME_PARTS, *grains))}
    wall = wall_of(moment, world.zone)
    if part.shift and window:
        day = replace(looking_back(window, part.shift, world), onto=None).day_on(wall.date())
        wall = datetime.combine(max(day, window.start.date()), wall.time())
    buckets = {name: bucket_of(wall, grain).date() for name, grain in grains.items()}
    return {**row, **{name: of(wall) for name, of in _TIME_PARTS.items()}, **buckets}


def rows_of(world: World, part: Part, asked: Asked, window: Window | None) -> list[tuple[Row, Any]]:
    """The rows that count for a part, each with its bucket (None without a grain), once for each in which it counts."""
    those = [
        with_time_parts(graded(world, joined(world, part.table, each), part), part, world, window)
        for each in world.tables[part.table]
    ]
    if part.keep:
        return [each for each in _kept(those, world, part, asked, window) if _is_asked(each[0], part, asked)]
    if part.follows:
        those = _followed([row for row in those if _counts(row, part)], world, part, part.follows)
    if part.returns:
        those = list(_returned([row for row in those if _counts(row, part)], world, part, part.returns))
    rows = [row for row in those if _counts(row, part) and _is_asked(row, part, asked)]
    if part.alive:
        at = instant_of(_at(world, part), world.zone)
        begun, ended = part.alive
        return [
            (row, None) for row in rows
            if row[begun] is not None and row[begun] < at and (row[ended] is None or row[ended] >= at)
        ]  # fmt: skip
    timed = [(row, row[part.time or ""]) for row in rows if row[part.time or ""] is not None]
    if part.over and window:
        return [
            ({**row, **further}, bucket) for bucket, further, frame in frames_of(world, part, asked, window)
            for row, moment in timed if _inside(moment, frame, world.zone)
        ]  # fmt: skip
    if window and part.shift:
        window = looking_back(window, part.shift, world)
    return [
        (row, _bucket(moment, asked, world.zone, window)) for row, moment in timed if _inside(moment, window, world.zone)
    ]


def _kept(those: Iterable[Row], world: World, part: Part, asked: Asked, window: Window | None) -> list[tuple[Row, Any]]:
    """Of the rows of each bucket the newest, or oldest, for each: whatever else the question asks chooses among these."""
    assert part.keep
    side, by, columns = part.keep
    if window and part.shift:
        window = looking_back(window, part.shift, world)
    edges: dict[Key, Any] = {}
    found: list[tuple[Row, Any, Key]] = []
    for row in those:
        moment = row[part.time or ""]
        if not _counts(row, part) or moment is None or not _inside(moment, window, world.zone) or row[by] is None:
            continue
        bucket = _bucket(moment, asked, world.zone, window)
        key = (bucket, *(row[name] for name in columns))
        known = edges.get(key)
        if known is None or (row[by] > known if side == "newest" else row[by] < known):
            edges[key] = row[by]
        found.append((row, bucket, key))
    return [(row, bucket) for row, bucket, key in found if row[by] == edges[key]]


def _followed(begun: list[Row], world: World, part: Part, follows: Follows) -> list[Row]:
    """The rows of the part, each with how long it took until the last of what follows it; None where that did not."""
    time = part.time or ""
    begun = [row for row in begun if row[time] is not None]

    def whose(row: Row) -> Key | None:
        found = tuple(row[name] for name in follows.columns)
        return None if None in found else found

    def nearest(row: Row, table: str) -> Row | None:
        """The last of the part's rows before it; of one table it lies before it, of another it may be of its moment."""
        those = [
            each for each in begun
            if whose(row) and whose(each) == whose(row)
            and (each[time] < row[time] or (table != part.table and each[time] == row[time]))
        ]  # fmt: skip
        return max(those, key=lambda each: (each[time], each["sale_id"]), default=None)

    ends: dict[int, list[tuple[str, Any]]] = {row["sale_id"]: [(part.table, row[time])] for row in begun}
    for number, (table, condition) in enumerate(follows.kinds, 1):
        found: dict[int, list[Any]] = {}
        for row in world.tables[table]:
            first = nearest(row, table) if row[time] is not None and (not condition or condition.holds(row)) else None
            before = ends[first["sale_id"]] if first else []
            if not first or len(before) != number:
                continue
            if row[time] >= before[-1][1] and all(row[time] > moment for of, moment in before if of == table):
                found.setdefault(first["sale_id"], []).append(row[time])
        for begun_id, moments in found.items():
            ends[begun_id].append((table, min(moments)))
    return [{**row, "_took": _took(ends[row["sale_id"]], follows)} for row in begun]


def _returned(begun: list[Row], world: World, part: Part, returns: Returns) -> Iterator[Row]:
    """The first row of each, once for each bucket from its own on that is over."""
    time, (table, condition), grain = part.time or "", returns.kind, world.calendar.grain(returns.by)

    def whose(row: Row) -> Key | None:
        found = tuple(row[name] for name in returns.columns)
        return None if None in found or row[time] is None else found

    def bucket(row: Row) -> datetime:
        return bucket_of(wall_of(row[time], world.zone), grain)

    firsts: dict[Key, Row] = {}
    for row in sorted((row for row in begun if whose(row)), key=lambda row: (row[time], row["sale_id"])):
        firsts.setdefault(whose(row) or (), row)
    events = [row for row in world.tables[table] if not condition or condition.holds(row) is True]
    for key, row in firsts.items():
        back = {bucket(each) for each in events if whose(each) == key and each[time] >= row[time]}
        at = bucket(row)
        for since in range(returns.up_to + 1):
            if instant_of(following(at, grain), world.zone) > instant_of(end_of_now(world), world.zone):
                break
            yield {**row, returns.since: since, "_back": at in back}
            at = following(at, grain)


def _took(ends: list[tuple[str, Any]], follows: Follows) -> Any:
    if len(ends) <= len(follows.kinds):
        return None
    took: timedelta = ends[-1][1] - ends[0][1]
    if follows.within and took >= follows.within:
        return None
    is_of_days = not isinstance(ends[0][1], datetime)
    return took.days if is_of_days else Decimal(took // timedelta(microseconds=1)) / 1_000_000


def _counts(row: Row, part: Part) -> bool:
    return all(each.holds(row) is True for each in (part.condition, part.further) if each)


def _is_asked(row: Row, part: Part, asked: Asked) -> bool:
    """Whether the question's conditions hold of the row."""
    if any(SEGMENTS[name][part.table].holds(row) is not True for name in asked.segments):
        return False
    if not all(_passes(row, *each) for each in asked.filters):
        return False
    return not asked.any_of or any(all(_passes(row, *each) for each in group) for group in asked.any_of)


def stretches_of(
    world: World, asked: Asked, whole: Window
) -> Iterator[tuple[Any, dict[str, date], date | None, date | None]]:  # fmt: skip
    """Each bucket of the question, its further grains of time, and the days that they have in common, the last not included;
    nothing of all that where there is no grain.
    """
    names = [each for each in asked.dimensions if each.startswith("time:")]
    grains = [world.calendar.grain(name.removeprefix("time:")) for name in names]
    start, end = (instant_of(each, world.zone) for each in (whole.start, whole.end))

    def begun(day: date) -> list[date]:
        return [bucket_of(midnight(day), each).date() for each in grains]

    if not asked.grain:
        yield None, {}, None, None
        return
    for bucket in buckets_of(whole, asked.grain, world.zone):
        count = (following(midnight(bucket), asked.grain).date() - bucket).days
        days = [bucket + timedelta(days=number) for number in range(count)]
        for further, own in groupby(days, begun):
            first, *rest = own
            behind = [first, *rest][-1] + timedelta(days=1)
            if instant_of(midnight(first), world.zone) < end and instant_of(midnight(behind), world.zone) > start:
                yield bucket, dict(zip(names, further, strict=True)), first, behind


def frames_of(world: World, part: Part, asked: Asked, window: Window) -> list[tuple[Any, dict[str, date], Window]]:
    """Each stretch of the question with what counts in it: what the whole window would be, did it end with the stretch."""
    assert asked.window
    whole = asked.window
    if part.time == "day" and whole.start.time() != time():
        whole = replace(whole, start=midnight(whole.start.date() + timedelta(days=1)))
    found: list[tuple[Any, dict[str, date], Window]] = []
    for bucket, further, first, behind in stretches_of(world, asked, whole):
        end, is_last = asked.window.end, True
        if part.coarser == "first":
            first = first or whole.start.date()
            behind = first + timedelta(days=1)
        if behind is not None:
            is_last = instant_of(midnight(behind), world.zone) >= instant_of(end, world.zone)
            end = end if is_last else midnight(behind)
        if window is not asked.window:
            if is_last:
                end = window.end
            elif window.months_on:
                end = months_earlier(Window(whole.start, end), window.months_on).end
            else:
                end -= timedelta(days=window.days_on)
        if isinstance(part.over, AtStart):
            found.append((bucket, further, _first_day(world, part, first, window, part.over)))
            continue
        if part.coarser == "average":
            found += _on_average(world, part, (bucket, first), further, replace(window, end=end))
            continue
        if part.shift:
            # Only of the window itself is it known that it may lie within one day.
            start = window.start if is_last else midnight(end.date() - timedelta(days=1))
            end = looking_back(Window(start, end), part.shift, world).end
        found.append((bucket, further, Window(beginning(world, part.over, (end - timedelta(microseconds=1)).date()), end)))
    return found


def _on_average(
    world: World, part: Part, of: tuple[Any, date | None], further: dict[str, date], window: Window
) -> Iterator[tuple[Any, dict[str, Any], Window]]:
    """The frame of each day of a bucket, `of` which its name and first day are known, or of the window without a bucket."""
    bucket, first = of
    is_cut = part.time == "day" and window.start.time() != time()
    start = window.start.date() + timedelta(days=is_cut)
    if first is not None:
        start = max(start, month_later(first, -window.months_on) - timedelta(days=window.days_on))
    count = ((window.end - timedelta(microseconds=1)).date() - start).days + 1
    for number in range(count):
        day = start + timedelta(days=number)
        end = min(midnight(day + timedelta(days=1)), window.end)
        told = {**further, "_at": day, "_days": count}
        yield bucket, told, Window(beginning(world, part.over, day), end)


def _first_day(world: World, part: Part, bucket: date | None, window: Window, start: AtStart) -> Window:
    """The first day of the unit in which the bucket begins, or the window where it has none; as far as the window goes."""
    if bucket is None:
        is_cut = part.time == "day" and window.start.time() != time()
        day = window.start.date() + timedelta(days=is_cut)
    else:
        day = month_later(bucket, -window.months_on) - timedelta(days=window.days_on)
    day = bucket_of(midnight(day), world.calendar.grain(start.unit)).date()
    end = min(midnight(day + timedelta(days=1)), window.end)
    return Window(beginning(world, start.over, day) if start.over else midnight(day), end)


def beginning(world: World, over: Any, day: date) -> datetime:
    """Where the frame begins whose last day is this one."""
    if over == "all":
        return datetime(1900, 1, 1)
    if isinstance(over, str):
        return bucket_of(midnight(day), world.calendar.grain(over))
    months, days = span_of(over)
    return midnight(month_later(day + timedelta(days=1), -months) - timedelta(days=days))


def _at(world: World, part: Part) -> datetime:
    """The wall time at which a part counts what is there."""
    wall = end_of_now(world)
    if part.shift is None:
        return wall
    months, days = span_of(part.shift)
    return datetime.combine(month_later(wall.date(), -months) - timedelta(days=days), wall.time().replace(fold=0))


def joined(world: World, table: str, row: Row) -> Row:
    """A row with the columns of its parent; a key that leads nowhere has a parent of nothing but NULL."""
    if table != "sale":
        return row
    shop, depot = (_shop(world, row[key]) for key in ("shop_id", "depot_id"))
    head, above = _shop(world, shop["head_id"]), _shop(world, depot["head_id"])
    row = {
        **row, **{name: shop[name] for name in ("city", "rank", "opened")}, "depot": depot["shop_id"],
        **{f"depot_{name}": depot[name] for name in ("city", "rank", "opened")},
        **{f"head_{name}": head[name] for name in ("city", "rank")}, "top_city": _shop(world, above["head_id"])["city"],
    }  # fmt: skip
    return {**row, **{name: of(row) for name, (_, of) in CALCULATED.items()}}


def graded(world: World, row: Row, part: Part) -> Row:
    """A sale with the level of the grade that its shop had at the moment by which the sale counts."""
    moment = row[part.time] if part.time else None
    if part.table != "sale":
        return row
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return {**row, "level": None}
    held = (
        each["level"] for each in world.tables["grade"]
        if row["shop_id"] is not None and each["shop_id"] == row["shop_id"] and each["since"] <= moment
        and (each["until"] is None or moment < each["until"])
    )  # fmt: skip
    return {**row, "level": next(held, None)}


def _shop(world: World, key: Any) -> Row:
    """A shop of which every column is NULL where the key leads nowhere."""
    nothing: Row = dict.fromkeys(columns_of("shop"))
    return next((each for each in world.tables["shop"] if key is not None and each["shop_id"] == key), nothing)


def _inside(moment: date | datetime, window: Window | None, zone: ZoneInfo) -> bool:
    assert window
    if not isinstance(moment, datetime):
        return window.start <= midnight(moment) < window.end
    at = moment if moment.tzinfo else instant_of(moment, zone)
    return instant_of(window.start, zone) <= at < instant_of(window.end, zone)


def _bucket(moment: date | datetime, asked: Asked, zone: ZoneInfo, window: Window | None) -> Any:
    if asked.grain is None or window is None or asked.window is None:
        return None
    if asked.grain == "hour":
        assert isinstance(moment, datetime)
        at = moment if moment.tzinfo else instant_of(moment, zone)
        if window.onto:
            wall = to_wall(at, zone)
            at = instant_of(datetime.combine(_day_on(wall.date(), asked.window, window), wall.time()), zone)
        return hour_of(at, zone)
    day = wall_of(moment, zone).date()
    return bucket_of(midnight(_day_on(day, asked.window, window)), asked.grain).date()


def _day_on(day: date, whole: Window, window: Window) -> date:
    """Where an earlier day lies; that of what looks back never before the question's window."""
    found = window.day_on(day)
    return max(found, whole.start.date()) if window.onto else found


def _grouped(world: World, part: Part, asked: Asked, window: Window | None) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = {}
    holds = those(world, asked)
    for row, bucket in rows_of(world, part, asked, window):
        if not holds(row):
            continue
        key = (*((bucket,) if asked.grain else ()), *(row[name] for name in asked.dimensions))
        found.setdefault(key, []).append(row)
    return found


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda a, b: a > b, "gte": lambda a, b: a >= b, "lt": lambda a, b: a < b, "lte": lambda a, b: a <= b,
}  # fmt: skip


_PARTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text, "starts_with": str.startswith, "ends_with": str.endswith,
}  # fmt: skip


def _passes(row: Row, dimension: str, op: str, values: Iterable[Any]) -> bool:
    """What a question's filter keeps: *is not* keeps rows without a value, everything else leaves them out."""
    own, wanted = row[dimension], [single(each) if dimension == "weight" else each for each in values]
    match op:
        case "is_null":
            return own is None
        case "is_not_null":
            return own is not None
        case "eq" | "in":
            return own is not None and own in wanted
        case "ne" | "not_in":
            return own is None or own not in wanted
        case "between":
            return own is not None and wanted[0] <= own <= wanted[1]
        case "contains" | "starts_with" | "ends_with":
            return own is not None and _PARTS[op](own, wanted[0])
        case "not_contains" | "not_starts_with" | "not_ends_with":
            return own is None or not _PARTS[op.removeprefix("not_")](own, wanted[0])
        case _:
            return own is not None and _ORDER[op](own, wanted[0])


def as_it_travels(key: Any) -> Any:
    """A key or value as JSON carries it."""
    match key:
        case bool() | None | str():
            return key
        case int():
            return key if abs(key) <= 2**53 else str(key)
        case Decimal():
            return f"{key:.2f}"
        case datetime() if key.tzinfo:
            return key.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case _:
            return key.isoformat() if isinstance(key, (date, datetime)) else key

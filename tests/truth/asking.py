"""Random questions, asked of every engine and held against the reference."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isclose
from typing import Any

import httpx

from tests.truth import reference
from tests.truth.reference import NAMES, Asked, Filter, Groups, Key, Window, as_it_travels, midnight, to_wall
from tests.truth.stage import ENGINES
from tests.truth.world import CALCULATED, ROLES, SEGMENTS, Measure, Metric, Part, World

_GRAINS = ("hour", "day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class Wrong:
    """What an engine said and what is right."""

    engine: str
    metric: Metric
    asked: Asked
    said: str
    body: dict[str, Any]

    def __str__(self) -> str:
        parts = "; ".join(
            f"{part.measure.text} over {part.table}"
            + (f" where {part.condition.text}" if part.condition else "")
            + f" by {part.time}"
            + (f" {part.shift[0]} {part.shift[1]} earlier" if part.shift else "")
            + (f" and {part.further.text}" if part.further else "")
            + (f" over {part.over}" if part.over else "")
            + (f" {part.coarser}" if part.coarser != "last" else "")
            + (f" of {part.keep}" if part.keep else "")
            + (f" per {part.per}" if part.per else "")
            + (f" followed by {part.follows}" if part.follows else "")
            + (f" back by {part.returns}" if part.returns else "")
            for part in self.metric.parts
        )
        return (
            f"{self.engine} {self.metric.name} ({self.metric.form}: {parts})\n  asked {question(self.asked)}\n  {self.said}"
        )


def questions(world: World, rng: random.Random) -> Iterator[tuple[Metric, Asked]]:
    while True:
        metric = rng.choice(world.metrics)
        # One over a frame has fewer dimensions than its rows, see `Metric.dimensions`.
        if metric.form == "simple" and metric.parts[0].time and not metric.parts[0].over and rng.random() < 0.1:
            metric = _rows_of(metric)
        yield metric, random_question(world, metric, rng)


def _rows_of(metric: Metric) -> Metric:
    """What is asked without a metric: how many rows may count in this one."""
    part = replace(metric.parts[0], measure=Measure("COUNT(*)", "integer", len), shift=None, keep=None, over=None, per=(),
                   follows=None, returns=None)  # fmt: skip
    return Metric(f"{metric.name}:rows", (part,), "simple")


def random_question(world: World, metric: Metric, rng: random.Random) -> Asked:
    dimensions = tuple(rng.sample(metric.dimensions, min(rng.choice((0, 0, 1, 1, 2)), len(metric.dimensions))))
    filters = tuple(_filter(world, rng.choice(metric.dimensions), rng) for _ in range(rng.choice((0, 0, 1, 2))))
    if rng.random() < 0.25 and all(part.time and not part.over for part in metric.parts):
        part = rng.choice(
            ("weekday", "month", "day", "day_of_year", *(() if any(_is_day(each) for each in metric.parts) else ("hour",)))
        )
        drawn = rng.random()
        if drawn < 0.3:
            dimensions = (*dimensions, f"time:{rng.choice((*reference.CUT, *world.calendar.grains))}")
        elif drawn < 0.6:
            dimensions = (*dimensions, f"time_{part}")
        else:
            filters = (*filters, (f"time_{part}", rng.choice(("eq", "ne", "gte")), (rng.randint(0, 12),)))
    any_of = tuple(
        tuple(_filter(world, rng.choice(metric.dimensions), rng) for _ in range(rng.choice((1, 1, 2))))
        for _ in range(rng.choice((0, 0, 0, 1, 2, 3)))
    )
    segments = tuple(name for name in SEGMENTS if rng.random() < 0.15)
    having = _having(metric, rng) if dimensions and rng.random() < 0.3 else None
    if metric.parts[0].alive:
        return Asked(dimensions, filters, any_of=any_of, segments=segments, having=having)
    window = _window(world, rng)
    whose = _whose(world, metric, rng) if rng.random() < 0.2 else None
    if (
        rng.random() < 0.05 and having is None and not any(part.over or _by_periods(part) for part in metric.parts)
        and not _takes_time_apart(dimensions, filters)
    ):  # fmt: skip
        return Asked(dimensions, filters, reference.ALL_TIME, any_of=any_of, segments=segments)
    grain = rng.choice((None, None, None, *_GRAINS)) if having is None else None
    if grain and rng.random() < 0.25:
        grain = rng.choice(list(world.calendar.grains))
    grain = grain and world.calendar.grain(grain)
    if grain == "hour" and (
        window.end - window.start > timedelta(days=20) or any(part.time == "day" or part.over for part in metric.parts)
    ):
        grain = "day"
    if grain == "day" and window.end - window.start > timedelta(days=500):
        grain = "month"
    compare = rng.choice((None, None, "previous_period", "previous_year")) if grain in (None, *_GRAINS[1:]) else None
    is_framed = all(part.time for part in metric.parts) and any(part.over for part in metric.parts)
    if grain and grain != "hour" and not compare and is_framed:
        further = [f"time:{name}" for name in dict.fromkeys((*reference.CUT, *world.calendar.grains))]
        dimensions = (*dimensions, *rng.sample(further, rng.choice((0, 0, 1, 2))))
    whole_days = window.name or window.start.time() == window.end.time() == time()
    if compare and window.end - window.start > timedelta(days=360 if compare == "previous_year" else 10_000):
        compare = None
    asked = Asked(
        dimensions, filters, window, grain, compare if whole_days or not grain else None, any_of=any_of, segments=segments,
        having=having, whose=whose,
    )  # fmt: skip
    names = [*(("time",) if grain else ()), *dimensions, "value"]
    if rng.random() < (0.5 if dimensions else 0.1):
        order = tuple((each, rng.random() < 0.5) for each in rng.sample(names, rng.randint(1, min(2, len(names)))))
        asked = replace(asked, order=order, limit=rng.choice((None, 1, 3, 5)))
    if dimensions and having is None and rng.random() < 0.3 and _has_others(metric, asked):
        order = tuple(each for each in asked.order if each[0] != "time") or (("value", rng.random() < 0.5),)
        asked = replace(asked, order=order, limit=rng.choice((1, 2, 4)), others=True)
    return asked


def _has_others(metric: Metric, asked: Asked) -> bool:
    """Which groups come first nobody knows of doubles; and in some metrics each bucket has groups of its own."""
    first = metric.parts[0]
    is_known = metric.form == "simple" and first.measure.kind in ("integer", "decimal")
    # With the window before, these read their rows in four passes, each with the joins of its own.
    if asked.compare and (first.keep or first.per or first.follows or first.returns):
        return False
    if {"weight", "free", "halves"} & {*asked.dimensions}:
        return False  # doubles
    return is_known and not (asked.grain and any(part.over or part.keep for part in metric.parts))


def _having(metric: Metric, rng: random.Random) -> tuple[str, Any] | None:
    """What the value of a group has to be; of doubles nobody knows the last digit, and of moments nothing is asked."""
    if metric.form != "simple" or metric.parts[0].measure.kind not in ("integer", "decimal"):
        return None
    op = rng.choice(("gt", "gte", "lt", "lte", "eq", "ne"))
    return op, rng.choice((0, 1, 2, 5, -3, 10**18)) if metric.parts[0].measure.kind == "integer" else Decimal(
        rng.choice(("0", "0.1", "0.11", "-3.33", "500.555", "1e15")))  # fmt: skip


def _whose(world: World, metric: Metric, rng: random.Random) -> tuple[str, Metric, str, Any] | None:
    """What a metric over the same rows is for each value of a dimension; of doubles nobody knows the last digit."""
    inner = rng.choice(world.metrics)
    is_known = inner.form == "simple" and inner.parts[0].measure.kind in ("integer", "decimal")
    tables = {part.table for part in (*inner.parts, *metric.parts)}
    is_beyond = any(getattr(inner.parts[0], name) for name in ("shift", "over", "follows", "returns"))
    if not is_known or tables != {"sale"} or is_beyond:
        return None
    shared = [each for each in ("region", "k", "flag", "city", "day", "amount") if each in metric.dimensions]
    condition = _having(inner, rng)
    return (rng.choice(shared), inner, *condition) if condition else None


def _by_periods(part: Part) -> bool:
    """Whether it looks back by periods, which are not told of all time."""
    return part.shift is not None and part.shift[1] in reference.PERIODS


def _by_stretches(metric: Metric, asked: Asked) -> bool:
    """Whether it is of what looks further than its rows, by its time in further grains, which it has beside a grain."""
    return any(part.over for part in metric.parts) and any(name.startswith("time:") for name in asked.dimensions)


def _is_day(part: Part) -> bool:
    return part.time in ("day", "opened")


def _takes_time_apart(dimensions: tuple[str, ...], filters: tuple[Filter, ...]) -> bool:
    return any(name.startswith(("time_", "time:")) for name in (*dimensions, *(each[0] for each in filters)))


def _from_now(world: World, rng: random.Random) -> Window:
    anchors = ("", "today", "start of week", "start of month", "start of quarter", "start of year")
    start = rng.choice(anchors), -rng.randint(1, 9), rng.choice(reference.UNITS[:4])
    end = rng.choice((("now", 0, "day"), ("today", 0, "day"), ("", 1, "day"), ("today", rng.randint(1, 3), "month")))
    return reference.from_now(world, start, end)


def _window(world: World, rng: random.Random) -> Window:
    """A name, or bounds as people give them: days, and now and then hours and minutes."""
    if rng.random() < 0.5:
        return reference.named(rng.choice(NAMES), world)
    if rng.random() < 0.3:
        side, unit = rng.choice(("last", "last", "next")), rng.choice(reference.UNITS)
        return reference.by_number(side, rng.randint(1, 4), side == "last" and rng.random() < 0.4, unit, world)
    if rng.random() < 0.3:
        return _from_now(world, rng)
    wall = to_wall(world.now, world.zone)
    start = midnight((wall - timedelta(days=rng.choice((0, 1, 2, 9, 40, 120, 400)))).date())
    end = start + timedelta(days=rng.choice((1, 1, 2, 7, 31, 100, 430)))
    if rng.random() < 0.2:
        start, end = (
            start + timedelta(minutes=rng.choice((15, 90, 600))),
            end + timedelta(minutes=rng.choice((-15, 45, 300))),
        )
    return Window(start, end)


def _filter(world: World, dimension: str, rng: random.Random) -> tuple[str, str, tuple[Any, ...]]:
    table = "shop" if dimension in ("city", "rank") else "grade" if dimension == "level" else "sale"
    is_joined = dimension in CALCULATED or dimension in ROLES
    if dimension.endswith("s_since"):
        return dimension, rng.choice(("eq", "lte", "gt")), (rng.randint(0, 4),)
    rows = [reference.joined(world, table, row) if is_joined else row for row in world.tables[table]]
    known = [row[dimension] for row in rows if row[dimension] is not None] or [None]
    value = rng.choice(known)
    if dimension == "weight" and rng.random() < 0.3:
        value, known = 0.1, [0.1, *(each for each in known if each is not None)]  # which no column of four bytes holds
    ordered = isinstance(value, (int, date, float, Decimal)) and not isinstance(value, bool)
    ops = ["eq", "ne", "in", "not_in", "is_null", "is_not_null", *(("gt", "gte", "lt", "lte") if ordered else ())]
    if isinstance(value, str) and value and rng.random() < 0.3:
        start = rng.randrange(len(value))
        op = rng.choice(("contains", "starts_with", "ends_with", "not_contains", "not_starts_with", "not_ends_with"))
        return dimension, op, (value[start : start + rng.choice((1, 2, 9))],)
    if ordered and rng.random() < 0.2:
        return dimension, "between", tuple(sorted((value, rng.choice(known))))
    op = rng.choice(ops) if value is not None else rng.choice(("is_null", "is_not_null"))
    if op in ("in", "not_in") and rng.random() < 0.15:
        return dimension, op, _long_list(value, known, rng)
    count = {"is_null": 0, "is_not_null": 0, "in": rng.randint(1, 3), "not_in": rng.randint(1, 3)}.get(op, 1)
    return dimension, op, (value, *(rng.choice(known) for _ in range(count - 1)))[:count]


def _long_list(value: Any, known: list[Any], rng: random.Random) -> tuple[Any, ...]:
    """More values than are bound one by one, some of them twice; most are in no row."""
    match value:
        case bool() | datetime():
            others: list[Any] = []
        case str():
            others = [f'no {number}, "{number}"' for number in range(300)]
        case date():
            others = [date(1950, 1, 1) + timedelta(days=number) for number in range(300)]
        case _:
            others = [type(value)(100_000 + number) for number in range(300)]
    found = [*others, *rng.choices(known, k=rng.randint(1, 4)), value, value]
    rng.shuffle(found)
    return tuple(found * (1 if others else 70))


def question(asked: Asked, engine: str = "") -> dict[str, Any]:
    """As the API takes it, of the metrics that an engine serves."""
    window: Any = asked.window and {"start": asked.window.start.isoformat(), "end": asked.window.end.isoformat()}
    if asked.window and asked.window.name:
        window = asked.window.name
    if asked.window and asked.window.said:
        window = dict(zip(("start", "end"), asked.window.said, strict=True))
    return {
        "dimensions": list(asked.dimensions),
        "filters": [_written(each) for each in asked.filters],
        **({"any_of": [[_written(each) for each in group] for group in asked.any_of]} if asked.any_of else {}),
        **({"segments": list(asked.segments)} if asked.segments else {}),
        **({"having": [_on_values(*asked.having)]} if asked.having else {}),
        **({"whose": [_on_somebody(engine, *asked.whose)]} if asked.whose else {}),
        **({"window": window} if window else {}),
        **({"grain": asked.grain} if asked.grain else {}),
        **({"compare": asked.compare} if asked.compare else {}),
        **({"order": [{"by": by, "descending": first} for by, first in asked.order]} if asked.order else {}),
        **({"limit": asked.limit} if asked.limit else {}),
        **({"others": True} if asked.others else {}),
    }  # fmt: skip


def _on_values(op: str, value: Any) -> dict[str, Any]:
    return {"by": "value", "op": op, "value": str(value)}


def _on_somebody(engine: str, dimension: str, metric: Metric, op: str, value: Any) -> dict[str, Any]:
    window = {"window": "all"} if metric.parts[0].time else {}
    return {"dimension": dimension, "metric": f"{engine}_{metric.name}", "op": op, "value": str(value), **window}


def _written(asked: Filter) -> dict[str, Any]:
    name, op, values = asked
    return {"dimension": name, "op": op, "values": [as_it_travels(value) for value in values]}


_BOUNDED = ("joins; at most",)
"""What is too much for one statement on every engine, and refused."""
_REFUSED = {"mariadb": ("no percentiles of groups", "reads no lists")}
"""What an engine cannot say, and Assay refuses to ask there."""


async def held(
    client: httpx.AsyncClient, world: World, metric: Metric, asked: Asked, engines: Sequence[str] = ENGINES
) -> Wrong | None:
    """The first engine that is wrong, if one is."""
    if asked.others:
        groups = reference.with_others(world, metric, asked, _rank)
    else:
        groups = reference.chosen(metric, asked, reference.answer(world, metric, asked))
    right = {tuple(map(as_it_travels, key)): each for key, each in groups.items()}
    for engine in engines:
        bodies: list[dict[str, Any]] = []
        for each in [asked] if asked.others else dict.fromkeys((replace(asked, order=(), limit=None), asked)):
            response = await client.post(f"/v1/metrics/{engine}_{metric.name}/data", json=question(each, engine))
            bodies.append(response.json())
            if any(each in str(bodies[-1].get("detail")) for each in (*_BOUNDED, *_REFUSED.get(engine, ()))):
                break
            if response.status_code != 200:
                said = f"HTTP {response.status_code}: {bodies[-1].get('detail')}"
                return Wrong(engine, metric, asked, said, bodies[-1])
        if "columns" not in bodies[-1]:
            continue
        said = _difference(world, metric, asked, right, bodies[0])
        said = said or (_out_of_order(asked, *bodies) if len(bodies) == 2 else None)
        if said:
            return Wrong(engine, metric, asked, said, bodies[-1])
    return None


def _rank(by: str, value: Any) -> Any:
    travels = as_it_travels(value)
    return Decimal(str(travels)) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else travels


def _out_of_order(asked: Asked, whole: dict[str, Any], body: dict[str, Any]) -> str | None:
    """The answer in the order asked for against the one without: the same rows, sorted here, cut off here."""
    names, kinds = ([column[each] for column in whole["columns"]] for each in ("name", "type"))
    if whole["provenance"]["truncated"] or not (whole["dense"] and body["dense"]):
        return None
    if any(kinds[names.index(by)] == "double" for by, _ in asked.order):
        return None  # two runs may add doubles in another order
    rows = list(whole["rows"])
    keys = [column["name"] for column in whole["columns"] if column["role"] in ("time", "dimension")]
    for by, descending in reversed([*asked.order, *((key, False) for key in keys if key not in dict(asked.order))]):
        place = names.index(by)
        has, has_not = [row for row in rows if row[place] is not None], [row for row in rows if row[place] is None]
        has.sort(key=lambda row, at=place, kind=kinds[place]: _sortable(row[at], kind), reverse=descending)
        rows = has + has_not
    right, found = ([row[: len(keys)] for row in each] for each in (rows[: asked.limit or len(rows)], body["rows"]))
    if found == right:
        return None
    one, two = next(((one, two) for one, two in zip(found, right, strict=False) if one != two), (len(found), len(right)))
    return f"the order is {one!r} where {two!r} is right"


def _sortable(value: Any, kind: str) -> Any:
    if kind in ("integer", "decimal", "double"):
        return Decimal(str(value))
    return datetime.fromisoformat(value).timestamp() if kind == "timestamp" else value


def _difference(
    world: World, metric: Metric, asked: Asked, right: dict[Key, tuple[Groups, ...]], body: dict[str, Any]
) -> str | None:
    columns = body["columns"]
    width = sum(column["role"] in ("time", "dimension", "others") for column in columns)
    rows = {tuple(row[:width]): row[width:] for row in body["rows"]}
    if len(rows) != len(body["rows"]):
        return "a group stands twice"
    if body["provenance"]["truncated"]:
        return None
    if asked.grain and asked.window:
        days_only = {part.time for part in metric.parts} == {"day"}
        marks = reference.partial(asked.window, asked.grain, world, days_only=days_only)
        wanted = {(as_it_travels(bucket), why) for bucket, why in marks}
        found = {(each["time"], each["reason"]) for each in body["partial"]}
        if found != wanted:
            return f"partial are {sorted(found)}, and right is {sorted(wanted)}"
    if asked.grain and body["dense"]:
        times, is_framed = {part.time for part in metric.parts}, any(part.over for part in metric.parts)
        lacking = _lacking(world, asked, rows, times, is_framed=is_framed)
        if lacking is not None:
            return f"{lacking!r} is not there, though every bucket is said to be"
    nothing = tuple([[] for _ in metric.parts] for _ in columns[width:])
    for key in {**right, **rows}:
        groups = right.get(key, nothing)
        # A group that is not in the answer is what its column says of absent cells.
        absent = [{"zero": 0, "unknown": None}[column["empty"]] for column in columns[width:]]
        if key in right and key not in rows:
            return f"{key!r} is not there"
        if key not in right and not asked.grain:
            return f"{key!r} is there: {rows[key]!r}, and no row falls under it"
        for column, found, without, parts in zip(columns[width:], rows.get(key, absent), absent, groups, strict=True):
            value = reference.value(metric, parts)
            if not _same(found, value, column["type"], reference.doubt(metric, parts)):
                return f"{key!r} {column['name']}: {found!r}, and right is {value!r}"
            if parts == nothing[0] and not _same(without, value, column["type"], 0):
                return f"{column['name']}: an absent cell is said to be {without!r}, and right is {value!r}"
    return None


def _lacking_stretch(world: World, asked: Asked, rows: dict[Key, Any], window: Window) -> Key | None:
    """A stretch of some group that is not there, or something there that is none."""
    further = [name for name in asked.dimensions if name.startswith("time:")]
    places = [0, *(1 + asked.dimensions.index(name) for name in further)]
    times = {
        tuple(map(as_it_travels, (bucket, *told.values())))
        for bucket, told, _, _ in reference.stretches_of(world, asked, window)
    }
    groups = {tuple(each for at, each in enumerate(key) if at not in places) for key in rows}
    found = {
        (tuple(key[at] for at in places), tuple(each for at, each in enumerate(key) if at not in places)) for key in rows
    }
    if len(places) > len(asked.dimensions):
        groups = {()}
    return next(iter({(time, group) for time in times for group in groups} ^ found), None)


def _lacking(
    world: World, asked: Asked, rows: dict[Key, Any], times: set[str | None], *, is_framed: bool
) -> Key | None:  # fmt: skip
    """A bucket of some group that is not there.

    Of days alone, one that began before the window is not in it. Wall times alone cannot say that they are of an hour that
    comes for the second time: it is no bucket of theirs.
    """
    assert asked.window
    assert asked.grain
    groups = dict.fromkeys(key[1:] for key in rows) or ({(): None} if not asked.dimensions else {})
    window = asked.window
    if times == {"day"} and window.start.time() != time():
        window = replace(window, start=midnight(window.start.date() + timedelta(days=1)))
    if is_framed and any(name.startswith("time:") for name in asked.dimensions):
        return _lacking_stretch(world, asked, rows, window)
    for bucket in reference.buckets_of(window, asked.grain, world.zone):
        if asked.grain == "hour" and times == {"wall"} and not reference.is_first(bucket, world.zone):
            continue
        for group in groups:
            key = (as_it_travels(bucket), *group)
            if key not in rows:
                return key
    return None


def _same(found: Any, right: Any, kind: str, doubt: float) -> bool:
    if found is None or right is None:
        return found is right
    if kind == "double":
        return isclose(float(found), float(right), rel_tol=0, abs_tol=doubt) or float(found) == float(right)
    return Decimal(str(found)) == Decimal(right)


async def smallest(client: Any, world: World, metric: Metric, asked: Asked, engines: Sequence[str] = ENGINES) -> Asked:
    """The question with all left out that the fault does not need."""
    simpler = [
        *(replace(asked, filters=asked.filters[:n] + asked.filters[n + 1 :]) for n in range(len(asked.filters))),
        *(replace(asked, any_of=asked.any_of[:n] + asked.any_of[n + 1 :]) for n in range(len(asked.any_of))),
        *(replace(asked, segments=asked.segments[:n] + asked.segments[n + 1 :]) for n in range(len(asked.segments))),
        *(
            replace(asked, dimensions=asked.dimensions[:n] + asked.dimensions[n + 1 :])
            for n in range(len(asked.dimensions))
            if len(asked.dimensions) > 1 or not asked.others
        ),
        *(
            [replace(asked, grain=None)]
            if asked.grain and "time" not in dict(asked.order) and not _by_stretches(metric, asked)
            else []
        ),
        *([replace(asked, compare=None)] if asked.compare else []),
        *([replace(asked, others=False, limit=None)] if asked.others else []),
        *([replace(asked, having=None)] if asked.having else []),
        *([replace(asked, whose=None)] if asked.whose else []),
        *([replace(asked, order=(), limit=asked.limit if asked.others else None)] if asked.order else []),
    ]
    for each in simpler:
        each = replace(each, order=tuple(one for one in each.order if one[0] in ("time", "value", *each.dimensions)))
        if await held(client, world, metric, each, engines):
            return await smallest(client, world, metric, each, engines)
    return asked

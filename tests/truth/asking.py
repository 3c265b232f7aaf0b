"""Random questions, asked of every engine and held against the reference."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from math import isclose
from typing import Any

import httpx

from tests.truth import reference
from tests.truth.reference import NAMES, Asked, Groups, Key, Window, as_it_travels, midnight, to_wall
from tests.truth.stage import ENGINES
from tests.truth.world import Metric, World

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
            for part in self.metric.parts
        )
        return (
            f"{self.engine} {self.metric.name} ({self.metric.form}: {parts})\n  asked {question(self.asked)}\n  {self.said}"
        )


def questions(world: World, rng: random.Random) -> Iterator[tuple[Metric, Asked]]:
    while True:
        metric = rng.choice(world.metrics)
        yield metric, random_question(world, metric, rng)


def random_question(world: World, metric: Metric, rng: random.Random) -> Asked:
    dimensions = tuple(rng.sample(metric.dimensions, min(rng.choice((0, 0, 1, 1, 2)), len(metric.dimensions))))
    filters = tuple(_filter(world, rng.choice(metric.dimensions), rng) for _ in range(rng.choice((0, 0, 1, 2))))
    if metric.parts[0].alive:
        return Asked(dimensions, filters)
    window = _window(world, rng)
    grain = rng.choice((None, *_GRAINS))
    if grain == "hour" and (
        window.end - window.start > timedelta(days=20) or any(part.time == "day" for part in metric.parts)
    ):
        grain = "day"
    if grain == "day" and window.end - window.start > timedelta(days=500):
        grain = "month"
    compare = rng.choice((None, None, "previous_period", "previous_year")) if grain != "hour" else None
    whole_days = window.name or window.start.time() == window.end.time() == time()
    if compare and window.end - window.start > timedelta(days=360 if compare == "previous_year" else 10_000):
        compare = None
    return Asked(dimensions, filters, window, grain, compare if whole_days or not grain else None)


def _window(world: World, rng: random.Random) -> Window:
    """A name, or bounds as people give them: days, and now and then hours and minutes."""
    if rng.random() < 0.5:
        return reference.named(rng.choice(NAMES), world)
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
    table = "shop" if dimension in ("city", "rank") else "sale"
    known = [row[dimension] for row in world.tables[table] if row[dimension] is not None] or [None]
    value = rng.choice(known)
    ordered = isinstance(value, (int, date)) and not isinstance(value, bool)
    ops = ["eq", "ne", "in", "not_in", "is_null", "is_not_null", *(("gt", "gte", "lt", "lte") if ordered else ())]
    op = rng.choice(ops) if value is not None else rng.choice(("is_null", "is_not_null"))
    count = {"is_null": 0, "is_not_null": 0, "in": rng.randint(1, 3), "not_in": rng.randint(1, 3)}.get(op, 1)
    return dimension, op, tuple(rng.choice(known) for _ in range(count))


def question(asked: Asked) -> dict[str, Any]:
    """As the API takes it."""
    window: Any = asked.window and {"start": asked.window.start.isoformat(), "end": asked.window.end.isoformat()}
    if asked.window and asked.window.name:
        window = asked.window.name
    return {
        "dimensions": list(asked.dimensions),
        "filters": [
            {"dimension": name, "op": op, "values": [as_it_travels(value) for value in values]}
            for name, op, values in asked.filters
        ],
        **({"window": window} if window else {}),
        **({"grain": asked.grain} if asked.grain else {}),
        **({"compare": asked.compare} if asked.compare else {}),
    }  # fmt: skip


async def held(client: httpx.AsyncClient, world: World, metric: Metric, asked: Asked) -> Wrong | None:
    """The first engine that is wrong, if one is."""
    right = {tuple(map(as_it_travels, key)): groups for key, groups in reference.answer(world, metric, asked).items()}
    for engine in ENGINES:
        response = await client.post(f"/v1/metrics/{engine}_{metric.name}/data", json=question(asked))
        body = response.json()
        if response.status_code != 200:
            return Wrong(engine, metric, asked, f"HTTP {response.status_code}: {body.get('detail')}", body)
        said = _difference(world, metric, asked, right, body)
        if said:
            return Wrong(engine, metric, asked, said, body)
    return None


def _difference(
    world: World, metric: Metric, asked: Asked, right: dict[Key, tuple[Groups, ...]], body: dict[str, Any]
) -> str | None:
    columns = body["columns"]
    width = sum(column["role"] in ("time", "dimension") for column in columns)
    rows = {tuple(row[:width]): row[width:] for row in body["rows"]}
    if len(rows) != len(body["rows"]):
        return "a group stands twice"
    if body["provenance"]["truncated"]:
        return None
    if asked.grain and body["dense"]:
        lacking = _lacking(world, asked, rows, {part.time for part in metric.parts})
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


def _lacking(world: World, asked: Asked, rows: dict[Key, Any], times: set[str | None]) -> Key | None:
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


async def smallest(client: Any, world: World, metric: Metric, asked: Asked) -> Asked:
    """The question with all left out that the fault does not need."""
    simpler = [
        *(replace(asked, filters=asked.filters[:n] + asked.filters[n + 1 :]) for n in range(len(asked.filters))),
        *(replace(asked, dimensions=asked.dimensions[:n] + asked.dimensions[n + 1 :]) for n in range(len(asked.dimensions))),
        *([replace(asked, grain=None)] if asked.grain else []),
        *([replace(asked, compare=None)] if asked.compare else []),
    ]
    for each in simpler:
        if await held(client, world, metric, each):
            return await smallest(client, world, metric, each)
    return asked

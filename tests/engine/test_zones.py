"""Rows around every change of clocks, in the buckets that PostgreSQL and DuckDB put them into, against `zoneinfo`.

The reference here is plain: what the clock of the place shows at each instant, and nothing of Assay's own.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import asyncpg
import duckdb
import pytest
from tests.engine.pins import Pins, told

from assay.catalog.workspace import Workspace
from assay.compiler.question import Asked, resolve_question
from assay.gate import Policy
from assay.people.scope import EVERYTHING

SAMPLE = (
    "Africa/Cairo", "Asia/Beirut", "America/Santiago", "America/Havana", "America/New_York", "Europe/Berlin",
    "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Asia/Pyongyang", "Asia/Gaza", "Africa/Casablanca",
)  # fmt: skip
METRICS = """metrics:
  - {id: by_instant, label: x, definition: x, owner: me, entity: fact, measure: COUNT(*), time: at, dimensions: [label]}
  - {id: by_wall, label: x, definition: x, owner: me, entity: fact, measure: COUNT(*), time: wall, dimensions: [label]}
  - {id: by_day, label: x, definition: x, owner: me, entity: fact, measure: COUNT(*), time: day, dimensions: [label]}
"""
_PARTS = 20
NOW = datetime(2040, 1, 1, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.mark.exhaustive
async def test_bounds_and_buckets_go_by_the_clocks_of_the_place(pins: Pins) -> None:
    over_midnight = [
        ("America/Moncton", datetime(2006, 10, 29, 3, 1, tzinfo=UTC)),
        ("America/St_Johns", datetime(2010, 11, 7, 2, 31, tzinfo=UTC)),
    ]
    await agree(pins, [*over_midnight, *((name, turn) for name in SAMPLE for turn in last_turns(ZoneInfo(name)))])


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(_PARTS))
async def test_bounds_and_buckets_go_by_the_clocks_of_every_place(pins: Pins, part: int) -> None:
    await agree(pins, every_turn()[part::_PARTS])


@cache
def every_turn() -> list[tuple[str, datetime]]:
    """Of all places, each kind of change once."""
    found: dict[object, tuple[str, datetime]] = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for turn in last_turns(zone, 4):
            found.setdefault((turn, offset(turn - MINUTE, zone), offset(turn, zone)), (name, turn))
    return list(found.values())


# -- the reference ------------------------------------------------------------------------------------


def last_turns(zone: ZoneInfo, many: int = 2) -> list[datetime]:
    """The last changes of clocks from 2000 to 2037, one of each kind at least."""
    found: list[tuple[datetime, timedelta]] = []
    at = datetime(2000, 1, 1, tzinfo=UTC)
    while at < datetime(2037, 12, 30, tzinfo=UTC):
        low, high = at, at + 3 * DAY
        if offset(low, zone) != offset(high, zone):
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=1) // 2)
                low, high = (middle, high) if offset(middle, zone) == offset(at, zone) else (low, middle)
            found.append((high, offset(high, zone) - offset(low, zone)))
        at += 3 * DAY
    kinds = [(turn.astimezone(zone).time(), by) for turn, by in found]
    last_of_kind = {kind: turn for kind, (turn, _) in zip(kinds, found, strict=True)}
    return sorted(last_of_kind.values())[-many:]


def offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)


def day_at(instant: datetime, zone: ZoneInfo) -> date:
    """The day that the clock shows, unless it will show an earlier one again."""
    return min((instant + number * MINUTE).astimezone(zone).date() for number in range(90))


def hour_at(instant: datetime, zone: ZoneInfo) -> str:
    ahead = offset(instant, zone)
    if day_at(instant, zone) != instant.astimezone(zone).date():
        ahead = offset(instant + 90 * MINUTE, zone)
    return instant.astimezone(timezone(ahead)).replace(minute=0, second=0, microsecond=0).isoformat()


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the clock shows this for the first time or, where it never does, jumps over it."""
    at = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == wall:
        # Where the clocks go back over midnight, the first time still belongs to the day that has not ended.
        return at if day_at(at, zone) == wall.date() else wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    jump = at.replace(second=0) - 25 * 60 * MINUTE
    while jump.astimezone(zone).replace(tzinfo=None) < wall:
        jump += MINUTE
    return jump


def moved_to(wall: datetime, zone: ZoneInfo) -> datetime:
    """Where a row of the day before comes to lie: of wall times that are skipped, as much after as it was before."""
    at = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return instant_of(wall, zone) if at.astimezone(zone).replace(tzinfo=None) == wall else at


def around(turn: datetime) -> Iterator[datetime]:
    for minutes in range(-27 * 60, 27 * 60, 15):
        yield turn + minutes * MINUTE
    yield turn - timedelta(microseconds=1)
    yield turn - MINUTE
    yield turn + 59 * MINUTE + timedelta(seconds=59)


# -- the engines --------------------------------------------------------------------------------------


async def agree(pins: Pins, turns: list[tuple[str, datetime]]) -> None:
    await lay(pins, turns)
    known = pins.workspace(METRICS)
    for name, turn in turns:
        zone = ZoneInfo(name)
        workspace = replace(known, settings=replace(known.settings, timezone=name))
        label, rows = f"{name} {turn}", list(around(turn))
        first, last = day_at(rows[0], zone), max(day_at(each, zone) for each in rows)
        window = {"start": str(first + DAY), "end": str(last)}
        inside = [each for each in rows if first < day_at(each, zone) < last]
        walls = [each.astimezone(zone).replace(tzinfo=None) for each in rows]
        walls = [each for each in walls if first < each.date() < last]
        length = last - first - DAY
        # Windows that begin as the clocks change: at the instant, and with the day whose midnight they may skip.
        turn_day = day_at(turn, zone)
        at_turn = {"start": turn.isoformat(), "end": str(last)}
        on_day = {"start": str(turn_day), "end": str(last)}
        day_before = {"start": str(turn_day), "end": str(turn_day + DAY), "compare": "previous_period"}
        walls_after = [each for each in walls if instant_of(each, zone) >= turn]
        later = {"start": str(last), "end": str(last + length), "compare": "previous_period"}
        expected: list[tuple[str, dict[str, str], Iterable[str]]] = [
            ("by_instant", {"grain": "day", **window}, (str(day_at(each, zone)) for each in inside)),
            ("by_instant", {"grain": "hour", **window}, (hour_at(each, zone) for each in inside)),
            ("by_instant", {"grain": "month", **window}, (str(day_at(each, zone).replace(day=1)) for each in inside)),
            ("by_wall", {"grain": "day", **window}, (str(each.date()) for each in walls)),
            ("by_wall", {"grain": "hour", **window}, (hour_at(instant_of(each, zone), zone) for each in walls)),
            ("by_day", {"grain": "day", **window}, (str(each.date()) for each in walls)),
            ("by_instant", {"grain": "day", **later}, (str(day_at(each, zone) + length) for each in inside)),
            ("by_instant", {"grain": "hour", **later}, (
                hour_at(instant_of(each.astimezone(zone).replace(tzinfo=None) + length, zone), zone) for each in inside
            )),
            ("by_instant", {"grain": "hour", **at_turn}, (hour_at(each, zone) for each in inside if each >= turn)),
            ("by_wall", {"grain": "hour", **at_turn}, (hour_at(instant_of(each, zone), zone) for each in walls_after)),
            ("by_wall", {"grain": "hour", **on_day}, (
                hour_at(instant_of(each, zone), zone) for each in walls if each.date() >= turn_day
            )),
            ("by_instant", {"grain": "hour", **day_before}, (
                hour_at(moved_to(each.astimezone(zone).replace(tzinfo=None) + DAY, zone), zone)
                for each in rows if day_at(each, zone) == turn_day - DAY
            )),
        ]  # fmt: skip
        for metric, asked, names in expected:
            counted = await counts(pins, workspace, metric, label, asked)
            right = Counter(names)
            if (
                "compare" in asked
                and asked["grain"] == "hour"
                and any(day_at(each, zone) != each.astimezone(zone).date() for each in rows)
            ):
                continue  # the clocks went back over midnight: which wall time the minute before has to be moved is open
            assert counted == [right] * len(counted), (label, metric, asked, counted[0] - right, right - counted[0])
            if {"grain": asked["grain"], **window} == asked or {"grain": asked["grain"], **later} == asked:
                assert sum(right.values()) == len(inside if metric == "by_instant" else walls)


async def counts(pins: Pins, workspace: Workspace, metric: str, label: str, asked: dict[str, str]) -> list[Counter[str]]:
    """By engine: how many rows in each bucket; those of the window before where the question compares."""
    window = {"start": asked["start"], "end": asked["end"]}
    more = {name: asked[name] for name in ("grain", "compare") if name in asked}
    only = [{"dimension": "label", "op": "eq", "values": [label]}]
    asked = Asked.model_validate({"window": window, "filters": only, **more})
    question = resolve_question((metric,), asked, workspace, NOW, EVERYTHING)
    policy = Policy.from_dictionary(workspace.dictionary)
    found = [await told(question, policy, backend, dialect) for backend, dialect in pins.engines()]
    return [Counter({row[0]: row[-1] for row in rows if row[-1]}) for rows in found]


async def lay(pins: Pins, turns: list[tuple[str, datetime]]) -> None:
    """All rows of all places, in one statement an engine."""
    await pins.fill()
    rows = [(f"{name} {turn}", each, each.astimezone(ZoneInfo(name)).replace(tzinfo=None))
            for name, turn in turns for each in around(turn)]  # fmt: skip
    labels, instants, walls = (list(column) for column in zip(*rows, strict=True))
    connection = await asyncpg.connect(pins.url)
    await connection.execute(
        "INSERT INTO shop.fact (fact_id, label, at, wall, day) SELECT 0, label, at, wall, wall::date"
        " FROM unnest($1::text[], $2::timestamptz[], $3::timestamp[]) AS t (label, at, wall)",
        labels, instants, walls,
    )  # fmt: skip
    await connection.close()
    assert pins.duckdb is not None

    def fill(path: str) -> None:
        with duckdb.connect(path) as lake:
            lake.execute("SET TimeZone = 'UTC'")
            lake.execute(
                'INSERT INTO shop.fact (fact_id, label, "at", wall, day) SELECT 0, l, a, w, w::DATE'
                " FROM (SELECT unnest($1::VARCHAR[]) AS l, unnest($2::TIMESTAMPTZ[]) AS a, unnest($3::TIMESTAMP[]) AS w)",
                [labels, instants, walls],
            )

    await asyncio.to_thread(fill, str(pins.duckdb._path))

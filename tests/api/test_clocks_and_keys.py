"""Days whose midnight the clocks skip, hours of the workspace, and keys that are not unique, over HTTP: cases that were
found, on both kinds of PostgreSQL and on DuckDB. Values and empty groups: `test_values.py`.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import pytest
from tests.conftest import House, cloned_database, eventually, open_house
from tests.unit.small import write_shop

BACKENDS = ("postgres", "elsewhere", "lake")
TABLES = {
    "t": "id bigint, d date, ts timestamp, w timestamp_ntz, n int", "ord": "id bigint, sku string, ts timestamp, amt int",
    "price": "sku string, family string",
}  # fmt: skip
STATEMENTS = (
    "CREATE SCHEMA shop",
    "CREATE TABLE shop.t (id bigint PRIMARY KEY, d date, ts timestamptz, w timestamp, n int)",
    "INSERT INTO shop.t VALUES (1, '2026-04-23', '2026-04-22 22:30+00', '2026-04-23 00:30', 1),"
    " (2, '2026-04-23', '2026-04-23 10:00+00', '2026-04-23 12:00', 2),"
    " (3, '2026-04-24', '2026-04-23 22:30+00', '2026-04-24 01:30', 4),"
    " (4, '2026-04-24', '2026-04-24 10:00+00', '2026-04-24 13:00', 8),"
    " (5, '2026-04-25', '2026-04-25 10:00+00', '2026-04-25 13:00', 16)",
    "CREATE TABLE shop.ord (id bigint PRIMARY KEY, sku text, ts timestamptz, amt int)",
    "INSERT INTO shop.ord VALUES (1, 'A1', '2026-04-24 12:00+00', 100), (2, 'B2', '2026-04-24 12:00+00', 7)",
    "CREATE TABLE shop.price (sku text, family text)",
    "INSERT INTO shop.price VALUES ('A1', 'widgets'), ('A1', 'widgets'), ('B2', 'gadgets')",
)
METRICS = "metrics:\n" + "".join(
    f"  - {{id: {name}_{backend}, label: {name}, definition: m, owner: me, {rest}}}\n"
    for backend in BACKENDS
    for name, rest in {
        "by_day": "entity: t, measure: SUM(n), time: d, window: today",
        "by_instant": "entity: t, measure: SUM(n), time: ts, window: today",
        "by_wall": "entity: t, measure: SUM(n), time: w, window: today",
        "rev": "entity: ord, measure: SUM(amt), time: ts, dimensions: [{name: family, column: price.family}]",
    }.items()
)
DAY = {"start": "2026-04-24", "end": "2026-04-25"}
TWO_DAYS = {"start": "2026-04-24", "end": "2026-04-26"}


async def _fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    for each in (*STATEMENTS, "GRANT USAGE ON SCHEMA shop TO assay_reader",
                 "GRANT SELECT ON ALL TABLES IN SCHEMA shop TO assay_reader"):  # fmt: skip
        await connection.execute(each)
    await connection.close()


@pytest.fixture(scope="module")
async def cairo(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("cairo")
    root = write_shop(folder / "workspace", metrics=METRICS, tables=TABLES, joins=("ord.sku price.sku",))
    with duckdb.connect(str(root / "lake.duckdb")) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for each in STATEMENTS:
            connection.execute(each)
    async with cloned_database() as url, cloned_database() as elsewhere:
        await _fill(url)
        await _fill(elsewhere)
        (root / "assay.yaml").write_text(
            "name: shop\nlabel: Shop\ntimezone: Africa/Cairo\nbackends:\n  postgres: {driver: postgres, url: embedded}\n"
            f"  elsewhere: {{driver: postgres, url: '{elsewhere}'}}\n"
            f"  lake: {{driver: duckdb, path: {root / 'lake.duckdb'}}}\n"
        )
        names = [line.split("id: ")[1].partition(",")[0] for line in METRICS.splitlines() if "{id: " in line]
        (root / "config" / "metric_routing.yaml").write_text(
            "metrics:\n" + "".join(f"  {name}: {{backend: {name.rpartition('_')[2]}}}\n" for name in names)
        )
        async with open_house(url, root, lake, folder / "home") as house:
            assert not [str(each) for each in house.running.problems()]
            house.clock[0] = datetime(2026, 4, 24, 12, tzinfo=UTC)
            yield house


async def ask(house: House, metric: str, **asked: Any) -> list[dict[str, Any]]:
    found = [await house.client.post(f"/v1/metrics/{metric}_{backend}/data", json=asked) for backend in BACKENDS]
    return [each.json() for each in found]


@pytest.mark.exhaustive
async def test_a_day_whose_midnight_is_skipped_is_a_day_and_has_a_day_before_it(cairo: House) -> None:
    for metric in ("by_day", "by_instant", "by_wall"):
        for asked, rows in (
            ({"window": DAY}, [[12]]),
            ({"window": DAY, "compare": "previous_period"}, [[12, 3]]),
            ({"window": "today", "compare": "previous_period"}, [[12, 3]]),
            ({"window": "yesterday"}, [[3]]),
            ({"window": TWO_DAYS, "grain": "day"}, [["2026-04-24", 12], ["2026-04-25", 16]]),
        ):
            answers = await ask(cairo, metric, **asked)
            assert [each["rows"] for each in answers] == [rows] * 3, (metric, asked)


async def test_hours_are_those_of_the_workspace_with_their_offset(cairo: House) -> None:
    """The clocks go from 00:00 to 01:00: the first hour of the day is called so, and none is called 00:00."""
    for metric in ("by_instant", "by_wall"):
        for answer in await ask(cairo, metric, window=DAY, grain="hour"):
            hours = dict(answer["rows"])
            assert len(hours) == 23
            assert min(hours) == "2026-04-24T01:00:00+03:00"
            assert {hour: n for hour, n in hours.items() if n} == {
                "2026-04-24T01:00:00+03:00": 4, "2026-04-24T13:00:00+03:00": 8
            }  # fmt: skip


async def test_a_key_that_is_not_unique_refuses_what_would_be_counted_twice_on_every_engine(cairo: House) -> None:
    filtered = {"filters": [{"dimension": "family", "op": "eq", "values": ["widgets"]}]}
    for more in ({"dimensions": ["family"]}, filtered):

        async def refused(more: dict[str, Any] = more) -> bool:
            return [each.get("kind") for each in await ask(cairo, "rev", window=DAY, **more)] == ["key_not_unique"] * 3

        await eventually(refused)
    assert [each["rows"] for each in await ask(cairo, "rev", window=DAY)] == [[[107]]] * 3

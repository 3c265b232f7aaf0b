"""A small shop on two engines, in one process: its own PostgreSQL database and a DuckDB file that faults are put into.

Every row differs from every other in something, and no two groups have the same size, so that what is moved shows.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
from tests.unit.small import write_shop

from assay.answers.answer import wire_value
from assay.backends.protocol import NotConfigured
from assay.backends.registry import Surroundings
from assay.compiler.question import Asked, Question, resolve_question
from assay.live.running import Running, start_running
from assay.people.scope import EVERYTHING
from assay.routing.certificate import Standing
from assay.signing.ring import Ring
from assay.store.database import Database
from assay.store.parity import StoredCertificate

NOW = datetime(2026, 3, 17, 15, 42, 10, tzinfo=UTC)
TABLES = {
    "customer": "customer_id string, segment string?, plan string",
    "sale": "sale_id string, customer_id string, region string?, channel string, city string, amount decimal(18,2)?,"
    " items int?, weight double?, big bigint?, wide decimal(38,0)?, is_gift boolean, sold_at timestamp, sold_on date,"
    " note string?",
    "visit": "visit_id string, region string, began timestamp, ended timestamp?",
}
JOINS = ("sale.customer_id customer.customer_id",)
DIMENSIONS = "[region, channel, city, is_gift, items, {name: segment, column: customer.segment}]"
METRICS = f"""\
metrics:
  - {{id: sales, label: Sales, definition: Sales., entity: sale, measure: COUNT(*), time: sold_at, window: month_to_date,
     owner: shop, dimensions: {DIMENSIONS}}}
  - {{id: revenue, label: Revenue, definition: Money., entity: sale, measure: SUM(amount), time: sold_at,
     window: month_to_date, owner: shop, dimensions: {DIMENSIONS}}}
  - {{id: average, label: Average, definition: Money., entity: sale, measure: AVG(amount), time: sold_at,
     window: month_to_date, owner: shop, dimensions: [region, channel]}}
  - {{id: buyers, label: Buyers, definition: Who., entity: sale, measure: COUNT(DISTINCT customer_id), time: sold_at,
     window: month_to_date, owner: shop, dimensions: [region, channel, segment]}}
  - {{id: gift_share, label: Gifts, definition: Share., entity: sale, numerator: {{measure: COUNT(*), filter: is_gift}},
     denominator: {{measure: COUNT(*)}}, time: sold_at, window: month_to_date, owner: shop, dimensions: [region, channel]}}
  - {{id: weight, label: Weight, definition: Kilograms., entity: sale, measure: SUM(weight), time: sold_at,
     window: month_to_date, owner: shop, dimensions: [region, channel]}}
  - {{id: heaviest, label: Heaviest, definition: Kilograms., entity: sale, measure: MAX(weight), time: sold_at,
     window: month_to_date, owner: shop, dimensions: [region, channel]}}
  - {{id: biggest, label: Biggest, definition: Largest., entity: sale, measure: MAX(big), time: sold_at,
     window: month_to_date, owner: shop, dimensions: [region, channel]}}
  - {{id: wide, label: Wide, definition: Added up., entity: sale, measure: SUM(wide), time: sold_at,
     window: month_to_date, owner: shop, dimensions: [region, channel]}}
  - {{id: by_day, label: By day, definition: By date., entity: sale, measure: COUNT(*), time: sold_on,
     window: trailing_7d, owner: shop, dimensions: [region, channel]}}
  - {{id: growth, label: Growth, definition: More than two weeks ago., expression: sales - old, owner: shop,
     inputs: {{old: {{metric: sales, shift: 14 days}}}}}}
  - {{id: web_growth, label: Growth, definition: More than a month ago., expression: amount - old, owner: shop,
     inputs: {{amount: {{metric: revenue, filter: "channel = 'web'"}},
       old: {{metric: revenue, shift: 1 month, filter: "channel = 'web'"}}}}}}
  - {{id: more_inside, label: More, definition: More than a day ago., expression: inside - old, owner: shop,
     refresh_seconds: 60, inputs: {{old: {{metric: inside, shift: 1 day}}}}}}
  - {{id: inside, label: Inside, definition: Inside now., entity: visit, measure: COUNT(*),
     alive: {{from: began, until: ended}}, owner: shop, refresh_seconds: 60, dimensions: [region]}}
  - {{id: catalog, label: Customers, definition: Known., entity: customer, measure: COUNT(*), owner: shop,
     dimensions: [segment, plan]}}
"""
SEGMENTS = {"c1": "gold", "c2": "silver", "c3": "gold", "c4": None, "c5": "silver"}
CITIES = ("Zürich", "São Paulo", "Nice", "Nice II")


def sales() -> list[tuple[Any, ...]]:
    """From 1 January until a moment ago, and a few that lie ahead; by the hour, denser on some days than on others."""
    rows: list[tuple[Any, ...]] = []
    at, number = datetime(2026, 1, 1, 0, 30, tzinfo=UTC), 0
    ahead = [NOW + timedelta(minutes=each) for each in (20, 35, 90)]
    while at < NOW or ahead:
        if at >= NOW:
            at = ahead.pop(0)
        number += 1
        region = ("North", "South", "East", None, "")[(number * number + number // 3) % 5]
        amount = None if number % 29 == 0 else Decimal(number * 731 % 9_000) / 100
        rows.append((
            f"s{number}", f"c{1 + (number * 7 + number // 5) % 5}", region, ("web", "shop", "phone")[number // 2 % 3],
            CITIES[(number + number // 7) % 4], amount, None if number % 31 == 0 else number % 4, number * 0.37,
            2**53 + number, Decimal(10**30 + number), number % 3 == 0, at, at.date(), None if number % 2 else f"n{number}",
        ))  # fmt: skip
        at += timedelta(minutes=(97, 311, 199, 487)[number % 4])
    return rows


def visits() -> list[tuple[Any, ...]]:
    began = [NOW - timedelta(hours=5 * number) for number in range(-2, 20)]
    return [
        (f"v{number}", ("North", "South")[number % 2], at, at + timedelta(hours=30) if number % 3 else None)
        for number, at in enumerate(began)
    ]


def customers() -> list[tuple[Any, ...]]:
    return [(name, segment, ("basic", "plus")[number % 2]) for number, (name, segment) in enumerate(SEGMENTS.items())]


ROWS = {"customer": customers, "sale": sales, "visit": visits}
_TYPES = {"string": "text", "int": "integer", "timestamp": "timestamptz", "double": "double precision"}


def ddl(name: str) -> str:
    columns = (each.replace("?", "").split(" ", 1) for each in TABLES[name].split(", "))
    return f"CREATE TABLE shop.{name} ({', '.join(f'{column} {_TYPES.get(kind, kind)}' for column, kind in columns)})"


@dataclass
class Two:
    running: Running
    url: str
    lake: Path
    clock: list[datetime]

    def publish(self, *statements: str) -> None:
        """The file as it was at first, with these changes, renamed into its place."""
        fresh = self.lake.with_suffix(".new")
        shutil.copyfile(self.lake.with_suffix(".base"), fresh)
        with duckdb.connect(str(fresh)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for each in statements:
                connection.execute(each)
        os.replace(fresh, self.lake)

    async def compare(self, metric_id: str, to: str = "lake") -> StoredCertificate:
        running = self.running
        return await running.routes.compare(running.catalog.workspace.metrics[metric_id], to, running.catalog, self.clock[0])

    def question(self, metric_id: str, **asked: Any) -> Question:
        workspace = self.running.catalog.workspace
        return resolve_question((metric_id,), Asked.model_validate(asked), workspace, self.clock[0], EVERYTHING)

    async def standing(self, question: Question) -> Standing:
        running = self.running
        return await running.routes.proofs.standing_of_question(question.metrics[0], question, "postgres", running.catalog)

    async def rows(self, question: Question, backend_name: str) -> list[list[Any]]:
        """As they travel, in the order of the answer."""
        catalog = self.running.catalog
        backend = catalog.backends[backend_name]
        assert not isinstance(backend, NotConfigured)
        await catalog.described.ready(backend, question.metrics[0].needed_columns)
        statement = catalog.statement(question, backend)
        found = await backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 30)
        return [
            [wire_value(value, column.type) for value, column in zip(row, statement.columns, strict=True)]
            for row in found.rows
        ]


@asynccontextmanager
async def two_engines(folder: Path, further: str = "") -> AsyncIterator[Two]:
    """`further`: lines of assay.yaml with more backends."""
    name = f"pair_{os.getpid()}_{abs(hash(folder)) % 10**8}"
    server = os.environ["ASSAY_TEST_URL"]
    admin = await asyncpg.connect(server + "/assay")
    await admin.execute(f"CREATE DATABASE {name}")
    url = f"{server}/{name}"
    try:
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE SCHEMA shop")
        for table, rows in ROWS.items():
            await connection.execute(ddl(table))
            await connection.copy_records_to_table(table, schema_name="shop", records=rows())
        await connection.close()
        home = folder / "home"
        home.mkdir()
        base = home / "lake.base"
        await asyncio.to_thread(_fill_lake, base)
        shutil.copyfile(base, home / "lake.duckdb")
        root = write_shop(folder / "shop", metrics=METRICS, tables=TABLES, joins=JOINS)
        assay = (root / "assay.yaml").read_text()
        assay = assay.replace("{driver: postgres}", "{driver: postgres, url: embedded}")
        assay = assay.replace("{driver: duckdb}", "{driver: duckdb, path: lake.duckdb}")
        (root / "assay.yaml").write_text(assay + further)
        lines = [each.split("id: ")[1].split(",")[0] for each in METRICS.splitlines() if "id: " in each]
        (root / "config" / "metric_routing.yaml").write_text(
            "metrics:\n" + "".join(f"  {each}: {{backend: postgres}}\n" for each in lines)
        )
        clock = [NOW]
        database = Database(url)
        await database.migrate()
        running = await start_running(root, database, Surroundings(url, url, home), Ring(["key"]), lambda: clock[0])
        await running.reload.keep_tables(running.catalog.workspace)
        assert running.problems() == [], running.problems()
        yield Two(running, url, home / "lake.duckdb", clock)
        await running.close()
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


def _fill_lake(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("CREATE SCHEMA shop")
        for table, rows in ROWS.items():
            connection.execute(ddl(table).replace("text", "varchar").replace("double precision", "double"))
            given = rows()
            connection.executemany(f"INSERT INTO shop.{table} VALUES ({', '.join('?' * len(given[0]))})", given)

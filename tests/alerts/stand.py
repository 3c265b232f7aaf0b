"""A stand that sells: a small workspace in New York whose sales a test writes as it needs them, and its alerts."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import duckdb

from assay.alerts.channels import Post
from assay.store.alerts import StoredLook, StoredMessage, list_messages, looks_of, states_of
from tests.conftest import ANCHOR, House, cloned_database, eventually, open_house
from tests.receivers import Mailbox, Receiver
from tests.unit.small import write_shop

SECRET = "a-secret-of-the-tests-alone"
CHANNELS = """\
channels:
  - {name: ops, kind: webhook}
  - {name: boss, kind: webhook}
  - {name: chat, kind: slack}
  - {name: room, kind: teams}
  - {name: finance, kind: mail, to: [finance@example.com, cfo@example.com]}
alerts:
"""
TABLES = {"sale": "sale_id string, region string?, amount decimal(18,2)?, sold_at timestamp"}
_SALE = "entity: sale, time: sold_at, owner: shop, refresh_seconds: 60, dimensions: [region]"
METRICS = f"""\
metrics:
  - {{id: sales, label: Sales, definition: Sales., measure: COUNT(*), window: month_to_date, {_SALE}}}
  - {{id: revenue, label: Revenue, definition: Money., measure: SUM(amount), unit: usd, window: month_to_date, {_SALE}}}
  - {{id: price, label: Price, definition: Each., measure: AVG(amount), unit: usd, window: month_to_date, {_SALE}}}
  - {{id: lake_sales, label: Sales, definition: Sales., measure: COUNT(*), window: month_to_date, {_SALE}}}
"""
_TRUNCATE = (
    "TRUNCATE assay.alert, assay.alert_look, assay.alert_state, assay.alert_message, assay.message_file, assay.alert_made"
)
_numbers = itertools.count(1)


@dataclass
class Stand:
    house: House
    connection: asyncpg.Connection
    lake: Path
    texts: list[str] = field(default_factory=list[str])

    async def sell(self, at: datetime, count: int = 1, region: str | None = "West", amount: str | None = "10") -> None:
        rows = [(f"s{next(_numbers)}", region, amount, at) for _ in range(count)]
        await self.connection.executemany("INSERT INTO shop.sale VALUES ($1, $2, $3::text::numeric, $4)", rows)
        for backend in self.house.running.counted():  # as whoever writes through this process says it
            backend.table_moved("shop.sale")

    async def empty(self) -> None:
        """No sale, no alert, no message; the clock as it was at the beginning."""
        (self.house.root / "alerts").mkdir(exist_ok=True)
        (self.house.root / "alerts" / "shop.yaml").write_text(CHANNELS + "  []\n")
        await self.house.running.checks.reload()
        await self.connection.execute(f"TRUNCATE shop.sale; {_TRUNCATE}")
        self.house.clock[0] = ANCHOR

    async def watch(self, *alerts: str) -> None:
        """Alerts as they are written, each on its line; they are checked at once."""
        text = CHANNELS + "".join(f"  - {{{each}}}\n" for each in alerts)
        (self.house.root / "alerts" / "shop.yaml").write_text(text)
        await self.house.running.checks.reload()
        assert not self.house.running.checks.files.findings, self.house.running.checks.files.findings

    async def look(self, alert_id: str = "a", listener: str = "ops") -> StoredLook:
        """What the check of this moment found."""

        async def found() -> StoredLook | None:
            await self.house.running.checks.check_due()  # as it goes on by itself, every second
            looks = await looks_of(self.house.running.database, alert_id)
            return next(
                (each for each in looks if (each.listener, each.checked_at) == (listener, self.house.clock[0])), None
            )

        look = await eventually(found)
        assert look
        return look

    async def check_at(self, moment: datetime, alert_id: str = "a") -> StoredLook:
        self.house.clock[0] = moment
        return await self.look(alert_id)

    async def later(self, **length: float) -> StoredLook:
        return await self.check_at(self.house.clock[0] + timedelta(**length))

    async def fired(self) -> list[list[Any]]:
        return [list(each.state.key) for each in await states_of(self.house.running.database) if each.state.fired_at]

    async def messages(self) -> list[StoredMessage]:
        """Oldest first."""
        return (await list_messages(self.house.running.database, None, 1_000))[::-1]

    async def delivered(self, count: int) -> list[StoredMessage]:
        async def all_of_them() -> list[StoredMessage] | None:
            found = await self.messages()
            return found if len(found) == count and all(each.state == "delivered" for each in found) else None

        found = await eventually(all_of_them)
        assert found
        return found

    def configure(self, hook: Receiver, mails: Mailbox | None = None) -> None:
        addresses = {"OPS": hook.url, "OPS_SECRET": SECRET, "BOSS": f"{hook.url}/boss", "BOSS_SECRET": SECRET,
                     "CHAT": f"{hook.url}/chat", "ROOM": f"{hook.url}/room"}  # fmt: skip
        self.house.running.outbox.post = Post(addresses, mails and mails.url, "assay@example.com")


@asynccontextmanager
async def open_stand(folder: Path) -> AsyncIterator[Stand]:
    root = write_shop(folder / "workspace", metrics=METRICS, tables=TABLES, joins=(), zone="America/New_York")
    assay = (root / "assay.yaml").read_text().replace("{driver: postgres}", "{driver: postgres, url: embedded}")
    lake = folder / "lake.duckdb"
    (root / "assay.yaml").write_text(assay.replace("{driver: duckdb}", f"{{driver: duckdb, path: {lake}}}"))
    routes = {"sales": "postgres", "revenue": "postgres", "price": "postgres", "lake_sales": "lake"}
    lines = "".join(f"  {name}: {{backend: {backend}}}\n" for name, backend in routes.items())
    (root / "config" / "metric_routing.yaml").write_text("metrics:\n" + lines)
    made = (
        "CREATE SCHEMA shop; CREATE TABLE shop.sale"
        " (sale_id text PRIMARY KEY, region text, amount numeric(18, 2), sold_at timestamptz NOT NULL);"
    )
    with duckdb.connect(str(lake)) as engine:
        engine.execute(made.replace("numeric", "DECIMAL"))
        engine.execute(
            "INSERT INTO shop.sale SELECT 's' || i, 'West', 1, TIMESTAMPTZ '2026-03-17 15:40:00+00' FROM range(50) r(i)"
        )
    (folder / "home").mkdir()
    async with cloned_database() as url:
        connection = await asyncpg.connect(url)
        await connection.execute(
            made + "GRANT USAGE ON SCHEMA shop TO assay_reader; GRANT SELECT ON shop.sale TO assay_reader"
        )
        async with open_house(url, root, lake, folder / "house") as house:
            yield Stand(house, connection, lake)
        await connection.close()

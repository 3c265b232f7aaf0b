"""The browser stream: what moved is said once, to everybody who listens."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from tests.api.steps import edit, insert_claim, to
from tests.conftest import House

from assay.live.hub import CatalogMoved, Heartbeat, Hub
from assay.web.stream import _events


class Listener:
    def __init__(self, events: AsyncIterator[bytes]) -> None:
        self._events = events

    async def next(self) -> dict[str, Any]:
        event = await anext(self._events)
        assert event.startswith(b"data: ")
        assert event.endswith(b"\n\n")
        return json.loads(event[6:])

    async def until(self, kind: str) -> dict[str, Any]:
        while (message := await self.next())["kind"] != kind:
            pass
        return message


@asynccontextmanager
async def listening(house: House) -> AsyncIterator[Listener]:
    events = _events(house.running)
    yield Listener(events)
    await events.aclose()


async def test_the_stream_greets_with_what_serves_and_what_is_wrong(house: House) -> None:
    async with listening(house) as listener:
        hello = await listener.next()
        workspace = (await house.client.get("/v1/workspace")).json()
        assert hello == {
            "kind": "hello", "route_epoch": workspace["route_epoch"], "catalog_version": workspace["catalog_version"]
        }  # fmt: skip
        assert await listener.next() == {"kind": "problems", "problems": []}


async def test_a_routing_edit_a_refusal_and_a_new_catalog_are_told(house: House) -> None:
    async with listening(house) as listener, listening(house) as other:
        epoch = (await listener.next())["route_epoch"]
        await other.next()
        edit(house, to("cost_avoided_mtd", "lakehouse"))
        for each in (listener, other):
            # Before the flip the stream tells of the route's new standing, at the old epoch.
            while (told := await each.until("routes"))["epoch"] == epoch:
                assert told["metrics"] == ["cost_avoided_mtd"]
            assert told == {"kind": "routes", "epoch": epoch + 1, "metrics": ["cost_avoided_mtd"]}
        edit(house, to("csat", "nowhere"))
        while not (told := await listener.until("problems"))["problems"]:
            pass
        assert "there is no backend 'nowhere'" in told["problems"][0]["message"]
        file = house.root / "metrics" / "savings.yaml"
        file.write_text(file.read_text().replace("label: Cost avoided (MTD)", "label: Saved"))
        version = (await listener.until("catalog"))["catalog_version"]
        assert version == house.running.catalog.workspace.version


async def test_new_rows_are_told_by_table_and_a_replaced_lakehouse_by_all_of_its_tables(house: House) -> None:
    async with listening(house) as listener:
        await listener.next()
        await insert_claim(house.url)
        while (told := await listener.until("data"))["tables"] != ["l3_asurion.ev_claim"]:
            pass
        assert told["backend"] == "postgres"
        lake = house.settings.home / "lakehouse.duckdb"
        fresh = lake.with_suffix(".fresh")
        fresh.write_bytes(lake.read_bytes())
        fresh.rename(lake)
        while (told := await listener.until("data"))["backend"] != "lakehouse":
            pass
        assert "l3_asurion.ev_claim" in told["tables"]
        lake.rename(lake.with_suffix(".aside"))
        await listener.until("backends")


async def test_a_lost_connection_to_the_store_is_told(house: House) -> None:
    async with listening(house) as listener:
        await listener.next()
        connection = await asyncpg.connect(house.url)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query ILIKE 'listen%' AND pid <> pg_backend_pid()"
        )
        await connection.close()
        await listener.until("backends")


async def test_who_reads_slowly_is_told_that_something_was_missed_and_holds_nobody_up() -> None:
    hub = Hub()
    async with hub.listener() as queue:
        for _ in range(1_000):
            hub.say(Heartbeat())
        found = []
        while not queue.empty():
            found.append(queue.get_nowait())
        assert len(found) <= 64
        assert found[0] == CatalogMoved(catalog_version="missed")


async def test_closing_ends_every_stream_even_a_full_one(house: House) -> None:
    events = _events(house.running)
    await anext(events)
    for _ in range(200):
        house.running.hub.say(Heartbeat())
    house.running.hub.close()
    assert [event async for event in events][-1:] != [None]
    assert house.running.hub._listeners == set()

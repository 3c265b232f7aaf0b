"""The browser stream: what moved is said once, to everybody who listens."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from tests.api.steps import edit, insert_claim, messages, to
from tests.conftest import House, eventually

from assay.live.hub import (
    KEPT,
    MOST_WAITING,
    BackendsMoved,
    CatalogMoved,
    DataMoved,
    Hub,
    ParityMoved,
    ProblemNote,
    ProblemsMoved,
    Said,
)
from assay.web.stream import _events
from assay.work.principal import Principal


class Listener:
    def __init__(self, stream: AsyncGenerator[bytes, None]) -> None:
        self._messages = messages(stream)

    async def next(self) -> dict[str, Any]:
        """The next message without its id, which `id` keeps."""
        async with asyncio.timeout(120):
            message = await anext(self._messages)
        self.id = message.pop("id", None)
        return message

    async def until(self, kind: str) -> dict[str, Any]:
        while (message := await self.next())["kind"] != kind:
            pass
        return message

    async def close(self) -> None:
        await self._messages.aclose()


@asynccontextmanager
async def listening(house: House, after: str | None = None) -> AsyncIterator[Listener]:
    """Begins once the house hears its database: what is told at its start is over then."""

    async def hears() -> bool:
        return house.running.hears

    await eventually(hears)
    listener = Listener(_events(house.running, after))
    yield listener
    await listener.close()


async def test_the_stream_greets_with_what_serves_and_what_is_wrong(house: House) -> None:
    async with listening(house) as listener:
        hello = await listener.next()
        workspace = (await house.client.get("/v1/workspace")).json()
        assert hello == {
            "kind": "hello", "sees": None, "route_epoch": workspace["route_epoch"],
            "catalog_version": workspace["catalog_version"], "resumed": False,
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


@pytest.mark.exhaustive
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


def told(found: list[Said] | None) -> list[dict[str, Any]]:
    assert found is not None
    return [json.loads(each.event.split(b"\n")[0].removeprefix(b"data: ")) for each in found]


async def test_who_reads_slowly_hears_the_newest_of_each_subject_and_holds_nobody_up() -> None:
    hub = Hub()
    with hub.listener() as (listener, _):
        for number in range(1_000):
            hub.say(ParityMoved(metric_id="csat", backend="lakehouse", state="comparing", done=number, of=1_000, grain="",
                                verdict=None))  # fmt: skip
            hub.say(DataMoved(backend="postgres", tables=[f"t{number % 3}"]))
            hub.say(BackendsMoved())
        found = told(await listener.take())
    assert [each["kind"] for each in found] == ["data", "data", "parity", "data", "backends"]
    assert found[2]["done"] == 999
    assert [each["tables"] for each in found if each["kind"] == "data"] == [["t1"], ["t2"], ["t0"]]


async def test_what_makes_all_pages_ask_is_told_to_each_at_a_moment_of_its_own() -> None:
    """Several such messages at once are one moment: the latest of several would be the same end for all."""
    hub, begun = Hub(), time.monotonic()
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(hub.listener())[0] for _ in range(1_000)]
        for backend in ("a", "b", "c", "d", "e"):
            hub.say(DataMoved(backend=backend, tables=["t"]), spread=600)
        moments = sorted(each._until - begun for each in listeners)
    assert 240 < moments[500] < 360, "half of them in the first half"
    assert moments[-1] < 660


async def test_who_misses_too_much_asks_for_everything_and_still_gets_the_last() -> None:
    hub = Hub()
    problem = ProblemNote(kind="routing", file=None, line=None, message="?", mend=None, metric_id=None, follows=[])
    with hub.listener() as (listener, _):
        hub.say(ProblemsMoved(problems=[problem]))
        for number in range(MOST_WAITING + 10):
            hub.say(DataMoved(backend="postgres", tables=[f"t{number}"]))
        found = told(await listener.take())
    assert found[0] == {"kind": "catalog", "catalog_version": "missed"}
    assert found[1]["problems"][0]["message"] == "?"
    assert found[-1]["tables"] == [f"t{MOST_WAITING + 9}"]
    assert len(found) <= MOST_WAITING


async def test_a_page_that_comes_back_hears_what_it_has_missed_and_nothing_twice(house: House) -> None:
    async with listening(house) as listener:
        assert (await listener.next())["resumed"] is False
        await insert_claim(house.url)
        await listener.until("data")
        last = listener.id
    house.running.hub.say(BackendsMoved())
    house.running.hub.say(CatalogMoved(catalog_version="c"))
    async with listening(house, last) as again:
        assert (await again.next())["resumed"] is True
        assert (await again.next())["kind"] == "problems", "what is wrong is told at every start"
        found = [await again.next(), await again.next()]
        assert [each["kind"] for each in found] == ["backends", "catalog"]
        newest = again.id
    async with listening(house, newest) as third:
        assert (await third.next())["resumed"] is True
        await third.next()
        house.running.hub.say(BackendsMoved())
        assert (await third.next())["kind"] == "backends"


@pytest.mark.exhaustive
@pytest.mark.parametrize("after", ["", "x", "0-1", "another-12", "\x00-1", "-", "9" * 60])
async def test_an_id_that_is_not_known_here_is_no_resumption(shared_house: House, after: str) -> None:
    async with listening(shared_house, after) as listener:
        assert (await listener.next())["resumed"] is False


async def test_what_was_forgotten_is_no_resumption_nor_is_what_was_never_said() -> None:
    hub = Hub()
    hub.say(BackendsMoved())
    with hub.listener() as (listener, _):
        hub.say(BackendsMoved())
        first = (await listener.take() or [])[0].event.decode()
    name = first.split("id: ")[1].split("-")[0]
    for _ in range(KEPT):
        hub.say(BackendsMoved())
    for number, resumed in ((1, False), (2, True), (KEPT + 2, True), (KEPT + 3, False)):
        with hub.listener(f"{name}-{number}") as (_, found):
            assert found is resumed, number


@pytest.mark.exhaustive
async def test_the_stream_resumes_by_header_and_by_address(house: House) -> None:
    house.running.hub.say(BackendsMoved())
    name = house.running.hub._name
    known = f"{name}-1"
    for headers, address in (({"last-event-id": known}, "/v1/stream"), ({}, f"/v1/stream?after={known}")):
        task = asyncio.ensure_future(house.client.get(address, headers=headers))

        async def listens() -> bool:
            return bool(house.running.hub._listeners)

        await eventually(listens)
        house.running.hub.close()
        reply = await task
        assert reply.headers["content-type"].startswith("text/event-stream")
        assert '"resumed":true' in reply.text.split("\n")[0]


@pytest.mark.exhaustive
async def test_silence_is_broken_by_heartbeats(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.web.stream._HEARTBEAT_SECONDS", 0.01)
    async with listening(house) as listener:
        assert await listener.until("heartbeat") == {"kind": "heartbeat"}
        assert listener.id is None, "a browser goes on after what it has heard last, and that is no heartbeat"


@pytest.mark.exhaustive
async def test_the_stream_can_be_gone_on_with_from_its_very_hello(house: House) -> None:
    house.running.hub.say(BackendsMoved())
    async with listening(house) as listener:
        await listener.next()
        begin = listener.id
    house.running.hub.say(CatalogMoved(catalog_version="c"))
    async with listening(house, begin) as again:
        assert (await again.next())["resumed"] is True
        assert again.id == begin, "what was missed follows, and is missed again where the stream breaks here"
        assert (await again.until("catalog"))["catalog_version"] == "c"


async def test_the_stream_ends_with_the_session_that_opened_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.web.stream._HEARTBEAT_SECONDS", 0.01)
    who: Principal | None = Principal("p", "somebody", "person", frozenset({"viewer"}))

    async def asks() -> Principal | None:
        return who

    stream = Listener(_events(house.running, asks=asks))
    assert await stream.until("heartbeat")
    who = None
    house.running.hub.say(CatalogMoved(catalog_version="not for strangers"))
    with pytest.raises(StopAsyncIteration):
        await stream.until("catalog")
    assert house.running.hub._listeners == set()


@pytest.mark.exhaustive
async def test_closing_ends_every_stream_after_what_is_still_to_be_told(house: House) -> None:
    async with listening(house) as listener:
        await listener.next()
        house.running.hub.say(CatalogMoved(catalog_version="last"))
        house.running.hub.close()
        assert (await listener.until("catalog"))["catalog_version"] == "last"
        with pytest.raises(StopAsyncIteration):
            await listener.next()
    assert house.running.hub._listeners == set()

"""A reader who leaves takes the statement along, over a real socket; unless somebody else waits for the same answer."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from tests.api.steps import CLAIM
from tests.api.test_parity import publish
from tests.conftest import House, eventually

from assay.web.app import create_app

SLOW = (
    f"ALTER TABLE {CLAIM} RENAME TO kept",
    f"CREATE VIEW {CLAIM} AS SELECT k.* FROM l3_asurion.kept AS k, range(100000000000) AS r"
    " WHERE hash(k.claim_id, r.range) <> 0",
)


@pytest.fixture
async def port(house: House) -> AsyncIterator[int]:
    """The server that serves, on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    server = Server(
        create_app(house.settings, house.running), address="127.0.0.1", port=number, interface=Interfaces.ASGINL,
        log_enabled=False, websockets=False,
    )  # fmt: skip
    server.workers_kill_timeout = 1
    serving = asyncio.ensure_future(server.serve())

    async def listens() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", number)
        except OSError:
            return False
        writer.close()
        return True

    await eventually(listens)
    yield number
    server.stop()
    await serving


async def asked(port: int, metric_id: str, question: dict[str, Any]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The request alone, on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps(question).encode()
    # By the name that the house is open under.
    head = f"POST /v1/metrics/{metric_id}/data HTTP/1.1\r\nhost: 127.0.0.1:8400\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    return reader, writer


async def left(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Whoever reads the claims waits for as long as this lasts."""
    connection, beside = await asyncpg.connect(url), await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute(f"LOCK TABLE {CLAIM} IN ACCESS EXCLUSIVE MODE")
        yield beside  # what a transaction has seen of activity stays as it was
    await connection.close()
    await beside.close()


def waiting(connection: asyncpg.Connection, count: int) -> Any:
    async def as_many() -> bool:
        found = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'assay:postgres' AND wait_event_type = 'Lock'"
            " AND datname = current_database() AND query LIKE '%cost_avoided_usd%'"
        )
        return found == count

    return as_many


async def test_a_reader_who_leaves_takes_the_statement_on_postgres_along(house: House, port: int) -> None:
    await house.ask("cost_avoided_mtd")
    async with locked(house.url) as connection:
        _, writer = await asked(port, "cost_avoided_mtd", {"dimensions": ["region"]})
        await eventually(waiting(connection, 1))
        await left(writer)
        await eventually(waiting(connection, 0))
    assert (await house.ask("cost_avoided_mtd", dimensions=["region"]))["provenance"]["rows_returned"] > 0  # pyright: ignore


@pytest.mark.exhaustive
async def test_a_statement_goes_on_for_whoever_else_waits_for_it(house: House, port: int) -> None:
    await house.ask("cost_avoided_mtd")
    async with locked(house.url) as connection:
        question = {"dimensions": ["channel"]}
        _, leaving = await asked(port, "cost_avoided_mtd", question)
        reader, staying = await asked(port, "cost_avoided_mtd", question)
        await eventually(waiting(connection, 1))
        (one,) = house.running.corridor._cache._asking.values()
        await eventually(lambda: asyncio.sleep(0, one.waiting == 2))
        await left(leaving)
        await eventually(lambda: asyncio.sleep(0, one.waiting == 1))
        assert await waiting(connection, 1)()
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    await left(staying)


async def test_a_reader_who_leaves_takes_the_statement_on_duckdb_along(house: House, port: int) -> None:
    lake: Any = house.running.catalog.backends["lakehouse"]
    await asyncio.to_thread(publish, house, *SLOW)
    _, writer = await asked(port, "claim_volume_l3_asurion", {})
    await eventually(lambda: asyncio.sleep(0, house.running.corridor.tally.running["lakehouse"] == 1 and lake.running == 1))
    await left(writer)
    await eventually(lambda: asyncio.sleep(0, lake.running == 0))
    assert house.running.corridor.tally.running["lakehouse"] == 0

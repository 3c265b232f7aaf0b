"""What several tests do to a house: edit its files, add data, ask it from outside, take its database away, wait."""

import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
from tests.conftest import House

from assay.people.door import NOBODY_VOUCHES
from assay.people.providers import Identity
from assay.web.app import create_app

SHOWN = "config/metric_routing.yaml"
CLAIM = "l3_asurion.ev_claim"
TOKEN = "a-token-of-the-tests-and-of-nobody-else"
BEARER = {"authorization": f"Bearer {TOKEN}"}


def routing_file(house: House) -> Path:
    return house.root / SHOWN


def edit(house: House, change: Callable[[str], str]) -> None:
    """As an editor saves: a new file renamed over the old one."""
    file = routing_file(house)
    fresh = file.with_name("4913~")
    fresh.write_text(change(file.read_text()))
    os.replace(fresh, file)


def to(metric_id: str, backend: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        lines = [f"  {metric_id}: {{backend: {backend}}}" if line.startswith(f"  {metric_id}:") else line
                 for line in text.splitlines()]  # fmt: skip
        return "\n".join(lines) + "\n"

    return change


def line_of(house: House, text: str) -> int:
    return 1 + next(n for n, line in enumerate(routing_file(house).read_text().splitlines()) if text in line)


async def routes(house: House) -> dict[str, Any]:
    response = await house.client.get("/v1/routes")
    assert response.status_code == 200
    return response.json()


async def route(house: House, metric_id: str) -> dict[str, Any]:
    return next(each for each in (await routes(house))["routes"] if each["metric_id"] == metric_id)


def banner(house: House, text: str) -> Callable[[], Any]:
    """The problem with `text` as every page shows it, once it is there."""

    async def shown() -> Any:
        if not any(text in each.message for each in house.running.problems()):
            return None
        found = (await house.client.get("/v1/workspace")).json()["problems"]
        return next((each for each in found if text in each["message"]), None)

    return shown


def no_problems(house: House) -> Callable[[], Any]:
    async def none() -> bool:
        return not house.running.problems() and (await house.client.get("/v1/workspace")).json()["problems"] == []

    return none


def served_by(house: House, metric_id: str, backend: str) -> Callable[[], Any]:
    async def served() -> bool:
        return (await house.ask(metric_id))["provenance"]["backend"] == backend

    return served


async def insert_claim(url: str, avoided: int = 0) -> None:
    """One more claim, like another but for its key and what it avoided; opened within the window of every metric."""
    connection = await asyncpg.connect(url)
    columns = await connection.fetch(
        "SELECT column_name AS name FROM information_schema.columns"
        " WHERE table_schema = 'l3_asurion' AND table_name = 'ev_claim'"
    )
    new = {"claim_id": "'CLM-NEW-' || clock_timestamp()", "cost_avoided_usd": str(avoided), "claim_status": "'closed'",
           "claim_open_ts": "TIMESTAMPTZ '2026-03-17 12:00:00Z'"}  # fmt: skip
    names = [each["name"] for each in columns]
    chosen = ", ".join(new.get(name, f'"{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    await connection.execute(f"INSERT INTO {CLAIM} ({listed}) SELECT {chosen} FROM {CLAIM} LIMIT 1")
    await connection.close()


@asynccontextmanager
async def from_outside(
    house: House,
    address: str = "127.0.0.1",
    base_url: str = "http://assay.example:8400",
    headers: dict[str, str] | None = None,
    identity: Identity = NOBODY_VOUCHES,
    **changes: Any,
) -> AsyncIterator[httpx.AsyncClient]:
    """The house as one more process serves it to other machines: behind a token, with a door of its own."""
    settings = replace(house.settings, token=TOKEN, **changes)
    transport = httpx.ASGITransport(create_app(settings, house.running, identity), client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers, timeout=60) as client:
        yield client


@asynccontextmanager
async def database_away(url: str) -> AsyncIterator[None]:
    """Nobody can connect to it, and whoever was connected is not any more."""
    name = urlsplit(url).path.strip("/")
    admin = await asyncpg.connect(url.rpartition("/")[0] + "/assay")
    try:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1 AND backend_type = $2",
            name, "client backend",
        )  # fmt: skip
        yield
    finally:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await admin.close()


async def messages(stream: AsyncGenerator[bytes, None]) -> AsyncGenerator[dict[str, Any], None]:
    """What a stream of server-sent events says; the event's id under "id" where it has one."""
    async with aclosing(stream):
        async for chunk in stream:
            for event in chunk.decode().removesuffix("\n\n").split("\n\n"):
                fields = dict(line.split(": ", 1) for line in event.split("\n"))
                yield json.loads(fields["data"]) | ({"id": fields["id"]} if "id" in fields else {})

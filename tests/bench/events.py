"""Events under load: so many a second, over HTTP or Kafka, while PostgreSQL is killed once. Then they are counted.

    python -m tests.bench.events [--rate 2000] [--seconds 60] [--through http|kafka] [--no-kill]

A batch that is refused, or whose answer never comes, is sent again under the same ids. Nothing may be lost or doubled.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from assay.demo.system import free_port
from assay.store.embedded import EmbeddedPostgres
from tests.bench.__main__ import DEMO, ROOT, Row

BATCH = 500
_SENDERS = 4
_PATIENCE_SECONDS = 120
_TOPIC = "bench.events"


@dataclass
class Load:
    """What was sent and what came of it."""

    rate: int
    seconds: float
    through: str
    sent: int = 0
    retried: int = 0
    took_seconds: float = 0.0
    behind_seconds: float = 0.0
    """From the last one sent until all were there."""
    counted: int = 0
    different: int = 0
    killed: bool = False
    batch_ms: list[float] = field(default_factory=list)

    @property
    def lost(self) -> int:
        return self.sent - self.different

    @property
    def doubled(self) -> int:
        return self.counted - self.different

    @property
    def per_second(self) -> float:
        return self.sent / self.took_seconds if self.took_seconds else 0.0

    @property
    def is_whole(self) -> bool:
        return self.lost == self.doubled == 0 and self.sent > 0

    def row(self) -> Row:
        wanted = f"{self.rate:,}/s for {self.seconds:g} s, none lost or doubled" + (
            ", PostgreSQL killed" if self.killed else ""
        )
        found = f"{self.per_second:,.0f}/s, {self.lost} lost, {self.doubled} doubled, {self.retried} batches sent again,"
        found += f" all there {self.behind_seconds:.1f} s after the last"
        return f"Events over {self.through}", wanted, found, self.is_whole and self.per_second >= self.rate * 0.98


def batch_of(number: int) -> list[dict[str, Any]]:
    now = datetime.now(UTC).isoformat()
    return [
        {"event_id": f"load-{number:06d}-{place:03d}", "type": "device.telemetry", "source": "bench", "occurred_at": now,
         "payload": {"device_id": f"dev_{10_000_000 + (number * BATCH + place) % 60_000}", "battery_health_pct": 86}}
        for place in range(BATCH)
    ]  # fmt: skip


async def http_load(url: str, load: Load) -> None:
    """Batches at their appointed times by a few senders; one that is refused is sent again until it is taken."""
    total = int(load.rate * load.seconds) // BATCH
    numbers = iter(range(total))
    started = time.monotonic()

    async def sender(client: httpx.AsyncClient) -> None:
        for number in numbers:
            due = started + number * BATCH / load.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            body = json.dumps({"events": batch_of(number)}).encode()
            until = time.monotonic() + _PATIENCE_SECONDS
            while not await _accepted(client, url, body, load):
                assert time.monotonic() < until, "the server did not come back"
                load.retried += 1
                await asyncio.sleep(0.1)
            load.sent += BATCH

    async with httpx.AsyncClient(timeout=15, trust_env=False) as client:
        await asyncio.gather(*(sender(client) for _ in range(_SENDERS)))
    load.took_seconds = time.monotonic() - started


async def _accepted(client: httpx.AsyncClient, url: str, body: bytes, load: Load) -> bool:
    begun = time.perf_counter()
    try:
        response = await client.post(f"{url}/v1/events", content=body)
    except httpx.TransportError:
        return False
    if response.status_code != 200:
        return False
    load.batch_ms.append((time.perf_counter() - begun) * 1e3)
    reply = response.json()
    return reply["taken"] + reply["known"] == BATCH


async def kafka_load(servers: str, load: Load) -> None:
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": servers, "enable.idempotence": True, "linger.ms": 20})
    started = time.monotonic()
    for number in range(int(load.rate * load.seconds) // BATCH):
        await asyncio.sleep(max(0.0, started + number * BATCH / load.rate - time.monotonic()))
        for each in batch_of(number):
            producer.produce(_TOPIC, json.dumps(each).encode(), key=each["payload"]["device_id"].encode())
        load.sent += BATCH
        producer.poll(0)
    assert await asyncio.to_thread(producer.flush, 30) == 0
    load.took_seconds = time.monotonic() - started


async def count(url: str, load: Load) -> None:
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow(
            "SELECT count(*), count(DISTINCT event_id) FROM assay.event WHERE event_id LIKE 'load-%'"
        )
        assert row
        load.counted, load.different = row[0], row[1]
    finally:
        await connection.close()


async def kill_once(postgres: EmbeddedPostgres, after_seconds: float, load: Load) -> None:
    """SIGKILL in the middle, and the server started again, as `assay up` does."""
    await asyncio.sleep(after_seconds)
    process = postgres._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    load.killed = True
    while True:
        await asyncio.sleep(0.25)
        with postgres.open_log() as log:
            postgres.revive(log)


@asynccontextmanager
async def serving(home: Path, url: str, **environment: str) -> AsyncIterator[str]:
    """`assay up` on the demo's workspace without its generated data: only events are looked at here."""
    workspace = Path(shutil.copytree(DEMO, home / "workspace", dirs_exist_ok=True))
    settings = workspace / "assay.yaml"
    settings.write_text("".join(line for line in settings.read_text().splitlines(True) if not line.startswith("seed:")))
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
    own = {
        "ASSAY_HOME": str(home / "assay"),
        "ASSAY_WORKSPACE": str(workspace),
        "ASSAY_PORT": str(port),
        "DATABASE_URL": url,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "assay.cli.main", "up", cwd=ROOT, env={**kept, **own, "DATABASE_URL": url, **environment},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        await _until_ready(address)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(15):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _until_ready(address: str) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
        while time.monotonic() < until:
            try:
                await client.get(f"{address}/health")
                return
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    raise TimeoutError("the server did not start")


async def measure(rate: int, seconds: float, through: str, postgres: EmbeddedPostgres, home: Path, *, kill: bool) -> Load:
    """Send `rate` events a second for `seconds`; `postgres` is killed half-way where `kill` is asked for."""
    load = Load(rate, seconds, through)
    boot, servers = _mock_cluster() if through == "kafka" else (None, "")
    environment = {"ASSAY_KAFKA": servers, "ASSAY_KAFKA_TOPIC": _TOPIC} if servers else {}
    async with serving(home, postgres.url, **environment) as address:
        killer = asyncio.create_task(kill_once(postgres, seconds / 2, load)) if kill else None
        await (kafka_load(servers, load) if servers else http_load(address, load))
        ended = time.monotonic()
        while time.monotonic() < ended + _PATIENCE_SECONDS:
            try:
                await count(postgres.url, load)
            except (OSError, asyncpg.PostgresError):
                load.different = 0
            if load.different >= load.sent:
                break
            await asyncio.sleep(0.2)
        load.behind_seconds = time.monotonic() - ended
        if killer is not None:
            killer.cancel()
            await asyncio.gather(killer, return_exceptions=True)
    del boot
    return load


def _mock_cluster() -> tuple[Any, str]:
    from confluent_kafka import Producer

    boot = Producer({"bootstrap.servers": "ignored:1", "test.mock.num.brokers": 1, "log_level": 0})
    return boot, ",".join(f"{each.host}:{each.port}" for each in boot.list_topics(timeout=10).brokers.values())


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.bench.events", description=__doc__)
    parser.add_argument("--rate", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--through", choices=["http", "kafka"], default="http")
    parser.add_argument("--no-kill", action="store_true")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="assay-bench-"))
    home.chmod(0o755)
    postgres = EmbeddedPostgres(home)
    try:
        postgres.start()
        load = asyncio.run(measure(given.rate, given.seconds, given.through, postgres, home, kill=not given.no_kill))
    finally:
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)
    what, wanted, found, met = load.row()
    print(f"{what}: {found}\n  wanted {wanted}: {'met' if met else 'MISSED'}")
    if load.batch_ms:
        deciles = statistics.quantiles(load.batch_ms, n=20)
        print(f"  a batch of {BATCH}: median {statistics.median(load.batch_ms):.0f} ms, p95 {deciles[18]:.0f} ms")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())

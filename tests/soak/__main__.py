"""Everything at once for a while: pages that listen, questions cold and warm, events, flips, each process killed in turn.

    python -m tests.soak [--seconds 600] [--listeners 1000] [--rate 50]

Ends with a table, and with 1 where an event, a receipt or a page's last message was lost or an event came twice. What fails
while something is being killed is counted and is no loss: whoever is refused asks again.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from assay.demo.system import free_port
from assay.store.embedded import EmbeddedPostgres
from tests.bench.__main__ import DEMO, ROOT
from tests.process.assay import environment

METRICS = ("cost_avoided_mtd", "csat", "claim_volume_l3_asurion")
FLIPPED = "csat"
_PATIENCE_SECONDS = 90
_SAMPLED_RECEIPTS = 2_000
_FILLING_SECONDS = 900
"""Until its caches are full the server grows; after that the second half of what was seen since tells by how much."""


@dataclass
class Found:
    """What came of it."""

    ms: dict[str, list[float]] = field(default_factory=lambda: {"cold": [], "warm": [], "health": []})
    errors: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    flips: int = 0
    events: set[str] = field(default_factory=set)
    receipts: list[str] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)
    doubled: int = 0
    sizes: list[tuple[float, int, int]] = field(default_factory=list)
    """(when, kB of memory, descriptors) of the server since it was started last."""


class Server:
    """`assay up` with its own PostgreSQL, on a home that outlives it."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = environment(home, home / "workspace", self.port)
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        command = [sys.executable, "-m", "assay.cli.main", "up"]
        with (self.home / "up.log").open("ab") as log:
            self.process = await asyncio.to_thread(
                subprocess.Popen, command, env=self._environment, stdout=log, stderr=log, cwd=ROOT
            )
        async with httpx.AsyncClient(base_url=self.url, timeout=5, trust_env=False) as client:
            until = time.monotonic() + _PATIENCE_SECONDS * 3
            while time.monotonic() < until:
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get("/ready")).status_code == 200:
                        return
                assert self.process.poll() is None, (self.home / "up.log").read_text()[-2_000:]
                await asyncio.sleep(0.3)
        raise TimeoutError("the server is not ready")

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    def family(self) -> dict[str, list[int]]:
        """The server's processes by what they are."""
        found: dict[str, list[int]] = {"server": [self.pid], "nursery": [], "worker": [], "postmaster": [], "session": []}
        children: dict[int, list[tuple[int, str]]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                text = stat.read_text()
                pid, parent = int(text.split()[0]), int(text.rpartition(")")[2].split()[1])
                name = (stat.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                children.setdefault(parent, []).append((pid, name))
        for pid, name in children.get(self.pid, []):
            if "assay.work.nursery" in name:
                found["nursery"].append(pid)
                found["worker"] += [each for each, _ in children.get(pid, [])]
            elif "postgres" in name:
                found["postmaster"].append(pid)
                found["session"] += [each for each, line in children.get(pid, []) if "assay" in line]
        return found

    def size(self) -> tuple[int, int]:
        status = Path(f"/proc/{self.pid}/status").read_text()
        kilobytes = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))
        return kilobytes, len(os.listdir(f"/proc/{self.pid}/fd"))


class Listener:
    """One open page: it comes back where it is cut off, and goes on after what it heard last."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.last_id = ""
        self.kinds: set[str] = set()
        self.is_open = False

    async def listen(self) -> None:
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await self._listen_once()
            self.is_open = False
            await asyncio.sleep(random.uniform(0.2, 2))

    async def _listen_once(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._server.port)
        try:
            after = f"?after={self.last_id}" if self.last_id else ""
            host = self._server.url.removeprefix("http://")
            writer.write(f"GET /v1/stream{after} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    message = json.loads(line[6:])
                    self.kinds.add(message["kind"])
                    self.is_open = True
                    if message["kind"] == "hello" and not message["resumed"]:
                        self.kinds.add("asks anew")
                elif line.startswith(b"id: "):
                    self.last_id = line[4:].strip().decode()
        finally:
            writer.close()


async def every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """At their appointed times, whether or not the ones before are done."""
    due, under_way = time.monotonic(), set[asyncio.Task[None]]()
    while True:
        task = asyncio.ensure_future(work())
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        due += seconds
        await asyncio.sleep(max(0.0, due - time.monotonic()))


class Soak:
    def __init__(self, server: Server, client: httpx.AsyncClient) -> None:
        self.server, self.client, self.found = server, client, Found()
        self._flipped_to = "lakehouse"

    async def _timed(self, kind: str, method: str, path: str, body: Any = None) -> httpx.Response | None:
        begun = time.perf_counter()
        try:
            response = await self.client.request(method, path, json=body)
        except httpx.TransportError as error:
            self.found.errors[type(error).__name__] += 1
            return None
        if response.status_code >= 400:
            self.found.errors[response.json().get("kind", str(response.status_code))] += 1
            return None
        self.found.ms[kind].append((time.perf_counter() - begun) * 1e3)
        return response

    async def ask_warm(self) -> None:
        await self._timed("warm", "POST", f"/v1/metrics/{random.choice(METRICS)}/data", {})

    async def ask_cold(self) -> None:
        end = datetime.now(UTC) - timedelta(seconds=random.randrange(86_400))
        window = {"start": (end - timedelta(days=20)).isoformat(), "end": end.isoformat()}
        response = await self._timed("cold", "POST", f"/v1/metrics/{random.choice(METRICS)}/data", {"window": window})
        if response is not None:
            provenance = response.json()["provenance"]
            if not provenance["stale"] and len(self.found.receipts) < _SAMPLED_RECEIPTS:
                self.found.receipts.append(provenance["receipt_id"])

    async def look(self) -> None:
        await self._timed("health", "GET", "/health")
        with contextlib.suppress(OSError):
            self.found.sizes.append((time.monotonic(), *self.server.size()))

    async def send_events(self) -> None:
        """Ten, sent again under their ids until they are taken."""
        names = [f"soak-{uuid.uuid4().hex}" for _ in range(10)]
        now = datetime.now(UTC).isoformat()
        body = {"events": [
            {"event_id": name, "type": "device.telemetry", "source": "soak", "occurred_at": now,
             "payload": {"device_id": "dev_demo_001", "battery_health_pct": 86}} for name in names
        ]}  # fmt: skip
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                if (await self.client.post("/v1/events", json=body)).status_code == 200:
                    self.found.events.update(names)
                    return
            await asyncio.sleep(0.2)
        self.found.lost["events never accepted"] += len(names)

    async def flip(self) -> None:
        body = {"backend": self._flipped_to, "by": "soak"}
        with contextlib.suppress(httpx.TransportError):
            response = await self.client.put(f"/v1/routes/{FLIPPED}", json=body)
            if response.status_code == 200:
                self.found.flips += 1
                self._flipped_to = "postgres" if self._flipped_to == "lakehouse" else "lakehouse"

    async def kill_in_turn(self, seconds: float) -> None:
        while True:
            for name in ("worker", "session", "nursery", "postmaster", "server"):
                await asyncio.sleep(seconds)
                pids = self.server.family()[name]
                if not pids:
                    continue
                os.kill(random.choice(pids), signal.SIGKILL)
                self.found.kills[name] += 1
                if name == "server":
                    await asyncio.to_thread(self.server.process.wait)  # pyright: ignore[reportOptionalMemberAccess]
                    self.found.sizes.clear()
                    await self.server.start()

    # -- what is left -------------------------------------------------------------------------------

    async def count(self, listeners: list[Listener]) -> None:
        """After the load: every event once, every receipt there, every page has heard of the last event."""
        url = EmbeddedPostgres(self.server.home).url_of_another()
        assert url is not None
        connection = await asyncpg.connect(url)
        rows = await connection.fetch("SELECT event_id, count(*) FROM assay.event WHERE event_id LIKE 'soak-%' GROUP BY 1")
        await connection.close()
        there = {row[0] for row in rows}
        self.found.lost["events"] += len(self.found.events - there)
        self.found.doubled += sum(row[1] - 1 for row in rows)
        for name in self.found.receipts:
            if (await self.client.get(f"/v1/receipts/{name}")).status_code != 200:
                self.found.lost["receipts"] += 1
        await _until(lambda: all(each.is_open for each in listeners))
        for each in listeners:
            each.kinds.clear()
        (await self.client.post("/v1/events", json={
            "event_id": f"soak-{uuid.uuid4().hex}", "type": "device.battery_degraded", "source": "soak",
            "occurred_at": datetime.now(UTC).isoformat(), "payload": {"device_id": "dev_demo_001", "battery_health_pct": 61},
        })).raise_for_status()  # fmt: skip
        await _until(lambda: all(each.kinds & {"loop", "asks anew"} for each in listeners))
        self.found.lost["last messages"] += sum(not each.kinds & {"loop", "asks anew"} for each in listeners)


async def _until(holds: Callable[[], bool]) -> None:
    for _ in range(_PATIENCE_SECONDS * 10):
        if holds():
            return
        await asyncio.sleep(0.1)


async def soak(home: Path, seconds: float, many: int, rate: float) -> Found:
    server = Server(home)
    await server.start()
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(base_url=server.url, timeout=40, trust_env=False, limits=limits) as client:
        work = Soak(server, client)
        listeners = [Listener(server) for _ in range(many)]
        tasks = [asyncio.ensure_future(each.listen()) for each in listeners]
        load = [
            every(2 / rate, work.ask_cold), every(2 / rate, work.ask_warm), every(1, work.look), every(1, work.send_events),
            every(20, work.flip), work.kill_in_turn(max(10, seconds / 12)),
        ]  # fmt: skip
        loaded = [asyncio.ensure_future(each) for each in load]
        await asyncio.wait(loaded, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for each in loaded:
            if each.done():
                each.result()
            each.cancel()
        await asyncio.gather(*loaded, return_exceptions=True)
        if server.process is None or server.process.poll() is not None:
            await server.start()
        await asyncio.sleep(3)
        await work.count(listeners)
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        server.process.terminate()  # pyright: ignore[reportOptionalMemberAccess]
        await asyncio.to_thread(server.process.wait, 30)  # pyright: ignore[reportOptionalMemberAccess]
        return work.found


def table(found: Found) -> list[tuple[str, str]]:
    rows = [("kills", ", ".join(f"{name} {count}" for name, count in found.kills.items()) or "none"),
            ("flips", str(found.flips)), ("events accepted", f"{len(found.events):,}")]  # fmt: skip
    for kind, spent in found.ms.items():
        ordered = sorted(spent) or [0.0]
        p50, p95, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.95, 0.99))
        rows.append((f"{kind}: {len(spent):,}", f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms"))
    rows.append(("refused or cut off", ", ".join(f"{name} {count}" for name, count in found.errors.most_common()) or "none"))
    if found.sizes:
        (begun, first_kb, first_open), (ended, last_kb, last_open) = found.sizes[len(found.sizes) // 2], found.sizes[-1]
        stretch = ended - found.sizes[0][0]
        if stretch < _FILLING_SECONDS:
            grown = [f"{stretch:.0f} s after the last start: its caches still fill"] * 2
        else:
            hours = (ended - begun) / 3_600
            grown = [
                f"{(last_kb - first_kb) / 1_024 / hours:+.0f} MB an hour",
                f"{(last_open - first_open) / hours:+.0f} an hour",
            ]
        rows.append(("memory", f"{last_kb / 1_024:.0f} MB, {grown[0]}"))
        rows.append(("descriptors", f"{last_open}, {grown[1]}"))
    rows.append(("lost", ", ".join(f"{name} {count}" for name, count in found.lost.items() if count) or "nothing"))
    rows.append(("doubled", str(found.doubled)))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--listeners", type=int, default=1_000)
    parser.add_argument("--rate", type=float, default=50, help="questions a second, half of them cold")
    given = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, given.listeners + 4_000), most))
    home = Path(tempfile.mkdtemp(prefix="assay-soak-"))
    home.chmod(0o755)
    shutil.copytree(DEMO, home / "workspace")
    try:
        found = asyncio.run(soak(home, given.seconds, given.listeners, given.rate))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    for what, said in table(found):
        print(f"{what:<24}{said}")
    return 1 if found.doubled or any(found.lost.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

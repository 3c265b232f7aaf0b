"""Measure comparisons: `python -m tests.bench.parity [CLAIMS]` fills both engines with so many claims (5,000,000).

Bars: a metric over all grains within three times what the slower engine needs for the plain metric; a flip and its
rollback seen by every process within a second; cached answers at most 1.5x slower (p95) while a comparison runs.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.bench.__main__ import DEMO, RawClient, Row, filled, p50, served

METRIC = "cost_avoided_mtd"


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def compare(url: str) -> tuple[float, list[float], int]:
    body = httpx.post(f"{url}/v1/routes/{METRIC}/compare", json={"to": "lakehouse"}, timeout=600).json()
    assert body["verdict"] == "equal", body
    return body["elapsed_ms"], [each["engine_ms"] for each in body["sides"]], len(body["grains"])


def all_grains(url: str) -> Row:
    compare(url)
    found = [compare(url) for _ in range(5)]
    plain = max(p50([sides[index] for _, sides, _ in found]) for index in (0, 1))
    whole = p50([each[0] for each in found])
    measured = f"{whole / plain:.1f}x ({whole:,.0f} ms for {found[0][2]} grains; the plain metric {plain:,.0f} ms)"
    return ("compare a metric at all grains", "<= 3x the slower engine's plain metric", measured, whole <= 3 * plain)


def flip_and_back(one: str, other: str) -> Row:
    """From the moment the change is asked for, comparison left out, until the other process answers from there."""
    spent: list[float] = []
    for turn in range(6):
        backend = "lakehouse" if turn % 2 == 0 else "postgres"
        begun = time.perf_counter()
        if turn % 2 == 0:
            answer = httpx.put(f"{one}/v1/routes/{METRIC}", json={"backend": backend}, timeout=600)
            begun = time.perf_counter()  # the comparison has its own bar
        else:
            answer = httpx.post(f"{one}/v1/routes/{METRIC}/rollback", json={}, timeout=600)
        assert answer.status_code == 200, answer.text
        while httpx.post(f"{other}/v1/metrics/{METRIC}/data", json={}).json()["provenance"]["backend"] != backend:
            time.sleep(0.005)
        spent.append(time.perf_counter() - begun)
    measured = f"{p50(spent):.2f} s, worst {max(spent):.2f} s"
    return ("flip and rollback, seen by another process", "<= 1 s", measured, max(spent) <= 1)


async def _latencies(url: str, during: "asyncio.Event | None") -> list[float]:
    client = await RawClient.open(url)
    body = json.dumps({}).encode()
    found: list[float] = []
    until = time.perf_counter() + 3
    while (time.perf_counter() < until) if during is None else not during.is_set():
        begun = time.perf_counter()
        await client.post("/v1/metrics/csat/data", body)
        found.append((time.perf_counter() - begun) * 1e3)
        await asyncio.sleep(0.002)
    client.close()
    return found


async def _beside(url: str) -> tuple[float, float]:
    await _latencies(url, None)
    quiet = await _latencies(url, None)
    done = asyncio.Event()

    async def comparing() -> None:
        async with httpx.AsyncClient(timeout=600) as client:
            until = time.perf_counter() + 4
            while time.perf_counter() < until:
                await client.post(f"{url}/v1/routes/{METRIC}/compare", json={"to": "lakehouse"})
        done.set()

    busy, _ = await asyncio.gather(_latencies(url, done), comparing())
    return p95(quiet), p95(busy)


def serving_beside(url: str) -> Row:
    quiet, busy = asyncio.run(_beside(url))
    waits = httpx.get(f"{url}/__waits").json()[-4_000:]
    own = f"the event loop's own waits: p95 {p95(waits):.2f} ms, longest {max(waits):.1f} ms"
    measured = f"{busy / quiet:.1f}x (p95 {busy:.2f} ms, without {quiet:.2f} ms; {own})"
    return ("cached answers while comparisons run", "p95 <= 1.5x", measured, busy <= 1.5 * quiet)


def rows(claims: int) -> list[Row]:
    home = Path(tempfile.mkdtemp(prefix="assay-bench-parity-"))
    home.chmod(0o755)
    workspace = Path(shutil.copytree(DEMO, home / "workspace"))
    second = home / "second"
    second.mkdir()
    for folder in (home, second):
        (folder / "bytes.json").write_bytes(b"{}")
    try:
        with filled(home, claims) as urls, served(home, workspace, urls) as one:
            (second / "lakehouse.duckdb").symlink_to(home / "lakehouse.duckdb")
            with served(second, workspace, urls) as other:
                return [all_grains(one), serving_beside(one), flip_and_back(one, other)]
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    for what, bar, measured, met in rows(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000):
        print(f"{'met   ' if met else 'MISSED'}  {what}: {measured}  (bar {bar})", flush=True)

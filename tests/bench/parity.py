"""Measure comparisons: `python -m tests.bench.parity [CLAIMS]` fills both engines with so many claims (5,000,000).

Bars: a metric over all grains within 1.5 times the one statement a side and window that asks all its groupings, run by the
bare drivers; a flip and its rollback seen by every process within a second; cached answers beside comparisons at most twice
as slow (p95) as beside the same statements run by another program, with none of Assay's work around them.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import httpx

from assay.catalog.workspace import load_workspace
from assay.compiler.question import MAX_LIMIT, Asked, resolve_question
from assay.compiler.statement import compile_cube
from assay.gate import Policy
from assay.people.scope import EVERYTHING
from tests.bench.__main__ import DEMO, RawClient, Row, filled, p50, served

METRIC = "cost_avoided_mtd"


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def compare(url: str) -> tuple[float, list[str]]:
    body = httpx.post(f"{url}/v1/routes/{METRIC}/compare", json={"to": "lakehouse"}, timeout=600).json()
    assert body["verdict"] == "equal", body
    return body["elapsed_ms"], [each["grain"] for each in body["grains"]]


class ByHand:
    """All groupings of a comparison in one statement a side and window, as one would write it by hand.

    Run by the bare drivers. A comparison looks at the metric's window and at the window before, so both are asked here too.
    """

    def __init__(self, reader_url: str, lakehouse: Path, grains: list[str]) -> None:
        self._reader_url, self._lakehouse = reader_url, lakehouse
        workspace = load_workspace(DEMO, {})
        metric, now = workspace.metrics[METRIC], datetime.now(UTC)
        sets = [["time" if key.startswith("time:") else key for key in name.split(" x ")] for name in grains]
        grain = next((name.partition(":")[2].partition(" ")[0] for name in grains if name.startswith("time:")), None)
        asked = Asked.model_validate({"grain": grain, "limit": MAX_LIMIT})
        total = resolve_question((METRIC,), asked, workspace, now, EVERYTHING)
        question = replace(total, dimensions=tuple(metric.dimensions.values()))
        before = resolve_question((METRIC,), Asked(compare="previous_period"), workspace, now, EVERYTHING).previous
        assert before
        groupings = [[] if keys == ["total"] else keys for keys in sets]
        self._sides: list[tuple[str, list[dict[str, Any]]]] = []
        for dialect in ("postgres", "duckdb"):
            policy = Policy.from_dictionary(workspace.dictionary, max_rows=MAX_LIMIT + 1)
            statement = compile_cube(question, groupings, dialect, policy)
            assert statement
            windows = [question, replace(question, bounds=before)]
            self._sides.append((statement.safe.text, [statement.parameters(each) for each in windows]))

    async def run(self, until: Callable[[], bool]) -> list[float]:
        """How long each turn took on both sides at once, in milliseconds."""
        (text, values), (other, others) = self._sides
        found: list[float] = []
        with duckdb.connect(str(self._lakehouse), read_only=True) as lakehouse:
            connection = await asyncpg.connect(self._reader_url)

            async def here() -> None:
                for each in values:
                    await connection.fetch(text, *each.values())

            def there() -> None:
                for each in others:
                    lakehouse.execute(other, each).fetchall()

            while not until():
                begun = time.perf_counter()
                await asyncio.gather(here(), asyncio.to_thread(there))
                found.append((time.perf_counter() - begun) * 1e3)
            await connection.close()
        return found

    def turns(self, number: int) -> list[float]:
        left = iter(range(number))
        return asyncio.run(self.run(lambda: next(left, None) is None))


def all_grains(url: str, by_hand: ByHand) -> Row:
    """Turn by turn, so that both are measured in the same minute."""
    compare(url)
    by_hand.turns(1)
    whole, own = zip(*((compare(url)[0], by_hand.turns(2)[-1]) for _ in range(7)), strict=True)
    ratio = p50(list(whole)) / p50(list(own))
    measured = f"{ratio:.1f}x ({p50(list(whole)):,.0f} ms; by hand {p50(list(own)):,.0f} ms on both sides at once)"
    return ("compare a metric at all grains", "<= 1.5x all its groupings asked by hand", measured, ratio <= 1.5)


def flip_and_back(one: str, other: str) -> Row:
    """From the moment the change is asked for, comparison left out, until the other process answers from there."""
    spent: list[float] = []
    # An engine's first statement in a process starts it there, which is no part of a flip.
    httpx.post(f"{other}/v1/metrics/claim_volume_l3_asurion/data", json={}, timeout=600).raise_for_status()
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


async def _beside(url: str, run: Callable[[], Awaitable[object]]) -> float:
    await _latencies(url, None)
    done = asyncio.Event()

    async def working() -> None:
        await run()
        done.set()

    busy, _ = await asyncio.gather(_latencies(url, done), working())
    return p95(busy)


async def _comparing(url: str) -> None:
    async with httpx.AsyncClient(timeout=600) as client:
        until = time.perf_counter() + 4
        while time.perf_counter() < until:
            await client.post(f"{url}/v1/routes/{METRIC}/compare", json={"to": "lakehouse"})


def serving_beside(url: str, by_hand: "list[str]") -> Row:
    async def bare() -> None:
        program = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.parity", "--by-hand", *by_hand)
        assert await program.wait() == 0

    httpx.get(f"{url}/__waits")
    beside = asyncio.run(_beside(url, bare))
    httpx.get(f"{url}/__waits")
    busy = asyncio.run(_beside(url, lambda: _comparing(url)))
    waits = httpx.get(f"{url}/__waits").json()[-4_000:]
    own = f"the event loop's own waits: p95 {p95(waits):.2f} ms, longest {max(waits):.1f} ms"
    measured = f"{busy / beside:.1f}x (p95 {busy:.2f} ms, beside the statements {beside:.2f} ms; {own})"
    bar = "p95 <= 2x beside the same statements by another program"
    return ("cached answers while comparisons run", bar, measured, busy <= 2 * beside)


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
                grains = compare(one)[1]
                lakehouse = home / "lakehouse.duckdb"
                by_hand = [urls[1], str(lakehouse), *grains]
                return [
                    all_grains(one, ByHand(urls[1], lakehouse, grains)), serving_beside(one, by_hand),
                    flip_and_back(one, other),
                ]  # fmt: skip
    finally:
        shutil.rmtree(home, ignore_errors=True)


def run_by_hand(reader_url: str, lakehouse: str, *grains: str) -> None:
    until = time.perf_counter() + 4
    asyncio.run(ByHand(reader_url, Path(lakehouse), list(grains)).run(lambda: time.perf_counter() > until))


if __name__ == "__main__" and sys.argv[1:2] == ["--by-hand"]:
    run_by_hand(*sys.argv[2:])
elif __name__ == "__main__":
    for what, bar, measured, met in rows(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000):
        print(f"{'met   ' if met else 'MISSED'}  {what}: {measured}  (bar {bar})", flush=True)

"""The event loop does no work that grows with what is sent: forty hostile inputs, and the processor time of its thread."""

import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.browser.conftest import Served, serve

BOUND_MS = 50.0
"""On a machine that counts to a million in `COUNTED_MS` of processor time; on a slower one as much more."""
COUNTED_MS = 60.0
WORDS = "/v1/widgets/read"
YAML = "/v1/dashboards/hostile/yaml"
DATA = "/v1/metrics/cost_avoided_mtd/data"
BIG = 240_000


@dataclass(frozen=True)
class Sent:
    method: str
    path: str
    body: bytes


def _json(path: str, body: Any, method: str = "POST") -> Sent:
    return Sent(method, path, json.dumps(body).encode())


def _words(words: str) -> Sent:
    return _json(WORDS, {"words": words[:599]})


def _yaml(text: str) -> Sent:
    return Sent("PUT", YAML, text[:BIG].encode())


def _wide(name: str, value: Any) -> dict[str, Any]:
    """As many of them as a body may hold."""
    return {name: [value] * (BIG // (len(json.dumps(value)) + 2))}


TILE = {"widget_id": "a", "x": 0, "y": 0, "w": 1, "h": 1, "widget": {"kind": "kpi", "question": {"metrics": ["csat"]}}}
HOSTILE: dict[str, Sent] = {
    # YAML: wide, deep, quoted, folded, commented, with many keys
    "yaml flow": _yaml("{a: [" + "1," * 119_000 + "]}"),
    "yaml blocks": _yaml("dashboard_id: x\ntiles:\n" + "- {a: 1}\n" * 25_000),
    "yaml keys": _yaml("".join(f"k{number}: 1\n" for number in range(25_000))),
    "yaml deep": _yaml("[" * 9_000),
    "yaml indented": _yaml("".join(" " * number + "a:\n" for number in range(600))),
    "yaml escapes": _yaml('a: "' + "\\n" * 120_000 + '"'),
    "yaml plain": _yaml("a: " + "b " * 120_000),
    "yaml comments": _yaml("#\n" * 120_000),
    "yaml tiles": _yaml("dashboard_id: hostile\nlabel: x\ntiles:\n" + f"- {json.dumps(TILE)}\n" * 1_500),
    "yaml nothing": _yaml("\n" * BIG),
    # words: repeated, misspelt, numbers, one long word, joined ones
    "words metrics": _words("claims and repairs and " * 40),
    "words misspelt": _words("clamis by regoin and rapeirs " * 30),
    "words windows": _words("last month of last week of last year " * 20),
    "words numbers": _words("between 1 and 2 and 3 " * 40),
    "words letters": _words("a b c d e f g " * 50),
    "words one": _words("x" * 599),
    "words not": _words("not claims without repairs except " * 30),
    "words dates": _words("from 2026-01-01 to 2026-02-02 " * 25),
    "words values": _words("phone tablet watch laptop screen battery " * 20),
    "words unknown": _words("zqx wvk jjp " * 60),
    "words too long": _json(WORDS, {"words": "claims " * 14_000}),
    "draft": _json("/v1/drafts", {"words": ("average labor minutes of repairs where " * 60)[:1_999]}),
    "clarify": _json("/v1/widgets/clarify", {"words": ("claims and repairs by region and product " * 50)[:590]}),
    # JSON: wrong everywhere, deep, long keys, long texts
    "json wrong items": _json("/v1/data", {"questions": [1] * 80_000}),
    "json wrong metrics": _json("/v1/data", {"questions": [{"key": 1, **_wide("metrics", 7)}]}),
    "json dimensions": _json(DATA, _wide("dimensions", "region")),
    "json wrong dimensions": _json(DATA, _wide("dimensions", 1)),
    "json filters": _json(DATA, _wide("filters", {"dimension": "region", "op": "eq", "values": ["x"]})),
    "json wrong filters": _json(DATA, _wide("filters", {})),
    "json values": _json(DATA, {"filters": [{"dimension": "region", "op": "in", **_wide("values", "x")}]}),
    "json many texts": _json(
        DATA,
        {"filters": [{"dimension": "region", "op": "in", "values": [f"a region {number:06d}" for number in range(9_999)]}]},
    ),
    "json keys": _json(DATA, {f"k{number}": 1 for number in range(20_000)}),
    "json deep": Sent("POST", DATA, b"[" * BIG),
    "json text": _json(DATA, {"window": "x" * BIG}),
    "json broken": Sent("POST", DATA, b'{"dimensions": [' + b'"a",' * 50_000),
    "tiles": _json("/v1/dashboards/overview", {"dashboard_id": "overview", "label": "x", "tiles": [TILE] * 1_500}, "PUT"),
    "wrong tiles": _json("/v1/dashboards/overview", {"dashboard_id": "overview", "label": "x", **_wide("tiles", {})}, "PUT"),
    "answers": _json(WORDS, {"words": "claims", "answers": {f"k{number}": "x" for number in range(15_000)}}),
    "sql": _json("/v1/sql/check", {"sql": "SELECT " + "(" * 30_000, "dialect": "duckdb"}),
    "events": _json("/v1/events", {"events": [{"event_id": str(number), "type": "x"} for number in range(500)]}),
    "wrong events": _json("/v1/events", _wide("events", 1)),
    "metric": _json("/v1/metrics/" + "cost_avoided_" * 500 + "/data", {}),
}


def loop_ms(pid: int) -> float:
    """Processor time that the process's main thread, which runs the event loop, has used."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e6


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory, {}) as served:
        warm = httpx.post(f"{served.url}{WORDS}", json={"words": "claims by region"}, timeout=300)
        assert warm.status_code == 200, warm.text
        yield served


def slowness() -> float:
    """By how much this machine, as busy as it is now, is slower than the one that the bound is for."""
    taken: list[float] = []
    for _ in range(5):
        begun, count = time.process_time(), 0
        for number in range(1_000_000):
            count += number * number
        taken.append((time.process_time() - begun) * 1e3)
    return max(1.0, statistics.median(taken) / COUNTED_MS)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", HOSTILE)
def test_no_input_keeps_the_event_loop_busy(server: Served, name: str) -> None:
    sent = HOSTILE[name]
    # What the machine's other work and a collection of garbage add is not in each of three; what the body costs is.
    for _ in range(3):
        before = loop_ms(server.pid)
        response = httpx.request(sent.method, server.url + sent.path, content=sent.body, timeout=300)
        spent = loop_ms(server.pid) - before
        assert response.status_code < 500 or response.json()["kind"] == "busy", response.text[:300]
        bound = BOUND_MS if spent <= BOUND_MS else BOUND_MS * slowness()
        if spent <= bound:
            return
    pytest.fail(f"{name}: {spent:.0f} ms of the loop's processor time for {len(sent.body):,} bytes, of {bound:.0f}")

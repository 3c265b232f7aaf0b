"""What never comes back: a pipe among the files, half a body, a frozen database. Everything else goes on, and it ends."""

import asyncio
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import House
from tests.process.assay import (
    Up,
    assay_up,
    children_of,
    eventually,
)

from assay.web import hot
from assay.web.app import create_app

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


@pytest.fixture
def up(bare: dict[str, str], tmp_path: Path) -> Iterator[Up]:
    with assay_up(bare, tmp_path / "up.log") as running:
        yield running


def checks(up: Up) -> dict[str, bool]:
    return {each["name"]: each["ok"] for each in up.http.get("/ready").json()["checks"]}


def problems(up: Up, name: str) -> list[dict[str, Any]]:
    told = up.http.get("/v1/workspace").json()["problems"]
    return [each for each in told if name in (each["file"] or "")]


PIPES = ("loop/rules.yaml", "dashboards/1-overview.yaml", "data-dictionary/synonyms.csv", "data-dictionary/join_map.csv",
         "config/metric_routing.yaml", "metrics/pipe.yaml", "assay.yaml")  # fmt: skip


@pytest.mark.exhaustive
def test_pipes_among_the_files_hold_up_neither_the_watcher_nor_the_end(bare: dict[str, str], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(bare["ASSAY_WORKSPACE"], tmp_path / "workspace"))
    with assay_up({**bare, "ASSAY_WORKSPACE": str(folder)}, tmp_path / "up.log") as up:
        lake = up.home / "lakehouse.duckdb"
        for pipe in (*(folder / each for each in PIPES), lake):
            pipe.unlink(missing_ok=True)
            os.mkfifo(pipe)
        for each in PIPES:
            # Of synonyms only who reads words hears.
            told = eventually(lambda each=each: each.endswith("synonyms.csv") or problems(up, each))
            assert told is True or "it is not a file" in told[0]["message"]
        eventually(lambda: not checks(up)["lakehouse"])
        assert checks(up)["files"]
        title = f"kept {time.time_ns()}"
        widget = {"kind": "kpi", "title": title, "question": {"metrics": ["csat"]}}
        assert up.http.post("/v1/widgets", json={"widget": widget}).status_code == 201
        assert up.end(signal.SIGTERM) == 0
        assert "left behind" not in up.said, "it did not even come to the last resort"
    for each in PIPES:
        (folder / each).unlink()
    lake.unlink()
    shutil.copytree(bare["ASSAY_WORKSPACE"], folder, dirs_exist_ok=True)
    with assay_up({**bare, "ASSAY_WORKSPACE": str(folder)}, tmp_path / "again.log") as up:
        assert title in [each["label"] for each in up.http.get("/v1/widgets").json()["widgets"]]


@pytest.mark.exhaustive
def test_a_frozen_database_holds_up_neither_health_nor_the_end(up: Up) -> None:
    postmaster = up.postmaster()
    frozen = [postmaster, *children_of(postmaster, "postgres")]
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    assert up.http.get("/health").json() == {"ok": True}
    eventually(lambda: not checks(up)["store"])
    assert up.http.get("/ready").status_code == 503
    assert up.http.get("/v1/workspace").status_code == 200  # the page is drawn, and the banner says why it is empty
    assert up.end(signal.SIGTERM) == 0


async def test_half_a_body_is_not_waited_for(shared_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hot, "BODY_SECONDS", 0.05)
    app = create_app(shared_house.settings, shared_house.running)
    first, sent = [{"type": "http.request", "body": b"{", "more_body": True}], list[Any]()

    async def receive() -> Any:
        return first.pop() if first else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/data", "query_string": b"", "client": ("127.0.0.1", 1),
             "headers": [(b"host", b"127.0.0.1:8400")], "scheme": "http"}  # fmt: skip
    await app(scope, receive, send)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert json.loads(sent[1]["body"])["kind"] == "request_too_slow"

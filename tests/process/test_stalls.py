"""What never comes back: a pipe among the files, a mount that is gone, half a head or body, a frozen database.

Everything else goes on, and it ends.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import House
from tests.process.assay import (
    Up,
    assay_up,
    children_of,
    environment,
    eventually,
    forget,
    needs_root_to_mount,
)
from tests.process.mount import mounted

from assay.demo.system import free_port
from assay.web import hot
from assay.web.app import create_app

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


@pytest.fixture
def up(bare: dict[str, str], tmp_path: Path) -> Iterator[Up]:
    with assay_up(bare, tmp_path / "up.log") as running:
        yield running


def checks(up: Up) -> dict[str, bool]:
    return {each["name"]: each["ok"] for each in up.http.get("/ready").json()["checks"]}


def asked(up: Up, **question: str) -> dict[str, Any] | None:
    response = up.http.post("/v1/metrics/sales/data", json=question)
    return response.json() if response.status_code == 200 else None


def problems(up: Up, name: str) -> list[dict[str, Any]]:
    told = up.http.get("/v1/workspace").json()["problems"]
    return [each for each in told if name in (each["file"] or "")]


WIDGET = {"kind": "kpi", "question": {"metrics": ["sales"]}}
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
            if not each.endswith("synonyms.csv"):
                told = eventually(lambda each=each: problems(up, each))
                assert "it is not a file" in told[0]["message"]
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


@needs_root_to_mount
@pytest.mark.exhaustive
def test_a_mount_that_is_gone_holds_up_nobody(stalls: Path, closed_folder: Path, tmp_path: Path) -> None:
    """The workspace and the lakehouse lie on it, the state does not."""
    real, home = tmp_path / "real", closed_folder / "beside-the-mount"
    with mounted(real, tmp_path / "mounted") as mount:
        shutil.copytree(stalls, real / "stalls")
        shutil.copy(stalls.parent / "stalls.duckdb", real)
        settings = real / "stalls" / "assay.yaml"
        settings.write_text(settings.read_text().replace(str(stalls.parent), str(mount.place)))
        env = environment(home, mount.place / "stalls", free_port())
        with assay_up(env, tmp_path / "up.log") as up:
            before = up.answer("sales")
            lake = before["provenance"]["backend"]
            mount.stall()
            assert up.http.get("/health").json() == {"ok": True}
            told = up.answer("sales")
            assert (told["rows"], told["provenance"]["stale"]) == (before["rows"], True)
            assert "the disk of stalls.duckdb does not answer" in told["provenance"]["stale_reason"]
            fresh = up.http.post("/v1/metrics/sales/data", json={"grain": "week"})
            assert (fresh.status_code, fresh.json()["kind"]) == (503, "backend_unavailable")
            assert up.http.get("/v1/workspace").status_code == 200
            assert up.http.post("/v1/widgets", json={"widget": {**WIDGET, "title": "Kept"}}).status_code == 201
            written = up.http.put("/v1/routes/sales", json={"backend": lake, "by": "somebody"})
            assert written.status_code in (200, 409, 503), written.text
            eventually(lambda: {name for name, ok in checks(up).items() if not ok} >= {lake, "files", "disk"})
            mount.go_on()
            eventually(lambda: all(checks(up).values()))
            # Proofs of keys that were under way at the mount's end are tried again after a while: until then it is refused.
            fresh = eventually(lambda: asked(up, grain="week"))
            assert fresh["provenance"]["stale"] is False
            mount.stall()
            assert up.end(signal.SIGTERM) == 0
        mount.go_on()
        with assay_up(env, tmp_path / "again.log") as up:
            assert [each["label"] for each in up.http.get("/v1/widgets").json()["widgets"]] == ["Kept"]
    forget(home)


@pytest.mark.exhaustive
def test_whoever_sends_nothing_or_half_a_head_is_cut_off(up: Up) -> None:
    said = [b"", b"GET /health HTTP/1.1\r\nHost: 127.0.0.1", b"PRI * HTTP/2.0\r\n", b"G"]
    waiting = [socket.create_connection(("127.0.0.1", up.port)) for _ in said]
    try:
        for each, head in zip(waiting, said, strict=True):
            each.sendall(head)
            each.settimeout(120)
        for each in waiting:
            while each.recv(4_096):
                pass
    finally:
        for each in waiting:
            each.close()
    assert up.http.get("/health").json() == {"ok": True}


@pytest.mark.exhaustive
def test_more_pages_than_there_are_descriptors_are_refused_and_not_kept_waiting(
    bare: dict[str, str], tmp_path: Path
) -> None:
    with assay_up(bare, tmp_path / "up.log", "sh", "-c", 'ulimit -n 400; exec "$@"', "sh") as up:
        assert "400 descriptors (ulimit -n)" in up.said
        limits = httpx.Limits(max_connections=None)
        with (
            httpx.Client(base_url=up.http.base_url, timeout=60, trust_env=False, limits=limits) as pages,
            ExitStack() as opened,
        ):
            told = [opened.enter_context(pages.stream("GET", "/v1/stream")).status_code for _ in range(150)]
            listen = told.count(200)
            assert told == [200] * listen + [503] * (150 - listen)
            assert 100 <= listen < 150
            assert up.http.post("/v1/sql/check", json={"sql": "SELECT 1", "dialect": "duckdb"}).status_code == 200
            assert checks(up)["pages"] is False
            assert up.http.get("/ready").status_code == 503
            assert "pages are refused" in up.said
        eventually(lambda: checks(up)["pages"])
        with up.http.stream("GET", "/v1/stream") as page:
            assert page.status_code == 200


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

"""The event loop waits for no disk: what lies in the workspace, the lakehouse or the state folder is looked at beside it."""

import builtins
import io
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.api.steps import banner, edit, no_problems, served_by, to
from tests.conftest import House, eventually

import assay

FROM_LAKE = "csat"
_OURS = str(Path(assay.__file__).parent)
CALLS = ("stat", "lstat", "open", "scandir", "listdir", "mkdir", "rename", "replace", "unlink", "link", "readlink",
         "statvfs", "chmod", "utime", "access")  # fmt: skip


class Disk:
    """What this process asks of the files below some folders, and from where; one of them may stall."""

    def __init__(self, *folders: Path) -> None:
        self._folders = [str(each) for each in folders]
        self._loop = threading.get_ident()
        self.on_loop: list[str] = []
        self.beside = 0
        self.stalled: Path | None = None
        self.goes_on = threading.Event()

    def asked(self, name: str, path: object) -> None:
        if not isinstance(path, (str, os.PathLike)):
            return
        text = os.fspath(path)
        if not isinstance(text, str) or not any(text.startswith(each) for each in self._folders):
            return
        if threading.get_ident() == self._loop:
            where = [each for each in traceback.extract_stack() if each.filename.startswith(_OURS)]
            if where:  # the test itself may
                self.on_loop.append(f"{name}({text}) by {where[-1].filename}:{where[-1].lineno}")
            return
        self.beside += 1
        if self.stalled is not None and text == str(self.stalled):
            self.goes_on.wait()


@contextmanager
def watched(disk: Disk) -> Iterator[None]:
    def told(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            for each in arguments[:2]:
                disk.asked(name, each)
            return real(*arguments, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, told(name, getattr(os, name)))
        opened = told("open", io.open)
        patch.setattr(io, "open", opened)
        patch.setattr(builtins, "open", opened)
        yield


async def _walk(house: House) -> None:
    """Every way on which a file of the three places may be met."""
    client = house.client
    addresses = ["health", "ready", "metrics", *(f"v1/{each}" for each in (
        "workspace", "metrics", "metrics/csat", "dictionary", "dashboards", "dashboards/overview", "routes",
        "dashboards/overview/yaml", "routes/csat", "receipts", "widgets", "drafts", "alerts",
        "recommendations", "audit", "audit/proof",
        "colours", "events/schema",
    )), "", "d/overview", "favicon.svg"]  # fmt: skip
    for each in addresses:
        assert (await client.get(f"/{each}")).status_code == 200, each
    for _ in range(2):  # once as it is asked, once as it is known
        assert (await client.post(f"/v1/metrics/{FROM_LAKE}/data", json={"grain": "day"})).status_code == 200
    assert (await client.post(f"/v1/metrics/{FROM_LAKE}/rows", json={})).status_code == 200
    assert (await client.post("/v1/validate")).status_code == 200
    assert (await client.post("/v1/widgets/read", json={"words": "claims by region"})).status_code == 200
    widget = {"kind": "kpi", "title": "Kept", "question": {"metrics": ["csat"]}}
    assert (await client.post("/v1/widgets", json={"widget": widget})).status_code == 201
    draft = await client.post("/v1/drafts", json={"words": "average labor minutes of repairs"})
    assert draft.status_code == 201, draft.text
    accepted = await client.post(f"/v1/drafts/{draft.json()['draft_id']}/accept", json={"by": "somebody"})
    assert accepted.status_code == 200, accepted.text
    moved = await client.put("/v1/routes/csat", json={"backend": "postgres", "by": "somebody"})
    assert moved.status_code == 200, moved.text


@pytest.mark.exhaustive
async def test_no_file_is_asked_for_on_the_event_loop(house: House, tmp_path: Path) -> None:
    edit(house, to(FROM_LAKE, "lakehouse"))
    await eventually(served_by(house, FROM_LAKE, "lakehouse"))
    disk = Disk(house.root, house.settings.home)
    with watched(disk):
        await _walk(house)
        edit(house, lambda text: text + "  nothing_here: {backend: postgres}\n")
        await eventually(banner(house, "nothing_here"))
        edit(house, lambda text: text.replace("  nothing_here: {backend: postgres}\n", ""))
        await eventually(no_problems(house))
    assert disk.on_loop == []
    assert disk.beside > 0


async def test_a_lakehouse_that_stalls_costs_an_honest_answer_and_holds_up_nobody(house: House) -> None:
    edit(house, to(FROM_LAKE, "lakehouse"))

    async def answer(**question: object) -> dict[str, Any]:
        return (await house.client.post(f"/v1/metrics/{FROM_LAKE}/data", json=question)).json()

    await eventually(served_by(house, FROM_LAKE, "lakehouse"))
    before = await answer()
    lake = house.settings.home / "lakehouse.duckdb"
    backend: Any = house.running.catalog.backends["lakehouse"]
    backend._looks._seconds = 0.2
    disk = Disk(house.settings.home)
    with watched(disk):
        disk.stalled = lake
        told = await answer()
        assert (told["rows"], told["provenance"]["stale"]) == (before["rows"], True)
        assert "the disk of lakehouse.duckdb does not answer" in told["provenance"]["stale_reason"]
        fresh = await answer(grain="week")
        assert (fresh["status"], fresh["kind"]) == (503, "backend_unavailable")
        for _ in range(5):  # nobody waits for it again
            begun = time.monotonic()
            assert (await answer())["provenance"]["stale"] is True
            assert (await house.client.get("/v1/workspace")).status_code == 200
            await house.ask("cost_avoided_mtd")
            looks = sum(each.name == f"look at {lake}" for each in threading.enumerate())
            assert looks == 1, f"{looks} threads hang, after {time.monotonic() - begun:.1f} s"
        disk.stalled = None
        disk.goes_on.set()

        async def is_back() -> bool:
            found = await answer()
            return found["provenance"]["stale"] is False and found["rows"] == before["rows"]

        await eventually(is_back)
    assert disk.on_loop == []

"""`/ready` knows a disk that takes nothing more, a watcher of files that has stopped, and pages that find no room."""

import ctypes
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.conftest import House, eventually


@contextmanager
def nothing_can_be_written() -> Iterator[None]:
    """Every write of this process to a file is refused, as on a full disk; files may still be made."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def is_ready(house: House) -> bool:
    reply = await house.client.get("/ready")
    assert reply.status_code == (200 if reply.json()["ok"] else 503)
    return reply.status_code == 200


async def check(house: House, name: str) -> tuple[bool, str]:
    checks = (await house.client.get("/ready")).json()["checks"]
    return next((each["ok"], each["detail"]) for each in checks if each["name"] == name)


@pytest.mark.exhaustive
async def test_a_disk_that_takes_nothing_more_is_not_ready_until_it_does(house: House) -> None:
    async def ready() -> bool:
        return await is_ready(house)

    async def refused() -> bool:
        ok, detail = await check(house, "disk")
        return not ok and detail.startswith("the state cannot be written")

    await eventually(ready)
    with nothing_can_be_written():
        await eventually(refused)
        assert not await is_ready(house)
    await eventually(ready)


async def test_a_watcher_that_has_stopped_is_not_ready_until_it_looks_again(house: House) -> None:
    async def ready() -> bool:
        return await is_ready(house)

    async def told() -> bool:
        # The watcher of this house goes on, and may look between these two lines.
        house.running.condition.files_looked_at = time.monotonic() - 11
        ok, detail = await check(house, "files")
        return not ok and "were not looked at for 11 s" in detail

    await eventually(ready)
    await eventually(told)
    await eventually(ready)


@pytest.mark.exhaustive
async def test_a_watcher_whose_thread_was_killed_is_not_ready_and_begins_anew(house: House) -> None:
    async def ready() -> bool:
        return await is_ready(house)

    async def ended() -> bool:
        ok, detail = await check(house, "files")
        return not ok and "has ended" in detail

    await eventually(ready)
    (watcher,) = [each for each in threading.enumerate() if each.name == "assay-files"]
    assert watcher.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(watcher.ident), ctypes.py_object(SystemExit))
    await eventually(ended)
    await eventually(ready)
    assert not watcher.is_alive()
    file = next((house.root / "metrics").glob("*.yaml"))
    file.write_text(file.read_text().replace("label: ", "label: Anew ", 1))

    async def seen() -> bool:
        return any(each.label.startswith("Anew ") for each in house.running.catalog.workspace.metrics.values())

    await eventually(seen)


async def test_pages_beyond_what_the_process_can_hold_are_refused_and_told(house: House) -> None:
    hub = house.running.hub
    hub.most_listening = 2
    with hub.listener(), hub.listener():
        refused = await house.client.get("/v1/stream")
        assert (refused.status_code, refused.json()["kind"]) == (503, "busy")
        assert (refused.headers["connection"], refused.headers["retry-after"]) == ("close", "15")
        ok, detail = await check(house, "pages")
        assert (ok, detail.partition(":")[0]) == (False, "2 of at most 2 listen; 1 were refused")
        assert not await is_ready(house)
        assert (await house.client.post("/v1/metrics/csat/data", json={})).status_code == 200, "who asks is answered"
    assert (await check(house, "pages"))[0]

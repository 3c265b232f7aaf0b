"""`/ready` knows a disk that takes nothing more and a watcher of files that has stopped."""

import resource
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

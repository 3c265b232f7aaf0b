"""Processes that are killed while they check and send: each alert that is due arrives, and once by its id."""

import asyncio
import os
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from assay.store.alerts import MadeAlert, list_messages, make_alert
from assay.store.database import with_user
from assay.work.principal import Principal
from tests.alerts.stand import SECRET, Stand
from tests.conftest import ANCHOR, eventually
from tests.receivers import Receiver

CHILD = Path(__file__).with_name("kill_child.py")
ALERT = {"question": {"metrics": ["sales"]}, "when": {"above": "2"}, "tell": ["ops"], "check": "every 1 day"}
EVE = Principal("eve", "Eve", "person", frozenset({"admin"}))


class Child:
    """One process of several on one database."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, str(CHILD), *self._arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        assert self.process.stdout
        assert (await self.process.stdout.readline()).strip() == b"ready"

    async def kill(self) -> None:
        assert self.process
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def children(stand: Stand, hook: Receiver, folder: Path, count: int) -> AsyncIterator[list[Child]]:
    url, begun = stand.house.url, str(time.time())
    reader = with_user(url, "assay_reader", "reader-of-the-tests")
    found: list[Child] = []
    for number in range(count):
        home = folder / f"home{number}"
        home.mkdir()
        found.append(Child(url, reader, str(stand.house.root), str(home), hook.url, SECRET, begun, ANCHOR.isoformat()))
    try:
        await asyncio.gather(*(each.start() for each in found))
        yield found
    finally:
        await asyncio.gather(*(each.kill() for each in found if each.process))


async def killed(stand: Stand, hook: Receiver, folder: Path, kills: int, alerts: int, seed: int) -> None:
    """Alerts come in batches; while they are checked and sent, a process at a time is killed and another one started."""
    chance = random.Random(seed)
    await stand.sell(ANCHOR, 3)
    stand.house.running.around.epoch.is_held = True  # the house itself neither checks nor sends
    try:
        async with children(stand, hook, folder, 2) as processes:
            made = 0
            for _ in range(kills):
                for _ in range(alerts):
                    alert = {**ALERT, "id": f"m{made}"}
                    await make_alert(stand.house.running.database, MadeAlert(f"m{made}", alert, None, "Eve", ANCHOR), EVE)
                    made += 1
                await asyncio.sleep(
                    chance.uniform(0, 6)
                )  # the moment is what chance says; what follows waits for conditions
                victim = chance.choice(processes)
                await victim.kill()
                await victim.start()

            async def all_arrived() -> bool:
                found = await list_messages(stand.house.running.database, None, 10_000)
                return len({each.alert_id for each in found if each.state == "delivered"}) == made

            await eventually(all_arrived, 300)
            stored = await list_messages(stand.house.running.database, None, 10_000)
            assert {each.state for each in stored} == {"delivered"}
    finally:
        stand.house.running.around.epoch.is_held = False
    assert Counter(each.alert_id for each in stored) == Counter({f"m{number}": 1 for number in range(made)})
    heard = {post.message_id: post.json["data"]["alert_id"] for post in hook.posts}
    assert Counter(heard.values()) == Counter({f"m{number}": 1 for number in range(made)}), "once by its id"


@pytest.mark.exhaustive
async def test_a_process_that_is_killed_leaves_its_alerts_to_another(stand: Stand, hook: Receiver, tmp_path: Path) -> None:
    await killed(stand, hook, tmp_path, kills=1, alerts=6, seed=1)


@pytest.mark.exhaustive
async def test_many_kills(stand: Stand, hook: Receiver, tmp_path: Path) -> None:
    """As many as KILLS says: fifty take some ten minutes."""
    await killed(stand, hook, tmp_path, kills=int(os.environ.get("KILLS", "5")), alerts=4, seed=20)

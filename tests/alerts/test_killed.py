"""Processes that are killed while they check and send: each alert that is due arrives, and once by its id."""

import asyncio
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from assay.store.alerts import MadeAlert, list_messages, make_alert
from assay.work.principal import Principal
from tests.alerts.children import children
from tests.alerts.stand import Stand
from tests.conftest import ANCHOR, eventually
from tests.receivers import Receiver

ALERT = {"question": {"metrics": ["sales"]}, "when": {"above": "2"}, "tell": ["ops"], "check": "every 1 day"}
EVE = Principal("eve", "Eve", "person", frozenset({"admin"}))


async def killed(stand: Stand, hook: Receiver, folder: Path, kills: int, alerts: int, seed: int) -> None:
    """Alerts come in batches; while they are checked and sent, a process at a time is killed and another one started."""
    chance = random.Random(seed)
    await stand.sell(ANCHOR, 3)
    stand.house.running.around.epoch.is_held = True  # the house itself neither checks nor sends
    try:
        async with children(stand, folder, 2, hook=hook.url) as processes:
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

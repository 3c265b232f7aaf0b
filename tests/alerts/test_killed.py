"""Processes that are killed while they check and send: each alert that is due arrives, and once by its id."""

import asyncio
from collections import Counter
from itertools import product
from pathlib import Path

import pytest

from assay.store.alerts import MadeAlert, list_messages, make_alert
from assay.work.principal import Principal
from tests.alerts.child import STEPS
from tests.alerts.children import Child, children
from tests.alerts.stand import Stand
from tests.conftest import ANCHOR, eventually
from tests.receivers import Receiver

ALERT = {"question": {"metrics": ["sales"]}, "when": {"above": "2"}, "tell": ["ops"], "check": "every 1 day"}
EVE = Principal("eve", "Eve", "person", frozenset({"admin"}))
MOMENTS = [f"{name} {when} {nth}" for nth, name, when in product((1, 2), STEPS, ("before", "after"))]
"""Before and after each step of a round, in a process's first round and in one that has been through some."""


@pytest.mark.exhaustive
async def test_processes_killed_at_fifty_moments_lose_no_alert(stand: Stand, hook: Receiver, tmp_path: Path) -> None:
    """Two processes share the alerts; each dies at the next moment of the list and is started again, until all are done."""
    assert len(MOMENTS) >= 50
    database, to_come, died = stand.house.running.database, iter(MOMENTS), list[str]()
    made = list[str]()
    await stand.sell(ANCHOR, 3)
    stand.house.running.around.epoch.is_held = True  # the house itself neither checks nor sends

    async def die_again_and_again(process: Child) -> None:
        await process.kill()
        for moment in to_come:
            await process.start(moment)
            await process.death()
            died.append(moment)
        await process.start()

    async def delivered() -> set[str]:
        return {each.alert_id for each in await list_messages(database, None, 10_000) if each.state == "delivered"}

    async def feed() -> None:
        """As long as somebody has to die there is something to do."""
        while True:
            if len(made) - len(await delivered()) < 4:
                made.append(f"m{len(made)}")
                alert = MadeAlert(made[-1], {**ALERT, "id": made[-1]}, None, "Eve", ANCHOR)
                await make_alert(database, alert, EVE)
            await asyncio.sleep(0.05)

    try:
        async with children(stand, tmp_path, 2, hook=hook.url) as processes:
            async with asyncio.timeout(400), asyncio.TaskGroup() as beside:
                feeding = beside.create_task(feed())
                await asyncio.gather(*(die_again_and_again(each) for each in processes))
                feeding.cancel()

            async def all_arrived() -> bool:
                return await delivered() == set(made)

            await eventually(all_arrived, 300)
            stored = await list_messages(database, None, 10_000)
    finally:
        stand.house.running.around.epoch.is_held = False
    assert sorted(died) == sorted(MOMENTS)
    assert {each.state for each in stored} == {"delivered"}
    assert Counter(each.alert_id for each in stored) == Counter(made)
    heard = {post.message_id: post.json["data"]["alert_id"] for post in hook.posts}
    assert Counter(heard.values()) == Counter(made), "once by its id"

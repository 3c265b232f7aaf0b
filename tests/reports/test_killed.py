"""Processes that are killed while they make and send reports: each due moment reaches each reader, and once by its id."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from assay.store.alerts import list_messages
from assay.store.reports import list_stored_reports, readers_of
from tests.alerts.children import children
from tests.alerts.stand import Stand, open_stand
from tests.conftest import ANCHOR, eventually
from tests.receivers import mailbox

READERS = ("finance", "board")
CHANNELS = "channels:\n" + "".join(f"  - {{name: {each}, kind: mail, to: [{each}@example.com]}}\n" for each in READERS)
DASHBOARD = """\
dashboard_id: shop
label: Shop
tiles: [{widget_id: sales, x: 0, y: 0, w: 6, h: 2, widget: {kind: kpi, question: {metrics: [sales]}}}]
"""
SPEED = 20
"""A minute in three seconds: a lease outlasts the making of a report, and is over in fifteen seconds."""


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Stand]:
    async with open_stand(tmp_path / "stand") as stand:
        stand.house.running.around.epoch.is_held = True  # the house itself neither makes nor sends
        for folder, text in (("dashboards", DASHBOARD), ("alerts", CHANNELS + "alerts: []\n")):
            (stand.house.root / folder).mkdir(exist_ok=True)
            (stand.house.root / folder / "shop.yaml").write_text(text)
        await stand.house.running.reload.workspace()
        yield stand


@pytest.mark.exhaustive
async def test_reports_outlive_the_processes_that_make_them(shop: Stand, tmp_path: Path) -> None:
    """As many kills as KILLS says: fifty take some fifteen minutes."""
    kills, chance = int(os.environ.get("KILLS", "2")), random.Random(22)
    await shop.sell(ANCHOR, 3)
    # One after the other, each once a day, and no run lasts one: each reader is to have each of them once.
    due = {f"r{number}": ANCHOR + timedelta(minutes=2 + 4 * number) for number in range(kills + 1)}
    text = "".join(
        f'  - {{id: {name}, dashboard: shop, label: {name}, cron: "{at.minute} {at.hour} * * *",'
        f" zone: UTC, tell: [{', '.join(READERS)}]}}\n"
        for name, at in due.items()
    )
    (shop.house.root / "reports").mkdir()
    (shop.house.root / "reports" / "shop.yaml").write_text("reports:\n" + text)
    database = shop.house.running.database
    wanted = Counter((name, reader) for name in due for reader in READERS)
    async with mailbox() as mails, children(shop, tmp_path, 2, smtp=mails.url, speed=SPEED) as processes:
        begun = {name: each.due_at for name, each in (await list_stored_reports(database)).items()}
        assert begun.keys() == due.keys()
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(0, 5))  # the moment is what chance says; what follows waits for conditions
            victim = chance.choice(processes)
            await victim.kill()
            await victim.start()

        async def all_arrived() -> bool:
            done = [each for each in await readers_of(database) if each.state == "delivered"]
            return {(each.report_id, each.reader) for each in done} == wanted.keys()

        await eventually(all_arrived, 400)
        stored = await list_messages(database, None, 10_000, with_reports=True)
        done = await readers_of(database)
    assert {each.state for each in stored} == {"delivered"}
    assert {each.report_id: each.due_at for each in done} == begun, "each moment is done with"
    assert Counter((each.document["report_id"], each.listener) for each in stored) == wanted
    heard = {mail["Message-ID"]: (mail["Subject"], mail["To"].partition("@")[0]) for mail in mails.mails}
    assert Counter(heard.values()) == wanted, "once by its id"

"""Reports under policies: each reader is sent what they see at that moment, and who gets what is for those who manage."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.access.veil import DATA, Veil, open_veil
from tests.conftest import eventually
from tests.receivers import Mailbox, mailbox

from assay.alerts.channels import Post
from assay.store.reports import readers_of
from assay.work.principal import Principal

POLICIES = """\
metrics:
  - {for: [ann@x.example, dan@x.example], metrics: [money], rows: {sale: channel = 'web'}}
  - {for: [bob@x.example], metrics: [money], rows: {sale: channel = 'shop'}}
  - {for: [eve@x.example], metrics: ["*"], rows: all}
"""
DASHBOARD = """\
dashboard_id: shop
label: Shop
tiles:
  - widget_id: money
    x: 0
    y: 0
    w: 6
    h: 2
    widget: {kind: kpi, question: {metrics: [money], window: {start: "2026-03-01", end: "2026-03-15"}}}
"""
REPORTS = """\
reports:
  - {id: r, dashboard: shop, cron: "0 7 * * *", to: [ann@x.example, bob@x.example, carl@x.example, dan@x.example]}
"""
PEOPLE = {
    name: Principal(name, name, "person", frozenset({"admin" if name == "eve" else "viewer"}), f"{name}@x.example")
    for name in ("ann", "bob", "carl", "dan", "eve")
}


@pytest.fixture
async def veil(lake: Path, tmp_path: Path) -> AsyncIterator[Veil]:
    async with open_veil(tmp_path, lake) as found:
        await found.put(POLICIES)
        for folder, text in (("dashboards", DASHBOARD), ("reports", REPORTS)):
            (found.house.root / folder).mkdir(exist_ok=True)
            (found.house.root / folder / "shop.yaml").write_text(text)
        await found.house.running.reload.workspace()
        assert not found.house.running.rounds.findings
        yield found


async def listed(veil: Veil, name: str) -> Any:
    (found,) = (await veil.ask(PEOPLE[name], "GET", "/v1/reports")).json()["reports"]
    return found


@pytest.mark.exhaustive
async def test_each_reader_is_sent_what_they_see_when_it_is_sent(veil: Veil) -> None:
    running, rounds = veil.house.running, veil.house.running.rounds
    people = dict(PEOPLE)

    async def known(name: str) -> Principal | None:
        return next((each for each in people.values() if name in (each.id, each.email)), None)

    rounds.known_as = known
    running.outbox.post = Post()  # what is made waits
    veil.house.clock[0] += timedelta(days=1)
    await rounds.send_due()
    readers = {each.reader.partition("@")[0]: each for each in await readers_of(running.database, "r")}
    assert readers["carl"].why_not == "Nothing of it is for them."
    # Dan sees something else before it leaves, and is not sent what he may not see any more; nor is anybody what was made
    # under other policies than those in force.
    await veil.put(POLICIES.replace(", dan@x.example", ""))
    own = {name: sum(int(row["money"]) for row in DATA["sale"] if row["channel"] == channel)
           for name, channel in (("ann", "web"), ("bob", "shop"))}  # fmt: skip
    async with mailbox() as mails:
        running.outbox.post = Post({}, mails.url, "assay@example.com")
        veil.house.clock[0] += timedelta(minutes=2)

        async def are_done() -> bool:
            return all(each.state in ("delivered", "dead") for each in await readers_of(running.database) if each.message_id)

        await eventually(are_done)
        assert mails.mails == []
        veil.house.clock[0] += timedelta(days=1)
        await rounds.send_due()
        await eventually(lambda: _has(mails, 2))
        sent = {str(each["To"]).partition("@")[0]: each for each in mails.mails}
        assert sent.keys() == {"ann", "bob"}
        for name, value in own.items():
            plain = sent[name].get_body(("plain",))
            assert plain
            assert f"  {value:,}" in plain.get_content().splitlines()
    # Who else gets it is told to those who manage; oneself is always there.
    told = await listed(veil, "ann")
    assert ([each["reader"] for each in told["readers"]], told["others"], told["mine"]) == (["ann@x.example"], 3, True)
    eves = await listed(veil, "eve")
    why = {each["reader"].partition("@")[0]: each["why_not"] for each in eves["readers"]}
    assert why == {"ann": None, "bob": None, "carl": "Nothing of it is for them.", "dan": "Nothing of it is for them."}
    assert (await veil.ask(PEOPLE["carl"], "POST", "/v1/reports/r/try", {})).status_code == 403
    # A person chooses for themselves.
    chosen = await veil.ask(PEOPLE["eve"], "PUT", "/v1/reports/r/mine", {"wants": True})
    assert chosen.json()["mine"] is True
    left = await veil.ask(PEOPLE["ann"], "PUT", "/v1/reports/r/mine", {"wants": False})
    assert (left.json()["mine"], left.json()["readers"][0]["wants"]) == (False, False)
    (entry, *_) = (await veil.ask(PEOPLE["eve"], "GET", "/v1/audit?action=report")).json()["entries"]
    assert (entry["action"], entry["who"]["name"]) == ("report.left", "ann")
    # Messages with reports are listed to those who manage, though others see the same.
    messages = (await veil.ask(PEOPLE["ann"], "GET", "/v1/watches/messages")).json()["messages"]
    assert messages == []


async def _has(mails: Mailbox, count: int) -> bool:
    return len(mails.mails) >= count

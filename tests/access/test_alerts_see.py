"""Alerts under policies: each channel hears what it is given, and nobody sees how an alert stands for others."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.access.veil import DATA, Veil, open_veil
from tests.conftest import eventually
from tests.receivers import receiver

from assay.alerts.channels import Post
from assay.store.alerts import NewMessage, add_message, list_messages, looks_of
from assay.store.database import Connection
from assay.work.principal import Principal

POLICIES = """\
metrics:
  - {for: ["channel:web", ann@x.example], metrics: [money], rows: {sale: channel = 'web'}}
  - {for: [bob@x.example], metrics: [money], rows: {sale: channel = 'shop'}}
  - {for: [eve@x.example], metrics: ["*"], rows: all}
"""
ALERTS = """\
channels:
  - {name: web, kind: slack}
  - {name: stranger, kind: slack}
alerts:
  - id: much
    question: {metrics: [money], window: {start: "2026-03-01", end: "2026-03-15"}}
    when: {above: 0}
    tell: [web, stranger]
"""
WINDOW = {"start": "2026-03-01", "end": "2026-03-15"}
ROLES = frozenset({"viewer", "editor", "operator"})
ANN, BOB = (Principal(name, name, "person", ROLES, f"{name}@x.example") for name in ("ann", "bob"))
CARL = Principal("carl", "carl", "person", ROLES, "carl@x.example")
EVE = Principal("eve", "eve", "person", frozenset({"admin"}), "eve@x.example")


@pytest.fixture
async def veil(lake: Path, tmp_path: Path) -> AsyncIterator[Veil]:
    async with open_veil(tmp_path, lake) as found:
        await found.put(POLICIES)
        (found.house.root / "alerts").mkdir()
        (found.house.root / "alerts" / "a.yaml").write_text(ALERTS)
        await found.house.running.checks.reload()
        assert not found.house.running.checks.files.findings
        await eventually(lambda: looks_of(found.house.running.database, "much"))
        yield found


async def told(veil: Veil, who: Principal, path: str = "/v1/watches") -> Any:
    response = await veil.ask(who, "GET", path)
    assert response.status_code == 200, response.text
    return response.json()


async def test_a_channel_hears_its_own_rows_and_is_seen_by_those_who_see_the_same(veil: Veil) -> None:
    own = str(sum(int(row["money"]) for row in DATA["sale"] if row["channel"] == "web"))
    web, stranger = (await told(veil, ANN))["alerts"][0]["listeners"]
    assert (web["is_seen"], web["value"], len(web["fired"])) == (True, own, 1)
    assert (stranger["is_seen"], stranger["value"], stranger["fired"]) == (False, None, [])
    looks = {each.listener: each for each in await looks_of(veil.house.running.database, "much")}
    assert looks["stranger"].value is None
    assert looks["stranger"].unknown
    messages = await list_messages(veil.house.running.database, None, 10)
    assert [(each.listener, each.document["groups"][0]["value"]) for each in messages] == [("web", own)]
    # Messages of others, many and newer, do not hide her own from her.
    others = NewMessage("much", "web", "news", "another", messages[0].document)

    async def crowd(connection: Connection) -> None:
        for _ in range(250):
            await add_message(connection, others, veil.house.clock[0] + timedelta(minutes=1))
        await connection.execute(
            "UPDATE assay.alert_message SET state = 'dead', ended_at = made_at, lease = NULL WHERE message_id = $1",
            messages[0].message_id,
        )

    await veil.house.running.database.transact(crowd)
    assert [each["listener"] for each in (await told(veil, ANN, "/v1/watches/messages"))["messages"]] == ["web"]
    for who, status in ((BOB, 404), (ANN, 200)):
        again = await veil.ask(who, "POST", f"/v1/watches/messages/{messages[0].message_id}/send-again")
        assert again.status_code == status, again.text
    # Who sees other rows learns nothing of it, that it fired included; who sees all rows sees all of it.
    (bobs,) = (await told(veil, BOB))["alerts"]
    assert (bobs["state"], bobs["acknowledged"]) == ("unseen", None)
    assert not any(each["is_seen"] or each["fired"] or each["value"] for each in bobs["listeners"])
    assert (await told(veil, BOB, "/v1/watches/messages"))["messages"] == []
    assert (await veil.ask(BOB, "POST", "/v1/watches/much/acknowledge")).status_code == 404
    assert (await told(veil, CARL))["alerts"] == []
    assert (await veil.ask(CARL, "POST", "/v1/watches/much/try")).status_code == 404
    assert (await told(veil, EVE))["alerts"][0]["listeners"][0]["value"] == own
    # A person looks after it, and mutes it: with the reason, and in the audit log.
    seen = (await veil.ask(ANN, "POST", "/v1/watches/much/acknowledge")).json()
    assert seen["acknowledged"]["by"] == "ann"
    muted = await veil.ask(ANN, "PUT", "/v1/watches/much/mute", {"hours": 2, "reason": "it is known"})
    assert muted.json()["muted"] == {"until": "2026-03-17T17:42:10.000Z", "by": "ann", "reason": "it is known"}
    entries = (await told(veil, EVE, "/v1/audit?action=alert"))["entries"]
    assert [(each["action"], each["who"]["name"]) for each in entries] == [
        ("alert.muted", "ann"),
        ("alert.acknowledged", "ann"),
    ]


@pytest.mark.exhaustive
async def test_a_message_that_waits_while_policies_change_is_not_sent_and_what_is_seen_now_is_told(veil: Veil) -> None:
    running = veil.house.running
    assert [each.state for each in await list_messages(running.database, "much", 10)] == ["waiting"]  # it has no address
    await veil.put(POLICIES.replace("""{sale: channel = 'web'}""", """{sale: channel = 'shop'}"""))
    async with receiver() as hook:
        running.outbox.post = Post({"WEB": hook.url})

        async def is_told() -> bool:
            # While one is on its way the clock stands: past its lease it would be sent again.
            if not await running.database.fetch("SELECT 1 FROM assay.alert_message WHERE lease IS NOT NULL"):
                veil.house.clock[0] += timedelta(minutes=1)
            newest, *_ = await list_messages(running.database, "much", 10)
            return newest.state == "delivered"

        await eventually(is_told)
        own = sum(int(row["money"]) for row in DATA["sale"] if row["channel"] == "shop")
        (seen,) = hook.posts
        assert f"{own:,}" in seen.body.decode()
    newest, first = await list_messages(running.database, "much", 10)
    assert (newest.state, newest.document["groups"][0]["value"]) == ("delivered", str(own))
    assert (first.state, first.trouble) == ("dead", "What they may see is something else since it was made.")


@pytest.mark.exhaustive
async def test_one_made_on_the_page_tells_its_maker_by_what_they_see_now(veil: Veil) -> None:
    async def known(person_id: str) -> Principal | None:
        return veil.people.get(person_id)

    veil.house.running.checks.known_as = known
    form = {"question": {"metrics": ["money"], "window": WINDOW}, "when": {"above": 0}, "tell": ["me"]}
    made = await veil.ask(BOB, "POST", "/v1/watches", form)
    assert made.status_code == 201, made.text
    name = made.json()["alert_id"]
    await eventually(lambda: looks_of(veil.house.running.database, name))
    own = str(sum(int(row["money"]) for row in DATA["sale"] if row["channel"] == "shop"))
    (alert,) = [each for each in (await told(veil, BOB))["alerts"] if each["alert_id"] == name]
    assert (alert["made_by"], alert["may_drop"], alert["listeners"][0]["value"]) == ("bob", True, own)
    anns = {each["alert_id"]: each["state"] for each in (await told(veil, ANN))["alerts"]}
    assert anns[name] == "unseen"
    refused: httpx.Response = await veil.ask(ANN, "DELETE", f"/v1/watches/{name}")
    assert (refused.status_code, refused.json()["kind"]) == (403, "not_allowed")
    tried = (await veil.ask(BOB, "POST", "/v1/watches/try", form)).json()
    assert (tried["text"], tried["days"]) == ("It would have spoken once in 90 days.", 90)
    assert {each["value"] for each in tried["points"]} == {own}
    # Whoever is gone hears nothing more.
    del veil.people["bob"]
    veil.house.clock[0] += timedelta(minutes=6)

    async def is_unknown() -> Any:
        return next((each.unknown for each in await looks_of(veil.house.running.database, name) if each.unknown), None)

    assert await eventually(is_unknown) == "Whoever made it is not there any more."
    assert (await veil.ask(EVE, "DELETE", f"/v1/watches/{name}")).status_code == 204

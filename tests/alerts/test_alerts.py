"""Alerts from the file to the receiver: what is due arrives once by its id, and nobody hears of what is not so."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from assay.alerts import outbox
from assay.alerts.channels import Post
from assay.alerts.entry import ChannelEntry
from assay.alerts.outbox import MOST_ATTEMPTS, wait_after
from assay.errors import StoreUnavailable
from assay.store.alerts import StoredMessage, list_alerts, looks_of, send_again
from assay.work.principal import Principal
from tests.alerts.stand import SECRET, Stand
from tests.conftest import ANCHOR, eventually
from tests.receivers import Mailbox, Receiver

HIGH = "id: a, question: {metrics: [sales], dimensions: [region]}, when: {above: 2}, tell: [ops]"
ADMIN = Principal("eve", "Eve", "person", frozenset({"admin"}))
EARLIER = ANCHOR - timedelta(hours=1)


async def test_what_is_due_arrives_once_signed_and_with_receipts_and_so_does_that_it_is_over(
    stand: Stand, hook: Receiver
) -> None:
    for region, count in (("West", 3), ("East", 4), ("North", 2)):
        await stand.sell(EARLIER, count, region)
    await stand.watch(HIGH)
    await stand.look()
    await stand.delivered(1)
    (post,) = hook.posts
    text = f"{post.message_id}.{post.headers['webhook-timestamp']}.".encode() + post.body
    signature = base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest()).decode()
    assert post.headers["webhook-signature"] == f"v1,{signature}"
    data = post.json["data"]
    assert {each["group"][0]: each["value"] for each in data["groups"]} == {"West": 3, "East": 4}, "one message for both"
    assert [each["sentence"] for each in data["groups"]] == ["Sales, East is 4, above 2.", "Sales, West is 3, above 2."]
    replayed = await stand.house.client.post(f"/v1/receipts/{data['groups'][0]['receipt_id']}/replay")
    assert replayed.json()["same_value"]
    # As long as it holds nothing more is said; a third region is news.
    await stand.sell(EARLIER, 5, "North")
    await stand.later(minutes=5)
    await stand.delivered(2)
    assert [each["group"] for each in hook.posts[1].json["data"]["groups"]] == [["North"]]
    await stand.connection.execute("DELETE FROM shop.sale WHERE region = 'West'")
    await stand.sell(EARLIER, 1, "West")
    await stand.later(minutes=5)
    await stand.delivered(3)
    over = hook.posts[-1].json["data"]
    assert (over["fired"], over["recovered"], over["groups"][0]["sentence"]) == (
        0,
        1,
        "Sales, West is 1, no longer above 2.",
    )


@pytest.mark.exhaustive
async def test_a_receiver_that_fails_hears_again_under_the_same_id_and_a_dead_letter_is_sent_by_hand(
    stand: Stand, hook: Receiver
) -> None:
    await stand.sell(EARLIER, 3)
    hook.answers = [500, None, 302, 429]
    await stand.watch(HIGH)
    await stand.look()

    async def tried(attempts: int) -> Any:
        found = await stand.messages()
        return found[0] if found and found[0].attempts == attempts and found[0].next_at > stand.house.clock[0] else None

    for attempts in range(1, 5):
        message = await eventually(lambda attempts=attempts: tried(attempts))
        assert message.trouble in ("it answered 500", "it cannot be reached", "it answered 302", "it answered 429")
        stand.house.clock[0] += wait_after(attempts)
    await stand.delivered(1)
    assert len(hook.posts) == 5
    assert len({each.message_id for each in hook.posts}) == 1
    hook.answers = [500] * MOST_ATTEMPTS
    await stand.sell(EARLIER, 3, "East")
    await stand.later(minutes=5)

    dead = await eventually(lambda: _given_up(stand))
    assert (dead.attempts, len(hook.posts)) == (MOST_ATTEMPTS, 5 + MOST_ATTEMPTS)
    await send_again(stand.house.running.database, dead.message_id, stand.house.clock[0], ADMIN)
    await stand.delivered(2)
    assert {each.message_id for each in hook.posts[5:]} == {dead.message_id}


async def test_a_message_whose_receiver_cannot_be_looked_up_waits(
    stand: Stand, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, asked = stand.house.running.outbox, list[StoredMessage]()
    known = own.channel_of

    async def channel_of(message: StoredMessage) -> ChannelEntry:
        asked.append(message)
        if len(asked) == 1:
            raise StoreUnavailable("away")
        return await known(message)

    monkeypatch.setattr(own, "channel_of", channel_of)
    await stand.sell(EARLIER, 3)
    await stand.watch(HIGH)
    await stand.look()
    await eventually(lambda: _is_asked(asked))
    stand.house.clock[0] += timedelta(minutes=2)  # its lease is over
    await stand.delivered(1)
    assert len(hook.posts) == 1


@pytest.mark.exhaustive
async def test_what_can_never_be_written_is_a_dead_letter_after_as_many_attempts_as_any(
    stand: Stand, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> None:
        raise KeyError("title")

    monkeypatch.setattr(Post, "send", breaks)
    monkeypatch.setattr(outbox, "MOST_ATTEMPTS", 2)
    await stand.sell(EARLIER, 3)
    await stand.watch(HIGH)
    await stand.look()
    dead = await eventually(lambda: _given_up(stand))
    assert (dead.attempts, dead.trouble) == (
        2, "it could not be written: KeyError; the server's log says more"
    )  # fmt: skip
    assert hook.posts == []


async def _given_up(stand: Stand) -> Any:
    """The last message once it is a dead letter; the clock goes on to its next attempt until then."""
    found = (await stand.messages())[-1]
    if found.state == "waiting" and found.next_at > stand.house.clock[0]:
        stand.house.clock[0] = found.next_at
    return found if found.state == "dead" else None


@pytest.mark.exhaustive
async def test_a_message_waits_for_its_channel_to_be_configured_and_is_no_news_after_a_day(
    stand: Stand, hook: Receiver
) -> None:
    stand.house.running.outbox.post = Post()
    await stand.sell(EARLIER, 3)
    await stand.watch(HIGH)
    await stand.look()

    async def waits() -> Any:
        newest = (await stand.messages())[-1]
        return newest if newest.state == "waiting" and newest.trouble and newest.next_at > stand.house.clock[0] else None

    for _ in range(2):
        waiting = await eventually(waits)
        assert (waiting.state, waiting.attempts) == ("waiting", 0)
        stand.house.clock[0] = waiting.next_at
    stand.configure(hook)
    await stand.delivered(1)
    assert len(hook.posts) == 1
    stand.house.running.outbox.post = Post()
    await stand.sell(EARLIER, 3, "East")
    await stand.later(minutes=5)
    await eventually(waits)
    stand.house.clock[0] += timedelta(days=1, minutes=2)
    dead = await eventually(lambda: _given_up(stand))
    assert (dead.attempts, dead.trouble) == (0, "the channel is not configured: set ASSAY_CHANNEL_OPS to its address")


async def test_when_the_data_moves_is_when_it_is_checked_again_and_not_before(stand: Stand, hook: Receiver) -> None:
    await stand.sell(EARLIER, 2)
    await stand.watch(f"{HIGH}, check: when the data moves")
    first = await stand.look()
    running = stand.house.running
    for _ in range(3):  # nothing moves: it is put off, and nothing is asked
        stand.house.clock[0] += timedelta(seconds=20)
        asked = running.corridor.tally.answers.copy()
        await eventually(lambda: _put_off(stand))
        assert (await stand.messages(), running.corridor.tally.answers) == ([], asked)
    assert [each.checked_at for each in await looks_of(running.database, "a")] == [first.checked_at]
    await stand.sell(EARLIER, 1)
    await stand.later(seconds=20)
    (message,) = await stand.delivered(1)
    assert [each["sentence"] for each in message.document["groups"]] == ["Sales, West is 3, above 2."]
    assert len(hook.posts) == 1


async def _put_off(stand: Stand) -> bool:
    """Looked at, as the clock stands now."""
    await stand.house.running.checks.check_due()
    return (await list_alerts(stand.house.running.database))["a"].next_at > stand.house.clock[0]


async def _is_asked(asked: list[StoredMessage]) -> bool:
    return bool(asked)


async def test_an_alert_whose_metric_is_gone_is_not_listed_before_the_alerts_are_read_again(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stand.watch(HIGH)
    corridor = stand.house.running.corridor
    workspace = replace(corridor.catalog.workspace, metrics={})
    listed = (await stand.house.client.get("/v1/watches")).json()["alerts"]
    monkeypatch.setattr(corridor, "catalog", replace(corridor.catalog, workspace=workspace))
    response = await stand.house.client.get("/v1/watches")
    assert ([each["alert_id"] for each in listed], response.status_code, response.json()["alerts"]) == (["a"], 200, [])


async def test_a_mail_has_its_figures_and_receipts_and_one_id(stand: Stand, mails: Mailbox) -> None:
    await stand.sell(EARLIER, 3, "<b>West & Co</b>\nBcc: x@example.com")
    mails.refuses = lambda address: address.startswith("cfo")
    await stand.watch(HIGH.replace("[ops]", "[finance]"))
    await stand.look(listener="finance")
    (message,) = await stand.delivered(1)
    (mail,) = mails.mails
    assert message.trouble == "the mail server refused cfo@example.com"
    assert mail["Message-ID"] == f"<{message.message_id}@example.com>"
    assert (mail["Bcc"], mail["Auto-Submitted"]) == (None, "auto-generated")
    plain, page = (part.get_content() for part in mail.iter_parts())
    receipt = message.document["groups"][0]["receipt_url"]
    assert all(each in plain for each in ("West & Co", receipt))
    assert all(each in page for each in ("&lt;b&gt;West &amp; Co", f'href="{receipt}"'))
    assert "<b>West" not in page


@pytest.mark.exhaustive
async def test_one_of_the_page_that_cannot_be_asked_any_more_is_told_and_can_be_dropped(stand: Stand) -> None:
    form = {"question": {"metrics": ["sales"]}, "when": {"above": 1}, "tell": ["ops"]}
    made = await stand.house.client.post("/v1/watches", json=form)
    name = made.json()["alert_id"]
    await stand.look(name)
    gone = stand.house.root / "metrics" / "shop.yaml"
    text = gone.read_text()
    try:
        gone.write_text(text.replace("id: sales,", "id: sold,"))

        async def told() -> str:
            found = (await stand.house.client.get("/v1/workspace")).json()["problems"]
            return next((each["message"] for each in found if name in each["message"]), "")

        assert "is not watched: there is no metric 'sales'" in await eventually(told)
        assert (await stand.house.client.delete(f"/v1/watches/{name}")).status_code == 204
        await eventually(lambda: _is_untold(told))
    finally:
        gone.write_text(text)


async def _is_untold(told: Any) -> bool:
    return not await told()

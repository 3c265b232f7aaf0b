"""Alerts on Assay itself: routes that were not shown to agree any more, and messages that stay."""

from datetime import timedelta

import pytest

from assay.alerts.channels import Post
from tests.alerts.stand import SECRET, Stand
from tests.conftest import ANCHOR, eventually
from tests.receivers import Receiver

EARLIER = ANCHOR - timedelta(hours=1)


async def test_that_data_are_older_than_promised_is_told_by_the_time_of_the_newest_row(stand: Stand, hook: Receiver) -> None:
    await stand.sell(ANCHOR - timedelta(hours=7), 2)
    await stand.watch("id: old, question: {metrics: [sales]}, when: {stale: 6 hours}, tell: [ops]")
    await stand.look("old")
    await stand.delivered(1)
    newest = hook.posts[0].json["data"]["groups"][0]
    assert newest["sentence"] == f"The newest row of Sales is of {newest['value']}, which is older than 6 hours."
    await stand.sell(ANCHOR)
    await stand.check_at(ANCHOR + timedelta(minutes=5), "old")
    await stand.delivered(2)
    assert hook.posts[1].json["data"]["groups"][0]["sentence"].endswith(": data come in again.")


async def test_messages_that_stay_are_told_by_channel_and_so_is_that_they_left(stand: Stand, hook: Receiver) -> None:
    stand.house.running.outbox.post = Post({"OPS": hook.url, "OPS_SECRET": SECRET})  # the boss has no address
    await stand.sell(EARLIER, 3)
    await stand.watch(
        "id: a, question: {metrics: [sales]}, when: {above: 2}, tell: [boss]",
        "id: stays, when: {undelivered: 30 minutes}, tell: [ops]",
    )
    await stand.look("a", "boss")
    assert (await stand.look("stays")).groups == 0 or await stand.fired() == [[]], "what waits for a moment is on its way"
    await stand.check_at(ANCHOR + timedelta(minutes=31), "stays")

    async def heard() -> bool:
        return len(hook.posts) == 1

    await eventually(heard)
    told = hook.posts[0].json["data"]
    assert told["title"] == "Messages that have waited for more than 30 minutes, or were given up"
    assert [each["sentence"] for each in told["groups"]] == ["To boss 1 message waits since 2026-03-17 15:42 UTC."]
    listed = {each["alert_id"]: each for each in (await stand.house.client.get("/v1/watches")).json()["alerts"]}
    assert (listed["stays"]["state"], listed["stays"]["metric_id"]) == ("fired", None)
    stand.configure(hook)
    await stand.connection.execute("UPDATE assay.alert_message SET next_at = $1 WHERE listener = 'boss'", ANCHOR)
    await stand.delivered(2)
    await stand.check_at(ANCHOR + timedelta(minutes=37), "stays")
    await stand.delivered(3)
    assert hook.posts[-1].json["data"]["recovered"] == 1


@pytest.mark.exhaustive
async def test_of_every_metric_that_one_is_told_whose_engines_differ_and_that_nobody_compared_since(
    stand: Stand, hook: Receiver
) -> None:
    await stand.sell(EARLIER, 3)
    compared = await stand.house.client.post("/v1/routes/sales/compare", json={"to": "lake"})
    assert compared.json()["verdict"] == "differs", compared.text
    await stand.watch(
        "id: d, when: {parity: differs}, tell: [ops]",
        "id: s, when: {parity: stale}, tell: [boss]",
        "id: one, question: {metrics: [sales]}, when: {parity: stale}, tell: [boss]",
    )
    assert (await stand.look("d")).groups == 4
    await stand.look("s", "boss")
    await stand.look("one", "boss")
    await stand.delivered(1)
    (told,) = hook.posts[0].json["data"]["groups"]
    assert (told["group"], told["value"]) == (["sales"], "differs")
    assert told["sentence"] == "Sales is served by an engine whose numbers differ from another's."
    tried = await stand.house.client.post("/v1/watches/d/try", json={})
    assert tried.json()["detail"] == "Nobody knows how routes stood in the past."
    await stand.sell(EARLIER, 1)

    async def is_stale() -> bool:
        routes = (await stand.house.client.get("/v1/routes")).json()["routes"]
        return next(each for each in routes if each["metric_id"] == "sales")["parity"]["standing"] == "stale"

    await eventually(is_stale)
    await stand.check_at(ANCHOR + timedelta(minutes=5), "d")
    await stand.look("s", "boss")
    await stand.look("one", "boss")
    await stand.delivered(4)
    stale = "Sales is served by an engine that was not compared again since something moved."
    over = "Sales is served by an engine whose numbers differ from another's: no longer, it is stale."
    assert sorted(post.json["data"]["groups"][0]["sentence"] for post in hook.posts[1:]) == sorted([over, stale, stale])

"""The outbox is bounded: old events are forgotten, and no repetition ever counts twice for it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.api.loop_steps import damage, event, send, telemetry
from tests.conftest import ANCHOR, House, eventually, open_house

from assay.loop import loop as loop_module
from assay.loop.loop import KEEP_EVENTS, Loop
from assay.signing.ring import Ring
from assay.store.database import Database
from assay.store.receipts import prune_receipts

BATTERY = event("evt-battery", "device.battery_degraded", device_id="dev_demo_001", battery_health_pct=61)
A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_module, "_FORGOTTEN_AT_ONCE", 2)
    monkeypatch.setattr(loop_module, "_PAUSE_SECONDS", 0.0)


async def fetch(url: str, sql: str, *values: object) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(sql, *values)
    finally:
        await connection.close()


async def kept(url: str) -> list[str]:
    return [row[0] for row in await fetch(url, "SELECT event_id FROM assay.event ORDER BY 1")]


def at(moment: datetime, sent: dict[str, Any]) -> dict[str, Any]:
    return {**sent, "occurred_at": moment.isoformat()}


async def only(house: House, *event_ids: str) -> None:
    """Until just these are kept. The server itself forgets too; who comes while it does finds nothing to do."""

    async def so() -> bool:
        await house.running.loop.forget_old_events()
        return await kept(house.url) == sorted(event_ids)

    await eventually(so)


@pytest.mark.exhaustive
async def test_old_events_are_forgotten_and_younger_ones_are_still_known(house: House) -> None:
    await send(house, *(telemetry(f"old-{number}") for number in range(5)))
    house.clock[0] = ANCHOR + KEEP_EVENTS
    await send(house, *(at(house.clock[0], telemetry(f"new-{number}")) for number in range(3)))
    assert await house.running.loop.forget_old_events() == 0, "to the second they are kept as long as was promised"
    house.clock[0] += timedelta(seconds=1)
    await only(house, "new-0", "new-1", "new-2")
    again = await send(house, at(ANCHOR + KEEP_EVENTS, telemetry("new-0")))
    assert (again["known"], again["taken"]) == (1, 0)


async def test_what_was_forgotten_is_refused_when_it_is_sent_again(house: House) -> None:
    """It might lead to something a second time: nobody knows any more what came of it the first time."""
    await send(house, telemetry("old"))
    house.clock[0] = ANCHOR + KEEP_EVENTS + A_DAY
    await only(house)
    found = await send(house, telemetry("old"), at(house.clock[0], telemetry("young")))
    assert (found["taken"], found["refused"]) == (1, 1)
    problem = found["outcomes"][0]["problem"]
    assert (problem["kind"], problem["event_id"], problem["field"]) == ("bad_event", "old", "occurred_at")
    assert "more than 30 days ago" in problem["detail"]
    assert await kept(house.url) == ["young"]


async def test_an_event_of_a_clock_far_ahead_is_set_aside_with_the_reason_and_one_a_little_ahead_is_of_now(
    house: House,
) -> None:
    a_little = ANCHOR + timedelta(minutes=4)
    for ahead in (timedelta(days=7), timedelta(days=36_500), timedelta(minutes=6)):
        found = await send(house, at(ANCHOR + ahead, damage("ahead")), at(a_little, damage(f"near-{ahead.days}")))
        assert (found["refused"], found["taken"]) == (1, 1)
        problem = found["outcomes"][0]["problem"]
        assert (problem["kind"], problem["event_id"], problem["field"]) == ("bad_event", "ahead", "occurred_at")
        assert "and here it is 2026-03-17T15:42:10Z: set aside" in problem["detail"]
    assert "ahead" not in await kept(house.url)
    raised = await fetch(house.url, "SELECT max(raised_ts) FROM l3_asurion.ops_alert WHERE event_id LIKE 'near-%'")
    assert raised[0][0] == ANCHOR, "rows never speak of a moment that has not come"


@pytest.mark.exhaustive
async def test_what_led_to_a_recommendation_stays_with_it(house: House) -> None:
    await send(house, damage(), telemetry("t-1"), BATTERY)
    outcomes = await fetch(house.url, "SELECT event_id, outcome FROM assay.event")
    stay = sorted(row[0] for row in outcomes if row[1] == "recommended")
    assert stay
    house.clock[0] = ANCHOR + KEEP_EVENTS + A_DAY
    await only(house, *stay)
    changes = await fetch(house.url, "SELECT DISTINCT event_id FROM assay.loop_change WHERE event_id IS NOT NULL")
    assert {row[0] for row in changes} <= set(stay), "of forgotten events nothing is left"
    one = (await house.client.get("/v1/recommendations")).json()["recommendations"][0]
    whole = (await house.client.get(f"/v1/recommendations/{one['recommendation_id']}")).json()
    assert whole["receipt"]["signature_valid"]
    assert (await house.client.post("/v1/demo/reset")).status_code == 200
    assert await kept(house.url) == []


async def test_a_process_whose_clock_runs_ahead_deletes_nothing_of_today(database_url: str) -> None:
    await fetch(
        database_url,
        "INSERT INTO assay.event VALUES ('young', 'device.telemetry', 'tests', now(), now(), '{}', 'recorded')",
    )
    ahead = Loop(Database(database_url), Ring(["key-of-the-tests"]), lambda: datetime.now(UTC) + 100 * KEEP_EVENTS)
    assert await ahead.forget_old_events() == 0
    assert "young" in await kept(database_url)
    await ahead.close()
    database = Database(database_url)
    await fetch(
        database_url,
        "INSERT INTO assay.receipt (receipt_id, answer_id, metric_id, created_at, document, signature)"
        " SELECT 'of day ' || n, '', '', now() - make_interval(days => n), '', '' FROM unnest(ARRAY[89, 91]) AS n",
    )
    await prune_receipts(database, timedelta(days=90))
    left = await fetch(database_url, "SELECT receipt_id FROM assay.receipt WHERE receipt_id LIKE 'of day%'")
    assert [each[0] for each in left] == ["of day 89"]
    await database.close()


async def test_several_processes_forget_each_event_once(database_url: str) -> None:
    when = ANCHOR - KEEP_EVENTS - A_DAY
    await fetch(
        database_url,
        "INSERT INTO assay.event SELECT 'old-' || n, 'device.telemetry', 'tests', $1, $1, '{}', 'recorded'"
        " FROM generate_series(1, 101) AS n", when,
    )  # fmt: skip
    loops = [Loop(Database(database_url), Ring(["key-of-the-tests"]), lambda: ANCHOR) for _ in range(4)]

    async def none_left() -> bool:
        gone.extend(await asyncio.gather(*(each.forget_old_events() for each in loops)))
        return await kept(database_url) == []

    gone: list[int] = []
    await eventually(none_left)
    assert sum(gone) == 101
    for each in loops:
        await each.close()


@pytest.mark.exhaustive
async def test_the_running_server_does_it(database_url: str, workspace_copy: Path, lake: Path, tmp_path: Path) -> None:
    await fetch(
        database_url, "INSERT INTO assay.event VALUES ('old', 'device.telemetry', 'tests', $1, $1, '{}', 'recorded')",
        ANCHOR - KEEP_EVENTS - A_DAY,
    )  # fmt: skip
    async with open_house(database_url, workspace_copy, lake, tmp_path / "home") as house:
        await eventually(lambda: _is_empty(house))


async def _is_empty(house: House) -> bool:
    return await kept(house.url) == []

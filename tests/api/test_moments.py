"""When it happened, not when it came: rows bear the moment of the event, and the older is not written over the newer."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from tests.api.loop_steps import damage, decide, event, send
from tests.conftest import ANCHOR, House


def at(moment: datetime, sent: dict[str, Any]) -> dict[str, Any]:
    return {**sent, "occurred_at": moment.isoformat()}


async def fetch(house: House, sql: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(house.url)
    try:
        return await connection.fetch(sql, *values)
    finally:
        await connection.close()


async def by_day(house: House) -> dict[str, int]:
    asked = {"grain": "day", "filters": [{"dimension": "channel", "op": "eq", "values": ["app"]}]}
    answer: Any = await house.ask("sessions_by_channel", **asked)
    return {row[0][:10]: int(row[-1]) for row in answer["rows"]}


async def test_events_of_five_days_ago_are_counted_five_days_ago(house: House) -> None:
    devices = await fetch(
        house,
        "SELECT d.device_id FROM l3_asurion.ev_device AS d JOIN l3_asurion.ev_coverage AS k USING (device_id)"
        " WHERE k.coverage_status = 'active' AND NOT EXISTS (SELECT FROM l3_asurion.ev_issue_session AS s"
        " WHERE s.device_id = d.device_id AND s.closed_ts IS NULL)"
        " AND NOT EXISTS (SELECT FROM l3_asurion.ev_claim AS c WHERE c.device_id = d.device_id"
        " AND c.claim_status IN ('in_review', 'pending')) ORDER BY 1 LIMIT 20",
    )
    then = ANCHOR - timedelta(days=5)
    before = await by_day(house)
    sent = [at(then, damage(f"late-{n}", device_id=row[0], damage="liquid")) for n, row in enumerate(devices)]
    reply = await send(house, *sent)
    assert len(devices) == reply["taken"] == 20
    after = await by_day(house)
    assert {day: after[day] - before[day] for day in after if after[day] != before[day]} == {"2026-03-12": 20}
    for table, column in (("ev_claim", "claim_open_ts"), ("ev_issue_session", "opened_ts"), ("ops_alert", "raised_ts")):
        found = await fetch(house, f"SELECT count(*) FROM l3_asurion.{table} WHERE {column} = $1", then)
        assert found[0][0] == 20, table
    # A decision is asked for now, and a row was written now: those columns say so.
    created = await fetch(
        house, "SELECT DISTINCT created_ts FROM l3_asurion.ops_recommendation WHERE event_id LIKE 'late-%'"
    )
    assert [row[0] for row in created] in ([], [ANCHOR])
    written = await fetch(house, "SELECT DISTINCT updated_ts FROM l3_asurion.ev_claim WHERE claim_open_ts = $1", then)
    assert [row[0] for row in written] == [ANCHOR]


def _battery(name: str, percent: int) -> dict[str, Any]:
    return event(name, "device.battery_degraded", device_id="dev_demo_001", battery_health_pct=percent)


async def _seen(house: House) -> tuple[int, datetime]:
    rows = await fetch(
        house, "SELECT battery_health_pct, last_seen_ts FROM l3_asurion.ev_device WHERE device_id = 'dev_demo_001'"
    )
    return rows[0][0], rows[0][1]


@pytest.mark.exhaustive
async def test_an_older_reading_that_comes_second_does_not_overwrite_the_newer(house: House) -> None:
    minute = timedelta(minutes=1)
    for name, ago, percent in (("b-1", 3, 70), ("b-2", 1, 61), ("b-3", 2, 66)):
        await send(house, at(ANCHOR - ago * minute, _battery(name, percent)))
    assert await _seen(house) == (61, ANCHOR - minute)
    # Of the same moment the one that came last holds.
    await send(house, at(ANCHOR - minute, _battery("b-4", 60)))
    assert await _seen(house) == (60, ANCHOR - minute)
    # Forgotten with what it wrote: the row is as it was.
    await house.client.post("/v1/demo/reset")
    assert (await _seen(house))[0] not in (60, 61, 66, 70)


async def test_a_row_that_somebody_else_saw_later_is_left_as_it_is(house: House) -> None:
    await fetch(
        house, "UPDATE l3_asurion.ev_device SET battery_health_pct = 55, last_seen_ts = $1 WHERE device_id = 'dev_demo_001'",
        ANCHOR - timedelta(minutes=1),
    )  # fmt: skip
    await send(house, at(ANCHOR - timedelta(hours=1), _battery("old", 80)))
    assert await _seen(house) == (55, ANCHOR - timedelta(minutes=1))


@pytest.mark.exhaustive
async def test_a_reading_is_kept_from_an_older_one_without_a_column_that_says_when(house: House) -> None:
    """The score of a claim: what the claim was filed with, and what a person decided since, count too."""

    async def score() -> float:
        rows = await fetch(house, "SELECT fraud_score FROM l3_asurion.ev_claim WHERE claim_id = 'CLM-5'")
        return float(rows[0][0])

    def scored(name: str, ago: int, value: float) -> dict[str, Any]:
        moment = ANCHOR - timedelta(minutes=ago)
        return at(moment, event(name, "claim.fraud_suspected", claim_id="CLM-5", score=value))

    lost = {"claim_id": "CLM-5", "device_id": "dev_demo_001", "issue": "Lost or stolen device"}
    filed = event("filed", "claim.filed", fraud_score=0.5, **lost)
    await send(house, at(ANCHOR - timedelta(minutes=9), filed))
    await send(house, scored("before", 10, 0.1))
    assert await score() == 0.5
    await send(house, scored("later", 5, 0.93), scored("earlier", 7, 0.2))
    assert await score() == 0.93


@pytest.mark.exhaustive
async def test_a_decision_is_at_the_moment_of_the_decision(house: House) -> None:
    reply = await send(house, at(ANCHOR - timedelta(days=2), damage("two-days-ago")))
    name = reply["outcomes"][0]["recommendation_id"]
    assert (await decide(house, name, "approve")).status_code == 200
    decided = await fetch(
        house, "SELECT decided_ts, created_ts FROM l3_asurion.ops_recommendation WHERE recommendation_id = $1", name
    )
    assert tuple(decided[0]) == (ANCHOR, ANCHOR)

"""What the tests of the closed loop do: send events, read figures, decide."""

from typing import Any

import httpx
from tests.conftest import ANCHOR, House

FIGURES = ("active_issues", "claims_in_progress", "nba_taken_pct", "cost_avoided_mtd", "csat")
AT_REST: dict[str, Any] = {
    "active_issues": 1286, "claims_in_progress": 642, "nba_taken_pct": 120 / 138, "cost_avoided_mtd": "1410000.00",
    "csat": 4.6,
}  # fmt: skip


def event(event_id: str, type_: str, **payload: object) -> dict[str, Any]:
    return {"event_id": event_id, "type": type_, "source": "tests", "occurred_at": ANCHOR.isoformat(), "payload": payload}


def damage(event_id: str = "evt-screen", **changes: object) -> dict[str, Any]:
    return event(event_id, "device.damage_detected", **{"device_id": "dev_demo_001", "damage": "screen", **changes})


def telemetry(event_id: str) -> dict[str, Any]:
    return event(event_id, "device.telemetry", device_id="dev_demo_001", battery_health_pct=86)


async def send(house: House, *events: dict[str, Any]) -> dict[str, Any]:
    response = await house.client.post("/v1/events", json={"events": list(events)})
    assert response.status_code == 200, response.text
    return response.json()


async def recommended(house: House, *events: dict[str, Any]) -> str:
    """The recommendation that the last of the events leads to."""
    last = (await send(house, *events))["outcomes"][-1]
    assert last["recommendation_id"], last
    return last["recommendation_id"]


async def decide(house: House, recommendation_id: str, what: str, **body: object) -> httpx.Response:
    return await house.client.post(f"/v1/recommendations/{recommendation_id}/{what}", json=body or None)


async def figures(house: House) -> dict[str, Any]:
    return {name: (await house.ask(name))["rows"][0][0] for name in FIGURES}  # type: ignore[index]

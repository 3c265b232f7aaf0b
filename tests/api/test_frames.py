"""Frames and what is kept, all the way: compared at every grain, proven, with receipts that replay and rows behind them."""

from typing import Any

import pytest
from tests.api.steps import edit
from tests.conftest import House, eventually

_METRICS = """metrics:
  - {id: four_weeks, label: Savings of four weeks, definition: D., owner: o, entity: ev_claim,
     measure: SUM(cost_avoided_usd), over: {trailing: 28 days}, window: trailing_7d, dimensions: [region]}
  - {id: customers_ever, label: Customers ever, definition: D., owner: o, entity: ev_claim,
     measure: COUNT(DISTINCT customer_id), over: all, window: trailing_7d, dimensions: [region]}
  - {id: newest, label: Newest claims, definition: D., owner: o, entity: ev_claim, measure: SUM(claim_amount_usd),
     keep: {newest: claim_open_ts, for_each: [customer_id]}, window: trailing_30d, dimensions: [region]}
  - {id: since, label: Customers since, definition: D., owner: o, expression: customers_ever - at_start,
     inputs: {at_start: {metric: customers_ever, shift: {to_start_of: month}}}}
"""


async def _asked(house: House) -> None:
    (house.root / "metrics" / "frames.yaml").write_text(_METRICS)
    routes = "".join(f"  {name}: {{backend: postgres}}\n" for name in ("four_weeks", "customers_ever", "newest", "since"))
    edit(house, lambda text: f"{text.rstrip()}\n{routes}")

    async def there() -> bool:
        return (await house.client.post("/v1/metrics/newest/data", json={})).status_code == 200

    await eventually(there)


@pytest.mark.exhaustive
async def test_what_looks_further_is_compared_proven_and_replayed(house: House) -> None:
    await _asked(house)
    for name in ("four_weeks", "customers_ever", "newest", "since"):
        compared = await house.client.post(f"/v1/routes/{name}/compare", json={"to": "lakehouse"})
        assert (compared.status_code, compared.json()["verdict"]) == (200, "equal"), compared.text
        standings: dict[str, str] = {}
        for label, asked in (("total", {}), ("day", {"grain": "day"}), ("week", {"grain": "week"}),
                             ("region", {"dimensions": ["region"]})):  # fmt: skip
            answer: Any = await house.ask(name, **asked)
            standings[label] = answer["provenance"]["parity"]["standing"]
            replayed = await house.client.post(f"/v1/receipts/{answer['provenance']['receipt_id']}/replay")
            assert (replayed.json()["moved"], replayed.json()["same_value"]) == ([], True)
        assert standings == {"total": "proven", "day": "proven", "week": "proven_for_others", "region": "proven"}, name
        rows = await house.client.post(f"/v1/metrics/{name}/rows", json={})
        assert rows.status_code == 200, rows.text
        assert rows.json()["total"] > 0
    days: Any = await house.ask("four_weeks", grain="day")
    total: Any = await house.ask("four_weeks")
    assert days["rows"][-1][1] == total["rows"][0][0]
    described = (await house.client.get("/v1/metrics/four_weeks")).json()
    assert described["formula"] == "SUM(cost_avoided_usd), over the 28 days up to then"
    assert described["adds_up"] is False


@pytest.mark.cases(1)
@pytest.mark.parametrize(("name", "old", "new"), [
    ("four_weeks", "over: {trailing: 28 days}", "over: {trailing: 27 days}"),
    ("customers_ever", "over: all", "over: {since_start_of: year}"),
    ("newest", "keep: {newest: claim_open_ts", "keep: {oldest: claim_open_ts"),
    ("since", "to_start_of: month", "to_start_of: quarter"),
])  # fmt: skip
async def test_no_certificate_of_one_frame_proves_another(house: House, name: str, old: str, new: str) -> None:
    await _asked(house)
    await house.client.post(f"/v1/routes/{name}/compare", json={"to": "lakehouse"})
    before: Any = await house.ask(name)
    (house.root / "metrics" / "frames.yaml").write_text(_METRICS.replace(old, new))

    async def other() -> Any:
        found: Any = await house.ask(name)
        was = before["provenance"]["definition_version"]
        return found if found["provenance"]["definition_version"] != was else None

    after: Any = await eventually(other)
    assert (before["provenance"]["parity"]["standing"], after["provenance"]["parity"]["standing"]) == ("proven", "stale")

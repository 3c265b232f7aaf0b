"""Two receipts laid side by side: each part's own work, held against sums that the database gives by itself."""

from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from tests.api.steps import insert_claim
from tests.conftest import House, eventually

MTD = "claim_open_ts >= $1::text::timestamptz AND claim_open_ts < $2::text::timestamptz"


async def ask(house: House, **question: object) -> dict[str, Any]:
    found: Any = await house.ask("cost_avoided_mtd", **question)
    return found


async def receipt_of(house: House, metric_id: str) -> str:
    found: Any = await house.ask(metric_id)
    return found["provenance"]["receipt_id"]


async def compared(house: House, one: str, other: str) -> dict[str, Any]:
    response = await house.client.post(f"/v1/receipts/{one}/compare/{other}")
    assert response.status_code == 200, response.text
    found = response.json()
    assert found["unknown"] is None, found["unknown"]
    assert sum(Decimal(each["amount"]) for each in found["effects"]) == Decimal(found["change"])
    return {each["parts"][0]: Decimal(each["amount"]) for each in found["effects"]} | {"text": found["text"]}


async def redefined(house: House, before: str, after: str) -> None:
    version = (await house.client.get("/v1/metrics/cost_avoided_mtd")).json()["definition_version"]
    file = house.root / "metrics" / "savings.yaml"
    file.write_text(file.read_text().replace(f"filter: {before}", f"filter: {after}", 1))

    async def moved() -> bool:
        return (await house.client.get("/v1/metrics/cost_avoided_mtd")).json()["definition_version"] != version

    await eventually(moved)


@pytest.mark.exhaustive
async def test_each_part_did_what_the_database_says_it_did(house: House) -> None:
    first = await ask(house)
    bounds = first["question"]["window"]
    connection = await asyncpg.connect(house.url)

    async def total(condition: str) -> Decimal:
        text = f"SELECT sum(cost_avoided_usd) FROM l3_asurion.ev_claim WHERE {MTD} AND {condition}"
        return await connection.fetchval(text, bounds["start"], bounds["end"])

    lake_closed, lake_west = (
        await total("claim_status = 'closed'"),
        await total("claim_status = 'closed' AND region = 'West'"),
    )
    await insert_claim(house.url, avoided=90_000)  # the lakehouse does not hear of it
    old, new = await total("claim_status <> 'denied'"), await total("claim_status = 'closed'")
    await connection.close()
    one = first["provenance"]["receipt_id"]

    async def data_have_moved() -> bool:
        return (await ask(house))["rows"] != first["rows"]

    await eventually(data_have_moved)
    two = (await ask(house))["provenance"]["receipt_id"]
    assert (await compared(house, one, two))["data"] == 90_000
    await redefined(house, "claim_status <> 'denied'", "claim_status = 'closed'")
    three = (await ask(house))["provenance"]["receipt_id"]
    found = await compared(house, three, one)
    assert {name: found[name] for name in found if name != "text"} == {"definition": new - old, "data": 90_000}
    assert found["text"][1] == f"Of this, -${old - new:,} is due to the definition and +$90,000.00 is due to the data."
    # Another engine with other data, and another question: each alone, though none of the four stayed.
    accepted = {"backend": "lakehouse", "accept_difference": "it has one claim less", "by": "Ana"}
    assert (await house.client.put("/v1/routes/cost_avoided_mtd", json=accepted)).status_code == 200
    west = [{"dimension": "region", "op": "eq", "values": ["West"]}]
    four = (await ask(house, filters=west))["provenance"]["receipt_id"]
    found = await compared(house, one, four)
    assert {name: found[name] for name in found if name != "text"} == {
        "definition": new - old, "route": lake_closed - new, "question": lake_west - lake_closed, "data": 90_000,
    }  # fmt: skip
    # The definition of today is the first one's now, and the other one is asked by its own statement.
    await redefined(house, "claim_status = 'closed'", "claim_status <> 'denied'")
    found = await compared(house, one, three)
    assert {name: found[name] for name in found if name != "text"} == {"definition": new - old, "data": 90_000}


@pytest.mark.exhaustive
async def test_receipts_of_different_metrics_or_that_were_changed_are_refused(house: House) -> None:
    one = (await ask(house))["provenance"]["receipt_id"]
    other = await receipt_of(house, "csat")
    refused = await house.client.post(f"/v1/receipts/{one}/compare/{other}")
    assert (refused.status_code, refused.json()["kind"]) == (422, "bad_question")
    connection = await asyncpg.connect(house.url)
    await connection.execute(
        "UPDATE assay.receipt SET document = replace(document, '1410000.00', '9.00') WHERE receipt_id = $1", one
    )
    await connection.close()
    assert (await house.client.post(f"/v1/receipts/{one}/compare/{one}")).json()["kind"] == "receipt_broken"

"""Questions without a metric, over all that there is, and from now on: asked, kept, replayed and refused like any other."""

from typing import Any

import pytest
from tests.conftest import House

METRIC = "cost_avoided_mtd"


async def test_all_goes_from_the_first_row_to_the_last(shared_house: House) -> None:
    total: Any = await shared_house.ask(METRIC, window="all")
    by_month: Any = await shared_house.ask(METRIC, window="all", grain="month")
    edges: Any = (await shared_house.client.post("/v1/data", json={"questions": [
        {"key": "a", "metrics": [f"{METRIC}:first", f"{METRIC}:last"]}
    ]})).json()["answers"][0]["answer"]["rows"]  # fmt: skip
    months = [row[0] for row in by_month["rows"]]
    assert [months[0][:7], months[-1][:7]] == [edge[:7] for edge in edges[0]]
    assert by_month["dense"]
    assert sum(float(row[1]) for row in by_month["rows"]) == pytest.approx(float(total["rows"][0][0]))
    assert by_month["question"]["window"]["name"] == "all"
    refused = await shared_house.client.post(
        f"/v1/metrics/{METRIC}/data", json={"window": "all", "compare": "previous_year"}
    )
    assert (refused.status_code, refused.json()["field"]) == (422, "compare")


@pytest.mark.parametrize(
    ("name", "asked"),
    [(f"{METRIC}:rows", {"dimensions": ["region"]}), ("l3_asurion.ev_claim:rows", {"dimensions": ["region", "channel"]}),
     (f"{METRIC}:last", {"grain": "month", "window": {"start": "-2 months", "end": "today"}})],
)  # fmt: skip
async def test_what_is_asked_without_a_metric_is_kept_signed_and_asked_again(
    shared_house: House, name: str, asked: dict[str, Any]
) -> None:
    answer: Any = await shared_house.ask(name, **asked)
    again: Any = await shared_house.ask(name, **asked)
    assert (again["answer_id"], again["provenance"]["cached"], answer["metric_id"]) == (answer["answer_id"], True, name)
    receipt_id = answer["provenance"]["receipt_id"]
    receipt = (await shared_house.client.get(f"/v1/receipts/{receipt_id}")).json()
    assert receipt["signature_valid"] is True
    replayed = (await shared_house.client.post(f"/v1/receipts/{receipt_id}/replay")).json()
    assert (replayed["same_value"], replayed["moved"]) == (True, [])


async def test_the_values_of_a_dimension_are_those_of_all_its_rows(shared_house: House) -> None:
    rows: Any = await shared_house.ask(f"{METRIC}:rows", dimensions=["region"])
    total: Any = await shared_house.ask(f"{METRIC}:rows")
    table: Any = await shared_house.ask("l3_asurion.ev_claim:rows")
    assert sum(row[1] for row in rows["rows"]) == total["rows"][0][0] < table["rows"][0][0]  # those denied are no rows of it
    behind = (await shared_house.client.post(f"/v1/metrics/{METRIC}:rows/rows", json={})).json()
    assert behind["total"] == total["rows"][0][0]


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [("nothing:rows", 404, "no metric"), (f"{METRIC}:mean", 404, "no metric"), (":rows", 404, "no metric"),
     ("ev_claim:rows", 404, "no metric"), ("active_issues:first", 422, "has no time of its own")],
)  # fmt: skip
async def test_what_has_no_rows_of_its_own_is_refused(shared_house: House, name: str, status: int, told: str) -> None:
    response = await shared_house.client.post(f"/v1/metrics/{name}/data", json={})
    assert response.status_code == status, response.text
    assert told in response.json()["detail"]


async def test_many_values_are_one_parameter(shared_house: House) -> None:
    has_one: Any = {"filters": [{"dimension": "region", "op": "is_not_null"}]}
    known: Any = await shared_house.ask(METRIC, dimensions=["region"], **has_one)
    regions = [row[0] for row in known["rows"]]
    many = [f"nowhere {number}" for number in range(9_000)] + regions * 2
    asked = {"filters": [{"dimension": "region", "op": "in", "values": many}]}
    answer: Any = await shared_house.ask(METRIC, **asked)
    without: Any = await shared_house.ask(METRIC, **has_one)
    assert answer["rows"] == without["rows"]
    assert len(answer["provenance"]["params"]) == len(without["provenance"]["params"]) + 1
    replayed = (await shared_house.client.post(f"/v1/receipts/{answer['provenance']['receipt_id']}/replay")).json()
    assert (replayed["same_value"], replayed["moved"]) == (True, [])

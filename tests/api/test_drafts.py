"""Drafts of metrics: expressed from the dictionary or declined, answered as drafts, of the catalog once accepted."""

import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml
from httpx import Response
from tests.api.steps import no_problems
from tests.conftest import House, eventually

from assay.errors import RouteRefused
from assay.widgets.drafts import drafts
from assay.work import patience

LABOR = "average labor minutes of repairs on phones, last 7 days"


async def propose(house: House, words: str) -> Response:
    return await house.client.post("/v1/drafts", json={"words": words})


async def drafted(house: House, words: str) -> dict[str, Any]:
    response = await propose(house, words)
    assert response.status_code == 201, response.text
    return response.json()


async def direct(house: House, sql: str) -> Any:
    connection = await asyncpg.connect(house.url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def parts(draft: dict[str, Any]) -> tuple[str, str, str | None, str | None]:
    metric = draft["metric"]
    return metric["entity"], metric["measure"], metric["filter"], metric["window"]


@pytest.mark.cases(3)
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (LABOR, ("ev_repair_order", "AVG(labor_minutes)", "ev_product_catalog.category = 'Phone'", "trailing_7d")),
        ("number of escalated support sessions this month",
         ("ev_issue_session", "COUNT(*)", "is_escalated", "month_to_date")),
        ("total deductible of denied claims",
         ("ev_claim", "SUM(deductible_usd)", "claim_status = 'denied'", "trailing_30d")),
        ("median labor minutes", ("ev_repair_order", "MEDIAN(labor_minutes)", None, "trailing_30d")),
        ("highest fraud score of claims except denied",
         ("ev_claim", "MAX(fraud_score)", "(claim_status <> 'denied' OR claim_status IS NULL)", "trailing_30d")),
        ("number of distinct devices with claims this year",
         ("ev_claim", "COUNT(DISTINCT device_id)", None, "year_to_date")),
    ],
)  # fmt: skip
async def test_what_the_dictionary_can_express_is_drafted(
    shared_house: House, words: str, expected: tuple[str, str, str | None, str | None]
) -> None:
    draft = await drafted(shared_house, words)
    assert parts(draft) == expected
    assert draft["preview"]["provenance"]["draft"] is True
    assert draft["preview"]["rows"][0][0] is not None
    assert draft["trouble"] is None


async def test_the_preview_is_the_number_that_the_tables_hold(shared_house: House) -> None:
    draft = await drafted(shared_house, LABOR)
    window = draft["preview"]["question"]["window"]
    expected = await direct(
        shared_house,
        "SELECT AVG(r.labor_minutes) FROM l3_asurion.ev_repair_order AS r"
        " JOIN l3_asurion.ev_product_catalog AS p USING (product_id)"
        f" WHERE p.category = 'Phone' AND r.completed_ts >= '{window['start']}' AND r.completed_ts < '{window['end']}'",
    )
    assert Decimal(str(draft["preview"]["rows"][0][0])) == pytest.approx(expected)
    assert [each["join_id"] for each in draft["joins"]][:1] == ["repair_order_to_product_catalog"]
    assert "repair_order_to_product_catalog" in draft["sentence"]
    assert draft["preview"]["provenance"]["parity"]["standing"] == "unproven"


async def test_a_share_of_rows_is_what_its_two_counts_come_to(shared_house: House) -> None:
    draft = await drafted(shared_house, "share of claims that were denied, last 90 days")
    counted = [
        (await shared_house.client.post(f"/v1/metrics/{metric}/data", json={"window": "trailing_90d"})).json()["rows"][0][0]
        for metric in ("claim_denials", "claim_volume_l3_asurion")
    ]
    assert float(draft["preview"]["rows"][0][0]) == pytest.approx(float(counted[0]) / float(counted[1]))
    assert (draft["metric"]["unit"], draft["trouble"]) == ("percent", None)


async def test_one_metric_per_another_is_answered_as_a_draft(shared_house: House) -> None:
    draft = await drafted(shared_house, "repairs per claim by region")
    assert len(draft["preview"]["rows"]) > 1
    assert draft["preview"]["provenance"]["draft"] is True


async def test_a_draft_is_asked_by_its_dimensions_and_leaves_a_receipt_that_says_draft(shared_house: House) -> None:
    draft = await drafted(shared_house, "average labor minutes of repairs by repair type")
    assert [row[0] for row in draft["preview"]["rows"]]
    asked = await shared_house.client.post(
        f"/v1/drafts/{draft['draft_id']}/data", json={"dimensions": ["repair_type"], "window": "trailing_90d"}
    )
    known = asked.json()["provenance"]
    assert (asked.status_code, known["draft"]) == (200, True)
    receipt = (await shared_house.client.get(f"/v1/receipts/{known['receipt_id']}")).json()
    assert (receipt["label"].endswith("(draft)"), receipt["signature_valid"]) == (True, True)
    refused = await shared_house.client.post(f"/v1/metrics/{draft['metric']['id']}/data")
    assert (refused.status_code, refused.json()["kind"]) == (404, "metric_not_found")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("average sparkle of claims", "Nothing in the dictionary is called “sparkle”."),
        ("labor minutes of repairs", "“labor minutes” can be counted in several ways."),
        ("average and median labor minutes", "The words ask for average and median at once"),
        ("average repair cost", "“repair cost” stands in"),
        ("average of claims", "The words name no number to take the average of"),
        ("median labor minutes top 5", "“top 5” belongs to one question"),
        ("median labor minutes in March 2026", "stands still"),
        ("median labor minutes tomorrow", "lies in the future"),
        ("number of claims by email address", "personal data"),
        ("drop table claims", "Nothing typed here runs as SQL"),
        ("number of escalated claims", "cannot be joined to l3_asurion.ev_claim"),
        ("number of claims region", "It is not clear what “region” is to do here."),
        ("average labor minutes of repairs in the West", "“the West” may be one of l3_asurion.ev_claim.region, "),
        ("by region", "The words do not say what is counted."),
        ("", "There are no words to read"),
    ],
)
async def test_what_is_not_expressed_whole_is_declined_with_the_reason(
    shared_house: House, words: str, sentence: str
) -> None:
    refused = await propose(shared_house, words)
    assert (refused.status_code, refused.json()["kind"]) == (422, "draft_declined"), refused.text
    assert sentence in refused.json()["detail"]


async def test_what_the_catalog_counts_already_is_not_drafted_again(shared_house: House) -> None:
    refused = await propose(shared_house, "average turnaround hours of repairs")
    assert (refused.status_code, refused.json()["kind"]) == (409, "already_there")
    assert "avg_repair_turnaround" in refused.json()["detail"]


async def test_accepting_adds_to_the_file_and_keeps_the_rest_to_the_letter(house: House) -> None:
    draft = await drafted(house, LABOR)
    file = house.root / draft["file"]
    before = file.read_text()
    nameless = await house.client.post(f"/v1/drafts/{draft['draft_id']}/accept", json={"by": "  "})
    assert nameless.status_code == 422
    accepted = await house.client.post(f"/v1/drafts/{draft['draft_id']}/accept", json={"by": "Ada"})
    assert accepted.status_code == 200, accepted.text
    assert (accepted.json()["accepted_by"], accepted.json()["metric"]["owner"]) == ("Ada", "not yet named")
    after = file.read_text()
    assert after.startswith(before)
    added = yaml.safe_load(after)["metrics"][-1]
    assert (added["id"], added["owner"], added["measure"]) == (draft["metric"]["id"], "Ada", "AVG(labor_minutes)")
    lines = [line[1:] for line in draft["diff"].splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert "\n".join(lines).replace("not yet named", "Ada").strip() == after[len(before) :].strip()

    async def serves() -> bool:
        return (await house.client.post(f"/v1/metrics/{added['id']}/data", json={})).status_code == 200

    await eventually(serves)
    answer = await house.ask(added["id"])
    assert answer["rows"] == draft["preview"]["rows"]
    assert "draft" not in answer["provenance"]
    await eventually(no_problems(house))
    again = await house.client.post(f"/v1/drafts/{draft['draft_id']}/accept", json={"by": "Bob"})
    assert (again.status_code, "Ada" in again.json()["detail"]) == (409, True)
    kept = (await house.client.delete(f"/v1/drafts/{draft['draft_id']}")).status_code
    assert (kept, file.read_text()) == (409, after)


@pytest.mark.exhaustive
async def test_an_acceptance_stays_while_its_file_may_come(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = await drafted(house, LABOR)
    goes_on, plain = threading.Event(), drafts.replace_file

    def late(path: Path, text: str) -> None:
        goes_on.wait(60)
        plain(path, text)

    monkeypatch.setattr(drafts, "replace_file", late)
    monkeypatch.setattr(patience, "_ANSWER_SECONDS", 2.0)
    silent = await house.client.post(f"/v1/drafts/{draft['draft_id']}/accept", json={"by": "Ada"})
    assert (silent.status_code, silent.json()["kind"]) == (503, "disk_unavailable")
    assert draft["file"] in silent.json()["mend"]
    goes_on.set()
    kept = (await house.client.get(f"/v1/drafts/{draft['draft_id']}")).json()
    assert kept["accepted_by"] == "Ada"


@pytest.mark.exhaustive
async def test_a_route_not_written_takes_no_acceptance_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = await drafted(house, LABOR)

    def refuse(*_: object) -> None:
        raise RouteRefused("The routing file cannot be written.", mend="make it writable")

    monkeypatch.setattr(drafts, "write_routes", refuse)
    refused = await house.client.post(f"/v1/drafts/{draft['draft_id']}/accept", json={"by": "Ada"})
    assert refused.json()["kind"] == RouteRefused.kind
    assert f"is accepted and stands in {draft['file']}" in refused.json()["detail"]
    kept = (await house.client.get(f"/v1/drafts/{draft['draft_id']}")).json()
    assert kept["accepted_by"] == "Ada"


@pytest.mark.exhaustive
async def test_drafts_are_listed_and_dropped(house: House) -> None:
    draft = await drafted(house, LABOR)
    listed = (await house.client.get("/v1/drafts")).json()["drafts"]
    assert [(each["draft_id"], each["words"], each["problem"]) for each in listed] == [(draft["draft_id"], LABOR, None)]
    assert (await house.client.delete(f"/v1/drafts/{draft['draft_id']}")).status_code == 204
    assert (await house.client.get("/v1/drafts")).json() == {"drafts": []}
    for path in ("", "/data", "/accept"):
        method = "GET" if path == "" else "POST"
        gone = await house.client.request(
            method, f"/v1/drafts/{draft['draft_id']}{path}", json={"by": "x"} if path == "/accept" else None
        )
        assert gone.status_code == 404


@pytest.mark.exhaustive
async def test_a_definition_of_ones_own_is_kept_for_review(house: House) -> None:
    metric = {"id": "big_claims", "label": "Big claims", "definition": "Claims above 50.", "entity": "ev_claim",
              "measure": "COUNT(*)", "filter": "claim_amount_usd > 50", "time": "claim_open_ts", "window": "trailing_7d",
              "dimensions": ["region"], "owner": "finance"}  # fmt: skip
    kept = await house.client.post("/v1/drafts", json={"metric": metric})
    assert kept.status_code == 201, kept.text
    assert kept.json()["preview"]["rows"][0][0] > 0
    for change, status, text in (
        ({"id": "csat"}, 409, "There is a metric 'csat' already."),
        ({"filter": "colour = 'red'"}, 422, "no column 'colour'"),
        ({"measure": "COUNT(DISTINCT adjuster_id)"}, 422, "personal data"),
        ({"measure": "claim_amount_usd; DROP TABLE x"}, 422, ""),
    ):
        refused = await house.client.post("/v1/drafts", json={"metric": {**metric, **change}})
        assert (refused.status_code, text in refused.json()["detail"]) == (status, True), refused.text
    both = await house.client.post("/v1/drafts", json={"metric": metric, "words": "x"})
    assert both.status_code == 422


@pytest.mark.exhaustive
async def test_a_file_that_cannot_be_added_to_is_left_alone(house: House) -> None:
    draft = await drafted(house, LABOR)
    file = house.root / draft["file"]
    file.write_text(
        f"metrics: {yaml.safe_dump(yaml.safe_load(file.read_text())['metrics'], default_flow_style=True, width=10**6)}"
    )
    before = file.read_text()
    accepted = await house.client.post(f"/v1/drafts/{draft['draft_id']}/accept", json={"by": "Ada"})
    assert (accepted.status_code, accepted.json()["file"]) == (200, "metrics/accepted.yaml")
    assert file.read_text() == before
    assert yaml.safe_load((house.root / "metrics" / "accepted.yaml").read_text())["metrics"][0]["owner"] == "Ada"

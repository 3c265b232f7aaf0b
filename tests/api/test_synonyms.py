"""Words that a clarification has explained: proposed as synonyms, written once somebody accepts them, and known then."""

from typing import Any

import yaml
from tests.conftest import House, eventually

MEANS = "metric:cost_avoided_mtd"


async def read(house: House, words: str) -> dict[str, Any]:
    response = await house.client.post("/v1/widgets/read", json={"words": words})
    assert response.status_code == 200, response.text
    return response.json()


async def test_an_explained_word_is_known_once_somebody_has_accepted_it_and_not_before(house: House) -> None:
    assert (await read(house, "frugality by region"))["outcome"] != "spec"
    response = await house.client.post("/v1/synonyms", json={"words": "frugality", "means": MEANS})
    assert response.status_code == 201, response.text
    told = response.json()
    file = house.root / told["file"]
    before = file.read_text()
    assert "frugality" not in before
    assert [line for line in told["diff"].splitlines() if line.startswith("+") and "frugality" in line]
    assert told["may_accept"]
    (listed,) = (await house.client.get("/v1/proposals")).json()["proposals"]
    assert (listed["proposal_id"], listed["kind"], listed["missing"]) == (told["proposal_id"], "synonym", 1)
    accepted = await house.client.post(f"/v1/proposals/{told['proposal_id']}/confirm")
    assert (accepted.status_code, accepted.json()["state"]) == (200, "confirmed"), accepted.text
    entries = {each["id"]: each for each in yaml.safe_load(file.read_text())["metrics"]}
    was = {each["id"]: each for each in yaml.safe_load(before)["metrics"]}
    metric = was["cost_avoided_mtd"]
    assert entries == {**was, "cost_avoided_mtd": {**metric, "synonyms": [*metric.get("synonyms", ()), "frugality"]}}

    async def is_known() -> bool:
        reading = await read(house, "frugality by region")
        return reading["outcome"] == "spec" and reading["spec"]["metrics"] == ["cost_avoided_mtd"]

    await eventually(is_known)
    again = await house.client.post("/v1/synonyms", json={"words": "frugality", "means": MEANS})
    assert (again.status_code, again.json()["kind"]) == (409, "already_there"), again.text
    assert (await house.client.post(f"/v1/proposals/{told['proposal_id']}/confirm")).status_code == 409


async def test_what_is_declined_writes_nothing_and_a_key_accepts_nothing(house: House) -> None:
    body = {"words": "wild west", "means": "value:l3_asurion.ev_claim.region=West"}
    response = await house.client.post("/v1/synonyms", json=body)
    assert response.status_code == 201, response.text
    told = response.json()
    assert told["file"] == "data-dictionary/synonyms.csv", told
    path = house.root / told["file"]
    before = path.read_text()
    made = (await house.client.post("/v1/keys", json={"name": "agent", "role": "admin"})).json()
    keyed = {"authorization": f"Bearer {made['key']}"}
    refused = await house.client.post(f"/v1/proposals/{told['proposal_id']}/confirm", headers=keyed)
    assert (refused.status_code, refused.json()["kind"]) == (403, "not_allowed"), refused.text
    assert (await house.client.post(f"/v1/proposals/{told['proposal_id']}/decline", json={})).status_code == 200
    assert path.read_text() == before

"""Words read over HTTP: the values of dimensions come from the data through the corridor."""

import pytest
from tests.conftest import House, eventually
from tests.eval.cases import Result, load_cases, read

from assay.widgets.words.outcome import Spec
from assay.widgets.words.values import LivingReader

PHONES = {
    "kind": "bar", "metrics": ["claims_by_product_l3_asurion"], "dimensions": ["category"],
    "filters": [{"dimension": "category", "op": "eq", "values": ["Phone"]}], "window": "trailing_30d",
    "any_of": [], "segments": [], "having": [], "whose": [], "parameters": {}, "others": False, "targets": False,
    "grain": None, "compare": None, "limit": None, "order": [],
}  # fmt: skip


async def _read(house: House, words: str, **more: object) -> dict[str, object]:
    response = await house.client.post("/v1/widgets/read", json={"words": words, **more})
    assert response.status_code == 200, response.text
    return response.json()


async def test_plain_words_become_a_checked_spec(shared_house: House) -> None:
    body = await _read(shared_house, "claims by product for phones, last 30 days")
    assert (body["outcome"], body["spec"], body["reader"], body["language"]) == ("spec", PHONES, "words", "en")
    asked = {name: PHONES[name] for name in ("dimensions", "filters", "window")}
    answer = await shared_house.ask("claims_by_product_l3_asurion", **asked)
    assert [row[0] for row in answer["rows"]] == ["Phone"]  # type: ignore[index]


async def test_regions_above_a_number_and_the_reason_of_a_change_are_answered_as_they_are_read(shared_house: House) -> None:
    every = await shared_house.ask("claim_volume_l3_asurion", dimensions=["region"], window="previous_month")
    counts = sorted(int(row[-1]) for row in every["rows"])  # type: ignore[attr-defined]
    body = await _read(shared_house, f"regions with over {counts[1]} claims last month")
    spec = body["spec"]
    asked = {name: spec[name] for name in ("dimensions", "having", "window")}  # type: ignore[index]
    found = await shared_house.ask("claim_volume_l3_asurion", **asked)
    assert sorted(int(row[-1]) for row in found["rows"]) == [each for each in counts if each > counts[1]]  # type: ignore[attr-defined]
    why = await _read(shared_house, "why did claims fall last month")
    assert (why["explains"], body["explains"]) == (True, False)
    change = {name: why["spec"][name] for name in ("filters", "window", "compare")}  # type: ignore[index]
    told = await shared_house.client.post("/v1/metrics/claim_volume_l3_asurion/explain", json=change)
    assert told.status_code == 200, told.text


async def test_a_question_is_answered_with_its_id(shared_house: House) -> None:
    first = await _read(shared_house, "phone claims")
    (question,) = first["questions"]  # type: ignore[misc]
    chosen = next(each["value"] for each in question["choices"] if each["label"].startswith("Channel"))
    second = await _read(shared_house, "phone claims", answers={question["id"]: chosen}, rounds=1)
    assert second["spec"]["filters"] == [{"dimension": "channel", "op": "eq", "values": ["phone"]}]  # type: ignore[index]


@pytest.mark.parametrize("words", ["make it weekly", "\x93\xb3"])
async def test_a_spec_of_a_metric_that_is_not_there_is_refused_by_its_name(shared_house: House, words: str) -> None:
    spec = {**PHONES, "kind": "map", "stacking": "shares", "metrics": ["claims_by_produkt"]}
    response = await shared_house.client.post("/v1/widgets/read", json={"words": words, "spec": spec})
    body = response.json()
    assert (response.status_code, body["kind"], body["field"]) == (422, "bad_question", "spec.metrics")
    assert "claims_by_produkt" in body["detail"]


async def test_words_edit_a_spec(shared_house: House) -> None:
    body = await _read(shared_house, "make it weekly, only the West", spec=PHONES)
    assert body["spec"] == {
        **PHONES, "kind": "trend", "grain": "week",
        "filters": [*PHONES["filters"], {"dimension": "region", "op": "eq", "values": ["West"]}],  # type: ignore[misc]
    }  # fmt: skip


async def test_a_spec_that_is_none_is_refused(shared_house: House) -> None:
    response = await shared_house.client.post(
        "/v1/widgets/read", json={"words": "daily", "spec": {"kind": "pie", "metrics": []}}
    )
    assert response.status_code == 422


async def test_a_spec_that_two_backends_would_have_to_answer_says_so(shared_house: House) -> None:
    body = await _read(shared_house, "claims and denials by week")
    assert body["outcome"] == "spec"
    assert "different backends" in str(body["note"])


@pytest.mark.exhaustive
async def test_values_that_the_data_gets_are_read_from_then_on(house: House) -> None:
    assert (await _read(house, "abandoned sessions in Atlantis"))["outcome"] == "questions"
    await house.running.database.fetch("UPDATE l3_asurion.ref_state SET state_name = 'Atlantis' WHERE state_code = 'WY'")

    async def read() -> Spec | None:
        # What was written is known once its notification is heard.
        return (await LivingReader(house.running.corridor).reader()).read("issues in Atlantis").spec

    spec = await eventually(read)
    assert spec is not None
    assert spec.filters[0].values == ("Atlantis",)


async def test_a_value_behind_those_that_are_kept_is_looked_up_when_it_is_asked_for(
    shared_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.widgets.words.values.MAX_VALUES", 2)
    monkeypatch.setattr("assay.widgets.words.values._MOST_COLUMNS", 99)
    living = LivingReader(shared_house.running.corridor)
    reader = await living.reader()
    assert reader.read("issues in Wyoming").spec is None
    for words, values in (("issues in Wyoming", {"Wyoming"}), ("issues in new york or Wyoming", {"New York", "Wyoming"})):
        spec = (await living.read(reader, words, {}, None)).spec
        assert spec is not None, words
        assert {value for each in spec.filters for value in each.values} == values
    # A word of a dictionary in small letters may be no name at all.
    for words in ("issues in wyoming", "issues in Atlantis"):
        assert (await living.read(reader, words, {}, None)).spec is None


@pytest.mark.parametrize("group", [
    pytest.param(group, marks=() if group in ("ambiguous", "hostile") else pytest.mark.exhaustive)
    for group in sorted({case.group for case in load_cases()})
])  # fmt: skip
@pytest.mark.cases(1)
async def test_the_golden_set(shared_house: House, group: str) -> None:
    """At least 95 % exactly as written, and nothing wrong without a question."""
    reader = await LivingReader(shared_house.running.corridor).reader()
    results = [Result(case, read(reader, case), 0) for case in load_cases(group)]
    assert [each.case.words for each in results if each.is_silently_wrong] == []
    missed = [each.case.words for each in results if not each.exact]
    assert len(missed) <= 0.05 * len(results), missed

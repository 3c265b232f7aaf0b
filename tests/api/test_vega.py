"""A widget as a portable chart: the numbers of its answer to the letter, its receipt, and nothing to execute."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.conftest import House

from assay.answers.answer import Answer
from assay.catalog.formula import ValueType
from assay.compiler.question import Asked
from assay.widgets.vega import vega_lite
from assay.widgets.widget import Widget

CLAIMS = "claim_volume_l3_asurion"
KINDS = {
    "kpi": {"metrics": ["cost_avoided_mtd"]},
    "trend": {"metrics": [CLAIMS], "window": "trailing_7d", "grain": "day", "compare": "previous_period"},
    "bar": {"metrics": [CLAIMS], "dimensions": ["region"]},
    "table": {"metrics": [CLAIMS], "dimensions": ["region", "channel"], "limit": 5},
    "breakdown": {"metrics": [CLAIMS], "dimensions": ["channel"]},
    "combo": {"metrics": [CLAIMS, "claimants"], "window": "trailing_7d", "grain": "day"},
    "scatter": {"metrics": [CLAIMS, "claimants"], "dimensions": ["region"], "window": "trailing_7d"},
    "histogram": {"metrics": [CLAIMS], "window": "trailing_30d", "grain": "day"},
    "heatmap": {"metrics": [CLAIMS], "dimensions": ["region", "channel"]},
    "pivot": {"metrics": [CLAIMS], "dimensions": ["region", "channel"]},
    "multiples": {"metrics": [CLAIMS], "dimensions": ["region"], "window": "trailing_7d", "grain": "day"},
    "map": {"metrics": [CLAIMS], "dimensions": ["region"]},
}


async def export(house: House, **widget: object) -> dict[str, Any]:
    response = await house.client.post("/v1/widgets/vega-lite", json={"widget": widget})
    assert response.status_code == 200, response.text
    return response.json()


def marks(chart: dict[str, Any]) -> list[str]:
    return [layer["mark"]["type"] for layer in chart.get("layer", [chart])]


@pytest.mark.parametrize(
    "kind", [*list(KINDS)[:6], *(pytest.param(each, marks=pytest.mark.exhaustive) for each in list(KINDS)[6:])]
)
async def test_a_chart_carries_the_answer_and_its_receipt(shared_house: House, kind: str) -> None:
    question = KINDS[kind]
    chart = await export(shared_house, kind=kind, question=question, title="A title")
    asked = {name: value for name, value in question.items() if name != "metrics"}
    both = {"questions": [{"key": "q", **question}]}
    told = (await shared_house.client.post("/v1/data", json=both)).json()
    answer = told["answers"][0]["answer"] if len(question["metrics"]) > 1 else await shared_house.ask(
        question["metrics"][0], **asked)  # fmt: skip
    assert [list(row.values()) for row in chart["data"]["values"]] == answer["rows"]
    meta = chart["usermeta"]["assay"]
    assert (meta["receipt_id"], meta["answer_id"]) == (answer["provenance"]["receipt_id"], answer["answer_id"])
    assert (await shared_house.client.get(f"/v1/receipts/{meta['receipt_id']}")).status_code == 200
    assert chart["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json"
    assert f"receipt {meta['receipt_id']}" in chart["title"]["subtitle"]
    text = json.dumps(chart)
    # An expression language could run what stands in a name; no chart of ours has a word of it.
    assert not any(word in text for word in ('"expr"', '"signal"', '"calculate"', '"filter"', "datum[", '"href"', '"url"'))


async def test_each_kind_is_drawn_by_its_mark(shared_house: House) -> None:
    drawn = {kind: marks(await export(shared_house, kind=kind, question=question)) for kind, question in KINDS.items()}
    assert drawn == {"kpi": ["text"], "trend": ["line", "line"], "bar": ["bar"], "table": ["text"], "breakdown": ["arc"],
                     "combo": ["bar", "line"], "scatter": ["point"], "histogram": ["bar"], "heatmap": ["rect"],
                     "pivot": ["text"], "multiples": ["area"], "map": ["bar"]}  # fmt: skip


async def test_lines_thresholds_and_stacking_are_carried(shared_house: House) -> None:
    chart = await export(
        shared_house, kind="bar", question={"metrics": [CLAIMS], "dimensions": ["region"]},
        reference_lines=[{"value": "500", "label": "target"}],
        thresholds=[{"at": "100", "tone": "watch"}, {"at": "200.5", "tone": "bad"}], format={"decimals": 1},
    )  # fmt: skip
    bars, rule, text = chart["layer"]
    assert (rule["mark"]["type"], rule["encoding"]["x"]["datum"], text["mark"]["text"]) == ("rule", 500, "target")
    assert [each["test"]["gte"] for each in bars["encoding"]["color"]["condition"]] == [200.5, 100]
    assert bars["encoding"]["x"]["axis"]["format"] == ",.1f"
    split = {"metrics": [CLAIMS], "dimensions": ["region", "channel"], "grain": "day", "window": "trailing_7d"}
    stacked = await export(shared_house, kind="trend", question=split, stacked=True, series="region")
    assert (stacked["mark"]["type"], stacked["encoding"]["y"]["stack"]) == ("area", "zero")
    assert stacked["encoding"]["color"]["field"] == "region"


async def test_several_metrics_become_series(shared_house: House) -> None:
    both = {"metrics": [CLAIMS, "claimants"], "window": "trailing_7d", "grain": "day"}
    chart = await export(shared_house, kind="trend", question=both)
    assert chart["transform"] == [{"fold": both["metrics"], "as": ["metric", "amount"]}]
    assert chart["encoding"]["color"]["field"] == "metric"


async def test_a_question_without_an_answer_has_no_chart(shared_house: House) -> None:
    refused = await shared_house.client.post(
        "/v1/widgets/vega-lite", json={"widget": {"kind": "kpi", "question": {"metrics": ["x"]}}}
    )
    assert (refused.status_code, refused.json()["kind"]) == (404, "metric_not_found")


async def _answer(house: House, question: dict[str, Any], rows: list[list[Any]]) -> Answer:
    """A true answer's columns and provenance over rows of the test's own."""
    asked = Asked.model_validate({name: each for name, each in question.items() if name != "metrics"})
    return replace((await house.running.corridor.ask((CLAIMS,), asked)).answer, rows=rows)


async def test_parts_with_one_below_zero_are_bars_from_zero(shared_house: House) -> None:
    question = KINDS["breakdown"]
    widget = Widget.model_validate({"kind": "breakdown", "question": question})
    chart = vega_lite(widget, await _answer(shared_house, question, [["web", 5], ["app", -3]]), "Parts")
    assert marks(chart) == ["bar"]
    assert chart["encoding"]["x"]["scale"] == {"zero": True}


async def test_hours_with_their_offset_are_moved_into_no_reader_s_zone(shared_house: House) -> None:
    question = {"metrics": [CLAIMS], "grain": "hour", "window": "trailing_24h"}
    answer = await _answer(shared_house, question, [["2026-11-02T00:00:00-05:00", 1]])
    columns = tuple(replace(each, type=ValueType("timestamp")) if each.role == "time" else each for each in answer.columns)
    widget = Widget.model_validate({"kind": "trend", "question": question})
    chart = vega_lite(widget, replace(answer, columns=columns), "Hours")
    [time] = [each.name for each in columns if each.role == "time"]
    assert time not in chart["data"]["format"]["parse"]
    assert chart["encoding"]["x"]["type"] == "ordinal"

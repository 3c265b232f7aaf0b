"""A widget as a portable chart: the numbers of its answer to the letter, its receipt, and nothing to execute."""

import json
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from tests.conftest import House

from assay.answers.answer import Answer
from assay.catalog.formula import ValueType
from assay.compiler.question import Asked
from assay.people.scope import EVERYTHING
from assay.widgets import vega, vega_palette
from assay.widgets.vega import series_of, vega_lite
from assay.widgets.vega_palette import HUES
from assay.widgets.widget import DrawnKind, Widget

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
    "cohort": {
        "metrics": ["claimants_returning"],
        "dimensions": ["months_since"],
        "grain": "month",
        "window": "trailing_90d",
    },
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
    # A distribution counts whole buckets: of what still runs nobody knows how large it will be.
    partial = {each["time"] for each in answer["partial"]} if kind == "histogram" else set()
    assert [list(row.values()) for row in chart["data"]["values"]] == [
        row for row in answer["rows"] if row[0] not in partial
    ]
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
                     "pivot": ["text"], "multiples": ["area"], "map": ["bar"], "cohort": ["rect", "text"]}  # fmt: skip


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


async def test_a_value_has_the_colour_that_it_has_on_every_page(shared_house: House) -> None:
    question = {"metrics": ["claim_denials"], "dimensions": ["region", "channel"], "window": "trailing_30d"}
    chart = await export(shared_house, kind="bar", question=question, series="channel", shares=True)
    scale = chart["encoding"]["color"]["scale"]
    keys = [json.dumps([value]) for value in scale["domain"]]
    asked = {"dimension": "channel", "values": keys}
    told = (await shared_house.client.post("/v1/colours", json=asked)).json()["hues"]
    assert len(set(scale["range"])) == len(scale["domain"]) > 1
    assert dict(zip(keys, scale["range"], strict=True)) == {key: HUES[hue - 1] for key, hue in told.items()}
    assert (chart["encoding"]["x"]["stack"], chart["encoding"]["x"]["scale"]) == ("normalize", {"zero": True})
    lines = await export(shared_house, kind="trend", question={**question, "dimensions": ["channel"], "grain": "day"})
    same = dict(zip(*(lines["encoding"]["color"]["scale"][name] for name in ("domain", "range")), strict=True))
    assert all(dict(zip(scale["domain"], scale["range"], strict=True))[value] == each for value, each in same.items())


async def test_shares_of_what_does_not_add_up_are_refused(shared_house: House) -> None:
    question = {"metrics": ["csat"], "dimensions": ["region", "channel"], "window": "trailing_7d"}
    body = {"widget": {"kind": "bar", "question": question, "shares": True}}
    refused = await shared_house.client.post("/v1/widgets/vega-lite", json=body)
    assert (refused.status_code, refused.json()["detail"]) == (
        422, "csat does not add up, so its parts have no whole to be shares of",
    )  # fmt: skip


async def test_beyond_eight_the_seven_largest_have_colours_and_the_rest_is_grey(shared_house: House) -> None:
    question = {"metrics": [CLAIMS], "dimensions": ["region", "channel"], "window": "trailing_7d"}
    rows = [["West", f"c{at}", 20 - at] for at in range(12)]
    widget = Widget.model_validate({"kind": "bar", "question": question})
    answer = await _answer(shared_house, question, rows)
    dimension, keys = series_of(widget, answer)
    assert (dimension, keys) == ("channel", [f'["c{at}"]' for at in range(7)])
    chart = vega_lite(widget, answer, "Many", dict(zip(keys, range(1, 8), strict=True)))
    assert chart["encoding"]["color"]["scale"]["range"] == [*HUES[:7], *["#858a91"] * 5]


async def test_the_steps_of_a_funnel_are_bars_in_their_order(shared_house: House) -> None:
    question = {"metrics": [CLAIMS, "claimants"], "window": "trailing_7d"}
    answer = await _answer(shared_house, question, [[5, 3]], CLAIMS, "claimants")
    chart = vega_lite(Widget.model_validate({"kind": "funnel", "question": question}), answer, "Steps", {})
    assert chart["transform"] == [{"fold": question["metrics"], "as": ["metric", "amount"]}]
    assert chart["encoding"]["y"]["sort"] == question["metrics"]
    assert chart["encoding"]["x"]["scale"] == {"zero": True}


async def test_all_others_are_named_where_groups_have_their_values_and_are_grey(shared_house: House) -> None:
    question = {"metrics": [CLAIMS], "dimensions": ["region"], "window": "trailing_7d", "limit": 2, "others": True}
    chart = await export(shared_house, kind="breakdown", question=question)
    *kept, rest = chart["data"]["values"]
    scale = chart["encoding"]["color"]["scale"]
    assert len(kept) == 2
    assert rest["region"] == f"others ({rest['others']})" == scale["domain"][-1]
    assert scale["range"][-1] == "#858a91"
    assert "#858a91" not in scale["range"][:-1]
    whole = await shared_house.ask(CLAIMS, window="trailing_7d")
    assert sum(int(row["value"]) for row in (*kept, rest)) == int(whole["rows"][0][0])  # type: ignore[index]


async def test_a_day_that_no_row_speaks_of_is_a_gap(shared_house: House) -> None:
    question = {"metrics": [CLAIMS], "dimensions": ["channel"], "grain": "day", "window": "trailing_7d"}
    answer = await _answer(shared_house, question, [["2026-03-12", "web", 5], ["2026-03-15", "app", 3]])
    columns = tuple(replace(each, type=ValueType("date")) if each.role == "time" else each for each in answer.columns)
    widget = Widget.model_validate({"kind": "trend", "question": question})
    unknown = tuple(replace(each, empty="unknown") if each.role == "value" else each for each in columns)
    charts = [vega_lite(widget, replace(answer, columns=each), "Days", {}) for each in (columns, unknown)]
    added = [[list(row.values()) for row in chart["data"]["values"][2:]] for chart in charts]
    # What counts is 0 in every day of the window; of what is not known the days between are gaps.
    assert [row[2] for row in added[0]] == [0] * 5
    assert [[row[0][-2:] for row in rows] for rows in added] == [["11", "13", "14", "16", "17"], ["13", "14"]]
    assert added[1] == [["2026-03-13", "web", None], ["2026-03-14", "web", None]]
    assert [chart["encoding"]["y"]["impute"] for chart in charts] == [{"value": 0}, {"value": None}]


async def test_a_gap_is_told_column_by_column_and_no_point_is_made_of_one(shared_house: House) -> None:
    question = {"metrics": [CLAIMS, "claimants"], "grain": "day", "window": "trailing_7d"}
    answer = await _answer(shared_house, question, [["2026-03-12", 5, 2], ["2026-03-15", 3, 1]], CLAIMS, "claimants")
    columns = tuple(
        replace(each, empty="unknown" if each.metric_id == "claimants" else "zero") if each.role == "value" else each
        for each in answer.columns
    )
    drawn = {
        kind: vega_lite(
            Widget.model_validate({"kind": kind, "question": question}), replace(answer, columns=columns), "", {}
        )
        for kind in ("combo", "scatter")
    }
    rows = {kind: [list(row.values()) for row in chart["data"]["values"]] for kind, chart in drawn.items()}
    assert rows["combo"][2:] == [["2026-03-13", 0, None], ["2026-03-14", 0, None]]
    assert rows["scatter"] == [["2026-03-12", 5, 2], ["2026-03-15", 3, 1]]


async def test_hours_of_the_week_are_means_over_every_hour_of_the_window(shared_house: House) -> None:
    question = {"metrics": [CLAIMS], "grain": "hour", "window": {"start": "2026-03-03", "end": "2026-03-17"}}
    answer = await _answer(shared_house, question, [])
    zone = ZoneInfo(answer.question["window"]["timezone"])
    tuesday = datetime(2026, 3, 10, 9, tzinfo=zone).isoformat()
    widget = Widget.model_validate({"kind": "heatmap", "question": question})
    chart = vega_lite(widget, replace(answer, rows=[[tuesday, 4]]), "Week", {})
    x, y, color = (chart["encoding"][name] for name in ("x", "y", "color"))
    slots: dict[tuple[str, int], list[int]] = {}
    for row in chart["data"]["values"]:
        slots.setdefault((row[y["field"]], row[x["field"]]), []).append(row[color["field"]])
    # Two Tuesdays lie in the window: 4 on one of them and nothing on the other are 2 on average.
    assert (color["aggregate"], sorted(slots["Tuesday", 9])) == ("mean", [0, 4])
    assert (len(slots), sum(sum(held) for held in slots.values())) == (7 * 24, 4)


async def test_a_distribution_counts_a_bucket_without_rows_as_what_it_holds(shared_house: House) -> None:
    question = {"metrics": [CLAIMS], "grain": "day", "window": "trailing_7d"}
    rows = [["2026-03-12", 5], ["2026-03-14", None], ["2026-03-15", 3]]
    answer = replace(await _answer(shared_house, question, rows), partial=[{"time": "2026-03-12", "reason": "cut"}])
    unknown = tuple(replace(each, empty="unknown") if each.role == "value" else each for each in answer.columns)
    widget = Widget.model_validate({"kind": "histogram", "question": question})
    charts = [vega_lite(widget, replace(answer, columns=each), "Days", {}) for each in (answer.columns, unknown)]
    counted, known = ([row["value"] for row in chart["data"]["values"]] for chart in charts)
    # Of seven days one is cut and one holds no value: the others are 3 once, and 0.
    assert (sorted(counted), known) == ([0, 0, 0, 0, 3], [3])


async def test_points_of_the_earth_are_placed_and_as_large_as_their_values(shared_house: House) -> None:
    question = {"metrics": [CLAIMS], "dimensions": ["region", "channel"], "window": "trailing_7d"}
    answer = await _answer(shared_house, question, [["39.5", "-119.8", 9]])
    names = {"region": "latitude", "channel": "longitude"}
    columns = tuple(replace(each, name=names.get(each.name, each.name)) for each in answer.columns)
    asked = {"metrics": [CLAIMS], "dimensions": ["latitude", "longitude"]}
    widget = Widget.model_validate({"kind": "map", "question": asked})
    chart = vega_lite(widget, replace(answer, columns=columns), "Places", {})
    assert (chart["mark"]["type"], chart["encoding"]["longitude"]["field"]) == ("circle", "longitude")


@pytest.mark.exhaustive
async def test_the_bucket_that_holds_all_of_a_cohort_is_given_no_shade(shared_house: House) -> None:
    def told(first: float) -> list[list[Any]]:
        return [["2026-01-01", 0, first], ["2026-01-01", 1, 0.25], ["2026-02-01", 0, 1.0], ["2026-02-01", 1, None]]

    found: list[dict[str, Any]] = []
    for first in (1.0, 0.5):
        answer = await _answer(shared_house, KINDS["cohort"], told(first), *KINDS["cohort"]["metrics"])
        widget = Widget.model_validate({"kind": "cohort", "question": KINDS["cohort"]})
        found.append(vega_lite(widget, answer, "Cohorts", {})["layer"][0]["encoding"]["color"])
    given, other = found
    assert given["condition"] == {"test": {"field": "months_since", "equal": 0}, "value": vega_palette.NEUTRAL}
    assert given["scale"]["domain"] == [0, 0.25]
    assert "condition" not in other
    assert "domain" not in other["scale"]


def test_every_kind_that_is_drawn_has_its_chart() -> None:
    assert set(vega._KINDS) == set(get_args(DrawnKind))


def test_the_colours_are_those_of_the_stylesheet() -> None:
    css = (Path(__file__).parents[2] / "frontend" / "src" / "styles.css").read_text()
    light = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]+);", css.partition("}")[0]))
    assert [light[f"c{at}"] for at in range(1, 9)] == list(HUES)
    assert [light[f"s{at}"] for at in range(1, 8)] == list(vega_palette.SEQUENTIAL)
    assert [light[f"d{at}"] for at in range(1, 8)] == list(vega_palette.DIVERGING)
    assert (light["others"], light["compare"], light["accent"], light["bg"]) == (
        vega_palette.OTHERS,
        vega_palette.COMPARE,
        vega_palette.ACCENT,
        vega_palette.NEUTRAL,
    )
    assert (light["good"], light["stale"], light["bad"]) == tuple(vega_palette.TONES.values())


async def test_a_question_without_an_answer_has_no_chart(shared_house: House) -> None:
    refused = await shared_house.client.post(
        "/v1/widgets/vega-lite", json={"widget": {"kind": "kpi", "question": {"metrics": ["x"]}}}
    )
    assert (refused.status_code, refused.json()["kind"]) == (404, "metric_not_found")


async def _answer(house: House, question: dict[str, Any], rows: list[list[Any]], *metrics: str) -> Answer:
    """A true answer's columns and provenance over rows of the test's own."""
    asked = Asked.model_validate({name: each for name, each in question.items() if name != "metrics"})
    return replace((await house.running.corridor.ask(metrics or (CLAIMS,), asked, EVERYTHING)).answer, rows=rows)


async def test_parts_with_one_below_zero_are_bars_from_zero(shared_house: House) -> None:
    question = KINDS["breakdown"]
    widget = Widget.model_validate({"kind": "breakdown", "question": question})
    chart = vega_lite(widget, await _answer(shared_house, question, [["web", 5], ["app", -3]]), "Parts", {})
    assert marks(chart) == ["bar"]
    assert chart["encoding"]["x"]["scale"] == {"zero": True}


async def test_hours_with_their_offset_are_moved_into_no_reader_s_zone(shared_house: House) -> None:
    question = {"metrics": [CLAIMS], "grain": "hour", "window": "trailing_24h"}
    answer = await _answer(shared_house, question, [["2026-11-02T00:00:00-05:00", 1]])
    columns = tuple(replace(each, type=ValueType("timestamp")) if each.role == "time" else each for each in answer.columns)
    widget = Widget.model_validate({"kind": "trend", "question": question})
    chart = vega_lite(widget, replace(answer, columns=columns), "Hours", {})
    [time] = [each.name for each in columns if each.role == "time"]
    assert time not in chart["data"]["format"]["parse"]
    assert chart["encoding"]["x"]["type"] == "ordinal"

"""Saved widgets: checked before they are kept, changed by version, undone after a delete, set on dashboards."""

import asyncio
from typing import Any

import pytest
from httpx import Response
from tests.conftest import House, eventually

CLAIMS = "claim_volume_l3_asurion"
BAR = {"kind": "bar", "title": "Claims by region", "question": {"metrics": [CLAIMS], "dimensions": ["region"], "limit": 5}}


async def save(house: House, widget: dict[str, Any] = BAR, **more: object) -> Response:
    return await house.client.post("/v1/widgets", json={"widget": widget, **more})


async def saved(house: House, widget: dict[str, Any] = BAR, **more: object) -> dict[str, Any]:
    response = await save(house, widget, **more)
    assert response.status_code == 201, response.text
    return response.json()


async def listed(house: House, query: str = "") -> dict[str, dict[str, Any]]:
    response = await house.client.get(f"/v1/widgets{query}")
    assert response.status_code == 200
    return {each["widget_id"]: each for each in response.json()["widgets"]}


async def change(house: House, widget_id: str, widget: dict[str, Any], version: object) -> Response:
    return await house.client.patch(f"/v1/widgets/{widget_id}", json={"widget": widget}, headers={"if-match": str(version)})


async def board(house: House, name: str) -> dict[str, Any]:
    response = await house.client.get(f"/v1/dashboards/{name}")
    assert response.status_code == 200, response.text
    return response.json()


def written(widget: dict[str, Any]) -> dict[str, Any]:
    """What was sent of a widget as it came back."""
    return {name: widget[name] for name in ("kind", "title")} | {
        "question": {name: value for name, value in widget["question"].items() if name in BAR["question"]}  # pyright: ignore
    }


async def test_a_saved_widget_is_listed_named_after_its_title_and_answers(house: House) -> None:
    made = await saved(house)
    assert made["widget_id"].startswith("claims-by-region-")
    assert (made["label"], made["version"], made["problem"], made["dashboard"]) == ("Claims by region", 1, None, None)
    kept = (await listed(house))[made["widget_id"]]
    assert written(kept["widget"]) == BAR
    answer = await house.client.post(f"/v1/widgets/{made['widget_id']}/data")
    asked = await house.ask(CLAIMS, dimensions=["region"], limit=5)
    assert answer.json()["rows"] == asked["rows"]
    assert answer.headers["etag"] == f'"{asked["answer_id"]}"'


@pytest.mark.exhaustive
async def test_a_widget_without_a_title_bears_the_label_of_its_metric(house: House) -> None:
    made = await saved(house, {"kind": "kpi", "question": {"metrics": [CLAIMS]}})
    assert made["label"] == "Claim volume"


@pytest.mark.exhaustive
async def test_a_question_that_the_catalog_cannot_answer_is_not_saved(house: House) -> None:
    for question, status, field in (
        ({"metrics": ["claim_volume"]}, 404, None),
        ({"metrics": [CLAIMS], "dimensions": ["colour"]}, 422, "widget.question.dimensions.0"),
        ({"metrics": [CLAIMS], "window": "last_moon"}, 422, "widget.question.window"),
        ({"metrics": [CLAIMS], "filters": [{"dimension": "region", "op": "eq", "values": [3]}]}, 422,
         "widget.question.filters.0.values"),
    ):  # fmt: skip
        refused = await save(house, {"kind": "bar", "question": question})
        assert (refused.status_code, refused.json().get("field")) == (status, field), refused.text
    spark = await save(house, {**BAR, "spark": {"metrics": [CLAIMS], "grain": "day", "window": "for_ever"}})
    assert (spark.status_code, spark.json()["field"]) == (422, "widget.spark.window")
    assert await listed(house) == {}


async def test_add_to_dashboard_sets_the_tile_below_the_others(house: House) -> None:
    before = await board(house, "overview")
    below = max(tile["y"] + tile["h"] for tile in before["tiles"])
    made = await saved(house, dashboard_id="overview")
    after = await board(house, "overview")
    assert after == made["dashboard"]
    assert after["version"] == before["version"] + 1
    *others, tile = after["tiles"]
    assert others == before["tiles"]
    assert (tile["widget_id"], tile["x"], tile["y"]) == (made["widget_id"], 0, below)
    assert tile["widget"] == made["widget"]


@pytest.mark.exhaustive
async def test_a_widget_for_a_dashboard_that_is_not_there_is_not_saved_either(house: House) -> None:
    refused = await save(house, dashboard_id="overveiw")
    assert (refused.status_code, refused.json()["mend"]) == (404, "Did you mean 'overview'?")
    assert await listed(house) == {}


@pytest.mark.exhaustive
async def test_a_full_dashboard_takes_no_widget_and_none_is_saved(house: House) -> None:
    full = await board(house, "overview")
    tiles = [{**full["tiles"][0], "widget_id": f"w{n}", "x": 0, "y": n} for n in range(64)]
    entry = {"dashboard_id": "overview", "label": "Full", "tiles": tiles}
    put = await house.client.put("/v1/dashboards/overview", json=entry, headers={"if-match": "0"})
    assert put.status_code == 200
    refused = await save(house, dashboard_id="overview")
    assert (refused.status_code, "64 tiles" in refused.json()["detail"]) == (422, True)
    assert await listed(house) == {}


async def test_several_people_who_add_at_once_all_find_their_tile(house: House) -> None:
    made = await asyncio.gather(*(saved(house, dashboard_id="overview") for _ in range(4)))
    tiles = (await board(house, "overview"))["tiles"]
    assert {each["widget_id"] for each in made} <= {tile["widget_id"] for tile in tiles}
    places = [(tile["x"], tile["y"]) for tile in tiles]
    assert len(set(places)) == len(places)


async def test_who_changes_a_widget_second_over_the_same_version_is_told(house: House) -> None:
    made = await saved(house)
    first = await change(house, made["widget_id"], {**BAR, "title": "First"}, made["version"])
    assert (first.status_code, first.json()["version"], first.json()["label"]) == (200, 2, "First")
    second = await change(house, made["widget_id"], {**BAR, "title": "Second"}, made["version"])
    assert (second.status_code, second.json()["kind"]) == (412, "widget_moved")
    assert (await listed(house))[made["widget_id"]]["label"] == "First"
    assert (await change(house, made["widget_id"], BAR, "soon")).status_code == 400
    assert (await change(house, "nobody-s", BAR, 1)).status_code == 404


async def test_tiles_follow_a_change_until_they_were_changed_themselves(house: House) -> None:
    made = await saved(house, dashboard_id="overview")
    copied = await house.client.post("/v1/dashboards", json={"label": "Mine", "copy_of": "overview"})
    mine = copied.json()
    own = [{**tile, "widget": {**tile["widget"], "title": "Here"}} if tile["widget_id"] == made["widget_id"] else tile
           for tile in mine["tiles"]]  # fmt: skip
    entry = {**{name: mine[name] for name in ("dashboard_id", "label")}, "tiles": own}
    assert (await house.client.put("/v1/dashboards/mine", json=entry, headers={"if-match": "1"})).status_code == 200
    changed = await change(house, made["widget_id"], {**BAR, "title": "Everywhere"}, 1)
    assert changed.json()["dashboards"] == ["overview"]
    titles = [(await board(house, name))["tiles"][-1]["widget"]["title"] for name in ("overview", "mine")]
    assert titles == ["Everywhere", "Here"]


async def test_a_delete_is_undone_and_the_tiles_stay(house: House) -> None:
    made = await saved(house, dashboard_id="overview")
    name = made["widget_id"]
    stale = await house.client.request("DELETE", f"/v1/widgets/{name}", headers={"if-match": "7"})
    assert (stale.status_code, stale.json()["kind"]) == (412, "widget_moved")
    gone = await house.client.delete(f"/v1/widgets/{name}")
    assert gone.json()["deleted_at"] is not None
    assert name not in await listed(house)
    assert (await listed(house, "?deleted=true"))[name]["deleted_at"] is not None
    missing = await house.client.post(f"/v1/widgets/{name}/data")
    assert (missing.status_code, "/restore" in missing.json()["mend"]) == (404, True)
    assert (await change(house, name, BAR, gone.json()["version"])).status_code == 404
    assert (await house.client.delete(f"/v1/widgets/{name}")).status_code == 404
    assert (await board(house, "overview"))["tiles"][-1]["widget_id"] == name
    back = await house.client.post(f"/v1/widgets/{name}/restore")
    assert (back.status_code, back.json()["deleted_at"]) == (200, None)
    assert name in await listed(house)
    assert (await house.client.post(f"/v1/widgets/{name}/restore")).status_code == 404


@pytest.mark.exhaustive
async def test_what_was_deleted_long_ago_is_forgotten_at_the_next_save(house: House) -> None:
    made = await saved(house)
    await house.client.delete(f"/v1/widgets/{made['widget_id']}")
    await house.running.database.fetch("UPDATE assay.widget SET deleted_at = now() - interval '31 days' RETURNING 1")
    await saved(house)
    assert made["widget_id"] not in await listed(house, "?deleted=true")


@pytest.mark.exhaustive
async def test_a_widget_whose_metric_has_disappeared_stays_and_says_so(house: House) -> None:
    made = await saved(house, {"kind": "kpi", "question": {"metrics": ["csat"]}})
    file = house.root / "metrics" / "experience.yaml"
    file.write_text(file.read_text().replace("- id: csat\n", "- id: csat_renamed\n"))

    async def gone() -> bool:
        return (await listed(house))[made["widget_id"]]["problem"] is not None

    await eventually(gone)
    kept = (await listed(house))[made["widget_id"]]
    assert (kept["problem"], kept["label"]) == ("There is no metric 'csat'.", "csat")
    answer = await house.client.post(f"/v1/widgets/{made['widget_id']}/data")
    assert (answer.status_code, answer.json()["kind"]) == (404, "metric_not_found")


async def test_a_text_stands_among_the_tiles_and_asks_nothing(house: House) -> None:
    text = {"kind": "text", "text": "# Claims\n\nWhat came in."}
    made = await saved(house, text, dashboard_id="overview")
    assert made["label"] == "Claims"
    tile = (await board(house, "overview"))["tiles"][-1]
    assert (tile["w"], tile["widget"]["text"], tile["widget"]["question"]["metrics"]) == (12, text["text"], [])
    asked = await house.client.post(f"/v1/widgets/{made['widget_id']}/data")
    assert (asked.status_code, asked.json()["detail"]) == (422, "a text asks nothing, so it has no answer")
    written = await house.client.get("/v1/dashboards/overview/yaml")
    again = await house.client.put(
        "/v1/dashboards/overview/yaml", content=written.text,
        headers={"if-match": str((await board(house, "overview"))["version"])},
    )  # fmt: skip
    assert again.status_code in (200, 204), again.text
    assert (await board(house, "overview"))["tiles"][-1]["widget"]["text"] == text["text"]

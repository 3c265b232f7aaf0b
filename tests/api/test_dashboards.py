"""Dashboards: the file's, the one changed on the screen, and two people who change it at once."""

from typing import Any

import pytest
from tests.api.steps import banner, no_problems
from tests.conftest import House, eventually


async def get(house: House) -> dict[str, Any]:
    response = await house.client.get("/v1/dashboards/overview")
    assert response.status_code == 200
    return response.json()


async def put(house: House, body: dict[str, Any], version: object) -> Any:
    entry = {name: value for name, value in body.items() if name not in ("version", "edited")}
    return await house.client.put("/v1/dashboards/overview", json=entry, headers={"if-match": str(version)})


async def test_the_dashboards_of_the_workspace_are_listed_and_served(shared_house: House) -> None:
    listed = (await shared_house.client.get("/v1/dashboards")).json()["dashboards"]
    assert [each["dashboard_id"] for each in listed] == ["overview", "operations", "customers"]
    overview = await get(shared_house)
    assert (overview["version"], overview["edited"]) == (0, False)
    assert overview["tiles"]
    missing = await shared_house.client.get("/v1/dashboards/overveiw")
    assert (missing.status_code, missing.json()["mend"]) == (404, "Did you mean 'overview'?")


async def test_a_layout_is_kept_until_it_is_put_back(house: House) -> None:
    file = await get(house)
    changed = {**file, "tiles": [{**file["tiles"][0], "x": 3, "h": 5}, *file["tiles"][1:]], "label": "Mine \u2603"}
    saved = await put(house, changed, file["version"])
    assert (saved.status_code, saved.json()["version"], saved.json()["edited"]) == (200, 1, True)
    kept = await get(house)
    assert (kept["tiles"], kept["label"], kept["version"]) == (changed["tiles"], "Mine \u2603", 1)
    back = await house.client.post("/v1/dashboards/overview/reset")
    assert back.json()["tiles"] == file["tiles"]
    assert back.json()["edited"] is False


async def test_who_saves_second_over_the_same_version_is_told_and_nothing_is_lost(house: House) -> None:
    seen = await get(house)
    assert (await put(house, {**seen, "label": "First"}, seen["version"])).status_code == 200
    second = await put(house, {**seen, "label": "Second"}, seen["version"])
    assert (second.status_code, second.json()["kind"]) == (412, "dashboard_moved")
    assert second.headers["content-type"] == "application/problem+json"
    assert (await get(house))["label"] == "First"


@pytest.mark.exhaustive
async def test_a_version_from_before_a_reset_never_fits_again(house: House) -> None:
    file = await get(house)
    old = (await put(house, {**file, "label": "Old"}, 0)).json()
    back = (await house.client.post("/v1/dashboards/overview/reset")).json()
    assert back["version"] > old["version"]
    assert (await put(house, {**file, "label": "New"}, back["version"])).status_code == 200
    assert (await put(house, {**old, "label": "Older"}, old["version"])).status_code == 412
    assert (await put(house, {**old, "label": "Older"}, 0)).status_code == 412
    assert (await get(house))["label"] == "New"


def tile(**changes: object) -> dict[str, Any]:
    widget = {"kind": "kpi", "question": {"metrics": ["csat"]}}
    return {"widget_id": "one", "x": 0, "y": 0, "w": 3, "h": 2, "widget": widget, **changes}


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"tiles": [tile(), tile()]}, 422, "tiles"),
        ({"tiles": [tile(x=10, w=3)]}, 422, "tiles.0.w"),
        ({"tiles": [tile(x=-1)]}, 422, "tiles.0.x"),
        ({"tiles": [tile(w="wide")]}, 422, "tiles.0.w"),
        ({"tiles": [tile(widget_id="../up")]}, 422, "tiles.0.widget_id"),
        ({"tiles": [tile(widget={"kind": "pie", "question": {"metrics": ["csat"]}})]}, 422, "tiles.0.widget.kind"),
        ({"tiles": [tile(widget={"kind": "kpi", "question": {"metrics": []}})]}, 422, "tiles.0.widget.question.metrics"),
        ({"tiles": [tile(widget_id=f"t{n}") for n in range(65)]}, 422, "tiles"),
        ({"label": ""}, 422, "label"),
        ({"label": "a\u0000b"}, 400, None),
        ({"surprise": 1}, 422, "surprise"),
        ({"dashboard_id": "operations"}, 400, None),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_bad_dashboard_is_refused_with_the_field(
    shared_house: House, changes: dict[str, Any], status: int, field: str | None
) -> None:
    before = await get(shared_house)
    refused = await put(shared_house, {**before, **changes}, before["version"])
    assert refused.status_code == status, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json().get("field") == field
    assert await get(shared_house) == before


@pytest.mark.parametrize(
    ("compare", "mend"),
    [("previous_yeer", "Did you mean 'previous_year'?"), ("x" * 3000, None), (1, None), (["previous_year"], None)],
    ids=["misspelt", "long", "number", "list"],
)
async def test_a_large_body_is_refused_as_a_small_one_is(shared_house: House, compare: object, mend: str | None) -> None:
    before = await get(shared_house)
    wrong = tile(widget={"kind": "kpi", "question": {"metrics": ["csat"], "compare": compare}})
    for more in (0, 20):
        tiles = [wrong, *(tile(widget_id=f"t{n}", y=2 + 2 * n) for n in range(more))]
        refused = await put(shared_house, {**before, "tiles": tiles}, before["version"])
        assert (refused.status_code, refused.json().get("field")) == (422, "tiles.0.widget.question.compare"), refused.text
        assert refused.json().get("mend") == mend


@pytest.mark.parametrize("version", ["", "*", "-1", "one", "1.0", "9" * 10, '"one"'])
async def test_a_save_without_a_version_is_refused(shared_house: House, version: str) -> None:
    refused = await put(shared_house, await get(shared_house), version)
    assert (refused.status_code, refused.json()["kind"]) == (400, "bad_request")


async def test_a_save_must_say_which_version_it_saw(shared_house: House) -> None:
    body = {"dashboard_id": "overview", "label": "x", "tiles": []}
    refused = await shared_house.client.put("/v1/dashboards/overview", json=body)
    assert (refused.status_code, refused.json()["kind"]) == (422, "bad_question")
    assert "if-match" in refused.json()["field"]


async def test_a_broken_dashboard_file_is_in_the_banner_and_hides_no_other(house: House) -> None:
    file = next((house.root / "dashboards").glob("*overview.yaml"))
    whole = file.read_text()
    file.write_text(whole.replace("kind: kpi", "kind: pie", 1))
    shown = await eventually(banner(house, "widget.kind"))
    assert (shown["kind"], shown["file"]) == ("dashboard", f"dashboards/{file.name}")
    assert shown["line"] == 1 + next(n for n, line in enumerate(file.read_text().splitlines()) if "pie" in line)
    assert shown["mend"].endswith("its last good form is shown until then")
    listed = (await house.client.get("/v1/dashboards")).json()["dashboards"]
    assert [each["dashboard_id"] for each in listed] == ["overview", "operations", "customers"]
    assert (await get(house))["tiles"]
    file.write_text(whole)
    await eventually(no_problems(house))
    assert (await get(house))["tiles"]

"""A dashboard has two doors, its file and the screen: neither hides what came through the other."""

from pathlib import Path
from typing import Any

import pytest
from tests.api.steps import banner, no_problems
from tests.api.test_dashboards import get, put
from tests.conftest import House, eventually, open_house

AT = "/v1/dashboards/overview"


def file_of(root: Path) -> Path:
    return next((root / "dashboards").glob("*overview.yaml"))


def edit(root: Path, old: str, new: str) -> None:
    file = file_of(root)
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))


async def taller(house: House) -> dict[str, Any]:
    """The last tile a row taller, saved as the page saves a layout."""
    shown = await get(house)
    shown["tiles"][-1]["h"] += 1
    saved = await put(house, shown, shown["version"])
    assert saved.status_code == 200, saved.text
    return saved.json()


@pytest.mark.exhaustive
async def test_an_edit_of_the_file_is_shown_under_what_the_screen_changed(house: House) -> None:
    before = await taller(house)
    assert (await house.client.get(f"{AT}/changes")).json()["diff"].count("\n+") >= 1
    edit(house.root, f"label: {before['label']}", "label: Another label")
    fresh = "- {widget_id: fresh, x: 0, y: 90, w: 3, h: 2, widget: {kind: kpi, question: {metrics: [csat]}}}\n"
    indent = file_of(house.root).read_text().partition("- widget_id")[0].splitlines()[-1]
    file_of(house.root).write_text(file_of(house.root).read_text().rstrip("\n") + "\n" + indent + fresh)

    async def laid_over() -> bool:
        return (await get(house))["label"] == "Another label"

    await eventually(laid_over)
    shown = await get(house)
    assert [each["widget_id"] for each in shown["tiles"]][-1] == "fresh"
    assert shown["tiles"][-2]["h"] == before["tiles"][-1]["h"]
    listed = (await house.client.get("/v1/dashboards")).json()["dashboards"]
    assert listed[0]["label"] == "Another label"
    # The page that shows the older one has to read again before it saves.
    assert (await put(house, before, before["version"])).status_code == 412
    back = (await house.client.post(f"{AT}/reset")).json()
    assert (back["edited"], back["label"]) == (False, "Another label")
    assert (await house.client.get(f"{AT}/changes")).json()["diff"] == ""


async def test_a_page_that_was_opened_before_the_file_was_edited_does_not_undo_the_edit(house: House) -> None:
    opened = await get(house)
    edit(house.root, f"label: {opened['label']}", "label: Another label")

    async def taken() -> bool:
        return (await get(house))["label"] == "Another label"

    await eventually(taken)
    opened["tiles"][-1]["h"] += 1
    assert (await put(house, opened, opened["version"])).status_code == 412


@pytest.mark.exhaustive
async def test_a_file_edited_while_nothing_ran_is_laid_over_at_the_next_start(
    database_url: str, workspace_copy: Path, lake: Path, tmp_path: Path
) -> None:
    async with open_house(database_url, workspace_copy, lake, tmp_path / "one") as first:
        before = await taller(first)
    edit(workspace_copy, f"label: {before['label']}", "label: Another label")
    async with open_house(database_url, workspace_copy, lake, tmp_path / "two") as second:
        shown = await get(second)
    assert (shown["label"], shown["tiles"][-1]["h"]) == ("Another label", before["tiles"][-1]["h"])


@pytest.mark.exhaustive
async def test_what_was_saved_on_the_screen_is_checked_like_a_file(house: House) -> None:
    """Its metric is taken out of the catalog, and nobody asks the tile."""
    await taller(house)
    saved = await house.client.post("/v1/widgets", json={"widget": {"kind": "kpi", "question": {"metrics": ["csat"]}}})
    assert saved.status_code == 201
    made = await house.client.post("/v1/dashboards", json={"label": "Mine", "dashboard_id": "mine"})
    assert made.status_code == 201
    widget = {"kind": "kpi", "question": {"metrics": ["csat"]}}
    await house.client.post("/v1/widgets", json={"widget": widget, "dashboard_id": "mine"})
    file = next(each for each in (house.root / "metrics").glob("*.yaml") if "id: csat\n" in each.read_text())
    whole = file.read_text()
    file.write_text(whole.replace("id: csat\n", "id: csat_score\n", 1))

    async def told() -> bool:
        problems = (await house.client.get("/v1/workspace")).json()["problems"]
        places = {str(each["file"]).partition(" ")[0] for each in problems if "csat" in each["message"]}
        return {"dashboard", "saved"} <= places

    await eventually(told)
    validated = (await house.client.post("/v1/validate")).json()
    assert any(each["file"].startswith("dashboard mine") for each in validated["findings"])
    file.write_text(whole)
    await eventually(no_problems(house))


@pytest.mark.exhaustive
async def test_a_tile_that_cannot_be_asked_any_more_is_in_the_banner_with_its_line(house: House) -> None:
    """A dimension was renamed: the metric is as good as ever, and the tile is not."""
    text = file_of(house.root).read_text()
    line = next(n for n, each in enumerate(text.splitlines(), 1) if "dimensions: [" in each)
    name = text.splitlines()[line - 1].partition("dimensions: [")[2].partition("]")[0].split(",")[0]
    edit(house.root, f"dimensions: [{name}", "dimensions: [nowhere")
    shown = await eventually(banner(house, "has no dimension 'nowhere'"))
    assert (shown["kind"], shown["line"]) == ("dashboard", line)

"""A widget by saying what one wants, as a person meets it; and what can be done with a dashboard afterwards."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LOOKS, Served, overflow, until, violations
from tests.browser.test_overview import hallmark, overview, run_command, tile

Open = Callable[..., Page]


@pytest.fixture(autouse=True)
def _as_it_was(served: Served) -> Iterator[None]:
    yield
    httpx.post(f"{served.url}/v1/dashboards/overview/reset", timeout=120).raise_for_status()


def dialog(page: Page, name: str = "Add widget") -> Locator:
    return page.get_by_role("dialog", name=name)


def say(page: Page, words: str) -> None:
    field = page.get_by_label("What do you want to see?")
    field.fill(words)
    field.press("Enter")


def preview(page: Page) -> Locator:
    return page.get_by_role("region", name="Preview").get_by_role("article")


def tiles(served: Served, dashboard: str = "overview") -> list[dict[str, object]]:
    return httpx.get(f"{served.url}/v1/dashboards/{dashboard}", timeout=120).raise_for_status().json()["tiles"]


def act_on(page: Page, label: str, action: str) -> None:
    tile(page, label).get_by_role("button", name=re.compile("^Actions for")).click()
    page.get_by_role("menuitem", name=action).click()


def test_words_a_question_a_preview_and_the_widget_is_there_after_a_reload(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    before = len(tiles(served))
    page.get_by_role("button", name="Add widget").click()
    say(page, "denied claims by severity last 30 days")
    question = page.get_by_role("group", name=re.compile("severity"))
    expect(question.get_by_role("button").first).to_be_focused()
    assert len(tiles(served)) == before
    question.get_by_role("button", name=re.compile("Leave")).click()
    asked = httpx.post(f"{served.url}/v1/metrics/claim_denials/data", json={"window": "trailing_30d"}, timeout=120).json()
    expect(preview(page).locator("p").first).to_have_text(f"{int(asked['rows'][0][0]):,}")
    expect(preview(page).locator("[data-state]")).to_contain_text("live")
    expect(dialog(page)).to_contain_text("Read by the words alone")
    expect(dialog(page)).to_contain_text("SELECT")
    assert len(tiles(served)) == before, "a preview saves nothing"
    dialog(page).get_by_role("button", name="Add to dashboard").click()
    expect(dialog(page)).to_have_count(0)
    until(lambda: len(tiles(served)) == before + 1)
    added = str(tiles(served)[-1]["widget_id"])
    expect(page.locator(f"[data-tile={added}]")).to_be_focused()
    page.reload()
    mark = page.locator(f"[data-hallmark={added}]")
    expect(mark).to_contain_text("live")
    mark.click()
    sheet = page.get_by_role("complementary", name="Receipt")
    expect(sheet).to_contain_text("Denied claims")
    expect(sheet).to_contain_text("SELECT")


@pytest.mark.exhaustive
def test_the_keyboard_alone_adds_a_widget(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    before = len(tiles(served))
    page.keyboard.press("Control+i")
    expect(page.get_by_label("What do you want to see?")).to_be_focused()
    page.keyboard.type("claims by severity")
    page.keyboard.press("Enter")
    expect(page.locator("[data-choice]").first).to_be_focused()
    page.keyboard.press("Enter")
    keep = dialog(page).get_by_role("button", name="Add to dashboard")
    expect(keep).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog(page)).to_have_count(0)
    until(lambda: len(tiles(served)) == before + 1)
    expect(page.locator(f"[data-tile={tiles(served)[-1]['widget_id']}]")).to_be_focused()


@pytest.mark.exhaustive
def test_what_is_typed_into_the_palette_is_read(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("cost avoided by region")
    page.get_by_role("option", name=re.compile("Add a widget")).click()
    expect(preview(page)).to_contain_text("West")
    expect(page.get_by_label("What do you want to see?")).to_have_value("cost avoided by region")


def test_what_is_not_there_is_declined_and_the_nearest_go_on(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    page.keyboard.press("Control+i")
    say(page, "unicorn sales")
    declined = page.get_by_role("region", name="Declined")
    expect(declined).to_contain_text("no metric")
    expect(dialog(page).get_by_role("button", name="Add to dashboard")).to_be_disabled()
    declined.locator("[data-choice]").first.click()
    expect(preview(page).locator("[data-state]")).to_be_visible()
    say(page, "phone numbers of customers")
    expect(page.get_by_role("region", name="Declined")).to_contain_text("personal data")


@pytest.mark.exhaustive
def test_a_session_goes_on_after_a_reload(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    page.keyboard.press("Control+i")
    say(page, "claims by severity")
    expect(page.locator("[data-choice]").first).to_be_visible()
    expect(page).to_have_url(re.compile("ask="))
    page.reload()
    page.locator("[data-choice]").first.click()
    expect(preview(page).locator("[data-state]")).to_be_visible()


@pytest.mark.exhaustive
def test_an_edit_by_words_and_by_form_changes_one_spec(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    act_on(page, "Claim volume", "Edit…")
    edit = dialog(page, "Edit widget")
    expect(edit.get_by_role("button", name="Save")).to_be_disabled()
    edit.get_by_label("What shall change?").fill("make it weekly, only the West")
    page.keyboard.press("Enter")
    expect(edit.get_by_label("Per", exact=True)).to_have_value("week")
    expect(edit.get_by_label("Value")).to_have_value("West")
    edit.get_by_label("Per", exact=True).select_option("month")
    edit.get_by_role("tab", name="Spec JSON").click()
    expect(edit.get_by_role("tabpanel", name="Spec JSON")).to_contain_text('"grain": "month"')
    edit.get_by_role("button", name="Save").click()
    expect(edit).to_have_count(0)
    saved = next(each for each in tiles(served) if each["widget_id"] == "claim_volume")["widget"]
    assert isinstance(saved, dict)
    assert saved["question"]["grain"] == "month"
    assert saved["question"]["filters"] == [{"dimension": "region", "op": "eq", "values": ["West"]}]
    page.keyboard.press("Control+z")
    until(lambda: "monthly" not in json.dumps(tiles(served)) and '"West"' not in json.dumps(tiles(served)))


@pytest.mark.exhaustive
def test_a_tile_that_was_taken_off_comes_back_by_keyboard(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    before = tiles(served)
    act_on(page, "Top issues", "Take off the dashboard")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    until(lambda: len(tiles(served)) == len(before) - 1)
    page.keyboard.press("Enter")
    expect(tile(page, "Top issues")).to_be_visible()
    until(lambda: sorted(map(str, tiles(served))) == sorted(map(str, before)))


@pytest.mark.exhaustive
def test_a_bar_filters_the_page_and_the_address_can_be_sent(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    whole = tile(page, "Cost avoided (MTD)").locator("p").first.inner_text()
    tile(page, "Claims by product").get_by_role("button", name="Phone").first.click()
    expect(page).to_have_url(re.compile(r"is\.category=Phone"))
    expect(tile(page, "Cost avoided (MTD)").locator("p").first).not_to_have_text(whole)
    expect(tile(page, "Active issues")).to_contain_text("not filtered by product category")
    filtered = tile(page, "Cost avoided (MTD)").locator("p").first.inner_text()
    other = open_page()
    other.goto(page.url)
    expect(tile(other, "Cost avoided (MTD)").locator("p").first).to_have_text(filtered)
    other.get_by_role("button", name=re.compile("^Remove Product category: Phone")).click()
    expect(tile(other, "Cost avoided (MTD)").locator("p").first).to_have_text(whole)
    expect(other).not_to_have_url(re.compile("category"))


def test_the_rows_behind_a_number_are_shown_with_their_sql(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    tile(page, "Claims by product").get_by_title("Rows behind Phone").click()
    rows = page.get_by_role("dialog", name=re.compile("^Rows behind"))
    expect(rows.get_by_role("row")).to_have_count(201)
    expect(rows.get_by_role("columnheader").first).to_be_visible()
    assert {cell.strip() for cell in rows.get_by_role("cell", name="Tablet", exact=True).all_inner_texts()} == set()
    rows.get_by_text("The SQL that fetched them").click()
    expect(rows).to_contain_text("SELECT")


@pytest.mark.exhaustive
@pytest.mark.parametrize(("item", "ending"), [("Export CSV", "csv"), ("Export PNG", "png"), ("Export Vega-Lite", "vl.json")])
def test_an_export_has_its_receipt_in_its_name_and_inside(
    open_page: Open, served: Served, tmp_path: Path, item: str, ending: str
) -> None:
    page = overview(open_page, served)
    expect(hallmark(page, "Claims by product")).to_be_visible()
    with page.expect_download() as started:
        act_on(page, "Claims by product", item)
    file = tmp_path / started.value.suggested_filename
    started.value.save_as(file)
    receipt = file.name.removeprefix("claims-by-product-").removesuffix(f".{ending}")
    assert httpx.get(f"{served.url}/v1/receipts/{receipt}", timeout=120).status_code == 200
    content = file.read_bytes()
    if ending == "vl.json":
        assert json.loads(content)["usermeta"]
    else:
        assert receipt.encode() in content
    if ending == "png":
        assert content.startswith(b"\x89PNG")


@pytest.mark.exhaustive
def test_a_trend_is_exported_as_a_picture(open_page: Open, served: Served, tmp_path: Path) -> None:
    page = overview(open_page, served)
    expect(hallmark(page, "Claim volume")).to_be_visible()
    with page.expect_download() as started:
        act_on(page, "Claim volume", "Export PNG")
    started.value.save_as(tmp_path / "trend.png")
    assert (tmp_path / "trend.png").stat().st_size > 20_000


@pytest.mark.exhaustive
def test_dashboards_are_made_copied_renamed_and_deleted_with_undo(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    run_command(page, "duplicate this")
    copy = page.get_by_role("dialog", name=re.compile("^Duplicate"))
    copy.get_by_label("Name").fill("Mine")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/d/mine"))
    expect(page.get_by_role("heading", level=1, name="Mine")).to_be_visible()
    assert len(tiles(served, "mine")) == len(tiles(served))
    run_command(page, "rename this")
    page.get_by_role("dialog").get_by_label("Name").fill("Mine alone")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Mine alone")).to_be_visible()
    page.get_by_role("button", name="Dashboards").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page).not_to_have_url(re.compile("/d/mine"))
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile("/d/mine"))
    expect(page.get_by_role("heading", level=1, name="Mine alone")).to_be_visible()
    httpx.delete(f"{served.url}/v1/dashboards/mine", timeout=120).raise_for_status()


@pytest.mark.exhaustive
def test_my_widgets_are_searched_placed_deleted_and_restored(open_page: Open, served: Served) -> None:
    widget = {
        "title": "Savings by region",
        "kind": "bar",
        "question": {"metrics": ["cost_avoided_mtd"], "dimensions": ["region"]},
    }
    saved = httpx.post(f"{served.url}/v1/widgets", json={"widget": widget}, timeout=120).raise_for_status().json()
    page = overview(open_page, served)
    page.get_by_role("button", name="My widgets").click()
    rail = page.get_by_role("complementary", name="My widgets")
    rail.get_by_label("Search my widgets").fill("savings")
    rail.get_by_role("button", name="Add Savings by region to this dashboard").click()
    expect(page.locator(f"[data-hallmark={saved['widget_id']}]")).to_be_visible()
    rail.get_by_role("button", name="Delete Savings by region").click()
    until(lambda: httpx.get(f"{served.url}/v1/widgets/{saved['widget_id']}", timeout=120).status_code == 404)
    page.get_by_role("button", name="Undo").last.click()
    until(lambda: httpx.get(f"{served.url}/v1/widgets/{saved['widget_id']}", timeout=120).status_code == 200)
    expect(rail.get_by_text("Savings by region")).to_be_visible()


def test_a_metric_is_drafted_from_words_and_answers_once_a_person_accepts_it(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    page.keyboard.press("Control+i")
    say(page, "average deductible per claim")
    page.get_by_role("button", name="Draft a new metric").click()
    expect(page).to_have_url(re.compile("/drafts/"))
    expect(page.get_by_role("region", name="Preview of the draft")).to_contain_text("draft")
    expect(page.get_by_role("region", name="Differences")).to_contain_text("AVG(deductible_usd)")
    known = {each["metric_id"] for each in httpx.get(f"{served.url}/v1/metrics", timeout=120).json()["metrics"]}
    accept = page.get_by_role("button", name="Accept into the catalog")
    expect(accept).to_be_disabled()
    page.get_by_label("Your name").fill("Ada")
    accept.click()
    expect(page.get_by_role("article")).to_contain_text("Accepted by Ada")
    until(
        lambda: {each["metric_id"] for each in httpx.get(f"{served.url}/v1/metrics", timeout=120).json()["metrics"]} > known
    )


@pytest.mark.exhaustive
@LOOKS
def test_the_dialog_has_no_accessibility_violations(open_page: Open, served: Served, theme: str, width: int) -> None:
    page = open_page(width=width, height=812, color_scheme=theme, bypass_csp=True)
    page.goto(served.url)
    expect(hallmark(page, "Active issues")).to_be_visible()
    page.keyboard.press("Control+i")
    say(page, "cost avoided by region")
    expect(preview(page)).to_contain_text("West")
    page.get_by_text("By hand").click()
    assert violations(page) == []
    assert overflow(page) <= 0

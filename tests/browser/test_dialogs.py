"""What opens over or beside a page: found fit for everybody, left by Esc, and focus goes back where it was."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LOOKS, Served, overflow, until, violations
from tests.browser.test_add_widget import act_on
from tests.browser.test_overview import overview, run_command, tile

Open = Callable[..., Page]

IMPORTED = """dashboard_id: brought_in
label: Brought in
tiles:
  - {widget_id: open_issues, x: 0, y: 0, w: 3, h: 2, widget: {kind: kpi, question: {metrics: [active_issues]}}}
"""


@pytest.fixture(autouse=True)
def _as_it_was(served: Served) -> Iterator[None]:
    yield
    httpx.post(f"{served.url}/v1/dashboards/overview/reset", timeout=120).raise_for_status()


def open_edit(page: Page) -> Locator:
    act_on(page, "Claims by product", "Edit…")
    edit = page.get_by_role("dialog", name="Edit widget")
    expect(edit.get_by_role("region", name="Preview")).to_contain_text("Phone")
    return edit


def open_rows(page: Page) -> Locator:
    act_on(page, "Claims by product", "Rows behind it")
    rows = page.get_by_role("dialog", name="Rows behind Claims by product")
    expect(rows.get_by_role("row").nth(1)).to_be_visible()
    return rows


def open_import(page: Page) -> Locator:
    run_command(page, "import a dashboard")
    opened = page.get_by_role("dialog", name="Import a dashboard")
    expect(opened.get_by_label("or its text")).to_be_visible()
    return opened


def open_filter(page: Page) -> Locator:
    page.get_by_role("button", name="Filter").click()
    opened = page.get_by_role("dialog", name="Filter this dashboard")
    opened.get_by_label("Dimension").select_option(label="Region")
    expect(opened.get_by_label("West", exact=True)).to_be_visible()
    return opened


def open_rail(page: Page) -> Locator:
    page.get_by_role("button", name="My widgets").click()
    beside = page.get_by_role("complementary", name="My widgets")
    rail = beside.or_(page.get_by_role("dialog", name="My widgets"))
    expect(rail.get_by_label("Search my widgets")).to_be_visible()
    return rail


DIALOGS = {"edit": open_edit, "rows": open_rows, "import": open_import, "filter": open_filter, "rail": open_rail}


@pytest.mark.cases(1)
@pytest.mark.parametrize(("theme", "width"), [("light", 375), pytest.param("dark", 1440, marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_is_fit_for_everybody_and_esc_leaves_it(
    open_page: Open, served: Served, name: str, theme: str, width: int
) -> None:
    page = overview(open_page, served, width=width, height=812, color_scheme=theme, bypass_csp=True, reduced_motion="reduce")
    opened = DIALOGS[name](page)
    assert violations(page) == []
    assert overflow(page) <= 0
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", ["edit", "import"])
def test_focus_stays_in_a_modal_dialog(open_page: Open, served: Served, name: str) -> None:
    page = overview(open_page, served)
    opened = DIALOGS[name](page)

    def rests_inside() -> bool:
        return opened.evaluate(
            "dialog => dialog.parentElement.contains(document.activeElement)"
            " && !document.activeElement.hasAttribute('data-base-ui-focus-guard')"
        )

    # What turns the focus back at either end does so a moment later: nobody presses again before.
    until(rests_inside)
    for _ in range(20):
        page.keyboard.press("Tab")
        until(rests_inside)


@pytest.mark.exhaustive
def test_focus_goes_back_to_what_opened_the_dialog(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    opened = open_rows(page)
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    expect(tile(page, "Claims by product").get_by_role("button", name=re.compile("^Actions for"))).to_be_focused()


@pytest.mark.exhaustive
@LOOKS
def test_the_drafts_are_fit_for_everybody(open_page: Open, served: Served, theme: str, width: int) -> None:
    words = {"words": "average labor minutes of repairs"}
    drafted = httpx.post(f"{served.url}/v1/drafts", json=words, timeout=120).raise_for_status().json()
    page = open_page(width=width, height=812, color_scheme=theme, bypass_csp=True, reduced_motion="reduce")
    page.goto(f"{served.url}/drafts/{drafted['draft_id']}")
    expect(page.get_by_role("region", name="Preview of the draft")).to_contain_text("draft")
    assert violations(page) == []
    assert overflow(page) <= 0


@pytest.mark.exhaustive
def test_a_draft_that_is_gone_is_told_so(open_page: Open, served: Served) -> None:
    page = open_page()
    page.goto(f"{served.url}/drafts/there-is-none")
    expect(page.get_by_text("it was discarded, or never was")).to_be_visible()


@pytest.mark.exhaustive
def test_a_dashboard_is_imported_from_its_yaml(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    opened = open_import(page)
    opened.get_by_label("or its text").fill("label: Nameless\n")
    expect(opened.get_by_text("It names no dashboard_id")).to_be_visible()
    expect(opened.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    opened.get_by_label("or its text").fill(IMPORTED.replace("kind: kpi", "kind: pie"))
    opened.get_by_role("button", name="Import brought_in").click()
    expect(opened.get_by_role("alert")).to_contain_text("kind")
    opened.get_by_label("or its text").fill(IMPORTED)
    opened.get_by_role("button", name="Import brought_in").click()
    expect(page).to_have_url(re.compile("/d/brought_in$"))
    expect(tile(page, "Active issues")).to_contain_text("1,286")
    httpx.delete(f"{served.url}/v1/dashboards/brought_in", timeout=120).raise_for_status()


def test_one_filter_is_for_every_tile_and_lives_in_the_address(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    opened = open_filter(page)
    opened.get_by_label("Condition").select_option("is not")
    expect(opened.get_by_label("Condition")).to_have_value("not")
    # The condition lives in the address: the box is ticked once the address has it.
    west = opened.get_by_label("West", exact=True)
    west.click()
    expect(west).to_be_checked()
    chips = page.get_by_role("list", name="Filters of this page")
    expect(chips).to_contain_text("Region: not West")
    issues = tile(page, "Issues by region")
    expect(issues.get_by_role("listitem").filter(has_text=re.compile("^West"))).to_have_count(0)
    page.keyboard.press("Escape")
    page.reload()
    expect(chips).to_contain_text("Region: not West")
    chips.get_by_role("button").first.click()
    expect(chips).to_have_count(0)
    expect(tile(page, "Issues by region").get_by_role("listitem").filter(has_text=re.compile("^West"))).to_have_count(1)

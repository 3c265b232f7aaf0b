"""A first page without a shell: choose, look, untick, rename, open; by the keyboard, in every look."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, overflow, serve, violations

pytestmark = pytest.mark.exhaustive
SALES = "order_id,ordered_on,shop,amount_eur\n" + "".join(
    f"{number},2024-0{1 + number % 6}-{1 + number % 28:02},{('North', 'South')[number % 2]},{number}.50\n"
    for number in range(1, 301)
)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("files")
    (folder / "sales.csv").write_text(SALES)
    (folder / "broken.xlsx").write_text("no workbook")
    with serve(tmp_path_factory, {"SERVE_FILES": str(folder)}) as served:
        yield served


def test_a_file_becomes_a_first_page(begun: Served, open_page: Callable[..., Page]) -> None:
    before = {each: each.read_text() for each in Path(begun.workspace).rglob("*.yaml")}
    for theme, width in (("light", 375), ("dark", 1440)):
        page = open_page(width, color_scheme=theme, bypass_csp=True)
        page.goto(f"{begun.url}/begin")
        expect(page.get_by_role("button", name="Read sales.csv")).to_be_visible()
        assert (violations(page), overflow(page)) == ([], 0)
        page.get_by_role("button", name="Read broken.xlsx").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("broken.xlsx")
        page.get_by_role("button", name="Read sales.csv").press("Enter")
        expect(page.get_by_role("button", name="Receipt of Revenue")).to_be_visible()
        expect(page.get_by_title(re.compile(r"^€45,300(\.00)?$"))).to_be_visible()
        assert (violations(page), overflow(page)) == ([], 0)
        page.get_by_role("checkbox", name="Take Average sale value").press("Space")
        name = page.get_by_role("textbox", name="Name of Revenue")
        name.fill("Sales")
        expect(page.get_by_text("Two metrics are called “Sales”.")).to_be_visible()
        expect(page.get_by_role("button", name="Write and open")).to_be_disabled()
        name.fill("Turnover of shops")
        expect(page.get_by_text("2 of 3 metrics chosen")).to_be_visible()
    assert {each: each.read_text() for each in before} == before
    page.get_by_role("button", name="Write and open").press("Enter")
    page.wait_for_url("**/d/overview_sales")
    expect(page.get_by_role("heading", name="Overview of Sales")).to_be_visible()
    tile = page.get_by_role("article", name="Turnover of shops").first
    expect(tile).to_contain_text("€")
    expect(page.get_by_text("Average sale value")).to_have_count(0)

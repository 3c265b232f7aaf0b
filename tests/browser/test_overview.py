"""The overview as a person meets it."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Served, overflow, until, violations

Open = Callable[..., Page]


def tile(page: Page, label: str) -> Locator:
    # A heading may go on with its window: "Claim volume daily, last 30 days".
    heading = page.get_by_role("heading", name=re.compile("^" + re.escape(label)))
    return page.get_by_role("article").filter(has=heading).first


def hallmark(page: Page, label: str) -> Locator:
    return tile(page, label).locator("[data-hallmark]")


def run_command(page: Page, words: str) -> None:
    """Through the palette, by keyboard alone."""
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def overview(open_page: Open, served: Served, **size: object) -> Page:
    page = open_page(**size)
    page.goto(served.url)
    expect(hallmark(page, "Cost avoided (MTD)")).to_contain_text("postgres")
    return page


def test_every_tile_shows_a_number_and_its_hallmark(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    figures = (("Active issues", "1,286"), ("Claims in progress", "642"), ("Cost avoided (MTD)", "$1,410,000.00"))
    for label, figure in figures:
        expect(tile(page, label)).to_contain_text(figure)
    expect(tile(page, "Next best actions taken")).to_contain_text("87")
    expect(tile(page, "Customer satisfaction")).to_contain_text("4.6")
    articles = page.get_by_role("article")
    assert articles.count() == len(httpx.get(f"{served.url}/v1/dashboards/overview", timeout=120).json()["tiles"])
    expect(page.locator("article [data-hallmark]")).to_have_count(articles.count())


@pytest.mark.exhaustive
def test_the_overview_takes_one_round_trip(open_page: Open, served: Served) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    # A stream that greets late makes the page ask once more, as something may have moved meanwhile: here it says nothing.
    page.route("**/v1/stream*", lambda _: None)
    page.goto(served.url)
    expect(page.locator("article [data-hallmark]").first).to_be_visible()
    expect(hallmark(page, "Claim volume")).to_be_visible()
    # Values that nobody met before are given their colours beside it, once for ever.
    paths = [url.removeprefix(served.url) for url in asked]
    assert [path for path in paths if path != "/v1/colours"] == ["/v1/data"]


def test_the_receipt_says_what_the_api_says(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    hallmark(page, "Cost avoided (MTD)").click()
    sheet = page.get_by_role("complementary", name=re.compile("receipt", re.IGNORECASE))
    expect(sheet).to_contain_text("$1,410,000.00")
    expect(sheet).to_contain_text("claims-analytics")
    expect(sheet).to_contain_text("l3_asurion.ev_claim")
    newest = httpx.get(f"{served.url}/v1/receipts?metric_id=cost_avoided_mtd&limit=50", timeout=120).json()["receipts"]
    assert any(each["receipt_id"][:4] in sheet.inner_text() for each in newest)
    expect(sheet).to_contain_text(re.compile("signature valid, checked in this browser by key .+; entry [0-9]+ of [0-9]+"))
    sheet.get_by_role("button", name="Replay").click()
    expect(sheet).to_contain_text("Nothing has moved; the value is the same.")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    assert page.evaluate("document.activeElement.hasAttribute('data-hallmark')")


@pytest.mark.exhaustive
def test_an_edit_of_the_routing_file_changes_the_badge_and_not_the_number(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    try:
        served.route("cost_avoided_mtd", "lakehouse")
        expect(hallmark(page, "Cost avoided (MTD)")).to_contain_text("lakehouse")
        expect(tile(page, "Cost avoided (MTD)")).to_contain_text("$1,410,000.00")
    finally:
        served.route("cost_avoided_mtd", "postgres")
    expect(hallmark(page, "Cost avoided (MTD)")).to_contain_text("postgres")


@pytest.mark.exhaustive
def test_a_broken_routing_file_is_named_in_the_banner_and_everything_stays(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    good = served.routing.read_text()
    try:
        served.routing.write_text(good + "  cost_avoided_mtd: {backend: [\n")
        banner = page.get_by_text(re.compile(r"config/metric_routing\.yaml:\d+"))
        expect(banner.first).to_be_visible()
        expect(tile(page, "Cost avoided (MTD)")).to_contain_text("$1,410,000.00")
    finally:
        served.routing.write_text(good)
    expect(page.get_by_text(re.compile(r"config/metric_routing\.yaml:\d+"))).to_have_count(0)


def test_a_source_that_is_away_leaves_the_last_good_value_with_its_reason(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    lake = served.home / "lakehouse.duckdb"
    expect(hallmark(page, "Claim volume")).to_contain_text("lakehouse")
    hidden = lake.rename(lake.with_suffix(".away"))
    try:
        expect(hallmark(page, "Claim volume")).to_contain_text("last good value")
        expect(hallmark(page, "Cost avoided (MTD)")).not_to_contain_text("last good value")
    finally:
        hidden.rename(lake)
    expect(hallmark(page, "Claim volume")).not_to_contain_text("last good value")


@pytest.mark.cases(1)
@pytest.mark.parametrize("theme", ["dark", pytest.param("light", marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("path", ["/", "/catalog", "/routing", "/receipts", "/dictionary"])
def test_a_page_has_no_accessibility_violations(open_page: Open, served: Served, theme: str, path: str) -> None:
    page = open_page(color_scheme=theme, bypass_csp=True)
    page.goto(served.url + path)
    page.get_by_role("main").wait_for()
    page.get_by_role("heading", level=1).first.wait_for()
    assert violations(page) == []


@pytest.mark.cases(1)
@pytest.mark.parametrize("path", ["/routing", "/", "/catalog", "/receipts", "/dictionary"])
def test_nothing_scrolls_sideways_on_a_phone(open_page: Open, served: Served, path: str) -> None:
    page = open_page(width=375, height=812)
    page.goto(served.url + path)
    page.get_by_role("heading", level=1).first.wait_for()
    until(lambda: page.evaluate("document.readyState") == "complete")
    assert overflow(page) <= 0


_CLAIMS, _COST, _ISSUES = "claim_volume_l3_asurion", "claim_cost_30d", "issue_volume_by_region"
_KINDS = {
    "combo": (
        "img",
        re.compile("^combo, .*Claim volume lowest .*Claim cost"),
        {"metrics": [_CLAIMS, _COST], "grain": "week"},
    ),
    "scatter": ("table", "scatter", {"metrics": ["claimants", _CLAIMS], "dimensions": ["region"]}),
    "histogram": ("img", re.compile("^histogram: "), {"metrics": [_CLAIMS], "grain": "day"}),
    "heatmap": ("table", "heatmap", {"metrics": [_CLAIMS], "dimensions": ["region", "channel"]}),
    "pivot": ("table", "pivot", {"metrics": [_COST], "dimensions": ["region", "resolution"]}),
    "multiples": ("list", "multiples", {"metrics": [_CLAIMS], "dimensions": ["region"], "grain": "week"}),
    "map": ("button", re.compile("^Texas: [0-9]"), {"metrics": [_ISSUES], "dimensions": ["state"]}),
    "cohort": (
        "table",
        "cohort",
        {"metrics": ["claimants_returning"], "dimensions": ["months_since"], "grain": "month"},
    ),
}
"""Of each kind a question, and what it is to whoever does not see it."""


@pytest.mark.parametrize(("theme", "width"), [("light", 375), pytest.param("dark", 1440, marks=pytest.mark.exhaustive)])
def test_every_kind_is_drawn_and_heard(open_page: Open, served: Served, theme: str, width: int) -> None:
    tiles = [
        {"widget_id": kind, "x": 0, "y": 6 * place, "w": 12, "h": 6,
         "widget": {"kind": kind, "title": kind, "question": {**question, "window": "trailing_30d"}}}
        for place, (kind, (_, _, question)) in enumerate(_KINDS.items())
    ]  # fmt: skip
    text = {"kind": "text", "text": "# Every kind\n\n- one of each"}
    tiles.append({"widget_id": "text", "x": 0, "y": 6 * len(_KINDS), "w": 12, "h": 2, "widget": text})
    made = httpx.post(f"{served.url}/v1/dashboards", json={"label": f"Kinds {theme}"}, timeout=120).json()
    name = made["dashboard_id"]
    put = httpx.put(f"{served.url}/v1/dashboards/{name}", json={"dashboard_id": name, "label": "Kinds", "tiles": tiles},
                    headers={"if-match": str(made["version"])}, timeout=120)  # fmt: skip
    assert put.status_code == 200, put.text
    page = open_page(width=width, height=900, color_scheme=theme, bypass_csp=True)
    page.goto(f"{served.url}/d/{name}")
    for role, heard, _ in _KINDS.values():
        expect(page.get_by_role(role, name=heard, exact=True).first).to_be_attached()  # pyright: ignore[reportArgumentType]
    expect(page.get_by_role("heading", name="Every kind")).to_be_visible()
    assert violations(page) == []
    assert overflow(page) <= 0
    httpx.delete(f"{served.url}/v1/dashboards/{name}", timeout=120)


def test_the_keyboard_alone_reaches_a_receipt_and_the_palette(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    hallmark(page, "Active issues").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name=re.compile("receipt", re.IGNORECASE))).to_contain_text("1,286")
    page.keyboard.press("Escape")
    run_command(page, "routing")
    expect(page).to_have_url(re.compile("/routing"))


@pytest.mark.exhaustive
def test_a_layout_that_was_edited_is_there_after_a_reload(open_page: Open, served: Served) -> None:
    before = httpx.get(f"{served.url}/v1/dashboards/overview", timeout=120).json()
    page = overview(open_page, served)
    run_command(page, "arrange tiles")
    page.get_by_role("button", name=re.compile("^Arrange Active issues")).focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name=re.compile("^Save", re.IGNORECASE)).first.click()
    until(lambda: httpx.get(f"{served.url}/v1/dashboards/overview", timeout=120).json()["edited"])
    after = httpx.get(f"{served.url}/v1/dashboards/overview", timeout=120).json()
    assert after["version"] == before["version"] + 1
    page.reload()
    expect(hallmark(page, "Active issues")).to_be_visible()
    httpx.post(f"{served.url}/v1/dashboards/overview/reset", timeout=120)


@pytest.mark.exhaustive
def test_a_chart_goes_down_a_hierarchy_with_the_page_and_up_again(open_page: Open, served: Served) -> None:
    page = overview(open_page, served, bypass_csp=True)
    products = tile(page, "Claims by product")
    products.get_by_role("button", name=re.compile("^Phone")).click()
    expect(products).to_contain_text("by product line, as the page shows one product category")
    expect(page).to_have_url(re.compile(r"is\.category=Phone"))
    expect(tile(page, "Cost avoided by product").get_by_role("columnheader", name="Product line")).to_be_visible()
    assert violations(page) == []
    page.go_back()
    expect(products.get_by_role("button", name=re.compile("^Phone"))).to_be_visible()
    expect(products).not_to_contain_text("as the page shows one")


@pytest.mark.exhaustive
def test_leaving_an_arrangement_that_is_not_saved_asks_first(open_page: Open, served: Served) -> None:
    page = overview(open_page, served)
    run_command(page, "arrange tiles")
    page.get_by_role("button", name=re.compile("^Arrange Active issues")).focus()
    page.keyboard.press("ArrowDown")
    asking = page.get_by_role("dialog", name="Leave without saving?")
    page.go_back()
    asking.get_by_role("button", name="Keep arranging").click()
    expect(asking).to_have_count(0)
    page.get_by_role("link", name="Metrics").first.click()
    asking.get_by_role("button", name="Drop the arrangement").click()
    expect(page).to_have_url(re.compile("/catalog$"))
    assert not httpx.get(f"{served.url}/v1/dashboards/overview", timeout=120).json()["edited"]


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/catalog/active_isues", "The catalog has no metric active_isues"),
        ("/dictionary/l3_asurion.ev_clam", "The dictionary has no table l3_asurion.ev_clam"),
        ("/d/overview?window=trailing_30", "The address asks for the window"),
        ("/?is.region=West", "region: West"),
    ],
)
def test_a_part_of_an_address_that_cannot_be_honoured_is_said(open_page: Open, served: Served, path: str, said: str) -> None:
    page = open_page()
    page.goto(served.url + path)
    expect(page.get_by_role("main")).to_contain_text(re.compile(re.escape(said), re.IGNORECASE))
    if "window" in path:
        page.get_by_role("button", name="Use last 30 days").click()
        expect(page).to_have_url(re.compile("window=trailing_30d$"))
    elif "active" in path or "clam" in path:
        expect(page.get_by_role("main")).to_contain_text(re.compile("The nearest is (active_issues|l3_asurion.ev_claim)"))


_CUT = """[...document.querySelectorAll("article p, article li, article td")].flatMap((each) => {
  const box = each.getBoundingClientRect();
  for (let frame = each.parentElement; frame && frame.tagName !== "MAIN"; frame = frame.parentElement) {
    const { overflowY } = getComputedStyle(frame);
    if (overflowY === "auto" || overflowY === "scroll") return [];
    const around = frame.getBoundingClientRect();
    if (overflowY === "hidden" && (box.bottom > around.bottom + 1 || box.top < around.top - 1)) return [each.textContent];
  }
  return [];
})"""


@pytest.mark.parametrize(("width", "share"), [(1440, 2), pytest.param(1440, 1.25, marks=pytest.mark.exhaustive)])
def test_text_follows_the_reader_s_size_and_no_digit_is_cut(
    open_page: Open, served: Served, width: int, share: float
) -> None:
    page = open_page(width=width)
    page.goto(served.url)
    figure = tile(page, "Active issues").locator("p").first
    expect(figure).to_contain_text("1,286")
    size = figure.evaluate("each => parseFloat(getComputedStyle(each).fontSize)")
    # What the browser's own setting does to the root, which is a share of it.
    page.add_style_tag(content=f"html {{ font-size: {81.25 * share}% !important }}")
    assert figure.evaluate("each => parseFloat(getComputedStyle(each).fontSize)") == pytest.approx(size * share, rel=0.02)
    expect(page.locator("article [data-hallmark]").last).to_be_attached()
    until(lambda: page.evaluate(_CUT) == [])
    until(lambda: overflow(page) <= 0)


def test_the_page_allows_no_inline_script_and_no_eval(served: Served) -> None:
    policy = httpx.get(served.url, timeout=120).headers["content-security-policy"]
    scripts = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
    assert scripts.split() == ["script-src", "'self'"]
    assert "<script>" not in httpx.get(served.url, timeout=120).text


@pytest.mark.exhaustive
def test_an_unknown_dashboard_is_told_so_with_a_way_on(open_page: Open, served: Served) -> None:
    page = open_page()
    page.goto(f"{served.url}/d/there-is-no-such-dashboard")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("dashboard", re.IGNORECASE)).first).to_be_visible()


@pytest.mark.exhaustive
def test_hours_are_the_workspace_s_in_every_browser(open_page: Open, served: Served) -> None:
    question = {"metrics": ["claim_volume_l3_asurion"], "grain": "hour", "window": "trailing_24h"}
    made = httpx.post(
        f"{served.url}/v1/dashboards", json={"label": "By the hour"}, headers={"origin": served.url}, timeout=120
    ).json()
    for kind in ("table", "trend"):
        widget = {"kind": kind, "title": f"Hours as {kind}", "question": question}
        body = {"widget": widget, "dashboard_id": made["dashboard_id"]}
        httpx.post(f"{served.url}/v1/widgets", json=body, headers={"origin": served.url}, timeout=120).raise_for_status()
    seen: dict[str, tuple[str, str]] = {}
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        page = open_page(timezone_id=zone)
        page.goto(f"{served.url}/d/{made['dashboard_id']}")
        table, chart = tile(page, "Hours as table"), tile(page, "Hours as trend")
        drawn = chart.get_by_role("img").first
        expect(drawn).to_be_visible()
        seen[zone] = (table.get_by_role("row").nth(1).inner_text(), drawn.get_attribute("aria-label") or "")
        expect(chart.get_by_text("hours in UTC")).to_have_count(0 if zone == "UTC" else 1)
    assert len(set(seen.values())) == 1, seen
    # The clock of the tests is at 15:42 of 17 March; the workspace's zone is UTC.
    assert seen["UTC"][0].startswith("16 Mar, 1")
    httpx.delete(f"{served.url}/v1/dashboards/{made['dashboard_id']}", headers={"origin": served.url}, timeout=120)

"""A page that is opened while the server is away: its own files, and the session's last good answers, as what they are."""

import json
import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from assay.web.page import STATIC
from tests.browser.conftest import BEARER, TOKEN, Served, end, serve, until
from tests.browser.test_live import FIGURE, ONE, connection, sign_in
from tests.browser.test_overview import hallmark, run_command, tile

Open = Callable[..., Page]
COST = "Cost avoided (MTD)"
_KEPT = """async () => {
  const names = (await caches.keys()).filter(each => each.startsWith('assay-kept'));
  const all = await Promise.all(names.map(async name => (await caches.open(name)).keys()));
  return all.flat().map(each => decodeURIComponent(each.url));
}"""
_FILES = """async () => {
  const names = (await caches.keys()).filter(each => each.startsWith('assay-files'));
  const all = await Promise.all(names.map(async name => (await caches.open(name)).keys()));
  return all.flat().map(each => new URL(each.url).pathname);
}"""


def kept(page: Page) -> list[str]:
    return page.evaluate(_KEPT)


def is_kept(page: Page) -> bool:
    """Its figure and its own files: the worker has been told what the page is made of, and has the document last."""
    answers, files = kept(page), page.evaluate(_FILES)
    loaded = page.evaluate("performance.getEntriesByType('resource').map(each => new URL(each.name).pathname)")
    made_of = {each for each in loaded if each.startswith("/assets/")}
    return any("cost_avoided_mtd" in each for each in answers) and "/" in files and made_of <= set(files)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory, {"SERVE_TOKEN": TOKEN}) as running:
        (running.workspace / "dashboards" / "9-one.yaml").write_text(json.dumps(ONE))
        until(lambda: "One tile" in httpx.get(f"{running.url}/v1/dashboards", headers=BEARER, timeout=120).text)
        yield running


def at_home(open_page: Open, signed: Served) -> Page:
    page = open_page()
    page.goto(f"{signed.url}/d/one")
    sign_in(page, TOKEN)
    expect(tile(page, COST)).to_contain_text(FIGURE)
    expect(connection(page, "live")).to_be_visible()
    until(lambda: is_kept(page))
    return page


@pytest.mark.exhaustive
def test_a_page_opens_without_its_server_and_says_of_when_its_numbers_are(open_page: Open, signed: Served) -> None:
    page = at_home(open_page, signed)
    run_command(page, "catalog")
    expect(page.get_by_role("heading", level=1)).to_have_text("Metrics")
    until(lambda: is_kept(page))
    end(signed.process)
    try:
        page.goto(f"{signed.url}/d/one")
        expect(tile(page, COST)).to_contain_text(FIGURE)
        expect(connection(page, "offline")).to_be_visible()
        expect(page.get_by_text(re.compile(r"^as of \d\d:\d\d:\d\d$"))).to_be_visible()
        expect(hallmark(page, COST)).to_contain_text("last good value")
        run_command(page, "catalog")
        expect(page.get_by_role("main").get_by_text(COST).first).to_be_visible()
        page.go_back()
    finally:
        signed.start_again()
    expect(connection(page, "live")).to_be_visible()
    expect(hallmark(page, COST)).not_to_contain_text("last good value")


@pytest.mark.exhaustive
@pytest.mark.parametrize("way", ["signed out", "ended by the server", "signed out while the server is away"])
def test_what_is_kept_goes_with_the_session(open_page: Open, signed: Served, way: str) -> None:
    page = at_home(open_page, signed)
    other = page.context.new_page()
    other.goto(f"{signed.url}/d/one")
    expect(tile(other, COST)).to_contain_text(FIGURE)
    if way == "signed out":
        run_command(page, "sign out")
        expect(page.get_by_label("Token", exact=True)).to_be_visible()
    elif way == "ended by the server":
        page.context.clear_cookies()
        run_command(page, "ask everything again")
        expect(page.get_by_label("Token", exact=True)).to_be_visible()
    else:
        end(signed.process)
        run_command(page, "sign out")
        expect(page.get_by_text("The Assay server does not answer").first).to_be_visible()
    until(lambda: kept(other) == [])
    if signed.process.poll() is None:
        end(signed.process)
    try:
        page.goto(f"{signed.url}/d/one")
        expect(page.get_by_text("The Assay server does not answer").first).to_be_visible()
        assert kept(page) == []
        expect(page.get_by_text(FIGURE)).to_have_count(0)
    finally:
        signed.start_again()


@pytest.mark.exhaustive
def test_rows_customers_and_recommendations_are_not_kept(open_page: Open, signed: Served) -> None:
    page = at_home(open_page, signed)
    run_command(page, "desk")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{signed.url}/d/one")
    expect(tile(page, COST)).to_contain_text(FIGURE)
    until(lambda: is_kept(page))
    kinds = {re.sub(r'.*/kept/\["([a-z-]+)".*', r"\1", each) for each in kept(page)}
    assert kinds <= {
        "answer",
        "workspace",
        "dashboards",
        "dashboard",
        "metrics",
        "routes",
        "colours",
        "dictionary",
        "session",
    }


@pytest.mark.exhaustive
def test_a_build_that_was_replaced_is_never_shown_while_the_server_answers(open_page: Open, signed: Served) -> None:
    page = at_home(open_page, signed)
    index = STATIC / "index.html"
    before = {file: file.read_bytes() for file in STATIC.glob("index.html*")}
    try:
        for file in before:
            file.unlink()
        index.write_bytes(before[index].replace(b"<body>", b'<body data-build="next">'))
        page.reload()
        expect(page.locator("body[data-build=next]")).to_be_attached()
        expect(tile(page, COST)).to_contain_text(FIGURE)
        until(lambda: "next" in page.evaluate("caches.match('/').then(found => found.text())"))
        end(signed.process)
        page.reload()
        expect(page.locator("body[data-build=next]")).to_be_attached()
        expect(tile(page, COST)).to_contain_text(FIGURE)
    finally:
        for file, content in before.items():
            file.write_bytes(content)
        if signed.process.poll() is not None:
            signed.start_again()

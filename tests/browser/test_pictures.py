"""A few pictures of the page, compared with those that are kept; and every kind of tile in every case, fit for everybody.

`make pictures` takes them anew: look at what changed before it is committed.
"""

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import get_args
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from assay.widgets.widget import DrawnKind
from tests.browser.conftest import ROOT, Served, overflow, serve, until, violations
from tests.browser.pictures import IS_RENEWING, MOST_CHANGED, changed, keep, taken
from tests.browser.test_overview import hallmark, overview

Open = Callable[..., Page]
pytestmark = pytest.mark.exhaustive
LOOK = {"reduced_motion": "reduce", "device_scale_factor": 1, "timezone_id": "UTC", "locale": "en-US"}


class OnePage(SimpleHTTPRequestHandler):
    """The files of a build; every other path is the page."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if not (Path(self.directory) / path.lstrip("/")).is_file():
            self.path = "/index.html"
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads along."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Of its own: no other test has compared a route or changed a dashboard."""
    with serve(tmp_path_factory, {}) as running:
        yield running


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page as it is developed, with its samples: their address. The build that is served has none."""
    folder = tmp_path_factory.mktemp("states")
    command = [
        "npx",
        "vite",
        "build",
        "--mode",
        "development",
        "--outDir",
        str(folder),
        "--emptyOutDir",
        "--logLevel",
        "error",
    ]
    environment = {**os.environ, "NODE_ENV": "development"}
    subprocess.run(command, cwd=ROOT / "frontend", env=environment, check=True, timeout=600)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(OnePage, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/_states"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def easel(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def settled(page: Page) -> None:
    """All that comes has come: tiles of which one is still waited for are meant to be."""
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready.then(() => {})")


def hold(page: Page, easel: Page, name: str, *covered: Locator) -> None:
    """It comes to look as it was kept; or, where pictures are renewed, it is kept once it stands still."""
    settled(page)
    seen = [""]

    def stands() -> bool:
        before, seen[0] = seen[0], taken(page, easel, covered)
        page.wait_for_timeout(300)
        return before == seen[0]

    if IS_RENEWING:
        until(stands)
        keep(name, seen[0])
        return
    shares: list[float] = []

    def is_as_kept() -> bool:
        shares.append(changed(easel, name, taken(page, easel, covered)))
        return shares[-1] <= MOST_CHANGED

    try:
        until(is_as_kept)
    except TimeoutError:
        pytest.fail(f"{name}: {shares[-1]:.1%} of it is not as it was kept; where that is meant: make pictures")


@pytest.mark.parametrize(("theme", "width", "height"), [("light", 1440, 900), ("dark", 1440, 900), ("light", 375, 812)])
def test_the_overview_looks_as_it_was_kept(
    open_page: Open, served: Served, easel: Page, theme: str, width: int, height: int
) -> None:
    page = overview(open_page, served, width=width, height=height, color_scheme=theme, **LOOK)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    hold(page, easel, f"overview-{width}-{theme}")


def test_a_receipt_and_the_routes_look_as_they_were_kept(open_page: Open, served: Served, easel: Page) -> None:
    page = overview(open_page, served, **LOOK)
    hallmark(page, "Cost avoided (MTD)").click()
    expect(page.get_by_role("complementary")).to_contain_text("$1,410,000.00")
    hold(page, easel, "receipt-1440-light", page.get_by_role("region", name="Timings"))
    page.goto(f"{served.url}/routing")
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    hold(page, easel, "routing-1440-light")


@pytest.mark.parametrize(
    ("theme", "width", "height", "forced"),
    [
        ("light", 1440, 1260, "none"),
        ("dark", 1440, 1260, "none"),
        ("light", 375, 2400, "none"),
        ("light", 1440, 1260, "active"),
    ],
)
def test_every_kind_looks_as_it_was_kept(
    open_page: Open, states: str, easel: Page, theme: str, width: int, height: int, forced: str
) -> None:
    page = open_page(width=width, height=height, color_scheme=theme, forced_colors=forced, **LOOK)
    page.goto(f"{states}?case={quote('as it should be')}")
    expect(page.get_by_role("img")).not_to_have_count(0)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    hold(page, easel, f"kinds-{width}-{theme}{'-forced' if forced == 'active' else ''}")


@pytest.mark.parametrize(("theme", "width"), [("light", 375), ("dark", 1440)])
def test_every_kind_in_every_case_is_fit_for_everybody(open_page: Open, states: str, theme: str, width: int) -> None:
    page = open_page(width=width, height=900, color_scheme=theme, **LOOK)
    for kind in (*get_args(DrawnKind), "text"):
        page.goto(f"{states}?kind={kind}")
        expect(page.get_by_role("region", name=f"{kind}, as it should be").get_by_role("article")).to_be_visible()
        settled(page)
        assert violations(page) == [], kind
        assert overflow(page) <= 0, kind

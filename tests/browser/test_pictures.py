"""A few pictures of the page, compared with those that are kept.

`make pictures` takes them anew: look at what changed before it is committed.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served, until
from tests.browser.pictures import IS_RENEWING, MOST_CHANGED, changed, keep, taken
from tests.browser.test_overview import overview

Open = Callable[..., Page]
pytestmark = pytest.mark.exhaustive
LOOK = {"reduced_motion": "reduce", "device_scale_factor": 1, "timezone_id": "UTC", "locale": "en-US"}


@pytest.fixture(scope="module")
def easel(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def settled(page: Page) -> None:
    """All that comes has come: tiles of which one is still waited for are meant to be."""
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready.then(() => {})")


def hold(page: Page, easel: Page, name: str) -> None:
    """It comes to look as it was kept; or, where pictures are renewed, it is kept once it stands still."""
    settled(page)
    seen = [""]

    def stands() -> bool:
        before, seen[0] = seen[0], taken(page, easel)
        page.wait_for_timeout(300)
        return before == seen[0]

    if IS_RENEWING:
        until(stands)
        keep(name, seen[0])
        return
    shares: list[float] = []

    def is_as_kept() -> bool:
        shares.append(changed(easel, name, taken(page, easel)))
        return shares[-1] <= MOST_CHANGED

    try:
        until(is_as_kept, seconds=30)
    except TimeoutError:
        pytest.fail(f"{name}: {shares[-1]:.1%} of it is not as it was kept; where that is meant: make pictures")


@pytest.mark.parametrize(("theme", "width", "height"), [("light", 1440, 900), ("dark", 1440, 900), ("light", 375, 812)])
def test_the_overview_looks_as_it_was_kept(
    open_page: Open, served: Served, easel: Page, theme: str, width: int, height: int
) -> None:
    page = overview(open_page, served, width=width, height=height, color_scheme=theme, **LOOK)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    hold(page, easel, f"overview-{width}-{theme}")

"""A headless Chromium: the system's where there is one, Playwright's own otherwise."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

_ARGUMENTS = [
    "--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--force-color-profile=srgb",
]  # fmt: skip
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def launch(playwright: Playwright) -> Browser:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    # Chromium's own sandbox does not start as root; here it shows our own page only.
    arguments = [*_ARGUMENTS, *(["--no-sandbox"] if as_root else [])]
    return playwright.chromium.launch(executable_path=found, args=arguments, timeout=300_000)


@contextmanager
def chromium_page(width: int = 1440, height: int = 900, **context: Any) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser.new_context(viewport={"width": width, "height": height}, **context).new_page()
        browser.close()

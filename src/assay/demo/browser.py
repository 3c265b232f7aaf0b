"""A headless Chromium, driven by Playwright: a development tool, loaded only where something is looked at."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from assay.errors import SetupFailed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_ARGUMENTS = (
    "--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--force-color-profile=srgb",
    "--hide-scrollbars",
)  # fmt: skip
MAGNIFIED = 4 / 3
"""How large a filmed page is painted. The camera takes the true pixels only where that is the browser's own factor."""
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_MS = 20_000


class NoBrowser(SetupFailed):
    """There is no browser to look with."""


@contextmanager
def browser() -> "Iterator[Browser]":
    """Raises NoBrowser with what to install."""
    if importlib.util.find_spec("playwright") is None:
        raise NoBrowser("Playwright is not installed.", mend="make .venv/.dev")
    from playwright.sync_api import Error, sync_playwright

    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        try:
            # Chromium's own sandbox does not start as root; here it shows our own page only.
            started = playwright.chromium.launch(
                executable_path=found, args=[
                    *_ARGUMENTS, f"--force-device-scale-factor={MAGNIFIED:.6f}", *(["--no-sandbox"] if as_root else []),
                ],
            )  # fmt: skip
        except Error as error:
            reason = error.message.strip().splitlines()[0]
            mend = "apt-get install chromium, or .venv/bin/playwright install chromium, or set CHROMIUM"
            raise NoBrowser(f"Chromium does not start: {reason}", mend=mend) from error
        try:
            yield started
        finally:
            started.close()


def open_page(started: "Browser", width: int = 1920, height: int = 1080, **context: Any) -> "Page":
    page = started.new_context(viewport={"width": width, "height": height}, **context).new_page()
    page.set_default_timeout(_PATIENCE_MS)
    return page

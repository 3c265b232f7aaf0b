"""The audit log on the page: looked through, opened, verified, by keyboard, on a phone and in the dark."""

import re
from collections.abc import Callable

import httpx
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, overflow, violations

Open = Callable[..., Page]


def test_the_log_is_looked_through_opened_and_verified(open_page: Open, served: Served) -> None:
    key = httpx.post(f"{served.url}/v1/keys", json={"name": "of the audit page", "role": "viewer"}, timeout=120).json()
    httpx.post(f"{served.url}/v1/dashboards", json={"label": "Of the audit page"}, timeout=120).raise_for_status()
    page = open_page(width=375, height=812, color_scheme="dark", bypass_csp=True)
    page.goto(f"{served.url}/audit")
    lines = page.get_by_role("main").get_by_role("listitem")
    expect(lines.filter(has_text="Dashboard made").first).to_be_visible()
    page.get_by_label("What", exact=True).select_option("Keys of programs")
    expect(page).to_have_url(re.compile(r"\?action=key$"))
    expect(lines.filter(has_text="Dashboard made")).to_have_count(0)
    line = lines.filter(has_text=key["key_id"])
    line.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(line).to_contain_text('"name": "of the audit page"')
    expect(line).to_contain_text("(local)")
    assert overflow(page) <= 0
    assert violations(page) == []
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("status").filter(has_text="are as they were written")).to_be_visible()
    page.get_by_label("From (UTC)").fill("2999-01-01")
    expect(page.get_by_text("Nothing that was done is like this.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(lines.filter(has_text="Dashboard made").first).to_be_visible()

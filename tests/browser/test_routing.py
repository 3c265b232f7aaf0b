"""The Routing page: a metric moves from one backend to another, and what differs is laid out before anybody accepts it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import ROOT, Served, end, serve, until, violations
from tests.browser.test_overview import hallmark, run_command, tile

Open = Callable[..., Page]
CLAIM = "l3_asurion.ev_claim"
COST = "Cost avoided (MTD)"
GRAINS = 1 + 7 + 21
"""Of this metric: its total, its days and six dimensions, and each two of these seven."""
FAULT = f"UPDATE {CLAIM} SET cost_avoided_usd = cost_avoided_usd / 2 WHERE region = 'West'"
FOUR = {
    "cost_avoided_mtd": COST,
    "claim_volume_l3_asurion": "Claim volume",
    "claims_by_product_l3_asurion": "Claims by product",
    "claim_status_mix_l3_asurion": "Claim status mix",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server for which `databricks` is a warehouse on this machine."""
    command = [sys.executable, "-m", "tests.warehouse", "--lake", os.environ["ASSAY_TEST_LAKE"]]
    warehouse = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert warehouse.stdout is not None
        with warehouse.stdout as said, serve(tmp_path_factory, json.loads(said.readline())) as running:
            yield running
    finally:
        end(warehouse)


@pytest.fixture(autouse=True)
def as_it_was(served: Served) -> Iterator[None]:
    """Every test begins with the routes and the lakehouse of the demo."""
    before, lakehouse = served.routing.read_text(), served.home / "lakehouse.duckdb"
    filled = lakehouse.stat().st_ino
    routes = told(served)
    yield
    if lakehouse.stat().st_ino != filled:
        publish(served)
    if served.routing.read_text() != before:
        served.routing.write_text(before)
    # Whatever has to be compared to go back is as it was, so that it may.
    until(lambda: told(served) == routes)


def told(served: Served) -> dict[str, Any]:
    """Who serves each metric, and what is to."""
    listed = httpx.get(f"{served.url}/v1/routes", timeout=120).json()["routes"]
    return {each["metric_id"]: (each["backend"], each["pending"]) for each in listed}


def publish(served: Served, *statements: str) -> None:
    """A copy of the lakehouse as it was, changed and renamed into its place: as a loader publishes."""
    fresh = served.home / "lakehouse.new"
    shutil.copyfile(Path(os.environ["ASSAY_TEST_LAKE"]), fresh)
    with duckdb.connect(str(fresh)) as connection:
        for each in statements:
            connection.execute(each)
    os.replace(fresh, served.home / "lakehouse.duckdb")


def route(served: Served, metric_id: str) -> dict[str, Any]:
    return httpx.get(f"{served.url}/v1/routes/{metric_id}", timeout=120).json()["route"]


def routing(open_page: Open, served: Served, **size: Any) -> Page:
    page = open_page(**size)
    page.goto(f"{served.url}/routing")
    expect(row(page, COST)).to_be_visible()
    return page


def row(page: Page, label: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=label, exact=True))


def comparison(page: Page) -> Locator:
    return page.get_by_role("article", name="Comparison")


def back_to_all(page: Page) -> None:
    page.get_by_role("button", name="All routes").click()
    expect(page.get_by_role("heading", name="Routing", level=1)).to_be_visible()


# -- a proof, a fault, an edit that waits, an acceptance, a rollback --------------------------------


@pytest.mark.exhaustive
def test_a_metric_that_differs_stays_until_somebody_accepts_it_with_a_reason(open_page: Open, served: Served) -> None:
    page, overview = routing(open_page, served), open_page()
    overview.goto(served.url)
    expect(hallmark(overview, COST)).to_contain_text("postgres")

    row(page, COST).get_by_role("button", name=f"Compare {COST} with lakehouse").click()
    expect(comparison(page)).to_contain_text(f"postgres and lakehouse give the same at all {GRAINS} grains.")
    expect(comparison(page).get_by_role("row").filter(has_text="Region").get_by_text("equal")).to_be_visible()
    comparison(page).get_by_role("button", name=re.compile("pairs of dimensions")).click()
    verdicts = comparison(page).get_by_role("region", name="Grains").get_by_text("equal", exact=True)
    expect(verdicts).to_have_count(GRAINS)
    seal = tile(overview, COST).get_by_role("link", name=re.compile("Proven equal on lakehouse"))
    expect(seal).to_be_visible()

    publish(served, FAULT)
    expect(page.get_by_role("region", name="Where it is served")).to_contain_text("lakehouse has other data since")
    page.get_by_role("button", name="Compare with lakehouse").click()
    expect(comparison(page)).to_contain_text(re.compile(r"lakehouse gives \$[\d,.]+ less than postgres"))
    why = comparison(page).get_by_role("region", name="What explains the gap")
    expect(why).to_contain_text("Region: 1 of 6 groups holds the whole gap")
    expect(why.get_by_role("listitem")).to_have_count(1)
    expect(why.get_by_role("listitem")).to_contain_text(re.compile(r"West.*−50\.0%", re.DOTALL))
    comparison(page).get_by_role("button", name="Region").click()
    expect(comparison(page).get_by_role("list", name="Groups that differ, by Region")).to_contain_text("West")

    back_to_all(page)
    served.route("cost_avoided_mtd", "lakehouse")
    edit = page.get_by_role("region", name=f"The edit of {COST}")
    expect(edit).to_contain_text("Not moved to lakehouse; postgres keeps serving.")
    expect(edit).to_contain_text("lakehouse differs from postgres by")
    expect(edit).to_contain_text(re.compile(r"config/metric_routing\.yaml:\d+"))
    expect(row(page, COST).get_by_role("cell").first).to_contain_text("serves")
    overview.reload()
    expect(hallmark(overview, COST)).to_contain_text("postgres")
    expect(tile(overview, COST)).to_contain_text("$1,410,000.00")

    edit.get_by_role("button", name="Accept it").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why the difference is accepted").fill("West is counted anew in the lakehouse")
    dialog.get_by_label("Your name").fill("Ana Ruiz")
    dialog.get_by_role("button", name="Accept and move").click()
    expect(dialog).to_contain_text("Moved")
    dialog.get_by_role("button", name="Done").click()
    expect(row(page, COST)).to_contain_text("accepted by Ana Ruiz: West is counted anew in the lakehouse")
    expect(hallmark(overview, COST)).to_contain_text("lakehouse")
    seal = tile(overview, COST).get_by_role("link", name=re.compile("accepted by Ana Ruiz: West is counted anew"))
    expect(seal).to_contain_text("accepted")
    seal.click()
    expect(comparison(overview)).to_contain_text("Accepted by Ana Ruiz")

    row(page, COST).get_by_role("button", name=f"Roll back {COST} to postgres").click()
    expect(page.get_by_role("region", name="Notices")).to_contain_text(f"{COST} is served by postgres again.")
    assert route(served, "cost_avoided_mtd")["backend"] == "postgres"
    assert "cost_avoided_mtd: {backend: postgres}" in served.routing.read_text()
    expect(overview.get_by_role("region", name="Changes of this route")).to_contain_text("rolled back · Ana Ruiz")

    # Once both agree the acceptance has served: whatever differs after that is looked at anew.
    publish(served)
    row(page, COST).get_by_role("button", name=f"Compare {COST} with lakehouse").click()
    expect(comparison(page)).to_contain_text(f"postgres and lakehouse give the same at all {GRAINS} grains.")


@pytest.mark.exhaustive
def test_an_edit_that_was_refused_can_be_taken_back(open_page: Open, served: Served) -> None:
    page = routing(open_page, served)
    publish(served, FAULT)
    served.route("cost_avoided_mtd", "lakehouse")
    edit = page.get_by_role("region", name=f"The edit of {COST}")
    expect(edit).to_contain_text("Not moved to lakehouse")
    edit.get_by_role("button", name="Take the edit back").click()
    expect(edit).to_have_count(0)
    assert "cost_avoided_mtd: {backend: postgres}" in served.routing.read_text()


@pytest.mark.exhaustive
def test_a_backend_that_is_behind_is_said_to_be_so_with_how_much(open_page: Open, served: Served) -> None:
    page = routing(open_page, served)
    publish(served, f"DELETE FROM {CLAIM} WHERE claim_open_ts >= TIMESTAMPTZ '2026-03-17 12:00:00Z'")
    row(page, COST).get_by_role("button", name=f"Compare {COST} with lakehouse").click()
    late = comparison(page).get_by_role("region", name="Which side is behind")
    expect(late).to_contain_text(re.compile(r"lakehouse is \d hours behind"))


# -- databricks ------------------------------------------------------------------------------------


@pytest.mark.exhaustive
def test_four_metrics_are_compared_moved_to_databricks_and_rolled_back(open_page: Open, served: Served) -> None:
    before = {metric_id: route(served, metric_id)["backend"] for metric_id in FOUR}
    page = routing(open_page, served)
    for metric_id, label in FOUR.items():
        row(page, label).get_by_role("button", name=f"Compare {label} with databricks").click()
        words = f"{before[metric_id]} and databricks give the same at all"
        expect(comparison(page)).to_contain_text(words)
        back_to_all(page)
        expect(row(page, label)).to_contain_text("Proven equal on databricks")
        page.get_by_role("checkbox", name=f"Select {label}", exact=True).check()

    selected = page.get_by_role("region", name="Selected metrics")
    expect(selected).to_contain_text("4 metrics selected")
    selected.get_by_label("Move to").select_option("databricks")
    selected.get_by_role("button", name="Compare and move").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Compare and move").click()
    expect(dialog.get_by_text("Moved", exact=True)).to_have_count(4)
    dialog.get_by_role("button", name="Done").click()
    for metric_id in FOUR:
        assert route(served, metric_id)["backend"] == "databricks"

    overview = open_page()
    overview.goto(served.url)
    expect(hallmark(overview, COST)).to_contain_text("databricks")
    expect(tile(overview, COST)).to_contain_text("$1,410,000.00")
    for metric_id, label in FOUR.items():
        row(page, label).get_by_role("button", name=f"Roll back {label} to {before[metric_id]}").click()
        expect(page.get_by_role("region", name="Notices")).to_contain_text(
            f"{label} is served by {before[metric_id]} again."
        )
    expect(hallmark(overview, COST)).to_contain_text("postgres")
    for metric_id, backend in before.items():
        assert route(served, metric_id)["backend"] == backend


@pytest.mark.exhaustive
def test_of_several_metrics_each_is_judged_alone(open_page: Open, served: Served) -> None:
    publish(served, FAULT)
    page = routing(open_page, served)
    for label in (COST, "Denied claims"):
        page.get_by_role("checkbox", name=f"Select {label}", exact=True).check()
    selected = page.get_by_role("region", name="Selected metrics")
    selected.get_by_label("Move to").select_option("lakehouse")
    selected.get_by_role("button", name="Compare and move").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Compare and move").click()
    lines = dialog.get_by_role("list", name="Metrics to move").get_by_role("listitem")
    expect(lines.filter(has_text="Denied claims")).to_contain_text("Moved: postgres and lakehouse give the same")
    expect(lines.filter(has_text=COST)).to_contain_text("Stays where it is: lakehouse differs from postgres")
    dialog.get_by_role("link", name="See the whole difference").click()
    expect(comparison(page)).to_contain_text("Region: 1 of 6 groups holds the whole gap")
    assert route(served, "cost_avoided_mtd")["backend"] == "postgres"


# -- the page itself -------------------------------------------------------------------------------


@pytest.mark.exhaustive
def test_routes_are_found_by_name_backend_and_standing(open_page: Open, served: Served) -> None:
    page = routing(open_page, served)
    page.get_by_role("searchbox", name="Find a metric").fill("claim vol")
    expect(page.get_by_role("checkbox", name=re.compile("^Select (?!every)"))).to_have_count(1)
    page.get_by_role("searchbox", name="Find a metric").fill("")
    page.get_by_label("Served by").select_option("lakehouse")
    expect(row(page, COST)).to_have_count(0)
    expect(row(page, "Claim volume")).to_be_visible()
    page.get_by_label("Served by").select_option("spark")
    expect(page.get_by_text("No route is like that.")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Show all")).click()
    expect(row(page, COST)).to_be_visible()


@pytest.mark.exhaustive
def test_the_page_works_from_the_keyboard_alone(open_page: Open, served: Served) -> None:
    page = routing(open_page, served)
    row(page, COST).get_by_role("link", name=COST, exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=COST, level=1)).to_be_visible()
    run_command(page, "compare with lakehouse")
    expect(comparison(page)).to_contain_text("give the same at all")


@pytest.mark.exhaustive
def test_a_backend_without_its_settings_says_which(open_page: Open, served: Served) -> None:
    page = open_page()
    page.goto(f"{served.url}/routing?metric=cost_avoided_mtd")
    spark = page.get_by_role("list", name="Backends of this metric").get_by_role("listitem").filter(has_text="spark")
    expect(spark).to_contain_text("set SPARK_REMOTE in the environment")
    expect(spark.get_by_role("button")).to_have_count(0)


@pytest.mark.exhaustive
def test_a_certificate_that_is_not_there_is_told_so(open_page: Open, served: Served) -> None:
    page = open_page()
    page.goto(f"{served.url}/routing?certificate=crt_none")
    expect(page.get_by_role("alert")).to_contain_text("There is no certificate 'crt_none'.")


@pytest.mark.exhaustive
@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.exhaustive)])
def test_a_difference_has_no_accessibility_violations(open_page: Open, served: Served, theme: str) -> None:
    publish(served, FAULT)
    httpx.post(f"{served.url}/v1/routes/cost_avoided_mtd/compare", json={"to": "lakehouse"}, timeout=120).raise_for_status()
    page = open_page(color_scheme=theme, bypass_csp=True)
    for address in ("/routing", "/routing?metric=cost_avoided_mtd"):
        page.goto(served.url + address)
        expect(page.get_by_text(re.compile("Differs on lakehouse")).first).to_be_visible()
        assert violations(page) == []


@pytest.mark.exhaustive
def test_nothing_scrolls_sideways_on_a_phone(open_page: Open, served: Served) -> None:
    publish(served, FAULT)
    httpx.post(f"{served.url}/v1/routes/cost_avoided_mtd/compare", json={"to": "lakehouse"}, timeout=120).raise_for_status()
    page = open_page(width=375, height=800)
    for address in ("/routing", "/routing?metric=cost_avoided_mtd"):
        page.goto(served.url + address)
        expect(page.get_by_text(re.compile("Differs on lakehouse")).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

"""Two people of two groups in two browsers at once: each sees the figure of their own rows, and of no others."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import asyncpg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import BEARER, TOKEN, Served, serve, until
from tests.browser.test_overview import tile

Open = Callable[..., Page]
PASSWORD = "violet ladder quietly borrows"
COST = "Cost avoided (MTD)"
POLICIES = """\
groups: {west: [ann@x.example], midwest: [bob@x.example]}
metrics:
  - {for: [west], metrics: ["*"], rows: {ev_claim: "region = 'West'"}}
  - {for: [midwest], metrics: ["*"], rows: {ev_claim: "region IN ($user.regions)"}}
people_of: {regions: claim:regions}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory, {"SERVE_TOKEN": TOKEN}) as running:
        yield running


def join(page: Page, served: Served, email: str) -> None:
    asked = {"email": email, "roles": ["viewer"]}
    link = page.request.post(f"{served.url}/v1/people", data=asked, headers=BEARER).json()["link"]
    given = {"token": link.partition("#")[2], "password": PASSWORD}
    assert page.request.post(f"{served.url}/v1/link/password", data=given).ok


def by_hand(served: Served, region: str) -> str:
    """Month to date at the moment of the tests, as its title has it."""

    async def asked() -> Decimal:
        connection = await asyncpg.connect(served.database_url)
        found = await connection.fetchval(
            "SELECT SUM(cost_avoided_usd) FROM l3_asurion.ev_claim WHERE region = $1 AND claim_status <> 'denied'"
            " AND claim_open_ts >= '2026-03-01T00:00:00Z' AND claim_open_ts < '2026-03-17T15:43:00Z'", region,
        )  # fmt: skip
        await connection.close()
        return found

    # Playwright holds the event loop of this thread.
    with ThreadPoolExecutor(1) as thread:
        return f"{thread.submit(asyncio.run, asked()).result():,.2f}"


@pytest.mark.exhaustive
def test_two_people_at_once_see_the_totals_of_their_own_rows(open_page: Open, served: Served) -> None:
    folder = served.workspace / "access"
    folder.mkdir()
    (folder / "all.yaml").write_text(POLICIES)
    ann, bob = open_page(), open_page()
    for page, email in ((ann, "ann@x.example"), (bob, "bob@x.example")):
        join(page, served, email)
    claims = {"claims": {"regions": ["Midwest"]}}
    assert bob.request.patch(f"{served.url}/v1/people/bob@x.example", data=claims, headers=BEARER).ok
    until(lambda: "Revision 1" in ann.request.get(f"{served.url}/v1/workspace").text())
    wanted = {"ann": by_hand(served, "West"), "bob": by_hand(served, "Midwest")}
    assert wanted["ann"] != wanted["bob"]
    for page in (ann, bob, ann):  # the last time from what was prepared for her
        page.goto(served.url)
    for page, name in ((ann, "ann"), (bob, "bob")):
        expect(tile(page, COST).get_by_title(wanted[name])).to_be_visible()
    # Other rows are hers from the moment that an admin says so, and her page hears of it.
    (folder / "all.yaml").write_text(POLICIES.replace("region = 'West'", "region = 'Midwest'"))
    until(lambda: "Revision 2" in ann.request.get(f"{served.url}/v1/workspace").text())
    ann.reload()
    expect(tile(ann, COST).get_by_title(wanted["bob"])).to_be_visible()


_KEPT = """async () => {
  const names = (await caches.keys()).filter(each => each.startsWith('assay-kept'));
  const read = async name => {
    const cache = await caches.open(name);
    return Promise.all((await cache.keys()).map(async each => (await cache.match(each)).text()));
  };
  return (await Promise.all(names.map(read))).flat().filter(each => each.includes('cost_avoided_mtd'));
}"""


@pytest.mark.exhaustive
def test_what_a_browser_keeps_goes_with_what_was_seen(open_page: Open, served: Served) -> None:
    """Without a word of hers: the stream ends, and the next one says that she sees something else."""
    folder, seen = (
        served.workspace / "access",
        {name: by_hand(served, name).replace(",", "") for name in ("West", "Midwest")},
    )
    folder.mkdir(exist_ok=True)

    def put(rows: str) -> None:
        (folder / "all.yaml").write_text(
            "groups: {cleo: [cleo@x.example]}\nmetrics:\n  - {for: ['role:admin'], metrics: ['*'], rows: all}\n" + rows
        )

    def rows_of(region: str) -> str:
        return f"  - {{for: [cleo], metrics: ['*'], rows: {{ev_claim: \"region = '{region}'\"}}}}\n"

    def keeps(figure: str) -> bool:
        return any(figure in each for each in cleo.evaluate(_KEPT))

    put(rows_of("West"))
    cleo = open_page()
    join(cleo, served, "cleo@x.example")
    cleo.goto(served.url)
    expect(tile(cleo, COST).get_by_title(by_hand(served, "West"))).to_be_visible()
    until(lambda: keeps(seen["West"]))
    put(rows_of("Midwest"))
    expect(tile(cleo, COST).get_by_title(by_hand(served, "Midwest"))).to_be_visible()
    until(lambda: keeps(seen["Midwest"]) and not keeps(seen["West"]))
    put("")
    expect(cleo.get_by_text("No policy lets you ask").first).to_be_visible()
    expect(cleo.get_by_title(by_hand(served, "Midwest"))).to_have_count(0)
    until(lambda: not keeps(seen["Midwest"]))

"""Signing in through a provider of identity: a real one as a process, two processes of Assay on one database."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from assay.demo.system import free_port
from tests.browser.conftest import BEARER, ROOT, TOKEN, Served, end, one_more, serve, until
from tests.browser.test_overview import tile

Open = Callable[..., Page]
SECRET = "a-secret-of-the-tests"
PEOPLE = {
    "jane": {"email": "Jane@x.example", "email_verified": True, "groups": ["west"], "regions": ["West", "South"]},
    "joe": {"email": "joe@x.example", "email_verified": False, "groups": []},
    "nobody": {"email": "nobody@y.example", "email_verified": True, "groups": ["east"]},
    "evil@x.example": {"groups": []},
}
IDENTITY = """
oidc:
  corp: {issuer: ISSUER, client_id: assay, client_secret: "${CORP_SECRET}", label: Example Corp, domains: [x.example],
         scopes: [openid, email, groups], claims: [regions]}
  brief: {issuer: ISSUER, client_id: brief, client_secret: "${CORP_SECRET}", scopes: [openid, email, groups],
          session_hours: 0.001}
roles:
  viewer: ["oidc:corp/west", "oidc:brief/west"]
  editor: ["*@x.example"]
"""


@dataclass
class Provider:
    issuer: str
    command: list[str]
    process: "subprocess.Popen[bytes]"

    def told(self, **changes: object) -> None:
        assert httpx.post(f"{self.issuer}/__test", json=changes, timeout=60).is_success

    def until_up(self) -> None:
        until(lambda: httpx.get(f"{self.issuer}/jwks", timeout=60).is_success, httpx.TransportError)

    def start_again(self) -> None:
        self.process = subprocess.Popen(self.command, cwd=ROOT, stdout=subprocess.DEVNULL)
        self.until_up()


@dataclass
class Doors:
    one: Served
    other: Served
    provider: Provider


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    # Where the project has brought a Node along, `node` is a script before it, which would be ended in its place.
    node = os.environ.get("PLAYWRIGHT_NODEJS_PATH") or shutil.which("node")
    folder, port = tmp_path_factory.mktemp("provider"), free_port()
    assert node
    issuer = f"http://localhost:{port}"  # another site than 127.0.0.1, as a browser sees it
    identity = folder / "identity.yaml"
    identity.write_text(IDENTITY.replace("ISSUER", issuer))
    around = {
        "SERVE_TOKEN": TOKEN, "SERVE_IDENTITY": str(identity), "CORP_SECRET": SECRET, "SERVE_PUBLIC_URL": "",
    }  # fmt: skip
    with serve(tmp_path_factory, around) as one, one_more(one, tmp_path_factory) as other:
        clients = [
            {
                "client_id": client, "client_secret": SECRET, "redirect_uris": [f"{one.url}/v1/oidc/{name}/callback"],
                "post_logout_redirect_uris": [f"{one.url}/"], "backchannel_logout_uri": f"{other.url}/v1/oidc/{name}/logout",
                "backchannel_logout_session_required": True,
            }
            for client, name in (("assay", "corp"), ("brief", "brief"))
        ]  # fmt: skip
        settings = json.dumps({"clients": clients, "people": PEOPLE, "inToken": False})
        command = [node, str(ROOT / "tests" / "browser" / "provider.mjs"), str(port), "localhost", settings]
        provider = Provider(issuer, command, None)  # pyright: ignore[reportArgumentType]
        provider.start_again()
        yield Doors(one, other, provider)
        end(provider.process)


# -- in a browser ---------------------------------------------------------------------------------


def sign_in(page: Page, login: str = "jane", provider: str = "Example Corp") -> None:
    page.get_by_role("button", name=f"Continue with {provider}").click()
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


@pytest.mark.exhaustive
def test_people_come_in_through_a_provider_and_leave_it_everywhere(open_page: Open, doors: Doors) -> None:
    page = open_page()
    page.goto(f"{doors.one.url}/desk?state=open")
    sign_in(page)
    expect(page).to_have_url(f"{doors.one.url}/desk?state=open")
    expect(page.get_by_role("button", name="jane@x.example: viewer, editor")).to_be_visible()
    # The other process knows her too, and hears that she has left.
    elsewhere = page.context.new_page()
    elsewhere.goto(doors.other.url)
    expect(tile(elsewhere, "Cost avoided (MTD)")).to_be_visible()
    page.get_by_role("button", name="jane@x.example: viewer, editor").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page).to_have_url(f"{doors.one.url}/")
    for each in (page, elsewhere):
        expect(each.get_by_role("button", name="Continue with Example Corp")).to_be_visible()


@pytest.mark.exhaustive
def test_what_the_provider_ends_ends_here(open_page: Open, doors: Doors) -> None:
    page = open_page()
    page.goto(doors.one.url)
    sign_in(page)
    expect(tile(page, "Cost avoided (MTD)")).to_be_visible()
    # By back-channel alone, which the other process hears: this page does nothing.
    elsewhere = page.context.new_page()
    elsewhere.goto(f"{doors.provider.issuer}/session/end")
    elsewhere.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_role("button", name="Continue with Example Corp")).to_be_visible()


@pytest.mark.exhaustive
def test_a_session_runs_out_as_its_provider_is_listed(open_page: Open, doors: Doors) -> None:
    page = open_page()
    page.goto(doors.one.url)
    sign_in(page, provider="brief")
    # Where no domain is listed an address is nobody's: she is called by what the provider calls her.
    expect(page.get_by_role("button", name="oidc:brief/jane: viewer")).to_be_visible()
    expect(page.get_by_role("button", name="Continue with Example Corp")).to_be_visible()


@pytest.mark.exhaustive
def test_whoever_has_no_role_is_told(open_page: Open, doors: Doors) -> None:
    page = open_page()
    page.goto(doors.one.url)
    sign_in(page, "nobody")
    expect(page.locator("#sign-in-trouble")).to_contain_text("you have no role here")
    expect(page).to_have_url(f"{doors.one.url}/")


# -- by hand --------------------------------------------------------------------------------------


class Browser:
    """Follows a provider's pages as a browser would, up to where it is sent back."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self.http = httpx.Client(timeout=60, trust_env=False)

    def begin(self, provider: str = "corp", to: str = "/") -> str:
        began = self.http.post(f"{self.doors.one.url}/v1/oidc/{provider}", json={"to": to})
        assert began.status_code == 200, began.text
        return began.json()["go_to"]

    def signed_in_there(self, address: str, login: str = "jane") -> str:
        """The address that the provider sends the browser back to."""
        found = self.http.get(address)
        for _ in range(12):
            if found.is_redirect:
                address = urljoin(str(found.url), found.headers["location"])
                if address.startswith(self.doors.one.url):
                    return address
                found = self.http.get(address)
                continue
            action = re.findall(r'action="([^"]+)"', found.text)[0]
            prompt = re.findall(r'name="prompt" value="(\w+)"', found.text)[0]
            form = {"prompt": prompt, "login": login, "password": "any"}
            found = self.http.post(urljoin(str(found.url), action), data=form)
        raise AssertionError("the provider never sends it back")

    def back(self, address: str) -> str:
        """Where Assay sends it then."""
        found = self.http.get(address)
        assert found.status_code == 303, found.text
        return found.headers["location"]

    def ended(self, login: str = "jane", provider: str = "corp") -> str:
        return self.back(self.signed_in_there(self.begin(provider), login))

    def who(self, served: Served | None = None) -> dict[str, object] | None:
        return self.http.get(f"{(served or self.doors.one).url}/v1/session").json()["who"]


@pytest.fixture
def browser_of(doors: Doors) -> Iterator[Callable[[], Browser]]:
    made: list[Browser] = []

    def make() -> Browser:
        made.append(Browser(doors))
        return made[-1]

    yield make
    for each in made:
        each.http.close()


def until_in(browser: Browser) -> None:
    """Not at once again: sign-ins that were begun are counted."""
    until(lambda: browser.ended() == "/" or time.sleep(1) is not None)


def changed(address: str, **parameters: str) -> str:
    url = urlsplit(address)
    asked = {name: values[0] for name, values in parse_qs(url.query).items()} | parameters
    return url._replace(query=urlencode(asked)).geturl()


@pytest.mark.exhaustive
@pytest.mark.parametrize("how", "none hs256 audience party issuer nonce expired future stranger posing changed".split())
def test_a_token_that_proves_nothing_lets_nobody_in(doors: Doors, browser_of: Callable[[], Browser], how: str) -> None:
    browser = browser_of()
    doors.provider.told(spoil=how)
    assert browser.ended() == "/#sign-in=failed"
    assert browser.who() is None
    assert browser.ended() == "/"  # the same, unspoiled


@pytest.mark.exhaustive
def test_clocks_may_differ_a_little(doors: Doors, browser_of: Callable[[], Browser]) -> None:
    browser = browser_of()
    doors.provider.told(spoil="skewed")
    assert browser.ended() == "/"
    who = browser.who(doors.other)
    assert who
    assert (who["name"], who["roles"]) == ("jane@x.example", ["viewer", "editor"])


@pytest.mark.exhaustive
def test_an_answer_belongs_to_one_browser_one_sign_in_and_one_use(doors: Doors, browser_of: Callable[[], Browser]) -> None:
    jane, mallory = browser_of(), browser_of()
    stolen = mallory.signed_in_there(mallory.begin(), "joe")
    for address in (stolen, changed(stolen, state="another")):
        assert browser_of().back(address) == "/#sign-in=again"  # of a browser that began nothing
    hers = jane.signed_in_there(jane.begin())
    assert mallory.back(changed(stolen, state="x" * 43)) == "/#sign-in=again"
    assert mallory.back(stolen) == "/#sign-in=again"  # that sign-in is over
    # Somebody else's code under her state: PKCE and the nonce are of another sign-in.
    code = parse_qs(urlsplit(mallory.signed_in_there(mallory.begin(), "joe")).query)["code"][0]
    assert jane.back(changed(hers, code=code)) == "/#sign-in=failed"
    again = jane.signed_in_there(jane.begin())
    assert jane.back(changed(again, iss="https://evil.example")) == "/#sign-in=failed"
    assert jane.back(changed(jane.begin() and again, error="access_denied")) == "/#sign-in=again"
    last = jane.signed_in_there(jane.begin())
    assert jane.back(last) == "/"
    held = jane.who()
    assert jane.back(last) == "/#sign-in=again"
    assert jane.who() == held


@pytest.mark.exhaustive
def test_keys_may_be_rotated_at_any_moment(doors: Doors, browser_of: Callable[[], Browser]) -> None:
    browser = browser_of()
    assert browser.ended() == "/"
    doors.provider.told(rotate=True)
    until_in(browser)  # at once, unless somebody else's unknown key was looked for just now
    # Not asked for again at each unknown key: the next rotation is heard of a little later.
    doors.provider.told(rotate=True)
    assert browser.ended() == "/#sign-in=failed"
    until_in(browser)


@pytest.mark.exhaustive
def test_a_provider_that_is_away_is_said_and_lets_nobody_in(doors: Doors, browser_of: Callable[[], Browser]) -> None:
    browser = browser_of()
    back = browser.signed_in_there(browser.begin())
    end(doors.provider.process)
    try:
        assert browser.back(back) == "/#sign-in=away"
        assert browser.who() is None
    finally:
        doors.provider.start_again()
    until_in(browser)


@pytest.mark.exhaustive
@pytest.mark.parametrize("login", ["joe", "nobody", "evil@x.example"])
def test_roles_follow_from_groups_and_verified_addresses_alone(
    doors: Doors, browser_of: Callable[[], Browser], login: str
) -> None:
    browser = browser_of()
    assert browser.ended(login) == "/#sign-in=no-role"
    assert browser.who() is None
    entries = browser.http.get(f"{doors.one.url}/v1/audit?action=sign_in&limit=1", headers=BEARER).json()["entries"]
    assert entries[0]["after"] == {"why": "no role", "name": f"oidc:corp/{login}"}


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("to", "then"),
    [("/desk?case=x", "/desk?case=x"), ("/d/overview", "/d/overview"), ("//evil.example", "/"), ("//d/x", "/"),
     ("/\\d/x", "/"), ("https://evil.example/", "/"), ("/%2f/evil.example", "/"), ("/d/x\r\nset-cookie: a=b", "/"),
     ("javascript:alert(1)", "/"), ("/nowhere", "/"), ("/desk#x", "/"), ("/\t/evil.example", "/"), ("", "/")],
)  # fmt: skip
def test_nobody_is_sent_on_to_another_address(doors: Doors, browser_of: Callable[[], Browser], to: str, then: str) -> None:
    browser = browser_of()
    assert browser.back(browser.signed_in_there(browser.begin(to=to))) == then


@pytest.mark.exhaustive
def test_a_new_session_takes_the_place_of_the_one_before(doors: Doors, browser_of: Callable[[], Browser]) -> None:
    browser = browser_of()
    assert browser.ended() == "/"
    before = browser.http.cookies["assay_session"]
    assert browser.ended() == "/"
    assert browser.http.cookies["assay_session"] != before
    for served in (doors.one, doors.other):
        held = {"cookie": f"assay_session={before}"}
        assert httpx.get(f"{served.url}/v1/session", headers=held, timeout=60).json()["who"] is None


@pytest.mark.exhaustive
def test_whoever_is_disabled_stays_out_and_a_logout_token_has_to_be_one(
    doors: Doors, browser_of: Callable[[], Browser]
) -> None:
    browser = browser_of()
    assert browser.ended() == "/"
    who = browser.who()
    assert who
    person = f"{doors.one.url}/v1/people/{who['id']}"
    listed = browser.http.get(f"{doors.one.url}/v1/people", headers=BEARER).json()["people"]
    mine = next(each for each in listed if each["person_id"] == who["id"])
    assert (mine["provider"], mine["roles"], mine["state"]) == ("oidc:corp", ["viewer", "editor"], "joined")
    assert browser.http.patch(person, json={"roles": ["admin"]}, headers=BEARER).status_code == 422
    assert browser.http.post(f"{person}/reset", headers=BEARER).status_code == 422
    assert browser.http.patch(person, json={"disabled": True}, headers=BEARER).is_success
    try:
        assert browser.who(doors.other) is None
        assert browser.ended() == "/#sign-in=disabled"
    finally:
        assert browser.http.patch(person, json={"disabled": False}, headers=BEARER).is_success
    for body in ({}, {"logout_token": "x"}, {"logout_token": "e30.e30."}, {"logout_token": ["a.b.c", "d.e.f"]}):
        told = httpx.post(f"{doors.one.url}/v1/oidc/corp/logout", data=body, timeout=60)
        assert (told.status_code, told.json()["kind"]) == (400, "bad_request")
    assert httpx.post(f"{doors.one.url}/v1/oidc/other", json={}, timeout=60).status_code == 404
    assert httpx.get(f"{doors.one.url}/v1/oidc/corp/nothing/there", timeout=60).status_code == 401

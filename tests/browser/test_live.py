"""What moves reaches every open page; where it cannot, the page says so and asks by the clock."""

import json
import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Error, Locator, Page, Route, expect

from tests.browser.conftest import BEARER, TOKEN, Served, end, serve, until, violations
from tests.browser.test_overview import hallmark, run_command, tile

Open = Callable[..., Page]


def connection(page: Page, words: str) -> Locator:
    return page.get_by_role("status").filter(has_text=re.compile(f"^{words}$"))


ONE = {"dashboard_id": "one", "label": "One tile", "tiles": [
    {"widget_id": "saved", "x": 0, "y": 0, "w": 6, "h": 4,
     "widget": {"kind": "kpi", "question": {"metrics": ["cost_avoided_mtd"]}}},
]}  # fmt: skip
FIGURE = "$1.41M"


@contextmanager
def one_figure(served: Served) -> Iterator[str]:
    """The path of a dashboard of one figure: what is looked at in many tabs, or while a server comes and goes."""
    file, address = served.workspace / "dashboards" / "9-one.yaml", f"{served.url}/v1/dashboards/one"
    file.write_text(json.dumps(ONE))
    until(lambda: httpx.get(address, timeout=120).is_success)
    yield "/d/one"
    file.unlink()
    until(lambda: httpx.get(address, timeout=120).status_code == 404)


@pytest.fixture
def one(served: Served) -> Iterator[str]:
    with one_figure(served) as path:
        yield path


def with_clock(page: Page) -> Page:
    """A page whose timers are moved on by `soon`; until then they run as they do."""
    page.clock.install()
    return page


def soon(page: Page, is_so: Callable[[], bool]) -> None:
    """Until it is so; each look is two seconds later by the page's own clock, so that no pause of it is waited for."""

    def later() -> bool:
        page.clock.fast_forward(2_000)
        page.wait_for_timeout(100)
        return is_so()

    until(later)


@contextmanager
def renamed(served: Served, label: str) -> Iterator[None]:
    """The label of a metric, edited in its file."""
    file = served.workspace / "metrics" / "savings.yaml"
    before = file.read_text()
    file.write_text(before.replace("label: Cost avoided (MTD)", f"label: {label}"))
    try:
        yield
    finally:
        file.write_text(before)
        until(lambda: "Cost avoided (MTD)" in metrics(served))


def metrics(served: Served) -> str:
    return httpx.get(f"{served.url}/v1/metrics", timeout=120).text


class HoldingBack(socketserver.ThreadingTCPServer):
    """A proxy that hands on the head of an answer, and keeps its body until 4 kB are there or it ends."""

    def __init__(self, ours: str) -> None:
        super().__init__(("127.0.0.1", 0), HandOn)
        self.ours = ours
        self.netloc = f"127.0.0.1:{self.server_address[1]}"
        self.is_over = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """The browser has left."""


class HandOn(socketserver.StreamRequestHandler):
    server: HoldingBack

    def handle(self) -> None:
        head = list(iter(self.rfile.readline, b"\r\n"))
        length = next((int(each.split(b":")[1]) for each in head if each.lower().startswith(b"content-length:")), 0)
        kept_on = [each for each in head if not each.lower().startswith(b"connection:")]
        named = b"".join(kept_on).replace(self.server.netloc.encode(), self.server.ours.encode())
        host, port = self.server.ours.split(":")
        with socket.create_connection((host, int(port))) as up, up.makefile("rb") as answer:
            up.sendall(named + b"Connection: close\r\n\r\n" + self.rfile.read(length))
            self.wfile.write(b"".join(iter(answer.readline, b"\r\n")) + b"\r\n")
            threading.Thread(target=self._end, args=(up,), daemon=True).start()
            kept = b""
            while chunk := answer.read1(65_536):
                kept += chunk
                if len(kept) >= 4_096:
                    self.wfile.write(kept)
                    kept = b""
            self.wfile.write(kept)

    def _end(self, up: socket.socket) -> None:
        self.server.is_over.wait()
        with suppress(OSError):
            up.shutdown(socket.SHUT_RDWR)


@contextmanager
def held_back(served: Served) -> Iterator[str]:
    """The address of the server behind such a proxy."""
    with HoldingBack(urlsplit(served.url).netloc) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield f"http://{proxy.netloc}"
        finally:
            proxy.is_over.set()
            proxy.shutdown()
            thread.join(10)


@pytest.mark.exhaustive
def test_eight_tabs_share_one_stream_and_each_answers_and_hears(open_page: Open, served: Served, one: str) -> None:
    streams: list[str] = []
    first = open_page()
    first.context.on("request", lambda asked: streams.append(asked.url) if "/v1/stream" in asked.url else None)
    tabs = [first, *(first.context.new_page() for _ in range(7))]
    for page in tabs:
        page.goto(served.url + one)
        expect(tile(page, "Cost avoided (MTD)")).to_contain_text(FIGURE)
        expect(connection(page, "live")).to_be_visible()
    assert len(streams) == 1
    with renamed(served, "Saved so far"):
        for page in tabs:
            expect(tile(page, "Saved so far")).to_contain_text(FIGURE)
        for page in (tabs[0], tabs[-1]):
            hallmark(page, "Saved so far").click()
            sheet = page.get_by_role("complementary", name=re.compile("receipt", re.IGNORECASE))
            expect(sheet).to_contain_text("$1,410,000.00")
    first.close()  # it led
    for page in tabs[1:]:
        expect(tile(page, "Cost avoided (MTD)")).to_contain_text(FIGURE)
        expect(connection(page, "live")).to_be_visible()
    assert len(streams) == 2
    with renamed(served, "Saved again"):
        for page in tabs[1:]:
            expect(tile(page, "Saved again")).to_contain_text(FIGURE)


def test_what_moves_between_the_pages_answers_and_the_streams_first_word_is_shown(
    open_page: Open, served: Served, one: str
) -> None:
    page = open_page()
    held: list[Route] = []
    page.route(re.compile("/v1/stream"), lambda route: held.append(route))
    page.goto(served.url + one)
    expect(tile(page, "Cost avoided (MTD)")).to_contain_text(FIGURE)
    with renamed(served, "Saved so far"):
        until(lambda: "Saved so far" in metrics(served))
        page.unroute(re.compile("/v1/stream"))
        for each in held:
            with suppress(Error):  # given up meanwhile by the page
                each.continue_()
        expect(tile(page, "Saved so far")).to_contain_text(FIGURE)


@pytest.mark.exhaustive
def test_a_held_back_stream_is_told_and_the_page_asks_by_the_clock(open_page: Open, served: Served, one: str) -> None:
    with held_back(served) as url:
        page = with_clock(open_page())
        page.goto(url + one)
        expect(tile(page, "Cost avoided (MTD)")).to_contain_text(FIGURE)
        expect(connection(page, "live")).to_have_count(0)
        soon(page, connection(page, "no live updates").is_visible)
        with renamed(served, "Saved so far"):
            until(lambda: "Saved so far" in metrics(served))
            soon(page, tile(page, "Saved so far").is_visible)
            expect(tile(page, "Saved so far")).to_contain_text(FIGURE)
        expect(connection(page, "no live updates")).to_be_visible()
        page.context.close()


@pytest.mark.exhaustive
def test_a_server_that_is_away_leaves_the_last_numbers_on_every_page_and_comes_back(
    open_page: Open, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with serve(tmp_path_factory, {}) as alone, one_figure(alone) as path:
        _stays_and_comes_back(open_page, alone, path)


def _stays_and_comes_back(open_page: Open, served: Served, path: str) -> None:
    page = with_clock(open_page())
    page.goto(served.url + path)
    expect(hallmark(page, "Cost avoided (MTD)")).to_contain_text("postgres")
    expect(connection(page, "live")).to_be_visible()
    run_command(page, "catalog")
    expect(page.get_by_role("heading", level=1)).to_have_text("Metrics")
    end(served.process)
    try:
        expect(connection(page, "(reconnecting|offline)")).to_be_visible()
        page.go_back()
        expect(tile(page, "Cost avoided (MTD)")).to_contain_text(FIGURE)
        last_good = hallmark(page, "Cost avoided (MTD)").filter(has_text="last good value")
        soon(page, last_good.is_visible)
        expect(tile(page, "Cost avoided (MTD)")).to_contain_text(FIGURE)
        page.go_forward()
        expect(page.get_by_text("Cost avoided (MTD)").first).to_be_visible()
        page.go_back()
    finally:
        served.start_again()
    soon(page, connection(page, "live").is_visible)
    expect(hallmark(page, "Cost avoided (MTD)")).not_to_contain_text("last good value")
    with renamed(served, "Saved so far"):
        expect(tile(page, "Saved so far")).to_contain_text(FIGURE)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory, {"SERVE_TOKEN": TOKEN}) as running:
        yield running


def sign_in(page: Page, token: str) -> None:
    page.get_by_label("Token", exact=True).fill(token)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.exhaustive
def test_who_is_invited_joins_by_a_link_and_is_offered_what_they_may_do(open_page: Open, signed: Served) -> None:
    page = with_clock(open_page(bypass_csp=True))
    asked = {"email": "jane@x.example", "roles": ["viewer"]}
    link = page.request.post(f"{signed.url}/v1/people", data=asked, headers=BEARER).json()["link"]
    page.goto(signed.url + link)
    expect(page.get_by_label("Email address")).to_have_value("jane@x.example")
    expect(page).to_have_url(f"{signed.url}/join")  # the secret stands in it no more
    assert violations(page) == []
    for password, says in (("passwordpassword", "too easily guessed"), ("violet ladder quietly borrows", None)):
        for label in ("Password", "The same again"):
            page.get_by_label(label).fill(password)
        page.get_by_role("button", name="Join").click()
        if says:
            expect(page.locator("#sign-in-trouble")).to_contain_text(says)
    expect(tile(page, "Cost avoided (MTD)")).to_be_visible()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    for label in ("Add widget", "Arrange tiles"):
        expect(page.get_by_role("button", name=label)).to_have_count(0)
    page.get_by_role("button", name="jane@x.example: viewer").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Email address").fill("jane@x.example")
    page.get_by_label("Password").fill("not hers at all")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#sign-in-trouble")).to_contain_text("is wrong")
    assert violations(page) == []
    told = page.request.patch(f"{signed.url}/v1/people/jane@x.example", data={"roles": ["editor"]}, headers=BEARER)
    assert told.ok
    page.get_by_label("Password").fill("violet ladder quietly borrows")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(tile(page, "Cost avoided (MTD)")).to_be_visible()
    expect(page.get_by_role("button", name="Add widget")).to_be_visible()
    # Who is disabled is out, though nobody clicks anything; and with nobody left who has a password, the token is asked for.
    told = page.request.patch(f"{signed.url}/v1/people/jane@x.example", data={"disabled": True}, headers=BEARER)
    assert told.ok
    soon(page, page.get_by_label("Token", exact=True).is_visible)


@pytest.mark.exhaustive
def test_a_session_that_ends_is_asked_for_anew_and_what_was_typed_is_kept(open_page: Open, signed: Served) -> None:
    (signed.workspace / "dashboards" / "9-one.yaml").write_text(json.dumps(ONE))
    page = with_clock(open_page())
    until(lambda: "One tile" in page.request.get(f"{signed.url}/v1/dashboards", headers=BEARER).text())
    page.goto(f"{signed.url}/d/one")
    sign_in(page, TOKEN)
    expect(tile(page, "Cost avoided (MTD)")).to_contain_text(FIGURE)
    other = page.context.new_page()
    other.goto(f"{signed.url}/d/one")
    expect(tile(other, "Cost avoided (MTD)")).to_contain_text(FIGURE)
    expect(connection(page, "live")).to_be_visible()
    run_command(page, "rename this dashboard")
    page.get_by_role("dialog").get_by_role("textbox").fill("Half a na")
    end(signed.process)
    signed.start_again(SERVE_TOKEN=TOKEN + "-2")
    for each in (page, other):
        soon(page, each.get_by_label("Token", exact=True).is_visible)
    sign_in(page, TOKEN + "-2")
    # One session is every tab's.
    expect(page.get_by_label("Token", exact=True)).to_have_count(0)
    expect(other.get_by_label("Token", exact=True)).to_have_count(0)
    expect(tile(other, "Cost avoided (MTD)")).to_contain_text(FIGURE)
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_have_value("Half a na")
    page.keyboard.press("Escape")
    for each in (page, other):
        soon(page, connection(each, "live").is_visible)

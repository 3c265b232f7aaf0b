"""Beyond loopback: one public name, cookies of https alone, proxies by list, and what every response says of itself."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from ipaddress import ip_network

import httpx
import pytest
from tests.api.steps import BEARER, TOKEN, from_outside
from tests.conftest import House

from assay.web.guard import COOKIE

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))
DATA = "/v1/metrics/cost_avoided_mtd/data"


def served(
    house: House, address: str = "10.0.0.1", host: str = "assay.example"
) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    """As a proxy asks it: in plain http, under the public name."""
    return from_outside(house, address, f"http://{host}", public_url="https://assay.example", proxies=PROXIES)


@pytest.fixture(scope="module")
async def public(shared_house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with served(shared_house) as client:
        yield client


async def said_from(house: House, client: httpx.AsyncClient, headers: dict[str, str]) -> str:
    """The address that the audit log holds of who tried to sign in."""
    await house.running.database.fetch("DELETE FROM assay.attempt RETURNING 1")
    tried = await client.post("/v1/session", json={"token": "wrong"}, headers=headers)
    assert tried.status_code == 401
    asked = await client.get("/v1/audit", params={"action": "sign_in", "limit": 1}, headers=BEARER)
    return asked.json()["entries"][0]["address"]


# -- the name -------------------------------------------------------------------------------------


@pytest.mark.cases(3)
@pytest.mark.parametrize(
    ("host", "status"),
    [("assay.example", 200), ("127.0.0.1:8400", 200), ("localhost", 200), ("evil.example", 403), ("assay.example:8400", 403),
     ("assay.example.evil.example", 403), ("10.0.0.9", 403), ("", 403)],
)  # fmt: skip
async def test_it_answers_to_its_public_name_and_on_this_machine(public: httpx.AsyncClient, host: str, status: int) -> None:
    for path in ("/v1/workspace", "/openapi.json"):
        response = await public.get(path, headers={**BEARER, "host": host})
        assert response.status_code == status
        assert "evil" not in response.text
    # What watches asks under whatever name it knows.
    assert (await public.get("/health", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://assay.example", 200), ("http://assay.example", 403), ("https://assay.example:8443", 403), ("null", 403),
     ("https://evil.example", 403), ("https://assay.example.evil.example", 403)],
)  # fmt: skip
async def test_only_its_own_page_may_change_anything(public: httpx.AsyncClient, origin: str, status: int) -> None:
    """Also not the same name over plain http, where anybody on the way may have written the page."""
    assert (await public.post(DATA, json={}, headers={**BEARER, "origin": origin})).status_code == status


# -- https ----------------------------------------------------------------------------------------


async def test_behind_a_proxy_that_ends_tls_the_cookie_is_of_https_and_of_this_host_alone(
    shared_house: House, public: httpx.AsyncClient
) -> None:
    response = await public.post("/v1/session", json={"token": TOKEN})
    public.cookies.clear()
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(f"__Host-{COOKIE}=")
    assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    secret = cookie.partition("=")[2].partition(";")[0]
    for name, status in ((f"__Host-{COOKIE}", 200), (COOKIE, 401)):
        got = await public.get("/v1/workspace", headers={"cookie": f"{name}={secret}"})
        assert got.status_code == status


@pytest.mark.cases(2)
@pytest.mark.parametrize(("told", "status"), [("https", 200), ("http", 403), ("HTTPS", 200), ("", 403), ("https,http", 403)])
async def test_what_came_to_the_proxy_in_plain_http_is_not_answered(
    shared_house: House, public: httpx.AsyncClient, told: str, status: int
) -> None:
    response = await public.get("/v1/workspace", headers={**BEARER, "x-forwarded-proto": told})
    assert response.status_code == (403 if status == 403 else 200)
    async with served(shared_house, "192.0.2.1") as stranger:  # whose word counts for nothing, and who asks in clear
        assert (await stranger.get("/v1/workspace", headers={**BEARER, "x-forwarded-proto": told})).status_code == 403
        assert (await stranger.post("/v1/session", json={"token": TOKEN})).status_code == 403
        assert (await stranger.get("/health")).status_code == 200


@pytest.mark.parametrize(("bound", "name"), [("10.0.0.5", "10.0.0.5"), ("fd00::5", "[fd00::5]"), ("0.0.0.0", None)])
async def test_the_address_that_it_is_bound_to_is_answered_beside_the_public_name(
    shared_house: House, bound: str, name: str | None
) -> None:
    public_url = "https://assay.example"
    async with from_outside(shared_house, base_url="http://127.0.0.1:8400", host=bound, public_url=public_url) as client:
        for host in (f"{name or bound}:{shared_house.settings.port}", name or bound):
            got = await client.get("/v1/workspace", headers={**BEARER, "host": host})
            assert got.status_code == (403 if name is None else 200)


# -- proxies --------------------------------------------------------------------------------------


@pytest.mark.cases(4)
@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.4.4.4, 2001:db8::7", "203.0.113.7"),
        ("203.0.113.7:41020", "203.0.113.7"),
        ("[2001:4860::8]:41020", "2001:4860::8"),
        ("unknown", "10.0.0.1"),
        ("203.0.113.7, for=evil", "10.0.0.1"),
        ("", "10.0.0.1"),
        ("10.9.9.9", "10.9.9.9"),
    ],
)
async def test_a_listed_proxy_tells_where_a_request_comes_from_and_nobody_else_does(
    shared_house: House, public: httpx.AsyncClient, forwarded: str, address: str
) -> None:
    headers = {"x-forwarded-for": forwarded, "x-forwarded-proto": "https"}
    assert await said_from(shared_house, public, headers) == address
    async with served(shared_house, "192.0.2.1", "127.0.0.1:8400") as stranger:
        assert await said_from(shared_house, stranger, headers) == "192.0.2.1"


# -- what every response says ---------------------------------------------------------------------


async def test_every_response_says_what_it_is_and_who_may_keep_it(public: httpx.AsyncClient) -> None:
    asked = [
        ("GET", "/"), ("GET", "/health"), ("GET", "/metrics"), ("GET", "/nothing"), ("GET", "/v1/workspace"), ("POST", DATA),
        ("POST", DATA), ("POST", "/v1/data"), ("GET", "/v1/metrics"), ("GET", "/v1/receipts"), ("GET", "/v1/session"),
        ("DELETE", "/v1/metrics"), ("GET", "/openapi.json"), ("PUT", "/v1/routes/none"), ("GET", "/v1/dashboards/overview"),
    ]  # fmt: skip
    for method, path in asked:
        for headers in (BEARER, {}):
            response = await public.request(method, path, headers=headers, content=b"{}" if method != "GET" else None)
            assert response.headers["x-content-type-options"] == "nosniff", path
            assert response.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains", path
            kept = response.headers["cache-control"]
            assert kept in ("no-store", "private, no-cache") or (path == "/" and kept == "no-cache"), (path, kept)
            assert kept == "no-store" or path == "/" or headers, path
    first = await public.post(DATA, json={}, headers=BEARER)
    again = await public.post(DATA, json={}, headers={**BEARER, "if-none-match": first.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, "private, no-cache")


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "TEXT/PLAIN ;charset=utf-8", ""],
)
async def test_what_a_form_elsewhere_could_send_does_nothing_with_a_session(public: httpx.AsyncClient, kind: str) -> None:
    response = await public.post("/v1/session", json={"token": TOKEN})
    public.cookies.clear()
    held = {"cookie": response.headers["set-cookie"].partition(";")[0]}
    sent = {**held, **({"content-type": kind} if kind else {})}
    refused = await public.post("/v1/dashboards", content=b'{"label": "x"}', headers=sent)
    assert (refused.status_code, refused.json()["kind"]) == (415, "unsupported_media_type")
    told = {"content-type": "application/json; charset=utf-8"}
    assert (await public.post(DATA, content=b"{}", headers={**held, **told})).status_code == 200
    # A program that bears a key may call its JSON what it likes: no page can make it speak.
    assert (await public.post(DATA, content=b"{}", headers={**BEARER, "content-type": "text/plain"})).status_code == 200

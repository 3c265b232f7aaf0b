"""Who is let in: Host and Origin, the token beyond loopback, the session; and what never gets out."""

import json
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests.api.steps import TOKEN, from_outside
from tests.conftest import House, eventually

from assay.errors import SetupFailed
from assay.settings import read_settings
from assay.web.guard import COOKIE
from assay.web.page import CSP, PLACES, STATIC

DATA = "/v1/metrics/cost_avoided_mtd/data"


def refused(response: httpx.Response, status: int, kind: str) -> str:
    assert (response.status_code, response.json()["kind"]) == (status, kind), response.text
    assert response.headers["content-type"] == "application/problem+json"
    return response.text


@pytest.fixture(scope="module")
async def public(shared_house: House) -> AsyncIterator[httpx.AsyncClient]:
    """The same house as it is served to other machines."""
    async with from_outside(shared_house, host="0.0.0.0") as client:
        yield client


# -- names and places -----------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1:8400", "localhost:8400", "[::1]:8400", "127.0.0.1", "localhost"])
async def test_the_own_names_are_answered(shared_house: House, host: str) -> None:
    assert (await shared_house.client.get("/v1/metrics", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:80", "localhost.evil.example:8400", "", "x" * 9_999], ids=len)
@pytest.mark.parametrize("path", ["/", "/health", "/v1/metrics", "/openapi.json", "/nothing"])
async def test_another_name_is_answered_with_one_constant_refusal(shared_house: House, host: str, path: str) -> None:
    """A page elsewhere may have its own name point here: nothing at all is served under it."""
    text = refused(await shared_house.client.get(path, headers={"host": host}), 403, "forbidden")
    assert "evil" not in text
    assert text == refused(await shared_house.client.get("/", headers={"host": "other.example"}), 403, "forbidden")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "http://127.0.0.1:8400.evil.example"},
        {"sec-fetch-site": "cross-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", DATA), ("PUT", "/v1/routes/csat"), ("POST", "/v1/session"), ("DELETE", "/v1/session")]
)
async def test_another_site_may_change_nothing(shared_house: House, method: str, path: str, headers: dict[str, str]) -> None:
    refused(await shared_house.client.request(method, path, json={}, headers=headers), 403, "forbidden")


async def test_no_answer_is_given_to_another_site_to_read(shared_house: House) -> None:
    response = await shared_house.client.get("/v1/metrics", headers={"origin": "http://evil.example"})
    assert not [name for name in response.headers if name.startswith("access-control")]
    preflight = await shared_house.client.options(DATA, headers={"origin": "http://evil.example"})
    assert preflight.status_code == 405
    assert not [name for name in preflight.headers if name.startswith("access-control")]


async def test_the_own_page_and_programs_without_an_origin_may_ask(shared_house: House) -> None:
    for headers in ({}, {"origin": "http://127.0.0.1:8400", "sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}):
        assert (await shared_house.client.post(DATA, json={}, headers=headers)).status_code == 200


async def test_the_hot_way_is_guarded_like_the_long_one(shared_house: House) -> None:
    for _ in range(2):
        assert (await shared_house.client.post(DATA, json={})).status_code == 200
    refused(await shared_house.client.post(DATA, json={}, headers={"origin": "http://evil.example"}), 403, "forbidden")
    refused(await shared_house.client.post(DATA, json={}, headers={"host": "evil.example"}), 403, "forbidden")


# -- the token ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/workspace"), ("POST", DATA), ("GET", "/v1/stream"), ("GET", "/openapi.json"), ("GET", "/v1/metrics"),
     ("PUT", "/v1/dashboards/overview"), ("GET", "/v1/nothing"), ("GET", "/%761/workspace"), ("POST", "/v1/validate")],
)  # fmt: skip
@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}, {"authorization": TOKEN},
     {"authorization": "Bearer "}, {"authorization": f"Bearer {TOKEN}x"}, {"cookie": f"{COOKIE}={TOKEN}"},
     {"cookie": f"{COOKIE}=9999999999.{'0' * 64}"}, {"cookie": f"{COOKIE}=²."}],
    ids=range(9),
)  # fmt: skip
async def test_beyond_loopback_nobody_is_let_in_without_the_token(
    public: httpx.AsyncClient, method: str, path: str, headers: dict[str, str]
) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    text = refused(await public.request(method, path, headers=raw), 401, "sign_in_required")
    assert text == (await public.get("/v1/workspace")).text
    assert TOKEN not in text


async def test_the_token_lets_a_program_in_and_the_page_and_health_need_none(public: httpx.AsyncClient) -> None:
    assert (await public.get("/v1/workspace", headers={"authorization": f"Bearer {TOKEN}"})).status_code == 200
    assert (await public.get("/v1/workspace", headers={"authorization": f"bearer  {TOKEN} "})).status_code == 200
    assert (await public.post(DATA, json={}, headers={"authorization": f"Bearer {TOKEN}"})).status_code == 200
    for path in ("/health", "/ready", "/metrics"):
        assert (await public.get(path)).status_code == 200
    assert "application/problem+json" not in (await public.get("/")).headers["content-type"]


async def test_signing_in_gives_a_cookie_that_no_script_reads_and_signing_out_takes_it(public: httpx.AsyncClient) -> None:
    for wrong in ("", "wrong", TOKEN + "x", "half a pair \ud800", "\u2603"):
        response = await public.post("/v1/session", content=json.dumps({"token": wrong}))
        assert response.status_code in (401, 422)
        assert "set-cookie" not in response.headers
    cookie = (await signed_in(public)).headers["set-cookie"]
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
    assert TOKEN not in cookie
    assert (await public.get("/v1/workspace")).status_code == 200
    signed_out = await public.delete("/v1/session")
    assert (signed_out.status_code, signed_out.json()) == (200, {"go_to": None})
    refused(await public.get("/v1/workspace"), 401, "sign_in_required")


async def signed_in(public: httpx.AsyncClient) -> httpx.Response:
    response = await public.post("/v1/session", json={"token": TOKEN})
    assert response.status_code == 204, response.text
    return response


async def session_of(public: httpx.AsyncClient) -> str:
    """What a browser holds after signing in."""
    session = (await signed_in(public)).cookies[COOKIE]
    public.cookies.clear()
    return session


async def status(public: httpx.AsyncClient, session: str) -> int:
    return (await public.get("/v1/workspace", headers={"cookie": f"{COOKIE}={session}"})).status_code


@pytest.mark.parametrize(
    "change",
    ["ends_at = now()", "seen_at = now() - interval '2 days', ended_at = NULL", "ended_at = now()",
     "token_mark = 'of another'", "copy = 'another'"],
)  # fmt: skip
async def test_a_session_ends_with_its_time_its_token_and_its_copy(
    shared_house: House, public: httpx.AsyncClient, change: str
) -> None:
    session = await session_of(public)
    assert await status(public, session) == 200
    await shared_house.running.database.fetch(f"UPDATE assay.session SET {change} RETURNING 1")

    async def is_over() -> bool:
        return await status(public, session) == 401

    await eventually(is_over)


async def test_signing_out_ends_the_session_in_every_process_and_a_new_sign_in_the_one_before(
    shared_house: House, public: httpx.AsyncClient
) -> None:
    """Whoever kept the cookie has nothing."""
    async with from_outside(shared_house, host="0.0.0.0") as other:
        for end in ("DELETE", "POST"):
            session = await session_of(public)
            assert [await status(each, session) for each in (public, other)] == [200, 200]
            held = {"cookie": f"{COOKIE}={session}"}
            done = await public.request(end, "/v1/session", json={"token": TOKEN}, headers=held)
            assert done.is_success
            public.cookies.clear()

            async def is_over(session: str = session) -> bool:
                return [await status(each, session) for each in (public, other)] == [401, 401]

            await eventually(is_over)


async def test_over_https_the_cookie_is_this_hosts_alone(shared_house: House) -> None:
    async with from_outside(shared_house, base_url="https://assay.example", host="0.0.0.0") as client:
        cookie = (await signed_in(client)).headers["set-cookie"]
        assert cookie.startswith(f"__Host-{COOKIE}=")
        assert "; Secure" in cookie
        assert "domain" not in cookie.lower()
        assert (await client.get("/v1/workspace")).status_code == 200
        weaker = {"cookie": f"{COOKIE}={client.cookies[f'__Host-{COOKIE}']}"}
        client.cookies.clear()
        refused(await client.get("/v1/workspace", headers=weaker), 401, "sign_in_required")


@pytest.mark.parametrize(
    "beside", ["a:b=1", "theme=dark, x/y=2", "=;;=", 'q="unclosed', "\xe9\xff=1", "$Version=1", f"x{COOKIE}=1", ""]
)
async def test_cookies_of_other_programs_on_the_host_do_no_harm(public: httpx.AsyncClient, beside: str) -> None:
    session = await session_of(public)
    for cookie in (f"{beside}; {COOKIE}={session}", f"{COOKIE}={session}; {beside}"):
        response = await public.get("/v1/workspace", headers={"cookie": cookie.encode("latin-1")})
        assert response.status_code == 200, cookie


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "assay.example"])
def test_binding_elsewhere_without_a_token_is_refused(host: str) -> None:
    with pytest.raises(SetupFailed) as refusal:
        read_settings({"ASSAY_HOST": host})
    assert "ASSAY_TOKEN" in str(refusal.value.mend)
    assert read_settings({"ASSAY_HOST": host, "ASSAY_TOKEN": TOKEN}).beyond_loopback


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"ASSAY_TOKEN": "short"}, "ASSAY_TOKEN"),
        ({"ASSAY_PORT": "http"}, "ASSAY_PORT"),
        ({"ASSAY_PORT": "0"}, "ASSAY_PORT"),
        ({"ASSAY_PORT": "70000"}, "ASSAY_PORT"),
        ({"ASSAY_PORT": "-1"}, "ASSAY_PORT"),
    ],
)
def test_a_bad_setting_is_named_with_its_mend(environment: dict[str, str], names: str) -> None:
    with pytest.raises(SetupFailed) as refusal:
        read_settings(environment)
    assert names in refusal.value.detail
    assert refusal.value.mend
    assert "short" not in refusal.value.detail.replace("shorter", "")


# -- what gets out --------------------------------------------------------------------------------


async def test_the_page_comes_with_its_policy(shared_house: House) -> None:
    for path in ("/", "/routing", "/receipts/anything"):
        response = await shared_house.client.get(path)
        assert response.headers["content-security-policy"] == CSP
        assert "unsafe-eval" not in CSP
        assert "script-src 'self';" in CSP
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["referrer-policy"] == "same-origin"


ADDRESS = Path(__file__).parents[2] / "frontend" / "src" / "app" / "address.ts"


def test_the_page_is_served_at_the_addresses_that_its_router_knows() -> None:
    paths = ADDRESS.read_text().partition("PATHS = {")[2].partition("}")[0]
    assert set(re.findall(r': "/([^"]+)"', paths)) == set(PLACES)


@pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the page is not built")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/d/overview", 200), ("/catalog", 200), ("/catalog/csat", 200), ("/dictionary/l3_asurion.ev_claim", 200),
        ("/desk/", 200), ("/favicon.svg", 200), ("/d", 404), ("/routing/csat", 404), ("/robots.txt", 404),
        ("/favicon.ico", 404), ("/.well-known/change-password", 404), ("/index.html", 404), ("/wp-login.php", 404),
        ("/catalog/csat/x", 404),
    ],
)  # fmt: skip
async def test_a_path_that_nothing_serves_is_not_found(shared_house: House, path: str, status: int) -> None:
    assert (await shared_house.client.get(path)).status_code == status


@pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the page is not built")
async def test_assets_are_kept_for_good_and_the_page_is_asked_for_each_time(shared_house: House) -> None:
    index = await shared_house.client.get("/")
    assert (index.status_code, index.headers["cache-control"]) == (200, "no-cache")
    name = index.text.partition("/assets/")[2].partition('"')[0]
    asset = await shared_house.client.get(f"/assets/{name}")
    assert (asset.status_code, asset.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert (await shared_house.client.get("/assets/gone.js")).status_code == 404


@pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the page is not built")
async def test_texts_of_the_page_travel_compressed_as_the_browser_takes_them(shared_house: House) -> None:
    ask = shared_house.client.get
    index = await ask("/", headers={"accept-encoding": "identity"})
    script = "/assets/" + re.findall(r"/assets/([\w-]+\.js)", index.text)[0]
    plain = await ask(script, headers={"accept-encoding": "identity, br;q=0"})
    assert "content-encoding" not in plain.headers
    for taken, coding in (("gzip, deflate", "gzip"), ("gzip;q=0, identity", None), ("br;q=0.0, gzip;q=0.5", "gzip")):
        sent = await ask(script, headers={"accept-encoding": taken})
        assert sent.headers.get("content-encoding") == coding
        assert sent.headers["content-type"] == plain.headers["content-type"]
        assert sent.headers["vary"] == "accept-encoding"
        assert sent.content == plain.content
    async with shared_house.client.stream("GET", script, headers={"accept-encoding": "gzip, deflate, br"}) as sent:
        assert sent.headers["content-encoding"] == "br"
        assert int(sent.headers["content-length"]) < len(plain.content) / 2


async def test_no_secret_is_in_any_response_or_log(
    shared_house: House, public: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = {
        urlsplit(shared_house.settings.database_url).password, urlsplit(shared_house.running.around.reader_url).password,
        "key-of-the-tests", TOKEN,
    }  # fmt: skip
    assert None not in secrets
    authorized = {"authorization": f"Bearer {TOKEN}"}
    receipt = (await public.post(DATA, json={}, headers=authorized)).json()["provenance"]["receipt_id"]
    texts = [repr(shared_house.settings), repr(shared_house.running.catalog.workspace)]
    for method, path, body in (
        ("GET", "/v1/workspace", None), ("GET", "/v1/metrics", None), ("GET", "/v1/routes", None), ("GET", "/ready", None),
        ("GET", "/v1/dictionary", None), ("GET", "/v1/receipts", None), ("GET", f"/v1/receipts/{receipt}", None),
        ("POST", "/v1/validate", None), ("POST", DATA, {"dimensions": ["nowhere"]}), ("GET", "/v1/nothing", None),
        ("PUT", "/v1/routes/csat", {"backend": "databricks"}), ("POST", "/v1/session", {"token": "wrong"}),
        ("GET", "/openapi.json", None), ("GET", "/metrics", None), ("GET", "/", None),
    ):  # fmt: skip
        response = await public.request(method, path, json=body, headers=authorized)
        texts.append(response.text + str(response.headers))
    texts.append(caplog.text)
    for text in texts:
        for secret in secrets:
            assert secret not in text

"""People who sign in with a password: invited by a link that works once, throttled, and gone at once in every process."""

import asyncio
import json
import logging
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import asyncpg
import httpx
import pyotp
import pytest
from argon2 import PasswordHasher
from tests.api.steps import BEARER, TOKEN, from_outside
from tests.conftest import DEMO, House, cloned_database, eventually, open_house

from assay.errors import BadQuestion, Busy, StoreUnavailable
from assay.people import factor, passwords
from assay.people.door import Door
from assay.people.factor import Factors
from assay.people.passwords import Passwords, expect_good
from assay.people.sign_in import MOST_FROM_ADDRESS, MOST_OF_ACCOUNT
from assay.web.app import create_app
from assay.web.guard import COOKIE
from assay.web.stream import _events

GOOD = "violet ladder quietly borrows"
Clients = list[httpx.AsyncClient]
served = partial(from_outside, host="0.0.0.0")


COST = (passwords._MEMORY_KIB, passwords._PASSES, passwords._NOBODY)


@pytest.fixture(scope="module", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Here hundreds are hashed, with little memory; what one costs elsewhere, a test of its own says."""
    cheap = passwords._NOBODY.replace("m=47104,t=2", "m=64,t=1")
    with mock.patch.multiple(passwords, _MEMORY_KIB=64, _PASSES=1, _NOBODY=cheap):
        yield


@pytest.fixture(scope="module")
async def houses(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[House]]:
    """Two on one database, each with a listener and a door of its own."""
    folder = tmp_path_factory.mktemp("people")
    shutil.copytree(DEMO, folder / "workspace")
    async with (
        cloned_database() as url,
        open_house(url, folder / "workspace", lake, folder / "one") as one,
        open_house(url, folder / "workspace", lake, folder / "other") as other,
    ):
        yield [one, other]


@pytest.fixture
async def both(houses: list[House]) -> AsyncIterator[Clients]:
    await houses[0].running.database.fetch("DELETE FROM assay.attempt RETURNING 1")
    async with served(houses[0]) as one, served(houses[1]) as other:
        yield [one, other]


async def invited(client: httpx.AsyncClient, email: str, *roles: str) -> str:
    """What stands behind the # of the link."""
    response = await client.post("/v1/people", json={"email": email, "roles": roles or ["viewer"]}, headers=BEARER)
    assert response.status_code == 201, response.text
    path, _, token = response.json()["link"].partition("#")
    assert path == "/join"
    return token


async def using(client: httpx.AsyncClient, token: str, password: str = GOOD) -> httpx.Response:
    response = await client.post("/v1/link/password", json={"token": token, "password": password})
    client.cookies.clear()
    return response


async def joined(client: httpx.AsyncClient, email: str, *roles: str) -> str:
    """The session of somebody who was invited and has joined."""
    response = await using(client, await invited(client, email, *roles))
    assert response.status_code == 204, response.text
    return response.cookies[COOKIE]


async def sign_in(client: httpx.AsyncClient, email: str, password: str = GOOD, session: str = "") -> httpx.Response:
    headers = {"cookie": f"{COOKIE}={session}"} if session else {}
    response = await client.post("/v1/session", json={"email": email, "password": password}, headers=headers)
    client.cookies.clear()
    return response


async def who(client: httpx.AsyncClient, session: str) -> dict[str, Any] | None:
    return (await client.get("/v1/session", headers={"cookie": f"{COOKIE}={session}"})).json()["who"]


async def change(client: httpx.AsyncClient, email: str, **changed: object) -> dict[str, Any]:
    response = await client.patch(f"/v1/people/{email}", json=changed, headers=BEARER)
    assert response.status_code == 200, response.text
    return response.json()


async def actions(client: httpx.AsyncClient, limit: int) -> list[str]:
    found = (await client.get("/v1/audit", params={"limit": limit}, headers=BEARER)).json()["entries"]
    return [each["action"] for each in found]


# -- links ----------------------------------------------------------------------------------------


async def test_a_link_lets_somebody_in_once_with_their_role_in_every_process(
    both: Clients, houses: list[House], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = await invited(both[0], " Jane@X.example ", "editor")
    told = (await both[1].post("/v1/link", json={"token": token})).json()
    assert (told["email"], told["roles"], told["kind"]) == ("jane@x.example", ["editor"], "join")
    response = await using(both[1], token)
    assert response.status_code == 204
    session = response.cookies[COOKIE]
    for client in both:
        found = await who(client, session)
        assert found is not None
        assert (found["name"], found["kind"], found["roles"]) == ("jane@x.example", "person", ["editor"])
    again = [await using(both[0], token, "another password of hers"), await both[0].post("/v1/link", json={"token": token})]
    assert {each.status_code for each in again} == {404}
    assert (await sign_in(both[0], "JANE@x.example")).status_code == 204
    assert await actions(both[0], 4) == ["sign_in.ok", "sign_in.ok", "person.joined", "person.invited"]
    connection = await asyncpg.connect(houses[0].url)
    tables = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'assay'::regnamespace AND relkind = 'r'"
    )
    kept = [json.dumps([row[0] for row in await connection.fetch(f"SELECT t::text FROM assay.{table} AS t")])
            for (table,) in tables]  # fmt: skip
    await connection.close()
    for secret in (token, GOOD, session):
        assert not [text for text in [*kept, caplog.text] if secret in text]


@pytest.mark.exhaustive
async def test_of_two_who_bring_one_link_one_comes_in(both: Clients) -> None:
    token = await invited(both[0], "race@x.example")
    found = await asyncio.gather(*(using(client, token, f"{GOOD} {number}") for number, client in enumerate(both * 3)))
    assert sorted(each.status_code for each in found) == [204] + [404] * 5
    winner = next(number for number, each in enumerate(found) if each.status_code == 204)
    tried = [(await sign_in(both[0], "race@x.example", f"{GOOD} {number}")).status_code for number in range(6)]
    assert [number for number, status in enumerate(tried) if status == 204] == [winner]


async def test_a_link_ends_with_its_time_its_person_and_the_next_link_and_opens_nothing_in_a_copy(
    both: Clients, houses: list[House]
) -> None:
    for number, end in enumerate(
        ("UPDATE assay.invitation SET ends_at = now()", "UPDATE assay.invitation SET copy = 'another'", "disable", "reset")
    ):
        email = f"late{number}@x.example"
        token = await invited(both[0], email)
        if end == "disable":
            await change(both[0], email, disabled=True)
            await change(both[0], email, disabled=False)
        elif end == "reset":
            assert (await both[0].post(f"/v1/people/{email}/reset", headers=BEARER)).status_code == 200
        else:
            await houses[0].running.database.fetch(f"{end} RETURNING 1")
        assert (await using(both[1], token)).status_code == 404, end


async def test_a_reset_ends_password_and_sessions_and_gives_another_link(both: Clients) -> None:
    session = await joined(both[0], "forgot@x.example")
    link = (await both[0].post("/v1/people/forgot@x.example/reset", headers=BEARER)).json()["link"]
    assert (await sign_in(both[1], "forgot@x.example")).status_code == 401

    async def is_over() -> bool:
        return [await who(each, session) for each in both] == [None, None]

    await eventually(is_over)
    told = (await both[1].post("/v1/link", json={"token": link.partition("#")[2]})).json()
    assert told["kind"] == "reset"
    assert (await using(both[1], link.partition("#")[2], f"{GOOD} again")).status_code == 204
    assert (await sign_in(both[0], "forgot@x.example")).status_code == 401
    assert (await sign_in(both[0], "forgot@x.example", f"{GOOD} again")).status_code == 204


@pytest.mark.parametrize(
    "password",
    ["short one", "passwordpassword", "aaaaaaaaaaaaaaaa", "192837465564738", "Password1234!", "qwertyuiop12",
     "jane.miller2026", "Sommer2026 jane", "x" * 201],
)  # fmt: skip
def test_a_password_that_is_guessed_first_is_refused_with_a_mend(password: str) -> None:
    with pytest.raises(BadQuestion) as refusal:
        expect_good(password, "jane.miller@sommer.example")
    assert refusal.value.mend
    assert password not in refusal.value.detail
    expect_good(GOOD, "jane.miller@sommer.example")


# -- signing in -----------------------------------------------------------------------------------


async def test_who_is_not_there_is_refused_like_who_is_and_for_the_same_work(both: Clients) -> None:
    for email in ("there@x.example", "gone@x.example"):
        await joined(both[0], email)
    await invited(both[0], "waits@x.example")
    await change(both[0], "gone@x.example", disabled=True)
    told, costs = set(), []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, stored: str, given: str) -> bool:
        costs.append(stored.split("$")[1:4])
        return verify(self, stored, given)

    with mock.patch.object(PasswordHasher, "verify", counted):
        for email in (
            "there@x.example",
            "nobody@x.example",
            "gone@x.example",
            "waits@x.example",
            "' OR 1=1 --",
            "\u2603" * 200,
        ):
            response = await sign_in(both[0], email, f"{GOOD} no")
            told.add((response.status_code, response.text, response.headers.get("set-cookie")))
    assert len(told) == 1
    assert costs == [["argon2id", "v=19", "m=64,t=1,p=1"]] * 6
    half = json.dumps({"email": "there@x.example", "password": "\ud800"})
    assert (await both[0].post("/v1/session", content=half)).status_code in (401, 422)


async def test_a_password_costs_46_mib_and_two_passes_and_so_does_that_of_nobody() -> None:
    memory, passes, nobody = COST
    with mock.patch.multiple(passwords, _MEMORY_KIB=memory, _PASSES=passes):
        stored = await Passwords().hashed(GOOD)
    assert stored.split("$")[1:4] == nobody.split("$")[1:4] == ["argon2id", "v=19", "m=47104,t=2,p=1"]
    assert list(map(len, stored.split("$"))) == list(map(len, nobody.split("$")))


async def test_an_id_from_before_is_nobodys_after_signing_in(both: Clients) -> None:
    """Whoever planted it in the browser, or kept it, does not come in with it."""
    before = await joined(both[0], "fixed@x.example")
    for planted in (before, "p" * 43):
        response = await sign_in(both[0], "fixed@x.example", session=planted)
        assert response.status_code == 204
        assert response.cookies[COOKIE] != planted

        async def is_over(planted: str = planted) -> bool:
            return [await who(each, planted) for each in both] == [None, None]

        await eventually(is_over)
        assert await who(both[1], response.cookies[COOKIE]) is not None


@pytest.mark.exhaustive
async def test_attempts_on_one_account_are_counted_in_all_processes_also_at_once(both: Clients, houses: list[House]) -> None:
    await joined(both[0], "tried@x.example")
    for email in ("tried@x.example", "nobody-at-all@x.example"):
        await houses[0].running.database.fetch("DELETE FROM assay.attempt RETURNING 1")
        asked = (both * MOST_OF_ACCOUNT)[: MOST_OF_ACCOUNT + 5]
        found = await asyncio.gather(*(sign_in(each, email, f"wrong {number}") for number, each in enumerate(asked)))
        assert sorted(each.status_code for each in found) == [401] * MOST_OF_ACCOUNT + [429] * 5
        # From elsewhere too, and with the right password.
        async with served(houses[0], "10.9.8.7") as elsewhere:
            refused = await sign_in(elsewhere, email)
        assert (refused.status_code, refused.json()["kind"]) == (429, "too_many_attempts")
        assert 0 < int(refused.headers["retry-after"]) <= 900
    assert (await actions(both[0], 40)).count("sign_in.throttled") == 2


async def test_what_was_not_looked_at_is_no_attempt_and_what_was_done_stands(both: Clients) -> None:
    await joined(both[0], "hurried@x.example")
    with mock.patch.object(Passwords, "matches", side_effect=Busy):
        found = [(await sign_in(both[0], "hurried@x.example")).status_code for _ in range(MOST_OF_ACCOUNT + 2)]
    assert set(found) == {503}
    link = await invited(both[0], "later@x.example")
    with mock.patch("assay.people.sign_in.forget_attempts", side_effect=StoreUnavailable):
        assert (await sign_in(both[0], "hurried@x.example")).status_code == 204
        assert (await using(both[0], link)).status_code == 204


async def test_guesses_at_the_token_by_header_are_counted_and_the_own_commands_go_on(houses: list[House]) -> None:
    async def asked(client: httpx.AsyncClient, secret: str, path: str = "/v1/workspace") -> httpx.Response:
        return await client.get(path, headers={"authorization": f"Bearer {secret}"})

    settings = replace(houses[0].settings, host="0.0.0.0", token=TOKEN)
    app = create_app(settings, houses[0].running)
    clients = [
        httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 1)), base_url="http://assay.example:8400")
        for address in ("10.1.1.1", "10.2.2.2", "10.3.3.3")
    ]
    known, guessing, other = clients
    assert (await asked(known, TOKEN)).status_code == 200
    for client in (known, guessing):
        assert {(await asked(client, "an old token")).status_code for _ in range(40)} == {401}
        assert {(await asked(client, f"guess {number}")).status_code for number in range(29)} == {401}
        refused = await asked(client, "guess 99")
        assert (refused.status_code, refused.json()["kind"]) == (429, "too_many_attempts")
        assert 0 < int(refused.headers["retry-after"]) <= 900
    assert (await asked(guessing, TOKEN)).status_code == 429
    assert (await asked(guessing, TOKEN, "/v1/session")).json()["who"] is None
    assert (await asked(known, TOKEN)).status_code == (await asked(other, TOKEN)).status_code == 200
    entries = (await known.get("/v1/audit", params={"limit": 5}, headers=BEARER)).json()["entries"]
    assert [each["address"] for each in entries if each["action"] == "sign_in.throttled"][:2] == ["10.2.2.2", "10.1.1.1"]
    for client in clients:
        await client.aclose()


@pytest.mark.exhaustive
async def test_attempts_from_one_address_are_counted_and_ones_own_account_gives_none_back(
    both: Clients, houses: list[House]
) -> None:
    await joined(both[0], "insider@x.example")
    prefix = "2001:db8:1:2:"
    for number in range(MOST_FROM_ADDRESS):
        async with served(houses[number % 2], f"{prefix}:{number:x}") as client:  # each from another address of one network
            if number % 8 == 0:
                assert (await sign_in(client, "insider@x.example")).status_code == 204
            assert (await sign_in(client, f"victim{number}@x.example")).status_code == 401
    async with served(houses[0], f"{prefix}:ffff") as client, served(houses[0], "2001:db8:1:3::1") as neighbour:
        assert (await sign_in(client, "insider@x.example")).status_code == 429
        assert (await sign_in(neighbour, "insider@x.example")).status_code == 204


# -- what ends ------------------------------------------------------------------------------------


async def test_who_is_disabled_is_out_of_every_process_and_stream_and_so_are_their_keys(
    both: Clients, houses: list[House]
) -> None:
    session = await joined(both[0], "leaves@x.example", "admin")
    held = {"cookie": f"{COOKIE}={session}"}
    made = await both[0].post("/v1/keys", json={"name": "hers", "role": "steward"}, headers=held)
    bearing = {"authorization": f"Bearer {made.json()['key']}"}
    running = houses[1].running
    door = Door(running.database, TOKEN, running.ring.mac, lambda: running.around.epoch.copy)
    stream = _events(running, None, lambda: door.session(session))
    assert b"hello" in await anext(stream)
    for client in both:
        for headers in (held, bearing):
            assert (await client.get("/v1/workspace", headers=headers)).status_code == 200
    await change(both[0], "leaves@x.example", disabled=True)

    async def is_over() -> bool:
        found = [await client.get("/v1/workspace", headers=headers) for client in both for headers in (held, bearing)]
        return [each.status_code for each in found] == [401] * 4

    await eventually(is_over)
    async with asyncio.timeout(60):
        assert [each async for each in stream if b"heartbeat" not in each] == []
    assert (await sign_in(both[0], "leaves@x.example")).status_code == 401
    # Back again with the password; what ended stays so.
    await change(both[0], "leaves@x.example", disabled=False)
    assert await who(both[1], session) is None
    assert (await sign_in(both[1], "leaves@x.example")).status_code == 204


async def test_other_roles_hold_at_once_and_bind_the_keys_that_were_made_before(both: Clients) -> None:
    session = await joined(both[0], "moves@x.example", "admin")
    held = {"cookie": f"{COOKIE}={session}"}
    keys = {}
    for role in ("steward", "viewer", "admin"):
        made = await both[0].post("/v1/keys", json={"name": role, "role": role}, headers=held)
        keys[role] = {"authorization": f"Bearer {made.json()['key']}"}
    made = await both[0].post("/v1/keys", json={"name": "a key's key", "role": "admin"}, headers=keys["admin"])
    keys["child"] = {"authorization": f"Bearer {made.json()['key']}"}
    assert (await change(both[0], "moves@x.example", roles=["operator", "viewer"]))["roles"] == ["viewer", "operator"]

    async def is_bound() -> bool:
        told = {name: (await both[1].get("/v1/session", headers=headers)).json()["who"] for name, headers in keys.items()}
        found = {name: each and each["roles"] for name, each in told.items()}
        return found == {"steward": [], "viewer": ["viewer"], "admin": [], "child": []}

    await eventually(is_bound)
    found = await who(both[1], session)
    assert found is not None
    assert found["roles"] == ["viewer", "operator"]
    assert (await both[1].get("/v1/people", headers=held)).status_code == 403


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    "email", ["jane", "a b@x", "@x", "jane@", "jane@x\nbcc: y@z", '"><script>@x', "j" * 250 + "@x.example"]
)
async def test_what_is_no_address_is_refused(both: Clients, email: str) -> None:
    response = await both[0].post("/v1/people", json={"email": email, "roles": ["viewer"]}, headers=BEARER)
    assert response.status_code == 422


async def test_an_address_is_one_persons_and_only_an_admin_invites(both: Clients) -> None:
    await invited(both[0], "one@x.example")
    again = await both[0].post("/v1/people", json={"email": "ONE@x.example", "roles": ["admin"]}, headers=BEARER)
    assert (again.status_code, again.json()["kind"]) == (409, "already_there")
    session = await joined(both[0], "steward@x.example", "steward")
    for method, path in (
        ("POST", "/v1/people"),
        ("PATCH", "/v1/people/one@x.example"),
        ("POST", "/v1/people/one@x.example/reset"),
    ):
        refused = await both[0].request(method, path, json={}, headers={"cookie": f"{COOKIE}={session}"})
        assert (refused.status_code, refused.json()["kind"]) == (403, "not_allowed")


@pytest.mark.parametrize("path", ["/v1/session", "/v1/link", "/v1/link/password"])
async def test_another_site_signs_nobody_in(both: Clients, path: str) -> None:
    """Nobody is made to work under somebody else's name without seeing it."""
    refused = await both[0].post(path, json={}, headers={"origin": "http://evil.example"})
    assert (refused.status_code, refused.json()["kind"]) == (403, "forbidden")


async def test_signing_in_takes_one_way_at_a_time(both: Clients) -> None:
    for body in (
        {},
        {"email": "a@x"},
        {"password": GOOD},
        {"token": TOKEN, "email": "a@x", "password": GOOD},
        {"token": None},
    ):
        assert (await both[0].post("/v1/session", json=body)).status_code == 422
    ways = (await both[0].get("/v1/session")).json()
    assert (ways["who"], ways["asks_for_sign_in"], ways["ways"]) == (None, True, ["password", "token"])


# -- what people do about themselves --------------------------------------------------------------


async def own(client: httpx.AsyncClient, session: str, method: str, path: str, **body: str) -> httpx.Response:
    response = await client.request(method, f"/v1/me/{path}", json=body, headers={"cookie": f"{COOKIE}={session}"})
    client.cookies.clear()
    return response


async def test_an_own_password_is_changed_with_the_one_before_and_ends_every_other_session(both: Clients) -> None:
    one, other = both
    sessions = [await joined(one, "kim@x.example"), (await sign_in(other, "kim@x.example")).cookies[COOKIE]]
    fresh = "five quiet ladders borrow violets"
    for wrong in ({"password": "not hers", "new_password": fresh}, {"password": GOOD, "new_password": "passwordpassword"}):
        assert (await own(one, sessions[0], "POST", "password", **wrong)).status_code == 422
    done = await own(one, sessions[0], "POST", "password", password=GOOD, new_password=fresh)
    assert done.status_code == 204

    async def are_ended() -> bool:
        return [await who(client, each) for client in both for each in sessions] == [None] * 4

    await eventually(are_ended)  # as soon as a process has heard of it
    for client in both:
        assert (await sign_in(client, "kim@x.example")).status_code == 401
    found = await who(other, done.cookies[COOKIE])
    assert found
    assert (found["has_password"], found["has_factor"]) == (True, False)
    assert (await sign_in(other, "kim@x.example", fresh)).status_code == 204
    assert (await actions(one, 9)).count("person.password") == 1
    refused = await one.post("/v1/me/password", json={"password": GOOD, "new_password": fresh}, headers=BEARER)
    assert refused.status_code == 422  # the token's bearer has none


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> int:
    """The clock of codes stands still: no step of 30 s ends between the making of a code and its use."""
    now = int(time.time())
    monkeypatch.setattr(factor, "time", SimpleNamespace(time=lambda: now))
    return now


async def with_factor(client: httpx.AsyncClient, email: str, moment: int) -> tuple[str, list[str]]:
    """The secret of somebody who has set a second factor, and their recovery codes."""
    session = await joined(client, email)
    begun = (await own(client, session, "POST", "factor/new")).json()
    assert begun["secret"] in begun["address"]
    assert begun["picture"].startswith("data:image/svg+xml")
    given = {"secret": begun["secret"], "password": GOOD}
    assert (await own(client, session, "PUT", "factor", **given, code="000000")).status_code == 422
    # Of the step before: the one of now is still unused.
    code = pyotp.TOTP(begun["secret"]).at(moment - 30)
    done = await own(client, session, "PUT", "factor", **given, code=code)
    assert done.status_code == 200, done.text
    assert (await own(client, session, "PUT", "factor", **given, code=code)).status_code == 409
    return begun["secret"], done.json()["recovery_codes"]


async def with_code(client: httpx.AsyncClient, email: str, code: str | None, password: str = GOOD) -> tuple[int, str]:
    body = {"email": email, "password": password, **({"code": code} if code is not None else {})}
    response = await client.post("/v1/session", json=body)
    client.cookies.clear()
    return response.status_code, "" if response.status_code == 204 else response.json()["kind"]


async def test_a_code_of_the_second_factor_is_needed_and_taken_once(both: Clients, houses: list[House], moment: int) -> None:
    one, other = both
    secret, recovery = await with_factor(one, "lee@x.example", moment)
    assert await with_code(one, "lee@x.example", None) == (401, "second_factor_required")
    assert await with_code(one, "lee@x.example", pyotp.TOTP(secret).at(moment), "not hers") == (401, "sign_in_required")
    for wrong in ("000000", "12345", "abcd-efgh-ijkl-mnop", recovery[0][:-1]):
        assert await with_code(one, "lee@x.example", wrong) == (401, "sign_in_required")
    code = pyotp.TOTP(secret).at(moment)
    at_once = await asyncio.gather(*(with_code(each, "lee@x.example", code) for each in (one, other)))
    assert sorted(at_once) == [(204, ""), (401, "sign_in_required")]
    assert await with_code(other, "lee@x.example", code) == (401, "sign_in_required")
    # A recovery code does too, once; nothing of either stands in the store as it is.
    assert await with_code(other, "lee@x.example", f" {recovery[0].upper()} ") == (204, "")
    assert await with_code(one, "lee@x.example", recovery[0]) == (401, "sign_in_required")
    rows = await houses[0].running.database.fetch("SELECT p::text FROM assay.person AS p WHERE factor IS NOT NULL")
    assert secret not in str(rows)
    # An admin who gives a new link takes it away; so does its owner, with a code.
    assert (await one.post("/v1/people/lee@x.example/reset", headers=BEARER)).json()["has_factor"] is False
    secret, recovery = await with_factor(one, "mo@x.example", moment)
    shown = {"email": "mo@x.example", "password": GOOD, "code": recovery[1]}
    session = (await one.post("/v1/session", json=shown)).cookies[COOKIE]
    one.cookies.clear()
    assert (await own(one, session, "POST", "factor/remove", password=GOOD, code=recovery[1])).status_code == 422
    assert (await own(one, session, "POST", "factor/remove", password="not hers", code=recovery[2])).status_code == 422
    assert (await own(one, session, "POST", "factor/remove", password=GOOD, code=recovery[2])).status_code == 204
    assert await with_code(other, "mo@x.example", None) == (204, "")


async def test_a_second_factor_whose_key_is_gone_opens_nothing(moment: int) -> None:
    keys = ["of now"]
    factors = Factors(lambda _: keys)
    secret = pyotp.random_base32()
    sealed = factors.sealed("person-1", secret)
    assert factors.shown("person-1", sealed, pyotp.TOTP(secret).at(moment))
    assert factors.shown("person-2", sealed, pyotp.TOTP(secret).at(moment)) is None  # another's row
    keys.insert(0, "rotated")
    assert factors.shown("person-1", sealed, pyotp.TOTP(secret).at(moment))
    keys.remove("of now")
    assert factors.shown("person-1", sealed, pyotp.TOTP(secret).at(moment)) is None

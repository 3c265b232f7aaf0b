"""Who may what: every endpoint says what it needs, and is refused to each role that does not allow it."""

from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import get_args

import httpx
import pytest
from tests.conftest import House

from assay.people.roles import ROLES, Need, Role
from assay.web.app import create_api, create_app
from assay.web.needs import NEEDS

DOCUMENT = Path(__file__).parents[2] / "docs" / "security.md"
TRIED = {
    "see": "workspace", "edit": "add_dashboard", "decide": "approve", "settle": "change_route", "manage": "reset_demo",
}  # fmt: skip


@cache
def operations() -> list[tuple[str, str, str]]:
    """(name, method, path)"""
    return [
        (operation["operationId"], method, path)
        for path, methods in create_api().openapi()["paths"].items() for method, operation in methods.items()
    ]  # fmt: skip


def test_every_endpoint_says_what_it_needs() -> None:
    assert {name for name, _, _ in operations()} | {"unknown"} == set(NEEDS)


def test_the_document_has_the_table_of_the_code() -> None:
    lines = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("|")]
    cells = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]
    roles = next(row for row in cells if row[1:] == list(ROLES))
    told = {row[0]: row[1:] for row in cells[cells.index(roles) + 2 :]}
    assert told == {
        need: ["yes" if need in allowed else "" for allowed in ROLES.values()] for need in get_args(Need) if need != "open"
    }


@pytest.fixture(scope="module")
async def public(shared_house: House) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """The same house for one of each role."""
    clients = {}
    for role in (*get_args(Role), "none"):
        made = await shared_house.client.post("/v1/keys", json={"name": role, "role": role.replace("none", "viewer")})
        headers = {"authorization": f"Bearer {made.json()['key']}"}
        transport = httpx.ASGITransport(create_app(shared_house.settings, shared_house.running))
        clients[role] = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400", headers=headers, timeout=30)
    await shared_house.running.database.fetch("UPDATE assay.api_key SET roles = '{}' WHERE name = 'none' RETURNING 1")
    yield clients
    for client in clients.values():
        await client.aclose()


def is_refused(response: httpx.Response) -> bool:
    return response.status_code == 403 and response.json()["kind"] == "not_allowed"


@pytest.mark.parametrize("role", get_args(Role))
async def test_a_role_is_refused_what_it_does_not_allow(public: dict[str, httpx.AsyncClient], role: Role) -> None:
    """One endpoint of each need; what is allowed is asked for something that is not there, so that nothing changes."""
    for need, name in TRIED.items():
        method, path = next((method, path) for each, method, path in operations() if each == name)
        if need in ROLES[role]:
            continue
        response = await public[role].request(method, path.replace("{", "").replace("}", ""), json={})
        assert is_refused(response), (role, name, response.text)
        assert "needs the role" in response.json()["detail"]
        assert f"key {role} has {role}" in response.json()["detail"]


async def test_who_has_no_role_sees_nothing(public: dict[str, httpx.AsyncClient]) -> None:
    for method, path in (
        ("GET", "/v1/workspace"), ("POST", "/v1/data"), ("POST", "/v1/metrics/cost_avoided_mtd/data"), ("GET", "/v1/stream"),
        ("GET", "/openapi.json"), ("GET", "/v1/nothing"),
    ):  # fmt: skip
        assert is_refused(await public["none"].request(method, path, json={})), path


@pytest.mark.exhaustive
@pytest.mark.parametrize("role", get_args(Role))
async def test_each_endpoint_for_each_role(public: dict[str, httpx.AsyncClient], role: Role) -> None:
    for name, method, path in operations():
        need = NEEDS[name]
        if name in ("stream", "sign_in", "reset_demo", "confirm_access") and need in ROLES[role]:
            continue  # the first never ends, others change what the next are asked, and no key confirms policies
        response = await public[role].request(method, path.replace("{", "").replace("}", ""), json={})
        allowed = need == "open" or need in ROLES[role]
        assert is_refused(response) != allowed, (role, name, response.status_code, response.text)


async def test_who_decides_is_who_is_signed_in_whatever_the_body_claims(public: dict[str, httpx.AsyncClient]) -> None:
    moved = await public["steward"].put("/v1/routes/csat", json={"backend": "lakehouse", "by": "Chief Risk Officer"})
    assert moved.status_code == 200, moved.text
    story = (await public["viewer"].get("/v1/routes/csat")).json()
    assert story["changes"][0]["changed_by"] == "key steward"

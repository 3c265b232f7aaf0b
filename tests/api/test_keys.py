"""Keys of programs: made once, kept as hashes, and over at once in every process."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial

import asyncpg
import httpx
import pytest
from tests.api.steps import BEARER, TOKEN, from_outside
from tests.conftest import House, eventually

from assay.errors import StoreUnavailable
from assay.people.door import Door
from assay.store.database import Database
from assay.web.stream import _events

DATA = "/v1/metrics/cost_avoided_mtd/data"
served = partial(from_outside, host="0.0.0.0")


@pytest.fixture(scope="module")
async def public(shared_house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with served(shared_house) as client:
        yield client


async def made(client: httpx.AsyncClient, **changes: object) -> dict[str, str]:
    response = await client.post("/v1/keys", json={"name": "a report", "role": "viewer", **changes}, headers=BEARER)
    assert response.status_code == 201, response.text
    return response.json()


def bearing(key: dict[str, str]) -> dict[str, str]:
    return {"authorization": f"Bearer {key['key']}"}


async def status(client: httpx.AsyncClient, key: dict[str, str]) -> int:
    return (await client.post(DATA, json={}, headers=bearing(key))).status_code


async def test_a_key_is_shown_once_and_kept_as_a_hash(shared_house: House, public: httpx.AsyncClient) -> None:
    key = await made(public)
    assert await status(public, key) == 200
    listed = (await public.get("/v1/keys", headers=BEARER)).json()["keys"]
    told = next(each for each in listed if each["key_id"] == key["key_id"])
    assert told["last_used_at"] is not None
    assert key["key"].startswith(told["prefix"])
    assert "key" not in told
    connection = await asyncpg.connect(shared_house.url)
    for table in ("api_key", "audit"):
        rows = await connection.fetch(f"SELECT t::text FROM assay.{table} AS t")
        assert rows
        assert key["key"][12:] not in json.dumps([row[0] for row in rows])
    await connection.close()


async def test_a_key_does_what_its_role_allows(public: httpx.AsyncClient) -> None:
    key = await made(public, role="viewer")
    who = (await public.get("/v1/session", headers=bearing(key))).json()["who"]
    assert (who["name"], who["kind"], who["roles"]) == ("key a report", "key", ["viewer"])
    for method, path, body in (("GET", "/v1/keys", None), ("POST", "/v1/keys", {"name": "x", "role": "admin"})):
        refused = await public.request(method, path, json=body, headers=bearing(key))
        assert (refused.status_code, refused.json()["kind"]) == (403, "not_allowed")


async def test_a_revoked_key_opens_nothing_in_any_process(shared_house: House, public: httpx.AsyncClient) -> None:
    key = await made(public)
    async with served(shared_house) as other:
        assert [await status(each, key) for each in (public, other)] == [200, 200]
        gone = await public.delete(f"/v1/keys/{key['key_id']}", headers=BEARER)
        assert gone.json()["state"] == "revoked"

        async def is_over() -> bool:
            return [await status(each, key) for each in (public, other)] == [401, 401]

        await eventually(is_over)
        again = await public.delete(f"/v1/keys/{key['key_id']}", headers=BEARER)
        assert again.json()["revoked_at"] == gone.json()["revoked_at"]


async def test_a_key_that_was_deleted_changed_or_has_run_out_opens_nothing(
    shared_house: House, public: httpx.AsyncClient
) -> None:
    """Also where it was done beside Assay, in the database."""
    for change in (
        "DELETE FROM assay.api_key WHERE key_id = $1",
        "UPDATE assay.api_key SET roles = '{}' WHERE key_id = $1",
        "UPDATE assay.api_key SET expires_at = now() WHERE key_id = $1",
    ):
        key = await made(public)
        assert await status(public, key) == 200
        await shared_house.running.database.fetch(f"{change} RETURNING 1", key["key_id"])

        async def is_over(key: dict[str, str] = key) -> bool:
            return await status(public, key) in (401, 403)

        await eventually(is_over)


async def test_a_stream_ends_with_its_key(shared_house: House, public: httpx.AsyncClient) -> None:
    """Though nothing is said on it, and in another process than the one that ended the key."""
    key = await made(public)
    door = Door(shared_house.running.database, TOKEN, lambda _: "")
    stream = _events(shared_house.running, None, lambda: door.bearer(key["key"].encode()))
    assert b"hello" in await anext(stream)
    await public.delete(f"/v1/keys/{key['key_id']}", headers=BEARER)
    async with asyncio.timeout(60):
        assert [each async for each in stream if b"heartbeat" not in each] == []


@pytest.mark.parametrize(
    "header", ["Bearer assay_", "Bearer assay_" + "x" * 43, "Bearer assay_" + "x" * 44, "Bearer \xff\xfe", "Bearer"]
)
async def test_what_is_no_key_opens_nothing(public: httpx.AsyncClient, header: str) -> None:
    response = await public.get("/v1/workspace", headers={"authorization": header.encode("latin-1")})
    assert (response.status_code, response.json()["kind"]) == (401, "sign_in_required")


async def test_on_loopback_a_key_is_itself_and_other_texts_are_nothing(
    shared_house: House, public: httpx.AsyncClient
) -> None:
    key = await made(public)
    for header, kind in (({}, "local"), ({"authorization": "Bearer anything"}, "local"), (bearing(key), "key")):
        found = (await shared_house.client.get("/v1/session", headers=header)).json()
        assert (found["who"]["kind"], found["asks_for_sign_in"]) == (kind, False)
    wrong = {"authorization": "Bearer assay_" + "y" * 43}
    assert (await shared_house.client.get("/v1/workspace", headers=wrong)).status_code == 401


async def test_without_the_store_nobody_is_known_but_who_bears_the_token(
    shared_house: House, public: httpx.AsyncClient
) -> None:
    key = (await made(public))["key"].encode()
    database = Database(shared_house.url)
    door = Door(database, TOKEN, lambda _: "")
    assert await door.bearer(key)
    await database.close()
    database.url = "postgresql://nobody@127.0.0.1:1/nothing"

    async def is_over() -> bool:
        try:
            return await door.bearer(key) is None
        except StoreUnavailable:
            return True

    await eventually(is_over)
    assert (await door.bearer(TOKEN.encode())) is not None
    await database.close()


async def test_a_key_may_be_limited_to_metrics_and_sees_no_other_by_any_door(public: httpx.AsyncClient) -> None:
    whole, key = await made(public), await made(public, metrics=["cost_*", "csat"], role="steward")
    other = "/v1/metrics/claim_volume_l3_asurion/data"
    for path in (DATA, other):
        assert (await public.post(path, json={}, headers=bearing(whole))).status_code == 200  # kept as a prepared answer
    assert await status(public, key) == 200
    for refused in (
        await public.post(other, json={}, headers=bearing(key)),
        await public.post(
            "/v1/data", json={"questions": [{"key": "a", "metrics": ["claim_volume_l3_asurion"]}]}, headers=bearing(key)
        ),
        await public.get(f"{other}.csv", headers=bearing(key)),
        await public.get("/v1/metrics/claim_volume_l3_asurion", headers=bearing(key)),
        await public.post("/v1/metrics/claim_volume_l3_asurion/rows", json={}, headers=bearing(key)),
        await public.get("/v1/recommendations", headers=bearing(key)),
        await public.post("/v1/routes/cost_avoided_mtd/compare", json={"to": "lakehouse"}, headers=bearing(key)),
        await public.get("/v1/keys", headers=bearing(key)),
        await public.post("/v1/dashboards", json={"label": "Mine"}, headers=bearing(key)),
    ):
        told = refused.json()
        is_part = refused.status_code == 200 and told["answers"][0]["answer"] is None
        assert is_part or refused.status_code in (403, 404, 405), refused.text
        assert '"rows"' not in refused.text
    listed = [each["metric_id"] for each in (await public.get("/v1/metrics", headers=bearing(key))).json()["metrics"]]
    assert "csat" in listed
    assert all(each == "csat" or each.startswith("cost_") for each in listed)
    told = next(
        each for each in (await public.get("/v1/keys", headers=BEARER)).json()["keys"] if each["key_id"] == key["key_id"]
    )
    assert (told["metrics"], told["verbs"]) == (["cost_*", "csat"], ["see"])


async def test_a_key_may_be_limited_to_verbs_of_its_role(public: httpx.AsyncClient) -> None:
    key = await made(public, role="admin", verbs=["manage"])
    assert (await public.get("/v1/keys", headers=bearing(key))).status_code == 200
    for path in (DATA, "/v1/data"):
        body = {} if path == DATA else {"questions": [{"key": "a", "metrics": ["cost_avoided_mtd"]}]}
        told = await public.post(path, json=body, headers=bearing(key))
        assert '"rows"' not in told.text, told.text
    for path in ("/v1/metrics", "/v1/receipts", "/v1/dictionary", "/v1/stream"):
        assert (await public.get(path, headers=bearing(key))).status_code == 403
    # What it makes does no more than itself.
    more = await public.post("/v1/keys", json={"name": "more", "role": "admin"}, headers=bearing(key))
    assert more.json()["verbs"] == ["manage"]
    assert (await public.post("/v1/keys", json={"name": "x", "role": "viewer"}, headers=bearing(key))).status_code == 403
    for wrong in (
        {"verbs": ["settle"]},
        {"verbs": []},
        {"metrics": ["cost_*"], "verbs": ["see", "edit"]},
        {"metrics": ["A b"]},
    ):
        refused = await public.post("/v1/keys", json={"name": "x", "role": "editor", **wrong}, headers=BEARER)
        assert refused.status_code == 422, refused.text

"""Who did what: each change is said in the audit log by the transaction that made it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.api.steps import BEARER, TOKEN, database_away, from_outside
from tests.conftest import House, eventually

from assay.errors import StoreUnavailable
from assay.people.heads import heads_file
from assay.people.sign_in import MOST_OF_ACCOUNT as MOST
from assay.signing.heads import Head
from assay.store.audit import hash_of


@pytest.fixture(scope="module")
async def public(shared_house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with from_outside(shared_house, headers=BEARER, host="0.0.0.0") as client:
        yield client


async def entries(client: httpx.AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    response = await client.get("/v1/audit", params=asked)
    assert response.status_code == 200, response.text
    return response.json()["entries"]


async def as_one(client: httpx.AsyncClient, role: str) -> dict[str, str]:
    made = (await client.post("/v1/keys", json={"name": role, "role": role})).json()
    return {"authorization": f"Bearer {made['key']}", "x-request-id": f"by-{role}"}


async def test_each_change_is_said_with_who_made_it(public: httpx.AsyncClient) -> None:
    steward, editor = await as_one(public, "steward"), await as_one(public, "editor")
    moved = await public.put("/v1/routes/csat", json={"backend": "lakehouse", "by": "the CEO"}, headers=steward)
    assert moved.status_code == 200, moved.text
    made = await public.post("/v1/dashboards", json={"label": "Of the test"}, headers=editor)
    gone = await public.delete(f"/v1/dashboards/{made.json()['dashboard_id']}", headers=editor)
    widget = {"kind": "bar", "title": "T", "question": {"metrics": ["csat"], "dimensions": ["channel"]}}
    saved = await public.post("/v1/widgets", json={"widget": widget}, headers=editor)
    drafted = await public.post("/v1/drafts", json={"words": "average deductible of claims"}, headers=editor)
    assert [each.status_code for each in (made, gone, saved, drafted)] == [201, 200, 201, 201], drafted.text
    dropped = await public.delete(f"/v1/drafts/{drafted.json()['draft_id']}", headers=editor)
    assert dropped.status_code == 204
    (flip,) = await entries(public, action="route.moved", who="key steward")
    assert (flip["subject"], flip["before"], flip["after"]["backend"]) == ("csat", {"backend": "postgres"}, "lakehouse")
    assert (flip["who"]["kind"], flip["who"]["as"], flip["request_id"]) == ("key", None, "by-steward")
    assert "the CEO" not in flip["document"]
    found = await entries(public, who="key editor")
    assert [each["action"] for each in found] == [
        "draft.dropped", "draft.proposed", "widget.saved", "dashboard.deleted", "dashboard.made",
    ]  # fmt: skip
    assert {each["address"] for each in found} == {"127.0.0.1"}
    assert [each["action"] for each in await entries(public, action="key", limit=2)] == ["key.created", "key.created"]


async def test_the_log_is_looked_through_by_what_it_was_about_and_when(public: httpx.AsyncClient) -> None:
    key = (await public.post("/v1/keys", json={"name": "looked for", "role": "viewer"})).json()["key_id"]
    (said,) = await entries(public, subject=key)
    day = said["at"][:10]
    assert [each["number"] for each in await entries(public, subject=key, since=day)] == [said["number"]]
    assert await entries(public, subject=key, until=day) == []
    assert await entries(public, subject=key, since=said["at"][:19] + "Z", until=said["at"][:4]) == []
    assert (await public.get("/v1/audit", params={"since": "yesterday"})).status_code == 422


async def test_a_change_that_is_refused_is_not_said(public: httpx.AsyncClient) -> None:
    before = len(await entries(public, limit=200))
    refused = await public.delete("/v1/widgets/nothing")
    assert refused.status_code == 404
    assert len(await entries(public, limit=200)) == before


async def test_only_an_admin_reads_the_log(public: httpx.AsyncClient) -> None:
    steward = await as_one(public, "steward")
    for path in ("/v1/audit", "/v1/audit/proof"):
        assert (await public.get(path, headers=steward)).status_code == 403


async def test_its_end_leaves_the_database_and_what_was_done_before_it_cannot_be_changed(
    shared_house: House, public: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def has_left() -> bool:
        found = (await public.get("/v1/audit/proof")).json()
        assert found["ok"], found
        return found["left"] is not None

    await eventually(has_left)
    assert heads_file(shared_house.settings.home).stat().st_mode & 0o777 == 0o600


async def test_who_fails_to_sign_in_is_said_and_is_sent_away_for_a_while(public: httpx.AsyncClient) -> None:
    async def sign_in(token: str) -> httpx.Response:
        return await public.post("/v1/session", json={"token": token}, headers={"authorization": ""})

    assert (await sign_in(TOKEN)).status_code == 204
    public.cookies.clear()
    tried = [await sign_in(f"wrong-{number}") for number in range(MOST)]
    assert {each.status_code for each in tried} == {401}
    refused = await sign_in(TOKEN)
    assert (refused.status_code, refused.json()["kind"]) == (429, "too_many_attempts")
    assert 0 < int(refused.headers["retry-after"]) <= 900
    said = await entries(public, action="sign_in", limit=MOST + 2)
    assert [each["action"] for each in said] == ["sign_in.throttled", *["sign_in.failed"] * MOST, "sign_in.ok"]
    assert "wrong-" not in str(said)


async def test_a_refusal_is_said_at_once_and_a_flood_of_them_once_a_minute(
    public: httpx.AsyncClient, shared_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = (await public.post("/v1/keys", json={"name": "curious", "role": "viewer"})).json()
    viewer = {"authorization": f"Bearer {made['key']}", "x-request-id": "by-the-curious"}
    noting = shared_house.running.noting
    for _ in range(30):
        assert (await public.put("/v1/routes/csat", json={"backend": "lakehouse"}, headers=viewer)).status_code == 403
    assert (await public.get("/v1/audit", headers=viewer)).status_code == 403
    await noting.write()
    for _ in range(5):
        await public.put("/v1/routes/csat", json={"backend": "lakehouse"}, headers=viewer)
    await noting.write()
    said = await entries(public, action="access.refused", who="key curious")
    assert [(each["subject"], each["after"]["times"]) for each in said] == [("audit_log", 1), ("change_route", 30)]
    assert said[0]["request_id"] == "by-the-curious"
    assert "needs the role admin" in said[0]["after"]["reason"]
    # When the minute is over the rest is told, and the next one begins anew.
    monkeypatch.setattr("assay.people.noting._MINUTE", 0.0)
    await noting.write()
    (rest,) = (await entries(public, action="access.refused", who="key curious"))[:1]
    assert (rest["subject"], rest["after"]["times"]) == ("change_route", 5)
    assert not noting._refused


async def test_files_that_are_taken_are_said_always_and_questions_where_that_is_wanted(
    shared_house: House, public: httpx.AsyncClient
) -> None:
    noting = shared_house.running.noting
    viewer = {**await as_one(public, "viewer"), "x-request-id": "asked-by-a-viewer"}
    path = "/v1/metrics/csat/data"
    assert (await public.post(f"{path}.csv", json={}, headers=viewer)).status_code == 200
    assert (await public.post(path, json={}, headers=viewer)).status_code == 200
    await noting.write()
    (said,) = await entries(public, who="key viewer", action="export")
    assert (said["action"], said["subject"], said["after"]) == ("export.made", path, {"format": "csv"})
    assert said["request_id"] == "asked-by-a-viewer"
    noting.of_questions = True
    try:
        receipts = {
            (await public.post(path, json={}, headers=viewer)).json()["provenance"]["receipt_id"] for _ in range(2)
        } | {(await public.post("/v1/metrics/csat/rows", json={}, headers=viewer)).status_code}
        await noting.write()
        await public.post(path, json={}, headers=viewer)
        await noting.write()
        batches = (await entries(public, who="key viewer", action="question.asked"))[::-1]
        asked = [each for batch in batches for each in batch["after"]["asked"]]
        assert [each["answers"][0]["metrics"] for each in asked] == [["csat"]] * 4
        assert {each["answers"][0]["receipt"] for each in asked[:2]} == receipts - {200}
        assert {each["request_id"] for each in asked} == {"asked-by-a-viewer"}
        numbers = [each["after"]["batch"] for each in batches]
        assert numbers == list(range(numbers[0], numbers[0] + len(batches)))
        assert len(batches) > 1
    finally:
        noting.of_questions = False


@pytest.mark.exhaustive
async def test_what_waits_while_the_store_is_away_is_written_when_it_is_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    noting = house.running.noting
    noting.of_questions = True
    monkeypatch.setattr("assay.people.noting._MOST_WAITING", 2)
    async with database_away(house.url):
        for _ in range(3):
            await house.client.post("/v1/metrics/claim_volume_l3_asurion/data", json={"grain": "month"})
        with pytest.raises(StoreUnavailable):
            await noting.write()

    async def said() -> Any:
        found = (await house.client.get("/v1/audit", params={"action": "question.asked"})).json()
        return found.get("entries")

    (found,) = await eventually(said)
    assert (len(found["after"]["asked"]), found["after"]["lost"]) == (2, 1)


async def test_entries_go_to_standard_output_and_heads_to_an_address(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    got = list[bytes]()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        got.append(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    leaving = house.running.leaving
    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        leaving.places = ("-", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/heads")
        leaving.is_telling = True
        made = (await house.client.post("/v1/keys", json={"name": "told", "role": "viewer"})).json()
        said = ""

        async def told() -> Any:
            nonlocal said
            said += capsys.readouterr().out
            lines = [json.loads(line) for line in said.splitlines()]
            return [each for each in lines if each.get("subject") == made["key_id"]]

        (entry,) = await eventually(told)
        assert (entry["log"], entry["action"], entry["who"]["kind"]) == ("audit", "key.created", "local")
        document = {name: entry[name] for name in entry if name not in ("log", "number", "previous", "hash")}
        text = json.dumps(document, sort_keys=True, separators=(",", ":"))
        assert hash_of(entry["number"], entry["previous"], text) == entry["hash"]
        head = await leaving.head_of("audit")
        assert head
        await leaving.let_go(head)
    assert [Head(**{name: json.loads(each)[name] for name in Head._fields}).number for each in got][-1] == head.number
    assert got[-1].decode() in said + capsys.readouterr().out

"""`/mcp`: the tools over HTTP, for whoever the guard knows; what they may do and see is theirs, and nobody else's."""

import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import httpx2
import mcp
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from mcp.client.streamable_http import streamable_http_client
from tests.api.steps import BEARER, from_outside
from tests.conftest import House, eventually

from assay.people.providers import read_identity

URL = "https://assay.example"
RESOURCE = f"{URL}/mcp"
METADATA = "/.well-known/oauth-protected-resource/mcp"
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_metrics", "arguments": {}}}
SPEAKS = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25"}
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
served = partial(from_outside, host="0.0.0.0")


_OF_THE_SOCKET = ("host", "content-length", "content-encoding")


class Through(httpx2.AsyncBaseTransport):
    """The client's requests, as they would come over a socket."""

    def __init__(self, http: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self._http = http
        self._headers = headers

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        left = {name: value for name, value in request.headers.items() if name not in _OF_THE_SOCKET}
        told = await self._http.request(
            request.method, request.url.path, content=await request.aread(), headers=left | self._headers
        )
        given = {name: value for name, value in told.headers.items() if name not in _OF_THE_SOCKET}
        return httpx2.Response(told.status_code, headers=given, content=told.content)


@asynccontextmanager
async def agent(http: httpx.AsyncClient, headers: dict[str, str] | None = None) -> AsyncIterator[mcp.Client]:
    async with (
        httpx2.AsyncClient(transport=Through(http, headers or {})) as through,
        mcp.Client(streamable_http_client(f"{http.base_url}/mcp", http_client=through)) as client,
    ):
        yield client


async def use(client: mcp.Client, tool: str, **arguments: Any) -> dict[str, Any]:
    done = await client.call_tool(tool, arguments)
    assert not done.is_error, done.content
    assert isinstance(done.structured_content, dict)
    return done.structured_content


async def key_of(public: httpx.AsyncClient, **changes: object) -> dict[str, str]:
    made = await public.post("/v1/keys", json={"name": "an agent", "role": "viewer", **changes}, headers=BEARER)
    assert made.status_code == 201, made.text
    return {"authorization": f"Bearer {made.json()['key']}"}


async def test_an_agent_gets_the_number_and_receipt_of_the_page(shared_house: House) -> None:
    page = await shared_house.ask("cost_avoided_mtd", dimensions=["region"])
    async with agent(shared_house.client) as client:
        asked = {"metrics": ["cost_avoided_mtd"], "dimensions": ["region"]}
        table = (await use(client, "query_metrics", questions=[asked]))["answers"][0]
        assert (table["rows"], table["answer_id"]) == (page["rows"], page["answer_id"])
        assert table["receipt_id"] == page["provenance"]["receipt_id"]  # type: ignore[index]
        assert table["receipt_link"] == f"http://127.0.0.1:8400/receipts/{table['receipt_id']}"
        assert (await use(client, "verify_receipt", receipt_id=table["receipt_id"]))["is_as_signed"]
        assert (await use(client, "time_range", metric_id="cost_avoided_mtd"))["first"]


async def test_a_client_of_an_older_protocol_is_answered_too(shared_house: House) -> None:
    begin = {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "old", "version": "1"}},
    }  # fmt: skip
    old = SPEAKS | {"mcp-protocol-version": "2025-06-18"}
    begun = await shared_house.client.post("/mcp", json=begin, headers=old)
    assert (begun.status_code, begun.json()["result"]["serverInfo"]["name"]) == (200, "assay")
    called = await shared_house.client.post("/mcp", json=CALL, headers=old)
    told = called.json()["result"]["structuredContent"]["metrics"]
    known = (await shared_house.client.get("/v1/metrics")).json()["metrics"]
    assert [each["metric_id"] for each in told] == [each["metric_id"] for each in known][:50]


async def test_what_may_be_read_is_the_catalog_the_dictionary_and_the_book(shared_house: House) -> None:
    async with agent(shared_house.client) as client:
        listed = {str(each.uri) for each in (await client.list_resources()).resources}
        assert listed == {"assay://catalog", "assay://dictionary", "assay://language"}

        async def read(uri: str) -> str:
            (content,) = (await client.read_resource(uri)).contents
            return str(getattr(content, "text", ""))

        for path, uri in (("metrics", "catalog"), ("metrics/csat", "catalog/csat"), ("dictionary", "dictionary")):
            assert json.loads(await read(f"assay://{uri}")) == (await shared_house.client.get(f"/v1/{path}")).json()
        book = await read("assay://language")
        pages = [line.removeprefix("- ") for line in book.splitlines() if line.startswith("- assay://language/")]
        assert pages
        for each in pages:
            assert (await read(each)).startswith("# ")
        for nothing in ("assay://language/nowhere", "assay://language/..%2F..%2Fassay", "assay://catalog/nowhere"):
            with pytest.raises(mcp.MCPError):
                await read(nothing)


async def test_each_prompt_names_tools_and_resources_that_there_are(shared_house: House) -> None:
    async with agent(shared_house.client) as client:
        tools = {each.name for each in (await client.list_tools()).tools}
        prompts = (await client.list_prompts()).prompts
        assert {each.name for each in prompts} == {"answer", "compare", "check", "propose"}
        for each in prompts:
            given = {one.name: "x" for one in each.arguments or []}
            (message,) = (await client.get_prompt(each.name, given)).messages
            words = {word.strip(".,:;()") for word in str(getattr(message.content, "text", "")).split()}
            named = {word for word in words if "_" in word and word.isidentifier()} - {"receipt_id", "with_period"}
            assert named
            assert named <= tools


async def test_each_asks_as_themselves_and_sees_what_is_theirs(shared_house: House) -> None:
    async with served(shared_house) as public:
        whole, narrow = await key_of(public, role="editor"), await key_of(public, metrics=["csat"])
        async with agent(public, whole) as one, agent(public, narrow) as other:
            known = await use(one, "list_metrics")
            assert known["metrics_in_all"] > 1
            assert [each["metric_id"] for each in (await use(other, "list_metrics"))["metrics"]] == ["csat"]
            refused = await other.call_tool("query_metrics", {"questions": [{"metrics": ["cost_avoided_mtd"]}]})
            assert refused.is_error
            compiled = {"question": {"metrics": ["csat"]}, "dialect": "duckdb"}
            assert not (await one.call_tool("compile_query", compiled)).is_error
            assert "limited" in str((await other.call_tool("compile_query", compiled)).content)


async def test_strangers_and_other_sites_are_refused_before_the_tools(shared_house: House) -> None:
    async with served(shared_house) as public:
        stranger = await public.post("/mcp", json=CALL, headers=SPEAKS)
        assert (stranger.status_code, stranger.headers["www-authenticate"]) == (401, "Bearer")
        assert (await public.get(METADATA)).status_code == 404  # nobody gives tokens for it
        key = await key_of(public)
        assert (await public.post("/mcp", json=CALL, headers=SPEAKS | key)).status_code == 200
        elsewhere = SPEAKS | key | {"origin": "https://evil.example"}
        assert (await public.post("/mcp", json=CALL, headers=elsewhere)).status_code == 403
        for method in ("GET", "DELETE"):
            gone = await public.request(method, "/mcp", headers=SPEAKS | key)
            assert (gone.status_code, gone.headers["allow"]) == (405, "POST")
        large = await public.post("/mcp", content=b" " * 300_000, headers=SPEAKS | key)
        assert (large.status_code, large.json()["kind"]) == (413, "body_too_large")
        broken = await public.post("/mcp", content=b"{", headers=SPEAKS | key | {"content-type": "application/json"})
        assert broken.status_code == 400
    named = await shared_house.client.post("/mcp", json=CALL, headers=SPEAKS | {"host": "evil.example"})
    assert named.status_code == 403


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    class Provider(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here = f"http://127.0.0.1:{server.server_port}"
            metadata = {"issuer": here, **{name: f"{here}/{name}" for name in (
                "authorization_endpoint", "token_endpoint", "jwks_uri")}}  # fmt: skip
            keys = {"keys": [KEY.as_dict(private=False)]}
            body = json.dumps(keys if self.path == "/jwks_uri" else metadata).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Provider)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def vouched_by(house: House, provider: str, folder: Path) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    file = folder / "identity.yaml"
    file.write_text(f"oidc:\n  corp: {{issuer: '{provider}', client_id: assay}}\nroles:\n  viewer: ['oidc:corp/west']\n")
    return from_outside(house, "10.0.0.9", URL, identity=read_identity(file, {}), public_url=URL)


def token(issuer: str, key: Any = KEY, typ: str = "at+jwt", **changes: Any) -> dict[str, str]:
    now = int(time.time())
    claims = {"iss": issuer, "aud": RESOURCE, "sub": "jane", "azp": "an-agent", "groups": ["west"],
              "iat": now, "exp": now + 60}  # fmt: skip
    signed = jwt.encode({"alg": "RS256", "kid": "one", "typ": typ}, claims | changes, key, algorithms=["RS256"])
    return {"authorization": f"Bearer {signed}"}


async def test_a_token_that_was_given_for_this_server_lets_its_person_in_here_alone(
    shared_house: House, provider: str, tmp_path: Path
) -> None:
    async with vouched_by(shared_house, provider, tmp_path) as public:
        stranger = await public.post("/mcp", json=CALL, headers=SPEAKS)
        assert stranger.headers["www-authenticate"] == f'Bearer resource_metadata="{URL}{METADATA}"'
        found = (await public.get(METADATA)).json()
        assert (found["resource"], found["authorization_servers"]) == (RESOURCE, [provider])
        good = token(provider)
        async with agent(public, good) as client:
            table = (await use(client, "query_metrics", questions=[{"metrics": ["csat"]}]))["answers"][0]
        assert table["receipt_link"].startswith(f"{URL}/receipts/")
        assert (await public.get("/v1/workspace", headers=good)).status_code == 401  # what was given for agents alone
        now = int(time.time())
        for bad in (
            token(provider, aud="assay"), token(provider, aud=f"{URL}/other"), token(provider, OTHER),
            token(provider, exp=now - 120), token("https://evil.example"), token(provider, typ="logout+jwt"),
        ):  # fmt: skip
            refused = await public.post("/mcp", json=CALL, headers=SPEAKS | bad)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith('Bearer error="invalid_token", resource_metadata=')
        nobody = await public.post("/mcp", json=CALL, headers=SPEAKS | token(provider, sub="joe", groups=[]))
        assert nobody.status_code == 401
        people = (await public.get("/v1/people", headers=BEARER)).json()["people"]
        jane = next(each for each in people if "jane" in json.dumps(each))
        disabled = await public.patch(f"/v1/people/{jane['person_id']}", json={"disabled": True}, headers=BEARER)
        assert disabled.status_code == 200, disabled.text

        async def is_out() -> bool:
            return (await public.post("/mcp", json=CALL, headers=SPEAKS | good)).status_code == 401

        await eventually(is_out)

"""Answers are compressed for whoever takes that, line by line where they come in lines, and left alone otherwise."""

import gzip
import json
import zlib
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from assay.web.compressed import Compressed, takes_gzip

ROWS = [{"region": f"region {number}", "claims": number} for number in range(200)]


async def _large(_: Request) -> Response:
    return JSONResponse(ROWS, headers={"etag": '"1"'})


async def _small(_: Request) -> Response:
    return JSONResponse({"ok": True})


async def _text(_: Request) -> Response:
    return PlainTextResponse("x" * 5_000)


async def _lines(_: Request) -> Response:
    async def lines() -> AsyncIterator[bytes]:
        for number in range(3):
            yield b'{"line":%d}\n' % number

    return StreamingResponse(lines(), media_type="application/x-ndjson")


APP = Compressed(
    Starlette(routes=[Route("/large", _large), Route("/small", _small), Route("/text", _text), Route("/lines", _lines)])
)


@pytest.mark.parametrize(
    ("path", "accepted", "coding"),
    [("/large", "gzip, br", "gzip"), ("/large", "identity", None), ("/large", "gzip;q=0", None), ("/small", "gzip", None),
     ("/text", "gzip", None), ("/lines", "gzip", "gzip"), ("/nowhere", "gzip", None)],
)  # fmt: skip
def test_only_what_is_large_json_is_compressed(path: str, accepted: str, coding: str | None) -> None:
    with TestClient(APP) as client:
        answer = client.get(path, headers={"accept-encoding": accepted})
        plain = client.get(path, headers={"accept-encoding": "identity"})
    assert answer.headers.get("content-encoding") == coding
    assert answer.content == plain.content
    if coding and path == "/large":
        assert (answer.headers["vary"], answer.headers["etag"]) == ("accept-encoding", '"1"')
        assert json.loads(answer.content) == ROWS


async def test_each_line_can_be_read_before_the_next_comes() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope: Scope = {"type": "http", "method": "GET", "path": "/lines", "raw_path": b"/lines", "query_string": b"",
                    "headers": [(b"accept-encoding", b"gzip")], "root_path": ""}  # fmt: skip

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/x-ndjson")]})
        await send({"type": "http.response.body", "body": b"one\n", "more_body": True})
        unpacked = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(sent[-1]["body"])
        assert unpacked == b"one\n"
        await send({"type": "http.response.body", "body": b"two\n", "more_body": False})

    await Compressed(application)(scope, receive, send)
    assert gzip.decompress(b"".join(each["body"] for each in sent[1:])) == b"one\ntwo\n"


def test_a_coding_refused_with_q_0_is_not_taken() -> None:
    assert [takes_gzip(each) for each in ("gzip", "br, GZIP;q=0.5", "gzip;q=0.0", "br", "")] == [
        True,
        True,
        False,
        False,
        False,
    ]

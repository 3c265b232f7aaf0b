"""The two data routes are read straight from the body: to the same question as the framework reads, or not at all."""

from typing import Annotated, Any

import httpx
import pytest
from fastapi import Body, FastAPI

from assay.compiler.question import Asked
from assay.web.data import read_asked
from assay.web.schemas import QuestionsIn

ONE, MANY = "/v1/metrics/sales/data", "/v1/data"
BODIES: list[bytes] = [
    b"", b"null", b"{}", b" {} ", b"[]", b"5", b"{", b"\xff", b'"x"', b"true", b'{"limit": 5.0}', b'{"limit": "5"}',
    b'{"limit": NaN}',
    b'{"limit": 5, "limit": 6}', b'{"dimensions": ["a"]}', b'{"dimensions": "a"}', b'{"window": {"start": "a", "end": "b"}}',
    b'{"filters": [{"dimension": "a", "op": "eq", "values": [true]}]}', b'{"filters": [{"dimension": "a", "op": "eq"}]}',
    b'{"filters": [{"dimension": "a", "op": "in", "values": [1, 1.5, "\\ud800"]}]}', b'{"other": 1}', b"[" * 3_000,
    b'{"questions": [{"key": "a", "metrics": ["sales"], "grain": "day"}]}', b'{"questions": []}', b'{"questions": [{}]}',
    '{"dimensions": ["ü"]}'.encode("utf-16"), b"\xef\xbb\xbf{}",
]  # fmt: skip


def framework() -> FastAPI:
    """What FastAPI itself makes of a body of either form, told as it prints."""
    app = FastAPI()

    @app.post(ONE)
    async def one(asked: Asked | None = None) -> str:
        return repr(asked or Asked())

    @app.post(MANY)
    async def many(questions: Annotated[QuestionsIn, Body()]) -> str:
        return repr(questions)

    return app


@pytest.mark.parametrize("path", [ONE, MANY])
@pytest.mark.parametrize("body", BODIES)
async def test_what_is_read_straight_is_what_the_framework_reads(path: str, body: bytes) -> None:
    asked = read_asked(path, body)
    transport = httpx.ASGITransport(framework(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        told = await client.post(path, content=body, headers={"content-type": "application/json"})
    as_read: Any = repr(asked) if asked is not None else None
    assert as_read == (told.json() if told.status_code == 200 else None)


@pytest.mark.parametrize("path", ["/v1/metrics//data", "/v2/data", "/v1/a/b/data", "/v1/metrics/a/b/data", "/data"])
def test_other_paths_are_not_read(path: str) -> None:
    assert read_asked(path, b"{}") is None

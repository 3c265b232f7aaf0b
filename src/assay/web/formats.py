"""Answers in other formats than JSON, by `Accept` or by the path's ending.

Plain ASGI before everything that answers: the question takes the way of every other, and what comes back as JSON is
written in the format. So the numbers, what may be seen and the receipt are the same, and who asks for JSON pays a look at
a header.
"""

import logging
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assay.errors import AssayError
from assay.formats.render import KINDS, render
from assay.web.guard import send_problem
from assay.work.pool import Workers

_CPU_SECONDS = 20.0
_BY_TYPE = {accepted: kind for kind, accepted in KINDS.items()}
_PATH = re.compile(rf"/v1/(?:(?:(?:metrics|widgets|drafts)/[^/]+/)?data|figure)(?:\.({'|'.join(KINDS)}))?")
"""What gives numbers, and whatever else is called data is not: `/v1/dashboards/data.csv` is a dashboard."""
_JSON = (b"accept", b"application/json")
_UNTOUCHED = (b"", b"*/*", b"application/json")
_log = logging.getLogger(__name__)


class Formats:
    def __init__(self, app: ASGIApp, workers: Workers, noted: Callable[[str, str], None]) -> None:
        """`noted` is told of each file that is given: of what, and in which format."""
        self._app = app
        self._workers = workers
        self._noted = noted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = _wanted(scope) if scope["type"] == "http" and scope["path"].startswith("/v1/") else None
        if kind is None:
            await self._app(scope, receive, send)
            return
        _turn_to_json(scope, kind)
        held = _Held()
        try:
            await self._app(scope, receive, held)
        finally:
            # Whoever left is sent nothing; an accident is told as it was, and goes on to whoever logs it.
            if held.start is not None:
                if held.start["status"] == 200:
                    self._noted(scope["path"], kind)
                await self._send_as(kind, held.start, b"".join(held.body), send)

    async def _send_as(self, kind: str, start: Message, body: bytes, send: Send) -> None:
        if start["status"] == 200:
            try:
                status, told, content = await self._workers.run(
                    render, body, kind, cpu_seconds=_CPU_SECONDS, what="Writing this file"
                )
            except AssayError as error:
                await send_problem(error, send)
                return
            except Exception as error:  # noqa: BLE001 - whatever it was, it is a problem document
                _log.error("an accident", exc_info=error)
                await send_problem(AssayError("Something went wrong inside Assay; the log says what."), send)
                return
            headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in told.items()]
            await _send(status, [*_kept(start, kind if status == 200 else None), *headers], content, send)
        elif start["status"] == 304:
            await _send(304, _kept(start, kind), b"", send)
        else:
            await send(start)
            await send({"type": "http.response.body", "body": body})


class _Held:
    """The sending side of the JSON answer: kept, until all of it is there."""

    def __init__(self) -> None:
        self.start: Message | None = None
        self.body: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        elif message["type"] == "http.response.body":
            self.body.append(message.get("body", b""))


def _wanted(scope: Scope) -> str | None:
    """The format that is asked for; None for JSON, and for whatever is no answer of numbers."""
    found = _PATH.fullmatch(scope["path"])
    if found is None:
        return None
    if found[1]:
        return found[1]
    for name, value in scope["headers"]:
        if name == b"accept":
            return None if value in _UNTOUCHED else best_of(value)
    return None


@lru_cache(maxsize=256)
def best_of(accepted: bytes) -> str | None:
    """The format that an Accept header likes most, the first of equals; None where that is JSON or nothing we know."""
    best, most = None, 0.0
    for each in accepted.decode("latin-1").lower().split(","):
        name, *parameters = (part.strip() for part in each.split(";"))
        quality = next((_quality(part[2:]) for part in parameters if part.startswith("q=")), 1.0)
        is_known = name in _BY_TYPE or name in ("application/json", "application/x-ndjson", "application/*", "*/*")
        if is_known and quality > most:
            best, most = _BY_TYPE.get(name), quality
    return best


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _turn_to_json(scope: Scope, kind: str) -> None:
    """In place: what the router finds is read from it by whoever names the request's span."""
    ending = f".{kind}"
    if scope["path"].endswith(ending):
        scope["path"] = scope["path"].removesuffix(ending)
        scope["raw_path"] = scope["path"].encode()
    mark = f'.{kind}"'.encode()
    headers: list[tuple[bytes, bytes]] = [_JSON]
    for name, value in scope["headers"]:
        if name == b"if-none-match" and value.endswith(mark):
            headers.append((name, value.removesuffix(mark) + b'"'))
        elif name not in (b"accept", b"accept-encoding", b"if-none-match"):
            headers.append((name, value))
    scope["headers"] = headers


def _kept(start: Message, kind: str | None) -> Iterable[tuple[bytes, bytes]]:
    """Of the JSON answer's headers those that hold for the file too; its tag with the format in it."""
    yield b"vary", b"accept"
    for name, value in start.get("headers", ()):
        if name == b"etag" and kind is not None:
            yield name, value.removesuffix(b'"') + f'.{kind}"'.encode()
        elif name not in (b"content-type", b"content-length", b"etag", b"vary"):
            yield name, value


async def _send(status: int, headers: Iterable[tuple[bytes, bytes]], content: bytes, send: Send) -> None:
    length = [] if status == 304 else [(b"content-length", str(len(content)).encode())]
    begin: dict[str, Any] = {"type": "http.response.start", "status": status, "headers": [*headers, *length]}
    await send(begin)
    ending: dict[str, Any] = {"type": "http.response.body", "body": content}
    await send(ending)

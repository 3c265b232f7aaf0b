"""Answers go compressed to whoever takes gzip: the catalog and a dashboard's answers are texts that repeat themselves.

What comes in pieces goes out in pieces: each line of an answer is flushed, so that none waits for the next.
"""

import zlib
from functools import lru_cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAST = 2_000
"""Below this the work and the headers cost more than is saved."""
_KINDS = ("application/json", "application/x-ndjson")
_GZIP = 16 + zlib.MAX_WBITS


@lru_cache(maxsize=64)
def codings_taken(accepted: str) -> frozenset[str]:
    """The codings of an Accept-Encoding header that are not refused with q=0."""
    taken: set[str] = set()
    for each in accepted.split(","):
        name, _, parameters = each.partition(";")
        quality = parameters.replace(" ", "").removeprefix("q=")
        if not (quality and quality.rstrip("0") in ("", "0.", ".")):
            taken.add(name.strip().lower())
    return frozenset(taken)


def takes_gzip(accepted: str) -> bool:
    return "gzip" in codings_taken(accepted)


def packed(body: bytes, level: int = 6) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, _GZIP)
    return packer.compress(body) + packer.flush()


class Compressed:
    """ASGI: the application's JSON answers, compressed where that is worth it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not takes_gzip(Headers(scope=scope).get("accept-encoding", "")):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Packing(send))


class _Packing:
    """The sending side of one answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._packer = zlib.compressobj(4, zlib.DEFLATED, _GZIP)
        self._is_packing = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        is_body = message["type"] == "http.response.body"  # a file may be sent by its path
        if self._start is not None:
            start, self._start = self._start, None
            if is_body:
                self._begin(start, message)
            await self._send(start)
        if self._is_packing and is_body:
            more = message.get("more_body", False)
            body = self._packer.compress(message.get("body", b""))
            body += self._packer.flush(zlib.Z_SYNC_FLUSH if more else zlib.Z_FINISH)
            message = {**message, "body": body}
        await self._send(message)

    def _begin(self, start: Message, first: Message) -> None:
        headers = MutableHeaders(raw=start["headers"])
        is_text = headers.get("content-type", "").partition(";")[0] in _KINDS and "content-encoding" not in headers
        is_large = first.get("more_body", False) or len(first.get("body", b"")) >= LEAST
        if is_text:
            headers.add_vary_header("accept-encoding")
        self._is_packing = is_text and is_large and start["status"] == 200
        if self._is_packing:
            headers["content-encoding"] = "gzip"
            del headers["content-length"]
        start["headers"] = headers.raw

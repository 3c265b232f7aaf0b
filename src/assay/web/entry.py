"""The entry: every request gets an id, an asker and a deadline here, and leaves a line in the log where one is wanted.

Plain ASGI, because it runs for every request, the cached ones too.
"""

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assay.live.hub import Hub
from assay.log import ACCESS
from assay.settings import Settings
from assay.tracing import Tracing
from assay.web.guard import COOKIE
from assay.web.proxies import came_from
from assay.work.request import ANSWER_SECONDS, Request, begin_request

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_access = logging.getLogger(ACCESS)
TOLD = "assay-told"
"""Beside each answer: id of what the hub had said last when it was asked for. A stream's hello bears the id it begins at."""
_NOSNIFF = (b"x-content-type-options", b"nosniff")
_NO_STORE = (b"cache-control", b"no-store")
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class Entry:
    def __init__(self, app: ASGIApp, settings: Settings, tracing: Tracing, hub: Hub) -> None:
        self._app = app
        self._hub = hub
        self._tracing = tracing
        self._proxies = settings.proxies
        self._is_https = settings.is_public_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, parent = self._read(scope)
        begin_request(request)
        header = (b"x-request-id", request.request_id.encode())
        told = (TOLD.encode(), self._hub.newest.encode())
        begun, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # A new list: a prepared answer's own belongs to all who are given it.
                headers = self._completed(message.get("headers", ()), header)
                if scope.get("assay.who") is not None:
                    headers.append(told)
                message = {**message, "headers": headers}
            await send(message)

        with self._tracing.request(scope["method"], parent, request) as span:
            try:
                await self._app(scope, receive, sending)
            finally:
                span.ended(request, status, scope)
                if _access.isEnabledFor(logging.INFO):
                    _access.info("%s %s", scope["method"], scope["path"], extra=_line(request, status, begun))

    def _completed(self, headers: Iterable[tuple[bytes, bytes]], own: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        """What is said of every response. One that says nothing of keeping it is kept nowhere."""
        found = [*headers, own]
        names = {name for name, _ in found}
        if _NOSNIFF[0] not in names:
            found.append(_NOSNIFF)
        if _NO_STORE[0] not in names:
            found.append(_NO_STORE)
        if self._is_https:
            found.append(_HSTS)
        return found

    def _read(self, scope: Scope) -> tuple[Request, str | None]:
        given, session, parent = b"", b"", None
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _ID.fullmatch(value):
                given = value
            elif name == b"cookie":
                session = value.partition(COOKIE.encode() + b"=")[2].partition(b";")[0]
            elif name == b"traceparent":
                parent = value.decode("latin-1")
        asker = address = came_from(scope, self._proxies)
        if session:
            # Behind one address may be many; what stands in the log is no key to anything.
            asker += "/" + hashlib.sha256(session).hexdigest()[:8]
        until = asyncio.get_running_loop().time() + ANSWER_SECONDS
        request = Request(asker, until=until, address=address)
        if given:
            request.request_id = given.decode()
        return request, parent


def _line(request: Request, status: int, begun: float) -> dict[str, object]:
    line: dict[str, object] = {"status": status, "ms": round((time.perf_counter() - begun) * 1e3, 2)}
    if request.metric is not None:
        line["metric"] = request.metric
    if request.receipt is not None:
        line["receipt"] = request.receipt
    return line

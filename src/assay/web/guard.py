"""The guard before everything: Host and Origin are checked, and who asks; beyond loopback everybody signs in.

Plain ASGI, because it runs for every request, the cached ones too.
"""

import json
from contextlib import suppress
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assay.errors import AssayError, Forbidden, SignInRequired, StoreUnavailable
from assay.people.door import Door
from assay.people.roles import expect
from assay.settings import Settings
from assay.work.principal import Principal
from assay.work.request import current_request

COOKIE = "assay_session"
OPEN_PATHS = ("/health", "/ready", "/metrics", "/v1/session", "/v1/link", "/v1/link/password")
_GUARDED_PREFIXES = ("/v1/", "/openapi.json")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_LOCAL = (b"127.0.0.1", b"localhost", b"[::1]")


class Guard:
    def __init__(self, app: ASGIApp, settings: Settings, door: Door) -> None:
        self._app = app
        self._open_to_others = settings.beyond_loopback
        self._door = door
        self._hosts = {host + f":{settings.port}".encode() for host in _LOCAL} | set(_LOCAL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                await self._admit(scope)
            except AssayError as error:
                await send_problem(error, send)
                return
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope) -> None:
        """Raises Forbidden, SignInRequired or NotAllowed."""
        host = origin = authorization = cookie = site = b""
        for name, value in scope["headers"]:
            if name == b"host":
                host = value
            elif name == b"origin":
                origin = value
            elif name == b"authorization":
                authorization = value
            elif name == b"cookie":
                cookie += b";" + value
            elif name == b"sec-fetch-site":
                site = value
        # A page elsewhere may point its own name at this machine: only our own names are answered.
        if not self._open_to_others and host not in self._hosts:
            raise Forbidden("This server does not answer to that name.", mend="open it as 127.0.0.1, with its port")
        foreign = site == b"cross-site" or (origin and origin.partition(b"://")[2] != host)
        if foreign and scope["method"] not in _SAFE_METHODS:
            raise Forbidden("This request comes from another site.", mend="send it from Assay's own page, or without Origin")

        async def asks() -> Principal | None:
            scheme, _, given = authorization.partition(b" ")
            if scheme.lower() == b"bearer":
                return await self._door.bearer(given.strip())
            nobody = self._door.nobody_named
            try:
                found = await self._door.session(session_in(cookie, scope.get("scheme", "http"))) if cookie else None
            except StoreUnavailable:
                if nobody is None:
                    raise
                found = None
            return found or nobody

        # A stream outlives the moment in which it was opened, and asks again.
        scope["assay.asks"], scope["assay.who"] = asks, None
        if scope["path"] in OPEN_PATHS:
            with suppress(StoreUnavailable):  # whether it runs is told all the same
                scope["assay.who"] = await asks()
        elif self._needs_sign_in(scope["path"]):
            scope["assay.who"] = who = await asks()
            if who is None:
                mend = "send Authorization: Bearer with a key or ASSAY_TOKEN, or sign in on the page"
                raise SignInRequired("Sign in first.", mend=mend)
            # What an endpoint needs beyond that, its route says; prepared answers need no more.
            expect(who, "see")
            request = current_request()
            request.who = who
            if who.kind in ("key", "person"):
                request.asker = f"{request.address}/{who.id}"

    def _needs_sign_in(self, path: str) -> bool:
        return path not in OPEN_PATHS and path.startswith(_GUARDED_PREFIXES)


def cookie_name(scheme: str) -> str:
    """Over https the browser sends it to this host alone, never beside a weaker one of the same name."""
    return f"__Host-{COOKIE}" if scheme == "https" else COOKIE


def session_in(header: bytes, scheme: str) -> str:
    """Cookies of other programs on this host come along; whatever form they have is not our concern."""
    wanted = cookie_name(scheme).encode()
    for each in header.split(b";"):
        name, _, value = each.strip().partition(b"=")
        if name == wanted:
            return value.decode("latin-1")
    return ""


def encoded(body: Any) -> bytes:
    """JSON, also where a text holds half a surrogate pair, which UTF-8 cannot carry: it travels as its escape."""
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:
        return json.dumps(body).encode()


async def send_problem(error: AssayError, send: Send, *, closing: bool = False) -> None:
    body = encoded(error.problem())
    headers: list[tuple[bytes, bytes]] = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
    ]
    if closing:
        headers.append((b"connection", b"close"))
    start: Message = {"type": "http.response.start", "status": error.status, "headers": headers}
    await send(start)
    ending: dict[str, Any] = {"type": "http.response.body", "body": body}
    await send(ending)

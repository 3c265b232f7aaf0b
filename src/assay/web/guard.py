"""The guard before everything: Host and Origin are checked, and who asks; beyond loopback everybody signs in.

Plain ASGI, because it runs for every request, the cached ones too.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assay.errors import (
    AssayError,
    Forbidden,
    SignInRequired,
    StoreUnavailable,
    TooManyAttempts,
    UnsupportedMediaType,
)
from assay.people.access_tokens import AccessTokens
from assay.people.door import Door
from assay.people.noting import Noting
from assay.people.proxied import Proxied
from assay.people.roles import expect_anything
from assay.people.tokens import NotProved, ProviderFailed
from assay.settings import Settings
from assay.web.proxies import is_from_proxy, told_scheme
from assay.work.principal import Principal
from assay.work.request import current_request

COOKIE = "assay_session"
OPEN_PATHS = ("/health", "/ready", "/metrics", "/v1/session", "/v1/link", "/v1/link/password", "/v1/reports/leave")
OPEN_PREFIXES = ("/v1/oidc/", "/v1/figure")
"""Signing in through a provider, and the answer to a link: what is sent there proves itself, or nothing."""
AGENTS_PATH = "/mcp"
METADATA_PATH = f"/.well-known/oauth-protected-resource{AGENTS_PATH}"
_GUARDED_PREFIXES = ("/v1/", "/openapi.json", AGENTS_PATH)
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_LOCAL = (b"127.0.0.1", b"localhost", b"[::1]")
_WILDCARDS = ("", "0.0.0.0", "::")  # noqa: S104  nothing is bound here
_PROBES = ("/health", "/ready", "/metrics")
"""What watches asks under whatever name it knows."""
_OF_FORMS = (b"", b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data")
"""Kinds of bodies that a page elsewhere can send without asking first."""


class Guard:
    def __init__(
        self, app: ASGIApp, settings: Settings, door: Door, proxied: Proxied, noting: Noting,
        tokens: AccessTokens,
    ) -> None:  # fmt: skip
        self._app = app
        self._tokens = tokens
        self._noting = noting
        self._proxied = proxied
        self._door = door
        self._proxies = settings.proxies
        self._public_origin = settings.public_url.encode() if settings.public_url else None
        self._public_host = self._public_origin.partition(b"://")[2] if self._public_origin else None
        self._is_public_https = settings.is_public_https
        self._under_any_name = _PROBES if settings.beyond_loopback else ()
        names = [*_LOCAL, *_bound_name(settings.host)]
        own = {host + f":{settings.port}".encode() for host in names} | set(names)
        # Where it is bound to the whole network and was told no name, it answers to all.
        self._hosts = None if settings.beyond_loopback and self._public_host is None else own | {self._public_host}
        self._names = f"open it as {settings.public_url}" if settings.public_url else "open it as 127.0.0.1, with its port"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                await self._admit(scope)
            except AssayError as error:
                self._noting.refused(scope["path"], error, scope.get("assay.who"))
                await send_problem(error, send, self._challenge(scope["path"], error))
                return
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope) -> None:
        """Raises Forbidden, SignInRequired, NotProved, ProviderFailed, TooManyAttempts, NotAllowed, UnsupportedMediaType."""
        host = origin = authorization = cookie = site = kind = length = b""
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
            elif name == b"content-type":
                kind = value
            elif name in (b"content-length", b"transfer-encoding"):
                length = value
        # A page elsewhere may point its own name at this machine: only our own names are answered.
        if self._hosts is not None and host not in self._hosts and scope["path"] not in self._under_any_name:
            raise Forbidden("This server does not answer to that name.", mend=self._names)
        is_public = host == self._public_host
        scheme = told_scheme(scope, self._proxies)
        if is_public and self._is_public_https:
            # A peer that is no proxy of ours has written it in clear itself.
            is_clear = scheme is None and scope.get("scheme") == "http" and scope["path"] not in self._under_any_name
            if scheme == "http" or (is_clear and not is_from_proxy(scope, self._proxies)):
                raise Forbidden("This server is asked over https alone.", mend=self._names)
            scheme = "https"
        scope["scheme"] = scheme = scheme or scope.get("scheme", "http")
        own = origin == self._public_origin if is_public else origin.partition(b"://")[2] == host
        if (site == b"cross-site" or (origin and not own)) and scope["method"] not in _SAFE_METHODS:
            raise Forbidden("This request comes from another site.", mend="send it from Assay's own page, or without Origin")
        is_bearing = authorization.partition(b" ")[0].lower() == b"bearer"
        claim = None if is_bearing else self._proxied.claim(_peer(scope), scope["headers"])
        session = session_in(cookie, scheme) if cookie else ""
        if (
            (claim is not None or session)
            and not is_bearing
            and scope["method"] not in _SAFE_METHODS
            and length not in (b"", b"0")
        ):
            _expect_no_form(kind)

        async def asks() -> Principal | None:
            if is_bearing:
                secret = authorization.partition(b" ")[2].strip()
                if scope["path"] == AGENTS_PATH and self._tokens.may_be_one(secret):
                    return await self._tokens.who(secret)
                return await self._door.bearer(secret, current_request().address)
            if claim is not None:
                return await self._proxied.who(claim)
            nobody = self._door.nobody_named
            try:
                found = await self._door.session(session) if session else None
            except StoreUnavailable:
                if nobody is None:
                    raise
                found = None
            return found or nobody

        # A stream outlives the moment in which it was opened, and asks again.
        scope["assay.asks"], scope["assay.who"], scope["assay.claim"] = asks, None, claim
        if self._is_open(scope["path"]):
            with suppress(
                StoreUnavailable, TooManyAttempts, NotProved, ProviderFailed
            ):  # whether it runs is told all the same
                scope["assay.who"] = await asks()
        elif self._needs_sign_in(scope["path"]):
            scope["assay.who"] = who = await asks()
            if who is None:
                mend = "send Authorization: Bearer with a key or ASSAY_TOKEN, or sign in on the page"
                raise SignInRequired("Sign in first.", mend=mend)
            # What an endpoint needs beyond that, its route says; prepared answers need no more.
            expect_anything(who)
            request = current_request()
            request.who = who
            if who.kind in ("key", "person"):
                request.asker = f"{request.address}/{who.id}"

    def _challenge(self, path: str, error: AssayError) -> list[tuple[bytes, bytes]]:
        """Of a 401 to an agent: who gives tokens (RFC 9728), and whether its own was wrong (RFC 6750)."""
        if error.status != 401 or path != AGENTS_PATH:
            return []
        told = ['error="invalid_token"'] if isinstance(error, NotProved) else []
        if self._tokens.metadata is not None and self._public_origin is not None:
            told.append(f'resource_metadata="{self._public_origin.decode()}{METADATA_PATH}"')
        return [(b"www-authenticate", " ".join(["Bearer", ", ".join(told)]).strip().encode())]

    def _needs_sign_in(self, path: str) -> bool:
        return path.startswith(_GUARDED_PREFIXES) and not self._is_open(path)

    def _is_open(self, path: str) -> bool:
        return path in OPEN_PATHS or path.startswith(OPEN_PREFIXES)


def _peer(scope: Scope) -> str:
    """Who is connected to this server: nobody whom a header names."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _expect_no_form(kind: bytes) -> None:
    """What a browser sends along by itself comes with JSON, or another kind that no form of a foreign page can send."""
    if kind.partition(b";")[0].strip().lower() in _OF_FORMS:
        raise UnsupportedMediaType(mend="send Content-Type: application/json")


def _bound_name(host: str) -> list[bytes]:
    """The address that it listens on, where that is one: the CLI on this machine knows it as nothing else."""
    if host in _WILDCARDS:
        return []
    return [(f"[{host}]" if ":" in host else host).lower().encode()]


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


async def send_problem(error: AssayError, send: Send, further: Iterable[tuple[bytes, bytes]] = ()) -> None:
    body = encoded(error.problem())
    headers: list[tuple[bytes, bytes]] = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        *((name.encode(), value.encode()) for name, value in error.headers().items()),
        *further,
    ]
    start: Message = {"type": "http.response.start", "status": error.status, "headers": headers}
    await send(start)
    ending: dict[str, Any] = {"type": "http.response.body", "body": body}
    await send(ending)

"""HTTP to one Databricks workspace: bounded in time, in size and in the number of attempts, always with a login.

Only a server that said it did nothing is asked again (429, 503). A request that broke off may have been heard, so it
is not sent a second time.
"""

import asyncio
import base64
import contextlib
import random
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import httpx
import orjson

from assay.backends.protocol import MAX_RESULT_BYTES
from assay.errors import BackendUnavailable, StatementFailed
from assay.work.hosts import unknown_host

_DISCOVERY = "/oidc/.well-known/oauth-authorization-server"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
BUSY = frozenset((429, 503))
_RENEW_EARLY_SECONDS = 60
_TOKEN_SECONDS = 3600.0
_ERROR_CODE = re.compile(r"[A-Za-z_]{1,60}")
_chance = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long the service is waited for, in seconds."""

    first_poll: float = 0.05
    poll_growth: float = 1.6
    longest_poll: float = 1.0
    attempts: int = 4
    first_retry: float = 0.5
    retries_in_all: float = 20.0
    connect: float = 5.0
    read: float = 15.0
    cancel: float = 20.0

    def polls(self) -> Iterator[float]:
        pause = self.first_poll
        while True:
            yield pause
            pause = min(self.longest_poll, pause * self.poll_growth)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: dict[str, Any]
    size: int


class Wire:
    """Sends requests to one host, without a login."""

    def __init__(self, name: str, base_url: str, pace: Pace) -> None:
        self.name = name
        self.base_url = base_url
        self._pace = pace
        is_here = httpx.URL(base_url).host in _LOOPBACK
        self._client = httpx.AsyncClient(
            base_url=base_url,
            timeout=httpx.Timeout(pace.read, connect=pace.connect),
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=8),
            trust_env=not is_here,  # a proxy of the environment has no business with this machine
        )

    async def send(
        self, method: str, url: str, *, repeat: frozenset[int] = BUSY, room: int = MAX_RESULT_BYTES, **more: Any
    ) -> Reply:
        """The reply, whatever its status. Raises BackendUnavailable, or StatementFailed for more than `room` bytes."""
        attempt, waited = 1, 0.0
        while True:
            reply, asked_for = await self._send_once(method, url, room, more)
            if reply.status not in repeat:
                return reply
            pause = self._pause(attempt) if asked_for is None else asked_for
            waited += pause
            if attempt == self._pace.attempts or waited > self._pace.retries_in_all:
                raise self._too_busy(reply.status, attempt, asked_for)
            await asyncio.sleep(pause)
            attempt += 1

    def _too_busy(self, status: int, attempt: int, asked_for: float | None) -> BackendUnavailable:
        wants = f" and wants {asked_for:g} s of patience" if asked_for is not None else ""
        tries = f"{attempt} attempt{'s' * (attempt > 1)}"
        return BackendUnavailable(
            f"{self.name} is too busy: it answered {status} to {tries}{wants}.", mend="try again later"
        )

    async def _send_once(self, method: str, url: str, room: int, more: dict[str, Any]) -> tuple[Reply, float | None]:
        content = bytearray()
        try:
            async with self._client.stream(method, url, **more) as response:
                async for part in response.aiter_bytes():
                    content += part
                    if len(content) > room:
                        raise StatementFailed(
                            f"{self.name}: the result is larger than {MAX_RESULT_BYTES / 1e6:g} MB.",
                            mend="ask for fewer rows or columns",
                        )
        except httpx.HTTPError as error:
            raise BackendUnavailable(f"{self.name} does not answer: {_told(error, self._pace)}") from error
        except RuntimeError as error:
            if not self._client.is_closed:
                raise
            raise BackendUnavailable(f"{self.name} was closed.") from error
        status = response.status_code
        return Reply(status, self._read(content, status), len(content)), _retry_after(response.headers.get("retry-after"))

    def _read(self, content: bytearray, status: int) -> dict[str, Any]:
        with contextlib.suppress(orjson.JSONDecodeError):
            body = orjson.loads(content or b"{}")
            if isinstance(body, dict):
                return body
        if status == 200:
            raise BackendUnavailable(
                f"{self.name} answers, but not as a Databricks workspace does.", mend="look at the backend's host"
            )
        return {}

    def _pause(self, attempt: int) -> float:
        """Half of it by chance, so that many who were refused together do not come back together."""
        return self._pace.first_retry * 2 ** (attempt - 1) * _chance.uniform(0.5, 1)

    async def close(self) -> None:
        await self._client.aclose()


class Login(Protocol):
    async def bearer(self, wire: Wire, refused: str | None = None) -> str | None:
        """The token to send; with `refused`, another one than that, or None where there is no other."""
        ...


class Token:
    """A personal access token: it is valid or it is not."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def bearer(self, wire: Wire, refused: str | None = None) -> str | None:
        return None if refused == self._token else self._token


class ServicePrincipal:
    """OAuth for machines: a client id and its secret buy tokens that last an hour. Whoever comes meanwhile waits along."""

    def __init__(self, client_id: str, client_secret: str) -> None:
        self._basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._token: str | None = None
        self._renew_at = 0.0
        self._renewing = asyncio.Lock()

    async def bearer(self, wire: Wire, refused: str | None = None) -> str | None:
        async with self._renewing:
            if self._token is None or self._token == refused or time.monotonic() >= self._renew_at:
                self._token, lasts = await self._buy(wire)
                # A token that lasts less than two minutes is used for half of its time.
                self._renew_at = time.monotonic() + max(lasts - _RENEW_EARLY_SECONDS, lasts / 2)
            return self._token

    async def _buy(self, wire: Wire) -> tuple[str, float]:
        found = await wire.send("GET", _DISCOVERY)
        endpoint = found.body.get("token_endpoint")
        if found.status != 200 or not isinstance(endpoint, str) or not is_private(endpoint):
            raise BackendUnavailable(
                f"{wire.name} does not say where its logins are made ({found.status}).", mend="look at the backend's host"
            )
        form = {"grant_type": "client_credentials", "scope": "all-apis"}
        bought = await wire.send("POST", endpoint, data=form, headers={"authorization": f"Basic {self._basic}"})
        token = bought.body.get("access_token")
        if bought.status != 200 or not isinstance(token, str) or not can_be_sent(token):
            code = bought.body.get("error")
            shown = f": {code}" if isinstance(code, str) and _ERROR_CODE.fullmatch(code) else ""
            raise BackendUnavailable(
                f"{wire.name} refused the client id and secret ({bought.status}{shown}).",
                mend="look at the backend's client_id and client_secret",
            )
        lasts = bought.body.get("expires_in")
        return token, float(lasts) if isinstance(lasts, int | float) else _TOKEN_SECONDS


class Workspace:
    """Requests of a known user, and what a refusal of theirs means."""

    def __init__(self, wire: Wire, login: Login) -> None:
        self._wire = wire
        self._login = login

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *,
        repeat: frozenset[int] = BUSY, room: int = MAX_RESULT_BYTES,
    ) -> Reply:  # fmt: skip
        """A reply of status 200. A login that was refused is renewed once, where it can be."""
        token = await self._login.bearer(self._wire)
        reply = await self._as(token, method, path, body, repeat, room)
        if reply.status == 401:
            another = await self._login.bearer(self._wire, refused=token)
            if another is not None:
                reply = await self._as(another, method, path, body, repeat, room)
        if reply.status != 200:
            raise self._refusal(reply)
        return reply

    async def _as(
        self, token: str | None, method: str, path: str, body: Mapping[str, Any] | None, repeat: frozenset[int], room: int
    ) -> Reply:
        headers = {"authorization": f"Bearer {token}", "user-agent": "assay"}
        content = None if body is None else orjson.dumps(body)
        if content is not None:
            headers["content-type"] = "application/json"
        return await self._wire.send(method, path, repeat=repeat, room=room, headers=headers, content=content)

    def _refusal(self, reply: Reply) -> BackendUnavailable | StatementFailed:
        name, message = self._wire.name, reply.body.get("message")
        reason = f": {short(message)}" if isinstance(message, str) and message.strip() else ""
        if reply.status == 401:
            return BackendUnavailable(f"{name} refused the login (401).", mend="its token is wrong or has expired: renew it",
                                      answered=401)  # fmt: skip
        if reply.status in (403, 404):
            mend = "look at the backend's http_path, and at what its login may use"
            return BackendUnavailable(f"{name} does not let this login in ({reply.status}){reason}", mend=mend,
                                      answered=reply.status)  # fmt: skip
        if 300 <= reply.status < 400:
            return BackendUnavailable(f"{name} sends elsewhere ({reply.status}).", mend="look at the backend's host")
        if reply.status < 500:
            return StatementFailed(f"{name} refused the statement ({reply.status}){reason}")
        return BackendUnavailable(f"{name} failed ({reply.status}){reason}")

    async def close(self) -> None:
        await self._wire.close()


def is_private(url: str) -> bool:
    """Whether what is sent there stays between the two: encrypted, or within this machine."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parsed.scheme == "https" or (parsed.scheme == "http" and parsed.host in _LOOPBACK)


def can_be_sent(token: str) -> bool:
    """Whether it can stand in a header."""
    return token.isascii() and token.isprintable() and " " not in token


def short(message: str) -> str:
    """The first line only: later ones may hold the statement's values."""
    return (message.strip().splitlines() or [""])[0][:300]


def _told(error: httpx.HTTPError, pace: Pace) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return f"no connection within {pace.connect:g} s"
    if isinstance(error, httpx.TimeoutException):
        return f"nothing came for {pace.read:g} s"
    if isinstance(error, (httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError)):
        return "the connection broke off"
    # Nothing else is quoted: what cannot be sent may be the token.
    if not isinstance(error, httpx.ConnectError):
        return type(error).__name__
    return unknown_host(error, str(error.request.url)) or short(str(error))


def _retry_after(text: str | None) -> float | None:
    """Seconds, written as such or as a date."""
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None

"""The short way for questions that were just answered: same body, same catalog, same routes, same data.

What is kept here is only bytes and the conditions under which they hold; each condition is checked
in memory at every request, so a hit is never older than a question asked the long way.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assay.answers.resolve import Catalog, Told
from assay.backends.protocol import Backend, NotConfigured
from assay.errors import TooLarge
from assay.live.running import Running
from assay.web.guard import send_problem

MAX_BODY = 256_000
_MAX_ENTRIES = 1_000
_MAX_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class Condition:
    """The tables had this version."""

    backend: Backend
    tables: frozenset[str]
    version: str


@dataclass(frozen=True, slots=True)
class HotEntry:
    body: bytes
    etag: bytes
    catalog: Catalog
    generation: int
    holds_until: datetime
    conditions: tuple[Condition, ...]


class HotAnswers:
    """ASGI: answers `POST /v1/data` and `POST /v1/metrics/*/data` from memory, or passes the request on."""

    def __init__(self, running: Running) -> None:
        self.app: ASGIApp | None = None
        self._running = running
        self._entries: OrderedDict[tuple[str, bytes], HotEntry] = OrderedDict()
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app
        if scope["type"] != "http" or scope["method"] not in ("POST", "PUT", "PATCH"):
            await self.app(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            await send_problem(TooLarge(f"The body is larger than {MAX_BODY:,} bytes.", mend="ask for less at once"), send)
            return
        entry = self._entries.get((scope["path"], body))
        if entry is not None and self._holds(entry):
            await _reply(scope, entry, send)
            return
        if scope["path"].startswith("/v1/"):
            # Every body of the API is JSON, whatever a client such as `curl -d` calls it.
            others = [(name, value) for name, value in scope["headers"] if name != b"content-type"]
            scope = {**scope, "headers": [*others, (b"content-type", b"application/json")]}
        await self.app(scope, _again(body, receive), send)

    def _holds(self, entry: HotEntry) -> bool:
        corridor = self._running.corridor
        if entry.catalog is not corridor.catalog or entry.generation != corridor.routes.generation:
            return False
        if corridor.now() >= entry.holds_until:
            return False
        for each in entry.conditions:
            known = each.backend.known_version(each.tables)
            if known is None or known.text != each.version:
                return False
        return True

    def remember(self, path: str, body: bytes, answer: bytes, tolds: list[Told]) -> None:
        """Keep the bytes for the next asker of just this. Stale answers and failures are never kept."""
        catalog = self._running.corridor.catalog
        conditions: dict[tuple[str, frozenset[str]], Condition] = {}
        for told in tolds:
            known = told.answer.provenance
            backend = catalog.backends.get(known.backend)
            if (
                told.stale_reason is not None
                or told.question is None
                or backend is None
                or isinstance(backend, NotConfigured)
            ):
                return
            conditions[known.backend, told.tables] = Condition(backend, told.tables, known.data_version)
        until = min(told.question.as_of for told in tolds if told.question)
        etag = hashlib.sha256(b"".join(told.answer.answer_id.encode() for told in tolds)).hexdigest()[:32]
        name = tolds[0].answer.answer_id if len(tolds) == 1 else etag
        entry = HotEntry(
            answer, f'"{name}"'.encode(), catalog, self._running.routes.generation, until, tuple(conditions.values())
        )
        before = self._entries.pop((path, body), None)
        self._bytes += len(answer) + len(body) - (len(before.body) + len(body) if before else 0)
        self._entries[path, body] = entry
        while self._bytes > _MAX_BYTES or len(self._entries) > _MAX_ENTRIES:
            (_, old_body), old = self._entries.popitem(last=False)
            self._bytes -= len(old.body) + len(old_body)


async def _read(receive: Receive) -> bytes | None:
    """The whole body, or None where it is too large."""
    message = await receive()
    body = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
    return body if len(body) <= MAX_BODY else None


def _again(body: bytes, receive: Receive) -> Receive:
    """Hand the body that was read to the application; after it, only the client's leaving."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _reply(scope: Scope, entry: HotEntry, send: Send) -> None:
    unchanged = any(name == b"if-none-match" and value == entry.etag for name, value in scope["headers"])
    body = b"" if unchanged else entry.body
    headers = [(b"etag", entry.etag), (b"cache-control", b"no-cache")]
    if not unchanged:
        headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 304 if unchanged else 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})

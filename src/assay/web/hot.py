"""The short way for questions that were just answered: same body, same catalog, same routes, same data.

What is kept here is only bytes and the conditions under which they hold; each condition is checked
in memory at every request, so a hit is never older than a question asked the long way.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter

import orjson
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assay.answers.resolve import Told
from assay.backends.protocol import Backend, Looked, NotConfigured
from assay.compiler.question import Question
from assay.errors import AssayError, TooLarge, TooSlow
from assay.live.running import Running
from assay.people.noting import Mark
from assay.routing.certificate import Standing
from assay.routing.serving import Catalog
from assay.routing.settling import question_key
from assay.web.compressed import LEAST, packed, takes_gzip
from assay.web.guard import send_problem

MAX_BODY = 256_000
_READING = ("/data", "/rows")
"""What only reads: whatever is done for it is given up when nobody waits for it any more."""
_KEPT_BY_ONE = (b"cache-control", b"private, no-cache")
SEES = "assay-sees"
"""Beside answers: another text when whoever asks sees something else than before."""
_FORMAT, _LANGUAGE = "application/json", "en"
BODY_SECONDS = 20.0
"""Whoever sends half a body is not waited for any longer than whoever sends half a head."""
_MAX_HEARD_OUT = 16_000_000
_stands = attrgetter(*(field.name for field in fields(Standing)))
_MAX_ENTRIES = 1_000
_MAX_BYTES = 32_000_000
_ENTRY_BYTES, _QUESTION_BYTES = 3_000, 4_000
"""What an entry takes beside its bytes, and each question that is kept with it."""


Key = tuple[str, bytes, str]
"""(path, body, key of the asker's scope)"""


@dataclass(slots=True)
class HotEntry:
    """A prepared response; it holds while the catalog, the routes, the tick and every backend's token stand."""

    key: Key
    start: Message
    body: Message
    etag: bytes
    catalog: Catalog
    generation: int
    holds_until: datetime
    tokens: tuple[tuple[Backend, object], ...]
    looks: tuple[Callable[[], Awaitable[None]], ...]
    """Of those backends that know of themselves only once they were looked at."""
    answers: Counter[str]
    """How many answers it holds, by backend."""
    others: tuple[tuple[Question, str, Standing], ...]
    """The questions in it that are proven for others only, with their keys: it counts how often they are asked."""
    marks: tuple[Mark, ...]
    """As the audit log tells of the answers."""
    hits: int = 0
    size: int = 0
    """The memory that it takes, as far as it is counted."""
    packed: tuple[Message, Message] | None = None
    """The same, compressed; made for the first who takes it so."""


class HotAnswers:
    """ASGI: answers `POST /v1/data` and `POST /v1/metrics/*/data` from memory, or passes the request on."""

    def __init__(self, running: Running) -> None:
        self.app: ASGIApp | None = None
        self._running = running
        self._entries: dict[Key, HotEntry] = {}
        self.held_bytes = 0
        self._told: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app
        if scope["type"] != "http" or scope["method"] not in ("POST", "PUT", "PATCH"):
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _read(receive)
        except TimeoutError:
            late = TooSlow(f"The body did not come within {BODY_SECONDS:g} s.", mend="send it again")
            await send_problem(late, send)
            return
        if body is None:
            await send_problem(TooLarge(f"The body is larger than {MAX_BODY:,} bytes.", mend="ask for less at once"), send)
            return
        entry = await self._entry(scope, body)
        if entry is not None and await self._holds(entry):
            entry.hits += 1
            self._running.corridor.noted(entry.marks)
            for question, key, standing in entry.others:
                self._running.moving.count(question, key, standing)
            await self._reply(scope, entry, send)
            return
        if scope["path"].startswith("/v1/"):
            # Every body of the API is JSON, whatever a client such as `curl -d` calls it.
            others = [(name, value) for name, value in scope["headers"] if name != b"content-type"]
            # In place: what the router finds is read from it by whoever names the request's span.
            scope["headers"] = [*others, (b"content-type", b"application/json")]
        if scope["method"] == "POST" and scope["path"].startswith("/v1/") and scope["path"].endswith(_READING):
            await until_left(self.app, scope, body, receive, send)
        else:
            await self.app(scope, again(body, receive), send)

    async def _entry(self, scope: Scope, body: bytes) -> HotEntry | None:
        """What was answered to somebody who sees the same. Where it is not known who sees what, the long way says so."""
        if not scope["path"].endswith("/data"):
            return None
        try:
            sees = await self._running.access.scope(scope["assay.who"])
        except AssayError:
            return None
        return self._entries.get((scope["path"], body, sees.key))

    async def _holds(self, entry: HotEntry) -> bool:
        for look in entry.looks:
            await look()
        corridor = self._running.corridor
        if entry.catalog is not corridor.catalog or entry.generation != corridor.routes.generation:
            return False
        if corridor.now() >= entry.holds_until:
            return False
        return all(backend.version_token() == token for backend, token in entry.tokens)

    def state(self) -> tuple[Catalog, int]:
        """What an answer stands on besides its data; take it before asking."""
        return self._running.corridor.catalog, self._running.routes.generation

    def remember(
        self, key: Key, answer: bytes, tolds: list[Told], asked_in: tuple[Catalog, int], etag: str
    ) -> None:  # fmt: skip
        """Keep the bytes for the next asker of just this. Stale answers and failures are never kept."""
        corridor = self._running.corridor
        if asked_in[0] is not corridor.catalog or asked_in[1] != corridor.routes.generation:
            return  # a route or a definition moved while the engine worked: this is already the answer of before
        tokens: dict[str, tuple[Backend, object]] = {}
        for told in tolds:
            given = told.answer.provenance
            backend = corridor.catalog.backends.get(given.backend)
            if (
                told.stale_reason is not None
                or told.question is None
                or backend is None
                or isinstance(backend, NotConfigured)
            ):
                return
            # The token is of now, the answer of a moment ago: they belong together only while its version still stands.
            known, token = backend.known_version(told.tables), backend.version_token()
            if known is None or token is None or known.text != given.data_version:
                return
            tokens[backend.name] = (backend, token)
            # What was shown of an answer falls with the data of the other side too.
            other = corridor.catalog.backends.get(given.parity.backend or "")
            if other is not None and not isinstance(other, NotConfigured):
                tokens.setdefault(other.name, (other, other.version_token()))
        until = min(told.question.as_of for told in tolds if told.question)
        headers = [
            (b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode()), (b"etag", etag.encode()),
            _KEPT_BY_ONE, (SEES.encode(), key[2].encode()),
        ]  # fmt: skip
        entry = HotEntry(
            key, {"type": "http.response.start", "status": 200, "headers": headers},
            {"type": "http.response.body", "body": answer},
            etag.encode(), corridor.catalog, corridor.routes.generation, until,
            tuple(tokens.values()),
            tuple(backend.look for backend, _ in tokens.values() if isinstance(backend, Looked)),
            Counter(told.answer.provenance.backend for told in tolds),
            tuple((told.question, question_key(told.question), told.answer.provenance.parity) for told in tolds
                  if told.question and len(told.question.metrics) == 1 and not told.question.is_restricted
                  and told.answer.provenance.parity.standing == "proven_for_others"),
            tuple(told.mark for told in tolds),
        )  # fmt: skip
        self._forget(entry.key)
        self._entries[entry.key] = entry
        self._count(entry, len(answer) + len(key[1]) + len(key[0]) + _ENTRY_BYTES + _QUESTION_BYTES * len(entry.others))

    async def _reply(self, scope: Scope, entry: HotEntry, send: Send) -> None:
        for name, value in scope["headers"]:
            if name == b"if-none-match" and value == entry.etag:
                headers = [(b"etag", entry.etag), _KEPT_BY_ONE, (SEES.encode(), entry.key[2].encode())]
                await send({"type": "http.response.start", "status": 304, "headers": headers})
                await send({"type": "http.response.body", "body": b""})
                return
        start, body = entry.start, entry.body
        if len(body["body"]) >= LEAST and takes_gzip(Headers(scope=scope).get("accept-encoding", "")):
            if entry.packed is None:
                entry.packed = _packed(entry)
                if entry is self._entries.get(entry.key):  # or it was thrown out while somebody asked
                    self._count(entry, len(entry.packed[1]["body"]))
            start, body = entry.packed
        await send(start)
        await send(body)

    def _count(self, entry: HotEntry, more: int) -> None:
        """So much memory more is taken by it; what was given longest ago goes where that is too much."""
        entry.size += more
        self.held_bytes += more
        while self.held_bytes > _MAX_BYTES or len(self._entries) > _MAX_ENTRIES:
            self._forget(next(iter(self._entries)))

    def _forget(self, key: Key) -> None:
        old = self._entries.pop(key, None)
        if old is not None:
            self.held_bytes -= old.size
            self._told += _answers_of(old)

    def told(self) -> Counter[str]:
        """How many answers were given from here, by backend, since the process began."""
        return sum(map(_answers_of, self._entries.values()), self._told)


def etag_of(tolds: Sequence[Told]) -> str:
    """Another for all that makes a response another: the answers, their format and language, and how they stand.

    Without the standing a browser would be told *not modified* and keep a *proven* that has fallen.
    """
    parts = [[told.answer.answer_id, _stands(told.answer.provenance.parity)] for told in tolds]
    return f'"{hashlib.sha256(orjson.dumps([_FORMAT, _LANGUAGE, parts])).hexdigest()[:32]}"'


def _answers_of(entry: HotEntry) -> Counter[str]:
    return Counter({backend: count * entry.hits for backend, count in entry.answers.items()})


async def _read(receive: Receive) -> bytes | None:
    """The whole body, or None where it is too large.

    Somewhat more than is taken is read and thrown away: a client hears the refusal only once it has sent everything.
    """
    message = await receive()
    body = message.get("body", b"")
    size = len(body)
    while message.get("more_body") and size <= _MAX_HEARD_OUT:
        message = await receive()
        size += len(message.get("body", b""))
        if size <= MAX_BODY:
            body += message.get("body", b"")
    return body if size <= MAX_BODY else None


def again(body: bytes, receive: Receive) -> Receive:
    """Hand the body that was read to the application; after it, only the client's leaving."""
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


async def until_left(app: ASGIApp, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
    """Run the application, and end it where the client leaves first: the engines' statements end with it."""

    async def leaving() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    left = asyncio.ensure_future(leaving())

    async def gone() -> Message:
        await asyncio.shield(left)
        return {"type": "http.disconnect"}

    work = asyncio.ensure_future(app(scope, again(body, gone), send))
    try:
        await asyncio.wait({work, left}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            await work
    finally:
        left.cancel()
        if not work.done():
            work.cancel()
            await asyncio.wait({work})
        if not work.cancelled():
            work.exception()  # it is raised above, or nobody is there to hear of it


def _packed(entry: HotEntry) -> tuple[Message, Message]:
    body = packed(entry.body["body"])
    headers = [each for each in entry.start["headers"] if each[0] != b"content-length"]
    headers += [(b"content-length", str(len(body)).encode()), (b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
    return {**entry.start, "headers": headers}, {**entry.body, "body": body}

"""The browser stream: server-sent events, one JSON message each, with a heartbeat."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Annotated

from fastapi import Header, Query, Request

from assay.errors import PolicyUnknown, StoreUnavailable, TooManyPages
from assay.live.hub import Heartbeat, Hello, Message, ProblemsMoved, written
from assay.live.running import Running
from assay.people.roles import may
from assay.web.events import Events, streamed
from assay.web.room import Room
from assay.web.wiring import Me, Run
from assay.work.principal import Principal

router = Room("live", "/v1")
_HEARTBEAT_SECONDS = 15
_LOOK_SECONDS = 0.5
_LONGEST_ID = 60
_COME_AGAIN_SECONDS = 15
_TOLD_EVERY = 100
"""Refusals; the first is told, and then one in so many."""
_log = logging.getLogger(__name__)


@router.get(
    "/stream", responses={200: {"model": Message, "description": "each event's data is one such message"}},  # pyright: ignore[reportArgumentType]
    response_class=Events,
)  # fmt: skip
async def stream(
    running: Run,
    request: Request,
    me: Me,
    last_event_id: Annotated[str | None, Header(max_length=_LONGEST_ID)] = None,
    after: Annotated[str | None, Query(max_length=_LONGEST_ID)] = None,
) -> Events:
    """Goes on after the event `Last-Event-ID`, or `after` of a stream opened anew; `hello` says whether that worked.

    It ends with the session that opened it. 503 where as many listen as the process can hold.
    """
    await running.access.scope(me)  # it ends with the policies of this process, and cannot begin without them
    _expect_room(running)
    asks = None if me.kind == "local" else request.scope["assay.asks"]
    return streamed(_events(running, last_event_id or after, asks, me))


def _expect_room(running: Running) -> None:
    hub = running.hub
    if not hub.is_full:
        return
    hub.refused += 1
    if hub.refused % _TOLD_EVERY == 1:
        _log.warning("pages are refused: %s listen, and the system gives this process descriptors for no more "
                     "(ulimit -n); %s were refused so far", hub.listening, hub.refused)  # fmt: skip
    raise TooManyPages(f"{hub.listening:,} pages listen already, as many as this process can hold.",
                       retry_after_seconds=_COME_AGAIN_SECONDS)  # fmt: skip


async def _events(
    running: Running, after: str | None = None, asks: Callable[[], Awaitable[Principal | None]] | None = None,
    me: Principal | None = None,
) -> AsyncGenerator[bytes, None]:  # fmt: skip
    """`asks` tells who listens now: whoever may not any more hears no more, though nothing is said at all.

    Nor does whoever sees something else than at the beginning: the next stream says what.
    """
    look_seconds = _HEARTBEAT_SECONDS if asks is None else _LOOK_SECONDS
    sees = None if me is None else (await running.access.scope(me)).key
    with running.hub.listener(after) as (listener, resumed):
        version = running.catalog.workspace.version
        hello = Hello(sees=sees, route_epoch=running.routes.epoch, catalog_version=version, resumed=resumed)
        # Whoever loses the stream before anything was said goes on from here; what was missed follows the hello.
        begin = after if resumed else running.hub.newest
        yield written(hello, begin) + written(ProblemsMoved(problems=running.problems()))
        silent_seconds = 0.0
        while True:
            try:
                async with asyncio.timeout(look_seconds):
                    found = await listener.take()
            except TimeoutError:
                found, silent_seconds = [], silent_seconds + look_seconds
            if found is None or not await _may_listen(running, asks, me, sees) or not await running.access.may_push():
                return
            if found or silent_seconds >= _HEARTBEAT_SECONDS:
                silent_seconds = 0.0
                yield b"".join(each.event for each in found) or written(Heartbeat())


async def _may_listen(
    running: Running, asks: Callable[[], Awaitable[Principal | None]] | None, me: Principal | None, sees: str | None
) -> bool:  # fmt: skip
    try:
        who = me if asks is None else await asks()
        if asks is not None and (who is None or not may(who, "see")):
            return False
        return sees is None or (await running.access.scope(who)).key == sees
    except (StoreUnavailable, PolicyUnknown):
        return False  # nobody can say who listens, or what they see

"""The browser stream: server-sent events, one JSON message each, with a heartbeat."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import StreamingResponse

from assay.live.hub import Heartbeat, Hello, Message, ProblemsMoved, written
from assay.live.running import Running
from assay.web.wiring import Run

router = APIRouter(prefix="/v1", tags=["live"])
_HEARTBEAT_SECONDS = 15
_LONGEST_ID = 60


@router.get("/stream", responses={200: {"model": Message, "description": "each event's data is one such message"}})  # pyright: ignore[reportArgumentType]
async def stream(
    running: Run,
    request: Request,
    last_event_id: Annotated[str | None, Header(max_length=_LONGEST_ID)] = None,
    after: Annotated[str | None, Query(max_length=_LONGEST_ID)] = None,
) -> StreamingResponse:
    """Goes on after the event `Last-Event-ID`, or `after` of a stream opened anew; `hello` says whether that worked.

    It ends with the session that opened it.
    """
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    events = _events(running, last_event_id or after, lambda: request.scope["assay.asks"]() is not None)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _events(
    running: Running, after: str | None = None, may_listen: Callable[[], bool] = lambda: True
) -> AsyncGenerator[bytes, None]:
    with running.hub.listener(after) as (listener, resumed):
        version = running.catalog.workspace.version
        hello = Hello(route_epoch=running.routes.epoch, catalog_version=version, resumed=resumed)
        # Whoever loses the stream before anything was said goes on from here; what was missed follows the hello.
        begin = after if resumed else running.hub.newest
        yield written(hello, begin) + written(ProblemsMoved(problems=running.problems()))
        while True:
            try:
                async with asyncio.timeout(_HEARTBEAT_SECONDS):
                    found = await listener.take()
            except TimeoutError:
                found = []
            if found is None or not may_listen():
                return
            yield b"".join(each.event for each in found) or written(Heartbeat())

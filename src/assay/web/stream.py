"""The browser stream: server-sent events, one JSON message each, with a heartbeat."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Header, Query
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
    last_event_id: Annotated[str | None, Header(max_length=_LONGEST_ID)] = None,
    after: Annotated[str | None, Query(max_length=_LONGEST_ID)] = None,
) -> StreamingResponse:
    """Goes on after the event `Last-Event-ID`, or `after` of a stream opened anew; `hello` says whether that worked."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_events(running, last_event_id or after), media_type="text/event-stream", headers=headers)


async def _events(running: Running, after: str | None = None) -> AsyncGenerator[bytes, None]:
    with running.hub.listener(after) as (listener, resumed):
        version = running.catalog.workspace.version
        hello = Hello(route_epoch=running.routes.epoch, catalog_version=version, resumed=resumed)
        yield written(hello) + written(ProblemsMoved(problems=running.problems()))
        while True:
            try:
                async with asyncio.timeout(_HEARTBEAT_SECONDS):
                    found = await listener.take()
            except TimeoutError:
                yield written(Heartbeat())
                continue
            if found is None:
                return
            yield b"".join(each.event for each in found)

"""The browser stream: server-sent events, one JSON message each, with a heartbeat."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from assay.live.hub import Heartbeat, Hello, Message, ProblemsMoved
from assay.live.running import Running
from assay.web.wiring import Run

router = APIRouter(prefix="/v1", tags=["live"])
_HEARTBEAT_SECONDS = 15


@router.get("/stream", responses={200: {"model": Message, "description": "each event's data is one such message"}})  # pyright: ignore[reportArgumentType]
async def stream(running: Run) -> StreamingResponse:
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_events(running), media_type="text/event-stream", headers=headers)


async def _events(running: Running) -> AsyncIterator[bytes]:
    async with running.hub.listener() as queue:
        yield _event(Hello(route_epoch=running.routes.epoch, catalog_version=running.catalog.workspace.version))
        yield _event(ProblemsMoved(problems=running.problems()))
        while True:
            try:
                message = await asyncio.wait_for(queue.get(), _HEARTBEAT_SECONDS)
            except TimeoutError:
                message = Heartbeat()
            if message is None:
                return
            yield _event(message)


def _event(message: Message) -> bytes:
    return b"data: " + message.model_dump_json().encode() + b"\n\n"

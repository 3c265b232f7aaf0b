"""What is told step by step in answer to one request: server-sent events, one JSON message each."""

import asyncio
import logging
import traceback
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import orjson
from starlette.responses import StreamingResponse

from assay.errors import AssayError

_log = logging.getLogger(__name__)


class Events(StreamingResponse):
    media_type = "text/event-stream"


def streamed(events: AsyncIterator[bytes]) -> Events:
    return Events(events, headers={"cache-control": "no-store", "x-accel-buffering": "no"})


async def written(events: AsyncGenerator[dict[str, Any], None]) -> AsyncIterator[bytes]:
    """What they raise is told as the last of them; whoever stops listening ends them."""
    async with aclosing(events):
        try:
            async for each in events:
                yield _event(each)
                await asyncio.sleep(0)  # each event leaves as it is told
        except AssayError as error:
            yield _trouble(error)
        except Exception as error:  # noqa: BLE001
            # The answer has begun: an accident is told inside it. Its text may hold words or values, and is not logged.
            _log.error("an accident: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
            yield _trouble(AssayError("Something went wrong inside Assay; the log says what."))


def _trouble(error: AssayError) -> bytes:
    return _event({"event": "error", "problem": error.problem()})


def _event(body: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(body) + b"\n\n"

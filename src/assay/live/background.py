"""Work beside serving: once, or for ever."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine

_log = logging.getLogger(__name__)
_running_in_background: set[asyncio.Task[None]] = set()


def background(work: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(work)
    _running_in_background.add(task)
    task.add_done_callback(_running_in_background.discard)


async def forever(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """One of the outermost loops: what goes wrong is logged, and the work begins again."""
    while True:
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001
            _log.exception("watching %s failed; beginning again", name)
        await asyncio.sleep(1)

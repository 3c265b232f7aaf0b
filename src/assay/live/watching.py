"""What changes in a folder, as it happens."""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import watchfiles

_log = logging.getLogger(__name__)
_GATHERED_MS, _STEP_MS, _YIELD_MS = 80, 20, 1_000
"""How long changes are gathered, how often a look is taken, and after what time without one an empty set is told."""


async def changes_in(folder: Path, is_wanted: Callable[[str], bool]) -> AsyncGenerator[set[Path]]:
    """The files of `is_wanted` names that were changed; an empty set about once a second where none was, or none is told.

    The thread that waits is of this watch alone and is told to end when the watch ends: whoever closes it waits for nothing.
    `watchfiles.awatch` borrows its thread from the task that began first, and waits forever once that task is over.
    """
    stop = threading.Event()
    seen = watchfiles.watch(
        folder,
        watch_filter=lambda _, path: is_wanted(Path(path).name),
        debounce=_GATHERED_MS,
        step=_STEP_MS,
        rust_timeout=_YIELD_MS,
        stop_event=stop,
        yield_on_timeout=True,
    )
    waiter = ThreadPoolExecutor(1, "files")
    try:
        while (changes := await asyncio.get_running_loop().run_in_executor(waiter, next, seen, None)) is not None:
            yield {Path(path) for _, path in changes}
    except RuntimeError as error:
        # Such as a system that has no more watches to give: whoever looks for himself goes on every second.
        _log.warning("the system does not tell of changes: %s", error)
        while True:
            await asyncio.sleep(_YIELD_MS / 1_000)
            yield set()
    finally:
        stop.set()
        waiter.shutdown(wait=False)

"""What changes in a folder, as it happens."""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from pathlib import Path

import watchfiles

_log = logging.getLogger(__name__)
_GATHERED_MS, _STEP_MS, _YIELD_MS = 80, 20, 1_000
"""How long changes are gathered, how often a look is taken, and after what time without one an empty set is told."""
_SILENT_SECONDS = 15.0
"""A watch that says nothing for so long, though it should every second, is given up."""
Changes = set[Path]


async def changes_in(folder: Path, is_wanted: Callable[[str], bool]) -> AsyncGenerator[Changes]:
    """The files of `is_wanted` names that were changed; an empty set about once a second where none was, or none is told.

    Raises RuntimeError where the thread that waits has ended, or says nothing any more: whoever wants to hear on begins a
    new watch. It is of this watch alone and a daemon, so that whoever closes the watch waits for nothing.
    `watchfiles.awatch` borrows its thread from the task that began first, and waits forever once that task is over.
    """
    stop, loop = threading.Event(), asyncio.get_running_loop()
    told: asyncio.Queue[Changes | BaseException | None] = asyncio.Queue()
    waiter = threading.Thread(target=_wait, args=(folder, is_wanted, stop, loop, told), name="assay-files", daemon=True)
    waiter.start()
    try:
        while True:
            changes = await _next(told)
            if isinstance(changes, RuntimeError):
                # Such as a system that has no more watches to give: whoever looks for himself goes on every second.
                _log.warning("the system does not tell of changes: %s", changes)
                break
            if not isinstance(changes, set):
                raise RuntimeError("the thread that watches the files has ended") from changes
            yield changes
        while True:
            await asyncio.sleep(_YIELD_MS / 1_000)
            yield set()
    finally:
        stop.set()


async def _next(told: "asyncio.Queue[Changes | BaseException | None]") -> "Changes | BaseException | None":
    try:
        async with asyncio.timeout(_SILENT_SECONDS):
            found = await told.get()
    except TimeoutError:
        return TimeoutError("it says nothing any more")
    while isinstance(found, set) and not told.empty():
        # What was told while whoever hears of it was busy is one change.
        more = told.get_nowait()
        found = found | more if isinstance(more, set) else more
    return found


def _wait(
    folder: Path,
    is_wanted: Callable[[str], bool],
    stop: threading.Event,
    loop: asyncio.AbstractEventLoop,
    told: "asyncio.Queue[Changes | BaseException | None]",
) -> None:
    """The thread. Whatever ends it is told as the last thing."""

    def tell(what: "Changes | BaseException | None") -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(told.put_nowait, what)

    seen = watchfiles.watch(
        folder,
        watch_filter=lambda _, path: is_wanted(Path(path).name),
        debounce=_GATHERED_MS,
        step=_STEP_MS,
        rust_timeout=_YIELD_MS,
        stop_event=stop,
        yield_on_timeout=True,
    )
    try:
        for changes in seen:
            tell({Path(path) for _, path in changes})
    except BaseException as error:  # noqa: BLE001  it is told, and raised where it is waited for
        tell(error)
    else:
        tell(None)

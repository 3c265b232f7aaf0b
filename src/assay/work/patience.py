"""Work that may never come back, such as reading a file on a mount that is gone: done aside, and given up after a while.

The thread is a daemon and belongs to nobody's pool: where it hangs, neither other work nor the end of the process waits.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from assay.errors import DiskLeftAlone, DiskSilent

T = TypeVar("T")
FILES_SECONDS = 8.0
"""A mount that is gone without a word holds up whoever reads files for so long, and nothing else."""
WORKSPACE_FILES = "The files of the workspace"
"""As `with_files` is told of them: what hangs there is counted by this name."""
_ANSWER_SECONDS = 20.0
_MOST_LEFT = 4
"""Threads that hang at the same files, after which no other is sent there."""
_begun: dict[object, tuple[str, float]] = {}
"""Of each thread with files in hand: which, and since when. Whoever asked may have left."""


class Aside:
    """Of work that is tried again and again: while one attempt hangs, no other is begun."""

    hangs = False


async def in_time(seconds: float, work: Callable[..., T], *arguments: Any, aside: Aside | None = None) -> T:
    """The value of `work(*arguments)`, or what it raises. Raises TimeoutError where it takes longer: it is left alone."""
    aside = aside or Aside()
    if aside.hangs:
        raise TimeoutError
    loop = asyncio.get_running_loop()
    told: asyncio.Future[T] = loop.create_future()

    def tell(value: Any, error: BaseException | None) -> None:
        if not told.done():
            told.set_result(value) if error is None else told.set_exception(error)

    def run() -> None:
        try:
            value, error = work(*arguments), None
        except Exception as found:  # noqa: BLE001  it is raised where it is waited for
            value, error = None, found
        aside.hangs = False
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell, value, error)

    aside.hangs = True
    threading.Thread(target=run, name="assay-in-time", daemon=True).start()
    async with asyncio.timeout(seconds):
        return await told


async def with_files(what: str, work: Callable[..., T], *arguments: Any) -> T:
    """`in_time`, for whoever has to be answered: `what` names the files.

    Raises DiskSilent: where the work was begun, its thread may still do it; DiskLeftAlone where too many hang already.
    """
    long_ago = time.monotonic() - _ANSWER_SECONDS
    if sum(each == what and since < long_ago for each, since in list(_begun.values())) >= _MOST_LEFT:
        raise DiskLeftAlone(f"{what}: their disk does not answer.", mend="see that it is mounted")

    def noted() -> T:
        mark = object()
        _begun[mark] = (what, time.monotonic())
        try:
            return work(*arguments)
        finally:
            del _begun[mark]

    try:
        return await in_time(_ANSWER_SECONDS, noted)
    except TimeoutError:
        raise DiskSilent(
            f"{what}: their disk does not answer.", mend="see that it is mounted; what was to be written may come late"
        ) from None

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
_LOOKS = 8
"""So often in that time whoever waits looks whether the thread still works."""
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
    """The value of `work(*arguments)`, or what it raises.

    Raises TimeoutError where for so long nothing comes and nothing is done: the thread is left alone. While it is given
    processor time it does not hang, however slow the machine is (where the system tells that of a thread: Linux does).
    """
    aside = aside or Aside()
    if aside.hangs:
        raise TimeoutError
    loop = asyncio.get_running_loop()
    told: asyncio.Future[tuple[Any, Exception | None]] = loop.create_future()
    clock: int | None = None

    def tell(value: Any, error: Exception | None) -> None:
        if not told.done():
            told.set_result((value, error))

    def run() -> None:
        nonlocal clock
        if hasattr(time, "pthread_getcpuclockid"):
            clock = time.pthread_getcpuclockid(threading.get_ident())
        try:
            value, error = work(*arguments), None
        except Exception as found:  # noqa: BLE001  it is raised where it is waited for
            value, error = None, found
        aside.hangs = False
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell, value, error)

    aside.hangs = True
    threading.Thread(target=run, name="assay-in-time", daemon=True).start()
    silent, spent = 0, _spent(clock)
    while silent < _LOOKS:
        await asyncio.wait((told,), timeout=seconds / _LOOKS)
        if told.done():
            value, error = told.result()
            if error is not None:
                raise error
            return value
        before, spent = spent, _spent(clock)
        silent = silent + 1 if spent == before else 0
    raise TimeoutError


def _spent(clock: int | None) -> float:
    """Processor time of a thread, in seconds, by its clock; 0 where it has ended."""
    try:
        return time.clock_gettime(clock) if clock is not None else 0.0
    except OSError:
        return 0.0


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

"""Work that is waited for so long and no longer; whoever waits may be told to stop at any moment."""

import asyncio
import itertools
import threading
import time

import pytest

from assay.errors import DiskLeftAlone, DiskSilent
from assay.work import patience
from assay.work.patience import Aside, in_time, with_files


async def test_a_task_that_is_cancelled_as_its_work_ends_is_cancelled() -> None:
    loop = asyncio.get_running_loop()

    def cancel_once_told() -> None:
        # The loop stands still until the value lies before it, and the cancellation right behind.
        for thread in threading.enumerate():
            if thread.name == "assay-in-time":
                thread.join()
        loop.call_soon(waiting.cancel)

    waiting = asyncio.create_task(in_time(60, lambda: loop.call_soon_threadsafe(cancel_once_told)))
    await asyncio.wait((waiting,))
    assert waiting.cancelled()


async def test_what_takes_too_long_is_given_up() -> None:
    goes_on = threading.Event()
    with pytest.raises(TimeoutError):
        await in_time(0.01, goes_on.wait)
    goes_on.set()


async def test_what_still_works_is_waited_for_however_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine is no silent disk: while the thread's own clock goes on, it is not given up."""
    goes_on, looks = threading.Event(), itertools.count()

    def spent(clock: int) -> float:
        look = next(looks)
        if look == 40:
            goes_on.set()
        return float(min(look, 40))

    monkeypatch.setattr(time, "clock_gettime", spent)
    assert await in_time(0.01, goes_on.wait)
    assert next(looks) > 40


async def test_what_goes_wrong_aside_is_raised_where_it_is_waited_for() -> None:
    with pytest.raises(ZeroDivisionError):
        await in_time(60, lambda: 1 / 0)


async def test_while_an_attempt_hangs_no_other_is_begun() -> None:
    goes_on, aside, begun = threading.Event(), Aside(), list[int]()

    def hang() -> bool:
        begun.append(1)
        return goes_on.wait()

    for _ in range(3):
        with pytest.raises(TimeoutError):
            await in_time(0.01, hang, aside=aside)
    assert len(begun) == 1
    goes_on.set()
    for thread in threading.enumerate():
        if thread.name == "assay-in-time":
            thread.join()
    assert [await in_time(60, hang, aside=aside) for _ in range(3)] == [True] * 3


async def test_of_threads_that_hang_at_the_same_files_there_are_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_ANSWER_SECONDS", 0.01)
    goes_on, begun = threading.Event(), list[int]()

    def hang() -> bool:
        begun.append(1)
        return goes_on.wait(60)

    for turn in range(8):
        with pytest.raises(DiskSilent) as told:
            await with_files("Some files", hang)
        await asyncio.sleep(0.02)
        assert isinstance(told.value, DiskLeftAlone) == (turn >= 4)
    assert len(begun) == 4
    monkeypatch.setattr(patience, "_ANSWER_SECONDS", 60.0)
    assert await with_files("Other files", lambda: 1) == 1
    goes_on.set()
    for thread in threading.enumerate():
        if thread.name == "assay-in-time":
            thread.join()
    with pytest.raises(ZeroDivisionError):
        await with_files("Some files", lambda: 1 / 0)

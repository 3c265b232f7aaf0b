"""A pool of workers: work that grows with its input runs there, never on the event loop, and within a bound.

A worker that exceeds its bound is ended with all that it holds, and the next piece of work gets a fresh one. Whoever
leaves takes the work along.
"""

import asyncio
import functools
import os
import signal
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from assay.errors import AssayError, Busy, TooMuchWork
from assay.work.nursery import Nursery, NurseryGone
from assay.work.places import Places
from assay.work.request import seconds_left
from assay.work.worker import receive, send

_PATIENCE = 20
"""Seconds of the clock for each second of processor time: others may want the processor too."""
_CLEARING_SECONDS = 0.5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept:
    """A thing that workers keep between pieces of work, pickled once and sent to each worker once."""

    key: str
    pickled: bytes


class WorkerGone(Exception):
    """The worker ended during the work; `status` says how: an exit code, or a signal's number below zero."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"a worker ended with status {status}")


class TooLate(Exception):
    """The work took longer than was given to it, and its worker was ended."""


class _Worker:
    """The server's end of one worker. Its methods block."""

    def __init__(self, nursery: Nursery, after: Callable[[int], None] | None = None) -> None:
        self._nursery = nursery
        self._after = after
        self.pid, self._end = nursery.fork()
        self._has: str | None = None
        self._status: int | None = None

    def ask(self, name: str, kept: Kept | None, arguments: tuple[Any, ...], cpu_seconds: float) -> Any:
        key = kept.key if kept else None
        thing = kept.pickled if kept and key != self._has else None
        try:
            send(self._end, (name, key, thing, arguments, cpu_seconds))
            done, value = receive(self._end)
        except (OSError, EOFError) as error:
            raise WorkerGone(self.finish()) from error
        if kept is not None:
            self._has = kept.key
        if done:
            return value
        raise value

    def finish(self) -> int:
        if self._status is None:
            self._status = self._nursery.end(self.pid)
            with suppress(OSError):  # one that a disk holds fast does not close its end
                self._end.shutdown(socket.SHUT_RDWR)
            self._end.close()
            if self._after is not None:
                # Beside: the disk that held the worker up would hold up whoever clears away as well.
                clearing = threading.Thread(target=self._after, args=(self.pid,), daemon=True)
                clearing.start()
                clearing.join(_CLEARING_SECONDS)
        return self._status


class Workers:
    """So many workers at a time; started when they are needed, kept warm, and ended by `close`."""

    def __init__(
        self, name: str, most: int | None = None, *, nursery: Nursery | None = None,
        after: Callable[[int], None] | None = None,
    ) -> None:  # fmt: skip
        """`after` is called with the process number of each worker that has ended: it clears away what that one left."""
        self._after = after
        # At least three: of two, one asker would hold a single one, and work that stands still would hold up its next.
        self.most = most or max(3, min(os.cpu_count() or 3, 4))
        self.places = Places(name, self.most)
        self._nursery = nursery or Nursery.of_this_process()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._starting: set[asyncio.Future[_Worker]] = set()
        self._ending: set[Future[int]] = set()
        self._threads = ThreadPoolExecutor(self.most + 2, thread_name_prefix=f"workers-{name}")
        self._is_closed = False

    @property
    def running(self) -> int:
        return len(self._busy)

    async def run(
        self, work: Callable[..., T], *arguments: Any, cpu_seconds: float, kept: Kept | None = None, what: str = "This"
    ) -> T:
        """The value of `work(*arguments)`, or of `work(the kept thing, *arguments)`; it raises what that raises.

        `work` is a function of a module. Raises TooMuchWork where it takes more processor time, Busy where nobody is free.
        """
        try:
            async with self.places.place():
                return await self.run_now(work, *arguments, seconds=seconds_left(cpu_seconds * _PATIENCE),
                                          cpu_seconds=cpu_seconds, kept=kept)  # fmt: skip
        except NurseryGone as error:
            raise Busy(f"{self.places.name} is not possible just now: {error}.") from error
        except (WorkerGone, MemoryError, TooLate):
            raise TooMuchWork(
                f"{what} takes more than {cpu_seconds:g} s of processor time, or too much memory, to read.",
                mend="send something smaller or simpler", cpu_seconds=cpu_seconds,
            ) from None  # fmt: skip

    async def run_now(
        self, work: Callable[..., T], *arguments: Any, seconds: float, cpu_seconds: float = 0, kept: Kept | None = None
    ) -> T:  # fmt: skip
        """The same without a place, for whoever has counted already. Raises WorkerGone, TooLate, NurseryGone."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        try:
            return await self._run_once(work, arguments, seconds, cpu_seconds, kept)
        except WorkerGone as gone:
            if self._is_closed or gone.status == -signal.SIGPROF:
                raise
        # The worker may have died while it was idle: the work is to blame only the second time.
        return await self._run_once(work, arguments, until - loop.time(), cpu_seconds, kept)

    async def _run_once(
        self, work: Callable[..., T], arguments: tuple[Any, ...], seconds: float, cpu_seconds: float, kept: Kept | None
    ) -> T:  # fmt: skip
        if self._is_closed:
            raise WorkerGone(0)
        loop = asyncio.get_running_loop()
        name = f"{work.__module__}:{work.__qualname__}"
        worker = await self._worker(loop)
        if self._is_closed:
            worker.finish()
            raise WorkerGone(0)
        self._busy.add(worker)
        asking = loop.run_in_executor(self._threads, functools.partial(worker.ask, name, kept, arguments, cpu_seconds))
        try:
            async with asyncio.timeout(seconds):
                found = await asyncio.shield(asking)
        except TimeoutError as error:
            if not asking.done():
                self._end(worker, asking)
                raise TooLate from error
            self._give_back(worker)
            raise
        except WorkerGone:
            self._busy.discard(worker)
            raise
        except asyncio.CancelledError:
            self._end(worker, asking)
            raise
        except AssayError:
            self._give_back(worker)
            raise
        except Exception:
            # Whatever it was, what the worker holds now is not known.
            self._end(worker, asking)
            raise
        self._give_back(worker)
        return found

    async def _worker(self, loop: asyncio.AbstractEventLoop) -> _Worker:
        if self._idle:
            return self._idle.pop()
        starting = loop.run_in_executor(self._threads, _Worker, self._nursery, self._after)
        self._starting.add(starting)
        starting.add_done_callback(self._starting.discard)
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(self._keep)  # whoever it was for has left
            raise

    def _keep(self, started: "asyncio.Future[_Worker]") -> None:
        if not started.cancelled() and started.exception() is None:
            self._give_back(started.result())

    def _give_back(self, worker: _Worker) -> None:
        self._busy.discard(worker)
        if self._is_closed:
            worker.finish()
        else:
            self._idle.append(worker)

    def _end(self, worker: _Worker, asking: "asyncio.Future[Any]") -> None:
        """End the process at once; the thread that waits for it hears of that and ends as well."""
        self._busy.discard(worker)
        asking.add_done_callback(lambda done: done.cancelled() or done.exception())
        if not self._is_closed:
            ending = self._threads.submit(worker.finish)
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        self._is_closed = True
        if self._starting:
            await asyncio.wait(self._starting)
        ending = [*self._ending, *(self._threads.submit(worker.finish) for worker in (*self._idle, *self._busy))]
        self._idle.clear()
        self._threads.shutdown(wait=False)
        await asyncio.gather(*map(asyncio.wrap_future, ending))

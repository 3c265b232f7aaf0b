"""Looks at one file from the event loop: taken in a thread, and waited for so long and no longer.

A `stat` takes a microsecond, or for ever where the file lies on a mount that is gone. Here the loop never waits for one:
all who ask at once share a look, and while one hangs nobody is kept waiting by it any more.
"""

import asyncio
import queue
import threading
from contextlib import suppress
from pathlib import Path

from assay.work.files import FileIdentity, identity_of

LOOK_SECONDS = 2.0
_IDLE_SECONDS = 5.0
"""After so long without a look the thread ends; the next look begins another."""
_Look = asyncio.Future[FileIdentity | OSError]


class Looks:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._seconds = LOOK_SECONDS
        self._wanted: queue.SimpleQueue[tuple[asyncio.AbstractEventLoop, _Look]] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._has_thread = False
        self._under_way: _Look | None = None
        self._next: _Look | None = None
        self._hangs = False
        self._found: FileIdentity | None = None

    @property
    def found(self) -> FileIdentity | None:
        """What lay there at the last look; None where nothing did, or where the disk does not answer."""
        return None if self._hangs else self._found

    async def look(self) -> FileIdentity:
        """What lies there now: the look begins after it was asked for. Raises OSError, TimeoutError."""
        loop = asyncio.get_running_loop()
        if self._under_way is not None and self._under_way.get_loop() is not loop:
            self._under_way = self._next = None  # of a loop that is over
        if self._hangs and self._under_way is not None:
            raise TimeoutError
        if self._next is None:
            self._next = loop.create_future()
            if self._under_way is None:
                self._begin()
        wanted = self._next or self._under_way
        assert wanted is not None
        try:
            async with asyncio.timeout(self._seconds):
                found = await asyncio.shield(wanted)
        except TimeoutError:
            self._hangs = True
            raise
        if isinstance(found, OSError):
            raise found
        return found

    def _begin(self) -> None:
        assert self._next is not None
        self._under_way, self._next = self._next, None
        with self._guard:
            self._wanted.put((self._under_way.get_loop(), self._under_way))
            if not self._has_thread:
                self._has_thread = True
                threading.Thread(target=self._take, name=f"look at {self._path}", daemon=True).start()

    def _take(self) -> None:
        """The thread: it belongs to nobody's pool, so that neither other work nor the end of the process waits for it."""
        while True:
            try:
                loop, look = self._wanted.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                with self._guard:
                    if self._wanted.empty():
                        self._has_thread = False
                        return
                continue
            try:
                found = identity_of(self._path)
            except OSError as error:
                found = error
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._tell, look, found)

    def _tell(self, look: _Look, found: FileIdentity | OSError) -> None:
        if not look.done():
            look.set_result(found)
        if look is not self._under_way:
            return
        self._found = None if isinstance(found, OSError) else found
        self._under_way, self._hangs = None, False
        if self._next is not None:
            self._begin()

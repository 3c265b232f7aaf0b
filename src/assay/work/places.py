"""Places: so many at a time, no one kind of asker in all of them, a queue with a length, and beyond it a refusal at once.

What asks bears keys such as ("asker", "10.0.0.7") or ("table", "sales.orders"). A key may hold a share of the places, so
that ten slow questions of one table, or of one person, leave room for the others. Of those who wait, the one whose asker
holds the least goes first.
"""

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from assay.errors import Busy
from assay.work.request import current_request, seconds_left

Key = tuple[str, str]
_SHARES = {"asker": 3 / 4, "table": 3 / 4, "statement": 1 / 2}
"""Of the places. A statement is one shape of question: its slow windows do not hold up another metric of the same table."""
_QUEUE_SHARE = 3 / 4
_WAIT_SECONDS = 20.0
_LONGEST_RETRY_SECONDS = 30


@dataclass(eq=False, slots=True)
class _Waiting:
    keys: tuple[Key, ...]
    turn: asyncio.Future[None]


class Places:
    def __init__(self, name: str, most: int, waiting: int = 256) -> None:
        """`name` stands in the refusal: whatever is busy."""
        self.name = name
        self.most = most
        self.most_waiting = waiting
        self.refused = 0
        """How many were sent away since the process began."""
        self._taken = 0
        self._held: Counter[Key] = Counter()
        self._queue: list[_Waiting] = []
        self._queued: Counter[Key] = Counter()
        self._usual_seconds = 0.1

    @property
    def taken(self) -> int:
        return self._taken

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @asynccontextmanager
    async def place(self, keys: Iterable[Key] = ()) -> AsyncIterator[None]:
        """One place, for as long as the block runs. Raises Busy: the queue is full, or the turn did not come in time."""
        loop = asyncio.get_running_loop()
        wanted = tuple(dict.fromkeys((("asker", current_request().asker), *keys)))
        await self._turn(wanted, loop)
        begun = loop.time()
        try:
            yield
        finally:
            self._usual_seconds += ((loop.time() - begun) - self._usual_seconds) / 8
            self._taken -= 1
            self._held.subtract(wanted)
            self._held += Counter()  # what is held no more is forgotten
            self._next()

    async def _turn(self, keys: tuple[Key, ...], loop: asyncio.AbstractEventLoop) -> None:
        # Whoever waits already and could go has gone: so nobody is overtaken here.
        if self._fits(keys):
            self._take(keys)
            return
        asker = keys[0]
        if len(self._queue) >= self.most_waiting or self._queued[asker] >= self.most_waiting * _QUEUE_SHARE:
            raise self._busy("too many wait for it already")
        waiting = _Waiting(keys, loop.create_future())
        self._queue.append(waiting)
        self._queued[asker] += 1
        try:
            async with asyncio.timeout(seconds_left(_WAIT_SECONDS)):
                await waiting.turn
        except TimeoutError:
            raise self._busy("no turn came in time") from None
        except asyncio.CancelledError:
            if waiting.turn.done() and not waiting.turn.cancelled():
                self._taken -= 1
                self._held.subtract(keys)
                self._next()
            raise
        finally:
            if waiting in self._queue:
                self._queue.remove(waiting)
            self._queued[asker] -= 1
            if not self._queued[asker]:
                del self._queued[asker]

    def _fits(self, keys: tuple[Key, ...]) -> bool:
        if self._taken >= self.most:
            return False
        return all(self._held[key] < max(1, int(self.most * _SHARES.get(key[0], 1))) for key in keys)

    def _take(self, keys: tuple[Key, ...]) -> None:
        self._taken += 1
        self._held.update(keys)

    def _next(self) -> None:
        while self._taken < self.most:
            able = [each for each in self._queue if not each.turn.done() and self._fits(each.keys)]
            if not able:
                return
            chosen = min(able, key=lambda each: self._held[each.keys[0]])
            self._queue.remove(chosen)
            self._take(chosen.keys)
            chosen.turn.set_result(None)

    def _busy(self, why: str) -> Busy:
        self.refused += 1
        seconds = math.ceil(self._usual_seconds * (len(self._queue) + 1) / self.most)
        return Busy(f"{self.name} is busy: {why}.", retry_after_seconds=max(1, min(seconds, _LONGEST_RETRY_SECONDS)))

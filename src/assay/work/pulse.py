"""The pulse of a server: tells one that works slowly from one that says nothing at all.

A statement may take its time. A server that does not answer `SELECT 1` on another connection either is frozen, or its
network is gone without a word: whoever waits for it is told within seconds, long before the statement's own time is up.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

AFTER_SECONDS = 1.5
"""How long a statement may run before the server is asked whether it is there."""
PATIENCE_SECONDS = 2.0
"""How long it may take to say so."""


class Silent(Exception):
    """The server does not say anything, on any connection."""


class Pulse:
    def __init__(self, beat: Callable[[], Awaitable[object]]) -> None:
        """`beat` asks the server for next to nothing; it may fail as it likes, only silence counts."""
        self._beat = beat
        self._scopes: dict[asyncio.Timeout, float] = {}
        """Who waits, oldest first, and since when on the loop's clock."""
        self._watching: asyncio.Task[None] | None = None
        self.is_silent = False

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Raises Silent as soon as the server is found silent; at once, where it is known to be."""
        if self.is_silent:
            raise Silent
        scope = asyncio.timeout(None)
        self._scopes[scope] = asyncio.get_running_loop().time()
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())
        try:
            async with scope:
                yield
        except TimeoutError as error:
            if scope.expired():
                raise Silent from error
            raise
        finally:
            self._scopes.pop(scope, None)

    async def _watch(self) -> None:
        """While somebody waits, and while the server is silent."""
        loop, asked_at = asyncio.get_running_loop(), 0.0
        while self._scopes or self.is_silent:
            since = next(iter(self._scopes.values()), loop.time())
            await asyncio.sleep(max(since, asked_at) + AFTER_SECONDS - loop.time())
            waits_on = next(iter(self._scopes.values()), loop.time()) == since
            if not waits_on and not self.is_silent:
                continue  # who had waited longest was answered: the server is there
            asked_at = loop.time()
            self.is_silent = not await self._answers()
            if self.is_silent:
                for scope in self._scopes:
                    scope.reschedule(loop.time())
                self._scopes.clear()

    async def _answers(self) -> bool:
        """Whether it says anything: a refusal is an answer too."""
        beating = asyncio.ensure_future(self._beat())
        done, _ = await asyncio.wait((beating,), timeout=PATIENCE_SECONDS)
        if not done:
            beating.cancel()
            beating.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            return False
        error = beating.exception()
        return not isinstance(error, TimeoutError)

    def close(self) -> None:
        if self._watching is not None:
            self._watching.cancel()

"""Answers by answer id, the oldest read thrown out first, and one asking for many askers."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from assay.answers.answer import Answer


class AnswerCache:
    """Bounded by bytes. There is nothing to invalidate: a new data version is a new id."""

    def __init__(self, max_bytes: int = 32_000_000) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._asking: dict[str, _Asking] = {}

    def get(self, answer_id: str) -> Answer | None:
        found = self._answers.get(answer_id)
        if found is not None:
            self._answers.move_to_end(answer_id)
        return found

    def put(self, answer: Answer) -> None:
        """Keep it, in the place of the same answer under another standing."""
        old = self._answers.pop(answer.answer_id, None)
        self._bytes -= 2 * len(old.fresh_bytes) if old else 0
        self._answers[answer.answer_id] = answer
        self._bytes += 2 * len(answer.fresh_bytes)
        while self._bytes > self._max_bytes and len(self._answers) > 1:
            _, oldest = self._answers.popitem(last=False)
            self._bytes -= 2 * len(oldest.fresh_bytes)

    async def once(self, answer_id: str, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Ask, or wait for whoever is asking the same already. The asking ends when the last one has left."""
        asking = self._asking.get(answer_id)
        if asking is None:
            task = asyncio.ensure_future(ask())
            asking = self._asking[answer_id] = _Asking(task)
            task.add_done_callback(lambda done: self._forget(answer_id, done))
        asking.waiting += 1
        try:
            return await asyncio.shield(asking.task)
        finally:
            asking.waiting -= 1
            if asking.waiting == 0 and not asking.task.done():
                # Whoever comes now asks anew.
                self._asking.pop(answer_id, None)
                asking.task.cancel()

    def _forget(self, answer_id: str, done: "asyncio.Future[Answer]") -> None:
        known = self._asking.get(answer_id)
        if known is not None and known.task is done:
            del self._asking[answer_id]
        if not done.cancelled():
            done.exception()


@dataclass
class _Asking:
    task: "asyncio.Future[Answer]"
    waiting: int = 0

"""Answers that are kept, the oldest read thrown out first, and one asking for many askers."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from assay.answers.answer import Answer

K = TypeVar("K", bound=Hashable)


class Shelf(Generic[K]):
    """Answers by key, bounded by the memory that they take: rows, provenance and bytes, not only what travels."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._answers: OrderedDict[K, Answer] = OrderedDict()
        self.held_bytes = 0

    def get(self, key: K) -> Answer | None:
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def put(self, key: K, answer: Answer) -> None:
        """Keep it, in the place of what was there."""
        old = self._answers.pop(key, None)
        if old is not None:
            self.held_bytes -= old.held_bytes
        self._answers[key] = answer
        self.held_bytes += answer.held_bytes
        while self.held_bytes > self._most_bytes and len(self._answers) > 1:
            _, oldest = self._answers.popitem(last=False)
            self.held_bytes -= oldest.held_bytes


class AnswerCache:
    """By answer id. There is nothing to invalidate: a new data version is a new id."""

    def __init__(self, most_bytes: int = 64_000_000) -> None:
        self._kept = Shelf[str](most_bytes)
        self._asking: dict[str, _Asking] = {}

    def get(self, answer_id: str) -> Answer | None:
        return self._kept.get(answer_id)

    def put(self, answer: Answer) -> None:
        """Keep it, in the place of the same answer under another standing."""
        self._kept.put(answer.answer_id, answer)

    @property
    def held_bytes(self) -> int:
        return self._kept.held_bytes

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

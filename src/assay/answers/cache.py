"""Answers by answer id, the oldest read thrown out first, and one asking for many askers."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from assay.answers.answer import Answer


class AnswerCache:
    """Bounded by bytes. There is nothing to invalidate: a new data version is a new id."""

    def __init__(self, max_bytes: int = 32_000_000) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Answer]] = {}

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
        """Ask, or wait for whoever is asking the same already. A waiter that leaves does not stop the asking."""
        task = self._asking.get(answer_id)
        if task is None:

            async def asking() -> Answer:
                try:
                    return await ask()
                finally:
                    self._asking.pop(answer_id, None)

            task = self._asking[answer_id] = asyncio.create_task(asking())
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(task)

"""What goes on beside serving so that routes can move: comparisons, shadows, and how every route stands."""

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from assay.backends.protocol import NotConfigured
from assay.catalog.metric import Metric
from assay.compiler.meaning import as_meant
from assay.compiler.question import Question
from assay.errors import AssayError, Busy
from assay.live.hub import ParityMoved, RoutesMoved
from assay.live.state import State
from assay.routing.certificate import Standing
from assay.routing.settling import question_key
from assay.store.parity import StoredCertificate, add_shadow

_log = logging.getLogger(__name__)
SHADOW_SECONDS = 10
"""A metric's live questions are compared beside serving no more often than this."""
OFTEN = 3
"""A question that its route's certificate does not settle is compared once it was asked so often."""
_LOOK_SECONDS = 30
_RETRY_SECONDS = 10
_SHADOWS_WAITING = 32
_AT_ONCE = 2
"""A comparison holds a connection of an engine's pool for as long as it takes: so many at a time."""
_MOST_WAITING = 16
"""Comparisons that somebody asked for: beyond these who asks is told to come again."""
_MAX_COUNTED = 1_000


@dataclass
class Moving:
    running: State
    judge_file: Callable[[], Awaitable[None]]
    """Judge the routing file again."""
    _comparing: dict[tuple[str, str], asyncio.Task[StoredCertificate]] = field(default_factory=dict)
    _at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _waiting: int = 0
    _shadows: asyncio.Queue[tuple[Question, str, str]] = field(default_factory=lambda: asyncio.Queue(_SHADOWS_WAITING))
    _often: OrderedDict[tuple[str, str], int] = field(default_factory=OrderedDict)
    """How often questions were asked that are proven for others only, by metric and question."""
    _shadowed: dict[str, float] = field(default_factory=dict)
    _seen: Any = None
    _judging: asyncio.Task[None] | None = None
    """Held here, because the loop alone keeps no task alive."""

    # -- comparing --------------------------------------------------------------------------------

    def compare_pending(self) -> None:
        """Compare what an edit of the file waits for; when it is known, the file is judged again."""
        for metric_id, pending in self.running.routes.pending.items():
            metric = self.running.catalog.workspace.metrics.get(metric_id)
            if pending.state == "comparing" and metric is not None and (metric_id, pending.backend) not in self._comparing:
                self._comparison(metric, pending.backend).add_done_callback(self._judge_again)

    async def compare(self, metric: Metric, to: str) -> StoredCertificate:
        """Compare now; whoever asks for a comparison that is under way waits for that one. Raises Busy."""
        if (metric.metric_id, to) not in self._comparing:
            self._expect_room()
        return await asyncio.shield(self._comparison(metric, to))

    def _comparison(self, metric: Metric, to: str) -> asyncio.Task[StoredCertificate]:
        key = (metric.metric_id, to)
        task = self._comparing.get(key)
        if task is None:
            task = self._comparing[key] = asyncio.create_task(self._compare(metric, to))
            task.add_done_callback(lambda _: self._comparing.pop(key, None))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())  # who waited may have left
        return task

    async def _compare(self, metric: Metric, to: str) -> StoredCertificate:
        running = self.running

        def progress(done: int, of: int, grain: str) -> None:
            running.hub.say(ParityMoved(metric_id=metric.metric_id, backend=to, state="comparing", done=done, of=of,
                                        grain=grain, verdict=None))  # fmt: skip

        progress(0, 0, "")
        verdict = None
        try:
            async with self._turn():
                found = await running.routes.compare(metric, to, running.catalog, running.corridor.now(), progress)
            verdict = found.verdict
        finally:
            running.hub.say(ParityMoved(metric_id=metric.metric_id, backend=to, state="done", done=0, of=0, grain="",
                                        verdict=verdict))  # fmt: skip
        self.restand()
        return found

    async def compare_question(self, metric: Metric, question: Question, to: str) -> StoredCertificate:
        """Compare this very question now, and tell every page that it may stand otherwise. Raises Busy."""
        running = self.running
        self._expect_room()
        async with self._turn():
            found = await running.routes.compare_question(metric, question, to, running.catalog)
        self.restand()
        running.hub.say(RoutesMoved(epoch=running.routes.epoch, metrics=[metric.metric_id]))
        return found

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        self._waiting += 1
        try:
            await self._at_once.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._at_once.release()

    def _expect_room(self) -> None:
        if self._waiting >= _MOST_WAITING:
            raise Busy(f"Comparing is busy: {self._waiting} comparisons wait already.", retry_after_seconds=_RETRY_SECONDS)

    def _judge_again(self, task: asyncio.Task[StoredCertificate]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("a comparison failed: %s", error)
            return
        self._judging = asyncio.ensure_future(self._apply())

    async def _apply(self) -> None:
        try:
            await self.judge_file()
        except AssayError as error:
            _log.warning("the routing file waits: %s", error.detail)

    # -- standings --------------------------------------------------------------------------------

    def restand(self) -> None:
        """Say anew how routes stand, and tell every page which of them stand otherwise now."""
        moved = self.running.routes.proofs.restand(self.running.routes.serving, self.running.catalog)
        if moved:
            self.running.hub.say(RoutesMoved(epoch=self.running.routes.epoch, metrics=moved))

    async def restand_if_moved(self) -> None:
        """As `restand`, but only where data, catalog or routes have moved since the last time."""
        catalog = self.running.catalog
        configured = [each for each in catalog.backends.values() if not isinstance(each, NotConfigured)]
        tokens = [each.version_token() for each in configured]
        seen = (catalog, self.running.routes.generation, tokens)
        if seen != self._seen:
            for backend, token in zip(configured, tokens, strict=True):
                # That a file is another one is seen at once; what it holds has to be read before it is known.
                if token is not None and backend.known_version(()) is None:
                    with contextlib.suppress(AssayError):
                        await backend.data_version(())
            self.restand()
            self._seen = (catalog, self.running.routes.generation, tokens)

    async def look(self) -> None:
        """Now and then, ask for what backends do not tell by themselves."""
        while True:
            await self.running.routes.proofs.look(self.running.catalog)
            self.restand()
            await asyncio.sleep(_LOOK_SECONDS)

    # -- shadows ----------------------------------------------------------------------------------

    def sample(self, question: Question, backend: str) -> None:
        """A live question was answered: now and then it is asked on the shadow too. Never waits."""
        metric = question.metrics[0]
        line = self.running.routes.lines.get(metric.metric_id)
        if line is None or line.shadow is None or line.shadow == backend or len(question.metrics) > 1:
            return
        self._ask_beside(question, backend, line.shadow)

    def notice(self, question: Question, standings: Sequence[Standing]) -> None:
        """A question was asked; what is asked often and only proven for others is compared itself. Never waits."""
        for metric, standing in zip(question.metrics, standings, strict=True):
            if standing.standing == "proven_for_others":
                asked = question if len(question.metrics) == 1 else replace(question, metrics=(metric,))
                self.count(asked, question_key(asked), standing)

    def count(self, question: Question, key: str, standing: Standing) -> None:
        """As `notice`, of a question of one metric that is proven for others and whose `question_key` is known."""
        metric_id = question.metrics[0].metric_id
        route = self.running.routes.serving.get(metric_id)
        if standing.backend is None or route is None:
            return
        name = (metric_id, key)
        count = self._often[name] = self._often.pop(name, 0) + 1
        if len(self._often) > _MAX_COUNTED:
            self._often.popitem(last=False)
        if count >= OFTEN and self._ask_beside(question, route.backend, standing.backend):
            del self._often[name]

    def _ask_beside(self, question: Question, backend: str, other: str) -> bool:
        """Put it into the queue of what is compared beside serving, unless its metric's budget is spent."""
        metric_id = question.metrics[0].metric_id
        last = self._shadowed.get(metric_id)
        if self._shadows.full() or (last is not None and time.monotonic() - last < SHADOW_SECONDS):
            return False
        self._shadowed[metric_id] = time.monotonic()
        self._shadows.put_nowait((question, backend, other))
        return True

    async def compare_shadows(self) -> None:
        while True:
            question, backend, other = await self._shadows.get()
            try:
                await self._compare_beside(question, backend, other)
            except AssayError as error:
                _log.warning("a comparison beside serving was not kept: %s", error.detail)

    async def _compare_beside(self, question: Question, backend: str, other: str) -> None:
        running, metric = self.running, question.metrics[0]
        line, route = running.routes.lines.get(metric.metric_id), running.routes.serving.get(metric.metric_id)
        if route is None or route.backend != backend:
            return  # it has moved meanwhile
        found = await self.compare_question(metric, question, other)
        if line is None or line.shadow != other:
            return
        here, there = (side["engine_ms"] for side in found.document["sides"])
        await add_shadow(
            running.database, metric.metric_id, backend, other, found.verdict, found.document["reason"],
            as_meant(metric.version), (here, there), question.described(),
        )  # fmt: skip
        running.hub.say(ParityMoved(metric_id=metric.metric_id, backend=other, state="shadow", done=0, of=0, grain="",
                                    verdict=found.verdict))  # fmt: skip

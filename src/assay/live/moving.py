"""What goes on beside serving so that routes can move: comparisons, shadows, and how every route stands."""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assay.backends.protocol import NotConfigured
from assay.catalog.metric import Metric
from assay.compiler.meaning import as_meant
from assay.compiler.question import Question
from assay.errors import AssayError
from assay.live.hub import ParityMoved, RoutesMoved
from assay.routing.comparing import compare_question
from assay.store.parity import StoredCertificate, add_shadow

if TYPE_CHECKING:
    from assay.live.running import Running

_log = logging.getLogger(__name__)
SHADOW_SECONDS = 10
"""A metric's live questions are asked on its shadow no more often than this."""
_LOOK_SECONDS = 30
_SHADOWS_WAITING = 32


@dataclass
class Moving:
    running: "Running"
    _comparing: dict[tuple[str, str], asyncio.Task[StoredCertificate]] = field(default_factory=dict)
    _shadows: asyncio.Queue[tuple[Question, str, str]] = field(default_factory=lambda: asyncio.Queue(_SHADOWS_WAITING))
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
        """Compare now; whoever asks for a comparison that is under way waits for that one."""
        return await asyncio.shield(self._comparison(metric, to))

    def _comparison(self, metric: Metric, to: str) -> asyncio.Task[StoredCertificate]:
        key = (metric.metric_id, to)
        task = self._comparing.get(key)
        if task is None:
            task = self._comparing[key] = asyncio.create_task(self._compare(metric, to))
            task.add_done_callback(lambda _: self._comparing.pop(key, None))
        return task

    async def _compare(self, metric: Metric, to: str) -> StoredCertificate:
        running = self.running

        def progress(done: int, of: int, grain: str) -> None:
            running.hub.say(ParityMoved(metric_id=metric.metric_id, backend=to, state="comparing", done=done, of=of,
                                        grain=grain, verdict=None))  # fmt: skip

        progress(0, 0, "")
        verdict = None
        try:
            found = await running.routes.compare(metric, to, running.catalog, running.corridor.now(), progress)
            verdict = found.verdict
        finally:
            running.hub.say(ParityMoved(metric_id=metric.metric_id, backend=to, state="done", done=0, of=0, grain="",
                                        verdict=verdict))  # fmt: skip
        self.restand()
        return found

    def _judge_again(self, task: asyncio.Task[StoredCertificate]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("a comparison failed: %s", error)
            return
        self._judging = asyncio.ensure_future(self._apply())

    async def _apply(self) -> None:
        try:
            await self.running.apply_routing()
        except AssayError as error:
            _log.warning("the routing file waits: %s", error.detail)

    # -- standings --------------------------------------------------------------------------------

    def restand(self) -> None:
        """Say anew how routes stand, and tell every page which of them stand otherwise now."""
        moved = self.running.routes.restand(self.running.catalog)
        if moved:
            self.running.hub.say(RoutesMoved(epoch=self.running.routes.epoch, metrics=moved))

    def restand_if_moved(self) -> None:
        """As `restand`, but only where data, catalog or routes have moved since the last time."""
        catalog = self.running.catalog
        tokens = [each.version_token() for each in catalog.backends.values() if not isinstance(each, NotConfigured)]
        seen = (catalog, self.running.routes.generation, tokens)
        if seen != self._seen:
            self.restand()
            self._seen = (catalog, self.running.routes.generation, tokens)

    async def look(self) -> None:
        """Now and then, ask for what backends do not tell by themselves."""
        while True:
            await self.running.routes.look(self.running.catalog)
            self.restand()
            await asyncio.sleep(_LOOK_SECONDS)

    # -- shadows ----------------------------------------------------------------------------------

    def sample(self, question: Question, backend: str) -> None:
        """A live question was answered: now and then it is asked on the shadow too. Never waits."""
        metric = question.metrics[0]
        line = self.running.routes.lines.get(metric.metric_id)
        if line is None or line.shadow is None or line.shadow == backend or len(question.metrics) > 1:
            return
        last = self._shadowed.get(metric.metric_id)
        if self._shadows.full() or (last is not None and time.monotonic() - last < SHADOW_SECONDS):
            return
        self._shadowed[metric.metric_id] = time.monotonic()
        self._shadows.put_nowait((question, backend, line.shadow))

    async def compare_shadows(self) -> None:
        while True:
            question, backend, shadow = await self._shadows.get()
            try:
                await self._shadow(question, backend, shadow)
            except AssayError as error:
                _log.warning("a shadow was not kept: %s", error.detail)

    async def _shadow(self, question: Question, backend: str, shadow: str) -> None:
        running, metric = self.running, question.metrics[0]
        found = await compare_question(metric, (backend, shadow), running.catalog, question)
        await add_shadow(
            running.database, metric.metric_id, backend, shadow, found.verdict, found.reason,
            as_meant(metric.version), (found.milliseconds[0], found.milliseconds[1]), question.described(),
        )  # fmt: skip
        running.hub.say(ParityMoved(metric_id=metric.metric_id, backend=shadow, state="shadow", done=0, of=0, grain="",
                                    verdict=found.verdict))  # fmt: skip

"""`GET /metrics`: what the state of this process says to a Prometheus that watches it.

Nothing is kept here. What has a state is read off it at the scrape; what has none is counted where it happens, in plain
numbers, so that serving costs nothing more. Labels are names of backends, pools and kinds: never an id, never a text.
"""

import asyncio
import platform
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

import assay
from assay.answers.tally import BOUNDS
from assay.backends.protocol import NotConfigured
from assay.engines.postgres.driver import PostgresBackend
from assay.errors import AssayError
from assay.live.running import Running
from assay.store.loop import LoopSizes, loop_sizes
from assay.web.hot import HotAnswers

_FRESH_SECONDS = 5.0
"""What has to be asked is asked no more often than this, however many scrape."""
_PATIENCE_SECONDS = 2.0
"""A scrape waits no longer for the store."""


class Watched(Collector):
    """One application's figures, in a registry of their own: several applications may live in one process."""

    def __init__(self, running: Running, hot: HotAnswers) -> None:
        self._running = running
        self._hot = hot
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        self._asking = asyncio.Lock()
        self._asked_at: float | None = None
        self._up: dict[str, bool] = {}
        self._sizes: LoopSizes | None = None

    async def scraped(self, request: Request) -> Response:
        """In the form that the scraper asks for: Prometheus' text, or OpenMetrics."""
        await self._ask()
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self._registry), headers={"content-type": media_type, "cache-control": "no-store"})

    async def _ask(self) -> None:
        """What no state tells: whether backends answer, and how much the loop has in the store."""
        async with self._asking:
            if self._asked_at is not None and time.monotonic() - self._asked_at < _FRESH_SECONDS:
                return
            backends = {name: each for name, each in self._running.catalog.backends.items()
                        if not isinstance(each, NotConfigured)}  # fmt: skip
            condition = self._running.condition
            up = asyncio.gather(*(condition.backend(each) for each in backends.values()))
            self._sizes = await self._ask_store()
            self._up = {name: look.health.ok for name, look in zip(backends, await up, strict=True)}
            self._asked_at = time.monotonic()

    async def _ask_store(self) -> LoopSizes | None:
        with suppress(AssayError, TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await loop_sizes(self._running.database)
        return None

    # -- the families ---------------------------------------------------------------------------

    def collect(self) -> Iterator[Metric]:
        yield from self._answers()
        yield from self._routes()
        yield from self._backends()
        yield from self._pages()
        yield from self._loop()
        yield from self._store()
        yield _gauge("assay_build_info", "What runs here; always 1.", {
            (assay.__version__, platform.python_version()): 1
        }, "version", "python")  # fmt: skip

    def _answers(self) -> Iterator[Metric]:
        tally = self._running.corridor.tally
        answers = Counter({(name, str(outcome)): count for (name, outcome), count in tally.answers.items()})
        answers.update({(name, "cached"): count for name, count in self._hot.told().items()})
        yield _counter("assay_answers", "Questions, by the backend of their route and how they were answered.", answers,
                       "backend", "outcome")  # fmt: skip
        seconds = HistogramMetricFamily(
            "assay_statement_seconds", "How long statements of questions took, whatever their end.", labels=["backend"]
        )
        for name, spans in tally.statements.items():
            bounds = [*map(str, BOUNDS), "+Inf"]
            seconds.add_metric([name], list(zip(bounds, accumulate(spans.counts), strict=True)), spans.seconds)
        yield seconds
        yield _gauge("assay_statements_running", "Statements of questions under way.",
                     {(name,): count for name, count in tally.running.items()}, "backend")  # fmt: skip
        catalog = self._running.catalog
        judged = sum((each.judged for each in (catalog.policy, *catalog.policies.values())), Counter[bool]())
        yield _counter("assay_gate_verdicts", "Statements that the gate judged.",
                       {("passed" if ok else "refused",): count for ok, count in judged.items()}, "verdict")  # fmt: skip
        rooms = {name: places for name, (_, places) in self._running.corridor.rooms.items()}
        yield _gauge("assay_places_taken", "Statements of questions that hold a place on a backend.",
                     {(name,): places.taken for name, places in rooms.items()}, "backend")  # fmt: skip
        yield _gauge("assay_places_waiting", "Questions that wait for a place on a backend.",
                     {(name,): places.waiting for name, places in rooms.items()}, "backend")  # fmt: skip
        yield _counter("assay_places_refused", "Questions sent away because too many waited.",
                       {(name,): places.refused for name, places in rooms.items()}, "backend")  # fmt: skip
        yield _gauge("assay_receipts_waiting", "Receipts not written to the store yet.",
                     {(): self._running.receipts.waiting})  # fmt: skip

    def _routes(self) -> Iterator[Metric]:
        routes = self._running.routes
        standings = Counter(
            (routes.serving[name].backend if name in routes.serving else "none", routes.proofs.standing(metric).standing)
            for name, metric in self._running.catalog.workspace.metrics.items()
        )
        yield _gauge("assay_metrics", "Metrics of the catalog, by the backend that serves them and how that stands.",
                     standings, "backend", "standing")  # fmt: skip
        flips = sum(each.epoch - 1 for each in routes.serving.values())
        yield _counter("assay_route_flips", "Changes of routes since the database was made; the same in every process.",
                       {(): flips})  # fmt: skip
        yield _counter("assay_comparisons", "Comparisons that this process made, for a route or in its shadow.",
                       self._running.hub.compared, "made_for", "verdict")  # fmt: skip
        problems = Counter((each.kind,) for each in self._running.problems())
        yield _gauge("assay_problems", "Lines of the banner.", problems, "kind")

    def _backends(self) -> Iterator[Metric]:
        backends = self._running.catalog.backends
        up = {(name, backends[name].driver): int(is_up) for name, is_up in self._up.items() if name in backends}
        yield _gauge("assay_backend_up", "Whether a configured backend answers.", up, "backend", "driver")
        pools = {
            "store": self._running.database.connections(),
            "receipts": self._running.receipts.connections(),
            "loop": self._running.loop.connections(),
        }
        for name, each in backends.items():
            if isinstance(each, PostgresBackend):
                pools[f"backend:{name}"] = each.connections()
        use = {(pool, state): pools[pool][place] for pool in pools for place, state in enumerate(("busy", "idle"))}
        yield _gauge("assay_pool_connections", "Connections to PostgreSQL.", use, "pool", "state")
        yield _gauge("assay_pool_connections_max", "How many there may be.",
                     {(pool,): most for pool, (_, _, most) in pools.items()}, "pool")  # fmt: skip

    def _pages(self) -> Iterator[Metric]:
        hub = self._running.hub
        yield _gauge("assay_streams_open", "Pages that listen to the stream.", {(): hub.listening})
        yield _counter("assay_streams_refused", "Pages sent away because too many listened.", {(): hub.refused})
        yield _counter("assay_pushes", "Messages said to all open pages.",
                       {(kind,): count for kind, count in hub.said.items()}, "kind")  # fmt: skip

    def _loop(self) -> Iterator[Metric]:
        came = {(str(way), outcome): count for (way, outcome), count in self._running.loop.came.items()}
        yield _counter("assay_events", "Events, by the way they came and what became of them.", came, "way", "outcome")
        kafka = self._running.kafka
        if kafka is not None:
            yield _gauge("assay_kafka_up", "Whether this process consumes.", {(): int(kafka.state == "consuming")})
            yield _counter("assay_kafka_dead_letters", "Records that could never be taken.", {(): kafka.dead_letters})
            if kafka.records_waiting is not None:
                yield _gauge("assay_kafka_records_waiting", "Records behind, of the partitions read here.",
                             {(): kafka.records_waiting})  # fmt: skip

    def _store(self) -> Iterator[Metric]:
        yield _gauge("assay_store_up", "Whether Assay's own database answers.", {(): int(self._sizes is not None)})
        if self._sizes is not None:
            yield _gauge("assay_outbox_events", "Events kept, as PostgreSQL's statistics estimate them.",
                         {(): self._sizes.events})  # fmt: skip
            oldest = self._sizes.oldest_at
            age = (self._running.loop.now() - oldest).total_seconds() if oldest is not None else 0.0
            yield _gauge("assay_outbox_oldest_seconds", "Age of the oldest event that is kept for a time only.", {(): age})
            yield _gauge("assay_recommendations_open", "Recommendations that wait for a person.", {(): self._sizes.open})


Values = dict[tuple[str, ...], int] | dict[tuple[str, ...], float] | Counter[tuple[str, ...]] | Counter[tuple[str, str]]


def _counter(name: str, help_text: str, values: Values, *labels: str) -> Metric:
    family = CounterMetricFamily(name, help_text, labels=labels)
    for key, count in values.items():
        family.add_metric(key, count)
    return family


def _gauge(name: str, help_text: str, values: Values, *labels: str) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for key, count in values.items():
        family.add_metric(key, count)
    return family

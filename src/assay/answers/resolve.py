"""The corridor. Every number takes this way and no other; read `Corridor.answer` from top to bottom.

question -> definition -> route -> compile -> gate -> answer id -> (cache?) -> run -> receipt -> answer
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from assay.answers.answer import Answer
from assay.answers.cache import AnswerCache, Shelf
from assay.answers.making import Asking, definition_as_it_was, definition_versions, make_answer, tables_of, three_of_four
from assay.answers.receipts import ReceiptBook, asker_named, new_receipt_id
from assay.answers.tally import Tally
from assay.backends.protocol import Backend, NotConfigured, Rows, look_at
from assay.catalog.census import FIRST, LAST
from assay.compiler.question import Asked, Question, narrowed, resolve_question, rest_of
from assay.errors import (
    AssayError,
    BackendNotConfigured,
    BackendTimeout,
    BackendUnavailable,
    BadQuestion,
    KeyNotUnique,
    NotFound,
    StatementFailed,
)
from assay.gate import SafeSql
from assay.people.noting import Mark
from assay.people.scope import EVERYTHING, Scope
from assay.routing.certificate import Standing
from assay.routing.keys import Keys
from assay.routing.serving import Catalog
from assay.routing.table import Routes
from assay.store.routes import StoredRoute
from assay.tracing import Tracing
from assay.work.places import Places
from assay.work.pool import Workers
from assay.work.request import current_request, note_statement, seconds_left

_log = logging.getLogger(__name__)
_LAST_GOOD_BYTES = 32_000_000
_SLOW_MS = 1_000
"""What takes longer stands in the log as it is; the rest where more is asked for."""
_PLACES = 32
"""Statements at a time on a backend that does not say how many it takes."""
TIMEOUT_SECONDS = 30.0
_AWAY = (BackendUnavailable, BackendTimeout, BackendNotConfigured)
_PLAINLY: dict[type[AssayError], str] = {
    StatementFailed: "The engine refused the statement.",
    KeyNotUnique: "A key that a join relies on is not unique: rows would be counted more than once.",
}
_UNTOLD = "the backends differ; a steward can see where"
_TRUST = ("differs", "unproven", "stale", "accepted", "proven_for_others", "proven")


@contextmanager
def untold(question: Question) -> Iterator[None]:
    """Keep in the log what an engine says of its rows, where the asker does not see all of them.

    Raises StatementFailed or KeyNotUnique without it.
    """
    try:
        yield
    except (StatementFailed, KeyNotUnique) as error:
        if not question.is_restricted and not question.scope.minimum:
            raise
        _log.warning("%s", error.detail)
        raise type(error)(_PLAINLY[type(error)], mend="a steward is told more") from None


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as one asker gets it: computed now, found in the cache, or the last good one with the reason."""

    answer: Answer
    cached: bool
    stale_reason: str | None = None
    question: Question | None = None
    tables: frozenset[str] = frozenset()

    @property
    def mark(self) -> Mark:
        """As the audit log tells of it."""
        return Mark(self.answer.metric_ids, self.answer.provenance.receipt_id)

    @property
    def bytes(self) -> bytes:
        if self.stale_reason is not None:
            return self.answer.stale_bytes(self.stale_reason)
        return self.answer.cached_bytes if self.cached else self.answer.fresh_bytes


def _means(answer: Answer, question: Question) -> bool:
    """Whether an answer to a question in the same words counts the rows that it counts now."""
    if answer.provenance.definition_version != definition_versions(question.metrics):
        return False
    now = question.described()
    return answer.question.get("segments") == now.get("segments") and _looked_at(answer.question) == _looked_at(now)


def _looked_at(described: Mapping[str, Any]) -> list[str]:
    """The versions of the metrics that conditions look at."""
    return [each["version"] for each in described.get("whose", ())]


class Corridor:
    def __init__(
        self, catalog: Catalog, routes: Routes, cache: AnswerCache, receipts: ReceiptBook, now: Callable[[], datetime],
        keys: Keys,
        sampled: Callable[[Question, str], None] = lambda *_: None,
    ) -> None:  # fmt: skip
        """`sampled` is told of each question that an engine has answered, and by which."""
        self.catalog = catalog
        self.routes = routes
        self.receipts = receipts
        self.now = now
        self.keys = keys
        self.sampled = sampled
        self.noticed: Callable[[Question, Sequence[Standing]], None] = lambda *_: None
        """Told of each question that was asked, with how it stands for each of its metrics."""
        self.noted: Callable[[tuple[Mark, ...]], None] = lambda _: None
        """Told of what was answered, whoever it was given to."""
        self.tally = Tally()
        self.tracing = Tracing()
        self.rooms: dict[str, tuple[Backend, Places]] = {}
        self.workers = Workers("Reading what was sent")
        """For work that grows with what was sent: it has no place on the event loop."""
        self._cache = cache
        self._last_good = Shelf[tuple[tuple[str, ...], Asked, str]](_LAST_GOOD_BYTES)

    async def ask(self, metric_ids: tuple[str, ...], asked: Asked, scope: Scope) -> Told:
        """Answer a question; the last good answer, marked stale, where the backend is away."""
        started = time.perf_counter()
        catalog = self.catalog
        question = await self._resolved(metric_ids, asked, catalog, scope)
        try:
            question = await self._closed(question, asked, catalog)
            told = await self.answer(question, catalog, started)
        except BadQuestion:
            raise
        except AssayError as error:
            return self._last_answer(metric_ids, asked, question, error)
        self.tally.answers[told.answer.provenance.backend, "cached" if told.cached else "asked"] += 1
        self._last_good.put((metric_ids, asked, scope.key), told.answer)
        return told

    async def question(self, metric_ids: tuple[str, ...], asked: Asked, catalog: Catalog, scope: Scope) -> Question:
        """What is asked, as it is answered now. Raises as `resolve_question`, and what asking for its edges does."""
        return await self._closed(await self._resolved(metric_ids, asked, catalog, scope), asked, catalog)

    async def _resolved(self, metric_ids: tuple[str, ...], asked: Asked, catalog: Catalog, scope: Scope) -> Question:
        resolving = metric_ids, asked, catalog.workspace, self.now(), scope
        # Long lists take tens of milliseconds, which the event loop does not have.
        return await asyncio.to_thread(resolve_question, *resolving) if asked.is_long else resolve_question(*resolving)

    async def _closed(self, question: Question, asked: Asked, catalog: Catalog) -> Question:
        """A question over `all` that goes by buckets or frames: from the first row that counts to the last."""
        if not question.is_open:
            return question
        edges: dict[str, list[str]] = {FIRST: [], LAST: []}
        plain = Asked(filters=asked.filters, any_of=asked.any_of, segments=asked.segments, whose=asked.whose,
                      parameters=asked.parameters)  # fmt: skip
        for name in (each.metric_id for each in question.metrics if each.has_time):
            names = tuple(f"{name.partition(':')[0]}:{what}" for what in edges)
            edge_question = await self._resolved(names, plain, catalog, question.scope)
            told = await self.answer(edge_question, catalog, time.perf_counter())
            for found, edge in zip(edges.values(), told.answer.rows[0], strict=True):
                found += [edge] if edge else []
        return narrowed(question, min(edges[FIRST], default=None), max(edges[LAST], default=None))

    def _last_answer(self, metric_ids: tuple[str, ...], asked: Asked, question: Question, error: AssayError) -> Told:
        """The last good answer with the reason. Raises `error` where that is no excuse, or there is no such answer."""
        last = self._last_good.get((metric_ids, asked, question.scope.key)) if isinstance(error, _AWAY) else None
        # A number of another definition, or of a segment's other condition, is no older answer, it is another answer.
        if last is None or not _means(last, question):
            route = self.routes.serving.get(question.metrics[0].served_as)
            self.tally.answers[route.backend if route else "none", "failed"] += 1
            raise error
        self.tally.answers[last.provenance.backend, "stale"] += 1
        standing = last.provenance.parity
        if standing.is_proven:
            reason = f"{last.provenance.backend} does not answer: what it holds now is not known"
            last = last.restated(replace(standing, standing="stale", reason=reason))
        told = Told(last, cached=True, stale_reason=error.detail)
        self.noted((told.mark,))
        return told

    async def answer(self, question: Question, catalog: Catalog, started: float) -> Told:
        """The stations, in order."""
        route, backend = self.route(question, catalog)
        before = time.perf_counter()
        await catalog.described.ready(backend, tables_of(question))
        # Compiled and judged once for each shape of question; after that it is looked up.
        statement = catalog.statement(question, backend)
        prepared_ms = (time.perf_counter() - before) * 1e3
        three = three_of_four(question, route, catalog, statement)

        tables = statement.safe.tables
        await look_at(backend)
        version = backend.known_version(tables) or await backend.data_version(tables)
        standing = await self.standing(question, route, catalog)
        with untold(question):
            proofs = await self.keys.require(backend, statement.safe, catalog.workspace)
        asking = Asking(question, catalog, route, backend, statement, three, started, prepared_ms, standing, version, proofs)
        answer_id = asking.answer_id(version)
        kept = self._cache.get(answer_id)
        if kept is not None:
            found = kept.rechecked((*statement.safe.checks, *proofs))
            if found.provenance.parity != standing:
                found = found.restated(standing)
            if found is not kept:
                self._cache.put(found)
        else:
            with untold(question):
                found = await self._cache.once(answer_id, lambda: self._run(asking))
        told = Told(found, kept is not None, None, question, tables)
        self.noted((told.mark,))
        return told

    async def _run(self, asking: Asking) -> Answer:
        statement, question = asking.statement, asking.question
        before = time.perf_counter()
        # Made before the statement runs, so that the engine's own history of queries leads to the receipt.
        receipt_id = new_receipt_id()
        note_statement(question.metrics[0].metric_id, receipt_id)
        is_long = any(each.is_listed for each in question.every_filter)
        parameters = await asyncio.to_thread(statement.parameters, question) if is_long else statement.parameters(question)
        result = await self.run(asking.backend, statement.safe, parameters, {"receipt": receipt_id})
        answer = make_answer(asking, parameters, result, (time.perf_counter() - before) * 1e3, receipt_id)
        answer = await self._with_rest(answer, asking)
        definition = [definition_as_it_was(metric) for metric in question.metrics]
        asked_by = asker_named(asking.catalog.workspace)
        await self.receipts.add(answer, definition, question.metrics[0].label, asked_by=asked_by)
        self._cache.put(answer)
        self.sampled(replace(question, scope=EVERYTHING), asking.route.backend)
        return answer

    async def _with_rest(self, answer: Answer, asking: Asking) -> Answer:
        """What folded groups give together is a question of its own, of the same data; without a figure where it is not."""
        if answer.folded is None or answer.folded.rest_of is None:
            return answer
        question = rest_of(asking.question, answer.folded.rest_of, asking.catalog.workspace)
        found = (await self.answer(question, asking.catalog, time.perf_counter())).answer
        backend, tables = asking.backend, asking.statement.safe.tables
        stands = backend.known_version(tables) or await backend.data_version(tables)
        if stands.text != answer.provenance.data_version:
            return answer
        return answer.with_rest(found.rows[0], found.provenance.receipt_id)

    async def run(
        self, backend: Backend, statement: SafeSql, parameters: Mapping[str, Any], tags: Mapping[str, str],
        tables: Iterable[str] | None = None,
    ) -> Rows:  # fmt: skip
        """Run one judged statement, in the time that an asker is given, where no join of it can count a row twice.

        `tables`: those whose version the rows carry, where they are others than the statement's own.
        """
        if statement.keys:
            await look_at(backend)  # their proofs go by what is known of the data
            await self.keys.require(backend, statement, self.catalog.workspace)
        shared = [*(("table", each) for each in statement.tables), ("statement", statement.text)]
        async with self.places(backend).place(shared):
            left = seconds_left(TIMEOUT_SECONDS)
            if left <= 0:
                raise BackendTimeout(
                    f"{backend.name} was not asked: the time for this answer was over before its turn came."
                )
            with self.tally.statement(backend.name), self.tracing.statement(backend.name, backend.driver, tags) as told:
                begun = time.perf_counter()
                rows = await backend.run(statement, parameters, tables or statement.tables, left, told)
            spent = round((time.perf_counter() - begun) * 1e3, 2)
            level = logging.INFO if spent > _SLOW_MS else logging.DEBUG
            told_of = {"backend": backend.name, "ms": spent, "rows": len(rows.rows), "metric": current_request().metric}
            _log.log(level, "statement", extra={**told_of, **tags})
            return rows

    def places(self, backend: Backend) -> Places:
        """How many statements the backend is given at a time, and who waits for it."""
        known = self.rooms.get(backend.name)
        if known is None or known[0] is not backend:
            known = self.rooms[backend.name] = (backend, Places(backend.name, getattr(backend, "places", _PLACES)))
        return known[1]

    async def standing(self, question: Question, route: StoredRoute, catalog: Catalog) -> Standing:
        """Of the question's metrics together: the one that is shown the least."""
        standings = [
            await self.routes.proofs.standing_of_question(metric, question, route.backend, catalog)
            for metric in question.metrics
        ]
        if not question.is_restricted:  # comparisons run over everything
            self.noticed(question, standings)
        found = min(standings, key=lambda each: _TRUST.index(each.standing))
        if not question.scope.policy:
            return found
        # What a certificate says is of all rows: by how much two backends differ, and what a steward wrote of it.
        return replace(found, reason=_UNTOLD if found.standing == "differs" else None)

    def route(self, question: Question, catalog: Catalog) -> tuple[StoredRoute, Backend]:
        """The one route of the question's metrics, and of those that its conditions look at, and the backend at its end."""
        routes: list[StoredRoute] = []
        for metric in (*question.metrics, *(each.whose.metric for each in question.whose)):
            route = self.routes.serving.get(metric.served_as)
            if route is None:
                raise NotFound(
                    f"{metric.served_as} has no route.",
                    mend=f"add  {metric.served_as}: {{backend: NAME}}  to config/metric_routing.yaml",
                )
            routes.append(route)
        if len({route.backend for route in routes}) > 1:
            raise BadQuestion(
                "these metrics are served by different backends: "
                + ", ".join(f"{route.metric_id} by {route.backend}" for route in routes),
                mend="ask them one at a time, or route them alike",
                field="metrics",
            )
        backend = catalog.backends.get(routes[0].backend)
        if backend is None or isinstance(backend, NotConfigured):
            reason = backend.reason if backend else "assay.yaml no longer names it"
            raise BackendNotConfigured(f"Backend {routes[0].backend!r} is not configured: {reason}.")
        epoch = max(route.epoch for route in routes)
        return StoredRoute(question.metrics[0].metric_id, routes[0].backend, epoch), backend

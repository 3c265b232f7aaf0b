"""The corridor. Every number takes this way and no other; read `_ask` from top to bottom.

question -> definition -> route -> answer id -> (cache?) -> compile -> gate -> run -> receipt -> answer
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assay.answers.answer import Answer, Parity, Provenance, digest, wire_value
from assay.answers.cache import AnswerCache
from assay.answers.receipts import ReceiptBook, new_receipt_id
from assay.backends.protocol import Backend, DataVersion, NotConfigured, Rows
from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace
from assay.compiler.question import DEFAULT_LIMIT, Asked, Question, Value, buckets, resolve_question
from assay.compiler.statement import Compiler, Statement
from assay.errors import BackendNotConfigured, BackendTimeout, BackendUnavailable, BadQuestion, NotFound, StatementFailed
from assay.gate import Policy
from assay.routing.table import Backends, Routes
from assay.store.routes import StoredRoute

_MAX_LAST_GOOD = 2_000
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Catalog:
    """One loaded state of the workspace with all that is derived from it; replaced as a whole, never changed."""

    workspace: Workspace
    backends: Backends
    policy: Policy
    """Of the whole dictionary, for text from outside."""
    policies: dict[str, Policy]
    """By backend: only what lies there."""
    compiler: Compiler

    @classmethod
    def of(cls, workspace: Workspace, backends: Backends) -> "Catalog":
        policies = {
            name: Policy.from_dictionary(workspace.dictionary, backend=name, max_rows=10_000 + 1) for name in backends
        }
        return cls(workspace, backends, Policy.from_dictionary(workspace.dictionary), policies, Compiler())


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as one asker gets it: computed now, found in the cache, or the last good one with the reason."""

    answer: Answer
    cached: bool
    stale_reason: str | None = None
    question: Question | None = None
    tables: frozenset[str] = frozenset()

    @property
    def bytes(self) -> bytes:
        if self.stale_reason is not None:
            return self.answer.stale_bytes(self.stale_reason)
        return self.answer.cached_bytes if self.cached else self.answer.fresh_bytes


class Corridor:
    def __init__(
        self, catalog: Catalog, routes: Routes, cache: AnswerCache, receipts: ReceiptBook, now: Callable[[], datetime]
    ) -> None:
        self.catalog = catalog
        self.routes = routes
        self.receipts = receipts
        self.now = now
        self._cache = cache
        self._last_good: OrderedDict[tuple[tuple[str, ...], Asked], Answer] = OrderedDict()

    async def ask(self, metric_ids: tuple[str, ...], asked: Asked) -> Told:
        """Answer a question; the last good answer, marked stale, where the backend is away."""
        started = time.perf_counter()
        catalog = self.catalog
        question = resolve_question(metric_ids, asked, catalog.workspace, self.now())
        try:
            told = await self.answer(question, catalog, started)
        except (BackendUnavailable, BackendTimeout, BackendNotConfigured) as error:
            last = self._last_good.get((metric_ids, asked))
            # A number of another definition is no older answer, it is another answer.
            if last is None or last.provenance.definition_version != _versions(question.metrics):
                raise
            return Told(last, cached=True, stale_reason=error.detail)
        self._last_good[metric_ids, asked] = told.answer
        self._last_good.move_to_end((metric_ids, asked))
        if len(self._last_good) > _MAX_LAST_GOOD:
            self._last_good.popitem(last=False)
        return told

    async def answer(self, question: Question, catalog: Catalog, started: float) -> Told:
        route, backend = self.route(question, catalog)
        before = time.perf_counter()
        statement = catalog.compiler.statement(question, backend.dialect, catalog.policies[backend.name])
        prepared_ms = (time.perf_counter() - before) * 1e3
        tables = statement.safe.tables
        version = backend.known_version(tables) or await backend.data_version(tables)
        asked = _three(question, route, catalog)
        answer_id = _answer_id(asked, version)
        found = self._cache.get(answer_id)
        if found is not None:
            return Told(found, True, None, question, tables)
        fresh = await self._cache.once(
            answer_id, lambda: self._run(question, route, backend, statement, catalog, asked, started, prepared_ms)
        )
        return Told(fresh, False, None, question, tables)

    async def _run(
        self, question: Question, route: StoredRoute, backend: Backend, statement: Statement, catalog: Catalog,
        asked: str, started: float, prepared_ms: float,
    ) -> Answer:  # fmt: skip
        parameters = statement.parameters(question)
        before = time.perf_counter()
        result = await backend.run(statement.safe, parameters, statement.safe.tables, TIMEOUT_SECONDS)
        engine_ms = (time.perf_counter() - before) * 1e3
        # A statement of a shape seen before was judged then; looking it up is all that was spent now.
        gate_ms = statement.gate_ms if prepared_ms >= statement.gate_ms else 0.0
        rows, truncated = _wire_rows(result, statement, question)
        # The rows say which version they are of; it may be newer than the one that was looked up.
        answer_id = _answer_id(asked, result.data_version)
        first = question.metrics[0]
        provenance = Provenance(
            backend=backend.name,
            driver=backend.driver,
            generator="compiler",
            sql=statement.safe.text,
            params=_shown(parameters, backend.dialect),
            definition=first.definition,
            owner=first.owner,
            source_tables=tuple(sorted(statement.safe.tables)),
            definition_version=_versions(question.metrics),
            dictionary_version=catalog.workspace.dictionary.version,
            route_epoch=route.epoch,
            data_version=result.data_version.text,
            data_version_kind=result.data_version.kind,
            as_of=_instant(result.data_version.read_at),
            synthetic=catalog.workspace.synthetic,
            elapsed_ms=round((time.perf_counter() - started) * 1e3, 3),
            timings={
                "compile": round(prepared_ms - gate_ms, 3), "gate": round(gate_ms, 3), "engine": round(engine_ms, 3),
                "other": round(max(0.0, (time.perf_counter() - started) * 1e3 - prepared_ms - engine_ms), 3),
            },
            checks=statement.safe.checks,
            rows_returned=len(rows),
            truncated=truncated,
            value_digest=digest(statement.columns, rows),
            parity=Parity(),
            receipt_id=new_receipt_id(),
        )  # fmt: skip
        answer = Answer(
            answer_id,
            tuple(m.metric_id for m in question.metrics),
            statement.columns,
            rows,
            question.described(),
            provenance,
        )
        await self.receipts.add(answer, [_definition(metric) for metric in question.metrics], first.label)
        self._cache.put(answer)
        return answer

    def route(self, question: Question, catalog: Catalog) -> tuple[StoredRoute, Backend]:
        """The one route of the question's metrics, and the backend at its end."""
        routes: list[StoredRoute] = []
        for metric in question.metrics:
            route = self.routes.serving.get(metric.metric_id)
            if route is None:
                raise NotFound(
                    f"{metric.metric_id} has no route.",
                    mend=f"add  {metric.metric_id}: {{backend: NAME}}  to config/metric_routing.yaml",
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


def _three(question: Question, route: StoredRoute, catalog: Catalog) -> str:
    """Definition, question and route: three of the four that an answer is a function of."""
    return "\n".join((
        _versions(question.metrics), catalog.workspace.dictionary.version, question.fingerprint(), route.backend,
        str(route.epoch),
    ))  # fmt: skip


def _answer_id(three: str, version: DataVersion) -> str:
    """The one idea: the three, and what the data was, hashed."""
    return hashlib.sha256(f"{three}\n{version.text}".encode()).hexdigest()[:32]


def _versions(metrics: tuple[Metric, ...]) -> str:
    if len(metrics) == 1:
        return metrics[0].version
    return hashlib.sha256("".join(metric.version for metric in metrics).encode()).hexdigest()[:16]


def _definition(metric: Metric) -> dict[str, Any]:
    """The definition as it was, for the receipt."""
    return {
        "metric_id": metric.metric_id, "label": metric.label, "definition": metric.definition, "kind": metric.kind,
        "formula": metric.formula, "filter": metric.filter_text, "window": metric.window, "unit": metric.unit,
        "owner": metric.owner, "version": metric.version,
    }  # fmt: skip


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shown(parameters: dict[str, Value], dialect: str) -> dict[str, Any]:
    """Parameters under the names that stand in the SQL."""
    mark = {"postgres": "$", "duckdb": "$p"}.get(dialect, ":p")
    plain = {name: value if isinstance(value, (str, int, float, bool)) else None for name, value in parameters.items()}
    return {
        f"{mark}{name[1:]}": plain[name] if plain[name] is not None
        else _instant(value) if isinstance(value, datetime) and value.tzinfo else str(value)
        for name, value in parameters.items()
    }  # fmt: skip


def _wire_rows(result: Rows, statement: Statement, question: Question) -> tuple[list[list[Any]], bool]:
    columns = statement.columns
    for row in result.rows[:1]:
        if len(row) != len(columns):
            raise StatementFailed(f"the engine gave {len(row)} columns where {len(columns)} were asked for")
    rows = [[wire_value(value, column.type) for value, column in zip(row, columns, strict=True)] for row in result.rows]
    limit = question.limit or DEFAULT_LIMIT
    truncated = question.limit is None and len(rows) > limit
    rows = rows[:limit]
    if question.grain and not question.dimensions and not question.order and question.limit is None and not truncated:
        rows = _with_empty_buckets(rows, question)
    return rows, truncated


def _with_empty_buckets(rows: list[list[Any]], question: Question) -> list[list[Any]]:
    """A day without rows is a day: counts of it are 0, anything else is empty. Engines leave it out."""
    known = {row[0]: row for row in rows}
    empty = [0 if metric.counts_rows else None for metric in question.metrics]
    blank = empty * (2 if question.previous else 1)
    hours = question.grain == "hour"
    return [
        known.get(name := (at.isoformat() if hours else at.date().isoformat()), [name, *blank]) for at in buckets(question)
    ]

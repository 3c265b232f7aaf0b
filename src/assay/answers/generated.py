"""SQL on demand: a question's statement, written by the compiler or by a model, judged, logged and, where wanted, run.

A model's statement takes the same stations as the compiler's, and its rows are held against those of the compiler at
one data version. That two statements agreed on some data is said as just that; it is no proof that they always will.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from assay.answers.answer import Answer, digest, wire_cell
from assay.answers.making import shown_parameters
from assay.answers.receipts import KEPT_ROWS, asker_named, new_receipt_id, read_document
from assay.answers.resolve import Corridor, Told, untold
from assay.answers.series import finished
from assay.backends.protocol import Backend, NotConfigured, Rows
from assay.compiler.generator import Draft, Generator, violations_out
from assay.compiler.held import SUPPOSED, Held
from assay.compiler.question import Question
from assay.compiler.statement import AnswerColumn, Statement
from assay.engine import Dialect, installed
from assay.errors import AssayError, BadQuestion
from assay.gate import Policy, SafeSql
from assay.routing.parity import Gap, compare_rows, read_rows
from assay.routing.serving import Catalog
from assay.store.database import Database
from assay.store.generations import StoredGeneration, add_generation
from assay.store.receipts import add_receipts
from assay.work.instants import instant
from assay.work.request import begin_anew

Author = Literal["compiler", "llm"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the rows differ; `column` is None where a whole row is missing, or is too much."""

    key: list[Any]
    column: str | None
    compiler: Any
    model: Any


@dataclass(frozen=True, slots=True)
class Standing:
    """How the model's rows stood to the compiler's, and at which data version."""

    standing: Literal["equal_here", "differs", "not_comparable"]
    reason: str
    data_version: str | None
    differences: tuple[Difference, ...] = ()

    def described(self) -> dict[str, Any]:
        differences = [{name: getattr(each, name) for name in Difference.__slots__} for each in self.differences]
        return {"standing": self.standing, "reason": self.reason, "data_version": self.data_version,
                "differences": differences}  # fmt: skip


@dataclass(frozen=True)
class GeneratedAnswer(Answer):
    """An answer whose SQL a model wrote; its provenance says so."""

    author: dict[str, Any]

    def body(self, *, cached: bool, stale_reason: str | None = None) -> dict[str, Any]:
        plain = super().body(cached=cached, stale_reason=stale_reason)
        return {**plain, "provenance": {**plain["provenance"], "author": self.author}}


@dataclass(frozen=True, slots=True)
class Target:
    """For which engine SQL is written, and what may be read there."""

    dialect: Dialect
    policy: Policy
    held: Held


def target(question: Question, catalog: Catalog, backend_name: str | None, dialect: str | None) -> Target:
    """The engine of the route or, for another dialect, the first of the workspace that speaks it. Raises BadQuestion."""
    backends = catalog.workspace.backends
    opened = catalog.backends.get(backend_name or "")
    served = backends[backend_name].driver if backend_name in backends else None
    if opened is not None and not isinstance(opened, NotConfigured):
        served = opened.dialect
    wanted = dialect or served
    if wanted not in installed():
        known = f"it has to be one of {', '.join(installed())}"
        said = f"There is no dialect {wanted!r}" if wanted else f"{question.metrics[0].metric_id} has no route"
        raise BadQuestion(f"{said}: say which dialect.", mend=known, field="dialect")
    speaking = [backend_name] if wanted == served and backend_name else []
    speaking += [name for name, each in backends.items() if each.driver == wanted]
    if not speaking:
        return Target(wanted, catalog.policy, SUPPOSED)
    return Target(wanted, catalog.policies[speaking[0]], catalog.described.now(speaking[0]))


# -- the bodies ------------------------------------------------------------------------------------


def compiled(question: Question, catalog: Catalog, at: Target) -> dict[str, Any]:
    """What the compiler writes for the question, as the API tells it. Nothing runs."""
    started = time.perf_counter()
    statement = catalog.compiler.statement(question, at.dialect, at.policy, at.held)
    author = _author("compiler", latency_ms=round((time.perf_counter() - started) * 1e3, 3))
    return _body(question, at, statement, statement.safe, _explained(question, statement), author, dry_run=True)


def _body(
    question: Question, at: Target, statement: Statement, safe: SafeSql, explanation: str, author: dict[str, Any], *,
    dry_run: bool,
) -> dict[str, Any]:  # fmt: skip
    return {
        "generation_id": None, "metric_id": question.metrics[0].metric_id, "generator": author["generator"],
        "dialect": at.dialect, "dry_run": dry_run, "sql": safe.text,
        "params": shown_parameters(statement.parameters(question), at.dialect),
        "verdict": {"ok": True, "sql": safe.text, "violations": []}, "checks": list(safe.checks),
        "explanation": explanation, "author": author, "answer": None,
    }  # fmt: skip


def _author(generator: Author, *, latency_ms: float, draft: Draft | None = None, standing: Any = None) -> dict[str, Any]:
    spent = draft.spent if draft else None
    return {
        "generator": generator, "model": draft.model if draft else None, "requests": spent.requests if spent else 0,
        "input_tokens": spent.input_tokens if spent else 0, "output_tokens": spent.output_tokens if spent else 0,
        "latency_ms": latency_ms, "cost_usd": spent.cost_usd if spent else None,
        "rounds": len(draft.rounds) if draft else 1, "prompt_hash": draft.prompt_hash if draft else None,
        "standing": standing,
    }  # fmt: skip


def _explained(question: Question, statement: Statement) -> str:
    metric = question.metrics[0]
    by = f" for each {' and '.join(question.key_columns())}" if question.key_columns() else ""
    where = f", only rows where {metric.filter_text}" if metric.filter_text else ""
    filters = (
        f", filtered by {', '.join(each.dimension.name for each in question.every_filter)}" if question.every_filter else ""
    )
    name = question.bounds.name.replace("_", " ") if question.bounds and question.bounds.name else "the window given"
    window = f", {name}" if question.bounds else ""
    tables = ", ".join(sorted(statement.safe.tables))
    return f"{metric.label}: {metric.formula}{by}{where}{filters}{window}, from {tables}. Compiled from the definition."


# -- writing, logging, running ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Beside:
    """The compiler's answer and the model's rows; `data_stood`: no table of either moved from the first to the last."""

    told: Told
    result: Rows
    engine_ms: float
    data_stood: bool


@dataclass(frozen=True)
class Desk:
    """Where SQL is written on demand."""

    corridor: Corridor
    generator: Generator
    database: Database

    async def write(self, question: Question, author: Author, dialect: str | None, *, dry_run: bool) -> dict[str, Any]:
        """The body of the answer. Raises SafetyViolation, LlmUnavailable, and what running raises; all are logged first."""
        catalog = self.corridor.catalog
        route = self.corridor.routes.serving.get(question.metrics[0].served_as)
        at = target(question, catalog, route.backend if route else None, dialect)
        backend = None if dry_run else self._backend(question, catalog, at)
        if author == "compiler":
            return await self._compiled(question, catalog, at, run=not dry_run)
        statement = catalog.compiler.statement(question, at.dialect, at.policy, at.held)
        draft = await self.generator.write(question, statement, catalog.workspace, at.policy)
        begin_anew()  # a model has its own patience; what follows is a question like others
        if draft.safe is None:
            assert draft.failure
            await self._log(question, at, draft, dry_run=dry_run, problem=draft.failure)
            raise draft.failure
        latency = draft.spent.latency_ms
        body = _body(question, at, statement, draft.safe, draft.explanation,
                     _author("llm", latency_ms=latency, draft=draft), dry_run=dry_run)  # fmt: skip
        if backend is None:
            return {**body, "generation_id": await self._log(question, at, draft, dry_run=True)}
        try:
            answer = await self._run(question, catalog, backend, statement, draft)
        except AssayError as error:
            await self._log(question, at, draft, dry_run=False, problem=error)
            raise
        generation_id = await self._log(question, at, draft, dry_run=False, answer=answer)
        return {**body, "generation_id": generation_id, "author": answer.author, "answer": answer.body(cached=False)}

    def _backend(self, question: Question, catalog: Catalog, at: Target) -> Backend:
        _, backend = self.corridor.route(question, catalog)
        if backend.dialect != at.dialect:
            raise BadQuestion(
                f"{question.metrics[0].metric_id} is served by {backend.name}, which speaks {backend.dialect}.",
                mend="leave the dialect out, or ask for a dry run", field="dialect",
            )  # fmt: skip
        return backend

    async def _compiled(self, question: Question, catalog: Catalog, at: Target, *, run: bool) -> dict[str, Any]:
        body = compiled(question, catalog, at)
        if run:
            told = await self.corridor.answer(question, catalog, time.perf_counter())
            body |= {"dry_run": False, "answer": told.answer.body(cached=told.cached)}
        receipt_id = body["answer"]["provenance"]["receipt_id"] if run else None
        return {**body, "generation_id": await self._log_compiled(question, body, receipt_id)}

    async def _run(
        self, question: Question, catalog: Catalog, backend: Backend, statement: Statement, draft: Draft
    ) -> GeneratedAnswer:
        """Run the model's statement beside the compiler's. Where the data moves meanwhile, both are asked once more."""
        assert draft.safe
        safe = draft.safe
        beside = await self._beside(question, catalog, backend, statement, safe)
        if not beside.data_stood:
            beside = await self._beside(question, catalog, backend, statement, safe)
        told, result, engine_ms = beside.told, beside.result, beside.engine_ms
        rows, truncated = shown_rows(result.by_name([each.name for each in statement.columns]), statement.columns, question)
        version = result.data_version
        if told.answer.provenance.backend != backend.name:
            standing = Standing("not_comparable", "the route moved while both statements ran", None)
        elif not beside.data_stood:
            standing = Standing("not_comparable", "the data moved while both statements ran, twice", None)
        else:
            standing = compare(question, statement.columns, told.answer.rows, rows, version.text)
        author = _author("llm", latency_ms=draft.spent.latency_ms, draft=draft, standing=standing.described())
        named = f"written by {draft.model}, {draft.spent.input_tokens} tokens in and {draft.spent.output_tokens} out"
        provenance = replace(
            told.answer.provenance, generator="llm", sql=safe.text, source_tables=tuple(sorted(safe.tables)),
            data_version=version.text, data_version_kind=version.kind, as_of=instant(version.read_at),
            elapsed_ms=round(engine_ms, 3), timings={"model": draft.spent.latency_ms, "engine": round(engine_ms, 3)},
            checks=(*safe.checks, named, f"{standing.standing.replace('_', ' ')}: {standing.reason}"),
            rows_returned=len(rows), truncated=truncated, value_digest=digest(statement.columns, rows),
            receipt_id=new_receipt_id(),
        )  # fmt: skip
        known = told.answer
        answer_id = hashlib.sha256(f"{known.answer_id}\n{version.text}\nllm\n{safe.text}".encode()).hexdigest()[:32]
        answer = GeneratedAnswer(
            answer_id, known.metric_ids, known.columns, rows, known.question, known.partial, known.dense, provenance, author
        )
        await self._receipt(answer, told)
        return answer

    async def _beside(
        self, question: Question, catalog: Catalog, backend: Backend, statement: Statement, safe: SafeSql
    ) -> "_Beside":
        tables = safe.tables | statement.safe.tables
        with untold(question):
            await self.corridor.keys.require(backend, safe, catalog.workspace)
        before = await backend.data_version(tables)
        told = await self.corridor.answer(question, catalog, time.perf_counter())
        started = time.perf_counter()
        with untold(question):
            result = await self.corridor.run(backend, safe, statement.parameters(question), {"for": "generated"}, tables)
        engine_ms = (time.perf_counter() - started) * 1e3
        return _Beside(told, result, engine_ms, before.text == result.data_version.text)

    async def _receipt(self, answer: GeneratedAnswer, told: Told) -> None:
        """The compiler's receipt with what is different here, signed anew. Not kept means not answered."""
        book, known = self.corridor.receipts, answer.provenance
        document = read_document(await book.get(told.answer.provenance.receipt_id)) | {
            "receipt_id": known.receipt_id, "answer_id": answer.answer_id,
            "data_version": known.data_version, "data_version_kind": known.data_version_kind, "as_of": known.as_of,
            "source_tables": list(known.source_tables), "sql": known.sql, "generator": "llm", "checks": list(known.checks),
            "value_digest": known.value_digest, "rows": answer.rows[:KEPT_ROWS], "rows_returned": known.rows_returned,
            "truncated": known.truncated, "timings": known.timings, "elapsed_ms": known.elapsed_ms,
            "author": answer.author,
        }  # fmt: skip
        if "asked_by" in document:
            document["asked_by"] = asker_named(self.corridor.catalog.workspace)
        await add_receipts(self.database, [book.signed(document, datetime.now(UTC))])

    async def _log(
        self, question: Question, at: Target, draft: Draft, *, dry_run: bool, problem: AssayError | None = None,
        answer: GeneratedAnswer | None = None,
    ) -> str:  # fmt: skip
        last = draft.rounds[-1] if draft.rounds else None
        refused = problem if problem and problem.kind in ("safety_violation", "llm_unavailable") else None
        sql = draft.safe.text if draft.safe else last.sql if last else None
        violations = violations_out(last.violations) if last else []
        return await self._keep(
            question, at.dialect, generator="llm", dry_run=dry_run,
            outcome=refused.kind if refused else "failed" if problem else "accepted",
            model=draft.model, prompt_hash=draft.prompt_hash, sql=sql, explanation=draft.explanation,
            requests=draft.spent.requests, input_tokens=draft.spent.input_tokens, output_tokens=draft.spent.output_tokens,
            latency_ms=draft.spent.latency_ms, cost_usd=draft.spent.cost_usd,
            receipt_id=answer.provenance.receipt_id if answer else None,
            verdict={"ok": draft.safe is not None, "sql": draft.safe.text if draft.safe else "", "violations": violations},
            rounds=[{"sql": each.sql, "violations": violations_out(each.violations)} for each in draft.rounds],
            standing=answer.author["standing"] if answer else None, problem=problem.problem() if problem else None,
        )  # fmt: skip

    async def _log_compiled(self, question: Question, body: dict[str, Any], receipt_id: str | None) -> str:
        return await self._keep(
            question, body["dialect"], generator="compiler", dry_run=body["dry_run"], outcome="accepted", model=None,
            prompt_hash=None, sql=body["sql"], explanation=body["explanation"], requests=0, input_tokens=0, output_tokens=0,
            latency_ms=body["author"]["latency_ms"], cost_usd=None, receipt_id=receipt_id, verdict=body["verdict"],
            rounds=[{"sql": body["sql"], "violations": []}], standing=None, problem=None,
        )  # fmt: skip

    async def _keep(self, question: Question, dialect: str, **columns: Any) -> str:
        generation_id = new_receipt_id()
        row = StoredGeneration(
            generation_id=generation_id, created_at=datetime.now(UTC), metric_id=question.metrics[0].metric_id,
            dialect=dialect, question=question.described(), **columns,
        )  # fmt: skip
        await add_generation(self.database, row)
        return generation_id


# -- holding rows against rows ---------------------------------------------------------------------


def shown_rows(
    rows: list[tuple[Any, ...]], columns: tuple[AnswerColumn, ...], question: Question
) -> tuple[list[list[Any]], bool]:
    """A model's rows as they travel: cut and filled up as the compiler's are, and nothing rounded away."""
    found = [[_shown_value(value, column) for value, column in zip(row, columns, strict=True)] for row in rows]
    found, truncated, _ = finished(found, columns, question)
    return found, truncated


def _shown_value(value: Any, column: AnswerColumn) -> Any:
    """As `wire_cell`, where the value is one of that type; else as it reads, so that it shows and counts as different."""
    try:
        shown, kind = wire_cell(value, column), column.type.kind
        exact: dict[str, Callable[[], bool]] = {
            "integer": lambda: value == int(value),
            "decimal": lambda: Decimal(str(value)) == Decimal(shown),
            "date": lambda: not isinstance(value, datetime) or value.time() == datetime.min.time(),
            "boolean": lambda: isinstance(value, bool),
        }
        if value is None or kind not in exact or exact[kind]():
            return shown
    except (ValueError, TypeError, AttributeError, ArithmeticError):
        pass
    return str(value)


def compare(
    question: Question, columns: tuple[AnswerColumn, ...], theirs: list[list[Any]], ours: list[list[Any]], version: str
) -> Standing:
    """The compiler's rows and the model's, by the rules of parity; beyond these their order, which a reader sees, counts."""
    zone, names = ZoneInfo(question.timezone), ("the compiler", "the model")
    tolerances = {each.metric_id: each.tolerance for each in question.metrics}
    found = compare_rows("rows", columns, theirs, ours, tolerances, zone, names)
    if found.verdict == "not_comparable":
        # The compiler's rows can always be read: it is the model's that hold no such value, or a group twice.
        return Standing("differs", f"the rows differ from the compiler's: {found.reason}", version)
    expected, given = (
        dict(zip(read_rows(rows, columns, zone, name), rows, strict=True))
        for rows, name in zip((theirs, ours), names, strict=True)
    )
    if found.verdict == "differs":
        places = "1 place" if found.differing == 1 else f"{found.differing} places"
        shown: list[Difference] = []
        for gap in found.gaps:
            difference = _difference(gap, columns, expected.get(gap.key), given.get(gap.key))
            if difference not in shown:
                shown.append(difference)
        return Standing("differs", f"the rows differ from the compiler's in {places}", version, tuple(shown))
    if list(expected) != list(given):
        return Standing("differs", "the rows are the compiler's, in another order", version)
    return Standing("equal_here", f"the same rows as the compiler's at data version {version}", version)


def _difference(gap: Gap, columns: tuple[AnswerColumn, ...], theirs: list[Any] | None, ours: list[Any] | None) -> Difference:
    """A gap in values as they travel: one of a row, or the whole row where one side lacks it."""
    keys = len(gap.key)
    if theirs is not None and ours is not None:
        place = next(number for number, column in enumerate(columns) if column.name == gap.column)
        return Difference(theirs[:keys], gap.column, theirs[place], ours[place])
    return Difference((theirs or ours or [])[:keys], None, theirs and theirs[keys:], ours and ours[keys:])

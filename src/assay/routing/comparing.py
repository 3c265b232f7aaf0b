"""A metric asked on two backends: the same definition, question, bounds and time zone, at several grains.

The total is asked by the very statement that serves. All other grains come from the same formula, joins, filter and
bounds, grouped in many ways in one pass, or in a few finer ways where a metric adds up; where one of them differs, each
is asked again by its own ordinary statement.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from assay.backends.protocol import Backend, DataVersion, NotConfigured, Rows
from assay.catalog.amounts import signed_amount
from assay.catalog.metric import Metric
from assay.catalog.windows import Bounds
from assay.compiler import dialect as pin
from assay.compiler.question import MAX_LIMIT, Asked, Question, resolve_question
from assay.compiler.statement import AnswerColumn, Statement
from assay.errors import AssayError
from assay.gate import judge
from assay.gate.names import identifier
from assay.routing.cube import ROWS_AT_ONCE, Keys, Row, adds_up, by_grouping, covers, groups_of_same_cells
from assay.routing.grains import Named, single_grains, small_pairs
from assay.routing.parity import GrainResult, Verdict, compare_rows, worst
from assay.routing.serving import Catalog

TIMEOUT_SECONDS = 120.0
_ROWS_BESIDE = 10 * ROWS_AT_ONCE
"""So many rows are compared in a thread, where the event loop would wait for them too long."""
Progress = Callable[[int, int, str], None]
"""(grains done, grains in all, the one that was done)"""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: a backend, and what is known of it once it was asked."""

    backend: Backend
    sql_hash: str
    schema: str
    """Fingerprint of the columns that the metric needs, as the engine describes them."""
    data_version: str
    data_version_kind: str
    engine_ms: float
    """Of the metric's total."""

    @property
    def name(self) -> str:
        return self.backend.name


@dataclass(frozen=True, slots=True)
class Behind:
    """One side holds no rows that are as new as the other's, and up to its newest one the two agree."""

    backend: str
    seconds: float
    newest: str


@dataclass(frozen=True, slots=True)
class Comparison:
    metric: Metric
    question: dict[str, Any]
    here: Side | None
    there: Side | None
    names: tuple[str, str]
    verdict: Verdict
    grains: tuple[GrainResult, ...]
    reason: str
    behind: Behind | None
    elapsed_ms: float

    @property
    def passed(self) -> bool:
        return self.verdict in ("equal", "within_tolerance")


@dataclass(frozen=True, slots=True)
class Shadowed:
    """One live question compared."""

    verdict: Verdict
    reason: str
    milliseconds: tuple[float | None, float | None]


async def compare_question(metric: Metric, names: tuple[str, str], catalog: Catalog, question: Question) -> Shadowed:
    """Ask one question on both sides, as in a route's shadow. What cannot be asked is *not comparable*."""
    unready = next((name for name in names if not _is_ready(catalog, name)), None)
    if unready is not None:
        return Shadowed("not_comparable", f"{unready} is not configured", (None, None))
    comparer = _Comparer(metric, names, catalog, question, lambda *_: None)
    try:
        await comparer.look()
        found = await comparer.grain("total", question)
    except AssayError as error:
        return Shadowed("not_comparable", error.detail, (None, None))
    behind = await comparer.behind() if found.verdict == "differs" else None
    verdict: Verdict = "not_comparable" if behind else found.verdict
    return Shadowed(
        verdict, _reason(verdict, [found], names, behind, metric.unit), (comparer.engine_ms[0], comparer.engine_ms[1])
    )


def _is_ready(catalog: Catalog, name: str) -> bool:
    backend = catalog.backends.get(name)
    return backend is not None and not isinstance(backend, NotConfigured)


async def compare_metric(
    metric: Metric, names: tuple[str, str], catalog: Catalog, now: datetime, progress: Progress = lambda *_: None,
    groups: Mapping[str, int] = MappingProxyType({}),
) -> Comparison:  # fmt: skip
    """Compare the metric on two backends that can both serve it. What cannot be asked gives *not comparable*.

    `groups`: how many groups the time bucket (`time`) and each dimension had the last time, where that is known. It says
    how to ask, never what is found.
    """
    started = time.perf_counter()
    asked = resolve_question((metric.metric_id,), Asked(), catalog.workspace, now)
    comparer = _Comparer(metric, names, catalog, asked, progress, groups)
    try:
        return replace(await comparer.compare(), elapsed_ms=round((time.perf_counter() - started) * 1e3, 1))
    except AssayError as error:
        elapsed = round((time.perf_counter() - started) * 1e3, 1)
        return Comparison(metric, asked.described(), None, None, names, "not_comparable", tuple(comparer.done),
                          error.detail, None, elapsed)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Cube:
    """What both sides gave for many groupings at once."""

    keys: list[str]
    rows: tuple[list[Row], list[Row]]
    columns: tuple[AnswerColumn, ...]


class _Comparer:
    def __init__(
        self, metric: Metric, names: tuple[str, str], catalog: Catalog, total: Question, progress: Progress,
        groups: Mapping[str, int] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self.metric = metric
        self.names = names
        self.catalog = catalog
        self.total = total
        self.progress = progress
        self.groups = groups
        self.cells_may_tell = adds_up(metric)
        self.backends: list[Backend] = [catalog.backends[name] for name in names]  # pyright: ignore[reportAttributeAccessIssue]
        self.done: list[GrainResult] = []
        self.seen = ["", ""]
        """The data version of each side as it was looked at last, of all tables that the metric reads."""
        self.engine_ms = [0.0, 0.0]
        self.tags = {"for": "comparison", "metric": metric.metric_id}

    async def look(self) -> list[DataVersion]:
        """The data as it is now: what moves from here on is noticed."""
        tables, described = self.metric.needed_columns, self.catalog.described
        await asyncio.gather(*(described.ready(backend, tables, anew=True) for backend in self.backends))
        found = await asyncio.gather(*(backend.data_version(tables) for backend in self.backends))
        self.seen = [each.text for each in found]
        return list(found)

    async def compare(self) -> Comparison:
        # What is bound is the data as it was at the start: whatever moves while the grains are asked makes it stale.
        data = await self.look()
        schemas = await asyncio.gather(*(schema_of(self.metric, backend) for backend in self.backends))
        (total, question), *singles = single_grains(self.metric, self.total)
        self.done.append(await self.grain(total, question))
        self.progress(1, 1 + len(singles), total)
        await self.all_grains(singles)
        sides = tuple(self.side(index, schemas[index], data[index]) for index in (0, 1))
        verdict = worst([each.verdict for each in self.done])
        behind = await self.behind() if verdict == "differs" else None
        if behind:
            verdict = "not_comparable"
        reason = _reason(verdict, self.done, self.names, behind, self.metric.unit)
        return Comparison(self.metric, self.total.described(), sides[0], sides[1], self.names, verdict,
                          tuple(self.done), reason, behind, 0.0)  # fmt: skip

    async def all_grains(self, singles: list[Named]) -> None:
        """The grains below the total, in as few passes over the data as they need."""
        if self.done[0].verdict == "differs":
            self.cells_may_tell = False
        likely = list(small_pairs(self.metric, self.total, self.groups))
        found = await self.cells([*singles, *likely]) or await self.grains(singles)
        self.take(found)
        self.groups = {question.key_columns()[0]: each.rows for (_, question), each in zip(singles, found, strict=False)}
        known = {each.grain for each in found}
        pairs = [each for each in small_pairs(self.metric, self.total, self.groups) if each[0] not in known]
        if pairs:
            self.take(await self.cells(pairs) or await self.grains(pairs))

    def take(self, found: list[GrainResult]) -> None:
        self.done += found
        if found:
            self.progress(len(self.done), len(self.done), found[-1].grain)

    def statement(self, question: Question, index: int) -> Statement:
        backend = self.backends[index]
        return self.catalog.statement(question, backend)

    def side(self, index: int, schema: str, data: DataVersion) -> Side:
        sql = sql_hash(self.statement(self.total, index))
        return Side(self.backends[index], sql, schema, data.text, data.kind, round(self.engine_ms[index], 3))

    async def grain(self, name: str, question: Question) -> GrainResult:
        """Ask both sides at once; once more where the data of one moved meanwhile and the two differ."""
        for attempt in (1, 2):
            before = self.seen
            here, there = await asyncio.gather(self.run(question, 0), self.run(question, 1))
            if max(len(here.rows), len(there.rows)) > MAX_LIMIT:
                return GrainResult(name, "not_comparable", MAX_LIMIT, reason=f"more than {MAX_LIMIT:,} groups")
            result = await self.held(name, self.statement(question, 0).columns, here.rows, there.rows)
            self.seen = [here.data_version.text, there.data_version.text]
            if attempt == 2 or result.verdict != "differs" or self.seen == before:
                return result
        raise AssertionError

    async def held(self, name: str, columns: tuple[AnswerColumn, ...], here: list[Row], there: list[Row]) -> GrainResult:
        """One grain's rows against each other, without holding up the event loop for long."""
        tolerances = {self.metric.metric_id: self.metric.tolerance}
        given = (name, columns, here, there, tolerances, self.catalog.workspace.zone, self.names)
        if len(here) + len(there) > _ROWS_BESIDE:
            return await asyncio.to_thread(compare_rows, *given)
        await asyncio.sleep(0)
        return compare_rows(*given)

    async def grains(self, wanted: list[Named]) -> list[GrainResult]:
        """Many grains at once where one statement can group by all of them, else one after the other."""
        found = await self.cube(wanted) if len(wanted) > 1 else None
        if found is not None and all(each.verdict != "differs" for each in found):
            return found
        # Where something differs each grain is asked by itself: what is told of it is what its own statement gives.
        self.cells_may_tell, found = False, []
        for name, question in wanted:
            found.append(await self.grain(name, question))
            self.progress(len(self.done) + len(found), len(self.done) + len(wanted), name)
        return found

    async def cells(self, wanted: list[Named]) -> list[GrainResult] | None:
        """All these grains by fewer and finer groupings, where these settle them; None where they do not."""
        grains = {name: tuple(question.key_columns()) for name, question in wanted}
        if not self.cells_may_tell or not {key for keys in grains.values() for key in keys} <= self.groups.keys():
            return None
        groupings = covers(grains.values(), self.groups)
        asked = await self.ask(wanted, groupings, in_aggregates=True) if len(groupings) < len(grains) else None
        counted = asked and await groups_of_same_cells(asked.rows, asked.keys, groupings, grains)
        if counted is None:
            self.cells_may_tell = False
            return None
        return [GrainResult(name, "equal", counted[name]) for name in grains]

    async def cube(self, wanted: list[Named]) -> list[GrainResult] | None:
        """All these grains in one pass a side; None where that cannot be, or has too many groups."""
        groupings = [tuple(question.key_columns()) for _, question in wanted]
        asked = await self.ask(wanted, groupings, in_aggregates=False)
        if asked is None:
            return None
        sides = [await by_grouping(rows, asked.keys, groupings) for rows in asked.rows]
        found: list[GrainResult] = []
        for (name, _), own, here, there in zip(wanted, groupings, *sides, strict=True):
            keys = tuple(column for key, column in zip(asked.keys, asked.columns, strict=False) if key in own)
            found.append(await self.held(name, keys + asked.columns[len(asked.keys) :], here, there))
        return found

    async def ask(self, wanted: list[Named], groupings: list[Keys], *, in_aggregates: bool) -> "_Cube | None":
        """One statement a side for all these groupings; None where that cannot be, or has too many rows."""
        grain = next((each.grain for _, each in wanted if each.grain), None)
        dimensions = tuple({each.name: each for _, question in wanted for each in question.dimensions}.values())
        question = replace(self.total, grain=grain, dimensions=dimensions, limit=MAX_LIMIT)
        compiler, policies, sets = self.catalog.compiler, self.catalog.policies, [list(each) for each in groupings]
        one, other = [
            await compiler.cube(
                question,
                sets,
                each.dialect,
                policies[each.name],
                self.catalog.described.now(each.name),
                in_aggregates=in_aggregates,
            )
            for each in self.backends
        ]
        if one is None or other is None:
            return None
        here, there = await asyncio.gather(self.run_cube(one, question, 0), self.run_cube(other, question, 1))
        if max(len(here), len(there)) > MAX_LIMIT:
            return None
        return _Cube(question.key_columns(), (here, there), one.columns)

    async def run_cube(self, statement: Statement, question: Question, index: int) -> list[Row]:
        parameters, tables = statement.parameters(question), statement.safe.tables
        return (await self.backends[index].run(statement.safe, parameters, tables, TIMEOUT_SECONDS, self.tags)).rows

    async def run(self, question: Question, index: int) -> Rows:
        """The rows carry the version of all that the metric reads, so that those of any grain can be held together."""
        statement, backend, tables = self.statement(question, index), self.backends[index], self.metric.needed_columns
        parameters, before = statement.parameters(question), time.perf_counter()
        rows = await backend.run(statement.safe, parameters, tables, TIMEOUT_SECONDS, self.tags)
        if question is self.total:
            self.engine_ms[index] = (time.perf_counter() - before) * 1e3
        return rows

    # -- which side is behind -------------------------------------------------------------------

    async def behind(self) -> Behind | None:
        """The side that lacks the newest rows, where the two agree up to the newest row of that side; else None."""
        one, other = await self.newest(0), await self.newest(1)
        if one is None or other is None or one == other:
            return None
        late, earlier = (0, one) if one < other else (1, other)
        until = earlier + timedelta(microseconds=1)
        question = self.total
        if question.bounds:
            if until <= question.bounds.start:
                return None
            question = replace(question, bounds=Bounds(question.bounds.start, until, None))
        question = replace(question, as_of=min(question.as_of, until))
        for name, narrowed in single_grains(self.metric, question):
            if (await self.grain(name, narrowed)).verdict not in ("equal", "within_tolerance"):
                return None
        return Behind(self.names[late], abs((one - other).total_seconds()), earlier.isoformat())

    async def newest(self, index: int) -> datetime | None:
        """The newest moment at which a row of the metric's tables counts, before the end of the question."""
        backend, found = self.backends[index], []
        end = self.total.bounds.end if self.total.bounds else self.total.as_of
        for part in self.metric.parts:
            column = part.time or (part.alive and part.alive[0])
            if column is None or column.type.kind != "timestamp":
                return None
            time_column = exp.column(identifier(column.name), table=identifier("t"))
            schema, _, name = part.entity.qualified.rpartition(".")
            table = exp.Table(this=identifier(name), db=identifier(schema),
                              alias=exp.TableAlias(this=identifier("t")))  # fmt: skip
            select = exp.select(exp.alias_(exp.Max(this=time_column), "newest")).from_(table).limit(1)
            select = select.where(exp.LT(this=time_column.copy(), expression=pin.placeholder(1, backend.dialect)))
            verdict = judge(select.sql(dialect=backend.dialect), backend.dialect, self.catalog.policies[backend.name])
            if verdict.safe is None:
                return None
            rows = await backend.run(verdict.safe, {"p1": end}, verdict.safe.tables, TIMEOUT_SECONDS, self.tags)
            value = rows.rows[0][0]
            if not isinstance(value, datetime):
                return None
            found.append(value)
        return max(found, default=None)


def sql_hash(statement: Statement) -> str:
    return hashlib.sha256(statement.safe.text.encode()).hexdigest()[:16]


async def schema_of(metric: Metric, backend: Backend) -> str:
    """A fingerprint of the metric's columns as the engine has them."""
    lines: list[str] = []
    for table, columns in sorted(metric.needed_columns.items()):
        found = await backend.describe(table) or {}
        lines += [f"{table}.{name} {found.get(name)}" for name in sorted(columns)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _reason(verdict: Verdict, grains: list[GrainResult], names: tuple[str, str], behind: Behind | None, unit: str) -> str:
    here, there = names
    match verdict:
        case "equal":
            return f"{here} and {there} give the same at {len(grains)} grains"
        case "within_tolerance":
            return f"{here} and {there} agree within the tolerance at {len(grains)} grains"
        case "differs":
            wrong = [each for each in grains if each.verdict == "differs"]
            first = wrong[0]
            amount = f" by {signed_amount(first.net, unit)}" if first.grain == "total" and first.net else ""
            return f"{there} differs from {here}{amount}, at {len(wrong)} of {len(grains)} grains"
        case _:
            if behind:
                ahead = here if behind.backend == there else there
                return f"{behind.backend} is {_span(behind.seconds)} behind {ahead}; up to its newest row the two agree"
            unread = next((each for each in grains if each.reason), None)
            return f"{unread.grain}: {unread.reason}" if unread else "the two could not be compared"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds" if seconds >= 2 else f"{seconds * 1000:.0f} ms"

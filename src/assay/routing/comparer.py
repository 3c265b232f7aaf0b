"""One metric or one question on two sides: how it is asked there, and what is held against what.

One state of the data a side, where its engine can hold one; as few passes over the data as the groupings need.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from assay.backends.protocol import Backend, DataVersion, Rows, Runs, Snapshots
from assay.catalog.dictionary import table_of
from assay.catalog.metric import Dimension, Metric
from assay.catalog.windows import Bounds
from assay.compiler.question import MAX_LIMIT, Question
from assay.compiler.statement import AnswerColumn, Statement
from assay.compiler.tree import cube_flag
from assay.errors import AssayError
from assay.routing.comparison import THIS_QUESTION, Behind, Comparison, Side, reason_of
from assay.routing.cube import ROWS_AT_ONCE, Keys, Row, adds_up, by_grouping, covers, groups_of_same_cells
from assay.routing.described import fingerprint
from assay.routing.grains import Named, single_grains, small_pairs, time_grain
from assay.routing.moments import end_of_day, has_plain_clock, newest_moment, next_moment
from assay.routing.parity import PASSED, GrainResult, Verdict, compare_rows, worst
from assay.routing.serving import Catalog
from assay.routing.settling import Grouping, Window, asked_window, text_mark

TIMEOUT_SECONDS = 120.0
_ROWS_BESIDE = 10 * ROWS_AT_ONCE
"""So many rows are compared in a thread, where the event loop would wait for them too long."""
_ROWS_IN_A_CUBE = 20_000
"""Groupings that may make more rows together are asked in several statements. Most combinations of values do not occur."""
_INSTANT = "_instant"
"""The dimension that tells rows apart by their very moment. None of the catalog can be called so."""
_PADDED = re.compile(r"(char|character|bpchar)\b(?! *varying)", re.IGNORECASE)
Progress = Callable[[int, int, str], None]
"""(grains done, grains in all, the one that was done)"""


@dataclass(frozen=True, slots=True)
class _Cube:
    """What both sides gave for many groupings at once."""

    keys: list[str]
    rows: tuple[list[Row], list[Row]]
    columns: tuple[AnswerColumn, ...]


@dataclass
class _Window:
    """A window while it is being compared."""

    total: Question
    cells_may_tell: bool
    is_own: bool
    """Of the metric; its grains stand in the report one by one."""
    done: list[GrainResult] = field(default_factory=list)
    groupings: list[Grouping] = field(default_factory=list)


class Comparer:
    def __init__(
        self, metric: Metric, names: tuple[str, str], catalog: Catalog, total: Question, progress: Progress,
        groups: Mapping[str, int] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self.metric = metric
        self.needed = metric.columns_for(total.segments)
        """All that the metric reads, and the segments of the question: what a certificate binds."""
        self.names = names
        self.catalog = catalog
        self.total = total
        self.progress = progress
        self.groups = groups
        self.backends: list[Backend] = [catalog.backends[name] for name in names]  # pyright: ignore[reportAttributeAccessIssue]
        self.runs: list[Runs] = list(self.backends)
        self.data: list[DataVersion] = []
        """Of each side at the start, of all tables that the metric reads: that is what a certificate binds."""
        self.has_slipped = False
        """Whether a side without snapshots gave rows of other data than at the start."""
        self.padded: frozenset[str] = frozenset()
        self.done: list[GrainResult] = []
        self.engine_ms = [0.0, 0.0]
        self.tags = {"for": "comparison", "metric": metric.metric_id}
        self._open = AsyncExitStack()

    # -- one state of the data a side -------------------------------------------------------------

    async def __aenter__(self) -> None:
        try:
            self.data = [await self.held(index) for index in (0, 1)]
        except BaseException:
            await self._open.aclose()
            raise

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def held(self, index: int) -> DataVersion:
        """One snapshot for all statements where the engine has them; else the version before the first of them."""
        backend, tables = self.backends[index], self.needed
        await self.catalog.described.ready(backend, tables, anew=True)
        if not isinstance(backend, Snapshots):
            return await backend.data_version(tables)
        self.runs[index] = snapshot = await self._open.enter_async_context(backend.snapshot(tables))
        return snapshot.version

    async def has_moved(self, passed: bool) -> bool:
        """Whether to ask everything again: a difference may come of what moved, and so may agreement without snapshots."""
        if passed or self.has_slipped:
            return self.has_slipped
        now = await asyncio.gather(*(backend.data_version(self.needed) for backend in self.backends))
        return [each.text for each in now] != [each.text for each in self.data]

    # -- what is compared -------------------------------------------------------------------------

    async def compare(self, before: Bounds | None) -> Comparison:
        schemas = self.look_at_columns()
        own = await self.window(self.total, is_own=True)
        verdict = worst([each.verdict for each in self.done])
        behind = await self.behind() if verdict == "differs" else None
        if behind:
            verdict = "not_comparable"
        windows = [own] if before is None or verdict not in PASSED else [own, await self.window_before(before)]
        return self.comparison(verdict, schemas, tuple(windows), behind)

    async def compare_one(self, key: str) -> Comparison:
        schemas = self.look_at_columns()
        found = await self.grain(THIS_QUESTION, self.total)
        self.done.append(found)
        behind = await self.behind() if found.verdict == "differs" else None
        verdict: Verdict = "not_comparable" if behind else found.verdict
        windows: list[Window] = []
        if verdict in PASSED:
            grouping = Grouping(frozenset(self.total.key_columns()), found.verdict, found.rows)
            of_both = [self.total]
            if self.total.previous:
                of_both.append(replace(self.total, bounds=self.total.previous))
            for question in of_both:
                windows.append(self.closed(question, await self.until(question, None), (grouping,)))
        return self.comparison(verdict, schemas, tuple(windows), behind, key)

    def comparison(
        self, verdict: Verdict, schemas: tuple[str, str], windows: tuple[Window, ...], behind: "Behind | None",
        key: str | None = None,
    ) -> Comparison:  # fmt: skip
        here, there = (self.side(index, schemas[index]) for index in (0, 1))
        reason = reason_of(verdict, self.done, self.names, behind, self.metric.unit)
        return Comparison(self.metric, self.total.described(), self.total.timezone, here, there, self.names, verdict,
                          tuple(self.done), windows, reason, behind, 0.0, key)  # fmt: skip

    def look_at_columns(self) -> tuple[str, str]:
        """The fingerprints of both sides' columns; which text both of them pad is known from here on."""
        here, there = (self.catalog.described.columns(name, self.needed) for name in self.names)
        self.padded = frozenset(
            name for name, each in self.metric.dimensions.items()
            if each.column
            and all(_PADDED.match(side[table_of(each.table)].get(each.column.name, "")) for side in (here, there))
        )  # fmt: skip
        return fingerprint(here), fingerprint(there)

    async def window(self, total: Question, *, is_own: bool) -> Window:
        """The total, time, each dimension and small pairs of them; as few passes over the data as that takes."""
        window = _Window(total, adds_up(self.metric), is_own)
        (name, question), *singles = single_grains(self.metric, total)
        first = await self.grain(name, question)
        self.take(window, [first], [(name, question)])
        window.cells_may_tell &= first.verdict in PASSED
        likely = list(small_pairs(self.metric, total, self.groups))
        found = await self.cells(window, [*singles, *likely])
        if found is not None:
            self.take(window, found, [*singles, *likely])
        else:
            self.take(window, await self.grains(window, singles), singles)
        if is_own:
            counted = zip(singles, window.done[1:], strict=False)
            self.groups = {question.key_columns()[0]: each.rows for (_, question), each in counted}
        known = {each.grain for each in window.done}
        pairs = [each for each in small_pairs(self.metric, total, self.groups) if each[0] not in known]
        # How many groups there are is known from here on: cells can be asked for.
        by_cells = await self.cells(window, [*singles, *pairs]) if pairs or found is None else None
        self.take(window, by_cells[len(singles) :] if by_cells else await self.grains(window, pairs), pairs)
        until = await self.until(total, window) if worst([each.verdict for each in window.done]) in PASSED else None
        return self.closed(total, until, tuple(window.groupings))

    async def window_before(self, bounds: Bounds) -> Window:
        """The same of the window before, told in one line of the report."""
        total = replace(self.total, bounds=bounds)
        try:
            return await self.window(total, is_own=False)
        except AssayError:
            return self.closed(total, None, ())

    def closed(self, total: Question, until: datetime | None, groupings: tuple[Grouping, ...]) -> Window:
        start, end = asked_window(total)
        return Window(start, end, end and (until or end), time_grain(self.metric, total), groupings)

    def take(self, window: _Window, found: list[GrainResult], wanted: list[Named]) -> None:
        window.done += found
        for each, (_, question) in zip(found, wanted, strict=True):
            window.groupings.append(Grouping(frozenset(question.key_columns()), each.verdict, each.rows))
        if window.is_own and found:
            self.done += found
            self.progress(len(self.done), len(self.done), found[-1].grain)

    def statement(self, question: Question, index: int) -> Statement:
        backend = self.backends[index]
        return self.catalog.statement(question, backend)

    def side(self, index: int, schema: str) -> Side:
        sql, data = sql_hash(self.statement(self.total, index)), self.data[index]
        return Side(self.backends[index], sql, schema, data.text, data.kind, round(self.engine_ms[index], 3))

    # -- the end of a window ----------------------------------------------------------------------

    async def until(self, question: Question, window: _Window | None) -> datetime | None:
        """Up to when the end of the question's window makes the same question, while no data move."""
        _, end = asked_window(question)
        if end is None:
            return None
        day_end = end_of_day(end, question.timezone)
        if day_end == end:
            return end
        firsts = await asyncio.gather(*(
            next_moment(self.metric, self.runs[index], backend, self.catalog.policies[backend.name], question, day_end)
            for index, backend in enumerate(self.backends)
        ))  # fmt: skip
        if min(firsts) == day_end or (window and await self.rest_is_the_same(question, window, end, day_end)):
            return day_end
        return min(firsts)

    async def rest_is_the_same(self, question: Question, window: _Window, end: datetime, day_end: datetime) -> bool:
        """Whether the rows from `end` to `day_end` make the same cells at each moment: then any end in between does."""
        part = self.metric.parts[0]
        if not window.cells_may_tell or self.metric.kind != "simple" or part.time is None:
            return False
        if not has_plain_clock(end, question.timezone):
            return False
        moment = Dimension(_INSTANT, _INSTANT, part.time.table, part.time.column, part.time.joins)
        dimensions = {**self.metric.dimensions, _INSTANT: moment}
        metric = replace(
            self.metric, dimensions=dimensions, parts=(replace(part, dimensions={**part.dimensions, _INSTANT: moment}),)
        )
        rest = replace(question, metrics=(metric,), bounds=Bounds(end, day_end, None))
        keys = frozenset[str]().union(*(each.keys for each in window.groupings if each.is_cells)) - {"time"} | {_INSTANT}
        asked = replace(rest, dimensions=tuple(each for name, each in dimensions.items() if name in keys))
        names = tuple(asked.key_columns())
        found = await self.ask([("", asked)], [names], in_aggregates=True)
        return found is not None and await groups_of_same_cells(found.rows, found.keys, [names], {"": names}) is not None

    # -- grains -----------------------------------------------------------------------------------

    async def grain(self, name: str, question: Question) -> GrainResult:
        here, there = await asyncio.gather(self.run(question, 0), self.run(question, 1))
        columns = self.statement(question, 0).columns
        if max(len(here.rows), len(there.rows)) > MAX_LIMIT:
            return GrainResult(name, "not_comparable", MAX_LIMIT, reason=f"more than {MAX_LIMIT:,} groups")
        names = [each.name for each in columns]
        return await self.against(name, columns, here.by_name(names), there.by_name(names))

    async def against(self, name: str, columns: tuple[AnswerColumn, ...], here: list[Row], there: list[Row]) -> GrainResult:
        """One grain's rows against each other, without holding up the event loop for long."""
        tolerances = {self.metric.metric_id: self.metric.tolerance}
        given = (name, columns, here, there, tolerances, self.catalog.workspace.zone, self.names, self.padded)
        if len(here) + len(there) > _ROWS_BESIDE:
            return await asyncio.to_thread(compare_rows, *given)
        await asyncio.sleep(0)
        return compare_rows(*given)

    async def grains(self, window: _Window, wanted: list[Named]) -> list[GrainResult]:
        """Many grains at once where one statement can group by all of them, else one after the other."""
        if not wanted:
            return []
        found: list[GrainResult] | None = []
        for batch in self.batches([tuple(question.key_columns()) for _, question in wanted]):
            of_batch = [each for each in wanted if tuple(each[1].key_columns()) in batch]
            some = await self.cube(of_batch) if len(of_batch) > 1 else None
            found = found + some if found is not None and some is not None else None
        if found is not None and all(each.verdict != "differs" for each in found):
            order = {name: number for number, (name, _) in enumerate(wanted)}
            return sorted(found, key=lambda each: order[each.grain])
        # Where something differs each grain is asked by itself: what is told of it is what its own statement gives.
        window.cells_may_tell, found = False, []
        for name, question in wanted:
            found.append(await self.grain(name, question))
            if window.is_own:
                self.progress(len(self.done) + len(found), len(self.done) + len(wanted), name)
        return found

    def batches(self, groupings: list[Keys]) -> list[list[Keys]]:
        """Groupings that fit into one statement's rows together, as far as their numbers of groups are known."""
        found: list[list[Keys]] = [[]]
        rows = 0
        for keys in groupings:
            expected = 1
            for key in keys:
                expected *= self.groups.get(key, 1)
            if found[-1] and rows + expected > _ROWS_IN_A_CUBE:
                found.append([])
                rows = 0
            found[-1].append(keys)
            rows += expected
        return found

    async def cells(self, window: _Window, wanted: list[Named]) -> list[GrainResult] | None:
        """All these grains by fewer and finer groupings, where these settle them; None where they do not."""
        grains = {name: tuple(question.key_columns()) for name, question in wanted}
        keys = {key for each in grains.values() for key in each}
        if not wanted or not window.cells_may_tell or not keys <= self.groups.keys():
            return None
        counted: dict[str, int] = {}
        texts: dict[str, frozenset[str]] = {}
        groupings = covers(grains.values(), self.groups)
        for batch in self.batches(groupings):
            own = {name: each for name, each in grains.items() if name not in counted
                   and any({*each} <= {*grouping} for grouping in batch)}  # fmt: skip
            of_batch = [each for each in wanted if each[0] in own]
            asked = await self.ask(of_batch, batch, in_aggregates=True)
            some = asked and await groups_of_same_cells(asked.rows, asked.keys, batch, own)
            if some is None:
                window.cells_may_tell = False
                return None
            counted |= some
            assert asked
            texts |= self.texts(asked)
        for each in groupings:
            seen = {key: texts[key] for key in each if key in texts}
            window.groupings.append(Grouping(frozenset(each), "equal", 0, is_cells=True, texts=seen))
        return [GrainResult(name, "equal", counted[name]) for name in grains]

    def texts(self, asked: _Cube) -> dict[str, frozenset[str]]:
        """By key of text, the marks of the values in its cells, which are the same on both sides."""
        named = {name for name, each in self.metric.dimensions.items() if each.type.kind == "string"}
        return {
            key: frozenset(text_mark(str(row[place])) for row in asked.rows[0] if row[place] is not None)
            for place, key in enumerate(asked.keys) if key in named
        }  # fmt: skip

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
            found.append(await self.against(name, keys + asked.columns[len(asked.keys) :], here, there))
        return found

    async def ask(self, wanted: list[Named], groupings: list[Keys], *, in_aggregates: bool) -> "_Cube | None":
        """One statement a side for all these groupings; None where that cannot be, or has too many rows."""
        first = wanted[0][1]
        grain = next((each.grain for _, each in wanted if each.grain), None)
        dimensions = tuple({each.name: each for _, question in wanted for each in question.dimensions}.values())
        question = replace(first, grain=grain, dimensions=dimensions, limit=MAX_LIMIT)
        compiler, policies, sets = self.catalog.compiler, self.catalog.policies, [list(each) for each in groupings]
        one, other = [
            await compiler.cube(question, sets, each.dialect, policies[each.name], self.catalog.described.now(each.name),
                                in_aggregates=in_aggregates)
            for each in self.backends
        ]  # fmt: skip
        if one is None or other is None:
            return None
        here, there = await asyncio.gather(self.run_cube(one, question, 0), self.run_cube(other, question, 1))
        if max(len(here), len(there)) > MAX_LIMIT:
            return None
        return _Cube(question.key_columns(), (here, there), one.columns)

    async def run_cube(self, statement: Statement, question: Question, index: int) -> list[Row]:
        rows = await self.read(statement, question, index)
        keys = question.key_columns()
        names = [*keys, *(cube_flag(number) for number in range(len(keys)))]
        rest = [name for name in rows.columns if name not in names]
        return rows.by_name([*names, *sorted(rest, key=lambda name: (len(name), name))])

    async def run(self, question: Question, index: int) -> Rows:
        before = time.perf_counter()
        rows = await self.read(self.statement(question, index), question, index)
        if question is self.total:
            self.engine_ms[index] = (time.perf_counter() - before) * 1e3
        return rows

    async def read(self, statement: Statement, question: Question, index: int) -> Rows:
        """The rows carry the version of all that the metric reads, so that those of any grain can be held together."""
        tables = self.needed
        rows = await self.runs[index].run(statement.safe, statement.parameters(question), tables, TIMEOUT_SECONDS, self.tags)
        self.has_slipped |= rows.data_version.text != self.data[index].text and rows.data_version.kind != "time_bucket"
        return rows

    # -- which side is behind -------------------------------------------------------------------

    async def behind(self) -> Behind | None:
        """The side that lacks the newest rows, where the two agree up to the newest row of that side; else None."""
        one, other = [
            await newest_moment(self.metric, self.runs[index], each, self.catalog.policies[each.name], self.total)
            for index, each in enumerate(self.backends)
        ]  # fmt: skip
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
            if (await self.grain(name, narrowed)).verdict not in PASSED:
                return None
        return Behind(self.names[late], abs((one - other).total_seconds()), earlier.isoformat())


def sql_hash(statement: Statement) -> str:
    return hashlib.sha256(statement.safe.text.encode()).hexdigest()[:16]

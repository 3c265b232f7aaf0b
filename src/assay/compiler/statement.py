"""A question as a judged statement: compiled once per shape, its values bound each time.

Two questions of the same shape (same definitions, dimensions, operators, grain) differ in bounds
and filter values only, and those are parameters: the statement is compiled and judged once.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlglot import exp

from assay.catalog.calendars import Periods
from assay.catalog.entry import Empty
from assay.catalog.formula import ValueType
from assay.catalog.moments import Beyond
from assay.compiler.beside import build_beside
from assay.compiler.held import SUPPOSED, Held, compared_as, placed, sides_of
from assay.compiler.listed import lists_in
from assay.compiler.others import build_with_others
from assay.compiler.plan import Parameters, Source, expect_ends, make_plan, parameter_value
from assay.compiler.question import Filter, Question
from assay.compiler.resolved import OTHERS
from assay.compiler.those import with_those
from assay.compiler.tree import build, build_cube, row_counts
from assay.compiler.values import Value
from assay.engine import Dialect, engine_of
from assay.errors import SafetyViolation
from assay.gate import Policy, SafeSql, judge, print_tree

_MAX_SHAPES = 2_000


@dataclass(frozen=True, slots=True)
class AnswerColumn:
    """A column of an answer; `role` is time, dimension, others, value or previous.

    `zone`: where it holds hours, on whose clock.
    """

    name: str
    type: ValueType
    role: str
    unit: str | None
    metric_id: str | None
    zone: ZoneInfo | None = None
    empty: Empty | None = None
    """For a value: what a group without rows means."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What runs: judged SQL, where its parameters come from, and what comes back."""

    safe: SafeSql
    sources: tuple[Source, ...]
    columns: tuple[AnswerColumn, ...]
    gate_ms: float
    row_counts: tuple[tuple[str, ...], ...] = ()
    """For each value the further columns that say of how many rows it is; none unless the scope has a minimum."""

    def parameters(self, question: Question) -> dict[str, Value]:
        """Values by placeholder, `p1`, `p2`, ..."""
        return {f"p{number}": parameter_value(source, question) for number, source in enumerate(self.sources, 1)}


class Compiler:
    """Compiles and judges, and remembers by shape. One for each catalog: a new catalog starts empty."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[object, ...], Statement] = OrderedDict()

    def statement(self, question: Question, dialect: Dialect, policy: Policy, held: Held = SUPPOSED) -> Statement:
        """Raises SafetyViolation where the gate refuses what was compiled."""
        shape = (*_shape(question, held), dialect, policy)
        return self._seen(shape) or self._keep(shape, compile_question(question, dialect, policy, held))

    async def cube(
        self, question: Question, sets: list[list[str]], dialect: Dialect, policy: Policy, held: Held = SUPPOSED,
        *, in_aggregates: bool = False,
    ) -> Statement | None:  # fmt: skip
        """As `compile_cube`; what is new is compiled in a thread, because nobody waits for it and it takes a while."""
        shape = (*_shape(question, held), dialect, policy, tuple(map(tuple, sets)), in_aggregates)
        known = self._seen(shape)
        if known is not None:
            return known
        fresh = await asyncio.to_thread(compile_cube, question, sets, dialect, policy, held, in_aggregates=in_aggregates)
        return fresh and self._keep(shape, fresh)

    def _seen(self, shape: tuple[object, ...]) -> Statement | None:
        known = self._known.get(shape)
        if known is not None:
            self._known.move_to_end(shape)
        return known

    def _keep(self, shape: tuple[object, ...], fresh: Statement) -> Statement:
        self._known[shape] = fresh
        if len(self._known) > _MAX_SHAPES:
            self._known.popitem(last=False)
        return fresh


def compile_cube(
    question: Question, sets: Sequence[Sequence[str]], dialect: Dialect, policy: Policy, held: Held = SUPPOSED,
    *, in_aggregates: bool = False,
) -> Statement | None:  # fmt: skip
    """One statement for several groupings of a question's keys; None where it takes more than one pass over a table, or the
    engine has no such groupings.

    Its rows are the keys, a flag for each of them (1: not grouped by it), and the values; in no order. `in_aggregates`:
    instead of the values the aggregates that they are calculated from.
    """
    if question.others or question.is_beside or isinstance(question.grain, Periods):
        return None
    plan = make_plan(question)
    # Where buckets share rows, or leave some out, their time is no key that a coarser grouping could do without.
    if len(plan.legs) > 1 or any(leg.keep or leg.per or leg.averages or (leg.frame and question.grain) for leg in plan.legs):
        return None
    if exp.GroupingSets in engine_of(dialect).reading.absent:
        return None
    parameters = Parameters()
    tree = build_cube(plan, dialect, parameters, sets, held, in_aggregates=in_aggregates)
    tree = with_those(tree, question, dialect, parameters, held)
    return _judged(question, tree, parameters, dialect, policy)


def compile_question(question: Question, dialect: Dialect, policy: Policy, held: Held = SUPPOSED) -> Statement:
    plan, parameters = make_plan(question), Parameters()
    write = build_beside if question.is_beside else build_with_others if question.others else build
    tree = with_those(write(plan, dialect, parameters, held), question, dialect, parameters, held)
    found = _judged(question, tree, parameters, dialect, policy)
    return replace(found, row_counts=row_counts(plan)) if question.scope.minimum else found


def _judged(question: Question, tree: exp.Select, parameters: Parameters, dialect: Dialect, policy: Policy) -> Statement:
    text = _text(tree, dialect)
    started = time.perf_counter()
    verdict = judge(text, dialect, policy, lists_in(parameters.sources, dialect))
    gate_ms = (time.perf_counter() - started) * 1e3
    if verdict.safe is None:
        raise SafetyViolation(
            f"The statement compiled for {question.metrics[0].metric_id} was refused: {verdict.violations[0].message}",
            violations=[
                {"code": each.code, "message": each.message, "line": each.line, "column": each.column}
                for each in verdict.violations
            ],
            sql=text,
        )
    return Statement(verdict.safe, tuple(parameters.sources), _columns(question), gate_ms)


def _text(tree: exp.Select, dialect: Dialect) -> str:
    """As the gate would print it: a text that comes back from there unchanged is judged once, any other twice."""
    own, order = engine_of(dialect).reading.sqlglot, tree.args.get("order")
    if order is not None and "NULLS" in order.sql(dialect=own):
        return print_tree(tree, dialect, explicit_nulls=True)
    return tree.sql(dialect=own, copy=False)


def _shape(question: Question, held: Held) -> tuple[object, ...]:
    """All that decides the text of the statement, and nothing that is bound."""
    expect_ends(question)
    return (
        tuple(metric.version for metric in question.metrics),
        tuple(metric.metric_id for metric in question.metrics),
        tuple(dimension.name for dimension in question.dimensions),
        tuple(
            (each.dimension.name, each.op, each.is_listed or len(each.values), *_places(each, question, held))
            for each in question.every_filter
        ),
        tuple(map(len, question.any_of)),
        question.segments,
        tuple((each.by, each.op, placed(each.value, each.type.meant, each.op)[0]) for each in question.having),
        tuple(question.scope.access(metric).shape for metric in question.metrics),
        question.scope.minimum > 0,
        held,
        question.bounds is not None,
        question.grain,
        question.week_starts,
        question.compare,
        tuple((kind, *((each.by, each.is_start) for each in shifts)) for kind, shifts in question.shifts.items()),
        tuple((key, *(each.by for each in moved)) for key, moved in question.shifted.items()),
        tuple(
            (key, kind, *(each.by for each in moved))
            for key, found in question.framed.items()
            for kind, moved in found.moved.items()
        ),
        tuple(
            (key, each.longest, tuple((kind, *(moved.by for moved in found)) for kind, found in each.moved.items()))
            for key, each in question.returning.items()
        ),
        tuple(beside for _, beside in question.floors),
        tuple(each.by for each in question.turns),
        tuple((key, *(each.by for each in moved)) for key, moved in question.counted.items()),
        question.order,
        question.limit,
        question.others,
        question.most_rows,
        question.timezone,
        tuple(
            (each.whose.dimension.name, each.whose.by, each.whose.op, each.holds_without_rows,
             placed(each.whose.value, each.type.meant, each.whose.op)[0], _shape(each.question, held))
            for each in question.every_whose
        ),
        len(question.whose),
    )  # fmt: skip


def _places(asked: Filter, question: Question, held: Held) -> Iterator[str]:
    """Whether each value fits the columns that it is compared with: what does not is no parameter."""
    ways = {
        own.text: own
        for metric in question.metrics for part in metric.parts if (own := part.dimensions[asked.dimension.name])
    }  # fmt: skip
    for own in ways.values():
        held_as, compared = compared_as(own, held)
        for value in () if asked.is_listed else asked.values:
            yield placed(value, compared or held_as, asked.op)[0]
            if isinstance(value, Beyond):
                # Engines without such a day have them all on one side of it.
                yield f"{value.is_early} {value.is_infinite} {value.fits_microseconds}"
        yield from sides_of(asked, own.column_type, held_as)


def _columns(question: Question) -> tuple[AnswerColumn, ...]:
    found: list[AnswerColumn] = []
    if question.grain:
        kind, zone = ("timestamp", question.zone) if question.grain == "hour" else ("date", None)
        found.append(AnswerColumn("time", ValueType(kind), "time", None, None, zone))
    for dimension in question.dimensions:
        found.append(AnswerColumn(dimension.name, dimension.type, "dimension", None, None))
    if question.others:
        found.append(AnswerColumn(OTHERS, ValueType("integer"), "others", None, None))
    for name, metric, period in question.value_columns():
        role = "value" if period == "current" else "previous"
        # Of a group that is not there, fewer rows than are shown may count all the same.
        empty = "unknown" if question.scope.minimum else metric.empty
        found.append(AnswerColumn(name, metric.type, role, metric.unit, metric.metric_id, empty=empty))
    return tuple(found)

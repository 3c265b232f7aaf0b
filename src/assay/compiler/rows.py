"""The rows behind a number: a plain SELECT over the rows that count for one part of a metric.

Same table, joins, filter, window and conditions as the aggregate has, by the same writer; instead of a
value the columns that say which rows they are: key, time, dimensions, and what filter and measure read.
"""

from dataclasses import dataclass, replace

from sqlglot import exp

from assay.catalog.conversion import TOOK, took_type
from assay.catalog.dictionary import table_of
from assay.catalog.entry import label_of
from assay.catalog.formula import ValueType, value_type
from assay.catalog.metric import Dimension, Part
from assay.catalog.retention import RETURNED
from assay.catalog.spelling import unused
from assay.catalog.types import ColumnType
from assay.compiler.held import SUPPOSED, Held
from assay.compiler.listed import lists_in
from assay.compiler.plan import Leg, Parameters, Plan, Source, leg_of, parameter_value
from assay.compiler.question import Question
from assay.compiler.those import with_those
from assay.compiler.tree import Writer
from assay.compiler.values import Value
from assay.engine import Dialect, engine_of
from assay.errors import SafetyViolation
from assay.gate import Policy, SafeSql, judge
from assay.people.scope import Scope

MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class RowColumn:
    """A column of the rows; `role` is key, time, dimension, filter or measure."""

    name: str
    label: str
    type: ValueType
    column_type: ColumnType
    role: str
    table: str
    column: str
    """Its name; of a calculated dimension, the expression; of what follows it in time, `$took`."""
    calculated: Dimension | None = None


@dataclass(frozen=True, slots=True)
class RowsStatement:
    safe: SafeSql
    sources: tuple[Source, ...]
    columns: tuple[RowColumn, ...]

    def parameters(self, question: Question) -> dict[str, Value]:
        return {f"p{number}": parameter_value(source, question) for number, source in enumerate(self.sources, 1)}


def compile_rows(question: Question, part: Part, dialect: Dialect, policy: Policy, held: Held = SUPPOSED) -> RowsStatement:
    """At most MAX_ROWS rows, newest first. Raises SafetyViolation where the gate refuses."""
    writer, leg, columns = _prepared(question, part, dialect, held)
    select = writer.rows_of(leg, [(each.name, _read(writer, leg, each)) for each in columns])
    for each, descending in _order(columns):
        is_text = each.type.kind == "string"
        select = select.order_by(writer.spelling.ordered(_read(writer, leg, each), descending, is_text), copy=False)
    return _judged(writer.completed(select, leg).limit(MAX_ROWS, copy=False), writer, columns, question, policy, held)


def compile_count(question: Question, part: Part, dialect: Dialect, policy: Policy, held: Held = SUPPOSED) -> RowsStatement:
    """How many rows there are in all. Raises SafetyViolation where the gate refuses."""
    writer, leg, _ = _prepared(question, part, dialect, held)
    count = exp.Count(this=exp.Star(), big_int=True)
    select = writer.select_from(leg, [], [("total", count)])
    return _judged(select.limit(1, copy=False), writer, (), question, policy, held)


def _prepared(question: Question, part: Part, dialect: Dialect, held: Held) -> tuple[Writer, Leg, tuple[RowColumn, ...]]:
    metric, scope = question.metrics[0], question.scope
    names = [name for name in metric.dimensions if not any(scope.hides(*each) for each in part.dimensions[name].columns)]
    leg = leg_of(part, names, question, question.periods, scope.access(metric))
    leg.add("m1", part)
    return Writer(Plan(question, (leg,), {}), dialect, Parameters(), held), leg, _columns(part, leg, scope)


def _columns(part: Part, leg: Leg, scope: Scope) -> tuple[RowColumn, ...]:
    """Each column once, none that is personal or hidden, and none whose type no question can read."""
    found: dict[tuple[str, str], RowColumn] = {}
    taken: set[str] = set()

    def add(table: str, column: str, column_type: ColumnType, role: str, name: str, label: str | None = None) -> None:
        if (table, column) in found or column_type.kind == "other" or scope.hides(table, column):
            return
        name = unused(f"{table_of(table).rpartition('.')[2]}_{name}", taken) if name in taken else name
        taken.add(name)
        shown = label or label_of(name)
        found[table, column] = RowColumn(name, shown, value_type(column_type), column_type, role, table, column)

    own = part.entity
    for name in own.primary_key or own.business_key:
        key = own.columns[name]
        if key.pii is None:
            add(own.qualified, name, key.type, "key", name)
    if part.time:
        add(part.time.table, part.time.name, part.time.type, "time", part.time.name)
    for each in part.alive or ():
        add(own.qualified, each.name, each.type, "time", each.name)
    if part.keep:
        add(own.qualified, part.keep.by.name, part.keep.by.type, "time", part.keep.by.name)
        for each in part.keep.for_each:
            add(own.qualified, each.name, each.type, "key", each.name)
    for source, each in part.per.columns if part.per else ():
        add(source, each.name, each.type, "key", each.name)
    if part.conversion and part.time:
        for source, each in part.conversion.events[0].keys:
            add(source, each.name, each.type, "key", each.name)
        if part.conversion.cohorts:
            add(own.qualified, TOOK, ColumnType("bigint", "bigint"), "measure", "events", "Events in the bucket")
        else:
            unit = "days" if part.time.type.kind == "date" else "seconds"
            told = f"Followed after ({unit})"
            add(own.qualified, TOOK, took_type(part.time.type.kind), "measure", f"followed_after_{unit}", told)
    # A column in a role is called as its dimension, also where an expression reads it.
    for name, dimension in sorted(leg.dimensions.items(), key=lambda each: not each[1].by):
        if dimension.column:
            add(dimension.table, dimension.column.name, dimension.column.type, "dimension", name, dimension.label)
            continue
        text = dimension.written or dimension.text
        add(dimension.table, text, dimension.column_type, "dimension", name, dimension.label)
        found[dimension.table, text] = replace(found[dimension.table, text], calculated=dimension)
        for (table, column), column_type in dimension.columns.items():
            add(table, column, column_type, "dimension", column)
    # What formulas may read has no personal column: the catalog refuses a definition with one.
    conditions = (part.filter, *(each.formula for each in leg.segments))
    for role, formula in (*(("filter", each) for each in conditions), ("measure", part.measure)):
        for (table, name), column_type in formula.columns.items() if formula else ():
            add(table, name, column_type, role, name)
    return tuple(found.values())


def _order(columns: tuple[RowColumn, ...]) -> list[tuple[RowColumn, bool]]:
    """Newest first, then by key, so that the same rows come in the same order; (column, descending)."""
    return [
        *((each, True) for each in columns if each.role == "time"),
        *((each, False) for each in columns if each.role == "key"),
    ]


def _read(writer: Writer, leg: Leg, column: RowColumn) -> exp.Expr:
    if column.calculated:
        return writer.dimension(leg, column.calculated)
    if column.column == TOOK:
        return writer.of_stream(leg, RETURNED)
    return writer.read(leg, column.table, column.column, column.column_type)


def _judged(
    select: exp.Select, writer: Writer, columns: tuple[RowColumn, ...], question: Question, policy: Policy, held: Held
) -> RowsStatement:
    select = with_those(select, question, writer.dialect, writer.parameters, held)
    text = select.sql(dialect=engine_of(writer.dialect).reading.sqlglot)
    verdict = judge(text, writer.dialect, policy, lists_in(writer.parameters.sources, writer.dialect))
    if verdict.safe is None:
        raise SafetyViolation(
            f"The rows behind {question.metrics[0].metric_id} were refused: {verdict.violations[0].message}",
            violations=[
                {"code": each.code, "message": each.message, "line": each.line, "column": each.column}
                for each in verdict.violations
            ],
            sql=text,
        )
    return RowsStatement(verdict.safe, tuple(writer.parameters.sources), columns)

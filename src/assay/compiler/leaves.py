"""What stands at the ends of a statement's tree: columns, parameters, and whole formulas of the catalog over one leg."""

from collections.abc import Callable
from datetime import timedelta

from sqlglot import exp

from assay.catalog.buckets import Grain
from assay.catalog.calendars import Periods, Week
from assay.catalog.conversion import TOOK, took_type
from assay.catalog.dictionary import Column
from assay.catalog.formula import Formula, infer
from assay.catalog.metric import Dimension, InGrain, Part, TimeColumn
from assay.catalog.parameters import PARAM, Parameter
from assay.catalog.per import PER
from assay.catalog.row_filter import USER
from assay.catalog.types import ColumnType, HeldType
from assay.compiler import dialect as pin
from assay.compiler.functions import of_known_time
from assay.compiler.held import Held, Role, cast_after, cast_before
from assay.compiler.logic import case_of
from assay.compiler.pinned import pinned
from assay.compiler.plan import Leg, Parameters, Plan, Source
from assay.engine import Dialect, engine_of
from assay.errors import BadQuestion
from assay.gate.lists import periods_name
from assay.gate.names import identifier

EACH = "each"
"""The subquery of what is calculated for each of something first."""
STREAM, ENDED = "stream", "_ended"
"""The subquery of events with what follows them, and its column of when the last of these is."""
Restricted = Callable[[exp.Expr, exp.Expr | None], exp.Expr]
"""(aggregate, the condition of its own FILTER) -> the aggregate over the rows that count."""


class Leaves:
    def __init__(self, plan: Plan, dialect: Dialect, parameters: Parameters, held: Held) -> None:
        self.held = held
        self.plan = plan
        self.dialect: Dialect = dialect
        self.spelling = engine_of(dialect).spelling
        self.parameters = parameters
        self.question = plan.question

    def dimension(self, leg: Leg, asked: Dimension) -> exp.Expr:
        return self.value_of(leg.dimensions[asked.name], leg)

    def value_of(self, own: Dimension, leg: Leg) -> exp.Expr:
        if own.column:
            return self.read(leg, own.table, own.column.name, own.column.type)
        if own.of_time:
            return pin.calculated_as(self.part_of_time(own.of_time, leg), own.column_type)
        if own.in_grain:
            return pin.calculated_as(self.in_grain(own, own.in_grain, leg), own.column_type)
        assert own.formula
        return pin.calculated_as(self.formula(own.formula, leg), own.column_type)

    def part_of_time(self, part: str, leg: Leg) -> exp.Expr:
        assert leg.time
        time, kind = self.column(leg, leg.time.table, leg.time.name), leg.time.type.kind
        wall = self.wall(leg, time.copy(), kind)
        match part:
            case "weekday":
                found = self.spelling.weekday(wall)
            case "day_of_year":
                first, day = (self.spelling.first_day(wall.copy(), unit) for unit in ("year", "day"))
                found = exp.Add(this=self.spelling.days_between(first, day), expression=exp.Literal.number(1))
            case _:
                found = exp.Extract(this=exp.var(part.upper()), expression=wall)
        return of_known_time(time, kind, found)

    def in_grain(self, own: Dimension, meant: InGrain, leg: Leg) -> exp.Expr:
        """The first day of the bucket in which the time lies; none where it has none, or no period has its day."""
        if isinstance(meant.grain, Periods):
            return exp.column("time", table=self.all_periods(own, meant.grain))
        time, kind, wall = self.time_of(meant, leg)
        return of_known_time(time, kind, self.begun(wall, meant.grain))

    def time_of(self, meant: InGrain, leg: Leg) -> tuple[exp.Expr, str, exp.Expr]:
        """What is cut to a grain: as it is held, its kind, and on the clock of the workspace."""
        if meant.base:
            time = self.value_of(meant.base, leg)
            return time, meant.base.column_type.kind, time.copy()
        assert leg.time
        time, kind = self.column(leg, leg.time.table, leg.time.name), leg.time.type.kind
        return time, kind, self.wall(leg, time.copy(), kind)

    def begun(self, clock: exp.Expr, grain: Grain) -> exp.Expr:
        """The first day of the bucket of a grain that is calculated."""
        if isinstance(grain, Week) and (ahead := timedelta(days=-grain.starts % 7)):
            # The week from Monday in which the day lies so much later begins so much later.
            return self.spelling.first_day(self.spelling.moved(self.spelling.first_day(
                self.spelling.moved(clock, ahead), grain), -ahead), "day")  # fmt: skip
        return self.spelling.first_day(clock, grain)

    def all_periods(self, own: Dimension, periods: Periods) -> str:
        """The list of all periods, in which the times of a dimension are looked up."""
        return self.listed(("all periods", str(periods), own.text), "dimensions")

    def listed(self, source: tuple[object, ...], field: str) -> str:
        if self.spelling.unnested is None:
            raise BadQuestion(f"{self.dialect} reads no lists, and periods of the workspace's own need one", field=field)
        return periods_name(self.parameters.index(source))

    def wall(self, leg: Leg, time: exp.Expr, kind: str) -> exp.Expr:
        """A row's time on the clock of the workspace, whichever period it lies in.

        Of an input that looks back it is that of the day on which it counts.
        """
        if leg.shift:
            of_input = kind, leg.shift, leg.periods[0]
            moved, source = self.question.counted[of_input], ("counted", of_input)
        elif kind == "timestamp":
            moved, source = self.question.turns, ("turn", ())
        else:
            return time
        cases: list[tuple[exp.Expr | None, exp.Expr]] = []
        for number, each in enumerate(moved):
            until = (source[0], number, *source[1])
            before = exp.LT(this=time.copy(), expression=self.parameter(until)) if each.until else None
            cases.append((before, self.spelling.moved(self.spelling.utc_clock(time.copy(), kind), each.by)))
        return case_of(cases)

    def formula(self, formula: Formula, leg: Leg) -> exp.Expr:
        """A formula of rows with this leg's aliases; its text literals travel as parameters."""
        return pinned(formula.tree.copy(), self.spelling, FormulaReader(self, leg, _as_it_is, None))

    def read(self, leg: Leg, table: str, name: str, declared: ColumnType, role: Role = "value") -> exp.Expr:
        """A column for what is done with it, cast where the engine's own type would give another value."""
        column = self.column(leg, table, name)
        held = self.held.type_of(table, name, declared)
        return pin.read_as(column, declared) if cast_before(declared, held, role) else column

    def column(self, leg: Leg, table: str, name: str) -> exp.Expr:
        return exp.column(identifier(name), table=identifier(leg.aliases[table]))

    def edge(self, edge: str, leg: Leg, beside: Column | TimeColumn) -> exp.Expr:
        return self.parameter(source_of_edge(edge, leg, beside))

    def of_user(self, node: exp.Column) -> exp.Expr:
        """A value of whoever asks. Whole numbers are made as wide as they may be, whatever they are compared with."""
        kind = node.meta["column_type"].kind
        value = self.parameter(("user", node.name, node.meta["position"], kind))
        return exp.cast(value, "bigint", copy=False) if kind == "bigint" else value

    def of_parameter(self, node: exp.Column) -> exp.Expr:
        """A parameter of the metric, in its one type whatever it is calculated or compared with."""
        meant: Parameter = node.meta["parameter"]
        name = "text" if meant.kind == "string" else meant.type.text
        return exp.cast(self.parameter(("parameter", meant)), name, copy=False)

    def of_stream(self, leg: Leg, name: str) -> exp.Expr:
        """What is told of a row by the events that follow it."""
        assert leg.conversion
        return exp.column(f"_{name}", table=STREAM) if leg.conversion.cohorts else self.took(leg)

    def took(self, leg: Leg) -> exp.Expr:
        """How long it took until a row was followed; nothing where it was not, or not in time."""
        assert leg.conversion and leg.time
        kind = leg.time.type.kind
        begun, ended = self.column(leg, leg.time.table, leg.time.name), exp.column(ENDED, table=STREAM)
        between = self.spelling.days_between if kind == "date" else self.spelling.seconds_between
        took, within = between(begun, ended), leg.conversion.within
        if within is None:
            return pin.calculated_as(took, took_type(kind))
        limit = within // timedelta(days=1) if kind == "date" else within // timedelta(seconds=1)
        in_time = exp.LT(this=took.copy(), expression=exp.Literal.number(limit))
        return exp.Case(ifs=[exp.If(this=in_time, true=pin.calculated_as(took, took_type(kind)))])

    def literal(self, node: exp.Expr) -> exp.Expr:
        moment = node.meta.get("moment")
        if moment is None:
            return self.parameter(("literal", node.this))
        is_wall = node.meta["family"] == "timestamp" and moment.tzinfo is None
        return self.parameter(("wall" if is_wall else "literal", moment))

    def parameter(self, source: tuple[object, ...]) -> exp.Expr:
        return self.spelling.placeholder(self.parameters.index(source))


class FormulaReader:
    """The parts of one formula as they stand in one leg."""

    def __init__(
        self, writer: Leaves, leg: Leg, restricted: Restricted, part: Part | None, *, may_be_empty: bool = False
    ) -> None:
        """`may_be_empty`: whether the aggregates of the part may find no row at all."""
        self._part = part
        self._may_be_empty = may_be_empty
        self._writer = writer
        self._leg = leg
        self._restricted = restricted
        self._is_wider = False
        """Whether the aggregate at hand looks at a column that is wider than the dictionary says."""

    def held(self, node: exp.Column) -> HeldType:
        return self._writer.held.type_of(node.table, node.name, node.meta["column_type"])

    def column(self, node: exp.Column, role: Role) -> exp.Expr:
        if node.table == USER:
            return self._writer.of_user(node)
        if node.table == PARAM:
            return self._writer.of_parameter(node)
        if node.table == TOOK:
            return self._writer.of_stream(self._leg, node.name)
        if node.table == PER:
            assert self._part
            return exp.column(self._leg.of_each[node.name, self._part.empty], table=EACH)
        declared: ColumnType = node.meta["column_type"]
        self._is_wider |= cast_after(declared, self.held(node), role)
        return self._writer.read(self._leg, node.table, node.name, declared, role)

    def text(self, node: exp.Expr) -> exp.Expr:
        return self._writer.literal(node)

    def restricted(self, aggregate: exp.Expr, further: exp.Expr | None) -> exp.Expr:
        return self._restricted(aggregate, further)

    def settled(self, node: exp.Expr, aggregate: exp.Expr, further: exp.Expr | None) -> exp.Expr:
        is_wider, self._is_wider = self._is_wider, False
        given = infer(node)
        if is_wider and given.is_number and not isinstance(node, exp.Count):
            aggregate = pin.result_as(aggregate, given.kind, given.scale)
        if self._part is None or not (self._may_be_empty or further is not None):
            return aggregate
        return pin.over_no_rows(node, aggregate, self._part.empty, lambda count: self.restricted(count, further))


def source_of_edge(edge: str, leg: Leg, beside: Column | TimeColumn) -> Source:
    """Where the value of an edge comes from, as the rows of the leg meet it beside a column."""
    if leg.frame and (edge.endswith("start") or leg.frame.ends_early):
        return edge, beside.type.kind, leg.shift, leg.frame
    return (edge, beside.type.kind, leg.shift) if leg.shift else (edge, beside.type.kind)


def _as_it_is(aggregate: exp.Expr, _: exp.Expr | None) -> exp.Expr:
    return aggregate

"""The tree: a plan written as one sqlglot SELECT. No SQL text is put together anywhere.

One leg becomes one SELECT. Several legs become one CTE each; their rows are stacked with UNION ALL,
and the outer SELECT brings the rows of one group together.
"""

from collections.abc import Callable, Iterable, Sequence

from sqlglot import exp

from assay.catalog.dictionary import Column
from assay.catalog.formula import Formula, infer
from assay.catalog.metric import Dimension, Part
from assay.catalog.moments import Beyond
from assay.catalog.types import ColumnType, HeldType
from assay.compiler import dialect as pin
from assay.compiler.functions import like
from assay.compiler.held import ORDERINGS, Held, Place, Role, cast_after, cast_before, filtered_as, placed, sides_of
from assay.compiler.pinned import pinned
from assay.compiler.plan import Leg, Parameters, Plan, Source
from assay.compiler.question import DEFAULT_LIMIT, LOOKING, MAX_LIMIT, Filter, Period
from assay.compiler.values import Value
from assay.engine import Dialect, engine_of
from assay.gate.names import identifier, table_as

_COMPARISONS: dict[str, type[exp.Expr]] = {
    "eq": exp.EQ, "ne": exp.NEQ, "gt": exp.GT, "gte": exp.GTE, "lt": exp.LT, "lte": exp.LTE,
}  # fmt: skip

Key = tuple[str, exp.Expr, bool]
"""(name, expression, whether it is text)"""
Named = tuple[str, exp.Expr]
Restricted = Callable[[exp.Expr, exp.Expr | None], exp.Expr]
"""(aggregate, the condition of its own FILTER) -> the aggregate over the rows that count."""
Cell = tuple[str, Period]
"""(name of a part's column, period)"""


def build(plan: Plan, dialect: Dialect, parameters: Parameters, held: Held) -> exp.Select:
    """The statement for a plan; fills `parameters` in order of first use."""
    writer = Writer(plan, dialect, parameters, held)
    return writer.one_leg(plan.legs[0]) if len(plan.legs) == 1 else writer.many_legs()


def build_cube(
    plan: Plan, dialect: Dialect, parameters: Parameters, sets: Sequence[Sequence[str]], held: Held, *, in_aggregates: bool
) -> exp.Select:
    """One pass over a plan of one leg, grouped in several ways at once; `cube_flag` says of which way a row is.

    `in_aggregates`: not the metric's values but the aggregates that they are calculated from, each once.
    """
    return Writer(plan, dialect, parameters, held).cube(plan.legs[0], sets, in_aggregates=in_aggregates)


def cube_flag(number: int) -> str:
    """The column that is 1 where key `number` does not group the row. No dimension can be called so."""
    return f"_without_{number}"


class Writer:
    def __init__(self, plan: Plan, dialect: Dialect, parameters: Parameters, held: Held) -> None:
        self.held = held
        self.plan = plan
        self.dialect: Dialect = dialect
        self.spelling = engine_of(dialect).spelling
        self.parameters = parameters
        self.question = plan.question

    # -- the two forms --------------------------------------------------------------------------

    def one_leg(self, leg: Leg) -> exp.Select:
        keys = self.keys(leg)
        parts: dict[Cell, exp.Expr] = {
            (name, period): self.aggregate(part, leg, period) for name, part in leg.parts.items() for period in leg.periods
        }
        values = self.values(parts)
        return self.finished(self.select_from(leg, keys, values), keys, values)

    def cube(self, leg: Leg, sets: Sequence[Sequence[str]], *, in_aggregates: bool) -> exp.Select:
        keys = self.keys(leg)
        trees = {name: tree for name, tree, _ in keys}
        flags: list[Named] = [
            (cube_flag(number), exp.Grouping(expressions=[tree.copy()])) for number, (_, tree, _) in enumerate(keys)
        ]
        parts: dict[Cell, exp.Expr] = {
            (name, "current"): self.aggregate(part, leg, "current") for name, part in leg.parts.items()
        }
        values = _aggregates(parts.values()) if in_aggregates else self.values(parts)
        select = self.select_from(leg, [], [*_unmarked(keys), *flags, *values])
        grouped = [exp.Tuple(expressions=[trees[name].copy() for name in each]) for each in sets]
        select.set("group", exp.Group(expressions=[exp.GroupingSets(expressions=grouped)]))
        return select.limit(MAX_LIMIT + 1, copy=False)

    def many_legs(self) -> exp.Select:
        parts = self.plan.parts
        cells: list[Cell] = [(name, period) for name in parts for period in self.question.periods]
        key_names = self.question.key_columns()
        marks = {
            (name, period): _mark(number) for number, leg in enumerate(self.plan.legs, 1)
            for name, part in leg.parts.items() for period in leg.periods
            if key_names and part.over_no_rows is not None and not _only_counts(part.measure.tree)
        }  # fmt: skip
        stacked: exp.Query | None = None
        ctes: list[exp.CTE] = []
        for number, leg in enumerate(self.plan.legs, 1):
            own = [
                (_cell_name(name, period), self.aggregate(part, leg, period))
                for name, part in leg.parts.items()
                for period in leg.periods
            ]
            select = self.select_from(leg, self.keys(leg), own)
            ctes.append(exp.CTE(this=select, alias=exp.TableAlias(this=exp.to_identifier(f"leg{number}"))))
            row = exp.select(*[exp.column(identifier(name)) for name in key_names]).from_(f"leg{number}", copy=False)
            for name, period in cells:
                is_own = name in leg.parts and period in leg.periods
                value = exp.column(_cell_name(name, period)) if is_own else _null_like(parts[name])
                row = row.select(_named(value, _cell_name(name, period)), copy=False)
            for marked in dict.fromkeys(marks.values()):
                is_here = exp.Literal.number(1) if marked == _mark(number) else exp.cast(exp.null(), "int", copy=False)
                row = row.select(_named(is_here, marked), copy=False)
            stacked = row if stacked is None else exp.union(stacked, row, distinct=False, copy=False)
        assert stacked is not None
        keys: list[Key] = [
            (name, exp.column(identifier(name), table="u"), is_text) for name, _, is_text in self.keys(self.plan.legs[0])
        ]
        values = self.values({
            (name, period): _gathered(parts[name], _cell_name(name, period), marks.get((name, period)),
                                      is_total=not key_names)
            for name, period in cells
        })  # fmt: skip
        select = exp.Select(expressions=[_named(tree, name) for name, tree in [*_unmarked(keys), *values]])
        select = select.from_(exp.Subquery(this=stacked, alias=exp.TableAlias(this=exp.to_identifier("u"))), copy=False)
        select.set("with_", exp.With(expressions=ctes))
        return self.finished(_grouped(select, keys), keys, values)

    def select_from(self, leg: Leg, keys: list[Key], values: list[Named]) -> exp.Select:
        """The leg's table with its joins, the rows that count in any period, grouped by the keys."""
        select = exp.Select(expressions=[_named(tree, name) for name, tree in [*_unmarked(keys), *values]])
        select = select.from_(table_as(leg.entity.qualified, leg.aliases[leg.entity.qualified]), copy=False)
        for join in leg.joins:
            on = _all(*[
                exp.EQ(this=self.column(leg, join.from_table, left), expression=self.column(leg, join.to_table, right))
                for left, right in zip(join.from_columns, join.to_columns, strict=True)
            ])  # fmt: skip
            select = select.join(table_as(join.to_table, leg.aliases[join.to_table]), on=on, join_type="left", copy=False)
        conditions = self.where(leg)
        if conditions:
            select = select.where(*conditions, copy=False)
        return _grouped(select, keys)

    def finished(self, select: exp.Select, keys: list[Key], values: list[Named]) -> exp.Select:
        """Ordered to the last tie and bounded."""
        if not keys:
            return select.limit(1, copy=False)
        asked = [(each.by, each.descending) for each in self.question.order]
        if not asked:
            asked = [("time", False)] if self.question.grain else [(values[0][0], True)]
        asked += [(name, False) for name, _, _ in keys if name not in {by for by, _ in asked}]
        texts = {name: tree for name, tree, is_text in keys if is_text}
        for by, descending in asked:
            # Where text is given a collation, the key itself must stand there, not its alias.
            as_key = by in texts and self.spelling.text_collation is not None
            tree = texts[by].copy() if as_key else exp.column(identifier(by))
            select = select.order_by(self.spelling.ordered(tree, descending, by in texts), copy=False)
        # A series is cut only once its empty buckets are in it.
        limit = self.question.limit and (MAX_LIMIT + 1 if self.question.grain else self.question.limit)
        return select.limit(limit or DEFAULT_LIMIT + 1, copy=False)

    # -- keys -----------------------------------------------------------------------------------

    def keys(self, leg: Leg) -> list[Key]:
        """The time bucket and the dimensions."""
        found: list[Key] = [("time", self.bucket(leg), False)] if self.question.grain else []
        for each in self.question.dimensions:
            found.append((each.name, self.dimension(leg, each), each.type.kind == "string"))
        return found

    def dimension(self, leg: Leg, asked: Dimension) -> exp.Expr:
        own = leg.dimensions[asked.name]
        return self.read(leg, own.table, own.column.name, own.column.type)

    def bucket(self, leg: Leg) -> exp.Expr:
        """The bucket of a row: a first day, or the start of an hour on the clock of UTC.

        The row's time is moved to the clock by which its bucket is cut off, and onto the current window's buckets where it
        is of the one before.
        """
        question = self.question
        assert leg.time and question.grain
        time = self.column(leg, leg.entity.qualified, leg.time.name)
        kind = leg.time.type.kind
        cases: list[tuple[exp.Expr | None, exp.Expr]] = []
        of_input = (leg.shift, leg.periods[0]) if leg.shift else ()
        moved = question.shifted[(kind, *of_input)] if of_input else question.shifts[kind]
        for number, shift in enumerate(moved):
            before = None
            if shift.until:
                is_edge = shift.is_start and not of_input
                until = self.edge("start", leg, leg.time) if is_edge else self.parameter(("until", number, kind, *of_input))
                before = exp.LT(this=time.copy(), expression=until)
            cases.append((before, self.spelling.moved(self.spelling.utc_clock(time.copy(), kind), shift.by)))
        clock = _case(cases)
        return self.hour(clock) if question.grain == "hour" else self.spelling.first_day(clock, question.grain)

    def hour(self, clock: exp.Expr) -> exp.Expr:
        """The start of the hour in which a row lies; where the clocks change in the midst of one, that is a start too."""
        floors = self.question.floors
        marks = [None if since is None else self.parameter(("floor", number)) for number, (since, _) in enumerate(floors)]
        starts = [self.spelling.hour(clock.copy(), beside) for _, beside in floors]
        for number, mark in enumerate(marks):
            if mark is not None:
                starts[number] = exp.Greatest(this=starts[number], expressions=[mark.copy()])
        ends = [None if mark is None else exp.LT(this=clock.copy(), expression=mark.copy()) for mark in [*marks[1:], None]]
        return _case(list(zip(ends, starts, strict=True)))

    # -- values ---------------------------------------------------------------------------------

    def values(self, parts: dict[Cell, exp.Expr]) -> list[Named]:
        return [
            (name, self.arithmetic(self.plan.values[metric.metric_id], period, parts))
            for name, metric, period in self.question.value_columns()
        ]

    def arithmetic(self, tree: exp.Expr, period: Period, parts: dict[Cell, exp.Expr]) -> exp.Expr:
        """A metric's arithmetic with its parts filled in; anything but a lone part is calculated on doubles."""
        if isinstance(tree, exp.Column):
            return parts[tree.name, period].copy()

        def filled(node: exp.Expr) -> exp.Expr:
            match node:
                case exp.Column():
                    return pin.double(parts[node.name, period].copy())
                case exp.Literal():
                    return pin.double(node.copy())
                case exp.Paren() | exp.Neg():
                    return type(node)(this=filled(node.this))
                case exp.Div():
                    return pin.quotient(filled(node.this), filled(node.expression))
                case _:
                    return type(node)(this=filled(node.this), expression=filled(node.expression))

        return filled(tree)

    def aggregate(self, part: Part, leg: Leg, period: Period) -> exp.Expr:
        """The part's measure, each aggregate restricted to the period and to the part's own rows."""
        conditions: list[exp.Expr] = []
        # Where all parts of the leg share one filter it stands in WHERE, and need not be said again.
        if part.filter and len(leg.filters) != 1:
            conditions.append(self.formula(part.filter, leg))
        if len(leg.periods) > 1:
            conditions += self.counts(leg, period)

        def restricted(aggregate: exp.Expr, further: exp.Expr | None) -> exp.Expr:
            those = [*conditions, further] if further is not None else conditions
            if not those:
                return aggregate
            where = _all(*[each.copy() for each in those])
            return exp.Filter(this=aggregate, expression=exp.Where(this=where))

        # A group has a row, or it would not be there; a total may have none, nor may what a FILTER leaves of a group.
        may_be_empty = bool(conditions) or not self.question.key_columns()
        reader = _FormulaReader(self, leg, restricted, part, may_be_empty=may_be_empty)
        tree = pinned(part.measure.tree.copy(), self.spelling, reader)
        return tree.this if isinstance(tree, exp.Paren) else tree

    def formula(self, formula: Formula, leg: Leg) -> exp.Expr:
        """A condition of the catalog with this leg's aliases; its text literals travel as parameters."""
        return pinned(formula.tree.copy(), self.spelling, _FormulaReader(self, leg, _as_it_is, None))

    # -- conditions -----------------------------------------------------------------------------

    def where(self, leg: Leg) -> list[exp.Expr]:
        """Which rows count for any part in any period, and pass the question's filters."""
        found: list[exp.Expr] = []
        if leg.filters:
            found.append(_any(*[self.formula(each, leg) for each in leg.filters]))
        asked = [self.filtered(index, each, leg) for index, each in enumerate(self.question.every_filter)]
        own, groups = self.question.in_groups(asked)
        found += own
        if groups:
            found.append(_any(*[_all(*group) for group in groups]))
        during = [condition for period in leg.periods for condition in self.counts(leg, period)]
        if during:
            found.append(_any(*during))
        return found

    def counts(self, leg: Leg, period: Period) -> list[exp.Expr]:
        """When a row of the leg counts in a period, as one condition; none where every row counts always."""
        prefix = "previous_" if period == "previous" else ""
        table = leg.entity.qualified
        if leg.time:
            time = self.column(leg, table, leg.time.name)
            return [_all(
                exp.GTE(this=time, expression=self.edge(f"{prefix}start", leg, leg.time)),
                exp.LT(this=time.copy(), expression=self.edge(f"{prefix}end", leg, leg.time)),
            )]  # fmt: skip
        if leg.alive:
            begun, ended = leg.alive
            until = self.column(leg, table, ended.name)
            return [_all(
                exp.LT(this=self.column(leg, table, begun.name), expression=self.edge(f"{prefix}as_of", leg, begun)),
                _any(
                    exp.Is(this=until, expression=exp.null()),
                    exp.GTE(this=until.copy(), expression=self.edge(f"{prefix}as_of", leg, ended)),
                ),
            )]  # fmt: skip
        return []

    def filtered(self, index: int, asked: Filter, leg: Leg) -> exp.Expr:
        if asked.op.removeprefix("not_") in LOOKING:
            return self.searched(index, asked, leg)
        own = leg.dimensions[asked.dimension.name]
        held = self.held.type_of(own.table, own.column.name, own.column.type)
        compared = filtered_as(own.column.type, held)
        bare = self.column(leg, own.table, own.column.name)
        column = bare if compared is held else self.dimension(leg, asked.dimension)
        places: list[Place] = [self.place(value, compared, asked.op) if compared else "fits" for value in asked.values]
        values = [
            self.filter_value(("filter", index, position, own.column.type.kind, compared), place)
            for position, place in enumerate(places) if place in ("fits", "double")
        ]  # fmt: skip
        found = self.compared(asked, column, values, places)
        bounds = [
            (exp.GTE if side == "low" else exp.LTE)(
                this=bare.copy(), expression=self.parameter(("bound", index, own.column.type.meant, side))
            )
            for side in (sides_of(asked, own.column.type, held) if values else ())
        ]
        return _all(*bounds, found) if bounds else found

    def searched(self, index: int, asked: Filter, leg: Leg) -> exp.Expr:
        """A part of a text; what does not have it keeps the rows without a value, as people mean it."""
        column = self.dimension(leg, asked.dimension)
        found = like(column, self.parameter(("looked for", index)), is_escaped=True)
        if not asked.op.startswith("not_"):
            return found
        return _any(_not(exp.paren(found, copy=False)), exp.Is(this=column.copy(), expression=exp.null()))

    def compared(self, asked: Filter, column: exp.Expr, values: list[exp.Expr], places: list[Place]) -> exp.Expr:
        empty = exp.Is(this=column.copy(), expression=exp.null())
        match asked.op:
            case "is_null":
                return empty
            case "is_not_null":
                return _not(empty)
            case "in":
                return exp.In(this=column, expressions=values) if values else exp.false()
            case "not_in":
                # Rows without a value are not among the values; SQL's own NOT IN would drop them.
                return _any(_not(exp.In(this=column, expressions=values)), empty) if values else exp.true()
            case "ne":
                return _any(exp.NEQ(this=column, expression=values[0]), empty) if values else exp.true()
            case op if values:
                return _COMPARISONS[op](this=column, expression=values[0])
            case op:
                # What the column cannot hold equals no row, and every row that has a value lies on one side of it.
                has_all = (places[0], op[:2]) in (("above", "lt"), ("below", "gt"))
                return _not(empty) if has_all else exp.false()

    def place(self, value: Value, held: HeldType, op: str) -> Place:
        place, _ = placed(value, held, op)
        if place != "outside":
            return place
        is_time = isinstance(value, Beyond)
        if self.spelling.has_infinite_times if is_time else self.spelling.has_decimal_nan:
            return "fits"
        return "nowhere" if op not in ORDERINGS else "below" if is_time and value.is_early else "above"

    def filter_value(self, source: Source, place: str) -> exp.Expr:
        value = self.parameter(source)
        return pin.double(value) if place == "double" else value

    # -- leaves ---------------------------------------------------------------------------------

    def read(self, leg: Leg, table: str, name: str, declared: ColumnType, role: Role = "value") -> exp.Expr:
        """A column for what is done with it, cast where the engine's own type would give another value."""
        column = self.column(leg, table, name)
        held = self.held.type_of(table, name, declared)
        return pin.read_as(column, declared) if cast_before(declared, held, role) else column

    def column(self, leg: Leg, table: str, name: str) -> exp.Expr:
        return exp.column(identifier(name), table=identifier(leg.aliases[table]))

    def edge(self, edge: str, leg: Leg, beside: Column) -> exp.Expr:
        return self.parameter((edge, beside.type.kind, leg.shift) if leg.shift else (edge, beside.type.kind))

    def literal(self, node: exp.Expr) -> exp.Expr:
        moment = node.meta.get("moment")
        if moment is None:
            return self.parameter(("literal", node.this))
        is_wall = node.meta["family"] == "timestamp" and moment.tzinfo is None
        return self.parameter(("wall" if is_wall else "literal", moment))

    def parameter(self, source: tuple[object, ...]) -> exp.Expr:
        return self.spelling.placeholder(self.parameters.index(source))


class _FormulaReader:
    """The parts of one formula as they stand in one leg."""

    def __init__(
        self, writer: Writer, leg: Leg, restricted: Restricted, part: Part | None, *, may_be_empty: bool = False
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


def _aggregates(values: Iterable[exp.Expr]) -> list[Named]:
    """Every aggregate in these values, with its FILTER, each once."""
    found: dict[str, exp.Expr] = {}
    for value in values:
        for node in value.find_all(exp.Sum, exp.Count, exp.Min, exp.Max):
            whole = node.parent if isinstance(node.parent, exp.Filter) else node
            found.setdefault(whole.sql(), whole.copy())
    return [(f"_aggregate_{number}", tree) for number, tree in enumerate(found.values())]


def _case(cases: Sequence[tuple[exp.Expr | None, exp.Expr]]) -> exp.Expr:
    """The value of the first condition that holds; that of the last one, which has none, where no other does."""
    *conditional, (_, default) = cases
    if not conditional:
        return default
    return exp.Case(ifs=[exp.If(this=condition, true=value) for condition, value in conditional], default=default)


def _as_it_is(aggregate: exp.Expr, _: exp.Expr | None) -> exp.Expr:
    return aggregate


def _cell_name(name: str, period: Period) -> str:
    """The column of a part's value in a leg."""
    return name if period == "current" else f"{name}_previous"


def _mark(number: int) -> str:
    """The column that says that a leg has a row for the group. No dimension can be called so."""
    return f"_leg{number}"


def _only_counts(node: exp.Expr) -> bool:
    """Whether a measure is never NULL where there is a row."""
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul)):
        return _only_counts(node.this) and _only_counts(node.expression)
    return isinstance(node, (exp.Count, exp.Literal)) or (
        isinstance(node, (exp.Paren, exp.Neg, exp.Filter)) and _only_counts(node.this)
    )


def _gathered(part: Part, cell: str, mark: str | None, *, is_total: bool) -> exp.Expr:
    """The value in the one row that the part's leg has for a group; what it is over no rows where it has none."""
    value = exp.Max(this=exp.column(cell, table="u"))
    if part.over_no_rows is None or is_total:
        return value
    empty = exp.Literal.number(f"{part.over_no_rows:f}")
    if mark is None:
        return exp.Coalesce(this=value, expressions=[empty])
    is_there = exp.Count(this=exp.column(identifier(mark), table="u"), big_int=True)
    return pin.where_none(is_there, empty, value)


def _null_like(part: Part) -> exp.Expr:
    """NULL of the type that the part has in its own leg: Postgres takes a bare NULL in a UNION for text."""
    value = part.measure.type
    if value.kind == "timestamp":
        is_wall = any(each.kind == "timestamp_ntz" for each in part.measure.columns.values())
        return exp.cast(exp.null(), "timestampntz" if is_wall else "timestamptz", copy=False)
    name = {"integer": "bigint", "decimal": f"decimal(38,{value.scale})"}.get(value.kind, value.kind)
    return exp.cast(exp.null(), name, copy=False)


def _unmarked(keys: list[Key]) -> list[Named]:
    return [(name, tree) for name, tree, _ in keys]


def _grouped(select: exp.Select, keys: list[Key]) -> exp.Select:
    numbers = [exp.Literal.number(number) for number in range(1, len(keys) + 1)]
    return select.group_by(*numbers, copy=False) if numbers else select


def _named(tree: exp.Expr, name: str) -> exp.Alias:
    return exp.Alias(this=tree, alias=identifier(name))


# sqlglot's own and_, or_ and not_ copy what they are given; what is given here was made for the purpose.
def _all(*conditions: exp.Expr) -> exp.Expr:
    return exp.and_(*conditions, copy=False)


def _any(*conditions: exp.Expr) -> exp.Expr:
    return exp.or_(*conditions, copy=False)


def _not(condition: exp.Expr) -> exp.Expr:
    return exp.not_(condition, copy=False)

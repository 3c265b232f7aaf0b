"""The tree: a plan written as one sqlglot SELECT. No SQL text is put together anywhere.

One leg becomes one SELECT. Several legs become one CTE each; their rows are stacked with UNION ALL,
and the outer SELECT brings the rows of one group together.
"""

from collections.abc import Sequence
from itertools import chain

from sqlglot import exp

from assay.catalog.formula import AGGREGATES
from assay.catalog.metric import Part
from assay.compiler import dialect as pin
from assay.compiler.asked import MAX_LIMIT
from assay.compiler.held import Held
from assay.compiler.keys import Key
from assay.compiler.passes import Named, Passes, aggregates_in, grouped, named, unmarked
from assay.compiler.plan import Leg, Parameters, Plan
from assay.compiler.resolved import Period
from assay.engine import Dialect
from assay.gate.names import identifier

Cell = tuple[str, Period]
"""(name of a part's column, period)"""


def build(plan: Plan, dialect: Dialect, parameters: Parameters, held: Held) -> exp.Select:
    """The statement for a plan; fills `parameters` in order of first use."""
    writer = Writer(plan, dialect, parameters, held)
    is_simple = len(plan.legs) == 1 and not plan.legs[0].averages
    return writer.one_leg(plan.legs[0]) if is_simple else writer.many_legs()


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


class Writer(Passes):
    # -- the two forms --------------------------------------------------------------------------

    def one_leg(self, leg: Leg) -> exp.Select:
        keys = self.keys(leg)
        parts: dict[Cell, exp.Expr] = {
            (name, period): self.aggregate(part, leg, period) for name, part in leg.parts.items() for period in leg.periods
        }
        counts = self.row_counts(leg)
        values = [*self.values(parts), *((name, counts[name]) for name in self.all_counts)]
        select, keys = self.passed(leg, keys, values)
        return self.finished(select, keys, values)

    def cube(self, leg: Leg, sets: Sequence[Sequence[str]], *, in_aggregates: bool) -> exp.Select:
        keys = self.keys(leg)
        trees = {name: tree for name, tree, _ in keys}
        flags: list[Named] = [
            (cube_flag(number), exp.Grouping(expressions=[tree.copy()])) for number, (_, tree, _) in enumerate(keys)
        ]
        parts: dict[Cell, exp.Expr] = {
            (name, "current"): self.aggregate(part, leg, "current") for name, part in leg.parts.items()
        }
        values = aggregates_in(parts.values()) if in_aggregates else self.values(parts)
        select = self.rows_of(leg, [*unmarked(keys), *flags, *values])
        grouped = [exp.Tuple(expressions=[trees[name].copy() for name in each]) for each in sets]
        select.set("group", exp.Group(expressions=[exp.GroupingSets(expressions=grouped)]))
        return self.completed(select, leg).limit(MAX_LIMIT + 1, copy=False)

    def many_legs(self) -> exp.Select:
        parts = self.plan.parts
        cells: list[Cell] = [(name, period) for name in parts for period in self.question.periods]
        key_names = self.question.key_columns()
        # Some engines know one list of CTEs in all, and each of its names once.
        prefix = f"{self.question.cut.name}_" if self.question.cut else ""
        marks = {
            (name, period): _mark(number) for number, leg in enumerate(self.plan.legs, 1)
            for name, part in leg.parts.items() for period in leg.periods
            if key_names and part.over_no_rows is not None and not _only_counts(part.measure.tree)
        }  # fmt: skip
        stacked: exp.Query | None = None
        ctes: list[exp.CTE] = []
        keys: list[Key] = []
        for number, leg in enumerate(self.plan.legs, 1):
            own = [
                (_cell_name(name, period), self.aggregate(part, leg, period))
                for name, part in leg.parts.items()
                for period in leg.periods
            ]
            counts = self.row_counts(leg)
            select, keys = self.passed(leg, self.keys(leg), [*own, *counts.items()])
            leg_name = f"{prefix}leg{number}"
            ctes.append(exp.CTE(this=select, alias=exp.TableAlias(this=exp.to_identifier(leg_name))))
            row = exp.select(*[exp.column(identifier(name)) for name in key_names]).from_(leg_name, copy=False)
            for name, period in cells:
                is_own = name in leg.parts and period in leg.periods
                value = exp.column(_cell_name(name, period)) if is_own else _null_like(parts[name])
                row = row.select(named(value, _cell_name(name, period)), copy=False)
            for name in self.all_counts:
                count = exp.column(identifier(name)) if name in counts else exp.cast(exp.null(), "bigint", copy=False)
                row = row.select(named(count, name), copy=False)
            for marked in dict.fromkeys(marks.values()):
                is_here = exp.Literal.number(1) if marked == _mark(number) else exp.cast(exp.null(), "int", copy=False)
                row = row.select(named(is_here, marked), copy=False)
            stacked = row if stacked is None else exp.union(stacked, row, distinct=False, copy=False)
        assert stacked is not None
        keys = [(name, exp.column(identifier(name), table="u"), is_text) for name, _, is_text in keys]
        values = self.values({
            (name, period): _gathered(parts[name], _cell_name(name, period), marks.get((name, period)),
                                      is_total=not key_names)
            for name, period in cells
        })  # fmt: skip
        values += [(name, exp.Max(this=exp.column(identifier(name), table="u"))) for name in self.all_counts]
        select = exp.Select(expressions=[named(tree, name) for name, tree in [*unmarked(keys), *values]])
        select = select.from_(exp.Subquery(this=stacked, alias=exp.TableAlias(this=exp.to_identifier("u"))), copy=False)
        select.set("with_", exp.With(expressions=ctes))
        return self.finished(grouped(select, len(keys)), keys, values)

    def finished(self, select: exp.Select, keys: list[Key], values: list[Named]) -> exp.Select:
        """The groups that are asked for, ordered to the last tie and bounded."""
        if self.question.cut:
            return select  # one pass of several: what is made of them is ordered
        if not keys:
            return select.limit(1, copy=False)
        for index, each in enumerate(self.question.having):
            select = select.having(self.having(index, each, dict(values)[each.by]), copy=False)
        if self.has_minimum:
            return select.limit(MAX_LIMIT + 1, copy=False)  # small groups are told among all of them
        asked = [(each.by, each.descending) for each in self.question.order]
        if not asked:
            asked = [("time", False)] if self.question.grain else [(values[0][0], True)]
        asked += [(name, False) for name, _, _ in keys if name not in {by for by, _ in asked}]
        texts = {name: tree for name, tree, is_text in keys if is_text}
        changes = {
            name: pin.change(*(dict(values)[each].copy() for each in of)) for name, of in self.question.changes().items()
        }
        for by, descending in asked:
            # Where text is given a collation, the key itself must stand there, not its alias.
            as_key = by in texts and self.spelling.text_collation is not None
            tree = texts[by].copy() if as_key else changes.get(by) or exp.column(identifier(by))
            select = select.order_by(self.spelling.ordered(tree, descending, by in texts), copy=False)
        # A series is cut only once its empty buckets are in it.
        limit = self.question.limit and (MAX_LIMIT + 1 if self.question.grain else self.question.limit)
        return select.limit(limit or self.question.most_rows + 1, copy=False)

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
        conditions = self.restriction(part, leg, period)
        # A group has a row, or it would not be there; a total may have none, nor may what a FILTER leaves of a group.
        may_be_empty = bool(conditions) or not self.question.key_columns()
        return self.measured(part.measure.tree, leg, part, conditions, may_be_empty=may_be_empty)

    def restriction(self, part: Part, leg: Leg, period: Period) -> list[exp.Expr]:
        """What rows of the leg have to meet beside its WHERE to count for the part in the period."""
        conditions: list[exp.Expr] = []
        # Where all parts of the leg share one filter it stands in WHERE, and need not be said again.
        if part.filter and len(leg.filters) != 1:
            conditions.append(self.formula(part.filter, leg))
        if len(leg.periods) > 1:
            conditions += self.counts(leg, period)
        return conditions

    # -- of how many rows -----------------------------------------------------------------------

    @property
    def has_minimum(self) -> bool:
        # Of one pass of several the rows are not counted: what is looked up in it is no figure.
        return self.question.scope.minimum > 0 and self.question.cut is None

    @property
    def all_counts(self) -> list[str]:
        return list(dict.fromkeys(chain.from_iterable(row_counts(self.plan)))) if self.has_minimum else []

    def row_counts(self, leg: Leg) -> dict[str, exp.Expr]:
        """Of how many rows each aggregate of the leg's parts is; nothing unless the scope has a minimum."""
        return {
            _count_name(name, period, number): self.measured(tree, leg, part, self.restriction(part, leg, period))
            for name, part in leg.parts.items() if self.has_minimum
            for period in leg.periods for number, tree in enumerate(_rows_of(part))
        }  # fmt: skip


def row_counts(plan: Plan) -> tuple[tuple[str, ...], ...]:
    """For each value column of the question, the columns that count the rows that it is of."""
    return tuple(
        tuple(dict.fromkeys(
            _count_name(column.name, period, number)
            for column in plan.values[metric.metric_id].find_all(exp.Column)
            for number in range(len(_rows_of(plan.parts[column.name])))
        ))
        for _, metric, period in plan.question.value_columns()
    )  # fmt: skip


def _rows_of(part: Part) -> list[exp.Expr]:
    """For each aggregate of the measure the count of what it is over, as far as there is a value.

    Of cohorts the count of their members: one of them is looked at in several buckets.
    """
    if part.conversion and part.conversion.cohorts:
        is_of_all = isinstance(part.measure.tree.this, exp.Star)
        return [(part.conversion.cohorts.members if is_of_all else part.conversion.cohorts.returned).tree]
    found: list[exp.Expr] = []
    for node in part.measure.tree.find_all(*AGGREGATES):
        filtered = node.parent if isinstance(node.parent, exp.Filter) else None
        for each in node.this.expressions if isinstance(node.this, exp.Distinct) else [node.this]:
            count: exp.Expr = exp.Count(this=each.copy(), big_int=True)
            if filtered is not None:
                count = exp.Filter(this=count, expression=filtered.expression.copy())
            found.append(count)
    return found


def _count_name(name: str, period: Period, number: int) -> str:
    """No dimension can be called so."""
    return f"_rows_{_cell_name(name, period)}_{number}"


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
    value = part.type
    if value.kind == "timestamp":
        is_wall = any(each.kind == "timestamp_ntz" for each in part.measure.columns.values())
        return exp.cast(exp.null(), "timestampntz" if is_wall else "timestamptz", copy=False)
    name = {"integer": "bigint", "decimal": f"decimal(38,{value.scale})"}.get(value.kind, value.kind)
    return exp.cast(exp.null(), name, copy=False)

"""The tree: a plan written as one sqlglot SELECT. No SQL text is put together anywhere."""

from zoneinfo import ZoneInfo

from sqlglot import exp

from assay.catalog.metric import Dimension, Metric, Part
from assay.catalog.windows import to_wall
from assay.compiler import dialect as pin
from assay.compiler.dialect import Dialect
from assay.compiler.plan import Leg, Parameters, Plan
from assay.compiler.question import DEFAULT_LIMIT, Filter, Question

_COMPARISONS: dict[str, type[exp.Expr]] = {
    "eq": exp.EQ, "ne": exp.NEQ, "gt": exp.GT, "gte": exp.GTE, "lt": exp.LT, "lte": exp.LTE,
}  # fmt: skip


Key = tuple[str, exp.Expr, bool]
"""(name, expression, whether it is text)"""


def build(plan: Plan, dialect: Dialect, parameters: Parameters) -> exp.Select:
    """The statement for a plan; fills `parameters` in order of first use."""
    writer = _Writer(plan, dialect, parameters)
    return writer.one_leg(plan.legs[0]) if len(plan.legs) == 1 else writer.many_legs()


def periods(question: Question) -> list[tuple[str, str]]:
    """(suffix of the value's column, prefix of its bounds) of the current and, where asked, the previous period."""
    return [("", "")] + ([("previous", "previous_")] if question.previous else [])


def value_name(question: Question, metric: Metric, period: str) -> str:
    """`value` and `previous` for one metric; `<id>` and `previous_<id>` for several."""
    if len(question.metrics) == 1:
        return period or "value"
    return f"{period}_{metric.metric_id}" if period else metric.metric_id


class _Writer:
    def __init__(self, plan: Plan, dialect: Dialect, parameters: Parameters) -> None:
        self.plan = plan
        self.dialect: Dialect = dialect
        self.parameters = parameters
        self.question = plan.question

    # -- one leg: everything in one SELECT ------------------------------------------------------

    def one_leg(self, leg: Leg) -> exp.Select:
        keys = self.keys(leg)
        parts = {
            (name, period): self.aggregate(part, leg, period) for name, part in leg.parts for period, _ in self._periods(leg)
        }
        values = [
            (value_name(self.question, metric, period), self.arithmetic(tree, period, parts))
            for period, _ in periods(self.question)
            for metric, tree in self.plan.values
        ]
        return self.finished(self.select_from(leg, keys, values), keys, values)

    # -- many legs: aggregate each, stack them, add up ------------------------------------------

    def many_legs(self) -> exp.Select:
        names = [(name, period) for leg in self.plan.legs for name, _ in leg.parts for period, _ in periods(self.question)]
        column = lambda name, period: f"{name}_{period}" if period else name  # noqa: E731
        stacked: exp.Query | None = None
        ctes: list[exp.CTE] = []
        key_names: list[str] = []
        for number, leg in enumerate(self.plan.legs, 1):
            keys = self.keys(leg)
            key_names = [name for name, _, _ in keys]
            own = [
                (column(name, period), self.aggregate(part, leg, period))
                for name, part in leg.parts
                for period, _ in self._periods(leg)
            ]
            ctes.append(
                exp.CTE(this=self.select_from(leg, keys, own), alias=exp.TableAlias(this=exp.to_identifier(f"leg{number}")))
            )
            mine = {name for name, _ in own}
            row = exp.select(*[exp.column(pin.identifier(name)) for name in key_names]).from_(f"leg{number}")
            for name, period in names:
                target = column(name, period)
                value = exp.column(target) if target in mine else exp.cast(exp.null(), self._part_type(name))
                row = row.select(_named(value, target), copy=False)
            stacked = row if stacked is None else exp.union(stacked, row, distinct=False)
        assert stacked is not None
        total = {pair: self._gathered(pair[0], column(*pair)) for pair in names}
        values = [
            (value_name(self.question, metric, period), self.arithmetic(tree, period, total))
            for period, _ in periods(self.question)
            for metric, tree in self.plan.values
        ]
        keys: list[Key] = [
            (name, exp.column(pin.identifier(name), table="u"), is_text) for name, _, is_text in self.keys(self.plan.legs[0])
        ]
        select = exp.Select(
            expressions=[_named(tree, name) for name, tree, _ in keys] + [_named(tree, name) for name, tree in values]
        ).from_(exp.Subquery(this=stacked, alias=exp.TableAlias(this=exp.to_identifier("u"))))
        if keys:
            select = select.group_by(*[exp.Literal.number(number) for number in range(1, len(keys) + 1)], copy=False)
        select.set("with_", exp.With(expressions=ctes))
        return self.finished(select, keys, values)

    def _part(self, name: str) -> Part:
        return next(part for leg in self.plan.legs for each, part in leg.parts if each == name)

    def _gathered(self, name: str, column: str) -> exp.Expr:
        """The one row that a leg has for a group; a count of no rows is 0."""
        value = exp.Max(this=exp.column(column, table="u"))
        if isinstance(self._part(name).measure.tree, exp.Count):
            return exp.Coalesce(this=value, expressions=[exp.Literal.number(0)])
        return value

    def _part_type(self, name: str) -> str:
        kind = self._part(name).measure.type
        return {"integer": "bigint", "double": "double", "decimal": f"decimal(38,{kind.scale})"}.get(kind.kind, "text")

    # -- the pieces -----------------------------------------------------------------------------

    def _periods(self, leg: Leg) -> list[tuple[str, str]]:
        return periods(self.question) if leg.time or leg.alive else periods(self.question)[:1]

    def column(self, leg: Leg, table: str, name: str) -> exp.Expr:
        return exp.column(pin.identifier(name), table=pin.identifier(leg.aliases[table]))

    def dimension(self, leg: Leg, dimension: Dimension) -> exp.Expr:
        own = next(
            metric.dimensions[dimension.name] for metric in self.question.metrics
            if any(part.entity is leg.entity for part in metric.parts)
        )  # fmt: skip
        return self.column(leg, own.table, own.column.name)

    def keys(self, leg: Leg) -> list[Key]:
        """(name, expression, whether it is text): the time bucket and the dimensions."""
        found: list[Key] = []
        if self.question.grain and leg.time:
            found.append(("time", self.bucket(leg), False))
        for dimension in self.question.dimensions:
            found.append((dimension.name, self.dimension(leg, dimension), dimension.type.kind == "string"))
        return found

    def bucket(self, leg: Leg) -> exp.Expr:
        """The bucket of a row; rows of the previous period are moved onto the current one's buckets."""
        assert leg.time and self.question.grain and self.question.bounds
        kind = leg.time.type.kind
        time = self.column(leg, leg.entity.qualified, leg.time.name)
        wall = pin.wall_clock(time, kind, self.question.timezone)
        if self.question.previous:
            moved = pin.later_by(wall.copy(), *self._shift())
            earlier = exp.LT(this=time.copy(), expression=self.bound("start", kind))
            wall = exp.Case(ifs=[exp.If(this=earlier, true=moved)], default=wall)
        return pin.bucket(wall, self.question.grain)

    def _shift(self):
        assert self.question.bounds and self.question.previous
        zone = ZoneInfo(self.question.timezone)
        start, before = (to_wall(each.start, zone) for each in (self.question.bounds, self.question.previous))
        months = (start.year - before.year) * 12 + start.month - before.month
        if self.question.grain in ("month", "quarter", "year") and start.day == before.day and months:
            return months, "MONTH"
        seconds = int((start - before).total_seconds())
        return (seconds // 86_400, "DAY") if seconds % 86_400 == 0 else (seconds, "SECOND")

    def bound(self, edge: str, kind: str) -> exp.Expr:
        return self.parameter((edge, kind))

    def parameter(self, source: tuple[object, ...]) -> exp.Expr:
        return pin.placeholder(self.parameters.index(source), self.dialect)

    def counts(self, leg: Leg, prefix: str) -> exp.Expr | None:
        """When a row of the leg counts in a period."""
        table = leg.entity.qualified
        if leg.time:
            kind = leg.time.type.kind
            time = self.column(leg, table, leg.time.name)
            return exp.and_(
                exp.GTE(this=time, expression=self.bound(f"{prefix}start", kind)),
                exp.LT(this=time.copy(), expression=self.bound(f"{prefix}end", kind)),
            )
        if leg.alive:
            opened, closed = leg.alive
            begun = self.column(leg, table, opened.name)
            until = self.column(leg, table, closed.name)
            return exp.and_(
                exp.LT(this=begun, expression=self.bound(f"{prefix}as_of", opened.type.kind)),
                exp.or_(
                    exp.Is(this=until, expression=exp.null()),
                    exp.GTE(this=until.copy(), expression=self.bound(f"{prefix}as_of", closed.type.kind)),
                ),
            )
        return None

    def condition(self, part: Part, leg: Leg) -> exp.Expr | None:
        return self.bound_formula(part.filter.tree, leg) if part.filter else None

    def bound_formula(self, tree: exp.Expr, leg: Leg) -> exp.Expr:
        """A catalog formula with this leg's aliases; its text literals travel as parameters."""

        def bind(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Column):
                return self.column(leg, node.table, node.name)
            if isinstance(node, exp.Literal) and node.is_string:
                return self.parameter(("literal", node.this))
            return node

        return tree.transform(bind)

    def shared_filter(self, leg: Leg) -> str | None:
        texts = {part.filter.text if part.filter else None for _, part in leg.parts}
        return texts.pop() if len(texts) == 1 else None

    def aggregate(self, part: Part, leg: Leg, period: str) -> exp.Expr:
        """The part's measure, each aggregate pinned and restricted to the period and the part's own rows."""
        conditions: list[exp.Expr] = []
        if part.filter and self.shared_filter(leg) is None:
            own = self.condition(part, leg)
            conditions += [own] if own is not None else []
        if self.question.previous:
            prefix = dict(periods(self.question))[period]
            during = self.counts(leg, prefix)
            conditions += [during] if during is not None else []

        def restricted(node: exp.Expr) -> exp.Expr:
            if not conditions:
                return node
            where = exp.and_(*[each.copy() for each in conditions])
            return exp.Filter(this=node, expression=exp.Where(this=where))

        def pinned(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Avg):
                total, count = pin.average(node.this)
                return exp.paren(pin.quotient(restricted(total), restricted(count)))
            if isinstance(node, exp.Median):
                return restricted(pin.percentile(node.this, exp.Literal.number("0.5"), self.dialect))
            if isinstance(node, exp.Quantile):
                return restricted(pin.percentile(node.this, node.args["quantile"], self.dialect))
            if isinstance(node, (exp.Sum, exp.Count, exp.Min, exp.Max)):
                return restricted(node)
            if isinstance(node, exp.Div):
                return pin.quotient(pinned(node.this), pinned(node.expression))
            for key, child in list(node.args.items()):
                if isinstance(child, exp.Expr):
                    node.set(key, pinned(child))
            return node

        tree = pinned(self.bound_formula(part.measure.tree, leg))
        return tree.this if isinstance(tree, exp.Paren) else tree

    def arithmetic(self, tree: exp.Expr, period: str, parts: dict[tuple[str, str], exp.Expr]) -> exp.Expr:
        """A metric's arithmetic with its parts filled in; anything but a lone part is calculated on doubles."""
        if isinstance(tree, exp.Column):
            return parts[tree.name, period].copy()

        def filled(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Column):
                return pin.double(parts[node.name, period].copy())
            if isinstance(node, exp.Div):
                return pin.quotient(_bare(filled(node.this)), _bare(filled(node.expression)))
            if isinstance(node, exp.Literal):
                return pin.double(node.copy())
            if isinstance(node, (exp.Paren, exp.Neg)):
                return type(node)(this=filled(node.this))
            return type(node)(this=filled(node.this), expression=filled(node.expression))

        return filled(tree)

    def where(self, leg: Leg) -> list[exp.Expr]:
        found: list[exp.Expr] = []
        if self.shared_filter(leg) is not None:
            condition = self.condition(leg.parts[0][1], leg)
            found += [condition] if condition is not None else []
        found += [self.filtered(index, each, leg) for index, each in enumerate(self.question.filters)]
        during = [each for _, prefix in periods(self.question) if (each := self.counts(leg, prefix)) is not None]
        if during:
            found.append(exp.or_(*during) if len(during) > 1 else during[0])
        return found

    def filtered(self, index: int, asked: Filter, leg: Leg) -> exp.Expr:
        column = self.dimension(leg, asked.dimension)
        values = [self.parameter(("filter", index, position)) for position in range(len(asked.values))]
        empty = exp.Is(this=column.copy(), expression=exp.null())
        match asked.op:
            case "is_null":
                return empty
            case "is_not_null":
                return exp.not_(empty)
            case "in":
                return exp.In(this=column, expressions=values)
            case "not_in":
                # Rows without a value are not among the values; SQL's own NOT IN would drop them.
                return exp.or_(exp.not_(exp.In(this=column, expressions=values)), empty)
            case "ne":
                return exp.or_(exp.NEQ(this=column, expression=values[0]), empty)
            case op:
                return _COMPARISONS[op](this=column, expression=values[0])

    def select_from(self, leg: Leg, keys: list[Key], values: list[tuple[str, exp.Expr]]) -> exp.Select:
        select = exp.Select(
            expressions=[_named(tree, name) for name, tree, _ in keys] + [_named(tree, name) for name, tree in values]
        )
        select = select.from_(_table(leg.entity.qualified, leg.aliases[leg.entity.qualified]), copy=False)
        for join in leg.joins:
            on = exp.and_(*[
                exp.EQ(this=self.column(leg, join.from_table, left), expression=self.column(leg, join.to_table, right))
                for left, right in zip(join.from_columns, join.to_columns, strict=True)
            ])  # fmt: skip
            select = select.join(_table(join.to_table, leg.aliases[join.to_table]), on=on, join_type="left", copy=False)
        conditions = self.where(leg)
        if conditions:
            select = select.where(*conditions, copy=False)
        if keys:
            select = select.group_by(*[exp.Literal.number(number) for number in range(1, len(keys) + 1)], copy=False)
        return select

    def finished(self, select: exp.Select, keys: list[Key], values: list[tuple[str, exp.Expr]]) -> exp.Select:
        """Ordered to the last tie and bounded."""
        if not keys:
            return select.limit(1, copy=False)
        names = {name: (tree, is_text) for name, tree, is_text in keys}
        asked = [(each.by, each.descending) for each in self.question.order]
        if len(self.question.metrics) > 1:
            first = self.question.metrics[0].metric_id
            asked = [({"value": first, "previous": f"previous_{first}"}.get(by, by), down) for by, down in asked]
        if not asked:
            asked = [("time", False)] if "time" in names else [(values[0][0], True)]
        asked += [(name, False) for name in names if name not in {by for by, _ in asked}]
        for by, descending in asked:
            if by in names:
                tree, is_text = names[by]
                # Only a text key needs its collation said; then the key itself must stand there, not its alias.
                key = tree.copy() if is_text and self.dialect == "postgres" else exp.column(pin.identifier(by))
                select = select.order_by(pin.ordered(key, descending, is_text, self.dialect), copy=False)
            elif by in {name for name, _ in values}:
                select = select.order_by(
                    pin.ordered(exp.column(pin.identifier(by)), descending, False, self.dialect), copy=False
                )
        return select.limit(self.question.limit or DEFAULT_LIMIT + 1, copy=False)


def _named(tree: exp.Expr, name: str) -> exp.Alias:
    return exp.Alias(this=tree, alias=pin.identifier(name))


def _bare(tree: exp.Expr) -> exp.Expr:
    """`quotient` casts again: a cast of a cast to the same type is noise."""
    return tree.this if isinstance(tree, exp.Cast) else tree


def _table(qualified: str, alias: str) -> exp.Table:
    schema, _, name = qualified.rpartition(".")
    return exp.Table(
        this=pin.identifier(name), db=pin.identifier(schema),
        alias=exp.TableAlias(this=pin.identifier(alias)),
    )  # fmt: skip

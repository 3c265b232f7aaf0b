"""Which rows count: the filters of parts, the window, the question's conditions. All decides it meets in `where`."""

from sqlglot import exp

from assay.catalog.metric import Dimension
from assay.catalog.moments import Beyond
from assay.catalog.types import ColumnType, HeldType
from assay.compiler import dialect as pin
from assay.compiler.asked import LOOKING, MAX_APART, Operator
from assay.compiler.functions import like
from assay.compiler.held import ORDERINGS, Place, compared_as, placed, sides_of
from assay.compiler.leaves import Leaves
from assay.compiler.logic import all_of, any_of, not_of
from assay.compiler.plan import Leg, Source
from assay.compiler.resolved import Cut, Filter, Having, Period
from assay.compiler.values import Value
from assay.errors import BadQuestion
from assay.gate.lists import values_name
from assay.gate.names import identifier

_COMPARISONS: dict[str, type[exp.Expr]] = {
    "eq": exp.EQ, "ne": exp.NEQ, "gt": exp.GT, "gte": exp.GTE, "lt": exp.LT, "lte": exp.LTE,
}  # fmt: skip


FIRST = "first"
"""The CTE of the groups that come first."""
_ANY: dict[str, exp.Expr] = {
    "string": exp.Literal.string(""), "boolean": exp.false(), "date": exp.cast(exp.Literal.string("2000-01-01"), "date"),
    "timestamp": exp.cast(exp.Literal.string("2000-01-01"), "timestamptz"),
    "timestamp_ntz": exp.cast(exp.Literal.string("2000-01-01"), "timestampntz"),
}  # fmt: skip
"""By kind of column: a value that stands where there is none, beside the word that there is none."""


def _told_apart(value: exp.Expr, dimension: Dimension) -> tuple[exp.Expr, exp.Expr]:
    """A value as two that are never NULL: SQL finds no NULL among others."""
    stand_in = _ANY.get(dimension.column_type.kind, exp.Literal.number(0)).copy()
    return exp.Is(this=value, expression=exp.null()), exp.Coalesce(this=value.copy(), expressions=[stand_in])


def those_name(number: int) -> str:
    """The CTE of what a metric is for each value of a dimension."""
    return f"whose{number + 1}"


def _looked_up(by: str, number: int, condition: exp.Expr) -> exp.Subquery:
    """Those in the CTE of whom the condition holds."""
    found = exp.select(exp.column(identifier(by))).from_(those_name(number), copy=False)
    return exp.Subquery(this=found.where(condition, copy=False))


class Conditions(Leaves):
    def where(self, leg: Leg) -> list[exp.Expr]:
        """Which rows count for any part in any period, and pass the question's filters."""
        return [*self.of_parts(leg), *self.of_question(leg), *self.during(leg)]

    def of_parts(self, leg: Leg) -> list[exp.Expr]:
        found: list[exp.Expr] = []
        if leg.filters:
            found.append(any_of(*[self.formula(each, leg) for each in leg.filters]))
        return [*found, *(self.those(number, leg) for number in leg.whose)]

    def of_question(self, leg: Leg) -> list[exp.Expr]:
        found: list[exp.Expr] = []
        found += [self.formula(each.formula, leg) for each in leg.segments]
        found += [self.those(number, leg) for number in range(len(self.question.whose))]
        asked = [self.filtered(index, each, leg) for index, each in enumerate(self.question.every_filter)]
        own, groups = self.question.in_groups(asked)
        found += own
        if groups:
            found.append(any_of(*[all_of(*group) for group in groups]))
        if self.question.cut and self.question.cut.dimensions:
            found.append(self.cut(self.question.cut, leg))
        return found

    def cut(self, cut: Cut, leg: Leg) -> exp.Expr:
        """Whether a row is of a group that comes first, or of any other; a group without a value is one too."""
        first = exp.select(*[each for one in cut.dimensions for each in _told_apart(exp.column(identifier(one.name)), one)])
        own = exp.Tuple(expressions=[each for one in cut.dimensions for each in _told_apart(self.dimension(leg, one), one)])
        found = exp.In(this=own, query=exp.Subquery(this=first.from_(FIRST, copy=False)))
        return not_of(found) if cut.is_rest else found

    def those(self, number: int, leg: Leg) -> exp.Expr:
        """Whether a row is of somebody of whom the condition of this number holds; one without a value is nobody's."""
        each = self.question.every_whose[number]
        whose, value = each.whose, exp.column("value")
        place = self.place(whose.value, each.type.meant, whose.op, is_day=False)
        bound = [self.parameter(("whose", number))] if place in ("fits", "double") else []
        holds = self.compared(whose.op, pin.calculated_as(value, each.type), bound, [place])
        own = self.dimension(leg, whose.dimension)
        if not each.holds_without_rows:
            return exp.In(this=own, query=_looked_up(whose.by, number, holds))
        fails = not_of(exp.paren(holds, copy=False))
        if whose.op != "ne":
            fails = any_of(fails, exp.Is(this=value.copy(), expression=exp.null()))
        is_somebodys = not_of(exp.Is(this=own, expression=exp.null()))
        return all_of(is_somebodys, not_of(exp.In(this=own.copy(), query=_looked_up(whose.by, number, fails))))

    def during(self, leg: Leg) -> list[exp.Expr]:
        found: list[exp.Expr] = []
        during = [condition for period in leg.periods for condition in self.counts(leg, period)]
        if during:
            found.append(any_of(*during))
        return found

    def counts(self, leg: Leg, period: Period) -> list[exp.Expr]:
        """When a row of the leg counts in a period, as one condition; none where every row counts always."""
        prefix = "previous_" if period == "previous" else ""
        table = leg.entity.qualified
        if leg.time:
            time = self.column(leg, leg.time.table, leg.time.name)
            if leg.framing and self.question.framed[leg.framing].begins is None:
                return [exp.LT(this=time, expression=self.edge(f"{prefix}end", leg, leg.time))]
            return [all_of(
                exp.GTE(this=time, expression=self.edge(f"{prefix}start", leg, leg.time)),
                exp.LT(this=time.copy(), expression=self.edge(f"{prefix}end", leg, leg.time)),
            )]  # fmt: skip
        if leg.alive:
            begun, ended = leg.alive
            until = self.column(leg, table, ended.name)
            return [all_of(
                exp.LT(this=self.column(leg, table, begun.name), expression=self.edge(f"{prefix}as_of", leg, begun)),
                any_of(
                    exp.Is(this=until, expression=exp.null()),
                    exp.GTE(this=until.copy(), expression=self.edge(f"{prefix}as_of", leg, ended)),
                ),
            )]  # fmt: skip
        return []

    def filtered(self, index: int, asked: Filter, leg: Leg) -> exp.Expr:
        if asked.op.removeprefix("not_") in LOOKING:
            return self.searched(index, asked, leg)
        own = leg.dimensions[asked.dimension.name]
        held, compared = compared_as(own, self.held)
        bare = self.column(leg, own.table, own.column.name) if own.column else None
        column = bare if bare is not None and compared is held else self.dimension(leg, asked.dimension)
        if asked.is_listed:
            among = self.among(index, asked, own.column_type, column, compared)
            return self.bounded(index, asked, own, bare, held, among)
        is_day = own.column_type.kind == "date"
        places: list[Place] = [
            self.place(value, compared, asked.op, is_day=is_day) if compared else "fits" for value in asked.values
        ]
        values = [
            self.filter_value(("filter", index, position, own.column_type.kind, compared), place)
            for position, place in enumerate(places) if place in ("fits", "double", "far")
        ]  # fmt: skip
        found = self.compared(asked.op, column, values, places)
        return self.bounded(index, asked, own, bare, held, found) if values else found

    def bounded(
        self, index: int, asked: Filter, own: Dimension, bare: exp.Expr | None, held: HeldType, found: exp.Expr
    ) -> exp.Expr:  # fmt: skip
        """A comparison by a cast with the bounds of its values beside it, where an index serves by them."""
        bounds = [
            (exp.GTE if side == "low" else exp.LTE)(
                this=bare.copy(), expression=self.parameter(("bound", index, own.column_type.meant, side))
            )
            for side in sides_of(asked, own.column_type, held) if bare is not None
        ]  # fmt: skip
        return all_of(*bounds, found) if bounds else found

    def among(
        self, index: int, asked: Filter, declared: ColumnType, column: exp.Expr, compared: HeldType | None
    ) -> exp.Expr:  # fmt: skip
        """Whether a column has one of many values, which are bound as one text."""
        if self.spelling.items is None:
            raise BadQuestion(f"{self.dialect} reads no lists of more than {MAX_APART} values", field="filters")
        name = values_name(self.parameters.index(("values", index, declared.kind, compared)))
        found = exp.In(this=column, query=exp.Subquery(this=exp.select(exp.column("value")).from_(name, copy=False)))
        return found if asked.op == "in" else any_of(not_of(found), exp.Is(this=column.copy(), expression=exp.null()))

    def searched(self, index: int, asked: Filter, leg: Leg) -> exp.Expr:
        """A part of a text; what does not have it keeps the rows without a value, as people mean it."""
        column = self.dimension(leg, asked.dimension)
        found = like(column, self.parameter(("looked for", index)), is_escaped=True)
        if not asked.op.startswith("not_"):
            return found
        return any_of(not_of(exp.paren(found, copy=False)), exp.Is(this=column.copy(), expression=exp.null()))

    def having(self, index: int, asked: Having, value: exp.Expr) -> exp.Expr:
        """A condition on a value of a group."""
        place = self.place(asked.value, asked.type.meant, asked.op, is_day=False)
        bound = [self.parameter(("having", index))] if place in ("fits", "double") else []
        return self.compared(asked.op, pin.calculated_as(value.copy(), asked.type), bound, [place])

    def compared(self, op: Operator, column: exp.Expr, values: list[exp.Expr], places: list[Place]) -> exp.Expr:
        empty = exp.Is(this=column.copy(), expression=exp.null())
        match op:
            case "is_null":
                return empty
            case "is_not_null":
                return not_of(empty)
            case "in":
                return exp.In(this=column, expressions=values) if values else exp.false()
            case "not_in":
                # Rows without a value are not among the values; SQL's own NOT IN would drop them.
                return any_of(not_of(exp.In(this=column, expressions=values)), empty) if values else exp.true()
            case "ne":
                return any_of(exp.NEQ(this=column, expression=values[0]), empty) if values else exp.true()
            case _ if values:
                return _COMPARISONS[op](this=column, expression=values[0])
            case _:
                # What the column cannot hold equals no row, and every row that has a value lies on one side of it.
                has_all = (places[0], op[:2]) in (("above", "lt"), ("below", "gt"))
                return not_of(empty) if has_all else exp.false()

    def place(self, value: Value, held: HeldType, op: str, *, is_day: bool) -> Place:
        """`is_day`: compared with days. Of them engines count more than of moments."""
        place, _ = placed(value, held, op)
        if place != "outside":
            return place
        is_time = isinstance(value, Beyond)
        if is_time and self.spelling.far_time and (value.fits_microseconds or (is_day and not value.is_infinite)):
            return "far"
        if self.spelling.has_infinite_times if is_time else self.spelling.has_decimal_nan:
            return "fits"
        return "nowhere" if op not in ORDERINGS else "below" if is_time and value.is_early else "above"

    def filter_value(self, source: Source, place: str) -> exp.Expr:
        if place == "far":
            assert self.spelling.far_time
            return self.spelling.far_time(self.parameter(("far", *source[1:3])), str(source[3]))
        value = self.parameter(source)
        return pin.double(value) if place == "double" else value

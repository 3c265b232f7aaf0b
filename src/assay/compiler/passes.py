"""One pass over the rows of a table: what is read, with its joins and conditions, grouped by keys.

Whatever reads a table reads it here, in `select_from`. Rows that are framed come through it too: first made into cells, one
for each day and group, where that is enough for the values; then each bucket has the cells, or the rows, of its frame.
"""

from collections.abc import Iterable

from sqlglot import exp

from assay.catalog.calendars import Periods
from assay.catalog.formula import type_of_formula
from assay.catalog.metric import Keep, Part
from assay.catalog.per import Per
from assay.compiler import dialect as pin
from assay.compiler.keys import DAY, OF_DAYS, Key
from assay.compiler.leaves import EACH, FormulaReader
from assay.compiler.logic import all_of
from assay.compiler.pinned import pinned
from assay.compiler.plan import Leg
from assay.compiler.returns import Returns
from assay.compiler.sources import moved_inside
from assay.gate.lists import further_name
from assay.gate.names import identifier

Named = tuple[str, exp.Expr]
_CELLS, _KEPT, _DAYS = "cells", "kept", "days"
_OF_SINGLE_ROWS = (
    exp.Distinct, exp.Median, exp.Quantile, exp.PercentileDisc, exp.Stddev, exp.StddevPop, exp.Variance, exp.VariancePop,
)  # fmt: skip
"""What these give over several days does not follow from what they give over each of them."""


class Passes(Returns):
    def passed(self, leg: Leg, keys: list[Key], values: list[Named]) -> tuple[exp.Select, list[Key]]:
        """The leg's rows grouped by the question's keys, and these as they stand there."""
        if leg.per:
            return self._over_each(leg, leg.per, keys, values)
        is_by_period = isinstance(self.question.grain, Periods) and not (leg.framing or leg.keep or leg.conversion)
        if is_by_period and not _is_of_rows(leg):
            bucket, *others = keys
            select, keys = self._over_cells(leg, bucket, [(DAY, self.day(leg), False), *others], values)
            day = exp.column(identifier(DAY), table=_CELLS)
            return grouped(self.in_periods(select, day.copy), len(keys)), keys
        if leg.averages:
            return self._averaged(leg, keys, values)
        if not (leg.framing and self.question.grain):
            select = self.select_from(leg, keys, values)
            return select, [
                (name, item.this, is_text) for (name, _, is_text), item in zip(keys, select.expressions, strict=False)
            ]
        return self._in_frames(leg, keys, values)

    def _averaged(self, leg: Leg, keys: list[Key], values: list[Named]) -> tuple[exp.Select, list[Key]]:
        """The average of the values at the end of each day of a bucket, or of the window. A day on which there is no row has
        the value that there is over none: where that is known, it counts too.
        """
        buckets, further = self.frames(leg), len(self.question.further_grains)
        of_days: list[Key] = [
            (name, exp.column(further_name(further + number), table=buckets), False)
            for number, name in enumerate(OF_DAYS, 1)
        ]
        by_day = [] if self.question.grain else [(DAY, self.day(leg), False)]
        days, found = self._in_frames(leg, [*by_day, *keys, *of_days], values)
        inside = {name: exp.column(identifier(name), table=_DAYS) for name, _ in [*unmarked(found), *values]}
        first, behind = (exp.Max(this=inside[name].copy()) for name in OF_DAYS[:2])
        count = self.spelling.days_between(first, behind)
        keys = [(name, inside[name], is_text) for name, _, is_text in found if name in self.question.key_columns()]
        averages = {
            name: self._average(inside[name], part, count, is_total=not keys)
            for part_name, part in leg.parts.items() for name in (part_name, f"{part_name}_previous") if name in inside
        }  # fmt: skip
        whole = [(name, averages.get(name) or exp.Max(this=inside[name])) for name, _ in values]
        select = exp.Select(expressions=[named(tree, name) for name, tree in [*unmarked(keys), *whole]])
        alias = exp.TableAlias(this=exp.to_identifier(_DAYS))
        return grouped(select.from_(exp.Subquery(this=days, alias=alias), copy=False), len(keys)), keys

    def _average(self, value: exp.Expr, part: Part, days: exp.Expr, *, is_total: bool) -> exp.Expr:
        """`days`: how many there are, also without a row."""
        if part.measure.type.kind == "integer":
            value = exp.cast(value, "decimal(38,0)", copy=False)  # no engine's sum of whole numbers is too small for it
        known, together = exp.Count(this=value.copy(), big_int=True), exp.Sum(this=value)
        if part.over_no_rows is None:
            return pin.quotient(together, known)
        rows = exp.Count(this=exp.Star(), big_int=True)
        empty = exp.paren(exp.Sub(this=days.copy(), expression=rows), copy=False)
        over_none = exp.Literal.number(f"{part.over_no_rows:f}")
        together = exp.Coalesce(this=pin.double(together), expressions=[pin.double(exp.Literal.number(0))])
        if part.over_no_rows:
            added = exp.Mul(this=pin.double(over_none.copy()), expression=pin.double(empty.copy()))
            together = exp.paren(exp.Add(this=together, expression=added), copy=False)
        found = pin.quotient(together, exp.paren(exp.Add(this=known, expression=empty), copy=False))
        return pin.where_none(rows.copy(), pin.double(over_none), found) if is_total else found

    def _in_frames(self, leg: Leg, keys: list[Key], values: list[Named]) -> tuple[exp.Select, list[Key]]:
        """The values by the buckets of a list, each over the rows of its frame. `keys`: the day of a row first."""
        assert leg.framing
        buckets = self.frames(leg)
        key: Key = ("time", exp.column("time", table=buckets), False)
        is_of_rows = _is_of_rows(leg)
        if is_of_rows:
            (_, day, _), *others = keys
            keys = [key, *others]
            select = self.rows_of(leg, [*unmarked(keys), *values])
        else:
            select, keys = self._over_cells(leg, key, keys, values)
            day = exp.column(identifier(DAY), table=_CELLS)
        inside: list[exp.Expr] = [exp.GT(this=exp.column("ends", table=buckets), expression=day)]
        if self.question.framed[leg.framing].begins is not None:
            inside.append(exp.LTE(this=exp.column("begins", table=buckets), expression=day.copy()))
        select = grouped(select.join(exp.to_table(buckets), on=all_of(*inside), copy=False), len(keys))
        return (self.through_policies(select, leg) if is_of_rows else select), keys

    def _over_cells(self, leg: Leg, bucket: Key, days: list[Key], values: list[Named]) -> tuple[exp.Select, list[Key]]:
        """The values over cells, one for each day and group: by bucket, to whose list they are still to be joined."""
        cells = aggregates_in(tree for _, tree in values)
        inner = self.select_from(leg, [each for each in days if not _is_of(bucket, each)], cells)
        keys = [bucket, *(each if _is_of(bucket, each) else _in_cells(each) for each in days[1:])]
        names = {tree.sql(): name for name, tree in cells}
        found = [(name, _together(each, names)) for name, each in values]
        select = exp.Select(expressions=[named(tree, name) for name, tree in [*unmarked(keys), *found]])
        alias = exp.TableAlias(this=exp.to_identifier(_CELLS))
        return select.from_(exp.Subquery(this=inner, alias=alias), copy=False), keys

    def _over_each(self, leg: Leg, per: Per, keys: list[Key], values: list[Named]) -> tuple[exp.Select, list[Key]]:
        """The values over what is calculated first: for each of something, within each group of the question."""
        apart = [
            (f"_per{number}", self.read(leg, source, column.name, column.type))
            for number, (source, column) in enumerate(per.columns, 1)
        ]
        inside = [*unmarked(keys), *apart]
        of_each = {
            leg.of_each[text, part.empty]: pin.calculated_as(self.measured(each.tree, leg, part, []), type_of_formula(each))
            for part in leg.parts.values() if part.per for text, each in part.per.values.items()
        }  # fmt: skip
        rows = self.completed(grouped(self.rows_of(leg, [*inside, *of_each.items()]), len(inside)), leg)
        keys = [(name, exp.column(identifier(name), table=EACH), is_text) for name, _, is_text in keys]
        select = exp.Select(expressions=[named(tree, name) for name, tree in [*unmarked(keys), *values]])
        alias = exp.TableAlias(this=exp.to_identifier(EACH))
        return grouped(select.from_(exp.Subquery(this=rows, alias=alias), copy=False), len(keys)), keys

    def measured(
        self, tree: exp.Expr, leg: Leg, part: Part, conditions: list[exp.Expr], *, may_be_empty: bool = False
    ) -> exp.Expr:  # fmt: skip
        """A formula with aggregates, each over the rows for which the conditions hold."""

        def restricted(aggregate: exp.Expr, further: exp.Expr | None) -> exp.Expr:
            those = [*conditions, further] if further is not None else conditions
            if not those:
                return aggregate
            where = all_of(*[each.copy() for each in those])
            return exp.Filter(this=aggregate, expression=exp.Where(this=where))

        found = pinned(tree.copy(), self.spelling, FormulaReader(self, leg, restricted, part, may_be_empty=may_be_empty))
        return found.this if isinstance(found, exp.Paren) else found

    def select_from(self, leg: Leg, keys: list[Key], values: list[Named]) -> exp.Select:
        """The leg's table with its joins, the rows that count in any period, grouped by the keys."""
        return self.completed(grouped(self.rows_of(leg, [*unmarked(keys), *values]), len(keys)), leg)

    def rows_of(self, leg: Leg, columns: list[Named]) -> exp.Select:
        """These columns of the rows that count; what it is still read through is the matter of `completed`."""
        select = exp.Select(expressions=[named(tree, name) for name, tree in columns])
        if leg.keep:
            return select if leg.keep.of_filtered else _where(select, self.of_question(leg))
        if leg.conversion:
            return _where(select, [*self.of_question(leg), *self.during(leg)])
        return _where(self.tables(select, leg), self.where(leg))

    def completed(self, select: exp.Select, leg: Leg) -> exp.Select:
        """A SELECT of `rows_of`, and whatever was added to it, read through what is kept, follows, and policies leave."""
        if leg.keep:
            return self._through_kept(select, leg, leg.keep)
        if leg.conversion and leg.conversion.cohorts:
            return self.through_cohorts(select, leg, leg.conversion, leg.conversion.cohorts)
        if leg.conversion:
            return self.through_events(select, leg, leg.conversion)
        return self.through_policies(select, leg)

    def _through_kept(self, select: exp.Select, leg: Leg, keep: Keep) -> exp.Select:
        """The columns that it reads, of the rows that are kept; the question's conditions choose among these, or before.

        Where they choose among what is kept, a group holds what the question would give that filters by it.
        """
        columns = moved_inside(select, leg, _KEPT)
        own = leg.entity.qualified
        edge = (exp.Max if keep.is_newest else exp.Min)(this=self.column(leg, own, keep.by.name))
        apart = [self.read(leg, own, each.name, each.type) for each in keep.for_each]
        if self.question.grain:
            apart.append(self.bucket(leg))
        columns["_by"], columns["_edge"] = edge.this.copy(), exp.Window(this=edge, partition_by=apart)
        inner = exp.Select(expressions=[named(tree, name) for name, tree in columns.items()])
        asked = self.of_question(leg) if keep.of_filtered else []
        inner = _where(self.tables(inner, leg), [*self.of_parts(leg), *asked, *self.during(leg)])
        alias = exp.TableAlias(this=exp.to_identifier(_KEPT))
        select = select.from_(exp.Subquery(this=self.through_policies(inner, leg), alias=alias), copy=False)
        is_kept = exp.EQ(this=exp.column("_by", table=_KEPT), expression=exp.column("_edge", table=_KEPT))
        return select.where(is_kept, copy=False)


def _is_of(bucket: Key, other: Key) -> bool:
    """Whether the list of the buckets tells the other too."""
    tree = other[1]
    return isinstance(tree, exp.Column) and isinstance(bucket[1], exp.Column) and tree.table == bucket[1].table


def _in_cells(key: Key) -> Key:
    name, _, is_text = key
    return name, exp.column(identifier(name), table=_CELLS), is_text


def _is_of_rows(leg: Leg) -> bool:
    return any(part.measure.tree.find(*_OF_SINGLE_ROWS) for part in leg.parts.values())


def _where(select: exp.Select, conditions: list[exp.Expr]) -> exp.Select:
    return select.where(*conditions, copy=False) if conditions else select


def _together(value: exp.Expr, names: dict[str, str]) -> exp.Expr:
    """A value over several cells: each of its aggregates, from what it is in each of them."""

    def over_cells(node: exp.Expr) -> exp.Expr:
        name = names.get(node.sql()) if isinstance(node, (exp.Filter, exp.AggFunc)) else None
        if name is None:
            return node
        aggregate = node.this if isinstance(node, exp.Filter) else node
        cell = exp.column(identifier(name), table=_CELLS)
        if isinstance(aggregate, exp.Count):
            return exp.cast(exp.Sum(this=cell), "bigint", copy=False)
        return type(aggregate)(this=cell)

    return value.transform(over_cells, copy=False)


def aggregates_in(values: Iterable[exp.Expr]) -> list[Named]:
    """Every aggregate in these values, with its FILTER, each once."""
    found: dict[str, exp.Expr] = {}
    for value in values:
        for node in value.find_all(exp.Sum, exp.Count, exp.Min, exp.Max):
            whole = node.parent if isinstance(node.parent, exp.Filter) else node
            found.setdefault(whole.sql(), whole.copy())
    return [(f"_aggregate_{number}", tree) for number, tree in enumerate(found.values())]


def unmarked(keys: list[Key]) -> list[Named]:
    return [(name, tree) for name, tree, _ in keys]


def grouped(select: exp.Select, keys: int) -> exp.Select:
    """By its first columns, so many of them."""
    numbers = [exp.Literal.number(number) for number in range(1, keys + 1)]
    return select.group_by(*numbers, copy=False) if numbers else select


def named(tree: exp.Expr, name: str) -> exp.Alias:
    return exp.Alias(this=tree, alias=identifier(name))

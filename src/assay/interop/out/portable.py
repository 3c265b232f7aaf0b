"""Formulas of definitions as SQL that means the same in the engine of another layer; what would not is refused."""

from collections.abc import Callable, Sequence

from sqlglot import exp

from assay.catalog.dictionary import Join
from assay.catalog.formula import BadFormula, Formula
from assay.interop.columns import column_of, is_quoted
from assay.interop.plain import mapped

_SAME_EVERYWHERE = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Neg, exp.Abs, exp.Not, exp.And, exp.Or,
    exp.Is, exp.In, exp.Between, exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT,
    exp.LTE, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Count, exp.Distinct, exp.Star, exp.Sum, exp.Avg, exp.Min, exp.Max,
    exp.Median, exp.Quantile, exp.PercentileDisc, exp.Filter, exp.Where, exp.Lower, exp.Upper,
)  # fmt: skip
"""What engines agree about, but for the division, which is written so that they do."""


def portable(formula: Formula, entity: str, joins: Sequence[Join]) -> exp.Expr:
    """Its tree, each column behind the joins that lead from a row of `entity` to it. Raises BadFormula."""
    return written(formula.tree, lambda column: column_at(column.name, column.table, entity, joins))


def written(tree: exp.Expr, column: Callable[[exp.Column], exp.Column]) -> exp.Expr:
    for node in tree.walk():
        if not isinstance(node, _SAME_EVERYWHERE):
            raise BadFormula(f"{_name(node)} is written otherwise from engine to engine, and may mean something else there")
        if node.meta.get("family") == "timestamp" and "moment" in node.meta:
            raise BadFormula(f"{node.sql()} is an instant, which an engine reads by a time zone of its own")
    return mapped(tree.copy(), lambda node: _same(node, column))


def _name(node: exp.Expr) -> str:
    return node.name.upper() if isinstance(node, exp.Anonymous) else type(node).__name__.upper()


def _same(node: exp.Expr, column: Callable[[exp.Column], exp.Column]) -> exp.Expr:
    match node:
        case exp.Column():
            return column(node)
        case exp.Div():
            return divided(node.this, node.expression)
        case exp.Median():
            return _percentile(exp.PercentileCont(this=exp.Literal.number("0.5")), node.this)
        case exp.Quantile():
            return _percentile(exp.PercentileCont(this=node.args["quantile"]), node.this)
        case exp.PercentileDisc():
            return _percentile(exp.PercentileDisc(this=node.expression), node.this)
        case _:
            return node


def divided(above: exp.Expr, below: exp.Expr) -> exp.Div:
    """A quotient of real numbers, which is nothing where it would be divided by 0."""
    return exp.Div(this=exp.cast(above, "double"), expression=exp.Nullif(this=below, expression=exp.Literal.number(0)))


def _percentile(share: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.WithinGroup(this=share, expression=exp.Order(expressions=[exp.Ordered(this=value, nulls_first=False)]))


def column_at(name: str, source: str, entity: str, joins: Sequence[Join]) -> exp.Column:
    """The column of a source, behind the names of the joins that lead there. Raises BadFormula."""
    way: list[str] = []
    at = source
    while at != entity:
        join = next((each for each in joins if each.to_table == at), None)
        if join is None or len(way) == len(joins):
            raise BadFormula(f"{source} is not met from {entity} by its joins")
        way.insert(0, join.join_id)
        at = join.from_table
    return at_way(way, name)


def at_way(way: Sequence[str], name: str) -> exp.Column:
    if len(way) > 3:
        raise BadFormula(f"{name} lies behind more than 3 joins")
    return column_of([exp.to_identifier(each, quoted=is_quoted(each)) for each in (*way, name)])


def way_of(column: exp.Column) -> list[str]:
    """The names of the joins before it."""
    return [part.name for part in column.parts[:-1]]


def among(tree: exp.Expr, conditions: Sequence[exp.Expr]) -> exp.Expr:
    """The tree, each of its aggregates over the rows alone for which the conditions hold."""
    if not conditions:
        return tree
    return mapped(tree.copy(), lambda node: _filtered(node, conditions))


def _filtered(node: exp.Expr, conditions: Sequence[exp.Expr]) -> exp.Expr:
    if isinstance(node, exp.Filter):
        own = node.expression.this
        return exp.Filter(this=node.this, expression=exp.Where(this=exp.and_(*conditions, own, copy=True)))
    is_whole = isinstance(node, (exp.AggFunc, exp.WithinGroup)) and not isinstance(
        node.parent, (exp.Filter, exp.WithinGroup)
    )
    return exp.Filter(this=node, expression=exp.Where(this=exp.and_(*conditions, copy=True))) if is_whole else node

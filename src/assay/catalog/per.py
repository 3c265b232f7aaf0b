"""Measures over what is calculated for each of something first: `AVG(SUM(amount))` per customer.

The inner aggregates look at the rows of one customer, the outer ones at the customers. In the outer formula each inner one
is a column of `$per`, called by its text.
"""

from dataclasses import dataclass, field

from sqlglot import exp

from assay.catalog.dictionary import Column
from assay.catalog.formula import AGGREGATES, BadFormula, Formula, Resolve, infer, read_formula, type_of_formula

PER = "$per"


@dataclass(frozen=True)
class Per:
    columns: tuple[tuple[str, Column], ...]
    """What tells one from another: source and column."""
    values: dict[str, Formula] = field(compare=False)
    """What is calculated for each, by text."""

    @property
    def told(self) -> str:
        return f"for each {', '.join(f'{source}.{column.name}' for source, column in self.columns)}"


def read_nested(text: str, resolve: Resolve) -> tuple[Formula, dict[str, Formula]]:
    """The outer formula, and by their text the inner ones. Raises BadFormula."""
    whole = read_formula(text, resolve)
    values: dict[str, Formula] = {}

    def inner(node: exp.Expr) -> exp.Expr:
        aggregate = node.this if isinstance(node, exp.Filter) else node
        if not isinstance(aggregate, AGGREGATES):
            return node
        if any(isinstance(each, AGGREGATES) for each in node.walk() if each is not aggregate):
            raise BadFormula("aggregates stand three deep; per has two: one for each, and one over them")
        read = [each for each in node.find_all(exp.Column) if not each.table.startswith("$")]
        columns = {(each.table, each.name): each.meta["column_type"] for each in read}
        found = Formula(node.copy(), infer(node), columns, node.sql())
        values[found.text] = found
        fresh = exp.column(exp.to_identifier(found.text, quoted=True), table=exp.to_identifier(PER, quoted=True))
        fresh.meta["column_type"] = type_of_formula(found)
        return fresh

    def outer(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, (exp.Filter, *AGGREGATES)):
            return node
        fresh = node.copy()
        aggregate = fresh.this if isinstance(fresh, exp.Filter) else fresh
        if aggregate is not fresh:
            fresh.expression.set("this", fresh.expression.this.transform(inner))
        for name, part in list(aggregate.args.items()):
            if isinstance(part, exp.Expr):
                aggregate.set(name, part.transform(inner))
        return fresh

    tree = whole.tree.transform(outer)
    if not any(isinstance(each, AGGREGATES) for each in tree.walk()):
        raise BadFormula("has no aggregate; write for instance AVG(SUM(column))")
    for column in tree.find_all(exp.Column):
        if column.table != PER:
            raise BadFormula(
                f"{column.name} stands in no inner aggregate; with per, write what is calculated for each inside another"
                f" aggregate, such as AVG(SUM({column.name}))"
            )
        if column.find_ancestor(exp.Filter, *AGGREGATES) is None:
            raise BadFormula(f"{column.name} stands outside an aggregate")
    given = infer(tree)
    if given.kind in ("string", "boolean"):
        raise BadFormula(f"gives a {given.kind}; a measure is a number or a moment")
    return Formula(tree, given, whole.columns, whole.text), values

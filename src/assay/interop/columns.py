"""SQL of one row as other layers write it, seen from another table: its columns behind the joins that lead to them."""

from collections.abc import Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from assay.catalog.formula import BadFormula

_MOST_NAMED = 2
"""Formulas name so many joins before a column."""


def column_named(text: str) -> str | None:
    """The column, where the expression is one and nothing else."""
    try:
        tree = sqlglot.parse_one(text)
    except SqlglotError:
        return None
    return tree.name if isinstance(tree, exp.Column) and not tree.table else None


def written(text: str, way: Sequence[str] = ()) -> str:
    """The expression, each of its columns read at the end of a way of joins, ready to stand in another.

    Raises BadFormula where it cannot be read, or the way is longer than a formula can name.
    """
    if len(way) > _MOST_NAMED:
        raise BadFormula(f"{' > '.join(way)} leads over more than {_MOST_NAMED} joins, which a formula cannot name")
    try:
        tree = sqlglot.parse_one(text)
    except (SqlglotError, RecursionError) as error:
        raise BadFormula(f"{text!r} cannot be read") from error
    for column in tree.find_all(exp.Column):
        if column.table:
            raise BadFormula(f"{column.sql()!r}: only columns of the table itself are understood")
        names = [*way, column.name]
        if way or not column.this.quoted:
            fresh = column_of([exp.to_identifier(name, quoted=is_quoted(name)) for name in names])
            column.replace(fresh) if column.parent else None
            tree = fresh if column is tree else tree
    return tree.sql() if isinstance(tree, exp.Column) or not isinstance(tree, (exp.Binary, exp.Unary)) else f"({tree.sql()})"


def column_of(parts: Sequence[exp.Expr]) -> exp.Column:
    """A column by its name, and by those of up to three joins before it, in the order in which they are read."""
    return exp.Column(**dict(zip(("this", "table", "db", "catalog"), reversed(parts), strict=False)))


def is_quoted(name: str) -> bool:
    """Whether the name, bare, would be read as something else."""
    return column_named(name) != name

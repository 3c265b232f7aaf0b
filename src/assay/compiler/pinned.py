"""A formula of the catalog as it runs: its columns, its text and every operation with one pinned meaning."""

from collections.abc import Callable

from sqlglot import exp

from assay.compiler import dialect as pin
from assay.compiler.dialect import Dialect

Written = Callable[[exp.Expr], exp.Expr]


def pinned(
    tree: exp.Expr, dialect: Dialect, column: Callable[[exp.Column], exp.Expr], text: Written, restricted: Written
) -> exp.Expr:
    """The formula with every column, text literal and aggregate passed through the given functions.

    `restricted` gets each aggregate, and may put a FILTER on it. Division is pinned wherever it stands,
    inside an aggregate and in a condition too. The tree given is used up.
    """

    def write(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            return column(node)
        for name, part in list(node.args.items()):
            if isinstance(part, exp.Expr):
                node.set(name, write(part))
            elif isinstance(part, list):
                node.set(name, [write(each) if isinstance(each, exp.Expr) else each for each in part])
        match node:
            case exp.Literal(is_string=True):
                return text(node)
            case exp.Div():
                return pin.quotient(node.this, node.expression)
            case exp.Avg():
                total, count = pin.average(node.this)
                return exp.Paren(this=pin.quotient(restricted(total), restricted(count)))
            case exp.Median():
                return restricted(pin.percentile(node.this, exp.Literal.number("0.5"), dialect))
            case exp.Quantile():
                return restricted(pin.percentile(node.this, node.args["quantile"], dialect))
            case exp.Sum() | exp.Count() | exp.Min() | exp.Max():
                return restricted(node)
            case _:
                return node

    return write(tree)

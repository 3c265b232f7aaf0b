"""A formula of the catalog as it runs: its columns, its text and every operation with one pinned meaning."""

from typing import Protocol

from sqlglot import exp

from assay.catalog.formula import INTEGER, infer, whole_bits
from assay.catalog.types import HeldType
from assay.compiler import dialect as pin
from assay.compiler.held import Role
from assay.engine import Spelling

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between)
_ROW_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Abs)
_ROLES: dict[type[exp.Expr], Role] = {
    exp.Sum: "added", exp.Avg: "added", exp.Min: "least", exp.Max: "least", exp.Count: "looked_at", exp.Is: "looked_at",
    exp.Distinct: "value", exp.Median: "value", exp.Quantile: "value",
}  # fmt: skip


class Reader(Protocol):
    """What the parts of a formula become in a statement."""

    def held(self, node: exp.Column) -> HeldType: ...

    def column(self, node: exp.Column, role: Role) -> exp.Expr: ...

    def text(self, node: exp.Expr) -> exp.Expr: ...

    def restricted(self, aggregate: exp.Expr) -> exp.Expr:
        """The aggregate, with a FILTER where it looks at some rows only."""
        ...

    def settled(self, node: exp.Expr, aggregate: exp.Expr) -> exp.Expr:
        """A restricted aggregate with its value over no rows, in the type that the formula gives `node`."""
        ...


def pinned(tree: exp.Expr, spelling: Spelling, reader: Reader) -> exp.Expr:
    """The formula with every part passed through the reader. The tree given is used up.

    Division, and the width of whole numbers, are pinned wherever they stand: inside an aggregate and in a condition too.
    """

    def write(node: exp.Expr, role: Role) -> exp.Expr:
        if isinstance(node, exp.Column):
            return reader.column(node, role)
        as_written = node.copy() if isinstance(node, (exp.Sum, exp.Count, exp.Min, exp.Max)) else node
        bits = _bits_to_calculate_in(node, reader)
        scale = None if spelling.widens_decimals else _scale_to_calculate_in(node)
        within = role if isinstance(node, exp.Paren) else _ROLES.get(type(node), "calculated")
        if isinstance(node, _COMPARISONS):
            within = _compared(node, reader)
        for name, part in list(node.args.items()):
            if isinstance(part, exp.Expr):
                node.set(name, write(part, within))
            elif isinstance(part, list):
                node.set(name, [write(each, within) if isinstance(each, exp.Expr) else each for each in part])
        if bits:
            node.set("this", spelling.whole(node.this.unnest(), bits))
        if scale is not None:
            node.set("this", pin.result_as(node.this.unnest(), "decimal", scale))
        match node:
            case exp.Literal(is_string=True):
                return reader.text(node)
            case exp.Div():
                return pin.quotient(node.this, node.expression)
            case exp.Avg():
                total, count = pin.average(node.this)
                return exp.Paren(this=pin.quotient(reader.restricted(total), reader.restricted(count)))
            case exp.Median():
                return reader.restricted(spelling.percentile(node.this, exp.Literal.number("0.5")))
            case exp.Quantile():
                return reader.restricted(spelling.percentile(node.this, node.args["quantile"]))
            case exp.Sum() | exp.Count() | exp.Min() | exp.Max():
                return reader.settled(as_written, reader.restricted(node))
            case _:
                return node

    return write(tree, "calculated")


def _bits_to_calculate_in(node: exp.Expr, reader: Reader) -> int:
    """How wide the left side of an operation on whole numbers has to be made for it; 0 where it is wide enough.

    An engine calculates in the wider of both sides, so that one of them is enough.
    """
    if not isinstance(node, _ROW_ARITHMETIC) or infer(node) != INTEGER:
        return 0
    bits, left = whole_bits(node), node.this.unnest()
    if isinstance(left, exp.Literal) and isinstance(node, (exp.Neg, exp.Abs)):
        return 0
    if bits <= 62 and isinstance(left, (exp.Sum, exp.Count)):
        return 0  # no engine adds up or counts in less
    if isinstance(left, _ROW_ARITHMETIC) and (whole_bits(left) <= 62) == (bits <= 62):
        return 0
    return bits if all(reader.held(column).kind == "whole" for column in left.find_all(exp.Column)) else 0


def _scale_to_calculate_in(node: exp.Expr) -> int | None:
    """The scale with which the left side of an operation on decimals is made as wide as decimals are; None where it is.

    For engines that do not widen the results of narrow decimals by themselves.
    """
    if not isinstance(node, (exp.Add, exp.Sub, exp.Mul)) or infer(node).kind != "decimal":
        return None
    left = node.this.unnest()
    is_wide = isinstance(left, exp.Sum) or (isinstance(left, _ROW_ARITHMETIC) and infer(left).kind == "decimal")
    return None if is_wide else infer(left).scale or 0


def _compared(node: exp.Expr, reader: Reader) -> Role:
    """The role of columns in a comparison: left as they are beside numbers that are written out.

    Beside a column of single precision such a number is cast to it: 0.1 is another number there.
    """
    columns = [each for each in node.iter_expressions() if isinstance(each.unnest(), exp.Column)]
    numbers = [each for each in node.iter_expressions() if _is_number_written_out(each)]
    if len(columns) != 1 or len(columns) + len(numbers) != len(list(node.iter_expressions())):
        return "value"
    column = columns[0].unnest()
    assert isinstance(column, exp.Column)
    if reader.held(column).kind == "real":
        for each in numbers:
            each.replace(exp.cast(each.copy(), "float", copy=False))
    return "looked_at"


def _is_number_written_out(node: exp.Expr) -> bool:
    node = node.unnest()
    if isinstance(node, exp.Neg):
        node = node.this
    return isinstance(node, exp.Literal) and not node.is_string

"""A formula of the catalog as it runs: its columns, its text and every operation with one pinned meaning."""

from typing import Protocol

from sqlglot import exp

from assay.catalog.formula import INTEGER, family_of, infer, whole_bits
from assay.catalog.functions import function_of
from assay.catalog.types import HeldType
from assay.compiler import dialect as pin
from assay.compiler.functions import EXACT, like, pattern_of, written
from assay.compiler.held import Role
from assay.engine import Spelling

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between)
_ROW_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Abs)
_ROLES: dict[type[exp.Expr], Role] = {
    exp.Sum: "added", exp.Avg: "added", exp.Min: "least", exp.Max: "least", exp.Count: "looked_at", exp.Is: "looked_at",
    exp.Distinct: "value", exp.Median: "value", exp.Quantile: "value", exp.PercentileDisc: "value",
    exp.Stddev: "value", exp.StddevPop: "value", exp.Variance: "value", exp.VariancePop: "value",
}  # fmt: skip
_SPREADS = (exp.Stddev, exp.StddevPop, exp.Variance, exp.VariancePop)
_PATTERNS = (exp.Like, exp.StartsWith, exp.EndsWith, exp.Contains)


class Reader(Protocol):
    """What the parts of a formula become in a statement."""

    def held(self, node: exp.Column) -> HeldType: ...

    def column(self, node: exp.Column, role: Role) -> exp.Expr: ...

    def text(self, node: exp.Expr) -> exp.Expr: ...

    def restricted(self, aggregate: exp.Expr, further: exp.Expr | None) -> exp.Expr:
        """The aggregate, with a FILTER where it looks at some rows only; `further`: the condition of its own FILTER."""
        ...

    def settled(self, node: exp.Expr, aggregate: exp.Expr, further: exp.Expr | None) -> exp.Expr:
        """A restricted aggregate with its value over no rows, in the type that the formula gives `node`."""
        ...


def pinned(tree: exp.Expr, spelling: Spelling, reader: Reader) -> exp.Expr:
    """The formula with every part passed through the reader. The tree given is used up.

    Division, and the width of whole numbers, are pinned wherever they stand: inside an aggregate and in a condition too.
    """

    further: exp.Expr | None = None

    def write(node: exp.Expr, role: Role, is_exact: bool = False) -> exp.Expr:
        nonlocal further
        if isinstance(node, exp.Column):
            return reader.column(node, "value" if is_exact else role)
        if isinstance(node, exp.Filter):
            further = write(node.expression.this, "calculated")
            aggregate = write(node.this, role)
            further = None
            return aggregate
        as_written = node.copy() if isinstance(node, (exp.Sum, exp.Count, exp.Min, exp.Max)) else node
        function = function_of(node)
        given, family = (infer(node), _first_family(node)) if function else (INTEGER, "")
        bits = _bits_to_calculate_in(node, reader)
        scale = None if spelling.widens_decimals else _scale_to_calculate_in(node)
        within = role if isinstance(node, exp.Paren) else _ROLES.get(type(node), "calculated")
        is_exact = is_exact or isinstance(node, EXACT)
        if isinstance(node, _COMPARISONS):
            within = _compared(node, reader)
        if isinstance(node, _PATTERNS):
            value = write(node.this, "value")
            found = like(value, reader.text(exp.Literal.string(pattern_of(node))), is_escaped=not isinstance(node, exp.Like))
            return exp.paren(exp.not_(found, copy=False), copy=False) if node.args.get("negate") else found
        for name, part in list(node.args.items()):
            if name == "unit":
                continue  # a word of DATE_TRUNC, and no value
            if isinstance(part, exp.Expr):
                node.set(name, write(part, within, is_exact))
            elif isinstance(part, list):
                node.set(name, [write(each, within, is_exact) if isinstance(each, exp.Expr) else each for each in part])
        if bits:
            node.set("this", spelling.whole(node.this.unnest(), bits))
        if scale is not None:
            node.set("this", pin.result_as(node.this.unnest(), "decimal", scale))
        if function:
            return written(node, given, family, spelling)
        match node:
            case exp.Literal(is_string=True):
                return reader.text(node)
            case exp.Div():
                return pin.quotient(node.this, node.expression)
            case exp.Avg():
                total, count = pin.average(node.this)
                return exp.Paren(this=pin.quotient(reader.restricted(total, further), reader.restricted(count, further)))
            case exp.Median():
                return reader.restricted(spelling.percentile(node.this, exp.Literal.number("0.5")), further)
            case exp.Quantile():
                return reader.restricted(spelling.percentile(node.this, node.args["quantile"]), further)
            case exp.PercentileDisc():
                return reader.restricted(spelling.ranked(node.this, node.expression), further)
            case _ if isinstance(node, _SPREADS):
                return reader.restricted(type(node)(this=pin.double(node.this)), further)
            case exp.Sum() | exp.Count() | exp.Min() | exp.Max():
                return reader.settled(as_written, reader.restricted(node, further), further)
            case _:
                return node

    return write(tree, "calculated")


def _first_family(node: exp.Expr) -> str:
    """What the first argument of a function is."""
    first = next(node.iter_expressions(), None)
    return family_of(first) if first is not None and not isinstance(node, _PATTERNS) else ""


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
    if function_of(left) is not None:
        return bits
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

"""The two sides of a metric that divides: what stands above its line and what stands below.

Of an average these are the sum and the count of its values. Only sides that add up over groups are given: the rate of a
whole follows from the sides of its groups, and from nothing else.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from assay.catalog.formula import DOUBLE, Formula, infer
from assay.catalog.metric import Metric, Part, operand_tree
from assay.catalog.value_type import ValueType

Side = tuple[tuple[Part, ...], exp.Expr]
"""Parts, and the arithmetic over them as `p0`, `p1`, ..."""


def adds_up_over_groups(metric: Metric) -> bool:
    """Whether the values of groups, each row being in one of them, give the value of the whole when they are added."""
    return _adds_up(metric.parts, operand_tree(metric))


def is_sum_of_rows(metric: Metric) -> bool:
    """Whether it is the sum of a value of each row that counts, so that it is those rows times what each gives."""
    (part, *others) = metric.parts
    is_plain = not (others or part.alive or part.frame or part.shift or part.conversion) and metric.kind == "simple"
    return is_plain and isinstance(part.measure.tree, exp.Sum) and adds_up_over_groups(metric)


def sides(metric: Metric) -> tuple[Side, Side] | None:
    """What is divided and by what; None where the metric is no quotient of two that add up."""
    tree = operand_tree(metric).unnest()
    if isinstance(tree, exp.Div):
        found = _side(metric.parts, tree.this), _side(metric.parts, tree.expression)
    elif isinstance(tree, exp.Column) and (measures := _of_one_measure(metric.parts[int(tree.name[1:])])):
        above, below = measures
        found = ((above,), exp.column("p0")), ((below,), exp.column("p0"))
    else:
        return None
    return found if all(_adds_up(parts, arithmetic) and _reads(arithmetic) for parts, arithmetic in found) else None


def type_of(side: Side) -> ValueType:
    """Of a side that is one part alone that part's own; arithmetic is done on doubles."""
    parts, arithmetic = side
    return parts[0].type if isinstance(arithmetic, exp.Column) else DOUBLE


def _reads(arithmetic: exp.Expr) -> bool:
    return arithmetic.find(exp.Column) is not None


def _side(parts: Sequence[Part], arithmetic: exp.Expr) -> Side:
    """The side with the parts that it reads, numbered anew."""
    arithmetic = arithmetic.unnest().copy()
    used = sorted({int(each.name[1:]) for each in arithmetic.find_all(exp.Column)})
    places = {f"p{old}": f"p{new}" for new, old in enumerate(used)}
    renamed = arithmetic.transform(lambda node: exp.column(places[node.name]) if isinstance(node, exp.Column) else node)
    return tuple(parts[each] for each in used), renamed


def _of_one_measure(part: Part) -> tuple[Part, Part] | None:
    tree = part.measure.tree.unnest()
    if isinstance(tree, exp.Div):
        return _with(part, tree.this), _with(part, tree.expression)
    average = tree.this if isinstance(tree, exp.Filter) else tree
    if not isinstance(average, exp.Avg) or isinstance(average.this, exp.Distinct):
        return None

    def of(aggregate: type[exp.Expr]) -> Part:
        inner = aggregate(this=average.this.copy())
        return _with(part, exp.Filter(this=inner, expression=tree.expression.copy()) if average is not tree else inner)

    return of(exp.Sum), of(exp.Count)


def _with(part: Part, tree: exp.Expr) -> Part:
    tree = tree.unnest().copy()
    read = {(each.table, each.name) for each in tree.find_all(exp.Column)}
    columns = {name: each for name, each in part.measure.columns.items() if name in read}
    return replace(part, measure=Formula(tree, infer(tree), columns, tree.sql()))


def _adds_up(parts: Sequence[Part], arithmetic: exp.Expr) -> bool:
    """What is kept or put together first is chosen anew in each group, so its groups are no parts of the whole."""
    if any(part.keep or part.per for part in parts):
        return False
    return _is_linear(arithmetic) and all(_is_sum(part.measure.tree) for part in parts)


def _is_linear(node: exp.Expr) -> bool:
    match node:
        case exp.Column():
            return True
        case exp.Paren() | exp.Neg():
            return _is_linear(node.this)
        case exp.Add() | exp.Sub():
            return _is_linear(node.this) and _is_linear(node.expression)
        case exp.Mul():
            sides = node.this.unnest(), node.expression.unnest()
            return any(isinstance(each, exp.Literal) for each in sides) and any(map(_is_linear, sides))
        case exp.Div():
            return _is_linear(node.this) and isinstance(node.expression.unnest(), exp.Literal)
        case _:
            return False


def _is_sum(node: exp.Expr) -> bool:
    match node:
        case exp.Count() | exp.Sum():
            return not isinstance(node.this, exp.Distinct)
        case exp.Filter() | exp.Paren() | exp.Neg():
            return _is_sum(node.this)
        case exp.Add() | exp.Sub():
            return _is_sum(node.this) and _is_sum(node.expression)
        case exp.Mul():
            sides = node.this.unnest(), node.expression.unnest()
            return any(isinstance(each, exp.Literal) for each in sides) and any(map(_is_sum, sides))
        case _:
            return False

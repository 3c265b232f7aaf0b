"""What an aggregate adds up: the values that enter its result once for each row that it sees.

A parent's row stands beside each of its children. An aggregate that sees rows of the child and adds up nothing but
values of the parent counts each of them once for each child; `quantity * product.price` counts nothing twice.
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from assay.catalog.dictionary import Join, table_of
from assay.catalog.formula import BadFormula
from assay.catalog.parameters import PARAM

_INDIFFERENT = (
    exp.Min, exp.Max, exp.ArgMin, exp.ArgMax, exp.AnyValue, exp.First, exp.Last, exp.FirstValue, exp.LastValue,
    exp.NthValue, exp.Lag, exp.Lead, exp.LogicalAnd, exp.LogicalOr, exp.ApproxDistinct, exp.ArrayUniqueAgg,
    exp.Grouping, exp.GroupingId, exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile,
    # It counts the rows for which a condition holds, and a condition may look at the parent.
    exp.CountIf,
)  # fmt: skip
"""Aggregates and window functions whose result is the same however often a row is there."""
_ADDING_BY_NAME = frozenset(
    "fsum kahan_sum sumkahan mean favg try_sum try_avg std product geomean geometric_mean mad entropy sem"
    " kurtosis_pop".split(" ")
)
"""Aggregates that the parser has no class for."""
_OF_ONE_ROW = (
    exp.Lag, exp.Lead, exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile,
)  # fmt: skip
"""Window functions that give each row a value of its own; all others repeat one value over many rows."""
_TRANSPARENT = (exp.Paren, exp.Cast, exp.TryCast, exp.Neg)
_CONDITIONS = (exp.Predicate, exp.Connector, exp.Not)
_OF_THE_FIRST = (
    exp.Nullif, exp.Filter, exp.Window, exp.Lag, exp.Lead, exp.ArgMax, exp.ArgMin, exp.Round, exp.Trunc, exp.Left,
    exp.Right, exp.Substring,
)  # fmt: skip
"""What gives its first argument, or a part of it; the others say which row's, or how much of it."""


def adds_up(node: exp.Expr) -> bool:
    """Whether the node is an aggregate whose result changes when a row is there twice."""
    if isinstance(node, exp.Anonymous):
        is_adding = str(node.this).lower() in _ADDING_BY_NAME
    else:
        is_adding = isinstance(node, exp.AggFunc) and not isinstance(node, _INDIFFERENT)
    return is_adding and not isinstance(node.this, exp.Distinct) and not _is_distinct_call(node)


def _is_distinct_call(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and bool(node.expressions) and isinstance(node.expressions[0], exp.Distinct)


def addends(aggregate: exp.Expr) -> Iterator[list[exp.Expr]]:
    """The columns, subqueries and windows whose values each addend is made of; conditions are no values.

    `SUM(a * b - c)` has two addends, of `a` and `b` and of `c`. What is made of constants has none.
    """
    arguments = list(aggregate.iter_expressions())
    if isinstance(aggregate.parent, exp.WithinGroup):
        arguments.append(aggregate.parent.expression)
    if len(arguments) == 1:
        yield from terms(arguments[0])
    else:
        values = [value for each in arguments for value in _values(each)]
        if values:
            yield values


def terms(node: exp.Expr) -> Iterator[list[exp.Expr]]:
    """As `addends`, of one expression. An aggregate in it that adds up is a value too."""
    if isinstance(node, _TRANSPARENT):
        yield from terms(node.this)
    elif isinstance(node, (exp.Add, exp.Sub)):
        yield from terms(node.this)
        yield from terms(node.expression)
    else:
        values = list(_values(node))
        if values:
            yield values


def _repeats_one_value(node: exp.Expr) -> bool:
    call = node.this if isinstance(node, exp.Window) else None
    while isinstance(call, (exp.IgnoreNulls, exp.RespectNulls)):
        call = call.this
    return call is not None and not isinstance(call, _OF_ONE_ROW)


def _values(root: exp.Expr) -> Iterator[exp.Expr]:
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, (exp.Column, exp.Subquery, exp.Query)) or _repeats_one_value(node) or adds_up(node):
            yield node
        elif isinstance(node, _CONDITIONS):
            continue
        elif isinstance(node, exp.Case):
            stack += [branch.args["true"] for branch in node.args["ifs"]]
            stack += [node.args["default"]] if node.args.get("default") is not None else []
        elif isinstance(node, (exp.If, exp.Nvl2)):
            stack += [value for part in ("true", "false") if (value := node.args.get(part)) is not None]
        elif isinstance(node, _OF_THE_FIRST) or (isinstance(node, exp.Order) and node.this is not None):
            stack.append(node.this)
        elif isinstance(node, exp.DecodeCase):
            choices = node.expressions[1:]
            stack += [each for place, each in enumerate(choices) if place % 2 or place == len(choices) - 1]
        else:
            stack += list(node.iter_expressions())


def refuse_repeats(measure: exp.Expr, entity: str, paths: Mapping[str, Sequence[Join]]) -> None:
    """Raises BadFormula where the measure of a row of `entity` adds up what stands once for several of its rows.

    `measure` has qualified tables on its columns; `paths` are the joins from the entity to each of them.
    """
    own = {
        entity,
        PARAM,
        *(table for table, path in paths.items() if all(join.cardinality == "one_to_one" for join in path)),
    }
    for aggregate in measure.walk():
        if not adds_up(aggregate):
            continue
        for values in addends(aggregate):
            columns = [value for value in values if isinstance(value, exp.Column)]
            if columns and all(column.table not in own for column in columns):
                raise BadFormula(_repeated(aggregate, columns[0], entity))


def _repeated(aggregate: exp.Expr, column: exp.Column, entity: str) -> str:
    parent, name = table_of(column.table), column.name
    kept = f"COUNT(*) with the filter {parent}.{name} IS NOT NULL" if isinstance(aggregate, exp.Count) else (
        f"a measure that multiplies {name} by a column of {entity}"
    )  # fmt: skip
    return (
        f"counts {parent}.{name} once for each row of {entity}, because several of them share one row of {parent};"
        f" write entity: {parent} for this measure, or {kept}, or use MIN, MAX or COUNT(DISTINCT ...)"
    )

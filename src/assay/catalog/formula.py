"""Formulas of the catalog: measures, filters and derived expressions, read once into trees.

A formula is SQL in shape only. A short list of node classes is understood; each has one meaning on
every engine, and everything else is refused with a sentence. Columns come out bound: the `table`
part of every Column is the qualified dictionary table it belongs to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from assay.catalog.types import ColumnType

ValueKind = Literal["integer", "decimal", "double", "string", "boolean", "date", "timestamp"]
Resolve = Callable[[str, str | None], tuple[str, str, ColumnType]]
"""(column, table as written or None) -> (qualified table, column, type); raises BadFormula."""

_MAX_CHARACTERS = 2_000
_SCALARS = (
    exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Neg, exp.Not, exp.And, exp.Or,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Is,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Abs,
)  # fmt: skip
_AGGREGATES = (exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Median, exp.Quantile)
_CONDITIONS = (
    exp.Not, exp.And, exp.Or, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Is,
    exp.Boolean,
)  # fmt: skip


class BadFormula(ValueError):
    """The formula cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class ValueType:
    """What a value is on the wire; `scale` for decimals only."""

    kind: ValueKind
    scale: int | None = None


INTEGER, DOUBLE, BOOLEAN = ValueType("integer"), ValueType("double"), ValueType("boolean")


def value_type(column_type: ColumnType) -> ValueType:
    """How a column's value travels."""
    match column_type.kind:
        case "integer" | "bigint":
            return INTEGER
        case "decimal":
            return INTEGER if column_type.scale == 0 else ValueType("decimal", column_type.scale)
        case "timestamp" | "timestamp_ntz":
            return ValueType("timestamp")
        case "other":
            raise BadFormula(f"a column of type {column_type.text!r} cannot be used in a formula")
        case kind:
            return ValueType(kind)


@dataclass(frozen=True)
class Formula:
    """A bound tree, the type of its value, the columns it reads, and its text in one normal form."""

    tree: exp.Expr
    type: ValueType
    columns: dict[tuple[str, str], ColumnType]
    """(qualified table, column) -> type"""
    text: str


def _parse(text: str) -> exp.Expr:
    if len(text) > _MAX_CHARACTERS:
        raise BadFormula(f"longer than {_MAX_CHARACTERS:,} characters")
    try:
        trees = sqlglot.parse(text)
    except (SqlglotError, RecursionError) as error:
        raise BadFormula(f"cannot be read: {str(error).splitlines()[0]}") from error
    if len(trees) != 1 or trees[0] is None:
        raise BadFormula("is not one expression")
    return trees[0].transform(_percentile)


def _percentile(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and node.name.upper() == "PERCENTILE" and len(node.expressions) == 2:
        return exp.Quantile(this=node.expressions[0], quantile=node.expressions[1])
    return node


def read_measure(text: str, resolve: Resolve) -> Formula:
    """An aggregate such as `SUM(cost_avoided_usd)`, or arithmetic over aggregates."""
    formula = _bind(_parse(text), resolve)
    if not any(isinstance(node, _AGGREGATES) for node in formula.tree.walk()):
        raise BadFormula("has no aggregate; write for instance COUNT(*) or SUM(column)")
    for column in formula.tree.find_all(exp.Column):
        if column.find_ancestor(*_AGGREGATES) is None:
            raise BadFormula(f"{column.name} stands outside an aggregate")
    for node in formula.tree.find_all(*_AGGREGATES):
        if node.find_ancestor(*_AGGREGATES) is not None:
            raise BadFormula("an aggregate stands inside another")
    return formula


def read_filter(text: str, resolve: Resolve) -> Formula:
    """A condition on rows, such as `claim_status <> 'denied'`."""
    formula = _bind(_parse(text), resolve)
    if any(isinstance(node, _AGGREGATES) for node in formula.tree.walk()):
        raise BadFormula("a filter looks at one row at a time and cannot hold an aggregate")
    if formula.type != BOOLEAN:
        raise BadFormula("is no condition; write for instance status = 'open'")
    return formula


def read_expression(text: str) -> tuple[exp.Expr, tuple[str, ...]]:
    """Arithmetic over metric ids: the tree (ids are bare Columns) and the ids in order of appearance."""
    tree = _parse(text)
    for node in tree.walk():
        if not isinstance(node, (exp.Column, exp.Identifier, exp.Literal, exp.Paren, exp.Neg, exp.Add, exp.Sub,
                                 exp.Mul, exp.Div)):  # fmt: skip
            raise BadFormula(f"{node.sql()!r}: only metric ids, numbers and + - * / are understood")
        if isinstance(node, exp.Column) and node.table:
            raise BadFormula(f"{node.sql()!r}: write the bare metric id")
        if isinstance(node, exp.Literal) and node.is_string:
            raise BadFormula(f"{node.sql()} is text, not a number")
    ids = tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))
    if not ids:
        raise BadFormula("names no metric")
    return tree, ids


def _bind(tree: exp.Expr, resolve: Resolve) -> Formula:
    columns: dict[tuple[str, str], ColumnType] = {}

    def bound(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            if node.args.get("db") or not isinstance(node.this, exp.Identifier):
                raise BadFormula(f"{node.sql()!r}: write column or table.column")
            table, name, column_type = resolve(node.name, node.table or None)
            columns[table, name] = column_type
            fresh = exp.column(exp.to_identifier(name), table=exp.to_identifier(table, quoted=True))
            fresh.meta["value_type"] = value_type(column_type)
            return fresh
        return node

    tree = tree.transform(bound, copy=False)
    return Formula(tree, infer(tree), columns, tree.sql())


def infer(node: exp.Expr) -> ValueType:
    """The type of a value, decided here and not by an engine. Raises BadFormula for what is not understood."""
    if isinstance(node, exp.Column):
        return node.meta["value_type"]
    if isinstance(node, _AGGREGATES):
        return _infer_aggregate(node)
    if not isinstance(node, _SCALARS):
        raise BadFormula(f"{node.sql()!r} is not understood; formulas may use aggregates, arithmetic, comparisons, CASE"
                         ", COALESCE, NULLIF and ABS")  # fmt: skip
    if isinstance(node, exp.Literal):
        if node.is_string:
            return ValueType("string")
        return INTEGER if node.this.isdecimal() else ValueType("decimal", len(node.this.partition(".")[2]))
    if isinstance(node, (exp.Paren, exp.Neg, exp.Abs)):
        return infer(node.this)
    if isinstance(node, exp.Null):
        return ValueType("string")
    if isinstance(node, _CONDITIONS):
        for part in node.iter_expressions():
            infer(part)
        return BOOLEAN
    if isinstance(node, (exp.Coalesce, exp.Nullif)):
        first = infer(node.this)
        for part in [*node.expressions, *([node.expression] if isinstance(node, exp.Nullif) else [])]:
            infer(part)
        return first
    if isinstance(node, exp.Case):
        return _infer_case(node)
    return _infer_arithmetic(node)


def _infer_case(node: exp.Case) -> ValueType:
    if node.this is not None:
        infer(node.this)
    results: list[ValueType] = []
    for branch in node.args["ifs"]:
        infer(branch.this)
        if not isinstance(branch.args["true"], exp.Null):
            results.append(infer(branch.args["true"]))
    default = node.args.get("default")
    if default is not None and not isinstance(default, exp.Null):
        results.append(infer(default))
    if not results:
        raise BadFormula("a CASE needs a value")
    return _wider(results)


def _wider(types: list[ValueType]) -> ValueType:
    kinds = {each.kind for each in types}
    if len(kinds) == 1 and kinds != {"decimal"}:
        return types[0]
    if kinds <= {"integer", "decimal"}:
        return ValueType("decimal", max(each.scale or 0 for each in types))
    if kinds <= {"integer", "decimal", "double"}:
        return DOUBLE
    raise BadFormula(f"mixes {' and '.join(sorted(kinds))}")


def _infer_arithmetic(node: exp.Expr) -> ValueType:
    left, right = infer(node.this), infer(node.expression)
    for side in (left, right):
        if side.kind not in ("integer", "decimal", "double"):
            raise BadFormula(f"{node.sql()!r} calculates with a {side.kind}")
    if isinstance(node, exp.Div) or "double" in (left.kind, right.kind):
        return DOUBLE
    if left == right == INTEGER:
        return INTEGER
    if isinstance(node, exp.Mul):
        return ValueType("decimal", (left.scale or 0) + (right.scale or 0))
    return ValueType("decimal", max(left.scale or 0, right.scale or 0))


def _infer_aggregate(node: exp.Expr) -> ValueType:
    if isinstance(node, exp.Count):
        inner = node.this
        if isinstance(inner, exp.Distinct):
            if len(inner.expressions) != 1:
                raise BadFormula("COUNT(DISTINCT ...) takes one column")
            infer(inner.expressions[0])
        elif not isinstance(inner, exp.Star):
            infer(inner)
        return INTEGER
    inner = infer(node.this)
    if isinstance(node, (exp.Min, exp.Max)):
        return inner
    if inner.kind not in ("integer", "decimal", "double"):
        raise BadFormula(f"{node.sql()!r} calculates with a {inner.kind}")
    if isinstance(node, exp.Sum):
        return inner
    if isinstance(node, exp.Quantile):
        share = node.args["quantile"]
        if not (isinstance(share, exp.Literal) and not share.is_string and 0 <= float(share.this) <= 1):
            raise BadFormula("PERCENTILE takes a column and a share from 0 to 1")
    return DOUBLE

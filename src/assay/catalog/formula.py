"""Formulas of the catalog: measures, filters and derived expressions, read once into trees.

A formula is SQL in shape only. A short list of node classes is understood; each has one meaning on
every engine, and everything else is refused with a sentence. Columns come out bound: the `table`
part of every Column is the qualified dictionary table it belongs to.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from assay.catalog.functions import NAMED, Typing, function_of
from assay.catalog.types import ColumnType
from assay.catalog.value_type import (
    BOOLEAN,
    DOUBLE,
    INTEGER,
    NUMBERS,
    STRING,
    BadFormula,
    ValueType,
    value_type,
)
from assay.engine.parser_words import plainly

__all__ = [
    "AGGREGATES", "BOOLEAN", "DOUBLE", "INTEGER", "MOST_DIGITS", "STRING", "BadFormula", "Formula", "Resolve", "ValueType",
    "both", "either", "family_of", "infer", "read_expression", "read_filter", "read_formula", "read_measure", "read_value",
    "type_of_formula", "value_type", "whole_bits",
]  # fmt: skip

Resolve = Callable[[str, str | None], tuple[str, str, ColumnType]]
"""(column, table or way as written or None) -> (source, column, type); raises BadFormula."""

MOST_DIGITS = 38
"""Of a decimal, on every engine."""
_MAX_CHARACTERS = 2_000
_BITS_OF_A_DECIMAL = 127
_BITS_OF_A_BIGINT = 62
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div)
_SPREADS = (exp.Stddev, exp.StddevPop, exp.Variance, exp.VariancePop)
AGGREGATES = (
    exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Median, exp.Quantile, exp.PercentileDisc, *_SPREADS,
)  # fmt: skip
_EQUALITIES = (exp.EQ, exp.NEQ, exp.In)
_ORDERINGS = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)
_TWO_SIDED = ("this", "expression")
# What is understood, and the parts that each may have: a part that is not listed (a second argument of
# MAX, BETWEEN SYMMETRIC, IN over a subquery) would change the meaning, so it is refused.
_UNDERSTOOD: dict[type[exp.Expr], tuple[str, ...]] = {
    exp.Column: ("this", "table"), exp.Literal: ("this", "is_string"), exp.Boolean: ("this",), exp.Null: (),
    exp.Paren: ("this",), exp.Neg: ("this",), exp.Abs: ("this",), exp.Not: ("this",),
    exp.And: _TWO_SIDED, exp.Or: _TWO_SIDED, exp.Is: _TWO_SIDED,
    exp.In: ("this", "expressions"), exp.Between: ("this", "low", "high"),
    exp.Case: ("this", "ifs", "default"), exp.Coalesce: ("this", "expressions"), exp.Nullif: _TWO_SIDED,
    exp.Count: ("this", "big_int"), exp.Quantile: ("this", "quantile"), exp.PercentileDisc: _TWO_SIDED,
    exp.Filter: _TWO_SIDED, exp.Where: ("this",),
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), _TWO_SIDED),
    **dict.fromkeys(_ARITHMETIC, (*_TWO_SIDED, "typed", "safe")),
    **dict.fromkeys((exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Median, *_SPREADS), ("this",)),
}  # fmt: skip


@dataclass(frozen=True)
class Formula:
    """A bound tree, the type of its value, the columns it reads, and its text in one normal form."""

    tree: exp.Expr
    type: ValueType
    columns: dict[tuple[str, str], ColumnType]
    """(source, column) -> type; a source is a qualified table, or one in a role"""
    text: str


def read_formula(text: str, resolve: Resolve) -> Formula:
    """Whatever can be calculated, with or without aggregates."""
    return _bind(_parse(text), resolve)


def read_measure(text: str, resolve: Resolve) -> Formula:
    """An aggregate such as `SUM(cost_avoided_usd)`, or arithmetic over aggregates."""
    formula = read_formula(text, resolve)
    aggregates = list(formula.tree.find_all(*AGGREGATES))
    if not aggregates:
        raise BadFormula("has no aggregate; write for instance COUNT(*) or SUM(column)")
    for column in formula.tree.find_all(exp.Column):
        if column.find_ancestor(exp.Filter, *AGGREGATES) is None:
            raise BadFormula(f"{column.name} stands outside an aggregate")
    for node in aggregates:
        if node.find_ancestor(exp.Where, *AGGREGATES) is not None:
            raise BadFormula("an aggregate stands inside another; say what the inner one is calculated for: per: [COLUMN]")
    if formula.type.kind in ("string", "boolean"):
        raise BadFormula(f"gives a {formula.type.kind}; a measure is a number or a moment")
    return formula


def read_filter(text: str, resolve: Resolve) -> Formula:
    """A condition on rows, such as `claim_status <> 'denied'`."""
    formula = read_formula(text, resolve)
    if any(isinstance(node, AGGREGATES) for node in formula.tree.walk()):
        raise BadFormula("a filter looks at one row at a time and cannot hold an aggregate")
    if formula.type != BOOLEAN:
        raise BadFormula("is no condition; write for instance status = 'open'")
    return formula


def read_value(text: str, resolve: Resolve) -> Formula:
    """A value of one row, such as `WEEKDAY(order_date)`."""
    formula = read_formula(text, resolve)
    if any(isinstance(node, AGGREGATES) for node in formula.tree.walk()):
        raise BadFormula("looks at one row at a time and cannot hold an aggregate")
    if not formula.columns:
        raise BadFormula("reads no column")
    if isinstance(formula.tree.unnest(), exp.Column):
        raise BadFormula(f"is a column and nothing else; write column: {text.strip().strip('()')}")
    return formula


def type_of_formula(formula: Formula) -> ColumnType:
    """The type of a column that holds the values of a formula."""
    found = formula.type
    match found.kind:
        case "integer" if whole_bits(formula.tree) > _BITS_OF_A_BIGINT:
            return ColumnType("decimal", "decimal(38,0)", 38, 0)
        case "integer":
            return ColumnType("bigint", "bigint")
        case "decimal":
            return ColumnType("decimal", f"decimal(38,{found.scale or 0})", 38, found.scale or 0)
        case "timestamp" if family_of(formula.tree) == "wall time":
            return ColumnType("timestamp_ntz", "timestamp_ntz")
        case kind:
            return ColumnType(kind, kind)


def both(first: Formula, second: Formula) -> Formula:
    """Rows for which both conditions hold."""
    tree = exp.And(this=exp.paren(first.tree), expression=exp.paren(second.tree))
    return Formula(tree, BOOLEAN, {**first.columns, **second.columns}, tree.sql())


def either(first: Formula, second: Formula) -> Formula:
    """Rows for which one of the conditions holds, or both."""
    tree = exp.Or(this=exp.paren(first.tree), expression=exp.paren(second.tree))
    return Formula(tree, BOOLEAN, {**first.columns, **second.columns}, tree.sql())


def read_expression(text: str) -> tuple[exp.Expr, tuple[str, ...]]:
    """Arithmetic over metric ids: the tree (ids are bare Columns) and the ids in order of appearance."""
    tree = _parse(text)
    for node in tree.walk():
        if not isinstance(node, (exp.Column, exp.Identifier, exp.Literal, exp.Paren, exp.Neg, *_ARITHMETIC)):
            raise BadFormula(f"{node.sql()!r}: only metric ids, numbers and + - * / are understood")
        if isinstance(node, exp.Column) and node.table:
            raise BadFormula(f"{node.sql()!r}: write the bare metric id")
        if isinstance(node, exp.Literal):
            if node.is_string:
                raise BadFormula(f"{node.sql()} is text, not a number")
            _literal_type(node)
    ids = tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))
    if not ids:
        raise BadFormula("names no metric")
    return tree, ids


def _parse(text: str) -> exp.Expr:
    if len(text) > _MAX_CHARACTERS:
        raise BadFormula(f"longer than {_MAX_CHARACTERS:,} characters")
    try:
        trees = sqlglot.parse(text)
    except SqlglotError as error:
        said = plainly(error)
        place = f" (character {said.column})" if said.column and said.line == 1 else ""
        raise BadFormula(f"cannot be read: {said.text}{place}") from error
    except RecursionError as error:
        raise BadFormula("cannot be read: it is nested too deeply") from error
    if len(trees) != 1 or trees[0] is None:
        raise BadFormula("is not one expression")
    tree = trees[0].transform(_in_one_form)
    for node in tree.walk():
        node.comments = None
    return tree


def _in_one_form(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.StddevSamp):
        return exp.Stddev(this=node.this)
    if isinstance(node, exp.DateTrunc):
        return exp.DateTrunc(**{"this": node.this, **node.args})  # its first argument first
    if isinstance(node, exp.Anonymous) and node.name.upper() in NAMED:
        node.set("this", node.name.upper())
    if isinstance(node, exp.Anonymous) and node.name.upper() == "PERCENTILE" and len(node.expressions) == 2:
        return exp.Quantile(this=node.expressions[0], quantile=node.expressions[1])
    return node


def _bind(tree: exp.Expr, resolve: Resolve) -> Formula:
    columns: dict[tuple[str, str], ColumnType] = {}

    def bound(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        if node.args.get("catalog") or not isinstance(node.this, exp.Identifier):
            raise BadFormula(f"{node.sql()!r}: write column, table.column or schema.table.column")
        named = ".".join(part for part in (node.db, node.table) if part)
        table, name, column_type = resolve(node.name, named or None)
        if not table.startswith("$"):  # what is bound is no column of a table
            columns[table, name] = column_type
        fresh = exp.column(exp.to_identifier(name), table=exp.to_identifier(table, quoted=True))
        fresh.meta["column_type"] = column_type
        return fresh

    tree = tree.transform(bound, copy=False)
    return Formula(tree, infer(tree), columns, tree.sql())


def infer(node: exp.Expr) -> ValueType:
    """The type of a value, decided here and not by an engine. Raises BadFormula for what is not understood."""
    function = function_of(node)
    allowed = function.parts if function else _UNDERSTOOD.get(type(node))
    if allowed is None or any(value for part, value in node.args.items() if part not in allowed):
        raise BadFormula(f"{_shown(node)!r} is not understood; formulas may use aggregates, arithmetic, comparisons, CASE"
                         ", and the functions of docs/metrics/functions.md")  # fmt: skip
    if function:
        return function.type_of(node, Typing(infer, family_of, _shown))
    match node:
        case exp.Column():
            return value_type(node.meta["column_type"])
        case exp.Literal():
            return _literal_type(node)
        case exp.Boolean():
            return BOOLEAN
        case exp.Null():
            raise BadFormula("NULL stands alone; write IS NULL to ask for it")
        case exp.Paren():
            return infer(node.this)
        case exp.Neg() | exp.Abs():
            return _number(node.this, node)
        case exp.Not() | exp.And() | exp.Or():
            return _infer_logic(node)
        case exp.Is():
            return _infer_is(node)
        case exp.Coalesce() | exp.Nullif():
            return _infer_alternatives(node)
        case exp.Case():
            return _infer_case(node)
        case exp.Filter():
            return _infer_filtered(node)
        case _ if isinstance(node, (*_EQUALITIES, *_ORDERINGS)):
            return _infer_comparison(node)
        case _ if isinstance(node, AGGREGATES):
            return _infer_aggregate(node)
        case _:
            return _infer_arithmetic(node)


def _literal_type(node: exp.Literal) -> ValueType:
    if node.is_string:
        return STRING
    whole, point, fraction = node.this.partition(".")
    if not (whole + fraction).isdecimal():
        raise BadFormula(f"{node.this}: write the number out in digits")
    return ValueType("decimal", len(fraction)) if point else INTEGER


def _shown(node: exp.Expr) -> str:
    """The formula as its author wrote it: columns without their table."""
    return node.transform(lambda each: exp.column(each.name) if isinstance(each, exp.Column) else each).sql()


def _number(node: exp.Expr, inside: exp.Expr) -> ValueType:
    found = infer(node)
    if not found.is_number:
        raise BadFormula(f"{_shown(inside)!r} calculates with a {found.kind}")
    return found


def _infer_logic(node: exp.Expr) -> ValueType:
    for side in node.iter_expressions():
        if infer(side) != BOOLEAN:
            raise BadFormula(f"{_shown(side)!r} is no condition; write for instance status = 'open'")
    return BOOLEAN


def _infer_is(node: exp.Is) -> ValueType:
    kind = infer(node.this).kind
    if isinstance(node.expression, exp.Null) or (isinstance(node.expression, exp.Boolean) and kind == "boolean"):
        return BOOLEAN
    raise BadFormula(f"{_shown(node)!r}: after IS stands NULL, or TRUE or FALSE of a condition")


def _infer_comparison(node: exp.Expr) -> ValueType:
    sides = list(node.iter_expressions())
    family = _agree(sides, node)
    if isinstance(node, _ORDERINGS) and family in ("string", "boolean"):
        # Text is ordered by the database's collation, and engines disagree about it.
        raise BadFormula(f"{_shown(node)!r}: a {family} has no order that every engine shares")
    return BOOLEAN


def _agree(sides: list[exp.Expr], inside: exp.Expr) -> str:
    """The one family to which all sides of a comparison belong."""
    if any(isinstance(side, exp.Null) for side in sides):
        raise BadFormula(f"{_shown(inside)!r}: nothing is equal to NULL; write IS NULL")
    _read_moments(sides)
    families = {family_of(side) for side in sides}
    if len(families) > 1:
        raise BadFormula(f"{_shown(inside)!r} compares {' with '.join(sorted(families))}")
    return families.pop()


def _read_moments(sides: list[exp.Expr]) -> None:
    """Text beside a date or timestamp is a moment; `meta["moment"]` holds it."""
    families = {family_of(side) for side in sides if not (isinstance(side, exp.Literal) and side.is_string)}
    if len(families) != 1 or not families <= {"date", "timestamp", "wall time"}:
        return
    family = families.pop()
    for side in sides:
        if isinstance(side, exp.Literal):
            try:
                moment = date.fromisoformat(side.this) if family == "date" else datetime.fromisoformat(side.this)
            except ValueError as error:
                raise BadFormula(f"{side.sql()} is no {family}; write for instance '2026-11-01'") from error
            if family == "wall time" and isinstance(moment, datetime) and moment.tzinfo is not None:
                raise BadFormula(f"{side.sql()}: the column holds wall times; leave the time zone out")
            side.meta["moment"] = moment
            side.meta["family"] = family


def family_of(node: exp.Expr) -> str:
    """What can be compared with what: a column of wall times is not an instant, and text is not a number."""
    known = node.meta.get("family")
    if known:
        return known
    found = infer(node)
    if found.kind == "timestamp" and any(
        column.meta["column_type"].kind == "timestamp_ntz" for column in node.find_all(exp.Column)
    ):
        return "wall time"
    return "number" if found.is_number else found.kind


def _infer_alternatives(node: exp.Expr) -> ValueType:
    """COALESCE and NULLIF: values that can stand for one another."""
    found = [infer(each) for each in node.iter_expressions() if not isinstance(each, exp.Null)]
    if not found:
        raise BadFormula(f"{_shown(node)!r} has no value")
    widest = _wider(found)
    return found[0] if isinstance(node, exp.Nullif) else widest


def _infer_case(node: exp.Case) -> ValueType:
    results: list[ValueType] = []
    for branch in node.args["ifs"]:
        if node.this is not None:
            _agree([node.this, branch.this], node)
        elif infer(branch.this) != BOOLEAN:
            raise BadFormula(f"{_shown(branch.this)!r} is no condition; write for instance status = 'open'")
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
    if kinds <= set(NUMBERS):
        return DOUBLE
    raise BadFormula(f"mixes {' and '.join(sorted(kinds))}")


def _infer_arithmetic(node: exp.Expr) -> ValueType:
    left, right = _number(node.this, node), _number(node.expression, node)
    if isinstance(node, exp.Div) or "double" in (left.kind, right.kind):
        return DOUBLE
    if left == right == INTEGER:
        return INTEGER
    if isinstance(node, exp.Mul):
        return ValueType("decimal", (left.scale or 0) + (right.scale or 0))
    return ValueType("decimal", max(left.scale or 0, right.scale or 0))


def _infer_filtered(node: exp.Filter) -> ValueType:
    """An aggregate over the rows of a condition."""
    if not isinstance(node.this, AGGREGATES):
        raise BadFormula(f"{_shown(node)!r}: FILTER stands behind an aggregate")
    if infer(node.expression.this) != BOOLEAN:
        raise BadFormula(f"{_shown(node.expression.this)!r} is no condition; write for instance status = 'open'")
    return infer(node.this)


def _infer_aggregate(node: exp.Expr) -> ValueType:
    if isinstance(node, exp.Count):
        return _infer_count(node)
    if isinstance(node, (exp.Min, exp.Max)):
        inner = infer(node.this)
        if inner.kind in ("string", "boolean"):
            raise BadFormula(f"{_shown(node)!r}: a {inner.kind} has no order that every engine shares")
        return inner
    inner = _number(node.this, node)
    if isinstance(node, (exp.Quantile, exp.PercentileDisc)):
        share = node.args["quantile"] if isinstance(node, exp.Quantile) else node.expression
        if not (isinstance(share, exp.Literal) and not share.is_string and 0 <= float(share.this) <= 1):
            raise BadFormula(f"{_NAMES[type(node)]} takes a column and a share from 0 to 1")
    return inner if isinstance(node, (exp.Sum, exp.PercentileDisc)) else DOUBLE


_NAMES = {exp.Quantile: "PERCENTILE", exp.PercentileDisc: "PERCENTILE_DISC"}


def _infer_count(node: exp.Count) -> ValueType:
    inner = node.this
    if isinstance(inner, exp.Distinct):
        for each in inner.expressions:
            infer(each)
        return INTEGER
    if inner is None:
        raise BadFormula("COUNT() counts nothing; write COUNT(*)")
    if not (isinstance(inner, exp.Star) and inner is node.this):
        infer(inner)
    return INTEGER


def whole_bits(node: exp.Expr) -> int:
    """How large the value of a formula of whole numbers can become: from -2**bits to 2**bits."""
    match node:
        case exp.Column():
            held = node.meta["column_type"].meant
            return held.bits if held.kind == "whole" else math.ceil((held.precision or 38) * math.log2(10))
        case exp.Literal():
            return int(node.this).bit_length()
        case exp.Count():
            return 40
        case exp.Filter():
            return whole_bits(node.this)
        case exp.Least() | exp.Greatest():
            return max(whole_bits(each) for each in node.iter_expressions())
        case exp.Round() | exp.Floor() | exp.Ceil():
            return whole_bits(node.this) if infer(node.this) == INTEGER else _BITS_OF_A_DECIMAL
        case exp.Length() | exp.Year() | exp.Quarter() | exp.Month() | exp.Day() | exp.Anonymous():
            return 31
        case exp.Sum():
            return whole_bits(node.this) + 30  # of a thousand million rows
        case exp.Add() | exp.Sub():
            return 1 + max(whole_bits(node.this), whole_bits(node.expression))
        case exp.Mul():
            return whole_bits(node.this) + whole_bits(node.expression)
        case exp.Case():
            results = [each.args["true"] for each in node.args["ifs"]] + [node.args.get("default")]
            return max(whole_bits(each) for each in results if each is not None and not isinstance(each, exp.Null))
        case exp.Coalesce() | exp.Nullif():
            return max(whole_bits(each) for each in node.iter_expressions() if not isinstance(each, exp.Null))
        case _:
            return whole_bits(node.this)

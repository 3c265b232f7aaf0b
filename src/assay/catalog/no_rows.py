"""What a measure gives where there are no rows: a count and a sum are 0, everything else is unknown.

Calculated here and not asked of an engine, because a group without rows is in no engine's answer.
"""

import math
from decimal import ROUND_HALF_UP, Decimal

from sqlglot import exp


def over_no_rows(node: exp.Expr, parts: tuple[Decimal | None, ...] = ()) -> Decimal | None:
    """What a measure gives where there are no rows: a count and a sum are 0, everything else is unknown (None).

    `parts` are the values of the columns `p0`, `p1`, ... of a derived metric's arithmetic.
    """
    match node:
        case exp.Column() if parts:
            return parts[int(node.name[1:])]
        case exp.Count() | exp.Sum():
            return Decimal(0)
        case exp.Filter():
            return over_no_rows(node.this, parts)
        case exp.Literal() if not node.is_string:
            return Decimal(node.this)
        case exp.Paren():
            return over_no_rows(node.this, parts)
        case exp.Neg() | exp.Abs():
            inner = over_no_rows(node.this, parts)
            return None if inner is None else -inner if isinstance(node, exp.Neg) else abs(inner)
        case exp.Least() | exp.Greatest():
            there = [each for each in (over_no_rows(each, parts) for each in node.iter_expressions()) if each is not None]
            return (min if isinstance(node, exp.Least) else max)(there, default=None)
        case exp.Round() | exp.Floor() | exp.Ceil() | exp.Ln() | exp.Sqrt():
            inner = over_no_rows(node.this, parts)
            return None if inner is None else _of_one(node, inner)
        case exp.Mod():
            left, right = over_no_rows(node.this, parts), over_no_rows(node.expression, parts)
            return None if left is None or not right else left % right
        case exp.Coalesce():
            found = (over_no_rows(each, parts) for each in node.iter_expressions())
            return next((each for each in found if each is not None), None)
        case exp.Nullif():
            value, other = over_no_rows(node.this, parts), over_no_rows(node.expression, parts)
            return None if value == other else value
        case exp.Case():
            for branch in node.args["ifs"]:
                chosen = exp.EQ(this=node.this.copy(), expression=branch.this.copy()) if node.this else branch.this
                if _holds_over_no_rows(chosen):
                    return over_no_rows(branch.args["true"])
            default = node.args.get("default")
            return None if default is None else over_no_rows(default)
        case exp.Add() | exp.Sub() | exp.Mul() | exp.Div():
            left, right = over_no_rows(node.this, parts), over_no_rows(node.expression, parts)
            if left is None or right is None or (isinstance(node, exp.Div) and right == 0):
                return None
            match node:
                case exp.Add():
                    return left + right
                case exp.Sub():
                    return left - right
                case exp.Mul():
                    return left * right
                case _:
                    return left / right
        case _:
            return None


def _of_one(node: exp.Expr, value: Decimal) -> Decimal | None:
    match node:
        case exp.Round():
            digits = node.args.get("decimals")
            return value.quantize(Decimal(1).scaleb(-int(digits.this) if digits else 0), ROUND_HALF_UP)
        case exp.Floor() | exp.Ceil():
            return Decimal(math.floor(value) if isinstance(node, exp.Floor) else math.ceil(value))
        case exp.Ln():
            return Decimal(math.log(value)) if value > 0 else None
        case _:
            return Decimal(math.sqrt(value)) if value >= 0 else None


_COMPARED = {exp.EQ: "__eq__", exp.NEQ: "__ne__", exp.GT: "__gt__", exp.GTE: "__ge__", exp.LT: "__lt__", exp.LTE: "__le__"}


def _holds_over_no_rows(node: exp.Expr) -> bool | None:
    """A condition over aggregates where there are no rows; None where that is not known, as SQL has it."""
    if type(node) in _COMPARED:
        left, right = over_no_rows(node.this), over_no_rows(node.expression)
        return None if left is None or right is None else getattr(left, _COMPARED[type(node)])(right)
    match node:
        case exp.Paren():
            return _holds_over_no_rows(node.this)
        case exp.Boolean():
            return bool(node.this)
        case exp.Is():
            return over_no_rows(node.this) is None
        case exp.Not():
            inner = _holds_over_no_rows(node.this)
            return None if inner is None else not inner
        case exp.And() | exp.Or():
            sides = [_holds_over_no_rows(node.this), _holds_over_no_rows(node.expression)]
            decides = isinstance(node, exp.Or)
            return decides if decides in sides else None if None in sides else not decides
        case exp.Between():
            inner, low, high = (over_no_rows(node.args[name]) for name in ("this", "low", "high"))
            return None if inner is None or low is None or high is None else low <= inner <= high
        case exp.In():
            inner = over_no_rows(node.this)
            return None if inner is None else inner in [over_no_rows(each) for each in node.expressions]
        case _:
            return None

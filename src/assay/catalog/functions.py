"""The functions of one row that formulas may use: what each takes, and of what type its value is.

How they are written for an engine stands in `compiler/functions.py`; what each means, in `docs/metrics/functions.md`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from assay.catalog.value_type import BOOLEAN, DATE, DOUBLE, INTEGER, STRING, BadFormula, ValueType

Infer = Callable[[exp.Expr], ValueType]
Family = Callable[[exp.Expr], str]
"""What can be compared with what: number, string, boolean, date, timestamp (an instant) or wall time."""


@dataclass(frozen=True, slots=True)
class Typing:
    """How the arguments of a function are looked at."""

    infer: Infer
    family: Family
    shown: Callable[[exp.Expr], str]

    def need(self, node: exp.Expr, argument: exp.Expr, *families: str) -> ValueType:
        found = self.family(argument)
        if found not in families:
            raise BadFormula(
                f"{self.shown(node)!r} takes a {' or a '.join(families)}, and {self.shown(argument)} is a {found}"
            )
        return self.infer(argument)


@dataclass(frozen=True, slots=True)
class Function:
    parts: tuple[str, ...]
    """The parts that its node may have: one that is not listed would change the meaning."""
    type_of: Callable[[exp.Expr, Typing], ValueType]


def _of_alike(node: exp.Expr, typing: Typing) -> ValueType:
    """LEAST and GREATEST: values without which the others decide."""
    arguments = list(node.iter_expressions())
    if len(arguments) < 2:
        raise BadFormula(f"{typing.shown(node)!r} takes two values or more")
    families = {typing.family(each) for each in arguments}
    if len(families) > 1 or not families <= {"number", "date", "timestamp", "wall time"}:
        raise BadFormula(f"{typing.shown(node)!r}: {' and '.join(sorted(families))} have no order that every engine shares")
    types = [typing.infer(each) for each in arguments]
    if families != {"number"} or len(set(types)) == 1:
        return types[0]
    if any(each.kind == "double" for each in types):
        return DOUBLE
    return ValueType("decimal", max(each.scale or 0 for each in types))


def _rounded(node: exp.Expr, typing: Typing) -> ValueType:
    found = typing.need(node, node.this, "number")
    if found.kind == "double":
        raise BadFormula(f"{typing.shown(node)!r}: a double has no exact half to round; round whole numbers and decimals")
    digits = whole_literal(node.args.get("decimals"), 0, 18)
    if digits is None:
        raise BadFormula(f"{typing.shown(node)!r}: the number of digits is written out, from 0 to 18")
    scale = min(digits, found.scale or 0)
    return ValueType("decimal", scale) if scale else INTEGER


def _cut(node: exp.Expr, typing: Typing) -> ValueType:
    return DOUBLE if typing.need(node, node.this, "number").kind == "double" else INTEGER


def _remainder(node: exp.Expr, typing: Typing) -> ValueType:
    for each in (node.this, node.expression):
        if typing.infer(each) != INTEGER:
            raise BadFormula(f"{typing.shown(node)!r}: {typing.shown(each)} is not a whole number")
    return INTEGER


def _real(node: exp.Expr, typing: Typing) -> ValueType:
    typing.need(node, node.this, "number")
    return DOUBLE


def _like(node: exp.Expr, typing: Typing) -> ValueType:
    typing.need(node, node.this, "string")
    pattern = node.expression
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise BadFormula(f"{typing.shown(node)!r}: the text that is looked for is written out")
    if isinstance(node, exp.Like) and "\\" in pattern.this:
        raise BadFormula(
            f"{typing.shown(node)!r}: engines disagree about a backslash here; use STARTS_WITH, ENDS_WITH or CONTAINS"
        )
    if not pattern.this:
        raise BadFormula(f"{typing.shown(node)!r} looks for an empty text")
    return BOOLEAN


def _text(node: exp.Expr, typing: Typing) -> ValueType:
    for each in node.iter_expressions():
        typing.need(node, each, "string")
    return STRING


def _length(node: exp.Expr, typing: Typing) -> ValueType:
    typing.need(node, node.this, "string")
    return INTEGER


def _piece(node: exp.Expr, typing: Typing) -> ValueType:
    typing.need(node, node.this, "string")
    length = node.args.get("length")
    if whole_literal(node.args.get("start"), 1, 10_000) is None or (length and whole_literal(length, 0, 10_000) is None):
        raise BadFormula(f"{typing.shown(node)!r}: start (from 1) and length are written out")
    return STRING


def _part_of_a_day(node: exp.Expr, typing: Typing) -> ValueType:
    argument = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    if isinstance(node, exp.Anonymous) and len(node.expressions) != 1:
        raise BadFormula(f"{typing.shown(node)!r} takes one date")
    if typing.family(argument) == "timestamp":
        raise BadFormula(
            f"{typing.shown(node)!r}: an instant lies in another day from place to place;"
            " use a column of days or of wall times"
        )
    typing.need(node, argument, "date", "wall time")
    return INTEGER


def _cut_day(node: exp.Expr, typing: Typing) -> ValueType:
    unit = node.args.get("unit")
    if not (isinstance(unit, exp.Literal) and unit.this.upper() in (*PARTS_OF_DAYS, *_UNITS)):
        raise BadFormula(f"{typing.shown(node)!r}: the unit is written out: {', '.join((*PARTS_OF_DAYS, *_UNITS)).lower()}")
    _part_of_a_day(node, typing)
    if unit.this.upper() in _UNITS:
        return DATE
    if typing.family(node.this) == "date":
        raise BadFormula(f"{typing.shown(node)!r}: a day has no {unit.this.lower()}; use a column of wall times")
    return ValueType("timestamp")


PARTS_OF_DAYS = ("SECOND", "MINUTE", "HOUR")
_UNITS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")


def _days_between(node: exp.Expr, typing: Typing) -> ValueType:
    for each in _two(node, typing):
        typing.need(node, each, "date")
    return INTEGER


def _seconds_between(node: exp.Expr, typing: Typing) -> ValueType:
    families: set[str] = set()
    for each in _two(node, typing):
        typing.need(node, each, "timestamp", "wall time")
        families.add(typing.family(each))
    if len(families) > 1:
        raise BadFormula(f"{typing.shown(node)!r}: an instant and a wall time are not seconds apart")
    return DOUBLE


def _two(node: exp.Expr, typing: Typing) -> list[exp.Expr]:
    if len(node.expressions) != 2:
        raise BadFormula(f"{typing.shown(node)!r} takes two values, the earlier one first")
    return list(node.expressions)


def whole_literal(node: exp.Expr | None, low: int, high: int) -> int | None:
    """The number that is written out, 0 where nothing stands; None where it is something else, or beyond the bounds."""
    if node is None:
        return 0
    if not (isinstance(node, exp.Literal) and node.is_int):
        return None
    return int(node.this) if low <= int(node.this) <= high else None


_ONE, _BOTH = ("this",), ("this", "expression")
FUNCTIONS: dict[type[exp.Expr], Function] = {
    **dict.fromkeys((exp.Least, exp.Greatest), Function(("this", "expressions", "ignore_nulls"), _of_alike)),
    exp.Round: Function(("this", "decimals"), _rounded),
    **dict.fromkeys((exp.Floor, exp.Ceil), Function(_ONE, _cut)),
    exp.Mod: Function(_BOTH, _remainder),
    **dict.fromkeys((exp.Ln, exp.Sqrt), Function(_ONE, _real)),
    exp.Like: Function((*_BOTH, "negate"), _like),
    **dict.fromkeys((exp.StartsWith, exp.EndsWith, exp.Contains), Function(_BOTH, _like)),
    **dict.fromkeys((exp.Lower, exp.Upper, exp.Trim), Function(_ONE, _text)),
    exp.Concat: Function(("expressions", "safe", "coalesce"), _text),
    exp.DPipe: Function((*_BOTH, "safe"), _text),
    exp.Length: Function(_ONE, _length),
    exp.Substring: Function(("this", "start", "length"), _piece),
    **dict.fromkeys((exp.Year, exp.Quarter, exp.Month, exp.Day), Function(_ONE, _part_of_a_day)),
    exp.DateTrunc: Function(("unit", "this"), _cut_day),
}  # fmt: skip
NAMED: dict[str, Function] = {
    "WEEKDAY": Function(("this", "expressions"), _part_of_a_day),
    "DAYS_BETWEEN": Function(("this", "expressions"), _days_between),
    "SECONDS_BETWEEN": Function(("this", "expressions"), _seconds_between),
}
"""Those that the parser has no class for."""


def function_of(node: exp.Expr) -> Function | None:
    return NAMED.get(node.name) if isinstance(node, exp.Anonymous) else FUNCTIONS.get(type(node))

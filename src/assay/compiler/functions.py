"""The functions of one row as they are written: each with the one meaning that every engine gives it, and the reason.

Their arguments are written already. `docs/metrics/functions.md` says what each means.
"""

from sqlglot import exp

from assay.catalog.formula import DOUBLE, ValueType
from assay.catalog.functions import PARTS_OF_DAYS
from assay.compiler import dialect as pin
from assay.engine import Spelling

EXACT = (exp.Round, exp.Floor, exp.Ceil, exp.Mod)
"""Of these the least difference may make another value: their columns are read as the dictionary says."""
_CAPITALS, _SMALL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_ESCAPE = "!"


def written(node: exp.Expr, given: ValueType, family: str, spelling: Spelling) -> exp.Expr:
    """The function over its written arguments; `given` is the type of its value, `family` that of its first argument.

    Whatever is no function stays as it is.
    """
    match node:
        case exp.Least() | exp.Greatest():
            # All engines leave out what has no value. Several widths of numbers are made one.
            sides = [pin.double(each) if given == DOUBLE else each for each in node.iter_expressions()]
            return type(node)(this=sides[0], expressions=sides[1:], ignore_nulls=True)
        case exp.Floor() | exp.Ceil() if given == DOUBLE:
            return spelling.cut(type(node), pin.double(node.this))
        case exp.Mod():
            # Over zero: an error in one engine, unknown in others.
            return exp.Mod(this=_in_brackets(node.this), expression=exp.Nullif(
                this=node.expression.unnest(), expression=exp.Literal.number(0)))  # fmt: skip
        case exp.Ln() | exp.Sqrt():
            # What has none: an error in two engines, unknown in the others.
            zero = exp.Literal.number(0)
            is_there = (exp.GT if isinstance(node, exp.Ln) else exp.GTE)(this=pin.double(node.this), expression=zero)
            return exp.Case(ifs=[exp.If(this=is_there, true=type(node)(this=pin.double(node.this.copy())))])
        case exp.Lower():
            return _translated(node.this, _CAPITALS, _SMALL)
        case exp.Upper():
            return _translated(node.this, _SMALL, _CAPITALS)
        case exp.Trim():
            # Of blanks alone: engines differ in what else they take for space.
            return exp.Trim(this=node.this, expression=exp.Literal.string(" "), position="BOTH")
        case exp.Concat():
            first, *others = node.expressions
            for each in others:
                first = exp.DPipe(this=first, expression=each, safe=True)
            return exp.paren(first, copy=False)
        case exp.DPipe():
            return exp.paren(node, copy=False)
        case exp.Year() | exp.Quarter() | exp.Month() | exp.Day():
            unit = exp.var(type(node).__name__.upper())
            return exp.cast(exp.Extract(this=unit, expression=_known_time(node.this, family)), "int", copy=False)
        case exp.DateTrunc():
            unit = node.args["unit"].this
            cut = spelling.cut_time if unit.upper() in PARTS_OF_DAYS else spelling.first_day
            return of_known_time(node.this, family, cut(node.this.copy(), unit.lower()))
        case exp.Anonymous(this="WEEKDAY"):
            return exp.cast(spelling.weekday(_known_time(node.expressions[0], family)), "int", copy=False)
        case exp.Anonymous(this="DAYS_BETWEEN"):
            return spelling.days_between(*(_known_time(each, family) for each in node.expressions))
        case exp.Anonymous(this="SECONDS_BETWEEN"):
            return spelling.seconds_between(*(_known_time(each, family) for each in node.expressions))
        case _:
            return node


def pattern_of(node: exp.Expr) -> str:
    """The text that is looked for, as a pattern of LIKE with `!` before what stands for itself."""
    if isinstance(node, exp.Like):
        return node.expression.this
    return looked_for(node.expression.this, begins=not isinstance(node, exp.StartsWith),
                      ends=not isinstance(node, exp.EndsWith))  # fmt: skip


def looked_for(text: str, *, begins: bool, ends: bool) -> str:
    """A pattern of LIKE; `begins`, `ends`: whether anything may stand before and behind the text."""
    for mark in (_ESCAPE, "%", "_"):
        text = text.replace(mark, _ESCAPE + mark)
    return f"{'%' if begins else ''}{text}{'%' if ends else ''}"


def like(value: exp.Expr, pattern: exp.Expr, *, is_escaped: bool) -> exp.Expr:
    """Letter by letter, capitals being others than small ones. The mark of escape is written: engines' own differ."""
    found = exp.Like(this=value, expression=pattern)
    return exp.Escape(this=found, expression=exp.Literal.string(_ESCAPE)) if is_escaped else found


def _translated(value: exp.Expr, letters: str, others: str) -> exp.Expr:
    """A to Z alone: of other letters engines, and the collations of one engine, have different pairs."""
    return exp.Anonymous(this="TRANSLATE", expressions=[value, exp.Literal.string(letters), exp.Literal.string(others)])


_TYPES = {"date": "date", "timestamp": "timestamptz", "wall time": "timestampntz", "timestamp_ntz": "timestampntz"}


def _known_time(value: exp.Expr, family: str) -> exp.Expr:
    return of_known_time(value, family, value.copy())


def of_known_time(time: exp.Expr, family: str, value: exp.Expr) -> exp.Expr:
    """What is made of a time of the years 1 to 9999: beyond them and at infinity engines fail, or count otherwise."""
    low, high = (exp.cast(exp.Literal.string(day), _TYPES[family], copy=False) for day in ("0001-01-01", "9999-12-31"))
    return exp.Case(ifs=[exp.If(this=exp.Between(this=time, low=low, high=high), true=value)])


def _in_brackets(value: exp.Expr) -> exp.Expr:
    return exp.paren(value, copy=False) if isinstance(value, exp.Binary) else value

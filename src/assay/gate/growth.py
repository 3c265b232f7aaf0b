"""How large a value may become, and how much work its length may make: nesting multiplies where each step only grows.

Sizes are estimates in characters, worst cases for what the functions do with them: of a value as columns usually are,
and of one as large as any. What is judged by them is growth, not the data.
"""

from collections.abc import Callable, Iterator, Mapping
from math import ceil
from typing import NamedTuple

from sqlglot import exp

from assay.engine import Dialect
from assay.gate.functions import calls
from assay.gate.patterns import pattern_fault
from assay.gate.rows import COLLECTORS, whole_number
from assay.gate.scopes import Found
from assay.gate.text import Text

MAX_SIZE = 50_000
"""Of one value."""
MAX_MADE = 20_000
"""Of all values together that padding and replacing make for each row: at most 10,000 rows come back."""
MAX_PRODUCT = 5_000_000
"""Of the lengths of two texts that are compared letter by letter with letter."""
_SLOTS = 16
"""Bytes that an element of a list takes at least."""


class Size(NamedTuple):
    usual: int
    most: int


COLUMN = Size(200, 100_000)
_NUMBER = Size(40, 40)
_BOUND = Size(200, 10_000)
"""A value that is bound."""
_COLLECTED = Size(10_000, 100_000)
_ONE_OF = (
    exp.Case, exp.If, exp.Coalesce, exp.Greatest, exp.Least, exp.Nullif, exp.Nvl2, exp.DecodeCase, exp.Max, exp.Min,
    exp.ArgMax, exp.ArgMin, exp.AnyValue, exp.First, exp.Last, exp.FirstValue, exp.LastValue, exp.Lag, exp.Lead,
    exp.Upper, exp.Lower, exp.Initcap, exp.Trim, exp.Reverse, exp.Translate, exp.SplitPart, exp.SubstringIndex,
    exp.ArraySort, exp.ArrayDistinct, exp.Bracket, exp.RegexpExtract, exp.RegexpSubstr, exp.Elt, exp.Mode,
)  # fmt: skip
"""What gives one of the values that it is given, or something no longer than the longest of them."""
_PARTS = (exp.Left, exp.Right, exp.Substring)
_LISTS = (exp.Split, exp.RegexpSplit, exp.StringToArray)
_PATTERNS = (
    exp.RegexpLike, exp.RegexpILike, exp.RegexpExtract, exp.RegexpReplace, exp.RegexpSplit, exp.RegexpCount,
    exp.RegexpInstr, exp.RegexpSubstr, exp.RegexpFullMatch, exp.SimilarTo,
)  # fmt: skip
_PATTERNS_BY_NAME = frozenset(
    {"regexp", "regexp_match", "regexp_like", "rlike", "regexp_count", "regexp_substr", "regexp_instr"}
)
_PAIRWISE = frozenset({
    "damerau_levenshtein", "editdist3", "levenshtein", "jaccard", "jaro_similarity", "jaro_winkler_similarity",
})  # fmt: skip
_SHORT = (exp.Predicate, exp.Connector, exp.Not, exp.Binary, exp.Neg, exp.Boolean, exp.Null, exp.Interval)
_QUIET = frozenset(
    """
    ABS AVG CEIL COALESCE COUNT CURRENT_DATE DATE DATE_TRUNC DENSE_RANK EXTRACT FILTER FLOOR FROM_UTC_TIMESTAMP GREATEST
    GROUPING LEAST LOWER MAX MEDIAN MIN MIN_BY MAX_BY NULLIF PERCENTILE_CONT QUANTILE_CONT PERCENTILE RANK ROUND ROW_NUMBER
    STDDEV SUM TO_UTC_TIMESTAMP TRUNC UPPER
""".split()
)
_GROWING_MARKS = frozenset({"||", "~", "~*", "!~", "!~*", "RLIKE", "REGEXP", "SIMILAR"})
Fault = tuple[exp.Expr, str]


def may_grow(text: Text) -> bool:
    """Whether anything in the text can make a value larger; where not, which is the usual case, nothing is measured."""
    if any(lexeme.upper in _GROWING_MARKS for lexeme in text.lexemes):
        return True
    return any(name.upper not in _QUIET for _, name in calls(text.lexemes))


def measure(
    select: exp.Select, found: Mapping[int, Found], queries: Mapping[int, Size], dialect: Dialect
) -> tuple[dict[int, Size], list[Fault], int]:
    """Sizes of all values of one SELECT by identity, what is wrong with them, and how much is made beyond what is read.

    `queries` are the sizes of the subqueries in it.
    """
    nodes = list(_own(select))
    sizes: dict[int, Size] = {}
    faults: list[Fault] = []
    made = 0
    for node in reversed(nodes):  # the parts before the whole
        size, read = _size_of(node, sizes, found, queries)
        sizes[id(node)] = size
        if size.usual > MAX_SIZE:
            faults.append((node, f"it could make a text of {size.usual:,} characters for each row; at most {MAX_SIZE:,}"))
            sizes[id(node)] = COLUMN  # what is around it is not to blame as well
        elif isinstance(node, (exp.Pad, exp.Replace, exp.RegexpReplace)) and size.usual > read:
            made += size.usual
        faults += _work_of(node, sizes, dialect)
    return sizes, faults, made


def _own(select: exp.Select) -> Iterator[exp.Expr]:
    """The nodes of a SELECT without those of the queries in it, each before its parts."""
    stack: list[exp.Expr] = [select]
    while stack:
        node = stack.pop()
        yield node
        stack += [part for part in node.iter_expressions() if not isinstance(part, (exp.Query, exp.With)) or _is_value(part)]


def _is_value(node: exp.Expr) -> bool:
    return isinstance(node, exp.Subquery) and not isinstance(node.parent, (exp.From, exp.Join))


def _size_of(
    node: exp.Expr, sizes: Mapping[int, Size], found: Mapping[int, Found], queries: Mapping[int, Size]
) -> tuple[Size, int]:
    """The size, and the longest of what is read for it."""
    if isinstance(node, exp.Column):
        column = found.get(id(node))
        size = column.source.sizes.get(column.name, COLUMN) if column is not None else COLUMN
        return size, size.usual
    if isinstance(node, (exp.Literal, exp.RawString)):
        length = len(str(node.this))
        return Size(length, length), length
    if isinstance(node, (exp.Placeholder, exp.Parameter)):
        return _BOUND, _BOUND.usual
    if isinstance(node, exp.Subquery):
        size = queries.get(id(node.unnest()), COLUMN)
        return size, size.usual
    parts = [sizes[id(part)] for part in node.iter_expressions() if id(part) in sizes]
    longest = max((part.usual for part in parts), default=0)
    return _grown(node, parts, sizes), longest


def _grown(node: exp.Expr, parts: list[Size], sizes: Mapping[int, Size]) -> Size:
    if isinstance(node, (exp.Paren, exp.Alias, exp.Collate, exp.Window, exp.Filter, exp.IgnoreNulls, exp.RespectNulls)):
        return sizes.get(id(node.this), _NUMBER)
    if isinstance(node, (exp.Cast, exp.TryCast)):
        return _each(max, [sizes.get(id(node.this), _NUMBER), _NUMBER])
    if isinstance(node, exp.Replace):
        return _replaced(node, sizes)
    if isinstance(node, exp.RegexpReplace):
        return _regexp_replaced(node, sizes)
    if isinstance(node, exp.Pad):
        length = whole_number(node.expression) or 0
        return Size(length, length)
    if isinstance(node, _PARTS):
        length = node.args.get("length") if isinstance(node, exp.Substring) else node.expression
        whole, most = sizes.get(id(node.this), COLUMN), whole_number(length)
        return whole if most is None else Size(min(whole.usual, most), min(whole.most, most))
    if isinstance(node, _LISTS):
        whole = sizes.get(id(node.this), COLUMN)
        return Size(whole.usual * _SLOTS, whole.most * _SLOTS) if _cuts_letters(node) else whole
    if isinstance(node, COLLECTORS):
        return _COLLECTED
    if isinstance(node, (exp.TimeToStr, exp.ToChar, exp.NumberToStr)):
        return _each(lambda size: 10 * max(size), parts)
    if isinstance(node, exp.ArrayToString):
        whole, between = sizes.get(id(node.this), COLUMN), sizes.get(id(node.expression), _BOUND)
        return Size(*(a * (1 + b) for a, b in zip(whole, between, strict=True)))
    if isinstance(node, _ONE_OF) or (
        isinstance(node, exp.Anonymous) and str(node.this).lower().startswith(("list_", "array_"))
    ):
        return _each(max, parts)
    if isinstance(node, (exp.DPipe, exp.Concat, exp.ConcatWs)):
        return _each(sum, parts)
    if isinstance(node, (*_SHORT, exp.AggFunc)):
        return _NUMBER
    return _each(sum, parts) if isinstance(node, exp.Func) else _NUMBER


def _each(combine: Callable[[list[int]], int], sizes: list[Size]) -> Size:
    return Size(combine([size.usual for size in sizes]), combine([size.most for size in sizes])) if sizes else _NUMBER


def _replaced(node: exp.Expr, sizes: Mapping[int, Size]) -> Size:
    whole = sizes.get(id(node.this), COLUMN)
    wanted, put = node.args.get("expression"), node.args.get("replacement")
    length = len(wanted.this) if isinstance(wanted, exp.Literal) and wanted.this else 1
    by = sizes.get(id(put), _BOUND) if put is not None else Size(0, 0)
    return Size(*(a * max(1, ceil(b / length)) for a, b in zip(whole, by, strict=True)))


def _regexp_replaced(node: exp.Expr, sizes: Mapping[int, Size]) -> Size:
    """A pattern may match before each character; a reference in the replacement puts a part of the text in again."""
    whole, put = sizes.get(id(node.this), COLUMN), node.args.get("replacement")
    by = sizes.get(id(put), _BOUND) if put is not None else Size(0, 0)
    text = str(put.this) if isinstance(put, (exp.Literal, exp.RawString)) else "\\1" * 10
    references = text.count("\\") + text.count("$")
    return Size(*((a + 1) * max(1, b) + references * a for a, b in zip(whole, by, strict=True)))


def _cuts_letters(node: exp.Expr) -> bool:
    """Whether the text may fall into single letters: at an empty separator, or at one that is not known."""
    mark = node.args.get("expression")
    return not (isinstance(mark, (exp.Literal, exp.RawString)) and mark.this)


def _work_of(node: exp.Expr, sizes: Mapping[int, Size], dialect: Dialect) -> Iterator[Fault]:
    name = str(node.this).lower() if isinstance(node, exp.Anonymous) else ""
    if isinstance(node, exp.Levenshtein) or name in _PAIRWISE:
        texts = node.expressions if name else [node.this, node.expression]
        lengths = [sizes.get(id(each), COLUMN).most for each in texts[:2]]
        if len(lengths) == 2 and lengths[0] * lengths[1] > MAX_PRODUCT:
            yield (
                node,
                "it compares every letter of one long text with every letter of another; write LEFT(column, 255) for them",
            )
    elif isinstance(node, _PATTERNS) or name in _PATTERNS_BY_NAME:
        arguments = node.expressions if name else [node.this, node.args.get("expression")]
        pattern = arguments[1] if len(arguments) > 1 else None
        fault = pattern_fault(pattern.unnest() if isinstance(pattern, exp.Expr) else None, dialect)
        if fault is not None:
            yield node, fault

"""The checks: each a claim about a statement, told as a pure function from what was read to violations.

`TEXT_CHECKS` look at the lexemes before a parser is trusted with them, `TREE_CHECKS` at the tree and what its names
resolved to. All are run; all violations are reported.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import exp

from assay.catalog.findings import nearest
from assay.engine import engine_of
from assay.gate.functions import calls, known_names, not_known
from assay.gate.growth import MAX_MADE
from assay.gate.joins import join_fault, link_fault
from assay.gate.policy import Policy
from assay.gate.repeats import counted_again
from assay.gate.resolve import MAX_JOINS
from assay.gate.rows import COLLECTORS, collected_rows, multiplying_shapes
from assay.gate.scopes import Resolution
from assay.gate.shapes import is_span, strange_parts
from assay.gate.text import Text
from assay.gate.verdict import Violation

MAX_SELECTS = 40
MAX_SCANS = 60


@dataclass(frozen=True, slots=True)
class Reading:
    """A statement as far as it was understood."""

    text: Text
    tree: exp.Expr
    names: Resolution
    policy: Policy
    nodes: dict[type[exp.Expr], list[exp.Expr]]
    """Every node of the tree by its class."""

    def all_of(self, *kinds: type[exp.Expr]) -> Iterator[exp.Expr]:
        for kind in kinds:
            yield from self.nodes.get(kind, ())

    def violation(self, code: str, message: str, node: exp.Expr | None = None) -> Violation:
        return self.text.violation(code, message, offset_of(node))


def take_stock(tree: exp.Expr) -> dict[type[exp.Expr], list[exp.Expr]]:
    nodes: dict[type[exp.Expr], list[exp.Expr]] = {}
    for node in tree.walk():
        nodes.setdefault(type(node), []).append(node)
    return nodes


TextCheck = Callable[[Text], Iterable[Violation]]
TreeCheck = Callable[[Reading], Iterable[Violation]]


def offset_of(node: exp.Expr | None) -> int | None:
    """Where the node begins, as far as the parser noted it on the node, a part of it, or what surrounds it."""
    if node is None:
        return None
    starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    if starts:
        return min(starts)
    while node.parent is not None:
        node = node.parent
        if "start" in node.meta:
            return node.meta["start"]
    return None


# -- on the text -----------------------------------------------------------------------------------------------------


def is_readable(text: Text) -> Iterator[Violation]:
    yield from text.violations
    if not text.violations and not text.lexemes:
        yield Violation("unreadable", "there is no SQL in the text")


def one_statement(text: Text) -> Iterator[Violation]:
    ended = False
    for lexeme in text.lexemes:
        if lexeme.text == ";":
            ended = True
        elif ended:
            yield text.violation("many_statements", "one statement at a time", lexeme.start)
            return


def only_reads(text: Text) -> Iterator[Violation]:
    for lexeme in text.lexemes:
        if lexeme.text != "(":
            if lexeme.upper not in engine_of(text.dialect).reading.opening_words:
                yield text.violation(
                    "not_a_select", f"the statement begins with {lexeme.text!r}; only SELECT may run", lexeme.start
                )
            return


def known_functions(text: Text) -> Iterator[Violation]:
    known = known_names(text.dialect)
    for before, call in calls(text.lexemes):
        if call.kind == "quoted" or before == "." or call.text.lower() not in known:
            yield text.violation("unknown_function", not_known(call.text, text.dialect), call.start)


def plain_intervals(text: Text) -> Iterator[Violation]:
    """`INTERVAL '30 days ago'`: what follows number and unit is lost in the parser."""
    for word, value in pairwise(text.lexemes):
        if word.upper == "INTERVAL" and value.kind in ("string", "raw") and not is_span(value.text[1:-1]):
            yield text.violation("unstable_text", f"the interval {value.text} is not a plain number and unit", value.start)


def plain_limits(text: Text) -> Iterator[Violation]:
    """`LIMIT 5, 100`: the parser takes it for every dialect, the engines do not."""
    for word, number, mark in zip(text.lexemes, text.lexemes[1:], text.lexemes[2:], strict=False):
        if word.upper == "LIMIT" and number.kind == "number" and mark.text == ",":
            yield text.violation("forbidden_construct", "LIMIT takes one number; write OFFSET for the other", word.start)


def plain_types(text: Text) -> Iterator[Violation]:
    """`ARRAY<ARRAY<...`: no answer has such a type, and the parser takes seconds over a hundred of them."""
    for word, mark in pairwise(text.lexemes):
        if mark.text == "<" and word.upper in ("ARRAY", "MAP", "STRUCT", "LIST", "OBJECT", "ROW", "TABLE"):
            yield text.violation("forbidden_construct", f"{word.text}<...> may not be used", word.start)


TEXT_CHECKS: tuple[TextCheck, ...] = (
    is_readable, one_statement, only_reads, known_functions, plain_intervals, plain_limits, plain_types,
)  # fmt: skip


# -- on the tree -----------------------------------------------------------------------------------------------------


def known_shapes(text: Text, tree: exp.Expr) -> Iterator[Violation]:
    """Runs before the names are resolved: resolving writes `*` and aliases out and must not hide what stood there."""
    for node, message in strange_parts(text, tree):
        code = "forbidden_construct"
        if isinstance(node, exp.Func) and not isinstance(node, (exp.Connector, exp.Cast)):
            code = "unknown_function"
        yield text.violation(code, message, offset_of(node))


def known_calls(reading: Reading) -> Iterator[Violation]:
    known = known_names(reading.text.dialect)
    for node in reading.all_of(exp.Anonymous):
        if str(node.this).lower() not in known:
            yield reading.violation("unknown_function", not_known(str(node.this), reading.text.dialect), node)


def known_names_only(reading: Reading) -> Iterator[Violation]:
    """Tables, columns and personal data, as the resolution met them."""
    for trouble in reading.names.troubles:
        hint = nearest(trouble.name, set(trouble.near)) if trouble.name and trouble.near else None
        message = f"{trouble.message}. {hint}" if hint else trouble.message
        yield reading.violation(trouble.code, message, trouble.node)


def everything_was_resolved(reading: Reading) -> Iterator[Violation]:
    """The resolution walks scopes; this walks the tree. What only one of them met is a hiding place."""
    if reading.names.troubles:
        return
    if len(reading.nodes.get(exp.Table, ())) != reading.names.tables_seen:
        yield reading.violation("forbidden_construct", "a table stands where the gate does not look")
    for column in reading.all_of(exp.Column):
        if id(column) not in reading.names.found and id(column) not in reading.names.output_names:
            yield reading.violation("unknown_column", f"{column.name!r} was not resolved", column)


def approved_joins(reading: Reading) -> Iterator[Violation]:
    for joins in reading.names.joins:
        for use in joins:
            fault = join_fault(use, reading.policy)
            if fault:
                yield reading.violation(*fault, use.node)
    for link in reading.names.links:
        message = link_fault(link, reading.policy)
        if message:
            yield reading.violation("unapproved_join", message, link.node)


def nothing_counted_twice(reading: Reading) -> Iterator[Violation]:
    """A row that stands beside several others may be looked at, and not be added up."""
    for kind, nodes in reading.nodes.items():
        if not issubclass(kind, (exp.AggFunc, exp.Anonymous)):
            continue
        for node in nodes:
            repeated = counted_again(node, reading.names)
            if repeated is not None:
                yield reading.violation(
                    "counted_twice",
                    f"{repeated} would be counted once for each row that it stands beside; add it up in a subquery over its"
                    " own table, multiply it by a column of those rows, or use MIN, MAX or COUNT(DISTINCT ...)",
                    node,
                )


def bounded_shape(reading: Reading) -> Iterator[Violation]:
    names = reading.names
    joins = sum(len(joins) for joins in names.joins)
    if joins > MAX_JOINS:
        yield reading.violation("too_many_joins", f"{joins} joins; at most {MAX_JOINS}", names.joins[-1][-1].node)
    if names.selects > MAX_SELECTS:
        yield reading.violation("too_complex", f"{names.selects} SELECTs; at most {MAX_SELECTS}")
    if names.scans > MAX_SCANS:
        yield reading.violation("too_complex", f"the CTEs stand for {names.scans} table scans; at most {MAX_SCANS}")
    for node, code, message in multiplying_shapes(reading.all_of(exp.Group), reading.all_of(exp.Pad)):
        yield reading.violation(code, message, node)


def bounded_values(reading: Reading) -> Iterator[Violation]:
    for node, message in reading.names.grown:
        yield reading.violation("too_complex", message, node)
    if reading.names.made > MAX_MADE:
        yield reading.violation(
            "too_complex",
            f"padding and replacing could make {reading.names.made:,} characters for each row; at most {MAX_MADE:,}",
        )


def no_collected_rows(reading: Reading) -> Iterator[Violation]:
    for node, code, message in collected_rows(reading.all_of(*COLLECTORS, exp.Anonymous), reading.names.found):
        yield reading.violation(code, message, node)


TREE_CHECKS: tuple[TreeCheck, ...] = (
    known_calls, known_names_only, everything_was_resolved, approved_joins, nothing_counted_twice, bounded_shape,
    bounded_values, no_collected_rows,
)  # fmt: skip

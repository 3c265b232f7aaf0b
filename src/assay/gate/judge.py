"""The judge: text in, verdict out. What is judged is what runs: the text is printed from the judged tree, and where
that is not word for word what came in, the printed text is read and judged again.
"""

import logging
from dataclasses import dataclass
from itertools import islice

from sqlglot import exp

from assay.engine import Dialect
from assay.gate.checks import TEXT_CHECKS, TREE_CHECKS, Reading, known_shapes, take_stock
from assay.gate.dialects import Unprintable, Unreadable, parse, print_tree
from assay.gate.joins import keys_relied_on
from assay.gate.lists import BoundList, with_lists
from assay.gate.policy import Key, Policy
from assay.gate.resolve import resolve
from assay.gate.rows import bound_rows
from assay.gate.shapes import UNITS, is_span
from assay.gate.spoken import called
from assay.gate.text import Text, read_text
from assay.gate.verdict import SEAL, SafeSql, Verdict, Violation
from assay.gate.words import strange_words

_log = logging.getLogger(__name__)

MAX_VIOLATIONS = 50
_MAY_VANISH = frozenset({"0", "1"})
"""Arguments that a function has by default."""
_NODES, _NODES_A_LEXEME = 500, 20
"""The parser tries several readings of a text; nested in the right way, they multiply. Honest texts need 3 a lexeme."""
_SEEN_AT_MOST = 1_000
_LARGEST_KEPT = 16_384


@dataclass(frozen=True, slots=True)
class _Judged:
    """One pass: the text as it would run, and what was found on the way."""

    text: Text
    sql: str
    violations: tuple[Violation, ...]
    tables: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    row_limit: int = 0
    joins: int = 0
    names: frozenset[str] = frozenset()
    """Every identifier of the tree."""
    keys: frozenset[Key] = frozenset()


def judge(sql: str, dialect: Dialect, policy: Policy, lists: tuple[BoundList, ...] = ()) -> Verdict:
    """Judge one statement in this process. `lists`: what is bound as a list, of what is compiled here.

    The text's size, nesting and shapes are bounded, its time only through them: for text from outside use `Judge`, which
    ends a judge that takes too long. A text seen before under the same policy gets the same verdict object.
    """
    return policy.counted(policy.seen.get((sql, dialect, lists)) or _judge_anew(sql, dialect, policy, lists))


def _judge_anew(sql: str, dialect: Dialect, policy: Policy, lists: tuple[BoundList, ...]) -> Verdict:
    try:
        verdict = _fresh(sql, dialect, policy, lists)
    except Exception:  # noqa: BLE001  a judge that stumbles refuses, and says so where it will be read
        _log.exception("the judge stumbled over %r", sql[:2_000])
        return _refused("", (Violation("unreadable", "the judge could not make sense of the text"),))
    if len(sql) <= _LARGEST_KEPT:
        remember(sql, dialect, policy, verdict, lists)
    return verdict


def remember(sql: str, dialect: Dialect, policy: Policy, verdict: Verdict, lists: tuple[BoundList, ...] = ()) -> None:
    while len(policy.seen) >= _SEEN_AT_MOST:
        policy.seen.pop(next(iter(policy.seen)), None)
    policy.seen[sql, dialect, lists] = verdict


def _fresh(sql: str, dialect: Dialect, policy: Policy, lists: tuple[BoundList, ...]) -> Verdict:
    first = _pass(sql, dialect, policy, lists)
    if first.violations:
        return _refused(first.sql, first.violations)
    printed = first.text if first.sql == sql else read_text(first.sql, dialect)
    for word in strange_words(printed, first.names):
        return _refused(first.sql, (_unstable(f"the word {word} is not accounted for"),))
    if _says_the_same(first.text, printed):
        return _accepted(first, printed, dialect, lists)
    lost = first.text.values - printed.values - _MAY_VANISH
    lost = {value for value in lost if value.upper() not in UNITS and not is_span(value)}
    if lost:
        return _refused(first.sql, (_unstable(f"{sorted(lost)[0]!r} is lost when the text is printed"),))
    second = _pass(first.sql, dialect, policy, lists)
    if second.violations:
        return _refused(first.sql, (_unstable(f"the text as it would run is refused: {second.violations[0].message}"),))
    if second.sql != first.sql or second.tables != first.tables or second.columns != first.columns:
        return _refused(first.sql, (_unstable("the text does not survive being read and printed again"),))
    return _accepted(second, printed, dialect, lists)


def _says_the_same(text: Text, printed: Text) -> bool:
    """Whether the printed text is word for word what was read, but for a semicolon and the LIMIT that was added."""
    shape = text.shape
    while shape and shape[-1] == ";":
        shape = shape[:-1]
    return printed.shape == shape or (printed.shape[:-2] == shape and printed.shape[-2:-1] == ("LIMIT",))


def _unstable(message: str) -> Violation:
    return Violation("unstable_text", message)


def _pass(sql: str, dialect: Dialect, policy: Policy, lists: tuple[BoundList, ...]) -> _Judged:
    text = read_text(sql, dialect)
    violations = [violation for check in TEXT_CHECKS for violation in islice(check(text), MAX_VIOLATIONS)]
    if any(violation.code != "unknown_function" for violation in violations):
        return _Judged(text, "", _in_order(violations))
    try:
        return _judge_tree(text, violations, policy, lists)
    except RecursionError:
        too_deep = Violation("too_deep", "the statement nests too deep to be judged")
        return _Judged(text, "", _in_order([*violations, too_deep]))


def _judge_tree(text: Text, violations: list[Violation], policy: Policy, lists: tuple[BoundList, ...]) -> _Judged:
    try:
        trees = parse(text.prepared, text.dialect, max_nodes=_NODES + _NODES_A_LEXEME * len(text.lexemes))
    except Unreadable as error:
        unreadable = Violation("unreadable", error.message, error.line, error.column)
        return _Judged(text, "", _in_order([*violations, unreadable]))
    tree = trees[0] if len(trees) == 1 else None
    while isinstance(tree, exp.Subquery) and not any(value for part, value in tree.args.items() if part != "this"):
        tree = tree.this.pop()
    if not isinstance(tree, (exp.Select, exp.SetOperation)):
        what = called(tree, text) if tree is not None else f"{len(trees)} statements"
        return _Judged(
            text, "", _in_order([*violations, Violation("not_a_select", f"one SELECT is wanted, this is {what}", 1, 1)])
        )
    strange = known_shapes(text, tree)
    strange = list(islice(strange, MAX_VIOLATIONS))
    names = resolve(tree, policy.names(text.dialect), text, lists)
    reading = Reading(text, tree, names, policy, take_stock(tree))
    said = {violation.code for violation in violations}
    for found in (strange, *(check(reading) for check in TREE_CHECKS)):
        # a function that the text checks named is not named again
        violations += [
            violation for violation in islice(found, MAX_VIOLATIONS) if not (violation.code == "unknown_function" in said)
        ]
    row_limit, faults = bound_rows(tree, reading.all_of(exp.Limit, exp.Fetch, exp.Offset), policy)
    violations += [reading.violation(code, message, node) for node, code, message in faults]
    printed = ""
    try:
        printed = print_tree(tree, text.dialect, explicit_nulls="NULLS" in text.words)
    except Unprintable as error:
        _log.debug("%r cannot be printed: %s", text.sql[:2_000], error)
        violations.append(_unstable(f"it cannot be written for {text.dialect} as it stands"))
    identifiers = frozenset(str(node.this) for node in reading.all_of(exp.Identifier))
    columns = frozenset(f"{table}.{column}" for table, column in reading.names.columns)
    return _Judged(
        text, printed, _in_order(violations), frozenset(names.tables), columns, row_limit,
        sum(len(joins) for joins in names.joins), identifiers,
        frozenset(key for joins in names.joins for key in keys_relied_on(joins, policy)),
    )  # fmt: skip


def _in_order(violations: list[Violation]) -> tuple[Violation, ...]:
    unique = list(dict.fromkeys(violations))
    unique.sort(key=lambda violation: (violation.line or 0, violation.column or 0))
    return tuple(unique[:MAX_VIOLATIONS])


def _refused(sql: str, violations: tuple[Violation, ...]) -> Verdict:
    return Verdict(False, sql, violations, None)


def _accepted(judged: _Judged, printed: Text, dialect: Dialect, lists: tuple[BoundList, ...]) -> Verdict:
    sql = with_lists(judged.sql, dialect, lists)
    of_lists = read_text(sql, dialect).lexemes if lists else printed.lexemes
    parameters = dict.fromkeys(lexeme.text[1:] for lexeme in of_lists if lexeme.kind == "placeholder")
    checks = (
        "one SELECT, read only",
        f"{_count(len(judged.tables), 'table')}, {_count(len(judged.columns), 'column')} known",
        f"{_count(judged.joins, 'join')}, all approved" if judged.joins else "no joins",
        "no personal data",
        f"rows bounded to {judged.row_limit}",
    )
    return accepted(sql, dialect, judged.tables, judged.columns, tuple(parameters), judged.row_limit, checks, judged.keys)


def accepted(
    sql: str, dialect: Dialect, tables: frozenset[str], columns: frozenset[str], parameters: tuple[str, ...], row_limit: int,
    checks: tuple[str, ...], keys: frozenset[Key],
) -> Verdict:  # fmt: skip
    """The one place where a SafeSql is made."""
    return Verdict(True, sql, (), SafeSql(sql, dialect, tables, columns, parameters, row_limit, checks, keys, seal=SEAL))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

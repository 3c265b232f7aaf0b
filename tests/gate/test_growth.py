"""Values stay bounded: what the gate lets pass makes no text longer than it says, on the engines themselves."""

import random
from collections.abc import Callable
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from assay.engine import Dialect
from assay.gate import Policy, judge
from assay.gate.growth import COLUMN, MAX_SIZE
from assay.gate.patterns import pattern_fault
from tests.gate.engines import Postgres

_COLUMNS = ("channel", "region", "status")
_TEXTS = ("'a'", "''", "'aa'", "'aaaaaaaaaa'", "'b'", "' '")


def expression(chance: random.Random, dialect: Dialect, depth: int) -> str:
    """A text that grows in a random way, out of columns that hold nothing but the letter a."""
    if depth == 0:
        return chance.choice(_COLUMNS)
    inner, other = expression(chance, dialect, depth - 1), expression(chance, dialect, chance.randrange(depth))
    mark, put = chance.choice(_TEXTS), chance.choice((*_TEXTS, other))
    shapes = [
        f"REPLACE({inner}, {mark}, {put})",
        f"REPLACE({inner}, 'aa', {put})",
        f"CONCAT({inner}, {mark}, {other})",
        f"({inner} || {other})",
        f"RPAD({inner}, {chance.choice((10, 1000))}, 'a')",
        f"UPPER({inner})",
        f"LEFT({inner}, {chance.choice((3, 5000))})",
        f"COALESCE({inner}, {other})",
        f"CASE WHEN region = 'x' THEN {inner} ELSE {other} END",
        f"REGEXP_REPLACE({inner}, '{chance.choice(('.', 'a*', 'aa', '(a)', ''))}', {mark}, 'g')",
        f"REGEXP_REPLACE({inner}, '(a*)', '\\1\\1', 'g')",
        f"(SELECT MAX({inner}) FROM sales.ev_claim)",
    ]
    if dialect == "duckdb":
        shapes += [
            f"ARRAY_TO_STRING(STRING_SPLIT({inner}, {mark}), {chance.choice(_TEXTS)})",
            f"ARRAY_TO_STRING(LIST_SORT(STRING_SPLIT({inner}, '')), '--')",
        ]
    return chance.choice(shapes)


def lengths(dialect: Dialect, policy: Policy, run: Callable[[str], Any]) -> tuple[int, int, int]:
    """How many statements passed and were refused, and the longest text that one of them made."""
    chance, passed, refused, longest = random.Random(20261129), 0, 0, 0
    for _ in range(250):
        text = expression(chance, dialect, chance.randrange(1, 6))
        verdict = judge(f"SELECT MAX(LENGTH({text})) AS longest FROM sales.ev_claim", dialect, policy)
        if verdict.safe is None:
            assert {each.code for each in verdict.violations} <= {"too_complex", "too_deep"}, verdict
            refused += 1
            continue
        passed += 1
        longest = max(longest, run(verdict.safe.text) or 0)
    return passed, refused, longest


def test_no_text_that_passes_grows_beyond_its_bound_on_duckdb(policy: Policy) -> None:
    engine = duckdb.connect()
    engine.execute("CREATE SCHEMA sales; CREATE TABLE sales.ev_claim (channel TEXT, region TEXT, status TEXT)")
    letters = "a" * COLUMN.usual
    engine.execute("INSERT INTO sales.ev_claim VALUES (?, ?, ?), ('', 'x', NULL)", [letters, letters, letters])
    passed, refused, longest = lengths("duckdb", policy, lambda sql: engine.execute(sql).fetchall()[0][0])
    assert passed > 100
    assert refused > 5
    assert 5_000 < longest <= MAX_SIZE
    engine.close()


def test_no_text_that_passes_grows_beyond_its_bound_on_postgres(policy: Policy, postgres: Postgres) -> None:
    letters = "a" * COLUMN.usual

    async def run(sql: str) -> int:
        transaction = postgres._connection.transaction()
        await transaction.start()
        try:
            await postgres._connection.execute(
                f"UPDATE sales.ev_claim SET channel = '{letters}', region = '{letters}', status = '{letters}'"
                " WHERE claim_id = 'k1'"
            )
            return await postgres._connection.fetchval(sql)
        finally:
            await transaction.rollback()

    passed, refused, longest = lengths("postgres", policy, lambda sql: postgres._wait(run(sql)))
    assert passed > 100
    assert refused > 5
    assert 5_000 < longest <= MAX_SIZE


@pytest.mark.parametrize(
    ("pattern", "is_plain"),
    [
        ("^p[0-9]+$", True), ("web", True), (r"^p\d+$", True), ("([a-z]+)", True), ("[^0-9]", True), (r"\s+", True),
        ("^(web|app)$", True), ("a{2,5}b", True), ("^.*x$", True), ("", True), (r"a\.b", True), ("(?:ab)c", True),
        ("(a+)+$", False), ("(a|aa)+", False), ("(a*)*", False), ("a*b", False), ("a+a+", False), ("^a*a*b", False),
        ("(a|b)*c", False), ("(.*)x", False), (".*a.*b", False), ("a?a?a?a?aaaa", False), ("a{1,900}", False),
        ("a{9,}b", False), (r"(a)\1", False), ("(?=a)a", False), ("[a&&[b]]+", False), ("x*|y", False), ("a**", False),
        ("(ab", False), ("a+b*", False), (r"\p{L}+", False), (r"\Qa+\E+", False),
    ],
)  # fmt: skip
def test_patterns_on_engines_that_go_back_are_plain(pattern: str, is_plain: bool) -> None:
    for dialect in ("spark", "databricks"):
        assert (pattern_fault(exp.Literal.string(pattern), dialect) is None) is is_plain
    assert pattern_fault(exp.Literal.string(pattern), "duckdb") is None

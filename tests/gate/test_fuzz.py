"""Spoilt statements, always the same ones: the judge neither stumbles nor stalls, and what it lets through stays inside."""

import logging
import sys
from itertools import islice

import duckdb
import pytest

from assay.engine import Dialect, taking_outside_sql
from assay.gate import Policy, Verdict, judge
from tests.gate.engines import Postgres
from tests.gate.mutation import mutants

HOW_MANY = pytest.mark.parametrize("count", [300, pytest.param(1_500, marks=pytest.mark.exhaustive)])
MOST_STEPS = 1_000_000
"""Calls and returns of functions while one statement is judged; what costs most takes 80,000."""
SEED = 7


def judged(sql: str, dialect: Dialect, policy: Policy) -> tuple[Verdict, int]:
    """The verdict, and in how many steps it was found: a count is the same on every machine."""
    steps = 0

    def step(*_: object) -> None:
        nonlocal steps
        steps += 1

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        verdict = judge(sql, dialect, policy)
    finally:
        sys.setprofile(before)
    return verdict, steps


def verdicts(dialect: Dialect, policy: Policy, count: int) -> list[tuple[str, Verdict]]:
    found: list[tuple[str, Verdict]] = []
    for sql in islice(mutants(dialect, SEED), count):
        verdict, steps = judged(sql, dialect, policy)
        assert steps < MOST_STEPS, sql
        assert verdict.ok == (not verdict.violations), sql
        if verdict.ok:
            found.append((sql, verdict))
    assert found
    return found


@pytest.mark.cases(2)
@HOW_MANY
@pytest.mark.parametrize("dialect", taking_outside_sql())
def test_the_judge_neither_stumbles_nor_stalls(
    dialect: Dialect, policy: Policy, caplog: pytest.LogCaptureFixture, count: int
) -> None:
    with caplog.at_level(logging.ERROR, "assay.gate"):
        for sql, verdict in verdicts(dialect, policy, count):
            assert judge(verdict.sql, dialect, policy).sql == verdict.sql, sql
    assert caplog.records == []


@HOW_MANY
def test_accepted_mutants_stay_inside_on_duckdb(
    policy: Policy, allowed: duckdb.DuckDBPyConnection, everything: duckdb.DuckDBPyConnection, count: int
) -> None:
    """What runs where everything is, runs where only the allowed columns are: it asked for nothing else."""
    for sql, verdict in verdicts("duckdb", policy, count):
        assert verdict.safe is not None
        parameters = dict.fromkeys(verdict.safe.parameters, "2026-01-01")
        try:
            everything.execute(verdict.sql, parameters).fetchall()
        except duckdb.Error:
            continue
        try:
            allowed.execute(verdict.sql, parameters).fetchall()
        except duckdb.Error as error:
            pytest.fail(f"{sql}\n{verdict.sql}\n{error}")


@HOW_MANY
def test_accepted_mutants_stay_inside_on_postgres(policy: Policy, postgres: Postgres, count: int) -> None:
    for sql, verdict in verdicts("postgres", policy, count):
        assert verdict.safe is not None
        if not verdict.safe.parameters:
            assert postgres.outcome(verdict.sql) in ("ran", "disliked"), f"{sql}\n{verdict.sql}"
            assert postgres.relations(verdict.sql) <= verdict.safe.tables

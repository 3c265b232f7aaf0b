"""Spoilt statements, always the same ones: the judge neither stumbles nor stalls, and what it lets through stays inside."""

import logging
import time
from itertools import islice

import duckdb
import pytest

from assay.gate import DIALECTS, Dialect, Policy, Verdict, judge
from tests.gate.engines import Postgres
from tests.gate.mutation import mutants

MUTANTS = 1_500
SLOWEST_SECONDS = 1.5
SEED = 7


def verdicts(dialect: Dialect, policy: Policy) -> list[tuple[str, Verdict]]:
    found: list[tuple[str, Verdict]] = []
    for sql in islice(mutants(dialect, SEED), MUTANTS):
        before = time.process_time()
        verdict = judge(sql, dialect, policy)
        assert time.process_time() - before < SLOWEST_SECONDS, sql
        assert verdict.ok == (not verdict.violations), sql
        if verdict.ok:
            found.append((sql, verdict))
    assert found
    return found


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_judge_neither_stumbles_nor_stalls(dialect: Dialect, policy: Policy, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "assay.gate"):
        for sql, verdict in verdicts(dialect, policy):
            assert judge(verdict.sql, dialect, policy).sql == verdict.sql, sql
    assert caplog.records == []


def test_accepted_mutants_stay_inside_on_duckdb(
    policy: Policy, allowed: duckdb.DuckDBPyConnection, everything: duckdb.DuckDBPyConnection
) -> None:
    """What runs where everything is, runs where only the allowed columns are: it asked for nothing else."""
    for sql, verdict in verdicts("duckdb", policy):
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


def test_accepted_mutants_stay_inside_on_postgres(policy: Policy, postgres: Postgres) -> None:
    for sql, verdict in verdicts("postgres", policy):
        assert verdict.safe is not None
        if not verdict.safe.parameters:
            assert postgres.outcome(verdict.sql) in ("ran", "disliked"), f"{sql}\n{verdict.sql}"
            assert postgres.relations(verdict.sql) <= verdict.safe.tables

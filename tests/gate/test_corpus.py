"""The corpus: honest statements pass and mean the same on the engine, hostile ones are refused for the reason given."""

import math
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest

from assay.gate import Policy, Verdict, judge
from tests.gate.cases import HONEST, HOSTILE, Case
from tests.gate.engines import Postgres

START, STOP = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
BY_NAME: dict[str, object] = {"start": START, "stop": STOP, "status": "denied", "tz": "Europe/Berlin"}
BY_CASE: dict[str, list[object]] = {
    "any_array_parameter": [["West", "South"]],
    "compiler_series": ["denied", START, STOP, START, "West", "South"],
    "compiler_ratio": [START, STOP],
    "compiler_percentile": [START],
    "compiler_zone": ["Europe/Berlin"],
}


def by_name(case: Case) -> str:
    return case.name


def accepted(case: Case, policy: Policy) -> Verdict:
    verdict = judge(case.sql, case.dialect, policy)
    assert verdict.ok, verdict.violations
    return verdict


def test_the_corpus_is_large_and_names_are_unique() -> None:
    names = Counter(case.name for case in HONEST + HOSTILE)
    assert max(names.values()) == 1
    assert len({case.sql for case in HONEST}) >= 120
    assert len({case.sql for case in HOSTILE}) >= 180


@pytest.mark.parametrize("case", HONEST, ids=by_name)
def test_honest_statements_pass(case: Case, policy: Policy) -> None:
    verdict = accepted(case, policy)
    assert verdict.safe is not None
    assert verdict.safe.text == verdict.sql
    assert 0 < verdict.safe.row_limit <= policy.max_rows


@pytest.mark.parametrize("case", HONEST, ids=by_name)
def test_judging_what_runs_gives_the_same_again(case: Case, policy: Policy) -> None:
    once = accepted(case, policy)
    twice = judge(once.sql, case.dialect, policy)
    assert twice.ok, twice.violations
    assert twice.sql == once.sql
    assert once.safe is not None
    assert twice.safe is not None
    assert (twice.safe.tables, twice.safe.columns, twice.safe.parameters) == (
        once.safe.tables, once.safe.columns, once.safe.parameters,
    )  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE, ids=by_name)
def test_hostile_statements_are_refused(case: Case, policy: Policy) -> None:
    verdict = judge(case.sql, case.dialect, policy)
    assert not verdict.ok
    assert verdict.safe is None
    assert verdict.violations
    assert case.codes is not None
    assert case.codes <= {violation.code for violation in verdict.violations}


@pytest.mark.parametrize("case", [case for case in HONEST if case.dialect == "duckdb"], ids=by_name)
def test_what_runs_means_what_was_written_on_duckdb(
    case: Case, policy: Policy, everything: duckdb.DuckDBPyConnection, allowed: duckdb.DuckDBPyConnection
) -> None:
    verdict = accepted(case, policy)
    assert verdict.safe is not None
    parameters = {name: BY_NAME[name] for name in verdict.safe.parameters}
    written = everything.execute(case.sql, parameters).fetchall()
    runs = allowed.execute(verdict.sql, parameters).fetchall()
    assert same_answer(case, written, runs)


@pytest.mark.parametrize("case", [case for case in HONEST if case.dialect == "postgres"], ids=by_name)
def test_what_runs_means_what_was_written_on_postgres(case: Case, policy: Policy, postgres: Postgres) -> None:
    verdict = accepted(case, policy)
    assert verdict.safe is not None
    parameters = BY_CASE[case.name.split("/")[1]] if verdict.safe.parameters else []
    written = postgres.run(case.sql, parameters, as_reader=False)
    runs = postgres.run(verdict.sql, parameters, as_reader=True)
    assert same_answer(case, written, runs)


def same_answer(case: Case, written: list[tuple[Any, ...]], runs: list[tuple[Any, ...]]) -> bool:
    """A star gives the dictionary's columns only: there the number of rows must do."""
    if case.name.split("/")[1] in ("star_without_personal_data", "table_star_without_personal_data", "from_only", "exclude"):
        return len(written) == len(runs)
    return comparable(written) == comparable(runs)


def comparable(rows: list[tuple[Any, ...]]) -> Counter[tuple[str, ...]]:
    """Rows as a bag: order is not promised where none was asked for."""
    return Counter(tuple(_shown(value) for value in row) for row in rows)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return "nan" if math.isnan(value) else f"{value:.9g}"
    if isinstance(value, list):
        return str(sorted(map(str, value)))
    return str(value)

"""The corpus: honest statements pass and mean the same on the engine, hostile ones are refused for the reason given."""

import math
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
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


@cache
def groups(*, honest: bool) -> tuple[tuple[str, str], ...]:
    """The files of the corpus with each dialect that they are written for."""
    return tuple(dict.fromkeys((each.name.partition("/")[0], each.dialect) for each in (HONEST if honest else HOSTILE)))


def members(group: tuple[str, str]) -> Iterator[Case]:
    file, dialect = group
    return (each for each in HONEST + HOSTILE if each.name.startswith(f"{file}/") and each.dialect == dialect)


def by_name(group: tuple[str, str]) -> str:
    return "/".join(group)


def accepted(case: Case, policy: Policy) -> Verdict:
    verdict = judge(case.sql, case.dialect, policy)
    assert verdict.ok, (case.name, verdict.violations)
    assert verdict.safe is not None
    assert verdict.safe.text == verdict.sql
    return verdict


def test_the_corpus_is_large_and_names_are_unique() -> None:
    names = Counter(case.name for case in HONEST + HOSTILE)
    assert max(names.values()) == 1
    assert len({case.sql for case in HONEST}) >= 120
    assert len({case.sql for case in HOSTILE}) >= 180


@pytest.mark.parametrize("group", groups(honest=True), ids=by_name)
def test_honest_statements_pass_and_what_runs_is_judged_the_same_again(group: tuple[str, str], policy: Policy) -> None:
    for case in members(group):
        once = accepted(case, policy).safe
        assert once is not None
        assert 0 < once.row_limit <= policy.max_rows
        twice = judge(once.text, case.dialect, policy)
        assert twice.safe is not None, (case.name, twice.violations)
        assert twice.sql == once.text, case.name
        assert (twice.safe.tables, twice.safe.columns, twice.safe.parameters) == (
            once.tables, once.columns, once.parameters,
        ), case.name  # fmt: skip


@pytest.mark.parametrize("group", groups(honest=False), ids=by_name)
def test_hostile_statements_are_refused(group: tuple[str, str], policy: Policy) -> None:
    for case in members(group):
        verdict = judge(case.sql, case.dialect, policy)
        assert not verdict.ok, case.name
        assert verdict.safe is None
        assert verdict.violations, case.name
        assert case.codes is not None
        assert case.codes <= {violation.code for violation in verdict.violations}, (case.name, verdict.violations)


def test_what_runs_means_what_was_written_on_duckdb(
    policy: Policy, everything: duckdb.DuckDBPyConnection, allowed: duckdb.DuckDBPyConnection
) -> None:
    for case in HONEST:
        if case.dialect == "duckdb":
            safe = accepted(case, policy).safe
            assert safe is not None
            parameters = {name: BY_NAME[name] for name in safe.parameters}
            written = everything.execute(case.sql, parameters).fetchall()
            runs = allowed.execute(safe.text, parameters).fetchall()
            assert same_answer(case, written, runs), case.name


def test_what_runs_means_what_was_written_on_postgres(policy: Policy, postgres: Postgres) -> None:
    for case in HONEST:
        if case.dialect == "postgres":
            safe = accepted(case, policy).safe
            assert safe is not None
            parameters = BY_CASE[case.name.split("/")[1]] if safe.parameters else []
            written = postgres.run(case.sql, parameters, as_reader=False)
            runs = postgres.run(safe.text, parameters, as_reader=True)
            assert same_answer(case, written, runs), case.name


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

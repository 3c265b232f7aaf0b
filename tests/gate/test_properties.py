"""What holds for every statement that passes, made up by Hypothesis from the parts of an analyst's day."""

from typing import cast

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.engine import Dialect, taking_outside_sql
from assay.gate import Policy, judge
from tests.gate.engines import Postgres

_COLUMNS = "region channel status product_id cost_usd email notes secret opened_ts * c claim_id".split()
_SOURCES = [
    "sales.ev_claim AS c",
    "ev_claim c",
    "sales.ev_customer AS c",
    "hr.salaries AS c",
    "sales.ev_claim c JOIN ref.product p ON %s",
    "sales.ev_claim c LEFT JOIN ref.store p ON %s",
    "sales.ev_claim c, ref.product p",
    "(SELECT * FROM sales.ev_claim) AS c",
    "(SELECT region, channel, email FROM sales.ev_customer) AS c",
    "sales.ev_claim c JOIN sales.ev_claim p USING (product_id)",
]
_TIES = [
    "c.product_id = p.product_id",
    "c.store_id = p.store_id",
    "TRUE",
    "c.region = p.region",
    "c.product_id = p.product_id OR TRUE",
]
_VALUES = ["COUNT(*)", "SUM(cost_usd)", "COUNT(DISTINCT {0})", "MAX({0})", "UPPER({0})", "{0}", "pg_sleep(0)", "c.{0}"]
_WHERE = [
    "",
    "WHERE {0} = 'West'",
    "WHERE {0} IS NOT NULL",
    "WHERE {0} IN (SELECT {1} FROM ref.product)",
    "WHERE cost_usd > 5",
]
_TAIL = [
    "",
    "GROUP BY {0}",
    "GROUP BY 1",
    "ORDER BY {0}",
    "LIMIT 5",
    "LIMIT 99999",
    "ORDER BY 1 LIMIT 3",
    "HAVING COUNT(*) > 1",
]


@st.composite
def statements(draw: st.DrawFn) -> str:
    def column() -> str:
        return cast("str", draw(st.sampled_from(_COLUMNS)))

    values = draw(st.lists(st.sampled_from(_VALUES), min_size=1, max_size=3))
    source = draw(st.sampled_from(_SOURCES))
    if "%s" in source:
        source %= draw(st.sampled_from(_TIES))
    where = draw(st.sampled_from(_WHERE)).format(column(), column())
    tail = draw(st.sampled_from(_TAIL)).format(column())
    shown = ", ".join(value.format(column()) for value in values)
    sql = f"SELECT {shown} FROM {source} {where} {tail}"
    way = draw(st.integers(0, 4))
    if way == 1:
        return f"WITH w AS ({sql}) SELECT * FROM w"
    if way == 2:
        return f"{sql} UNION ALL {sql}"
    return sql


_many = settings(
    max_examples=150, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@_many
@given(sql=statements(), dialect=st.sampled_from(taking_outside_sql()))
def test_a_verdict_judged_again_is_the_same(policy: Policy, sql: str, dialect: Dialect) -> None:
    once = judge(sql, dialect, policy)
    assert once.ok == (not once.violations) == (once.safe is not None)
    if once.ok:
        assert judge(once.sql, dialect, policy).sql == once.sql


@_many
@given(sql=statements())
def test_what_passes_reads_only_what_is_allowed_on_duckdb(
    policy: Policy, allowed: duckdb.DuckDBPyConnection, everything: duckdb.DuckDBPyConnection, sql: str
) -> None:
    verdict = judge(sql, "duckdb", policy)
    if verdict.ok:
        assert verdict.safe is not None
        assert runs(everything, verdict.sql) == runs(allowed, verdict.sql)


def runs(connection: duckdb.DuckDBPyConnection, sql: str) -> int | None:
    """The number of rows, or None where the engine does not like the statement."""
    try:
        return len(connection.execute(sql).fetchall())
    except duckdb.Error:
        return None


@_many
@given(sql=statements())
def test_what_passes_runs_for_a_reader_in_a_read_only_transaction(policy: Policy, postgres: Postgres, sql: str) -> None:
    verdict = judge(sql, "postgres", policy)
    if not verdict.ok:
        return
    assert verdict.safe is not None
    outcome = postgres.outcome(verdict.sql)
    assert outcome in ("ran", "disliked"), verdict.sql
    assert postgres.relations(verdict.sql) <= verdict.safe.tables


@_many
@given(text=st.text(max_size=80), dialect=st.sampled_from(taking_outside_sql()))
def test_any_text_gets_a_verdict(policy: Policy, text: str, dialect: Dialect) -> None:
    verdict = judge(text, dialect, policy)
    assert verdict.ok == (not verdict.violations)
    assert all(violation.line is None or violation.line >= 1 for violation in verdict.violations)


@_many
@given(inside=st.text(max_size=40), dialect=st.sampled_from(taking_outside_sql()))
def test_whatever_stands_in_quotes_is_only_text(policy: Policy, inside: str, dialect: Dialect) -> None:
    escaped = inside.replace("\\", "\\\\") if dialect in ("databricks", "spark") else inside
    escaped = escaped.replace("'", "''")
    verdict = judge(f"SELECT COUNT(*) FROM sales.ev_claim WHERE region = '{escaped}'", dialect, policy)
    assert {violation.code for violation in verdict.violations} <= {"unstable_text", "unreadable"}

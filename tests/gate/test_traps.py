"""Where the parser misleads a gate: one test a trap, some of them shown on the engine that would have run the text."""

import duckdb
import pytest

from assay.engine import Dialect, taking_outside_sql
from assay.gate import Policy, judge
from tests.gate.engines import Postgres

LAKE: tuple[Dialect, ...] = ("databricks", "spark")


def codes(sql: str, dialect: Dialect, policy: Policy) -> set[str]:
    verdict = judge(sql, dialect, policy)
    assert not verdict.ok, verdict.sql
    return {violation.code for violation in verdict.violations}


def test_a_positional_column_has_no_column_node(policy: Policy, everything: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT #7 FROM sales.ev_customer LIMIT 1"
    assert "email" in everything.execute(sql).fetchall()[0][0]
    assert codes(sql, "duckdb", policy) == {"forbidden_construct"}


def test_a_whole_row_is_no_column(policy: Policy, everything: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT c FROM sales.ev_customer AS c LIMIT 1"
    assert "email" in str(everything.execute(sql).fetchall())
    for dialect in taking_outside_sql():
        assert codes(sql, dialect, policy) == {"forbidden_construct"}


def test_functional_notation_reads_a_column(policy: Policy, postgres: Postgres) -> None:
    sql = "SELECT email(c) FROM sales.ev_customer AS c LIMIT 1"
    assert "email" in postgres.run(sql, [], as_reader=False)[0][0]
    assert codes(sql, "postgres", policy) >= {"unknown_function"}
    assert codes("SELECT c.row_to_json FROM sales.ev_customer c", "postgres", policy) == {"unknown_column"}
    assert codes("SELECT (c).email FROM sales.ev_customer c", "postgres", policy) == {"forbidden_construct"}


def test_unicode_escapes_parse_as_an_and_of_two_columns(policy: Policy, postgres: Postgres) -> None:
    sql = 'SELECT U&"\\0065mail" FROM sales.ev_customer LIMIT 1'
    assert "email" in postgres.run(sql, [], as_reader=False)[0][0]
    assert codes(sql, "postgres", policy)


def test_a_column_list_renames_by_position(policy: Policy, postgres: Postgres) -> None:
    sql = "SELECT region FROM sales.ev_customer AS c(a, b, d, e, f, g, region) LIMIT 1"
    assert "email" in postgres.run(sql, [], as_reader=False)[0][0]
    for dialect in taking_outside_sql():
        assert "forbidden_construct" in codes(sql, dialect, policy)


@pytest.mark.parametrize("dialect", LAKE)
def test_a_table_may_be_named_at_run_time_or_be_a_file(dialect: Dialect, policy: Policy) -> None:
    codes("SELECT * FROM IDENTIFIER('hr.' || 'salaries')", dialect, policy)
    assert "unknown_table" in codes("SELECT * FROM text.`/etc/passwd`", dialect, policy)
    assert "unstable_text" in codes("SELECT '${env:HOME}' AS home", dialect, policy)


def test_duckdb_reads_files_and_text_as_tables(policy: Policy) -> None:
    assert codes("SELECT * FROM 'x.csv'", "duckdb", policy) == {"unknown_table"}
    codes("SELECT * FROM (SHOW TABLES)", "duckdb", policy)
    assert "unknown_function" in codes("SELECT histogram(hr.salaries, pay)", "duckdb", policy)
    assert "unknown_function" in codes("SELECT * FROM query('SELECT 1')", "duckdb", policy)


def test_quoted_names_are_other_tables(policy: Policy) -> None:
    assert codes('SELECT COUNT(*) FROM sales."EV_CLAIM"', "postgres", policy) == {"unknown_table"}
    assert codes('SELECT COUNT(*) FROM "sales.ev_claim"', "postgres", policy) == {"unknown_table"}
    assert judge('SELECT COUNT(*) FROM sales."EV_CLAIM"', "duckdb", policy).ok


@pytest.mark.parametrize("dialect", taking_outside_sql())
def test_a_cte_that_names_itself_or_a_later_one_means_the_table(dialect: Dialect, policy: Policy) -> None:
    assert codes("WITH salaries AS (SELECT pay FROM salaries) SELECT pay FROM salaries", dialect, policy) == {
        "unknown_table"
    }
    assert codes("WITH a AS (SELECT x FROM b), b AS (SELECT 1 AS x) SELECT x FROM a", dialect, policy) == {"unknown_table"}


@pytest.mark.parametrize("dialect", taking_outside_sql())
def test_a_cte_with_a_tables_name_gains_nothing(dialect: Dialect, policy: Policy) -> None:
    sql = "WITH ev_customer AS (SELECT 1 AS email) SELECT email FROM sales.ev_customer"
    assert codes(sql, dialect, policy) == {"personal_data"}
    shadow = judge("WITH ev_customer AS (SELECT 1 AS email) SELECT email FROM ev_customer", dialect, policy)
    assert shadow.ok
    assert shadow.safe is not None
    assert shadow.safe.tables == frozenset()


def test_scopes_do_not_see_everything(policy: Policy) -> None:
    for sql in (
        "WITH gone AS (DELETE FROM sales.ev_claim RETURNING claim_id) SELECT COUNT(*) FROM gone",
        "SELECT * FROM (VALUES ((SELECT MAX(pay) FROM hr.salaries))) AS t(x)",
        "SELECT * FROM ROWS FROM (pg_ls_dir('/'))",
    ):
        codes(sql, "postgres", policy)
    codes("SELECT * FROM (SUMMARIZE sales.ev_customer)", "duckdb", policy)
    codes(
        "SELECT x FROM sales.ev_claim LATERAL VIEW explode((SELECT collect_list(pay) FROM hr.salaries)) t AS x",
        "spark",
        policy,
    )


@pytest.mark.parametrize("dialect", taking_outside_sql())
def test_a_column_used_only_in_having_is_seen(dialect: Dialect, policy: Policy) -> None:
    sql = "SELECT region FROM sales.ev_customer GROUP BY region HAVING COUNT(email) > 1"
    assert codes(sql, dialect, policy) == {"personal_data"}


@pytest.mark.parametrize("dialect", taking_outside_sql())
@pytest.mark.parametrize(
    "on",
    [
        "(c.product_id = p.product_id) IS NOT NULL",
        "(c.product_id = p.product_id) = FALSE",
        "c.product_id = p.product_id OR TRUE",
        "c.product_id = c.product_id",
    ],
)
def test_an_equality_inside_on_may_hold_nothing(on: str, dialect: Dialect, policy: Policy) -> None:
    sql = f"SELECT COUNT(*) FROM sales.ev_claim c JOIN ref.product p ON {on}"
    assert codes(sql, dialect, policy) == {"unbounded_join"}


def test_a_schemas_function_hides_behind_a_known_name(policy: Policy) -> None:
    for dialect in taking_outside_sql():
        assert "unknown_function" in codes("SELECT hr.sum(cost_usd) FROM sales.ev_claim", dialect, policy)
    codes("SELECT 1 OPERATOR(hr.+) 2", "postgres", policy)
    codes("SELECT CAST(region AS hr.some_domain) FROM sales.ev_claim", "postgres", policy)


def test_dangerous_functions_have_nodes_of_their_own(policy: Policy) -> None:
    assert "unknown_function" in codes("SELECT SECRET('a', 'b')", "databricks", policy)
    assert "unknown_function" in codes("SELECT AI_CLASSIFY(region, ARRAY('a')) FROM sales.ev_claim", "databricks", policy)
    assert "unknown_function" in codes("SELECT * FROM read_parquet('x')", "duckdb", policy)
    codes("SELECT TRANSFORM(claim_id) USING 'cat' AS (x STRING) FROM sales.ev_claim", "spark", policy)
    for word in ("user", "current_role", "session_user"):
        codes(f"SELECT {word} FROM sales.ev_claim", "postgres", policy)


def test_a_quoted_function_is_upper_cased_on_output(policy: Policy) -> None:
    assert codes('SELECT "lower"(region) FROM sales.ev_claim', "postgres", policy) == {"unknown_function"}


def test_a_long_s_reads_as_s(policy: Policy) -> None:
    assert codes("SELECT \u017fum(cost_usd) FROM sales.ev_claim", "duckdb", policy) == {"unstable_text"}


def test_a_limit_may_be_a_share_or_let_ties_in(policy: Policy) -> None:
    for limit in ("LIMIT 90%", "LIMIT 90 PERCENT", "LIMIT 0x4000", "LIMIT 5, 100"):
        codes(f"SELECT claim_id FROM sales.ev_claim {limit}", "duckdb", policy)
    ties = "SELECT claim_id FROM sales.ev_claim ORDER BY is_repeat FETCH FIRST 1 ROWS WITH TIES"
    assert "unbounded_rows" in codes(ties, "postgres", policy)


def test_statements_that_parse_as_something_else(policy: Policy) -> None:
    for sql in (
        "TABLE sales.ev_customer",
        "CHECKPOINT",
        "RESET ALL",
        "LISTEN a",
        "DISCARD ALL",
        "DEALLOCATE p",
        "EXPLAIN SELECT 1",
    ):
        assert codes(sql, "postgres", policy) == {"not_a_select"}
    for sql in ("LIST FILE", "CLEAR CACHE"):
        assert codes(sql, "spark", policy) == {"not_a_select"}
    codes("FROM sales.ev_customer |> SELECT email", "databricks", policy)
    assert "not_a_select" in codes("COPY sales.ev_claim TO PROGRAM 'id'", "postgres", policy)


def test_backticks_hide_the_rest_of_a_line(policy: Policy, everything: duckdb.DuckDBPyConnection) -> None:
    assert codes("SELECT 1 AS `a -- `, (SELECT MAX(pay) FROM hr.salaries)", "duckdb", policy) == {"unreadable"}


@pytest.mark.parametrize("dialect", LAKE)
def test_a_backslash_continues_a_comment(dialect: Dialect, policy: Policy) -> None:
    assert codes("SELECT 1 -- x \\\n, (SELECT MAX(pay) FROM hr.salaries)", dialect, policy) >= {"unstable_text"}


@pytest.mark.parametrize("dialect", LAKE)
def test_nested_ctes_keep_their_names_where_they_stand(dialect: Dialect, policy: Policy) -> None:
    sql = (
        "WITH a AS (SELECT region AS x FROM sales.ev_claim) SELECT t.x FROM "
        "(WITH a AS (SELECT city AS x FROM ref.store) SELECT a.x FROM a) AS t"
    )
    verdict = judge(sql, dialect, policy)
    assert verdict.sql == sql + " LIMIT 1000"


@pytest.mark.parametrize("dialect", LAKE)
def test_a_version_prints_as_a_substitution(dialect: Dialect, policy: Policy) -> None:
    assert codes("SELECT claim_id FROM sales.ev_claim@v1", dialect, policy) == {"forbidden_construct"}


def test_meaning_is_not_lost_on_print(policy: Policy) -> None:
    assert codes("SELECT SUM(cost_usd) / 1_000 FROM sales.ev_claim", "postgres", policy) == {"unstable_text"}
    assert codes("SELECT INTERVAL '30 days ago'", "postgres", policy) == {"unstable_text"}
    assert codes("SELECT INTERVAL '1 day; DROP TABLE x'", "postgres", policy) == {"unstable_text"}
    assert codes(
        "SELECT FIRST_VALUE(cost_usd) IGNORE NULLS OVER (ORDER BY opened_ts) FROM sales.ev_claim", "postgres", policy
    )
    for dialect in LAKE:
        doubled = judge("SELECT COUNT(*) FROM sales.ev_claim WHERE region = 'a''b'", dialect, policy)
        assert "'a\\'b'" in doubled.sql
        exact = "SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY cost_usd) FROM sales.ev_claim LIMIT 10"
        assert judge(exact, dialect, policy).sql == exact


def test_placeholders_of_another_driver_are_refused(policy: Policy) -> None:
    assert codes("SELECT COUNT(*) FROM sales.ev_claim WHERE region = :p", "postgres", policy) == {"forbidden_construct"}
    assert codes("SELECT COUNT(*) FROM sales.ev_claim WHERE region = :p", "duckdb", policy) == {"forbidden_construct"}
    assert codes("SELECT COUNT(*) FROM sales.ev_claim WHERE region = $p", "spark", policy) == {"forbidden_construct"}


@pytest.mark.cases(20)
@pytest.mark.parametrize("dialect", taking_outside_sql())
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 60 + "1" + ")" * 60,
        "SELECT " + "(" * 20_000 + "1" + ")" * 20_000,
        "SELECT 1" + "::text" * 3_000,
        "SELECT region" + "[1]" * 900 + " FROM sales.ev_claim",
        "SELECT CAST(NULL AS " + "ARRAY<" * 160 + "INT" + ">" * 160 + ")",
        "SELECT * FROM " + "(SELECT * FROM " * 9_000 + "x" + ")" * 9_000,
        "SELECT " + "NOT " * 500 + "TRUE",
        "SELECT " + "- " * 500 + "1",
        "SELECT " + "CASE WHEN TRUE THEN " * 60 + "1" + " END" * 60,
        "SELECT " + "STRUCT(" * 38 + "1" + ")" * 38,
        "SELECT " + "a." * 3_000 + "b",
        " UNION ALL ".join(["SELECT 1"] * 2_000),
        "SELECT 1 AS a0, " + ", ".join(f"a{n} + a{n} AS a{n + 1}" for n in range(60)) + " FROM sales.ev_claim",
        "SELECT " + ", ".join(["region"] * 4_000) + " FROM sales.ev_claim",
        "SELECT 1 WHERE '" + "x" * 70_000 + "' = ''",
    ],
    ids=lambda sql: sql[:24],
)
def test_small_texts_that_cost_seconds_are_refused_at_once(sql: str, dialect: Dialect, policy: Policy) -> None:
    assert codes(sql, dialect, policy) & {
        "too_deep", "too_long", "too_complex", "forbidden_construct", "unknown_column", "unreadable", "unstable_text",
        "unknown_function",
    }  # fmt: skip


# What the dictionary does not know of its own tables, the text must not reach by a name that the gate took for another.


def test_an_alias_in_where_is_written_out(policy: Policy, everything: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT region AS secret FROM sales.ev_claim WHERE secret = 'hidden'"
    assert everything.execute(sql).fetchall()
    verdict = judge(sql, "duckdb", policy)
    assert verdict.sql == "SELECT region AS secret FROM sales.ev_claim WHERE (region) = 'hidden' LIMIT 1000"


def test_an_alias_in_group_by_becomes_its_position(policy: Policy, postgres: Postgres) -> None:
    sql = "SELECT UPPER(region) AS secret, COUNT(*) FROM sales.ev_claim GROUP BY secret"
    verdict = judge(sql, "postgres", policy)
    assert verdict.sql.endswith("GROUP BY 1 LIMIT 1000")
    assert postgres.run(verdict.sql, [], as_reader=True)


@pytest.mark.parametrize("dialect", taking_outside_sql())
def test_a_name_of_a_surrounding_query_gets_its_source(dialect: Dialect, policy: Policy) -> None:
    sql = (
        "SELECT (SELECT MAX(secret) FROM sales.ev_claim AS i WHERE i.claim_id = o.claim_id) AS x "
        "FROM (SELECT claim_id, 1 AS secret FROM sales.ev_claim) AS o"
    )
    assert "MAX(o.secret)" in judge(sql, dialect, policy).sql

"""What a verdict holds, and who can make the SQL that runs."""

import copy
import pickle
import re
from dataclasses import replace

import pytest

from assay.catalog.dictionary import Dictionary
from assay.engine import taking_outside_sql
from assay.gate import Policy, SafeSql, judge
from assay.gate.lists import BoundList

SERIES = """
SELECT
  CAST(DATE_TRUNC('DAY', c.opened_ts AT TIME ZONE 'UTC') AS DATE) AS time,
  SUM(c.cost_usd) AS value
FROM ev_claim AS c  -- claims
WHERE c.status <> $2 AND c.opened_ts >= $1
GROUP BY 1
"""


def test_only_the_gate_makes_a_safe_sql(policy: Policy) -> None:
    fields = ("SELECT 1", "postgres", frozenset[str](), frozenset[str](), (), 1, ())
    with pytest.raises(TypeError, match="only the gate"):
        SafeSql(*fields)  # type: ignore[arg-type]
    safe = judge("SELECT COUNT(*) FROM sales.ev_claim", "postgres", policy).safe
    assert safe is not None
    with pytest.raises(TypeError, match="only the gate"):
        replace(safe, text="DROP TABLE x", seal=None)
    with pytest.raises((TypeError, ValueError)):
        replace(safe, text="DROP TABLE x")
    with pytest.raises(AttributeError):
        safe.text = "DROP TABLE x"  # type: ignore[misc]
    with pytest.raises(TypeError, match="does not travel"):
        pickle.dumps(safe)
    assert copy.deepcopy(safe) is safe


def test_a_safe_sql_says_what_it_reads(policy: Policy) -> None:
    verdict = judge(SERIES, "postgres", policy)
    assert verdict.safe is not None
    assert verdict.safe.text == verdict.sql == (
        "SELECT CAST(DATE_TRUNC('DAY', c.opened_ts AT TIME ZONE 'UTC') AS DATE) AS time, SUM(c.cost_usd) AS value "
        "FROM sales.ev_claim AS c WHERE c.status <> $2 AND c.opened_ts >= $1 GROUP BY 1 LIMIT 1000"
    )  # fmt: skip
    assert verdict.safe.tables == {"sales.ev_claim"}
    assert verdict.safe.columns == {f"sales.ev_claim.{name}" for name in ("opened_ts", "cost_usd", "status")}
    assert verdict.safe.parameters == ("2", "1")
    assert verdict.safe.checks == (
        "one SELECT, read only", "1 table, 3 columns known", "no joins", "no personal data", "rows bounded to 1000",
    )  # fmt: skip


def test_all_violations_are_reported_with_their_places(policy: Policy) -> None:
    verdict = judge("SELECT email,\n  pg_sleep(1), nope\nFROM sales.ev_customer c\nJOIN hr.x ON TRUE", "postgres", policy)
    places = [(violation.code, violation.line, violation.column) for violation in verdict.violations]
    assert places == [("personal_data", 1, 8), ("unknown_function", 2, 3), ("unknown_table", 4, 6)]


def test_a_misspelt_name_gets_a_hint(policy: Policy) -> None:
    [violation] = judge("SELECT regoin FROM sales.ev_claim", "postgres", policy).violations
    assert violation.message == "there is no column 'regoin' here. Did you mean 'region'?"


FRAMED = (
    "SELECT frames2.time AS time, SUM(c.cost_usd) AS value FROM sales.ev_claim AS c"
    " JOIN frames2 ON frames2.begins <= CAST(c.opened_ts AS DATE) AND frames2.ends > CAST(c.opened_ts AS DATE)"
    " WHERE c.status <> $1 GROUP BY 1 LIMIT 10"
)


@pytest.mark.parametrize("dialect", taking_outside_sql())
def test_a_list_of_days_is_written_by_the_gate_and_only_for_what_is_compiled(dialect: str, policy: Policy) -> None:
    sql = FRAMED.replace("$", {"postgres": "$", "duckdb": "$p"}.get(dialect, ":p"))
    safe = judge(sql, dialect, policy, (BoundList(2),)).safe
    assert safe is not None
    assert safe.text.startswith("WITH frames2 AS (SELECT CAST(SUBSTRING(item, 1, 10) AS DATE) AS time")
    assert safe.text.endswith(sql)
    assert {each.lstrip("p") for each in safe.parameters} == {"1", "2"}
    for lists in ((), (BoundList(1),), (BoundList(2, "text"),)):
        assert "unknown_table" in {each.code for each in judge(sql, dialect, policy, lists).violations}
    written_out = judge(safe.text, dialect, policy)
    assert "unknown_function" in {each.code for each in written_out.violations}


@pytest.mark.parametrize(("old", "new"), [
    (" GROUP BY 1", ""), ("frames2.time AS time", "c.status AS time"), ("GROUP BY 1", "GROUP BY ROLLUP (1)"),
    ("frames2.time AS time", "frames2.begins AS time"), ("JOIN frames2 ON", "LEFT JOIN frames2 ON"),
    ("JOIN frames2 ON", "CROSS JOIN frames2 WHERE"),
])  # fmt: skip
def test_rows_in_several_buckets_are_counted_by_bucket_alone(old: str, new: str, policy: Policy) -> None:
    sql = FRAMED.replace(old, new).replace(" WHERE c.status <> $1", "" if "CROSS" in new else " WHERE c.status <> $1")
    assert not judge(sql, "postgres", policy, (BoundList(2),)).ok


def test_buckets_that_further_grains_divide_are_counted_by_each_of_them(policy: Policy) -> None:
    lists = (BoundList(2, further=1),)
    assert not judge(FRAMED, "postgres", policy, lists).ok
    by_both = FRAMED.replace(" AS time,", " AS time, frames2.further1 AS month,").replace("GROUP BY 1", "GROUP BY 1, 2")
    safe = judge(by_both, "postgres", policy, lists).safe
    assert safe is not None
    assert "CAST(SUBSTRING(item, 34, 10) AS DATE) AS further1" in safe.text
    assert not judge(by_both, "postgres", policy, (BoundList(2),)).ok


AMONG = "SELECT COUNT(*) AS value FROM sales.ev_claim AS c WHERE c.status IN (SELECT value FROM values1) LIMIT 1"


def test_a_list_of_values_is_compared_with_and_nothing_else(policy: Policy) -> None:
    lists = (BoundList(1, "text"),)
    safe = judge(AMONG, "postgres", policy, lists).safe
    assert safe is not None
    assert safe.text.startswith("WITH values1 AS (SELECT CAST(item AS TEXT) AS value FROM (SELECT JSON_ARRAY_ELEMENTS_TEXT(")
    for other in ((), (BoundList(2, "text"),), (BoundList(1),)):
        assert "unknown_table" in {each.code for each in judge(AMONG, "postgres", policy, other).violations}
    joined = AMONG.replace(" WHERE c.status IN (SELECT value FROM values1)", " JOIN values1 ON c.status = values1.value")
    beside = AMONG.replace(" WHERE c.status IN (SELECT value FROM values1)", ", values1")
    for sql in (joined, beside):
        assert not judge(sql, "postgres", policy, lists).ok, sql


def test_a_text_seen_before_gets_the_same_verdict(policy: Policy) -> None:
    assert judge(SERIES, "postgres", policy) is judge(SERIES, "postgres", policy)


def test_a_policy_for_a_backend_knows_only_its_tables(dictionary: Dictionary) -> None:
    tables = dict(dictionary.tables)
    elsewhere = replace(tables["sales.ev_claim"], backends=("lakehouse",))
    moved = replace(dictionary, tables={**tables, "sales.ev_claim": elsewhere})
    sql = "SELECT COUNT(*) FROM sales.ev_claim"
    assert judge(sql, "duckdb", Policy.from_dictionary(moved, backend="lakehouse")).ok
    [violation] = judge(sql, "postgres", Policy.from_dictionary(moved, backend="postgres")).violations
    assert violation.code == "unknown_table"


@pytest.mark.parametrize("dialect", taking_outside_sql())
def test_the_policys_bounds_hold(dialect: str, dictionary: Dictionary) -> None:
    narrow = Policy.from_dictionary(dictionary, max_rows=50)
    assert judge("SELECT claim_id FROM sales.ev_claim", dialect, narrow).sql.endswith("LIMIT 50")  # type: ignore[arg-type]
    [violation] = judge("SELECT claim_id FROM sales.ev_claim LIMIT 51", dialect, narrow).violations  # type: ignore[arg-type]
    assert violation.code == "limit_too_high"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT * FROM generate_series(1, 10)",
         "'GENERATE_SERIES(1, 10)' may not stand where a table of the dictionary is wanted"),
        ("SELECT * FROM dblink('x')", "the function dblink may not stand where a table of the dictionary is wanted"),
        ("SELECT explode(region) FROM sales.ev_claim",
         "the function explode is not among those that postgres may be asked for"),
        ("SELECT region FROM sales.ev_claim WHERE", "WHERE is not complete"),
        ("SELECT random()", "the function random is not among those that postgres may be asked for"),
        ("SELECT lenght(region) FROM sales.ev_claim",
         "the function lenght is not among those that postgres may be asked for. Did you mean 'length'?"),
        ("SELECT ifnull(region, '') FROM sales.ev_claim",
         "the function ifnull is not among those that postgres may be asked for. Did you mean 'coalesce'?"),
        ("SELECT \"lower\"(region) FROM sales.ev_claim",
         "the function lower may be called by its bare name only, without quotes or a schema"),
        ("SELECT a FROM (VALUES (1)) AS t(a)", "VALUES may not be used"),
        ("SELECT claim_id FROM sales.ev_claim FETCH FIRST 5 ROWS WITH TIES", "LIMIT with ties may not be used"),
        ("SELECT claim_id FROM sales.ev_claim FOR UPDATE", "FOR UPDATE may not be used"),
    ],
)  # fmt: skip
def test_sentences_speak_of_sql_and_offer_what_is_meant(sql: str, said: str, policy: Policy) -> None:
    messages = [violation.message for violation in judge(sql, "postgres", policy).violations]
    assert said in messages
    assert not any(word in message for message in messages for word in ("EXPLODING", "ANONYMOUS", "..", "None"))


_OF_SQL = frozenset(
    "SELECT FROM JOIN ON WITH WHERE GROUP ORDER BY LIMIT OFFSET DISTINCT COUNT NULL FOR UPDATE LATERAL VIEW INTO FILL "
    "OBJECT TRANSFORM PIVOT VALUES".split()
)
_ODD = """
SELECT COUNT(*) FROM {t} TABLESAMPLE (10 ROWS)
SELECT COUNT(*) FROM {t} USING SAMPLE 10
SELECT COUNT(*) FROM {t} WITH (NOLOCK)
SELECT COUNT(*) FROM {t} FORCE INDEX (x)
SELECT COUNT(*) FROM {t} ORDER BY region WITH FILL
SELECT COUNT(*) FROM {t} POSITIONAL JOIN {t} AS b
SELECT COUNT(*) FROM {t} MATCH_RECOGNIZE (PATTERN (A))
SELECT COUNT(*) FROM range(3)
SELECT COUNT(*) FROM OPENJSON(x)
SELECT COUNT(*) FROM XMLTABLE('x' PASSING y)
SELECT COUNT(*) FROM JSON_TABLE('x', '$' COLUMNS (a INT PATH '$'))
SELECT COUNT(*) FROM ROWS FROM (generate_series(1, 2))
SELECT COUNT(*) FROM UNNEST([1]) WITH ORDINALITY AS u(a, b)
SELECT * FROM {t} PIVOT (COUNT(*) FOR region IN ('a'))
SELECT region FROM {t} LIMIT 10 PERCENT
SELECT region FROM {t} CLUSTER BY region
SELECT region FROM {t} VERSION AS OF 1
SELECT /*+ BROADCAST(a) */ region FROM {t}
SELECT ANY_VALUE(region HAVING MAX claim_id) FROM {t}
SELECT 1 << 2
SELECT ~1
SELECT struct(1)
SELECT [x for x in [1, 2]]
SELECT CAST('a' AS blob)
SELECT convert('a' USING utf8)
SELECT TRY_CAST(1 AS STRUCT(a INT))
SELECT (region).b FROM {t}
WITH RECURSIVE t AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM t) SELECT a FROM t
WITH t AS (SELECT 1 AS a) VALUES (1)
(VALUES (1))
"""


@pytest.mark.parametrize("dialect", ["postgres", "duckdb", "databricks", "spark"])
def test_no_word_of_the_parsers_own_is_in_a_sentence(dialect: str, policy: Policy) -> None:
    for each in _ODD.strip().splitlines():
        sql = each.format(t="sales.ev_claim")
        own = set(re.findall(r"\w+", sql.upper())) | _OF_SQL
        for violation in judge(sql, dialect, policy).violations:  # type: ignore[arg-type]
            strange = set(re.findall(r"\b[A-Z][A-Z_]+\b|\b\w*[a-z][A-Z]\w*", violation.message)) - own
            assert not strange, (sql, violation.message)
            assert "None" not in violation.message

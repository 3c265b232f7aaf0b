"""The backend against a real Spark Connect server: values, errors, versions, and statements that end when they must."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assay.catalog.types import parse_type
from assay.catalog.workspace import Workspace
from assay.engines.duckdb.driver import DuckDBBackend
from assay.engines.spark import client
from assay.engines.spark.client import Session, quoted
from assay.engines.spark.driver import SparkBackend
from assay.errors import BackendTimeout, BackendUnavailable, StatementFailed
from assay.gate import Policy, judge
from assay.live.validation import validate
from tests.conftest import DEMO, cloned_database, eventually, open_house
from tests.engine.test_bounds import unjudged
from tests.spark.server import ConnectServer, do

ENDLESS = "SELECT count(*) AS n FROM range(0, 1000000000000, 1, 1) AS a WHERE a.id % 7 = sqrt(a.id)"
"""One task: the other core is left to the server, which has to hear the order to stop."""


@pytest.fixture(scope="module")
def session(server: ConnectServer) -> Iterator[Session]:
    opened = Session("setup", server.url)
    yield opened
    opened.end()


async def rows(backend: SparkBackend, text: str, seconds: float = 20) -> list[tuple[Any, ...]]:
    return (await backend.run(unjudged(text, "spark"), {}, (), seconds)).rows


# -- values -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        True, 0, -1, 2**31, 2**62, 0.1, 1e300, D("1.10"), D("-0.01"), D(2**62), D("1E+3"), D(10) ** 37, D("1E-38"),
        D("0." + "9" * 38), date(1900, 1, 1), date(2200, 12, 31), datetime(2026, 3, 29, 2, 30),
        datetime(2026, 10, 25, 0, 30, 0, 123_456, tzinfo=UTC), datetime(1900, 1, 1, tzinfo=UTC),
        datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        "", "it's", 'a "b" `c`', "back\\slash \\n", "new\nline", "𝄞 中 é", "'; DROP TABLE x; --", ":p2", "x" * 1_000,
    ],
)  # fmt: skip
def test_a_value_arrives_as_it_was_sent(session: Session, value: object) -> None:
    _, ((back, kind),) = session.rows("SELECT :p1 AS back, typeof(:p1) AS kind", {"p1": value}, "values")
    assert back == value
    assert type(back) is type(value)
    if isinstance(value, datetime):
        assert kind == ("timestamp" if value.tzinfo else "timestamp_ntz")
        assert value.tzinfo is None or back.tzinfo is UTC


def test_parameters_are_known_by_name(session: Session) -> None:
    _, found = session.rows("SELECT :b || :a || :b AS said", {"a": "1", "b": "2", "not_used": "3"}, "names")
    assert found == [("212",)]


async def test_a_judged_statement_counts_as_it_does_elsewhere(
    spark: SparkBackend, demo_tables: None, lake: Path, workspace: Workspace
) -> None:
    policy = Policy.from_dictionary(workspace.dictionary)
    text = ("SELECT c.region AS region, COUNT(*) AS n FROM l3_asurion.ev_claim AS c WHERE c.claim_open_ts >= {0}p2"
            " AND c.claim_status <> {0}p1 GROUP BY c.region ORDER BY region NULLS LAST LIMIT 100")  # fmt: skip
    values = {"p1": "denied", "p2": datetime(2026, 3, 1, tzinfo=UTC)}
    duckdb = DuckDBBackend("lakehouse", lake)
    told = []
    for backend, dialect, mark in ((spark, "spark", ":"), (duckdb, "duckdb", "$")):
        verdict = judge(text.format(mark), dialect, policy)
        assert verdict.safe, verdict.violations
        told.append((await backend.run(verdict.safe, values, verdict.safe.tables, 20)).rows)
    await duckdb.close()
    assert told[0] == told[1]
    assert len(told[0]) > 3


async def test_every_type_comes_back_as_python_has_it(spark: SparkBackend) -> None:
    found = await spark.run(
        unjudged(
            "SELECT CAST(1 AS INT) AS i, CAST(1.5 AS DOUBLE) AS f, CAST('nan' AS DOUBLE) AS nan, 1.50BD AS d, 'é' AS s,"
            " DATE'2026-03-01' AS day, TIMESTAMP'2026-03-01 08:00:00+01:00' AS at,"
            " TIMESTAMP_NTZ'2026-03-01 08:00:00' AS wall, true AS b, CAST(NULL AS TIMESTAMP) AS nothing", "spark"
        ), {}, (), 20,
    )  # fmt: skip
    assert found.columns == ("i", "f", "nan", "d", "s", "day", "at", "wall", "b", "nothing")
    ((i, f, nan, d, *others),) = found.rows
    assert (i, f, d, str(d), nan != nan) == (1, 1.5, D("1.50"), "1.50", True)
    assert others == ["é", date(2026, 3, 1), datetime(2026, 3, 1, 7, tzinfo=UTC), datetime(2026, 3, 1, 8), True, None]


async def test_a_result_without_rows_has_its_columns(spark: SparkBackend) -> None:
    found = await spark.run(unjudged("SELECT 1 AS a, 'x' AS b WHERE false", "spark"), {}, (), 20)
    assert (found.columns, found.rows) == (("a", "b"), [])


async def test_a_result_that_is_too_large_is_refused(spark: SparkBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_RESULT_BYTES", 1_000_000)
    with pytest.raises(StatementFailed, match="larger than 1 MB"):
        await rows(spark, "SELECT repeat('x', 1000) AS a FROM range(10000)")
    assert len(await rows(spark, "SELECT repeat('x', 90) AS a FROM range(10000)")) == 10_000


# -- errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "condition", "sqlstate"),
    [
        ("SELEC 1", "PARSE_SYNTAX_ERROR", "42601"), ("SELECT a FROM nope.nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        ("SELECT nothing", "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "42703"), ("SELECT 1 / 0", "DIVIDE_BY_ZERO", "22012"),
        ("SELECT CAST('a' AS INT)", "CAST_INVALID_INPUT", "22018"), ("SELECT :p1", "UNBOUND_SQL_PARAMETER", "42P02"),
        ("SELECT 1; SELECT 2", "PARSE_SYNTAX_ERROR", "42601"), ("SELECT 2147483647 + 1", "ARITHMETIC_OVERFLOW", "22003"),
    ],
)  # fmt: skip
async def test_a_refused_statement_is_one_sentence(
    spark: SparkBackend, capfd: pytest.CaptureFixture[str], text: str, condition: str, sqlstate: str
) -> None:
    with pytest.raises(StatementFailed) as caught:
        await rows(spark, text)
    assert caught.value.extra == {"condition": condition, "sqlstate": sqlstate}
    assert caught.value.detail.startswith(f"spark refused the statement: [{condition}] ")
    assert "\n" not in caught.value.detail
    assert "org.apache" not in caught.value.detail
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "url", ["sc://127.0.0.1:1/;token=hush-hush", "http://127.0.0.1:1/;token=hush-hush", "sc://h/;token=hush-hush=x",
            "sc://h:x/;token=hush-hush", "hush-hush"],
)  # fmt: skip
async def test_what_stands_in_the_url_is_in_no_error(url: str) -> None:
    backend = SparkBackend("spark", url)
    with pytest.raises(BackendUnavailable) as caught:
        await rows(backend, "SELECT 1")
    health = await backend.health()
    assert not health.ok
    assert "hush" not in f"{caught.value.detail} {caught.value.mend} {health.detail}"
    await backend.close()


async def test_a_server_that_speaks_something_else_is_named_so(database_url: str) -> None:
    port = database_url.split(":")[-1].split("/")[0]
    backend = SparkBackend("spark", f"sc://127.0.0.1:{port}")
    assert not (await backend.health()).ok
    await backend.close()


async def test_the_server_knows_a_statement_by_its_receipt(server: ConnectServer) -> None:
    """Shown by the one thing that Spark Connect does by tags: it ends what has the tag."""
    backend = SparkBackend("spark", server.url)
    asking = asyncio.ensure_future(backend.run(unjudged(ENDLESS, "spark"), {}, (), 120, {"receipt": "01ab"}))

    async def ended() -> bool:
        if backend._session is not None:
            await asyncio.to_thread(backend._session.interrupt, "assay-receipt-01ab")
        return asking.done()

    await eventually(ended, 100)
    with pytest.raises(BackendTimeout, match="was interrupted"):
        await asking
    assert await rows(backend, "SELECT 1 AS one") == [(1,)]
    await backend.close()


# -- what it tells of itself ------------------------------------------------------------------------


async def test_a_table_is_described_in_types_the_dictionary_reads(spark: SparkBackend, session: Session) -> None:
    do(session, "CREATE SCHEMA IF NOT EXISTS `select`")
    do(session, "CREATE TABLE `select`.`1_Order` (`a b` STRING, d DECIMAL(18,2), at TIMESTAMP, w TIMESTAMP_NTZ,"
                " v VARCHAR(9), i INT, l BIGINT, f DOUBLE, day DATE, ok BOOLEAN) USING parquet")  # fmt: skip
    found = await spark.describe("select.1_Order")
    assert found is not None
    kinds = {name: parse_type(kind).kind for name, kind in found.items()}
    assert kinds == {
        "a b": "string", "d": "decimal", "at": "timestamp", "w": "timestamp_ntz", "v": "string", "i": "integer",
        "l": "bigint", "f": "double", "day": "date", "ok": "boolean",
    }  # fmt: skip
    assert await spark.describe("select.nothing") is None
    assert await spark.describe("nowhere.nothing") is None
    assert quoted("select.x`; DROP TABLE `select") == "`select`.`x``; DROP TABLE ``select`"


async def test_the_dictionary_is_validated_live(spark: SparkBackend, demo_tables: None) -> None:
    report = await validate(DEMO, {"spark": spark})
    assert not [each for each in report.findings if "spark" in str(each)]
    assert "spark" in report.checked


async def test_where_no_table_keeps_a_version_the_time_is_one(server: ConnectServer, session: Session) -> None:
    backend = SparkBackend("spark", server.url, bucket_seconds=1e9)
    do(session, "CREATE TABLE default.plain (a INT) USING parquet")
    assert backend.known_version(["default.plain"]) is None
    version = await backend.data_version(["default.plain"])
    known = backend.known_version(["default.plain"])
    assert known is not None
    assert (version.kind, version.text) == ("time_bucket", known.text)
    assert backend.version_token() is None
    await backend.close()


async def test_rows_that_others_write_are_seen_with_the_next_version(server: ConnectServer, session: Session) -> None:
    do(session, "DROP TABLE IF EXISTS default.growing")
    do(session, "CREATE TABLE default.growing (a INT) USING parquet")
    do(session, "INSERT INTO default.growing VALUES (1)")
    backend = SparkBackend("spark", server.url, bucket_seconds=0.2)
    count = unjudged("SELECT COUNT(*) AS n FROM default.growing", "spark")
    before = await backend.run(count, {}, ["default.growing"], 20)
    do(session, "INSERT INTO default.growing VALUES (2), (3)")

    async def newer() -> bool:
        found = await backend.run(count, {}, ["default.growing"], 20)
        assert found.rows == [(1,)] or found.data_version.text != before.data_version.text
        return found.rows == [(3,)]

    assert before.rows == [(1,)]
    await eventually(newer)
    await backend.close()


async def test_health_says_which_spark_it_is(spark: SparkBackend) -> None:
    health = await spark.health()
    assert health.ok
    assert health.detail.startswith("Spark 4.")


# -- statements that end ----------------------------------------------------------------------------


def jobs_under_way(server: ConnectServer) -> list[dict[str, Any]]:
    return [each for each in server.tells("jobs") if each["status"] == "RUNNING"]


async def started(server: ConnectServer) -> bool:
    return bool(await asyncio.to_thread(jobs_under_way, server))


async def idle(server: ConnectServer) -> bool:
    return not await asyncio.to_thread(jobs_under_way, server)


async def test_a_slow_statement_is_cancelled_on_the_server(spark: SparkBackend, server: ConnectServer) -> None:
    # Both take their time when they are asked first.
    assert await rows(spark, "SELECT 1", 60) == [(1,)]
    await eventually(lambda: idle(server), 60)
    running = asyncio.ensure_future(rows(spark, ENDLESS, 5))
    await eventually(lambda: started(server))
    with pytest.raises(BackendTimeout, match="longer than 5 s"):
        await running
    await eventually(lambda: idle(server))
    assert await rows(spark, "SELECT 1") == [(1,)]


async def test_a_statement_that_nobody_waits_for_is_cancelled_on_the_server(
    spark: SparkBackend, server: ConnectServer
) -> None:
    running = asyncio.ensure_future(rows(spark, ENDLESS, 30))
    await eventually(lambda: started(server))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await eventually(lambda: idle(server))


async def test_one_that_is_cancelled_leaves_the_others_alone(spark: SparkBackend, server: ConnectServer) -> None:
    slow = asyncio.ensure_future(rows(spark, ENDLESS, 5))
    await eventually(lambda: started(server))
    quick = [rows(spark, f"SELECT {number} AS n FROM range(3)") for number in range(6)]
    assert await asyncio.gather(*quick) == [[(number,)] * 3 for number in range(6)]
    with pytest.raises(BackendTimeout):
        await slow


async def test_closing_ends_what_runs(server: ConnectServer) -> None:
    backend = SparkBackend("spark", server.url)
    running = asyncio.ensure_future(rows(backend, ENDLESS, 30))
    await eventually(lambda: started(server))
    await backend.close()
    with pytest.raises((BackendTimeout, BackendUnavailable)):
        await running
    await eventually(lambda: idle(server))
    with pytest.raises(BackendUnavailable, match="closed"):
        await rows(backend, "SELECT 1")


async def test_a_session_that_the_server_forgot_is_opened_anew(server: ConnectServer) -> None:
    backend = SparkBackend("spark", server.url)
    assert await rows(backend, "SELECT current_timezone() AS zone") == [("UTC",)]
    assert backend._session
    await asyncio.to_thread(backend._session._spark.client.release_session)
    assert await rows(backend, "SELECT current_timezone() AS zone") == [("UTC",)]
    await backend.close()


# -- in the house -----------------------------------------------------------------------------------


@pytest.fixture
async def routed(
    server: ConnectServer, demo_tables: None, workspace_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Path]:
    monkeypatch.setenv("SPARK_REMOTE", server.url)
    file = workspace_copy / "config" / "metric_routing.yaml"
    text = file.read_text()
    assert text.count("cost_avoided_mtd: {backend: postgres}") == 1
    file.write_text(text.replace("cost_avoided_mtd: {backend: postgres}", "cost_avoided_mtd: {backend: spark}"))
    return workspace_copy


async def test_a_metric_is_served_from_spark(routed: Path, lake: Path, tmp_path: Path) -> None:
    async with cloned_database() as url, open_house(url, routed, lake, tmp_path / "home") as house:
        answer = await house.ask("cost_avoided_mtd")
        assert answer["provenance"]["backend"] == "spark"
        assert answer["provenance"]["data_version_kind"] == "time_bucket"
        listed = (await house.client.get("/v1/workspace")).json()
        assert next(each for each in listed["backends"] if each["name"] == "spark")["state"] == "ready"
    with duckdb.connect(str(lake), read_only=True) as opened:
        (expected,) = opened.execute(
            "SELECT SUM(cost_avoided_usd) FROM l3_asurion.ev_claim WHERE claim_status <> 'denied'"
            " AND claim_open_ts >= TIMESTAMPTZ '2026-03-01 00:00:00+00'"
            " AND claim_open_ts < TIMESTAMPTZ '2026-03-17 15:43:00+00'"
        ).fetchone() or (None,)
    assert answer["rows"] == [[str(expected)]]

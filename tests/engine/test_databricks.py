"""The Databricks backend over a real socket: what it gives, and what it does when the service misbehaves."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import DEMO, eventually
from tests.warehouse import CLIENT, Warehouse

from assay.backends.databricks import DatabricksBackend, connect
from assay.backends.databricks_http import Pace, Wire, _retry_after
from assay.backends.protocol import NotConfigured, Rows
from assay.backends.registry import Surroundings, open_backend
from assay.catalog.workspace import load_workspace
from assay.errors import AssayError, BackendTimeout, BackendUnavailable, StatementFailed
from assay.gate.verdict import SEAL, SafeSql

QUICK = Pace(first_poll=0.002, longest_poll=0.01, first_retry=0.002, cancel=5)
TABLE = "shop.sale"
HOUR = timedelta(hours=1)


def unjudged(text: str, *parameters: str, row_limit: int = 1_000) -> SafeSql:
    """A statement that no gate has seen: only a test that holds the gate's own seal can make one."""
    return SafeSql(text, "databricks", frozenset(), frozenset(), parameters, row_limit, (), seal=SEAL)


def opened(environment: dict[str, str], pace: Pace = QUICK) -> DatabricksBackend:
    backend = connect(load_workspace(DEMO, environment).backends["databricks"], pace)
    assert isinstance(backend, DatabricksBackend)
    return backend


async def ask(backend: DatabricksBackend, text: str = "SELECT 1 AS one", seconds: float = 10, **values: Any) -> Rows:
    return await backend.run(unjudged(text, *values), values, (), seconds)


async def refusal(asking: Any) -> AssayError:
    """The error, which shows no secret, whatever it is."""
    with pytest.raises(AssayError) as caught:
        await asking
    assert not any(secret in str(caught.value.problem()) for secret in ("dapi", "oauth-", *CLIENT))
    return caught.value


@pytest.fixture
async def warehouse() -> AsyncIterator[Warehouse]:
    async with Warehouse(chunk_rows=4) as opened:
        opened.change(
            "CREATE SCHEMA shop; CREATE TABLE shop.sale (n INTEGER NOT NULL, price DECIMAL(9,2), sold TIMESTAMPTZ)"
        )
        opened.change("INSERT INTO shop.sale SELECT range, range * 1.5, TIMESTAMPTZ '2026-03-01 00:00:00+00' FROM range(10)")
        yield opened


@pytest.fixture
async def backend(warehouse: Warehouse) -> AsyncIterator[DatabricksBackend]:
    backend = opened(warehouse.environment)
    # The question of the time zone is out of the way: what is counted from here on is the statement.
    await ask(backend)
    warehouse.counts.clear()
    yield backend
    await backend.close()


async def all_cancelled(warehouse: Warehouse) -> bool:
    return warehouse.counts["cancel"] > 0 and all(each.has_ended for each in warehouse.statements.values())


# -- values ---------------------------------------------------------------------------------------


async def test_every_type_arrives_as_the_python_value_it_means(backend: DatabricksBackend) -> None:
    rows = await ask(
        backend,
        "SELECT CAST(1 AS INT) AS a, CAST(-9223372036854775808 AS BIGINT) AS b, CAST('1.50' AS DECIMAL(18, 2)) AS c,"
        " CAST(0.1 AS DOUBLE) AS d, TRUE AS e, DATE '2026-03-01' AS f, CAST('2026-03-01 10:00:00+02:00' AS TIMESTAMP) AS g,"
        " CAST('2026-03-01 10:00:00.123456' AS TIMESTAMP_NTZ) AS h, 'ü\\'\"\n' AS i, NULL AS j, 'null' AS k",
    )
    assert rows.columns == tuple("abcdefghijk")
    (row,) = rows.rows
    assert row == (
        1, -(2**63), Decimal("1.50"), 0.1, True, date(2026, 3, 1), datetime(2026, 3, 1, 8, tzinfo=UTC),
        datetime(2026, 3, 1, 10, 0, 0, 123456), "ü'\"\n", None, "null",
    )  # fmt: skip
    assert [type(value) for value in row[:5]] == [int, int, Decimal, float, bool]


async def test_what_is_no_number_is_a_double_too(backend: DatabricksBackend) -> None:
    text = "SELECT CAST('NaN' AS DOUBLE) AS a, CAST('Infinity' AS DOUBLE) AS b, CAST('-Infinity' AS DOUBLE) AS c"
    ((nan, *infinite),) = (await ask(backend, text)).rows
    assert nan != nan
    assert infinite == [float("inf"), float("-inf")]


async def test_parameters_are_bound_in_their_own_type_and_never_written_into_the_text(
    backend: DatabricksBackend, warehouse: Warehouse
) -> None:
    values = {
        "p1": "x' OR '1'='1", "p2": 7, "p3": Decimal("12.340"), "p4": 1.5, "p5": True, "p6": date(2026, 1, 2),
        "p7": datetime(2026, 1, 2, 4, tzinfo=UTC) + HOUR, "p8": datetime(2026, 1, 2, 3, 4, 5, 6), "p9": 2**70,
    }  # fmt: skip
    text = "SELECT " + ", ".join(f":{name} AS {name}" for name in values)
    (row,) = (await ask(backend, text, **values)).rows
    assert row == tuple(values.values())
    sent = {each["name"]: each["type"] for each in warehouse.bodies[-1]["parameters"]}
    assert list(sent.values()) == [
        "STRING", "BIGINT", "DECIMAL(5,3)", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMP_NTZ", "DECIMAL(22,0)",
    ]  # fmt: skip
    assert warehouse.bodies[-1]["statement"] == text


async def test_a_number_that_no_decimal_holds_is_refused_before_it_is_sent(
    backend: DatabricksBackend, warehouse: Warehouse
) -> None:
    error = await refusal(ask(backend, "SELECT :p1 AS a", p1=Decimal("9" * 38 + ".5")))
    assert isinstance(error, StatementFailed) is True
    assert warehouse.counts["submit"] == 0


async def test_the_statement_says_whose_it_is(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    await ask(backend, "SELECT 2 AS two")
    tags = {each["key"]: each["value"] for each in warehouse.bodies[-1]["query_tags"]}
    assert (tags["application"], tags["assay_backend"], len(tags["assay_statement"])) == ("assay", "databricks", 16)


# -- chunks ---------------------------------------------------------------------------------------


async def test_every_chunk_is_read(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    rows = await ask(backend, "SELECT n, price FROM shop.sale ORDER BY n")
    assert rows.rows == [(n, Decimal(n) * 3 / 2) for n in range(10)]
    assert warehouse.counts["chunk"] == 2


async def test_a_result_without_rows_is_a_result(backend: DatabricksBackend) -> None:
    rows = await ask(backend, "SELECT n FROM shop.sale WHERE n > 99")
    assert (rows.columns, rows.rows) == (("n",), [])


@pytest.mark.parametrize(("kind", "chunks"), [("short", 4), ("short", 100), ("missing", 4), ("cut", 4)])
async def test_a_result_that_lacks_a_row_is_no_result(
    backend: DatabricksBackend, warehouse: Warehouse, kind: str, chunks: int
) -> None:
    warehouse.chunk_rows = chunks
    warehouse.fault(kind, "chunk")
    error = await refusal(ask(backend, "SELECT n FROM shop.sale"))
    assert isinstance(error, BackendUnavailable)
    assert {"short": "incomplete", "missing": "404", "cut": "broke off"}[kind] in error.detail


async def test_a_result_that_the_service_cut_is_refused(backend: DatabricksBackend) -> None:
    statement = unjudged("SELECT n FROM shop.sale", row_limit=5)
    error = await refusal(backend.run(statement, {}, (), 10))
    assert (type(error), "cut the result short" in error.detail) == (StatementFailed, True)
    assert len((await backend.run(unjudged("SELECT n FROM shop.sale", row_limit=10), {}, (), 10)).rows) == 10


async def test_a_result_has_a_largest_size(warehouse: Warehouse) -> None:
    wire = Wire("databricks", warehouse.host, QUICK)
    with pytest.raises(StatementFailed, match="larger than"):
        await wire.send("GET", "/oidc/.well-known/oauth-authorization-server", room=10)
    await wire.close()


# -- refusals -------------------------------------------------------------------------------------


async def test_a_statement_that_fails_gives_its_sqlstate_and_first_line(
    backend: DatabricksBackend, warehouse: Warehouse
) -> None:
    error = await refusal(ask(backend, "SELECT n FROM shop.nowhere"))
    assert (type(error), error.extra["sqlstate"]) == (StatementFailed, "42P01")
    assert "TABLE_OR_VIEW_NOT_FOUND" in error.detail
    warehouse.fault("failed", message="[DIVIDE_BY_ZERO] Division by zero.\n== SQL ==\nsecret", sqlstate="22012")
    error = await refusal(ask(backend))
    assert error.detail.endswith("[DIVIDE_BY_ZERO] Division by zero. (SQLSTATE 22012)")
    assert warehouse.counts["cancel"] == 0


@pytest.mark.parametrize(
    ("kind", "detail", "expected", "words"),
    [
        ("canceled", {}, StatementFailed, "cancelled on the warehouse"),
        ("closed", {}, BackendUnavailable, "is gone"),
        ("failed", {"code": "TEMPORARILY_UNAVAILABLE"}, BackendUnavailable, "does not answer"),
        ("page", {}, BackendUnavailable, "not as a Databricks workspace does"),
        ("elsewhere", {}, BackendUnavailable, "sends elsewhere"),
        ("forbidden", {}, BackendUnavailable, "does not let this login in"),
        ("busy", {"status": 500}, BackendUnavailable, "failed (500)"),
        ("busy", {"status": 400}, StatementFailed, "(400)"),
    ],
)
async def test_every_other_end_has_a_sentence_and_is_not_tried_again(
    backend: DatabricksBackend, warehouse: Warehouse, kind: str, detail: dict[str, Any], expected: type, words: str
) -> None:
    warehouse.fault(kind, **detail)
    error = await refusal(ask(backend))
    assert type(error) is expected
    assert words in error.detail
    assert warehouse.counts["submit"] == 1
    assert (await ask(backend)).rows == [(1,)]


# -- patience -------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["submit", "poll"])
@pytest.mark.parametrize("detail", [{"retry_after": 0}, {"status": 503, "retry_after": 0}, {"status": 503}, {}])
async def test_a_busy_service_is_asked_again(
    backend: DatabricksBackend, warehouse: Warehouse, step: Any, detail: dict[str, Any]
) -> None:
    warehouse.fault("busy", step, times=2, **detail)
    assert (await ask(backend)).rows == [(1,)]
    assert len(warehouse.ran("SELECT 1 AS one")) == 2  # the fixture's and this one
    if step == "submit":
        assert warehouse.counts["submit"] == 3


async def test_a_service_that_stays_busy_is_left_alone_soon(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse.fault("busy", times=99, retry_after=0)
    error = await refusal(ask(backend))
    assert (type(error), "429 to 4 attempts" in error.detail) == (BackendUnavailable, True)
    assert warehouse.counts["submit"] == 4


async def test_a_service_that_wants_more_patience_than_there_is_gets_none(
    backend: DatabricksBackend, warehouse: Warehouse
) -> None:
    warehouse.fault("busy", retry_after=60)
    error = await refusal(ask(backend))
    assert "wants 60 s of patience" in error.detail
    assert warehouse.counts["submit"] == 1


async def test_the_service_is_waited_for_as_long_as_it_wants(
    backend: DatabricksBackend, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    sleep = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda seconds, *rest: (waits.append(seconds), sleep(0, *rest))[1])
    warehouse.fault("busy", retry_after=7)
    await ask(backend)
    assert 7.0 in waits


def test_retry_after_is_seconds_or_a_date() -> None:
    assert (_retry_after("3"), _retry_after(None), _retry_after("soon")) == (3.0, None, None)
    assert _retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert (_retry_after("Wed, 21 Oct 2099 07:28:00 GMT") or 0) > 1e6


async def test_a_statement_that_writes_is_not_sent_twice_where_it_may_have_been_heard(
    backend: DatabricksBackend, warehouse: Warehouse
) -> None:
    warehouse.fault("busy", status=503, retry_after=0)
    insert = "INSERT INTO shop.sale SELECT 1, 1, NULL"
    assert isinstance(await refusal(backend.statements.execute(insert, reads=False)), BackendUnavailable)
    assert warehouse.counts["submit"] == 1
    warehouse.fault("busy", status=429, retry_after=0)
    await backend.statements.execute(insert, reads=False)
    assert (await ask(backend, "SELECT COUNT(*) AS n FROM shop.sale")).rows == [(11,)]


# -- lines that die -------------------------------------------------------------------------------


async def test_a_statement_whose_answer_was_lost_is_not_sent_again(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse.fault("cut", "submit")
    error = await refusal(ask(backend))
    assert (type(error), "the connection broke off" in error.detail) == (BackendUnavailable, True)
    assert warehouse.counts["submit"] == 1


async def test_a_statement_that_can_no_longer_be_watched_is_cancelled(
    backend: DatabricksBackend, warehouse: Warehouse
) -> None:
    warehouse.hold()
    warehouse.fault("cut", "poll")
    assert isinstance(await refusal(ask(backend)), BackendUnavailable)
    await eventually(lambda: all_cancelled(warehouse))
    assert warehouse.counts["submit"] == 1


@pytest.mark.parametrize("step", ["submit", "poll", "chunk"])
async def test_a_service_that_says_nothing_is_given_up(warehouse: Warehouse, step: Any) -> None:
    backend = opened(warehouse.environment, replace(QUICK, read=0.2))
    await ask(backend)
    warehouse.counts.clear()
    warehouse.fault("hang", step)
    error = await refusal(ask(backend, "SELECT n FROM shop.sale"))
    assert (type(error), "nothing came for 0.2 s" in error.detail) == (BackendUnavailable, True)
    assert warehouse.counts["submit"] == 1
    await backend.close()


async def test_a_server_that_is_not_there_is_a_reason(warehouse: Warehouse) -> None:
    backend = opened({**warehouse.environment, "DATABRICKS_HOST": "http://127.0.0.1:1"})
    for asking in (ask(backend), backend.describe(TABLE), backend.data_version([TABLE])):
        assert "does not answer" in (await refusal(asking)).detail
    assert (await backend.health()).ok is False
    await backend.close()


# -- leaving --------------------------------------------------------------------------------------


async def test_a_deadline_cancels_the_statement_on_the_warehouse(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse.hold()
    error = await refusal(ask(backend, seconds=0.1))
    assert (type(error), error.detail) == (
        BackendTimeout, "databricks took longer than 0.1 s; the statement was cancelled.",
    )  # fmt: skip
    await eventually(lambda: all_cancelled(warehouse))
    assert {each.state for each in warehouse.statements.values()} == {"SUCCEEDED", "CANCELED"}


@pytest.mark.parametrize("moment", ["submit", "poll"])
async def test_whoever_leaves_takes_the_statement_along(
    backend: DatabricksBackend, warehouse: Warehouse, moment: str
) -> None:
    warehouse.hold()
    asking = asyncio.ensure_future(ask(backend))
    await eventually(lambda: asyncio.sleep(0, warehouse.counts[moment] > 0))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await eventually(lambda: all_cancelled(warehouse))
    assert warehouse.counts["submit"] == 1


async def test_a_cancel_that_was_not_heard_is_repeated(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse.hold()
    warehouse.fault("deaf", "cancel")
    await refusal(ask(backend, seconds=0.1))
    await eventually(lambda: all_cancelled(warehouse))
    assert warehouse.counts["cancel"] == 2


async def test_a_statement_of_real_work_is_interrupted(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    endless = "SELECT SUM(a.id * b.id) AS n FROM RANGE(3000000) AS a CROSS JOIN RANGE(3000000) AS b"
    assert isinstance(await refusal(ask(backend, endless, seconds=0.2)), BackendTimeout)
    await eventually(lambda: all_cancelled(warehouse))


async def test_closing_sends_the_cancels_that_are_due(warehouse: Warehouse) -> None:
    backend = opened(warehouse.environment)
    await ask(backend)
    warehouse.hold()
    await refusal(ask(backend, seconds=0.05))
    await backend.close()
    await eventually(lambda: all_cancelled(warehouse))


async def test_a_closed_backend_is_a_reason(warehouse: Warehouse) -> None:
    backend = opened(warehouse.environment)
    await ask(backend)
    await backend.close()
    for asking in (ask(backend), backend.describe(TABLE), backend.data_version([TABLE])):
        assert (await refusal(asking)).detail == "databricks was closed."
    assert (await backend.health()).ok is False


async def test_many_statements_wait_side_by_side(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse.hold()
    asking = [asyncio.ensure_future(ask(backend, f"SELECT {number} AS n", seconds=30)) for number in range(100)]
    await eventually(lambda: asyncio.sleep(0, warehouse.counts["submit"] == 100))
    assert sum(each.state == "RUNNING" for each in warehouse.statements.values()) == 100
    warehouse.hold(False)
    assert [rows.rows for rows in await asyncio.gather(*asking)] == [[(number,)] for number in range(100)]


# -- logins ---------------------------------------------------------------------------------------


async def test_an_expired_token_is_a_reason_that_does_not_show_it(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse.expire()
    error = await refusal(ask(backend))
    assert (type(error), error.mend) == (BackendUnavailable, "its token is wrong or has expired: renew it")
    assert "dapi" not in error.detail


@pytest.fixture
async def machine(warehouse: Warehouse) -> AsyncIterator[DatabricksBackend]:
    backend = opened(warehouse.client_environment)
    yield backend
    await backend.close()


async def test_a_machine_logs_in_once_for_all_who_ask_at_once(machine: DatabricksBackend, warehouse: Warehouse) -> None:
    found = await asyncio.gather(*(ask(machine) for _ in range(12)))
    assert [each.rows for each in found] == [[(1,)]] * 12
    assert warehouse.counts["login"] == 1


async def test_a_token_that_expired_early_is_renewed_once_and_the_statement_sent_again(
    machine: DatabricksBackend, warehouse: Warehouse
) -> None:
    await ask(machine)
    warehouse.expire()
    warehouse.counts.clear()
    found = await asyncio.gather(*(ask(machine) for _ in range(5)))
    assert [each.rows for each in found] == [[(1,)]] * 5
    assert (warehouse.counts["login"], warehouse.counts["submit"]) == (1, 5)


async def test_a_token_is_renewed_before_it_ends(machine: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse.token_seconds = 0
    await ask(machine)
    before = warehouse.counts["login"]
    warehouse.token_seconds = 3600
    await ask(machine)
    await ask(machine)
    assert (before > 1, warehouse.counts["login"]) == (True, before + 1)


async def test_a_wrong_secret_is_a_reason_that_does_not_show_it(warehouse: Warehouse) -> None:
    backend = opened({**warehouse.client_environment, "DATABRICKS_CLIENT_SECRET": "wrong-secret"})
    error = await refusal(ask(backend))
    assert "refused the client id and secret (401: invalid_client)" in error.detail
    assert "wrong-secret" not in str(error.problem())
    assert (await backend.health()).ok is False
    await backend.close()


# -- the warehouse itself -------------------------------------------------------------------------


async def test_a_cold_start_is_told_and_waited_for(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse.stop()
    assert (await backend.health()).detail.endswith("the warehouse is stopped; the next question starts it")
    assert warehouse.counts["submit"] == 0
    asking = asyncio.ensure_future(ask(backend))
    await eventually(lambda: asyncio.sleep(0, backend.starting_since))
    assert backend.starting_since is not None
    assert datetime.now(UTC) - backend.starting_since < HOUR
    found = await backend.health()
    assert (found.ok, found.detail) == (True, "Databricks SQL, the warehouse is starting, since 0 s")
    warehouse.start()
    assert (await asking).rows == [(1,)]
    assert backend.starting_since is None


async def test_a_warehouse_that_starts_by_itself_answers(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse.start_seconds = 0.05
    warehouse.stop()
    assert (await ask(backend)).rows == [(1,)]


async def test_a_question_that_did_not_outlast_the_cold_start_says_so(
    backend: DatabricksBackend, warehouse: Warehouse
) -> None:
    warehouse.stop()
    error = await refusal(ask(backend, seconds=0.3))
    assert error.detail == "databricks: the warehouse is starting, since 0 s; the statement was cancelled after 0.3 s."
    await eventually(lambda: asyncio.sleep(0, backend.starting_since is None))


async def test_waiting_for_ones_turn_is_not_called_a_cold_start(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse._started.clear()  # statements queue although the warehouse runs
    error = await refusal(ask(backend, seconds=0.2))
    assert "took longer than" in error.detail
    assert warehouse.counts["warehouse"] == 1


async def test_another_time_zone_than_utc_is_refused(warehouse: Warehouse) -> None:
    warehouse.engine.zone = "America/New_York"
    backend = opened(warehouse.environment)
    error = await refusal(ask(backend))
    assert "works in the time zone America/New_York" in error.detail
    assert "TIMEZONE" in (error.mend or "")
    assert "TIMEZONE" in (await backend.health()).detail
    assert warehouse.ran("SELECT 1") == []
    warehouse.engine.zone = "Etc/UTC"
    assert (await ask(backend)).rows == [(1,)]
    await backend.close()


async def test_who_may_not_look_at_the_warehouse_may_still_ask_it(warehouse: Warehouse) -> None:
    backend = opened(warehouse.environment)
    warehouse.fault("forbidden", "warehouse")
    assert (await backend.health()).ok is True
    assert warehouse.ran("SELECT current_timezone()") != []
    warehouse.state = "DELETED"
    assert (await backend.health()).ok is False
    await backend.close()


async def test_a_table_is_described_and_one_that_is_not_there_is_none(backend: DatabricksBackend) -> None:
    assert await backend.describe(TABLE) == {"n": "int", "price": "decimal(9,2)", "sold": "timestamp"}
    assert await backend.describe("shop.nowhere") is None
    assert await backend.describe("shop.sale`; DROP TABLE shop.sale") is None


async def test_a_version_is_the_tables_last_commit(warehouse: Warehouse) -> None:
    settings = load_workspace(DEMO, warehouse.environment).backends["databricks"]
    backend = connect(settings, QUICK, version_seconds=0)
    assert isinstance(backend, DatabricksBackend)
    first = await backend.data_version([TABLE])
    again = await backend.data_version([TABLE])
    assert (first.text, first.kind) == (again.text, "table_version")
    warehouse.change("DELETE FROM shop.sale WHERE n = 1", TABLE)
    second = await backend.data_version([TABLE])
    assert second.text != first.text
    rows = await backend.run(unjudged("SELECT COUNT(*) AS n FROM shop.sale"), {}, [TABLE], 10)
    assert (rows.rows, rows.data_version.text) == ([(9,)], second.text)
    # Made anew, it counts from 0 again; the moment tells the two apart.
    warehouse.change("DROP TABLE shop.sale; CREATE TABLE shop.sale (n INTEGER)")
    warehouse.engine._commits.clear()
    warehouse.change("INSERT INTO shop.sale VALUES (1)", TABLE)
    assert (await backend.data_version([TABLE])).text != second.text
    await backend.close()


async def test_the_version_that_rows_carry_is_theirs(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    count = unjudged("SELECT COUNT(*) AS n FROM shop.sale")
    seen = await backend.data_version([TABLE])
    warehouse.change("DELETE FROM shop.sale WHERE n = 1", TABLE)
    known = backend.known_version([TABLE])
    assert known is not None
    assert known.text == seen.text  # it cannot know yet
    rows = await backend.run(count, {}, [TABLE], 10)
    assert (rows.rows, rows.data_version.text != seen.text) == ([(9,)], True)
    assert len(warehouse.ran("SELECT COUNT")) == 2
    assert (await backend.run(count, {}, [TABLE], 10)).data_version.text == rows.data_version.text
    assert len(warehouse.ran("SELECT COUNT")) == 3


async def test_rows_of_a_table_that_never_rests_carry_a_version_no_newer_than_they(
    backend: DatabricksBackend, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = warehouse.engine.run

    async def run_and_move(sql: str, parameters: Any) -> Any:
        found = await run(sql, parameters)
        if sql.startswith("SELECT COUNT"):
            warehouse.change("DELETE FROM shop.sale WHERE n = (SELECT MAX(n) FROM shop.sale)", TABLE)
        return found

    monkeypatch.setattr(warehouse.engine, "run", run_and_move)
    rows = await backend.run(unjudged("SELECT COUNT(*) AS n FROM shop.sale"), {}, [TABLE], 10)
    assert (rows.rows, len(warehouse.ran("SELECT COUNT"))) == ([(9,)], 2)
    # Two commits came: the first before these rows were read, the second after them.
    assert (warehouse.engine._commits[TABLE][0], f"{TABLE}:1@" in rows.data_version.text) == (2, True)


async def test_a_version_is_looked_up_once_in_a_while(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    assert backend.known_version([TABLE]) is None
    found = await asyncio.gather(*(backend.data_version([TABLE]) for _ in range(8)))
    assert len({each.text for each in found}) == 1
    assert len(warehouse.ran("DESCRIBE HISTORY")) == 1
    known = backend.known_version([TABLE])
    assert known is not None
    assert (known.text, backend.known_version(()), backend.version_token()) == (found[0].text, None, None)


async def test_what_keeps_no_history_ages_by_the_clock(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse.change("CREATE VIEW shop.seen AS SELECT * FROM shop.sale")
    warehouse.fault("failed", code="BAD_REQUEST", message="[NOT_A_DELTA_TABLE]", sqlstate="42809")
    version = await backend.data_version(["shop.seen"])
    assert (version.kind, "~" in version.text) == ("time_bucket", True)
    await backend.data_version(["shop.seen"])
    assert len(warehouse.ran("DESCRIBE HISTORY `shop`.`seen`")) == 1


# -- settings -------------------------------------------------------------------------------------

WHOLE = {"DATABRICKS_HOST": "adb-1.azuredatabricks.net", "DATABRICKS_HTTP_PATH": "/sql/1.0/warehouses/abc"}


def configured(environment: dict[str, str]) -> Any:
    return open_backend(load_workspace(DEMO, environment).backends["databricks"], Surroundings("", "", Path()))


@pytest.mark.parametrize(
    ("environment", "missing", "words"),
    [
        ({}, ("DATABRICKS_HOST", "DATABRICKS_HTTP_PATH"), "set DATABRICKS_HOST and DATABRICKS_HTTP_PATH"),
        (WHOLE, ("DATABRICKS_TOKEN",), "DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET"),
        ({**WHOLE, "DATABRICKS_CLIENT_ID": "x"}, ("DATABRICKS_CLIENT_SECRET",), "set DATABRICKS_CLIENT_SECRET"),
        ({**WHOLE, "DATABRICKS_TOKEN": "a\nb"}, (), "token holds what no token does"),
        ({**WHOLE, "DATABRICKS_TOKEN": "a", "DATABRICKS_HOST": "https://me:you@host"}, (), "host cannot be read"),
        ({**WHOLE, "DATABRICKS_TOKEN": "a", "DATABRICKS_HTTP_PATH": "/sql/a b"}, (), "http_path must end"),
    ],
)
def test_what_is_missing_is_named(environment: dict[str, str], missing: tuple[str, ...], words: str) -> None:
    found = configured(environment)
    assert isinstance(found, NotConfigured)
    assert found.missing == missing
    assert words in found.reason


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("adb-1.azuredatabricks.net", "https://adb-1.azuredatabricks.net"), ("https://a.b/", "https://a.b"),
        ("http://a.b", "https://a.b"), ("http://127.0.0.1:99", "http://127.0.0.1:99"),
    ],
)  # fmt: skip
async def test_only_this_machine_is_spoken_to_without_encryption(host: str, url: str) -> None:
    backend = configured({**WHOLE, "DATABRICKS_TOKEN": "a", "DATABRICKS_HOST": host})
    assert isinstance(backend, DatabricksBackend)
    assert backend.base_url == url
    await backend.close()


async def test_the_warehouse_runs_as_a_process_too(lake: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.warehouse", "--lake", str(lake), stdout=asyncio.subprocess.PIPE, cwd=DEMO.parent
    )
    assert process.stdout is not None
    backend = opened(json.loads(await process.stdout.readline()))
    try:
        ((count,),) = (await ask(backend, "SELECT COUNT(*) AS n FROM l3_asurion.ev_claim")).rows
        assert count > 100_000
    finally:
        await backend.close()
        process.terminate()
        await process.communicate()

"""What the service refuses, puts off, or never answers: each has its sentence, and nothing is sent twice."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from assay.engines.databricks.driver import DatabricksBackend
from assay.engines.databricks.http import _retry_after
from assay.errors import BackendUnavailable, StatementFailed
from tests.conftest import eventually
from tests.databricks.steps import QUICK, TABLE, all_cancelled, ask, opened, refusal
from tests.warehouse import Warehouse


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


@pytest.mark.cases(3)
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


@pytest.mark.cases(3)
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

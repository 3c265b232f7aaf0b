"""Whoever leaves takes the statement along."""

import asyncio

import pytest

from assay.engines.databricks.driver import DatabricksBackend
from assay.errors import BackendTimeout
from tests.conftest import eventually
from tests.databricks.steps import TABLE, all_cancelled, ask, opened, refusal
from tests.warehouse import Warehouse


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


async def test_closing_cancels_what_is_waited_for(warehouse: Warehouse) -> None:
    backend = opened(warehouse.environment)
    await ask(backend)
    warehouse.hold()
    asking = asyncio.ensure_future(refusal(ask(backend)))
    await eventually(lambda: asyncio.sleep(0, warehouse.counts["poll"] > 1))
    await backend.close()
    await asking
    await eventually(lambda: all_cancelled(warehouse))


@pytest.mark.exhaustive
async def test_a_closed_backend_is_a_reason(warehouse: Warehouse) -> None:
    backend = opened(warehouse.environment)
    await ask(backend)
    await backend.close()
    for asking in (ask(backend), backend.describe(TABLE), backend.data_version([TABLE])):
        assert (await refusal(asking)).detail == "databricks was closed."
    assert (await backend.health()).ok is False


@pytest.mark.exhaustive
async def test_many_statements_wait_side_by_side(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse.hold()
    asking = [asyncio.ensure_future(ask(backend, f"SELECT {number} AS n", seconds=30)) for number in range(100)]
    await eventually(lambda: asyncio.sleep(0, warehouse.counts["submit"] == 100))
    assert sum(each.state == "RUNNING" for each in warehouse.statements.values()) == 100
    warehouse.hold(False)
    assert [rows.rows for rows in await asyncio.gather(*asking)] == [[(number,)] for number in range(100)]

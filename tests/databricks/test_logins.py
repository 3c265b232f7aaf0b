"""A token, or a client id and its secret."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from assay.engines.databricks.driver import DatabricksBackend
from assay.errors import BackendUnavailable
from tests.databricks.steps import ask, opened, refusal
from tests.warehouse import Warehouse


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

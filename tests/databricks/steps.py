"""What the tests of the Databricks backend do again and again."""

from typing import Any

import pytest

from assay.backends.protocol import Rows
from assay.catalog.workspace import load_workspace
from assay.engines.databricks.driver import DatabricksBackend, connect
from assay.engines.databricks.http import Pace
from assay.errors import AssayError
from assay.gate.verdict import SEAL, SafeSql
from tests.conftest import DEMO
from tests.warehouse import CLIENT, Warehouse

QUICK = Pace(first_poll=0.002, longest_poll=0.01, first_retry=0.002, cancel=5)
TABLE = "shop.sale"


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


async def all_cancelled(warehouse: Warehouse) -> bool:
    return warehouse.counts["cancel"] > 0 and all(each.has_ended for each in warehouse.statements.values())

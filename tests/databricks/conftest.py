"""A warehouse with one small table, and a backend that has asked it once."""

import gc
import warnings
from collections.abc import AsyncIterator, Iterator

import pytest

from assay.engines.databricks.driver import DatabricksBackend
from tests.databricks.steps import ask, opened
from tests.warehouse import Warehouse


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"))


@pytest.fixture(scope="module", autouse=True)
def left_connections() -> Iterator[None]:
    """A connection that is cancelled in the moment in which it comes to be is nobody's: the collector closes it, here."""
    gc.freeze()  # what is older, a million objects, is not looked through
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    gc.unfreeze()


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

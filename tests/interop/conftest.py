"""What tests of imports and exports share: the store's five sales in a DuckDB."""

from collections.abc import AsyncIterator

import pytest
from tests.interop.store import write_store

from assay.backends.protocol import Backend
from assay.engines.duckdb.driver import DuckDBBackend


@pytest.fixture(scope="module")
async def lake(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Backend]:
    _, file = write_store(tmp_path_factory.mktemp("lake"))
    opened = DuckDBBackend("lake", file)
    yield opened
    await opened.close()

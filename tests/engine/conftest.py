"""What the files of this folder share; those that need other tables, or rows from the start, have `pins` of their own."""

from collections.abc import AsyncIterator

import pytest
from tests.engine.pins import Pins, open_pins

from assay.store.database import Database


@pytest.fixture(scope="module")
async def pins(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pins]:
    async with open_pins(tmp_path_factory.mktemp("pins")) as opened:
        yield opened


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url)
    yield found
    await found.close()

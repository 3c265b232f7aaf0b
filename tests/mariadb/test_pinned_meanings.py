"""Every meaning that the compiler pins, and the functions, levels and inputs of the language, on MariaDB as elsewhere.

`make test` runs a case of each kind; `conftest.py` of this folder says which.
"""

import math
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from assay.backends.protocol import Backend
from assay.engine import Dialect
from assay.engines.mariadb.driver import MariaDBBackend
from assay.errors import BadQuestion
from tests.engine.pins import Pins, Record, open_pins
from tests.engine.table import REFUSED
from tests.engine.test_calculated import *  # noqa: F403
from tests.engine.test_conversion import *  # noqa: F403
from tests.engine.test_functions import *  # noqa: F403
from tests.engine.test_having import *  # noqa: F403
from tests.engine.test_inputs import *  # noqa: F403
from tests.engine.test_keep import *  # noqa: F403
from tests.engine.test_others import *  # noqa: F403
from tests.engine.test_per import *  # noqa: F403
from tests.engine.test_pinned_meanings import *  # noqa: F403
from tests.mariadb.filled import lay_tables


@dataclass(kw_only=True)
class MariaDBPins(Pins):
    server: str
    mariadb: MariaDBBackend
    asks_mariadb: bool = True

    async def fill(self, **tables: list[Record]) -> None:
        """A double that is no number is another large one on all of them: MariaDB has none."""
        tables = {table: [{name: _numbered(each) for name, each in row.items()} for row in rows]
                  for table, rows in tables.items()}  # fmt: skip
        await super().fill(**tables)
        await lay_tables(self.server, self.workspace("metrics: []\n").dictionary.tables.values(), tables)

    async def rows(self, metrics: dict[str, dict[str, object]], **asked: Any) -> list[list[Any]]:
        """Percentiles are refused on MariaDB, and asked of the others."""
        if not re.search(r"\b(MEDIAN|PERCENTILE\w*)\(", str(metrics)):
            return await super().rows(metrics, **asked)
        others, self.only = self.only, (self.mariadb, "mariadb")
        with pytest.raises(BadQuestion, match="no percentiles of groups"):
            await super().rows(metrics, **asked)
        self.heard.note(["mariadb"], REFUSED)
        self.only = others
        self.asks_mariadb = False
        found = await super().rows(metrics, **asked)
        self.asks_mariadb = True
        return found

    def engines(self) -> list[tuple[Backend, Dialect]]:
        return [*super().engines(), *([(self.mariadb, "mariadb")] if self.asks_mariadb else [])]


def _numbered(value: object) -> object:
    return 1e9 if isinstance(value, float) and math.isnan(value) else value


@pytest.fixture(scope="module")
async def pins(tmp_path_factory: pytest.TempPathFactory, server: str) -> AsyncIterator[Pins]:
    async with open_pins(tmp_path_factory.mktemp("pins")) as opened:
        mariadb = MariaDBBackend("mariadb", server)
        on_mariadb = MariaDBPins(root=opened.root, url=opened.url, postgres=opened.postgres, server=server, mariadb=mariadb)
        yield on_mariadb
        assert on_mariadb.heard.contradicts() == []
        await on_mariadb.close_lake()
        await mariadb.close()

"""DuckDB: files, each opened read-only in processes of its own."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assay.engine import Engine, Survey, Types
from assay.engines.duckdb.reading import READING
from assay.engines.duckdb.spelling import SPELLING

if TYPE_CHECKING:
    from assay.backends.protocol import Backend
    from assay.backends.registry import Surroundings
    from assay.catalog.found import Found
    from assay.catalog.workspace import BackendSettings


def _open(settings: "BackendSettings", around: "Surroundings") -> "Backend":
    from assay.engines.duckdb.driver import DuckDBBackend

    return DuckDBBackend(settings.name, settings.file_in(around.home), around.epoch)


async def _survey(url: str, schemas: Sequence[str], tell: Callable[[str], None]) -> "Found":
    from assay.engines.duckdb.survey import file_of, survey_duckdb

    return await asyncio.to_thread(survey_duckdb, file_of(url), schemas, tell)


def _connection(url: str, found: "Found") -> tuple[None, dict[str, str]]:
    from assay.engines.duckdb.survey import settings_of

    return None, settings_of(url)


ENGINE = Engine(
    name="duckdb",
    types=Types(
        names={
            "string": "VARCHAR", "integer": "INTEGER", "bigint": "BIGINT", "double": "DOUBLE",
            "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMPTZ", "timestamp_ntz": "TIMESTAMP",
        },
        # A bare TIMESTAMP is an instant in the dictionary; here it is the time on a wall.
        meant=dict.fromkeys(("timestamp", "datetime", "timestamp_s", "timestamp_ms", "timestamp_ns"), "timestamp_ntz"),
        table_format=None,
        tells_collations=False,
    ),
    spelling=SPELLING,
    reading=READING,
    settings=("path",),
    open=_open,
    survey=Survey(
        schemes=("duckdb",), example="duckdb:///path/to/file.duckdb", read=_survey, connection=_connection
    ),
)  # fmt: skip

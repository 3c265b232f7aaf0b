"""DuckDB: files, each opened read-only in processes of its own."""

from typing import TYPE_CHECKING

from assay.engine import Engine, Types
from assay.engines.duckdb.reading import READING
from assay.engines.duckdb.spelling import SPELLING

if TYPE_CHECKING:
    from assay.backends.protocol import Backend
    from assay.backends.registry import Surroundings
    from assay.catalog.workspace import BackendSettings


def _open(settings: "BackendSettings", around: "Surroundings") -> "Backend":
    from assay.backends.duckdb import DuckDBBackend

    return DuckDBBackend(settings.name, settings.file_in(around.home), around.epoch)


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
    survey=None,
)  # fmt: skip

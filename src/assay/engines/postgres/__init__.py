"""PostgreSQL."""

from typing import TYPE_CHECKING

from assay.engine import Engine, Types
from assay.engines.postgres.reading import READING
from assay.engines.postgres.spelling import SPELLING

if TYPE_CHECKING:
    from assay.backends.protocol import Backend
    from assay.backends.registry import Surroundings
    from assay.catalog.workspace import BackendSettings


def _open(settings: "BackendSettings", around: "Surroundings") -> "Backend":
    from assay.backends.postgres import PostgresBackend

    url = settings.values["url"]
    if url in ("embedded", around.store_url):
        return PostgresBackend(settings.name, around.reader_url, counted=True, epoch=around.epoch)
    return PostgresBackend(settings.name, url, counted=False, epoch=around.epoch)


ENGINE = Engine(
    name="postgres",
    types=Types(
        names={
            "string": "text", "integer": "integer", "bigint": "bigint", "double": "double precision",
            "boolean": "boolean", "date": "date", "timestamp": "timestamptz", "timestamp_ntz": "timestamp",
        },
        # A bare TIMESTAMP is an instant in the dictionary; here it is the time on a wall.
        meant={"timestamp": "timestamp_ntz"},
        table_format=None,
        tells_collations=True,
    ),
    spelling=SPELLING,
    reading=READING,
    settings=("url",),
    open=_open,
    survey=None,
)  # fmt: skip

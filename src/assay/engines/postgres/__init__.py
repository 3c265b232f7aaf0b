"""PostgreSQL."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assay.engine import Engine, Survey, Types
from assay.engines.postgres.reading import READING
from assay.engines.postgres.spelling import SPELLING

if TYPE_CHECKING:
    from assay.backends.protocol import Backend
    from assay.backends.registry import Surroundings
    from assay.catalog.found import Found
    from assay.catalog.workspace import BackendSettings


def _open(settings: "BackendSettings", around: "Surroundings") -> "Backend":
    from assay.engines.postgres.driver import PostgresBackend

    url = settings.values["url"]
    if url in ("embedded", around.store_url):
        return PostgresBackend(settings.name, around.reader_url, counted=True, epoch=around.epoch)
    return PostgresBackend(settings.name, url, counted=False, epoch=around.epoch)


async def _survey(url: str, schemas: Sequence[str], tell: Callable[[str], None]) -> "Found":
    from assay.engines.postgres.survey import survey_postgres

    return await survey_postgres(url, schemas, tell)


def _connection(url: str, found: "Found") -> tuple[str, dict[str, str]]:
    from assay.engines.postgres.survey import variable_and_settings

    return variable_and_settings(url, found)


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
    survey=Survey(
        schemes=("postgresql", "postgres"), example="postgresql://USER@HOST:PORT/DATABASE",
        read=_survey, connection=_connection,
    ),
)  # fmt: skip

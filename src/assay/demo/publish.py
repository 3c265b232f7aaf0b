"""A loader's work: the lakehouse written anew from PostgreSQL's tables, as they stand at one moment.

With a fault it makes the mistake that loaders make: one saving is counted twice, and no tile would show it.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import duckdb

from assay.catalog import ddl
from assay.catalog.dictionary import Table
from assay.catalog.workspace import BackendSettings, Workspace
from assay.demo.seed import loaded_anchor, publish_lakehouse
from assay.errors import SetupFailed

_NULL = "\\N"
_FAULT = """
UPDATE l3_asurion.ev_claim SET cost_avoided_usd = cost_avoided_usd * 2
WHERE claim_id = (
  SELECT claim_id FROM l3_asurion.ev_claim WHERE cost_avoided_usd > 0 AND claim_status <> 'denied'
  ORDER BY claim_open_ts DESC, claim_id LIMIT 1
) RETURNING claim_id, cost_avoided_usd / 2
"""


@dataclass(frozen=True)
class Published:
    backend: str
    tables: int
    rows: int
    seconds: float
    fault: str | None
    """What is wrong in it on purpose."""


async def publish(
    database_url: str, workspace: Workspace, home: Path, *, with_fault: bool, lake: BackendSettings | None = None,
    anchor: datetime | None = None,
) -> Published:  # fmt: skip
    """Write `lake` anew, else the workspace's first lakehouse; `anchor` is the moment that its figures are of.

    Raises SetupFailed where the workspace has no lakehouse, or where either side cannot be used.
    """
    lake = lake or next(iter(workspace.lakes), None)
    if lake is None:
        raise SetupFailed(f"{workspace.name} has no backend of the driver duckdb.", mend="name one in assay.yaml")
    started = time.monotonic()
    path = lake.file_in(home)
    anchor = anchor or loaded_anchor(path) or datetime.now(UTC)
    tables = [each for each in workspace.dictionary.tables.values() if each.lies_in(lake.name)]
    with tempfile.TemporaryDirectory(prefix="assay-publish-") as folder:
        try:
            rows = await _unload(database_url, tables, Path(folder))
        except (asyncpg.PostgresError, OSError) as error:
            raise SetupFailed(f"PostgreSQL's tables cannot be read: {error}", mend="start it with: assay up") from error
        fault: list[str] = []

        def load(connection: duckdb.DuckDBPyConnection) -> None:
            _load(connection, tables, Path(folder))
            if with_fault:
                fault.append(_spoil(connection))

        try:
            await asyncio.to_thread(publish_lakehouse, path, anchor, load)
        except (duckdb.Error, OSError) as error:
            raise SetupFailed(f"{path.name} cannot be written: {error}", mend="free some space") from error
    return Published(lake.name, len(tables), rows, time.monotonic() - started, fault[0] if fault else None)


async def _unload(url: str, tables: Iterable[Table], folder: Path) -> int:
    """Every table as CSV, all as of the same moment; how many rows."""
    connection = await asyncpg.connect(url, timeout=5)
    rows = 0
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            # What a number or an instant is written as must not depend on the server's own settings.
            await connection.execute("SET LOCAL timezone = 'UTC'")
            await connection.execute("SET LOCAL statement_timeout = 0")
            for table in tables:
                told = await connection.copy_from_table(
                    table.name, schema_name=table.schema, columns=list(table.columns), output=folder / _file(table),
                    format="csv", null=_NULL,
                )  # fmt: skip
                rows += int(told.removeprefix("COPY "))
    finally:
        await connection.close()
    return rows


def _load(connection: duckdb.DuckDBPyConnection, tables: Iterable[Table], folder: Path) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    tables = list(tables)
    for schema in dict.fromkeys(table.schema for table in tables):
        connection.execute(ddl.create_schema(schema, "duckdb"))
    for table in tables:
        connection.execute(ddl.create_table(table, "duckdb"))
        source = str(folder / _file(table)).replace("'", "''")
        connection.execute(
            f"COPY {ddl.name_of(table).sql('duckdb')} FROM '{source}' "
            f"(FORMAT csv, HEADER false, AUTO_DETECT false, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULLSTR '{_NULL}')"
        )


def _spoil(connection: duckdb.DuckDBPyConnection) -> str:
    found = connection.execute(_FAULT).fetchone()
    if found is None:
        raise SetupFailed("There is no saving that could be counted twice.", mend="publish without the fault")
    claim_id, saving = found
    return f"the saving of claim {claim_id} is counted twice: ${saving:.2f} too much"


def _file(table: Table) -> str:
    return f"{table.schema}.{table.name}.csv"

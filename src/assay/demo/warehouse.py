"""Fills the demo's tables in a Databricks warehouse: the same generators, run there, so that no row travels.

A table carries a mark from the moment it is made, and once it is whole the mark says what filled it. Started again after
a failure, the filling passes over whole tables and begins anew with the one that was cut off. A table without a mark is
somebody else's.
"""

import asyncio
import hashlib
from collections.abc import Callable

from assay.catalog import ddl
from assay.catalog.dictionary import Table
from assay.demo.scene import Scene
from assay.demo.seed import Plan, fill, tables_of
from assay.engines.databricks.driver import NO_SUCH_TABLE, DatabricksBackend
from assay.engines.databricks.statements import Result
from assay.errors import AssayError, BackendTimeout, SetupFailed, StatementFailed

_DRIVER = "databricks"
_MARK = "assay.filled_by"
_NO_MARK = ""
_STATEMENT_SECONDS = 900
"""Long enough for a warehouse that has to start first."""


async def seed_warehouse(backend: DatabricksBackend, plan: Plan, tell: Callable[[str], None]) -> None:
    """Replace the dictionary's tables that lie in the backend, one after the other. Raises AssayError with the mend."""
    tables, scene = tables_of(plan, backend.name), plan.scene()
    try:
        for schema in dict.fromkeys(table.schema for table in tables):
            await _run(backend, ddl.create_schema(schema, _DRIVER))
        for number, table in enumerate(tables, 1):
            rows, was_whole = await _fill_table(backend, table, scene)
            kept = "  (was filled already)" if was_whole else ""
            tell(f"  {backend.name:<10} {number:>3}/{len(tables)}  {table.name:<22} {rows:>12,} rows{kept}")
    except AssayError as error:
        error.mend = f"{error.mend or 'mend that'}, and run it again: the tables that are whole are passed over"
        raise


async def _fill_table(backend: DatabricksBackend, table: Table, scene: Scene) -> tuple[int, bool]:
    """How many rows the table holds now, and whether it did before."""
    steps = [ddl.create_table(table, _DRIVER), *fill(table, scene, _DRIVER)]
    # The texts hold the dictionary, the moment and the size: another text is other rows.
    mark = hashlib.sha256("\n".join(steps).encode()).hexdigest()[:32]
    found = await _mark_of(backend, table)
    if found == _NO_MARK:
        raise SetupFailed(
            f"{table.qualified} is in {backend.name} already, and was not filled by Assay: nothing was changed.",
            mend="name another catalog in assay.yaml, or drop the table",
        )
    is_whole = found == mark
    if not is_whole:
        create, *rest = steps
        for sql in (ddl.drop_table(table, _DRIVER), create, _marked(table, "unfinished"), *rest, _marked(table, mark)):
            await _run(backend, sql)
    counted = await _run(backend, f"SELECT COUNT(*) AS n FROM {_named(table)}", reads=True)
    return int(counted.rows[0][0] or 0), is_whole


def _marked(table: Table, mark: str) -> str:
    return f"ALTER TABLE {_named(table)} SET TBLPROPERTIES ('{_MARK}' = '{mark}')"


async def _mark_of(backend: DatabricksBackend, table: Table) -> str | None:
    """None where there is no such table."""
    try:
        found = await _run(backend, f"SHOW TBLPROPERTIES {_named(table)}", reads=True)
    except StatementFailed as error:
        if error.extra.get("sqlstate") in NO_SUCH_TABLE:
            return None
        raise
    return {key: value for key, value, *_ in found.rows}.get(_MARK) or _NO_MARK


async def _run(backend: DatabricksBackend, sql: str, *, reads: bool = False) -> Result:
    try:
        async with asyncio.timeout(_STATEMENT_SECONDS):
            return await backend.statements.execute(sql, reads=reads)
    except TimeoutError as error:
        raise BackendTimeout(f"{backend.name} took longer than {_STATEMENT_SECONDS} s over one statement.") from error


def _named(table: Table) -> str:
    return ddl.name_of(table).sql(_DRIVER)

"""What has to be filled before a workspace of generated data can serve, and the filling, under a lock.

Whether the database is filled is a fact in the database. A day that has passed is a reason to make its figures anew only
where nothing was decided and no row was written since; else a person asks for it (`assay demo reset`).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from assay.catalog.dictionary import Table
from assay.catalog.workspace import BackendSettings, Workspace
from assay.demo.publish import publish
from assay.demo.seed import Plan, Tell, loaded_anchor, mark_generated, seed_duckdb, seed_postgres, tables_of, vacuum
from assay.errors import SetupFailed
from assay.store.seeding import Seeding, find_seeding, forget_loop, is_as_seeded, keep_seeding, lock_seeding
from assay.store.tables import let_read, reader_of, watch_table


@dataclass(frozen=True)
class Due:
    """What has to be done; nothing of it where all is empty."""

    tables: bool
    lakes: tuple[BackendSettings, ...]
    said: str | None
    """What a person should know about figures that are left as they are."""

    @property
    def is_anything(self) -> bool:
        return self.tables or bool(self.lakes)


async def what_is_due(url: str, workspace: Workspace, home: Path) -> Due:
    """A look without a lock. Raises SetupFailed where the database cannot be asked."""
    connection = await _connect(url)
    try:
        return await _due(connection, workspace, home)
    finally:
        await connection.close()


async def settle(
    url: str, workspace: Workspace, home: Path, claims: int | None, tell: Callable[[str], Tell], *, again: bool
) -> None:
    """Fill what is due. `again`: make the tables anew whatever was decided since, because a person asked for it."""
    connection = await _connect(url)
    try:
        await lock_seeding(connection)
        plan = Plan(workspace.dictionary, datetime.now(UTC), workspace.timezone, claims)
        due = await _due(connection, workspace, home)
        if again or due.tables:
            await _fill_tables(connection, workspace, plan, url, tell)
            for lake in workspace.lakes:
                file = lake.file_in(home)
                if not file.exists() or loaded_anchor(file):
                    await asyncio.to_thread(seed_duckdb, file, plan, lake.name, tell(lake.name))
            return
        known = await find_seeding(connection, str(workspace.seed))
        for lake in due.lakes:
            step = tell(lake.name)
            step("load from the tables", 0, 1)
            anchor = known.anchor if known and known.anchor else plan.anchor
            await publish(url, workspace, home, lake=lake, anchor=anchor, with_fault=False)
            step("load from the tables", 1, 1)
    finally:
        await connection.close()


async def _connect(url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(url, timeout=10, server_settings={"application_name": "assay filling"})
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
        raise SetupFailed("The database does not answer.", mend="check DATABASE_URL and that the server runs") from error


async def _due(connection: asyncpg.Connection, workspace: Workspace, home: Path) -> Due:
    known = await find_seeding(connection, str(workspace.seed))
    if known is None:
        return Due(True, (), None)
    lakes = tuple(each for each in workspace.lakes if _is_of_another_filling(each.file_in(home), known))
    if known.anchor is None:
        return Due(False, lakes, "These figures are of an earlier day: assay demo reset makes them today's.")
    made = known.anchor.astimezone(workspace.zone).date()
    if made >= datetime.now(UTC).astimezone(workspace.zone).date():
        return Due(False, lakes, None)
    if await is_as_seeded(connection, known):
        return Due(True, (), None)
    said = f"The figures are those of {made}, with what was decided since: assay demo reset makes them today's, without it."
    return Due(False, lakes, said)


def _is_of_another_filling(lake: Path, known: Seeding) -> bool:
    """A file that is missing, or that was loaded for another moment than the tables. One that is not ours is left alone."""
    if not lake.exists():
        return True
    anchor = loaded_anchor(lake)
    return anchor is not None and known.anchor is not None and anchor != known.anchor


async def _fill_tables(
    connection: asyncpg.Connection, workspace: Workspace, plan: Plan, url: str, tell: Callable[[str], Tell]
) -> None:
    """Rows, triggers, rights and the fact that they are there: in one transaction."""
    seed = str(workspace.seed)
    own = [each.name for each in workspace.backends.values() if each.values.get("url") in ("embedded", url)]
    filled: dict[str, Table] = {}
    async with connection.transaction():
        known = await find_seeding(connection, seed)
        if known is not None:
            await forget_loop(connection)
        for name in own:
            tables = tables_of(plan, name)
            if known is not None and known.tables is None:
                # An older Assay filled them, and left no mark.
                await mark_generated(connection, [each for each in tables if await _is_there(connection, each)])
            await seed_postgres(connection, plan, name, tell(name))
            filled |= {each.qualified: each for each in tables}
        for table in filled:
            await watch_table(connection, table)
        reader = await reader_of(connection)
        if await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", reader):
            await let_read(connection, {name: each.impersonal for name, each in filled.items()}, reader)
        await keep_seeding(connection, seed, plan.anchor, workspace.dictionary.version, list(filled))
    await vacuum(connection, filled.values())


async def _is_there(connection: asyncpg.Connection, table: Table) -> bool:
    return bool(
        await connection.fetchval("SELECT to_regclass(format('%I.%I', $1::text, $2::text))", table.schema, table.name)
    )

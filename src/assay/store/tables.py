"""The dictionary's tables where they lie in Assay's own database: who may read which columns, and what tells of a change."""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from asyncpg import Connection

Readable = Mapping[str, Collection[str]]
"""By qualified table, the columns that questions may read."""
Fetch = Callable[..., Awaitable[list[Any]]]
_OTHER_RIGHTS = """
SELECT each.key FROM jsonb_each($1::text::jsonb) AS each
JOIN pg_class AS c
    ON c.oid = to_regclass(format('%I.%I', split_part(each.key, '.', 1), split_part(each.key, '.', 2)))
JOIN pg_roles AS r ON r.rolname = $2
WHERE EXISTS (SELECT FROM aclexplode(c.relacl) AS given WHERE given.grantee = r.oid AND given.privilege_type = 'SELECT')
    OR EXISTS (
        SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND (each.value ? a.attname::text) <> EXISTS (
            SELECT FROM aclexplode(a.attacl) AS given WHERE given.grantee = r.oid AND given.privilege_type = 'SELECT'))
"""


async def reader_of(connection: Connection) -> str:
    """The read-only role of this database. Roles belong to the whole server: each database has one of its own."""
    oid = await connection.fetchval("SELECT oid FROM pg_database WHERE datname = current_database()")
    return f"assay_reader_{oid}"


async def let_read(connection: Connection, tables: Readable, role: str) -> None:
    """Let `role` read these columns and no others of these tables; what does not exist is passed over."""
    for table in await with_other_rights(connection.fetch, tables, role):
        schema, quoted = await _quoted(connection, table)
        named = await connection.fetch(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0"
            " AND NOT attisdropped AND attname = ANY ($2::text[])", quoted, list(tables[table]),
        )  # fmt: skip
        # What is taken from the table is taken from each of its columns too.
        await connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}; REVOKE SELECT ON {quoted} FROM {role}")
        if named:
            await connection.execute(f"GRANT SELECT ({', '.join(row[0] for row in named)}) ON {quoted} TO {role}")


async def with_other_rights(fetch: Fetch, tables: Readable, role: str) -> list[str]:
    """Those of the tables that are there and of which the role itself may read other columns than these."""
    wanted = json.dumps({name: sorted(columns) for name, columns in tables.items()})
    return [row[0] for row in await fetch(_OTHER_RIGHTS, wanted, role)]


async def watch_table(connection: Connection, table: str) -> None:
    """Put the version trigger on a table that lacks it, in the caller's transaction."""
    _, quoted = await _quoted(connection, table)
    if await connection.fetchval(
        "SELECT 1 FROM pg_trigger WHERE tgrelid = $1::text::regclass AND tgname = 'assay_table_moved'", quoted
    ):
        return
    await connection.execute(
        f"CREATE TRIGGER assay_table_moved AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {quoted}"
        " FOR EACH STATEMENT EXECUTE FUNCTION assay.table_moved()"
    )
    # A table without the trigger is new, or was made anew: whatever was known of it is over.
    await connection.execute(
        "INSERT INTO assay.table_version AS known (table_name, version) VALUES ($1, 1)"
        " ON CONFLICT (table_name) DO UPDATE SET version = known.version + 1, moved_at = now()",
        table,
    )
    await connection.execute("SELECT pg_notify('assay_table', $1)", table)


async def _quoted(connection: Connection, table: str) -> tuple[str, str]:
    schema, _, name = table.rpartition(".")
    found = await connection.fetchrow("SELECT quote_ident($1), quote_ident($2)", schema, name)
    assert found
    return found[0], f"{found[0]}.{found[1]}"

"""The survey of a PostgreSQL database, in one read-only transaction."""

import ssl
import time
from collections.abc import Generator, Sequence
from typing import Any, TypeVar

import asyncpg

from assay.backends.surveying import (
    LOOKING_SECONDS,
    OWN_SCHEMA,
    PROVING_SECONDS,
    Look,
    Rows,
    Tell,
    check_schemas,
    keys_and_links,
    look_at,
    quoted,
    short,
)
from assay.catalog.found import Found, FoundColumn, FoundLink, FoundTable, LeftOut, TableKind
from assay.catalog.spelling import slug
from assay.errors import SetupFailed
from assay.work.hosts import MEND, unknown_host

_TABLES = """
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, c.relispartition AS is_partition,
    has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT') AS is_readable,
    coalesce(obj_description(c.oid, 'pg_class'), '') AS comment,
    CASE WHEN c.relkind = 'p' THEN (
        SELECT sum(greatest(leaf.reltuples, 0)) FROM pg_partition_tree(c.oid) AS part
        JOIN pg_class AS leaf ON leaf.oid = part.relid WHERE part.isleaf
    ) ELSE nullif(greatest(c.reltuples, -1), -1) END::bigint AS rows,
    (SELECT pn.nspname || '.' || p.relname FROM pg_inherits AS i JOIN pg_class AS p ON p.oid = i.inhparent
     JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
     WHERE i.inhrelid = c.oid AND NOT c.relispartition ORDER BY i.inhseqno LIMIT 1) AS part_of
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', $1)
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d WHERE d.deptype = 'e' AND (
            (d.classid = 'pg_class'::regclass AND d.objid = c.oid)
            OR (d.classid = 'pg_namespace'::regclass AND d.objid = n.oid)))
ORDER BY n.nspname, c.relname"""
# A domain is followed down to the type that it is made of, with the digits that it gives it.
_COLUMNS = """
SELECT a.attrelid AS oid, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS engine_type,
    format_type(base.typid, base.typmod) AS base_type, base.typtype = 'e' AS is_enum, NOT a.attnotnull AS nullable,
    has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS is_readable,
    coalesce(col_description(a.attrelid, a.attnum), '') AS comment
FROM pg_attribute AS a CROSS JOIN LATERAL (
    WITH RECURSIVE made(typid, typmod) AS (
        SELECT a.atttypid, a.atttypmod
        UNION ALL
        SELECT t.typbasetype, t.typtypmod FROM made JOIN pg_type AS t ON t.oid = made.typid WHERE t.typtype = 'd'
    )
    SELECT made.typid, made.typmod, t.typtype FROM made JOIN pg_type AS t ON t.oid = made.typid WHERE t.typtype <> 'd'
) AS base
WHERE a.attrelid = ANY($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum"""
_UNIQUE = """
SELECT i.indrelid AS oid, i.indisprimary AS is_primary,
    array_agg(a.attname::text ORDER BY k.place) AS columns, bool_and(a.attnotnull) AS is_filled
FROM pg_index AS i
CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k(number, place)
JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
WHERE i.indrelid = ANY($1::oid[]) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    AND k.place <= i.indnkeyatts
GROUP BY i.indexrelid, i.indrelid, i.indisprimary
ORDER BY i.indexrelid"""
# Those that a foreign key to a partitioned table keeps for each partition are left to their parent.
_LINKS = """
SELECT con.conname AS name, con.conrelid AS oid, n.nspname AS parent_schema, p.relname AS parent,
    (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(con.conkey) WITH ORDINALITY AS k(number, place)
     JOIN pg_attribute AS a ON a.attrelid = con.conrelid AND a.attnum = k.number) AS columns,
    (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(con.confkey) WITH ORDINALITY AS k(number, place)
     JOIN pg_attribute AS a ON a.attrelid = con.confrelid AND a.attnum = k.number) AS parent_columns
FROM pg_constraint AS con JOIN pg_class AS p ON p.oid = con.confrelid JOIN pg_namespace AS n ON n.oid = p.relnamespace
WHERE con.contype = 'f' AND con.conparentid = 0 AND con.conrelid = ANY($1::oid[])
ORDER BY con.conrelid, con.conname"""
_KINDS: dict[str, TableKind] = {
    "r": "table", "p": "table", "v": "view", "m": "materialized view", "f": "foreign table",
}  # fmt: skip
_LOOK_SECONDS = 3
T = TypeVar("T")
_TOO_LONG = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError)


async def survey_postgres(url: str, schemas: Sequence[str], tell: Tell) -> Found:
    """Needs CONNECT, USAGE on the schemas and SELECT on the tables. Raises SetupFailed; the password is in no text."""
    try:
        connection = await asyncpg.connect(url, timeout=10, command_timeout=60)
    except ssl.SSLCertVerificationError as error:  # which is a ValueError too
        mend = "name the authority that has signed its certificate: sslrootcert=FILE"
        raise SetupFailed(f"The database is not the one that is meant: {short(error)}", mend=mend) from error
    except ValueError:
        raise SetupFailed(
            "The address of the database cannot be read.", mend="write postgresql://USER@HOST:PORT/DATABASE, % encoded"
        ) from None
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        unknown = unknown_host(error, url)
        mend = MEND if unknown else "check the address, and that the role may connect"
        raise SetupFailed(f"The database cannot be opened: {unknown or short(error)}.", mend=mend) from error
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await _Survey(connection, tell).read(schemas)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise SetupFailed(f"The database could not be read: {short(error)}", mend="try again") from error
    finally:
        await connection.close(timeout=5)


class _Survey:
    def __init__(self, connection: "asyncpg.Connection", tell: Tell) -> None:
        self.connection = connection
        self.tell = tell
        self.left_out: list[LeftOut] = []

    async def read(self, schemas: Sequence[str]) -> Found:
        rows = await self.connection.fetch(_TABLES, OWN_SCHEMA)
        check_schemas(schemas, (row["schema"] for row in rows))
        rows = [row for row in rows if not schemas or row["schema"] in schemas]
        partitions = sum(row["is_partition"] for row in rows)
        if partitions:
            self.left_out.append(LeftOut(f"{partitions} partitions", "the tables that they are part of stand for them"))
        for row in rows:
            if not row["is_readable"] and not row["is_partition"]:
                self.left_out.append(LeftOut(f"{row['schema']}.{row['name']}", "the role may not read it"))
        rows = [row for row in rows if row["is_readable"] and not row["is_partition"]]
        tables = await self._tables(rows)
        links = await self._links(rows)
        looked_at = await self._looked_at(tables)
        name = str(await self.connection.fetchval("SELECT current_database()"))
        zone = await self.connection.fetchval("SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'")
        found = Found("postgres", name, zone, tuple(looked_at), tuple(links), tuple(self.left_out))
        proving = keys_and_links(found, lambda table: quoted(table.schema, table.name))
        return await self._driven(proving, time.monotonic() + PROVING_SECONDS)

    async def _tables(self, rows: Sequence[Any]) -> list[FoundTable]:
        oids = [row["oid"] for row in rows]
        columns: dict[int, list[FoundColumn]] = {oid: [] for oid in oids}
        for row in await self.connection.fetch(_COLUMNS, oids):
            columns[row["oid"]].append(FoundColumn(
                row["name"], row["engine_type"], row["base_type"], row["is_enum"], row["nullable"], row["is_readable"],
                row["comment"],
            ))  # fmt: skip
        primary: dict[int, tuple[str, ...]] = {}
        unique: dict[int, list[tuple[str, ...]]] = {oid: [] for oid in oids}
        for row in await self.connection.fetch(_UNIQUE, oids):
            if row["is_primary"]:
                primary[row["oid"]] = tuple(row["columns"])
            elif row["is_filled"]:
                unique[row["oid"]].append(tuple(row["columns"]))
        return [
            FoundTable(
                row["schema"], row["name"], _KINDS[row["kind"]], tuple(columns[row["oid"]]), primary.get(row["oid"], ()),
                tuple(unique[row["oid"]]), row["rows"], 0, row["comment"], part_of=row["part_of"],
            )
            for row in rows
        ]  # fmt: skip

    async def _links(self, rows: Sequence[Any]) -> list[FoundLink]:
        named = {row["oid"]: (row["schema"], row["name"]) for row in rows}
        return [
            FoundLink(row["name"], named[row["oid"]], tuple(row["columns"]), (row["parent_schema"], row["parent"]),
                      tuple(row["parent_columns"]))
            for row in await self.connection.fetch(_LINKS, list(named))
        ]  # fmt: skip

    async def _looked_at(self, tables: list[FoundTable]) -> list[FoundTable]:
        """Each table with a sample of its rows; without those that cannot be read after all, such as a broken view."""
        await self.connection.execute(f"SET LOCAL statement_timeout = '{_LOOK_SECONDS}s'; SET LOCAL lock_timeout = '1s'")
        until = time.monotonic() + LOOKING_SECONDS
        found: list[FoundTable] = []
        for number, table in enumerate(tables, 1):
            if time.monotonic() > until:
                self.tell(f"Rows of {number - 1} tables were looked at; the others are drafted from names and types alone")
                return found + tables[number - 1 :]
            self.tell(f"Reading {table.qualified} ({number} of {len(tables)})")
            try:
                looking = look_at(table, quoted(table.schema, table.name), "postgres")
                found.append(await self._driven(looking, until))
            except asyncpg.PostgresError as error:
                self.left_out.append(LeftOut(table.qualified, f"it cannot be read: {short(error)}"))
        return found

    async def _driven(self, looking: Generator[Look, Rows | None, T], until: float) -> T:
        try:
            look = next(looking)
            while True:
                look = looking.send(await self._asked(look) if time.monotonic() < until else None)
        except StopIteration as end:
            return end.value

    async def _asked(self, look: Look) -> Rows | None:
        """The rows, where they come in time; under a savepoint, so that what fails spoils nothing."""
        try:
            async with self.connection.transaction():
                return await self.connection.fetch(look.sql)
        except _TOO_LONG:
            return None
        except asyncpg.PostgresError:
            if look.is_needed:
                raise
            return None


def variable_and_settings(url: str, found: Found) -> tuple[str, dict[str, str]]:
    """The environment variable for the address, such as `SHOP_DATABASE_URL` for `shop`: it may hold a password."""
    variable = f"{slug(found.database, 'db').upper()}_DATABASE_URL"
    return variable, {"url": f"${{{variable}}}"}

"""That a database holds generated data: a fact of the database, written in the transaction that filled it."""

import json
from dataclasses import dataclass
from datetime import datetime

from assay.store.database import Connection, Database
from assay.store.loop import begin_acting, forget_all

_SEEDING = 0x53454544


@dataclass(frozen=True, slots=True)
class Seeding:
    """What was filled in. Of a database that an older Assay filled only the day is known."""

    seed: str
    anchor: datetime | None
    """The moment that its figures are of."""
    tables: tuple[str, ...] | None
    versions: dict[str, int] | None
    """What the tables' counters were then."""
    seeded_at: datetime


async def find_seeding(source: Database | Connection, seed: str) -> Seeding | None:
    """None where nobody has filled this database."""
    rows = await source.fetch(
        "SELECT seed, anchor, tables, versions::text, seeded_at FROM assay.seeding WHERE seed = $1", seed
    )
    if not rows:
        return None
    seed, anchor, tables, versions, seeded_at = rows[0]
    return Seeding(seed, anchor, tuple(tables) if tables else None, json.loads(versions) if versions else None, seeded_at)


async def lock_seeding(connection: Connection) -> None:
    """Whoever fills does so alone, for as long as the connection is open; who comes second finds it done."""
    await connection.execute("SELECT pg_advisory_lock($1)", _SEEDING, timeout=None)


async def keep_seeding(
    connection: Connection, seed: str, anchor: datetime, dictionary_version: str, tables: list[str]
) -> None:
    """In the transaction that has filled the tables."""
    await connection.execute(
        "INSERT INTO assay.seeding (seed, anchor, dictionary_version, tables, versions)"
        " SELECT $1, $2, $3, $4::text[], (SELECT jsonb_object_agg(table_name, version) FROM assay.table_version"
        " WHERE table_name = ANY ($4::text[])) ON CONFLICT (seed) DO UPDATE SET anchor = excluded.anchor,"
        " dictionary_version = excluded.dictionary_version, tables = excluded.tables, versions = excluded.versions,"
        " seeded_at = clock_timestamp()",
        seed, anchor, dictionary_version, tables,
    )  # fmt: skip


async def is_as_seeded(connection: Connection, known: Seeding) -> bool:
    """Whether nothing was decided and no row was written since, and nobody else is connected."""
    if known.tables is None or known.versions is None:
        return False
    touched = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM assay.event) OR EXISTS (SELECT FROM assay.recommendation)"
        " OR EXISTS (SELECT FROM assay.loop_change) OR EXISTS (SELECT FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name LIKE 'assay%' AND pid <> pg_backend_pid())"
    )
    rows = await connection.fetch(
        "SELECT table_name, version FROM assay.table_version WHERE table_name = ANY ($1::text[])", list(known.tables)
    )
    return not touched and {row[0]: row[1] for row in rows} == known.versions


async def forget_loop(connection: Connection) -> None:
    """Events and decisions about rows that are generated anew have nothing that they are about."""
    await begin_acting(connection)
    await forget_all(connection)

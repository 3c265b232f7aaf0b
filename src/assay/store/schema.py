"""The schema `assay`: its migrations in their one order, each with a checksum, and what is refused."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from asyncpg import Connection

from assay.errors import SetupFailed

LOCK = 0x41535341
_OLD_NAMES = {"004_widgets.sql": "005_widgets.sql", "005_loop.sql": "006_loop.sql", "006_event_age.sql": "007_event_age.sql"}
"""What migrations were called before each had a number of its own."""


@dataclass(frozen=True, slots=True)
class Migration:
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.replace("\r\n", "\n").encode()).hexdigest()


def migrations() -> tuple[Migration, ...]:
    """All of them, in order."""
    files = resources.files("assay.store").joinpath("migrations").iterdir()
    found = sorted((file for file in files if file.name.endswith(".sql")), key=lambda file: file.name)
    return tuple(Migration(file.name, file.read_text("utf-8")) for file in found)


async def migrate(connection: Connection, known: Sequence[Migration]) -> None:
    """Bring the schema to the newest migration, inside the caller's transaction; several processes may try at once.

    Raises SetupFailed where the schema is somebody else's, of a newer Assay, or was made by another text.
    """
    await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
    if not await connection.fetchval("SELECT to_regclass('assay.migration')"):
        await _expect_unused(connection)
        await connection.execute("CREATE SCHEMA IF NOT EXISTS assay")
        await connection.execute(
            "CREATE TABLE assay.migration"
            " (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
    await _adopt_old_names(connection, known)
    done: dict[str, str] = {
        row[0]: row[1] for row in await connection.fetch("SELECT name, checksum FROM assay.migration ORDER BY name")
    }
    expect_known(done, known)
    for each in known:
        if each.name not in done:
            await connection.execute(each.text)
            await connection.execute(
                "INSERT INTO assay.migration (name, checksum) VALUES ($1, $2)", each.name, each.checksum
            )


async def applied(connection: Connection) -> dict[str, str]:
    """Migrations of a database and their checksums, also of one that was not brought up to date yet."""
    if await _has_checksums(connection):
        rows = await connection.fetch("SELECT name, checksum FROM assay.migration ORDER BY name")
        return {row[0]: row[1] for row in rows}
    ours = {each.name: each.checksum for each in migrations()}
    names: list[str] = [row[0] for row in await connection.fetch("SELECT name FROM assay.migration ORDER BY name")]
    return {_OLD_NAMES.get(name, name): ours.get(_OLD_NAMES.get(name, name), "") for name in names}


async def _has_checksums(connection: Connection) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT 1 FROM pg_attribute WHERE attrelid = 'assay.migration'::regclass AND attname = 'checksum'"
        )
    )


def expect_known(done: Mapping[str, str], known: Sequence[Migration]) -> None:
    """Raises SetupFailed where a database holds a migration that is not one of ours, or was made by another text."""
    ours = {each.name: each.checksum for each in known}
    strange = [name for name in done if name not in ours]
    if strange:
        raise SetupFailed(
            f"This database was set up by a newer Assay: it holds {strange[-1]}, which this one does not know.",
            mend="run the newer Assay, or restore a backup that this one made (docs/operations.md)",
        )
    changed = [name for name, checksum in done.items() if checksum != ours[name]]
    if changed:
        raise SetupFailed(
            f"This database was set up by another {changed[0]} than this Assay brings: the file was edited.",
            mend="run the Assay that set it up, or install this one anew",
        )


async def _expect_unused(connection: Connection) -> None:
    """A schema of that name which holds something is somebody else's."""
    found = await connection.fetchval(
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('assay') ORDER BY relname LIMIT 1"
    )
    if found:
        raise SetupFailed(
            f"The schema assay of this database was not made by Assay: it holds {found}.",
            mend="name a database of its own in DATABASE_URL",
        )


async def _adopt_old_names(connection: Connection, known: Sequence[Migration]) -> None:
    """Before there were checksums two migrations shared a number. None was edited after it had served."""
    if await _has_checksums(connection):
        return
    await connection.execute("ALTER TABLE assay.migration ADD COLUMN checksum text")
    for old, new in sorted(_OLD_NAMES.items(), reverse=True):
        await connection.execute("UPDATE assay.migration SET name = $2 WHERE name = $1", old, new)
    for each in known:
        await connection.execute("UPDATE assay.migration SET checksum = $2 WHERE name = $1", each.name, each.checksum)
    await connection.execute("UPDATE assay.migration SET checksum = '' WHERE checksum IS NULL")
    await connection.execute("ALTER TABLE assay.migration ALTER COLUMN checksum SET NOT NULL")

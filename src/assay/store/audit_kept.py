"""How long the audit log is kept, and how far it was told: pruned up to a signed checkpoint, each entry told once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NamedTuple

from assay.store.audit import Deed, End, StoredEntry, audit
from assay.store.database import Connection, Database

_BATCH = 500


class StoredCheckpoint(NamedTuple):
    """The last entry that was pruned, signed."""

    number: int
    hash: str
    at: str
    signature: str


async def checkpoints(database: Database) -> list[StoredCheckpoint]:
    """The newest first."""
    rows = await database.fetch("SELECT number, hash, at, signature FROM assay.audit_checkpoint ORDER BY number DESC")
    return [StoredCheckpoint(*row) for row in rows]


async def last_before(database: Database, keep: timedelta, most: int | None) -> End | None:
    """The newest of the entries that are older than `keep`, and no later than `most`; None where the oldest is not."""
    rows = await database.fetch(
        "SELECT number, hash FROM assay.audit WHERE ($2::bigint IS NULL OR number <= $2) AND number <"
        " (SELECT coalesce(min(number), 9223372036854775807) FROM assay.audit"
        "  WHERE (document::jsonb ->> 'at')::timestamptz >= clock_timestamp() - $1::interval)"
        " ORDER BY number DESC LIMIT 1", keep, most,
    )  # fmt: skip
    return End(*rows[0]) if rows else None


async def prune_audit(database: Database, until: StoredCheckpoint) -> None:
    """Everything up to the checkpoint goes; that it went is the next entry."""

    async def work(connection: Connection) -> None:
        await connection.execute("SELECT FROM assay.audit_head FOR UPDATE")
        first = await connection.fetchval("SELECT min(number) FROM assay.audit")
        if first is None or first > until.number:
            return  # another process was here first
        await connection.execute(
            "INSERT INTO assay.audit_checkpoint (number, hash, at, signature) VALUES ($1, $2, $3, $4)", *until
        )
        # The right to delete is the owner's for this transaction alone.
        await connection.execute("GRANT DELETE ON assay.audit TO CURRENT_USER")
        await connection.execute("DELETE FROM assay.audit WHERE number <= $1", until.number)
        await connection.execute("REVOKE DELETE ON assay.audit FROM CURRENT_USER")
        await audit(connection, Deed("audit.pruned", f"{first} to {until.number}", None, {"hash": until.hash}, who=None))

    await database.transact(work)


async def told_until(database: Database) -> int:
    return (await database.fetch("SELECT number FROM assay.audit_told"))[0][0]


async def tell_more(database: Database, tell: Callable[[list[StoredEntry]], Awaitable[None]]) -> bool:
    """Some entries that were told to nobody yet; whether there may be more. One process tells at a time."""

    async def work(connection: Connection) -> bool:
        last = await connection.fetchval("SELECT number FROM assay.audit_told FOR UPDATE SKIP LOCKED")
        if last is None:
            return False
        rows = await connection.fetch(
            "SELECT number, document, previous, hash FROM assay.audit WHERE number > $1 ORDER BY number LIMIT $2",
            last,
            _BATCH,
        )
        if not rows:
            return False
        await tell([StoredEntry(*row) for row in rows])
        await connection.execute("UPDATE assay.audit_told SET number = $1", rows[-1][0])
        return len(rows) == _BATCH

    return await database.transact(work)

"""Pruning the audit log: what is older than it is kept goes, up to an entry whose number and hash are signed.

The chain then begins behind that checkpoint, and whoever takes away more than it covers is found.
"""

from datetime import UTC, datetime, timedelta

from assay.signing.canonical import canonical
from assay.signing.ring import Ring
from assay.store.audit import End
from assay.store.audit_kept import StoredCheckpoint, checkpoints, last_before, prune_audit, told_until
from assay.store.database import Database


async def prune(database: Database, ring: Ring, install: str, keep: timedelta, is_telling: bool) -> None:
    """Nothing that is still to be told to standard output."""
    last = await last_before(database, keep, await told_until(database) if is_telling else None)
    if last is None:
        return
    at = datetime.now(UTC).isoformat(timespec="seconds")
    signature = ring.sign("checkpoint", _signed(last.number, last.hash, at, install))
    await prune_audit(database, StoredCheckpoint(last.number, last.hash, at, signature))


async def begun_after(database: Database, ring: Ring, install: str) -> End:
    """The last entry that may be gone: of the newest checkpoint that was signed here."""
    for each in await checkpoints(database):
        if ring.verify("checkpoint", _signed(each.number, each.hash, each.at, install), each.signature):
            return End(each.number, each.hash)
    return End(0, "")


def _signed(number: int, last: str, at: str, install: str) -> str:
    return canonical({"log": "audit", "number": number, "hash": last, "at": at, "install": install}).decode()

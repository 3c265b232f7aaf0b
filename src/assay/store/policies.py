"""Policies in the store: numbered revisions, of which the last one is in force in every process."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from assay.store.audit import ASKER, Deed, audit
from assay.store.database import Connection, Database
from assay.work.request import current_request


class Revision(NamedTuple):
    number: int
    digest: str


class ToldRevision(NamedTuple):
    number: int
    digest: str
    put_by: str
    put_at: datetime


async def policy_in_force(database: Database) -> Revision | None:
    """None where none ever was."""
    rows = await database.fetch("SELECT number, digest FROM assay.policy ORDER BY number DESC LIMIT 1")
    return Revision(*rows[0]) if rows else None


async def policy_revisions(database: Database, limit: int) -> list[ToldRevision]:
    """Newest first."""
    rows = await database.fetch(
        "SELECT number, digest, put_by, put_at FROM assay.policy ORDER BY number DESC LIMIT $1", limit
    )
    return [ToldRevision(*row) for row in rows]


async def put_policy(database: Database, digest: str, files: Mapping[str, str], *, is_confirmed: bool = False) -> Revision:
    """The revision in force then: this one, where it is new. One that was in force before has to be confirmed."""

    async def work(connection: Connection) -> Revision:
        # One after the other: of two processes with two texts the later one holds in both.
        await connection.execute("LOCK TABLE assay.policy IN SHARE ROW EXCLUSIVE MODE")
        row = await connection.fetchrow("SELECT number, digest FROM assay.policy ORDER BY number DESC LIMIT 1")
        last = Revision(*row) if row else Revision(0, "")
        if last.digest == digest:
            return last
        if not is_confirmed and await connection.fetchval("SELECT 1 FROM assay.policy WHERE digest = $1 LIMIT 1", digest):
            return last
        fresh = Revision(last.number + 1, digest)
        who = current_request().who
        await connection.execute(
            "INSERT INTO assay.policy (number, digest, documents, put_by) VALUES ($1, $2, $3, $4)",
            *fresh, json.dumps(dict(files)), who.name if who and is_confirmed else "the workspace's files",
        )  # fmt: skip
        action, by = ("policy.confirmed", ASKER) if is_confirmed else ("policy.put", None)
        await audit(connection, Deed(action, str(fresh.number), last.digest[:16] or None, digest[:16], who=by))
        return fresh

    return await database.transact(work)

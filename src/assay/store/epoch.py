"""The epoch of a database: it begins anew wherever counters or clocks may climb through numbers that were used before.

A restore, a failover and a clock set back each begin one. Its token is part of every version that a counter or a clock
makes, so that no ETag, certificate or kept answer of before fits other rows.
"""

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import asyncpg

from assay.store.database import Connection, Database
from assay.store.schema import LOCK

Reason = Literal["created", "restored", "moved", "failover", "clock"]
BACK = timedelta(seconds=30)
"""Clocks of several machines differ by less: what lies further back was set back."""
_AT_ONCE = timedelta(seconds=30)
_HELD: tuple[Reason, ...] = ("restored", "moved")
_COLUMNS = "number, token, reason, begun_at, seen_at, released_at, server, timeline, place"
_NEWEST = f"SELECT {_COLUMNS} FROM assay.epoch ORDER BY number DESC LIMIT 1"
_SERVER = """
SELECT (SELECT system_identifier FROM pg_control_system())
    || '/' || (SELECT oid FROM pg_database WHERE datname = current_database()),
    CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END"""


@dataclass(slots=True)
class Epoch:
    """As one process knows it; `token` changes while it runs."""

    token: str = ""
    reason: Reason = "created"
    copy: str = ""
    """The token under which this became a copy of another database; sessions of that other one end here."""
    is_held: bool = False
    """A restored copy, which sends and fetches nothing until somebody releases it."""

    def bucket(self, seconds: float) -> str:
        """The stretch of time that it is now, as a version: what is not known to have stayed the same has moved."""
        return f"~{self.token}{'.' if self.token else ''}{int(time.time() // seconds)}"


async def settle_epoch(database: Database, epoch: Epoch, place: str | None = None) -> None:
    """Read the epoch that holds into `epoch`; begin one where this is another server than before, or an earlier hour.

    `place` tells a copied data folder from its original, where the server is ours. Where all is as it was nothing is
    written: when a server comes back, every process looks at once.
    """

    async def work(connection: Connection) -> None:
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        newest = await connection.fetchrow(f"{_NEWEST} FOR UPDATE")
        server, timeline = await connection.fetchrow(_SERVER) or (None, None)
        now = datetime.now(UTC)
        reason = _reason(newest, server, timeline, place, now)
        if reason is not None:
            await _begin(connection, reason, now)
        await connection.execute(
            "UPDATE assay.epoch SET server = $1, timeline = coalesce($2, timeline), place = coalesce($3, place),"
            " seen_at = greatest(seen_at, $4) WHERE number = (SELECT max(number) FROM assay.epoch)",
            server, timeline, place, now,
        )  # fmt: skip

    newest = next(iter(await database.fetch(_NEWEST)), None)
    server, timeline = (await database.fetch(_SERVER))[0]
    noted = newest and newest["server"] and (newest["timeline"] or not timeline) and (newest["place"] or not place)
    if not noted or _reason(newest, server, timeline, place, datetime.now(UTC)) is not None:
        await database.transact(work)
    await read_epoch(database, epoch)


def _reason(
    newest: asyncpg.Record | None, server: str | None, timeline: str | None, place: str | None, now: datetime
) -> Reason | None:
    """Why another epoch begins; None where the one that is noted goes on."""
    if newest is None:
        return "created"
    if newest["server"] is None:
        return None
    if newest["server"] != server or (place and newest["place"] and newest["place"] != place):
        return "moved"
    if timeline is not None and newest["timeline"] not in (None, timeline):
        return "failover"
    return "clock" if now < newest["seen_at"] - BACK else None


async def begin_epoch(database: Database, reason: Reason) -> None:
    """For every process on the database; several that notice the same at once begin one together."""

    async def work(connection: Connection) -> None:
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        newest = await connection.fetchrow(_NEWEST)
        now = datetime.now(UTC)
        if newest is None or newest["reason"] != reason or abs(now - newest["begun_at"]) > _AT_ONCE:
            await _begin(connection, reason, now)

    await database.transact(work)


async def _begin(connection: Connection, reason: Reason, now: datetime) -> None:
    token = secrets.token_hex(4)
    # A copy of a copy that was never released is held as well.
    await connection.execute(
        "INSERT INTO assay.epoch (token, reason, server, timeline, place, begun_at, seen_at, released_at)"
        " SELECT $1, $2, e.server, e.timeline, e.place, $3::timestamptz, $3,"
        " CASE WHEN $4::boolean OR (e.reason <> 'created' AND e.released_at IS NULL) THEN NULL ELSE $3 END"
        f" FROM (SELECT 1) AS one LEFT JOIN ({_NEWEST}) AS e ON true",
        token, reason, now, reason in _HELD,
    )  # fmt: skip
    await connection.execute("SELECT pg_notify('assay_epoch', $1)", token)


async def read_epoch(database: Database, epoch: Epoch) -> None:
    rows = await database.fetch(_NEWEST)
    copies = await database.fetch(
        "SELECT token FROM assay.epoch WHERE reason = ANY ($1::text[]) ORDER BY number DESC LIMIT 1", list(_HELD)
    )
    epoch.copy = copies[0][0] if copies else ""
    if rows:
        held = rows[0]["reason"] != "created" and rows[0]["released_at"] is None
        epoch.token, epoch.reason, epoch.is_held = rows[0]["token"], rows[0]["reason"], held


async def note_seen(database: Database) -> None:
    """That the database served at this hour, so that an earlier one is known for a clock set back."""
    await database.fetch(
        "UPDATE assay.epoch SET seen_at = greatest(seen_at, $1)"
        " WHERE number = (SELECT max(number) FROM assay.epoch) RETURNING 1",
        datetime.now(UTC),
    )


async def release(database: Database) -> bool:
    """Let a restored copy send and fetch; whether it was held."""
    rows = await database.fetch(
        "UPDATE assay.epoch SET released_at = clock_timestamp() WHERE number = (SELECT max(number) FROM assay.epoch)"
        " AND released_at IS NULL AND reason <> 'created' RETURNING pg_notify('assay_epoch', token)"
    )
    return bool(rows)

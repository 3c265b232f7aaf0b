"""Routes in the store: which backend serves a metric, the epoch that rises at every change, and every change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from assay.store.audit import Deed, audit
from assay.store.database import Connection, Database
from assay.store.proposals import end_routes
from assay.work.principal import Principal

ChangeKind = Literal["first", "proven", "accepted", "rolled_back"]


class StoredRoute(NamedTuple):
    metric_id: str
    backend: str
    epoch: int


class Flip(NamedTuple):
    """A metric that is to be served from another backend, and why that is allowed."""

    metric_id: str
    backend: str
    kind: ChangeKind
    by: str
    reason: str | None
    certificate_id: str | None
    who: Principal | None = None
    """Who asked for it; None for an edit of the file."""
    over: int | None = None
    """The epoch of the route that this replaces, where it may replace no other."""


class RouteChange(NamedTuple):
    metric_id: str
    from_backend: str | None
    to_backend: str
    epoch: int
    kind: str
    changed_by: str
    reason: str | None
    certificate_id: str | None
    changed_at: datetime


async def all_routes(database: Database) -> dict[str, StoredRoute]:
    rows = await database.fetch("SELECT metric_id, backend, epoch FROM assay.route")
    return {row[0]: StoredRoute(*row) for row in rows}


async def flip_routes(database: Database, flips: Sequence[Flip]) -> dict[str, StoredRoute]:
    """Serve these metrics from their new backends, all in one step; an epoch rises only where that is a change.

    All processes hear of it. What comes back is how each metric is served now.
    """

    async def work(connection: Connection) -> None:
        columns = list(zip(*flips, strict=True))
        changed = await connection.fetch(_FLIP, *columns[:6], columns[7])
        asked = {each.metric_id: each for each in flips}
        ended = await end_routes(connection, [row["metric_id"] for row in changed])
        await audit(connection, *(_deed(asked[row["metric_id"]], row) for row in changed), *ended)

    await database.transact(work)
    # A statement of its own sees what another process wrote meanwhile.
    rows = await database.fetch(
        "SELECT metric_id, backend, epoch FROM assay.route WHERE metric_id = ANY ($1)", [each.metric_id for each in flips]
    )
    return {row[0]: StoredRoute(*row) for row in rows}


def _deed(flip: Flip, row: Mapping[str, Any]) -> Deed:
    after = {"backend": row["to_backend"], "epoch": row["epoch"], "kind": flip.kind, "reason": flip.reason,
             "certificate_id": flip.certificate_id}  # fmt: skip
    return Deed("route.moved", flip.metric_id, {"backend": row["from_backend"]}, after, flip.by, flip.who)


_FLIP = """
WITH wanted AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
        AS each (metric_id, backend, kind, changed_by, reason, certificate_id, over)
), before AS (
    SELECT metric_id, backend, epoch FROM assay.route WHERE metric_id = ANY ($1) ORDER BY metric_id FOR UPDATE
), flipped AS (
    INSERT INTO assay.route AS known (metric_id, backend, epoch)
    SELECT metric_id, wanted.backend, 1 FROM wanted LEFT JOIN before USING (metric_id)
    WHERE wanted.over IS NULL OR wanted.over = before.epoch ORDER BY metric_id
    ON CONFLICT (metric_id) DO UPDATE
        SET backend = excluded.backend, epoch = known.epoch + 1, changed_at = now()
        WHERE known.backend <> excluded.backend
    RETURNING metric_id, backend, epoch
), kept AS (
    INSERT INTO assay.route_change
        (metric_id, from_backend, to_backend, epoch, kind, changed_by, reason, certificate_id)
    SELECT metric_id, before.backend, flipped.backend, flipped.epoch, kind, changed_by, reason, certificate_id
    FROM flipped JOIN wanted USING (metric_id) LEFT JOIN before USING (metric_id)
    RETURNING metric_id, from_backend, to_backend, epoch
)
SELECT metric_id, from_backend, to_backend, epoch, pg_notify('assay_route', metric_id) FROM kept ORDER BY metric_id
"""


async def changes_of(database: Database, metric_id: str, limit: int) -> list[RouteChange]:
    """Newest first."""
    rows = await database.fetch(
        "SELECT metric_id, from_backend, to_backend, epoch, kind, changed_by, reason, certificate_id, changed_at"
        " FROM assay.route_change WHERE metric_id = $1 ORDER BY change_id DESC LIMIT $2", metric_id, limit,
    )  # fmt: skip
    return [RouteChange(*row) for row in rows]


async def previous_backends(database: Database) -> dict[str, str]:
    """Where each metric was served before its last change, for those that have moved.

    Not for those that were rolled back: back to what was left for a reason is a change, and changes are compared.
    """
    rows = await database.fetch(
        "SELECT metric_id, from_backend FROM (SELECT DISTINCT ON (metric_id) * FROM assay.route_change"
        " ORDER BY metric_id, change_id DESC) newest WHERE from_backend IS NOT NULL AND kind <> 'rolled_back'"
    )
    return {row[0]: row[1] for row in rows}

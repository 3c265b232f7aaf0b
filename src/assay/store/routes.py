"""Routes in the store: which backend serves a metric, and the epoch that rises at every change."""

from typing import NamedTuple

from assay.store.database import Database


class StoredRoute(NamedTuple):
    metric_id: str
    backend: str
    epoch: int


async def all_routes(database: Database) -> dict[str, StoredRoute]:
    rows = await database.fetch("SELECT metric_id, backend, epoch FROM assay.route")
    return {row[0]: StoredRoute(*row) for row in rows}


async def flip_route(database: Database, metric_id: str, backend: str) -> StoredRoute:
    """Serve the metric from the backend; the epoch rises only where that is a change. All processes hear of it."""
    rows = await database.fetch(
        """
        WITH flipped AS (
            INSERT INTO assay.route AS known (metric_id, backend, epoch) VALUES ($1, $2, 1)
            ON CONFLICT (metric_id) DO UPDATE SET backend = $2, epoch = known.epoch + 1, changed_at = now()
            WHERE known.backend <> $2
            RETURNING metric_id, backend, epoch
        ), heard AS (SELECT pg_notify('assay_route', metric_id) FROM flipped)
        SELECT metric_id, backend, epoch FROM flipped, heard
        """,
        metric_id, backend,
    )  # fmt: skip
    if not rows:
        # Another process was first; a statement of its own sees what that one wrote.
        rows = await database.fetch("SELECT metric_id, backend, epoch FROM assay.route WHERE metric_id = $1", metric_id)
    return StoredRoute(*rows[0])

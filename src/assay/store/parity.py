"""Certificates, accepted differences and shadow comparisons in the store."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from assay.store.audit import Deed, audit
from assay.store.database import Connection, Database

SHADOWS_KEPT = 500


class StoredCertificate(NamedTuple):
    certificate_id: str
    metric_id: str
    here: str
    there: str
    verdict: str
    created_at: datetime
    document: dict[str, Any]
    accepted_reason: str | None
    accepted_by: str | None
    accepted_at: datetime | None


_COLUMNS = (
    "c.certificate_id, c.metric_id, c.here, c.there, c.verdict, c.created_at, c.document, a.reason, a.accepted_by,"
    " a.accepted_at FROM assay.parity_certificate AS c LEFT JOIN assay.accepted_difference AS a USING (certificate_id)"
)


def _certificate(row: Any) -> StoredCertificate:
    return StoredCertificate._make((*row[:6], json.loads(row[6]), *row[7:]))


QUESTIONS_KEPT = 100


async def add_certificate(database: Database, certificate: StoredCertificate) -> None:
    """Keep it, and tell every process; of one metric's questions no more than `QUESTIONS_KEPT`."""
    await database.fetch(
        """
        WITH kept AS (
            INSERT INTO assay.parity_certificate
                (certificate_id, metric_id, here, there, verdict, created_at, document, question_key)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING metric_id
        ), old AS (
            DELETE FROM assay.parity_certificate WHERE question_key IS NOT NULL AND metric_id = $2 AND created_at <= (
                SELECT created_at FROM assay.parity_certificate WHERE question_key IS NOT NULL AND metric_id = $2
                ORDER BY created_at DESC OFFSET $9 LIMIT 1
            )
        )
        SELECT pg_notify('assay_route', metric_id) FROM kept
        """,
        *certificate[:6], json.dumps(certificate.document), certificate.document["question_key"], QUESTIONS_KEPT,
    )  # fmt: skip


async def newest_certificates(database: Database) -> list[StoredCertificate]:
    """The newest of each metric and pair of backends that could be compared, or were accepted all the same."""
    rows = await database.fetch(
        f"SELECT DISTINCT ON (c.metric_id, least(c.here, c.there), greatest(c.here, c.there)) {_COLUMNS}"
        " WHERE c.question_key IS NULL AND (c.verdict <> 'not_comparable' OR a.reason IS NOT NULL)"
        " ORDER BY c.metric_id, least(c.here, c.there), greatest(c.here, c.there), c.created_at DESC"
    )
    return [_certificate(row) for row in rows]


async def newest_accepted(database: Database, passed: Collection[str]) -> list[StoredCertificate]:
    """The newest of each metric and pair of backends whose difference a person has accepted.

    An acceptance has served once both sides were shown to agree, by a verdict of `passed`: what differs after that is new.
    """
    rows = await database.fetch(
        f"SELECT DISTINCT ON (c.metric_id, least(c.here, c.there), greatest(c.here, c.there)) {_COLUMNS}"
        " WHERE a.reason IS NOT NULL AND NOT EXISTS (SELECT FROM assay.parity_certificate AS later"
        " WHERE later.metric_id = c.metric_id AND later.question_key IS NULL AND later.verdict = any($1)"
        " AND (later.here, later.there) IN ((c.here, c.there), (c.there, c.here)) AND later.created_at > a.accepted_at)"
        " ORDER BY c.metric_id, least(c.here, c.there), greatest(c.here, c.there), c.created_at DESC",
        list(passed),
    )
    return [_certificate(row) for row in rows]


async def certificates_of_questions(database: Database, since: datetime | None) -> list[StoredCertificate]:
    """The newest of each very question, made within a day: none outlives its window, and few outlive their data."""
    rows = await database.fetch(
        f"SELECT DISTINCT ON (c.metric_id, c.question_key) {_COLUMNS} WHERE c.question_key IS NOT NULL"
        " AND c.verdict <> 'not_comparable' AND c.created_at > coalesce($1, now() - interval '1 day')"
        " ORDER BY c.metric_id, c.question_key, c.created_at DESC", since,
    )  # fmt: skip
    return [_certificate(row) for row in rows]


async def certificates_of(database: Database, metric_id: str, limit: int) -> list[StoredCertificate]:
    rows = await database.fetch(
        f"SELECT {_COLUMNS} WHERE c.metric_id = $1 AND c.question_key IS NULL ORDER BY c.created_at DESC LIMIT $2",
        metric_id,
        limit,
    )
    return [_certificate(row) for row in rows]


async def find_certificate(database: Database, certificate_id: str) -> StoredCertificate | None:
    rows = await database.fetch(f"SELECT {_COLUMNS} WHERE c.certificate_id = $1", certificate_id)
    return _certificate(rows[0]) if rows else None


async def accept_difference(database: Database, certificate_id: str, reason: str, by: str) -> None:
    async def work(connection: Connection) -> None:
        await connection.execute(_ACCEPT, certificate_id, reason, by)
        await audit(connection, Deed("difference.accepted", certificate_id, after={"reason": reason}, by=by))

    await database.transact(work)


_ACCEPT = """
WITH accepted AS (
    INSERT INTO assay.accepted_difference (certificate_id, reason, accepted_by) VALUES ($1, $2, $3)
    ON CONFLICT (certificate_id) DO UPDATE SET reason = $2, accepted_by = $3, accepted_at = now()
    RETURNING certificate_id
)
SELECT pg_notify('assay_route', certificate_id) FROM accepted
"""


class ShadowLine(NamedTuple):
    metric_id: str
    backend: str
    shadow: str
    verdict: str
    reason: str
    here_ms: float | None
    there_ms: float | None
    question: dict[str, Any]
    compared_at: datetime


async def add_shadow(
    database: Database, metric_id: str, backend: str, shadow: str, verdict: str, reason: str, definition_version: str,
    milliseconds: tuple[float | None, float | None], question: dict[str, Any],
) -> None:  # fmt: skip
    """Keep a comparison, and no more than `SHADOWS_KEPT` of a metric and its shadow."""
    await database.fetch(
        """
        WITH kept AS (
            INSERT INTO assay.shadow_comparison
                (metric_id, backend, shadow, verdict, reason, definition_version, here_ms, there_ms, question)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb)
        )
        DELETE FROM assay.shadow_comparison WHERE metric_id = $1 AND shadow = $3 AND comparison_id <= (
            SELECT comparison_id FROM assay.shadow_comparison WHERE metric_id = $1 AND shadow = $3
            ORDER BY comparison_id DESC OFFSET $10 LIMIT 1
        )
        """,
        metric_id, backend, shadow, verdict, reason, definition_version, *milliseconds, json.dumps(question), SHADOWS_KEPT,
    )  # fmt: skip


async def shadows_of(database: Database, metric_id: str, limit: int) -> list[ShadowLine]:
    """Newest first."""
    rows = await database.fetch(
        "SELECT metric_id, backend, shadow, verdict, reason, here_ms, there_ms, question::text, compared_at"
        " FROM assay.shadow_comparison WHERE metric_id = $1 ORDER BY comparison_id DESC LIMIT $2", metric_id, limit,
    )  # fmt: skip
    return [ShadowLine._make((*row[:7], json.loads(row[7]), row[8])) for row in rows]


async def clean_shadows(database: Database, metric_id: str, shadow: str, definition_version: str, wanted: int) -> int:
    """How many of the last comparisons of this definition were clean, one after the other, `wanted` at most."""
    rows = await database.fetch(
        "SELECT verdict FROM assay.shadow_comparison WHERE metric_id = $1 AND shadow = $2 AND definition_version = $3"
        " ORDER BY comparison_id DESC LIMIT $4", metric_id, shadow, definition_version, wanted,
    )  # fmt: skip
    verdicts = [row[0] for row in rows]
    return next((count for count, each in enumerate(verdicts) if each not in ("equal", "within_tolerance")), len(verdicts))

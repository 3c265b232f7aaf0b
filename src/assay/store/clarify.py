"""Sessions of the clarifier: begun once, saved over the version that was seen, forgotten after a week."""

import json
from dataclasses import dataclass
from typing import Any

from assay.store.database import Database

KEPT_DAYS = 7


@dataclass(frozen=True, slots=True)
class StoredSession:
    session_id: str
    version: int
    state: str
    round: int
    words: str
    document: dict[str, Any]


async def begin_session(database: Database, session: StoredSession) -> None:
    await database.fetch(
        "INSERT INTO assay.clarify_session (session_id, version, state, round, words, document)"
        " VALUES ($1, $2, $3, $4, $5, $6) RETURNING 1",
        *_values(session),
    )


async def find_session(database: Database, session_id: str) -> StoredSession | None:
    rows = await database.fetch(
        "SELECT session_id, version, state, round, words, document FROM assay.clarify_session WHERE session_id = $1",
        session_id,
    )
    if not rows:
        return None
    *known, document = rows[0]
    return StoredSession(*known, document=json.loads(document))


async def save_session(database: Database, session: StoredSession) -> bool:
    """Save as `session.version`, which follows the one that was seen; False where somebody else was first."""
    rows = await database.fetch(
        "UPDATE assay.clarify_session"
        " SET version = $2, state = $3, round = $4, words = $5, document = $6, updated_at = now()"
        " WHERE session_id = $1 AND version = $2 - 1 RETURNING 1",
        *_values(session),
    )
    return bool(rows)


async def prune_sessions(database: Database) -> None:
    await database.fetch(
        "DELETE FROM assay.clarify_session WHERE updated_at < now() - make_interval(days => $1) RETURNING 1", KEPT_DAYS
    )


def _values(session: StoredSession) -> tuple[object, ...]:
    document = json.dumps(session.document, ensure_ascii=False)
    return session.session_id, session.version, session.state, session.round, session.words, document

"""Surveys of databases: what each would add to the workspace, kept until somebody chooses, forgotten after a week."""

import json
from datetime import datetime
from typing import Any, NamedTuple

from assay.store.audit import Deed, audit
from assay.store.database import Connection, Database

KEPT_DAYS = 7
_COLUMNS = "survey_id, document::text, made_by, made_at, taken_at"


class StoredSurvey(NamedTuple):
    survey_id: str
    document: dict[str, Any]
    made_by: str
    made_at: datetime
    taken_at: datetime | None


async def add_survey(database: Database, survey_id: str, document: dict[str, Any], by: str, told: dict[str, Any]) -> None:
    """`told`: what the audit log says of it."""

    async def work(connection: Connection) -> None:
        await connection.execute(
            "INSERT INTO assay.survey (survey_id, document, made_by) VALUES ($1, $2::text::jsonb, $3)",
            survey_id, json.dumps(document), by,
        )  # fmt: skip
        await audit(connection, Deed("survey.made", survey_id, after=told))

    await database.transact(work)


async def find_survey(database: Database, survey_id: str) -> StoredSurvey | None:
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM assay.survey WHERE survey_id = $1", survey_id)
    return StoredSurvey(rows[0][0], json.loads(rows[0][1]), *rows[0][2:]) if rows else None


async def mark_taken(database: Database, survey_id: str, told: dict[str, Any]) -> bool:
    """False where somebody has taken it already."""

    async def work(connection: Connection) -> bool:
        rows = await connection.fetch(
            "UPDATE assay.survey SET taken_at = now() WHERE survey_id = $1 AND taken_at IS NULL RETURNING 1", survey_id
        )
        if rows:
            await audit(connection, Deed("survey.taken", survey_id, after=told))
        return bool(rows)

    return await database.transact(work)


async def unmark_taken(database: Database, survey_id: str) -> None:
    """The files could not be written: it may be taken again."""

    async def work(connection: Connection) -> None:
        await connection.execute("UPDATE assay.survey SET taken_at = NULL WHERE survey_id = $1", survey_id)
        await audit(connection, Deed("survey.opened_again", survey_id, after={"reason": "its files could not be written"}))

    await database.transact(work)


async def forget_old_surveys(database: Database) -> None:
    await database.fetch("DELETE FROM assay.survey WHERE made_at < now() - make_interval(days => $1) RETURNING 1", KEPT_DAYS)

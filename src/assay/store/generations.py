"""The log of generated SQL: written once, read newest first."""

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from assay.store.database import Database


@dataclass(frozen=True, slots=True)
class StoredGeneration:
    """A row of `sql_generation_log`; its fields are named as the columns."""

    generation_id: str
    created_at: datetime
    metric_id: str
    generator: str
    dialect: str
    dry_run: bool
    outcome: str
    model: str | None
    prompt_hash: str | None
    sql: str | None
    explanation: str
    requests: int
    input_tokens: int
    output_tokens: int
    latency_ms: float
    cost_usd: float | None
    receipt_id: str | None
    question: dict[str, Any]
    verdict: dict[str, Any]
    rounds: list[dict[str, Any]]
    standing: dict[str, Any] | None
    problem: dict[str, Any] | None


_JSON = ("question", "verdict", "rounds", "standing", "problem")
_NAMES = [field.name for field in fields(StoredGeneration)]
_COLUMNS = ", ".join(_NAMES)
_READ = ", ".join(f"{name}::text" if name in _JSON else name for name in _NAMES)
_WRITE = ", ".join(f"${number}::text::jsonb" if name in _JSON else f"${number}" for number, name in enumerate(_NAMES, 1))


async def add_generation(database: Database, generation: StoredGeneration) -> None:
    values = [_encoded(getattr(generation, name)) if name in _JSON else getattr(generation, name) for name in _NAMES]
    await database.fetch(f"INSERT INTO assay.sql_generation_log ({_COLUMNS}) VALUES ({_WRITE}) RETURNING 1", *values)


async def find_generation(database: Database, generation_id: str) -> StoredGeneration | None:
    rows = await database.fetch(f"SELECT {_READ} FROM assay.sql_generation_log WHERE generation_id = $1", generation_id)
    return _read(rows[0]) if rows else None


async def list_generations(database: Database, metric_id: str | None, limit: int) -> list[StoredGeneration]:
    rows = await database.fetch(
        f"SELECT {_READ} FROM assay.sql_generation_log WHERE ($1::text IS NULL OR metric_id = $1)"
        " ORDER BY generation_id DESC LIMIT $2",
        metric_id, limit,
    )  # fmt: skip
    return [_read(row) for row in rows]


def _encoded(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _read(row: Any) -> StoredGeneration:
    values: dict[str, Any] = {
        name: json.loads(value) if name in _JSON and value is not None else value
        for name, value in zip(_NAMES, row, strict=True)
    }
    return StoredGeneration(**values)

"""Proofs that keys are unique, in the store: the last one of each key where it lies."""

from datetime import datetime
from typing import NamedTuple

from assay.store.database import Database


class Uniqueness(NamedTuple):
    """What was found of a key: `duplicates` values of it stand on several rows, one of them on `most`.

    `seen_by` is the child table whose join sees them as equal, where the key alone does not. `data_version` is that of
    `tables`, the key's and those whose joins were counted too.
    """

    how: str
    duplicates: int
    most: int
    seen_by: str | None
    tables: tuple[str, ...]
    data_version: str
    proved_at: datetime


async def keep_key_proof(
    database: Database, backend: str, place: str, table: str, columns: tuple[str, ...], found: Uniqueness
) -> None:
    """Keep it, unless another process has kept a later one.

    `place` tells one database behind a backend's name from another; `columns` are in alphabetical order.
    """
    await database.fetch(
        """
        INSERT INTO assay.key_proof AS known
            (backend, place, table_name, columns, how, duplicates, most, seen_by, tables, data_version, proved_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (backend, place, table_name, columns) DO UPDATE
        SET how = $5, duplicates = $6, most = $7, seen_by = $8, tables = $9, data_version = $10, proved_at = $11
        WHERE known.proved_at < $11
        """,
        backend, place, table, columns, *found,
    )  # fmt: skip


async def find_key_proof(
    database: Database, backend: str, place: str, table: str, columns: tuple[str, ...]
) -> Uniqueness | None:
    rows = await database.fetch(
        "SELECT how, duplicates, most, seen_by, tables, data_version, proved_at"
        " FROM assay.key_proof WHERE backend = $1 AND place = $2 AND table_name = $3 AND columns = $4",
        backend, place, table, columns,
    )  # fmt: skip
    return Uniqueness(**{**rows[0], "tables": tuple(rows[0]["tables"])}) if rows else None

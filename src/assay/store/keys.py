"""Proofs that keys are unique, in the store: the last one of each key where it lies."""

from datetime import datetime
from typing import NamedTuple

from assay.store.database import Database


class KeyProof(NamedTuple):
    """`place` tells one database behind a backend's name from another; `columns` are in alphabetical order.

    `duplicates` is how many values of the key stand on several rows, `most` on how many rows one of them stands.
    `seen_by` is the child table whose join sees them as equal, where the key alone does not. `data_version` is that of
    `tables`, the key's and those whose joins were counted too.
    """

    backend: str
    place: str
    table: str
    columns: tuple[str, ...]
    how: str
    duplicates: int
    most: int
    seen_by: str | None
    tables: tuple[str, ...]
    data_version: str
    proved_at: datetime


async def keep_key_proof(database: Database, proof: KeyProof) -> None:
    """Keep it, unless another process has kept a later one."""
    await database.fetch(
        """
        INSERT INTO assay.key_proof AS known
            (backend, place, table_name, columns, how, duplicates, most, seen_by, tables, data_version, proved_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (backend, place, table_name, columns) DO UPDATE
        SET how = $5, duplicates = $6, most = $7, seen_by = $8, tables = $9, data_version = $10, proved_at = $11
        WHERE known.proved_at < $11
        """,
        *(list(value) if isinstance(value, tuple) else value for value in proof),
    )  # fmt: skip


async def find_key_proof(
    database: Database, backend: str, place: str, table: str, columns: tuple[str, ...]
) -> KeyProof | None:
    rows = await database.fetch(
        "SELECT backend, place, table_name, columns, how, duplicates, most, seen_by, tables, data_version, proved_at"
        " FROM assay.key_proof WHERE backend = $1 AND place = $2 AND table_name = $3 AND columns = $4",
        backend, place, table, list(columns),
    )  # fmt: skip
    return KeyProof._make(tuple(value) if isinstance(value, list) else value for value in rows[0]) if rows else None

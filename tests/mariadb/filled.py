"""Tables of the dictionary laid into a MariaDB, as an administrator would."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import asyncmy

from assay.catalog.dictionary import Table
from assay.catalog.types import engine_type


async def statements(url: str, *texts: str, rows: Mapping[str, Sequence[Sequence[Any]]] | None = None) -> None:
    """Run as root; then for each INSERT its rows."""
    parts = urlsplit(url)
    connection = await asyncmy.connect(
        host=parts.hostname, port=parts.port, user="root", charset="utf8mb4", autocommit=True,
        init_command="SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES'",
    )  # fmt: skip
    try:
        async with connection.cursor() as cursor:
            for text in texts:
                await cursor.execute(text)
            for text, some in (rows or {}).items():
                if some:
                    await cursor.executemany(text, [[_clock(each) for each in row] for row in some])
    finally:
        connection.close()


def _clock(value: Any) -> Any:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


async def lay_tables(
    url: str, tables: Iterable[Table], rows: Mapping[str, Sequence[Mapping[str, Any]]], schema: str = "shop"
) -> None:
    """The database anew with these tables; keys are numbered where a row has none."""
    texts = [f"DROP DATABASE IF EXISTS {schema}", f"CREATE DATABASE {schema}"]
    inserts: dict[str, list[list[Any]]] = {}
    for table in tables:
        columns = ", ".join(f"`{name}` {engine_type(column.type, 'mariadb')} NULL" for name, column in table.columns.items())
        texts.append(f"CREATE TABLE {schema}.`{table.name}` ({columns})")
        marks = ", ".join("%s" for _ in table.columns)
        key = table.primary_key[0]
        inserts[f"INSERT INTO {schema}.`{table.name}` VALUES ({marks})"] = [
            [{key: number, **row}.get(name) for name in table.columns] for number, row in enumerate(rows.get(table.name, ()))
        ]
    await statements(url, *texts, rows=inserts)

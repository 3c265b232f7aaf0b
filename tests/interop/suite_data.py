"""The tables of MetricFlow's own integration suite, read from a copy of its repository, in both engines."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import yaml

SCHEMA = "mf"
_AT_ONCE = 500
FIXTURES = "tests_metricflow/fixtures/source_table_snapshots"
_TYPES = {"TIME": "TIMESTAMP", "STRING": "VARCHAR", "FLOAT": "DOUBLE PRECISION", "INT": "BIGINT", "BOOLEAN": "BOOLEAN"}


@dataclass(frozen=True)
class Snapshot:
    name: str
    columns: tuple[tuple[str, str], ...]
    """(name, type in SQL)"""
    rows: list[list[str | None]]

    def statements(self) -> tuple[str, str]:
        """Makes the table; and fills it, a text to be cast for each value."""
        listed = ", ".join(f"{name} {kind}" for name, kind in self.columns)
        marks = ", ".join(f"CAST(${at} AS {kind})" for at, (_, kind) in enumerate(self.columns, 1))
        return f"CREATE TABLE {SCHEMA}.{self.name} ({listed})", f"INSERT INTO {SCHEMA}.{self.name} VALUES ({marks})"


def snapshots(root: Path) -> list[Snapshot]:
    found = [yaml.safe_load(path.read_text())["table_snapshot"] for path in sorted((root / FIXTURES).rglob("*.yaml"))]
    return [
        Snapshot(
            each["table_name"], tuple((column["name"], _TYPES[column["type"]]) for column in each["column_definitions"]),
            [[None if cell is None else str(cell) for cell in row] for row in each["rows"]],
        )
        for each in found
    ]  # fmt: skip


def fill_duckdb(file: Path, tables: list[Snapshot]) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        for each in tables:
            connection.execute(each.statements()[0])
            # Many rows a statement: one by one the tables of days alone would take a minute.
            for at in range(0, len(each.rows), _AT_ONCE):
                rows = each.rows[at : at + _AT_ONCE]
                values = ", ".join("(" + ", ".join(f"CAST(? AS {kind})" for _, kind in each.columns) + ")" for _ in rows)
                cells = [cell for row in rows for cell in row]
                connection.execute(f"INSERT INTO {SCHEMA}.{each.name} VALUES {values}", cells)


async def fill_postgres(url: str, tables: list[Snapshot]) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"CREATE SCHEMA {SCHEMA}")
        for each in tables:
            make, fill = each.statements()
            await connection.execute(make)
            as_texts = fill.replace("CAST($", "CAST(CAST($").replace(" AS ", " AS text) AS ", -1) if each.rows else ""
            await connection.executemany(as_texts, each.rows) if each.rows else None
    finally:
        await connection.close()


def rows_of_duckdb(file: Path, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """(columns, rows) of a query that the suite holds to be right."""
    with duckdb.connect(str(file), read_only=True) as connection:
        found = connection.execute(sql)
        return [each[0] for each in found.description], found.fetchall()


async def rows_of_postgres(url: str, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    connection = await asyncpg.connect(url)
    try:
        statement = await connection.prepare(sql)
        return [each.name for each in statement.get_attributes()], [tuple(row.values()) for row in await statement.fetch()]
    finally:
        await connection.close()

"""Tables of a database that others made, read from its files into PostgreSQL and DuckDB with the types declared for them."""

import csv
import io
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import duckdb

NOTHING = r"\N"
"""Stands for NULL in the files between."""


def rows_of(folder: Path, source: str, columns: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    """The rows of `northwind.sqlite#Order Details`, `flights.csv` or `orders.parquet`, by expressions over its columns."""
    file, _, table = source.partition("#")
    listed = ", ".join(columns.values())
    if table:
        with sqlite3.connect(folder / file) as connection:
            yield from connection.execute(f'SELECT {listed} FROM "{table}"')
        return
    read = f"read_parquet('{folder / file}')" if file.endswith(".parquet") else f"read_csv('{folder / file}', nullstr='NA')"
    with duckdb.connect() as connection:
        yield from connection.execute(f"SELECT {listed} FROM {read}").fetchall()


async def fill(folder: Path, tables: dict[str, Any], schema: str, lake: Path, postgres: str, work: Path) -> None:
    """Each table in both engines, with its keys."""
    server = await asyncpg.connect(postgres)
    try:
        with duckdb.connect(str(lake)) as connection:
            connection.execute(f"CREATE SCHEMA {schema}")
            await server.execute(f"CREATE SCHEMA {schema}")
            for name, table in tables.items():
                types = {column: said.partition(" = ")[0] for column, said in table["columns"].items()}
                read = {column: said.partition(" = ")[2] or column for column, said in table["columns"].items()}
                made = ", ".join([*(f"{column} {kind}" for column, kind in types.items()), *table.get("keys", [])])
                file = work / f"{name}.csv"
                with file.open("w", newline="") as opened:
                    opened.writelines(_line(row) for row in rows_of(folder, table["source"], read))
                connection.execute(f"CREATE TABLE {schema}.{name} ({made})")
                await server.execute(f"CREATE TABLE {schema}.{name} ({made})")
                connection.execute(
                    f"COPY {schema}.{name} FROM '{file}' (NULLSTR '{NOTHING}', HEADER false, QUOTE '\"', ESCAPE '\"')"
                )
                await server.copy_to_table(name, schema_name=schema, source=file, format="csv", null=NOTHING)
    finally:
        await server.close()


def _line(row: tuple[Any, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([NOTHING if each is None else each for each in row])
    return text.getvalue()

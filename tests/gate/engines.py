"""Real engines with the test dictionary's tables in them, and more tables and columns than the dictionary knows.

`everything` holds all columns, a table `hr.salaries` and a column `secret` in each table that the dictionary does not
have. `allowed` holds the dictionary's columns without personal data: what runs there and gives the same rows
has touched nothing else.
"""

import asyncio
import datetime
import json
import os
import random
import shutil
import tempfile
import uuid
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import duckdb

from assay.catalog.dictionary import Dictionary, Table
from assay.catalog.types import engine_type
from assay.store.embedded import EmbeddedPostgres

Rows = list[tuple[Any, ...]]
_START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
_WORDS = {
    "region": ["West", "South", "East", "North"], "channel": ["web", "phone", "app-ios"],
    "status": ["open", "approved", "denied"], "segment": ["home", "business"], "result": ["fixed", "failed"],
    "category": ["Phone", "Tablet"], "brand": ["Acme", "Bolt"],
    "city": ["Rome", "Oslo", "Lima"], "weather": ["sun", "rain"],
}  # fmt: skip
_COUNTS = {
    "product": 5,
    "store": 4,
    "ev_customer": 10,
    "ev_claim": 40,
    "ev_repair": 20,
    "ev_survey": 20,
    "store_day": 24,
    "store_plan": 24,
}
_KEYS = {
    "product_id": ("p", 5),
    "store_id": ("s", 4),
    "customer_id": ("c", 10),
    "claim_id": ("k", 40),
    "repair_id": ("r", 20),
    "survey_id": ("v", 20),
}


def rows_of(table: Table) -> list[dict[str, object]]:
    """The same rows every time; the own key counts up, foreign keys point at rows that exist."""
    chance = random.Random(table.qualified)
    rows: list[dict[str, object]] = []
    for number in range(_COUNTS[table.name]):
        row: dict[str, object] = {}
        for name, column in table.columns.items():
            row[name] = _value(table, name, column.type.kind, column.nullable, number, chance)
        rows.append(row)
    return rows


def _value(table: Table, name: str, kind: str, is_nullable: bool, number: int, chance: random.Random) -> object:
    if table.name in ("store_day", "store_plan") and name in ("store_id", "day_date", "plan_date"):
        return f"s{number % 4}" if name == "store_id" else (_START + datetime.timedelta(days=number // 4)).date()
    if is_nullable and chance.random() < 0.2:
        return None
    if name in _KEYS:
        mark, count = _KEYS[name]
        return f"{mark}{number if table.primary_key == (name,) else chance.randrange(count)}"
    if name in _WORDS:
        return chance.choice(_WORDS[name])
    moment = _START + datetime.timedelta(minutes=chance.randrange(90 * 24 * 60))
    return {
        "string": f"{name} {number}", "integer": chance.randrange(1, 90), "boolean": chance.random() < 0.5,
        "decimal": Decimal(chance.randrange(1, 50_000)) / 100, "double": chance.randrange(1000) / 1000,
        "date": moment.date(), "timestamp": moment,
    }[kind]  # fmt: skip


def statements(dictionary: Dictionary, driver: str, *, allowed_only: bool) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    """DDL and the rows that go with it."""
    for schema in sorted({table.schema for table in dictionary.tables.values()} | (set() if allowed_only else {"hr"})):
        yield f"CREATE SCHEMA {schema}", []
    for table in dictionary.tables.values():
        kept = [column for column in table.columns.values() if not (allowed_only and column.pii)]
        columns = [f"{column.name} {engine_type(column.type, driver)}" for column in kept]
        if not allowed_only:
            columns.append(f"secret {engine_type(table.columns[kept[0].name].type, driver)} DEFAULT 'hidden'")
        yield f"CREATE TABLE {table.qualified} ({', '.join(columns)})", []
        names = ", ".join(column.name for column in kept)
        marks = ", ".join(f"${place}" for place in range(1, len(kept) + 1))
        rows = [tuple(row[column.name] for column in kept) for row in rows_of(table)]
        yield f"INSERT INTO {table.qualified} ({names}) VALUES ({marks})", rows
    if not allowed_only:
        yield "CREATE TABLE hr.salaries (id INTEGER, name TEXT, pay INTEGER)", []
        yield "INSERT INTO hr.salaries VALUES (1, 'Jane', 100)", []


def open_duckdb(dictionary: Dictionary, *, allowed_only: bool) -> duckdb.DuckDBPyConnection:
    """In memory, locked down as Assay locks it down."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'; SET threads = 1")
    for sql, rows in statements(dictionary, "duckdb", allowed_only=allowed_only):
        if rows:
            connection.executemany(sql, rows)
        else:
            connection.execute(sql)
    connection.execute("SET search_path = 'sales,ref'")
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    return connection


class Postgres:
    """A PostgreSQL database, spoken to synchronously. `run` always ends in a rollback."""

    def __init__(self, url: str, dictionary: Dictionary) -> None:
        self._loop = asyncio.new_event_loop()
        self._connection: asyncpg.Connection[asyncpg.Record] = self._wait(asyncpg.connect(url))
        for sql, rows in statements(dictionary, "postgres", allowed_only=False):
            self._wait(self._connection.executemany(sql, rows) if rows else self._connection.execute(sql))
        self._wait(self._connection.execute("SET TIME ZONE 'UTC'; SET search_path = sales, ref"))
        self._make_reader(dictionary)

    def _make_reader(self, dictionary: Dictionary) -> None:
        """A role that may read the dictionary's columns without personal data, and nothing else."""
        self.reader = f"reader_{uuid.uuid4().hex[:8]}"
        self._wait(self._connection.execute(f"CREATE ROLE {self.reader}"))
        for schema in {table.schema for table in dictionary.tables.values()}:
            self._wait(self._connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO {self.reader}"))
        for table in dictionary.tables.values():
            columns = ", ".join(column.name for column in table.columns.values() if not column.pii)
            self._wait(self._connection.execute(f"GRANT SELECT ({columns}) ON {table.qualified} TO {self.reader}"))

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(work)

    def run(self, sql: str, parameters: list[object], *, as_reader: bool, read_only: bool = False) -> Rows:
        async def inside() -> Rows:
            transaction = self._connection.transaction(readonly=read_only)
            await transaction.start()
            try:
                await self._connection.execute("SET LOCAL statement_timeout = '5s'")
                if as_reader:
                    await self._connection.execute(f"SET LOCAL ROLE {self.reader}")
                return [tuple(record) for record in await self._connection.fetch(sql, *parameters)]
            finally:
                await transaction.rollback()

        return self._wait(inside())

    def outcome(self, sql: str) -> str:
        """`ran`, `denied` where the reader's rights end, `writes` where a read-only transaction does, else `disliked`."""
        try:
            self.run(sql, [], as_reader=True, read_only=True)
        except asyncpg.InsufficientPrivilegeError:
            return "denied"
        except asyncpg.ReadOnlySQLTransactionError:
            return "writes"
        except asyncpg.PostgresError:
            return "disliked"
        return "ran"

    def relations(self, sql: str) -> set[str]:
        """The tables of the plan; none where the engine does not like the statement."""
        try:
            rows = self.run(f"EXPLAIN (FORMAT JSON, VERBOSE) {sql}", [], as_reader=False)
        except asyncpg.PostgresError:
            return set()
        return set(_relations(json.loads(rows[0][0])))

    def close(self) -> None:
        for table in ("sales", "ref", "hr"):
            self._wait(self._connection.execute(f"DROP SCHEMA {table} CASCADE"))
        self._wait(self._connection.execute(f"DROP OWNED BY {self.reader}; DROP ROLE {self.reader}"))
        self._wait(self._connection.close())
        self._loop.close()


def _relations(plan: Any) -> Iterator[str]:
    if isinstance(plan, list):
        for part in plan:
            yield from _relations(part)
    elif isinstance(plan, dict):
        if "Relation Name" in plan:
            yield f"{plan['Schema']}.{plan['Relation Name']}"
        for part in plan.values():
            yield from _relations(part)


@contextmanager
def open_postgres(dictionary: Dictionary) -> Iterator[Postgres]:
    """On the run's own server where there is one, else on one of our own."""
    shared = os.environ.get("ASSAY_TEST_URL")
    home = Path(tempfile.mkdtemp(prefix="assay-gate-"))
    home.chmod(0o755)
    server = None if shared else EmbeddedPostgres(home)
    try:
        if server is not None:
            server.start()
            base = server.url.rsplit("/", 1)[0]
        else:
            base = str(shared)
        name = f"gate_{uuid.uuid4().hex[:12]}"
        asyncio.run(_admin(f"{base}/assay", f"CREATE DATABASE {name}"))
        postgres = Postgres(f"{base}/{name}", dictionary)
        try:
            yield postgres
        finally:
            postgres.close()
            asyncio.run(_admin(f"{base}/assay", f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(home, ignore_errors=True)


async def _admin(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()

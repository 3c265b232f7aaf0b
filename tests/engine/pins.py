"""The engines with a few small tables in them, made for the pinned meanings."""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
from tests.conftest import empty_database
from tests.engine.table import ANSWERED, Told
from tests.unit.small import NOW, write_shop

from assay.answers.answer import wire_cell
from assay.backends.protocol import Backend
from assay.catalog.binder import Binder
from assay.catalog.row_filter import read_row_filter
from assay.catalog.types import engine_type
from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.question import Asked, Question, resolve_question
from assay.compiler.statement import compile_question
from assay.engine import Dialect
from assay.engines.duckdb.driver import DuckDBBackend
from assay.engines.postgres.driver import PostgresBackend
from assay.gate import Policy
from assay.people.scope import EVERYTHING, Grant, Scope

TABLES = {
    "fact": "fact_id int, label string?, amount decimal(18,2)?, items int?, big bigint?, wide decimal(38,0)?,"
    " weight double?, is_good boolean?, at timestamp?, wall timestamp_ntz?, day date?",
    "event": "event_id int, fact_id int?, label string?, score decimal(9,3)?, at timestamp?",
}
JOINS = ("event.fact_id fact.fact_id",)
Record = dict[str, object]


def on(day: str, whose: int | None, amount: int | None, label: str | None = "a", **more: object) -> Record:
    """A row of `fact` at noon of a day: an amount, and in `items` whose it is."""
    at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    return {"day": date.fromisoformat(day), "at": at, "items": whose, "amount": amount, "label": label, **more}


@dataclass
class Pins:
    """Asks the engines the same and gives the one answer."""

    root: Path
    url: str
    postgres: PostgresBackend
    tables: dict[str, str] = field(default_factory=lambda: TABLES)
    joins: tuple[str, ...] = JOINS
    duckdb: DuckDBBackend | None = None
    calendar: str = ""
    """What assay.yaml says of it, in YAML."""
    only: tuple[Backend, Dialect] | None = None
    """The one engine that is asked, where their last digits may differ."""
    heard: Told = field(default_factory=Told)
    """What is held against the page about engines when the tests are over."""
    _read: tuple[tuple[str, str, str], Workspace] | None = None
    """What was read last, and of which words: most tests ask one metric many questions."""

    async def fill(self, **tables: list[Record]) -> None:
        """Replaces the rows of every table; keys are numbered, and what a row leaves out is NULL."""
        workspace = self.workspace("metrics: []\n")
        connection = await asyncpg.connect(self.url)
        # A file of its own each time: DuckDB keeps one database for each path that is open.
        file = self.root / f"{uuid.uuid4().hex}.duckdb"
        lake = duckdb.connect(str(file))
        lake.execute("SET TimeZone = 'UTC'; CREATE SCHEMA shop")
        await connection.execute("DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop")
        for table in workspace.dictionary.tables.values():
            names = list(table.columns)
            key = table.primary_key[0]
            rows = [
                [{key: number, **row}.get(name) for name in names] for number, row in enumerate(tables.get(table.name, []))
            ]
            for driver in ("postgres", "duckdb"):
                columns = ", ".join(f'"{name}" {engine_type(column.type, driver)}' for name, column in table.columns.items())
                named = f'{table.schema}."{table.name}"'
                statement = f"CREATE TABLE {named} ({columns})"
                await connection.execute(statement) if driver == "postgres" else lake.execute(statement)
            if rows:
                marks = ", ".join(f"${number}" for number in range(1, len(names) + 1))
                insert = f"INSERT INTO {named} VALUES ({marks})"
                await connection.executemany(insert, rows)
                lake.executemany(insert, rows)
        lake.close()
        await connection.close()
        await self.close_lake()
        self.duckdb = DuckDBBackend("lake", file)

    async def close_lake(self) -> None:
        if self.duckdb is not None:
            await self.duckdb.close()

    def workspace(self, metrics: str, zone: str = "Europe/Berlin") -> Workspace:
        words = metrics, zone, self.calendar
        if self._read is not None and self._read[0] == words:
            return self._read[1]
        loaded = load_workspace(
            write_shop(
                self.root, metrics=metrics, zone=zone, tables=self.tables, joins=self.joins, calendar=self.calendar
            ), {},
        )  # fmt: skip
        assert not loaded.findings, [str(each) for each in loaded.findings]
        self._read = words, loaded
        return loaded

    async def value(self, measure: str, **more: object) -> Any:
        """The total of one measure over `fact`; `more` are further fields of the metric."""
        (row,) = await self.rows({"m": {"measure": measure, **more}})
        return row[0]

    async def rows(
        self, metrics: dict[str, dict[str, object]], *, now: datetime = NOW, zone: str = "Europe/Berlin",
        seen: dict[str, str] | None = None, names: tuple[str, ...] = (), **asked: object
    ) -> list[list[Any]]:  # fmt: skip
        """Rows as they travel, the same from every engine. `seen`: the rows that the asker may see, by table.

        `names`: what is asked, where it is not these metrics themselves.
        """
        entries = [
            {"id": name, "label": name, "definition": name, "owner": "me", "refresh_seconds": 1,
             **({} if fields.keys() & {"expression", "conversion", "retention"} else {"entity": "fact"}), **fields}
            for name, fields in metrics.items()
        ]  # fmt: skip
        listed = "".join(
            f"  - {{{', '.join(f'{key}: {_yaml(value)}' for key, value in entry.items())}}}\n" for entry in entries
        )
        workspace = self.workspace("metrics:\n" + listed, zone)
        question = resolve_question(
            names or tuple(metrics), Asked.model_validate(asked), workspace, now, seen_by(workspace, seen)
        )
        policy = Policy.from_dictionary(workspace.dictionary)
        engines = [self.only] if self.only else self.engines()
        first, *others = [await told(question, policy, *each) for each in engines]
        for each in others:
            assert each == first
        self.heard.note([dialect for _, dialect in engines], ANSWERED)
        return first

    def engines(self) -> list[tuple[Backend, Dialect]]:
        """Whom to ask, and in which dialect."""
        assert self.duckdb is not None, "fill the tables first"
        return [(self.postgres, "postgres"), (self.duckdb, "duckdb")]


def seen_by(workspace: Workspace, seen: dict[str, str] | None) -> Scope:
    if seen is None:
        return EVERYTHING
    binder = Binder(workspace.dictionary)
    tables = {table: binder.entity(table) for table in seen}
    rows = {each.qualified: (read_row_filter(seen[name], binder, each),) for name, each in tables.items()}
    return Scope(1, (Grant(("*",), rows),))


async def told(question: Question, policy: Policy, backend: Backend, dialect: Dialect) -> list[list[Any]]:
    """One engine's rows as they travel."""
    statement = compile_question(question, dialect, policy)
    found = await backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 120)
    return [[wire_cell(value, column) for value, column in zip(row, statement.columns, strict=True)] for row in found.rows]


def _yaml(value: object) -> str:
    if isinstance(value, str) and "\n" in value:
        return json.dumps(value)
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    return str(value)


@asynccontextmanager
async def open_pins(folder: Path, tables: dict[str, str] = TABLES, joins: tuple[str, ...] = JOINS) -> AsyncIterator[Pins]:
    async with empty_database() as url:
        pins = Pins(folder, url, PostgresBackend("postgres", url, counted=False), tables, joins)
        try:
            yield pins
            assert pins.heard.contradicts() == []
        finally:
            await pins.postgres.close()
            await pins.close_lake()

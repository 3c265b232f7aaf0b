"""Fills the demo's tables, in the engines themselves: DDL from the dictionary, rows from the generators.

The same plan gives the same rows on every engine. Nothing here draws at random or looks at the clock.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import duckdb
from sqlglot import exp

from assay.catalog import ddl
from assay.catalog.dictionary import Dictionary, Table
from assay.catalog.findings import Finding, nearest
from assay.demo import cast, claims, figures, operations, people, reference, support, surveys
from assay.demo.portable import for_engine, parse
from assay.demo.scene import Scene, slots
from assay.demo.timeline import DAY_US, Timeline

Tell = Callable[[str, int, int], None]
"""(what was done, how many steps are done, of how many)"""
MOST_CLAIMS = 50_000_000


@dataclass(frozen=True)
class Plan:
    """What to seed. The same plan gives the same rows, on whichever engine."""

    dictionary: Dictionary
    anchor: datetime
    """The present, aware: the figures at rest hold from here to the end of the day."""
    timezone: str
    claims: int | None
    """About how many claims; None for the default of 150 to 250 thousand. Further ones lie in earlier years."""

    def __post_init__(self) -> None:
        if self.anchor.tzinfo is None:
            raise ValueError("the anchor needs a time zone")
        if self.claims is not None and not 0 < self.claims <= MOST_CLAIMS:
            raise ValueError(f"between 1 and {MOST_CLAIMS:,} claims can be made")

    def scene(self) -> Scene:
        return Scene(Timeline(self.anchor.astimezone(UTC), self.timezone), self.claims)


Generator = Callable[[Scene], Iterator[str]]


def _today(scene: Scene) -> int:
    return scene.edge // DAY_US


def _claims(scene: Scene) -> Iterator[str]:
    yield from (claims.claims(scene, batch) for batch in claims.batches(scene))
    yield cast.earlier_claim(scene)
    yield cast.claim(scene)


def _repairs(scene: Scene) -> Iterator[str]:
    yield from (claims.repairs(scene, batch) for batch in claims.batches(scene))
    yield cast.repair(scene)


def _centers(scene: Scene) -> Iterator[str]:
    yield reference.centers(_today(scene), figures.CENTERS, slots("a"))
    yield cast.center(scene)


def _several(*parts: Callable[[Scene], str]) -> Generator:
    return lambda scene: (part(scene) for part in parts)


_NOTHING: Generator = _several()

GENERATORS: dict[str, Generator] = {
    "ref_state": lambda scene: iter([reference.states()]),
    "ref_partner": lambda scene: iter([reference.partners(_today(scene))]),
    "ev_product_catalog": lambda scene: iter([reference.products(_today(scene), scene.timeline.today.year)]),
    "ev_coverage_plan": lambda scene: iter([reference.plans(_today(scene))]),
    "ev_customer": _several(people.customers, cast.customer),
    "ev_device": _several(people.devices, cast.device),
    "ev_coverage": _several(people.coverages, cast.coverage),
    "ev_claim": _claims,
    "ev_issue_session": _several(support.sessions, cast.session),
    "ev_repair_center": _centers,
    "ev_repair_order": _repairs,
    "ev_survey_response": _several(surveys.surveys),
    "ops_part_stock": _several(operations.stock, cast.stock),
    "ops_repair_slot": _several(operations.repair_slots, cast.slots),
    "ops_recommendation": _several(operations.recommendations),
    "ops_alert": _several(operations.alerts),
}
"""By bare table name. A table of the dictionary that stands not here is created and stays empty."""


def statements(plan: Plan, driver: str, backend_name: str) -> Iterator[tuple[str, str]]:
    """(what it does in words, SQL), in order: drop and create, fill, index and analyze."""
    tables = tables_of(plan, backend_name)
    scene = plan.scene()
    for schema in dict.fromkeys(table.schema for table in tables):
        yield f"create schema {schema}", ddl.create_schema(schema, driver)
    for table in tables:
        yield f"drop {table.name}", ddl.drop_table(table, driver)
        yield f"create {table.name}", ddl.create_table(table, driver)
    for table in tables:
        for statement in fill(table, scene, driver):
            yield f"fill {table.name}", statement
    if driver == "postgres":
        for table in tables:
            for _, statement in ddl.create_indexes(table, plan.dictionary):
                yield f"index {table.name}", statement
        for table in tables:
            yield f"analyze {table.name}", f"ANALYZE {ddl.name_of(table).sql('postgres')}"


def fill(table: Table, scene: Scene, driver: str) -> Iterator[str]:
    """The statements that fill one table; none for a table that stays empty."""
    for query in GENERATORS.get(table.name, _NOTHING)(scene):
        yield _insert(table, query, driver)


def unfilled_columns(dictionary: Dictionary) -> list[Finding]:
    """Columns that the dictionary has and no generator fills: renamed in the one and not in the other, say."""
    scene = Plan(dictionary, datetime(2026, 1, 15, 12, tzinfo=UTC), "UTC", 1).scene()
    found: list[Finding] = []
    for table in dictionary.tables.values():
        made = next(GENERATORS.get(table.name, _NOTHING)(scene), None)
        names = set(parse(made).named_selects) if made else set(table.columns)
        left_over = names - set(table.columns)
        for column in table.columns.values():
            # A column that may be empty and that nothing was meant for is left for the closed loop to fill.
            if column.name not in names and (left_over or not column.nullable):
                message = f"{table.qualified}.{column.name}: the generated data has no such column"
                hint = nearest(column.name, left_over) or "name it as src/assay/demo generates it"
                found.append(Finding("data-dictionary/column_dictionary.csv", column.line, message, hint))
    return found


def tables_of(plan: Plan, backend_name: str) -> list[Table]:
    """The tables that lie in the backend, parents before children."""
    found = [table for table in plan.dictionary.tables.values() if table.lies_in(backend_name)]
    return sorted(found, key=lambda table: (table.generation_order or len(found), table.name))


def _insert(table: Table, query: str, driver: str) -> str:
    """INSERT of the columns that the dictionary has; what the generator knows beyond them is left out."""
    tree = for_engine(parse(query), driver)
    known = [name for name in tree.named_selects if name in table.columns]
    if len(known) < len(tree.named_selects):
        tree = exp.select(*(exp.column(name) for name in known)).from_(tree.subquery("made"))
    into = exp.Schema(this=ddl.name_of(table), expressions=[exp.to_identifier(name, quoted=True) for name in known])
    return exp.Insert(this=into, expression=tree).sql(driver, copy=False)


async def seed_postgres(connection: asyncpg.Connection, plan: Plan, backend_name: str, tell: Tell) -> None:
    """Replace the backend's tables in one transaction: all or nothing.

    Dropping a table drops its triggers and grants too. A caller who needs them back at the same instant opens the
    transaction, calls this, and sets them up before committing; VACUUM is then left to the server.
    """
    is_own = not connection.is_in_transaction()
    steps = list(statements(plan, "postgres", backend_name))
    async with connection.transaction():
        # Generous for the time of loading only, and never cut off halfway by a timeout meant for questions.
        for setting in ("statement_timeout = 0", "work_mem = '96MB'", "maintenance_work_mem = '192MB'", "jit = off"):
            await connection.execute(f"SET LOCAL {setting}")
        for done, (label, sql) in enumerate(steps):
            tell(label, done, len(steps))
            await connection.execute(sql, timeout=None)
    if is_own:
        # Marks the pages as visible to all, so that counts can be read off the indexes alone.
        for table in tables_of(plan, backend_name):
            await connection.execute(f"VACUUM {ddl.name_of(table).sql('postgres')}", timeout=None)
    tell("done", len(steps), len(steps))


def seed_duckdb(path: Path, plan: Plan, backend_name: str, tell: Tell) -> None:
    """Write a new file beside `path` and put it in its place in one step."""
    steps = list(statements(plan, "duckdb", backend_name))

    def fill_all(connection: duckdb.DuckDBPyConnection) -> None:
        for done, (label, sql) in enumerate(steps):
            tell(label, done, len(steps))
            connection.execute(sql)

    publish_lakehouse(path, plan.anchor, fill_all)
    tell("done", len(steps), len(steps))


def publish_lakehouse(path: Path, anchor: datetime, load: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
    """A new file, filled by `load`, in the place of the old one.

    Whoever has the old file open keeps reading it, whole, until they open the new one.
    """
    loading = path.with_suffix(".loading")
    _remove(loading)
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(str(loading))
    try:
        load(connection)
        loaded = datetime.now(UTC)
        connection.execute("CREATE SCHEMA assay_meta")
        connection.execute("CREATE TABLE assay_meta.load (version BIGINT, anchor TIMESTAMPTZ, loaded_at TIMESTAMPTZ)")
        # Microseconds since 1970: it rises with every load without anyone having to read the file before.
        version = int(loaded.timestamp() * 1_000_000)
        connection.execute("INSERT INTO assay_meta.load VALUES (?, ?, ?)", [version, anchor, loaded])
        connection.execute("CHECKPOINT")
    except BaseException:
        connection.close()
        _remove(loading)
        raise
    connection.close()
    os.replace(loading, path)


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.with_name(file.name + ".wal").unlink(missing_ok=True)

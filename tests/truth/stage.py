"""A world put onto the engines: a workspace, its tables on PostgreSQL and DuckDB, and an Assay that serves both.

Every metric is defined once for each engine: `postgres_m0`, `duckdb_m0`. A MariaDB joins them where one is given.
"""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import httpx

from assay.backends.registry import Surroundings
from assay.catalog.workspace import load_workspace
from assay.live.running import start_running
from assay.settings import Settings
from assay.signing.ring import Ring
from assay.store.database import Database
from assay.web.app import create_app
from tests.mariadb.filled import statements
from tests.truth.world import (
    CALCULATED,
    JOINS,
    OWN_TYPES,
    ROLES,
    SEGMENTS,
    TABLES,
    AtStart,
    Follows,
    Measure,
    Metric,
    Part,
    Returns,
    World,
    columns_of,
    physical_type,
)
from tests.unit.small import write_shop

ENGINES: tuple[str, ...] = ("postgres", "duckdb")
_ASSAY = """\
name: truth
label: Truth
timezone: {zone}
backends:
  postgres: {{driver: postgres, url: "embedded"}}
  duckdb: {{driver: duckdb, path: {lake}}}
"""
_MARIADB = "  mariadb: {{driver: mariadb, url: '{url}'}}\n"


@asynccontextmanager
async def open_stage(
    server: str, folder: Path, world: World, mariadb: str | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """`server` is the address of a PostgreSQL without a database's name; the database of the stage is dropped at the end.

    `mariadb`: the address of a server whose database `shop` is made anew.
    """
    name = f"truth_{uuid.uuid4().hex[:12]}"
    await _run(f"{server}/assay", f"CREATE DATABASE {name} TEMPLATE template0")
    url = f"{server}/{name}"
    try:
        root = write_workspace(folder / "workspace", world, folder / "lake.duckdb", mariadb)
        await fill_postgres(url, world)
        fill_duckdb(folder / "lake.duckdb", world)
        if mariadb:
            await fill_mariadb(mariadb, world)
        database = Database(url)
        await database.migrate()
        known = load_workspace(root, {}).dictionary.tables
        tables = {f"shop.{table}": known[f"shop.{table}"].impersonal for table in TABLES}
        await database.watch_tables(tables)
        reader = await database.grant_reader(tables, "reader-of-the-truth", is_ours=True)
        around = Surroundings(url, reader, folder)
        running = await start_running(root, database, around, Ring(["key-of-the-truth"]), lambda: world.now)
        try:
            assert not running.findings, [str(each) for each in running.findings]
            settings = Settings(root, folder, "127.0.0.1", 8400, url, None)
            transport = httpx.ASGITransport(create_app(settings, running))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400", timeout=30) as client:
                yield client
        finally:
            await running.close()
    finally:
        await _run(f"{server}/assay", f"DROP DATABASE {name} WITH (FORCE)")


async def _run(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


# -- the workspace ----------------------------------------------------------------------------------


def write_workspace(root: Path, world: World, lake: Path, mariadb: str | None = None) -> Path:
    engines = (*ENGINES, "mariadb") if mariadb else ENGINES
    entries = [each for metric in world.metrics for engine in engines for each in entries_of(metric, engine)]
    write_shop(
        root,
        metrics="metrics:\n" + "".join(f"  - {each}\n" for each in entries),
        zone=world.zone.key,
        tables=TABLES,
        joins=JOINS,
    )
    (root / "entities").mkdir()
    (root / "entities" / "shop.yaml").write_text(_entities())
    dictionary = root / "data-dictionary" / "column_dictionary.csv"
    head, *lines = dictionary.read_text().splitlines()
    listed = [f"{line},{OWN_TYPES.get(line.split(',')[2], '')}\n" for line in lines]
    dictionary.write_text(f"{head},types\n" + "".join(listed))
    assay = _ASSAY.format(zone=world.zone.key, lake=lake)
    assay += _MARIADB.format(url=mariadb) if mariadb else ""
    (root / "assay.yaml").write_text(f"{assay}calendar: {world.calendar.written}\n")
    (root / "calendars").mkdir()
    (root / "calendars" / "season.csv").write_text(world.calendar.seasons)
    ids = [each.split(",")[0].removeprefix("{id: ") for each in entries]
    lines = [f"  {each}: {{backend: {each.split('_')[0]}}}\n" for each in ids]
    (root / "config" / "metric_routing.yaml").write_text("metrics:\n" + "".join(lines))
    return root


def entries_of(metric: Metric, engine: str) -> list[str]:
    """The metric as the catalog writes it; a difference of two is a metric of its own over those two."""
    name = f"{engine}_{metric.name}"
    head = "label: L, definition: D, owner: truth, refresh_seconds: 1"
    if (follows := metric.parts[0].follows) and metric.form in ("simple", "ratio"):
        return _conversion(name, head, metric.parts[0], follows, metric)
    if (returns := metric.parts[0].returns) and metric.form in ("simple", "ratio"):
        return _retention(name, head, metric.parts[0], returns, metric)
    if metric.form in ("difference", "quotient"):
        parts = [
            each for number, part in enumerate(metric.parts)
            for each in (
                _conversion(f"{name}_{number}", head, part, part.follows, metric) if part.follows
                else _retention(f"{name}_{number}", head, part, part.returns, metric) if part.returns
                else [_entry(f"{name}_{number}", head, part, metric)]
            )
        ]  # fmt: skip
        sign = "-" if metric.form == "difference" else "/"
        inputs = f"inputs: {{a: {_input(f'{name}_0', metric.parts[0])}, b: {_input(f'{name}_1', metric.parts[1])}}}"
        return [*parts, f"{{id: {name}, {head}, expression: a {sign} b, {inputs}}}"]
    if metric.form == "ratio":
        above, below = (_formula(part) for part in metric.parts)
        return [_entry(name, head, metric.parts[0], metric, f"numerator: {{{above}}}, denominator: {{{below}}}")]
    return [_entry(name, head, metric.parts[0], metric)]


def _conversion(name: str, head: str, part: Part, follows: Follows, metric: Metric) -> list[str]:
    """The metrics that count the events, and the one that says which of them are followed."""
    counted = Measure("COUNT(*)", "integer", len)
    begun = replace(part, measure=counted, follows=None, shift=None)
    kinds = [replace(begun, table=table, condition=condition) for table, condition in follows.kinds]
    only = Metric("", (begun, begun), "simple")
    events = [_entry(f"{name}_begun", head, begun, metric)]
    events += [
        _entry(f"{name}_then{number}", head, each, only).replace(
            f"dimensions: [{', '.join(only.dimensions)}]", "dimensions: [region]")
        for number, each in enumerate(kinds)
    ]  # fmt: skip
    to = ", ".join(f"{name}_then{number}" for number in range(len(kinds)))
    meant = f"from: {name}_begun, to: [{to}], for_each: [{', '.join(follows.columns)}]"
    if follows.within:
        minutes = int(follows.within.total_seconds()) // 60
        meant += f", within: {f'{minutes // 1440} days' if minutes % 1440 == 0 else f'{minutes} minutes'}"
    unit = "days" if part.time == "day" else "seconds"
    own = f", unit: {unit}" if follows.value == "time" else ""
    unknown = ", empty: unknown" if metric.is_unknown_over_no_rows else ""
    return [*events, f"{{id: {name}, {head}{own}{unknown}, conversion: {{{meant}, value: {follows.value}}}}}"]


def _retention(name: str, head: str, part: Part, returns: Returns, metric: Metric) -> list[str]:
    """The metrics that count the events, and the one that says who of them comes back."""
    begun = replace(part, measure=Measure("COUNT(*)", "integer", len), returns=None, shift=None)
    table, condition = returns.kind
    back = _entry(
        f"{name}_back", head, replace(begun, table=table, condition=condition), Metric("", (begun, begun), "simple")
    )
    listed = f"dimensions: [{', '.join(Metric('', (begun, begun), 'simple').dimensions)}]"
    plain = replace(metric, parts=tuple(replace(each, returns=None) for each in metric.parts))
    meant = f"from: {name}_begun, to: {name}_back, for_each: [{', '.join(returns.columns)}], by: {returns.by}"
    meant += f", up_to: {returns.up_to}, value: {returns.value}"
    return [_entry(f"{name}_begun", head, begun, plain), back.replace(listed, "dimensions: [region]"),
            f"{{id: {name}, {head}, retention: {{{meant}}}}}"]  # fmt: skip


def _input(name: str, part: Part) -> str:
    """A metric as an expression takes it in."""
    shift = f", shift: {part.shift[0]} {part.shift[1]}" if part.shift else ""
    if isinstance(part.over, AtStart):
        shift = f", shift: {{to_start_of: {part.over.unit}}}"
    further = f", filter: {_quoted(part.further.text)}" if part.further else ""
    return f"{{metric: {name}{shift}{further}}}"


def _formula(part: Part) -> str:
    text = f"measure: {_quoted(part.measure.text)}"
    return f"{text}, filter: {_quoted(part.condition.text)}" if part.condition else text


def _entry(name: str, head: str, part: Part, metric: Metric, formula: str | None = None) -> str:
    if metric.is_unknown_over_no_rows:
        head += ", empty: unknown"
    if part.alive:
        when = f"alive: {{from: {part.alive[0]}, until: {part.alive[1]}}}"
    else:
        time = {"opened": "at_shop.opened", "depot_opened": "from_depot.shop.opened"}.get(part.time or "", part.time)
        when = f"window: month_to_date{f', time: {time}' if time != 'at' else ''}"
    over = part.over.over if isinstance(part.over, AtStart) else part.over
    if isinstance(over, tuple):
        when += f", over: {{trailing: {over[0]} {over[1]}}}"
    elif over:
        when += ", over: all" if over == "all" else f", over: {{since_start_of: {over}}}"
    if part.coarser != "last":
        when += f", coarser: {part.coarser}"
    if part.keep:
        side, by, columns = part.keep
        when += f", keep: {{{side}: {by}, for_each: [{', '.join(columns)}]}}"
    if part.per:
        when += f", per: [{', '.join(part.per)}]"
    dimensions = ", ".join(metric.dimensions)
    return f"{{id: {name}, {head}, entity: {part.table}, {formula or _formula(part)}, {when}, dimensions: [{dimensions}]}}"


def _entities() -> str:
    """What both tables offer: their time, sale's dimensions that are no columns of it, and segments."""
    dimensions = ["{name: city, column: shop.city, by: at_shop}", "{name: rank, column: at_shop.rank}"]
    dimensions += [f"{{name: {name}, {column}}}" for name, column in ROLES.items()]
    dimensions += ["{name: level, column: grade.level}"]
    dimensions += [f"{{name: {name}, expression: {_quoted(text)}}}" for name, (text, _) in CALCULATED.items()]
    lines = ["entities:"]
    for table, offered in (("sale", ", ".join(dimensions)), ("refund", "")):
        segments = ", ".join(f"{{name: {name}, filter: {_quoted(of[table].text)}}}" for name, of in SEGMENTS.items())
        lines.append(f"  - {{table: {table}, time: at, dimensions: [{offered}], segments: [{segments}]}}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# -- the tables -------------------------------------------------------------------------------------


def _columns(engine: str, table: str) -> str:
    first, *others = columns_of(table)
    listed = [f'"{first}" {physical_type(engine, table, first)} PRIMARY KEY']
    return ", ".join([*listed, *(f'"{name}" {physical_type(engine, table, name)}' for name in others)])


async def fill_postgres(url: str, world: World) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE SCHEMA shop")
        for table in TABLES:
            await connection.execute(f"CREATE TABLE shop.{table} ({_columns('postgres', table)})")
            records = [tuple(_as_numeric(name, value) for name, value in row.items()) for row in world.tables[table]]
            await connection.copy_records_to_table(table, schema_name="shop", records=records)
    finally:
        await connection.close()


def _as_numeric(name: str, value: Any) -> Any:
    return Decimal(repr(value)) if name == "free" and value is not None else value


def fill_duckdb(file: Path, world: World) -> None:
    lake = duckdb.connect(str(file))
    lake.execute("SET TimeZone = 'UTC'; CREATE SCHEMA shop")
    for table in TABLES:
        lake.execute(f"CREATE TABLE shop.{table} ({_columns('duckdb', table)})")
        rows = world.tables[table]
        if rows:
            marks = ", ".join("?" for _ in columns_of(table))
            lake.executemany(f"INSERT INTO shop.{table} VALUES ({marks})", [list(row.values()) for row in rows])
    lake.close()


async def fill_mariadb(url: str, world: World) -> None:
    texts = ["DROP DATABASE IF EXISTS shop", "CREATE DATABASE shop"]
    texts += [f"CREATE TABLE shop.{table} ({_columns('mariadb', table)})".replace('"', "`") for table in TABLES]
    rows = {
        f"INSERT INTO shop.{table} VALUES ({', '.join('%s' for _ in columns_of(table))})": [
            list(row.values()) for row in world.tables[table]
        ]
        for table in TABLES
    }
    await statements(url, *texts, rows=rows)

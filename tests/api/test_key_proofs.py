"""A join never counts a row twice: the keys that it relies on are proved in the data, and kept with the version."""

import asyncio
import csv
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import pytest
from tests.conftest import House, cloned_database, eventually, open_house

from assay.catalog.dictionary import HEADERS
from assay.engines.postgres.driver import PostgresBackend
from assay.live.validation import validate
from assay.routing import keys as keys_module
from assay.routing import uniqueness
from assay.store.keys import Uniqueness, find_key_proof

NOVEMBER = {"start": "2026-11-01", "end": "2026-12-01"}
ROWS = """
INSERT INTO c.ord VALUES (1, 'A1', '2026-11-03 12:00+00', 100), (2, 'A1', '2026-11-04 12:00+00', 50),
    (3, 'B2', '2026-11-05 12:00+00', 30), (4, 'B2', '2026-11-06 12:00+00', 20), (5, 'A1', '2026-11-07 12:00+00', 7),
    (6, NULL, '2026-11-08 12:00+00', 1);
INSERT INTO c.price VALUES ('A1', 'widgets'), ('B2', 'gadgets'), (NULL, 'unknown'), (NULL, 'unknown too');
"""
TABLES = (
    "CREATE SCHEMA c; CREATE TABLE c.ord (id bigint PRIMARY KEY, sku {child}, ts timestamptz, amt numeric(12, 2));"
    " CREATE TABLE c.price (sku {parent}, family text);" + ROWS
)
TWICE = "INSERT INTO c.price VALUES ('A1', 'widgets')"
ONCE = (
    "DELETE FROM c.price WHERE family = 'twice' OR (sku = 'A1' AND ctid <> (SELECT min(ctid) FROM c.price WHERE sku = 'A1'))"
)


def write_workspace(root: Path, extra: str = "") -> Path:
    content: dict[str, list[list[str]]] = {
        "table_catalog.csv": [
            ["c", "ord", "", "", "id", "", "", "", "", "4", ""], ["c", "price", "", "", "sku", "", "", "", "", "2", ""],
        ],
        "column_dictionary.csv": [
            ["c", table, name, str(number), kind, role, "yes", "", "", "", ""]
            for table, columns in {
                "ord": [("id", "bigint", "key"), ("sku", "string", "foreign_key"), ("ts", "timestamp", "timestamp"),
                        ("amt", "decimal(12,2)", "measure")],
                "price": [("sku", "string", "key"), ("family", "string", "dimension")],
            }.items() for number, (name, kind, role) in enumerate(columns, 1)
        ],
        "join_map.csv": [["ord_price", "c.ord", "sku", "c.price", "sku", "many_to_one", ""]],
        "kpi_catalog.csv": [],
    }  # fmt: skip
    (root / "data-dictionary").mkdir(parents=True)
    for name, rows in content.items():
        with (root / "data-dictionary" / name).open("w", newline="") as file:
            csv.writer(file).writerows([HEADERS[name], *rows])
    (root / "metrics").mkdir()
    one = (
        "  - {{id: {}, label: Rev, definition: sum, entity: ord, measure: SUM(amt), time: ts, window: month_to_date,"
        " owner: x, dimensions: [{{name: family, column: price.family}}]}}\n"
    )
    (root / "metrics" / "m.yaml").write_text("metrics:\n" + one.format("rev") + one.format("rev_lake"))
    (root / "config").mkdir()
    (root / "config" / "metric_routing.yaml").write_text(
        "metrics:\n  rev: {backend: postgres}\n  rev_lake: {backend: lakehouse}\n"
    )
    (root / "assay.yaml").write_text(
        "name: shop\nlabel: Shop\nbackends:\n  postgres: {driver: postgres, url: embedded}\n"
        "  lakehouse: {driver: duckdb, path: lakehouse.duckdb}\n" + extra
    )
    return root


@asynccontextmanager
async def shop(
    folder: Path, *, child: str = "text", parent: str = "text", lake_parent: str = "VARCHAR", extra: str = "",
    lake_rows: str = "",
) -> AsyncIterator[tuple[House, Callable[[str], Any]]]:  # fmt: skip
    lake = folder / "made.duckdb"
    tables = TABLES.replace(", (NULL, 'unknown'), (NULL, 'unknown too')", "") if "PRIMARY KEY" in lake_parent else TABLES
    with duckdb.connect(str(lake)) as made:
        made.execute(tables.format(child="VARCHAR", parent=lake_parent) + lake_rows)
    async with cloned_database() as url:
        connection = await asyncpg.connect(url)
        await connection.execute(TABLES.format(child=child, parent=parent))
        async with open_house(url, write_workspace(folder / "workspace", extra), lake, folder / "home") as house:
            await eventually(lambda: _answers(house))
            yield house, connection.execute
        await connection.close()


async def _answers(house: House) -> bool:
    """The reader may read the tables once they are watched."""
    return (await house.client.post("/v1/metrics/rev/data", json={"window": NOVEMBER})).status_code == 200


async def by_family(house: House, metric: str = "rev") -> dict[str, Any]:
    response = await house.client.post(f"/v1/metrics/{metric}/data", json={"window": NOVEMBER, "dimensions": ["family"]})
    return {"status": response.status_code, **response.json()}


def rows(answer: dict[str, Any]) -> dict[str, str]:
    return {str(row[0]): row[1] for row in answer["rows"]}


RIGHT = {"widgets": "157.00", "gadgets": "50.00", "None": "1.00"}


async def test_a_key_with_duplicates_refuses_its_joins_until_they_are_gone(tmp_path: Path) -> None:
    async with shop(tmp_path) as (house, write):
        answer = await by_family(house)
        assert rows(answer) == RIGHT
        assert any(each.startswith("key c.price.sku is unique (counted ") for each in answer["provenance"]["checks"])

        await write(TWICE)

        async def refused() -> dict[str, Any] | None:
            found = await by_family(house)
            return found if found["status"] == 409 else None

        problem = await eventually(refused)
        assert problem["kind"] == "key_not_unique"
        assert "c.price.sku is not unique on postgres: 1 value stands on several rows, one of them on 2" in problem["detail"]
        assert "A1" not in str(problem)
        filtered = {"window": NOVEMBER, "filters": [{"dimension": "family", "op": "eq", "values": ["widgets"]}]}
        assert (await house.client.post("/v1/metrics/rev/data", json=filtered)).status_code == 409
        total = await house.client.post("/v1/metrics/rev/data", json={"window": NOVEMBER})
        assert total.json()["rows"] == [["208.00"]]
        assert (await house.client.post("/v1/metrics/rev/rows", json=filtered)).status_code == 409
        report = await validate(house.root, {"postgres": house.running.catalog.backends["postgres"]})
        assert [each.line for each in report.findings if "price.sku is not unique" in each.message] == [3]

        await write(ONCE)

        async def mended() -> dict[str, Any] | None:
            found = await by_family(house)
            return found if found["status"] == 200 else None

        assert rows(await eventually(mended)) == RIGHT


@pytest.mark.exhaustive
async def test_a_key_that_the_database_enforces_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uniqueness, "COUNT_SECONDS", 0.0)
    async with shop(tmp_path, parent="text UNIQUE") as (house, _):
        answer = await by_family(house)
        assert rows(answer) == RIGHT
        assert any("c.price.sku is unique (the database keeps it so" in each for each in answer["provenance"]["checks"])


async def test_a_key_never_proved_refuses_or_is_said_as_the_workspace_wants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uniqueness, "COUNT_SECONDS", 0.0)
    async with shop(tmp_path) as (house, _):
        problem = await by_family(house)
        assert (problem["status"], problem["kind"]) == (409, "key_not_proved")
        assert "unproved_joins: say" in problem["mend"]
        assert (await house.client.post("/v1/metrics/rev/data", json={"window": NOVEMBER})).status_code == 200
        settings = house.root / "assay.yaml"
        settings.write_text(settings.read_text() + "unproved_joins: say\n")

        async def said() -> dict[str, Any] | None:
            found = await by_family(house)
            return found if found["status"] == 200 else None

        answer = await eventually(said)
        assert any("key c.price.sku was never proved unique" in each for each in answer["provenance"]["checks"])


async def test_the_last_proof_serves_a_new_process_until_the_data_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shop(tmp_path) as (house, write):
        assert rows(await by_family(house)) == RIGHT
        place = keys_module.place_of(house.running.catalog.workspace.backends["postgres"])
        kept = await find_key_proof(house.running.database, "postgres", place, "c.price", ("sku",))
        assert kept is not None
        assert (kept.how, kept.duplicates) == ("count", 0)
        monkeypatch.setattr(uniqueness, "COUNT_SECONDS", 0.0)
        house.running.corridor.keys = keys_module.Keys(house.running.database)
        assert rows(await by_family(house)) == RIGHT
        # It moved and cannot be counted: the last proof serves, with its date.
        await write("UPDATE c.price SET family = 'things' WHERE sku = 'A1'")

        async def moved() -> dict[str, Any] | None:
            found = await by_family(house)
            return found if "things" in rows(found) else None

        answer = await eventually(moved)
        assert any(kept.proved_at.strftime("%Y-%m-%dT%H:%M:%S") in each for each in answer["provenance"]["checks"])


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("parent", "twice"),
    [
        ("VARCHAR", "A1"),
        # DuckDB's index tells A1 from a1, its join does not.
        ("VARCHAR COLLATE NOCASE PRIMARY KEY", "a1"),
    ],
)
async def test_a_lakehouse_counts_as_its_join_compares(tmp_path: Path, parent: str, twice: str) -> None:
    more = f"INSERT INTO c.price VALUES ('{twice}', 'widgets');"
    async with shop(tmp_path, lake_parent=parent, lake_rows=more) as (house, _):
        problem = await by_family(house, "rev_lake")
        assert problem["status"] == 409
        assert "c.price.sku is not unique on lakehouse: 1 value" in problem["detail"]


@pytest.mark.exhaustive
async def test_values_that_only_the_join_takes_for_equal_are_found(tmp_path: Path) -> None:
    """A varchar key beside a char column is compared as char: the blanks at the end do not count."""
    async with shop(tmp_path, child="char(5)", parent="varchar(9) UNIQUE") as (house, write):
        assert rows(await by_family(house)) == RIGHT
        await write("INSERT INTO c.price VALUES ('A1 ', 'padded')")

        async def refused() -> dict[str, Any] | None:
            found = await by_family(house)
            return found if found["status"] == 409 else None

        assert "as the join from c.ord compares them" in (await eventually(refused))["detail"]


@pytest.mark.exhaustive
async def test_only_what_the_engine_enforces_as_a_join_compares_is_a_proof() -> None:
    async with cloned_database() as url:
        connection = await asyncpg.connect(url)
        await connection.execute("""
            CREATE SCHEMA k;
            CREATE TABLE k.whole (a int PRIMARY KEY, b text, c text, d int, UNIQUE (b, c) DEFERRABLE);
            CREATE UNIQUE INDEX ON k.whole (d) WHERE d > 0;
            CREATE UNIQUE INDEX ON k.whole (lower(c));
            CREATE INDEX ON k.whole (c);
            CREATE TABLE k.collated (a text, b text COLLATE "POSIX" UNIQUE);
            CREATE UNIQUE INDEX ON k.collated (a COLLATE "C");
            CREATE TABLE k.heirs (a int PRIMARY KEY);
            CREATE TABLE k.heir () INHERITS (k.heirs);
            CREATE TABLE k.parts (a int PRIMARY KEY) PARTITION BY RANGE (a);
            CREATE TABLE k.part PARTITION OF k.parts FOR VALUES FROM (0) TO (9);
            CREATE TABLE k.broken (a int);
            INSERT INTO k.broken VALUES (1), (1);
            CREATE VIEW k.seen AS SELECT a FROM k.whole;
        """)
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("CREATE UNIQUE INDEX CONCURRENTLY broken_a ON k.broken (a)")
        backend = PostgresBackend("here", url, counted=False)
        found = {name: await backend.enforced_keys(f"k.{name}") for name in ("whole", "collated", "heirs", "parts", "broken",
                                                                             "seen", "nowhere")}  # fmt: skip
        await backend.close()
        await connection.close()
    assert {name: {tuple(sorted(each)) for each in keys} for name, keys in found.items()} == {
        "whole": {("a",), ("b", "c")}, "collated": {("b",)}, "heirs": set(), "parts": {("a",)}, "broken": set(),
        "seen": set(), "nowhere": set(),
    }  # fmt: skip


async def test_no_more_than_two_keys_of_a_backend_are_counted_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting, most = set[int](), 0

    async def count(*_: object) -> Uniqueness:
        nonlocal most
        mine = max(counting, default=0) + 1
        counting.add(mine)
        most = max(most, len(counting))
        await asyncio.sleep(0.01)
        counting.discard(mine)
        return Uniqueness("count", 0, 0, None, ("c.price",), "1", datetime.now(UTC))

    async with shop(tmp_path) as (house, _):
        monkeypatch.setattr(keys_module, "prove_key", count)
        keys, catalog = house.running.corridor.keys, house.running.catalog
        backend: Any = catalog.backends["postgres"]
        names = [("c.price", (f"column_{number}",)) for number in range(8)]
        await asyncio.gather(*(keys._sentence(backend, each, catalog.workspace) for each in names))
        assert most == 2

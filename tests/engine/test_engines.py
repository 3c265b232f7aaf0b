"""An engine comes as a package from outside, is whole or refused with what it lacks, and then answers as any other does."""

import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from tests.conftest import House, cloned_database, open_house
from tests.unit.small import write_shop

from assay.backends.protocol import NotConfigured
from assay.backends.registry import Surroundings, open_backend
from assay.catalog.workspace import BackendSettings
from assay.engine import OWN_ENGINES, EngineUnusable, engine_of, installed
from assay.engine.installed import find_packages_anew

EXAMPLE = Path(__file__).parent / "example"
METRICS = """\
metrics:
  - {id: sales, label: Sales, definition: Sales., entity: sale, measure: COUNT(*), time: sold_on, owner: shop,
     dimensions: [region, {name: plan, column: customer.plan}]}
  - {id: items, label: Items, definition: Pieces., entity: sale, measure: SUM(items), filter: "region <> 'test'",
     time: sold_at, owner: shop, dimensions: [region]}
  - {id: weight, label: Weight, definition: Mean., entity: sale, measure: AVG(weight), owner: shop, dimensions: [region]}
  - {id: middle, label: Middle, definition: Median., entity: sale, measure: MEDIAN(weight), owner: shop}
"""
TABLES = {
    "customer": "customer_id string, plan string",
    "sale": "sale_id string, customer_id string, region string?, items bigint, weight double, sold_on date,"
    " sold_at timestamp",
}
ROWS = [
    ("s1", "c1", "North", 2, 1.5, "2026-03-01", "2026-03-01 22:30:00"),
    ("s2", "c2", "North", 3, 2.5, "2026-03-01", "2026-03-01 23:30:00"),
    ("s3", "c1", None, 5, 4.0, "2026-03-03", "2026-03-03 12:00:00"),
    ("s4", "c2", "test", 7, 8.0, "2026-04-01", "2026-03-31 22:30:00"),
    ("s5", "c1", "South", 11, 16.0, "2026-04-02", "2026-04-02 09:00:00"),
]
SPRING = {"start": "2026-03-01", "end": "2026-05-01"}

Brings = Callable[[str, str], None]


@pytest.fixture
def brings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Brings]:
    """Installs a package with an engine: its name and its entry point's target."""

    def bring(name: str, target: str) -> None:
        folder = tmp_path / "installed" / f"{name}-1.0.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(f"[assay.engines]\n{name} = {target}\n")
        find_packages_anew()

    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.syspath_prepend(str(tmp_path / "installed"))
    yield bring
    monkeypatch.undo()
    find_packages_anew()


@pytest.fixture
async def sold(brings: Brings, tmp_path: Path, lake: Path) -> AsyncIterator[House]:
    brings("sqlite", "assay_sqlite:ENGINE")
    root = write_shop(tmp_path / "shop", metrics=METRICS, tables=TABLES, joins=("sale.customer_id customer.customer_id",))
    with sqlite3.connect(tmp_path / "shop.sqlite") as connection:
        connection.execute("CREATE TABLE customer (customer_id TEXT PRIMARY KEY NOT NULL, plan TEXT NOT NULL)")
        connection.execute(
            "CREATE TABLE sale (sale_id TEXT NOT NULL, customer_id TEXT NOT NULL, region TEXT, items INTEGER NOT NULL,"
            " weight REAL NOT NULL, sold_on DATE NOT NULL, sold_at TIMESTAMP NOT NULL)"
        )
        connection.executemany("INSERT INTO customer VALUES (?, ?)", [("c1", "gold"), ("c2", "silver")])
        connection.executemany("INSERT INTO sale VALUES (?, ?, ?, ?, ?, ?, ?)", ROWS)
    connection.close()
    (root / "assay.yaml").write_text(
        f"name: shop\nlabel: Shop\ntimezone: Europe/Berlin\nbackends:\n"
        f"  till: {{driver: sqlite, path: {tmp_path / 'shop.sqlite'}}}\n"
    )
    (root / "config" / "metric_routing.yaml").write_text(
        "metrics:\n" + "".join(f"  {name}: {{backend: till}}\n" for name in ("sales", "items", "weight", "middle"))
    )
    async with cloned_database() as store, open_house(store, root, lake, tmp_path / "home") as house:
        yield house


async def test_an_engine_from_outside_answers_with_receipt_and_buckets_of_its_own(sold: House) -> None:
    assert sold.running.problems() == []
    answer = await sold.ask("sales", window=SPRING, grain="month", dimensions=["plan"])
    assert answer["rows"] == [["2026-03-01", "gold", 2], ["2026-03-01", "silver", 1],
                              ["2026-04-01", "gold", 1], ["2026-04-01", "silver", 1]]  # fmt: skip
    weekly = await sold.ask("sales", window=SPRING, grain="week")
    assert [row for row in weekly["rows"] if row[1]] == [["2026-02-23", 2], ["2026-03-02", 1], ["2026-03-30", 2]]
    # Half past eleven on a winter's evening in UTC is the next day in Berlin, and half past ten in summer, too.
    daily = await sold.ask("items", window=SPRING, grain="day")
    assert [row for row in daily["rows"] if row[1]] == [["2026-03-01", 2], ["2026-03-02", 3], ["2026-04-02", 11]]
    assert (await sold.ask("weight", dimensions=["region"]))["rows"] == [
        ["South", 16.0], ["test", 8.0], [None, 4.0], ["North", 2.0],
    ]  # fmt: skip
    receipt = (await sold.client.get(f"/v1/receipts/{answer['provenance']['receipt_id']}")).json()
    assert receipt["route"] == {**receipt["route"], "backend": "till", "driver": "sqlite"}


async def test_sql_from_outside_is_refused_where_no_full_list_of_functions_is(sold: House) -> None:
    asked = {"dialect": "sqlite", "sql": "SELECT COUNT(*) AS value FROM shop.sale LIMIT 1"}
    verdict = (await sold.client.post("/v1/sql/check", json=asked)).json()
    assert (verdict["ok"], [each["code"] for each in verdict["violations"]]) == (False, ["dialect_not_judged"])
    model = await sold.client.post(
        "/v1/widgets/sql/generate", json={"metric_id": "sales", "generator": "llm", "dry_run": True}
    )
    assert (model.status_code, "not judged for sqlite" in model.json()["detail"]) == (422, True), model.text
    written = await sold.client.post(
        "/v1/widgets/sql/generate", json={"metric_id": "sales", "dry_run": True, "window": SPRING}
    )
    assert (written.status_code, written.json()["dialect"], written.json()["verdict"]["ok"]) == (200, "sqlite", True)


async def test_what_an_engine_cannot_say_is_a_refusal_of_the_question(sold: House) -> None:
    response = await sold.client.post("/v1/metrics/middle/data", json={})
    assert (response.status_code, response.json()["kind"]) == (422, "bad_question")
    assert "no percentiles" in response.json()["detail"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ENGINE = replace(SQLITE, types=replace(SQLITE.types, names={'string': 'TEXT'}))", "no name for integer, bigint"),
        ("ENGINE = replace(SQLITE, reading=replace(READ, functions=frozenset()))", "its functions lack coalesce, count"),
        ("ENGINE = replace(SQLITE, reading=replace(READ, placeholder='[?]'))", "which reading.placeholder does not read"),
        ("ENGINE = replace(SQLITE, reading=replace(READ, string='('))", "reading.string is not a regular expression"),
        ("ENGINE = replace(SQLITE, spelling=replace(SPELL, mark='?'))", "spelling.mark says '?'"),
        ("ENGINE = replace(SQLITE, spelling=replace(SPELL, percentile=None))", "spelling.percentile is not a function"),
        ("ENGINE = replace(SQLITE, reading=None)", "reading is not a Reading"),
        ("Reading(functions=frozenset(), string='')", "its Reading lacks sqlglot, takes_outside_sql, quoted, placeholder"),
        ("ENGINE = SQLITE.types", "does not name an Engine"),
        ("ENGINE = SQLITE", "it calls itself 'sqlite'"),
        ("import no_such_driver", "it cannot be imported"),
        ("pass", "it cannot be imported"),
    ],
)  # fmt: skip
def test_an_engine_that_is_not_whole_is_refused_with_what_it_lacks(
    brings: Brings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    (tmp_path / "broken_engine.py").write_text(
        "from dataclasses import replace\nfrom assay.engine import Reading\nfrom assay_sqlite import ENGINE as SQLITE\n"
        f"READ, SPELL = SQLITE.reading, SQLITE.spelling\n{code}\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "broken_engine", raising=False)
    brings("broken", "broken_engine:ENGINE")
    assert installed() == (*OWN_ENGINES, "broken")
    with pytest.raises(EngineUnusable, match="The engine broken cannot be used: ") as refused:
        engine_of("broken")
    assert said in refused.value.detail
    settings = BackendSettings("mine", "broken", {"path": "x"}, (), 1)
    backend = open_backend(settings, Surroundings("", "", tmp_path))
    assert isinstance(backend, NotConfigured)
    assert said in backend.reason
    assert engine_of("postgres").name == "postgres"


def test_no_package_takes_the_place_of_an_own_engine(brings: Brings) -> None:
    brings("duckdb", "assay_sqlite:ENGINE")
    assert installed() == OWN_ENGINES
    assert engine_of("duckdb").name == "duckdb"

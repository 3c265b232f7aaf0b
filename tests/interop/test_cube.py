"""A data model of Cube over a small store: what becomes of it, and that it gives what Cube's SQL gives."""

import json
from pathlib import Path

import pytest
from tests.interop.store import TABLES, write_store
from tests.unit.small import write_shop
from typer.testing import CliRunner

from assay.catalog.workspace import load_workspace
from assay.cli.commands import app
from assay.errors import SetupFailed
from assay.interop.changes import Imported
from assay.interop.cube.reading import read_cube
from assay.interop.landing import landed

MODEL = """\
cubes:
  - name: base
    sql_table: shop.sale
    dimensions:
      - {name: id, sql: sale_id, type: string, primary_key: true, public: false}
  - name: sales
    extends: base
    joins:
      - {name: customers, relationship: many_to_one, sql: "{CUBE}.customer_id = {customers}.customer_id"}
    dimensions:
      - {name: product_id, sql: PRODUCT_ID, type: string}
      - {name: size, sql: "CASE WHEN {CUBE}.items > 5 THEN 'large' ELSE 'small' END", type: string}
      - name: kind
        type: string
        case: {when: [{sql: "{CUBE}.is_gift", label: gift}], else: {label: bought}}
      - {name: place, sql: "{customers.region} || '/' || {size}", type: string}
      - {name: dozens, sql: "{CUBE}.items / 12", type: number}
      - {name: created_at, sql: "{CUBE}.sold_on", type: time}
      - {name: where, type: geo, latitude: {sql: a}, longitude: {sql: b}}
    segments:
      - {name: gifts, sql: "{CUBE}.is_gift"}
    measures:
      - {name: count, type: count}
      - {name: revenue, sql: amount, type: sum, title: Revenue, description: What came in.}
      - name: gift_revenue
        sql: amount
        type: sum
        filters: [{sql: "{CUBE}.is_gift"}, {sql: "{customers.region} = 'North'"}]
      - {name: buyers, sql: customer_id, type: count_distinct}
      - {name: about, sql: customer_id, type: count_distinct_approx}
      - {name: average, sql: "{CUBE}.amount", type: avg}
      - {name: per_buyer, sql: "1.0 * {revenue} / NULLIF({buyers}, 0)", type: number}
      - {name: per_sale, sql: "{buyers} / {count}", type: number}
      - name: gift_share
        sql: "CASE WHEN {count} = 0 THEN NULL ELSE {gift_revenue} / {revenue} END"
        type: number
        format: percent
      - {name: halves, sql: "{CUBE}.items / 2", type: avg}
      - {name: real_halves, sql: "{CUBE}.items / 2.0", type: avg}
      - {name: per_item, sql: "SUM({CUBE}.amount) / SUM({CUBE}.items)::float", type: number}
      - {name: week, sql: amount, type: sum, rolling_window: {trailing: 7 day}}
      - {name: month, sql: amount, type: sum, rolling_window: {trailing: 1 month}}
      - {name: ever, sql: amount, type: sum, rolling_window: {trailing: unbounded}}
      - {name: to_date, sql: amount, type: sum, rolling_window: {type: to_date, granularity: month}}
      - {name: ahead, sql: amount, type: sum, rolling_window: {leading: 1 day}}
      - {name: before, multi_stage: true, sql: "{revenue}", type: number, time_shift: [{interval: 7 day, type: prior}]}
      - {name: growth, multi_stage: true, sql: "{revenue} - {before}", type: number}
      - {name: per_customer, sql: "{count} / {customers.count}", type: number}
      - {name: of_whom, sql: "SUM({SECURITY_CONTEXT.x})", type: number}
      - {name: ranked, type: rank, order_by: [{sql: "{revenue}"}]}
      - {name: sampled, sql: amount, type: sum, sample: 0.1}
    access_policy:
      - {role: "*", row_level: {filters: []}}
  - name: customers
    sql: SELECT * FROM shop.customer
    joins: [{name: sales, relationship: one_to_many, sql: "{CUBE}.customer_id = {sales}.customer_id"}]
    dimensions:
      - {name: customer_id, sql: customer_id, type: string, primary_key: true}
      - {name: region, sql: region, type: string}
      - {name: joined_on, sql: joined_on, type: time}
    measures: [{name: count, type: count}]
  - name: northern
    sql: SELECT * FROM shop.customer c WHERE c.region = 'North'
    measures: [{name: count, type: count}]
  - name: products
    sql_table: store.product
    measures: [{name: count, type: count}]
  - name: made
    sql: SELECT region, count(*) n FROM shop.customer GROUP BY 1
    measures: [{name: count, type: count}]
views:
  - {name: shown, cubes: [{join_path: sales, includes: "*"}]}
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_store(tmp_path_factory.mktemp("store"))


def taken(text: str, store: Path, folder: Path) -> Imported:
    (folder / "model.yml").write_text(text)
    return landed(read_cube(folder / "model.yml"), load_workspace(store, {}).dictionary)


def told(found: Imported) -> dict[str, tuple[str, str]]:
    return {f"{each.kind} {each.name}": (each.outcome, each.told) for each in found.report.items}


def test_cubes_become_entities_and_their_measures_metrics(store: tuple[Path, Path], tmp_path: Path) -> None:
    found = taken(MODEL, store[0], tmp_path)
    entries = {each["id"]: each for each in found.metrics}
    assert entries["sales_revenue"] == {
        "id": "sales_revenue", "label": "Revenue", "definition": "What came in.", "entity": "shop.sale",
        "measure": "SUM(amount)", "unit": "", "empty": "unknown", "owner": "cube",
    }  # fmt: skip
    assert "empty" not in entries["sales_count"]
    assert entries["sales_gift_revenue"]["filter"] == "(is_gift) AND (sales_customers.region = 'North')"
    assert entries["sales_per_buyer"]["expression"] == "1.0 * sales_revenue / sales_buyers"
    assert entries["sales_before"]["inputs"] == {"sales_revenue_earlier": {"metric": "sales_revenue", "shift": "7 days"}}
    assert entries["sales_week"]["over"] == {"trailing": "7 days"}
    assert entries["sales_to_date"]["over"] == {"since_start_of": "month"}
    assert entries["northern_count"]["time"] == "none"
    assert [(each.join_id, each.from_columns, each.to_table) for each in found.joins] == [
        ("sales_customers", ("customer_id",), "shop.customer")
    ]
    sale = next(each for each in found.entities if each.table == "shop.sale")
    names = [each if isinstance(each, str) else each.name for each in sale.dimensions]
    assert names == ["product_id", "size", "kind", "place", "dozens", "created_at", "customers_customer_id",
                     "customers_region", "customers_joined_on"]  # fmt: skip
    assert (sale.time, [each.name for each in sale.segments]) == ("sold_on", ["gifts"])


@pytest.mark.exhaustive
def test_what_could_differ_is_told_and_access_rules_are(store: tuple[Path, Path], tmp_path: Path) -> None:
    found = taken(MODEL, store[0], tmp_path)
    said = told(found)
    differing = {each.name for each in found.report.items if each.may_differ}
    assert differing == {
        "access_policy of sales", "sample of sales.sampled", "sales.about", "sales.per_sale", "sales.gift_share",
        "sales.month", "sales.dozens", "sales.halves",
    }  # fmt: skip
    assert {name for name, (outcome, _) in said.items() if outcome == "left out"} == {
        "cube products", "cube made", "dimension base.id", "dimension sales.id", "dimension sales.where",
        "metric sales.ahead", "metric sales.per_customer", "metric sales.of_whom", "metric sales.ranked",
        "metric products.count", "view shown", "access rule access_policy of sales", "key sample of sales.sampled",
    }  # fmt: skip
    assert said["metric sales.per_customer"][1].startswith("customers.count counts there only what rows of sales meet")
    line = next(number for number, each in enumerate(MODEL.splitlines(), 1) if "gift_share" in each)
    assert str(next(each.source for each in found.report.items if each.name == "sales.gift_share")) == f"model.yml:{line}"


@pytest.mark.exhaustive
def test_where_rows_have_several_times_none_is_chosen(tmp_path: Path) -> None:
    tables = {**TABLES, "customer": f"{TABLES['customer']}, left_on date?"}
    shop = write_shop(tmp_path / "shop", metrics="metrics: []\n", tables=tables, joins=())
    first = "      - {name: joined_on, sql: joined_on, type: time}\n"
    both = MODEL.replace(first, f"{first}      - {{name: left_on, sql: left_on, type: time}}\n")
    found = taken(both, shop, tmp_path)
    assert next(each for each in found.entities if each.table == "shop.customer").time is None
    assert "a question names one" in told(found)["time customers"][1]
    over_a_join = both.replace("sql: left_on, type", 'sql: "{sales.created_at}", type')
    assert "time customers" not in told(taken(over_a_join, shop, tmp_path))


@pytest.mark.exhaustive
def test_each_aggregate_of_a_filtered_measure_keeps_its_filter(store: tuple[Path, Path], tmp_path: Path) -> None:
    gifts = """
      - {name: each, sql: "SUM({CUBE}.amount) / SUM({CUBE}.items)", type: number, filters: [{sql: "{CUBE}.is_gift"}]}
      - {name: each_or_none, sql: "COALESCE({each}, 0)", type: number}"""
    found = taken(MODEL.replace("    measures:\n", f"    measures:{gifts}\n", 1), store[0], tmp_path)
    (entry,) = (each for each in found.metrics if each["id"] == "sales_each_or_none")
    assert entry["measure"].count("FILTER(WHERE is_gift)") == 2


@pytest.mark.exhaustive
def test_what_is_no_model_is_refused_with_the_place(tmp_path: Path) -> None:
    for text, part in (
        ("cubes:\n  - {sql_table: a}\n", "model.yml:2: a name is missing"),
        ("a: b\n", "defines no cube"),
        ("cubes:\n  {% for a in b %}\n", "model.yml:"),
        ("cubes:\n  - {name: a}\n  - {name: a}\n", "model.yml:3: the cube a is defined twice"),
    ):
        (tmp_path / "model.yml").write_text(text)
        with pytest.raises(SetupFailed, match=part):
            read_cube(tmp_path)


@pytest.mark.exhaustive
def test_an_import_writes_a_workspace_and_can_be_run_again(tmp_path: Path) -> None:
    shop, _ = write_store(tmp_path)
    (tmp_path / "model.yml").write_text(MODEL)
    run = ["import", "cube", str(tmp_path / "model.yml"), "--into", str(shop), "--yes", "--json"]
    result = CliRunner().invoke(app, run)
    body = json.loads(result.stdout)
    assert (result.exit_code, body["written"], body["findings"]) == (1, True, [])
    target = next(each["target"] for each in body["report"]["items"] if each["name"] == "sales.revenue")
    name, _, line = target.partition(":")
    assert (shop / name).read_text().splitlines()[int(line) - 1].strip() == "- id: sales_revenue"
    assert json.loads(CliRunner().invoke(app, run).stdout)["written"] is False

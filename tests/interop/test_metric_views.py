"""Metric views of Databricks over a small store: what becomes of them, and what is told."""

from pathlib import Path

import pytest
from tests.interop.store import TABLES
from tests.unit.small import write_shop

from assay.catalog.workspace import load_workspace
from assay.errors import SetupFailed
from assay.interop.changes import Imported
from assay.interop.landing import landed
from assay.interop.metric_views import read_metric_views

VIEW = """\
version: 1.1
comment: Sales.
source: main.shop.sale
filter: items > 1
joins:
  - name: customer
    source: main.shop.customer
    on: source.customer_id = customer.customer_id
  - name: product
    source: main.shop.product
    using: [product_id]
    rely: {at_most_one_match: true}
fields:
  - {name: day, expr: source.sold_on}
  - {name: Month, expr: "DATE_TRUNC('MONTH', day)"}
  - {name: region, expr: customer.region, synonyms: [area]}
  - {name: Size, expr: "IF(items > 5, 'large', 'small')", display_name: How large}
measures:
  - {name: Total revenue, expr: SUM(amount), comment: What came in., format: {type: currency, currency_code: USD}}
  - {name: sales, expr: COUNT(1)}
  - {name: large, expr: COUNT(*) FILTER (WHERE Size = 'large')}
  - {name: gifts, expr: SUM(amount) FILTER (WHERE is_gift), synonyms: [presents]}
  - {name: share, expr: "MEASURE(gifts) / NULLIF(MEASURE(`Total revenue`), 0)", format: {type: percentage}}
  - {name: each, expr: SUM(amount) / COUNT(DISTINCT customer_id)}
  - {name: of_both, expr: "SUM(amount) FILTER (WHERE is_gift) / SUM(amount)"}
  - {name: week, expr: SUM(amount), window: [{order: day, range: trailing 7 day, semiadditive: last}]}
  - {name: ever, expr: SUM(amount), window: [{order: day, range: cumulative, semiadditive: last}]}
  - name: to_date
    expr: SUM(amount)
    window:
      - {order: day, range: cumulative, semiadditive: last}
      - {order: Month, range: current, semiadditive: last}
  - {name: newest, expr: SUM(items), window: [{order: day, range: current, semiadditive: last}]}
  - {name: ahead, expr: SUM(amount), window: [{order: day, range: leading 7 day, semiadditive: last}]}
  - {name: inclusive, expr: SUM(amount), window: [{order: day, range: trailing 7 day inclusive, semiadditive: last}]}
  - {name: mixed, expr: SUM(amount) / MEASURE(sales)}
  - {name: sampled, expr: SUM(amount), sample: 0.1}
"""


def taken(text: str, folder: Path) -> Imported:
    shop = write_shop(folder / "shop", metrics="metrics: []\n", tables=TABLES, joins=())
    (folder / "sales_view.yaml").write_text(text)
    return landed(read_metric_views(folder / "sales_view.yaml"), load_workspace(shop, {}).dictionary)


def test_a_metric_view_becomes_an_entity_and_its_measures_metrics(tmp_path: Path) -> None:
    found = taken(VIEW, tmp_path)
    entries = {each["id"]: each for each in found.metrics}
    assert entries["total_revenue"] == {
        "id": "total_revenue", "label": "Total revenue", "definition": "What came in.", "entity": "shop.sale",
        "measure": "SUM(amount)", "filter": "items > 1", "unit": "", "empty": "unknown", "owner": "databricks",
    }  # fmt: skip
    assert entries["gifts"]["filter"] == "(items > 1) AND (is_gift)"
    assert entries["share"]["expression"] == "gifts / total_revenue"
    assert entries["week"]["inputs"] == {"week_with_its_day_earlier": {"metric": "week_with_its_day", "shift": "1 day"}}
    assert entries["to_date"]["over"] == {"since_start_of": "month"}
    assert entries["newest"]["keep"] == {"newest": "sold_on", "of_filtered": True}
    (sale,) = found.entities
    names = {each if isinstance(each, str) else each.name: each for each in sale.dimensions}
    assert (sale.time, list(names)) == ("sold_on", ["day", "month", "region", "size"])
    assert [(each.join_id, each.to_columns) for each in found.joins] == [
        ("sales_view_customer", ("customer_id",)), ("sales_view_product", ("product_id",)),
    ]  # fmt: skip
    assert found.dictionary.tables["shop.product"].primary_key == ("product_id",)
    said = {each.name: (each.outcome, each.told) for each in found.report.items if each.kind == "metric"}
    left = {name.removeprefix("sales_view.") for name, (outcome, _) in said.items() if outcome == "left out"}
    assert left == {"ahead", "inclusive", "mixed"}
    differing = {each.name.removeprefix("sales_view.") for each in found.report.items if each.may_differ}
    assert differing == {"of_both", "week", "week_with_its_day", "ever", "to_date", "sample of sales_view.sampled"}


@pytest.mark.exhaustive
def test_what_no_row_or_several_are_met_by_is_left_out(tmp_path: Path) -> None:
    many = VIEW.replace("using: [product_id]", "using: [product_id]\n    cardinality: one_to_many")
    found = taken(many.replace("source.customer_id = customer.customer_id", "source.items > customer.customer_id"), tmp_path)
    said = {each.name: each.told for each in found.report.items if each.kind == "join"}
    assert said["sales_view.product"].startswith("a row meets several rows")
    assert said["sales_view.customer"].startswith("it is joined by more than equal columns")
    lost = next(each for each in found.report.items if each.name == "sales_view.region")
    assert (lost.outcome, lost.told) == ("left out", "sales_view has no join customer")


@pytest.mark.exhaustive
def test_what_is_no_metric_view_is_refused(tmp_path: Path) -> None:
    for text, part in (
        ("a: b\n", "defines no metric view"),
        ("source: a\nmeasures:\n  - {expr: COUNT(1)}\n", "view.yaml:3: a name is missing"),
    ):
        (tmp_path / "view.yaml").write_text(text)
        with pytest.raises(SetupFailed, match=part):
            read_metric_views(tmp_path)

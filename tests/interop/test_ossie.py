"""Semantic models of Apache Ossie over a small store: what becomes of them, and what is told."""

from pathlib import Path

import pytest
from tests.interop.store import TABLES
from tests.unit.small import write_shop

from assay.catalog.workspace import load_workspace
from assay.errors import SetupFailed
from assay.interop.changes import Imported
from assay.interop.landing import landed
from assay.interop.ossie import read_ossie


def said(expression: str, dialect: str = "ANSI_SQL") -> str:
    return f'expression: {{dialects: [{{dialect: {dialect}, expression: "{expression}"}}]}}'


MODEL = f"""\
version: 0.2.0.dev0
semantic_model:
  - name: store
    datasets:
      - name: orders
        source: main.shop.sale
        primary_key: [sale_id]
        fields:
          - {{name: day, {said("sold_on")}, dimension: {{is_time: true}}}}
          - {{name: size, {said("CASE WHEN orders.items > 5 THEN 'large' ELSE 'small' END")}, dimension: {{is_time: false}}}}
          - {{name: lost, {said("lost")}, dimension: {{}}}}
          - {{name: money, {said("amount * 2")}}}
          - {{name: customer_id, {said("LOWER(customer_id)")}, dimension: {{}}}}
      - name: buyers
        source: SELECT * FROM shop.customer
        primary_key: [customer_id]
        fields: [{{name: region, datatype: String, {said("region")}, dimension: {{}}}}]
        custom_extensions: [{{vendor_name: SOMEBODY, data: "{{}}"}}]
      - {{name: articles, source: SELECT category FROM shop.product}}
    relationships:
      - {{name: of_buyer, from: orders, to: buyers, from_columns: [customer_id], to_columns: [customer_id]}}
    metrics:
      - name: revenue
        description: What came in.
        ai_context: {{synonyms: [turnover]}}
        {said("SUM(orders.amount)")}
      - {{name: doubled, {said("SUM(orders.money)")}}}
      - {{name: northern, {said("SUM(CASE WHEN buyers.region = 'North' THEN orders.amount END)")}}}
      - {{name: per_order, {said("SUM(orders.amount) / COUNT(DISTINCT orders.sale_id)")}}}
      - {{name: buyers_there, {said("COUNT(DISTINCT buyers.customer_id)")}}}
      - {{name: per_buyer, {said("SUM(orders.amount) / COUNT(DISTINCT buyers.customer_id)")}}}
      - {{name: twice_meant, {said("COUNT(DISTINCT orders.customer_id)")}}}
      - {{name: everything, {said("COUNT(*)")}}}
      - {{name: elsewhere, {said("[Revenue]", "MDX")}}}
      - {{name: kinds, {said("COUNT(DISTINCT articles.category)")}}}
"""


def taken(text: str, folder: Path) -> Imported:
    shop = write_shop(folder / "shop", metrics="metrics: []\n", tables=TABLES, joins=())
    (folder / "model.yaml").write_text(text)
    return landed(read_ossie(folder / "model.yaml"), load_workspace(shop, {}).dictionary)


def test_datasets_become_entities_and_metrics_count_the_rows_that_reach_all_they_read(tmp_path: Path) -> None:
    found = taken(MODEL, tmp_path)
    entries = {each["id"]: each for each in found.metrics}
    assert entries["revenue"] == {
        "id": "revenue", "label": "Revenue", "definition": "What came in.", "entity": "shop.sale", "measure": "SUM(amount)",
        "unit": "", "empty": "unknown", "synonyms": ["turnover"], "owner": "ossie",
    }  # fmt: skip
    assert entries["doubled"]["measure"] == "SUM((amount * 2))"
    assert entries["northern"]["measure"] == "SUM(CASE WHEN orders_of_buyer.region = 'North' THEN amount END)"
    assert entries["buyers_there"]["entity"] == "shop.customer"
    sale = next(each for each in found.entities if each.table == "shop.sale")
    assert sale.time == "sold_on"
    names = [each if isinstance(each, str) else each.name for each in sale.dimensions]
    assert names == ["day", "size", "customer_id", "buyers_region"]
    left = {each.name: each.told for each in found.report.items if each.outcome == "left out"}
    assert left.keys() == {
        "orders.lost", "orders.money", "articles", "per_buyer", "orders.twice_meant", "everything", "elsewhere",
        "kinds",
        "SOMEBODY of buyers",
    }  # fmt: skip
    assert left["orders.twice_meant"].startswith("customer_id is a column and a field that is something else")
    assert not found.report.may_differ
    head, _, below = MODEL.partition("semantic_model:\n  - name: store\n")
    alone = head + "name: store\n" + "\n".join(each.removeprefix("    ") for each in below.splitlines())
    (tmp_path / "alone").mkdir()
    assert taken(alone, tmp_path / "alone").metrics == found.metrics
    assert left["orders.lost"] == "shop.sale has no column lost"
    assert left["per_buyer"] == "it adds up buyers beside orders: write a metric of each"


@pytest.mark.exhaustive
def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    for text, part in (
        ("a: b\n", "defines no semantic model"),
        (MODEL.replace("name: buyers\n", "name: orders\n"), "twice"),
    ):
        (tmp_path / "model.yaml").write_text(text)
        with pytest.raises(SetupFailed, match=part):
            read_ossie(tmp_path)


def test_a_quotient_is_of_whole_numbers_by_what_its_sides_are(tmp_path: Path) -> None:
    metrics = "\n".join(
        f"      - {{name: {name}, {said(expression)}}}" for name, expression in (
            ("gifts", "SUM(CASE WHEN orders.is_gift THEN 1 ELSE 0 END) / COUNT(orders.sale_id)"),
            ("gift_amount", "SUM(CASE WHEN orders.is_gift THEN orders.amount END) / COUNT(orders.sale_id)"),
            ("spread", "STDDEV(orders.items) / COUNT(orders.sale_id)"),
        )
    )  # fmt: skip
    found = taken(f"{MODEL}{metrics}\n", tmp_path)
    assert [each.name for each in found.report.items if each.may_differ] == ["orders.gifts"]

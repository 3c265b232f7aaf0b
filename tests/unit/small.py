"""A small workspace for tests of the catalog and the compiler: a shop with sales, returns and visits.

`write_shop` writes the files, so that a test can break one of them; `shop` loads it.
"""

import csv
from datetime import UTC, datetime
from pathlib import Path

from assay.catalog.dictionary import HEADERS
from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.question import Asked, Question, resolve_question
from assay.people.scope import EVERYTHING

NOW = datetime(2026, 3, 17, 15, 42, 10, tzinfo=UTC)

# The first column is the key. Behind a type may stand: ? (may be empty) or !kind (personal data).
TABLES: dict[str, str] = {
    "segment": "segment_id string, segment_name string",
    "customer": "customer_id string, segment_id string, region string, email string !email, joined_on date",
    "product": "product_id string, category string, price decimal(18,2)",
    "address": "address_id string, city string",
    "sale": "sale_id string, customer_id string, product_id string, billing_id string, shipping_id string, region string?,"
    " amount decimal(18,2)?, items int, weight double, big bigint, wide decimal(38,0), is_gift boolean, note string?,"
    " sold_at timestamp, sold_on date, sold_wall timestamp_ntz, shipped_at timestamp?",
    "return": "return_id string, sale_id string, region string?, refund decimal(18,2), returned_at timestamp",
    "visit": "visit_id string, customer_id string, region int, minutes int, began timestamp_ntz, ended timestamp_ntz?",
}
JOINS = (
    "customer.segment_id segment.segment_id",
    "sale.customer_id customer.customer_id",
    "sale.product_id product.product_id",
    "sale.billing_id address.address_id",
    "sale.shipping_id address.address_id",
    "return.sale_id sale.sale_id",
    "visit.customer_id customer.customer_id",
)
METRICS = """\
metrics:
  - {id: sales, label: Sales, definition: Sales., entity: sale, measure: COUNT(*), time: sold_at, window: trailing_7d,
     owner: shop, refresh_seconds: 60, dimensions: [region, is_gift, items, weight, big, wide, sold_on, shipped_at,
       sold_wall, {name: price, column: product.price}, {name: category, column: product.category},
       {name: segment, column: segment.segment_name}]}
  - {id: revenue, label: Revenue, definition: Money., entity: sale, measure: SUM(amount), filter: "note <> 'test'",
     time: sold_at, window: month_to_date, owner: shop, dimensions: [region, category]}
  - {id: sales_by_day, label: Sales, definition: By day., entity: sale, measure: COUNT(*), time: sold_on, owner: shop,
     dimensions: [region]}
  - {id: returns, label: Returns, definition: Returned., entity: return, measure: COUNT(*), time: returned_at,
     window: trailing_7d, owner: shop, dimensions: [region]}
  - {id: return_rate, label: Rate, definition: Returned of sold., expression: returns / sales, owner: shop}
  - {id: gift_share, label: Gifts, definition: Share., entity: sale, numerator: {measure: COUNT(*), filter: is_gift},
     denominator: {measure: COUNT(*)}, time: sold_at, window: trailing_7d, owner: shop, dimensions: [region]}
  - {id: visitors_now, label: Visitors, definition: Inside now., entity: visit, measure: COUNT(*),
     alive: {from: began, until: ended}, owner: shop, refresh_seconds: 30, dimensions: [region]}
  - {id: products, label: Products, definition: On offer., entity: product, measure: COUNT(*), owner: shop,
     dimensions: [category]}
  - {id: average_price, label: Price, definition: On offer., entity: product, measure: AVG(price), owner: shop}
"""
ASSAY = (
    "name: shop\nlabel: Shop\ntimezone: {zone}\nbackends:\n  postgres: {{driver: postgres}}\n  lake: {{driver: duckdb}}\n"
)


def write_shop(
    root: Path,
    *,
    metrics: str = METRICS,
    zone: str = "UTC",
    tables: dict[str, str] = TABLES,
    joins: tuple[str, ...] = JOINS,
    calendar: str = "",
) -> Path:
    """`calendar`: what assay.yaml says under that word, as YAML on one line."""
    for folder in ("data-dictionary", "metrics", "config"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "assay.yaml").write_text(ASSAY.format(zone=zone) + (f"calendar: {calendar}\n" if calendar else ""))
    (root / "metrics" / "shop.yaml").write_text(metrics)
    table_rows, columns = [], []
    for name, written in tables.items():
        listed = written.split(", ")
        names = [each.split()[0] for each in listed]
        table_rows.append(["shop", name, "", "", names[0], "", "", "", "", str(len(names)), ""])
        for number, each in enumerate(listed, 1):
            column, kind, *marks = each.replace("?", " ?").split()
            pii = next((mark[1:] for mark in marks if mark.startswith("!")), "")
            columns.append(["shop", name, column, str(number), kind, "key" if number == 1 else "attribute",
                            "yes" if "?" in marks else "no", "", pii, "", ""])  # fmt: skip
    told = [(each.partition(" held ")[0].split(), each.partition(" held ")[2]) for each in joins]
    more = ["valid"] if any(valid for _, valid in told) else []
    rows = {"table_catalog.csv": table_rows, "column_dictionary.csv": columns, "kpi_catalog.csv": [], "join_map.csv": [
        [*(name or [f"j{number}"]), f"shop.{child.split('.')[0]}", child.split(".")[1], f"shop.{parent.split('.')[0]}",
         parent.split(".")[1], "many_to_one", "", *([valid] if more else [])]
        for number, ((child, parent, *name), valid) in enumerate(told, 1)
    ]}  # fmt: skip
    for name, content in rows.items():
        with (root / "data-dictionary" / name).open("w", newline="") as file:
            csv.writer(file).writerows([[*HEADERS[name], *(more if name == "join_map.csv" else [])], *content])
    return root


def shop(root: Path, *, metrics: str = METRICS, zone: str = "UTC") -> Workspace:
    return load_workspace(write_shop(root, metrics=metrics, zone=zone), {})


def messages(workspace: Workspace) -> list[str]:
    return [str(finding) for finding in workspace.findings]


def ask(workspace: Workspace, *metrics: str, now: datetime = NOW, **asked: object) -> Question:
    return resolve_question(metrics, Asked.model_validate(asked), workspace, now, EVERYTHING)

"""A store in DuckDB whose right values can be added up by hand, and what an imported workspace answers over it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
from tests.engine.pins import told
from tests.unit.small import write_shop

from assay.answers.series import finished
from assay.backends.protocol import Backend
from assay.catalog.workspace import Workspace
from assay.compiler.question import Asked, resolve_question
from assay.compiler.statement import compile_question
from assay.gate import Policy
from assay.people.scope import EVERYTHING

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
TABLES = {
    "customer": "customer_id string, region string?, joined_on date",
    "sale": "sale_id string, customer_id string, product_id string, amount decimal(18,2)?, items int, is_gift boolean,"
    " sold_on date",
    "product": "product_id string, category string",
}
SALES = (
    ("s1", "c1", "p1", 10.00, 1, False, date(2026, 2, 27)),
    ("s2", "c1", "p2", 20.50, 8, True, date(2026, 3, 1)),
    ("s3", "c2", "p1", 40.25, 2, True, date(2026, 3, 8)),
    ("s4", "c3", "p1", None, 6, False, date(2026, 3, 9)),
    ("s5", "c3", "p2", 80.00, 3, False, date(2026, 3, 15)),
)


def write_store(folder: Path) -> tuple[Path, Path]:
    """(the workspace, whose dictionary has no joins; the file of DuckDB)."""
    file = folder / "store.duckdb"
    with duckdb.connect(str(file)) as made:
        made.execute("""
            CREATE SCHEMA shop;
            CREATE TABLE shop.customer (customer_id TEXT, region TEXT, joined_on DATE);
            INSERT INTO shop.customer VALUES
              ('c1', 'North', '2026-01-01'), ('c2', 'South', '2026-01-02'), ('c3', NULL, '2026-02-01');
            CREATE TABLE shop.product (product_id TEXT, category TEXT);
            INSERT INTO shop.product VALUES ('p1', 'lamp'), ('p2', 'cord'), ('p3', 'plug');
            CREATE TABLE shop.sale (sale_id TEXT, customer_id TEXT, product_id TEXT, amount DECIMAL(18,2), items INTEGER,
              is_gift BOOLEAN, sold_on DATE)
        """)
        made.executemany("INSERT INTO shop.sale VALUES (?, ?, ?, ?, ?, ?, ?)", SALES)
    return write_shop(folder / "shop", metrics="metrics: []\n", tables=TABLES, joins=()), file


async def answered(workspace: Workspace, lake: Backend, metric: str, **asked: object) -> list[tuple[Any, ...]]:
    """Rows of the metric, as the page would have them."""
    policy = Policy.from_dictionary(workspace.dictionary, max_rows=10_001)
    question = resolve_question((metric,), Asked.model_validate(asked), workspace, NOW, EVERYTHING)
    rows = await told(question, policy, lake, "duckdb")
    found, _, _ = finished(rows, compile_question(question, "duckdb", policy).columns, question)
    return [tuple(each) for each in found]

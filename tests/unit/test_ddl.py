"""DDL comes from the dictionary, for each engine, with every name quoted."""

from pathlib import Path

import duckdb
import pytest
import sqlglot

from assay.catalog import ddl
from assay.catalog.dictionary import HEADERS, Dictionary, load_dictionary

DRIVERS = ("postgres", "duckdb", "databricks", "spark")
TABLES = [
    ["shop", "order", "Orders.", "one row per order", "order id", "", "placed", "5000", "2", "6", ""],
    ["shop", "customer", "Customers.", "one row per customer", "id", "", "", "2000", "1", "1", ""],
    ["shop", "kind", "Kinds.", "one row per kind", "id", "", "", "3", "1", "1", ""],
]
COLUMNS = [
    ["shop", "order", "order id", "1", "string; varchar", "key", "no", "", "", "", ""],
    ["shop", "order", 'we"ird', "2", "string", "attribute", "yes", "", "", "", ""],
    ["shop", "order", "customer", "3", "bigint", "foreign_key", "no", "shop.customer.id", "", "", ""],
    ["shop", "order", "kind", "4", "bigint", "foreign_key", "yes", "shop.kind.id", "", "", ""],
    ["shop", "order", "placed", "5", "timestamp", "timestamp", "no", "", "", "", ""],
    ["shop", "order", "amount", "6", "decimal(18,2)", "measure", "yes", "", "", "", ""],
    ["shop", "customer", "id", "1", "bigint", "key", "no", "", "", "", ""],
    ["shop", "kind", "id", "1", "bigint", "key", "no", "", "", "", ""],
]
JOINS = [
    ["order_to_customer", "shop.order", "customer", "shop.customer", "id", "many_to_one", ""],
    ["order_to_kind", "shop.order", "kind", "shop.kind", "id", "many_to_one", ""],
]


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@pytest.fixture
def dictionary(tmp_path: Path) -> Dictionary:
    contents = {"table_catalog.csv": TABLES, "column_dictionary.csv": COLUMNS, "join_map.csv": JOINS, "kpi_catalog.csv": []}
    for name, rows in contents.items():
        lines = [",".join(HEADERS[name]), *(",".join(map(_quoted, row)) for row in rows)]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = load_dictionary(tmp_path)
    assert found.findings == ()
    return found


@pytest.mark.parametrize("driver", DRIVERS)
def test_each_engine_gets_its_own_types_and_not_null(dictionary: Dictionary, driver: str) -> None:
    sql = ddl.create_table(dictionary.tables["shop.order"], driver)
    text, instant = {
        "postgres": ("TEXT", "TIMESTAMPTZ"),
        "duckdb": ("TEXT", "TIMESTAMPTZ"),
        "databricks": ("STRING", "TIMESTAMP"),
        "spark": ("STRING", "TIMESTAMP"),
    }[driver]
    mark = '"' if driver in ("postgres", "duckdb") else "`"
    assert f"{mark}order id{mark} {text} NOT NULL" in sql
    assert f"{mark}placed{mark} {instant} NOT NULL" in sql
    assert f"{mark}amount{mark} DECIMAL(18, 2)" in sql
    assert f"{mark}amount{mark} DECIMAL(18, 2) NOT NULL" not in sql
    assert len(sqlglot.parse(sql, read=driver)) == 1


def test_a_quote_in_a_name_stays_inside_the_name(dictionary: Dictionary) -> None:
    table = dictionary.tables["shop.order"]
    connection = duckdb.connect()
    connection.execute(ddl.create_schema("shop", "duckdb"))
    connection.execute(ddl.create_table(table, "duckdb"))
    described = connection.execute('DESCRIBE "shop"."order"').fetchall()
    assert [row[0] for row in described] == list(table.columns)
    connection.execute(ddl.drop_table(table, "duckdb"))
    assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (0,)


def test_postgres_indexes_keys_times_and_selective_joins(dictionary: Dictionary) -> None:
    statements = dict(ddl.create_indexes(dictionary.tables["shop.order"], dictionary))
    assert list(statements) == ["order_order id_pkey", "order_placed_idx", "order_customer_idx"]
    assert statements["order_order id_pkey"].endswith('PRIMARY KEY ("order id")')
    # Three kinds in all: an index on `kind` would never be chosen.
    assert not any('("kind")' in sql for sql in statements.values())


def test_an_index_name_fits_into_what_postgres_keeps(dictionary: Dictionary) -> None:
    for table in dictionary.tables.values():
        for name, _ in ddl.create_indexes(table, dictionary):
            assert len(name.encode()) <= 63

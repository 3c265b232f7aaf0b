"""What a statement gives: values, parameters, chunks."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assay.engines.databricks.driver import DatabricksBackend
from assay.engines.databricks.http import Wire
from assay.errors import BackendUnavailable, StatementFailed
from tests.databricks.steps import QUICK, ask, refusal, unjudged
from tests.warehouse import Warehouse

HOUR = timedelta(hours=1)

NO_WORKSPACE = "not as a Databricks workspace does"


def told(kind: str, cell: object) -> dict[str, Any]:
    """A result of one cell, as the service would tell it."""
    schema = {"columns": [{"name": "a", "type_text": kind}]}
    return {
        "statement_id": "a", "status": {"state": "SUCCEEDED"}, "result": {"data_array": [[cell]]},
        "manifest": {"schema": schema, "total_chunk_count": 1, "total_row_count": 1},
    }  # fmt: skip


async def test_every_type_arrives_as_the_python_value_it_means(backend: DatabricksBackend) -> None:
    rows = await ask(
        backend,
        "SELECT CAST(1 AS INT) AS a, CAST(-9223372036854775808 AS BIGINT) AS b, CAST('1.50' AS DECIMAL(18, 2)) AS c,"
        " CAST(0.1 AS DOUBLE) AS d, TRUE AS e, DATE '2026-03-01' AS f, CAST('2026-03-01 10:00:00+02:00' AS TIMESTAMP) AS g,"
        " CAST('2026-03-01 10:00:00.123456' AS TIMESTAMP_NTZ) AS h, 'ü\\'\"\n' AS i, NULL AS j, 'null' AS k",
    )
    assert rows.columns == tuple("abcdefghijk")
    (row,) = rows.rows
    assert row == (
        1, -(2**63), Decimal("1.50"), 0.1, True, date(2026, 3, 1), datetime(2026, 3, 1, 8, tzinfo=UTC),
        datetime(2026, 3, 1, 10, 0, 0, 123456), "ü'\"\n", None, "null",
    )  # fmt: skip
    assert [type(value) for value in row[:5]] == [int, int, Decimal, float, bool]


async def test_what_is_no_number_is_a_double_too(backend: DatabricksBackend) -> None:
    text = "SELECT CAST('NaN' AS DOUBLE) AS a, CAST('Infinity' AS DOUBLE) AS b, CAST('-Infinity' AS DOUBLE) AS c"
    ((nan, *infinite),) = (await ask(backend, text)).rows
    assert nan != nan
    assert infinite == [float("inf"), float("-inf")]


async def test_days_and_moments_beyond_the_calendar_are_values(
    backend: DatabricksBackend, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind, text, right in (
        ("DATE", "+20240-01-05", "20240-01-05"), ("TIMESTAMP_NTZ", "+20240-01-05 10:00:00", "20240-01-05T10:00:00"),
        ("TIMESTAMP", "+20240-01-05T10:00:00Z", "20240-01-05T10:00:00Z"),
        ("TIMESTAMP", "+20240-01-05 10:00:00", "20240-01-05T10:00:00Z"),
    ):  # fmt: skip
        body = json.dumps(told(kind, text)).encode()
        monkeypatch.setattr(warehouse, "_submit", lambda _, body=body: (200, {}, body))
        assert (await ask(backend)).rows == [(right,)]


async def test_parameters_are_bound_in_their_own_type_and_never_written_into_the_text(
    backend: DatabricksBackend, warehouse: Warehouse
) -> None:
    values = {
        "p1": "x' OR '1'='1", "p2": 7, "p3": Decimal("12.340"), "p4": 1.5, "p5": True, "p6": date(2026, 1, 2),
        "p7": datetime(2026, 1, 2, 4, tzinfo=UTC) + HOUR, "p8": datetime(2026, 1, 2, 3, 4, 5, 6), "p9": 2**70,
    }  # fmt: skip
    text = "SELECT " + ", ".join(f":{name} AS {name}" for name in values)
    (row,) = (await ask(backend, text, **values)).rows
    assert row == tuple(values.values())
    sent = {each["name"]: each["type"] for each in warehouse.bodies[-1]["parameters"]}
    assert list(sent.values()) == [
        "STRING", "BIGINT", "DECIMAL(5,3)", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMP_NTZ", "DECIMAL(22,0)",
    ]  # fmt: skip
    assert warehouse.bodies[-1]["statement"] == text


async def test_a_number_that_no_decimal_holds_is_refused_before_it_is_sent(
    backend: DatabricksBackend, warehouse: Warehouse
) -> None:
    error = await refusal(ask(backend, "SELECT :p1 AS a", p1=Decimal("9" * 38 + ".5")))
    assert isinstance(error, StatementFailed) is True
    assert warehouse.counts["submit"] == 0


async def test_the_statement_says_whose_it_is(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    await ask(backend, "SELECT 2 AS two")
    tags = {each["key"]: each["value"] for each in warehouse.bodies[-1]["query_tags"]}
    assert (tags["application"], tags["assay_backend"], len(tags["assay_statement"])) == ("assay", "databricks", 16)


async def test_every_chunk_is_read(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    rows = await ask(backend, "SELECT n, price FROM shop.sale ORDER BY n")
    assert rows.rows == [(n, Decimal(n) * 3 / 2) for n in range(10)]
    assert warehouse.counts["chunk"] == 2


async def test_a_result_without_rows_is_a_result(backend: DatabricksBackend) -> None:
    rows = await ask(backend, "SELECT n FROM shop.sale WHERE n > 99")
    assert (rows.columns, rows.rows) == (("n",), [])


@pytest.mark.parametrize(("kind", "chunks"), [("short", 4), ("short", 100), ("missing", 4), ("cut", 4)])
async def test_a_result_that_lacks_a_row_is_no_result(
    backend: DatabricksBackend, warehouse: Warehouse, kind: str, chunks: int
) -> None:
    warehouse.chunk_rows = chunks
    warehouse.fault(kind, "chunk")
    error = await refusal(ask(backend, "SELECT n FROM shop.sale"))
    assert isinstance(error, BackendUnavailable)
    assert {"short": "incomplete", "missing": "404", "cut": "broke off"}[kind] in error.detail


async def test_a_result_that_the_service_cut_is_refused(backend: DatabricksBackend) -> None:
    statement = unjudged("SELECT n FROM shop.sale", row_limit=5)
    error = await refusal(backend.run(statement, {}, (), 10))
    assert (type(error), "cut the result short" in error.detail) == (StatementFailed, True)
    assert len((await backend.run(unjudged("SELECT n FROM shop.sale", row_limit=10), {}, (), 10)).rows) == 10


async def test_a_result_has_a_largest_size(warehouse: Warehouse) -> None:
    wire = Wire("databricks", warehouse.host, QUICK)
    with pytest.raises(StatementFailed, match="larger than"):
        await wire.send("GET", "/oidc/.well-known/oauth-authorization-server", room=10)
    await wire.close()


@pytest.mark.cases(5)
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], NO_WORKSPACE), ({}, NO_WORKSPACE), ({"statement_id": "../x"}, NO_WORKSPACE),
        ({"statement_id": "a", "status": "odd"}, "is gone"), ({"statement_id": "a", "status": {"state": "NEW"}}, "is gone"),
        ({"statement_id": "a", "status": {"state": "FAILED", "error": "odd"}}, "without a reason"),
        ({"statement_id": "a", "status": {"state": "SUCCEEDED"}, "manifest": {"total_chunk_count": "x"}}, NO_WORKSPACE),
        ({"statement_id": "a", "status": {"state": "SUCCEEDED"}, "manifest": "odd"}, NO_WORKSPACE),
        ({"statement_id": "a", "status": {"state": "SUCCEEDED"}, "result": {"data_array": [["1"]]}}, "1 rows of 0"),
        (told("INT", "x"), "not of its column's type"), (told("BOOLEAN", 7), "not of its column's type"),
        (told("DECIMAL(9,2)", "1,5"), "not of its column's type"), (told("TIMESTAMP", "soon"), "not of its column's type"),
    ],
)  # fmt: skip
async def test_an_answer_that_makes_no_sense_is_a_reason(
    backend: DatabricksBackend, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, body: Any, words: str
) -> None:
    monkeypatch.setattr(warehouse, "_submit", lambda _: (200, {}, json.dumps(body).encode()))
    assert words in (await refusal(ask(backend))).detail

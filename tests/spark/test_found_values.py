"""Columns that Spark holds in types of its own, and values that are not as others: one table, a kind of value a column.

What is right stands here by hand, or is Python's own Fraction.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest

from assay.answers.answer import wire_value
from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.held import as_described
from assay.compiler.question import Asked, resolve_question
from assay.compiler.statement import compile_question
from assay.engines.spark.client import Session
from assay.engines.spark.driver import SparkBackend
from assay.gate import Policy
from assay.people.scope import EVERYTHING
from tests.spark.server import ConnectServer, do
from tests.unit.small import NOW, write_shop

COLUMNS = {
    # name: (as the dictionary says, as Spark holds it, the values)
    "narrow": ("double?", "FLOAT", ["1234.5678", "16777216", "1", "1", "0.1", "NULL"]),
    "qty": ("int?", "SMALLINT", ["32767", "32767", "-2", "1", "NULL", "0"]),
    "cents": ("int?", "INT", ["2000000000", "2000000000", "5", "2147483647", "1", "0"]),
    "price": ("decimal(18,2)?", "DOUBLE", ["9876543210987.65", "9876543210987.65", "0.1", "0.2", "NULL", "-3.33"]),
    "free": ("double?", "DECIMAL(38,10)", ["0.1", "0.2", "NULL", "0.3", "0", "0.5"]),
    "odd": ("double?", "DOUBLE", ["double('NaN')", "double('Infinity')", "double('-Infinity')", "0.5", "NULL", "-0.0"]),
    "big": ("bigint?", "BIGINT", ["9007199254740993", "9007199254740992", "9007199254740993", "1", "NULL", "-1"]),
    "label": ("string?", "STRING", ["'a'", "'a '", "''", "'(none)'", "NULL", "'A'"]),
    "day": ("date?", "DATE", ["DATE'2026-11-02'", "DATE'9999-12-31'", "DATE'+20240-01-05'", "DATE'0001-01-01'", "NULL",
                              "DATE'2026-11-02'"]),
}  # fmt: skip
METRICS = """\
metrics:
  - {id: n, measure: COUNT(*), dimensions: [narrow, price, odd, big, label, day, qty,
      {name: size, expression: "CASE WHEN qty > 1 THEN 'large' WHEN qty <= 1 THEN label ELSE 'none' END"},
      {name: twice, expression: cents * qty}, {name: zero, expression: "CEIL(odd / -4)"},
      {name: cost, expression: "COALESCE(price, qty)"}, {name: weekday, expression: WEEKDAY(day)}]}
  - {id: narrow, measure: SUM(narrow)}
  - {id: narrow_average, measure: AVG(narrow)}
  - {id: narrow_twice, measure: SUM(narrow * 2)}
  - {id: product, measure: SUM(qty * cents)}
  - {id: price, measure: SUM(price), dimensions: [label]}
  - {id: free, measure: SUM(free)}
  - {id: odd, measure: SUM(odd), dimensions: [label]}
  - {id: last, measure: MAX(day)}
  - {id: others, measure: COUNT(*), filter: "label <> 'a'"}
  - {id: none_of_them, measure: SUM(qty), filter: qty > 100000}
  - {id: no_average, measure: AVG(qty), filter: qty > 100000}
  - {id: no_value, measure: SUM(qty), filter: label IS NULL}
  - {id: net, expression: price - odd_ones}
  - {id: odd_ones, measure: SUM(price), filter: "label = 'a'", dimensions: [label]}
"""


@dataclass
class Values:
    workspace: Workspace
    backend: SparkBackend

    async def rows(self, metric: str, **asked: object) -> list[list[Any]]:
        question = resolve_question((metric,), Asked.model_validate(asked), self.workspace, NOW, EVERYTHING)
        described = await self.backend.describe("shop.kinds")
        assert described
        held = as_described({"shop.kinds": described}, "spark")
        statement = compile_question(question, "spark", Policy.from_dictionary(self.workspace.dictionary), held)
        told = await self.backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 60)
        return [
            [wire_value(value, column.type) for value, column in zip(row, statement.columns, strict=True)]
            for row in told.rows
        ]

    async def count(self, dimension: str, op: str, *values: object) -> int:
        ((found,),) = await self.rows("n", filters=[{"dimension": dimension, "op": op, "values": values}])
        return found


@pytest.fixture(scope="module")
def values(server: ConnectServer, spark: SparkBackend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Values]:
    head = "label: l, definition: d, owner: me, "
    metrics = METRICS.replace("id: ", head + "id: ").replace("measure:", "entity: kinds, measure:")
    listed = ", ".join(f"{name} {declared}" for name, (declared, _, _) in COLUMNS.items())
    tables = {"kinds": f"kind_id int, {listed}"}
    loaded = load_workspace(write_shop(tmp_path_factory.mktemp("kinds"), metrics=metrics, tables=tables, joins=()), {})
    assert not loaded.findings, [str(each) for each in loaded.findings]
    session = Session("setup", server.url)
    do(session, "CREATE SCHEMA IF NOT EXISTS shop")
    held = ", ".join(f"{name} {own}" for name, (_, own, _) in COLUMNS.items())
    do(session, f"CREATE TABLE shop.kinds (kind_id INT, {held}) USING parquet")
    rows = [
        f"SELECT {number}, " + ", ".join(f"CAST({given[number]} AS {own})" for _, own, given in COLUMNS.values())
        for number in range(6)
    ]
    do(session, f"INSERT INTO shop.kinds {' UNION ALL '.join(rows)}")
    yield Values(loaded, spark)
    do(session, "DROP TABLE shop.kinds")
    session.end()


def single(text: str) -> Fraction:
    return Fraction(struct.unpack("f", struct.pack("f", float(text)))[0])


async def test_single_precision_is_added_in_double(values: Values) -> None:
    exact = sum(map(single, COLUMNS["narrow"][2][:5]))
    assert await values.rows("narrow") == [[float(exact)]]
    assert await values.rows("narrow_average") == [[float(exact) / 5]]
    assert await values.rows("narrow_twice") == [[float(exact) * 2]]


async def test_whole_numbers_are_multiplied_in_the_width_of_their_product(values: Values) -> None:
    assert await values.rows("product") == [[32767 * 2_000_000_000 * 2 - 10 + 2_147_483_647]]


async def test_a_double_that_is_declared_a_decimal_is_cast_before_it_is_added_and_a_decimal_after(values: Values) -> None:
    assert await values.rows("price") == [["19753086421972.27"]]
    assert await values.rows("free") == [[1.1]]


async def test_a_filter_meets_a_column_in_its_own_type(values: Values) -> None:
    for op, right in {"eq": 1, "ne": 5, "gt": 4, "gte": 5, "lt": 0, "lte": 1, "in": 1, "not_in": 5}.items():
        assert await values.count("narrow", op, 0.1) == right, op
    for op, right in {"eq": 1, "gt": 2, "lt": 2, "ne": 5}.items():
        assert await values.count("price", op, "0.20") == right, op
    assert await values.count("qty", "gt", 40_000) == 0
    assert await values.count("qty", "lte", 2**40) == 5


async def test_nan_infinity_and_null_are_told_apart(values: Values) -> None:
    found = await values.rows("n", dimensions=["odd"])
    assert sorted(found, key=str) == sorted(
        [["NaN", 1], ["Infinity", 1], ["-Infinity", 1], [0.5, 1], [0.0, 1], [None, 1]], key=str
    )
    assert await values.rows("odd") == [["NaN"]]
    for value in ("NaN", "Infinity", "-Infinity", 0):
        assert await values.count("odd", "eq", value) == 1, value
        assert await values.count("odd", "ne", value) == 5, value
    assert await values.count("odd", "gt", 0.5) == 2


async def test_whole_numbers_beyond_2_to_the_53rd_are_text_and_are_found_by_it(values: Values) -> None:
    found = await values.rows("n", dimensions=["big"])
    assert sorted(found, key=str) == sorted(
        [["9007199254740993", 2], [9007199254740992, 1], [1, 1], [-1, 1], [None, 1]], key=str
    )
    assert await values.count("big", "eq", "9007199254740993") == 2


async def test_texts_that_look_alike_are_several(values: Values) -> None:
    found = await values.rows("n", dimensions=["label"])
    assert sorted(found, key=str) == sorted([[each, 1] for each in ("a", "a ", "", "(none)", "A", None)], key=str)
    assert [await values.count("label", "eq", each) for each in ("a", "a ", "", "(none)", "A")] == [1] * 5
    assert await values.count("label", "ne", "a") == 5
    assert await values.rows("others") == [[4]]


async def test_days_beyond_the_calendar_are_groups_and_values(values: Values) -> None:
    found = await values.rows("n", dimensions=["day"])
    days = {"2026-11-02": 2, "9999-12-31": 1, "20240-01-05": 1, "0001-01-01": 1}
    assert sorted(found, key=str) == sorted([*map(list, days.items()), [None, 1]], key=str)
    assert await values.rows("last") == [["20240-01-05"]]
    assert {day: await values.count("day", "eq", day) for day in days} == days
    assert await values.count("day", "gt", "9999-12-31") == 1
    assert await values.count("day", "gte", "20240-01-05") == 1
    assert await values.count("day", "lt", "20240-01-05") == 4
    assert await values.count("day", "lt", "0044-03-15 BC") == 0
    assert await values.count("day", "gt", "infinity") == 0
    assert await values.count("day", "ne", "20240-01-05") == 5


async def test_nothing_is_not_unknown(values: Values) -> None:
    assert await values.rows("none_of_them") == [[0]]
    assert await values.rows("no_average") == [[None]]
    assert await values.rows("no_value") == [[None]]
    both = {"dimension": "label", "op": "in", "values": ["a", "A"]}
    assert await values.rows("net", dimensions=["label"], filters=[both]) == [["a", 0.0], ["A", -3.33]]


async def test_a_dimension_that_is_calculated_has_one_type_and_is_found_as_it_is_shown(values: Values) -> None:
    expected: dict[str, list[list[Any]]] = {
        "size": [["large", 2], ["", 1], ["(none)", 1], ["none", 1], ["A", 1]],
        "twice": [[65_534_000_000_000, 2], [-10, 1], [2_147_483_647, 1], [None, 1], [0, 1]],
        "cost": [["9876543210987.65", 2], ["0.10", 1], ["0.20", 1], [None, 1], ["-3.33", 1]],
        "weekday": [[1, 3], [5, 1], [None, 2]],
    }
    for name, groups in expected.items():
        assert sorted(await values.rows("n", dimensions=[name]), key=str) == sorted(groups, key=str), name
    zeros = [found for found in await values.rows("n", dimensions=["zero"]) if found[0] == 0]
    assert str(zeros) == "[[0.0, 2]]"
    assert await values.count("size", "eq", "") == 1
    assert await values.count("size", "not_contains", "n") == 4
    assert await values.count("twice", "gt", 10**12) == 2
    assert await values.count("twice", "lt", 10**40) == 5
    assert await values.count("cost", "in", "0.1", "-3.33") == 2
    assert await values.count("weekday", "gte", 5) == 1

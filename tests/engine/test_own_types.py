"""Columns that an engine holds in a type of its own: calculated in the wider type, filtered in the engine's.

Each table is made on PostgreSQL and on DuckDB with the types that are written here, described by the backend as at any
route, and what comes back is held against Python's own Decimal and Fraction.
"""

import random
import struct
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal as D
from fractions import Fraction
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import pytest
from tests.conftest import empty_database
from tests.unit.small import NOW, write_shop

from assay.answers.answer import wire_value
from assay.backends.protocol import Backend
from assay.catalog.workspace import load_workspace
from assay.compiler.held import as_described
from assay.compiler.question import Asked, resolve_question
from assay.compiler.statement import compile_question
from assay.engines.duckdb.driver import DuckDBBackend
from assay.engines.postgres.driver import PostgresBackend
from assay.gate import Policy
from assay.people.scope import EVERYTHING

DUCK_NAMES = {"real": "FLOAT", "double precision": "DOUBLE", "numeric": "DECIMAL(38,10)", "text": "VARCHAR"}


@dataclass
class Own:
    root: Path
    url: str

    async def ask(
        self, declared: str, own: str | tuple[str, str], rows: list[Any], measures: dict[str, str], **asked: object
    ) -> list[list[list[Any]]]:
        """What PostgreSQL and DuckDB give for the measures over `c` (declared so, held so) and a whole number `k`."""
        postgres_type, duck_type = own if isinstance(own, tuple) else (own, DUCK_NAMES.get(own, own))
        table = f"t_{uuid.uuid4().hex[:8]}"
        entries = "".join(
            f"  - {{id: {name}, label: m, definition: m, entity: {table}, measure: '{measure}', owner: me,"
            " dimensions: [c, k]}\n"
            for name, measure in measures.items()
        )
        tables = {table: f"id int, k int, c {declared}".replace("; ", ";")}
        workspace = load_workspace(
            write_shop(self.root / table, metrics="metrics:\n" + entries, tables=tables, joins=()), {}
        )
        assert not workspace.findings, [str(each) for each in workspace.findings]
        question = resolve_question(tuple(measures), Asked.model_validate(asked), workspace, NOW, EVERYTHING)
        policy = Policy.from_dictionary(workspace.dictionary)
        found: list[list[list[Any]]] = []
        async with self.backends(table, postgres_type, duck_type, rows) as backends:
            for backend in backends:
                described = await backend.describe(f"shop.{table}")
                assert described
                held = as_described({f"shop.{table}": described}, backend.dialect)
                statement = compile_question(question, backend.dialect, policy, held)
                told = await backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 20)
                found.append([
                    [wire_value(value, column.type) for value, column in zip(row, statement.columns, strict=True)]
                    for row in told.rows
                ])  # fmt: skip
        return found

    @asynccontextmanager
    async def backends(self, table: str, own: str, duck: str, rows: list[Any]) -> AsyncIterator[list[Backend]]:
        connection = await asyncpg.connect(self.url)
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS shop; CREATE TABLE shop.{table} (id int, k int, c {own})")
        values = ", ".join(f"({number}, {number % 3}, {_written(each)})" for number, each in enumerate(rows))
        await connection.execute(f"INSERT INTO shop.{table} VALUES {values}")
        await connection.close()
        file = self.root / f"{table}.duckdb"
        with duckdb.connect(str(file)) as lake:
            lake.execute(f"CREATE SCHEMA shop; CREATE TABLE shop.{table} (id int, k int, c {duck})")
            fitting = values.replace("'NaN'", "NULL") if duck.startswith("DECIMAL") else values
            lake.execute(f"INSERT INTO shop.{table} VALUES {fitting}")
        pair: list[Backend] = [PostgresBackend("postgres", self.url, counted=False), DuckDBBackend("lake", file)]
        try:
            yield pair
        finally:
            for each in pair:
                await each.close()


def _written(value: Any) -> str:
    return "NULL" if value is None else f"'{value}'"


@pytest.fixture(scope="module")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Own]:
    async with empty_database() as url:
        yield Own(tmp_path_factory.mktemp("own"), url)


def single(value: float) -> float:
    return struct.unpack("f", struct.pack("f", value))[0]


# -- what is added ---------------------------------------------------------------------------------


async def test_a_real_is_added_as_a_double(own: Own) -> None:
    for rows in ([1234.5678] * 800, [16777216] + [1] * 6):
        exact = sum(Fraction(single(each)) for each in rows)
        measures = {
            "s": "SUM(c)",
            "a": "AVG(c)",
            "x": "MAX(c)",
            "twice": "SUM(c * 2)",
            "cases": "SUM(CASE WHEN k >= 0 THEN c END)",
        }
        for found in await own.ask("double", "real", rows, measures):
            largest = single(max(rows))
            assert found == [[float(exact), float(exact / len(rows)), largest, float(exact * 2), float(exact)]]


async def test_a_numeric_without_digits_is_added_exactly_and_then_read_as_declared(own: Own) -> None:
    rows = ["0.1", "0.2", None]
    postgres, duck = await own.ask("double;numeric", ("numeric", "DECIMAL(38,10)"), rows, {"s": "SUM(c)", "x": "MAX(c)"})
    assert postgres == duck == [[0.3, 0.2]]
    postgres, _ = await own.ask("decimal(18,2);numeric", ("numeric", "DECIMAL(18,2)"), ["0.125", "0.125"], {"s": "SUM(c)"})
    assert postgres == [["0.25"]]


async def test_a_double_that_is_declared_a_decimal_is_cast_value_by_value(own: Own) -> None:
    rows = ["0.1", "0.2", "1000000000.01"]
    for found in await own.ask("decimal(18,2)", "double precision", rows, {"s": "SUM(c)", "n": "MIN(c)", "d": "SUM(c * k)"}):
        assert found == [["1000000000.31", "0.10", "2000000000.22"]]


@pytest.mark.cases(1)
@pytest.mark.parametrize("kind", ["smallint", "integer", "bigint"])
async def test_whole_numbers_are_calculated_with_in_the_width_of_their_result(own: Own, kind: str) -> None:
    random.seed(7)
    most = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**60}[kind]
    rows = [most, -most, most - 1, *(random.randint(-most, most) for _ in range(5))]
    declared = "bigint" if kind == "bigint" else "int"
    measures = {
        "p": "SUM(c * c)", "o": "SUM(c + c)", "m": "MAX(c) + MAX(c)", "g": "SUM(-c)", "b": "MAX(ABS(c))",
        "l": "SUM(2 * c - k)", "s": "SUM(c) * COUNT(*)", "d": "SUM((c + k) * (c - k))",
    }  # fmt: skip
    keyed = [(value, number % 3) for number, value in enumerate(rows)]
    exact = [
        sum(each * each for each in rows), 2 * sum(rows), 2 * max(rows), -sum(rows), max(map(abs, rows)),
        sum(2 * value - key for value, key in keyed), sum(rows) * len(rows), sum(value**2 - key**2 for value, key in keyed),
    ]  # fmt: skip
    for found in await own.ask(declared, kind, rows, measures):
        assert [[int(each) for each in row] for row in found] == [exact]


@pytest.mark.exhaustive
async def test_random_values_in_random_types_are_added_as_python_adds_them(own: Own) -> None:
    random.seed(11)
    for declared, held, scale in (
        ("decimal(18,2)", "numeric(18,2)", 2), ("decimal(18,2);numeric", "numeric", 2),
        ("decimal(12,4)", "double precision", 4),
        ("double", "real", None), ("double;numeric", "numeric", None), ("int", "smallint", 0), ("bigint", "integer", 0),
    ):  # fmt: skip
        digits = scale if scale is not None else 3
        rows = [D(random.randint(-30_000, 30_000)).scaleb(-digits) for _ in range(50)] + [None]
        if held == "real":
            rows = [None if each is None else D(single(float(each))) for each in rows]
        exact = sum(Fraction(each) for each in rows if each is not None)
        for found in await own.ask(declared, (held, DUCK_NAMES.get(held, held)), rows, {"s": "SUM(c)", "n": "COUNT(c)"}):
            value, count = found[0]
            assert count == 50
            if scale is None:
                assert value == pytest.approx(float(exact), rel=1e-13)
            else:
                assert Fraction(str(value)) == exact


# -- what is filtered ------------------------------------------------------------------------------

COUNTED = {"n": "COUNT(*)"}


async def counts(
    own: Own, declared: str, held: str | tuple[str, str], rows: list[Any], op: str, *values: object
) -> list[Any]:
    asked = [{"dimension": "c", "op": op, "values": list(values)}]
    found = await own.ask(declared, held, rows, COUNTED, filters=asked)
    return [each[0][0] for each in found]


async def test_a_filter_meets_a_column_in_the_columns_own_type(own: Own) -> None:
    rows = ["0.1", "0.5", "1234.5678", None]
    for value in (0.1, 1234.5678, single(1234.5678)):
        assert await counts(own, "double", "real", rows, "eq", value) == [1, 1]
        assert await counts(own, "double", "real", rows, "ne", value) == [3, 3]
    assert await counts(own, "double", "real", rows, "gt", 0.1) == [2, 2]
    assert await counts(own, "double", "real", rows, "lte", 0.1) == [1, 1]
    assert await counts(own, "double;numeric", "numeric", ["0.1", "0.30"], "in", 0.1, 0.3) == [2, 2]
    assert await counts(own, "decimal(18,2)", "double precision", ["0.1", "0.3"], "eq", "0.30") == [1, 1]
    assert await counts(own, "decimal(18,2)", "double precision", ["0.1", "0.3"], "gte", "0.10") == [2, 2]


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("declared", "held", "rows", "beyond"),
    [
        ("int", "smallint", [1, 2, None], 40_000), ("int", "integer", [1, 2, None], 2**31),
        ("bigint", "integer", [1, 2, None], 2**40), ("double", "real", ["1", "2", None], 1e300),
        ("decimal(38,2);numeric", "numeric(6,2)", ["1", "2", None], "100000.00"),
        ("int", "integer", [1, 2, None], 2**80),
    ],
)  # fmt: skip
async def test_what_does_not_fit_equals_no_row_and_lies_beyond_the_end(
    own: Own, declared: str, held: str, rows: list[Any], beyond: Any
) -> None:
    below = f"-{beyond}" if isinstance(beyond, str) else -beyond - 1
    expected = {"eq": 0, "ne": 3, "gt": 0, "gte": 0, "lt": 2, "lte": 2}
    for op, count in expected.items():
        assert await counts(own, declared, held, rows, op, beyond) == [count, count], (op, beyond)
    for op, count in {"gt": 2, "gte": 2, "lt": 0, "lte": 0}.items():
        assert await counts(own, declared, held, rows, op, below) == [count, count], (op, below)
    assert await counts(own, declared, held, rows, "in", beyond, rows[0]) == [1, 1]
    assert await counts(own, declared, held, rows, "not_in", beyond, rows[0]) == [2, 2]
    assert await counts(own, declared, held, rows, "not_in", beyond, below) == [3, 3]


async def test_more_digits_than_a_column_has_lie_between_its_values(own: Own) -> None:
    rows = ["0.10", "0.20", None]
    asked = {"eq": 0, "ne": 3, "gt": 1, "gte": 1, "lt": 1, "lte": 1}
    for op, count in asked.items():
        assert await counts(own, "decimal(18,2)", "numeric(18,2)", rows, op, "0.155") == [count, count], op


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("declared", "held", "rows"),
    [
        # Several values of the engine's own type are shown as one: a filter finds all of them, and no other.
        ("double;numeric", ("numeric", "DECIMAL(38,20)"), ["0.33333333333333333333", "0.33333333333333333", "0.5", None]),
        ("double;numeric", ("numeric", "DECIMAL(38,9)"), ["12345678901234567890.12", "12345678901234567890", "0.1", None]),
        ("decimal(18,2)", "double precision", ["10.004", "10", "10.01", "9.996", "-10.004", None]),
        ("decimal(18,2)", "real", ["10.004", "10", "10.01", "0.1", None]),
        ("decimal(18,2);numeric", ("numeric", "DECIMAL(18,4)"), ["0.126", "0.13", "0.134", "0.1", None]),
        ("int", "double precision", ["1.2", "1", "2", "-0.3", None]),
        ("double", "bigint", [2**53 + 1, 2**53, -(2**60), 5, None]),
        # Each is shown as itself.
        ("double", "real", ["0.1", "0.2", "16777216", None]),
        ("decimal(18,2)", "numeric(18,2)", ["0.10", "10.00", "-5", None]), ("bigint", "smallint", [1, -1, 0, None]),
    ],
)  # fmt: skip
async def test_a_filter_finds_what_a_group_shows(
    own: Own, declared: str, held: str | tuple[str, str], rows: list[Any]
) -> None:
    groups, others = await own.ask(declared, held, rows, COUNTED, dimensions=["c"])
    assert sorted(groups, key=str) == sorted(others, key=str)
    known = [(D(str(value)), value, count) for value, count in groups if value is not None]
    empty = len(rows) - sum(count for *_, count in known)
    for number, value, count in known:
        above = sum(each[2] for each in known if each[0] > number)
        below = sum(each[2] for each in known if each[0] < number)
        right = {
            "eq": count, "in": count, "ne": len(rows) - count, "not_in": len(rows) - count, "gt": above, "lt": below,
            "gte": above + count, "lte": below + count,
        }  # fmt: skip
        for op, expected in right.items():
            assert await counts(own, declared, held, rows, op, value) == [expected] * 2, (op, value)
    assert await counts(own, declared, held, rows, "in", *(each[1] for each in known)) == [len(rows) - empty] * 2


async def test_an_index_serves_every_filter_on_a_numeric_without_digits(own: Own) -> None:
    """Beside the cast that decides stands a bound on the bare column."""
    tables = {"t": "id int, k int, c double;numeric"}
    metrics = "metrics:\n  - {id: m, label: m, definition: m, entity: t, measure: COUNT(*), owner: me, dimensions: [c]}\n"
    workspace = load_workspace(write_shop(own.root / "bare", metrics=metrics, tables=tables, joins=()), {})
    policy, held = Policy.from_dictionary(workspace.dictionary), as_described({"shop.t": {"c": "numeric"}}, "postgres")
    connection = await asyncpg.connect(own.url)
    await connection.execute("""
        CREATE SCHEMA IF NOT EXISTS shop; CREATE TABLE shop.t (id int, k int, c numeric);
        INSERT INTO shop.t SELECT i, i, i / 3.0 FROM generate_series(1, 20000) i; CREATE INDEX ON shop.t (c); ANALYZE shop.t;
    """)
    for op in ("eq", "in", "gt", "gte", "lt", "lte"):
        value = 1 / 3 if op.startswith("l") else 20_000 / 3
        asked = Asked.model_validate({"filters": [{"dimension": "c", "op": op, "values": [value]}]})
        question = resolve_question(("m",), asked, workspace, NOW, EVERYTHING)
        statement = compile_question(question, "postgres", policy, held)
        values = list(statement.parameters(question).values())
        plan = await connection.fetch(f"EXPLAIN {statement.safe.text}", *values)
        assert any("Index Cond" in row[0] for row in plan), (op, plan)
        right = 1 if op not in ("gt", "lt") else 0
        assert await connection.fetchval(statement.safe.text, *values) == right, op
    await connection.close()


async def test_a_uuid_is_met_by_its_text_and_by_nothing_else(own: Own) -> None:
    known = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    assert await counts(own, "string;uuid", "uuid", [known, None], "eq", known) == [1, 1]
    for other in (known.upper(), "no uuid", "{" + known + "}"):
        assert await counts(own, "string;uuid", "uuid", [known, None], "eq", other) == [0, 0]
        assert await counts(own, "string;uuid", "uuid", [known, None], "ne", other) == [2, 2]


async def test_a_number_in_a_formula_is_one_of_the_columns_own(own: Own) -> None:
    measures = {"a": "COUNT(CASE WHEN c = 0.1 THEN 1 END)", "b": "COUNT(CASE WHEN c > 0.1 THEN 1 END)"}
    for found in await own.ask("double", "real", ["0.1", "0.5"], measures):
        assert found == [[1, 1]]


# -- values that are not as others -----------------------------------------------------------------


@pytest.mark.cases(1)
@pytest.mark.parametrize("kind", ["date", "timestamp_ntz", "timestamp"])
async def test_infinity_and_the_year_20240_are_values_like_any_other(own: Own, kind: str) -> None:
    held = {"date": "date", "timestamp_ntz": "timestamp", "timestamp": "timestamptz"}[kind]
    tail = {"date": "", "timestamp_ntz": "T00:00:00", "timestamp": "T00:00:00Z"}[kind]
    days = ["2026-11-02", "infinity", "-infinity", "20240-01-05", "9999-12-31", "0001-01-01", None]
    written = [each if each is None or "inf" in each else each + tail for each in days]
    rows = [each and (each if "inf" in each else each + (" 00:00:00+00" if kind == "timestamp" else "")) for each in days]
    for found in await own.ask(kind, held, rows, COUNTED, dimensions=["c"]):
        assert sorted(found, key=str) == sorted([[each, 1] for each in written], key=str)
    for value in written[:-1]:
        assert await counts(own, kind, held, rows, "eq", value) == [1, 1], value
    assert await counts(own, kind, held, rows, "gt", "9999-12-31" + tail) == [2, 2]
    assert await counts(own, kind, held, rows, "lt", "20240-01-05" + tail) == [4, 4]
    for found in await own.ask(kind, held, rows, {"last": "MAX(c)", "first": "MIN(c)"}):
        assert found == [["infinity", "-infinity"]]


@pytest.mark.exhaustive
async def test_a_decimal_that_is_not_a_number_is_found_where_an_engine_has_it(own: Own) -> None:
    """PostgreSQL alone has a NaN among decimals, and it is above all numbers; DuckDB has a row without a value there."""
    for declared, held in (("decimal(12,2)", "numeric(12,2)"), ("double;numeric", "numeric")):
        right = {"eq": (1, 0), "ne": (3, 4), "in": (1, 0), "gt": (0, 0), "gte": (1, 0), "lt": (2, 2), "lte": (3, 2)}
        for op, expected in right.items():
            found = await counts(own, declared, (held, "DECIMAL(12,2)"), ["NaN", "1.25", "-1", None], op, "NaN")
            assert tuple(found) == expected, (held, op)


async def test_nan_infinity_and_null_are_three_values(own: Own) -> None:
    for held in ("double precision", "real"):
        rows = ["NaN", "Infinity", "-Infinity", "0.5", None]
        for found in await own.ask("double", held, rows, COUNTED, dimensions=["c"], order=[{"by": "c", "descending": True}]):
            assert [row[0] for row in found] == ["NaN", "Infinity", 0.5, "-Infinity", None]
        for value in ("NaN", "Infinity", "-Infinity", 0.5):
            assert await counts(own, "double", held, rows, "eq", value) == [1, 1], value
        for found in await own.ask("double", held, rows, {"s": "SUM(c)", "x": "MAX(c)"}):
            assert found == [["NaN", "NaN"]]
    for found in await own.ask("double", "real", ["Infinity", "1"], {"s": "SUM(c)"}):
        assert found == [["Infinity"]]


async def test_whole_numbers_beyond_2_to_the_53rd_are_text_and_are_found_by_it(own: Own) -> None:
    rows = [2**53 + 1, 2**53, 2**63 - 1]
    for found in await own.ask("bigint", "bigint", rows, {"m": "MAX(c)"}, dimensions=["c"]):
        assert sorted(found, key=lambda row: int(row[0])) == [[2**53] * 2, [str(2**53 + 1)] * 2, [str(2**63 - 1)] * 2]
    for value in (str(2**53 + 1), 2**53 + 1):
        assert await counts(own, "bigint", "bigint", rows, "eq", value) == [1, 1]

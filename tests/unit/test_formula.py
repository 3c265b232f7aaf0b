"""Formulas: what is understood, what is refused and why, and the types that come out."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlglot import exp

from assay.catalog.formula import (
    BadFormula,
    Formula,
    ValueType,
    read_expression,
    read_filter,
    read_measure,
)
from assay.catalog.no_rows import over_no_rows
from assay.catalog.types import ColumnType, parse_type

COLUMNS = {
    "items": "int", "big": "bigint", "amount": "decimal(18,2)", "rate": "decimal(9,4)", "wide": "decimal(38,0)",
    "weight": "double", "region": "string", "note": "string", "is_gift": "boolean", "sold_on": "date",
    "sold_at": "timestamp", "shipped_at": "timestamp", "sold_wall": "timestamp_ntz",
}  # fmt: skip


def resolve(name: str, table: str | None) -> tuple[str, str, ColumnType]:
    if name not in COLUMNS or table not in (None, "sale"):
        raise BadFormula(f"no column {name!r}")
    return "shop.sale", name, parse_type(COLUMNS[name])


def measure(text: str) -> Formula:
    return read_measure(text, resolve)


def condition(text: str) -> Formula:
    return read_filter(text, resolve)


@pytest.mark.parametrize(
    ("text", "kind", "scale"),
    [
        ("COUNT(*)", "integer", None),
        ("count(region)", "integer", None),
        ("COUNT(DISTINCT sale.region)", "integer", None),
        ("SUM(items)", "integer", None),
        ("SUM(wide)", "integer", None),
        ("SUM(amount)", "decimal", 2),
        ("SUM(amount * rate)", "decimal", 6),
        ("SUM(amount + rate)", "decimal", 4),
        ("SUM(amount * items)", "decimal", 2),
        ("SUM(amount) - SUM(items) * 1.125", "decimal", 3),
        ("SUM(weight)", "double", None),
        ("SUM(amount * weight)", "double", None),
        ("SUM(items) / COUNT(*)", "double", None),
        ("SUM(items / big)", "double", None),
        ("AVG(items)", "double", None),
        ("MEDIAN(amount)", "double", None),
        ("PERCENTILE(amount, 0.9)", "double", None),
        ("MIN(amount)", "decimal", 2),
        ("MAX(sold_at)", "timestamp", None),
        ("MAX(sold_on)", "date", None),
        ("COALESCE(SUM(amount), 0)", "decimal", 2),
        ("COALESCE(SUM(items), 0.5)", "decimal", 1),
        ("NULLIF(SUM(items), 0)", "integer", None),
        ("SUM(CASE WHEN is_gift THEN amount ELSE 0 END)", "decimal", 2),
        ("SUM(CASE region WHEN 'West' THEN 1 END)", "integer", None),
        ("COUNT(CASE WHEN note IS NULL THEN 1 END)", "integer", None),
        ("-ABS(SUM(items))", "integer", None),
        ("CASE WHEN COUNT(*) > 10 THEN AVG(amount) END", "double", None),
    ],
)
def test_a_measure_has_a_type_that_no_engine_decides(text: str, kind: str, scale: int | None) -> None:
    assert measure(text).type == ValueType(kind, scale)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not one expression"),
        ("COUNT(*); DROP TABLE sale", "is not one expression"),
        ("COUNT(*", "cannot be read: Expecting ) (character 7)"),
        ("items - then", "cannot be read: something is missing here (character 12)"),
        ("SUM(items) 'ab", "cannot be read: the text cannot be read"),
        ("SUM(amount" + " + amount" * 300 + ")", "longer than 2,000 characters"),
        ("amount", "has no aggregate"),
        ("1 + 1", "has no aggregate"),
        ("SUM(amount) + items", "items stands outside an aggregate"),
        ("SUM(AVG(amount))", "an aggregate stands inside another"),
        ("SUM(region)", "'SUM(region)' calculates with a string"),
        ("SUM(-region)", "'-region' calculates with a string"),
        ("AVG(sold_at)", "calculates with a timestamp"),
        ("MIN(region)", "a string has no order that every engine shares"),
        ("MAX(is_gift)", "a boolean has no order that every engine shares"),
        ("COUNT(*) > 3", "gives a boolean; a measure is a number or a moment"),
        ("CASE WHEN COUNT(*) > 3 THEN 'many' END", "gives a string"),
        ("SUM(prize)", "no column 'prize'"),
        ("COUNT()", "COUNT() counts nothing"),
        ("COUNT(items, big)", "'COUNT(items, big)' is not understood"),
        ("SUM(ROUND(weight))", "a double has no exact half to round; round whole numbers and decimals"),
        ("SUM(ROUND(items, big))", "the number of digits is written out, from 0 to 18"),
        ("SUM(MOD(amount, 2))", "amount is not a whole number"),
        ("SUM(LENGTH(items))", "takes a string, and items is a number"),
        ("MAX(YEAR(sold_at))", "use a column of days or of wall times"),
        ("SUM(SECONDS_BETWEEN(sold_at, sold_wall))", "an instant and a wall time are not seconds apart"),
        ("SUM(LEAST(items, sold_on))", "date and number have no order that every engine shares"),
        ("SUM(items) FILTER (WHERE SUM(items) > 1)", "an aggregate stands inside another"),
        ("(SUM(items) + 1) FILTER (WHERE is_gift)", "cannot be read"),
        ("COUNT(*) FILTER (WHERE note LIKE region)", "the text that is looked for is written out"),
        ("COUNT(*) FILTER (WHERE note LIKE 'a\\\\%')", "engines disagree about a backslash here"),
        ("COUNT(DISTINCT *)", "'*' is not understood"),
        ("MAX(items, big)", "'MAX(items, big)' is not understood"),
        ("SUM(DISTINCT items)", "is not understood"),
        ("SUM(items) OVER ()", "is not understood"),
        ("SUM(items) FILTER (WHERE note)", "is no condition"),
        ("COUNT_IF(is_gift)", "is not understood"),
        ("APPROX_QUANTILE(amount, 0.5)", "is not understood"),
        ("PERCENTILE(amount, 90)", "a share from 0 to 1"),
        ("PERCENTILE(amount, items)", "a share from 0 to 1"),
        ("SUM(CAST(region AS INT))", "is not understood"),
        ("SUM(ASCII(region))", "is not understood"),
        ("SUM((SELECT 1))", "is not understood"),
        ("SELECT COUNT(*) FROM sale", "is not understood"),
        ("COUNT(sale.*)", "write column, table.column or schema.table.column"),
        ("SUM(a.db.sale.items)", "write column, table.column or schema.table.column"),
        ("SUM(IF(is_gift, 1, 0))", "is not understood"),
        ("SUM(items ^ 2)", "is not understood"),
        ("SUM(1e3)", "1e3: write the number out in digits"),
        ("SUM(NULL)", "NULL stands alone"),
        ("SUM(CASE WHEN items THEN 1 END)", "'items' is no condition"),
        ("SUM(CASE WHEN is_gift THEN NULL END)", "a CASE needs a value"),
        ("SUM(CASE WHEN is_gift THEN 1 ELSE 'no' END)", "mixes integer and string"),
        ("COALESCE(SUM(items), 'none')", "mixes integer and string"),
        ("PG_SLEEP(9)", "is not understood"),
        ("COUNT(:p1)", "is not understood"),
    ],
)
def test_a_measure_that_is_not_understood_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(BadFormula) as caught:
        measure(text)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "region = 'West'", "region <> 'West' AND note IS NOT NULL", "NOT is_gift", "is_gift", "is_gift IS NOT TRUE",
        "items > 3 OR big <= amount", "region IN ('West', 'East')", "region NOT IN ('West')", "items BETWEEN 1 AND 3",
        "sold_on >= '2026-01-01'", "'2026-01-01' <= sold_on", "sold_at < '2026-01-01T08:00:00Z'",
        "sold_on BETWEEN '2026-01-01' AND '2026-02-01'", "sold_at < shipped_at", "COALESCE(note, '') = ''",
        "CASE sold_on WHEN '2026-01-01' THEN TRUE ELSE FALSE END", "amount / items > 2.5", "TRUE", "(region = 'x')",
    ],
)  # fmt: skip
def test_a_condition_is_understood(text: str) -> None:
    assert condition(text).type.kind == "boolean"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("region", "is no condition"),
        ("items + 1", "is no condition"),
        ("COUNT(*) > 1", "cannot hold an aggregate"),
        ("region = 1", "'region = 1' compares number with string"),
        ("region = items", "compares number with string"),
        ("is_gift = 1", "compares boolean with number"),
        ("region > 'M'", "a string has no order that every engine shares"),
        ("note BETWEEN 'a' AND 'b'", "a string has no order"),
        ("region = NULL", "write IS NULL"),
        ("region NOT IN ('West', NULL)", "write IS NULL"),
        ("region IS TRUE", "after IS stands NULL"),
        ("is_gift AND region", "'region' is no condition"),
        ("sold_on > '1 January'", "'1 January' is no date; write for instance '2026-11-01'"),
        ("sold_at = sold_wall", "compares timestamp with wall time"),
        ("sold_on = sold_at", "compares date with timestamp"),
        ("sold_wall > '2026-01-01T00:00:00Z'", "leave the time zone out"),
        ("items BETWEEN SYMMETRIC 3 AND 1", "is not understood"),
        ("items IN (SELECT 1)", "is not understood"),
        ("region ILIKE 'W%'", "is not understood"),
        ("region = 'a' OR 1", "'1' is no condition"),
    ],
)
def test_a_condition_that_is_not_understood_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(BadFormula) as caught:
        condition(text)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("sold_on = '2026-01-31'", date(2026, 1, 31)),
        ("sold_wall = '2026-01-31'", datetime(2026, 1, 31)),
        ("sold_at = '2026-01-31T08:00:00+01:00'", datetime.fromisoformat("2026-01-31T08:00:00+01:00")),
    ],
)
def test_text_beside_a_date_or_timestamp_is_a_moment(text: str, moment: date) -> None:
    tree = condition(text).tree.copy()
    literal = tree.find(exp.Literal)
    assert literal is not None
    assert literal.meta["moment"] == moment


def test_a_formula_has_one_text_however_it_is_written() -> None:
    assert measure("sum( amount )  -- in dollars").text == measure("SUM(/* gross */ sale.amount)").text
    assert "dollars" not in measure("sum(amount) -- in dollars").text


def test_a_formula_knows_the_columns_it_reads() -> None:
    read = measure("SUM(CASE WHEN region = 'West' THEN amount END)")
    assert set(read.columns) == {("shop.sale", "region"), ("shop.sale", "amount")}


def test_an_expression_names_metrics_in_order() -> None:
    _, ids = read_expression("(sales - returns) / sales * 100")
    assert ids == ("sales", "returns")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 + 1", "names no metric"),
        ("sales > 1", "only metric ids, numbers and + - * / are understood"),
        ("SUM(sales)", "only metric ids"),
        ("shop.sales", "write the bare metric id"),
        ("sales * '2'", "is text, not a number"),
        ("sales * 1e9", "write the number out in digits"),
    ],
)
def test_an_expression_is_arithmetic_over_metrics_and_nothing_else(text: str, reason: str) -> None:
    with pytest.raises(BadFormula) as caught:
        read_expression(text)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("COUNT(*)", 0), ("COUNT(DISTINCT region)", 0), ("SUM(items)", 0), ("AVG(items)", None), ("MAX(items)", None),
        ("COUNT(*) * 100", 0), ("COUNT(*) + COUNT(region)", 0), ("-COUNT(*)", 0), ("COUNT(*) + SUM(items)", 0),
        ("COUNT(*) / COUNT(region)", None), ("COUNT(*) / 4", 0), ("COALESCE(SUM(amount), 5)", 0), ("(COUNT(*) - 1)", -1),
        ("COALESCE(AVG(amount), 7)", 7), ("ABS(SUM(items) - 2)", 2), ("NULLIF(SUM(items), 0)", None),
        ("CASE WHEN COUNT(*) > 10 THEN SUM(items) ELSE 3 END", 3), ("CASE COUNT(*) WHEN 0 THEN 1 END", 1),
        ("CASE WHEN AVG(items) > 1 THEN 1 WHEN MAX(items) IS NULL AND NOT COUNT(*) = 1 THEN 2 END", 2),
    ],
)  # fmt: skip
def test_over_no_rows_a_count_and_a_sum_are_0_and_the_rest_is_unknown(text: str, value: int | None) -> None:
    assert over_no_rows(measure(text).tree) == (None if value is None else Decimal(value))

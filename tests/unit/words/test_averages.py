"""Ratios and averages that no metric defines: never the plain metric, never a split. In a workspace of its own."""

import pytest

from assay.widgets.words.reader import Reader
from tests.unit.words.reading import shop_reader

_METRIC = "entity: sale, time: sold_at, window: month_to_date, owner: shop"
_DIMENSIONS = "region, {name: rep, label: Sales rep, column: sale.note}, {name: category, column: product.category}"
METRICS = f"""\
metrics:
  - {{id: revenue, label: Revenue, definition: Money that orders brought in., measure: SUM(amount), unit: usd, {_METRIC},
     dimensions: [{_DIMENSIONS}]}}
  - {{id: orders, label: Orders, definition: Orders placed., measure: COUNT(*), {_METRIC}, dimensions: [{_DIMENSIONS}]}}
  - {{id: buyers, label: Buyers, definition: Different customers who ordered., measure: COUNT(DISTINCT customer_id),
     {_METRIC}, dimensions: [region]}}
"""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    own = shop_reader(tmp_path_factory.mktemp("shop"), METRICS)
    assert own.lexicon.workspace.findings == ()
    return own


@pytest.mark.parametrize("words", [
    "average revenue per customer", "mean revenue per customer last month", "average spend per customer",
    "average number of orders per customer", "revenue each customer brings on average", "average revenue",
    "average revenue by region",
    "revenue per region on average", "revenue averaged by region", "average revenue per product", "average orders per day",
    "average monthly revenue", "average order value", "durchschnittlicher Umsatz pro Kunde", "revenu moyen par client",
    "ingreso promedio por cliente", "average revenue per employee", "average orders per agent",
    "average revenue per technician last month", "Umsatz pro Mitarbeiter", "Umsatz je Kunde",
    "chiffre d'affaires par employé", "chiffre d'affaires par client", "ingresos por empleado", "facturación por cliente",
    "Durchschnittsumsatz je Beschäftigte", "每位员工的收入",
])  # fmt: skip
def test_an_average_that_no_metric_defines_is_no_metric(reader: Reader, words: str) -> None:
    reading = reader.read(words)
    assert (reading.outcome, reading.code) == ("refusal", "no_metric")
    assert set(reading.nearest) == {"revenue", "orders", "buyers"}


@pytest.mark.parametrize("words", [
    "revenue per customer", "orders per customer", "revenue per buyer", "avg revenue per buyer", "median revenue per order",
    "revenue divided by buyers", "revenue / buyers", "ratio of revenue to orders", "revenue per head", "revenue a customer",
    "revenue per 100 orders", "revenue as a share of orders", "revenue per employee", "orders per staff member",
    "revenue per employee by region", "revenue pro Mitarbeiter", "revenue par employé", "revenue por empleado",
])  # fmt: skip
def test_a_ratio_that_no_metric_defines_is_asked_about(reader: Reader, words: str) -> None:
    assert reader.read(words).outcome == "questions"


@pytest.mark.parametrize(
    ("words", "metrics", "dimensions", "grain"),
    [
        ("revenue by region", ("revenue",), ("region",), None),
        ("revenue per region", ("revenue",), ("region",), None),
        ("orders per day", ("orders",), (), "day"),
        ("revenue and orders", ("revenue", "orders"), (), None),
        ("how many buyers last month", ("buyers",), (), None),
        ("revenue by sales rep", ("revenue",), ("rep",), None),
    ],
)
def test_what_the_catalog_has_is_read_as_before(
    reader: Reader, words: str, metrics: tuple[str, ...], dimensions: tuple[str, ...], grain: str | None
) -> None:
    spec = reader.read(words).spec
    assert spec is not None
    assert (spec.metrics, spec.dimensions, spec.grain) == (metrics, dimensions, grain)


@pytest.mark.parametrize("words", [
    "revenue by customer", "top 5 customers by revenue", "average revenue per customer name",
    "average revenue per customer email", "revenue for each customer", "orders per agent", "revenue by employee",
    "average revenue per employee name", "average orders per agent id", "revenue pro Kunde E-Mail",
    "revenue nach Mitarbeiter", "revenue par client nom", "revenue por cliente correo",
])  # fmt: skip
def test_figures_of_single_people_are_declined_with_the_dimensions_of_the_workspace(reader: Reader, words: str) -> None:
    reading = reader.read(words)
    assert (reading.outcome, reading.code) == ("refusal", "pii")
    assert (reading.reason or "").endswith("ask for figures by region, sales rep or category.")

"""Drafts from words, pure: what becomes a definition, and that nothing said is dropped or guessed."""

from pathlib import Path

import pytest

from assay.catalog.marked_yaml import parse_yaml
from assay.errors import AssayError, DraftDeclined
from assay.widgets.drafts.drafts import bind
from assay.widgets.drafts.entries import among
from assay.widgets.drafts.file import document_of, written
from assay.widgets.drafts.reading import entry_from_words
from tests.unit.words.reading import reader, shop_reader


@pytest.mark.parametrize(
    ("words", "condition"),
    [
        ("total deductible of denied or approved claims", "claim_status IN ('denied', 'approved')"),
        ("total deductible of claims except denied and pending",
         "(claim_status NOT IN ('denied', 'pending') OR claim_status IS NULL)"),
        ("total deductible of denied claims in the West", "claim_status = 'denied' AND region = 'West'"),
        ("number of claims with suspected fraud", None),
        ("number of claims that are fraud suspected", "is_fraud_suspected"),
        ("number of claims not fraud suspected", "(is_fraud_suspected = FALSE OR is_fraud_suspected IS NULL)"),
        ("total deductible of claims, channel phone", "channel = 'phone'"),
        ("total deductible of denied or West claims", None),
        ("total deductible of claims except denied and West", None),
        ("total deductible of claims or repairs", None),
    ],
)  # fmt: skip
def test_conditions_say_what_the_words_say_or_nothing_is_drafted(words: str, condition: str | None) -> None:
    if condition is None:
        with pytest.raises(DraftDeclined):
            entry_from_words(words, reader())
    else:
        assert entry_from_words(words, reader()).entry.filter == condition


def test_a_list_of_dimensions_divides_the_preview_and_is_of_the_definition() -> None:
    drafted = entry_from_words("median labor minutes by repair type and product category", reader())
    assert drafted.divided_by == ("repair_type", "category")
    entry = drafted.entry.model_dump(mode="json", exclude_defaults=True)
    assert entry["dimensions"][:2] == ["repair_type", {"name": "category", "column": "ev_product_catalog.category"}]
    assert entry["tolerance"] == {"relative": 1e-9}


def test_a_draft_is_bound_by_the_ordinary_loader_and_its_yaml_says_the_same() -> None:
    entry = entry_from_words("average labor minutes of repairs on phones, last 7 days", reader()).entry
    metric = bind(entry, reader().lexicon.workspace)
    assert (metric.formula, metric.window, metric.unit) == ("AVG(labor_minutes)", "trailing_7d", "minutes")
    assert parse_yaml(f"metrics:\n{written(entry)}").data == {"metrics": [document_of(entry)]}


def test_no_personal_column_can_be_spoken_of() -> None:
    for words in ("number of distinct technicians with repairs", "number of distinct agents with sessions"):
        with pytest.raises(AssayError):
            entry_from_words(words, reader())


def test_a_quote_in_a_value_ends_no_text() -> None:
    assert among("region", ["O'Hara", "x' OR 1=1 --"], False) == "region IN ('O''Hara', 'x'' OR 1=1 --')"


@pytest.mark.parametrize(
    ("words", "expression", "unit"),
    [
        ("repairs per claim", "repairs_completed / claim_volume_l3_asurion", "per claim"),
        ("claim cost per claim this month", "claim_cost_30d / claim_volume_l3_asurion", "usd"),
        ("reparaciones por reclamación", "repairs_completed / claim_volume_l3_asurion", "per reclamacion"),
        ("Schäden pro Reparatur", "claim_volume_l3_asurion / repairs_completed", "per reparatur"),
    ],
)
def test_one_metric_per_another_is_a_quotient_of_both(words: str, expression: str, unit: str) -> None:
    entry = entry_from_words(words, reader()).entry
    assert (entry.expression, entry.unit) == (expression, unit)
    assert bind(entry, reader().lexicon.workspace).kind == "derived"


@pytest.mark.parametrize(
    ("words", "inside", "around"),
    [
        ("share of claims that were denied", "claim_status = 'denied'", None),
        ("percentage of pending claims by channel", "claim_status = 'pending'", None),
        ("share of claims in the West that were denied", "claim_status = 'denied'", "region = 'West'"),
        ("share of claims that are pending or in review", "claim_status IN ('pending', 'in_review')", None),
        ("porcentaje de reclamaciones rechazadas por región", "claim_status = 'denied'", None),
        ("part des sinistres de l'ouest qui sont refusés", "claim_status = 'denied'", "region = 'West'"),
        ("Anteil der abgelehnten Schäden nach Kanal", "claim_status = 'denied'", None),
    ],
)
def test_a_share_counts_the_same_rows_above_and_below(words: str, inside: str, around: str | None) -> None:
    entry = entry_from_words(words, reader()).entry
    assert entry.numerator is not None
    assert entry.denominator is not None
    assert (entry.numerator.filter, entry.denominator.filter, entry.filter) == (inside, None, around)
    assert entry.numerator.measure == entry.denominator.measure
    metric = bind(entry, reader().lexicon.workspace)
    assert (metric.kind, metric.unit) == ("ratio", "percent")
    assert parse_yaml(f"metrics:\n{written(entry)}").data == {"metrics": [document_of(entry)]}


@pytest.mark.parametrize(
    "words",
    [
        "share of claims", "share of pending West claims", "share of phone claims that are pending", "csat per claim",
        "repairs per claim in the West", "top 5 repairs per claim", "repairs per claims and denials",
        "denials per claim in March 2025",
    ],
)  # fmt: skip
def test_a_quotient_that_the_words_leave_open_is_declined(words: str) -> None:
    with pytest.raises(DraftDeclined):
        entry_from_words(words, reader())


_ROLES = """\
metrics:
  - {id: sales, label: Sales, definition: Sales., entity: sale, measure: COUNT(*), owner: shop, time: sold_at, dimensions: [
     {name: ship_city, column: address.city, by: j5}, {name: bill_city, column: address.city, by: j4}]}
  - {id: places, label: Places, definition: Places., entity: address, measure: COUNT(*), owner: shop, dimensions: [city]}
"""


def test_where_several_ways_lead_the_one_that_the_catalog_names_is_taken_or_none(tmp_path: Path) -> None:
    known = shop_reader(tmp_path, _ROLES)
    both = entry_from_words("average weight of sales by ship city and bill city", known)
    by_way = [each.model_dump(exclude_defaults=True) for each in both.entry.dimensions or () if not isinstance(each, str)]
    assert by_way == [{"name": "city", "column": "j5.city"}, {"name": "city_2", "column": "j4.city"}]
    assert both.divided_by == ("city", "city_2")
    assert bind(both.entry, known.lexicon.workspace).dimensions["city_2"].by == ("j4",)
    with pytest.raises(DraftDeclined) as declined:
        entry_from_words("average weight of sales by city", known)
    assert declined.value.detail == (
        "“city” can be reached in more than one way from shop.sale (j4 or j5), and these words name none of them."
    )
    with pytest.raises(DraftDeclined, match=r"cannot be joined to shop\.product without"):
        entry_from_words("average price of products by city", known)

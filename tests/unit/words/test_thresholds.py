"""Numbers that choose groups or people, and reasons that are asked for."""

import time
from decimal import Decimal

import pytest

from assay.widgets.words.describe import _amount
from assay.widgets.words.outcome import Reading, Spec
from tests.unit.words.reading import reader


def read(words: str) -> Reading:
    return reader().read(words)


def conditions(spec: Spec | None) -> list[tuple[str, str | int | float | bool]]:
    return [(each.op, each.value) for each in spec.having] if spec else []


READ = {
    "regions with over 500 claims": [("gt", 500)],
    "regions with 100 or more claims": [("gte", 100)],
    "regions with between 50 and 1,200 claims": [("gte", 50), ("lte", 1200)],
    "regions with fewer than 2k claims": [("lt", 2000)],
    "regions with cost avoided over $1.5 million": [("gt", 1_500_000)],
    "channels where the approval rate is at most 72.5%": [("lte", "0.725")],
    "Regionen mit mehr als 500 Schäden": [("gt", 500)],
    "regiones con más de 500 reclamaciones": [("gt", 500)],
    "régions avec moins de 500 sinistres": [("lt", 500)],
    "理赔超过500的地区": [("gt", 500)],
}
ASKED = (
    "claims over 500", "claims over 500 by region", "claims by region over 500", "regions with over $500 claims",
    "channels where the approval rate is below 70", "how many regions have over 500 claims",
    "share of regions with over 500 claims",
    "regions by channel with over 500 claims", "Regionen mit über 1.500 Schäden", "Regionen mit über 1,500 Schäden",
)  # fmt: skip


@pytest.mark.parametrize(("words", "wanted"), READ.items())
def test_a_number_beside_groups_chooses_among_them(words: str, wanted: list[tuple[str, int | str]]) -> None:
    reading = read(words)
    assert conditions(reading.spec) == wanted
    assert reading.spec is not None
    assert reading.spec.kind == "bar"


@pytest.mark.parametrize("words", ASKED)
def test_a_number_that_may_compare_something_else_is_asked_about(words: str) -> None:
    assert read(words).outcome == "questions"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("regions with over 1500 claims", "over 1,500,"),
        ("regions with cost avoided over $1.5 million", "over $1,500,000.00,"),
        ("channels where the approval rate is at most 72.5%", "at most 72.5%,"),
        ("denials from regions with over 1500 claims", "over 1,500 ("),
    ],
)
def test_a_number_is_said_in_the_unit_of_its_metric(words: str, said: str) -> None:
    assert f" is {said}" in (read(words).sentence or "")


def test_a_number_that_would_be_rounded_is_said_as_it_is() -> None:
    told = [_amount(each, "percent") for each in (Decimal("0.725051"), 0.07, float("inf"))]
    assert told == ["0.725051", "7%", "Infinity"]
    assert [_amount(each, "usd") for each in (Decimal("0.125"), 12, 2**60)] == ["0.125", "$12.00", f"${2**60:,}.00"]


def test_an_answer_says_that_the_groups_are_compared() -> None:
    asked = read("claims by region over 500")
    after = reader().answered(asked, {asked.questions[0].ask_id: "having:groups"})
    assert conditions(after.spec) == [("gt", 500)]


def test_a_number_of_another_metric_says_of_whom() -> None:
    spec = read("denials from regions with over 500 claims").spec
    assert spec is not None
    assert (spec.metrics, spec.dimensions, spec.having) == (("claim_denials",), (), ())
    assert [(each.dimension, each.metric, each.op, each.value) for each in spec.whose] == [
        ("region", "claim_volume_l3_asurion", "gt", 500)
    ]


@pytest.mark.parametrize("words", ["why did claims fall last month", "warum sind die Schäden letzten Monat gefallen"])
def test_why_is_asked_of_a_change(words: str) -> None:
    reading = read(words)
    assert reading.explains
    assert reading.spec is not None
    assert (reading.spec.window, reading.spec.compare) == ("previous_month", "previous_period")
    assert not read("claims last month").explains


def test_a_movement_says_something_only_where_the_reason_is_asked_for() -> None:
    assert read("did claims fall last month").outcome == "questions"


def test_a_movement_that_is_said_two_hundred_times_is_read_at_once() -> None:
    """The whole sentence was looked through again for each of them: 40 seconds."""
    read("claims by region")
    began = time.process_time()
    assert read("up " * 199).outcome == "refusal"
    assert time.process_time() - began < 10

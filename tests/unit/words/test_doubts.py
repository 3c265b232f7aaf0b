"""Constructions in which no word is left over, and which are asked about all the same."""

import pytest

from assay.widgets.words.doubts import DOUBTS
from assay.widgets.words.outcome import OrderSpec, Reading
from tests.unit.words.reading import reader

DOUBTED = {
    "counted_dimension": "how many regions have claims",
    "dimension_behind_a_value": "Apple devices claims last month",
    "dimension_for_one_of_its_values": "claims in my region",
    "value_divided_by": "claims per repair",
    "metric_divided_by": "repairs completed per claims filed",
    "judging_value": "high escalation rate",
    "metrics_to_choose_from": "claims or denials by region",
    "two_requests": "claims by region and denials by channel",
    "ranked_by_a_list": "top 5 regions by claims and channels",
    "share_of_what": "percentage of claims denied by region",
    "two_ranks": "top 5 and bottom 5 regions by claims",
    "two_charts": "claims by region as a bar chart and a table",
    "nothing_compared": "compare claims",
    "value_for_a_small_word": "surveys answered in es",
    "time_of_another_kind": "claims closed last week",
}
UNDOUBTED = (
    "how many claims by region", "claims for Apple by region", "claims by region for phones", "repairs by repair type",
    "escalation rate for high and urgent", "claims and denials by region", "claims by region and denials",
    "share of claims by region", "percentage of denials by reason", "denials by region in percent",
    "top 5 regions by claims", "claims by region as a table", "compare claims and denials",
)  # fmt: skip


def read(words: str) -> Reading:
    return reader().read(words)


def test_every_doubt_has_its_case() -> None:
    assert [each.__name__ for each in DOUBTS] == list(DOUBTED)


@pytest.mark.parametrize("words", DOUBTED.values(), ids=DOUBTED.keys())
def test_what_may_be_meant_otherwise_is_asked_about(words: str) -> None:
    assert read(words).outcome == "questions"


@pytest.mark.parametrize("words", UNDOUBTED)
def test_its_plain_neighbours_are_read(words: str) -> None:
    assert read(words).outcome == "spec"


@pytest.mark.parametrize("words", DOUBTED.values(), ids=DOUBTED.keys())
def test_each_choice_leads_on(words: str) -> None:
    """No answer brings the same question again."""
    reading = read(words)
    for question in reading.questions:
        for choice in question.choices:
            after = reader().answered(reading, {question.ask_id: choice.value})
            assert question.ask_id not in {each.ask_id for each in after.questions}, choice


def test_the_second_of_two_requests_may_be_left_out() -> None:
    reading = read("claims by region and denials by channel")
    (question,) = reading.questions
    assert question.words == "denials by channel"
    after = reader().answered(reading, {question.ask_id: question.choices[0].value})
    assert after.spec is not None
    assert (after.spec.metrics, after.spec.dimensions) == (("claim_volume_l3_asurion",), ("region",))


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("claims by region sorted by region", OrderSpec("region", False)),
        ("claims by region sort by region descending", OrderSpec("region", True)),
        ("claims by region sorted by value", OrderSpec("value", True)),
    ],
)
def test_a_dimension_that_sorts_does_not_divide(words: str, order: OrderSpec) -> None:
    spec = read(words).spec
    assert spec is not None
    assert (spec.dimensions, spec.order) == (("region",), (order,))


@pytest.mark.parametrize(
    "words",
    [
        "claims by region sorted by channel", "top 3 regions and channels by claims", "which month had the most claims",
        "claims excluding phones tablets", "claims not only for phones", "claims phones vs the West", "total repair cost",
        "claims by region as", "claims by region and", "claims in the last 1.5 years", "claims in the past quarter",
        "claims last March",
    ],
)  # fmt: skip
def test_what_cannot_be_read_whole_is_asked_about(words: str) -> None:
    assert read(words).outcome == "questions"


def test_what_is_compared_first_is_compared() -> None:
    spec = read("compare this week with last week for claims").spec
    assert spec is not None
    assert (spec.window, spec.compare) == ("week_to_date", "previous_period")

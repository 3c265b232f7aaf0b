"""The form of a widget: what it can say, and the sentence for what it cannot."""

from typing import Any

import pytest
from pydantic import ValidationError

from assay.widgets.widget import Widget

QUESTION = {"metrics": ["sales"], "dimensions": ["region", "category"]}


def read(**more: object) -> Widget:
    return Widget.model_validate({"kind": "bar", "question": QUESTION, **more})


def test_a_widget_of_before_is_a_widget_still() -> None:
    old = Widget.model_validate({"kind": "kpi", "question": {"metrics": ["sales"]}})
    assert (old.version, old.series, old.stacked, old.reference_lines, old.thresholds, old.format) == (
        1, None, False, (), (), None,
    )  # fmt: skip


def test_everything_a_widget_can_say_is_kept_to_the_letter() -> None:
    parts: dict[str, Any] = {
        "version": 1, "title": "T", "subtitle": "S", "kind": "bar", "series": "category", "stacked": True, "shares": True,
        "reference_lines": [{"value": "12.50", "label": "target"}, {"value": "-3", "label": ""}],
        "thresholds": [{"at": "-10", "tone": "bad"}, {"at": "9", "tone": "watch"}, {"at": "10.5", "tone": "good"}],
        "format": {"decimals": 2, "compact": True},
    }  # fmt: skip
    assert read(**parts).model_dump(mode="json", exclude={"question", "spark", "text"}) == parts


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"series": "colour"}, "series is 'colour', which is no dimension of the question: it has region, category"),
        ({"series": "region", "question": {"metrics": ["a"], "dimensions": ["region"]}},
         "series 'region' leaves nothing for the axis: add a grain or a second dimension"),
        ({"stacked": True, "question": {"metrics": ["a"], "grain": "day"}},
         "stacked needs something to stack: a second dimension, or a grain beside the first"),
        ({"shares": True, "question": {"metrics": ["a"], "grain": "day"}},
         "shares needs something to stack: a second dimension, or a grain beside the first"),
        ({"shares": True, "question": {"metrics": ["a", "b"], "dimensions": ["region"], "grain": "day"}},
         "shares are of one metric: several metrics have no whole together"),
        ({"thresholds": [{"at": "9", "tone": "bad"}, {"at": "10", "tone": "good"}, {"at": "10.0", "tone": "good"}]},
         "thresholds ascend: 10.0 stands after 10"),
        ({"reference_lines": [{"value": 80, "label": "x"}]}, 'write the number as a decimal string: "80"'),
        ({"reference_lines": [{"value": "1,000", "label": "x"}]}, "String should match pattern"),
        ({"reference_lines": [{"value": "1e3", "label": "x"}]}, "String should match pattern"),
        ({"thresholds": [{"at": "٣", "tone": "bad"}]}, "String should match pattern"),
        ({"thresholds": [{"at": "3", "tone": "red"}]}, "Input should be 'good', 'watch' or 'bad'"),
        ({"format": {"decimals": 7}}, "Input should be less than or equal to 6"),
        ({"version": 2}, "Input should be 1"),
        ({"kind": "combo", "question": {"metrics": ["a"], "grain": "day"}}, "combo shows two metrics or more over time"),
        ({"kind": "scatter", "question": {"metrics": ["a"], "dimensions": ["region"]}}, "scatter shows two metrics"),
        ({"kind": "histogram", "question": {"metrics": ["a"]}}, "name a dimension or a grain"),
        ({"kind": "heatmap", "question": {"metrics": ["a"], "grain": "day"}}, "heatmap shows one metric by two things"),
        ({"kind": "pivot", "question": {"metrics": ["a"], "dimensions": ["region"]}}, "pivot needs something for its rows"),
        ({"kind": "multiples", "question": {"metrics": ["a"], "grain": "day"}}, "name a grain and a dimension"),
        ({"kind": "map", "question": {"metrics": ["a"], "dimensions": ["x", "y"]}}, "map shows one metric by state"),
        ({"kind": "text"}, "a text needs its text"),
        ({"kind": "bar", "text": "T"}, "text belongs to kind text, not to bar"),
        ({"kind": "text", "text": "T", "question": {"metrics": ["a"]}}, "a text asks nothing"),
        ({"kind": "bar", "question": {"metrics": []}}, "at least 1 item"),
        ({"render": "alert(1)"}, "Extra inputs are not permitted"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_with_a_sentence(more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(**more)
    assert sentence in refused.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        ("combo", {"metrics": ["a", "b"], "grain": "day"}),
        ("scatter", {"metrics": ["a", "b"], "dimensions": ["region"]}),
        ("histogram", {"metrics": ["a"], "grain": "day"}),
        ("heatmap", {"metrics": ["a"], "grain": "hour"}),
        ("heatmap", {"metrics": ["a"], "dimensions": ["x"], "grain": "week"}),
        ("pivot", {"metrics": ["a", "b"], "dimensions": ["x", "y"]}),
        ("multiples", {"metrics": ["a"], "dimensions": ["x"], "grain": "week"}),
        ("map", {"metrics": ["a"], "dimensions": ["state"]}),
    ],
)
def test_a_kind_takes_the_questions_that_it_can_draw(kind: str, question: dict[str, Any]) -> None:
    assert read(kind=kind, question=question).kind == kind


def test_a_text_is_written_without_a_question() -> None:
    text = Widget.model_validate({"kind": "text", "text": "# Claims"})
    assert (text.question.metrics, text.text) == ((), "# Claims")
    assert Widget.model_validate(text.model_dump(mode="json")) == text


def test_a_grain_beside_a_dimension_can_be_stacked() -> None:
    assert read(kind="trend", stacked=True, question={"metrics": ["a"], "grain": "day", "dimensions": ["region"]}).stacked

"""A model's words are used only where they add nothing to what the rules have said."""

import pytest

from assay.loop.rationale import prompt, trouble_with
from tests.unit.loop.files import rules

DOCUMENT = {
    "action": "book_same_day_repair", "label": "Book same-day repair", "cost_usd": "40.00", "saving_usd": "210.00",
    "reasons": [{"text": "12 parts are on the shelf at Nashville West End."},
                {"text": "iPhone 14 Pro is covered by Phone Complete."}],
    "rationale": "Book a same-day repair at Nashville West End. 12 parts are on the shelf at Nashville West End."
    " iPhone 14 Pro is covered by Phone Complete.",
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Nashville West End has 12 parts for the iPhone 14 Pro, so a same-day repair fits.",
        "A repair for $40 saves $210; Phone Complete covers it.",
        "A repair costs 40.00 and saves 210.",
    ],
)
def test_words_for_what_was_given_are_used(text: str) -> None:
    assert trouble_with(text, DOCUMENT, rules().actions) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A repair is better than a replacement.", "another action"),
        ("This looks suspicious: have it looked at.", "another action"),
        ("Send a kit by mail and repair it.", "another action"),
        ("The repair is done in 2 hours.", "a figure that was not given (2)"),
        ("It saves $250.", "a figure that was not given (250)"),
        ("Two technicians are free for the repair.", "a figure that was not given (two)"),
        ("Nearly a dozen parts are there.", "a figure that was not given (dozen)"),
        ("", "letters"),
        ("repair " * 100, "letters"),
    ],
)
def test_words_that_add_an_action_or_a_figure_are_not_used(text: str, said: str) -> None:
    assert said in (trouble_with(text, DOCUMENT, rules().actions) or "")


def test_the_model_reads_what_the_rules_found_and_nothing_else() -> None:
    assert prompt(DOCUMENT).splitlines() == [
        "Recommended: Book same-day repair, cost 40.00 USD, saves 210.00 USD.",
        "Reasons, the weightiest first:",
        "- 12 parts are on the shelf at Nashville West End.",
        "- iPhone 14 Pro is covered by Phone Complete.",
    ]

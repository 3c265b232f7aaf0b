"""Windows from words, seen on Tuesday 17 March 2026."""

import pytest

from assay.widgets.words.outcome import DaysSpec
from tests.unit.words.reading import reader


@pytest.mark.parametrize(
    ("words", "window"),
    [
        ("last 30 days", "trailing_30d"), ("past week", "trailing_7d"), ("last 7 days", "trailing_7d"),
        ("last week", "previous_week"),
        ("over the last week", "trailing_7d"), ("last month", "previous_month"), ("this month", "month_to_date"),
        ("month to date", "month_to_date"), ("ytd", "year_to_date"), ("so far this year", "year_to_date"),
        ("previous quarter", "previous_quarter"), ("last year", "previous_year"), ("yesterday", "yesterday"),
        ("last 24 hours", "trailing_24h"), ("last 45 days", ("2026-02-01", "2026-03-18")),
        ("last 6 months", ("2025-09-18", "2026-03-18")), ("since 1 October", ("2025-10-01", "2026-03-18")),
        ("from 3 to 9 March", ("2026-03-03", "2026-03-10")), ("March 3-9", ("2026-03-03", "2026-03-10")),
        ("Q3", ("2025-07-01", "2025-10-01")), ("Q3 2024", ("2024-07-01", "2024-10-01")),
        ("in 2025", ("2025-01-01", "2026-01-01")),
        ("in April", ("2025-04-01", "2025-05-01")), ("in March", ("2026-03-01", "2026-04-01")),
        ("from December to February", ("2025-12-01", "2026-03-01")), ("on 13/02/2026", ("2026-02-13", "2026-02-14")),
        ("2026-01-05 to 2026-01-06", ("2026-01-05", "2026-01-07")), ("on 29 February", ("2024-02-29", "2024-03-01")),
        ("last weekend", ("2026-03-14", "2026-03-16")), ("since Monday", ("2026-03-16", "2026-03-18")),
        ("H1 2025", ("2025-01-01", "2025-07-01")), ("day before yesterday", ("2026-03-15", "2026-03-16")),
        ("last 48 hours", ("2026-03-15T16:00:00", "2026-03-17T16:00:00")),
        ("in March last year", ("2025-03-01", "2025-04-01")), ("last year in Q3", ("2025-07-01", "2025-10-01")),
        # Said on a Tuesday.
        ("last Tuesday", ("2026-03-10", "2026-03-11")), ("this Monday", ("2026-03-16", "2026-03-17")),
        ("Monday of last week", ("2026-03-09", "2026-03-10")), ("since the first of January", ("2026-01-01", "2026-03-18")),
        ("March to date", ("2026-03-01", "2026-03-18")),
    ],
)  # fmt: skip
def test_words_name_a_window(words: str, window: str | tuple[str, str]) -> None:
    spec = reader().read(f"claims {words}").spec
    assert spec is not None
    assert spec.window == (DaysSpec(*window) if isinstance(window, tuple) else window)


@pytest.mark.parametrize(
    "words",
    [
        "tomorrow",
        "next month",
        "this weekend",
        "this Friday",
        "before March",
        "from 9 to 3 March",
        "on 31 February",
        "since 2027",
        "last 0 days",
    ],
)
def test_what_is_no_window_yet_is_refused_with_a_sentence(words: str) -> None:
    reading = reader().read(f"claims {words}")
    assert reading.spec is None
    assert reading.code == "window"


@pytest.mark.parametrize(
    ("words", "window", "compare"),
    [
        ("claims this month vs last month", "month_to_date", "previous_period"),
        ("claims vs last quarter", "quarter_to_date", "previous_period"),
        ("claims year over year", None, "previous_year"),
        ("claims last month vs same month last year", "previous_month", "previous_year"),
        ("active issues vs last week", None, "previous_period"), ("claims wow", "week_to_date", "previous_period"),
    ],
)  # fmt: skip
def test_words_name_a_comparison(words: str, window: str | None, compare: str) -> None:
    spec = reader().read(words).spec
    assert spec is not None
    assert (spec.window, spec.compare) == (window, compare)


def test_a_comparison_that_no_question_can_make_is_asked_back() -> None:
    for words in ("claims this week vs last month", "active issues vs yesterday", "claims in March vs February"):
        assert reader().read(words).outcome == "questions", words

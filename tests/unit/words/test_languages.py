"""The files of languages: what their patterns may hold."""

import re

import pytest

from assay.widgets.words.language import Language, load_languages

LANGUAGES = load_languages()


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_brackets_do_not_nest(language: Language) -> None:
    """A pattern such as `(a|b (c|d))` would be read as two."""
    for listed in (*language.phrases.values(), *language.dates.values()):
        for pattern in listed:
            assert not re.search(r"\([^)]*\(|\[[^\]]*\[|\([^)]*\[|\[[^\]]*\(", pattern), pattern


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_every_slot_of_a_pattern_is_known(language: Language) -> None:
    known = {
        "n",
        "unit",
        "date",
        "day",
        "month",
        "weekday",
        "year",
        "month_number",
        "one_to_four",
        "one_or_two",
        "week_number",
    }
    for listed in (*language.phrases.values(), *language.dates.values()):
        for pattern in listed:
            assert set(re.findall(r"\{(\w+)\}", pattern)) <= known, pattern

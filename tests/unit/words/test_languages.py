"""The files of languages: what their patterns may hold."""

import re

import pytest

from assay.widgets.words.language import FOLDER, load_languages

LANGUAGES = sorted(path.stem for path in FOLDER.glob("??.yaml"))


@pytest.mark.parametrize("name", LANGUAGES)
def test_brackets_do_not_nest(name: str) -> None:
    """A pattern such as `(a|b (c|d))` would be read as two."""
    language = load_languages()[name]
    for listed in (*language.phrases.values(), *language.dates.values()):
        for pattern in listed:
            assert not re.search(r"\([^)]*\(|\[[^\]]*\[|\([^)]*\[|\[[^\]]*\(", pattern), pattern


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_slot_of_a_pattern_is_known(name: str) -> None:
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
        "amount",
    }
    language = load_languages()[name]
    for listed in (*language.phrases.values(), *language.dates.values()):
        for pattern in listed:
            assert set(re.findall(r"\{(\w+)\}", pattern)) <= known, pattern

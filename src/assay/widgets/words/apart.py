"""What a worker does for the reader of words: the lexicon comes once, the languages were loaded before it was born."""

import functools
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from assay.errors import DraftDeclined
from assay.widgets.drafts.entries import FromWords
from assay.widgets.drafts.reading import entry_from_words
from assay.widgets.words.language import Language, load_languages, load_strangers
from assay.widgets.words.lexicon import Lexicon, Values
from assay.widgets.words.outcome import Reading, Spec
from assay.widgets.words.reader import Reader
from assay.widgets.words.real_words import LISTED, real_words


@functools.cache
def warm() -> tuple[dict[str, Language], dict[str, frozenset[str]]]:
    return load_languages(), load_strangers()


def warm_dictionaries() -> None:
    """For workers alone, before they are born: loaded by one of them they would count as work of the first request."""
    for code in LISTED:
        real_words(code)


class _Last:
    """What was made of the lexicon that this worker keeps: its indexes are worth more than one reading."""

    reader: Reader | None = None


def _at(lexicon: Lexicon, now: datetime) -> Reader:
    if _Last.reader is None or _Last.reader.lexicon is not lexicon:
        _Last.reader = Reader(lexicon, *warm(), lambda: now)
    return replace(_Last.reader, now=lambda: now)


def _knowing(lexicon: Lexicon, now: datetime, found: Values, words: str) -> Reader:
    reader = _at(lexicon, now)
    return replace(reader, lexicon=lexicon.with_values(found, words), _known={}) if found else reader


def read(
    lexicon: Lexicon, now: datetime, found: Values, words: str, answers: Mapping[str, str], base: Spec | None, rounds: int
) -> Reading:
    """`found`: values that were looked up for these words."""
    return _knowing(lexicon, now, found, words).read(words, answers, base, rounds)


def read_answered(
    lexicon: Lexicon, now: datetime, found: Values, words: str, answers: Mapping[str, str], base: Spec | None, rounds: int
) -> Reading:
    """Raises BadQuestion for an answer that is no choice."""
    return _knowing(lexicon, now, found, words).read_answered(words, answers, base, rounds)


def draft(lexicon: Lexicon, now: datetime, words: str) -> FromWords | DraftDeclined:
    try:
        return entry_from_words(words, _at(lexicon, now))
    except DraftDeclined as declined:
        return declined

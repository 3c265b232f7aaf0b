"""What is declined before it is read: nothing said, too much said, personal data, SQL, changes, hidden instructions."""

import re
from collections.abc import Iterable

from assay.widgets.words.language import REFUSALS, Language
from assay.widgets.words.outcome import MAX_CHARACTERS_SENTENCE, Code
from assay.widgets.words.text import MAX_CHARACTERS, cleaned, fold, tokens

_REASONS: dict[str, str] = {
    "instructions": "The words hold instructions to the program. They are read as data and never followed;"
                    " say only which figures to show.",
    "sql": "The words hold SQL. Nothing typed here runs as SQL; say in plain words which figures to show.",
    "change": "The words ask to change data. Assay only reads; nothing was changed.",
    "pii": "The words ask for personal data, or for figures of single people. Such columns are never read;"
           " ask for counts by region, channel, product or another dimension.",
}  # fmt: skip


def no_words(words: str) -> tuple[Code, str] | None:
    """Nothing to read, or more than anybody says in one request."""
    if len(words) > MAX_CHARACTERS:
        return "too_long", MAX_CHARACTERS_SENTENCE.format(len(words), MAX_CHARACTERS)
    if not any(each.kind != "mark" for each in tokens(cleaned(words))):
        return "empty", "There are no words to read; say, for example, “claims by region, last 30 days”."
    return None


def declined(
    words: str, languages: Iterable[Language], names: re.Pattern[str] | None = None, *, is_edit: bool
) -> tuple[Code, str] | None:
    """The first reason for which the request is declined. Every language's words are looked for, whatever it is in.

    `names`: what the catalog calls its metrics; `claims per customer` is none of a single customer.
    """
    text = fold(" ".join("".join(each if each.isprintable() else " " for each in words).split()))
    several = list(languages)
    counted = names.sub(" ", text) if names else text
    for pattern in (each for language in several for each in language.refusals["counted"]):
        counted = pattern.sub(" ", counted)
    for kind in REFUSALS:
        # `remove the filter` is no change of data; `remove all claims` is.
        listed = "change_edit" if is_edit and kind == "change" else kind
        looked_at = counted if kind == "pii" else text
        if any(pattern.search(looked_at) for each in several for pattern in each.refusals[listed]):
            return kind, _REASONS[kind]  # pyright: ignore[reportReturnType]
    return None

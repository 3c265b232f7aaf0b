"""What is declined before it is read: nothing said, too much said, personal data, SQL, changes, hidden instructions."""

from collections.abc import Iterable

from assay.widgets.words.language import REFUSALS, Language
from assay.widgets.words.lexicon import Lexicon
from assay.widgets.words.names import stems_of
from assay.widgets.words.outcome import MAX_CHARACTERS_SENTENCE, Code
from assay.widgets.words.text import MAX_CHARACTERS, cleaned, fold, stem, tokens

_REASONS: dict[str, str] = {
    "instructions": "The words hold instructions to the program. They are read as data and never followed;"
                    " say only which figures to show.",
    "sql": "The words hold SQL. Nothing typed here runs as SQL; say in plain words which figures to show.",
    "change": "The words ask to change data. Assay only reads; nothing was changed.",
    "pii": "The words ask for personal data, or for figures of single people. Such columns are never read;"
           " ask for figures by {}.",
}  # fmt: skip


def no_words(words: str) -> tuple[Code, str] | None:
    """Nothing to read, or more than anybody says in one request."""
    if len(words) > MAX_CHARACTERS:
        return "too_long", MAX_CHARACTERS_SENTENCE.format(len(words), MAX_CHARACTERS)
    if not any(each.kind != "mark" for each in tokens(cleaned(words))):
        return "empty", "There are no words to read; say, for example, “claims by region, last 30 days”."
    return None


def declined(words: str, languages: Iterable[Language], lexicon: Lexicon, *, is_edit: bool) -> tuple[Code, str] | None:
    """The first reason for which the request is declined. Every language's words are looked for, whatever it is in.

    What the catalog calls its metrics and dimensions is not personal: `claims per customer` is none of a single customer.
    Neither is an average over people, whether the catalog has it or not.
    """
    text = fold(" ".join("".join(each if each.isprintable() else " " for each in words).split()))
    several = list(languages)
    counted = lexicon.names.sub(" ", text)
    is_average = any(_says_average(text, language) for language in several)
    lists = ("counted", "averaged") if is_average else ("counted",)
    for pattern in (each for language in several for listed in lists for each in language.refusals[listed]):
        counted = pattern.sub(" ", counted)
    for kind in REFUSALS:
        # `remove the filter` is no change of data; `remove all claims` is.
        listed = "change_edit" if is_edit and kind == "change" else kind
        looked_at = counted if kind == "pii" else text
        if any(pattern.search(looked_at) for each in several for pattern in each.refusals[listed]):
            return kind, _REASONS[kind].format(lexicon.divisions)  # pyright: ignore[reportReturnType]
    return None


def _says_average(text: str, language: Language) -> bool:
    listed = (stem(each, language.code) for kind in ("average", "median") for each in language.measures.get(kind, ()))
    return not set(stems_of(text, language)).isdisjoint(listed)

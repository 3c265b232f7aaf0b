"""What is declined before it is read: nothing said, too much said, personal data, SQL, changes, hidden instructions."""

import re
from collections.abc import Iterable

from sqlglot import exp

from assay.catalog.metric import Metric
from assay.catalog.vocabulary import PERSONS, meant, singular, thing
from assay.widgets.words.language import REFUSALS, SLOT, Language
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
        return "empty", "There are no words to read; say, for example, what to count and by what it is divided."
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
    for pattern in (each for language in several for listed in lists for each in _patterns(language, listed, lexicon)):
        counted = pattern.sub(" ", counted)
    for kind in REFUSALS:
        # `remove the filter` is no change of data; `remove all claims` is.
        listed = "change_edit" if is_edit and kind == "change" else kind
        looked_at = counted if kind == "pii" else text
        is_said = any(pattern.search(looked_at) for each in several for pattern in _patterns(each, listed, lexicon))
        if is_said or (kind == "pii" and lexicon.personal_columns.search(looked_at)):
            return kind, _REASONS[kind].format(lexicon.divisions)  # pyright: ignore[reportReturnType]
    return None


def _patterns(language: Language, kind: str, lexicon: Lexicon) -> list[re.Pattern[str]]:
    """The language's patterns, in their order, with its people and the workspace's own people and things."""
    if language.code not in lexicon.patterns:
        slots = _slots(language, lexicon)
        lexicon.patterns[language.code] = {
            listed: [_filled(each, slots) for each in patterns] for listed, patterns in language.refusals.items()
        }
    return lexicon.patterns[language.code][kind]


def _slots(language: Language, lexicon: Lexicon) -> dict[str, str]:
    table = lexicon.workspace.dictionary.tables.values()
    people = {thing(each.name)[-1] for each in table if any(column.pii == "name" for column in each.columns.values())}
    columns = [column for each in table for column in each.columns.values() if column.pii == "employee"]
    workers = {meant(column.name)[0] for column in columns if len(meant(column.name)) > 1}
    people |= {fold(word) for metric in lexicon.workspace.metrics.values() for word in _counted_people(metric, language)}
    counted = [metric for metric in lexicon.workspace.metrics.values() if metric.unit == "count"]
    heads = (re.split(r" (?:by|per|of|in|with|for) ", metric.label)[0] for metric in counted)
    things = {thing(each.name)[-1] for each in table} | {
        word for head in heads for word in stems_of(head, language) if len(word) > 3 and word.isalpha()
    }
    named = (each.words for each in lexicon.terms if each.meant.what == "dimension" and each.meant.nearness)
    divisions = {words[0] for words in named if len(words) == 1}
    things -= {stem(word, language.code) for word in (*language.stop, *language.grammar.words("count"))}
    return {
        "{person}": _any_of({*language.people, *language.workers, *_plural(people | workers)}),
        "{party}": _any_of({*language.people, *_plural(people - workers)}),
        "{worker}": _any_of({*language.workers, *_plural(workers)}),
        "{thing}": _any_of(_plural(things - people)),
        "{division}": _any_of(_plural(divisions)),
    }


def _counted_people(metric: Metric, language: Language) -> list[str]:
    """What a metric calls the people whom it counts once each: `Claimants`, of different customers."""
    trees = [part.measure.tree for part in metric.parts if metric.kind == "simple"]
    columns = [tree.find(exp.Column) for tree in trees if isinstance(tree, exp.Count) and tree.find(exp.Distinct)]
    if not any(each is not None and not PERSONS.isdisjoint(meant(each.name)) for each in columns):
        return []
    counting = {*language.stop, *language.grammar.words("count")}
    return [each.folded for each in tokens(cleaned(metric.label)) if each.folded not in counting][:1]


def _filled(pattern: re.Pattern[str] | str, slots: dict[str, str]) -> re.Pattern[str]:
    return re.compile(SLOT.sub(lambda slot: slots[slot[0]], pattern)) if isinstance(pattern, str) else pattern


def _plural(words: Iterable[str]) -> set[str]:
    words = {singular(fold(word)) for word in words}
    return {
        re.escape(fold(word))[:-1] + "(?:y|ies)" if word.endswith("y") else re.escape(fold(word)) + "(?:e?s)?"
        for word in words
    }


def _any_of(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True)) or '(?!)'})"


def _says_average(text: str, language: Language) -> bool:
    listed = (stem(each, language.code) for kind in ("average", "median") for each in language.measures.get(kind, ()))
    return not set(stems_of(text, language)).isdisjoint(listed)

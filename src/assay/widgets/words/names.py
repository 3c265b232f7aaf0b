"""What metrics are called, word by word, as requests are compared with it."""

from functools import lru_cache

from assay.catalog.metric import Metric
from assay.widgets.words.language import Language
from assay.widgets.words.parts import root
from assay.widgets.words.text import cleaned, stem, tokens


def stems_of(text: str, language: Language) -> tuple[str, ...]:
    return _stems(text, language.code)


@lru_cache(maxsize=20_000)
def _stems(text: str, code: str) -> tuple[str, ...]:
    return tuple(stem(each.folded, code) for each in tokens(cleaned(text)))


def is_measure(words: str, language: Language) -> bool:
    word = root(words.casefold(), language.code)
    return any(word == root(each, language.code) for listed in language.measures.values() for each in listed)


def said_by(metric: Metric, language: Language) -> frozenset[str]:
    """Every word that the metric says of itself: what is repeated of it changes nothing."""
    tables = (part.entity.name.replace("_", " ") for part in metric.parts)
    text = " ".join((metric.label, metric.definition, *metric.synonyms, *tables))
    return frozenset(stems_of(text, language))


def said_in_name(metric: Metric, language: Language) -> frozenset[str]:
    """Every word that the metric is called by."""
    return frozenset(stems_of(" ".join((metric.label, *metric.synonyms)), language))


def is_called(metric: Metric, words: tuple[str, ...], language: Language) -> bool:
    for text in (metric.label, *metric.synonyms):
        own = stems_of(text, language)
        if any(own[at : at + len(words)] == words for at in range(len(own) - len(words) + 1)):
            return True
    return False

"""Names by their parts: `approval rate` of *Claim approval rate*, `cost of treatment`, `bags mishandled`.

A run of words names a thing where each of them is a word of its name, in whatever order. What is then left unsaid decides:
nothing that matters, so that it is the name; a word by which nothing else is told, so that it is enough; or a word that
makes it another thing (*returned* orders, cancelled *share*), so that the person is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import snowballstemmer
from sqlglot import exp

from assay.catalog.metric import Metric
from assay.widgets.words.language import Language, english
from assay.widgets.words.text import Token, cleaned, fold, stem, tokens

AVERAGE, MEDIAN, SHARE = "~average", "~median", "~share"
_CLASSES = {"average": AVERAGE, "median": MEDIAN, "share": SHARE}
_SNOWBALL = {"en": "english", "de": "german", "fr": "french", "es": "spanish"}
_MOST_GAPS = 2
_LONGEST = 9


@lru_cache(maxsize=50_000)
def root(folded: str, code: str) -> str:
    """What words of one family share: `approved` and `approval`, `shipping` and `shipped`."""
    plain = stem(folded, code)
    if code not in _SNOWBALL or len(plain) <= 3 or not plain.isalpha():
        return plain
    return _stemmer(code).stemWord(plain)


@lru_cache
def _stemmer(code: str) -> Any:
    return snowballstemmer.stemmer(_SNOWBALL[code])


@dataclass(frozen=True, slots=True)
class Name:
    """What one thing is called, by the roots of its words."""

    what: str
    key: str
    roots: frozenset[str]
    head: frozenset[str]
    """What it is: of these one is said, or it is not called by name."""
    free: frozenset[str]
    """What goes without saying: that a number of things is their number."""
    bound: frozenset[str]
    """What makes it another thing: said, or asked about."""
    nouns: frozenset[str]
    """What names all of it in one word: `denials` are denied claims."""


@dataclass(frozen=True, slots=True)
class Part:
    """A name of which some words were said."""

    what: str
    key: str
    unsaid: int
    is_whole: bool
    is_enough: bool


class Parts:
    """The names of one catalog, found by the roots that their words have in one language."""

    def __init__(self, metrics: list[Metric], dimensions: dict[str, list[tuple[str, ...]]], language: Language) -> None:
        self.language = language
        self._both = (language,) if language.code == "en" else (language, english())
        self._small = frozenset(word for each in self._both for word in (*each.skipped, *each.belonging))
        self._weightless = frozenset(
            word for each in self._both
            for word in (*each.stop, *each.time_nouns, *each.units, *each.months, *each.weekdays, *each.numbers)
        )  # fmt: skip
        self._counting = frozenset(
            self._root(word) for each in self._both for word in each.grammar.words("count") if word not in self._small
        )
        self._naming = frozenset(self._root(word) for each in self._both for word in each.naming)
        self._classes: dict[str, str] = {
            self._root(word): name
            for each in self._both for kind, name in _CLASSES.items() for word in each.measures.get(kind, ())
        }  # fmt: skip
        names = [name for metric in metrics for text in (metric.label, *metric.synonyms) if (name := self._metric(metric, text))]
        names += [
            name for key, listed in dimensions.items() for words in listed if (name := self._dimension(key, words))
        ]  # fmt: skip
        self._by_root: dict[str, list[Name]] = {}
        for name in dict.fromkeys(names):
            for each in name.roots:
                self._by_root.setdefault(each, []).append(name)

    def at(self, given: tuple[Token, ...], start: int) -> Iterator[tuple[int, int, list[Part]]]:
        """The names of which a run of words from here says something: (end, words that weigh, parts)."""
        left: list[tuple[Name, frozenset[str]]] | None = None
        gaps, count, weighs = 0, 0, False
        for at in range(start, min(start + _LONGEST, len(given))):
            token = given[at]
            if at > start and token.after_comma:
                return
            said = self._said(token)
            if left is None:
                found = [(name, said & name.roots) for key in said for name in self._by_root.get(key, ())]
            else:
                found = [(name, had | said & name.roots) for name, had in left if said & name.roots - had]
            if not found:
                gaps += 1
                if left is None or gaps > _MOST_GAPS or token.folded not in self._small:
                    return
                continue
            left, count = list(dict.fromkeys(found)), count + 1
            weighs = weighs or not (token.folded in self._weightless or said & _ALL_CLASSES)
            if weighs:
                yield at + 1, count, [self._part(name, had, given[start : at + 1]) for name, had in left]

    def _part(self, name: Name, said: frozenset[str], run: tuple[Token, ...]) -> Part:
        unsaid = name.roots - said - name.free
        if len(run) == 1 and said & name.nouns and not _is_participle(run[0].folded):
            return Part(name.what, name.key, 0, True, True)
        is_enough = bool(name.head & said or not name.head) and not (name.bound & unsaid)
        return Part(name.what, name.key, len(unsaid), not unsaid, is_enough or not unsaid)

    def _said(self, token: Token) -> frozenset[str]:
        if token.folded == "%":
            return frozenset((SHARE,))
        if token.kind not in ("word", "number", "han") or token.folded in self._small:
            return frozenset()
        word = self._root(token.folded)
        return frozenset((word, self._classes[word])) if word in self._classes else frozenset((word,))

    def _root(self, word: str) -> str:
        return root(word, self.language.code)

    def _metric(self, metric: Metric, text: str) -> Name | None:
        chunks = self._chunks(text.split("(")[0])
        if not chunks:
            return None
        if len(chunks) > 1 and chunks[0][1] and {self._root(word) for word in chunks[0][1]} <= self._counting:
            # `Number of orders` are orders.
            chunks = [("", chunks[1][1]), *chunks[2:]]
        own = self._canonical(chunks[0][1], metric)
        participles = {self._root(word) for word in chunks[0][1] if _is_participle(word)}
        nouns = [each for each in own if each not in participles and each not in self._counting and each not in _ALL_CLASSES]
        head = frozenset({nouns[-1] if self.language.code not in ("fr", "es") or len(nouns) == 1 else nouns[0], nouns[-1]} if nouns
                         else own[-1:])  # fmt: skip
        roots = frozenset(each for _, words in chunks for each in self._canonical(words, metric))
        spoken = self._of_the_table(metric)
        tails = {each for small, words in chunks[1:] if small in _OF for each in self._canonical(words, metric)}
        free = (roots & self._counting) - head
        counts = metric.unit == "count" and _counts_rows(metric)
        if not metric.has_time or metric.filter_text is not None or counts:
            bound = roots - free - head - spoken - tails
        else:
            # `Passengers carried` is all that the column of passengers holds.
            bound = (set() if self._is_whole_column(metric, head) else participles) | (roots - set(own) - tails)
        bound |= roots & {SHARE}
        is_event = counts and len(own) == 2 and len(participles) == 1
        return Name("metric", metric.metric_id, roots, head, free, frozenset(bound) - free,
                    frozenset(participles) if is_event else frozenset())  # fmt: skip

    def _dimension(self, key: str, words: tuple[str, ...]) -> Name | None:
        chunks = self._chunks(" ".join(words))
        if not chunks:
            return None
        own = [self._root(word) for word in chunks[0][1]]
        roots = frozenset(self._root(word) for _, listed in chunks for word in listed)
        # `product` for the product's name: the name tells which thing it is, and is none of its own.
        is_name = len(roots) > 1 and own[-1] in self._naming
        return Name("dimension", key, roots, frozenset() if is_name else frozenset(own[-1:]), frozenset(), frozenset(), frozenset())

    def _chunks(self, text: str) -> list[tuple[str, list[str]]]:
        """The words of a name, cut where a small word such as `of` stands."""
        found: list[tuple[str, list[str]]] = [("", [])]
        for token in tokens(cleaned(text)):
            if token.kind == "mark" and token.folded != "%":
                continue
            if token.folded in self._small:
                if found[-1][1]:
                    found.append((token.folded, []))
            else:
                found[-1][1].append(token.folded)
        return [each for each in found if each[1]]

    def _canonical(self, words: list[str], metric: Metric) -> list[str]:
        found: list[str] = []
        for word in words:
            own = SHARE if word == "%" else self._root(word)
            kind = self._classes.get(own)
            found.append(kind if kind in (AVERAGE, MEDIAN) or (kind == SHARE and metric.unit == "percent") else own)
        return found

    def _of_the_table(self, metric: Metric) -> set[str]:
        """Words that the rows of the metric are called by, and what happened when they count."""
        listed = [name for part in metric.parts for name in (part.entity.name, *((part.time.name,) if part.time else ()))]
        return {self._root(fold(word)) for name in listed for word in name.split("_")}

    def _is_whole_column(self, metric: Metric, head: frozenset[str]) -> bool:
        """Whether one column is added up or averaged that is called as the metric's head is."""
        trees = [part.measure.tree for part in metric.parts]
        columns = [tree.this for tree in trees if isinstance(tree, exp.AggFunc) and isinstance(tree.this, exp.Column)]
        return len(columns) == len(trees) and all(
            {self._root(fold(word)) for word in each.name.split("_")} <= head for each in columns
        )


_ALL_CLASSES = frozenset(_CLASSES.values())
_OF = ("of", "de", "du", "des", "von", "der", "del", "的")


def _counts_rows(metric: Metric) -> bool:
    return metric.kind == "simple" and all(isinstance(part.measure.tree, exp.Count) for part in metric.parts)


def _is_participle(word: str) -> bool:
    return word.endswith("ed") and len(word) > 4

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
BY = frozenset(("by", "per", "nach", "je", "pro", "por", "par"))
"""Between what is counted and its dimension, in the names of metrics."""
_LONGEST = 9


@lru_cache(maxsize=50_000)
def root(folded: str, code: str) -> str:
    """What words of one family share: `approved` and `approval`, `shipping` and `shipped`."""
    plain = stem(folded, code)
    if code == "en" and plain.endswith("ial") and len(plain) > 5:
        # `denial`, of what was denied
        plain = plain[:-2]
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
    is_label: bool = True
    own: frozenset[str] = frozenset()
    """Besides the head, of a share."""


@dataclass(frozen=True, slots=True)
class Part:
    """A name of which some words were said."""

    what: str
    key: str
    unsaid: int
    is_whole: bool
    is_enough: bool
    has_head: bool
    is_label: bool


class Parts:
    """The names of one catalog, found by the roots that their words have in one language."""

    def __init__(self, metrics: list[Metric], dimensions: dict[str, list[tuple[str, ...]]], language: Language) -> None:
        self.language = language
        self._both = (language,) if language.code == "en" else (language, english())
        self._gaps = frozenset(word for each in self._both for word in each.skipped) - BY
        self._small = frozenset(word for each in self._both for word in (*each.skipped, *each.belonging, *each.against)) - BY
        self._weightless = frozenset(
            word for each in self._both
            for word in (
                *each.stop, *each.time_nouns, *each.measures.get("time", ()), *each.units, *each.months, *each.weekdays,
                *each.numbers,
            )
        )  # fmt: skip
        self._counting = frozenset(
            self._root(word) for each in self._both for word in each.grammar.words("count") if word not in self._small
        )
        self._restricting = frozenset(self._root(word) for each in self._both for word in each.restricting)
        self._naming = frozenset(self._root(word) for each in self._both for word in each.naming)
        self._classes: dict[str, str] = {
            self._root(word): name
            for each in self._both for kind, name in _CLASSES.items() for word in each.measures.get(kind, ())
        }  # fmt: skip
        self._times: dict[str, set[str | None]] = {}
        for part in (part for metric in metrics if _counts_rows(metric) for part in metric.parts):
            self._times.setdefault(part.entity.qualified, set()).add(part.time.name if part.time else None)
        names = [
            name for metric in metrics for text in (metric.label, *metric.synonyms) if (name := self._metric(metric, text))
        ]
        said = {
            (each.key, text)
            for metric in metrics for each in metric.dimensions.values() for text in (each.label, each.name)
        }  # fmt: skip
        labels = {(key, tuple(token.folded for token in tokens(cleaned(text)))) for key, text in said}
        names += [
            name for key, listed in dimensions.items() for words in dict.fromkeys(listed)
            if (name := self._dimension(key, words, is_label=(key, words) in labels))
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
                if left is None or gaps > _MOST_GAPS or token.folded not in self._gaps:
                    return
                continue
            left, count = list(dict.fromkeys(found)), count + 1
            weighs = weighs or not (token.folded in self._weightless or said & _ALL_CLASSES)
            parts = [self._part(name, had, given[start : at + 1]) for name, had in left] if weighs else []
            # What only tells of what kind it is names nothing; and a synonym is as long as it has to be.
            parts = [part for part in parts if part.has_head]
            if any(part.is_whole or part.is_label for part in parts):
                yield at + 1, count, parts

    def _part(self, name: Name, said: frozenset[str], run: tuple[Token, ...]) -> Part:
        unsaid = name.roots - said - name.free
        if len(run) == 1 and said & name.nouns and not is_participle(run[0].folded):
            return Part(name.what, name.key, 0, True, True, True, True)
        has_head = bool(name.head & said) or not name.head
        if name.head == {SHARE} and name.own:
            # Every share of flights is a rate of flights: of what it is the share tells which.
            has_head = has_head and bool(name.own & said)
        is_enough = not unsaid or (name.is_label and has_head and not (name.bound & unsaid))
        return Part(name.what, name.key, len(unsaid), not unsaid, is_enough, has_head, name.is_label)

    def _said(self, token: Token) -> frozenset[str]:
        if token.folded == "%":
            return frozenset((SHARE,))
        if token.kind not in ("word", "number") or token.folded in self._small:
            return frozenset()
        word = self._root(token.folded)
        said = {word, self._plain(token.folded)}
        return frozenset({*said, self._classes[word]} if word in self._classes else said)

    def _plain(self, word: str) -> str:
        """As a dimension is called: by its own word, and not by one of its family (`severe`, of severity)."""
        return f"={stem(word, self.language.code)}"

    def _root(self, word: str) -> str:
        return root(word, self.language.code)

    def _metric(self, metric: Metric, text: str) -> Name | None:
        chunks = self._chunks(text.split("(")[0])
        if not chunks or self.language.code == "zh" or not (BY - {"per"}).isdisjoint(fold(text).split()):
            # A name that says by what it is divided is said whole, or is that of the plain one.
            return None
        # A volume of data is none of a number of things.
        counting = self._counting if metric.unit == "count" else frozenset[str]()
        if text == metric.label and len(chunks) > 1 and {self._root(word) for word in chunks[0][1]} <= counting:
            # `Number of orders` are orders.
            chunks = [("", chunks[1][1]), *chunks[2:]]
        own = self._canonical(chunks[0][1], metric)
        participles = {self._root(word) for word in chunks[0][1] if is_participle(word)}
        beside = {*participles, *counting, *_ALL_CLASSES, *(self._root(word) for word in self.language.units)}
        nouns = [each for each in own if each not in beside and not each.isdecimal()]
        if SHARE in own or not nouns:
            head = frozenset(own[-1:] if SHARE not in own else (SHARE,))
        else:
            head = frozenset((nouns[0 if self.language.code in ("fr", "es") else -1], nouns[-1]))
        column = self._column(metric)
        if column <= {*own}:
            # `freight` of *Freight cost*, which adds up the column of that name.
            head |= column
        roots = frozenset(each for _, words in chunks for each in self._canonical(words, metric))
        spoken = self._of_the_table(metric)
        tails = {each for small, words in chunks[1:] if small in _OF for each in self._canonical(words, metric)}
        # `Average delay of flights`, of what counts in flights.
        of_the_table = tails & spoken if text == metric.label and len(own) > 1 else set[str]()
        counts = metric.unit == "count" and _counts_rows(metric)
        # `cards` are the *Cards shown*, where no metric counts them by another time than by when they were shown.
        is_plain = counts and metric.filter_text is None and head <= spoken and self._is_one_time(metric)
        happened = participles & spoken if is_plain else set[str]()
        free = ((roots & counting) | of_the_table | happened) - head
        if not metric.has_time or metric.filter_text is not None or counts:
            bound = roots - free - head - spoken - tails
        else:
            # `Passengers carried` is all that the column of passengers holds.
            bound = (set() if column and column <= head else participles) | (roots - set(own) - tails)
            bound |= self._restricting & {*own}
        if SHARE in own:
            bound |= {SHARE, *nouns} - spoken | {*nouns[-1:]}
        of_share = frozenset(each for each in own if each != SHARE) if SHARE in own else frozenset[str]()
        is_event = counts and len(own) == 2 and len(participles) == 1
        return Name("metric", metric.metric_id, roots, head, free, frozenset(bound) - free,
                    frozenset(participles) if is_event else frozenset(), text == metric.label, of_share)  # fmt: skip

    def _dimension(self, key: str, words: tuple[str, ...], *, is_label: bool) -> Name | None:
        chunks = self._chunks(" ".join(words))
        if not chunks:
            return None
        own = [self._plain(word) for word in chunks[0][1]]
        roots = frozenset(self._plain(word) for _, listed in chunks for word in listed)
        # `product` for the product's name: the name tells which thing it is, and is none of its own.
        is_name = len(roots) > 1 and self._root(chunks[0][1][-1]) in self._naming
        head = frozenset() if is_name else frozenset(own[-1:])
        return Name("dimension", key, roots, head, frozenset(), frozenset(), frozenset(), is_label)

    def _chunks(self, text: str) -> list[tuple[str, list[str]]]:
        """The words of a name, cut where a small word such as `of` stands."""
        found: list[tuple[str, list[str]]] = [("", [])]
        for token in tokens(cleaned(text)):
            if token.kind == "mark" and token.folded != "%":
                continue
            if token.after_comma and found[-1][1]:
                found.append((",", []))
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

    def _is_one_time(self, metric: Metric) -> bool:
        return metric.has_time and all(len(self._times[part.entity.qualified]) == 1 for part in metric.parts)

    def _of_the_table(self, metric: Metric) -> set[str]:
        """Words that the rows of the metric are called by, and what happened when they count."""
        listed = [name for part in metric.parts for name in (part.entity.name, *((part.time.name,) if part.time else ()))]
        return {self._root(fold(word)) for name in listed for word in name.split("_")}

    def _column(self, metric: Metric) -> frozenset[str]:
        """The words of the one column that is added up or averaged, where nothing else is calculated with."""
        trees = [part.measure.tree for part in metric.parts]
        columns = [tree.this for tree in trees if isinstance(tree, exp.AggFunc) and isinstance(tree.this, exp.Column)]
        if len(columns) != 1 or len(trees) != 1 or isinstance(trees[0], exp.Count):
            return frozenset()
        return frozenset(self._root(fold(word)) for word in columns[0].name.split("_"))


_ALL_CLASSES = frozenset(_CLASSES.values())
_OF = ("of", "de", "du", "des", "von", "der", "del", "的")


def _counts_rows(metric: Metric) -> bool:
    return metric.kind == "simple" and all(isinstance(part.measure.tree, exp.Count) for part in metric.parts)


def is_participle(word: str) -> bool:
    return (word.endswith("ed") and len(word) > 4) or word in english().participles

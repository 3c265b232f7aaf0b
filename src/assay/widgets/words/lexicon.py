"""The lexicon: what words of the catalog stand for which metric, dimension or value.

Terms are kept by their stems in every language that is read, so that a request is looked up in its own.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from assay.catalog.metric import Metric
from assay.catalog.vocabulary import meant as written_out
from assay.catalog.vocabulary import plural
from assay.catalog.workspace import Workspace
from assay.widgets.words.language import Language
from assay.widgets.words.parts import BY, Parts
from assay.widgets.words.real_words import real_words
from assay.widgets.words.text import Token, cleaned, fold, stem, tokens

Values = Mapping[str, tuple[str, ...]]
"""The values of columns, by `schema.table.column`."""
MAX_TERM = 8
SMALL = 60
"""A column with more values than this is a list of names: parts of them, and misspellings, are not looked for."""
EXACT, BY_STEM, PART = 2, 1, 0
_PERSONAL = (
    r"(?:names?|ids?|e-?mails?|phones?|addresse?s?|numbers?|nombres?|noms?|correos?|telefonos?|adressen?|nummern?"
    r"|姓名|电话|邮箱|地址)"
)


@dataclass(frozen=True, slots=True)
class Meant:
    """What a term may stand for. `what`: metric, dimension or value."""

    what: str
    key: str
    """A metric's id, or the column `schema.table.column`."""
    value: str | None
    nearness: int
    term: tuple[str, ...]
    """The term's own words, folded."""
    unsaid: int = 0
    """How many words of the name were not said, where only a part of it was."""
    is_enough: bool = True
    """Whether what was said tells it from all else."""
    has_head: bool = True
    """Whether what it is was said, and not only of what kind."""


def least_unsaid(meant: list[Meant]) -> list[Meant]:
    """Of names of which enough was said, those of which most was."""
    enough = [each for each in meant if each.is_enough]
    return [each for each in enough if each.unsaid == min(one.unsaid for one in enough)]


@dataclass(frozen=True)
class Term:
    words: tuple[str, ...]
    meant: Meant


def words_of(text: str, marks: str = "&+") -> tuple[str, ...]:
    """The folded words of a term as they are found in requests."""
    return tuple(token.folded for token in tokens(cleaned(text)) if token.kind != "mark" or token.folded in marks)


def value_names(value: str) -> list[tuple[str, ...]]:
    """What a value is called: `AC/DC` and `Meat/Poultry` also as they are written; a text that is too long, nothing."""
    words = words_of(value)
    if not words or len(words) > MAX_TERM:
        return []
    return [words, words_of(value, "&+/")] if "/" in value else [words]


@dataclass(frozen=True)
class Lexicon:
    workspace: Workspace
    terms: tuple[Term, ...]
    values: Values
    heads: dict[str, dict[str, tuple[tuple[str, ...], ...]]]
    """By language: a metric named `claims by product`, to the stems of `claims`, and of `reclamaciones`."""
    own: dict[str, str]
    """Metrics that are named after one of their dimensions, and that dimension's name."""
    _index: dict[str, dict[tuple[str, ...], tuple[Meant, ...]]] = field(default_factory=dict)
    _thin: dict[str, dict[tuple[str, ...], tuple[Meant, ...]]] = field(default_factory=dict)
    _parts: dict[str, Parts] = field(default_factory=dict)
    patterns: dict[str, dict[str, list[re.Pattern[str]]]] = field(default_factory=dict)
    """What is declined, by language and kind, with the words of this workspace."""

    def __getstate__(self) -> dict[str, Any]:
        """As it goes to a worker: what is made of a language, which stays where it was read, is made there anew."""
        return {**vars(self), "_parts": {}, "patterns": {}}

    def with_values(self, more: Values, words: str) -> "Lexicon":
        """Knows these values, too, which were looked up for a request: `words`.

        A word of a dictionary that is written otherwise than the value (`fresh`, of a film *Fresh*) is asked about.
        """
        dictionary = real_words("en")
        terms = [
            Term(own, Meant("value", key, value, EXACT, own, is_enough=value in words or value.casefold() not in dictionary))
            for key, values in more.items() for value in values for own in value_names(value)
        ]  # fmt: skip
        values = {**self.values, **{key: (*self.values.get(key, ()), *own) for key, own in more.items()}}
        return replace(self, terms=(*self.terms, *terms), values=values, _index={}, _thin={})

    def index(self, language: str) -> dict[tuple[str, ...], tuple[Meant, ...]]:
        """Every term by its stems in the language."""
        if language not in self._index:
            found: dict[tuple[str, ...], list[Meant]] = {}
            for term in self.terms:
                found.setdefault(tuple(stem(word, language) for word in term.words), []).append(term.meant)
            self._index[language] = {stems: tuple(dict.fromkeys(meant)) for stems, meant in found.items()}
        return self._index[language]

    def _thin_index(self, language: Language) -> dict[tuple[str, ...], tuple[Meant, ...]]:
        """The terms without the small words inside them: `share claims approved` for `share of claims approved`."""
        if language.code not in self._thin:
            found: dict[tuple[str, ...], list[Meant]] = {}
            for words, meant in self.index(language.code).items():
                thin = tuple(
                    each for at, each in enumerate(words) if each not in language.skipped or at in (0, len(words) - 1)
                )
                found.setdefault(thin, []).extend(meant)
            self._thin[language.code] = {words: tuple(dict.fromkeys(meant)) for words, meant in found.items()}
        return self._thin[language.code]

    def at(
        self, given: tuple[Token, ...], stems: tuple[str, ...], start: int, language: Language
    ) -> Iterator[tuple[int, list[Meant]]]:
        """The terms that begin at a token: (end, what they may stand for)."""
        index = self.index(language.code)
        for end in range(start + 1, min(start + MAX_TERM, len(given)) + 1):
            # A comma ends a term: `claims, denials` are two.
            if end > start + 1 and given[end - 1].after_comma:
                return
            found = index.get(stems[start:end])
            if found:
                folded = tuple(token.folded for token in given[start:end])
                yield end, _plainest([_seen(each, folded) for each in found])
            kept = [at for at in range(start, end) if given[at].folded not in language.skipped]
            if len(kept) < end - start and kept[:1] == [start] and kept[-1] == end - 1:
                # `repairs that were completed`, `the deductible was unpaid`: small words inside a name.
                named = self._thin_index(language).get(tuple(stems[at] for at in kept), ())
                named = [each for each in named if each.what == "metric" or (each.what == "value" and len(kept) > 1)]
                if named and not found:
                    yield end, named

    def dimensions_called(self, words: str, language: Language) -> list[Meant]:
        """The dimensions of whose names these words are the whole or a part."""
        given = tokens(words)
        if not given:
            return []
        stems = tuple(language.stem(each) for each in given)
        exact = [each for each in self.index(language.code).get(stems, ()) if each.what == "dimension"]
        if exact:
            return exact
        parts = [found for end, _, found in self._parts_of(given, 0, language) if end == len(given)]
        return [each for found in parts for each in found if each.what == "dimension"]

    def parts_at(self, given: tuple[Token, ...], start: int, language: Language) -> Iterator[tuple[int, int, list[Meant]]]:
        """The metrics and dimensions of whose names a run of words says something: (end, words that weigh, meant)."""
        for end, count, meant in self._parts_of(given, start, language):
            whole = [each for each in meant if each.nearness > PART]
            if any(each.what == "metric" for each in whole):
                yield end, count, whole
            elif whole:
                # `status`: another metric's status may be that of its invoice.
                yield end, count, [each for each in meant if each.what == "dimension"]
            else:
                yield end, count, meant

    def _parts_of(self, given: tuple[Token, ...], start: int, language: Language) -> Iterator[tuple[int, int, list[Meant]]]:
        if language.code not in self._parts:
            dimensions: dict[str, list[tuple[str, ...]]] = {}
            # A dimension is called the same in each metric that has it.
            for term in dict.fromkeys(self.terms):
                if term.meant.what == "dimension":
                    dimensions.setdefault(term.meant.key, []).append(term.words)
            self._parts[language.code] = Parts([*self.workspace.metrics.values()], dimensions, language)
        for end, count, parts in self._parts[language.code].at(given, start):
            words = tuple(token.folded for token in given[start:end])
            meant = [
                Meant(
                    each.what, each.key, None, BY_STEM if each.is_whole else PART, words, each.unsaid, each.is_enough,
                    each.has_head,
                )
                for each in parts
            ]  # fmt: skip
            yield end, count, list(dict.fromkeys(meant))

    def ranked_at(
        self, given: tuple[Token, ...], stems: tuple[str, ...], start: int, language: Language
    ) -> Iterator[tuple[int, list[Meant], int]]:
        """`top 5 issues`, `5 most common issues`: a ranking with the number inside its name, or before it."""
        index = self.index(language.code)
        for at in (start, start + 1):
            for after, count in language.number(given, at) if at < len(given) else ():
                for end in range(after + 1, min(after + MAX_TERM, len(given)) + 1):
                    found = index.get((*stems[start:at], *stems[after:end]), ())
                    ranked = [each for each in found if each.what == "metric" and each.key in self.rankings]
                    if ranked:
                        yield end, ranked, count

    @cached_property
    def rankings(self) -> frozenset[str]:
        """Metrics that are an order of their first dimension: `Top issues`."""
        return frozenset(
            each.metric_id for each in self.workspace.metrics.values()
            if each.dimensions and fold(each.label).startswith("top ")
        )  # fmt: skip

    @cached_property
    def divisions(self) -> str:
        """The dimensions that most metrics have, as a person may be told to ask for figures by them."""
        metrics = self.workspace.metrics.values()
        counted = Counter(each.label.lower() for metric in metrics for each in metric.dimensions.values())
        listed = [label for label, _ in counted.most_common(4)]
        if len(listed) > 3:
            return f"{', '.join(listed[:3])} or another dimension"
        return " or ".join(filter(None, (", ".join(listed[:-1]), *listed[-1:]))) or "day, week or month"

    @cached_property
    def names(self) -> re.Pattern[str]:
        """The longer names of metrics, such as `claims per customer`, of dimensions and values, and `by` a dimension of
        one word, where nothing personal is asked behind them: a column that holds personal data is no dimension."""
        metrics = self.workspace.metrics.values()
        texts = {fold(text) for metric in metrics for text in (metric.label, *metric.synonyms) if len(words_of(text)) > 2}
        named = [term.words for term in self.terms if term.meant.what != "metric" and term.meant.nearness]
        others = {" ".join(words): len(words) for words in named}
        texts |= {f"{by} {words}{ending}" for by in BY for words in others if others[words] == 1 for ending in ("", "s")}
        texts |= {name for words, size in others.items() if size > 1 for name in (words, plural(words))}
        # `top 5 routes by passengers`, where they are counted.
        counted = {word for metric in metrics if metric.unit == "count" for word in words_of(metric.label) if len(word) > 3}
        texts |= {f"by {word}" for word in counted}
        listed = "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True)) or "(?!)"
        return re.compile(rf"(?<!\w)(?:{listed})(?!\w)(?![ _-]*(?:\w+ )?{_PERSONAL})")

    @cached_property
    def personal_columns(self) -> re.Pattern[str]:
        """What the workspace's own personal columns are called: `birth date`, `names of passengers`."""
        found: set[str] = set()
        for table in self.workspace.dictionary.tables.values():
            for column in table.columns.values():
                said = [fold(word) for word in written_out(column.name)] if column.pii else []
                if len(said) == 1 and said[0] not in self.words:
                    found.add(re.escape(said[0]) + "s?")
                elif len(said) > 1:
                    first, last = re.escape(" ".join(said[:-1])), re.escape(said[-1])
                    found |= {f"{first}(?: ?'?s|s ?'?)? {last}s?", f"{last}s? (?:of|for) (?:the |our |all |each )*{first}s?"}
                    if column.pii == "free_text" and said[0] not in self.words:
                        found.add(re.escape(said[0]) + "s")
        return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(found)) or '(?!)'})(?!\w)")

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of every term, for telling whether a word is known."""
        return frozenset(word for term in self.terms for word in term.words)

    @cached_property
    def primary(self) -> frozenset[str]:
        """Words of labels and names: they win over synonyms where a misspelling is equally near to both."""
        metrics = self.workspace.metrics.values()
        texts = [metric.label for metric in metrics]
        texts += [text for metric in metrics for each in metric.dimensions.values() for text in (each.name, each.label)]
        return frozenset(word for text in texts for word in words_of(text))

    @cached_property
    def mendable(self) -> tuple[str, ...]:
        """Words that a misspelling may stand for: of metrics and dimensions, and of the values of small columns."""
        found: set[str] = set()
        for term in self.terms:
            if term.meant.what != "value" or len(self.values.get(term.meant.key, ())) <= SMALL:
                found |= {word for word in term.words if len(word) > 3 and word.isalpha()}
        return tuple(sorted(found))

    def metric(self, metric_id: str) -> Metric:
        return self.workspace.metrics[metric_id]

    def divided_by(self, key: str) -> list[Metric]:
        """The metrics that have this dimension."""
        metrics = self.workspace.metrics.values()
        return [each for each in metrics if key in (one.key for one in each.dimensions.values())]


def _plainest(meant: list[Meant]) -> list[Meant]:
    """`repairs` is the metric and `repair` the outcome: a word that is one of them to the letter is not the other."""
    exact = {each.what == "metric" for each in meant if each.nearness == EXACT}
    if len(meant[0].term) > 1 or len(exact) != 1:
        return meant
    return [each for each in meant if each.nearness == EXACT or (each.what == "metric") in exact]


def _seen(meant: Meant, folded: tuple[str, ...]) -> Meant:
    if meant.nearness == EXACT and meant.term != folded:
        return Meant(meant.what, meant.key, meant.value, BY_STEM, meant.term)
    return meant

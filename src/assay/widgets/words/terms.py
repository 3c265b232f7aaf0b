"""The terms of a catalog: what its metrics, dimensions and values are called. The lexicon is built of them, once for each
catalog.
"""

from collections.abc import Iterable, Iterator, Mapping

from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace
from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import EXACT, MAX_TERM, PART, SMALL, Lexicon, Meant, Term, Values, value_names, words_of
from assay.widgets.words.parts import BY
from assay.widgets.words.real_words import short_names
from assay.widgets.words.synonyms import Synonyms
from assay.widgets.words.text import stem

_WINDOW_ENDS = ("mtd", "qtd", "ytd", "wtd")


def build_lexicon(workspace: Workspace, synonyms: Synonyms, values: Values, languages: Mapping[str, Language]) -> Lexicon:
    dimensions = {each.key: each for metric in workspace.metrics.values() for each in metric.dimensions.values()}
    shares = frozenset(word for each in languages.values() for word in each.measures.get("share", ()))
    terms = [*_metric_terms(workspace.metrics.values(), shares), *_dimension_terms(workspace.metrics.values(), synonyms)]
    linking = ("and", "or", "not", "by", "vs", "only")
    small = frozenset(
        word for each in languages.values()
        for word in (*each.belonging, *each.stop, *each.grammar.single_words(*linking))
    )  # fmt: skip
    known = {value for key in dimensions if len(values.get(key, ())) <= SMALL for value in values.get(key, ())}
    short = {
        first: number
        for first, number in short_names({value: words_of(value) for value in known}).items()
        if first not in small
    }
    for key in dimensions:
        terms += _value_terms(key, values.get(key, ()), synonyms.values.get(key, {}), small, short)
    own, heads = {}, {code: {} for code in languages}
    lexicon = Lexicon(workspace, tuple(terms), values, heads, own)
    for metric in workspace.metrics.values():
        for language in languages.values():
            _name_after(metric, language, lexicon)
    return lexicon


def _metric_terms(metrics: Iterable[Metric], shares: frozenset[str]) -> Iterator[Term]:
    for metric in metrics:
        # What a label says in brackets, such as (MTD), is read for itself.
        label = metric.label.split("(")[0]
        # `Decision time, slowest tenth`: its parts name it too.
        parts = [part for part in label.split(",")[1:] if len(words_of(part)) > 1]
        named = words_of(label)
        for text in (label, metric.metric_id, *metric.synonyms, *parts):
            words = words_of(text)
            if text == metric.metric_id and (words[-1] in _WINDOW_ENDS or set(words) < set(named)):
                # `patients` of *Patients treated*: a part of its name, as any other.
                continue
            if words and len(words) <= MAX_TERM:
                yield Term(words, Meant("metric", metric.metric_id, None, EXACT, words))
                if metric.unit == "percent" and len(words) > 1 and words[-1] in shares:
                    # `approval %`
                    yield Term((*words[:-1], "%"), Meant("metric", metric.metric_id, None, EXACT, (*words[:-1], "%")))


def _dimension_terms(metrics: Iterable[Metric], synonyms: Synonyms) -> Iterator[Term]:
    for metric in metrics:
        for dimension in metric.dimensions.values():
            key = dimension.key
            for text in (dimension.name, dimension.label, *synonyms.dimensions.get(key, ())):
                words = words_of(text)
                if words:
                    yield Term(words, Meant("dimension", key, None, EXACT, words))


def _value_terms(
    key: str,
    values: tuple[str, ...],
    synonyms: Mapping[str, tuple[str, ...]],
    small: frozenset[str],
    short: Mapping[str, int],
) -> Iterator[Term]:
    parts: dict[tuple[str, ...], set[str]] = {}
    for value in values:
        names = value_names(value)
        for name in names:
            yield Term(name, Meant("value", key, value, EXACT, name))
        if names and len(values) <= SMALL:
            words = names[0]
            if len(words) == 2:
                # `unpaid deductible` for `deductible unpaid`
                parts.setdefault(words[::-1], set()).add(value)
            for size in range(2, len(words)):
                for start in range(len(words) - size + 1):
                    # `battery not` of `Battery not holding charge` is no name of it.
                    if not {words[start], words[start + size - 1]} & small:
                        parts.setdefault(words[start : start + size], set()).add(value)
    for words, having in parts.items():
        if len(having) == 1:
            yield Term(words, Meant("value", key, next(iter(having)), PART, words))
    for value in values if len(values) <= SMALL else ():
        first, *rest = words_of(value) or ("",)
        if first in short and rest:
            yield Term((first,), Meant("value", key, value, PART, (first,), is_enough=short[first] == 1))
    for value, listed in synonyms.items():
        # A value that the data does not have now would filter everything away; its words are unknown until it has.
        if value in values:
            for text in listed:
                words = words_of(text)
                if words:
                    yield Term(words, Meant("value", key, value, EXACT, words))


_BY_BEFORE = (("按",), ("各",))
DIVIDING = ("by", "nach")
"""Of the words in BY those that say no ratio: `cost per repair` is none by repair type."""
_LINKS = ("统", "计", "的")


def _turned(
    stems: tuple[str, ...], index: dict[tuple[str, ...], tuple[Meant, ...]], keys: Mapping[str, str]
) -> tuple[str, ...]:
    """Where the dimension comes first (`按产品统计的理赔`), the same the other way round: `理赔 by 产品`."""
    for end in range(len(stems) - 1, 1, -1):
        if any(each.what == "dimension" and each.key in keys for each in index.get(stems[1:end], ())):
            head = end
            while head < len(stems) and stems[head] in _LINKS:
                head += 1
            return (*stems[head:], "by", *stems[1:end]) if head < len(stems) else stems
    return stems


def _name_after(metric: Metric, language: Language, lexicon: Lexicon) -> None:
    """Note the dimension that a metric's name speaks of, and what it is called without it."""
    keys = {each.key: each.name for each in metric.dimensions.values()}
    index = lexicon.index(language.code)
    # `Orders per customer` is divided by the customers already, where it is a ratio.
    between = DIVIDING if metric.kind == "ratio" else BY
    for text in (metric.label, *metric.synonyms):
        stems = tuple(stem(word, language.code) for word in words_of(text))
        if stems[:1] in _BY_BEFORE:
            stems = _turned(stems, index, keys)
        for at, word in enumerate(stems):
            if word in between and 0 < at < len(stems) - 1:
                tail = [each for each in index.get(stems[at + 1 :], ()) if each.what == "dimension" and each.key in keys]
                # `Claims by product`, of the product's category
                said = " ".join(words_of(text)[at + 1 :]) if word in DIVIDING else ""
                tail = tail or [each for each in lexicon.dimensions_called(said, language) if each.key in keys]
                if tail:
                    best = max(tail, key=lambda each: each.nearness)
                    lexicon.own.setdefault(metric.metric_id, keys[best.key])
                    if lexicon.own[metric.metric_id] == keys[best.key]:
                        heads = lexicon.heads[language.code]
                        heads[metric.metric_id] = tuple(dict.fromkeys([*heads.get(metric.metric_id, ()), stems[:at]]))
    *before, last = words_of(metric.label) or ("",)
    if last == "mix" and metric.metric_id not in lexicon.own:
        mixed = [each for each in lexicon.dimensions_called(" ".join(before), language) if each.key in keys]
        if mixed:
            lexicon.own[metric.metric_id] = keys[mixed[0].key]
    if metric.metric_id not in lexicon.own and metric.metric_id in lexicon.rankings:
        lexicon.own[metric.metric_id] = next(iter(metric.dimensions))

"""Which metric is meant.

The longest term that is exactly a metric's label or synonym wins; a metric named after a dimension (`claims by
product`) wins over the plain one where it is divided by that dimension; where several are left, the person is asked.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from assay.catalog.metric import Metric
from assay.widgets.words.asks import ask_id, leave_out
from assay.widgets.words.cover import Span
from assay.widgets.words.draft import Draft, Named
from assay.widgets.words.fit import Fit, fit
from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import EXACT, PART, Lexicon, column_key
from assay.widgets.words.outcome import Ask, Choice
from assay.widgets.words.text import cleaned, stem, tokens

_CHOICES = 6


@dataclass
class Chosen:
    fit: Fit | None = None
    spans: dict[str, Named] = field(default_factory=dict)
    """Metric, and the words that named it."""
    asks: list[Ask] = field(default_factory=list)
    hinted: tuple[str, ...] = ()
    """Metrics whose names hold a word of the request, where none was named."""
    used: list[Named] = field(default_factory=list)
    """Terms that only pointed to the metric."""


def stems_of(text: str, language: Language) -> tuple[str, ...]:
    return _stems(text, language.code)


@lru_cache(maxsize=20_000)
def _stems(text: str, code: str) -> tuple[str, ...]:
    return tuple(stem(each.folded, code) for each in tokens(cleaned(text)))


def is_measure(words: str, language: Language) -> bool:
    word = stem(words.casefold(), language.code)
    return any(word == stem(each, language.code) for listed in language.measures.values() for each in listed)


def said_by(metric: Metric, language: Language) -> frozenset[str]:
    """Every word that the metric says of itself: what is repeated of it changes nothing."""
    text = " ".join((metric.label, metric.definition, *metric.synonyms))
    return frozenset(stems_of(text, language))


def said_in_name(metric: Metric, language: Language) -> frozenset[str]:
    """Every word that the metric is called by."""
    return frozenset(stems_of(" ".join((metric.label, *metric.synonyms)), language))


def choose(draft: Draft, lexicon: Lexicon, language: Language, answered: str | None, base: tuple[str, ...] = ()) -> Chosen:
    named = [each for each in draft.terms if each.span.stands_for("metric")]
    if answered is not None:
        return _given(answered, named, draft, lexicon, language)
    if not named:
        if base:
            return Chosen(fit(base, draft, lexicon))
        return _from_hints(draft, lexicon, language)
    groups = _joined(named, draft.spans, lexicon, language)
    denied = next((each for each in named if each.negated), None)
    if denied is not None and not base:
        return Chosen(asks=[_ask_denied(denied)])
    odd = _oddly_joined(draft)
    if odd is not None:
        return Chosen(asks=[_ask_joined(odd)])
    if len(groups) > 1:
        # `cost of claims for denials`: two metrics that nothing joins.
        return Chosen(asks=[_ask_metric(groups, lexicon)])
    wanted = groups[0]
    if len(wanted) == 1:
        best = _best(wanted[0], draft, lexicon, language)
        if isinstance(best, Ask):
            return Chosen(asks=[best])
        return Chosen(best, {best.metrics[0]: wanted[0]})
    several = [_first(each, draft, lexicon, language) for each in wanted]
    if any(isinstance(each, Ask) for each in several):
        return Chosen(asks=[each for each in several if isinstance(each, Ask)])
    ids = tuple(dict.fromkeys(each for each in several if isinstance(each, str)))
    found = fit(ids, draft, lexicon)
    return Chosen(found, dict(zip([e for e in several if isinstance(e, str)], wanted, strict=True)))


def _oddly_joined(draft: Draft) -> Named | None:
    """A value that `and` ties to a metric: `repairs and claims` may well mean two metrics."""
    for before, after in pairwise(draft.terms):
        kinds = [bool(each.span.stands_for("metric")) for each in (before, after)]
        if after.joined in ("and", "or", "vs") and kinds[0] != kinds[1]:
            odd = before if kinds[1] else after
            # `issues and claims`: a word that may be a metric to the person who says it.
            is_first = odd is before and not odd.by and bool(odd.span.stands_for("dimension"))
            if odd.span.stands_for("value") or is_first:
                return odd
    return None


def _ask_denied(denied: Named) -> Ask:
    words = denied.span.words
    text = f"A whole metric cannot be left out of another. What is meant by “{words}”?"
    return Ask(ask_id("word", words), "word", text, words, (leave_out(words),))


def _ask_joined(odd: Named) -> Ask:
    words = odd.span.words
    meant = odd.span.stands_for("value")
    choices = [Choice(f"only {each.value}", f"value:{each.key}={each.value}") for each in meant[:_CHOICES]]
    choices.append(leave_out(words))
    return Ask(ask_id("word", words), "word", f"Which do you mean by “{words}”?", words, tuple(choices))


def _given(metric_id: str, named: list[Named], draft: Draft, lexicon: Lexicon, language: Language) -> Chosen:
    """The person has said which metric; whatever else pointed to one is settled by that."""
    said = said_by(lexicon.metric(metric_id), language)
    used = list(named)
    hints = [each for each in (*draft.unread, *draft.terms) if each not in named and not each.by]
    used += [
        each for each in hints if set(stems_of(each.span.folded, language)) <= said and not each.span.stands_for("value")
    ]
    draft.unread = [each for each in draft.unread if each not in used]
    draft.terms = [each for each in draft.terms if each not in used]
    return Chosen(fit((metric_id,), draft, lexicon), {metric_id: used[0]} if used else {}, used=used)


def _joined(named: list[Named], spans: list[Span], lexicon: Lexicon, language: Language) -> list[list[Named]]:
    """Metrics that `and` or `versus` ties together; one that only repeats another's words is none of its own."""
    groups: list[list[Named]] = []
    for each in named:
        if groups and each.joined in ("and", "vs", ",", "or"):
            groups[-1].append(each)
        else:
            groups.append([each])
    if len(groups) < 2:
        return groups
    for at, group in enumerate(groups):
        if not _is_spoken_of(groups, at, spans, language):
            continue
        if len(group) > 1 or any(one.by for other in groups for one in other):
            continue
        said = set().union(*(said_by(lexicon.metric(m.key), language) for m in group[0].span.stands_for("metric")))
        others = [one for index, other in enumerate(groups) if index != at for one in other]
        if all(set(stems_of(one.span.folded, language)) <= said for one in others) and len(group[0].span.words) >= max(
            len(one.span.words) for one in others
        ):
            return [group]
    return groups


def _is_spoken_of(groups: list[list[Named]], at: int, spans: list[Span], language: Language) -> bool:
    """`savings on claims` says of what the savings are; `savings claims` and `claims with savings` may be two metrics."""
    own = groups[at][-1].span
    for other in (each for index, group in enumerate(groups) if index != at for each in group):
        first, last = (own, other.span) if own.end <= other.span.start else (other.span, own)
        between = [each for each in spans if first.end <= each.start and each.end <= last.start]
        if not between or (own is last and language.code != "zh"):
            return False
        if not any(each.folded in language.belonging for each in between):
            return False
    return True


def _family(each: Named, lexicon: Lexicon, language: Language) -> tuple[list[str], list[str], list[str]]:
    """Metrics that these words may name: called so, called so without `by product`, called so `by` a dimension."""
    meant = each.span.stands_for("metric")
    exact = [one.key for one in meant if one.nearness == EXACT] or [one.key for one in meant]
    words = stems_of(each.span.folded, language)
    heads = lexicon.heads[language.code]
    # What `claims by product` is when it is not divided by product: whatever is called `claims`.
    plain = {head for one in exact for head in heads.get(one, ()) if words[: len(head)] == head != words}
    index = lexicon.index(language.code)
    wider = [one.key for head in plain for one in index.get(head, ()) if one.what == "metric"]
    beside = [
        one for one, own in heads.items()
        if words in own or plain & set(own) or any(m.key in exact for head in own for m in index.get(head, ()))
    ]  # fmt: skip
    return list(dict.fromkeys(exact)), list(dict.fromkeys(wider)), list(dict.fromkeys(beside))


def _best(each: Named, draft: Draft, lexicon: Lexicon, language: Language) -> Fit | Ask:
    exact, wider, beside = _family(each, lexicon, language)
    family = list(dict.fromkeys([*exact, *wider, *beside]))
    fits = {metric_id: fit((metric_id,), draft, lexicon) for metric_id in family}
    _keep_said_dimension(each, exact, fits, lexicon, language)
    able = [one for one in family if not fits[one].missing and not _needs_time(draft, lexicon.metric(one))]
    own = [one for one in able if lexicon.own.get(one) in {name for named, name in fits[one].groups if _is_named(named)}]
    if own and not (set(exact) & set(able) and len(own) > 1):
        return fits[own[0]]
    named = [one for one in able if one in exact]
    for several in (named, [one for one in able if one in wider], able):
        if len(several) == 1:
            return fits[several[0]]
        if several:
            return _ask_among(several, each.span.words, lexicon)
    first = [one for one in family if one in exact]
    return fits[first[0]] if len(first) == 1 else _ask_among(first, each.span.words, lexicon)


def _is_named(group: Named) -> bool:
    """Whether the dimension was called by a name of its own: `by type` may be of the product, or of something else."""
    return bool(group.span.stands_for("metric")) or any(each.nearness > PART for each in group.span.stands_for("dimension"))


def _keep_said_dimension(each: Named, exact: list[str], fits: dict[str, Fit], lexicon: Lexicon, language: Language) -> None:
    """Where another metric stands in for `claims by product`, it is divided by product all the same, or is not able."""
    words, heads = stems_of(each.span.folded, language), lexicon.heads[language.code]
    divided = [
        one for one in exact if one in lexicon.own and any(words[: len(h)] == h != words for h in heads.get(one, ()))
    ]  # fmt: skip
    if not divided:
        return
    own = lexicon.metric(divided[0]).dimensions[lexicon.own[divided[0]]]
    for one, found in fits.items():
        if one not in exact:
            dimensions = lexicon.metric(one).dimensions.values()
            name = next((other.name for other in dimensions if column_key(other) == column_key(own)), None)
            if name is None:
                found.missing += 1
            else:
                found.groups.insert(0, (replace(each, by=True), name))


def _first(each: Named, draft: Draft, lexicon: Lexicon, language: Language) -> str | Ask:
    """One of several metrics in a widget: the plain one, where it can be divided so."""
    exact = [one.key for one in each.span.stands_for("metric") if one.nearness == EXACT]
    exact = exact or [one.key for one in each.span.stands_for("metric")]
    exact = list(dict.fromkeys(exact))
    return exact[0] if len(exact) == 1 else _ask_among(exact, each.span.words, lexicon)


def _needs_time(draft: Draft, metric: Metric) -> bool:
    """Whether the words say a window or a grain, which a count at an instant cannot take."""
    asks_time = any(each.meaning != "window.now" for each in draft.windows) or bool(draft.grains or draft.against)
    asks_time = asks_time or any(each.meaning == "kind.trend" for each in draft.kinds)
    is_now = any(each.meaning == "window.now" for each in draft.windows)
    return (asks_time and not metric.has_time) or (is_now and metric.has_time)


def _from_hints(draft: Draft, lexicon: Lexicon, language: Language) -> Chosen:
    """No metric was named; words of metrics' names point to some, but only the person can say which."""
    pointing: dict[str, int] = {}
    pointers: list[tuple[Named, list[str]]] = []
    heads: set[str] = set()
    called = {head for own in lexicon.heads[language.code].values() for head in own}
    for each in (*draft.unread, *draft.terms):
        words = stems_of(each.span.folded, language)
        # `top 10 states by issues`: after a rank, `by` may name the metric.
        if each.negated or (each.by and not (draft.ranks and words in called)):
            continue
        if each in draft.unread and is_measure(each.span.folded, language):
            continue
        is_head = words in called
        if each.span.stands_for("dimension") and not is_head:
            continue
        hits = [one for one, metric in lexicon.workspace.metrics.items() if _names(metric, words, language)]
        if hits:
            pointers.append((each, hits))
        for one in hits:
            pointing[one] = pointing.get(one, 0) + 1
        heads |= {one for one, own in lexicon.heads[language.code].items() if words in own}
    most = max(pointing.values(), default=0)
    hinted = tuple(one for one, count in pointing.items() if count == most)
    # What points to another metric has not been read by choosing this one.
    used = [each for each, hits in pointers if set(hits) & set(hinted)]
    left = [each for each in draft.unread if each not in used]
    inside = _inside_values(draft, lexicon, language) or _inside_dimension(draft, lexicon, language)
    if inside is not None and not left and not hinted:
        found = fit((inside,), draft, lexicon)
        if not found.missing and not _needs_time(draft, lexicon.metric(inside)):
            return Chosen(found)
    if left or not hinted:
        return Chosen(hinted=hinted)
    rests = {one: _without(draft, [each for each, hits in pointers if one in hits]) for one in hinted}
    able = [
        one for one, rest in rests.items()
        if not rest.unread and not fit((one,), rest, lexicon).asks and not _needs_time(draft, lexicon.metric(one))
    ]  # fmt: skip
    if len(able) == 1 and able[0] in heads:
        rest = rests[able[0]]
        draft.terms, draft.unread = rest.terms, rest.unread
        own = [each for each, hits in pointers if able[0] in hits]
        return Chosen(fit((able[0],), rest, lexicon), {able[0]: own[0]}, used=own)
    words = " ".join(each.span.words for each in used)
    return Chosen(asks=[_ask_among(list(able or hinted), words, lexicon)], hinted=hinted)


def _inside_values(draft: Draft, lexicon: Lexicon, language: Language) -> str | None:
    """The one metric that a value's words end with: `screen repairs` are repairs."""
    index = lexicon.index(language.code)
    ids: set[str] = set()
    for each in draft.terms:
        words = tuple(token.folded for token in tokens(each.span.folded))
        if each.span.stands_for("value") and len(words) > 1:
            tail = index.get(stems_of(words[-1], language), ())
            ids |= {one.key for one in tail if one.what == "metric" and one.term == words[-1:]}
    return ids.pop() if len(ids) == 1 else None


def _inside_dimension(draft: Draft, lexicon: Lexicon, language: Language) -> str | None:
    """The one metric that has a dimension, where its words say so too: `denial reasons` are reasons of denials."""
    ids: set[str] = set()
    for each in draft.terms:
        words = set(stems_of(each.span.folded, language))
        for key in {one.key for one in each.span.stands_for("dimension") if one.nearness > PART}:
            having = [one for one in lexicon.workspace.metrics.values() if key in map(column_key, one.dimensions.values())]
            if len(having) == 1 and having[0].unit == "count" and words & said_in_name(having[0], language):
                ids.add(having[0].metric_id)
    return ids.pop() if len(ids) == 1 else None


def _without(draft: Draft, used: list[Named]) -> Draft:
    rest = Draft(**vars(draft))
    rest.terms = [each for each in draft.terms if each not in used]
    rest.unread = [each for each in draft.unread if each not in used]
    return rest


def _names(metric: Metric, words: tuple[str, ...], language: Language) -> bool:
    for text in (metric.label, *metric.synonyms):
        own = stems_of(text, language)
        if any(own[at : at + len(words)] == words for at in range(len(own) - len(words) + 1)):
            return True
    return False


def _ask_among(ids: list[str], words: str, lexicon: Lexicon) -> Ask:
    choices = tuple(Choice(lexicon.metric(one).label, f"metric:{one}") for one in ids[:_CHOICES])
    return Ask("metric", "metric", f"Which metric do you mean by “{words}”?", words, choices)


def _ask_metric(groups: list[list[Named]], lexicon: Lexicon) -> Ask:
    ids = [one.key for group in groups for each in group for one in each.span.stands_for("metric")]
    words = ", ".join(each.span.words for group in groups for each in group)
    choices = tuple(Choice(lexicon.metric(one).label, f"metric:{one}") for one in dict.fromkeys(ids))[:_CHOICES]
    return Ask(
        "metric", "metric", "Several metrics are named, and nothing joins them. Which one is it about?", words, choices
    )


def ask_any_metric(lexicon: Lexicon, draft: Draft) -> Ask:
    """The words say how, and not what."""
    able = [one for one in lexicon.workspace.metrics if not fit((one,), draft, lexicon).asks
            and not _needs_time(draft, lexicon.metric(one))]  # fmt: skip
    choices = tuple(Choice(lexicon.metric(one).label, f"metric:{one}") for one in able[:_CHOICES])
    return Ask("metric", "metric", "Which metric shall be shown?", "", choices)

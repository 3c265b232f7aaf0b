"""Whether a metric can be asked as the words have it: its dimensions, its values, its time."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from assay.catalog.metric import Metric
from assay.widgets.words.asks import ask_id, ask_what, leave_out
from assay.widgets.words.cover import Span
from assay.widgets.words.draft import Draft, Named
from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import EXACT, PART, Lexicon, Meant, least_unsaid, words_of
from assay.widgets.words.names import said_in_name, stems_of
from assay.widgets.words.outcome import Ask, Choice

_LISTED = 12


@dataclass
class ValueIn:
    """A value of one dimension, as it was said."""

    named: Named
    dimension: str
    value: str


@dataclass
class Fit:
    """What the terms come to for some metrics; `asks` is what cannot be settled without the person."""

    metrics: tuple[str, ...]
    groups: list[tuple[Named, str]] = field(default_factory=list)
    values: list[ValueIn] = field(default_factory=list)
    beside: list[tuple[Named, str]] = field(default_factory=list)
    """Dimensions that only say whose value a neighbour is: `West region`."""
    absorbed: list[Named] = field(default_factory=list)
    """Words that only repeat the metrics' names."""
    sorts: list[tuple[Named, str]] = field(default_factory=list)
    """Dimensions by whose names the rows are sorted."""
    asks: list[Ask] = field(default_factory=list)
    missing: int = 0
    """How many terms these metrics have no dimension for."""


def fit(metric_ids: tuple[str, ...], draft: Draft, lexicon: Lexicon) -> Fit:
    """Bind the terms that are no metrics to the dimensions which all of these metrics have."""
    metrics = [lexicon.metric(each) for each in metric_ids]
    shared = _shared_dimensions(metrics)
    by_key: dict[str, list[str]] = {}
    for name, columns in shared.items():
        for key in columns:
            by_key.setdefault(key, []).append(name)
    found = Fit(metric_ids)
    terms = [each for each in draft.terms if not each.span.stands_for("metric")]
    values = {id(each): _nearest(each.span.stands_for("value"), by_key) for each in terms}
    named = {id(each): _dimensions(each, by_key, metrics[0], lexicon) for each in terms}
    for at, each in enumerate(terms):
        before = terms[at - 1] if at and terms[at - 1].place == each.place - 1 else None
        after = terms[at + 1] if at + 1 < len(terms) and terms[at + 1].place == each.place + 1 else None
        _bind(each, before, after, named, values, metrics, found, draft.language)
    return found


def _shared_dimensions(metrics: list[Metric]) -> dict[str, tuple[str, ...]]:
    """Dimensions that all metrics have, and that mean the same in each, with the columns behind them."""
    first, *others = metrics
    found: dict[str, tuple[str, ...]] = {}
    for name, dimension in first.dimensions.items():
        if all(name in each.dimensions and dimension.agrees_with(each.dimensions[name]) for each in others):
            found[name] = tuple(dict.fromkeys(each.dimensions[name].key for each in metrics))
    return found


def _dimensions(said: Named, by_key: dict[str, list[str]], metric: Metric, lexicon: Lexicon) -> list[tuple[str, Meant]]:
    """(dimension's name, what is meant) for the dimensions of these metrics that are meant."""
    own = [each for each in said.span.stands_for("dimension") if each.key in by_key]
    called = [
        (name, each) for each in own for name in by_key[each.key]
        if each.nearness > PART and _calls(metric, name, {each.term})
    ]  # fmt: skip
    if len({name for name, _ in called}) == 1:
        # `customers by country`: theirs, although the country of employees is called so where these are counted.
        return called[:1]
    if _is_borrowed(own, by_key, metric, lexicon):
        # `revenue by country`: customers have a country, and revenue that of the customer, of the supplier and of the ship.
        borrowed: dict[str, Meant] = {}
        for each in own:
            for name in by_key[each.key]:
                borrowed.setdefault(name, each)
        return list(borrowed.items())
    if all(each.nearness == PART for each in own):
        if not said.by:
            return []
        least = least_unsaid(own)
        own = least + [each for each in own if not each.is_enough and each.key not in {one.key for one in least}]
    return _nearest(own, by_key)


def _nearest(meant: Iterable[Meant], by_key: dict[str, list[str]]) -> list[tuple[str, Meant]]:
    """(dimension's name, what is meant) for the nearest meanings that these metrics have."""
    own = [each for each in meant if each.key in by_key]
    best = max((each.nearness for each in own), default=PART)
    found: dict[tuple[str, str | None], Meant] = {}
    for each in own:
        if each.nearness == best:
            for name in by_key[each.key]:
                found.setdefault((name, each.value), each)
    return [(name, each) for (name, _), each in found.items()]


def _is_borrowed(own: list[Meant], by_key: dict[str, list[str]], metric: Metric, lexicon: Lexicon) -> bool:
    """Whether only other metrics call columns so, and this one has several whose names have the word as a part."""
    exact = [each for each in own if each.nearness > PART]
    keys, said = {each.key for each in exact}, {each.term for each in exact}
    if (
        not keys
        or len({each.key for each in own}) < 2
        or any(_calls(metric, name, said) for key in keys for name in by_key[key])
    ):
        return False
    return all(_is_called(key, said, lexicon) for key in keys)


def _is_called(key: str, said: set[tuple[str, ...]], lexicon: Lexicon) -> bool:
    """Whether a metric calls this column so."""
    others = lexicon.divided_by(key)
    return any(_calls(other, name, said) for other in others for name, each in other.dimensions.items() if each.key == key)


def _calls(metric: Metric, name: str, said: set[tuple[str, ...]]) -> bool:
    """Whether these words are all of what the metric calls its dimension."""
    return not said.isdisjoint((words_of(name), words_of(metric.dimensions[name].label)))


def _bind(
    each: Named, before: Named | None, after: Named | None, named: dict[int, list[tuple[str, Meant]]],
    values: dict[int, list[tuple[str, Meant]]], metrics: list[Metric], found: Fit, language: Language | None,
) -> None:  # fmt: skip
    dimensions, own = named[id(each)], values[id(each)]
    if dimensions and not (own and _is_beside(before, after, named, own)):
        neighbours = [one for one in (before, after) if one is not None and values[id(one)]]
        names = {name for name, _ in dimensions}
        beside = [one for one in neighbours if names & {name for name, _ in values[id(one)]} and not one.by]
        # `regions except the West` are all the others; `except region West` is one.
        beside = [
            one for one in beside
            if (one is before and not each.negated) or one.negated == each.negated or one.is_equated
        ]  # fmt: skip
        if beside and not each.by and not each.removed and not each.also:
            for one in beside:
                values[id(one)][:] = [pair for pair in values[id(one)] if pair[0] in names]
            # A value bound before its dimension was read is bound again, now that it is known whose it is.
            _bind_again(beside, before, values, found)
            found.beside.append((each, dimensions[0][0]))
            return
        if len(names) > 1 or not dimensions[0][1].is_enough:
            found.asks.append(_ask_which(each, "dimension", dimensions, metrics))
            return
        if each.negated:
            # `claims with no region`: a dimension cannot be left out of what is not divided by it.
            found.asks.append(ask_what(each.span))
            return
        if each.sorts and not is_chosen(each.span):
            found.sorts.append((each, dimensions[0][0]))
            return
        if each.joined == "or":
            # `by region or channel`: which of the two is for the person to say.
            found.asks.append(_ask_either(before, each, dimensions, named, metrics))
        found.groups.append((each, dimensions[0][0]))
        return
    if own:
        _bind_value(each, own, before, after, named, metrics, found, language)
        return
    if not (each.by or each.negated or each.joined or each.removed) and _is_in_names(each.span, metrics, language):
        found.absorbed.append(each)
        return
    found.missing += 1
    found.asks.append(_ask_unknown(each, metrics))


def _is_in_names(span: Span, metrics: list[Metric], language: Language | None) -> bool:
    """`repairs were … completed`: the word is no value of theirs, and part of what they are called."""
    if language is None:
        return False
    stems = set(stems_of(span.folded, language))
    return all(stems <= said_in_name(metric, language) for metric in metrics)


def _is_beside(
    before: Named | None, after: Named | None, named: dict[int, list[tuple[str, Meant]]], own: list[tuple[str, Meant]]
) -> bool:
    """Whether a word that may be a dimension or a value stands next to the dimension whose value it would be."""
    names = {name for name, _ in own}
    return any(names & {name for name, _ in named[id(one)]} for one in (before, after) if one is not None)


def _bind_again(beside: list[Named], before: Named | None, values: dict[int, list[tuple[str, Meant]]], found: Fit) -> None:
    for one in beside:
        if one is before:
            asked = [ask for ask in found.asks if ask.words == one.span.words and ask.kind == "value"]
            if asked and len(values[id(one)]) == 1:
                found.asks.remove(asked[0])
                name, meant = values[id(one)][0]
                found.values.append(ValueIn(one, name, meant.value or ""))


def _bind_value(
    each: Named, own: list[tuple[str, Meant]], before: Named | None, after: Named | None,
    named: dict[int, list[tuple[str, Meant]]], metrics: list[Metric], found: Fit, language: Language | None,
) -> None:  # fmt: skip
    for one in (before, after):
        if one is not None and len(own) > 1 and not (one is after and one.by):
            narrower = [pair for pair in own if pair[0] in {name for name, _ in named[id(one)]}]
            own = narrower or own
    if len(own) > 1 and before is not None and each.joined and found.values and found.values[-1].named is before:
        # `app or phone`: the second is of the dimension of the first.
        own = [pair for pair in own if pair[0] == found.values[-1].dimension] or own
    if language is not None:
        own = _of_this_end(each, own, after, metrics[0], language)
    if len(own) > 1 or (own and not own[0][1].is_enough):
        found.asks.append(_ask_which(each, "value", own, metrics))
        return
    if not own:
        # `from` a place to which things only go.
        found.asks.append(ask_what(each.span))
        return
    name, meant = own[0]
    if each.chained and found.values and found.values[-1].dimension != name:
        # `except phones and in the West`: whether the West is left out too, the words do not say.
        found.asks.append(ask_what(each.span))
        return
    if _is_unjoined(each, name, found) or _is_oddly_joined(each, before, name, found) or _is_run_on(each, before):
        found.asks.append(ask_what(each.span))
        return
    found.values.append(ValueIn(each, name, meant.value or ""))


def _of_this_end(
    each: Named, own: list[tuple[str, Meant]], after: Named | None, metric: Metric, language: Language
) -> list[tuple[str, Meant]]:
    """`from LAX to JFK`: of two dimensions that are the ends of one way, the one that the small word speaks of."""
    ends = {name: language.end_of(f"{name} {dimension.label}") for name, dimension in metric.dimensions.items()}
    if not {"from", "to"} <= set(ends.values()) or not any(ends[name] for name, _ in own):
        return own
    end = language.directions.get(each.led)
    if end is None and after is not None and len(own) > 1 and language.directions.get(after.led) == "to":
        # `LAX to JFK`
        end = "from"
    return own if end is None else [pair for pair in own if ends[pair[0]] == end]


def _is_unjoined(each: Named, dimension: str, found: Fit) -> bool:
    """`phone claims in the app channel`: two values of one dimension, and no word says that either will do."""
    return each.joined is None and any(
        one.dimension == dimension and one.named.negated == each.negated and one.value for one in found.values
    )


def _is_oddly_joined(each: Named, before: Named | None, dimension: str, found: Fit) -> bool:
    """`West or app`, `by phone and tablets`: values of two dimensions, of which the words do not say that both must hold."""
    last = found.values[-1] if found.values else None
    if last is None or last.named is not before or last.dimension == dimension:
        return False
    return each.joined in ("or", "vs") or (each.joined == "and" and each.is_close)


def _is_run_on(each: Named, before: Named | None) -> bool:
    """`excluding app web`: whether the second is left out too, no word says."""
    if before is None or before.span.end != each.span.start or each.span.after_comma:
        return False
    return before.negated and not each.negated and bool(before.span.stands_for("value"))


def is_chosen(span: Span) -> bool:
    """Whether a person has said what these words mean."""
    return any(each.nearness > EXACT for each in span.meant)


def _ask_either(
    one: Named | None, other: Named, dimensions: list[tuple[str, Meant]], named: dict[int, list[tuple[str, Meant]]],
    metrics: list[Metric],
) -> Ask:  # fmt: skip
    several = [*(named[id(one)][:1] if one else ()), *dimensions[:1]]
    choices = tuple(Choice(metrics[0].dimensions[name].label, f"dimension:{meant.key}") for name, meant in several)
    words = f"{one.span.words} or {other.span.words}" if one else f"or {other.span.words}"
    return Ask(ask_id("dimension", other.span.words), "dimension", f"Which do you mean by “{words}”?", words, choices)


def _ask_which(each: Named, kind: str, own: list[tuple[str, Meant]], metrics: list[Metric]) -> Ask:
    choices = []
    for name, meant in own:
        label = metrics[0].dimensions[name].label
        if kind == "value":
            choices.append(Choice(f"{label}: {meant.value}", f"value:{meant.key}={meant.value}"))
        else:
            choices.append(Choice(label, f"dimension:{meant.key}"))
    words = each.span.words
    return Ask(ask_id(kind, words), "value" if kind == "value" else "dimension",
               f"Which do you mean by “{words}”?", words, tuple(choices))  # fmt: skip


def _ask_unknown(each: Named, metrics: list[Metric]) -> Ask:
    """A dimension or value that the catalog knows, and these metrics do not have."""
    words = each.span.words
    has = ", ".join(dict.fromkeys(d.label.lower() for m in metrics for d in m.dimensions.values())) or "nothing"
    name = " and ".join(metric.label for metric in metrics)
    kind = "value" if each.span.stands_for("value") and not each.by else "dimension"
    choices = [Choice(d.label, f"dimension:{d.key}") for d in metrics[0].dimensions.values()] if kind == "dimension" else []
    choices.append(leave_out(words))
    text = f"{name} cannot be divided or filtered by “{words}”; it has: {has}. What shall be done with “{words}”?"
    return Ask(ask_id(kind, words), kind, text, words, tuple(choices[:_LISTED]))

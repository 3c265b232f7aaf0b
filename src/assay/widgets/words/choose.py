"""Which metric is meant.

The longest term that is exactly a metric's label or synonym wins; a metric named after a dimension (`claims by
product`) wins over the plain one where it is divided by that dimension; where several are left, the person is asked.
"""

from dataclasses import replace
from itertools import pairwise

from assay.widgets.words.asks import ask_id, leave_out
from assay.widgets.words.chosen import MOST_CHOICES, Chosen, ask_among, ask_metric, needs_time
from assay.widgets.words.cover import Span
from assay.widgets.words.draft import Draft, Named
from assay.widgets.words.fit import Fit, fit
from assay.widgets.words.hints import from_hints
from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import EXACT, PART, Lexicon, Meant, least_unsaid
from assay.widgets.words.names import is_called, said_by, stems_of
from assay.widgets.words.outcome import Ask, Choice
from assay.widgets.words.thresholds import groups_named_in_part, of_whom


def choose(draft: Draft, lexicon: Lexicon, language: Language, answered: str | None, base: tuple[str, ...] = ()) -> Chosen:
    draft.terms = _values_told_apart(draft.terms, lexicon, language)
    draft.terms = _divided_not_counted(draft, lexicon, language)
    draft.terms = groups_named_in_part(draft, lexicon, language)
    of_whom(draft, lexicon)
    draft.terms = _whose_value(draft, lexicon, language)
    named = [each for each in draft.terms if each.span.stands_for("metric")]
    if answered is not None:
        return _given(answered, named, draft, lexicon, language)
    if not named:
        if base:
            return Chosen(fit(base, draft, lexicon))
        return from_hints(draft, lexicon, language)
    groups = _joined(named, draft.spans, lexicon, language)
    denied = next((each for each in named if each.negated), None)
    if denied is not None and not base:
        return Chosen(asks=[_ask_denied(denied, lexicon)])
    odd = _oddly_joined(draft)
    if odd is not None:
        return Chosen(asks=[_ask_joined(odd)])
    if len(groups) > 1:
        # `cost of claims for denials`: two metrics that nothing joins.
        return Chosen(asks=[ask_metric(groups, lexicon)])
    wanted = groups[0]
    if len(wanted) == 1:
        best = _best(wanted[0], draft, lexicon, language)
        if isinstance(best, Ask):
            return Chosen(asks=[best])
        return Chosen(best, {best.metrics[0]: wanted[0]})
    several = [_first(each, lexicon) for each in wanted]
    if any(isinstance(each, Ask) for each in several):
        return Chosen(asks=[each for each in several if isinstance(each, Ask)])
    ids = tuple(dict.fromkeys(each for each in several if isinstance(each, str)))
    found = fit(ids, draft, lexicon)
    return Chosen(found, dict(zip([e for e in several if isinstance(e, str)], wanted, strict=True)))


def _divided_not_counted(draft: Draft, lexicon: Lexicon, language: Language) -> list[Named]:
    """`top 5 films by rentals`, `flights by airline`, `customers with more than 10 orders`: beside another metric what
    divides it is a dimension, even if there is a metric that counts how many of them there are."""
    metrics = [each for each in draft.terms if each.span.stands_for("metric")]
    found: list[Named] = []
    for each in draft.terms:
        others = [one for one in metrics if one is not each]
        divides = each.by if not draft.ranks else (not each.by and any(one.by for one in others))
        last = max((one.span.start for one in others), default=0)
        is_marked = not each.by and any(each.span.end <= one.start < last for one in (*draft.thresholds, *draft.ranks))
        asked = each in metrics and others and (divides or is_marked)
        meant = lexicon.dimensions_called(each.span.folded, language) if asked else []
        span = replace(each.span, meant=tuple(meant))
        found.append(replace(each, by=each.by or divides, span=span) if meant else each)
    return found


def _whose_value(draft: Draft, lexicon: Lexicon, language: Language) -> list[Named]:
    """`revenue from customers in Germany`: no second metric, but whose country it is."""
    found = list(draft.terms)
    for at, (each, value) in enumerate(pairwise(draft.terms)):
        asked = {one.key for before in found[:at] for one in before.span.stands_for("metric")}
        between = [one for one in draft.spans if each.span.end <= one.start < value.span.start]
        led = next((one for one in draft.spans if one.end == each.span.start), None)
        is_said_so = led is not None and led.what == "stop" and led.folded in language.belonging
        if not (asked and is_said_so and each.span.stands_for("metric") and value.span.stands_for("value") and between):
            continue
        if each.joined or value.joined or value.by or not all(one.folded in language.pointing for one in between):
            continue
        thing = set(stems_of(each.span.folded, language))
        keys = {
            dimension.key for one in asked for dimension in lexicon.metric(one).dimensions.values()
            if thing < set(stems_of(dimension.label, language))
        }  # fmt: skip
        keys &= {one.key for one in value.span.stands_for("value")}
        if keys:
            meant = tuple(Meant("dimension", key, None, EXACT, (each.span.folded,)) for key in sorted(keys))
            found[at] = replace(each, span=replace(each.span, meant=meant))
    return found


def _values_told_apart(terms: list[Named], lexicon: Lexicon, language: Language) -> list[Named]:
    """`approved and denied claims`: beside a value, `denied claims` is no metric but the next value, and claims."""
    found: list[Named] = []
    for each in terms:
        before = found[-1] if found else None
        is_listed = before is not None and each.joined in ("and", "or", "vs") and not before.span.stands_for("metric")
        keys = {one.key for one in before.span.stands_for("value")} if before is not None and is_listed else set()
        parts = _value_and_metric(each.span, keys, lexicon, language) if keys and each.span.stands_for("metric") else None
        if parts is None:
            found.append(each)
        else:
            found += [replace(each, span=parts[0]), replace(each, span=parts[1], joined=None, negated=False, only=False)]
    return found


def _value_and_metric(span: Span, keys: set[str], lexicon: Lexicon, language: Language) -> tuple[Span, Span] | None:
    """The words cut in two, where the first are a value of one of these columns and the rest a metric."""
    words, index = span.folded.split(), lexicon.index(language.code)
    for at in range(1, len(words)):
        values = tuple(
            one for one in index.get(stems_of(" ".join(words[:at]), language), ()) if one.key in keys and one.value
        )
        metrics = tuple(one for one in index.get(stems_of(" ".join(words[at:]), language), ()) if one.what == "metric")
        if values and metrics:
            said, middle = span.words.split(), span.start + at
            return (
                replace(span, end=middle, words=" ".join(said[:at]), folded=" ".join(words[:at]), meant=values),
                replace(span, start=middle, words=" ".join(said[at:]), folded=" ".join(words[at:]), meant=metrics),
            )
    return None


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


def _ask_denied(denied: Named, lexicon: Lexicon) -> Ask:
    words = denied.span.words
    ids = dict.fromkeys(one.key for one in denied.span.stands_for("metric"))
    alone = [Choice(f"{lexicon.metric(one).label} alone", f"metric:{one}") for one in ids][:MOST_CHOICES]
    text = f"A whole metric cannot be left out of another. What is meant by “{words}”?"
    return Ask(ask_id("word", words), "word", text, words, (*alone, leave_out(words)))


def _ask_joined(odd: Named) -> Ask:
    words = odd.span.words
    meant = odd.span.stands_for("value")
    choices = [Choice(f"only {each.value}", f"value:{each.key}={each.value}") for each in meant[:MOST_CHOICES]]
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
    keys: set[frozenset[str]] = set()
    for each in named:
        meant = frozenset(one.key for one in each.span.stands_for("metric"))
        if meant in keys and not (each.by or each.negated or each.removed):
            # Named again: `how fast we answer: median first response`.
            continue
        keys.add(meant)
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
        if not between or (own is last and language.code != "zh") or any(each.is_("threshold") for each in between):
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
    able = [one for one in family if not fits[one].missing and not needs_time(draft, lexicon.metric(one))]
    if each.span.meant[0].nearness == PART:
        return _by_parts(each, [one for one in exact if one in able] or exact, fits, lexicon)
    own = [one for one in able if lexicon.own.get(one) in {name for named, name in fits[one].groups if _is_named(named)}]
    if own and not (set(exact) & set(able) and len(own) > 1):
        return fits[own[0]]
    named = [one for one in able if one in exact]
    for several in (named, [one for one in able if one in wider], able):
        if len(several) == 1:
            return fits[several[0]]
        if several:
            return ask_among(several, each.span.words, lexicon)
    first = [one for one in family if one in exact]
    other = _others_divided(each, fits[first[0]], draft, lexicon, language) if len(first) == 1 and not able else []
    return fits[first[0]] if len(first) == 1 and not other else ask_among([*other, *first], each.span.words, lexicon)


def _others_divided(each: Named, found: Fit, draft: Draft, lexicon: Lexicon, language: Language) -> list[str]:
    """`revenue by genre`, which *Revenue* has not: metrics of which it is a part of the name, and that have it."""
    words = stems_of(each.span.folded, language)
    own = [one for one, metric in lexicon.workspace.metrics.items()
           if one not in found.metrics and is_called(metric, words, language)]  # fmt: skip
    return [one for one in own if not fit((one,), draft, lexicon).missing and not needs_time(draft, lexicon.metric(one))]


def _by_parts(each: Named, ids: list[str], fits: dict[str, Fit], lexicon: Lexicon) -> Fit | Ask:
    """Of metrics whose names were said in part: the one that was said enough of, and most of."""
    told = _most_said(each, ids)
    others = {one.key for one in each.span.stands_for("metric") if one.has_head} - set(told)
    if len(told) == 1 and not others:
        return fits[told[0]]
    return ask_among(list(dict.fromkeys([*told, *ids])), each.span.words, lexicon)


def _most_said(each: Named, ids: list[str]) -> list[str]:
    meant = [one for one in each.span.stands_for("metric") if one.key in ids]
    return list(dict.fromkeys(one.key for one in least_unsaid(meant)))


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
            name = next((other.name for other in dimensions if other.key == own.key), None)
            if name is None:
                found.missing += 1
            else:
                found.groups.insert(0, (replace(each, by=True), name))


def _first(each: Named, lexicon: Lexicon) -> str | Ask:
    """One of several metrics in a widget: the plain one, where it can be divided so."""
    meant = each.span.stands_for("metric")
    ids = list(dict.fromkeys(one.key for one in meant))
    exact = list(dict.fromkeys(one.key for one in meant if one.nearness == EXACT)) or _most_said(each, ids)
    told_apart = each.span.meant[0].nearness > PART or not {one.key for one in meant if one.has_head} - set(exact)
    return exact[0] if len(exact) == 1 and told_apart else ask_among(exact or ids, each.span.words, lexicon)

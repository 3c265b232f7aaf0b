"""Which rows come first, and how many: ranks (`top 5`, `worst`), limits and orders."""

from dataclasses import replace

from assay.catalog.metric import Metric
from assay.widgets.words.asks import ask_id, ask_word, leave_out
from assay.widgets.words.cover import Span
from assay.widgets.words.draft import Draft
from assay.widgets.words.fit import Fit
from assay.widgets.words.lexicon import Lexicon
from assay.widgets.words.measures import TIMES
from assay.widgets.words.outcome import Ask, Built, Choice, OrderSpec, Spec


def ordered(
    draft: Draft, found: Fit, metrics: list[Metric], spec: Spec, answers: dict[str, str], built: Built, lexicon: Lexicon
) -> Spec:
    # `top 5 worst` and `worst top 5`: which end is meant says the worst.
    for each in sorted(draft.ranks, key=lambda one: one.meaning.split(".")[0] not in ("top", "bottom")):
        rank = each.meaning.split(".")[0]
        descending = {"top": True, "bottom": False, "slow": True, "fast": False}.get(rank)
        if rank in _SPEED and not _is_time(metrics):
            built.asks.append(ask_word(each.words))
        if descending is None:
            descending = _good_first(rank, each, metrics, answers, built)
        limit = each.slots[0] if each.slots else spec.limit
        if not each.slots and (draft.which or _shows_number(draft)) and _is_one(found):
            limit = 1
        spec = replace(spec, order=(OrderSpec("value", descending),), limit=limit)
    if not spec.order and any(metric.metric_id in lexicon.rankings for metric in metrics) and spec.dimensions:
        spec = replace(spec, order=(OrderSpec("value", True),))
    for each in draft.limits:
        spec = replace(spec, limit=each.slots[0], order=spec.order or (OrderSpec("value", True),))
    for each in draft.orders:
        kind = each.meaning.partition(".")[2]
        if kind == "name":
            spec = replace(spec, order=tuple(OrderSpec(one, False) for one in spec.dimensions[:1]))
        elif kind in ("best", "worst"):
            spec = replace(spec, order=(OrderSpec("value", _good_first(kind, each, metrics, answers, built)),))
        elif kind in _SPEED:
            if not _is_time(metrics):
                built.asks.append(ask_word(each.words))
            spec = replace(spec, order=(OrderSpec("value", kind == "slow"),))
        elif kind:
            spec = replace(spec, order=(OrderSpec("value", kind == "descending"),))
        elif not spec.order:
            spec = replace(spec, order=(OrderSpec("value", True),))
    spec = with_others(draft, _sorted_by_names(draft, found, spec, built), built)
    has_rank = bool(draft.ranks or draft.limits or draft.orders)
    if spec.grain and not spec.others and (spec.limit if spec.dimensions else draft.ranks or draft.limits):
        built.asks.append(_ask_rank_over_time(draft, spec))
    if spec.limit and len(spec.dimensions) > 1 and not spec.grain and "limit:rows" not in answers.values():
        built.asks.append(_ask_rank_of_pairs(draft, metrics, spec))
    if has_rank and not spec.dimensions and not spec.grain and not built.asks:
        built.asks.append(ask_dimension(metrics, (draft.ranks or draft.limits or draft.orders)[0].words))
    return spec


def with_others(draft: Draft, spec: Spec, built: Built) -> Spec:
    """`top 5 regions and the rest`; a rest of no number of groups is asked about, and so are `other channels`."""
    named = [each for each in draft.others if _goes_on(each, draft)]
    if draft.others and (named or not (spec.limit and spec.dimensions)):
        built.asks.append(ask_word((named or draft.others)[0].words))
        return spec
    return replace(spec, others=spec.others or bool(draft.others))


def _goes_on(others: Span, draft: Draft) -> bool:
    return any(one.start == others.end and one.what in ("term", "unread") and not one.after_comma for one in draft.spans)


def _sorted_by_names(draft: Draft, found: Fit, spec: Spec, built: Built) -> Spec:
    """`sorted by region`: the rows by the regions' names, where they are divided by region."""
    names = [name for _, name in found.sorts]
    other = next((named for named, name in found.sorts if name not in spec.dimensions), None)
    if other is not None:
        meant = other.span.stands_for("dimension")[:1]
        choices = tuple(Choice(f"by {other.span.words}", f"dimension:{one.key}") for one in meant)
        built.asks.append(ask_word(other.span.words, choices))
    if not names or other is not None:
        return spec
    descending = any(each.meaning == "order.descending" for each in draft.orders)
    return replace(spec, order=tuple(OrderSpec(name, descending) for name in names))


_SPEED = ("slow", "fast")


def _is_time(metrics: list[Metric]) -> bool:
    """Only of how long something takes can be said which is slowest: where it takes longest."""
    return all(each.unit in TIMES for each in metrics)


def _ask_rank_over_time(draft: Draft, spec: Spec) -> Ask:
    """The first rows of a series are some of its buckets, and no ranking of its lines."""
    rank = (draft.ranks or draft.limits)[0].words
    words = draft.grains[0].words if draft.grains else rank
    text = f"“{rank}” ranks totals, and a series by {spec.grain} has none. Shall it be shown as totals?"
    return Ask(ask_id("word", words), "word", text, words, (leave_out(words),))


def _ask_rank_of_pairs(draft: Draft, metrics: list[Metric], spec: Spec) -> Ask:
    """`top 3 issues by region`: the first rows are pairs, and neither three issues nor three of each region."""
    rank = next((each.words for each in (*draft.ranks, *draft.limits)), "")
    first, second = (metrics[0].dimensions[each].label.lower() for each in spec.dimensions[:2])
    text = f"A table by {first} and {second} has a row for each pair. Shall “{rank}” be its first {spec.limit} rows?"
    choices = (Choice(f"the first {spec.limit} rows", "limit:rows"), leave_out(rank))
    return Ask(ask_id("limit", rank), "order", text, rank, choices)


def _shows_number(draft: Draft) -> bool:
    """Whether the language shows by its plural that `the worst region` is one."""
    return draft.language is not None and draft.language.code in ("en", "es", "fr")


def _is_one(found: Fit) -> bool:
    """`which region`, and not `which regions`: one is wanted."""
    asked = [named.span.folded.split() for named, _ in found.groups if not named.by]
    return len(asked) == 1 and not any(word.endswith(("s", "x", "en")) for word in asked[0])


def _good_first(rank: str, each: Span, metrics: list[Metric], answers: dict[str, str], built: Built) -> bool:
    direction = metrics[0].direction
    if "order" in answers:
        return answers["order"] == "order:descending"
    if direction == "neutral":
        text = f"{metrics[0].label} is neither good nor bad when it is high. What is meant by “{each.words}”?"
        choices = (Choice("the highest", "order:descending"), Choice("the lowest", "order:ascending"))
        built.asks.append(Ask("order", "order", text, each.words, choices))
        return True
    return (direction == "up_is_good") == (rank == "best")


def ask_dimension(metrics: list[Metric], words: str) -> Ask:
    choices = tuple(Choice(each.label, f"dimension:{name}") for name, each in metrics[0].dimensions.items())
    text = f"By what shall {metrics[0].label.lower()} be divided" + (f" for “{words}”?" if words else "?")
    return Ask("dimension", "dimension", text, words, choices)

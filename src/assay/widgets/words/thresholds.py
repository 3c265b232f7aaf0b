"""Thresholds: of which groups, by their values (`regions with over 500 claims`), and of whom (`revenue of customers with
more than 10 orders`). What a number may compare beside that is asked about: `orders over 500` may be what each is worth.
"""

from dataclasses import replace
from decimal import Decimal

from assay.catalog.entry import Compared
from assay.catalog.metric import Metric
from assay.catalog.vocabulary import CURRENCIES
from assay.compiler.question import AskedHaving, AskedWhose
from assay.widgets.words.asks import ask_id, ask_word, leave_out
from assay.widgets.words.cover import Span
from assay.widgets.words.draft import Draft, Named
from assay.widgets.words.fit import Fit, fit
from assay.widgets.words.language import Amount, Language
from assay.widgets.words.lexicon import Lexicon
from assay.widgets.words.outcome import Ask, Built, Choice, Spec
from assay.widgets.words.ranking import ask_dimension

_OPS: dict[str, tuple[Compared, ...]] = {
    "gt": ("gt",), "gte": ("gte",), "lt": ("lt",), "lte": ("lte",), "eq": ("eq",), "between": ("gte", "lte"),
}  # fmt: skip
_YEARS = range(1900, 2100)
_GROUPS = "having:groups"
"""The choice by which a person says that a number compares the values of the rows that are shown."""


def groups_named_in_part(draft: Draft, lexicon: Lexicon, language: Language) -> list[Named]:
    """`brands with more than 400 parts`, of a dimension of whose name `brand` is a part."""
    found = list(draft.terms)
    for each in draft.thresholds:
        before, after = _beside(each, [*found, *draft.unread])
        if before is None or before.negated or before not in draft.unread or after is None:
            continue
        meant = lexicon.dimensions_called(before.span.folded, language) if after.span.stands_for("metric") else []
        if meant:
            draft.unread = [one for one in draft.unread if one is not before]
            found.append(replace(before, span=replace(before.span, what="term", meant=tuple(meant)), by=True))
    return sorted(found, key=lambda one: one.span.start)


def of_whom(draft: Draft, lexicon: Lexicon) -> None:
    """`revenue of customers with more than 10 orders`: what stands behind the number chooses them, and is not shown."""
    for each in list(draft.thresholds):
        whom, after = _beside(each, draft.terms)
        if whom is None or after is None or whom.by or whom.joined or after.joined or not whom.span.stands_for("dimension"):
            continue
        shown = [one for one in draft.terms if one.span.end <= whom.span.start and one.span.stands_for("metric")]
        ids = {one.key for one in after.span.stands_for("metric")}
        if shown and len(ids) == 1 and not any(ids & {one.key for one in each.span.meant} for each in shown):
            draft.thresholds.remove(each)
            draft.terms = [one for one in draft.terms if one is not whom and one is not after]
            draft.whom.append((each, whom, lexicon.metric(ids.pop())))


def with_thresholds(
    draft: Draft, found: Fit, metrics: list[Metric], spec: Spec, answers: dict[str, str], built: Built, lexicon: Lexicon
) -> Spec:
    having: list[AskedHaving] = []
    for each in draft.thresholds:
        metric = metrics[0] if len(metrics) == 1 else _compared(each, draft, metrics)
        values = metric and not _may_be_a_year(each, draft) and _values(each, metric)
        # `share of customers with more than 10 orders` is of how many customers; what is left out is in no whole.
        if metric is None or not values or draft.shares:
            built.asks.append(ask_word(each.words))
        elif not spec.dimensions:
            built.asks.append(ask_dimension(metrics, each.words))
        elif _GROUPS in answers.values() or _compares_groups(each, draft, found, spec):
            by = "value" if len(metrics) == 1 else metric.metric_id
            having += [AskedHaving(by=by, op=op, value=value) for op, value in values]
        else:
            built.asks.append(_ask_groups(each, metric, spec, metrics))
    whose: list[AskedWhose] = []
    for each, whom, metric in draft.whom:
        values, own = _values(each, metric), fit((metric.metric_id,), replace(draft, terms=[whom]), lexicon)
        shown = fit(tuple(one.metric_id for one in metrics), replace(draft, terms=[whom]), lexicon)
        if not values or [len(one.groups) for one in (own, shown)] != [1, 1]:
            built.asks += [*shown.asks, ask_word(each.words)][:1]
            continue
        (_, by), (_, name) = own.groups[0], shown.groups[0]
        whose += [
            AskedWhose(dimension=name, metric=metric.metric_id, by=by if by != name else None, op=op, value=value)
            for op, value in values
        ]
    return replace(spec, having=tuple(having) or spec.having, whose=tuple(whose) or spec.whose)


def _beside(each: Span, terms: list[Named]) -> tuple[Named | None, Named | None]:
    """The terms next to it on both sides."""
    before = [one for one in terms if one.span.end <= each.start]
    after = [one for one in terms if one.span.start >= each.end]
    return (
        max(before, key=lambda one: one.span.start, default=None),
        min(after, key=lambda one: one.span.start, default=None),
    )


def _compared(each: Span, draft: Draft, metrics: list[Metric]) -> Metric | None:
    """Of several metrics the one that stands next to the number: behind it, else before it."""
    before, after = _beside(each, draft.terms)
    ends = {one.start: one.end for one in draft.spans if one.what == "stop"}
    at = each.end
    while at in ends:
        at = ends[at]
    named = after if after is not None and after.span.start == at and after.span.stands_for("metric") else before
    keys = {one.key for one in named.span.stands_for("metric")} if named is not None else set()
    fitting = [metric for metric in metrics if metric.metric_id in keys]
    return fitting[0] if len(fitting) == 1 else None


def _may_be_a_year(each: Span, draft: Draft) -> bool:
    """`top 5 regions by claims over 2024`, and not `regions with over 2000 claims`."""
    _, after = _beside(each, draft.terms)
    is_counted = after is not None and after.span.start == each.end and after.span.stands_for("metric")
    return not is_counted and any(word.isdecimal() and int(word) in _YEARS for word in each.folded.split())


def _compares_groups(each: Span, draft: Draft, found: Fit, spec: Spec) -> bool:
    """Whether the groups stand before the number: `regions with over 500 claims`, and not `claims over 500 by region`."""
    if len(spec.dimensions) > 1:
        return False
    if not draft.terms:
        # Of a widget that stands: `only those over 500`.
        return True
    before, after = _beside(each, draft.terms)
    groups = [named for named, _ in found.groups]
    if draft.language is not None and draft.language.code == "zh" and after is not None and after in groups:
        return not after.by
    if not any(named.span.end <= each.start for named in groups):
        return False
    # `flights by carrier over 500` may be flights of more than 500 miles, `regions by claims over 30 days` those of 30 days.
    return before is None or not before.by or (before in groups and before.span.end < each.start)


def _values(each: Span, metric: Metric) -> list[tuple[Compared, int | str]]:
    """The comparisons with the number as the metric has it; none where it is said in something else."""
    numbers = [_in_unit(slot, metric) for slot in each.slots]
    ops: tuple[Compared, ...] = _OPS[each.meaning.partition(".")[2]]
    known = [one for one in numbers if one is not None]
    # `between 500 and 50` is between 50 and 500: no number is over the one and under the other.
    return list(zip(ops, sorted(known, key=Decimal), strict=True)) if len(known) == len(numbers) else []


def _in_unit(amount: Amount, metric: Metric) -> int | str | None:
    number = amount.number
    if amount.unit == "percent" or metric.unit == "percent":
        if amount.unit != metric.unit:
            return None
        number /= 100
    elif amount.unit in CURRENCIES:
        is_known = metric.unit in CURRENCIES
        if metric.unit != amount.unit if is_known else metric.unit != "count" or "COUNT(" in metric.formula.upper():
            return None
    elif amount.unit is not None and metric.unit != f"{amount.unit}s":
        return None
    return int(number) if number == int(number) else format(number.normalize(), "f")


def _ask_groups(each: Span, metric: Metric, spec: Spec, metrics: list[Metric]) -> Ask:
    labels = " and ".join(metrics[0].dimensions[name].label.lower() for name in spec.dimensions)
    text = f"What does “{each.words}” compare?"
    choices = (Choice(f"the {metric.label.lower()} of each {labels}", _GROUPS), leave_out(each.words))
    return Ask(ask_id("having", each.words), "filter", text, each.words, choices)

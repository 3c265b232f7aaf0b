"""An edit: words over a spec that stands. What they name is replaced, what they do not name stays as it is."""

from dataclasses import replace
from datetime import datetime

from assay.catalog.metric import Metric
from assay.widgets.widget import WITH_OTHERS, DrawnKind, lacking
from assay.widgets.words.asks import ask_word
from assay.widgets.words.build import (
    build,
    compared_with,
    explained,
    inferred_kind,
)
from assay.widgets.words.chosen import Chosen
from assay.widgets.words.draft import Draft, Named
from assay.widgets.words.fit import Fit, ValueIn
from assay.widgets.words.further_kinds import filled
from assay.widgets.words.grains import default_grain
from assay.widgets.words.lexicon import Lexicon
from assay.widgets.words.outcome import LEAVE_OUT, Ask, Built, Choice, FilterSpec, OrderSpec, Spec
from assay.widgets.words.ranking import ask_dimension, with_others
from assay.widgets.words.thresholds import with_thresholds

_NEGATIVE = ("ne", "not_in")


def edited(
    base: Spec, draft: Draft, chosen: Chosen, lexicon: Lexicon, wall: datetime, answers: dict[str, str], own: tuple[str, ...]
) -> Built:
    assert chosen.fit is not None
    fit = chosen.fit
    metrics = _metrics(base, draft, fit)
    groups = [pair for pair in fit.groups if not pair[0].removed]
    values = [each for each in fit.values if not each.named.removed]
    plain = replace(fit, metrics=metrics, groups=groups, values=values, asks=list(fit.asks), missing=0)
    said = build(draft, plain, lexicon, wall, answers, own)
    # Of which groups, the widget says: it is looked at when the edit is done.
    rest = [ask_word(each.words).ask_id for each in draft.others]
    said.asks = [each for each in said.asks if each.ask_id != "dimension" and each.ask_id not in rest]
    built = Built(base, said.asks, said.refusal)
    found = [lexicon.metric(each) for each in metrics]
    if base.window is not None and not draft.windows and (draft.compares or draft.against):
        # Against the window that stands, and not against one that the comparison would bring.
        after = compared_with(draft, found, replace(base, compare=None), wall, built)
        said.spec = replace(said.spec, window=after.window, compare=after.compare)
    gone = [each for each in draft.terms if each.removed and each.span.stands_for("metric")]
    built.asks += [ask_word(each.span.words) for each in gone if not _can_go(each, base)]
    spec = replace(base, metrics=metrics)
    spec = _dimensions(spec, plain, said.spec)
    spec = _filters(spec, plain.values, said.spec)
    spec = _removed(spec, draft, fit, built, answers)
    spec = _time(spec, said.spec, draft)
    spec = _drawn(spec, base, said.spec, draft, found, lexicon, built)
    built.spec = explained(draft, with_thresholds(draft, plain, found, spec, answers, built, lexicon), built)
    return built


def _metrics(base: Spec, draft: Draft, fit: Fit) -> tuple[str, ...]:
    named = [each for each in draft.terms if each.span.stands_for("metric")]
    if not named:
        return base.metrics
    if any(each.removed for each in named):
        gone = {one.key for each in named if each.removed for one in each.span.stands_for("metric")}
        return tuple(each for each in base.metrics if each not in gone) or base.metrics
    if any(each.also for each in named):
        return tuple(dict.fromkeys([*base.metrics, *fit.metrics]))
    return fit.metrics


def _can_go(named: Named, base: Spec) -> bool:
    """Whether it is one of several metrics of the widget."""
    return len(base.metrics) > 1 and any(one.key in base.metrics for one in named.span.stands_for("metric"))


def _dimensions(spec: Spec, fit: Fit, said: Spec) -> Spec:
    names = tuple(dict.fromkeys((*(name for _, name in fit.groups), *said.dimensions)))
    if not names:
        return spec
    also = any(named.also for named, _ in fit.groups)
    return replace(spec, dimensions=tuple(dict.fromkeys([*spec.dimensions, *names])) if also else names)


def _filters(spec: Spec, values: list[ValueIn], said: Spec) -> Spec:
    """What is said of a dimension replaces what was; `also tablets` adds to it."""
    for each in said.filters:
        own = [one for one in values if one.dimension == each.dimension]
        before = [one for one in spec.filters if one.dimension == each.dimension]
        negative = each.op in _NEGATIVE
        if own and before and (negative or any(one.named.also for one in own)):
            merged = _merged(before, each, negative=negative)
        else:
            merged = [each]
        first = next((at for at, one in enumerate(spec.filters) if one.dimension == each.dimension), len(spec.filters))
        rest = [one for one in spec.filters if one.dimension != each.dimension]
        spec = replace(spec, filters=(*rest[:first], *merged, *rest[first:]))
    return spec


def _merged(before: list[FilterSpec], new: FilterSpec, *, negative: bool) -> list[FilterSpec]:
    positive = [value for one in before if one.op in ("eq", "in") for value in one.values]
    denied = [value for one in before if one.op in _NEGATIVE for value in one.values]
    if negative and positive:
        left = [value for value in positive if value not in new.values]
        return [_filter(new.dimension, left, negative=False)] if left else [new]
    if negative:
        return [_filter(new.dimension, list(dict.fromkeys([*denied, *new.values])), negative=True)]
    if positive:
        return [_filter(new.dimension, list(dict.fromkeys([*positive, *new.values])), negative=False)]
    left = [value for value in denied if value not in new.values]
    return [_filter(new.dimension, left, negative=True)] if left else []


def _filter(dimension: str, values: list[str | int | float | bool], *, negative: bool) -> FilterSpec:
    op = ("not_in" if negative else "in") if len(values) > 1 else ("ne" if negative else "eq")
    return FilterSpec(dimension, op, tuple(values))


def _removed(spec: Spec, draft: Draft, fit: Fit, built: Built, answers: dict[str, str]) -> Spec:
    for named, name in (*fit.groups, *fit.beside):
        if named.removed:
            had = name in spec.dimensions or any(one.dimension == name for one in spec.filters)
            if not had:
                built.asks.append(ask_word(named.span.words))
            about_filter = any(each.meaning in ("edit.filter", "edit.filters") for each in (*draft.removed, *draft.edits))
            if name in spec.dimensions and not about_filter:
                spec = replace(spec, dimensions=tuple(one for one in spec.dimensions if one != name))
            else:
                spec = replace(spec, filters=tuple(one for one in spec.filters if one.dimension != name))
    named_any = False
    for each in fit.values:
        if each.named.removed:
            named_any = True
            spec = _without_value(spec, each)
    for each in draft.removed:
        match each.meaning.split(".")[0], each.meaning.partition(".")[2]:
            case "edit", ("filters" | "filter") if each.words.endswith("s"):
                spec = replace(spec, filters=())
            case "edit", ("filter" | "filters") if not named_any and not any(
                n.removed for n, _ in (*fit.groups, *fit.beside)
            ):
                if len(spec.filters) > 1 and "filter" not in answers:
                    built.asks.append(_ask_filter(each.words, spec))
                spec = replace(spec, filters=_kept(spec, answers.get("filter", "filter:*")))
            case ("edit", "compare") | ("compare", _):
                spec = replace(spec, compare=None)
            case ("edit", "limit") | ("limit", _) | ("top", _):
                spec = replace(spec, limit=None)
            case ("others", _):
                spec = replace(spec, others=False)
            case ("edit", "order") | ("order", _):
                spec = replace(spec, order=())
            case ("edit", "grain") | ("grain", _) | ("kind", "trend"):
                spec = replace(spec, grain=None)
            case ("edit", "window") | ("window", _):
                spec = replace(spec, window=None)
            case ("edit", "split") | ("kind", "breakdown"):
                spec = replace(spec, dimensions=())
            case _:
                pass
    return spec


def _kept(spec: Spec, answer: str) -> tuple[FilterSpec, ...]:
    """The filters that stay when a person has said which one goes."""
    gone = answer.partition(":")[2]
    if answer == LEAVE_OUT or gone == "*":
        return spec.filters if answer == LEAVE_OUT else ()
    return tuple(one for one in spec.filters if one.dimension != gone)


def _without_value(spec: Spec, gone: ValueIn) -> Spec:
    """`remove phones`: out of the filter that lets them in or keeps them out; without such a filter, keep them out."""
    own = [one for one in spec.filters if one.dimension == gone.dimension and gone.value in one.values]
    if not own:
        return replace(spec, filters=(*spec.filters, FilterSpec(gone.dimension, "ne", (gone.value,))))
    filters: list[FilterSpec] = []
    for one in spec.filters:
        if one in own:
            left = [value for value in one.values if value != gone.value]
            if left:
                filters.append(_filter(one.dimension, left, negative=one.op in _NEGATIVE))
        else:
            filters.append(one)
    return replace(spec, filters=tuple(filters))


def _ask_filter(words: str, spec: Spec) -> Ask:
    choices = [
        Choice(f"{one.dimension} {', '.join(map(str, one.values))}", f"filter:{one.dimension}") for one in spec.filters
    ]
    return Ask("filter", "filter", "There are several filters. Which one shall go?", words,
               (*choices, Choice("All of them", "filter:*"), Choice("None", LEAVE_OUT)))  # fmt: skip


def _time(spec: Spec, said: Spec, draft: Draft) -> Spec:
    if said.window is not None and (draft.windows or said.compare):
        spec = replace(spec, window=said.window)
    if said.grain is not None and draft.grains:
        spec = replace(spec, grain=said.grain)
    if said.compare is not None:
        spec = replace(spec, compare=said.compare)
    return spec


def _drawn(
    spec: Spec, base: Spec, said: Spec, draft: Draft, metrics: list[Metric], lexicon: Lexicon, built: Built
) -> Spec:  # fmt: skip
    if draft.ranks or draft.limits or draft.orders:
        spec = replace(spec, order=_order(said, spec), limit=said.limit if said.limit is not None else spec.limit)
    if draft.kinds and not all(each in draft.removed for each in draft.kinds):
        is_named = any(each.meaning.split(".")[1] not in ("stacked", "shares") for each in draft.kinds)
        spec = replace(spec, kind=said.kind if is_named else _stacked(spec), stacking=said.stacking or spec.stacking)
        if said.grain == "hour" and said.kind == "heatmap":
            spec = replace(spec, grain="hour")
        spec = filled(spec, metrics)
        if is_named and said.kind == "kpi":
            spec = replace(spec, dimensions=(), grain=None, order=(), limit=None)
        elif spec.kind == "trend" and spec.grain is None:
            spec = replace(spec, grain=default_grain(spec, metrics))
        elif is_named and said.kind in ("bar", "breakdown") and spec.grain and spec.dimensions and not draft.grains:
            spec = replace(spec, grain=None)
    elif _shape(spec) != _shape(base):
        # The form follows what there is to draw: a figure that is divided becomes bars, one over time a line.
        stays = spec.kind == "table" and (spec.dimensions or spec.grain)
        spec = spec if stays else replace(spec, kind=inferred_kind(spec, metrics, lexicon))
    keys = len(spec.dimensions) + (spec.grain is not None)
    if said.stacking is None and (spec.kind not in ("bar", "trend") or keys < 2 or len(spec.metrics) > 1):
        spec = replace(spec, stacking=None)
    if not draft.kinds and lacking(spec.kind, len(spec.metrics), spec.dimensions, spec.grain):
        spec = replace(spec, kind=inferred_kind(spec, metrics, lexicon))
    kept = {*spec.dimensions, "value", "previous", "time", *spec.metrics, *(("change",) if spec.compare else ())}
    order = tuple(each for each in spec.order if each.by in kept)
    may_have_others = spec.limit is not None and bool(spec.dimensions) and spec.kind in WITH_OTHERS
    spec = with_others(draft, replace(spec, order=order, others=spec.others and may_have_others), built)
    needs = spec.kind in ("bar", "breakdown") or bool(draft.ranks or draft.limits)
    if needs and not spec.dimensions and not spec.grain and not built.asks:
        built.asks.append(ask_dimension(metrics, next((e.words for e in (*draft.kinds, *draft.ranks)), "")))
    return spec


def _stacked(spec: Spec) -> DrawnKind:
    """What is to be stacked are bars or areas: a table of two things becomes bars."""
    return spec.kind if spec.kind in ("bar", "trend") else "trend" if spec.grain else "bar"


def _shape(spec: Spec) -> tuple[int, bool, int]:
    return len(spec.dimensions), spec.grain is not None, len(spec.metrics)


def _order(said: Spec, spec: Spec) -> tuple[OrderSpec, ...]:
    if said.order:
        return said.order
    return tuple(OrderSpec(each, False) for each in spec.dimensions[:1])

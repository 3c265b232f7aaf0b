"""The spec: from the terms that were bound to a metric, and from what was said of time, order and drawing."""

from dataclasses import replace
from datetime import datetime

from assay.catalog.metric import Metric
from assay.widgets.widget import DrawnKind
from assay.widgets.words.asks import ask_id, ask_word, leave_out
from assay.widgets.words.cover import Span
from assay.widgets.words.draft import Draft
from assay.widgets.words.fit import Fit, ValueIn
from assay.widgets.words.further_kinds import FURTHER, filled, said_stacking
from assay.widgets.words.grains import default_grain
from assay.widgets.words.lexicon import Lexicon
from assay.widgets.words.measures import TIMES
from assay.widgets.words.outcome import Ask, Built, Choice, DaysSpec, FilterSpec, Spec
from assay.widgets.words.ranking import ask_dimension, ordered
from assay.widgets.words.thresholds import with_thresholds
from assay.widgets.words.windows import (
    UNIT_OF,
    Either,
    NoWindow,
    Window,
    ask_which,
    of_one_window,
    previous,
    to_date,
    window_of,
    written,
)

_NO_TREND = "{} counts what is there at an instant; it has no time to draw a line over."


def filters_of(values: list[ValueIn]) -> tuple[FilterSpec, ...]:
    """One filter for what is wanted of a dimension, and one for what is not."""
    found: dict[tuple[str, bool], list[str]] = {}
    for each in values:
        listed = found.setdefault((each.dimension, each.named.negated), [])
        if each.value not in listed:
            listed.append(each.value)
    return tuple(
        FilterSpec(name, ("not_in" if negated else "in") if len(listed) > 1 else ("ne" if negated else "eq"), tuple(listed))
        for (name, negated), listed in found.items()
    )


def build(
    draft: Draft, found: Fit, lexicon: Lexicon, wall: datetime, answers: dict[str, str], own: tuple[str, ...]
) -> Built:
    """A spec from nothing. `own` are dimensions that the metric's name has already said."""
    metrics = [lexicon.metric(each) for each in found.metrics]
    built = Built(Spec("kpi", found.metrics))
    built.asks += found.asks
    dimensions = list(dict.fromkeys([*own, *(name for _, name in found.groups)]))
    if "dimension" in answers:
        dimensions += [each for each in (answers["dimension"].partition(":")[2],) if each not in dimensions]
    # `phones vs tablets`: side by side.
    for each in found.values:
        side_by_side = each.named.joined == "vs" or (draft.compared and each.named.joined in ("and", ","))
        if side_by_side and _is_of_a_list(each, found) and each.dimension not in dimensions and not each.named.negated:
            dimensions.append(each.dimension)
    spec = replace(built.spec, dimensions=tuple(dimensions), filters=filters_of(found.values))
    spec = _nulls(draft, found, spec, built)
    spec = _window(draft, metrics, spec, wall, built)
    spec = _grain(draft, spec, built)
    spec = compared_with(draft, metrics, spec, wall, built)
    built.spec = ordered(draft, found, metrics, spec, answers, built, lexicon)
    built.spec = with_thresholds(draft, found, metrics, built.spec, answers, built, lexicon)
    built.spec = _kind(draft, metrics, built.spec, built, lexicon)
    built.spec = explained(draft, built.spec, built)
    return built


def explained(draft: Draft, spec: Spec, built: Built) -> Spec:
    """`why did revenue fall`: the figure with what it is compared with, whose change is then taken apart."""
    asked = [each for each in draft.explained if each.meaning == "explain"]
    if not asked:
        return spec
    if len(spec.metrics) > 1 or spec.grain or spec.having or spec.limit:
        built.asks.append(ask_word(asked[0].words))
    return replace(spec, compare=spec.compare or "previous_period")


def _is_of_a_list(each: ValueIn, found: Fit) -> bool:
    return each.named.joined == "vs" or sum(one.dimension == each.dimension for one in found.values) > 1


def _nulls(draft: Draft, found: Fit, spec: Spec, built: Built) -> Spec:
    """`region unknown`, next to the dimension it speaks of."""
    for each in draft.nulls:
        near = [(named, name) for named, name in (*found.groups, *found.beside) if abs(named.place - each.place) == 1]
        if len(near) != 1:
            built.asks.append(ask_word(each.span.words))
            continue
        named, name = near[0]
        if not named.by:
            spec = replace(spec, dimensions=tuple(one for one in spec.dimensions if one != name))
        spec = replace(spec, filters=(*spec.filters, FilterSpec(name, "is_not_null" if each.negated else "is_null", ())))
    return spec


# -- time -----------------------------------------------------------------------------------------


def _window(draft: Draft, metrics: list[Metric], spec: Spec, wall: datetime, built: Built) -> Spec:
    timed = any(metric.has_time for metric in metrics)
    found: list[tuple[Span, Window]] = []
    for each in of_one_window(draft.windows):
        if each.meaning == "window.now":
            if timed:
                built.asks.append(ask_word(each.words))
            continue
        if each.meaning == "window.bare" and not each.after_comma and any(metric.unit in TIMES for metric in metrics):
            # `repair time 3 days`: a window, or how long it took.
            built.asks.append(ask_word(each.words))
            continue
        if not timed:
            built.asks.append(_ask_no_window(each, metrics))
            continue
        window = window_of(each, wall)
        if isinstance(window, NoWindow):
            built.refusal = built.refusal or ("window", window.sentence)
        elif isinstance(window, Either):
            built.asks.append(ask_which(each, window, ask_id("window", each.words)))
        elif all(window != other for _, other in found):
            found.append((each, window))
    if len(found) > 1:
        choices = tuple(Choice(span.words, written(window)) for span, window in found)
        words = ", ".join(span.words for span, _ in found)
        built.asks.append(Ask("window", "window", "Two windows are named. Which one is meant?", words, choices))
    return replace(spec, window=found[0][1]) if found else spec


def _ask_no_window(each: Span, metrics: list[Metric]) -> Ask:
    name = " and ".join(metric.label for metric in metrics)
    text = f"{name} counts what is there at this instant and takes no window. What shall be done with “{each.words}”?"
    choices = (leave_out(each.words),)
    return Ask(ask_id("window", each.words), "window", text, each.words, choices)


def _grain(draft: Draft, spec: Spec, built: Built) -> Spec:
    units = list(dict.fromkeys(each.slots[0] if each.slots else each.meaning.split(".")[1] for each in draft.grains))
    if len(units) > 1:
        built.asks.append(ask_word(", ".join(each.words for each in draft.grains)))
    return replace(spec, grain=units[0]) if units else spec


def compared_with(draft: Draft, metrics: list[Metric], spec: Spec, wall: datetime, built: Built) -> Spec:
    for each in draft.compares:
        after = _compared(each, metrics, spec)
        if after is None or (spec.compare and after.compare != spec.compare):
            built.asks.append(_ask_compare(each))
            continue
        spec = after
    for each in draft.against:
        after = _against(each, spec, wall)
        if after is None:
            built.asks.append(_ask_compare(each))
            continue
        spec = after
    return spec


def _ask_compare(each: Span) -> Ask:
    choices = (
        Choice("the period before, of the same length", "compare:previous_period"),
        Choice("the same period a year before", "compare:previous_year"),
        leave_out(each.words),
    )
    text = f"With what shall it be compared: what is meant by “{each.words}”?"
    return Ask(ask_id("word", each.words), "word", text, each.words, choices)


def _compared(each: Span, metrics: list[Metric], spec: Spec) -> Spec | None:
    """The spec with the comparison, or None where it cannot be said so."""
    kind = each.meaning.split(".")[1]
    if kind in ("previous_period", "previous_year"):
        return replace(spec, compare=kind)
    if kind == "trailing":
        trailing = window_of(replace(each, meaning="window.trailing"), datetime(2000, 1, 2))
        if spec.window is None or spec.window == trailing:
            if not isinstance(trailing, str):
                return None
            return replace(spec, window=trailing, compare="previous_period")
        return None
    unit = {"yesterday": "day", "wow": "week", "mom": "month", "qoq": "quarter"}.get(kind) or each.slots[0]
    if not any(metric.has_time for metric in metrics):
        # A count at an instant is compared with the instant a week, or a year, before.
        if unit in ("week", "year"):
            return replace(spec, compare="previous_period" if unit == "week" else "previous_year")
        return None
    if unit == "year":
        return replace(spec, compare="previous_year")
    if unit == "hour":
        return None
    if spec.window is None:
        return replace(spec, window=to_date(unit), compare="previous_period")
    if isinstance(spec.window, str) and UNIT_OF.get(spec.window) == unit and spec.window != previous(unit):
        return replace(spec, compare="previous_period")
    before = " before" in f" {each.words} " or kind in ("wow", "mom", "qoq", "over")
    if spec.window == previous(unit) and before:
        return replace(spec, compare="previous_period")
    return None


def _against(each: Span, spec: Spec, wall: datetime) -> Spec | None:
    """`Q3 vs Q2`: a comparison only where the second is exactly what a comparison would take."""
    window = window_of(each, wall)
    if not isinstance(window, (str, DaysSpec)) or spec.compare:
        return None
    if spec.window is None:
        unit = UNIT_OF.get(window) if isinstance(window, str) else None
        if unit == "year" and window == previous(unit):
            return replace(spec, compare="previous_year")
        if unit and window == previous(unit):
            return replace(spec, window=to_date(unit), compare="previous_period")
        return None
    if isinstance(spec.window, str) and isinstance(window, str):
        unit = UNIT_OF.get(spec.window)
        if unit and window == previous(unit) and spec.window == to_date(unit):
            return replace(spec, compare="previous_year" if unit == "year" else "previous_period")
        return None
    if isinstance(spec.window, DaysSpec) and isinstance(window, DaysSpec):
        start, end, before, until = (datetime.fromisoformat(one) for one in (
            spec.window.start, spec.window.end, window.start, window.end))  # fmt: skip
        if until == start and until - before == end - start:
            return replace(spec, compare="previous_period")
        try:
            if (before, until) == (start.replace(year=start.year - 1), end.replace(year=end.year - 1)):
                return replace(spec, compare="previous_year")
        except ValueError:
            return None
    return None


# -- the way to draw it -----------------------------------------------------------------------------


def _kind(draft: Draft, metrics: list[Metric], spec: Spec, built: Built, lexicon: Lexicon) -> Spec:
    # `share of claims approved` of a share says what the metric is, and not how it is drawn.
    is_share = all(metric.unit == "percent" for metric in metrics)
    said = [part for each in draft.kinds for part in each.meaning.split(".")[1:] if not (is_share and each in draft.shares)]
    if "trend" in said and spec.grain is None and any(metric.has_time for metric in metrics):
        spec = replace(spec, grain=default_grain(spec, metrics))
    named = [each for each in draft.kinds if not each.meaning.endswith(".week")]
    # `by hour and weekday` is a heat map where no other chart was named.
    kind = _said_kind([part for part in said if any(part in each.meaning.split(".") for each in named)]) or _said_kind(said)
    if "week" in said:
        # What is drawn are the hours.
        spec = replace(spec, grain="hour")
    spec = replace(spec, stacking=said_stacking(said))
    if kind is None:
        kind = inferred_kind(spec, metrics, lexicon)
        if spec.stacking and kind == "table" and len(metrics) == 1:
            kind = "bar"
    bare = not spec.dimensions and not spec.grain and not built.asks
    if bare and (kind in ("bar", "breakdown") or (kind == "table" and len(metrics) == 1)):
        built.asks.append(ask_dimension(metrics, next((e.words for e in draft.kinds), "")))
    if kind == "breakdown" and spec.grain:
        built.asks.append(ask_word(next((e.words for e in draft.kinds if e.meaning == "kind.breakdown"), "")))
    if kind == "trend" and not spec.grain:
        built.refusal = built.refusal or ("not_possible", _NO_TREND.format(metrics[0].label))
    if kind == "kpi" and (spec.dimensions or spec.grain):
        built.asks.append(ask_word(next((e.words for e in draft.kinds if e.meaning == "kind.kpi"), "")))
    return filled(replace(spec, kind=kind), metrics)


def _said_kind(said: list[str]) -> DrawnKind | None:
    """A chart that was named wins over words such as `trend` and `share`, which also say what is wanted of it."""
    for kind in (*FURTHER, "table", "bar", "breakdown", "trend", "kpi"):
        if kind in said:
            return kind
    return None


def inferred_kind(spec: Spec, metrics: list[Metric], lexicon: Lexicon) -> DrawnKind:
    if spec.grain:
        return "trend"
    if not spec.dimensions:
        return "kpi" if len(metrics) == 1 else "table"
    if len(spec.dimensions) > 1:
        return "table"
    own = lexicon.own.get(metrics[0].metric_id)
    is_mix = "mix" in metrics[0].label.lower().split() and own is not None and own in spec.dimensions
    # Shares are shares of the whole: what was left out of it is no mix.
    is_mix = is_mix and all(each.dimension != own for each in spec.filters)
    return "breakdown" if is_mix and len(metrics) == 1 else "bar"

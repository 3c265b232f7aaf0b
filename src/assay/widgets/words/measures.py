"""Words that nobody has claimed: said by the metric's own definition, borne out by its formula, or to be asked about."""

from dataclasses import dataclass, field

from assay.catalog.metric import Metric
from assay.catalog.vocabulary import CURRENCIES
from assay.widgets.words.chosen import Chosen
from assay.widgets.words.cover import Span
from assay.widgets.words.draft import Draft, Named
from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import Lexicon
from assay.widgets.words.moments import roots_of
from assay.widgets.words.names import said_by, said_in_name, stems_of
from assay.widgets.words.parts import BY, is_participle, root

TIMES = ("hours", "minutes", "days", "seconds", "ms")


@dataclass
class Unread:
    absorbed: list[Named] = field(default_factory=list)
    measures: list[list[Named]] = field(default_factory=list)
    """Runs of words that ask for another measure than the metric has."""
    unknown: list[list[Named]] = field(default_factory=list)


def left_unread(draft: Draft, metrics: list[Metric], language: Language) -> Unread:
    found = Unread()
    free = [each for each in draft.unread if not each.negated and each.joined not in ("and", "or", "vs")]
    named = [each for each in free if _is_named(each, metrics, language) or _is_when(each, metrics, language)]
    borne_out = [each for each in free if each not in named and _is_borne_out(each.span, metrics, language)]
    told = [each for each in free if each not in (*named, *borne_out) and _is_defined(each, metrics, language)]
    # Two such words tell what the metric is (`on the adjusters' desks`); one alone may narrow it: `labour cost per repair`.
    found.absorbed = [*named, *borne_out, *(told if len(named) + len(told) > 1 else ())]
    runs: list[list[Named]] = []
    for each in (one for one in draft.unread if one not in found.absorbed):
        if runs and runs[-1][-1].span.end == each.span.start and not each.joined:
            runs[-1].append(each)
        else:
            runs.append([each])
    for one in runs:
        is_measure = any(_kinds(each.span, language) for each in one) and not any(each.by or each.negated for each in one)
        (found.measures if is_measure else found.unknown).append(one)
    return found


def _is_named(each: Named, metrics: list[Metric], language: Language) -> bool:
    """Whether the metrics are called so."""
    stems = set(stems_of(each.span.folded, language))
    return bool(stems and metrics) and not each.by and all(stems <= said_in_name(one, language) for one in metrics)


def _is_when(each: Named, metrics: list[Metric], language: Language) -> bool:
    """`goals scored`, which count by when they were scored."""
    word = root(each.span.folded, language.code)
    times = [
        {name for part in one.parts if part.time for name in roots_of(part.time.name, language.code)} for one in metrics
    ]
    return not each.by and is_participle(each.span.folded) and bool(times) and all(word in own for own in times)


def _is_defined(each: Named, metrics: list[Metric], language: Language) -> bool:
    """Whether the metrics' definitions say so."""
    stems = set(stems_of(each.span.folded, language))
    if not stems or each.by or _says_more(each.span, stems, language):
        return False
    return bool(metrics) and all(stems <= said_by(one, language) for one in metrics)


def _says_more(span: Span, stems: set[str], language: Language) -> bool:
    """Numbers, and words such as `half` that the language's own grammar knows: they say something wherever they stand."""
    return any(each.isdecimal() for each in span.folded.split()) or bool(stems & language.grammatical)


def _kinds(span: Span, language: Language) -> list[str]:
    word = root(span.folded, language.code)
    return [kind for kind, words in language.measures.items() if word in {root(each, language.code) for each in words}]


def _is_borne_out(span: Span, metrics: list[Metric], language: Language) -> bool:
    unit = language.units.get(span.folded)
    if unit is not None:
        # `in hours`, of what is counted in hours.
        return bool(metrics) and all(metric.unit == f"{unit}s" for metric in metrics)
    return bool(metrics) and all(any(_bears_out(kind, metric) for kind in _kinds(span, language)) for metric in metrics)


def _bears_out(kind: str, metric: Metric) -> bool:
    formula = metric.formula.upper()
    match kind:
        case "average":
            return metric.kind == "simple" and formula.startswith("AVG(")
        case "median":
            return metric.kind == "simple" and formula.startswith("MEDIAN(")
        case "share":
            return metric.unit == "percent"
        case "time":
            return metric.unit in TIMES
        case "value":
            return metric.unit != "count"
        case "money":
            return metric.unit in CURRENCIES
        case "sum":
            return adds_up(metric)
        case _:
            return False


def number_of_no_number(draft: Draft, metrics: list[Metric], language: Language) -> Span | None:
    """`how many` of a share or a mark, `total` of an average: the words that ask for another number than the metric is."""
    for each in draft.counts:
        if any(metric.unit == "percent" or metric.unit.startswith("/") for metric in metrics):
            return each
    weightless = [each for each in draft.spans if each.what == "stop" or each.is_("count")]
    totals = [each for each in weightless if language.totals & set(each.folded.split())]
    return next(iter(totals), None) if any(not adds_up(metric) for metric in metrics) else None


def adds_up(metric: Metric) -> bool:
    """Whether it counts or adds up rows, and each of them once."""
    return metric.kind == "simple" and metric.adds_up_over_time and metric.formula.upper().startswith(("SUM(", "COUNT("))


def own_dimensions(chosen: Chosen, lexicon: Lexicon, language: Language) -> tuple[str, ...]:
    """Dimensions that the words said in naming the metric: `claims by product` is divided by product."""
    found: list[str] = []
    for metric_id, named in chosen.spans.items():
        own = lexicon.own.get(metric_id)
        if own is None or named in chosen.used:
            continue
        metric = lexicon.metric(metric_id)
        words = stems_of(named.span.folded, language)
        keys = {metric.dimensions[own].key}
        index = lexicon.index(language.code)
        tails = (words[at:end] for at in range(len(words)) for end in range(at + 1, len(words) + 1))
        says = any(
            one.what == "dimension" and one.key in keys
            for tail in tails
            if len(tail) < len(words)
            for one in index.get(tail, ())
        )
        if says or metric_id in lexicon.rankings or not BY.isdisjoint(words):
            found.append(own)
    return tuple(dict.fromkeys(found))

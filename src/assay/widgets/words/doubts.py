"""What was read without a word left over, and may yet be meant otherwise: constructions that the person is asked about.

Every doubt is a pure function; adding one is a function in `DOUBTS` and a case. Edits are not looked at: they
name parts of a widget that stands.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from assay.catalog.metric import Dimension, Metric
from assay.widgets.words.asks import ask_id, ask_part, ask_what, ask_word
from assay.widgets.words.cover import Span
from assay.widgets.words.draft import Draft
from assay.widgets.words.fit import Fit, is_chosen
from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import Lexicon
from assay.widgets.words.moments import moments, roots_of, times_of
from assay.widgets.words.outcome import Ask, Choice
from assay.widgets.words.parts import is_participle, root
from assay.widgets.words.text import cleaned, shown, tokens

_FEW = 8
"""A dimension with more values than this is a list of names: `claims by Northstar Mobile` are those of this partner."""


@dataclass(frozen=True)
class Read:
    """A request as it was read, before anybody has doubted it."""

    draft: Draft
    fit: Fit
    language: Language
    lexicon: Lexicon


Doubt = Callable[[Read], Iterator[Ask]]


def doubts(read: Read) -> list[Ask]:
    return [ask for doubt in DOUBTS for ask in doubt(read)]


def counted_dimension(read: Read) -> Iterator[Ask]:
    """`how many regions have claims` asks how many regions there are, and not for claims by region."""
    for count in read.draft.counts:
        after = _next_read(read.draft.spans, count)
        if after is not None and any(named.span.start == after.start and not named.by for named, _ in read.fit.groups):
            yield _ask_whether_divided(f"{count.words} {after.words}", after)


def dimension_behind_a_value(read: Read) -> Iterator[Ask]:
    """`Apple devices claims`: the devices that Apple makes, and no split by device."""
    ends = {each.named.span.end for each in read.fit.values}
    for named, _ in read.fit.groups:
        is_behind = named.span.start in ends and not (named.by or named.joined or named.span.after_comma)
        if is_behind and not (read.draft.ranks or read.draft.which or is_chosen(named.span)):
            yield _ask_whether_divided(named.span.words, named.span)


def dimension_for_one_of_its_values(read: Read) -> Iterator[Ask]:
    """`claims in my region`: one is meant, and the words do not say which; `discontinued products`: those that are so."""
    if read.draft.ranks or read.draft.which:
        return
    for named, name in read.fit.groups:
        if named.by or named.joined or named.span.stands_for("metric") or is_chosen(named.span):
            continue
        if _is_flag(read.lexicon.metric(read.fit.metrics[0]).dimensions[name], read.lexicon):
            yield _ask_whether_divided(named.span.words, named.span)
            continue
        if not _is_singular(named.span, read.language):
            continue
        if any(each.folded in read.language.pointing for each in _weightless_before(read.draft.spans, named.span)):
            yield _ask_whether_divided(named.span.words, named.span)


def _is_flag(dimension: Dimension, lexicon: Lexicon) -> bool:
    values = {each.casefold() for each in lexicon.values.get(dimension.key, ())}
    return dimension.type.kind == "boolean" or any(values and values <= flag for flag in _FLAGS)


_FLAGS = tuple(map(frozenset, (("0", "1"), ("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"))))


def value_divided_by(read: Read) -> Iterator[Ask]:
    """`claims per repair`, `claims by store`: nothing is divided by a value, and the words do not say that it filters."""
    for each in read.fit.values:
        listed = [one for one in read.fit.values if one.dimension == each.dimension and one is not each]
        if any(one.named.joined == "vs" for one in listed) or (
            each.named.joined and any(not one.named.by for one in listed)
        ):
            # `by van vs store`, `in stores or by chat`
            continue
        if _is_only_of(each.dimension, read.lexicon.metric(read.fit.metrics[0]), read):
            # `rechazadas por fraude`: in Spanish the word for `by` gives the reason too.
            continue
        if len(each.value.split()) > 1 and _is_done_by(each.named.span, read.draft.spans):
            # `carried by Delta`
            continue
        few = all(len(read.lexicon.values.get(one.key, ())) <= _FEW for one in each.named.span.stands_for("value"))
        if each.named.divider in ("by", "by.each") and few and not is_chosen(each.named.span):
            yield ask_what(each.named.span)


def _is_done_by(span: Span, spans: list[Span]) -> bool:
    before = next((each for each in reversed(spans) if each.end <= span.start and each.is_("by")), None)
    verb = next((each for each in spans if before is not None and each.end == before.start), None)
    return verb is not None and is_participle(verb.folded.split()[-1])


def metric_divided_by(read: Read) -> Iterator[Ask]:
    """`per claim`: so many of each, which is another metric; `by claims` only says by what is ranked."""
    for each in read.draft.terms:
        if each.divider == "by.each" and each.span.stands_for("metric") and not is_chosen(each.span):
            yield ask_word(each.span.words)


def judging_value(read: Read) -> Iterator[Ask]:
    """`high escalation rate`: the priority, or what somebody thinks of the rate."""
    judging = [each for each in read.fit.values if each.named.span.folded in read.language.judging]
    plain = {each.dimension for each in read.fit.values if each not in judging}
    plain |= {name for _, name in (*read.fit.beside, *read.fit.groups)}
    for each in judging:
        if each.dimension not in plain and not is_chosen(each.named.span):
            yield ask_what(each.named.span)


def metrics_to_choose_from(read: Read) -> Iterator[Ask]:
    """`claims or denials`, `denials / claims`: one of the two, or a ratio of them."""
    metrics = [each for each in read.draft.terms if each.span.stands_for("metric")]
    for one, other in pairwise(metrics):
        slashed = any(each.folded == "/" and one.span.end <= each.start < other.span.start for each in read.draft.joining)
        if (other.joined == "or" or slashed) and len(read.fit.metrics) > 1:
            words = _words(read.draft.spans, one.span.start, other.span.end)
            yield ask_part(words, (one.span.words, other.span.words), "Which of the two is meant by")


def two_requests(read: Read) -> Iterator[Ask]:
    """`claims by region and denials by channel`: one widget shows the same parts of all its metrics."""
    metrics = [each for each in read.draft.terms if each.span.stands_for("metric")]
    if len(read.fit.metrics) < 2 or len(metrics) < 2:
        return
    first, last = metrics[0].span, metrics[-1].span
    groups = [named.span for named, _ in read.fit.groups if not named.span.stands_for("metric")]
    values = [each.named.span for each in read.fit.values]
    inside = [each for each in (*groups, *values) if first.end <= each.start < last.start]
    behind = [each for each in (*groups, *values) if each.start >= last.end]
    if any(each in values for each in inside) or (inside and behind):
        end = max((each.end for each in behind), default=last.end)
        second = next(each.span for each in metrics if each.span.start > inside[0].start)
        words = _words(read.draft.spans, second.start, end)
        yield ask_part(words, (words,), "One widget shows the same parts of all its metrics. What shall be done with")


def ranked_by_a_list(read: Read) -> Iterator[Ask]:
    """`top 5 regions by claims and channels`: channels divide, or count as claims do."""
    for before, named in pairwise(read.draft.terms):
        is_of_list = named.joined in ("and", "or") and before.by and bool(before.span.stands_for("metric"))
        if is_of_list and any(one is named for one, _ in read.fit.groups) and not is_chosen(named.span):
            yield ask_word(named.span.words)


def two_ranks(read: Read) -> Iterator[Ask]:
    """`top and bottom 5 regions`, `best and worst`: two rankings, and a widget has one."""
    for one, other in pairwise(read.draft.ranks):
        between = [each for each in read.draft.spans if one.end <= each.start < other.start and each.what != "stop"]
        heads = {one.meaning.split(".")[0], other.meaning.split(".")[0]}
        if (between and all(each in read.draft.joining for each in between)) or any(each <= heads for each in _OPPOSITE):
            words = _words(read.draft.spans, one.start, other.end)
            yield ask_part(words, (one.words, other.words), "Which ranking is meant by")


_OPPOSITE = ({"top", "bottom"}, {"best", "worst"}, {"best", "bottom"}, {"slow", "fast"})


def share_of_what(read: Read) -> Iterator[Ask]:
    """`percentage of denied claims by region`: how they fall to the regions, or how many of a region's claims are denied."""
    if not read.draft.shares:
        return
    metrics = [read.lexicon.metric(each) for each in read.fit.metrics]
    divided = min((each.span.start for each, _ in read.fit.groups), default=0)
    is_part = any(part.filter is not None for metric in metrics for part in metric.parts)
    is_part = is_part or any(each.named.span.start < divided for each in read.fit.values)
    if any(metric.unit == "percent" for metric in metrics) or all(
        _is_only_of(name, metrics[0], read) for _, name in read.fit.groups
    ):
        return
    named = [each.span for each in read.draft.terms if each.span.stands_for("metric")]
    for each in read.draft.shares:
        first = next((word for word in each.folded.split() if word not in read.language.unfinished), "")
        if first not in read.language.measures["share"] or each.after_comma:
            continue
        # In Chinese what is shared stands before its share, whatever it is.
        is_compound = any(one.end == each.start for one in named) and (is_part or read.language.code != "zh")
        if is_compound or (is_part and any(each.end <= one.start for one in named)):
            yield ask_word(each.words)


def _is_only_of(name: str, metric: Metric, read: Read) -> bool:
    """Whether no other metric is divided so: reasons of denials are reasons of nothing else."""
    return read.lexicon.divided_by(metric.dimensions[name].key) == [metric]


def two_charts(read: Read) -> Iterator[Ask]:
    """`a bar and line chart`"""
    for one, other in pairwise(read.draft.kinds):
        between = [each for each in read.draft.spans if one.end <= each.start < other.start and each.what != "stop"]
        if one.meaning != other.meaning and between and all(each in read.draft.joining for each in between):
            words = _words(read.draft.spans, one.start, other.end)
            yield ask_part(words, (one.words, other.words), "Which chart is meant by")


def nothing_compared(read: Read) -> Iterator[Ask]:
    """`compare claims`: with what?"""
    draft, found = read.draft, read.fit
    several = len(found.metrics) > 1 or len(found.values) > 1
    is_beside = several or found.groups or draft.grains or draft.compares or draft.against
    if draft.compared and draft.joining and not is_beside:
        yield ask_word(draft.joining[0].words)


def value_for_a_small_word(read: Read) -> Iterator[Ask]:
    """`sales in us`: the country, or a word of no weight."""
    index = read.lexicon.index(read.language.code)
    keys = {each.key for one in read.fit.metrics for each in read.lexicon.metric(one).dimensions.values()}
    for each in (one for one in read.draft.spans if one.what == "stop" and one.meaning != "left_out"):
        before = _weightless_before(read.draft.spans, each)
        if not any(one.folded in read.language.pointing for one in before):
            continue
        meant = [one for one in index.get((each.folded,), ()) if one.what == "value" and one.key in keys]
        if meant:
            only = tuple(Choice(f"only {one.value}", f"value:{one.key}={one.value}") for one in meant[:_FEW])
            yield ask_word(each.words, only)


def time_of_another_kind(read: Read) -> Iterator[Ask]:
    """`orders delivered last week`: they count by when they were placed, and are asked for by when they were delivered.

    `orders placed last week` are all of them, where the definition says so, or those of the status *placed*.
    """
    draft, code = read.draft, read.language.code
    if not (draft.windows or draft.grains or draft.against or draft.compares):
        return
    metrics = [read.lexicon.metric(each) for each in read.fit.metrics]
    for each in read.fit.values:
        said = {root(word, code) for word in each.named.span.folded.split()}
        tables = {part.entity.qualified for metric in metrics for part in metric.parts}
        own = {moment for metric in metrics for moment in times_of(metric)}
        others = [moment for moment in moments(tables, read.lexicon.workspace) if moment not in own]
        named = [moment for moment in others if said & roots_of(moment[1], code)]
        words = each.named.span.words
        if is_chosen(each.named.span) or any(said & roots_of(name, code) for _, name in own):
            continue
        defined = {root(token.folded, code) for metric in metrics for token in tokens(cleaned(metric.definition))}
        if not named and is_participle(each.named.span.folded) and said & defined:
            yield ask_what(each.named.span)
        if not named:
            continue
        fitting = [one for one in read.lexicon.workspace.metrics.values() if set(named) & set(times_of(one))]
        choices = [Choice(one.label, f"metric:{one.metric_id}") for one in fitting if one.unit == "count" and one.has_time]
        choices += [Choice(f"{metric.label}, of those {each.value} by now", f"value:{one.key}={one.value}")
                    for metric in metrics[:1] for one in each.named.span.stands_for("value")[:1]]  # fmt: skip
        text = f"“{words}” names another time than the one by which {metrics[0].label} counts. Which is meant?"
        yield Ask(ask_id("word", words), "word", text, words, tuple(choices))


DOUBTS: tuple[Doubt, ...] = (
    counted_dimension,
    dimension_behind_a_value,
    dimension_for_one_of_its_values,
    value_divided_by,
    metric_divided_by,
    judging_value,
    metrics_to_choose_from,
    two_requests,
    ranked_by_a_list,
    share_of_what,
    two_ranks,
    two_charts,
    nothing_compared,
    value_for_a_small_word,
    time_of_another_kind,
)


def _ask_whether_divided(words: str, span: Span) -> Ask:
    meant = span.stands_for("dimension")[:1]
    return ask_word(words, tuple(Choice(f"by {span.words}", f"dimension:{one.key}") for one in meant))


def _next_read(spans: list[Span], after: Span) -> Span | None:
    return next((each for each in spans if each.start >= after.end and each.what != "stop"), None)


def _weightless_before(spans: list[Span], span: Span) -> list[Span]:
    """The words of no weight that stand directly before it."""
    found: list[Span] = []
    for each in reversed([one for one in spans if one.end <= span.start]):
        if each.what != "stop":
            break
        found.append(each)
    return found


def _is_singular(span: Span, language: Language) -> bool:
    return language.code == "zh" or not span.folded.endswith(("s", "x", "en"))


def _words(spans: list[Span], start: int, end: int) -> str:
    return shown([token for each in spans if start <= each.start < end for token in tokens(each.words)])

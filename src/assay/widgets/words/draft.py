"""The draft: the spans of a request sorted by the part they play, before it is known which metric is meant."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from assay.catalog.metric import Metric
from assay.widgets.words.cover import Span
from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import PART

_EQUATING = ("is ", "are ", "was ", "were ", "isn ", "aren ", "wasn ", "weren ", "!=", "<>")


@dataclass
class Named:
    """A metric, dimension or value with what was said of it."""

    span: Span
    by: bool = False
    divider: str = ""
    """How `by` was said: `by` itself, `by.each` for `per` and the like, `by.among` for `across`."""
    sorts: bool = False
    """`sorted by` stands before it: it says the order, and not by what is divided."""
    negated: bool = False
    joined: str | None = None
    """`and`, `or`, `vs` or `,`, where one of them ties it to the term before."""
    chained: bool = False
    """Negated only because the term before it in its list is."""
    only: bool = False
    also: bool = False
    removed: bool = False
    is_equated: bool = False
    """`is not`: what stands before it is the dimension whose value this is."""
    is_close: bool = False
    """Only the joining word stands between it and the term before: `phones and tablets`, not `phones and in stores`."""
    place: int = 0
    """Its place among the spans that carry meaning: neighbours have numbers that follow each other."""
    led: str = ""
    """The small word that leads it, folded: `from`, `into`."""


@dataclass
class Draft:
    spans: list[Span] = field(default_factory=list)
    """All of them, in order."""
    terms: list[Named] = field(default_factory=list)
    windows: list[Span] = field(default_factory=list)
    against: list[Span] = field(default_factory=list)
    """Windows after `versus`."""
    grains: list[Span] = field(default_factory=list)
    compares: list[Span] = field(default_factory=list)
    ranks: list[Span] = field(default_factory=list)
    """top, bottom, best, worst, with or without a number"""
    limits: list[Span] = field(default_factory=list)
    orders: list[Span] = field(default_factory=list)
    explained: list[Span] = field(default_factory=list)
    """`why did … fall`: what asks for the reason, and how it moved, which changes nothing."""
    thresholds: list[Span] = field(default_factory=list)
    """`over 500`: of which groups, by their values."""
    whom: list[tuple[Span, Named, Metric]] = field(default_factory=list)
    """Thresholds that choose of whom it is told: what is compared, of whom, and by which metric."""
    others: list[Span] = field(default_factory=list)
    """`and the rest`: all groups beyond the limit as one."""
    kinds: list[Span] = field(default_factory=list)
    shares: list[Span] = field(default_factory=list)
    """Those of the kinds that are said by a word of measure: `share of`."""
    counts: list[Span] = field(default_factory=list)
    nulls: list[Named] = field(default_factory=list)
    numbers: list[Named] = field(default_factory=list)
    unread: list[Named] = field(default_factory=list)
    loose: list[Span] = field(default_factory=list)
    """Words such as `not` that found nothing to speak of, and a sentence's last word that it cannot end with."""
    compared: bool = False
    """`compare` stands before everything: `compare the West and the Midwest` puts them side by side."""
    which: bool = False
    language: Language | None = None
    removed: list[Span] = field(default_factory=list)
    """In an edit: parts of the widget that are to go, by their phrase."""
    edits: list[Span] = field(default_factory=list)
    joining: list[Span] = field(default_factory=list)

    @property
    def says_nothing(self) -> bool:
        return not (self.terms or self.unread or self.windows or self.grains or self.compares or self.ranks or self.limits
                    or self.orders or self.kinds or self.counts or self.nulls or self.numbers or self.removed
                    or self.loose or self.against or self.others or self.thresholds
                    or self.explained)  # fmt: skip


@dataclass
class _Walk:
    draft: Draft = field(default_factory=Draft)
    by: Span | None = None
    negation: Span | None = None
    """`not`, until something that cannot be part of its list follows."""
    negated_any: bool = False
    joiner: str | None = None
    only: bool = False
    also: bool = False
    removing: Span | None = None
    removed_any: bool = False
    sorting: bool = False
    joined_window: Span | None = None
    """A window that `and` ties to one before it."""
    place: int = 0
    last: Named | None = None
    before: Span | None = None
    before_that: Span | None = None
    led: str = ""
    compares: bool = False

    def end_lists(self) -> None:
        if self.negation is not None and not self.negated_any:
            self.draft.loose.append(self.negation)
        if self.by is not None:
            self.draft.loose.append(self.by)
        if self.removing is not None and not self.removed_any:
            self.draft.loose.append(self.removing)
        self.removed_any, self.sorting = False, False
        self.by, self.negation, self.negated_any, self.only, self.removing, self.last = None, None, False, False, None, None


def sorted_out(spans: list[Span], language: Language) -> Draft:
    """Walk the spans once; what a small word says is carried to the term after it."""
    walk = _Walk(Draft(spans=spans, language=language))
    for at, span in enumerate(spans):
        before, walk.before = walk.before, span
        walk.led = before.folded if before is not None and (before.what == "stop" or before.is_("by")) else ""
        walk.before_that = spans[at - 2] if at > 1 else None
        walk.compares = walk.compares or span.is_("vs")
        if span.is_("window") and walk.compares and before is not None and before.folded in language.against:
            # `compare claims by region with last month`
            walk.draft.against.append(span)
            walk.joiner = None
            continue
        if span.what == "stop" and span.folded in language.against and walk.draft.compared and walk.last is not None:
            # `compare the West with the Midwest`
            walk.joiner = "vs"
            walk.draft.joining.append(span)
            continue
        if span.what == "stop" and span.meaning != "left_out" and span.folded in language.time_nouns:
            after = next((each for each in spans[at + 1 :] if each.what != "stop"), None)
            if not (_says_time(_told_before(spans, at)) or _says_time(after)):
                walk.draft.loose.append(span)
            continue
        if span.meaning == "window.bare" and not _stands_alone(span, spans, at):
            walk.draft.loose.append(span)
            continue
        if span.what == "stop" and walk.by is not None and span.meaning != "left_out":
            walk.by = replace(walk.by, words=f"{walk.by.words} {span.words}")
        if span.what == "stop":
            if span.meaning == "left_out":
                # What a person leaves out takes the small word before it along: `by severity`.
                walk.by, walk.joiner = None, None
                walk.negation = walk.negation if walk.negated_any else None
            continue
        if span.what == "unread" and walk.joiner == "and" and span.folded in language.units and walk.last and walk.last.by:
            # `by carrier and month`
            span = replace(span, what="phrase", meaning="grain", slots=(language.units[span.folded],))
            walk.joiner = None
        if span.what in ("term", "unread"):
            _term(walk, span, language)
        else:
            _phrase(walk, span)
    if walk.joiner == "vs" and walk.joined_window is not None:
        # `今天的理赔与昨天相比`: what is compared is said after both.
        walk.draft.windows.remove(walk.joined_window)
        walk.draft.against.append(walk.joined_window)
    elif walk.joiner and walk.draft.joining:
        walk.draft.loose.append(walk.draft.joining[-1])
    walk.end_lists()
    if spans and spans[-1].what == "stop" and spans[-1].folded in language.unfinished:
        walk.draft.loose.append(spans[-1])
    _count_before_rank(walk.draft, language.numbers)
    shares = language.measures.get("share", frozenset())
    walk.draft.shares = [each for each in walk.draft.kinds if shares & set(each.folded.split())]
    return walk.draft


_OF_TIME = ("window", "grain", "compare")
_TYING = ("or", "vs", "and.plus")
_RANKS = ("top", "bottom", "best", "worst", "slow", "fast")


def _told_before(spans: list[Span], at: int) -> Span | None:
    return next((each for each in spans[:at][::-1] if each.what != "stop"), None)


def _says_time(span: Span | None) -> bool:
    return span is not None and span.is_(*_OF_TIME)


def _stands_alone(span: Span, spans: list[Span], at: int) -> bool:
    """`claims, 90 days` is a window; `pending 90 days` and `within 2 days` say how long something took."""
    before = spans[at - 1] if at else None
    if before is None or span.after_comma or before.is_("grain", "kind", "compare") or (before.is_("top") and before.slots):
        return True
    return before.what == "term" and not before.stands_for("value")


def _count_before_rank(draft: Draft, numbers: Mapping[str, int]) -> None:
    """`the 5 regions with the most claims`: the number belongs to the rank that has none."""
    for each in draft.unread:
        behind = (one.span for one in draft.terms if one.span.start == each.span.end)
        follows = any(one.stands_for("dimension") or one.stands_for("metric") for one in behind)
        bare = [rank for rank in draft.ranks if not rank.slots]
        text = each.span.folded
        count = int(text) if text.isdecimal() and len(text) <= 3 else numbers.get(text, 0)
        if count and follows and len(bare) == 1 and not each.negated:
            draft.ranks = [replace(rank, slots=(count,)) if rank is bare[0] else rank for rank in draft.ranks]
            draft.unread = [one for one in draft.unread if one is not each]
            return


def _is_close(before_joiner: Span | None, span: Span, language: Language) -> bool:
    says_how = span.end - span.start > 1 and span.folded.split()[0] in language.belonging
    return before_joiner is not None and before_joiner.what == "term" and not says_how


def _narrowed(span: Span, walk: _Walk, joined: str | None) -> Span:
    """A word that is part of a metric's name and of a dimension's: behind `by` it divides, save where it says the rank."""
    if not span.meant or any(each.nearness > PART or each.what == "value" for each in span.meant):
        return span
    is_by = walk.by is not None or (joined is not None and walk.last is not None and walk.last.by)
    has_rank = bool(walk.draft.ranks)
    wanted = "dimension" if (is_by and not has_rank) or walk.draft.which else "metric"
    kept = tuple(each for each in span.meant if each.what == wanted)
    if not kept and wanted == "metric" and not has_rank:
        # A part of a dimension's name says nothing where nothing is divided.
        return replace(span, what="unread", meant=())
    return replace(span, meant=kept or span.meant)


def _is_metric(span: Span) -> bool:
    return bool(span.meant) and all(each.what == "metric" for each in span.meant)


def _term(walk: _Walk, span: Span, language: Language) -> None:
    joined = walk.joiner or ("," if span.after_comma else None)
    names_next = walk.last is not None and bool(walk.last.span.stands_for("dimension")) and not walk.by
    if walk.negated_any and joined is None and walk.negation is not None and not names_next:
        # `excluding phones tablets`: no list goes on without a word that says so.
        walk.negation, walk.negated_any = None, False
    if span.slots:
        walk.draft.ranks.append(span)
    walk.place += 1
    span = _narrowed(span, walk, joined)
    only = walk.only or (joined is not None and walk.last is not None and walk.last.only)
    equated = walk.negation is not None and walk.negation.folded.startswith(_EQUATING)
    if walk.negated_any and joined == "," and _is_metric(span):
        # `no tablets, claims`: a metric is left out of no list of values.
        walk.negation, walk.negated_any = None, False
    named = Named(span, by=walk.by is not None, divider=walk.by.meaning if walk.by is not None else "",
                  negated=walk.negation is not None, joined=joined, only=only, also=walk.also, place=walk.place,
                  chained=walk.negated_any, sorts=walk.sorting, is_equated=equated,
                  is_close=_is_close(walk.before_that, span, language), led=walk.led)  # fmt: skip
    if walk.removing is not None:
        named.removed = True
    if joined is not None and walk.last is not None and not named.by:
        named.by = walk.last.by and span.what == "term" and bool(span.stands_for("dimension"))
        named.removed = named.removed or walk.last.removed
        named.also = named.also or walk.last.also
    (walk.draft.unread if span.what == "unread" else walk.draft.terms).append(named)
    if walk.negation is not None:
        walk.negated_any = True
    walk.by, walk.joiner, walk.only, walk.removing, walk.last, walk.sorting = None, None, False, None, named, False


def _phrase(walk: _Walk, span: Span) -> None:
    head, draft = span.meaning.split(".")[0], walk.draft
    match head:
        case "and" | "or":
            walk.joiner = head
            draft.joining.append(span)
        case "vs":
            leads = walk.last is None and not (draft.terms or draft.windows)
            draft.compared = draft.compared or leads
            # `compare this week with last week`: what stands first is what the other is compared with.
            walk.joiner = None if leads else "vs"
            draft.joining.append(span)
        case "by":
            if walk.negation is not None and not walk.negated_any:
                draft.loose.append(walk.negation)
            walk.negation, walk.negated_any = None, False
            walk.by, walk.joiner = span, walk.joiner if walk.joiner != "vs" else None
        case "not":
            if walk.negation is not None and not walk.negated_any:
                draft.loose.append(walk.negation)
            walk.negation, walk.negated_any, walk.joiner = span, False, None
        case "not_after":
            if walk.last is None:
                draft.loose.append(span)
            else:
                _negate_back(draft, walk.last)
        case "only":
            walk.only = True
        case "nothing":
            pass
        case "unsure":
            draft.loose.append(span)
        case "which":
            draft.which = True
        case "is_null" | "is_known":
            walk.place += 1
            draft.nulls.append(Named(span, negated=(walk.negation is not None) != (head == "is_known"), place=walk.place))
            walk.negated_any = walk.negation is not None
        case "number":
            walk.place += 1
            draft.numbers.append(Named(span, place=walk.place))
        case "edit":
            _edit(walk, span)
        case _:
            if walk.joiner == "vs" and head == "window":
                draft.against.append(span)
                walk.joiner = None
                return
            if walk.removing is not None and head in (
                "kind",
                "compare",
                "grain",
                "window",
                "limit",
                "order",
                "top",
                "others",
            ):
                draft.removed.append(span)
                walk.removing = None
                return
            if walk.joiner and draft.joining and draft.joining[-1].meaning in _TYING:
                # It ties what stands before it to nothing: `plus last month`.
                draft.loose.append(draft.joining[-1])
            # `by the top 5 regions`
            if head == "window" and walk.joiner == "and" and draft.windows:
                walk.joined_window = span
            by, walk.by = (walk.by, None) if head in _RANKS else (None, walk.by)
            walk.end_lists()
            walk.by, walk.joiner = by, None
            _part(draft, head, span)
            walk.sorting = span.meaning == "order"
            if span.meaning == "order.before" and draft.terms and draft.terms[-1].span.end == span.start:
                draft.terms[-1].sorts = draft.terms[-1].by


def _part(draft: Draft, head: str, span: Span) -> None:
    places = {
        "window": draft.windows, "grain": draft.grains, "compare": draft.compares, "kind": draft.kinds,
        "limit": draft.limits, "order": draft.orders, "count": draft.counts, "others": draft.others,
        "threshold": draft.thresholds, "explain": draft.explained, "moved": draft.explained,
    }  # fmt: skip
    places.get(head, draft.ranks).append(span)


def _negate_back(draft: Draft, last: Named) -> None:
    """`phones and tablets excluded`: the whole list that ends here."""
    at = len(draft.terms) - 1
    while at >= 0:
        named = draft.terms[at]
        if named is not last and (named.by or not named.span.stands_for("value")):
            break
        named.negated = True
        if named.joined is None or not named.span.stands_for("value"):
            break
        at -= 1
    last.negated = True


def _edit(walk: _Walk, span: Span) -> None:
    draft = walk.draft
    match span.meaning:
        case "edit.also":
            walk.also = True
            draft.edits.append(span)
        case "edit.remove":
            walk.end_lists()
            walk.removing = span
        case "edit.no_filters" | "edit.no_compare":
            draft.removed.append(replace(span, meaning=f"edit.{span.meaning.removeprefix('edit.no_')}"))
        case "edit.replace" | "edit.instead_of":
            draft.edits.append(span)
        case _:
            # filter, filters, compare, limit, order, grain, window, split
            if walk.removing is not None:
                draft.removed.append(span)
                walk.removed_any = True
                if span.meaning != "edit.filter":
                    walk.removing = None
            elif span.meaning in ("edit.limit",):
                draft.removed.append(span)
            else:
                draft.edits.append(span)

"""The account of a reading: which words became what. No word of the request is missing from it."""

from assay.widgets.words.cover import Span
from assay.widgets.words.fit import Fit
from assay.widgets.words.measures import Unread
from assay.widgets.words.outcome import Accounted

_BECAME = {
    "top": "order", "bottom": "order", "best": "order", "worst": "order", "slow": "order", "fast": "order",
    "by": "joining", "not": "filter",
    "not_after": "filter", "only": "filter", "and": "joining", "or": "joining", "vs": "joining", "which": "joining",
    "count": "definition", "nothing": "nothing", "is_null": "filter", "is_known": "filter", "number": "filter",
    "edit": "joining", "threshold": "filter", "explain": "compare", "moved": "compare",
}  # fmt: skip


def accounts(spans: list[Span], fit: Fit | None, unread: Unread | None) -> tuple[Accounted, ...]:
    means: dict[int, tuple[str, str]] = {}
    if fit is not None:
        for named, name in fit.groups:
            means[named.span.start] = ("dimension", name)
        for named, name in fit.beside:
            means[named.span.start] = ("filter", name)
        for each in fit.values:
            means[each.named.span.start] = ("filter", f"{each.dimension} = {each.value}")
    for each in (*(unread.absorbed if unread else ()), *(fit.absorbed if fit else ())):
        means[each.span.start] = ("definition", "said by the metric's own definition")
    found: list[Accounted] = []
    for span in spans:
        if span.what == "stop":
            became, meaning = "nothing", "of no weight"
        elif span.what == "phrase":
            head, _, rest = span.meaning.partition(".")
            became, meaning = _BECAME.get(head, head), rest or head
        elif span.start in means:
            became, meaning = means[span.start]
        elif fit is not None and span.stands_for("metric"):
            ids = [one.key for one in span.stands_for("metric")]
            became, meaning = "metric", next((one for one in fit.metrics if one in ids), fit.metrics[0])
        elif fit is not None and span.what == "term":
            became, meaning = "metric", fit.metrics[0]
        else:
            became, meaning = "question", "not known" if span.what == "unread" else "asked about"
        found.append(Accounted(span.words, became, meaning, span.mended))
    return tuple(found)

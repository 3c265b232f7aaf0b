"""Quotients from words, in every language that is read: a metric per another, and the share of some rows among all.

They are drawn from the catalog's own counts, as the reader of requests finds them; what a quotient cannot hold is declined.
"""

from dataclasses import dataclass

from assay.catalog.entry import NO_TIME, DimensionEntry, MetricEntry, PartEntry
from assay.catalog.metric import Dimension, Metric
from assay.catalog.spelling import slug, unused
from assay.catalog.zones import to_wall
from assay.errors import DraftDeclined
from assay.widgets.drafts.entries import OWNER, FromWords, among, named_window, short
from assay.widgets.words.cover import Span, cover
from assay.widgets.words.draft import Draft, Named, sorted_out
from assay.widgets.words.fit import Fit, ValueIn, fit
from assay.widgets.words.language import Language
from assay.widgets.words.measures import adds_up
from assay.widgets.words.mend import mend
from assay.widgets.words.names import stems_of
from assay.widgets.words.reader import Reader
from assay.widgets.words.text import cleaned, shown, tokens
from assay.widgets.words.tongues import tongues


def quotient_from_words(words: str, reader: Reader) -> FromWords | None:
    """None where the words ask for no quotient of what the catalog counts. Raises DraftDeclined with the reason."""
    given = tokens(cleaned(words))
    ranked = tongues(given, reader.languages, reader.lexicon)
    if not ranked:
        return None
    language = ranked[0][0]
    spans = cover(mend(given, reader.known(language)), language, reader.lexicon, {}, is_edit=False)
    asked = _Asked(words, reader, language, spans, sorted_out(spans, language))
    return asked.one_per_another() or asked.share()


@dataclass(frozen=True)
class _Asked:
    words: str
    reader: Reader
    language: Language
    spans: list[Span]
    draft: Draft

    def one_per_another(self) -> FromWords | None:
        """`repairs per claim`"""
        if self.draft.shares:
            return None
        for at, each in enumerate(self.draft.terms[:-1]):
            below = self.draft.terms[at + 1]
            upper, lower = self.metrics(each.span), self.metrics(below.span)
            if upper and lower and below.divider in ("by", "by.each") and not each.by:
                return self.quotient(each, below, self.one(each, upper), self.one(below, lower))
        return None

    def quotient(self, each: Named, below: Named, upper: Metric, lower: Metric) -> FromWords:
        for metric in (upper, lower):
            if not adds_up(metric):
                raise DraftDeclined(f"{metric.label} is an average or a share already, and makes no quotient.")
        found = self.bound((upper.metric_id, lower.metric_id), [each, below])
        if found.values:
            raise DraftDeclined(
                f"A quotient of two metrics has no filter of its own: “{found.values[0].named.span.words}”.",
                mend="leave it out, and ask it of the draft",
            )
        label = self.said(each.span.start, below.span.end)
        entry = MetricEntry(
            id=self.unused_id(label), label=label, definition=self.definition(label),
            expression=f"{upper.metric_id} / {lower.metric_id}", owner=OWNER,
            # Of metrics whose own windows differ, the numerator's holds.
            window=self.window() or (upper.window if upper.window != lower.window else None),
            unit="usd" if upper.unit == "usd" else short(f"per {below.span.folded}", 20),
        )  # fmt: skip
        return self.drafted(entry, found)

    def share(self) -> FromWords | None:
        """`share of claims that were denied`, `percentage of pending claims by region`"""
        named = [each for each in self.draft.terms if each.span.stands_for("metric")]
        if not self.draft.shares or len(named) != 1:
            return None
        metric = self.one(named[0], self.metrics(named[0].span))
        if not adds_up(metric) or not metric.formula.upper().startswith("COUNT("):
            return None
        found = self.bound((metric.metric_id,), named)
        counted = self.counted_only_above(metric, found)
        inside, around = self.conditions(metric, counted, [each for each in found.values if each not in counted])
        part = metric.parts[0]
        if part.alive:
            return None  # a ratio has a window, and no instant
        spans = [named[0].span, *self.draft.shares, *(each.named.span for each in found.values)]
        label = self.said(min(each.start for each in spans), max(each.end for each in spans))
        entry = MetricEntry(
            id=self.unused_id(label), label=label, definition=self.definition(label), entity=self.name_of(metric),
            filter=around, numerator=PartEntry(measure=metric.formula, filter=inside),
            denominator=PartEntry(measure=metric.formula), time=part.time.written if part.time else NO_TIME,
            window=(self.window() or metric.window) if part.time else None, dimensions=tuple(
                self.dimension(each, metric) for each in metric.dimensions.values()
                if each.name not in {value.dimension for value in counted}
            ), unit="percent", owner=OWNER,
        )  # fmt: skip
        return self.drafted(entry, found)

    def counted_only_above(self, metric: Metric, found: Fit) -> list[ValueIn]:
        """The values that only the numerator counts: of a metric that filters already none, else the one quality that is
        named, or that a word such as `that were` leads to. Raises DraftDeclined where there is no such one."""
        if metric.filter_text:
            return []
        led = [each for each in found.values if self.is_led_to(each.named.span)]
        counted = found.values if len({each.dimension for each in found.values}) == 1 else led
        if len({(each.dimension, each.named.negated) for each in counted}) != 1:
            reason = "The words do not say which of the rows the share is of."
            raise DraftDeclined(reason, mend="name one quality, as in share of claims in the West that are pending")
        return counted

    def is_led_to(self, span: Span) -> bool:
        before = next((each for each in self.spans if each.end == span.start), None)
        return (
            before is not None and before.what == "stop" and before.folded in self.language.skipped - self.language.belonging
        )

    def conditions(self, metric: Metric, counted: list[ValueIn], others: list[ValueIn]) -> tuple[str, str | None]:
        """As SQL: what the numerator alone counts, and what both do."""
        inside = [metric.filter_text] if metric.filter_text else self.as_sql(metric, counted)
        return inside[0], " AND ".join(self.as_sql(metric, others)) or None

    def as_sql(self, metric: Metric, values: list[ValueIn]) -> list[str]:
        listed: dict[tuple[str, bool], list[str]] = {}
        for each in values:
            column = self.written(metric.dimensions[each.dimension], metric)
            listed.setdefault((column, each.named.negated), []).append(each.value)
        return [among(column, several, is_not) for (column, is_not), several in listed.items()]

    # -- parts of both ---------------------------------------------------------------------------

    def metrics(self, span: Span) -> list[Metric]:
        """What these words may count; `repair` is one of the repairs here, whatever else it may stand for."""
        index = self.reader.lexicon.index(self.language.code)
        meant = span.stands_for("metric") or index.get(stems_of(span.folded, self.language), ())
        ids = dict.fromkeys(each.key for each in meant if each.what == "metric")
        return [self.reader.lexicon.metric(each) for each in ids]

    def one(self, named: Named, metrics: list[Metric]) -> Metric:
        if len(metrics) > 1:
            listed = " or ".join(each.label for each in metrics)
            raise DraftDeclined(f"“{named.span.words}” may be {listed}.", mend="name one of them")
        return metrics[0]

    def bound(self, metric_ids: tuple[str, ...], used: list[Named]) -> Fit:
        """The rest of the words, bound to the dimensions of these metrics. Raises DraftDeclined for what has no place."""
        draft = self.draft
        rest = Draft(spans=self.spans, terms=[each for each in draft.terms if each not in used])
        named = [each for each in rest.terms if each.span.stands_for("metric")]
        spans = [each.span for each in (*named, *draft.unread, *draft.nulls, *draft.numbers)]
        left = [*spans, *draft.loose, *draft.ranks, *draft.limits, *draft.orders, *draft.compares, *draft.against,
                *(each for each in draft.kinds if each not in draft.shares)]  # fmt: skip
        if left:
            raise DraftDeclined(f"“{left[0].words}” has no place in a quotient.", mend="leave it out")
        found = fit(metric_ids, rest, self.reader.lexicon)
        if found.asks:
            raise DraftDeclined(found.asks[0].text)
        return found

    def drafted(self, entry: MetricEntry, found: Fit) -> FromWords:
        grain = next((str(each.slots[0]) if each.slots else each.meaning.split(".")[1] for each in self.draft.grains), None)
        return FromWords(entry, tuple(dict.fromkeys(name for _, name in found.groups)), grain)

    def window(self) -> str | None:
        if len(self.draft.windows) > 1:
            raise DraftDeclined("The words name two windows; a metric has one.")
        wall = to_wall(self.reader.now(), self.reader.lexicon.workspace.zone)
        return named_window(self.draft.windows[0], wall) if self.draft.windows else None

    def said(self, start: int, end: int) -> str:
        """The words of these spans as a label."""
        text = shown([token for each in self.spans if start <= each.start < end for token in tokens(each.words)])
        return short(text[:1].upper() + text[1:], 80)

    def definition(self, label: str) -> str:
        return short(f"{label}. Drafted from the words: {cleaned(self.words)}", 600)

    def unused_id(self, label: str) -> str:
        return unused(slug(label, "metric"), {*self.reader.lexicon.workspace.metrics})

    def name_of(self, metric: Metric) -> str:
        entity = metric.parts[0].entity
        is_plain = self.reader.lexicon.workspace.dictionary.find(entity.name) is entity
        return entity.name if is_plain else entity.qualified

    def written(self, dimension: Dimension, metric: Metric) -> str:
        if dimension.column is None:
            return f"({dimension.written})"
        if dimension.by:
            return ".".join([*dimension.by, dimension.column.name])
        is_own = dimension.table == metric.parts[0].entity.qualified
        way = ".".join(dimension.by) or dimension.table.rpartition(".")[2]
        return dimension.column.name if is_own else f"{way}.{dimension.column.name}"

    def dimension(self, each: Dimension, metric: Metric) -> str | DimensionEntry:
        if each.column is None:
            return DimensionEntry(name=each.name, expression=each.written, label=each.label)
        column = self.written(each, metric)
        return each.name if column == each.name else DimensionEntry(name=each.name, column=column, label=each.label)

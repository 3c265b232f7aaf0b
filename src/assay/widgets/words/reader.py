"""The reader: words in, a checked spec, questions or a refusal out. Pure: the same words on the same catalog and
clock read the same, and every word of the request is accounted for.

cleaned -> refused? -> language -> mended -> covered -> sorted out -> metric chosen -> spec built -> checked
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from assay.catalog.findings import nearest
from assay.catalog.metric import Metric
from assay.catalog.zones import to_wall
from assay.compiler.question import Question, resolve_question
from assay.errors import AssayError, BadQuestion
from assay.people.scope import EVERYTHING, Scope
from assay.widgets.words.accounts import accounts
from assay.widgets.words.answers import check_choices, forced_by, metric_answered, still_meant, window_span
from assay.widgets.words.asks import ask_id, ask_word
from assay.widgets.words.build import build
from assay.widgets.words.choose import choose
from assay.widgets.words.chosen import Chosen, ask_any_metric
from assay.widgets.words.cover import Span, cover
from assay.widgets.words.describe import describe
from assay.widgets.words.doubts import Read, doubts
from assay.widgets.words.draft import Draft, Named, sorted_out
from assay.widgets.words.edits import edited
from assay.widgets.words.further_kinds import why_not
from assay.widgets.words.guards import declined, no_words
from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import Lexicon
from assay.widgets.words.measures import left_unread, number_of_no_number, own_dimensions
from assay.widgets.words.mend import Known, mend
from assay.widgets.words.nearest import likely_metrics, metrics_near, near_choices, nearest_metrics
from assay.widgets.words.outcome import MAX_ROUNDS, Accounted, Ask, Built, Choice, Reading, Spec, asking, refused
from assay.widgets.words.text import cleaned, shown, tokens
from assay.widgets.words.tongues import stranger, tongues

_MOST_QUESTIONS = 2
"""At once: what is answered may settle the others."""
_FEW = 4


@dataclass(frozen=True)
class Reader:
    """Reads against one lexicon. `note` says of a question why it could not be answered just now, if so."""

    lexicon: Lexicon
    languages: Mapping[str, Language]
    strangers: Mapping[str, frozenset[str]]
    now: Callable[[], datetime]
    note: Callable[[Question], str | None] | None = None
    scope: Scope = EVERYTHING
    """What is seen by whoever the words are of."""
    _known: dict[str, Known] = field(default_factory=dict)

    def read(
        self, words: str, answers: Mapping[str, str] | None = None, base: Spec | None = None, rounds: int = 0
    ) -> Reading:
        """The reading of a request, or of an edit of the spec `base`. Never raises for what the words are.

        Raises BadQuestion for a base of metrics that are not there.
        """
        metrics = self.lexicon.workspace.metrics
        unknown = next((each for each in base.metrics if each not in metrics), None) if base else None
        if unknown is not None:
            raise BadQuestion(f"there is no metric {unknown!r}", mend=nearest(unknown, set(metrics)), field="spec.metrics")
        given = still_meant(answers or {}, self.lexicon)
        reading = self._read(words, given, base)
        reading = replace(reading, base=base, answers=given, rounds=rounds)
        if reading.outcome == "questions" and rounds >= MAX_ROUNDS:
            reason = "After three rounds of questions it is still unclear; say it anew in other words."
            return replace(reading, outcome="refusal", questions=(), code="too_many_rounds", reason=reason)
        return reading

    def read_edit(self, words: str, spec: Spec) -> Reading:
        return self.read(words, base=spec)

    def answered(self, reading: Reading, answers: Mapping[str, str]) -> Reading:
        """The same words read again, with what the person has said since. Raises BadQuestion for what is no choice."""
        check_choices(reading.questions, answers, reading.answers)
        return self.read(reading.words, {**reading.answers, **answers}, reading.base, reading.rounds + 1)

    def read_answered(self, words: str, answers: Mapping[str, str], base: Spec | None = None, rounds: int = 0) -> Reading:
        """As `read`, for answers that nobody has checked: round by round, each must be one of the choices that were offered.

        Raises BadQuestion for what is no choice. Answers to what is not asked (any more) change nothing.
        """
        taken: dict[str, str] = {}
        for _ in range(MAX_ROUNDS):
            asked = self.read(words, taken, base).questions
            new = {each.ask_id: answers[each.ask_id] for each in asked if each.ask_id in answers}
            check_choices(asked, new, {})
            if not new:
                break
            taken |= new
        return self.read(words, taken, base, rounds)

    def _read(self, words: str, answers: dict[str, str], base: Spec | None) -> Reading:
        refusal = no_words(words) or declined(words, self.languages.values(), self.lexicon, is_edit=base is not None)
        if refusal:
            return refused(words[:1_000], *refusal)
        given = tokens(cleaned(words))
        ranked = tongues(given, self.languages, self.lexicon)
        name = stranger(given, self.strangers, ranked[0][1] if ranked else 0)
        if name or not ranked:
            return refused(words, "language", self._cannot_read(name or "Chinese"))
        first = _Attempt(self, ranked[0][0], words, given, answers, base).reading()
        unknown = {token.folded for each in first.accounted if each.means == "not known" for token in tokens(each.words)}
        if unknown:
            # Words that another language knows as its own: the request may be in that one.
            for language, _ in ranked[1:]:
                if unknown <= language.written:
                    second = _Attempt(self, language, words, given, answers, base).reading()
                    return second if second.outcome == "spec" else first
        return first

    def _cannot_read(self, name: str) -> str:
        names = [each.name for each in self.languages.values()]
        return f"This looks like {name}, which Assay does not read yet. It reads {', '.join(names[:-1])} and {names[-1]}."

    def known(self, language: Language) -> Known:
        if language.code not in self._known:
            self._known[language.code] = Known.of(language, self.lexicon)
        return self._known[language.code]

    def question(self, spec: Spec) -> Question:
        """The spec's question. Raises what `resolve_question` raises, and BadQuestion for what no question can hold."""
        try:
            asked = spec.asked()
        except ValidationError as error:
            raise BadQuestion(error.errors()[0]["msg"]) from error
        return resolve_question(spec.metrics, asked, self.lexicon.workspace, self.now(), self.scope)


@dataclass
class _Attempt:
    """One reading in one language."""

    reader: Reader
    language: Language
    words: str
    given: tuple[Any, ...]
    answers: dict[str, str]
    base: Spec | None
    spans: list[Span] = field(default_factory=list)

    def reading(self) -> Reading:
        lexicon, language = self.reader.lexicon, self.language
        mended = mend(self.given, self.reader.known(language))
        self.spans = cover(mended, language, lexicon, forced_by(self.answers), is_edit=self.base is not None)
        draft = sorted_out(self.spans, language)
        if "window" in self.answers:
            draft.windows = [window_span(self.answers["window"])]
        if draft.says_nothing:
            return self._refused("empty", "These words say nothing about figures; say, for example, “claims by region”.")
        chosen = choose(draft, lexicon, language, metric_answered(self.answers), self.base.metrics if self.base else ())
        if chosen.fit is None:
            return self._no_metric(draft, chosen)
        metrics = [lexicon.metric(each) for each in chosen.fit.metrics]
        unread = left_unread(draft, metrics, language)
        if unread.measures:
            return self._nothing_for(self._around(unread.measures), chosen.fit.metrics, chosen)
        wall = to_wall(self.reader.now(), lexicon.workspace.zone)
        own = own_dimensions(chosen, lexicon, language)
        if self.base is not None:
            built = edited(self.base, draft, chosen, lexicon, wall, self.answers, own)
        else:
            built = build(draft, chosen.fit, lexicon, wall, self.answers, own)
            built.asks += doubts(Read(draft, chosen.fit, language, lexicon))
        for words, is_by in _unknown(unread.unknown, draft):
            built.asks.append(self._ask_unknown(words, metrics, is_by=is_by))
        share = number_of_no_number(draft, metrics, language)
        if share is not None and "metric" not in self.answers:
            built.asks.insert(0, self._ask_share(share, chosen))
        accounted = accounts(self.spans, chosen.fit, unread)
        return self._checked(built, accounted)

    def _checked(self, built: Built, accounted: Any) -> Reading:
        if built.refusal:
            return self._refused(*built.refusal, accounted=accounted)
        metrics = [self.reader.lexicon.metric(each) for each in built.spec.metrics]
        lacks = None if built.asks else why_not(built.spec, metrics)
        if lacks:
            return self._refused("not_possible", lacks, accounted=accounted)
        if built.asks:
            unique = {each.ask_id: each for each in reversed(built.asks)}
            asked = tuple(unique.values())[::-1][:_MOST_QUESTIONS]
            return asking(self.words, asked, language=self.language.code, accounted=accounted)
        try:
            question = self.reader.question(built.spec)
        except AssayError as error:
            if error.extra.get("field") == "window" and built.spec.window is None:
                return asking(self.words, (_ask_window(error),), language=self.language.code, accounted=accounted)
            reason = f"{error.detail.rstrip('.')}." + (f" {error.mend[0].upper()}{error.mend[1:]}." if error.mend else "")
            for metric_id in built.spec.metrics:
                reason = reason.replace(metric_id, self.reader.lexicon.metric(metric_id).label)
            return self._refused("not_possible", reason, accounted=accounted)
        note = self.reader.note(question) if self.reader.note else None
        return Reading(
            "spec", self.words, spec=built.spec, language=self.language.code, accounted=accounted,
            sentence=f"{describe(built.spec, question)}{_repairs(accounted)}", note=note,
            explains=any(each.is_("explain") for each in self.spans),
        )  # fmt: skip

    def _refused(self, code: Any, reason: str, **more: Any) -> Reading:
        return refused(self.words, code, reason, language=self.language.code, **more)

    def _no_metric(self, draft: Draft, chosen: Chosen) -> Reading:
        accounted = accounts(self.spans, None, None)
        if chosen.asks:
            return asking(self.words, tuple(chosen.asks), language=self.language.code, accounted=accounted)
        unread = [each for each in draft.unread if not each.by]
        if not unread and not draft.unread:
            ask = ask_any_metric(self.reader.lexicon, draft)
            return asking(self.words, (ask,), language=self.language.code, accounted=accounted)
        words = self._around([unread or draft.unread])
        return self._nothing_for(words, chosen.hinted, chosen)

    def _nothing_for(self, words: str, hinted: tuple[str, ...], chosen: Chosen) -> Reading:
        lexicon = self.reader.lexicon
        accounted = accounts(self.spans, chosen.fit, None)
        likely: tuple[str, ...] = ()
        if "metric" not in self.answers:
            likely = likely_metrics(words, lexicon) or (metrics_near(words, lexicon) if chosen.fit is None else ())
        if likely:
            # `repair coast`: a word of its own, and one letter away from what the catalog knows.
            choices = tuple(Choice(lexicon.metric(each).label, f"metric:{each}") for each in likely)
            ask = Ask(ask_id("metric", words), "metric", f"Which metric do you mean by “{words}”?", words, choices)
            return asking(self.words, (ask,), language=self.language.code, accounted=accounted)
        ids = nearest_metrics(words, hinted, lexicon, self.language)
        labels = ", ".join(lexicon.metric(each).label for each in ids)
        reason = f"There is no metric for “{words}”; the nearest are: {labels}."
        return self._refused("no_metric", reason, nearest=ids, accounted=accounted)

    def _around(self, runs: list[list[Named]]) -> str:
        """Words of measure with the metric next to them: `average claim amount`."""
        start = min(each.span.start for run in runs for each in run)
        end = max(each.span.end for run in runs for each in run)
        for span in self.spans:
            if (span.stands_for("metric") or span.stands_for("value")) and (span.end == start or span.start == end):
                start, end = min(start, span.start), max(end, span.end)
        return shown([token for span in self.spans if start <= span.start < end for token in tokens(span.words)])

    def _ask_unknown(self, words: str, metrics: list[Metric], *, is_by: bool) -> Ask:
        """What comes nearest by its letters; else by what the metric can be divided, and which other metrics there are."""
        lexicon = self.reader.lexicon
        choices = near_choices(words, lexicon)
        if not choices:
            dimensions = [each for metric in metrics[:1] for each in metric.dimensions.values()][: _FEW if is_by else 2]
            choices = tuple(Choice(f"by {each.label.lower()}", f"dimension:{each.key}") for each in dimensions)
        if not choices or not is_by:
            ids = [
                each for each in nearest_metrics(words, (), lexicon, self.language) if lexicon.metric(each) not in metrics
            ]
            choices += tuple(Choice(f"{lexicon.metric(each).label} instead", f"metric:{each}") for each in ids[:2])
        return ask_word(words, choices)

    def _ask_share(self, share: Span, chosen: Chosen) -> Ask:
        assert chosen.fit is not None
        metric = self.reader.lexicon.metric(chosen.fit.metrics[0])
        unit = metric.unit or "without a unit"
        text = f"“{share.words}” asks for a number, and {metric.label} is {unit}. Shall it be shown all the same?"
        words = next((each.span.words for each in chosen.spans.values()), share.words)
        return Ask("metric", "metric", text, words, (Choice(metric.label, f"metric:{metric.metric_id}"),))


def _repairs(accounted: tuple[Accounted, ...]) -> str:
    """What was read as another word than was written, where that decided something."""
    told = [f"“{each.words}” as “{each.mended}”" for each in accounted if each.mended and each.became != "nothing"]
    return f" Read: {', '.join(told)}." if told else ""


def _unknown(runs: list[list[Named]], draft: Draft) -> Iterator[tuple[str, bool]]:
    """What is to be asked about, and whether it stands behind `by`; a threshold with its unit: `over 1000 miles`."""
    units = {run[0].span.start: run for run in runs}
    behind = [units.get(each.span.end) for each in draft.numbers]
    yield from ((said(run), any(each.by for each in run)) for run in runs if run not in behind)
    yield from ((each.words, each.is_("by")) for each in draft.loose)
    yield from (
        (f"{each.span.words} {said(run)}" if run else each.span.words, False)
        for each, run in zip(draft.numbers, behind, strict=True)
    )


def said(run: list[Named]) -> str:
    return shown([token for each in run for token in tokens(each.span.words)])


def _ask_window(error: AssayError) -> Ask:
    names = ("trailing_7d", "trailing_30d", "trailing_90d", "month_to_date", "year_to_date")
    choices = tuple(Choice(each.replace("_", " "), f"window:{each}") for each in names)
    text = f"{error.detail[0].upper()}{error.detail[1:]}. Which window shall be taken?"
    return Ask("window", "window", text, "", choices)

"""What a person has answered, as the reader takes it: words whose meaning is settled, and parts that are chosen."""

from collections.abc import Iterable, Mapping
from typing import get_args

from assay.catalog.windows import Compare
from assay.errors import BadQuestion
from assay.widgets.words.asks import folded_words
from assay.widgets.words.cover import Span
from assay.widgets.words.lexicon import EXACT, Lexicon, Meant
from assay.widgets.words.outcome import LEAVE_OUT, Ask, DaysSpec


def still_meant(answers: Mapping[str, str], lexicon: Lexicon) -> dict[str, str]:
    """Without those that mean nothing (any more): the catalog may have moved since the question was put."""
    found: dict[str, str] = {}
    for ask_id, value in answers.items():
        kind, _, rest = value.partition(":")
        is_gone = kind == "metric" and rest not in lexicon.workspace.metrics
        if not is_gone and not (kind == "compare" and rest not in get_args(Compare)):
            found[ask_id] = value
    return found


def check_choices(questions: Iterable[Ask], answers: Mapping[str, str], before: Mapping[str, str]) -> None:
    """Raises BadQuestion for an answer to what is not asked, and for one that is none of the choices.

    `before`: what was answered already, and may be said again.
    """
    offered = {each.ask_id: each for each in questions}
    for ask_id, value in answers.items():
        field = f"answers.{ask_id[:80]}"
        if ask_id not in offered:
            if before.get(ask_id) == value:
                continue
            raise BadQuestion(
                f"answers: no question {ask_id[:80]!r} is open.", mend="answer the questions last told", field=field
            )
        choices = offered[ask_id].choices
        if value not in {each.value for each in choices}:
            listed = ", ".join(f"{each.value} ({each.label})" for each in choices)
            raise BadQuestion(
                f"answers: “{value[:80]}” is none of the choices for {ask_id[:80]!r}.",
                mend=f"send one of: {listed}", field=field,
            )  # fmt: skip


def metric_answered(answers: Mapping[str, str]) -> str | None:
    return next((value.partition(":")[2] for value in answers.values() if value.startswith("metric:")), None)


def forced_by(answers: Mapping[str, str]) -> dict[str, Span]:
    """By the folded words that were asked about: how they are to be read."""
    found: dict[str, Span] = {}
    for ask_id, value in answers.items():
        _, colon, words = ask_id.partition(":")
        if value.startswith(f"{LEAVE_OUT}:"):
            # One part of the words that were asked about.
            words, value = folded_words(value.partition(":")[2]), LEAVE_OUT
        span = _span(value) if colon else None
        if span is not None:
            found[words] = span
    return found


def _span(value: str) -> Span | None:
    kind, _, rest = value.partition(":")
    if value == LEAVE_OUT:
        return Span(0, 0, "stop", "", meaning="left_out")
    if kind in ("window", "days"):
        return window_span(value)
    if kind == "compare":
        return Span(0, 0, "phrase", "", meaning=f"compare.{rest}")
    if kind in ("metric", "dimension"):
        return Span(0, 0, "term", "", meant=(Meant(kind, rest, None, EXACT + 1, ()),))
    if kind == "value":
        key, _, chosen = rest.partition("=")
        return Span(0, 0, "term", "", meant=(Meant("value", key, chosen, EXACT + 1, ()),))
    return None


def window_span(value: str) -> Span:
    kind, _, rest = value.partition(":")
    if kind == "days":
        start, _, end = rest.partition("..")
        return Span(0, 0, "phrase", "", meaning="window.given", slots=(DaysSpec(start, end),))
    return Span(0, 0, "phrase", "", meaning="window.given", slots=(rest,))

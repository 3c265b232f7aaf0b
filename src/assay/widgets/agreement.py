"""Two readings of the same words, the reader's and a model's: what comes of them together. Pure.

The words decide; a model is never taken silently. Where both read everything and agree, that is said; where they do
not, or the words alone leave something open, the model's reading is a choice that a person may make.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from assay.compiler.question import Question
from assay.widgets.clarify_events import ClarifyChoice, ClarifyNearest, ClarifyQuestion, ReadBy
from assay.widgets.words.outcome import Ask, Reading, Spec

BY_MODEL, BY_WORDS, BY_NEITHER = "reading:model", "reading:words", "reading:none"
OPEN_REFUSALS = ("language", "no_metric")
"""What the reader cannot read, and a model may. Whatever else is declined is final, and no model is asked."""
_WORDS_ALONE = "Only the words were read: "


@dataclass(frozen=True, slots=True)
class Checked:
    """A model's reading, held against the catalog."""

    spec: Spec
    question: Question
    sentence: str
    left_out: tuple[str, ...]
    """Words of the request that it could not express, as it says itself."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """A model was asked and has no say, with the reason; `reason` None: none was asked."""

    reason: str | None = None


Opinion = Checked | Unheard


@dataclass(frozen=True, slots=True)
class Read:
    spec: Spec
    read_by: ReadBy
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    questions: tuple[ClarifyQuestion, ...]
    proposed: Spec | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declined:
    code: str
    reason: str
    nearest: tuple[ClarifyNearest, ...] = ()
    notes: tuple[str, ...] = ()


Outcome = Read | Asking | Declined


def weigh(
    reading: Reading, opinion: Opinion, question_of: Callable[[Spec], Question], label: Callable[[str], str]
) -> Outcome:
    """`question_of` resolves a spec that the reader has checked; `label` names a metric."""
    notes = (_WORDS_ALONE + opinion.reason,) if isinstance(opinion, Unheard) and opinion.reason else ()
    heard = opinion if isinstance(opinion, Checked) else None
    if reading.outcome == "questions":
        return _with_a_choice(reading, heard, notes)
    if reading.spec is None:
        nearest = tuple(ClarifyNearest(metric_id=each, label=label(each)) for each in reading.nearest)
        declined = Declined(reading.code or "", reason_of(reading), nearest, notes)
        return _rescued(declined, heard) if heard and reading.code in OPEN_REFUSALS else declined
    if heard is None:
        return Read(reading.spec, "words", notes)
    return _compared(reading, heard, question_of(reading.spec))


def reason_of(reading: Reading) -> str:
    return reading.reason or ""


def _compared(reading: Reading, heard: Checked, question: Question) -> Outcome:
    assert reading.spec is not None
    weighty, slight = differences(question, heard.question)
    if weighty:
        text = f"The words and the model read this differently ({', '.join(weighty)}). Which is meant?"
        choices = [ClarifyChoice(label=reading.sentence or "", value=BY_WORDS),
                   ClarifyChoice(label=_offered(heard), value=BY_MODEL)]  # fmt: skip
        asked = ClarifyQuestion(id="reading", kind="reading", text=text, words=reading.words, choices=choices)
        return Asking((asked,), heard.spec)
    if slight:
        note = f"The words decided; the model agrees but for {' and '.join(slight)}: it read {heard.sentence}"
        return Read(reading.spec, "words", (note,))
    return Read(reading.spec, "words and model")


def differences(words: Question, model: Question) -> tuple[list[str], list[str]]:
    """(what a person has to settle, what the words settle)."""
    weighty = {
        "metric": ({each.metric_id for each in words.metrics}, {each.metric_id for each in model.metrics}),
        "window": (_window(words), _window(model)),
        "filters": (_filters(words), _filters(model)),
        "thresholds": (_thresholds(words), _thresholds(model)),
    }
    slight = {
        "how it is divided": (set(words.dimension_names()), set(model.dimension_names())),
        "the grain": (words.grain, model.grain),
        "the comparison": (words.compare, model.compare),
        "the order": (words.order, model.order),
        "the limit": ((words.limit, words.others), (model.limit, model.others)),
    }
    found = [[name for name, (one, other) in group.items() if one != other] for group in (weighty, slight)]
    return found[0], found[1]


def _window(question: Question) -> tuple[datetime, datetime] | None:
    """`to date` ends now and `until tomorrow` later: what has not happened yet makes no difference."""
    bounds = question.bounds
    if bounds is None:
        return None
    return bounds.start, min(bounds.end, question.as_of) if bounds.start < question.as_of else bounds.end


def _filters(question: Question) -> set[tuple[str, str, frozenset[object]]]:
    """`is one of` with one value is `is`."""
    single = {"in": "eq", "not_in": "ne"}
    return {
        (each.dimension.name, single.get(each.op, each.op) if len(each.values) == 1 else each.op, frozenset(each.values))
        for each in question.filters
    }


def _thresholds(question: Question) -> set[tuple[object, ...]]:
    """Which groups are shown, and of whom is told."""
    groups: set[tuple[object, ...]] = {(each.by, each.op, each.value) for each in question.having}
    looked_at = (each.whose for each in question.whose)
    return groups | {(each.dimension.name, each.metric.metric_id, each.op, each.value) for each in looked_at}


def _with_a_choice(reading: Reading, heard: Checked | None, notes: tuple[str, ...]) -> Asking:
    questions = tuple(question_of_reader(each) for each in reading.questions)
    if heard is None:
        return Asking(questions, None, notes)
    first = questions[0]
    offered = ClarifyChoice(label=f"The model reads it as: {_offered(heard)}", value=BY_MODEL)
    return Asking((first.model_copy(update={"choices": [offered, *first.choices]}), *questions[1:]), heard.spec, notes)


def _rescued(declined: Declined, heard: Checked) -> Asking:
    text = f"{declined.reason} A model reads it as a widget all the same. Is that meant?"
    choices = [ClarifyChoice(label=f"The model reads it as: {_offered(heard)}", value=BY_MODEL),
               ClarifyChoice(label="No, this is not meant", value=BY_NEITHER)]  # fmt: skip
    return Asking((ClarifyQuestion(id="reading", kind="reading", text=text, words="", choices=choices),), heard.spec)


def question_of_reader(asked: Ask) -> ClarifyQuestion:
    return ClarifyQuestion.model_validate(asked.body())


def _offered(heard: Checked) -> str:
    left = ", ".join(f"“{each}”" for each in heard.left_out)
    return f"{heard.sentence} (It leaves out {left}.)" if left else heard.sentence

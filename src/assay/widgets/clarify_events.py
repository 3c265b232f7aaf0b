"""What the clarifier tells, one event at a time: a tagged union, so that a page can switch over all of it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assay.errors import AssayError
from assay.widgets.widget import Widget
from assay.widgets.words.outcome import MAX_ROUNDS

StageName = Literal["context", "intent", "metric", "gaps", "ask", "spec", "check", "preview"]
ReadBy = Literal["words", "model", "words and model"]


class ClarifyStage(BaseModel):
    """A step. `ms` is null where it only begins and may take long: the same stage is told again when it is over."""

    event: Literal["stage"] = "stage"
    session_id: str
    stage: StageName
    label: str
    ms: float | None


class ClarifyGap(BaseModel):
    words: str
    why: str


class ClarifyGaps(BaseModel):
    """What the words leave open."""

    event: Literal["gaps"] = "gaps"
    gaps: list[ClarifyGap]


class ClarifyChoice(BaseModel):
    label: str
    value: str


class ClarifyQuestion(BaseModel):
    """`reading`: which of several readings of all the words is meant; its answer settles the other questions too."""

    id: str
    kind: Literal["metric", "dimension", "value", "window", "word", "order", "filter", "reading"]
    text: str
    words: str
    choices: list[ClarifyChoice]


class ClarifyQuestions(BaseModel):
    event: Literal["questions"] = "questions"
    round: int
    of: int = MAX_ROUNDS
    questions: list[ClarifyQuestion]
    notes: list[str]


class ClarifyAccounted(BaseModel):
    """Which words became what; `mended`: what a misspelling was read as."""

    words: str
    became: str
    means: str
    mended: str | None


class ClarifyResult(BaseModel):
    """A checked widget. Its numbers come from the ordinary questions, with their receipts."""

    event: Literal["result"] = "result"
    widget: Widget
    sentence: str
    read_by: ReadBy
    explains: bool = False
    """Whether it was asked why the figure changed. Sessions of before do not say it."""
    accounted: list[ClarifyAccounted]
    notes: list[str]


class ClarifyNearest(BaseModel):
    metric_id: str
    label: str


class ClarifyRefusal(BaseModel):
    """`draft`: no metric says this, and the dictionary can: a new one may be drafted from the words."""

    event: Literal["refusal"] = "refusal"
    code: str
    reason: str
    nearest: list[ClarifyNearest]
    draft: bool
    notes: list[str]


class ClarifyProblem(BaseModel):
    """RFC 9457 problem details."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    kind: str
    detail: str
    mend: str | None


class ClarifyError(BaseModel):
    event: Literal["error"] = "error"
    problem: ClarifyProblem


ClarifyEvent = Annotated[
    ClarifyStage | ClarifyGaps | ClarifyQuestions | ClarifyResult | ClarifyRefusal | ClarifyError,
    Field(discriminator="event"),
]


def error_event(error: AssayError) -> ClarifyError:
    return ClarifyError(problem=ClarifyProblem(**error.problem()))

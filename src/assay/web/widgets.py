"""Widgets from words, over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from assay.compiler.question import AskedMetrics
from assay.web.room import Room
from assay.web.wiring import Sees
from assay.widgets.widget import DrawnKind
from assay.widgets.words.outcome import Stacking, read_spec
from assay.widgets.words.values import LivingReader

router = Room("widgets", "/v1/widgets")


async def _living(request: Request, sees: Sees) -> LivingReader:
    return request.app.state.words.of(sees)


Words = Annotated[LivingReader, Depends(_living)]


class SpecBody(AskedMetrics):
    """A question with a way to draw it."""

    kind: DrawnKind
    stacking: Stacking | None = Field(default=None, exclude_if=lambda stacking: stacking is None)


class WordsIn(BaseModel):
    """`spec`: the words are an edit of it. `answers`: by question id, what was chosen so far."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field(max_length=100_000)
    spec: SpecBody | None = None
    answers: dict[str, Annotated[str, Field(max_length=1_000)]] = Field(default_factory=dict, max_length=40)
    rounds: int = Field(default=0, ge=0, le=10)


class ChoiceOut(BaseModel):
    label: str
    value: str


class AskOut(BaseModel):
    id: str
    kind: Literal["metric", "dimension", "value", "window", "word", "order", "filter"]
    text: str
    words: str
    choices: list[ChoiceOut]


class AccountedOut(BaseModel):
    """Which words became what; `mended`: what a misspelling was read as."""

    words: str
    as_: str = Field(alias="as")
    means: str
    mended: str | None


class ReadingOut(BaseModel):
    outcome: Literal["spec", "questions", "refusal"]
    spec: SpecBody | None
    questions: list[AskOut]
    reason: str | None
    code: str | None
    nearest: list[str]
    sentence: str | None
    explains: bool = Field(description="it was asked why the figure changed: ask for the explanation of the spec's change")
    note: str | None
    language: str | None
    reader: Literal["words"]
    rounds: int
    accounted: list[AccountedOut]


@router.post("/read", response_model=ReadingOut)
async def read_words(given: WordsIn, words: Words) -> dict[str, Any]:
    """Read words as a widget, or as an edit of one: a checked spec, questions, or a refusal with its reason."""
    reader = await words.reader()
    base = read_spec(given.spec.model_dump(mode="json")) if given.spec else None
    return (await words.read_answered(reader, given.words, given.answers, base, given.rounds)).body()

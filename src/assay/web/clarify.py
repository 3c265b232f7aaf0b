"""Widgets from words, in a session: server-sent events, one JSON event each, until something is asked or it is over."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from assay.errors import BadQuestion
from assay.web.events import Events, streamed, written
from assay.web.guard import encoded
from assay.web.room import Room
from assay.web.wiring import Sees
from assay.widgets.clarifier import Clarifier
from assay.widgets.clarify_events import ClarifyEvent
from assay.widgets.clarify_session import MAX_WORDS
from assay.widgets.widget import Widget

router = Room("widgets", "/v1/widgets/clarify")
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"model": ClarifyEvent, "description": "each event's data is one such message"}
}


async def _clarifier(request: Request) -> Clarifier:
    return request.app.state.clarifier


Clarify = Annotated[Clarifier, Depends(_clarifier)]
SessionId = Annotated[str, Path(max_length=40)]


class ClarifyIn(BaseModel):
    """`editing`: the words are an edit of this widget."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field(max_length=MAX_WORDS)
    editing: Widget | None = None


class ClarifyAnswersIn(BaseModel):
    """By question id, the value of the choice. `round`: the one that is answered; one that is over changes nothing."""

    model_config = ConfigDict(extra="forbid")

    answers: dict[Annotated[str, Field(max_length=1_000)], Annotated[str, Field(max_length=1_000)]] = Field(max_length=40)
    round: int | None = Field(default=None, ge=1, le=10)


class ClarifySessionOut(BaseModel):
    """`answers`: what the person has answered so far, by question id; the questions stand in the events."""

    session_id: str
    words: str
    editing: Widget | None
    state: Literal["reading", "asking", "ready", "refused", "failed"]
    round: int
    answers: dict[str, str]
    events: list[ClarifyEvent]


@router.post("", responses=_EVENTS, response_class=Events)
async def clarify(given: ClarifyIn, clarifier: Clarify, sees: Sees) -> Events:
    """Read words as a widget, step by step. The stream ends with questions, a result, a refusal or an error."""
    if given.editing is not None and given.editing.kind == "text":
        raise BadQuestion("a text is edited as it is written, not by words", field="editing.kind")
    return streamed(written(await clarifier.begin(given.words, given.editing, sees)))


@router.post("/{session_id}/answers", responses=_EVENTS, response_class=Events)
async def answer_questions(
    session_id: SessionId, given: ClarifyAnswersIn, clarifier: Clarify, sees: Sees
) -> Events:  # fmt: skip
    """Go on with a session, here or after a restart. Answers to a round that is over are told what came of it."""
    return streamed(written(await clarifier.answer(session_id, given.answers, given.round, sees)))


@router.get("/{session_id}", response_model=ClarifySessionOut)
async def clarify_session(session_id: SessionId, clarifier: Clarify, sees: Sees) -> Response:
    """The session as it stands, with every event told so far."""
    session = await clarifier.session(session_id, sees)
    body = {
        "session_id": session.session_id, "words": session.words,
        "editing": session.editing and session.editing.model_dump(mode="json"),
        "state": session.state, "round": session.round, "answers": session.answers, "events": session.events,
    }  # fmt: skip
    # As it was told: events of an older version are not read anew.
    return Response(encoded(body), media_type="application/json", headers={"cache-control": "no-store"})

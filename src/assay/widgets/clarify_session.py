"""A session of the clarifier: words, the answers given so far and every event told; what is kept and read back.

Words are data: they are bounded, kept for a week, and never logged.
"""

import secrets
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import BaseModel

from assay.errors import BadQuestion
from assay.people.scope import EVERYTHING
from assay.store.clarify import StoredSession
from assay.widgets.clarify_events import ClarifyQuestion
from assay.widgets.drawing import spec_of
from assay.widgets.widget import Widget
from assay.widgets.words.outcome import Spec, read_spec

MAX_WORDS = 2_000
State = Literal["reading", "asking", "ready", "refused", "failed"]
_OUTCOMES = ("questions", "result", "refusal", "error")


@dataclass
class Session:
    session_id: str
    words: str
    editing: Widget | None = None
    scope: str = EVERYTHING.key
    """The key of what is seen by whoever began it."""
    state: State = "reading"
    version: int = 1
    round: int = 0
    """Rounds of questions put so far."""
    answers: dict[str, str] = field(default_factory=dict)
    pending: list[ClarifyQuestion] = field(default_factory=list)
    proposed: Spec | None = None
    """The model's reading, while it is offered."""
    notes: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def base(self) -> Spec | None:
        return spec_of(self.editing) if self.editing else None

    @property
    def is_over(self) -> bool:
        return self.state in ("ready", "refused")

    def copied(self) -> "Session":
        return replace(self, answers=dict(self.answers), pending=list(self.pending), notes=list(self.notes),
                       events=list(self.events))  # fmt: skip

    def tell(self, *events: BaseModel) -> list[dict[str, Any]]:
        told = [each.model_dump(mode="json") for each in events]
        self.events += told
        return told

    def last_told(self) -> list[dict[str, Any]]:
        """The outcome as it stands, with the gaps it speaks of."""
        at = max((index for index, each in enumerate(self.events) if each["event"] in _OUTCOMES), default=None)
        if at is None:
            return []
        return [each for each in self.events[max(0, at - 3) : at + 1] if each["event"] in ("gaps", *_OUTCOMES)]


def new_session(words: str, editing: Widget | None, scope: str) -> Session:
    """The store keeps no NUL; it means nothing to the reader either."""
    return Session(secrets.token_urlsafe(16), words.replace("\x00", " "), editing, scope)


def taken_answers(session: Session, answers: dict[str, str], round_seen: int | None) -> dict[str, str] | None:
    """What is new in these answers; None where they are of a round that is over. Raises BadQuestion, with the field."""
    if session.is_over or (round_seen is not None and round_seen != session.round):
        return None
    pending = {each.id: each for each in session.pending}
    strange = [name for name in answers if name not in pending]
    if strange:
        if all(session.answers.get(name) == value for name, value in answers.items()):
            return None
        raise BadQuestion(
            f"answers: no question {strange[0][:80]!r} is open.", mend="answer the questions last told",
            field=f"answers.{strange[0][:80]}",
        )  # fmt: skip
    for name, value in answers.items():
        if value not in {each.value for each in pending[name].choices}:
            raise BadQuestion(
                f"answers: {name} has no such choice.", mend="send the value of a choice", field=f"answers.{name}"
            )
    if pending and not answers:
        return None
    return answers


def stored(session: Session) -> StoredSession:
    document = {
        "editing": session.editing and session.editing.model_dump(mode="json", exclude_defaults=True),
        "scope": session.scope,
        "answers": session.answers,
        "pending": [each.model_dump(mode="json") for each in session.pending],
        "proposed": session.proposed and session.proposed.body(),
        "notes": session.notes,
        "events": session.events,
    }
    return StoredSession(session.session_id, session.version, session.state, session.round, session.words, document)


def restored(kept: StoredSession) -> Session:
    document = kept.document
    return Session(
        kept.session_id, kept.words, document["editing"] and Widget.model_validate(document["editing"]),
        document.get("scope", EVERYTHING.key),
        kept.state,  # pyright: ignore[reportArgumentType]
        kept.version, kept.round, document["answers"],
        [ClarifyQuestion.model_validate(each) for each in document["pending"]],
        document["proposed"] and read_spec(document["proposed"]), document["notes"], document["events"],
    )  # fmt: skip

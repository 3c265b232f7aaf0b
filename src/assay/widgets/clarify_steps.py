"""The clarifier's steps, in order; each is a small function and is told as it ends.

load context -> read intent -> match metric -> find gaps -> ask (pause) -> build spec -> check -> preview
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pydantic import BaseModel

from assay.answers.resolve import Corridor
from assay.compiler.question import Question
from assay.errors import AssayError, DraftDeclined
from assay.widgets.agreement import BY_MODEL, OPEN_REFUSALS, Asking, Declined, Opinion, Outcome, Read, Unheard, weigh
from assay.widgets.clarify_events import (
    ClarifyAccounted,
    ClarifyGap,
    ClarifyGaps,
    ClarifyQuestions,
    ClarifyRefusal,
    ClarifyResult,
    ClarifyStage,
    StageName,
)
from assay.widgets.clarify_session import Session
from assay.widgets.drawing import edited_widget, new_widget
from assay.widgets.second_reader import SecondReader
from assay.widgets.widget import Widget
from assay.widgets.words.describe import describe
from assay.widgets.words.outcome import Reading
from assay.widgets.words.reader import Reader
from assay.widgets.words.values import LivingReader

_WHY = {
    "metric": "names no single metric", "dimension": "may mean several ways to divide", "value": "may mean several values",
    "window": "does not say which days", "word": "is not known", "order": "does not say by what",
    "filter": "does not say which rows", "reading": "is read in two ways",
}  # fmt: skip


@dataclass
class Work:
    """What the steps hand on to each other."""

    session: Session
    taken: dict[str, str]
    """What the person has answered just now."""
    words: LivingReader
    corridor: Corridor
    second: SecondReader
    reader: Reader = field(init=False)
    reading: Reading | None = None
    opinion: asyncio.Task[Opinion] | None = None
    outcome: Outcome = field(init=False)
    question: Question = field(init=False)
    widget: Widget = field(init=False)

    def leave(self) -> None:
        """Whoever leaves leaves nothing at work."""
        if self.opinion is not None:
            self.opinion.cancel()


Events = tuple[BaseModel, ...]


async def load_context(work: Work) -> Events:
    work.reader = await work.words.reader()
    return ()


async def read_intent(work: Work) -> Events:
    """The words are read; a model, where there is one, begins to read beside them."""
    session = work.session
    session.answers |= work.taken
    if BY_MODEL in work.taken.values() and session.proposed is not None:
        return ()
    answers = {name: value for name, value in session.answers.items() if not value.startswith("reading:")}
    work.reading = await work.words.read(work.reader, session.words, answers, session.base, session.round)
    is_final = work.reading.outcome == "refusal" and work.reading.code not in OPEN_REFUSALS
    if session.round or is_final or not work.second.is_configured:
        return ()
    work.opinion = asyncio.create_task(work.second.read(session.words, work.reader, work.reading))
    return (ClarifyStage(session_id=session.session_id, stage="metric", label="Asking the model as well", ms=None),)


async def match_metric(work: Work) -> Events:
    """One outcome of the readings there are."""
    session = work.session
    if work.reading is None:
        assert session.proposed is not None
        work.outcome = Read(session.proposed, "model", tuple(session.notes))
        return ()
    opinion = await work.opinion if work.opinion else Unheard()
    outcome = weigh(work.reading, opinion, work.reader.question, lambda each: work.reader.lexicon.metric(each).label)
    session.notes += outcome.notes
    work.outcome = outcome
    return ()


async def find_gaps(work: Work) -> Events:
    if not isinstance(work.outcome, Asking):
        return ()
    return (ClarifyGaps(gaps=[ClarifyGap(words=each.words, why=_WHY[each.kind]) for each in work.outcome.questions]),)


async def ask(work: Work) -> Events:
    """Here the work pauses where something is open, or ends where it is declined."""
    session = work.session
    match work.outcome:
        case Asking(questions, proposed):
            session.state, session.round = "asking", session.round + 1
            session.pending, session.proposed = list(questions), proposed
            return (ClarifyQuestions(round=session.round, questions=session.pending, notes=session.notes),)
        case Declined() as declined:
            draft = declined.code == "no_metric" and await _can_be_drafted(session.words, work)
            return (_refuse(session, declined, draft),)
        case Read():
            session.pending = []
            return ()


async def _can_be_drafted(words: str, work: Work) -> bool:
    try:
        await work.words.draft(work.reader, words)
    except DraftDeclined:
        return False
    return True


def _refuse(session: Session, declined: Declined, draft: bool = False) -> ClarifyRefusal:
    session.state, session.pending = "refused", []
    return ClarifyRefusal(
        code=declined.code, reason=declined.reason, nearest=list(declined.nearest), draft=draft, notes=session.notes
    )


async def build_spec(work: Work) -> Events:
    assert isinstance(work.outcome, Read)
    spec, editing = work.outcome.spec, work.session.editing
    try:
        work.question = work.reader.question(spec)
    except AssayError as error:
        return (_refuse(work.session, Declined("not_possible", error.detail)),)
    work.widget = edited_widget(spec, work.question, editing, work.reader) if editing else new_widget(spec, work.question)
    return ()


async def check(work: Work) -> Events:
    """Routed, compiled and judged as any question is; only the engine is not asked yet."""
    try:
        catalog = work.corridor.catalog
        _, backend = work.corridor.route(work.question, catalog)
        catalog.statement(work.question, backend)
    except AssayError as error:
        return (_refuse(work.session, Declined("not_possible", error.detail)),)
    return ()


async def preview(work: Work) -> Events:
    """The widget with what it says, in words; the page asks for its numbers."""
    assert isinstance(work.outcome, Read)
    work.session.state = "ready"
    accounted = work.reading.accounted if work.reading else ()
    told = [ClarifyAccounted(words=e.words, became=e.became, means=e.means, mended=e.mended) for e in accounted]
    return (
        ClarifyResult(
            widget=work.widget, sentence=describe(work.outcome.spec, work.question), read_by=work.outcome.read_by,
            explains=work.reading is not None and work.reading.explains and work.outcome.read_by != "model",
            accounted=told, notes=work.session.notes,
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    stage: StageName
    label: str
    run: Callable[[Work], Awaitable[Events]]


STEPS = (
    Step("context", "Opening the catalog", load_context),
    Step("intent", "Reading the words", read_intent),
    Step("metric", "Matching the metric", match_metric),
    Step("gaps", "Looking for gaps", find_gaps),
    Step("ask", "Asking what is open", ask),
    Step("spec", "Building the widget", build_spec),
    Step("check", "Checking it against the catalog", check),
    Step("preview", "Preparing the preview", preview),
)

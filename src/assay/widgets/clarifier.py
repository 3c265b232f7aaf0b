"""The clarifier: words to a checked widget, in a session that any process can go on with.

What a session holds is written before it pauses or ends. Of two who answer the same round one is taken; the other is
told what came of it.
"""

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from assay.answers.resolve import Corridor
from assay.errors import AssayError, NotFound
from assay.people.scope import Scope
from assay.store.clarify import begin_session, find_session, save_session
from assay.store.database import Database
from assay.widgets.clarify_events import ClarifyStage, error_event
from assay.widgets.clarify_session import Session, new_session, restored, stored, taken_answers
from assay.widgets.clarify_steps import STEPS, Work
from assay.widgets.second_reader import SecondReader
from assay.widgets.widget import Widget
from assay.widgets.words.values import LivingReader

Told = dict[str, Any]
"""One event, as it travels and as it is kept."""


@dataclass(frozen=True)
class Clarifier:
    database: Database
    words: LivingReader
    corridor: Corridor
    second: SecondReader

    async def prepare(self) -> None:
        """What the first words would wait for: the values of dimensions, and the library behind the model's door."""
        await self.words.prepare()
        await self.second.prepare()

    async def begin(
        self, words: str, editing: Widget | None, scope: Scope
    ) -> AsyncGenerator[Told, None]:  # fmt: skip
        """The events of a new session. Raises StoreUnavailable before the first."""
        session = new_session(words, editing, scope.key)
        await begin_session(self.database, stored(session))
        return self._events(session, {}, scope)

    async def answer(
        self, session_id: str, answers: dict[str, str], round_seen: int | None, scope: Scope
    ) -> AsyncGenerator[Told, None]:  # fmt: skip
        """The events that follow these answers. Raises NotFound, BadQuestion or StoreUnavailable before the first."""
        session = await self.session(session_id, scope)
        taken = taken_answers(session, answers, round_seen)
        return _as_told(session) if taken is None else self._events(session, taken, scope)

    async def session(self, session_id: str, scope: Scope) -> Session:
        """What was asked in it names values that were seen: whoever sees something else does not go on with it."""
        kept = await find_session(self.database, session_id)
        session = kept and restored(kept)
        if session is None or session.scope != scope.key:
            raise NotFound("There is no such session.", mend="send the words again: sessions are kept for a week")
        return session

    async def _events(self, session: Session, taken: dict[str, str], scope: Scope) -> AsyncGenerator[Told, None]:
        work = Work(session, taken, self.words.of(scope), self.corridor, self.second)
        before, heard = session.copied(), len(session.events)
        session.state = "reading"
        try:
            for step in STEPS:
                started = time.perf_counter()
                found = await step.run(work)
                spent = round((time.perf_counter() - started) * 1e3, 2)
                stage = ClarifyStage(session_id=session.session_id, stage=step.stage, label=step.label, ms=spent)
                told = session.tell(stage, *found)
                is_settled = session.state != "reading"
                if is_settled and not await self._keep(session):
                    told = (await self.session(session.session_id, scope)).last_told()
                heard = len(session.events)
                for each in told:
                    yield each
                if is_settled:
                    return
        except AssayError as error:
            # As before, so that the same can be answered again; but what was told stays told.
            before.state, before.events = "failed", session.events[:heard]
            told = before.tell(error_event(error))
            await self._keep_if_possible(before)
            yield told[0]
        finally:
            work.leave()

    async def _keep(self, session: Session) -> bool:
        """False where somebody else has gone on with the session meanwhile."""
        session.version += 1
        return await save_session(self.database, stored(session))

    async def _keep_if_possible(self, session: Session) -> None:
        """What failed may be the store itself: then the session stays as it was, and can be gone on with."""
        try:
            await self._keep(session)
        except AssayError:
            return


async def _as_told(session: Session) -> AsyncGenerator[Told, None]:
    for each in session.last_told():
        yield each

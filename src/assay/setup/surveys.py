"""A workspace begun from the page: read a connection that was named, look at what it offers, take what was chosen."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter

from assay.answers.resolve import Told
from assay.catalog.draft import Draft
from assay.catalog.spelling import slug, unused
from assay.errors import AlreadyThere, AssayError, BadQuestion, DraftDeclined, NotFound
from assay.live.running import Running
from assay.live.validation import validate
from assay.people.scope import Scope
from assay.settings import Settings
from assay.setup.addition import Addition, Offer, addition, offer_of, only, tried
from assay.setup.connections import Connection, connection_of, connections
from assay.setup.folder import take_in
from assay.setup.preview import Previews, as_if_taken
from assay.setup.source import Source, Tell
from assay.store.dashboards import labels_of_screen
from assay.store.surveys import KEPT_DAYS, add_survey, find_survey, mark_taken, unmark_taken
from assay.work.patience import WORKSPACE_FILES, with_files
from assay.work.places import Places
from assay.work.principal import Principal

_OFFER = TypeAdapter(Offer)
_FOLDER = "surveys"
_LONGEST_LABEL = 80


class Survey(NamedTuple):
    survey_id: str
    offer: Offer
    problem: str | None
    """Why nothing of it can be taken now."""


class Surveys:
    def __init__(self, running: Running, settings: Settings) -> None:
        self._running = running
        self._settings = settings
        self._previews = Previews(running)
        self._places = Places("Reading of databases", 2, waiting=2)
        running.closing.append(self._previews.close)

    async def connections(self) -> list[Connection]:
        workspace, home = self._running.catalog.workspace, self._running.around.home
        return await with_files("The files that may be taken in", connections, workspace, home, self._settings)

    async def read(self, connection_id: str, who: Principal) -> AsyncGenerator[str | Survey, None]:
        """Lines of how far it is, then the survey. Whoever stops listening ends it.

        Raises NotFound where nobody has named the connection; SetupFailed with the mend; Busy.
        """
        connection = connection_of(connection_id, await self.connections())
        lines, loop = asyncio.Queue[str | None](), asyncio.get_running_loop()
        is_left = False

        def tell(line: str) -> None:
            # A survey of files runs in a thread, which ends here when nobody waits for it any more.
            if is_left:
                raise _Left
            loop.call_soon_threadsafe(lines.put_nowait, line)

        async with self._places.place():
            reading = asyncio.create_task(self._read(connection, tell, who))
            reading.add_done_callback(lambda _: lines.put_nowait(None))
            try:
                while (line := await lines.get()) is not None:
                    yield line
                yield await reading
            finally:
                is_left = True
                reading.cancel()
                await asyncio.wait([reading])

    async def _read(self, connection: Connection, tell: Tell, who: Principal) -> Survey:
        survey_id, known = f"survey-{secrets.token_hex(8)}", self._running.catalog.workspace
        name = slug(connection.name.partition(".")[0], "data")[:40]
        file = self._running.around.home / _FOLDER / f"{name}-{survey_id[-6:]}.duckdb"
        await asyncio.to_thread(self._forget_files)
        try:
            source = await connection.read(file, tell)
            # Days begin where those of the workspace begin; a file is called as it was before it was taken in.
            called = name if connection.kind == "file" else source.found.database
            source = replace(source, found=replace(source.found, timezone=known.timezone, database=called))
            draft = await asyncio.to_thread(source.draft, self._running.corridor.now())
            offer = self._offer(connection, draft, source, file)
            workspace, added = await with_files(WORKSPACE_FILES, as_if_taken, offer, known)
            offer = only(offer, [each for each in added.metric_ids if each in workspace.metrics])
            document = _OFFER.dump_python(offer, mode="json")
            told = {"connection": connection.connection_id, "tables": offer.tables, "metrics": len(offer.entries)}
            await add_survey(self._running.database, survey_id, document, who.id, told)
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        return Survey(survey_id, offer, self._problem())

    def _offer(self, connection: Connection, draft: Draft, source: Source, file: Path) -> Offer:
        workspace, settings = self._running.catalog.workspace, source.connection
        if connection.kind == "backend":
            return offer_of(draft, connection.connection_id, connection.name, None, workspace)
        if connection.kind == "file":
            settings = {"path": f"{_FOLDER}/{file.name}"}
        elif "url" in settings:
            settings = {"url": f"${{{connection.name}}}"}
        backend = unused(draft.backend, set(workspace.backends))
        return offer_of(draft, connection.connection_id, backend, {"driver": source.found.driver, **settings}, workspace)

    def _forget_files(self) -> None:
        """Those of surveys that nobody has taken, once the surveys are forgotten."""
        kept = {each.file_in(self._running.around.home) for each in self._running.catalog.workspace.lakes}
        long_ago = time.time() - KEPT_DAYS * 86_400
        for each in (self._running.around.home / _FOLDER).glob("*.duckdb"):
            if each not in kept and each.stat().st_mtime < long_ago:
                each.unlink(missing_ok=True)

    async def _dashboards(self) -> set[str]:
        return {*self._running.dashboards.files, *await labels_of_screen(self._running.database)}

    def _problem(self) -> str | None:
        if self._running.catalog.workspace.four_eyes:
            return "This workspace asks for two persons, and a first page is taken over by one: use assay init and a review."
        return None

    async def find(self, survey_id: str) -> Survey:
        """Raises NotFound, or AlreadyThere where it was taken."""
        stored = await find_survey(self._running.database, survey_id)
        if stored is None:
            raise NotFound(f"There is no survey {survey_id[:80]!r}.", mend="read the connection again")
        if stored.taken_at is not None:
            raise AlreadyThere("This was taken over already.", mend="read the connection again for what is new")
        return Survey(survey_id, _OFFER.validate_python(stored.document), self._problem())

    async def ask(self, survey_id: str, metric_id: str, scope: Scope) -> Told:
        """What a metric would answer. Raises what a question raises."""
        survey = await self.find(survey_id)
        return await self._previews.ask(survey_id, survey.offer, metric_id, scope)

    async def take(self, survey_id: str, labels: Mapping[str, str]) -> Addition:
        """Write the chosen metrics, called so, with the tables and a first page; all or nothing.

        Raises BadQuestion for labels; DraftDeclined, StandsInAFile, RouteRefused or DiskSilent: then nothing was written.
        """
        survey, dashboards = await self.find(survey_id), await self._dashboards()
        if survey.problem is not None:
            raise DraftDeclined(survey.problem)
        _expect_labels(survey.offer, labels)
        running = self._running
        async with running.changing:
            workspace = running.catalog.workspace
            added = await with_files(WORKSPACE_FILES, addition, survey.offer, labels, workspace, dashboards)
            if not added.metric_ids:
                raise DraftDeclined("None of these metrics can be had any more.", mend="read the connection again")
            await self._expect_no_finding(survey, added)
            told = {"metrics": added.metric_ids, "files": sorted(added.files), "backend": survey.offer.backend}
            if not await mark_taken(running.database, survey_id, told):
                raise AlreadyThere("Somebody else has taken this over just now.")
            try:
                await with_files(WORKSPACE_FILES, self._write, survey, added)
            except AssayError:
                await unmark_taken(running.database, survey_id)
                raise
        await self._previews.forget(survey_id)
        await running.reload.workspace()
        return added

    def _write(self, survey: Survey, added: Addition) -> None:
        workspace = self._running.catalog.workspace
        added.expect_as_before(workspace.root)
        take_in(added.texts, workspace, added.metric_ids, survey.offer.backend)

    async def _expect_no_finding(self, survey: Survey, added: Addition) -> None:
        """Of what would be written nothing may be wrong that is right now. Raises DraftDeclined with what it is."""
        workspace = self._running.catalog.workspace
        before = {str(each) for each in (await validate(workspace.root, {})).findings}
        with ExitStack() as stack:
            trial = tried(workspace.root, {})
            folder: Path = await with_files(WORKSPACE_FILES, lambda: stack.enter_context(trial))
            copy = replace(workspace, root=folder)
            await with_files(WORKSPACE_FILES, take_in, added.texts, copy, added.metric_ids, survey.offer.backend)
            found = (await validate(folder, {})).findings
        wrong = next((each for each in map(str, found) if each not in before), None)
        if wrong is not None:
            raise DraftDeclined(f"What was drafted would not load: {wrong}.", mend="untick what it names")


def _expect_labels(offer: Offer, labels: Mapping[str, str]) -> None:
    known = {each["id"] for each in offer.entries}
    for metric_id, label in labels.items():
        if metric_id not in known:
            raise BadQuestion(f"the offer has no metric {metric_id[:80]!r}", field="metrics")
        if not label.strip() or len(label) > _LONGEST_LABEL or not label.isprintable():
            raise BadQuestion(f"{metric_id} needs a label of 1 to {_LONGEST_LABEL} letters", field="metrics")
    said = [each.strip().lower() for each in labels.values()]
    twice = next((each for each in said if said.count(each) > 1), None)
    if twice is not None:
        raise BadQuestion(f"two metrics are called {twice!r}: name one of them otherwise", field="metrics")


class _Left(Exception):
    """Nobody waits for the survey any more."""

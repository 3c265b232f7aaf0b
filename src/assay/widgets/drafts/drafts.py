"""Drafts: proposed, shown with what they would change, answered under their own address, accepted by a person.

Whoever proposes (words, a program, a model), nothing is of the catalog before `accept_draft`, and no path that a model
takes calls that: it wants the name of the person who accepts, which is kept with the time.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from assay.answers.cache import AnswerCache
from assay.answers.resolve import Corridor, Told
from assay.backends.protocol import NotConfigured
from assay.catalog.binder import Binder
from assay.catalog.entry import MetricEntry
from assay.catalog.formula import BadFormula
from assay.catalog.last_good import definition_mark
from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace
from assay.compiler.question import Asked
from assay.compiler.statement import Compiler
from assay.errors import AlreadyThere, AssayError, DiskLeftAlone, DiskSilent, DraftDeclined, NotFound, RouteRefused
from assay.people.scope import Scope
from assay.routing.file import write_routes
from assay.routing.table import Routes
from assay.store.database import Database
from assay.store.drafts import (
    StoredDraft,
    add_draft,
    drop_draft,
    find_draft,
    list_drafts,
    mark_accepted,
    unmark_accepted,
)
from assay.store.proposals import propose
from assay.store.routes import StoredRoute
from assay.widgets.drafts.entries import OWNER
from assay.widgets.drafts.file import difference, document_of, replace_file, target_file, with_entry, written
from assay.widgets.words.values import LivingReader
from assay.work.patience import WORKSPACE_FILES, with_files
from assay.work.principal import Principal

_LISTED = 100


@dataclass(frozen=True, slots=True)
class Joined:
    join_id: str
    from_table: str
    to_table: str
    description: str


@dataclass(frozen=True, slots=True)
class Draft:
    """`diff` is what accepting would write; `problem` why that cannot be done today."""

    draft_id: str
    words: str | None
    metric: MetricEntry
    yaml: str
    file: str
    diff: str
    joins: tuple[Joined, ...]
    backend: str | None
    sentence: str
    problem: str | None
    created_at: datetime
    accepted_at: datetime | None
    accepted_by: str | None


class Drafts:
    """The drafts of one process: `corridor` answers what is of the catalog, and lends its parts for what is not yet."""

    def __init__(self, corridor: Corridor, database: Database) -> None:
        self._corridor = corridor
        self._database = database

    async def from_words(self, words: str, living: LivingReader) -> tuple[Draft, Asked]:
        """The draft, and the question to show it by. Raises DraftDeclined with the reason."""
        read = await living.draft(await living.reader(), words)
        draft = await self._add(read.entry, words)
        asked = {"dimensions": read.divided_by, "grain": read.grain}
        return draft, Asked.model_validate(asked)

    async def from_entry(self, entry: MetricEntry) -> Draft:
        return await self._add(entry, None)

    async def _add(self, entry: MetricEntry, words: str | None) -> Draft:
        workspace = self._corridor.catalog.workspace
        metric = bind(entry, workspace)
        file = target_file(metric, workspace)
        stored = await add_draft(self._database, f"draft-{secrets.token_hex(6)}", words, entry.id, document_of(entry), file)
        return await with_files(WORKSPACE_FILES, self._draft, stored)

    async def all(self) -> list[Draft]:
        stored = await list_drafts(self._database, _LISTED)
        return await with_files(WORKSPACE_FILES, lambda: [self._draft(each) for each in stored])

    async def get(self, draft_id: str) -> Draft:
        return await with_files(WORKSPACE_FILES, self._draft, await self._stored(draft_id))

    async def _stored(self, draft_id: str) -> StoredDraft:
        stored = await find_draft(self._database, draft_id)
        if stored is None:
            raise NotFound(f"There is no draft {draft_id!r}.")
        return stored

    async def _undecided(self, draft_id: str) -> StoredDraft:
        stored = await self._stored(draft_id)
        if stored.accepted_at is not None:
            raise AlreadyThere(f"{stored.accepted_by} has accepted this draft already.")
        return stored

    def _draft(self, stored: StoredDraft) -> Draft:
        workspace = self._corridor.catalog.workspace
        entry = MetricEntry.model_validate(stored.document)
        diff, file, sentence, problem = "", stored.file, "", None
        joins: tuple[Joined, ...] = ()
        backend = None
        if stored.accepted_at is None:
            try:
                metric = bind(entry, workspace)
                joins, backend = _joins(metric), self._backend(metric)
                sentence = _sentence(metric, joins)
                file, before, after = with_entry(entry, stored.file, workspace)
                diff = difference(file, before, after)
            except AssayError as error:
                problem = error.detail
        else:
            sentence = f"Accepted by {stored.accepted_by}."
        return Draft(
            stored.draft_id, stored.words, entry, written(entry), file, diff, joins, backend, sentence, problem,
            stored.created_at, stored.accepted_at, stored.accepted_by,
        )  # fmt: skip

    # -- answering ------------------------------------------------------------------------------

    async def ask(self, draft_id: str, asked: Asked, scope: Scope) -> Told:
        """The ordinary corridor over a catalog that has the draft beside everything else. Raises what a question raises."""
        stored = await self._stored(draft_id)
        catalog = self._corridor.catalog
        metric = bind(
            MetricEntry.model_validate(stored.document), catalog.workspace, is_accepted=stored.accepted_at is not None
        )
        metric = replace(metric, label=f"{metric.label} (draft)")
        backend = self._backend(metric)
        if backend is None:
            raise DraftDeclined(f"No backend that is configured has all tables of {metric.metric_id}.")
        workspace = replace(catalog.workspace, metrics={**catalog.workspace.metrics, metric.metric_id: metric})
        routes = Routes(self._database)
        routes.serving = {metric.metric_id: StoredRoute(metric.metric_id, backend, 0)}
        extended = replace(catalog, workspace=workspace, compiler=Compiler())
        corridor = Corridor(
            extended, routes, AnswerCache(), self._corridor.receipts, self._corridor.now, self._corridor.keys
        )
        corridor.noted = self._corridor.noted
        return await corridor.ask((metric.metric_id,), asked, scope)

    def _backend(self, metric: Metric) -> str | None:
        """That of the catalog's metrics over the same table; else the first that has every table."""
        catalog, tables = self._corridor.catalog, metric.needed_columns
        able = [
            name for name, backend in catalog.backends.items()
            if not isinstance(backend, NotConfigured)
            and all(catalog.workspace.dictionary.tables[table].lies_in(name) for table in tables)
        ]  # fmt: skip
        beside = [
            route.backend for name, route in self._corridor.routes.serving.items()
            if (known := catalog.workspace.metrics.get(name)) and set(known.source_tables) & set(metric.source_tables)
        ]  # fmt: skip
        return next((each for each in (*beside, *able) if each in able), None)

    # -- deciding -------------------------------------------------------------------------------

    async def propose(self, draft_id: str, by: str, who: Principal) -> Draft:
        """Where two persons are asked for: it waits for the second one. Raises what `accept` raises before it writes."""
        document = await self.proposed(draft_id, by)
        draft = await self.get(draft_id)
        said = {"file": draft.file, "diff": draft.diff}
        await propose(self._database, "draft", draft_id, document, by, who, said)
        return draft

    async def proposed(self, draft_id: str, by: str) -> dict[str, Any]:
        """What would be accepted in the name of `by`."""
        stored = await self._undecided(draft_id)
        workspace = self._corridor.catalog.workspace
        entry = _owned(MetricEntry.model_validate(stored.document), by)
        bind(entry, workspace)
        entry = Binder(workspace.dictionary, workspace.entities, workspace.calendar).completed(entry)
        return {"metric": entry.id, "definition": definition_mark(entry), "by": by}

    async def accept(self, draft_id: str, by: str) -> Draft:
        """Write it into the workspace in the name of the person who accepts; the watcher takes it over from there.

        Raises NotFound, AlreadyThere, DraftDeclined, StandsInAFile, DiskSilent; RouteRefused where it is accepted and has
        no route.
        """
        stored = await self._undecided(draft_id)
        workspace = self._corridor.catalog.workspace
        entry = MetricEntry.model_validate(stored.document)
        metric = bind(entry, workspace)
        entry = _owned(entry, by)
        file, _, after = await with_files(WORKSPACE_FILES, with_entry, entry, stored.file, workspace)
        if await mark_accepted(self._database, draft_id, by, file) is None:
            raise AlreadyThere("Somebody else has decided on this draft already.")
        try:
            await with_files(WORKSPACE_FILES, replace_file, workspace.root / file, after)
        except AssayError as error:
            if isinstance(error, DiskSilent) and not isinstance(error, DiskLeftAlone):
                # The file may still be written, and a metric that stands in it is one that was accepted.
                detail = f"{metric.metric_id} is accepted; whether {file} has it is not known: {error.detail}"
                mend = f"see that the disk is mounted; if {file} does not get it, add the YAML by hand"
                raise DiskSilent(detail, mend=mend) from error
            await unmark_accepted(self._database, draft_id)
            raise
        backend = self._backend(metric)
        if backend is not None:
            try:
                await with_files(WORKSPACE_FILES, write_routes, workspace.routing_file, {metric.metric_id: backend})
            except (RouteRefused, DiskSilent) as error:
                known = f"{metric.metric_id} is accepted and stands in {file}"
                detail = f"{known}; its route to {backend} was not written: {error.detail}"
                raise type(error)(detail, mend=error.mend, **error.extra) from error
        return await self.get(draft_id)

    async def drop(self, draft_id: str) -> None:
        if not await drop_draft(self._database, draft_id):
            stored = await self._stored(draft_id)
            raise AlreadyThere(f"{stored.accepted_by} has accepted this draft already.", mend=f"edit {stored.file}")


def _owned(entry: MetricEntry, by: str) -> MetricEntry:
    return entry.model_copy(update={"owner": by}) if entry.owner == OWNER else entry


def bind(entry: MetricEntry, workspace: Workspace, *, is_accepted: bool = False) -> Metric:
    """As the loader binds it. Raises DraftDeclined, or AlreadyThere where the catalog has its name or its meaning."""
    if not is_accepted and entry.id in workspace.metrics:
        raise AlreadyThere(f"There is a metric {entry.id!r} already.", mend="give the draft another id")
    binder = Binder(workspace.dictionary, workspace.entities, workspace.calendar)
    known = {name: metric for name, metric in workspace.metrics.items() if name != entry.id}
    try:
        metric = binder.take(binder.completed(entry), known, known, "draft", 1)
    except BadFormula as error:
        raise DraftDeclined(f"{entry.id}: {error}.".replace("..", ".")) from error
    twin = next((other for other in known.values() if _meaning(other) == _meaning(metric)), None)
    if twin is not None and not is_accepted:
        raise AlreadyThere(f"{twin.label} ({twin.metric_id}) counts just that already.", mend="ask it instead")
    return metric


def _meaning(metric: Metric) -> object:
    parts = [
        (p.entity.qualified, p.measure.text, p.filter.text if p.filter else None, p.when, p.shift, p.frame, p.keep,
         p.per, p.conversion, [each.text for each in p.whose])
        for p in metric.parts
    ]  # fmt: skip
    return metric.kind, metric.expression.sql() if metric.expression is not None else None, tuple(parts)


def _joins(metric: Metric) -> tuple[Joined, ...]:
    """Every approved join that the definition, its time, or something that it offers takes."""
    joins = dict.fromkeys(join for part in metric.parts for join in part.joins)
    return tuple(Joined(each.join_id, each.from_table, each.to_table, each.description) for each in joins)


def _sentence(metric: Metric, joins: tuple[Joined, ...]) -> str:
    part = metric.parts[0]
    when = f", by {part.time.written}" if part.time else ""
    window = f", {(metric.window or '').replace('_', ' ')}" if metric.window else ""
    rule = f" where {metric.filter_text}" if metric.filter_text else ""
    over = f"; joined through {', '.join(each.join_id for each in joins)}" if joins else ""
    return f"{metric.label}: {metric.formula} over {part.entity.qualified}{rule}{when}{window}{over}."

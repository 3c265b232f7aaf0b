"""Drafts of metrics over HTTP."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from assay.answers.resolve import Told
from assay.catalog.entry import MetricEntry
from assay.compiler.question import Asked
from assay.errors import AssayError, NotAllowed
from assay.store.proposals import open_drafts
from assay.web.guard import encoded
from assay.web.room import Room
from assay.web.schemas import AnswerOut, Problem, ProvenanceOut
from assay.web.widgets import Words
from assay.web.wiring import Me, Run, Sees
from assay.widgets.drafts.drafts import Draft, Drafts
from assay.work.instants import instant

router = Room("drafts", "/v1/drafts")


async def _drafts(running: Run) -> Drafts:
    return Drafts(running.corridor, running.database)


Known = Annotated[Drafts, Depends(_drafts)]


class DraftIn(BaseModel):
    """Exactly one of the two."""

    model_config = ConfigDict(extra="forbid")

    words: str | None = Field(default=None, max_length=2_000)
    metric: MetricEntry | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.words is None) == (self.metric is None):
            raise ValueError("send words or metric, and not both")
        return self


class AcceptIn(BaseModel):
    """`by`: the name of the person who accepts."""

    model_config = ConfigDict(extra="forbid")

    by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class JoinedOut(BaseModel):
    join_id: str
    from_table: str
    to_table: str
    description: str


class DraftProvenance(ProvenanceOut):
    draft: Literal[True]


class DraftAnswer(AnswerOut):
    provenance: DraftProvenance  # pyright: ignore[reportIncompatibleVariableOverride]


class DraftLine(BaseModel):
    """`diff`: what accepting would write. `problem`: why that cannot be done today.

    `proposed_by`: who has accepted it, where that waits for a second person.
    """

    draft_id: str
    words: str | None
    metric: MetricEntry
    yaml: str
    file: str
    diff: str
    joins: list[JoinedOut]
    backend: str | None
    sentence: str
    problem: str | None
    created_at: str
    accepted_at: str | None
    accepted_by: str | None
    proposed_by: str | None


class DraftOut(DraftLine):
    """`trouble`: why there is no preview."""

    preview: DraftAnswer | None
    trouble: Problem | None


class DraftsOut(BaseModel):
    drafts: list[DraftLine]


@router.post("", status_code=201, response_model=DraftOut)
async def add_draft(given: DraftIn, words: Words, drafts: Known, sees: Sees) -> Response:
    """Draft a metric from words, or keep a definition for review. Nothing of the catalog changes."""
    asked = Asked()
    if given.metric is not None:
        draft = await drafts.from_entry(given.metric)
    else:
        draft, asked = await drafts.from_words(given.words or "", words)
    preview, trouble = None, None
    try:
        preview = marked(await drafts.ask(draft.draft_id, asked, sees))
    except AssayError as error:
        trouble = error.problem()
    body = {**_line(draft, {}), "preview": preview, "trouble": trouble}
    return Response(encoded(body), 201, media_type="application/json")


@router.get("", response_model=DraftsOut)
async def all_drafts(drafts: Known, running: Run) -> Response:
    """Newest first, those that were accepted too."""
    proposed = await open_drafts(running.database)
    listed = [_line(each, proposed) for each in await drafts.all()]
    return Response(encoded({"drafts": listed}), media_type="application/json")


@router.get("/{draft_id}", response_model=DraftLine)
async def one_draft(draft_id: str, drafts: Known, running: Run) -> Response:
    draft = await drafts.get(draft_id)
    return Response(encoded(_line(draft, await open_drafts(running.database))), media_type="application/json")


@router.post("/{draft_id}/data", response_model=DraftAnswer)
async def draft_data(draft_id: str, drafts: Known, sees: Sees, asked: Asked | None = None) -> Response:
    """Ask a draft as a metric is asked; its provenance says `draft`."""
    told = await drafts.ask(draft_id, asked or Asked(), sees)
    return Response(encoded(marked(told)), media_type="application/json", headers={"cache-control": "private, no-cache"})


@router.post("/{draft_id}/accept", response_model=DraftLine)
async def accept_draft(draft_id: str, given: AcceptIn, drafts: Known, running: Run, me: Me) -> Response:
    """Write the definition into the workspace. For people: who accepts is named and kept on record.

    Where the workspace asks for two persons it waits for the second one: `proposed_by` says so.
    """
    if me.kind == "key":
        raise NotAllowed("A key cannot accept a draft: only a person may.", mend="sign in, and accept it on the page")
    by = me.signs(given.by)
    is_enough = not running.catalog.workspace.four_eyes
    draft = await (drafts.accept(draft_id, by) if is_enough else drafts.propose(draft_id, by, me))
    return Response(encoded(_line(draft, await open_drafts(running.database))), media_type="application/json")


@router.delete("/{draft_id}", status_code=204)
async def drop_draft(draft_id: str, drafts: Known) -> Response:
    await drafts.drop(draft_id)
    return Response(status_code=204)


def marked(told: Told) -> dict[str, Any]:
    body = told.answer.body(cached=told.cached, stale_reason=told.stale_reason)
    return {**body, "provenance": {**body["provenance"], "draft": True}}


def _line(draft: Draft, proposed: Mapping[str, str]) -> dict[str, Any]:
    parts = {name: getattr(draft, name) for name in Draft.__slots__}
    return {
        **parts,
        "proposed_by": proposed.get(draft.draft_id),
        "metric": draft.metric.model_dump(mode="json", by_alias=True),
        "joins": [{name: getattr(each, name) for name in JoinedOut.model_fields} for each in draft.joins],
        "created_at": instant(draft.created_at),
        "accepted_at": draft.accepted_at and instant(draft.accepted_at),
    }

"""What waits for a second person over HTTP: listed, confirmed by another, declined.

Two different people stand behind what takes effect, both signed in; keys, services and agents propose and never confirm.
"""

import logging
import time
from functools import partial
from typing import Annotated, Any, NoReturn

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from assay.compiler.meaning import as_meant
from assay.errors import (
    AlreadyThere,
    AssayError,
    DiskLeftAlone,
    DiskSilent,
    DraftDeclined,
    NotAllowed,
    NotFound,
    RouteRefused,
    StandsInAFile,
)
from assay.live.running import Running
from assay.people.door import Door
from assay.people.roles import may
from assay.routing.certificate import more_than_accepted
from assay.routing.file import write_routes
from assay.routing.judging import judge_route
from assay.routing.parity import PASSED
from assay.routing.table import as_certified
from assay.store.drafts import find_draft
from assay.store.parity import StoredCertificate, find_certificate
from assay.store.proposals import (
    Kind,
    Proposal,
    State,
    confirm_alone,
    confirm_proposal,
    decline_proposal,
    end_proposal,
    find_proposal,
    list_proposals,
    note_written,
    reopen_proposal,
)
from assay.web.room import Room
from assay.web.routing import compare_what_moved
from assay.web.synonyms import taught, write_taught
from assay.web.wiring import Me, Opens, Run
from assay.widgets.drafts.drafts import Drafts
from assay.widgets.words.values import LivingReader
from assay.work.instants import instant
from assay.work.patience import WORKSPACE_FILES, with_files
from assay.work.principal import Principal

_log = logging.getLogger(__name__)
router = Room("routing", "/v1/proposals")
_LISTED = 300


async def _reader_of_all(request: Request) -> LivingReader:
    return request.app.state.words


Whole = Annotated[LivingReader, Depends(_reader_of_all)]
"""The reader that knows all values: what is accepted is held against every name that there is."""


class ProposalOut(BaseModel):
    """`may_confirm`: whether whoever asks may be the second person. `missing`: how many have to stand behind it still.

    `diff`: what a definition would say otherwise. `certificate_id`: of the comparison that a move stands on.
    """

    proposal_id: str
    kind: Kind
    subject: str
    sentence: str
    state: State
    proposed_by: str
    proposed_at: str
    missing: int
    may_confirm: bool
    decided_by: str | None
    decided_at: str | None
    reason: str | None
    diff: str | None
    certificate_id: str | None


class ProposalsOut(BaseModel):
    """`four_eyes`: whether the workspace asks for two persons."""

    four_eyes: bool
    proposals: list[ProposalOut]


class DeclineIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=3, max_length=500)] | None = None


@router.get("")
async def proposals(running: Run, me: Me) -> ProposalsOut:
    """Those that wait, then those that were decided, newest first."""
    found = await list_proposals(running.database, _LISTED)
    needs_two = running.catalog.workspace.four_eyes
    return ProposalsOut(four_eyes=needs_two, proposals=[_told(each, me, needs_two=needs_two) for each in found])


@router.post("/{proposal_id}/confirm")
async def confirm_proposed(proposal_id: str, running: Run, me: Me, door: Opens, words: Whole) -> ProposalOut:
    """Say so too, as another person. It takes effect then, in every process.

    What nobody with a name has proposed, such as an edit of a file, takes two: the first stands in for the proposer.
    A synonym takes one person, unless the workspace asks for two.
    """
    proposal, found = await find_proposal(running.database, proposal_id), None
    if proposal.kind == "synonym" and not running.catalog.workspace.four_eyes:
        if me.kind == "key":
            raise NotAllowed("A key decides on no proposal.", mend="sign in")
        write = partial(write_taught, proposal.document, words, running)
        decided = await confirm_alone(running.database, proposal_id, me, write)
        await running.reload.workspace()
        return _told(decided, me, needs_two=False)
    if me.kind != "person":
        raise NotAllowed("Only a person who is signed in confirms.", mend="sign in with an address; a key never confirms")
    if proposal.state == "open" and proposal.person_id not in (None, me.id):
        found = await _expect_still(running, proposal, words)
        # Comparing takes its time: who may what is asked afterwards.
        await _expect_two(running, proposal, me, door)
    decided = await confirm_proposal(running.database, proposal, me)
    if decided.state == "confirmed":
        await _take_effect(running, decided, found, words)
    return _told(decided, me)


@router.post("/{proposal_id}/decline")
async def decline_proposed(proposal_id: str, running: Run, me: Me, given: DeclineIn | None = None) -> ProposalOut:
    """Say no, or take back what one has proposed."""
    await find_proposal(running.database, proposal_id)
    if me.kind == "key":
        raise NotAllowed("A key decides on no proposal.", mend="sign in")
    return _told(await decline_proposal(running.database, proposal_id, me, me.name, given and given.reason), me)


async def _expect_two(running: Running, proposal: Proposal, me: Principal, door: Door) -> None:
    """Two who may both do it just now, and not one with two ways to sign in. Raises NotAllowed."""
    first, second = await door.known_as(proposal.person_id or ""), await door.known_as(me.id)
    if first is None or not may(first, "see" if proposal.kind == "synonym" else "settle"):
        await end_proposal(running.database, proposal.proposal_id, f"{proposal.proposed_by} may not propose it any more")
        raise NotAllowed(f"{proposal.proposed_by} may not propose it any more: it has ended.", mend="propose it anew")
    if second is None or not may(second, "settle"):
        raise NotAllowed(f"{me.name} may not confirm it any more.", mend="ask an admin")
    if first.email is not None and first.email == second.email:
        raise NotAllowed("Whoever proposed it does not confirm it.", mend="another person has to")


async def _expect_still(running: Running, proposal: Proposal, words: LivingReader) -> StoredCertificate | None:
    """That what it stands on is as it was. Raises RouteRefused, or what accepting the draft would: it ends then."""
    workspace, document = running.catalog.workspace, proposal.document
    if proposal.kind == "route":
        return await _expect_route(running, proposal)
    if proposal.kind == "definition":
        waiting = workspace.waiting.get(proposal.subject)
        if waiting is None or waiting.definition != document["definition"]:
            await _end(running, proposal, "the file says something else")
    elif proposal.kind == "draft":
        try:
            now = await _drafts(running).proposed(proposal.subject, document["by"])
        except (NotFound, AlreadyThere, DraftDeclined) as error:
            await _end(running, proposal, error.detail)
        if now["definition"] != document["definition"]:
            await _end(running, proposal, "the draft would be another definition now")
    elif proposal.kind == "synonym":
        try:
            await taught(document["words"], document["means"], words)
        except (AlreadyThere, DraftDeclined, StandsInAFile) as error:
            await _end(running, proposal, error.detail)
    elif not workspace.ends_four_eyes:
        await _end(running, proposal, "assay.yaml asks for two persons")
    return None


async def _take_effect(running: Running, proposal: Proposal, found: StoredCertificate | None, words: LivingReader) -> None:
    if proposal.kind == "route":
        await _move(running, proposal, found)
        return
    try:
        if proposal.kind == "draft":
            await _drafts(running).accept(proposal.subject, proposal.document["by"])
        elif proposal.kind == "synonym":
            await write_taught(proposal.document, words, running)
    except AssayError as error:
        if not await _may_stand(running, proposal, error):
            await reopen_proposal(running.database, proposal.proposal_id, error.detail)
        raise
    if proposal.kind != "draft":
        await running.reload.workspace()


async def _may_stand(running: Running, proposal: Proposal, error: AssayError) -> bool:
    """Whether the file says it, or may still come to: an accepted draft that only has no route, a disk that is slow."""
    if proposal.kind == "draft":
        stored = await find_draft(running.database, proposal.subject)
        return stored is not None and stored.accepted_at is not None
    return isinstance(error, DiskSilent) and not isinstance(error, DiskLeftAlone)


def _drafts(running: Running) -> Drafts:
    return Drafts(running.corridor, running.database)


async def _expect_route(running: Running, proposal: Proposal) -> StoredCertificate | None:
    """What a move stands on, looked at and compared anew. Raises RouteRefused where that has moved: it ends then."""
    said, routes, catalog = proposal.document, running.routes, running.catalog
    metric, now = catalog.workspace.metrics.get(proposal.subject), routes.serving.get(proposal.subject)
    if metric is None or now is None or (now.backend, now.epoch) != (said["from"], said["epoch"]):
        return await _end(running, proposal, "the route has moved")
    if as_meant(metric.version) != said["definition"]:
        return await _end(running, proposal, "the metric's definition is another")
    unfit = await judge_route(metric, said["to"], catalog.workspace, catalog.backends)
    if unfit is not None:
        return await _end(running, proposal, unfit[0])
    if now.backend not in catalog.backends:
        return None
    routes.awaited[metric.metric_id, frozenset((now.backend, said["to"]))] = time.time()
    found = await running.moving.compare(metric, said["to"])
    seen = await find_certificate(running.database, said["certificate_id"]) if said["certificate_id"] else None
    if found.verdict in PASSED or await routes.accept_as_before(found) is None:
        return found
    if said["accept"] is None or seen is None or as_certified(seen) != as_certified(found):
        return await _end(running, proposal, found.document["reason"])
    more = more_than_accepted(seen.document, found.document)
    if more is not None:
        return await _end(running, proposal, f"they differ by more than was proposed: {more}")
    return found


async def _end(running: Running, proposal: Proposal, reason: str) -> NoReturn:
    await end_proposal(running.database, proposal.proposal_id, reason)
    raise RouteRefused(f"This was proposed of something that has moved: {reason}.", mend="propose it anew")


async def _move(running: Running, proposal: Proposal, found: StoredCertificate | None) -> None:
    """Take effect, here and in the file. A file that cannot be written stays as it is: what was confirmed serves."""
    said, metric_id = proposal.document, proposal.subject
    if found is not None and found.verdict not in PASSED and said["accept"] is not None:
        await running.routes.accept(found, said["accept"], proposal.signed)
    lines = {metric_id: said["to"]}
    try:
        await with_files(WORKSPACE_FILES, write_routes, running.catalog.workspace.routing_file, lines)
        await note_written(running.database, proposal.proposal_id)
    except (RouteRefused, DiskSilent) as error:
        _log.warning("%s is served by %s, as was confirmed; %s", metric_id, said["to"], error.detail)
    await running.reload.routing()
    await compare_what_moved(running, lines)


def _told(proposal: Proposal, me: Principal, *, needs_two: bool = True) -> ProposalOut:
    """`needs_two`: whether the workspace asks for two persons; what is no synonym takes two in any case."""
    said = proposal.document
    is_open, is_alone = proposal.state == "open", proposal.kind == "synonym" and not needs_two
    may_be_second = me.kind == "person" and proposal.person_id != me.id
    return ProposalOut(
        proposal_id=proposal.proposal_id, kind=proposal.kind, subject=proposal.subject, sentence=_sentence(proposal),
        state=proposal.state, proposed_by=proposal.proposed_by, proposed_at=instant(proposal.proposed_at),
        missing=0 if not is_open else 2 if proposal.person_id is None and not is_alone else 1,
        may_confirm=is_open and may(me, "settle") and (me.kind != "key" if is_alone else may_be_second),
        decided_by=proposal.decided_by, decided_at=proposal.decided_at and instant(proposal.decided_at),
        reason=proposal.reason, diff=said.get("diff"), certificate_id=said.get("certificate_id"),
    )  # fmt: skip


def _sentence(proposal: Proposal) -> str:
    """What would be done, without who."""
    said: dict[str, Any] = proposal.document
    match proposal.kind:
        case "route":
            why = f", although they differ: {said['accept']}" if said["accept"] else ""
            return f"Serve {proposal.subject} from {said['to']} instead of {said['from']}{why}"
        case "draft":
            return f"Accept the draft of {said['metric']} into the catalog"
        case "definition":
            verb, place = "Change" if said["before"] else "Add", f"{said['file']}:{said['line']}"
            return f"{verb} the definition of {proposal.subject} ({place})"
        case "four_eyes":
            return "Ask for two persons no more (assay.yaml)"
        case "synonym":
            return f"{said['sentence']} ({said['file']})"

"""The audit log over HTTP: its entries, and whether they are as they were written."""

import asyncio
import json
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from assay.answers.receipt_log import prove_log
from assay.live.running import Running
from assay.people.heads import heads_file, read_heads
from assay.people.proof import prove
from assay.people.pruning import begun_after
from assay.store.audit import StoredEntry, list_entries
from assay.web.room import Room
from assay.web.wiring import Run
from assay.work.patience import with_files

router = Room("people", "/v1/audit")
_AT = r"^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d)?Z?)?)?)?$"


class DoerOut(BaseModel):
    """`as`: the name it was done under, where that is another."""

    id: str
    name: str
    kind: str
    as_: str | None = Field(alias="as")


class EntryOut(BaseModel):
    """`before` and `after`: what it was about, as far as the log holds it. `document` is the text that is hashed."""

    number: int
    at: str
    who: DoerOut
    address: str | None
    request_id: str
    action: str
    subject: str
    before: Any
    after: Any
    document: str
    hash: str


class EntriesOut(BaseModel):
    """`next`: send it as `before` for those that are older; null where there are none."""

    entries: list[EntryOut]
    next: int | None


class FaultOut(BaseModel):
    """`number`: of the entry, or of the first of several; of a receipt its place in their log, or -1."""

    kind: Literal["changed", "missing", "inserted", "rewritten", "head", "late"]
    number: int
    sentence: str


class LogProofOut(BaseModel):
    """`hash`: the root of the tree. `left`: how many receipts it held when that last left the database."""

    entries: int
    hash: str
    left: int | None
    faults: list[FaultOut]


class ProofOut(BaseModel):
    """`left`: the last entry whose hash has left the database; null where none has. `ok`: also of the receipts."""

    ok: bool
    entries: int
    last: int
    hash: str
    left: int | None
    faults: list[FaultOut]
    receipts: LogProofOut


class HeadsIn(BaseModel):
    """Lines as they left for a file, standard output or an address; lines of another kind do no harm."""

    model_config = ConfigDict(extra="forbid")

    heads: list[Annotated[str, Field(max_length=500)]] = Field(max_length=500)


@router.get("", response_model_by_alias=True)
async def audit_log(
    running: Run,
    who: Annotated[str | None, Query(max_length=200, description="an id or a name")] = None,
    action: Annotated[
        str | None, Query(max_length=60, description="such as route.moved, or route for all of its kind")
    ] = None,
    subject: Annotated[str | None, Query(max_length=200, description="what it was done to")] = None,
    since: Annotated[str | None, Query(pattern=_AT, description="an instant in UTC, or as much of it as a day")] = None,
    until: Annotated[str | None, Query(pattern=_AT, description="before that")] = None,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> EntriesOut:
    """Newest first."""
    found = await list_entries(
        running.database, who=who, action=action, subject=subject, since=since, until=until, before=before, limit=limit
    )
    return EntriesOut(entries=[_entry(each) for each in found], next=found[-1].number if len(found) == limit else None)


@router.get("/proof")
async def prove_audit_log(running: Run) -> ProofOut:
    """Walk the chain and the log of receipts, and hold both against their heads that have left the database."""
    return await _proved(running, [])


@router.post("/proof")
async def prove_against_heads(given: HeadsIn, running: Run) -> ProofOut:
    """The same, also against heads that were kept elsewhere."""
    return await _proved(running, given.heads)


async def _proved(running: Running, more: list[str]) -> ProofOut:
    file = heads_file(running.around.home)
    text = await with_files(
        "The heads of the logs that have left", lambda: file.read_text(errors="replace") if file.exists() else ""
    )
    left = await asyncio.to_thread(read_heads, [*text.splitlines(), *more], running.ring, running.install)
    begun = await begun_after(running.database, running.ring, running.install)
    chain = await prove(running.database, left, begun)
    log = await prove_log(running.database, running.receipts, left)
    receipts = LogProofOut(
        entries=log.entries, hash=log.root, left=log.left and log.left.number,
        faults=[FaultOut(**each._asdict()) for each in log.faults],
    )  # fmt: skip
    return ProofOut(
        ok=not chain.faults and not log.faults, entries=chain.entries, last=chain.head.number, hash=chain.head.hash,
        left=chain.left and chain.left.number, faults=[FaultOut(**each._asdict()) for each in chain.faults],
        receipts=receipts,
    )  # fmt: skip


def _entry(stored: StoredEntry) -> EntryOut:
    """One that was changed beyond reading is shown as the text it is."""
    try:
        told = json.loads(stored.document)
        who = {"as": None, **told["who"]}
        return EntryOut.model_validate(
            {**told, "who": who, "number": stored.number, "document": stored.document, "hash": stored.hash}
        )
    except (ValueError, KeyError, TypeError):
        nobody = {"id": "", "name": "", "kind": "", "as": None}
        return EntryOut.model_validate({
            "number": stored.number, "at": "", "who": nobody, "address": None, "request_id": "", "action": "unreadable",
            "subject": "", "before": None, "after": None, "document": stored.document, "hash": stored.hash,
        })  # fmt: skip

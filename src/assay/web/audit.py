"""The audit log over HTTP: its entries, and whether they are as they were written."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from assay.people.proof import heads_file, prove, read_heads
from assay.store.audit import StoredEntry, list_entries
from assay.web.wiring import Run
from assay.work.patience import with_files

router = APIRouter(prefix="/v1/audit", tags=["people"])


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
    kind: Literal["changed", "missing", "inserted", "rewritten", "head"]
    number: int
    sentence: str


class ProofOut(BaseModel):
    """`left`: the last entry whose hash has left the database for this server's folder; null where none has."""

    ok: bool
    entries: int
    last: int
    hash: str
    left: int | None
    faults: list[FaultOut]


@router.get("", response_model_by_alias=True)
async def audit_log(
    running: Run,
    who: Annotated[str | None, Query(max_length=200, description="an id or a name")] = None,
    action: Annotated[
        str | None, Query(max_length=60, description="such as route.moved, or route for all of its kind")
    ] = None,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> EntriesOut:
    """Newest first."""
    found = await list_entries(running.database, who=who, action=action, before=before, limit=limit)
    return EntriesOut(entries=[_entry(each) for each in found], next=found[-1].number if len(found) == limit else None)


@router.get("/proof")
async def prove_audit_log(running: Run) -> ProofOut:
    """Walk the whole chain, and hold it against the ends that have left the database."""
    file = heads_file(running.around.home)
    text = await with_files(
        "The ends of the log that have left it", lambda: file.read_text(errors="replace") if file.exists() else ""
    )
    found = await prove(running.database, read_heads(text, running.receipts.sign))
    return ProofOut(
        ok=not found.faults, entries=found.entries, last=found.head.number, hash=found.head.hash,
        left=found.left and found.left.number, faults=[FaultOut(**each._asdict()) for each in found.faults],
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

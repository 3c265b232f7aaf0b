"""Receipts over HTTP: the list, one whole, its replay, and what others need to check it."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ValidationError

from assay.answers.explanation import written
from assay.answers.opening import may_open
from assay.answers.receipt_log import growth, head_now, place_in_log
from assay.answers.receipts import KEPT_ROWS, read_document
from assay.answers.replay import replay
from assay.answers.side_by_side import SideBySide, lay_side_by_side, told_of
from assay.errors import NotAllowed, ReceiptBroken
from assay.live.running import Running
from assay.people.roles import may
from assay.people.scope import Scope
from assay.signing.exported import FORMAT
from assay.signing.heads import sign_head
from assay.store.receipts import StoredReceipt
from assay.web.room import Room
from assay.web.schemas import Cell, MovedOut, ReceiptLine, ReceiptOut, ReceiptsOut, ReplayNow, ReplayOut, RowsOut
from assay.web.wiring import Me, Run, Sees
from assay.work.instants import instant
from assay.work.principal import Principal

_MOST_LOOKS = 20
"""Pages of receipts that are looked through for some that may be opened."""
_log = logging.getLogger(__name__)
router = Room("receipts", "/v1")


class HeadOut(BaseModel):
    """How long a log was, and what it hashed to. Signed: `assay head 1`, a line feed, and the rest as RFC 8785 has it."""

    log: str
    number: int
    hash: str
    at: str
    install: str
    signature: str


class PlaceOut(BaseModel):
    """`path`: the hashes that lead from the receipt's leaf to the head (RFC 9162, 2.1.3)."""

    position: int
    path: list[str]
    head: HeadOut


class ExportedOut(BaseModel):
    """`receipt`: what was signed, whole. `log`: null until it has its place in the log of receipts."""

    assay: str
    receipt: dict[str, Any]
    signature: str
    log: PlaceOut | None


class ComparedReceipt(BaseModel):
    """`value`: null where the receipt is of no single figure."""

    receipt_id: str
    created_at: str
    value: Cell
    backend: str


class DifferenceOut(BaseModel):
    """What of a part is another, such as the filter of a definition; null where it is not there."""

    part: Literal["definition", "route", "question", "policy", "data"]
    what: str
    before: str | None
    now: str | None


class EffectOut(BaseModel):
    """How much of the change one part did; several, where they cannot be told apart."""

    parts: list[Literal["definition", "route", "question", "policy", "data"]]
    amount: Cell


class ReceiptsComparedOut(BaseModel):
    """`before` is the earlier one. All `effects` together are `change`; `unknown`: why there are none.

    `statements`: how many were run to tell the parts apart. `text`: the same in sentences.
    """

    before: ComparedReceipt
    now: ComparedReceipt
    label: str
    unit: str
    change: Cell
    same_value: bool
    differences: list[DifferenceOut]
    effects: list[EffectOut]
    unknown: str | None
    statements: int
    text: list[str]


class GrowthOut(BaseModel):
    """`path`: the proof that the log of `size` entries begins with that of `first` (RFC 9162, 2.1.4)."""

    first: int
    size: int
    path: list[str]
    head: HeadOut


@router.get("/receipts")
async def receipts(
    running: Run,
    me: Me,
    sees: Sees,
    metric_id: Annotated[str | None, Query(max_length=80)] = None,
    before: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ReceiptsOut:
    """Newest first; of those that are there, the ones that the asker may open."""
    lines, has_more = list[ReceiptLine](), False
    for _ in range(_MOST_LOOKS):
        found = await running.receipts.newest(metric_id, before, limit)
        # Aside: a page of them is some milliseconds of arithmetic.
        lines += await asyncio.to_thread(lambda found=found: list(_lines(found, running, me, sees)))
        has_more = len(found) == limit
        if not has_more or len(lines) >= limit:
            break
        before = found[-1].receipt_id
    # Where it goes on is told by one that is shown: the others' names are nobody's who may not open them.
    shown = lines[:limit]
    return ReceiptsOut(receipts=shown, next=shown[-1].receipt_id if shown and (has_more or len(lines) > limit) else None)


@router.get("/receipts/{receipt_id}")
async def receipt(receipt_id: str, running: Run, me: Me, sees: Sees) -> ReceiptOut:
    """Whole, to whoever sees the rows that it is of, or more, and to stewards. Others learn whether it is as signed."""
    found = await running.receipts.get(receipt_id)
    valid = running.receipts.verify(found)
    _expect_open(found, running, me, sees, valid)
    try:
        return ReceiptOut.model_validate({**read_document(found), "signature": found.signature, "signature_valid": valid})
    except ValidationError as error:
        raise ReceiptBroken(f"Receipt {receipt_id} lacks parts that it was signed with.") from error


@router.get("/receipts/{receipt_id}/export")
async def export_receipt(receipt_id: str, running: Run, me: Me, sees: Sees) -> ExportedOut:
    """All that somebody else needs to check it, but the public keys: /.well-known/assay-keys.json."""
    found = await running.receipts.get(receipt_id)
    _expect_open(found, running, me, sees, running.receipts.verify(found))
    document, log = read_document(found), None
    head = await head_now(running.database, running.install)
    place = await place_in_log(running.database, found, head)
    if place is not None:
        log = PlaceOut(**place, head=HeadOut(**sign_head(head, running.ring)))
    return ExportedOut(assay=FORMAT, receipt=document, signature=found.signature, log=log)


@router.get("/receipt-log")
async def receipt_log(running: Run) -> HeadOut:
    """How many receipts the log holds, and the root of its tree, signed."""
    return HeadOut(**sign_head(await head_now(running.database, running.install), running.ring))


@router.get("/receipt-log/growth")
async def receipt_log_growth(running: Run, first: Annotated[int, Query(ge=1, le=2**53)]) -> GrowthOut:
    """The proof that the log of now begins with the one that had `first` entries: none of them was changed or taken out."""
    head = await head_now(running.database, running.install)
    path = await growth(running.database, first, head.number)
    return GrowthOut(first=first, size=head.number, path=path, head=HeadOut(**sign_head(head, running.ring)))


@router.post("/receipts/{receipt_id}/replay")
async def replay_receipt(receipt_id: str, running: Run, me: Me, sees: Sees) -> ReplayOut:
    """Ask the same question again, in the scope of whoever asks now, and say what has moved since.

    Refused where the receipt itself was changed.
    """
    found = await _as_signed(receipt_id, running, me, sees)
    done = await replay(running.corridor, found, sees)
    answer = done.told.answer
    return ReplayOut(
        receipt_id=receipt_id,
        moved=[MovedOut.model_validate({"part": each.part, "from": each.before, "to": each.now}) for each in done.moved],
        same_value=done.same_value,
        then=RowsOut(rows=done.document["rows"]),
        now=ReplayNow(rows=answer.rows[:KEPT_ROWS], answer_id=answer.answer_id, receipt_id=answer.provenance.receipt_id,
                      backend=answer.provenance.backend, sql=answer.provenance.sql),
        sentence=done.sentence,
    )  # fmt: skip


@router.post("/receipts/{receipt_id}/compare/{other}")
async def compare_receipts(receipt_id: str, other: str, running: Run, me: Me, sees: Sees) -> ReceiptsComparedOut:
    """Lay two receipts of one metric side by side: what differs, and how much of the difference each part did.

    Both have to be as they were signed, and open to whoever asks.
    """
    documents = [read_document(await _as_signed(each, running, me, sees)) for each in (receipt_id, other)]
    return _compared(await lay_side_by_side(running.corridor, documents[0], documents[1], sees))


def _compared(laid: SideBySide) -> ReceiptsComparedOut:
    before, now = (
        ComparedReceipt(receipt_id=each["receipt_id"], created_at=each["created_at"], value=value,
                        backend=each["route"]["backend"])
        for each, value in zip((laid.before, laid.now), laid.values, strict=True)
    )  # fmt: skip
    return ReceiptsComparedOut(
        before=before, now=now, label=laid.now["label"], unit=laid.units[1], same_value=laid.same_value,
        change=None if laid.change is None else written(laid.change, laid.places),
        differences=[
            DifferenceOut(part=each.part, what=each.what, before=each.before, now=each.now) for each in laid.details
        ],
        effects=[EffectOut(parts=list(each.parts), amount=written(each.amount, laid.places)) for each in laid.effects],
        unknown=laid.unknown, statements=laid.statements, text=told_of(laid),
    )  # fmt: skip


async def _as_signed(receipt_id: str, running: Running, me: Principal, sees: Scope) -> StoredReceipt:
    """One that whoever asks may open. Raises NotFound, NotAllowed, or ReceiptBroken where it was changed."""
    found = await running.receipts.get(receipt_id)
    valid = running.receipts.verify(found)
    _expect_open(found, running, me, sees, valid)
    if not valid:
        raise ReceiptBroken(
            f"Receipt {receipt_id} is not what was signed: there is nothing to compare with.",
            mend="it was changed in the database, or signed with another key: give every process one ASSAY_RECEIPT_KEY",
        )
    return found


def _may_open(stored: StoredReceipt, running: Running, me: Principal, sees: Scope, valid: bool) -> bool:
    """Of one that was changed nobody can say which rows it is of."""
    if sees.is_whole or may(me, "settle"):
        return True
    return valid and may_open(read_document(stored), sees, running.catalog.workspace)


def _expect_open(stored: StoredReceipt, running: Running, me: Principal, sees: Scope, valid: bool) -> None:
    if not _may_open(stored, running, me, sees, valid):
        told = f"This receipt is of rows that you do not see. It is {'' if valid else 'not '}as it was signed."
        raise NotAllowed(told, mend="ask a steward", signature_valid=valid)


def _lines(found: list[StoredReceipt], running: Running, me: Principal, sees: Scope) -> Iterator[ReceiptLine]:
    for each in found:
        valid = running.receipts.verify(each)
        if _may_open(each, running, me, sees, valid):
            yield _line(each, valid)


def _line(stored: StoredReceipt, valid: bool) -> ReceiptLine:
    """One that was changed beyond reading is a line all the same, without a value."""
    try:
        return _read_line(stored, read_document(stored), valid)
    except (ReceiptBroken, ValidationError, LookupError, TypeError) as error:
        _log.warning("receipt %s cannot be read: %s", stored.receipt_id, error)
    return ReceiptLine(
        receipt_id=stored.receipt_id, answer_id=stored.answer_id, metric_id=stored.metric_id, label=stored.metric_id,
        backend="", driver="", value=None, unit=None, rows_returned=0, created_at=instant(stored.created_at),
        definition_version="", data_version="", route_epoch=0, sql="", signature_valid=False,
    )  # fmt: skip


def _read_line(stored: StoredReceipt, document: dict[str, Any], valid: bool) -> ReceiptLine:
    values = [index for index, column in enumerate(document["columns"]) if column["role"] == "value"]
    single = len(document["rows"]) == 1 and len(values) == 1 and document["rows_returned"] == 1
    return ReceiptLine(
        receipt_id=stored.receipt_id, answer_id=stored.answer_id, metric_id=stored.metric_id, label=document["label"],
        backend=document["route"]["backend"], driver=document["route"]["driver"],
        value=document["rows"][0][values[0]] if single and valid else None,
        unit=document["columns"][values[0]]["unit"] if values else None,
        rows_returned=document["rows_returned"], created_at=document["created_at"],
        definition_version=document["definition_version"], data_version=document["data_version"],
        route_epoch=document["route"]["epoch"], sql=document["sql"], signature_valid=valid,
    )  # fmt: skip

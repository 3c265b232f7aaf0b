"""Receipts over HTTP: the list, one whole, and its replay."""

import logging
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ValidationError

from assay.answers.receipts import KEPT_ROWS, read_document
from assay.answers.replay import replay
from assay.errors import ReceiptBroken
from assay.store.receipts import StoredReceipt
from assay.web.schemas import MovedOut, ReceiptLine, ReceiptOut, ReceiptsOut, ReplayNow, ReplayOut, RowsOut
from assay.web.wiring import Run

_log = logging.getLogger(__name__)
router = APIRouter(prefix="/v1/receipts", tags=["receipts"])


@router.get("")
async def receipts(
    running: Run,
    metric_id: Annotated[str | None, Query(max_length=80)] = None,
    before: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ReceiptsOut:
    """Newest first."""
    found = await running.receipts.newest(metric_id, before, limit)
    lines = [line for each in found if (line := _line(each, running.receipts.verify(each)))]
    return ReceiptsOut(receipts=lines, next=found[-1].receipt_id if len(found) == limit else None)


@router.get("/{receipt_id}")
async def receipt(receipt_id: str, running: Run) -> ReceiptOut:
    found = await running.receipts.get(receipt_id)
    valid = running.receipts.verify(found)
    try:
        return ReceiptOut.model_validate({**read_document(found), "signature": found.signature, "signature_valid": valid})
    except ValidationError as error:
        raise ReceiptBroken(f"Receipt {receipt_id} lacks parts that it was signed with.") from error


@router.post("/{receipt_id}/replay")
async def replay_receipt(receipt_id: str, running: Run) -> ReplayOut:
    """Ask the same question again and say what has moved since; refused where the receipt itself was changed."""
    found = await running.receipts.get(receipt_id)
    if not running.receipts.verify(found):
        raise ReceiptBroken(
            f"Receipt {receipt_id} is not what was signed: there is nothing to compare with.",
            mend="it was changed in the database, or signed with another key: give every process one ASSAY_RECEIPT_KEY",
        )
    done = await replay(running.corridor, found)
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


def _line(stored: StoredReceipt, valid: bool) -> ReceiptLine | None:
    """None for one that was changed beyond reading; asked for alone, it says so."""
    try:
        return _read_line(stored, read_document(stored), valid)
    except (ReceiptBroken, ValidationError, LookupError, TypeError) as error:
        _log.warning("receipt %s is left out of the list: %s", stored.receipt_id, error)
        return None


def _read_line(stored: StoredReceipt, document: dict[str, Any], valid: bool) -> ReceiptLine:
    values = [index for index, column in enumerate(document["columns"]) if column["role"] == "value"]
    single = len(document["rows"]) == 1 and len(values) == 1 and document["rows_returned"] == 1
    return ReceiptLine(
        receipt_id=stored.receipt_id, answer_id=stored.answer_id, metric_id=stored.metric_id, label=document["label"],
        backend=document["route"]["backend"], driver=document["route"]["driver"],
        value=document["rows"][0][values[0]] if single else None,
        unit=document["columns"][values[0]]["unit"] if values else None,
        rows_returned=document["rows_returned"], created_at=document["created_at"],
        definition_version=document["definition_version"], data_version=document["data_version"],
        route_epoch=document["route"]["epoch"], sql=document["sql"], signature_valid=valid,
    )  # fmt: skip

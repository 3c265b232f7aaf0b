"""Receipts over HTTP: the list, one whole, and its replay."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query

from assay.answers.replay import replay
from assay.store.receipts import StoredReceipt
from assay.web.schemas import MovedOut, ReceiptLine, ReceiptOut, ReceiptsOut, ReplayNow, ReplayOut, RowsOut
from assay.web.wiring import Run

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
    return ReceiptsOut(receipts=[_line(each) for each in found], next=found[-1].receipt_id if len(found) == limit else None)


@router.get("/{receipt_id}")
async def receipt(receipt_id: str, running: Run) -> ReceiptOut:
    found = await running.receipts.get(receipt_id)
    return ReceiptOut.model_validate({
        **orjson.loads(found.document),
        "created_at": _instant(found),
        "signature": found.signature,
        "signature_valid": running.receipts.verify(found),
    })  # fmt: skip


@router.post("/{receipt_id}/replay")
async def replay_receipt(receipt_id: str, running: Run) -> ReplayOut:
    """Ask the same question again and say what has moved since."""
    done = await replay(running.corridor, await running.receipts.get(receipt_id))
    answer = done.told.answer
    return ReplayOut(
        receipt_id=receipt_id,
        moved=[MovedOut.model_validate({"part": each.part, "from": each.before, "to": each.now}) for each in done.moved],
        same_value=done.same_value,
        then=RowsOut(rows=done.document["rows"]),
        now=ReplayNow(rows=answer.rows[:100], answer_id=answer.answer_id, receipt_id=answer.provenance.receipt_id,
                      backend=answer.provenance.backend, sql=answer.provenance.sql),
        sentence=done.sentence,
    )  # fmt: skip


def _line(stored: StoredReceipt) -> ReceiptLine:
    document: dict[str, Any] = orjson.loads(stored.document)
    values = [index for index, column in enumerate(document["columns"]) if column["role"] == "value"]
    single = len(document["rows"]) == 1 and len(values) == 1 and document["rows_returned"] == 1
    return ReceiptLine(
        receipt_id=stored.receipt_id, answer_id=stored.answer_id, metric_id=stored.metric_id, label=document["label"],
        backend=document["route"]["backend"], driver=document["route"]["driver"],
        value=document["rows"][0][values[0]] if single else None,
        unit=document["columns"][values[0]]["unit"] if values else None,
        rows_returned=document["rows_returned"], created_at=_instant(stored),
        definition_version=document["definition_version"], data_version=document["data_version"],
        route_epoch=document["route"]["epoch"], sql=document["sql"],
    )  # fmt: skip


def _instant(stored: StoredReceipt) -> str:
    return stored.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

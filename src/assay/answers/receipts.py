"""Receipts: the signed provenance of every answer computed, written before the answer leaves.

Where the store does not answer, receipts wait in memory and are written when it is back, so that a
backend that still works keeps serving. Waiting for its disk would cost every answer a millisecond:
what it said it wrote in the last moments is kept, and written again when it was away.
"""

import asyncio
import contextlib
import functools
import logging
import os
import secrets
import time
from collections import OrderedDict, deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from assay.answers.answer import Answer, wire_column
from assay.catalog.workspace import Workspace
from assay.errors import NotFound, ReceiptBroken, StoreUnavailable
from assay.signing.canonical import canonical
from assay.signing.ring import Ring
from assay.store.database import Database
from assay.store.receipts import StoredReceipt, add_receipts, find_receipt, list_receipts, prune_receipts
from assay.work.files import read_file, write_file
from assay.work.instants import instant
from assay.work.patience import Aside, in_time
from assay.work.request import current_request

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_MAX_WAITING = 10_000
KEPT_ROWS = 100
_RECENT_SECONDS = 5
_PATIENCE_SECONDS = 2
_FILE_SECONDS = 2.0
KEEP = timedelta(days=90)
_log = logging.getLogger(__name__)


def new_receipt_id() -> str:
    """26 characters, sortable by time: 48 bits of milliseconds, 80 of chance (the ULID form, in lower case)."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))


def made_at(receipt_id: str) -> datetime | None:
    """The moment that the id was made in; None where it is none."""
    if len(receipt_id) != 26 or not set(receipt_id) <= set(_ALPHABET):
        return None
    number = functools.reduce(lambda value, letter: value << 5 | _ALPHABET.index(letter), receipt_id, 0)
    try:
        return datetime.fromtimestamp((number >> 80) / 1_000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


class ReceiptBook:
    """Writes receipts in batches: those that arrive while one batch is being written make up the next."""

    def __init__(self, database: Database, ring: Ring, install: str, kept: Path | None = None) -> None:
        """`database` need not be durable. `kept`: where receipts lie that could not be written before the end."""
        self._database = database
        self._ring = ring
        self._install = install
        self._kept = kept
        self._waiting: OrderedDict[str, StoredReceipt] = OrderedDict()
        self._recent: deque[tuple[float, StoredReceipt]] = deque()
        """What was written and when, on the monotonic clock: the server's disk may not have it yet."""
        self._writing = asyncio.Lock()
        self._taken_up = False
        self._unlinking = Aside()
        self.wrote = asyncio.Event()
        """Set where receipts were written that have no place in the log yet."""
        self.trouble: str | None = None
        """Why the last attempt to write failed; it is tried again and again."""

    @property
    def waiting(self) -> int:
        """Receipts that are not written yet."""
        return len(self._waiting)

    def connections(self) -> tuple[int, int, int]:
        """To the store: how many are in use, idle, and may be."""
        return self._database.connections()

    def signed(self, parts: dict[str, Any], created: datetime) -> StoredReceipt:
        """The salt keeps those who see no more than a leaf of the log from guessing what it is of."""
        own = {"created_at": instant(created), "install": self._install, "salt": secrets.token_hex(16)}
        document = canonical({**parts, **own}).decode()
        return StoredReceipt(
            parts["receipt_id"], parts["answer_id"], parts["metric_id"], created, document,
            self._ring.sign("receipt", document),
        )  # fmt: skip

    def verify(self, receipt: StoredReceipt) -> bool:
        """Whether the text is what was signed, and is the receipt by whose id it was found."""
        if not self._ring.verify("receipt", receipt.document, receipt.signature):
            return False
        signed = orjson.loads(receipt.document)
        return (signed["receipt_id"], signed["answer_id"], signed["metric_id"], signed["created_at"]) == (
            receipt.receipt_id, receipt.answer_id, receipt.metric_id, instant(receipt.created_at),
        )  # fmt: skip

    async def add(
        self, answer: Answer, definition: list[dict[str, Any]], label: str, *, asked_by: str | None = None
    ) -> None:
        """`asked_by`: whom it was calculated for, where receipts are to say it."""
        if len(self._waiting) >= _MAX_WAITING:
            raise StoreUnavailable(
                f"Receipts of {len(self._waiting):,} answers wait in memory for Assay's own database: no more can be given.",
                mend="what is known goes on being served; the rest when the database answers",
            )
        document = _document(answer, definition, label) | ({"asked_by": asked_by} if asked_by else {})
        self._waiting[answer.provenance.receipt_id] = self.signed(document, datetime.now(UTC))
        if self.trouble is not None:
            return  # it is written when the store is back; nobody waits for that
        try:
            await self._flush_soon(answer.provenance.receipt_id)
        except StoreUnavailable as error:
            self.trouble = error.detail
            _log.warning("receipts wait in memory: %s", error.detail)

    async def _flush_soon(self, receipt_id: str | None = None) -> None:
        """As `flush`; what takes longer than anybody waits for goes on, and raises StoreUnavailable here."""
        writing = asyncio.ensure_future(self.flush(receipt_id))
        done, _ = await asyncio.wait((writing,), timeout=_PATIENCE_SECONDS)
        if not done:
            writing.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            raise StoreUnavailable("the store takes its time")
        writing.result()

    async def flush(self, receipt_id: str | None = None) -> None:
        """Write what waits; returns once `receipt_id` (or everything) is written."""
        async with self._writing:
            if not self._waiting or (receipt_id is not None and receipt_id not in self._waiting):
                return
            batch = dict(self._waiting)
            try:
                await add_receipts(self._database, list(batch.values()))
            except StoreUnavailable as error:
                self.trouble = error.detail
                raise
            self.trouble = None
            self.wrote.set()
            now = time.monotonic()
            for name, receipt in batch.items():
                self._waiting.pop(name, None)
                self._recent.append((now, receipt))
            while self._recent[0][0] < now - _RECENT_SECONDS:
                self._recent.popleft()
        if self._taken_up and self._kept is not None:
            # All that the process before had left is written.
            with contextlib.suppress(OSError):
                await in_time(_FILE_SECONDS, functools.partial(self._kept.unlink, missing_ok=True), aside=self._unlinking)
                self._taken_up = False

    def write_again(self) -> None:
        """The store broke off: whatever it said it wrote last waits again."""
        for _, receipt in self._recent:
            self._waiting[receipt.receipt_id] = receipt
        self._recent.clear()

    async def close(self) -> None:
        with contextlib.suppress(StoreUnavailable):
            await self._flush_soon()
        self._taken_up = False  # a batch that is written later takes away no file that is written here
        if self._waiting and self._kept is not None:
            try:
                if self._unlinking.hangs:
                    raise TimeoutError  # it would take away what is written now
                text = orjson.dumps([each._asdict() for each in self._waiting.values()]).decode()
                await in_time(_FILE_SECONDS, write_file, self._kept, text)
            except OSError as error:
                lost, why = len(self._waiting), error.strerror or "its disk does not answer"
                _log.error("%s receipts are lost: %s cannot be written: %s", lost, self._kept, why)
        await self._database.close()

    def take_up(self) -> None:
        """What the process before could not write waits again."""
        if self._kept is None or not self._kept.exists():
            return
        for row in orjson.loads(read_file(self._kept)):
            receipt = StoredReceipt(**{**row, "created_at": datetime.fromisoformat(row["created_at"])})
            self._waiting[receipt.receipt_id] = receipt
        self._taken_up = True

    async def get(self, receipt_id: str) -> StoredReceipt:
        found = self._waiting.get(receipt_id) or await find_receipt(self._database, receipt_id)
        if found is None:
            raise NotFound(f"There is no receipt {receipt_id!r}.")
        return found

    async def newest(self, metric_id: str | None, before: str | None, limit: int) -> list[StoredReceipt]:
        return await list_receipts(self._database, metric_id, before, limit)

    async def prune(self) -> None:
        await prune_receipts(self._database, KEEP)


def asker_named(workspace: Workspace) -> str | None:
    """Whoever asks just now, where the workspace puts that on receipts."""
    who = current_request().who if workspace.settings.receipts_name_asker else None
    return who and who.name


def read_document(receipt: StoredReceipt) -> dict[str, Any]:
    """What was signed. Raises ReceiptBroken where somebody has made it unreadable."""
    try:
        document = orjson.loads(receipt.document)
    except orjson.JSONDecodeError as error:
        raise ReceiptBroken(f"Receipt {receipt.receipt_id} cannot be read: {error}.") from error
    if not isinstance(document, dict):
        raise ReceiptBroken(f"Receipt {receipt.receipt_id} holds no receipt.")
    return document


def _document(answer: Answer, definition: list[dict[str, Any]], label: str) -> dict[str, Any]:
    known = answer.provenance
    return {
        "receipt_id": known.receipt_id,
        "answer_id": answer.answer_id,
        "metric_id": answer.metric_ids[0],
        "metrics": list(answer.metric_ids),
        "label": label,
        "definition_text": known.definition,
        "owner": known.owner,
        "definition": definition,
        "definition_version": known.definition_version,
        "dictionary_version": known.dictionary_version,
        "meaning_version": known.meaning_version,
        "question": answer.question,
        "route": {"backend": known.backend, "driver": known.driver, "epoch": known.route_epoch},
        "data_version": known.data_version,
        "data_version_kind": known.data_version_kind,
        "source_tables": list(known.source_tables),
        "sql": known.sql,
        "params": known.params,
        "generator": known.generator,
        "checks": list(known.checks),
        "value_digest": known.value_digest,
        "columns": [wire_column(column) for column in answer.columns],
        "rows": answer.rows[:KEPT_ROWS],
        "dense": answer.dense,
        **({"folded": answer.folded.body()} if answer.folded else {}),
        **({"targets": answer.targets} if "targets" in answer.question else {}),
        "rows_returned": known.rows_returned,
        "truncated": known.truncated,
        "timings": known.timings,
        "elapsed_ms": known.elapsed_ms,
        "as_of": known.as_of,
        "synthetic": known.synthetic,
        "parity": {"standing": known.parity.standing, "reason": known.parity.reason,
                   "certificate_id": known.parity.certificate_id, "backend": known.parity.backend},
    }  # fmt: skip

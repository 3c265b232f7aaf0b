"""Whether receipts are all there and as they were signed; and the proof of its place that goes with one that leaves."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from assay.answers.receipts import KEEP, ReceiptBook, made_at
from assay.errors import BadRequest, ReceiptBroken, StoreUnavailable
from assay.people.proof import Fault, gap
from assay.signing.exported import digest_of, entry_of
from assay.signing.heads import Head, ends_of
from assay.signing.tree import (
    Growing,
    consistency,
    consistency_nodes,
    inclusion,
    inclusion_nodes,
    is_included,
    leaf_hash,
)
from assay.store.database import Database
from assay.store.receipt_log import (
    Logged,
    append_waiting,
    hashes_of,
    log_end,
    log_root,
    position_of,
    unlogged,
    walk_log,
)
from assay.store.receipts import StoredReceipt, walk_old_receipts
from assay.work.instants import instant

_MOST = 100
_OF = " of the log of receipts"
_PAUSE_SECONDS, _LOOK_SECONDS = 1.0, 30.0
_LATE = timedelta(minutes=15)
"""An answer takes no longer from its receipt's id to its receipt, nor from that to the log, unless the store is away."""
_log = logging.getLogger(__name__)


class LogProof(NamedTuple):
    entries: int
    root: str
    left: Head | None
    """The last head that has left: what came after it could be cut off and not be missed."""
    faults: list[Fault]


# -- growing --------------------------------------------------------------------------------------


async def keep_logging(database: Database, book: ReceiptBook) -> None:
    """Give receipts their places as they are written; and those that a process which ended has left without."""
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await book.wrote.wait()
        book.wrote.clear()
        with contextlib.suppress(StoreUnavailable):
            while await append_waiting(database):
                pass
        await asyncio.sleep(_PAUSE_SECONDS)


async def head_now(database: Database, install: str) -> Head:
    """Raises ReceiptBroken where the log is not whole."""
    size = (await log_end(database)).size or 0
    return Head("receipts", size, (await _root(database, size)).hex(), instant(datetime.now(UTC)), install)


async def place_in_log(database: Database, receipt: StoredReceipt, head: Head) -> dict[str, Any] | None:
    """Its position and the path from it to `head`; None while it has no place. Raises ReceiptBroken."""
    position = await position_of(database, receipt.receipt_id)
    if position is None or position >= head.number:
        return None
    try:
        path = inclusion(position, head.number, await hashes_of(database, inclusion_nodes(position, head.number)))
    except KeyError:
        path = []
    leaf = leaf_hash(entry_of(receipt.receipt_id, digest_of(receipt.document, receipt.signature)))
    if not is_included(leaf, position, head.number, path, bytes.fromhex(head.hash)):
        raise ReceiptBroken(
            f"Receipt {receipt.receipt_id} is not the one that stands in the log.",
            mend="assay audit verify says what was changed",
        )
    return {"position": position, "path": [each.hex() for each in path]}


async def growth(database: Database, first: int, size: int) -> list[str]:
    """The proof that the log of `size` begins with the one of `first`. Raises BadRequest or ReceiptBroken."""
    if first > size:
        raise BadRequest(f"The log has {size} entries: it cannot begin with {first}.")
    try:
        return [each.hex() for each in consistency(first, size, await hashes_of(database, consistency_nodes(first, size)))]
    except KeyError as error:
        raise ReceiptBroken("Parts of the log of receipts are missing.", mend="assay audit verify says which") from error


async def _root(database: Database, size: int) -> bytes:
    try:
        return await log_root(database, size)
    except KeyError as error:
        raise ReceiptBroken("Parts of the log of receipts are missing.", mend="assay audit verify says which") from error


# -- proving --------------------------------------------------------------------------------------


async def prove_log(database: Database, book: ReceiptBook, left: Iterable[Head]) -> LogProof:
    """Walk the log once, beside the receipts. Of very many faults the first hundred are told."""
    left = list(left)
    ends, farthest = ends_of(left, "receipts")
    written, until = await log_end(database)
    walk, tree = _Walk(left, ends, book), Growing()
    async for batch in walk_log(database):
        # What is appended meanwhile is not looked at.
        batch = [each for each in batch if each.position < until]
        # Signatures are worked out aside: the loop goes on answering.
        await asyncio.to_thread(walk.take, batch, tree)
    faults, count = walk.faults, tree.size
    async for old in walk_old_receipts(database):
        broken = await asyncio.to_thread(lambda old=old: [each for each in old if not _is_valid(book, each)])
        faults += [Fault("changed", -1, f"Receipt {each.receipt_id} was changed.") for each in broken]
    for receipt_id in await unlogged(database, _MOST):
        faults.append(Fault("inserted", count, f"Receipt {receipt_id} was inserted: it never came into the log."))
    if written is None:
        faults.append(Fault("head", count, "The end of the log of receipts is not written down any more."))
    elif written > walk.until:
        faults.append(gap(walk.until, written - 1, _OF))
    elif written < walk.until:
        faults.append(Fault("inserted", written, f"What follows {written} entries, the end of the log, was inserted."))
    if farthest is not None and farthest.number > max(walk.until, written or 0):
        said = f"The log of receipts was cut off after {walk.until}: it had {farthest.number} when that left the database."
        faults.append(Fault("missing", walk.until, said))
    if walk.is_whole and written == count and await _stored_root(database, count) != tree.root():
        faults.append(Fault("head", count, "The tree that proofs are made of is not that of the log."))
    return LogProof(count, tree.root().hex(), farthest, faults[:_MOST])


async def _stored_root(database: Database, size: int) -> bytes | None:
    try:
        return await log_root(database, size)
    except KeyError:
        return None


class _Walk:
    def __init__(self, left: list[Head], ends: dict[int, set[str]], book: ReceiptBook) -> None:
        self.faults: list[Fault] = []
        self.until = 0
        self.is_whole = True
        self._book = book
        self._ends = ends
        self._seen = {each.number: datetime.fromisoformat(each.at) for each in left if each.log == "receipts"}
        self._before: datetime | None = self._seen.get(0)
        self._gone_before = datetime.now(UTC) - KEEP + timedelta(hours=1)

    def take(self, batch: list[Logged], tree: Growing) -> None:
        for each in batch:
            if each.position != self.until:
                self.is_whole = False
                self.faults.append(gap(self.until, each.position - 1, _OF))
            self._before = self._seen.get(each.position, self._before)
            tree.add(leaf_hash(entry_of(each.receipt_id, each.digest)))
            self.until = each.position + 1
            if self.until in self._ends and self.is_whole and self._ends[self.until] != {tree.root().hex()}:
                said = f"The log of receipts was rewritten before entry {self.until}: its head was another when that left."
                self.faults.append(Fault("rewritten", self.until - 1, said))
            self.faults += self._faults_of(each)

    def _faults_of(self, each: Logged) -> Iterator[Fault]:
        name, begun = f"Receipt {each.receipt_id}", made_at(each.receipt_id)
        if begun is None:
            yield Fault(
                "changed", each.position, f"Entry {each.position} of the log names no receipt: {each.receipt_id[:40]!r}."
            )
            return
        if each.receipt is None:
            if begun > self._gone_before:
                yield Fault("missing", each.position, f"{name} is missing: it stands in the log as entry {each.position}.")
            return
        if digest_of(each.receipt.document, each.receipt.signature) != each.digest or not _is_valid(
            self._book, each.receipt
        ):
            yield Fault("changed", each.position, f"{name} was changed.")
            return
        created = each.receipt.created_at
        before = self._before
        if abs(created - begun) > _LATE or (before and begun < before - _LATE):
            seen = f", and the log did not have it at {instant(before)}" if before else ""
            said = f"{name} says that it was made at {instant(created)}, its id at {instant(begun)}{seen}"
            yield Fault("late", each.position, f"{said}: it was backdated, or waited for the store.")


def _is_valid(book: ReceiptBook, receipt: StoredReceipt) -> bool:
    try:
        return book.verify(receipt)
    except (ValueError, KeyError, TypeError):
        return False

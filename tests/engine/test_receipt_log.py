"""The log of receipts grows in one order whoever appends; whatever a superuser does to receipts or to it is found."""

import asyncio
from datetime import UTC, datetime, timedelta
from unittest import mock

import asyncpg
import pytest

from assay.answers.receipt_log import growth, head_now, place_in_log, prove_log
from assay.answers.receipts import KEEP, ReceiptBook, new_receipt_id
from assay.errors import BadRequest, ReceiptBroken
from assay.signing.exported import digest_of, entry_of
from assay.signing.heads import Head
from assay.signing.ring import Ring
from assay.signing.tree import is_consistent, is_included, leaf_hash
from assay.store.database import Database
from assay.store.receipt_log import append_waiting
from assay.store.receipts import StoredReceipt, add_receipts

RING = Ring(["the key of this test"])


@pytest.fixture
def book(database: Database) -> ReceiptBook:
    return ReceiptBook(database, RING, "one")


async def write(database: Database, book: ReceiptBook, *values: str, receipt_id: str = "") -> list[StoredReceipt]:
    made = [
        book.signed(
            {"receipt_id": receipt_id or new_receipt_id(), "answer_id": "a", "metric_id": "csat", "rows": [[each]]},
            datetime.now(UTC),
        )
        for each in values
    ]  # fmt: skip
    await add_receipts(database, made)
    return made


async def log_all(database: Database) -> None:
    while await append_waiting(database):
        pass


async def test_several_append_at_once_and_each_receipt_has_one_place(database: Database, book: ReceiptBook) -> None:
    made = [each for number in range(12) for each in await write(database, book, f"{number}")]
    await add_receipts(database, made)  # written again, as after a crash of the store
    await asyncio.gather(*(append_waiting(database) for _ in range(4)))
    await log_all(database)
    proof = await prove_log(database, book, [])
    assert (proof.entries, proof.faults) == (12, [])
    head = await head_now(database, "one")
    assert (head.number, head.hash) == (12, proof.root)
    for each in made:
        place = await place_in_log(database, each, head)
        assert place
        leaf = leaf_hash(entry_of(each.receipt_id, digest_of(each.document, each.signature)))
        path = [bytes.fromhex(step) for step in place["path"]]
        assert is_included(leaf, place["position"], 12, path, bytes.fromhex(head.hash))


async def test_the_log_is_shown_to_begin_with_what_it_was_before(database: Database, book: ReceiptBook) -> None:
    heads = list[Head]()
    for number in range(6):
        await write(database, book, *"ab"[: number % 2 + 1])
        await log_all(database)
        heads.append(await head_now(database, "one"))
    last = heads[-1]
    for each in heads:
        path = [bytes.fromhex(step) for step in await growth(database, each.number, last.number)]
        assert is_consistent(each.number, last.number, path, bytes.fromhex(each.hash), bytes.fromhex(last.hash))
    with pytest.raises(BadRequest):
        await growth(database, last.number + 1, last.number)


async def test_a_receipt_that_waits_for_its_place_is_no_fault_and_one_pruned_by_age_neither(
    database: Database, book: ReceiptBook
) -> None:
    old = (datetime.now(UTC) - KEEP - timedelta(days=1)).timestamp()
    receipt_id = made_in(old)
    await add_receipts(database, [book.signed({"receipt_id": receipt_id, "answer_id": "a", "metric_id": "csat"},
                                              datetime.fromtimestamp(old, UTC))])  # fmt: skip
    await log_all(database)
    await book.prune()
    await write(database, book, "waits")
    proof = await prove_log(database, book, [])
    assert (proof.entries, proof.faults) == (1, [])


def made_in(seconds: float) -> str:
    with mock.patch("time.time_ns", return_value=round(seconds * 1_000) * 1_000_000):
        return new_receipt_id()


OPEN = "ALTER TABLE assay.receipt_log DISABLE TRIGGER USER; ALTER TABLE assay.receipt_node DISABLE TRIGGER USER; "
THIRD = "(SELECT receipt_id FROM assay.receipt_log WHERE position = 2)"
CHANGE = f"UPDATE assay.receipt SET document = replace(document, '\"c\"', '\"x\"') WHERE receipt_id = {THIRD}"
DELETE = f"DELETE FROM assay.receipt WHERE receipt_id = {THIRD}"
UNLOG = "DELETE FROM assay.receipt_log WHERE position = 2"
SWAP = "UPDATE assay.receipt_log SET position = {} WHERE position = {}"
TAMPERED = {
    "a value changed": (CHANGE, "changed", 2),
    "a value changed, in the log too": (
        f"{CHANGE}; UPDATE assay.receipt_log AS l"
        " SET digest = encode(sha256(convert_to(r.document || E'\\n' || r.signature, 'UTF8')), 'hex')"
        " FROM assay.receipt AS r WHERE r.receipt_id = l.receipt_id", "changed", 2),
    "another signature": (f"UPDATE assay.receipt SET signature = 'no' WHERE receipt_id = {THIRD}", "changed", 2),
    "another metric": (f"UPDATE assay.receipt SET metric_id = 'other' WHERE receipt_id = {THIRD}", "changed", 2),
    "another time": (
        f"UPDATE assay.receipt SET created_at = created_at - interval '1 year' WHERE receipt_id = {THIRD}", "changed", 2),
    "made unreadable": (f"UPDATE assay.receipt SET document = '{{' WHERE receipt_id = {THIRD}", "changed", 2),
    "with the text of another": (
        "UPDATE assay.receipt AS r SET document = o.document, signature = o.signature FROM assay.receipt AS o"
        f" WHERE r.receipt_id = {THIRD} AND o.receipt_id <> r.receipt_id", "changed", 2),
    "deleted": (DELETE, "missing", 2),
    "deleted, in the log too": (f"{DELETE}; {UNLOG}", "missing", 2),
    "deleted, and the log closed up": (
        f"{DELETE}; {UNLOG}; {SWAP.format('position - 1', '3')}; {SWAP.format('position - 1', '4')};"
        " UPDATE assay.receipt_log_end SET size = 4", "missing", 4),
    "cut off, its end too": (
        "DELETE FROM assay.receipt WHERE receipt_id IN (SELECT receipt_id FROM assay.receipt_log WHERE position > 2); DELETE"
        " FROM assay.receipt_log WHERE position > 2; DELETE FROM assay.receipt_node WHERE place + 1 > 3 >> level; UPDATE"
        " assay.receipt_log_end SET size = 3", "missing", 3),
    "all gone": (
        "DELETE FROM assay.receipt; DELETE FROM assay.receipt_log; UPDATE assay.receipt_log_end SET size = 0", "missing", 0),
    "its end forgotten": ("DELETE FROM assay.receipt_log_end", "head", 5),
    "two places changed": (f"{SWAP.format(9, 1)}; {SWAP.format(1, 3)}; {SWAP.format(3, 9)}", "rewritten", 4),
    "inserted beside the log": (
        "INSERT INTO assay.receipt SELECT repeat('0', 26), answer_id, metric_id, created_at, document, signature"
        f" FROM assay.receipt WHERE receipt_id = {THIRD}", "inserted", 5),
    "inserted, in the log too": (
        "INSERT INTO assay.receipt_log SELECT 5, repeat('0', 26), digest FROM assay.receipt_log WHERE position = 2",
        "inserted", 5),
    "a node changed": ("UPDATE assay.receipt_node SET hash = sha256('') WHERE level = 2", "head", 5),
}  # fmt: skip


@pytest.mark.cases(6)
@pytest.mark.parametrize("name", TAMPERED)
async def test_what_a_superuser_does_is_found(database: Database, book: ReceiptBook, name: str) -> None:
    for each in "abcde":
        await write(database, book, each)
        await log_all(database)
    left = [await head_now(database, "one")]
    assert (await prove_log(database, book, left)).faults == []
    sql, kind, position = TAMPERED[name]
    connection = await asyncpg.connect(database.url)
    await connection.execute(OPEN + sql)
    await connection.close()
    faults = (await prove_log(database, book, left)).faults
    assert (kind, position) in {(each.kind, each.number) for each in faults}, faults


@pytest.mark.parametrize("table", ["receipt_log", "receipt_node"])
@pytest.mark.parametrize("change", ["DELETE FROM assay.{}", "TRUNCATE assay.{}"])
async def test_an_entry_of_the_log_is_not_taken_away(database: Database, table: str, change: str) -> None:
    connection = await asyncpg.connect(database.url)
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        await connection.execute(change.format(table))
    await connection.close()


async def test_a_receipt_that_comes_long_after_it_says_it_was_made_is_said(database: Database, book: ReceiptBook) -> None:
    await write(database, book, "a")
    await log_all(database)
    left = await head_now(database, "one")
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    await write(database, book, "b", receipt_id=made_in(hour_ago.timestamp()))
    await log_all(database)
    (fault,) = (await prove_log(database, book, [left])).faults
    assert (fault.kind, fault.number) == ("late", 1)


async def test_a_receipt_that_was_changed_gets_no_proof(database: Database, book: ReceiptBook) -> None:
    (made,) = await write(database, book, "a")
    await log_all(database)
    head = await head_now(database, "one")
    with pytest.raises(ReceiptBroken):
        await place_in_log(database, made._replace(document=made.document.replace("csat", "else")), head)


async def test_a_signature_of_before_there_was_a_log_is_checked_too(database: Database, book: ReceiptBook) -> None:
    receipt_id = new_receipt_id()
    created = datetime(2026, 1, 2, tzinfo=UTC)
    document = f'{{"answer_id":"a","created_at":"2026-01-02T00:00:00.000Z","metric_id":"csat","receipt_id":"{receipt_id}"}}'
    old = StoredReceipt(receipt_id, "a", "csat", created, document, RING.mac(document))
    await add_receipts(database, [old])
    await log_all(database)
    assert await prove_log(database, book, []) == (0, (await head_now(database, "one")).hash, None, [])
    await database.fetch("UPDATE assay.receipt SET document = replace(document, 'csat', 'else') RETURNING 1")
    assert [each.kind for each in (await prove_log(database, book, [])).faults] == ["changed"]

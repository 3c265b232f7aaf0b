"""The audit log is appended to and never changed; whatever a superuser does to it is found."""

import asyncio
import json
from datetime import timedelta

import asyncpg
import pytest

from assay.people.heads import read_heads
from assay.people.proof import Fault, prove
from assay.people.pruning import begun_after, prune
from assay.signing.heads import Head, sign_head
from assay.signing.ring import Ring
from assay.store.audit import Deed, End, StoredEntry, audit, entries_until, find_end
from assay.store.audit_kept import tell_more
from assay.store.database import Connection, Database

RING = Ring(["the key of this test"])
INSTALL = "an install"


async def append(database: Database, *subjects: str) -> None:
    async def work(connection: Connection) -> None:
        await audit(connection, *(Deed("test.done", each) for each in subjects))

    await database.transact(work)


async def head_of(database: Database) -> Head:
    end, _ = await find_end(database)
    assert end
    return Head("audit", end.number, end.hash, "2026-01-02T03:04:05Z", INSTALL)


def left_of(head: Head, ring: Ring = RING) -> list[Head]:
    return read_heads([json.dumps(sign_head(head, ring))], RING, INSTALL)


@pytest.mark.parametrize(
    "change", ["UPDATE assay.audit SET document = ''", "DELETE FROM assay.audit", "TRUNCATE assay.audit"]
)
async def test_an_entry_is_neither_changed_nor_deleted(database: Database, change: str) -> None:
    await append(database, "a")
    connection = await asyncpg.connect(database.url)
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        await connection.execute(change)
    await connection.close()


async def test_those_who_append_at_once_make_one_chain(database: Database) -> None:
    await asyncio.gather(*(append(database, f"{number}", f"{number}, too") for number in range(20)))
    proof = await prove(database, [])
    assert (proof.entries, proof.faults) == (40, [])


async def test_what_was_not_done_is_not_said(database: Database) -> None:
    async def work(connection: Connection) -> None:
        await audit(connection, Deed("test.done", "never"))
        raise ZeroDivisionError

    await append(database, "a")
    with pytest.raises(ZeroDivisionError):
        await database.transact(work)
    await append(database, "b")
    assert [each.number async for each in entries_until(database, 9)] == [1, 2]
    assert (await prove(database, [])).faults == []


REWRITE = """
DO $$ DECLARE e record; last text := ''; BEGIN
    UPDATE assay.audit SET document = replace(document, '"c"', '"x"');
    FOR e IN SELECT * FROM assay.audit ORDER BY number LOOP
        UPDATE assay.audit SET previous = last,
            hash = encode(sha256(convert_to(e.number || E'\\n' || last || E'\\n' || document, 'UTF8')), 'hex')
            WHERE number = e.number RETURNING hash INTO last;
    END LOOP;
    UPDATE assay.audit_head SET hash = last;
END $$"""
CUT = (
    "DELETE FROM assay.audit WHERE number > 3; UPDATE assay.audit_head SET number = 3, hash = (SELECT hash FROM assay.audit"
)
TAMPERED = {
    "changed": ("UPDATE assay.audit SET document = replace(document, '\"c\"', '\"x\"') WHERE number = 3", "changed", 3),
    "changed with its hash": (
        "UPDATE assay.audit SET document = '{}', hash = encode(sha256(convert_to(number || E'\\n' || previous || E'\\n{}',"
        " 'UTF8')), 'hex') WHERE number = 3", "changed", 3),
    "the last, with its hash": (
        "UPDATE assay.audit SET document = '{}', hash = encode(sha256(convert_to(number || E'\\n' || previous || E'\\n{}',"
        " 'UTF8')), 'hex') WHERE number = 5", "head", 5),
    "missing": ("DELETE FROM assay.audit WHERE number = 3", "missing", 3),
    "the first missing": ("DELETE FROM assay.audit WHERE number = 1", "missing", 1),
    "the last missing": ("DELETE FROM assay.audit WHERE number = 5", "missing", 5),
    "all missing": ("DELETE FROM assay.audit", "missing", 1),
    "inserted before": ("INSERT INTO assay.audit SELECT 0, document, previous, hash FROM assay.audit WHERE number = 1",
                        "inserted", 0),
    "inserted behind": ("INSERT INTO assay.audit SELECT 6, document, previous, hash FROM assay.audit WHERE number = 5",
                        "inserted", 6),
    "in the place of another": (
        "DELETE FROM assay.audit WHERE number = 3; INSERT INTO assay.audit SELECT 3, document, previous, hash"
        " FROM assay.audit WHERE number = 2", "changed", 3),
    "its end forgotten": ("DELETE FROM assay.audit_head", "head", 5),
    "cut off, its end too": (f"{CUT} WHERE number = 3)", "missing", 4),
    "rewritten, its end too": (REWRITE, "rewritten", 5),
}  # fmt: skip


@pytest.mark.cases(5)
@pytest.mark.parametrize("name", TAMPERED)
async def test_what_a_superuser_does_is_found(database: Database, name: str) -> None:
    await append(database, *"abcde")
    left = left_of(await head_of(database))
    assert (await prove(database, left)).faults == []
    sql, kind, number = TAMPERED[name]
    connection = await asyncpg.connect(database.url)
    await connection.execute("ALTER TABLE assay.audit DISABLE TRIGGER USER")
    await connection.execute(sql)
    await connection.close()
    faults = (await prove(database, left)).faults
    assert (kind, number) in {(each.kind, each.number) for each in faults}
    assert isinstance(faults[0], Fault)


def test_a_head_that_another_hand_wrote_counts_for_nothing() -> None:
    head = Head("audit", 3, "abc", "2026-01-02T03:04:05Z", INSTALL)
    good = json.dumps(sign_head(head, RING))
    assert read_heads(["", good[:20], "[]", good], RING, INSTALL) == [head]
    assert read_heads([good.replace('"number": 3', '"number": 4')], RING, INSTALL) == []
    assert left_of(head, Ring(["another key than that of this test"])) == []
    # The install's name lies in the database: a head is not disowned by another one there.
    assert read_heads([good], RING, "another install") == [head]


def test_a_head_that_left_before_others_could_check_it_still_counts() -> None:
    signature = RING.mac("assay audit head\n3\nabc\n2026-01-02T03:04:05Z")
    line = json.dumps({"number": 3, "hash": "abc", "at": "2026-01-02T03:04:05Z", "signature": signature})
    assert [each.number for each in read_heads([line], RING, INSTALL)] == [3]
    assert read_heads([line.replace("3", "4", 1)], RING, INSTALL) == []


async def test_a_head_from_before_a_rewrite_is_not_outdone_by_one_from_after_it(database: Database) -> None:
    await append(database, *"abc")
    before = await head_of(database)
    after = before._replace(hash="f" * 64)
    assert {each.kind for each in (await prove(database, [before, after])).faults} == {"rewritten"}
    assert (await prove(database, [before, before])).faults == []


async def pruned(database: Database) -> End:
    """Of five entries, which are all older than what is kept, the first three had been told."""

    async def tell(_: list[StoredEntry]) -> None: ...

    await append(database, *"abc")
    three = await head_of(database)
    await tell_more(database, tell)
    await append(database, *"de")
    await prune(database, RING, INSTALL, timedelta(), True)
    return End(three.number, three.hash)


async def test_an_entry_is_older_than_is_kept_or_it_stays(database: Database) -> None:
    await append(database, *"ab")
    await prune(database, RING, INSTALL, timedelta(days=1), False)
    assert await begun_after(database, RING, INSTALL) == End(0, "")
    two = await head_of(database)
    await prune(database, RING, INSTALL, timedelta(), False)
    assert await begun_after(database, RING, INSTALL) == End(two.number, two.hash)


async def test_what_is_older_than_is_kept_goes_up_to_a_signed_checkpoint(database: Database) -> None:
    three = await pruned(database)
    begun = await begun_after(database, RING, INSTALL)
    assert begun == three
    kept = [each async for each in entries_until(database, 99)]
    assert [each.number for each in kept] == [4, 5, 6]
    assert tuple(json.loads(kept[-1].document)[name] for name in ("action", "subject")) == ("audit.pruned", "1 to 3")
    before = Head("audit", *three, "2026-01-02T03:04:05Z", INSTALL)
    assert (await prove(database, [before], begun)).faults == []
    assert {each.kind for each in (await prove(database, [before._replace(hash="0" * 64)], begun)).faults} == {"rewritten"}
    connection = await asyncpg.connect(database.url)
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        await connection.execute("DELETE FROM assay.audit")
    await connection.close()


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    ("change", "kind", "number"),
    [
        ("UPDATE assay.audit_checkpoint SET number = 4, hash = (SELECT hash FROM assay.audit WHERE number = 4);"
         " DELETE FROM assay.audit WHERE number = 4", "missing", 1),
        ("INSERT INTO assay.audit_checkpoint SELECT 4, hash, at, signature FROM assay.audit_checkpoint;"
         " DELETE FROM assay.audit WHERE number = 4", "missing", 4),
        ("DELETE FROM assay.audit_checkpoint", "missing", 1),
        ("INSERT INTO assay.audit SELECT 2, document, previous, hash FROM assay.audit WHERE number = 4", "inserted", 2),
        ("DELETE FROM assay.audit WHERE number = 4", "missing", 4),
    ],
)  # fmt: skip
async def test_more_than_the_checkpoint_covers_is_missed(database: Database, change: str, kind: str, number: int) -> None:
    await pruned(database)
    connection = await asyncpg.connect(database.url)
    await connection.execute(f"ALTER TABLE assay.audit DISABLE TRIGGER USER; {change}")
    await connection.close()
    faults = (await prove(database, [], await begun_after(database, RING, INSTALL))).faults
    assert (kind, number) in {(each.kind, each.number) for each in faults}, faults


async def test_each_entry_is_told_once_whichever_process_tells(database: Database) -> None:
    told = list[int]()

    async def tell(entries: list[StoredEntry]) -> None:
        told.extend(each.number for each in entries)

    await append(database, *"abc")
    await asyncio.gather(*(tell_more(database, tell) for _ in range(3)))
    await append(database, "d")
    while await tell_more(database, tell):
        pass
    assert told == [1, 2, 3, 4]

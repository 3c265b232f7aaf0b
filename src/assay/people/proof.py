"""Whether the audit log is as it was written: each entry, the order, its end, and the ends that have left the database."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from assay.signing.heads import Head, ends_of
from assay.store.audit import End, StoredEntry, entries_until, find_end, hash_of
from assay.store.database import Database

_MOST = 100
BEGUN = End(0, "")
"""Where nothing was pruned."""


class Fault(NamedTuple):
    """`number`: of the entry, or of the first of several; of a receipt its place in their log, or -1."""

    kind: Literal["changed", "missing", "inserted", "rewritten", "head", "late"]
    number: int
    sentence: str


class Proof(NamedTuple):
    entries: int
    head: End
    left: Head | None
    """The last end that left the database; what came after it could be cut off and not be missed."""
    faults: list[Fault]


async def prove(database: Database, left: Iterable[Head], begun: End = BEGUN) -> Proof:
    """`begun`: the last entry that was pruned.

    Walk the chain once. Of very many faults the first hundred are told. What is appended meanwhile is not looked at."""
    faults = list[Fault]()
    ends, newest_left = ends_of(left, "audit")
    head, newest = await find_end(database)
    until = newest if head is None else head.number
    count, last = 0, begun
    faults += _rewritten(begun, ends)
    async for each in entries_until(database, until):
        count += 1
        faults += _faults_of(each, last, begun)
        faults += _rewritten(End(each.number, each.hash), ends)
        if each.number > begun.number:
            last = End(each.number, each.hash)
    if until > last.number:
        faults.append(gap(last.number + 1, until))
    if head is None:
        faults.append(Fault("head", last.number, "The end of the log is not written down any more."))
    elif head.number == last.number and head.hash != last.hash:
        faults.append(Fault("head", head.number, f"Entry {head.number} is not the one that the end of the log names."))
    elif newest > until:
        faults.append(Fault("inserted", until + 1, f"What follows entry {until}, the end of the log, was inserted."))
    if newest_left is not None and newest_left.number > until:
        said = (
            f"The log was cut off after entry {until}: its end was entry {newest_left.number} when that left the database."
        )
        faults.append(Fault("missing", until + 1, said))
    return Proof(count, last, newest_left, faults[:_MOST])


def _rewritten(end: End, ends: dict[int, set[str]]) -> Iterable[Fault]:
    if ends.get(end.number, {end.hash}) != {end.hash}:
        said = f"The log was rewritten up to entry {end.number}: its end was another when that left the database."
        yield Fault("rewritten", end.number, said)


def _faults_of(each: StoredEntry, last: End, begun: End) -> Iterable[Fault]:
    if each.number <= begun.number:
        yield Fault("inserted", each.number, f"Entry {each.number} was inserted: the log begins with {begun.number + 1}.")
    elif each.number > last.number + 1:
        yield gap(last.number + 1, each.number - 1)
    elif each.previous != last.hash:
        yield Fault("changed", each.number - 1, f"Entry {each.number - 1} is not the one that entry {each.number} followed.")
    if hash_of(each.number, each.previous, each.document) != each.hash:
        yield Fault("changed", each.number, f"Entry {each.number} was changed.")


def gap(first: int, last: int, of: str = "") -> Fault:
    which = f"Entry {first}{of} is" if first >= last else f"Entries {first} to {last}{of} are"
    return Fault("missing", first, f"{which} missing.")

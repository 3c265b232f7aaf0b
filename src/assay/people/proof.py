"""Whether the audit log is as it was written: each entry, the order, its end, and the ends that have left the database."""

import hmac
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from assay.store.audit import Head, StoredEntry, entries_until, find_head, hash_of
from assay.store.database import Database

_HEADS = "audit-heads.jsonl"
_MOST = 100
Sign = Callable[[str], str]


class Fault(NamedTuple):
    """`number`: of the entry, or of the first of several."""

    kind: Literal["changed", "missing", "inserted", "rewritten", "head"]
    number: int
    sentence: str


class Proof(NamedTuple):
    entries: int
    head: Head
    left: Head | None
    """The last end that left the database; what came after it could be cut off and not be missed."""
    faults: list[Fault]


async def prove(database: Database, left: Iterable[Head]) -> Proof:
    """Walk the chain once. Of very many faults the first hundred are told. What is appended meanwhile is not looked at."""
    faults = list[Fault]()
    ends = {each.number: each.hash for each in left}
    head, newest = await find_head(database)
    until = newest if head is None else head.number
    count, last = 0, Head(0, "")
    async for each in entries_until(database, until):
        count += 1
        faults += _faults_of(each, last)
        if ends.get(each.number, each.hash) != each.hash:
            said = f"The log was rewritten up to entry {each.number}: its end was another when that left the database."
            faults.append(Fault("rewritten", each.number, said))
        last = Head(each.number, each.hash)
    if until > last.number:
        faults.append(_gap(last.number + 1, until))
    if head is None:
        faults.append(Fault("head", last.number, "The end of the log is not written down any more."))
    elif head.number == last.number and head.hash != last.hash:
        faults.append(Fault("head", head.number, f"Entry {head.number} is not the one that the end of the log names."))
    elif newest > until:
        faults.append(Fault("inserted", until + 1, f"What follows entry {until}, the end of the log, was inserted."))
    farthest = max(ends, default=0)
    if farthest > until:
        said = f"The log was cut off after entry {until}: its end was entry {farthest} when that left the database."
        faults.append(Fault("missing", until + 1, said))
    return Proof(count, last, Head(farthest, ends[farthest]) if ends else None, faults[:_MOST])


def _faults_of(each: StoredEntry, last: Head) -> Iterable[Fault]:
    if each.number < 1:
        yield Fault("inserted", each.number, f"Entry {each.number} was inserted: the log begins with 1.")
    elif each.number > last.number + 1:
        yield _gap(last.number + 1, each.number - 1)
    elif each.previous != last.hash:
        yield Fault("changed", each.number - 1, f"Entry {each.number - 1} is not the one that entry {each.number} followed.")
    if hash_of(each.number, each.previous, each.document) != each.hash:
        yield Fault("changed", each.number, f"Entry {each.number} was changed.")


def _gap(first: int, last: int) -> Fault:
    which = f"Entry {first} is" if first == last else f"Entries {first} to {last} are"
    return Fault("missing", first, f"{which} missing.")


# -- ends that leave the database -----------------------------------------------------------------


def line_of(head: Head, at: str, sign: Sign) -> str:
    """One line of the file: signed, so that a line of another hand counts for nothing."""
    return json.dumps({"number": head.number, "hash": head.hash, "at": at, "signature": sign(_signed(head, at))})


def read_heads(text: str, sign: Sign) -> list[Head]:
    """Those of the lines that this server signed; half a line, written as the power went, is none."""
    found = list[Head]()
    for line in text.splitlines():
        try:
            given = json.loads(line)
            head, at, signature = Head(int(given["number"]), str(given["hash"])), str(given["at"]), str(given["signature"])
        except (ValueError, KeyError, TypeError):
            continue
        if hmac.compare_digest(sign(_signed(head, at)), signature):
            found.append(head)
    return found


def heads_file(home: Path) -> Path:
    return home / _HEADS


def append_line(file: Path, line: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as opened:
        opened.write(line + "\n")


def _signed(head: Head, at: str) -> str:
    return f"assay audit head\n{head.number}\n{head.hash}\n{at}"

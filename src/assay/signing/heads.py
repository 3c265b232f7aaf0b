"""Heads: how long a log was and what it hashed to, at a moment, signed. One that has left pins all that led to it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from assay.signing.canonical import canonical
from assay.signing.ring import Ring

Log = Literal["audit", "receipts"]
LOGS: tuple[Log, ...] = ("audit", "receipts")


class Head(NamedTuple):
    """`number`: of the last entry of the chain, or how many leaves the tree has. `hash`: of that entry, or the root."""

    log: Log
    number: int
    hash: str
    at: str
    install: str


def sign_head(head: Head, ring: Ring) -> dict[str, Any]:
    """As it travels."""
    known = head._asdict()
    return {**known, "signature": ring.sign("head", canonical(known).decode())}


def read_head(given: Mapping[str, Any], verify: Callable[[str, str], bool]) -> Head:
    """`verify(document, signature)`. Raises ValueError where it is no head, or not one that was signed so."""
    try:
        head = Head(given["log"], given["number"], given["hash"], given["at"], given["install"])
        signature = given["signature"]
        kinds = [type(each) for each in (*head, signature)]
        is_head = kinds == [str, int, str, str, str, str] and head.log in LOGS and head.number >= 0
    except (KeyError, TypeError) as error:
        raise ValueError("it is no head of a log") from error
    if not is_head or not verify(canonical(head._asdict()).decode(), signature):
        raise ValueError("it is not a head that was signed by a known key")
    return head


def ends_of(heads: Iterable[Head], log: Log) -> tuple[dict[int, set[str]], Head | None]:
    """Every hash that a log is said to have had at a length: there should be one. And the farthest head of all."""
    ends, farthest = dict[int, set[str]](), None
    for each in heads:
        if each.log == log:
            ends.setdefault(each.number, set()).add(each.hash)
            farthest = each if farthest is None or each.number >= farthest.number else farthest
    return ends, farthest

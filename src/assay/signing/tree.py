"""A Merkle tree as RFC 9162 hashes it: roots, proofs that a leaf is in it, and proofs that a tree grew out of an older one.

The hash of each whole subtree is a node: (level, place). Which nodes a proof is made of is said first, so that a store
fetches them at once.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

EMPTY = hashlib.sha256(b"").digest()


class Node(NamedTuple):
    """A whole subtree: 2 ** `level` leaves, the first of which is leaf `place` * 2 ** `level`."""

    level: int
    place: int


Hashes = Mapping[Node, bytes]
_Span = tuple[int, int]


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


# -- growing --------------------------------------------------------------------------------------


def frontier(size: int) -> list[Node]:
    """The whole subtrees that a tree of this size is made of, the largest first."""
    return list(_nodes_of((0, size)))


def grow(size: int, known: Hashes, leaves: Sequence[bytes]) -> dict[Node, bytes]:
    """The nodes that come with these leaves at the end of a tree of `size`. `known` holds its frontier."""
    fresh = dict[Node, bytes]()
    for number, leaf in enumerate(leaves, size):
        node, value = Node(0, number), leaf
        fresh[node] = value
        while node.place % 2:
            beside = Node(node.level, node.place - 1)
            value = node_hash(fresh[beside] if beside in fresh else known[beside], value)
            node = Node(node.level + 1, node.place // 2)
            fresh[node] = value
    return fresh


class Growing:
    """A tree that leaves are added to, of which no more is kept than its root needs."""

    def __init__(self) -> None:
        self.size = 0
        self._parts: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        level, value = 0, leaf
        while self._parts and self._parts[-1][0] == level:
            value, level = node_hash(self._parts.pop()[1], value), level + 1
        self._parts.append((level, value))
        self.size += 1

    def root(self) -> bytes:
        return _folded([value for _, value in self._parts]) if self._parts else EMPTY


def root(size: int, hashes: Hashes) -> bytes:
    """Of a tree of this size; `hashes` holds its frontier."""
    return _hash((0, size), hashes) if size else EMPTY


# -- proving --------------------------------------------------------------------------------------


def inclusion_nodes(place: int, size: int) -> list[Node]:
    return [node for span in _path(place, (0, size)) for node in _nodes_of(span)]


def inclusion(place: int, size: int, hashes: Hashes) -> list[bytes]:
    """RFC 9162, 2.1.3.1: what the root is made of beside this leaf, from the leaf upwards."""
    return [_hash(span, hashes) for span in _path(place, (0, size))]


def consistency_nodes(first: int, size: int) -> list[Node]:
    return [node for span in _growth(first, (0, size), True) for node in _nodes_of(span)]


def consistency(first: int, size: int, hashes: Hashes) -> list[bytes]:
    """RFC 9162, 2.1.4.1: that the first `first` leaves of a tree of `size` are those of the tree of that size."""
    return [_hash(span, hashes) for span in _growth(first, (0, size), True)]


def _path(place: int, span: _Span) -> list[_Span]:
    begin, end = span
    if end - begin == 1:
        return []
    middle = begin + _half(end - begin)
    if place < middle:
        return [*_path(place, (begin, middle)), (middle, end)]
    return [*_path(place, (middle, end)), (begin, middle)]


def _growth(first: int, span: _Span, is_whole: bool) -> list[_Span]:
    begin, end = span
    if first == end:
        return [] if is_whole else [span]
    middle = begin + _half(end - begin)
    if first <= middle:
        return [*_growth(first, (begin, middle), is_whole), (middle, end)]
    return [*_growth(first, (middle, end), False), (begin, middle)]


def _half(count: int) -> int:
    """The largest power of two below it."""
    return 1 << (count - 1).bit_length() - 1


def _nodes_of(span: _Span) -> Iterator[Node]:
    """Its first leaf lies where a subtree as large as its largest part may begin: so all that are asked for do."""
    begin, end = span
    while begin < end:
        level = (end - begin).bit_length() - 1
        yield Node(level, begin >> level)
        begin += 1 << level


def _hash(span: _Span, hashes: Hashes) -> bytes:
    return _folded([hashes[node] for node in _nodes_of(span)])


def _folded(parts: Sequence[bytes]) -> bytes:
    *rest, last = parts
    for each in reversed(rest):
        last = node_hash(each, last)
    return last


# -- verifying ------------------------------------------------------------------------------------


def is_included(leaf: bytes, place: int, size: int, path: Sequence[bytes], expected: bytes) -> bool:
    """RFC 9162, 2.1.3.2."""
    if not 0 <= place < size:
        return False
    inner, last, value = place, size - 1, leaf
    for each in path:
        if last == 0:
            return False
        if inner & 1 or inner == last:
            value = node_hash(each, value)
            while inner and not inner & 1:
                inner, last = inner >> 1, last >> 1
        else:
            value = node_hash(value, each)
        inner, last = inner >> 1, last >> 1
    return last == 0 and value == expected


def is_consistent(first: int, second: int, path: Sequence[bytes], old: bytes, new: bytes) -> bool:
    """RFC 9162, 2.1.4.2: whether the tree of `second` leaves begins with the one of `first`."""
    if not 0 <= first <= second:
        return False
    if first == second:
        return not path and old == new
    if first == 0:
        return not path and old == EMPTY
    steps = [old, *path] if first & (first - 1) == 0 else list(path)
    if not steps:
        return False
    inner, last = first - 1, second - 1
    while inner & 1:
        inner, last = inner >> 1, last >> 1
    before = after = steps[0]
    for each in steps[1:]:
        if last == 0:
            return False
        if inner & 1 or inner == last:
            before, after = node_hash(each, before), node_hash(each, after)
            while inner and not inner & 1:
                inner, last = inner >> 1, last >> 1
        else:
            after = node_hash(after, each)
        inner, last = inner >> 1, last >> 1
    return last == 0 and before == old and after == new

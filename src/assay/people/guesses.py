"""Guesses at the token by the header Authorization: counted by where they come from, in this process's memory.

The same wrong text again is a program that was not told the new token, and no guess. A network that guesses too much is not
compared any more for a while, so that a guess that happens to be right is not told; one that has shown the right token
before goes on, whoever else is there.
"""

import ipaddress
import time
from functools import lru_cache
from typing import Any

MOST, WITHIN_SECONDS = 30, 900.0
_MOST_NETWORKS = 4_096


class Guesses:
    def __init__(self) -> None:
        self._wrong: dict[str, tuple[float, set[int]]] = {}
        self._right: dict[str, None] = {}

    def seconds_left(self, address: str) -> float:
        """Until it is listened to again; 0 where it is."""
        found = self._wrong.get(network(address)) if self._wrong else None
        if found is None or len(found[1]) < MOST:
            return 0.0
        return max(0.0, found[0] + WITHIN_SECONDS - time.monotonic())

    def is_known(self, address: str) -> bool:
        return network(address) in self._right

    def note_right(self, address: str) -> None:
        here = network(address)
        if here not in self._right:
            _make_room(self._right)
            self._right[here] = None

    def note_wrong(self, address: str, secret: bytes) -> bool:
        """Whether it was one too many just now."""
        here, now = network(address), time.monotonic()
        since, tried = self._wrong.get(here, (now, set[int]()))
        if now - since >= WITHIN_SECONDS:
            since, tried = now, set[int]()
        if here not in self._wrong:
            _make_room(self._wrong)
        before = len(tried)
        if before < MOST:
            tried.add(hash(secret))
        self._wrong[here] = since, tried
        return before < MOST == len(tried)


def _make_room(kept: dict[str, Any]) -> None:
    """The oldest goes."""
    if len(kept) >= _MOST_NETWORKS:
        del kept[next(iter(kept))]


@lru_cache(maxsize=_MOST_NETWORKS)
def network(address: str) -> str:
    """Whoever has one address of the sixth version has 2^64 of them."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))

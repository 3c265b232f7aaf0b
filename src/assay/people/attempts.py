"""Attempts to sign in: so many may fail in a while from one address, and then nobody tries from there for a while."""

import time

from assay.errors import TooManyAttempts

MOST = 10
WITHIN_SECONDS = 900.0
_MOST_ADDRESSES = 10_000


class Attempts:
    """Of one process; each guesser meets the bound in every one of them."""

    def __init__(self) -> None:
        self._failed: dict[str, list[float]] = {}

    def expect_room(self, address: str) -> None:
        """Raises TooManyAttempts."""
        failed = self._lately(address)
        if len(failed) >= MOST:
            left = WITHIN_SECONDS - (time.monotonic() - failed[0])
            raise TooManyAttempts(retry_after_seconds=max(1, round(left)))

    def note_failure(self, address: str) -> None:
        failed = self._lately(address)
        if address not in self._failed and len(self._failed) >= _MOST_ADDRESSES:
            self._failed.pop(next(iter(self._failed)))
        self._failed[address] = [*failed, time.monotonic()]

    def forget(self, address: str) -> None:
        self._failed.pop(address, None)

    def _lately(self, address: str) -> list[float]:
        since = time.monotonic() - WITHIN_SECONDS
        return [each for each in self._failed.get(address, ()) if each > since]

"""Heads of the audit log and of the log of receipts leave the database: nobody can rewrite what led to them unnoticed."""

import asyncio
import json
import logging
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx

from assay.answers.receipt_log import head_now
from assay.errors import ReceiptBroken, StoreUnavailable
from assay.people.heads import append_line, heads_file
from assay.signing.heads import LOGS, Head, Log, sign_head
from assay.signing.ring import Ring
from assay.store.audit import StoredEntry, find_end
from assay.store.audit_kept import tell_more
from assay.store.database import Database
from assay.work.patience import FILES_SECONDS, Aside, in_time

_LOOK_SECONDS, _HOUR = 60.0, 3_600.0
_POST_SECONDS = 10.0
_TELL_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Leaving:
    """`places`: where heads go besides the state folder: a file, `-` for standard output, or an address that takes JSON."""

    def __init__(self, database: Database, home: Path, ring: Ring, install: str) -> None:
        self.places: tuple[str, ...] = ()
        self.is_telling = False
        """Whether each entry of the audit log goes to standard output, for who gathers the logs of all programs."""
        self._database = database
        self._file = str(heads_file(home))
        self._ring = ring
        self._install = install
        self._left: dict[tuple[str, Log], tuple[int, float]] = {}
        """By place and log: how far it was told, and when, on the monotonic clock."""
        self._asides: dict[str, Aside] = {}

    async def go_on(self) -> None:
        while True:
            for log in LOGS:
                try:
                    head = await self.head_of(log)
                except (StoreUnavailable, ReceiptBroken):
                    continue
                if head is not None:
                    await self.let_go(head)
            await asyncio.sleep(_LOOK_SECONDS)

    async def tell_entries(self) -> None:
        """Each once, by whichever process comes first; again, where it ended as it told them."""
        aside = Aside()

        async def tell(entries: list[StoredEntry]) -> None:
            await in_time(FILES_SECONDS, _print, "\n".join(map(_line_of, entries)), aside=aside)

        while True:
            with suppress(StoreUnavailable, OSError):
                while self.is_telling and await tell_more(self._database, tell):
                    pass
            await asyncio.sleep(_TELL_SECONDS)

    async def head_of(self, log: Log) -> Head | None:
        if log == "receipts":
            return await head_now(self._database, self._install)
        end, _ = await find_end(self._database)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return None if end is None else Head("audit", end.number, end.hash, at, self._install)

    async def let_go(self, head: Head) -> None:
        """To each place that was not told of it; once an hour also where nothing has moved."""
        due = [place for place in (self._file, *self.places) if self._is_due(place, head)]
        if not due:
            return
        line = json.dumps(sign_head(head, self._ring))
        for place in due:
            try:
                await self._tell(place, line)
            except (OSError, httpx.HTTPError, httpx.InvalidURL) as error:  # the next minute tries again
                said = getattr(error, "strerror", None) or str(error) or "it does not answer"
                _log.warning("the head of the log of %s could not leave for %s: %s", head.log, _shown(place), said)
            else:
                self._left[place, head.log] = head.number, time.monotonic()
        _log.info("the log of %s ends with %s, %s", head.log, head.number, head.hash)

    def _is_due(self, place: str, head: Head) -> bool:
        number, at = self._left.get((place, head.log), (0, None))
        if at is None:
            return head.number > 0
        return head.number > number or time.monotonic() - at > _HOUR

    async def _tell(self, place: str, line: str) -> None:
        aside = self._asides.setdefault(place, Aside())
        if place == "-":
            await in_time(FILES_SECONDS, _print, line, aside=aside)
        elif place.startswith(("http://", "https://")):
            async with httpx.AsyncClient(timeout=_POST_SECONDS) as client:
                headers = {"content-type": "application/json"}
                (await client.post(place, content=line, headers=headers)).raise_for_status()
        else:
            await in_time(FILES_SECONDS, append_line, Path(place), line, aside=aside)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _line_of(entry: StoredEntry) -> str:
    """What the entry says, field by field, and what the chain holds of it; one that is no document as the text it is."""
    try:
        said = dict(json.loads(entry.document))
    except (ValueError, TypeError):
        said = {"document": entry.document}
    return json.dumps({"log": "audit", "number": entry.number, **said, "previous": entry.previous, "hash": entry.hash})


def _shown(place: str) -> str:
    """An address may hold a secret behind its host."""
    return place if "//" not in place else "/".join(place.split("/")[:3])

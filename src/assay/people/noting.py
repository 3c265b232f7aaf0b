"""What was asked, taken away and refused, into the audit log: kept in memory until the next batch is written.

No answer waits for it. Each batch of a process has a number, so that one that is not there would be missed. Of refusals the
first of a kind is an entry at once, and those that follow within a minute are one more, with how many they were.
"""

import asyncio
import logging
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from assay.errors import AssayError, NotAllowed, StoreUnavailable
from assay.store.audit import Deed, audit
from assay.store.database import Connection, Database
from assay.work.instants import instant
from assay.work.principal import Principal
from assay.work.request import Request, current_request

_EVERY_SECONDS, _LAST_SECONDS = 3.0, 2.0
_MOST_WAITING, _MOST_IN_BATCH = 20_000, 2_000
_MINUTE, _MOST_KINDS, _LONGEST = 60.0, 1_000, 200
_log = logging.getLogger(__name__)


class Mark(NamedTuple):
    """Of an answer: what it says, and the receipt of where it came from."""

    metrics: tuple[str, ...]
    receipt_id: str | None


class _Noted(NamedTuple):
    at: datetime
    request: Request
    marks: tuple[Mark, ...]
    format: str | None
    path: str | None


@dataclass
class _Refused:
    """One kind of refusal of somebody, within a minute."""

    request: Request
    who: Principal
    what: str
    why: str
    since: float
    """On the monotonic clock."""
    count: int = 1
    told: int = 0


class Noting:
    def __init__(self, database: Database) -> None:
        self.of_questions = False
        """Exports are noted always."""
        self._database = database
        self._process = secrets.token_hex(4)
        self._waiting: list[_Noted] = []
        self._refused: dict[tuple[str, str], _Refused] = {}
        self._batch = 0
        self._lost = 0
        self._writing = asyncio.Lock()

    def asked(self, marks: tuple[Mark, ...]) -> None:
        """By whoever asks just now. What Assay asks for itself is nobody's question."""
        if self.of_questions:
            self._note(marks, None, None)

    def exported(self, path: str, form: str) -> None:
        self._note((), form, path)

    def refused(self, what: str, error: AssayError, who: Principal | None = None) -> None:
        """Where whoever asks just now may not do this. Beyond so many kinds in a minute the log of requests alone has the
        rest."""
        who = who or current_request().who
        if who is None or not isinstance(error, NotAllowed):
            return
        what = what[:_LONGEST]
        known = self._refused.get((who.id, what))
        if known is not None:
            known.count += 1
        elif len(self._refused) < _MOST_KINDS:
            self._refused[who.id, what] = _Refused(current_request(), who, what, error.detail, time.monotonic())

    def _note(self, marks: tuple[Mark, ...], form: str | None, path: str | None) -> None:
        request = current_request()
        if request.who is None:
            return
        if len(self._waiting) >= _MOST_WAITING:
            self._lost += 1
            return
        self._waiting.append(_Noted(datetime.now(UTC), request, marks, form, path))

    async def go_on(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            with suppress(StoreUnavailable):
                await self.write()

    async def write(self) -> None:
        """All that waits. Raises StoreUnavailable: then it waits for the next time."""
        async with self._writing:
            while self._waiting or self._lost:
                batch, lost = self._waiting[:_MOST_IN_BATCH], self._lost
                deeds = self._deeds(batch, lost)

                async def work(connection: Connection, deeds: list[Deed] = deeds) -> None:
                    await audit(connection, *deeds)

                await self._database.transact(work)
                del self._waiting[: len(batch)]
                self._lost -= lost
                self._batch += any(each.action == "question.asked" for each in deeds)
            await self._write_refused()

    async def _write_refused(self) -> None:
        """Those of which something is new: the first at once, all others when their minute is over."""
        now = time.monotonic()
        over = {key for key, each in self._refused.items() if now - each.since >= _MINUTE}
        due = [(each, each.count) for key, each in self._refused.items() if each.count > each.told
               and (each.told == 0 or key in over)]  # fmt: skip
        deeds = [
            Deed("access.refused", each.what, after={"reason": each.why, "times": count - each.told}, who=each.who,
                 request=each.request)
            for each, count in due
        ]  # fmt: skip

        async def work(connection: Connection) -> None:
            await audit(connection, *deeds)

        if deeds:
            await self._database.transact(work)
        for each, count in due:
            each.told = count
        for key in over:
            if self._refused[key].told == self._refused[key].count:
                del self._refused[key]

    def _deeds(self, batch: list[_Noted], lost: int) -> list[Deed]:
        """An entry for each export, and one of a batch's questions for each who asked."""
        deeds = [
            Deed("export.made", each.path or "", after={"format": each.format}, who=each.request.who, request=each.request)
            for each in batch if each.format is not None
        ]  # fmt: skip
        asked = dict[str, list[_Noted]]()
        for each in batch:
            if each.format is None and each.request.who is not None:
                asked.setdefault(each.request.who.id, []).append(each)
        told = {"process": self._process, "batch": self._batch + 1, "lost": lost}
        for group in asked.values():
            after = {**told, "asked": [_told(each) for each in group]}
            deeds.append(
                Deed("question.asked", f"{len(group)}", after=after, who=group[0].request.who, request=group[0].request)
            )
        if lost and not asked:
            deeds.append(Deed("question.asked", "0", after={**told, "asked": []}, who=None))
        return deeds

    async def close(self) -> None:
        try:
            async with asyncio.timeout(_LAST_SECONDS):
                await self.write()
        except (StoreUnavailable, TimeoutError):
            if self._waiting:
                _log.error("%s questions and exports did not come into the audit log", len(self._waiting))


def _told(each: _Noted) -> dict[str, Any]:
    marks = [{"metrics": list(mark.metrics), "receipt": mark.receipt_id} for mark in each.marks]
    return {"at": instant(each.at), "request_id": each.request.request_id, "address": each.request.address, "answers": marks}

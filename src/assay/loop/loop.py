"""The closed loop of one process: the content that serves, and what can be asked of it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from assay.catalog.dictionary import Dictionary
from assay.catalog.findings import Finding
from assay.errors import BadEvent, LoopUnavailable, NotFound
from assay.loop import deciding
from assay.loop.bindings import Bindings
from assay.loop.content import LoopContent, load_loop
from assay.loop.context import all_rows
from assay.loop.events import Event, read_event
from assay.loop.rationale import Wording
from assay.loop.taking import Batch, Taker
from assay.loop.values import wire
from assay.loop.writing import table_name
from assay.signing.ring import Ring
from assay.store.database import Connection, Database
from assay.store.loop import (
    StoredEffect,
    StoredRecommendation,
    effects_of,
    events_about,
    find_recommendation,
    forget_events,
    list_recommendations,
    recommendations_of_events,
)
from assay.store.loop_rows import TableName
from assay.work.patience import FILES_SECONDS, in_time

_log = logging.getLogger(__name__)
Way = Literal["http", "kafka"]
"""How an event came here."""
KEEP_EVENTS = timedelta(days=30)
AHEAD = timedelta(minutes=5)
"""How far a sender's clock may run ahead; what is further is set aside with the reason."""
_FORGOTTEN_AT_ONCE, _PAUSE_SECONDS = 2_000, 0.2
"""Old events go in small batches with pauses, so that nobody who takes new ones notices."""


class Loop:
    """`content` is replaced at a reload; where the files are wrong the last good one goes on serving."""

    def __init__(
        self, database: Database, ring: Ring, now: Callable[[], datetime], keep_events: timedelta = KEEP_EVENTS
    ) -> None:
        """`keep_events`: for how long an event is kept, and its id refused as one that is known."""
        self._database = database
        self._keep_events = keep_events
        self._ring = ring
        self.now = now
        self.content: LoopContent | None = None
        self.findings: list[Finding] = []
        self.wording: Wording | None = None
        self.table_written: Callable[[str], None] = lambda _: None
        """Told of each table that this process has written, ahead of the notification that tells everybody."""
        self.came: Counter[tuple[Way, str]] = Counter()
        """Events by their way and what became of them, `known` and `refused` too, since the process began."""
        self._taker: Taker | None = None
        self._tables: dict[str, TableName] = {}
        self._wordings: set[asyncio.Task[None]] = set()

    async def reload(self, root: Path, dictionary: Dictionary, writable: frozenset[str]) -> None:
        content, self.findings = await in_time(FILES_SECONDS, load_loop, root, dictionary, writable)
        if content is None and self.findings:
            return
        self.content = content
        self._tables = {table.qualified: table_name(table) for table in dictionary.tables.values()}
        self._taker = Taker(content, dictionary.version, self._ring, self.now) if content else None

    def serving(self) -> LoopContent:
        """Raises LoopUnavailable where there are no rules to go by."""
        if self.content is not None:
            return self.content
        if self.findings:
            first = self.findings[0]
            raise LoopUnavailable(f"The loop's files are broken: {first}", mend="assay validate lists all that is wrong")
        raise LoopUnavailable("This workspace has no closed loop.", mend="add loop/rules.yaml and loop/bindings.yaml")

    async def prepare(self) -> None:
        """What would make the first event wait."""
        if self.wording is not None:
            await self.wording.prepare()

    # -- events ---------------------------------------------------------------------------------

    def read_event(self, raw: Any, bindings: Bindings) -> Event:
        """Raises BadEvent; also for what occurred so long ago that nobody knows any more whether it was taken then, and
        for what is said to occur later than the sender's clock can be wrong by.
        """
        event = read_event(raw, bindings)
        if event.occurred_at > self.now() + AHEAD:
            here = wire(self.now().replace(microsecond=0))
            raise BadEvent(
                f"It is said to occur at {wire(event.occurred_at)}, and here it is {here}: set aside.",
                mend=f"set the sender's clock; {AHEAD.seconds // 60} minutes ahead are allowed",
                event_id=event.event_id, field="occurred_at",
            )  # fmt: skip
        if event.occurred_at < self.now() - self._keep_events:
            raise BadEvent(
                f"It occurred more than {self._keep_events.days} days ago: whether it was taken then is not known any more.",
                mend="ASSAY_EVENT_DAYS says for how long events are kept", event_id=event.event_id, field="occurred_at",
            )  # fmt: skip
        return event

    async def take_events(self, batch: Sequence[Event], way: Way = "http") -> Batch:
        """Write down and act upon a batch, in one transaction. Raises StoreUnavailable: nothing was taken then."""
        self.serving()
        assert self._taker
        done = await self._taker.take_events(self._database, batch)
        self.came.update((way, "known" if each.is_known else each.outcome) for each in done.taken)
        if any(each.outcome != "recorded" and not each.is_known for each in done.taken):
            self._has_written()
        if self.wording is not None and self.wording.is_configured:
            for recommendation_id in done.made:
                task = asyncio.create_task(self._word(recommendation_id))
                self._wordings.add(task)
                task.add_done_callback(self._wordings.discard)
        return done

    async def forget_old_events(self) -> int:
        """Those older than they have to be kept; how many there were. Several processes may try at once."""
        total, now, keep = 0, self.now(), self._keep_events
        while True:
            gone = await self._database.transact(lambda each: forget_events(each, now, keep, _FORGOTTEN_AT_ONCE))
            total += gone
            if gone < _FORGOTTEN_AT_ONCE:
                return total
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _word(self, recommendation_id: str) -> None:
        """One of the outermost loops: whatever fails here, the rules' own words stand."""
        assert self.wording and self.content
        try:
            await self.wording.word(self._database, self.content, recommendation_id, self.now)
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001
            _log.exception("the wording of %s failed; the rules' words stand", recommendation_id)

    def _has_written(self) -> None:
        for table in self.serving().bindings.written:
            self.table_written(table)

    def connections(self) -> tuple[int, int, int]:
        """To the store: how many are in use, idle, and may be."""
        return self._database.connections()

    # -- decisions ------------------------------------------------------------------------------

    async def approve(self, recommendation_id: str, by: str) -> None:
        content = self.serving()

        async def work(connection: Connection) -> None:
            await deciding.approve(connection, content, recommendation_id, by, self.now())

        await self._database.transact(work)
        self._has_written()

    async def dismiss(self, recommendation_id: str, by: str, reason: str) -> None:
        content = self.serving()

        async def work(connection: Connection) -> None:
            await deciding.dismiss(connection, content, recommendation_id, by, reason, self.now())

        await self._database.transact(work)
        self._has_written()

    async def undo(self, recommendation_id: str) -> None:
        self.serving()
        await self._database.transact(lambda each: deciding.undo(each, self._tables, recommendation_id, self.now()))
        self._has_written()

    async def forget(self) -> int:
        """Put back every row that the loop has written and forget all events; how many there were."""
        self.serving()
        events = await self._database.transact(lambda each: deciding.forget(each, self._tables, self.now()))
        self._has_written()
        return events

    # -- reading --------------------------------------------------------------------------------

    async def recommendations(self, state: str | None, limit: int) -> list[tuple[StoredRecommendation, StoredEffect | None]]:
        found = await list_recommendations(self._database, state, limit)
        effects = await effects_of(self._database, [each.recommendation_id for each in found])
        return [(each, effects.get(each.recommendation_id)) for each in found]

    async def recommendation(self, recommendation_id: str) -> tuple[StoredRecommendation, StoredEffect | None]:
        found = await find_recommendation(self._database, recommendation_id)
        if found is None:
            raise NotFound(f"There is no recommendation {recommendation_id!r}.")
        return found, (await effects_of(self._database, [recommendation_id])).get(recommendation_id)

    def is_as_signed(self, recommendation: StoredRecommendation) -> bool:
        return self._ring.verify("recommendation", recommendation.document, recommendation.signature)

    async def signals(self, status: str) -> list[dict[str, Any]]:
        """The latest of a status, each with the recommendation that its event led to."""
        rows = await self._panel("alerts", {"status": status})
        led = await recommendations_of_events(self._database, [row["event_id"] for row in rows if row["event_id"]])
        return [{**row, "recommendation_id": led.get(row["event_id"])} for row in rows]

    async def customer(self, customer_id: str) -> dict[str, Any]:
        """Who it is, their devices, and what has happened lately, newest first. Raises NotFound."""
        found = await self._panel("customer", {"customer_id": customer_id})
        if not found:
            raise NotFound(f"There is no customer {customer_id!r}.")
        devices = await self._panel("devices", {"customer_id": customer_id})
        timeline = [row for row in await self._panel("timeline", {"customer_id": customer_id}) if row["at"] is not None]
        names = [customer_id, *(row["device_id"] for row in devices), *(row["reference"] for row in timeline)]
        timeline += [
            {"at": event["occurred_at"], "kind": "event", "title": event["type"], "reference": event["event_id"],
             "status": event["outcome"]}
            for event in await events_about(self._database, names, 40)
        ]  # fmt: skip
        timeline.sort(key=lambda row: (row["at"], row["kind"], row["reference"]), reverse=True)
        return {"customer": found[0], "devices": devices, "timeline": timeline[:60]}

    async def _panel(self, name: str, given: dict[str, Any]) -> list[dict[str, Any]]:
        reads = self.serving().bindings.panel[name]

        async def work(connection: Connection) -> list[dict[str, Any]]:
            return [row for read in reads for row in await all_rows(connection, read, given)]

        return await self._database.transact(work)

    async def close(self) -> None:
        for task in self._wordings:
            task.cancel()
        await asyncio.gather(*self._wordings, return_exceptions=True)
        if self.wording is not None:
            await self.wording.close()
        await self._database.close()

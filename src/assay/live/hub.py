"""The hub: every message of this process to every browser that listens.

A message says that something moved, not what it is now. So a newer message replaces an older one about the same that a
listener has not taken yet: who reads slowly asks once for both, and never misses the last.
"""

import asyncio
import random
import secrets
import time
from collections import Counter, deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, Field


class ProblemNote(BaseModel):
    """One line of the banner."""

    kind: Literal["routing", "catalog", "dashboard", "loop", "store", "kafka"]
    file: str | None
    line: int | None
    message: str
    mend: str | None
    metric_id: str | None
    follows: list[str]
    """What was found only because of this."""


class Hello(BaseModel):
    """`resumed`: all that was said since the id that the browser named follows. Otherwise it has to ask for all anew.

    `sees`: as beside answers, in the header `assay-sees`.
    """

    kind: Literal["hello"] = "hello"
    sees: str | None
    route_epoch: int
    catalog_version: str
    resumed: bool


class RoutesMoved(BaseModel):
    kind: Literal["routes"] = "routes"
    epoch: int
    metrics: list[str]


class ParityMoved(BaseModel):
    """A comparison goes on (`done` of `of` grains), is over, or was made in a route's shadow."""

    kind: Literal["parity"] = "parity"
    metric_id: str
    backend: str
    state: Literal["comparing", "done", "shadow"]
    done: int
    of: int
    grain: str
    verdict: str | None


class CatalogMoved(BaseModel):
    kind: Literal["catalog"] = "catalog"
    catalog_version: str


class DataMoved(BaseModel):
    kind: Literal["data"] = "data"
    backend: str
    tables: list[str]


class ProblemsMoved(BaseModel):
    kind: Literal["problems"] = "problems"
    problems: list[ProblemNote]


class BackendsMoved(BaseModel):
    kind: Literal["backends"] = "backends"


class LoopMoved(BaseModel):
    """Recommendations were made, worded, decided or undone. None named: alerts alone moved, or everything."""

    kind: Literal["loop"] = "loop"
    recommendations: list[str]


class ProposalsMoved(BaseModel):
    """Something waits for a second person, or waits no more."""

    kind: Literal["proposals"] = "proposals"


class Heartbeat(BaseModel):
    kind: Literal["heartbeat"] = "heartbeat"


Message = Annotated[
    Hello
    | RoutesMoved
    | ParityMoved
    | CatalogMoved
    | DataMoved
    | ProblemsMoved
    | BackendsMoved
    | LoopMoved
    | ProposalsMoved
    | Heartbeat,
    Field(discriminator="kind"),
]

MOST_WAITING = 64
"""Subjects that one listener may have before it; past that it is told to ask for everything anew."""
KEPT = 1_024
"""Messages kept for browsers that come back."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message as it travels, written out once for all who listen."""

    number: int
    about: Hashable
    event: bytes


def _about(message: Message) -> Hashable:
    """What a message is about: a newer one about the same makes it needless."""
    match message:
        case RoutesMoved():
            return ("routes", *message.metrics)
        case DataMoved():
            return ("data", message.backend, *message.tables)
        case LoopMoved():
            return ("loop", *message.recommendations)
        case ParityMoved():
            return ("parity", message.metric_id, message.backend)
        case _:
            return message.kind


def written(message: Message, event_id: str | None = None) -> bytes:
    """As a server-sent event."""
    named = f"id: {event_id}\n".encode() if event_id else b""
    return b"data: " + message.model_dump_json().encode() + b"\n" + named + b"\n"


class Listener:
    """What one browser has still to hear."""

    def __init__(self, first: list[Said]) -> None:
        self._waiting: dict[Hashable, Said] = {}
        self._is_there = asyncio.Event()
        self._is_closed = False
        self._until = 0.0
        for each in first:
            self.put(each)

    def put(self, said: Said, spread: float = 0) -> None:
        """Hear of it, and of whatever comes after it, within `spread` seconds at a moment of this listener's own."""
        # One moment for all that is said at once: the latest of several would be near the end for every page.
        if spread and self._until <= (now := time.monotonic()):
            self._until = now + random.uniform(0, spread)  # noqa: S311
        self._waiting.pop(said.about, None)
        self._waiting[said.about] = said
        if len(self._waiting) > MOST_WAITING:
            # Problems travel in their message and cannot be asked for; of the rest the catalog message says: all of it.
            kept = [each for each in (self._waiting.get("problems"), said) if each is not None]
            missed = Said(said.number, "catalog", written(CatalogMoved(catalog_version="missed")))
            self._waiting = {each.about: each for each in (missed, *kept)}
        self._is_there.set()

    def close(self) -> None:
        self._is_closed = True
        self._is_there.set()

    async def take(self) -> list[Said] | None:
        """All that waits, oldest first, as soon as there is something; None once it is over."""
        await self._is_there.wait()
        if not self._is_closed and (wait := self._until - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        self._is_there.clear()
        found = list(self._waiting.values())
        self._waiting.clear()
        if not found and self._is_closed:
            return None
        if self._is_closed:
            self._is_there.set()
        return found


class Hub:
    def __init__(self) -> None:
        self._name = secrets.token_hex(4)
        """Ids of another process, or of this one before it was started anew, mean nothing here."""
        self._number = 0
        self._kept: deque[Said] = deque(maxlen=KEPT)
        self._listeners: set[Listener] = set()
        self.said: Counter[str] = Counter()
        """Messages by kind, since the process began."""
        self.most_listening: int | None = None
        """How many may listen at a time; None: any number."""
        self.refused = 0
        """How many were sent away because so many listened."""
        self.compared: Counter[tuple[str, str]] = Counter()
        """Comparisons that are over, by what they were made for and what came of them."""

    @property
    def listening(self) -> int:
        return len(self._listeners)

    @property
    def is_full(self) -> bool:
        return self.most_listening is not None and self.listening >= self.most_listening

    @property
    def newest(self) -> str:
        """The id of what was said last: who listens from here on misses nothing by going on after it."""
        return f"{self._name}-{self._number}"

    def say(self, message: Message, spread: float = 0) -> None:
        """Tell all who listen. Where it makes every page ask, `spread` gives each a moment of its own within the seconds."""
        self._number += 1
        self.said[message.kind] += 1
        if isinstance(message, ParityMoved) and message.state != "comparing":
            self.compared["route" if message.state == "done" else "shadow", message.verdict or "failed"] += 1
        said = Said(self._number, _about(message), written(message, self.newest))
        self._kept.append(said)
        for listener in self._listeners:
            listener.put(said, spread)

    def close(self) -> None:
        """End every stream, after what is still to be told."""
        for listener in self._listeners:
            listener.close()

    @contextmanager
    def listener(self, after: str | None = None) -> Iterator[tuple[Listener, bool]]:
        """A listener, and whether it begins right after the event of that id."""
        missed = self._since(after)
        listener = Listener(missed or [])
        self._listeners.add(listener)
        try:
            yield listener, missed is not None
        finally:
            self._listeners.discard(listener)

    def _since(self, after: str | None) -> list[Said] | None:
        """All that was said after an event; None where that is not known here, or not any more."""
        name, _, number = (after or "").partition("-")
        if name != self._name or not number.isdecimal() or int(number) > self._number:
            return None
        found = [each for each in self._kept if each.number > int(number)]
        return found if len(found) == self._number - int(number) else None

"""The hub: every message of this process to every browser that listens.

A message says that something moved, not what it is now: a listener that fell behind loses the older
of two messages of one kind and asks once for both.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Literal

from pydantic import BaseModel, Field


class ProblemNote(BaseModel):
    """One line of the banner."""

    kind: Literal["routing", "catalog", "dashboard", "loop", "store"]
    file: str | None
    line: int | None
    message: str
    mend: str | None
    metric_id: str | None


class Hello(BaseModel):
    kind: Literal["hello"] = "hello"
    route_epoch: int
    catalog_version: str


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


class Heartbeat(BaseModel):
    kind: Literal["heartbeat"] = "heartbeat"


Message = Annotated[
    Hello | RoutesMoved | ParityMoved | CatalogMoved | DataMoved | ProblemsMoved | BackendsMoved | LoopMoved | Heartbeat,
    Field(discriminator="kind"),
]
_MAX_WAITING = 64


class Hub:
    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Message | None]] = set()

    def say(self, message: Message) -> None:
        for queue in self._listeners:
            if queue.full():
                # Whoever reads this slowly asks for everything anew: the catalog message says so.
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(CatalogMoved(catalog_version="missed"))
            queue.put_nowait(message)

    def close(self) -> None:
        """End every stream: a None is the last thing a listener gets."""
        for queue in self._listeners:
            while queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    @asynccontextmanager
    async def listener(self) -> AsyncIterator[asyncio.Queue[Message | None]]:
        queue: asyncio.Queue[Message | None] = asyncio.Queue(_MAX_WAITING)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

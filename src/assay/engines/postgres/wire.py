"""A connection to PostgreSQL that counts a result's bytes as they arrive, and breaks off beyond a bound.

The driver keeps a result whole, and one value may be a gigabyte: neither the number of rows nor a cursor bounds that.
"""

import asyncio
from typing import Any

import asyncpg

from assay.backends.protocol import MAX_RESULT_BYTES


class Wire(asyncio.Protocol):
    """What arrives is handed on to the driver's own protocol."""

    def __init__(self, driver: asyncio.Protocol, transport: asyncio.Transport) -> None:
        self._driver = driver
        self._transport = transport
        self.make_room()

    def data_received(self, data: bytes) -> None:
        if self._room < 0:
            return  # what was on its way when the connection was broken off
        self._room -= len(data)
        if self._room < 0:
            self._transport.abort()
        else:
            self._driver.data_received(data)

    def eof_received(self) -> bool | None:
        return self._driver.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._driver.connection_lost(exc)

    def pause_writing(self) -> None:
        self._driver.pause_writing()

    def resume_writing(self) -> None:
        self._driver.resume_writing()

    def make_room(self) -> None:
        """For one result: MAX_RESULT_BYTES. One that is larger ends the connection."""
        self._room = MAX_RESULT_BYTES

    @property
    def is_overrun(self) -> bool:
        return self._room < 0


class CountingConnection(asyncpg.Connection):
    __slots__ = ("wire",)

    def __init__(self, protocol: Any, transport: Any, *more: Any) -> None:
        super().__init__(protocol, transport, *more)
        self.wire = Wire(protocol, transport)
        transport.set_protocol(self.wire)

"""Days and moments between PostgreSQL and Python without a loss: asyncpg gives the last day it knows for `infinity`."""

from datetime import date, datetime

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from assay.catalog.moments import Beyond, day_number, day_of, moment_number, moment_of

_DAY_ENDS = {2**31 - 1: "infinity", -(2**31): "-infinity"}
_MOMENT_ENDS = {2**63 - 1: "infinity", -(2**63): "-infinity"}


async def read_every_moment(connection: "asyncpg.Connection | PoolConnectionProxy") -> None:
    """Let this connection read and bind what its own types of time hold."""
    for name, encode, decode in (
        ("date", _encode_day, _decode_day), ("timestamp", _encode_moment, _decode_wall),
        ("timestamptz", _encode_moment, _decode_instant),
    ):  # fmt: skip
        await connection.set_type_codec(name, schema="pg_catalog", format="tuple", encoder=encode, decoder=decode)


def _end(value: str, ends: dict[int, str]) -> int | None:
    return next((number for number, text in ends.items() if text == value), None)


def _encode_day(value: date | str) -> tuple[int]:
    end = _end(value, _DAY_ENDS) if isinstance(value, str) else None
    return (day_number(value) if end is None else end,)


def _encode_moment(value: datetime | date | str) -> tuple[int]:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    end = _end(value, _MOMENT_ENDS) if isinstance(value, str) else None
    return (moment_number(value) if end is None else end,)


def _decode_day(value: tuple[int]) -> date | str:
    end = _DAY_ENDS.get(value[0])
    return day_of(value[0]) if end is None else Beyond(end)


def _decode_wall(value: tuple[int]) -> datetime | str:
    end = _MOMENT_ENDS.get(value[0])
    return moment_of(value[0], is_instant=False) if end is None else Beyond(end)


def _decode_instant(value: tuple[int]) -> datetime | str:
    end = _MOMENT_ENDS.get(value[0])
    return moment_of(value[0], is_instant=True) if end is None else Beyond(end)

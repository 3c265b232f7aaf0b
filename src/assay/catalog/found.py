"""What a survey found in a database that nobody here designed: plain values, before anything is made of them."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

TableKind = Literal["table", "view", "materialized view", "foreign table"]
SAMPLED_ROWS = 10_000
"""So many rows of each table are looked at, no more."""


@dataclass(frozen=True, slots=True)
class FoundColumn:
    name: str
    engine_type: str
    """As the engine calls it, with the digits that it has."""
    base_type: str
    """What a domain is made of; for all else the same as `engine_type`."""
    is_enum: bool
    nullable: bool
    is_readable: bool
    comment: str
    distinct: int | None = None
    """How many different values the sampled rows have, where that was counted."""
    first: date | None = None
    last: date | None = None
    """The days between which the values of a time column lie, where that was quick to find."""


@dataclass(frozen=True, slots=True)
class FoundTable:
    schema: str
    name: str
    kind: TableKind
    columns: tuple[FoundColumn, ...]
    primary_key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...]
    """Unique constraints whose columns are never empty."""
    rows: int | None
    """About how many; None where the engine keeps no estimate."""
    sampled: int
    comment: str

    @property
    def qualified(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A foreign key."""

    name: str
    child: tuple[str, str]
    """(schema, table)"""
    columns: tuple[str, ...]
    parent: tuple[str, str]
    parent_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is there and is not in the draft, or is in it with less than it has."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    driver: str
    database: str
    timezone: str | None
    tables: tuple[FoundTable, ...]
    links: tuple[FoundLink, ...]
    left_out: tuple[LeftOut, ...]

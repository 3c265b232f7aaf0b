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
    filled: float | None = None
    """The share of the sampled rows that have a value."""
    low: float | None = None
    high: float | None = None
    """Between which numbers the sampled values lie."""
    values: tuple[str, ...] = ()
    """Of a few of the first rows, as text: to tell what they are. They may be personal, and are written nowhere."""


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
    months: tuple[tuple[date, int], ...] = ()
    """(first day, number of rows) of the months in which its rows lie."""
    months_by: str = ""
    """The column that they are told by."""
    key_is_found: bool = False
    """Whether nobody declared the primary key: it was found to be one in the rows."""
    part_of: str | None = None
    """The table that holds its rows too, from which it inherits."""

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
    evidence: str = ""
    """Why it is taken for one, where nobody declared it."""


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

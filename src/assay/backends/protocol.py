"""What every backend does, and the values it speaks in."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, Protocol, runtime_checkable

from assay.engine import Dialect
from assay.errors import StatementFailed
from assay.gate import SafeSql

VersionKind = Literal["counter", "file", "table_version", "statistics", "time_bucket"]
MAX_RESULT_BYTES = 64_000_000
BESIDE = 4
"""Statements at a time, beyond those that have a place, of two comparisons and two proofs of keys: so many more a backend
has to be able to run, so that these never stand before a question."""
_LONGEST_NAME = 63
NO_TAGS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DataVersion:
    """What the tables held. `text` is equal for equal versions; `kind` says how it is known."""

    text: str
    kind: VersionKind
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Rows:
    """A result: column names, tuples of plain Python values, and the version they were read at."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    data_version: DataVersion

    def by_name(self, names: Sequence[str]) -> list[tuple[Any, ...]]:
        """The rows with their values in the order of `names`, whatever order the engine gave them in.

        Raises StatementFailed where it gave other columns. Where it gave no rows it need not have named any.
        """
        if not self.rows or self.columns == tuple(names):
            return self.rows
        if sorted(self.columns) == sorted(names) and len(set(names)) == len(names):
            order = [self.columns.index(name) for name in names]
            return [tuple(row[place] for place in order) for row in self.rows]
        # Postgres cuts a long name off.
        if self.columns == tuple(name.encode()[:_LONGEST_NAME].decode(errors="ignore") for name in names):
            return self.rows
        raise StatementFailed(
            f"the engine gave the columns {', '.join(self.columns)} where {', '.join(names)} were asked for"
        )


@dataclass(frozen=True, slots=True)
class Health:
    ok: bool
    detail: str


class Runs(Protocol):
    """What statements can be run on: a backend, or a snapshot of one."""

    async def run(
        self, statement: SafeSql, parameters: Mapping[str, Any], tables: Iterable[str], timeout_seconds: float,
        tags: Mapping[str, str] = NO_TAGS,
    ) -> Rows: ...  # fmt: skip


class Snapshot(Runs, Protocol):
    """Statements in it see one state of the data."""

    @property
    def version(self) -> DataVersion: ...


@runtime_checkable
class Snapshots(Protocol):
    """A backend whose engine can hold one state of its data for several statements."""

    def snapshot(self, tables: Iterable[str]) -> AbstractAsyncContextManager[Snapshot]: ...


class Backend(Protocol):
    """Errors: BackendUnavailable, BackendTimeout, StatementFailed; a driver's own never leave its file."""

    name: str
    driver: str
    dialect: Dialect
    version_kind: VersionKind

    async def run(
        self, statement: SafeSql, parameters: Mapping[str, Any], tables: Iterable[str], timeout_seconds: float,
        tags: Mapping[str, str] = NO_TAGS,
    ) -> Rows:  # fmt: skip
        """Run one judged statement, read-only; `tables` are those whose version the rows carry.

        `tags` say what it is for, such as the receipt that will be written: an engine that keeps a history of its
        queries keeps them there. The text stays the one that was judged.
        """
        ...

    async def describe(self, table: str) -> dict[str, str] | None:
        """Column names and types of `schema.table` as the engine calls them; None where there is no such table."""
        ...

    async def data_version(self, tables: Iterable[str]) -> DataVersion:
        """The version of the tables together, cheap enough to ask before every answer."""
        ...

    def known_version(self, tables: Iterable[str]) -> DataVersion | None:
        """The version where it is known without asking the engine, else None."""
        ...

    def version_token(self) -> object | None:
        """Equal for as long as no table here can have moved, and quick to get; None when that is not known."""
        ...

    async def health(self) -> Health: ...

    async def close(self) -> None: ...


@runtime_checkable
class Looked(Protocol):
    """A backend whose data move without a word: `known_version` and `version_token` speak of the last look at them."""

    async def look(self) -> None:
        """Never fails, and never takes long: where nothing can be seen, nothing is known afterwards."""
        ...


async def look_at(backend: Backend) -> None:
    """What the backend knows of its data without asking is of now afterwards."""
    if isinstance(backend, Looked):
        await backend.look()


@dataclass(frozen=True, slots=True)
class NotConfigured:
    """A named backend that lacks a setting, or whose driver is not installed. It is listed and never runs."""

    name: str
    driver: str
    missing: tuple[str, ...]
    reason: str

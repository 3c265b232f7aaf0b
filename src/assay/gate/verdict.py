"""What the gate hands out: a verdict with its violations and, only when it is ok, the one SQL text that may run."""

from dataclasses import InitVar, dataclass
from typing import Any, NoReturn, Self

from assay.engine import Dialect

SEAL = object()
"""Held by the gate alone; `SafeSql` refuses to be made without it."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One reason why the text may not run. `line` and `column` count from 1 in the text that was handed in."""

    code: str
    message: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class SafeSql:
    """SQL that passed the gate. A backend runs nothing else, and nobody else can make one."""

    text: str
    dialect: Dialect
    tables: frozenset[str]
    """Qualified dictionary names that are read."""
    columns: frozenset[str]
    """`schema.table.column`."""
    parameters: tuple[str, ...]
    """Placeholder names in order of first use, without their mark: `1` for `$1`, `start` for `:start`."""
    row_limit: int
    checks: tuple[str, ...]
    """What was made sure of, in words a person can read."""
    keys: frozenset[tuple[str, tuple[str, ...]]] = frozenset()
    """Keys (qualified table, columns) that have to be unique in the data, or its joins count rows twice."""
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not SEAL:
            raise TypeError("only the gate makes a SafeSql: call assay.gate.judge")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a SafeSql does not travel: have the text judged where it runs")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's answer. `sql` is the text as it will run; empty when the text could not be read or printed."""

    ok: bool
    sql: str
    violations: tuple[Violation, ...]
    safe: SafeSql | None = None

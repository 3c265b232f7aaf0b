"""What a name can mean at a place of the statement: sources, the columns they offer, and where those come from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from assay.gate.policy import Key, KnownTable, Origin

if TYPE_CHECKING:
    from assay.gate.growth import Size
    from assay.gate.stacks import Slice


@dataclass(frozen=True, slots=True)
class Lineage:
    """Which dictionary columns a value was made from."""

    origins: frozenset[Origin] = frozenset()
    is_exact: bool = False
    """The value is one of the column's own values, not computed from them."""
    is_own: bool = False
    """It is the value of the very row, not the least of several or that of another."""
    is_calendar: bool = False
    """It is made from dates and timestamps only."""
    is_first_of_month: bool = False
    """It is the first day of a month, quarter or year."""
    constants: frozenset[str] | None = None
    """The values, as they are written, where it is made of no row: NULL, 0 and the like."""
    is_bound: bool = False
    """It is one of the values of a filter, which are bound as a list."""


NOTHING = Lineage()


@dataclass(eq=False, slots=True)
class Source:
    """One entry of a FROM clause."""

    name: str
    """As it is looked up."""
    columns: dict[str, Lineage]
    shown: dict[str, str]
    """Folded column name -> as it is printed."""
    unique: tuple[frozenset[str], ...]
    """Sets of its columns that no two of its rows share; the empty set means that there is one row at most."""
    scans: int = 1
    """How many table scans it stands for once its CTEs are written out."""
    table: KnownTable | None = None
    is_known: bool = True
    ambiguous: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    """Personal data that a `*` inside it was written out without."""
    dimensions: frozenset[str] = frozenset()
    is_hidden: bool = False
    """The right side of a semi or anti join: visible to its ON alone."""
    is_repeated: bool = False
    """A row of it may stand in several rows of its SELECT: it is the parent in a join."""
    is_fanned_out: bool = False
    """It is so by a join that comes after it: FROM names the parent first."""
    repeated: dict[str, object] = field(default_factory=dict)
    """Columns whose value a subquery has already repeated over several rows, with the source that the value is of."""
    ties: dict[str, "list[tuple[Source, str]]"] = field(default_factory=dict)
    """By column: the columns of other sources that a join makes equal to it."""
    grouped: frozenset[str] = frozenset()
    """The columns that a subquery is grouped by, where it is."""
    sizes: "dict[str, Size]" = field(default_factory=dict)
    """How large the values of a subquery's columns may be."""
    slices: "tuple[Slice, ...]" = ()
    """The rows of dictionary tables that its rows are made of."""
    is_stacked: bool = False
    """It holds rows that are there twice, told apart by nothing."""
    is_list: bool = False
    """It is a list that is bound, of days: no table is read for it."""
    is_apart: bool = False
    """It is one of whose buckets no two have a day in common."""

    def is_unique_on(self, columns: frozenset[str]) -> bool:
        return any(key <= columns for key in self.unique)


@dataclass(frozen=True, slots=True)
class Output:
    """What a query gives to the one around it."""

    names: tuple[str, ...]
    shown: tuple[str, ...]
    lineage: tuple[Lineage, ...]
    unique: tuple[frozenset[str], ...]
    scans: int
    dimensions: frozenset[str] = frozenset()
    is_known: bool = True
    left_out: frozenset[str] = frozenset()
    repeated: dict[str, object] = field(default_factory=dict)
    grouped: frozenset[str] = frozenset()
    sizes: "dict[str, Size]" = field(default_factory=dict)
    slices: "tuple[Slice, ...]" = ()
    is_stacked: bool = False


@dataclass(eq=False, slots=True)
class Found:
    """A column of the text and what it was resolved to."""

    node: exp.Expr
    source: Source
    name: str
    lineage: Lineage
    is_outer: bool


@dataclass(eq=False, slots=True)
class Scope:
    """One SELECT: what it reads from, and the SELECT around it."""

    outer: "Scope | None"
    ctes: dict[str, Output]
    sources: dict[str, Source] = field(default_factory=dict)
    merged: dict[str, list[Source]] = field(default_factory=dict)
    """Columns joined with USING: one name for several sources."""
    aliases: dict[str, exp.Expr] = field(default_factory=dict)
    """Names given in the SELECT list so far."""
    values: list[Output] = field(default_factory=list)
    """The subqueries in it that stand as a value."""
    outer_found: list[Found] = field(default_factory=list)
    scans: int = 0
    left_out: set[str] = field(default_factory=set)
    """Personal data that a `*` of its SELECT list was written out without."""

    def visible(self) -> list[Source]:
        return [source for source in self.sources.values() if not source.is_hidden]

    def holders(self, name: str) -> list[Source]:
        return [source for source in self.sources.values() if name in source.columns and not source.is_hidden]

    def outward(self) -> "Iterator[Scope]":
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer


@dataclass(eq=False, slots=True)
class JoinUse:
    """One join as it was written, for `approved_joins` to judge."""

    node: exp.Expr
    left: list[Source]
    right: Source
    method: str
    """on, using, comma, cross, natural, or another that is never allowed."""
    pairs: list[tuple[Source, str, Source, str]]
    """Equalities that must hold: (left source, its column, right source, its column)."""
    span: Key | None = None
    """Where it meets the row that held at a time: what tells those rows apart."""
    multiplies: bool = False
    """Neither the rows before it nor those of its right side are told apart by the equalities."""

    @property
    def keeps_left_only(self) -> bool:
        return str(self.node.args.get("kind") or "").upper() in ("SEMI", "ANTI")


@dataclass(eq=False, slots=True)
class LinkUse:
    """A subquery tied to the rows around it: `correlated`, or compared with them: `in`."""

    node: exp.Expr
    kind: str
    pairs: list[tuple[Lineage, Lineage]]
    select: exp.Expr | None = None
    outer: list[Found] = field(default_factory=list)
    """The columns around it that it is tied to."""


@dataclass(eq=False, slots=True)
class Trouble:
    """What the resolution could not make sense of, or met and may not be met."""

    node: exp.Expr
    code: str
    message: str
    near: tuple[str, ...] = ()
    """Names that may have been meant, for `name`."""
    name: str = ""


@dataclass(eq=False, slots=True)
class Resolution:
    """Everything that `resolve` learnt."""

    tables: set[str] = field(default_factory=set)
    columns: set[Origin] = field(default_factory=set)
    troubles: list[Trouble] = field(default_factory=list)
    joins: list[list[JoinUse]] = field(default_factory=list)
    """By the SELECT they stand in."""
    links: list[LinkUse] = field(default_factory=list)
    found: dict[int, Found] = field(default_factory=dict)
    """By the identity of the column's node; `Found.node` keeps the node alive."""
    ties_of_subqueries: dict[int, list[Found]] = field(default_factory=dict)
    """By the identity of a subquery that stands as a value: the columns around it that it is tied to."""
    stacked: set[int] = field(default_factory=set)
    """The SELECTs, by identity, that read rows which are there twice."""
    output_names: set[int] = field(default_factory=set)
    """Columns in ORDER BY that name an output column, by the identity of the node."""
    sizes_of_queries: "dict[int, Size]" = field(default_factory=dict)
    """Of the first column of each SELECT, by its identity: what it is where it stands as a value."""
    grown: list[tuple[exp.Expr, str]] = field(default_factory=list)
    """Values that may become too large, or take too long to make."""
    made: int = 0
    """Characters a row that padding and replacing make in the whole statement."""
    tables_seen: int = 0
    selects: int = 0
    scans: int = 0

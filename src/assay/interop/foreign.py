"""What another layer's model says, in one form for all formats that describe tables, joins, dimensions and measures.

An importer reads its files into this and no further; what becomes of it here is said once, in `landing`.
"""

from dataclasses import dataclass, field

from sqlglot import exp

from assay.interop.extension import Extension
from assay.interop.fidelity import Item, Place


@dataclass(frozen=True, slots=True)
class Refused:
    """SQL that cannot be taken, and why."""

    why: str


Sql = exp.Expr | Refused
"""SQL of one row of a view: a column, or one behind joins, whose names stand before it (`orders.customers.city`), in the
parts that sqlglot has for a table and its database. Of calculated measures: a column is a measure, behind its view.
"""


@dataclass(frozen=True, slots=True)
class Link:
    """A join from each row of a view to one row at most of another."""

    name: str
    to: str
    """The other view."""
    pairs: tuple[tuple[str, str], ...]
    """Columns that are equal: of the row, and of the row that is met."""
    place: Place
    is_one_to_one: bool = False
    is_to_many: bool = False
    """Of a source that says the join from the one row: which an importer says from the other side."""


@dataclass(frozen=True, slots=True)
class Field:
    """A dimension of a view."""

    name: str
    sql: Sql
    place: Place
    label: str | None = None
    is_time: bool = False
    is_key: bool = False
    is_hidden: bool = False
    """Whether it stands in formulas alone, and is not asked by."""


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    sql: Sql
    place: Place
    label: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    name: str
    sql: Sql
    """Aggregates over rows of the view; or arithmetic over measures, where it is calculated."""
    place: Place
    is_calculated: bool = False
    conditions: tuple[Sql, ...] = ()
    over: dict[str, str] | str | None = None
    """As a definition has it."""
    shift: str | None = None
    """How far back all that it is calculated from lies."""
    keep_newest: str | None = None
    """The time field of which its rows are the newest."""
    time: str | None = None
    """The time field by which its rows count; None: that of the view."""
    label: str | None = None
    description: str | None = None
    unit: str | None = None
    synonyms: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    """What of it could give another number here, or be seen by others."""


@dataclass(frozen=True, slots=True)
class View:
    """A table as the other layer sees it."""

    name: str
    table: str
    """As it is named there: with or without schema and catalog."""
    place: Place
    fields: tuple[Field, ...] = ()
    measures: tuple[Measure, ...] = ()
    segments: tuple[Segment, ...] = ()
    links: tuple[Link, ...] = ()
    condition: Sql | None = None
    """Which of the table's rows are its rows."""
    keys: tuple[tuple[str, ...], ...] = ()
    """Columns that tell its rows apart."""
    time: str | None = None
    """The time field by which its rows count, where the source says one."""
    doubts: tuple[str, ...] = ()
    is_joined: bool = False
    """Whether it is a table that another view joins, and nothing by itself."""
    are_fields_named: bool = False
    """Whether a bare name in SQL may be a field's as well as a column's."""


@dataclass(frozen=True)
class Model:
    format: str
    """As its files are called here, such as `cube`."""
    view_word: str
    """What it calls a view."""
    views: tuple[View, ...]
    others: tuple[Item, ...] = ()
    """What is there and has no counterpart here."""
    owner: str = ""
    has_dimensions_over_joins: bool = True
    """Whether dimensions of a view that is met over joins can be asked by, without being written again."""
    are_measures_of_views: bool = False
    """Whether a measure is called by its view everywhere there, as in `orders.count`."""
    extensions: tuple[Extension, ...] = ()
    """What Assay wrote of its own when it wrote the files."""
    cuts_whole_numbers: bool = False
    """Whether an engine of the source may divide whole numbers as whole numbers."""
    view_by_name: dict[str, View] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "view_by_name", {each.name: each for each in self.views})

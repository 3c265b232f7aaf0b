"""A metric bound to the dictionary: columns resolved, trees parsed, one version hash of the meaning."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import Literal

from sqlglot import exp

from assay.catalog.buckets import Grain
from assay.catalog.dictionary import IN_ROLE, Column, Join, Table, each_join, table_of
from assay.catalog.entry import Compared, Direction, Empty, Tolerance
from assay.catalog.formula import Formula, ValueType, type_of_formula, value_type
from assay.catalog.frames import AnyFrame
from assay.catalog.no_rows import over_no_rows
from assay.catalog.parameters import PARAM, Parameter
from assay.catalog.per import Per
from assay.catalog.types import ColumnType
from assay.catalog.value_type import DOUBLE
from assay.catalog.windows import Shift, begins_by_calendar, grain_of

Kind = Literal["simple", "ratio", "derived"]
Needed = dict[str, dict[str, ColumnType | None]]
"""Columns by qualified table; join keys without their type."""
_SILENT_ABOUT_NULL = (exp.In, exp.EQ, exp.Between, exp.Like, exp.StartsWith, exp.EndsWith, exp.Contains)
"""What is neither true nor false of a row without a value: its contrary leaves the row out too."""


@dataclass(frozen=True)
class Dimension:
    name: str
    label: str
    table: str
    """Where the column stands, a qualified table or one in a role; of an expression, the entity whose rows it looks at."""
    column: Column | None
    """None where it is calculated in each row."""
    joins: tuple[Join, ...]
    """The approved joins from the entity to what it reads, each behind those that lead to it."""
    formula: Formula | None = None
    written: str | None = None
    """The expression as its author wrote it."""
    of_time: str | None = None
    """Which part of the row's time it is, on the clock of the workspace, which its formula knows nothing of."""
    in_grain: "InGrain | None" = None
    """The bucket of a time that it is, which its formula knows nothing of either."""
    is_since: bool = False
    """Whether it is in which bucket behind that of its first event a member of a cohort is looked at."""

    @property
    def type(self) -> ValueType:
        return value_type(self.column.type) if self.column else self._calculated.type

    @cached_property
    def column_type(self) -> ColumnType:
        """The type in which its values are grouped and compared."""
        return self.column.type if self.column else type_of_formula(self._calculated)

    @property
    def by(self) -> tuple[str, ...]:
        """The joins by which a definition names its way; none where it need not be named."""
        return tuple(join.join_id for join in self.joins) if IN_ROLE in self.table else ()

    @property
    def columns(self) -> dict[tuple[str, str], ColumnType]:
        """What it reads, by source and name."""
        return {(self.table, self.column.name): self.column.type} if self.column else self._calculated.columns

    @property
    def text(self) -> str:
        """What it is, in one form: equal for two that are the same value of a row."""
        return f"{self.table}.{self.column.name}" if self.column else self._calculated.text

    @property
    def key(self) -> str:
        """What tells it from every other column and expression of the workspace."""
        if self.column:
            return f"{self.table}.{self.column.name}"
        return f"{self.table}.{self.name}~{hashlib.sha256(self.text.encode()).hexdigest()[:8]}"

    @property
    def meaning(self) -> str:
        """As it stands in a definition's version."""
        is_held = any(join.valid for join in self.joins)
        return f"{self.text}{_by(self.joins)}" if self.formula or is_held else self.text

    @property
    def _calculated(self) -> Formula:
        assert self.formula
        return self.formula

    def agrees_with(self, other: "Dimension") -> bool:
        """Whether values of both can stand in one column of an answer, and be filtered by the same value."""
        return self.type == other.type and self.column_type.family == other.column_type.family


@dataclass(frozen=True)
class InGrain:
    """The first day of the bucket in which a time lies: a dimension, or with none the time by which a row counts."""

    base: Dimension | None
    grain: Grain


@dataclass(frozen=True)
class Segment:
    """A condition with a name, over the rows of one table."""

    name: str
    label: str
    definition: str | None
    formula: Formula
    joins: tuple[Join, ...]

    @property
    def text(self) -> str:
        """Its condition, with the joins that it takes: equal for two that keep the same rows."""
        return f"{self.formula.text}{_by(self.joins)}"


@dataclass(frozen=True)
class TimeColumn:
    """The column that says when a row counts: the table's own, or a parent's."""

    table: str
    """Where it stands: a qualified table, or one in a role."""
    column: Column
    joins: tuple[Join, ...] = ()

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def type(self) -> ColumnType:
        return self.column.type

    @property
    def written(self) -> str:
        """As an entry writes it."""
        if IN_ROLE in self.table:
            return ".".join([*(join.join_id for join in self.joins), self.name])
        return f"{self.table.rpartition('.')[2]}.{self.name}" if self.joins else self.name

    @property
    def text(self) -> str:
        """As it stands in a definition's version: a bare name where it is the table's own."""
        return f"{self.table}.{self.name}{_by(self.joins)}" if self.joins else self.name


@dataclass(frozen=True)
class Keep:
    """Of the rows that lie in a bucket those count that are the newest, or the oldest, for each value of some columns, or
    of all of them.

    All that are equally new; none without that time.
    """

    by: Column
    is_newest: bool
    for_each: tuple[Column, ...]
    of_filtered: bool = False
    """Whether they are chosen among the rows that pass the question's conditions; else these choose among what is kept."""

    @property
    def told(self) -> str:
        side = "newest" if self.is_newest else "oldest"
        each = f"for each {', '.join(each.name for each in self.for_each)}" if self.for_each else "of all"
        among = ", of the rows that are asked for" if self.of_filtered else ""
        return f"the {side} by {self.by.name} {each}{among}"


@dataclass(frozen=True)
class Part:
    """One aggregate over one table: what is summed, which rows, and when a row counts."""

    entity: Table
    measure: Formula
    filter: Formula | None
    time: TimeColumn | None
    alive: tuple[Column, Column] | None
    paths: dict[str, tuple[Join, ...]]
    """The joins that measure and filter need, by source."""
    dimensions: dict[str, Dimension]
    """By name, as reached from this entity; the parts of a derived metric may reach one name by different ways."""
    empty: Empty = "zero"
    """What counts and sums over no rows are."""
    shift: Shift = ()
    """How far back its rows lie: those count whose time, so much later, is in the question's window."""
    segments: dict[str, Segment] = field(default_factory=dict[str, Segment])
    """Those that its table offers, by name."""
    frame: AnyFrame | None = None
    """Over which days it counts at the end of a bucket or a window; None: over those of the bucket or the window."""
    keep: Keep | None = None
    """Which rows of a bucket count; None: all of them."""
    per: Per | None = None
    """What its measure is calculated over, where that is not the rows themselves."""
    conversion: "Conversion | None" = None
    """What follows its rows; in its measure `$took` says after how long."""
    whose: "tuple[Whose, ...]" = ()
    """Of which rows it counts those alone that are of somebody whose own value of a metric meets a condition."""

    @property
    def type(self) -> ValueType:
        """Of its value: an average of days is a double, whatever it is an average of."""
        return DOUBLE if self.averages else self.measure.type

    @property
    def averages(self) -> bool:
        """Whether its value is the average of what it is on days."""
        return self.frame is not None and self.frame.averages

    @property
    def over_no_rows(self) -> Decimal | None:
        return over_no_rows(self.measure.tree) if self.empty == "zero" else None

    @property
    def joins(self) -> tuple[Join, ...]:
        """Each approved join that it or something that it offers takes, once."""
        return tuple(dict.fromkeys(join.approved for join in self._joins))

    @property
    def has_roles(self) -> bool:
        """Whether it or something that it offers takes a table by a way that is named."""
        return any(IN_ROLE in join.to_table for join in self._joins)

    @property
    def own_joins(self) -> tuple[Join, ...]:
        """Those that lead from its own rows: not from events that follow them, nor from what its conditions look at."""
        offered = (*self.dimensions.values(), *self.segments.values(), *(each.dimension for each in self.whose))
        others = (*offered, *((self.time,) if self.time else ()))
        return each_join([*self.paths.values(), *(each.joins for each in others)])

    @property
    def _joins(self) -> tuple[Join, ...]:
        following = (each.part._joins for each in self.following)
        looked_at = (part._joins for each in self.whose for part in each.metric.parts)
        return each_join([self.own_joins, *following, *looked_at])

    @property
    def following(self) -> "tuple[Event, ...]":
        """The events that follow its rows."""
        return self.conversion.events[1:] if self.conversion else ()

    def columns(self) -> Iterator[tuple[tuple[str, str], ColumnType]]:
        """Whatever it looks at in its rows, however it is asked, but for the keys of joins."""
        yield from self.measure.columns.items()
        if self.filter:
            yield from self.filter.columns.items()
        if self.time:
            yield (self.time.table, self.time.name), self.time.type
        for column in (*(self.alive or ()), *((self.keep.by, *self.keep.for_each) if self.keep else ())):
            yield (self.entity.qualified, column.name), column.type
        for source, column in self.per.columns if self.per else ():
            yield (source, column.name), column.type
        for event in self.conversion.events if self.conversion else ():
            for source, column in event.read:
                yield (source, column.name), column.type
        for each in self.whose:
            yield from each.dimension.columns.items()
            for part in each.metric.parts:
                yield from part.columns()
                yield from part.dimensions[each.by].columns.items()

    @property
    def when(self) -> tuple[str, ...]:
        """The columns that say when a row counts: the time, or both of `alive`, or none."""
        return (*((self.time.text,) if self.time else ()), *(column.name for column in self.alive or ()))


Shown = Literal["share", "rank"]
"""As a share of what all groups give together; by its place among them, 1 for the largest."""


@dataclass(frozen=True)
class Event:
    """One kind of events of a conversion: the rows of a part that counts rows, and what tells whose they are."""

    part: Part
    keys: tuple[tuple[str, Column], ...]
    """Source and column: equal in events that belong together; an event that lacks one belongs to no other."""
    order: tuple[Column, ...] = ()
    """Of the first kind: the key of its table, which orders events of one moment."""

    @property
    def time(self) -> TimeColumn:
        assert self.part.time
        return self.part.time

    @property
    def read(self) -> tuple[tuple[str, Column], ...]:
        return (*self.keys, *((self.part.entity.qualified, each) for each in self.order))

    def is_another_of(self, other: "Event") -> bool:
        """Whether both may be one row at one moment, which does not follow itself."""
        return self.part.entity.qualified == other.part.entity.qualified and self.time.text == other.time.text


@dataclass(frozen=True)
class Conversion:
    """Which events are followed by others: the first kind, and those that follow one another."""

    text: str
    """All of it in one form."""
    told: str = field(compare=False)
    events: tuple[Event, ...] = field(compare=False)
    within: timedelta | None = field(compare=False)
    """The last event lies less than so much later than the first; None: however much."""
    cohorts: "Cohorts | None" = field(default=None, compare=False)
    """In which buckets each comes back, where it is not counted which events are followed."""


@dataclass(frozen=True)
class Cohorts:
    """Whoever has a first event, in each bucket from that of the event on: those that come back, among all."""

    by: str
    """The name of a grain, as the workspace's calendar has it."""
    up_to: int
    """Of how many buckets behind that of the first event it is told."""
    members: Formula = field(compare=False)
    """How many different ones there are, each once; what a smallest group is told by."""
    returned: Formula = field(compare=False)
    """How many different ones come back."""


@dataclass(frozen=True)
class Whose:
    """A condition on a metric of its own, for each value of a dimension: customers with over 5 orders."""

    dimension: Dimension
    metric: "Metric" = field(compare=False)
    by: str
    """The dimension in that metric."""
    op: Compared
    value: Decimal | float

    @property
    def text(self) -> str:
        """All of it in one form."""
        by = " or ".join(dict.fromkeys(part.dimensions[self.by].meaning for part in self.metric.parts))
        return f"{self.dimension.meaning} whose {self.metric.version} by {by} {self.op} {self.value}"

    @property
    def told(self) -> str:
        return f"of each {self.dimension.name} whose {self.metric.metric_id} {SIGNS[self.op]} {self.value}"


SIGNS: dict[Compared, str] = {"eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True)
class Metric:
    metric_id: str
    label: str
    definition: str
    kind: Kind
    parts: tuple[Part, ...]
    """One for a simple metric; numerator and denominator for a ratio; those of all operands for a derived one."""
    expression: exp.Expr | None
    """For a derived metric: arithmetic whose bare columns are named `p0`, `p1`, ... after `parts` and ratios of them."""
    dimensions: dict[str, Dimension]
    """What it can be divided and filtered by. The way to the column is each part's own: `Part.dimensions`."""
    window: str | None
    """A name, as `read_window` gives it."""
    type: ValueType
    formula: str
    filter_text: str | None
    unit: str
    direction: Direction
    owner: str
    refresh_seconds: int
    synonyms: tuple[str, ...]
    tolerance: Tolerance
    version: str
    file: str
    line: int
    parameters: dict[str, Parameter] = field(default_factory=dict[str, Parameter])
    """Values that a question may say, by name."""
    of: str | None = None
    """Of what follows from a metric: that by whose route and policies it is answered."""
    shown: Shown | None = None
    """How its values stand beside those of the other groups, where it tells that instead of the values."""

    @property
    def served_as(self) -> str:
        """The metric that its route and policies name."""
        return self.of or self.metric_id

    @property
    def source_tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.entity.qualified for part in self._parts_read))

    @property
    def _parts_read(self) -> list[Part]:
        """Every part of its own, and those of the metrics that its conditions look at."""
        looked_at = [each.metric._parts_read for part in self._every_part for each in part.whose]
        return [*self._every_part, *chain.from_iterable(looked_at)]

    @property
    def _every_part(self) -> list[Part]:
        """Its parts, each with those whose rows follow its own."""
        return [each for part in self.parts for each in (part, *(event.part for event in part.following))]

    @cached_property
    def needed_columns(self) -> Needed:
        """Every column that a question of this metric may read, with whatever segments."""
        return self._columns_with([segment for part in self.parts for segment in part.segments.values()])

    @cached_property
    def bound_columns(self) -> Needed:
        """Every column that a question of this metric may read that names no segment."""
        return self._columns_with([])

    def columns_for(self, segments: Collection[str]) -> Needed:
        """Every column that a question of this metric may read that names these segments."""
        if not segments:
            return self.bound_columns
        return self._columns_with([part.segments[name] for part in self.parts for name in segments if name in part.segments])

    def _columns_with(self, segments: list[Segment]) -> Needed:
        needed: Needed = {}
        dimensions = [part.dimensions[name] for part in self.parts for name in self.dimensions]
        looked_at = [each for part in self._every_part for each in part.whose]
        dimensions += [each.dimension for each in looked_at]
        dimensions += [part.dimensions[each.by] for each in looked_at for part in each.metric.parts]
        paths = [path for part in self._parts_read for path in part.paths.values()]
        others = (*dimensions, *segments, *(part.time for part in self._parts_read if part.time))
        for join in (join for path in [*paths, *(each.joins for each in others)] for join in path):
            needed.setdefault(table_of(join.from_table), {}).update(dict.fromkeys(join.from_columns))
            needed.setdefault(table_of(join.to_table), {}).update(dict.fromkeys((*join.to_columns, *(join.valid or ()))))
        for part in self._parts_read:
            for (table, name), column_type in part.columns():
                needed.setdefault(table_of(table), {})[name] = column_type
            needed.setdefault(part.entity.qualified, {})
        for dimension in dimensions:
            for (table, name), column_type in dimension.columns.items():
                needed.setdefault(table_of(table), {})[name] = column_type
        for segment in segments:
            for (table, name), column_type in segment.formula.columns.items():
                needed.setdefault(table_of(table), {})[name] = column_type
        return needed

    @cached_property
    def over_no_rows(self) -> Decimal | None:
        """What the metric is where there are no rows: 0 for counts and sums, None where that is not known."""
        if self.shown:
            return None
        return over_no_rows(operand_tree(self), tuple(part.over_no_rows for part in self.parts))

    @property
    def empty(self) -> Empty:
        """What a group without rows means, as it stands beside a column of values."""
        if self.shown:
            return "unknown"
        return "zero" if self.over_no_rows == 0 else "unknown"

    @cached_property
    def note(self) -> str | None:
        """What its filters do with rows without a value, where a reader might think otherwise."""
        names: dict[str, None] = {}
        for part in self._every_part:
            for node in part.filter.tree.find_all(exp.NEQ, exp.Not, exp.Like) if part.filter else ():
                if isinstance(node, exp.Not) and not isinstance(node.this.unnest(), _SILENT_ABOUT_NULL):
                    continue
                if isinstance(node, exp.Like) and not node.args.get("negate"):
                    continue
                names |= dict.fromkeys(column.name for column in node.find_all(exp.Column) if column.table != PARAM)
        if not names:
            return None
        return f"Rows without a value in {', '.join(names)} are left out by its filter, as SQL has it."

    @property
    def sentence(self) -> str:
        """The definition as it is read: with what its filters do with rows without a value."""
        return " ".join(filter(None, (self.definition, self.note)))

    @property
    def segments(self) -> dict[str, Segment]:
        """Those that a question may switch on: what all of its tables offer."""
        first, *others = self.parts
        return {name: each for name, each in first.segments.items() if all(name in part.segments for part in others)}

    @property
    def has_time(self) -> bool:
        return any(part.time is not None for part in self.parts)

    @property
    def has_frame(self) -> bool:
        """Whether its buckets share rows."""
        return any(part.frame is not None for part in self.parts)

    @property
    def cohorts(self) -> tuple[Cohorts, ...]:
        """The ways in which its parts look at cohorts."""
        found = (part.conversion.cohorts for part in self.parts if part.conversion)
        return tuple(dict.fromkeys(each for each in found if each))

    @property
    def calendar_grains(self) -> tuple[str, ...]:
        """The units in its meaning of which a workspace says when they begin: its weeks, and its periods."""
        units = [unit for part in self._parts_read if part.frame for unit in part.frame.units if begins_by_calendar(unit)]
        units += [each.by for each in self.cohorts if begins_by_calendar(each.by)]
        back = ((*part.shift, *(part.frame.back if part.frame else ())) for part in self._parts_read)
        units += [str(step.of) for step in chain.from_iterable(back) if step.of]
        window = grain_of(self.window) if self.window else None
        return tuple(dict.fromkeys([*units, window] if window else units))

    @property
    def has_roles(self) -> bool:
        return any(part.has_roles for part in self.parts)

    @property
    def has_whose(self) -> bool:
        """Whether it counts rows by what another metric is for somebody."""
        return any(part.whose for part in self._every_part)

    @property
    def adds_up_over_time(self) -> bool:
        """Whether each row counts once and by itself: not where buckets share rows, nor where those of a bucket leave others
        out, nor where they are put together first, nor where others follow them.
        """
        return not any(part.frame or part.keep or part.per or part.conversion for part in self.parts)


def _by(joins: tuple[Join, ...]) -> str:
    """The joins that something takes, as they stand in versions."""
    return f" by {', '.join(join.told for join in joins)}" if joins else ""


def operand_tree(metric: Metric) -> exp.Expr:
    """A metric as arithmetic over its parts, `p0`, `p1`, ..."""
    if metric.expression is not None:
        return metric.expression.copy()
    if metric.kind == "ratio":
        return exp.Div(this=exp.column("p0"), expression=exp.column("p1"))
    return exp.column("p0")

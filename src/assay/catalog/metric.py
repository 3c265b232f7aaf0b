"""Metrics: the form of a definition in YAML, and the definition bound to the dictionary.

`MetricEntry` is what an analyst writes (its JSON Schema is published for editors); `Metric` is what
the rest of Assay works with: columns resolved, trees parsed, one version hash of the meaning.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from sqlglot import exp

from assay.catalog.addends import refuse_repeats
from assay.catalog.dictionary import Column, Dictionary, Join, Table
from assay.catalog.findings import nearest
from assay.catalog.formula import (
    DOUBLE,
    BadFormula,
    Formula,
    Resolve,
    ValueType,
    both,
    read_expression,
    read_filter,
    read_measure,
    value_type,
)
from assay.catalog.no_rows import over_no_rows
from assay.catalog.spelling import table_and_column
from assay.catalog.types import ColumnType
from assay.catalog.windows import WINDOW_NAMES, Shift, WindowName, read_length, told_length

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Direction = Literal["up_is_good", "down_is_good", "neutral"]
Kind = Literal["simple", "ratio", "derived"]
Empty = Literal["zero", "unknown"]
_SILENT_ABOUT_NULL = (exp.In, exp.EQ, exp.Between, exp.Like, exp.StartsWith, exp.EndsWith, exp.Contains)
"""What is neither true nor false of a row without a value: its contrary leaves the row out too."""
RESERVED = ("time", "value", "previous")


def _known_window(name: str) -> str:
    if name not in WINDOW_NAMES:
        raise ValueError(f"no window {name!r}; use one of {', '.join(WINDOW_NAMES)}")
    return name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DimensionEntry(_Strict):
    name: Name
    column: str | None = Field(default=None, description="column, or table.column of a table reachable by approved joins")
    label: str | None = None


class PartEntry(_Strict):
    measure: str
    filter: str | None = None


def _known_length(text: str) -> str:
    read_length(text)
    return text


class InputEntry(_Strict):
    """A metric as an expression takes it in: earlier, or over some of its rows only."""

    metric: Name
    shift: Annotated[str, AfterValidator(_known_length)] | None = Field(
        default=None, max_length=40, description="how far it looks back, such as 14 days or 1 month"
    )
    filter: str | None = Field(default=None, description="a further condition on the rows that it counts")


class AliveEntry(_Strict):
    """Rows count at an instant T when `from < T` and `until` is empty or not before T."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    from_: str = Field(alias="from")
    until: str


class Tolerance(_Strict):
    relative: float = Field(default=0, ge=0, lt=1)
    absolute: float = Field(default=0, ge=0)


class MetricEntry(_Strict):
    """One metric as written. Exactly one of `measure`, `numerator` with `denominator`, and `expression`."""

    id: Name
    label: str = Field(min_length=1, max_length=80)
    definition: str = Field(min_length=1, max_length=600)
    entity: str | None = None
    measure: str | None = None
    filter: str | None = None
    numerator: PartEntry | None = None
    denominator: PartEntry | None = None
    expression: str | None = None
    inputs: dict[Name, InputEntry] = Field(
        default={}, max_length=20, description="names in the expression that stand for a metric, shifted or filtered"
    )
    time: str | None = None
    window: Annotated[str, AfterValidator(_known_window)] | None = None
    alive: AliveEntry | None = None
    dimensions: tuple[Name | DimensionEntry, ...] = ()
    unit: str = Field(default="count", max_length=20)
    direction: Direction = "neutral"
    owner: str = Field(min_length=1, max_length=80)
    refresh_seconds: int = Field(default=300, ge=1, le=86_400)
    synonyms: tuple[str, ...] = ()
    tolerance: Tolerance = Tolerance(relative=0, absolute=0)
    empty: Empty = Field(default="zero", description="what counts and sums over no rows are: zero, or unknown")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        ratio = self.numerator is not None and self.denominator is not None
        if (self.numerator is None) != (self.denominator is None):
            raise ValueError("a ratio needs both numerator and denominator")
        if sum((self.measure is not None, ratio, self.expression is not None)) != 1:
            raise ValueError("write exactly one of measure, numerator with denominator, or expression")
        if self.expression is not None:
            for name in ("entity", "filter", "time", "alive", "dimensions"):
                if getattr(self, name):
                    raise ValueError(f"a derived metric takes its {name} from the metrics it names")
        elif self.inputs:
            raise ValueError("inputs belong to an expression")
        elif self.entity is None:
            raise ValueError("say which table it counts: entity")
        if self.alive is not None and (self.time is not None or self.window is not None):
            raise ValueError("a count at an instant has alive, and neither time nor window")
        if self.window is not None and self.time is None and self.expression is None:
            raise ValueError("a window needs time: the column it looks at")
        return self


class MetricsFile(_Strict):
    """A file of `metrics/`."""

    metrics: tuple[MetricEntry, ...]


@dataclass(frozen=True)
class Dimension:
    name: str
    label: str
    table: str
    column: Column
    path: tuple[Join, ...]
    """The approved joins from the entity to the table, parent after parent."""

    @property
    def type(self) -> ValueType:
        return value_type(self.column.type)

    def agrees_with(self, other: "Dimension") -> bool:
        """Whether values of both can stand in one column of an answer, and be filtered by the same value."""
        return self.type == other.type and self.column.type.family == other.column.type.family


@dataclass(frozen=True)
class Part:
    """One aggregate over one table: what is summed, which rows, and when a row counts."""

    entity: Table
    measure: Formula
    filter: Formula | None
    time: Column | None
    alive: tuple[Column, Column] | None
    paths: dict[str, tuple[Join, ...]]
    """The joins that measure and filter need, by qualified parent table."""
    dimensions: dict[str, Dimension]
    """By name, as reached from this entity; the parts of a derived metric may reach one name by different ways."""
    empty: Empty = "zero"
    """What counts and sums over no rows are."""
    shift: Shift = ()
    """How far back its rows lie: those count whose time, so much later, is in the question's window."""

    @property
    def over_no_rows(self) -> Decimal | None:
        return over_no_rows(self.measure.tree) if self.empty == "zero" else None

    @property
    def when(self) -> tuple[str, ...]:
        """The columns that say when a row counts: the time, or both of `alive`, or none."""
        return tuple(column.name for column in (self.time, *(self.alive or ())) if column is not None)


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
    window: WindowName | None
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

    @property
    def source_tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.entity.qualified for part in self.parts))

    @cached_property
    def needed_columns(self) -> dict[str, dict[str, ColumnType | None]]:
        """Every column that a question of this metric may read, by qualified table; join keys without their type."""
        needed: dict[str, dict[str, ColumnType | None]] = {}
        dimensions = [part.dimensions[name] for part in self.parts for name in self.dimensions]
        paths = [path for part in self.parts for path in part.paths.values()]
        for join in (join for path in [*paths, *(each.path for each in dimensions)] for join in path):
            needed.setdefault(join.from_table, {}).update(dict.fromkeys(join.from_columns))
            needed.setdefault(join.to_table, {}).update(dict.fromkeys(join.to_columns))
        for part in self.parts:
            for formula in (part.measure, part.filter):
                for (table, name), column_type in formula.columns.items() if formula else ():
                    needed.setdefault(table, {})[name] = column_type
            for column in (part.time, *(part.alive or ())):
                if column is not None:
                    needed.setdefault(part.entity.qualified, {})[column.name] = column.type
            needed.setdefault(part.entity.qualified, {})
        for dimension in dimensions:
            needed.setdefault(dimension.table, {})[dimension.column.name] = dimension.column.type
        return needed

    @cached_property
    def over_no_rows(self) -> Decimal | None:
        """What the metric is where there are no rows: 0 for counts and sums, None where that is not known."""
        return over_no_rows(operand_tree(self), tuple(part.over_no_rows for part in self.parts))

    @property
    def empty(self) -> Empty:
        """What a group without rows means, as it stands beside a column of values."""
        return "zero" if self.over_no_rows == 0 else "unknown"

    @cached_property
    def note(self) -> str | None:
        """What its filters do with rows without a value, where a reader might think otherwise."""
        names: dict[str, None] = {}
        for part in self.parts:
            for node in part.filter.tree.find_all(exp.NEQ, exp.Not, exp.Like) if part.filter else ():
                if isinstance(node, exp.Not) and not isinstance(node.this.unnest(), _SILENT_ABOUT_NULL):
                    continue
                if isinstance(node, exp.Like) and not node.args.get("negate"):
                    continue
                names |= dict.fromkeys(column.name for column in node.find_all(exp.Column))
        if not names:
            return None
        return f"Rows without a value in {', '.join(names)} are left out by its filter, as SQL has it."

    @property
    def sentence(self) -> str:
        """The definition as it is read: with what its filters do with rows without a value."""
        return " ".join(filter(None, (self.definition, self.note)))

    @property
    def has_time(self) -> bool:
        return any(part.time is not None for part in self.parts)


class Binder:
    """Turns entries into metrics against one dictionary; raises BadFormula with a sentence."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary

    def entity(self, name: str) -> Table:
        table = self.dictionary.find(name)
        if table is None:
            raise BadFormula(
                f"no table {name!r} in the dictionary. {nearest(name, self.dictionary.table_names) or ''}".strip()
            )
        return table

    def path(self, entity: Table, target: str) -> tuple[Join, ...]:
        """The one shortest chain of approved joins from child to parent. No chain, or two, is an error."""
        if target == entity.qualified:
            return ()
        level: list[tuple[Join, ...]] = [()]
        for _ in range(4):
            following: list[tuple[Join, ...]] = []
            for chain in level:
                at = chain[-1].to_table if chain else entity.qualified
                visited = {entity.qualified, *(join.to_table for join in chain)}
                following += [
                    (*chain, join) for join in self.dictionary.joins_from.get(at, []) if join.to_table not in visited
                ]
            found = [chain for chain in following if chain[-1].to_table == target]
            if len(found) > 1:
                ways = " or ".join(" > ".join(join.join_id for join in chain) for chain in found)
                raise BadFormula(f"{target} can be reached in more than one way from {entity.qualified} ({ways})")
            if found:
                return found[0]
            level = following
        raise BadFormula(
            f"{target} cannot be joined to {entity.qualified} without counting rows more than once:"
            " join_map.csv has no chain from child to parent"
        )

    def column(self, entity: Table, name: str, table_name: str | None) -> tuple[Table, Column]:
        table = entity if table_name is None else self.entity(table_name)
        column = table.columns.get(name)
        if column is None:
            hint = nearest(name, set(table.columns)) or ""
            raise BadFormula(f"{table.qualified} has no column {name!r}. {hint}".strip())
        if column.pii is not None:
            raise BadFormula(f"{table.qualified}.{name} is personal data ({column.pii}) and cannot be used")
        return table, column

    def _split(self, entity: Table, name: str) -> tuple[str | None, str]:
        """The table (None: the entity) and the column that `column` or `table.column` names."""
        if name in entity.columns or "." not in name:
            return None, name
        return table_and_column(name, self.dictionary.table_names)

    def part(
        self, entity: Table, entry: MetricEntry, measure: str, condition: str | None, dimensions: dict[str, Dimension]
    ) -> Part:
        paths: dict[str, tuple[Join, ...]] = {}
        resolve = self._resolver(entity, paths)
        measure_formula = read_measure(measure, resolve)
        refuse_repeats(measure_formula.tree, entity.qualified, paths)
        filter_formula = read_filter(condition, resolve) if condition else None
        time = self._time(entity, entry.time) if entry.time else None
        alive = (self._time(entity, entry.alive.from_), self._time(entity, entry.alive.until)) if entry.alive else None
        return Part(entity, measure_formula, filter_formula, time, alive, paths, dimensions, entry.empty)

    def _resolver(self, entity: Table, paths: dict[str, tuple[Join, ...]]) -> Resolve:
        """Finds the columns of a formula over rows of `entity`, and notes in `paths` the joins that they need."""

        def resolve(name: str, table_name: str | None) -> tuple[str, str, ColumnType]:
            table, column = self.column(entity, name, table_name)
            paths[table.qualified] = self.path(entity, table.qualified)
            return table.qualified, column.name, column.type

        return resolve

    def _time(self, entity: Table, name: str) -> Column:
        table_name, name = self._split(entity, name)
        table, column = self.column(entity, name, table_name)
        if table is not entity:
            raise BadFormula(f"{table.qualified}.{name} is not a column of {entity.qualified}, whose rows are counted")
        if not column.type.is_time:
            raise BadFormula(f"{entity.qualified}.{name} is {column.type.text}, not a date or timestamp")
        return column

    def dimension(self, entity: Table, entry: str | DimensionEntry) -> Dimension:
        if isinstance(entry, str):
            entry = DimensionEntry(name=entry, column=None, label=None)
        if entry.name in RESERVED:
            raise BadFormula(f"dimension {entry.name!r}: the name is taken; give it another")
        table_name, column_name = self._split(entity, entry.column or entry.name)
        if table_name is None and column_name not in entity.columns:
            table_name = self._only_parent_with(entity, column_name)
        table, column = self.column(entity, column_name, table_name)
        if table_name and table is entity:
            self._refuse_self_reference(entry, entity, column.name)
        value_type(column.type)
        label = entry.label or entry.name.replace("_", " ").capitalize()
        return Dimension(entry.name, label, table.qualified, column, self.path(entity, table.qualified))

    def _refuse_self_reference(self, entry: DimensionEntry, entity: Table, column: str) -> None:
        """Of a table joined to itself, `table.column` may mean the row's own column or its parent's."""
        for join in self.dictionary.joins_from.get(entity.qualified, []):
            if join.to_table == entity.qualified:
                raise BadFormula(
                    f"dimension {entry.name!r}: {entry.column} may mean the row itself or the row that join {join.join_id}"
                    f" leads to; write column: {column} for the row's own. The other cannot be asked for: joins of a table"
                    " to itself have no names yet"
                )

    def _only_parent_with(self, entity: Table, column: str) -> str:
        """A bare name that the entity lacks may stand for a parent's column, where just one parent has it."""
        owners = {join.to_table for join in self.dictionary.joins_from.get(entity.qualified, [])}
        having = sorted(name for name in owners if column in self.dictionary.tables[name].columns)
        if len(having) != 1:
            hint = nearest(column, set(entity.columns)) or ""
            reason = f"stands in {' and '.join(having)}: write table.column" if having else "is no column of it"
            raise BadFormula(f"{entity.qualified}: {column!r} {reason}. {hint}".strip())
        return having[0]

    def take(self, entry: MetricEntry, known: dict[str, Metric], written: Collection[str], file: str, line: int) -> Metric:
        """A metric of whichever kind; what a derived one is made of is taken before it. Raises BadFormula."""
        if entry.expression is not None:
            return self.derive(entry, known, written, file, line)
        return self.bind(entry, file, line)

    def bind(self, entry: MetricEntry, file: str, line: int) -> Metric:
        """A simple or ratio metric."""
        entity = self.entity(entry.entity or "")
        dimensions: dict[str, Dimension] = {}
        for dimension in (self.dimension(entity, item) for item in entry.dimensions):
            if dimension.name in dimensions:
                raise BadFormula(f"dimension {dimension.name!r} stands twice")
            dimensions[dimension.name] = dimension
        if entry.measure is not None:
            parts = (self.part(entity, entry, entry.measure, entry.filter, dimensions),)
            kind, value, formula = "simple", parts[0].measure.type, entry.measure
        else:
            assert entry.numerator and entry.denominator
            parts = tuple(
                self.part(entity, entry, each.measure, _both(entry.filter, each.filter), dimensions)
                for each in (entry.numerator, entry.denominator)
            )
            for part, name in zip(parts, ("numerator", "denominator"), strict=True):
                _number_of(part.measure.type, name)
            kind, value = "ratio", DOUBLE
            formula = f"{_shown(entry.numerator)} / {_shown(entry.denominator)}"
        return _metric(entry, kind, parts, None, dimensions, entry.window, value, formula, file, line)

    def derive(self, entry: MetricEntry, known: dict[str, Metric], written: Collection[str], file: str, line: int) -> Metric:
        """A derived metric: its operands must be bound already. `written` are the ids of all metrics in the files."""
        tree, ids = read_expression(entry.expression or "")
        if unused := [name for name in entry.inputs if name not in ids]:
            raise BadFormula(f"the expression does not use its input {unused[0]!r}")
        operands: dict[str, Metric] = {}
        for name in ids:
            taken = entry.inputs.get(name)
            operands[name] = _operand(taken.metric if taken else name, known, written)
            _number_of(operands[name].type, name)
            if taken is not None:
                operands[name] = self._as_input(name, operands[name], taken)
        parts: list[Part] = []
        trees: dict[str, exp.Expr] = {}
        for name, operand in operands.items():
            own = operand_tree(operand).transform(_shifted, len(parts))
            trees[name] = exp.paren(own) if isinstance(own, exp.Binary) else own
            parts += [replace(part, empty="unknown") if entry.empty == "unknown" else part for part in operand.parts]
        tree = tree.transform(lambda node: trees[node.name].copy() if isinstance(node, exp.Column) else node)
        _share_a_time(operands)
        dimensions = {
            name: each for name, each in operands[ids[0]].dimensions.items()
            if all(name in other.dimensions and each.agrees_with(other.dimensions[name]) for other in operands.values())
        }  # fmt: skip
        window = entry.window or _common_window(list(operands.values()))
        if window and not any(part.time for part in parts):
            raise BadFormula("none of its metrics has a time for a window to look at")
        formula = "; ".join([entry.expression or "", *(_shown_input(*each) for each in entry.inputs.items())])
        return _metric(entry, "derived", tuple(parts), tree, dimensions, window, DOUBLE, formula, file, line)

    def _as_input(self, name: str, metric: Metric, entry: InputEntry) -> Metric:
        """The metric with each of its parts so much earlier, and over those rows only for which the filter holds."""
        parts = metric.parts
        if entry.filter:
            try:
                parts = tuple(self._filtered(part, entry.filter) for part in parts)
            except BadFormula as error:
                raise BadFormula(f"the filter of its input {name!r}: {error}") from error
        if entry.shift:
            timeless = next((part for part in parts if not part.when), None)
            if timeless is not None:
                raise BadFormula(f"its input {name!r} has a shift, and {metric.metric_id} has no time to look back in")
            step = read_length(entry.shift)
            parts = tuple(replace(part, shift=(step, *part.shift)) for part in parts)
        return replace(metric, parts=parts)

    def _filtered(self, part: Part, condition: str) -> Part:
        paths = dict(part.paths)
        found = read_filter(condition, self._resolver(part.entity, paths))
        return replace(part, filter=both(part.filter, found) if part.filter else found, paths=paths)


def _operand(name: str, known: dict[str, Metric], written: Collection[str]) -> Metric:
    if name in known:
        return known[name]
    if name in written:
        raise BadFormula(f"it names {name!r}, which cannot be used itself or names this metric in turn")
    raise BadFormula(f"no metric {name!r}. {nearest(name, set(known)) or ''}".strip())


def _number_of(value: ValueType, name: str) -> None:
    if not value.is_number:
        raise BadFormula(f"{name} is a {value.kind}, and cannot be calculated with")


def _share_a_time(operands: dict[str, Metric]) -> None:
    """A window that looks at one side alone would divide a month of the one by all years of the other."""
    timeless = [name for name, each in operands.items() if not all(part.when for part in each.parts)]
    timed = [name for name, each in operands.items() if any(part.when for part in each.parts)]
    if timeless and timed:
        raise BadFormula(
            f"{timeless[0]} counts rows of all time and {timed[0]} those of a window: give {timeless[0]} a time,"
            " or count both over the same table"
        )


def _common_window(metrics: list[Metric]) -> str | None:
    windows = {metric.window for metric in metrics if metric.window}
    if len(windows) > 1:
        raise BadFormula("its metrics have different windows: write window")
    return next(iter(windows), None)


def operand_tree(metric: Metric) -> exp.Expr:
    """A metric as arithmetic over its parts, `p0`, `p1`, ..."""
    if metric.expression is not None:
        return metric.expression.copy()
    if metric.kind == "ratio":
        return exp.Div(this=exp.column("p0"), expression=exp.column("p1"))
    return exp.column("p0")


def _shifted(node: exp.Expr, by: int) -> exp.Expr:
    return exp.column(f"p{int(node.name[1:]) + by}") if isinstance(node, exp.Column) else node


def _both(first: str | None, second: str | None) -> str | None:
    return f"({first}) AND ({second})" if first and second else first or second


def _shown(part: PartEntry) -> str:
    return f"{part.measure} where {part.filter}" if part.filter else part.measure


def _shown_input(name: str, entry: InputEntry) -> str:
    shift = f", {told_length(read_length(entry.shift))} earlier" if entry.shift else ""
    return f"{name}: {entry.metric}{shift}{f' where {entry.filter}' if entry.filter else ''}"


def _metric(
    entry: MetricEntry, kind: Kind, parts: tuple[Part, ...], expression: exp.Expr | None,
    dimensions: dict[str, Dimension], window: str | None, value: ValueType, formula: str, file: str, line: int,
) -> Metric:  # fmt: skip
    meaning = {
        "kind": kind,
        "parts": [_part_meaning(part) for part in parts],
        "expression": expression.sql() if expression is not None else None,
        "dimensions": {
            name: list(dict.fromkeys(f"{own.table}.{own.column.name}" for own in (part.dimensions[name] for part in parts)))
            for name in sorted(dimensions)
        },
        "window": window,
        "unit": entry.unit,
    }
    version = hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:16]
    return Metric(
        entry.id, entry.label, entry.definition, kind, parts, expression, dimensions, window, value,  # pyright: ignore[reportArgumentType]
        formula, entry.filter, entry.unit, entry.direction, entry.owner, entry.refresh_seconds, entry.synonyms,
        entry.tolerance, version, file, line,
    )  # fmt: skip


def _part_meaning(part: Part) -> dict[str, object]:
    return {
        "entity": part.entity.qualified,
        "measure": part.measure.text,
        "filter": part.filter.text if part.filter else None,
        "time": part.time.name if part.time else None,
        "alive": [column.name for column in part.alive] if part.alive else None,
        **({"empty": part.empty} if part.empty != "zero" else {}),
        **({"shift": [told_length(step) for step in part.shift]} if part.shift else {}),
        "joins": {table: [join.join_id for join in path] for table, path in sorted(part.paths.items())},
    }

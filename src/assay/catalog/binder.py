"""Entries bound to a dictionary: each name found, each way of joins, and the version of what a metric means."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from sqlglot import exp

from assay.catalog.addends import refuse_repeats
from assay.catalog.bound import metric_of
from assay.catalog.calendars import GREGORIAN, Calendar, spoken
from assay.catalog.conversion import converted
from assay.catalog.dictionary import Column, Dictionary, Join, Table, each_join
from assay.catalog.entry import (
    NO_TIME,
    RESERVED,
    DimensionEntry,
    EntityEntry,
    InputEntry,
    KeepEntry,
    MetricEntry,
    OverEntry,
    ParameterEntry,
    PartEntry,
    SegmentEntry,
    StartEntry,
    WhoseEntry,
    label_of,
)
from assay.catalog.findings import nearest
from assay.catalog.formula import (
    DOUBLE,
    MOST_DIGITS,
    BadFormula,
    Resolve,
    ValueType,
    both,
    read_expression,
    read_filter,
    read_measure,
    read_value,
    value_type,
)
from assay.catalog.frames import AtStart, Coarser, Frame
from assay.catalog.held_then import held_at_its_time
from assay.catalog.metric import SIGNS, Dimension, Keep, Metric, Part, Segment, TimeColumn, Whose, operand_tree
from assay.catalog.parameters import PARAM, Parameter, found_among, mark_parameters, read_value_of
from assay.catalog.per import Per, read_nested
from assay.catalog.retention import retained
from assay.catalog.spelling import table_and_column
from assay.catalog.types import ColumnType
from assay.catalog.ways import Reached, Ways
from assay.catalog.whose import whose_of
from assay.catalog.windows import Step, read_length, read_shift, told_length

Named = TypeVar("Named", Dimension, Segment, Parameter)


class Binder:
    """Turns entries into metrics against one dictionary; raises BadFormula with a sentence."""

    def __init__(
        self, dictionary: Dictionary, entities: Mapping[str, EntityEntry] = MappingProxyType({}),
        calendar: Calendar = GREGORIAN,
    ) -> None:  # fmt: skip
        """`entities`: what tables offer to their metrics, by qualified name; `calendar`: by its periods inputs look back."""
        self.dictionary = dictionary
        self.entities = entities
        self.calendar = calendar
        self.ways = Ways(dictionary)
        # Metrics of one table share what it offers: each is read once, by the table and as it is written.
        self._dimensions: dict[tuple[str, str | DimensionEntry], Dimension] = {}
        self._segments: dict[tuple[str, SegmentEntry], Segment] = {}

    def completed(self, entry: MetricEntry) -> MetricEntry:
        """The entry with what its table offers and it does not say itself."""
        table = self.dictionary.find(entry.entity or "")
        offered = self.entities.get(table.qualified) if table else None
        if offered is None:
            return entry
        # One that stands twice is taken twice: a metric that uses it is refused, as no one of them is meant.
        known: dict[str, list[str | DimensionEntry]] = {}
        for each in offered.dimensions:
            known.setdefault(each if isinstance(each, str) else each.name, []).append(each)
        own = {each.name for each in entry.segments}
        wanted = offered.dimensions if entry.dimensions is None else entry.dimensions
        return entry.model_copy(update={
            "time": entry.time or (None if entry.alive else offered.time),
            "dimensions": tuple(
                one for each in wanted for one in (known.get(each, [each]) if isinstance(each, str) else [each])
            ),
            "segments": (*entry.segments, *(each for each in offered.segments if each.name not in own)),
        })  # fmt: skip

    def entity(self, name: str) -> Table:
        table = self.dictionary.find(name)
        if table is None:
            raise BadFormula(
                f"no table {name!r} in the dictionary. {nearest(name, self.dictionary.table_names) or ''}".strip()
            )
        return table

    def column(
        self, entity: Table, name: str, table_name: str | None, by: tuple[str, ...] = ()
    ) -> tuple[Reached, Column]:  # fmt: skip
        """A column, and the row in which it stands as a row of `entity` reaches it."""
        reached = self.ways.reached(entity, table_name, by)
        table = reached.table
        column = table.columns.get(name)
        if column is None:
            hint = nearest(name, set(table.columns)) or ""
            raise BadFormula(f"{table.qualified} has no column {name!r}. {hint}".strip())
        if column.pii is not None:
            raise BadFormula(f"{table.qualified}.{name} is personal data ({column.pii}) and cannot be used")
        return reached, column

    def _split(self, entity: Table, name: str) -> tuple[str | None, str]:
        """What stands before the point of `table.column` (None: the entity), and the column."""
        if name in entity.columns or "." not in name:
            return None, name
        return table_and_column(name, self.ways)

    def part(
        self, entity: Table, entry: MetricEntry, measure: str, condition: str | None, dimensions: dict[str, Dimension],
        segments: dict[str, Segment], parameters: Mapping[str, Parameter], whose: tuple[Whose, ...],
    ) -> Part:  # fmt: skip
        paths: dict[str, tuple[Join, ...]] = {}
        resolve = self.resolver(entity, paths, parameters)
        per = None
        if entry.per:
            measure_formula, values = read_nested(measure, resolve)
            per = Per(self.columns_of(entity, entry.per, paths), values)
        else:
            measure_formula = read_measure(measure, resolve)
        for each in (measure_formula,) if per is None else per.values.values():
            refuse_repeats(each.tree, entity.qualified, paths)
        filter_formula = read_filter(condition, resolve) if condition else None
        time = self.time(entity, entry.time) if entry.time and entry.time != NO_TIME else None
        alive = (
            (self._own_time(entity, entry.alive.from_), self._own_time(entity, entry.alive.until)) if entry.alive else None
        )
        if entry.over and time is None:
            raise BadFormula("over needs time: the column by which its rows count")
        if entry.coarser == "average":
            _number_of(measure_formula.type, "measure")
        frame = _frame(entry.over, entry.coarser) if entry.over else None
        return held_at_its_time(Part(
            entity, measure_formula, filter_formula, time, alive, paths, dimensions, entry.empty, segments=segments,
            frame=frame, keep=self._keep(entity, entry.keep) if entry.keep else None, per=per, whose=whose,
        ), self.dictionary)  # fmt: skip

    def resolver(
        self, entity: Table, paths: dict[str, tuple[Join, ...]], parameters: Mapping[str, Parameter] = MappingProxyType({})
    ) -> Resolve:
        """Finds the columns of a formula over rows of `entity`, and notes in `paths` the joins that they need."""

        def resolve(name: str, table_name: str | None) -> tuple[str, str, ColumnType]:
            if table_name == PARAM:
                found = found_among(parameters, name)
                return PARAM, found.column, found.type
            reached, column = self.column(entity, name, table_name)
            paths[reached.source] = reached.joins
            return reached.source, column.name, column.type

        return resolve

    def time(self, entity: Table, written: str) -> TimeColumn:
        """The column of the table, or of a parent, that says when a row counts."""
        table_name, name = self._split(entity, written)
        reached, column = self.column(entity, name, table_name)
        if not column.type.is_time:
            raise BadFormula(f"{reached.table.qualified}.{name} is {column.type.text}, not a date or timestamp")
        if table_name and not reached.joins:
            self._refuse_self_reference("time", written, entity, name)
        return TimeColumn(reached.source, column, reached.joins)

    def _own_time(self, entity: Table, name: str) -> Column:
        found = self.time(entity, name)
        if found.joins:
            raise BadFormula(f"{found.table}.{found.name} is not a column of {entity.qualified}, whose rows are counted")
        return found.column

    def _keep(self, entity: Table, entry: KeepEntry) -> Keep:
        columns: list[Column] = []
        for name in entry.for_each:
            table_name, own = self._split(entity, name)
            reached, column = self.column(entity, own, table_name)
            if reached.joins:
                raise BadFormula(f"keep.for_each: {name} is not a column of {entity.qualified}, whose rows are kept")
            value_type(column.type)
            columns.append(column)
        return Keep(self._own_time(entity, entry.newest or entry.oldest or ""), entry.newest is not None, tuple(columns),
                    entry.of_filtered)  # fmt: skip

    def columns_of(
        self, entity: Table, names: tuple[str, ...], paths: dict[str, tuple[Join, ...]]
    ) -> tuple[tuple[str, Column], ...]:  # fmt: skip
        """Columns by name, each with its source; notes in `paths` the joins that they need."""
        found: list[tuple[str, Column]] = []
        for name in names:
            table_name, own = self._split(entity, name)
            reached, column = self.column(entity, own, table_name)
            value_type(column.type)
            paths[reached.source] = reached.joins
            found.append((reached.source, column))
        return tuple(found)

    def segment(self, entity: Table, entry: SegmentEntry) -> Segment:
        key = (entity.qualified, entry)
        if key not in self._segments:
            self._segments[key] = self._read_segment(entity, entry)
        return self._segments[key]

    def _read_segment(self, entity: Table, entry: SegmentEntry) -> Segment:
        paths: dict[str, tuple[Join, ...]] = {}
        try:
            formula = read_filter(entry.filter, self.resolver(entity, paths))
        except BadFormula as error:
            raise BadFormula(f"segment {entry.name!r}: {error}") from error
        joins = each_join(paths.values())
        label = entry.label or label_of(entry.name)
        return Segment(entry.name, label, entry.definition, formula, joins)

    def dimension(self, entity: Table, entry: str | DimensionEntry) -> Dimension:
        key = (entity.qualified, entry)
        if key not in self._dimensions:
            self._dimensions[key] = self._read_dimension(entity, entry)
        return self._dimensions[key]

    def _read_dimension(self, entity: Table, entry: str | DimensionEntry) -> Dimension:
        if isinstance(entry, str):
            entry = DimensionEntry(name=entry, column=None, label=None)
        if entry.name in RESERVED:
            raise BadFormula(f"dimension {entry.name!r}: the name is taken; give it another")
        label = entry.label or label_of(entry.name)
        if entry.expression is not None and entry.column is not None:
            raise BadFormula(f"dimension {entry.name!r} is a column or an expression, not both")
        if entry.expression is not None and entry.by:
            raise BadFormula(f"dimension {entry.name!r} is an expression, which names joins itself: {entry.by[0]}.COLUMN")
        if entry.expression is not None:
            return self._calculated(entity, entry.name, label, entry.expression)
        table_name, column_name = self._split(entity, entry.column or entry.name)
        if table_name is None and column_name not in entity.columns and not entry.by:
            table_name = self._only_parent_with(entity, column_name)
        reached, column = self.column(entity, column_name, table_name, entry.by)
        if table_name and not reached.joins:
            self._refuse_self_reference(entry.name, f"{entry.column}", entity, f"column: {column.name}")
        value_type(column.type)
        return Dimension(entry.name, label, reached.source, column, reached.joins)

    def _calculated(self, entity: Table, name: str, label: str, expression: str) -> Dimension:
        """A dimension that is calculated in each row."""
        paths: dict[str, tuple[Join, ...]] = {}
        find = self.resolver(entity, paths)

        def resolve(column: str, table_name: str | None) -> tuple[str, str, ColumnType]:
            if table_name and not self.ways.reached(entity, table_name).joins:
                self._refuse_self_reference(name, f"{table_name}.{column}", entity, column)
            return find(column, table_name)

        try:
            formula = read_value(expression, resolve)
        except BadFormula as error:
            text = str(error)
            raise BadFormula(text if text.startswith("dimension ") else f"dimension {name!r}: {text}") from error
        if formula.type.kind == "decimal" and (formula.type.scale or 0) > MOST_DIGITS:
            raise BadFormula(
                f"dimension {name!r}: its value has {formula.type.scale} decimal places, and a decimal holds"
                f" {MOST_DIGITS} digits in all; write ROUND({expression}, 2), with as many places as are meant"
            )
        joins = each_join(paths.values())
        return Dimension(name, label, entity.qualified, None, joins, formula, expression)

    def _refuse_self_reference(self, name: str, written: str, entity: Table, own: str) -> None:
        """Of a table joined to itself, `table.column` may mean the row's own column or its parent's."""
        for join in self.dictionary.joins_from.get(entity.qualified, []):
            if join.to_table == entity.qualified:
                raise BadFormula(
                    f"dimension {name!r}: {written} may mean the row itself or the row that join {join.join_id}"
                    f" leads to; write {own} for the row's own, or name the join for the other:"
                    f" {join.join_id}.{written.rpartition('.')[2]}"
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
        """A metric of whichever kind, from an entry that is complete; what a derived one is made of is taken before it.

        Raises BadFormula.
        """
        if entry.expression is not None:
            return self.derive(entry, known, written, file, line)
        if entry.events:
            return self._of_events(entry, known, written, file, line)
        return self.bind(entry, file, line, known, written)

    def _whose(
        self, dimensions: Mapping[str, Dimension], entries: Iterable[WhoseEntry], known: Mapping[str, Metric],
        written: Collection[str],
    ) -> tuple[Whose, ...]:  # fmt: skip
        """Conditions on what other metrics are for somebody. A definition looks at all time: its past would move else."""
        found: list[Whose] = []
        for each in entries:
            if each.dimension not in dimensions:
                hint = nearest(each.dimension, set(dimensions)) or f"there are: {', '.join(dimensions) or 'none'}"
                raise BadFormula(f"whose: it has no dimension {each.dimension!r}. {hint}")
            metric = _operand(each.metric, known, written)
            if metric.window:
                raise BadFormula(f"whose: {each.metric} has the window {metric.window}, and a definition looks at all time:"
                                 " name a metric without a window of its own")  # fmt: skip
            try:
                found.append(whose_of(dimensions[each.dimension], metric, each.by, each.op, each.value, self.dictionary))
            except BadFormula as error:
                raise BadFormula(f"whose: {error}") from error
        return tuple(found)

    def _of_events(
        self, entry: MetricEntry, known: dict[str, Metric], written: Collection[str], file: str, line: int
    ) -> Metric:
        operands = {name: _operand(name, known, written) for name in entry.events}
        if entry.conversion:
            made = converted(entry, entry.conversion, operands, self.columns_of, file, line)
        else:
            assert entry.retention
            made = retained(entry, entry.retention, operands, self.columns_of, file, line)
        # By for_each they may be read through joins that their own metrics do not take.
        for event in (each for part in made.parts if part.conversion for each in part.conversion.events):
            held_at_its_time(event.part, self.dictionary)
        return replace(made, parameters=_shared_parameters(operands.values()))

    def bind(
        self, entry: MetricEntry, file: str, line: int, known: Mapping[str, Metric] = MappingProxyType({}),
        written: Collection[str] = (),
    ) -> Metric:  # fmt: skip
        """A simple or ratio metric. `known`: those that its conditions may look at."""
        entity = self.entity(entry.entity or "")
        dimensions = _by_name("dimension", (self.dimension(entity, item) for item in entry.dimensions or ()))
        segments = _by_name("segment", (self.segment(entity, item) for item in entry.segments))
        if entry.window is not None and entry.time in (None, NO_TIME):
            raise BadFormula("a window needs time: the column it looks at")
        parameters = _by_name("parameter", map(_parameter, entry.parameters))
        whose = self._whose(dimensions, entry.whose, known, written)
        if entry.measure is not None:
            parts = (self.part(entity, entry, entry.measure, entry.filter, dimensions, segments, parameters, whose),)
            kind, value, formula = "simple", parts[0].type, entry.measure
        else:
            assert entry.numerator and entry.denominator
            parts = tuple(
                self.part(
                    entity, entry, each.measure, _both(entry.filter, each.filter), dimensions, segments, parameters, whose
                )
                for each in (entry.numerator, entry.denominator)
            )
            for part, name in zip(parts, ("numerator", "denominator"), strict=True):
                _number_of(part.measure.type, name)
            kind, value = "ratio", DOUBLE
            formula = f"{_shown(entry.numerator)} / {_shown(entry.denominator)}"
        formulas = [(part.measure, part.filter, *(part.per.values.values() if part.per else ())) for part in parts]
        mark_parameters((each.tree for found in formulas for each in found if each), parameters)
        if frame := parts[0].frame:
            formula = f"{formula}, {frame.told}"
        if keep := parts[0].keep:
            formula = f"{formula}, of {keep.told}"
        if entry.per:
            formula = f"{formula}, for each {', '.join(entry.per)}"
        formula = ", ".join([formula, *(each.told for each in whose)])
        made = metric_of(entry, kind, parts, None, dimensions, entry.window, value, formula, file, line)
        return replace(made, parameters=parameters)

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
                operands[name] = self._as_input(name, operands[name], taken, known, written)
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
        formula = "; ".join([entry.expression or "", *(_shown_input(*each, self.calendar) for each in entry.inputs.items())])
        made = metric_of(entry, "derived", tuple(parts), tree, dimensions, window, DOUBLE, formula, file, line)
        return replace(made, parameters=_shared_parameters(operands.values()))

    def _as_input(
        self, name: str, metric: Metric, entry: InputEntry, known: Mapping[str, Metric], written: Collection[str]
    ) -> Metric:  # fmt: skip
        """The metric with each of its parts so much earlier, and over those rows only for which the conditions hold."""
        parts = metric.parts
        if entry.filter or entry.whose:
            if any((part.keep and not part.keep.of_filtered) or part.conversion for part in parts):
                raise BadFormula(f"its input {name!r} has a filter, and {metric.metric_id} looks at some rows beside others:"
                                 " write a metric with that filter")  # fmt: skip
            try:
                parts = tuple(self._filtered(part, entry, known, written) for part in parts)
            except BadFormula as error:
                raise BadFormula(f"the filter of its input {name!r}: {error}") from error
        if entry.shift:
            timeless = next((part for part in parts if not part.when), None)
            if timeless is not None:
                raise BadFormula(f"its input {name!r} has a shift, and {metric.metric_id} has no time to look back in")
            shift = self._shift(name, entry.shift) if isinstance(entry.shift, str) else entry.shift
            parts = tuple(_looking_back(name, part, shift) for part in parts)
        return replace(metric, parts=parts)

    def _shift(self, name: str, text: str) -> Step:
        try:
            return read_shift(text, self.calendar)
        except ValueError as error:
            raise BadFormula(f"inputs.{name}.shift: {error}") from error

    def _filtered(
        self, part: Part, entry: InputEntry, known: Mapping[str, Metric], written: Collection[str]
    ) -> Part:  # fmt: skip
        part = replace(part, whose=(*part.whose, *self._whose(part.dimensions, entry.whose, known, written)))
        if entry.filter is None:
            return part
        paths = dict(part.paths)
        found = read_filter(entry.filter, self.resolver(part.entity, paths))
        part = replace(part, filter=both(part.filter, found) if part.filter else found, paths=paths)
        return held_at_its_time(part, self.dictionary)


def _by_name(what: str, given: Iterable[Named]) -> dict[str, Named]:
    """Raises BadFormula where a name stands twice."""
    found: dict[str, Named] = {}
    for each in given:
        if each.name in found:
            raise BadFormula(f"{what} {each.name!r} stands twice")
        found[each.name] = each
    return found


def _parameter(entry: ParameterEntry) -> Parameter:
    return Parameter(entry.name, entry.type, read_value_of(entry.type, entry.default), entry.label or label_of(entry.name))


def _shared_parameters(operands: Iterable[Metric]) -> dict[str, Parameter]:
    """Those of all operands; one name has one type, so that one value of a question can be meant for each."""
    found: dict[str, Parameter] = {}
    for each in (parameter for operand in operands for parameter in operand.parameters.values()):
        if found.setdefault(each.name, each).kind != each.kind:
            raise BadFormula(f"its metrics have a parameter {each.name!r} of different types")
    return found


def _operand(name: str, known: Mapping[str, Metric], written: Collection[str]) -> Metric:
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


def _shifted(node: exp.Expr, by: int) -> exp.Expr:
    return exp.column(f"p{int(node.name[1:]) + by}") if isinstance(node, exp.Column) else node


def _looking_back(name: str, part: Part, shift: Step | StartEntry) -> Part:
    """A part as it is so much earlier, or on the first day of a unit; what it did itself, it does from there on."""
    if isinstance(shift, Step):
        if shift.of and part.alive:
            raise BadFormula(f"its input {name!r} is a count at an instant, which looks back by days or months, and not by"
                             f" {spoken(shift.of)}s")  # fmt: skip
        return replace(part, shift=(shift, *part.shift))
    if part.time is None or part.keep or part.per or part.conversion:
        raise BadFormula(
            f"its input {name!r} is read at the start of the {shift.to_start_of}, and what has alive, keep, per or a"
            " conversion cannot be: write a metric without it, or use a shift such as 1 month"
        )
    return replace(part, shift=(), frame=AtStart(shift.to_start_of, part.shift, part.frame))


def _frame(entry: OverEntry | str, coarser: Coarser) -> Frame:
    if isinstance(entry, str):
        return Frame(coarser=coarser)
    return Frame(read_length(entry.trailing) if entry.trailing else None, entry.since_start_of, coarser)


def _both(first: str | None, second: str | None) -> str | None:
    return f"({first}) AND ({second})" if first and second else first or second


def _shown(part: PartEntry) -> str:
    return f"{part.measure} where {part.filter}" if part.filter else part.measure


def _shown_input(name: str, entry: InputEntry, calendar: Calendar) -> str:
    shift = ""
    if isinstance(entry.shift, StartEntry):
        shift = f", {AtStart(entry.shift.to_start_of).told}"
    elif entry.shift:
        shift = f", {told_length(read_shift(entry.shift, calendar))} earlier"
    rule = f" where {entry.filter}" if entry.filter else ""
    of = "".join(f", of each {each.dimension} whose {each.metric} {SIGNS[each.op]} {each.value}" for each in entry.whose)
    return f"{name}: {entry.metric}{shift}{rule}{of}"

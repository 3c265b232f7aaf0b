"""Conversions as they are bound: of the metrics that count the events, to the parts that are calculated.

The events of each metric are the rows that it counts. Which one follows which is the matter of `compiler/events.py`;
`docs/metrics/conversion.md` says the rules.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from sqlglot import exp

from assay.catalog.bound import metric_of
from assay.catalog.dictionary import Column, Join, Table, each_join
from assay.catalog.entry import ConversionEntry, MetricEntry
from assay.catalog.formula import DOUBLE, BadFormula, read_measure, value_type
from assay.catalog.metric import Conversion, Event, Metric
from assay.catalog.types import ColumnType
from assay.catalog.windows import read_within

TOOK = "$took"
"""A column of it in a measure is how long it took until the last event: a number of seconds, of days where only these are
known; nothing where it did not follow in time."""
ColumnsOf = Callable[[Table, tuple[str, ...], dict[str, tuple[Join, ...]]], tuple[tuple[str, Column], ...]]
"""(table, names of columns, where to note the joins that they need) -> the columns, each with its source."""
_UNITS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
_SECONDS = ColumnType("decimal", "decimal(18,6)", 18, 6)
_DAYS = ColumnType("bigint", "bigint")


def took_type(kind: str) -> ColumnType:
    """Of how long something took, between times of this kind."""
    return _DAYS if kind == "date" else _SECONDS


def converted(
    entry: MetricEntry, meant: ConversionEntry, operands: Mapping[str, Metric], columns_of: ColumnsOf, file: str, line: int
) -> Metric:
    """Raises BadFormula where the metrics count no events, or events of which nobody can say which is first."""
    first, within = operands[meant.from_], read_within(meant.within) if meant.within else None
    events = events_of(entry.events, operands, meant.for_each, columns_of, within)
    _expect_reachable(entry.events, events)
    how_soon = f"within {meant.within}" if meant.within else "however late"
    told = f"{', then '.join(meant.to)} {how_soon} for each {', '.join(meant.for_each)}"
    text = f"{'; '.join(map(text_of, events))}; within {within}"
    conversion = Conversion(text, f"followed by {told}", events, within)
    begun = replace(first.parts[0], paths=events[0].part.paths, conversion=conversion, empty=entry.empty)
    took = f"AVG(took){_per_unit(entry, events[0])}" if meant.value == "time" else "COUNT(took)"
    parts = [replace(begun, measure=read_measure(took, _took(events[0])))]
    if meant.value == "rate":
        parts.append(replace(begun, measure=read_measure("COUNT(*)", _took(events[0]))))
    kind, value = ("ratio", DOUBLE) if meant.value == "rate" else ("simple", parts[0].measure.type)
    formula = f"{_TOLD[meant.value]} {meant.from_} followed by {told}"
    window = entry.window or first.window
    return metric_of(entry, kind, tuple(parts), None, first.dimensions, window, value, formula, file, line)


_TOLD = {"rate": "the share of", "count": "the number of", "time": "how long it takes for"}


def events_of(
    names: tuple[str, ...], operands: Mapping[str, Metric], keys: tuple[str, ...], columns_of: ColumnsOf,
    within: timedelta | None = None,
) -> tuple[Event, ...]:  # fmt: skip
    """The events that these metrics count, from the first kind on, of which it can be said which is first."""
    first, *later = (_event(name, operands[name], keys, columns_of) for name in names)
    events = (replace(first, order=_order(names[0], first.part.entity)), *later)
    _expect_one_clock(names, events, within)
    return events


def _event(name: str, metric: Metric, keys: tuple[str, ...], columns_of: ColumnsOf) -> Event:
    part = metric.parts[0]
    is_count = isinstance(part.measure.tree, exp.Count) and isinstance(part.measure.tree.this, exp.Star)
    if metric.kind != "simple" or not is_count or part.time is None or not metric.adds_up_over_time or part.whose:
        raise BadFormula(
            f"{name} counts no events: a conversion is made of metrics with measure: COUNT(*) and a time, and without over,"
            " keep, per, whose and inputs"
        )
    paths = dict(part.paths)
    try:
        found = columns_of(part.entity, keys, paths)
    except BadFormula as error:
        raise BadFormula(f"for_each, of {name}: {error}") from error
    return Event(replace(part, paths=paths), found)


def _order(name: str, entity: Table) -> tuple[Column, ...]:
    """What tells events of one moment apart, so that it is the same one on every engine that is followed."""
    key = tuple(entity.columns[each] for each in entity.primary_key or entity.business_key)
    if not key or any(each.pii for each in key):
        why = "no key in the dictionary" if not key else "a key that is personal data"
        raise BadFormula(f"{entity.qualified} has {why}, so nobody can say which {name} of one moment is followed")
    return key


def _expect_one_clock(names: tuple[str, ...], events: tuple[Event, ...], within: timedelta | None) -> None:
    first = events[0]
    for name, each in zip(names[1:], events[1:], strict=True):
        if each.time.type.kind != first.time.type.kind:
            raise BadFormula(
                f"{names[0]} goes by a {first.time.type.text} and {name} by a {each.time.type.text}: which of two such is"
                " first cannot be said"
            )
        for (_, one), (_, other) in zip(first.keys, each.keys, strict=True):
            if one.type.family != other.type.family or value_type(one.type).kind != value_type(other.type).kind:
                raise BadFormula(f"for_each: {one.name} is {one.type.text} in {names[0]} and {other.type.text} in {name}")
    if first.time.type.kind == "date" and within and within % timedelta(days=1):
        raise BadFormula(f"{names[0]} knows days, not hours: write within in days")


def _expect_reachable(names: tuple[str, ...], events: tuple[Event, ...]) -> None:
    """Where a step between is a first event itself, what comes after it belongs to that one: such a funnel is empty."""
    first = events[0]
    for name, each in zip(names[1:-1], events[1:-1], strict=True):
        if each.is_another_of(first) and each.part.filter == first.part.filter:
            raise BadFormula(
                f"to: nothing can follow {name} here, because {names[0]} begins with the same events and what follows"
                " belongs to the nearest first event before it; put such a step last"
            )


def _per_unit(entry: MetricEntry, first: Event) -> str:
    """What the average is divided by, so that it is in the metric's unit."""
    own = "days" if first.time.type.kind == "date" else "seconds"
    known = [unit for unit in _UNITS if _UNITS[unit] >= _UNITS[own]]
    if entry.unit not in known:
        raise BadFormula(f"{entry.unit!r} is not a unit of time; write unit: {' or '.join(known)}")
    return "" if entry.unit == own else f" / {_UNITS[entry.unit] // _UNITS[own]}"


def _took(first: Event) -> Callable[[str, str | None], tuple[str, str, ColumnType]]:
    return lambda name, _: (TOOK, name, took_type(first.time.type.kind))


def text_of(event: Event) -> str:
    part = event.part
    keys = ", ".join(f"{source}.{column.name}" for source, column in event.read)
    joins = ", ".join(join.told for join in each_join(part.paths.values()))
    rule = f" where {part.filter.text}" if part.filter else ""
    return f"{part.entity.qualified}{rule} at {event.time.text} of {keys}{f' by {joins}' if joins else ''}"

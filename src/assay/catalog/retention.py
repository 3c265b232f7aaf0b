"""Cohorts and who of them comes back, as they are bound: of two metrics that count events, to the parts that are calculated.

What a row of them is, is the matter of `compiler/returns.py`; `docs/metrics/cohorts.md` says the rules.
"""

from collections.abc import Mapping
from dataclasses import replace

from assay.catalog.bound import metric_of
from assay.catalog.calendars import spoken
from assay.catalog.conversion import TOOK, ColumnsOf, events_of, text_of
from assay.catalog.entry import MetricEntry, RetentionEntry
from assay.catalog.formula import DOUBLE, BadFormula, read_formula, read_measure
from assay.catalog.metric import Cohorts, Conversion, Dimension, Event, Metric
from assay.catalog.types import ColumnType

SINCE, RETURNED = "since", "returned"
"""Columns of `$took` in a measure: the number of the bucket, and how many events there are in it; nothing where none is."""
_TYPES = {SINCE: ColumnType("integer", "int"), RETURNED: ColumnType("bigint", "bigint")}
_TOLD = {"rate": "the share that comes back", "count": "how many come back", "size": "how many there are"}


def key_name(number: int) -> str:
    """Of the columns that tell whose an event is, the one of this number, as `$took` has it."""
    return f"key{number}"


def retained(
    entry: MetricEntry, meant: RetentionEntry, operands: Mapping[str, Metric], columns_of: ColumnsOf, file: str, line: int
) -> Metric:
    """Raises BadFormula where the metrics count no events, or events of which nobody can say which is first."""
    first, events = operands[meant.from_], events_of(entry.events, operands, meant.for_each, columns_of)
    cohorts = _cohorts(meant, events[0])
    told = (
        f"from {meant.from_} to {meant.to} for each {', '.join(meant.for_each)}, by {spoken(meant.by)} up to {meant.up_to}"
    )
    text = f"{'; '.join(map(text_of, events))}; cohorts by {meant.by} up to {meant.up_to}"
    conversion = Conversion(text, f"looked at {told}", events, None, cohorts)
    since = _since(meant.by, first)
    begun = replace(
        first.parts[0], paths=events[0].part.paths, conversion=conversion, empty="unknown",
        dimensions={**first.parts[0].dimensions, since.name: since},
    )  # fmt: skip
    measures = {"rate": (f"COUNT({RETURNED})", "COUNT(*)"), "count": (f"COUNT({RETURNED})",), "size": ("COUNT(*)",)}
    parts = tuple(replace(begun, measure=read_measure(each, _of_took)) for each in measures[meant.value])
    kind, value = ("ratio", DOUBLE) if meant.value == "rate" else ("simple", parts[0].measure.type)
    dimensions = {**first.dimensions, since.name: since}
    window = entry.window or first.window
    return metric_of(entry, kind, parts, None, dimensions, window, value, f"{_TOLD[meant.value]} {told}", file, line)


def _of_took(name: str, _: str | None) -> tuple[str, str, ColumnType]:
    return TOOK, name, _TYPES[name]


def _cohorts(meant: RetentionEntry, first: Event) -> Cohorts:
    types = _TYPES | {key_name(number): column.type for number, (_, column) in enumerate(first.keys, 1)}

    def resolve(name: str, _: str | None) -> tuple[str, str, ColumnType]:
        return TOOK, name, types[name]

    members = f"COUNT(DISTINCT {', '.join(each for each in types if each not in _TYPES)})"
    returned = f"{members} FILTER (WHERE {RETURNED} IS NOT NULL)"
    return Cohorts(meant.by, meant.up_to, read_measure(members, resolve), read_measure(returned, resolve))


def _since(by: str, first: Metric) -> Dimension:
    """How many buckets lie between the first event and what is looked at."""
    name, label = f"{by}s_since", f"{spoken(by).capitalize()}s since"
    if name in first.dimensions:
        raise BadFormula(
            f"{first.metric_id} has a dimension {name!r}, and what is told by {by} has one of that name: rename it"
        )
    formula = replace(read_formula(SINCE, _of_took), text=f"{name} of its first event")
    return Dimension(name, label, first.parts[0].entity.qualified, None, (), formula, formula.text, is_since=True)

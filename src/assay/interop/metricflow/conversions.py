"""Conversion metrics of MetricFlow as `conversion:` of the catalog, and what the two count differently."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from assay.catalog.formula import BadFormula
from assay.catalog.windows import read_within
from assay.catalog.yaml_text import Entry
from assay.interop.columns import column_named
from assay.interop.metricflow.project import Followed, Input, MetricDef, Model

_VALUES = {"conversion_rate": "rate", "conversions": "count"}
_ONCE = (
    "each first event counts once, in the source as often as it is followed; of first events of one moment the last by its"
    " key is followed, in the source any"
)
_ZERO = "where nothing follows it is 0, in the source nothing unless it is filled with 0"


class Side(NamedTuple):
    """The metric that counts the events, by the id that it has here, and the model whose rows they are."""

    metric_id: str
    model: Model


def counting(followed: Followed, metrics: Mapping[str, MetricDef]) -> tuple[str, str]:
    """The metrics of the source that count the first events and those that follow. Raises BadFormula."""
    base, conversion = (_counting(each, followed, metrics) for each in (followed.base, followed.conversion))
    return base, conversion


def _counting(events: Input, followed: Followed, metrics: Mapping[str, MetricDef]) -> str:
    if events.filters:
        raise BadFormula(f"it filters {events.name} itself: make a metric of the filtered events, and name that")
    if not followed.of_measures:
        return events.name
    for name, each in metrics.items():
        taken = each.measure.name if each.measure else each.own and each.own.name
        filters = (*each.filters, *(each.measure.filters if each.measure else ()))
        if each.type == "simple" and taken == events.name and not filters:
            return name
    raise BadFormula(f"no metric counts {events.name} alone: make one")


def conversion_of(metric: MetricDef, followed: Followed, base: Side, conversion: Side, told: list[str]) -> Entry:
    """The body of the metric; adds to `told` what may make it differ. Raises BadFormula."""
    if metric.filters:
        raise BadFormula("it has a filter: make a metric of the filtered events, and name that as its base")
    if followed.calculation not in _VALUES:
        raise BadFormula(f"the calculation {followed.calculation} is not known")
    value = _VALUES[followed.calculation]
    if followed.window is not None:
        try:
            read_within(followed.window)
        except ValueError as error:
            raise BadFormula(f"window: {error}") from error
    told.append(_ONCE)
    if followed.conversion.fill is None:
        told.append(_ZERO)
    return {
        "conversion": {
            "from": base.metric_id, "to": conversion.metric_id, "for_each": list(_shared(followed, base, conversion)),
            **({"within": followed.window} if followed.window else {}), "value": value,
        },
        "unit": "percent" if value == "rate" else "count",
    }  # fmt: skip


def _shared(followed: Followed, base: Side, conversion: Side) -> Iterator[str]:
    """The columns that are equal in events that belong together, each of one name on both sides."""
    for mine, its in ((followed.entity, followed.entity), *followed.properties):
        one, other = _column(mine, base.model), _column(its, conversion.model)
        if one != other:
            raise BadFormula(f"{mine} is the column {one} of {base.model.name} and {other} of {conversion.model.name}:"
                             " give the columns one name")  # fmt: skip
        yield one


def _column(name: str, model: Model) -> str:
    expr = next((each.expr for each in (*model.keys, *model.dims) if each.name == name), None)
    column = column_named(expr) if expr else None
    if column is None:
        raise BadFormula(f"{name} of {model.name} is not a column: events belong together by columns")
    return column

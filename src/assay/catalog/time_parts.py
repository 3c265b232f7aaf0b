"""Parts of a row's time as dimensions: `time_weekday`, `time_hour` and the like, on the clock of the workspace.

Every metric with a time has them, without a word of its author; a dimension that is called so comes before.
"""

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from assay.catalog.formula import INTEGER, Formula
from assay.catalog.metric import Dimension, Metric, Part

_LABELS: dict[str, str] = {
    "hour": "Hour of the day", "weekday": "Weekday", "day": "Day of the month", "month": "Month of the year",
    "quarter": "Quarter of the year", "year": "Year", "day_of_year": "Day of the year",
}  # fmt: skip
TIME_PARTS: dict[str, str] = {f"time_{part}": part for part in _LABELS}


class NoPart(ValueError):
    """Why a metric has no such part of a time."""


def with_time_parts(metric: Metric, names: Iterable[str]) -> Metric:
    """The metric with those of these names that are parts of its time and no dimension of its own. Raises NoPart."""
    wanted = {name: TIME_PARTS[name] for name in names if name in TIME_PARTS and name not in metric.dimensions}
    if not wanted:
        return metric
    if metric.has_frame:
        raise NoPart(
            f"{metric.metric_id} looks further than its rows' own time, so none of its rows is of one {_any(wanted)}"
        )
    parts = tuple(
        replace(
            part, dimensions={**part.dimensions, **{name: _of(part, name, each, metric) for name, each in wanted.items()}}
        )
        for part in metric.parts
    )
    own = {name: parts[0].dimensions[name] for name in wanted}
    return replace(metric, parts=parts, dimensions={**metric.dimensions, **own})


def _any(wanted: dict[str, str]) -> str:
    return next(iter(wanted.values()))


def _of(part: Part, name: str, of_time: str, metric: Metric) -> Dimension:
    time = part.time
    if time is None:
        raise NoPart(f"{metric.metric_id} has no time to take the {of_time} of")
    if of_time == "hour" and time.type.kind == "date":
        raise NoPart(f"{metric.metric_id} knows days, not hours")
    key = (time.table, time.name)
    column = exp.column(time.name, table=time.table)
    formula = Formula(exp.Month(this=column), INTEGER, {key: time.type}, f"{of_time} of {time.table}.{time.name}")
    return Dimension(name, _LABELS[of_time], part.entity.qualified, None, time.joins, formula, of_time=of_time)

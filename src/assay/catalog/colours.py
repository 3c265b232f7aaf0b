"""Colours that the workspace chooses for values, by their names: the `colours` of assay.yaml."""

from collections.abc import Iterator, Mapping
from typing import Literal

from assay.catalog.findings import Finding, nearest
from assay.catalog.marked_yaml import MarkedYaml
from assay.catalog.metric import Metric

HueName = Literal["blue", "orange", "teal", "plum", "violet", "olive", "sand", "steel"]
HUES: tuple[HueName, ...] = ("blue", "orange", "teal", "plum", "violet", "olive", "sand", "steel")
"""The eight of the stylesheet, c1 to c8."""
METRICS = "metric"
"""In the place of a dimension: the series of a chart are metrics, told apart by their ids."""

Chosen = Mapping[str, Mapping[str, int]]
"""Dimension -> value as text -> hue, 1 to 8."""


def chosen_of(written: Mapping[str, Mapping[str, HueName]]) -> Chosen:
    return {
        dimension: {value: HUES.index(name) + 1 for value, name in values.items()} for dimension, values in written.items()
    }


def lines_of(chosen: Chosen, marked: MarkedYaml) -> dict[tuple[str, str], int | None]:
    """Where each value stands in the file."""
    found: dict[tuple[str, str], int | None] = {}
    for dimension, values in chosen.items():
        found |= {(dimension, value): marked.line(("colours", dimension, value)) for value in values}
    return found


def colour_findings(
    chosen: Chosen, lines: Mapping[tuple[str, str], int | None], metrics: Mapping[str, Metric]
) -> Iterator[Finding]:
    """Dimensions and metrics that nobody has, and two values of one dimension that a chart could not tell apart."""
    known = {METRICS, *(name for metric in metrics.values() for name in metric.dimensions)}
    for dimension, values in chosen.items():
        first = lines.get((dimension, next(iter(values), "")))
        if dimension not in known:
            mend = nearest(dimension, known) or "name a dimension of a metric, or `metric`"
            yield Finding("assay.yaml", first, f"colours: no metric has a dimension {dimension!r}", mend)
            continue
        owners: dict[int, str] = {}
        for value, hue in values.items():
            line = lines.get((dimension, value))
            if dimension == METRICS and value not in metrics:
                yield Finding("assay.yaml", line, f"colours: there is no metric {value!r}", nearest(value, set(metrics)))
            if hue in owners:
                message = f"colours: {owners[hue]!r} and {value!r} of {dimension} are both {HUES[hue - 1]}"
                free = [name for at, name in enumerate(HUES, 1) if at not in values.values()]
                yield Finding("assay.yaml", line, message, f"choose another, such as {free[0]}" if free else "leave one out")
            owners.setdefault(hue, value)

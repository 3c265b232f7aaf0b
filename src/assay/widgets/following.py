"""Widgets of metrics that tell what follows what: the steps of a funnel, and cohorts beside their size.

Which metrics go together, and which are there to go together with one; what each of them means is the catalog's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from sqlglot import exp

from assay.catalog.metric import Conversion, Event, Metric, Part
from assay.errors import BadQuestion
from assay.widgets.widget import Widget

Metrics = Mapping[str, Metric]


@dataclass(frozen=True, slots=True)
class CohortTold:
    """How a metric of cohorts is drawn as such: by the unit of its buckets, and by the number of those since."""

    grain: str
    dimension: str
    size: str | None
    """The metric that counts the members of the same cohorts, where there is one."""


def expect_to_follow(widget: Widget, metrics: Metrics) -> None:
    """Raises BadQuestion, with the field, where the metrics of a funnel or of cohorts do not go together."""
    if widget.kind == "funnel":
        _expect_steps(widget, metrics)
    if widget.kind == "cohort":
        _expect_cohorts(widget, metrics)


def _expect_steps(widget: Widget, metrics: Metrics) -> None:
    """A step is the step before it, followed by more: of anything else it would be no share."""
    for index, name in enumerate(widget.question.metrics):
        if name not in metrics:
            raise BadQuestion(
                f"{name} is not a step of a funnel: a step is a metric of the workspace",
                mend="use a count and conversions of it",
                field=f"widget.question.metrics.{index}",
            )
    steps = [metrics[each] for each in widget.question.metrics]
    for index, (before, metric) in enumerate(pairwise(steps), 1):
        if not _counts_followed(metric):
            why, mend = "is no number of events that are followed", "a conversion with value: count"
        elif index == 1 and not _begins_with(_events(metric)[0], before):
            why, mend = f"does not count which of {before.metric_id} are followed", f"a conversion from {before.metric_id}"
        elif index > 1 and not _is_before(before, metric):
            why = f"is not {before.metric_id} followed by more steps, within the same time"
            mend = "conversions that name the same steps in the same order"
        else:
            continue
        raise BadQuestion(f"{metric.metric_id} {why}, so it has no share in the step before", mend=f"use {mend}",
                          field=f"widget.question.metrics.{index}")  # fmt: skip


def _expect_cohorts(widget: Widget, metrics: Metrics) -> None:
    """A row is a cohort and a column a bucket since: by anything else several cohorts would stand in one row."""
    question = widget.question
    name, *others = question.metrics
    told = cohorts_of(metrics).get(name)
    if told is None:
        raise BadQuestion(f"{name} tells nothing of cohorts", mend="use a metric with a retention",
                          field="widget.question.metrics.0")  # fmt: skip
    if question.dimensions != (told.dimension,):
        raise BadQuestion(f"{name} is told by {told.dimension}, and a cohort has no other columns",
                          mend=f"dimensions: [{told.dimension}]", field="widget.question.dimensions")  # fmt: skip
    if question.grain != told.grain:
        raise BadQuestion(f"the cohorts of {name} are those of a {told.grain}",
                          mend=f"grain: {told.grain}", field="widget.question.grain")  # fmt: skip
    for other in others:
        size = metrics.get(other)
        if size is None or not _counts_members(size) or _retention(size) != _retention(metrics[name]):
            raise BadQuestion(
                f"{other} is not the size of the cohorts of {name}",
                mend=f"use {told.size}" if told.size else "use a metric of the same retention with value: size",
                field="widget.question.metrics.1",
            )


def cohorts_of(metrics: Metrics) -> dict[str, CohortTold]:
    """By metric, for those that tell of cohorts."""
    sizes: dict[Conversion, str] = {}
    for metric in metrics.values():
        if (conversion := _retention(metric)) and _counts_members(metric):
            sizes.setdefault(conversion, metric.metric_id)
    told: dict[str, CohortTold] = {}
    for metric in metrics.values():
        since = next((each.name for each in metric.dimensions.values() if each.is_since), None)
        if (conversion := _retention(metric)) and conversion.cohorts and since:
            size = None if _counts_members(metric) else sizes.get(conversion)
            told[metric.metric_id] = CohortTold(conversion.cohorts.by, since, size)
    return told


def funnels_of(metrics: Metrics) -> dict[str, tuple[str, ...]]:
    """By metric, the longest funnel that begins with it or goes through it, from its first step on."""
    steps = [each for each in metrics.values() if _counts_followed(each)]
    found: dict[str, tuple[str, ...]] = {}
    for last in steps:
        begun = [each.metric_id for each in metrics.values() if _begins_with(_events(last)[0], each)]
        between = {len(_events(each)): each.metric_id for each in steps if _is_before(each, last)}
        further = (*(between[length] for length in sorted(between)), last.metric_id)
        for first in begun:
            for name in (first, *further):
                if len(found.get(name, ())) <= len(further):
                    found[name] = (first, *further)
    return found


def _retention(metric: Metric) -> Conversion | None:
    conversion = metric.parts[0].conversion
    return conversion if conversion and conversion.cohorts and metric.kind != "derived" else None


def _counts_members(metric: Metric) -> bool:
    tree = metric.parts[0].measure.tree.unnest()
    return metric.kind == "simple" and isinstance(tree, exp.Count) and isinstance(tree.this, exp.Star)


def _counts_followed(metric: Metric) -> bool:
    """Whether it is the number of events that are followed by others."""
    conversion = metric.parts[0].conversion
    is_count = metric.kind == "simple" and isinstance(metric.parts[0].measure.tree.unnest(), exp.Count)
    return is_count and conversion is not None and conversion.cohorts is None


def _events(metric: Metric) -> tuple[Event, ...]:
    conversion = metric.parts[0].conversion
    return conversion.events if conversion else ()


def _is_before(one: Metric, other: Metric) -> bool:
    """Whether the other is the one, followed by more steps within the same time."""
    begun, going_on = one.parts[0].conversion, other.parts[0].conversion
    if begun is None or going_on is None or begun.within != going_on.within:
        return False
    count = len(begun.events)
    return len(going_on.events) > count and going_on.events[:count] == begun.events


def _begins_with(event: Event, metric: Metric) -> bool:
    part, own = event.part, metric.parts[0]
    # Their texts tell almost all apart; to compare whole parts takes long, and each funnel is held against each metric.
    may_be = metric.kind == "simple" and _rows_told(part) == _rows_told(own)
    return may_be and replace(part, paths={}) == replace(own, paths={})


def _rows_told(part: Part) -> tuple[str, str, str | None]:
    return part.entity.qualified, part.measure.text, part.filter.text if part.filter else None

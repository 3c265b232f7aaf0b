"""Kinds of charts that are drawn only when they are named, and what they lack in a question."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from assay.catalog.calendars import spoken
from assay.catalog.metric import Metric
from assay.widgets.check import adds_up
from assay.widgets.following import CohortTold, cohorts_of
from assay.widgets.widget import WITH_OTHERS, DrawnKind, lacking
from assay.widgets.words.describe import DRAWN
from assay.widgets.words.grains import default_grain
from assay.widgets.words.outcome import Spec, Stacking

FURTHER: tuple[DrawnKind, ...] = ("heatmap", "pivot", "histogram", "scatter", "multiples", "combo", "map", "cohort")
# Whole words, with a `_` between them: a destination is no nation.
_PLACE = re.compile(r"(^|[^a-z])(states?|provinces?|countr(y|ies)|nations?)([^a-z]|$)", re.IGNORECASE)


def said_stacking(said: Sequence[str]) -> Stacking | None:
    return next((each for each in get_args(Stacking)[::-1] if each in said), None)


def filled(spec: Spec, metrics: Sequence[Metric]) -> Spec:
    """With what goes without saying: a line of time has steps, a map its places, cohorts their buckets."""
    has_time = any(metric.has_time for metric in metrics)
    wants_steps = spec.kind in ("multiples", "combo") or (spec.kind == "histogram" and not spec.dimensions)
    if wants_steps and has_time and spec.grain is None:
        return replace(spec, grain=default_grain(spec, metrics))
    if spec.kind == "map" and not spec.dimensions:
        places = [name for name, each in metrics[0].dimensions.items() if _PLACE.search(f"{name} {each.label}")]
        return replace(spec, dimensions=tuple(places[:1])) if len(places) == 1 else spec
    if spec.kind == "cohort" and len(metrics) == 1 and (told := _cohorts(metrics[0])):
        is_free = spec.dimensions in ((), (told.dimension,)) and spec.grain in (None, told.grain)
        return replace(spec, dimensions=(told.dimension,), grain=told.grain) if is_free else spec
    return spec


def _cohorts(metric: Metric) -> CohortTold | None:
    return cohorts_of({metric.metric_id: metric}).get(metric.metric_id)


def why_not(spec: Spec, metrics: Sequence[Metric]) -> str | None:
    """Why what was named cannot be drawn of this question, in a sentence."""
    keys = len(spec.dimensions) + (spec.grain is not None)
    lacks = lacking(spec.kind, len(spec.metrics), spec.dimensions, spec.grain)
    drawn = DRAWN[spec.kind]
    if spec.kind == "cohort" and (why := _why_no_cohorts(spec, metrics[0])):
        return why
    if lacks:
        return f"{drawn[0].upper()}{drawn[1:]} {_plural(lacks) if drawn.endswith('s') else lacks}."
    if spec.others and spec.kind not in WITH_OTHERS:
        return f"{drawn[0].upper()}{drawn[1:]} {'have' if drawn.endswith('s') else 'has'} no place for all others together."
    if spec.stacking is None:
        return None
    if spec.kind not in ("bar", "trend"):
        return f"Bars and areas can be stacked, and {drawn} cannot."
    if keys < 2:
        return "Stacking needs something to stack: a second dimension, or a grain beside the first."
    if len(metrics) > 1:
        return "Several metrics have no whole together, so they are not stacked."
    if spec.stacking == "shares" and not adds_up(metrics[0]):
        return f"{metrics[0].label} does not add up, so its parts have no whole to be shares of."
    return None


def _why_no_cohorts(spec: Spec, metric: Metric) -> str | None:
    told = _cohorts(metric)
    if told is None:
        return f"{metric.label} does not tell who comes back, so it has no cohorts."
    if len(spec.metrics) > 1:
        return "Cohorts are of one metric."
    if spec.grain not in (None, told.grain):
        return f"{metric.label} is told by the {spoken(told.grain)}, and so are its cohorts."
    if spec.dimensions != (told.dimension,) or spec.grain is None:
        since = metric.dimensions[told.dimension].label.lower()
        return f"Cohorts of {metric.label} are divided by {since}, and by nothing else; a condition may choose among them."
    return None


def _plural(lacks: str) -> str:
    return re.sub(r"^(show|need)s\b", r"\1", lacks)

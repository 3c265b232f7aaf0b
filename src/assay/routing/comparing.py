"""A metric asked on two backends: the same definition, question, bounds and time zone, at several grains.

The total is asked by the very statement that serves. All other grains come from the same formula, joins, filter and
bounds, grouped in many ways in one pass, or in a few finer ways where a metric adds up; where one of them differs, each
is asked again by its own ordinary statement. The window before the metric's own is compared too, for what answers say of
it; it decides nothing about the route.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from assay.backends.protocol import NotConfigured
from assay.catalog.metric import Metric
from assay.catalog.windows import Bounds
from assay.compiler.question import Asked, Question, resolve_question
from assay.errors import AssayError, BadQuestion
from assay.people.scope import EVERYTHING
from assay.routing.comparer import Comparer, Progress
from assay.routing.comparison import Comparison
from assay.routing.parity import GrainResult
from assay.routing.serving import Catalog
from assay.routing.settling import question_key


async def compare_question(metric: Metric, names: tuple[str, str], catalog: Catalog, question: Question) -> Comparison:
    """Ask one very question on both sides. What cannot be asked is *not comparable*."""
    key = question_key(question)
    unready = next((name for name in names if not _is_ready(catalog, name)), None)
    if unready is not None:
        return _not_comparable(metric, question, names, f"{unready} is not configured", (), 0.0, key)
    return await _compared(metric, names, catalog, question, lambda *_: None, {}, key)


def _is_ready(catalog: Catalog, name: str) -> bool:
    backend = catalog.backends.get(name)
    return backend is not None and not isinstance(backend, NotConfigured)


async def compare_metric(
    metric: Metric, names: tuple[str, str], catalog: Catalog, now: datetime, progress: Progress = lambda *_: None,
    groups: Mapping[str, int] = MappingProxyType({}),
) -> Comparison:  # fmt: skip
    """Compare the metric on two backends that can both serve it. What cannot be asked gives *not comparable*.

    `groups`: how many groups the time bucket (`time`) and each dimension had the last time, where that is known. It says
    how to ask, never what is found.
    """
    asked = resolve_question((metric.metric_id,), Asked(), catalog.workspace, now, EVERYTHING)
    try:
        compared = Asked(compare="previous_period")
        before = resolve_question((metric.metric_id,), compared, catalog.workspace, now, EVERYTHING).previous
    except BadQuestion:
        before = None
    return await _compared(metric, names, catalog, asked, progress, groups, None, before if asked.bounds else None)


async def _compared(
    metric: Metric, names: tuple[str, str], catalog: Catalog, question: Question, progress: Progress,
    groups: Mapping[str, int], key: str | None, before: Bounds | None = None,
) -> Comparison:  # fmt: skip
    """Once more, from new snapshots, where the data of a side moved meanwhile and that may be why the two differ."""
    started = time.perf_counter()
    for attempt in (1, 2):
        comparer = Comparer(metric, names, catalog, question, progress, groups)
        try:
            async with comparer:
                found = await (comparer.compare_one(key) if key else comparer.compare(before))
                if attempt == 2 or not await comparer.has_moved(found.passed):
                    return replace(found, elapsed_ms=_since(started))
        except AssayError as error:
            return _not_comparable(metric, question, names, error.detail, tuple(comparer.done), _since(started), key)
    raise AssertionError


def _not_comparable(
    metric: Metric, question: Question, names: tuple[str, str], reason: str, done: tuple[GrainResult, ...], ms: float,
    key: str | None,
) -> Comparison:  # fmt: skip
    return Comparison(metric, question.described(), question.timezone, None, None, names, "not_comparable", done, (),
                      reason, None, ms, key)  # fmt: skip


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1e3, 1)

"""Which targets the values of a question are held against: those of its own rows and of its own periods, and no others."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from assay.catalog.metric import Metric
from assay.catalog.targets import Target, Targets
from assay.catalog.windows import grain_so_far
from assay.compiler.resolved import Against, Filter, Question
from assay.compiler.values import plain

_RESTRICTED = "A target is of all rows, and what is seen here is not all of them."
_CHOSEN = "A target is of whole groups, and the rows here are chosen in another way than by one value of a dimension."


def held_against(question: Question, targets: Targets) -> Against:
    """Whoever does not see all rows is told no target: what they see is no part of it that anybody has set."""
    if question.is_restricted or question.scope.minimum:
        return Against((), _RESTRICTED)
    fixed = fixed_dimensions(question)
    if fixed is None:
        return Against((), _CHOSEN)
    of_metrics = [(metric, targets.get(metric.metric_id, ())) for metric in question.metrics]
    found = tuple(each for metric, known in of_metrics for each in _of_metric(question, metric, known, fixed))
    if found:
        return Against(found, None)
    label = question.metrics[0].label
    if not any(known for _, known in of_metrics):
        return Against((), f"No target is written for {label}.")
    return Against((), f"No target is written for {label} in this period and for these rows.")


def restored_against(described: Mapping[str, Any], question: Question) -> Against:
    """Those that a receipt tells of, where whoever asks now may hear of them."""
    if question.is_restricted or question.scope.minimum:
        return Against((), _RESTRICTED)
    return Against(tuple(Target.restored(each) for each in described["known"]), described["why"])


def fixed_dimensions(question: Question) -> dict[str, str] | None:
    """The dimensions that have one value in all rows; None where rows are chosen in another way too."""
    if question.any_of or question.segments or question.whose or question.parameters:
        return None
    found: dict[str, str] = {}
    for each in question.filters:
        if not _is_one_value(each) or each.dimension.name in found:
            return None
        found[each.dimension.name] = str(plain(each.values[0]))
    return found


def _is_one_value(each: Filter) -> bool:
    return each.op in ("eq", "in") and len(each.values) == 1


def _of_metric(
    question: Question, metric: Metric, known: tuple[Target, ...], fixed: Mapping[str, str]
) -> Iterator[Target]:  # fmt: skip
    names = {*fixed, *question.dimension_names()}
    own = [
        each for each in known
        if {name for name, _ in each.where} == names
        and all(str(value) == fixed[name] for name, value in each.where if name in fixed)
    ]  # fmt: skip
    if question.grain is not None:
        yield from (each for each in own if each.grain == str(question.grain) and _begins_within(each, question))
    elif question.bounds is None:
        yield from _shortest([each for each in own if _holds(each, question.as_of, question)])
    else:
        yield from (each for each in own if is_of_window(each, question))


def _begins_within(target: Target, question: Question) -> bool:
    assert question.bounds
    start, _ = target.bounds(question.calendar, question.zone)
    return question.bounds.start <= start < question.bounds.end


def _holds(target: Target, moment: datetime, question: Question) -> bool:
    start, end = target.bounds(question.calendar, question.zone)
    return start <= moment < end


def _shortest(found: list[Target]) -> list[Target]:
    """What is counted at an instant lies in several periods: it is held against what was written for the shortest."""
    order = ("day", "week", "month", "quarter", "year")
    least = min((order.index(each.grain) for each in found if each.grain in order), default=None)
    return found if least is None else [each for each in found if each.grain == order[least]]


def is_of_window(target: Target, question: Question) -> bool:
    """Whether the window is the target's period: all of it, or of a window to date as far as it has come."""
    assert question.bounds
    start, end = target.bounds(question.calendar, question.zone)
    bounds = question.bounds
    if bounds.start != start or bounds.end > end:
        return False
    so_far = grain_so_far(bounds.name or "")
    return so_far == target.grain if so_far else bounds.end == end

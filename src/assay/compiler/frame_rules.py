"""What a question keeps to that asks for what looks further than its rows."""

from datetime import timedelta

from assay.catalog.buckets import Grain, buckets_at_most
from assay.catalog.calendars import spoken
from assay.catalog.metric import Metric
from assay.compiler.asked import MAX_LIMIT
from assay.compiler.resolved import Question
from assay.errors import BadQuestion


def keep_frames_whole(question: Question) -> None:
    """Raises BadQuestion where a frame of whole days has no value, or more days than may be bound."""
    framed = next((metric for metric in question.metrics if metric.has_frame), None)
    if framed is None:
        return
    if question.grain:
        _goes_by_days(question, framed)
    _has_buckets(question, framed)
    _has_days_to_average(question)


def _goes_by_days(question: Question, framed: Metric) -> None:
    if question.grain == "hour":
        raise BadQuestion(f"{framed.metric_id} looks back by whole days", mend="use grain day", field="grain")
    if question.compare and question.bounds:
        step = question.step
        if step.elapsed or step.wall % timedelta(days=1):
            raise BadQuestion(
                f"{framed.metric_id} looks back by whole days, and the window before begins at another time of day",
                mend="use a window of whole days, or ask without grain", field="compare",
            )  # fmt: skip


def _has_buckets(question: Question, framed: Metric) -> None:
    """Its time in a grain it has beside the question's own alone: its rows are of no one bucket."""
    own = [each for each in question.every_dimension if each.in_grain and not each.in_grain.base]
    if not own:
        return
    name, why = own[0].name, f"{framed.metric_id} looks further than its rows' own time"
    unit = name.rpartition(":")[2]
    if any(each.dimension in own for each in question.every_filter):
        raise BadQuestion(f"{why}, so none of its rows is of one {spoken(unit)}", mend="give the window instead",
                          field="filters")  # fmt: skip
    if question.grain is None:
        raise BadQuestion(f"{why}, and has {name} beside a grain alone", mend=f"ask by grain {unit}", field="grain")
    if question.compare:
        raise BadQuestion(f"the buckets of {name} are other ones in the window before", mend="ask without one of the two",
                          field="compare")  # fmt: skip
    bounds = question.bounds
    grains: list[Grain] = [question.grain, *question.further_grains.values()]
    if bounds is None or question.is_open:
        return
    if sum(buckets_at_most(bounds.start, bounds.end, each) for each in grains) > MAX_LIMIT:
        raise BadQuestion(f"more than {MAX_LIMIT:,} buckets of {name}", mend="shorten the window or coarsen the grain",
                          field="dimensions")  # fmt: skip


def _has_days_to_average(question: Question) -> None:
    averaged = next((each for each in question.metrics if any(part.averages for part in each.parts)), None)
    bounds = question.bounds
    if averaged is None or bounds is None or question.is_open:
        return
    if buckets_at_most(bounds.start, bounds.end, "day") > MAX_LIMIT:
        raise BadQuestion(f"{averaged.metric_id} is an average of days, and the window has more than {MAX_LIMIT:,}",
                          mend="shorten the window", field="window")  # fmt: skip

"""From what is asked to what is answered: every name checked, every value read in its column's type, the window resolved."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from assay.catalog.buckets import Grain, buckets_at_most, grain_in
from assay.catalog.calendars import NotCovered, Periods, spoken
from assay.catalog.cut_times import with_cut_times
from assay.catalog.findings import nearest
from assay.catalog.formula import BadFormula
from assay.catalog.metric import Dimension, Metric, Whose
from assay.catalog.moments import Beyond
from assay.catalog.parameters import Given, ParameterValue, read_value_of
from assay.catalog.time_parts import NoPart, with_time_parts
from assay.catalog.whose import whose_of
from assay.catalog.windows import (
    ALL,
    Bounds,
    as_of_tick,
    previous_bounds,
    told_shift,
)
from assay.catalog.workspace import Workspace
from assay.catalog.zones import day_of, day_start, edge_wall, last_day, to_utc
from assay.compiler.against import held_against, restored_against
from assay.compiler.asked import (
    DEFAULT_LIMIT,
    LOOKING,
    MAX_APART,
    MAX_LIMIT,
    Asked,
    AskedBounds,
    AskedFilter,
    AskedHaving,
    AskedMetrics,
    AskedOrder,
    AskedWhose,
    Operator,
)
from assay.compiler.asked_window import asked_bounds
from assay.compiler.frame_rules import keep_frames_whole
from assay.compiler.resolved import OTHERS, Filter, Having, Order, Question, Those, compared_type
from assay.compiler.values import Value, typed_value
from assay.errors import BadQuestion, MetricNotFound, NotAllowed
from assay.people.scope import Scope

__all__ = [
    "DEFAULT_LIMIT", "LOOKING", "MAX_APART", "MAX_LIMIT", "Asked", "AskedBounds", "AskedFilter", "AskedHaving",
    "AskedMetrics", "AskedOrder", "AskedWhose", "Filter", "Operator", "Question", "Value", "narrowed", "resolve_question",
    "rest_of", "restore_question",
]  # fmt: skip

_MOST_MOVED = 300
"""By so many different lengths at most, one after the other, rows are moved that look back by periods: each is a branch of
the SQL.
"""
_ORDERED = ("integer", "decimal", "double", "date", "timestamp")


def resolve_question(
    metric_ids: tuple[str, ...], asked: Asked, workspace: Workspace, now: datetime, scope: Scope
) -> Question:  # fmt: skip
    """Check every name and type and resolve the window.

    Raises MetricNotFound, BadQuestion with the field, or NotAllowed for what the scope does not hold.
    """
    named = {*asked.dimensions, *(each.dimension for each in asked.every_filter)}
    metrics = _metrics(metric_ids, named, workspace, scope)
    refreshed = [*metrics, *(workspace.metrics[each.metric] for each in asked.whose if each.metric in workspace.metrics)]
    as_of = as_of_tick(now, min(metric.refresh_seconds for metric in refreshed), workspace.zone)
    said = _said(asked.parameters, metrics)
    grain = _grain(asked.grain, workspace)
    try:
        bounds = asked_bounds(metrics, asked, as_of, workspace)
    except NotCovered as error:
        raise _uncovered(error, "window") from error
    previous = None
    if asked.compare:
        if bounds and bounds.name == ALL:
            raise BadQuestion("nothing lies before all that there is", mend="give the window bounds", field="compare")
        try:
            before = bounds or _week(as_of, workspace.zone)
            previous = previous_bounds(before, asked.compare, workspace.zone, workspace.calendar, grain)
        except NotCovered as error:
            raise _uncovered(error, "compare") from error
    question = Question(
        metrics,
        tuple(_dimension(name, metrics, f"dimensions.{index}") for index, name in enumerate(asked.dimensions)),
        tuple(_filters(asked.filters, metrics, workspace, "filters")),
        bounds, previous, as_of, workspace.timezone, grain, asked.compare,
        tuple(Order(each.by, each.descending) for each in asked.order), asked.limit,
        tuple(tuple(_filters(each, metrics, workspace, f"any_of.{index}")) for index, each in enumerate(asked.any_of)),
        tuple(dict.fromkeys(_segment(name, metrics, f"segments.{index}") for index, name in enumerate(asked.segments))),
        whose=tuple(_whose(asked.whose, metrics, workspace, as_of, scope)),
        parameters=said, others=asked.others, calendar=workspace.calendar, scope=scope,
    )  # fmt: skip
    question = _checked(question, asked.having)
    return replace(question, against=held_against(question, workspace.targets)) if asked.targets else question


def _whose(
    asked: Iterable[AskedWhose], metrics: tuple[Metric, ...], workspace: Workspace, as_of: datetime, scope: Scope
) -> Iterator[Those]:
    for index, each in enumerate(asked):
        field = f"whose.{index}"
        condition = _condition(each, metrics, workspace, scope, field)
        metric = condition.metric
        window = None if not metric.has_time else each.window or metric.window or ALL
        try:
            bounds = asked_bounds((metric,), Asked(window=window), as_of, workspace)
        except NotCovered as error:
            raise _uncovered(error, f"{field}.window") from error
        yield Those(condition, _asked_by_itself(condition, bounds, workspace, as_of, scope, field))


def _condition(
    asked: AskedWhose, metrics: tuple[Metric, ...], workspace: Workspace, scope: Scope, field: str
) -> Whose:  # fmt: skip
    """What is asked of somebody, but for the window in which the metric is looked at."""
    dimension = _dimension(asked.dimension, metrics, f"{field}.dimension")
    (metric,) = _metrics((asked.metric,), (), workspace, scope)
    # Each of several metrics may have the dimension from another column.
    meant = [dimension, *(other.dimensions[asked.dimension] for other in metrics[1:])]
    try:
        condition, *_ = [whose_of(each, metric, asked.by, asked.op, asked.value, workspace.dictionary) for each in meant]
    except BadFormula as error:
        raise BadQuestion(f"{error}.", field=field) from error
    return condition


def _asked_by_itself(
    whose: Whose, bounds: Bounds | None, workspace: Workspace, as_of: datetime, scope: Scope, field: str
) -> Question:
    """The metric of a condition, by the dimension in which it is looked up."""
    by = whose.metric.dimensions[whose.by]
    inner = Question(
        (whose.metric,), (by,), (Filter(by, "is_not_null", ()),), bounds, None, as_of, workspace.timezone, None, None, (),
        None, calendar=workspace.calendar, scope=scope,
    )  # fmt: skip
    if inner.is_open:
        raise BadQuestion(f"{whose.metric.metric_id} looks back from the end of its window, and all has none",
                          mend="give the window", field=f"{field}.window")  # fmt: skip
    return _checked(inner, ())


def _grain(name: str | None, workspace: Workspace) -> Grain | None:
    if name is None:
        return None
    try:
        return grain_in(workspace.calendar, name)
    except NotCovered as error:
        known = workspace.calendar.grains
        mend = nearest(name, set(known)) or f"there are: {', '.join(known)}"
        raise BadQuestion(f"There is no grain {name!r}.", mend=mend, field="grain") from error


def _uncovered(error: NotCovered, field: str) -> BadQuestion:
    return BadQuestion(str(error), mend="ask for days that the calendar tells, or lengthen it", field=field)


def narrowed(question: Question, first: str | None, last: str | None) -> Question:
    """A question by bucket over `all`, from the day of its first row to that of its last, as these travel in answers.

    Raises as `resolve_question`.
    """
    zone = question.zone
    now = last_day(question.as_of, zone)
    start, end = (_day_in(text, zone) if text else now for text in (first, last))
    bounds = Bounds(day_start(start, zone), day_start(end + timedelta(days=1), zone), ALL)
    return replace(_checked(replace(question, bounds=bounds), ()), having=question.having)


def _day_in(text: str, zone: ZoneInfo) -> date:
    moment = datetime.fromisoformat(text)
    return day_of(moment, zone) if moment.tzinfo else moment.date()


def _week(as_of: datetime, zone: ZoneInfo) -> Bounds:
    """What is there at an instant is compared with what was there a week before, at the same time of the day."""
    return Bounds(to_utc(edge_wall(as_of, zone) - timedelta(days=7), zone), as_of, None)


def _checked(question: Question, having: Sequence[AskedHaving]) -> Question:
    """What every question keeps to, asked now or restored; with the names in `order` and `having` made those of columns."""
    try:
        found = _ruled(question, having)
        _is_covered(found)
    except NotCovered as error:
        raise _uncovered(error, "grain" if isinstance(question.grain, Periods) else "window") from error
    return found


def _ruled(question: Question, having: Sequence[AskedHaving]) -> Question:
    """As `_checked`, whatever days its calendar tells."""
    _is_allowed(question)
    _has_distinct_columns(question)
    if question.grain:
        _can_be_divided(question, question.grain)
    keep_frames_whole(question)
    if question.previous:
        _can_be_compared(question, question.previous)
    _has_buckets_of_cohorts(question)
    if question.others:
        _has_others(question, having)
    if question.is_beside:
        _has_groups_beside(question, having)
    if question.whose and question.scope.minimum:
        raise NotAllowed("Rows are not chosen by what a metric is for somebody where small groups are not shown: it would"
                         " tell of them.", mend="ask without whose")  # fmt: skip
    if having and question.scope.minimum:
        raise NotAllowed("Groups are not chosen by their values where small ones are not shown: it would tell of them.",
                         mend="ask without having")  # fmt: skip
    return replace(question, order=_ordered_columns(question), having=tuple(_of_values(having, question)))


def _is_covered(question: Question) -> None:
    """Whether the calendar tells all days that it is asked for. Raises NotCovered.

    What it calculates stays with the question: it is the one that is answered, and of no more buckets than may be asked for.
    """
    if question.bounds is None:
        return
    if question.compare:
        _ = question.step  # a receipt's window may be of periods that the workspace had
    if question.is_open:
        return
    _ = question.returning
    if not question.calendar.periods:
        return
    if isinstance(question.grain, Periods):
        start, end = question.span
        if start < end:
            first, last = day_of(start, question.zone), last_day(end, question.zone)
            question.grain.listed(first, last + timedelta(days=1))
    for shift in question.looked_back:
        _ = [question.bounds_of(shift, period) for period in question.periods]
    _ = question.moves, question.framed
    moved = max(map(len, (*question.shifted.values(), *question.counted.values())), default=0)
    if moved > _MOST_MOVED and any(step.of for shift in question.looked_back for step in shift):
        raise BadQuestion(f"the periods that are looked back to are of other lengths: days are moved in {moved:,} ways, and"
                          f" at most {_MOST_MOVED:,} can be", mend="shorten the window", field="window")  # fmt: skip


def _has_others(question: Question, having: Sequence[AskedHaving]) -> None:
    """What is needed to tell which groups come first, and what the others are."""

    def refuse(why: str, mend: str) -> BadQuestion:
        return BadQuestion(why, mend=mend, field="others")

    if question.limit is None or question.limit == MAX_LIMIT or not question.dimensions:
        raise refuse("others are all groups beyond a limit", f"ask by a dimension, with a limit below {MAX_LIMIT:,}")
    if having:
        raise refuse("others are all other groups, and having leaves some of them out", "ask without one of the two")
    double = next((each for each in question.dimensions if each.type.kind == "double"), None)
    if double:
        # Spark groups 0.0 and -0.0 as one, and finds them among others as two.
        raise refuse(f"{double.name} is a double, which engines look up in different ways", "ask by another dimension")
    if any(_called_by_change(each.by, question) for each in question.order):
        raise refuse("which groups come first is not told by their change", "order by a value or a dimension")
    filtered = next(
        (each for each in question.metrics if any(part.keep and part.keep.of_filtered for part in each.parts)), None
    )
    if filtered:
        raise refuse(f"{filtered.metric_id} keeps rows of what is asked for, so other groups would have other rows",
                     "ask without others")  # fmt: skip
    chosen = next((each for each in question.metrics if any(part.frame or part.keep for part in each.parts)), None)
    if chosen and question.grain:
        # A group may be there in some bucket, and not over the whole window.
        raise refuse(f"the groups of {chosen.metric_id} are others in each bucket", "ask without grain or without others")
    if question.scope.minimum:
        raise NotAllowed("Groups are not cut off where small ones are not shown: it would tell of them.",
                         mend="ask without others")  # fmt: skip


def _called_by_change(by: str, question: Question) -> bool:
    return by in question.changes() and by not in {*question.key_columns(), *_called(question)}


def _has_groups_beside(question: Question, having: Sequence[AskedHaving]) -> None:
    """What is needed to tell the share and the rank of a group."""
    shown = next(each for each in question.metrics if each.shown)
    index = question.metrics.index(shown)

    def refuse(why: str, mend: str) -> BadQuestion:
        return BadQuestion(f"{shown.metric_id} {why}", mend=mend, field=f"metrics.{index}")

    if not question.dimensions:
        raise refuse("tells how groups stand beside others, and there is one alone", "ask by a dimension")
    if having:
        raise refuse("is of all groups, and having leaves some of them out", "ask without one of the two")
    if question.others and any(each.shown == "rank" for each in question.metrics):
        raise refuse("has no place for all others together", "ask for the share, or without others")
    if question.others and any(each.by in _named_beside(question) for each in question.order):
        raise refuse("does not say which groups come first", f"order by {shown.of}")
    if question.scope.minimum:
        raise NotAllowed("Groups are not held against others where small ones are not shown: it would tell of them.",
                         mend=f"ask for {shown.of}")  # fmt: skip


def _named_beside(question: Question) -> set[str]:
    names = {name for name, metric, _ in question.value_columns() if metric.shown}
    known = _called(question)
    return {called for called, name in known.items() if name in names} | set(question.changes())


def _is_allowed(question: Question) -> None:
    """Whether the scope holds the metrics, and every column that is measured, filtered, grouped or ordered by."""
    scope = question.scope
    if scope.minimum and (edge := next((each for each in question.metrics if each.of and not each.type.is_number), None)):
        raise NotAllowed(f"{edge.metric_id} is the time of a single row, and no figure of few rows is shown to you.",
                         mend="give the window bounds")  # fmt: skip
    for metric in question.metrics:
        if not scope.may_ask(metric.served_as):
            raise NotAllowed(
                f"No policy lets you ask {metric.served_as}.", mend="an admin can say who may, in the workspace's access/"
            )
    if not scope.hidden:
        return
    for metric in question.metrics:
        for table, column in columns_read(metric, question):
            if scope.hides(table, column):
                raise NotAllowed(f"{table}.{column} is hidden from you, and {metric.metric_id} would show it.",
                                 mend="ask without it")  # fmt: skip


def columns_read(metric: Metric, question: Question) -> Iterator[tuple[str, str]]:
    """What the question looks at in the metric's rows, but for the keys of joins."""
    names = {*question.dimension_names(), *(each.dimension.name for each in question.every_filter)}
    names |= {each.whose.dimension.name for each in question.whose}
    for part in metric.parts:
        yield from (column for column, _ in part.columns())
        for name in question.segments:
            yield from part.segments[name].formula.columns
        for name in names:
            yield from part.dimensions[name].columns


def _metrics(names: Iterable[str], dimensions: Collection[str], workspace: Workspace, scope: Scope) -> tuple[Metric, ...]:
    found = (_metric(name, dimensions, workspace, scope) for name in dict.fromkeys(names))
    try:
        return tuple(with_cut_times(with_time_parts(each, dimensions), dimensions, workspace.calendar) for each in found)
    except NoPart as error:
        raise BadQuestion(f"{error}.", field="dimensions") from error


def _metric(name: str, dimensions: Collection[str], workspace: Workspace, scope: Scope) -> Metric:
    if name in workspace.metrics:
        return workspace.metrics[name]
    try:
        found = workspace.census.find(name, scope.may_ask, dimensions)
    except BadFormula as error:
        raise BadQuestion(str(error), field="metrics") from error
    if found is None:
        raise MetricNotFound(f"There is no metric {name!r}.", mend=nearest(name, set(workspace.metrics)))
    return found


def _has_distinct_columns(question: Question) -> None:
    names = question.dimension_names()
    if len(set(names)) != len(names):
        raise BadQuestion("a dimension stands twice", field="dimensions")
    names = [*question.key_columns(), *(name for name, _, _ in question.value_columns())]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise BadQuestion(
            f"two columns of the answer would be called {twice!r}", mend="ask the metrics apart", field="metrics"
        )


def _can_be_divided(question: Question, grain: Grain) -> None:
    for metric in question.metrics:
        for part in metric.parts:
            if part.time is None:
                raise BadQuestion(f"{metric.metric_id} has no time to divide by {grain}", field="grain")
            if grain == "hour" and part.time.type.kind == "date":
                raise BadQuestion(f"{metric.metric_id} knows days, not hours", mend="use grain day", field="grain")
    bounds = question.bounds
    if bounds and not question.is_open and buckets_at_most(bounds.start, bounds.end, grain) > MAX_LIMIT:
        raise BadQuestion(
            f"more than {MAX_LIMIT:,} buckets of one {grain}",
            mend="shorten the window or coarsen the grain",
            field="grain",
        )


def _has_buckets_of_cohorts(question: Question) -> None:
    bounds = question.bounds
    if bounds is None or question.is_open:
        return
    for metric in question.metrics:
        for each in metric.cohorts:
            buckets = buckets_at_most(bounds.start, bounds.end, grain_in(question.calendar, each.by)) + each.up_to
            if buckets > MAX_LIMIT:
                raise BadQuestion(f"{metric.metric_id} is told by {spoken(each.by)}, and the window has cohorts of more than"
                                  f" {MAX_LIMIT:,} of them", mend="shorten the window", field="window")  # fmt: skip


def _can_be_compared(question: Question, previous: Bounds) -> None:
    for metric in question.metrics:
        if any(not part.when for part in metric.parts):
            raise BadQuestion(f"{metric.metric_id} has no time, so there is nothing before it", field="compare")
    # A row that lies in both periods would have two places in one series.
    if question.grain and question.bounds and previous.end > question.bounds.start:
        raise BadQuestion(
            "the window reaches into the one it would be compared with",
            mend="shorten the window to a year, or ask without grain",
            field="compare",
        )
    if question.grain == "hour" and question.looked_back and question.moves and question.moves.is_elapsed:
        raise BadQuestion(
            f"hours of the 24 hours before cannot be laid beside what lies {told_shift(question.looked_back[0])} earlier",
            mend="use grain day, or ask without compare",
            field="compare",
        )


def _called(question: Question) -> dict[str, str]:
    """What the columns of values may be called, and their names: also `value`, `previous` and the metric's id."""
    values = question.value_columns()
    known = {name: name for name, _, _ in values}
    for name, metric, period in values:
        known.setdefault("value" if period == "current" else "previous", name)
        known.setdefault(metric.metric_id if period == "current" else f"previous_{metric.metric_id}", name)
    return known


def _of_values(having: Sequence[AskedHaving], question: Question) -> Iterator[Having]:
    """The conditions on groups, with the columns that they mean, and values of those columns' types."""
    if having and (question.grain or not question.dimensions):
        told = "a bucket that is left out would be shown as empty" if question.grain else "there is one group alone"
        raise BadQuestion(
            f"having chooses among groups, and {told}", mend="ask by a dimension, without grain", field="having"
        )
    known, types = _called(question), {name: metric.type for name, metric, _ in question.value_columns()}
    for index, each in enumerate(having):
        if each.by not in known:
            mend = nearest(each.by, set(known)) or f"it has: {', '.join(types)}"
            raise BadQuestion(f"the answer has no values {each.by!r}", mend=mend, field=f"having.{index}.by")
        name = known[each.by]
        given = types[name]
        if not given.is_number:
            raise BadQuestion(f"{name} is a {given.kind}, and having compares numbers", field=f"having.{index}.by")
        value = typed_value(each.value, name, given.kind, question.zone, f"having.{index}.value")
        yield Having(name, each.op, value, compared_type(given))


def _ordered_columns(question: Question) -> tuple[Order, ...]:
    columns = [*question.key_columns(), *(name for name, _, _ in question.value_columns())]
    changes = {name: name for name in question.changes()}
    known = changes | {name: name for name in columns} | _called(question)
    found: list[Order] = []
    for index, each in enumerate(question.order):
        if each.by not in known:
            mend = nearest(each.by, set(known)) or f"order by {', '.join([*columns, *changes])}"
            raise BadQuestion(f"cannot order by {each.by!r}", mend=mend, field=f"order.{index}.by")
        if question.others and known[each.by] in ("time", OTHERS):
            raise BadQuestion("with others the order says which groups come first", mend="order by a value or a dimension",
                              field=f"order.{index}.by")  # fmt: skip
        found.append(Order(known[each.by], each.descending))
    return tuple(found)


def _dimension(name: str, metrics: tuple[Metric, ...], field: str) -> Dimension:
    for metric in metrics:
        if name not in metric.dimensions:
            known = ", ".join(metric.dimensions) or "none"
            raise BadQuestion(
                f"{metric.metric_id} has no dimension {name!r}.",
                mend=nearest(name, set(metric.dimensions)) or f"it has: {known}",
                field=field,
            )
    first = metrics[0].dimensions[name]
    for metric in metrics[1:]:
        if not first.agrees_with(metric.dimensions[name]):
            raise BadQuestion(
                f"{name} is {first.column_type.text} in {metrics[0].metric_id}"
                f" and {metric.dimensions[name].column_type.text} in {metric.metric_id}",
                mend="ask the metrics apart",
                field=field,
            )
    return first


def _said(given: Mapping[str, Given], metrics: tuple[Metric, ...]) -> tuple[tuple[str, ParameterValue], ...]:
    """The values of parameters that are said, but for those that are their defaults everywhere."""
    found: dict[str, ParameterValue] = {}
    for name, value in given.items():
        field = f"parameters.{name}"
        meant = [metric.parameters[name] for metric in metrics if name in metric.parameters]
        if not meant:
            known = {each for metric in metrics for each in metric.parameters}
            mend = nearest(name, known) or f"there are: {', '.join(sorted(known)) or 'none'}"
            raise BadQuestion(f"no metric here has a parameter {name!r}", mend=mend, field=field)
        if len({each.kind for each in meant}) > 1:
            raise BadQuestion(f"parameter {name!r} is of different types", mend="ask the metrics apart", field=field)
        try:
            read = read_value_of(meant[0].kind, value)
        except ValueError as error:
            raise BadQuestion(f"parameter {name!r}: {error}", field=field) from error
        if any(each.default != read for each in meant):
            found[name] = read
    return tuple(sorted(found.items()))


def _segment(name: str, metrics: tuple[Metric, ...], field: str) -> str:
    for metric in metrics:
        if name not in metric.segments:
            known = ", ".join(metric.segments) or "none"
            mend = nearest(name, set(metric.segments)) or f"it has: {known}"
            raise BadQuestion(f"{metric.metric_id} has no segment {name!r}.", mend=mend, field=field)
    return name


def _filters(
    asked: tuple[AskedFilter, ...], metrics: tuple[Metric, ...], workspace: Workspace, field: str
) -> Iterator[Filter]:  # fmt: skip
    for index, each in enumerate(asked):
        place = f"{field}.{index}"
        if each.op != "between":
            yield _filter(each, metrics, workspace, place)
            continue
        low, high = (
            _filter(AskedFilter(dimension=each.dimension, op=op, values=(value,)), metrics, workspace, place)
            for op, value in zip(("gte", "lte"), each.values, strict=True)
        )
        if not _in_order(low.values[0], high.values[0]):
            raise BadQuestion("between takes the lower end first", field=f"{place}.values")
        yield from (low, high)


def _in_order(low: Value, high: Value) -> bool:
    """What Python cannot order (NaN, a day beyond the calendar) is left to the engine."""
    try:
        return not low > high  # pyright: ignore[reportOperatorIssue]
    except (TypeError, ArithmeticError):
        return True


def _filter(asked: AskedFilter, metrics: tuple[Metric, ...], workspace: Workspace, field: str) -> Filter:
    dimension = _dimension(asked.dimension, metrics, f"{field}.dimension")
    assert asked.op != "between"
    if asked.op in ("gt", "gte", "lt", "lte") and dimension.type.kind not in _ORDERED:
        raise BadQuestion(f"{dimension.name} is a {dimension.type.kind}: it has no {asked.op}", field=f"{field}.op")
    if asked.op.removeprefix("not_") in LOOKING and dimension.type.kind != "string":
        raise BadQuestion(
            f"{dimension.name} holds no text, and {asked.op} looks for a part of one", field=f"{field}.op"
        )  # fmt: skip
    values = tuple(
        typed_value(value, dimension.name, dimension.type.kind, workspace.zone, f"{field}.values") for value in asked.values
    )
    if len(values) > MAX_APART:
        values = tuple(dict.fromkeys(values))
        if any(isinstance(each, Beyond) or (isinstance(each, Decimal) and not each.is_finite()) for each in values):
            raise BadQuestion(f"of more than {MAX_APART} values none may be infinite, NaN or beyond the year 9999",
                              field=f"{field}.values")  # fmt: skip
    if asked.op.removeprefix("not_") in LOOKING and not values[0]:
        raise BadQuestion(f"{asked.op} takes a text that is not empty", field=f"{field}.values")
    return Filter(dimension, asked.op, values)


def rest_of(question: Question, shown: Sequence[str | None], workspace: Workspace) -> Question:
    """The total of all that a question by one dimension gives besides these groups."""
    (dimension,), texts = question.dimensions, tuple(each for each in shown if each is not None)
    asked = [AskedFilter(dimension=dimension.name, op="not_in", values=texts)] if texts else []
    if None in shown:
        asked.append(AskedFilter(dimension=dimension.name, op="is_not_null"))
    filters = (*question.filters, *_filters(tuple(asked), question.metrics, workspace, "dimensions"))
    return _checked(replace(question, dimensions=(), filters=filters, order=(), limit=None, others=False, against=None), ())


def restore_question(described: dict[str, Any], workspace: Workspace, scope: Scope) -> Question:
    """The question of a receipt, bound to today's catalog: same bounds, same values, and whoever asks now.

    Raises as `resolve_question`.
    """
    conditions = [*described["filters"], *(each for group in described.get("any_of", ()) for each in group)]
    named = {*described["dimensions"], *(each["dimension"] for each in conditions)}
    metrics = _metrics(described["metrics"], named, workspace, scope)
    window, previous = described["window"], described["previous"]
    question = Question(
        metrics,
        tuple(_dimension(name, metrics, "dimensions") for name in described["dimensions"]),
        tuple(_restored(described["filters"], metrics, workspace)),
        window and Bounds(_read(window["start"]), _read(window["end"]), window["name"]),
        previous and Bounds(_read(previous["start"]), _read(previous["end"]), None),
        _read(described["as_of"]), workspace.timezone, _grain(described["grain"], workspace), described["compare"],
        tuple(Order(each["by"], each["descending"]) for each in described["order"]), described["limit"],
        tuple(tuple(_restored(group, metrics, workspace)) for group in described.get("any_of", ())),
        tuple(_segment(each["name"], metrics, "segments") for each in described.get("segments", ())),
        whose=tuple(_restored_whose(described, metrics, workspace, scope)),
        parameters=_said(described.get("parameters", {}), metrics), others=described.get("others", False),
        calendar=workspace.calendar, scope=scope,
    )  # fmt: skip
    if question.bounds is None and any(metric.has_time for metric in metrics):
        raise BadQuestion("the metric has a window now, and had none when this was asked", field="window")
    question = _checked(question, [AskedHaving.model_validate(each) for each in described.get("having", ())])
    targets = described.get("targets")
    return replace(question, against=restored_against(targets, question)) if targets else question


def _restored_whose(
    described: Mapping[str, Any], metrics: tuple[Metric, ...], workspace: Workspace, scope: Scope
) -> Iterator[Those]:
    as_of = _read(described["as_of"])
    for index, each in enumerate(described.get("whose", ())):
        field, window = f"whose.{index}", each["window"]
        said = {name: each[name] for name in ("dimension", "metric", "by", "op", "value")}
        condition = _condition(AskedWhose.model_validate(said), metrics, workspace, scope, field)
        metric = condition.metric
        if (window is None) == metric.has_time:
            raise BadQuestion(f"{metric.metric_id} has {'a' if window is None else 'no'} time now", field=field)
        bounds = window and Bounds(_read(window["start"]), _read(window["end"]), window["name"])
        yield Those(condition, _asked_by_itself(condition, bounds, workspace, as_of, scope, field))


def _restored(described: list[Any], metrics: tuple[Metric, ...], workspace: Workspace) -> Iterator[Filter]:
    return (_filter(AskedFilter.model_validate(each), metrics, workspace, "filters") for each in described)


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text)

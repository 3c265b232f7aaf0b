"""The question: what is asked of which metrics, typed, with its window resolved to bounds.

`Asked` is what arrives (JSON); `Question` is what is answered: every name checked, every value of
its column's type, the window two instants. Two equal Questions are the same question.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

import orjson
from pydantic import BaseModel, ConfigDict, Field, model_validator

from assay.catalog.buckets import (
    Bucket,
    Grain,
    Moves,
    Reason,
    Span,
    buckets_between,
    day_shifts,
    hour_floors,
    hour_shifts,
    partial_buckets,
)
from assay.catalog.buckets import Shift as Moved
from assay.catalog.findings import nearest
from assay.catalog.metric import Dimension, Metric
from assay.catalog.windows import (
    WINDOW_NAMES,
    Bounds,
    Compare,
    Shift,
    as_of_tick,
    days_moved,
    days_shifted,
    previous_bounds,
    resolve_window,
    shifted,
    step_before,
    told_shift,
)
from assay.catalog.workspace import Workspace
from assay.catalog.zones import day_start, edge_wall, first_day, to_utc
from assay.compiler.values import Value, plain, read_moment, typed_value, written_instant
from assay.errors import BadQuestion, MetricNotFound

Operator = Literal[
    "eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "is_null", "is_not_null", "contains", "not_contains",
    "starts_with", "not_starts_with", "ends_with", "not_ends_with",
]  # fmt: skip
AskedOperator = Operator | Literal["between"]
LOOKING = ("contains", "starts_with", "ends_with")
"""Operators of text alone, each with its contrary, which keeps what has no value."""
Period = Literal["current", "previous"]
T = TypeVar("T")
MAX_LIMIT = 10_000
DEFAULT_LIMIT = 1_000
MAX_BUCKETS = DEFAULT_LIMIT
"""A series without dimensions is never cut off: it has a row for each bucket."""
DEFAULT_WINDOW = "trailing_30d"
_ORDERED = ("integer", "decimal", "double", "date", "timestamp")
_GRAIN_SECONDS = {
    "hour": 3_600,
    "day": 86_400,
    "week": 604_800,
    "month": 2_419_200,
    "quarter": 7_700_000,
    "year": 31_536_000,
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AskedFilter(_Strict):
    dimension: str
    op: AskedOperator = Field(description="between takes both ends, and holds them too")
    values: tuple[str | int | float | bool, ...] = Field(default=(), max_length=200)

    @model_validator(mode="after")
    def _as_many_values_as_the_operator_takes(self) -> Self:
        wanted = {"is_null": (0, 0), "is_not_null": (0, 0), "in": (1, 200), "not_in": (1, 200),
                  "between": (2, 2)}.get(self.op, (1, 1))  # fmt: skip
        if not wanted[0] <= len(self.values) <= wanted[1]:
            counts = {0: "no value", 1: "one value", 2: "two values", 200: "1 to 200 values"}
            raise ValueError(f"{self.op} takes {counts[wanted[1]]}, and {len(self.values)} are given")
        return self


class AskedBounds(_Strict):
    """Dates mean midnight in the workspace's time zone; `end` is exclusive."""

    start: Annotated[str, Field(max_length=40)]
    end: Annotated[str, Field(max_length=40)]


class AskedOrder(_Strict):
    by: str
    descending: bool = True


class Asked(_Strict):
    """A question as sent. Everything left out has a default: the metric's own window, no dimension, the total."""

    dimensions: tuple[str, ...] = Field(default=(), max_length=6)
    filters: tuple[AskedFilter, ...] = Field(default=(), max_length=20, description="all of them have to hold")
    any_of: tuple[Annotated[tuple[AskedFilter, ...], Field(min_length=1, max_length=10)], ...] = Field(
        default=(), max_length=10, description="groups of filters, of which one at least has to hold altogether"
    )
    window: str | AskedBounds | None = None
    grain: Grain | None = None
    compare: Compare | None = None
    order: tuple[AskedOrder, ...] = Field(default=(), max_length=6)
    limit: int | None = Field(default=None, ge=1, le=MAX_LIMIT)


class AskedMetrics(Asked):
    """A question that also says which metrics, as `POST /v1/data` and widgets write it."""

    metrics: tuple[str, ...] = Field(min_length=1, max_length=12)


@dataclass(frozen=True, slots=True)
class Filter:
    dimension: Dimension
    op: Operator
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """`by` is the name of a column of the answer."""

    by: str
    descending: bool


@dataclass(frozen=True)
class Question:
    """`metrics`, `dimensions` and `filters` are bound to the catalog; `bounds` is None where nothing has a time."""

    metrics: tuple[Metric, ...]
    dimensions: tuple[Dimension, ...]
    filters: tuple[Filter, ...]
    bounds: Bounds | None
    previous: Bounds | None
    as_of: datetime
    timezone: str
    grain: Grain | None
    compare: Compare | None
    order: tuple[Order, ...]
    limit: int | None
    any_of: tuple[tuple[Filter, ...], ...] = ()
    """Beside `filters`, all of one group have to hold."""

    @cached_property
    def every_filter(self) -> tuple[Filter, ...]:
        """All that are compared with a value, by the number that parameters know them by."""
        return (*self.filters, *(each for group in self.any_of for each in group))

    def in_groups(self, found: Sequence[T]) -> tuple[Sequence[T], list[list[T]]]:
        """What was made of `every_filter`, one after the other: what has to hold, and the groups of which one has to."""
        own, rest = found[: len(self.filters)], iter(found[len(self.filters) :])
        return own, [[next(rest) for _ in group] for group in self.any_of]

    def described(self) -> dict[str, Any]:
        """The question as it stands in answers and receipts."""
        bounds = self.bounds
        return {
            "metrics": [metric.metric_id for metric in self.metrics],
            "dimensions": [each.name for each in self.dimensions],
            "filters": [_described(each) for each in self.filters],
            **({"any_of": [[_described(each) for each in group] for group in self.any_of]} if self.any_of else {}),
            "window": bounds and {
                "name": bounds.name, "start": written_instant(bounds.start), "end": written_instant(bounds.end),
                "timezone": self.timezone,
            },
            "previous": self.previous and {
                "start": written_instant(self.previous.start), "end": written_instant(self.previous.end),
            },
            "as_of": written_instant(self.as_of),
            "grain": self.grain,
            "compare": self.compare,
            "order": [{"by": each.by, "descending": each.descending} for each in self.order],
            "limit": self.limit,
        }  # fmt: skip

    def value_columns(self) -> list[tuple[str, Metric, Period]]:
        """(name of the answer's column, metric, period): `value` and `previous`, or by metric id where there are several."""
        periods = self.periods
        if len(self.metrics) == 1:
            return [("value" if period == "current" else "previous", self.metrics[0], period) for period in periods]
        return [
            (metric.metric_id if period == "current" else f"previous_{metric.metric_id}", metric, period)
            for period in periods
            for metric in self.metrics
        ]

    def key_columns(self) -> list[str]:
        """What the answer's rows are told apart by: the time bucket and the dimensions."""
        return ["time", *self.dimension_names()] if self.grain else self.dimension_names()

    def dimension_names(self) -> list[str]:
        return [dimension.name for dimension in self.dimensions]

    # -- time -----------------------------------------------------------------------------------

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def span(self) -> Span:
        """The bounds as far as rows can lie in them: where only days are known, from the first whole day on."""
        assert self.bounds
        start, end = self.bounds.start, self.bounds.end
        if self._time_kinds != {"date"}:
            return start, end
        start, end = (day_start(first_day(edge, self.zone), self.zone) for edge in (start, end))
        return start, end

    @cached_property
    def _time_kinds(self) -> set[str]:
        return {part.time.type.kind for metric in self.metrics for part in metric.parts if part.time}

    def buckets(self) -> list[Bucket]:
        """Every bucket of the question's grain that a row in its bounds can fall into."""
        assert self.grain
        found = buckets_between(*self.span, self.grain, self.zone)
        if self.grain == "hour" and self._time_kinds == {"timestamp_ntz"}:
            # Wall times cannot say that they are of the hour that comes for the second time.
            return [each for each in found if not each.start.astimezone(self.zone).fold]
        return list(found)

    @cached_property
    def partial(self) -> list[tuple[Bucket, Reason]]:
        """The buckets that the window cuts, or that are not over: what they hold is no whole bucket's."""
        if self.grain is None or self.bounds is None:
            return []
        # Where only days are known a window that ends now ends with its day: what it does not hold yet is not cut off.
        start, end = self.span
        if start >= end:
            return []
        return partial_buckets(start, end, end if self.bounds.end == self.as_of else self.as_of, self.grain, self.zone)

    @cached_property
    def moves(self) -> Moves | None:
        """How the rows of the window before come to lie on the buckets of the current one."""
        if not (self.grain and self.compare and self.bounds and self.previous):
            return None
        step = step_before(self.bounds, self.compare, self.zone)
        days = tuple(days_moved(self.previous, step, self.zone))
        return Moves((self.previous.start, self.previous.end), days, bool(step.elapsed))

    @cached_property
    def shifts(self) -> dict[str, tuple[Moved, ...]]:
        """By the kind of a time column: by how much its values are moved before their bucket is cut off."""
        if not (self.grain and self.bounds):
            return {}
        shift = hour_shifts if self.grain == "hour" else day_shifts
        current = self.bounds.start, self.bounds.end
        return {kind: shift(kind, current, self.moves, self.zone) for kind in sorted(self._time_kinds)}

    @cached_property
    def looked_back(self) -> tuple[Shift, ...]:
        """By how much inputs of its metrics look back, each once."""
        return tuple(dict.fromkeys(part.shift for metric in self.metrics for part in metric.parts if part.shift))

    def bounds_of(self, shift: Shift, period: Period) -> Bounds:
        """In which a part counts that looks so far back."""
        bounds = self.bounds if period == "current" else self.previous
        assert bounds
        return shifted(bounds, shift, self.zone)

    @cached_property
    def shifted(self) -> dict[tuple[str, Shift, Period], tuple[Moved, ...]]:
        """As `shifts`, of the inputs that look back: all their rows are moved onto the buckets of the current window."""
        if not (self.grain and self.bounds and self.looked_back):
            return {}
        move = hour_shifts if self.grain == "hour" else day_shifts
        current = self.bounds.start, self.bounds.end
        return {
            (kind, shift, period): move(kind, current, moves, self.zone)
            for (shift, period), moves in self._moves_back.items() for kind in sorted(self._time_kinds)
        }  # fmt: skip

    @cached_property
    def _moves_back(self) -> dict[tuple[Shift, Period], Moves]:
        return {(shift, period): self._moves_of(shift, period) for shift in self.looked_back for period in self.periods}

    def _moves_of(self, shift: Shift, period: Period) -> Moves:
        assert self.bounds
        span, steps = self.bounds_of(shift, period), shift[::-1]
        if period == "previous":
            assert self.compare
            steps = (*steps, step_before(self.bounds, self.compare, self.zone))
        return Moves((span.start, span.end), days_shifted(span, steps, self.bounds, self.zone), False, moves_all=True)

    @property
    def periods(self) -> tuple[Period, ...]:
        return ("current", "previous") if self.previous else ("current",)

    @cached_property
    def floors(self) -> tuple[tuple[datetime | None, timedelta], ...]:
        """Where hours are cut off; empty unless the grain is hours."""
        if self.grain != "hour" or self.bounds is None:
            return ()
        return hour_floors((self.bounds.start, self.bounds.end), self.zone)

    def fingerprint(self) -> str:
        """Equal for questions that mean the same: the window's name does not count, its bounds do.

        `as_of` counts only where a count at an instant looks at it, and through the buckets that are not over at it.
        """
        meaning = self.described()
        meaning["partial"] = [(bucket.name, reason) for bucket, reason in self.partial]
        if self.moves:
            meaning["moved"] = [(str(until), moved.total_seconds()) for until, moved in self.moves.days]
        if self.bounds and self.looked_back:
            # What is earlier by so much is told by the calendar and the zone that Assay has today.
            found = [self.bounds_of(shift, period) for shift in self.looked_back for period in self.periods]
            meaning["looked_back"] = [(written_instant(each.start), written_instant(each.end)) for each in found]
            if self.grain:
                meaning["looked_back"] += [
                    (str(until), moved.total_seconds()) for moves in self._moves_back.values() for until, moved in moves.days
                ]
        if not any(part.alive for metric in self.metrics for part in metric.parts):
            del meaning["as_of"]
        if meaning["window"]:
            del meaning["window"]["name"]
        return hashlib.sha256(orjson.dumps(meaning, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def _described(each: Filter) -> dict[str, Any]:
    return {"dimension": each.dimension.name, "op": each.op, "values": [plain(value) for value in each.values]}


def resolve_question(metric_ids: tuple[str, ...], asked: Asked, workspace: Workspace, now: datetime) -> Question:
    """Check every name and type and resolve the window. Raises MetricNotFound or BadQuestion, with the field."""
    metrics = tuple(_metric(name, workspace) for name in dict.fromkeys(metric_ids))
    as_of = as_of_tick(now, min(metric.refresh_seconds for metric in metrics), workspace.zone)
    bounds = _bounds(metrics, asked, as_of, workspace)
    previous = None
    if asked.compare:
        previous = previous_bounds(bounds or _week(as_of, workspace.zone), asked.compare, workspace.zone)
    question = Question(
        metrics,
        tuple(_dimension(name, metrics, f"dimensions.{index}") for index, name in enumerate(asked.dimensions)),
        tuple(_filters(asked.filters, metrics, workspace, "filters")),
        bounds, previous, as_of, workspace.timezone, asked.grain, asked.compare,
        tuple(Order(each.by, each.descending) for each in asked.order), asked.limit,
        tuple(tuple(_filters(each, metrics, workspace, f"any_of.{index}")) for index, each in enumerate(asked.any_of)),
    )  # fmt: skip
    return _checked(question)


def _week(as_of: datetime, zone: ZoneInfo) -> Bounds:
    """What is there at an instant is compared with what was there a week before, at the same time of the day."""
    return Bounds(to_utc(edge_wall(as_of, zone) - timedelta(days=7), zone), as_of, None)


def _checked(question: Question) -> Question:
    """What every question keeps to, asked now or restored; with the names in `order` made those of columns."""
    _has_distinct_columns(question)
    if question.grain:
        _can_be_divided(question, question.grain)
    if question.previous:
        _can_be_compared(question, question.previous)
    return replace(question, order=_ordered_columns(question))


def _metric(name: str, workspace: Workspace) -> Metric:
    if name not in workspace.metrics:
        raise MetricNotFound(f"There is no metric {name!r}.", mend=nearest(name, set(workspace.metrics)))
    return workspace.metrics[name]


def _bounds(metrics: tuple[Metric, ...], asked: Asked, as_of: datetime, workspace: Workspace) -> Bounds | None:
    timed = [metric for metric in metrics if metric.has_time]
    if not timed:
        if asked.window is not None:
            raise BadQuestion(
                f"{metrics[0].metric_id} counts what is there at an instant and takes no window", field="window"
            )
        return None
    if isinstance(asked.window, AskedBounds):
        return _given_bounds(asked.window, workspace)
    if asked.window is not None:
        if asked.window not in WINDOW_NAMES:
            raise BadQuestion(
                f"There is no window {asked.window!r}.",
                mend=nearest(asked.window, set(WINDOW_NAMES)) or f"use one of {', '.join(WINDOW_NAMES)}",
                field="window",
            )
        return resolve_window(asked.window, as_of, workspace.zone)
    own = {metric.window or DEFAULT_WINDOW for metric in timed}
    if len(own) > 1:
        raise BadQuestion("these metrics have different windows", mend="say which window", field="window")
    return resolve_window(own.pop(), as_of, workspace.zone)


def _given_bounds(asked: AskedBounds, workspace: Workspace) -> Bounds:
    start, end = (
        read_moment(text, workspace.zone, f"window.{field}") for text, field in ((asked.start, "start"), (asked.end, "end"))
    )
    if not start < end:
        raise BadQuestion("the window ends before it begins", mend="end is exclusive and after start", field="window")
    if end.year - start.year > 50:
        raise BadQuestion("the window is longer than 50 years", field="window")
    return Bounds(start, end, None)


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
    if bounds and (bounds.end - bounds.start).total_seconds() / _GRAIN_SECONDS[grain] > MAX_BUCKETS:
        raise BadQuestion(
            f"more than {MAX_BUCKETS:,} buckets of one {grain}",
            mend="shorten the window or coarsen the grain",
            field="grain",
        )


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


def _ordered_columns(question: Question) -> tuple[Order, ...]:
    """`value`, `previous` and the metric's id may stand for the column they mean."""
    values = question.value_columns()
    columns = [*question.key_columns(), *(name for name, _, _ in values)]
    known = {name: name for name in columns}
    for name, metric, period in values:
        known.setdefault("value" if period == "current" else "previous", name)
        known.setdefault(metric.metric_id if period == "current" else f"previous_{metric.metric_id}", name)
    found: list[Order] = []
    for index, each in enumerate(question.order):
        if each.by not in known:
            mend = nearest(each.by, set(known)) or f"order by {', '.join(columns)}"
            raise BadQuestion(f"cannot order by {each.by!r}", mend=mend, field=f"order.{index}.by")
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
                f"{name} is {first.column.type.text} in {metrics[0].metric_id}"
                f" and {metric.dimensions[name].column.type.text} in {metric.metric_id}",
                mend="ask the metrics apart",
                field=field,
            )
    return first


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
    values = tuple(typed_value(value, dimension, workspace.zone, f"{field}.values") for value in asked.values)
    if asked.op.removeprefix("not_") in LOOKING and not values[0]:
        raise BadQuestion(f"{asked.op} takes a text that is not empty", field=f"{field}.values")
    return Filter(dimension, asked.op, values)


def restore_question(described: dict[str, Any], workspace: Workspace) -> Question:
    """The question of a receipt, bound to today's catalog: same bounds, same values. Raises as `resolve_question`."""
    metrics = tuple(_metric(name, workspace) for name in described["metrics"])
    window, previous = described["window"], described["previous"]
    question = Question(
        metrics,
        tuple(_dimension(name, metrics, "dimensions") for name in described["dimensions"]),
        tuple(_restored(described["filters"], metrics, workspace)),
        window and Bounds(_read(window["start"]), _read(window["end"]), window["name"]),
        previous and Bounds(_read(previous["start"]), _read(previous["end"]), None),
        _read(described["as_of"]), workspace.timezone, described["grain"], described["compare"],
        tuple(Order(each["by"], each["descending"]) for each in described["order"]), described["limit"],
        tuple(tuple(_restored(group, metrics, workspace)) for group in described.get("any_of", ())),
    )  # fmt: skip
    if question.bounds is None and any(metric.has_time for metric in metrics):
        raise BadQuestion("the metric has a window now, and had none when this was asked", field="window")
    return _checked(question)


def _restored(described: list[Any], metrics: tuple[Metric, ...], workspace: Workspace) -> Iterator[Filter]:
    return (_filter(AskedFilter.model_validate(each), metrics, workspace, "filters") for each in described)


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text)

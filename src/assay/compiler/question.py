"""The question: what is asked of which metrics, typed, with its window resolved to bounds.

`Asked` is what arrives (JSON); `Question` is what is answered: every name checked, every value of
its column's type, the window two instants. Two equal Questions are the same question.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assay.catalog.findings import nearest
from assay.catalog.metric import Dimension, Metric
from assay.catalog.windows import (
    WINDOW_NAMES,
    Bounds,
    Compare,
    Grain,
    as_of_tick,
    bucket_start,
    next_bucket,
    previous_bounds,
    resolve_window,
    to_utc,
    to_wall,
)
from assay.catalog.workspace import Workspace
from assay.errors import BadQuestion, MetricNotFound

Operator = Literal["eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "is_null", "is_not_null"]
Value = str | int | Decimal | bool | float | date | datetime
MAX_LIMIT = 10_000
DEFAULT_LIMIT = 1_000
_MAX_BUCKETS = 2_000
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
    op: Operator
    values: tuple[str | int | float | bool, ...] = Field(default=(), max_length=200)

    @model_validator(mode="after")
    def _as_many_values_as_the_operator_takes(self) -> Self:
        wanted = {"is_null": (0, 0), "is_not_null": (0, 0), "in": (1, 200), "not_in": (1, 200)}.get(self.op, (1, 1))
        if not wanted[0] <= len(self.values) <= wanted[1]:
            raise ValueError(f"{self.op} takes {wanted[0] if wanted[0] == wanted[1] else 'one or more'} values")
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
    filters: tuple[AskedFilter, ...] = Field(default=(), max_length=20)
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

    def described(self) -> dict[str, Any]:
        """The question as it stands in answers and receipts."""
        bounds = self.bounds
        return {
            "metrics": [metric.metric_id for metric in self.metrics],
            "dimensions": [each.name for each in self.dimensions],
            "filters": [
                {"dimension": each.dimension.name, "op": each.op, "values": [_plain(value) for value in each.values]}
                for each in self.filters
            ],
            "window": bounds and {
                "name": bounds.name, "start": _instant(bounds.start), "end": _instant(bounds.end),
                "timezone": self.timezone,
            },
            "previous": self.previous and {
                "start": _instant(self.previous.start), "end": _instant(self.previous.end),
            },
            "as_of": _instant(self.as_of),
            "grain": self.grain,
            "compare": self.compare,
            "order": [{"by": each.by, "descending": each.descending} for each in self.order],
            "limit": self.limit,
        }  # fmt: skip

    def fingerprint(self) -> str:
        """Equal for equal questions. `as_of` counts only where a count at an instant looks at it."""
        meaning = self.described()
        if not any(part.alive for metric in self.metrics for part in metric.parts):
            del meaning["as_of"]
        if meaning["window"]:
            del meaning["window"]["name"]
        return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:32]


def _instant(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _plain(value: Value) -> Any:
    return _instant(value) if isinstance(value, datetime) else str(value) if isinstance(value, (Decimal, date)) else value


def resolve_question(metric_ids: tuple[str, ...], asked: Asked, workspace: Workspace, now: datetime) -> Question:
    """Check every name and type and resolve the window. Raises MetricNotFound or BadQuestion, with the field."""
    metrics = tuple(_metric(name, workspace) for name in dict.fromkeys(metric_ids))
    as_of = as_of_tick(now, min(metric.refresh_seconds for metric in metrics))
    zone = workspace.zone
    bounds = _bounds(metrics, asked, as_of, workspace)
    if asked.grain:
        _check_grain(metrics, asked.grain, bounds)
    dimensions = tuple(_dimension(name, metrics, f"dimensions.{index}") for index, name in enumerate(asked.dimensions))
    if len(set(asked.dimensions)) != len(asked.dimensions):
        raise BadQuestion("a dimension stands twice", field="dimensions")
    filters = tuple(_filter(each, metrics, workspace, f"filters.{index}") for index, each in enumerate(asked.filters))
    previous = None
    if asked.compare:
        basis = bounds or Bounds(as_of - timedelta(days=7), as_of, None)
        previous = previous_bounds(basis, asked.compare, asked.grain, zone)
    names = {"value", "previous", "time", *(metric.metric_id for metric in metrics), *asked.dimensions}
    for index, each in enumerate(asked.order):
        if each.by not in names:
            mend = nearest(each.by, names) or "order by value, time or a dimension asked for"
            raise BadQuestion(f"cannot order by {each.by!r}", mend=mend, field=f"order.{index}.by")
    order = tuple(Order(each.by, each.descending) for each in asked.order)
    return Question(
        metrics, dimensions, filters, bounds, previous, as_of, workspace.timezone, asked.grain, asked.compare, order,
        asked.limit,
    )  # fmt: skip


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
    own = {metric.window for metric in timed}
    if len(own) > 1:
        raise BadQuestion("these metrics have different windows", mend="say which window", field="window")
    name = own.pop()
    return resolve_window(name, as_of, workspace.zone) if name else resolve_window("trailing_30d", as_of, workspace.zone)


def _given_bounds(asked: AskedBounds, workspace: Workspace) -> Bounds:
    start, end = (
        _moment(text, workspace, f"window.{field}") for text, field in ((asked.start, "start"), (asked.end, "end"))
    )
    if not start < end:
        raise BadQuestion("the window ends before it begins", mend="end is exclusive and after start", field="window")
    if end.year - start.year > 50:
        raise BadQuestion("the window is longer than 50 years", field="window")
    return Bounds(start, end, None)


def _moment(text: str, workspace: Workspace, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadQuestion(f"{text!r} is no date", mend="write 2026-11-01 or 2026-11-01T08:00:00Z", field=field) from error
    if not 1900 <= moment.year <= 2200:
        raise BadQuestion(f"{text!r} is outside 1900 to 2200", field=field)
    return to_utc(moment, workspace.zone) if moment.tzinfo is None else moment.astimezone(UTC)


def _check_grain(metrics: tuple[Metric, ...], grain: Grain, bounds: Bounds | None) -> None:
    for metric in metrics:
        for part in metric.parts:
            if part.time is None:
                raise BadQuestion(f"{metric.metric_id} has no time to divide by {grain}", field="grain")
            if grain == "hour" and part.time.type.kind == "date":
                raise BadQuestion(f"{metric.metric_id} knows days, not hours", mend="use grain day", field="grain")
    if bounds and (bounds.end - bounds.start).total_seconds() / _GRAIN_SECONDS[grain] > _MAX_BUCKETS:
        raise BadQuestion(
            f"more than {_MAX_BUCKETS:,} buckets of one {grain}",
            mend="shorten the window or coarsen the grain",
            field="grain",
        )


def _dimension(name: str, metrics: tuple[Metric, ...], field: str) -> Dimension:
    for metric in metrics:
        if name not in metric.dimensions:
            known = ", ".join(metric.dimensions) or "none"
            raise BadQuestion(
                f"{metric.metric_id} has no dimension {name!r}.",
                mend=nearest(name, set(metric.dimensions)) or f"it has: {known}",
                field=field,
            )
    return metrics[0].dimensions[name]


def _filter(asked: AskedFilter, metrics: tuple[Metric, ...], workspace: Workspace, field: str) -> Filter:
    dimension = _dimension(asked.dimension, metrics, f"{field}.dimension")
    if asked.op in ("gt", "gte", "lt", "lte") and dimension.type.kind not in _ORDERED:
        raise BadQuestion(f"{dimension.name} is a {dimension.type.kind}: it has no {asked.op}", field=f"{field}.op")
    values = tuple(_typed(value, dimension, workspace, f"{field}.values") for value in asked.values)
    return Filter(dimension, asked.op, values)


def _typed(value: str | int | float | bool, dimension: Dimension, workspace: Workspace, field: str) -> Value:
    kind = dimension.type.kind

    def refuse() -> BadQuestion:
        return BadQuestion(f"{dimension.name} is a {kind}; {value!r} is not", field=field)

    if isinstance(value, bool) != (kind == "boolean"):
        raise refuse()
    if kind in ("string", "date", "timestamp") and not isinstance(value, str):
        raise refuse()
    if isinstance(value, str) and ("\x00" in value or len(value) > 1_000):
        raise BadQuestion("a value is longer than 1,000 characters or holds a NUL", field=field)
    match kind:
        case "integer":
            if isinstance(value, str) or value != int(value) or not -(2**63) <= value < 2**63:
                raise refuse()
            return int(value)
        case "decimal":
            try:
                number = Decimal(str(value))
            except InvalidOperation as error:
                raise refuse() from error
            if not number.is_finite():
                raise refuse()
            return number
        case "double":
            if isinstance(value, str):
                raise refuse()
            return float(value)
        case "date":
            return to_wall(_moment(str(value), workspace, field), workspace.zone).date()
        case "timestamp":
            return _moment(str(value), workspace, field)
        case _:
            return value


def buckets(question: Question) -> list[datetime]:
    """The wall-clock starts of every bucket of the question's grain inside its bounds."""
    assert question.grain and question.bounds
    zone = ZoneInfo(question.timezone)
    at = bucket_start(to_wall(question.bounds.start, zone), question.grain)
    end = to_wall(question.bounds.end, zone)
    found: list[datetime] = []
    while at < end:
        found.append(at)
        at = next_bucket(at, question.grain)
    return found


def restore_question(described: dict[str, Any], workspace: Workspace) -> Question:
    """The question of a receipt, bound to today's catalog: same bounds, same values. Raises as `resolve_question`."""
    metrics = tuple(_metric(name, workspace) for name in described["metrics"])
    window, previous = described["window"], described["previous"]
    bounds = window and Bounds(_read(window["start"]), _read(window["end"]), window["name"])
    dimensions = tuple(_dimension(name, metrics, "dimensions") for name in described["dimensions"])
    filters = tuple(
        _filter(AskedFilter.model_validate(each), metrics, workspace, "filters") for each in described["filters"]
    )
    order = tuple(Order(each["by"], each["descending"]) for each in described["order"])
    earlier = previous and Bounds(_read(previous["start"]), _read(previous["end"]), None)
    return Question(
        metrics, dimensions, filters, bounds, earlier, _read(described["as_of"]), workspace.timezone, described["grain"],
        described["compare"], order, described["limit"],
    )  # fmt: skip


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text)

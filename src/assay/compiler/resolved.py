"""A question as it is answered: names bound to the catalog, values of their columns' types, the window two instants.

Two equal Questions are the same question.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import orjson

from assay.catalog.buckets import (
    Bucket,
    Grain,
    Moves,
    Reason,
    Span,
    Stretch,
    buckets_at_most,
    buckets_between,
    day_shifts,
    grain_in,
    hour_floors,
    hour_shifts,
    partial_buckets,
    stretches,
)
from assay.catalog.buckets import Shift as Moved
from assay.catalog.calendars import GREGORIAN, Calendar, OwnGrain, Periods, Week
from assay.catalog.formula import MOST_DIGITS, ValueType
from assay.catalog.frames import AnyFrame, Frame
from assay.catalog.metric import Cohorts, Dimension, Metric, Part, Whose
from assay.catalog.parameters import ParameterValue
from assay.catalog.targets import Target
from assay.catalog.types import ColumnType, HeldType
from assay.catalog.windows import (
    Bounds,
    Compare,
    Shift,
    Step,
    all_time,
    days_moved,
    days_shifted,
    previous_end_day,
    shifted,
    shifted_end_day,
    step_before,
)
from assay.catalog.zones import day_of, day_start, first_day
from assay.compiler.asked import DEFAULT_LIMIT, MAX_APART, MAX_LIMIT, Operator
from assay.compiler.framed import Framed, framed
from assay.compiler.returning import Returning, returning
from assay.compiler.values import Value, plain, written_instant
from assay.people.scope import Scope

Period = Literal["current", "previous"]
Framing = tuple[Shift, AnyFrame, Period]
OfCohorts = tuple[Cohorts, Shift, Period]
OfInput = tuple[()] | tuple[Shift, Period] | Framing | OfCohorts
"""Which rows are meant: the question's own, those of an input that looks back, framed ones, or the events of cohorts."""
T = TypeVar("T")
OTHERS = "others"
"""The column that says of how many groups a row is, where it is of all that are not shown; else it has no value."""


@dataclass(frozen=True, slots=True)
class Filter:
    dimension: Dimension
    op: Operator
    values: tuple[Value, ...]

    @property
    def is_listed(self) -> bool:
        """Whether its values are bound as one text: a parameter for each would be more than engines take."""
        return len(self.values) > MAX_APART


@dataclass(frozen=True, slots=True)
class Order:
    """`by` is the name of a column of the answer."""

    by: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Having:
    """`by` is the name of a column of values of the answer, `type` that in which it is compared on every engine."""

    by: str
    op: Operator
    value: Value
    type: ColumnType


@dataclass(frozen=True, slots=True)
class Cut:
    """One pass of several that answer a question: only the groups that come first by these dimensions, or all others."""

    name: str
    dimensions: tuple[Dimension, ...] = ()
    """None where it is of all groups."""
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class Against:
    """The targets that values are held against. `why`: where there are none, the reason."""

    known: tuple[Target, ...]
    why: str | None

    def described(self) -> dict[str, Any]:
        return {"known": [each.described() for each in self.known], "why": self.why}


@dataclass(frozen=True)
class Those:
    """A condition on what a metric is for each value of a dimension, with the question that tells it."""

    whose: Whose
    question: "Question"

    @property
    def type(self) -> ColumnType:
        """In which its values are compared on every engine."""
        return compared_type(self.whose.metric.type)

    @cached_property
    def holds_without_rows(self) -> bool:
        """Whether it holds of those of whom the metric has no row."""
        over_none, wanted = self.whose.metric.over_no_rows, self.whose.value
        if over_none is None:
            return self.whose.op == "ne"  # as of a group without a value
        return _COMPARED[self.whose.op](over_none, wanted)


_COMPARED = {"eq": eq, "ne": ne, "gt": gt, "gte": ge, "lt": lt, "lte": le}


def compared_type(given: ValueType) -> ColumnType:
    """The type in which values of a metric are compared with a number."""
    scale = given.scale or 0
    exact = ColumnType("decimal", f"decimal({MOST_DIGITS},{scale})", MOST_DIGITS, scale)
    return ColumnType("double", "double") if given.kind == "double" else exact


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
    segments: tuple[str, ...] = ()
    """Conditions of the catalog that are switched on, by name: each metric's parts mean them in their own way."""
    having: tuple[Having, ...] = ()
    """What values have to be, for their group to be in the answer."""
    whose: "tuple[Those, ...]" = ()
    """What other metrics have to be for those whose rows count."""
    parameters: tuple[tuple[str, ParameterValue], ...] = ()
    """Values of its metrics' parameters where they are not all their defaults, by name."""
    others: bool = False
    """Whether the groups beyond the limit are one row together."""
    cut: Cut | None = None
    against: Against | None = None
    """The targets that its values are held against, where it asks for them; its rows do not depend on them."""
    calendar: Calendar = field(default=GREGORIAN, kw_only=True)
    """What the workspace's days are divided into; the grain is one of its own where it has one of that name."""
    scope: Scope = field(kw_only=True)
    """What is seen by whoever asks."""

    @cached_property
    def every_filter(self) -> tuple[Filter, ...]:
        """All that are compared with a value, by the number that parameters know them by."""
        return (*self.filters, *(each for group in self.any_of for each in group))

    @cached_property
    def every_whose(self) -> tuple[Those, ...]:
        """Conditions of its own and of its metrics on what metrics are for somebody, by the number that statements know
        them by.
        """
        return (*self.whose, *self._whose_of_parts.values())

    @cached_property
    def _whose_of_parts(self) -> dict[tuple[object, str], Those]:
        """By what is seen of their rows, and by their text."""
        found: dict[tuple[object, str], Those] = {}
        for metric in self.metrics:
            shape = self.scope.access(metric).shape
            for each in (each for part in metric.parts for each in part.whose):
                if (shape, each.text) not in found:
                    found[shape, each.text] = self._inner(each, metric)
        return found

    def _inner(self, whose: Whose, metric: Metric) -> Those:
        """A condition of a definition: over all time, and over the rows that policies leave of the metric that has it."""
        of = metric.served_as
        looked_at = replace(whose.metric, of=of, version=f"{whose.metric.version} in {of}")
        bounds = all_time(self.zone) if looked_at.has_time else None
        by = looked_at.dimensions[whose.by]
        inner = Question((looked_at,), (by,), (Filter(by, "is_not_null", ()),), bounds, None, self.as_of, self.timezone,
                         None, None, (), None, calendar=self.calendar, scope=self.scope)  # fmt: skip
        return Those(whose, inner)

    def whose_of(self, part: Part, shape: object) -> tuple[int, ...]:
        """The numbers of the conditions of a part."""
        known = list(self._whose_of_parts)
        return tuple(len(self.whose) + known.index((shape, each.text)) for each in part.whose)

    def in_groups(self, found: Sequence[T]) -> tuple[Sequence[T], list[list[T]]]:
        """What was made of `every_filter`, one after the other: what has to hold, and the groups of which one has to."""
        own, rest = found[: len(self.filters)], iter(found[len(self.filters) :])
        return own, [[next(rest) for _ in group] for group in self.any_of]

    @property
    def is_open(self) -> bool:
        """Whether it asks by bucket, or for frames, over `all`: where that begins and ends is told by the data."""
        framed = (part for metric in self.metrics for part in metric.parts if part.frame)
        # What counts all that there was before, up to the end of all, needs no end.
        by_its_end = any(part.frame != Frame() or part.shift for part in framed)
        by_its_end |= any(metric.cohorts for metric in self.metrics)
        wants_ends = self.grain is not None or self.has_time_parts or by_its_end
        return wants_ends and self.bounds is not None and self.bounds == all_time(self.zone)

    @cached_property
    def most_rows(self) -> int:
        """How many rows an answer has at most that was given no limit: a series has a row for each of its buckets."""
        if self.grain is None or self.bounds is None:
            return DEFAULT_LIMIT
        is_long = buckets_at_most(self.bounds.start, self.bounds.end, self.grain) > DEFAULT_LIMIT
        return MAX_LIMIT if is_long else DEFAULT_LIMIT

    @property
    def row_limit(self) -> int | None:
        """How many rows are asked for; with others the limit is one of groups."""
        return None if self.others else self.limit

    @cached_property
    def whole(self) -> "Question":
        """The groups over the whole window, by which it is told which come first."""
        return replace(self, grain=None, others=False)

    @property
    def is_restricted(self) -> bool:
        """Whether whoever asks sees not all of the rows that are looked at."""
        return any(self.scope.access(metric).rows for metric in self.metrics)

    def described(self) -> dict[str, Any]:
        """The question as it stands in answers and receipts."""
        bounds = self.bounds
        return {
            "metrics": [metric.metric_id for metric in self.metrics],
            "dimensions": [each.name for each in self.dimensions],
            "filters": [_described(each) for each in self.filters],
            **({"any_of": [[_described(each) for each in group] for group in self.any_of]} if self.any_of else {}),
            **({"segments": [{"name": name, "filter": self._segment_texts(name)} for name in self.segments]}
               if self.segments else {}),
            **({"having": [{"by": each.by, "op": each.op, "value": plain(each.value)} for each in self.having]}
               if self.having else {}),
            **({"whose": [_described_whose(each) for each in self.whose]} if self.whose else {}),
            **({"parameters": {name: plain(value) for name, value in self.parameters}} if self.parameters else {}),
            "window": bounds and {
                "name": bounds.name, "start": written_instant(bounds.start), "end": written_instant(bounds.end),
                "timezone": self.timezone,
            },
            "previous": self.previous and {
                "start": written_instant(self.previous.start), "end": written_instant(self.previous.end),
            },
            "as_of": written_instant(self.as_of),
            "grain": self.grain and str(self.grain),
            **({"periods": periods} if (periods := self._periods()) else {}),
            "compare": self.compare,
            "order": [{"by": each.by, "descending": each.descending} for each in self.order],
            "limit": self.limit,
            **({"others": True} if self.others else {}),
            **({"targets": self.against.described()} if self.against else {}),
            **({"scope": scope} if (scope := self.scope.described(self.metrics)) else {}),
        }  # fmt: skip

    def _periods(self) -> list[dict[str, str]]:
        """What the buckets of a calendar's own grain are called, as they lie in the window."""
        if not isinstance(self.grain, Periods) or self.bounds is None or self.is_open:
            return []
        return [{"time": each.name, "label": self.grain.label(date.fromisoformat(each.name))} for each in self.buckets()]

    def _segment_texts(self, name: str) -> list[str]:
        """What a segment keeps, as it is now; several where several tables are asked."""
        return list(dict.fromkeys(part.segments[name].text for metric in self.metrics for part in metric.parts))

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

    @property
    def is_beside(self) -> bool:
        """Whether it tells how values stand beside those of other groups."""
        return any(metric.shown for metric in self.metrics)

    def changes(self) -> dict[str, tuple[str, str]]:
        """What rows may be ordered by beside their columns: by name, the columns of a value and of what it was before."""
        values = self.value_columns()
        of = [(name, metric) for name, metric, period in values if period == "current" and metric.type.is_number]
        before = {metric.metric_id: name for name, metric, period in values if period == "previous"}
        alone = len(self.metrics) == 1
        return {
            "change" if alone else f"change_{metric.metric_id}": (name, before[metric.metric_id])
            for name, metric in of if before
        }  # fmt: skip

    def key_columns(self) -> list[str]:
        """What the answer's rows are told apart by: the time bucket, the dimensions, whether it is the row of all others."""
        own = ["time", *self.dimension_names()] if self.grain else self.dimension_names()
        return [*own, OTHERS] if self.others else own

    def dimension_names(self) -> list[str]:
        return [dimension.name for dimension in self.dimensions]

    @cached_property
    def lists(self) -> dict[tuple[int, HeldType | None], str]:
        """Values of filters that are bound as one text, by the filter's number and the type in which it compares."""
        return {}

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
    def further_grains(self) -> dict[str, Grain]:
        """The grains in which it is divided by the time of rows beside its own, by the dimension."""
        return {each.name: each.in_grain.grain for each in self.dimensions if each.in_grain and not each.in_grain.base}

    @property
    def has_frame(self) -> bool:
        return any(metric.has_frame for metric in self.metrics)

    @cached_property
    def stretches(self) -> list[Stretch]:
        """Its buckets where they share rows, each divided wherever one of a further grain begins."""
        return list(stretches(self.buckets(), tuple(self.further_grains.values()), self.span, self.zone))

    @cached_property
    def has_time_parts(self) -> bool:
        """Whether it looks at parts of the time of rows, as at their weekday, or at its bucket in another grain."""
        return any(each.of_time or (each.in_grain and not each.in_grain.base) for each in self.every_dimension)

    @cached_property
    def every_dimension(self) -> tuple[Dimension, ...]:
        """Those by which it is divided, cut or filtered."""
        cut = self.cut.dimensions if self.cut else ()
        return (*self.dimensions, *cut, *(each.dimension for each in self.every_filter))

    @cached_property
    def own_grains(self) -> tuple[OwnGrain, ...]:
        """The grains of the workspace's own calendar in which it looks at times."""
        grains = [self.grain, *(each.in_grain.grain for each in self.every_dimension if each.in_grain)]
        return tuple(each for each in grains if isinstance(each, OwnGrain))

    @cached_property
    def turns(self) -> tuple[Moved, ...]:
        """By how much the clock of the workspace is ahead of UTC, wherever rows may lie whose own time is taken apart."""
        if not (self.bounds and self.has_time_parts):
            return ()
        spans = [self.bounds_of((), period) for period in self.periods]
        whole = min(each.start for each in spans), max(each.end for each in spans)
        return day_shifts("timestamp", whole, None, self.zone)

    @property
    def periods_listed(self) -> str:
        """The periods of a calendar's own grain as the one text that is bound: engines read it as rows."""
        return ",".join(f"{each.name} {each.name} {first_day(each.end, self.zone)}" for each in self.buckets())

    @cached_property
    def week_starts(self) -> int:
        """On which day its weeks begin, where it is divided by them: 0 for Monday."""
        return self.grain.starts if isinstance(self.grain, Week) else 0

    @cached_property
    def counted(self) -> dict[tuple[str, Shift, Period], tuple[Moved, ...]]:
        """By how much the times of inputs that look back are moved onto the days of the window on which they count, on the
        clock of the workspace, wherever parts of their times are looked at.
        """
        if not (self.bounds and self.has_time_parts):
            return {}
        found: dict[tuple[str, Shift, Period], tuple[Moved, ...]] = {}
        for shift in self.looked_back:
            for period in self.periods:
                onto = self.bounds_of((), period)
                moves = self._moves_onto(onto, self.bounds_of(shift, period), shift)
                for kind in sorted(self._time_kinds):
                    found[kind, shift, period] = day_shifts(kind, (onto.start, onto.end), moves, self.zone)
        return found

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
    def step(self) -> Step:
        """How far the window that it is compared with lies back."""
        assert self.bounds and self.compare
        return step_before(self.bounds, self.compare, self.zone, self.calendar, self.grain)

    @cached_property
    def moves(self) -> Moves | None:
        """How the rows of the window before come to lie on the buckets of the current one."""
        if not (self.grain and self.compare and self.bounds and self.previous):
            return None
        step = self.step
        if step.of:
            days = days_shifted(self.previous, (step,), self.bounds, self.zone)
        else:
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

    def end_day(self, shift: Shift, period: Period) -> date:
        """The first day behind what such a part counts in: where a column of days is cut."""
        bounds = self.bounds if period == "current" else self.previous
        assert bounds and self.bounds
        if shift:
            day = shifted_end_day(bounds, shift, self.zone)
        else:
            day = previous_end_day(self.bounds, self.step, self.zone) if period == "previous" and self.compare else None
        return day or first_day(self.bounds_of(shift, period).end, self.zone)

    def _first_day_of(self, shift: Shift, period: Period) -> date:
        """The day in which begins what such a part counts in."""
        start = self.bounds_of(shift, period).start
        return first_day(start, self.zone) if self._time_kinds == {"date"} else day_of(start, self.zone)

    @cached_property
    def framed(self) -> dict[Framing, Framed]:
        """What each pass over framed rows reads."""
        passes = dict.fromkeys((part.shift, part.frame) for metric in self.metrics for part in metric.parts if part.frame)
        if not (self.bounds and passes):
            return {}
        buckets, kinds = self.stretches if self.grain else None, sorted(self._time_kinds)
        return {
            (shift, frame, period): framed(
                frame, self.bounds_of((*shift, *frame.back), period), self.end_day((*shift, *frame.back), period),
                self._first_day_of(shift, period), self.bounds, buckets, self._steps(shift, period), kinds, self.zone,
                self.calendar,
            )
            for shift, frame in passes if frame for period in self.periods
        }  # fmt: skip

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
        return self._moves_onto(self.bounds, self.bounds_of(shift, period), self._steps(shift, period))

    def _moves_onto(self, onto: Bounds, span: Bounds, steps: tuple[Step, ...]) -> Moves:
        """How the rows of `span`, to which these steps lead from `onto`, come to lie there."""
        return Moves((span.start, span.end), days_shifted(span, steps[::-1], onto, self.zone), False, moves_all=True)

    def _steps(self, shift: Shift, period: Period) -> tuple[Step, ...]:
        """From the question's window to the one in which a part counts that looks so far back."""
        if period == "current":
            return shift
        return self.step, *shift

    @cached_property
    def returning(self) -> dict[OfCohorts, Returning]:
        """What each pass over cohorts reads."""
        passes = dict.fromkeys(
            (part.conversion.cohorts, part.shift)
            for metric in self.metrics for part in metric.parts if part.conversion and part.conversion.cohorts
        )  # fmt: skip
        return {
            (cohorts, shift, period): returning(
                grain_in(self.calendar, cohorts.by), cohorts.up_to, self.bounds_of(shift, period), self.as_of,
                sorted(self._time_kinds), self.zone,
            )
            for cohorts, shift in passes if self.bounds and not self.is_open for period in self.periods
        }  # fmt: skip

    def moved(self, kind: str, of_input: OfInput) -> tuple[Moved, ...]:
        """By how much the values of a time column of this kind are moved, in the pass over such an input."""
        match of_input:
            case ():
                return self.shifts[kind]
            case (shift, period):
                return self.shifted[kind, shift, period]
            case (Cohorts(), _, _):
                return self.returning[of_input].moved[kind]
            case (shift, frame, period):
                return self.framed[shift, frame, period].moved[kind]

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

        `as_of` counts only where a count at an instant looks at it, and through the buckets that are over at it or not.
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
        if self.framed:
            meaning["framed"] = [
                (str(each.begins), each.listed, *(map(str, each.behind) if key[1].ends_early else ()))
                for key, each in self.framed.items()
            ]
        if self.returning:
            meaning["returning"] = [
                (each.listed, str(each.end), [(str(moved.until), moved.by.total_seconds()) for kind in sorted(each.moved)
                                              for moved in each.moved[kind]])
                for each in self.returning.values()
            ]  # fmt: skip
        if self.own_grains:
            meaning["calendar"] = self.calendar.mark_of(self.own_grains)
        if self.turns:
            meaning["turns"] = [(str(each.until), each.by.total_seconds()) for each in self.turns]
        if self.counted:
            meaning["counted"] = [
                (str(each.until), each.by.total_seconds()) for moved in self.counted.values() for each in moved
            ]
        if not any(part.alive for metric in self.metrics for part in metric.parts):
            del meaning["as_of"]
        if meaning["window"]:
            del meaning["window"]["name"]
        if self.every_whose:
            # The bounds of an inner question count, and not what its window is called.
            meaning["whose"] = [
                (each.whose.dimension.name, each.whose.text, each.question.fingerprint()) for each in self.every_whose
            ]
        return hashlib.sha256(orjson.dumps(meaning, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def _described_whose(each: Those) -> dict[str, Any]:
    whose, bounds = each.whose, each.question.bounds
    return {
        "dimension": whose.dimension.name, "metric": whose.metric.metric_id, "by": whose.by, "op": whose.op,
        "value": plain(whose.value), "version": whose.metric.version,
        "window": bounds and {
            "name": bounds.name, "start": written_instant(bounds.start), "end": written_instant(bounds.end),
        },
    }  # fmt: skip


def _described(each: Filter) -> dict[str, Any]:
    return {"dimension": each.dimension.name, "op": each.op, "values": [plain(value) for value in each.values]}

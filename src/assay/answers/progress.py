"""How far values have come to their targets: share, and where a figure so far leads. Arithmetic on what is shown, no more.

*Pace* is the value divided by the part of its period that is over, on the wall clock of the workspace: where it comes to if
the rest goes as it went so far. It is told from a tenth of the period on, of a metric whose days add up to the period.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from assay.answers.answer import wire_number
from assay.answers.series import empty_value
from assay.catalog.metric import Metric
from assay.catalog.quotient import adds_up_over_groups
from assay.catalog.targets import Target
from assay.catalog.windows import Bounds
from assay.catalog.zones import edge_wall, last_day
from assay.compiler.question import Question
from assay.compiler.statement import AnswerColumn

LEAST = Fraction(1, 10)
"""Of a period that is over before its pace is told: before that a day more or less would turn it."""
_WIDE = Context(prec=1_000)
_TICK = timedelta(microseconds=1)
Row = Sequence[Any]


def progress(
    question: Question, columns: Sequence[AnswerColumn], rows: Sequence[Row], *, is_cut: bool
) -> list[dict[str, Any]]:  # fmt: skip
    """Each target that the answer has a row for, with the value of that row as it travels.

    `is_cut`: whether rows may have been left out; then a group without a row is unknown, and its target is not told.
    """
    if question.against is None:
        return []
    keys = {name: at for at, name in enumerate(question.key_columns())}
    known = {_key(row, keys, question): row for row in rows}
    places = {metric.metric_id: at for at, metric in _current(question, columns)}
    cut = {bucket.name for bucket, reason in question.partial if reason == "cut"}
    found: list[dict[str, Any]] = []
    for target in question.against.known:
        time = target.starts.isoformat() if question.grain else None
        row = known.get((time, *(_cell(dict(target.where)[name]) for name in question.dimension_names())))
        at = places[target.metric_id]
        if time in cut or (row is None and (is_cut or question.having or question.grain)):
            continue
        value = row[at] if row is not None else empty_value(columns[at], question)
        found.append({**_told(target, value, question, columns[at]), "time": time})
    return found


def _current(question: Question, columns: Sequence[AnswerColumn]) -> Iterator[tuple[int, Metric]]:
    names = {name: metric for name, metric, period in question.value_columns() if period == "current"}
    return ((at, names[each.name]) for at, each in enumerate(columns) if each.name in names)


def _key(row: Row, keys: Mapping[str, int], question: Question) -> tuple[str | None, ...]:
    time = row[keys["time"]] if question.grain else None
    others = row[keys["others"]] if "others" in keys else None
    # The row of all others has no value of a dimension, and is not the group without one.
    return (time, *("others" if others is not None else _cell(row[keys[name]]) for name in question.dimension_names()))


def _cell(value: Any) -> str | None:
    return None if value is None else f"={value}"


def _told(target: Target, value: Any, question: Question, column: AnswerColumn) -> dict[str, Any]:
    now = wire_number(value)
    _, end = target.bounds(question.calendar, question.zone)
    share = None if now is None or target.value == 0 else _rounded(now / Fraction(target.value), 4)
    ends = last_day(end, question.zone).isoformat()
    return {
        **target.described(), "period": target.period_told(question.calendar), "ends": ends,
        "is_over": end <= question.as_of, "reached": value, "share": share, "pace": _pace(now, target, question, column),
    }  # fmt: skip


def part_over(question: Question, target: Target) -> Fraction | None:
    """How much of the target's period the figure covers, on the wall clock; None where it is not a figure so far."""
    bounds: Bounds | None = question.bounds
    start, end = target.bounds(question.calendar, question.zone)
    if question.grain is not None or bounds is None or bounds.start != start or not start < bounds.end < end:
        return None
    first, now, last = (edge_wall(each, question.zone) for each in (start, bounds.end, end))
    return Fraction((now - first) // _TICK, (last - first) // _TICK)


def adds_up_over_time(metric: Metric) -> bool:
    """Whether what its days come to is what their period comes to."""
    is_plain = not any(part.alive or part.shift for part in metric.parts)
    return is_plain and metric.shown is None and metric.adds_up_over_time and adds_up_over_groups(metric)


def _pace(now: Fraction | None, target: Target, question: Question, column: AnswerColumn) -> str | None:
    metric = next(each for each in question.metrics if each.metric_id == target.metric_id)
    over = part_over(question, target)
    if now is None or over is None or over < LEAST or not adds_up_over_time(metric):
        return None
    scale = column.type.scale or 0 if column.type.kind in ("integer", "decimal") else 2
    return _rounded(now / over, scale)


def _rounded(exact: Fraction, decimals: int) -> str:
    """Half to even; whatever its size."""
    return format(Decimal(round(exact * 10**decimals)).scaleb(-decimals, _WIDE), "f")

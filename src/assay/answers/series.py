"""A series as people read it: a bucket without rows is a bucket. Engines leave it out, and cut off before it could be told.

Where a question has a grain, its rows are filled up, ordered and cut here: every bucket for every group that has a row in
the window. Where that would be more rows than an answer may have, the answer stays sparse and says so.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from assay.answers.answer import wire_value
from assay.catalog.moments import day_number
from assay.compiler.question import MAX_LIMIT, Question
from assay.compiler.resolved import OTHERS
from assay.compiler.statement import AnswerColumn

Row = list[Any]
Key = tuple[Any, ...]


def finished(rows: list[Row], columns: Sequence[AnswerColumn], question: Question) -> tuple[list[Row], bool, bool]:
    """An engine's rows as they are shown: (rows, whether some were cut off, whether every bucket is there)."""
    limit = question.row_limit or question.most_rows
    dense = True
    if question.grain:
        most = question.most_rows if question.row_limit is None else MAX_LIMIT
        full = _filled(rows, columns, question, most) if len(rows) <= most else None
        dense = full is not None
        rows = full or rows
    return rows[:limit], question.row_limit is None and len(rows) > limit, dense


def _filled(rows: list[Row], columns: Sequence[AnswerColumn], question: Question, most: int) -> list[Row] | None:
    """A row for each bucket of each group, in order; None where these are more than `most`."""
    keys = len(question.key_columns())
    known = {tuple(row[:keys]): row for row in rows}
    cells = cells_of(known, question, most)
    if cells is None:
        return None
    blank = [empty_value(column, question) for column in columns[keys:]]
    full = [known.get(cell) or [*cell, *blank] for cell in cells]
    return ordered(full, columns, question, [each.name for each in question.buckets()])


def cells_of(known: Collection[Key], question: Question, most: int) -> list[Key] | None:
    """Every bucket of every group that is there, by the columns that tell rows apart; None where these are more than `most`.

    What looks further than its rows has a value in each bucket; beside a further grain of its time, in those alone in which
    days of both lie.
    """
    names, places = question.key_columns(), [0]
    times: list[Key] = [(each.name,) for each in question.buckets()]
    if question.has_frame and question.further_grains:
        places += [names.index(name) for name in question.further_grains]
        times = [(each.name, *each.further) for each in question.stretches]
    groups = dict.fromkeys(_without(places, key) for key in known) if len(names) > len(places) else {(): None}
    if len(groups) * len(times) > most or not {tuple(key[at] for at in places) for key in known} <= set(times):
        return None
    return [_together(places, time, group) for time in times for group in groups]


def _without(places: Sequence[int], key: Key) -> Key:
    return tuple(each for at, each in enumerate(key) if at not in places)


def _together(places: Sequence[int], time: Key, group: Key) -> Key:
    """A key of what stands at these places, and what stands at the others."""
    told, others = dict(zip(places, time, strict=True)), iter(group)
    return tuple(told[at] if at in told else next(others) for at in range(len(time) + len(group)))


def empty_value(column: AnswerColumn, question: Question) -> Any:
    """What a value column holds where there are no rows."""
    metric = next(each for each in question.metrics if each.metric_id == column.metric_id)
    return wire_value(metric.over_no_rows, metric.type)


def ordered(rows: list[Row], columns: Sequence[AnswerColumn], question: Question, times: Sequence[str]) -> list[Row]:
    """As the statement orders: what was asked first, then by the keys; what has no value last, both ways."""
    places = {column.name: number for number, column in enumerate(columns)}
    order = {time: number for number, time in enumerate(times)}
    asked = [(each.by, each.descending) for each in question.order]
    if question.others:
        asked = []  # which groups come first is told already
    asked = asked or [("time", False) if question.grain else (columns[len(question.key_columns())].name, True)]
    keys = question.key_columns()
    if question.others:  # the row of all others is the last of its bucket
        keys = [*keys[: 1 if question.grain else 0], OTHERS, *question.dimension_names()]
    asked += [(name, False) for name in keys if name not in {by for by, _ in asked}]
    changes = question.changes()
    for by, descending in reversed(asked):
        if by in changes and by not in places:
            rows = _by_change(rows, *(places[each] for each in changes[by]), descending=descending)
            continue
        if by == OTHERS:
            rows = sorted(rows, key=lambda row: row[places[OTHERS]] is not None)
            continue
        at, column = places[by], columns[places[by]]
        has, has_not = [row for row in rows if row[at] is not None], [row for row in rows if row[at] is None]
        if by == "time":
            has.sort(key=lambda row, at=at: order[row[at]], reverse=descending)
        else:
            has.sort(key=lambda row, at=at, kind=column.type.kind: sortable(row[at], kind), reverse=descending)
        rows = has + has_not
    return rows


def _by_change(rows: list[Row], now: int, before: int, *, descending: bool) -> list[Row]:
    """As `compiler.dialect.change` subtracts: doubles; NaN above all."""
    has = [row for row in rows if row[now] is not None and row[before] is not None]
    has_not = [row for row in rows if row[now] is None or row[before] is None]

    def size(row: Row) -> tuple[bool, float]:
        by = float(row[now]) - float(row[before])
        return (True, 0.0) if by != by else (False, by)

    return sorted(has, key=size, reverse=descending) + has_not


def sortable(value: Any, kind: str) -> Any:
    """A value as it travels, in the order that every engine gives it: NaN is the largest number, text goes by code point."""
    match kind:
        case "integer" | "decimal" | "double":
            return (1, Decimal(0)) if value == "NaN" else (0, Decimal(str(value)))
        case "date" | "timestamp":
            if value in ("infinity", "-infinity"):
                return (1 if value == "infinity" else -1, 0, "")
            # Without its Z, a whole second comes before its fractions.
            return (0, day_number(value), value[value.find("T") :].removesuffix("Z"))
        case _:
            return value

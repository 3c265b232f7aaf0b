"""Which questions a certificate settles, and why it does not settle another. No engine and no clock in here.

Read `unsettled` from top to bottom: it is the rule, and docs/parity.md has it as a table.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from assay.catalog.buckets import bucket_at
from assay.catalog.calendars import Periods
from assay.catalog.metric import Metric
from assay.catalog.zones import offset_at, turns
from assay.compiler.question import LOOKING, Question
from assay.compiler.values import written_instant
from assay.routing.cube import adds_up
from assay.routing.parity import Verdict

_DAY = timedelta(days=1)
_COARSER: dict[str, tuple[str, ...]] = {
    "hour": ("hour", "day", "week", "month", "quarter", "year"),
    "day": ("day", "week", "month", "quarter", "year"),
    "month": ("month", "quarter", "year"),
}
"""Which buckets are made of whole buckets of a kind."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups that were held against each other. `is_cells`: the aggregates themselves, the same to the last digit."""

    keys: frozenset[str]
    verdict: Verdict
    rows: int
    is_cells: bool = False
    texts: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Of cells: by key of text, the marks of its values."""


@dataclass(frozen=True, slots=True)
class Window:
    """What was compared of one window. An end from `end` to `until` makes the same question: nothing lies between.

    All three are None for a metric without time; a count at an instant has no start, and its instant as the end.
    """

    start: datetime | None
    end: datetime | None
    until: datetime | None
    grain: str | None
    groupings: tuple[Grouping, ...]

    def written(self) -> dict[str, Any]:
        return {
            "start": self.start and written_instant(self.start), "end": self.end and written_instant(self.end),
            "until": self.until and written_instant(self.until), "grain": self.grain,
            "groupings": [
                {"keys": sorted(each.keys), "verdict": each.verdict, "rows": each.rows, "cells": each.is_cells,
                 "texts": {name: sorted(marks) for name, marks in each.texts.items()}}
                for each in self.groupings
            ],
        }  # fmt: skip


def unsettled(
    document: dict[str, Any], metric: Metric, question: Question, windows: tuple[Window, ...] | None = None
) -> str | None:
    """None where what was compared settles the question's answer; else the reason why it does not.

    `windows`: those of the document, where somebody has read them already.
    """
    if "windows" not in document:
        return "it was made before certificates said what they settle"
    if document["timezone"] != question.timezone:
        return f"it was compared in the time zone {document['timezone']}"
    if metric.cohorts and question.returning != _then(question, document).returning:
        return "buckets of its cohorts have ended since it was compared"
    windows = windows_of(document) if windows is None else windows
    if document["question_key"] is not None:
        # The very question, with whatever filters, order and limit it has: of any kind of metric.
        if document["question_key"] != question_key(question):
            return "another question was compared"
        pairs = list(zip(_asked_windows(question), windows, strict=False))
        is_the_same = all(_is_compared(window, *edges) for edges, window in pairs)
        return None if is_the_same and len(pairs) == len(windows) else "its window has moved on since it was compared"
    if question.scope.access(metric).rows:
        return "it is over the rows that somebody sees, and all rows were compared"
    if question.segments:
        return f"the segment {question.segments[0]} was not compared"
    if question.whose:
        return f"for whom {question.whose[0].whose.metric.metric_id} is such a number was not compared"
    if question.having:
        return f"what {question.having[0].by} has to be was not compared"
    # The very groups that were compared settle themselves. A metric that adds up is settled by finer cells too, over any
    # part of their window, and with filters on their keys.
    by_groups = "the other groups together were not compared" if question.others else _not_by_groups(windows, question)
    if by_groups is None or metric.kind != "simple" or not adds_up(metric):
        return by_groups
    return _not_by_cells(windows, question)


def _then(question: Question, document: dict[str, Any]) -> Question:
    """The question as it was when what was compared was asked."""
    return replace(question, as_of=datetime.fromisoformat(document["question"]["as_of"]))


def _not_by_cells(windows: tuple[Window, ...], question: Question) -> str | None:
    for each in question.every_filter:
        # Equal keys are not yet equal under a filter: 0.1 is found in single precision, where in double it is not.
        if each.dimension.type.kind == "double" and each.op not in ("is_null", "is_not_null"):
            return f"the filter on {each.dimension.name} compares doubles, which one engine may hold narrower than the other"
        # Blanks that a column's type fills up with are not compared, and a part of a text may be one of them.
        if each.op.removeprefix("not_") in LOOKING:
            return f"the filter on {each.dimension.name} looks for a part of a text, and not for one that was compared"
    wanted = {*question.whole.key_columns(), *(each.dimension.name for each in question.every_filter)}
    wanted |= {"time"} if question.grain else set()
    for start, end in _asked_windows(question):
        found = [each for each in windows if _lies_in(each, start, end, question)]
        if not found:
            return "its window was not compared"
        cut = [each for each in found if not _is_compared(each, start, end)]
        groupings = [
            grouping for window in found for grouping in window.groupings
            if wanted | ({"time"} if window in cut else set()) <= grouping.keys and grouping.is_cells
            and (question.grain is None or _is_made_of(question.grain, window.grain or ""))
        ]  # fmt: skip
        if not groupings:
            return f"it was not compared {_together(wanted, question)}"
        unseen = [_unseen(grouping, question) for grouping in groupings]
        if all(unseen):
            return unseen[0]
    if question.moves and any(moved % _DAY for _, moved in question.moves.days):
        return "the two windows begin at other times of day"
    # Which of the groups come first is decided by their values, and those are the same.
    return None


def _is_made_of(grain: str, finer: str) -> bool:
    return grain in _COARSER.get(finer, ()) or (isinstance(grain, Periods) and finer in ("hour", "day"))


def _unseen(grouping: Grouping, question: Question) -> str | None:
    """A text that a filter looks for and no cell holds: one engine may take another text for the same (`north`, `North`)."""
    for each in question.every_filter:
        if each.dimension.type.kind == "string":
            known = grouping.texts.get(each.dimension.name, frozenset())
            for value in each.values:
                if text_mark(str(value)) not in known:
                    return f"no row compared has {each.dimension.name} {value!r}, and an engine may find others by it"
    return None


def text_mark(value: str) -> str:
    """A text in few letters, so that a certificate repeats no values."""
    return hashlib.sha256(value.encode()).hexdigest()[:16]


def _not_by_groups(windows: tuple[Window, ...], question: Question) -> str | None:
    """Averages, ratios, distinct counts, percentiles, sums of doubles: only the groups that were compared themselves."""
    if question.every_filter:
        return f"the filter on {question.every_filter[0].dimension.name} was not compared, and the metric does not add up"
    wanted = {*question.key_columns()}
    for start, end in _asked_windows(question):
        found = [each for each in windows if _is_compared(each, start, end)]
        if not found:
            return "its window was not compared"
        shown = question.limit or question.most_rows
        if not any(
            wanted == grouping.keys and (question.grain is None or question.grain == window.grain)
            # Groups that are alike within a tolerance may come in another order: then others are cut off.
            and (grouping.verdict == "equal" or (grouping.verdict == "within_tolerance" and grouping.rows <= shown))
            for window in found for grouping in window.groupings
        ):  # fmt: skip
            return f"it was not compared {_together(wanted, question)}, and the metric does not add up"
    if not _meets_bucket_by_bucket(question):
        return "the two windows are not laid over each other bucket by bucket"
    return None


def asked_window(question: Question) -> tuple[datetime | None, datetime | None]:
    """Start and end of the question's window; a count at an instant has an end alone, a metric without time neither."""
    if question.bounds:
        return question.bounds.start, question.bounds.end
    is_at_an_instant = any(part.alive for metric in question.metrics for part in metric.parts)
    return None, question.as_of if is_at_an_instant else None


def _asked_windows(question: Question) -> Iterator[tuple[datetime | None, datetime | None]]:
    """The question's window, and the one before it where that is asked for."""
    yield asked_window(question)
    if question.previous:
        yield question.previous.start, question.previous.end


def _is_compared(window: Window, start: datetime | None, end: datetime | None) -> bool:
    """Whether it is this window, or the same one a few ticks later with nothing new in it."""
    if start != window.start:
        return False
    if end is None or window.end is None or window.until is None:
        return end == window.end
    return window.end <= end <= window.until


def _lies_in(window: Window, start: datetime | None, end: datetime | None, question: Question) -> bool:
    """Whether it is this window, or one made of whole buckets of it."""
    if _is_compared(window, start, end):
        return True
    if None in (start, end, window.start, window.end, window.until) or window.grain is None:
        return False
    assert start and end and window.start and window.end and window.until
    begins = start == window.start or (start > window.start and _is_edge(start, window.grain, question))
    ends = window.end <= end <= window.until or (end < window.end and _is_edge(end, window.grain, question))
    return begins and ends


def _is_edge(moment: datetime, grain: str, question: Question) -> bool:
    return bucket_at(moment, grain, question.zone).start == moment  # pyright: ignore[reportArgumentType]


def _meets_bucket_by_bucket(question: Question) -> bool:
    """Whether each bucket of the window before lies as a whole, and alone, on one of the question's."""
    moves = question.moves
    if moves is None:
        return True
    if any(metric.has_frame for metric in question.metrics):
        return False  # the frame of an earlier bucket may end with another day than the buckets that were compared
    assert question.bounds and question.compare
    if question.grain == "month":
        return question.step.months > 0
    moved = [by for _, by in moves.days]
    if any(by % _DAY for by in moved) or moved != sorted(moved):
        return False  # not by whole days, or several days of a longer month on the last one of a shorter
    if question.grain != "hour":
        return question.grain == "day"
    now, before = (question.bounds.start, question.bounds.end), moves.span
    keeps_its_clock = offset_at(now[0], question.zone) == offset_at(before[0], question.zone)
    return keeps_its_clock and not turns(*now, question.zone) and not turns(*before, question.zone)


def _together(wanted: set[str], question: Question) -> str:
    named = [str(question.grain) if key == "time" else key for key in sorted(wanted, key=lambda key: (key != "time", key))]
    return f"by {' and '.join(filter(None, (', '.join(named[:-1]), named[-1])))}" if named else "as a total"


def question_key(question: Question) -> str:
    """Equal for questions that differ in nothing but how far their window has come."""
    meaning = question.described()
    if not question.is_restricted:
        meaning.pop("scope", None)
    window = meaning.pop("window")
    meaning.pop("periods", None)
    meaning.pop("targets", None)  # rows do not depend on them
    if question.own_grains:
        meaning["calendar"] = question.calendar.mark_of(question.own_grains)
    del meaning["previous"], meaning["as_of"]
    named = window and (window["name"] or [window["start"], window["end"]])
    text = orjson.dumps([meaning, named, question.timezone], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:32]


def windows_of(document: dict[str, Any]) -> tuple[Window, ...]:
    return tuple(_read(each) for each in document.get("windows", ()))


def _read(written: dict[str, Any]) -> Window:
    edges = [written[name] and datetime.fromisoformat(written[name]) for name in ("start", "end", "until")]
    groupings = [
        Grouping(
            frozenset(each["keys"]), each["verdict"], each["rows"], each["cells"],
            {name: frozenset(marks) for name, marks in each.get("texts", {}).items()},
        )
        for each in written["groupings"]
    ]  # fmt: skip
    return Window(edges[0], edges[1], edges[2], written["grain"], tuple(groupings))

"""What an alert would have said: its rule over the past, by the data of now. What came late is there in time."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from assay.alerts.entry import AlertEntry
from assay.alerts.evaluation import Evaluation, evaluate_then, judge, judged_at, places_of, whole_buckets
from assay.alerts.files import watched_question
from assay.alerts.judgement import Judged, Key, grouped
from assay.alerts.state import step
from assay.answers.answer import Answer
from assay.answers.resolve import Corridor
from assay.compiler.question import AskedBounds, Question
from assay.errors import BadQuestion
from assay.people.scope import Scope
from assay.store.alerts import GroupState
from assay.work.instants import instant
from assay.work.request import ANSWER_SECONDS, seconds_left

DAYS = 90
_AT_ONCE = 4
_SPARE_SECONDS = 8
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_NOT_KNOWN = {"stale": "how new data were", "parity": "how routes stood", "undelivered": "which messages waited"}
"""Of which conditions nothing is kept."""


@dataclass(frozen=True)
class Point:
    """A check of the past. `value`: of one figure; of groups there is none. `spoke`: whether it would have told anybody."""

    at: str
    value: Any
    before: Any
    holding: int
    spoke: bool
    unknown: str | None


@dataclass(frozen=True)
class Past:
    """`days`: how many it was tried on; fewer than were asked for where answers took their time."""

    points: tuple[Point, ...]
    days: int

    @property
    def spoke(self) -> int:
        return sum(each.spoke for each in self.points)


async def tried(entry: AlertEntry, corridor: Corridor, scope: Scope, days: int = DAYS) -> Past:
    """A series by its buckets, a figure once a day at this time of the day. Raises BadQuestion, or as asking does."""
    if (what := _NOT_KNOWN.get(entry.when.kind)) is not None:
        raise BadQuestion(f"Nobody knows {what} in the past.", mend="try another condition", field="when")
    if entry.figure.grain is not None:
        return await _by_buckets(entry, corridor, scope, days)
    return await _by_days(entry, corridor, scope, days)


async def _by_days(entry: AlertEntry, corridor: Corridor, scope: Scope, days: int) -> Past:
    now, places = corridor.now(), asyncio.Semaphore(_AT_ONCE)

    async def one(back: int) -> tuple[datetime, Evaluation] | None:
        async with places:
            if seconds_left(ANSWER_SECONDS) < _SPARE_SECONDS:
                return None
            moment = now - timedelta(days=back)
            question, answer = await evaluate_then(entry, corridor, scope, moment)
            return moment, judge(entry, question, answer, None)

    found = await asyncio.gather(*(one(back) for back in range(days + 1)))
    known = [each for each in found if each is not None][::-1]
    return Past(tuple(_points(entry, [(instant(moment), each) for moment, each in known])), max(0, len(known) - 1))


async def _by_buckets(entry: AlertEntry, corridor: Corridor, scope: Scope, days: int) -> Past:
    weeks_before = 9 * 7 if entry.when.kind == "outside" else 0
    window = AskedBounds(start=f"-{days + weeks_before} days", end="now")
    asked = watched_question(entry).model_copy(update={"window": window})
    told = await corridor.ask(entry.figure.metrics, asked, scope)
    if told.question is None or told.stale_reason is not None:
        raise BadQuestion(f"Only an older answer can be had: {told.stale_reason}.")
    if told.answer.folded is not None or not told.answer.dense or told.answer.provenance.truncated:
        raise BadQuestion("There are too many buckets and groups to try it on the past, or some are not shown.",
                          mend="ask for fewer groups, or by day", field="question")  # fmt: skip
    return await asyncio.to_thread(_over_buckets, entry, told.question, told.answer, days)


def _over_buckets(entry: AlertEntry, question: Question, answer: Answer, days: int) -> Past:
    places = places_of(answer)
    assert places.time is not None and question.bounds
    series = grouped(answer.rows, places.keys, places.time, places.value)
    since = question.as_of - timedelta(days=days)
    over = whole_buckets(question, answer)
    checks: list[tuple[str, Evaluation]] = []
    for number, bucket in enumerate(over):
        if bucket.end >= since:
            names = {each.name for each in over[: number + 1]}
            judged = tuple(judged_at(entry, question, answer, series, names))
            checks.append((bucket.name, Evaluation(judged, answer.provenance.receipt_id)))
    return Past(tuple(_points(entry, checks)), days)


def _points(entry: AlertEntry, checks: Sequence[tuple[str, Evaluation]]) -> Iterator[Point]:
    states: dict[Key, GroupState] = {}
    for number, (at, found) in enumerate(checks):
        done = step(states, found, entry.times, _EPOCH + timedelta(minutes=number), lambda _: True, is_silent=False)
        states = {each.key: each for each in done.states}
        one: Judged | None = found.judged[0] if not entry.has_groups and found.judged else None
        why = found.unknown or (one.why if one else None)
        holding = sum(each.holds is True for each in found.judged)
        yield Point(at, one and one.value, one and one.before, holding, bool(done.fired), why)

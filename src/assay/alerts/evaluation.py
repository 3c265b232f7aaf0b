"""An alert's question asked and judged for one scope: through the corridor, like anybody's. What must not be judged is not.

Nothing is said of a bucket that is not over, of an older answer, or of time that the data have not reached. A figure so far
is judged once a tenth of its period is over, and while its data reach to within a twentieth of the time that it covers.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from assay.alerts.entry import AlertEntry
from assay.alerts.files import is_rate, watched_question
from assay.alerts.judgement import Judged, by_absence, by_bar, by_usual, grouped
from assay.answers.answer import Answer
from assay.answers.making import tables_of
from assay.answers.progress import adds_up_over_time
from assay.answers.resolve import Corridor
from assay.answers.series import empty_value
from assay.catalog.buckets import Bucket, bucket_at, grain_in
from assay.catalog.census import LAST
from assay.catalog.windows import TO_DATE, grain_of, read_within, unit_of
from assay.catalog.zones import day_start, to_utc
from assay.compiler.question import Asked, Question, resolve_question
from assay.errors import AssayError
from assay.people.scope import Scope
from assay.work.instants import instant_told

_OVER, _LATE = 10, 20
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Evaluation:
    """What one scope's answer says. `unknown`: why nothing can be said of it; then `judged` is empty."""

    judged: tuple[Judged, ...]
    receipt_id: str | None
    unknown: str | None = None


def _unknown(why: str, receipt_id: str | None = None) -> Evaluation:
    return Evaluation((), receipt_id, why)


async def evaluate(entry: AlertEntry, corridor: Corridor, scope: Scope) -> Evaluation:
    """As of now. An engine that is away, a metric that is gone or not for this scope: not known, with the reason."""
    try:
        return await _evaluate(entry, corridor, scope)
    except AssayError as error:
        return _unknown(error.detail)


async def _evaluate(entry: AlertEntry, corridor: Corridor, scope: Scope) -> Evaluation:
    asked, when = watched_question(entry), entry.when
    question = await corridor.question(entry.figure.metrics, asked, corridor.catalog, scope)
    # Asked first: what comes in between is in the value, and the value is no less whole than it is taken for.
    newest = None
    if question.metrics[0].has_time and (when.kind == "stale" or _goes_by_time(entry, question)):
        newest, why = await _newest(entry, question, corridor, scope)
        if newest is None:
            return _unknown(why)
    if when.kind == "stale":
        assert newest
        is_late = corridor.now() - newest.until > read_within(str(when.stale))
        return Evaluation((Judged((), is_late, newest.text),), newest.receipt_id)
    told = await corridor.ask(entry.figure.metrics, asked, scope)
    if told.stale_reason is not None or told.question is None:
        return _unknown(f"only an older answer can be had: {told.stale_reason}")
    return judge(entry, told.question, told.answer, newest)


async def moved(entry: AlertEntry, corridor: Corridor, scope: Scope) -> str:
    """The version of the data that the alert looks at. Raises as asking does."""
    question = await corridor.question(entry.figure.metrics, watched_question(entry), corridor.catalog, scope)
    route, backend = corridor.route(question, corridor.catalog)
    version = await backend.data_version(frozenset(tables_of(question)))
    return f"{route.backend} {route.epoch} {version.text}"


async def evaluate_then(entry: AlertEntry, corridor: Corridor, scope: Scope, moment: datetime) -> tuple[Question, Answer]:
    """The question as it would have been asked at a moment that is past, of the data of now. Raises as asking does."""
    question = resolve_question(entry.figure.metrics, watched_question(entry), corridor.catalog.workspace, moment, scope)
    return question, (await corridor.answer(question, corridor.catalog, time.perf_counter())).answer


@dataclass(frozen=True)
class Newest:
    """The time of the newest row as it travels, and what follows from it.

    `passed`: what ends by then is there as a whole; of a day its beginning, because the rest of it may be on its way.
    `until`: up to where there are rows, of a day its end.
    """

    text: str
    passed: datetime
    until: datetime
    receipt_id: str


async def _newest(
    entry: AlertEntry, question: Question, corridor: Corridor, scope: Scope
) -> tuple[Newest | None, str]:  # fmt: skip
    """How far the metric's data have come, or why that cannot be told. Of *stale* it is the question, with its filters."""
    own = entry.figure
    filters = {"filters": own.filters, "any_of": own.any_of, "segments": own.segments} if entry.when.kind == "stale" else {}
    asked = Asked().model_copy(update={"parameters": own.parameters, **filters})
    return await newest_of(own.metrics[0], asked, question.zone, corridor, scope)


async def newest_of(
    metric_id: str, asked: Asked, zone: ZoneInfo, corridor: Corridor, scope: Scope
) -> tuple[Newest | None, str]:  # fmt: skip
    """How far a metric's rows have come, of those that `asked` leaves; or why that cannot be told. Raises as asking does."""
    told = await corridor.ask((f"{metric_id}:{LAST}",), asked, scope)
    if told.stale_reason is not None:
        return None, f"only an older answer can be had: {told.stale_reason}"
    text, receipt_id = told.answer.rows[0][0], told.answer.provenance.receipt_id
    if told.answer.folded is not None or not isinstance(text, str):
        return None, "how new its data are cannot be told: there is no row"
    if "T" in text:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else to_utc(moment, zone)
        return Newest(text, moment, moment, receipt_id), ""
    day = date.fromisoformat(text)
    return Newest(text, day_start(day, zone), day_start(day + timedelta(days=1), zone), receipt_id), ""


def why_late(question: Question, newest: Newest) -> str | None:
    """Whether data end too early for what is asked: a twentieth of the last time that it counts before its end.

    The last time is the window, as far as it has come; of a series its last bucket that is over.
    """
    if question.bounds is None:
        return None
    start, end = question.bounds.start, min(question.bounds.end, question.as_of)
    if question.grain is not None:
        over = [each for each in question.buckets() if each.end <= question.as_of]
        if not over:
            return None
        start, end = over[-1].start, over[-1].end
    return _late(newest.until) if (end - newest.until) * _LATE > end - start else None


def _late(moment: datetime) -> str:
    return f"its data are late: they have come to {instant_told(moment)}"


def _goes_by_time(entry: AlertEntry, question: Question) -> bool:
    """Whether data that are late would give another value, on the side of a false alarm.

    What is above a number already stays so while more rows come in, but a rate does not.
    """
    if entry.when.kind in ("missing", "parity"):
        return False
    return entry.when.kind != "above" or entry.when.change is not None or is_rate(question.metrics[0])


def judge(entry: AlertEntry, question: Question, answer: Answer, newest: Newest | None) -> Evaluation:
    """`newest`: None where it does not matter how new the data are, as of what is past, or where rows have no time."""
    receipt_id = answer.provenance.receipt_id
    if answer.provenance.truncated:
        return _unknown(f"there are more than {len(answer.rows):,} groups", receipt_id)
    if entry.when.kind == "parity":
        standing = answer.provenance.parity.standing
        return Evaluation((Judged((), standing == entry.when.parity, standing),), receipt_id)
    if question.grain is not None:
        return _judge_series(entry, question, answer, newest)
    if (why := why_too_early(entry, question, newest)) is not None:
        return _unknown(why, receipt_id)
    places = places_of(answer)
    if entry.when.change == "target":
        return _against_targets(entry, question, answer)
    judged = tuple(
        by_absence(key, value, empty_value(answer.columns[places.value], question)) if entry.when.kind == "missing"
        else by_bar(entry.when, key, value, before)
        for key, value, before in _figures(answer, places)
    )  # fmt: skip
    return Evaluation(judged, receipt_id)


def _against_targets(entry: AlertEntry, question: Question, answer: Answer) -> Evaluation:
    """A figure so far that adds up over time is judged by where it comes to at its pace; all others by what they are."""
    receipt_id = answer.provenance.receipt_id
    if not answer.targets:
        why = question.against.why if question.against else None
        return _unknown((why or "No target is written for it.").rstrip("."), receipt_id)
    names = question.dimension_names()
    by_pace = adds_up_over_time(question.metrics[0])
    judged: list[Judged] = []
    for each in answer.targets:
        is_pace = by_pace and question.bounds is not None and not each["is_over"]
        value = each["pace"] if is_pace else each["reached"]
        told = f"{each['period']}, on the current pace" if is_pace else each["period"]
        key = tuple(each["where"][name] for name in names)
        judged.append(by_bar(entry.when, key, value, each["value"], told))
    return Evaluation(tuple(judged), receipt_id)


def why_too_early(entry: AlertEntry, question: Question, newest: Newest | None) -> str | None:
    """Why a figure says nothing yet."""
    bounds, as_of = question.bounds, question.as_of
    if bounds is None or not _goes_by_time(entry, question):
        return None
    if bounds.end < as_of:
        return _not_passed(newest, bounds.end)
    covered = as_of - bounds.start
    if covered * _OVER < _period(question):
        return "its period has hardly begun: less than a tenth of it is over"
    if newest is not None and (as_of - newest.until) * _LATE > covered:
        return _late(newest.until)
    return None


def _not_passed(newest: Newest | None, end: datetime) -> str | None:
    if newest is None or newest.passed >= end:
        return None
    return _late(newest.passed)


def _period(question: Question) -> timedelta:
    """All of the period of which a figure so far is a part; of a window that moves along, a day."""
    assert question.bounds
    name = question.bounds.name or ""
    of_periods = grain_of(name) if name.endswith("_to_date") else None
    count, unit = unit_of(name) or (1, TO_DATE.get(name) or of_periods or "day")
    grain = grain_in(question.calendar, unit if count == 1 else "day")
    found = bucket_at(question.as_of - _MOMENT, grain, question.zone)
    return found.end - found.start


@dataclass(frozen=True)
class Places:
    keys: tuple[int, ...]
    value: int
    before: int | None
    time: int | None


def places_of(answer: Answer) -> Places:
    roles = {each.role: at for at, each in enumerate(answer.columns)}
    keys = tuple(at for at, each in enumerate(answer.columns) if each.role == "dimension")
    return Places(keys, roles["value"], roles.get("previous"), roles.get("time"))


def _figures(answer: Answer, places: Places) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """(key, value, before) of each group. Of folded groups no figure is shown, and none is judged."""
    folded = answer.folded
    for row in answer.rows:
        key = tuple(row[at] for at in places.keys)
        if folded is not None and (not key or key == folded.group or row[places.value] is None):
            continue
        yield key, row[places.value], None if places.before is None else row[places.before]


def _judge_series(entry: AlertEntry, question: Question, answer: Answer, newest: Newest | None) -> Evaluation:
    """The last bucket that is over, and that the data have got past."""
    receipt_id, places = answer.provenance.receipt_id, places_of(answer)
    assert question.grain and question.bounds and places.time is not None
    if answer.folded is not None:
        return _unknown("small groups are not shown, so that a series has gaps", receipt_id)
    if not answer.dense:
        return _unknown("there are too many buckets and groups to look at each", receipt_id)
    over = whole_buckets(question, answer)
    if not over:
        return _unknown("no bucket is over yet", receipt_id)
    if _goes_by_time(entry, question) and (why := _not_passed(newest, over[-1].end)) is not None:
        return _unknown(why, receipt_id)
    series = grouped(answer.rows, places.keys, places.time, places.value)
    return Evaluation(tuple(judged_at(entry, question, answer, series, {each.name for each in over})), receipt_id)


def whole_buckets(question: Question, answer: Answer) -> list[Bucket]:
    """Those that are over and that the window does not cut, in order of time."""
    partial = {each["time"] for each in answer.partial}
    return [each for each in question.buckets() if each.name not in partial]


def judged_at(
    entry: AlertEntry, question: Question, answer: Answer, series: Any, over: set[str]
) -> Iterator[Judged]:  # fmt: skip
    """Of each group, its last bucket of those that are over."""
    empty = empty_value(answer.columns[places_of(answer).value], question)
    for key, values in series.items():
        whole: Sequence[tuple[str, Any]] = [each for each in values if each[0] in over]
        if entry.when.outside is not None:
            yield by_usual(entry.when.outside.times, key, whole, empty, is_hourly=question.grain == "hour")
        elif entry.when.kind == "missing":
            yield by_absence(key, whole[-1][1], empty, whole[-1][0])
        else:
            yield by_bar(entry.when, key, whole[-1][1], None, whole[-1][0])

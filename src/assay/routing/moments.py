"""Single moments of a metric's tables on one side: up to when it has rows, and when the next one begins to count."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlglot import exp

from assay.backends.protocol import Backend, Runs
from assay.catalog.dictionary import Column, table_of
from assay.catalog.metric import Metric, Part, TimeColumn
from assay.catalog.windows import shifted_moment
from assay.catalog.zones import day_start, last_day, to_utc
from assay.compiler.question import Question
from assay.compiler.values import as_column
from assay.engine import engine_of
from assay.gate import Policy, judge
from assay.gate.names import identifier, table_as

_SECONDS = 120.0


async def newest_moment(metric: Metric, runs: Runs, backend: Backend, policy: Policy, question: Question) -> datetime | None:
    """The newest moment at which a row of the metric's tables counts, before the end of the question."""
    end, found = question.bounds.end if question.bounds else question.as_of, list[datetime]()
    for part in metric.parts:
        column = part.time or (part.alive and part.alive[0])
        if column is None or column.type.kind != "timestamp":
            return None
        moment = await _edge(metric, part, column, exp.Max, exp.LT, end, question, runs, backend, policy)
        if not isinstance(moment, datetime):
            return None
        found.append(moment)
    return max(found, default=None)


async def next_moment(
    metric: Metric, runs: Runs, backend: Backend, policy: Policy, question: Question, day_end: datetime
) -> datetime:
    """Up to when an end of the question's window makes the same question: the first row that lies behind its end.

    Of a count at an instant it is the first row that begins or ends to count. `day_end` where there is none before it.
    """
    end, first = question.bounds.end if question.bounds else question.as_of, day_end
    zone = ZoneInfo(question.timezone)
    for part in metric.parts:
        # What looks back ends on an earlier day, and a row there moves the end of the question's window no further.
        its_end = _end_of(part, question)
        its_day_end = end_of_day(its_end, question.timezone) if part.shift else day_end
        if part.shift and shifted_moment(day_end, part.shift, zone) > its_day_end:
            return end
        if part.frame and part.frame.back:
            return end  # the day that it is read on may be cut, by an end that lies earlier still
        for column in (part.time,) if part.time else part.alive or ():
            if column.type.kind == "date":
                continue  # its days count as a whole, whatever time of day the window ends at
            moment = await _edge(metric, part, column, exp.Min, exp.GTE, its_end, question, runs, backend, policy)
            if isinstance(moment, str):
                return end
            if not part.shift:
                first = min(first, moment or first)
            elif moment is not None and moment < its_day_end:
                return end
    return first


def _end_of(part: Part, question: Question) -> datetime:
    """Where the rows of a part end to count."""
    if part.alive or question.bounds is None:
        end = question.bounds.end if question.bounds else question.as_of
        return shifted_moment(end, part.shift, ZoneInfo(question.timezone))
    return question.bounds_of(part.shift, "current").end


async def _edge(
    metric: Metric, part: Part, column: Column | TimeColumn, which: type[exp.Max | exp.Min], side: type[exp.LT | exp.GTE],
    edge: datetime, question: Question, runs: Runs, backend: Backend, policy: Policy,
) -> datetime | str | None:  # fmt: skip
    """The last moment before `edge`, or the first from it on, in UTC; None where there is none, a text where unknown.

    Of a parent's column all of its rows are looked at, also those that no child has: a moment more, never one less.
    """
    table = table_of(column.table) if isinstance(column, TimeColumn) else part.entity.qualified
    time = exp.column(identifier(column.name), table=identifier("t"))
    select = exp.select(exp.alias_(which(this=time), "moment")).from_(table_as(table, "t")).limit(1)
    engine = engine_of(backend.dialect)
    select = select.where(side(this=time.copy(), expression=engine.spelling.placeholder(1)))
    verdict = judge(select.sql(dialect=engine.reading.sqlglot), backend.dialect, policy)
    if verdict.safe is None:
        return "unknown"
    bound = as_column(edge, column.type.kind, question.timezone)
    tags = {"for": "comparison", "metric": metric.metric_id}
    value = (await runs.run(verdict.safe, {"p1": bound}, verdict.safe.tables, _SECONDS, tags)).rows[0][0]
    if value is None:
        return None
    if not isinstance(value, datetime):
        return "unknown"
    is_wall = column.type.kind == "timestamp_ntz"
    return value if value.tzinfo else to_utc(value, ZoneInfo(question.timezone if is_wall else "UTC"))


def end_of_day(end: datetime, timezone: str) -> datetime:
    """The midnight after the last moment before `end`."""
    zone = ZoneInfo(timezone)
    return day_start(last_day(end, zone) + timedelta(days=1), zone)


def has_plain_clock(end: datetime, timezone: str) -> bool:
    """Whether no wall time of its last day comes twice or is skipped."""
    zone = ZoneInfo(timezone)
    day = last_day(end, zone)
    return day_start(day + timedelta(days=1), zone) - day_start(day, zone) == timedelta(hours=24)

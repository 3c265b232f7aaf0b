"""MetricFlow's integration suite asked of Assay: each case right, refused, not sayable or wrong, and why."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError
from tests.engine.pins import told
from tests.interop.suite_cases import Case, Renderer
from tests.interop.suite_questions import Asking, NotSayable, Span, asking

from assay.answers.series import finished
from assay.backends.protocol import Backend
from assay.catalog.calendars import Periods
from assay.catalog.workspace import Workspace
from assay.compiler.question import AskedMetrics, Question, narrowed, resolve_question
from assay.compiler.statement import compile_question
from assay.errors import AssayError
from assay.gate import Policy
from assay.interop.metricflow.project import Project
from assay.people.scope import EVERYTHING
from assay.routing.uniqueness import counting_policy, prove_key

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
Rows = list[tuple[Any, ...]]
Truth = Callable[[str], Awaitable[tuple[list[str], Rows]]]
_CLOSE = 1e-6
"""As the suite itself compares."""


@dataclass(frozen=True)
class Verdict:
    kind: str
    """right, refused, not sayable or wrong."""
    why: str = ""


@dataclass
class Model:
    project: Project
    workspace: Workspace
    left_out: dict[str, str]
    each_row_once: frozenset[str] = frozenset()
    """Metrics of which the importer told that each earlier row counts once, where the source counts it on several days."""


@dataclass
class Engine:
    dialect: str
    backend: Backend
    truth: Truth
    repeated: dict[tuple[str, tuple[str, ...]], int] = field(default_factory=dict[tuple[str, tuple[str, ...]], int])
    """By key, how many of its values stand on several rows."""


async def verdict(case: Case, model: Model, engine: Engine, span: Span) -> Verdict:
    try:
        wanted = asking(case, model.project, model.workspace, model.left_out, span)
        asked = AskedMetrics.model_validate(wanted.question)
        question = await _opened(asked, model.workspace, engine)
        names, found = await _answer(question, model.workspace, engine)
    except NotSayable as error:
        return Verdict("not sayable", str(error))
    except ValidationError as error:
        return Verdict("not sayable", error.errors()[0]["msg"])
    except AssayError as error:
        return Verdict("refused", error.detail)
    if wanted.after:
        later = AskedMetrics.model_validate(wanted.after.question)
        found += (await _answer(await _opened(later, model.workspace, engine), model.workspace, engine))[1]
    if wanted.beside:
        wanted, names, found = await _beside(wanted, wanted.beside, names, found, model, engine)
    columns, right = await engine.truth(Renderer(engine.dialect).filled(case.asked["check_query"]))
    compared = _compared(wanted, question, names, found, columns, right, case)
    if compared.kind == "wrong" and model.each_row_once & set(asked.metrics):
        return Verdict("not sayable", "a month earlier each row counts once, in the source on each such day")
    return compared


async def _beside(
    wanted: Asking, second: Asking, names: list[str], found: Rows, model: Model, engine: Engine
) -> tuple[Asking, list[str], Rows]:  # fmt: skip
    """The one row of each of two questions as one row, by the suite's names of its columns."""
    asked = AskedMetrics.model_validate(second.question)
    more_names, more = await _answer(await _opened(asked, model.workspace, engine), model.workspace, engine)
    (row,), (more_row,) = found, more
    told = {wanted.columns[name]: value for name, value in zip(names, row, strict=True) if name in wanted.columns}
    told |= {second.columns[name]: value for name, value in zip(more_names, more_row, strict=True) if name in second.columns}
    return Asking(wanted.question, {name: name for name in told}), list(told), [tuple(told.values())]


async def _opened(asked: AskedMetrics, workspace: Workspace, engine: Engine) -> Question:
    """By bucket over all, from the first to the last row, as answers are made."""
    question = resolve_question(asked.metrics, asked, workspace, NOW, EVERYTHING)
    if not question.is_open:
        return question
    edges: dict[str, list[str]] = {"first": [], "last": []}
    for name in asked.metrics:
        for edge, found in edges.items():
            for part in workspace.metrics[name].parts:
                rows = await _edge(part.entity.qualified, part.time.name if part.time else "", edge, engine)
                found += rows
    return narrowed(question, min(edges["first"], default=None), max(edges["last"], default=None))


async def _edge(table: str, column: str, edge: str, engine: Engine) -> list[str]:
    _, rows = await engine.truth(f"SELECT {'MIN' if edge == 'first' else 'MAX'}({column}) FROM {table}")
    return [each.isoformat() for (each,) in rows if each is not None]


async def _answer(question: Question, workspace: Workspace, engine: Engine) -> tuple[list[str], Rows]:
    policy = Policy.from_dictionary(workspace.dictionary, max_rows=10_001)
    statement = compile_question(question, engine.dialect, policy)
    for key in sorted(statement.safe.keys):
        if key not in engine.repeated:
            counting = counting_policy(workspace.dictionary, next(iter(workspace.backends)))
            engine.repeated[key] = (await prove_key(engine.backend, key, workspace.dictionary, counting)).duplicates
        if engine.repeated[key]:
            raise BrokenKey(f"{key[0]} ({', '.join(key[1])}) is not unique in the suite's data")
    rows = await told(question, policy, engine.backend, engine.dialect)
    found, _, _ = finished(rows, statement.columns, question)
    return [each.name for each in statement.columns], [tuple(row) for row in found]


class BrokenKey(AssayError):
    """A key of the suite's data is not unique."""


def _compared(
    wanted: Asking, question: Question, names: list[str], found: Rows, columns: list[str], right: Rows, case: Case
) -> Verdict:
    keys = [name for name in names if wanted.columns.get(name) in columns]
    if {wanted.columns[name] for name in keys} != set(columns):
        return Verdict("wrong", f"columns {[wanted.columns.get(each) for each in names]} for {columns}")
    order = [columns.index(wanted.columns[name]) for name in keys]
    mine = [tuple(_plain(_called(name, row[names.index(name)], question)) for name in keys) for row in found]
    theirs = [tuple(_plain(row[at]) for at in order) for row in right]
    blank = _blank(question, names, keys)
    if blank:
        mine, theirs = ([row for row in rows if not _is_blank(row, blank)] for rows in (mine, theirs))
    if not case.asked.get("check_order"):
        mine, theirs = sorted(mine, key=_sortable), sorted(theirs, key=_sortable)
    if len(mine) != len(theirs):
        return Verdict("wrong", f"{len(mine)} rows for {len(theirs)}: {_difference(mine, theirs)}")
    for one, other in zip(mine, theirs, strict=True):
        if not all(map(_is_close, one, other)):
            return Verdict("wrong", f"{one} for {other}")
    return Verdict("right")


def _called(name: str, value: Any, question: Question) -> Any:
    """A period as the table of days calls it, which here is told beside its first day."""
    grains = {each.name: each.in_grain.grain for each in question.dimensions if each.in_grain} | {"time": question.grain}
    grain = grains.get(name)
    if isinstance(grain, Periods) and value is not None:
        return grain.label(value if isinstance(value, date) else date.fromisoformat(value))
    return value


def _difference(mine: Rows, theirs: Rows) -> str:
    return f"here {[row for row in mine if row not in theirs][:3]}, there {[row for row in theirs if row not in mine][:3]}"


def _blank(question: Question, names: list[str], keys: list[str]) -> dict[int, Any]:
    """What each value column holds where nothing happened: such a group one side may list and the other not."""
    empty = {
        name: Decimal(0) if metric.parts[0].conversion else metric.over_no_rows
        for name, metric, _ in question.value_columns()
    }
    return {at: _plain(empty[name]) for at, name in enumerate(keys) if name in empty}


def _is_blank(row: tuple[Any, ...], blank: dict[int, Any]) -> bool:
    return all(row[at] is None or row[at] == value for at, value in blank.items())


def _plain(value: Any) -> Any:
    """Days and moments as one text, numbers as one type."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float, Decimal)):
        return float(value)
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    try:
        return _moment(datetime.fromisoformat(value)) if len(value) > 10 and value[4] == "-" else float(value)
    except ValueError:
        return value


def _moment(value: datetime) -> str:
    text = value.replace(tzinfo=None).isoformat(" ")
    return text.removesuffix(" 00:00:00")


def _sortable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple((each is None, type(each).__name__, round(each, 3) if isinstance(each, float) else each) for each in row)


def _is_close(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=_CLOSE) or (math.isnan(one) and math.isnan(other))
    return one == other


def each_row_once(items: list[Any]) -> frozenset[str]:
    return frozenset(each.name for each in items if "each earlier row counts once" in each.told)


def left_out_of(items: list[Any]) -> dict[str, str]:
    """Why each construct is not there, by the last part of its name as well."""
    return {
        name: each.told for each in items if each.outcome == "left out" for name in (each.name, each.name.rpartition(".")[2])
    }

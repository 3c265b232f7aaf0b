"""Why a figure changed, over HTTP."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal

from pydantic import BaseModel, Field

from assay.answers.explained import Number, plainly, sentences
from assay.answers.explanation import MOST_DIVISIONS, Division, Explanation, Group, Step, explain, written
from assay.catalog.metric import Metric
from assay.compiler.question import Asked
from assay.live.running import Running
from assay.people.scope import Scope
from assay.web.room import Room
from assay.web.schemas import Cell, QuestionOut
from assay.web.wiring import Run, Sees

router = Room("answers", "/v1")
_MOST_NOTED = 8


class ExplainIn(Asked):
    """A figure's question; its change is against `compare`, by default the period before."""

    by: tuple[str, ...] = Field(
        default=(), max_length=MOST_DIVISIONS,
        description="dimensions to divide the change by; left out, up to 12 of the metric's own",
    )  # fmt: skip


class NumberOut(BaseModel):
    """`shown_as`: a value of the metric, a change of it (with its sign), its size, a share of 1, or a count of rows."""

    value: Cell
    shown_as: Literal["value", "change", "size", "share", "rows"]
    receipt_id: str


class GroupOut(BaseModel):
    """`amount`: the group's part of the change; of a rate, `mix` by its size and `rate` by its own; null: it has none."""

    key: list[Cell]
    before: Cell
    now: Cell
    amount: Cell
    mix: Cell
    rate: Cell
    is_new: bool
    is_gone: bool


class DivisionOut(BaseModel):
    """The change by one dimension or two, the largest first. `others`: what all further groups did together.

    `paradox`: what every group did that moved, where the whole did the contrary.
    """

    dimensions: list[str]
    receipt_id: str
    groups: list[GroupOut]
    groups_in_all: int
    others: Cell
    paradox: Literal["rose", "fell"] | None


class StepOut(BaseModel):
    """A part of the change. `before` and `now`: the rows of a volume, the rate or the value of a group."""

    kind: Literal["volume", "mix", "rate", "group", "others"]
    key: list[Cell]
    before: Cell
    now: Cell
    amount: Cell


class LeftOut(BaseModel):
    dimension: str
    reason: str


class NotedOut(BaseModel):
    """An annotation that falls in the time that is looked at, or in the one that it is compared with."""

    annotation_id: str
    label: str
    when: str
    period: Literal["now", "before"]


class ExplanationOut(BaseModel):
    """A change, and what it is made of. All `steps` together are `change`, to the last digit that is told of it.

    `text` are the sentences with their numbers written out.

    `kind`: `sum`, whose groups add up; `rate`, which has mix and rate; `groups` that have no parts. Decimals are texts.
    """

    metric_id: str
    label: str
    unit: str
    direction: Literal["up_is_good", "down_is_good", "neutral"]
    kind: Literal["sum", "rate", "groups"]
    before: Cell
    now: Cell
    change: Cell
    sentences: list[list[str | NumberOut]]
    text: list[str]
    by: list[str]
    steps: list[StepOut]
    divisions: list[DivisionOut]
    left_out: list[LeftOut]
    noted: list[NotedOut]
    question: QuestionOut
    receipt_id: str
    backend: str
    definition_version: str
    data_version: str
    as_of: str
    statements: int
    elapsed_ms: float


@router.post("/metrics/{metric_id}/explain")
async def explain_metric(metric_id: str, running: Run, sees: Sees, asked: ExplainIn | None = None) -> ExplanationOut:
    """Take the change of a figure apart: by groups, volume, mix and rate. No model has a part in it."""
    wanted, corridor = asked or ExplainIn(), running.corridor
    (metric,) = (await corridor.question((metric_id,), wanted, corridor.catalog, sees)).metrics
    found = await explain(metric, wanted, wanted.by, lambda names, each: corridor.ask(names, each, sees), sees)
    return _told(metric, found, _noted(found, running, sees))


def _noted(found: Explanation, running: Running, sees: Scope) -> list[NotedOut]:
    """What was written down of the time that is looked at, and of the one it is compared with."""
    asked, zone = found.whole.question, running.catalog.workspace.zone
    entries = [each.entry for each in running.annotations.seen_by(sees) if each.entry.concerns(found.metric.metric_id)]
    spans: list[tuple[Literal["now", "before"], Any]] = [("now", asked["window"]), ("before", asked["previous"])]
    noted = list[NotedOut]()
    for period, bounds in spans:
        if not bounds:
            continue
        start, end = (datetime.fromisoformat(bounds[name]) for name in ("start", "end"))
        noted += [
            NotedOut(annotation_id=each.id, label=each.label, when=each.when_told, period=period)
            for each in entries if each.falls_in(start, end, zone)
        ]  # fmt: skip
    return noted


_PERIODS = {"now": "Noted for this time", "before": "Noted for the time before"}


def _said_of_notes(noted: Sequence[NotedOut]) -> list[str]:
    """That something happened is no cause, and no sentence says so."""
    said = list[str]()
    for period, begin in _PERIODS.items():
        names = [f"{each.label} ({each.when})" for each in noted if each.period == period]
        more = f" and {len(names) - _MOST_NOTED} more" if len(names) > _MOST_NOTED else ""
        if names:
            said.append(f"{begin}: {', '.join(names[:_MOST_NOTED])}{more}.")
    return said


def _told(metric: Metric, found: Explanation, noted: list[NotedOut]) -> ExplanationOut:
    known, places = found.whole.provenance, found.places
    told, said = sentences(found), _said_of_notes(noted)
    return ExplanationOut(
        metric_id=metric.metric_id, label=metric.label, unit=metric.unit, direction=metric.direction, kind=found.kind,
        before=found.cell.before, now=found.cell.now, change=_amount(found.change, places),
        sentences=[*([_piece(each) for each in sentence] for sentence in told), *([each] for each in said)],
        text=[*(plainly(each, metric.unit) for each in told), *said], noted=noted,
        by=list(found.by), steps=[_step(each, places) for each in found.steps],
        divisions=[_division(each, places) for each in found.divisions],
        left_out=[LeftOut(dimension=name, reason=reason) for name, reason in found.left_out],
        question=QuestionOut.model_validate(found.whole.question), receipt_id=known.receipt_id, backend=known.backend,
        definition_version=known.definition_version, data_version=known.data_version, as_of=known.as_of,
        statements=len(found.answers), elapsed_ms=sum(each.provenance.elapsed_ms for each in found.answers),
    )  # fmt: skip


def _amount(amount: Fraction | None, places: int | None) -> Any:
    return None if amount is None else written(amount, places)


def _piece(piece: str | Number) -> str | NumberOut:
    if isinstance(piece, str):
        return piece
    return NumberOut(value=piece.value, shown_as=piece.shown_as, receipt_id=piece.receipt_id)


def _step(step: Step, places: int | None) -> StepOut:
    return StepOut(kind=step.kind, key=list(step.key), before=step.before, now=step.now, amount=written(step.amount, places))


def _division(division: Division, places: int | None) -> DivisionOut:
    return DivisionOut(
        dimensions=list(division.dimensions), receipt_id=division.receipt_id,
        groups=[_group(each, places) for each in division.shown], groups_in_all=len(division.groups),
        others=_amount(division.others, places), paradox=division.paradox,
    )  # fmt: skip


def _group(group: Group, places: int | None) -> GroupOut:
    cell, effect = group.cell, group.effect
    return GroupOut(
        key=list(group.key), before=cell.before, now=cell.now, amount=_amount(group.amount, places),
        mix=_amount(effect.mix if effect else None, places), rate=_amount(effect.rate if effect else None, places),
        is_new=cell.is_there and not cell.was_there, is_gone=cell.was_there and not cell.is_there,
    )  # fmt: skip

"""An edition: a dashboard answered for one scope, as what its mail, its PDF and its workbook are written from.

Each part of it is a tile in the order of reading: a figure with its change, a chart, a table, or a text; each number with
the receipt of its own answer. What is late, older, cut off or not for this reader is said beside it.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.alerts.evaluation import newest_of, why_late
from assay.alerts.judgement import number
from assay.alerts.message import value_told
from assay.answers.answer import Answer
from assay.answers.resolve import Corridor, Told
from assay.catalog.amounts import decimal_of, signed_amount
from assay.catalog.zones import days_told
from assay.compiler.question import Asked, Question
from assay.compiler.statement import AnswerColumn
from assay.errors import AssayError, BadQuestion, Busy
from assay.people.scope import Scope
from assay.store.database import Database
from assay.widgets.check import asked_of
from assay.widgets.colours import hues_of_chart
from assay.widgets.saved import label_of
from assay.widgets.vega import series_of, vega_lite
from assay.widgets.widget import Dashboard, Tile, Widget
from assay.work.request import ANSWER_SECONDS

_AT_ONCE = 2
_MOST_DRAWN = 5_000
"""Rows: a picture of more shows nothing, and takes the memory of more than a picture is worth."""
_FAILED = 500
"""From this status on an error is the server's, and none of the question or of whoever asks."""
_MOST_LISTED = 12
"""Rows of a table in a mail; all of them are in the workbook."""
_TABLES = ("table", "pivot")
NOTHING = "(none)"
_COMPARED = {"previous_period": "the period before", "previous_year": "a year before"}
Document = dict[str, Any]


@dataclass(frozen=True)
class Edition:
    """`label`: of the dashboard. `parts`: as JSON. `charts`: by the number of their part, in Vega-Lite. `answers`: with the
    names of their sheets.

    `late`: a sentence of each part whose data have not come as far as they should, or of which an older answer is shown.
    `failed`: of each that could not be answered just now, and may be in a while.
    """

    label: str
    parts: list[Document]
    charts: dict[int, Document]
    answers: list[tuple[str, Told]]
    late: list[str]
    failed: list[str]
    as_of: datetime

    @property
    def is_synthetic(self) -> bool:
        return any(told.answer.provenance.synthetic for _, told in self.answers)

    @property
    def is_refused(self) -> bool:
        """Whether nothing of it is for them: no question was answered, or can be in a while."""
        return not self.answers and not self.failed


@dataclass
class Editor:
    """Asks for all of a dashboard, in one scope."""

    corridor: Corridor
    database: Database
    scope: Scope
    base_url: str

    async def edition(self, dashboard: Dashboard) -> Edition:
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(tile: Tile) -> "_Part":
            async with places:
                return await self._part(tile.widget)

        as_of = self.corridor.now()
        tiles = sorted(dashboard.tiles, key=lambda each: (each.y, each.x))
        found = await asyncio.gather(*map(one, tiles))
        late = list(dict.fromkeys(f"{each.document['label']}: {why}" for each in found for why in each.late))
        return Edition(
            dashboard.label,
            [each.document for each in found],
            {number: each.chart for number, each in enumerate(found) if each.chart is not None},
            [(each.document["label"], each.told) for each in found if each.told is not None],
            late, [f"{each.document['label']}: {each.failed}" for each in found if each.failed], as_of,
        )  # fmt: skip

    async def _part(self, widget: Widget) -> "_Part":
        workspace = self.corridor.catalog.workspace
        label = label_of(widget, workspace)
        if widget.text is not None:
            return _Part({"kind": "text", "label": label, "text": widget.text})
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                told = await self.corridor.ask(widget.question.metrics, asked_of(widget.question), self.scope)
                late = (
                    [f"an older answer is shown: {told.stale_reason}"]
                    if told.stale_reason
                    else await self._late(told, widget)
                )
        except AssayError as error:
            failed = error.detail if error.status >= _FAILED or isinstance(error, Busy) else None
            return _Part({"kind": "refused", "label": label, "sentence": error.detail}, failed=failed)
        except TimeoutError:
            failed = "It was not answered in time."
            return _Part({"kind": "refused", "label": label, "sentence": failed}, failed=failed)
        answer = told.answer
        receipt_id = answer.provenance.receipt_id
        part = {
            "label": label, "subtitle": _subtitle(widget, told.question), "receipt_id": receipt_id,
            "receipt_url": f"{self.base_url}/receipts/{receipt_id}", "notes": [*late, *_notes(answer)],
        }  # fmt: skip
        if widget.kind == "kpi":
            return _Part(part | {"kind": "figure"} | self._figure(answer, widget), told, late)
        table = self._table(answer)
        if widget.kind in _TABLES or not answer.rows:
            return _Part(part | {"kind": "table"} | table, told, late)
        if len(answer.rows) > _MOST_DRAWN:
            part["notes"].append(f"{len(answer.rows):,} rows are more than a picture shows: they are in the workbook")
            return _Part(part | {"kind": "table"} | table, told, late)
        return _Part(part | {"kind": "chart"} | table, told, late, await self._chart(widget, answer, label))

    async def _late(self, told: Told, widget: Widget) -> list[str]:
        """Why an answer's data have not come as far as what it counts; of several metrics each reason once."""
        question, found = told.question, list[str]()
        assert question is not None
        for metric in question.metrics:
            if question.bounds is None or not metric.has_time:
                continue
            name = metric.metric_id.partition(":")[0]
            own = {each: value for each, value in widget.question.parameters.items() if each in metric.parameters}
            try:
                newest, why = await newest_of(name, Asked(parameters=own), question.zone, self.corridor, self.scope)
            except BadQuestion:
                continue  # of some metrics nobody can ask which row is the newest
            late = why_late(question, newest) if newest is not None else why
            found += [late] if late else []
        return list(dict.fromkeys(found))

    async def _chart(self, widget: Widget, answer: Answer, label: str) -> Document:
        dimension, keys = series_of(widget, answer)
        hues = await hues_of_chart(self.corridor.catalog.workspace, self.database, dimension, keys)
        return _named_nothing(vega_lite(widget, answer, label, hues), answer)

    def _figure(self, answer: Answer, widget: Widget) -> Document:
        values = [(at, each) for at, each in enumerate(answer.columns) if each.role == "value"]
        at, column = values[0]
        # A figure without any row has none, and neither has one of a group that is too small to be shown.
        row = answer.rows[0] if answer.rows else [None] * len(answer.columns)
        value, unit = row[at], column.unit or ""
        before = next((row[place] for place, each in enumerate(answer.columns) if each.role == "previous"), None)
        metric = self.corridor.catalog.workspace.metrics.get((column.metric_id or "").partition(":")[0])
        told = value_told(value, unit)
        change = _change(value, before, unit, metric and metric.direction)
        if change["change"]:
            change["change"] += f", {_COMPARED[widget.question.compare or 'previous_period']}"
        return {"value": value, "before": before, "told": told, **change}

    def _table(self, answer: Answer) -> Document:
        """Its first rows as they are written, of a series its last; `more`: a sentence of those that it leaves out."""
        workspace = self.corridor.catalog.workspace
        is_series = any(each.role == "time" for each in answer.columns)
        shown = answer.rows[-_MOST_LISTED:] if is_series else answer.rows[:_MOST_LISTED]
        heads = [_head(each, answer, workspace.metrics) for each in answer.columns]
        rows = [[_cell(value, column) for value, column in zip(row, answer.columns, strict=True)]
                for row in shown]  # fmt: skip
        is_number = [each.role in ("value", "previous") for each in answer.columns]
        left_out, which = len(answer.rows) - len(shown), "earlier" if is_series else "more"
        more = f"and {left_out:,} {which} rows, in the workbook" if left_out else ""
        return {"heads": heads, "rows": rows, "is_number": is_number, "more": more}


@dataclass(frozen=True)
class _Part:
    document: Document
    told: Told | None = None
    late: list[str] | tuple[()] = ()
    chart: Document | None = None
    failed: str | None = None


def _named_nothing(spec: Document, answer: Answer) -> Document:
    """The chart with what has no value called as the mail calls it, where no group is called so."""
    names = {each.name for each in answer.columns if each.role == "dimension"}
    rows = spec["data"]["values"]
    if any(row.get(name) == NOTHING for row in rows for name in names):
        return spec
    called = [row | {name: NOTHING for name in names if name in row and row[name] is None} for row in rows]

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: [NOTHING if one is None else one for one in each]
                if name == "domain" and isinstance(each, list) else renamed(each)
                for name, each in value.items()
            }  # fmt: skip
        return [renamed(each) for each in value] if isinstance(value, list) else value

    return renamed({name: each for name, each in spec.items() if name != "data"}) | {
        "data": spec["data"] | {"values": called}
    }


def _subtitle(widget: Widget, question: Question | None) -> str:
    """What the tile says of itself, and the days that it counts."""
    days = window_told(question) if question is not None else None
    return ", ".join(each for each in (widget.subtitle, days) if each)


def window_told(question: Question) -> str | None:
    """The days that a window counts, as far as it has come; all of one that has not begun."""
    bounds, as_of = question.bounds, question.as_of
    if bounds is None:
        return None
    end = min(bounds.end, as_of) if as_of > bounds.start else bounds.end
    return days_told(bounds.start, end, question.zone)


def _notes(answer: Answer) -> Iterator[str]:
    known = answer.provenance
    if known.truncated:
        yield f"there are more rows than these {known.rows_returned:,}"
    if answer.folded is not None:
        yield answer.folded.sentence
    if known.parity.standing == "differs":
        yield "the engine that serves it was compared with another, and their numbers differ"


def _change(value: Any, before: Any, unit: str, direction: str | None) -> Document:
    """As a figure of the page has it; `change`: None where there is nothing to compare with."""
    now, then = number(value), number(before)
    if now is None or then is None:
        return {"change": None, "tone": "neutral"}
    if now == then:
        return {"change": f"no change from {value_told(before, unit)}", "tone": "neutral"}
    gap = now - then
    is_good = direction and {"up_is_good": gap > 0, "down_is_good": gap < 0}.get(direction)
    if unit == "percent" or unit.startswith("/") or then == 0:
        size = signed_amount(decimal_of(abs(gap)), unit).removeprefix("+")
    else:
        size = f"{decimal_of(abs(gap / then) * 100):,.1f}%"
    way = "up" if gap > 0 else "down"
    tone = "neutral" if is_good is None else "good" if is_good else "bad"
    return {"change": f"{way} {size} from {value_told(before, unit)}", "tone": tone}


def _head(column: AnswerColumn, answer: Answer, metrics: Any) -> str:
    known = metrics.get((column.metric_id or answer.metric_ids[0]).partition(":")[0])
    match column.role:
        case "value" | "previous":
            label = known.label if known and column.metric_id in metrics else (column.metric_id or column.name)
            return label if column.role == "value" else f"{label}, before"
        case "dimension":
            dimension = known.dimensions.get(column.name) if known else None
            return dimension.label if dimension else column.name.replace("_", " ")
        case _:
            return column.name.replace("_", " ")


def _cell(value: Any, column: AnswerColumn) -> str:
    if column.role in ("value", "previous"):
        return "" if value is None else value_told(value, column.unit or "")
    return NOTHING if value is None else str(value)

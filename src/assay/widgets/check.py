"""The check of widgets and dashboards: whether each question can be asked, and whether the layout holds.

What is written in a file, what is saved on the screen and what a request brings pass the same check.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlglot import exp

from assay.catalog.faults import Place
from assay.catalog.findings import Finding, named
from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace
from assay.compiler.question import Asked, AskedMetrics, resolve_question
from assay.errors import BadQuestion, MetricNotFound
from assay.people.scope import EVERYTHING
from assay.widgets.following import expect_to_follow
from assay.widgets.widget import DashboardEntry, Tile, Widget

MOMENT = datetime(2024, 12, 31, 12, tzinfo=UTC)
"""At which questions are checked that nobody asks just now: always the same, and windows to date are at their longest."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`place` leads to it in the dashboard; `of_layout`: the dashboard cannot be arranged as long as it is there."""

    place: Place
    message: str
    mend: str | None
    of_layout: bool
    metric_id: str | None = None


def asked_of(question: Asked) -> Asked:
    """The question without its metrics, as the corridor takes it."""
    return Asked.model_construct(**{name: getattr(question, name) for name in Asked.model_fields})


def adds_up(metric: Metric) -> bool:
    """Whether the values of groups may be added: a lone sum, or a count of rows, and neither of distinct values.

    Nor do they where buckets share rows, or leave some of theirs out.
    """
    if metric.kind != "simple" or not metric.adds_up_over_time:
        return False
    tree = metric.parts[0].measure.tree.unnest()
    return isinstance(tree, (exp.Sum, exp.Count)) and not isinstance(tree.this, exp.Distinct)


def _expect_whole(widget: Widget, workspace: Workspace) -> None:
    """Shares are shares of a sum. Raises BadQuestion where there is none."""
    metric = workspace.metrics.get(widget.question.metrics[0]) if widget.shares else None
    if metric and not adds_up(metric):
        raise BadQuestion(
            f"{metric.metric_id} does not add up, so its parts have no whole to be shares of",
            mend="leave out shares", field="widget.shares",
        )  # fmt: skip


def check_widget(widget: Widget, workspace: Workspace, now: datetime) -> None:
    """Whether today's catalog can answer it. Raises MetricNotFound or BadQuestion, with the field."""
    for name, question in _questions(widget):
        try:
            resolve_question(question.metrics, asked_of(question), workspace, now, EVERYTHING)
        except BadQuestion as error:
            field = error.extra.get("field")
            raise BadQuestion(
                error.detail, mend=error.mend, field=f"widget.{name}.{field}" if field else f"widget.{name}"
            ) from error
    _expect_whole(widget, workspace)
    expect_to_follow(widget, workspace.metrics)


def _questions(widget: Widget) -> Iterator[tuple[str, AskedMetrics]]:
    for name, question in (("question", widget.question), ("spark", widget.spark)):
        if question is not None and question.metrics:
            yield name, question


def faults_of_dashboard(entry: DashboardEntry, workspace: Workspace) -> list[Fault]:
    """One for each tile that cannot be asked, and all that is wrong with the layout."""
    return [
        *faults_of_layout(entry),
        *(each for index, tile in enumerate(entry.tiles) for each in _asked(index, tile, workspace)),
    ]


def faults_of_layout(entry: DashboardEntry) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for index, tile in enumerate(entry.tiles):
        if tile.widget_id in seen:
            message = f"widget {tile.widget_id} stands twice on the dashboard"
            yield Fault(("tiles", index, "widget_id"), message, "give one of them another widget_id", True)
        seen.setdefault(tile.widget_id, index)
        if tile.x + tile.w > 12:
            message = f"{tile.widget_id} reaches beyond the 12 columns: x {tile.x} and w {tile.w} are {tile.x + tile.w}"
            yield Fault(("tiles", index, "w"), message, "move it to the left, or make it narrower", True)
    for index, tile in enumerate(entry.tiles):
        over = next((other for other in entry.tiles[:index] if _overlap(tile, other)), None)
        if over is not None:
            message = f"{tile.widget_id} lies over {over.widget_id}"
            yield Fault(("tiles", index, "y"), message, f"move it below: y: {over.y + over.h}", False)


def _overlap(one: Tile, other: Tile) -> bool:
    beside = one.x + one.w <= other.x or other.x + other.w <= one.x
    above = one.y + one.h <= other.y or other.y + other.h <= one.y
    return not (beside or above)


def _asked(index: int, tile: Tile, workspace: Workspace) -> Iterator[Fault]:
    for name, question in _questions(tile.widget):
        place: Place = ("tiles", index, "widget", name)
        try:
            resolve_question(question.metrics, asked_of(question), workspace, MOMENT, EVERYTHING)
        except MetricNotFound as error:
            missing = next(each for each in question.metrics if each not in workspace.metrics)
            place = (*place, "metrics", question.metrics.index(missing))
            yield Fault(place, f"{tile.widget_id}: {_begun(error.detail)}", error.mend, False, missing)
            return
        except BadQuestion as error:
            field = str(error.extra.get("field") or "")
            place = (*place, *(int(part) if part.isdigit() else part for part in field.split(".") if part))
            yield Fault(place, f"{tile.widget_id}: {_begun(error.detail)}", error.mend, False)
            return
    try:
        _expect_whole(tile.widget, workspace)
        expect_to_follow(tile.widget, workspace.metrics)
    except BadQuestion as error:
        within = str(error.extra["field"]).split(".")
        place = ("tiles", index, *(int(part) if part.isdigit() else part for part in within))
        yield Fault(place, f"{tile.widget_id}: {error.detail}", error.mend, False)


def _begun(detail: str) -> str:
    text = detail.rstrip(".")
    return text[:1].lower() + text[1:] if text.startswith(("There ", "The ")) else text


def settled(entry: DashboardEntry) -> DashboardEntry:
    """The tiles as they are; one that lies over another is moved below it, as the page moves what is in the way."""
    tiles, placed = list(entry.tiles), list[Tile]()
    for index in sorted(range(len(tiles)), key=lambda index: (tiles[index].y, tiles[index].x)):
        while (over := next((each for each in placed if _overlap(tiles[index], each)), None)) is not None:
            tiles[index] = tiles[index].model_copy(update={"y": over.y + over.h})
        placed.append(tiles[index])
    return entry.model_copy(update={"tiles": tuple(tiles)})


def findings_of(faults: list[Fault], file: str, line_of: Callable[[Place], int] | None = None) -> list[Finding]:
    """`line_of` gives the line of a place, where what is checked has lines."""
    return [
        Finding(
            file, line_of(each.place) if line_of else None, each.message, each.mend, each.metric_id,
            wants=named("metric", each.metric_id) | {"metrics"} if each.metric_id else frozenset(),
        )
        for each in faults
    ]  # fmt: skip

"""The window that is asked for, as two instants: by its name, by its bounds, or the metrics' own."""

from datetime import datetime

from assay.catalog.edges import HOW, relative_edge
from assay.catalog.findings import nearest
from assay.catalog.metric import Metric
from assay.catalog.windows import ALL, WINDOW_NAMES, Bounds, read_window, resolve_window
from assay.catalog.workspace import Workspace
from assay.compiler.asked import Asked, AskedBounds
from assay.compiler.values import read_moment
from assay.errors import BadQuestion

DEFAULT_WINDOW = "trailing_30d"


def asked_bounds(metrics: tuple[Metric, ...], asked: Asked, as_of: datetime, workspace: Workspace) -> Bounds | None:
    timed = [metric for metric in metrics if metric.has_time]
    if not timed:
        if asked.window is not None:
            raise BadQuestion(
                f"{metrics[0].metric_id} counts what is there at an instant and takes no window", field="window"
            )
        return None
    if isinstance(asked.window, AskedBounds):
        return _given_bounds(asked.window, as_of, workspace)
    if asked.window is not None:
        try:
            name = ALL if asked.window == ALL else read_window(asked.window, workspace.calendar.periods)
        except ValueError as error:
            raise BadQuestion(
                f"There is no window {asked.window!r}.",
                mend=nearest(asked.window, {ALL, *WINDOW_NAMES}) or str(error).partition("; ")[2],
                field="window",
            ) from error
        return resolve_window(name, as_of, workspace.zone, workspace.calendar)
    own = {metric.window or DEFAULT_WINDOW for metric in timed}
    if len(own) > 1:
        raise BadQuestion("these metrics have different windows", mend="say which window", field="window")
    return resolve_window(own.pop(), as_of, workspace.zone, workspace.calendar)


def _given_bounds(asked: AskedBounds, as_of: datetime, workspace: Workspace) -> Bounds:
    start, end = (
        _edge(text, as_of, workspace, f"window.{field}") for text, field in ((asked.start, "start"), (asked.end, "end"))
    )
    if not start < end:
        raise BadQuestion("the window ends before it begins", mend="end is exclusive and after start", field="window")
    if end.year - start.year > 50:
        raise BadQuestion("the window is longer than 50 years", field="window")
    return Bounds(start, end, None)


def _edge(text: str, as_of: datetime, workspace: Workspace, field: str) -> datetime:
    try:
        found = relative_edge(text, as_of, workspace.zone, workspace.calendar)
    except ValueError as error:
        raise BadQuestion(str(error), field=field) from error
    return read_moment(text, workspace.zone, field, or_such_as=HOW) if found is None else found

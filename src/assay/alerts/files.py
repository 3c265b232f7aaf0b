"""The files of `alerts/`, read together: the alerts and channels that can be taken, and what is wrong with the rest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from assay.alerts.entry import AlertEntry, ChannelEntry
from assay.catalog.findings import Finding, nearest
from assay.catalog.list_files import Listed, Misfit, entries_of, read_list_files, take_entries
from assay.catalog.metric import Metric
from assay.catalog.quotient import sides
from assay.catalog.windows import is_of_one_period
from assay.catalog.workspace import Workspace
from assay.compiler.against import fixed_dimensions
from assay.compiler.question import Asked, Question, resolve_question
from assay.errors import BadQuestion, MetricNotFound
from assay.people.scope import EVERYTHING

FOLDER = "alerts"
_MOMENT = datetime(2024, 12, 31, 12, tzinfo=UTC)
"""At which questions are checked: always the same, and windows to date are at their longest."""
_LISTS = ("channels", "alerts")


Alert = Listed[AlertEntry]


@dataclass(frozen=True)
class Alerts:
    """By id and by name, in order of the files."""

    alerts: Mapping[str, Alert] = field(default_factory=dict[str, Alert])
    channels: Mapping[str, ChannelEntry] = field(default_factory=dict[str, ChannelEntry])
    findings: tuple[Finding, ...] = ()


def read_alerts(workspace: Workspace) -> Alerts:
    """What cannot be taken becomes a finding, and is not watched until it is mended."""
    findings: list[Finding] = []
    taken = read_list_files(workspace.root / FOLDER, _LISTS, findings)
    channels: dict[str, ChannelEntry] = {}
    for shown, marked in taken:
        for _, line, entry in entries_of(shown, marked, "channels", ChannelEntry, findings):
            if entry.name in channels:
                findings.append(Finding(shown, line, f"the channel {entry.name} stands twice", "give one another name"))
            channels.setdefault(entry.name, entry)
    alerts = take_entries(
        taken, "alerts", AlertEntry, lambda entry: faults_of_alert(entry, channels, workspace), findings
    )  # fmt: skip
    return Alerts(alerts, channels, tuple(findings))


def faults_of_alert(
    entry: AlertEntry, channels: Mapping[str, ChannelEntry], workspace: Workspace
) -> Iterator[Misfit]:  # fmt: skip
    """Each thing for which it cannot be watched."""
    for place, names in ((("tell",), entry.tell), (("escalate", "tell"), entry.escalate.tell if entry.escalate else ())):
        for name in names:
            if name not in channels:
                yield place, f"there is no channel {name!r}", nearest(name, set(channels)) or "name it under channels:", None
    if entry.question is None:
        return
    try:
        question = resolve_question(entry.question.metrics, watched_question(entry), workspace, _MOMENT, EVERYTHING)
    except MetricNotFound as error:
        yield ("question", "metrics", 0), _begun(error.detail), error.mend, entry.metric_id
        return
    except BadQuestion as error:
        path = [int(part) if part.isdigit() else part for part in str(error.extra.get("field") or "").split(".") if part]
        yield ("question", *path), _begun(error.detail), error.mend, None
        return
    metric = question.metrics[0]
    if metric.metric_id not in workspace.metrics:
        yield ("question", "metrics", 0), f"{metric.metric_id} is not a metric of its own", "name a metric of metrics/", None
        return
    kind, bounds = entry.when.kind, question.bounds
    if kind in ("above", "below", "outside") and not metric.type.is_number:
        yield (
            ("when",),
            f"{metric.metric_id} is a {metric.type.kind}, and only numbers are above or below anything",
            None,
            None,
        )
    if kind in ("stale", "outside") and not metric.has_time:
        yield ("when",), f"{metric.metric_id} counts what is there at an instant, and its rows have no time", None, None
    is_so_far = bounds is not None and question.grain is None and bounds.end >= question.as_of
    if kind == "below" and entry.when.change is None and is_so_far and not is_rate(metric):
        yield (("when", "below"), "a figure whose window is not over is below many a number for a while",
               "write window: yesterday or last 7 whole days, grain: day, or when: {change: previous_period, below: -10%}",
               None)  # fmt: skip
    if entry.when.change == "target":
        yield from _target_misfits(question, workspace)
    if kind == "missing" and is_so_far:
        yield (("when", "missing"), "a window that is not over may be without rows for a while",
               "write window: yesterday, or grain: day", None)  # fmt: skip


def _target_misfits(question: Question, workspace: Workspace) -> Iterator[Misfit]:
    """What has no target at any time, whatever is written in targets/ for this period or that."""
    name, place = question.metrics[0].metric_id, ("when", "change")
    if name not in workspace.targets:
        yield place, f"no target is written for {name}", "write one in targets/", None
    if fixed_dimensions(question) is None:
        what = "rows that are chosen in another way than by one value of a dimension have no target"
        yield ("question", "filters"), what, "write filters with eq, and one value", None
    if question.bounds is not None and not is_of_one_period(question.bounds.name or ""):
        mend = "write window: month_to_date, or previous_month"
        yield ("question", "window"), "a window that is not one period has no target", mend, None


def _begun(detail: str) -> str:
    text = detail.rstrip(".")
    return text[:1].lower() + text[1:] if text.startswith(("There ", "The ")) else text


def is_rate(metric: Metric) -> bool:
    """Whether it stays as large as it is while rows come in: a quotient of two that grow together."""
    return sides(metric) is not None


def watched_question(entry: AlertEntry) -> Asked:
    """What is asked for the condition: with the comparison, or with the weeks that say what is usual."""
    asked = entry.asked
    if entry.when.change == "target":
        return asked.model_copy(update={"targets": True})
    if entry.when.change:
        return asked.model_copy(update={"compare": entry.when.change})
    if entry.when.kind == "outside":
        return Asked.model_validate(
            {**asked.model_dump(exclude_defaults=True), "window": {"start": "-9 weeks", "end": "now"}}
        )
    return asked

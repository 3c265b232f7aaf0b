"""The files of `reports/`, read together: those that can be sent, and what is wrong with the rest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from assay.alerts.entry import ChannelEntry
from assay.catalog.findings import Finding, nearest
from assay.catalog.list_files import entries_of, read_list_files
from assay.catalog.workspace import Workspace
from assay.reports.entry import ReportEntry
from assay.widgets.dashboard_files import DashboardFiles

FOLDER = "reports"


@dataclass(frozen=True)
class Report:
    entry: ReportEntry
    file: str
    line: int


@dataclass(frozen=True)
class ReportFiles:
    """By id, in order of the files."""

    reports: Mapping[str, Report] = field(default_factory=dict[str, Report])
    findings: tuple[Finding, ...] = ()


def read_reports(workspace: Workspace, dashboards: DashboardFiles, channels: Mapping[str, ChannelEntry]) -> ReportFiles:
    """What cannot be taken becomes a finding, and is not sent until it is mended."""
    findings: list[Finding] = []
    found: dict[str, Report] = {}
    for shown, marked in read_list_files(workspace.root / FOLDER, ("reports",), findings):
        for index, line, entry in entries_of(shown, marked, "reports", ReportEntry, findings):
            faults = [
                Finding(shown, marked.line(("reports", index, place)) or line, f"{entry.id}: {message}", mend)
                for place, message, mend in _faults_of(entry, dashboards, channels)
            ]
            if entry.id in found:
                mend = "give one of them another id"
                faults.append(
                    Finding(shown, line, f"the report {entry.id} stands twice (first in {found[entry.id].file})", mend)
                )
            findings += faults
            if not faults:
                found[entry.id] = Report(entry, shown, line)
    return ReportFiles(found, tuple(findings))


def _faults_of(
    entry: ReportEntry, dashboards: DashboardFiles, channels: Mapping[str, ChannelEntry]
) -> Iterator[tuple[str, str, str | None]]:
    """(place, what, mend) of each thing for which it cannot be sent."""
    if entry.dashboard not in dashboards.files:
        mend = nearest(entry.dashboard, set(dashboards.files)) or "name the dashboard_id of a file of dashboards/"
        yield "dashboard", f"no file has a dashboard {entry.dashboard!r}", mend
    for name in entry.tell:
        if name not in channels:
            mend = nearest(name, set(channels)) or "name it under channels: in alerts/"
            yield "tell", f"there is no channel {name!r}", mend
        elif channels[name].kind != "mail":
            yield (
                "tell",
                f"{name} is a channel of kind {channels[name].kind}, and a report is a mail",
                "name a channel of mail",
            )

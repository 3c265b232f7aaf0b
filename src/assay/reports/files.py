"""The files of `reports/`, read together: those that can be sent, and what is wrong with the rest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from assay.alerts.entry import ChannelEntry
from assay.catalog.findings import Finding, nearest
from assay.catalog.list_files import Listed, Misfit, read_list_files, take_entries
from assay.catalog.workspace import Workspace
from assay.reports.entry import ReportEntry
from assay.widgets.dashboard_files import DashboardFiles

FOLDER = "reports"


Report = Listed[ReportEntry]


@dataclass(frozen=True)
class ReportFiles:
    """By id, in order of the files."""

    reports: Mapping[str, Report] = field(default_factory=dict[str, Report])
    findings: tuple[Finding, ...] = ()


def read_reports(workspace: Workspace, dashboards: DashboardFiles, channels: Mapping[str, ChannelEntry]) -> ReportFiles:
    """What cannot be taken becomes a finding, and is not sent until it is mended."""
    findings: list[Finding] = []
    read = read_list_files(workspace.root / FOLDER, ("reports",), findings)
    found = take_entries(read, "reports", ReportEntry, lambda entry: _misfits_of(entry, dashboards, channels), findings)
    return ReportFiles(found, tuple(findings))


def _misfits_of(
    entry: ReportEntry, dashboards: DashboardFiles, channels: Mapping[str, ChannelEntry]
) -> Iterator[Misfit]:  # fmt: skip
    """Each thing for which it cannot be sent."""
    if entry.dashboard not in dashboards.files:
        mend = nearest(entry.dashboard, set(dashboards.files)) or "name the dashboard_id of a file of dashboards/"
        yield ("dashboard",), f"no file has a dashboard {entry.dashboard!r}", mend, None
    for name in entry.tell:
        if name not in channels:
            mend = nearest(name, set(channels)) or "name it under channels: in alerts/"
            yield ("tell",), f"there is no channel {name!r}", mend, None
        elif channels[name].kind != "mail":
            what = f"{name} is a channel of kind {channels[name].kind}, and a report is a mail"
            yield ("tell",), what, "name a channel of mail", None

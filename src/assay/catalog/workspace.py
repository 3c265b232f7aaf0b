"""A workspace read from its folder: assay.yaml, dictionary and metrics as one immutable snapshot.

Routing and dashboards are files of the workspace too; their rooms read them.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assay.catalog.calendars import DAYS, Calendar, spoken
from assay.catalog.census import Census
from assay.catalog.colours import Chosen, HueName, chosen_of, colour_findings, lines_of
from assay.catalog.dictionary import Dictionary, files_of, read_dictionary
from assay.catalog.entities import read_entities
from assay.catalog.entry import EntityEntry
from assay.catalog.faults import faults_of
from assay.catalog.findings import BEGUN, Finding, fold
from assay.catalog.fiscal import DayName, FiscalYear, fiscal_periods
from assay.catalog.folder import unread
from assay.catalog.hierarchies import Hierarchy
from assay.catalog.last_good import LastGood
from assay.catalog.marked_yaml import BadYaml, read_yaml
from assay.catalog.metric import Metric
from assay.catalog.period_files import read_periods
from assay.catalog.pieces import Pieces, Waiting
from assay.catalog.targets import Targets, read_targets
from assay.errors import WorkspaceBroken

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}")


@dataclass(frozen=True)
class BackendSettings:
    """One named connection. `values` may hold secrets: they are never shown, logged or hashed."""

    name: str
    driver: str
    values: Mapping[str, str]
    missing: tuple[str, ...]
    """Environment variables that the settings name and nobody has set."""
    line: int | None

    def file_in(self, home: Path) -> Path:
        """Of a driver that reads a file: where it lies, in the state folder unless its path says otherwise."""
        return home / Path(self.values["path"]).expanduser()

    def __repr__(self) -> str:
        return f"BackendSettings({self.name!r}, {self.driver!r}, missing={self.missing!r})"


class _CalendarYaml(BaseModel):
    model_config = ConfigDict(extra="forbid")

    week_starts: DayName = "monday"
    fiscal_year: FiscalYear | None = None


class _AssayYaml(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")
    label: str
    timezone: str = "UTC"
    calendar: _CalendarYaml = _CalendarYaml()
    synthetic: bool = False
    seed: Literal["demo"] | None = None
    unproved_joins: Literal["refuse", "say"] = "refuse"
    four_eyes: bool = False
    receipts_name_asker: bool = False
    colours: dict[str, dict[str, HueName]] = Field(default_factory=dict)
    backends: dict[str, dict[str, str | int | bool]]


@dataclass(frozen=True)
class WorkspaceSettings:
    """What assay.yaml says."""

    name: str
    label: str
    timezone: str
    synthetic: bool
    seed: str | None
    unproved_joins: Literal["refuse", "say"]
    """What is done with a question whose join relies on a key that was never proved unique."""
    four_eyes: bool
    """Whether routes, accepted differences, drafts and definitions take effect by two persons only."""
    receipts_name_asker: bool
    """Whether a receipt says whom its answer was calculated for."""
    backends: dict[str, BackendSettings]
    calendar: Calendar
    """Without the periods of files."""
    colours: Chosen
    colour_lines: Mapping[tuple[str, str], int | None]


@dataclass(frozen=True)
class Workspace:
    root: Path
    settings: WorkspaceSettings
    dictionary: Dictionary
    entities: Mapping[str, EntityEntry]
    """What tables offer to their metrics, by qualified name."""
    hierarchies: Mapping[str, tuple[Hierarchy, ...]]
    """Along which their dimensions are gone down, by qualified name too."""
    metrics: dict[str, Metric]
    calendar: Calendar
    """What its days are divided into."""
    findings: tuple[Finding, ...]
    version: str
    held: Mapping[str, str]
    """Metrics of which the last good definition serves, and why."""
    good: LastGood
    """What serves now, to be kept for when a piece of it cannot be taken over any more."""
    waiting: Mapping[str, Waiting]
    """Definitions that wait for a second person, by metric."""
    ends_four_eyes: bool
    """Whether assay.yaml asks for two persons no more, while they are asked for still."""
    targets: Targets
    """What its metrics are meant to come to."""

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def label(self) -> str:
        return self.settings.label

    @property
    def timezone(self) -> str:
        return self.settings.timezone

    @property
    def synthetic(self) -> bool:
        return self.settings.synthetic

    @property
    def seed(self) -> str | None:
        return self.settings.seed

    @property
    def backends(self) -> dict[str, BackendSettings]:
        return self.settings.backends

    @cached_property
    def census(self) -> Census:
        """What can be asked without a metric."""
        return Census(self.metrics, self.dictionary)

    @property
    def lakes(self) -> list[BackendSettings]:
        """The backends that are files of DuckDB."""
        return [each for each in self.backends.values() if each.driver == "duckdb" and each.values.get("path")]

    @property
    def unproved_joins(self) -> Literal["refuse", "say"]:
        return self.settings.unproved_joins

    @property
    def four_eyes(self) -> bool:
        return self.settings.four_eyes

    @property
    def colours(self) -> Chosen:
        return self.settings.colours

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def routing_file(self) -> Path:
        return self.root / "config" / "metric_routing.yaml"


def load_workspace(
    root: Path, environment: Mapping[str, str] = os.environ, last: LastGood | None = None, serving: Workspace | None = None,
    confirmed: Mapping[str, str] | None = None,
) -> Workspace:  # fmt: skip
    """Read the folder. Content that is wrong becomes findings; for each piece of it the `last` good one serves, where there
    is one, and it is left out where there is none. `confirmed`: where two persons are asked for, the marks of definitions
    that may take the place of the last good ones.

    Raises WorkspaceBroken where nothing can be served: no folder, or an assay.yaml that cannot be read; in the place of
    that one the settings of `serving` hold.
    """
    findings: list[Finding] = []
    last = last or LastGood()
    try:
        settings = _read_settings(root, environment)
    except WorkspaceBroken as error:
        if serving is None:
            raise
        why = why_broken(error)
        findings.append(replace(why, mend=_also(why.mend, "the last good settings hold")))
        settings = serving.settings
    ends_four_eyes = confirmed is not None and not settings.four_eyes
    if ends_four_eyes:
        settings = replace(settings, four_eyes=True)
        findings.append(Finding("assay.yaml", None, "four_eyes is no longer asked for, which waits for a second person",
                                "confirm it on the page, under Waiting; or put  four_eyes: true  back"))  # fmt: skip
    files = files_of(root / "data-dictionary")
    dictionary = now = read_dictionary(files)
    version = now.version
    held = last.dictionary_as_of(last.dictionary, now, is_whole=False) if now.findings else None
    if held is not None:
        dictionary, version, files = held, last.dictionary or "", last.dictionaries[last.dictionary or ""]
        findings += [replace(each, mend=_also(each.mend, "the last good dictionary serves")) for each in now.findings]
    else:
        findings += now.findings
    for table in dictionary.tables.values():
        for name in table.backends:
            if name not in settings.backends:
                findings.append(Finding("data-dictionary/table_catalog.csv", table.line,
                                        f"{table.qualified} lies in {name!r}, which assay.yaml does not name",
                                        f"use one of {', '.join(settings.backends)}"))  # fmt: skip
    entities = read_entities(root, dictionary)
    periods = read_periods(root, last.calendars)
    calendar = Calendar(settings.calendar.week_starts, {**settings.calendar.periods, **periods.grains})
    pieces = Pieces(root, dictionary, version, last, now, entities, calendar, confirmed)
    pieces.read()
    findings += [*entities.findings, *pieces.findings, *unread(root)]
    if not (pieces.metrics or dictionary.tables or (root / "data-dictionary").exists() or (root / "metrics").exists()):
        findings.insert(0, Finding("assay.yaml", None, "this workspace holds no tables and no metrics yet",
                                   "add a database on the page, at /begin", names=BEGUN))  # fmt: skip
    findings += colour_findings(settings.colours, settings.colour_lines, pieces.metrics)
    findings += [*periods.findings, *_divided_by(calendar, pieces)]
    targets, wrong = read_targets(root, pieces.metrics, calendar)
    findings += wrong
    digest = hashlib.sha256(f"{pieces.dictionary.version}{calendar.mark}".encode())
    for name in pieces.metrics:
        good = pieces.good[name]
        digest.update(repr((good.entry.model_dump_json(), good.file, good.line)).encode())
    digest.update(repr(targets).encode() if targets else b"")
    if any(entities.hierarchies.values()):
        levels = sorted((table, each.name, each.label, [level.meaning for level in each.levels])
                        for table, own in entities.hierarchies.items() for each in own)  # fmt: skip
        digest.update(repr(levels).encode())
    needed = {version, *(each.dictionary for each in pieces.good.values())}
    dictionaries = {each: known for each, known in {**last.dictionaries, version: files}.items() if each in needed}
    good = LastGood(pieces.good, dictionaries, None if now.findings and held is None else version, periods.texts)
    return Workspace(
        root, settings, pieces.dictionary, entities.known, entities.hierarchies, pieces.metrics, calendar,
        tuple(fold(findings)), digest.hexdigest()[:16], pieces.held, good, pieces.waiting, ends_four_eyes, targets,
    )  # fmt: skip


def _divided_by(calendar: Calendar, pieces: Pieces) -> Iterator[Finding]:
    """Metrics whose meaning rests on weeks or periods of the calendar have these in their version; one that names periods
    which the workspace has not is left out.
    """
    for name, metric in list(pieces.metrics.items()):
        grains = metric.calendar_grains
        lacking = next((each for each in grains if each != "week" and each not in calendar.periods), None)
        if lacking:
            yield Finding(metric.file, metric.line, f"{name}: this workspace has no {spoken(lacking)}s",
                          "say in assay.yaml what its fiscal year is, under calendar", metric_id=name)  # fmt: skip
            del pieces.metrics[name], pieces.good[name]
        else:
            pieces.metrics[name] = replace(metric, version=version_in(calendar, metric))


def version_in(calendar: Calendar, metric: Metric) -> str:
    """The version of a metric whose weeks and periods are those of the calendar."""
    mark = calendar.mark_of(metric.calendar_grains)
    return hashlib.sha256(f"{metric.version}{mark}".encode()).hexdigest()[:16] if mark else metric.version


def _also(mend: str | None, more: str) -> str:
    return f"{mend}; {more}" if mend else more


def _read_settings(root: Path, environment: Mapping[str, str]) -> WorkspaceSettings:
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "is no folder"
        raise WorkspaceBroken(f"{root} {what}.", mend="name a folder that holds assay.yaml")
    file = "assay.yaml"
    try:
        marked = read_yaml(root / file)
    except BadYaml as error:
        raise _broken(file, error.line, str(error), error.mend) from error
    try:
        settings = _AssayYaml.model_validate(marked.data)
    except ValidationError as error:
        fault = faults_of(error.errors(), _AssayYaml)[0]
        raise _broken(file, marked.line(fault.place), fault.told_of("the file"), fault.mend) from error
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        line, mend = marked.line(("timezone",)), "write one such as Europe/Paris"
        raise _broken(file, line, f"no time zone {settings.timezone!r}", mend) from error
    backends = {
        name: _backend(name, values, environment, marked.line(("backends", name)))
        for name, values in settings.backends.items()
    }
    chosen = chosen_of(settings.colours)
    return WorkspaceSettings(
        settings.name,
        settings.label,
        settings.timezone,
        settings.synthetic,
        settings.seed,
        settings.unproved_joins,
        settings.four_eyes,
        settings.receipts_name_asker,
        backends,
        _calendar(settings.calendar),
        chosen,
        lines_of(chosen, marked),
    )


def _calendar(said: _CalendarYaml) -> Calendar:
    return Calendar(DAYS.index(said.week_starts), fiscal_periods(said.fiscal_year) if said.fiscal_year else {})


def _broken(file: str, line: int | None, message: str, mend: str | None) -> WorkspaceBroken:
    return WorkspaceBroken(f"{file}:{line or 1}: {message}", mend=mend, line=line or 1, message=message)


def why_broken(error: WorkspaceBroken) -> Finding:
    """What keeps a workspace from being served at all, as a finding of its assay.yaml."""
    return Finding("assay.yaml", error.extra.get("line"), error.extra.get("message", error.detail), error.mend)


def _backend(
    name: str, values: dict[str, str | int | bool], environment: Mapping[str, str], line: int | None
) -> BackendSettings:
    missing: list[str] = []

    def substitute(match: re.Match[str]) -> str:
        value = environment.get(match[1]) or match[2]
        if value is None:
            missing.append(match[1])
        return value or ""

    filled = {key: _VARIABLE.sub(substitute, str(value)) for key, value in values.items()}
    return BackendSettings(name, filled.pop("driver", name), filled, tuple(dict.fromkeys(missing)), line)

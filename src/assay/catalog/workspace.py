"""A workspace read from its folder: assay.yaml, dictionary and metrics as one immutable snapshot.

Routing and dashboards are files of the workspace too; their rooms read them.
"""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assay.catalog.dictionary import Dictionary, content_of, load_dictionary
from assay.catalog.faults import faults_of
from assay.catalog.findings import Finding
from assay.catalog.formula import BadFormula
from assay.catalog.marked_yaml import BadYaml, MarkedYaml, read_yaml
from assay.catalog.metric import Binder, Metric, MetricEntry
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

    def __repr__(self) -> str:
        return f"BackendSettings({self.name!r}, {self.driver!r}, missing={self.missing!r})"


class _AssayYaml(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")
    label: str
    timezone: str = "UTC"
    synthetic: bool = False
    seed: Literal["demo"] | None = None
    unproved_joins: Literal["refuse", "say"] = "refuse"
    backends: dict[str, dict[str, str | int | bool]]


@dataclass(frozen=True)
class Workspace:
    root: Path
    name: str
    label: str
    timezone: str
    synthetic: bool
    seed: str | None
    backends: dict[str, BackendSettings]
    dictionary: Dictionary
    metrics: dict[str, Metric]
    findings: tuple[Finding, ...]
    version: str
    unproved_joins: Literal["refuse", "say"]
    """What is done with a question whose join relies on a key that was never proved unique."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def routing_file(self) -> Path:
        return self.root / "config" / "metric_routing.yaml"


def load_workspace(root: Path, environment: Mapping[str, str] = os.environ) -> Workspace:
    """Read the folder. Content that is wrong becomes findings, and what they touch is left out.

    Raises WorkspaceBroken only where nothing can be served: no folder, or an assay.yaml that cannot be read.
    """
    settings, marked = _read_settings(root)
    backends = {
        name: _backend(name, values, environment, marked.line(("backends", name)))
        for name, values in settings.backends.items()
    }
    dictionary = load_dictionary(root / "data-dictionary")
    findings = list(dictionary.findings)
    for table in dictionary.tables.values():
        for name in table.backends:
            if name not in backends:
                findings.append(Finding("data-dictionary/table_catalog.csv", table.line,
                                        f"{table.qualified} lies in {name!r}, which assay.yaml does not name",
                                        f"use one of {', '.join(backends)}"))  # fmt: skip
    metrics = _read_metrics(root, dictionary, findings)
    digest = hashlib.sha256("".join([dictionary.version, *(m.version for m in metrics.values())]).encode())
    for path in sorted((root / "metrics").glob("*.y*ml")):
        digest.update(content_of(path))
    return Workspace(
        root, settings.name, settings.label, settings.timezone, settings.synthetic, settings.seed, backends,
        dictionary, metrics, tuple(findings), digest.hexdigest()[:16], settings.unproved_joins,
    )  # fmt: skip


def _read_settings(root: Path) -> tuple[_AssayYaml, MarkedYaml]:
    file = root / "assay.yaml"
    if not root.is_dir():
        raise WorkspaceBroken(f"{root} is no folder", mend="name a folder that holds assay.yaml")
    try:
        marked = read_yaml(file)
    except BadYaml as error:
        raise _broken(file, error.line, str(error), "mend the YAML") from error
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
    return settings, marked


def _broken(file: Path, line: int | None, message: str, mend: str | None) -> WorkspaceBroken:
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


def _read_metrics(root: Path, dictionary: Dictionary, findings: list[Finding]) -> dict[str, Metric]:
    entries: dict[str, tuple[MetricEntry, str, int]] = {}
    files = sorted((root / "metrics").glob("*.y*ml"))
    if not files:
        findings.append(Finding("metrics/", None, "no metrics", "add a YAML file with a list `metrics:`"))
    for path in files:
        _read_entries(path, f"metrics/{path.name}", entries, findings)
    binder, metrics = Binder(dictionary), {}
    # Derived metrics come after what they are made of, whatever order the files have them in.
    waiting = sorted(entries.values(), key=lambda item: item[0].expression is not None)
    failed: list[tuple[tuple[MetricEntry, str, int], str]] = []
    for _ in range(len(waiting) + 1):
        failed = []
        for item in waiting:
            entry, file, line = item
            try:
                metrics[entry.id] = (
                    binder.derive(entry, metrics, entries, file, line)
                    if entry.expression
                    else binder.bind(entry, file, line)
                )
            except BadFormula as error:
                failed.append((item, str(error)))
        if len(failed) in (0, len(waiting)):
            break
        waiting = [item for item, _ in failed]
    for (entry, file, line), message in failed:
        findings.append(Finding(file, line, f"{entry.id}: {message}", metric_id=entry.id))
    return {name: metrics[name] for name in entries if name in metrics}


def _read_entries(path: Path, shown: str, entries: dict[str, tuple[MetricEntry, str, int]], findings: list[Finding]) -> None:
    try:
        marked = read_yaml(path)
    except BadYaml as error:
        findings.append(Finding(shown, error.line, str(error), "mend the YAML"))
        return
    listed = marked.data.get("metrics") if isinstance(marked.data, dict) else None
    if not isinstance(listed, list):
        findings.append(Finding(shown, 1, "holds no list `metrics:`", "begin the file with metrics:"))
        return
    for index, raw in enumerate(listed):
        line = marked.line(("metrics", index)) or 1
        try:
            entry = MetricEntry.model_validate(raw)
        except ValidationError as error:
            name = raw.get("id") if isinstance(raw, dict) else None
            for fault in faults_of(error.errors(), MetricEntry):
                place = marked.line(("metrics", index, *fault.place)) or line
                text = f"{name or 'entry ' + str(index + 1)}: {fault.told_of('')}"
                findings.append(Finding(shown, place, text, fault.mend, name if isinstance(name, str) else None))
            continue
        if entry.id in entries:
            first = entries[entry.id]
            findings.append(Finding(shown, line, f"metric {entry.id} stands twice (first in {first[1]}:{first[2]})",
                                    "give one of them another id", entry.id))  # fmt: skip
            continue
        entries[entry.id] = (entry, shown, line)

"""`config/metric_routing.yaml`: one line a metric, read with its lines and changed a line at a time."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from assay.catalog.findings import Finding
from assay.catalog.marked_yaml import BadYaml, read_yaml
from assay.errors import RouteRefused

SHOWN = "config/metric_routing.yaml"


@dataclass(frozen=True, slots=True)
class RouteLine:
    metric_id: str
    backend: str
    line: int


@dataclass(frozen=True, slots=True)
class RoutingFile:
    """What the file asks for; `readable` is False where it cannot be read at all."""

    lines: dict[str, RouteLine]
    findings: tuple[Finding, ...]
    readable: bool


def read_routing_file(path: Path) -> RoutingFile:
    try:
        marked = read_yaml(path)
    except BadYaml as error:
        return RoutingFile({}, (Finding(SHOWN, error.line, str(error), "the last good routing serves"),), False)
    listed = marked.data.get("metrics") if isinstance(marked.data, dict) else None
    if not isinstance(listed, dict):
        finding = Finding(SHOWN, 1, "holds no mapping `metrics:`", "begin the file with metrics:")
        return RoutingFile({}, (finding,), False)
    lines: dict[str, RouteLine] = {}
    findings = [
        Finding(SHOWN, marked.line((key,)), f"{key!r} is not known here", "the file holds metrics: and nothing else")
        for key in marked.data
        if key != "metrics"
    ]
    for metric_id, entry in listed.items():
        line = marked.line(("metrics", metric_id)) or 1
        backend = entry.get("backend") if isinstance(entry, dict) else None
        if not isinstance(backend, str) or set(entry) != {"backend"}:
            findings.append(
                Finding(SHOWN, line, f"{metric_id}: cannot be read", "write {backend: NAME}", metric_id=metric_id)
            )
            continue
        lines[metric_id] = RouteLine(metric_id, backend, line)
    return RoutingFile(lines, tuple(findings), True)


def write_route(path: Path, metric_id: str, backend: str) -> None:
    """Change the one line, keep the rest of the file to the letter, and replace the file at once."""
    before = path.read_bytes().decode("utf-8-sig") if path.exists() else "metrics:\n"
    form = re.compile(rf"^(\s+{re.escape(metric_id)}\s*:\s*\{{[^}}\n]*?\bbackend\s*:\s*)([\w\"'-]+)", re.MULTILINE)
    block = re.compile(rf"^(\s+{re.escape(metric_id)}\s*:\s*\n\s+backend\s*:\s*)([\w\"'-]+)", re.MULTILINE)
    for each in (form, block):
        after, found = each.subn(lambda match: match[1] + backend, before)
        if found == 1:
            break
    else:
        if re.search(rf"^\s+{re.escape(metric_id)}\s*:", before, re.MULTILINE):
            raise RouteRefused(
                f"{SHOWN}: the line of {metric_id} is not of the form {{backend: NAME}}.", mend="edit it by hand"
            )
        after = before.rstrip("\n") + f"\n  {metric_id}: {{backend: {backend}}}\n"
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_text(after, encoding="utf-8")
        os.replace(fresh, path)
    except OSError as error:
        raise RouteRefused(f"{SHOWN} cannot be written: {error.strerror}.", mend="make the workspace writable") from error

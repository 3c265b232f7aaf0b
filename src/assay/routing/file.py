"""`config/metric_routing.yaml`: one line a metric, read with its lines and changed a line at a time."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assay.catalog.findings import BEGUN, Finding
from assay.catalog.marked_yaml import BadYaml, MarkedYaml, parse_yaml, read_yaml
from assay.errors import RouteRefused
from assay.work.files import mend_of, read_file, write_file

SHOWN = "config/metric_routing.yaml"


@dataclass(frozen=True, slots=True)
class RouteLine:
    metric_id: str
    backend: str
    line: int
    shadow: str | None = None
    """A backend on which a sample of the live questions is asked too, and compared."""
    clean_comparisons: int = 0
    """So many clean comparisons in a row, on its shadow, are wanted before the metric may move there."""


@dataclass(frozen=True, slots=True)
class RoutingFile:
    """What the file asks for; `readable` is False where it cannot be read at all."""

    lines: dict[str, RouteLine]
    findings: tuple[Finding, ...]
    readable: bool


def read_routing_file(path: Path) -> RoutingFile:
    """Anything wrong with the file is a finding."""
    try:
        return _routing(read_yaml(path))
    except BadYaml as error:
        return _unreadable(error)
    except OSError as error:
        return _unreadable(BadYaml(f"the file cannot be read: {error.strerror}", None))


def parse_routing(text: str) -> RoutingFile:
    try:
        return _routing(parse_yaml(text))
    except BadYaml as error:
        return _unreadable(error)


def _unreadable(error: BadYaml) -> RoutingFile:
    also = "the last good routing serves"
    found = tuple(replace(each, mend=f"{each.mend}; {also}", wants=BEGUN) for each in error.findings(SHOWN))
    return RoutingFile({}, found, False)


def _routing(marked: MarkedYaml) -> RoutingFile:
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
        read = _route_line(metric_id, entry, line)
        if isinstance(read, RouteLine):
            lines[metric_id] = read
        else:
            findings.append(Finding(SHOWN, line, f"{metric_id}: {read[0]}", read[1], metric_id=metric_id))
    return RoutingFile(lines, tuple(findings), True)


def _route_line(metric_id: str, entry: Any, line: int) -> RouteLine | tuple[str, str]:
    """The line read, or what is wrong with it and the mend."""
    if not isinstance(entry, dict) or not isinstance(entry.get("backend"), str):
        return "cannot be read", "write {backend: NAME}"
    unknown = set(entry) - {"backend", "shadow", "clean_comparisons"}
    if unknown:
        known = "a route has backend, and may have shadow and clean_comparisons"
        return f"{', '.join(sorted(map(str, unknown)))} is not known here", known
    shadow, clean = entry.get("shadow"), entry.get("clean_comparisons", 0)
    if shadow is not None and not isinstance(shadow, str):
        return "shadow is no name", "write {backend: NAME, shadow: NAME}"
    if not isinstance(clean, int) or isinstance(clean, bool) or not 0 <= clean <= 1_000:
        return "clean_comparisons is no number from 0 to 1,000", "write for instance clean_comparisons: 20"
    return RouteLine(metric_id, entry["backend"], line, shadow, clean)


def write_routes(path: Path, routes: dict[str, str]) -> None:
    """Change the lines of these metrics, keep the rest of the file to the letter, and replace the file at once.

    Raises RouteRefused where that cannot be done. One writer at a time, whichever process it is in.
    """
    path = path.resolve()
    try:
        with _held(path.parent):
            before = read_file(path).decode() if path.exists() else "metrics:\n"
            write_file(path, _with_routes(before, routes), 0o644)
    except UnicodeDecodeError as error:
        raise RouteRefused(f"{SHOWN} is not UTF-8.", mend="save it as UTF-8 first") from error
    except OSError as error:
        mend = mend_of(error, "make the workspace writable")
        raise RouteRefused(f"{SHOWN} cannot be written: {error.strerror}.", mend=mend) from error


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """The folder's lock, which goes with whoever holds it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _with_routes(before: str, routes: dict[str, str]) -> str:
    before = _begun(before)
    known = _lines_of(before)
    there = {each: line.backend for each, line in known.lines.items()}
    fresh = {each: backend for each, backend in routes.items() if each not in there}
    # Many at once: a file that is read anew for each of them would be read for minutes.
    after = _appended(before, fresh)
    if len(fresh) > 1 and known.readable and _says(after, {**there, **fresh}):
        before, routes = after, {each: backend for each, backend in routes.items() if each in there}
    for metric_id, backend in routes.items():
        before = _with_route(before, metric_id, backend)
    return before


def _begun(text: str) -> str:
    """With the list that lines are added to, where the file is empty."""
    with suppress(BadYaml):
        if parse_yaml(text.removeprefix("\ufeff")).data is None:
            return f"{_ended(text)}metrics:\n"
    return text


def _lines_of(text: str) -> RoutingFile:
    """As whoever writes reads it: a bare `metrics:` has no lines yet."""
    text = text.removeprefix("\ufeff")
    with suppress(BadYaml):
        if parse_yaml(text).data == {"metrics": None}:
            return RoutingFile({}, (), True)
    return parse_routing(text)


def _appended(before: str, routes: dict[str, str]) -> str:
    end = "\r\n" if "\r\n" in before else "\n"
    lines = "".join(f"  {metric_id}: {{backend: {backend}}}{end}" for metric_id, backend in routes.items())
    return f"{_ended(before)}{lines}"


def _ended(text: str) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    return text if text.endswith(end) or not text.strip("\ufeff") else f"{text}{end}"


def _says(text: str, wanted: dict[str, str]) -> bool:
    found = parse_routing(text.removeprefix("\ufeff"))
    return found.readable and {each: line.backend for each, line in found.lines.items()} == wanted


def _with_route(before: str, metric_id: str, backend: str) -> str:
    known = _lines_of(before)
    if not known.readable:
        wrong = known.findings[0]
        raise RouteRefused(f"{wrong} So nothing is written into it.", mend="mend the file, then try again")
    name = re.escape(metric_id)
    braces = rf"^([ \t]+{name}[ \t]*:[ \t]*\{{[^}}\n]*?\bbackend[ \t]*:[ \t]*)([^\s,}}]+)"
    block = rf"^([ \t]+{name}[ \t]*:[ \t]*\r?\n[ \t]+backend[ \t]*:[ \t]*)([^\s#]+)"
    tries = [re.sub(form, lambda match: match[1] + backend, before, count=1, flags=re.MULTILINE) for form in (braces, block)]
    wanted = {**{each: line.backend for each, line in known.lines.items()}, metric_id: backend}
    for after in (*tries, _appended(before, {metric_id: backend})):
        # Whatever the form of the file: what is written must say the new route, and all others as before.
        if _says(after, wanted):
            return after
    raise RouteRefused(f"{SHOWN}: the line of {metric_id} is not of the form {{backend: NAME}}.", mend="edit it by hand")

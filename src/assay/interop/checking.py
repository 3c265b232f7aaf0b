"""Imported metrics asked for their totals, and held against what the source said they are."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from assay.catalog.csv_file import CsvFile
from assay.catalog.findings import Finding
from assay.catalog.workspace import Workspace
from assay.errors import SetupFailed
from assay.work.files import read_file

FORMATS = ("metricflow", "cube", "metric-views", "ossie")
_HEADER = ("metric", "value")
_WINDOW = ("start", "end")
_REAL = Decimal("1e-9")
"""How far apart two real numbers may lie, as a share: engines add them up in their own order."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A total as the source gives it. `value` None: it has none there."""

    metric: str
    value: Decimal | None
    window: Mapping[str, str] | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Checked:
    metric: str
    state: str
    """equal, differs, answered (nothing to hold it against) or could_not."""
    sentence: str
    line: int | None
    """Of the file of expected values."""
    receipt: str | None


def imported_metrics(workspace: Workspace) -> list[str]:
    """Those that stand in files that imports write."""
    files = {f"metrics/{each}.yaml" for each in FORMATS}
    return [name for name, each in workspace.metrics.items() if each.file in files]


def expected_in(path: Path, known: Iterable[str]) -> list[Expected]:
    """`metric,value` of each row, with `start,end` where only days from the one until before the other are meant.

    A metric is called by its id, or as in the source, such as `orders.revenue`. Raises SetupFailed with file and line.
    """
    try:
        content: bytes | OSError = read_file(path)
    except OSError as error:
        content = error
    findings: list[Finding] = []
    reader = CsvFile(path.name, content, _HEADER, findings, optional=_WINDOW, never_empty=("metric",))
    names = set(known)
    found: list[Expected] = []
    for line, row in reader.rows():
        metric = next((each for each in _spellings(row["metric"]) if each in names), None)
        if metric is None:
            reader.note(line, f"no imported metric {row['metric']!r}", f"write one of {', '.join(sorted(names)[:5])}")
            continue
        value, window = _value(row["value"]), _days(row.get("start", ""), row.get("end", ""))
        if value is NotImplemented:
            reader.note(line, f"value {row['value']!r} is not a number", "write digits, or nothing where it has no value")
        elif window is NotImplemented:
            reader.note(line, "start and end are not two days", "write both as 2026-01-31, or neither")
        else:
            found.append(Expected(metric, value, window, line))
    if findings:
        raise SetupFailed(str(findings[0]), mend=findings[0].mend)
    return found


def _spellings(written: str) -> tuple[str, ...]:
    return written, written.replace(".", "_"), written.rpartition(".")[2]


def _value(text: str) -> Any:
    try:
        value = Decimal(text) if text else None
    except InvalidOperation:
        return NotImplemented
    return NotImplemented if value is not None and not value.is_finite() else value


def _days(start: str, end: str) -> Any:
    if not start and not end:
        return None
    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
    except ValueError:
        return NotImplemented
    return {"start": start, "end": end} if first < last else NotImplemented


def asked(expected: Expected) -> dict[str, Any]:
    """The question, as `POST /v1/data` takes it."""
    return {"metrics": [expected.metric], **({"window": dict(expected.window)} if expected.window else {})}


def totals(metrics: Iterable[str], expected: list[Expected]) -> Iterator[tuple[Expected, bool]]:
    """What is asked, and whether the source has said what it is: each metric that it says nothing of is asked too."""
    said = {each.metric for each in expected}
    yield from ((each, True) for each in expected)
    yield from ((Expected(each, None, None, None), False) for each in metrics if each not in said)


def checked(expected: Expected, is_said: bool, told: Mapping[str, Any]) -> Checked:
    """Of one entry of the answers of `POST /v1/data`. An older answer proves nothing, nor does one that is not told."""
    if told["problem"] is not None:
        return Checked(expected.metric, "could_not", told["problem"]["detail"], expected.line, None)
    answer = told["answer"]
    receipt = answer["provenance"]["receipt_id"]
    why = _why_nothing_is_proved(answer)
    if why is not None:
        return Checked(expected.metric, "could_not", why, expected.line, receipt)
    ((written,),) = answer["rows"] or ((None,),)
    shown = "no value" if written is None else str(written)
    if not is_said:
        return Checked(expected.metric, "answered", shown, None, receipt)
    value, kind = None if written is None else _value(str(written)), answer["columns"][0]["type"]
    if value is NotImplemented:
        return Checked(expected.metric, "could_not", f"its value is a {kind}: {shown}", expected.line, receipt)
    if _same(value, expected.value, kind == "double"):
        return Checked(expected.metric, "equal", shown, expected.line, receipt)
    wanted = "no value" if expected.value is None else str(expected.value)
    return Checked(expected.metric, "differs", f"{shown} here, {wanted} there", expected.line, receipt)


def _why_nothing_is_proved(answer: Mapping[str, Any]) -> str | None:
    if answer["provenance"]["stale_reason"]:
        return f"only an older answer can be had: {answer['provenance']['stale_reason']}"
    return f"it is not told: {answer['folded']['sentence']}" if "folded" in answer else None


def _same(mine: Decimal | None, theirs: Decimal | None, is_real: bool) -> bool:
    if mine is None or theirs is None:
        return mine is None and theirs is None
    return abs(mine - theirs) <= (_REAL * max(abs(mine), abs(theirs)) if is_real else 0)

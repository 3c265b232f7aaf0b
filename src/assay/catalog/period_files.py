"""Grains of a workspace's own: a CSV in `calendars/` for each, with its periods one directly behind the other."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

from assay.catalog.calendars import COMMON, FISCAL, Period, Periods
from assay.catalog.csv_file import CsvFile
from assay.catalog.findings import Finding
from assay.catalog.folder import is_content

FOLDER = "calendars"
HEADER = ("period", "first_day", "last_day")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_DAY = timedelta(days=1)
MOST = 100_000


def period_files(root: Path) -> list[Path]:
    return sorted(path for path in (root / FOLDER).glob("*.csv") if is_content(path.name))


def name_fault(name: str) -> str | None:
    """Why a grain of the workspace's own cannot be called so; None where it can."""
    if not _NAME.fullmatch(name):
        return "is not a name of small letters, digits and _"
    return "is a grain already" if name in (*COMMON, *FISCAL, "time") else None


def periods_text(periods: Iterable[tuple[str, date, date]]) -> str:
    """The file of these periods: (what it is called, first day, last day)."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([HEADER, *periods])
    return out.getvalue()


@dataclass(frozen=True)
class ReadPeriods:
    grains: dict[str, Periods]
    """Those that can be used."""
    findings: list[Finding]
    """What is wrong with the files."""
    texts: dict[str, str]
    """What each grain was read from."""


def read_periods(root: Path, last: Mapping[str, str] = MappingProxyType({})) -> ReadPeriods:
    """`last`: the texts of the last good files, which hold where the file of now cannot be used."""
    read = ReadPeriods({}, [], {})
    for path in period_files(root):
        file, name = f"{FOLDER}/{path.name}", path.stem
        if why := name_fault(name):
            read.findings.append(Finding(file, None, f"{name!r} {why}", "rename the file: its name is that of the grain"))
            continue
        try:
            content: bytes | OSError = path.read_bytes()
        except OSError as error:
            content = error
        told = list[Finding]()
        periods, end = _read(CsvFile(file, content, HEADER, told, never_empty=HEADER), told)
        if not told and not periods:
            told.append(Finding(file, None, "holds no period", f"write rows of {','.join(HEADER)}"))
        text = last.get(name) if told else bytes(content).decode() if isinstance(content, bytes) else None
        if told and text is not None:
            told = [replace(each, mend=f"{each.mend}; the last good periods hold") for each in told]
        read.findings.extend(told)
        if text is not None:
            read.grains[name] = periods_in(name, text) if told else Periods(name, periods, end)
            read.texts[name] = text
    return read


def periods_in(name: str, text: str) -> Periods:
    """The periods of a file that was read without a finding."""
    return Periods(name, *_read(CsvFile(f"{FOLDER}/{name}.csv", text.encode(), HEADER, [], never_empty=HEADER), []))


def _read(rows: CsvFile, told: list[Finding]) -> tuple[list[Period], date]:
    periods: list[Period] = []
    end = date.min
    for line, row in rows.rows():
        try:
            first, last = (date.fromisoformat(row[name]) for name in ("first_day", "last_day"))
        except ValueError:
            rows.note(line, f"{row['first_day']!r} or {row['last_day']!r} is not a day", "write 2026-11-01")
            continue
        if last < first or last == date.max:
            rows.note(line, f"{row['period']} ends before it begins", "last_day is the last day that belongs to it")
            continue
        if periods and first != end:
            what = "shares days with" if first < end else "leaves out days behind"
            rows.note(line, f"{row['period']} begins on {first}, and {what} the one before it, which ends on {end - _DAY}",
                      "periods follow one another without a gap; what lies between two is a period too")  # fmt: skip
        periods.append(Period(first, row["period"]))
        end = last + _DAY
    if len(periods) > MOST:
        told.append(Finding(rows.file, None, f"more than {MOST:,} periods", "keep those that data can lie in"))
    return periods, end

"""What the surveys of all drivers do alike: schemas that exist, a sample of the rows, the first and last days."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date

from assay.catalog.findings import nearest
from assay.catalog.found import SAMPLED_ROWS, FoundColumn, FoundTable
from assay.catalog.guesses import dictionary_type
from assay.catalog.types import parse_type
from assay.errors import SetupFailed

OWN_SCHEMA = "assay"
LOOKING_SECONDS = 60
"""So long rows are looked at in all; what has not been looked at by then is drafted from names and types alone."""
Tell = Callable[[str], None]


def check_schemas(wanted: Sequence[str], there: Iterable[str]) -> None:
    known = sorted(set(there))
    for name in wanted:
        if name not in known:
            mend = nearest(name, set(known)) or f"it has {', '.join(known) or 'none'}"
            raise SetupFailed(f"The database has no schema {name!r} with tables.", mend=mend)


def quoted(*names: str) -> str:
    """A name as both engines write it, part by part."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def sample_query(table: FoundTable, source: str, driver: str) -> tuple[str, list[str]]:
    """Counts the first rows, and the different values of each text, boolean and enum column in them; and those columns."""
    names = [each.name for each in table.columns if each.is_readable and kind_of(each, driver) in ("string", "boolean")]
    counts = "".join(f", count(DISTINCT {quoted(name)})" for name in names)
    listed = ", ".join(quoted(name) for name in names) or "1 AS one"
    return f"SELECT count(*){counts} FROM (SELECT {listed} FROM {source} LIMIT {SAMPLED_ROWS}) AS sampled", names


def days_query(table: FoundTable, source: str, driver: str) -> tuple[str, list[str]] | None:
    """The first and the last day of each time column, as text: an engine's days may be ones that no calendar here has."""
    times = ("date", "timestamp", "timestamp_ntz")
    names = [each.name for each in table.columns if each.is_readable and kind_of(each, driver) in times]
    if not names:
        return None
    edges = [f"CAST(CAST({edge}({quoted(name)}) AS date) AS text)" for edge in ("min", "max") for name in names]
    return f"SELECT {', '.join(edges)} FROM {source}", names


def kind_of(column: FoundColumn, driver: str) -> str:
    return parse_type(dictionary_type(column, driver, is_key=False)).kind


def with_sample(table: FoundTable, names: list[str], counted: Sequence[int]) -> FoundTable:
    sampled, distinct = counted[0], dict(zip(names, counted[1:], strict=True))
    rows = sampled if sampled < SAMPLED_ROWS else max(table.rows or 0, SAMPLED_ROWS)
    columns = tuple(replace(each, distinct=distinct.get(each.name)) for each in table.columns)
    return replace(table, rows=rows, sampled=sampled, columns=columns)


def with_days(table: FoundTable, names: list[str], days: Sequence[str | None]) -> FoundTable:
    first, last = dict(zip(names, days, strict=False)), dict(zip(names, days[len(names) :], strict=True))
    columns = (replace(each, first=_day(first.get(each.name)), last=_day(last.get(each.name))) for each in table.columns)
    return replace(table, columns=tuple(columns))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text and re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None


def short(error: BaseException) -> str:
    """The first line only: later ones may hold values."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200] or type(error).__name__

"""Custom granularities of a project as calendars of the workspace: what they are stands in the data of a table of days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sqlglot import exp

from assay.backends.protocol import Backend
from assay.catalog.dictionary import Dictionary, Table
from assay.catalog.formula import BadFormula
from assay.catalog.period_files import HEADER, MOST, name_fault, periods_text
from assay.engine import engine_of
from assay.errors import AssayError
from assay.gate import Policy, judge
from assay.gate.names import identifier, table_as
from assay.interop.metricflow.project import Granularity

SECONDS = 60.0
_NAMES = (*HEADER, "days")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ReadCalendar:
    """`text`: the file in calendars/, or None and why there is none."""

    of: Granularity
    text: str | None
    told: str = ""


async def read_calendars(
    granularities: Sequence[Granularity], dictionary: Dictionary, backend: Backend | None
) -> list[ReadCalendar]:  # fmt: skip
    """Each as the periods that the table of days has of it. `backend`: None where none can be opened."""
    found: list[ReadCalendar] = []
    for each in granularities:
        by_hand = f"write its periods into calendars/{each.name}.csv: then it is a grain of the workspace"
        try:
            found.append(ReadCalendar(each, await _read(each, dictionary, backend)))
        except BadFormula as error:
            found.append(ReadCalendar(each, None, f"{error}; {by_hand}"))
        except AssayError as error:
            found.append(ReadCalendar(each, None, f"its table of days could not be read: {error.detail} {by_hand}"))
    return found


async def _read(each: Granularity, dictionary: Dictionary, backend: Backend | None) -> str:
    if fault := name_fault(each.name):
        raise BadFormula(f"{each.name!r} {fault}")
    table = dictionary.find(f"{each.schema}.{each.table}" if each.schema else each.table)
    if table is None:
        raise BadFormula(f"the dictionary has no table {each.table} of days")
    for name in (each.day, each.column):
        if name not in table.columns:
            raise BadFormula(f"{table.qualified} has no column {name!r}")
    if (kind := table.columns[each.day].type.kind) not in ("date", "timestamp_ntz"):
        raise BadFormula(f"{table.qualified}.{each.day} is a {kind}, and no day")
    if backend is None:
        raise BadFormula("its table of days is in a database that cannot be opened here")
    statement = _statement(table, each)
    verdict = judge(
        statement.sql(engine_of(backend.dialect).reading.sqlglot), backend.dialect,
        Policy.from_dictionary(dictionary, max_rows=MOST + 1, default_rows=MOST + 1, backend=backend.name),
    )  # fmt: skip
    if verdict.safe is None:
        raise BadFormula(f"the statement that reads it was refused: {verdict.violations[0].message}")
    rows = await backend.run(verdict.safe, {}, verdict.safe.tables, SECONDS, {"for": "import"})
    return _written(rows.by_name(list(_NAMES)), each)


def _statement(table: Table, each: Granularity) -> exp.Select:
    """For each value of its column the first and the last of the days that have it, and how many there are."""
    label, day = (exp.column(identifier(name), table="t") for name in (each.column, each.day))
    day = exp.cast(day, "date")
    values = (label, exp.Min(this=day), exp.Max(this=day.copy()), exp.Count(this=exp.Distinct(expressions=[day.copy()])))
    select = exp.select(*[exp.alias_(value.copy(), name) for name, value in zip(_NAMES, values, strict=True)])
    select = select.from_(table_as(table.qualified, "t"), copy=False)
    return select.where(exp.not_(exp.Is(this=label.copy(), expression=exp.null())), copy=False).group_by("1", copy=False)


def _written(rows: Sequence[Sequence[Any]], each: Granularity) -> str:
    """The periods one directly behind the other. Raises BadFormula where the days that have one value are not so."""
    periods = sorted((_day(first), _day(last), _label(label), int(days)) for label, first, last, days in rows)
    if not periods or len(periods) > MOST:
        raise BadFormula(f"{each.table} has {'more than ' + format(MOST, ',') if periods else 'no'} periods of it")
    for first, last, label, days in periods:
        if (last - first).days + 1 != days:
            raise BadFormula(f"not all days from {first} to {last} are of {label}, and a period has all of its days")
    for (_, last, label, _), (first, _, following, _) in pairwise(periods):
        if first != last + _DAY:
            raise BadFormula(f"{label} ends on {last} and {following} begins on {first}, not on the day behind it")
    return periods_text([(label, first, last) for first, last, label, _ in periods])


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _label(value: Any) -> str:
    """What a period is called: a moment that is the start of a day, by its day."""
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    return str(value)

"""Times as the buckets in which they lie: `listed_on:month`, `time:fiscal_period`, in any grain that the workspace has.

Each dimension that is a day, or a time without a zone, has them, without a word of its author, and so has the time by which
the rows of a metric count, on the clock of the workspace. A dimension that is called so comes before.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from sqlglot import exp

from assay.catalog.buckets import Grain, grain_in
from assay.catalog.calendars import Calendar, NotCovered, Periods, spoken
from assay.catalog.formula import Formula
from assay.catalog.metric import Dimension, InGrain, Metric, Part
from assay.catalog.time_parts import NoPart
from assay.catalog.value_type import DATE

TIME = "time"
MOST = 20_000
"""So many periods, cut where years begin, are bound with a question."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    name: str
    base: str
    grain: Grain


def with_cut_times(metric: Metric, names: Iterable[str], calendar: Calendar) -> Metric:
    """The metric with those of these names that are times in a grain, and no dimension of its own. Raises NoPart."""
    wanted = list(_wanted(metric, names, calendar))
    if not wanted:
        return metric
    parts = tuple(
        replace(part, dimensions={**part.dimensions, **{each.name: _of(part, each, metric) for each in wanted}})
        for part in metric.parts
    )
    own = {each.name: parts[0].dimensions[each.name] for each in wanted}
    return replace(metric, parts=parts, dimensions={**metric.dimensions, **own})


def _wanted(metric: Metric, names: Iterable[str], calendar: Calendar) -> Iterator[_Wanted]:
    for name in dict.fromkeys(names):
        base, colon, unit = name.rpartition(":")
        if not colon or name in metric.dimensions or (base != TIME and base not in metric.dimensions):
            continue
        try:
            grain = grain_in(calendar, unit)
        except NotCovered as error:
            raise NoPart(f"there is no grain {unit!r} to cut {base} to; there are {', '.join(calendar.grains)}") from error
        if grain == "hour":
            raise NoPart(f"{base} is cut to days and longer grains, not to the hour")
        if isinstance(grain, Periods) and len(grain.firsts) + (grain.end.year - grain.firsts[0].year) + 1 > MOST:
            raise NoPart(
                f"there are more than {MOST:,} {spoken(unit)}s, and each is looked up; keep those that data can lie in"
            )
        yield _Wanted(name, base, grain)


def _of(part: Part, wanted: _Wanted, metric: Metric) -> Dimension:
    if wanted.base == TIME and TIME not in part.dimensions:
        return _of_own_time(part, wanted, metric)
    base = part.dimensions[wanted.base]
    if base.of_time or base.in_grain or base.column_type.kind not in ("date", "timestamp_ntz"):
        why = ("is an instant, which lies in another day from place to place: make it a column of days, or of times without"
               " a zone" if base.column_type.kind == "timestamp" else "is no time")  # fmt: skip
        raise NoPart(f"{wanted.base} {why}")
    return _cut(wanted, base.label, base.table, base, Formula(exp.column(wanted.base), DATE, base.columns, base.meaning))


def _of_own_time(part: Part, wanted: _Wanted, metric: Metric) -> Dimension:
    time = part.time
    if time is None:
        raise NoPart(f"{metric.metric_id} has no time to cut to the {spoken(wanted.grain)}")
    base = Formula(exp.column(time.name), DATE, {(time.table, time.name): time.type}, f"{time.table}.{time.name}")
    label, table = "Time", part.entity.qualified
    return replace(_cut(wanted, label, table, None, base), joins=time.joins)


def _cut(wanted: _Wanted, label: str, table: str, base: Dimension | None, read: Formula) -> Dimension:
    text = f"{wanted.grain} of {read.text}"
    return Dimension(
        wanted.name, f"{label}: {spoken(wanted.grain)}", table, None, base.joins if base else (), replace(read, text=text),
        in_grain=InGrain(base, wanted.grain),
    )  # fmt: skip


def listed_by_year(grain: Periods) -> str:
    """All of its periods as the one text that is bound, each cut where a year begins: by its year a day is found fast."""
    found: list[str] = []
    for number, first in enumerate(grain.firsts):
        begins, ends = first, grain.begins(number + 1)
        while begins < ends:
            until = min(ends, date(begins.year + 1, 1, 1))
            found.append(f"{first} {begins} {until} {date(begins.year, 1, 1)}")
            begins = until
    return ",".join(found)

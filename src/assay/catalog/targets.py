"""Targets: what a metric is meant to come to in a period, as `targets/*.yaml` says. No answer's rows rest on them.

A target is of one metric, of one bucket of a grain, and of all rows or of those with certain values of dimensions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from assay.catalog.buckets import bucket_day, grain_in, next_bucket
from assay.catalog.calendars import Calendar, NotCovered, Periods, spoken
from assay.catalog.findings import Finding, nearest
from assay.catalog.list_files import Misfit, read_list_files, take_entries
from assay.catalog.metric import Metric
from assay.catalog.parameters import read_value_of
from assay.catalog.windows import FIRST_YEAR, LAST_YEAR
from assay.catalog.zones import day_start

FOLDER = "targets"
Where = Mapping[str, str | int | bool]
_WHERE_KINDS = ("string", "integer", "boolean", "date")
"""Of dimensions whose values are one thing on every engine, and one text in an answer."""


def _exact(given: object) -> object:
    """A whole number may stand without quotes; of any other a reader of YAML makes a number that is not exact."""
    if isinstance(given, float):
        raise ValueError(f'write the number as a decimal string: "{given}"')
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


class TargetEntry(BaseModel):
    """What a metric is meant to come to in one bucket of a grain."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metric: str
    grain: Annotated[str, Field(max_length=63, description="day, week, month, quarter, year, or one of the workspace's own")]
    starts: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$", description="the first day of its period: 2026-11-01")]
    where: dict[str, str | int | bool] = Field(
        default={}, max_length=6, description="the values of dimensions whose rows it is of; left out: it is of all rows"
    )
    value: Annotated[
        str, BeforeValidator(_exact, json_schema_input_type=str | int), Field(pattern=r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$")
    ]
    note: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\r\n]+$")] | None = Field(
        default=None, description="where it comes from, such as Board plan 2026"
    )

    @model_validator(mode="after")
    def _is_of_a_day(self) -> Self:
        try:
            year = date.fromisoformat(self.starts).year
        except ValueError:
            raise ValueError(f"starts is {self.starts!r}, which the calendar does not have") from None
        if not FIRST_YEAR <= year < LAST_YEAR:
            raise ValueError(f"starts is {self.starts!r}; write a day of the years {FIRST_YEAR} to {LAST_YEAR - 1}")
        return self

    @property
    def id(self) -> str:
        """What no other target may be of."""
        where = "".join(f", {name} {value}" for name, value in sorted(self.where.items()))
        return f"{self.metric}, {spoken(self.grain)} of {self.starts}{where}"


class TargetsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    targets: tuple[TargetEntry, ...] = Field(default=(), max_length=5_000)


@dataclass(frozen=True, slots=True)
class Target:
    """`where`: by name of the dimension, in order, each value as it travels in answers. `source`: file and line."""

    metric_id: str
    grain: str
    starts: date
    where: tuple[tuple[str, str | int | bool], ...]
    value: Decimal
    note: str | None
    source: str

    def bounds(self, calendar: Calendar, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its period as instants, [start, end). Raises NotCovered where the calendar does not tell it."""
        following = next_bucket(self.starts, grain_in(calendar, self.grain))
        return day_start(self.starts, zone), day_start(following, zone)

    def period_told(self, calendar: Calendar) -> str:
        """November 2026; Q4 2026; the week of 30 Nov 2026; the calendar's own name of a period that has one."""
        grain, day = grain_in(calendar, self.grain), self.starts
        if isinstance(grain, Periods):
            return grain.label(day)
        match self.grain:
            case "year":
                return f"{day.year}"
            case "quarter":
                return f"Q{(day.month + 2) // 3} {day.year}"
            case "month":
                return f"{day:%B %Y}"
            case "week":
                return f"the week of {day.day} {day:%b %Y}"
            case _:
                return f"{day.day} {day:%b %Y}"

    def described(self) -> dict[str, Any]:
        """As it stands in questions and receipts."""
        return {
            "metric": self.metric_id, "grain": self.grain, "starts": self.starts.isoformat(), "where": dict(self.where),
            "value": format(self.value, "f"), "note": self.note, "source": self.source,
        }  # fmt: skip

    @classmethod
    def restored(cls, described: Mapping[str, Any]) -> "Target":
        """As `described` wrote it."""
        where = tuple(sorted(described["where"].items()))
        starts, value = date.fromisoformat(described["starts"]), Decimal(described["value"])
        return cls(described["metric"], described["grain"], starts, where, value, described["note"], described["source"])


Targets = Mapping[str, tuple[Target, ...]]
"""By metric, in order of the files."""


def read_targets(root: Path, metrics: Mapping[str, Metric], calendar: Calendar) -> tuple[Targets, list[Finding]]:
    """What cannot be taken becomes a finding, and nothing is held against it until it is mended."""
    findings: list[Finding] = []
    read = read_list_files(root / FOLDER, ("targets",), findings)
    taken = take_entries(
        read, "targets", TargetEntry, lambda entry: _misfits_of(entry, metrics, calendar), findings,
        twice="leave one of them out, or give it another period or other dimensions",
    )  # fmt: skip
    found: dict[str, list[Target]] = {}
    for each in taken.values():
        entry, source = each.entry, f"{each.file}:{each.line}"
        where = tuple(sorted((name, _travelling(metrics[entry.metric], name, value)) for name, value in entry.where.items()))
        starts = date.fromisoformat(entry.starts)
        target = Target(entry.metric, entry.grain, starts, where, Decimal(entry.value), entry.note, source)
        found.setdefault(entry.metric, []).append(target)
    return {name: tuple(each) for name, each in found.items()}, findings


def _travelling(metric: Metric, name: str, given: str | int | bool) -> str | int | bool:
    """A value of a dimension as it travels. Raises ValueError with a sentence."""
    kind = metric.dimensions[name].type.kind.replace("bigint", "integer")
    if kind not in _WHERE_KINDS:
        raise ValueError(f"{name} is a {kind}, and targets are of texts, whole numbers, days, and yes or no")
    read = read_value_of(kind, given)
    return read.isoformat() if isinstance(read, date) else read  # pyright: ignore[reportReturnType]


def _misfits_of(entry: TargetEntry, metrics: Mapping[str, Metric], calendar: Calendar) -> Iterator[Misfit]:
    metric = metrics.get(entry.metric)
    if metric is None:
        yield ("metric",), f"there is no metric {entry.metric!r}", nearest(entry.metric, set(metrics)), entry.metric
        return
    if not metric.type.is_number:
        yield ("metric",), f"{entry.metric} is a {metric.type.kind}, and only numbers come to a target", None, None
    for name, value in entry.where.items():
        if name not in metric.dimensions:
            known = ", ".join(metric.dimensions) or "none"
            mend = nearest(name, set(metric.dimensions)) or f"it has: {known}"
            yield ("where", name), f"{entry.metric} has no dimension {name!r}", mend, None
            continue
        try:
            _travelling(metric, name, value)
        except ValueError as error:
            yield ("where", name), str(error), None, None
    yield from _period_misfits(entry, calendar)


def _period_misfits(entry: TargetEntry, calendar: Calendar) -> Iterator[Misfit]:
    day = date.fromisoformat(entry.starts)
    known = [each for each in calendar.grains if each != "hour"]
    if entry.grain not in known:
        yield ("grain",), f"there is no grain {entry.grain!r} for targets", \
            nearest(entry.grain, set(known)) or f"there are: {', '.join(known)}", None  # fmt: skip
        return
    try:
        grain = grain_in(calendar, entry.grain)
        first = bucket_day(day, grain)
        next_bucket(first, grain)
    except NotCovered as error:
        yield ("starts",), str(error), "write a day that the calendar tells, or lengthen it", None
        return
    if first != day:
        name = spoken(entry.grain)
        yield ("starts",), f"{entry.starts} is not the first day of a {name}", f"write {first.isoformat()}", None

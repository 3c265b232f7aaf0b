"""Annotations: what people write down beside the data, such as a release, a campaign or a holiday. No figure rests on it.

They stand in `annotations/*.yaml`. Charts over time mark them, and explanations name those that fall in their time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assay.catalog.findings import Finding, nearest
from assay.catalog.list_files import Listed, Misfit, read_list_files, take_entries
from assay.catalog.workspace import Workspace
from assay.catalog.zones import day_start, to_utc
from assay.people.scope import Scope

FOLDER = "annotations"
_DAY, _TIME = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d"


Moment = Annotated[
    str,
    Field(pattern=rf"^{_DAY}([T ]{_TIME})?$", description="a day, or a time on the workspace's clock: 2026-03-02T14:30"),
]


class AnnotationEntry(BaseModel):
    """Something that happened at a time, or from one to another; a day counts whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", description="small letters, digits and _")]
    label: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\r\n]+$")]
    at: Moment
    until: Moment | None = Field(default=None, description="its last day, or the time at which it was over")
    metrics: tuple[str, ...] = Field(
        default=(), max_length=200, description="whom it may concern; left out: every metric, and everybody reads it"
    )

    @model_validator(mode="after")
    def _is_a_time(self) -> Self:
        for name, text in (("at", self.at), ("until", self.until)):
            if text is not None:
                try:
                    moment = datetime.fromisoformat(text)
                except ValueError:
                    raise ValueError(f"{name} is {text!r}, which the calendar does not have") from None
                if moment.year in (MINYEAR, MAXYEAR):  # a zone's clocks may show a day before the first, or after the last
                    raise ValueError(f"{name} is {text!r}; write a day of the years 2 to 9998")
        if self.until is not None and datetime.fromisoformat(self.until) < datetime.fromisoformat(self.at):
            raise ValueError(f"until {self.until} lies before at {self.at}")
        return self

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """[start, end) in UTC; of a mere time both are that time."""
        start = to_utc(datetime.fromisoformat(self.at), zone)
        last = self.until or self.at
        if len(last) > len("2026-03-02"):
            return start, to_utc(datetime.fromisoformat(last), zone)
        return start, day_start(date.fromisoformat(last) + timedelta(days=1), zone)

    def falls_in(self, start: datetime, end: datetime, zone: ZoneInfo) -> bool:
        """Whether any of it lies in [start, end)."""
        own_start, own_end = self.bounds(zone)
        return own_start < end and (own_end > start or own_start == own_end == start)

    def concerns(self, metric_id: str) -> bool:
        return not self.metrics or metric_id in self.metrics

    @property
    def when_told(self) -> str:
        """2 Mar 2026; 2 Mar 2026, 14:30 to 16 Mar 2026."""
        return " to ".join(dict.fromkeys(_told(each) for each in (self.at, self.until) if each))


def _told(text: str) -> str:
    moment = datetime.fromisoformat(text)
    clock = f", {moment:%H:%M}" if len(text) > len("2026-03-02") else ""
    return f"{moment.day} {moment:%b %Y}{clock}"


class AnnotationsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    annotations: tuple[AnnotationEntry, ...] = Field(default=(), max_length=2_000)


Annotation = Listed[AnnotationEntry]


@dataclass(frozen=True)
class Annotations:
    """By id, in order of the files."""

    known: Mapping[str, Annotation] = field(default_factory=dict[str, Annotation])
    findings: tuple[Finding, ...] = ()

    def seen_by(self, scope: Scope) -> list[Annotation]:
        """By time. One that names metrics is for those who may ask one of them."""
        seen = [
            each for each in self.known.values()
            if not each.entry.metrics or any(scope.may_ask(name) for name in each.entry.metrics)
        ]  # fmt: skip
        return sorted(seen, key=lambda each: (each.entry.at, each.entry.id))


def read_annotations(workspace: Workspace) -> Annotations:
    """What cannot be taken becomes a finding, and is not shown until it is mended."""
    findings: list[Finding] = []
    read = read_list_files(workspace.root / FOLDER, ("annotations",), findings)
    known = take_entries(read, "annotations", AnnotationEntry, lambda entry: _misfits_of(entry, workspace), findings)
    return Annotations(known, tuple(findings))


def _misfits_of(entry: AnnotationEntry, workspace: Workspace) -> Iterator[Misfit]:
    for number, name in enumerate(entry.metrics):
        if name not in workspace.metrics:
            yield ("metrics", number), f"there is no metric {name!r}", nearest(name, set(workspace.metrics)), name

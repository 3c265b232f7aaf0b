"""The form of `loop/bindings.yaml`, and what it is after it was read and proved: statements, event types, steps."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assay.catalog.dictionary import Table
from assay.gate import SafeSql

Scalar = str | int | float | bool | None
Template = Scalar | list[Scalar]
About = Literal["customer_id", "device_id", "claim_id", "session_id", "center_id", "product", "issue", "place", "state_code"]
_SPAN = re.compile(r"^([+-]\d{1,5}) (minutes|hours|days)( from arrival)?$")
EXACT = ConfigDict(extra="forbid", populate_by_name=True)


class SqlEntry(BaseModel):
    model_config = EXACT

    sql: str = Field(min_length=8, max_length=8_000)


class FieldEntry(BaseModel):
    """One field of an event's payload."""

    model_config = EXACT

    type: Literal["string", "integer", "number", "boolean", "list"]
    optional: bool = False
    one_of: list[str] | None = None
    least: float | None = None
    most: float | None = None
    """Of a number its value, of a text its length, of a list its items."""
    example: Any


class FactEntry(BaseModel):
    """A constant, or a value of the payload put into other words."""

    model_config = EXACT

    constant: Scalar = None
    of: str | None = None
    map: dict[str, Scalar] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_one_thing(self) -> "FactEntry":
        if (self.constant is None) == (self.of is None):
            raise ValueError("write either constant, or of with map")
        return self


class EventEntry(BaseModel):
    model_config = EXACT

    label: str
    fields: dict[str, FieldEntry] = Field(min_length=1)
    subject_sql: str | None = None
    facts: dict[str, str | FactEntry] = Field(default_factory=dict)
    needs: list[str] = Field(default_factory=list)
    steps: list[str] = Field(default_factory=list)
    decides: bool


class StepEntry(BaseModel):
    """One kind of write. `insert` takes values; `update` takes where, set and add."""

    model_config = EXACT

    insert: str | None = None
    update: str | None = None
    unless: str | None = None
    skip_known: bool = False
    as_: str | None = Field(default=None, alias="as")
    values: dict[str, Template] = Field(default_factory=dict)
    where: dict[str, Template] = Field(default_factory=dict)
    only: str | None = None
    exactly: int | None = Field(default=None, ge=1)
    otherwise: str | None = None
    set: dict[str, Template] = Field(default_factory=dict)
    add: dict[str, int] = Field(default_factory=dict)
    latest: str | None = None
    """The column that says when a row was seen last: what occurred before that is not written over it."""

    @model_validator(mode="after")
    def _is_whole(self) -> "StepEntry":
        if (self.insert is None) == (self.update is None):
            raise ValueError("write either insert or update")
        if self.insert is not None and (not self.values or self.where or self.set or self.add or self.only or self.latest):
            raise ValueError("an insert has values, and no where, only, set, add or latest")
        if self.update is not None and (self.values or not self.where or not (self.set or self.add)):
            raise ValueError("an update has where, and set or add, and no values")
        if (self.exactly is None) != (self.otherwise is None):
            raise ValueError("exactly and otherwise belong together")
        return self


class LifeEntry(BaseModel):
    """What a recommendation's life writes."""

    model_config = EXACT

    opened: list[StepEntry]
    superseded: list[StepEntry]
    worded: list[StepEntry]
    dismissed: list[StepEntry]
    approved: list[StepEntry]


class PanelEntry(BaseModel):
    model_config = EXACT

    customer: SqlEntry
    devices: SqlEntry
    timeline: list[SqlEntry] = Field(min_length=1)
    alerts: SqlEntry


class BindingsFile(BaseModel):
    """`loop/bindings.yaml`."""

    model_config = EXACT

    moments: dict[str, str]
    context: dict[str, SqlEntry] = Field(min_length=1)
    subject: str
    about: dict[About, str]
    events: dict[str, EventEntry] = Field(min_length=1)
    steps: dict[str, list[StepEntry]]
    recommendation: LifeEntry
    effects: dict[str, list[StepEntry]]
    panel: PanelEntry


PANEL_COLUMNS: dict[str, tuple[str, ...]] = {
    "customer": ("customer_id", "segment", "loyalty_tier", "preferred_channel", "preferred_language", "state_code", "region",
                 "enrolled_ts"),
    "devices": ("device_id", "product_name", "category", "device_status", "condition_grade", "battery_health_pct",
                "last_seen_ts", "is_primary", "coverage_id", "coverage_status", "plan_name"),
    "timeline": ("at", "kind", "title", "reference", "status"),
    "alerts": ("alert_id", "alert_type", "severity", "status", "title", "customer_id", "device_id", "session_id",
               "center_id", "event_id", "raised_ts", "cleared_ts"),
}  # fmt: skip
"""What the statements of the panel have to give, by name: the API promises just these."""


@dataclass(frozen=True, slots=True)
class Span:
    """Counted from the moment at which an event occurred, else from that at which it came."""

    length: timedelta
    from_arrival: bool


@dataclass(frozen=True, slots=True)
class Read:
    """A statement that the gate let through, its placeholders `(path, may be missing)` in order of their numbers."""

    name: str
    safe: SafeSql
    places: tuple[tuple[str, bool], ...]
    columns: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Step:
    table: Table
    entry: StepEntry
    only: tuple[str, str, str] | None
    place: tuple[Any, ...]
    """Where it stands in the file."""

    @property
    def is_insert(self) -> bool:
        return self.entry.insert is not None


@dataclass(frozen=True, slots=True)
class EventType:
    name: str
    entry: EventEntry
    subject: Read | None
    steps: tuple[Step, ...]
    early: tuple[str, ...]
    """Parts of the context that its steps look at."""

    @property
    def acts(self) -> bool:
        """Whether it does more than being written down."""
        return bool(self.steps) or self.entry.decides


@dataclass(frozen=True)
class Bindings:
    version: str
    moments: Mapping[str, Span]
    context: Mapping[str, Read]
    subject: str
    about: Mapping[str, str]
    events: Mapping[str, EventType]
    life: Mapping[str, tuple[Step, ...]]
    effects: Mapping[str, tuple[Step, ...]]
    panel: Mapping[str, tuple[Read, ...]]

    @cached_property
    def written(self) -> frozenset[str]:
        """The tables that any of the steps writes, qualified."""
        listed = (*(kind.steps for kind in self.events.values()), *self.life.values(), *self.effects.values())
        return frozenset(step.table.qualified for steps in listed for step in steps)


def read_span(text: str) -> Span | None:
    found = _SPAN.match(text)
    return Span(timedelta(**{found[2]: int(found[1])}), found[3] is not None) if found else None

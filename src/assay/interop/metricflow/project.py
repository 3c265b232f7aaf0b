"""What a MetricFlow project says, in one form for its YAML of both versions and its semantic manifest."""

from dataclasses import dataclass

from assay.interop.extension import Extension
from assay.interop.fidelity import Place

METRIC_TIME = "metric_time"
"""The time by which rows count, whatever its dimension is called."""


@dataclass(frozen=True, slots=True)
class Key:
    """An entity of a semantic model: what tells its rows apart, or leads to those of another."""

    name: str
    type: str
    """primary, unique, foreign or natural."""
    expr: str
    place: Place


@dataclass(frozen=True, slots=True)
class Dim:
    name: str
    type: str
    """categorical or time."""
    expr: str
    granularity: str | None
    is_partition: bool
    validity: str | None
    """start or end, of a row that holds for a while alone."""
    label: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class NonAdditive:
    dimension: str
    newest: bool
    groupings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    name: str
    model: str
    agg: str
    expr: str
    percentile: float | None
    is_discrete: bool
    is_approximate: bool
    time: str | None
    non_additive: NonAdditive | None
    is_metric: bool
    """Whether a metric of its name is made of it."""
    label: str | None
    description: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Model:
    """A semantic model."""

    name: str
    schema: str | None
    table: str
    description: str | None
    time: str | None
    """The time dimension by which its rows count where a measure says none."""
    primary_entity: str | None
    keys: tuple[Key, ...]
    dims: tuple[Dim, ...]
    measures: tuple[Measure, ...]
    place: Place

    @property
    def own_entity(self) -> str | None:
        """The entity before the names of its own dimensions."""
        primary = next((each.name for each in self.keys if each.type == "primary"), None)
        return primary or self.primary_entity

    def dim(self, name: str) -> Dim | None:
        return next((each for each in self.dims if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Input:
    """A measure or a metric as another metric takes it in."""

    name: str
    alias: str | None = None
    filters: tuple[str, ...] = ()
    offset_window: str | None = None
    offset_to_grain: str | None = None
    fill: int | None = None
    joins_spine: bool = False


@dataclass(frozen=True, slots=True)
class Followed:
    """What a conversion metric says: which events are followed by which."""

    base: Input
    conversion: Input
    of_measures: bool
    """Whether measures are named, and not metrics."""
    entity: str
    window: str | None
    calculation: str
    properties: tuple[tuple[str, str], ...]
    """Of the first events and of those that follow, what is the same."""


@dataclass(frozen=True, slots=True)
class MetricDef:
    name: str
    type: str
    """simple, ratio, derived, cumulative or conversion."""
    label: str | None
    description: str | None
    filters: tuple[str, ...]
    place: Place
    measure: Input | None = None
    own: Measure | None = None
    """What a simple metric of the later version calculates itself."""
    metric: Input | None = None
    """The metric that a cumulative one of the later version adds up."""
    numerator: Input | None = None
    denominator: Input | None = None
    expr: str | None = None
    inputs: tuple[Input, ...] = ()
    window: str | None = None
    grain_to_date: str | None = None
    period_agg: str | None = None
    fill: int | None = None
    joins_spine: bool = False
    granularity: str | None = None
    owner: str | None = None
    followed: Followed | None = None


@dataclass(frozen=True, slots=True)
class Granularity:
    """A grain of the project's own: a column of a table that has each day once."""

    name: str
    schema: str | None
    table: str
    day: str
    column: str
    place: Place


@dataclass(frozen=True, slots=True)
class Other:
    """What is there and has no counterpart here: (kind, name)."""

    kind: str
    name: str
    told: str
    place: Place


@dataclass(frozen=True, slots=True)
class Project:
    models: tuple[Model, ...]
    metrics: tuple[MetricDef, ...]
    others: tuple[Other, ...]
    granularities: tuple[Granularity, ...] = ()
    extensions: tuple[Extension, ...] = ()
    """What Assay wrote of its own when it wrote the files."""

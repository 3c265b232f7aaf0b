"""Metrics, and what tables offer to them, as an analyst writes them in YAML. Editors use the JSON Schemas of these forms."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from assay.catalog.frames import Coarser
from assay.catalog.parameters import read_value_of
from assay.catalog.windows import known_shift, read_length, read_window, read_within

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Direction = Literal["up_is_good", "down_is_good", "neutral"]
Empty = Literal["zero", "unknown"]
Compared = Literal["eq", "ne", "gt", "gte", "lt", "lte"]
RESERVED = ("time", "value", "previous")
NO_TIME = "none"
"""What a metric says whose rows count whenever they are, over a table whose others have a time."""


def label_of(name: str) -> str:
    """What something is called that says nothing itself."""
    return name.replace("_", " ").capitalize()


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DimensionEntry(_Strict):
    name: Name
    column: str | None = Field(default=None, description="column, or table.column of a table reachable by approved joins")
    by: tuple[str, ...] = Field(
        default=(), max_length=4,
        description="the join that leads to the column's row, or several one after the other, by their join_id: the role of"
        " a table to which several ways lead, or of one joined to itself",
    )  # fmt: skip
    expression: str | None = Field(
        default=None, description="a value of one row, such as WEEKDAY(order_date), instead of a column"
    )
    label: str | None = None

    @field_validator("by", mode="before", json_schema_input_type=str | tuple[str, ...])
    @classmethod
    def _one_or_several(cls, by: object) -> object:
        return (by,) if isinstance(by, str) else by


class SegmentEntry(_Strict):
    """A condition with a name, which a question may switch on."""

    name: Name
    filter: str
    label: str | None = Field(default=None, min_length=1, max_length=80)
    definition: str | None = Field(default=None, min_length=1, max_length=600)


class HierarchyEntry(_Strict):
    """Dimensions of which each divides the one before it, such as region, state and city."""

    name: Name
    levels: tuple[Name, ...] = Field(
        min_length=2, max_length=8, description="names of dimensions that the table offers, the widest first"
    )
    label: str | None = Field(default=None, min_length=1, max_length=80)


class EntityEntry(_Strict):
    """What a table offers: each metric over it has what it does not say itself."""

    table: str = Field(description="a table of the dictionary")
    time: str | None = Field(
        default=None, description="by which its rows count: a column, or a parent's, such as orders.ordered_at"
    )
    dimensions: tuple[Name | DimensionEntry, ...] = Field(
        default=(), description="what its metrics are divided by; a metric that lists names takes these alone"
    )
    segments: tuple[SegmentEntry, ...] = Field(default=(), description="conditions that a question may switch on")
    hierarchies: tuple[HierarchyEntry, ...] = Field(
        default=(), max_length=20, description="along which a chart goes from one dimension to the next"
    )


class EntitiesFile(_Strict):
    """A file of `entities/`."""

    entities: tuple[EntityEntry, ...]


class PartEntry(_Strict):
    measure: str
    filter: str | None = None


def _known_length(text: str) -> str:
    read_length(text)
    return text


class StartEntry(_Strict):
    """What a metric is on the first day of the week, month, quarter or year in which a bucket begins."""

    to_start_of: Literal["week", "month", "quarter", "year"]


class WhoseEntry(_Strict):
    """Only the rows of those whose own value of a metric meets a condition: of customers with over 5 orders."""

    dimension: Name = Field(description="a dimension of the metric whose rows are chosen, such as customer")
    metric: Name = Field(description="the metric that is looked at for each value of it, over all time")
    by: Name | None = Field(default=None, description="the dimension in that metric, where it has another name there")
    op: Compared
    value: int | float | str

    @field_validator("value", mode="before")
    @classmethod
    def _is_no_yes_or_no(cls, value: object) -> object:
        if isinstance(value, bool):
            raise ValueError("a metric is compared with a number")
        return value


class InputEntry(_Strict):
    """A metric as an expression takes it in: earlier, or over some of its rows only."""

    metric: Name
    shift: Annotated[str, Field(max_length=80), AfterValidator(known_shift)] | StartEntry | None = Field(
        default=None,
        description="how far it looks back, such as 14 days, 1 month or 1 fiscal_quarter; or {to_start_of: month}, for what"
        " it is on the first day of the month in which a bucket, or a window without buckets, begins",
    )
    filter: str | None = Field(default=None, description="a further condition on the rows that it counts")
    whose: tuple[WhoseEntry, ...] = Field(
        default=(), max_length=4, description="only rows of those whose own value of a metric meets a condition"
    )


class OverEntry(_Strict):
    """Over which days a metric counts at the end of each bucket of a question, and of its window: one of the two."""

    trailing: Annotated[str, AfterValidator(_known_length)] | None = Field(
        default=None, max_length=40, description="so long before, such as 7 days or 3 months"
    )
    since_start_of: (
        Literal["week", "month", "quarter", "year", "fiscal_period", "fiscal_quarter", "fiscal_year"] | None
    ) = Field(
        default=None, description="from the first day of this unit on, as a running total does; weeks and fiscal units as"
        " the calendar of assay.yaml has them",
    )  # fmt: skip

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.trailing is None) == (self.since_start_of is None):
            raise ValueError("write trailing or since_start_of, or for all that there was before  over: all")
        return self


class ParameterEntry(_Strict):
    """A value that a question may say; formulas read it as `$param.name`. It is bound, and never part of a text."""

    name: Name
    type: Literal["string", "integer", "decimal", "double", "boolean", "date"] = Field(
        description="decimal: 12 digits before the point and 6 behind it"
    )
    default: bool | int | float | str | date
    label: str | None = Field(default=None, min_length=1, max_length=80)

    @model_validator(mode="after")
    def _has_its_type(self) -> Self:
        read_value_of(self.type, self.default)
        return self


class KeepEntry(_Strict):
    """Which rows count of those that lie in a bucket: of each account, say, the newest alone."""

    newest: str | None = Field(default=None, description="of each, the rows in which this time is the latest")
    oldest: str | None = Field(default=None, description="of each, the rows in which this time is the earliest")
    for_each: tuple[str, ...] = Field(
        default=(), max_length=6, description="columns that tell one from another; left out: of all rows together"
    )
    of_filtered: bool = Field(
        default=False,
        description="whether they are chosen among the rows that pass the question's conditions too; left out: of all, and"
        " these choose among what is kept",
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.newest is None) == (self.oldest is None):
            raise ValueError("write newest or oldest, with the column of time that it looks at")
        return self


def _known_within(text: str) -> str:
    read_within(text)
    return text


class ConversionEntry(_Strict):
    """Events, each followed by another of the same person, or by several one after the other."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    from_: Name = Field(alias="from", description="the metric that counts the events with which it begins")
    to: tuple[Name, ...] = Field(
        min_length=1, max_length=6,
        description="the metric that counts the events that follow; of several each follows the one before it",
    )  # fmt: skip
    for_each: tuple[str, ...] = Field(
        min_length=1,
        max_length=6,
        description="columns that are equal in events that belong together, such as user_id, or [user_id, session_id]",
    )
    within: Annotated[str, AfterValidator(_known_within)] | None = Field(
        default=None, max_length=40,
        description="how soon the last has to follow the first, such as 7 days or 30 minutes; left out: however late",
    )  # fmt: skip
    value: Literal["rate", "count", "time"] = Field(
        description="rate: the share that is followed; count: how many are; time: how long that takes on average, in the"
        " metric's unit: seconds, minutes, hours or days"
    )  # fmt: skip

    @field_validator("to", "for_each", mode="before", json_schema_input_type=str | tuple[str, ...])
    @classmethod
    def _one_or_several(cls, given: object) -> object:
        return (given,) if isinstance(given, str) else given


class RetentionEntry(_Strict):
    """Cohorts: whoever has a first event, and in which buckets from then on events follow."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    from_: Name = Field(
        alias="from", description="the metric that counts the events of which the first puts somebody into a cohort"
    )
    to: Name = Field(description="the metric that counts the events by which somebody comes back; it may be the same one")
    for_each: tuple[str, ...] = Field(
        min_length=1, max_length=6, description="columns by which events belong together, such as customer_id"
    )
    by: Literal["day", "week", "month", "quarter", "year", "fiscal_period", "fiscal_quarter", "fiscal_year"] = Field(
        description="into which buckets the time from the first event on is divided; with by: month the metric has the"
        " dimension months_since, which is 0 for the month of the first event"
    )
    up_to: int = Field(ge=1, le=366, description="of how many buckets behind that of the first event it is told")
    value: Literal["rate", "count", "size"] = Field(
        description="rate: the share that comes back; count: how many do; size: of how many it is told, the base of the rate"
    )

    @field_validator("for_each", mode="before", json_schema_input_type=str | tuple[str, ...])
    @classmethod
    def _one_or_several(cls, given: object) -> object:
        return (given,) if isinstance(given, str) else given


class AliveEntry(_Strict):
    """Rows count at an instant T when `from < T` and `until` is empty or not before T."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    from_: str = Field(alias="from")
    until: str


class Tolerance(_Strict):
    relative: float = Field(default=0, ge=0, lt=1)
    absolute: float = Field(default=0, ge=0)


class MetricEntry(_Strict):
    """One metric as written. Exactly one of `measure`, `numerator` with `denominator`, `expression`, `conversion`, and
    `retention`.
    """

    id: Name
    label: str = Field(min_length=1, max_length=80)
    definition: str = Field(min_length=1, max_length=600)
    entity: str | None = None
    measure: str | None = None
    filter: str | None = None
    whose: tuple[WhoseEntry, ...] = Field(
        default=(), max_length=4,
        description="only rows of those whose own value of a metric meets a condition, as of customers with over 5 orders",
    )  # fmt: skip
    numerator: PartEntry | None = None
    denominator: PartEntry | None = None
    expression: str | None = None
    inputs: dict[Name, InputEntry] = Field(
        default={}, max_length=20, description="names in the expression that stand for a metric, shifted or filtered"
    )
    conversion: ConversionEntry | None = Field(
        default=None, description="events that are followed by others, counted where the first of them are"
    )
    retention: RetentionEntry | None = Field(
        default=None, description="cohorts by their first event, and how many of each come back later"
    )
    time: str | None = Field(
        default=None,
        description="by which a row counts: a column, or a parent's; none: rows of all time; left out: that of its entity",
    )
    window: Annotated[str, AfterValidator(read_window)] | None = None
    over: OverEntry | Literal["all"] | None = Field(
        default=None, description="over which days it counts, where it looks further than the bucket or the window itself"
    )
    coarser: Coarser = Field(
        default="last",
        description="with over: whether a bucket of several days, or a window, has the value at the end of its last day, of"
        " its first, or the average of those at the end of each of its days",
    )  # fmt: skip
    keep: KeepEntry | None = Field(
        default=None,
        description="for a balance or a stock: which rows of a bucket count, so that none is added up over time",
    )
    per: tuple[str, ...] = Field(
        default=(), max_length=6,
        description="columns for each value of which the inner aggregates of the measure are calculated first, as in"
        " AVG(SUM(amount)) per customer_id",
    )  # fmt: skip
    alive: AliveEntry | None = None
    parameters: tuple[ParameterEntry, ...] = Field(
        default=(), max_length=20, description="values that a question may say, in measure and filter as $param.name"
    )
    dimensions: tuple[Name | DimensionEntry, ...] | None = Field(
        default=None,
        description="what it is divided by; a name is that of its entity's, or a column; left out: all of its entity",
    )
    segments: tuple[SegmentEntry, ...] = Field(default=(), description="beside those of its entity")
    unit: str = Field(default="count", max_length=20)
    direction: Direction = "neutral"
    owner: str = Field(min_length=1, max_length=80)
    refresh_seconds: int = Field(default=300, ge=1, le=86_400)
    synonyms: tuple[str, ...] = ()
    tolerance: Tolerance = Tolerance(relative=0, absolute=0)
    empty: Empty = Field(default="zero", description="what counts and sums over no rows are: zero, or unknown")

    @property
    def is_derived(self) -> bool:
        """Whether all of it is made of other metrics."""
        return self.expression is not None or self.conversion is not None or self.retention is not None

    @property
    def events(self) -> tuple[str, ...]:
        """The metrics that count the events of a conversion or of a retention, from the first on."""
        if self.conversion:
            return (self.conversion.from_, *self.conversion.to)
        return (self.retention.from_, self.retention.to) if self.retention else ()

    @property
    def needs_others(self) -> bool:
        """Whether other metrics have to be bound before it."""
        return self.is_derived or bool(self.whose)

    @property
    def looked_at(self) -> tuple[str, ...]:
        """The metrics that its conditions look at."""
        entries = (*self.whose, *(each for one in self.inputs.values() for each in one.whose))
        return tuple(dict.fromkeys(each.metric for each in entries))

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        ratio = self.numerator is not None and self.denominator is not None
        if (self.numerator is None) != (self.denominator is None):
            raise ValueError("a ratio needs both numerator and denominator")
        forms = (self.measure, ratio or None, self.expression, self.conversion, self.retention)
        if sum(each is not None for each in forms) != 1:
            raise ValueError(
                "write exactly one of measure, numerator with denominator, expression, conversion, or retention"
            )
        if self.is_derived:
            for name in ("entity", "filter", "whose", "time", "over", "keep", "per", "alive", "dimensions", "segments",
                         "parameters"):  # fmt: skip
                if getattr(self, name):
                    raise ValueError(f"a derived metric takes its {name} from the metrics it names")
        if self.inputs and self.expression is None:
            raise ValueError("inputs belong to an expression")
        if self.entity is None and not self.is_derived:
            raise ValueError("say which table it counts: entity")
        if self.alive is not None and (self.time is not None or self.window is not None or self.over is not None):
            raise ValueError("a count at an instant has alive, and neither time nor window nor over")
        if self.keep is not None and (self.alive is not None or self.over is not None):
            raise ValueError("keep chooses among the rows of a bucket; with over or alive there is no such choice yet")
        if self.coarser != "last" and self.over is None:
            raise ValueError("coarser says which days of a bucket are meant of what has over")
        if self.coarser == "average" and ratio:
            raise ValueError("the average of days is one of a measure: write numerator and denominator as metrics of their"
                             " own, and divide their averages by an expression")  # fmt: skip
        if self.per and self.over is not None:
            raise ValueError("per calculates within a bucket; with over there is no such calculation yet")
        return self


class MetricsFile(_Strict):
    """A file of `metrics/`."""

    metrics: tuple[MetricEntry, ...]

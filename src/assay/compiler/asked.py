"""What is asked, as it arrives in JSON: names, conditions, a window, a grain. No catalog has been looked at yet."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from assay.catalog.entry import Compared
from assay.catalog.windows import Compare

Operator = Literal[
    "eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "is_null", "is_not_null", "contains", "not_contains",
    "starts_with", "not_starts_with", "ends_with", "not_ends_with",
]  # fmt: skip
AskedOperator = Operator | Literal["between"]
LOOKING = ("contains", "starts_with", "ends_with")
"""Operators of text alone, each with its contrary, which keeps what has no value."""
MAX_APART = 200
"""Values of a filter that are bound each by itself."""
MAX_VALUES = 10_000
"""Of one list; a body is bounded too."""
MAX_LIMIT = 10_000
DEFAULT_LIMIT = 1_000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AskedFilter(_Strict):
    dimension: str
    op: AskedOperator = Field(description="between takes both ends, and holds them too")
    values: tuple[str | int | float | bool, ...] = Field(default=(), max_length=MAX_VALUES)

    @model_validator(mode="after")
    def _as_many_values_as_the_operator_takes(self) -> Self:
        wanted = {"is_null": (0, 0), "is_not_null": (0, 0), "in": (1, MAX_VALUES), "not_in": (1, MAX_VALUES),
                  "between": (2, 2)}.get(self.op, (1, 1))  # fmt: skip
        if not wanted[0] <= len(self.values) <= wanted[1]:
            counts = {0: "no value", 1: "one value", 2: "two values", MAX_VALUES: f"1 to {MAX_VALUES:,} values"}
            raise ValueError(f"{self.op} takes {counts[wanted[1]]}, and {len(self.values)} are given")
        return self


class AskedBounds(_Strict):
    """Dates mean midnight in the workspace's time zone; `end` is exclusive.

    From now on: `today`, `start of month` and `-6 weeks` are the beginnings of days, `now` is the end of the refresh period;
    a length may stand behind each, as in `start of month -2 months`.
    """

    start: Annotated[str, Field(max_length=40)]
    end: Annotated[str, Field(max_length=40)]


class Said(dict[str, str | int | float | bool]):
    """Values of parameters. Nobody changes them, so that questions can be keys."""

    def __hash__(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return hash(frozenset(self.items()))


class AskedOrder(_Strict):
    by: str
    descending: bool = True


class AskedHaving(_Strict):
    """A condition on the groups of an answer, by one of its values: regions with over 500 claims."""

    by: str = Field(description="a column of values, as in order: value, previous, or a metric's id")
    op: Compared
    value: str | int | float | bool


class AskedWhose(_Strict):
    """Only the rows of those whose own value of a metric meets a condition: claims of regions with over 500 sessions."""

    dimension: str = Field(description="a dimension of what is asked, such as customer")
    metric: str = Field(description="the metric that is looked at for each value of it")
    by: str | None = Field(default=None, description="the dimension in that metric, where it has another name there")
    op: Compared
    value: str | int | float
    window: str | AskedBounds | None = Field(
        default=None, description="in which that metric is read; left out: its own window, or where it has none all time"
    )


class Asked(_Strict):
    """A question as sent. Everything left out has a default: the metric's own window, no dimension, the total."""

    dimensions: tuple[str, ...] = Field(default=(), max_length=6)
    filters: tuple[AskedFilter, ...] = Field(default=(), max_length=20, description="all of them have to hold")
    any_of: tuple[Annotated[tuple[AskedFilter, ...], Field(min_length=1, max_length=10)], ...] = Field(
        default=(), max_length=10, description="groups of filters, of which one at least has to hold altogether"
    )
    segments: tuple[str, ...] = Field(
        default=(), max_length=10, description="conditions of the catalog that are switched on; all of them have to hold"
    )
    having: tuple[AskedHaving, ...] = Field(
        default=(), max_length=6, description="conditions on the groups of the answer; all of them have to hold"
    )
    whose: tuple[AskedWhose, ...] = Field(
        default=(), max_length=6,
        description="only rows of those whose own value of a metric meets a condition; all of the conditions have to hold",
    )  # fmt: skip
    parameters: Annotated[dict[str, str | int | float | bool], AfterValidator(Said)] = Field(
        default={},
        validate_default=True,
        max_length=20,
        description="values of the metrics' parameters; those left out have their defaults",
    )
    window: str | AskedBounds | None = None
    grain: Annotated[str, Field(max_length=63)] | None = Field(
        default=None, description="hour, day, week, month, quarter or year, or a grain of the workspace's own calendar"
    )
    compare: Compare | None = None
    order: tuple[AskedOrder, ...] = Field(default=(), max_length=6)
    limit: int | None = Field(default=None, ge=1, le=MAX_LIMIT)
    others: bool = Field(
        default=False,
        description="with a limit: all groups beyond it together as one row; by grain the limit is of groups",
    )

    targets: bool = Field(
        default=False, description="also what the values are meant to come to in their periods, as targets/ says"
    )

    @property
    def every_filter(self) -> tuple[AskedFilter, ...]:
        return (*self.filters, *(each for group in self.any_of for each in group))

    @property
    def is_long(self) -> bool:
        """Whether some filter has more values than are bound one by one."""
        return any(len(each.values) > MAX_APART for each in self.every_filter)


class AskedMetrics(Asked):
    """A question that also says which metrics, as `POST /v1/data` and widgets write it."""

    metrics: tuple[str, ...] = Field(min_length=1, max_length=12)

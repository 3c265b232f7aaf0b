"""A widget: a saved question with a way to draw it; a tile: a widget with its place.

Everything that a widget can say is typed here and nothing of it is code: what draws it reads fields.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from assay.compiler.question import AskedMetrics

WidgetKind = Literal["kpi", "trend", "bar", "table", "breakdown"]
Tone = Literal["good", "watch", "bad"]
Named = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""The id of a widget or of a dashboard."""


def _written_number(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise ValueError(f'write the number as a decimal string: "{value}"')
    return value


DecimalText = Annotated[str, Field(pattern=r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$"), BeforeValidator(_written_number)]
"""A number as it travels: digits, with a point before the decimals, without a comma or an exponent."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReferenceLine(_Strict):
    """A line across the chart at a value, such as a target."""

    value: DecimalText
    label: str = Field(default="", max_length=60)


class Threshold(_Strict):
    """From `at` upwards, up to the next threshold, a value has this tone. Below the first it has none."""

    at: DecimalText
    tone: Tone


class NumberFormat(_Strict):
    decimals: int | None = Field(default=None, ge=0, le=6, description="null: as the metric's unit asks for")
    compact: bool = Field(default=False, description="1.2M instead of 1,234,567")


class Widget(_Strict):
    """One question and how it is drawn. What a kind cannot draw (a line across a table) is kept for another kind."""

    version: Literal[1] = Field(default=1, description="of this form")
    title: str | None = Field(default=None, max_length=120, description="null: the label of its first metric")
    subtitle: str | None = Field(default=None, max_length=120)
    kind: WidgetKind
    question: AskedMetrics
    spark: AskedMetrics | None = Field(default=None, description="the small line behind a KPI: a question with a grain")
    series: str | None = Field(
        default=None,
        description="the dimension whose values are told apart by colour; null: the last one that is not the axis",
    )
    stacked: bool = Field(default=False, description="series on top of each other instead of side by side")
    reference_lines: tuple[ReferenceLine, ...] = Field(default=(), max_length=6)
    thresholds: tuple[Threshold, ...] = Field(default=(), max_length=6, description="ascending; they colour the values")
    format: NumberFormat | None = None

    @model_validator(mode="after")
    def _series_are_of_the_question(self) -> Self:
        names = self.question.dimensions
        if self.series is not None:
            if self.series not in names:
                there = f"it has {', '.join(names)}" if names else "it has none"
                raise ValueError(f"series is {self.series!r}, which is no dimension of the question: {there}")
            if not self._has_two_keys:
                raise ValueError(f"series {self.series!r} leaves nothing for the axis: add a grain or a second dimension")
        if self.stacked and not self._has_two_keys:
            raise ValueError("stacked needs something to stack: a second dimension, or a grain beside the first")
        return self

    @model_validator(mode="after")
    def _thresholds_ascend(self) -> Self:
        for lower, upper in zip(self.thresholds, self.thresholds[1:], strict=False):
            if not Decimal(lower.at) < Decimal(upper.at):
                raise ValueError(f"thresholds ascend: {upper.at} stands after {lower.at}")
        return self

    @property
    def _has_two_keys(self) -> bool:
        return len(self.question.dimensions) + (self.question.grain is not None) >= 2


class Tile(_Strict):
    """Place and size on a grid of 12 columns."""

    widget_id: Named
    x: int = Field(ge=0, le=11)
    y: int = Field(ge=0, le=1_000)
    w: int = Field(ge=1, le=12)
    h: int = Field(ge=1, le=40)
    widget: Widget


class DashboardEntry(_Strict):
    """A dashboard as the workspace writes it."""

    dashboard_id: Named
    label: str = Field(min_length=1, max_length=80)
    description: str = Field(default="", max_length=300)
    tiles: tuple[Tile, ...] = Field(max_length=64)


class Dashboard(DashboardEntry):
    """A dashboard as it is served: `version` is what a save must name, `edited` whether the screen changed it."""

    version: int
    edited: bool

    def entry(self) -> DashboardEntry:
        """As it is written and saved."""
        return DashboardEntry(**{name: getattr(self, name) for name in DashboardEntry.model_fields})

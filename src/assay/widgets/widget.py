"""A widget: a saved question with a way to draw it; a tile: a widget with its place.

Everything that a widget can say is typed here and nothing of it is code: what draws it reads fields.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from assay.compiler.question import AskedMetrics

DrawnKind = Literal[
    "kpi", "trend", "bar", "table", "breakdown", "combo", "scatter", "histogram", "heatmap", "pivot", "multiples", "map",
    "funnel", "cohort", "gauge",
]  # fmt: skip
"""Ways to draw an answer."""
WITH_OTHERS = ("trend", "bar", "breakdown", "table")
"""Kinds that have a place for all others together, beside the groups that come first."""
WidgetKind = DrawnKind | Literal["text"]
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


def _asks_nothing(given: Any) -> Any:
    """A text is written without a question; it has one without metrics, which is no question to anybody else."""
    if not isinstance(given, dict) or given.get("kind") != "text":
        return given
    asked = given.get("question")
    if asked is None or (isinstance(asked, dict) and not asked.get("metrics")):
        return {**given, "question": AskedMetrics.model_construct(metrics=())}
    return given


class Widget(_Strict):
    """One question and how it is drawn. What a kind cannot draw (a line across a table) is kept for another kind."""

    version: Literal[1] = Field(default=1, description="of this form")
    title: str | None = Field(default=None, max_length=120, description="null: the label of its first metric")
    subtitle: str | None = Field(default=None, max_length=120)
    kind: WidgetKind
    question: AskedMetrics
    text: str | None = Field(
        default=None, min_length=1, max_length=4_000,
        description="paragraphs; a line that begins with # is a heading, one that begins with - a point of a list",
    )  # fmt: skip
    spark: AskedMetrics | None = Field(default=None, description="the small line behind a KPI: a question with a grain")
    series: str | None = Field(
        default=None,
        description="the dimension whose values are told apart by colour; null: the last one that is not the axis",
    )
    stacked: bool = Field(default=False, description="series on top of each other instead of side by side")
    shares: bool = Field(
        default=False, description="stacked to 100 %: each part as its share of its bar; of one metric that adds up"
    )
    reference_lines: tuple[ReferenceLine, ...] = Field(default=(), max_length=6)
    thresholds: tuple[Threshold, ...] = Field(default=(), max_length=6, description="ascending; they colour the values")
    format: NumberFormat | None = None

    _without_question = model_validator(mode="before")(_asks_nothing)

    @model_validator(mode="after")
    def _kind_fits(self) -> Self:
        if (self.text is not None) != (self.kind == "text"):
            raise ValueError(
                "a text needs its text" if self.kind == "text" else f"text belongs to kind text, not to {self.kind}"
            )
        if self.kind == "text":
            if self.question.metrics or self.spark:
                raise ValueError("a text asks nothing: leave out its metrics")
            return self
        question = self.question
        wanted = lacking(self.kind, len(question.metrics), question.dimensions, question.grain)
        if wanted:
            raise ValueError(f"{self.kind} {wanted}")
        if self.kind == "gauge" and not question.targets:
            raise ValueError("gauge shows how far a metric has come to its target: write targets: true in its question")
        if question.others and self.kind not in WITH_OTHERS:
            raise ValueError(f"{self.kind} has no place for all others together: leave out others, or draw a bar or a table")
        if self.spark and self.spark.others:
            raise ValueError("the small line is one line, without others beside it: leave out others")
        return self

    @model_validator(mode="after")
    def _series_are_of_the_question(self) -> Self:
        names = self.question.dimensions
        if self.series is not None:
            if self.series not in names:
                there = f"it has {', '.join(names)}" if names else "it has none"
                raise ValueError(f"series is {self.series!r}, which is no dimension of the question: {there}")
            if not self._has_two_keys:
                raise ValueError(f"series {self.series!r} leaves nothing for the axis: add a grain or a second dimension")
        for name in ("stacked", "shares"):
            if getattr(self, name) and not self._has_two_keys:
                raise ValueError(f"{name} needs something to stack: a second dimension, or a grain beside the first")
        if self.shares and len(self.question.metrics) > 1:
            raise ValueError("shares are of one metric: several metrics have no whole together")
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


_LATITUDE = re.compile(r"(^|_)(lat|latitude)$", re.IGNORECASE)
_LONGITUDE = re.compile(r"(^|_)(lon|lng|long|longitude)$", re.IGNORECASE)


def points_of(names: Sequence[str]) -> tuple[str, str] | None:
    """Which dimensions are the latitude and the longitude of a point."""
    latitude = next((each for each in names if _LATITUDE.search(each)), None)
    longitude = next((each for each in names if _LONGITUDE.search(each)), None)
    return (latitude, longitude) if latitude and longitude else None


def lacking(kind: DrawnKind, metrics: int, names: Sequence[str], grain: str | None) -> str | None:
    """What a kind lacks in a question of so many metrics and these dimensions, in words; None where it can be drawn."""
    dimensions = len(names)
    keys = dimensions + (grain is not None)
    is_of_places = dimensions == 1 or (dimensions <= 3 and points_of(names) is not None)
    match kind:
        case "combo" if metrics < 2 or grain is None or dimensions:
            return "shows two metrics or more over time: name them, a grain, and no dimension"
        case "scatter" if metrics != 2 or keys == 0:
            return "shows two metrics, one across and one up: name both, and a dimension whose values are the points"
        case "histogram" if metrics != 1 or keys == 0:
            return "shows how the values of one metric are spread: name a dimension or a grain"
        case "heatmap" if metrics != 1 or not (keys == 2 or (grain == "hour" and dimensions == 0)):
            return "shows one metric by two things: two dimensions, a dimension and a grain, or hours alone by weekday"
        case "pivot" if keys < 2 or dimensions == 0:
            return "needs something for its rows and something for its columns: two dimensions, or one and a grain"
        case "multiples" if metrics != 1 or grain is None or dimensions == 0:
            return "shows one metric over time for each value of a dimension: name a grain and a dimension"
        case "map" if metrics != 1 or not is_of_places or grain is not None:
            return (
                "shows one metric by state or country, or by latitude and longitude: name that dimension, or these two, and "
                "no grain"
            )
        case "funnel" if metrics < 2 or keys:
            return (
                "shows how many of the first go on to each further step: name a count and conversions of it, and neither a "
                "dimension nor a grain"
            )
        case "cohort" if metrics > 2 or dimensions != 1 or grain is None:
            return (
                "shows who of each cohort comes back: name a metric with a retention, the size of its cohorts beside it or "
                "none, the dimension of the buckets since, and the grain of both"
            )
        case "gauge" if metrics != 1 or dimensions > 1 or grain is not None:
            return "shows how far one metric has come to its target: name it, one dimension or none, and no grain"
        case _:
            return None


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

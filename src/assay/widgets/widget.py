"""A widget: a saved question with a way to draw it; a tile: a widget with its place."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assay.compiler.question import AskedMetrics

WidgetKind = Literal["kpi", "trend", "bar", "table", "breakdown"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Widget(_Strict):
    title: str | None = Field(default=None, max_length=120, description="null: the label of its first metric")
    subtitle: str | None = Field(default=None, max_length=120)
    kind: WidgetKind
    question: AskedMetrics
    spark: AskedMetrics | None = Field(default=None, description="the small line behind a KPI: a question with a grain")


class Tile(_Strict):
    """Place and size on a grid of 12 columns."""

    widget_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    x: int = Field(ge=0, le=11)
    y: int = Field(ge=0, le=1_000)
    w: int = Field(ge=1, le=12)
    h: int = Field(ge=1, le=40)
    widget: Widget


class DashboardEntry(_Strict):
    """A dashboard as the workspace writes it."""

    dashboard_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    label: str = Field(min_length=1, max_length=80)
    description: str = Field(default="", max_length=300)
    tiles: tuple[Tile, ...] = Field(max_length=64)


class Dashboard(DashboardEntry):
    """A dashboard as it is served: `version` is what a save must name, `edited` whether the screen changed it."""

    version: int
    edited: bool

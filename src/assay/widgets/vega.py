"""A widget with its answer as a portable Vega-Lite chart: data inline, conditions as predicates, no expression to run.

The rules of docs/charts.md hold here where the format knows them: bars and areas from zero, stacks by key, wall times.
Decimals stay the strings they travel as; `format.parse` has the reader of the chart make numbers of them.
"""

from typing import Any

from assay.answers.answer import Answer
from assay.compiler.statement import AnswerColumn
from assay.widgets.widget import Widget, WidgetKind

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_TONES = {"good": "#1a7f4b", "watch": "#b7791f", "bad": "#c0392b"}
_FORMATS = {"percent": ".1%", "usd": "$,.2f"}
_BARE = len("2026-11-02T00:00:00")
_NUMBERS = ("integer", "decimal", "double")
Json = dict[str, Any]


def vega_lite(widget: Widget, answer: Answer, label: str) -> Json:
    """The chart of this answer, with its receipt in `usermeta`."""
    known = answer.provenance
    subtitle = [*([widget.subtitle] if widget.subtitle else []), f"receipt {known.receipt_id}"]
    return {
        "$schema": SCHEMA,
        "title": {"text": label, "subtitle": subtitle, "anchor": "start"},
        "usermeta": {
            "assay": {
                "receipt_id": known.receipt_id, "answer_id": answer.answer_id, "metrics": list(answer.metric_ids),
                "definition_version": known.definition_version, "data_version": known.data_version,
                "backend": known.backend, "as_of": known.as_of, "synthetic": known.synthetic,
                "widget": widget.model_dump(mode="json", exclude_defaults=True),
            }
        },
        "data": _data(answer),
        **_Chart(widget, answer).drawn(),
    }  # fmt: skip


def _data(answer: Answer) -> Json:
    names = [column.name for column in answer.columns]
    parse = {column.name: _parse(column, answer) for column in answer.columns}
    return {
        "values": [dict(zip(names, row, strict=True)) for row in answer.rows],
        "format": {"type": "json", "parse": {name: how for name, how in parse.items() if how}},
    }


def _tells_offset(column: AnswerColumn, answer: Answer) -> bool:
    """Hours with their offset are names in their order: read as instants, each reader's own zone would move them."""
    at = answer.columns.index(column)
    return column.type.kind == "timestamp" and any(len(str(row[at])) > _BARE for row in answer.rows)


def _parse(column: AnswerColumn, answer: Answer) -> str | None:
    if column.role == "time":
        if _tells_offset(column, answer):
            return None
        # Read as the workspace's clock shows it; a bare "date" would be moved into the reader's zone.
        return "date:'%Y-%m-%d'" if column.type.kind == "date" else "date:'%Y-%m-%dT%H:%M:%S'"
    return "number" if column.type.kind in _NUMBERS and column.role in ("value", "previous") else None


def _kind(widget: Widget, answer: Answer) -> WidgetKind:
    """Parts of a whole need a whole: with one below zero they are bars, each from zero."""
    values = [at for at, column in enumerate(answer.columns) if column.role == "value"]
    is_below = any(row[at] is not None and float(row[at]) < 0 for row in answer.rows for at in values)
    return "bar" if widget.kind == "breakdown" and is_below else widget.kind


class _Chart:
    def __init__(self, widget: Widget, answer: Answer) -> None:
        self.widget = widget
        self.kind: WidgetKind = _kind(widget, answer)
        self.ordered = {column.name for column in answer.columns if _tells_offset(column, answer)}
        self.columns = answer.columns
        self.values = [column for column in answer.columns if column.role == "value"]
        self.previous = [column for column in answer.columns if column.role == "previous"]
        keys = [column for column in answer.columns if column.role in ("time", "dimension")]
        self.keys = keys
        dimensions = [column.name for column in keys if column.role == "dimension"]
        self.series = widget.series or (dimensions[-1] if len(keys) > 1 else None)
        self.axis = next((column for column in keys if column.name != self.series), None)
        # Several metrics become one field each row of which says whose it is.
        self.is_folded = len(self.values) > 1
        self.value = "amount" if self.is_folded else self.values[0].name

    def drawn(self) -> Json:
        match self.kind:
            case "kpi":
                return self.kpi()
            case "table":
                return self.table()
            case "breakdown":
                return self.breakdown()
            case "trend" | "bar":
                return self.on_axes()
            case "combo":
                return self.combo()
            case "scatter":
                return self.scatter()
            case "histogram":
                return self.histogram()
            case "heatmap":
                return self.heatmap()
            case "pivot":
                return self.pivot()
            case "multiples":
                return self.multiples()
            case "map":
                # The format knows no states without a file of them from elsewhere: bars say the same.
                self.kind = "bar"
                return self.on_axes()
            case "text":
                raise AssertionError("a text has no answer")

    # -- kinds ----------------------------------------------------------------------------------

    def kpi(self) -> Json:
        text = {"field": self.values[0].name, "type": "quantitative", "format": self.format()}
        return {"mark": {"type": "text", "fontSize": 48}, "encoding": {"text": text, "color": self.tones("#1f2430")}}

    def table(self) -> Json:
        names = [column.name for column in self.columns]
        number = {"window": [{"op": "row_number", "as": "row"}]}
        return {
            "transform": [number, {"fold": names, "as": ["column", "cell"]}],
            "mark": {"type": "text"},
            "encoding": {
                "x": {"field": "column", "type": "nominal", "sort": names, "title": None,
                      "axis": {"orient": "top", "labelAngle": 0, "domain": False, "ticks": False}},
                "y": {"field": "row", "type": "ordinal", "axis": None},
                "text": {"field": "cell", "type": "nominal"},
            },
        }  # fmt: skip

    def breakdown(self) -> Json:
        color: Json | None = None
        if self.is_folded:
            color = {"field": "metric", "type": "nominal"}
        elif self.series or self.axis:
            name = self.axis.name if self.axis else self.series
            color = {"field": name, "type": "nominal", "sort": None}
        encoding = {"theta": self.measured(stack=True), "color": color, "tooltip": self.tooltip()}
        mark = {"type": "arc", "innerRadius": 60}
        return self.folded({"mark": mark, "encoding": {name: each for name, each in encoding.items() if each}})

    def combo(self) -> Json:
        """Two units have an axis each, and both begin at 0."""
        first, *rest = self.values
        is_other = any(each.unit != first.unit for each in rest)
        x = self.place_of(self.keys[0])
        bars = {"mark": {"type": "bar"}, "encoding": {"x": x, "y": self.axis_of(first), "tooltip": self.tooltip()}}
        lines = [
            {"mark": {"type": "line", "point": True, "color": "#c8774d"}, "encoding": {"x": x, "y": self.axis_of(each)}}
            for each in rest
        ]
        return {"layer": [bars, *lines], **({"resolve": {"scale": {"y": "independent"}}} if is_other else {})}

    def scatter(self) -> Json:
        across, up = self.values[:2]
        encoding: Json = {
            "x": self.axis_of(across, zero=False),
            "y": self.axis_of(up, zero=False),
            "tooltip": self.tooltip(),
        }
        if self.widget.series:
            encoding["color"] = {"field": self.widget.series, "type": "nominal", "sort": None}
        return {"mark": {"type": "point", "filled": True}, "encoding": encoding}

    def histogram(self) -> Json:
        value = self.values[0]
        return {
            "mark": {"type": "bar"},
            "encoding": {
                "x": {"field": value.name, "type": "quantitative", "bin": True, "title": None,
                      "axis": {"format": self.format()}},
                "y": {"aggregate": "count", "type": "quantitative", "title": None, "scale": {"zero": True}},
            },
        }  # fmt: skip

    def heatmap(self) -> Json:
        value = {"field": self.values[0].name, "type": "quantitative", "title": None}
        if len(self.keys) == 1:
            at = self.keys[0].name
            units = {"x": "hours", "y": "day"}
            places: Json = {
                name: {"field": at, "type": "ordinal", "timeUnit": unit, "title": None} for name, unit in units.items()
            }
            value["aggregate"] = "mean"
        else:
            down = next((key for key in self.keys if key.name == self.series), self.keys[-1])
            across = next(key for key in self.keys if key is not down)
            places = {"x": self.place_of(across) | {"type": "ordinal"}, "y": self.place_of(down)}
        return {"mark": {"type": "rect"}, "encoding": {**places, "color": value, "tooltip": self.tooltip()}}

    def pivot(self) -> Json:
        down = next(key for key in self.keys if key.name != self.series)
        text = {"field": self.values[0].name, "type": "quantitative", "format": self.format()}
        x = {
            "field": self.series,
            "type": "nominal",
            "sort": None,
            "title": None,
            "axis": {"orient": "top", "labelAngle": 0},
        }
        return {
            "mark": {"type": "text"},
            "encoding": {"x": x, "y": self.place_of(down) | {"type": "ordinal"}, "text": text, "tooltip": self.tooltip()},
        }

    def multiples(self) -> Json:
        """On one scale: what is larger looks larger."""
        zero = self.values[0].empty == "zero"
        encoding = {
            "x": self.place_of(self.keys[0]), "y": self.axis_of(self.values[0], zero=zero), "tooltip": self.tooltip(),
            "facet": {"field": self.series, "type": "nominal", "sort": None, "title": None, "columns": 3},
        }  # fmt: skip
        return {"mark": {"type": "area" if zero else "line"}, "encoding": encoding}

    def place_of(self, key: AnswerColumn) -> Json:
        """A key as a place on an axis, in the order of the rows."""
        kind = "temporal" if key.role == "time" and key.name not in self.ordered else "ordinal"
        return {"field": key.name, "type": kind, "title": None, **({} if kind == "temporal" else {"sort": None})}

    def axis_of(self, column: AnswerColumn, *, zero: bool = True) -> Json:
        axis = {"format": _FORMATS.get(column.unit or "", ",")}
        return {"field": column.name, "type": "quantitative", "axis": axis, "scale": {"zero": zero}}

    def on_axes(self) -> Json:
        layers = [self.main_layer(), *self.previous_layers(), *self.reference_layers()]
        return self.folded({"layer": layers} if len(layers) > 1 else layers[0])

    # -- layers ---------------------------------------------------------------------------------

    def main_layer(self) -> Json:
        color = self.color()
        encoding: Json = {**self.places(), "tooltip": self.tooltip()}
        if color:
            encoding["color"] = color
        if self.kind == "bar":
            if self.is_split and not self.widget.stacked:
                encoding["yOffset" if self.is_lying else "xOffset"] = {"field": self.split_field, "type": "nominal"}
            return {"mark": {"type": "bar"}, "encoding": encoding}
        mark = {"type": "area"} if self.widget.stacked else {"type": "line", "point": True}
        return {"mark": mark, "encoding": encoding}

    def previous_layers(self) -> list[Json]:
        """What was before, dashed behind a line; a split chart would be too dense with it."""
        if self.kind != "trend" or self.is_split or len(self.previous) != 1:
            return []
        places = self.places() | {"y": {"field": self.previous[0].name, "type": "quantitative"}}
        return [{"mark": {"type": "line", "strokeDash": [4, 4], "opacity": 0.6}, "encoding": places}]

    def reference_layers(self) -> list[Json]:
        across = "x" if self.is_lying else "y"
        found: list[Json] = []
        for line in self.widget.reference_lines:
            at = {"datum": float(line.value), "type": "quantitative"}
            found.append({"mark": {"type": "rule", "strokeDash": [6, 3]}, "encoding": {across: at}})
            if line.label:
                mark = {"type": "text", "align": "left", "dx": 4, "dy": -6, "text": line.label}
                found.append({"mark": mark, "encoding": {across: at, "y" if self.is_lying else "x": {"value": 0}}})
        return found

    # -- encodings ------------------------------------------------------------------------------

    @property
    def is_split(self) -> bool:
        return self.is_folded or self.series is not None

    @property
    def split_field(self) -> str:
        return "metric" if self.is_folded else self.series or ""

    @property
    def is_lying(self) -> bool:
        """Bars of names lie, bars over time stand."""
        return self.kind == "bar" and (self.axis is None or self.axis.role != "time")

    def places(self) -> Json:
        stack: bool | None = self.widget.stacked if self.is_split else None
        if self.axis is not None:
            kind = "temporal" if self.axis.role == "time" else "nominal"
            if self.axis.name in self.ordered:
                kind = "ordinal"
            axis: Json = {"field": self.axis.name, "type": kind, "title": None}
            if kind != "temporal":
                axis["sort"] = None
        else:
            axis = {"datum": "Total", "type": "nominal", "title": None}
        measured = self.measured(stack=stack)
        return {"y": axis, "x": measured} if self.is_lying else {"x": axis, "y": measured}

    def measured(self, *, stack: bool | None) -> Json:
        found: Json = {"field": self.value, "type": "quantitative", "title": None}
        if self.kind != "breakdown":
            found["axis"] = {"format": self.format()}
        if stack is not None:
            found["stack"] = "zero" if stack else None
        if self.kind == "bar" or stack:
            found["scale"] = {"zero": True}
        if self.kind == "trend" and stack and self.values[0].empty == "zero":
            # A part that has no row for a day is nothing there, not the way between its neighbours.
            found["impute"] = {"value": 0}
        return found

    def color(self) -> Json | None:
        if self.is_split:
            return {"field": self.split_field, "type": "nominal", "sort": None}
        return self.tones("#3b6fb6") if self.kind == "bar" else None

    def tones(self, otherwise: str) -> Json:
        """The tone of the highest threshold that a value reaches."""
        field = self.values[0].name
        conditions = [
            {"test": {"field": field, "gte": float(each.at)}, "value": _TONES[each.tone]}
            for each in reversed(self.widget.thresholds)
        ]
        return {"condition": conditions, "value": otherwise} if conditions else {"value": otherwise}

    def tooltip(self) -> list[Json]:
        kinds = {"time": "temporal", "dimension": "nominal"}
        return [{"field": column.name, "type": kinds.get(column.role, "quantitative")} for column in self.columns]

    def format(self) -> str:
        """As d3 writes it."""
        wanted, unit = self.widget.format, self.values[0].unit or ""
        if wanted is None:
            return _FORMATS.get(unit, ",")
        before, after = ("$" if unit == "usd" else ""), "%" if unit == "percent" else "f"
        if wanted.compact and unit != "percent":
            return f"{before}.{(wanted.decimals or 0) + 2}~s"
        if wanted.decimals is None:
            return _FORMATS.get(unit, ",")
        return f"{before},.{wanted.decimals}{after}"

    def folded(self, chart: Json) -> Json:
        if not self.is_folded:
            return chart
        fold = {"fold": [column.name for column in self.values], "as": ["metric", self.value]}
        return {"transform": [fold], **chart}

"""A widget with its answer as a portable Vega-Lite chart: data inline, conditions as predicates, no expression to run.

The rules of docs/charts.md hold here where the format knows them: the colours that values have everywhere, bars and areas
from zero, stacks by key, gaps, wall times. Decimals stay the strings they travel as; `format.parse` has the reader of the
chart make numbers of them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from assay.answers.answer import Answer
from assay.catalog.buckets import buckets_between
from assay.catalog.colours import METRICS
from assay.catalog.zones import last_day
from assay.compiler.statement import AnswerColumn
from assay.widgets.bucket_gaps import absent_buckets, grain_told
from assay.widgets.vega_palette import ACCENT, COMPARE, HUES, KEPT, NEUTRAL, OTHERS, SEQUENTIAL, TONES, key_of, shades
from assay.widgets.widget import DrawnKind, Widget, points_of

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_FORMATS = {"percent": ".1%", "usd": "$,.2f"}
_PLAIN = ",.12~r"
"""Without a type of its own a reader would write steps of an axis as 6e+2."""
_BARE = len("2026-11-02T00:00:00")
_NUMBERS = ("integer", "decimal", "double")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAY, _HOUR = "day of the week", "hour of the day"
_MOST_BUCKETS = 20_000
Json = dict[str, Any]


def series_of(widget: Widget, answer: Answer) -> tuple[str, list[str]]:
    """What its series are told apart by, and the keys of those that have a colour: at most as many as there are."""
    chart = _Chart(widget, answer, {})
    if len(chart.values) > 1:
        return METRICS, [key_of(column.name) for column in chart.values]
    return chart.apart or METRICS, [key_of(value) for value in chart.coloured_values()]


def vega_lite(widget: Widget, answer: Answer, label: str, hues: Mapping[str, int]) -> Json:
    """The chart of this answer, with its receipt in `usermeta`; `hues`, 1 to 8, by the keys of `series_of`."""
    chart = _Chart(widget, answer, hues)
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
        "data": {"values": chart.rows(), "format": {"type": "json", "parse": _parses(answer)}},
        "config": {"mark": {"color": ACCENT}},
        **_KINDS[chart.kind](chart),
    }  # fmt: skip


def _parses(answer: Answer) -> dict[str, str]:
    parse = {column.name: _parse(column, answer) for column in answer.columns}
    return {name: how for name, how in parse.items() if how}


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
    is_place = points_of((column.name, "lat")) or points_of((column.name, "lon"))
    return "number" if column.type.kind in _NUMBERS and (is_place or column.role in ("value", "previous")) else None


def _in_week(time: str) -> Json:
    """Where an hour lies in a week, by the clock that it was told by."""
    at = datetime.fromisoformat(time)
    return {_WEEKDAY: _WEEKDAYS[at.weekday()], _HOUR: at.hour}


def _numbers(answer: Answer) -> list[float]:
    values = [at for at, column in enumerate(answer.columns) if column.role == "value"]
    found = (float(row[at]) for row in answer.rows for at in values if row[at] is not None)
    return [each for each in found if isfinite(each)]


def _rows_of(answer: Answer) -> tuple[list[Json], list[Json]]:
    """All rows by the names of their columns, that of all others called `others (12)`; and those of groups alone."""
    columns = [column.name for column in answer.columns]
    rows = [dict(zip(columns, row, strict=True)) for row in answer.rows]
    told = next((column.name for column in answer.columns if column.role == "others"), None)
    own = [row for row in rows if told is None or row[told] is None]
    names = [column.name for column in answer.columns if column.role == "dimension"]
    taken = {row[name] for row in own for name in names}
    for row in rows:
        if told is not None and row[told] is not None:
            called = f"others ({row[told]})"
            while called in taken:  # a group may be called so
                called = f"all {called}"
            row.update(dict.fromkeys(names, called))
    return rows, own


class _Chart:
    def __init__(self, widget: Widget, answer: Answer, hues: Mapping[str, int]) -> None:
        self.widget = widget
        self.answer = answer
        self.hues = hues
        self.held, self.own = _rows_of(answer)
        numbers = _numbers(answer)
        self.is_below = any(each < 0 for each in numbers)
        assert widget.kind != "text", "a text has no answer"
        # Parts of a whole need a whole: with one below zero they are bars, each from zero. The format knows no places
        # without a file of them from elsewhere: bars say the same.
        is_bar = (widget.kind == "map" and points_of(widget.question.dimensions) is None) or (
            widget.kind == "breakdown" and self.is_below
        )
        self.kind: DrawnKind = "bar" if is_bar else widget.kind
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

    # -- kinds ----------------------------------------------------------------------------------

    def kpi(self) -> Json:
        text = {"field": self.values[0].name, "type": "quantitative", "format": self.format()}
        return {"mark": {"type": "text", "fontSize": 48}, "encoding": {"text": text, "color": self.tones("#17191d")}}

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
            color = self.told_apart("metric")
        elif self.series or self.axis:
            color = self.told_apart(self.axis.name if self.axis else self.series or "")
        encoding = {"theta": self.measured(stack=True), "color": color, "tooltip": self.tooltip()}
        mark = {"type": "arc", "innerRadius": 60}
        return self.folded({"mark": mark, "encoding": {name: each for name, each in encoding.items() if each}})

    def combo(self) -> Json:
        """Two units have an axis each, and both begin at 0."""
        first, *rest = self.values
        is_other = any(each.unit != first.unit for each in rest)
        x = self.place_of(self.keys[0])
        bars = {
            "mark": {"type": "bar", "color": self.hue(first.name)},
            "encoding": {"x": x, "y": self.axis_of(first), "tooltip": self.tooltip()},
        }
        lines = [
            {"mark": {"type": "line", "point": True, "color": self.hue(each.name)},
             "encoding": {"x": x, "y": self.axis_of(each)}}
            for each in rest
        ]  # fmt: skip
        return {"layer": [bars, *lines], **({"resolve": {"scale": {"y": "independent"}}} if is_other else {})}

    def scatter(self) -> Json:
        across, up = self.values[:2]
        encoding: Json = {
            "x": self.axis_of(across, zero=False),
            "y": self.axis_of(up, zero=False),
            "tooltip": self.tooltip(),
        }
        if self.widget.series:
            encoding["color"] = self.told_apart(self.widget.series)
        return {"mark": {"type": "point", "filled": True}, "encoding": encoding}

    def points(self) -> Json:
        """Points of the earth, as large as their values, without what lies under them."""
        latitude, longitude = points_of(self.widget.question.dimensions) or ("", "")
        value = {"field": self.values[0].name, "type": "quantitative", "scale": {"zero": True}, "title": None}
        return {
            "projection": {"type": "equalEarth"},
            "mark": {"type": "circle", "opacity": 0.6},
            "encoding": {
                "latitude": {"field": latitude, "type": "quantitative"},
                "longitude": {"field": longitude, "type": "quantitative"},
                "size": value, "tooltip": self.tooltip(),
            },
        }  # fmt: skip

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
        value: Json = {
            "field": self.values[0].name,
            "type": "quantitative",
            "title": None,
            "scale": shades(_numbers(self.answer)),
        }
        if self.is_by_week:
            places: Json = {
                "x": {"field": _HOUR, "type": "ordinal", "title": None},
                "y": {"field": _WEEKDAY, "type": "ordinal", "sort": list(_WEEKDAYS), "title": None},
            }
            value |= {"aggregate": "mean", "scale": {"range": list(SEQUENTIAL), "zero": True}}
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

    def funnel(self) -> Json:
        """Steps from the first to the last, each from zero."""
        steps = {"field": "metric", "type": "nominal", "title": None, "sort": [column.name for column in self.values]}
        measured = self.measured(stack=None) | {"scale": {"zero": True}}
        return self.folded({"mark": {"type": "bar"}, "encoding": {"y": steps, "x": measured, "tooltip": self.tooltip()}})

    def gauge(self) -> Json:
        """What was reached as a bar from zero, and its target as a line across it."""
        name = self.keys[0].name if self.keys else None
        y: Json = {"type": "nominal", "title": None, **({"field": name, "sort": None} if name else {"datum": ""})}
        bars = {"mark": {"type": "bar"}, "encoding": {"y": y, "x": self.axis_of(self.values[0]), "tooltip": self.tooltip()}}
        told = [{**each["where"], "target": float(each["value"])} for each in self.answer.targets]
        line = {
            "data": {"values": told},
            "mark": {"type": "tick", "thickness": 2, "color": "#17191d"},
            "encoding": {"y": y, "x": {"field": "target", "type": "quantitative"}},
        }
        return {"layer": [bars, line] if told else [bars]}

    def cohort(self) -> Json:
        """A row for each cohort and a column for each bucket since; what has no value yet has no cell."""
        cohort, since = self.keys
        value = {"field": self.values[0].name, "type": "quantitative"}
        places = {"x": self.place_of(since) | {"sort": "ascending"}, "y": self.place_of(cohort) | {"type": "ordinal"}}
        scale: Json = {"range": list(SEQUENTIAL), "zero": True}
        color: Json = value | {"title": None, "scale": scale}
        if self.is_given(since.name):
            # Coloured, what holds all of each cohort would make everything behind it pale.
            behind = [float(row[value["field"]] or 0) for row in self.own if row[since.name] != 0]
            scale |= {"domain": [0, max(behind, default=0) or 1]}
            color["condition"] = {"test": {"field": since.name, "equal": 0}, "value": NEUTRAL}
        rect = {"mark": {"type": "rect"}, "encoding": {**places, "color": color, "tooltip": self.tooltip()}}
        text = {"mark": {"type": "text"}, "encoding": {**places, "text": value | {"format": self.format()}}}
        return {"layer": [rect, text]}

    def is_given(self, since: str) -> bool:
        """Whether the first bucket says nothing of who comes back: all of each cohort are in it."""
        told, *size = (column.name for column in self.values)
        first = [row for row in self.own if row[since] == 0 and row[told] is not None]
        whole = [1 if self.values[0].unit == "percent" else row[size[0]] if size else None for row in first]
        return [row[told] for row in first] == whole

    def place_of(self, key: AnswerColumn) -> Json:
        """A key as a place on an axis, in the order of the rows."""
        kind = "temporal" if key.role == "time" and key.name not in self.ordered else "ordinal"
        return {"field": key.name, "type": kind, "title": None, **({} if kind == "temporal" else {"sort": None})}

    def axis_of(self, column: AnswerColumn, *, zero: bool = True) -> Json:
        axis = {"format": _FORMATS.get(column.unit or "", _PLAIN)}
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
            if self.is_split and not self.is_stacked:
                encoding["yOffset" if self.is_lying else "xOffset"] = {"field": self.split_field, "type": "nominal"}
            return {"mark": {"type": "bar"}, "encoding": encoding}
        mark = {"type": "area"} if self.is_stacked else {"type": "line", "point": True}
        return {"mark": mark, "encoding": encoding}

    def previous_layers(self) -> list[Json]:
        """What was before, dashed behind a line; a split chart would be too dense with it."""
        if self.kind != "trend" or self.is_split or len(self.previous) != 1:
            return []
        places = self.places() | {"y": {"field": self.previous[0].name, "type": "quantitative"}}
        return [{"mark": {"type": "line", "strokeDash": [4, 4], "color": COMPARE}, "encoding": places}]

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

    # -- what is there --------------------------------------------------------------------------

    def values_of(self, name: str) -> list[Any]:
        """The values of a column, in the order in which they first come."""
        return list(dict.fromkeys(row[name] for row in self.held))

    @property
    def apart(self) -> str | None:
        """The dimension whose values have colours."""
        match self.kind:
            case "breakdown":
                return self.axis.name if self.axis else self.series
            case "scatter":
                return self.widget.series
            case "trend" | "bar":
                return self.series
            case _:
                return None

    def coloured_values(self) -> list[Any]:
        """Those of the series that have a colour: of more than there are colours the seven largest."""
        field = self.apart
        if field is None:
            return []
        found = list(dict.fromkeys(row[field] for row in self.own))
        if len(found) <= len(HUES):
            return found
        sizes = dict.fromkeys(found, 0.0)
        for row in self.own:
            sizes[row[field]] += abs(float(row[self.values[0].name] or 0))
        return sorted(found, key=lambda each: -sizes[each])[:KEPT]

    @property
    def is_by_week(self) -> bool:
        """Hours alone as a heat map: the hours of a week, each as the mean of the weeks."""
        return self.kind == "heatmap" and len(self.keys) == 1

    @property
    def is_of_buckets(self) -> bool:
        """Buckets of time are counted by their values, those without a row among them."""
        return self.kind == "histogram" and [key.role for key in self.keys] == ["time"]

    @property
    def is_whole(self) -> bool:
        asked = self.answer.question
        return not self.answer.provenance.truncated and (asked.get("limit") is None or bool(asked.get("others")))

    def absent(self, column: AnswerColumn) -> int | None:
        """What a group without rows holds: 0 where the metric counts and no row was left out, else nobody knows."""
        return 0 if self.is_whole and column.empty == "zero" else None

    def rows(self) -> list[Json]:
        found = [*self.held, *self.gaps()]
        if self.kind == "histogram":  # what has no value lies in no class
            found = [row for row in found if row[self.values[0].name] is not None]
        if not (self.is_by_week or self.is_of_buckets):
            return found
        time = self.keys[0].name
        # What is not over holds less than the others of its place in the week, or of its length.
        partial = {each["time"] for each in self.answer.partial}
        whole = [row for row in found if row[time] is not None and row[time] not in partial]
        return [row | _in_week(str(row[time])) for row in whole] if self.is_by_week else whole

    def gaps(self) -> list[Json]:
        """A row for each bucket that no row speaks of, so that no line is drawn across it."""
        time = next((column for column in self.keys if column.role == "time"), None)
        has_no_gaps = self.kind in ("table", "pivot", "scatter") or (self.kind == "histogram" and not self.is_of_buckets)
        if time is None or has_no_gaps or not self.answer.rows:
            return []
        # Hours with their offset stand in the order of the rows, where none can be put between; a week has its own,
        # and classes of values have none.
        if time.name in self.ordered and not (self.is_by_week or self.is_of_buckets):
            return []
        (first, *_) = self.own or self.held
        values = {column.name: self.absent(column) for column in self.values}
        held = values | {column.name: None for column in self.previous}
        is_filled = all(value == 0 for value in values.values())
        found = self.absent_in_window(time.name) if is_filled else None
        if found is None and time.name not in self.ordered:
            asked = self.answer.question
            names = [each["time"] for each in asked.get("periods") or ()]
            found = absent_buckets(self.values_of(time.name), str(asked.get("grain")), names)
        return [first | held | {time.name: each} for each in found or ()]

    def absent_in_window(self, time: str) -> list[str] | None:
        """The buckets of the window until now that no row speaks of; None where there is no window, or they are too many."""
        asked = self.answer.question
        window = asked.get("window")
        if window is None or asked.get("grain") is None:
            return None
        start, end, now = (datetime.fromisoformat(each) for each in (window["start"], window["end"], asked["as_of"]))
        there, zone = {str(each) for each in self.values_of(time)}, ZoneInfo(window["timezone"])
        if "periods" in asked:
            last = last_day(min(end, now), zone).isoformat()
            found = (each["time"] for each in asked["periods"] if each["time"] <= last)
        else:
            found = (each.name for each in buckets_between(start, min(end, now), grain_told(asked["grain"], there), zone))
        names = list(islice(found, _MOST_BUCKETS + 1))
        return [each for each in names if each not in there] if len(names) <= _MOST_BUCKETS else None

    # -- encodings ------------------------------------------------------------------------------

    @property
    def is_shared(self) -> bool:
        """Of what is below zero there are no shares."""
        return self.widget.shares and not self.is_below

    @property
    def is_stacked(self) -> bool:
        return self.widget.stacked or self.widget.shares

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
        stack: bool | None = self.is_stacked if self.is_split else None
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
            found["axis"] = {"format": ".0%" if stack and self.is_shared else self.format()}
        if stack is not None:
            found["stack"] = ("normalize" if self.is_shared else "zero") if stack else None
        if self.kind == "bar" or stack:
            found["scale"] = {"zero": True}
        if self.kind == "trend" and self.is_split and not self.is_folded:
            # A part that has no row for a day is nothing there, or not known: never the way between its neighbours.
            found["impute"] = {"value": self.absent(self.values[0])}
        return found

    def color(self) -> Json | None:
        if self.is_split:
            return self.told_apart(self.split_field)
        return self.tones(ACCENT) if self.kind == "bar" else None

    def told_apart(self, field: str) -> Json:
        """Each value in the colour that it has everywhere; what is beyond the colours is grey."""
        values: list[Any] = [column.name for column in self.values] if field == "metric" else self.values_of(field)
        scale = {"domain": values, "range": [self.hue(value) for value in values]}
        return {"field": field, "type": "nominal", "sort": None, "scale": scale}

    def hue(self, value: Any) -> str:
        hue = self.hues.get(key_of(value))
        return HUES[hue - 1] if hue else OTHERS

    def tones(self, otherwise: str) -> Json:
        """The tone of the highest threshold that a value reaches."""
        field = self.values[0].name
        conditions = [
            {"test": {"field": field, "gte": float(each.at)}, "value": TONES[each.tone]}
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
            return _FORMATS.get(unit, _PLAIN)
        before, after = ("$" if unit == "usd" else ""), "%" if unit == "percent" else "f"
        if wanted.compact and unit != "percent":
            return f"{before}.{(wanted.decimals or 0) + 2}~s"
        if wanted.decimals is None:
            return _FORMATS.get(unit, _PLAIN)
        return f"{before},.{wanted.decimals}{after}"

    def folded(self, chart: Json) -> Json:
        if not self.is_folded:
            return chart
        fold = {"fold": [column.name for column in self.values], "as": ["metric", self.value]}
        return {"transform": [fold], **chart}


_KINDS: Mapping[DrawnKind, Callable[[_Chart], Json]] = {
    "kpi": _Chart.kpi, "trend": _Chart.on_axes, "bar": _Chart.on_axes, "map": _Chart.points, "table": _Chart.table,
    "breakdown": _Chart.breakdown, "combo": _Chart.combo, "scatter": _Chart.scatter, "histogram": _Chart.histogram,
    "heatmap": _Chart.heatmap, "pivot": _Chart.pivot, "multiples": _Chart.multiples, "funnel": _Chart.funnel,
    "gauge": _Chart.gauge, "cohort": _Chart.cohort,
}  # fmt: skip
"""A line each; a test holds them against the kinds of widgets."""

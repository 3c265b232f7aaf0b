"""A case of MetricFlow's suite as a question of Assay, or why it cannot be asked."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlglot
from sqlglot import exp
from tests.interop.suite_cases import Case, Renderer

from assay.catalog.calendars import Periods
from assay.catalog.formula import BadFormula
from assay.catalog.frames import Frame
from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace
from assay.compiler.question import MAX_LIMIT
from assay.interop.metricflow.project import METRIC_TIME, MetricDef, Model, Project

GRAINS = ("hour", "day", "week", "month", "quarter", "year")
FINER = ("second", "minute")
PARTS = {
    "dow": "weekday", "doy": "day_of_year", "year": "year", "quarter": "quarter", "month": "month", "day": "day",
}  # fmt: skip


_MIDDLE = "2020-01-01"
"""The suite's table of days has more of them than an answer has rows: those before this one are asked by themselves."""


Span = tuple[date, date, date]
"""The days around the rows of the suite's tables, and the one behind the last of its table of days."""


class NotSayable(Exception):
    """Why a case has no question here."""


@dataclass
class Asking:
    """A question and, for each column of its answer, the column of the suite that it stands for."""

    question: dict[str, Any]
    columns: dict[str, str] = field(default_factory=dict[str, str])
    beside: "Asking | None" = None
    """A second question, whose one row stands beside that of this one."""
    after: "Asking | None" = None
    """A second question, whose rows follow those of this one."""


def asking(case: Case, project: Project, workspace: Workspace, left_out: dict[str, str], span: Span) -> Asking:
    """`left_out`: why a metric or a dimension was not imported."""
    asked = case.asked
    if asked.get("saved_query_name") or asked.get("apply_group_by") is False:
        raise NotSayable("rows that are not grouped")
    return _Translation(case, project, workspace, left_out, span).made()


class _Translation:
    def __init__(
        self, case: Case, project: Project, workspace: Workspace, left_out: dict[str, str], span: Span
    ) -> None:  # fmt: skip
        self.asked, self.project, self.workspace, self.left_out = case.asked, project, workspace, left_out
        self.names = list(case.asked.get("metrics") or ())
        self.metrics = [self._metric(name) for name in self.names]
        self.span = span
        self.census = None
        self.is_of_times = not self.names and any(each["name"] == METRIC_TIME for each in self._groups())
        if not (self.names or self.is_of_times or case.asked.get("min_max_only")) and (counted := self._census()):
            self.census, self.metrics = counted[0], [counted[1]]
        self.grains: list[tuple[str, str]] = []
        self.columns: dict[str, str] = {}
        self.dimensions: list[str] = []
        self.window: list[date | datetime | None] = [None, None]
        self.second: datetime | None = None
        """The day of a second window, where the condition is one day or another."""

    def _metric(self, name: str) -> Metric:
        if name not in self.workspace.metrics:
            raise NotSayable(f"{name}: {self.left_out.get(name, 'not imported')}")
        return self.workspace.metrics[name]

    def made(self) -> Asking:
        if self.is_of_times:
            return self._edges_of_times() if self.asked.get("min_max_only") else self._times()
        if self.asked.get("min_max_only"):
            return self._edges()
        for each in self._groups():
            self._group(each["name"], each.get("grain"), each.get("date_part"))
        timed = any(each.has_time for each in self.metrics)
        question: dict[str, Any] = {"metrics": self.names, **({"window": "all"} if timed else {})}
        if self.census:
            question = {"metrics": [self.census]}
        grains = list(dict.fromkeys(grain for _, grain in self.grains))
        if grains:
            question["grain"] = grains[0]
            self.columns["time"] = self.grains[0][0]
        for column, grain in self.grains[1:]:
            self.dimensions.append(f"time:{grain}")
            self.columns[f"time:{grain}"] = column
        question |= self._conditions()
        question["dimensions"] = self.dimensions
        if self.dimensions and any(_has_ties(each) for each in self.metrics):
            raise NotSayable("of first events of one moment the source follows any, here the last by its key")
        by_time = grains or any(name.startswith("time_") for name in self.dimensions)
        if by_time and any(each.has_frame or _looks_back(each) for each in self.metrics):
            # Its buckets go further than the rows.
            question["window"] = {"start": str(self.span[0]), "end": str(self._end_of_shifted())}
        bounds = self._bounds(grains[0] if grains else None)
        if bounds:
            question["window"] = bounds
        single = len(self.names) == 1
        for name in self.names:
            self.columns["value" if single else name] = name
        order = [self._order(each) for each in self.asked.get("order_bys") or ()]
        made = Asking({**question, "order": order, "limit": self.asked.get("limit")}, self.columns)
        if self.second:
            day = {"start": str(self.second), "end": str(self.second + timedelta(days=1))}
            made.after = Asking({**made.question, "window": day}, self.columns)
        return made

    def _end_of_shifted(self) -> date:
        """Behind the days on which the rows of the suite's tables count, also where they look back by periods; of what
        looks further, by grains longer than a day, behind the last day that the suite knows.
        """
        if any(each.has_frame for each in self.metrics) and any(grain != "day" for _, grain in self.grains):
            return self.span[2]
        steps = {step for each in self.metrics for part in each.parts for step in part.shift if step.of}
        return max([self.span[1], *(each.of.moved(self.span[1], each.periods) for each in steps if each.of)])

    # -- groups -----------------------------------------------------------------------------------

    def _groups(self) -> list[dict[str, str]]:
        listed = [{"name": each} for each in self.asked.get("group_bys") or ()]
        found = [*listed, *(self.asked.get("group_by_objs") or ())]
        return [_split(each) for each in found]

    def _group(self, name: str, grain: str | None, part: str | None) -> None:
        if part is not None:
            self._part(name, part)
        elif self._is_time(name) and not self._has_grain(name, grain):
            self._time(name, grain or self._default_grain())
        else:
            self._dimension(name, grain)

    def _has_grain(self, name: str, grain: str | None) -> bool:
        """Whether the question has a grain already, so that the time in another is a dimension of each row."""
        is_dimension = name != METRIC_TIME and grain in (None, *GRAINS)
        return bool(self.grains) and is_dimension and not any(each.has_frame or _looks_back(each) for each in self.metrics)

    def _part(self, name: str, part: str) -> None:
        if part not in PARTS:
            raise NotSayable(f"the part {part} of a time")
        if not self._is_time(name) or not self.names:
            raise NotSayable(f"a part of {name}")
        if any(each.has_frame for each in self.metrics):
            raise NotSayable("a part of a time, of what looks further than its rows")
        self.dimensions.append(f"time_{PARTS[part]}")
        self.columns[f"time_{PARTS[part]}"] = f"{name}__extract_{part}"

    def _time(self, name: str, grain: str) -> None:
        if grain not in self.workspace.calendar.grains:
            raise NotSayable(self._why_no_grain(grain))
        if grain != "day" and any(_is_of_first_days(each) for each in self.metrics):
            raise NotSayable("the value of a bucket is that of the first of its days that have rows, here of its first day")
        self.grains.append((f"{name}__{grain}", grain))

    def _why_no_grain(self, grain: str) -> str:
        return f"the custom granularity {grain}" if grain in self.workspace.calendar.periods else f"the grain {grain}"

    def _is_time(self, name: str) -> bool:
        """Whether it is the time by which the rows of all the metrics count."""
        if name == METRIC_TIME:
            return True
        return bool(self.names) and all(name in self._times_of(each) for each in self.names)

    def _times_of(self, name: str) -> set[str]:
        """The names of its time dimension, where all it counts has one."""
        found = list[set[str]]()
        for each in self._simple(name):
            measure = each.own or next(
                one for model in self.project.models for one in model.measures
                if each.measure is not None and one.name == each.measure.name
            )  # fmt: skip
            model = self._model(measure.model)
            found.append({f"{model.own_entity}__{measure.time or model.time}"})
        return set.intersection(*found) if found else set()

    def _simple(self, name: str) -> list[MetricDef]:
        metric = next((each for each in self.project.metrics if each.name == name), None)
        if metric is None:
            measure = next(one for model in self.project.models for one in model.measures if one.name == name)
            return [MetricDef(name, "simple", None, None, (), measure.place, own=measure)]
        if metric.type == "simple" or (metric.type == "cumulative" and metric.metric is None):
            return [metric]
        given = (metric.numerator, metric.denominator, metric.metric, *metric.inputs)
        return [one for each in given if each for one in self._simple(each.name)]

    def _model(self, name: str) -> Model:
        return next(each for each in self.project.models if each.name == name)

    def _default_grain(self) -> str:
        """The coarsest of the metrics' own; of none that of the time dimension."""
        own = [each.granularity for each in self.project.metrics if each.name in self.names and each.granularity]
        held = list[str]()
        for name in self.names:
            for each in self._simple(name):
                measure = each.own or next(
                    one for model in self.project.models for one in model.measures
                    if each.measure is not None and one.name == each.measure.name
                )  # fmt: skip
                model = self._model(measure.model)
                dim = model.dim(measure.time or model.time or "")
                held.append((dim and dim.granularity) or "day")
        found = [each if GRAINS.index(each) > 0 or own else "day" for each in (*own, *held) if each in GRAINS]
        return max(found, key=GRAINS.index, default="day")

    def _dimension(self, name: str, grain: str | None) -> None:
        found = self._named(name, grain)
        self.dimensions.append(found)
        base = self._granularity(name)
        self.columns[found] = f"{name}__{grain or base}" if base else name

    def _named(self, name: str, grain: str | None) -> str:
        base = self._granularity(name)
        is_custom = grain in self.workspace.calendar.periods
        wanted = name if is_custom or grain in (None, base) else f"{name}__{grain}"
        lacking = [each for each in self.metrics if wanted not in each.dimensions]
        if lacking:
            told = (
                self.left_out.get(wanted) or self.left_out.get(name) or "it cannot be reached, or not without repeating rows"
            )
            raise NotSayable(self._why_no_grain(grain) if grain and grain not in GRAINS else f"{wanted}: {told}")
        return f"{wanted}:{grain}" if is_custom else wanted

    def _granularity(self, name: str) -> str | None:
        """Of a time dimension by the name that it has from anywhere; None for others."""
        *entities, own = name.split("__")
        for model in self.project.models:
            dim = model.dim(own)
            there = {each.name for each in model.keys if each.type in ("primary", "unique")} | {model.own_entity}
            if dim is not None and dim.type == "time" and (not entities or entities[-1] in there):
                return dim.granularity or "day"
        return None

    # -- without metrics --------------------------------------------------------------------------

    def _census(self) -> tuple[str, Metric] | None:
        """The rows of the table in which all of the dimensions stand, or from which the others are reached; None where
        there are metrics.
        """
        if self.names:
            return None
        groups = self._groups()
        condition = sqlglot.parse_one(Renderer("duckdb").filled(self.asked.get("where_filter") or "TRUE"))
        named = {each["name"] for each in groups}
        named |= {_split({"name": each.name})["name"] for each in condition.find_all(exp.Column)
                  if not isinstance(each.parent, exp.Anonymous)}  # fmt: skip
        tables, wanted = {self._table_of(each) for each in named}, {each["name"] for each in groups}
        counted = [each for each in self._counted(tables) if len(tables) == 1 or each[1].dimensions.keys() >= wanted]
        if len(counted) != 1:
            raise NotSayable("dimensions of several tables without a metric, of which none leads to all others")
        if len(tables) > 1 and not self._filters_own(counted[0][0]):
            raise NotSayable("dimensions of several tables without a metric, also values that no row joins")
        return counted[0]

    def _counted(self, tables: set[str]) -> list[tuple[str, Metric]]:
        """The rows of these tables, as far as a metric counts them."""
        found, why = list[tuple[str, Metric]](), NotSayable()
        for table in sorted(tables):
            try:
                found.append(self._rows_of(table))
            except NotSayable as error:
                why = error
        if not found:
            raise why
        return found

    def _times(self) -> Asking:
        """Times alone: the rows of a table of times."""
        groups = self._groups()
        if self.asked.get("where_filter") or any(each["name"] != METRIC_TIME for each in groups):
            raise NotSayable("times without a metric beside dimensions: each time beside each row, which nothing ties to it")
        grains = [each.get("grain") or "day" for each in groups]
        spine, base = self._table_of_times(grains)
        dimensions = dict[str, str]()
        for group, grain in zip(groups, grains, strict=True):
            part, own = group.get("date_part"), METRIC_TIME if grain == base else f"{METRIC_TIME}__{grain}"
            dimensions[f"time_{PARTS[part]}" if part else own] = f"{METRIC_TIME}__{f'extract_{part}' if part else grain}"
        question = {"metrics": [spine], "window": "all", "dimensions": list(dimensions), "limit": MAX_LIMIT}
        constraint = self.asked.get("time_constraint")
        if constraint or base not in grains or base != "day" or any(each.get("date_part") for each in groups):
            bounds = [{"dimension": METRIC_TIME, "op": "between", "values": constraint}] if constraint else []
            return Asking({**question, "filters": bounds}, dimensions)
        before, since = (
            Asking({**question, "filters": [{"dimension": METRIC_TIME, "op": op, "values": [_MIDDLE]}]}, dimensions)
            for op in ("lt", "gte")
        )
        return replace(before, after=since)

    def _table_of_times(self, grains: list[str]) -> tuple[str, str]:
        """The metric that counts the rows of the coarsest that tells these grains, and its own grain."""
        order = (*FINER, *GRAINS)
        finest = min(map(order.index, grains))
        found = [
            (order.index(dim.granularity or "day"), model.name) for model in self.project.models
            if (dim := model.dim(METRIC_TIME)) and order.index(dim.granularity or "day") <= finest
        ]  # fmt: skip
        if not found:
            raise NotSayable("a table of times that tells the grain is not there")
        at, name = max(found)
        self._metric(name)
        return name, order[at]

    def _edges_of_times(self) -> Asking:
        (group,) = self._groups()
        grain = group.get("grain") or "day"
        spine, base = self._table_of_times([grain])
        if grain != base:
            raise NotSayable("the first of times in a coarser grain")
        column = f"{METRIC_TIME}__{grain}"
        edges = {f"{spine}:first": f"{column}__min", f"{spine}:last": f"{column}__max"}
        return Asking({"metrics": list(edges)}, edges)

    def _rows_of(self, table: str) -> tuple[str, Metric]:
        name = f"{table}:rows"
        wanted = {each["name"] for each in self._groups()}
        try:
            found = self.workspace.census.find(name, lambda _: True, wanted)
        except BadFormula as error:
            raise NotSayable(f"without a metric: {error}") from error
        assert found
        return name, found

    def _filters_own(self, name: str) -> bool:
        """Whether a condition that all rows have to meet is of this table alone, so that no row of another stands alone."""
        tree = sqlglot.parse_one(Renderer("duckdb").filled(self.asked.get("where_filter") or "TRUE"))
        return any(
            columns and all(f"{self._table_of(_split({'name': one.name})['name'])}:rows" == name for one in columns)
            and not any(isinstance(one, (exp.Is, exp.Or)) for one in each.walk())
            for each in _conjuncts(tree) if (columns := list(each.find_all(exp.Column)))
        )  # fmt: skip

    def _table_of(self, name: str) -> str:
        entity, _, own = name.partition("__")
        for model in self.project.models:
            if model.own_entity == entity and (model.dim(own) or not own):
                return f"{model.schema}.{model.table}"
        raise NotSayable(f"{name} without a metric")

    def _edges(self) -> Asking:
        """The first and the last of the times of a metric that has the dimension for its time."""
        (group,) = self._groups()
        own = {name for name in self.workspace.metrics if not self.left_out.get(name) and self._knows(name)}
        found = [name for name in sorted(own) if group["name"] in self._times_of(name)]
        if not found or group.get("grain") not in (None, self._granularity(group["name"])):
            return self._ends_of(group)
        column = f"{group['name']}__{self._granularity(group['name'])}"
        edges = {f"{found[0]}:{one}": f"{column}__{other}" for one, other in (("first", "min"), ("last", "max"))}
        return Asking({"metrics": list(edges)}, edges)

    def _ends_of(self, group: dict[str, str]) -> Asking:
        """The least and the greatest value of a dimension: the first in their order, and in its contrary."""
        rows, metric = self._rows_of(self._table_of(group["name"]))
        self.metrics = [metric]
        name, base = self._named(group["name"], group.get("grain")), self._granularity(group["name"])
        column = f"{group['name']}__{group.get('grain') or base}" if base else group["name"]

        def end(side: str, *, descending: bool) -> Asking:
            order = [{"by": name, "descending": descending}]
            return Asking({"metrics": [rows], "dimensions": [name], "order": order, "limit": 1}, {name: f"{column}__{side}"})

        return replace(end("min", descending=False), beside=end("max", descending=True))

    def _knows(self, name: str) -> bool:
        return any(each.name == name for each in self.project.metrics)

    # -- conditions -------------------------------------------------------------------------------

    def _conditions(self) -> dict[str, Any]:
        if not self.asked.get("where_filter"):
            return {}
        tree = sqlglot.parse_one(Renderer("duckdb").filled(self.asked["where_filter"]))
        of_metrics = [each for each in _conjuncts(tree) if isinstance(each.this, exp.Anonymous)]
        if of_metrics and self.census:
            raise NotSayable("values of a dimension chosen by a metric, also those that it alone has")
        whose = {"whose": [self._whose(each) for each in of_metrics]} if of_metrics else {}
        rest = [each for each in _conjuncts(tree) if each not in of_metrics and not self._took_time(each)]
        if any(self._looks_at_time(each) for each in rest):
            raise NotSayable("a condition on the time that is no window")
        groups = [[]]
        for each in rest:
            groups = [[*one, *other] for one in groups for other in self._alternatives(each)]
        if len(groups) == 1:
            return {"filters": groups[0], **whose}
        return {"any_of": groups, **whose}

    def _whose(self, node: exp.Expr) -> dict[str, Any]:
        """A condition on a metric for each value of something, whose last name is that of the rows' own dimension."""
        name, path = (each.name for each in node.this.expressions)
        inner = self._metric(name)
        by = next((each for each in (path, path.partition("__")[2]) if each in inner.dimensions), path)
        return {"dimension": self._named(path.rpartition("__")[2], None), "metric": name, "by": by,
                "op": type(node).__name__.lower(), "value": node.expression.name}  # fmt: skip

    def _looks_at_time(self, node: exp.Expr) -> bool:
        return any(self._is_time(_split({"name": each.name})["name"]) for each in node.find_all(exp.Column))

    def _took_time(self, node: exp.Expr) -> bool:
        """A bound of the window, taken."""
        if isinstance(node, exp.Or):
            return self._took_two_days(node)
        column, value = next(node.find_all(exp.Column), None), _day(node.args.get("expression"))
        if column is None or value is None or not self._is_time(_split({"name": column.name})["name"]):
            return False
        grain = _split({"name": column.name}).get("grain")
        if grain is not None and grain in self.workspace.calendar.periods:
            return self._took_periods(node, value, self.workspace.calendar.periods[grain])
        if grain not in (None, "day"):
            raise NotSayable(self._why_no_grain(grain))
        match node:
            case exp.GTE():
                self.window[0] = value
            case exp.LT():
                self.window[1] = value
            case exp.EQ():
                self.window = [value, value + timedelta(days=1)]
            case _:
                return False
        return True

    def _took_two_days(self, node: exp.Or) -> bool:
        """One day or another: the first is the window, and the second is asked for by itself."""
        sides = [node.this.unnest(), node.expression.unnest()]
        days = [
            _day(each.args.get("expression")) for each in sides if isinstance(each, exp.EQ) and self._looks_at_time(each)
        ]
        if len(days) != len(sides) or not all(days) or not self.grains:
            return False
        self._took_time(sides[0])
        self.second = days[1]
        return True

    def _took_periods(self, node: exp.Expr, value: datetime, periods: Periods) -> bool:
        """As `_took_time`, of the periods whose value in the table of days is so late."""
        if not isinstance(node, exp.GTE):
            return False
        held = _held(periods, value.isoformat())
        self.window[0] = datetime.combine(max(held[0], self.span[0]), time.min)
        return True

    def _alternatives(self, node: exp.Expr) -> list[list[dict[str, Any]]]:
        """Groups of filters, of which one has to hold."""
        node = node.unnest()
        match node:
            case exp.Or():
                return [*self._alternatives(node.this), *self._alternatives(node.expression)]
            case exp.And():
                return [
                    [*one, *other] for one in self._alternatives(node.this) for other in self._alternatives(node.expression)
                ]
            case exp.Not(this=exp.Column() as column):
                return [[self._filter(column, "eq", [False])]]
            case exp.Column():
                return [[self._filter(node, "eq", [True])]]
            case exp.Is(this=exp.Column() as column, expression=exp.Null()):
                return [[self._filter(column, "is_null", [])]]
            case exp.EQ() | exp.GTE() | exp.GT() | exp.LT() | exp.LTE():
                value = node.expression
                day = _day(value)
                given = day.isoformat() if day else (value.this if value.is_string else float(value.this))
                return [[self._filter(node.this, type(node).__name__.lower(), [given])]]
            case _:
                raise NotSayable(f"the condition {node.sql()}")

    def _filter(self, node: exp.Expr, op: str, values: list[Any]) -> dict[str, Any]:
        column = node if isinstance(node, exp.Column) else next(node.find_all(exp.Column))
        named = _split({"name": column.name})
        grain = named.get("grain")
        if grain and (periods := self.workspace.calendar.periods.get(grain)):
            if op != "gte":
                raise NotSayable(self._why_no_grain(grain))
            values = [str(_held(periods, values[0])[0])]
        return {"dimension": self._named(named["name"], grain), "op": op, "values": values}

    def _bounds(self, grain: str | None) -> dict[str, str] | None:
        """The window, both ends held in the source and made of whole buckets."""
        constraint = self.asked.get("time_constraint")
        start, end = self.window
        if constraint:
            first, last = (datetime.fromisoformat(each) for each in constraint)
            if len(constraint[0]) > 10 and grain not in ("hour",):
                raise NotSayable("a window that begins within a day, by a finer grain")
            if any(each.has_frame and _looks_back(each) for each in self.metrics):
                raise NotSayable("within a window the source looks back at nothing that lies before it")
            start, end = _floor(first, grain or "day"), _after(last, grain or "day")
        if start is None and end is None:
            return None
        return {"start": str(start or self.span[0]), "end": str(end or self.span[1])}

    def _order(self, name: str) -> dict[str, Any]:
        bare = name.removeprefix("-")
        by = "time" if self._is_time(_split({"name": bare})["name"]) else "value" if self.names == [bare] else bare
        return {"by": by, "descending": name.startswith("-")}


def _held(periods: Periods, since: str) -> list[date]:
    """The first days of the periods whose value in the table of days is not before a day: the last ones of them."""
    held = [first for first, label in zip(periods.firsts, periods.labels, strict=True) if label >= since[:10]]
    assert held == list(periods.firsts[len(periods.firsts) - len(held) :])
    return held


def _is_of_first_days(metric: Metric) -> bool:
    """Whether a longer bucket has the value of its first day, of which nothing is known where it has no rows."""
    frames = (each.frame for each in metric.parts if each.empty == "unknown")
    return any(isinstance(each, Frame) and each.coarser == "first" for each in frames)


def _has_ties(metric: Metric) -> bool:
    """Whether first events that belong together may be of one moment, so that groups depend on which is followed."""
    return any(
        not {column.name for column in each.order} <= {column.name for _, column in each.keys}
        for part in metric.parts if part.conversion for each in part.conversion.events[:1]
    )  # fmt: skip


def _looks_back(metric: Metric) -> bool:
    return any(part.shift for part in metric.parts)


def _split(group: dict[str, str]) -> dict[str, str]:
    """A name and, where it ends with one, its grain."""
    before, _, last = group["name"].rpartition("__")
    known = (*GRAINS, "second", "minute", "millisecond", "alien_day")
    return {**group, "name": before, "grain": last} if before and last in known else group


def _conjuncts(tree: exp.Expr) -> list[exp.Expr]:
    tree = tree.unnest()
    return [*_conjuncts(tree.this), *_conjuncts(tree.expression)] if isinstance(tree, exp.And) else [tree]


def _day(node: exp.Expr | None) -> datetime | None:
    literal = next(node.find_all(exp.Literal), None) if isinstance(node, exp.Cast) else None
    return datetime.fromisoformat(literal.this) if literal is not None and literal.is_string else None


def _floor(moment: datetime, grain: str) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0)
    match grain:
        case "hour":
            return moment.replace(minute=0, second=0)
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case _:
            return day.replace(month=1, day=1)


def _after(moment: datetime, grain: str) -> datetime:
    """The end of the bucket in which it lies."""
    start = _floor(moment, grain)
    steps = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=32),
             "quarter": timedelta(days=93), "year": timedelta(days=367)}  # fmt: skip
    return _floor(start + steps[grain], grain)

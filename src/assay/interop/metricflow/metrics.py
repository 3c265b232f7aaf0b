"""Metrics of MetricFlow as definitions of the catalog. One that cannot be had with its meaning is left out and told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import sqlglot
from pydantic import ValidationError
from sqlglot.errors import SqlglotError

from assay.catalog.binder import Binder
from assay.catalog.entry import NO_TIME, MetricEntry
from assay.catalog.formula import BadFormula
from assay.catalog.metric import Metric
from assay.catalog.yaml_text import Entry
from assay.interop.columns import written
from assay.interop.fidelity import Item
from assay.interop.metricflow.conversions import Side, conversion_of, counting
from assay.interop.metricflow.of_metrics import OnMetric, apart
from assay.interop.metricflow.project import Input, Measure, MetricDef, Project
from assay.interop.metricflow.rows import NotATime, Rows
from assay.interop.metricflow.templates import metrics_in
from assay.interop.names import fitting_id, head, told_fault
from assay.interop.plain import without_casts
from assay.interop.quotients import WHOLE_NUMBERS, cuts_over_parts, cuts_over_rows

FILE = "metrics/metricflow.yaml"
_WHOLE_DAYS = ("day", "days", "week", "weeks")
_STANDARD = (*_WHOLE_DAYS, "month", "months", "quarter", "quarters", "year", "years")
_COUNTS = ("count", "count_distinct", "sum_boolean")


@dataclass
class Doubts:
    """What of a metric could give another number than the source does; and what it cannot be asked."""

    told: list[str] = field(default_factory=list[str])
    lacking: list[str] = field(default_factory=list[str])


@dataclass
class Metrics:
    project: Project
    rows: dict[str, Rows]
    """By semantic model, those whose tables are there."""
    binder: Binder
    owner: str
    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])
    """By the source's name, in its order."""
    known: dict[str, Metric] = field(default_factory=dict[str, Metric])
    items: list[Item] = field(default_factory=list[Item])
    _ids: dict[str, str] = field(default_factory=dict[str, str])
    _refused: dict[str, str] = field(default_factory=dict[str, str])

    def take_all(self, taken: Iterable[str]) -> None:
        """`taken`: ids that are used already, by metrics that were not imported."""
        defined = {each.name: each for each in (*self.project.metrics, *self._of_measures())}
        used = set(taken)
        self._ids = {name: fitting_id(name, used) for name in defined}
        waiting = list(defined.values())
        while waiting:
            ready = [
                each for each in waiting
                if not {*_needed(each, defined)} & {other.name for other in waiting if other is not each}
            ]  # fmt: skip
            for metric in ready or waiting:
                self._take(metric, defined)
            waiting = [each for each in waiting if each not in ready] if ready else []
        self.entries = {name: self.entries[name] for name in defined if name in self.entries}
        self.items.sort(key=lambda item: list(defined).index(item.name))

    def _of_measures(self) -> list[MetricDef]:
        """Measures that are metrics of their own name, or whose rows are the events of a conversion."""
        named = {each.name for each in self.project.metrics}
        followed = [each.followed for each in self.project.metrics if each.followed and each.followed.of_measures]
        events = {each.name for one in followed for each in (one.base, one.conversion)}
        return [
            MetricDef(each.name, "simple", each.label, each.description, (), each.place, measure=Input(each.name))
            for model in self.project.models for each in model.measures
            if (each.is_metric or each.name in events) and each.name not in named
        ]  # fmt: skip

    def _take(self, metric: MetricDef, defined: dict[str, MetricDef]) -> None:
        doubts = Doubts()
        try:
            said = head(self._ids[metric.name], metric.name, metric.label, metric.description)
            raw = {**said, **self._body(metric, doubts, defined)}
            entry = MetricEntry.model_validate({key: each for key, each in raw.items() if each is not None})
            bound = self.binder.take(self.binder.completed(entry), self.known, self._ids.values(), FILE, 1)
        except ValidationError as error:
            self._leave_out(metric, told_fault(error))
        except BadFormula as error:
            self._leave_out(metric, str(error))
        else:
            self._doubt_division(metric, bound, doubts)
            self.known[entry.id] = bound
            self.entries[metric.name] = {key: each for key, each in raw.items() if each is not None}
            renamed = f"now {entry.id}" if entry.id != metric.name else ""
            told = "; ".join((*([renamed] if renamed else []), *doubts.told, *doubts.lacking))
            outcome = "approximated" if doubts.told or doubts.lacking else "renamed" if renamed else "kept"
            self.items.append(Item("metric", metric.name, outcome, metric.place, told, may_differ=bool(doubts.told)))

    def _leave_out(self, metric: MetricDef, why: str) -> None:
        self._refused[metric.name] = why
        self.items.append(Item("metric", metric.name, "left out", metric.place, why))

    def _body(self, metric: MetricDef, doubts: Doubts, defined: dict[str, MetricDef]) -> Entry:
        owner = {"owner": (metric.owner or self.owner)[:80]}
        match metric.type:
            case "simple":
                return {**self._counted(metric, doubts), **owner}
            case "cumulative":
                return {**self._cumulated(metric, doubts, defined), **owner}
            case "ratio":
                if metric.numerator is None or metric.denominator is None:
                    raise BadFormula("a ratio without numerator or denominator")
                inputs = [metric.numerator, metric.denominator]
                names = [_alias(each, at, inputs) for at, each in enumerate(inputs)]
                body = self._calculated(metric, dict(zip(names, inputs, strict=True)), " / ".join(names), doubts)
                return {**body, "unit": "", **owner}
            case "derived":
                named = {each.alias or each.name: each for each in metric.inputs}
                return {**self._calculated(metric, named, metric.expr or "", doubts), "unit": "", **owner}
            case "conversion":
                return {**self._followed(metric, doubts, defined), **owner}
            case other:
                raise BadFormula(f"nothing is known of metrics of the type {other}")

    # -- what counts rows -------------------------------------------------------------------------

    def _measure(self, metric: MetricDef) -> tuple[Measure, Input]:
        """What it aggregates, and how it takes it in."""
        if metric.own is not None:
            return metric.own, Input(metric.name, fill=metric.fill, joins_spine=metric.joins_spine)
        if metric.measure is None:
            raise BadFormula("it names no measure")
        for model in self.project.models:
            for each in model.measures:
                if each.name == metric.measure.name:
                    return each, metric.measure
        raise BadFormula(f"there is no measure {metric.measure.name}")

    def _counted(self, metric: MetricDef, doubts: Doubts) -> Entry:
        measure, taken_in = self._measure(metric)
        rows = self.rows.get(measure.model)
        if rows is None:
            raise BadFormula(f"the semantic model {measure.model or '(none)'} was left out")
        if taken_in.fill not in (None, 0):
            raise BadFormula(f"it fills what is empty with {taken_in.fill}; only 0 can be said (empty: zero)")
        time = measure.time or rows.model.time
        try:
            column = rows.time_column(time)
        except NotATime as error:
            column = NO_TIME
            doubts.lacking.append(f"{error}: all of its rows count, and it is not asked by time nor within a window")
        conditions, whose = apart((*taken_in.filters, *metric.filters))
        offered = self.binder.entities.get(rows.table)
        counts = measure.agg in _COUNTS or _aggregate(measure, Doubts()) == "COUNT(*)"
        return {
            "entity": rows.table, "measure": _aggregate(measure, doubts),
            "filter": rows.condition(conditions, time),
            "whose": [self._of_whom(each, [measure.model]) for each in whose] or None,
            "time": None if offered is not None and offered.time == column else column,
            "keep": self._keep(measure, rows), "unit": "count" if counts else "",
            "empty": None if taken_in.fill == 0 else "unknown",
        }  # fmt: skip

    def _keep(self, measure: Measure, rows: Rows) -> Entry | None:
        kept = measure.non_additive
        if kept is None:
            return None
        columns = []
        for name in kept.groupings:
            reached = rows.names.get(name) or rows.names.get(f"{rows.model.own_entity}__{name}")
            if reached is None or reached.way:
                raise BadFormula(f"{name}, for each value of which rows are kept, is not of the table itself")
            columns.append(written(reached.dim.expr))
        side = {"newest" if kept.newest else "oldest": rows.time_column(kept.dimension), "of_filtered": True}
        return {**side, "for_each": columns} if columns else side

    def _cumulated(self, metric: MetricDef, doubts: Doubts, defined: dict[str, MetricDef]) -> Entry:
        base = metric
        if metric.metric is not None:
            base = defined.get(metric.metric.name, metric)
            if base.type != "simple":
                raise BadFormula(f"it adds up {metric.metric.name}, which is calculated from other metrics")
        filters = metric.filters
        if base is not metric and metric.metric is not None:
            filters = (*filters, *base.filters, *metric.metric.filters)
        counted = replace(base, filters=filters)
        body = self._counted(counted, doubts)
        if doubts.lacking:
            raise BadFormula(doubts.lacking[0].partition(": ")[0])
        if metric.window is not None:
            count, _, unit = metric.window.partition(" ")
            if unit not in _STANDARD:
                raise BadFormula(f"a window of {metric.window} cannot be said: frames are made of whole days")
            if unit not in _WHOLE_DAYS:
                doubts.told.append("months are counted back from the end of the bucket's day, in the source from the day")
            body["over"] = {"trailing": f"{count} {unit}"}
        elif metric.grain_to_date is not None:
            if metric.grain_to_date not in ("week", "month", "quarter", "year"):
                raise BadFormula(f"a running total since the start of the {metric.grain_to_date} cannot be said")
            body["over"] = {"since_start_of": metric.grain_to_date}
        else:
            body["over"] = "all"
        coarser = metric.period_agg or "first"
        if coarser != "last":
            days = "first day" if coarser == "first" else "days"
            doubts.told.append(f"asked without a grain it is that of the window's {days}, in the source of its last day")
        if coarser == "first":
            doubts.told.append("a longer bucket has the value of its first day, in the source of the first that has rows")
        return {**body, "coarser": coarser}

    def _followed(self, metric: MetricDef, doubts: Doubts, defined: dict[str, MetricDef]) -> Entry:
        if metric.followed is None:
            raise BadFormula("it does not say which events are followed by which")
        base, conversion = (self._events(name, defined) for name in counting(metric.followed, defined))
        time = self.known[base.metric_id].parts[0].time
        if time and time.type.kind != "date":
            doubts.told.append("moments are compared as they are, in the source cut to the granularity of their dimension")
        return conversion_of(metric, metric.followed, base, conversion, doubts.told)

    def _events(self, name: str, defined: dict[str, MetricDef]) -> Side:
        taken = self._taken(name)
        if defined[name].type != "simple":
            raise BadFormula(f"{name} counts no events: it is calculated from other metrics")
        measure, _ = self._measure(defined[name])
        return Side(taken, self.rows[measure.model].model)

    # -- what is calculated from metrics ----------------------------------------------------------

    def _taken(self, name: str) -> str:
        """The id that a metric has here. Raises BadFormula where it was left out."""
        if name not in self._ids:
            raise BadFormula(f"there is no metric {name}")
        if self._ids[name] not in self.known:
            why = self._refused.get(name, "it names this metric in turn")
            raise BadFormula(f"it is made of {name}, which was left out: {why}")
        return self._ids[name]

    def _calculated(self, metric: MetricDef, inputs: dict[str, Input], text: str, doubts: Doubts) -> Entry:
        taken: dict[str, Entry] = {}
        for name, each in inputs.items():
            metric_id = self._taken(each.name)
            conditions, whose = apart((*each.filters, *metric.filters))
            said = {
                "metric": metric_id, "shift": self._shift(each, doubts),
                "filter": self._shared_condition(conditions, each.name),
                "whose": [self._of_whom(one, {model for model, _ in self._models_of(each.name)}) for one in whose] or None,
            }  # fmt: skip
            said = {key: value for key, value in said.items() if value is not None}
            if len(said) > 1 or name != said["metric"]:
                taken[name] = said
        return {"expression": _arithmetic(text), "inputs": taken or None}

    def _shift(self, one: Input, doubts: Doubts) -> str | Entry | None:
        if one.offset_to_grain is not None:
            if one.offset_to_grain not in ("week", "month", "quarter", "year"):
                raise BadFormula(f"it takes {one.name} at the start of the {one.offset_to_grain}, not a week or longer")
            return {"to_start_of": one.offset_to_grain}
        if one.offset_window is None:
            return None
        unit = one.offset_window.partition(" ")[2]
        if {unit, unit.removesuffix("s")} & self.binder.calendar.periods.keys():
            return one.offset_window
        if unit not in _STANDARD:
            raise BadFormula(f"it looks back {one.offset_window}, which is not made of whole days")
        if unit not in _WHOLE_DAYS:
            doubts.told.append(
                "each earlier row counts once, in the source a day on each that it is the same day of a month before"
            )
        return one.offset_window

    def _of_whom(self, condition: OnMetric, models: Iterable[str]) -> Entry:
        """A condition on a metric, on the rows of these models."""
        metric_id = self._taken(condition.metric)
        if self.known[metric_id].window:
            raise BadFormula(f"it looks at {condition.metric}, which has a window of its own here")
        *_, last = condition.group_by.split("__")
        names = {self._dimension(model, last) for model in models}
        inner = {self._dimension(model, condition.group_by) for model, _ in self._models_of(condition.metric)}
        if len(names) != 1 or len(inner) != 1:
            raise BadFormula(f"{condition.group_by} is not called the same in all tables that it counts")
        found, by = names.pop(), inner.pop()
        said = {"dimension": found, "metric": metric_id, "op": condition.op, "value": condition.value}
        return said if by == found else {**said, "by": by}

    def _dimension(self, model: str, path: str) -> str:
        rows = self.rows[model]
        return rows.named(
            path, {each.name for each in self.binder.entities[rows.table].dimensions if not isinstance(each, str)}
        )

    def _shared_condition(self, templates: tuple[str, ...], name: str) -> str | None:
        """A condition on the rows of all that a metric counts. Raises BadFormula where it is not the same on each."""
        if not templates:
            return None
        found = {self.rows[model].condition(templates, time) for model, time in self._models_of(name)}
        if len(found) != 1:
            raise BadFormula(f"its filter on {name} reads differently on the tables that this counts: filter its parts")
        return found.pop()

    def _models_of(self, name: str) -> set[tuple[str, str | None]]:
        """(semantic model, time dimension) of each measure that stands behind the metric."""
        by_name = {each.name: each for each in (*self.project.metrics, *self._of_measures())}
        found: set[tuple[str, str | None]] = set()
        waiting = [name]
        while waiting:
            metric = by_name[waiting.pop()]
            below = [*_named(metric)]
            if metric.type in ("simple", "cumulative") and metric.metric is None:
                measure, _ = self._measure(metric)
                found.add((measure.model, measure.time or self.rows[measure.model].model.time))
            waiting += below
        return found

    def _doubt_division(self, metric: MetricDef, bound: Metric, doubts: Doubts) -> None:
        """Of whole numbers, where the source does not make them real numbers itself, as it does those of a ratio."""
        is_calculated = metric.type == "derived" and metric.expr
        if cuts_over_rows(bound) or (is_calculated and cuts_over_parts(bound, sqlglot.parse_one(metric.expr or ""))):
            doubts.told.append(WHOLE_NUMBERS)


def _named(metric: MetricDef) -> Iterable[str]:
    """The metrics that it is made of."""
    given = (metric.numerator, metric.denominator, metric.metric, *metric.inputs)
    return (each.name for each in given if each is not None)


def _needed(metric: MetricDef, defined: dict[str, MetricDef]) -> Iterable[str]:
    """As `_named`, and the metrics that count the events of a conversion."""
    given = (metric.measure, metric.metric, metric.numerator, metric.denominator, *metric.inputs)
    looked_at = metrics_in([*metric.filters, *(text for each in given if each for text in each.filters)])
    try:
        return (*_named(metric), *looked_at, *(counting(metric.followed, defined) if metric.followed else ()))
    except BadFormula:
        return ()  # told when it is taken


def _alias(one: Input, at: int, inputs: list[Input]) -> str:
    """What a side of a ratio is called: two sides of one metric have to be told apart."""
    name = one.alias or one.name
    others = [each.alias or each.name for number, each in enumerate(inputs) if number != at]
    return f"{name}_{('above', 'below')[at]}" if name in others else name


def _arithmetic(text: str) -> str:
    """The expression without guards against 0, by which nothing is divided here, and without what makes numbers real."""
    try:
        tree = sqlglot.parse_one(text)
    except (SqlglotError, RecursionError) as error:
        raise BadFormula(f"{text!r} cannot be read") from error
    return without_casts(tree)[0].sql()


def _aggregate(measure: Measure, doubts: Doubts) -> str:
    value = written(measure.expr)
    is_one = value == "1"
    simple: dict[str, Callable[[], str]] = {
        "sum": lambda: "COUNT(*)" if is_one else f"SUM({value})",
        "count": lambda: "COUNT(*)" if value.isdecimal() else f"COUNT({value})",
        "count_distinct": lambda: f"COUNT(DISTINCT {value})", "average": lambda: f"AVG({value})",
        "min": lambda: f"MIN({value})", "max": lambda: f"MAX({value})", "median": lambda: f"MEDIAN({value})",
        "sum_boolean": lambda: f"SUM(CASE WHEN {value} THEN 1 ELSE 0 END)",
    }  # fmt: skip
    if measure.agg in simple:
        return simple[measure.agg]()
    if measure.agg == "percentile" and measure.percentile is not None:
        if measure.is_approximate:
            doubts.told.append("the percentile is exact, in the source approximate")
        return f"{'PERCENTILE_DISC' if measure.is_discrete else 'PERCENTILE'}({value}, {measure.percentile})"
    raise BadFormula(f"the aggregation {measure.agg} is not known")

"""Another layer's model over the tables of a dictionary: keys, joins, entities and metrics of a workspace; the report."""

from collections.abc import Collection
from dataclasses import dataclass, field

from pydantic import ValidationError
from sqlglot import exp

from assay.catalog.binder import Binder
from assay.catalog.dictionary import Dictionary
from assay.catalog.entry import MetricEntry
from assay.catalog.formula import BadFormula
from assay.catalog.metric import Metric
from assay.catalog.spelling import slug
from assay.catalog.yaml_text import Entry
from assay.interop.changes import Imported
from assay.interop.extension import ids_of
from assay.interop.fidelity import Item, Report
from assay.interop.foreign import Measure, Model, Refused, View
from assay.interop.ground import Ground, ground_of
from assay.interop.names import fitting_id, head, told_fault
from assay.interop.offered import Offered
from assay.interop.plain import is_cast, mapped, without_casts
from assay.interop.quotients import WHOLE_NUMBERS, cuts_over_parts, cuts_over_rows

_ARITHMETIC = (exp.Column, exp.Identifier, exp.Literal, exp.Paren, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div)
_WHOLE_DAYS = ("day", "days", "week", "weeks")
_EMPTY_SUM = "a sum over none of its rows is 0 here, in the source it has no value"
_LONGER = "months are counted on the calendar, and where one is shorter than the other the source may count a day otherwise"


def landed(model: Model, dictionary: Dictionary, taken: Collection[str] = ()) -> Imported:
    """`taken`: ids of metrics that the workspace has from elsewhere."""
    ground = ground_of(model, dictionary)
    there = [view for view in model.views if view.name in ground.tables]
    offered = Offered(ground, Binder(ground.dictionary))
    for view in there:
        offered.take(view)
    for view in there:
        offered.take_over_joins(view)
    entities = offered.entities()
    metrics = Landing(ground, offered, Binder(ground.dictionary, {each.table: each for each in entities}))
    metrics.take_all(taken)
    report = Report((*ground.items, *offered.items, *metrics.items, *model.others))
    names = {".".join(key): str(entry["id"]) for key, entry in metrics.entries.items()}
    return Imported(
        ground.dictionary, tuple(ground.joins), entities, tuple(metrics.entries.values()), names, report, {},
    )  # fmt: skip


Key = tuple[str, str]
"""View and measure."""


@dataclass
class Landing:
    """Measures, as metrics."""

    ground: Ground
    offered: Offered
    binder: Binder
    entries: dict[Key, Entry] = field(default_factory=dict[Key, Entry])
    known: dict[str, Metric] = field(default_factory=dict[str, Metric])
    items: list[Item] = field(default_factory=list[Item])
    _measures: dict[Key, tuple[View, Measure]] = field(default_factory=dict[Key, tuple[View, Measure]])
    _ids: dict[Key, str] = field(default_factory=dict[Key, str])
    _refused: dict[Key, str] = field(default_factory=dict[Key, str])

    def take_all(self, taken: Collection[str]) -> None:
        views = self.ground.model.views
        self._measures = {(view.name, each.name): (view, each) for view in views for each in view.measures}
        used = set(taken)
        self._ids = {key: fitting_id(self._wanted(*each), used) for key, each in self._measures.items()}
        waiting = list(self._measures)
        while waiting:
            ready = [key for key in waiting if not self._below(key) & (set(waiting) - {key})]
            for key in ready or waiting:
                self._take(key)
            waiting = [key for key in waiting if key not in ready] if ready else []
        order = list(self._measures)
        self.entries = {key: self.entries[key] for key in order if key in self.entries}
        self.items.sort(key=lambda item: [".".join(key) for key in order].index(item.name))

    def _wanted(self, view: View, measure: Measure) -> str:
        known = ids_of(self.ground.model.extensions).get(f"{view.name}.{measure.name}")
        if known is not None:
            return known
        names = [each for _, each in self._measures]
        is_alone = names.count(measure.name) == 1 and not self.ground.model.are_measures_of_views
        return measure.name if is_alone else f"{slug(view.name, 'view')}_{measure.name}"

    def _below(self, key: Key) -> set[Key]:
        """The measures that it is calculated from."""
        _, measure = self._measures[key]
        if isinstance(measure.sql, Refused) or not measure.is_calculated:
            return set()
        return {(each.table, each.name) for each in measure.sql.find_all(exp.Column)}

    def _take(self, key: Key) -> None:
        view, measure = self._measures[key]
        name, doubts = ".".join(key), list(measure.doubts)
        try:
            said = head(self._ids[key], self._ids[key], measure.label, measure.description)
            raw = {**said, **self._body(key, doubts), "owner": self.ground.model.owner}
            raw = {part: value for part, value in raw.items() if value is not None}
            entry = MetricEntry.model_validate(raw)
            bound = self.binder.take(self.binder.completed(entry), self.known, self._ids.values(), "", 1)
        except ValidationError as error:
            self._leave_out(key, told_fault(error))
        except BadFormula as error:
            self._leave_out(key, str(error))
        else:
            self.known[entry.id], self.entries[key] = bound, raw
            doubts += self._whole_numbers(measure, bound)
            is_same = entry.id in (measure.name, f"{view.name}_{measure.name}")
            told = "; ".join((*([] if is_same else [f"now {entry.id}"]), *dict.fromkeys(doubts)))
            outcome = "approximated" if doubts else "kept" if is_same else "renamed"
            self.items.append(Item("metric", name, outcome, measure.place, told, may_differ=bool(doubts)))

    def _whole_numbers(self, measure: Measure, bound: Metric) -> list[str]:
        """A doubt where the source may cut a quotient of whole numbers."""
        if isinstance(measure.sql, Refused) or not self.ground.model.cuts_whole_numbers:
            return []
        if bound.kind == "derived":
            is_cut = cuts_over_parts(bound, measure.sql)
        else:
            is_cut = cuts_over_rows(bound) and not is_cast(measure.sql)
        return [WHOLE_NUMBERS] if is_cut else []

    def _leave_out(self, key: Key, why: str) -> None:
        self._refused[key] = why
        self.items.append(Item("metric", ".".join(key), "left out", self._measures[key][1].place, why))

    def _body(self, key: Key, doubts: list[str]) -> Entry:
        view, measure = self._measures[key]
        if isinstance(measure.sql, Refused):
            raise BadFormula(measure.sql.why)
        if not measure.is_calculated:
            body = self._counted(view, measure, doubts)
        elif all(isinstance(node, _ARITHMETIC) for node in without_casts(measure.sql)[0].walk()):
            body = self._calculated(key, measure.sql, doubts)
        else:
            self._refuse_frames(measure, "is more than + - * / over measures")
            body = self._rows(view, measure, self._written_out(view, measure.sql), [], doubts)
        return {**body, "synonyms": list(measure.synonyms) or None}

    # -- what counts rows -------------------------------------------------------------------------

    def _counted(self, view: View, measure: Measure, doubts: list[str]) -> Entry:
        assert not isinstance(measure.sql, Refused)
        tree = self.ground.placed(view, measure.sql)
        conditions = [self.ground.placed(view, each) for each in measure.conditions]
        if isinstance(tree, exp.Filter):  # of the rows, so that over none of them a sum has no value, as there
            conditions.append(tree.expression.this)
            tree = tree.this
        return self._rows(view, measure, tree, conditions, doubts)

    def _rows(
        self, view: View, measure: Measure, tree: exp.Expr, conditions: list[exp.Expr], doubts: list[str]
    ) -> Entry:  # fmt: skip
        table = self.ground.table(view).qualified
        if view.condition is not None:
            conditions = [self.ground.placed(view, view.condition), *conditions]
        tree, _ = without_casts(tree)
        has_sum = any(not _is_made_zero(each) for each in tree.find_all(exp.Sum))
        if any(isinstance(each.parent, exp.Filter) and not _is_made_zero(each) for each in tree.find_all(exp.Sum)):
            doubts.append(_EMPTY_SUM)
        if tree.find(exp.ApproxDistinct):
            doubts.append("values are counted exactly, in the source approximately")
            tree = mapped(tree, lambda node: exp.Count(this=exp.Distinct(expressions=[node.this]))
                          if isinstance(node, exp.ApproxDistinct) else node)  # fmt: skip
        time = self._time(view, measure)
        if isinstance(measure.over, dict) and measure.over.get("trailing", "1 day").split()[-1] not in _WHOLE_DAYS:
            doubts.append(_LONGER)
        return {
            "entity": table, "measure": self.ground.text(tree), "filter": self._all_of(conditions),
            "time": None if time == self.offered.time_of(table) else time or "none", "over": measure.over,
            "keep": self._keep(view, measure),
            "unit": measure.unit or ("count" if isinstance(tree, exp.Count) else ""),
            "empty": "unknown" if has_sum else None,
        }  # fmt: skip

    def _keep(self, view: View, measure: Measure) -> Entry | None:
        if measure.keep_newest is None:
            return None
        return {"newest": self.offered.time_column(view, measure.keep_newest), "of_filtered": True}

    def _time(self, view: View, measure: Measure) -> str | None:
        if measure.time is not None:
            return self.offered.time_column(view, measure.time)
        return self.offered.times[view.name]

    def _all_of(self, conditions: list[exp.Expr]) -> str | None:
        texts = [self.ground.text(each) for each in conditions]
        return texts[0] if len(texts) == 1 else " AND ".join(f"({each})" for each in texts) or None

    # -- what is calculated -----------------------------------------------------------------------

    def _calculated(self, key: Key, sql: exp.Expr, doubts: list[str]) -> Entry:
        view, measure = self._measures[key]
        if measure.over is not None or measure.conditions:
            raise BadFormula("it is calculated from measures, and cannot be filtered or added up over days itself")
        tree, _ = without_casts(sql)
        inputs: dict[str, Entry] = {}

        def named(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, exp.Column):
                return node
            metric_id = self._taken((node.table, node.name))
            if node.table != view.name:
                raise BadFormula(
                    f"{node.table}.{node.name} counts there only what rows of {view.name} meet by their joins, and all rows"
                    " here: write a metric of both, and see whether it means the same"
                )
            if measure.shift is None:
                return exp.column(metric_id)
            earlier = f"{metric_id[:55]}_earlier"
            inputs[earlier] = {"metric": metric_id, "shift": measure.shift}
            return exp.column(earlier)

        tree = mapped(tree, named)
        if measure.shift and measure.shift.split()[-1] not in _WHOLE_DAYS:
            doubts.append(_LONGER)
        return {"expression": tree.sql(), "inputs": inputs or None, "unit": measure.unit or ""}

    def _taken(self, key: Key) -> str:
        """The id that a measure has here. Raises BadFormula where it was left out."""
        name = ".".join(key)
        if key not in self._measures:
            raise BadFormula(f"there is no measure {name}")
        if self._ids[key] not in self.known:
            why = self._refused.get(key, "it names this one in turn")
            raise BadFormula(f"it is made of {name}, which was left out: {why}")
        return self._ids[key]

    def _written_out(self, view: View, sql: exp.Expr) -> exp.Expr:
        """Arithmetic over measures of one view, as aggregates over its rows."""
        return mapped(sql.copy(), lambda node: self._inlined(view, node) if isinstance(node, exp.Column) else node)

    def _inlined(self, view: View, node: exp.Column) -> exp.Expr:
        """A measure as aggregates, each with the conditions of the measure."""
        key = (node.table, node.name)
        self._taken(key)
        other, measure = self._measures[key]
        if other.name != view.name or isinstance(measure.sql, Refused):
            raise BadFormula(f"it is more than + - * / over measures, and {'.'.join(key)} counts rows of another table")
        self._refuse_frames(measure, f"is made of {'.'.join(key)}, which looks further than its rows")
        if measure.is_calculated:
            return exp.paren(self._written_out(view, measure.sql))
        tree = self.ground.placed(view, measure.sql)
        conditions = [self.ground.placed(view, each) for each in measure.conditions]
        if not conditions:
            return exp.paren(tree) if isinstance(tree, exp.Binary) else tree
        return exp.paren(mapped(tree, lambda each: _filtered(each, conditions)))

    def _refuse_frames(self, measure: Measure, why: str) -> None:
        if measure.over is not None or measure.shift or measure.keep_newest:
            raise BadFormula(f"it {why}: write the part that looks at other days as a measure of its own")


def _filtered(node: exp.Expr, conditions: list[exp.Expr]) -> exp.Expr:
    if isinstance(node, exp.Filter):
        both = exp.and_(node.expression.this, *conditions, copy=True)
        return exp.Filter(this=node.this, expression=exp.Where(this=both))
    if not isinstance(node, exp.AggFunc) or isinstance(node.parent, exp.Filter):
        return node
    return exp.Filter(this=node, expression=exp.Where(this=exp.and_(*conditions, copy=True)))


def _is_made_zero(node: exp.Expr) -> bool:
    """Whether what has no value is 0 there as well, as in COALESCE(SUM(x), 0)."""
    above = node.parent.parent if isinstance(node.parent, exp.Filter) else node.parent
    return isinstance(above, exp.Coalesce) and [each.sql() for each in above.expressions] == ["0"]

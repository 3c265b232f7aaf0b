"""What a workspace has to say to another layer, in the one form that all writers take: `foreign.Model`, with its metrics.

A metric that such a model cannot say is here with the reason. What a single format cannot say, its writer tells.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from assay.catalog.binder import Binder
from assay.catalog.dictionary import Join, Table
from assay.catalog.entry import EntityEntry, InputEntry, MetricEntry
from assay.catalog.formula import BadFormula, Formula, read_expression
from assay.catalog.metric import Dimension, Metric, Part
from assay.catalog.spelling import slug, unused
from assay.catalog.types import ColumnType
from assay.catalog.workspace import Workspace
from assay.interop.fidelity import Item, Place
from assay.interop.foreign import Field, Link, Measure, Model, Segment, View
from assay.interop.names import fitting
from assay.interop.out.content import Content
from assay.interop.out.portable import at_way, column_at, divided, portable
from assay.interop.plain import mapped

COMES_BACK = "it comes back from the extension"


@dataclass
class Sent:
    """A metric on its way: the measures that say it, its own behind those that it is made of; or why there are none."""

    bound: Metric
    entry: MetricEntry
    place: Place
    view: str
    measures: tuple[Measure, ...] = ()
    why: str | None = None

    @property
    def id(self) -> str:
        return self.bound.metric_id


@dataclass
class Described:
    model: Model
    sent: tuple[Sent, ...]
    tables: dict[str, Table]
    """By view."""
    entities: dict[str, tuple[EntityEntry, Place]]
    """What a view's table offers, as it is written."""
    joins: dict[str, tuple[Join, ...]]
    """All that lead away from a view's table."""
    kinds: dict[tuple[str, str], str]
    """Of each field, by view and name, and of each column: string, number, boolean or time."""
    others: list[Item] = field(default_factory=list[Item])

    @property
    def fields(self) -> Mapping[tuple[str, str], Field]:
        return {(view.name, each.name): each for view in self.model.views for each in view.fields}

    def view_of(self, join: Join) -> str:
        """To which it leads."""
        return next(name for name, table in self.tables.items() if table.qualified == join.to_table)


def described(workspace: Workspace, content: Content) -> Described:
    """The tables of which a metric or an entity speaks, those that joins meet from there, and the metrics."""
    dictionary = workspace.dictionary
    names = _names(workspace)
    made = Described(
        Model("", "table", ()), (), {name: dictionary.tables[table] for table, name in names.items()}, {},
        {name: tuple(dictionary.joins_from.get(table, ())) for table, name in names.items()}, {},
    )  # fmt: skip
    binder = Binder(dictionary, workspace.entities, workspace.calendar)
    own = _own_dimensions(workspace)
    views: list[View] = []
    for table, name in names.items():
        entity = workspace.entities.get(table)
        if entity is not None:
            made.entities[name] = entity, content.entities.get(table, Place("entities"))
        views.append(_view(name, made.tables[name], entity, own.get(table, ()), binder, made, names))
    metrics = _Metrics(workspace, content, {each.name: each for each in views}, names)
    for metric_id in workspace.metrics:
        metrics.take(metric_id)
    given = [
        replace(view, fields=(*view.fields, *metrics.fields.get(view.name, ())),
                measures=tuple(one for each in metrics.sent.values() if each.view == view.name for one in each.measures))
        for view in views
    ]  # fmt: skip
    for view, added in metrics.fields.items():
        made.kinds |= {(view, each.name): "time" for each in added}
    made.model, made.sent = replace(made.model, views=tuple(given)), tuple(metrics.sent.values())
    return made


def _own_dimensions(workspace: Workspace) -> dict[str, list[Dimension]]:
    """Those that metrics say themselves, by qualified table; the first of a name stands for all."""
    found: dict[str, list[Dimension]] = {}
    for part in (part for metric in workspace.metrics.values() for part in metric.parts):
        found.setdefault(part.entity.qualified, []).extend(part.dimensions.values())
    return found


def _names(workspace: Workspace) -> dict[str, str]:
    """View by qualified table: those that are spoken of, and all that are met from there."""
    found = dict.fromkeys([
        *workspace.entities, *(part.entity.qualified for each in workspace.metrics.values() for part in each.parts)
    ])  # fmt: skip
    waiting = list(found)
    for table in waiting:
        for join in workspace.dictionary.joins_from.get(table, ()):
            if join.to_table not in found:
                found[join.to_table] = None
                waiting.append(join.to_table)
    taken: set[str] = set()
    return {table: unused(slug(workspace.dictionary.tables[table].name, "table"), taken) for table in found}


def kind_of(held: ColumnType) -> str:
    if held.is_time:
        return "time"
    return {"boolean": "boolean", "string": "string"}.get(held.family, "number" if held.family == "number" else "string")


def _view(
    name: str, table: Table, entity: EntityEntry | None, own: Sequence[Dimension], binder: Binder, made: Described,
    names: Mapping[str, str],
) -> View:  # fmt: skip
    place = made.entities[name][1] if name in made.entities else Place("data-dictionary/table_catalog.csv", table.line)
    fields: list[Field] = []
    segments: list[Segment] = []
    for found in (*(binder.dimension(table, said) for said in (entity.dimensions if entity else ())), *own):
        _take_dimension(found, name, table, fields, place, made)
    for each in entity.segments if entity else ():
        segment = binder.segment(table, each)
        try:
            sql = portable(segment.formula, table.qualified, segment.joins)
        except BadFormula as error:
            made.others.append(Item("segment", f"{name}.{each.name}", "left out", place, f"{error}; {COMES_BACK}"))
            continue
        segments.append(Segment(each.name, sql, place, each.label, each.definition))
    links = [
        Link(join.join_id, names[join.to_table], tuple(zip(join.from_columns, join.to_columns, strict=True)),
             Place("data-dictionary/join_map.csv", join.line), join.cardinality == "one_to_one")
        for join in made.joins[name] if join.valid is None
    ]  # fmt: skip
    made.others += [
        Item("join", join.join_id, "left out", Place("data-dictionary/join_map.csv", join.line),
             "it leads to the row that held then, which is kept in the extension alone")
        for join in made.joins[name] if join.valid is not None
    ]  # fmt: skip
    time = None
    if entity and entity.time:
        found = binder.time(table, entity.time)
        time = _time_field(fields, column_at(found.name, found.table, table.qualified, found.joins), place)
        made.kinds[name, time] = "time"
    keys = tuple(each for each in (table.primary_key, table.business_key) if each)
    return View(name, table.qualified, place, tuple(fields), (), tuple(segments), tuple(links), None, keys, time)


def _take_dimension(
    found: Dimension, view: str, table: Table, fields: list[Field], place: Place, made: Described
) -> None:  # fmt: skip
    if found.is_since or any(each.name == found.name for each in fields):
        return
    try:
        if found.of_time or found.in_grain:
            raise BadFormula("it is a part of a time, which a question there asks of the time itself")
        if found.formula:
            sql: exp.Expr = portable(found.formula, table.qualified, found.joins)
        else:
            assert found.column
            sql = column_at(found.column.name, found.table, table.qualified, found.joins)
    except BadFormula as error:
        made.others.append(Item("dimension", f"{view}.{found.name}", "left out", place, f"{error}; {COMES_BACK}"))
        return
    fields.append(Field(found.name, sql, place, found.label, found.column_type.is_time))
    made.kinds[view, found.name] = kind_of(found.column_type)


def _time_field(fields: list[Field], sql: exp.Column, place: Place) -> str:
    """The field that is this column, which is added where there is none."""
    same = next((each for each in fields if each.sql == sql), None)
    if same is not None:
        return same.name
    taken = {each.name for each in fields}
    name = unused(fitting("_".join(part.name for part in sql.parts)), taken)
    fields.append(Field(name, sql, place, is_time=True))
    return name


@dataclass
class _Metrics:
    workspace: Workspace
    content: Content
    views: Mapping[str, View]
    names: Mapping[str, str]
    sent: dict[str, Sent] = field(default_factory=dict[str, Sent])
    fields: dict[str, list[Field]] = field(default_factory=dict[str, list[Field]])
    """Times that a metric has and its view has not."""

    def take(self, metric_id: str) -> Sent:
        """It, and before it what it is made of."""
        if metric_id in self.sent:
            return self.sent[metric_id]
        bound = self.workspace.metrics[metric_id]
        entry = self.content.metrics[metric_id]
        found = Sent(bound, entry, Place(bound.file, bound.line), self.names[bound.parts[0].entity.qualified])
        try:
            found.measures = tuple(self._measures(found))
        except BadFormula as error:
            found.why = str(error)
        self.sent[metric_id] = found
        return found

    def _measures(self, sent: Sent) -> Iterable[Measure]:
        entry, parts = sent.entry, sent.bound.parts
        if entry.conversion or entry.retention:
            raise BadFormula("it counts events that are followed by others")
        if entry.expression is not None:
            return self._calculated(sent)
        _refuse_words(entry, parts)
        if entry.measure is not None:
            return [self._counted(sent, parts[0], entry.id, is_itself=True)]
        above, below = f"{entry.id}_above", f"{entry.id}_below"
        made = divided(exp.column(above, table=sent.view), exp.column(below, table=sent.view))
        return [
            self._counted(sent, parts[0], above), self._counted(sent, parts[1], below),
            self._said(sent, Measure(entry.id, made, sent.place, is_calculated=True)),
        ]  # fmt: skip

    def _counted(self, sent: Sent, part: Part, name: str, *, is_itself: bool = False) -> Measure:
        joins = [join for path in part.paths.values() for join in path]
        entity = part.entity.qualified
        tree = portable(_zeroed(part), entity, joins)
        conditions = (portable(part.filter, entity, joins),) if part.filter else ()
        over = sent.entry.over
        made = Measure(
            name, tree, sent.place, conditions=conditions,
            over=over if over is None or isinstance(over, str) else over.model_dump(exclude_none=True),
            keep_newest=self._newest(sent, part), time=self._time(sent, part),
        )  # fmt: skip
        return self._said(sent, made) if is_itself else made

    def _said(self, sent: Sent, measure: Measure) -> Measure:
        entry = sent.entry
        unit = "ratio" if entry.unit in ("percent", "ratio") else None
        return replace(measure, label=entry.label, description=entry.definition, synonyms=entry.synonyms, unit=unit)

    def _time(self, sent: Sent, part: Part) -> str | None:
        """The field of the time by which its rows count, where that is not the view's."""
        view = self.views[sent.view]
        if part.time is None:
            return None
        sql = column_at(part.time.name, part.time.table, part.entity.qualified, part.time.joins)
        fields = [*view.fields, *self.fields.get(view.name, ())]
        before = len(fields)
        name = _time_field(fields, sql, sent.place)
        if len(fields) > before:
            self.fields.setdefault(view.name, []).append(fields[-1])
        return None if name == view.time else name

    def _newest(self, sent: Sent, part: Part) -> str | None:
        if part.keep is None:
            return None
        if part.keep.for_each or not part.keep.is_newest or not part.keep.of_filtered:
            raise BadFormula(f"of its rows {part.keep.told} count")
        fields = list(self.views[sent.view].fields)
        name = _time_field(fields, at_way((), part.keep.by.name), sent.place)
        if len(fields) > len(self.views[sent.view].fields):
            self.fields.setdefault(sent.view, []).append(fields[-1])
        return name

    def _calculated(self, sent: Sent) -> Iterable[Measure]:
        tree, ids = read_expression(sent.entry.expression or "")
        columns: dict[str, exp.Column] = {}
        helpers: list[Measure] = []
        for name in ids:
            given = sent.entry.inputs.get(name) or InputEntry(metric=name)
            operand = self.take(given.metric)
            if operand.why:
                raise BadFormula(f"it is made of {given.metric}, which is left out: {operand.why}")
            if given.filter or given.whose:
                raise BadFormula(f"it takes {given.metric} under a condition: write that as a metric of its own")
            column = exp.column(given.metric, table=operand.view)
            if given.shift is not None:
                if not isinstance(given.shift, str):
                    raise BadFormula(f"it takes {given.metric} at the start of the {given.shift.to_start_of}")
                earlier = f"{sent.id}_{len(helpers) + 1}_earlier"
                helpers.append(Measure(earlier, column, sent.place, is_calculated=True, shift=given.shift))
                column = exp.column(earlier, table=sent.view)
            columns[name] = column
        made = mapped(tree.copy(), lambda node: _calculated_node(node, columns))
        return [*helpers, self._said(sent, Measure(sent.id, made, sent.place, is_calculated=True))]


def _calculated_node(node: exp.Expr, columns: Mapping[str, exp.Column]) -> exp.Expr:
    if isinstance(node, exp.Column):
        return columns[node.name].copy()
    return divided(node.this, node.expression) if isinstance(node, exp.Div) else node


def _refuse_words(entry: MetricEntry, parts: Iterable[Part]) -> None:
    """What no other layer's model of tables and measures says."""
    told = {
        "alive": "it counts what is alive at an instant", "per": f"it calculates for each {', '.join(entry.per)} first",
        "whose": "it counts rows of those alone whose own value of a metric meets a condition",
        "parameters": "it has parameters, which a question there cannot say",
    }  # fmt: skip
    for word, why in told.items():
        if getattr(entry, word):
            raise BadFormula(why)
    if any(column.table == "$param" for part in parts for column in part.measure.tree.find_all(exp.Column)):
        raise BadFormula(told["parameters"])


_WITH_A_VALUE = (exp.Sum, exp.Count, exp.Column, exp.Identifier, exp.Literal, exp.Paren, exp.Add, exp.Sub, exp.Mul)
"""What has a value where all that it reads has one."""


def _zeroed(part: Part) -> Formula:
    """Its measure with sums that are 0 over no rows, where it says so; one over rows without a value stays without."""
    if part.empty != "zero":
        return part.measure
    tree = mapped(part.measure.tree.copy(), lambda node: _or_zero(node, part) if _is_sum(node) else node)
    return replace(part.measure, tree=tree)


def _is_sum(node: exp.Expr) -> bool:
    if isinstance(node, exp.Filter):
        return isinstance(node.this, exp.Sum)
    return isinstance(node, exp.Sum) and not isinstance(node.parent, exp.Filter)


def _or_zero(node: exp.Expr, part: Part) -> exp.Expr:
    zero = exp.Literal.number(0)
    if never_lacks(node, part):
        return exp.Coalesce(this=node, expressions=[zero])
    count: exp.Expr = exp.Count(this=exp.Star())
    if isinstance(node, exp.Filter):
        count = exp.Filter(this=count, expression=node.expression.copy())
    is_none = exp.EQ(this=count, expression=zero.copy())
    return exp.Case(ifs=[exp.If(this=is_none, true=zero)], default=node)


def never_lacks(node: exp.Expr, part: Part) -> bool:
    """Whether what is added up or counted has a value in each row: it reads the table's own columns that always have one."""
    inner = node.this if isinstance(node, exp.Filter) else node
    if not all(isinstance(each, _WITH_A_VALUE) for each in inner.walk()):
        return False
    columns = part.entity.columns
    return all(each.table == part.entity.qualified and not columns[each.name].nullable
               for each in inner.find_all(exp.Column))  # fmt: skip

"""A project of dbt's MetricFlow, written: semantic models whose entities make the joins, and metrics over their measures."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from assay.catalog.formula import BadFormula
from assay.catalog.metric import Metric
from assay.catalog.spelling import unused
from assay.catalog.yaml_text import Entry
from assay.interop.columns import column_named, is_quoted
from assay.interop.extension import NAME
from assay.interop.foreign import Field, Link, Measure, View
from assay.interop.names import fitting
from assay.interop.out.described import Described, Sent
from assay.interop.out.portable import way_of
from assay.interop.out.writing import MONTHS, Written, is_common, of_months, rows_of, said, without_nothing
from assay.interop.plain import mapped

_MOST_JOINS = 2
_AGGREGATES: dict[type[exp.Expr], str] = {exp.Sum: "sum", exp.Avg: "average", exp.Min: "min", exp.Max: "max"}
_ARITHMETIC = (exp.Column, exp.Identifier, exp.Literal, exp.Paren, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Cast,
               exp.DataType, exp.Nullif)  # fmt: skip
_DIALECT = "postgres"
_FILLED = "a sum over rows that all lack a value is 0 there"


def write_metricflow(described: Described) -> Written:
    return _Writer(described).written()


@dataclass
class _Writer:
    described: Described
    entities: dict[str, dict[str, Entry]] = field(default_factory=dict[str, dict[str, Entry]])
    dims: dict[str, dict[str, Entry]] = field(default_factory=dict[str, dict[str, Entry]])
    measures: dict[str, list[Entry]] = field(default_factory=dict[str, list[Entry]])
    links: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    """The entity by which a join is made, by view and the join's name."""
    made: Written = field(default_factory=Written)

    def written(self) -> Written:
        views = self.described.model.views
        for view in views:
            self.dims[view.name], self.measures[view.name] = {}, []
            self.entities[view.name] = {}
            key = self.described.tables[view.name].primary_key
            if len(key) == 1:
                self.entities[view.name][view.name] = {"name": view.name, "type": "primary", "expr": _name(key[0])}
        for view in views:
            for link in view.links:
                self._link(view, link)
        for is_own in (True, False):  # a column that others read is, where it can be, what its model says itself
            for view in views:
                for each in view.fields:
                    if (not any(each.table for each in each.sql.find_all(exp.Column))) is is_own:  # pyright: ignore
                        self._field(view, each)
        metrics = said(self.described, self._metric, self.made)
        models = [self._model(view) for view in views]
        listed = [each for view in views for each in metrics[view.name]]
        self.made.files["semantic_models.yml"] = {"semantic_models": models}
        if listed:
            self.made.files["metrics.yml"] = {"metrics": listed}
        return self.made

    def _model(self, view: View) -> Entry:
        table = self.described.tables[view.name]
        meta: Entry = {}
        self.made.carriers[view.name] = lambda body: meta.update({NAME: body})
        has_key = view.name in self.entities[view.name]
        time = self._time_of(view, view.time)
        return without_nothing({
            "name": view.name, "description": table.description or None, "model": f"ref('{table.name}')",
            "defaults": {"agg_time_dimension": time} if time else None,
            "primary_entity": None if has_key else view.name, "entities": list(self.entities[view.name].values()),
            "dimensions": list(self.dims[view.name].values()), "measures": self.measures[view.name],
            "config": {"meta": meta},
        })  # fmt: skip

    def _link(self, view: View, link: Link) -> None:
        """An entity of both: the primary one of the other side, where it is free and the join meets it."""
        if len(link.pairs) != 1 or link.to == view.name:
            return
        ((mine, theirs),) = link.pairs
        parent, own = self.entities[link.to], self.entities[view.name]
        is_key = link.to in parent and parent[link.to]["expr"] == _name(theirs)
        name = link.to if is_key and link.to not in own else fitting(link.name)
        if name in own or (name in parent and name != link.to):
            return
        if name not in parent:
            parent[name] = {"name": name, "type": "unique", "expr": _name(theirs)}
        own[name] = {"name": name, "type": "foreign", "expr": _name(mine)}
        self.links[view.name, link.name] = name

    # -- dimensions -------------------------------------------------------------------------------

    def _field(self, view: View, each: Field) -> None:
        assert isinstance(each.sql, exp.Expr)
        if isinstance(each.sql, exp.Column) and each.sql.table:
            try:
                path = self._path(view, each.sql)
            except BadFormula:
                return  # told as left out, as it is not there when it is read again
            self.made.renamed[view.name, each.name] = fitting("__".join(path)), "__".join(path)
            return
        if any(column.table for column in each.sql.find_all(exp.Column)):
            return
        kind = self.described.kinds[view.name, each.name]
        self.dims[view.name][each.name] = self._dim(view, each.name, each.sql.sql(dialect=_DIALECT), each.label, kind)
        self.made.renamed[view.name, each.name] = fitting(f"{view.name}__{each.name}"), f"{view.name}__{each.name}"

    def _dim(self, view: View, name: str, expr: str, label: str | None, kind: str) -> Entry:
        column = self.described.tables[view.name].columns.get(column_named(expr) or "")
        if kind == "time" and column is not None:
            grain = "day" if column.type.kind == "date" else "second"
            return without_nothing({"name": name, "label": label, "type": "time", "expr": expr,
                                    "type_params": {"time_granularity": grain}})  # fmt: skip
        return without_nothing({"name": name, "label": label, "type": "categorical", "expr": expr})

    def _path(self, view: View, column: exp.Column, *, is_compared: bool = False) -> tuple[str, ...]:
        """The entities that lead to a column's dimension, and its name; the dimension is made where there is none.

        `is_compared`: whether its value is meant, which of a dimension of times a condition there sees cut to its grain.
        """
        way = way_of(column)
        at, path = view, list[str]()
        if len(way) > _MOST_JOINS:
            raise BadFormula(f"{column.name} lies behind {len(way)} joins, and {_MOST_JOINS} are followed there")
        for name in way:
            entity = self.links.get((at.name, name))
            if entity is None:
                raise BadFormula(f"the join {name} is made of several columns, or leads to where another one leads")
            path.append(entity)
            at = self.described.model.view_by_name[next(each.to for each in at.links if each.name == name)]
        return (*(path or [view.name]), self._column(at, column.name, is_compared))

    def _column(self, view: View, column: str, is_compared: bool) -> str:
        dims, expr = self.dims[view.name], _name(column)
        fitting_ones = (name for name, each in dims.items() if each["expr"] == expr)
        known = next((name for name in fitting_ones if not is_compared or dims[name]["type"] != "time"), None)
        if known is not None:
            return known
        name = unused(fitting(column), {*dims, *self.entities[view.name]})
        is_time = self.described.tables[view.name].columns[column].type.is_time and not is_compared
        kind = "time" if is_time else "string"
        dims[name] = self._dim(view, name, expr, None, kind)
        return name

    def _time_of(self, view: View, name: str | None) -> str | None:
        """The time dimension, where it is one of the model itself."""
        return name if name in self.dims[view.name] and self.dims[view.name][name]["type"] == "time" else None

    # -- metrics ----------------------------------------------------------------------------------

    def _metric(self, view: View, sent: Sent) -> tuple[list[Entry], tuple[str, ...]]:
        before = len(self.measures[view.name])
        try:
            made = [one for each in sent.measures for one in self._said(view, each, sent)]
        except BadFormula:
            del self.measures[view.name][before:]
            raise
        if any(map(of_months, sent.measures)):
            self.made.doubts.setdefault(sent.id, []).append(MONTHS)
        return made, tuple(each["name"] for each in made)

    def _said(self, view: View, measure: Measure, sent: Sent) -> list[Entry]:
        tree, conditions = rows_of(measure)
        if measure.is_calculated:
            return [self._calculated(measure, tree)]
        plain, fill = _without_zero(tree)
        if _aggregate(plain) is not None:
            return [self._simple(view, measure, plain, conditions, fill, sent)]
        if measure.over is not None or measure.keep_newest:
            raise BadFormula("it is more than one aggregate, and counts other rows than those of a bucket")
        helpers: list[Entry] = []

        def apart(node: exp.Expr) -> exp.Expr:
            own, fill = _without_zero(node)
            if _aggregate(own) is None:
                return node
            name = f"{measure.name}_{len(helpers) + 1}"
            part = Measure(name, own, measure.place, time=measure.time)
            helpers.append(self._simple(view, part, own, conditions, fill, sent))
            return exp.column(name)

        rest = _outermost(tree, apart)
        return [*helpers, self._calculated(measure, rest)]

    def _simple(
        self, view: View, measure: Measure, tree: exp.Expr, conditions: list[exp.Expr], fill: bool, sent: Sent
    ) -> Entry:  # fmt: skip
        time = self._time_of(view, measure.time or view.time)
        if time is None or not all(part.time for part in sent.bound.parts):
            raise BadFormula("its rows count by no time of their own table, which every measure there has")
        if isinstance(tree, exp.Filter):
            conditions, tree = [*conditions, tree.expression.this], tree.this
        found = _aggregate(tree)
        assert found is not None
        agg, inner, params = found
        if any(each.table for each in inner.find_all(exp.Column)):
            raise BadFormula("it adds up a column of another table")
        is_filled = fill or (agg.startswith("count") and sent.entry.empty == "zero")
        if fill and not _never_lacks(tree, sent.bound):
            self.made.doubts.setdefault(sent.id, []).append(_FILLED)
        self.measures[view.name].append(without_nothing({
            "name": f"{measure.name}_measure", "agg": agg, "expr": inner.sql(dialect=_DIALECT), "agg_params": params,
            "agg_time_dimension": None if time == self._time_of(view, view.time) else time,
            "non_additive_dimension": {"name": time, "window_choice": "max"} if self._newest(measure, view) else None,
        }))  # fmt: skip
        taken: Entry = {"name": f"{measure.name}_measure", **({"fill_nulls_with": 0} if is_filled else {})}
        filters = [self._condition(view, each) for each in conditions]
        params = {"measure": taken}
        if measure.over is not None:
            params["cumulative_type_params"] = {**_window(measure.over), "period_agg": sent.entry.coarser}
        return self._headed(measure, "simple" if measure.over is None else "cumulative", params, filters)

    def _newest(self, measure: Measure, view: View) -> bool:
        if measure.keep_newest and measure.keep_newest != (measure.time or view.time):
            raise BadFormula("its rows count by another time than the one by which they are the newest")
        return bool(measure.keep_newest)

    def _headed(self, measure: Measure, kind: str, params: Entry, filters: list[str]) -> Entry:
        return without_nothing({
            "name": measure.name, "label": measure.label or measure.name, "description": measure.description, "type": kind,
            "type_params": params, "filter": filters[0] if len(filters) == 1 else filters,
        })  # fmt: skip

    def _condition(self, view: View, tree: exp.Expr) -> str:
        texts: list[str] = []

        def held(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, exp.Column):
                return node
            path = self._path(view, node, is_compared=True)
            texts.append(f"{{{{ Dimension('{'__'.join(path)}') }}}}")
            return exp.column(f"_dimension{len(texts) - 1}_")

        made = mapped(tree.copy(), held).sql(dialect=_DIALECT)
        if "{" in made:
            raise BadFormula("it holds a brace, which is a reference there")
        for number, text in enumerate(texts):
            made = made.replace(f"_dimension{number}_", text)
        return made

    def _calculated(self, measure: Measure, tree: exp.Expr) -> Entry:
        names = list(dict.fromkeys(each.name for each in tree.find_all(exp.Column)))
        sides = _sides(tree)
        if sides is not None and measure.shift is None:
            above, below = sides
            return self._headed(measure, "ratio", {"numerator": {"name": above}, "denominator": {"name": below}}, [])
        if not all(isinstance(node, _ARITHMETIC) for node in tree.walk()):
            raise BadFormula("it is more than + - * / over aggregates")
        if measure.shift is not None and not is_common(measure.shift):
            raise BadFormula(f"it looks back {measure.shift}, which only calendars here know")
        offset = {"offset_window": measure.shift} if measure.shift else {}
        bare = mapped(tree.copy(), lambda node: exp.column(node.name) if isinstance(node, exp.Column) else node)
        params = {"expr": bare.sql(dialect=_DIALECT), "metrics": [{"name": each, **offset} for each in names]}
        return self._headed(measure, "derived", params, [])


def _outermost(tree: exp.Expr, change: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """The tree with the outermost nodes changed for which something else is given."""
    fresh = change(tree)
    if fresh is not tree:
        return fresh
    made = tree.copy()
    for child in list(made.iter_expressions()):
        place, index = child.arg_key or "", child.index
        made.set(place, _outermost(child, change), index)
    return made


def _without_zero(tree: exp.Expr) -> tuple[exp.Expr, bool]:
    """A sum without what makes it 0 over no rows, and whether something did."""
    if isinstance(tree, exp.Coalesce) and [each.sql() for each in tree.expressions] == ["0"]:
        return tree.this, True
    if isinstance(tree, exp.Case) and not tree.this and len(tree.args["ifs"]) == 1:
        total = tree.args.get("default")
        bare = total.this if isinstance(total, exp.Filter) else total
        if total is not None and isinstance(bare, exp.Sum) and tree.args["ifs"][0].args["true"].sql() == "0":
            return total, True
    return tree, False


def _aggregate(tree: exp.Expr) -> tuple[str, exp.Expr, Entry | None] | None:
    """What a measure there says of one aggregate: its kind, what it looks at, and the share of a percentile."""
    if isinstance(tree, exp.Filter):
        return _aggregate(tree.this)
    match tree:
        case exp.Count(this=exp.Star()):
            return "count", exp.Literal.number(1), None
        case exp.Count(this=exp.Distinct(expressions=[inner])):
            return "count_distinct", inner, None
        case exp.Count() if not isinstance(tree.this, exp.Distinct):
            return "count", tree.this, None
        case exp.WithinGroup():
            share = {"percentile": float(tree.this.this.this)}
            is_discrete = isinstance(tree.this, exp.PercentileDisc)
            params = {**share, "use_discrete_percentile": is_discrete}
            return "percentile", tree.expression.expressions[0].this, params
        case _:
            kind = _AGGREGATES.get(type(tree))
            return (kind, tree.this, None) if kind else None


def _never_lacks(tree: exp.Expr, bound: Metric) -> bool:
    columns = bound.parts[0].entity.columns
    return all(not columns[each.name].nullable for each in tree.find_all(exp.Column))


def _sides(tree: exp.Expr) -> tuple[str, str] | None:
    """Of a quotient of two metrics."""
    if isinstance(tree, exp.Div) and isinstance(tree.this, exp.Cast) and isinstance(tree.expression, exp.Nullif):
        above, below = tree.this.this, tree.expression.this
        if isinstance(above, exp.Column) and isinstance(below, exp.Column):
            return above.name, below.name
    return None


def _window(over: dict[str, str] | str) -> Entry:
    if isinstance(over, str):
        return {}
    if "trailing" in over:
        if not is_common(over["trailing"]):
            raise BadFormula(f"it counts over {over['trailing']}, which only calendars here know")
        return {"window": over["trailing"]}
    if over["since_start_of"] not in ("week", "month", "quarter", "year"):
        raise BadFormula(f"it counts since the start of the {over['since_start_of']}, which only calendars here know")
    return {"grain_to_date": over["since_start_of"]}


def _name(column: str) -> str:
    return exp.to_identifier(column, quoted=is_quoted(column)).sql(dialect=_DIALECT)

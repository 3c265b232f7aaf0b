"""Metric views of Databricks, written in YAML of version 1.1: one for each table that has something to ask.

Their YAML has no room for anybody's own words, so the definitions lie in a file of their own beside them.
"""

from dataclasses import dataclass

from sqlglot import exp

from assay.catalog.dictionary import Table
from assay.catalog.formula import BadFormula
from assay.catalog.yaml_text import Entry
from assay.interop.columns import is_quoted
from assay.interop.extension import NAME
from assay.interop.foreign import Measure, Refused, Sql, View
from assay.interop.metric_views import EXTENSION
from assay.interop.out.described import Described, Sent
from assay.interop.out.portable import among, way_of
from assay.interop.out.writing import Written, refuse_frames, rows_of, said, without_nothing
from assay.interop.plain import mapped

_DIALECT = "databricks"
_SOURCE = "source"
Ways = dict[str, "Ways"]
"""Joins by name, each with those that lead on from its row."""


def write_metric_views(described: Described) -> Written:
    return _Writer(described, {view.name: {} for view in described.model.views}).written()


@dataclass
class _Writer:
    described: Described
    used: dict[str, Ways]
    """The joins that something of a view reads."""

    def written(self) -> Written:
        made = Written()
        measures = said(self.described, self._metric, made)
        held: list[Entry] = []
        for view in self.described.model.views:
            fields = [without_nothing({"name": each.name, "expr": self._text(view, each.sql), "display_name": each.label})
                      for each in view.fields]  # fmt: skip
            if fields or measures[view.name]:
                table = self.described.tables[view.name]
                made.files[f"{view.name}.yml"] = without_nothing({
                    "version": 1.1, "source": _table(table), "comment": table.description or None,
                    "joins": self._joins(view, self.used[view.name], ()), "dimensions": fields,
                    "measures": measures[view.name],
                })  # fmt: skip
            body: Entry = {}
            made.carriers[view.name] = body.update
            held.append(body)
        made.files[EXTENSION] = {NAME: held}
        return made

    def _joins(self, view: View, used: Ways, way: tuple[str, ...]) -> list[Entry]:
        found: list[Entry] = []
        for name, further in used.items():
            link = next(each for each in view.links if each.name == name)
            target = self.described.model.view_by_name[link.to]
            pairs = [f"{way[-1] if way else _SOURCE}.{_name(one)} = {name}.{_name(other)}" for one, other in link.pairs]
            found.append(without_nothing({
                "name": name, "source": _table(self.described.tables[link.to]), "on": " AND ".join(pairs),
                "joins": self._joins(target, further, (*way, name)),
            }))  # fmt: skip
        return found

    def _metric(self, view: View, sent: Sent) -> tuple[list[Entry], tuple[str, ...]]:
        return [self._measure(view, each) for each in sent.measures], tuple(
            f"{view.name}.{each.name}" for each in sent.measures
        )

    def _measure(self, view: View, measure: Measure) -> Entry:
        window = None
        if measure.keep_newest and measure.over is None:
            order = measure.keep_newest
            if (measure.time or view.time) != order:
                raise BadFormula("its rows count by another time than the one by which they are the newest")
            window = [{"order": order, "range": "current", "semiadditive": "last"}]
        else:
            refuse_frames(measure)
        tree, conditions = rows_of(measure)
        if measure.is_calculated:
            other = next((each for each in tree.find_all(exp.Column) if each.table != view.name), None)
            if other is not None:
                raise BadFormula(
                    f"it is made of {other.name}, a measure of {other.table}, and a view there has measures of one"
                )
            made = mapped(tree.copy(), lambda node: exp.Anonymous(this="MEASURE", expressions=[exp.column(node.name)])
                          if isinstance(node, exp.Column) else node)  # fmt: skip
            text = made.sql(dialect=_DIALECT)
        else:
            text = self._text(view, among(tree, conditions))
        return without_nothing({
            "name": measure.name, "expr": text, "display_name": measure.label, "comment": measure.description,
            "synonyms": list(measure.synonyms), "format": {"type": "percentage"} if measure.unit == "ratio" else None,
            "window": window,
        })  # fmt: skip

    def _text(self, view: View, sql: Sql) -> str:
        if isinstance(sql, Refused):
            raise BadFormula(sql.why)
        for column in sql.find_all(exp.Column):
            used = self.used[view.name]
            for name in way_of(column):
                used = used.setdefault(name, {})
        return mapped(sql.copy(), _placed).sql(dialect=_DIALECT)


def _placed(node: exp.Expr) -> exp.Expr:
    match node:
        case exp.Column() if not node.table:
            return exp.Column(this=node.this, table=exp.to_identifier(_SOURCE))
        case exp.WithinGroup(this=exp.PercentileCont()):  # which would be printed as an approximate one
            return exp.Anonymous(this="PERCENTILE", expressions=[node.expression.expressions[0].this, node.this.this])
        case exp.WithinGroup():
            raise BadFormula("a percentile that is one of the values is printed as an approximate one there")
        case _:
            return node


def _table(table: Table) -> str:
    return f"{_name(table.schema)}.{_name(table.name)}"


def _name(name: str) -> str:
    return exp.to_identifier(name, quoted=is_quoted(name)).sql(dialect=_DIALECT)

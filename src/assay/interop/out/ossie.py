"""A semantic model of Apache Ossie, written in its version 0.2.0.dev0, each dataset with an extension of its own."""

import json
from dataclasses import dataclass, field

from sqlglot import exp

from assay.catalog.formula import BadFormula
from assay.catalog.yaml_text import Entry
from assay.interop.extension import VENDOR
from assay.interop.foreign import Field, View
from assay.interop.names import fitting
from assay.interop.out.described import Described, Sent
from assay.interop.out.portable import among, way_of
from assay.interop.out.writing import Written, refuse_frames, rows_of, said, without_nothing
from assay.interop.plain import mapped

_MOST_JOINS = 3


def write_ossie(described: Described) -> Written:
    return _Writer(described).written()


@dataclass
class _Writer:
    described: Described
    fields: dict[str, dict[str, Entry]] = field(default_factory=dict[str, dict[str, Entry]])
    """Of each dataset: what it says itself, and columns that metrics read, which nobody asks by."""

    def written(self) -> Written:
        views, made = self.described.model.views, Written()
        for view in views:
            own = [each for each in view.fields if isinstance(each.sql, exp.Expr) and not any(
                column.table for column in each.sql.find_all(exp.Column))]  # fmt: skip
            self.fields[view.name] = {each.name: self._field(each) for each in own}
        for view in views:
            for each in view.fields:
                if isinstance(each.sql, exp.Column) and each.sql.table:
                    found = self._column(view, each.sql, is_asked=True)
                    names = fitting(f"{found.table}_{found.name}"), f"{found.name} of {found.table}"
                    made.renamed[view.name, each.name] = names
        metrics = said(self.described, self._metric, made)
        datasets = [self._dataset(view, made) for view in views]
        relationships = [
            {"name": each.name, "from": view.name, "to": each.to, "from_columns": [one for one, _ in each.pairs],
             "to_columns": [other for _, other in each.pairs]}
            for view in views for each in view.links
        ]  # fmt: skip
        model: Entry = {
            "name": "assay", "datasets": datasets, "relationships": relationships,
            "metrics": [each for listed in metrics.values() for each in listed],
        }  # fmt: skip
        made.files["model.yaml"] = {"version": "0.2.0.dev0", "semantic_model": [without_nothing(model)]}
        return made

    def _dataset(self, view: View, made: Written) -> Entry:
        table = self.described.tables[view.name]
        extension: Entry = {"vendor_name": VENDOR, "data": "{}"}
        made.carriers[view.name] = lambda body: extension.update(data=json.dumps(body, ensure_ascii=False, default=str))
        return without_nothing({
            "name": view.name, "description": table.description or None, "source": table.qualified,
            "primary_key": list(table.primary_key), "unique_keys": [list(table.business_key)] if table.business_key else [],
            "fields": list(self.fields[view.name].values()), "custom_extensions": [extension],
        })  # fmt: skip

    def _field(self, each: Field) -> Entry:
        assert isinstance(each.sql, exp.Expr)
        return {"name": each.name, "expression": _said(each.sql.sql(dialect="postgres")),
                "dimension": {"is_time": each.is_time}}  # fmt: skip

    def _metric(self, view: View, sent: Sent) -> tuple[list[Entry], tuple[str, ...]]:
        tree = self._tree(view, sent, sent.measures[-1].name)
        entry: Entry = {
            "name": sent.id, "expression": _said(tree.sql(dialect="postgres")), "description": sent.entry.definition,
            "ai_context": {"synonyms": list(sent.entry.synonyms)} if sent.entry.synonyms else None,
        }  # fmt: skip
        return [without_nothing(entry)], (f"{view.name}.{sent.id}",)

    def _tree(self, view: View, sent: Sent, name: str) -> exp.Expr:
        """A measure with all that it is made of written out."""
        measure = next((each for each in sent.measures if each.name == name), None)
        if measure is None:
            other = next(each for each in self.described.sent if each.id == name)
            if other.view != view.name:
                raise BadFormula(
                    f"it is made of {name}, which counts rows of {other.view}: a metric there counts those of one"
                )
            return self._tree(view, other, name)
        refuse_frames(measure)
        tree, conditions = rows_of(measure)
        if measure.is_calculated:
            return mapped(tree.copy(), lambda node: exp.paren(self._tree(view, sent, node.name))
                          if isinstance(node, exp.Column) else node)  # fmt: skip
        tree = mapped(among(tree, conditions).copy(), lambda node: self._counted(view, node))
        return mapped(tree, lambda node: self._column(view, node) if isinstance(node, exp.Column) else node)

    def _counted(self, view: View, node: exp.Expr) -> exp.Expr:
        """A count of rows names its dataset by a column that every row has."""
        if not (isinstance(node, exp.Count) and isinstance(node.this, exp.Star)):
            return node
        table = self.described.tables[view.name]
        certain = [*table.primary_key, *table.columns]
        name = next((each for each in certain if not table.columns[each].nullable and not table.columns[each].pii), None)
        if name is None:
            raise BadFormula(f"it counts rows of {view.name}, which has no column that every row has to name them by")
        return exp.Count(this=exp.column(exp.to_identifier(name)))

    def _column(self, view: View, column: exp.Column, *, is_asked: bool = False) -> exp.Column:
        """A column behind its dataset, which has it as a field."""
        way = way_of(column)
        at = view
        for name in way:
            at = self.described.model.view_by_name[next(each.to for each in at.links if each.name == name)]
        if way and self._ways(view, at.name) != 1:
            if is_asked:
                return column
            raise BadFormula(f"several relationships lead from {view.name} to {at.name}, and which is meant cannot be said")
        text = exp.Column(this=column.this.copy()).sql(dialect="postgres")
        fields = self.fields[at.name]
        known = next((each for each in fields.values() if each["expression"] == _said(text)), None)
        if known is None and column.name not in fields:
            known = fields[column.name] = {"name": column.name, "expression": _said(text)}
        if known is not None and is_asked:
            known.setdefault("dimension", {"is_time": False})
        return exp.Column(this=column.this.copy(), table=exp.to_identifier(at.name))

    def _ways(self, view: View, target: str) -> int:
        found = 0
        waiting: list[tuple[str, ...]] = [(view.name,)]
        for met in waiting:
            for link in self.described.model.view_by_name[met[-1]].links:
                if link.to not in met and len(met) <= _MOST_JOINS:
                    waiting.append((*met, link.to))
                    found += link.to == target
        return found


def _said(text: str) -> Entry:
    return {"dialects": [{"dialect": "ANSI_SQL", "expression": text}]}

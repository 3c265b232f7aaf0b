"""Conditions on what a metric is for each value of a dimension: a CTE of its values, in which rows are looked up.

The inner question is one of its own: its metric's rows, window and policies are those that it has asked alone. A row without
a value of the dimension is nobody's and counts under no condition. Of whom the metric has no row it is what it is over no
rows: who has no order has 0 of them.
"""

from dataclasses import replace

from sqlglot import exp

from assay.compiler.conditions import those_name
from assay.compiler.held import Held
from assay.compiler.plan import Parameters, Source, make_plan
from assay.compiler.resolved import Cut, Question
from assay.compiler.tree import build
from assay.engine import Dialect


class _Nested(Parameters):
    """Parameters of an inner question, among those of the one around it."""

    def __init__(self, around: Parameters, number: int) -> None:
        super().__init__(around.sources)
        self._around, self._number = around, number

    def index(self, source: Source) -> int:
        return self._around.index(("whose", self._number, source))


def with_those(tree: exp.Select, question: Question, dialect: Dialect, parameters: Parameters, held: Held) -> exp.Select:
    """The statement with a CTE before its others for each condition that it looks at; fills `parameters`."""
    if not question.every_whose:
        return tree
    looked_at = {table.name for table in tree.find_all(exp.Table)}
    ctes: list[exp.CTE] = []
    for number, each in enumerate(question.every_whose):
        name = those_name(number)
        if name in looked_at:
            inner = make_plan(replace(each.question, cut=Cut(name)))
            made = build(inner, dialect, _Nested(parameters, number), held)
            ctes.append(exp.CTE(this=made, alias=exp.TableAlias(this=exp.to_identifier(name))))
    known = tree.args.get("with_")
    tree.set("with_", exp.With(expressions=[*ctes, *(known.expressions if known else ())]))
    return tree

"""Conditions of MetricFlow on a metric for each value of something: `{{ Metric('bookings', ['listing']) }} > 2`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from assay.catalog.entry import Compared
from assay.catalog.formula import BadFormula
from assay.interop.metricflow.templates import Reference, metrics_in, numbered, read_reference

_OPERATORS: dict[type[exp.Expr], Compared] = {
    exp.EQ: "eq", exp.NEQ: "ne", exp.GT: "gt", exp.GTE: "gte", exp.LT: "lt", exp.LTE: "lte",
}  # fmt: skip


_NUMBERED = re.compile(r"\b_hole(\d+)\b")


@dataclass(frozen=True, slots=True)
class OnMetric:
    metric: str
    group_by: str
    op: Compared
    value: str


def apart(templates: Iterable[str]) -> tuple[tuple[str, ...], list[OnMetric]]:
    """(conditions on the row itself, as templates; those on metrics). Raises BadFormula for what is both."""
    own: list[str] = []
    found: list[OnMetric] = []
    for each in templates:
        if not metrics_in([each]):
            own.append(each)
            continue
        text, holes = numbered(each)
        try:
            tree = sqlglot.parse_one(text)
        except (SqlglotError, RecursionError) as error:
            raise BadFormula(f"{each!r} cannot be read") from error
        for part in _conjuncts(tree):
            references = [read_reference(holes[int(number)]) for number in _NUMBERED.findall(part.sql())]
            if any(one.kind == "Metric" for one in references):
                found.append(_on_metric(part, references[0]))
            else:
                own.append(_NUMBERED.sub(lambda name: f"{{{{{holes[int(name[1])]}}}}}", part.sql()))  # noqa: B023
    return tuple(own), found


def _conjuncts(tree: exp.Expr) -> list[exp.Expr]:
    tree = tree.unnest()
    return [*_conjuncts(tree.this), *_conjuncts(tree.expression)] if isinstance(tree, exp.And) else [tree]


def _on_metric(node: exp.Expr, reference: Reference) -> OnMetric:
    value = node.args.get("expression")
    if type(node) not in _OPERATORS or not isinstance(node.this, exp.Column) or value is None or not _is_number(value):
        raise BadFormula("a metric in a condition is compared with a number, by =, <>, <, <=, > or >=, beside AND alone")
    if len(reference.group_by) != 1:
        raise BadFormula(f"the metric {reference.name} in a condition is looked at for each of one thing, not of several")
    return OnMetric(reference.name, reference.group_by[0], _OPERATORS[type(node)], value.sql())


def _is_number(value: exp.Expr) -> bool:
    bare = value.this if isinstance(value, exp.Neg) else value
    return isinstance(bare, exp.Literal) and not bare.is_string

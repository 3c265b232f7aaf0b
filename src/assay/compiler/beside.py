"""Shares and ranks: how the values of groups stand beside those of the others, in each bucket.

The total is calculated from all rows, and is no sum of groups. It comes beside each group by a window over both, stacked.
"""

from dataclasses import replace

from sqlglot import exp

from assay.catalog.metric import Metric
from assay.compiler import dialect as pin
from assay.compiler.held import Held
from assay.compiler.logic import case_of
from assay.compiler.others import ALL, build_with_others, in_order, of_all, with_passes
from assay.compiler.passes import named
from assay.compiler.plan import Parameters, Plan, make_plan
from assay.compiler.resolved import Cut, Period, Question
from assay.compiler.tree import build
from assay.engine import Dialect
from assay.gate.names import identifier

_GROUPS, _TOTALS, _STACKED = "groups", "totals", "stacked"
_IS_TOTAL = "_is_total"
"""No dimension can be called so."""


def build_beside(plan: Plan, dialect: Dialect, parameters: Parameters, held: Held) -> exp.Select:
    """The statement; fills `parameters` in order of first use."""
    question = plan.question
    plain = _plain(question)
    values: dict[tuple[str, Period], str] = {
        (metric.metric_id, period): name for name, metric, period in plain.value_columns()
    }
    # What comes first may be told by a value of the metric that only its share is asked of.
    order = (
        tuple(replace(each, by=_base_name(each.by, question, values)) for each in question.order) if question.others else ()
    )
    cut = None if question.others else Cut(_GROUPS)
    groups = replace(plain, order=order, limit=question.limit if question.others else None, cut=cut)
    write = build_with_others if question.others else build
    totals = replace(plain, dimensions=(), others=False, order=(), limit=None, cut=Cut(_TOTALS))
    ctes = {_GROUPS: write(make_plan(groups), dialect, parameters, held),
            _TOTALS: build(make_plan(totals), dialect, parameters, held)}  # fmt: skip
    times, keys = ["time"] if question.grain else [], question.key_columns()
    rows = exp.select(*map(_column, keys), *[_column(name) for name in values.values()],
                      *[named(exp.null(), _total(name)) for name in values.values()],
                      named(exp.Literal.number(0), _IS_TOTAL)).from_(_GROUPS, copy=False)  # fmt: skip
    whole = exp.select(*map(_column, times), *[named(exp.null(), name) for name in keys if name not in times],
                       *[named(exp.null(), name) for name in values.values()],
                       *[named(_column(name), _total(name)) for name in values.values()],
                       named(exp.Literal.number(1), _IS_TOTAL)).from_(_TOTALS, copy=False)  # fmt: skip
    inner = exp.select(
        *[named(_of_stacked(name), name) for name in [*keys, _IS_TOTAL]],
        *[named(_beside(metric, values[metric.of or metric.metric_id, period], times), name)
          for name, metric, period in question.value_columns()],
    ).from_(_as(exp.union(rows, whole, distinct=False, copy=False), _STACKED), copy=False)  # fmt: skip
    names = [*keys, *(name for name, _, _ in question.value_columns())]
    select = exp.select(*[named(of_all(name), name) for name in names]).from_(_as(inner, ALL), copy=False)
    select = select.where(exp.EQ(this=of_all(_IS_TOTAL), expression=exp.Literal.number(0)), copy=False)
    return with_passes(in_order(select, question, dialect), ctes)


def _plain(question: Question) -> Question:
    """The question for the metrics' own values, each once."""
    found: dict[str, Metric] = {}
    for each in question.metrics:
        own = replace(each, metric_id=each.of, shown=None) if each.shown and each.of else each
        found.setdefault(own.metric_id, own)
    return replace(question, metrics=tuple(found.values()))


def _base_name(by: str, question: Question, values: dict[tuple[str, Period], str]) -> str:
    for name, metric, period in question.value_columns():
        if name == by:
            return values[metric.of if metric.shown and metric.of else metric.metric_id, period]
    return by


def _beside(metric: Metric, name: str, times: list[str]) -> exp.Expr:
    """A value as it is, as its share, or by its place."""
    value, within = _of_stacked(name), [_of_stacked(each) for each in times]
    match metric.shown:
        case "share":
            total = exp.Window(this=exp.Max(this=_of_stacked(_total(name))), partition_by=within)
            return pin.quotient(value, total)
        case "rank":
            order = exp.Order(expressions=[exp.Ordered(this=value, desc=True, nulls_first=False)])
            place = exp.Window(this=exp.Rank(), partition_by=within, order=order)
            return case_of([(exp.Is(this=value.copy(), expression=exp.null()), exp.null()), (None, place)])
        case None:
            return value


def _total(name: str) -> str:
    return f"_total_{name}"


def _column(name: str) -> exp.Expr:
    return exp.column(identifier(name))


def _of_stacked(name: str) -> exp.Expr:
    return exp.column(identifier(name), table=_STACKED)


def _as(query: exp.Query, name: str) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(name)))

"""A question with others: the groups that come first, and all that is left as one row, in one statement.

The rest is no difference of totals: it is calculated from its rows, so it is right for distinct counts, ratios and averages.
Which groups come first is told over the whole window; a series then has them, and the rest, in each of its buckets.
"""

from dataclasses import replace

from sqlglot import exp

from assay.compiler import dialect as pin
from assay.compiler.asked import MAX_LIMIT
from assay.compiler.conditions import FIRST
from assay.compiler.held import Held
from assay.compiler.logic import case_of
from assay.compiler.passes import named
from assay.compiler.plan import Parameters, Plan, make_plan
from assay.compiler.resolved import OTHERS, Cut, Question
from assay.compiler.tree import build
from assay.engine import Dialect, engine_of
from assay.gate.names import identifier

_GROUPS = "_groups"
"""The column that says how many groups there are. No dimension can be called so."""
_SERIES, _REST, ALL = "series", "rest", "u"


def build_with_others(plan: Plan, dialect: Dialect, parameters: Parameters, held: Held) -> exp.Select:
    """The statement; fills `parameters` in order of first use."""
    question = plan.question
    dimensions = question.dimensions
    first = build(make_plan(question.whole), dialect, parameters, held)
    first = first.select(named(exp.Window(this=exp.Count(this=exp.Star(), big_int=True)), _GROUPS), copy=False)
    ctes = {FIRST: first}

    def cut(name: str, of: Question, *, is_rest: bool) -> None:
        made = replace(of, others=False, order=(), limit=None, cut=Cut(name, dimensions, is_rest))
        ctes[name] = build(make_plan(made), dialect, parameters, held)

    if question.grain:
        cut(_SERIES, question, is_rest=False)
    cut(_REST, replace(question, dimensions=()), is_rest=True)
    times, values = ["time"] if question.grain else [], [name for name, _, _ in question.value_columns()]
    kept = _columns([*times, *question.dimension_names(), None, *values], _no_count())
    kept = kept.from_(_SERIES if question.grain else FIRST, copy=False)
    rest = exp.select(*[exp.column(identifier(name)) for name in times])
    rest = rest.select(*[named(exp.null(), name) for name in question.dimension_names()], copy=False)
    left = exp.Sub(this=_count(), expression=exp.Literal.number(question.limit))
    rest = rest.select(named(left, OTHERS), *[exp.column(identifier(name)) for name in values], copy=False)
    has_rest = exp.GT(this=_count(), expression=exp.Literal.number(question.limit))
    rest = rest.from_(_REST, copy=False).where(has_rest, copy=False)
    both = exp.Subquery(
        this=exp.union(kept, rest, distinct=False, copy=False), alias=exp.TableAlias(this=exp.to_identifier(ALL))
    )
    names = [*question.key_columns(), *values]
    select = exp.select(*[named(of_all(name), name) for name in names]).from_(both, copy=False)
    return with_passes(in_order(select, question, dialect), ctes)


def with_passes(select: exp.Select, ctes: dict[str, exp.Select]) -> exp.Select:
    select.set("with_", exp.With(expressions=[
        exp.CTE(this=each, alias=exp.TableAlias(this=exp.to_identifier(name))) for name, each in ctes.items()
    ]))  # fmt: skip
    return select


def _columns(names: list[str | None], others: exp.Expr) -> exp.Select:
    return exp.select(*[others if name is None else exp.column(identifier(name)) for name in names])


def _no_count() -> exp.Expr:
    return named(exp.cast(exp.null(), "bigint", copy=False), OTHERS)


def _count() -> exp.Expr:
    """How many groups there are in all; NULL where there is none."""
    return exp.Subquery(this=exp.select(exp.Max(this=exp.column(identifier(_GROUPS)))).from_(FIRST, copy=False))


def of_all(name: str) -> exp.Expr:
    """A column of what the passes give together."""
    return exp.column(identifier(name), table=ALL)


def in_order(select: exp.Select, question: Question, dialect: Dialect) -> exp.Select:
    """Of columns of ALL: ordered to the last tie and bounded; by bucket the row of the others behind all of its groups."""
    spelling = engine_of(dialect).spelling
    texts = {each.name for each in question.dimensions if each.type.kind == "string"}
    changes = question.changes()
    asked = [(each.by, each.descending) for each in question.order]
    if question.others and question.grain:
        asked = [("time", False)]  # what was asked has told which groups come first
    elif not asked:
        asked = [("time", False)] if question.grain else [(question.value_columns()[0][0], True)]
    keys = [*(["time"] if question.grain else []), *question.dimension_names()]
    asked += [(name, False) for name in keys if name not in {by for by, _ in asked}]
    found = [
        spelling.ordered(pin.change(*map(of_all, changes[by])) if by in changes else of_all(by), descending, by in texts)
        for by, descending in asked
    ]
    if question.others:
        is_own = exp.Is(this=of_all(OTHERS), expression=exp.null())
        last = case_of([(is_own, exp.Literal.number(0)), (None, exp.Literal.number(1))])
        found.insert(1 if question.grain else 0, spelling.ordered(last, False, False))
    most = question.most_rows + 1
    if question.limit is not None:
        if question.others:
            most = most if question.grain else question.limit + 1
        else:
            most = MAX_LIMIT + 1 if question.grain else question.limit
    return select.order_by(*found, copy=False).limit(most, copy=False)

"""AND, OR, NOT and CASE over conditions that were made for the purpose: sqlglot's own functions copy what they are given."""

from collections.abc import Sequence

from sqlglot import exp


def all_of(*conditions: exp.Expr) -> exp.Expr:
    return exp.and_(*conditions, copy=False)


def any_of(*conditions: exp.Expr) -> exp.Expr:
    return exp.or_(*conditions, copy=False)


def not_of(condition: exp.Expr) -> exp.Expr:
    return exp.not_(condition, copy=False)


def case_of(cases: Sequence[tuple[exp.Expr | None, exp.Expr]]) -> exp.Expr:
    """The value of the first condition that holds; that of the last one, which has none, where no other does."""
    *conditional, (_, default) = cases
    if not conditional:
        return default
    return exp.Case(ifs=[exp.If(this=condition, true=value) for condition, value in conditional], default=default)

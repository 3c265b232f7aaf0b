"""Conditions on the rows of one table that a policy sets: formulas of the catalog, beside which stand values of a person.

`$user.regions` is all that a person's attribute holds. It is never part of the text: each value is a parameter.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product

from sqlglot import exp

from assay.catalog.binder import Binder
from assay.catalog.dictionary import Join, Table, each_join
from assay.catalog.formula import BOOLEAN, BadFormula, Formula, read_filter
from assay.catalog.types import ColumnType, parse_type

USER = "$user"
_KINDS = (parse_type("string"), parse_type("bigint"))
"""What an attribute of a person may be compared with."""
_MOST_ATTRIBUTES = 4


@dataclass(frozen=True)
class Condition:
    """`text` is as the policy has it: two that are equal keep the same rows for the same person."""

    text: str
    counts: tuple[tuple[str, int], ...]
    """The attributes of a person that it looks at, and how many values each of them has."""
    table: Table = field(compare=False)
    formula: Formula = field(compare=False)
    joins: tuple[Join, ...] = field(compare=False)

    @property
    def grows(self) -> bool:
        """Whether more values keep all rows that fewer keep."""
        return all(_grows(each) for each in _of_user(self.formula.tree))

    @property
    def numbers(self) -> frozenset[str]:
        """The attributes that are compared with whole numbers."""
        return frozenset(each.name for each in _of_user(self.formula.tree) if each.meta["column_type"].kind == "bigint")


def read_row_filter(text: str, binder: Binder, table: Table, counts: Mapping[str, int] | None = None) -> Condition:
    """`counts`: how many values somebody has of each attribute; one of each where nobody is meant yet.

    Raises BadFormula with a sentence.
    """
    names: dict[str, ColumnType] = {}
    found, failure = None, None
    try:
        found = _read(text, binder, table, names)
    except BadFormula as error:
        failure = error
    if len(names) > _MOST_ATTRIBUTES:
        raise BadFormula(f"looks at more than {_MOST_ATTRIBUTES} attributes of a person")
    if failure:
        found = _read_with_numbers(text, binder, table, tuple(names))
    if found is None:
        assert failure
        raise failure
    formula, joins = found
    own = tuple((name, (counts or {}).get(name, 1)) for name in sorted(names))
    return Condition(text, own, table, _with_each_value(formula, dict(own)), joins)


def _read_with_numbers(
    text: str, binder: Binder, table: Table, names: tuple[str, ...]
) -> tuple[Formula, tuple[Join, ...]] | None:  # fmt: skip
    """With some of the attributes compared with whole numbers; None where it cannot be read so either."""
    _all_texts, *others = product(_KINDS, repeat=len(names))
    for kinds in others:
        with suppress(BadFormula):
            return _read(text, binder, table, dict(zip(names, kinds, strict=True)))
    return None


def _read(text: str, binder: Binder, table: Table, kinds: dict[str, ColumnType]) -> tuple[Formula, tuple[Join, ...]]:
    """The formula, in which an attribute is a column of `$user`. One that is not in `kinds` is text, and is noted there."""
    paths: dict[str, tuple[Join, ...]] = {}
    find = binder.resolver(table, paths)

    def resolve(name: str, table_name: str | None) -> tuple[str, str, ColumnType]:
        if table_name == USER:
            return USER, name, kinds.setdefault(name, _KINDS[0])
        return find(name, table_name)

    formula = read_filter(text, resolve)
    for each in _of_user(formula.tree):
        around = each.parent
        while isinstance(around, exp.Paren):
            around = around.parent
        if not isinstance(around, (exp.EQ, exp.NEQ, exp.In)) or each is around.this:
            raise BadFormula(f"{USER}.{each.name} stands behind =, <> or IN alone, as in region IN ({USER}.{each.name})")
    return formula, each_join(paths.values())


def _of_user(tree: exp.Expr) -> list[exp.Column]:
    return [each for each in tree.find_all(exp.Column) if each.table == USER]


def _grows(of_user: exp.Column) -> bool:
    """Whether its comparison is all that rows are kept by, or one of several of which all or any hold."""
    above = [node for node in _above(of_user) if not isinstance(node, exp.Paren)]
    return isinstance(above[0], (exp.In, exp.EQ)) and all(isinstance(node, (exp.And, exp.Or)) for node in above[1:])


def _above(node: exp.Expr) -> Iterator[exp.Expr]:
    while node.parent is not None:
        node = node.parent
        yield node


def _with_each_value(formula: Formula, counts: Mapping[str, int]) -> Formula:
    """With an attribute's values one by one, where they may be several. `meta["position"]` says which each is.

    Raises BadFormula where one value is wanted and there are more, or none.
    """
    tree = formula.tree.copy()
    for each in _of_user(tree):
        many = counts[each.name]
        around = each.parent
        if isinstance(around, exp.In):
            fresh = [each.copy() for _ in range(many)]
            for position, one in enumerate(fresh):
                one.meta["position"] = position
            others = [one for one in around.expressions if one is not each]
            around.set("expressions", [*others, *fresh])
        else:
            each.meta["position"] = 0
        if not many or (many > 1 and not isinstance(around, exp.In)):
            raise BadFormula(f"{USER}.{each.name} has {many} values where one is compared; write IN ({USER}.{each.name})")
    return Formula(tree, BOOLEAN, formula.columns, tree.sql())

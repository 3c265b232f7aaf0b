"""Rows that a UNION stacks on one another: which rows of which tables each side is made of, and what then is there twice.

Two sides share no rows where they read other tables, or where what their WHERE asks of a table shuts out one another.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

from sqlglot import exp

from assay.gate.policy import Origin
from assay.gate.scopes import Found, Lineage, Output, Source

_MOST = 16
"""So many slices are told apart; of more, nothing is known but their tables."""
_EMPTY = "NULL"
_ADD_NOTHING = frozenset({_EMPTY, "0", "0.0"})
Value = Decimal | str
"""A literal: a number, or text in small letters and without blanks around it, as no engine tells more values apart."""


@dataclass(frozen=True)
class Asked:
    """What one condition asks of a column: one of some values, none of some, or to lie between two ends."""

    values: frozenset[Value] | None = None
    others: frozenset[Value] = frozenset()
    low: Value | None = None
    high: Value | None = None
    is_open: bool = False
    """Whether the end itself is left out."""

    def shuts_out(self, other: "Asked") -> bool:
        return self._one_way(other) or other._one_way(self)

    def _one_way(self, other: "Asked") -> bool:
        if self.values is not None:
            if other.values is not None:
                return self.values.isdisjoint(other.values)
            # Whatever is compared has a value.
            return self.values <= (other.others | {_EMPTY})
        if self.high is None or other.low is None or type(self.high) is not type(other.low):
            return False
        return self.high < other.low or (self.high == other.low and (self.is_open or other.is_open))  # pyright: ignore[reportOperatorIssue]


@dataclass(frozen=True)
class Slice:
    """Rows made of one row each of these tables, as far as the conditions let them through."""

    tables: Mapping[str, int]
    """How often each table is read for it."""
    asked: tuple[tuple[Origin, Asked], ...] = field(default=())

    @classmethod
    def of_table(cls, table: str) -> "Slice":
        return cls({table: 1})

    def shares(self, other: "Slice", table: str) -> bool:
        """Whether a row of the table may be in both."""
        if table not in self.tables or table not in other.tables:
            return False
        if self.tables[table] != 1 or other.tables[table] != 1:
            return True
        return not any(
            one == another and a.shuts_out(b)
            for (one, a), (another, b) in product(self.asked, other.asked) if one[0] == table
        )  # fmt: skip


def together(slices: Sequence[Slice]) -> tuple[Slice, ...]:
    if len(slices) <= _MOST:
        return tuple(slices)
    return (Slice({table: 2 for each in slices for table in each.tables}),)


def slices_of(
    sources: Sequence[Source | Output], conditions: Iterable[exp.Expr], found: Mapping[int, Found]
) -> tuple[Slice, ...]:
    """The slices of a SELECT: one of each of its sources, and what its WHERE asks of the tables themselves."""
    asked = tuple(each for condition in conditions for each in _asked(condition, found))
    slices: tuple[Slice, ...] = (Slice({}),)
    for source in sources:
        slices = together([_joined(a, b) for a, b in product(slices, source.slices)])
    return tuple(Slice(each.tables, each.asked + asked) for each in slices)


def _joined(one: Slice, other: Slice) -> Slice:
    tables = {**one.tables}
    for table, count in other.tables.items():
        tables[table] = tables.get(table, 0) + count
    return Slice(tables, one.asked + other.asked)


def _asked(condition: exp.Expr, found: Mapping[int, Found]) -> Iterator[tuple[Origin, Asked]]:
    is_not = isinstance(condition, exp.Not)
    inner = condition.this.unnest() if isinstance(condition, exp.Not) else condition
    if isinstance(inner, exp.Column):
        origin = _origin(inner, found)
        if origin is not None:
            yield origin, Asked(frozenset({"false" if is_not else "true"}))
        return
    column = inner.this.unnest() if isinstance(inner.args.get("this"), exp.Expr) else None
    origin = _origin(column, found) if isinstance(column, exp.Column) else None
    if origin is None:
        return
    match inner:
        case exp.Is() if isinstance(inner.expression, exp.Null):
            yield origin, Asked(others=frozenset({_EMPTY})) if is_not else Asked(frozenset({_EMPTY}))
        case exp.In() if inner.expressions:
            values = [_value(each) for each in inner.expressions]
            if all(each is not None for each in values):
                listed = frozenset(each for each in values if each is not None)
                yield origin, Asked(others=listed) if is_not else Asked(listed)
        case exp.EQ() | exp.NEQ() | exp.LT() | exp.LTE() | exp.GT() | exp.GTE() if not is_not:
            yield from _compared(origin, inner, found[id(column)].lineage)
        case _:
            return


def _compared(origin: Origin, node: exp.Expr, lineage: Lineage) -> Iterator[tuple[Origin, Asked]]:
    value = _value(node.expression)
    if value is None:
        return
    is_open = isinstance(node, (exp.LT, exp.GT))
    if isinstance(node, exp.EQ):
        yield origin, Asked(frozenset({value}))
    elif isinstance(node, exp.NEQ):
        yield origin, Asked(others=frozenset({value}))
    elif isinstance(value, Decimal) or lineage.is_calendar:  # the order of other text is the engine's
        is_above = isinstance(node, (exp.LT, exp.LTE))
        yield origin, Asked(high=value, is_open=is_open) if is_above else Asked(low=value, is_open=is_open)


def _origin(column: exp.Expr, found: Mapping[int, Found]) -> Origin | None:
    """The dictionary's column, where it is one of a table that is read here itself."""
    known = found.get(id(column))
    if known is None or known.is_outer or known.source.table is None or len(known.lineage.origins) != 1:
        return None
    return next(iter(known.lineage.origins))


def _value(node: exp.Expr) -> Value | None:
    """A literal, or a date or timestamp written out."""
    node = node.unnest()
    while isinstance(node, (exp.Cast, exp.DateStrToDate, exp.TimeStrToTime, exp.TsOrDsToDate, exp.TsOrDsToTimestamp)):
        node = node.this
    if isinstance(node, exp.Boolean):
        return "true" if node.this else "false"
    if not isinstance(node, exp.Literal):
        return None
    return str(node.this).strip().casefold() if node.is_string else Decimal(node.this)


# -- what is there twice ------------------------------------------------------------------------------------------


def stacked_lineage(one: Lineage, other: Lineage) -> Lineage:
    constants = one.constants | other.constants if one.constants is not None and other.constants is not None else None
    return Lineage(
        one.origins | other.origins, one.is_exact and other.is_exact, one.is_own and other.is_own,
        one.is_calendar and other.is_calendar, one.is_first_of_month and other.is_first_of_month, constants,
    )  # fmt: skip


def stacked_twice(node: exp.Union, left: Output, right: Output) -> tuple[list[str], bool]:
    """The columns in which something of one row stands in rows of both sides, and whether those rows are all alike."""
    found: list[str] = []
    meet = is_alike = _shared(left, right, None)
    pairs = list(zip(left.lineage, right.lineage, strict=False))
    if node.args.get("distinct") and all(one.is_own and one == other for one, other in pairs):
        return [], False  # the same columns of a row are the same row, and that is taken away
    for name, (one, other) in zip(left.names, pairs, strict=False):
        if one.constants is not None and one.constants == other.constants:
            if meet and not one.constants <= _ADD_NOTHING:
                found.append(name)
        elif _is_twice(one, other, left, right, meet=meet):
            found.append(name)
        else:
            is_alike = False
    return found, is_alike and not node.args.get("distinct")


def _is_twice(one: Lineage, other: Lineage, left: Output, right: Output, *, meet: bool) -> bool:
    """`meet`: whether a row may be on both sides."""
    if any(each.constants is not None and each.constants <= _ADD_NOTHING for each in (one, other)):
        return False
    if one.constants is not None and other.constants is not None:
        return meet and not one.constants.isdisjoint(other.constants)
    if one.origins and other.origins:
        return any(_shared(left, right, table) for table, _ in one.origins & other.origins)
    # A count of rows is made of no column.
    counts = [each for each in (one, other) if not each.origins and each.constants is None]
    return meet and bool(counts)


def _shared(left: Output, right: Output, table: str | None) -> bool:
    """Whether a row of the table, or of any table where none is named, may be on both sides.

    Of any table: the rows are made of one row each of several, and are other rows where those of one of them are.
    """
    for one, other in product(left.slices, right.slices):
        both = one.tables.keys() & other.tables.keys()
        if table is not None and one.shares(other, table):
            return True
        if table is None and both and all(one.shares(other, each) for each in both):
            return True
    return False

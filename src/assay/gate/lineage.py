"""What a query gives to the one around it: where each column comes from, and which columns tell its rows apart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from assay.gate.scopes import NOTHING, Found, JoinUse, Lineage, Source

_QUERIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Exists)
_VALUE_KEEPERS = (exp.Min, exp.Max, exp.AnyValue, exp.First, exp.Last, exp.FirstValue, exp.LastValue, exp.Lag, exp.Lead)
_AROUND_AGGREGATES = (exp.IgnoreNulls, exp.RespectNulls, exp.Filter, exp.WithinGroup)

FoundById = Mapping[int, Found]


def lineage_of(item: exp.Expr, found: FoundById) -> Lineage:
    """Trace one value. A column, MIN of it or COALESCE of several keep its values; everything else computes new ones."""
    while isinstance(item, (exp.Alias, exp.Paren)):
        item = item.this
    if isinstance(item, exp.Column):
        known = found.get(id(item))
        return known.lineage if known is not None else NOTHING
    inner = item.this if isinstance(item, exp.Window) else item
    if isinstance(inner, _VALUE_KEEPERS) and isinstance(inner.this, exp.Column):
        return replace(lineage_of(inner.this, found), is_own=False)
    parts = [found[id(column)].lineage for column in item.find_all(exp.Column) if id(column) in found]
    if not parts:
        return _constant(item)
    origins = frozenset(origin for part in parts for origin in part.origins)
    is_kept = isinstance(item, exp.Coalesce) and all(part.is_exact for part in parts)
    return Lineage(
        origins, is_kept, is_calendar=all(part.is_calendar for part in parts), is_first_of_month=_begins_a_month(item)
    )


def _constant(item: exp.Expr) -> Lineage:
    while isinstance(item, (exp.Paren, exp.Cast, exp.TryCast)):
        item = item.this
    literal = item.this if isinstance(item, exp.Neg) else item
    is_one = isinstance(literal, (exp.Literal, exp.Null, exp.Boolean, exp.Placeholder, exp.Parameter))
    return Lineage(constants=frozenset({item.sql()})) if is_one else NOTHING


def _begins_a_month(item: exp.Expr) -> bool:
    while isinstance(item, (exp.Paren, exp.Cast)):
        item = item.this
    unit = item.args.get("unit") if isinstance(item, (exp.DateTrunc, exp.TimestampTrunc)) else None
    return unit is not None and str(unit.name).upper() in ("MONTH", "QUARTER", "YEAR")


def is_aggregate(item: exp.Expr) -> bool:
    """Whether the value holds an aggregate that is neither a window's nor a subquery's."""
    stack = [item]
    while stack:
        node = stack.pop()
        if isinstance(node, _QUERIES):
            continue
        if isinstance(node, exp.Window):
            call = node.this
            while isinstance(call, _AROUND_AGGREGATES):
                call = call.this
            stack += list(call.iter_expressions())
        elif isinstance(node, exp.AggFunc):
            return True
        else:
            stack += list(node.iter_expressions())
    return False


class RowKeys:
    """Which columns tell the rows of a chain of joins apart: sets of (source, column).

    On the way it notes on each source whether a row of it may stand in several of the joined rows, and on each join
    whether it lets rows meet that have nothing to do with one another.
    """

    def __init__(self, first: Source | None, joins: Sequence[JoinUse]) -> None:
        self.keys: list[frozenset[tuple[int, str]]] = []
        self.sources: list[Source] = []
        if first is not None:
            self.keys = _keys_of(first)
            self.sources.append(first)
        for use in joins:
            if not use.keeps_left_only:
                self._add(use)

    def _add(self, use: JoinUse) -> None:
        if use.right.is_list:
            # A row may lie in several of its frames, and is told apart from itself by the time of each of them.
            if not use.right.is_apart:
                bucket = {(id(use.right), name) for name in use.right.unique[0]}
                self.keys = [key | bucket for key in self.keys]
            use.right.is_repeated = True
            self.sources.append(use.right)
            return
        left = frozenset((id(source), name) for source, name, _, _ in use.pairs)
        right = frozenset(name for _, _, _, name in use.pairs)
        is_parent = use.span is not None or use.right.is_unique_on(right)
        is_child = any(key <= left for key in self.keys)
        use.multiplies = not is_parent and not is_child
        keys = self.keys if is_parent else []
        self.keys = [*keys, *_keys_of(use.right)] if is_child else keys
        use.right.is_repeated = not is_child
        if not is_parent:
            for source in self.sources:
                source.is_repeated = source.is_fanned_out = True
        self.sources.append(use.right)
        for source, name, other, its in use.pairs:
            source.ties.setdefault(name, []).append((other, its))
            other.ties.setdefault(its, []).append((source, name))


def _keys_of(source: Source) -> list[frozenset[tuple[int, str]]]:
    return [frozenset((id(source), name) for name in key) for key in source.unique]


def unique_keys(node: exp.Select, names: Sequence[str], rows: RowKeys, found: FoundById) -> tuple[frozenset[str], ...]:
    """Sets of output columns that no two rows share. Empty where nothing is promised."""
    keys: list[frozenset[str]] = []
    group, limit, distinct = (node.args.get(part) for part in ("group", "limit", "distinct"))
    if isinstance(limit, exp.Limit) and isinstance(limit.expression, exp.Literal) and limit.expression.this in ("0", "1"):
        keys.append(frozenset())
    if distinct is not None and distinct.args.get("on") is None:
        keys.append(frozenset(names))
    if group is not None:
        key = _group_key(group, node, names, found)
        if key is not None:
            keys.append(key)
    elif any(is_aggregate(item) for item in node.expressions):
        keys.append(frozenset())
    else:
        given: dict[tuple[int, str], str] = {}
        for name, item in zip(names, node.expressions, strict=True):
            column = found.get(id(item.unalias()))
            if column is not None and name and not column.is_outer:
                given.setdefault((id(column.source), column.name), name)
        keys += [frozenset(given[part] for part in key) for key in rows.keys if all(part in given for part in key)]
    return tuple(key for key in keys if "" not in key)


def _group_key(group: exp.Expr, node: exp.Select, names: Sequence[str], found: FoundById) -> frozenset[str] | None:
    """The output columns that hold the grouping; None where a part of it is not put out, or rows repeat it."""
    if group.args.get("all"):
        return frozenset(name for name, item in zip(names, node.expressions, strict=True) if not is_aggregate(item))
    if groups_in_several_ways(group):
        return None
    bodies = [item.unalias() for item in node.expressions]
    key: set[str] = set()
    for part in (inner for item in group.expressions for inner in _flat(item)):
        if isinstance(part, exp.Literal):
            if not part.is_string and part.this.isdecimal() and 0 < int(part.this) <= len(names):
                key.add(names[int(part.this) - 1])
            continue
        name = _name_put_out(part, names, bodies, found)
        if name is None:
            return None
        key.add(name)
    return frozenset(key)


def groups_in_several_ways(group: exp.Expr) -> bool:
    """ROLLUP, CUBE and GROUPING SETS: each row counts once for each grouping, and the subtotals stand beside the total."""
    several = (exp.Rollup, exp.Cube, exp.GroupingSets)
    return any(group.args.get(part) for part in ("rollup", "cube", "grouping_sets")) or any(
        isinstance(part, several) for part in group.expressions
    )


def group_names(node: exp.Select, names: Sequence[str], found: FoundById) -> frozenset[str]:
    """The output columns that a plain GROUP BY groups by; none where there is no such, or one of them is not put out."""
    group = node.args.get("group")
    key = _group_key(group, node, names, found) if group is not None else None
    return key if key and "" not in key else frozenset()


def _name_put_out(part: exp.Expr, names: Sequence[str], bodies: Sequence[exp.Expr], found: FoundById) -> str | None:
    mine = found.get(id(part))
    for name, body in zip(names, bodies, strict=True):
        theirs = found.get(id(body))
        if mine is not None and theirs is not None:
            if mine.source is theirs.source and mine.name == theirs.name:
                return name
        elif body == part:
            return name
    return None


def _flat(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Tuple):
        for part in node.expressions:
            yield from _flat(part)
    elif isinstance(node, exp.Paren):
        yield from _flat(node.this)
    else:
        yield node

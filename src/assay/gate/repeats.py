"""What would be counted more than once: values of a parent that stand beside each of its children, under an aggregate."""

from collections.abc import Iterator, Sequence

from sqlglot import exp

from assay.catalog.addends import addends, adds_up, terms
from assay.gate.lineage import groups_in_several_ways, is_aggregate
from assay.gate.scopes import Found, Resolution, Source


def counted_again(aggregate: exp.Expr, facts: Resolution) -> str | None:
    """The value that the aggregate would add up more than once, as it is to be called; None where there is none."""
    select = aggregate.find_ancestor(exp.Select)
    if id(select) in facts.stacked and (adds_up(aggregate) or isinstance(aggregate, exp.CountIf)):
        return "a row that UNION ALL puts there twice"
    if not adds_up(aggregate):
        return None
    if isinstance(select, exp.Select) and _adds_totals(aggregate, select):
        return "the total beside what it is the total of"
    for values in addends(aggregate):
        if all(_is_repeated(value, facts) for value in values):
            return _called(values[0], facts)
    return None


def _adds_totals(aggregate: exp.Expr, select: exp.Select) -> bool:
    """`SUM(SUM(x)) OVER ()` beside ROLLUP: the window sees the subtotals as well, unless its partitions keep them apart."""
    group = select.args.get("group")
    window = aggregate.parent
    while isinstance(window, (exp.Filter, exp.IgnoreNulls, exp.RespectNulls)):
        window = window.parent
    if group is None or not groups_in_several_ways(group) or not isinstance(window, exp.Window):
        return False
    apart = (exp.Grouping, exp.GroupingId)
    return not any(isinstance(part, apart) for each in window.args.get("partition_by") or () for part in each.walk())


def _is_repeated(value: exp.Expr, facts: Resolution) -> bool:
    """Whether the same value may stand in several of the rows that are read."""
    if isinstance(value, exp.Column):
        found = facts.found.get(id(value))
        return found is not None and _home(found) is not None
    if isinstance(value, exp.Window):
        return True
    if adds_up(value):
        return False
    # A subquery for each row: what it reads belongs to one row where it is tied to the row's key.
    tied: dict[int, tuple[Found, set[str]]] = {}
    for found in facts.ties_of_subqueries.get(id(value), ()):
        if not found.source.is_repeated and found.name not in found.source.repeated:
            tied.setdefault(id(found.source), (found, set()))[1].add(found.name)
    return not any(found.source.is_unique_on(frozenset(names)) for found, names in tied.values())


def _home(found: Found) -> object | None:
    """The source whose rows are repeated, where the column's are; None where each row has a value of its own.

    A column that a join makes equal to one of the child's has the child's value, where the child is named first: COUNT of
    it counts children who have a parent.
    """
    source, name = found.source, found.name
    if found.is_outer:
        return source
    if name in source.repeated:
        return source.repeated[name]
    if not source.is_repeated:
        return None
    tied = () if source.is_fanned_out or isinstance(found.node.parent, exp.Distinct) else source.ties.get(name, ())
    is_the_childs = any(not other.is_repeated and its not in other.repeated for other, its in tied)
    return None if is_the_childs else source


def _called(value: exp.Expr, facts: Resolution) -> str:
    if isinstance(value, exp.Column):
        found = facts.found[id(value)]
        return f"{found.source.name}.{found.name}" if found.source.name else found.name
    return "the value of a window" if isinstance(value, exp.Window) else "the value of a subquery"


def repeated_columns(node: exp.Select, names: Sequence[str], facts: Resolution) -> dict[str, object]:
    """The output columns that hold one value in several rows, each with the source that the value is of."""
    keys, group = _group_keys(node, facts), node.args.get("group")
    if keys is not None and not keys:
        return {}
    if group is not None and groups_in_several_ways(group):
        return dict.fromkeys(names, node)
    found: dict[str, object] = {}
    for name, item in zip(names, node.expressions, strict=True):
        for values in terms(item.unalias()):
            homes = [_home_of(value, facts) for value in values]
            if all(home is not None for home in homes) and not (keys and _tell_apart(homes, keys)):
                found[name] = homes[0]
    return found


def _home_of(value: exp.Expr, facts: Resolution) -> object | None:
    if isinstance(value, exp.Column):
        found = facts.found.get(id(value))
        return _home(found) if found is not None else None
    return value if _is_repeated(value, facts) else None


def _tell_apart(homes: Sequence[object], keys: Sequence[set[object]]) -> bool:
    """Whether rows that are told apart by the keys repeat no row of the one source that the values are of.

    The rows of a UNION ALL that stacks a table on itself, and those of ROLLUP, are repeated themselves.
    """
    return (
        isinstance(homes[0], Source)
        and all(home is homes[0] for home in homes)
        and all(any(each is homes[0] for each in key) for key in keys)
    )


def _group_keys(node: exp.Select, facts: Resolution) -> list[set[object]] | None:
    """For each column that the rows are grouped by, or made DISTINCT by, the sources that it is of; None without such."""
    group, distinct = node.args.get("group"), node.args.get("distinct")
    if group is None and distinct is None:
        return [] if any(is_aggregate(item) for item in node.expressions) else None
    plain = [item for item in node.expressions if not is_aggregate(item)]
    parts = plain if group is None or group.args.get("all") else list(_group_items(group, node))
    keys: list[set[object]] = []
    for part in parts:
        for column in part.find_all(exp.Column):
            known = facts.found.get(id(column))
            if known is not None:
                tied = known.source.ties.get(known.name, ())
                keys.append({_of(known.source, known.name), *(_of(other, its) for other, its in tied)})
    return keys or None


def _of(source: object, name: str) -> object:
    return getattr(source, "repeated", {}).get(name, source)


def _group_items(group: exp.Expr, node: exp.Select) -> Iterator[exp.Expr]:
    for part in group.walk():
        if isinstance(part, exp.Literal) and not part.is_string and part.this.isdecimal():
            place = int(part.this)
            if 0 < place <= len(node.expressions):
                yield node.expressions[place - 1]
        elif isinstance(part, exp.Column):
            yield part

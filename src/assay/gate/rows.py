"""How many rows may come back, and how large a statement may grow: LIMIT, and the shapes that multiply."""

from collections.abc import Iterable, Iterator, Mapping

from sqlglot import exp

from assay.gate.policy import Policy
from assay.gate.scopes import Found

Fault = tuple[exp.Expr, str, str]

COLLECTORS = (exp.GroupConcat, exp.ArrayAgg, exp.ArrayUniqueAgg)
_COLLECTOR_NAMES = frozenset({"string_agg", "listagg", "group_concat", "array_agg", "list", "collect_list", "collect_set"})
MAX_GROUPINGS = 64
MAX_PAD = 1_000


def bound_rows(tree: exp.Expr, limits: Iterable[exp.Expr], policy: Policy) -> tuple[int, list[Fault]]:
    """The number of rows that the statement gives at most; writes LIMIT where there is none."""
    faults: list[Fault] = []
    for node in limits:
        if node.parent is not tree:
            faults += _inner_fault(node)
    limit, offset = tree.args.get("limit"), tree.args.get("offset")
    if offset is not None and whole_number(offset.expression) is None:
        faults.append((offset, "unbounded_rows", "OFFSET must be a plain whole number"))
    if limit is None:
        tree.set("limit", exp.Limit(expression=exp.Literal.number(policy.default_rows)))
        return policy.default_rows, faults
    count = whole_number(limit.args.get("count") if isinstance(limit, exp.Fetch) else limit.expression)
    if isinstance(limit, exp.Fetch) and limit.args.get("count") is None:
        count = 1
    if count is None or _is_soft(limit):
        faults.append((limit, "unbounded_rows", "LIMIT must be a plain whole number"))
        return policy.max_rows, faults
    if count > policy.max_rows:
        faults.append((limit, "limit_too_high", f"LIMIT {count} is above the cap of {policy.max_rows} rows"))
    elif isinstance(limit, exp.Fetch):
        tree.set("limit", exp.Limit(expression=exp.Literal.number(count)))
    return count, faults


def _inner_fault(node: exp.Expr) -> Iterator[Fault]:
    value = node.args.get("count") if isinstance(node, exp.Fetch) else node.args.get("expression")
    if (value is not None and whole_number(value) is None) or _is_soft(node):
        yield node, "unbounded_rows", "LIMIT, FETCH and OFFSET must be plain whole numbers"


def _is_soft(node: exp.Expr) -> bool:
    """PERCENT, WITH TIES: the number is not the number of rows."""
    options = node.args.get("limit_options")
    return options is not None and bool(options.args.get("percent") or options.args.get("with_ties"))


def whole_number(node: object) -> int | None:
    if isinstance(node, exp.Literal) and not node.is_string and node.this.isdecimal() and len(node.this) < 16:
        return int(node.this)
    return None


def collected_rows(nodes: Iterable[exp.Expr], found: Mapping[int, Found]) -> Iterator[Fault]:
    """Aggregates that put many rows into one value: allowed over the DISTINCT values of a dimension."""
    for node in nodes:
        if isinstance(node, exp.Anonymous):
            if str(node.this).lower() not in _COLLECTOR_NAMES:
                continue
            values = node.expressions[0] if node.expressions else None
        else:
            values = node.this
        if isinstance(values, exp.Order):
            values = values.this
        is_distinct = isinstance(node, exp.ArrayUniqueAgg)
        if isinstance(values, exp.Distinct):
            is_distinct = True
            values = values.expressions[0] if len(values.expressions) == 1 else None
        column = found.get(id(values))
        if not is_distinct or column is None or column.name not in column.source.dimensions:
            yield node, "unbounded_rows", "many rows in one value; only the DISTINCT values of a dimension may be collected"


def multiplying_shapes(groups: Iterable[exp.Expr], pads: Iterable[exp.Expr]) -> Iterator[Fault]:
    """Groupings that multiply, and padding to a length that is not a small number."""
    for group in groups:
        if _groupings(group) > MAX_GROUPINGS:
            yield group, "too_complex", f"CUBE, ROLLUP and GROUPING SETS make more than {MAX_GROUPINGS} groupings"
    for pad in pads:
        length = whole_number(pad.expression)
        if length is None or length > MAX_PAD:
            yield pad, "unbounded_rows", f"the length must be a plain number up to {MAX_PAD}"


def _groupings(group: exp.Expr) -> int:
    parts = list(group.expressions)
    for modifier in ("rollup", "cube", "grouping_sets"):
        parts += group.args.get(modifier) or ()
    count = 1
    for part in parts:
        wide = len(part.expressions) or len(group.expressions)
        if isinstance(part, exp.Cube):
            count *= 2 ** min(wide, 20)
        elif isinstance(part, exp.Rollup):
            count *= wide + 1
        elif isinstance(part, exp.GroupingSets):
            count *= max(1, sum(_groupings_of(inner) for inner in part.expressions))
    return count


def _groupings_of(part: exp.Expr) -> int:
    if isinstance(part, exp.Cube):
        return 2 ** min(len(part.expressions), 20)
    return len(part.expressions) + 1 if isinstance(part, exp.Rollup) else 1

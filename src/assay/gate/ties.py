"""What ties sources to one another: ON, USING, the WHERE behind a comma, and a subquery's look at the rows around it."""

from collections.abc import Iterator, Sequence

from sqlglot import exp

from assay.gate.context import Context
from assay.gate.scopes import Found, JoinUse, Lineage, LinkUse, Scope, Source

Pair = tuple[Source, str, Source, str]
_FIXED_UNITS = frozenset({"SECOND", "MINUTE", "HOUR", "DAY", "WEEK"})


def conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    """The conditions that must all be true."""
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, exp.And):
            stack += [part.expression, part.this]
        elif isinstance(part, exp.Paren):
            stack.append(part.this)
        else:
            yield part


def equality(ctx: Context, condition: exp.Expr) -> tuple[Found, Found] | None:
    """The two columns of a plain `a.x = b.y`."""
    if type(condition) is not exp.EQ:
        return None
    one, other = (ctx.facts.found.get(id(_shifted(ctx, side.unnest()))) for side in (condition.this, condition.expression))
    return (one, other) if one is not None and other is not None else None


def _shifted(ctx: Context, side: exp.Expr) -> exp.Expr:
    """`month + INTERVAL '1' MONTH` stands for `month`: a fixed step meets no more rows than the column itself.

    A step of months is fixed from the first of a month alone: a month after 28, 29, 30 and 31 January is 28 February.
    """
    if isinstance(side, (exp.Add, exp.Sub)) and isinstance(side.expression, exp.Interval):
        column, step = side.this.unnest(), side.expression
        found = ctx.facts.found.get(id(column))
        if found is not None and found.lineage.is_calendar and isinstance(step.this, exp.Literal):
            unit = str(step.args["unit"].name).upper() if step.args.get("unit") is not None else ""
            if unit.rstrip("S") in _FIXED_UNITS or found.lineage.is_first_of_month:
                return column
    return side


def equal_pairs(ctx: Context, conditions: Sequence[exp.Expr], use: JoinUse) -> list[Pair]:
    """The equalities among `conditions` between a column of the joined source and one of a source before it."""
    pairs: list[Pair] = []
    for condition in conditions:
        ends = equality(ctx, condition)
        if ends is None:
            continue
        for one, other in (ends, ends[::-1]):
            if other.source is use.right and one.source in use.left:
                pairs.append((one.source, one.name, other.source, other.name))
    return pairs


def using_pairs(ctx: Context, use: JoinUse, scope: Scope) -> Iterator[Pair]:
    """USING: each column is one of the joined source and one of the sources before it, and one name from then on."""
    for node in use.node.args["using"]:
        name = ctx.fold(node if isinstance(node, exp.Identifier) else node.this)
        holders = [source for source in use.left if name in source.columns]
        merged = scope.merged.get(name, [])
        if not holders and all(source.is_known for source in use.left):
            ctx.trouble(node, "unknown_column", f"no table before the join has the column {name!r}")
        elif len(holders) > 1 and not all(source in merged for source in holders):
            ctx.trouble(node, "ambiguous_column", f"{name!r} is in more than one table before the join")
        for source in (*holders, use.right):
            ctx.note_use(node, source, name)
        if not use.keeps_left_only:
            scope.merged[name] = [*(merged or holders), use.right]
        if name in use.right.columns:
            for source in holders:
                yield source, name, use.right, name


def tie_commas(
    ctx: Context, node: exp.Select, first: Source | None, joins: list[JoinUse], conditions: Sequence[exp.Expr]
) -> list[JoinUse]:
    """`FROM a, b WHERE a.k = b.k`: the tie stands in WHERE, in any order. It is printed as JOIN b ON a.k = b.k."""
    if not any(use.method == "comma" for use in joins):
        return joins
    placed = [first] if first is not None else []
    waiting, ordered = list(joins), []
    while waiting:
        for use in waiting:
            if use.method == "comma":
                use.left = list(placed)
                use.pairs = equal_pairs(ctx, conditions, use)
            if use.method != "comma" or use.pairs:
                break
        else:
            use = waiting[0]
        waiting.remove(use)
        placed.append(use.right)
        ordered.append(use)
        if use.method == "comma" and use.pairs:
            _write_tie(ctx, use, conditions)
    node.set("joins", [use.node for use in ordered])
    return ordered


def _write_tie(ctx: Context, use: JoinUse, conditions: Sequence[exp.Expr]) -> None:
    copies: list[exp.Expr] = []
    for tie in [condition for condition in conditions if equal_pairs(ctx, [condition], use)]:
        copy = tie.copy()
        for column, twin in zip(tie.find_all(exp.Column), copy.find_all(exp.Column), strict=True):
            known = ctx.facts.found[id(column)]
            ctx.facts.found[id(twin)] = Found(twin, known.source, known.name, known.lineage, known.is_outer)
        copies.append(copy)
    use.node.set("kind", None)
    use.node.set("on", exp.and_(*copies, copy=False) if len(copies) > 1 else copies[0])


def note_correlation(ctx: Context, node: exp.Select, scope: Scope, conditions: list[exp.Expr]) -> None:
    """A subquery that looks outside must be tied to what it looks at, as a join would be."""
    if not scope.outer_found or not scope.sources:
        return
    for join in node.args.get("joins") or ():
        if join.args.get("on") is not None and not join.args.get("side"):
            conditions = [*conditions, *conjuncts(join.args["on"])]
    pairs: list[tuple[Lineage, Lineage]] = []
    outer: list[Found] = []
    for condition in conditions:
        ends = equality(ctx, condition)
        if ends is not None and ends[0].is_outer != ends[1].is_outer:
            pairs.append((ends[0].lineage, ends[1].lineage))
            outer.append(ends[0] if ends[0].is_outer else ends[1])
    ctx.facts.links.append(LinkUse(scope.outer_found[0].node, "correlated", pairs, node, outer))

"""Names to dictionary columns: one walk over the tree, scope by scope, as the engines do it.

Only facts are gathered here; `checks.py` decides. The tree is changed in a few ways, each of which makes the printed
text say plainly what was judged: tables get their full name, `*` becomes the list of columns, an alias used as a value
becomes the value, a name of a surrounding query gets its source's name, a comma becomes the JOIN that WHERE makes of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from sqlglot import exp

from assay.gate.columns import names_an_output, positions_for_aliases, resolve_column
from assay.gate.context import Context
from assay.gate.growth import COLUMN, Size, measure
from assay.gate.lineage import RowKeys, group_names, lineage_of, unique_keys
from assay.gate.lists import BoundList
from assay.gate.policy import Names
from assay.gate.repeats import repeated_columns
from assay.gate.scopes import NOTHING, JoinUse, LinkUse, Output, Resolution, Scope, Source
from assay.gate.spans import span_of
from assay.gate.spoken import called
from assay.gate.stacks import slices_of, stacked_lineage, stacked_twice, together
from assay.gate.stars import write_out_stars
from assay.gate.tables import derived_source, read_table, renamed, unknown_source
from assay.gate.text import Text
from assay.gate.ties import conjuncts, equal_pairs, note_correlation, tie_commas, using_pairs

MAX_JOINS = 10
MAX_COLUMNS = 200
_QUERIES = (exp.Select, exp.SetOperation)
_QUERY_HOLDERS = (exp.Exists, exp.In, exp.Any, exp.All)
_NO_OUTPUT = Output((), (), (), (), 1, is_known=False)


def resolve(tree: exp.Expr, names: Names, text: Text, lists: Sequence[BoundList] = ()) -> Resolution:
    """Resolve every name of the statement that `text` was parsed to. Raises RecursionError for trees that nest too deep."""
    ctx = Context(names, text, {each.name: each for each in lists})
    ctx.facts.scans = _query(ctx, tree, {}, None).scans
    _compare_with_subqueries(ctx)
    return ctx.facts


def _query(ctx: Context, node: exp.Expr, ctes: dict[str, Output], outer: Scope | None) -> Output:
    while isinstance(node, exp.Subquery):
        node = node.this
    if isinstance(node, exp.SetOperation):
        return _set_operation(ctx, node, ctes, outer)
    if isinstance(node, exp.Select):
        return _select(ctx, node, ctes, outer)
    ctx.trouble(node, "forbidden_construct", f"{called(node, ctx.text)} stands where a SELECT is wanted")
    return _NO_OUTPUT


def _with_ctes(ctx: Context, node: exp.Expr, ctes: dict[str, Output], outer: Scope | None) -> dict[str, Output]:
    """The CTEs visible to `node`: each sees those before it, never itself; a name in reach of none means a table."""
    with_ = node.args.get("with_")
    if with_ is None:
        return ctes
    visible = dict(ctes)
    own: set[str] = set()
    for cte in with_.expressions:
        name = ctx.alias_of(cte)
        output = renamed(ctx, _query(ctx, cte.this, visible, outer), cte.args.get("alias"))
        if not name or name in own:
            ctx.trouble(cte, "ambiguous_table", f"two CTEs are called {name!r}")
        own.add(name)
        visible[name] = output
    return visible


def _set_operation(ctx: Context, node: exp.SetOperation, ctes: dict[str, Output], outer: Scope | None) -> Output:
    visible = _with_ctes(ctx, node, ctes, outer)
    left = _query(ctx, node.this, visible, outer)
    right = _query(ctx, node.expression, visible, outer)
    is_known = left.is_known and right.is_known
    if is_known and len(left.names) != len(right.names):
        ctx.trouble(node, "unreadable", f"{len(left.names)} columns on one side, {len(right.names)} on the other")
    lineage = tuple(
        stacked_lineage(a, b) for a, b in zip_longest(left.lineage, right.lineage[: len(left.lineage)], fillvalue=NOTHING)
    )
    order = node.args.get("order")
    if order is not None and is_known:
        _order_of_set(ctx, order, left)
    unique = () if isinstance(node, exp.Union) else left.unique
    if node.args.get("distinct") and "" not in left.names:
        unique += (frozenset(left.names),)
    both = zip(left.names, right.names, strict=False)
    dimensions = frozenset(a for a, b in both if a in left.dimensions and b in right.dimensions)
    scans, left_out = left.scans + right.scans, left.left_out | right.left_out
    repeated = {
        a: left.repeated.get(a) or right.repeated[b]
        for a, b in zip(left.names, right.names, strict=False) if a in left.repeated or b in right.repeated
    }  # fmt: skip
    twice, is_stacked = stacked_twice(node, left, right) if isinstance(node, exp.Union) else ((), False)
    repeated = dict.fromkeys(twice, node) | repeated
    slices = together(left.slices + right.slices) if isinstance(node, exp.Union) else left.slices
    both = zip(left.names, right.names, strict=False)
    sizes = {a: max(left.sizes.get(a, COLUMN), right.sizes.get(b, COLUMN)) for a, b in both}
    ctx.facts.sizes_of_queries[id(node)] = sizes.get(left.names[0], COLUMN) if left.names else COLUMN
    is_stacked = is_stacked or left.is_stacked or (right.is_stacked and isinstance(node, exp.Union))
    return Output(
        left.names, left.shown, lineage, unique, scans, dimensions, is_known, left_out, repeated, sizes=sizes,
        slices=slices, is_stacked=is_stacked and not node.args.get("distinct"),
    )  # fmt: skip


def _order_of_set(ctx: Context, order: exp.Expr, output: Output) -> None:
    """A set operation is ordered by its output columns alone."""
    for column in order.find_all(exp.Column):
        if column.args.get("table") or ctx.fold(column.this) not in output.names:
            near = output.shown
            ctx.trouble(column, "unknown_column", f"{column.name!r} is not a column of the set operation", near, column.name)
        ctx.facts.output_names.add(id(column))
    for query in order.find_all(*_QUERIES):
        ctx.trouble(query, "forbidden_construct", "a subquery may not order a set operation")


def _select(ctx: Context, node: exp.Select, ctes: dict[str, Output], outer: Scope | None) -> Output:
    ctx.facts.selects += 1
    scope = Scope(outer, _with_ctes(ctx, node, ctes, outer))
    if not _is_small(ctx, node):
        return _NO_OUTPUT
    from_, where = node.args.get("from_"), node.args.get("where")
    first = _source(ctx, from_.this, scope) if from_ is not None else None
    joins = [_join(ctx, join, scope) for join in node.args.get("joins") or ()]
    write_out_stars(ctx, node, scope)
    for item in list(node.expressions):
        _expression(ctx, item, scope, "select")
        if isinstance(item, exp.Alias):
            scope.aliases.setdefault(ctx.output_name(item), item.this)
    _clauses(ctx, node, scope)
    conditions = list(conjuncts(where.this)) if where is not None else []
    joins = tie_commas(ctx, node, first, joins, conditions)
    if joins:
        ctx.facts.joins.append(joins)
    note_correlation(ctx, node, scope, conditions)
    sizes: dict[int, Size] = {}
    if ctx.may_grow:
        sizes, faults, made = measure(node, ctx.facts.found, ctx.facts.sizes_of_queries, ctx.dialect)
        ctx.facts.grown += faults
        ctx.facts.made += made
    if any(source.is_stacked for source in scope.visible()):
        ctx.facts.stacked.add(id(node))
    output = _output(ctx, node, scope, RowKeys(first, joins), [sizes.get(id(item), COLUMN) for item in node.expressions])
    return replace(output, slices=slices_of([*scope.visible(), *scope.values], conditions, ctx.facts.found))


def _is_small(ctx: Context, node: exp.Select) -> bool:
    joins: Sequence[exp.Expr] = node.args.get("joins") or []
    columns, group = node.expressions, node.args.get("group")
    if not columns:
        ctx.trouble(node, "unreadable", "SELECT names nothing")
        return False
    if len(joins) > MAX_JOINS:
        ctx.trouble(joins[MAX_JOINS], "too_many_joins", f"{len(joins)} joins; at most {MAX_JOINS}")
        return False
    if max(len(columns), len(group.expressions) if group is not None else 0) > MAX_COLUMNS:
        ctx.trouble(node, "too_complex", f"more than {MAX_COLUMNS} columns")
        return False
    return True


def _clauses(ctx: Context, node: exp.Select, scope: Scope) -> None:
    distinct, order = node.args.get("distinct"), node.args.get("order")
    if distinct is not None and distinct.args.get("on") is not None:
        on = distinct.args["on"]
        _order_items(ctx, on.expressions if isinstance(on, exp.Tuple) else [on], node, scope)
    for clause in ("where", "group", "having", "qualify"):
        part = node.args.get(clause)
        if part is None:
            continue
        if clause == "group":
            positions_for_aliases(ctx, part, node, scope)
        _expression(ctx, part, scope, clause)
    for window in node.args.get("windows") or ():
        _expression(ctx, window, scope, "qualify")
    if order is not None:
        _order_items(ctx, order.expressions, node, scope)


def _order_items(ctx: Context, items: Sequence[exp.Expr], node: exp.Select, scope: Scope) -> None:
    outputs = {ctx.output_name(projection) for projection in node.expressions}
    for item in list(items):
        if not names_an_output(ctx, item, outputs, scope):
            _expression(ctx, item, scope, "order")


def _output(ctx: Context, node: exp.Select, scope: Scope, rows: RowKeys, sizes: list[Size]) -> Output:
    items, found = node.expressions, ctx.facts.found
    names = tuple(ctx.output_name(item) for item in items)
    ctx.facts.sizes_of_queries[id(node)] = sizes[0] if sizes else COLUMN
    if node.parent is None:
        return Output(names, names, (NOTHING,) * len(names), (), scope.scans)
    dimensions: set[str] = set()
    for name, item in zip(names, items, strict=True):
        column = found.get(id(item.unalias()))
        if column is not None and name and column.name in column.source.dimensions:
            dimensions.add(name)
    return Output(
        names, ctx.shown(names, [item.alias_or_name for item in items]), tuple(lineage_of(item, found) for item in items),
        unique_keys(node, names, rows, found), scope.scans, frozenset(dimensions),
        all(source.is_known for source in scope.sources.values()), frozenset(scope.left_out),
        repeated_columns(node, names, ctx.facts), group_names(node, names, found), dict(zip(names, sizes, strict=True)),
        is_stacked=id(node) in ctx.facts.stacked and not node.args.get("group") and not node.args.get("distinct"),
    )  # fmt: skip


def _source(ctx: Context, node: exp.Expr, scope: Scope) -> Source:
    if isinstance(node, exp.Table):
        source = read_table(ctx, node, scope)
    elif isinstance(node, exp.Subquery) and isinstance(node.this, (*_QUERIES, exp.Subquery)):
        output = _query(ctx, node.this, scope.ctes, scope.outer)
        source = derived_source(ctx.alias_of(node), renamed(ctx, output, node.args.get("alias")))
    else:
        ctx.trouble(node, "forbidden_construct", f"{called(node, ctx.text)} may not be read from")
        source = unknown_source(ctx.alias_of(node))
    if source.name in scope.sources:
        ctx.trouble(node, "ambiguous_table", f"two sources are called {source.name!r}; give them different aliases")
    scope.sources[source.name or f"?{len(scope.sources)}"] = source
    scope.scans += source.scans
    return source


def _join(ctx: Context, node: exp.Expr, scope: Scope) -> JoinUse:
    left = scope.visible()
    use = JoinUse(node, left, _source(ctx, node.this, scope), "on", [])
    kind, on = str(node.args.get("kind") or "").upper(), node.args.get("on")
    if node.args.get("method"):
        use.method = str(node.args["method"]).lower()
    elif kind == "CROSS":
        # Some dialects' parsers give commas that kind, too.
        use.method = "cross" if "CROSS" in ctx.text.words else "comma"
    elif node.args.get("using"):
        use.method = "using"
        use.pairs = list(using_pairs(ctx, use, scope))
    elif on is not None:
        _expression(ctx, on, scope, "on")
        use.pairs = equal_pairs(ctx, list(conjuncts(on)), use)
        use.span = span_of(ctx, use, list(conjuncts(on)))
    else:
        use.method = "comma" if not node.args.get("side") and not kind else "cross"
    use.right.is_hidden = use.keeps_left_only
    return use


def _expression(ctx: Context, root: exp.Expr, scope: Scope, clause: str) -> None:
    stack: list[exp.Expr] = [root]
    while stack:
        node = stack.pop()
        if not ctx.spend(1, node):
            return
        if isinstance(node, exp.Column):
            value = resolve_column(ctx, node, scope, clause)
            if value is not None:
                stack.append(value)
        elif isinstance(node, exp.Star):
            if not isinstance(node.parent, exp.Count):
                ctx.trouble(node, "forbidden_construct", "* may stand in a SELECT list and in COUNT(*) only")
        elif isinstance(node, (*_QUERIES, exp.Subquery)):
            _subquery(ctx, node, scope)
        elif isinstance(node, exp.Table):
            ctx.trouble(node, "forbidden_construct", "a table may stand in FROM and JOIN only")
        elif isinstance(node, exp.Collate):
            stack.append(node.this)
        else:
            stack += list(node.iter_expressions())


def _subquery(ctx: Context, node: exp.Expr, scope: Scope) -> None:
    holder = node.parent
    if not isinstance(node, exp.Subquery) and not isinstance(holder, _QUERY_HOLDERS):
        ctx.trouble(node, "forbidden_construct", f"a query may not stand in {called(holder, ctx.text)}")
    before = len(ctx.facts.links)
    output = _query(ctx, node, scope.ctes, scope)
    scope.scans += output.scans
    body = node.unnest()
    ties = [found for link in ctx.facts.links[before:] if link.select is body for found in link.outer]
    ctx.facts.ties_of_subqueries[id(node)] = [each for each in ties if each.source in scope.sources.values()]
    if isinstance(holder, exp.In):
        ctx.compared.append((holder, output))
    elif isinstance(holder, (exp.Any, exp.All)) and isinstance(holder.parent, exp.EQ):
        ctx.compared.append((holder.parent, output))
    elif not isinstance(holder, exp.Exists):
        scope.values.append(output)


def _compare_with_subqueries(ctx: Context) -> None:
    """`x IN (SELECT ...)` and `x = ANY (SELECT ...)`."""
    for node, output in ctx.compared:
        if output.lineage and all(each.is_bound for each in output.lineage):
            continue  # as if the values were written out
        left = node.this.unnest()
        values = left.expressions if isinstance(left, exp.Tuple) else [left]
        compared = zip(values, output.lineage, strict=False)
        pairs = [(lineage_of(value, ctx.facts.found), right) for value, right in compared]
        ctx.facts.links.append(LinkUse(node, "in", pairs))

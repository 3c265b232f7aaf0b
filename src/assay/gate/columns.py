"""One column of the text to the source that it means, as the engines look it up."""

from collections.abc import Sequence

from sqlglot import exp

from assay.gate.context import Context
from assay.gate.names import identifier
from assay.gate.scopes import Scope


def resolve_column(ctx: Context, node: exp.Column, scope: Scope, clause: str) -> exp.Expr | None:
    """An alias used as a value is replaced by the value, which is given back to be resolved in its turn."""
    if not isinstance(node.this, exp.Identifier):
        ctx.trouble(node, "forbidden_construct", "a whole row may not be used as a value")
        return None
    name = ctx.fold(node.this)
    if node.args.get("catalog") is not None:
        ctx.trouble(node, "unknown_column", "a column's name has at most a schema, a table and a column")
        return None
    if node.args.get("table") is not None:
        _qualified(ctx, node, name, scope)
        return None
    return _bare(ctx, node, name, scope, clause)


def _qualified(ctx: Context, node: exp.Column, name: str, scope: Scope) -> None:
    table, schema = ctx.fold(node.args["table"]), ctx.fold(node.args.get("db"))
    for place in scope.outward():
        source = place.sources.get(table)
        if source is None or source.is_hidden:
            continue
        if node.args.get("db") is not None:
            if source.table is None or ctx.names.tables.get((schema, table)) is not source.table:
                continue
            node.set("db", None)
        ctx.use(node, source, name, scope, is_outer=place is not scope)
        return
    shown = f"{schema}.{table}" if schema else table
    near = [key for place in scope.outward() for key in place.sources]
    ctx.trouble(node, "unknown_column", f"no source here is called {shown!r}", near, table)


def _bare(ctx: Context, node: exp.Column, name: str, scope: Scope, clause: str) -> exp.Expr | None:
    holders = scope.holders(name)
    if holders:
        merged = scope.merged.get(name, [])
        if len(holders) > 1 and not all(source in merged for source in holders):
            tables = ", ".join(source.name for source in holders)
            ctx.trouble(node, "ambiguous_column", f"{name!r} is in more than one of the sources here: {tables}")
        for source in holders[1:]:
            ctx.note_use(node, source, name)
        ctx.use(node, holders[0], name, scope, is_outer=False)
    elif clause in ctx.reading.aliases_in and name in scope.aliases:
        ctx.shadowed_personal(node, name, scope)
        value = exp.Paren(this=scope.aliases[name].copy())
        node.replace(value)
        return value
    elif not _outer(ctx, node, name, scope):
        _no_such_column(ctx, node, name, scope)
    return None


def _outer(ctx: Context, node: exp.Column, name: str, scope: Scope) -> bool:
    """A bare name of a surrounding query. It gets its source's name: a table here may have a column of that name
    which the dictionary does not know."""
    for place in scope.outward():
        holders = place.holders(name)
        if not holders:
            continue
        source = holders[0]
        nearer = [inner for inner in scope.outward() if inner is not place and source.name in inner.sources]
        if len(holders) > 1 or nearer or not source.name:
            ctx.trouble(node, "ambiguous_column", f"{name!r} belongs to a surrounding query; write its table's alias")
        node.set("table", identifier(source.name))
        ctx.use(node, source, name, scope, is_outer=True)
        return True
    return False


def _no_such_column(ctx: Context, node: exp.Column, name: str, scope: Scope) -> None:
    sources = [source for place in scope.outward() for source in place.visible()]
    if any(not source.is_known for source in sources):
        return
    if any(name in source.left_out for source in sources):
        ctx.trouble(node, "personal_data", f"{name!r} is personal data")
    elif any(source.name == name for source in sources):
        ctx.trouble(node, "forbidden_construct", f"{name!r} is a whole row; name the column")
    else:
        offered = [shown for source in sources for shown in source.shown.values()]
        ctx.trouble(node, "unknown_column", f"there is no column {node.name!r} here", offered, node.name)


def positions_for_aliases(ctx: Context, group: exp.Expr, node: exp.Select, scope: Scope) -> None:
    """A bare alias in GROUP BY becomes its position: engines disagree whether a column of that name comes first."""
    items = list(group.expressions)
    positions = {
        ctx.output_name(item): place for place, item in enumerate(node.expressions, 1) if isinstance(item, exp.Alias)
    }
    for place, item in enumerate(items):
        if isinstance(item, exp.Column) and not item.args.get("table"):
            name = ctx.fold(item.this)
            if name in positions and not scope.holders(name):
                ctx.shadowed_personal(item, name, scope)
                items[place] = exp.Literal.number(positions[name])
    if items:
        group.set("expressions", items)


def names_an_output(ctx: Context, item: exp.Expr, outputs: Sequence[str] | set[str], scope: Scope) -> bool:
    """In ORDER BY and DISTINCT ON a bare name means the output column of that name where there is one."""
    bare = item.this if isinstance(item, exp.Ordered) else item
    if not isinstance(bare, exp.Column) or bare.args.get("table") or not isinstance(bare.this, exp.Identifier):
        return False
    name = ctx.fold(bare.this)
    if name not in outputs:
        return False
    ctx.shadowed_personal(bare, name, scope)
    ctx.facts.output_names.add(id(bare))
    return True

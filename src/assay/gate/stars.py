"""`*` and `t.*` written out as columns: those of the dictionary, without personal data."""

from collections.abc import Iterator

from sqlglot import exp

from assay.gate.context import Context
from assay.gate.names import identifier
from assay.gate.scopes import Scope


def write_out_stars(ctx: Context, node: exp.Select, scope: Scope) -> None:
    """Under EXISTS a `*` means nothing and becomes 1.

    Inside the statement a `*` may leave personal data out; where it is what the statement gives back, it is refused
    instead: nobody should take the rest for the whole.
    """
    items = node.expressions
    if not any(_star_of(item) for item in items):
        return
    written: list[exp.Expr] = []
    for item in items:
        star = _star_of(item)
        if star is None:
            written.append(item)
        elif isinstance(node.parent, exp.Exists):
            written.append(exp.Literal.number(1))
        else:
            columns = list(_columns_of(ctx, item, star, scope))
            if not ctx.spend(len(columns), item):
                break
            written += columns
    node.set("expressions", written)


def _columns_of(ctx: Context, item: exp.Expr, star: exp.Star, scope: Scope) -> Iterator[exp.Expr]:
    wanted = scope.visible()
    if isinstance(item, exp.Column):
        name = ctx.fold(item.args.get("table"))
        wanted = [source for source in wanted if source.name == name]
        if not wanted or item.args.get("db") is not None:
            ctx.trouble(item, "unknown_table", f"no source here is called {name!r}", list(scope.sources), name)
            return
    if not wanted:
        ctx.trouble(item, "unknown_column", "* needs a table to read from")
    names = star.args.get("except_") or ()
    excepted = {ctx.fold(name if isinstance(name, exp.Identifier) else name.this) for name in names}
    is_given_back = _is_given_back(item)
    for source in wanted:
        personal = sorted((source.personal | source.left_out) - excepted)
        scope.left_out.update(personal)
        if is_given_back and personal:
            columns = ", ".join(f"{source.name}.{key}" for key in personal)
            ctx.trouble(item, "personal_data", f"* would read personal data ({columns}); name the columns you need")
        for key, shown in source.shown.items():
            merged = scope.merged.get(key, [])
            is_repeated = isinstance(item, exp.Star) and source in merged and source is not merged[0]
            if not is_repeated and key not in excepted and key not in source.personal:
                table = identifier(source.name) if source.name else None
                yield exp.Column(this=identifier(shown), table=table)


def _is_given_back(item: exp.Expr) -> bool:
    """Whether the SELECT list that holds the item is what the whole statement gives back."""
    node = item.parent
    while node is not None and node.parent is not None:
        holder = node.parent
        if not isinstance(holder, (exp.SetOperation, exp.Subquery)):
            return False
        if isinstance(holder, exp.Subquery) and not isinstance(holder.parent, (exp.SetOperation, type(None))):
            return False
        node = holder
    return True


def _star_of(item: exp.Expr) -> exp.Star | None:
    if isinstance(item, exp.Star):
        return item
    if isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
        return item.this
    return None

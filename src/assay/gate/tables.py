"""Sources of a FROM clause: dictionary tables by their names, and what CTEs and subqueries offer."""

from sqlglot import exp

from assay.gate.context import Context
from assay.gate.lists import list_source
from assay.gate.names import identifier
from assay.gate.policy import KnownTable
from assay.gate.scopes import Lineage, Output, Scope, Source
from assay.gate.spoken import called
from assay.gate.stacks import Slice


def read_table(ctx: Context, node: exp.Table, scope: Scope) -> Source:
    """The CTE or dictionary table that the name means here. A dictionary table gets its full name in the tree."""
    ctx.facts.tables_seen += 1
    own_name, alias = ctx.alias_of(node), node.args.get("alias")
    if not isinstance(node.this, exp.Identifier):
        what = called(node.this, ctx.text) if node.this is not None else "what has no name"
        ctx.trouble(node, "unknown_table", f"{what} may not stand where a table of the dictionary is wanted")
        return unknown_source(own_name)
    name = ctx.fold(node.this)
    if node.args.get("catalog") is not None:
        ctx.trouble(node, "unknown_table", "the name has a catalog; the dictionary's tables have a schema and a name")
        return unknown_source(own_name or name)
    if node.args.get("db") is None and name in scope.ctes:
        return derived_source(own_name or name, renamed(ctx, scope.ctes[name], alias))
    if node.args.get("db") is None and name in ctx.lists:
        return list_source(own_name or name, ctx.lists[name])
    known = _dictionary_table(ctx, node, name)
    if known is None:
        return unknown_source(own_name or name)
    if isinstance(alias, exp.TableAlias) and alias.args.get("columns"):
        ctx.trouble(node, "forbidden_construct", "a table's columns may not be renamed by position")
    ctx.facts.tables.add(known.qualified)
    node.set("db", identifier(known.schema))
    node.set("this", identifier(known.name))
    return base_source(own_name or name, known)


def _dictionary_table(ctx: Context, node: exp.Table, name: str) -> KnownTable | None:
    schema = ctx.fold(node.args.get("db"))
    if node.args.get("db") is not None:
        known = ctx.names.tables.get((schema, name))
    else:
        bare = ctx.names.bare.get(name, [])
        if len(bare) > 1:
            places = ", ".join(table.qualified for table in bare)
            ctx.trouble(node, "ambiguous_table", f"{name!r} may be any of {places}; write the schema")
            return None
        known = bare[0] if bare else None
    if known is None:
        shown = f"{schema}.{name}" if schema else name
        near = [table.qualified for table in ctx.names.tables.values()]
        ctx.trouble(node, "unknown_table", f"{shown!r} is not in the dictionary", near, shown)
    return known


def renamed(ctx: Context, output: Output, alias: object) -> Output:
    """`AS a(x, y)`: the columns take new names by position. None of them can be personal data."""
    columns = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
    if not columns:
        return output
    if output.is_known and len(columns) != len(output.names):
        ctx.trouble(columns[0], "unknown_column", f"{len(columns)} column names for {len(output.names)} columns")
    count = min(len(columns), len(output.names))
    names = (*(ctx.fold(column) for column in columns[:count]), *output.names[count:])
    shown = (*ctx.shown(names[:count], [column.name for column in columns[:count]]), *output.shown[count:])
    change = dict(zip(output.names, names, strict=True))
    is_plain = len(set(output.names)) == len(names)
    return Output(
        names, shown, output.lineage,
        tuple(frozenset(change[name] for name in key) for key in output.unique if is_plain),
        output.scans, frozenset(change[name] for name in output.dimensions if is_plain), output.is_known, output.left_out,
        {change.get(name, name): home for name, home in output.repeated.items()},
        frozenset(change[name] for name in output.grouped if is_plain),
        {change.get(name, name): size for name, size in output.sizes.items()}, output.slices, output.is_stacked,
    )  # fmt: skip


def base_source(name: str, known: KnownTable) -> Source:
    columns = {key: Lineage(frozenset({column.origin}), True, True, column.is_time) for key, column in known.columns.items()}
    shown = {key: column.name for key, column in known.columns.items()}
    personal = frozenset(key for key, column in known.columns.items() if column.is_personal)
    dimensions = frozenset(key for key, column in known.columns.items() if column.is_dimension)
    return Source(
        name, columns, shown, known.unique, table=known, personal=personal, dimensions=dimensions,
        slices=(Slice.of_table(known.qualified),),
    )  # fmt: skip


def derived_source(name: str, output: Output) -> Source:
    columns: dict[str, Lineage] = {}
    shown: dict[str, str] = {}
    twice: set[str] = set()
    for key, text, lineage in zip(output.names, output.shown, output.lineage, strict=True):
        if key in columns:
            twice.add(key)
        if key:
            columns[key], shown[key] = lineage, text
    return Source(
        name, columns, shown, output.unique, output.scans, is_known=output.is_known, ambiguous=frozenset(twice),
        left_out=output.left_out, dimensions=output.dimensions, repeated=dict(output.repeated), grouped=output.grouped,
        sizes=dict(output.sizes), slices=output.slices, is_stacked=output.is_stacked,
    )  # fmt: skip


def unknown_source(name: str) -> Source:
    return Source(name, {}, {}, (), is_known=False)

"""Names to dictionary columns: one walk over the tree, scope by scope, as the engines do it.

Only facts are gathered here; `checks.py` decides. The tree is changed in four ways, each of which makes the printed text
say plainly what was judged: tables get their full name, `*` becomes the list of columns, an alias used as a value
becomes the value, a name of a surrounding query gets its source's name.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from sqlglot import exp

from assay.gate.lineage import RowKeys, lineage_of, unique_keys
from assay.gate.policy import KnownTable, Names
from assay.gate.scopes import NOTHING, Found, JoinUse, Lineage, LinkUse, Output, Resolution, Scope, Source, Trouble
from assay.gate.verdict import Dialect

MAX_NODES = 20_000
_QUERIES = (exp.Select, exp.SetOperation)
_QUERY_HOLDERS = (exp.Exists, exp.In, exp.Any, exp.All)
# Clauses in which an alias of the SELECT list may be used inside an expression. It is replaced by what it stands for.
_ALIASES_IN: dict[Dialect, frozenset[str]] = {
    "postgres": frozenset({"group", "order"}),
    "duckdb": frozenset({"select", "where", "group", "having", "qualify", "order"}),
    "databricks": frozenset({"select", "group", "having", "qualify", "order"}),
    "spark": frozenset({"select", "group", "having", "qualify", "order"}),
}


def resolve(tree: exp.Expr, names: Names, dialect: Dialect, *, says_cross: bool) -> Resolution:
    """Resolve every name of the statement. Raises RecursionError for trees that nest too deep.

    `says_cross` is whether the word CROSS stands in the text: some dialects' parsers give commas that kind, too.
    """
    walk = _Walk(names, dialect)
    walk.says_cross = says_cross
    walk.facts.scans = walk.query(tree, {}, None).scans
    walk.compare_with_subqueries()
    return walk.facts


class _Walk:
    def __init__(self, names: Names, dialect: Dialect) -> None:
        self.names = names
        self.dialect: Dialect = dialect
        self.facts = Resolution()
        self.budget = MAX_NODES
        self.says_cross = False
        self.compared: list[tuple[exp.Expr, Output]] = []

    def fold(self, identifier: object) -> str:
        if not isinstance(identifier, exp.Identifier):
            return ""
        return self.names.fold(identifier.name, bool(identifier.args.get("quoted")))

    def shown(self, names: Sequence[str], written: Sequence[str]) -> tuple[str, ...]:
        """Column names as they may be printed in quotes: PostgreSQL needs the folded form."""
        return tuple(names if self.dialect == "postgres" else written)

    def trouble(self, node: exp.Expr, code: str, message: str, near: Sequence[str] = (), name: str = "") -> None:
        self.facts.troubles.append(Trouble(node, code, message, tuple(near), name))

    # -- queries -----------------------------------------------------------------------------------------------------

    def query(self, node: exp.Expr, ctes: dict[str, Output], outer: Scope | None) -> Output:
        while isinstance(node, exp.Subquery):
            node = node.this
        if isinstance(node, exp.SetOperation):
            return self.set_operation(node, ctes, outer)
        if isinstance(node, exp.Select):
            return self.select(node, ctes, outer)
        self.trouble(node, "forbidden_construct", f"{_kind_of(node)} stands where a SELECT is wanted")
        return Output((), (), (), (), 1, is_known=False)

    def with_ctes(self, node: exp.Expr, ctes: dict[str, Output], outer: Scope | None) -> dict[str, Output]:
        """The CTEs visible to `node`: each sees those before it, never itself; a name in reach of none means a table."""
        with_ = node.args.get("with_")
        if with_ is None:
            return ctes
        visible = dict(ctes)
        own: set[str] = set()
        for cte in with_.expressions:
            alias = cte.args.get("alias")
            name = self.fold(alias.this) if isinstance(alias, exp.TableAlias) else ""
            self.facts.ctes += 1
            output = self.renamed(self.query(cte.this, visible, outer), alias)
            if not name or name in own:
                self.trouble(cte, "ambiguous_table", f"two CTEs are called {name!r}")
            own.add(name)
            visible[name] = output
        return visible

    def renamed(self, output: Output, alias: object) -> Output:
        """`AS a(x, y)`: the columns take new names by position. None of them can be personal data."""
        columns = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
        if not columns:
            return output
        if output.is_known and len(columns) != len(output.names):
            self.trouble(columns[0], "unknown_column", f"{len(columns)} column names for {len(output.names)} columns")
        count = min(len(columns), len(output.names))
        names = (*(self.fold(column) for column in columns[:count]), *output.names[count:])
        shown = (*self.shown(names[:count], [column.name for column in columns[:count]]), *output.shown[count:])
        change = dict(zip(output.names, names, strict=True))
        return Output(
            names, shown, output.lineage,
            tuple(frozenset(change[name] for name in key) for key in output.unique if len(set(output.names)) == len(names)),
            output.scans, frozenset(change[name] for name in output.dimensions), output.is_known, output.left_out,
        )  # fmt: skip

    def set_operation(self, node: exp.SetOperation, ctes: dict[str, Output], outer: Scope | None) -> Output:
        visible = self.with_ctes(node, ctes, outer)
        left = self.query(node.this, visible, outer)
        right = self.query(node.expression, visible, outer)
        is_known = left.is_known and right.is_known
        if is_known and len(left.names) != len(right.names):
            self.trouble(node, "unreadable", f"{len(left.names)} columns on one side, {len(right.names)} on the other")
        lineage = tuple(
            Lineage(a.origins | b.origins, a.is_exact and b.is_exact, a.is_calendar and b.is_calendar)
            for a, b in zip_longest(left.lineage, right.lineage[: len(left.lineage)], fillvalue=NOTHING)
        )
        order = node.args.get("order")
        if order is not None and is_known:
            self.order_of_set(order, left)
        unique: tuple[frozenset[str], ...] = ()
        if not isinstance(node, exp.Union):
            unique = left.unique
        if node.args.get("distinct") and "" not in left.names:
            unique += (frozenset(left.names),)
        both = zip(left.names, right.names, strict=False)
        dimensions = frozenset(a for a, b in both if a in left.dimensions and b in right.dimensions)
        scans, left_out = left.scans + right.scans, left.left_out | right.left_out
        return Output(left.names, left.shown, lineage, unique, scans, dimensions, is_known, left_out)

    def order_of_set(self, order: exp.Expr, output: Output) -> None:
        for column in order.find_all(exp.Column):
            if column.args.get("table") or self.fold(column.this) not in output.names:
                self.trouble(column, "unknown_column", f"{column.name!r} is no column of the set operation", output.shown, column.name)
        for query in order.find_all(*_QUERIES):
            self.trouble(query, "forbidden_construct", "a subquery may not order a set operation")

    def select(self, node: exp.Select, ctes: dict[str, Output], outer: Scope | None) -> Output:
        self.facts.selects += 1
        scope = Scope(outer, self.with_ctes(node, ctes, outer))
        from_ = node.args.get("from_")
        first = self.source(from_.this, scope) if from_ is not None else None
        joins = [self.join(join, scope) for join in node.args.get("joins") or ()]
        self.stars(node, scope)
        for item in list(node.expressions):
            self.expression(item, scope, "select")
            if isinstance(item, exp.Alias):
                scope.aliases.setdefault(self.fold(item.args.get("alias")), item.this)
        self.clauses(node, scope)
        where = node.args.get("where")
        conditions = list(_conjuncts(where.this)) if where is not None else []
        joins = self.with_commas_tied(node, first, joins, conditions)
        if joins:
            self.facts.scopes_joins.append(joins)
        self.correlation(node, scope, conditions)
        return self.output(node, scope, RowKeys(first, joins))

    def clauses(self, node: exp.Select, scope: Scope) -> None:
        distinct = node.args.get("distinct")
        if distinct is not None and distinct.args.get("on") is not None:
            self.order_items([distinct.args["on"]], node, scope)
        for clause in ("where", "group", "having", "qualify"):
            part = node.args.get(clause)
            if part is None:
                continue
            if clause == "group":
                self.group_names(part, node, scope)
            self.expression(part, scope, clause)
        for window in node.args.get("windows") or ():
            self.expression(window, scope, "qualify")
        order = node.args.get("order")
        if order is not None:
            self.order_items(order.expressions, node, scope)

    def output(self, node: exp.Select, scope: Scope, rows: RowKeys) -> Output:
        items = node.expressions
        names = tuple(self.output_name(item) for item in items)
        if node.parent is None:
            return Output(names, names, (NOTHING,) * len(names), (), scope.scans)
        found = self.facts.found
        dimensions: set[str] = set()
        for name, item in zip(names, items, strict=True):
            column = found.get(id(item.unalias()))
            if column is not None and name and column.name in column.source.dimensions:
                dimensions.add(name)
        return Output(
            names, self.shown(names, [item.alias_or_name for item in items]), tuple(lineage_of(item, found) for item in items),
            unique_keys(node, names, rows, found), scope.scans, frozenset(dimensions),
            all(source.is_known for source in scope.sources.values()), frozenset(scope.left_out),
        )  # fmt: skip

    # -- sources -----------------------------------------------------------------------------------------------------

    def source(self, node: exp.Expr, scope: Scope) -> Source:
        alias = node.args.get("alias")
        called = self.fold(alias.this) if isinstance(alias, exp.TableAlias) else ""
        if isinstance(node, exp.Table):
            source = self.table(node, called, scope)
        elif isinstance(node, exp.Subquery) and isinstance(node.this, (*_QUERIES, exp.Subquery)):
            source = _derived(called, self.renamed(self.query(node.this, scope.ctes, scope.outer), alias))
        else:
            self.trouble(node, "forbidden_construct", f"{_kind_of(node)} may not be read from")
            source = _unknown(called)
        if source.name in scope.sources:
            self.trouble(node, "ambiguous_table", f"two sources are called {source.name!r}; give them different aliases")
        scope.sources[source.name or f"?{len(scope.sources)}"] = source
        scope.scans += source.scans
        return source

    def table(self, node: exp.Table, called: str, scope: Scope) -> Source:
        self.facts.tables_seen += 1
        alias = node.args.get("alias")
        if not isinstance(node.this, exp.Identifier):
            self.trouble(node, "unknown_table", f"{_kind_of(node.this)} is no table of the dictionary")
            return _unknown(called)
        name, schema = self.fold(node.this), self.fold(node.args.get("db"))
        if node.args.get("catalog") is not None:
            self.trouble(node, "unknown_table", "the name has a catalog; the dictionary's tables have a schema and a name")
            return _unknown(called or name)
        if node.args.get("db") is None and name in scope.ctes:
            return _derived(called or name, self.renamed(scope.ctes[name], alias))
        known = self.dictionary_table(node, schema, name)
        if known is None:
            return _unknown(called or name)
        if isinstance(alias, exp.TableAlias) and alias.args.get("columns"):
            self.trouble(node, "forbidden_construct", "a table's columns may not be renamed by position")
        self.facts.tables.add(known.qualified)
        node.set("db", _identifier(known.schema))
        node.set("this", _identifier(known.name))
        return _base(called or name, known)

    def dictionary_table(self, node: exp.Table, schema: str, name: str) -> KnownTable | None:
        if node.args.get("db") is not None:
            known = self.names.tables.get((schema, name))
        else:
            bare = self.names.bare.get(name, [])
            known = bare[0] if len(bare) == 1 else None
            if len(bare) > 1:
                places = ", ".join(table.qualified for table in bare)
                self.trouble(node, "ambiguous_table", f"{name!r} may be any of {places}; write the schema")
                return None
        if known is None:
            shown = f"{schema}.{name}" if schema else name
            near = [table.qualified for table in self.names.tables.values()]
            self.trouble(node, "unknown_table", f"{shown!r} is not in the dictionary", near, shown)
        return known

    # -- joins -------------------------------------------------------------------------------------------------------

    def join(self, node: exp.Expr, scope: Scope) -> JoinUse:
        left = scope.visible()
        use = JoinUse(node, left, self.source(node.this, scope), "on", [])
        kind = str(node.args.get("kind") or "").upper()
        on, using = node.args.get("on"), node.args.get("using")
        if node.args.get("method"):
            use.method = str(node.args["method"]).lower()
        elif kind == "CROSS":
            use.method = "cross" if self.says_cross else "comma"
        elif using:
            use.method = "using"
            use.pairs = [pair for name in using for pair in self.using(name, use, scope)]
        elif on is not None:
            self.expression(on, scope, "on")
            use.pairs = self.equal_pairs(list(_conjuncts(on)), use)
        else:
            use.method = "comma" if not node.args.get("side") and not kind else "cross"
        use.right.is_hidden = use.keeps_left_only
        self.facts.joins.append(use)
        return use

    def using(self, node: exp.Expr, use: JoinUse, scope: Scope) -> Iterator[tuple[Source, str, Source, str]]:
        name = self.fold(node if isinstance(node, exp.Identifier) else node.this)
        holders = [source for source in use.left if name in source.columns]
        merged = scope.merged.get(name, [])
        if not holders and all(source.is_known for source in use.left):
            self.trouble(node, "unknown_column", f"no table before the join has the column {name!r}")
        elif len(holders) > 1 and not all(source in merged for source in holders):
            self.trouble(node, "ambiguous_column", f"{name!r} is in more than one table before the join")
        for source in (*holders, use.right):
            self.note_use(node, source, name)
        if not use.keeps_left_only:
            scope.merged[name] = [*(merged or holders), use.right]
        if name in use.right.columns:
            for source in holders:
                yield source, name, use.right, name

    def equal_pairs(self, conditions: list[exp.Expr], use: JoinUse) -> list[tuple[Source, str, Source, str]]:
        """The equalities among `conditions` between a column of the joined source and one of a source before it."""
        pairs: list[tuple[Source, str, Source, str]] = []
        for condition in conditions:
            ends = self.equality(condition)
            if ends is None:
                continue
            for one, other in (ends, ends[::-1]):
                if other.source is use.right and one.source in use.left:
                    pairs.append((one.source, one.name, other.source, other.name))
        return pairs

    def equality(self, condition: exp.Expr) -> tuple[Found, Found] | None:
        """The two columns of a plain `a.x = b.y`."""
        if type(condition) is not exp.EQ:
            return None
        one, other = (self.facts.found.get(id(side.unnest())) for side in (condition.this, condition.expression))
        return (one, other) if one is not None and other is not None else None

    def with_commas_tied(
        self, node: exp.Select, first: Source | None, joins: list[JoinUse], conditions: list[exp.Expr]
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
                    use.pairs = self.equal_pairs(conditions, use)
                if use.method != "comma" or use.pairs:
                    break
            else:
                use = waiting[0]
            waiting.remove(use)
            placed.append(use.right)
            ordered.append(use)
            if use.method == "comma" and use.pairs:
                self.write_tie(use, conditions)
        node.set("joins", [use.node for use in ordered])
        return ordered

    def write_tie(self, use: JoinUse, conditions: list[exp.Expr]) -> None:
        ties = [condition for condition in conditions if self.equal_pairs([condition], use)]
        copies = [tie.copy() for tie in ties]
        for tie, copy in zip(ties, copies, strict=True):
            for column, twin in zip(tie.find_all(exp.Column), copy.find_all(exp.Column), strict=True):
                known = self.facts.found[id(column)]
                self.facts.found[id(twin)] = Found(twin, known.source, known.name, known.lineage, known.is_outer)
        use.node.set("kind", None)
        use.node.set("on", exp.and_(*copies, copy=False) if len(copies) > 1 else copies[0])

    # -- the SELECT list ---------------------------------------------------------------------------------------------

    def stars(self, node: exp.Select, scope: Scope) -> None:
        """Write `*` and `t.*` out; under EXISTS a `*` means nothing and becomes 1."""
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
                written += self.star_columns(item, star, scope)
        node.set("expressions", written)

    def star_columns(self, item: exp.Expr, star: exp.Star, scope: Scope) -> Iterator[exp.Expr]:
        wanted = scope.visible()
        if isinstance(item, exp.Column):
            name = self.fold(item.args.get("table"))
            wanted = [source for source in wanted if source.name == name]
            if not wanted or item.args.get("db") is not None:
                self.trouble(item, "unknown_table", f"no source here is called {name!r}", list(scope.sources), name)
                return
        if not wanted:
            self.trouble(item, "unknown_column", "* needs a table to read from")
        left_out = {self.fold(name if isinstance(name, exp.Identifier) else name.this) for name in star.args.get("except_") or ()}
        is_put_out = _is_put_out(item)
        for source in wanted:
            personal = sorted((source.personal | source.left_out) - left_out)
            scope.left_out.update(personal)
            if is_put_out and personal:
                columns = ", ".join(f"{source.name}.{key}" for key in personal)
                self.trouble(item, "personal_data", f"* would read personal data ({columns}); name the columns you need")
            for key, shown in source.shown.items():
                merged = scope.merged.get(key, [])
                is_repeated = isinstance(item, exp.Star) and source in merged and source is not merged[0]
                if not is_repeated and key not in left_out and key not in source.personal:
                    yield exp.Column(this=_identifier(shown), table=_identifier(source.name))

    def output_name(self, item: exp.Expr) -> str:
        if isinstance(item, exp.Alias):
            return self.fold(item.args.get("alias"))
        return self.fold(item.this) if isinstance(item, exp.Column) else ""

    def group_names(self, group: exp.Expr, node: exp.Select, scope: Scope) -> None:
        """A bare alias in GROUP BY becomes its position: engines disagree whether a column of that name comes first."""
        items = list(group.expressions)
        positions = {self.output_name(item): place for place, item in enumerate(node.expressions, 1) if isinstance(item, exp.Alias)}
        for place, item in enumerate(items):
            if isinstance(item, exp.Column) and not item.args.get("table"):
                name = self.fold(item.this)
                if name in positions and not scope.holders(name):
                    self.shadowed_personal(item, name, scope)
                    items[place] = exp.Literal.number(positions[name])
        if items:
            group.set("expressions", items)

    def order_items(self, items: Sequence[exp.Expr], node: exp.Select, scope: Scope) -> None:
        """ORDER BY and DISTINCT ON: a bare name means the output column of that name where there is one."""
        outputs = {self.output_name(projection) for projection in node.expressions}
        for item in items:
            bare = item.this if isinstance(item, exp.Ordered) else item
            if isinstance(bare, exp.Column) and not bare.args.get("table") and isinstance(bare.this, exp.Identifier):
                name = self.fold(bare.this)
                if name in outputs:
                    self.shadowed_personal(bare, name, scope)
                    continue
            self.expression(item, scope, "order")

    def shadowed_personal(self, node: exp.Expr, name: str, scope: Scope) -> None:
        """An alias that hides personal data: another reader of the text may take it for the column."""
        for place in scope.outward():
            if any(name in source.personal for source in place.visible()):
                self.trouble(node, "personal_data", f"{name!r} could also be read as personal data; choose another alias")

    # -- expressions -------------------------------------------------------------------------------------------------

    def expression(self, root: exp.Expr, scope: Scope, clause: str) -> None:
        stack: list[exp.Expr] = [root]
        while stack:
            node = stack.pop()
            self.budget -= 1
            if self.budget < 0:
                return
            if isinstance(node, exp.Column):
                value = self.column(node, scope, clause)
                if value is not None:
                    stack.append(value)
            elif isinstance(node, exp.Star):
                if not isinstance(node.parent, exp.Count):
                    self.trouble(node, "forbidden_construct", "* may stand in a SELECT list and in COUNT(*) only")
            elif isinstance(node, (*_QUERIES, exp.Subquery)):
                self.subquery(node, scope)
            elif isinstance(node, exp.Table):
                self.trouble(node, "forbidden_construct", "a table may stand in FROM and JOIN only")
            elif isinstance(node, exp.Collate):
                stack.append(node.this)
            else:
                stack += list(node.iter_expressions())

    def subquery(self, node: exp.Expr, scope: Scope) -> None:
        holder = node.parent
        if not isinstance(node, exp.Subquery) and not isinstance(holder, _QUERY_HOLDERS):
            self.trouble(node, "forbidden_construct", f"a query may not stand in {_kind_of(holder)}")
        output = self.query(node, scope.ctes, scope)
        scope.scans += output.scans
        if isinstance(holder, exp.In):
            self.compared.append((holder, output))
        elif isinstance(holder, (exp.Any, exp.All)) and isinstance(holder.parent, exp.EQ):
            self.compared.append((holder.parent, output))

    def compare_with_subqueries(self) -> None:
        """`x IN (SELECT ...)` and `x = ANY (SELECT ...)`, once everything is resolved."""
        for node, output in self.compared:
            left = node.this.unnest()
            values = left.expressions if isinstance(left, exp.Tuple) else [left]
            pairs = [
                (lineage_of(value, self.facts.found), right) for value, right in zip(values, output.lineage, strict=False)
            ]
            self.facts.links.append(LinkUse(node, "in", pairs))

    def correlation(self, node: exp.Select, scope: Scope, conditions: list[exp.Expr]) -> None:
        """A subquery that looks outside must be tied to what it looks at, as a join would be."""
        if not scope.outer_found or not scope.sources:
            return
        for join in node.args.get("joins") or ():
            if join.args.get("on") is not None and not join.args.get("side"):
                conditions = [*conditions, *_conjuncts(join.args["on"])]
        pairs: list[tuple[Lineage, Lineage]] = []
        for condition in conditions:
            ends = self.equality(condition)
            if ends is not None and ends[0].is_outer != ends[1].is_outer:
                pairs.append((ends[0].lineage, ends[1].lineage))
        self.facts.links.append(LinkUse(scope.outer_found[0].node, "correlated", pairs))

    # -- columns -----------------------------------------------------------------------------------------------------

    def column(self, node: exp.Column, scope: Scope, clause: str) -> exp.Expr | None:
        """Resolve one column. An alias used as a value is replaced by the value, which is given back to be resolved."""
        if not isinstance(node.this, exp.Identifier):
            self.trouble(node, "forbidden_construct", "a whole row may not be used as a value")
            return None
        name = self.fold(node.this)
        if node.args.get("catalog") is not None:
            self.trouble(node, "unknown_column", "a column's name has at most a schema, a table and a column")
            return None
        if node.args.get("table") is not None:
            self.qualified_column(node, name, scope)
            return None
        return self.bare_column(node, name, scope, clause)

    def qualified_column(self, node: exp.Column, name: str, scope: Scope) -> None:
        table, schema = self.fold(node.args["table"]), self.fold(node.args.get("db"))
        for place in scope.outward():
            source = place.sources.get(table)
            if source is None or source.is_hidden:
                continue
            if node.args.get("db") is not None:
                if source.table is None or self.names.tables.get((schema, table)) is not source.table:
                    continue
                node.set("db", None)
            self.use(node, source, name, scope, is_outer=place is not scope)
            return
        shown = f"{schema}.{table}" if schema else table
        near = [key for place in scope.outward() for key in place.sources]
        self.trouble(node, "unknown_column", f"no source here is called {shown!r}", near, table)

    def bare_column(self, node: exp.Column, name: str, scope: Scope, clause: str) -> exp.Expr | None:
        holders = scope.holders(name)
        if holders:
            merged = scope.merged.get(name, [])
            if len(holders) > 1 and not all(source in merged for source in holders):
                tables = ", ".join(source.name for source in holders)
                self.trouble(node, "ambiguous_column", f"{name!r} is in more than one of the sources here: {tables}")
            for source in holders[1:]:
                self.note_use(node, source, name)
            self.use(node, holders[0], name, scope, is_outer=False)
        elif clause in _ALIASES_IN[self.dialect] and name in scope.aliases:
            self.shadowed_personal(node, name, scope)
            value = exp.Paren(this=scope.aliases[name].copy())
            node.replace(value)
            return value
        elif not self.outer_column(node, name, scope):
            self.no_such_column(node, name, scope)
        return None

    def outer_column(self, node: exp.Column, name: str, scope: Scope) -> bool:
        """A bare name of a surrounding query. It gets its source's name: a table here may have a column of that name
        which the dictionary does not know."""
        for place in scope.outward():
            holders = place.holders(name)
            if not holders:
                continue
            source = holders[0]
            nearer = [inner for inner in scope.outward() if inner is not place and source.name in inner.sources]
            if len(holders) > 1 or nearer:
                self.trouble(node, "ambiguous_column", f"{name!r} belongs to a surrounding query; write its table's alias")
            node.set("table", _identifier(source.name))
            self.use(node, source, name, scope, is_outer=True)
            return True
        return False

    def no_such_column(self, node: exp.Column, name: str, scope: Scope) -> None:
        sources = [source for place in scope.outward() for source in place.visible()]
        if any(not source.is_known for source in sources):
            return
        if any(name in source.left_out for source in sources):
            self.trouble(node, "personal_data", f"{name!r} is personal data")
            return
        if any(source.name == name for source in sources):
            self.trouble(node, "forbidden_construct", f"{name!r} is a whole row; name the column")
            return
        offered = [shown for source in sources for shown in source.shown.values()]
        self.trouble(node, "unknown_column", f"there is no column {node.name!r} here", offered, node.name)

    def use(self, node: exp.Column, source: Source, name: str, scope: Scope, *, is_outer: bool) -> None:
        self.note_use(node, source, name)
        found = Found(node, source, name, source.columns.get(name, NOTHING), is_outer)
        self.facts.found[id(node)] = found
        if is_outer:
            scope.outer_found.append(found)

    def note_use(self, node: exp.Expr, source: Source, name: str) -> None:
        """Every use of a source's column comes through here, whatever the clause."""
        if name in source.personal or (name in source.left_out and name not in source.columns):
            self.trouble(node, "personal_data", f"{source.name}.{name} is personal data")
        elif name in source.ambiguous:
            self.trouble(node, "ambiguous_column", f"{source.name!r} has more than one column {name!r}")
        elif name not in source.columns:
            if source.is_known:
                near = tuple(source.shown.values())
                self.trouble(node, "unknown_column", f"{source.name!r} has no column {name!r}", near, name)
        elif source.table is not None:
            self.facts.columns |= source.columns[name].origins


def _conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, exp.And):
            stack += [part.expression, part.this]
        elif isinstance(part, exp.Paren):
            stack.append(part.this)
        else:
            yield part


def _is_put_out(item: exp.Expr) -> bool:
    """Whether the SELECT list that holds the item is what the whole statement gives back."""
    node = item.parent
    while node is not None and node.parent is not None:
        if not isinstance(node.parent, (exp.SetOperation, exp.Subquery)) or node.arg_key == "with_":
            return False
        if isinstance(node.parent, exp.Subquery) and not isinstance(node.parent.parent, (exp.SetOperation, type(None))):
            return False
        node = node.parent
    return True


def _star_of(item: exp.Expr) -> exp.Star | None:
    if isinstance(item, exp.Star):
        return item
    if isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
        return item.this
    return None


def _base(name: str, known: KnownTable) -> Source:
    columns = {key: Lineage(frozenset({column.origin}), True, column.is_time) for key, column in known.columns.items()}
    shown = {key: column.name for key, column in known.columns.items()}
    personal = frozenset(key for key, column in known.columns.items() if column.is_personal)
    dimensions = frozenset(key for key, column in known.columns.items() if column.is_dimension)
    return Source(name, columns, shown, known.unique, table=known, personal=personal, dimensions=dimensions)


def _derived(name: str, output: Output) -> Source:
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
        left_out=output.left_out, dimensions=output.dimensions,
    )  # fmt: skip


def _unknown(name: str) -> Source:
    return Source(name, {}, {}, (), is_known=False)


def _identifier(name: str) -> exp.Identifier:
    return exp.Identifier(this=name, quoted=not (name.isascii() and name.isidentifier() and name == name.lower()))


def _kind_of(node: object) -> str:
    return type(node).__name__.upper()

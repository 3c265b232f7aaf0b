"""SQL of other layers in the words of a definition: the same function by the name that it has here. Knows no column."""

from collections.abc import Callable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from assay.interop.foreign import Refused, Sql

_PARTS = ("year", "quarter", "month", "day")
_MOMENTS = (exp.DType.DATE, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPNTZ, exp.DType.DATETIME)
_REAL = (exp.DType.DOUBLE, exp.DType.FLOAT)
_EXACT = (exp.DType.DECIMAL,)


def read_sql(text: str, dialect: str | None = None) -> Sql:
    """The tree of one expression, in the words that definitions have; or why it cannot be read."""
    try:
        tree = sqlglot.parse_one(text, dialect=dialect)
    except (SqlglotError, RecursionError):
        return Refused(f"{' '.join(text.split())!r} cannot be read")
    if isinstance(tree, (exp.Query, exp.Command)) or tree.find(exp.Query, exp.Placeholder):
        return Refused("it holds a query of its own: write it as a column of the table")
    return mapped(tree, _plain)


def mapped(tree: exp.Expr, change: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """The tree with each node changed, the inner ones first. It is used up."""
    for child in list(tree.iter_expressions()):
        place, index = child.arg_key or "", child.index  # before the child stands in what takes its place
        fresh = mapped(child, change)
        if fresh is not child:
            tree.set(place, fresh, index)
    return change(tree)


def without_casts(tree: exp.Expr) -> tuple[exp.Expr, bool]:
    """Arithmetic over numbers that are calculated already, without what makes them real numbers, which they are here when
    they are divided, and without guards against 0, by which nothing is divided here; and whether something made them real.
    """
    is_real = any(_makes_real(each) for each in tree.walk())
    return mapped(tree.copy(), _bare), is_real


def is_cast(tree: exp.Expr) -> bool:
    """Whether something in it is made a real number."""
    return any(_is_cast_to_real(each) for each in tree.walk())


def _makes_real(node: exp.Expr) -> bool:
    return _is_cast_to_real(node) or (isinstance(node, exp.Literal) and node.is_number and "." in node.this)


def _is_cast_to_real(node: exp.Expr) -> bool:
    if not isinstance(node, exp.Cast) or node.find_ancestor(exp.AggFunc):
        return False
    return node.to.this in _REAL or (node.to.this in _EXACT and not node.to.expressions)


def _bare(node: exp.Expr) -> exp.Expr:
    if _is_cast_to_real(node):
        return _grouped(node.this)
    guard = node.expression if isinstance(node, exp.Div) else None
    guard = guard.unnest() if guard is not None else None
    if isinstance(node, exp.Div) and isinstance(guard, exp.Nullif) and guard.expression.sql() in ("0", "0.0"):
        return exp.Div(this=node.this, expression=_grouped(guard.this))
    return node


def _grouped(node: exp.Expr) -> exp.Expr:
    return exp.paren(node) if isinstance(node, exp.Binary) else node


def _plain(node: exp.Expr) -> exp.Expr:
    match node:
        case exp.Count(this=exp.Literal()):
            return exp.Count(this=exp.Star())
        case exp.CountIf():
            return exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=node.this))
        case exp.TimestampTrunc() | exp.DateTrunc():
            return exp.Anonymous(
                this="DATE_TRUNC", expressions=[exp.Literal.string(node.args["unit"].name.lower()), node.this]
            )
        case exp.TsOrDsToDate():
            return node.this
        case exp.Extract() if node.this.name.lower() in _PARTS:
            return exp.Anonymous(this=node.this.name.upper(), expressions=[node.expression])
        case exp.Year() | exp.Quarter() | exp.Month() | exp.Day():
            return exp.Anonymous(this=type(node).__name__.upper(), expressions=[node.this])
        case exp.Cast() if node.this.is_string and node.to.this in _MOMENTS:
            return node.this
        case exp.SafeDivide():
            return exp.Div(this=_grouped(node.this), expression=_grouped(node.expression))
        case exp.If() if not isinstance(node.parent, exp.Case):
            return exp.Case(ifs=[exp.If(this=node.this, true=node.args["true"])], default=node.args.get("false"))
        case exp.WithinGroup(this=exp.PercentileCont() | exp.PercentileDisc() as taken):
            (ordered,) = node.expression.expressions
            if not ordered.args.get("desc"):
                name = "PERCENTILE" if isinstance(taken, exp.PercentileCont) else "PERCENTILE_DISC"
                return exp.Anonymous(this=name, expressions=[ordered.this, taken.this])
            return node
        case _:
            return node


def rows_of_query(text: str, dialect: str = "postgres") -> tuple[str | Refused, Sql | None]:
    """`SELECT * FROM table`, with or without WHERE: the table and the condition."""
    other = Refused("its sql is more than  SELECT * FROM a table [WHERE ...]: make it a view of the database, and name that")
    if "{" in text:
        return Refused("its sql is made by a template, which may depend on who asks"), None
    try:
        tree = sqlglot.parse_one(text, dialect=dialect)
    except (SqlglotError, RecursionError):
        return other, None
    if not isinstance(tree, exp.Select) or not (len(tree.expressions) == 1 and isinstance(tree.expressions[0], exp.Star)):
        return other, None
    source, where = tree.args.get("from_"), tree.args.get("where")
    said = {key for key, value in tree.args.items() if value} - {"expressions", "from_", "where", "kind"}
    if said or source is None or not isinstance(source.this, exp.Table) or tree.expressions[0].args.get("except_"):
        return other, None
    table = source.this
    name = ".".join(part.name for part in table.parts)
    if where is None:
        return name, None
    return name, _own_columns(where.this.sql(dialect=dialect), {table.name, table.alias_or_name}, dialect)


def _own_columns(text: str, names: set[str], dialect: str) -> Sql:
    """A condition whose columns are those of the table, whatever stands before them."""
    tree = read_sql(text, dialect)
    if isinstance(tree, Refused):
        return tree
    strange = next((each for each in tree.find_all(exp.Column) if each.table and each.table not in names), None)
    if strange is not None:
        return Refused(f"{strange.sql()} is not a column of its table")
    return mapped(tree, lambda node: exp.Column(this=node.this) if isinstance(node, exp.Column) else node)

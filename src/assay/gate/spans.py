"""A join to the row of a parent that held at a time: `begins <= time AND (ends > time OR ends IS NULL)` beside its key.

Nothing else may stand in its ON, and the time is a column of a row before it, so that each of those meets one row at most
as long as no two rows of the parent hold at one time: that is the key on which such a join relies. What a subquery says
of the parent has to be of the very row: `MAX(until) OVER ()` lets each row hold for as long as the last one.
"""

from collections.abc import Sequence

from sqlglot import exp

from assay.gate.context import Context
from assay.gate.policy import Key, Origin, Span
from assay.gate.scopes import NOTHING, Found, JoinUse, Lineage


def span_of(ctx: Context, use: JoinUse, conditions: Sequence[exp.Expr]) -> Key | None:
    """What tells the parent's rows apart at one time; None where the join is of another form."""
    if not ctx.names.spans or use.node.args.get("kind"):
        return None
    bounds = [each for each in conditions if not isinstance(each, exp.EQ)]
    times = _times(ctx, bounds)
    if times is None or len(conditions) != len(use.pairs) + len(bounds):
        return None
    begins, begun_by, ends, ended_after, empty = times
    is_of_parent = all(each.source is use.right for each in (begins, ends, empty)) and ends.name == empty.name
    is_one_time = begun_by.source is ended_after.source and begun_by.name == ended_after.name
    if not is_of_parent or not is_one_time or begun_by.source not in use.left:
        return None
    span = next((each for each in ctx.names.spans if _is_meant(each, use, begins, ends)), None)
    told_apart = frozenset((*(name for _, _, _, name in use.pairs), begins.name))
    return span.key if span and use.right.is_unique_on(told_apart) else None


def _times(ctx: Context, bounds: Sequence[exp.Expr]) -> tuple[Found, Found, Found, Found, Found] | None:
    """The columns of the two conditions, in their order; None where they are of another form."""
    if len(bounds) != 2 or not isinstance(bounds[0], exp.LTE) or not isinstance(bounds[1], exp.Or):
        return None
    later, empty = bounds[1].this.unnest(), bounds[1].expression.unnest()
    if not (isinstance(later, exp.GT) and isinstance(empty, exp.Is) and isinstance(empty.expression, exp.Null)):
        return None
    sides = (bounds[0].this, bounds[0].expression, later.this, later.expression, empty.this)
    found = [ctx.facts.found.get(id(each)) for each in sides]
    begins, begun_by, ends, ended_after, is_empty = found
    if begins is None or begun_by is None or ends is None or ended_after is None or is_empty is None:
        return None
    return begins, begun_by, ends, ended_after, is_empty


def _is_meant(span: Span, use: JoinUse, begins: Found, ends: Found) -> bool:
    pairs = {
        (_origin(source.columns.get(name, NOTHING)), _own_origin(right.columns.get(its, NOTHING)))
        for source, name, right, its in use.pairs
    }
    return pairs == span.pairs and (_own_origin(begins.lineage), _own_origin(ends.lineage)) == (span.begins, span.ends)


def _origin(lineage: Lineage) -> Origin | None:
    """The one dictionary column whose very values these are."""
    return next(iter(lineage.origins)) if lineage.is_exact and len(lineage.origins) == 1 else None


def _own_origin(lineage: Lineage) -> Origin | None:
    """The one dictionary column of which this is the value of the very row."""
    return _origin(lineage) if lineage.is_own else None

"""In what two bound metrics differ: a definition, and what is read out of its form in another layer."""

from sqlglot import exp

from assay.catalog.formula import AGGREGATES
from assay.catalog.metric import Metric, Part, operand_tree
from assay.interop.out.described import never_lacks
from assay.interop.plain import mapped


def differences(mine: Metric, theirs: Metric) -> list[str]:
    """What of `theirs` could give another number than `mine`, in words; nothing where it means the same.

    Groups in which no row counts are not looked at: whether they are shown is every layer's own.
    """
    ours, other = _leaves(mine), _leaves(theirs)
    told = [sentence for word, sentence in _WORDS.items() if _said(ours, word) != _said(other, word)]
    whole, read = _whole(mine, told), _whole(theirs, told)
    if whole.sql() != read.sql():
        is_of_none = _over_rows(whole).sql() == _over_rows(read).sql()
        told.insert(0, _OF_NONE if is_of_none else "it is calculated otherwise there")
    if mine.window != theirs.window:
        told.append(f"a question says its days there, and here they are {mine.window} where it says none")
    return told


_OF_NONE = "over no rows one of the two is 0, and the other has no value"
_WORDS = {
    "entity": "it counts rows of another table there", "time": "its rows count by another time there",
    "frame": "it counts over other days there", "shift": "it looks back otherwise there",
    "more": "other rows of a bucket count there",
}  # fmt: skip


def _leaves(metric: Metric) -> list[dict[str, str]]:
    return [_aspects(part) for part in metric.parts]


def _said(leaves: list[dict[str, str]], word: str) -> set[str]:
    return {each[word] for each in leaves}


def _aspects(part: Part) -> dict[str, str]:
    more = (part.alive, part.keep and part.keep.told, part.per and part.per.told, part.conversion and part.conversion.text,
            [each.text for each in part.whose])  # fmt: skip
    return {
        "entity": part.entity.qualified, "time": part.time.text if part.time else "", "shift": repr(part.shift),
        "frame": part.frame.told if part.frame else "", "more": repr(more),
    }  # fmt: skip


def _whole(metric: Metric, told: list[str]) -> exp.Expr:
    """All of it in one form: arithmetic over aggregates, each with what it looks at, but for what is told already."""
    untold = [word for word, sentence in _WORDS.items() if sentence not in told]

    def leaf(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        part = metric.parts[int(node.name[1:])]
        aspects = _aspects(part)
        marks: list[exp.Expr] = [exp.Literal.string(aspects[word]) for word in untold]
        return mapped(_of_rows(part), lambda each: _marked(each, marks) if _is(each, exp.AggFunc) else each)

    return mapped(_bare(operand_tree(metric)), leaf)


def _over_rows(tree: exp.Expr) -> exp.Expr:
    """It without what it is over no rows."""
    return mapped(
        tree.copy(),
        lambda node: node.expressions[0] if isinstance(node, exp.Anonymous) and node.name in ("ZERO", "NONE") else node,
    )


def _marked(node: exp.Expr, marks: list[exp.Expr]) -> exp.Expr:
    return exp.Anonymous(this="OF", expressions=[node, *(each.copy() for each in marks)])


def _of_rows(part: Part) -> exp.Expr:
    """Its measure in one form: each condition stands behind the aggregates, and a sum says what it is over no rows."""
    tree = _bare(part.measure.tree)
    conditions = _conditions(_bare(part.filter.tree)) if part.filter else set[str]()
    tree = mapped(tree, lambda node: _each_row(node, part))
    tree = mapped(tree, lambda node: _in_one_form(node, conditions))
    tree = mapped(tree, lambda node: _zero_in_one_form(node, part))
    return mapped(tree, lambda node: _emptied(node, part))


def _bare(tree: exp.Expr) -> exp.Expr:
    """Without parentheses, whose work the tree does."""
    return mapped(tree.copy(), lambda node: node.this if isinstance(node, exp.Paren) else node)


def _conditions(tree: exp.Expr) -> set[str]:
    return {each.sql() for each in (tree.flatten() if isinstance(tree, exp.And) else [tree])}


def _in_one_form(node: exp.Expr, conditions: set[str]) -> exp.Expr:
    """An aggregate as COUNTED(aggregate, conditions in their order)."""
    if isinstance(node, exp.Filter):
        return _counted(node.this, conditions | _conditions(node.expression.this))
    is_whole = isinstance(node, AGGREGATES) and not isinstance(node.parent, exp.Filter)
    return _counted(node, conditions) if is_whole else node


def _each_row(node: exp.Expr, part: Part) -> exp.Expr:
    """A count of what every row has counts rows."""
    is_of_column = isinstance(node, exp.Count) and isinstance(node.this, exp.Column)
    return exp.Count(this=exp.Star(), big_int=True) if is_of_column and never_lacks(node, part) else node


def _counted(node: exp.Expr, conditions: set[str]) -> exp.Expr:
    if isinstance(node, exp.Median):
        node = exp.Quantile(this=node.this, quantile=exp.Literal.number("0.5"))
    return exp.Anonymous(this="COUNTED", expressions=[node, *map(exp.Literal.string, sorted(conditions))])


def _is(node: exp.Expr | None, kind: type[exp.Expr]) -> bool:
    return isinstance(node, exp.Anonymous) and node.name == "COUNTED" and isinstance(node.expressions[0], kind)


def _zero_in_one_form(node: exp.Expr, part: Part) -> exp.Expr:
    """A sum that is 0 over no rows, in each of the ways in which that is written, as ZERO(sum)."""
    if isinstance(node, exp.Coalesce) and _is(node.this, exp.Sum) and [each.sql() for each in node.expressions] == ["0"]:
        return _zero(node.this) if never_lacks(node.this.expressions[0], part) else node
    if (
        isinstance(node, exp.Case)
        and not node.this
        and len(node.args["ifs"]) == 1
        and _is(node.args.get("default"), exp.Sum)
    ):
        taken, total = node.args["ifs"][0], node.args["default"]
        none = taken.this
        is_zero = taken.args["true"].sql() == "0"
        if is_zero and isinstance(none, exp.EQ) and none.expression.sql() == "0" and _is(none.this, exp.Count):
            count = none.this
            is_of_all = isinstance(count.expressions[0].this, exp.Star)
            if is_of_all and [each.sql() for each in count.expressions[1:]] == [
                each.sql() for each in total.expressions[1:]
            ]:
                return _zero(total)
    return node


def _zero(node: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="ZERO", expressions=[node])


def _emptied(node: exp.Expr, part: Part) -> exp.Expr:
    """What `empty` makes of it: sums that are 0 over no rows, or counts that are unknown."""
    if part.empty == "zero":
        is_open = _is(node, exp.Sum) and not (isinstance(node.parent, exp.Anonymous) and node.parent.name == "ZERO")
        return _zero(node) if is_open else node
    return exp.Anonymous(this="NONE", expressions=[node]) if _is(node, exp.Count) else node

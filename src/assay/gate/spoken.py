"""What a part of a statement is called in a sentence: by a word of SQL, or as the statement itself has it.

The parser's own names for its nodes are nobody's words. One is said only where its words stand in the statement.
"""

import re

from sqlglot import exp

from assay.gate.dialects import Unprintable, print_tree
from assay.gate.text import Text

_SPOKEN: dict[type[exp.Expr], str] = {
    exp.LimitOptions: "LIMIT", exp.DataType: "a type", exp.ColumnDef: "a definition of a column", exp.Column: "a column",
    exp.QueryTransform: "TRANSFORM", exp.Comprehension: "a list comprehension", exp.Lambda: "a lambda",
    exp.Version: "a table's past", exp.HistoricalData: "a table's past", exp.ObjectIdentifier: "OBJECT",
    exp.Schema: "a list of columns", exp.Subquery: "a query in brackets", exp.Placeholder: "a placeholder",
    exp.Parameter: "a placeholder", exp.SessionParameter: "a setting of the session", exp.Star: "*",
    exp.Identifier: "a name", exp.Literal: "a value", exp.Command: "a command", exp.TableSample: "a sample of rows",
    exp.Lock: "FOR UPDATE", exp.Dot: "a function of a schema", exp.Hint: "a hint", exp.WithTableHint: "a hint",
    exp.IndexTableHint: "a hint", exp.Paren: "a bracket", exp.Tuple: "a list in brackets", exp.Select: "a SELECT",
    exp.Table: "a table", exp.Ordered: "ORDER BY", exp.Semicolon: "a semicolon", exp.WithFill: "WITH FILL",
    exp.JSONSchema: "a list of columns", exp.JSONColumnDef: "a definition of a column", exp.Order: "ORDER BY",
    exp.Group: "GROUP BY", exp.WindowSpec: "a window frame", exp.TableAlias: "an alias", exp.CTE: "WITH",
}  # fmt: skip
_SPOKEN_PARTS = {
    (exp.Select, "laterals"): "LATERAL VIEW", (exp.Select, "locks"): "FOR UPDATE", (exp.Select, "into"): "SELECT INTO",
    (exp.Select, "hint"): "a hint", (exp.Select, "sample"): "a sample of rows",
    (exp.Select, "operation_modifiers"): "what stands after SELECT",
    (exp.Table, "sample"): "a sample of rows", (exp.Table, "pivots"): "PIVOT", (exp.Table, "version"): "a table's past",
    (exp.Table, "hints"): "a hint", (exp.Table, "when"): "a table's past", (exp.Table, "joins"): "a join in brackets",
    (exp.Subquery, "sample"): "a sample of rows", (exp.Subquery, "pivots"): "PIVOT",
    (exp.LimitOptions, "with_ties"): "LIMIT with ties", (exp.LimitOptions, "percent"): "LIMIT with a percentage",
}  # fmt: skip
_BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MOST_NODES, _MOST_CHARACTERS = 40, 60


def called(node: object, text: Text) -> str:
    """What a node is called in SQL; else its own text, where that is what was written."""
    if isinstance(node, exp.Anonymous):
        return f"the function {node.this}"
    if not isinstance(node, exp.Expr):
        return "what stands here"
    spoken = _SPOKEN.get(type(node))
    if spoken is not None:
        return spoken
    name = _BETWEEN_WORDS.sub("_", type(node).__name__).upper()
    for said in (name, name.replace("_", " ")):
        if said in text.words or (" " in said and set(said.split()) <= text.words):
            return said
    return written(node, text) or ("this function" if isinstance(node, exp.Func) else "what stands here")


def part_of(node: exp.Expr, part: str, text: Text) -> str:
    """A part that a node may not have, with the node."""
    spoken = _SPOKEN_PARTS.get((type(node), part))
    if spoken is not None:
        return spoken
    words = part.strip("_").removeprefix("with_").upper().split("_")
    if set(words) <= text.words:
        return f"{called(node, text)} with {' '.join(words)}"
    return written(node, text) or f"{called(node, text)} as it stands here"


def written(node: exp.Expr, text: Text) -> str | None:
    """The node's own text in quotes, cut; None where a word of it does not stand in the statement."""
    if sum(1 for _ in zip(node.walk(), range(_MOST_NODES + 1), strict=False)) > _MOST_NODES:
        return None
    try:
        printed = print_tree(node.copy(), text.dialect, explicit_nulls=False)
    except (Unprintable, RecursionError):
        return None
    if not set(re.findall(r"\w+", printed.upper())) <= set(re.findall(r"\w+", text.sql.upper())):
        return None
    return f"'{printed}'" if len(printed) <= _MOST_CHARACTERS else f"'{printed[: _MOST_CHARACTERS - 1]}…'"

"""How the gate reads an engine's SQL: its words and marks, its functions, shapes and collations, how names fold.

A reading allows strictly less than the engine does. What it does not name is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

PLAIN_STRING = r"'(?:[^']|'')*'"
DOUBLE_QUOTED = r'"(?:[^"]|"")+"'


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    sqlglot: Dialect
    """Its parser, and the printer from which the gate's own is made."""
    functions: frozenset[str]
    """Names in lower case that may be called: each computes only from what it is given."""
    takes_outside_sql: bool
    """Whether SQL from outside (check-sql, models) is judged for it. Only with a full list of functions and a corpus of
    statements that were tried on the engine; without, it runs what the compiler wrote, which is judged all the same."""
    string: str
    """A text in quotes, as a regular expression; so are the next three."""
    quoted: str
    placeholder: str
    operators: str
    """Those beyond `- + * / % < > = ( ) , . [ ] ;`."""
    raw_string: str | None
    has_backslashes: bool
    """Whether a backslash in a text means something, a comment can be continued by one, and `${` is substituted."""
    quoted_names_are_exact: bool
    """Whether a name in quotes is another one than the same in other letters; bare ones are folded to lower case."""
    opening_words: frozenset[str]
    aliases_in: frozenset[str]
    """Clauses in which an alias of the SELECT list may be used inside an expression: select, where, group, having, qualify,
    order."""
    collations: frozenset[str]
    absent: frozenset[type[exp.Expr]]
    """Shapes that others have."""
    has_group_by_all: bool
    has_order_by_all: bool
    has_semi_joins: bool
    pattern_fault: Callable[[str], str | None]
    """Why a regular expression may take very long there: one of `engine/patterns.py`."""


def listed(file: Path) -> frozenset[str]:
    """The words of a file, but for the lines that begin with #."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())

"""How the gate reads DuckDB's SQL."""

from pathlib import Path

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

from assay.engine.patterns import always_linear
from assay.engine.reading import DOUBLE_QUOTED, PLAIN_STRING, Reading, listed

READING = Reading(
    sqlglot=DuckDB(),
    functions=listed(Path(__file__).with_name("functions.txt")),
    takes_outside_sql=True,
    string=PLAIN_STRING,
    quoted=DOUBLE_QUOTED,
    placeholder=r"\$(?:[A-Za-z_]\w{0,62}|[1-9][0-9]{0,3})(?![\w$])",
    operators=r"::|<>|!=|>=|<=|==|\|\||!~|~|//|\*\*|\^",
    raw_string=None,
    has_backslashes=False,
    quoted_names_are_exact=False,
    opening_words=frozenset({"SELECT", "WITH", "FROM"}),
    aliases_in=frozenset({"select", "where", "group", "having", "qualify", "order"}),
    collations=frozenset({"C", "POSIX", "BINARY", "NOCASE", "NOACCENT"}),
    absent=frozenset({exp.RawString}),
    has_group_by_all=True,
    has_order_by_all=True,
    has_semi_joins=True,
    pattern_fault=always_linear,
)

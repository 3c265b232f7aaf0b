"""How the gate reads Spark's SQL."""

from pathlib import Path

from sqlglot.dialects.spark import Spark

from assay.engine.patterns import one_way_after_the_other
from assay.engine.reading import Reading, listed

READING = Reading(
    sqlglot=Spark(),
    functions=listed(Path(__file__).with_name("functions.txt")),
    takes_outside_sql=True,
    string=r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"",
    quoted=r"`(?:[^`]|``)+`",
    placeholder=r"(?<![\w:)\]'\"`]):[A-Za-z_]\w{0,62}",
    operators=r"::|<=>|<>|!=|>=|<=|==|\|\||=>",
    raw_string=r"[rR]'[^']*'",
    has_backslashes=True,
    quoted_names_are_exact=False,
    opening_words=frozenset({"SELECT", "WITH"}),
    aliases_in=frozenset({"select", "group", "having", "qualify", "order"}),
    collations=frozenset({"UTF8_BINARY", "UTF8_LCASE", "UNICODE", "UNICODE_CI", "UNICODE_AI", "UNICODE_CI_AI"}),
    absent=frozenset(),
    has_group_by_all=True,
    has_order_by_all=False,
    has_semi_joins=True,
    pattern_fault=one_way_after_the_other,
)

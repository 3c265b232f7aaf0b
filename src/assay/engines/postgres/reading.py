"""How the gate reads PostgreSQL's SQL."""

from pathlib import Path

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres

from assay.engine.patterns import linear_without_back_references
from assay.engine.reading import DOUBLE_QUOTED, PLAIN_STRING, Reading, listed

READING = Reading(
    sqlglot=Postgres(),
    functions=listed(Path(__file__).with_name("functions.txt")),
    takes_outside_sql=True,
    string=PLAIN_STRING,
    quoted=DOUBLE_QUOTED,
    placeholder=r"\$[1-9][0-9]{0,3}(?![\w$])",
    operators=r"::|<>|!=|>=|<=|\|\||!~\*|~\*|!~|~|=>|\^",
    raw_string=None,
    has_backslashes=False,
    quoted_names_are_exact=True,
    opening_words=frozenset({"SELECT", "WITH"}),
    aliases_in=frozenset({"group", "order"}),
    collations=frozenset({"C", "POSIX", "ucs_basic", "unicode", "default", "en_US", "en-x-icu", "en-US-x-icu"}),
    absent=frozenset({exp.Qualify, exp.TryCast, exp.IgnoreNulls, exp.RespectNulls, exp.RawString}),
    has_group_by_all=False,
    has_order_by_all=False,
    has_semi_joins=False,
    pattern_fault=linear_without_back_references,
)

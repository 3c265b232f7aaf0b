"""How the gate reads MariaDB's SQL."""

from pathlib import Path

from sqlglot import exp

from assay.engine.patterns import one_way_after_the_other
from assay.engine.reading import PLAIN_STRING, Reading, listed
from assay.engines.mariadb.dialect import MariaDB

READING = Reading(
    sqlglot=MariaDB(),
    functions=listed(Path(__file__).with_name("functions.txt")),
    takes_outside_sql=False,
    string=PLAIN_STRING,
    quoted=r"`(?:[^`]|``)+`",
    placeholder=r":[A-Za-z_]\w{0,62}",
    operators=r"<=>|<>|!=|>=|<=",
    raw_string=None,
    has_backslashes=False,
    quoted_names_are_exact=False,
    opening_words=frozenset({"SELECT", "WITH"}),
    aliases_in=frozenset({"group", "having", "order"}),
    collations=frozenset(),
    absent=frozenset({
        exp.Qualify, exp.TryCast, exp.RawString, exp.Filter, exp.GroupingSets, exp.Rollup, exp.Cube, exp.ILike,
        exp.IgnoreNulls, exp.RespectNulls, exp.AtTimeZone, exp.Array, exp.Bracket, exp.WithinGroup,
    }),
    has_group_by_all=False,
    has_order_by_all=False,
    has_semi_joins=False,
    pattern_fault=one_way_after_the_other,
)  # fmt: skip

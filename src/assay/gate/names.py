"""How a name is printed so that it means itself, to every engine and to the parser that reads the text again."""

import re

from sqlglot import exp

_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
# The words that Postgres, DuckDB or Spark (ANSI) reserve: as bare names they would not parse. A test asks the engines.
_RESERVED = frozenset(
    (
        "all analyse analyze and anti any array as asc asof asymmetric at authorization between binary both by case cast "
        "check collate collation column columns concurrently constraint create cross current current_catalog current_date "
        "current_role current_schema current_time current_timestamp current_user default deferrable desc describe "
        "distinct do else end escape except exists false fetch filter for foreign freeze from full function generated "
        "glob grant group having ilike in initially inner intersect interval into is isnull join lambda lateral leading "
        "left like limit localtime localtimestamp map minus natural not notnull null offset on only or order outer "
        "overlaps partition pivot pivot_longer pivot_wider placing positional primary qualify references returning right "
        "row rows select semi session_user show similar some struct summarize symmetric system_user table tablesample "
        "then to trailing true try_cast tuple union unique unknown unpack unpivot user using values variadic verbose when "
        "where window with"
    ).split(" ")
)
# No engine reserves these, but the parser behind the gate reads them otherwise behind a dot. A test tries every word.
_MISREAD = frozenset(
    "alter connect_by_root drop force insert install partitioned_by regexp revoke rlike rollback uncache xor".split(" ")
)


def identifier(name: str) -> exp.Identifier:
    """A name that means itself on every engine: quoted wherever folding or a reserved word would change it."""
    return exp.to_identifier(name, quoted=not _PLAIN_NAME.fullmatch(name) or name in _RESERVED or name in _MISREAD)


def table_as(qualified: str, alias: str) -> exp.Table:
    """`schema.table AS alias`."""
    schema, _, name = qualified.rpartition(".")
    return exp.Table(this=identifier(name), db=identifier(schema), alias=exp.TableAlias(this=identifier(alias)))

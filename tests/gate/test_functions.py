"""The lists of functions against the engines themselves: each exists, and none changes anything."""

import duckdb
import pytest

from assay.engine import Dialect, taking_outside_sql
from assay.gate.functions import known_names
from tests.gate.engines import Postgres

# Words of PostgreSQL's grammar that look like calls and are no entry of its function catalog.
_GRAMMAR = frozenset("""
    coalesce nullif greatest least extract grouping trim current_date current_time current_timestamp
    localtime localtimestamp
""".split())  # fmt: skip
_DUCKDB_GRAMMAR = _GRAMMAR | frozenset(
    "if ifnull nvl date timestamp mean percentile_cont percentile_disc grouping_id".split()
)
# Not immutable, because they depend on the session's time zone and language alone, or on the moment.
_VOLATILE_IN_NAME_ONLY = frozenset({"now", "today", "get_current_timestamp"})
_DANGEROUS = (
    "sleep", "read", "write", "file", "secret", "env", "http", "ai_", "dblink", "lo_", "pg_", "setting", "config",
    "current_user", "version", "random", "rand", "uuid", "query", "table", "xml", "java", "reflect", "nextval",
    "setval", "repeat", "unnest", "explode", "generate", "sequence", "json", "struct", "lambda", "transform", "error",
    "raise", "assert",
)  # fmt: skip


@pytest.mark.parametrize("dialect", taking_outside_sql())
def test_no_listed_name_sounds_dangerous(dialect: Dialect) -> None:
    names = known_names(dialect)
    assert len(names) > 150
    assert [name for name in names if any(part in name for part in _DANGEROUS)] == []


def test_postgres_knows_them_and_none_is_volatile(postgres: Postgres) -> None:
    rows = postgres.run(
        "SELECT proname, bool_or(provolatile = 'v'), bool_or(prosecdef) FROM pg_proc GROUP BY 1", [], as_reader=False
    )
    volatile = {name: is_volatile or elevates for name, is_volatile, elevates in rows}
    listed = known_names("postgres") - _GRAMMAR
    assert sorted(listed - set(volatile)) == []
    assert [name for name in sorted(listed) if volatile[name]] == []


def test_duckdb_knows_them_and_none_has_side_effects(everything: duckdb.DuckDBPyConnection) -> None:
    found = everything.execute(
        "SELECT function_name, bool_or(coalesce(has_side_effects, false)), list(DISTINCT function_type)"
        " FROM duckdb_functions() GROUP BY 1"
    ).fetchall()
    known = {str(name): (has_effects, kinds) for name, has_effects, kinds in found}
    listed = known_names("duckdb") - _DUCKDB_GRAMMAR
    assert sorted(listed - set(known)) == []
    for name in sorted(listed - _VOLATILE_IN_NAME_ONLY):
        has_effects, kinds = known[name]
        assert not has_effects, name
        assert not {"table", "table_macro", "pragma"} & set(kinds), name

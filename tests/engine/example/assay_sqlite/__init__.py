"""An engine of a third party: SQLite, by the standard library. A file is a schema, called as the file is.

Days are text such as 2026-03-17, instants and wall times text such as 2026-03-17 15:42:10; instants are on the clock of UTC.
"""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.dialects.sqlite import SQLite

from assay.engine import Engine, Reading, Spelling, Types, listed
from assay.engine.patterns import one_way_after_the_other
from assay.engine.reading import DOUBLE_QUOTED, PLAIN_STRING
from assay.errors import BadQuestion

if TYPE_CHECKING:
    from assay.backends.protocol import Backend
    from assay.backends.registry import Surroundings
    from assay.catalog.workspace import BackendSettings

_FIRST_DAYS = {
    "day": "DATE(clock)",
    "week": "DATE(clock, 'weekday 0', '-6 days')",
    "month": "DATE(clock, 'start of month')",
    "year": "DATE(clock, 'start of year')",
}


def _written(text: str, clock: exp.Expr) -> exp.Expr:
    tree = sqlglot.parse_one(text, read="sqlite")
    return tree.transform(lambda node: clock if isinstance(node, exp.Column) else node)


def _first_day(clock: exp.Expr, grain: str) -> exp.Expr:
    if grain not in _FIRST_DAYS:
        raise BadQuestion(f"SQLite has no {grain}s.", mend=f"ask by {', '.join(_FIRST_DAYS)}", field="grain")
    return _written(_FIRST_DAYS[grain], clock)


def _percentile(value: exp.Expr, share: exp.Expr) -> exp.Expr:
    raise BadQuestion("SQLite has no percentiles.", mend="ask another backend")


def _open(settings: "BackendSettings", around: "Surroundings") -> "Backend":
    from assay_sqlite.driver import SQLiteBackend

    return SQLiteBackend(settings.name, settings.file_in(around.home))


def _same(column: exp.Expr) -> exp.Expr:
    return column


def _later(clock: exp.Expr, by: timedelta) -> exp.Expr:
    return _written(f"DATETIME(clock, '{int(by.total_seconds())} seconds')", clock)


def _cut_time(clock: exp.Expr, unit: str) -> exp.Expr:
    shown = {"hour": "%H:00:00", "minute": "%H:%M:00", "second": "%H:%M:%S"}[unit]
    return _written(f"STRFTIME('%Y-%m-%d {shown}', clock)", clock)


ENGINE = Engine(
    name="sqlite",
    types=Types(
        names={
            "string": "TEXT", "integer": "INTEGER", "bigint": "INTEGER", "double": "REAL",
            "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMP", "timestamp_ntz": "DATETIME",
        },
        # Whole numbers have 64 bits, and floating ones both words of a double.
        meant={"integer": "bigint", "int": "bigint", "real": "double", "float": "double", "datetime": "timestamp_ntz"},
        table_format=None,
        tells_collations=False,
    ),
    spelling=Spelling(
        placeholder=lambda number: exp.Placeholder(this=f"p{number}"),
        mark=":p",
        percentile=_percentile,
        widest_whole="bigint",
        widens_decimals=True,
        text_collation=None,
        has_infinite_times=False,
        has_decimal_nan=False,
        at_utc=_same,
        later=_later,
        first_day=_first_day,
        cut_time=_cut_time,
    ),
    reading=Reading(
        sqlglot=SQLite(),
        functions=listed(Path(__file__).with_name("functions.txt")),
        takes_outside_sql=False,
        string=PLAIN_STRING,
        quoted=DOUBLE_QUOTED,
        placeholder=r":[A-Za-z_]\w{0,62}",
        operators=r"<>|!=|>=|<=|==|\|\|",
        raw_string=None,
        has_backslashes=False,
        quoted_names_are_exact=False,
        opening_words=frozenset({"SELECT", "WITH"}),
        aliases_in=frozenset({"where", "group", "having", "order"}),
        collations=frozenset(),
        absent=frozenset({exp.Qualify, exp.TryCast, exp.RawString}),
        has_group_by_all=False,
        has_order_by_all=False,
        has_semi_joins=False,
        pattern_fault=one_way_after_the_other,
    ),
    settings=("path",),
    open=_open,
    survey=None,
)  # fmt: skip

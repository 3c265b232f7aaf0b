"""A second look at the text as it will run, without the parser: every word in it is accounted for."""

from collections.abc import Iterator

from assay.gate.shapes import UNITS
from assay.gate.text import Text

_KEYWORDS = frozenset("""
    SELECT DISTINCT FROM AS WHERE GROUP BY HAVING QUALIFY ORDER LIMIT OFFSET WITH MATERIALIZED NOT WINDOW
    JOIN INNER LEFT RIGHT FULL OUTER SEMI ANTI ON USING UNION ALL EXCEPT INTERSECT
    AND OR IN IS NULL TRUE FALSE BETWEEN SYMMETRIC LIKE ILIKE RLIKE SIMILAR TO ESCAPE EXISTS ANY SOME OVERLAPS DIV
    CASE WHEN THEN ELSE END ASC DESC NULLS FIRST LAST COLLATE INTERVAL AT TIME ZONE ARRAY
    OVER PARTITION ROWS RANGE GROUPS UNBOUNDED PRECEDING FOLLOWING CURRENT ROW EXCLUDE TIES OTHERS NO
    FILTER WITHIN IGNORE RESPECT ROLLUP CUBE GROUPING SETS FOR PLACING BOTH LEADING TRAILING
    CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP
""".split())  # fmt: skip
_TYPES = frozenset("""
    BOOLEAN TINYINT SMALLINT INT INTEGER BIGINT HUGEINT INT128 UTINYINT USMALLINT UINTEGER UBIGINT DECIMAL NUMERIC REAL FLOAT
    DOUBLE PRECISION TEXT VARCHAR CHAR STRING DATE TIME TIMETZ TIMESTAMP TIMESTAMPTZ TIMESTAMP_NTZ TIMESTAMP_LTZ TIMESTAMP_S
    TIMESTAMP_MS TIMESTAMP_NS DATETIME INTERVAL UUID BYTE SHORT LONG BPCHAR SIGNED
""".split())  # fmt: skip
_ARGUMENT_NAMES = frozenset({"YEARS", "MONTHS", "WEEKS", "DAYS", "HOURS", "MINS", "SECS"})
_ALLOWED = _KEYWORDS | _TYPES | UNITS | _ARGUMENT_NAMES


def strange_words(text: Text, names: frozenset[str]) -> Iterator[str]:
    """Words that are no keyword of a plain SELECT, no type, no unit and none of the statement's own names.

    What stands before a bracket is looked at by `functions.calls`.
    """
    for lexeme, after in zip(text.lexemes, (*text.lexemes[1:], None), strict=True):
        if lexeme.kind != "word" or lexeme.upper in _ALLOWED or lexeme.text in names:
            continue
        if after is None or after.text != "(":
            yield lexeme.text

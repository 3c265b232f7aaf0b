"""Which functions may be called in each dialect: read from `functions/<dialect>.txt`."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from assay.catalog.findings import nearest
from assay.gate.text import Lexeme
from assay.gate.verdict import Dialect

_LISTS = Path(__file__).parent / "functions"

# Words before a bracket that call nothing.
_STRUCTURE = frozenset("""
    SELECT DISTINCT FROM JOIN ON USING WHERE HAVING QUALIFY GROUP BY ROLLUP CUBE SETS LIMIT OFFSET AS MATERIALIZED
    UNION EXCEPT INTERSECT ALL EXCLUDE OVER FILTER AND OR NOT IS IN BETWEEN SYMMETRIC LIKE ILIKE RLIKE SIMILAR TO
    ESCAPE ANY SOME EXISTS OVERLAPS CASE WHEN THEN ELSE END CAST TRY_CAST INTERVAL ARRAY ROW DIV MOD
""".split())  # fmt: skip
_SIZED_TYPES = frozenset("""
    DECIMAL NUMERIC DEC VARCHAR CHAR CHARACTER VARYING BPCHAR TEXT STRING TIMESTAMP TIMESTAMPTZ TIME FLOAT INTERVAL
""".split())  # fmt: skip


@cache
def known_names(dialect: Dialect) -> frozenset[str]:
    """Lower-case names that may be called."""
    lines = (_LISTS / f"{dialect}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def not_known(name: str, dialect: Dialect) -> str:
    """The sentence for a function that is not listed."""
    hint = nearest(name.lower(), set(known_names(dialect)))
    message = f"the function {name} is not among those that {dialect} may be asked for"
    return f"{message}. {hint}" if hint else message


def calls(lexemes: Sequence[Lexeme]) -> Iterator[tuple[str, Lexeme]]:
    """The names that stand where a function is called, each with the text before it.

    A quoted name before a bracket counts: it calls, too.
    """
    for place in range(len(lexemes) - 1):
        if lexemes[place + 1].text != "(":
            continue
        name = lexemes[place]
        if name.kind == "word":
            if name.upper in _STRUCTURE or (name.upper in _SIZED_TYPES and _sizes_a_type(lexemes, place)):
                continue
        elif name.kind != "quoted":
            continue
        if not _names_columns(lexemes, place):
            yield (lexemes[place - 1].text if place else ""), name


def _sizes_a_type(lexemes: Sequence[Lexeme], place: int) -> bool:
    """`DECIMAL(10, 2)`, `VARCHAR(20)`: only numbers up to the closing bracket."""
    for lexeme in lexemes[place + 2 : place + 6]:
        if lexeme.text == ")":
            return True
        if lexeme.kind != "number" and lexeme.text != ",":
            return False
    return False


def _names_columns(lexemes: Sequence[Lexeme], place: int) -> bool:
    """`WITH a(x, y) AS (`, `(...) AS a(x, y)` and `(...) a(x, y)`: a list of column names, which no call can look like."""
    before = lexemes[place - 1] if place else None
    end = place + 2
    while end < len(lexemes) and (lexemes[end].kind in ("word", "quoted") or lexemes[end].text == ","):
        end += 1
    if end >= len(lexemes) or lexemes[end].text != ")" or before is None:
        return False
    if before.text == ")" or (before.upper == "AS" and place > 1 and lexemes[place - 2].text == ")"):
        return True
    after = [lexeme.upper for lexeme in lexemes[end + 1 : end + 3]]
    return before.upper in ("WITH", ",") and after[:1] == ["AS"] and after[1:] in (["("], ["MATERIALIZED"], ["NOT"])

"""Where functions are called, and what is said of one that the engine's reading does not list."""

from collections.abc import Iterator, Sequence

from assay.engine import Dialect, engine_of
from assay.gate.text import Lexeme

# Words before a bracket that call nothing.
_STRUCTURE = frozenset("""
    SELECT DISTINCT FROM JOIN ON USING WHERE HAVING QUALIFY GROUP BY ROLLUP CUBE SETS LIMIT OFFSET AS MATERIALIZED
    UNION EXCEPT INTERSECT ALL EXCLUDE OVER FILTER AND OR NOT IS IN BETWEEN SYMMETRIC LIKE ILIKE RLIKE SIMILAR TO
    ESCAPE ANY SOME EXISTS OVERLAPS CASE WHEN THEN ELSE END CAST TRY_CAST INTERVAL ARRAY ROW DIV MOD
""".split())  # fmt: skip
_SIZED_TYPES = frozenset("""
    DECIMAL NUMERIC DEC VARCHAR CHAR CHARACTER VARYING BPCHAR TEXT STRING TIMESTAMP TIMESTAMPTZ TIME FLOAT INTERVAL
""".split())  # fmt: skip


def known_names(dialect: Dialect) -> frozenset[str]:
    """Lower-case names that may be called."""
    return engine_of(dialect).reading.functions


# What is written like a call and is a part of a statement.
_CLAUSES = frozenset("VALUES LATERAL PIVOT UNPIVOT TABLESAMPLE COLUMNS STRUCT MAP OPERATOR TABLE OBJECT".split())
_MEANT: dict[str, tuple[str, ...]] = {
    "ifnull": ("coalesce",), "nvl": ("coalesce",), "isnull": ("coalesce",), "len": ("length",), "mean": ("avg",),
    "charindex": ("strpos", "instr"), "instr": ("strpos",), "strpos": ("instr",), "ucase": ("upper",), "lcase": ("lower",),
    "datediff": ("date_diff",), "dateadd": ("date_add",), "getdate": ("now",), "sysdate": ("now",), "stdev": ("stddev",),
    "group_concat": ("string_agg",), "listagg": ("string_agg",), "string_split": ("string_to_array", "split"),
    "date_format": ("to_char", "strftime"), "to_char": ("strftime", "date_format"), "strftime": ("to_char", "date_format"),
}  # fmt: skip
"""Functions of other dialects, and what does the same here."""


def not_known(name: str, dialect: Dialect) -> str:
    """The sentence for a function that is not listed. One that is misspelt, or has the same meaning, is offered."""
    known, plain = known_names(dialect), name.strip('"`').lower()
    if name.upper() in _CLAUSES:
        return f"{name.upper()} may not be used"
    if plain in known:
        return f"the function {plain} may be called by its bare name only, without quotes or a schema"
    message = f"the function {name} is not among those that {dialect} may be asked for"
    meant = next((each for each in _MEANT.get(plain, ()) if each in known), None) or _misspelt(plain, known)
    return f"{message}. Did you mean {meant!r}?" if meant else message


def _misspelt(name: str, known: frozenset[str]) -> str | None:
    """The one known name that a slip of the finger makes of it: a letter more, less, other, or two changed about."""
    if len(name) < 4:
        return None
    near = [each for each in known if abs(len(each) - len(name)) <= 1 and each[0] == name[0] and _is_one_slip(name, each)]
    return min(near, default=None)


def _is_one_slip(one: str, other: str) -> bool:
    start = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, its = one[start:], other[start:]
    return rest[1:] == its or rest == its[1:] or rest[1:] == its[1:] or (rest[:2] == its[1::-1] and rest[2:] == its[2:])


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

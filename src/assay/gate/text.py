"""Raw text to lexemes, before any parser sees it. Whatever two readers could read differently is refused here.

The scanner knows strictly less than the engines do: plain strings, names, numbers, placeholders and a few operators.
Comments are blanked out in place, so offsets in what the parser gets are offsets in what was handed in.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from assay.engine import Dialect, engine_of
from assay.gate.verdict import Violation

MAX_BYTES = 64 * 1024
MAX_LEXEMES = 10_000
MAX_DEPTH = 40
MAX_CHAIN = 20
"""How many prefixes (`NOT NOT`, `- -`) or postfixes (`::`, `[1]`) may follow one another."""

MAX_READINGS = 4
MAX_NAME_BYTES = 63
"""PostgreSQL cuts longer names off, and then two names may be one."""


@cache
def _scanner(dialect: Dialect) -> re.Pattern[str]:
    reading = engine_of(dialect).reading
    raw = rf"|(?P<raw>{reading.raw_string})" if reading.raw_string else ""
    return re.compile(
        r"(?P<space>[ \t\r\n]+)"
        r"|(?P<comment>--[^\r\n]*|/\*(?:[^*/]|\*(?!/)|/(?!\*))*\*/)" + raw + rf"|(?P<string>{reading.string})"
        rf"|(?P<quoted>{reading.quoted})"
        r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
        r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]))"
        rf"|(?P<placeholder>{reading.placeholder})"
        rf"|(?P<operator>(?!/\*)(?:{reading.operators}|-(?!>)|[+*/%<>=(),.\[\];]))",
        re.DOTALL | re.ASCII,
    )


_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\uffff]"
)
_LONE_RETURN = re.compile(r"\r(?!\n)")
_ESCAPES = re.compile(r"\\(.)", re.DOTALL)
_SAFE_ESCAPES = frozenset("\\'\"ntr%_")
_WORDS_BEFORE_STRINGS = frozenset({
    "DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "INTERVAL", "IN", "LIKE", "ILIKE", "RLIKE",
    "AND", "OR", "THEN", "ELSE", "WHEN", "BETWEEN", "SELECT", "AS", "BY", "ESCAPE", "ZONE", "FROM", "IS", "NOT", "ON",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lexeme:
    kind: str
    """string, raw, quoted, word, number, placeholder or operator."""
    text: str
    start: int
    upper: str
    """The text as it compares: words in upper case, all else as it stands."""


@dataclass(frozen=True)
class Text:
    """What was handed in, read into lexemes. `prepared` is what the parser gets; the offsets are the same."""

    dialect: Dialect
    sql: str
    prepared: str
    lexemes: tuple[Lexeme, ...]
    violations: tuple[Violation, ...]

    @cached_property
    def shape(self) -> tuple[str, ...]:
        """The lexemes as they compare: equal shapes parse to equal trees."""
        return tuple(lexeme.upper for lexeme in self.lexemes)

    @cached_property
    def values(self) -> frozenset[str]:
        """The strings, as they compare, and the numbers of the text."""
        found: set[str] = set()
        for lexeme in self.lexemes:
            if lexeme.kind == "string":
                found.add(lexeme.text[1:-1].replace(lexeme.text[0] * 2, lexeme.text[0]).replace("\\", ""))
            elif lexeme.kind == "raw":
                found.add(lexeme.text[2:-1].replace("\\", ""))
            elif lexeme.kind == "number":
                found.add(lexeme.text)
        return frozenset(found)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(lexeme.upper for lexeme in self.lexemes if lexeme.kind == "word")

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.sql))]

    def place(self, offset: int | None) -> tuple[int | None, int | None]:
        """Line and column of an offset, both from 1."""
        if offset is None:
            return None, None
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def violation(self, code: str, message: str, offset: int | None = None) -> Violation:
        return Violation(code, message, *self.place(offset))


def read_text(sql: str, dialect: Dialect) -> Text:
    """Scan the text; what is wrong with it stands in `violations`. Never raises for content."""
    if sql.startswith("\ufeff"):
        sql = " " + sql[1:]
    unreadable = _unreadable(sql, dialect)
    if unreadable:
        return Text(dialect, sql, "", (), (unreadable,))
    blank = Text(dialect, sql, "", (), ())
    lexemes: list[Lexeme] = []
    violations: list[Violation] = []
    pieces: list[str] = []
    match = _scanner(dialect).match
    position, length = 0, len(sql)
    while position < length:
        found = match(sql, position)
        if found is None:
            violations.append(blank.violation(*_why_not(sql, position), position))
            break
        kind, piece = str(found.lastgroup), found.group()
        if kind == "space":
            pieces.append(piece)
        elif kind == "comment":
            violations += _in_comment(blank, piece, position)
            pieces.append(_BLANKED.sub(" ", piece))
        else:
            if len(lexemes) == MAX_LEXEMES:
                violations.append(blank.violation("too_long", f"more than {MAX_LEXEMES} words and marks", position))
                break
            lexemes.append(Lexeme(kind, piece, position, piece.upper() if kind == "word" else piece))
            if kind in ("word", "quoted") and len(piece) > MAX_NAME_BYTES // 4 and _name_bytes(lexemes[-1]) > MAX_NAME_BYTES:
                violations.append(blank.violation("unstable_text", f"a name of more than {MAX_NAME_BYTES} bytes", position))
            if kind in ("string", "raw", "quoted"):
                violations += _in_quotes(blank, lexemes, piece, position)
                piece = _one_way_to_quote(piece, dialect, kind)
            pieces.append(piece)
        position = found.end()
    violations += _too_deep(blank, lexemes)
    return Text(dialect, sql, "".join(pieces), tuple(lexemes), tuple(violations))


def _name_bytes(lexeme: Lexeme) -> int:
    """How long the name is to an engine: without its quotes, and with a doubled one counted once."""
    text = lexeme.text
    return len((text[1:-1].replace(text[0] * 2, text[0]) if lexeme.kind == "quoted" else text).encode())


_BLANKED = re.compile(r"[^\r\n]")


def _unreadable(sql: str, dialect: Dialect) -> Violation | None:
    try:
        size = len(sql.encode())
    except UnicodeEncodeError:
        return Violation("unreadable", "the text is not valid Unicode")
    if size > MAX_BYTES:
        return Violation("too_long", f"{size} bytes of SQL; at most {MAX_BYTES} are read")
    blank = Text(dialect, sql, "", (), ())
    hidden = _HIDDEN.search(sql)
    if hidden:
        return blank.violation(
            "unstable_text", f"an invisible or control character (U+{ord(hidden.group()):04X})", hidden.start()
        )
    lone = _LONE_RETURN.search(sql)
    if lone:
        return blank.violation(
            "unstable_text", "a carriage return without a line feed: engines end lines differently", lone.start()
        )
    return None


def _why_not(sql: str, position: int) -> tuple[str, str]:
    mark = sql[position]
    if mark in "'\"`":
        return "unreadable", f"a {mark} that never closes, or that this dialect does not use for quoting"
    if sql.startswith("/*", position):
        return "unstable_text", "a comment that never closes or holds another comment"
    if not mark.isascii():
        return (
            "unstable_text",
            f"{mark!r} (U+{ord(mark):04X}) outside quotes: it may look like another letter; quote the name",
        )
    if mark == "$":
        return "forbidden_construct", "dollar quoting, substitution, or a placeholder that this dialect does not have"
    if mark.isdigit() or mark == ".":
        return "unstable_text", "a number that engines read differently; write plain digits"
    return "forbidden_construct", f"{mark!r} is not among the marks that may be used"


def _in_comment(text: Text, piece: str, position: int) -> Iterator[Violation]:
    if not engine_of(text.dialect).reading.has_backslashes:
        return
    if piece.startswith("--") and piece.endswith("\\"):
        yield text.violation("unstable_text", "a backslash at the end of a comment continues it on the next line", position)
    if "${" in piece:
        yield text.violation("unstable_text", "'${' is substituted before the engine reads the text", position)


def _in_quotes(text: Text, lexemes: list[Lexeme], piece: str, position: int) -> Iterator[Violation]:
    before = lexemes[-2] if len(lexemes) > 1 else None
    kind = lexemes[-1].kind
    if before is not None and kind in ("string", "raw"):
        if before.kind in ("string", "raw"):
            yield text.violation("unstable_text", "two strings in a row: engines join them differently; use ||", position)
        touches = before.start + len(before.text) == position
        if before.kind in ("word", "number") and touches and before.upper not in _WORDS_BEFORE_STRINGS:
            yield text.violation("forbidden_construct", f"{before.text}'...' is a string with a prefix", before.start)
    if engine_of(text.dialect).reading.has_backslashes:
        if "${" in piece:
            yield text.violation("unstable_text", "'${' is substituted before the engine reads the text", position)
        if kind == "string" and not _SAFE_ESCAPES.issuperset(_ESCAPES.findall(piece)):
            yield text.violation(
                "unstable_text", "a backslash escape other than \\\\ \\' \\\" \\n \\t \\r \\% \\_", position
            )
    if kind == "quoted":
        name = piece[1:-1]
        if not name.isascii() and unicodedata.normalize("NFKC", name) != unicodedata.normalize("NFC", name):
            yield text.violation("unstable_text", f"the name {piece} has another form that looks the same", position)
        if "\n" in name or "\\" in name:
            yield text.violation("unstable_text", f"the name {piece!r} cannot be printed safely", position)


def _one_way_to_quote(piece: str, dialect: Dialect, kind: str) -> str:
    """Where a doubled quote and a backslash may both stand for a quote, write the backslash: same length, one reading."""
    if kind == "string" and engine_of(dialect).reading.has_backslashes:
        mark = piece[0]
        inner = re.sub(
            rf"\\.|{mark}{mark}", lambda m: m.group() if m.group()[0] == "\\" else "\\" + mark, piece[1:-1], flags=re.DOTALL
        )
        return mark + inner + mark
    return piece


# The parser reads these as a type first and as a call second: each one nested in another doubles its time.
_READ_TWICE = frozenset({"STRUCT", "OBJECT", "UNION", "MAP", "NESTED", "ROW", "SORT_ARRAY", "CORR", "ENUM"})
_PREFIXES = frozenset({"NOT", "-", "+", "~"})
_POSTFIXES = frozenset({"::", "[", ".", "COLLATE", "AT", "IS", "OVER", "AS"})
_NEUTRAL = frozenset({"(", ")", "]"})
_NEW_TERMS = frozenset(
    {"SELECT", "FROM", "WHERE", "AND", "OR", "WHEN", "THEN", "ELSE", "JOIN", "ON", "BY", "UNION", "USING", "IN"}
)


def _too_deep(text: Text, lexemes: list[Lexeme]) -> Iterator[Violation]:
    """Brackets of every kind and CASE, counted together; and runs of prefixes and postfixes, which nest as deep."""
    open_marks: list[str] = []
    prefixes = postfixes = 0
    before = ""
    for lexeme in lexemes:
        mark = lexeme.upper
        if mark in ("(", "[", "CASE"):
            open_marks.append(before)
        elif mark in (")", "]", "END") and open_marks:
            open_marks.pop()
        prefixes = prefixes + 1 if mark in _PREFIXES else prefixes if mark == "(" else 0
        if mark in _POSTFIXES:
            postfixes += 1
        elif mark in _NEW_TERMS or (lexeme.kind == "operator" and mark not in _NEUTRAL):
            postfixes = 0
        before = mark
        if (
            max(prefixes, postfixes) > MAX_CHAIN
            or len(open_marks) > MAX_DEPTH
            or (mark == "(" and len(open_marks) > MAX_READINGS and _readings(open_marks) > MAX_READINGS)
        ):
            yield text.violation(
                "too_deep", f"nested too deep: at most {MAX_DEPTH} brackets, {MAX_CHAIN} prefixes or casts", lexeme.start
            )
            return


def _readings(open_marks: list[str]) -> int:
    return sum(mark in _READ_TWICE for mark in open_marks)

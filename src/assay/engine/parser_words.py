"""What the parser says of a text that it cannot read, in plain words."""

import re
from typing import NamedTuple

from sqlglot.errors import SqlglotError
from sqlglot.tokens import Tokenizer

_LACKS = re.compile(r"Required keyword: '\w+' missing for <class '[\w.]*\.(\w+)'>")
_INNER = re.compile(r"<|AST|\bfor class\b")


class Said(NamedTuple):
    text: str
    line: int | None
    column: int | None


def plainly(error: SqlglotError) -> Said:
    """Its first complaint, without control characters and without the names of its own parts."""
    details = (getattr(error, "errors", None) or [{}])[0]
    return Said(_plain(str(details.get("description") or "")), details.get("line"), details.get("col"))


def _plain(description: str) -> str:
    said = re.sub(r"\x1b\[[0-9;]*m", "", description).strip().rstrip(".")
    if lacks := _LACKS.match(said):
        word = lacks[1].upper()
        return f"{word} is not complete" if word in Tokenizer.KEYWORDS else "something is missing here"
    if said.endswith("does not support CTE"):
        return "a SELECT is wanted after WITH"
    if "Maximum number of AST nodes" in said:
        return "the text has too many parts to be read"
    said = said.partition(" but got <")[0]
    return said if said and not _INNER.search(said) else "the text cannot be read"

"""CSV: every digit that travelled, texts in quotes, and no text that a spreadsheet would take for a formula."""

import re

from assay.web.formats.table import Cell, Table

_IGNORED = (
    r"\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
)
FORMULA = re.compile(rf"'*(?:[{_IGNORED}]*[=+\-@＝＋－＠]|[\t\r\n])")
"""What a spreadsheet may take for a formula, also behind blanks that it skips, and in full width. With apostrophes before
it, it is such a text that was made harmless already: it gets one more, so that taking one away gives back what it was."""
_BARE = ("integer", "decimal", "double", "date", "timestamp")


def harmless(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text


def csv_text(table: Table) -> bytes:
    """RFC 4180 in UTF-8. No value is an empty field, an empty text is two quotes: they are told apart."""
    head = [_quoted(each.name) for each in table.columns]
    columns = [[_field(cell, each.kind) for cell in each.cells] for each in table.columns]
    rows = [head, *zip(*columns, strict=True)]
    return "".join(",".join(row) + "\r\n" for row in rows).encode()


def _field(cell: Cell, kind: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell) if kind in _BARE or not isinstance(cell, str) else _quoted(cell)


def _quoted(text: str) -> str:
    return '"' + harmless(text).replace('"', '""') + '"'

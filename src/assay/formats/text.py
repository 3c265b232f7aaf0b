"""CSV: every digit that travelled, texts in quotes, and no text that a spreadsheet would take for a formula."""

from assay.formats.table import Cell, Table
from assay.work.cells import harmless

_BARE = ("integer", "decimal", "double", "date", "timestamp")


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

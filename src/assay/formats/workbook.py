"""Workbooks: a sheet for each table, and one that says where the numbers came from.

A spreadsheet's number has 15 digits: what has more is written as text, and so are instants, which have no zone there.
Lengths are counted as the format counts them, in units of UTF-16.
"""

import io
import itertools
import math
import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from assay.errors import TooLarge
from assay.formats.table import Cell, Column, Table
from assay.work.cells import FORMULA

_DIGITS = 15
_MOST_LETTERS = 32_767
_LONGEST_NAME = 31
_FIRST_DAY = date(1900, 3, 1)
"""Before it spreadsheets count a day that never was."""
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LOOKS_RICH = re.compile(r"<r>.*</r>", re.DOTALL)
"""What the writer would take for markup of its own."""


def workbook(tables: Sequence[tuple[str, Table]]) -> bytes:
    """`tables` with the names that their sheets are to have. Raises TooLarge where a text fits into no cell."""
    from xlsxwriter import Workbook

    # Before anything is written: the writer would leave such a text out.
    for _, table in tables:
        _check_lengths(table)
    out = io.BytesIO()
    book = Workbook(out, {"constant_memory": True})
    book.set_custom_property("assay.receipt_id", ", ".join(table.receipt_id for _, table in tables)[:255], "text")
    taken = {"receipts", "history"}
    for number, (name, table) in enumerate(tables, 1):
        _write_table(book, book.add_worksheet(_sheet_name(name, number, taken)), table)
    _write_receipts(book, book.add_worksheet("Receipts"), tables)
    book.close()
    return out.getvalue()


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cut(text: str, most: int) -> str:
    """Not within a letter."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * most].decode("utf-16-le", "ignore")


def _check_lengths(table: Table) -> None:
    longest = max((_units(cell) for each in table.columns for cell in each.cells if isinstance(cell, str)), default=0)
    if longest > _MOST_LETTERS:
        raise TooLarge(
            f"A text has {longest:,} letters, and a cell of a workbook holds {_MOST_LETTERS:,}.",
            mend="ask for CSV, Arrow or Parquet",
        )


def _sheet_name(name: str, number: int, taken: set[str]) -> str:
    wanted = _cut(_NOT_IN_NAMES.sub(" ", name).strip(" '"), _LONGEST_NAME).strip(" '") or f"Answer {number}"
    chosen, numbers = wanted, itertools.count(number)
    while chosen.lower() in taken:
        ending = f" {next(numbers)}"
        chosen = _cut(wanted, _LONGEST_NAME - len(ending)) + ending
    taken.add(chosen.lower())
    return chosen


def _write_table(book: Any, sheet: Any, table: Table) -> None:
    bold = book.add_format({"bold": True})
    texts = _Texts(book, sheet)
    for index, column in enumerate(table.columns):
        texts.write(0, index, column.name, bold)
    sheet.freeze_panes(1, 0)
    formats = [_format(book, each) for each in table.columns]
    for index, column in enumerate(table.columns):
        sheet.set_column(index, index, max(12, min(40, len(column.name) + 2)))
    for number, row in enumerate(zip(*(each.cells for each in table.columns), strict=True), 1):
        for index, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            _write_cell(sheet, texts, number, index, cell, column, formats[index])


def _format(book: Any, column: Column) -> Any:
    if column.sql == "DATE":
        return book.add_format({"num_format": "yyyy-mm-dd"})
    if column.sql.startswith("DECIMAL"):
        scale = int(column.sql.rpartition(",")[2].strip(" )"))
        return book.add_format({"num_format": "#,##0" + ("." + "0" * scale if scale else "")})
    return book.add_format({"num_format": "#,##0"}) if column.kind == "integer" else None


def _write_cell(sheet: Any, texts: "_Texts", row: int, index: int, cell: Cell, column: Column, how: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        _expect_written(sheet.write_boolean(row, index, cell))
        return
    if column.kind == "date":
        day = date.fromisoformat(str(cell)) if column.sql == "DATE" else None
        if day is not None and day >= _FIRST_DAY:
            _expect_written(sheet.write_datetime(row, index, day, how))
            return
    elif column.kind in ("integer", "decimal", "double") and _fits(cell, column.kind):
        _expect_written(sheet.write_number(row, index, float(cell), how))
        return
    texts.write(row, index, str(cell))


def _fits(cell: Cell, kind: str) -> bool:
    """Whether a spreadsheet's number holds every digit of it; of a double, whether the writer's 16 make the same one."""
    if kind == "double":
        return isinstance(cell, (int, float)) and math.isfinite(cell) and float(f"{cell:.16G}") == cell
    # By its letters: arithmetic on it would be rounded to 28 digits.
    return Decimal(str(cell)).is_finite() and len(re.sub(r"\D", "", str(cell)).strip("0")) <= _DIGITS


def _expect_written(code: int) -> None:
    """The writer cuts or leaves out what has no place, and says so by a number alone. Raises TooLarge."""
    if code:
        raise TooLarge("A workbook cannot hold all of this answer.", mend="ask for CSV, Arrow or Parquet")


class _Texts:
    """Writes texts as texts: none becomes a formula, now or when somebody edits it."""

    def __init__(self, book: Any, sheet: Any) -> None:
        self._sheet = sheet
        self._guarded = book.add_format({"quote_prefix": True})

    def write(self, row: int, index: int, text: str, how: Any = None) -> None:
        if _LOOKS_RICH.fullmatch(text):
            code = self._sheet.write_rich_string(row, index, *text[:2], text[2:])
        else:
            code = self._sheet.write_string(row, index, text, self._guarded if FORMULA.match(text) else how)
        _expect_written(code)


def _write_receipts(book: Any, sheet: Any, tables: Sequence[tuple[str, Table]]) -> None:
    bold, texts = book.add_format({"bold": True}), _Texts(book, sheet)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 90)
    row = 0
    for name, table in tables:
        texts.write(row, 0, name[:200], bold)
        row += 1
        for label, told in _lines(table):
            texts.write(row, 0, label)
            texts.write(row, 1, told if _units(told) <= _MOST_LETTERS else f"{_cut(told, _MOST_LETTERS - 1)}…")
            row += 1
        row += 1


def _lines(table: Table) -> Iterator[tuple[str, str]]:
    about, known = table.about, table.about["provenance"]
    window = about["question"]["window"]
    yield "receipt", table.receipt_id
    yield "metrics", ", ".join(about["metrics"])
    yield "definition", known["definition"]
    if window:
        yield "window", f"{window['start']} to before {window['end']}, {window['timezone']}"
    yield "as of", known["as_of"]
    yield "backend", known["backend"]
    yield "parity", known["parity"]["standing"].replace("_", " ")
    if known["stale"]:
        yield "STALE", known["stale_reason"]
    if known["truncated"]:
        yield "cut off", f"there are more rows than these {known['rows_returned']:,}"
    if "folded" in about:
        yield "folded", about["folded"]["sentence"]
    for each in about["partial"]:
        yield "partial", f"{each['time']}: {'not over yet' if each['reason'] == 'so_far' else 'cut by the window'}"
    yield "digest of the values", known["value_digest"]
    yield "data version", known["data_version"]
    yield "SQL", known["sql"]

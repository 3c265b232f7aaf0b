"""Sheets of a workbook as CSV, so that they are taken in as any other file: one file for each sheet that holds a table."""

import csv
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from assay.catalog.spelling import unused
from assay.errors import SetupFailed

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_TOTALS = frozenset("total totals sum gesamt summe suma somme".split()) | {"grand total", "total général", "total general"}


def sheets(path: Path, into: Path, tell: Callable[[str], None]) -> Iterator[tuple[str, Path]]:
    """Each sheet with rows under a header: (its name, a CSV in the folder `into`). Raises SetupFailed with the mend."""
    # Loaded by those who take in a workbook alone.
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        with CalamineWorkbook.from_path(path) as book:
            for at, sheet in enumerate(book.sheets_metadata):
                if sheet.typ != SheetTypeEnum.WorkSheet or sheet.visible != SheetVisibleEnum.Visible:
                    tell(f"Left out the sheet {sheet.name!r}, which is hidden or holds no cells")
                    continue
                table = _table(book.get_sheet_by_name(sheet.name).to_python())
                if table is None:
                    tell(f"Left out the sheet {sheet.name!r}: no row of it is a header with rows below it")
                    continue
                header, rows = table
                rows = _without_totals(rows, sheet.name, tell)
                file = into / f"{at}.csv"
                with file.open("w", encoding="utf-8", newline="") as out:
                    writer = csv.writer(out)
                    writer.writerow(header)
                    writer.writerows([_written(each) for each in row] for row in rows)
                yield sheet.name, file
    except CalamineError as error:
        raise SetupFailed(
            f"{path.name} cannot be read: {str(error)[:200]}", mend="see that it opens without a password, or save it as CSV"
        ) from error


def _table(cells: list[list[Any]]) -> tuple[list[str], list[list[Any]]] | None:
    """The header and the rows below it: titles and notes may stand above, and empty columns between."""
    width = max((sum(each != "" for each in row) for row in cells), default=0)
    for at, row in enumerate(cells):
        named = [place for place, each in enumerate(row) if each != ""]
        if len(named) < max(1, (width + 1) // 2) or not all(isinstance(row[place], str) for place in named):
            continue
        rows = [each for each in cells[at + 1 :] if any(cell != "" for cell in each)]
        kept = [place for place in range(len(row)) if any(each[place] != "" for each in rows)]
        taken: set[str] = set()
        header = [unused(" ".join(str(row[place]).split()) or f"column {place + 1}", taken) for place in kept]
        return (header, [[each[place] for place in kept] for each in rows]) if rows else None
    return None


def _without_totals(rows: list[list[Any]], sheet: str, tell: Callable[[str], None]) -> list[list[Any]]:
    """A last row of totals would be counted, and added to what it is the total of."""
    first = next((each for each in rows[-1] if each != ""), "")
    if len(rows) > 1 and isinstance(first, str) and first.strip().rstrip(":").casefold() in _TOTALS:
        tell(f"Left out the last row of {sheet!r}, which is its total")
        return rows[:-1]
    return rows


def _written(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)

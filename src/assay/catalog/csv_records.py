"""The records of a CSV as they were written, so that some can be changed and the rest of the file stays to the letter."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass
class CsvRecord:
    cells: dict[str, str]
    raw: str

    @property
    def table(self) -> str:
        return f"{self.cells['schema_name']}.{self.cells['table_name']}"


class CsvRecords:
    """The records of a CSV, each as it was written, and new ones in the order of its own header."""

    def __init__(self, text: str) -> None:
        first, *lines = list(_records(text.removeprefix("\ufeff")))
        self._first, self.header = first, next(csv.reader([first]))
        self.records = [
            CsvRecord(dict(zip(self.header, next(csv.reader([raw])), strict=False)), raw) for raw in lines if raw.strip()
        ]

    def written(self, cells: Mapping[str, str]) -> CsvRecord:
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\r\n" if self._first.endswith("\r\n") else "\n").writerow(
            [cells.get(name, "") for name in self.header]
        )
        return CsvRecord(dict(cells), out.getvalue())

    def widen(self, name: str) -> None:
        """A column behind the others, empty in each record there is, where the header has none of that name."""
        if name in self.header:
            return
        cells = [each.cells for each in self.records]
        self.header.append(name)
        self._first = self.written({each: each for each in self.header}).raw
        self.records = [self.written(each) for each in cells]

    def replace(self, record: CsvRecord, **cells: str) -> None:
        self.records[self.records.index(record)] = self.written({**record.cells, **cells})

    def text(self) -> str:
        return "".join(
            each if each.endswith("\n") else f"{each}\n" for each in (self._first, *(one.raw for one in self.records))
        )


def _records(text: str) -> Iterator[str]:
    """The lines, those put together over which a quoted cell goes; a cell may hold what only Unicode calls a line's end."""
    kept = ""
    for line in io.StringIO(text, newline=""):
        kept += line
        if kept.count('"') % 2 == 0:
            yield kept
            kept = ""
    if kept:
        yield kept

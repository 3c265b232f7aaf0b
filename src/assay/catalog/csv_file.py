"""A CSV of the workspace: its rows with their lines, and in a sentence what keeps it from being read."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from assay.catalog.findings import BEGUN, Finding, cannot_be_read
from assay.work.cells import unharmed

_SEPARATORS = ((";", "semicolons"), ("\t", "tabs"), ("|", "bars"), (":", "colons"), ("^", "carets"))


def names_nothing(_: list[str]) -> frozenset[str]:
    return frozenset()


class CsvFile:
    """Rows of one CSV with their line numbers; what is wrong is noted, never raised.

    `optional` columns may stand behind the header's, `never_empty` names cells that each row fills. What cannot be read
    at all takes away `names`, and a row that cannot be read `names_of` its cells.
    """

    def __init__(
        self,
        file: str,
        content: bytes | OSError,
        header: Sequence[str],
        findings: list[Finding],
        *,
        optional: Sequence[str] = (),
        never_empty: Sequence[str] = (),
        names: frozenset[str] = frozenset(),
        names_of: Callable[[list[str]], frozenset[str]] = names_nothing,
    ) -> None:
        self.file = file
        self._content = content
        self._header = list(header)
        self._findings = findings
        self._optional = list(optional)
        self._never_empty = never_empty
        self._names = names
        self._names_of = names_of

    def note(self, line: int | None, message: str, mend: str | None = None, wants: frozenset[str] = frozenset()) -> None:
        self._findings.append(Finding(self.file, line, message, mend, wants=wants))

    def _unreadable(self, line: int | None, message: str, mend: str, names: frozenset[str] | None = None) -> None:
        """What could not be read at all; all that misses it follows from it."""
        self._findings.append(Finding(self.file, line, message, mend, names=self._names if names is None else names))

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """(line on which the row begins, its cells by header)."""
        text = self._text()
        if text is None:
            return
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        line, columns = 1, len(self._header)
        try:
            header = next(reader, None) or []
            if header[: columns + len(self._optional)] == self._header + self._optional:
                self._header += self._optional
                columns = len(self._header)
            # A spreadsheet writes empty columns where one was filled once.
            if header[:columns] != self._header or any(header[columns:]):
                self._wrong_header(header, text)
                return
            line = reader.line_num + 1
            for cells in reader:
                begun, line = line, reader.line_num + 1
                if not any(cells):
                    continue
                if len(cells) < columns or any(cells[columns:]):
                    self._unreadable(begun, f"{len(cells)} cells where the header has {columns}",
                                    "quote cells that hold commas", self._names_of(cells))  # fmt: skip
                    continue
                row = dict(zip(self._header, (unharmed(cell.strip()) for cell in cells), strict=False))
                missing = [name for name in self._never_empty if not row[name]]
                if missing:
                    mend = "fill it in or delete the row"
                    self._unreadable(begun, f"{', '.join(missing)} is empty", mend, self._names_of(cells))
                    continue
                yield begun, row
        except csv.Error as error:
            if line == 1 and self._is_separated_otherwise(text):
                return
            self._unreadable(line, f"the CSV cannot be read: {error}", "check the quotes from this line on")

    def _text(self) -> str | None:
        content = self._content
        if isinstance(content, FileNotFoundError):
            mend = f"create it with the header {','.join(self._header)}"
            self._findings.append(Finding(self.file, None, "the file is missing", mend, names=self._names, wants=BEGUN))
            return None
        if isinstance(content, OSError):
            self._findings.append(cannot_be_read(self.file, content, self._names))
            return None
        if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:4]:
            self._unreadable(1, "the file is UTF-16, as spreadsheets write Unicode text", "save it as CSV in UTF-8")
            return None
        if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            self._unreadable(1, "the file is a workbook of a spreadsheet, not a CSV", "save it as CSV in UTF-8")
            return None
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self._unreadable(line, f"byte {error.start} is not UTF-8", "save the file as UTF-8")
            return None
        if "\x00" in text:
            self._unreadable(text[: text.index("\x00")].count("\n") + 1, "a NUL stands in the file", "delete it")
            return None
        return text

    def _is_separated_otherwise(self, text: str) -> bool:
        """Whether the first line is the header with other separators; it is told then."""
        first = text.partition("\n")[0].strip()
        for separator, name in _SEPARATORS:
            if [each.strip().strip('"') for each in first.split(separator)][: len(self._header)] == self._header:
                self._unreadable(1, f"the cells are separated by {name}", "save it with commas")
                return True
        return False

    def _wrong_header(self, header: list[str], text: str) -> None:
        if self._is_separated_otherwise(text):
            return
        first = text.partition("\n")[0].strip()
        if first.lower().startswith("sep="):
            mend = "delete that line" + ("" if first[4:].strip('"') == "," else ", and save the file with commas")
            self._unreadable(1, f"the first line is {first!r}, a note of spreadsheets to themselves", mend)
            return
        missing = [name for name in self._header if name not in header]
        extra = [name for name in header if name and name not in self._header]
        parts = [f"missing {', '.join(missing)}"] if missing else []
        parts += [f"not known {', '.join(extra)}"] if extra else []
        self._unreadable(1, "wrong header: " + ("; ".join(parts) or "the columns stand in another order"),
                        f"write {','.join(self._header)}")  # fmt: skip

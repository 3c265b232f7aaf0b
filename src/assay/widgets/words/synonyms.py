"""The workspace's own words for dimensions and their values: `data-dictionary/synonyms.csv`, where there is one.

`column` is a column of the dictionary, bare (then it speaks of every table that has it) or `table.column`;
an empty `value` gives words for the dimension itself; `words` are separated by semicolons, in any language.
"""

import csv
import io
from dataclasses import dataclass

from assay.catalog.dictionary import DICTIONARY
from assay.catalog.findings import Finding, cannot_be_read, nearest
from assay.catalog.workspace import Workspace
from assay.work.files import read_file

FILE = "data-dictionary/synonyms.csv"
HEADER = ["column", "value", "words"]


@dataclass(frozen=True)
class Synonyms:
    dimensions: dict[str, tuple[str, ...]]
    """By qualified `schema.table.column`."""
    values: dict[str, dict[str, tuple[str, ...]]]


def read_synonyms(workspace: Workspace) -> tuple[Synonyms, list[Finding]]:
    """What the file says; what it says wrongly becomes findings and is left out."""
    found = Synonyms({}, {})
    findings: list[Finding] = []
    try:
        content = read_file(workspace.root / FILE)
    except FileNotFoundError:
        return found, findings
    except OSError as error:
        return found, [cannot_be_read(FILE, error)]
    if not content:
        return found, findings
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""), strict=True)
    try:
        if next(reader, None) != HEADER:
            return found, [Finding(FILE, 1, "wrong header", f"write {','.join(HEADER)}")]
        for cells in reader:
            if any(cells):
                _take(found, cells, workspace, reader.line_num, findings)
    except csv.Error as error:
        findings.append(Finding(FILE, reader.line_num, f"the CSV cannot be read: {error}", "check the quotes"))
    return found, findings


def _take(found: Synonyms, cells: list[str], workspace: Workspace, line: int, findings: list[Finding]) -> None:
    if len(cells) != len(HEADER):
        findings.append(Finding(FILE, line, f"{len(cells)} cells where the header has {len(HEADER)}"))
        return
    name, value, text = (cell.strip() for cell in cells)
    words = tuple(each.strip() for each in text.split(";") if each.strip())
    keys = list[str]()
    for table in workspace.dictionary.tables.values():
        for column in table.columns.values():
            if name not in (column.name, f"{table.name}.{column.name}", f"{table.qualified}.{column.name}"):
                continue
            if column.pii is not None:
                findings.append(Finding(FILE, line, f"{table.name}.{column.name} is personal data", "delete the row"))
                return
            keys.append(f"{table.qualified}.{column.name}")
    if not keys:
        columns = {column for table in workspace.dictionary.tables.values() for column in table.columns}
        mend = nearest(name.rpartition(".")[2], columns)
        findings.append(Finding(FILE, line, f"there is no column {name!r}", mend, wants=frozenset({DICTIONARY})))
        return
    if not words:
        findings.append(Finding(FILE, line, f"{name}: no words", "write words separated by ; or delete the row"))
    for key in keys:
        if value:
            own = found.values.setdefault(key, {})
            own[value] = (*own.get(value, ()), *words)
        else:
            found.dimensions[key] = (*found.dimensions.get(key, ()), *words)

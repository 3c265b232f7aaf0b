"""The workspace's own words for dimensions and their values: `data-dictionary/synonyms.csv`, where there is one.

`column` is a column of the dictionary, bare (then it speaks of every table that has it) or `table.column`;
an empty `value` gives words for the dimension itself; `words` are separated by semicolons, in any language.
"""

from dataclasses import dataclass

from assay.catalog.csv_file import CsvFile
from assay.catalog.dictionary import DICTIONARY
from assay.catalog.findings import Finding, nearest
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
        content = error
    if content:
        file = CsvFile(FILE, content, HEADER, findings, never_empty=("column", "words"))
        for line, row in file.rows():
            _take(found, row, workspace, line, file)
    return found, findings


def _take(found: Synonyms, row: dict[str, str], workspace: Workspace, line: int, file: CsvFile) -> None:
    name, value = row["column"], row["value"]
    words = tuple(each.strip() for each in row["words"].split(";") if each.strip())
    keys = list[str]()
    for table in workspace.dictionary.tables.values():
        for column in table.columns.values():
            if name not in (column.name, f"{table.name}.{column.name}", f"{table.qualified}.{column.name}"):
                continue
            if column.pii is not None:
                file.note(line, f"{table.name}.{column.name} is personal data", "delete the row")
                return
            keys.append(f"{table.qualified}.{column.name}")
    if not keys:
        columns = {column for table in workspace.dictionary.tables.values() for column in table.columns}
        mend = nearest(name.rpartition(".")[2], columns)
        file.note(line, f"there is no column {name!r}", mend, frozenset({DICTIONARY}))
        return
    if not words:
        file.note(line, f"{name}: no words", "write words separated by ; or delete the row")
    for key in keys:
        if value:
            own = found.values.setdefault(key, {})
            own[value] = (*own.get(value, ()), *words)
        else:
            found.dimensions[key] = (*found.dimensions.get(key, ()), *words)

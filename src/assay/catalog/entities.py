"""What tables offer to their metrics, read from `entities/`; what cannot be taken, and which tables that leaves in doubt."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assay.catalog.binder import Binder
from assay.catalog.dictionary import DICTIONARY, Dictionary, Table
from assay.catalog.entry import EntityEntry
from assay.catalog.faults import faults_of
from assay.catalog.findings import Finding, named, nearest
from assay.catalog.folder import content_files
from assay.catalog.formula import BadFormula
from assay.catalog.hierarchies import Hierarchy, read_hierarchy
from assay.catalog.marked_yaml import BadYaml, MarkedYaml, parse_yaml, read_text

ENTITIES = frozenset({"entities"})
"""What a file that cannot be read takes away, as findings name it."""


@dataclass
class Entities:
    """`known` by qualified table. A metric over a table in doubt is not bound: it would count other rows than it says."""

    known: dict[str, EntityEntry] = field(default_factory=dict[str, EntityEntry])
    hierarchies: dict[str, tuple[Hierarchy, ...]] = field(default_factory=dict[str, tuple[Hierarchy, ...]])
    """Those that can be used, by qualified table."""
    findings: list[Finding] = field(default_factory=list[Finding])
    doubtful: dict[str, str] = field(default_factory=dict[str, str])
    """Tables of which something was written that could not be taken, and what."""
    unread: str | None = None
    """Why something could not be read: any table that is not known may be meant in it."""

    def doubt(self, table: Table | None) -> str | None:
        """Why it is not known what the table offers; None where that is known, or nobody says anything of it."""
        if table is None or table.qualified in self.known:
            return None
        return self.doubtful.get(table.qualified) or self.unread


def read_entities(root: Path, dictionary: Dictionary) -> Entities:
    found = Entities()
    for path in content_files(root / "entities"):
        shown = f"entities/{path.name}"
        try:
            marked = parse_yaml(read_text(path))
        except BadYaml as error:
            _note_unread(found, [*error.findings(shown)], f"{shown}: {error}")
            continue
        listed = marked.data.get("entities") if isinstance(marked.data, dict) else None
        if strays := marked.strays("entities"):
            told = [Finding(shown, line, message, mend) for message, line, mend in strays]
            _note_unread(found, told, str(told[0]))
            continue
        if not isinstance(listed, list):
            message = "holds no list `entities:`"
            _note_unread(found, [Finding(shown, 1, message, "begin the file with entities:")], f"{shown} {message}")
            continue
        for index, raw in enumerate(listed):
            _read_entity(found, dictionary, shown, raw, marked, index)
    return found


def _note_unread(found: Entities, findings: list[Finding], why: str) -> None:
    found.findings += [Finding(each.file, each.line, each.message, each.mend, names=ENTITIES) for each in findings]
    found.unread = found.unread or why


def _read_entity(
    found: Entities, dictionary: Dictionary, shown: str, raw: Any, marked: MarkedYaml, index: int
) -> None:  # fmt: skip
    line = marked.line(("entities", index)) or 1
    name = raw.get("table") if isinstance(raw, dict) else None
    table = dictionary.find(name) if isinstance(name, str) else None
    try:
        entry = EntityEntry.model_validate(raw)
    except ValidationError as error:
        faults = faults_of(error.errors(), EntityEntry)
        told = [
            Finding(shown, marked.line(("entities", index, *fault.place)) or line,
                    f"{name or f'entry {index + 1}'}: {fault.told_of('')}", fault.mend)
            for fault in faults
        ]  # fmt: skip
        _note(found, table, told)
        return
    if table is None:
        hint = nearest(entry.table, dictionary.table_names)
        missing = Finding(shown, line, f"no table {entry.table!r} in the dictionary", hint,
                          names=ENTITIES, wants=named("table", entry.table) | {DICTIONARY})  # fmt: skip
        found.findings.append(missing)
        found.unread = found.unread or str(missing)
        return
    if table.qualified in found.known or table.qualified in found.doubtful:
        _note(found, table, [Finding(shown, line, f"{entry.table} stands twice", "write all of it in one place")])
        return
    binder, names = Binder(dictionary), named("entity", table.qualified)
    segments = list(_segment_faults(binder, table, entry))
    hierarchies = list(_hierarchies(binder, table, entry))
    unusable = [(place, each) for place, each in hierarchies if isinstance(each, str)]
    for place, message in [*_faults(binder, table, entry), *segments, *unusable]:
        where = marked.line(("entities", index, *place)) or line
        found.findings.append(Finding(shown, where, f"{entry.table}: {message}", names=names))
    # No number depends on a segment that nobody has switched on, nor on a hierarchy: its metrics serve without it.
    found.hierarchies[table.qualified] = tuple(each for _, each in hierarchies if isinstance(each, Hierarchy))
    broken = {number for (_, number), _ in segments}
    kept = tuple(each for number, each in enumerate(entry.segments) if number not in broken)
    found.known[table.qualified] = entry.model_copy(update={"segments": kept})


def _note(found: Entities, table: Table | None, told: list[Finding]) -> None:
    """What could not be taken of a table, or of one that nobody can tell."""
    if table is None:
        _note_unread(found, told, str(told[0]))
        return
    names = named("entity", table.qualified)
    found.findings += [Finding(each.file, each.line, each.message, each.mend, names=names) for each in told]
    found.known.pop(table.qualified, None)
    found.hierarchies.pop(table.qualified, None)
    found.doubtful.setdefault(table.qualified, told[0].message)


def _faults(binder: Binder, table: Table, entry: EntityEntry) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(where, what) of each thing that no metric could use."""
    seen: set[str] = set()
    for number, dimension in enumerate(entry.dimensions):
        place = ("dimensions", number)
        try:
            name = binder.dimension(table, dimension).name
        except BadFormula as error:
            yield place, str(error)
            continue
        if name in seen:
            yield place, f"dimension {name!r} stands twice"
        seen.add(name)
    if entry.time:
        try:
            binder.time(table, entry.time)
        except BadFormula as error:
            yield ("time",), str(error)


def _segment_faults(binder: Binder, table: Table, entry: EntityEntry) -> Iterator[tuple[tuple[str, int], str]]:
    for number, segment in enumerate(entry.segments):
        if segment.name in {each.name for each in entry.segments[:number]}:
            yield ("segments", number), f"segment {segment.name!r} stands twice"
            continue
        try:
            binder.segment(table, segment)
        except BadFormula as error:
            yield ("segments", number), str(error)


def _hierarchies(
    binder: Binder, table: Table, entry: EntityEntry
) -> Iterator[tuple[tuple[str | int, ...], Hierarchy | str]]:  # fmt: skip
    """(where, the hierarchy or what is wrong with it)."""
    for number, written in enumerate(entry.hierarchies):
        place = ("hierarchies", number)
        if written.name in {each.name for each in entry.hierarchies[:number]}:
            yield place, f"hierarchy {written.name!r} stands twice"
            continue
        try:
            found = read_hierarchy(binder, table, entry, written)
        except BadFormula as error:
            yield place, str(error)
        else:
            yield from [(place, found)] if found else []

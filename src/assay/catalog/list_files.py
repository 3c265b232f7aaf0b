"""Files of a folder that hold lists of entries, read with what is wrong in them by file and line."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from assay.catalog.faults import faults_of
from assay.catalog.findings import Finding, named, nearest
from assay.catalog.folder import content_files
from assay.catalog.marked_yaml import BadYaml, MarkedYaml, parse_yaml, read_text

E = TypeVar("E", bound=BaseModel)
Read = list[tuple[str, MarkedYaml]]
"""Each file by its name as findings show it."""
Misfit = tuple[tuple[str | int, ...], str, str | None, str | None]
"""(place in the entry, what, mend, metric that is missing) of a thing for which an entry cannot be taken."""


@dataclass(frozen=True)
class Listed(Generic[E]):
    """An entry that was taken, and where it stands."""

    entry: E
    file: str
    line: int


def read_list_files(folder: Path, lists: tuple[str, ...], findings: list[Finding]) -> Read:
    """Those that hold the named lists and nothing else; of the others, findings."""
    taken: Read = []
    for path in content_files(folder):
        shown = f"{folder.name}/{path.name}"
        try:
            marked = parse_yaml(read_text(path))
        except BadYaml as error:
            findings += error.findings(shown)
            continue
        if found := list(_of_form(shown, marked, lists)):
            findings += found
        else:
            taken.append((shown, marked))
    return taken


def _of_form(shown: str, marked: MarkedYaml, lists: tuple[str, ...]) -> Iterator[Finding]:
    data: Any = marked.data
    names = " or ".join(f"{each}:" for each in lists)
    if not isinstance(data, dict):
        yield Finding(shown, 1, f"holds no list `{lists[-1]}:`", f"begin the file with {names}")
        return
    for key in data:
        line = marked.line((key,)) or 1
        if key not in lists:
            yield Finding(
                shown, line, f"{key} is not known here", nearest(str(key), set(lists)) or f"the file holds {names}"
            )
        elif not isinstance(data[key], list):
            yield Finding(shown, line, f"{key} is not a list", "begin each entry with -")


def entries_of(
    shown: str, marked: MarkedYaml, name: str, form: type[E], findings: list[Finding]
) -> Iterator[tuple[int, int, E]]:
    """(its number, its line, the entry) of each of a list that can be taken; of the others, findings."""
    for index, raw in enumerate(marked.data.get(name, ())):
        line = marked.line((name, index)) or 1
        try:
            yield index, line, form.model_validate(raw)
        except ValidationError as error:
            told = raw.get("id") or raw.get("name") if isinstance(raw, dict) else None
            findings += [
                Finding(shown, marked.line((name, index, *fault.place)) or line,
                        f"{told or f'entry {index + 1}'}: {fault.told_of('')}", fault.mend)
                for fault in faults_of(error.errors(), form)
            ]  # fmt: skip


def take_entries(
    read: Read, name: str, form: type[E], misfits_of: Callable[[E], Iterable[Misfit]], findings: list[Finding],
    twice: str = "give one of them another id",
) -> dict[str, Listed[E]]:  # fmt: skip
    """By its `id`, in order of the files, each of a list that fits and whose id is its own; of the others, findings.

    `twice`: what mends that an id is there already.
    """
    taken: dict[str, Listed[E]] = {}
    for shown, marked in read:
        for index, line, entry in entries_of(shown, marked, name, form, findings):
            entry_id: str = attrgetter("id")(entry)
            faults = [
                Finding(shown, marked.line((name, index, *place)) or line, f"{entry_id}: {message}", mend, metric_id,
                        wants=named("metric", metric_id) | {"metrics"} if metric_id else frozenset())
                for place, message, mend, metric_id in misfits_of(entry)
            ]  # fmt: skip
            if entry_id in taken:
                message = f"the {name.removesuffix('s')} {entry_id} stands twice (first in {taken[entry_id].file})"
                faults.append(Finding(shown, line, message, twice))
            findings += faults
            if not faults:
                taken[entry_id] = Listed(entry, shown, line)
    return taken

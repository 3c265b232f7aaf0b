"""What both files of the loop are proved with: findings with their lines, and names that have to exist."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from assay.catalog.faults import faults_of
from assay.catalog.findings import Finding, nearest
from assay.catalog.marked_yaml import BadYaml, MarkedYaml, read_yaml
from assay.loop.values import FILTERS, paths_of

Fields = Mapping[str, set[str] | None]
"""The names of each part; None stands for a part that is a value itself."""
T = TypeVar("T", bound=BaseModel)


class Unread(set[str]):
    """The names of a part whose statement was refused: that is said once, and not again for every name."""

    def __contains__(self, name: object) -> bool:
        return True


@dataclass
class Proof:
    """One file: what it says, and what is wrong with it."""

    file: str
    findings: list[Finding]
    marked: MarkedYaml = field(default_factory=lambda: MarkedYaml(None, {}))

    def read(self, root: Path, model: type[T]) -> T | None:
        try:
            self.marked = read_yaml(root / self.file)
            return model.model_validate(self.marked.data)
        except BadYaml as error:
            self.findings += error.findings(self.file)
        except ValidationError as error:
            for fault in faults_of(error.errors(), model):
                self.note(fault.place, fault.told_of("the file"), fault.mend)
        return None

    def note(self, place: tuple[Any, ...], message: str, mend: str | None = None) -> None:
        self.findings.append(Finding(self.file, self.marked.line(place), message, mend))

    def path(self, path: str, fields: Fields, place: tuple[Any, ...]) -> None:
        """`path` names a value that can be there."""
        part, _, name = path.rpartition(".") if path.count(".") > 1 else path.partition(".")
        if part not in fields:
            self.note(place, f"{path}: there is no part {part!r}", nearest(part, set(fields)))
            return
        known = fields[part]
        if (known is None) != (not name):
            self.note(place, f"{path} names no value", f"write {part}" if known is None else f"write {part}.FIELD")
        elif known is not None and name not in known:
            mend = nearest(name, known) or f"it has {', '.join(sorted(known))}"
            self.note(place, f"{path}: {part} has no field {name!r}", mend)

    def template(self, template: Any, fields: Fields, place: tuple[Any, ...]) -> None:
        for path, filter_name in paths_of(template):
            self.path(path, fields, place)
            if filter_name and filter_name not in FILTERS:
                self.note(place, f"there is no filter {filter_name!r}", f"use one of {', '.join(FILTERS)}")

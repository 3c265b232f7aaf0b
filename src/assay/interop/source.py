"""Files of a project as they lie there: values that know their file and line, and which of their keys nobody has read."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay.catalog.marked_yaml import BadYaml, DoubtfulYaml, MarkedYaml, parse_yaml, read_text
from assay.errors import SetupFailed
from assay.interop.fidelity import Item, Place

_DOCUMENT = re.compile(r"^---[ \t]*(#.*)?$", re.MULTILINE)
_BARE_ON = re.compile(r"^([ ]*(?:- )?)on:(?=\s)", re.MULTILINE)
"""A key that YAML 1.1 reads as yes, and that formats with joins have all the same."""


@dataclass
class Node:
    """A mapping of the source."""

    data: dict[str, Any]
    file: str
    path: tuple[str | int, ...] = ()
    marked: MarkedYaml | None = None
    """None for JSON, whose places are paths."""
    offset: int = 0
    """How many lines of the file stand before its document."""
    read: set[str] = field(default_factory=set[str])

    @property
    def place(self) -> Place:
        return self._place(self.path)

    def _place(self, path: tuple[str | int, ...]) -> Place:
        if self.marked is None:
            return Place(f"{self.file} {'.'.join(map(str, path))}".strip())
        line = self.marked.line(path)
        return Place(self.file, line and line + self.offset)

    def value(self, key: str) -> Any:
        self.read.add(key)
        return self.data.get(key)

    def text(self, key: str) -> str | None:
        found = self.value(key)
        return None if found is None else str(found).strip()

    def word(self, key: str) -> str | None:
        """A word of the format, whose capitals mean nothing."""
        found = self.text(key)
        return found and found.lower()

    def node(self, key: str) -> "Node | None":
        found = self.value(key)
        return self._below(found, key) if isinstance(found, dict) else None

    def nodes(self, key: str) -> list["Node"]:
        """The mappings of a list."""
        found = self.value(key)
        listed = found if isinstance(found, list) else []
        return [self._below(each, key, index) for index, each in enumerate(listed) if isinstance(each, dict)]

    def name(self) -> str:
        """What it is called. Raises SetupFailed."""
        found = self.text("name")
        if not found:
            raise SetupFailed(f"{self.place}: a name is missing.", mend="write name:")
        return found

    def _below(self, data: dict[str, Any], *path: str | int) -> "Node":
        return Node(data, self.file, (*self.path, *path), self.marked, self.offset)

    def unread(self, known: frozenset[str]) -> Iterator[tuple[str, Place]]:
        """Keys that have a value, that nobody has read, and that are not among those that say nothing of a number."""
        for key, value in self.data.items():
            if key not in self.read and key not in known and value not in (None, [], {}, "", False):
                yield key, self._place((*self.path, key))

    def unknown(self, known: frozenset[str], whose: str) -> Iterator[Item]:
        """These keys, as they are told: any of them could change a number."""
        for key, place in self.unread(known):
            told = "nothing is known of this key"
            yield Item("key", f"{key} of {whose}", "left out", place, told, may_differ=True)


def documents(root: Path) -> list[Node]:
    """The mappings of each YAML document of a file or folder, or of a JSON file. Raises SetupFailed with file and mend."""
    if not root.exists():
        raise SetupFailed(f"There is no {root}.", mend="name a folder with YAML, a YAML file or semantic_manifest.json")
    paths = [root] if root.is_file() else _files(root)
    if not paths:
        raise SetupFailed(f"{root} holds no YAML.", mend="name the folder of the project's models and metrics")
    shown = {path: path.name if root.is_file() else path.relative_to(root).as_posix() for path in paths}
    return [node for path in paths for node in (_json if path.suffix == ".json" else _yaml)(path, shown[path])]


def _files(root: Path) -> list[Path]:
    """YAML of the folder, but for what tools put there."""
    found = (path for suffix in ("yaml", "yml") for path in root.rglob(f"*.{suffix}"))
    built = ("target", "dbt_packages", "node_modules", "logs")
    return sorted(
        path for path in found
        if not any(part in built or part.startswith(".") for part in path.relative_to(root).parts)
    )  # fmt: skip


def _yaml(path: Path, shown: str) -> Iterator[Node]:
    try:
        text = read_text(path)
        starts = [0, *(each.start() for each in _DOCUMENT.finditer(text))]
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
            document = _BARE_ON.sub(r'\1"on":', _DOCUMENT.sub("", text[start:end], count=1))
            try:
                marked = parse_yaml(document)
            except DoubtfulYaml as doubt:
                marked = doubt.marked  # the tools of the format read YAML 1.1
            except BadYaml as error:
                line = (error.line or 1) + text[:start].count("\n")
                raise SetupFailed(f"{shown}:{line}: {error}.", mend=error.mend) from error
            if isinstance(marked.data, dict):
                yield Node(marked.data, shown, (), marked, text[:start].count("\n"))
    except BadYaml as error:
        raise SetupFailed(f"{shown}: {error}.", mend=error.mend) from error


def _json(path: Path, shown: str) -> Iterator[Node]:
    try:
        data = json.loads(read_text(path))
    except BadYaml as error:
        raise SetupFailed(f"{shown}: {error}.", mend=error.mend) from error
    except (ValueError, RecursionError) as error:
        raise SetupFailed(f"{shown} is not JSON: {error}.", mend="name the file that the tool wrote") from error
    if isinstance(data, dict):
        yield Node(data, shown)

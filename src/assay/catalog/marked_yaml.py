"""YAML with the line of every key, so that a finding can name its place. Duplicate keys are errors, and so are
spellings that versions of YAML read differently: a code that is a number to one of them is nothing to build on.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import ReaderError

from assay.catalog.findings import Finding, nearest
from assay.work.files import read_file

Key = str | int
_PLAIN_TAGS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_LONGEST_NUMBER = 400
"""Reading one takes time with the square of its digits."""
_MAX_BYTES = 1_000_000


class BadYaml(ValueError):
    """The text is no YAML that Assay reads; `line` is where, `others` are further places of the same kind."""

    def __init__(
        self, message: str, line: int | None, mend: str = "mend the YAML", others: tuple["BadYaml", ...] = ()
    ) -> None:
        self.line = line
        self.mend = mend
        self.others = others
        super().__init__(message)

    def findings(self, file: str) -> list[Finding]:
        return [Finding(file, each.line, str(each), each.mend) for each in (self, *self.others)]


class DoubtfulYaml(BadYaml):
    """All that is wrong are spellings that versions of YAML read differently; `marked` is what 1.1 makes of them."""

    marked: "MarkedYaml"


@dataclass(frozen=True)
class MarkedYaml:
    data: Any
    lines: dict[tuple[Key, ...], int]

    def line(self, path: tuple[Any, ...]) -> int | None:
        """The line of `path`, or of its nearest known ancestor."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None

    def strays(self, known: str) -> list[tuple[str, int, str | None]]:
        """What stands in the file beside its one list: (sentence, line, mend)."""
        keys = [key for key in self.data if key != known] if isinstance(self.data, dict) else []
        return [
            (f"{key} is not known here", self.line((key,)) or 1,
             nearest(str(key), [known]) or f"the file holds one list, {known}:") for key in keys
        ]  # fmt: skip


class _Loader(yaml.SafeLoader):
    """SafeLoader, but aliases are refused: a few lines of them can unfold into gigabytes."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.doubts: list[BadYaml] = []

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()
            raise BadYaml("aliases (*name) are not allowed", event.start_mark.line + 1)
        return super().compose_node(parent, index)


def _plain(problem: str) -> str:
    """The parser's complaint without its inner names for pieces of a text."""
    if problem.startswith("expected <block end>"):
        return "this line is not indented like the keys or the list that it belongs to"
    return problem.replace("'<stream end>'", "the end of the file").replace("end of stream", "end of the file")


def parse_yaml(text: str) -> MarkedYaml:
    """Read one YAML document; raises BadYaml with a sentence and a line."""
    if len(text) > _MAX_BYTES:
        raise BadYaml(f"the file is larger than {_MAX_BYTES:,} characters", None)
    lines: dict[tuple[Key, ...], int] = {}
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        data = _construct(loader, node, (), lines) if node is not None else None
        if loader.doubts:
            first, *others = loader.doubts
            doubtful = DoubtfulYaml(str(first), first.line, first.mend, tuple(others))
            doubtful.marked = MarkedYaml(data, lines)
            raise doubtful
    except ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise BadYaml(f"character {error.character:#04x} is not allowed", line) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BadYaml(_plain(error.problem or "the YAML cannot be read"), mark.line + 1 if mark else None) from error
    except yaml.YAMLError as error:
        raise BadYaml(str(error).splitlines()[0], None) from error
    except RecursionError as error:
        raise BadYaml("the YAML is nested too deeply", None) from error
    finally:
        if loader is not None:
            loader.dispose()
    return MarkedYaml(data, lines)


def read_yaml(path: Path) -> MarkedYaml:
    """Read a file; raises BadYaml, also for a file that cannot be opened and for bytes that are not UTF-8."""
    return parse_yaml(read_text(path))


def read_text(path: Path) -> str:
    """Its text. Raises BadYaml as `read_yaml`."""
    try:
        content = read_file(path)
    except FileNotFoundError as error:
        if path.is_symlink():
            raise BadYaml("it is a link that leads nowhere", None, "remove it, or put back what it leads to") from error
        raise BadYaml("the file is missing", None, "create it") from error
    except OSError as error:
        raise BadYaml(f"the file cannot be read: {error.strerror}", None, "let Assay read it") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadYaml(f"byte {error.start} is not UTF-8", line, "save the file as UTF-8") from error


def _construct(loader: _Loader, node: yaml.Node, path: tuple[Key, ...], lines: dict[tuple[Key, ...], int]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode) and node.style is None and node.value in ("=", "<<"):
        raise BadYaml(f"{node.value} alone means something to some versions of YAML", node.start_mark.line + 1, "quote it")
    if not isinstance(node, yaml.ScalarNode) and node.tag not in _PLAIN_TAGS:
        raise BadYaml(f"tags such as {node.tag.rpartition(':')[2]} are not allowed", node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = _scalar(loader, key_node)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise BadYaml(f"key {key!r} is not text; quote it", line)
            if key in found:
                raise BadYaml(f"{key!r} stands twice", line)
            lines[(*path, key)] = line
            found[key] = _construct(loader, value_node, (*path, key), lines)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_construct(loader, item, (*path, index), lines) for index, item in enumerate(node.value)]
    value = _scalar(loader, node)
    if isinstance(node, yaml.ScalarNode) and node.style is None and node.tag.startswith("tag:yaml.org"):
        doubt = read_differently(str(node.value), value)
        if doubt is not None:
            loader.doubts.append(BadYaml(doubt[0], node.start_mark.line + 1, doubt[1]))
    return value


_PLAIN_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)|0x[0-9a-fA-F]+")
_PLAIN_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_NUMBER_ELSEWHERE = re.compile(r"[-+]?(0o[0-7]+|0[0-9]+|\.[0-9]+|([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+)")


def read_differently(text: str, value: Any) -> tuple[str, str] | None:
    """What is made of the unquoted `text`, and the mend, where versions of YAML do not agree; `value` is what 1.1 makes."""

    def told(one: object, other: str) -> str:
        return f"{text} is read as {one} by one version of YAML and as {other} by another"

    quoted = f'quote it: "{text}"'
    plain = f"{quoted}, or write a plain number"
    match value:
        case bool() if text.lower() not in ("true", "false"):
            word = "true" if value else "false"
            return told(word, "text"), f"{quoted}, or write {word}"
        case int() if not isinstance(value, bool) and not _PLAIN_INT.fullmatch(text):
            other = str(int(text)) if text.lstrip("-+").isdigit() else str(value)
            return told(value, "text" if other == str(value) else other), plain
        case float() if not _PLAIN_FLOAT.fullmatch(text):
            return told(value, "text"), plain
        case date():
            return told("a date", "text"), quoted
        case str() if _NUMBER_ELSEWHERE.fullmatch(text):
            return told("text", "a number"), plain
        case _:
            return None


def _scalar(loader: _Loader, node: yaml.Node) -> Any:
    try:
        if node.tag in _NUMBERS and len(str(node.value)) > _LONGEST_NUMBER:
            raise ValueError
        return loader.construct_object(node)
    except (ValueError, KeyError, AttributeError) as error:  # such as 2026-13-45, which looks like a date
        raise BadYaml(f"{str(node.value)[:40]!r} cannot be read; quote it", node.start_mark.line + 1) from error

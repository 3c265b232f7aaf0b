"""A dashboard as YAML text, in the form that the workspace's files have, and back."""

from collections.abc import Hashable
from typing import Any

import yaml
from pydantic import ValidationError

from assay.catalog.marked_yaml import BadYaml, parse_yaml
from assay.errors import BadRequest
from assay.widgets.widget import DashboardEntry

_WIDTH = 124


class _OnOneLine(dict[Hashable, Any]):
    """Written as `{metrics: [csat], window: trailing_30d}`."""


class _Dumper(yaml.SafeDumper):
    """Lists stand under their key by two blanks, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _one_line(dumper: yaml.SafeDumper, data: _OnOneLine) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.Node:
    # These end a line for a YAML reader and not for its writer, unless they are escaped.
    style = '"' if any(each in data for each in "\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(_OnOneLine, _one_line)
_Dumper.add_representer(str, _text)


def write_dashboard(entry: DashboardEntry) -> str:
    """What is as its default is left out; `read_dashboard` of the text gives an equal entry."""
    parts = entry.model_dump(mode="json", exclude_defaults=True)
    # An empty list of tiles is no default: the form asks for it.
    parts["tiles"] = [_tile(each) for each in parts["tiles"]]
    return yaml.dump(parts, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)


def _tile(tile: dict[str, Any]) -> dict[str, Any]:
    widget: dict[str, Any] = {name: _part(name, value) for name, value in tile["widget"].items()}
    return {**tile, "widget": widget}


def _part(name: str, value: Any) -> Any:
    match name:
        case "question" | "spark":
            return _OnOneLine({"metrics": value["metrics"], **value})
        case "format":
            return _OnOneLine(value)
        case "reference_lines" | "thresholds":
            return [_OnOneLine(each) for each in value]
        case _:
            return value


def read_dashboard(text: str) -> DashboardEntry:
    """Raises BadRequest with the line of what is wrong."""
    try:
        marked = parse_yaml(text)
    except BadYaml as error:
        raise BadRequest(f"Line {error.line or 1}: {error}.", mend="mend the YAML", line=error.line) from error
    try:
        return DashboardEntry.model_validate(marked.data)
    except ValidationError as error:
        first = error.errors()[0]
        line = marked.line(first["loc"]) or 1
        place = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise BadRequest(
            f"Line {line}: {place + ': ' if place else ''}{message}.", line=line, field=place or None
        ) from error

"""YAML as people write it in a workspace: lists under their key by two blanks, small things on one line."""

from collections.abc import Hashable
from typing import Any

import yaml

from assay.catalog.marked_yaml import read_differently

_WIDTH = 124
Entry = dict[str, Any]
"""An object as YAML will hold it."""


class OnOneLine(dict[Hashable, Any]):
    """Written as `{metrics: [csat], window: trailing_30d}`."""


class ListOnOneLine(list[Any]):
    """Written as `[region, channel]`."""


class _Dumper(yaml.SafeDumper):
    """Without anchors and aliases: the loader refuses them."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _mapping(dumper: yaml.SafeDumper, data: OnOneLine) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)


def _sequence(dumper: yaml.SafeDumper, data: ListOnOneLine) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.Node:
    # These end a line for a YAML reader and not for its writer, unless they are escaped.
    # And these are numbers to other readers, so that our own refuses them unless they are quoted.
    style = '"' if any(each in data for each in "\x85\u2028\u2029") or read_differently(data, data) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(OnOneLine, _mapping)
_Dumper.add_representer(ListOnOneLine, _sequence)
_Dumper.add_representer(str, _text)


def write_yaml(data: Any) -> str:
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)

"""Values by path: how the loop's files name what was found, and how a found value is written down.

A path is `part.field`. In a text, `{part.field}` stands for the value: alone it keeps its type, among words it is text.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from assay.compiler.values import is_beyond_double

Known = Mapping[str, Any]
_PLACE = re.compile(r"\{([a-z_][a-z_0-9]*(?:\.[a-z_][a-z_0-9]*)*)(?:\s*\|\s*([a-z_]+))?\}")
_HUNDREDTH = Decimal("0.01")


def look_up(known: Known, path: str) -> Any:
    """The value at `a.b`; None where there is none on the way."""
    found: Any = known
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def wire(value: Any) -> Any:
    """As JSON carries it: decimals and instants as text, without loss."""
    match value:
        case Mapping():
            return {str(name): wire(each) for name, each in value.items()}
        case list() | tuple():
            return [wire(each) for each in value]
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case int() if is_beyond_double(value):
            return str(value)
        case _:
            return value


def _since(seconds: int) -> Callable[[Any, Known], Any]:
    def since(value: Any, known: Known) -> Any:
        if value is None:
            return None
        begun = datetime.fromisoformat(value) if isinstance(value, str) else value
        now = known["now"]
        now = datetime.fromisoformat(now) if isinstance(now, str) else now
        spent = Decimal((now - begun) // timedelta(microseconds=1)) / (1_000_000 * seconds)
        return max(spent, Decimal(0)).quantize(_HUNDREDTH, ROUND_HALF_EVEN)

    return since


FILTERS: dict[str, Callable[[Any, Known], Any]] = {"hours_since": _since(3_600), "minutes_since": _since(60)}
"""`{a.b | name}`: from the instant at `a.b` until now."""


def paths_of(text: Any) -> list[tuple[str, str | None]]:
    """(path, filter) of every place in a template, lists of alternatives included."""
    if isinstance(text, list):
        return [each for alternative in text for each in paths_of(alternative)]
    return [(match[1], match[2]) for match in _PLACE.finditer(text)] if isinstance(text, str) else []


def fill(template: Any, known: Known) -> Any:
    """The template's value. Of a list of alternatives, the first that is there."""
    if isinstance(template, list):
        return next((value for each in template if (value := fill(each, known)) is not None), None)
    if not isinstance(template, str):
        return template
    whole = _PLACE.fullmatch(template)
    if whole:
        return _value(whole, known)
    return _PLACE.sub(lambda match: "" if (value := _value(match, known)) is None else str(wire(value)), template)


def _value(match: re.Match[str], known: Known) -> Any:
    value = look_up(known, match[1])
    return FILTERS[match[2]](value, known) if match[2] else value

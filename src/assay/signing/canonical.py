"""JSON in the one form of RFC 8785, so that whoever reads a document comes to the bytes that were signed."""

import math
from decimal import Decimal
from typing import Any

import orjson

_SAFE = 2**53
_FIRST, _LAST = 1e-3, 1e15
"""Between these orjson writes a number with a fraction as ECMAScript does."""


def canonical(document: Any) -> bytes:
    """Numbers are doubles, as RFC 8785 has it: an integer beyond 2^53 travels as text, or loses digits here.

    Raises ValueError for what JSON cannot carry: infinities, NaN, half a surrogate pair, keys that are no text.
    """
    try:
        return orjson.dumps(_plain(document))
    except orjson.JSONEncodeError as error:
        raise ValueError(str(error)) from error


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is float:
        if value.is_integer() and -_SAFE <= value <= _SAFE:
            return int(value)
        return value if _FIRST <= abs(value) < _LAST else orjson.Fragment(number(value))
    if kind is int:
        return value if -_SAFE <= value <= _SAFE else orjson.Fragment(number(float(value)))
    if kind is dict:
        return {name: _plain(value[name]) for name in _ordered(value)}
    if kind is list or kind is tuple:
        return [each if type(each) is str else _plain(each) for each in value]
    if isinstance(value, str):  # one that means something more, such as a day beyond the calendar
        return str(value)
    raise ValueError(f"JSON has no {kind.__name__}")


def _ordered(names: dict[str, Any]) -> list[str]:
    """By UTF-16 units, which is the order of the texts themselves but beyond the basic plane."""
    try:
        return sorted(names) if "".join(names).isascii() else sorted(names, key=_units)
    except TypeError as error:
        raise ValueError("a key is no text") from error


def _units(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")


def number(value: float) -> str:
    """As ECMAScript writes a double."""
    if not math.isfinite(value):
        raise ValueError(f"JSON has no {value}")
    if value == 0:
        return "0"
    if value < 0:
        return "-" + number(-value)
    parts = Decimal(repr(value)).normalize().as_tuple()
    digits, exponent = "".join(map(str, parts.digits)), int(parts.exponent)
    count, point = len(digits), len(digits) + exponent
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if count > 1 else ""
    return f"{digits[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"

"""Conditions of the rules: `field op value`, and nothing else. Read once, evaluated on a context as it is stored.

claim.fraud_score >= $fraud      claim.repair_type = screen      place.center_id is missing
coverage.plan_tier in plus, complete
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from assay.loop.values import Known, look_up

_FORM = re.compile(r"^(?P<path>[a-z_][\w.]*)\s*(?P<op>is (?:missing|present)|not in|in|>=|<=|!=|=|>|<)\s*(?P<value>.*)$")
_ORDERED: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
}  # fmt: skip


class BadCondition(ValueError):
    """The text is no condition; the message says why."""


@dataclass(frozen=True, slots=True)
class Comparison:
    path: str
    op: str
    values: tuple[str, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def holds(self, known: Known) -> bool:
        """A value that is missing satisfies `is missing` alone."""
        found = look_up(known, self.path)
        if self.op in ("is missing", "is present"):
            return (found is None) == (self.op == "is missing")
        if found is None:
            return False
        if self.op in _ORDERED:
            left, right = _number(found), _number(self.values[0])
            return left is not None and right is not None and _ORDERED[self.op](left, right)
        is_one_of = any(_same(found, value) for value in self.values)
        return is_one_of == (self.op in ("=", "in"))


@dataclass(frozen=True, slots=True)
class AnyOf:
    tests: tuple[Comparison, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(each.path for each in self.tests)

    def holds(self, known: Known) -> bool:
        return any(each.holds(known) for each in self.tests)


Condition = Comparison | AnyOf


def read_condition(raw: Any, thresholds: Mapping[str, Decimal]) -> Condition:
    """A text, or `{any: [texts]}`. Raises BadCondition."""
    if isinstance(raw, Mapping):
        listed = raw.get("any")
        if set(raw) != {"any"} or not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
            raise BadCondition("a condition is a text, or {any: [texts]}")
        return AnyOf(tuple(_read(each, thresholds) for each in listed))
    return _read(raw, thresholds)


def _read(raw: Any, thresholds: Mapping[str, Decimal]) -> Comparison:
    form = _FORM.match(raw.strip()) if isinstance(raw, str) else None
    if form is None:
        raise BadCondition(f"{raw!r} is no condition; write field op value, such as claim.fraud_score >= 0.8")
    op, text = form["op"], form["value"].strip()
    if op in ("is missing", "is present"):
        if text:
            raise BadCondition(f"{raw!r}: nothing may follow {op!r}")
        return Comparison(form["path"], op, ())
    listed = [part.strip() for part in text.split(",")] if op in ("in", "not in") else [text]
    if not all(listed):
        raise BadCondition(f"{raw!r} lacks a value after {op!r}")
    if text[0] in "=<>!":
        raise BadCondition(f"{raw!r}: there is no operator {op + text[0]!r}")
    values = tuple(_constant(each, thresholds) for each in listed)
    if op in _ORDERED and _number(values[0]) is None:
        raise BadCondition(f"{raw!r}: {op} compares numbers, and {values[0]!r} is none")
    return Comparison(form["path"], op, values)


def _constant(text: str, thresholds: Mapping[str, Decimal]) -> str:
    if text.startswith("$"):
        if text[1:] not in thresholds:
            raise BadCondition(f"there is no threshold {text[1:]!r}; there are {', '.join(thresholds) or 'none'}")
        return str(thresholds[text[1:]])
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _same(found: Any, value: str) -> bool:
    if isinstance(found, bool):
        return value == ("true" if found else "false")
    left, right = (None, None) if isinstance(found, str) else (_number(found), _number(value))
    return left == right if left is not None and right is not None else str(found) == value


def _number(value: Any) -> Decimal | None:
    """Numbers, and texts that decimals travel as."""
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None

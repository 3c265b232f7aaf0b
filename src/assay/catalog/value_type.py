"""What a value of a formula is: its kind, and what a column's value is as it travels."""

from dataclasses import dataclass
from typing import Literal

from assay.catalog.types import ColumnType

ValueKind = Literal["integer", "decimal", "double", "string", "boolean", "date", "timestamp"]
NUMBERS = ("integer", "decimal", "double")
UNBOUND = "is longer than 1,000 characters, holds a NUL, or half a surrogate pair"
"""What a text is that goes to no engine."""


class BadFormula(ValueError):
    """The formula cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class ValueType:
    """What a value is on the wire; `scale` for decimals only."""

    kind: ValueKind
    scale: int | None = None

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS


INTEGER, DOUBLE, BOOLEAN, STRING = ValueType("integer"), ValueType("double"), ValueType("boolean"), ValueType("string")
DATE = ValueType("date")


def value_type(column_type: ColumnType) -> ValueType:
    """How a column's value travels."""
    match column_type.kind:
        case "integer" | "bigint":
            return INTEGER
        case "decimal":
            return INTEGER if column_type.scale == 0 else ValueType("decimal", column_type.scale)
        case "timestamp" | "timestamp_ntz":
            return ValueType("timestamp")
        case "other":
            raise BadFormula(f"a column of type {column_type.text!r} cannot be used in a formula")
        case kind:
            return ValueType(kind)


def may_be_bound(text: str) -> bool:
    """Whether a text that somebody sent goes to engines."""
    if len(text) > 1_000 or "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return False
    return True

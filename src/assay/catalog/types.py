"""The dictionary's column types: one meaning, printed for each engine.

A type is written as in `string; varchar` or `decimal(38,0)`: alternatives that mean the same are
separated by semicolons, and the first one decides. A type that only one engine has stands behind the
one it is read as: `string; order_state` for an enum, `other; jsonb` for what cannot be read at all.
"""

import re
from dataclasses import dataclass
from typing import Literal

from assay.engine import engine_of

Kind = Literal["string", "integer", "bigint", "decimal", "double", "boolean", "date", "timestamp", "timestamp_ntz", "other"]

_NAMES: dict[str, Kind] = {
    "string": "string", "varchar": "string", "text": "string", "char": "string",
    "character varying": "string", "character": "string", "bpchar": "string", "uuid": "string", "collated text": "string",
    "int": "integer", "integer": "integer", "smallint": "integer", "tinyint": "integer",
    "int2": "integer", "int4": "integer", "short": "integer",
    "bigint": "bigint", "long": "bigint", "int8": "bigint", "hugeint": "bigint",
    "decimal": "decimal", "numeric": "decimal", "dec": "decimal",
    "double": "double", "double precision": "double", "float8": "double", "float": "double", "real": "double",
    "boolean": "boolean", "bool": "boolean",
    "date": "date",
    "timestamp": "timestamp", "timestamptz": "timestamp", "timestamp with time zone": "timestamp",
    "timestamp_ntz": "timestamp_ntz", "timestamp without time zone": "timestamp_ntz",
}  # fmt: skip
_TIME_DIGITS = re.compile(r"^(timestamp|timestamptz)\s*\(\s*[0-6]\s*\)")
_FORM = re.compile(r"^(?P<name>[a-z_][a-z_0-9 ]*?)\s*(?:\(\s*(?P<a>\d+)\s*(?:,\s*(?P<b>\d+)\s*)?\))?$")


HeldKind = Literal["whole", "decimal", "real", "double", "uuid", "text", "collated", "other"]
"""`collated`: text that its engine compares by something else than its letters, so that 'a' and 'A' may be one value."""


@dataclass(frozen=True, slots=True)
class HeldType:
    """How an engine itself holds a column, as far as sums, row arithmetic and filters have to know.

    `bits`: a whole number is from -2**bits to 2**bits - 1, from 0 where it has no sign. `precision` is None for a
    PostgreSQL `numeric` without digits, which holds every number there is.
    """

    kind: HeldKind
    bits: int = 0
    is_signed: bool = True
    precision: int | None = None
    scale: int = 0

    @property
    def is_number(self) -> bool:
        return self.kind in ("whole", "decimal", "real", "double")

    def holds(self, other: "HeldType") -> bool:
        """Whether every value of the other type is one of this type, to the last digit."""
        match self.kind, other.kind:
            case "whole", "whole":
                return self.bits >= other.bits and (self.is_signed or not other.is_signed)
            case "whole", "decimal":
                return other.scale == 0 and other.precision is not None and 10**other.precision <= 2**self.bits
            case "decimal", "whole":
                return self.precision is None or 2**other.bits < 10 ** (self.precision - self.scale)
            case "decimal", "decimal":
                if self.precision is None or other.precision is None:
                    return self.precision is None
                return self.scale >= other.scale and self.precision - self.scale >= other.precision - other.scale
            case "decimal", "real" | "double":
                return self.precision is None
            case "double", "real" | "double":
                return True
            case "real" | "double", "whole":
                return other.bits <= (24 if self.kind == "real" else 53)
            case _:
                return self == other


@dataclass(frozen=True, slots=True)
class ColumnType:
    """`precision` and `scale` are set for decimals only; `text` is what the dictionary wrote."""

    kind: Kind
    text: str
    precision: int | None = None
    scale: int | None = None
    own: tuple[tuple[str, str], ...] = ()
    """(backend, the type that it holds the column in), where the dictionary says one: it is read as this one."""

    @property
    def is_number(self) -> bool:
        return self.kind in ("integer", "bigint", "decimal", "double")

    @property
    def family(self) -> str:
        """Columns of one family can be compared: numbers of any width are one."""
        return "number" if self.is_number else self.kind

    @property
    def is_time(self) -> bool:
        return self.kind in ("date", "timestamp", "timestamp_ntz")

    @property
    def is_cast(self) -> bool:
        """Whether a value is cast before anything is done with it.

        An enum or a uuid cannot be ordered or compared as text, nor a numeric without digits as a double.
        """
        names = [name_of_type(name) for name in self.text.split(";")]
        is_own = any(_NAMES.get(name) != self.kind or name == "uuid" for name in names)
        return self.kind in ("string", "double") and is_own

    @property
    def meant(self) -> HeldType:
        """What the dictionary reads the column as, of whatever type the engine makes it."""
        match self.kind:
            case "integer" | "bigint":
                return HeldType("whole", 31 if self.kind == "integer" else 63)
            case "decimal":
                return HeldType("decimal", precision=self.precision, scale=self.scale or 0)
            case "double":
                return HeldType("double")
            case "string":
                return HeldType("text")
            case _:
                return HeldType("other")

    @property
    def supposed(self) -> HeldType:
        """How an engine holds the column, going by the dictionary alone, where it names the engine's own type."""
        first, *others = self.text.split(";")
        if self.is_cast:
            return held_type(others[0] if others and name_of_type(first) != "uuid" else first)
        return HeldType("real") if name_of_type(first) in ("real", "float") else self.meant

    def is_found_as(self, engine_type: str, driver: str, backend: str = "") -> bool:
        """Whether a column of the type that an engine calls so can stand for this one.

        What the dictionary has no kind for (an enum, json, a numeric without digits) is known by its name alone, and so is
        the type that it names for this backend.
        """
        own = dict(self.own).get(backend)
        if own is not None:
            same_digits = held_type(own).precision in (None, held_type(engine_type).precision)
            return name_of_type(own) in _names_of(engine_type) and same_digits
        is_named = name_of_type(engine_type) in [name_of_type(name) for name in self.text.split(";")[1:]]
        if self.kind == "other":
            return is_named
        try:
            return self.agrees_with(parse_type(engine_type, driver))
        except UnknownType:
            return is_named

    def agrees_with(self, other: "ColumnType") -> bool:
        """Whether an engine's column of type `other` can stand for this one: same family, no smaller."""
        if self.kind == "decimal" and other.kind == "decimal":
            return self.scale == other.scale and (other.precision or 0) >= (self.precision or 0)
        if self.kind == "decimal" and self.scale == 0 and other.kind in ("integer", "bigint"):
            return True
        if self.kind == "integer" and other.kind == "bigint":
            return True
        return self.kind == other.kind


def _names_of(engine_type: str) -> tuple[str, ...]:
    """What else an engine calls this type: its one name, and those that mean the same."""
    name, held = name_of_type(engine_type), held_type(engine_type)
    if not held.is_number:
        return (name,)
    return (
        name,
        *(each for each in _NUMBER_NAMES if held_type(each).kind == held.kind and held_type(each).bits == held.bits),
    )


def own_type_fault(declared: ColumnType, own: str) -> str | None:
    """Why a column of an engine's own type cannot be read as the declared one; None where it can."""
    held = held_type(own)
    if (declared.is_number and held.is_number) or (declared.kind == "string" and name_of_type(own)):
        return None
    return f"a column of type {own!r} cannot be read as {declared.text}: numbers are read as numbers, anything as a string"


_WHOLE_BITS = {
    "tinyint": 7, "byte": 7, "smallint": 15, "int2": 15, "short": 15, "int": 31, "integer": 31, "int4": 31,
    "bigint": 63, "long": 63, "int8": 63, "hugeint": 127,
    "utinyint": 8, "usmallint": 16, "uinteger": 32, "ubigint": 64, "uhugeint": 128,
}  # fmt: skip
_NUMBER_NAMES = (
    *_WHOLE_BITS,
    "real",
    "float",
    "float4",
    "double",
    "double precision",
    "float8",
    "numeric",
    "decimal",
    "dec",
)
COLLATED = "collated text"
"""What a backend calls the type of such a column."""
_TEXTS = ("text", "varchar", "string", "character varying", "character", "char", "bpchar")


def held_type(engine_type: str, driver: str | None = None) -> HeldType:
    """How an engine holds what it calls so. Both `float` and `real` have single precision on every engine that says so."""
    name = name_of_type(engine_type)
    if driver is not None:
        name = engine_of(driver).types.meant.get(name, name)
    if name in _WHOLE_BITS:
        return HeldType("whole", _WHOLE_BITS[name], is_signed=not name.startswith("u"))
    if name in ("real", "float", "float4"):
        return HeldType("real")
    if name in ("double", "double precision", "float8"):
        return HeldType("double")
    if name in ("numeric", "decimal", "dec"):
        form = _FORM.match(engine_type.strip().lower())
        if form is None or form["a"] is None:
            return HeldType("decimal")
        return HeldType("decimal", precision=int(form["a"]), scale=int(form["b"] or 0))
    if name == COLLATED:
        return HeldType("collated")
    return HeldType("uuid" if name == "uuid" else "text" if name in _TEXTS else "other")


class UnknownType(ValueError):
    """The text names no type that the dictionary knows."""


def name_of_type(text: str) -> str:
    """An engine's type without schema, quotes and what stands in brackets: the same in whatever session it was asked."""
    return text.replace(";", ",").partition("(")[0].rpartition(".")[2].strip(' "').lower()


def parse_type(text: str, driver: str | None = None) -> ColumnType:
    """Read a dictionary type, or with `driver` the name that an engine gives one; raises UnknownType with a sentence."""
    first = _TIME_DIGITS.sub(r"\1", text.split(";")[0].strip().lower())
    if first == "other":
        if not name_of_type(text.partition(";")[2]):
            raise UnknownType(f"{text!r} does not say what the engine calls it; write for instance other; jsonb")
        return ColumnType("other", text)
    if driver is not None:
        first = engine_of(driver).types.meant.get(first, first)
    form = _FORM.match(first)
    kind = _NAMES.get(form["name"].strip()) if form else None
    if form is None or kind is None:
        raise UnknownType(f"{text!r} is no type the dictionary knows")
    if kind == "decimal":
        if form["a"] is None:
            # Bare, it is a whole number on one engine, three places on another and as many as there are on a third.
            raise UnknownType(f"{text!r} does not say how many digits; write for instance decimal(18,2)")
        precision, scale = int(form["a"]), int(form["b"] or 0)
        if not (0 < precision <= 38 and scale <= precision):
            raise UnknownType(f"{text!r}: a decimal has at most 38 digits and no more behind the point than in all")
        return ColumnType("decimal", text, precision, scale)
    return ColumnType(kind, text)


def engine_type(column_type: ColumnType, driver: str) -> str:
    """The type's name in an engine's DDL."""
    if column_type.kind == "decimal":
        return f"DECIMAL({column_type.precision},{column_type.scale})"
    if column_type.kind == "other":
        raise UnknownType(f"{column_type.text!r} cannot be created by Assay")
    return engine_of(driver).types.names[column_type.kind]

"""The dictionary's column types: one meaning, printed for each engine.

A type is written as in `string; varchar` or `decimal(38,0)`: alternatives that mean the same are
separated by semicolons, and the first one decides. A type that only one engine has stands behind the
one it is read as: `string; order_state` for an enum, `other; jsonb` for what cannot be read at all.
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["string", "integer", "bigint", "decimal", "double", "boolean", "date", "timestamp", "timestamp_ntz", "other"]

_NAMES: dict[str, Kind] = {
    "string": "string", "varchar": "string", "text": "string", "char": "string",
    "character varying": "string", "character": "string", "bpchar": "string", "uuid": "string",
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
# A bare TIMESTAMP is an instant in the dictionary, on Databricks and on Spark; here it is the time on a wall.
_WALL_TIMES: dict[str, tuple[str, ...]] = {
    "postgres": ("timestamp",),
    "duckdb": ("timestamp", "datetime", "timestamp_s", "timestamp_ms", "timestamp_ns"),
}
_TIME_DIGITS = re.compile(r"^(timestamp|timestamptz)\s*\(\s*[0-6]\s*\)")
_FORM = re.compile(r"^(?P<name>[a-z_][a-z_0-9 ]*?)\s*(?:\(\s*(?P<a>\d+)\s*(?:,\s*(?P<b>\d+)\s*)?\))?$")


@dataclass(frozen=True, slots=True)
class ColumnType:
    """`precision` and `scale` are set for decimals only; `text` is what the dictionary wrote."""

    kind: Kind
    text: str
    precision: int | None = None
    scale: int | None = None

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

    def is_found_as(self, engine_type: str, driver: str) -> bool:
        """Whether a column of the type that an engine calls so can stand for this one.

        What the dictionary has no kind for (an enum, json, a numeric without digits) is known by its name alone.
        """
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
    form = _FORM.match(first)
    kind = _NAMES.get(form["name"].strip()) if form else None
    if first in _WALL_TIMES.get(driver or "", ()):
        kind = "timestamp_ntz"
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


_ENGINE: dict[str, dict[Kind, str]] = {
    "postgres": {
        "string": "text", "integer": "integer", "bigint": "bigint", "double": "double precision",
        "boolean": "boolean", "date": "date", "timestamp": "timestamptz", "timestamp_ntz": "timestamp",
    },
    "duckdb": {
        "string": "VARCHAR", "integer": "INTEGER", "bigint": "BIGINT", "double": "DOUBLE",
        "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMPTZ", "timestamp_ntz": "TIMESTAMP",
    },
    "databricks": {
        "string": "STRING", "integer": "INT", "bigint": "BIGINT", "double": "DOUBLE",
        "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMP", "timestamp_ntz": "TIMESTAMP_NTZ",
    },
}  # fmt: skip
_ENGINE["spark"] = _ENGINE["databricks"]


def engine_type(column_type: ColumnType, driver: str) -> str:
    """The type's name in an engine's DDL."""
    if column_type.kind == "decimal":
        return f"DECIMAL({column_type.precision},{column_type.scale})"
    if column_type.kind == "other":
        raise UnknownType(f"{column_type.text!r} cannot be created by Assay")
    return _ENGINE[driver][column_type.kind]

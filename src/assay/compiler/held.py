"""What an engine holds beside what the dictionary says: where a column is cast, and what of a value fits it.

Arithmetic runs in the wider of the two types, and its result is of the dictionary's. A column that is narrower than the
dictionary says is cast before anything is calculated with it, a wider one after; where neither holds the other, each value
is cast before. Filters leave the column as it is and bring the value into the column's own type (ADR 21).
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Literal
from uuid import UUID

from assay.catalog.moments import Beyond
from assay.catalog.types import ColumnType, HeldType, held_type
from assay.compiler.values import Value

Role = Literal["value", "calculated", "added", "least", "looked_at"]
"""What is done with a column: told as it is, calculated with in its row, added up, searched for its least or largest value,
or looked at only (compared with a number, counted, IS NULL)."""
Place = Literal["fits", "double", "outside", "nowhere", "below", "above"]
"""Where a filter's value stands in a column's own type. `double`: compared as one, because it is beyond a narrower one;
`outside`: a day that not every engine has."""
_WIDE = Context(prec=120)
ORDERINGS = ("gt", "gte", "lt", "lte")


@dataclass(frozen=True, eq=False)
class Held:
    """The columns of one backend as the engine describes them. Compared by identity: another description is another one."""

    tables: Mapping[str, Mapping[str, HeldType]]

    def type_of(self, table: str, column: str, declared: ColumnType) -> HeldType:
        return self.tables.get(table, {}).get(column) or declared.supposed


SUPPOSED = Held({})
"""Nothing described: every column is held as the dictionary says."""


def as_described(described: Mapping[str, Mapping[str, str]], driver: str) -> Held:
    """From the names that the engine gives the types, by table and column."""
    return Held(
        {table: {name: held_type(own, driver) for name, own in columns.items()} for table, columns in described.items()}
    )


def cast_before(declared: ColumnType, held: HeldType, role: Role) -> bool:
    """Whether a column is cast to the dictionary's type where it stands."""
    meant = declared.meant
    if not meant.is_number or not held.is_number:
        return declared.kind in ("string", "double", "decimal", "integer", "bigint") and _is_foreign(meant, held)
    if role in ("least", "looked_at"):
        return False
    if role == "value":
        return _reads_otherwise(meant, held)
    if held == meant or (meant.kind == held.kind == "whole"):
        return False
    if role == "added" and meant.kind == "double" and held.kind == "decimal":
        return False  # added exactly, and then made a double
    if role == "added" and held.kind in ("whole", "decimal") and not _reads_otherwise(meant, held):
        return False  # every engine adds whole numbers and decimals in a wider type by itself
    return not held.holds(meant)


def cast_after(declared: ColumnType, held: HeldType, role: Role) -> bool:
    """Whether what was calculated from a column that was left as it is has to be made the dictionary's type."""
    meant = declared.meant
    if role in ("value", "looked_at") or not (meant.is_number and held.is_number):
        return False
    return not cast_before(declared, held, role) and _reads_otherwise(meant, held)


def _is_foreign(meant: HeldType, held: HeldType) -> bool:
    """An engine's own type that is no number, or no text: an enum, a uuid, text that holds numbers."""
    return meant.kind != held.kind


def _reads_otherwise(meant: HeldType, held: HeldType) -> bool:
    """Whether a value as the engine holds it is another one, or is written otherwise, than the dictionary's."""
    if meant.kind == held.kind:
        return (meant.kind == "decimal" and meant.scale != held.scale) or (held.kind == "decimal" and held.precision is None)
    if {meant.kind, held.kind} == {"whole", "decimal"}:
        return max(meant.scale, held.scale) > 0 or (held.kind == "decimal" and held.precision is None)
    return True


def is_bare_in_filters(declared: ColumnType, held: HeldType) -> bool:
    """Whether a filter can leave the column as it is. An enum cannot: what is none of its labels would be an error."""
    return not cast_before(declared, held, "looked_at") or held.kind == "uuid"


def placed(value: Value, held: HeldType, op: str) -> tuple[Place, Value]:
    """A filter's value in the type in which the engine holds the column, and where it stands there.

    What does not fit equals no row. For < and > it is the nearest value that does, on the side where the comparison
    means the same, or lies beyond the end.
    """
    match held.kind:
        case "uuid":
            return _as_uuid(value)
        case "real" | "double" if isinstance(value, (int, float, Decimal)):
            return _as_float(value, held, op)
        case "whole" | "decimal" if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            return _as_exact(value, held, op)
        case _:
            return ("outside" if isinstance(value, Beyond) else "fits"), value


def _as_uuid(value: Value) -> tuple[Place, Value]:
    try:
        return ("fits" if str(UUID(str(value))) == value else "nowhere"), value
    except ValueError:
        return "nowhere", value


def _as_float(value: Value, held: HeldType, op: str) -> tuple[Place, Value]:
    try:
        wide = float(value)  # pyright: ignore[reportArgumentType]
    except OverflowError:
        return ("below" if value < 0 else "above") if op in ORDERINGS else "nowhere", value  # pyright: ignore[reportOperatorIssue]
    if isinstance(value, int) and wide != value and op not in ORDERINGS:
        return "nowhere", value
    if held.kind == "double" or math.isnan(wide) or math.isinf(wide):
        return "fits", wide
    try:
        return "fits", struct.unpack("f", struct.pack("f", wide))[0]
    except OverflowError:
        return ("double" if op in ORDERINGS else "nowhere"), wide


def _as_exact(value: "int | float | Decimal", held: HeldType, op: str) -> tuple[Place, Value]:
    """Whole numbers and decimals. A double is the shortest decimal that stands for it, as it was written."""
    number = value if isinstance(value, Decimal) else Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if held.kind == "decimal" and held.precision is None:
        return "fits", number
    if not number.is_finite():
        return ("below" if number == Decimal("-Infinity") else "above") if op in ORDERINGS else "nowhere", value
    if number.adjusted() > 60:
        return ("below" if number < 0 else "above") if op in ORDERINGS else "nowhere", value
    scale = held.scale if held.kind == "decimal" else 0
    step = Decimal(1).scaleb(-scale)
    rounding = ROUND_FLOOR if op in ("gt", "lte") else ROUND_CEILING
    fitting = number.quantize(step, rounding, _WIDE)
    if fitting != number and op not in ORDERINGS:
        return "nowhere", value
    if held.kind == "whole":
        low, high = (-(2**held.bits) if held.is_signed else 0), 2**held.bits - 1
    else:
        assert held.precision is not None
        high = (Decimal(10) ** held.precision - 1).scaleb(-scale, _WIDE)
        low = -high
    if not low <= fitting <= high:
        return ("below" if fitting < low else "above") if op in ORDERINGS else "nowhere", value
    if held.kind == "whole":
        return "fits", int(fitting)
    return "fits", value if fitting == number and not isinstance(value, float) else fitting

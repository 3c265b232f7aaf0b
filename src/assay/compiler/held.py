"""What an engine holds beside what the dictionary says: where a column is cast, and what of a value fits it.

Arithmetic runs in the wider of the two types, and its result is of the dictionary's. A column that is narrower than the
dictionary says is cast before anything is calculated with it, a wider one after; where neither holds the other, each value
is cast before. Filters leave the column as it is and bring the value into the column's own type; where several values of
that type are shown as one, they look at what is shown (ADR 21).
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from typing import Literal
from uuid import UUID

from assay.catalog.dictionary import table_of
from assay.catalog.metric import Dimension
from assay.catalog.moments import Beyond
from assay.catalog.types import ColumnType, HeldType, held_type
from assay.compiler.resolved import Filter
from assay.compiler.values import Value

Role = Literal["value", "calculated", "added", "least", "looked_at"]
"""What is done with a column: told as it is, calculated with in its row, added up, searched for its least or largest value,
or looked at only (compared with a number, counted, IS NULL)."""
Place = Literal["fits", "double", "far", "outside", "nowhere", "below", "above"]
"""Where a filter's value stands in the type in which it is compared. `double`: compared as one, because it is beyond a
narrower one; `outside`: a day, or a decimal NaN, that not every engine has; `far`: such a day, bound as a text."""
_WIDE = Context(prec=120)
Side = Literal["low", "high"]
_LEAST = Decimal("1e-100")
ORDERINGS = ("gt", "gte", "lt", "lte")


@dataclass(frozen=True, eq=False)
class Held:
    """The columns of one backend as the engine describes them. Compared by identity: another description is another one."""

    tables: Mapping[str, Mapping[str, HeldType]]

    def type_of(self, table: str, column: str, declared: ColumnType) -> HeldType:
        """`table`: also one in a role."""
        return self.tables.get(table_of(table), {}).get(column) or declared.supposed


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


def filtered_as(declared: ColumnType, held: HeldType) -> HeldType | None:
    """The type in which a filter compares a column: the engine's own, and the column stays bare; or the dictionary's, and
    it is cast, where several values of its own are shown as one: a filter finds what a group shows. None where both are of
    no number: an enum is cast too, because a text that is none of its labels would be an error.
    """
    if loses_digits(declared.meant, held):
        return declared.meant
    return held if not cast_before(declared, held, "looked_at") or held.kind == "uuid" else None


def compared_as(own: Dimension, held: Held) -> tuple[HeldType, HeldType | None]:
    """How an engine holds a dimension, and the type in which a filter compares it, as `filtered_as` says."""
    if own.column is None:
        return own.column_type.supposed, own.column_type.meant
    held_as = held.type_of(own.table, own.column.name, own.column.type)
    return held_as, filtered_as(own.column.type, held_as)


def loses_digits(meant: HeldType, held: HeldType) -> bool:
    """Whether values that an engine tells apart may be shown as one."""
    is_float = held.kind in ("real", "double")
    match meant.kind:
        case "double":
            return (held.kind == "whole" and held.bits > 53) or (
                held.kind == "decimal" and not 0 < (held.precision or 0) < 16
            )
        case "decimal" | "whole":
            return is_float or (held.kind == "decimal" and (held.precision is None or held.scale > meant.scale))
        case _:
            return False


def sides_of(asked: Filter, declared: ColumnType, held: HeldType) -> tuple[Side, ...]:
    """On which sides a bare numeric that is compared by a cast is bounded as well, so that an index on it serves."""
    is_far = any(not isinstance(each, (int, float, Decimal)) or not math.isfinite(each) for each in asked.values)
    if held.kind != "decimal" or held.precision is not None or not loses_digits(declared.meant, held) or is_far:
        return ()
    return {"eq": ("low", "high"), "in": ("low", "high"), "gt": ("low",), "gte": ("low",), "lt": ("high",),
            "lte": ("high",)}.get(asked.op, ())  # fmt: skip


def bound_of(asked: Filter, meant: HeldType, side: Side) -> Decimal:
    """Beyond all that is shown as one of the filter's values; the cast decides."""
    values = [Decimal(each) for each in asked.values if isinstance(each, (int, float, Decimal))]
    nearest = min(values) if side == "low" else max(values)
    with localcontext(_WIDE):
        margin = Decimal(1).scaleb(-meant.scale) if meant.kind != "double" else abs(nearest).scaleb(-15) + _LEAST
        return nearest - margin if side == "low" else nearest + margin


def placed(value: Value, held: HeldType, op: str) -> tuple[Place, Value]:
    """A filter's value in the type in which the column is compared, and where it stands there.

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
    if number.is_nan() and held.kind == "decimal":
        return "outside", number
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

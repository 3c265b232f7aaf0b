"""Many values of one filter as a single text, which engines read as rows: an API that binds scalars alone can bind it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import orjson

from assay.catalog.types import HeldType
from assay.compiler.dialect import type_named
from assay.compiler.held import placed
from assay.compiler.resolved import Filter
from assay.compiler.values import Value, as_column
from assay.engine import Dialect, Spelling, engine_of
from assay.gate.lists import BoundList


def listed_values(asked: Filter, kind: str, compared: HeldType | None, timezone: str) -> str:
    """A JSON array of texts; what a column cannot hold equals no row, and is left out."""
    found: list[str] = []
    for value in asked.values:
        place, fitting = placed(value, compared, asked.op) if compared else ("fits", value)
        if place == "fits":
            found.append(_text(as_column(fitting, kind, timezone) if isinstance(fitting, datetime) else fitting))
    return orjson.dumps(found).decode()


def _text(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return repr(value)
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def lists_in(sources: Sequence[tuple[object, ...]], dialect: Dialect) -> tuple[BoundList, ...]:
    """The lists among the parameters of a statement."""
    found: list[BoundList] = []
    for number, source in enumerate(sources, 1):
        match source:
            case ("periods",):
                found.append(BoundList(number, is_apart=True))
            case ("all periods", *_):
                found.append(BoundList(number, is_apart=True, has_years=True))
            case ("frames", _, _, _, int(further)):
                found.append(BoundList(number, further=further))
            case ("returning", *_):
                found.append(BoundList(number))
            case ("values", _, str(kind), compared):
                held = compared if isinstance(compared, HeldType) else None
                found.append(BoundList(number, _type_of_values(kind, held, engine_of(dialect).spelling)))
            case _:
                pass
    return tuple(found)


def _type_of_values(kind: str, compared: HeldType | None, spelling: Spelling) -> str:
    """The type in which a column of this kind is compared with them, in the words of `exp.cast`."""
    match compared:
        case HeldType(kind="whole"):
            return "bigint" if compared.bits <= 63 else spelling.widest_whole
        case HeldType(kind="decimal"):
            return "decimal" if compared.precision is None else f"decimal({compared.precision},{compared.scale})"
        case HeldType(kind="real" | "double"):
            return "double"
        case HeldType(kind="uuid"):
            return "uuid"
        case _:
            return type_named(kind)

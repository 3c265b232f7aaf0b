"""A table of an answer as it travelled, and which exact type each of its columns has outside of JSON."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Cell = str | int | float | bool | None
MOST_DIGITS = 38
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Column:
    """`sql`: the type in which DuckDB holds every value of it exactly; text where no other does."""

    name: str
    kind: str
    sql: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    zone: str
    """On whose clock instants are shown: the workspace's where there are hours, else UTC."""
    about: dict[str, Any]
    """The answer's body without its rows."""

    @property
    def receipt_id(self) -> str:
        return self.about["provenance"]["receipt_id"]


def table_of(answer: dict[str, Any]) -> Table:
    """Of the body of an answer."""
    about = {name: value for name, value in answer.items() if name != "rows"}
    columns = [
        _column(each["name"], each["type"], tuple(row[index] for row in answer["rows"]))
        for index, each in enumerate(answer["columns"])
    ]
    has_hours = any(each["role"] == "time" and each["type"] == "timestamp" for each in answer["columns"])
    window = answer["question"]["window"]
    return Table(tuple(columns), window["timezone"] if has_hours and window else "UTC", about)


def _column(name: str, kind: str, cells: tuple[Cell, ...]) -> Column:
    present = [each for each in cells if each is not None]
    try:
        return Column(name, kind, _sql_type(kind, present), cells)
    except (ValueError, ArithmeticError):
        return Column(name, kind, "VARCHAR", cells)


def _sql_type(kind: str, present: list[Any]) -> str:
    """Raises ValueError or ArithmeticError where a value is none that such a type could hold."""
    match kind:
        case "integer":
            most = max((abs(int(each)) for each in present), default=0)
            return "BIGINT" if most < _LARGEST else _decimal(len(str(most)), 0)
        case "decimal":
            # All of a column have its scale; where there are none, no value says which it is.
            numbers = [Decimal(each) for each in present]
            if not all(number.is_finite() for number in numbers):
                raise ValueError("a decimal that is not a number")
            scale = max((len(each.partition(".")[2]) for each in present), default=0)
            return _decimal(max((len(each.lstrip("-").partition(".")[0]) for each in present), default=0) + scale, scale)
        case "double":
            return "DOUBLE"
        case "boolean":
            return "BOOLEAN"
        case "date":
            for each in present:
                date.fromisoformat(each)
            return "DATE"
        case "timestamp":
            zoned = {datetime.fromisoformat(each).tzinfo is not None for each in present}
            if len(zoned) > 1:
                raise ValueError("instants beside wall times")
            return "TIMESTAMP" if zoned == {False} else "TIMESTAMPTZ"
        case _:
            return "VARCHAR"


def _decimal(digits: int, scale: int) -> str:
    if digits > MOST_DIGITS:
        raise ValueError("more digits than a decimal holds")
    return f"DECIMAL({MOST_DIGITS}, {scale})"

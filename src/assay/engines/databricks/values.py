"""Values on their way to a Databricks warehouse and back: everything travels as text, with its SQL type beside it."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from assay.catalog.moments import beyond
from assay.engines.databricks.statements import Parameter
from assay.errors import StatementFailed

_MOST_DIGITS = 38


def parameter(name: str, value: Any) -> Parameter:
    """A bound value in the type that its Python type means. Raises StatementFailed for what no SQL type holds."""
    match value:
        case bool():
            return Parameter(name, "true" if value else "false", "BOOLEAN")
        case int() if -(2**63) <= value < 2**63:
            return Parameter(name, str(value), "BIGINT")
        case int() | Decimal():
            return _decimal(name, Decimal(value))
        case float():
            return Parameter(name, repr(value), "DOUBLE")
        case datetime() if value.tzinfo is not None:
            return Parameter(name, value.astimezone(UTC).isoformat(" "), "TIMESTAMP")
        case datetime():
            return Parameter(name, value.isoformat(" "), "TIMESTAMP_NTZ")
        case date():
            return Parameter(name, value.isoformat(), "DATE")
        case None:
            return Parameter(name, None, "STRING")
        case _:
            return Parameter(name, str(value), "STRING")


def _decimal(name: str, value: Decimal) -> Parameter:
    scale = max(0, -int(value.as_tuple().exponent))
    precision = max(scale, value.adjusted() + 1 + scale, 1)
    if precision > _MOST_DIGITS:
        raise StatementFailed(f"A Databricks decimal has {_MOST_DIGITS} digits; {value:.20g} has more.")
    return Parameter(name, f"{value:f}", f"DECIMAL({precision},{scale})")


def _day(text: str) -> date | str:
    return beyond(text.removeprefix("+")) or date.fromisoformat(text)


def _instant(text: str) -> datetime | str:
    """Without an offset it is in the session's zone, which was made sure to be UTC."""
    outside = beyond(text.removeprefix("+"))
    if outside is not None:
        return outside if outside.endswith("Z") else beyond(f"{outside}Z") or outside
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _wall_time(text: str) -> datetime | str:
    return beyond(text.removeprefix("+")) or datetime.fromisoformat(text).replace(tzinfo=None)


_READERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INT", "INTEGER", "BIGINT", "BYTE", "SHORT", "LONG"), int),
    **dict.fromkeys(("FLOAT", "DOUBLE", "REAL"), float),  # NaN and Infinity too
    **dict.fromkeys(("DECIMAL", "NUMERIC", "DEC"), Decimal),
    "BOOLEAN": lambda text: text.lower() == "true",
    "DATE": _day,
    "TIMESTAMP": _instant,
    "TIMESTAMP_NTZ": _wall_time,
}


def reader(type_text: str) -> Callable[[str], Any] | None:
    """How the text of a column of this type is read; None for what stays text. `DECIMAL(18,2)` is a `DECIMAL`."""
    return _READERS.get(type_text.partition("(")[0].strip().upper())


def read_rows(columns: tuple[tuple[str, str], ...], rows: list[list[str | None]]) -> list[tuple[Any, ...]]:
    """Raises what Python raises where a text is not of its column's type, or is no text."""
    readers = [reader(type_text) or str for _, type_text in columns]
    return [tuple(None if text is None else read(text) for read, text in zip(readers, row, strict=True)) for row in rows]

"""Values on their way into a statement's text, types and moments on their way out of the server.

The driver puts parameters into the text itself, and as texts: a decimal beside a text is compared on doubles. So they are
written here, each in its own type; in a session with NO_BACKSLASH_ESCAPES a quote is all that ends a text.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from assay.catalog.types import COLLATED
from assay.engines.mariadb.reading import READING
from assay.errors import StatementFailed

COLLATION = "utf8mb4_nopad_bin"
"""By code point, and a blank at the end counts. Text of another collation is cast before anything is done with it."""
_INSTANT = 7
"""The protocol's number of TIMESTAMP; a DATETIME, which has no zone, has another."""
_MARKS = re.compile(f"(?P<kept>{READING.string}|{READING.quoted})|{READING.placeholder}")
_WHOLE = ("tinyint", "smallint", "mediumint", "int", "bigint")


def with_values(text: str, parameters: Mapping[str, Any]) -> str:
    """The statement with its values in place of its placeholders. Raises StatementFailed for one without a type here."""
    return _MARKS.sub(lambda found: found[0] if found["kept"] else literal(parameters[found[0][1:]]), text)


def literal(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case float() if math.isfinite(value):
            return f"{value!r}e0" if "e" not in repr(value) else repr(value)
        case Decimal() if value.is_finite():
            return f"{value:f}"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case datetime():
            clock = value.astimezone(UTC) if value.tzinfo else value
            return f"TIMESTAMP'{clock.replace(tzinfo=None).isoformat(' ', 'microseconds')}'"
        case date():
            return f"DATE'{value.isoformat()}'"
        case _:
            raise StatementFailed(f"MariaDB has no type for {value!r:.60}")


def type_name(data_type: str, column_type: str, collation: str | None) -> str:
    """What a column is called to the catalog, from three columns of information_schema.COLUMNS."""
    kind, whole = data_type.lower(), column_type.lower()
    if collation is not None:
        is_exact = collation == COLLATION and kind not in ("enum", "set")
        return (whole if "(" in whole else "text") if is_exact else COLLATED
    if kind in _WHOLE and whole != "tinyint(1)":
        return f"{kind} unsigned" if "unsigned" in whole else kind
    return whole if kind in ("tinyint", "decimal", "bit") and "unsigned" not in whole else kind + _digits(kind, whole)


def _digits(kind: str, whole: str) -> str:
    return whole[whole.index("(") : whole.index(")") + 1] if kind == "decimal" else ""


def instants_of(description: tuple[tuple[Any, ...], ...]) -> list[int]:
    """The places of the columns that hold instants."""
    return [place for place, column in enumerate(description) if column[1] == _INSTANT]


def with_instants(row: tuple[Any, ...], places: list[int]) -> tuple[Any, ...]:
    """The driver gives instants without their zone, which is the session's: UTC."""
    values = list(row)
    for place in places:
        if isinstance(values[place], datetime):
            values[place] = values[place].replace(tzinfo=UTC)
    return tuple(values)

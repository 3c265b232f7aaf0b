"""Values on their way to an engine: read from JSON in the type of their column, and written back."""

import math
import re
import sys
from datetime import UTC, date, datetime
from decimal import Context, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from assay.catalog.moments import beyond
from assay.catalog.value_type import UNBOUND, may_be_bound
from assay.catalog.windows import FIRST_YEAR, LAST_YEAR
from assay.catalog.zones import first_day, first_wall, to_utc
from assay.errors import BadQuestion

Value = str | int | Decimal | bool | float | date | datetime
_DIGITS = Context(prec=100)
_WHOLE = re.compile(r"-?[0-9]{1,100}")
_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,4})?")
_LARGEST = 10**100
NOT_FINITE = ("NaN", "Infinity", "-Infinity")
"""How doubles that are no number of arithmetic travel, in answers and in filters."""


def typed_value(value: str | int | float | bool, name: str, kind: str, zone: ZoneInfo, field: str) -> Value:
    """A filter's value in the kind of the column that it is compared with; raises BadQuestion with the field."""

    def refuse() -> BadQuestion:
        article = "an" if kind == "integer" else "a"
        return BadQuestion(f"{name} is {article} {kind}; {value!r:.60} is not", field=field)

    if kind == "boolean" and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if isinstance(value, bool) != (kind == "boolean"):
        raise refuse()
    if kind in ("string", "date", "timestamp") and not isinstance(value, str):
        raise refuse()
    if isinstance(value, str) and not may_be_bound(value):
        raise BadQuestion(f"a value {UNBOUND}", field=field)
    match kind:
        case "integer":
            # As text too: a page cannot hold one beyond 2^53. What the column cannot hold equals no row.
            if isinstance(value, str):
                if not _WHOLE.fullmatch(value):
                    raise refuse()
                return int(value)
            # The range first: NaN and infinity are outside it.
            if not (-_LARGEST <= value <= _LARGEST) or value != int(value):
                raise refuse()
            return int(value)
        case "decimal":
            number = _decimal(value)
            if number is None:
                raise refuse()
            return number
        case "double":
            if isinstance(value, str):
                if value not in NOT_FINITE and not _NUMBER.fullmatch(value):
                    raise refuse()
                value = float(value)
            # No integer that has no double. Adding 0.0 makes one number of 0.0 and -0.0.
            elif not (-sys.float_info.max <= value <= sys.float_info.max):
                raise refuse()
            return float(value) + 0.0
        case "date":
            return beyond(str(value)) or _day(str(value), field)
        case "timestamp":
            return beyond(str(value)) or _moment(str(value), zone, field)
        case _:
            return value


def _decimal(value: str | int | float | bool) -> Decimal | None:
    """The number in its one normal form, or None: no number, or more digits than any engine's decimal holds."""
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    if not number.is_finite():
        return number if value in NOT_FINITE else None
    if number == 0:
        return Decimal(0)
    if number.adjusted() >= 38:
        return None
    digits = number.as_tuple()
    if len(digits.digits) > 76 or int(digits.exponent) < -76:
        return None
    number = number.normalize(_DIGITS)
    return number if int(number.as_tuple().exponent) >= -38 else None


def read_moment(text: str, zone: ZoneInfo, field: str, *, or_such_as: str = "") -> datetime:
    """An instant in UTC; without a zone of its own it is a wall time of the workspace."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        also = f"; or {or_such_as}" if or_such_as else ""
        mend = f"write 2026-11-01 or 2026-11-01T08:00:00Z{also}"
        raise BadQuestion(f"{text!r} is no date", mend=mend, field=field) from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BadQuestion(f"{text!r} is outside {FIRST_YEAR} to {LAST_YEAR}", field=field)
    return to_utc(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)


def _moment(text: str, zone: ZoneInfo, field: str) -> datetime:
    """As `read_moment`, of any year that Python knows: a filter takes what an answer shows."""
    try:
        moment = datetime.fromisoformat(text)
        return to_utc(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadQuestion(f"{text!r} is no date", mend="write 2026-11-01 or 2026-11-01T08:00:00Z", field=field) from error


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadQuestion(f"{text!r} is no day", mend="write 2026-11-01", field=field) from error


def written_instant(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def plain(value: Value) -> str | int | float | bool:
    """The value as it stands in receipts; `typed_value` reads it back."""
    if isinstance(value, datetime):
        return written_instant(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else not_finite(value)
    return str(value) if isinstance(value, (Decimal, date)) or is_beyond_double(value) else value


def is_beyond_double(value: object) -> bool:
    """A whole number that a reader of JSON may round: it travels as text."""
    return isinstance(value, int) and not -(2**53) <= value <= 2**53


def not_finite(value: float | Decimal) -> str:
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def as_column(moment: datetime, kind: str, timezone: str) -> date | datetime:
    """An instant as a column of this kind holds time: as it is, a wall time, or the first day that is not before it."""
    if kind == "timestamp":
        return moment
    zone = ZoneInfo(timezone)
    try:
        return first_wall(moment, zone) if kind == "timestamp_ntz" else first_day(moment, zone)
    except OverflowError as error:
        # The first and the last day of the calendar have no neighbour to look at.
        if zone.key == "UTC" and kind == "timestamp_ntz":
            return moment.replace(tzinfo=None)
        raise BadQuestion(f"{written_instant(moment)} is no time on the clock of {zone.key}", field="filters") from error

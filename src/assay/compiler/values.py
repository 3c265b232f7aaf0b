"""Values on their way to an engine: read from JSON in the type of their column, and written back."""

import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from assay.catalog.metric import Dimension
from assay.catalog.windows import to_utc, to_wall
from assay.errors import BadQuestion

Value = str | int | Decimal | bool | float | date | datetime
_DIGITS = Context(prec=100)
_WHOLE_NUMBERS = {"integer": 2**31, "bigint": 2**63, "decimal": 2**63}
"""How far the integers of a column of this type may go from 0."""


def typed_value(value: str | int | float | bool, dimension: Dimension, zone: ZoneInfo, field: str) -> Value:
    """A filter's value in the type of the dimension's column; raises BadQuestion with the field."""
    kind = dimension.type.kind

    def refuse() -> BadQuestion:
        return BadQuestion(f"{dimension.name} is a {kind}; {value!r:.60} is not", field=field)

    if isinstance(value, bool) != (kind == "boolean"):
        raise refuse()
    if kind in ("string", "date", "timestamp") and not isinstance(value, str):
        raise refuse()
    if isinstance(value, str) and (
        len(value) > 1_000 or "\x00" in value or any("\ud800" <= each <= "\udfff" for each in value)
    ):
        message = "a value is longer than 1,000 characters, holds a NUL, or half a surrogate pair"
        raise BadQuestion(message, field=field)
    match kind:
        case "integer":
            largest = _WHOLE_NUMBERS[dimension.column.type.kind]
            # The range first: NaN and infinity are outside it.
            if isinstance(value, str) or not (-largest <= value < largest) or value != int(value):
                raise refuse()
            return int(value)
        case "decimal":
            number = _decimal(value)
            if number is None:
                raise refuse()
            return number
        case "double":
            # Neither NaN nor infinity, nor an integer that has no double. Adding 0.0 makes one number of 0.0 and -0.0.
            if isinstance(value, str) or not (-sys.float_info.max <= value <= sys.float_info.max):
                raise refuse()
            return float(value) + 0.0
        case "date":
            return _day(str(value), field)
        case "timestamp":
            return read_moment(str(value), zone, field)
        case _:
            return value


def _decimal(value: str | int | float | bool) -> Decimal | None:
    """The number in its one normal form, or None: no number, or more digits than any engine's decimal holds."""
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    if not number.is_finite():
        return None
    if number == 0:
        return Decimal(0)
    if number.adjusted() >= 38:
        return None
    digits = number.as_tuple()
    if len(digits.digits) > 76 or int(digits.exponent) < -76:
        return None
    number = number.normalize(_DIGITS)
    return number if int(number.as_tuple().exponent) >= -38 else None


def read_moment(text: str, zone: ZoneInfo, field: str) -> datetime:
    """An instant in UTC; without a zone of its own it is a wall time of the workspace."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadQuestion(f"{text!r} is no date", mend="write 2026-11-01 or 2026-11-01T08:00:00Z", field=field) from error
    if not 1900 <= moment.year <= 2200:
        raise BadQuestion(f"{text!r} is outside 1900 to 2200", field=field)
    return to_utc(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)


def _day(text: str, field: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadQuestion(f"{text!r} is no day", mend="write 2026-11-01", field=field) from error
    if not 1900 <= day.year <= 2200:
        raise BadQuestion(f"{text!r} is outside 1900 to 2200", field=field)
    return day


def written_instant(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def plain(value: Value) -> str | int | float | bool:
    """The value as it stands in receipts; `typed_value` reads it back."""
    if isinstance(value, datetime):
        return written_instant(value)
    return str(value) if isinstance(value, (Decimal, date)) else value


def as_column(moment: datetime, kind: str, timezone: str) -> date | datetime:
    """An instant as a column of this kind holds time: an instant, a wall time, or the first day not before it."""
    if kind == "timestamp":
        return moment
    wall = to_wall(moment, ZoneInfo(timezone))
    return wall if kind == "timestamp_ntz" else first_day(wall).date()


def first_day(wall: datetime) -> datetime:
    """The first midnight that is not before `wall`."""
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if midnight == wall else midnight + timedelta(days=1)

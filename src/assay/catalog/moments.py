"""Days and moments that Python's calendar does not hold, as the text that they travel as: `infinity`, the year 20240, 44 BC.

PostgreSQL and DuckDB hold them, and an answer shows them as values like any other.
"""

import re
from datetime import UTC, date, datetime, timedelta

EPOCH = date(2000, 1, 1)
"""PostgreSQL counts days and microseconds from here; the largest and the least count are the two infinities."""
_DAYS_IN_400_YEARS = 146_097
_DAY_MICROSECONDS = 86_400_000_000
_TO_1970 = 946_684_800_000_000
_FORM = re.compile(
    r"(?P<year>[0-9]{4,6})-(?P<rest>[0-9]{2}-[0-9]{2})(?P<bc>\s*\(?BC\)?)?"
    r"(?:[T ](?P<clock>[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)(?P<zone>Z|\+00(?::?00)?)?(?P<late_bc>\s*\(?BC\)?)?)?"
)


class Beyond(str):
    """The text of a day or moment outside the years 1 to 9999; it stands where a date or datetime would."""

    __slots__ = ()

    @property
    def is_early(self) -> bool:
        return self.startswith("-") or self.endswith("BC")

    @property
    def is_infinite(self) -> bool:
        return self.endswith("infinity")

    @property
    def fits_microseconds(self) -> bool:
        """Whether it is a moment that an engine can count from 1970 in 64 bits: the years -290308 to 294247."""
        return not self.is_infinite and -(2**63) <= moment_number(self) + _TO_1970 < 2**63

    @property
    def signed(self) -> str:
        """With a signed year, counted with a year 0: `+20240-01-05`, `-0043-03-15` for 44 BC."""
        year, rest = _year_and_rest(self)
        return f"{'-' if year < 0 else '+'}{abs(year):04}-{rest}"


def beyond(text: str) -> Beyond | None:
    """The one form of such a text; None for what is no day or moment, or one that Python holds."""
    if text in ("infinity", "-infinity"):
        return Beyond(text)
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    is_before = bool(form["bc"] or form["late_bc"])
    year = int(form["year"])
    if year <= (0 if is_before else 9999):
        return None
    try:
        date.fromisoformat(f"{_like(1 - year if is_before else year):04}-{form['rest']}")
        clock = form["clock"] and datetime.fromisoformat(f"2000-01-01T{form['clock']}").time().isoformat()
    except ValueError:
        return None
    zone = "Z" if form["zone"] else ""
    return Beyond(f"{year:04}-{form['rest']}" + (f"T{clock}{zone}" if clock else "") + (" BC" if is_before else ""))


def _like(year: int) -> int:
    """A year from 2000 to 2399 whose days are those of this one; 1 BC is the year 0."""
    return 2000 + year % 400


def day_number(value: date | str) -> int:
    """Days from EPOCH."""
    if isinstance(value, date):
        return value.toordinal() - EPOCH.toordinal()
    # Its day alone, where it has a clock too.
    year, rest = _year_and_rest(value)
    like = _like(year)
    day = date.fromisoformat(f"{like:04}-{rest[:5]}")
    return day.toordinal() - EPOCH.toordinal() + (year - like) // 400 * _DAYS_IN_400_YEARS


def moment_number(value: datetime | str) -> int:
    """Microseconds from EPOCH."""
    if isinstance(value, datetime):
        wall = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return (wall - datetime(2000, 1, 1)) // timedelta(microseconds=1)
    _, rest = _year_and_rest(value)
    clock = datetime.fromisoformat(f"2000-01-01T{rest[6:].removesuffix('Z') or '00:00:00'}") - datetime(2000, 1, 1)
    return day_number(value) * _DAY_MICROSECONDS + clock // timedelta(microseconds=1)


def _year_and_rest(text: str) -> tuple[int, str]:
    year, _, rest = text.partition("-")
    return (1 - int(year), rest.removesuffix(" BC")) if text.endswith(" BC") else (int(year), rest)


def day_of(number: int) -> date | str:
    """The day of so many days from EPOCH."""
    ordinal = number + EPOCH.toordinal()
    if 1 <= ordinal <= date.max.toordinal():
        return date.fromordinal(ordinal)
    periods = number // _DAYS_IN_400_YEARS
    like = date.fromordinal(EPOCH.toordinal() + number - periods * _DAYS_IN_400_YEARS)
    year = like.year + periods * 400
    text = f"{year if year > 0 else 1 - year:04}-{like:%m-%d}"
    return Beyond(text if year > 0 else f"{text} BC")


def moment_of(number: int, *, is_instant: bool) -> datetime | str:
    """The moment of so many microseconds from EPOCH: an instant in UTC, or the time on a wall."""
    days, rest = divmod(number, _DAY_MICROSECONDS)
    day = day_of(days)
    clock = datetime(2000, 1, 1, tzinfo=UTC if is_instant else None) + timedelta(microseconds=rest)
    if isinstance(day, date):
        return datetime.combine(day, clock.timetz())
    text, mark = (day.removesuffix(" BC"), " BC") if day.endswith(" BC") else (day, "")
    return Beyond(f"{text}T{clock.time().isoformat()}{'Z' if is_instant else ''}{mark}")

"""Days as people write them: a year, `Q3 2025`, `3 March`, `2026-03-01`, `Monday`; and the days they stand for."""

from dataclasses import dataclass, replace
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Written:
    """A day or a longer piece of the calendar with what was left unsaid still None."""

    year: int | None = None
    half: int | None = None
    quarter: int | None = None
    month: int | None = None
    day: int | None = None
    week: int | None = None
    """Of the ISO calendar: week 1 has the year's first Thursday."""
    weekday: int | None = None
    ago: int | None = None
    """Days before today: 0 for today, 1 for yesterday."""
    years_ago: int | None = None
    """Of a month or a quarter without a year: in which year, counted back from this one."""
    either: tuple[int, int] | None = None
    """Two numbers of which nobody can say which is the month."""

    @property
    def is_yearly(self) -> bool:
        """Whether it comes once a year, and the year is not said."""
        pieces = (self.half, self.quarter, self.month, self.week)
        return self.year is None and self.years_ago is None and any(each is not None for each in pieces)

    def filled_from(self, other: "Written") -> "Written":
        """With year and month of the other end of a range, where this end left them out."""
        year = self.year if self.year is not None or self.weekday is not None or self.ago is not None else other.year
        if self.day is not None and self.month is None:
            return replace(self, year=year, month=other.month)
        return replace(self, year=year)


def span(written: Written, today: date) -> tuple[date, date]:
    """First day, and the day after the last; the latest one that has begun. Raises ValueError for 31 February."""
    if written.ago is not None:
        first = today - timedelta(days=written.ago)
        return first, first + timedelta(days=1)
    if written.weekday is not None:
        first = today - timedelta(days=(today.weekday() - written.weekday) % 7)
        return first, first + timedelta(days=1)
    if written.year is not None or written.years_ago is not None:
        return _in_year(written, written.year if written.year is not None else today.year - (written.years_ago or 0))
    # 29 February was last in a leap year.
    for year in range(today.year, today.year - 9, -1):
        try:
            first, end = _in_year(written, year)
        except ValueError:
            if (written.month, written.day) != (2, 29) and written.week != 53:
                raise
            continue
        if first <= today:
            return first, end
    raise ValueError("no such day")


def _in_year(written: Written, year: int) -> tuple[date, date]:
    if not 1900 <= year <= 2199:
        raise ValueError("a year outside 1900 to 2199")
    if written.month is not None and written.day is not None:
        first = date(year, written.month, written.day)
        return first, first + timedelta(days=1)
    if written.month is not None:
        return _months(year, written.month, 1)
    if written.week is not None:
        first = date.fromisocalendar(year, written.week, 1)
        return first, first + timedelta(days=7)
    if written.quarter is not None:
        return _months(year, written.quarter * 3 - 2, 3)
    if written.half is not None:
        return _months(year, written.half * 6 - 5, 6)
    return _months(year, 1, 12)


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    return date(year, month, 1), months_later(date(year, month, 1), count)


def months_later(day: date, count: int) -> date:
    """The same day of another month, or its last day where it has no such day."""
    month = day.year * 12 + day.month - 1 + count
    first = date(month // 12, month % 12 + 1, 1)
    following = date((month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(first.replace(day=1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def numeric(text: str, *, day_first: bool | None) -> Written | None:
    """`2026-03-01`, `13/02/2026`, `3.4.`; None where it is no day. `day_first` None: this language writes both ways."""
    parts = [int(part) for part in text.replace("/", "-").replace(".", "-").split("-") if part]
    if len(text.split("-")[0].split("/")[0].split(".")[0]) == 4:
        return _checked(Written(year=parts[0], month=parts[1], day=parts[2]))
    year = None
    if len(parts) == 3:
        year = parts[2] if parts[2] > 99 else 2000 + parts[2]
    one, two = parts[0], parts[1]
    if "." in text or day_first or one > 12:
        return _checked(Written(year=year, month=two, day=one))
    if two > 12 or one == two:
        return _checked(Written(year=year, month=one, day=two))
    return Written(year=year, either=(one, two))


def _checked(written: Written) -> Written | None:
    try:
        date(written.year or 2024, written.month or 0, written.day or 0)
    except ValueError:
        return None
    return written

"""Two results of one question held against each other: what counts as the same value, and where the gap lies.

Engines write one value in several ways (-0 and 0, 1.5 and 1.50, a timestamp with its zone or without). Those differences
are taken away first; every other one counts. Text is what a filter sees: a blank at its end and another Unicode form
make another text. The order of rows never matters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timezone
from decimal import Context, Decimal, InvalidOperation
from operator import itemgetter
from types import NoneType
from typing import Any, Literal
from zoneinfo import ZoneInfo

from assay.catalog.entry import Tolerance
from assay.catalog.formula import ValueType
from assay.compiler.statement import AnswerColumn

Verdict = Literal["equal", "within_tolerance", "differs", "not_comparable"]
PASSED: tuple[Verdict, ...] = ("equal", "within_tolerance")
"""What lets a route flip."""
MAX_LARGEST = 10
DOUBLE_NOISE = Decimal("1e-12")
"""Sums of doubles depend on the order of their addition from the 13th digit on: that much is no difference."""
EXPLAINS = Decimal("0.8")
_WIDE = Context(prec=400)
"""Python rounds to 28 digits of itself, and doubles reach over 308 before the point: nothing here may be rounded."""
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A group whose value is another on the other side. `missing_on` names the side that lacks the group."""

    key: Key
    column: str
    here: Any
    there: Any
    difference: Decimal | None
    """there - here; None where the two are no numbers."""
    missing_on: str | None = None


@dataclass(frozen=True, slots=True)
class GrainResult:
    """One grain compared. `rows` is the number of groups seen on either side; `gaps` the largest first."""

    grain: str
    verdict: Verdict
    rows: int
    differing: int = 0
    gaps: tuple[Gap, ...] = ()
    gap: Decimal = Decimal(0)
    """The absolute differences of all groups together."""
    net: Decimal = Decimal(0)
    reason: str | None = None
    few: tuple[Gap, ...] = ()
    """The fewest groups that together explain at least four fifths of the gap; empty where that takes most of them."""
    all_gaps: tuple[Gap, ...] = ()
    """Every group that differs."""


def compare_rows(
    grain: str, columns: tuple[AnswerColumn, ...], here: Sequence[Sequence[Any]], there: Sequence[Sequence[Any]],
    tolerances: dict[str, Tolerance], zone: ZoneInfo, names: tuple[str, str], padded: frozenset[str] = frozenset(),
) -> GrainResult:  # fmt: skip
    """Compare one question's rows of two engines. `names` are the two sides as they are called in reasons.

    `padded`: the columns whose type fills text up with blanks on both sides, as char(n) does.
    """
    keys = _places_of_keys(columns)
    if keys and _are_the_same(columns, here, there, itemgetter(*keys)):
        return GrainResult(grain, "equal", len(here))
    try:
        whole = _kept_whole(columns, keys, here, there)
        one, other = (
            read_rows(rows, columns, zone, name, padded, whole) for rows, name in zip((here, there), names, strict=True)
        )
    except Unreadable as error:
        return GrainResult(grain, "not_comparable", max(len(here), len(there)), reason=str(error))
    values = [(index, column) for index, column in enumerate(columns) if index not in keys]
    gaps: list[Gap] = []
    inexact = False
    for key in one.keys() | other.keys():
        left, right = one.get(key), other.get(key)
        missing = names[1] if right is None else names[0] if left is None else None
        for index, column in values:
            a, b = (row[index] if row else None for row in (left, right))
            if missing is None:
                same = _alike(a, b, column.type, tolerances.get(column.metric_id or "", Tolerance()))
                inexact |= same == "within_tolerance"
                if same != "differs":
                    continue
            gaps.append(Gap(key, column.name, a, b, _difference(a, b), missing))
    gaps.sort(key=lambda each: ((each.difference or Decimal(0)).copy_abs().copy_negate(), _sortable(each.key)))
    rows = len(one.keys() | other.keys())
    if not gaps:
        return GrainResult(grain, "within_tolerance" if inexact else "equal", rows)
    total, net = Decimal(0), Decimal(0)
    for each in gaps:
        total = _WIDE.add(total, (each.difference or Decimal(0)).copy_abs())
        net = _WIDE.add(net, each.difference or Decimal(0))
    return GrainResult(grain, "differs", rows, len(gaps), tuple(gaps[:MAX_LARGEST]), total, net, None,
                       _few(gaps, total, rows), tuple(gaps))  # fmt: skip


def _places_of_keys(columns: tuple[AnswerColumn, ...]) -> list[int]:
    return [index for index, column in enumerate(columns) if column.role in ("time", "dimension")]


def _are_the_same(
    columns: tuple[AnswerColumn, ...], here: Sequence[Sequence[Any]], there: Sequence[Sequence[Any]],
    key: Callable[[Sequence[Any]], Any],
) -> bool:  # fmt: skip
    """Whether both sides hand over the same rows, each group once, in types that need no reading: most often they do."""
    for rows in (here, there):
        if any(len(row) != len(columns) for row in rows):
            return False
        if any(not {type(row[index]) for row in rows} <= _PLAIN[column.type.kind] for index, column in enumerate(columns)):
            return False
    one, other = ({key(row): tuple(row) for row in rows} for rows in (here, there))
    return len(one) == len(here) and len(other) == len(there) and one == other


def _few(gaps: list[Gap], total: Decimal, rows: int) -> tuple[Gap, ...]:
    explained = Decimal(0)
    for count, each in enumerate(gaps[:MAX_LARGEST], 1):
        explained = _WIDE.add(explained, (each.difference or Decimal(0)).copy_abs())
        if total and explained >= _WIDE.multiply(EXPLAINS, total):
            return tuple(gaps[:count]) if count * 2 <= rows else ()
    return ()


def read_rows(
    rows: Sequence[Sequence[Any]], columns: tuple[AnswerColumn, ...], zone: ZoneInfo, name: str,
    padded: frozenset[str] = frozenset(), whole: frozenset[str] = frozenset(),
) -> dict[Key, list[Any]]:  # fmt: skip
    """The rows by key, in their order, every value read by its type. Raises Unreadable, also where a key stands twice.

    `whole`: the columns whose moments are read to their last digit.
    """
    keys = _places_of_keys(columns)
    found: dict[Key, list[Any]] = {}
    readers = [
        _hour_reader(column.zone) if column.zone is not None
        else reader_of(column.type, zone, _moment) if column.name in whole
        else reader_of(column.type, zone, is_padded=column.name in padded)
        for column in columns
    ]  # fmt: skip
    for row in rows:
        if len(row) != len(columns):
            raise Unreadable(f"{name} gave {len(row)} columns where {len(columns)} were asked for")
        read = [None if value is None else reader(value) for reader, value in zip(readers, row, strict=True)]
        key = tuple(read[index] for index in keys)
        if key in found:
            raise Unreadable(f"{name} gave the group {shown_key(key)} twice")
        found[key] = read
    return found


class Unreadable(ValueError):
    """A value that is none of its column's type."""


def _kept_whole(
    columns: tuple[AnswerColumn, ...], keys: Sequence[int], here: Sequence[Sequence[Any]], there: Sequence[Sequence[Any]]
) -> frozenset[str]:
    """The times that divide and of which both sides keep more than milliseconds: a microsecond makes another group."""
    times = [index for index in keys if columns[index].type.kind == "timestamp" and columns[index].zone is None]
    return frozenset(
        columns[index].name for index in times
        if all(any(row[index] is not None and _is_finer(row[index]) for row in rows) for rows in (here, there))
    )  # fmt: skip


def _is_finer(value: Any) -> bool:
    try:
        return _moment(value).microsecond % 1000 != 0
    except (ValueError, TypeError, AttributeError):
        return False  # whoever reads it says what it is


def reader_of(
    value_type: ValueType, zone: ZoneInfo, reader: Callable[[Any, ZoneInfo], Any] | None = None, *, is_padded: bool = False
) -> Callable[[Any], Any]:
    """How a value of this type is read, however the driver hands it over. Raises Unreadable."""
    known = reader or _READERS.get(value_type.kind)

    def read(value: Any) -> Any:
        try:
            return known(value, zone) if known else str(value).rstrip(" ") if is_padded else str(value)
        except (ValueError, TypeError, InvalidOperation, ArithmeticError) as error:
            raise Unreadable(f"{value!r} is not a valid {value_type.kind}") from error

    return read


def _hour_reader(zone: ZoneInfo) -> Callable[[Any], datetime]:
    """Hours as they are called, with the offset of the clocks: two that show the same time are two."""
    read = reader_of(ValueType("timestamp"), zone)

    def hour(value: Any) -> datetime:
        moment = read(value).replace(tzinfo=UTC)
        # In a zone of one offset only: in one of two, Python holds the two hours for equal.
        return moment.astimezone(timezone(moment.astimezone(zone).utcoffset()))

    return hour


def _whole(value: Any, _: ZoneInfo) -> Decimal:
    number = Decimal(value if isinstance(value, (str, int)) else str(value))
    if not number.is_finite() or number != number.to_integral_value():
        raise ValueError(value)
    return number


def _decimal(value: Any, _: ZoneInfo) -> Decimal | str:
    number = Decimal(value if isinstance(value, (str, int)) else str(value))
    if number.is_nan():
        return "nan"  # whatever its sign and payload
    return (number or Decimal(0)) if number.is_finite() else str(number).lower().lstrip("+")


def _boolean(value: Any, _: ZoneInfo) -> bool:
    if isinstance(value, str):
        return {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}[value.lower()]
    if value in (0, 1):
        return bool(value)
    raise ValueError(value)


def _date(value: Any, zone: ZoneInfo) -> date:
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    if isinstance(value, datetime):
        wall = value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value
        if wall.time() != datetime.min.time():
            raise ValueError(value)
        return wall.date()
    return date.fromisoformat(value.isoformat())


def _moment(value: Any, _: ZoneInfo | None = None) -> datetime:
    """In UTC without saying so."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


def _instant(value: Any, _: ZoneInfo) -> datetime:
    """To the millisecond: not every engine keeps more."""
    wall = _moment(value)
    return wall.replace(microsecond=wall.microsecond // 1000 * 1000)


_READERS: dict[str, Callable[[Any, ZoneInfo], Any]] = {
    "integer": _whole, "decimal": _decimal, "double": _decimal, "boolean": _boolean, "date": _date, "timestamp": _instant,
}  # fmt: skip


_PLAIN: dict[str, frozenset[type]] = {
    kind: frozenset({NoneType, *types}) for kind, types in {
        "integer": (int,), "decimal": (int, Decimal), "double": (float,), "boolean": (bool,), "date": (date,),
        "timestamp": (datetime,), "string": (str,),
    }.items()
}  # fmt: skip
"""What a driver hands over where the value needs no reading."""


def _alike(a: Any, b: Any, value_type: ValueType, tolerance: Tolerance) -> Verdict:
    if a == b:
        return "equal"
    if not (isinstance(a, Decimal) and isinstance(b, Decimal)):
        return "differs"
    gap, size = _WIDE.subtract(a, b).copy_abs(), max(a.copy_abs(), b.copy_abs())
    relative = Decimal(str(tolerance.relative))
    if value_type.kind == "double":
        relative = max(relative, DOUBLE_NOISE)
    allowed = max(Decimal(str(tolerance.absolute)), _WIDE.multiply(relative, size))
    return "within_tolerance" if gap <= allowed else "differs"


def _difference(a: Any, b: Any) -> Decimal | None:
    if not all(each is None or isinstance(each, Decimal) for each in (a, b)):
        return None
    return _WIDE.subtract(b or Decimal(0), a or Decimal(0))


def _sortable(key: Key) -> tuple[str, ...]:
    return tuple("" if part is None else str(part) for part in key)


def shown(value: Any) -> Any:
    """A value as it stands in reports: numbers as plain text, times as ISO text."""
    if isinstance(value, Decimal):
        return format(value.normalize(_WIDE) if value else Decimal(0), "f")
    return value.isoformat() if isinstance(value, (datetime, date)) else value


def shown_key(key: Key) -> str:
    return " / ".join("(empty)" if part is None else str(shown(part)) for part in key) or "the total"


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Of all grains together: one that differs decides, then one that cannot be compared."""
    for each in ("differs", "not_comparable", "within_tolerance"):
        if each in verdicts:
            return each
    return "equal"

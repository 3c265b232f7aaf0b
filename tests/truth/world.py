"""Awkward data and definitions, made from a seed: what the suite asks about.

Nothing here knows how an answer is computed. A measure is its text for the catalog beside a Python function over rows;
a row is a dict of plain Python values.
"""

import itertools
import math
import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.truth.calendar import Calendar, make_calendar

Row = dict[str, Any]
Value = Any
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Africa/Cairo", "America/Santiago", "America/Havana", "Asia/Kolkata",
    "Australia/Lord_Howe", "America/St_Johns", "Pacific/Auckland",
)  # fmt: skip

TABLES = {
    "shop": "shop_id string, head_id string?, city string?, rank int?, opened timestamp?",
    "sale": "sale_id bigint, shop_id string?, depot_id string?, region string?, code string?, tag string?, k bigint?,"
    " items int?, qty int?, amount decimal(18,2)?, price decimal(16,2)?, weight double?, free double;numeric?,"
    " flag boolean?, at timestamp?, wall timestamp_ntz?, day date?, ended timestamp?",
    "refund": "refund_id bigint, region string?, amount decimal(18,2)?, items int?, at timestamp?, day date?",
    "grade": "grade_id bigint, shop_id string?, since timestamp?, until timestamp?, level string?",
}
JOINS = ("sale.shop_id shop.shop_id at_shop", "sale.depot_id shop.shop_id from_depot", "shop.head_id shop.shop_id head",
         "sale.shop_id grade.shop_id graded held since;until")  # fmt: skip
# What the engines hold for a declared type: (PostgreSQL, DuckDB, MariaDB). Narrower or wider than declared on purpose.
PHYSICAL = {
    "string": ("text", "VARCHAR", "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"),
    "bigint": ("bigint", "BIGINT", "BIGINT"), "int": ("integer", "INTEGER", "INT"),
    "decimal(18,2)": ("numeric(18,2)", "DECIMAL(18,2)", "DECIMAL(18,2)"), "decimal(16,2)": ("numeric", "DOUBLE", "DOUBLE"),
    "double": ("double precision", "DOUBLE", "DOUBLE"), "double;numeric": ("numeric", "DOUBLE", "DOUBLE"),
    "boolean": ("boolean", "BOOLEAN", "BOOLEAN"), "timestamp": ("timestamptz", "TIMESTAMPTZ", "TIMESTAMP(6) NULL"),
    "timestamp_ntz": ("timestamp", "TIMESTAMP", "DATETIME(6)"), "date": ("date", "DATE", "DATE"),
}  # fmt: skip
OWN_TYPES = {"price": "postgres: numeric; duckdb: double; mariadb: double"}
"""What the dictionary says of columns that an engine holds in another type."""
_FOLDING = "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
NARROW = {
    "weight": ("real", "FLOAT", "FLOAT"), "qty": ("smallint", "SMALLINT", "SMALLINT"),
    "code": ("text", "VARCHAR", _FOLDING), "city": ("text", "VARCHAR", _FOLDING),
}  # fmt: skip
TEXTS = (
    "a", "b", "A", "a ", " a", "", "(none)", "\u00e9", "e\u0301", "\u00df", "ss", "a_b", "a b", "o'neil", "\u4e2d",
    "NULL", "nan",
)  # fmt: skip


def columns_of(table: str) -> dict[str, str]:
    """Column -> declared type, without the mark for *may be empty*."""
    return {each.split(" ", 1)[0]: each.split(" ", 1)[1].rstrip("?") for each in TABLES[table].split(", ")}


def physical_type(engine: str, table: str, column: str) -> str:
    names = NARROW.get(column) or PHYSICAL[columns_of(table)[column]]
    return names[("postgres", "duckdb", "mariadb").index(engine)]


@dataclass(frozen=True)
class Measure:
    """`text` as the catalog writes it; `over` gives its value over rows; `bound` how far a double may be off, else None."""

    text: str
    kind: str
    over: Callable[[list[Row]], Value]
    bound: Callable[[list[Row]], float] | None = None
    of: Callable[[list[Row]], list[Row]] = list
    """Which of the rows it looks at."""


@dataclass(frozen=True)
class Condition:
    """`holds` gives True, False or None, as SQL means it."""

    text: str
    holds: Callable[[Row], bool | None]


@dataclass(frozen=True)
class Follows:
    """What follows the rows of a part: (table, condition) of each kind, one behind the other, by the time of the part."""

    kinds: tuple[tuple[str, Condition | None], ...]
    columns: tuple[str, ...]
    """Equal in rows that belong together."""
    within: timedelta | None
    """None: however late"""
    value: str
    """rate, count or time"""


@dataclass(frozen=True)
class Returns:
    """Cohorts by the first of the part's rows, and the rows of (table, condition) by which somebody comes back."""

    kind: tuple[str, Condition | None]
    columns: tuple[str, ...]
    by: str
    up_to: int
    value: str
    """rate, count or size"""

    @property
    def since(self) -> str:
        return f"{self.by}s_since"


@dataclass(frozen=True)
class AtStart:
    """What there is on the first day of the unit in which a bucket begins; with `over` what its frame is that day."""

    unit: str
    over: tuple[int, str] | str | None


@dataclass(frozen=True)
class Part:
    table: str
    measure: Measure
    condition: Condition | None
    time: str | None
    alive: tuple[str, str] | None = None
    shift: tuple[int, str] | None = None
    """How far back it looks: (14, "days"), (1, "months")."""
    further: Condition | None = None
    """What its input adds to its condition."""
    keep: tuple[str, str, tuple[str, ...]] | None = None
    """Which rows of a bucket count: (newest or oldest, by which time, for each value of which columns)."""
    per: tuple[str, ...] = ()
    """For each value of which columns its measure is calculated first."""
    follows: Follows | None = None
    """Its rows have a column `_took`: how long until the last of these, in seconds, or in days where it goes by days."""
    returns: Returns | None = None
    """Its rows are members of cohorts, once for each bucket that is over: `_back` says whether one is back in it."""
    over: tuple[int, str] | str | AtStart | None = None
    """Its frame: so long before the end, since the start of a unit (`month`), or all that there was (`all`)."""
    coarser: str = "last"
    """Of which day of a bucket its value is: of the last or the first one, or on average."""


@dataclass(frozen=True)
class Metric:
    """One part: its value. Two: the first over the second, or their difference."""

    name: str
    parts: tuple[Part, ...]
    form: str  # simple | ratio | difference | quotient
    is_unknown_over_no_rows: bool = False
    """`empty: unknown`"""

    @property
    def dimensions(self) -> tuple[str, ...]:
        sale = (
            "region", "code", "tag", "k", "items", "flag", "day", "city", "rank", "amount", "price", "weight", "free", "at",
            *CALCULATED,
        )  # fmt: skip
        first = self.parts[0]
        if all(part.table == "sale" and part.time in ("at", "opened", "depot_opened") for part in self.parts):
            sale = (*sale, "level")  # of the grade that the shop had then, by a time of its type
        if first.returns:
            sale = (first.returns.since, *sale)
        # Each pass over the rows has the joins of its own, and a statement has ten at most: roles are of a single pass.
        if len(self.parts) > 1:
            return tuple(each for each in sale if each != "move") if self.parts[1].table == "sale" else ("region",)
        return sale if first.over else (*sale, *ROLES)


@dataclass(frozen=True)
class World:
    seed: int
    zone: ZoneInfo
    now: datetime
    tables: dict[str, list[Row]]
    metrics: tuple[Metric, ...]
    calendar: Calendar


def make_world(seed: int) -> World:
    rng = random.Random(seed)
    zone = ZoneInfo(rng.choice(ZONES))
    now = _moment(rng, zone, datetime(2026, 1, 2), datetime(2029, 12, 30)).replace(microsecond=0)
    tables = {"shop": _shops(rng, zone, now), "sale": [], "refund": [], "grade": []}
    tables["sale"] = [_sale(rng, number, zone, now) for number in range(rng.choice((0, 1, 7, 60, 250)))]
    tables["refund"] = [_refund(rng, number, zone, now) for number in range(rng.choice((0, 3, 40)))]
    tables["grade"] = list(_grades(random.Random(f"grades {seed}"), tables))
    return World(seed, zone, now, tables, tuple(_metrics(rng)), make_calendar(seed))


# -- rows -------------------------------------------------------------------------------------------


def _maybe(rng: random.Random, value: Value, share: float = 0.15) -> Value:
    return None if rng.random() < share else value


def single(value: float) -> float:
    """The nearest value that a column of four bytes holds."""
    return struct.unpack("f", struct.pack("f", value))[0]


def _turns(zone: ZoneInfo, year: int) -> list[datetime]:
    """The instants at which the zone's clocks change in a year, to the minute."""
    at, found = datetime(year, 1, 1, tzinfo=UTC), []
    while at.year == year:
        following = at + timedelta(hours=12)
        if at.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            low, high = at, following
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                low, high = (
                    (middle, high)
                    if middle.astimezone(zone).utcoffset() == at.astimezone(zone).utcoffset()
                    else (low, middle)
                )
            found.append(high.replace(second=0, microsecond=0))
        at = following
    return found


def _moment(rng: random.Random, zone: ZoneInfo, start: datetime, end: datetime) -> datetime:
    """An instant: anywhere, at the edge of a day, or beside a change of the clocks."""
    at = start + timedelta(seconds=rng.randrange(int((end - start).total_seconds())))
    style = rng.random()
    if style < 0.35:
        at = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(microseconds=rng.choice((-1, 0, 1)))
    elif style < 0.6:
        turns = _turns(zone, at.year)
        if turns:
            return rng.choice(turns) + timedelta(minutes=rng.choice((-61, -31, -1, 0, 1, 29, 59, 61, 1439)))
    return at.replace(tzinfo=zone).astimezone(UTC)


def _near(rng: random.Random, zone: ZoneInfo, now: datetime) -> datetime:
    reach = rng.choice((1, 3, 35, 100, 420))
    wall = now.astimezone(zone).replace(tzinfo=None)
    return _moment(rng, zone, wall - timedelta(days=reach), wall + timedelta(days=2))


SHOPS = ("s1", "s2", "S1", "s1 ", "", "nowhere")
"""Their keys, and one that leads nowhere."""


def _shops(rng: random.Random, zone: ZoneInfo, now: datetime) -> list[Row]:
    return [
        {
            "shop_id": name,
            "head_id": _maybe(rng, rng.choice(SHOPS)),
            "city": _maybe(rng, rng.choice(TEXTS)),
            "rank": _maybe(rng, rng.randrange(3)),
            "opened": _maybe(rng, _near(rng, zone, now)),
        }
        for name in SHOPS[:-1]
    ]


def _grades(rng: random.Random, tables: dict[str, list[Row]]) -> Iterator[Row]:
    """Of each shop one at a time, or none: they change at the very moments at which something counts, or beside these."""
    moments = [row[name] for rows in tables.values() for row in rows for name in ("at", "opened") if row.get(name)]
    number = itertools.count()
    for shop_id in (*SHOPS[:-1], None):
        count = min(len(moments), 1 if shop_id is None else rng.choice((0, 1, 2, 5, 9)))
        beside = timedelta(microseconds=rng.choice((-1, 0, 0, 1)))
        turns = sorted({each + beside for each in rng.sample(moments, count)})
        for since, until in itertools.zip_longest(turns, turns[1:]):
            if until is None and rng.random() < 0.5:
                until = since + timedelta(hours=rng.choice((0, 1, 5_000)))
            if rng.random() < 0.8:
                yield {
                    "grade_id": next(number),
                    "shop_id": shop_id,
                    "since": since,
                    "until": until,
                    "level": _maybe(rng, rng.choice(TEXTS)),
                }


def _sale(rng: random.Random, number: int, zone: ZoneInfo, now: datetime) -> Row:
    at = _near(rng, zone, now)
    return {
        "sale_id": number,
        "shop_id": _maybe(rng, rng.choice(SHOPS)),
        "depot_id": _maybe(rng, rng.choice(SHOPS)),
        "region": _maybe(rng, rng.choice(("West", "East", "North"))),
        "code": _maybe(rng, rng.choice(TEXTS)),
        "tag": _maybe(rng, rng.choice(("x", "y"))),
        "k": _maybe(rng, rng.choice((0, 1, -7, 2**53, 2**53 + 1, 2**62))),
        "items": _maybe(rng, rng.choice((0, 1, 2, 3, -4, 50_000, 2_000_000_000))),
        "qty": _maybe(rng, rng.choice((0, 1, 5, 32_767, -32_768))),
        "amount": _maybe(rng, rng.choice((Decimal("0.01"), Decimal("0.10"), Decimal("-3.33"), Decimal("9999999999999999.99"),
                                          Decimal(rng.randrange(10**6)) / 100))),
        "price": _maybe(rng, rng.choice((Decimal("0.10"), Decimal("0.20"), Decimal("-1234567.89"),
                                         Decimal("98765432109876.50"), Decimal(rng.randrange(999)) / 100))),
        "weight": _maybe(rng, single(rng.choice((0.1, 1.0, 16_777_216.0, -2.5, 1e-7, rng.uniform(-1e6, 1e6))))),
        "free": _maybe(rng, rng.choice((0.1, 0.2, 1e15, -0.3, float(rng.randrange(100))))),
        "flag": _maybe(rng, rng.random() < 0.5),
        "at": _maybe(rng, at, 0.05),
        "wall": _maybe(rng, at.astimezone(zone).replace(tzinfo=None, fold=0), 0.05),
        "day": _maybe(rng, at.astimezone(zone).date(), 0.05),
        "ended": _maybe(rng, at + timedelta(hours=rng.randrange(400)), 0.4),
    }  # fmt: skip


def _refund(rng: random.Random, number: int, zone: ZoneInfo, now: datetime) -> Row:
    at = _near(rng, zone, now)
    return {
        "refund_id": number,
        "region": _maybe(rng, rng.choice(("West", "South"))),
        "amount": _maybe(rng, Decimal(rng.randrange(10**5)) / 100),
        "items": _maybe(rng, rng.randrange(5)),
        "at": _maybe(rng, at, 0.05),
        "day": _maybe(rng, at.astimezone(zone).date(), 0.05),
    }


# -- definitions ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Number:
    """A number of one row: its text, its kind (integer, decimal, double) and its value."""

    text: str
    kind: str
    of: Callable[[Row], Value]


def _column(name: str, kind: str) -> Number:
    return Number(name, kind, lambda row: row[name])


def _if(condition: "Condition", value: Number) -> Number:
    return Number(f"CASE WHEN {condition.text} THEN {value.text} END", value.kind,
                  lambda row: value.of(row) if condition.holds(row) else None)  # fmt: skip


def _known(value: Number) -> Number:
    return Number(f"COALESCE({value.text}, 0)", value.kind, lambda row: 0 if value.of(row) is None else value.of(row))


def _one_of(name: str, left: Number, right: Number) -> Number:
    """LEAST and GREATEST leave out what has no value."""
    kind = "decimal" if "decimal" in (left.kind, right.kind) else "integer"
    pick = min if name == "LEAST" else max

    def of(row: Row) -> Value:
        return pick((value for value in (left.of(row), right.of(row)) if value is not None), default=None)

    return Number(f"{name}({left.text}, {right.text})", kind, of)


def _made(text: str, kind: str, name: str, make: Callable[[Value], Value]) -> Number:
    """A function of one column; of nothing it is nothing."""
    return Number(text, kind, lambda row: None if row[name] is None else make(row[name]))


def _with(operator: str, left: Number, right: Number) -> Number:
    kind = (
        "double" if "double" in (left.kind, right.kind) else "decimal" if "decimal" in (left.kind, right.kind) else "integer"
    )

    def of(row: Row) -> Value:
        one, other = left.of(row), right.of(row)
        if one is None or other is None:
            return None
        if kind == "double":
            one, other = float(one), float(other)
        return one * other if operator == "*" else one + other if operator == "+" else one - other

    return Number(f"{left.text} {operator} {right.text}", kind, of)


def _on_average(measure: Measure, *, is_unknown: bool = False) -> Measure:
    """What it gives over the rows of each day, `_at` which they count, on average of the `_days`: over no rows of a day it
    is unknown, or what it is without any.
    """

    def values(rows: list[Row]) -> tuple[list[Any], int]:
        days: dict[date, list[Row]] = {}
        for row in rows:
            days.setdefault(row["_at"], []).append(row)
        nothing = None if is_unknown else measure.over([])
        found = [measure.over(each) for each in days.values()]
        found += [nothing] * (rows[0]["_days"] - len(days))
        known = [each for each in found if each is not None]
        return known, len(days)

    def over(rows: list[Row]) -> Value:
        if not rows:
            return measure.over([])
        known, _ = values(rows)
        return float(sum(Fraction(each) for each in known) / len(known)) if known else None

    def bound(rows: list[Row]) -> float:
        if not rows:
            return 0.0
        known, count = values(rows)
        own = measure.bound(rows) if measure.bound else 0.0
        return 16 * 2.0**-53 * max([1.0, *(abs(float(each)) for each in known)]) * max(count, 1) + own

    return Measure(measure.text, "double", over, bound)


def _over(left: Number, right: Number) -> Number:
    def of(row: Row) -> Value:
        one, other = left.of(row), right.of(row)
        return None if one is None or not other else float(one) / float(other)

    return Number(f"{left.text} / {right.text}", "double", of)


def _null(value: bool | None, other: Callable[[], bool | None], *, both: bool) -> bool | None:
    """AND (`both`) and OR of three values."""
    second = other()
    if both:
        return False if value is False or second is False else None if None in (value, second) else True
    return True if value is True or second is True else None if None in (value, second) else False


def _is(name: str, operator: str, constant: Value, text: str) -> Condition:
    tests: dict[str, Callable[[Value, Value], bool]] = {
        "=": lambda a, b: a == b, "<>": lambda a, b: a != b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b,
    }  # fmt: skip
    return Condition(
        f"{name} {operator} {text}", lambda row: None if row[name] is None else tests[operator](row[name], constant)
    )


def _text(text: str, holds: Callable[[str], bool]) -> Condition:
    return Condition(text, lambda row: None if row["code"] is None else holds(row["code"]))


SALE_CONDITIONS: tuple[Condition, ...] = (
    _is("region", "<>", "West", "'West'"),
    _is("code", "=", "a", "'a'"),
    _is("items", ">", 1, "1"),
    _is("amount", "<=", Decimal("0.10"), "0.10"),
    Condition("flag", lambda row: row["flag"]),
    Condition("NOT flag", lambda row: None if row["flag"] is None else not row["flag"]),
    Condition("region IS NULL", lambda row: row["region"] is None),
    Condition("region NOT IN ('West', 'East')",
              lambda row: None if row["region"] is None else row["region"] not in ("West", "East")),
    Condition("code IN ('', 'a ')", lambda row: None if row["code"] is None else row["code"] in ("", "a ")),
    Condition("region = 'East' OR items > 1", lambda row: _null(
        None if row["region"] is None else row["region"] == "East",
        lambda: None if row["items"] is None else row["items"] > 1, both=False)),
    Condition("flag AND items <= 3", lambda row: _null(
        row["flag"], lambda: None if row["items"] is None else row["items"] <= 3, both=True)),
)  # fmt: skip
SALE_CONDITIONS += (
    _text("code LIKE 'a%'", lambda text: text.startswith("a")), _text("code NOT LIKE '_'", lambda text: len(text) != 1),
    _text("CONTAINS(code, '_')", lambda text: "_" in text),
    _text("NOT STARTS_WITH(code, ' ')", lambda text: text[:1] != " "),
    _text("ENDS_WITH(code, ' ')", lambda text: text.endswith(" ")),
    _text("LOWER(code) = 'a'", lambda text: text in ("a", "A")),
    _text("SUBSTRING(code, 2, 1) = 'b' OR code || 'x' = 'x'", lambda text: text[1:2] == "b" or text == ""),
)  # fmt: skip
ROLE_CONDITIONS = (
    Condition("at_shop.city = from_depot.city", lambda row: (
        None if None in (row["city"], row["depot_city"]) else row["city"] == row["depot_city"])),
    Condition("at_shop.head.rank > 0 OR from_depot.shop_id IS NULL", lambda row: _null(
        None if row["head_rank"] is None else row["head_rank"] > 0, lambda: row["depot"] is None, both=False)),
)  # fmt: skip
REFUND_CONDITIONS = (_is("region", "<>", "West", "'West'"), _is("items", ">", 1, "1"))
ITEMS, QTY, AMOUNT = _column("items", "integer"), _column("qty", "integer"), _column("amount", "decimal")
PRICE, WEIGHT, FREE = _column("price", "decimal"), _column("weight", "double"), _column("free", "double")
ROW_FUNCTIONS = (
    _made("ROUND(price, 1)", "decimal", "price", lambda value: value.quantize(Decimal("0.1"), ROUND_HALF_UP)),
    _made("ROUND(amount)", "integer", "amount", lambda value: int(value.quantize(Decimal(1), ROUND_HALF_UP))),
    _made("FLOOR(price)", "integer", "price", math.floor), _made("CEIL(price)", "integer", "price", math.ceil),
    _made("MOD(items, 7)", "integer", "items", lambda value: int(math.fmod(value, 7))),
    _made("LENGTH(code)", "integer", "code", len),
    _made("LENGTH(TRIM(code))", "integer", "code", lambda text: len(text.strip(" "))),
    _made("WEEKDAY(day)", "integer", "day", lambda day: day.isoweekday()),
    _made("YEAR(wall) * 100 + MONTH(wall)", "integer", "wall", lambda wall: wall.year * 100 + wall.month),
)  # fmt: skip
RANK = Number("at_shop.rank", "integer", lambda row: row["rank"])
DEPOT_RANK = Number("from_depot.rank", "integer", lambda row: row["depot_rank"])


def _sale_number(rng: random.Random) -> Number:
    return rng.choice((
        ITEMS, QTY, AMOUNT, PRICE, PRICE, PRICE, WEIGHT, FREE,
        _with("*", ITEMS, QTY), _with("*", QTY, QTY), _with("+", ITEMS, ITEMS),
        _with("*", AMOUNT, _column("qty", "integer")), _with("-", AMOUNT, ITEMS), _with("*", ITEMS, RANK),
        _with("*", _with("*", QTY, DEPOT_RANK), RANK), _over(ITEMS, QTY),
        _one_of("LEAST", ITEMS, QTY), _one_of("GREATEST", AMOUNT, ITEMS), *ROW_FUNCTIONS,
        _known(QTY), _if(rng.choice(SALE_CONDITIONS), AMOUNT), _with("+", AMOUNT, WEIGHT),
    ))  # fmt: skip


def values_of(number: Number, rows: list[Row]) -> list[Value]:
    return [value for value in map(number.of, rows) if value is not None]


def sum_of(values: list[Value], rows: list[Row]) -> Value:
    """Over no rows 0; over rows that all lack a value unknown. Doubles are added exactly and rounded once."""
    if not values:
        return None if rows else 0
    if isinstance(values[0], float):
        from fractions import Fraction

        return float(sum(map(Fraction, values)))
    return sum(values)


def _sum(number: Number) -> Measure:
    def bound(rows: list[Row]) -> float:
        values = values_of(number, rows)
        return (len(values) + 8) * 2.0**-53 * sum(abs(float(each)) for each in values)

    text = f"SUM({number.text})"
    return Measure(
        text, number.kind, lambda rows: sum_of(values_of(number, rows), rows), bound if number.kind == "double" else None
    )


def _average(number: Number) -> Measure:
    def over(rows: list[Row]) -> Value:
        values = values_of(number, rows)
        return float(sum_of(values, rows)) / len(values) if values else None

    def bound(rows: list[Row]) -> float:
        values = values_of(number, rows)
        return (len(values) + 8) * 2.0**-53 * sum(abs(float(each)) for each in values) / max(1, len(values))

    return Measure(f"AVG({number.text})", "double", over, bound)


def _percentile(number: Number, share: float) -> Measure:
    def over(rows: list[Row]) -> Value:
        values = sorted(map(float, values_of(number, rows)))
        if not values:
            return None
        at = share * (len(values) - 1)
        low = int(at)
        high = min(low + 1, len(values) - 1)
        return values[low] + (values[high] - values[low]) * (at - low)

    def bound(rows: list[Row]) -> float:
        return 8 * 2.0**-53 * max((abs(float(each)) for each in values_of(number, rows)), default=0.0)

    text = f"MEDIAN({number.text})" if share == 0.5 else f"PERCENTILE({number.text}, {share})"
    return Measure(text, "double", over, bound)


def _ranked(number: Number, share: str) -> Measure:
    def over(rows: list[Row]) -> Value:
        values = sorted(values_of(number, rows))
        return values[max(1, math.ceil(Decimal(share) * len(values))) - 1] if values else None

    return Measure(f"PERCENTILE_DISC({number.text}, {share})", number.kind, over)


def _filtered(measure: Measure, condition: Condition) -> Measure:
    """Over those rows for which the condition holds: over none of them it is what it is over no rows."""

    def those(rows: list[Row]) -> list[Row]:
        return [row for row in rows if condition.holds(row) is True]

    bound = measure.bound
    return Measure(
        f"{measure.text} FILTER (WHERE {condition.text})", measure.kind, lambda rows: measure.over(those(rows)),
        (lambda rows: bound(those(rows))) if bound else None, those,
    )  # fmt: skip


def _end(name: str, number: Number, pick: Callable[[list[Value]], Value]) -> Measure:
    def over(rows: list[Row]) -> Value:
        values = values_of(number, rows)
        return pick(values) if values else None

    return Measure(f"{name}({number.text})", number.kind, over)


def _count(text: str, of: Callable[[list[Row]], int]) -> Measure:
    return Measure(text, "integer", of)


def _sale_measure(rng: random.Random) -> Measure:
    measure = _whole_measure(rng)
    return _filtered(measure, rng.choice(SALE_CONDITIONS)) if rng.random() < 0.25 else measure


def _whole_measure(rng: random.Random) -> Measure:
    number = _sale_number(rng)
    text = rng.choice(("code", "region", "k"))
    return rng.choice((
        _count("COUNT(*)", len),
        _count(f"COUNT({text})", lambda rows: sum(row[text] is not None for row in rows)),
        _count(f"COUNT(DISTINCT {text})", lambda rows: len({row[text] for row in rows} - {None})),
        _sum(number), _sum(number), _sum(number), _average(number), _percentile(number, rng.choice((0.5, 0.1, 0.9))),
        _end("MIN", number, min), _end("MAX", number, max),
        _end("MAX", _column("k", "integer"), max), _ranked(number, rng.choice(("0", "0.25", "0.5", "0.9", "1"))),
        _count("COUNT(DISTINCT code, region)", lambda rows: len({
            (row["code"], row["region"]) for row in rows if None not in (row["code"], row["region"])})),
    ))  # fmt: skip


SEGMENTS: dict[str, dict[str, Condition]] = {
    "first": {"sale": SALE_CONDITIONS[9], "refund": REFUND_CONDITIONS[0]},
    "second": {"sale": SALE_CONDITIONS[-2], "refund": REFUND_CONDITIONS[1]},
}
"""What a question may switch on, by name and table."""
ROLES: dict[str, str] = {
    "depot_city": "column: shop.city, by: from_depot", "head_city": "column: city, by: [at_shop, head]",
    "head_rank": "column: at_shop.head.rank", "depot_rank": "column: from_depot.rank",
    "top_city": "column: shop.city, by: [from_depot, head, head]",
}  # fmt: skip
"""Dimensions of shops in other roles than that in which a sale was made."""
CALCULATED: dict[str, tuple[str, Callable[[Row], Value]]] = {
    "size": ("CASE WHEN items < 2 THEN 'small' WHEN items >= 2 THEN 'large' ELSE code END", lambda row: (
        row["code"] if row["items"] is None else "small" if row["items"] < 2 else "large")),
    "move": ("from_depot.city || '>' || at_shop.city", lambda row: (
        None if None in (row["depot_city"], row["city"]) else f"{row['depot_city']}>{row['city']}")),
    "place": ("at_shop.city || '/' || code", lambda row: (
        None if None in (row["city"], row["code"]) else f"{row['city']}/{row['code']}")),
    "weekday": ("WEEKDAY(day)", lambda row: row["day"] and row["day"].isoweekday()),
    "far": ("k * 1000", lambda row: None if row["k"] is None else row["k"] * 1000),
    "paid": ("COALESCE(amount, price, 0)", lambda row: next(
        each for each in (row["amount"], row["price"], Decimal(0)) if each is not None)),
    "halves": ("CEIL(items / -4)", lambda row: None if row["items"] is None else float(math.ceil(row["items"] / -4))),
    "many": ("items * 2 > 4 OR flag", lambda row: _null(
        None if row["items"] is None else row["items"] * 2 > 4, lambda: row["flag"], both=False)),
    "soonest": ("LEAST(at, ended)", lambda row: min(
        (each for each in (row["at"], row["ended"]) if each is not None), default=None)),
}  # fmt: skip
"""Dimensions that are calculated: as the catalog writes them, and their value in a row with its parent's columns."""


def _nested(rng: random.Random, columns: tuple[str, ...]) -> Measure:
    """A measure over what another gives for each value of the columns."""
    inner = rng.choice((
        _count("COUNT(*)", len),
        _count("COUNT(DISTINCT region)", lambda rows: len({row["region"] for row in rows} - {None})),
        *(_sum(each) for each in (ITEMS, QTY, AMOUNT, PRICE)), _end("MAX", AMOUNT, max), _end("MIN", ITEMS, min),
    ))  # fmt: skip
    if rng.random() < 0.3:
        inner = _filtered(inner, rng.choice(SALE_CONDITIONS))
    each = Number(inner.text, inner.kind, inner.over)  # its rows are groups of rows
    outer = rng.choice((
        _count("COUNT(*)", len),
        _count(f"COUNT({each.text})", lambda groups: sum(each.of(group) is not None for group in groups)),
        _sum(each), _average(each), _average(each), _percentile(each, 0.5), _end("MAX", each, max), _end("MIN", each, min),
    ))  # fmt: skip
    if rng.random() < 0.3:
        outer = _filtered(outer, Condition("COUNT(*) > 1", lambda group: len(group) > 1))  # pyright: ignore[reportArgumentType]

    def groups(rows: list[Row]) -> list[Any]:
        found: dict[tuple[Value, ...], list[Row]] = {}
        for row in rows:
            found.setdefault(tuple(row[name] for name in columns), []).append(row)
        return list(found.values())

    bound = outer.bound
    return Measure(
        outer.text, outer.kind, lambda rows: outer.over(groups(rows)), (lambda rows: bound(groups(rows))) if bound else None
    )


def _in_steps(rng: random.Random, time: str, above: Part) -> Iterator[Metric]:
    columns = rng.choice(KEPT_FOR_EACH)
    part = Part("sale", _nested(rng, columns), rng.choice((None, *SALE_CONDITIONS)), time, per=columns)
    yield Metric("per", (part,), "simple")
    earlier = replace(part, shift=rng.choice(SHIFTS), further=rng.choice((None, *SALE_CONDITIONS)))
    yield Metric("per_growth", (part, earlier), "difference")
    yield Metric("per_share", (above, replace(part, time=above.time)), "quotient")
    yield Metric("per_kept", (replace(part, keep=("newest", "day", ("shop_id",))),), "simple")


def _followed(rng: random.Random) -> Iterator[Metric]:
    kinds = tuple(
        rng.choice((
            ("sale", rng.choice((None, None, rng.choice(SALE_CONDITIONS)))),
            ("refund", rng.choice((None, *REFUND_CONDITIONS))),
        ))
        for _ in range(rng.choice((1, 1, 2, 3)))
    )  # fmt: skip
    is_of_sales = all(table == "sale" for table, _ in kinds)
    columns = rng.choice((("region",), ("tag",), ("flag",), ("shop_id", "flag"), ("k",))) if is_of_sales else ("region",)
    time = rng.choice(("at", "wall", "day") if is_of_sales else ("at", "day"))
    days = rng.choice((1, 30, 366, None))
    within = timedelta(days=days) if days else None
    if time != "day":
        within = rng.choice((within, within, timedelta(minutes=90), timedelta(hours=20)))
    follows = Follows(kinds, columns, within, rng.choice(("rate", "count", "count", "time")))
    took = Number("took", "integer" if time == "day" else "decimal", lambda row: row["_took"])
    measure = _average(took) if follows.value == "time" else _count(
        "COUNT(took)", lambda rows: sum(row["_took"] is not None for row in rows))  # fmt: skip
    # Where every sale begins anew, nothing is two behind one; nor is it where the sales between are those that begin.
    fit = [each for each in SALE_CONDITIONS if ("sale", each) not in kinds[:-1]]
    condition = rng.choice((None, rng.choice(SALE_CONDITIONS))) if len(kinds) == 1 else rng.choice(fit)
    part = Part("sale", measure, condition, time, follows=follows)
    parts = (part, replace(part, measure=_count("COUNT(*)", len))) if follows.value == "rate" else (part,)
    yield Metric("followed", parts, "ratio" if follows.value == "rate" else "simple", rng.random() < 0.1)
    counted = replace(part, measure=_count("COUNT(took)", lambda rows: sum(row["_took"] is not None for row in rows)),
                      follows=replace(follows, value="count", kinds=kinds[:2]))  # fmt: skip
    yield Metric("followed_more", (counted, replace(counted, shift=rng.choice(SHIFTS))), "difference")


def _returned(rng: random.Random) -> Iterator[Metric]:
    kind = rng.choice((("sale", rng.choice((None, *SALE_CONDITIONS))), ("refund", rng.choice((None, *REFUND_CONDITIONS)))))
    columns = rng.choice((("region",), ("tag",), ("shop_id", "flag"), ("k",))) if kind[0] == "sale" else ("region",)
    time = rng.choice(("at", "wall", "day") if kind[0] == "sale" else ("at", "day"))
    by, value = rng.choice(("day", "week", "month", "month", "quarter", "year")), rng.choice(("rate", "count", "size"))
    returns = Returns(kind, columns, by, rng.choice((1, 3, 12)), value)
    back = Measure("", "integer", lambda rows: sum(row["_back"] for row in rows) if rows else None)
    size = Measure("", "integer", lambda rows: len(rows) or None)
    part = Part("sale", size if value == "size" else back, rng.choice((None, *SALE_CONDITIONS)), time, returns=returns)
    parts = (part, replace(part, measure=size)) if value == "rate" else (part,)
    yield Metric("returned", parts, "ratio" if value == "rate" else "simple")
    counted = replace(part, measure=back, returns=replace(returns, value="count"))
    yield Metric("returned_more", (counted, replace(counted, shift=rng.choice(SHIFTS))), "difference")


FRAMES = ((1, "days"), (7, "days"), (2, "weeks"), (1, "months"), (2, "months"), (1, "quarters"), (1, "years"), "week",
          "month", "quarter", "year", "all")  # fmt: skip
KEPT_FOR_EACH = (("shop_id",), ("k",), ("region", "tag"), ("flag",), ("sale_id",))
SHIFTS = ((1, "days"), (3, "days"), (14, "days"), (2, "weeks"), (1, "months"), (1, "quarters"), (1, "years"))


def _metrics(rng: random.Random) -> list[Metric]:
    found: list[Metric] = []
    times = ("at", "wall", "day", "opened", "depot_opened")
    for number in range(6):
        condition = rng.choice((None, rng.choice(SALE_CONDITIONS), rng.choice(ROLE_CONDITIONS)))
        part = Part("sale", _sale_measure(rng), condition, rng.choice(times))
        found.append(Metric(f"m{number}", (part,), "simple", number == 5))
    time = rng.choice(times)
    above = Part("sale", _sum(rng.choice((AMOUNT, ITEMS))), rng.choice(SALE_CONDITIONS), time)
    below = Part("sale", rng.choice((_count("COUNT(*)", len), _sum(ITEMS))), rng.choice((None, *SALE_CONDITIONS[:4])), time)
    found.append(Metric("ratio", (above, below), "ratio"))
    day = rng.choice(("at", "day"))
    sold = Part("sale", _sum(AMOUNT), rng.choice((None, *SALE_CONDITIONS)), day)
    returned = Part(
        "refund", rng.choice((_sum(AMOUNT), _count("COUNT(*)", len))), rng.choice((None, *REFUND_CONDITIONS)), day
    )
    found.append(Metric("net", (sold, returned), "difference"))
    there = Part("sale", rng.choice((_count("COUNT(*)", len), _sum(ITEMS))), None, None, ("at", "ended"))
    found.append(Metric("open", (there,), "simple"))
    found.append(Metric("opened", (there, replace(there, shift=rng.choice(SHIFTS))), "difference"))
    now = Part("sale", _sale_measure(rng), rng.choice((None, *SALE_CONDITIONS)), rng.choice(times))
    then = replace(now, shift=rng.choice(SHIFTS), further=rng.choice((None, *SALE_CONDITIONS)))
    found.append(Metric("growth", (now, then), "difference"))
    over = rng.choice(FRAMES)
    framed = replace(now, over=over)
    running = Part("sale", _sum(rng.choice((AMOUNT, ITEMS, WEIGHT))), None, rng.choice(times), over=rng.choice(FRAMES))
    found += [
        Metric("framed", (framed,), "simple", rng.random() < 0.2),
        Metric("run", (running,), "simple"),
        Metric("framed_ratio", (replace(above, over=over), replace(below, over=over)), "ratio"),
        Metric("faster", (replace(now, further=rng.choice((None, *SALE_CONDITIONS))),
                          replace(framed, shift=rng.choice((None, *SHIFTS)))), "difference"),
        Metric("since", (now, replace(then, shift=None, over=AtStart(
            rng.choice(("week", "month", "quarter", "year")), rng.choice((None, over))))), "difference"),
    ]  # fmt: skip
    side, by, each = rng.choice(("newest", "oldest")), rng.choice(("at", "wall", "day", "ended")), rng.choice(KEPT_FOR_EACH)
    kept = replace(now, keep=(side, by, each))
    found += [
        Metric("kept", (kept,), "simple", rng.random() < 0.2),
        Metric("moved", (now, replace(kept, shift=rng.choice((None, *SHIFTS)))), "difference"),
        Metric("kept_ratio", (replace(above, keep=kept.keep), replace(below, keep=kept.keep)), "ratio"),
    ]
    found += _in_steps(rng, rng.choice(times), above)
    by_periods = rng.choice(((1, "seasons"), (2, "fiscal_periods"), (1, "fiscal_quarters")))
    found.append(Metric("growth_by_periods", (now, replace(now, shift=by_periods)), "difference"))
    found.append(Metric("share", (replace(now, further=rng.choice(SALE_CONDITIONS)), now), "quotient"))
    found += _followed(rng)
    found += _returned(rng)
    opening = replace(now, over=rng.choice(FRAMES), coarser="first")
    balance = replace(running, measure=_on_average(running.measure), over=rng.choice(FRAMES), coarser="average")
    counted = replace(balance, measure=_on_average(_count("COUNT(*)", len), is_unknown=True))
    found += [
        Metric("opening", (opening,), "simple", rng.random() < 0.2), Metric("balance", (balance,), "simple"),
        Metric("usual", (counted,), "simple", is_unknown_over_no_rows=True),
        Metric("above", (balance, replace(counted, measure=_on_average(_count("COUNT(*)", len)))), "difference"),
    ]  # fmt: skip
    return found

"""What a column is for, guessed from its type, its name and a sample of its rows. Cautious, and said to be a guess."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from assay.catalog.found import FoundColumn, FoundTable
from assay.catalog.spelling import words
from assay.catalog.types import UnknownType, name_of_type, parse_type
from assay.catalog.vocabulary import (
    BEGINNINGS,
    CURRENCIES,
    DURATIONS,
    GROUPS,
    LATER,
    LEVELS,
    MONEY,
    NAMES,
    NEVER,
    NO_AMOUNTS,
    PRICES,
    QUANTITIES,
    READ,
    SHARES,
    UNITS,
    meant,
    tells,
)

Meaning = Literal["money", "quantity", "price", "share", "level", "duration", "unknown"]
Aggregate = Literal["sum", "average"]
MAX_DISTINCT = 50
"""A text column with more values than that is no dimension of a first dashboard."""

_CANONICAL = {"integer": "int"}
_SHAPED_LIKE = {
    "citext": "string", "name": "string", "char": "string",
    "uinteger": "bigint", "usmallint": "int", "utinyint": "int", "ubigint": "decimal(20,0)", "uhugeint": "decimal(38,0)",
}  # fmt: skip


def dictionary_type(column: FoundColumn, driver: str, *, is_key: bool) -> str:
    """The type as the dictionary writes it; `other; NAME` for what Assay cannot read."""
    own, base = name_of_type(column.engine_type), name_of_type(column.base_type)
    if column.is_enum:
        return f"string; {own}"
    try:
        known = parse_type(column.base_type, driver)
    except UnknownType:
        if base in ("numeric", "decimal") and "[" not in column.base_type:
            # A numeric without digits holds any: as a key whole numbers, else as near as a double comes.
            return f"{'decimal(38,0)' if is_key else 'double'}; {own}"
        return f"{_SHAPED_LIKE.get(base, 'other') if '[' not in column.base_type else 'other'}; {own}"
    written = _CANONICAL.get(known.kind, known.kind)
    if known.kind == "decimal":
        written = f"decimal({known.precision},{known.scale})"
    try:
        parse_type(column.engine_type, driver)
    except UnknownType:
        return f"{written}; {own}"
    return f"{written}; uuid" if own == "uuid" else written


@dataclass(frozen=True, slots=True)
class Measure:
    """Money and quantities add up; of prices, shares, levels, durations and what is unknown, averages are taken."""

    unit: str
    meaning: Meaning

    @property
    def aggregate(self) -> Aggregate:
        return "sum" if self.meaning in ("money", "quantity") else "average"


def guess_measure(column: FoundColumn, kind: str) -> Measure | None:
    """How the numbers of a column may be put together; None where neither sum nor average is likely to mean something."""
    said = meant(column.name)
    if kind not in _NUMBERS or not said or said[0] in ("is", "has") or disguise(column, kind) or column.filled == 0:
        return None
    meaning = _meaning(said)
    if meaning is None or (meaning == "unknown" and kind not in ("decimal", "double")):
        return None
    return Measure(_unit(said, meaning, column), meaning)


_NUMBERS = ("integer", "bigint", "decimal", "double")


def _meaning(said: list[str]) -> Meaning | None:
    last = said[-1]
    if last == "count" or (said[0] == "number" and last in QUANTITIES):
        return "quantity"
    if last in NO_AMOUNTS or tells(said[-1:], NO_AMOUNTS - MONEY - QUANTITIES):
        return None
    if last == "time":
        return None if _OF_DAY.intersection(said) else "duration"
    if "per" in said or "average" in said or "mean" in said or "median" in said:
        return "level"
    is_whole = bool({"amount", "total", "subtotal", "sum", "line", "extended"}.intersection(said))
    if is_whole and tells(said, PRICES | MONEY) and not tells(said, LEVELS | DURATIONS | QUANTITIES):
        return "money"
    if tells(said, PRICES) or ({"unit", "standard", "list"}.intersection(said) and tells(said, MONEY)):
        return "price"
    for meaning, of in _MEANINGS:
        if tells(said, of):
            return meaning
    return None if NO_AMOUNTS.intersection(said) else "unknown"


_MEANINGS: tuple[tuple[Meaning, frozenset[str]], ...] = (
    ("share", SHARES), ("duration", DURATIONS), ("level", LEVELS), ("quantity", QUANTITIES), ("money", MONEY),
)  # fmt: skip


_OF_DAY = frozenset("departure arrival scheduled start end actual local open close opening closing event game match".split())
"""What a time is the time of, where it is one of the day and not one that passes."""


def _unit(said: list[str], meaning: Meaning, column: FoundColumn) -> str:
    if meaning in ("money", "price", "level", "unknown"):
        currency = next((word for word in said if word in CURRENCIES), None)
        if currency:
            return currency
    if meaning == "share" and column.low is not None and column.high is not None and 0 <= column.low <= column.high <= 1:
        return "percent"
    return next((UNITS[word] for word in said if word in UNITS), "count")


_WHOLE = re.compile(r"-?\d+(?:\.0+)?")
_DAYS = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d.*)?|\d{1,2}[./]\d{1,2}[./]\d{4}( \d.*)?")
_TIMES = frozenset("at time ts timestamp epoch date day datum created updated modified unixtime since until on utc".split())
_YEARS = frozenset("year years jahr année annee año ano anno season".split())


def disguise(column: FoundColumn, kind: str) -> str | None:
    """What the numbers or texts of a column are in truth, where they are no amounts and no words: a time, a flag."""
    if kind == "string":
        return "days as text" if column.values and all(_DAYS.fullmatch(each) for each in column.values) else None
    if kind not in _NUMBERS or column.low is None or column.high is None:
        return None
    if not column.values or not all(_WHOLE.fullmatch(each) for each in column.values):
        return None
    said, low, high = meant(column.name), column.low, column.high
    numbers = [int(float(each)) for each in column.values]
    if 1500 <= low <= high <= 2200 and _YEARS.intersection(said):
        return "years"
    if 18000101 <= low <= high <= 22001231 and all(_is_day(each) for each in numbers):
        return "days as yyyymmdd"
    if _TIMES.intersection(said) and 3e8 <= low <= high <= 4.2e9:
        return "seconds since 1970"
    if _TIMES.intersection(said) and 3e11 <= low <= high <= 4.2e12:
        return "milliseconds since 1970"
    if {"time", "hhmm"}.intersection(said) and low >= 0 and 1000 < high <= 2400 and all(each % 100 < 60 for each in numbers):
        return "times of day as hhmm"
    if (low, high) == (0, 1) and column.distinct == 2 and not tells(said, QUANTITIES | MONEY):
        return "yes and no as 1 and 0"
    return None


def _is_day(number: int) -> bool:
    try:
        date(number // 10000, number // 100 % 100, number % 100)
    except ValueError:
        return False
    return True


def is_dimension(column: FoundColumn, kind: str, sampled: int) -> bool:
    """Whether rows may well be divided by it: few values, or a name that says so where there are no rows to look at."""
    if "." in column.name or column.filled == 0:
        return False
    if kind == "boolean" or column.is_enum:
        return column.distinct is None or column.distinct > 1 or sampled < _FEW_ROWS
    if kind != "string" or disguise(column, kind):
        return False
    if column.values and sum(map(len, column.values)) > _LONG * len(column.values):
        return False
    if tells(meant(column.name)[-1:], READ):
        return False
    is_named_so = tells(meant(column.name)[-2:], GROUPS)
    if not sampled or column.distinct is None:
        return is_named_so
    if column.distinct == 1 and sampled >= _FEW_ROWS:
        return False
    if sampled <= MAX_DISTINCT and meant(column.name)[-1:] and meant(column.name)[-1] in NAMES:
        return True
    return 1 <= column.distinct <= MAX_DISTINCT and (is_named_so or sampled >= 4 * column.distinct)


_FEW_ROWS = 20
_LONG = 40
"""Texts that are longer in the mean are read, not counted."""


def main_time(table: FoundTable, times: list[str], *, also_changes: bool = False) -> str | None:
    """Of the time columns the one that says when a row came about; one that says when it changed only where that is allowed
    and there is nothing better."""
    found = {column.name: column for column in table.columns}
    told = [name for name in times if found[name].filled != 0]
    candidates = [name for name in told if not tells(words(name), NEVER)]

    def worth(name: str) -> tuple[bool, bool, bool, int]:
        said = words(name)
        places = [at for at, word in enumerate(BEGINNINGS) if tells(said, (word,))]
        is_later = tells(said, LATER) and not tells(said, BEGINNINGS[:_SURE])
        return is_later, name not in table.primary_key, found[name].nullable, min(places, default=len(BEGINNINGS))

    if not candidates and also_changes:
        candidates = [name for name in told if tells(words(name), CHANGES)]
    return min(candidates, key=worth, default=None)


_SURE = BEGINNINGS.index("date")
CHANGES = frozenset("updated modified changed update modification change".split())

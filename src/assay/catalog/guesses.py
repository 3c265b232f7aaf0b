"""What a column is for, guessed from its type, its name and a sample of its rows. Cautious, and said to be a guess."""

from dataclasses import dataclass
from typing import Literal

from assay.catalog.found import FoundColumn, FoundTable
from assay.catalog.spelling import words
from assay.catalog.types import UnknownType, name_of_type, parse_type

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


_NO_AMOUNT = frozenset(
    "id ids code number no num nr year month day week zip postal postcode lat latitude lon lng long longitude version"
    " position rank ranking sort order index idx seq sequence line ordinal phone flag priority x y z oid key hash port"
    " pid type status parent level step page row col column".split()
)
_SHARES = frozenset(
    "rate ratio percent pct percentage share avg average mean median per unit score rating stars grade age"
    " temperature temp humidity pressure speed height width length depth weight margin balance reading value"
    " probability confidence".split()
)
_ADDS_UP = frozenset(
    "amount amounts total totals subtotal sum revenue revenues sale sales turnover cost costs expense expenses fee"
    " fees tax taxes vat gross net paid payment payments refund refunds refunded charge charges charged profit spend"
    " spent budget income quantity qty units items pieces count clicks views impressions visits sessions bytes"
    " duration seconds minutes hours days miles km kilometers kwh points freight shipping tip tips salary bonus"
    " commission premium claims deposit withdrawal discounted saved avoided volume usd eur gbp chf jpy cad aud betrag"
    " menge umsatz anzahl kosten montant quantite importe cantidad".split()
)
_CURRENCIES = frozenset("usd eur gbp chf jpy cad aud nzd sek nok dkk pln czk inr cny brl mxn zar sgd hkd".split())
_DURATIONS = {
    **dict.fromkeys(("seconds", "secs", "sec"), "seconds"), **dict.fromkeys(("minutes", "mins"), "minutes"),
    "hours": "hours", "days": "days",
}  # fmt: skip
_GROUPS = frozenset(
    "status state stage phase type kind category class group segment region country continent city market channel"
    " source medium level tier priority severity gender language locale currency brand department division team plan"
    " role method mode provider carrier vendor platform device browser size color colour reason outcome result rating"
    " grade product subcategory industry sector territory warehouse store branch".split()
)
_NAMES = (["name"], ["label"], ["title"])
"""In a short table, a list of things that others point to, this is what they are called."""
_BEGINNINGS = (
    "created inserted placed ordered purchased sold opened started began occurred happened recorded posted booked invoiced"
    " issued submitted received registered signup joined event order invoice sale transaction payment rental"
    " purchase log visit entry date time timestamp ts".split()
)
_NEVER = frozenset(
    "updated modified changed deleted removed archived expires expired expiry expiration until due next valid synced"
    " refreshed required birth".split()
)
"""Times that move, or lie ahead."""
_LATER = frozenset(
    "ends ended end closed cancelled canceled completed finished returned last delivered shipped paid approved"
    " resolved".split()
)
"""Times that come when something is over: taken only where there is no other."""


@dataclass(frozen=True, slots=True)
class Measure:
    aggregate: Aggregate
    unit: str


def guess_measure(name: str, kind: str) -> Measure | None:
    """How the numbers of a column may be put together; None where neither sum nor average is likely to mean something."""
    said = words(name)
    if not said or _NO_AMOUNT.intersection((said[-1],)) or said[0] in ("is", "has"):
        return None
    unit = next((word for word in said if word in _CURRENCIES), None) or next(
        (_DURATIONS[word] for word in said if word in _DURATIONS), "count"
    )
    if _SHARES.intersection(said):
        return Measure("average", unit)
    if _ADDS_UP.intersection(said):
        return Measure("sum", unit)
    return Measure("average", unit) if kind in ("decimal", "double") and not _NO_AMOUNT.intersection(said) else None


def is_dimension(column: FoundColumn, kind: str, sampled: int) -> bool:
    """Whether rows may well be divided by it: few values, or a name that says so where there are no rows to look at."""
    if "." in column.name:
        return False
    if kind == "boolean" or column.is_enum:
        return True
    if kind != "string":
        return False
    is_named_so = bool(_GROUPS.intersection(words(column.name)[-2:]))
    if not sampled or column.distinct is None:
        return is_named_so
    if sampled <= MAX_DISTINCT and words(column.name)[-1:] in _NAMES:
        return True
    return 1 <= column.distinct <= MAX_DISTINCT and (is_named_so or sampled >= 4 * column.distinct)


def main_time(table: FoundTable, times: list[str]) -> str | None:
    """Of the time columns the one that says when a row came about; never one that only says when it changed."""
    found = {column.name: column for column in table.columns}
    candidates = [name for name in times if not _NEVER.intersection(words(name))]

    def worth(name: str) -> tuple[bool, bool, int]:
        places = [_BEGINNINGS.index(word) for word in words(name) if word in _BEGINNINGS]
        return bool(_LATER.intersection(words(name))), found[name].nullable, min(places, default=len(_BEGINNINGS))

    return min(candidates, key=worth, default=None)

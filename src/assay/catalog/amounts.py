"""A difference or a value as a sentence says it, in the unit of its metric. The exact one stands beside it, in a field."""

from decimal import Context, Decimal
from fractions import Fraction

_WIDE = Context(prec=100)
"""Sums have more digits than the 28 that Python keeps of itself."""
_SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "cny": "CN¥", "inr": "₹"}
_CODES = frozenset("chf cad aud nzd sek nok dkk pln czk brl mxn zar sgd hkd".split())


def decimal_of(value: Fraction) -> Decimal:
    """With a hundred digits, where it has more."""
    return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))


def signed_amount(value: Decimal, unit: str) -> str:
    """-182312.54 in usd is "-$182,312.54"; 0.013 in percent is "+1.3 points"; 3 in count is "+3"."""
    sign, size = "-" if value < 0 else "+", value.copy_abs()
    if unit in _SYMBOLS or unit in _CODES:
        return f"{sign}{_SYMBOLS.get(unit) or unit.upper() + ' '}{_digits(size, 2, cents=True)}"
    if unit == "percent":
        return f"{sign}{_digits(size.scaleb(2, _WIDE), 2)} points"
    # Of "4.6 / 5" a difference has no denominator.
    named = "" if unit == "count" or unit.startswith("/") else f" {unit}"
    return f"{sign}{_digits(size, 2)}{named}"


def value_amount(value: Decimal, unit: str) -> str:
    """A value itself: 0.013 in percent is "1.3%"; 3 in points is "3 points"."""
    text = signed_amount(value, unit).removeprefix("+")
    return f"{text.removesuffix(' points')}%" if unit == "percent" else text


def _digits(size: Decimal, places: int, cents: bool = False) -> str:
    """Grouped, rounded to so many places; what would round to nothing keeps its first two digits."""
    if size and size < Decimal(1).scaleb(-places):
        return format(Decimal(f"{size:.2g}").normalize(), "f")
    text = f"{size:,.{places}f}"
    return text if cents else text.rstrip("0").rstrip(".")

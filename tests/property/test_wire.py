"""Values on the wire: nothing is lost and nothing is added."""

from datetime import UTC, date, datetime
from decimal import Decimal

import orjson
from hypothesis import given
from hypothesis import strategies as st

from assay.answers.answer import wire_value
from assay.catalog.formula import ValueType
from tests.property.strategies import at_most


def sent(value: object, kind: str, scale: int | None = None) -> object:
    return orjson.loads(orjson.dumps(wire_value(value, ValueType(kind, scale))))  # type: ignore[arg-type]


@at_most(100)
@given(digits=st.integers(-(10**38) + 1, 10**38 - 1), scale=st.integers(0, 38))
def test_a_decimal_survives_to_its_last_digit(digits: int, scale: int) -> None:
    value = Decimal(digits).scaleb(-scale)
    text = sent(value, "decimal", scale)
    assert isinstance(text, str)
    assert Decimal(text) == value
    assert len(text.partition(".")[2]) == scale


@at_most(100)
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_survives_and_zero_has_no_sign(value: float) -> None:
    assert sent(value, "double") == value
    assert str(sent(-0.0, "double")) == "0.0"


@at_most(100)
@given(value=st.sampled_from(["NaN", "Infinity", "-Infinity"]), kind=st.sampled_from(["double", "decimal", "integer"]))
def test_what_is_not_finite_says_so(value: str, kind: str) -> None:
    assert sent(float(value), kind, 2) == sent(Decimal(value), kind, 2) == value


@at_most(100)
@given(value=st.integers(-(2**63), 2**63 - 1) | st.integers(-(2**53) - 2, 2**53 + 2))
def test_a_whole_number_is_the_same_from_every_driver_and_text_where_a_double_ends(value: int) -> None:
    assert sent(value, "integer") == sent(Decimal(value), "integer") == (value if abs(value) <= 2**53 else str(value))


@at_most(100)
@given(value=st.datetimes(timezones=st.just(UTC)))
def test_an_instant_survives(value: datetime) -> None:
    text = sent(value, "timestamp")
    assert isinstance(text, str)
    assert datetime.fromisoformat(text) == value


@at_most(100)
@given(value=st.dates())
def test_a_day_survives(value: date) -> None:
    assert date.fromisoformat(str(sent(value, "date"))) == value

"""Differences in sentences for people."""

from decimal import Decimal

import pytest

from assay.catalog.amounts import signed_amount, value_amount


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        ("-182312.54", "usd", "-$182,312.54"),
        ("210", "usd", "+$210.00"),
        ("-0.004", "usd", "-$0.004"),
        ("1250.5", "chf", "+CHF 1,250.50"),
        ("-1286", "count", "-1,286"),
        ("0.0125", "percent", "+1.25 points"),
        ("0.00001", "percent", "+0.001 points"),
        ("-0.1", "/ 5", "-0.1"),
        ("3.5", "hours", "+3.5 hours"),
        ("-0.0000002", "count", "-0.0000002"),
        # More digits than decimals keep of themselves: each is said.
        ("324523505494142884969267001823232", "count", "+324,523,505,494,142,884,969,267,001,823,232"),
        ("-3245235054941428849692670018.23254", "percent", "-324,523,505,494,142,884,969,267,001,823.25 points"),
    ],
)
def test_a_difference_is_said_in_its_unit(value: str, unit: str, said: str) -> None:
    assert signed_amount(Decimal(value), unit) == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [("0.013", "percent", "1.3%"), ("-0.5", "percent", "-50%"), ("3", "points", "3 points"), ("-4.5", "usd", "-$4.50")],
)
def test_a_value_is_written_in_its_unit(value: str, unit: str, said: str) -> None:
    assert value_amount(Decimal(value), unit) == said

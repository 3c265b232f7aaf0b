"""The order of a series that is filled up, cut and ordered here and not by the engine."""

import pytest

from assay.answers.series import sortable


@pytest.mark.parametrize(
    ("kind", "in_order"),
    [
        ("timestamp", ["-infinity", "0044-03-15 BC", "2029-06-29T12:00:00Z", "2029-06-29T12:00:00.000001Z",
                       "2029-06-29T12:00:00.5Z", "2029-06-29T12:00:01Z", "12029-01-01T00:00:00Z", "infinity"]),
        ("date", ["-infinity", "2029-06-29", "2029-06-30", "12029-01-01", "infinity"]),
        ("integer", [-1, 9_007_199_254_740_991, "9007199254740992", "9007199254740993"]),
        ("double", ["-Infinity", -0.5, 0.0, "Infinity", "NaN"]),
        ("string", ["", "(none)", "A", "a", "ä", "\U0001f600"]),
    ],
)  # fmt: skip
def test_values_as_they_travel_have_the_order_of_what_they_mean(kind: str, in_order: list[object]) -> None:
    turned = list(reversed(in_order))
    assert sorted(turned, key=lambda value: sortable(value, kind)) == in_order

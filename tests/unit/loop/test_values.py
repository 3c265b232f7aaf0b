"""Values by path, and templates that are filled with them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from assay.loop.values import fill, look_up, paths_of, wire

NOW = datetime(2026, 3, 17, 15, 42, 10, tzinfo=UTC)
KNOWN: dict[str, Any] = {
    "now": NOW,
    "claim": {"cost": Decimal("40.00"), "opened": datetime(2026, 3, 17, 15, 0, 10, tzinfo=UTC), "id": "CLM-1", "none": None},
    "stored": {"opened": "2026-03-17T15:00:10Z", "ahead": "2026-03-17T16:00:00Z"},
    "part": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{claim.cost}", Decimal("40.00")), ("{ claim.cost }", "{ claim.cost }"), ("costs {claim.cost}", "costs 40.00"),
        ("{claim.none}", None), ("a {claim.none} b", "a  b"), ("{part.field}", None), ("plain", "plain"), (3, 3),
        (None, None), (["{claim.none}", "{claim.id}"], "CLM-1"), (["{claim.none}", 0], 0), (["{claim.none}"], None),
        ("{claim.opened | hours_since}", Decimal("0.70")), ("{stored.opened | minutes_since}", Decimal("42.00")),
        ("{stored.ahead | hours_since}", Decimal("0.00")), ("{claim.none | hours_since}", None),
    ],
)  # fmt: skip
def test_a_template_is_filled(template: Any, value: Any) -> None:
    assert fill(template, KNOWN) == value


def test_paths_lead_to_values_or_to_nothing() -> None:
    assert look_up(KNOWN, "claim.id") == "CLM-1"
    assert look_up(KNOWN, "part.field.deeper") is None
    assert look_up(KNOWN, "claim.id.deeper") is None
    assert paths_of(["{a.b} and {c | hours_since}", 3, "{d.e}"]) == [("a.b", None), ("c", "hours_since"), ("d.e", None)]


def test_values_travel_without_loss() -> None:
    assert wire({"a": Decimal("1E+2"), "b": [NOW, None, True], "c": NOW.date()}) == {
        "a": "100", "b": ["2026-03-17T15:42:10Z", None, True], "c": "2026-03-17"
    }  # fmt: skip

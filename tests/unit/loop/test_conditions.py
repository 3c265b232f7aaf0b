"""Conditions: field op value, and nothing else."""

from decimal import Decimal
from typing import Any

import pytest

from assay.loop.conditions import BadCondition, read_condition

KNOWN = {
    "claim": {"fraud_score": "0.9300", "repair_type": "screen", "is_late": False, "count": 3, "empty": None, "code": "007"},
    "place": None,
}  # fmt: skip
THRESHOLDS = {"fraud": Decimal("0.85")}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("claim.fraud_score >= $fraud", True), ("claim.fraud_score < $fraud", False), ("claim.fraud_score = 0.93", False),
        ("claim.count = 3", True), ("claim.count = 3.0", True), ("claim.count != 4", True), ("claim.count > 3", False),
        ("claim.repair_type = screen", True), ("claim.repair_type = 'screen'", True),
        ("claim.repair_type in battery, screen", True), ("claim.repair_type not in battery, board", True),
        ("claim.is_late = false", True), ("claim.is_late != true", True), ("claim.is_late > 0", False),
        ("claim.empty is missing", True), ("claim.empty is present", False), ("claim.count is present", True),
        ("place.center_id is missing", True), ("place.free < 1", False), ("place.free != 1", False),
        ("claim.code = 7", False), ("claim.code = 007", True), ("claim.repair_type > 1", False),
    ],
)  # fmt: skip
def test_a_condition_says_what_it_says(text: str, holds: bool) -> None:
    assert read_condition(text, THRESHOLDS).holds(KNOWN) is holds


def test_any_of_several_may_hold() -> None:
    condition = read_condition({"any": ["place.free is missing", "place.free < 1"]}, {})
    assert condition.holds(KNOWN)
    assert condition.paths == ("place.free", "place.free")
    assert not condition.holds({"place": {"free": 2}})


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("claim.count", "is no condition"), ("__import__('os')", "is no condition"), ("claim.count = ", "lacks a value"),
        ("claim.count => 3", "no operator '=>'"),
        ("claim.count >= many", "'many' is none"), ("claim.count >= $none", "no threshold 'none'"),
        ("claim.count is missing 3", "nothing may follow"), ({"all": ["a.b = 1"]}, "{any: [texts]}"), ({"any": []}, "any"),
        ({"any": "a.b = 1"}, "any"), (3, "is no condition"), ("claim.count >= nan", "compares numbers"),
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused_with_the_reason(raw: Any, said: str) -> None:
    with pytest.raises(BadCondition, match=said.replace("(", r"\(").replace("[", r"\[").replace("{", r"\{")):
        read_condition(raw, THRESHOLDS)

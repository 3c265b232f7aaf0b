"""Which grain a certificate names to explain a gap."""

from decimal import Decimal

from assay.routing.certificate import explained
from assay.routing.parity import Gap, GrainResult


def grain(name: str, rows: int, *differences: int) -> GrainResult:
    """A grain of so many groups, of which these differ and all of them explain the gap."""
    few = tuple(Gap((f"{name}-{index}",), "value", Decimal(0), Decimal(each), Decimal(each))
                for index, each in enumerate(differences))  # fmt: skip
    gap = sum((abs(Decimal(each)) for each in differences), Decimal(0))
    return GrainResult(name, "differs", rows, len(few), few, gap, gap, None, few)


def named(*grains: GrainResult) -> str | None:
    found = explained(grains)
    return found["grain"] if found else None


def test_the_fewest_groups_explain_best() -> None:
    assert named(grain("region", 6, 10, 20), grain("channel", 5, 30)) == "channel"


def test_of_as_few_groups_those_of_the_finer_grain_say_more() -> None:
    assert named(grain("claim_status", 4, 10, 20), grain("region", 6, 10, 20)) == "region"


def test_a_single_dimension_comes_before_a_pair() -> None:
    assert named(grain("region x channel", 30, 30), grain("region", 6, 10, 20)) == "region"


def test_the_total_explains_nothing() -> None:
    assert named(grain("total", 1, 30)) is None
    assert named() is None


def test_the_share_is_of_the_whole_gap() -> None:
    whole = grain("region", 6, 60, 20)
    part = GrainResult("region", "differs", 6, 3, whole.gaps, Decimal(100), Decimal(100), None, whole.gaps)
    found = explained((part,))
    assert found is not None
    assert found["share"] == 0.8
    assert [each["key"] for each in found["groups"]] == [["region-0"], ["region-1"]]

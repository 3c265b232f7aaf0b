"""What a change is made of: parts that add up exactly, and the known answers of textbooks."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from assay.answers.attribution import Sides, effects, of_product, paradox, unevenness

counts = st.integers(min_value=0, max_value=10_000).map(Fraction)
groups = st.dictionaries(
    st.tuples(st.text(max_size=3)), st.tuples(counts, counts, counts, counts), min_size=1, max_size=8
).map(lambda found: {key: Sides((a, b), (c, d)) for key, (a, b, c, d) in found.items()})  # fmt: skip


def whole_of(parts: dict[tuple[str], Sides]) -> Sides:
    above, below = (
        tuple(sum((getattr(each, side)[period] for each in parts.values()), Fraction(0)) for period in (0, 1))
        for side in ("above", "below")
    )
    return Sides(above, below)  # pyright: ignore[reportArgumentType]


@given(groups)
def test_the_parts_of_a_rates_change_are_exactly_its_change(parts: dict[tuple[str], Sides]) -> None:
    whole = whole_of(parts)
    before, now = whole.rate(0), whole.rate(1)
    if before is None or now is None:
        return
    found = effects(whole, parts)
    assert sum(each.whole for each in found.values()) == now - before
    for key, each in parts.items():
        one, other = each.rate(0), each.rate(1)
        if one is not None and one == other:
            assert found[key].rate == 0


@given(st.tuples(counts, counts), st.tuples(counts, counts))
def test_a_products_change_is_that_of_its_factors(one: tuple[Fraction, Fraction], other: tuple[Fraction, Fraction]) -> None:
    assert sum(of_product(one, other)) == one[1] * other[1] - one[0] * other[0]


def test_where_only_rates_moved_there_is_no_mix_and_the_other_way_round() -> None:
    # 100 calls of each kind, before and now; the first kind's rate goes from 10 % to 30 %: the whole gains 10 points.
    still = {("a",): Sides((Fraction(10), Fraction(30)), (Fraction(100), Fraction(100))),
             ("b",): Sides((Fraction(50), Fraction(50)), (Fraction(100), Fraction(100)))}  # fmt: skip
    found = effects(whole_of(still), still)
    assert (found[("a",)].rate, found[("a",)].mix, found[("b",)].whole) == (Fraction(1, 10), 0, 0)
    # The rates stay at 10 % and 50 %; the second kind goes from half of the calls to three quarters: 30 % becomes 40 %.
    moved = {("a",): Sides((Fraction(10), Fraction(5)), (Fraction(100), Fraction(50))),
             ("b",): Sides((Fraction(50), Fraction(75)), (Fraction(100), Fraction(150)))}  # fmt: skip
    found = effects(whole_of(moved), moved)
    assert {each.rate for each in found.values()} == {0}
    assert sum(each.mix for each in found.values()) == Fraction(1, 10)
    # A quarter of all left a kind that lies 25 points below the mean of 35 %, and came to one that lies 15 points above it.
    assert (found[("a",)].mix, found[("b",)].mix) == (Fraction(25, 400), Fraction(15, 400))


def test_what_each_group_did_the_whole_need_not_do() -> None:
    """The two treatments of kidney stones (Charig et al., BMJ 1986): better for small and for large stones, worse in all."""
    open_surgery, puncture = ((81, 87), (192, 263)), ((234, 270), (55, 80))
    parts = {
        (size,): Sides((Fraction(old[0]), Fraction(new[0])), (Fraction(old[1]), Fraction(new[1])))
        for size, old, new in zip(("small", "large"), puncture, open_surgery, strict=True)
    }
    whole = whole_of(parts)
    assert (whole.rate(0), whole.rate(1)) == (Fraction(289, 350), Fraction(273, 350))
    assert paradox(whole, parts.values()) == "rose"
    found = effects(whole, parts)
    assert all(each.rate > 0 for each in found.values())
    assert sum(each.rate for each in found.values()) + sum(each.mix for each in found.values()) == Fraction(-16, 350)
    assert paradox(whole_of({("small",): parts[("small",)]}), [parts[("small",)]]) is None


def test_groups_that_move_with_the_whole_are_even() -> None:
    even = {("a",): Fraction(10), ("b",): Fraction(30)}
    assert unevenness(even, {("a",): Fraction(100), ("b",): Fraction(300)}) == 0
    assert unevenness({("a",): Fraction(40), ("b",): Fraction(0)}, {("a",): Fraction(100), ("b",): Fraction(300)}) > 0

"""What a change is made of: arithmetic on exact fractions, without rounding, engine or model.

Of what adds up, each group's part is its own change. A rate R is the sum over its groups of share times rate, s * r, and

    R1 - R0  =  sum of (r1 - r0) * (s0 + s1) / 2  +  sum of (s1 - s0) * ((r0 + r1) / 2 - (R0 + R1) / 2)
                rate: groups that changed             mix: groups that became a larger or smaller part of the whole

is exact: each product is taken in both orders and the mean of both is given, so that neither part swallows the rest, and the
mean of the whole can be taken off since the shares' changes add up to 0. A sum of N rows is N * R, so its change is that of
N, by the same rule, and that of R. The mean of both orders is that of T. L. Bennet, The Theory of Measurement of Changes in
Cost of Living (1920).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any, Literal

Key = tuple[Any, ...]
"""The cells by which a group is known."""
Pair = tuple[Fraction, Fraction]
"""Before, and now."""
_NOTHING = Fraction(0)


@dataclass(frozen=True)
class Sides:
    """What is divided and by what, before and now: of a group, or of the whole."""

    above: Pair
    below: Pair

    def rate(self, period: int) -> Fraction | None:
        return self.above[period] / self.below[period] if self.below[period] else None


@dataclass(frozen=True)
class Effect:
    """A group's part of the change of a whole."""

    mix: Fraction
    rate: Fraction

    @property
    def whole(self) -> Fraction:
        return self.mix + self.rate


def effects(whole: Sides, groups: Mapping[Key, Sides]) -> dict[Key, Effect]:
    """Each group's part in the change of a rate: together it is exactly that change, where the groups are the whole.

    Raises ZeroDivisionError where the whole has no rate in one of the periods.
    """
    middle = (whole.above[0] / whole.below[0] + whole.above[1] / whole.below[1]) / 2
    return {key: _effect(each, whole, middle) for key, each in groups.items()}


def _effect(group: Sides, whole: Sides, middle: Fraction) -> Effect:
    shares = [group.below[period] / whole.below[period] for period in (0, 1)]
    change = group.above[1] / whole.below[1] - group.above[0] / whole.below[0]
    before, now = group.rate(0), group.rate(1)
    # A group that came or went has one rate, so all that it did it did by its size.
    rate = _NOTHING if before is None or now is None else (now - before) * (shares[0] + shares[1]) / 2
    return Effect(change - rate - (shares[1] - shares[0]) * middle, rate)


def of_product(first: Pair, second: Pair) -> Pair:
    """The change of a product by each of its factors: the mean of both orders. Together it is the change."""
    return (
        (first[1] - first[0]) * (second[0] + second[1]) / 2,
        (second[1] - second[0]) * (first[0] + first[1]) / 2,
    )


def unevenness(changes: Mapping[Key, Fraction], weights: Mapping[Key, Fraction]) -> float:
    """How far groups moved otherwise than evenly: half the sum of what each did beyond its weight's part of the change.

    Divided by the root of their number, since more groups differ more by chance alone. In the change's own unit.
    """
    change, weight = sum(changes.values()), sum(weights.values())
    if not changes:
        return 0.0
    even = {key: change * weights[key] / weight if weight else change / len(changes) for key in changes}
    return float(sum(abs(changes[key] - even[key]) for key in changes) / 2) / sqrt(len(changes))


Turned = Literal["rose", "fell"]


def paradox(whole: Sides, groups: Iterable[Sides]) -> Turned | None:
    """What every group did that has a rate in both periods, where the whole did the contrary (Simpson's paradox)."""
    turned = [_turn(each) for each in groups if each.below[0] and each.below[1]]
    own = _turn(whole)
    if len(turned) < 2 or own is None or own in turned or not any(turned):
        return None
    return "fell" if own == "rose" else "rose"


def _turn(sides: Sides) -> Turned | None:
    before, now = sides.rate(0), sides.rate(1)
    if before is None or now is None or before == now:
        return None
    return "rose" if now > before else "fell"

"""How many are alive at an instant, if arrivals and lives are known: for levels that look steady.

A count at an instant is compared with the one a week before. Days differ and nights are quiet, so the
generators first work out what the count a week ago would be, and then set their pace by it.
"""

from collections.abc import Callable, Iterable, Iterator

from assay.demo.timeline import HOUR_US, ticks_at

Arrivals = Iterable[tuple[int, float]]
"""(instant in microseconds, how many)"""


def by_hour(start_us: int, ticks_from: int, ticks: int, count: float) -> Iterator[tuple[int, float]]:
    """Spread a stretch's rows over the hours in which they fall."""
    for hour in range(26):
        low = max(ticks_at(hour * HOUR_US), ticks_from)
        high = min(ticks_at((hour + 1) * HOUR_US), ticks_from + ticks)
        if high > low:
            yield start_us + hour * HOUR_US + HOUR_US // 2, count * (high - low) / ticks


def alive(at_us: int, arrivals: Arrivals, survival: Callable[[float], float]) -> float:
    """Of those that came before the instant, how many are expected to live still; `survival` takes seconds."""
    return sum(count * survival((at_us - came_us) / 1e6) for came_us, count in arrivals if came_us < at_us)

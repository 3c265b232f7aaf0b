"""How often things happened here since the process began, in plain numbers: who watches Assay reads them when it asks."""

import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["cached", "asked", "stale", "failed"]
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds up to which statements are counted together; what took longer comes after the last."""


@dataclass(slots=True)
class Spans:
    """How many took up to each of BOUNDS (and how many longer), and how many seconds all of them took."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


@dataclass(slots=True)
class Tally:
    """Of one corridor. All by the backend's name."""

    answers: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
    statements: defaultdict[str, Spans] = field(default_factory=lambda: defaultdict(Spans))
    running: Counter[str] = field(default_factory=Counter)
    """Statements under way."""

    @contextmanager
    def statement(self, backend: str) -> Iterator[None]:
        """One statement from its start to its end, whatever that is."""
        started = time.perf_counter()
        self.running[backend] += 1
        try:
            yield
        finally:
            self.running[backend] -= 1
            self.statements[backend].add(time.perf_counter() - started)

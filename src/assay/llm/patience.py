"""How long a model is waited for, how often it is asked again, and when it is left alone for a while."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from assay.errors import LlmUnavailable

_chance = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Patience:
    request_seconds: float = 45
    total_seconds: float = 55
    """For all that one question takes: requests, waits and the second try at a malformed reply."""
    connect_seconds: float = 3
    attempts: int = 3
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 8
    most_output_tokens: int = 4_000
    failures_until_open: int = 5
    open_seconds: float = 30

    def wait_seconds(self, attempt: int, asked_for: float | None) -> float | None:
        """Before the attempt after this one, half of it by chance; None where the model wants more than we have."""
        if asked_for is not None:
            return asked_for if asked_for <= self.longest_wait_seconds else None
        return min(self.longest_wait_seconds, self.first_wait_seconds * 2 ** (attempt - 1)) * _chance.uniform(0.5, 1)


class Circuit:
    """Opens after so many failures in a row: nobody waits for a model that is away. After a while one asker tries it."""

    def __init__(self, model: str, patience: Patience, clock: Callable[[], float]) -> None:
        self._model = model
        self._patience = patience
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0

    def enter(self) -> None:
        """Raises LlmUnavailable while the circuit is open."""
        if self._failures < self._patience.failures_until_open:
            return
        left = self._open_until - self._clock()
        if left > 0:
            raise LlmUnavailable(
                f"{self._model} has failed {self._failures} times in a row and is left alone for {left:.0f} s more.",
                mend="try again then", reason="circuit_open", model=self._model,
            )  # fmt: skip
        # Whoever comes next waits for the outcome of this one.
        self._open_until = self._clock() + self._patience.open_seconds

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        self._open_until = self._clock() + self._patience.open_seconds

"""The values that words are held against, read from the engines."""

import asyncio
from typing import Any

from assay.errors import BackendUnavailable
from assay.widgets.words.values import _AT_ONCE, LivingReader


class Counting(LivingReader):
    """Each column answers once as many are being read as may be, or nothing else is left to begin."""

    def __init__(self, columns: int) -> None:
        super().__init__(corridor=None)  # pyright: ignore[reportArgumentType]
        self.left, self.now, self.most = columns, 0, 0
        self.full = asyncio.Event()

    async def _values_of(self, metric: Any, dimension: Any, among: tuple[str, ...] = ()) -> tuple[str, ...]:
        self.left, self.now = self.left - 1, self.now + 1
        self.most = max(self.most, self.now)
        if self.now == _AT_ONCE or not self.left:
            self.full.set()
        await self.full.wait()
        self.now -= 1
        if dimension == "away":
            raise BackendUnavailable("It is away.")
        return (dimension,)


async def test_columns_are_read_a_few_at_a_time_and_one_that_is_away_is_left_out() -> None:
    columns: Any = {str(number): (None, f"value {number}") for number in range(3 * _AT_ONCE)} | {"x": (None, "away")}
    reader = Counting(len(columns))
    found = await reader._values_at_once(columns, "%s: %s")
    assert reader.most == _AT_ONCE
    assert found == {key: (value,) for key, (_, value) in columns.items() if key != "x"}

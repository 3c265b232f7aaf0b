"""What is kept of answers is bounded by the memory that it takes, not by what travels."""

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from assay.answers.answer import Answer, Provenance
from assay.answers.cache import AnswerCache
from assay.catalog.formula import ValueType
from assay.compiler.statement import AnswerColumn
from assay.routing.certificate import Standing

COLUMNS = tuple(AnswerColumn(name, ValueType("string"), "value", None, "m") for name in "abc")


def answer(number: int, rows: list[list[Any]]) -> Answer:
    """With a provenance of its own, as a question over new bounds has."""
    window = {"start": f"2026-01-{number % 28 + 1:02d}T00:00:00Z", "end": f"2026-02-{number % 28 + 1:02d}T00:00:00Z"}
    question = {"metrics": ["m"], "dimensions": [], "filters": [], "window": window, "number": number}
    provenance = Provenance(
        backend="postgres", driver="postgres", generator="compiler", sql="SELECT 1 FROM t", params={"$1": f"x{number}"},
        definition="what it counts", owner="somebody", source_tables=("t",), definition_version="v", dictionary_version="d",
        meaning_version=1, route_epoch=1, data_version=f"{number}", data_version_kind="counter", as_of=f"now {number}",
        synthetic=True, elapsed_ms=1.5, timings={"engine": 1.5, "compile": float(number)}, checks=("only reads",),
        rows_returned=len(rows), truncated=False, value_digest=f"{number:032d}", parity=Standing(), receipt_id=f"r{number}",
    )  # fmt: skip
    return Answer(f"{number:032d}", ("m",), COLUMNS, rows, question, [], False, provenance)


SHAPES: dict[str, tuple[int, Callable[[int], list[list[Any]]]]] = {
    "one figure": (600, lambda n: [[f"{n}.50"]]),
    "a line of a month": (300, lambda n: [[f"2026-03-{day:02d}", f"{n}.{day}", day + 1_000] for day in range(30)]),
    "a table of texts": (12, lambda n: [[f"name of {n} {row}" * 3, f"town {row}", None] for row in range(1_000)]),
    "numbers alone": (12, lambda n: [[n + row + 0.5, row * 1_000_003, True] for row in range(1_000)]),
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_kept_takes_no_more_memory_than_is_counted(shape: str) -> None:
    many, rows = SHAPES[shape]
    cache = AnswerCache(10**9)
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(many):
            each = answer(number, rows(number))
            assert each.fresh_bytes != each.cached_bytes
            cache.put(each)
            del each
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert taken <= cache.held_bytes
    assert taken > cache.held_bytes / 4, "and it is not counted many times over"


def test_the_oldest_read_goes_where_the_bound_is_reached() -> None:
    rows = [["x" * 1_000, number, None] for number in range(100)]
    weight = answer(0, rows).held_bytes
    cache = AnswerCache(int(weight * 3.5))
    for number in range(3):
        cache.put(answer(number, rows))
    assert cache.get(f"{0:032d}") is not None
    cache.put(answer(3, rows))
    assert [cache.get(f"{number:032d}") is not None for number in range(4)] == [True, False, True, True]
    cache.put(answer(3, rows))  # the same under another standing takes the place of the first
    assert cache.held_bytes == 3 * weight

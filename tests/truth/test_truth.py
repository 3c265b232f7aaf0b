"""A minute of what `make truth` does for as long as one asks: random questions over awkward data, on every engine."""

import os

from tests.truth.__main__ import search


async def test_every_engine_says_what_plain_python_says() -> None:
    count, wrong = await search(os.environ["ASSAY_TEST_URL"], 60, 1)
    assert count
    assert wrong == []
